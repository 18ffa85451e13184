#include "runner/table.h"

#include <criterion/criterion.h>

TestSuite(table, .timeout = 10);

static const struct dbk_table_row rows[] = {
    {{"lose-answer", "answer on its way", "wire"}, {"The answer never arrives.\n", NULL}},
    {{"r\xC3\xA9sum\xC3\xA9", NULL, "partner"}, {NULL, NULL}},
    {{"\xE6\xB5\xB7"
      "e\xCC\x81",
      "sea", "wide"},
     {NULL, NULL}},
};
static const struct dbk_table table = {.heads = {"FAULT", "POINT", "MADE BY"},
                                       .columns = 3,
                                       .rows = rows,
                                       .row_count = 3,
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
