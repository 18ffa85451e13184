/* check: the invariants, as one table, and the facts each of them needs.
 *
 * A check reads outside facts only and says three things: what was violated and on which facts
 * it rests, how often the invariant was exposed (really at risk), and whether facts it needs are
 * missing (then it is unobserved, never passed). A fact that is not there never makes a violation:
 * what is not known speaks for the accused. Next: check.c (the table), index.h (the history in
 * order, by wish and by booking), checks.h (one file per family).
 */
#ifndef DBK_RUNNER_CHECK_H
#define DBK_RUNNER_CHECK_H

#include "base/verdict.h"

struct dbk_index;

/* Where a check puts what it finds. */
struct dbk_finding {
    struct dbk_outcome *outcome; /* violations are added here */
    const struct dbk_invariant *invariant;
    int64_t exposed;
    const char *missing; /* set: unobserved */
};

struct dbk_invariant {
    const char *id;   /* "single-reservation" */
    bool is_eventual; /* else always */
    const char *rule; /* one sentence */
    const char *exposed_by;
    const char *needs; /* facts, in words, for `list invariants` */
    void (*check)(const struct dbk_index *index, struct dbk_finding *finding);
};

extern const struct dbk_invariant dbk_invariants[];
extern const size_t dbk_invariant_count;
const struct dbk_invariant *dbk_invariant_by_name(const char *id); /* or NULL */

/* Adds a violation of the finding's invariant, owed by the core; gives it, valid until the next is
 * added. evidence is a list of fact numbers ending with 0, in any order; at most 8 are kept. */
struct dbk_violation *dbk_finding_violated(struct dbk_finding *finding, const char *booking,
                                           int64_t at_ms, const size_t *evidence,
                                           const char *format, ...) DBK_PRINTF(5, 6);

/* Adds "partner: claim" to what partners broke, once; length is that of the partner's name. */
void dbk_outcome_broke(struct dbk_outcome *outcome, const char *partner, int length,
                       const char *claim);

#endif
