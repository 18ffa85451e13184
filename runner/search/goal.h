/* goal: what a search looks for in a finished run: a port.
 *
 * A run reaches a goal in one or more ways, each named by a signature: two runs with the same
 * signature show the same thing, and one of them, the smallest, is enough. Next: goal.c, explore.h,
 * shrink.h.
 */
#ifndef DBK_RUNNER_SEARCH_GOAL_H
#define DBK_RUNNER_SEARCH_GOAL_H

#include "base/verdict.h"

#define DBK_SIGNATURES 32
#define DBK_GOAL_FACTS 20 /* of one file, at most */
#define DBK_GOAL_SUFFIX ".goal.yaml"

struct dbk_scenario;

/* Plain values: kept without an owner. */
struct dbk_signature {
    char id[64];         /* an invariant, or the goal's name */
    bool is_of_partners; /* a partner owes it: it broke a promise */
};

struct dbk_signatures {
    struct dbk_signature items[DBK_SIGNATURES];
    size_t count;
};

/* Adds one unless it is there; more than DBK_SIGNATURES are dropped. */
void dbk_signatures_add(struct dbk_signatures *signatures, const char *id, bool is_of_partners);
bool dbk_signatures_have(const struct dbk_signatures *signatures,
                         const struct dbk_signature *signature);

/* The port. Duties:
 * reached  adds a signature for each thing that this run shows; none: it does not show the goal.
 *          Called thousands of times a second.
 * check    complains of what no run of the scenario can show: a person or a clock that it does not
 *          have, an interval outside of it; NULL where there is nothing to complain of.
 * free     gives back self; NULL where there is nothing to give back. */
struct dbk_goal_ops {
    void (*reached)(void *self, const struct dbk_history *history,
                    const struct dbk_outcome *outcome, struct dbk_signatures *found);
    void (*check)(void *self, const struct dbk_scenario *scenario,
                  struct dbk_complaints *complaints);
    void (*free)(void *self);
};

struct dbk_goal {
    const struct dbk_goal_ops *ops;
    void *self;
    /* Owned by self, or constants. */
    const char *name;     /* "an invariant is violated", "what-support-saw" */
    const char *sentence; /* "a run that shows all 4 facts of what-support-saw" */
};

/* An invariant, or an expectation, is violated: a signature for each, and for who owes it. */
struct dbk_goal dbk_goal_violation(void);

/* What a file says; a run that shows it has one signature, the goal's name. Facts are outside
 * facts: what a person or a partner could have seen. Gives *goal (dbk_goal_free); false with
 * complaints and an empty *goal. From bytes, file is a name for complaints. */
DBK_CHECKED bool dbk_goal_load(const char *path, struct dbk_goal *goal,
                               struct dbk_complaints *complaints);
DBK_CHECKED bool dbk_goal_parse(const char *bytes, size_t length, const char *file,
                                struct dbk_goal *goal, struct dbk_complaints *complaints);

/* False with complaints (about the goal's file) where no run of the scenario can show it. */
DBK_CHECKED bool dbk_goal_check(const struct dbk_goal *goal, const struct dbk_scenario *scenario,
                                struct dbk_complaints *complaints);

/* The JSON Schema of such a file, generated from the tables. */
void dbk_schema_goal(struct dbk_text *out);

void dbk_goal_free(struct dbk_goal *goal);

#endif
