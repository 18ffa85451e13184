/* Whom dbk_blame blames in the shipped stories: held against playing each habit by its name. */
#include "runner/blame.h"
#include "runner/judge.h"
#include "runner/library.h"

#include "reports/blame.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(blame, .timeout = 300);

struct world {
    struct dbk_library library;
    struct dbk_sim *sim;
    struct dbk_history history;
    struct dbk_policy naive;
    struct dbk_scenario *scenario;
};

static void world_init(struct world *world)
{
    struct dbk_complaints complaints = {0};
    char why[160] = "";
    *world = (struct world){0};
    cr_assert(dbk_library_find(&world->library, why), "%s", why);
    world->sim = dbk_sim_new(why);
    cr_assert(world->sim, "%s", why);
    cr_assert(dbk_policy_find(&world->library, "naive", &world->naive, &complaints));
    dbk_history_init(&world->history);
}

static void world_reset(struct world *world)
{
    dbk_scenario_free(world->scenario);
    dbk_sim_free(world->sim);
    dbk_history_reset(&world->history);
}

static void load(struct world *world, const char *path)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0};
    dbk_scenario_free(world->scenario);
    world->scenario = dbk_scenario_load(&world->library, path, &complaints);
    dbk_complaints_print(&complaints, &text);
    cr_assert(world->scenario, "%s", text.bytes);
}

static void load_story(struct world *world, const char *name) /* with its folder */
{
    char path[4608];
    dbk_library_path(&world->library, DBK_SCENARIO_FOLDER, name, path);
    load(world, path);
}

static struct dbk_outcome *play(struct world *world, const struct dbk_policy *policy)
{
    struct dbk_policy played = dbk_scenario_policy(world->scenario, policy);
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_sim_run(world->sim, world->scenario, &played, 1, &world->history);
    dbk_judge(&world->history, "replay", outcome);
    return outcome;
}

/* Plays a policy and blames its habits. */
static struct dbk_outcome *blame(struct world *world, const struct dbk_policy *policy,
                                 int64_t runs_max, int64_t facts_max)
{
    const struct dbk_blame_call call = {.sim = world->sim,
                                        .scenario = world->scenario,
                                        .policy = policy,
                                        .seed = 1,
                                        .runs_max = runs_max,
                                        .facts_max = facts_max};
    struct dbk_outcome *outcome = play(world, policy);
    dbk_blame(&call, outcome);
    return outcome;
}

static struct dbk_outcome *blame_fully(struct world *world, const struct dbk_policy *policy)
{
    return blame(world, policy, DBK_BLAME_RUNS, DBK_BLAME_FACTS);
}

static void add_sets(const struct dbk_blame *blame, const struct dbk_habit_sets *sets,
                     struct dbk_text *text)
{
    for (size_t i = 0; i < sets->kept; i++) {
        const char *before = i == 0 ? " " : " or ";
        for (size_t k = 0; k < blame->habit_count; k++) {
            if (!(sets->sets[i] & (UINT32_C(1) << k)))
                continue;
            dbk_text_printf(text, "%s%s", before, blame->habits[k].name);
            before = "+";
        }
    }
}

/* A line for each thing that is violated. */
static void expect_blamed(const struct dbk_outcome *outcome, const char *expected)
{
    const struct dbk_blame *blame = outcome->blame;
    struct dbk_text text = {0};
    dbk_text_add(&text, "");
    for (size_t i = 0; i < blame->blamed_count; i++) {
        const struct dbk_blamed *blamed = &blame->blamed[i];
        const struct dbk_blamable *thing = &blame->things[blamed->what];
        dbk_text_printf(&text, "%s", thing->invariant);
        if (thing->line)
            dbk_text_printf(&text, ":%d", thing->line);
        dbk_text_add(&text, blamed->is_in_reference ? ", by reference\n" : ", by");
        if (blamed->is_in_reference)
            continue;
        add_sets(blame, &blamed->shows, &text);
        dbk_text_add(&text, ", until");
        add_sets(blame, &blamed->ends, &text);
        dbk_text_add(&text, "\n");
    }
    cr_expect_str_eq(text.bytes ? text.bytes : "", expected);
    dbk_text_reset(&text);
}

Test(blame, of_the_seed_incident_names_the_habit_behind_each_violation)
{
    struct world world;
    world_init(&world);
    load_story(&world, "seed-incident");
    struct dbk_outcome *outcome = blame_fully(&world, &world.naive);
    expect_blamed(outcome,
                  "single-reservation, by on_timeout, until on_timeout\n"
                  "no-status-regression, by callback_order or screens, until on_timeout or "
                  "callback_order\n"
                  "one-truth, by screens, until on_timeout or callback_order\n"
                  "doubt-is-respected, by on_timeout, until on_timeout\n"
                  "expect:39, by look_up, until callback_order\n"
                  "expect:40, by on_timeout, until on_timeout\n");
    cr_expect_eq(outcome->blame->habit_count, 11);
    cr_expect_eq(outcome->blame->runs, 23, "the reference, each habit alone, each change");
    dbk_outcome_free(outcome);
    world_reset(&world);
}

/* Each of the two is enough, so giving up one of them leaves the other. */
Test(blame, names_the_changes_that_only_together_end_it)
{
    struct world world;
    world_init(&world);
    load_story(&world, "cancel/cancel-that-was-none");
    struct dbk_policy policy = dbk_policy_reference();
    cr_assert(dbk_policy_set_rule(&policy, "look_up", "never"));
    cr_assert(dbk_policy_set_rule(&policy, "trust_cancel", "always"));
    cr_assert(dbk_policy_set_rule(&policy, "api_key", "ignored"));
    struct dbk_outcome *outcome = blame_fully(&world, &policy);
    expect_blamed(outcome, "agrees-with-partner, by look_up or trust_cancel, until "
                           "look_up+trust_cancel\n"
                           "expect:29, by look_up or trust_cancel, until look_up+trust_cancel\n");
    dbk_outcome_free(outcome);
    world_reset(&world);
}

/* ---- held against every row and every single habit ---- */

static bool violates(const struct dbk_outcome *outcome, const struct dbk_blamable *thing)
{
    for (size_t i = 0; i < outcome->violation_count; i++)
        if (strcmp(outcome->violations[i].invariant, thing->invariant) == 0 &&
            (thing->line == 0 || thing->line == outcome->violations[i].line))
            return true;
    return false;
}

static bool is_violated_under(struct world *world, const struct dbk_policy *policy,
                              const struct dbk_blamable *thing)
{
    struct dbk_outcome *outcome = play(world, policy);
    bool is_so = violates(outcome, thing);
    dbk_outcome_free(outcome);
    return is_so;
}

/* Sets the habits of a set, by name, to what the policy or the reference says. */
static struct dbk_policy with(struct dbk_policy policy, const struct dbk_blame *blame, uint32_t set,
                              bool is_change)
{
    for (size_t i = 0; i < blame->habit_count; i++)
        if (set & (UINT32_C(1) << i))
            cr_assert(dbk_policy_set_rule(&policy, blame->habits[i].name,
                                          is_change ? blame->habits[i].reference
                                                    : blame->habits[i].value));
    return policy;
}

static bool is_kept(const struct dbk_habit_sets *sets, uint32_t set)
{
    for (size_t i = 0; i < sets->kept; i++)
        if (sets->sets[i] == set)
            return true;
    return false;
}

/* Each set that is told does it; of single habits no other does. */
static void hold(struct world *world, const struct dbk_blame *blame,
                 const struct dbk_blamed *blamed, bool is_ending)
{
    const struct dbk_habit_sets *sets = is_ending ? &blamed->ends : &blamed->shows;
    const struct dbk_blamable *thing = &blame->things[blamed->what];
    const struct dbk_policy from = is_ending ? world->naive : dbk_policy_reference();
    const char *story = world->scenario->name;
    cr_expect_gt(sets->kept, 0, "%s: %s", story, thing->invariant);
    for (size_t i = 0; i < sets->kept; i++) {
        struct dbk_policy policy = with(from, blame, sets->sets[i], is_ending);
        cr_expect_eq(__builtin_popcount(sets->sets[i]), sets->size);
        cr_expect_neq(is_violated_under(world, &policy, thing), is_ending, "%s: %s: set %x", story,
                      thing->invariant, sets->sets[i]);
    }
    for (size_t i = 0; i < blame->habit_count; i++) {
        uint32_t set = UINT32_C(1) << i;
        struct dbk_policy policy = with(from, blame, set, is_ending);
        bool does = is_violated_under(world, &policy, thing) != is_ending;
        cr_expect_eq(does, is_kept(sets, set), "%s: %s: %s", story, thing->invariant,
                     blame->habits[i].name);
    }
}

/* A row that names one invariant names its smallest set, if all of the set is naive's. */
static void agree(struct world *world, const struct dbk_blame *blame,
                  const struct dbk_broken_by *row, size_t *agreed)
{
    uint32_t set = 0;
    for (size_t i = 0; i < blame->habit_count; i++)
        for (size_t rule = 0; rule < DBK_RULES; rule++)
            if (row->policy.rules[rule] && row->policy.rules[rule] == world->naive.rules[rule] &&
                strcmp(dbk_rules[rule].name, blame->habits[i].name) == 0)
                set |= UINT32_C(1) << i;
    if (row->policy_name || (size_t)__builtin_popcount(set) != row->set_count)
        return;
    for (size_t i = 0; i < blame->blamed_count; i++) {
        const struct dbk_blamed *blamed = &blame->blamed[i];
        for (size_t k = 0; k < row->violate_count; k++) {
            if (strcmp(blame->things[blamed->what].invariant, row->violates[k]) != 0)
                continue;
            cr_expect_leq((size_t)blamed->shows.size, row->set_count, "%s: line %d",
                          world->scenario->name, row->line);
            if (row->violate_count == 1)
                cr_expect(is_kept(&blamed->shows, set), "%s: line %d", world->scenario->name,
                          row->line);
            ++*agreed;
        }
    }
}

Test(blame, agrees_with_playing_each_habit_of_naive_in_every_story)
{
    struct world world;
    struct dbk_paths paths = {0};
    char folder[4200];
    size_t blamed = 0, agreed = 0;
    world_init(&world);
    snprintf(folder, sizeof folder, "%s/%s", world.library.root, DBK_SCENARIO_FOLDER);
    cr_assert(dbk_paths_collect(&paths, folder));
    for (size_t i = 0; i < paths.count; i++) {
        load(&world, paths.items[i]);
        if (world.scenario->broken_by_count == 0)
            continue;
        struct dbk_outcome *outcome = blame_fully(&world, &world.naive);
        for (size_t k = 0; k < outcome->blame->blamed_count; k++) {
            cr_expect_not(outcome->blame->blamed[k].is_in_reference, "%s", paths.items[i]);
            hold(&world, outcome->blame, &outcome->blame->blamed[k], false);
            hold(&world, outcome->blame, &outcome->blame->blamed[k], true);
            blamed++;
        }
        for (size_t k = 0; k < world.scenario->broken_by_count; k++)
            agree(&world, outcome->blame, &world.scenario->broken_by[k], &agreed);
        dbk_outcome_free(outcome);
    }
    cr_expect_geq(blamed, 30);
    cr_expect_geq(agreed, 15);
    dbk_paths_reset(&paths);
    world_reset(&world);
}

/* ---- what is no habit ---- */

Test(blame, of_the_reference_plays_nothing)
{
    struct world world;
    struct dbk_policy reference = dbk_policy_reference();
    world_init(&world);
    load_story(&world, "seed-incident");
    struct dbk_outcome *outcome = blame_fully(&world, &reference);
    cr_expect_eq(outcome->blame->habit_count, 0);
    cr_expect_eq(outcome->blame->runs, 0);
    expect_blamed(outcome, "");
    dbk_outcome_free(outcome);
    world_reset(&world);
}

static const char impossible[] =
    "format: 1\n"
    "scenario: impossible\n"
    "core: { set: { retry_key: same, create_timeout: 9s } }\n"
    "partners:\n"
    "  lagoon:\n"
    "    profile: { like: ref-unique-resend, books_as: pending }\n"
    "    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }\n"
    "steps:\n"
    "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
    "  - { at: 1s, user: ana, watch: trip }\n"
    "expect:\n"
    "  - { booking: trip, status: rejected }\n";

static void parse(struct world *world, const char *bytes)
{
    struct dbk_complaints complaints = {0};
    dbk_scenario_free(world->scenario);
    world->scenario =
        dbk_scenario_parse(&world->library, bytes, strlen(bytes), "impossible.yaml", &complaints);
    cr_assert(world->scenario);
}

/* No habit made it, and what the scenario sets itself is nobody's habit. */
Test(blame, falls_on_no_habit_for_what_the_reference_violates_too)
{
    struct world world;
    world_init(&world);
    parse(&world, impossible);
    world.naive.settings_ms[DBK_SETTING_CREATE_TIMEOUT] = 20000;
    cr_assert(dbk_policy_set_rule(&world.naive, "tell_confirmed", "when-accepted"));
    struct dbk_outcome *outcome = blame_fully(&world, &world.naive);
    expect_blamed(outcome, "no-phantom-confirm, by tell_confirmed, until tell_confirmed\n"
                           "expect:12, by reference\n");
    cr_expect_str_eq(outcome->blame->fixed, "retry_key, create_timeout");
    cr_expect_eq(outcome->blame->habit_count, 11);
    dbk_outcome_free(outcome);
    world_reset(&world);
}

/* ---- settings, bounds, determinism ---- */

Test(blame, falls_on_settings_too)
{
    struct world world;
    struct dbk_policy policy = dbk_policy_reference();
    world_init(&world);
    load_story(&world, "lost-answers/committed-after-its-bound");
    policy.settings_ms[DBK_SETTING_RECONCILE_AFTER] = 48 * INT64_C(3600000);
    cr_assert(dbk_policy_set_rule(&policy, "screens", "own-copy"));
    struct dbk_outcome *outcome = blame_fully(&world, &policy);
    const struct dbk_habit *habit = &outcome->blame->habits[1];
    cr_assert_eq(outcome->blame->habit_count, 2);
    cr_expect_str_eq(habit->name, "reconcile_after");
    cr_expect_str_eq(habit->value, "2d");
    cr_expect_str_eq(habit->reference, "5m");
    cr_assert_gt(outcome->blame->blamed_count, 0);
    for (size_t i = 0; i < outcome->blame->blamed_count; i++) {
        cr_expect_eq(outcome->blame->blamed[i].shows.sets[0], 2);
        cr_expect_eq(outcome->blame->blamed[i].ends.sets[0], 2);
    }
    dbk_outcome_free(outcome);
    world_reset(&world);
}

Test(blame, ends_at_its_bounds)
{
    struct world world;
    world_init(&world);
    load_story(&world, "callbacks/same-callback-again");
    struct dbk_outcome *full = blame_fully(&world, &world.naive);
    struct dbk_outcome *few = blame(&world, &world.naive, 40, DBK_BLAME_FACTS);
    struct dbk_outcome *short_ = blame(&world, &world.naive, DBK_BLAME_RUNS, 500);
    cr_expect_gt(full->blame->runs, 40);
    cr_expect_eq(few->blame->runs, 40);
    cr_expect_lt(short_->blame->runs, 40);
    cr_expect_geq(short_->blame->facts, 500);
    cr_expect_lt(short_->blame->facts, 1000, "the run that met the bound was the last");
    for (size_t i = 0; i < full->blame->blamed_count; i++)
        if (full->blame->blamed[i].shows.size > 2)
            cr_expect_eq(few->blame->blamed[i].shows.size, 0);
    dbk_outcome_free(full);
    dbk_outcome_free(few);
    dbk_outcome_free(short_);
    world_reset(&world);
}

static char *told(const struct dbk_outcome *outcome)
{
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};
    dbk_blame_put(outcome, &terminal, &text);
    dbk_blame_put_json(outcome, &text);
    return dbk_text_take(&text);
}

/* On a stage that has played something else, and on a new one. */
Test(blame, is_the_same_each_time)
{
    struct world world, other;
    world_init(&world);
    world_init(&other);
    load_story(&other, "user-hop/double-click");
    dbk_outcome_free(blame_fully(&other, &other.naive));
    load_story(&world, "lost-answers/answer-lost-same-key");
    load_story(&other, "lost-answers/answer-lost-same-key");
    struct dbk_outcome *one = blame_fully(&world, &world.naive);
    struct dbk_outcome *two = blame_fully(&other, &other.naive);
    char *first = told(one), *second = told(two);
    cr_expect_gt(strlen(first), 500);
    cr_expect_str_eq(first, second);
    free(first);
    free(second);
    dbk_outcome_free(one);
    dbk_outcome_free(two);
    world_reset(&world);
    world_reset(&other);
}

/* Two want the last unit, and the seed's latencies say who gets it: where ana does not, the
 * reference shows that too - under that seed, and under no other. */
Test(blame, is_found_under_the_seed_of_the_run)
{
    static const char race[] = "format: 1\n"
                               "scenario: race\n"
                               "partners:\n"
                               "  lagoon:\n"
                               "    profile: ref-unique-resend\n"
                               "    sells: { cruise: { price: 100, currency: EUR, capacity: 1 } }\n"
                               "steps:\n"
                               "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
                               "  - { at: 0s, user: ben, book: lagoon/cruise, as: outing }\n"
                               "expect: [ { booking: trip, status: confirmed } ]\n";
    struct world world;
    size_t lost = 0, won = 0;
    world_init(&world);
    parse(&world, race);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct dbk_outcome *outcome = dbk_outcome_new();
        const struct dbk_blame_call call = {.sim = world.sim,
                                            .scenario = world.scenario,
                                            .policy = &world.naive,
                                            .seed = seed,
                                            .runs_max = DBK_BLAME_RUNS,
                                            .facts_max = DBK_BLAME_FACTS};
        dbk_sim_run(world.sim, world.scenario, &world.naive, seed, &world.history);
        dbk_judge(&world.history, "replay", outcome);
        bool is_violated = outcome->violation_count > 0;
        dbk_blame(&call, outcome);
        if (is_violated)
            expect_blamed(outcome, "expect:10, by reference\n");
        lost += is_violated;
        won += !is_violated;
        dbk_outcome_free(outcome);
    }
    cr_expect(lost > 0 && won > 0, "%zu lost, %zu won", lost, won);
    world_reset(&world);
}
