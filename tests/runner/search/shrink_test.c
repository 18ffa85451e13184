#include "tests/runner/search/world.h"

#include "runner/judge.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(shrink, .timeout = 300);

static struct dbk_explored *explore(const struct world *world)
{
    char why[160] = "";
    struct dbk_explored *explored = dbk_explore(&world->config, why);

    cr_assert_not_null(explored, "%s", why);
    return explored;
}

/* Does the run show the signature? */
static bool shows(const struct world *world, const struct dbk_kept *kept,
                  const struct dbk_deviation *deviations, size_t count,
                  const struct dbk_signature *signature)
{
    struct dbk_arena arena = {0};
    struct dbk_trace trace = {0};
    struct dbk_history history;
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_signatures found = {.count = 0};
    const struct dbk_search search = {deviations, count, &trace};

    dbk_history_init(&history);
    dbk_sim_search(world->config.sim, dbk_scenario_reduced(world->scenario, kept, &arena),
                   &world->policy, 1, &search, &history);
    dbk_judge(&history, NULL, outcome);
    world->goal.ops->reached(world->goal.self, &history, outcome, &found);
    dbk_outcome_free(outcome);
    dbk_history_reset(&history);
    dbk_trace_reset(&trace);
    dbk_arena_free(&arena);
    return dbk_signatures_have(&found, signature);
}

/* Nothing that can be taken away alone is left: neither a step that others do not need, nor a
 * deviation. */
static void expect_minimal(const struct world *world, const struct dbk_shrunk *shrunk,
                           const struct dbk_signature *signature)
{
    cr_expect(shows(world, &shrunk->kept, shrunk->deviations, shrunk->deviation_count, signature),
              "%s is not shown", signature->id);
    for (size_t i = 0; i < shrunk->deviation_count; i++) {
        struct dbk_deviation fewer[DBK_EXPLORE_DEVIATIONS];
        size_t count = 0;
        for (size_t k = 0; k < shrunk->deviation_count; k++)
            if (k != i)
                fewer[count++] = shrunk->deviations[k];
        cr_expect_not(shows(world, &shrunk->kept, fewer, count, signature),
                      "%s: deviation %zu is not needed", signature->id, i);
    }
    for (size_t i = 0; i < world->scenario->step_count; i++) {
        if (!shrunk->kept.steps[i] || world->scenario->steps[i].kind == DBK_STEP_BOOK)
            continue;
        shrunk->kept.steps[i] = false;
        cr_expect_not(
            shows(world, &shrunk->kept, shrunk->deviations, shrunk->deviation_count, signature),
            "%s: step %zu is not needed", signature->id, i);
        shrunk->kept.steps[i] = true;
    }
}

Test(shrink, leaves_nothing_that_could_be_taken_away)
{
    static const char *const files[] = {"scenarios/explore/one-booking.yaml",
                                        "scenarios/explore/two-bookings-last-unit.yaml"};

    for (size_t f = 0; f < DBK_COUNT(files); f++) {
        struct world world;
        world_open(&world, world_file(files[f]), "naive", 1);
        struct dbk_explored *explored = explore(&world);
        cr_expect_gt(explored->find_count, 0);
        for (size_t i = 0; i < explored->find_count; i++) {
            struct dbk_shrunk *shrunk = dbk_shrink(&world.config, &explored->finds[i]);
            cr_expect_not(shrunk->is_nondeterministic);
            expect_minimal(&world, shrunk, &explored->finds[i].signature);
            dbk_shrunk_free(shrunk);
        }
        dbk_explored_free(explored);
        world_close(&world);
    }
}

/* What a search with a large budget found is brought down to what is needed. */
Test(shrink, drops_deviations_that_had_nothing_to_do_with_it)
{
    struct world world;
    static const struct dbk_deviation many[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, 1 + DBK_FAULT_DELAY_REQUEST},
        {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#2/callback#1", 1, 4},
        {DBK_SITE_CRASH, "core.api/step", 6, 2},
    };
    struct dbk_deviation deviations[DBK_COUNT(many)];

    memcpy(deviations, many, sizeof many);
    world_open(&world, world_file("scenarios/explore/one-booking.yaml"), "naive", 4);
    const struct dbk_find find = {.signature = {.id = "single-reservation"},
                                  .deviations = deviations,
                                  .deviation_count = DBK_COUNT(many)};
    struct dbk_shrunk *shrunk = dbk_shrink(&world.config, &find);
    cr_assert_not(shrunk->is_nondeterministic);
    cr_expect_eq(shrunk->deviation_count, 1);
    cr_expect_eq(shrunk->scenario->step_count, 1);
    cr_expect_leq(shrunk->runs, DBK_SHRINK_RUNS_MAX + 200);
    expect_minimal(&world, shrunk, &find.signature);
    dbk_shrunk_free(shrunk);
    world_close(&world);
}

/* A goal that changes its mind stands for a run that does. */
static void reached_now_and_then(void *self, const struct dbk_history *history,
                                 const struct dbk_outcome *outcome, struct dbk_signatures *found)
{
    int *calls = self;

    (void)history, (void)outcome;
    if (++*calls % 2 == 1)
        dbk_signatures_add(found, "now-and-then", false);
}

Test(shrink, tells_a_run_that_does_not_repeat_and_shrinks_nothing)
{
    static const struct dbk_goal_ops ops = {.reached = reached_now_and_then};
    struct world world;
    int calls = 0;
    struct dbk_deviation deviation = {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1,
                                      1 + DBK_FAULT_LOSE_ANSWER};
    const struct dbk_find find = {
        .signature = {.id = "now-and-then"}, .deviations = &deviation, .deviation_count = 1};

    world_open(&world, world_file("scenarios/explore/one-booking.yaml"), "reference", 1);
    world.goal = (struct dbk_goal){.ops = &ops, .self = &calls};
    struct dbk_shrunk *shrunk = dbk_shrink(&world.config, &find);
    cr_expect(shrunk->is_nondeterministic);
    cr_expect_eq(shrunk->runs, 2);
    cr_expect_eq(shrunk->deviation_count, 1);
    dbk_shrunk_free(shrunk);
    world_close(&world);
}
