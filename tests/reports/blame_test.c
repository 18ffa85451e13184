/* Blame, as told: once for what has the same answer, and with all that was not played. */
#include "reports/blame.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(blame, .timeout = 30);

static struct dbk_habit habits[] = {
    {.name = "on_timeout",
     .question = "A create timed out. What next?",
     .value = "resend",
     .meaning = "It sends the create again.",
     .reference = "doubt",
     .reference_meaning = "It holds the create in doubt."},
    {.name = "retry_key",
     .question = "A create goes out once more. Under which key?",
     .value = "new",
     .meaning = "Under a fresh key.",
     .reference = "same",
     .reference_meaning = "Under the key of the first."},
    {.name = "create_timeout",
     .question = "How long a create waits for its answer.",
     .value = "3s",
     .reference = "10s"},
};
static struct dbk_blamable things[] = {
    {.invariant = "single-reservation"}, {.invariant = "no-status-regression"},
    {.invariant = "one-truth"},          {.invariant = "agrees-with-partner"},
    {.invariant = "expect", .line = 31},
};
enum { SINGLE, REGRESSION, TRUTH, AGREES, EXPECT };
#define BIT(thing) (UINT64_C(1) << (thing))

/* One with the same answer as another; a pair among many; the reference's own. */
static struct dbk_blamed several[] = {
    {.what = SINGLE,
     .shows =
         {.size = 1, .sets = {1}, .leaves = {BIT(SINGLE)}, .kept = 1, .count = 1, .searched = 1},
     .ends = {.size = 1,
              .sets = {1, 4},
              .leaves = {BIT(AGREES), BIT(TRUTH)},
              .kept = 2,
              .count = 2,
              .searched = 1}},
    {.what = REGRESSION,
     .shows = {.size = 2,
               .sets = {3, 5, 6, 3},
               .leaves = {BIT(SINGLE)},
               .kept = 4,
               .count = 40,
               .searched = 2},
     .ends = {.size = 2, .sets = {5}, .kept = 1, .count = 1, .searched = 2}},
    {.what = TRUTH, .is_in_reference = true},
    {.what = EXPECT,
     .shows =
         {.size = 1, .sets = {1}, .leaves = {BIT(SINGLE)}, .kept = 1, .count = 1, .searched = 1},
     .ends = {.size = 1,
              .sets = {1, 4},
              .leaves = {BIT(AGREES), BIT(TRUTH)},
              .kept = 2,
              .count = 2,
              .searched = 1}},
};

/* The bound was met: before anything was found, and with something found. */
static struct dbk_blamed bounded[] = {
    {.what = SINGLE,
     .shows = {.size = 2, .sets = {6}, .kept = 1, .count = 1, .searched = 1},
     .ends = {.searched = 2}},
    {.what = AGREES, .shows = {.searched = 1}},
};

static struct dbk_blame blame_of(struct dbk_blamed *blamed, size_t count)
{
    return (struct dbk_blame){.habits = habits,
                              .habit_count = DBK_COUNT(habits),
                              .things = things,
                              .thing_count = DBK_COUNT(things),
                              .blamed = blamed,
                              .blamed_count = count,
                              .runs = 7,
                              .runs_max = 10000,
                              .facts = 412,
                              .facts_max = 1000000};
}

static void expect_told(const struct dbk_outcome *outcome, const char *expected)
{
    struct dbk_terminal terminal = {.width = 80};
    struct dbk_text text = {0};
    dbk_blame_put(outcome, &terminal, &text);
    cr_expect_str_eq(text.bytes ? text.bytes : "", expected);
    dbk_text_reset(&text);
}

Test(blame, tells_habits_in_the_questions_of_the_rules)
{
    struct dbk_outcome *outcome = world_outcome("seed-incident", DBK_VIOLATED);
    struct dbk_blame blame = blame_of(several, DBK_COUNT(several));
    struct dbk_terminal terminal = {.width = 80};
    struct dbk_text text = {0};

    outcome->policy = "ours\x1b[2J";
    outcome->blame = &blame;
    blame.fixed = "screens, lease";
    dbk_blame_put(outcome, &terminal, &text);
    expect_golden(&text, "blame.txt");
    dbk_outcome_free(outcome);
}

Test(blame, says_what_was_not_played)
{
    struct dbk_outcome *outcome = world_outcome("seed-incident", DBK_VIOLATED);
    struct dbk_blame blame = blame_of(bounded, DBK_COUNT(bounded));
    struct dbk_terminal terminal = {.width = 80};
    struct dbk_text text = {0};

    outcome->policy = "";
    outcome->blame = &blame;
    dbk_blame_put(outcome, &terminal, &text);
    expect_golden(&text, "blame-bounded.txt");
    dbk_outcome_free(outcome);
}

Test(blame, is_no_habits_where_there_is_none)
{
    struct dbk_outcome *outcome = world_outcome("seed-incident", DBK_VIOLATED);
    struct dbk_blame blame = blame_of(&several[2], 1);

    blame.habit_count = 0;
    outcome->blame = &blame;
    expect_told(outcome, "\nWhich habit did it? None: it was played as the reference.\n");
    blame.fixed = "screens";
    expect_told(outcome,
                "\nWhich habit did it? None: it was played as the reference. Not on trial, "
                "for\n  the scenario sets it itself: screens.\n");
    dbk_outcome_free(outcome);
}

/* Nothing where nobody asked, and a line for all that violate nothing. */
Test(blame, is_told_of_those_that_violate_nothing_in_one_line)
{
    struct dbk_outcome *outcomes[] = {world_outcome("one", DBK_PASSED),
                                      world_outcome("two", DBK_UNPROVEN)};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_blame blame = blame_of(NULL, 0);
    struct dbk_terminal terminal = {.width = 100};
    struct dbk_text text = {0};

    dbk_blame_put_rest(&report, &terminal, &text);
    cr_expect_eq(text.length, 0);
    expect_told(outcomes[0], "");
    outcomes[0]->blame = outcomes[1]->blame = &blame;
    expect_told(outcomes[0], "");
    dbk_blame_put_rest(&report, &terminal, &text);
    cr_expect_str_eq(text.bytes, "\nNo habit to blame in 2 scenarios: nothing is violated.\n");
    dbk_text_clear(&text);
    outcomes[1]->blame = NULL;
    blame.habit_count = 0;
    dbk_blame_put_rest(&report, &terminal, &text);
    cr_expect_str_eq(text.bytes,
                     "\nNo habit to blame in 1 scenario: nothing is violated. The policy "
                     "differs in nothing from the\n  reference there.\n");
    dbk_text_reset(&text);
    dbk_outcome_free(outcomes[0]);
    dbk_outcome_free(outcomes[1]);
}

/* tests/runner/history_test.sh holds the file to the schema. */
Test(blame, is_there_for_programs)
{
    struct dbk_outcome *outcomes[] = {world_outcome("seed-incident", DBK_VIOLATED),
                                      world_outcome("two", DBK_VIOLATED)};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_blame first = blame_of(several, DBK_COUNT(several));
    struct dbk_blame second = blame_of(bounded, DBK_COUNT(bounded));
    struct dbk_text text = {0};

    outcomes[0]->blame = &first;
    outcomes[1]->blame = &second;
    dbk_report_json(&report, &text);
    expect_golden(&text, "report-blame.json");
    dbk_outcome_free(outcomes[0]);
    dbk_outcome_free(outcomes[1]);
}
