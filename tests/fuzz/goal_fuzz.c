/* Any bytes as a goal: read, complained about or not, held against a scenario and one of its runs,
 * freed. For libFuzzer alone. */
#include "runner/judge.h"
#include "runner/search/goal.h"
#include "runner/sim.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What goals are held against: the first search of the library, and what it shows under naive. */
static struct dbk_scenario *scenario;
static struct dbk_history history;
static struct dbk_outcome *outcome;

static void set_up(void)
{
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct dbk_policy policy;
    char path[sizeof library.root + 64], why[160];

    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    snprintf(path, sizeof path, "%s/scenarios/explore/one-booking.yaml", library.root);
    scenario = dbk_scenario_load(&library, path, &complaints);
    struct dbk_sim *sim = dbk_sim_new(why);
    if (!scenario || !sim || !dbk_policy_find(&library, "naive", &policy, &complaints))
        abort();
    policy = dbk_scenario_policy(scenario, &policy);
    dbk_history_init(&history);
    outcome = dbk_outcome_new();
    dbk_sim_run(sim, scenario, &policy, 1, &history);
    dbk_judge(&history, NULL, outcome);
    dbk_sim_free(sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct dbk_goal goal;
    struct dbk_complaints complaints = {0};
    struct dbk_signatures found = {.count = 0};

    if (!scenario)
        set_up();
    bool is_goal =
        dbk_goal_parse((const char *)bytes, length, "fuzz.goal.yaml", &goal, &complaints);
    if (is_goal != (complaints.total == 0))
        abort(); /* a goal and complaints, or neither */
    if (is_goal && dbk_goal_check(&goal, scenario, &complaints))
        goal.ops->reached(goal.self, &history, outcome, &found);
    dbk_goal_free(&goal);
    dbk_complaints_reset(&complaints);
    return 0;
}
