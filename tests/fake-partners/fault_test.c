#include "fake-partners/fault.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(fault, .timeout = 10);

Test(fault, is_found_by_the_name_of_its_row)
{
    for (size_t fault = 0; fault < DBK_FAULTS; fault++)
        cr_expect_eq(dbk_fault_by_name(dbk_faults[fault].name), fault, "row %zu", fault);
    cr_expect_eq(dbk_fault_by_name("lose-anser"), DBK_FAULTS);
    for (size_t op = 0; op < DBK_OPS; op++)
        cr_expect_eq(dbk_op_by_name(dbk_op_name((enum dbk_op)op)), op, "operation %zu", op);
    cr_expect_eq(dbk_op_by_name("book"), DBK_OPS);
    cr_expect_null(dbk_op_name(DBK_OPS));
}

static bool is_claim(const char *id)
{
    for (size_t i = 0; i < dbk_knob_count; i++)
        if (strcmp(dbk_knobs[i].claim, id) == 0)
            return true;
    return false;
}

static bool is_duration_knob(const char *key)
{
    for (size_t i = 0; i < dbk_knob_count; i++)
        if (dbk_knobs[i].type == DBK_KNOB_DURATION && dbk_same(dbk_knobs[i].key, key))
            return true;
    return false;
}

/* Parser, `list faults` and legend all live on the rows, so a row says everything. */
Test(fault, has_a_row_that_says_everything)
{
    for (size_t fault = 0; fault < DBK_FAULTS; fault++) {
        const struct dbk_fault_row *row = &dbk_faults[fault];
        bool lasts = dbk_same(row->argument, "by") || dbk_same(row->argument, "for");

        cr_expect(row->name && row->point && row->sentence && row->ops, "row %zu", fault);
        cr_expect(strcmp(row->made_by, "partner") == 0 || strcmp(row->made_by, "wire") == 0, "%s",
                  row->name);
        cr_expect_eq(row->ops & ~126u, 0, "%s: operations are create to extend", row->name);
        cr_expect(!row->breaks || is_claim(row->breaks), "%s breaks %s", row->name, row->breaks);
        cr_expect(!row->unless || (lasts && is_duration_knob(row->unless)), "%s", row->name);
        cr_expect_eq(row->argument_needed, lasts, "%s: only a duration is needed", row->name);
        cr_expect_eq(row->sentence[strlen(row->sentence) - 1], '.', "%s", row->name);
    }
}

/* It is told in the same member as a fault, so the two never share a name. */
Test(fault, is_told_apart_from_every_lapse)
{
    for (size_t lapse = 0; lapse < DBK_LAPSES; lapse++) {
        const struct dbk_lapse_row *row = &dbk_lapses[lapse];

        cr_assert(row->name && row->said_by && row->sentence && row->breaks, "row %zu", lapse);
        cr_expect_eq(dbk_fault_by_name(row->name), DBK_FAULTS, "%s", row->name);
        cr_expect(is_claim(row->breaks), "%s breaks %s", row->name, row->breaks);
        cr_expect_eq(row->sentence[strlen(row->sentence) - 1], '.', "%s", row->name);
    }
}

/* A bound is kept up to the millisecond before it, and an error means something only where that was
 * said. */
Test(fault, breaks_a_promise_from_its_bound_on)
{
    static const struct {
        enum dbk_fault fault;
        int64_t duration_ms;
        const char *breaks;
    } cases[] = {
        {DBK_FAULT_LOSE_REQUEST, 0, NULL},
        {DBK_FAULT_DELAY_REQUEST, 59999, NULL},
        {DBK_FAULT_DELAY_REQUEST, 60000, "commits-within"},
        {DBK_FAULT_REFUSE, 0, NULL},
        {DBK_FAULT_ERROR_BEFORE_COMMIT, 0, NULL},
        {DBK_FAULT_COMMIT_LATE, 59999, NULL},
        {DBK_FAULT_COMMIT_LATE, 60000, "commits-within"},
        {DBK_FAULT_BOOK_TWICE, 0, "one-create-one-reservation"},
        {DBK_FAULT_ERROR_AFTER_COMMIT, 0, "error-means"},
        {DBK_FAULT_LOSE_ANSWER, 0, NULL},
        {DBK_FAULT_DELAY_ANSWER, 900000, NULL},
        {DBK_FAULT_RESET_ANSWER, 0, NULL},
        {DBK_FAULT_CLOSE_ANSWER, 0, NULL},
        {DBK_FAULT_CUT_ANSWER, 0, NULL},
        {DBK_FAULT_NOT_VISIBLE, 4999, NULL},
        {DBK_FAULT_NOT_VISIBLE, 5000, "visible-within"},
        {DBK_FAULT_SAY_DONE_DO_NOTHING, 0, "cancel-takes-effect"},
        {DBK_FAULT_KEEP_HOLD, 0, "hold-ends"},
    };
    struct dbk_profile profile = dbk_profile_default();

    profile.commit_within_ms = 60000;
    profile.visible_within_ms = 5000;
    profile.server_error = DBK_ERROR_IS_NOT_BOOKED;
    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        const char *breaks = dbk_fault_breaks(cases[i].fault, cases[i].duration_ms, &profile);

        cr_expect(dbk_same(breaks, cases[i].breaks), "%s for %lld ms breaks %s",
                  dbk_faults[cases[i].fault].name, (long long)cases[i].duration_ms,
                  breaks ? breaks : "nothing");
    }
    profile.server_error = DBK_ERROR_IS_UNKNOWN;
    cr_expect_null(dbk_fault_breaks(DBK_FAULT_ERROR_AFTER_COMMIT, 0, &profile));
}
