#include "reports/plain.h"

#include "base/time.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plain, .timeout = 30);

static void expect_text(struct dbk_text *text, const char *wanted)
{
    cr_assert_str_eq(text->bytes, wanted);
    dbk_text_reset(text);
}

Test(plain, shows_what_could_do_harm_as_its_code)
{
    static const struct {
        const char *given, *shown;
    } cases[] = {
        {"trip", "trip"},
        {"caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x9a\xa2", "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x9a\xa2"},
        {"a\nb\tc\rd", "a\\nb\\tc\\x0dd"},
        {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"}, /* the one-byte escape sequence, as UTF-8 */
        {"\x9b"
         "31m",
         "\\x9b31m"}, /* and raw */
        {"\xe2\x80\xae"
         "cba",
         "\\u{202e}cba"},              /* right-to-left override */
        {"\xe2\x81\xa6", "\\u{2066}"}, /* isolate */
        {"a\xe2\x80\x8b"
         "b",
         "a\\u{200b}b"},                              /* zero width space */
        {"\xf3\xa0\x81\x81", "\\u{e0041}"},           /* invisible tag */
        {"e\xcc\x81t\xcc\x81", "e\xcc\x81t\xcc\x81"}, /* marks on letters */
        {"\xcc\x81t", "\\u{301}t"},                   /* a mark on nothing */
        {"e\xcc\x81\xcc\x82\xcc\x81\xcc\x82\xcc\x81\xcc\x82t\xcc\x81",
         "e\xcc\x81\xcc\x82\xcc\x81\xcc\x82\\u{301}\\u{302}t\xcc\x81"}, /* a heap of them */
        {"\xff\xc0\x80\xed\xa0\x80\xe2\x82", "\\xff\\xc0\\x80\\xed\\xa0\\x80\\xe2\\x82"},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text text = {0};

        dbk_plain_add(&text, cases[i].given, 80);
        expect_text(&text, cases[i].shown);
    }
}

Test(plain, cuts_with_an_ellipsis)
{
    static const struct {
        const char *given;
        size_t columns;
        const char *shown;
    } cases[] = {
        {"abcdef", 6, "abcdef"},
        {"abcdefg", 6, "abc..."},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9\xc3\xa9..."},
        {"\xe6\xb5\xb7\xe5\xb2\x9b\xe6\x97\x85", 6, "\xe6\xb5\xb7\xe5\xb2\x9b\xe6\x97\x85"},
        {"\xe6\xb5\xb7\xe5\xb2\x9b\xe6\x97\x85x", 6, "\xe6\xb5\xb7..."}, /* two columns each */
        {"e\xcc\x81"
         "bcd",
         4,
         "e\xcc\x81"
         "bcd"},
        {"abc\x01\x01", 10, "abc\\x01..."}, /* an escape is never cut in two */
        {"abcd\x01\x01", 10, "abcd..."},
        {"", 3, NULL},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text text = {0};

        dbk_plain_add(&text, cases[i].given, cases[i].columns);
        if (cases[i].shown)
            expect_text(&text, cases[i].shown);
        else
            cr_assert_eq(text.length, 0);
    }
}

Test(plain, breaks_lines_at_spaces)
{
    struct dbk_text text = {0};

    dbk_plain_wrap(&text, "ana -> core  books one trip", 2, 12);
    dbk_plain_wrap(&text, "abcdefghijklmnopq r", 2, 12);
    dbk_plain_wrap(&text, "\xc3\xa9\xc3\xa9 \xc3\xa9", 0, 4);
    dbk_plain_wrap(&text, "\xe6\xb5\xb7 \xe5\xb2\x9b\xe6\x97\x85", 0, 4);
    dbk_plain_wrap(&text, "\xe6\xb5\xb7\xe5\xb2\x9b", 0, 1);
    dbk_plain_wrap(&text, "   ", 2, 2);
    dbk_plain_wrap(&text, NULL, 2, 12);
    expect_text(&text, "ana -> core\n  books one\n  trip\n"
                       "abcdefghijkl\n  mnopq r\n"
                       "\xc3\xa9\xc3\xa9 \xc3\xa9\n"
                       "\xe6\xb5\xb7\n\xe5\xb2\x9b\xe6\x97\x85\n"
                       "\xe6\xb5\xb7\n\xe5\xb2\x9b\n"
                       "\n"
                       "\n");
}

/* The width is the terminal's, not that of the C locale in which the tests run. */
Test(plain, counts_columns)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"trip", 4},
        {"caf\xc3\xa9", 4},
        {"cafe\xcc\x81", 4},             /* the accent is a code point of its own */
        {"\xe6\xb5\xb7\xe5\xb2\x9b", 4}, /* two columns each */
        {"\xf0\x9f\x9a\xa2", 2},         /* a ship */
        {"\xef\xbd\xb1", 1},             /* half as wide */
        {"\xd9\x81\xd9\x8e", 1},         /* an Arabic letter with its vowel */
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++)
        cr_expect_eq(dbk_plain_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns,
                     "%s: %zu", cases[i].text,
                     dbk_plain_columns(cases[i].text, strlen(cases[i].text)));
}

Test(plain, shows_times_from_zero)
{
    static const struct {
        int64_t ms;
        const char *shown;
    } cases[] = {{0, "0:00.000"},
                 {61, "0:00.061"},
                 {90061, "1:30.061"},
                 {7500000, "125:00.000"},
                 {-3001, "-0:03.001"},
                 {DBK_TIME_UNKNOWN, "-"},
                 {INT64_MAX, "153722867280912:55.807"}};

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text text = {0};

        dbk_plain_time(&text, cases[i].ms);
        expect_text(&text, cases[i].shown);
    }
}

Test(plain, number_can_be_read)
{
    static const struct {
        int64_t number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {28561, "28,561"},
        {1002003, "1,002,003"},
        {-4005, "-4,005"},
        {INT64_MAX, "9,223,372,036,854,775,807"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };
    struct dbk_text text = {0};

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        dbk_plain_number(&text, cases[i].number);
        cr_expect_str_eq(text.bytes, cases[i].text);
        dbk_text_clear(&text);
    }
    dbk_plain_count(&text, 1, "run", "runs");
    dbk_text_add(&text, ", ");
    dbk_plain_count(&text, 2000, "run", "runs");
    cr_expect_str_eq(text.bytes, "1 run, 2,000 runs");
    dbk_text_reset(&text);
}
