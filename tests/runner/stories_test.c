/* Every shipped story holds under the reference and breaks by what it says it is broken by. */
#include "runner/check/check.h"
#include "runner/judge.h"
#include "runner/library.h"
#include "runner/sim.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define SET_MAX 3 /* rules a broken_by row may need */

TestSuite(stories, .timeout = 300);

struct world {
    struct dbk_library library;
    struct dbk_sim *sim;
    struct dbk_history history;
    struct dbk_scenario *scenario;
};

static void world_init(struct world *world)
{
    char why[160] = "";
    *world = (struct world){0};
    cr_assert(dbk_library_find(&world->library, why), "%s", why);
    world->sim = dbk_sim_new(why);
    cr_assert(world->sim, "%s", why);
    dbk_history_init(&world->history);
}

static void world_reset(struct world *world)
{
    dbk_scenario_free(world->scenario);
    dbk_sim_free(world->sim);
    dbk_history_reset(&world->history);
}

static struct dbk_outcome *judge(const struct dbk_history *history)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_judge(history, "replay", outcome);
    return outcome;
}

static struct dbk_outcome *play(struct world *world, const struct dbk_policy *policy)
{
    struct dbk_policy played = dbk_scenario_policy(world->scenario, policy);
    dbk_sim_run(world->sim, world->scenario, &played, 1, &world->history);
    return judge(&world->history);
}

/* What a verdict says, in one text: to compare two of them whole. */
static char *said(const struct dbk_outcome *outcome)
{
    struct dbk_text text = {0};
    dbk_text_printf(&text, "%s\n", dbk_verdict_name(outcome->verdict));
    for (size_t i = 0; i < outcome->violation_count; i++)
        dbk_text_printf(&text, "%s %s %s: %s\n", outcome->violations[i].invariant,
                        outcome->violations[i].owed_by, outcome->violations[i].booking,
                        outcome->violations[i].detail);
    for (size_t i = 0; i < outcome->unproven_count; i++)
        dbk_text_printf(&text, "%s\n", outcome->unproven[i]);
    for (size_t i = 0; i < outcome->exposure_count; i++)
        dbk_text_printf(&text, "%s %lld\n", outcome->exposures[i].invariant,
                        (long long)outcome->exposures[i].count);
    return dbk_text_take(&text);
}

/* The stories of the library: neither the searches nor what a search once found. */
static void for_each_story(void (*check)(struct world *world, const char *path))
{
    struct world world;
    struct dbk_paths paths = {0};
    size_t count = 0;
    world_init(&world);
    char folder[4200];
    snprintf(folder, sizeof folder, "%s/%s", world.library.root, DBK_SCENARIO_FOLDER);
    cr_assert(dbk_paths_collect(&paths, folder));
    for (size_t i = 0; i < paths.count; i++) {
        struct dbk_complaints complaints = {0};
        dbk_scenario_free(world.scenario);
        world.scenario = dbk_scenario_load(&world.library, paths.items[i], &complaints);
        struct dbk_text text = {0};
        dbk_complaints_print(&complaints, &text);
        cr_assert(world.scenario, "%s", text.bytes);
        dbk_text_reset(&text);
        dbk_complaints_reset(&complaints);
        if (world.scenario->is_search || world.scenario->found)
            continue;
        check(&world, paths.items[i]);
        count++;
    }
    cr_assert_geq(count, 20, "of the stories in the folders, %zu were seen", count);
    dbk_paths_reset(&paths);
    world_reset(&world);
}

/* What no rule of a policy breaks yet; a row that is no longer true fails. */
static bool is_unbroken(const char *name)
{
    static const char *const names[] = {"left-and-over", "no-longer-safe", "thin-storm"};
    bool is = false;
    for (size_t i = 0; i < DBK_COUNT(names); i++)
        is = is || strcmp(names[i], name) == 0;
    return is;
}

static void holds(struct world *world, const char *path)
{
    struct dbk_policy reference = dbk_policy_reference();
    struct dbk_outcome *outcome = play(world, &reference);
    char *text = said(outcome);
    cr_expect_eq(outcome->verdict, DBK_PASSED, "%s: %s", path, text);
    cr_expect_eq(world->scenario->broken_by_count == 0, is_unbroken(world->scenario->name),
                 "%s: expected a row of broken_by, or its name above", path);
    free(text);
    dbk_outcome_free(outcome);
}

Test(stories, hold_under_the_reference)
{
    for_each_story(holds);
}

static bool violates_all(const struct dbk_outcome *outcome, const struct dbk_broken_by *row)
{
    for (size_t i = 0; i < row->violate_count; i++) {
        bool found = false;
        for (size_t v = 0; v < outcome->violation_count; v++)
            found = found || strcmp(outcome->violations[v].invariant, row->violates[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

static bool breaks(struct world *world, const struct dbk_policy *policy,
                   const struct dbk_broken_by *row)
{
    struct dbk_outcome *outcome = play(world, policy);
    bool all = violates_all(outcome, row);
    dbk_outcome_free(outcome);
    return all;
}

static size_t value_count(enum dbk_rule_id rule)
{
    size_t count = 0;
    while (dbk_rules[rule].values[count])
        count++;
    return count;
}

/* True if some set of exactly `size` deviations, of rules from `from` on, breaks it as the row
 * says. */
static bool some_set_breaks(struct world *world, const struct dbk_broken_by *row,
                            struct dbk_policy *policy, size_t from, size_t size)
{
    if (size == 0)
        return breaks(world, policy, row);
    for (size_t rule = from; rule < DBK_RULES; rule++) {
        for (size_t value = 1; value < value_count((enum dbk_rule_id)rule); value++) {
            policy->rules[rule] = (uint8_t)value;
            bool found = some_set_breaks(world, row, policy, rule + 1, size - 1);
            policy->rules[rule] = 0;
            if (found)
                return true;
        }
    }
    return false;
}

static void is_broken_by_its_rows(struct world *world, const char *path)
{
    for (size_t i = 0; i < world->scenario->broken_by_count; i++) {
        const struct dbk_broken_by *row = &world->scenario->broken_by[i];
        struct dbk_outcome *outcome = play(world, &row->policy);
        char *text = said(outcome);
        cr_expect(violates_all(outcome, row), "%s:%d: %s", path, row->line, text);
        free(text);
        dbk_outcome_free(outcome);
        if (row->policy_name)
            continue;
        cr_expect_leq(row->set_count, SET_MAX, "%s:%d: too many rules", path, row->line);
        for (size_t size = 0; size < row->set_count; size++) {
            struct dbk_policy policy = dbk_policy_reference();
            cr_expect_not(some_set_breaks(world, row, &policy, 0, size),
                          "%s:%d: a set of %zu rules is enough", path, row->line, size);
        }
    }
}

Test(stories, are_broken_by_the_smallest_set_of_rules_they_name)
{
    for_each_story(is_broken_by_its_rows);
}

/* Plays under a policy; then its file, read again, and its outside facts alone must say the same.
 */
static void judge_three_ways(struct world *world, const char *path, const struct dbk_policy *policy)
{
    struct dbk_outcome *outcome = play(world, policy);
    char *first = said(outcome);
    struct dbk_text file = {0};
    dbk_history_seal(&world->history, outcome->history_hash);
    dbk_history_write(&world->history, &file);

    struct dbk_history again;
    struct dbk_complaints complaints = {0};
    dbk_history_init(&again);
    cr_assert(dbk_history_read(&again, file.bytes, file.length, path, &complaints));
    struct dbk_outcome *stored = judge(&again);
    char *second = said(stored);
    cr_expect_str_eq(second, first, "%s, stored", path);

    size_t before = again.fact_count;
    dbk_history_strip(&again);
    cr_expect_lt(again.fact_count, before, "%s: there was nothing to strip", path);
    struct dbk_outcome *stripped = judge(&again);
    cr_expect_eq(stripped->verdict, outcome->verdict, "%s, stripped", path);
    cr_expect_eq(stripped->violation_count, outcome->violation_count, "%s, stripped", path);
    for (size_t i = 0; i < stripped->violation_count; i++) {
        cr_expect_str_eq(stripped->violations[i].invariant, outcome->violations[i].invariant);
        cr_expect_str_eq(stripped->violations[i].detail, outcome->violations[i].detail);
    }
    dbk_outcome_free(outcome);
    dbk_outcome_free(stored);
    dbk_outcome_free(stripped);
    dbk_history_reset(&again);
    dbk_text_reset(&file);
    free(first);
    free(second);
}

static void is_judged_from_outside(struct world *world, const char *path)
{
    struct dbk_policy reference = dbk_policy_reference(), naive;
    struct dbk_complaints complaints = {0};
    cr_assert(dbk_policy_find(&world->library, "naive", &naive, &complaints));
    judge_three_ways(world, path, &reference);
    judge_three_ways(world, path, &naive);
}

Test(stories, are_judged_the_same_from_their_file_and_without_the_cores_own_word)
{
    for_each_story(is_judged_from_outside);
}
