#include "lines.h"

#include <criterion/criterion.h>

TestSuite(charge_once, .timeout = 20);

#define READ(at, status, amount)                                                                   \
    at " ana read booking=trip intent=trip surface=page asked_ms=" at " status=" status            \
       " amount=" amount " price=24000\n"
#define LISTED(at, status, amount)                                                                 \
    at " sam read booking=trip intent=trip surface=list asked_ms=" at " status=" status            \
       " amount=" amount " price=24000\n"
#define CREATES                                                                                    \
    "1 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 fate=arrived\n"             \
    "2 lagoon answer op=create intent=trip exchange=c1 http=201 fate=lost\n"                       \
    "3 lagoon saw op=create intent=trip attempt=2 key=rv-a exchange=c2 fate=arrived\n"             \
    "4 lagoon answer op=create intent=trip exchange=c2 http=201 fate=delivered\n"
#define END "90 stage end fate=rest\n"
#define CANCEL(who, op) "50 " who " asked op=" op " booking=trip intent=trip\n"

Test(charge_once, holds_where_the_price_is_taken_with_the_confirm)
{
    expect_finding("charge-once", LAGOON,
                   CREATES READ("10", "received", "0") READ("20", "pending", "0")
                       READ("30", "confirmed", "24000") END,
                   "exposed 1\n");
    expect_finding("charge-once", LAGOON,
                   READ("10", "received", "0") READ("30", "confirmed", "24000") END, "exposed 0\n");
}

Test(charge_once, is_violated_by_a_second_charge)
{
    expect_finding("charge-once", LAGOON,
                   CREATES READ("10", "received", "0") READ("20", "confirmed", "24000")
                       READ("30", "confirmed", "48000") READ("40", "confirmed", "48000") END,
                   "exposed 1\n"
                   "30 trip [5 7]: ana's page at 0:00.030 shows trip confirmed with 48000 charged "
                   "of 24000, more than was agreed\n");
}

Test(charge_once, is_violated_by_a_price_that_rose_and_was_charged)
{
    expect_finding("charge-once", LAGOON,
                   READ("10", "received", "0") "20 ana read booking=trip intent=trip surface=page "
                                               "status=confirmed amount=30000 price=30000\n" END,
                   "exposed 0\n"
                   "20 trip [1 2]: ana's page at 0:00.020 shows trip confirmed with 30000 charged "
                   "of 24000, more than was agreed\n");
}

Test(charge_once, is_violated_by_a_charge_before_the_confirm)
{
    expect_finding("charge-once", LAGOON,
                   READ("10", "received", "0") READ("20", "pending", "24000"),
                   "exposed 0\n"
                   "20 trip [1 2]: ana's page at 0:00.020 shows trip pending with 24000 charged of "
                   "24000, before it was confirmed\n");
}

/* A list that lags behind is another mistake; so is a status that goes back. */
Test(charge_once, does_not_blame_the_charge_for_a_status_that_is_wrong)
{
    expect_finding("charge-once", LAGOON,
                   READ("10", "confirmed", "24000") LISTED("20", "pending", "24000")
                       READ("30", "pending", "24000"),
                   "exposed 0\n");
}

Test(charge_once, wants_a_confirmed_booking_paid_in_the_end)
{
    expect_finding("charge-once", LAGOON, READ("30", "confirmed", "0") END,
                   "exposed 0\n"
                   "30 trip [1]: ana's page at 0:00.030 shows trip confirmed with 0 charged of "
                   "24000, less than it costs\n");
    expect_finding("charge-once", LAGOON, READ("30", "confirmed", "0"), "exposed 0\n");
}

Test(charge_once, wants_back_what_was_paid_for_nothing)
{
    expect_finding("charge-once", LAGOON,
                   READ("20", "confirmed", "24000") READ("60", "cancelled", "24000") END,
                   "exposed 1\n"
                   "60 trip [1 2]: ana's page at 0:00.060 shows trip cancelled with 24000 charged "
                   "of 24000, and it was not given back\n");
    expect_finding("charge-once", LAGOON,
                   READ("20", "confirmed", "24000") READ("60", "cancelled", "0") END,
                   "exposed 1\n");
}

/* Her own cancel may come too late for her money: that the terms say. */
Test(charge_once, leaves_the_price_of_a_late_cancel_to_the_terms)
{
    expect_finding("charge-once", LAGOON,
                   READ("20", "confirmed", "24000") CANCEL("ana", "cancel")
                       READ("60", "cancelled", "24000") END,
                   "exposed 1\n");
    expect_finding("charge-once", LAGOON,
                   READ("20", "confirmed", "24000") CANCEL("ana", "look")
                       READ("60", "expired", "24000") END,
                   "exposed 1\n"
                   "60 trip [1 3]: ana's page at 0:00.060 shows trip expired with 24000 charged of "
                   "24000, and it was not given back\n");
}

Test(charge_once, is_unobserved_where_nobody_was_shown_money)
{
    expect_finding("charge-once", LAGOON,
                   "30 ana read booking=trip intent=trip surface=page status=confirmed\n" END,
                   "exposed 0\nunobserved: what was charged, of what price (read with amount and "
                   "price)\n");
}
