/* A template filled: in a path, a header, a body. */
#include "runner/template.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

TestSuite(template, .timeout = 30);

struct record {
    const char *name, *place;
    int64_t count;
};

static const struct dbk_variable rows[] = {
    {.name = "name", .offset = offsetof(struct record, name)},
    {.name = "place", .offset = offsetof(struct record, place)},
    {.name = "count", .offset = offsetof(struct record, count), .is_integer = true},
};
static const struct dbk_variables known = {rows, DBK_COUNT(rows)};

static void expect_text(const char *text, enum dbk_template_use use, const struct record *record,
                        const char *expected)
{
    struct dbk_arena arena = {0};
    struct dbk_text out = {0};
    struct dbk_template template = dbk_template_of_text(text, use, &known, &arena);
    bool is_filled = dbk_template_fill(&template, record, &out);
    const char *got = !is_filled ? "not known" : out.bytes ? out.bytes : "";
    cr_expect_str_eq(got, expected, "%s gave %s", text, got);
    dbk_text_reset(&out);
    dbk_arena_free(&arena);
}

static void expect_json(const char *text, const struct record *record, const char *expected)
{
    struct dbk_arena arena = {0};
    struct dbk_text out = {0};
    char why[160];
    cJSON *node = dbk_json_parse(text, strlen(text), why);
    cr_assert(node, "%s", why);
    struct dbk_template template = dbk_template_of_json(node, &known, &arena);
    cJSON_Delete(node);
    bool is_filled = dbk_template_fill(&template, record, &out);
    cr_expect_str_eq(is_filled ? out.bytes : "not known", expected, "%s gave %s", text, out.bytes);
    dbk_text_reset(&out);
    dbk_arena_free(&arena);
}

Test(template, encodes_what_stands_in_a_path)
{
    struct record record = {"a/b c?\xc3\xa4", "x", 7};
    expect_text("/rooms/{name}?of={place}&n={count}", DBK_TEMPLATE_PATH, &record,
                "/rooms/a%2Fb%20c%3F%C3%A4?of=x&n=7");
}

/* Nobody slips a second header in. */
Test(template, has_no_control_characters_in_a_header)
{
    struct record record = {"a\r\nX: 1\t\x7f", NULL, 0};
    expect_text("Bearer {name}", DBK_TEMPLATE_HEADER, &record, "Bearer a??X: 1??");
}

Test(template, takes_doubled_braces_for_braces)
{
    struct record record = {"n", "p", -3};
    expect_text("{{{name}}}{{}}", DBK_TEMPLATE_PLAIN, &record, "{n}{}");
    expect_text("", DBK_TEMPLATE_PLAIN, &record, "");
    expect_text("{count}", DBK_TEMPLATE_PLAIN, &record, "-3");
}

Test(template, cannot_be_filled_with_what_is_not_known)
{
    struct record record = {NULL, NULL, 1};
    expect_text("/{count}/{name}", DBK_TEMPLATE_PATH, &record, "not known");
    expect_json("{\"a\":[\"{name}\"]}", &record, "not known");
    expect_json("{\"a\":\"x{name}\"}", &record, "not known");
}

Test(template, of_a_body_keeps_it_valid_json)
{
    struct record record = {"say \"hi\"\n", "\xc3\xa9", 2};
    expect_json("{\"n\":\"{name}\",\"c\":\"{count}\",\"s\":\"{count} of {place}\"}", &record,
                "{\"n\":\"say \\\"hi\\\"\\n\",\"c\":2,\"s\":\"2 of \xc3\xa9\"}");
    expect_json("[\"{name}\",\"{place}\",[\"{count}\",\"{{x}}\",1,true,null,1.5,\"\"],{}]", &record,
                "[\"say \\\"hi\\\"\\n\",\"\xc3\xa9\",[2,\"{x}\",1,true,null,1.5,\"\"],{}]");
    expect_json("\"{place}\"", &record, "\"\xc3\xa9\"");
    expect_json("12", &record, "12");
}

Test(template, part_stops_where_a_brace_is_wrong)
{
    static const char *const wrong[] = {"a{", "a{b", "a}", "a{}", "a{b{c}", "a{{{b"};
    static const size_t stops[] = {1, 1, 1, 1, 1, 3};
    for (size_t i = 0; i < DBK_COUNT(wrong); i++) {
        struct dbk_template_part part;
        const char *at = wrong[i];
        while (dbk_template_next(&at, &part))
            continue;
        cr_expect_eq((size_t)(at - wrong[i]), stops[i], "%s: %zu", wrong[i],
                     (size_t)(at - wrong[i]));
    }
}
