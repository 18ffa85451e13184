#include "lines.h"
#include "runner/check/index.h"

#include <criterion/criterion.h>

TestSuite(index, .timeout = 20);

/* Prints each fact in order as "NUMBER@TIME WISH", times in ms. */
static void expect_index(const char *head, const char *lines, const char *expected)
{
    struct dbk_history *history = lines_history(head, lines);
    struct dbk_arena arena = {0};
    struct dbk_text said = {0};
    struct dbk_index index;

    dbk_index_build(&index, history, &arena);
    for (size_t i = 0; i < index.count; i++) {
        const struct dbk_seen *seen = &index.seen[i];
        dbk_text_printf(&said, "%zu@", seen->number);
        if (seen->at_ms == DBK_ABSENT) {
            dbk_text_add(&said, "-");
        } else {
            dbk_text_add_integer(&said, seen->at_ms);
        }
        dbk_text_printf(&said, " %s\n", seen->wish == NULL ? "-" : seen->wish->name);
    }
    cr_expect_str_eq(said.bytes, expected, "%s:\n%sinstead of\n%s", lines, said.bytes, expected);
    dbk_text_reset(&said);
    dbk_arena_free(&arena);
    lines_free(history);
}

Test(index, orders_by_true_time_then_by_place_and_leaves_notes_out)
{
    expect_index(LAGOON,
                 "30 lagoon saw intent=b\n"
                 "20 core note text=not_outside\n"
                 "10 lagoon saw intent=a\n"
                 "- lagoon saw intent=c\n"
                 "30 lagoon saw intent=d\n"
                 "10 lagoon saw intent=e\n",
                 "3@10 a\n4@- c\n6@10 e\n1@30 b\n5@30 d\n");
}

/* Zero is 17:25:00, lagoon's clock is 47 s ahead, reef's offset is not known. */
Test(index, corrects_readings_by_the_offsets_the_head_knows)
{
    expect_index(LAGOON,
                 "20 core saw intent=a\n"
                 "- lagoon saw intent=b clock=lagoon reads=2026-07-01T17:25:47.010Z\n"
                 "- reef saw intent=c clock=reef reads=2026-07-01T17:25:00.001Z\n"
                 "- lagoon saw intent=d reads=2026-07-01T17:25:47.030Z\n",
                 "2@10 b\n3@- c\n1@20 a\n4@30 d\n");
}

Test(index, takes_one_unknown_clock_as_right_where_there_is_no_other)
{
    expect_index(FOREIGN,
                 "- reef saw intent=a reads=2026-07-01T17:25:02Z\n"
                 "- reef saw intent=b reads=2026-07-01T17:25:01Z\n"
                 "- - saw intent=c\n",
                 "2@0 b\n3@- c\n1@1000 a\n");
    expect_index(FOREIGN,
                 "- reef saw intent=a reads=2026-07-01T17:25:02Z\n"
                 "- lagoon saw intent=b reads=2026-07-01T17:25:01Z\n",
                 "1@- a\n2@- b\n");
}

/* Between true time and a clock that nobody tied to it there is no order but that of the file. */
Test(index, does_not_mix_true_time_with_readings_without_zero)
{
    expect_index("{'history':1,'clocks':{'lagoon':0}}",
                 "20 core saw intent=a\n"
                 "- lagoon saw intent=b reads=2026-07-01T17:25:02Z\n"
                 "10 core saw intent=c\n",
                 "3@10 c\n1@20 a\n2@- b\n");
}

/* Prints the booking of each read. */
static void expect_bookings(const char *lines, const char *expected)
{
    struct dbk_history *history = lines_history(FOREIGN, lines);
    struct dbk_arena arena = {0};
    struct dbk_text said = {0};
    struct dbk_index index;

    dbk_index_build(&index, history, &arena);
    for (size_t i = 0; i < index.count; i++) {
        const struct dbk_booked *booked = index.seen[i].booked;
        dbk_text_printf(&said, "%s%s", i == 0 ? "" : " ", booked == NULL ? "-" : booked->name);
    }
    cr_expect_str_eq(said.bytes, expected, "%s:\n%s", lines, said.bytes);
    dbk_text_reset(&said);
    dbk_arena_free(&arena);
    lines_free(history);
}

Test(index, puts_a_read_without_booking_to_the_only_one_of_its_wish)
{
    expect_bookings("1 sam read intent=trip\n"
                    "2 ana read intent=trip booking=b1\n"
                    "3 sam read intent=tour\n"
                    "4 sam read intent=tour\n",
                    "b1 b1 tour tour");
    expect_bookings("1 sam read intent=trip\n"
                    "2 ana read intent=trip booking=b1\n"
                    "3 ana read intent=trip booking=b2\n",
                    "- b1 b2");
    expect_bookings("1 sam read intent=trip\n"
                    "2 ana read intent=trip booking=trip\n"
                    "3 ana read intent=trip booking=trip2\n",
                    "trip trip trip2");
}

static bool is_ordered(const struct dbk_index *index, size_t one, size_t other)
{
    return dbk_seen_ordered(&index->seen[one - 1], &index->seen[other - 1]);
}

/* Two logs in one file: the place says something only within one of them. */
Test(index, orders_only_what_is_of_one_end_or_of_one_time)
{
    struct dbk_history *history =
        lines_history(FOREIGN, "- ana read intent=a reads=2026-07-01T17:25:02Z\n"
                               "- lagoon saw intent=a reads=2026-07-01T17:25:01Z\n"
                               "- ana read intent=a reads=2026-07-01T17:25:03Z\n"
                               "- ana read intent=a\n"
                               "- ana read intent=a reads=2026-07-01T17:25:01Z\n"
                               "- sam read intent=a clock=ana reads=2026-07-01T17:25:09Z\n");
    struct dbk_arena arena = {0};
    struct dbk_index index;

    dbk_index_build(&index, history, &arena);
    cr_expect(!is_ordered(&index, 1, 2), "two ends, two clocks");
    cr_expect(!dbk_seen_before(&index.seen[0], &index.seen[1]));
    cr_expect(is_ordered(&index, 1, 3), "one end");
    cr_expect(dbk_seen_before(&index.seen[0], &index.seen[2]));
    cr_expect(is_ordered(&index, 1, 4), "one end, without a reading");
    cr_expect(!is_ordered(&index, 3, 5), "one clock, against the file");
    cr_expect(is_ordered(&index, 3, 6), "two ends, one clock");
    cr_expect(!is_ordered(&index, 4, 6), "two ends, and a fact without a reading");
    dbk_arena_free(&arena);
    lines_free(history);
}

/* A read of nothing that is known has no wish, and nobody stumbles over it. */
Test(index, leaves_facts_without_any_name_alone)
{
    expect_index(FOREIGN, "5 ana read status=confirmed\n6 - end\n", "1@5 -\n2@6 -\n");
    expect_finding("no-phantom-confirm", LAGOON, "5 ana read status=confirmed\n", "exposed 0\n");
}

Test(index, correlates_by_intent_else_key_else_booking_else_reservation_else_exchange)
{
    expect_index(FOREIGN,
                 "1 lagoon effect reservation=R1\n"
                 "2 lagoon effect reservation=R1 key=k1\n"
                 "3 lagoon saw intent=trip key=k1 exchange=c1\n"
                 "4 lagoon fault fault=lose-answer exchange=c1\n"
                 "5 ana read booking=bk-1\n"
                 "6 ana asked booking=bk-1 key=k9\n"
                 "7 ana asked key=k9\n"
                 "8 lagoon fault exchange=c2\n"
                 "9 lagoon saw op=look-up exchange=c1\n"
                 "9 lagoon saw op=look-up key=k1 exchange=l1\n",
                 "1@1 reservation R1\n2@2 trip\n3@3 trip\n4@4 trip\n5@5 booking bk-1\n"
                 "6@6 booking bk-1\n7@7 booking bk-1\n8@8 -\n9@9 -\n10@9 trip\n");
}

/* Partners give the same numbers. */
Test(index, takes_an_id_for_a_name_only_together_with_its_partner)
{
    expect_index(FOREIGN,
                 "1 lagoon effect reservation=R1001\n"
                 "2 reef effect reservation=R1001\n"
                 "3 lagoon effect reservation=R1001 key=k17\n"
                 "4 reef saw op=create key=k17 exchange=c1\n"
                 "5 lagoon saw op=create key=k18 exchange=c1\n"
                 "6 reef answer op=create exchange=c1\n"
                 "7 wire fault exchange=c1\n"
                 "8 reef callback reservation=R2001 key=k17\n"
                 "9 lagoon effect reservation=R2002 key=k19\n"
                 "10 ana read key=k19\n"
                 "11 ana read reservation=R1001\n",
                 "1@1 reservation R1001 at lagoon\n2@2 reservation R1001 at reef\n"
                 "3@3 reservation R1001 at lagoon\n4@4 key k17 at reef\n5@5 key k18\n"
                 "6@6 key k17 at reef\n7@7 -\n8@8 key k17 at reef\n9@9 key k19\n10@10 key k19\n"
                 "11@11 reservation R1001\n");
    expect_index(FOREIGN,
                 "1 lagoon effect intent=a reservation=R1001\n"
                 "2 reef effect intent=b reservation=R1001\n"
                 "3 reef effect reservation=R1001\n",
                 "1@1 a\n2@2 b\n3@3 b\n");
}

/* A traveller's key is not the partner's of the same letters, nor another traveller's. */
Test(index, keeps_the_keys_of_those_who_ask_apart)
{
    expect_index(FOREIGN,
                 "1 ana asked booking=b1 key=k17 exchange=e1\n"
                 "2 lagoon saw op=create key=k17 exchange=e1\n"
                 "3 ben asked booking=b2 key=k17\n"
                 "4 ana asked key=k17\n"
                 "5 ana read exchange=e1\n"
                 "6 cat asked intent=trip key=k18\n"
                 "7 cat read key=k18\n",
                 "1@1 ana's key k17\n2@2 key k17\n3@3 ben's key k17\n4@4 ana's key k17\n"
                 "5@5 ana's key k17\n6@6 trip\n7@7 trip\n");
}

static void expect_linked(const char *lines, bool is_linked)
{
    struct dbk_history *history = lines_history(FOREIGN, lines);
    struct dbk_arena arena = {0};
    struct dbk_index index;

    dbk_index_build(&index, history, &arena);
    cr_expect_eq(dbk_index_is_linked(&index), is_linked, "%s", lines);
    dbk_arena_free(&arena);
    lines_free(history);
}

/* Two keys at one partner may be two wishes or one: only an intent tells. */
Test(index, is_linked_where_intents_tell_all_or_there_is_but_one_wish)
{
    expect_linked("", true);
    expect_linked("1 lagoon saw op=create key=a\n2 lagoon effect key=a reservation=R1\n", true);
    expect_linked("1 lagoon saw op=create key=a\n2 lagoon effect key=b reservation=R1\n", false);
    expect_linked("1 lagoon effect intent=trip key=a\n2 lagoon effect intent=tour key=b\n", true);
    expect_linked("1 lagoon effect intent=trip key=a\n2 lagoon effect key=b\n", false);
    expect_linked("1 lagoon effect state=pending\n2 lagoon effect state=pending\n", false);
    expect_linked("1 lagoon saw op=get key=a\n2 ana read booking=bk-1\n3 ana read booking=bk-2\n",
                  true);
}

/* Far more names than the first table has room for. */
Test(index, keeps_thousands_of_wishes_apart)
{
    struct dbk_text lines = {0};
    struct dbk_text expected = {0};

    for (int i = 0; i < 5000; i++) {
        dbk_text_printf(&lines, "%d lagoon saw intent=w%d key=k%d exchange=e%d\n", i, i % 2500,
                        i % 2500, i);
        dbk_text_printf(&expected, "%d@%d w%d\n", i + 1, i, i % 2500);
    }
    expect_index(FOREIGN, lines.bytes, expected.bytes);
    dbk_text_reset(&lines);
    dbk_text_reset(&expected);
}

Test(index, says_times_as_minutes_and_seconds)
{
    cr_expect_str_eq(dbk_say_time(0).text, "0:00.000");
    cr_expect_str_eq(dbk_say_time(90112).text, "1:30.112");
    cr_expect_str_eq(dbk_say_time(-1).text, "-0:00.001");
    cr_expect_str_eq(dbk_say_time(DBK_ABSENT).text, "an unknown time");
}
