#include "runner/blame.h"

#include "base/time.h"
#include "runner/blame_sets.h"
#include "runner/check/check.h"
#include "runner/judge.h"

#include <assert.h>
#include <stdlib.h>

static_assert(DBK_RULES + DBK_SETTINGS <= DBK_HABITS_MAX, "a set of habits has a bit for each");
static_assert(DBK_HABITS_MAX <= DBK_SETS_KEPT, "each single change is told");

/* Where a habit stands in the tables: a rule, or behind them a setting. */
struct place {
    int rule, setting; /* -1: not this one */
};

struct blaming {
    const struct dbk_blame_call *call;
    struct dbk_arena *arena; /* of the outcome */
    struct dbk_blame *blame;
    struct dbk_policy reference, policy; /* with the scenario's settings over them */
    struct place places[DBK_HABITS_MAX]; /* of each habit */
    struct dbk_history history;
};

/* ---- habits ---- */

static const char *duration(struct blaming *blaming, int64_t ms)
{
    char text[DBK_DURATION_TEXT];
    dbk_duration_print(ms, text);
    return dbk_arena_text(blaming->arena, text);
}

static void add_habit(struct blaming *blaming, struct place place, struct dbk_habit habit)
{
    struct dbk_blame *blame = blaming->blame;
    blaming->places[blame->habit_count] = place;
    blame->habits[blame->habit_count++] = habit;
}

static void compare_rule(struct blaming *blaming, int rule)
{
    const struct dbk_rule_row *row = &dbk_rules[rule];
    uint8_t ours = blaming->policy.rules[rule], reference = blaming->reference.rules[rule];
    if (ours != reference)
        add_habit(blaming, (struct place){rule, -1},
                  (struct dbk_habit){.name = row->name,
                                     .question = row->question,
                                     .value = row->values[ours],
                                     .meaning = row->meanings[ours],
                                     .reference = row->values[reference],
                                     .reference_meaning = row->meanings[reference]});
}

static void compare_setting(struct blaming *blaming, int setting)
{
    const struct dbk_setting_row *row = &dbk_settings[setting];
    int64_t ours = blaming->policy.settings_ms[setting];
    int64_t reference = blaming->reference.settings_ms[setting];
    if (ours != reference)
        add_habit(blaming, (struct place){-1, setting},
                  (struct dbk_habit){.name = row->name,
                                     .question = row->sentence,
                                     .value = duration(blaming, ours),
                                     .reference = duration(blaming, reference)});
}

/* What the scenario sets itself is nobody's habit, but who has it should hear so. */
static void note_fixed(struct blaming *blaming, bool is_fixed, const char *name)
{
    const char *before = blaming->blame->fixed;
    if (is_fixed)
        blaming->blame->fixed = dbk_arena_printf(blaming->arena, "%s%s%s", before ? before : "",
                                                 before ? ", " : "", name);
}

static void find_habits(struct blaming *blaming)
{
    const struct dbk_scenario *scenario = blaming->call->scenario;
    const struct dbk_policy *given = blaming->call->policy;
    const struct dbk_policy reference = dbk_policy_reference();
    blaming->reference = dbk_scenario_policy(scenario, &reference);
    blaming->policy = dbk_scenario_policy(scenario, given);
    blaming->blame->habits =
        dbk_arena_alloc(blaming->arena, DBK_HABITS_MAX * sizeof *blaming->blame->habits);
    for (int i = 0; i < DBK_RULES; i++) {
        compare_rule(blaming, i);
        note_fixed(blaming, scenario->rule_is_set[i] && given->rules[i] != reference.rules[i],
                   dbk_rules[i].name);
    }
    for (int i = 0; i < DBK_SETTINGS; i++) {
        compare_setting(blaming, i);
        note_fixed(blaming,
                   scenario->setting_is_set[i] && given->settings_ms[i] != reference.settings_ms[i],
                   dbk_settings[i].name);
    }
}

/* The reference with these habits. */
static struct dbk_policy with_habits(const struct blaming *blaming, uint32_t set)
{
    struct dbk_policy policy = blaming->reference;
    for (size_t i = 0; i < blaming->blame->habit_count; i++) {
        struct place place = blaming->places[i];
        if (!(set & (UINT32_C(1) << i)))
            continue;
        if (place.rule >= 0)
            policy.rules[place.rule] = blaming->policy.rules[place.rule];
        else
            policy.settings_ms[place.setting] = blaming->policy.settings_ms[place.setting];
    }
    return policy;
}

/* ---- what can be violated ---- */

/* Invariants in the order of their table, then lines with expectations; where there are more than
 * there is room for, the last one stands for the rest. */
static void list_things(struct blaming *blaming)
{
    struct dbk_blame *blame = blaming->blame;
    const struct dbk_terms *terms = &blaming->call->scenario->terms;
    blame->things = dbk_arena_alloc(blaming->arena, DBK_BLAMED_MAX * sizeof *blame->things);
    for (size_t i = 0; i < dbk_invariant_count; i++)
        blame->things[blame->thing_count++].invariant = dbk_invariants[i].id;
    assert(blame->thing_count < DBK_BLAMED_MAX);
    for (size_t i = 0; i < terms->expect_count && blame->thing_count < DBK_BLAMED_MAX; i++) {
        const struct dbk_blamable *last = &blame->things[blame->thing_count - 1];
        int line = terms->expects[i].line;
        if (last->line != line)
            blame->things[blame->thing_count++] =
                (struct dbk_blamable){.invariant = "expect", .line = line};
    }
}

static bool is_of(const struct dbk_violation *violation, const struct dbk_blamable *thing)
{
    return dbk_same(thing->invariant, violation->invariant) &&
           (thing->line == 0 || thing->line == violation->line);
}

static size_t thing_of(const struct dbk_blame *blame, const struct dbk_violation *violation)
{
    size_t thing = 0;
    while (thing + 1 < blame->thing_count && !is_of(violation, &blame->things[thing]))
        thing++;
    return thing;
}

static uint64_t things_of(const struct dbk_blame *blame, const struct dbk_outcome *outcome)
{
    uint64_t shown = 0;
    for (size_t i = 0; i < outcome->violation_count; i++)
        shown |= UINT64_C(1) << thing_of(blame, &outcome->violations[i]);
    return shown;
}

/* ---- the search ---- */

static bool play(void *self, uint32_t set, uint64_t *shown)
{
    struct blaming *blaming = self;
    const struct dbk_blame_call *call = blaming->call;
    struct dbk_policy policy = with_habits(blaming, set);
    if (blaming->blame->facts >= call->facts_max)
        return false;
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_sim_run(call->sim, call->scenario, &policy, call->seed, &blaming->history);
    dbk_judge(&blaming->history, NULL, outcome);
    blaming->blame->facts += (int64_t)blaming->history.fact_count;
    *shown = things_of(blaming->blame, outcome);
    dbk_outcome_free(outcome);
    return true;
}

static void search(struct blaming *blaming, uint64_t violated)
{
    struct dbk_blame *blame = blaming->blame;
    struct dbk_blame_search *search = dbk_alloc(sizeof *search);
    *search = (struct dbk_blame_search){.play = play,
                                        .self = blaming,
                                        .habits = (int)blame->habit_count,
                                        .wanted = violated,
                                        .runs_max = blame->runs_max};
    dbk_blame_search(search);
    blame->runs = search->runs;
    blame->blamed = dbk_arena_alloc(blaming->arena, DBK_BLAMED_MAX * sizeof *blame->blamed);
    for (size_t i = 0; i < blame->thing_count; i++)
        if (violated & (UINT64_C(1) << i))
            blame->blamed[blame->blamed_count++] =
                (struct dbk_blamed){.what = i,
                                    .is_in_reference = search->in_reference & (UINT64_C(1) << i),
                                    .shows = search->shows[i],
                                    .ends = search->ends[i]};
    free(search);
}

void dbk_blame(const struct dbk_blame_call *call, struct dbk_outcome *outcome)
{
    struct blaming blaming = {.call = call, .arena = &outcome->arena};
    blaming.blame = dbk_arena_alloc(&outcome->arena, sizeof *blaming.blame);
    blaming.blame->runs_max = call->runs_max;
    blaming.blame->facts_max = call->facts_max;
    dbk_history_init(&blaming.history);
    find_habits(&blaming);
    list_things(&blaming);
    search(&blaming, things_of(blaming.blame, outcome));
    dbk_history_reset(&blaming.history);
    outcome->blame = blaming.blame;
}
