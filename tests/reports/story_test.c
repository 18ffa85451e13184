#include "world.h"

#include <criterion/criterion.h>

TestSuite(story, .timeout = 30);

/* A person who never saw the system reads this file and can tell what happened. */
Test(story, tells_the_seed_incident)
{
    static const struct {
        int width;
        const char *golden;
    } cases[] = {{0, "seed-incident-100.txt"}, {80, "seed-incident-80.txt"}};
    struct dbk_outcome *outcome = world_seed_incident();

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_terminal terminal = {.width = cases[i].width};
        struct dbk_text text = {0};

        dbk_report_story(outcome, &terminal, &text);
        expect_golden(&text, cases[i].golden);
    }
    dbk_outcome_free(outcome);
}

/* Every kind of fact, what is folded away, a clock past midnight, a read at no known time. Another
 * booking of the same wish is violated, so the first one belongs to the story as well. */
Test(story, tells_every_kind_of_fact)
{
    static struct dbk_violation violations[] = {{
        .invariant = "expect",
        .rule = "What the scenario expects.",
        .booking = "trip2",
        .at_ms = DBK_ABSENT,
        .line = 12,
        .owed_by = "core",
        .evidence = {19, 30, 32},
        .evidence_count = 3,
        .detail = "trip2 is not there at the end, expected confirmed",
    }};
    struct dbk_outcome *outcome = world_outcome("every-kind", DBK_VIOLATED);
    struct dbk_terminal terminal = {.has_colour = true};
    struct dbk_text text = {0};

    world_set_history(outcome, "every-kind.jsonl");
    outcome->violations = violations;
    outcome->violation_count = DBK_COUNT(violations);
    dbk_report_story(outcome, &terminal, &text);
    expect_golden(&text, "every-kind.txt");
    dbk_outcome_free(outcome);
}

/* Without a violation nothing is left out, and beliefs stand booking by booking. */
Test(story, of_a_passed_run_tells_all_bookings)
{
    struct dbk_outcome *outcome = world_outcome("every-kind", DBK_PASSED);
    struct dbk_terminal terminal = {.width = 120};
    struct dbk_text text = {0};

    world_set_history(outcome, "every-kind.jsonl");
    dbk_report_story(outcome, &terminal, &text);
    expect_golden(&text, "every-kind-passed.txt");
    dbk_outcome_free(outcome);
}

/* Somebody else's log: no true time, no clocks known, hardly a name. */
Test(story, makes_do_with_what_a_foreign_log_knows)
{
    struct dbk_outcome *outcome = world_outcome("foreign", DBK_PASSED);
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_EFFECT);
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    outcome->file = NULL;
    outcome->policy = NULL;
    outcome->history = dbk_alloc(sizeof(*outcome->history));
    dbk_history_init(outcome->history);
    for (int kind = 0; kind < DBK_FACT_KINDS; kind++) {
        fact = dbk_fact_of((enum dbk_fact_kind)kind);
        dbk_history_add(outcome->history, &fact);
    }
    dbk_report_story(outcome, &terminal, &text);
    expect_golden(&text, "foreign.txt");
    dbk_outcome_free(outcome);
}

Test(story, says_that_its_history_was_not_kept)
{
    struct dbk_outcome *outcome = world_outcome("no-history", DBK_PASSED);
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    dbk_report_story(outcome, &terminal, &text);
    cr_assert_str_eq(text.bytes, "The story of no-history, played with the policy reference "
                                 "(scenarios/no-history.yaml).\n"
                                 "  Its history was not kept.\n");
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}
