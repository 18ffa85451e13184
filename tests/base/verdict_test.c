#include "base/verdict.h"

#include <criterion/criterion.h>

TestSuite(verdict, .timeout = 20);

Test(verdict, has_a_name_and_an_exit_code)
{
    struct dbk_text text = {0};

    for (int i = 0; i < DBK_VERDICTS; i++) {
        dbk_text_printf(&text, "%s %d\n", dbk_verdict_name((enum dbk_verdict)i),
                        dbk_verdict_exit_code((enum dbk_verdict)i));
    }
    cr_expect_str_eq(text.bytes, "passed 0\nunproven 2\nviolated 1\ninvalid 3\nerror 4\n");
    dbk_text_reset(&text);
}

Test(verdict, of_many_is_the_worst)
{
    for (int one = 0; one < DBK_VERDICTS; one++) {
        for (int other = 0; other < DBK_VERDICTS; other++) {
            struct dbk_outcome outcomes[] = {{.verdict = DBK_PASSED},
                                             {.verdict = (enum dbk_verdict)one},
                                             {.verdict = (enum dbk_verdict)other}};
            struct dbk_outcome *list[] = {&outcomes[0], &outcomes[1], &outcomes[2]};
            struct dbk_report report = {.outcomes = list, .outcome_count = 3};
            enum dbk_verdict worst = (enum dbk_verdict)(one > other ? one : other);
            cr_expect_eq(dbk_worst((enum dbk_verdict)one, (enum dbk_verdict)other), worst);
            cr_expect_eq(dbk_report_verdict(&report), worst);
        }
    }
    cr_expect_eq(dbk_worst(DBK_VIOLATED, DBK_UNPROVEN), DBK_VIOLATED);
}

Test(verdict, of_nothing_is_unproven)
{
    struct dbk_report report = {0};

    cr_expect_eq(dbk_report_verdict(&report), DBK_UNPROVEN);
}

Test(verdict, of_an_exploration_is_its_worst_finding_or_its_summary)
{
    struct dbk_outcome violated = {.verdict = DBK_VIOLATED}, error = {.verdict = DBK_ERROR};
    struct dbk_outcome unproven = {.verdict = DBK_UNPROVEN};
    struct dbk_discovery findings[] = {{.outcome = &violated}, {.outcome = &error}};
    struct dbk_exploration found = {.findings = findings, .finding_count = 2};
    struct dbk_exploration none = {.summary = &unproven};

    cr_expect_eq(dbk_exploration_verdict(&found), DBK_ERROR);
    found.finding_count = 1;
    cr_expect_eq(dbk_exploration_verdict(&found), DBK_VIOLATED);
    cr_expect_eq(dbk_exploration_verdict(&none), DBK_UNPROVEN);
}

Test(verdict, outcome_frees_its_history_too)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_NOTE);

    cr_expect_eq(outcome->verdict, DBK_PASSED);
    outcome->name = dbk_arena_text(&outcome->arena, "seed-incident");
    outcome->history = dbk_alloc(sizeof(*outcome->history));
    dbk_history_init(outcome->history);
    dbk_history_add(outcome->history, &fact);
    dbk_outcome_free(outcome); /* the leak check would tell */
    dbk_outcome_free(NULL);
}
