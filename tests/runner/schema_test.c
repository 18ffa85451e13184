#include "runner/format.h"
#include "runner/scenario.h"
#include "runner/search/goal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(schema, .timeout = 30);

Test(schema, is_the_one_that_is_checked_in)
{
    struct dbk_text made = {0};
    char *kept = NULL, why[160];
    size_t length;
    cr_assert(dbk_read_file(DBK_SOURCE_DIR "/scenarios/scenario.schema.json", 1 << 20, &kept,
                            &length, why),
              "%s", why);
    dbk_schema_scenario(&made);
    cr_assert(dbk_same(made.bytes, kept),
              "it is out of date: doublebook schema scenario > scenarios/scenario.schema.json");
    dbk_text_reset(&made);
    free(kept);
}

static size_t expect_value(const cJSON *json, const struct dbk_value *value);

static bool holds_text(const cJSON *list, const char *text)
{
    for (const cJSON *entry = list ? list->child : NULL; entry; entry = entry->next)
        if (dbk_same(cJSON_GetStringValue(entry), text))
            return true;
    return false;
}

/* Gives the number of keys that were looked for. */
static size_t expect_shape(const cJSON *json, const struct dbk_shape *shape)
{
    const cJSON *properties = dbk_json_get(json, "properties");
    size_t keys = shape->key_count;
    cr_assert_eq((size_t)cJSON_GetArraySize(properties), shape->key_count, "%s", shape->name);
    for (size_t i = 0; i < shape->key_count; i++) {
        const struct dbk_key *key = &shape->keys[i];
        const cJSON *property = dbk_json_get(properties, key->name);
        cr_assert(property, "%s: %s", shape->name, key->name);
        cr_expect_str_eq(dbk_json_text(property, "description"), key->sentence);
        cr_expect_eq(holds_text(dbk_json_get(json, "required"), key->name), key->is_required, "%s",
                     key->name);
        keys += expect_value(property, key->value);
    }
    if (shape->others)
        keys += expect_value(dbk_json_get(json, "additionalProperties"), shape->others);
    else
        cr_expect(cJSON_IsFalse(dbk_json_get(json, "additionalProperties")), "%s", shape->name);
    return keys;
}

static size_t expect_value(const cJSON *json, const struct dbk_value *value)
{
    const cJSON *forms = dbk_json_get(json, "anyOf");
    size_t keys = 0;
    cr_assert(json);
    if (value->kind == DBK_VALUE_LIST)
        return expect_value(dbk_json_get(json, "items"), value->of);
    if (value->kind == DBK_VALUE_MAPPING)
        return expect_shape(json, value->shapes);
    if (value->kind == DBK_VALUE_NAME) {
        struct dbk_words words = dbk_vocabulary(value->words);
        for (size_t i = 0; i < words.count; i++)
            cr_expect(holds_text(dbk_json_get(json, "enum"), words.names[i]), "%s", words.names[i]);
    }
    for (size_t i = 0; i < value->shape_count; i++)
        keys += expect_shape(cJSON_GetArrayItem(forms, (int)i), &value->shapes[i]);
    return keys;
}

/* Every key that the reader knows stands in the schema, where the reader expects it. */
static size_t expect_all(void (*put)(struct dbk_text *), const struct dbk_value *format)
{
    struct dbk_text made = {0};
    char why[160];
    put(&made);
    cJSON *json = dbk_json_parse(made.bytes, made.length, why);
    cr_assert(json, "%s", why);
    size_t keys = expect_value(json, format);
    cJSON_Delete(json);
    dbk_text_reset(&made);
    return keys;
}

Test(schema, has_every_key_of_the_tables)
{
    cr_assert_gt(expect_all(dbk_schema_scenario, &dbk_format), 100);
    cr_assert_gt(expect_all(dbk_schema_goal, &dbk_format_goal), 30);
}

/* Knobs, rules, settings and faults come from tables of other rooms. */
Test(schema, has_every_knob_rule_setting_and_fault)
{
    struct dbk_text made = {0};
    dbk_schema_scenario(&made);
    for (size_t i = 0; i < dbk_knob_count; i++)
        if (dbk_knobs[i].key)
            cr_expect(strstr(made.bytes, dbk_knobs[i].sentence), "%s", dbk_knobs[i].key);
    for (size_t i = 0; i < DBK_RULES; i++)
        cr_expect(strstr(made.bytes, dbk_rules[i].question), "%s", dbk_rules[i].name);
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        cr_expect(strstr(made.bytes, dbk_settings[i].sentence), "%s", dbk_settings[i].name);
    for (size_t i = 0; i < DBK_FAULTS; i++)
        cr_expect(strstr(made.bytes, dbk_faults[i].name), "%s", dbk_faults[i].name);
    dbk_text_reset(&made);
}
