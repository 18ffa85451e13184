#include "world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(markdown, .timeout = 60);

Test(markdown, shows_a_table_the_worst_first_then_what_was_violated)
{
    struct dbk_outcome *outcomes[] = {world_outcome("instant-confirm", DBK_PASSED),
                                      world_seed_incident(), world_unproven(), world_invalid()};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_text text = {0};

    dbk_report_markdown(&report, &text);
    expect_golden(&text, "markdown.md");
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        dbk_outcome_free(outcomes[i]);
}

Test(markdown, says_when_nothing_was_played)
{
    struct dbk_report report = {.seed = DBK_ABSENT};
    struct dbk_text text = {0};

    dbk_report_markdown(&report, &text);
    cr_assert_str_eq(text.bytes, "## doublebook: unproven\n\n0 scenarios: nothing was played.\n");
    dbk_text_reset(&text);
}

static bool has(const struct dbk_text *text, const char *part)
{
    return strstr(text->bytes, part) != NULL;
}

/* So many scenarios, violated; what is left of the report always fits, and says what is not. */
static void expect_to_fit(size_t count, bool has_stories, bool has_sections, bool has_rows)
{
    struct dbk_outcome **outcomes = dbk_alloc(count * sizeof *outcomes);
    struct dbk_report report = world_report(outcomes, count);
    struct dbk_text text = {0};

    for (size_t i = 0; i < count; i++)
        outcomes[i] = world_seed_incident();
    dbk_text_add(&text, "before");
    dbk_report_markdown(&report, &text);
    cr_assert_leq(text.length - strlen("before"), (size_t)DBK_MARKDOWN_MAX);
    cr_assert_eq(has(&text, "(cut here)") || has(&text, "Cut to fit"), !has_stories, "%zu", count);
    cr_assert_eq(has(&text, " 0 of the scenarios that did not pass are only counted") ||
                     !has(&text, "only counted"),
                 has_sections, "%zu", count);
    cr_assert_eq(!has(&text, "The table leaves out"), has_rows, "%zu", count);
    dbk_text_reset(&text);
    for (size_t i = 0; i < count; i++)
        dbk_outcome_free(outcomes[i]);
    free(outcomes);
}

Test(markdown, is_cut_stories_first_then_sections_then_rows)
{
    expect_to_fit(5, true, true, true);
    expect_to_fit(20, false, true, true);
    expect_to_fit(100, false, false, true);
    expect_to_fit(500, false, false, false);
}

/* The rows that are left out are those of what passed. */
Test(markdown, keeps_the_rows_that_matter)
{
    struct dbk_outcome *outcomes[1000];
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_text text = {0};

    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        outcomes[i] = i < DBK_COUNT(outcomes) - 1 ? world_outcome("instant-confirm", DBK_PASSED)
                                                  : world_seed_incident();
    dbk_report_markdown(&report, &text);
    cr_assert(has(&text, "| **violated** | `seed-incident` |"));
    cr_assert(has(&text, "1000 scenarios: 999 passed, 1 violated"));
    cr_assert(has(&text, "The table leaves out"));
    cr_assert(!has(&text, "Cut to fit"));
    dbk_text_reset(&text);
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        dbk_outcome_free(outcomes[i]);
}

Test(markdown, tells_of_searches_before_their_findings)
{
    struct world_explored world = {0};
    struct dbk_text text = {0};

    world_explored(&world);
    dbk_report_markdown(&world.report, &text);
    expect_golden(&text, "markdown-explored.md");
    world_explored_reset(&world);
}
