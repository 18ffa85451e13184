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
 * free     gives back self; NULL where there is nothing to give back. */
struct dbk_goal_ops {
    void (*reached)(void *self, const struct dbk_history *history,
                    const struct dbk_outcome *outcome, struct dbk_signatures *found);
    void (*free)(void *self);
};

struct dbk_goal {
    const struct dbk_goal_ops *ops;
    void *self;
    const char *name;     /* "an invariant is violated" */
    const char *sentence; /* "a run that violates an invariant" */
};

/* An invariant, or an expectation, is violated: a signature for each, and for who owes it. */
struct dbk_goal dbk_goal_violation(void);

void dbk_goal_free(struct dbk_goal *goal);

#endif
