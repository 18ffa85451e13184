#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(junit, .timeout = 60);

static void free_all(struct dbk_outcome **outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dbk_outcome_free(outcomes[i]);
}

static size_t count_of(const struct dbk_text *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text->bytes; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

/* One of each verdict: a case that held, that was violated (story as body), skipped for each of the
 * three reasons, a gap, and an error. */
Test(junit, has_a_suite_per_scenario_and_a_case_per_invariant)
{
    static struct dbk_unobserved excepted[] = {
        {"idempotent-api", "excepted by the scenario: keys are looked at elsewhere"}};
    struct dbk_outcome *outcomes[] = {world_outcome("instant-confirm", DBK_PASSED),
                                      world_seed_incident(), world_unproven(), world_invalid(),
                                      world_outcome("no-child", DBK_ERROR)};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_text text = {0};

    outcomes[0]->unobserved = excepted;
    outcomes[0]->unobserved_count = DBK_COUNT(excepted);
    outcomes[0]->replay = "doublebook run instant-confirm --policy reference --seed 1";
    outcomes[4]->error = "the child did not start: Permission denied";
    outcomes[4]->exposure_count = 0;
    outcomes[4]->fault_count = 0;
    dbk_report_junit(&report, &text);
    world_expect_junit(&text);
    expect_golden(&text, "junit.xml");
    free_all(outcomes, DBK_COUNT(outcomes));
}

Test(junit, of_a_call_that_played_nothing_has_an_error)
{
    struct dbk_report report = {.seed = DBK_ABSENT};
    struct dbk_text text = {0};

    dbk_report_junit(&report, &text);
    world_expect_junit(&text);
    cr_assert_not_null(strstr(text.bytes, "tests=\"1\" failures=\"0\" errors=\"1\""));
    cr_assert_not_null(strstr(text.bytes, "No scenario was played"));
    dbk_text_reset(&text);
}

/* A story the live stage cannot play is skipped with its reason, never left out. */
Test(junit, skips_what_is_for_the_simulation_only)
{
    static struct dbk_sim_only left_out[] = {{"power-loss", "it would take over 60 s"}};
    struct dbk_outcome *outcome = world_outcome("instant-confirm", DBK_PASSED);
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_text text = {0};

    report.sim_only = left_out;
    report.sim_only_count = DBK_COUNT(left_out);
    dbk_report_junit(&report, &text);
    world_expect_junit(&text);
    cr_assert_not_null(strstr(text.bytes, "<testcase classname=\"power-loss\" name=\"sim only\" "
                                          "time=\"0.000\">\n      <skipped message=\"it would take "
                                          "over 60 s\"/>"));
    dbk_text_clear(&text);
    dbk_report_markdown(&report, &text);
    cr_assert_not_null(strstr(text.bytes, "- `power-loss`: `it would take over 60 s`\n"));
    dbk_text_clear(&text);
    dbk_report_github(&report, &text);
    cr_assert_str_eq(text.bytes, "::notice title=doublebook::1 scenario: 1 passed; 1 more for the "
                                 "simulation only\n");
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

/* Whatever the record lacks: a suite fails exactly where its scenario did not pass. */
Test(junit, fails_where_the_verdict_does)
{
    for (int verdict = 0; verdict < DBK_VERDICTS; verdict++) {
        struct dbk_outcome *outcome = world_outcome("bare", (enum dbk_verdict)verdict);
        struct dbk_report report = world_report(&outcome, 1);
        struct dbk_text text = {0};

        dbk_report_junit(&report, &text);
        world_expect_junit(&text);
        cr_assert_eq(count_of(&text, "<failure") + count_of(&text, "<error"),
                     verdict == DBK_PASSED ? 0U : 1U, "%s", text.bytes);
        outcome->exposure_count = 0;
        dbk_text_clear(&text);
        dbk_report_junit(&report, &text);
        world_expect_junit(&text);
        cr_assert_eq(count_of(&text, "<failure") + count_of(&text, "<error"), 1U, "%s", text.bytes);
        dbk_text_reset(&text);
        dbk_outcome_free(outcome);
    }
}

/* Two bookings that broke one invariant are one case; two lines of expectations are two. */
Test(junit, has_one_case_for_what_is_one_question)
{
    static struct dbk_violation violations[] = {
        {.invariant = "rests", .booking = "trip", .at_ms = DBK_ABSENT, .detail = "trip goes on"},
        {.invariant = "rests", .booking = "tour", .at_ms = DBK_ABSENT, .detail = "tour goes on"},
        {.invariant = "expect", .line = 30, .at_ms = DBK_ABSENT, .detail = "trip is pending"},
        {.invariant = "expect", .line = 30, .at_ms = DBK_ABSENT, .detail = "tour is pending"},
        {.invariant = "expect", .line = 31, .at_ms = DBK_ABSENT, .detail = "2 creates"},
    };
    struct dbk_outcome *outcome = world_outcome("two-trips", DBK_VIOLATED);
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_text text = {0};

    outcome->violations = violations;
    outcome->violation_count = DBK_COUNT(violations);
    dbk_report_junit(&report, &text);
    world_expect_junit(&text);
    cr_assert_not_null(strstr(text.bytes, "tests=\"8\" failures=\"3\" errors=\"0\""));
    cr_assert_not_null(strstr(text.bytes, "message=\"trip goes on (and 1 more)\""));
    cr_assert_not_null(strstr(text.bytes, "name=\"expect, line 30\""));
    cr_assert_not_null(strstr(text.bytes, "message=\"trip is pending (and 1 more)\""));
    cr_assert_not_null(strstr(text.bytes, "name=\"expect, line 31\""));
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

/* 1,000 expectations that were not met: each a case, the story not a thousand times. */
Test(junit, stays_small_however_much_was_violated)
{
    struct dbk_outcome *outcome = world_seed_incident();
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_violation *violations = dbk_alloc(1000 * sizeof *violations);
    struct dbk_text text = {0};

    for (int i = 0; i < 1000; i++)
        violations[i] = (struct dbk_violation){
            .invariant = "expect", .booking = "trip", .line = i + 1, .at_ms = DBK_ABSENT};
    outcome->violations = violations;
    outcome->violation_count = 1000;
    dbk_report_junit(&report, &text);
    world_expect_junit(&text);
    cr_assert_eq(count_of(&text, "<failure"), 1000U);
    cr_assert_eq(count_of(&text, "The story of seed-incident"), 20U);
    free(violations);
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

Test(junit, says_of_a_finding_how_it_was_found)
{
    struct world_explored world = {0};
    struct dbk_text text = {0};

    world_explored(&world);
    dbk_report_junit(&world.report, &text);
    world_expect_junit(&text);
    expect_golden(&text, "junit-explored.xml");
    world_explored_reset(&world);
}
