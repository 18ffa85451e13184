#include "runner/library.h"
#include "runner/live.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CRASH_LEAD_MS 500 /* real: for what is to have left before a kill */

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

/* A partner settles by itself 2 s after its create; what becomes of its callback counts from there.
 */
Test(live_plan, gives_callbacks_of_the_partner_time)
{
    static const struct {
        const char *callbacks;
        int64_t finest_ms, reaches_ms;
    } cases[] = {
        {"", 10000, 0},
        {"callbacks: [ {} ]", 2000, 2000},
        {"callbacks: [ { held: 700ms } ]", 700, 2700},
        {"callbacks: [ { held: 40s, copies: 3, apart: 400ms } ]", 400, 42800},
    };
    static const char text[] =
        "format: 1\n"
        "scenario: called-back\n"
        "partners:\n"
        "  lagoon:\n"
        "    profile: { like: ref-not-unique, books_as: pending, callback: { kind: full, "
        "signature: none, version: none } }\n"
        "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
        "    script: [ { when: { op: create }, do: [ lose-answer ], %s } ]\n"
        "steps: [ { at: 0s, user: ana, book: lagoon/cruise, as: trip } ]\n";
    struct dbk_library library;
    char why[160] = "";
    int64_t plain_ms = 0;

    cr_assert(dbk_library_find(&library, why), "%s", why);
    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_complaints complaints = {0};
        struct dbk_arena arena = {0};
        char whole[1000];
        snprintf(whole, sizeof whole, text, cases[i].callbacks);
        struct dbk_scenario *scenario =
            dbk_scenario_parse(&library, whole, strlen(whole), "back.yaml", &complaints);
        cr_assert(scenario, "case %zu", i);
        struct dbk_live_plan plan = dbk_live_plan(scenario, &arena);
        cr_expect_eq(plan.finest_ms, cases[i].finest_ms, "case %zu: %lld ms", i,
                     (long long)plan.finest_ms);
        plain_ms = i == 0 ? plan.real_ms * plan.scale : plain_ms;
        cr_expect_geq(plan.real_ms * plan.scale + plan.scale, plain_ms + cases[i].reaches_ms,
                      "case %zu: %lld", i, (long long)plan.real_ms);
        dbk_scenario_free(scenario);
        dbk_complaints_reset(&complaints);
        dbk_arena_free(&arena);
    }
}

/* What is left of the bound when a create is committed has to outlast a real network; where nothing
 * is left the promise is broken on either stage. A look-up commits nothing. (The core waits 10 s
 * for an answer; what is finer than the bound is how close a delay comes to that.) */
Test(live_plan, leaves_a_real_network_time_before_a_bound)
{
    static const struct {
        const char *bound, *op, *by;
        int64_t finest_ms, scale;
        bool is_sim_only;
    } cases[] = {
        {"60s", "create", "20s", 10000, 100, false}, {"60s", "create", "59s", 1000, 10, false},
        {"60s", "any", "59s", 1000, 10, false},      {"60s", "create", "59950ms", 50, 1, true},
        {"60s", "create", "60s", 50000, 100, false}, {"60s", "look-up", "59s", 49000, 100, false},
        {"2s", "look-up", "20s", 2000, 20, false},   {"0s", "create", "20s", 10000, 100, false},
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

static void find_library(struct dbk_library *library)
{
    char why[160] = "";
    cr_assert(dbk_library_find(library, why), "%s", why);
}

static bool is_watched(const struct dbk_scenario *played, const char *booking)
{
    bool is = false;
    for (size_t i = 0; i < played->step_count; i++)
        is = is || (played->steps[i].kind == DBK_STEP_WATCH &&
                    strcmp(played->steps[i].booking, booking) == 0);
    return is;
}

/* Of a shipped story: what is to come one after the other, on a busy machine too. */
static void has_time(const struct dbk_scenario *played, const struct dbk_live_plan *plan)
{
    for (size_t i = 1; i < played->step_count; i++) {
        const struct dbk_step *step = &played->steps[i];
        if (step->kind == DBK_STEP_CRASH && step->at_ms != DBK_ABSENT)
            cr_expect_geq((step->at_ms - played->steps[i - 1].at_ms) / plan->scale, CRASH_LEAD_MS,
                          "%s:%d", played->file, step->line);
    }
    for (size_t i = 0; i < played->terms.expect_count; i++) {
        const struct dbk_expect *expect = &played->terms.expects[i];
        if (expect->kind != DBK_EXPECT_STATUS || expect->by_ms == DBK_ABSENT ||
            is_watched(played, expect->booking))
            continue;
        int64_t last_ms = 0; /* the last look in time */
        for (size_t k = 0; k < played->step_count; k++)
            if (played->steps[k].kind == DBK_STEP_LOOK && played->steps[k].at_ms != DBK_ABSENT &&
                played->steps[k].at_ms <= expect->by_ms)
                last_ms = played->steps[k].at_ms;
        cr_expect_geq((expect->by_ms - last_ms) / plan->scale, DBK_LIVE_FINEST_MS,
                      "%s:%d: nobody surely looks in time", played->file, expect->line);
    }
}

Test(live_plan, gives_shipped_stories_time)
{
    struct dbk_library library;
    struct dbk_paths paths = {0};
    char folder[4200];
    find_library(&library);
    snprintf(folder, sizeof folder, "%s/%s", library.root, DBK_SCENARIO_FOLDER);
    cr_assert(dbk_paths_collect(&paths, folder));
    cr_assert_geq(paths.count, 20, "the folders below were not seen");
    for (size_t i = 0; i < paths.count; i++) {
        struct dbk_complaints complaints = {0};
        struct dbk_arena arena = {0};
        struct dbk_scenario *played = dbk_scenario_load(&library, paths.items[i], &complaints);
        cr_assert(played, "%s", paths.items[i]);
        struct dbk_live_plan plan = dbk_live_plan(played, &arena);
        if (!plan.sim_only)
            has_time(played, &plan);
        dbk_arena_free(&arena);
        dbk_scenario_free(played);
        dbk_complaints_reset(&complaints);
    }
    dbk_paths_reset(&paths);
}

/* Script, steps and expectations of a story; the finest duration in it, and why not live. */
static const struct {
    const char *script, *steps, *expect;
    int64_t finest_ms;
    const char *sim_only; /* begins so; NULL: it is played */
} gaps[] = {
    {"", "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }", "", 120000 /* commit_within */,
     NULL},
    {"", "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 4s, user: ana, look: trip }",
     "", 4000, NULL},
    /* a look beside the last moment at which it is in time */
    {"", "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 9s, user: ana, look: trip }",
     "{ booking: trip, status: confirmed, by: 9100ms }", 100, NULL},
    /* an answer beside the core's patience of 10 s, the usual one or the story's own */
    {"{ when: { op: create }, do: [ { delay-answer: { by: 9900ms } } ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }", "", 100, NULL},
    {"{ when: { op: create }, do: [ { delay-request: { by: 10050ms } } ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }", "", 50, "line 7 makes its order"},
    {"{ when: { op: create }, do: [ { not-visible: { for: 9900ms } } ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }", "", 9900, NULL},
    /* an answer beside a look, and beside an expectation */
    {"{ when: { op: create }, do: [ { delay-answer: { by: 5s } } ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 5001ms, user: ana, look: trip }",
     "", 1, "line 7 makes its order"},
    {"{ when: { op: create }, do: [ { delay-answer: { by: 9s } } ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 1s, user: ana, watch: trip }",
     "{ booking: trip, status: confirmed, by: 9050ms }", 50, "line 12 makes its order"},
    /* the same of another wish */
    {"{ when: { op: create, intent: trip }, do: [ { delay-answer: { by: 5s } } ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, "
     "{ at: 0s, user: bob, book: lagoon/cruise, as: trap }, "
     "{ at: 5001ms, user: bob, look: trap }",
     "", 5000, NULL},
    /* a callback's second copy, 5 s + 2 s + 60 s after the booking */
    {"{ when: { op: create }, later: [ { after: 5s, callback: { held: 2s, copies: 2, apart: 60s } "
     "} ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 67200ms, user: ana, look: trip }",
     "", 200, NULL},
    /* silence until the core's patience is over */
    {"{ when: { op: create }, do: [ lose-answer ] }",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 10250ms, user: ana, look: trip }",
     "", 250, NULL},
    /* a look beside the core's return */
    {"",
     "{ at: 0s, user: ana, book: lagoon/cruise, as: trip }, { at: 10s, core: crash, for: 10s }, "
     "{ at: 20100ms, user: ana, look: trip }",
     "", 100, NULL},
};

Test(live_plan, knows_how_fine_the_order_is)
{
    struct dbk_library library;
    find_library(&library);
    for (size_t i = 0; i < DBK_COUNT(gaps); i++) {
        struct dbk_complaints complaints = {0};
        struct dbk_arena arena = {0};
        struct dbk_text yaml = {0};
        dbk_text_printf(
            &yaml,
            "format: 1\nscenario: gap\npartners:\n  lagoon:\n    profile: ref-unique-resend\n"
            "    sells: { cruise: { price: 100, currency: EUR, capacity: 50 } }\n"
            "    script: [ %s ]\nsteps: [ %s ]\n\n\n\nexpect: [ %s ]\n",
            gaps[i].script, gaps[i].steps, gaps[i].expect);
        struct dbk_scenario *played =
            dbk_scenario_parse(&library, yaml.bytes, yaml.length, "gap.yaml", &complaints);
        cr_assert(played, "row %zu: %s", i, complaints.total ? complaints.items[0].text : "");
        struct dbk_live_plan plan = dbk_live_plan(played, &arena);
        cr_expect_eq(plan.finest_ms, gaps[i].finest_ms, "row %zu: %lld", i,
                     (long long)plan.finest_ms);
        cr_expect(gaps[i].sim_only ? dbk_starts_with(plan.sim_only, gaps[i].sim_only)
                                   : !plan.sim_only,
                  "row %zu: %s", i, plan.sim_only ? plan.sim_only : "played");
        dbk_arena_free(&arena);
        dbk_scenario_free(played);
        dbk_complaints_reset(&complaints);
        dbk_text_reset(&yaml);
    }
}
