#include "base/verdict.h"

#include <stdlib.h>

static const struct {
    const char *name;
    int exit_code;
} rows[DBK_VERDICTS] = {
    [DBK_PASSED] = {"passed", 0},     [DBK_UNPROVEN] = {"unproven", 2},
    [DBK_VIOLATED] = {"violated", 1}, [DBK_INVALID] = {"invalid", 3},
    [DBK_ERROR] = {"error", 4},
};

const char *dbk_verdict_name(enum dbk_verdict verdict)
{
    return rows[verdict].name;
}

int dbk_verdict_exit_code(enum dbk_verdict verdict)
{
    return rows[verdict].exit_code;
}

/* The enumeration stands in the order of severity. */
enum dbk_verdict dbk_worst(enum dbk_verdict one, enum dbk_verdict other)
{
    return one > other ? one : other;
}

enum dbk_verdict dbk_report_verdict(const struct dbk_report *report)
{
    enum dbk_verdict worst = DBK_PASSED;

    if (report->outcome_count == 0) {
        return DBK_UNPROVEN; /* nothing was shown */
    }
    for (size_t i = 0; i < report->outcome_count; i++) {
        worst = dbk_worst(worst, report->outcomes[i]->verdict);
    }
    return worst;
}

enum dbk_verdict dbk_exploration_verdict(const struct dbk_exploration *exploration)
{
    enum dbk_verdict worst = exploration->summary ? exploration->summary->verdict : DBK_PASSED;

    for (size_t i = 0; i < exploration->finding_count; i++) {
        worst = dbk_worst(worst, exploration->findings[i].outcome->verdict);
    }
    return worst;
}

struct dbk_outcome *dbk_outcome_new(void)
{
    return dbk_alloc(sizeof(struct dbk_outcome));
}

void dbk_outcome_clear(struct dbk_outcome *outcome)
{
    struct dbk_arena arena = outcome->arena;

    dbk_history_free(outcome->history);
    dbk_arena_reset(&arena);
    *outcome = (struct dbk_outcome){.arena = arena};
}

void dbk_outcome_free(struct dbk_outcome *outcome)
{
    if (outcome == NULL) {
        return;
    }
    dbk_history_free(outcome->history);
    dbk_arena_free(&outcome->arena);
    free(outcome);
}
