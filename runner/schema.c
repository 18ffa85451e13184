#include "runner/format.h"
#include "runner/scenario.h"
#include "runner/search/goal.h"
#include "runner/system.h"

#define DURATION "([0-9]+(ms|s|m|h|d))+$"
#define INSTANT                                                                                    \
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"

static void put_value(struct dbk_text *out, const struct dbk_value *value);

static void put_words(struct dbk_text *out, const char *const *names, size_t count)
{
    dbk_json_key(out, "enum");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < count; i++)
        dbk_json_put_text(out, names[i]);
    dbk_json_close(out, ']');
}

static void put_pattern(struct dbk_text *out, const char *pattern)
{
    dbk_json_pair_text(out, "type", "string");
    dbk_json_pair_text(out, "pattern", pattern);
}

/* ---- mappings ---- */

static void open_object(struct dbk_text *out)
{
    dbk_json_pair_text(out, "type", "object");
    dbk_json_key(out, "properties");
    dbk_json_open(out, '{');
}

static void close_object(struct dbk_text *out)
{
    dbk_json_close(out, '}');
    dbk_json_pair_bool(out, "additionalProperties", false);
}

static void put_required(struct dbk_text *out, const struct dbk_shape *shape)
{
    dbk_json_key(out, "required");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < shape->key_count; i++)
        if (shape->keys[i].is_required)
            dbk_json_put_text(out, shape->keys[i].name);
    dbk_json_close(out, ']');
}

/* Keys that are the author's names, or of a vocabulary. */
static void put_others(struct dbk_text *out, const struct dbk_shape *shape, int64_t most)
{
    dbk_json_key(out, "additionalProperties");
    dbk_json_open(out, '{');
    put_value(out, shape->others);
    dbk_json_close(out, '}');
    dbk_json_key(out, "propertyNames");
    dbk_json_open(out, '{');
    if (shape->others_are_words) {
        struct dbk_words words = dbk_vocabulary(shape->other_words);
        put_words(out, words.names, words.count);
    } else if (!shape->others_are_texts) {
        dbk_json_pair_text(out, "pattern", "^[a-z0-9][a-z0-9-]{0,47}$");
    }
    dbk_json_close(out, '}');
    dbk_json_pair_integer(out, "maxProperties", most + (int64_t)shape->key_count);
}

static void put_shape(struct dbk_text *out, const struct dbk_shape *shape, int64_t most)
{
    dbk_json_pair_text(out, "type", "object");
    dbk_json_key(out, "properties");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < shape->key_count; i++) {
        dbk_json_key(out, shape->keys[i].name);
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "description", shape->keys[i].sentence);
        put_value(out, shape->keys[i].value);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, '}');
    put_required(out, shape);
    if (shape->others)
        put_others(out, shape, most);
    else
        dbk_json_pair_bool(out, "additionalProperties", false);
}

static void put_mapping(struct dbk_text *out, const struct dbk_value *value)
{
    put_shape(out, value->shapes, value->most);
}

static void put_forms(struct dbk_text *out, const struct dbk_value *value)
{
    dbk_json_key(out, "anyOf");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < value->shape_count; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "title", value->shapes[i].name);
        put_shape(out, &value->shapes[i], value->most);
        dbk_json_close(out, '}');
    }
    if (value->of) {
        dbk_json_open(out, '{');
        put_value(out, value->of);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void put_list(struct dbk_text *out, const struct dbk_value *value)
{
    dbk_json_pair_text(out, "type", "array");
    dbk_json_key(out, "items");
    dbk_json_open(out, '{');
    put_value(out, value->of);
    dbk_json_close(out, '}');
    dbk_json_pair_integer(out, "maxItems", value->most);
}

/* ---- scalars ---- */

static void put_text(struct dbk_text *out, const struct dbk_value *value)
{
    (void)value;
    dbk_json_pair_text(out, "type", "string");
    dbk_json_pair_integer(out, "maxLength", 4000);
}

static void put_integer(struct dbk_text *out, const struct dbk_value *value)
{
    dbk_json_pair_text(out, "type", "integer");
    dbk_json_pair_integer(out, "minimum", value->least);
    dbk_json_pair_integer(out, "maximum", value->most);
}

static void put_any(struct dbk_text *out, const struct dbk_value *value)
{
    (void)out, (void)value; /* the empty schema */
}

static void put_bool(struct dbk_text *out, const struct dbk_value *value)
{
    (void)value;
    dbk_json_pair_text(out, "type", "boolean");
}

static void put_scalar(struct dbk_text *out, const struct dbk_value *value)
{
    static const char *const patterns[] = {
        [DBK_VALUE_WORD] = "^[a-z0-9][a-z0-9-]{0,47}$",
        [DBK_VALUE_DURATION] = "^\\+?" DURATION,
        [DBK_VALUE_OFFSET] = "^[+-]?" DURATION,
        [DBK_VALUE_INSTANT] = "^" INSTANT,
        [DBK_VALUE_MOMENT] = "^\\+?" DURATION "|^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$|^" INSTANT,
        [DBK_VALUE_CURRENCY] = "^[A-Z]{3}$",
        [DBK_VALUE_PREFIX] = "^[0-9a-f]{16}$",
    };
    put_pattern(out, patterns[value->kind]);
}

static void put_name(struct dbk_text *out, const struct dbk_value *value)
{
    struct dbk_words words = dbk_vocabulary(value->words);
    put_words(out, words.names, words.count);
}

/* ---- what other rooms' tables say ---- */

static size_t count_names(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

static void put_knob(struct dbk_text *out, const struct dbk_knob *knob)
{
    dbk_json_key(out, knob->key);
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "description", knob->sentence);
    if (knob->type == DBK_KNOB_ENUM)
        put_words(out, knob->values, count_names(knob->values));
    else
        put_pattern(out, "^\\+?" DURATION);
    dbk_json_close(out, '}');
}

/* Knobs of one group stand together in their table; those of none are members themselves. */
static void put_knobs(struct dbk_text *out)
{
    const char *group = NULL;
    for (size_t i = 0; i <= dbk_knob_count; i++) {
        const struct dbk_knob *knob = i < dbk_knob_count ? &dbk_knobs[i] : NULL;
        const char *next = knob ? knob->group : NULL;
        if (group && !dbk_same(group, next)) {
            close_object(out);
            dbk_json_close(out, '}');
        }
        if (next && !dbk_same(group, next)) {
            dbk_json_key(out, next);
            dbk_json_open(out, '{');
            open_object(out);
        }
        group = next;
        if (knob && knob->type != DBK_KNOB_CLAIM)
            put_knob(out, knob);
    }
}

static void put_profile(struct dbk_text *out, const struct dbk_value *value)
{
    (void)value;
    dbk_json_key(out, "anyOf");
    dbk_json_open(out, '[');
    dbk_json_open(out, '{');
    put_pattern(out, "^[a-z0-9][a-z0-9-]{0,47}$");
    dbk_json_close(out, '}');
    dbk_json_open(out, '{');
    open_object(out);
    dbk_json_key(out, "like");
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "description", "the profile it starts from");
    put_pattern(out, "^[a-z0-9][a-z0-9-]{0,47}$");
    dbk_json_close(out, '}');
    put_knobs(out);
    close_object(out);
    dbk_json_key(out, "required");
    dbk_json_open(out, '[');
    dbk_json_put_text(out, "like");
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
    dbk_json_close(out, ']');
}

static void put_set(struct dbk_text *out, const struct dbk_value *value)
{
    (void)value;
    open_object(out);
    for (size_t i = 0; i < DBK_RULES; i++) {
        dbk_json_key(out, dbk_rules[i].name);
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "description", dbk_rules[i].question);
        put_words(out, dbk_rules[i].values, count_names(dbk_rules[i].values));
        dbk_json_close(out, '}');
    }
    for (size_t i = 0; i < DBK_SETTINGS; i++) {
        dbk_json_key(out, dbk_settings[i].name);
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "description", dbk_settings[i].sentence);
        put_pattern(out, "^\\+?" DURATION);
        dbk_json_close(out, '}');
    }
    close_object(out);
}

static void put_argument(struct dbk_text *out, const struct dbk_fault_row *row)
{
    const struct dbk_key key = dbk_format_argument(row);
    const struct dbk_shape shape = {.name = row->name, .keys = &key, .key_count = 1};
    dbk_json_key(out, row->name);
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "description", row->sentence);
    put_shape(out, &shape, 0);
    dbk_json_close(out, '}');
}

/* A fault by name where it needs no argument, or as a mapping of one entry where it can have one.
 */
static void put_fault(struct dbk_text *out, const struct dbk_value *value)
{
    struct dbk_words plain = {.count = 0};
    for (size_t i = 0; i < value->fault_count; i++)
        if (!value->faults[i].argument_needed)
            dbk_words_add(&plain, value->faults[i].name);
    dbk_json_key(out, "anyOf");
    dbk_json_open(out, '[');
    dbk_json_open(out, '{');
    put_words(out, plain.names, plain.count);
    dbk_json_close(out, '}');
    dbk_json_open(out, '{');
    open_object(out);
    for (size_t i = 0; i < value->fault_count; i++)
        if (value->faults[i].argument)
            put_argument(out, &value->faults[i]);
    close_object(out);
    dbk_json_pair_integer(out, "minProperties", 1);
    dbk_json_pair_integer(out, "maxProperties", 1);
    dbk_json_close(out, '}');
    dbk_json_close(out, ']');
}

/* Adds the members of a value's schema to an open object. */
static void put_value(struct dbk_text *out, const struct dbk_value *value)
{
    static void (*const puts[])(struct dbk_text *, const struct dbk_value *) = {
        [DBK_VALUE_TEXT] = put_text,       [DBK_VALUE_WORD] = put_scalar,
        [DBK_VALUE_INTEGER] = put_integer, [DBK_VALUE_BOOL] = put_bool,
        [DBK_VALUE_DURATION] = put_scalar, [DBK_VALUE_OFFSET] = put_scalar,
        [DBK_VALUE_INSTANT] = put_scalar,  [DBK_VALUE_MOMENT] = put_scalar,
        [DBK_VALUE_CURRENCY] = put_scalar, [DBK_VALUE_PREFIX] = put_scalar,
        [DBK_VALUE_NAME] = put_name,       [DBK_VALUE_LIST] = put_list,
        [DBK_VALUE_MAPPING] = put_mapping, [DBK_VALUE_FORMS] = put_forms,
        [DBK_VALUE_EITHER] = put_forms,    [DBK_VALUE_PROFILE] = put_profile,
        [DBK_VALUE_SET] = put_set,         [DBK_VALUE_FAULT] = put_fault,
        [DBK_VALUE_ANY] = put_any,
    };
    puts[value->kind](out, value);
}

/* ---- for people: two spaces a level, one member a line ---- */

static void new_line(struct dbk_text *out, int depth)
{
    dbk_text_add_char(out, '\n');
    for (int i = 0; i < depth; i++)
        dbk_text_add(out, "  ");
}

static void indent(const struct dbk_text *json, struct dbk_text *out)
{
    bool is_text = false;
    int depth = 0;
    for (size_t i = 0; i < json->length; i++) {
        char byte = json->bytes[i];
        bool is_escaped = is_text && byte == '\\';
        if (byte == '"')
            is_text = !is_text;
        if (!is_text && (byte == '}' || byte == ']'))
            new_line(out, --depth);
        dbk_text_add_char(out, byte);
        if (is_escaped)
            dbk_text_add_char(out, json->bytes[++i]);
        if (is_text)
            continue;
        bool is_empty =
            i + 1 < json->length && (json->bytes[i + 1] == ']' || json->bytes[i + 1] == '}');
        if ((byte == '{' || byte == '[') && is_empty)
            dbk_text_add_char(out, json->bytes[++i]);
        else if (byte == '{' || byte == '[')
            new_line(out, ++depth);
        else if (byte == ',')
            new_line(out, depth);
        else if (byte == ':')
            dbk_text_add_char(out, ' ');
    }
    dbk_text_add_char(out, '\n');
}

static void put_schema(struct dbk_text *out, const char *title, const char *comment,
                       const struct dbk_value *format)
{
    struct dbk_text json = {0};
    dbk_json_open(&json, '{');
    dbk_json_pair_text(&json, "$schema", "http://json-schema.org/draft-07/schema#");
    dbk_json_pair_text(&json, "title", title);
    dbk_json_pair_text(&json, "$comment", comment);
    put_value(&json, format);
    dbk_json_close(&json, '}');
    indent(&json, out);
    dbk_text_reset(&json);
}

void dbk_schema_scenario(struct dbk_text *out)
{
    put_schema(out, "doublebook scenario, format 1", "generated: doublebook schema scenario",
               &dbk_format);
}

void dbk_schema_system(struct dbk_text *out)
{
    put_schema(out, "doublebook system map, format 1", "generated: doublebook schema system",
               &dbk_format_system);
}

void dbk_schema_goal(struct dbk_text *out)
{
    put_schema(out, "doublebook goal of a search, format 1", "generated: doublebook schema goal",
               &dbk_format_goal);
}
