#include "runner/format.h"

#include "base/time.h"
#include "fake-partners/fault.h"

#include <stdio.h>
#include <string.h>

#define SHOWN 64 /* bytes of a value in a message */

struct check {
    const struct dbk_yaml *yaml;
    struct dbk_complaints *complaints;
    bool *is_too_large;
};

static void check_value(const struct check *check, const cJSON *node, const char *label,
                        const struct dbk_value *value);

bool dbk_format_is_word(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && length <= 48 && text[length] == '\0' && text[0] != '-';
}

/* ---- scalars: does it fit, and what was expected ---- */

static bool is_integer(const cJSON *node, const struct dbk_value *value)
{
    int64_t number;
    return dbk_json_node_integer(node, &number) && number >= value->least && number <= value->most;
}

static bool is_duration(const char *text)
{
    int64_t ms;
    return dbk_duration_parse(text, &ms) && ms >= 0;
}

static bool is_offset(const char *text)
{
    int64_t ms;
    return dbk_duration_parse(text, &ms);
}

static bool is_instant(const char *text)
{
    int64_t ms;
    return dbk_instant_parse(text, &ms);
}

bool dbk_format_time_of_day(const char *text, int64_t *ms)
{
    static const char pattern[] = "dd:dd:dd";
    for (size_t i = 0; i < sizeof pattern; i++)
        if (pattern[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
            return false;
    int64_t hours = 10 * (text[0] - '0') + text[1] - '0';
    int64_t minutes = 10 * (text[3] - '0') + text[4] - '0';
    int64_t seconds = 10 * (text[6] - '0') + text[7] - '0';
    *ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
    return hours < 24 && minutes < 60 && seconds < 60;
}

static bool is_moment(const char *text)
{
    int64_t ms;
    return is_duration(text) || is_instant(text) || dbk_format_time_of_day(text, &ms);
}

static bool is_currency(const char *text)
{
    return strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static bool is_prefix(const char *text)
{
    return strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16;
}

static bool is_text(const char *text)
{
    return strlen(text) <= 4000;
}

static const struct {
    bool (*fits)(const char *text);
    const char *expected;
} scalars[] = {
    [DBK_VALUE_TEXT] = {is_text, "a text of at most 4000 bytes"},
    [DBK_VALUE_WORD] = {dbk_format_is_word,
                        "a name of lower-case letters, digits and dashes, at most 48 long"},
    [DBK_VALUE_DURATION] = {is_duration, "a duration of zero or more, such as 10s or 1m30s"},
    [DBK_VALUE_OFFSET] = {is_offset, "a signed duration, such as +47s or -3s"},
    [DBK_VALUE_INSTANT] = {is_instant, "an instant, such as \"2026-07-01T17:25:00Z\""},
    [DBK_VALUE_MOMENT] = {is_moment, "a duration from zero (90s), a time of day (\"17:29:00\") or "
                                     "an instant (\"2026-07-01T17:29:00Z\")"},
    [DBK_VALUE_CURRENCY] = {is_currency, "three capital letters, such as EUR"},
    [DBK_VALUE_PREFIX] = {is_prefix, "a text of 16 digits 0-9 and a-f, in quotes"},
};

static void describe(const cJSON *node, char shown[static SHOWN])
{
    int64_t number;
    const char *text = cJSON_IsString(node) ? node->valuestring : NULL;
    if (text) {
        int length = (int)dbk_shown_length(text, SHOWN - 8);
        snprintf(shown, SHOWN, "'%.*s%s'", length, text, text[length] ? "..." : "");
    } else if (dbk_json_node_integer(node, &number)) {
        snprintf(shown, SHOWN, "%lld", (long long)number);
    } else if (cJSON_IsBool(node)) {
        snprintf(shown, SHOWN, "%s", cJSON_IsTrue(node) ? "true" : "false");
    } else {
        snprintf(shown, SHOWN, "%s",
                 cJSON_IsObject(node)  ? "a mapping"
                 : cJSON_IsArray(node) ? "a list"
                                       : "nothing");
    }
}

static void unfit(const struct check *check, const cJSON *node, const char *label,
                  const char *expected)
{
    char shown[SHOWN];
    describe(node, shown);
    dbk_yaml_complain(check->yaml, node, check->complaints, "%s cannot be %s; expected %s", label,
                      shown, expected);
}

static void check_scalar(const struct check *check, const cJSON *node, const char *label,
                         const struct dbk_value *value)
{
    if (!cJSON_IsString(node) || !scalars[value->kind].fits(node->valuestring))
        unfit(check, node, label, scalars[value->kind].expected);
}

static void check_integer(const struct check *check, const cJSON *node, const char *label,
                          const struct dbk_value *value)
{
    if (is_integer(node, value))
        return;
    char expected[80];
    if (value->least == value->most)
        snprintf(expected, sizeof expected, "%lld", (long long)value->least);
    else
        snprintf(expected, sizeof expected, "a whole number from %lld to %lld",
                 (long long)value->least, (long long)value->most);
    unfit(check, node, label, expected);
}

static void check_any(const struct check *check, const cJSON *node, const char *label,
                      const struct dbk_value *value)
{
    (void)check, (void)node, (void)label, (void)value;
}

static void check_bool(const struct check *check, const cJSON *node, const char *label,
                       const struct dbk_value *value)
{
    (void)value;
    if (!cJSON_IsBool(node))
        unfit(check, node, label, "true or false");
}

static void check_name(const struct check *check, const cJSON *node, const char *label,
                       const struct dbk_value *value)
{
    struct dbk_words words = dbk_vocabulary(value->words);
    if (!cJSON_IsString(node)) {
        struct dbk_text expected = {0};
        dbk_text_add(&expected, "one of ");
        dbk_words_print(&words, &expected);
        unfit(check, node, label, expected.bytes);
        dbk_text_reset(&expected);
    } else if (!dbk_words_have(&words, node->valuestring)) {
        dbk_words_complain(&words, dbk_vocabulary_noun(value->words), node->valuestring,
                           check->yaml, node, check->complaints);
    }
}

/* ---- lists and mappings ---- */

static void check_list(const struct check *check, const cJSON *node, const char *label,
                       const struct dbk_value *value)
{
    if (!cJSON_IsArray(node)) {
        unfit(check, node, label, "a list");
        return;
    }
    int64_t count = 0;
    for (const cJSON *entry = node->child; entry; entry = entry->next, count++) {
        if (count == value->most) {
            *check->is_too_large = true;
            dbk_yaml_complain(check->yaml, entry, check->complaints,
                              "%s has too many entries; expected at most %lld", label,
                              (long long)value->most);
            return;
        }
        check_value(check, entry, label, value->of);
    }
}

static const struct dbk_key *key_of(const struct dbk_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->key_count; i++)
        if (dbk_same(shape->keys[i].name, name))
            return &shape->keys[i];
    return NULL;
}

/* A key that is a name of the author's, or of a vocabulary. */
static void check_other(const struct check *check, const cJSON *entry,
                        const struct dbk_shape *shape)
{
    if (shape->others_are_words) {
        struct dbk_words words = dbk_vocabulary(shape->other_words);
        if (!dbk_words_have(&words, entry->string))
            dbk_words_complain_key(&words, dbk_vocabulary_noun(shape->other_words), check->yaml,
                                   entry, check->complaints);
    } else if (!shape->others_are_texts && !dbk_format_is_word(entry->string)) {
        cJSON name = {.type = cJSON_String, .valuestring = entry->string};
        char shown[SHOWN];
        describe(&name, shown);
        dbk_yaml_complain_key(check->yaml, entry, check->complaints,
                              "a name in %s cannot be %s; expected %s", shape->name, shown,
                              scalars[DBK_VALUE_WORD].expected);
    }
    check_value(check, entry, entry->string, shape->others);
}

static void check_shape(const struct check *check, const cJSON *node, const struct dbk_value *value,
                        const struct dbk_shape *shape)
{
    struct dbk_words names = {.count = 0};
    for (size_t i = 0; i < shape->key_count; i++)
        dbk_words_add(&names, shape->keys[i].name);

    int64_t others = 0;
    for (const cJSON *entry = node->child; entry; entry = entry->next) {
        const struct dbk_key *key = key_of(shape, entry->string);
        if (key) {
            check_value(check, entry, key->name, key->value);
        } else if (!shape->others) {
            dbk_words_complain_key(&names, "key", check->yaml, entry, check->complaints);
        } else if (others++ == value->most) {
            *check->is_too_large = true;
            dbk_yaml_complain_key(check->yaml, entry, check->complaints,
                                  "%s has too many names; expected at most %lld", shape->name,
                                  (long long)value->most);
            return;
        } else {
            check_other(check, entry, shape);
        }
    }
    for (size_t i = 0; i < shape->key_count; i++)
        if (shape->keys[i].is_required && !dbk_json_get(node, shape->keys[i].name))
            dbk_yaml_complain(check->yaml, node, check->complaints,
                              "%s lacks the key '%s'; expected %s: %s", shape->name,
                              shape->keys[i].name, shape->keys[i].name, shape->keys[i].sentence);
}

static void check_mapping(const struct check *check, const cJSON *node, const char *label,
                          const struct dbk_value *value)
{
    if (!cJSON_IsObject(node)) {
        unfit(check, node, label, "a mapping");
        return;
    }
    const struct dbk_shape *shape = dbk_format_shape(value, node);
    if (shape) {
        check_shape(check, node, value, shape);
        return;
    }
    struct dbk_text forms = {0};
    for (size_t i = 0; i < value->shape_count; i++)
        dbk_text_printf(&forms, "%s%s%s%s", i == 0 ? "" : ", ", value->shapes[i].marks[0],
                        value->shapes[i].marks[1] ? "+" : "",
                        value->shapes[i].marks[1] ? value->shapes[i].marks[1] : "");
    dbk_yaml_complain(check->yaml, node, check->complaints,
                      "an entry of %s is of no known form; expected the keys of one of %s", label,
                      forms.bytes);
    dbk_text_reset(&forms);
}

static void check_either(const struct check *check, const cJSON *node, const char *label,
                         const struct dbk_value *value)
{
    if (cJSON_IsObject(node))
        check_shape(check, node, value, value->shapes);
    else
        check_value(check, node, label, value->of);
}

/* Knobs, rules and settings are checked by the tables that own them, when they are read. */
static void check_profile(const struct check *check, const cJSON *node, const char *label,
                          const struct dbk_value *value)
{
    (void)value;
    const cJSON *name = cJSON_IsObject(node) ? dbk_json_get(node, "like") : node;
    if (!name)
        dbk_yaml_complain(check->yaml, node, check->complaints,
                          "%s lacks the key 'like'; expected like: the profile it starts from",
                          label);
    else if (!cJSON_IsString(name))
        unfit(check, name, label, "the name of a profile, or {like: PROFILE} with knobs");
}

static void check_set(const struct check *check, const cJSON *node, const char *label,
                      const struct dbk_value *value)
{
    (void)value;
    if (!cJSON_IsObject(node))
        unfit(check, node, label, "a mapping of rules and settings");
}

/* ---- faults ---- */

static const struct dbk_value fault_duration = {.kind = DBK_VALUE_DURATION};
static const struct dbk_value fault_status = {.kind = DBK_VALUE_INTEGER, .least = 500, .most = 599};
static const struct dbk_value fault_reason = {.kind = DBK_VALUE_WORD};

struct dbk_key dbk_format_argument(const struct dbk_fault_row *row)
{
    struct dbk_key key = {row->argument, row->argument_needed, &fault_duration, "how long"};
    if (dbk_same(row->argument, "status")) {
        key.value = &fault_status;
        key.sentence = "the HTTP status, 500 where not said";
    } else if (dbk_same(row->argument, "reason")) {
        key.value = &fault_reason;
        key.sentence = "why, in the partner's word";
    }
    return key;
}

static void check_fault_argument(const struct check *check, const cJSON *arguments,
                                 const struct dbk_fault_row *row)
{
    struct dbk_key key = dbk_format_argument(row);
    struct dbk_shape shape = {.name = row->name, .keys = &key, .key_count = row->argument ? 1 : 0};
    struct dbk_value value = {.kind = DBK_VALUE_MAPPING, .shapes = &shape, .shape_count = 1};
    check_value(check, arguments, row->name, &value);
}

static const struct dbk_fault_row *find_fault(const struct dbk_value *value, const char *name)
{
    for (size_t i = 0; i < value->fault_count; i++)
        if (dbk_same(value->faults[i].name, name))
            return &value->faults[i];
    return NULL;
}

static void check_fault(const struct check *check, const cJSON *node, const char *label,
                        const struct dbk_value *value)
{
    const cJSON *arguments = cJSON_IsObject(node) ? node->child : NULL;
    const char *name = arguments ? arguments->string : node->valuestring;
    if (!(cJSON_IsString(node) || (arguments && !arguments->next))) {
        unfit(check, node, label, "a fault, or {FAULT: {ARGUMENT: ...}}");
        return;
    }
    const struct dbk_fault_row *fault = find_fault(value, name);
    if (!fault) {
        struct dbk_words words = {.are_ours = true};
        for (size_t i = 0; i < value->fault_count; i++)
            dbk_words_add(&words, value->faults[i].name);
        dbk_words_complain(&words, "fault", name, check->yaml, node, check->complaints);
    } else if (arguments) {
        check_fault_argument(check, arguments, fault);
    } else if (fault->argument_needed) {
        dbk_yaml_complain(check->yaml, node, check->complaints,
                          "%s lacks its argument; expected {%s: {%s: ...}}", name, name,
                          fault->argument);
    }
}

static void (*const checks[])(const struct check *, const cJSON *, const char *,
                              const struct dbk_value *) = {
    [DBK_VALUE_TEXT] = check_scalar,     [DBK_VALUE_WORD] = check_scalar,
    [DBK_VALUE_INTEGER] = check_integer, [DBK_VALUE_BOOL] = check_bool,
    [DBK_VALUE_DURATION] = check_scalar, [DBK_VALUE_OFFSET] = check_scalar,
    [DBK_VALUE_INSTANT] = check_scalar,  [DBK_VALUE_MOMENT] = check_scalar,
    [DBK_VALUE_CURRENCY] = check_scalar, [DBK_VALUE_PREFIX] = check_scalar,
    [DBK_VALUE_NAME] = check_name,       [DBK_VALUE_LIST] = check_list,
    [DBK_VALUE_MAPPING] = check_mapping, [DBK_VALUE_FORMS] = check_mapping,
    [DBK_VALUE_EITHER] = check_either,   [DBK_VALUE_PROFILE] = check_profile,
    [DBK_VALUE_SET] = check_set,         [DBK_VALUE_FAULT] = check_fault,
    [DBK_VALUE_ANY] = check_any,
};

static void check_value(const struct check *check, const cJSON *node, const char *label,
                        const struct dbk_value *value)
{
    checks[value->kind](check, node, label, value);
}

bool dbk_format_check(const struct dbk_value *format, const struct dbk_yaml *yaml,
                      struct dbk_complaints *complaints)
{
    bool is_too_large = false;
    const struct check check = {yaml, complaints, &is_too_large};
    check_value(&check, dbk_yaml_root(yaml), "the file", format);
    return !is_too_large;
}
