#include "tests/runner/search/world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct dbk_library library(void)
{
    struct dbk_library library = {0};

    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    return library;
}

static void expect_none(struct dbk_complaints *complaints)
{
    struct dbk_text text = {0};

    dbk_complaints_print(complaints, &text);
    cr_assert_eq(complaints->total, 0, "%s", text.bytes ? text.bytes : "");
    dbk_text_reset(&text);
    dbk_complaints_reset(complaints);
}

struct dbk_scenario *world_scenario(const char *yaml)
{
    const struct dbk_library root = library();
    struct dbk_complaints complaints = {0};
    struct dbk_scenario *scenario =
        dbk_scenario_parse(&root, yaml, strlen(yaml), "test.yaml", &complaints);

    expect_none(&complaints);
    cr_assert_not_null(scenario);
    return scenario;
}

struct dbk_scenario *world_file(const char *path)
{
    const struct dbk_library root = library();
    struct dbk_complaints complaints = {0};
    char whole[8192];

    snprintf(whole, sizeof whole, "%s/%s", DBK_SOURCE_DIR, path);
    struct dbk_scenario *scenario = dbk_scenario_load(&root, whole, &complaints);
    expect_none(&complaints);
    cr_assert_not_null(scenario);
    return scenario;
}

struct dbk_policy world_policy(const struct dbk_scenario *scenario, const char *name)
{
    const struct dbk_library root = library();
    struct dbk_complaints complaints = {0};
    struct dbk_policy policy;

    cr_assert(dbk_policy_find(&root, name, &policy, &complaints));
    expect_none(&complaints);
    return dbk_scenario_policy(scenario, &policy);
}

struct dbk_sim *world_sim(void *context, char why[static 160])
{
    (void)context;
    return dbk_sim_new(why);
}

void world_open(struct world *world, struct dbk_scenario *scenario, const char *policy,
                int64_t deviations)
{
    char why[160] = "";

    *world = (struct world){.scenario = scenario,
                            .policy = world_policy(scenario, policy),
                            .menu = dbk_menu_of(scenario, false),
                            .goal = dbk_goal_violation()};
    world->config = (struct dbk_explore_config){.scenario = scenario,
                                                .policy = &world->policy,
                                                .menu = &world->menu,
                                                .goal = &world->goal,
                                                .seed = 1,
                                                .deviations = deviations,
                                                .jobs = 1,
                                                .sim = dbk_sim_new(why),
                                                .new_sim = world_sim};
    cr_assert_not_null(world->config.sim, "%s", why);
}

void world_close(struct world *world)
{
    dbk_sim_free(world->config.sim);
    dbk_goal_free(&world->goal);
    dbk_scenario_free(world->scenario);
}

struct dbk_scenario *world_one_booking(const char *profile, const char *may)
{
    struct dbk_text yaml = {0};

    dbk_text_printf(&yaml,
                    "format: 1\n"
                    "scenario: one\n"
                    "kind: search\n"
                    "%s"
                    "partners:\n"
                    "  lagoon:\n"
                    "    profile: %s\n"
                    "    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }\n"
                    "steps:\n"
                    "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
                    "  - { at: 1s, user: ana, watch: trip }\n"
                    "  - { at: 5m, support: sam, look: trip, screen: list }\n",
                    may, profile);
    struct dbk_scenario *scenario = world_scenario(yaml.bytes);
    dbk_text_reset(&yaml);
    return scenario;
}
