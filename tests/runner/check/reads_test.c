#include "lines.h"

#include <criterion/criterion.h>

TestSuite(no_phantom_confirm, .timeout = 20);
TestSuite(no_status_regression, .timeout = 20);
TestSuite(one_truth, .timeout = 20);

#define PHANTOM "no-phantom-confirm"
#define REGRESSION "no-status-regression"
#define TRUTH "one-truth"

#define LG1 "lagoon effect intent=trip reservation=LG-1 "
#define PAGE "ana read booking=trip intent=trip surface=page "
#define LIST "sam read booking=trip intent=trip surface=list "
#define DETAIL "sam read booking=trip intent=trip surface=detail "

Test(no_phantom_confirm, holds_where_the_partner_confirmed_first)
{
    expect_finding(PHANTOM, LAGOON,
                   "20 " LG1 "state=confirmed\n"
                   "20 " PAGE "status=confirmed\n"
                   "30 " LG1 "state=cancelled\n"
                   "40 " PAGE "status=confirmed\n",
                   "exposed 1\n");
}

Test(no_phantom_confirm, is_violated_where_the_page_is_ahead_of_the_partner)
{
    expect_finding(PHANTOM, LAGOON,
                   "20 " LG1 "state=pending\n"
                   "100 " PAGE "status=confirmed\n"
                   "2000 " LG1 "state=confirmed\n",
                   "exposed 1\n"
                   "100 trip [2 3]: ana's page showed trip as confirmed at 0:00.100, but lagoon "
                   "confirmed it only at 0:02.000\n");
    expect_finding(PHANTOM, LAGOON, "100 " PAGE "status=confirmed\n",
                   "exposed 1\n"
                   "100 trip [1]: ana's page showed trip as confirmed at 0:00.100, but no partner "
                   "ever confirmed it\n");
}

Test(no_phantom_confirm, is_unobserved_without_reads_or_effects)
{
    expect_finding(PHANTOM, LAGOON, "20 " LG1 "state=confirmed\n",
                   "exposed 0\nunobserved: what users and support were shown (read with status)\n");
    expect_finding(PHANTOM, FOREIGN, "100 " PAGE "status=confirmed\n",
                   "exposed 0\n"
                   "unobserved: what became of reservations at the partner (effect)\n");
}

/* Where no stage tells all there is, facts of a kind that is not there are missing. */
Test(no_phantom_confirm, is_unobserved_where_only_users_tell)
{
    expect_finding(PHANTOM, FOREIGN, "100 " PAGE "status=pending\n",
                   "exposed 0\n"
                   "unobserved: what became of reservations at the partner (effect)\n");
    expect_finding(PHANTOM, LAGOON, "100 " PAGE "status=pending\n", "exposed 0\n");
}

#define ANEW "ana read booking=trip2 intent=trip surface=page "
#define LG2 "lagoon effect intent=trip reservation=LG-2 "

/* What was confirmed for the first booking says nothing of the one that was booked anew. */
Test(no_phantom_confirm, is_violated_by_a_booking_anew_that_lives_on_an_old_confirm)
{
    expect_finding(PHANTOM, LAGOON,
                   "20 " LG1 "state=confirmed\n"
                   "30 " PAGE "status=confirmed\n"
                   "50 " LG1 "state=cancelled by=cancel\n"
                   "60 " LG2 "state=pending\n"
                   "70 " ANEW "status=confirmed\n"
                   "90 " LG2 "state=confirmed\n",
                   "exposed 2\n"
                   "70 trip2 [5 6]: ana's page showed trip2 as confirmed at 0:00.070, but lagoon "
                   "confirmed it only at 0:00.090\n");
    expect_finding(PHANTOM, LAGOON,
                   "20 " LG1 "state=confirmed\n"
                   "50 " LG1 "state=cancelled by=itself\n"
                   "55 lagoon callback-answered intent=trip reservation=LG-1 state=cancelled "
                   "http=204\n"
                   "70 " ANEW "status=confirmed asked_ms=55\n",
                   "exposed 1\n"
                   "70 trip2 [1 4]: ana's page showed trip2 as confirmed at 0:00.070, but what "
                   "lagoon had confirmed at 0:00.020 was over when it was first asked for\n");
}

/* The core need not know what nobody told it, and what it was shown before it may be shown again.
 */
Test(no_phantom_confirm, holds_where_the_end_of_the_confirmed_one_was_news_to_come)
{
    static const char *const ends[] = {
        "50 " LG1 "state=cancelled by=itself\n",
        ("50 " LG1 "state=cancelled by=itself\n"
         "56 lagoon callback-answered intent=trip reservation=LG-1 state=cancelled http=204\n"),
        "56 " LG1 "state=cancelled by=cancel\n",
        "40 " ANEW "status=received\n50 " LG1 "state=cancelled by=cancel\n",
    };
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(ends); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines,
                        "20 " LG1 "state=confirmed\n%s70 " ANEW "status=confirmed asked_ms=55\n",
                        ends[i]);
        expect_finding(PHANTOM, LAGOON, lines.bytes, "exposed 1\n");
    }
    dbk_text_reset(&lines);
}

/* The traveller's log stands before the partner's in the file; when was that? */
#define AT_17_25(seconds, rest) "- " rest " reads=2026-07-01T17:25:" seconds "Z\n"

Test(no_phantom_confirm, is_unobserved_where_two_ends_have_no_comparable_time)
{
    expect_finding(
        PHANTOM, FOREIGN,
        AT_17_25("30", PAGE "status=confirmed") AT_17_25("06", LG1 "state=confirmed"),
        "exposed 0\n"
        "unobserved: what came first at different ends (at_ms, or clocks in the head)\n");
}

/* A log that never links a booking to a reservation proves nothing against the core. */
Test(no_phantom_confirm, is_not_invented_where_nothing_links_the_two_sides)
{
    expect_finding(PHANTOM, FOREIGN,
                   "5 lagoon effect reservation=LG-1 key=rv-1 state=pending\n"
                   "9 ana read booking=bk-1 surface=page status=confirmed\n",
                   "exposed 0\n"
                   "unobserved: which reservation belongs to which booking (intent or key)\n");
}

/* The traveller's side names intents, the partner's only keys: the booking may be any of those. */
Test(no_phantom_confirm, is_not_invented_where_only_one_side_names_intents)
{
#define INTENTS_HERE "9 ana read booking=bk-1 intent=trip surface=page status=confirmed\n"
    expect_finding(PHANTOM, FOREIGN,
                   "5 lagoon effect reservation=LG-1 key=rv-1 state=confirmed\n" INTENTS_HERE,
                   "exposed 0\n"
                   "unobserved: which reservation belongs to which booking (intent or key)\n");
}

Test(no_status_regression, holds_along_the_table)
{
    expect_finding(REGRESSION, LAGOON,
                   "10 " PAGE "status=received version=1 asked_ms=5\n"
                   "30 " LG1 "state=confirmed by=itself\n"
                   "40 " PAGE "status=confirmed version=2 asked_ms=35\n"
                   "50 " LIST "status=confirmed version=2 asked_ms=45\n"
                   "60 " PAGE "status=cancelled version=3 asked_ms=55\n",
                   "exposed 1\n");
}

/* Another system's rules: a confirmed booking may be changed, and is then pending again. */
#define MOVES                                                                                      \
    LINES_HEAD("'look_up':'list-by-date'",                                                         \
               ",'terms':{'moves':{'received':['pending'],'pending':['confirmed'],"                \
               "'confirmed':['pending','cancelled']}}")

Test(no_status_regression, holds_along_the_moves_that_the_terms_declare)
{
    static const char back[] = "10 " PAGE "status=confirmed asked_ms=5\n"
                               "20 " PAGE "status=pending asked_ms=15\n"
                               "30 " PAGE "status=cancelled asked_ms=25\n";
    expect_finding(REGRESSION, MOVES, back, "exposed 0\n");
    expect_finding(REGRESSION, LAGOON, back,
                   "exposed 0\n"
                   "20 trip [1 2]: ana's page showed trip as pending at 0:00.020, after ana's page "
                   "had shown it as confirmed at 0:00.010\n");
}

/* What is not declared is no move, though it is a usual one; rows of moves count, and no move is
 * needed to stay. */
Test(no_status_regression, is_violated_against_the_moves_that_the_terms_declare)
{
    expect_finding(REGRESSION, MOVES,
                   "10 " PAGE "status=received asked_ms=5\n"
                   "20 " PAGE "status=received asked_ms=15\n"
                   "30 " PAGE "status=cancelled asked_ms=25\n"
                   "40 " PAGE "status=pending asked_ms=35\n",
                   "exposed 0\n"
                   "40 trip [3 4]: ana's page showed trip as pending at 0:00.040, after ana's page "
                   "had shown it as cancelled at 0:00.030\n");
    expect_finding(REGRESSION, MOVES,
                   "10 " PAGE "status=pending asked_ms=5\n"
                   "20 " PAGE "status=rejected asked_ms=15\n",
                   "exposed 0\n"
                   "20 trip [1 2]: ana's page showed trip as rejected at 0:00.020, after ana's "
                   "page had shown it as pending at 0:00.010\n");
}

/* The other half of the seed incident: the first callback comes last and speaks of the past. */
Test(no_status_regression, is_violated_where_an_older_callback_wins)
{
    expect_finding(REGRESSION, LAGOON,
                   "20 " LG1 "state=pending by=create\n"
                   "2000 " LG1 "state_before=pending state=confirmed by=itself\n"
                   "2100 " PAGE "status=confirmed version=3 asked_ms=2060\n"
                   "90020 lagoon callback intent=trip reservation=LG-1 state=pending made_ms=20\n"
                   "90100 " PAGE "status=pending version=4 asked_ms=90060\n",
                   "exposed 1\n"
                   "90100 trip [3 4 5]: ana's page showed trip as pending at 1:30.100, after ana's "
                   "page had shown it as confirmed at 0:02.100; the last news before that was "
                   "lagoon's callback saying pending, at 1:30.020\n");
}

Test(no_status_regression, spans_observers_and_versions)
{
    expect_finding(REGRESSION, LAGOON,
                   "100 " DETAIL "status=rejected version=2 asked_ms=90\n"
                   "120 " PAGE "status=pending version=1 asked_ms=110\n",
                   "exposed 0\n"
                   "120 trip [1 2]: ana's page showed trip as pending at 0:00.120, after sam's "
                   "detail had shown it as rejected at 0:00.100\n");
    expect_finding(REGRESSION, LAGOON,
                   "100 " PAGE "status=pending version=7 asked_ms=90\n"
                   "120 " PAGE "status=pending version=6 asked_ms=110\n",
                   "exposed 0\n"
                   "120 trip [1 2]: ana's page showed trip as version 6 (pending) at 0:00.120, "
                   "after ana's page had shown it as version 7 (pending) at 0:00.100\n");
}

/* Asked on the very millisecond at which the other was shown is asked after it. */
Test(no_status_regression, orders_reads_by_asking_after_seeing)
{
    expect_finding(REGRESSION, LAGOON,
                   "100 " PAGE "status=confirmed asked_ms=80\n"
                   "120 " DETAIL "status=pending asked_ms=100\n",
                   "exposed 0\n"
                   "120 trip [1 2]: sam's detail showed trip as pending at 0:00.120, after ana's "
                   "page had shown it as confirmed at 0:00.100\n");
}

Test(no_status_regression, leaves_overlapping_reads_and_other_bookings_alone)
{
    expect_finding(REGRESSION, LAGOON,
                   "100 " PAGE "status=confirmed version=3 asked_ms=80\n"
                   "120 " DETAIL "status=pending version=2 asked_ms=99\n"
                   "130 ana read booking=tour intent=trip surface=page status=received version=1\n",
                   "exposed 0\n");
}

/* Sam's log stands behind Ana's in the file, and nobody compared their clocks. */
Test(no_status_regression, leaves_reads_of_two_ends_without_comparable_time_alone)
{
#define TWO_LOGS                                                                                   \
    AT_17_25("01", PAGE "status=received")                                                         \
    AT_17_25("30", PAGE "status=confirmed") AT_17_25("02", DETAIL "status=received")
    expect_finding(REGRESSION, FOREIGN, TWO_LOGS, "exposed 0\n");
    expect_finding(
        REGRESSION, FOREIGN, TWO_LOGS AT_17_25("40", PAGE "status=pending"),
        "exposed 0\n"
        "- trip [2 4]: ana's page showed trip as pending at fact 4, after ana's page had "
        "shown it as confirmed at fact 2\n");
    expect_finding(
        REGRESSION, "{'history':1,'clocks':{'ana':0,'sam':0}}",
        AT_17_25("30", PAGE "status=confirmed") AT_17_25("40", DETAIL "status=received"),
        "exposed 0\n"
        "10000 trip [1 2]: sam's detail showed trip as received at 0:10.000, after ana's "
        "page had shown it as confirmed at 0:00.000\n");
}

/* What each kind of late or older news is; without any of them nothing was at risk. */
Test(no_status_regression, is_exposed_by_late_or_older_news_only)
{
    static const struct {
        const char *news;
        const char *exposed;
    } cases[] = {
        {"20 lagoon answer intent=trip op=create fate=late\n", "exposed 1\n"},
        {"20 lagoon answer intent=trip op=create fate=delivered\n", "exposed 0\n"},
        {"20 lagoon callback intent=trip reservation=LG-1 state=pending nth=2\n", "exposed 1\n"},
        {"20 lagoon callback intent=trip reservation=LG-1 state=pending nth=1\n", "exposed 0\n"},
        {"20 lagoon callback intent=trip reservation=LG-1 state=confirmed nth=1\n", "exposed 1\n"},
        {"20 lagoon callback intent=trip reservation=LG-1 state=pending made_ms=-981\n",
         "exposed 1\n"},
        {"20 lagoon callback intent=trip reservation=LG-1 state=pending made_ms=-980\n",
         "exposed 0\n"},
        {"20 lagoon effect intent=trip reservation=LG-1 state=confirmed by=itself\n",
         "exposed 1\n"},
        {"20 lagoon effect intent=tour reservation=LG-9 state=confirmed by=itself\n",
         "exposed 0\n"},
    };
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "5 %sstate=pending by=create\n10 %sstatus=pending\n%s30 %s%s\n",
                        LG1, PAGE, cases[i].news, PAGE, "status=pending asked_ms=25");
        expect_finding(REGRESSION, LAGOON, lines.bytes, cases[i].exposed);
    }
    dbk_text_reset(&lines);
}

Test(no_status_regression, is_unobserved_without_reads)
{
    expect_finding(REGRESSION, LAGOON, "10 ana read booking=trip intent=trip http=404\n",
                   "exposed 0\nunobserved: what users and support were shown (read with status)\n");
}

Test(one_truth, holds_where_all_surfaces_say_the_same)
{
    expect_finding(TRUTH, LAGOON,
                   "10 " PAGE "status=pending sync=waiting version=2\n"
                   "20 " DETAIL "status=pending sync=waiting version=2\n"
                   "30 " LIST "status=pending sync=agreed version=3\n",
                   "exposed 1\n");
}

Test(one_truth, is_exposed_by_two_surfaces_only)
{
    expect_finding(TRUTH, LAGOON,
                   "10 " PAGE "status=pending version=2\n"
                   "20 ben read booking=trip intent=trip surface=page status=pending version=2\n"
                   "20 sam read booking=tour intent=tour surface=list status=pending version=2\n",
                   "exposed 0\n");
}

Test(one_truth, is_violated_where_one_version_has_two_statuses)
{
    expect_finding(TRUTH, LAGOON,
                   "300000 " DETAIL "status=pending version=4\n"
                   "300010 " LIST "status=confirmed version=4\n",
                   "exposed 1\n"
                   "300010 trip [1 2]: version 4 of trip is pending on sam's detail (5:00.000) and "
                   "confirmed on sam's list (5:00.010)\n");
    expect_finding(TRUTH, LAGOON,
                   "10 " PAGE "status=pending sync=in_doubt version=4\n"
                   "20 " DETAIL "status=pending sync=agreed version=4\n",
                   "exposed 1\n"
                   "20 trip [1 2]: version 4 of trip is in_doubt on ana's page (0:00.010) and "
                   "agreed on sam's detail (0:00.020)\n");
}

/* Reads that say less, or are of another version, lie between the two and hide nothing. */
Test(one_truth, is_violated_whatever_is_read_in_between)
{
    expect_finding(TRUTH, LAGOON,
                   "10 " PAGE "status=pending sync=waiting version=7\n"
                   "20 " LIST "status=pending version=7\n"
                   "30 " DETAIL "status=pending sync=operator version=7\n",
                   "exposed 1\n"
                   "30 trip [1 3]: version 7 of trip is waiting on ana's page (0:00.010) and "
                   "operator on sam's detail (0:00.030)\n");
    expect_finding(TRUTH, LAGOON,
                   "10 " PAGE "status=pending version=7\n"
                   "20 " LIST "version=7\n"
                   "30 " DETAIL "status=confirmed version=7\n",
                   "exposed 1\n"
                   "30 trip [1 3]: version 7 of trip is pending on ana's page (0:00.010) and "
                   "confirmed on sam's detail (0:00.030)\n");
    expect_finding(TRUTH, LAGOON,
                   "110 " PAGE "status=pending version=7\n"
                   "111 " LIST "status=received version=6 asked_ms=90\n"
                   "120 " DETAIL "status=confirmed version=7 asked_ms=119\n",
                   "exposed 1\n"
                   "120 trip [1 3]: version 7 of trip is pending on ana's page (0:00.110) and "
                   "confirmed on sam's detail (0:00.120)\n");
}

/* Where both halves are broken the plainer one is told. */
Test(one_truth, is_told_by_the_version_first)
{
    expect_finding(TRUTH, LAGOON,
                   "10 " LIST "status=confirmed version=3\n"
                   "20 " PAGE "status=pending version=4\n"
                   "30 " LIST "status=confirmed version=4\n",
                   "exposed 1\n"
                   "30 trip [2 3]: version 4 of trip is pending on ana's page (0:00.020) and "
                   "confirmed on sam's list (0:00.030)\n");
}

/* The page says the old thing again; what matters is the list that had said the new one before. */
Test(one_truth, is_violated_where_surfaces_together_go_back)
{
    expect_finding(TRUTH, LAGOON,
                   "10 " LIST "status=confirmed version=3\n"
                   "20 " PAGE "status=confirmed version=3\n"
                   "30 " PAGE "status=pending version=4\n",
                   "exposed 1\n"
                   "30 trip [1 3]: ana's page showed trip as pending at 0:00.030, after sam's list "
                   "had shown it as confirmed at 0:00.010\n");
    expect_finding(
        TRUTH, LAGOON,
        "10 " LIST "status=pending version=3\n"
        "20 " PAGE "status=pending version=4\n"
        "30 " LIST "status=pending version=2\n",
        "exposed 1\n"
        "30 trip [2 3]: sam's list showed trip as version 2 (pending) at 0:00.030, after "
        "ana's page had shown it as version 4 (pending) at 0:00.020\n");
}

Test(one_truth, is_unobserved_without_versions_unless_it_is_violated)
{
    expect_finding(TRUTH, FOREIGN, "10 " PAGE "status=pending\n20 " LIST "status=confirmed\n",
                   "exposed 0\n"
                   "unobserved: which version of the booking was shown (version)\n");
    expect_finding(TRUTH, FOREIGN, "10 " LIST "status=confirmed\n20 " PAGE "status=pending\n",
                   "exposed 0\n"
                   "20 trip [1 2]: ana's page showed trip as pending at 0:00.020, after sam's list "
                   "had shown it as confirmed at 0:00.010\n");
}

/* A version on one surface says nothing of another, nor of another booking. */
Test(one_truth, is_unobserved_where_two_surfaces_have_not_both_a_version)
{
    static const char *const second[] = {
        "20 " LIST "status=pending\n",
        ("20 sam read booking=tour intent=tour surface=list status=pending\n"
         "20 sam read booking=tour intent=tour surface=detail status=pending\n"),
    };
    struct dbk_text lines = {0};

    for (size_t i = 0; i < DBK_COUNT(second); i++) {
        dbk_text_clear(&lines);
        dbk_text_printf(&lines, "10 " PAGE "status=pending version=7\n%s", second[i]);
        expect_finding(TRUTH, LAGOON, lines.bytes,
                       "exposed 0\n"
                       "unobserved: which version of the booking was shown (version)\n");
    }
    dbk_text_reset(&lines);
}
