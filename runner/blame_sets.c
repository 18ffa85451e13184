#include "runner/blame_sets.h"

#include "base/memory.h"

#include <stdlib.h>

/* What was played: a few thousand sets at most, so they are looked through one by one. */
struct played {
    uint32_t *sets;
    uint64_t *shown;
    size_t count;
};

/* All sets of one size, in the order of the tables. */
struct round {
    struct dbk_blame_search *search;
    struct played *played;
    bool is_ending;   /* sets of changes, over the full set; else sets of habits */
    uint64_t pending; /* what is asked about */
    int size;
};

static uint32_t full(const struct dbk_blame_search *search)
{
    return search->habits == 0 ? 0 : UINT32_MAX >> (DBK_HABITS_MAX - search->habits);
}

/* False where the bound is met. */
static bool play(struct dbk_blame_search *search, struct played *played, uint32_t set,
                 uint64_t *shown)
{
    for (size_t i = 0; i < played->count; i++) {
        if (played->sets[i] == set) {
            *shown = played->shown[i];
            return true;
        }
    }
    if (search->runs >= search->runs_max || !search->play(search->self, set, shown))
        return false;
    search->runs++;
    played->sets[played->count] = set;
    played->shown[played->count++] = *shown;
    return true;
}

static void keep(struct dbk_habit_sets *sets, int size, uint32_t set, uint64_t shown)
{
    sets->size = size;
    sets->count++;
    if (sets->kept == DBK_SETS_KEPT)
        return;
    sets->leaves[sets->kept] = shown;
    sets->sets[sets->kept++] = set;
}

static bool play_set(struct round *round, uint32_t set)
{
    struct dbk_blame_search *search = round->search;
    struct dbk_habit_sets *sets = round->is_ending ? search->ends : search->shows;
    uint64_t shown = 0;
    if (!play(search, round->played, round->is_ending ? full(search) & ~set : set, &shown))
        return false;
    for (int thing = 0; thing < DBK_BLAMED_MAX; thing++) {
        uint64_t bit = UINT64_C(1) << thing;
        bool is_shown = shown & bit;
        if ((round->pending & bit) && is_shown != round->is_ending)
            keep(&sets[thing], round->size, set, shown);
    }
    return true;
}

/* Adds `left` more habits from `from` on to the set; false where the bound is met. */
static bool play_sets(struct round *round, int from, int left, uint32_t set)
{
    if (left == 0)
        return play_set(round, set);
    for (int habit = from; habit <= round->search->habits - left; habit++)
        if (!play_sets(round, habit + 1, left - 1, set | UINT32_C(1) << habit))
            return false;
    return true;
}

/* Sizes first to last, as long as something is pending and the bound allows. */
static void play_sizes(struct dbk_blame_search *search, struct played *played, bool is_ending,
                       int first, int last)
{
    struct dbk_habit_sets *sets = is_ending ? search->ends : search->shows;
    bool is_complete = true;
    for (int size = first; size <= last && is_complete; size++) {
        struct round round = {search, played, is_ending, 0, size};
        for (int thing = 0; thing < DBK_BLAMED_MAX; thing++) {
            uint64_t bit = UINT64_C(1) << thing;
            bool is_open = sets[thing].size == 0 && sets[thing].searched == size - 1;
            if (is_open && (search->wanted & ~search->in_reference & bit))
                round.pending |= bit;
        }
        if (!round.pending)
            return;
        is_complete = play_sets(&round, 0, size, 0);
        for (int thing = 0; thing < DBK_BLAMED_MAX && is_complete; thing++)
            if (round.pending & (UINT64_C(1) << thing))
                sets[thing].searched = size;
    }
}

void dbk_blame_search(struct dbk_blame_search *search)
{
    size_t room = (size_t)search->runs_max + 1;
    struct played played = {.sets = dbk_alloc(room * sizeof *played.sets),
                            .shown = dbk_alloc(room * sizeof *played.shown)};
    uint64_t shown = 0;
    played.sets[played.count] = full(search);
    played.shown[played.count++] = search->wanted;
    if (search->wanted && play(search, &played, 0, &shown)) {
        search->in_reference = search->wanted & shown;
        play_sizes(search, &played, true, 1, 1);
        play_sizes(search, &played, false, 1, search->habits);
        play_sizes(search, &played, true, 2, search->habits);
    }
    free(played.sets);
    free(played.shown);
}
