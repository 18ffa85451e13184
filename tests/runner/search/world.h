/* world: scenarios and stages for the tests of the search. */
#ifndef DBK_TESTS_RUNNER_SEARCH_WORLD_H
#define DBK_TESTS_RUNNER_SEARCH_WORLD_H

#include "runner/search/shrink.h"

/* A scenario (dbk_scenario_free) from YAML, or by its path under the source folder; fails the test
 * with the complaints. */
struct dbk_scenario *world_scenario(const char *yaml);
struct dbk_scenario *world_file(const char *path);
/* Of the library, by name, with the scenario's settings over it. */
struct dbk_policy world_policy(const struct dbk_scenario *scenario, const char *name);
struct dbk_sim *world_sim(void *context, char why[static 160]);

/* A search with everything in it; world_close gives back what it holds. */
struct world {
    struct dbk_scenario *scenario;
    struct dbk_policy policy;
    struct dbk_menu menu;
    struct dbk_goal goal;
    struct dbk_explore_config config;
};

/* Takes the scenario. */
void world_open(struct world *world, struct dbk_scenario *scenario, const char *policy,
                int64_t deviations);
void world_close(struct world *world);

/* One booking at a partner of that profile (YAML, flow style), with these lines for `may:` ("" for
 * none). */
struct dbk_scenario *world_one_booking(const char *profile, const char *may);

#endif
