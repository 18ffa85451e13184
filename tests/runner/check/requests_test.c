#include "lines.h"

#include <criterion/criterion.h>

TestSuite(idempotent_api, .timeout = 20);
TestSuite(durable_ack, .timeout = 20);

#define IDEMPOTENT "idempotent-api"
#define DURABLE "durable-ack"

#define ASKED "ana asked booking=trip intent=trip key=k-1 "
#define READ "ana read booking=trip intent=trip surface=page "

Test(idempotent_api, holds_where_a_repeat_gives_the_same_booking)
{
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1\n"
                   "40 " READ "op=book http=201 text=bk-1\n"
                   "50 " ASKED "op=again text=body1\n"
                   "90 " READ "op=again http=200 text=bk-1\n"
                   "100 ben asked booking=trip intent=trip key=k-1 op=book text=body1\n"
                   "120 ben read booking=trip intent=trip op=book http=201 text=bk-7\n",
                   "exposed 1\n");
}

Test(idempotent_api, is_violated_where_a_repeat_makes_another_booking)
{
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1\n"
                   "40 " READ "op=book http=201 text=bk-1\n"
                   "50 " ASKED "op=again text=body1\n"
                   "90 " READ "op=again http=201 text=bk-2\n",
                   "exposed 1\n"
                   "90 trip [1 2 3 4]: ana booked trip twice under one key, k-1, and got two "
                   "bookings: bk-1 at 0:00.040 and bk-2 at 0:00.090\n");
}

Test(idempotent_api, wants_another_body_refused)
{
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1\n"
                   "40 " READ "op=book http=201 text=bk-1\n"
                   "50 " ASKED "op=again text=body2\n"
                   "90 " READ "op=again http=422\n",
                   "exposed 1\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1 exchange=e1\n"
                   "5 " ASKED "op=book text=body2 exchange=e2\n"
                   "40 " READ "op=book http=200 text=bk-1 exchange=e2\n"
                   "45 " READ "op=book http=201 text=bk-1 exchange=e1\n",
                   "exposed 1\n"
                   "40 trip [1 2 3 4]: ana used the key k-1 again for another booking at 0:00.005, "
                   "and it was accepted with 200\n");
}

Test(idempotent_api, is_unobserved_without_keys_or_ids)
{
    expect_finding(IDEMPOTENT, LAGOON, "0 ana asked booking=trip intent=trip op=book\n",
                   "exposed 0\nunobserved: requests to book with their keys (asked)\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book\n"
                   "40 " READ "op=book http=201\n"
                   "50 " ASKED "op=again\n"
                   "90 " READ "op=again http=201\n",
                   "exposed 1\n"
                   "unobserved: which id of its own the system gave (text of a read)\n");
}

#define ACK "40 ana read booking=trip intent=trip op=book http=201 status=received\n"
#define CRASH                                                                                      \
    "50 core.api process fate=down\n"                                                              \
    "1050 core.api process fate=up\n"

Test(durable_ack, holds_where_the_booking_is_found_after_the_crash)
{
    expect_finding(DURABLE, LAGOON,
                   ACK CRASH
                   "1100 ana read booking=trip intent=trip op=look http=200 status=received\n",
                   "exposed 1\n");
}

Test(durable_ack, is_violated_where_an_acknowledged_booking_is_gone)
{
    expect_finding(DURABLE, LAGOON, ACK CRASH "1100 sam read booking=trip op=detail http=404\n",
                   "exposed 1\n"
                   "1100 trip [1 2 4]: trip was acknowledged at 0:00.040 and, after core.api went "
                   "down at 0:00.050, not found at 0:01.100\n");
}

/* Neither what was never acknowledged, nor what was asked for before the crash, counts. */
Test(durable_ack, asks_only_for_what_was_acknowledged_and_only_afterwards)
{
    expect_finding(DURABLE, LAGOON,
                   "40 ana read booking=trip intent=trip op=book http=503\n" CRASH
                   "1100 ana read booking=trip intent=trip op=look http=404\n",
                   "exposed 0\n");
    expect_finding(DURABLE, LAGOON,
                   "30 core.api process fate=down\n" ACK
                   "1100 ana read booking=trip intent=trip op=look http=404\n",
                   "exposed 0\n");
    expect_finding(DURABLE, LAGOON,
                   ACK CRASH
                   "1100 ana read booking=trip intent=trip op=look http=404 asked_ms=49\n",
                   "exposed 0\n");
}

Test(durable_ack, is_unobserved_without_reads)
{
    expect_finding(DURABLE, LAGOON, CRASH,
                   "exposed 0\nunobserved: answers to those who booked and looked (read)\n");
}
