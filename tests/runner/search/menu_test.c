#include "tests/runner/search/world.h"

#include "runner/vocabulary.h"

#include <criterion/criterion.h>

TestSuite(menu, .timeout = 20);

static void print_takes(const struct dbk_menu *menu, const struct dbk_asked *asked,
                        struct dbk_text *out)
{
    uint32_t takes[DBK_MENU_TAKES];
    size_t count = dbk_menu_takes(menu, asked, takes);

    dbk_text_printf(out, "%s:", asked->entity);
    for (size_t i = 0; i < count; i++)
        dbk_text_printf(out, " %u", takes[i]);
    dbk_text_add_char(out, '\n');
}

static const char *names_of(struct dbk_scenario *scenario, bool beyond_promises)
{
    static struct dbk_text out;
    struct dbk_menu menu = dbk_menu_of(scenario, beyond_promises);
    struct dbk_words names = {.count = 0};

    dbk_menu_names(&menu, &names);
    dbk_text_clear(&out);
    for (size_t i = 0; i < names.count; i++)
        dbk_text_printf(&out, "%s%s", i ? " " : "", names.names[i]);
    dbk_scenario_free(scenario);
    return out.bytes;
}

Test(menu, names_what_may_go_wrong)
{
    cr_expect_str_eq(names_of(world_one_booking("ref-unique-resend", ""), false),
                     "lose-request delay-request refuse slow-down error-before-commit commit-late "
                     "error-after-commit lose-answer delay-answer reset-answer close-answer "
                     "cut-answer lost-callback held-callback copied-callback "
                     "older-callback order commit-with-next crash pause");
    cr_expect_str_eq(
        names_of(world_one_booking("ref-unique-resend", "may: [ pause, refuse ]\n"), false),
        "refuse pause");
}

/* A fault that breaks a promise is on the menu on demand, or where the scenario names it. */
Test(menu, keeps_promises_unless_told_otherwise)
{
    struct dbk_scenario *scenario = world_one_booking("ref-unique-resend", "");
    struct dbk_scenario *named = world_one_booking("ref-unique-resend", "may: [ book-twice ]\n");
    const struct dbk_asked create = {.site = DBK_SITE_EXCHANGE_FAULT,
                                     .entity = "lagoon/trip/create#1",
                                     .nth = 1,
                                     .alternatives = DBK_FAULT_CHOICES};
    const struct dbk_menu within = dbk_menu_of(scenario, false), all = dbk_menu_of(scenario, true);
    const struct dbk_menu said = dbk_menu_of(named, false);
    struct dbk_text out = {0};

    print_takes(&within, &create, &out);
    print_takes(&all, &create, &out);
    print_takes(&said, &create, &out);
    /* Not within the promises: book-twice (7), not-visible (14, 30, 46), delays beyond the bound.
     */
    cr_expect_str_eq(
        out.bytes,
        "lagoon/trip/create#1: 1 2 3 4 5 6 8 9 10 11 12 13 18 20 22 26\n"
        "lagoon/trip/create#1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 18 20 22 26 30 34 38 46\n"
        "lagoon/trip/create#1: 7\n",
        "got: %s", out.bytes);
    dbk_text_reset(&out);
    dbk_scenario_free(scenario);
    dbk_scenario_free(named);
}

/* One point for all before the commit, one after it, and one between effects that can be seen. */
Test(menu, stops_a_step_where_it_makes_a_difference)
{
    struct dbk_scenario *scenario = world_one_booking("ref-unique-resend", "");
    const struct dbk_menu menu = dbk_menu_of(scenario, false);
    struct dbk_asked cases[] = {
        {.entity = "never played", .alternatives = 200},
        {.entity = "nothing done", .alternatives = 200, .was_played = true},
        {.entity = "written", .alternatives = 200, .was_played = true, .has_written = true},
        {.entity = "one effect", .alternatives = 200, .was_played = true, .effects = 4},
        {.entity = "three effects", .alternatives = 200, .was_played = true, .effects = 1 + 4 + 8},
    };
    struct dbk_text out = {0};

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        cases[i].site = i % 2 ? DBK_SITE_CRASH : DBK_SITE_PAUSE;
        print_takes(&menu, &cases[i], &out);
    }
    const struct dbk_asked follows = {.site = DBK_SITE_COMMIT_WITH_NEXT,
                                      .entity = "followed",
                                      .alternatives = 2,
                                      .has_follower = true};
    const struct dbk_asked alone = {
        .site = DBK_SITE_COMMIT_WITH_NEXT, .entity = "alone", .alternatives = 2};
    print_takes(&menu, &follows, &out);
    print_takes(&menu, &alone, &out);
    cr_expect_str_eq(out.bytes,
                     "never played:\n"
                     "nothing done: 2\n"
                     "written: 2 3\n"
                     "one effect: 2 3\n"
                     "three effects: 2 3 6 7\n"
                     "followed: 1\n"
                     "alone:\n",
                     "got: %s", out.bytes);
    dbk_text_reset(&out);
    dbk_scenario_free(scenario);
}

Test(menu, says_in_words_what_goes_wrong)
{
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, 1 + DBK_FAULT_LOSE_ANSWER},
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1,
         1 + DBK_FAULTS + DBK_FAULT_DELAY_ANSWER},
        {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1", 1, 4},
        {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1", 1, 6},
        {DBK_SITE_CRASH, "core.worker/step", 3, 3},
        {DBK_SITE_PAUSE, "core.worker/step", 3, 5},
        {DBK_SITE_CRASH, "core.worker/step", 3, 102},
        {DBK_SITE_ORDER, "core.worker>lagoon/create", 1, 2},
        {DBK_SITE_COMMIT_WITH_NEXT, "core.api/step", 2, 1},
    };
    struct dbk_scenario *scenario = world_one_booking("ref-unique-resend", "");
    struct dbk_arena arena = {0};
    struct dbk_text out = {0};

    for (size_t i = 0; i < DBK_COUNT(deviations); i++)
        dbk_text_printf(&out, "%s\n", dbk_deviation_say(scenario, &deviations[i], &arena));
    cr_expect_str_eq(out.bytes,
                     "lagoon/trip/create#1: lose-answer\n"
                     "lagoon/trip/create#1: delay-answer by 5s\n"
                     "lagoon/trip/create#1/callback#1: copied-callback, 1m30s apart\n"
                     "lagoon/trip/create#1/callback#1: older-callback, held 1m30s\n"
                     "core.worker/step 3: crash after its commit\n"
                     "core.worker/step 3: pause before its effect 2\n"
                     "core.worker/step 3: crash at its store write 2\n"
                     "core.worker>lagoon/create 1: overtaken by 2\n"
                     "core.api/step 2: commit-with-next takes 1\n",
                     "got: %s", out.bytes);
    dbk_text_reset(&out);
    dbk_arena_free(&arena);
    dbk_scenario_free(scenario);
}
