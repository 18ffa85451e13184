#include "lines.h"

#include <criterion/criterion.h>

TestSuite(single_reservation, .timeout = 20);

#define SINGLE "single-reservation"

/* The heart of the seed incident: the answer is lost, the retry books again. */
Test(single_reservation, is_violated_the_moment_a_second_one_is_live)
{
    expect_finding(
        SINGLE, LAGOON,
        "20 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 fate=arrived\n"
        "20 lagoon effect intent=trip reservation=LG-1 key=rv-a state=pending by=create "
        "exchange=c1\n"
        "20 lagoon answer op=create intent=trip attempt=1 exchange=c1 http=201 fate=lost\n"
        "10070 lagoon saw op=create intent=trip attempt=2 key=rv-b exchange=c2 fate=arrived\n"
        "10112 lagoon effect intent=trip reservation=LG-2 key=rv-b state=pending by=create "
        "exchange=c2\n",
        "exposed 1\n"
        "10112 trip [2 5]: trip has 2 live reservations at lagoon since 0:10.112: LG-1 (create 1) "
        "and LG-2 (create 2)\n");
}

Test(single_reservation, holds_where_the_first_is_gone_before_the_second_lives)
{
    expect_finding(
        SINGLE, LAGOON,
        "20 lagoon effect intent=trip reservation=LG-1 state=pending by=create exchange=c1\n"
        "90 lagoon effect intent=trip reservation=LG-1 state_before=pending state=cancelled "
        "by=cancel\n"
        "99 lagoon effect intent=trip reservation=LG-2 state=pending by=create exchange=c2\n"
        "99 lagoon effect intent=tour reservation=LG-3 state=confirmed by=create exchange=c3\n",
        "exposed 1\n");
}

Test(single_reservation, spans_all_partners_of_an_intent)
{
    expect_finding(SINGLE, LAGOON,
                   "20 lagoon effect intent=trip reservation=R1 key=a state=confirmed by=create\n"
                   "65000 reef effect intent=trip reservation=R1 state=on_hold by=create\n",
                   "exposed 1\n"
                   "65000 trip [1 2]: trip has 2 live reservations since 1:05.000: R1 at lagoon "
                   "(key a) and R1 at reef\n");
}

/* A wish that is booked anew is one wish; a second wish is another. */
Test(single_reservation, counts_by_intent_and_not_by_booking)
{
    expect_finding(SINGLE, LAGOON,
                   "1 ana asked op=book booking=trip intent=trip key=k1\n"
                   "2 lagoon effect intent=trip reservation=R1 state=confirmed\n"
                   "3 ana asked op=anew booking=trip2 intent=trip key=k2\n"
                   "4 lagoon effect intent=trip reservation=R2 state=confirmed\n"
                   "5 ana asked op=book booking=tour intent=tour key=k3\n"
                   "6 lagoon effect intent=tour reservation=R3 state=confirmed\n",
                   "exposed 1\n"
                   "4 trip [2 4]: trip has 2 live reservations at lagoon since 0:00.004: R1 and "
                   "R2\n");
}

#define BOOKED_TWICE                                                                               \
    "20 lagoon saw op=create intent=trip attempt=1 exchange=c1 fate=arrived\n"                     \
    "20 lagoon effect intent=trip reservation=LG-1 state=confirmed by=create exchange=c1\n"        \
    "20 lagoon effect intent=trip reservation=LG-2 state=confirmed by=create exchange=c1\n"        \
    "20 lagoon fault fault=book-twice by=lagoon#1 exchange=c1 claim=one-create-one-reservation\n"

Test(single_reservation, is_owed_only_in_time_where_one_create_made_two)
{
    expect_finding(SINGLE, LAGOON,
                   BOOKED_TWICE
                   "900020 lagoon effect intent=trip reservation=LG-2 state=cancelled by=cancel\n"
                   "999999 stage end fate=rest\n",
                   "exposed 1\n");
    expect_finding(SINGLE, LAGOON,
                   BOOKED_TWICE "5000 sam read booking=trip intent=trip status=confirmed "
                                "sync=operator surface=detail\n"
                                "999999 stage end fate=rest\n",
                   "exposed 1\n");
    expect_finding(SINGLE, LAGOON, BOOKED_TWICE "800000 stage end fate=bound\n", "exposed 1\n");
}

Test(single_reservation, is_violated_where_nobody_settles_what_the_partner_did)
{
    expect_finding(SINGLE, LAGOON,
                   BOOKED_TWICE
                   "90 ana read booking=trip intent=trip status=confirmed sync=agreed\n"
                   "5000 stage end fate=rest\n",
                   "exposed 1\n"
                   "5000 trip [2 3 4]: trip has had 2 live reservations since 0:00.020: LG-1 at "
                   "lagoon (create 1) and LG-2 at lagoon (create 1); the partner broke "
                   "one-create-one-reservation, but the core neither settled it within the "
                   "promised time nor asked a person\n");
    expect_finding(SINGLE, LAGOON,
                   BOOKED_TWICE
                   "900021 lagoon effect intent=trip reservation=LG-2 state=cancelled by=cancel\n",
                   "exposed 1\n"
                   "900020 trip [2 3 4 5]: trip has had 2 live reservations since 0:00.020: LG-1 "
                   "at lagoon (create 1) and LG-2 at lagoon (create 1); the partner broke "
                   "one-create-one-reservation, but the core neither settled it within the "
                   "promised time nor asked a person\n");
}

/* A partner that takes a reference once and makes two of its repeat broke its word; one that never
 * said so did not, and nobody is excused for a second key. */
Test(single_reservation, looks_at_what_the_partner_said_about_repeats)
{
#define REPEATED(key)                                                                              \
    "20 lagoon effect intent=trip reservation=LG-1 key=a state=pending by=create exchange=c1\n"    \
    "60 lagoon effect intent=trip reservation=LG-2 key=" key                                       \
    " state=pending by=create exchange=c2\n"                                                       \
    "60 lagoon fault fault=book-twice exchange=c2 claim=one-create-one-reservation\n"              \
    "900 sam read booking=trip intent=trip status=pending sync=operator\n"
    expect_finding(SINGLE, UNIQUE, REPEATED("a"), "exposed 1\n");
    expect_finding(SINGLE, UNIQUE, REPEATED("b"),
                   "exposed 1\n"
                   "60 trip [1 2]: trip has 2 live reservations at lagoon since 0:00.060: LG-1 "
                   "(key a) and LG-2 (key b)\n");
    expect_finding(SINGLE, LAGOON, REPEATED("a"),
                   "exposed 1\n"
                   "60 trip [1 2]: trip has 2 live reservations at lagoon since 0:00.060: LG-1 "
                   "(key a) and LG-2 (key a)\n");
}

/* The broken promise of one create does not excuse a third reservation of another. */
Test(single_reservation, excuses_only_what_the_broken_promise_caused)
{
    expect_finding(
        SINGLE, LAGOON,
        BOOKED_TWICE
        "90 lagoon effect intent=trip reservation=LG-3 key=b state=pending by=create exchange=c2\n",
        "exposed 1\n"
        "90 trip [2 5]: trip has 3 live reservations at lagoon since 0:00.090: LG-1 (create 1) and "
        "LG-3 (key b)\n");
}

#define CREATED(at, n, http)                                                                       \
    at " lagoon saw op=create intent=trip attempt=" n " key=k" n " exchange=c" n "\n" at           \
       " lagoon effect intent=trip reservation=LG-" n " key=k" n " state=confirmed by=create "     \
       "exchange=c" n "\n" at " lagoon answer op=create intent=trip attempt=" n " exchange=c" n    \
       " http=" http " fate=delivered\n"
#define FAULT(at, op, exchange, claim)                                                             \
    at " lagoon fault op=" op " intent=trip fault=x exchange=" exchange " claim=" claim "\n"
#define CANCELLED(at, n)                                                                           \
    at " lagoon effect intent=trip reservation=LG-" n " state_before=confirmed state=cancelled "   \
       "by=cancel\n"
#define IN_TIME CANCELLED("90000", "1") "99999 stage end fate=rest\n"
#define TWO_LIVE(at, when)                                                                         \
    "exposed 1\n" at " trip [2 " when ": LG-1 (create 1) and LG-2 (create 2)\n"

/* The cancel was said to be done, so the traveller may book anew. */
Test(single_reservation, is_owed_only_in_time_where_a_cancel_was_a_lie)
{
    expect_finding(SINGLE, LAGOON,
                   CREATED("20", "1", "201") FAULT("30000", "cancel", "x1", "cancel-takes-effect")
                       CREATED("31000", "2", "201") IN_TIME,
                   "exposed 1\n");
    expect_finding(SINGLE, LAGOON,
                   CREATED("20", "1", "201") FAULT("30000", "cancel", "x1", "cancel-takes-effect")
                       CREATED("31000", "2", "201") "99999 stage end fate=rest\n",
                   "exposed 1\n"
                   "99999 trip [2 4 6]: trip has had 2 live reservations since 0:31.000: LG-1 at "
                   "lagoon (create 1) and LG-2 at lagoon (create 2); the partner broke "
                   "cancel-takes-effect, but the core neither settled it within the promised time "
                   "nor asked a person\n");
    /* Of another reservation, or after the second was made, it is behind nothing. */
    expect_finding(SINGLE, LAGOON,
                   CREATED("20", "1", "201")
                       FAULT("30000", "cancel", "x1", "cancel-takes-effect reservation=LG-9")
                           CREATED("31000", "2", "201") IN_TIME,
                   TWO_LIVE("31000", "6]: trip has 2 live reservations at lagoon since 0:31.000"));
    expect_finding(SINGLE, LAGOON,
                   CREATED("20", "1", "201") CREATED("31000", "2", "201")
                       FAULT("32000", "cancel", "x1", "cancel-takes-effect") IN_TIME,
                   TWO_LIVE("31000", "5]: trip has 2 live reservations at lagoon since 0:31.000"));
}

#define NOT_BOOKED LINES_HEAD("'look_up':'list-by-date','server_error':'not-booked'", "")

/* A server error that by the partner's word says "not booked" may be followed by another create. */
Test(single_reservation, is_owed_only_in_time_where_an_error_was_a_lie)
{
    expect_finding(SINGLE, LAGOON,
                   CREATED("20", "1", "500") FAULT("20", "create", "c1", "error-means")
                       CREATED("2000", "2", "201") IN_TIME,
                   "exposed 1\n");
    expect_finding(SINGLE, LAGOON,
                   CREATED("20", "1", "201") CREATED("2000", "2", "500")
                       FAULT("2000", "create", "c2", "error-means") IN_TIME,
                   TWO_LIVE("2000", "5]: trip has 2 live reservations at lagoon since 0:02.000"));
}

/* What came too late or did not show excuses what it led to, and nothing else. */
Test(single_reservation, is_owed_only_in_time_where_the_create_came_or_showed_too_late)
{
    static const char *const claims[] = {"commits-within", "visible-within"};
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(claims); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "%s20 lagoon fault fault=x exchange=c1 claim=%s\n%s%s",
                        CREATED("20", "1", "201"), claims[i], CREATED("31000", "2", "201"),
                        IN_TIME);
        expect_finding(SINGLE, LAGOON, lines.bytes, "exposed 1\n");
        dbk_text_clear(&lines);
        dbk_text_printf(&lines,
                        "%s%s50 lagoon saw op=cancel intent=trip exchange=x1\n"
                        "50 lagoon fault fault=x exchange=x1 claim=%s\n%s",
                        CREATED("20", "1", "201"), CREATED("40", "2", "201"), claims[i], IN_TIME);
        expect_finding(SINGLE, LAGOON, lines.bytes,
                       TWO_LIVE("40", "5]: trip has 2 live reservations at lagoon since 0:00.040"));
    }
    dbk_text_reset(&lines);
}

/* A partner's own log tells no faults; what the partner did shows that it broke its word. */
Test(single_reservation, is_owed_only_in_time_where_the_facts_show_the_broken_promise)
{
    static const char *const twins =
        "20 lagoon saw op=create intent=trip attempt=1 key=a exchange=c1\n"
        "20 lagoon effect intent=trip reservation=LG-1 key=a state=confirmed exchange=c1\n"
        "21 lagoon effect intent=trip reservation=LG-2 key=a state=confirmed exchange=c1\n";
    static const char *const repeats =
        "20 lagoon effect intent=trip reservation=LG-1 key=a state=confirmed exchange=c1\n"
        "21 lagoon effect intent=trip reservation=LG-2 key=a state=confirmed exchange=c2\n";
    struct dbk_text lines = {0};

    dbk_text_printf(&lines, "%s%s", twins, IN_TIME);
    expect_finding(SINGLE, LAGOON, lines.bytes, "exposed 1\n");
    dbk_text_clear(&lines);
    dbk_text_printf(&lines, "%s%s", repeats, IN_TIME);
    expect_finding(SINGLE, UNIQUE, lines.bytes, "exposed 1\n");
    expect_finding(SINGLE, LAGOON, lines.bytes,
                   "exposed 1\n"
                   "21 trip [1 2]: trip has 2 live reservations at lagoon since 0:00.021: LG-1 "
                   "(key a) and LG-2 (key a)\n");
    expect_finding(SINGLE, NOT_BOOKED,
                   CREATED("20", "1", "500") CREATED("2000", "2", "201") IN_TIME, "exposed 1\n");
    expect_finding(SINGLE, LAGOON, CREATED("20", "1", "500") CREATED("2000", "2", "201") IN_TIME,
                   TWO_LIVE("2000", "5]: trip has 2 live reservations at lagoon since 0:02.000"));
    expect_finding(
        SINGLE, LAGOON,
        CREATED("20", "1", "201") "30 lagoon answer op=cancel intent=trip http=200 "
                                  "reservation=LG-1 state=cancelled fate=delivered\n" CREATED(
                                      "2000", "2", "201") IN_TIME,
        "exposed 1\n");
    expect_finding(
        SINGLE, LAGOON,
        "20 lagoon saw op=create intent=trip attempt=1 key=k exchange=c1 asked_ms=5\n"
        "70000 lagoon effect intent=trip reservation=LG-0 state=confirmed exchange=c1\n" CREATED(
            "71000", "2",
            "201") "90000 lagoon effect intent=trip reservation=LG-0 state=cancelled by=cancel\n",
        "exposed 1\n");
    dbk_text_reset(&lines);
}

/* Asked before there were two, or when it was too late, a person is no excuse. */
Test(single_reservation, is_violated_where_a_person_is_asked_at_another_time)
{
    expect_finding(
        SINGLE, LAGOON,
        "10 sam read booking=trip intent=trip status=pending sync=operator\n" BOOKED_TWICE
        "900021 sam read booking=trip intent=trip status=confirmed sync=operator\n"
        "999999 stage end fate=rest\n",
        "exposed 1\n"
        "900020 trip [3 4 5]: trip has had 2 live reservations since 0:00.020: LG-1 at "
        "lagoon (create 1) and LG-2 at lagoon (create 1); the partner broke "
        "one-create-one-reservation, but the core neither settled it within the "
        "promised time nor asked a person\n");
    expect_finding(SINGLE, LAGOON,
                   BOOKED_TWICE
                   "900020 sam read booking=trip intent=trip status=confirmed sync=operator\n"
                   "999999 stage end fate=rest\n",
                   "exposed 1\n");
}

/* The log ends while there is time left to settle what the partner did. */
Test(single_reservation, is_unobserved_where_nobody_knows_whether_it_was_settled)
{
    expect_finding(SINGLE, LAGOON, BOOKED_TWICE,
                   "exposed 1\n"
                   "unobserved: whether one of two reservations was cancelled in time (effect, "
                   "end)\n");
    expect_finding(SINGLE, LAGOON, BOOKED_TWICE "90 stage end fate=stopped\n",
                   "exposed 1\n"
                   "unobserved: whether one of two reservations was cancelled in time (effect, "
                   "end)\n");
}

/* Without an intent two keys may be two wishes, or one that was booked twice. */
Test(single_reservation, is_unobserved_where_only_keys_tell_wishes_apart)
{
#define BY_KEY(at, key, id)                                                                        \
    at " lagoon saw op=create key=" key " exchange=c" key "\n" at " lagoon effect reservation=" id \
       " key=" key " state=confirmed exchange=c" key "\n"
    expect_finding(
        SINGLE, LAGOON,
        BY_KEY("20", "a", "R1") "20 lagoon answer op=create key=a exchange=ca fate=lost\n" BY_KEY(
            "90", "b", "R2") "99 stage end fate=rest\n",
        "exposed 0\n"
        "unobserved: which reservation belongs to which booking (intent or key)\n");
    expect_finding(
        SINGLE, LAGOON,
        BY_KEY("20", "a", "R1") "20 lagoon answer op=create key=a exchange=ca fate=lost\n",
        "exposed 1\n");
}

Test(single_reservation, says_by_what_facts_were_put_together)
{
    expect_finding(
        SINGLE, LAGOON,
        BY_KEY("20", "a", "R1") BY_KEY(
            "30", "b", "R3") "40 lagoon effect reservation=R2 key=a state=pending exchange=cc\n",
        "exposed 0\n"
        "40 key a [2 5]: key a has 2 live reservations at lagoon since 0:00.040: R1 "
        "(create 1) and R2 (key a) (no intent is known: facts are put together by "
        "key)\n");
}

/* Without ids another key or exchange makes another reservation; nothing else does. */
Test(single_reservation, tells_reservations_without_id_apart_by_key_and_exchange)
{
    static const char *const seconds[] = {"key=b", "key=a exchange=c2"};
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(seconds); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines,
                        "10 lagoon effect intent=trip key=a exchange=c1 state=pending by=create\n"
                        "20 lagoon effect intent=trip key=a state_before=pending state=confirmed "
                        "by=itself\n"
                        "30 lagoon effect intent=trip %s state=confirmed by=create\n",
                        seconds[i]);
        expect_finding(SINGLE, LAGOON, lines.bytes,
                       i == 0 ? "exposed 1\n"
                                "30 trip [1 3]: trip has 2 live reservations at lagoon since "
                                "0:00.030: one without id (key a) and one without id (key b)\n"
                              : "exposed 1\n"
                                "30 trip [1 3]: trip has 2 live reservations at lagoon since "
                                "0:00.030: one without id (key a) and one without id (key a)\n");
    }
    dbk_text_reset(&lines);
    expect_finding(SINGLE, LAGOON,
                   "10 lagoon effect intent=trip key=a state=pending by=create\n"
                   "20 lagoon effect intent=trip key=a reservation=LG-1 state_before=pending "
                   "state=confirmed by=itself\n"
                   "30 lagoon effect intent=trip state=cancelled by=cancel\n"
                   "40 lagoon effect intent=trip key=b reservation=LG-2 state=confirmed\n",
                   "exposed 1\n");
}

Test(single_reservation, is_unobserved_where_nobody_knows_which_reservation_changed)
{
    static const char *const unclear[] = {
        "20 lagoon effect intent=trip key=a exchange=c1 state=confirmed by=create\n",
        "20 lagoon effect intent=trip state=confirmed\n",
        ("20 lagoon effect intent=trip key=b exchange=c2 state=pending\n"
         "20 lagoon effect intent=trip state=cancelled by=cancel\n"),
    };
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(unclear); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "%s%s",
                        "10 lagoon effect intent=trip key=a exchange=c1 state=pending\n",
                        unclear[i]);
        expect_finding(SINGLE, LAGOON, lines.bytes,
                       "exposed 0\nunobserved: which reservation an effect is of (reservation)\n");
    }
    dbk_text_reset(&lines);
}

/* Two partners' logs, one behind the other: whether the first had gone nobody knows. */
Test(single_reservation, counts_across_partners_without_comparable_time_what_was_live_in_any_order)
{
#define AT_LAGOON(state) "- lagoon effect intent=trip reservation=R1 state=" state "\n"
#define AT_REEF(state) "- reef effect intent=trip reservation=R2 state=" state "\n"
    expect_finding(
        SINGLE, FOREIGN, AT_LAGOON("confirmed") AT_REEF("confirmed"),
        "exposed 1\n"
        "- trip [1 2]: trip has 2 live reservations since fact 2: R1 at lagoon and R2 at "
        "reef\n");
    expect_finding(
        SINGLE, FOREIGN, AT_LAGOON("confirmed") AT_REEF("confirmed") AT_LAGOON("cancelled"),
        "exposed 1\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the head)\n");
    expect_finding(
        SINGLE, FOREIGN, AT_LAGOON("confirmed") AT_LAGOON("cancelled") AT_REEF("confirmed"),
        "exposed 1\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the head)\n");
}

/* Three of one create: settled when no two of them are left. */
Test(single_reservation, is_owed_until_only_one_is_left)
{
#define TRIPLETS                                                                                   \
    "20 lagoon effect intent=trip reservation=LG-1 state=confirmed by=create exchange=c1\n"        \
    "20 lagoon effect intent=trip reservation=LG-2 state=confirmed by=create exchange=c1\n"        \
    "90 lagoon effect intent=trip reservation=LG-3 state=confirmed by=create exchange=c1\n"
    expect_finding(SINGLE, LAGOON, TRIPLETS CANCELLED("900020", "1") CANCELLED("900090", "2"),
                   "exposed 1\n");
    expect_finding(SINGLE, LAGOON, TRIPLETS CANCELLED("900020", "1") CANCELLED("900091", "2"),
                   "exposed 1\n"
                   "900090 trip [2 3 5]: trip has had 2 live reservations since 0:00.090: LG-2 at "
                   "lagoon and LG-3 at lagoon; the partner broke one-create-one-reservation, but "
                   "the core neither settled it within the promised time nor asked a person\n");
}

Test(single_reservation, is_unobserved_without_effects)
{
    expect_finding(SINGLE, FOREIGN,
                   "1 lagoon saw op=create key=a exchange=c1\n"
                   "2 lagoon answer op=create key=a exchange=c1 state=confirmed fate=lost\n",
                   "exposed 0\n"
                   "unobserved: what became of reservations at the partner (effect)\n");
}

/* A stage of ours tells every effect: where there is none, nothing was booked. */
Test(single_reservation, is_observed_without_effects_where_a_stage_saw_none)
{
    expect_finding(SINGLE, LAGOON, "1 lagoon saw op=create intent=trip exchange=c1 fate=lost\n",
                   "exposed 1\n");
}
