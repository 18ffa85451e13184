#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(github, .timeout = 30);

static size_t count_of(const struct dbk_text *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text->bytes; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

/* A violation without a line stands at the first fault that fired, a reason at its own line, what
 * is wrong with a file at the line of the mistake. */
Test(github, annotates_the_scenarios_lines)
{
    static const int lines[] = {18, 0};
    struct dbk_outcome *outcomes[] = {world_outcome("instant-confirm", DBK_PASSED),
                                      world_seed_incident(), world_unproven(), world_invalid()};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_text text = {0};

    outcomes[2]->unproven_lines = lines;
    outcomes[2]->replay = "doublebook run late-answer --policy naive --seed 1";
    outcomes[3]->error_line = 3;
    dbk_report_github(&report, &text);
    expect_golden(&text, "github.txt");
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        dbk_outcome_free(outcomes[i]);
}

/* The head of a history is line 1, so fact 6 stands in line 7. */
Test(github, annotates_the_facts_of_a_stored_history)
{
    struct dbk_outcome *outcome = world_seed_incident();
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_text text = {0};

    outcome->file = "logs/of-july.jsonl";
    report.stage = NULL;
    dbk_report_github(&report, &text);
    cr_assert(dbk_starts_with(text.bytes, "::error file=logs/of-july.jsonl,line=7,"), "%s",
              text.bytes);
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

/* Ten of a kind are shown; every scenario's first comes before anybody's second. */
Test(github, shows_ten_of_a_kind_and_counts_the_rest)
{
    struct dbk_outcome *outcomes[12];
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_text text = {0};

    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        outcomes[i] = i < 6 ? world_seed_incident() : world_unproven();
    dbk_report_github(&report, &text);
    cr_assert_eq(count_of(&text, "::error "), 10U);
    cr_assert_eq(count_of(&text, "violates single-reservation"), 6U);
    cr_assert_eq(count_of(&text, "::warning "), 10U);
    cr_assert_eq(count_of(&text, "::notice "), 1U);
    cr_assert_not_null(strstr(text.bytes, "::notice title=doublebook::12 scenarios: 6 unproven, 6 "
                                          "violated; not shown here: 8 more errors, 2 more "
                                          "warnings\n"));
    dbk_text_reset(&text);
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        dbk_outcome_free(outcomes[i]);
}

/* As GitHub's documentation says: % CR LF in a message, : and , beside them in a property. */
Test(github, escapes_what_would_end_a_property)
{
    struct dbk_outcome *outcome = world_outcome("50%: a, b", DBK_ERROR);
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_text text = {0};

    outcome->error = "100%: x, y";
    outcome->error_line = 4;
    dbk_report_github(&report, &text);
    cr_assert_str_eq(text.bytes,
                     "::error file=scenarios/50%25%3A a%2C b.yaml,line=4,title=50%25%3A "
                     "a%2C b is an error::100%25: x, y\n"
                     "::notice title=doublebook::1 scenario: 1 error\n");
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
}

Test(github, says_when_nothing_was_played)
{
    struct dbk_report report = {.seed = DBK_ABSENT};
    struct dbk_text text = {0};

    dbk_report_github(&report, &text);
    cr_assert_str_eq(text.bytes,
                     "::error title=doublebook::No scenario was played: there is nothing to judge."
                     "\n"
                     "::notice title=doublebook::0 scenarios: nothing was played\n");
    dbk_text_reset(&text);
}

/* Commands are off between the marks, and the mark depends on every byte between them. */
Test(github, quotes_what_is_not_a_command)
{
    struct dbk_text shown = {0}, other = {0}, quoted = {0}, again = {0};
    char *end = NULL;

    dbk_text_add(&shown, "  ::add-mask::secret\n##[group]x");
    dbk_report_github_quote(&shown, &quoted);
    cr_assert(dbk_starts_with(quoted.bytes, "::stop-commands::"));
    end = strchr(quoted.bytes, '\n');
    cr_assert(dbk_starts_with(end + 1, "  ::add-mask::secret\n##[group]x\n::"));
    cr_assert_eq(strncmp(end - 32, quoted.bytes + quoted.length - 35, 32), 0);
    cr_assert_str_eq(quoted.bytes + quoted.length - 3, "::\n");
    dbk_text_put(&other, quoted.bytes, quoted.length); /* a text that knows the former mark */
    dbk_report_github_quote(&other, &again);
    cr_assert_neq(strncmp(end - 32, strchr(again.bytes, '\n') - 32, 32), 0);
    dbk_text_reset(&shown);
    dbk_text_reset(&other);
    dbk_text_reset(&quoted);
    dbk_text_reset(&again);
}

Test(github, tells_how_far_a_search_came_as_a_notice)
{
    struct world_explored world = {0};
    struct dbk_text text = {0};

    world_explored(&world);
    dbk_report_github(&world.report, &text);
    expect_golden(&text, "github-explored.txt");
    world_explored_reset(&world);
}
