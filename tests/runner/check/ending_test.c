#include "lines.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(settles, .timeout = 20);
TestSuite(agrees_with_partner, .timeout = 20);
TestSuite(rests, .timeout = 20);
TestSuite(store_intact, .timeout = 20);

#define FAULT "10 lagoon fault fault=lose-answer by=lagoon#1 exchange=c1\n"
#define SHOWN(at, status) at " ana read booking=trip intent=trip surface=page status=" status "\n"
#define LG1(at, state) at " lagoon effect intent=trip reservation=LG-1 by=create state=" state "\n"
#define ITSELF(at, before, state)                                                                  \
    at " lagoon effect intent=trip reservation=LG-1 by=itself state_before=" before                \
       " state=" state "\n"
#define END(at) at " stage end fate=rest\n"
#define STALE "unobserved: what was shown after the partner's last news (read)\n"

Test(settles, holds_for_what_is_confirmed_final_or_with_an_operator)
{
    expect_finding(
        "settles", LAGOON,
        FAULT LG1("20", "confirmed") SHOWN(
            "30",
            "confirmed") "30 ana read booking=two intent=two surface=page status=rejected\n"
                         "30 ana read booking=six intent=six surface=page status=expired\n"
                         "30 sam read booking=ten intent=ten surface=detail status=pending "
                         "sync=operator\n"
                         "30 sam read booking=all intent=all surface=list status=pending\n"
                         "30 sam read booking=all intent=all surface=detail status=cancelled\n"
                         "31 sam read booking=all intent=all surface=list status=pending\n" END(
                             "90"),
        "exposed 5\n");
}

Test(settles, is_violated_by_a_booking_that_is_still_open)
{
    expect_finding("settles", LAGOON, SHOWN("30", "received") "90 stage end fate=bound\n",
                   "exposed 0\n"
                   "90 trip [1 2]: trip was still received when the run ended at 0:00.090 (ana's "
                   "page at 0:00.030), and no operator had it\n");
}

Test(settles, is_unobserved_without_an_end_or_a_fresh_read)
{
    expect_finding("settles", LAGOON, FAULT SHOWN("30", "pending"),
                   "exposed 0\nunobserved: how the run ended (end)\n");
    expect_finding("settles", LAGOON, FAULT SHOWN("30", "pending") "31 stage end fate=stopped\n",
                   "exposed 0\nunobserved: the end of the run, which was stopped (end)\n");
    expect_finding("settles", LAGOON, SHOWN("30", "pending") LG1("31", "confirmed") END("90"),
                   "exposed 0\n" STALE);
    expect_finding("settles", LAGOON, FAULT END("90"),
                   "exposed 0\nunobserved: what users and support were shown (read with status)\n");
}

#define AGREES "agrees-with-partner"

/* The news came while the page was on its way: what it would show next nobody knows. */
Test(settles, is_unobserved_where_the_last_read_overlaps_the_news)
{
#define OVERLAPPED(asked)                                                                          \
    FAULT LG1("20", "pending") "40 ana read booking=trip intent=trip surface=page "                \
                               "status=pending asked_ms=" asked                                    \
                               "\n" ITSELF("35", "pending", "confirmed") END("90")
    expect_finding("settles", LAGOON, OVERLAPPED("34"), "exposed 0\n" STALE);
    expect_finding(AGREES, LAGOON, OVERLAPPED("34"), "exposed 0\n" STALE);
    expect_finding("settles", LAGOON, OVERLAPPED("35"),
                   "exposed 1\n"
                   "90 trip [3 5]: trip was still pending when the run ended at 0:00.090 (ana's "
                   "page at 0:00.040), and no operator had it\n");
}

/* Two persons whose clocks nobody compared: which of them looked last? */
Test(settles, is_unobserved_where_nobody_knows_which_read_was_the_last)
{
    expect_finding("settles", FOREIGN,
                   "- ana read booking=trip intent=trip status=confirmed\n"
                   "- sam read booking=trip intent=trip status=received\n"
                   "- stage end fate=rest\n",
                   "exposed 0\n" STALE);
    expect_finding("settles", FOREIGN,
                   "- sam read booking=trip intent=trip status=confirmed\n"
                   "- sam read booking=trip intent=trip status=received\n"
                   "- stage end fate=rest\n",
                   "exposed 0\n"
                   "- trip [2 3]: trip was still received when the run ended at fact 3 (sam's "
                   "screen at fact 2), and no operator had it\n");
}

Test(agrees_with_partner, holds_where_the_page_says_what_the_ledger_says)
{
    static const char *const cases[] = {
        LG1("20", "pending") ITSELF("22", "pending", "confirmed") SHOWN("30", "confirmed")
            END("90"),
        LG1("20", "on_hold") ITSELF("22", "x", "pending") SHOWN("30", "pending") END("90"),
        LG1("20", "pending") ITSELF("22", "pending", "rejected") SHOWN("30", "rejected") END("90"),
        LG1("20", "confirmed") ITSELF("22", "confirmed", "confirmed")
            SHOWN("30", "cancelled") "31 sam read booking=trip intent=trip surface=detail "
                                     "status=cancelled sync=operator\n" END("90"),
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text lines = {0};
        dbk_text_add(&lines, cases[i]);
        char *strange = strstr(lines.bytes, "state_before=x ");
        if (strange != NULL) {
            memset(strange, ' ', strlen("state_before=x "));
        }
        expect_finding(AGREES, LAGOON, lines.bytes, "exposed 1\n");
        dbk_text_reset(&lines);
    }
}

Test(agrees_with_partner, is_violated_where_they_differ)
{
    expect_finding(AGREES, LAGOON, LG1("20", "confirmed") SHOWN("30", "pending") END("90"),
                   "exposed 0\n"
                   "90 trip [1 2]: at the end, at 0:00.090, trip is shown as pending (ana's page "
                   "at 0:00.030), but the partners hold: LG-1 confirmed at lagoon\n");
    expect_finding(AGREES, LAGOON, LG1("20", "cancelled") SHOWN("30", "confirmed") END("90"),
                   "exposed 0\n"
                   "90 trip [1 2]: at the end, at 0:00.090, trip is shown as confirmed (ana's "
                   "page at 0:00.030), but the partners hold: LG-1 cancelled at lagoon\n");
    expect_finding(AGREES, LAGOON, SHOWN("30", "pending") END("90"),
                   "exposed 0\n"
                   "90 trip [1]: at the end, at 0:00.090, trip is shown as pending (ana's page at "
                   "0:00.030), but the partners hold: no reservation anywhere\n");
}

/* Final here, live there: somebody will turn up, or pay, for nothing. */
Test(agrees_with_partner, is_violated_by_what_is_left_over)
{
    expect_finding(AGREES, LAGOON,
                   LG1("20", "confirmed") "25 lagoon effect intent=trip reservation=LG-2 "
                                          "state=pending\n" SHOWN("30", "confirmed") END("90"),
                   "exposed 0\n"
                   "90 trip [1 2 3]: at the end, at 0:00.090, trip is shown as confirmed (ana's "
                   "page at 0:00.030), but the partners hold: LG-1 confirmed at lagoon, LG-2 "
                   "pending at lagoon\n");
}

/* The list knows only the traveller, the page knows the booking: that is one booking. */
Test(agrees_with_partner, counts_a_booking_once_under_whatever_name)
{
    expect_finding(AGREES, LAGOON,
                   LG1("20", "confirmed") "30 ana read booking=bk-1 intent=trip surface=page "
                                          "status=confirmed\n"
                                          "31 sam read intent=trip surface=list "
                                          "status=confirmed\n" END("90"),
                   "exposed 0\n");
    expect_finding(AGREES, LAGOON,
                   LG1("20", "confirmed") "30 ana read booking=bk-1 intent=trip status=cancelled\n"
                                          "31 ana read booking=bk-2 intent=trip status=confirmed\n"
                                          "32 sam read intent=trip status=confirmed\n" END("90"),
                   "exposed 0\n");
}

/* A page that never got its answer may have made a booking: what is left over may be that one's. */
Test(agrees_with_partner, is_not_invented_where_a_booking_of_the_wish_was_never_shown)
{
    static const char rejected[] = "30 ana read booking=trip intent=trip status=rejected\n";
    struct dbk_text lines = {0};

    dbk_text_printf(&lines, "%s%s31 ana read booking=trip-two intent=trip surface=page\n%s",
                    LG1("20", "confirmed"), rejected, END("90"));
    expect_finding(AGREES, LAGOON, lines.bytes,
                   "exposed 0\nunobserved: what users and support were shown (read with status)\n");
    dbk_text_clear(&lines);
    dbk_text_printf(&lines,
                    "%s%s31 ana read booking=trip-two intent=trip surface=page http=409\n%s",
                    LG1("20", "confirmed"), rejected, END("90"));
    expect_finding(
        AGREES, LAGOON, lines.bytes,
        "exposed 0\n"
        "90 trip [1 2]: at the end, at 0:00.090, trip is shown as rejected (ana's screen "
        "at 0:00.030), trip-two is shown to nobody (ana's page at 0:00.031 says 409), but "
        "the partners hold: LG-1 confirmed at lagoon\n");
    dbk_text_reset(&lines);
}

/* The partner holds what the system denies, or what nobody was shown. */
Test(agrees_with_partner, is_violated_by_an_orphan_that_those_who_look_are_not_shown)
{
    static const char *const looks[] = {
        "30 ana read booking=trip intent=trip surface=page http=404\n",
        "30 ana read booking=trip intent=trip surface=page http=201\n",
        "15 ana read booking=trip intent=trip surface=page http=404\n",
        "30 ana asked op=look booking=trip intent=trip\n",
        "30 sam read booking=trip intent=trip surface=detail sync=operator\n",
        "",
    };
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(looks); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "%s%s%s40 ana read booking=tour intent=tour status=rejected\n%s",
                        FAULT, LG1("20", "confirmed"), looks[i], END("90"));
        expect_finding(AGREES, LAGOON, lines.bytes,
                       i == 0   ? "exposed 0\n"
                                  "90 trip [2 3]: at the end, at 0:00.090, trip is shown to nobody "
                                  "(ana's page at 0:00.030 says 404), but the partners hold: LG-1 "
                                  "confirmed at lagoon\n"
                       : i == 4 ? "exposed 0\n"
                                : "exposed 0\nunobserved: what users and support were shown (read "
                                  "with status)\n");
    }
    dbk_text_reset(&lines);
}

/* Nobody can know what nobody said. */
Test(agrees_with_partner, forgives_a_change_that_was_never_announced)
{
    static const char *const told[] = {
        "",
        "26 lagoon callback-answered intent=trip reservation=LG-1 state=confirmed http=204\n",
        "26 lagoon callback-answered intent=trip reservation=LG-1 state=confirmed fate=lost\n",
        "26 lagoon callback-answered intent=trip reservation=LG-1 state=pending http=204\n",
        "26 lagoon answer op=get intent=trip reservation=LG-1 state=confirmed fate=delivered\n",
        "26 lagoon answer op=get intent=trip reservation=LG-1 state=confirmed fate=late\n",
    };
    static const bool is_announced[] = {false, true, false, false, true, false};
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(told); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "%s%s%s%s%s", LG1("20", "pending"),
                        ITSELF("25", "pending", "confirmed"), told[i], SHOWN("30", "pending"),
                        END("90"));
        expect_finding(AGREES, LAGOON, lines.bytes,
                       is_announced[i]
                           ? "exposed 1\n"
                             "90 trip [2 4]: at the end, at 0:00.090, trip is shown as pending "
                             "(ana's page at 0:00.030), but the partners hold: LG-1 confirmed at "
                             "lagoon\n"
                           : "exposed 1\n");
    }
    dbk_text_reset(&lines);
}

/* A cancel that was said to be done and was not: owed in time, unless the run is over anyway. */
Test(agrees_with_partner, gives_time_after_a_broken_promise)
{
#define BROKEN                                                                                     \
    "15 lagoon saw op=create intent=trip exchange=c1\n" LG1(                                       \
        "20", "confirmed") "25 lagoon fault intent=trip fault=say-done-do-nothing "                \
                           "claim=cancel-takes-effect\n" SHOWN("30", "cancelled")
    expect_finding(AGREES, LAGOON, BROKEN "900024 stage end fate=bound\n", "exposed 1\n");
    expect_finding(AGREES, LAGOON, BROKEN "900025 stage end fate=bound\n",
                   "exposed 1\n"
                   "900025 trip [2 4]: at the end, at 15:00.025, trip is shown as cancelled "
                   "(ana's page at 0:00.030), but the partners hold: LG-1 confirmed at lagoon\n");
}

/* Of a booking that nothing links to a reservation nobody can say what it ought to be. */
Test(agrees_with_partner, is_not_invented_where_nothing_links_the_two_sides)
{
    expect_finding(
        AGREES, FOREIGN,
        "5 lagoon effect reservation=LG-1 key=rv-1 state=confirmed\n"
        "9 ana read booking=bk-1 surface=page status=pending\n" END("90"),
        "exposed 0\nunobserved: which reservation belongs to which booking (intent or key)\n");
    expect_finding(
        AGREES, FOREIGN,
        "5 lagoon effect reservation=LG-1 key=rv-1 state=confirmed\n"
        "9 ana read booking=bk-1 key=rv-1 surface=page status=pending\n" END("90"),
        "exposed 0\n"
        "90 key rv-1 [1 2]: at the end, at 0:00.090, bk-1 is shown as pending (ana's page "
        "at 0:00.009), but the partners hold: LG-1 confirmed at lagoon\n");
}

/* The traveller's side names intents, the partner's only keys: the booking may be any of those. */
Test(agrees_with_partner, is_not_invented_where_only_one_side_names_intents)
{
#define INTENTS_HERE "9 ana read booking=bk-1 intent=trip surface=page status=confirmed\n"
    expect_finding(
        AGREES, FOREIGN,
        "5 lagoon effect reservation=LG-1 key=rv-1 state=confirmed\n" INTENTS_HERE END("90"),
        "exposed 0\n"
        "unobserved: which reservation belongs to which booking (intent or key)\n");
}

Test(agrees_with_partner, is_unobserved_without_end_effects_or_a_fresh_read)
{
    expect_finding(AGREES, LAGOON, LG1("20", "pending") SHOWN("30", "pending"),
                   "exposed 0\nunobserved: how the run ended (end)\n");
    expect_finding(AGREES, FOREIGN, SHOWN("30", "confirmed") END("90"),
                   "exposed 0\n"
                   "unobserved: what became of reservations at the partner (effect)\n");
    expect_finding(AGREES, LAGOON, SHOWN("30", "pending") LG1("31", "confirmed") END("90"),
                   "exposed 0\n" STALE);
}

/* Nobody said how it ended, or in a word that says nothing here. */
Test(rests, is_unobserved_without_a_known_fate)
{
    static const char *const ends[] = {"90 stage end\n", "90 stage end fate=killed\n"};
    static const char *const ids[] = {"rests", "settles", AGREES};

    for (size_t i = 0; i < DBK_COUNT(ends); i++) {
        for (size_t k = 0; k < DBK_COUNT(ids); k++) {
            expect_finding(ids[k], LAGOON, ends[i],
                           "exposed 0\nunobserved: how the run ended (fate of end)\n");
        }
    }
}

Test(rests, holds_at_rest_and_is_violated_at_the_bound)
{
    expect_finding("rests", LAGOON, END("90"), "exposed 1\n");
    expect_finding(
        "rests", LAGOON, "900000 stage end fate=bound text=core.worker_wakes_again\n",
        "exposed 1\n"
        "900000 - [1]: the run had not come to rest at its bound, 15:00.000: core.worker "
        "wakes again\n");
    expect_finding("rests", LAGOON, "90 stage store fate=whole\n",
                   "exposed 0\nunobserved: how the run ended (end)\n");
}

Test(store_intact, holds_whole_and_is_violated_broken)
{
    expect_finding("store-intact", LAGOON,
                   "5 stage store fate=whole\n"
                   "10 core.api process fate=down\n"
                   "20 core.api process fate=up\n"
                   "30 stage store fate=whole\n",
                   "exposed 1\n");
    expect_finding("store-intact", LAGOON,
                   "0 core.api process fate=up\n30 stage store fate=whole\n", "exposed 0\n");
    expect_finding("store-intact", LAGOON, "30 stage store fate=broken text=job_without_booking\n",
                   "exposed 0\n"
                   "30 - [1]: the store was found broken at 0:00.030: job without booking\n");
    expect_finding("store-intact", LAGOON, END("90"), "exposed 0\n");
    expect_finding("store-intact", LAGOON,
                   "10 core.api process fate=down\n20 core.api process fate=up\n"
                   "30 stage store\n40 stage store fate=whole\n50 stage store fate=odd\n",
                   "exposed 1\nunobserved: what a check of the store found (fate of store)\n");
    expect_finding("store-intact", LAGOON,
                   "10 core.api process fate=down\n20 core.api process fate=up\n",
                   "exposed 0\nunobserved: checks of the store (store)\n");
    expect_finding("store-intact", FOREIGN, END("90"),
                   "exposed 0\nunobserved: checks of the store (store)\n");
}

/* The list of a day tells of a state as well as an answer about one reservation does: what changed
 * silently after that owes nobody anything. */
Test(agrees_with_partner, takes_a_list_of_a_day_for_an_announcement)
{
#define SILENT(list)                                                                               \
    FAULT LG1("20", "pending") ITSELF(                                                             \
        "30", "pending", "confirmed") "40 lagoon answer op=look-up fate=delivered http=200 " list  \
                                      "\n" ITSELF("50", "confirmed", "cancelled")                  \
                                          SHOWN("60", "confirmed") END("90")
    expect_finding(AGREES, LAGOON, SILENT("reservation=LG-1 state=confirmed"), "exposed 1\n");
    expect_finding(AGREES, LAGOON, SILENT("reservation=LG-7,LG-1 text=LG-7=pending,LG-1=confirmed"),
                   "exposed 1\n");
    expect_finding(AGREES, LAGOON, SILENT("reservation=LG-7,LG-1 text=LG-7=confirmed,LG-1=pending"),
                   "exposed 1\n"
                   "90 trip [5 6]: at the end, at 0:00.090, trip is shown as confirmed (ana's page "
                   "at 0:00.060), but the partners hold: LG-1 cancelled at lagoon\n");
#undef SILENT
}
