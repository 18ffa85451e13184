#include "fake-partners/script.h"

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
    cr_expect_null(dbk_reservation_state("on_hold"));
}
