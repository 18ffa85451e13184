#include "base/complaint.h"
#include "base/text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(text, .timeout = 60);
TestSuite(complaints, .timeout = 60);
TestSuite(arena, .timeout = 60);

Test(text, grows_by_every_way_of_adding)
{
    struct dbk_text text = {0}, wanted = {0};

    for (int i = 0; i < 300; i++) {
        dbk_text_put(&text, "ab\0c", 4);
        dbk_text_add(&text, NULL);
        dbk_text_add_char(&text, '-');
        dbk_text_printf(&text, "%s %d", "n", i);
        dbk_text_put(&wanted, "ab", 3);
        dbk_text_add(&wanted, "c-n ");
        dbk_text_add_integer(&wanted, i);
    }
    cr_assert_eq(text.length, wanted.length);
    cr_assert_arr_eq(text.bytes, wanted.bytes, wanted.length + 1);
    dbk_text_clear(&text);
    cr_assert_str_eq(text.bytes, "");
    dbk_text_reset(&text);
    dbk_text_reset(&wanted);
}

Test(text, gives_its_bytes_and_is_empty_then)
{
    struct dbk_text text = {0};
    char *nothing = dbk_text_take(&text), *something;

    dbk_text_add_integer(&text, INT64_MIN);
    dbk_text_add_integer(&text, INT64_MAX);
    dbk_text_add_integer(&text, 0);
    something = dbk_text_take(&text);
    cr_assert_str_eq(nothing, "");
    cr_assert_str_eq(something, "-922337203685477580892233720368547758070");
    cr_assert_null(text.bytes);
    free(nothing);
    free(something);
}

Test(text, knows_well_formed_utf8)
{
    static const struct {
        const char *bytes;
        bool is_good;
    } rows[] = {
        {"", true},
        {"plain", true},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\xa2", true},
        {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc0\x80", false},         /* overlong */
        {"\xc1\xbf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* a surrogate */
        {"\xf4\x90\x80\x80", false}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xe2\x82", false}, /* cut off */
        {"\xe2\x82\x41", false},
        {"\xf0\x9f\x9a\x41", false},
        {"\xc3", false},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++)
        cr_expect_eq(dbk_is_utf8(rows[i].bytes, strlen(rows[i].bytes)), rows[i].is_good, "row %zu",
                     i);
    cr_assert(dbk_is_utf8("a\0b", 3));
}

Test(text, becomes_an_integer_in_one_form_only)
{
    static const char *const good[] = {"0", "7", "-12", "9223372036854775807",
                                       "-9223372036854775808"};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "01",
                                      "-0",
                                      "-01",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x",
                                      "1\n",
                                      "--1",
                                      "1-1",
                                      "a",
                                      ":",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "18446744073709551616",
                                      "99999999999999999999999"};

    for (size_t i = 0; i < DBK_COUNT(good); i++) {
        struct dbk_text again = {0};
        int64_t value = 77;

        cr_assert(dbk_parse_integer(good[i], &value), "%s", good[i]);
        dbk_text_add_integer(&again, value);
        cr_assert_str_eq(again.bytes, good[i]);
        dbk_text_reset(&again);
    }
    for (size_t i = 0; i < DBK_COUNT(bad); i++) {
        int64_t value = 77;

        cr_expect_not(dbk_parse_integer(bad[i], &value), "'%s'", bad[i]);
        cr_expect_eq(value, 77, "'%s' changed the value", bad[i]);
    }
}

Test(text, is_compared_whole_by_prefix_and_without_case)
{
    cr_assert(dbk_same(NULL, NULL) && dbk_same("a", "a"));
    cr_assert(!dbk_same(NULL, "") && !dbk_same("", NULL) && !dbk_same("a", "A"));
    cr_assert(dbk_starts_with("lagoon#1", "lagoon") && dbk_starts_with("a", ""));
    cr_assert(!dbk_starts_with("lag", "lagoon"));
    cr_assert(dbk_same_but_case("Content-TYPE", "content-type"));
    cr_assert(!dbk_same_but_case("a", "ab") && !dbk_same_but_case("ab", "a"));
    cr_assert(!dbk_same_but_case("[", "{"), "only letters have a case");
}

Test(text, finds_the_name_that_was_meant)
{
    static const char *const names[] = {"lose-answer", "lose-request", "at",
                                        "when",        "book-twice",   "ac"};
    static const struct {
        const char *wrong, *meant;
    } rows[] = {
        {"lose-anwser", "lose-answer"},
        {"lose-reqwest", "lose-request"},
        {"ab", "at"}, /* as near as the last one, "ac" */
        {"loose-request", "lose-request"},
        {"lose_answer", "lose-answer"},
        {"booktwice", "book-twice"},
        {"wen", "when"},
        {"a", "at"},
        {"x", NULL},
        {"bet", NULL}, /* 2 edits of 3 bytes is not near */
        {"", NULL},
        {"refuse", NULL},
        {"drop-the-connection", NULL},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        const char *meant = dbk_closest(rows[i].wrong, names, DBK_COUNT(names));

        cr_expect(dbk_same(meant, rows[i].meant), "%s: %s", rows[i].wrong, meant ? meant : "none");
    }
}

static void expect_reading(const char *path, size_t max_bytes, const char *wanted)
{
    char why[160] = "read", *bytes;
    size_t length;
    bool is_read = dbk_read_file(path, max_bytes, &bytes, &length, why);

    cr_expect_str_eq(why, wanted);
    cr_expect_eq(is_read, bytes != NULL);
    if (is_read)
        cr_expect(length == strlen("0123456789") && strcmp(bytes, "0123456789") == 0);
    free(bytes);
}

Test(text, is_read_from_a_file_up_to_a_bound)
{
    char path[] = "/tmp/doublebook-text-XXXXXX";
    int file = mkstemp(path);

    cr_assert(file >= 0 && write(file, "0123456789", 10) == 10);
    expect_reading(path, 1 << 20, "read");
    expect_reading(path, 10, "read");
    expect_reading(path, 9, "is larger than 9 bytes");
    cr_assert_eq(ftruncate(file, 50 << 20), 0);
    expect_reading(path, 1 << 20, "is larger than 1 MiB");
    expect_reading("/dev/zero", 2 << 20, "is larger than 2 MiB");
    expect_reading("/tmp", 10, "cannot be read: Is a directory");
    close(file);
    unlink(path);
    expect_reading(path, 10, "cannot be read: No such file or directory");
}

Test(complaints, are_printed_with_their_place_and_without_control_characters)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text out = {0};

    dbk_complain(&complaints, "s.yaml", 4, 12, "unknown fault '%s'", "\x1b[31mred\n\x7f");
    dbk_complain(&complaints, "odd\nname", 0, 0, "is larger than %d MiB", 1);
    dbk_complain(&complaints, NULL, 0, 0, "caf\xc3\xa9 \xc2\x9b \xff\xc2 \xe2\x80\xae");
    dbk_complaints_print(&complaints, &out);
    cr_assert_str_eq(out.bytes, "s.yaml:4:12: unknown fault '\\x1b[31mred\\n\\x7f'\n"
                                "odd\\nname: is larger than 1 MiB\n"
                                "caf\xc3\xa9 \\u{9b} \\xff\\xc2 \\u{202e}\n");
    dbk_text_reset(&out);
    dbk_complaints_reset(&complaints);
}

Test(complaints, are_counted_beyond_the_ones_that_are_kept_of_a_file)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text out = {0};

    for (int i = 1; i <= DBK_COMPLAINTS_MAX + 7; i++)
        dbk_complain(&complaints, "f", i, 1, "wrong");
    dbk_complain(&complaints, "another", 3, 1, "wrong, too");
    dbk_complaints_print(&complaints, &out);
    cr_assert(dbk_starts_with(out.bytes, "f:1:1: wrong\nf:2:1: wrong\n"));
    cr_assert_not_null(strstr(out.bytes, "f:50:1: wrong\nf: ... and 7 more\nanother:3:1: wrong, "));
    dbk_complaints_reset(&complaints);
    cr_assert(complaints.count == 0 && complaints.total == 0);
    dbk_text_reset(&out);
}

/* Every piece is zeroed, aligned and its own, in the second round on used memory too. */
Test(arena, gives_zeroed_aligned_memory_round_after_round)
{
    struct dbk_arena arena = {0};
    unsigned char *pieces[400];
    size_t sizes[400];

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 400; i++) {
            sizes[i] = i % 50 == 49 ? 100000 : i * 7;
            pieces[i] = dbk_arena_alloc(&arena, sizes[i]);
            cr_assert_eq((uintptr_t)pieces[i] % 16, 0);
            for (size_t j = 0; j < sizes[i]; j++)
                cr_assert_eq(pieces[i][j], 0);
            memset(pieces[i], (int)(i % 255) + 1, sizes[i]);
        }
        for (size_t i = 0; i < 400; i++)
            for (size_t j = 0; j < sizes[i]; j++)
                cr_assert_eq(pieces[i][j], i % 255 + 1);
        dbk_arena_reset(&arena);
    }
    dbk_arena_free(&arena);
    cr_assert_str_eq(dbk_arena_printf(&arena, "%s-%d", "again", 7), "again-7");
    cr_assert_str_eq(dbk_arena_copy(&arena, "abcdef", 3), "abc");
    cr_assert_null(dbk_arena_text(&arena, NULL));
    dbk_arena_free(&arena);
}

/* What a run needed once is enough for the same run again: peak memory stays flat. */
Test(arena, uses_the_same_memory_again_after_a_reset)
{
    struct dbk_arena arena = {0};
    char *first[60];

    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 60; i++) {
            char *piece = dbk_arena_alloc(&arena, 1000 * (i % 50));

            if (round == 0)
                first[i] = piece;
            cr_assert_eq(piece, first[i], "piece %zu of round %d", i, round);
        }
        dbk_arena_reset(&arena);
    }
    dbk_arena_free(&arena);
}

/* At every place, for every byte, and never beyond the length. */
Test(text, runs_over_plain_bytes_up_to_the_first_that_is_not)
{
    for (int byte = 0; byte < 256; byte++) {
        bool is_plain = byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
        for (size_t place = 0; place < 19; place++) {
            char bytes[20];
            memset(bytes, 'a' + (int)place, sizeof(bytes));
            bytes[place] = (char)byte;
            cr_expect_eq(dbk_plain_run(bytes, 19), is_plain ? 19u : place, "byte %d at %zu", byte,
                         place);
            cr_expect_eq(dbk_plain_run(bytes, place), place, "nothing behind the end");
        }
    }
}

/* Around every size at which room is made anew. */
Test(text, is_printed_whole_however_long_it_is)
{
    static char wanted[601];
    struct dbk_arena arena = {0};
    struct dbk_text again = {0};

    memset(wanted, 'a', sizeof(wanted) - 1);
    for (int length = 0; length < (int)sizeof(wanted); length++) {
        struct dbk_text text = {0};
        dbk_text_printf(&text, "%.*s", length, wanted);
        dbk_text_printf(&again, "%.*s", length, wanted);
        cr_expect_eq(strlen(text.bytes), (size_t)length);
        cr_expect_eq(text.length, (size_t)length);
        cr_expect_eq(strlen(dbk_arena_printf(&arena, "%.*s", length, wanted)), (size_t)length);
        dbk_text_reset(&text);
    }
    cr_expect_eq(again.length, strlen(again.bytes));
    cr_expect_eq(again.length, (size_t)(600 * 601 / 2));
    dbk_text_reset(&again);
    dbk_arena_free(&arena);
}
