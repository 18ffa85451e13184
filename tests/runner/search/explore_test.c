#include "tests/runner/search/world.h"

#include "base/digest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(explore, .timeout = 300);

#define PENDING                                                                                    \
    "{ like: ref-not-unique, books_as: pending, callback: { kind: full, signature: none, "         \
    "version: none } }"

static struct dbk_explored *explore(const struct world *world)
{
    char why[160] = "";
    struct dbk_explored *explored = dbk_explore(&world->config, why);

    cr_assert_not_null(explored, "%s", why);
    return explored;
}

/* ---- each set of deviations once ----
 * The same sets found another way: from every known run, every one more choice that it asked, in
 * whatever place; a set counts if all of it came up and was worth a run there, and each set once.
 */

struct sets {
    char **keys; /* sorted words of a set */
    size_t count, capacity;
};

static int compare_words(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static char *key_of(const struct dbk_deviation *deviations, size_t count)
{
    char words[DBK_EXPLORE_DEVIATIONS][200], *sorted[DBK_EXPLORE_DEVIATIONS];
    struct dbk_text key = {0};

    for (size_t i = 0; i < count; i++) {
        snprintf(words[i], sizeof words[i], "%s %s %u %u", dbk_sites[deviations[i].site].name,
                 deviations[i].entity, deviations[i].nth, deviations[i].take);
        sorted[i] = words[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_words);
    dbk_text_add(&key, "");
    for (size_t i = 0; i < count; i++)
        dbk_text_printf(&key, "%s; ", sorted[i]);
    return dbk_text_take(&key);
}

static bool add_set(struct sets *sets, char *key)
{
    for (size_t i = 0; i < sets->count; i++)
        if (strcmp(sets->keys[i], key) == 0) {
            free(key);
            return false;
        }
    if (sets->count == sets->capacity) {
        sets->capacity = sets->capacity ? 2 * sets->capacity : 64;
        sets->keys = dbk_resize(sets->keys, sets->capacity * sizeof *sets->keys);
    }
    sets->keys[sets->count++] = key;
    return true;
}

static bool is_deviated(const struct dbk_deviation *deviations, size_t count,
                        const struct dbk_asked *asked)
{
    for (size_t i = 0; i < count; i++)
        if (deviations[i].site == asked->site && deviations[i].nth == asked->nth &&
            strcmp(deviations[i].entity, asked->entity) == 0)
            return true;
    return false;
}

static bool is_worth_it(const struct world *world, const struct dbk_asked *asked)
{
    uint32_t takes[DBK_MENU_TAKES];
    size_t count = dbk_menu_takes(&world->menu, asked, takes);

    for (size_t i = 0; i < count; i++)
        if (takes[i] == asked->taken)
            return true;
    return false;
}

static void visit(const struct world *world, struct sets *sets, struct dbk_arena *arena,
                  const struct dbk_deviation *deviations, size_t count)
{
    struct dbk_deviation more[DBK_EXPLORE_DEVIATIONS];
    struct dbk_trace trace = {0};
    struct dbk_history history;
    const struct dbk_search search = {deviations, count, &trace};
    uint32_t takes[DBK_MENU_TAKES];
    size_t came_up = 0;

    dbk_history_init(&history);
    dbk_sim_search(world->config.sim, world->scenario, &world->policy, 1, &search, &history);
    for (size_t i = 0; i < trace.count; i++) {
        came_up += trace.items[i].taken > 0 && is_worth_it(world, &trace.items[i]);
        trace.items[i].entity = dbk_arena_text(arena, trace.items[i].entity);
    }
    if (came_up == count && add_set(sets, key_of(deviations, count)) &&
        count < (size_t)world->config.deviations) {
        if (count > 0)
            memcpy(more, deviations, count * sizeof *more);
        for (size_t i = 0; i < trace.count; i++) {
            const struct dbk_asked *asked = &trace.items[i];
            size_t found = is_deviated(deviations, count, asked)
                               ? 0
                               : dbk_menu_takes(&world->menu, asked, takes);
            for (size_t k = 0; k < found; k++) {
                more[count] =
                    (struct dbk_deviation){asked->site, asked->entity, asked->nth, takes[k]};
                visit(world, sets, arena, more, count + 1);
            }
        }
    }
    dbk_trace_reset(&trace);
    dbk_history_reset(&history);
}

static void expect_all_sets(struct dbk_scenario *scenario, const char *policy, int64_t deviations)
{
    struct world world;
    struct sets sets = {0};
    struct dbk_arena arena = {0};

    world_open(&world, scenario, policy, deviations);
    world.config.keeps_going = true;
    struct dbk_explored *explored = explore(&world);
    visit(&world, &sets, &arena, NULL, 0);
    cr_expect(explored->is_complete);
    cr_expect_gt(sets.count, 10);
    cr_expect_eq((size_t)explored->runs, sets.count, "explored %lld, there are %zu",
                 (long long)explored->runs, sets.count);
    for (size_t i = 0; i < sets.count; i++)
        free(sets.keys[i]);
    free(sets.keys);
    dbk_arena_free(&arena);
    dbk_explored_free(explored);
    world_close(&world);
}

Test(explore, plays_each_set_of_deviations_once)
{
    expect_all_sets(world_one_booking("ref-unique-resend", "may: [ lose-answer, commit-late ]\n"),
                    "reference", 3);
    expect_all_sets(world_one_booking(PENDING, "may: [ crash, lost-callback ]\n"), "reference", 2);
    expect_all_sets(world_one_booking(PENDING, "may: [ order, pause, delay-answer ]\n"), "naive",
                    2);
}

/* ---- the same, however it is played ---- */

static void print(const struct dbk_explored *explored, const struct dbk_scenario *scenario,
                  struct dbk_text *out)
{
    struct dbk_arena arena = {0};

    dbk_text_clear(out);
    for (size_t i = 0; i < explored->depth_count; i++)
        dbk_text_printf(
            out, "%lld: %lld of %lld, %lld found%s\n", (long long)explored->depths[i].deviations,
            (long long)explored->depths[i].runs, (long long)explored->depths[i].expected,
            (long long)explored->depths[i].found,
            explored->depths[i].is_complete ? "" : ", not all");
    for (size_t i = 0; i < explored->find_count; i++) {
        const struct dbk_find *find = &explored->finds[i];
        dbk_text_printf(out, "%s after %lld:", find->signature.id, (long long)find->runs);
        for (size_t k = 0; k < find->deviation_count; k++)
            dbk_text_printf(out, " [%s]",
                            dbk_deviation_say(scenario, &find->deviations[k], &arena));
        dbk_text_add_char(out, '\n');
    }
    dbk_text_printf(out, "%s%s, exposures", explored->is_complete ? "complete" : "not complete",
                    explored->stopped_by ? explored->stopped_by : "");
    for (size_t i = 0; i < 13; i++)
        dbk_text_printf(out, " %lld", (long long)explored->exposures[i]);
    dbk_arena_free(&arena);
}

Test(explore, finds_the_same_with_any_number_of_jobs)
{
    struct dbk_text first = {0}, again = {0};

    for (int jobs = 1; jobs <= 3; jobs++) {
        struct world world;
        world_open(&world,
                   world_one_booking(PENDING, "may: [ lose-answer, older-callback, crash ]\n"),
                   "naive", 2);
        world.config.jobs = jobs;
        world.config.keeps_going = true;
        struct dbk_explored *explored = explore(&world);
        print(explored, world.scenario, jobs == 1 ? &first : &again);
        if (jobs > 1)
            cr_expect_str_eq(again.bytes, first.bytes, "with %d jobs:\n%s\nwith one:\n%s", jobs,
                             again.bytes, first.bytes);
        cr_expect_not_null(strstr(first.bytes, "single-reservation after"));
        dbk_explored_free(explored);
        world_close(&world);
    }
    dbk_text_reset(&first);
    dbk_text_reset(&again);
}

Test(explore, stops_at_the_first_depth_with_a_finding_and_plays_that_whole)
{
    struct world world;

    world_open(&world, world_file("scenarios/explore/one-booking.yaml"), "naive", 2);
    struct dbk_explored *explored = explore(&world);
    cr_assert_eq(explored->depth_count, 2);
    cr_expect(explored->depths[1].is_complete);
    cr_expect_not(explored->is_complete);
    cr_expect_str_eq(explored->stopped_by, "a finding at this depth");
    cr_expect_eq(explored->finds[0].deviation_count, 1);
    dbk_explored_free(explored);
    world_close(&world);
}

/* What there is no room for is not claimed. */
Test(explore, stops_where_a_depth_has_more_runs_than_it_may)
{
    struct world world;

    world_open(&world, world_one_booking("ref-unique-resend", ""), "reference", 2);
    world.config.depth_runs_max = 100;
    struct dbk_explored *explored = explore(&world);
    cr_assert_eq(explored->depth_count, 2);
    cr_expect(explored->depths[1].is_complete);
    cr_expect_not(explored->is_complete);
    cr_expect_str_eq(explored->stopped_by, "more runs at the next depth than fit into memory");
    cr_expect_eq(explored->runs, 1 + explored->depths[1].expected);
    dbk_explored_free(explored);
    world_close(&world);
}

static bool after_fifty(void *context)
{
    int *calls = context;
    return ++*calls > 50;
}

Test(explore, ends_when_it_is_asked_to_and_says_that_it_is_not_complete)
{
    for (int jobs = 1; jobs <= 2; jobs++) {
        struct world world;
        int calls = 0;
        world_open(&world, world_one_booking("ref-unique-resend", ""), "reference", 2);
        world.config.is_stopped = after_fifty;
        world.config.context = &calls;
        world.config.jobs = jobs;
        struct dbk_explored *explored = explore(&world);
        cr_expect_not(explored->is_complete);
        cr_expect_str_eq(explored->stopped_by, "interrupted");
        cr_expect_eq(explored->runs, 50);
        cr_expect_not(explored->depths[explored->depth_count - 1].is_complete);
        dbk_explored_free(explored);
        world_close(&world);
    }
}

Test(explore, holds_the_reference_to_be_truthful_whatever_one_thing_goes_wrong)
{
    static const char *const files[] = {"scenarios/explore/one-booking.yaml",
                                        "scenarios/explore/two-bookings-last-unit.yaml"};

    for (size_t i = 0; i < DBK_COUNT(files); i++) {
        struct world world;
        world_open(&world, world_file(files[i]), "reference", 1);
        struct dbk_explored *explored = explore(&world);
        cr_expect(explored->is_complete);
        cr_expect_eq(explored->find_count, 0, "%s: %s", files[i],
                     explored->find_count ? explored->finds[0].signature.id : "");
        cr_expect_gt(explored->runs, 100);
        dbk_explored_free(explored);
        world_close(&world);
    }
}

/* A job that dies takes the search with it, instead of a part of the result. */
static struct dbk_sim *no_sim(void *context, char why[static 160])
{
    (void)context, (void)why;
    return NULL;
}

Test(explore, fails_where_a_job_fails)
{
    struct world world;
    char why[160] = "";

    world_open(&world, world_one_booking("ref-unique-resend", ""), "reference", 1);
    world.config.jobs = 2;
    world.config.new_sim = no_sim;
    cr_expect_null(dbk_explore(&world.config, why));
    cr_expect_str_eq(why, "a job of the search ended before its time");
    world_close(&world);
}
