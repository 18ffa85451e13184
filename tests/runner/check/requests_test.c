#include "lines.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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

#define TOUR(who) " " who " asked booking=tour intent=tour key=k-1 "
#define TOUR_READ(who) " " who " read booking=tour intent=tour surface=page "

/* A key belongs to a person, not to a wish. */
Test(idempotent_api, wants_a_key_refused_for_another_wish)
{
#define TRIP                                                                                       \
    "0 " ASKED "op=book text=body1\n"                                                              \
    "40 " READ "op=book http=201 text=bk-1\n"
    expect_finding(IDEMPOTENT, LAGOON,
                   TRIP "50" TOUR("ana") "op=book text=body2\n"
                                         "90" TOUR_READ("ana") "op=book http=201 text=bk-1\n",
                   "exposed 1\n"
                   "90 tour [1 2 3 4]: ana used the key k-1 again for another booking at 0:00.050, "
                   "and it was accepted with 201\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   TRIP "50" TOUR("ana") "op=book\n"
                                         "90" TOUR_READ("ana") "op=book http=201 text=bk-2\n",
                   "exposed 1\n"
                   "90 tour [1 2 3 4]: ana booked trip and tour under one key, k-1, and got two "
                   "bookings: bk-1 at 0:00.040 and bk-2 at 0:00.090\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   TRIP "50" TOUR("ana") "op=book text=body2\n"
                                         "90" TOUR_READ("ana") "op=book http=422\n",
                   "exposed 1\n");
    /* another person; nobody knows whether one person; an answer that may be of the first request
     */
    expect_finding(IDEMPOTENT, LAGOON,
                   TRIP "50" TOUR("ben") "op=book text=body2\n"
                                         "90" TOUR_READ("ben") "op=book http=201 text=bk-2\n",
                   "exposed 0\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 - asked intent=trip key=k-1 op=book text=body1\n"
                   "40 - read intent=trip op=book http=201 text=bk-1\n"
                   "50 - asked intent=tour key=k-1 op=book text=body2\n"
                   "90 - read intent=tour op=book http=201 text=bk-2\n",
                   "exposed 0\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1\n"
                   "1 " ASKED "op=book text=body2\n"
                   "40 " READ "op=book http=201 text=bk-1\n"
                   "41 " READ "op=book http=422\n",
                   "exposed 0\n");
}

/* The first answer that was a success is what the key stands for from then on. */
Test(idempotent_api, wants_the_same_request_answered_as_before)
{
    static const struct {
        const char *first, *repeat;
        bool holds;
    } cases[] = {
        {"http=201 text=bk-1", "http=422", false},
        {"http=200 text=bk-1", "http=400", false},
        {"http=201 text=bk-1", "http=404", false},
        {"http=201 text=bk-1", "http=409", true},
        {"http=201 text=bk-1", "http=429", true},
        {"http=201 text=bk-1", "http=401", true},
        {"http=201 text=bk-1", "http=503", true},
        {"http=503", "http=422", true},
        {"http=422", "http=422", true},
    };
    struct dbk_text lines = {0};
    char expected[256];

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines,
                        "0 " ASKED "op=book text=body1\n"
                        "40 " READ "op=book %s\n"
                        "50 " ASKED "op=again text=body1\n"
                        "90 " READ "op=again %s\n",
                        cases[i].first, cases[i].repeat);
        snprintf(expected, sizeof(expected),
                 cases[i].holds
                     ? "exposed 1\n"
                     : "exposed 1\n"
                       "90 trip [1 2 3 4]: ana sent the same request under the key k-1 "
                       "again at 0:00.050, and it was refused with %s, though it had been "
                       "accepted with %.3s at 0:00.040\n",
                 cases[i].repeat + strlen("http="), cases[i].first + strlen("http="));
        expect_finding(IDEMPOTENT, LAGOON, lines.bytes, expected);
    }
    dbk_text_reset(&lines);
    /* the first attempt failed, the second was accepted, the third must be as the second */
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1\n"
                   "40 " READ "op=book http=503\n"
                   "50 " ASKED "op=again text=body1\n"
                   "90 " READ "op=again http=201 text=bk-1\n"
                   "100 " ASKED "op=again text=body1\n"
                   "140 " READ "op=again http=201 text=bk-2\n",
                   "exposed 2\n"
                   "140 trip [3 4 5 6]: ana booked trip twice under one key, k-1, and got two "
                   "bookings: bk-1 at 0:00.090 and bk-2 at 0:00.140\n");
    /* a body that is not known may be another one; a request on its way is no success yet */
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book\n"
                   "40 " READ "op=book http=201 text=bk-1\n"
                   "50 " ASKED "op=again\n"
                   "90 " READ "op=again http=422\n",
                   "exposed 1\n");
    expect_finding(IDEMPOTENT, LAGOON,
                   "0 " ASKED "op=book text=body1 exchange=e1\n"
                   "5 " ASKED "op=book text=body1 exchange=e2\n"
                   "40 " READ "op=book http=201 text=bk-1 exchange=e1\n"
                   "45 " READ "op=book http=422 exchange=e2\n",
                   "exposed 1\n");
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

/* It was acknowledged before it was durable: the answer was on its way when the process went down.
 */
#define LATE_ACK                                                                                   \
    "5 core.api process fate=down\n"                                                               \
    "40 ana read booking=trip intent=trip op=book http=201 status=received asked_ms=0\n"
Test(durable_ack, is_violated_where_the_process_went_down_before_the_answer_had_come)
{
    expect_finding(DURABLE, LAGOON, LATE_ACK "1100 ana read booking=trip op=look http=404\n",
                   "exposed 1\n"
                   "1100 trip [1 2 3]: trip was acknowledged at 0:00.040 and, after core.api went "
                   "down at 0:00.005, not found at 0:01.100\n");
    expect_finding(DURABLE, LAGOON,
                   LATE_ACK "1100 ana read booking=trip op=look http=404 asked_ms=39\n",
                   "exposed 0\n");
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

/* A cancel was acknowledged, and the core went down before it had told the partner. */
#define CANCELLING                                                                                 \
    ACK "3000 ana asked op=cancel booking=trip intent=trip\n"                                      \
        "3010 ana read op=cancel booking=trip intent=trip surface=page http=202 "                  \
        "status=confirmed\n"                                                                       \
        "3100 core.api process fate=down\n"                                                        \
        "3200 core.api process fate=up\n"
#define SHOWS(status)                                                                              \
    "9000 ana read op=look booking=trip intent=trip surface=page http=200 " status "\n"
#define AT_REST "9999 stage end fate=rest\n"

Test(durable_ack, is_violated_where_an_acknowledged_cancel_is_forgotten)
{
    expect_finding(DURABLE, LAGOON, CANCELLING SHOWS("status=confirmed") AT_REST,
                   "exposed 1\n"
                   "9000 trip [3 4 6]: the cancel of trip was acknowledged with 202 at 0:03.010, "
                   "but after core.api went down at 0:03.100 it reached no partner, and ana's page "
                   "still showed trip as confirmed at 0:09.000, with the run at rest after that\n");
}

Test(durable_ack, holds_where_a_cancel_went_on_or_may_have)
{
    static const char *const lines[] = {
        CANCELLING SHOWS("status=cancelled") AT_REST,
        CANCELLING SHOWS("status=expired") AT_REST,
        CANCELLING SHOWS("status=confirmed sync=operator") AT_REST,
        (CANCELLING "4000 lagoon saw op=cancel intent=trip exchange=x1\n"
                    "4010 lagoon answer op=cancel intent=trip exchange=x1 http=409\n" SHOWS(
                        "status=confirmed") AT_REST),
        CANCELLING "5000 ana asked op=again booking=trip intent=trip\n" SHOWS("status=confirmed")
            AT_REST,
        (ACK "3000 ana asked op=cancel booking=trip intent=trip\n"
             "3010 ana read op=cancel booking=trip intent=trip http=409 status=confirmed\n"
             "3100 core.api process fate=down\n" SHOWS("status=confirmed") AT_REST),
        /* the last look is from before, or on a list that may be an old one */
        CANCELLING
        "9000 sam read booking=trip intent=trip surface=list http=200 status=confirmed\n" AT_REST,
    };

    for (size_t i = 0; i < DBK_COUNT(lines); i++) {
        expect_finding(DURABLE, LAGOON, lines[i], "exposed 1\n");
    }
    /* one that was lost at the door reached nobody */
    expect_finding(DURABLE, LAGOON,
                   CANCELLING
                   "4000 lagoon saw op=cancel intent=trip fate=lost\n" SHOWS("status=confirmed")
                       AT_REST,
                   "exposed 1\n"
                   "9000 trip [3 4 7]: the cancel of trip was acknowledged with 202 at 0:03.010, "
                   "but after core.api went down at 0:03.100 it reached no partner, and ana's page "
                   "still showed trip as confirmed at 0:09.000, with the run at rest after that\n");
}

Test(durable_ack, is_unobserved_where_what_became_of_a_cancel_is)
{
    expect_finding(DURABLE, LAGOON, CANCELLING SHOWS("status=confirmed"),
                   "exposed 1\n"
                   "unobserved: what became of a cancel, with the run at rest (end)\n");
    expect_finding(DURABLE, FOREIGN, CANCELLING SHOWS("status=confirmed") AT_REST,
                   "exposed 1\nunobserved: which requests reached the partner (saw)\n");
    expect_finding(DURABLE, FOREIGN, ACK,
                   "exposed 0\nunobserved: when processes went down "
                   "(process)\n");
}

/* Without times nobody knows whether she asked before the process went down or after. */
Test(durable_ack, is_unobserved_where_nobody_knows_what_came_first)
{
    static const char *const unobserved =
        "exposed 0\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the head)\n";

    expect_finding(DURABLE, LAGOON,
                   "- ana read booking=trip intent=trip op=book http=201 status=received\n"
                   "- core.api process fate=down\n"
                   "- ana read booking=trip intent=trip op=look http=404\n",
                   unobserved);
    expect_finding(DURABLE, LAGOON,
                   ACK "50 core.api process fate=down\n"
                       "- ana read booking=trip intent=trip op=look http=404\n",
                   unobserved);
    expect_finding(
        DURABLE, LAGOON,
        CANCELLING SHOWS("status=confirmed") "- sam read op=detail booking=trip intent=trip "
                                             "http=200 status=cancelled\n" AT_REST,
        "exposed 1\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the head)\n");
}

Test(durable_ack, is_unobserved_without_reads)
{
    expect_finding(DURABLE, LAGOON, CRASH,
                   "exposed 0\nunobserved: answers to those who booked and looked (read)\n");
}
