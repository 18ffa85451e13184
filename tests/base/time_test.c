#include "base/digest.h"
#include "base/time.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(instant, .timeout = 60);
TestSuite(duration, .timeout = 60);

Test(instant, is_read_in_every_offset)
{
    static const struct {
        const char *text, *utc;
        int64_t epoch_ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", 0},
        {"1970-01-01T01:00:00+01:00", "1970-01-01T00:00:00.000Z", 0},
        {"2026-07-01T17:25:00Z", "2026-07-01T17:25:00.000Z", 1782926700000},
        {"2026-07-01T19:25:00.250+02:00", "2026-07-01T17:25:00.250Z", 1782926700250},
        {"2026-07-01T11:55:00.5-05:30", "2026-07-01T17:25:00.500Z", 1782926700500},
        {"2026-07-01T17:25:00.123999999Z", "2026-07-01T17:25:00.123Z", 1782926700123},
        {"2000-02-29T23:59:59Z", "2000-02-29T23:59:59.000Z", 951868799000},
        {"2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z", 1709253000000},
        {"2100-02-28T00:00:00Z", "2100-02-28T00:00:00.000Z", 4107456000000},
        {"2100-03-01T00:00:00Z", "2100-03-01T00:00:00.000Z", 4107542400000},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", 253402300799999},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char text[DBK_INSTANT_TEXT];
        int64_t epoch_ms = 77;

        cr_expect(dbk_instant_parse(rows[i].text, &epoch_ms), "%s", rows[i].text);
        cr_expect_eq(epoch_ms, rows[i].epoch_ms, "%s", rows[i].text);
        dbk_instant_print(epoch_ms, text);
        cr_expect_str_eq(text, rows[i].utc);
    }
}

Test(instant, is_read_as_a_date_of_http_and_in_no_other_form)
{
    static const struct {
        const char *text;
        int64_t epoch_ms; /* -1: is none */
    } rows[] = {
        {"Wed, 01 Jul 2026 17:25:00 GMT", 1782926700000},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2000 23:59:59 GMT", 951868799000},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799000},
        {"Thu, 01 Jul 2026 17:25:00 GMT", -1},
        {"Tue, 31 Jun 2026 17:25:00 GMT", -1},
        {"Wed, 01 Jul 2026 17:25:00 UTC", -1},
        {"Wed, 01 jul 2026 17:25:00 GMT", -1},
        {"Wed, 1 Jul 2026 17:25:00 GMT", -1},
        {"Wed, 01 Jul 2026 24:25:00 GMT", -1},
        {"Wednesday, 01-Jul-26 17:25:00", -1},
        {"Wed Jul  1 17:25:00 2026", -1},
        {"", -1},
        {NULL, -1},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char text[DBK_HTTP_DATE_TEXT];
        int64_t epoch_ms = -1;

        cr_expect_eq(dbk_http_date_parse(rows[i].text, &epoch_ms), rows[i].epoch_ms >= 0, "%s",
                     rows[i].text);
        cr_expect_eq(epoch_ms, rows[i].epoch_ms, "%s", rows[i].text);
        if (epoch_ms < 0)
            continue;
        dbk_http_date_print(epoch_ms, text);
        cr_expect_str_eq(text, rows[i].text);
    }
}

Test(instant, is_refused_where_it_is_no_instant)
{
    static const char *const rows[] = {
        "",
        "2026-07-01",
        "2026-07-01T17:25:00",
        "2026-07-01 17:25:00Z",
        "2026-07-01t17:25:00z",
        "2026-07-01T17:25Z",
        "2026-07-01T17:25:00Z ",
        " 2026-07-01T17:25:00Z",
        "2026-7-01T17:25:00Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-07-00T00:00:00Z",
        "2026-06-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-07-01T24:00:00Z",
        "2026-07-01T17:60:00Z",
        "2026-07-01T17:25:60Z",
        "2026-07-01T17:25:00.Z",
        "2026-07-01T17:25:00.1234567890Z",
        "2026-07-01T17:25:00,5Z",
        "2026-07-01T17:25:00+2:00",
        "2026-07-01T17:25:00+0200",
        "2026-07-01T17:25:00+24:00",
        "2026-07-01T17:25:00+02:60",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
        "-2026-07-01T17:25:00Z",
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        int64_t epoch_ms = 77;

        cr_expect_not(dbk_instant_parse(rows[i], &epoch_ms), "'%s' was taken", rows[i]);
        cr_expect_eq(epoch_ms, 77);
    }
}

/* Every day from 1970 to 2400 follows the one before, by a calendar that only counts on. */
Test(instant, agrees_with_a_calendar_that_counts_day_by_day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t epoch_ms = 0;

    for (int year = 1970; year <= 2400; year++)
        for (int month = 1; month <= 12; month++) {
            bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int days = lengths[month - 1] + (month == 2 && is_leap);

            for (int day = 1; day <= days; day++, epoch_ms += 86400000) {
                char text[DBK_INSTANT_TEXT], wanted[64];

                snprintf(wanted, sizeof(wanted), "%04d-%02d-%02dT00:00:00.000Z", year, month, day);
                dbk_instant_print(epoch_ms, text);
                cr_assert_str_eq(text, wanted);
            }
        }
}

Test(instant, survives_being_printed_and_read)
{
    for (uint64_t nth = 0; nth < 10000; nth++) {
        int64_t epoch_ms = (int64_t)dbk_draw_below(1, "instant", "", nth, 253402300800000);
        int64_t again = 77;
        char text[DBK_INSTANT_TEXT];

        dbk_instant_print(epoch_ms, text);
        cr_assert(dbk_instant_parse(text, &again), "%s", text);
        cr_assert_eq(again, epoch_ms, "%s", text);
    }
}

Test(instant, beyond_its_range_is_printed_as_unknown)
{
    static const int64_t rows[] = {-1, DBK_TIME_UNKNOWN, INT64_MAX, 253402300800000};

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char text[DBK_INSTANT_TEXT];

        dbk_instant_print(rows[i], text);
        cr_expect_str_eq(text, "unknown");
    }
}

Test(duration, is_read_and_printed)
{
    static const struct {
        const char *text;
        int64_t ms;
        const char *printed;
    } rows[] = {
        {"0s", 0, "0s"},
        {"-0s", 0, "0s"},
        {"250ms", 250, "250ms"},
        {"10s", 10000, "10s"},
        {"90s", 90000, "1m30s"},
        {"1m30s", 90000, "1m30s"},
        {"+47s", 47000, "47s"},
        {"-3s", -3000, "-3s"},
        {"2h", 7200000, "2h"},
        {"1d", 86400000, "1d"},
        {"1d2h3m4s5ms", 93784005, "1d2h3m4s5ms"},
        {"-1d5ms", -86400005, "-1d5ms"},
        {"1500ms", 1500, "1s500ms"},
        {"3653d", 315619200000, "3653d"},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char text[DBK_DURATION_TEXT];
        int64_t ms = 77;

        cr_expect(dbk_duration_parse(rows[i].text, &ms), "%s", rows[i].text);
        cr_expect_eq(ms, rows[i].ms, "%s", rows[i].text);
        dbk_duration_print(ms, text);
        cr_expect_str_eq(text, rows[i].printed);
    }
}

Test(duration, is_refused_where_it_is_none)
{
    static const char *const rows[] = {"",
                                       "s",
                                       "10",
                                       "-",
                                       "+",
                                       "10 s",
                                       " 10s",
                                       "10s ",
                                       "1.5s",
                                       "10S",
                                       "10sec",
                                       "1w",
                                       "1s1s",
                                       "1s1m",
                                       "1ms1s",
                                       "1h-3m",
                                       "--1s",
                                       "+-1s",
                                       "1m s",
                                       "3654d",
                                       "87673h",
                                       "99999999999999999999ms",
                                       "18446744073709551617ms",
                                       "3653d1ms"};

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        int64_t ms = 77;

        cr_expect_not(dbk_duration_parse(rows[i], &ms), "'%s' was taken", rows[i]);
        cr_expect_eq(ms, 77);
    }
}

Test(duration, survives_being_printed_and_read)
{
    for (uint64_t nth = 0; nth < 10000; nth++) {
        uint64_t bits = dbk_draw_below(1, "duration", "bits", nth, 38);
        int64_t ms = (int64_t)dbk_draw_below(1, "duration", "ms", nth, UINT64_C(2) << bits);
        int64_t again = 77;
        char text[DBK_DURATION_TEXT];

        if (nth % 2)
            ms = -ms;
        dbk_duration_print(ms, text);
        cr_assert(dbk_duration_parse(text, &again), "%s", text);
        cr_assert_eq(again, ms, "%s", text);
    }
}

Test(duration, of_any_length_fits_its_text)
{
    char text[DBK_DURATION_TEXT];

    dbk_duration_print(INT64_MIN, text);
    cr_assert_str_eq(text, "-106751991167d7h12m55s808ms");
    dbk_duration_print(INT64_MAX, text);
    cr_assert_str_eq(text, "106751991167d7h12m55s807ms");
}
