#include "tests/runner/search/round.h"

#include "base/fact.h"
#include "tests/runner/search/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

void round_init(struct round *round, const char *base, const char *policy)
{
    char why[160] = "";

    *round = (struct round){0};
    round->base = strchr(base, '\n') ? world_scenario(base) : world_file(base);
    round->policy = world_policy(round->base, policy);
    round->sim = dbk_sim_new(why);
    cr_assert(round->sim, "%s", why);
    dbk_history_init(&round->history);
}

void round_reset(struct round *round)
{
    dbk_scenario_free(round->base);
    dbk_sim_free(round->sim);
    dbk_trace_reset(&round->trace);
    dbk_history_reset(&round->history);
}

void round_play(struct round *round, const struct dbk_deviation *deviations, size_t count)
{
    struct dbk_search search = {deviations, count, &round->trace};

    dbk_sim_search(round->sim, round->base, &round->policy, 1, &search, &round->history);
}

void round_play_pinned(struct round *round, const struct dbk_deviation *deviations, size_t count)
{
    struct dbk_scenario *base = round->base;
    struct dbk_pinned *before = base->pinned, *pinned = dbk_alloc((count + 1) * sizeof *pinned);
    size_t before_count = base->pinned_count;

    for (size_t i = 0; i < count; i++)
        pinned[i] = (struct dbk_pinned){.site = deviations[i].site,
                                        .entity = deviations[i].entity,
                                        .nth = deviations[i].nth,
                                        .take = deviations[i].take};
    base->pinned = pinned;
    base->pinned_count = count;
    dbk_sim_run(round->sim, base, &round->policy, 1, &round->history);
    base->pinned = before;
    base->pinned_count = before_count;
    free(pinned);
}

char *round_facts(const struct dbk_history *history)
{
    struct dbk_text text = {0};

    for (size_t i = 0; i < history->fact_count; i++) {
        struct dbk_fact fact = history->facts[i];

        fact.line = DBK_ABSENT;
        if (fact.kind == DBK_FACT_FAULT)
            fact.by = NULL;
        dbk_fact_write(&fact, i + 1, &text);
        dbk_text_add(&text, "\n");
    }
    return dbk_text_take(&text);
}

struct dbk_written round_written(const struct round *round, const struct dbk_deviation *deviations,
                                 size_t count)
{
    return (struct dbk_written){.scenario = round->base,
                                .keeps_clocks = true,
                                .until_ms = DBK_ABSENT,
                                .deviations = deviations,
                                .deviation_count = count,
                                .name = "written",
                                .summary = "What was found.",
                                .policy = &round->policy,
                                .policy_word = "naive",
                                .history = &round->history,
                                .replay = "./doublebook replay written.yaml"};
}

char *round_write(const struct dbk_written *written)
{
    struct dbk_text text = {0};

    dbk_scenario_write(written, &text);
    return dbk_text_take(&text);
}

/* The first line in which they differ. */
static void expect_same_facts(const char *before, const char *after, const char *file)
{
    size_t line = 0;

    for (size_t i = 0; before[i] && before[i] == after[i]; i++)
        if (before[i] == '\n')
            line = i + 1;
    cr_assert(strcmp(before, after) == 0, "not the same run:\n%.*s\n%.*s\n%s",
              (int)strcspn(before + line, "\n"), before + line, (int)strcspn(after + line, "\n"),
              after + line, file);
}

char *round_expect_same_as(struct round *round, const struct dbk_written *written)
{
    char *file = round_write(written), *before = round_facts(&round->history), *after;
    struct dbk_scenario *again = world_scenario(file);
    struct dbk_history history;

    dbk_history_init(&history);
    dbk_sim_run(round->sim, again, &round->policy, 1, &history);
    after = round_facts(&history);
    expect_same_facts(before, after, file);
    free(before);
    free(after);
    dbk_history_reset(&history);
    dbk_scenario_free(again);
    return file;
}

char *round_expect_same(struct round *round, const struct dbk_deviation *deviations, size_t count)
{
    struct dbk_written written = round_written(round, deviations, count);

    return round_expect_same_as(round, &written);
}
