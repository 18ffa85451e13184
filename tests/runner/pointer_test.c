/* The examples of RFC 6901, section 5, and what is no pointer. */
#include "runner/pointer.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(pointer, .timeout = 30);

static const char document[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
                               "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9}";

/* The node as JSON, or "none". */
static char *found(const cJSON *root, const char *text)
{
    struct dbk_arena arena = {0};
    struct dbk_pointer pointer;
    struct dbk_text out = {0};
    const char *why = NULL;
    cr_assert(dbk_pointer_read(text, &pointer, &arena, &why), "%s: %s", text, why);
    const cJSON *node = dbk_pointer_follow(&pointer, root);
    if (node)
        dbk_json_put_node(&out, node);
    else
        dbk_text_add(&out, "none");
    dbk_arena_free(&arena);
    return dbk_text_take(&out);
}

Test(pointer, finds_what_the_standard_says)
{
    static const char *const rows[][2] = {
        {"", document},
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/foo/1", "\"baz\""},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
        {"/~01", "9"},
        {"/foo/2", "none"},
        {"/foo/01", "none"},
        {"/foo/-", "none"},
        {"/foo/-1", "none"},
        {"/Foo", "none"},
        {"/foo/0/x", "none"},
        {"/foo/", "none"},
        {"/foo/99999999999", "none"},
    };
    char why[160];
    cJSON *root = dbk_json_parse(document, strlen(document), why);
    cr_assert(root, "%s", why);
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char *got = found(root, rows[i][0]);
        cr_expect_str_eq(got, rows[i][1], "%s gave %s", rows[i][0], got);
        free(got);
    }
    char *got = found(NULL, "");
    cr_expect_str_eq(got, "none");
    free(got);
    cJSON_Delete(root);
}

Test(pointer, begins_with_a_slash_and_escapes_tildes)
{
    static const char *const wrong[] = {"foo", " /foo", "#/foo", "/a~", "/~2", "/a~/b"};
    struct dbk_arena arena = {0};
    struct dbk_pointer pointer;
    for (size_t i = 0; i < DBK_COUNT(wrong); i++) {
        const char *why = NULL;
        cr_expect_not(dbk_pointer_read(wrong[i], &pointer, &arena, &why), "%s", wrong[i]);
        cr_expect_not_null(why);
    }
    dbk_arena_free(&arena);
}
