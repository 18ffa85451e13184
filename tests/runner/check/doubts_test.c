#include "lines.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(doubt_is_respected, .timeout = 20);
TestSuite(operator_only_when_needed, .timeout = 20);

#define DOUBT "doubt-is-respected"
#define OPERATOR "operator-only-when-needed"

/* Create 1 leaves at 0 and its answer is lost; create 2 leaves at AT under another key. */
#define LOST                                                                                       \
    "20 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 asked_ms=0 fate=arrived\n" \
    "30 lagoon effect intent=trip reservation=LG-1 state=pending by=create exchange=c1\n"          \
    "30 lagoon answer op=create intent=trip attempt=1 exchange=c1 http=201 state=pending "         \
    "fate=lost\n"
#define CREATE2(at, key)                                                                           \
    "200020 lagoon saw op=create intent=trip attempt=2 key=" key " exchange=c2 asked_ms=" at       \
    " fate=arrived\n"

Test(doubt_is_respected, is_violated_by_a_new_key_while_the_answer_is_missing)
{
    expect_finding(DOUBT, LAGOON, LOST CREATE2("10000", "rv-b"),
                   "exposed 1\n"
                   "10000 trip [1 3 4]: create 2 for trip left for lagoon at 0:10.000 under the "
                   "new key rv-b while create 1 of 0:00.000 was in doubt: its answer was lost\n");
}

/* A look-up of the wish that left late enough to prove absence, and how it was answered. */
#define ASKED_LATE(partner)                                                                        \
    "60020 " partner " saw op=look-up intent=trip exchange=l1 asked_ms=60000\n"                    \
    "60040 " partner " answer op=look-up intent=trip exchange=l1 fate=delivered "

/* One line between a doubtful create and the next, and whether it ends the doubt in time. */
Test(doubt_is_respected, ends_by_what_the_client_could_know)
{
    static const struct {
        const char *lines;
        bool ends;
    } cases[] = {
        /* a look-up of the wish, a list of the day */
        {"80 lagoon answer op=look-up intent=trip exchange=l1 state=pending reservation=LG-1 "
         "fate=delivered\n",
         true},
        {"80 lagoon answer op=look-up exchange=l1 reservation=LG-7,LG-1 fate=delivered\n", true},
        {"80 lagoon answer op=look-up exchange=l1 reservation=LG-7,LG-11 fate=delivered\n", false},
        {"80 lagoon answer op=look-up exchange=l1 reservation=LG-1 fate=lost\n", false},
        {"80 lagoon answer op=look-up exchange=l1 http=500 fate=delivered\n", false},
        {"80 reef answer op=look-up exchange=l1 reservation=LG-7,LG-1 fate=delivered\n", false},
        /* absence: sent at 60 s at the earliest, or 5 s sooner where the sending is not known */
        {"60020 lagoon saw op=look-up exchange=l1 asked_ms=60000\n"
         "60040 lagoon answer op=look-up exchange=l1 state=none fate=delivered\n",
         true},
        {"60020 lagoon saw op=look-up exchange=l1 asked_ms=59999\n"
         "60040 lagoon answer op=look-up exchange=l1 state=none fate=delivered\n",
         false},
        {"55000 lagoon saw op=look-up exchange=l1\n"
         "60040 lagoon answer op=look-up exchange=l1 state=none fate=delivered\n",
         true},
        {"54999 lagoon saw op=look-up exchange=l1\n"
         "60040 lagoon answer op=look-up exchange=l1 state=none fate=delivered\n",
         false},
        /* only a look-up that was answered tells of absence */
        {ASKED_LATE("lagoon") "http=200\n", true},
        {ASKED_LATE("lagoon") "http=404\n", true},
        {ASKED_LATE("lagoon") "http=410 state=none\n", true},
        {ASKED_LATE("lagoon") "http=429\n", false},
        {ASKED_LATE("lagoon") "http=401\n", false},
        {ASKED_LATE("lagoon") "http=302\n", false},
        {ASKED_LATE("lagoon") "http=503 state=none\n", false},
        {ASKED_LATE("reef") "http=200 state=none\n", false},
        {ASKED_LATE("-") "http=200 state=none\n", true},
        /* a callback that was taken, an operator, a connection that never was */
        {"80 lagoon callback intent=trip callback=e1 nth=1 reservation=LG-1\n"
         "99 lagoon callback-answered intent=trip callback=e1 nth=1 reservation=LG-1 http=204\n",
         true},
        {"80 lagoon callback intent=trip callback=e1 nth=1 reservation=LG-1\n"
         "99 lagoon callback-answered intent=trip callback=e1 nth=1 reservation=LG-1 http=500\n",
         false},
        {"80 lagoon callback intent=trip callback=e1 nth=1 reservation=LG-1\n", false},
        {"80 sam read booking=trip intent=trip status=pending sync=operator\n", true},
        {"80 lagoon fault fault=refuse-connection exchange=c1\n", true},
        /* nothing that another partner says, or that is about another wish */
        {"80 reef callback intent=trip callback=e1 nth=1 reservation=RF-9\n"
         "99 reef callback-answered intent=trip callback=e1 nth=1 reservation=RF-9 http=204\n",
         false},
        {"80 lagoon callback intent=tour callback=e1 nth=1\n"
         "99 lagoon callback-answered intent=tour callback=e1 nth=1 http=204\n",
         false},
    };
    static const char *const violated =
        "100000 trip [1 3 %d]: create 2 for trip left for lagoon at 1:40.000 under the new key "
        "rv-b "
        "while create 1 of 0:00.000 was in doubt: its answer was lost\n";
    struct dbk_text lines = {0};
    struct dbk_text expected = {0};

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        int number = 4; /* of create 2 */
        for (const char *c = cases[i].lines; *c != '\0'; c++) {
            number += *c == '\n';
        }
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "%s%s%s", LOST, cases[i].lines, CREATE2("100000", "rv-b"));
        dbk_text_clear(&expected);
        dbk_text_add(&expected, "exposed 1\n");
        if (!cases[i].ends) {
            char detail[256];
            snprintf(detail, sizeof(detail), "%s", violated);
            *strchr(detail, '%') = (char)('0' + number);
            memmove(strchr(detail, 'd'), strchr(detail, 'd') + 1, strlen(strchr(detail, 'd')));
            dbk_text_add(&expected, detail);
        }
        expect_finding(DOUBT, LAGOON, lines.bytes, expected.bytes);
    }
    dbk_text_reset(&lines);
    dbk_text_reset(&expected);
}

/* LG-1 was booked and cancelled before create 2 left and was never answered. What shows LG-1 says
 * nothing of create 2. */
Test(doubt_is_respected, is_not_ended_by_an_older_reservation)
{
    static const struct {
        const char *lines;
        bool ends;
    } cases[] = {
        {"11000 lagoon answer op=look-up intent=trip exchange=l1 http=200 state=cancelled "
         "reservation=LG-1 fate=delivered\n",
         false},
        {"11000 lagoon answer op=look-up exchange=l1 http=200 reservation=LG-7,LG-1 "
         "fate=delivered\n",
         false},
        {"70000 lagoon answer op=get intent=trip exchange=g1 http=200 state=cancelled "
         "reservation=LG-1 fate=delivered\n",
         false},
        {"11000 lagoon callback intent=trip callback=e1 nth=1 reservation=LG-1\n"
         "11020 lagoon callback-answered intent=trip callback=e1 nth=1 reservation=LG-1 "
         "http=204\n",
         false},
        /* one that nobody saw being made may be of create 2; so may one made since */
        {"11000 lagoon answer op=look-up intent=trip exchange=l1 http=200 reservation=LG-1,LG-2 "
         "fate=delivered\n",
         true},
        {"10030 lagoon effect intent=trip reservation=LG-3 state=pending key=rv-b\n"
         "11000 lagoon answer op=look-up exchange=l1 http=200 reservation=LG-1,LG-3 "
         "fate=delivered\n",
         true},
        {"11000 lagoon callback intent=trip callback=e1 nth=1 reservation=LG-2\n"
         "11020 lagoon callback-answered intent=trip callback=e1 nth=1 reservation=LG-2 "
         "http=204\n",
         true},
        /* a list of the day that shows only the older one, asked for late enough */
        {"70000 lagoon answer op=look-up exchange=l1 http=200 reservation=LG-1 fate=delivered\n",
         true},
    };
    struct dbk_text lines = {0};
    char expected[256];

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        int number = 7; /* of create 3 */
        for (const char *c = cases[i].lines; *c != '\0'; c++) {
            number += *c == '\n';
        }
        dbk_text_clear(&lines);
        dbk_text_printf(
            &lines, "%s%s%s",
            "20 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 asked_ms=0\n"
            "20 lagoon effect intent=trip reservation=LG-1 state=confirmed key=rv-a exchange=c1\n"
            "30 lagoon answer op=create intent=trip attempt=1 exchange=c1 http=201 "
            "fate=delivered\n"
            "5000 lagoon effect intent=trip reservation=LG-1 state=cancelled by=cancel\n"
            "10020 lagoon saw op=create intent=trip attempt=2 key=rv-b exchange=c2 asked_ms=10000\n"
            "10040 lagoon answer op=create intent=trip attempt=2 exchange=c2 http=201 fate=lost\n",
            cases[i].lines,
            "200020 lagoon saw op=create intent=trip attempt=3 key=rv-c exchange=c3 "
            "asked_ms=200000\n");
        snprintf(expected, sizeof(expected),
                 cases[i].ends
                     ? "exposed 1\n"
                     : "exposed 1\n"
                       "200000 trip [5 6 %d]: create 3 for trip left for lagoon at 3:20.000 under "
                       "the new key rv-c while create 2 of 0:10.000 was in doubt: its answer was "
                       "lost\n",
                 number);
        expect_finding(DOUBT, LAGOON, lines.bytes, expected);
    }
    dbk_text_reset(&lines);
}

/* Where the partner takes one key once, what create 1 made is what create 2 made. */
Test(doubt_is_respected, is_ended_by_what_an_earlier_create_under_the_same_key_made)
{
    expect_finding(DOUBT, UNIQUE,
                   LOST
                   "10020 lagoon saw op=create intent=trip attempt=2 key=rv-a exchange=c2 "
                   "asked_ms=10000\n"
                   "10040 lagoon answer op=create intent=trip attempt=2 exchange=c2 fate=lost\n"
                   "20000 lagoon answer op=look-up exchange=l1 reservation=LG-1 fate=delivered\n"
                   "30000 lagoon saw op=create intent=trip attempt=3 key=rv-c exchange=c3\n",
                   "exposed 2\n");
}

/* What became of create 1's own answer, and what that makes of create 2. */
Test(doubt_is_respected, depends_on_what_the_first_answer_said)
{
    static const struct {
        const char *fate;
        const char *knobs;
        const char *why; /* NULL: no doubt is left */
        int exposed;
    } cases[] = {
        {"http=201 state=pending fate=delivered", "'look_up':'none'", NULL, 0},
        {"http=409 fate=delivered", "'look_up':'none'", NULL, 0},
        {"http=500 fate=delivered", "'look_up':'none'", "its answer was a server error", 1},
        {"http=500 fate=delivered", "'server_error':'not-booked'", NULL, 0},
        {"http=502 state=none fate=delivered", "'server_error':'told'", NULL, 0},
        {"http=502 fate=delivered", "'server_error':'told'", "its answer was a server error", 1},
        {"http=502 state=none fate=delivered", "'look_up':'none'", "its answer was a server error",
         1},
        {"http=201 fate=late", "'look_up':'none'", "its answer came too late", 1},
        {"http=201 fate=unknown", "'look_up':'none'", "nobody knows whether its answer arrived", 1},
    };
    struct dbk_text head = {0};
    struct dbk_text lines = {0};
    struct dbk_text expected = {0};

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        dbk_text_clear(&head);
        dbk_text_printf(&head, LINES_HEAD("%s", ""), cases[i].knobs);
        dbk_text_clear(&lines);
        dbk_text_printf(&lines,
                        "20 lagoon saw op=create intent=trip attempt=1 key=a exchange=c1\n"
                        "40 lagoon answer op=create intent=trip exchange=c1 %s\n"
                        "90 lagoon saw op=create intent=trip attempt=2 key=b exchange=c2\n",
                        cases[i].fate);
        dbk_text_clear(&expected);
        dbk_text_printf(&expected, "exposed %d\n", cases[i].exposed);
        if (cases[i].why != NULL) {
            dbk_text_printf(&expected,
                            "90 trip [1 2 3]: create 2 for trip left for lagoon at 0:00.090 under "
                            "the new key b while create 1 of 0:00.020 was in doubt: %s\n",
                            cases[i].why);
        }
        expect_finding(DOUBT, head.bytes, lines.bytes, expected.bytes);
    }
    dbk_text_reset(&head);
    dbk_text_reset(&lines);
    dbk_text_reset(&expected);
}

/* An answer that comes after the second create has left helps as little as one that was lost. */
Test(doubt_is_respected, does_not_wait_for_an_answer_that_comes_after)
{
    expect_finding(
        DOUBT, LAGOON,
        "20 lagoon saw op=create intent=trip attempt=1 key=a exchange=c1 asked_ms=0\n"
        "70 lagoon saw op=create intent=trip attempt=2 key=b exchange=c2 asked_ms=59\n"
        "60 lagoon answer op=create intent=trip exchange=c1 http=201 state=pending "
        "fate=delivered\n",
        "exposed 0\n"
        "59 trip [1 2 3]: create 2 for trip left for lagoon at 0:00.059 under the new key b while "
        "create 1 of 0:00.000 was in doubt: its answer had not come yet\n");
}

/* The first to be sent may be the last to reach the door. */
Test(doubt_is_respected, goes_by_the_sending_not_by_the_door)
{
    expect_finding(
        DOUBT, LAGOON,
        "50 lagoon saw op=create intent=trip attempt=1 key=b exchange=c2 asked_ms=40\n"
        "55 lagoon answer op=create intent=trip exchange=c2 http=201 fate=delivered\n"
        "60 lagoon saw op=create intent=trip attempt=2 key=c exchange=c3 asked_ms=59\n"
        "65 lagoon answer op=create intent=trip exchange=c3 http=409 fate=delivered\n"
        "70 lagoon saw op=create intent=trip attempt=3 key=a exchange=c1 asked_ms=0\n"
        "80 lagoon answer op=create intent=trip exchange=c1 http=201 fate=lost\n",
        "exposed 1\n"
        "40 trip [1 5 6]: create 1 for trip left for lagoon at 0:00.040 under the new key b while "
        "create 3 of 0:00.000 was in doubt: its answer was lost\n");
}

/* Without exchanges answers are told by attempt, else by key, the next one. */
Test(doubt_is_respected, finds_answers_without_exchange)
{
    static const char *const answered[] = {
        "20 lagoon saw op=create intent=trip attempt=1 key=a\n"
        "40 lagoon answer op=create intent=trip attempt=%c state=pending fate=lost\n"
        "90 lagoon saw op=create intent=trip attempt=2 key=b\n",
        "20 lagoon saw op=create intent=trip key=a\n"
        "40 lagoon answer op=create intent=trip key=%c state=pending fate=lost\n"
        "90 lagoon saw op=create intent=trip key=b\n",
    };
    static const char *const violated =
        "exposed 1\n"
        "90 trip [1 2 3]: create 2 for trip left for lagoon at 0:00.090 under the new key b while "
        "create 1 of 0:00.020 was in doubt: its answer was lost\n";
    static const char first[] = {'1', 'a'};
    static const char other[] = {'3', 'c'};
    char lines[512];

    for (size_t i = 0; i < DBK_COUNT(answered); i++) {
        snprintf(lines, sizeof(lines), "%s", answered[i]);
        char *hole = strstr(lines, "%c");
        memmove(hole + 1, hole + 2, strlen(hole + 1));
        *hole = first[i];
        expect_finding(DOUBT, LAGOON, lines, violated);
        *hole = other[i];
        expect_finding(DOUBT, LAGOON, lines, "exposed 0\n");
    }
}

/* A request that never got past the door is as silent as one whose answer was lost. */
Test(doubt_is_respected, covers_a_lost_request)
{
    expect_finding(DOUBT, LAGOON,
                   "20 lagoon saw op=create intent=trip attempt=1 key=a exchange=c1 fate=lost\n"
                   "90 lagoon saw op=create intent=trip attempt=2 key=b exchange=c2 fate=lost\n",
                   "exposed 2\n"
                   "90 trip [1 2]: create 2 for trip left for lagoon at 0:00.090 under the new key "
                   "b while create 1 of 0:00.020 was in doubt: it never got past the partner's "
                   "door\n");
}

Test(doubt_is_respected, allows_the_same_key_only_where_the_partner_dedupes)
{
    expect_finding(DOUBT, UNIQUE, LOST CREATE2("10000", "rv-a"), "exposed 1\n");
    expect_finding(DOUBT, LAGOON, LOST CREATE2("10000", "rv-a"),
                   "exposed 1\n"
                   "10000 trip [1 3 4]: create 2 for trip left for lagoon at 0:10.000 under the "
                   "same key rv-a while create 1 of 0:00.000 was in doubt: its answer was lost\n");
    expect_finding(DOUBT, UNIQUE, LOST CREATE2("10000", "rv-b"),
                   "exposed 1\n"
                   "10000 trip [1 3 4]: create 2 for trip left for lagoon at 0:10.000 under the "
                   "new key rv-b while create 1 of 0:00.000 was in doubt: its answer was lost\n");
}

/* It is known for key_lasts from a commit that came within commit_within of the first sending. */
Test(doubt_is_respected, allows_the_same_key_only_while_the_partner_knows_it)
{
    const char *forgets = LINES_HEAD("'look_up':'none','dedupe':'reference','key_lasts':'5s'", "");

    expect_finding(DOUBT, forgets, LOST CREATE2("64999", "rv-a"), "exposed 1\n");
    expect_finding(DOUBT, forgets, LOST CREATE2("65000", "rv-a"),
                   "exposed 1\n"
                   "65000 trip [1 3 4]: create 2 for trip left for lagoon at 1:05.000 under the "
                   "same key rv-a while create 1 of 0:00.000 was in doubt: its answer was lost\n");
}

Test(doubt_is_respected, is_unobserved_without_answers_or_creates)
{
    expect_finding(DOUBT, LAGOON,
                   "20 lagoon saw op=create intent=trip key=a exchange=c1 fate=arrived\n"
                   "90 lagoon saw op=create intent=trip key=b exchange=c2 fate=arrived\n",
                   "exposed 0\nunobserved: answers' fate (answer)\n");
    expect_finding(DOUBT, FOREIGN, "20 ana read status=pending booking=trip\n",
                   "exposed 0\nunobserved: which creates reached the partner (saw)\n");
}

/* Two keys, and nothing says whether they are one wish's: the second may be another guest. */
#define UNLINKED                                                                                   \
    "20 lagoon saw op=create key=rv-a exchange=c1 fate=arrived\n"                                  \
    "30 lagoon answer op=create exchange=c1 http=201 state=pending fate=lost\n"                    \
    "12000 lagoon saw op=create key=rv-b exchange=c2 fate=arrived\n"                               \
    "12030 lagoon answer op=create exchange=c2 http=201 fate=delivered\n"

Test(doubt_is_respected, is_unobserved_where_creates_cannot_be_told_apart_by_intent)
{
    static const char *const unobserved =
        "exposed 0\nunobserved: which reservation belongs to which booking (intent or key)\n";

    expect_finding(DOUBT, LAGOON, UNLINKED, unobserved);
    expect_finding(DOUBT, LAGOON, LOST "50 reef saw op=create key=rv-b exchange=c2 fate=arrived\n",
                   unobserved);
    /* one that is violated is, whatever the others are */
    expect_finding(
        DOUBT, LAGOON, UNLINKED "13000 lagoon saw op=create key=rv-a exchange=c3 fate=arrived\n",
        "exposed 1\n"
        "13000 key rv-a [1 2 5]: create 2 for key rv-a left for lagoon at 0:13.000 under "
        "the same key rv-a while create 1 of 0:00.020 was in doubt: its answer was "
        "lost (no intent is known: facts are put together by key)\n");
    /* one key alone, and creates by intent */
    expect_finding(DOUBT, UNIQUE,
                   "20 lagoon saw op=create key=rv-a exchange=c1 fate=lost\n"
                   "90 lagoon saw op=create key=rv-a exchange=c2 fate=arrived\n"
                   "95 lagoon answer op=create exchange=c2 http=201 fate=delivered\n",
                   "exposed 1\n");
    expect_finding(DOUBT, LAGOON,
                   LOST "50 lagoon saw op=create intent=tour key=rv-b exchange=c2 fate=lost\n",
                   "exposed 2\n");
}

/* Without times the ends of two parties have no order, whatever the file's. */
Test(doubt_is_respected, is_unobserved_where_nobody_knows_what_came_first)
{
    static const char *const unobserved =
        "exposed 2\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the head)\n";
#define NEVER_ARRIVED(partner, n)                                                                  \
    "- " partner " saw op=create intent=trip key=rv-" n " exchange=c" n " fate=lost\n"
#define OPERATOR_READ "- sam read booking=trip intent=trip sync=operator\n"

    expect_finding(DOUBT, FOREIGN, NEVER_ARRIVED("lagoon", "1") NEVER_ARRIVED("reef", "2"),
                   unobserved);
    expect_finding(DOUBT, FOREIGN,
                   NEVER_ARRIVED("lagoon", "1") NEVER_ARRIVED("lagoon", "2") OPERATOR_READ,
                   unobserved);
    expect_finding(DOUBT, FOREIGN,
                   NEVER_ARRIVED("lagoon", "1") OPERATOR_READ NEVER_ARRIVED("lagoon", "2"),
                   unobserved);
    expect_finding(DOUBT, FOREIGN,
                   "- lagoon saw op=create intent=trip key=a exchange=c1 fate=lost\n"
                   "- lagoon saw op=create intent=trip key=a exchange=c2 fate=lost\n" OPERATOR_READ,
                   "exposed 2\n");
    expect_finding(DOUBT, LAGOON, NEVER_ARRIVED("lagoon", "1") NEVER_ARRIVED("lagoon", "2"),
                   "exposed 2\n"
                   "- trip [1 2]: create 2 for trip left for lagoon at an unknown time under the "
                   "new key rv-2 while create 1 of an unknown time was in doubt: it never got past "
                   "the partner's door\n");
}

/* Of the two creates that arrived only the other one has an answer: nothing is known of this one.
 */
Test(doubt_is_respected, is_not_invented_where_an_answer_is_missing_from_the_log)
{
    expect_finding(DOUBT, FOREIGN,
                   "20 lagoon saw op=create intent=trip key=a exchange=c1\n"
                   "90 lagoon saw op=create intent=trip key=b exchange=c2\n"
                   "95 lagoon answer op=create intent=trip exchange=c2 state=pending\n",
                   "exposed 0\n");
}

#define WITH_OPERATOR(at) at " sam read booking=trip intent=trip status=pending sync=operator\n"

Test(operator_only_when_needed, is_violated_at_the_first_doubt_though_a_look_up_would_do)
{
    expect_finding(OPERATOR, LAGOON, LOST WITH_OPERATOR("10050"),
                   "exposed 1\n"
                   "10050 trip [1 3 4]: trip was with an operator at 0:10.050, though lagoon can "
                   "be looked up and only 0 such tries had been made since create 1 of 0:00.000 "
                   "fell in doubt\n");
}

Test(operator_only_when_needed, wants_more_than_one_try)
{
    expect_finding(OPERATOR, LAGOON,
                   LOST "40 lagoon saw op=look-up exchange=l1\n" WITH_OPERATOR("10050"),
                   "exposed 1\n"
                   "10050 trip [1 3 5]: trip was with an operator at 0:10.050, though lagoon can "
                   "be looked up and only 1 such try had been made since create 1 of 0:00.000 fell "
                   "in doubt\n");
    expect_finding(
        OPERATOR, LINES_HEAD("'dedupe':'reference'", ""),
        LOST "40 lagoon saw op=get intent=trip exchange=l1\n" WITH_OPERATOR("10050"),
        "exposed 1\n"
        "10050 trip [1 3 5]: trip was with an operator at 0:10.050, though lagoon takes the same "
        "key again safely and only 1 such try had been made since create 1 of 0:00.000 fell in "
        "doubt\n");
}

/* Each of these alone makes the hand-over a fair one. */
Test(operator_only_when_needed, holds_where_there_was_a_reason)
{
    static const char *const reasons[] = {
        "40 lagoon saw op=look-up exchange=l1\n41 lagoon saw op=look-up exchange=l2\n",
        ("40 lagoon saw op=get intent=trip exchange=l1\n"
         "41 lagoon saw op=create intent=trip attempt=2 key=rv-a exchange=c2\n"),
        "40 lagoon fault fault=commit-late exchange=c1 claim=commits-within\n",
        "40 lagoon effect intent=trip reservation=LG-2 state=pending\n",
        "40 ana asked op=cancel intent=trip booking=trip\n",
        "40 lagoon answer op=cancel intent=trip http=409 fate=delivered\n",
    };
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(reasons); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "%s%s%s", LOST, reasons[i], WITH_OPERATOR("10050"));
        expect_finding(OPERATOR, LAGOON, lines.bytes, "exposed 1\n");
    }
    dbk_text_reset(&lines);
    expect_finding(OPERATOR, LAGOON, LOST WITH_OPERATOR("1800000"), "exposed 1\n");
}

/* Who was killed between the record of a create and its sending is in doubt since then, though
 * no partner ever saw that create. A process that went down before the wish was heard of is none of
 * its matter. */
Test(operator_only_when_needed, counts_from_a_kill_that_may_have_left_a_doubt)
{
#define KILLED(at) at " core.worker process fate=down\n" at " core.worker process fate=up\n"
#define LATE_CREATE                                                                                \
    "1200020 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 asked_ms=1200000 "    \
    "fate=arrived\n"                                                                               \
    "1200030 lagoon answer op=create intent=trip attempt=1 exchange=c1 http=201 state=pending "    \
    "fate=lost\n"

    expect_finding(OPERATOR, LAGOON,
                   "0 ana asked op=book intent=trip\n" KILLED("10")
                       LATE_CREATE WITH_OPERATOR("1800010"),
                   "exposed 1\n");
    expect_finding(
        OPERATOR, LAGOON,
        KILLED("0") "10 ana asked op=book intent=trip\n" LATE_CREATE WITH_OPERATOR("1800010"),
        "exposed 1\n"
        "1800010 trip [4 5 6]: trip was with an operator at 30:00.010, though lagoon can "
        "be looked up and only 0 such tries had been made since create 1 of 20:00.000 "
        "fell in doubt\n");
}

/* Where the partner promises nothing that would help, nothing is at risk. */
Test(operator_only_when_needed, is_exposed_only_where_a_machine_could_go_on)
{
    static const char *const other = "50 lagoon saw op=create intent=tour attempt=1 fate=lost\n"
                                     "90 sam read booking=tour intent=tour sync=in_doubt\n";
    struct dbk_text lines = {0};

    expect_finding(OPERATOR, LINES_HEAD("'look_up':'none'", ""), LOST WITH_OPERATOR("10050"),
                   "exposed 0\n");
    expect_finding(OPERATOR, LINES_HEAD("'look_up':'none','dedupe':'reference'", ""),
                   LOST WITH_OPERATOR("1800000"), "exposed 1\n");
    expect_finding(OPERATOR, FOREIGN, LOST WITH_OPERATOR("10050"),
                   "exposed 0\nunobserved: what the partner promises (its profile)\n");
    dbk_text_printf(&lines, "%s%s", LOST, other);
    expect_finding(OPERATOR, LAGOON, lines.bytes,
                   "exposed 1\nunobserved: whether an operator was asked (read with sync)\n");
    dbk_text_reset(&lines);
}

/* The doubt had ended, and much later the case came to an operator for another reason. */
Test(operator_only_when_needed, asks_nothing_of_a_doubt_that_had_ended)
{
    expect_finding(
        OPERATOR, LAGOON,
        LOST
        "2000 lagoon callback intent=trip callback=e1 nth=1 reservation=LG-1\n"
        "2040 lagoon callback-answered intent=trip callback=e1 nth=1 reservation=LG-1 "
        "http=204\n"
        "3000 lagoon effect intent=trip reservation=LG-1 state=rejected by=itself\n" WITH_OPERATOR(
            "480000"),
        "exposed 1\n");
}

/* The first create certainly never was; the second is in doubt, and nobody has looked yet. */
Test(operator_only_when_needed, asks_of_the_newest_doubt)
{
    expect_finding(
        OPERATOR, LAGOON,
        "20 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 fate=lost\n"
        "61000 lagoon saw op=look-up exchange=l1\n"
        "61010 lagoon answer op=look-up exchange=l1 state=none fate=delivered\n"
        "61020 lagoon saw op=look-up exchange=l2\n"
        "62000 lagoon saw op=create intent=trip attempt=2 key=rv-b exchange=c2\n"
        "62010 lagoon answer op=create intent=trip exchange=c2 fate=lost\n" WITH_OPERATOR("70000"),
        "exposed 1\n"
        "70000 trip [5 6 7]: trip was with an operator at 1:10.000, though lagoon can be "
        "looked up and only 0 such tries had been made since create 2 of 1:02.000 fell in "
        "doubt\n");
}

/* The look-up that found LG-1 may have been answered before or after. */
Test(operator_only_when_needed, is_unobserved_where_nobody_knows_whether_the_doubt_had_ended)
{
    expect_finding(
        OPERATOR, LAGOON,
        LOST WITH_OPERATOR(
            "10050") "- lagoon answer op=look-up exchange=l1 reservation=LG-1 fate=delivered\n",
        "exposed 1\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the "
        "head)\n");
    expect_finding(
        OPERATOR, LAGOON,
        LOST
        "- lagoon answer op=look-up exchange=l1 reservation=LG-1 fate=delivered\n" WITH_OPERATOR(
            "10050"),
        "exposed 1\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the "
        "head)\n");
}

/* A create that is sent again under its key is one doubt, from its first sending on. */
Test(operator_only_when_needed, counts_from_the_first_create_under_a_key)
{
#define AGAIN(at, n)                                                                               \
    at " lagoon saw op=create intent=trip attempt=" n " key=rv-a exchange=c" n " fate=lost\n"
    expect_finding(OPERATOR, UNIQUE,
                   LOST AGAIN("10000", "2") AGAIN("20000", "3") WITH_OPERATOR("30000"),
                   "exposed 1\n");
    expect_finding(
        OPERATOR, UNIQUE, LOST AGAIN("10000", "2") WITH_OPERATOR("30000"),
        "exposed 1\n"
        "30000 trip [1 3 5]: trip was with an operator at 0:30.000, though lagoon can be "
        "looked up and only 1 such try had been made since create 1 of 0:00.000 fell in "
        "doubt\n");
}

Test(operator_only_when_needed, is_unobserved_where_nobody_saw_the_sync)
{
    expect_finding(OPERATOR, LAGOON, LOST,
                   "exposed 0\nunobserved: whether an operator was asked (read with sync)\n");
    expect_finding(OPERATOR, FOREIGN, "9 sam read booking=trip intent=trip sync=agreed\n",
                   "exposed 0\nunobserved: which creates reached the partner (saw)\n");
    expect_finding(OPERATOR, FOREIGN,
                   "5 lagoon saw op=create intent=trip key=a\n"
                   "9 sam read booking=trip intent=trip sync=agreed\n",
                   "exposed 0\nunobserved: answers' fate (answer)\n");
}
