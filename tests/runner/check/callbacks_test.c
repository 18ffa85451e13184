#include "lines.h"

#include <criterion/criterion.h>

TestSuite(callback_once, .timeout = 20);
TestSuite(callback_authentic, .timeout = 20);

#define ONCE "callback-once"

/* The first delivery at 1 s, and what was shown before the copy of it that leaves at 60 s. */
#define FIRST                                                                                      \
    "1000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending nth=1\n"          \
    "1040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 state=pending nth=1 "  \
    "http=204\n"                                                                                   \
    "3000 ana read booking=trip intent=trip surface=page status=confirmed\n"
#define COPY "60000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending nth=2\n"
#define TAKEN                                                                                      \
    "60040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 state=pending nth=2 " \
    "http=204\n"
#define PENDING(at) at " ana read booking=trip intent=trip surface=page status=pending\n"
#define CANCEL(at) at " lagoon saw op=cancel intent=trip exchange=x1\n"

Test(callback_once, holds_where_a_copy_changes_nothing)
{
    expect_finding(ONCE, LAGOON,
                   FIRST COPY TAKEN
                   "60100 ana read booking=trip intent=trip surface=page status=confirmed\n",
                   "exposed 1\n");
}

Test(callback_once, is_violated_where_a_copy_turns_a_status)
{
    expect_finding(ONCE, LAGOON, FIRST COPY PENDING("60020") TAKEN,
                   "exposed 1\n"
                   "60020 trip [1 3 4 5]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and ana's page turned trip from confirmed to pending at 1:00.020\n");
}

Test(callback_once, does_not_excuse_a_copy_by_what_befell_another_wish)
{
    expect_finding(ONCE, LAGOON,
                   FIRST COPY
                   "60010 lagoon answer op=get intent=tour fate=delivered\n" PENDING("60020") TAKEN,
                   "exposed 1\n"
                   "60020 trip [1 3 4 6]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and ana's page turned trip from confirmed to pending at 1:00.020\n");
}

Test(callback_once, is_violated_where_a_copy_causes_a_cancel)
{
    expect_finding(ONCE, LAGOON, FIRST COPY TAKEN CANCEL("60060"),
                   "exposed 1\n"
                   "60060 trip [1 4 6]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and a cancel for trip followed at 1:00.060\n");
}

/* Forgeries. */

#define AUTHENTIC "callback-authentic"
#define SIGNED                                                                                     \
    LINES_HEAD("'look_up':'list-by-date','callback':{'kind':'full','signature':'token'}", "")
#define SHOWN "3000 ana read booking=trip intent=trip surface=page status=confirmed\n"
#define FORGED                                                                                     \
    "60000 lagoon callback intent=trip callback=e9 reservation=LG-1 state=cancelled nth=1 "        \
    "fault=forged-callback\n"
#define ANSWERED(http)                                                                             \
    "60040 lagoon callback-answered intent=trip callback=e9 reservation=LG-1 state=cancelled "     \
    "nth=1 fault=forged-callback http=" http "\n"

Test(callback_authentic, holds_where_a_forgery_is_refused_or_ignored)
{
    expect_finding(
        AUTHENTIC, SIGNED,
        SHOWN FORGED ANSWERED(
            "401") "60100 ana read booking=trip intent=trip surface=page status=confirmed\n",
        "exposed 1\n");
    expect_finding(
        AUTHENTIC, SIGNED,
        SHOWN FORGED ANSWERED(
            "204") "60100 ana read booking=trip intent=trip surface=page status=confirmed\n",
        "exposed 1\n");
}

Test(callback_authentic, is_violated_where_a_forgery_turns_a_status_or_causes_a_cancel)
{
    expect_finding(
        AUTHENTIC, SIGNED,
        SHOWN FORGED ANSWERED(
            "204") "60100 ana read booking=trip intent=trip surface=page status=cancelled\n",
        "exposed 1\n"
        "60100 trip [1 2 4]: a forgery of lagoon's callback saying cancelled left at "
        "1:00.000, and ana's page turned trip from confirmed to cancelled at 1:00.100\n");
    expect_finding(AUTHENTIC, SIGNED, SHOWN FORGED ANSWERED("204") CANCEL("60060"),
                   "exposed 1\n"
                   "60060 trip [2 4]: a forgery of lagoon's callback saying cancelled left at "
                   "1:00.000, and a cancel for trip followed at 1:00.060\n");
}

/* Nobody can tell where nothing is signed, and the partner's own are no forgeries. */
Test(callback_authentic, is_a_matter_of_partners_that_sign_alone)
{
    expect_finding(
        AUTHENTIC, LAGOON,
        SHOWN FORGED ANSWERED(
            "204") "60100 ana read booking=trip intent=trip surface=page status=cancelled\n",
        "exposed 0\n");
    expect_finding(AUTHENTIC, SIGNED, FIRST COPY PENDING("60020") TAKEN, "exposed 0\n");
}

/* The first delivery found nobody: the second is the first that could change anything. */
Test(callback_once, is_no_matter_of_the_first_that_was_taken)
{
    expect_finding(
        ONCE, LAGOON,
        "1000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending "
        "nth=1\n"
        "1040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 "
        "state=pending nth=1 fate=lost\n"
        "3000 ana read booking=trip intent=trip surface=page status=received\n" COPY PENDING(
            "60020") TAKEN,
        "exposed 0\n");
    expect_finding(
        ONCE, LAGOON,
        "1000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending "
        "nth=1\n"
        "1040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 "
        "state=pending nth=1 http=503\n"
        "3000 ana read booking=trip intent=trip surface=page status=received\n" COPY PENDING(
            "60020") TAKEN,
        "exposed 0\n");
}

/* The partner said done and did nothing; the core tries again when its pause is over. */
Test(callback_once, does_not_blame_a_copy_for_the_retry_of_a_cancel_that_had_no_effect)
{
    expect_finding(ONCE, LAGOON,
                   FIRST "3500 lagoon saw op=cancel intent=trip exchange=x0\n"
                         "3600 lagoon answer op=cancel intent=trip exchange=x0 fate=delivered "
                         "http=200\n" COPY TAKEN CANCEL("60060"),
                   "exposed 1\n");
    expect_finding(ONCE, LAGOON,
                   FIRST "3500 lagoon saw op=cancel intent=trip exchange=x0\n"
                         "3500 lagoon effect intent=trip reservation=LG-1 by=cancel "
                         "state_before=confirmed state=cancelled\n"
                         "3600 lagoon answer op=cancel intent=trip exchange=x0 fate=delivered "
                         "http=200\n" COPY TAKEN CANCEL("60060"),
                   "exposed 1\n"
                   "60060 trip [1 7 9]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and a cancel for trip followed at 1:00.060\n");
}

/* A copy without a count is told by its id, reservation and state. */
Test(callback_once, knows_a_copy_by_its_id)
{
    expect_finding(ONCE, LAGOON,
                   "1000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending\n"
                   "3000 ana read booking=trip intent=trip surface=page status=confirmed\n"
                   "9000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending\n"
                   "9020 ana read booking=trip intent=trip surface=page status=pending\n",
                   "exposed 1\n"
                   "9020 trip [1 2 3 4]: a copy of lagoon's callback saying pending left at "
                   "0:09.000, and ana's page turned trip from confirmed to pending at 0:09.020\n");
}

/* What may have another cause is not put down to the copy. */
Test(callback_once, does_not_blame_a_copy_for_what_others_did)
{
    static const struct {
        const char *lines;
        const char *finding;
    } cases[] = {
        {FIRST COPY TAKEN PENDING("65041"), "exposed 1\n"},
        {FIRST COPY TAKEN CANCEL("65041"), "exposed 1\n"},
        {FIRST COPY "60010 lagoon answer op=get intent=trip fate=delivered\n" PENDING("60020"),
         "exposed 0\n"}, /* the copy's own delivery is not known */
        {FIRST COPY "60010 lagoon answer op=get intent=trip fate=delivered\n" PENDING("60020")
             TAKEN,
         "exposed 0\n"}, /* from here on something else happened before the copy was answered */
        {FIRST "59500 lagoon answer op=get intent=trip fate=delivered\n" COPY PENDING("60020")
             TAKEN,
         "exposed 0\n"},
        {FIRST COPY "60010 core.api process fate=up\n" PENDING("60020") TAKEN, "exposed 0\n"},
        {FIRST COPY "60010 ana asked op=cancel intent=trip\n" CANCEL("60030") TAKEN, "exposed 0\n"},
        {FIRST COPY TAKEN "60041 ana asked op=cancel intent=trip\n" CANCEL("60050"), "exposed 1\n"},
        {FIRST COPY "60030 lagoon saw op=cancel intent=trip asked_ms=59999\n" TAKEN, "exposed 1\n"},
        {FIRST "30000 lagoon saw op=cancel intent=trip exchange=x0\n"
               "30050 lagoon answer op=cancel intent=trip exchange=x0 fate=lost\n" COPY TAKEN
                   CANCEL("60060"),
         "exposed 1\n"},
        {FIRST COPY "60010 ana read booking=trip intent=trip surface=page status=cancelled\n" TAKEN,
         "exposed 1\n"},
        {FIRST COPY "60040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 "
                    "state=pending nth=2 fate=lost\n" PENDING("60050"),
         "exposed 0\n"},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        expect_finding(ONCE, LAGOON, cases[i].lines, cases[i].finding);
    }
}

/* She looked last before the first delivery: what turned the page may have been that one. A watch
 * would have shown it. */
Test(callback_once, blames_a_copy_only_for_what_was_otherwise_before_it)
{
#define SEEN_FIRST(op)                                                                             \
    "900 ana read op=" op " booking=trip intent=trip surface=page status=confirmed\n"              \
    "1000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending nth=1\n"          \
    "1040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 state=pending nth=1 "  \
    "http=204\n" COPY "60020 ana read op=" op                                                      \
    " booking=trip intent=trip surface=page status=pending\n" TAKEN
    expect_finding(ONCE, LAGOON, SEEN_FIRST("look"), "exposed 1\n");
    expect_finding(ONCE, LAGOON, SEEN_FIRST("watch"),
                   "exposed 1\n"
                   "60020 trip [1 2 4 5]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and ana's page turned trip from confirmed to pending at 1:00.020\n");
}

/* The first delivery may have asked for the cancel, if it came just before. */
Test(callback_once, gives_the_first_delivery_a_second_to_act)
{
    expect_finding(
        ONCE, LAGOON,
        "3000 ana read booking=trip intent=trip surface=page status=pending\n"
        "59001 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending nth=1\n"
        "59020 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 state=pending "
        "nth=1 http=204\n" COPY TAKEN CANCEL("60060"),
        "exposed 1\n");
}

/* Of what a copy may do, what people see is one half and what the partner is asked the other. */
Test(callback_once, is_unobserved_where_one_half_of_its_consequences_is)
{
#define DELIVERED                                                                                  \
    "1000 lagoon callback intent=trip callback=e1 reservation=LG-1 state=pending nth=1\n"          \
    "1040 lagoon callback-answered intent=trip callback=e1 reservation=LG-1 state=pending nth=1 "  \
    "http=204\n"
    expect_finding(ONCE, LAGOON, DELIVERED COPY TAKEN "60100 lagoon saw op=get intent=trip\n",
                   "exposed 0\n"
                   "unobserved: what users and support were shown (read with status)\n");
    expect_finding(ONCE, LAGOON, DELIVERED COPY TAKEN CANCEL("60060"),
                   "exposed 1\n"
                   "60060 trip [1 3 5]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and a cancel for trip followed at 1:00.060\n");
    expect_finding(ONCE, FOREIGN, FIRST COPY TAKEN,
                   "exposed 0\nunobserved: which requests reached the partner (saw)\n");
    expect_finding(ONCE, FOREIGN, FIRST COPY PENDING("60020") TAKEN,
                   "exposed 1\n"
                   "60020 trip [1 3 4 5]: a copy of lagoon's callback saying pending left at "
                   "1:00.000, and ana's page turned trip from confirmed to pending at 1:00.020\n");
}

/* A read without time may be from before the copy left, and so may an answer without time. */
Test(callback_once, is_unobserved_where_reads_have_no_time)
{
#define UNORDERED "unobserved: what came first at different ends (at_ms, or clocks in the head)\n"
    expect_finding(ONCE, LAGOON, FIRST COPY PENDING("-") TAKEN, "exposed 0\n" UNORDERED);
    expect_finding(ONCE, LAGOON, FIRST COPY PENDING("-") PENDING("60020") TAKEN,
                   "exposed 0\n" UNORDERED);
    expect_finding(ONCE, LAGOON,
                   FIRST "- reef answer op=get intent=trip fate=delivered\n" COPY PENDING("60020")
                       TAKEN,
                   "exposed 0\n");
}

Test(callback_once, is_unobserved_where_consequences_or_times_are_missing)
{
    expect_finding(ONCE, FOREIGN, "10 ana read booking=trip intent=trip status=received\n",
                   "exposed 0\nunobserved: which callbacks there were (callback)\n");
    expect_finding(ONCE, FOREIGN, "- lagoon callback callback=e1 nth=2 key=a\n",
                   "exposed 0\nunobserved: what callbacks led to (read, saw)\n");
    expect_finding(ONCE, FOREIGN,
                   "- lagoon callback callback=e1 nth=2 key=a\n- lagoon saw op=create key=a\n",
                   "exposed 0\nunobserved: when callbacks came (at_ms of callback)\n");
}
