#include "stage.h"

#include <criterion/criterion.h>

TestSuite(worker, .timeout = 20);

Test(worker, settles_a_booking_that_is_confirmed_at_once)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
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
                        "   0.000 = confirmed/agreed v3\n");
    stage_free(stage);
}

/* Without a callback the core asks from time to time, each time after a longer pause. */
Test(worker, polls_a_pending_booking_until_the_partner_decides)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
    stage_until(stage, 2000);
    stage_answer(stage, "200 R1 K1 pending");
    stage_until(stage, 6000);
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_until(stage, 3600000);
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   0.000 <- 201 R1 K1 pending\n"
                        "   0.000 B1 received -> pending: the partner says pending (create 1)\n"
                        "   0.000 B1 next: wait until 17:25:02 - the partner has not decided yet; "
                        "look-up by 17:25:02\n"
                        "   0.000 = pending/waiting v3\n"
                        "   2.000 B1 next: look-up - the partner has not decided yet\n"
                        "   2.000 -> get 1: GET /reservations/R1\n"
                        "   2.000 <- 200 R1 K1 pending\n"
                        "   2.000 B1 next: wait until 17:25:06 - the partner has not decided yet; "
                        "look-up by 17:25:06\n"
                        "   6.000 B1 next: look-up - the partner has not decided yet\n"
                        "   6.000 -> get 2: GET /reservations/R1\n"
                        "   6.000 <- 200 R1 K1 confirmed\n"
                        "   6.000 B1 pending -> confirmed: the partner says confirmed (get 2)\n"
                        "   6.000 B1 next: rest - the partner confirmed it\n"
                        "   6.000 = confirmed/agreed v4\n");
    stage_free(stage);
}

/* The seed incident under the reference: booked, never answered; found by a look-up; and the
 * first callback comes 90 s later and speaks of an older state. */
Test(worker, looks_up_a_lost_answer_and_reads_late_news_back)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 10100);
    stage_answer(stage, "200 [R1 K1 confirmed]");
    stage_until(stage, 90000);
    stage_callback(stage, "R1 K1 pending", NULL);
    stage_until(stage, 90100);
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_list(stage);
    stage_until(stage, 3600000);
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "  10.000 <- timed out\n"
                        "  10.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "  10.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
                        "  10.000 = received/in_doubt v3\n"
                        "  10.100 <- 200 [R1 K1 confirmed]\n"
                        "  10.100 B1 received -> pending: the partner says confirmed (look-up 1)\n"
                        "  10.100 B1 pending -> confirmed: the partner says confirmed (look-up 1)\n"
                        "  10.100 B1 next: rest - the partner confirmed it\n"
                        "  10.100 = confirmed/agreed v4\n"
                        "  90.000 callback R1 K1 pending\n"
                        "  90.000 = confirmed/waiting v5\n"
                        "  90.000 B1 next: look-up - a callback says pending of R1, and only a "
                        "reading can confirm that\n"
                        "  90.000 -> get 1: GET /reservations/R1\n"
                        "  90.000 callback was answered 204\n"
                        "  90.100 <- 200 R1 K1 confirmed\n"
                        "  90.100 B1 next: rest - the partner confirmed it\n"
                        "  90.100 = confirmed/agreed v6\n"
                        "  90.100 the list shows confirmed\n");
    stage_free(stage);
}

/* The seed incident as many teams ship it: a second reservation, a status that goes back, and two
 * screens that differ. */
Test(worker, does_every_wrong_thing_if_it_is_naive)
{
    struct stage *stage = stage_new();

    stage_set(stage, "on_timeout", "resend");
    stage_set(stage, "retry_key", "new");
    stage_set(stage, "look_up", "never");
    stage_set(stage, "callback_order", "last-wins");
    stage_set(stage, "screens", "own-copy");
    stage_set(stage, "on_duplicate", "ignore");
    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 12100);
    stage_answer(stage, "201 R2 K2 pending");
    stage_until(stage, 14000);
    stage_callback(stage, "R2 K2 confirmed", NULL);
    stage_until(stage, 90000);
    stage_callback(stage, "R1 K1 pending", NULL);
    stage_list(stage);
    stage_until(stage, 3600000);
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "  10.000 <- timed out\n"
                        "  10.000 B1 next: wait until 17:25:12 - create 1 is taken to have failed; "
                        "resend by 17:25:12\n"
                        "  10.000 = received/unsent v3\n"
                        "  12.000 B1 next: resend - create 1 is taken to have failed\n"
                        "  12.000 -> create 2 K2: POST /reservations\n"
                        "  12.000 = received/in_flight v4\n"
                        "  12.100 <- 201 R2 K2 pending\n"
                        "  12.100 B1 received -> pending: the partner says pending (create 2)\n"
                        "  12.100 B1 next: wait until 17:55:12 - the partner has not decided yet; "
                        "operator at 17:55:12\n"
                        "  12.100 = pending/waiting v5\n"
                        "  14.000 callback R2 K2 confirmed\n"
                        "  14.000 B1 pending -> confirmed: the partner says confirmed (callback)\n"
                        "  14.000 = confirmed/agreed v6\n"
                        "  14.000 B1 next: rest - the partner confirmed it\n"
                        "  14.000 callback was answered 204\n"
                        "  90.000 callback R1 K1 pending\n"
                        "  90.000 B1 confirmed -> pending: the partner says pending (callback)\n"
                        "  90.000 = pending/waiting v7\n"
                        "  90.000 B1 next: wait until 17:56:30 - the partner has not decided yet; "
                        "operator at 17:56:30\n"
                        "  90.000 callback was answered 204\n"
                        "  90.000 the list shows confirmed\n"
                        "1890.000 B1 next: operator - the partner left it undecided for too long\n"
                        "1890.000 = pending/operator v8\n");
    stage_free(stage);
}

/* The first look-up comes too early to prove anything: the create may still be on its way. */
Test(worker, sends_again_only_when_absence_is_proven)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_answer(stage, "200 []");
    stage_until(stage, 60000);
    stage_answer(stage, "200 []");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "  10.000 <- timed out\n"
                        "  10.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "  10.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
                        "  10.000 = received/in_doubt v3\n"
                        "  10.000 <- 200 []\n"
                        "  10.000 B1 next: wait until 17:26:00 - the create of 17:25:00 is in "
                        "doubt; look-up at 17:26:00\n"
                        "  60.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "  60.000 -> look-up 2 K1: GET /reservations?date=2026-07-04\n"
                        "  60.000 <- 200 []\n"
                        "  60.000 B1 next: resend - create 1 made no booking\n"
                        "  60.000 -> create 2 K1: POST /reservations\n"
                        "  60.000 = received/in_flight v4\n"
                        "  60.000 <- 201 R1 K1 confirmed\n"
                        "  60.000 B1 received -> pending: the partner says confirmed (create 2)\n"
                        "  60.000 B1 pending -> confirmed: the partner says confirmed (create 2)\n"
                        "  60.000 B1 next: rest - the partner confirmed it\n"
                        "  60.000 = confirmed/agreed v5\n");
    stage_free(stage);
}

Test(worker, resends_the_same_key_where_the_partner_deduplicates)
{
    struct stage *stage = stage_new();

    stage->partner.profile.dedupe = DBK_DEDUPE_REFERENCE;
    stage->partner.profile.repeat = DBK_REPEAT_SAME;
    stage->partner.profile.look_up = DBK_LOOK_UP_REFERENCE;
    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_answer(stage, "200 []");
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "  10.000 <- timed out\n"
                        "  10.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "  10.000 -> look-up 1 K1: GET /reservations?reference=K1\n"
                        "  10.000 = received/in_doubt v3\n"
                        "  10.000 <- 200 []\n"
                        "  10.000 B1 next: resend - the partner answers a repeat of the same key "
                        "with the same reservation\n"
                        "  10.000 -> create 2 K1: POST /reservations\n"
                        "  10.000 <- 200 R1 K1 confirmed\n"
                        "  10.000 B1 received -> pending: the partner says confirmed (create 2)\n"
                        "  10.000 B1 pending -> confirmed: the partner says confirmed (create 2)\n"
                        "  10.000 B1 next: rest - the partner confirmed it\n"
                        "  10.000 = confirmed/agreed v4\n");
    stage_free(stage);
}

/* Deduplicates, but cannot be asked: repeats are the only way to learn, and not for ever. */
Test(worker, hands_over_after_five_creates_and_the_doubt_limit)
{
    struct stage *stage = stage_new();

    stage->partner.profile.dedupe = DBK_DEDUPE_REFERENCE;
    stage->partner.profile.repeat = DBK_REPEAT_SAME;
    stage->partner.profile.look_up = DBK_LOOK_UP_NONE;
    stage_book(stage, "key-1");
    for (int i = 0; i < 5; i++) {
        stage_until(stage, 1000 << i);
        stage_fail(stage, DBK_FAILURE_RESET);
    }
    stage_until(stage, 3600000);
    stage_expect(
        stage,
        "   0.000 ana books\n"
        "   0.000 = received/unsent v1\n"
        "   0.000 B1 next: send - the traveller asked for it\n"
        "   0.000 -> create 1 K1: POST /reservations\n"
        "   0.000 = received/in_flight v2\n"
        "   1.000 <- reset\n"
        "   1.000 B1 next: resend - the partner answers a repeat of the same key with the same "
        "reservation\n"
        "   1.000 -> create 2 K1: POST /reservations\n"
        "   1.000 = received/in_doubt v3\n"
        "   2.000 <- reset\n"
        "   2.000 B1 next: wait until 17:25:04 - the partner answers a repeat of the same key with "
        "the same reservation; resend by 17:25:04\n"
        "   4.000 B1 next: resend - the partner answers a repeat of the same key with the same "
        "reservation\n"
        "   4.000 -> create 3 K1: POST /reservations\n"
        "   4.000 <- reset\n"
        "   4.000 B1 next: wait until 17:25:08 - the partner answers a repeat of the same key with "
        "the same reservation; resend by 17:25:08\n"
        "   8.000 B1 next: resend - the partner answers a repeat of the same key with the same "
        "reservation\n"
        "   8.000 -> create 4 K1: POST /reservations\n"
        "   8.000 <- reset\n"
        "   8.000 B1 next: wait until 17:25:16 - the partner answers a repeat of the same key with "
        "the same reservation; resend by 17:25:16\n"
        "  16.000 B1 next: resend - the partner answers a repeat of the same key with the same "
        "reservation\n"
        "  16.000 -> create 5 K1: POST /reservations\n"
        "  16.000 <- reset\n"
        "  16.000 B1 next: wait until 17:55:01 - the create of 17:25:16 is in doubt and only a "
        "callback can end that; operator at 17:55:01\n"
        "1801.000 B1 next: operator - the doubt lasted longer than this partner's doubt limit\n"
        "1801.000 = received/operator v4\n");
    stage_free(stage);
}

/* Neither look-up nor deduplication: nothing may be sent, only waited for. */
Test(worker, gives_a_callback_its_chance_before_a_person_decides)
{
    struct stage *stage = stage_new();

    stage->partner.profile.look_up = DBK_LOOK_UP_NONE;
    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 60000);
    stage_callback(stage, "R1 K1 confirmed", NULL);
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "  10.000 <- timed out\n"
                        "  10.000 B1 next: wait until 17:55:10 - the create of 17:25:00 is in "
                        "doubt and only a callback can end that; operator at 17:55:10\n"
                        "  10.000 = received/in_doubt v3\n"
                        "  60.000 callback R1 K1 confirmed\n"
                        "  60.000 = received/waiting v4\n"
                        "  60.000 B1 next: look-up - a callback says confirmed of R1, and only a "
                        "reading can confirm that\n"
                        "  60.000 -> get 1: GET /reservations/R1\n"
                        "  60.000 callback was answered 204\n"
                        "  60.000 <- 200 R1 K1 confirmed\n"
                        "  60.000 B1 received -> pending: the partner says confirmed (get 1)\n"
                        "  60.000 B1 pending -> confirmed: the partner says confirmed (get 1)\n"
                        "  60.000 B1 next: rest - the partner confirmed it\n"
                        "  60.000 = confirmed/agreed v5\n");
    stage_free(stage);
}

Test(worker, hands_over_when_no_safe_step_is_left)
{
    struct stage *stage = stage_new();

    stage->partner.profile.look_up = DBK_LOOK_UP_NONE;
    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 3600000);
    stage_expect(
        stage,
        "   0.000 ana books\n"
        "   0.000 = received/unsent v1\n"
        "   0.000 B1 next: send - the traveller asked for it\n"
        "   0.000 -> create 1 K1: POST /reservations\n"
        "   0.000 = received/in_flight v2\n"
        "  10.000 <- timed out\n"
        "  10.000 B1 next: wait until 17:55:10 - the create of 17:25:00 is in doubt and only a "
        "callback can end that; operator at 17:55:10\n"
        "  10.000 = received/in_doubt v3\n"
        "1810.000 B1 next: operator - the doubt lasted longer than this partner's doubt limit\n"
        "1810.000 = received/operator v4\n");
    stage_free(stage);
}

Test(worker, tries_again_what_never_left)
{
    struct stage *stage = stage_new();

    stage->jitter = 8;
    stage_book(stage, "key-1");
    stage_fail(stage, DBK_FAILURE_REFUSED);
    stage_until(stage, 3000);
    stage_fail(stage, DBK_FAILURE_TOO_LATE);
    stage_until(stage, 9000);
    stage_answer(stage, "409 sold-out");
    stage_expect(
        stage,
        "   0.000 ana books\n"
        "   0.000 = received/unsent v1\n"
        "   0.000 B1 next: send - the traveller asked for it\n"
        "   0.000 -> create 1 K1: POST /reservations\n"
        "   0.000 = received/in_flight v2\n"
        "   0.000 <- refused\n"
        "   0.000 B1 next: wait until 17:25:01 - create 1 made no booking; resend by 17:25:02\n"
        "   0.000 = received/unsent v3\n"
        "   1.500 B1 next: resend - create 1 made no booking\n"
        "   1.500 -> create 2 K1: POST /reservations\n"
        "   1.500 = received/in_flight v4\n"
        "   3.000 <- too late\n"
        "   3.000 B1 next: wait until 17:25:06 - create 2 made no booking; resend by 17:25:07\n"
        "   3.000 = received/unsent v5\n"
        "   6.000 B1 next: resend - create 2 made no booking\n"
        "   6.000 -> create 3 K1: POST /reservations\n"
        "   6.000 = received/in_flight v6\n"
        "   9.000 <- 409 sold-out\n"
        "   9.000 B1 received -> rejected: the partner refused the create\n"
        "   9.000 B1 next: rest - it is over, and the partner holds nothing\n"
        "   9.000 = rejected/agreed v7\n");
    stage_free(stage);
}

/* With a version counter callbacks need no reading back, and an older one changes nothing. */
Test(worker, takes_a_newer_version_at_its_word)
{
    struct stage *stage = stage_new();

    stage->partner.profile.callback_version = DBK_ORDER_COUNTER;
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 pending v1");
    stage_callback(stage, "R1 K1 confirmed v2", "evt-2");
    stage_callback(stage, "R1 K1 pending v1", "evt-1");
    stage_until(stage, 3600000);
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   0.000 <- 201 R1 pending v1\n"
                        "   0.000 B1 received -> pending: the partner says pending (create 1)\n"
                        "   0.000 B1 next: wait until 17:25:02 - the partner has not decided yet; "
                        "look-up by 17:25:02\n"
                        "   0.000 = pending/waiting v3\n"
                        "   0.000 callback R1 K1 confirmed v2\n"
                        "   0.000 B1 pending -> confirmed: the partner says confirmed (callback)\n"
                        "   0.000 = confirmed/agreed v4\n"
                        "   0.000 B1 next: rest - the partner confirmed it\n"
                        "   0.000 callback was answered 204\n"
                        "   0.000 callback R1 K1 pending v1\n"
                        "   0.000 B1 next: rest - the partner confirmed it\n"
                        "   0.000 callback was answered 204\n");
    stage_free(stage);
}

Test(worker, gives_up_on_what_stays_pending)
{
    struct stage *stage = stage_new();

    stage->partner.profile.doubt_limit_ms = 10000;
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
    stage_until(stage, 2000);
    stage_answer(stage, "200 R1 K1 pending");
    stage_until(stage, 6000);
    stage_answer(stage, "200 R1 K1 pending");
    stage_until(stage, 3600000);
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   0.000 <- 201 R1 K1 pending\n"
                        "   0.000 B1 received -> pending: the partner says pending (create 1)\n"
                        "   0.000 B1 next: wait until 17:25:02 - the partner has not decided yet; "
                        "look-up by 17:25:02\n"
                        "   0.000 = pending/waiting v3\n"
                        "   2.000 B1 next: look-up - the partner has not decided yet\n"
                        "   2.000 -> get 1: GET /reservations/R1\n"
                        "   2.000 <- 200 R1 K1 pending\n"
                        "   2.000 B1 next: wait until 17:25:06 - the partner has not decided yet; "
                        "look-up by 17:25:06\n"
                        "   6.000 B1 next: look-up - the partner has not decided yet\n"
                        "   6.000 -> get 2: GET /reservations/R1\n"
                        "   6.000 <- 200 R1 K1 pending\n"
                        "   6.000 B1 next: wait until 17:25:10 - the partner has not decided yet; "
                        "operator at 17:25:10\n"
                        "  10.000 B1 next: operator - the partner left it undecided for too long\n"
                        "  10.000 = pending/operator v4\n");
    stage_free(stage);
}

Test(worker, treats_an_answer_it_cannot_use_as_a_doubt)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 bogus");
    stage_answer(stage, "502 bad-gateway");
    stage_until(stage, 2000);
    stage_answer(stage, "200 [R1 K1 rejected]");
    stage_expect(stage, "   0.000 ana books\n"
                        "   0.000 = received/unsent v1\n"
                        "   0.000 B1 next: send - the traveller asked for it\n"
                        "   0.000 -> create 1 K1: POST /reservations\n"
                        "   0.000 = received/in_flight v2\n"
                        "   0.000 <- 201 R1 K1 bogus\n"
                        "   0.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "   0.000 -> look-up 1 K1: GET /reservations?date=2026-07-04\n"
                        "   0.000 = received/in_doubt v3\n"
                        "   0.000 <- 502 bad-gateway\n"
                        "   0.000 B1 next: wait until 17:25:02 - the create of 17:25:00 is in "
                        "doubt; look-up by 17:25:02\n"
                        "   2.000 B1 next: look-up - the create of 17:25:00 is in doubt\n"
                        "   2.000 -> look-up 2 K1: GET /reservations?date=2026-07-04\n"
                        "   2.000 <- 200 [R1 K1 rejected]\n"
                        "   2.000 B1 received -> rejected: the partner says rejected (look-up 2)\n"
                        "   2.000 B1 next: rest - it is over, and the partner holds nothing\n"
                        "   2.000 = rejected/agreed v4\n");
    stage_free(stage);
}
