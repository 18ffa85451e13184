/* goal_parts: a goal as read from a file, for goal_file.c (reading), goal_check.c (what a scenario
 * can show) and goal_facts.c (what a run has shown).
 *
 * Everything is owned by the record and valid until dbk_goal_free.
 */
#ifndef DBK_RUNNER_SEARCH_GOAL_PARTS_H
#define DBK_RUNNER_SEARCH_GOAL_PARTS_H

#include "base/fact.h"
#include "runner/format.h"
#include "runner/search/goal.h"
#include "runner/search/goal_match.h"

#define DBK_GOAL_TRUE_TIME "true-time" /* instead of a named clock */
#define DBK_GOAL_MEMBERS 32            /* of one entry, at most */

_Static_assert(DBK_GOAL_FACTS <= DBK_MATCH_ENTRIES, "more facts than can be matched");

/* Where a fact is seen: one or more bits. */
enum dbk_goal_end {
    DBK_END_PERSON = 1,
    DBK_END_PARTNER = 2,
    DBK_END_PROCESS = 4, /* "core.worker" */
    DBK_END_CORE = 8,    /* "core": both */
    DBK_END_STAGE = 16
};

/* What an entry may say of a kind of facts. */
struct dbk_goal_kind {
    unsigned ends;           /* of enum dbk_goal_end */
    const char *members[16]; /* NULL-terminated */
};
extern const struct dbk_goal_kind dbk_goal_kinds[DBK_FACT_KINDS];

/* The keys of an entry (goal_format.c). */
extern const struct dbk_shape dbk_goal_fact_shape;

enum dbk_goal_moment_kind {
    DBK_MOMENT_NONE,
    DBK_MOMENT_FROM_ZERO,
    DBK_MOMENT_OF_DAY,
    DBK_MOMENT_INSTANT
};

struct dbk_goal_moment {
    enum dbk_goal_moment_kind kind;
    int64_t ms; /* from the scenario's zero; from midnight (UTC) of its day; or epoch */
};

/* As a clock that is right reads it, in epoch ms. */
int64_t dbk_goal_moment_ms(const struct dbk_goal_moment *moment, int64_t zero_ms);

struct dbk_goal_entry {
    enum dbk_fact_kind kind;
    const struct dbk_field *members[DBK_GOAL_MEMBERS]; /* that must be equal */
    size_t member_count;
    struct dbk_fact like; /* their values */
    struct dbk_goal_moment from, to;
    const char *clock; /* NULL: that of the fact's own end */
    const char *name;  /* NULL: none */
    const cJSON *node; /* of the yaml */
};

struct dbk_goal_file {
    struct dbk_arena arena;
    struct dbk_yaml *yaml; /* for complaints about what it says */
    const char *name, *sentence;
    const char *violates[50];
    size_t violate_count;
    struct dbk_goal_entry entries[DBK_GOAL_FACTS];
    size_t entry_count;
    struct dbk_match match;
};

/* goal_check.c: the slot of the port. */
void dbk_goal_file_check(void *self, const struct dbk_scenario *scenario,
                         struct dbk_complaints *complaints);
/* goal_facts.c: the slot of the port. */
void dbk_goal_file_reached(void *self, const struct dbk_history *history,
                           const struct dbk_outcome *outcome, struct dbk_signatures *found);

#endif
