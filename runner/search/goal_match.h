/* goal_match: whether each wanted thing can be given a fact of its own.
 *
 * A fact may stand for several entries and stands for at most one; an entry may have to come later
 * than another. Facts are offered in their order. A set of entries that have their fact is all that
 * has to be remembered of the facts so far, and giving a fact away is never worse than leaving it:
 * whoever had a later one can do with this one. So the sets that can be reached, fact by fact, are
 * the whole search; with n entries there are at most 2^n of them, and as a rule one.
 *
 * Next: goal_match.c.
 */
#ifndef DBK_RUNNER_SEARCH_GOAL_MATCH_H
#define DBK_RUNNER_SEARCH_GOAL_MATCH_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

#define DBK_MATCH_ENTRIES 20 /* at most */

struct dbk_match_sets {
    uint32_t *items; /* owned; bit i: entry i has its fact */
    size_t count, capacity;
};

/* Zero-initialise, then say count and after; the rest is private and kept for the next run. */
struct dbk_match {
    size_t count;                      /* entries */
    uint32_t after[DBK_MATCH_ENTRIES]; /* bit k of after[i]: i comes later than k; no circles */
    struct dbk_match_offer {
        uint32_t now, later; /* entries that this fact may stand for, and those behind it */
    } * offers;              /* owned */
    size_t offer_count, offer_capacity;
    uint32_t *seen; /* owned; a bit for each set */
    struct dbk_match_sets sets, next;
};

/* Begins with no facts. */
void dbk_match_begin(struct dbk_match *match);
/* The next fact: bit i says that it may stand for entry i. */
void dbk_match_offer(struct dbk_match *match, uint32_t entries);
/* True if each entry can be given a fact of its own. */
bool dbk_match_is_whole(struct dbk_match *match);

void dbk_match_reset(struct dbk_match *match); /* frees */

#endif
