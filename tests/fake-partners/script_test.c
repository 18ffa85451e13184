#include "fake-partners/script.h"

#include "base/text.h"

#include <criterion/criterion.h>

TestSuite(script, .timeout = 10);

Test(script, has_rules_that_are_for_what_they_name)
{
    static const struct {
        struct dbk_rule rule;
        enum dbk_op op;
        const char *intent;
        int64_t attempt;
        bool is_for;
    } cases[] = {
        {{0}, DBK_OP_CANCEL, NULL, 7, true},
        {{.op = DBK_OP_CREATE}, DBK_OP_CREATE, "trip", 1, true},
        {{.op = DBK_OP_CREATE}, DBK_OP_GET, "trip", 1, false},
        {{.attempt = 2}, DBK_OP_GET, "trip", 2, true},
        {{.attempt = 2}, DBK_OP_GET, "trip", 1, false},
        {{.intent = "trip"}, DBK_OP_GET, "trip", 1, true},
        {{.intent = "trip"}, DBK_OP_GET, "tour", 1, false},
        {{.intent = "trip"}, DBK_OP_LOOK_UP, NULL, 1, false},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++)
        cr_expect_eq(
            dbk_rule_is_for(&cases[i].rule, cases[i].op, cases[i].intent, cases[i].attempt),
            cases[i].is_for, "case %zu", i);
}

Test(script, names_states_of_the_dialect_only)
{
    char own[] = "confirmed";

    cr_expect_eq(dbk_reservation_state(own), dbk_reservation_states[1]);
    cr_expect_null(dbk_reservation_state("held"));
}

/* Every choice that is an action, with how long it lasts. */
Test(script, has_the_choices_that_make_sense_for_an_operation)
{
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_text told = {0};

    profile.commit_within_ms = 60000;
    profile.visible_within_ms = 1000;
    for (enum dbk_op op = DBK_OP_CREATE; op < DBK_OPS; op++) {
        dbk_text_printf(&told, "%s:", dbk_op_name(op));
        for (uint32_t taken = 0; taken <= DBK_FAULT_CHOICES; taken++) {
            struct dbk_action action;
            if (!dbk_action_of_choice(taken, op, &profile, &action))
                continue;
            dbk_text_printf(&told, " %s", dbk_faults[action.fault].name);
            if (dbk_faults[action.fault].argument && action.duration_ms != 30000)
                dbk_text_printf(&told, "/%lld", (long long)action.duration_ms);
        }
        dbk_text_add_char(&told, '\n');
    }
    cr_expect_str_eq(
        told.bytes,
        "create: lose-request delay-request refuse slow-down error-before-commit commit-late "
        "book-twice "
        "error-after-commit lose-answer delay-answer reset-answer close-answer cut-answer "
        "not-visible delay-request/5000 slow-down/5000 commit-late/5000 delay-answer/5000 "
        "not-visible/5000 "
        "delay-request/90000 commit-late/90000 not-visible/31000\n"
        "look-up: lose-request delay-request slow-down error-before-commit lose-answer "
        "delay-answer "
        "reset-answer close-answer cut-answer delay-request/5000 slow-down/5000 delay-answer/5000 "
        "delay-request/90000\n"
        "get: lose-request delay-request slow-down error-before-commit lose-answer delay-answer "
        "reset-answer close-answer cut-answer delay-request/5000 slow-down/5000 delay-answer/5000 "
        "delay-request/90000\n"
        "cancel: lose-request delay-request refuse slow-down error-before-commit commit-late "
        "error-after-commit lose-answer delay-answer reset-answer close-answer cut-answer "
        "say-done-do-nothing delay-request/5000 slow-down/5000 commit-late/5000 delay-answer/5000 "
        "delay-request/90000 commit-late/90000\n"
        "confirm: lose-request delay-request refuse slow-down error-before-commit commit-late "
        "error-after-commit lose-answer delay-answer reset-answer close-answer cut-answer "
        "delay-request/5000 slow-down/5000 commit-late/5000 delay-answer/5000 delay-request/90000 "
        "commit-late/90000\n"
        "extend: lose-request delay-request refuse slow-down error-before-commit commit-late "
        "error-after-commit lose-answer delay-answer reset-answer close-answer cut-answer "
        "delay-request/5000 slow-down/5000 commit-late/5000 delay-answer/5000 delay-request/90000 "
        "commit-late/90000\n",
        "got: %s", told.bytes);
    dbk_text_reset(&told);
}

Test(script, has_choices_for_callbacks_and_names_what_they_do)
{
    struct dbk_text told = {0};

    for (uint32_t taken = 0; taken <= DBK_CALLBACK_CHOICES; taken++) {
        struct dbk_later callback;
        struct dbk_later without;
        if (!dbk_callback_of_choice(taken, "pending", &callback))
            continue;
        dbk_text_printf(&told, "%u %s %s held %lld, %lld copies %lld apart%s\n", taken,
                        dbk_callback_faults[dbk_callback_fault_of(&callback)].name,
                        callback.says ? callback.says : "what is", (long long)callback.held_ms,
                        (long long)callback.copies, (long long)callback.apart_ms,
                        dbk_callback_of_choice(taken, NULL, &without) ? "" : ", if there is one");
    }
    cr_expect_str_eq(told.bytes,
                     "1 lost-callback what is held 0, 1 copies 1000 apart\n"
                     "2 held-callback what is held 90000, 1 copies 1000 apart\n"
                     "3 copied-callback what is held 0, 2 copies 1000 apart\n"
                     "4 copied-callback what is held 0, 2 copies 90000 apart\n"
                     "5 older-callback pending held 0, 1 copies 1000 apart, if there is one\n"
                     "6 older-callback pending held 90000, 1 copies 1000 apart, if there is one\n"
                     "7 forged-callback pending held 90000, 1 copies 1000 apart, if there is one\n",
                     "got: %s", told.bytes);
    for (enum dbk_callback_fault i = 0; i < DBK_CALLBACK_FAULTS; i++)
        cr_expect_eq(dbk_callback_fault_by_name(dbk_callback_faults[i].name), i);
    cr_expect_eq(dbk_callback_fault_by_name("eaten-callback"), DBK_CALLBACK_FAULTS);
    dbk_text_reset(&told);
}
