/* A search for whom to blame, over toy habits: which smallest sets it finds, and what it says where
 * it was stopped. */
#include "runner/blame_sets.h"

#include <criterion/criterion.h>

#include "base/text.h"

TestSuite(blame_sets, .timeout = 60);

/* What a set shows, and what was played. */
struct toy {
    uint64_t (*shows)(uint32_t set);
    int64_t refuses_after; /* runs; 0: never */
    uint32_t played[5000];
    size_t count;
};

static bool play(void *self, uint32_t set, uint64_t *shown)
{
    struct toy *toy = self;
    if (toy->refuses_after > 0 && (int64_t)toy->count >= toy->refuses_after)
        return false;
    for (size_t i = 0; i < toy->count; i++)
        cr_assert_neq(toy->played[i], set, "the set %x is played twice", set);
    cr_assert_lt(toy->count, DBK_COUNT(toy->played));
    toy->played[toy->count++] = set;
    *shown = toy->shows(set);
    return true;
}

static void add_sets(struct dbk_text *text, const char *name, const struct dbk_habit_sets *sets)
{
    dbk_text_printf(text, " %s", name);
    for (size_t i = 0; i < sets->kept; i++)
        dbk_text_printf(text, " %x>%llx", sets->sets[i], (unsigned long long)sets->leaves[i]);
    if (sets->count > (int64_t)sets->kept)
        dbk_text_printf(text, " of %lld", (long long)sets->count);
    if (sets->searched != sets->size)
        dbk_text_printf(text, " searched %d", sets->searched);
}

/* The search in a line: what each wanted thing is shown and ended by: "set>what is violated". */
static void expect_search(uint64_t (*shows)(uint32_t), int habits, int64_t runs_max,
                          int64_t refuses_after, const char *expected)
{
    struct toy toy = {.shows = shows, .refuses_after = refuses_after};
    uint32_t full = habits == 0 ? 0 : UINT32_MAX >> (32 - habits);
    struct dbk_blame_search search = {
        .play = play, .self = &toy, .habits = habits, .wanted = shows(full), .runs_max = runs_max};
    struct dbk_text text = {0};
    dbk_blame_search(&search);
    cr_expect_eq(search.runs, (int64_t)toy.count);
    dbk_text_printf(&text, "%lld runs", (long long)search.runs);
    for (int thing = 0; thing < DBK_BLAMED_MAX; thing++) {
        if (!(search.wanted & (UINT64_C(1) << thing)))
            continue;
        dbk_text_printf(&text, "; %d:", thing);
        if (search.in_reference & (UINT64_C(1) << thing))
            dbk_text_add(&text, " reference");
        add_sets(&text, "shows", &search.shows[thing]);
        add_sets(&text, "ends", &search.ends[thing]);
    }
    cr_expect_str_eq(text.bytes, expected);
    dbk_text_reset(&text);
}

static uint64_t of_habit_1(uint32_t set)
{
    return (set & 2) != 0;
}

Test(blame_sets, find_the_one_habit_and_the_one_change)
{
    expect_search(of_habit_1, 3, 100, 0, "7 runs; 0: shows 2>1 ends 2>0");
}

static uint64_t of_either(uint32_t set)
{
    return (set & 5) != 0;
}

/* Either habit is enough, so giving up one of them is not. */
Test(blame_sets, find_the_changes_that_only_together_end_it)
{
    expect_search(of_either, 4, 100, 0, "15 runs; 0: shows 1>1 4>1 ends 5>0");
}

static uint64_t of_both(uint32_t set)
{
    return (set & 6) == 6;
}

Test(blame_sets, find_habits_that_only_together_show_it)
{
    expect_search(of_both, 3, 100, 0, "7 runs; 0: shows 6>1 ends 2>0 4>0");
}

/* Habit 0 alone shows it, habit 1 hides that, and habit 2 shows what habit 1 does not hide; thing 5
 * comes when habit 1 is given up. */
static uint64_t of_hidden(uint32_t set)
{
    bool is_shown = (set & 3) == 1 || (set & 6) == 6;
    return (uint64_t)is_shown | (set & 2 ? 0 : UINT64_C(1) << 5);
}

Test(blame_sets, take_nothing_for_granted_about_what_habits_hide)
{
    expect_search(of_hidden, 3, 100, 0, "7 runs; 0: shows 1>21 ends 4>0");
}

static uint64_t of_nobody(uint32_t set)
{
    return set & 1 ? 3 : 1;
}

Test(blame_sets, are_not_looked_for_where_the_reference_shows_it)
{
    expect_search(of_nobody, 2, 100, 0, "3 runs; 0: reference shows ends; 1: shows 1>3 ends 1>1");
    expect_search(of_nobody, 0, 100, 0, "0 runs; 0: reference shows ends");
}

static uint64_t of_nothing(uint32_t set)
{
    (void)set;
    return 0;
}

Test(blame_sets, are_not_looked_for_where_nothing_is_violated)
{
    expect_search(of_nothing, 5, 100, 0, "0 runs");
}

static uint64_t of_all(uint32_t set)
{
    return set == 0x3fffff;
}

/* 1 + 22 single changes + 22 + 231 + 1540 sets of up to three, and a part of those of four. */
Test(blame_sets, end_at_the_bound_and_say_how_far_they_were_searched)
{
    expect_search(of_all, 22, 2000, 0,
                  "2000 runs; 0: shows searched 3 ends 1>0 2>0 4>0 8>0 10>0 20>0 40>0 80>0 100>0 "
                  "200>0 400>0 800>0 1000>0 2000>0 4000>0 8000>0 10000>0 20000>0 40000>0 80000>0 "
                  "100000>0 200000>0");
}

static uint64_t of_two_of_four(uint32_t set)
{
    return (set & 3) == 3 || (set & 12) == 12;
}

/* The first pair is found before the bound, the other is not. */
Test(blame_sets, that_are_found_before_the_bound_are_smallest_but_not_all)
{
    expect_search(of_two_of_four, 4, 10, 0, "10 runs; 0: shows 3>1 searched 1 ends searched 1");
    expect_search(of_two_of_four, 4, 100, 0, "15 runs; 0: shows 3>1 c>1 ends 5>0 9>0 6>0 a>0");
    expect_search(of_two_of_four, 4, 100, 10, "10 runs; 0: shows 3>1 searched 1 ends searched 1");
}

static uint64_t of_any_pair(uint32_t set)
{
    return __builtin_popcount(set) >= 2;
}

/* 66 pairs, of which 32 are kept; all but one of twelve must go. */
Test(blame_sets, are_all_counted_and_not_all_kept)
{
    struct toy toy = {.shows = of_any_pair};
    struct dbk_blame_search search = {
        .play = play, .self = &toy, .habits = 12, .wanted = 1, .runs_max = 4096};
    dbk_blame_search(&search);
    cr_expect_eq(search.shows[0].size, 2);
    cr_expect_eq(search.shows[0].count, 66);
    cr_expect_eq(search.shows[0].kept, DBK_SETS_KEPT);
    cr_expect_eq(search.shows[0].sets[0], 3);
    cr_expect_eq(search.shows[0].sets[1], 5, "in the order of the tables");
    cr_expect_eq(search.ends[0].size, 11);
    cr_expect_eq(search.ends[0].count, 12);
    cr_expect_eq(search.runs, 4095, "all there are, but the full one");
}
