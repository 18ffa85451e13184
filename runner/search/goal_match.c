#include "runner/search/goal_match.h"

#include <stdlib.h>
#include <string.h>

void dbk_match_begin(struct dbk_match *match)
{
    match->offer_count = 0;
}

void dbk_match_offer(struct dbk_match *match, uint32_t entries)
{
    if (entries == 0)
        return;
    if (match->offer_count == match->offer_capacity) {
        match->offer_capacity = match->offer_capacity ? 2 * match->offer_capacity : 32;
        match->offers = dbk_resize(match->offers, match->offer_capacity * sizeof match->offers[0]);
    }
    match->offers[match->offer_count++] = (struct dbk_match_offer){.now = entries};
}

static bool is_seen(struct dbk_match *match, uint32_t set)
{
    uint32_t *word = &match->seen[set / 32], bit = UINT32_C(1) << set % 32;
    bool was_seen = *word & bit;
    *word |= bit;
    return was_seen;
}

static void put_set(struct dbk_match *match, uint32_t set)
{
    struct dbk_match_sets *next = &match->next;
    if (is_seen(match, set))
        return;
    if (next->count == next->capacity) {
        next->capacity = next->capacity ? 2 * next->capacity : 32;
        next->items = dbk_resize(next->items, next->capacity * sizeof next->items[0]);
    }
    next->items[next->count++] = set;
}

/* The sets that follow from one when a fact is given away. */
static void advance_set(struct dbk_match *match, uint32_t set, const struct dbk_match_offer *offer,
                        uint32_t all)
{
    bool is_given = false;
    if (all & ~set & ~offer->now & ~offer->later)
        return; /* an entry is left that no fact from here on may stand for */
    for (size_t i = 0; i < match->count; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if (offer->now & ~set & bit && (match->after[i] & ~set) == 0) {
            put_set(match, set | bit);
            is_given = true;
        }
    }
    if (!is_given)
        put_set(match, set);
}

/* What was reached is what comes next. */
static void take_next(struct dbk_match *match)
{
    struct dbk_match_sets done = match->sets;
    match->sets = match->next;
    match->next = done;
    match->next.count = 0;
    for (size_t i = 0; i < match->sets.count; i++)
        match->seen[match->sets.items[i] / 32] = 0;
}

/* Fills in what the facts behind each may stand for; gives what all of them may. */
static uint32_t look_ahead(struct dbk_match *match)
{
    uint32_t later = 0;
    for (size_t i = match->offer_count; i > 0; i--) {
        match->offers[i - 1].later = later;
        later |= match->offers[i - 1].now;
    }
    return later;
}

bool dbk_match_is_whole(struct dbk_match *match)
{
    uint32_t all = (UINT32_C(1) << match->count) - 1;
    if ((look_ahead(match) & all) != all || match->offer_count < match->count)
        return false;
    if (!match->seen)
        match->seen = dbk_alloc(((size_t)all / 32 + 1) * sizeof *match->seen);
    bool is_whole = all == 0;
    put_set(match, 0);
    for (size_t i = 0; i < match->offer_count && !is_whole; i++) {
        take_next(match);
        for (size_t k = 0; k < match->sets.count; k++)
            advance_set(match, match->sets.items[k], &match->offers[i], all);
        is_whole = match->seen[all / 32] >> all % 32 & 1;
    }
    take_next(match); /* and nothing is left marked */
    match->sets.count = 0;
    return is_whole;
}

void dbk_match_reset(struct dbk_match *match)
{
    free(match->offers);
    free(match->seen);
    free(match->sets.items);
    free(match->next.items);
    *match = (struct dbk_match){0};
}
