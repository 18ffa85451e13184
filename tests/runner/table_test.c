#include "runner/table.h"

#include <criterion/criterion.h>

TestSuite(table, .timeout = 10);

static const struct dbk_table_row rows[] = {
    {{"lose-answer", "answer on its way", "wire"}, {"The answer never arrives.\n", NULL}},
    {{"r\xC3\xA9sum\xC3\xA9", NULL, "partner"}, {NULL, NULL}},
};
static const struct dbk_table table = {.heads = {"FAULT", "POINT", "MADE BY"},
                                       .columns = 3,
                                       .rows = rows,
                                       .row_count = 2,
                                       .indent = 1};

static void expect_printed(int width, const char *expected)
{
    struct dbk_text text = {0};
    dbk_table_print(&table, width, &text);
    cr_expect_str_eq(text.bytes, expected, "got:\n%s", text.bytes);
    dbk_text_reset(&text);
}

Test(table, stands_as_wide_as_its_cells)
{
    expect_printed(80, " FAULT        POINT              MADE BY\n"
                       " lose-answer  answer on its way  wire\n"
                       "     The answer never arrives.\n"
                       " r\xC3\xA9sum\xC3\xA9                          partner\n");
}

Test(table, wraps_between_words)
{
    expect_printed(32, " FAULT        POINT      MADE BY\n"
                       " lose-answer  answer on  wire\n"
                       "              its way\n"
                       "     The answer never arrives.\n"
                       " r\xC3\xA9sum\xC3\xA9                  partner\n");
}

Test(table, cuts_words_only_where_there_is_no_room)
{
    expect_printed(24, " FAULT     POINT   MADE BY\n"
                       " lose-ans  answer  wire\n"
                       " wer       on its\n"
                       "           way\n"
                       "     The answer never\n"
                       "     arrives.\n"
                       " r\xC3\xA9sum\xC3\xA9            partner\n");
}

/* A wide character takes two columns, a mark on a letter none. */
Test(table, keeps_its_columns_under_wide_characters)
{
    static const struct dbk_table_row wide_rows[] = {
        {{"\xE6\xB5\xB7\xE5\xB2\x9B", "wide", NULL}, {NULL, NULL}},
        {{"cafe\xCC\x81", "marked", NULL}, {NULL, NULL}},
        {{"plain", "plain", NULL}, {NULL, NULL}},
    };
    static const struct dbk_table wide = {
        .heads = {"NAME", "KIND"}, .columns = 2, .rows = wide_rows, .row_count = 3};
    struct dbk_text text = {0};
    dbk_table_print(&wide, 80, &text);
    cr_expect_str_eq(text.bytes, "NAME   KIND\n"
                                 "\xE6\xB5\xB7\xE5\xB2\x9B   wide\n"
                                 "cafe\xCC\x81   marked\n"
                                 "plain  plain\n");
    dbk_text_reset(&text);
}
