/* The second half of worker.c's tests: duplicates, cancels, late news, and workers that die. */
#include "stage.h"

#include <criterion/criterion.h>

TestSuite(worker_amends, .timeout = 20);

/* The partner booked twice and calls back about both. */
Test(worker_amends, compensates_a_second_reservation)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_callback(stage, "R2 K1 confirmed", NULL);
    stage_answer(stage, "200 R2 K1 confirmed");
    stage_answer(stage, "200 R2 K1 cancelled");
    stage_answer(stage, "200 R2 K1 cancelled");
    stage_expect(
        stage, "   0.000 ana books\n"
               "   0.000 = received/unsent v1\n"
               "   0.000 B1 next: send - the traveller asked for it\n"
               "   0.000 -> create 1 K1: POST /reservations\n"
               "   0.000 = received/in_flight v2\n"
               "   0.000 <- 201 R1 K1 confirmed\n"
               "   0.000 B1 received -> pending: the partner says confirmed (create 1)\n"
               "   0.000 B1 pending -> confirmed: the partner says confirmed (create 1)\n"
               "   0.000 B1 next: rest - the partner confirmed it\n"
               "   0.000 = confirmed/agreed v3\n"
               "   0.000 callback R2 K1 confirmed\n"
               "   0.000 = confirmed/waiting v4\n"
               "   0.000 B1 next: look-up - a callback says confirmed of R2, and only a reading "
               "can confirm that\n"
               "   0.000 -> get 1: GET /reservations/R2\n"
               "   0.000 callback was answered 204\n"
               "   0.000 <- 200 R2 K1 confirmed\n"
               "   0.000 B1 next: compensate - the partner holds R2 and should not\n"
               "   0.000 -> cancel 1: POST /reservations/R2/cancel\n"
               "   0.000 = confirmed/disagreed v5\n"
               "   0.000 <- 200 R2 K1 cancelled\n"
               "   0.000 B1 next: look-up - the partner says it cancelled R2; that is to be seen\n"
               "   0.000 -> get 2: GET /reservations/R2\n"
               "   0.000 <- 200 R2 K1 cancelled\n"
               "   0.000 B1 next: rest - the partner confirmed it\n"
               "   0.000 = confirmed/agreed v6\n");
    stage_free(stage);
}

Test(worker_amends, compensates_what_turns_up_after_the_end)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "409 sold-out");
    stage_until(stage, 30000);
    stage_callback(stage, "R1 K1 confirmed", NULL);
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_expect(
        stage, "   0.000 ana books\n"
               "   0.000 = received/unsent v1\n"
               "   0.000 B1 next: send - the traveller asked for it\n"
               "   0.000 -> create 1 K1: POST /reservations\n"
               "   0.000 = received/in_flight v2\n"
               "   0.000 <- 409 sold-out\n"
               "   0.000 B1 received -> rejected: the partner refused the create\n"
               "   0.000 B1 next: rest - it is over, and the partner holds nothing\n"
               "   0.000 = rejected/agreed v3\n"
               "  30.000 callback R1 K1 confirmed\n"
               "  30.000 = rejected/waiting v4\n"
               "  30.000 B1 next: look-up - a callback says confirmed of R1, and only a reading "
               "can confirm that\n"
               "  30.000 -> get 1: GET /reservations/R1\n"
               "  30.000 callback was answered 204\n"
               "  30.000 <- 200 R1 K1 confirmed\n"
               "  30.000 B1 next: compensate - the partner holds R1 and should not\n"
               "  30.000 -> cancel 1: POST /reservations/R1/cancel\n"
               "  30.000 = rejected/disagreed v5\n"
               "  30.000 <- 200 R1 K1 cancelled\n"
               "  30.000 B1 next: look-up - the partner says it cancelled R1; that is to be seen\n"
               "  30.000 -> get 2: GET /reservations/R1\n"
               "  30.000 <- 200 R1 K1 cancelled\n"
               "  30.000 B1 next: rest - it is over, and the partner holds nothing\n"
               "  30.000 = rejected/agreed v6\n");
    stage_free(stage);
}

Test(worker_amends, resolves_a_doubt_before_it_cancels)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_cancel(stage);
    stage_answer(stage, "200 [R1 K1 confirmed]");
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_expect(
        stage, "   0.000 ana books\n"
               "   0.000 = received/unsent v1\n"
               "   0.000 B1 next: send - the traveller asked for it\n"
               "   0.000 -> create 1 K1: POST /reservations\n"
               "   0.000 = received/in_flight v2\n"
               "  10.000 <- timed out\n"
               "  10.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
               "  10.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
               "  10.000 = received/in_doubt v3\n"
               "  10.000 ana cancels\n"
               "  10.000 ana was answered 202\n"
               "  10.000 <- 200 [R1 K1 confirmed]\n"
               "  10.000 B1 received -> pending: the partner says confirmed (look-up 1)\n"
               "  10.000 B1 pending -> confirmed: the partner says confirmed (look-up 1)\n"
               "  10.000 B1 next: cancel - the traveller wants it cancelled\n"
               "  10.000 -> cancel 1: POST /reservations/R1/cancel\n"
               "  10.000 = confirmed/waiting v4\n"
               "  10.000 <- 200 R1 K1 cancelled\n"
               "  10.000 B1 next: look-up - the partner says it cancelled R1; that is to be seen\n"
               "  10.000 -> get 1: GET /reservations/R1\n"
               "  10.000 <- 200 R1 K1 cancelled\n"
               "  10.000 B1 confirmed -> cancelled: the partner says cancelled (get 1)\n"
               "  10.000 B1 next: rest - it is over, and the partner holds nothing\n"
               "  10.000 = cancelled/agreed v5\n");
    stage_free(stage);
}

/* The partner says that it cancelled, and did not; twice. */
Test(worker_amends, does_not_take_done_for_an_answer)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_cancel(stage);
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_until(stage, 5000);
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_expect(
        stage, "   0.000 ana books\n"
               "   0.000 = received/unsent v1\n"
               "   0.000 B1 next: send - the traveller asked for it\n"
               "   0.000 -> create 1 K1: POST /reservations\n"
               "   0.000 = received/in_flight v2\n"
               "   0.000 <- 201 R1 K1 confirmed\n"
               "   0.000 B1 received -> pending: the partner says confirmed (create 1)\n"
               "   0.000 B1 pending -> confirmed: the partner says confirmed (create 1)\n"
               "   0.000 B1 next: rest - the partner confirmed it\n"
               "   0.000 = confirmed/agreed v3\n"
               "   0.000 ana cancels\n"
               "   0.000 = confirmed/waiting v4\n"
               "   0.000 B1 next: cancel - the traveller wants it cancelled\n"
               "   0.000 -> cancel 1: POST /reservations/R1/cancel\n"
               "   0.000 ana was answered 202\n"
               "   0.000 <- 200 R1 K1 cancelled\n"
               "   0.000 B1 next: look-up - the partner says it cancelled R1; that is to be seen\n"
               "   0.000 -> get 1: GET /reservations/R1\n"
               "   0.000 <- 200 R1 K1 confirmed\n"
               "   0.000 B1 next: wait until 17:25:02 - the traveller wants it cancelled; cancel "
               "by 17:25:02\n"
               "   2.000 B1 next: cancel - the traveller wants it cancelled\n"
               "   2.000 -> cancel 2: POST /reservations/R1/cancel\n"
               "   5.000 <- 200 R1 K1 cancelled\n"
               "   5.000 B1 next: look-up - the partner says it cancelled R1; that is to be seen\n"
               "   5.000 -> get 2: GET /reservations/R1\n"
               "   5.000 <- 200 R1 K1 confirmed\n"
               "   5.000 B1 next: operator - cancelling did not make the reservation go away\n"
               "   5.000 = confirmed/operator v5\n");
    stage_free(stage);
}

Test(worker_amends, hands_over_what_cannot_be_cancelled)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_cancel(stage);
    stage_answer(stage, "409 not-cancellable");
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_expect(
        stage,
        "   0.000 ana books\n"
        "   0.000 = received/unsent v1\n"
        "   0.000 B1 next: send - the traveller asked for it\n"
        "   0.000 -> create 1 K1: POST /reservations\n"
        "   0.000 = received/in_flight v2\n"
        "   0.000 <- 201 R1 K1 confirmed\n"
        "   0.000 B1 received -> pending: the partner says confirmed (create 1)\n"
        "   0.000 B1 pending -> confirmed: the partner says confirmed (create 1)\n"
        "   0.000 B1 next: rest - the partner confirmed it\n"
        "   0.000 = confirmed/agreed v3\n"
        "   0.000 ana cancels\n"
        "   0.000 = confirmed/waiting v4\n"
        "   0.000 B1 next: cancel - the traveller wants it cancelled\n"
        "   0.000 -> cancel 1: POST /reservations/R1/cancel\n"
        "   0.000 ana was answered 202\n"
        "   0.000 <- 409 not-cancellable\n"
        "   0.000 B1 next: look-up - the partner refused to cancel R1; why is to be seen\n"
        "   0.000 -> get 1: GET /reservations/R1\n"
        "   0.000 <- 200 R1 K1 confirmed\n"
        "   0.000 B1 next: operator - the partner will not cancel a reservation that must go\n"
        "   0.000 = confirmed/operator v5\n");
    stage_free(stage);
}

/* The partner turned it down meanwhile: there is nothing to cancel, and nobody need be asked. */
Test(worker_amends, looks_why_a_cancel_was_refused_before_it_asks_a_person)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
    stage_cancel(stage);
    stage_answer(stage, "409 not-cancellable");
    stage_answer(stage, "200 R1 K1 rejected");
    stage_expect(
        stage,
        "   0.000 ana books\n"
        "   0.000 = received/unsent v1\n"
        "   0.000 B1 next: send - the traveller asked for it\n"
        "   0.000 -> create 1 K1: POST /reservations\n"
        "   0.000 = received/in_flight v2\n"
        "   0.000 <- 201 R1 K1 pending\n"
        "   0.000 B1 received -> pending: the partner says pending (create 1)\n"
        "   0.000 B1 next: wait until 17:25:02 - the partner has not decided yet; look-up by "
        "17:25:02\n"
        "   0.000 = pending/waiting v3\n"
        "   0.000 ana cancels\n"
        "   0.000 B1 next: cancel - the traveller wants it cancelled\n"
        "   0.000 -> cancel 1: POST /reservations/R1/cancel\n"
        "   0.000 ana was answered 202\n"
        "   0.000 <- 409 not-cancellable\n"
        "   0.000 B1 next: look-up - the partner refused to cancel R1; why is to be seen\n"
        "   0.000 -> get 1: GET /reservations/R1\n"
        "   0.000 <- 200 R1 K1 rejected\n"
        "   0.000 B1 pending -> rejected: the partner says rejected (get 1)\n"
        "   0.000 B1 next: rest - it is over, and the partner holds nothing\n"
        "   0.000 = rejected/agreed v4\n");
    stage_free(stage);
}

/* The news of a cancel is not read back yet when an older callback comes and says what we know. */
Test(worker_amends, forgets_no_news_over_an_older_callback_that_comes_last)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_callback(stage, "R1 K1 cancelled", NULL);
    stage_fail(stage, DBK_FAILURE_BROKEN);
    stage_callback(stage, "R1 K1 confirmed", NULL);
    stage_until(stage, 2000);
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   0.000 <- 201 R1 K1 confirmed\n"
                        "   0.000 B1 received -> pending: the partner says confirmed (create 1)\n"
                        "   0.000 B1 pending -> confirmed: the partner says confirmed (create 1)\n"
                        "   0.000 B1 next: rest - the partner confirmed it\n"
                        "   0.000 = confirmed/agreed v3\n"
                        "   0.000 callback R1 K1 cancelled\n"
                        "   0.000 = confirmed/waiting v4\n"
                        "   0.000 B1 next: look-up - a callback says cancelled of R1, and only a "
                        "reading can confirm that\n"
                        "   0.000 -> get 1: GET /reservations/R1\n"
                        "   0.000 callback was answered 204\n"
                        "   0.000 <- broken\n"
                        "   0.000 B1 next: wait until 17:25:02 - a callback says cancelled of R1, "
                        "and only a reading can confirm that; look-up by 17:25:02\n"
                        "   0.000 callback R1 K1 confirmed\n"
                        "   0.000 B1 next: wait until 17:25:02 - a callback says cancelled of R1, "
                        "and only a reading can confirm that; look-up by 17:25:02\n"
                        "   0.000 callback was answered 204\n"
                        "   2.000 B1 next: look-up - a callback says cancelled of R1, and only a "
                        "reading can confirm that\n"
                        "   2.000 -> get 2: GET /reservations/R1\n"
                        "   2.000 <- 200 R1 K1 cancelled\n"
                        "   2.000 B1 confirmed -> cancelled: the partner says cancelled (get 2)\n"
                        "   2.000 B1 next: rest - it is over, and the partner holds nothing\n"
                        "   2.000 = cancelled/agreed v5\n");
    stage_free(stage);
}

/* A create makes two reservations and its answer names one. Only a look behind it shows both. */
Test(worker_amends, looks_once_behind_an_answered_create)
{
    struct stage *stage = stage_new();

    stage_set(stage, "reconcile", "look");
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_answer(stage, "200 [R1 K1 confirmed, R2 K1 confirmed]");
    stage_answer(stage, "200 R2 K1 cancelled");
    stage_answer(stage, "200 R2 K1 cancelled");
    stage_until(stage, 3600000);
    stage_expect(
        stage, "   0.000 ana books\n"
               "   0.000 = received/unsent v1\n"
               "   0.000 B1 next: send - the traveller asked for it\n"
               "   0.000 -> create 1 K1: POST /reservations\n"
               "   0.000 = received/in_flight v2\n"
               "   0.000 <- 201 R1 K1 confirmed\n"
               "   0.000 B1 received -> pending: the partner says confirmed (create 1)\n"
               "   0.000 B1 pending -> confirmed: the partner says confirmed (create 1)\n"
               "   0.000 B1 next: look-up - what the create of 17:25:00 made is to be seen\n"
               "   0.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
               "   0.000 = confirmed/waiting v3\n"
               "   0.000 <- 200 [R1 K1 confirmed, R2 K1 confirmed]\n"
               "   0.000 B1 next: compensate - the partner holds R2 and should not\n"
               "   0.000 -> cancel 1: POST /reservations/R2/cancel\n"
               "   0.000 = confirmed/disagreed v4\n"
               "   0.000 <- 200 R2 K1 cancelled\n"
               "   0.000 B1 next: look-up - the partner says it cancelled R2; that is to be seen\n"
               "   0.000 -> get 1: GET /reservations/R2\n"
               "   0.000 <- 200 R2 K1 cancelled\n"
               "   0.000 B1 next: rest - the partner confirmed it\n"
               "   0.000 = confirmed/agreed v5\n");
    stage_free(stage);
}

/* Absence was proven by the partner's own bound, and the partner did not keep it: what was given
 * up is looked at once more, late, and the reservation that came after all is cancelled. */
Test(worker_amends, looks_once_more_behind_what_was_given_up)
{
    struct stage *stage = stage_new();

    stage_set(stage, "reconcile", "look");
    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_answer(stage, "200 []");
    stage_until(stage, 60000);
    stage_answer(stage, "200 []");
    stage_answer(stage, "409 sold-out");
    stage_until(stage, 300000);
    stage_answer(stage, "200 [R1 K1 confirmed]");
    stage_expect(stage,
                 "   0.000 ana books\n"
                 "   0.000 = received/unsent v1\n"
                 "   0.000 B1 next: send - the traveller asked for it\n"
                 "   0.000 -> create 1 K1: POST /reservations\n"
                 "   0.000 = received/in_flight v2\n"
                 "  10.000 <- timed out\n"
                 "  10.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                 "  10.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
                 "  10.000 = received/in_doubt v3\n"
                 "  10.000 <- 200 []\n"
                 "  10.000 B1 next: wait until 17:26:00 - the create of 17:25:00 is in doubt; "
                 "look-up at 17:26:00\n"
                 "  60.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                 "  60.000 -> look-up 2 K1: GET /reservations?date=2026-07-04\n"
                 "  60.000 <- 200 []\n"
                 "  60.000 B1 next: resend - create 1 made no booking\n"
                 "  60.000 -> create 2 K1: POST /reservations\n"
                 "  60.000 = received/in_flight v4\n"
                 "  60.000 <- 409 sold-out\n"
                 "  60.000 B1 received -> rejected: the partner refused the create\n"
                 "  60.000 B1 next: wait until 17:30:00 - what the create of 17:25:00 made is to "
                 "be seen; look-up at 17:30:00\n"
                 "  60.000 = rejected/waiting v5\n"
                 " 300.000 B1 next: look-up - what the create of 17:25:00 made is to be seen\n"
                 " 300.000 -> look-up 3 K1: GET /reservations?date=2026-07-04\n"
                 " 300.000 <- 200 [R1 K1 confirmed]\n"
                 " 300.000 B1 next: compensate - the partner holds R1 and should not\n"
                 " 300.000 -> cancel 1: POST /reservations/R1/cancel\n"
                 " 300.000 = rejected/disagreed v6\n");
    stage_free(stage);
}

/* What the dead one had on its way may have been booked: it is in doubt, not sent again. */
Test(worker_amends, waits_for_the_lease_of_the_dead)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_until(stage, 3000);
    stage_crash(stage);
    stage_until(stage, 60000);
    stage_answer(stage, "200 [R1 K1 confirmed]");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   3.000 the worker crashed and is up again\n"
                        "  60.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "  60.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
                        "  60.000 = received/in_doubt v3\n"
                        "  60.000 <- 200 [R1 K1 confirmed]\n"
                        "  60.000 B1 received -> pending: the partner says confirmed (look-up 1)\n"
                        "  60.000 B1 pending -> confirmed: the partner says confirmed (look-up 1)\n"
                        "  60.000 B1 next: rest - the partner confirmed it\n"
                        "  60.000 = confirmed/agreed v4\n");
    stage_free(stage);
}

/* Its answer comes when another has already taken over: the fencing number is older. */
Test(worker_amends, writes_nothing_after_its_lease_was_taken)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_until(stage, 60000);
    stage_answer(stage, "201 R1 K1 pending");
    stage_answer(stage, "200 [R1 K1 confirmed]");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "  60.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "  60.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
                        "  60.000 = received/in_doubt v3\n"
                        "  60.000 <- 201 R1 K1 pending\n"
                        "  60.000 B1: an answer came after its lease was taken over\n"
                        "  60.000 <- 200 [R1 K1 confirmed]\n"
                        "  60.000 B1 received -> pending: the partner says confirmed (look-up 1)\n"
                        "  60.000 B1 pending -> confirmed: the partner says confirmed (look-up 1)\n"
                        "  60.000 B1 next: rest - the partner confirmed it\n"
                        "  60.000 = confirmed/agreed v4\n");
    stage_free(stage);
}

/* News that cannot be confirmed leaves the status alone; in the end a person looks. */
Test(worker_amends, asks_again_after_a_pause_what_it_could_not_read)
{
    struct stage *stage = stage_new();

    stage->partner.profile.doubt_limit_ms = 15000;
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_callback(stage, "R1 K1 rejected", NULL);
    stage_until(stage, 1000);
    stage_fail(stage, DBK_FAILURE_BROKEN);
    stage_until(stage, 3000);
    stage_fail(stage, DBK_FAILURE_BROKEN);
    stage_until(stage, 7000);
    stage_answer(stage, "500 internal");
    stage_until(stage, 3600000);
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   0.000 <- 201 R1 K1 confirmed\n"
                        "   0.000 B1 received -> pending: the partner says confirmed (create 1)\n"
                        "   0.000 B1 pending -> confirmed: the partner says confirmed (create 1)\n"
                        "   0.000 B1 next: rest - the partner confirmed it\n"
                        "   0.000 = confirmed/agreed v3\n"
                        "   0.000 callback R1 K1 rejected\n"
                        "   0.000 = confirmed/waiting v4\n"
                        "   0.000 B1 next: look-up - a callback says rejected of R1, and only a "
                        "reading can confirm that\n"
                        "   0.000 -> get 1: GET /reservations/R1\n"
                        "   0.000 callback was answered 204\n"
                        "   1.000 <- broken\n"
                        "   1.000 B1 next: wait until 17:25:03 - a callback says rejected of R1, "
                        "and only a reading can confirm that; look-up by 17:25:03\n"
                        "   3.000 B1 next: look-up - a callback says rejected of R1, and only a "
                        "reading can confirm that\n"
                        "   3.000 -> get 2: GET /reservations/R1\n"
                        "   3.000 <- broken\n"
                        "   3.000 B1 next: wait until 17:25:07 - a callback says rejected of R1, "
                        "and only a reading can confirm that; look-up by 17:25:07\n"
                        "   7.000 B1 next: look-up - a callback says rejected of R1, and only a "
                        "reading can confirm that\n"
                        "   7.000 -> get 3: GET /reservations/R1\n"
                        "   7.000 <- 500 internal\n"
                        "   7.000 B1 next: wait until 17:25:15 - a callback says rejected of R1, "
                        "and only a reading can confirm that; look-up by 17:25:15\n"
                        "  15.000 B1 next: operator - the partner could not be asked what it has\n"
                        "  15.000 = confirmed/operator v5\n");
    stage_free(stage);
}

Test(worker_amends, hands_over_bookings_of_a_partner_it_no_longer_knows)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_fail(stage, DBK_FAILURE_REFUSED);
    dbk_core_renew(stage->core, &(struct dbk_core_config){
                                    .store = stage->store, .policy = &stage->policy, .seed = 7});
    stage_until(stage, 3600000);
    stage_expect(
        stage,
        "   0.000 ana books\n"
        "   0.000 = received/unsent v1\n"
        "   0.000 B1 next: send - the traveller asked for it\n"
        "   0.000 -> create 1 K1: POST /reservations\n"
        "   0.000 = received/in_flight v2\n"
        "   0.000 <- refused\n"
        "   0.000 B1 next: wait until 17:25:02 - create 1 made no booking; resend by 17:25:02\n"
        "   0.000 = received/unsent v3\n"
        "   2.000 B1 next: operator - its partner is no longer configured\n"
        "   2.000 = received/operator v4\n");
    stage_free(stage);
}
