#include "base/yaml.h"
#include "base/yaml_write.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(yaml_write, .timeout = 60);

static const cJSON *root_of(const char *bytes, struct dbk_yaml **yaml)
{
    struct dbk_complaints complaints = {0};

    *yaml = dbk_yaml_parse(bytes, strlen(bytes), "w.yaml", &complaints);
    cr_assert(*yaml && complaints.total == 0, "%s: %s", bytes,
              complaints.count ? complaints.items[0].text : "?");
    return dbk_yaml_root(*yaml);
}

/* As canonical JSON, which shows types. */
static char *json_of(const cJSON *node)
{
    struct dbk_text text = {0};

    dbk_json_put_node(&text, node);
    return dbk_text_take(&text);
}

static char *written(const cJSON *root, int levels)
{
    struct dbk_text text = {0};

    for (const cJSON *child = root->child; child; child = child->next)
        dbk_yaml_put_member(&text, 0, child->string, child, levels);
    return dbk_text_take(&text);
}

/* What is written reads back as the same values, and is written the same again. */
static void expect_round_trip(const cJSON *root, const char *wanted)
{
    struct dbk_yaml *yaml = NULL;
    char *text = written(root, 0);
    const cJSON *again = root_of(text, &yaml);
    char *before = json_of(root), *after = json_of(again), *twice = written(again, 0);

    cr_expect_str_eq(after, before, "written as\n%s", text);
    cr_expect_str_eq(twice, text);
    if (wanted)
        cr_expect_str_eq(text, wanted, "\n%s--- expected\n%s", text, wanted);
    free(text);
    free(before);
    free(after);
    free(twice);
    dbk_yaml_free(yaml);
}

Test(yaml_write, lays_out_short_values_on_a_line_and_long_ones_as_blocks)
{
    static const char wide[] =
        "rules:\n"
        "  - { when: { op: create, attempt: 1, intent: trip }, do: [ { delay-answer: { by: 30s } } "
        "] }\n"
        "  - when: { op: create, attempt: 2, intent: a-name-as-long-as-the-format-allows-it-to-be "
        "}\n"
        "    do: [ { delay-answer: { by: 30s } } ]\n"
        "    none: []\n"
        "    nothing: {}\n"
        "  - one more\n"
        "sells: { cruise: { price: 12000, capacity: 0, is: true, was: null } }\n"
        "why: >-\n"
        "  A sentence that is longer than a line is folded at its spaces, so that a person may "
        "read "
        "it without\n"
        "  turning her head, and reads back as the one line that it was.\n"
        "short: A sentence, with a comma.\n"
        "ends: >\n"
        "  a line.\n";
    struct dbk_yaml *yaml = NULL;

    expect_round_trip(root_of(wide, &yaml), wide);
    dbk_yaml_free(yaml);
}

Test(yaml_write, makes_as_many_levels_blocks_as_it_is_told)
{
    struct dbk_yaml *yaml = NULL;
    const cJSON *root = root_of("a: { b: { c: [ 1, { d: 2, e: [] } ] } }\n", &yaml);
    char *text = written(root, 4);

    cr_expect_str_eq(text, "a:\n"
                           "  b:\n"
                           "    c:\n"
                           "      - 1\n"
                           "      - d: 2\n"
                           "        e: []\n");
    free(text);
    dbk_yaml_free(yaml);
}

Test(yaml_write, quotes_what_somebody_could_take_for_something_else)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"trip", "trip"},
        {"two words", "two words"},
        {"10s", "10s"},
        {"+47s", "+47s"},
        {"-3s", "-3s"},
        {"", "\"\""},
        {" a", "\" a\""},
        {"a ", "\"a \""},
        {"no", "\"no\""},
        {"On", "\"On\""},
        {"NULL", "\"NULL\""},
        {"n", "n"}, /* a key of `choices` */
        {"~", "\"~\""},
        {"7", "\"7\""},
        {"007", "\"007\""},
        {"1e3", "\"1e3\""},
        {".inf", "\".inf\""},
        {"-", "\"-\""},
        {"- a", "\"- a\""},
        {"---", "\"---\""},
        {"17:29:00", "\"17:29:00\""},
        {"2026-07-01", "\"2026-07-01\""},
        {"a: b", "\"a: b\""},
        {"a:", "\"a:\""},
        {"a #b", "\"a #b\""},
        {"a, b", "\"a, b\""}, /* in a flow */
        {"{a}", "\"{a}\""},
        {"&a", "\"&a\""},
        {"*a", "\"*a\""},
        {"!a", "\"!a\""},
        {"%a", "\"%a\""},
        {"'a'", "\"'a'\""},
        {"say \"hi\" \\o/", "\"say \\\"hi\\\" \\\\o/\""},
        {"a\nb\tc", "\"a\\nb\\tc\""},
        {"bell \a", "\"bell \\x07\""},
        {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
        {"\xc2\x85", "\"\\x85\""},
        {"\xe2\x80\xae", "\"\\u202e\""},
        {"\xef\xbf\xbe", "\"\\ufffe\""},
        {"\xf3\xa0\x80\x81", "\"\\U000e0001\""},
        {"\xf0\x9f\x9b\xb6", "\"\xf0\x9f\x9b\xb6\""},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_text text = {0};
        cJSON *root = cJSON_CreateObject(), *list = cJSON_CreateArray();

        dbk_yaml_put_text(&text, rows[i].text);
        cr_expect_str_eq(text.bytes, rows[i].wanted);
        cJSON_AddItemToArray(list, cJSON_CreateString(rows[i].text));
        cJSON_AddItemToObject(root, "block", cJSON_CreateString(rows[i].text));
        cJSON_AddItemToObject(root, "flow", list);
        cJSON_AddItemToObject(root, *rows[i].text ? rows[i].text : "empty",
                              dbk_json_new_integer(1));
        expect_round_trip(root, NULL);
        cJSON_Delete(root);
        dbk_text_reset(&text);
    }
}

/* Long texts: words, no spaces, spaces in a row, leading ones, line feeds. */
Test(yaml_write, reads_long_texts_back_as_they_were)
{
    static const char *const pieces[] = {"word ", "x",       "two  spaces ",     " lead ",
                                         "a\n",   "colon: ", "\xf0\x9f\x9b\xb6 "};

    for (size_t i = 0; i < DBK_COUNT(pieces); i++)
        for (size_t count = 10; count <= 810; count += 400) {
            struct dbk_text text = {0};
            cJSON *root = cJSON_CreateObject(), *inner = cJSON_CreateObject();

            while (text.length < count)
                dbk_text_add(&text, pieces[i]);
            cJSON_AddItemToObject(root, "a", cJSON_CreateString(text.bytes));
            dbk_text_add(&text, "end.");
            cJSON_AddItemToObject(inner, "b", cJSON_CreateString(text.bytes));
            dbk_text_add(&text, "\n");
            cJSON_AddItemToObject(inner, "c", cJSON_CreateString(text.bytes));
            cJSON_AddItemToObject(root, "inner", inner);
            expect_round_trip(root, NULL);
            cJSON_Delete(root);
            dbk_text_reset(&text);
        }
}

Test(yaml_write, replaces_bytes_that_are_no_text)
{
    struct dbk_text text = {0};

    dbk_yaml_put_text(&text, "a\xff\xc3");
    cr_expect_str_eq(text.bytes, "\"a\\ufffd\\ufffd\"");
    dbk_text_reset(&text);
}
