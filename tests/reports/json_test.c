#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(json, .timeout = 30);

/* tests/reports/validate_report.py holds the same file to reports/report.schema.json. */
Test(json, says_everything_a_program_needs)
{
    struct dbk_outcome *outcomes[] = {world_seed_incident(), world_unproven(), world_invalid()};
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));
    struct dbk_text text = {0};

    dbk_report_json(&report, &text);
    expect_golden(&text, "report.json");
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        dbk_outcome_free(outcomes[i]);
}

Test(json, of_a_call_that_played_nothing_is_unproven)
{
    struct dbk_report report = {.seed = DBK_ABSENT};
    struct dbk_text text = {0};

    dbk_report_json(&report, &text);
    expect_golden(&text, "report-of-nothing.json");
}

static const char *const hostile[] = {
    "\x1b[2J\x1b]0;owned\x07", "\"},{\"", "\\", "\xff\xfe\xc0\x80", "\xe2\x80\xae", "\xed\xa0\x80",
};

/* Whatever is in a name, a strict reader takes the report and reads the name back, or U+FFFD. */
Test(json, survives_hostile_names)
{
    for (size_t i = 0; i < DBK_COUNT(hostile); i++) {
        struct dbk_outcome *outcome = world_outcome(hostile[i], DBK_PASSED);
        struct dbk_report report = world_report(&outcome, 1);
        struct dbk_text text = {0};
        const char *name = NULL;
        cJSON *tree = NULL;
        char why[160];

        dbk_report_json(&report, &text);
        tree = dbk_json_parse(text.bytes, text.length - 1, why);
        cr_assert_not_null(tree, "row %zu: %s", i, why);
        name = dbk_json_text(dbk_json_get(tree, "scenarios")->child, "name");
        if (dbk_is_utf8(hostile[i], strlen(hostile[i])))
            cr_assert_str_eq(name, hostile[i]);
        else
            cr_assert_not_null(strstr(name, "\xef\xbf\xbd"), "row %zu: %s", i, name);
        cJSON_Delete(tree);
        dbk_text_reset(&text);
        dbk_outcome_free(outcome);
    }
}

Test(json, says_how_far_a_search_came_and_what_it_found)
{
    struct world_explored world = {0};
    struct dbk_text text = {0};

    world_explored(&world);
    dbk_report_json(&world.report, &text);
    expect_golden(&text, "report-explored.json");
    world_explored_reset(&world);
}
