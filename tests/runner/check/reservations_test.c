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
