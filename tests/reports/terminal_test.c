#include "world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(terminal, .timeout = 30);

static void free_all(struct dbk_outcome **outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dbk_outcome_free(outcomes[i]);
}

/* One of each verdict; the violated one has no history, its story stands in story_test.c. */
Test(terminal, shows_a_table_then_reasons_then_stories)
{
    static const struct {
        struct dbk_terminal terminal;
        const char *golden;
    } cases[] = {
        {{.width = 100}, "table-100.txt"},
        {{.width = 10}, "table-60.txt"}, /* narrower than what can be read is shown as 60 */
        {{.width = 100, .has_colour = true}, "table-colour.txt"},
    };
    struct dbk_outcome *outcomes[] = {
        world_outcome("instant-confirm", DBK_PASSED), world_seed_incident(), world_unproven(),
        world_invalid(), world_outcome("a-name-that-is-longer-than-its-column-is-wide", DBK_ERROR)};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));

    dbk_history_reset(outcomes[1]->history);
    free(outcomes[1]->history);
    outcomes[1]->history = NULL;
    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text text = {0};

        dbk_report_terminal(&report, &cases[i].terminal, &text);
        expect_golden(&text, cases[i].golden);
    }
    free_all(outcomes, DBK_COUNT(outcomes));
}

Test(terminal, shows_a_passed_run_in_three_lines)
{
    struct dbk_outcome *outcome = world_outcome("instant-confirm", DBK_PASSED);
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    dbk_report_terminal(&report, &terminal, &text);
    cr_assert_str_eq(text.bytes,
                     "verdict   scenario         faults      time  found\n"
                     "passed    instant-confirm     1/1  0:12.345  5 of 6 invariants exposed, "
                     "all held\n"
                     "\n"
                     "1 scenario: 1 passed\n");
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

/* An invariant is named once, however many bookings it hit; each has its place in the story. */
Test(terminal, names_a_violated_invariant_once)
{
    static struct dbk_violation violations[] = {
        {.invariant = "settles", .booking = "trip", .at_ms = DBK_ABSENT},
        {.invariant = "settles", .booking = "tour", .at_ms = DBK_ABSENT},
    };
    struct dbk_outcome *outcome = world_outcome("two-trips", DBK_VIOLATED);
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    outcome->violations = violations;
    outcome->violation_count = DBK_COUNT(violations);
    dbk_report_terminal(&report, &terminal, &text);
    cr_assert_str_eq(text.bytes, "verdict   scenario   faults      time  found\n"
                                 "violated  two-trips     1/1  0:12.345  settles\n"
                                 "\n"
                                 "The story of two-trips, played with the policy reference "
                                 "(scenarios/two-trips.yaml).\n"
                                 "  Violated, on the facts marked >: [1] settles, [2] settles\n"
                                 "  Its history was not kept.\n"
                                 "\n"
                                 "[1] settles - VIOLATED\n"
                                 "\n"
                                 "[2] settles - VIOLATED\n"
                                 "\n"
                                 "1 scenario: 1 violated\n");
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

Test(terminal, says_when_nothing_was_played)
{
    struct dbk_report report = {0};
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    dbk_report_terminal(&report, &terminal, &text);
    cr_assert_str_eq(text.bytes, "verdict   scenario  faults  time  found\n"
                                 "\n"
                                 "0 scenarios: nothing was played\n");
    dbk_text_reset(&text);
}

/* Depths, what they came to, each finding with its story; what belongs to a search has no row. */
Test(terminal, shows_searches_with_their_findings)
{
    struct world_explored world = {0};
    struct dbk_terminal terminal = {.width = 100, .is_here = true};
    struct dbk_text text = {0};

    world_explored(&world);
    dbk_report_terminal(&world.report, &terminal, &text);
    expect_golden(&text, "explored-100.txt");
    terminal = (struct dbk_terminal){.width = 60, .has_colour = true};
    dbk_history_reset(world.outcomes[0]->history);
    free(world.outcomes[0]->history);
    world.outcomes[0]->history = NULL;
    dbk_report_terminal(&world.report, &terminal, &text);
    expect_golden(&text, "explored-60.txt");
    world_explored_reset(&world);
}

/* A scenario that could not be explored stands in the table, before what was. */
Test(terminal, shows_a_table_only_of_what_is_of_no_search)
{
    struct world_explored world = {0};
    struct dbk_outcome *outcomes[] = {world_invalid(), NULL};
    struct dbk_terminal terminal = {.width = 100};
    struct dbk_text text = {0};

    world_explored(&world);
    outcomes[1] = world.outcomes[2];
    world.report.outcomes = outcomes;
    world.report.outcome_count = 2;
    world.report.explorations = &world.explorations[1];
    world.report.exploration_count = 1;
    dbk_report_terminal(&world.report, &terminal, &text);
    cr_assert(dbk_starts_with(text.bytes, "verdict   scenario "));
    cr_assert_not_null(strstr(text.bytes, "\ninvalid   logs/"));
    cr_assert_null(strstr(text.bytes, "\nunproven  a-second-one"));
    cr_assert_not_null(strstr(text.bytes, "\n\nExplored a-second-one, "));
    cr_assert_not_null(strstr(text.bytes, "\n2 scenarios explored: 1 unproven, 1 invalid\n"));
    dbk_text_reset(&text);
    dbk_outcome_free(outcomes[0]);
    world_explored_reset(&world);
}
