/* blame_sets: the search behind blame, over sets alone: it knows no policy and no stage.
 *
 * There are n habits. Playing a set of them shows some things, which are bits: the empty set is the
 * reference, the full one the policy. Nothing is taken for granted about how they combine: one
 * habit may hide what another shows. So for each wanted thing sets are played by size, 0, 1, 2 ...,
 * until some show it; and the same with the habits that are given up until it ends. No set is
 * played twice, no more than runs_max are, and none after play has refused one. Next: blame_sets.c,
 * blame.h.
 */
#ifndef DBK_RUNNER_BLAME_SETS_H
#define DBK_RUNNER_BLAME_SETS_H

#include "base/blame.h"

struct dbk_blame_search {
    /* Gives what the set shows; false: no more can be played. */
    bool (*play)(void *self, uint32_t set, uint64_t *shown);
    void *self;
    int habits;       /* n, at most DBK_HABITS_MAX */
    uint64_t wanted;  /* what the full set shows; it is not played again */
    int64_t runs_max; /* at least 0 */
    /* Found: */
    int64_t runs;
    uint64_t in_reference; /* which of the wanted the empty set shows; they are not looked into */
    struct dbk_habit_sets shows[DBK_BLAMED_MAX], ends[DBK_BLAMED_MAX]; /* by thing */
};

/* Each single change first, then sets by size, then sets of changes where no single one did. */
void dbk_blame_search(struct dbk_blame_search *search);

#endif
