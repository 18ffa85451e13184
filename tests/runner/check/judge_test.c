#include "lines.h"
#include "runner/check/check.h"
#include "runner/judge.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(judge, .timeout = 60);

static void expect_outcome_of(const char *head, const char *lines, const char *expected)
{
    struct dbk_history *history = lines_history(head, lines);

    expect_outcome(history, expected);
    lines_free(history);
}

/* A booking as it should go, seen from all ends. */
#define GOOD_RUN                                                                                   \
    "0 ana step nth=1\n"                                                                           \
    "0 ana asked op=book booking=trip intent=trip key=k-1 text=d1\n"                               \
    "40 ana read op=book booking=trip intent=trip surface=page http=201 status=received "          \
    "sync=unsent version=1 asked_ms=0 text=bk-1\n"                                                 \
    "60 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 asked_ms=45 "              \
    "fate=arrived\n"                                                                               \
    "60 lagoon effect intent=trip reservation=LG-1 key=rv-a state=confirmed by=create "            \
    "exchange=c1\n"                                                                                \
    "75 lagoon answer op=create intent=trip attempt=1 exchange=c1 http=201 state=confirmed "       \
    "reservation=LG-1 fate=delivered\n"                                                            \
    "75 ana read op=watch booking=trip intent=trip surface=page http=200 status=confirmed "        \
    "sync=agreed version=2 asked_ms=75\n"                                                          \
    "500 sam read op=list booking=trip intent=trip surface=list http=200 status=confirmed "        \
    "sync=agreed version=2 asked_ms=470\n"

#define TERMS(terms) LINES_HEAD("'look_up':'list-by-date'", ",'terms':{" terms "}")

Test(judge, passes_a_run_that_keeps_its_terms)
{
    expect_outcome_of(
        TERMS("'proves':['one-truth','rests'],"
              "'faults':[{'rule':'lagoon#1','fault':'lose-answer','line':9,'if_reached':true}],"
              "'expect':[{'kind':'status','booking':'trip','status':'confirmed','by_ms':75},"
              "{'kind':'live','booking':'trip','partner':'lagoon','count':1},"
              "{'kind':'received','partner':'lagoon','op':'create','count':1}],"
              "'steps':[{'line':12,'text':'ana books trip'}]"),
        GOOD_RUN "600 stage store fate=whole\n600 stage end fate=rest\n",
        "passed after 600 ms\n"
        "unobserved charge-once: what was charged, of what price (read with amount and price)\n"
        "fault lagoon#1 lose-answer of line 9 fired 0, if reached\n"
        "exposed no-phantom-confirm 1\n"
        "exposed one-truth 1\n"
        "exposed rests 1\n");
}

/* Each reason by itself would make the run unproven. */
Test(judge, names_all_that_was_not_shown)
{
    expect_outcome_of(
        TERMS("'proves':['callback-once','store-intact','no-such-thing'],"
              "'faults':[{'rule':'lagoon#1','fault':'lose-answer','line':9},"
              "{'rule':'lagoon#1','fault':'delay-request','line':10}],"
              "'steps':[{'line':12,'text':'ana books trip'},{'line':13,'text':'ana looks'}]"),
        GOOD_RUN "80 lagoon fault fault=lose-answer by=lagoon#1 exchange=c1\n"
                 "80 lagoon fault fault=delay-request by=choice exchange=c1\n"
                 "80 core.api process fate=down\n90 core.api process fate=up\n"
                 "600 stage end fate=rest\n",
        "unproven after 600 ms\n"
        "unproven: trip.yaml:10: The fault delay-request of lagoon#1 never fired.\n"
        "unproven: The scenario is to prove callback-once, which was never exposed.\n"
        "unproven: The scenario is to prove store-intact, which was not observed: checks of the "
        "store (store).\n"
        "unproven: The scenario is to prove no-such-thing, which is no invariant.\n"
        "unproven: trip.yaml:13: Step 2 (ana looks) was never played.\n"
        "unobserved charge-once: what was charged, of what price (read with amount and price)\n"
        "unobserved store-intact: checks of the store (store)\n"
        "fault lagoon#1 lose-answer of line 9 fired 1\n"
        "fault lagoon#1 delay-request of line 10 fired 0\n"
        "exposed no-phantom-confirm 1\n"
        "exposed one-truth 1\n"
        "exposed durable-ack 1\n"
        "exposed settles 1\n"
        "exposed rests 1\n");
}

Test(judge, takes_an_unmet_expectation_for_a_violation)
{
    expect_finding(
        "expect",
        TERMS("'expect':[{'kind':'status','booking':'trip','status':'confirmed','by_ms':74},"
              "{'kind':'status','booking':'trip','status':'cancelled'},"
              "{'kind':'status','booking':'tour','status':'confirmed','by_ms':120000},"
              "{'kind':'live','booking':'trip','partner':'lagoon','count':0},"
              "{'kind':'live','booking':'tour','partner':'lagoon','count':1},"
              "{'kind':'received','partner':'lagoon','op':'create','count':2},"
              "{'kind':'received','partner':'lagoon','op':'cancel','count':0}]"),
        GOOD_RUN "600 stage end fate=rest\n",
        "- trip [7]: trip was expected to be shown as confirmed by 0:00.074, but ana's page showed "
        "it so first at 0:00.075\n"
        "- trip [7]: trip was expected to be shown as cancelled at the end, but the last read, "
        "ana's page at 0:00.075, shows confirmed\n"
        "- tour []: tour was expected to be shown as confirmed by 2:00.000, but nobody was shown "
        "it\n"
        "- trip [5]: trip was expected to have 0 live at lagoon in the end, and has 1: LG-1\n"
        "- tour []: tour was expected to have 1 live at lagoon in the end, and has 0\n"
        "- - [4]: lagoon was expected to receive 2 create, and received 1\n");
}

/* What support was shown counts where no traveller was shown anything. */
Test(judge, expects_of_the_page_and_else_of_any_screen)
{
    static const char *const head =
        TERMS("'expect':[{'kind':'status','booking':'trip','status':'confirmed'}]");

    expect_finding("expect", head,
                   "5 sam read booking=trip intent=trip surface=list status=confirmed\n"
                   "6 ana read booking=trip intent=trip surface=page http=404\n",
                   "");
    expect_finding("expect", head,
                   "5 ana read booking=trip intent=trip surface=page status=confirmed\n"
                   "6 sam read booking=trip intent=trip surface=list status=pending\n",
                   "");
    expect_finding(
        "expect", head,
        "5 sam read booking=trip intent=trip surface=list status=confirmed\n"
        "6 ana read booking=trip intent=trip surface=page status=pending\n"
        "7 sam read booking=trip intent=trip surface=list status=confirmed\n",
        "- trip [2]: trip was expected to be shown as confirmed at the end, but the last "
        "read, ana's page at 0:00.006, shows pending\n");
}

/* What is excepted is dropped, does not count as exposed, and stands in the report. */
Test(judge, applies_exceptions)
{
    static const char *const lines = "1 lagoon effect intent=b reservation=R3 state=pending\n"
                                     "2 lagoon effect intent=b reservation=R4 state=pending\n"
                                     "3 lagoon effect intent=a reservation=R1 state=pending\n"
                                     "4 lagoon effect intent=a reservation=R2 state=pending\n"
                                     "9 stage end fate=bound\n";

    expect_finding("single-reservation", LAGOON, lines,
                   "exposed 2\n"
                   "4 a [3 4]: a has 2 live reservations at lagoon since 0:00.004: R1 and R2\n"
                   "2 b [1 2]: b has 2 live reservations at lagoon since 0:00.002: R3 and R4\n");
    expect_finding("single-reservation",
                   TERMS("'except':[{'invariant':'single-reservation','reason':'two wished'}]"),
                   lines, "exposed 0\nunobserved: excepted by the scenario: two wished\n");
}

#define SEED_INCIDENT                                                                              \
    "20 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 asked_ms=0\n"              \
    "30 lagoon effect intent=trip reservation=LG-1 state=pending by=create exchange=c1\n"          \
    "30 lagoon fault fault=book-twice by=lagoon#1 exchange=c1 claim=one-create-one-reservation\n"  \
    "30 wire fault fault=lose-answer by=lagoon#1 exchange=c1 claim=says-so\n"                      \
    "30 lagoon fault fault=book-twice by=lagoon#2 exchange=c9 claim=one-create-one-reservation\n"  \
    "30 lagoon answer op=create intent=trip attempt=1 exchange=c1 state=pending fate=lost\n"       \
    "90 core.worker core op=create\n"                                                              \
    "100 lagoon saw op=create intent=trip attempt=2 key=rv-b exchange=c2 asked_ms=90\n"            \
    "110 lagoon effect intent=trip reservation=LG-2 state=pending by=create exchange=c2\n"         \
    "115 core note text=moved\n"                                                                   \
    "120 lagoon answer op=create intent=trip attempt=2 exchange=c2 state=pending fate=delivered\n" \
    "130 ana read booking=trip intent=trip surface=page status=confirmed sync=agreed version=2\n"  \
    "140 sam read booking=trip intent=trip surface=list status=pending sync=agreed version=1\n"    \
    "900 stage end fate=rest\n"

Test(judge, tells_the_whole_incident_in_the_order_of_the_table)
{
    expect_outcome_of(
        LAGOON, SEED_INCIDENT,
        "violated after 900 ms\n"
        "core owes single-reservation, line 0, 110 trip [2 9]: trip has 2 live reservations at "
        "lagoon since 0:00.110: LG-1 (create 1) and LG-2 (create 2)\n"
        "core owes no-phantom-confirm, line 0, 130 trip [12]: ana's page showed trip as confirmed "
        "at 0:00.130, but no partner ever confirmed it\n"
        "core owes no-status-regression, line 0, 140 trip [11 12 13]: sam's list showed trip as "
        "pending at 0:00.140, after ana's page had shown it as confirmed at 0:00.130\n"
        "core owes one-truth, line 0, 140 trip [11 12 13]: sam's list showed trip as pending at "
        "0:00.140, after ana's page had shown it as confirmed at 0:00.130\n"
        "core owes doubt-is-respected, line 0, 90 trip [1 6 8]: create 2 for trip left for lagoon "
        "at 0:00.090 under the new key rv-b while create 1 of 0:00.000 was in doubt: its answer "
        "was "
        "lost\n"
        "core owes agrees-with-partner, line 0, 900 trip [2 9 12]: at the end, at 0:00.900, "
        "trip "
        "is shown as confirmed (ana's page at 0:00.130), but the partners hold: LG-1 pending at "
        "lagoon, LG-2 pending at lagoon\n"
        "unobserved idempotent-api: requests to book with their keys (asked)\n"
        "unobserved charge-once: what was charged, of what price (read with amount and price)\n"
        "partner broke lagoon: one-create-one-reservation\n"
        "partner broke lagoon: says-so\n"
        "exposed single-reservation 1\n"
        "exposed no-phantom-confirm 1\n"
        "exposed one-truth 1\n"
        "exposed doubt-is-respected 1\n"
        "exposed operator-only-when-needed 1\n"
        "exposed settles 1\n"
        "exposed agrees-with-partner 1\n"
        "exposed rests 1\n");
}

/* Replaces every number in evidence by nothing: stripping moves numbers, no more. */
static void drop_evidence(char *verdict)
{
    char *to = verdict;

    for (char *from = verdict; *from != '\0'; from++) {
        if (*from == '[') {
            from = strchr(from, ']');
        }
        *to++ = *from;
    }
    *to = '\0';
}

Test(judge, says_the_same_of_a_stripped_history)
{
    struct dbk_history *history = lines_history(LAGOON, SEED_INCIDENT);
    char *whole = lines_verdict(history);
    size_t facts = history->fact_count;

    dbk_history_strip(history);
    char *stripped = lines_verdict(history);
    cr_expect_lt(history->fact_count, facts);
    drop_evidence(whole);
    drop_evidence(stripped);
    cr_expect_str_eq(stripped, whole);
    free(whole);
    free(stripped);
    lines_free(history);
}

/* A partner's own log says nothing of faults; that it broke its word is told all the same, once. */
Test(judge, tells_what_a_partner_broke_by_its_own_log)
{
    expect_outcome_of(
        "{'history':1,'partners':{'lagoon':{}},'terms':{'proves':['rests']}}",
        "10 lagoon saw op=create intent=trip key=a exchange=c1\n"
        "20 lagoon effect intent=trip reservation=R1 state=confirmed exchange=c1\n"
        "20 lagoon effect intent=trip reservation=R2 state=confirmed exchange=c1\n"
        "20 lagoon effect intent=trip reservation=R3 state=confirmed exchange=c1\n"
        "30 lagoon effect intent=trip reservation=R2 state=cancelled by=cancel\n"
        "40 lagoon effect intent=trip reservation=R3 state=cancelled by=cancel\n"
        "50 lagoon answer op=create intent=trip exchange=c1 fate=delivered\n"
        "60 ana read booking=trip intent=trip surface=page status=confirmed "
        "sync=agreed version=1 asked_ms=55\n"
        "70 ana asked op=book booking=trip intent=trip key=k\n"
        "80 stage store fate=whole\n90 stage end fate=rest\n",
        "passed after 90 ms\n"
        "unobserved durable-ack: when processes went down (process)\n"
        "unobserved charge-once: what was charged, of what price (read with amount and price)\n"
        "unobserved callback-once: which callbacks there were (callback)\n"
        "unobserved callback-authentic: which callbacks there were (callback)\n"
        "partner broke lagoon: one-create-one-reservation\n"
        "exposed single-reservation 1\n"
        "exposed no-phantom-confirm 1\n"
        "exposed rests 1\n");
}

/* Somebody else's system, known only from one partner's log, read off that partner's clock. */
Test(judge, reads_a_foreign_log_and_names_what_it_could_not_observe)
{
    char *bytes = NULL;
    size_t length = 0;
    char why[160];

    cr_assert(dbk_read_file(DBK_SOURCE_DIR "/tests/runner/check/foreign-partner-log.jsonl", 1 << 20,
                            &bytes, &length, why),
              "%s", why);
    struct dbk_history *history = lines_read(bytes, length);
    expect_outcome(
        history,
        "violated after 12609 ms\n"
        "core owes single-reservation, line 0, 11884 Diaz, sunset cruise [2 8]: Diaz, sunset "
        "cruise "
        "has 2 live reservations at lagoon since 0:11.884: LG-20455 (create 1) and LG-20459 "
        "(create "
        "2)\n"
        "core owes doubt-is-respected, line 0, 11871 Diaz, sunset cruise [1 3 7]: create 2 for "
        "Diaz, sunset cruise left for lagoon at 0:11.871 under the new key b973 while create 1 of "
        "0:00.000 was in doubt: its answer was lost\n"
        "unobserved no-phantom-confirm: what users and support were shown (read with status)\n"
        "unobserved no-status-regression: what users and support were shown (read with status)\n"
        "unobserved one-truth: what users and support were shown (read with status)\n"
        "unobserved idempotent-api: requests to book with their keys (asked)\n"
        "unobserved durable-ack: answers to those who booked and looked (read)\n"
        "unobserved charge-once: what was charged, of what price (read with amount and price)\n"
        "unobserved callback-once: which callbacks there were (callback)\n"
        "unobserved callback-authentic: which callbacks there were (callback)\n"
        "unobserved operator-only-when-needed: whether an operator was asked (read with sync)\n"
        "unobserved store-intact: checks of the store (store)\n"
        "unobserved settles: how the run ended (end)\n"
        "unobserved agrees-with-partner: how the run ended (end)\n"
        "unobserved rests: how the run ended (end)\n"
        "exposed single-reservation 1\n"
        "exposed doubt-is-respected 1\n");
    lines_free(history);
    free(bytes);
}

Test(judge, calls_a_foreign_history_unproven_where_nothing_was_at_risk)
{
    struct dbk_history *history = lines_history(FOREIGN, "5 core.api process fate=up\n");
    struct dbk_outcome *outcome = dbk_outcome_new();

    dbk_judge(history, NULL, outcome);
    cr_expect_eq(outcome->verdict, DBK_UNPROVEN);
    cr_assert_eq(outcome->unproven_count, 1);
    cr_expect_str_eq(outcome->unproven[0],
                     "The history exposes no invariant: nothing was at risk in it.");
    dbk_outcome_free(outcome);
    lines_free(history);
    history = lines_history(FOREIGN, "5 stage end fate=rest\n");
    outcome = dbk_outcome_new();
    dbk_judge(history, NULL, outcome);
    cr_expect_eq(outcome->verdict, DBK_PASSED);
    dbk_outcome_free(outcome);
    lines_free(history);
}

Test(judge, survives_an_empty_history)
{
    struct dbk_history *history = lines_history(FOREIGN, "");
    char *verdict = lines_verdict(history);

    cr_expect_str_eq(verdict, "unproven after 0 ms\n");
    free(verdict);
    lines_free(history);
}

/* The table is what `list invariants` prints: complete, whole sentences, no name twice. */
Test(judge, has_a_table_people_can_read)
{
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        const struct dbk_invariant *invariant = &dbk_invariants[i];
        cr_expect_eq(dbk_invariant_by_name(invariant->id), invariant, "%s", invariant->id);
        cr_expect_eq(invariant->rule[strlen(invariant->rule) - 1], '.', "%s", invariant->id);
        cr_expect_gt(strlen(invariant->exposed_by), 0);
        cr_expect_gt(strlen(invariant->needs), 0);
        cr_expect_not_null(invariant->check);
    }
    cr_expect_null(dbk_invariant_by_name("no-such-thing"));
}
