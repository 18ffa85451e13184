#include "stage.h"

#include <criterion/criterion.h>

TestSuite(hold, .timeout = 10);

static struct stage_setup holding(void)
{
    struct stage_setup setup = {.profile = stage_profile()};

    setup.profile.books_as = DBK_BOOKS_ON_HOLD;
    setup.profile.extend = DBK_EXTEND_OFFERED;
    setup.profile.hold_ms = 60000;
    setup.profile.hold_max_ms = 100000;
    return setup;
}

/* A confirm on the last millisecond is in time, one on the next is not. */
Test(hold, is_over_on_its_deadline)
{
    struct stage_setup setup = holding();
    struct stage stage;

    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_book(&stage, "tour", "r-2");
    stage_until(&stage, 59999);
    stage_confirm(&stage, 1);
    stage_until(&stage, 60000);
    stage_confirm(&stage, 2);
    stage_confirm(&stage, 1);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 on_hold 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 on_hold\n"
        "[     0] saw lagoon/tour/create#1 (r-2) arrived\n"
        "[     0] effect lagoon/tour/create#1 (r-2) by create R2 on_hold 2 units 24000 EUR\n"
        "[     0] answer lagoon/tour/create#1 (r-2) 201 R2 on_hold\n"
        "[ 59999] saw lagoon/trip/confirm#1 (r-1) R1 arrived\n"
        "[ 59999] effect lagoon/trip/confirm#1 (r-1) by confirm R1 on_hold -> confirmed 2 units "
        "24000 EUR\n"
        "[ 59999] answer lagoon/trip/confirm#1 (r-1) 200 R1 confirmed\n"
        "[ 60000] effect (r-2) by itself R2 on_hold -> expired 2 units 24000 EUR\n"
        "[ 60000] saw lagoon/tour/confirm#1 (r-2) R2 arrived\n"
        "[ 60000] answer lagoon/tour/confirm#1 (r-2) 409\n"
        "[ 60000] saw lagoon/trip/confirm#2 (r-1) R1 arrived\n"
        "[ 60000] answer lagoon/trip/confirm#2 (r-1) 200 R1 confirmed\n");
    stage_shut(&stage);
}

/* Extended at 50 s it would last until 110 s, were it not for what a hold may last in all. */
Test(hold, is_extended_up_to_what_it_may_last_in_all)
{
    struct stage_setup setup = holding();
    struct stage stage;

    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 50000);
    stage_extend(&stage, 1);
    stage_until(&stage, 99999);
    stage_get(&stage, 1);
    stage_until(&stage, 100000);
    stage_extend(&stage, 1);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 on_hold 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 on_hold\n"
        "[ 50000] saw lagoon/trip/extend#1 (r-1) R1 arrived\n"
        "[ 50000] answer lagoon/trip/extend#1 (r-1) 200 R1 on_hold\n"
        "[ 99999] saw lagoon/trip/get#1 (r-1) R1 arrived\n"
        "[ 99999] answer lagoon/trip/get#1 (r-1) 200 R1 on_hold\n"
        "[100000] effect (r-1) by itself R1 on_hold -> expired 2 units 24000 EUR\n"
        "[100000] saw lagoon/trip/extend#2 (r-1) R1 arrived\n"
        "[100000] answer lagoon/trip/extend#2 (r-1) 409\n");
    stage_shut(&stage);
}

/* A confirmed hold that is pending is settled by itself, as a pending create is. */
Test(hold, is_settled_by_itself_where_a_confirm_leaves_it_pending)
{
    struct stage_setup setup = holding();
    struct stage stage;

    setup.profile.confirms_as = DBK_CONFIRMS_PENDING;
    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_confirm(&stage, 1);
    stage_until(&stage, 60000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 on_hold 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 on_hold\n"
        "[     0] saw lagoon/trip/confirm#1 (r-1) R1 arrived\n"
        "[     0] effect lagoon/trip/confirm#1 (r-1) by confirm R1 on_hold -> pending 2 units "
        "24000 EUR\n"
        "[     0] answer lagoon/trip/confirm#1 (r-1) 200 R1 pending\n"
        "[  2000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n");
    stage_shut(&stage);
}
