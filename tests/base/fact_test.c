#include "base/fact.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(fact, .timeout = 20);

Test(fact, knows_nothing_but_its_kind_at_first)
{
    for (int kind = 0; kind < DBK_FACT_KINDS; kind++) {
        struct dbk_fact fact = dbk_fact_of((enum dbk_fact_kind)kind);
        struct dbk_text line = {0};
        struct dbk_text expected = {0};
        dbk_fact_write(&fact, 7, &line);
        dbk_text_printf(&expected, "{\"n\":7,\"what\":\"%s\"}", dbk_fact_name(fact.kind));
        cr_expect_str_eq(line.bytes, expected.bytes);
        dbk_text_reset(&line);
        dbk_text_reset(&expected);
    }
}

Test(fact, is_outside_unless_the_core_or_a_note_says_it)
{
    int outside = 0;

    for (int kind = 0; kind < DBK_FACT_KINDS; kind++) {
        outside += dbk_fact_is_outside((enum dbk_fact_kind)kind);
    }
    cr_expect_eq(outside, DBK_FACT_KINDS - 2);
    cr_expect_not(dbk_fact_is_outside(DBK_FACT_CORE));
    cr_expect_not(dbk_fact_is_outside(DBK_FACT_NOTE));
}

Test(fact, keeps_its_strings_in_an_arena)
{
    struct dbk_arena arena = {0};
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_READ);
    char who[] = "ana", text[] = "one";

    fact.who = who;
    fact.text = text;
    fact.version = 3;
    dbk_fact_keep(&fact, &arena);
    memset(who, 'x', 3);
    memset(text, 'x', 3);
    cr_expect_str_eq(fact.who, "ana");
    cr_expect_str_eq(fact.text, "one");
    cr_expect_null(fact.status);
    cr_expect_eq(fact.version, 3);
    dbk_arena_free(&arena);
}

static cJSON *schema(void)
{
    char why[160];
    char *bytes = NULL;
    size_t length = 0;
    cJSON *root = NULL;

    cr_assert(
        dbk_read_file(DBK_SOURCE_DIR "/reports/history.schema.json", 1 << 20, &bytes, &length, why),
        "%s", why);
    root = dbk_json_parse(bytes, length, why);
    cr_assert_not_null(root, "%s", why);
    free(bytes);
    return root;
}

/* True if node is a list of exactly these texts. */
static bool is_list_of(const cJSON *node, const char *const *words)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, node)
    {
        if (*words == NULL || !dbk_same(cJSON_GetStringValue(item), *words++)) {
            return false;
        }
    }
    return node != NULL && *words == NULL;
}

Test(fact, is_described_by_the_schema_member_for_member)
{
    cJSON *root = schema();
    const cJSON *fact = dbk_json_get(dbk_json_get(root, "$defs"), "fact");
    const cJSON *members = dbk_json_get(fact, "properties");
    const cJSON *words = dbk_json_get(dbk_json_get(fact, "else"), "properties");
    const char *kinds[DBK_FACT_KINDS + 1] = {NULL};
    const cJSON *member = members->child;
    int worded = 0;

    for (int kind = 0; kind < DBK_FACT_KINDS; kind++) {
        kinds[kind] = dbk_fact_name((enum dbk_fact_kind)kind);
    }
    cr_expect_str_eq(member->string, "n");
    member = member->next;
    cr_expect_str_eq(member->string, "what");
    cr_expect(is_list_of(dbk_json_get(member, "enum"), kinds));
    for (size_t i = 0; i < dbk_field_count; i++) {
        static const char *const references[] = {
            [DBK_FIELD_TEXT] = NULL,
            [DBK_FIELD_INTEGER] = "#/$defs/integer",
            [DBK_FIELD_INSTANT] = "#/$defs/instant",
        };
        const struct dbk_field *field = &dbk_fields[i];
        const cJSON *list = dbk_json_get(dbk_json_get(words, field->name), "enum");
        member = member->next;
        cr_assert_not_null(member, "%s", field->name);
        cr_expect_str_eq(member->string, field->name);
        cr_expect(dbk_same(dbk_json_text(member, "$ref"), references[field->type]), "%s",
                  field->name);
        cr_expect(field->type != DBK_FIELD_TEXT ||
                      dbk_same(dbk_json_text(member, "type"), "string"),
                  "%s", field->name);
        if (field->words != NULL) {
            cr_expect(is_list_of(list, field->words), "%s", field->name);
            worded++;
        }
    }
    cr_expect_null(member->next);
    cr_expect_eq(cJSON_GetArraySize(words), worded);
    cJSON_Delete(root);
}
