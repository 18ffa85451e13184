/* Planted mistakes: policies with one realistic mistake each (tests/planted), the policy `lazy`,
 * and mutants of the core's ports (mutants.c). Each is explored with a stated budget and must be
 * found; each invariant must find at least one. Prints the tables of docs/planted-mistakes.md. */
#include "mutants.h"

#include "runner/check/check.h"
#include "runner/judge.h"
#include "runner/search/shrink.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

TestSuite(planted, .timeout = 500);

#define SEARCHES DBK_SOURCE_DIR "/tests/planted/searches/"
#define ONE_BOOKING DBK_SOURCE_DIR "/scenarios/explore/one-booking.yaml"
#define CONFIRMED_AT_ONCE SEARCHES "confirmed-at-once.yaml"
#define KEY_KNOWN_AGAIN SEARCHES "key-known-again.yaml"
#define DOUBLE_CLICK SEARCHES "double-click.yaml"
#define LOADED_AGAIN SEARCHES "loaded-again.yaml"
#define CALLED_OFF SEARCHES "called-off.yaml"
#define SIGNED SEARCHES "signed.yaml"

#define RUNS_MAX 4000 /* the budget of each mistake */
#define DEVIATIONS_MAX 2
#define INVARIANTS_MAX 32

struct plant {
    const char *name;   /* of a mutant, else of a policy */
    const char *search; /* file */
    const char *violates;
    bool beyond_promises; /* it does harm only where a partner breaks its word */
};

static const struct plant plants[] = {
    {"resends-on-timeout", CONFIRMED_AT_ONCE, "single-reservation", false},
    {"new-key-on-retry", KEY_KNOWN_AGAIN, "single-reservation", false},
    {"never-asks", CONFIRMED_AT_ONCE, "agrees-with-partner", true},
    {"believes-the-first-miss", CONFIRMED_AT_ONCE, "doubt-is-respected", false},
    {"error-means-failed", CONFIRMED_AT_ONCE, "single-reservation", false},
    {"last-callback-wins", ONE_BOOKING, "no-status-regression", false},
    {"handles-callbacks-again", CALLED_OFF, "callback-once", false},
    {"trusts-callbacks", SIGNED, "callback-authentic", false},
    {"asks-on-regardless", ONE_BOOKING, "partner-rules", false},
    {"list-keeps-a-copy", ONE_BOOKING, "one-truth", false},
    {"charges-with-each-try", ONE_BOOKING, "charge-once", false},
    {"tells-too-early", ONE_BOOKING, "no-phantom-confirm", false},
    {"ignores-the-key", DOUBLE_CLICK, "idempotent-api", false},
    {"books-the-same-again", LOADED_AGAIN, "single-reservation", false},
    {"keeps-duplicates", CONFIRMED_AT_ONCE, "single-reservation", true},
    {"trusts-the-cancel", CALLED_OFF, "agrees-with-partner", true},
    {"never-reconciles", CONFIRMED_AT_ONCE, "single-reservation", true},
    {"lazy", CONFIRMED_AT_ONCE, "operator-only-when-needed", false},
    {"acknowledges-before-durable", CALLED_OFF, "durable-ack", false},
    {"acts-before-it-writes", CONFIRMED_AT_ONCE, "single-reservation", false},
    {"no-fencing", CONFIRMED_AT_ONCE, "single-reservation", false},
    {"loses-its-alarm", CONFIRMED_AT_ONCE, "settles", false},
    {"no-sweep-at-start", DOUBLE_CLICK, "settles", false},
    {"claims-twice", CONFIRMED_AT_ONCE, "single-reservation", false},
    {"queues-outside", DOUBLE_CLICK, "store-intact", false},
    {"checks-then-inserts", DOUBLE_CLICK, "idempotent-api", false},
    {"list-lags-behind", ONE_BOOKING, "one-truth", false},
    {"never-done", CONFIRMED_AT_ONCE, "rests", false},
};

struct world {
    struct dbk_library library;
    struct dbk_scenario *scenario;
    struct dbk_policy policy; /* that is explored */
    struct planted planted;
    struct dbk_sim *sim;       /* with the mistake, if it is a mutant's */
    struct dbk_sim *reference; /* without */
    int64_t runs;              /* of the search at hand */
};

static void fail_on(struct dbk_complaints *complaints)
{
    struct dbk_text text = {0};
    dbk_complaints_print(complaints, &text);
    cr_assert_eq(complaints->total, 0, "%s", text.bytes);
    dbk_text_reset(&text);
    dbk_complaints_reset(complaints);
}

static const struct mutant *mutant_named(const char *name)
{
    for (size_t i = 0; i < mutant_count; i++)
        if (dbk_same(mutants[i].name, name))
            return &mutants[i];
    return NULL;
}

static struct dbk_policy policy_of(const struct world *world, const struct plant *plant)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_complaints complaints = {0};
    char path[sizeof DBK_SOURCE_DIR + 100];
    if (mutant_named(plant->name))
        return policy;
    snprintf(path, sizeof path, DBK_SOURCE_DIR "/tests/planted/%s.yaml", plant->name);
    const char *word = dbk_same(plant->name, "lazy") ? plant->name : path;
    bool is_found = dbk_policy_find(&world->library, word, &policy, &complaints);
    fail_on(&complaints);
    cr_assert(is_found);
    return policy;
}

static void world_init(struct world *world, const struct plant *plant)
{
    struct dbk_complaints complaints = {0};
    char why[160] = "";
    *world = (struct world){0};
    cr_assert(dbk_library_find(&world->library, why), "%s", why);
    world->scenario = dbk_scenario_load(&world->library, plant->search, &complaints);
    fail_on(&complaints);
    struct dbk_policy policy = policy_of(world, plant);
    world->policy = dbk_scenario_policy(world->scenario, &policy);
    const struct mutant *mutant = mutant_named(plant->name);
    struct dbk_sim_wraps wraps = planted_init(&world->planted, mutant ? mutant : &no_mutant);
    world->sim = dbk_sim_new_wrapped(&wraps, why);
    world->reference = dbk_sim_new(why);
    cr_assert(world->sim && world->reference, "%s", why);
}

static void world_reset(struct world *world)
{
    dbk_sim_free(world->sim);
    dbk_sim_free(world->reference);
    planted_reset(&world->planted);
    dbk_scenario_free(world->scenario);
}

/* One search. */

static int64_t clock_ms(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count_runs(void *context, const struct dbk_explore_state *state)
{
    ((struct world *)context)->runs = state->runs;
}

static bool is_spent(void *context)
{
    return ((const struct world *)context)->runs >= RUNS_MAX;
}

static const struct dbk_find *find_of(const struct dbk_explored *explored, const char *invariant)
{
    for (size_t i = 0; i < explored->find_count; i++)
        if (!explored->finds[i].signature.is_of_partners &&
            dbk_same(explored->finds[i].signature.id, invariant))
            return &explored->finds[i];
    return NULL;
}

/* What one run violates that the core owes: a set of rows of the invariants. */
static uint32_t violated_by(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                            const struct dbk_policy *policy, const struct dbk_find *find,
                            char hash[static DBK_DIGEST_HEX])
{
    struct dbk_trace trace = {0};
    const struct dbk_search search = {find->deviations, find->deviation_count, &trace};
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_history history;
    uint32_t violated = 0;
    dbk_history_init(&history);
    dbk_sim_search(sim, scenario, policy, 1, &search, &history);
    dbk_history_seal(&history, hash);
    dbk_judge(&history, NULL, outcome);
    for (size_t i = 0; i < outcome->violation_count; i++)
        for (size_t k = 0; k < dbk_invariant_count; k++)
            if (dbk_same(outcome->violations[i].invariant, dbk_invariants[k].id) &&
                dbk_same(outcome->violations[i].owed_by, "core"))
                violated |= UINT32_C(1) << k;
    dbk_history_reset(&history);
    dbk_trace_reset(&trace);
    dbk_outcome_free(outcome);
    return violated;
}

/* The core without the mistake comes through what broke the one with it. */
static void expect_reference_survives(const struct world *world, const struct plant *plant,
                                      const struct dbk_find *find)
{
    struct dbk_policy policy = dbk_policy_reference();
    char hash[DBK_DIGEST_HEX];
    policy = dbk_scenario_policy(world->scenario, &policy);
    uint32_t violated = violated_by(world->reference, world->scenario, &policy, find, hash);
    cr_expect_eq(violated, 0, "%s: the core without the mistake violates something, too (%x)",
                 plant->name, violated);
}

static void print_kill(const struct dbk_explore_config *config, const struct plant *plant,
                       const struct dbk_find *find)
{
    struct dbk_shrunk *shrunk = dbk_shrink(config, find);
    cr_assert_not(shrunk->is_nondeterministic, "%s", plant->name);
    printf("| %s | %s | %s | %zu | %lld | %lld ms | %zu + %zu |\n", plant->name,
           config->scenario->name, plant->violates, find->deviation_count, (long long)find->runs,
           (long long)find->found_ms, shrunk->scenario->step_count, shrunk->deviation_count);
    dbk_shrunk_free(shrunk);
}

/* Explores one; gives the set of invariants that found it. */
static uint32_t explore(const struct plant *plant)
{
    struct world world;
    world_init(&world, plant);
    struct dbk_menu menu = dbk_menu_of(world.scenario, plant->beyond_promises);
    struct dbk_goal goal = dbk_goal_violation();
    const struct dbk_explore_config config = {.scenario = world.scenario,
                                              .policy = &world.policy,
                                              .menu = &menu,
                                              .goal = &goal,
                                              .seed = 1,
                                              .deviations = DEVIATIONS_MAX,
                                              .jobs = 1,
                                              .sim = world.sim,
                                              .on_progress = count_runs,
                                              .is_stopped = is_spent,
                                              .clock_ms = clock_ms,
                                              .context = &world};
    char why[160] = "";
    struct dbk_explored *explored = dbk_explore(&config, why);
    cr_assert(explored, "%s", why);
    const struct dbk_find *find = find_of(explored, plant->violates);
    cr_expect(find, "%s survives: no %s in %lld runs with up to %zu deviations", plant->name,
              plant->violates, (long long)explored->runs, explored->depth_count - 1);
    uint32_t found_by = 0;
    for (size_t i = 0; i < dbk_invariant_count; i++)
        if (find_of(explored, dbk_invariants[i].id))
            found_by |= UINT32_C(1) << i;
    if (find) {
        expect_reference_survives(&world, plant, find);
        print_kill(&config, plant, find);
    }
    dbk_explored_free(explored);
    dbk_goal_free(&goal);
    world_reset(&world);
    return found_by;
}

/* The matrix. */

static void print_matrix(const uint32_t *found_by)
{
    printf("\n| |");
    for (size_t k = 0; k < dbk_invariant_count; k++)
        printf(" %s |", dbk_invariants[k].id);
    printf("\n|---|");
    for (size_t k = 0; k < dbk_invariant_count; k++)
        printf("---|");
    for (size_t i = 0; i < DBK_COUNT(plants); i++) {
        printf("\n| %s |", plants[i].name);
        for (size_t k = 0; k < dbk_invariant_count; k++)
            printf(" %s |", found_by[i] >> k & 1 ? "x" : "");
    }
    printf("\n");
}

Test(planted, mistakes_are_all_found_and_every_invariant_finds_one)
{
    uint32_t found_by[DBK_COUNT(plants)], all = 0;
    cr_assert_leq(dbk_invariant_count, INVARIANTS_MAX);
    printf("| mistake | search | violated | deviations | runs | time | shrunk: steps + deviations "
           "|\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < DBK_COUNT(plants); i++) {
        found_by[i] = explore(&plants[i]);
        all |= found_by[i];
    }
    print_matrix(found_by);
    for (size_t k = 0; k < dbk_invariant_count; k++)
        cr_expect(all >> k & 1, "%s finds none of the mistakes", dbk_invariants[k].id);
}

Test(planted, mutants_are_all_explored)
{
    for (size_t i = 0; i < mutant_count; i++) {
        size_t times = 0;
        for (size_t k = 0; k < DBK_COUNT(plants); k++)
            times += dbk_same(plants[k].name, mutants[i].name);
        cr_expect_eq(times, 1, "%s", mutants[i].name);
    }
}

Test(planted, mistakes_are_all_told_of)
{
    FILE *file = fopen(DBK_SOURCE_DIR "/docs/planted-mistakes.md", "rb");
    static char text[32768], row[100];
    cr_assert(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < DBK_COUNT(plants); i++) {
        snprintf(row, sizeof row, "\n| %s | ", plants[i].name);
        cr_expect(strstr(text, row), "%s is missing", plants[i].name);
    }
}

/* The wraps alone change nothing: the mistake is what is planted, and nothing else. */
Test(planted, wraps_without_a_mistake_give_the_same_history)
{
    const struct plant plant = {.name = "lazy", .search = CALLED_OFF};
    const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "atoll/swim/create#1", 1, 1 + DBK_FAULT_LOSE_ANSWER},
        {DBK_SITE_COMMIT_WITH_NEXT, "core.worker/step", 1, 1},
        {DBK_SITE_PAUSE, "core.worker/step", 4, 2},
        {DBK_SITE_CRASH, "core.api/step", 4, 3},
        {DBK_SITE_CRASH, "core.worker/step", 5, 102}};
    struct world world;
    char with[DBK_DIGEST_HEX], without[DBK_DIGEST_HEX], before[DBK_DIGEST_HEX] = "";
    world_init(&world, &plant);
    struct dbk_policy policy = dbk_policy_reference();
    for (size_t count = 0; count <= DBK_COUNT(deviations); count++) {
        const struct dbk_find find = {.deviations = (struct dbk_deviation *)deviations,
                                      .deviation_count = count};
        (void)violated_by(world.sim, world.scenario, &policy, &find, with);
        (void)violated_by(world.reference, world.scenario, &policy, &find, without);
        cr_expect_str_eq(with, without, "with the first %zu deviations", count);
        cr_expect_str_neq(with, before, "deviation %zu took no effect", count);
        memcpy(before, with, sizeof before);
    }
    world_reset(&world);
}
