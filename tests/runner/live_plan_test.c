#include "runner/live.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(live_plan, .timeout = 60);

static const char story[] = "format: 1\n"
                            "scenario: late\n"
                            "partners:\n"
                            "  lagoon:\n"
                            "    profile: { like: ref-not-unique, commit_within: %s }\n"
                            "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
                            "    script:\n"
                            "      - { when: { op: %s }, do: [ { delay-request: { by: %s } } ] }\n"
                            "steps: [ { at: 0s, user: ana, book: lagoon/cruise, units: 1, as: trip "
                            "} ]\n";

/* What is left of the bound when a create is committed has to outlast a real network; where nothing
 * is left the promise is broken on either stage. A look-up commits nothing. */
Test(live_plan, leaves_a_real_network_time_before_a_bound)
{
    static const struct {
        const char *bound, *op, *by;
        int64_t finest_ms, scale;
        bool is_sim_only;
    } cases[] = {
        {"60s", "create", "20s", 20000, 100, false}, {"60s", "create", "59s", 1000, 10, false},
        {"60s", "any", "59s", 1000, 10, false},      {"60s", "create", "59950ms", 50, 1, true},
        {"60s", "create", "60s", 60000, 100, false}, {"60s", "look-up", "59s", 59000, 100, false},
        {"2s", "look-up", "20s", 2000, 20, false},   {"0s", "create", "20s", 20000, 100, false},
    };
    struct dbk_library library;
    char why[160] = "";

    cr_assert(dbk_library_find(&library, why), "%s", why);
    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_complaints complaints = {0};
        struct dbk_arena arena = {0};
        char text[1000];
        snprintf(text, sizeof text, story, cases[i].bound, cases[i].op, cases[i].by);
        struct dbk_scenario *scenario =
            dbk_scenario_parse(&library, text, strlen(text), "late.yaml", &complaints);
        cr_assert(scenario, "case %zu", i);
        struct dbk_live_plan plan = dbk_live_plan(scenario, &arena);
        cr_expect_eq(plan.finest_ms, cases[i].finest_ms, "case %zu: %lld ms", i,
                     (long long)plan.finest_ms);
        cr_expect_eq(plan.scale, cases[i].scale, "case %zu: %lld", i, (long long)plan.scale);
        cr_expect_eq(plan.sim_only != NULL, cases[i].is_sim_only, "case %zu: %s", i,
                     plan.sim_only ? plan.sim_only : "live");
        dbk_scenario_free(scenario);
        dbk_complaints_reset(&complaints);
        dbk_arena_free(&arena);
    }
}
