#include "core/status.h"

#include "base/text.h"

#include <criterion/criterion.h>

TestSuite(status, .timeout = 20);

/* D: one move; r: reached by several; a dot: never. */
Test(status, moves_along_its_table_and_nowhere_else)
{
    struct dbk_text got = {0};

    for (enum dbk_status from = 0; from < DBK_STATUSES; from++) {
        dbk_text_printf(&got, "%-9s ", dbk_status_name(from));
        for (enum dbk_status to = 0; to < DBK_STATUSES; to++)
            dbk_text_add_char(&got, dbk_status_may_move(from, to)  ? 'D'
                                    : dbk_status_reaches(from, to) ? 'r'
                                                                   : '.');
        dbk_text_add(&got, dbk_status_is_final(from) ? " final\n" : "\n");
    }
    cr_assert_str_eq(got.bytes, "received  .DrDDD\n"
                                "pending   ..DDDD\n"
                                "confirmed ...D..\n"
                                "cancelled ...... final\n"
                                "rejected  ...... final\n"
                                "expired   ...... final\n");
    dbk_text_reset(&got);
}

Test(status, goes_towards_its_goal_one_move_at_a_time)
{
    cr_assert_eq(dbk_status_towards(DBK_STATUS_RECEIVED, DBK_STATUS_CONFIRMED), DBK_STATUS_PENDING);
    cr_assert_eq(dbk_status_towards(DBK_STATUS_PENDING, DBK_STATUS_CONFIRMED),
                 DBK_STATUS_CONFIRMED);
    cr_assert_eq(dbk_status_towards(DBK_STATUS_CONFIRMED, DBK_STATUS_PENDING),
                 DBK_STATUS_CONFIRMED);
    cr_assert_eq(dbk_status_towards(DBK_STATUS_REJECTED, DBK_STATUS_CONFIRMED),
                 DBK_STATUS_REJECTED);
}

Test(status, has_a_name_for_every_value)
{
    for (enum dbk_status status = 0; status < DBK_STATUSES; status++)
        cr_assert_eq(dbk_status_by_name(dbk_status_name(status)), status);
    for (enum dbk_sync sync = 0; sync < DBK_SYNCS; sync++)
        cr_assert_eq(dbk_sync_by_name(dbk_sync_name(sync)), sync);
    cr_assert_eq(dbk_status_by_name("Confirmed"), DBK_STATUSES);
    cr_assert_eq(dbk_status_by_name(NULL), DBK_STATUSES);
}
