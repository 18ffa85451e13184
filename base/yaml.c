#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Where a node stands; all from 1. A node without key has its own place as its key's. */
struct mark {
    const cJSON *node;
    int line, column, key_line, key_column;
    bool is_refused, is_key_refused; /* said already; nothing more is said of it */
};

struct dbk_yaml {
    cJSON *root;        /* owned */
    char *file;         /* owned */
    struct mark *marks; /* owned; sorted by node once everything is read, for look-ups only */
    size_t mark_count, mark_capacity;
};

/* One parse. What is refused and can be read over is noted; a function that says false has
 * complained of what ends the reading. */
struct reading {
    yaml_parser_t parser;
    struct dbk_yaml *yaml;
    struct dbk_complaints *complaints;
    size_t complaints_before;
    int depth;
    bool has_noted, has_noted_key; /* of the value, of the key at hand */
};

static bool refuse(struct reading *reading, yaml_mark_t mark, const char *format, ...)
    DBK_PRINTF(3, 4);

static bool refuse(struct reading *reading, yaml_mark_t mark, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    dbk_complain_v(reading->complaints, reading->yaml->file, (int)mark.line + 1,
                   (int)mark.column + 1, format, arguments);
    va_end(arguments);
    return false;
}

DBK_PRINTF(3, 4)
static void note(struct reading *reading, yaml_mark_t mark, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    dbk_complain_v(reading->complaints, reading->yaml->file, (int)mark.line + 1,
                   (int)mark.column + 1, format, arguments);
    va_end(arguments);
    reading->has_noted = true;
}

static bool next_event(struct reading *reading, yaml_event_t *event)
{
    const yaml_parser_t *parser = &reading->parser;

    if (yaml_parser_parse(&reading->parser, event))
        return true;
    return refuse(reading, parser->problem_mark, "%s%s%s", parser->context ? parser->context : "",
                  parser->context ? ": " : "", parser->problem ? parser->problem : "not YAML");
}

/* Plain words that are no text, in any letter case. Of the ambiguous ones YAML 1.1 makes booleans
 * and YAML 1.2 makes texts; of the others only the spelling of JSON is read. */
static const struct word {
    const char *word;
    int type;
    const char *means;
    bool is_ambiguous;
} words[] = {
    {"null", cJSON_NULL, "null", false}, {"~", cJSON_NULL, "null", false},
    {"true", cJSON_True, "true", false}, {"false", cJSON_False, "false", false},
    {"yes", cJSON_True, "true", true},   {"on", cJSON_True, "true", true},
    {"no", cJSON_False, "false", true},  {"off", cJSON_False, "false", true},
};

static const struct word *word_of(const char *text)
{
    for (size_t i = 0; i < DBK_COUNT(words); i++)
        if (dbk_same_but_case(words[i].word, text))
            return &words[i];
    return NULL;
}

static void note_ambiguous(struct reading *reading, yaml_mark_t mark, const char *text,
                           const struct word *word)
{
    note(reading, mark, "plain '%s' means %s to some YAML readers; quote it or use another word",
         text, word->means);
}

/* True if some YAML reader takes the plain text for a number: 7, 007, 1_000, 0x10, 1.5, .5, 1e3,
 * 12:30 (sexagesimal), .inf. Not so 10s, +47s, 2026-07-01, 1.2.3, a-b. */
static bool looks_like_number(const char *text)
{
    size_t run, dots = 0;

    text += *text == '-' || *text == '+';
    if (dbk_same_but_case(text, ".inf") || dbk_same_but_case(text, ".nan"))
        return true;
    if (text[0] == '0' && text[1] != '\0' && strchr("xXoObB", text[1]))
        return text[2] != '\0' && text[2 + strspn(text + 2, "0123456789abcdefABCDEF_")] == '\0';
    if (strspn(text + (text[0] == '.'), "0123456789") == 0)
        return false;
    run = strspn(text, "0123456789._:");
    for (size_t i = 0; i < run; i++)
        dots += text[i] == '.';
    text += run;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        run = strspn(text, "0123456789");
        text += run;
    }
    return dots <= 1 && run > 0 && *text == '\0';
}

static void note_number(struct reading *reading, yaml_mark_t mark, const char *text)
{
    const char *digits = text + (*text == '-');
    bool is_whole = digits[strspn(digits, "0123456789")] == '\0';

    if (is_whole && digits[0] == '0' && digits[1] != '\0')
        note(reading, mark, "'%.60s' has a leading zero; write the number without it, or quote it",
             text);
    else if (is_whole && digits[0] != '0')
        note(reading, mark, "'%.60s' is an integer beyond 64 bits", text);
    else
        note(reading, mark,
             "plain '%.60s' is a number to some YAML readers; write a decimal integer, or quote it",
             text);
}

static cJSON *text_node(const char *text)
{
    cJSON *node = dbk_alloc(sizeof(*node));

    node->type = cJSON_String;
    node->valuestring = dbk_copy_text(text);
    return node;
}

static cJSON *typed_node(int type)
{
    cJSON *node = dbk_alloc(sizeof(*node));

    node->type = type;
    return node;
}

static cJSON *plain_node(struct reading *reading, yaml_mark_t mark, const char *text)
{
    const struct word *word = word_of(*text ? text : "null");
    int64_t integer;

    if (word && word->is_ambiguous)
        note_ambiguous(reading, mark, text, word);
    else if (word && *text && strcmp(text, word->means) != 0)
        note(reading, mark, "plain '%s' is not read here; write %s, or quote it", text,
             word->means);
    if (word)
        return typed_node(word->type);
    if (!looks_like_number(text))
        return text_node(text);
    if (dbk_parse_integer(text, &integer))
        return dbk_json_new_integer(integer);
    note_number(reading, mark, text);
    return text_node(text);
}

/* What is refused of a scalar wherever it stands. */
static void check_scalar(struct reading *reading, const yaml_event_t *event)
{
    if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
        note(reading, event->start_mark, "a NUL in a text; nothing here may hold one");
    else if (event->data.scalar.anchor)
        note(reading, event->start_mark, "anchors are not read here; write it out");
    else if (event->data.scalar.tag)
        note(reading, event->start_mark, "tags are not read here; quote what is text");
}

static bool check_key(struct reading *reading, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const struct word *word;

    if (event->type == YAML_ALIAS_EVENT)
        return refuse(reading, event->start_mark, "aliases are not read here; write it out");
    if (event->type != YAML_SCALAR_EVENT)
        return refuse(reading, event->start_mark, "a key must be a text");
    check_scalar(reading, event);
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return true;
    word = word_of(text);
    if (word && word->is_ambiguous)
        note_ambiguous(reading, event->start_mark, text, word);
    else if (*text == '\0')
        note(reading, event->start_mark, "a key is missing here");
    else if (word || looks_like_number(text))
        note(reading, event->start_mark, "a key must be a text; quote '%.60s'", text);
    return true;
}

static cJSON *scalar_node(struct reading *reading, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;

    check_scalar(reading, event);
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag)
        return plain_node(reading, event->start_mark, text);
    return text_node(text);
}

static cJSON *container_node(struct reading *reading, const yaml_event_t *event)
{
    bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
    const void *anchor =
        is_mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const void *tag = is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;

    if (anchor || tag)
        note(reading, event->start_mark, "%s are not read here; write it out",
             anchor ? "anchors" : "tags");
    if (reading->depth == DBK_YAML_DEPTH_MAX) {
        refuse(reading, event->start_mark, "nested deeper than %d", DBK_YAML_DEPTH_MAX);
        return NULL;
    }
    return typed_node(is_mapping ? cJSON_Object : cJSON_Array);
}

/* A node, still empty if it is to hold others; NULL with a complaint. */
static cJSON *node_of(struct reading *reading, const yaml_event_t *event)
{
    if (reading->yaml->mark_count == DBK_YAML_NODES_MAX) {
        refuse(reading, event->start_mark, "more than %d values", DBK_YAML_NODES_MAX);
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT)
        return scalar_node(reading, event);
    if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
        return container_node(reading, event);
    note(reading, event->start_mark, "aliases are not read here; write it out");
    return typed_node(cJSON_NULL);
}

static void add_mark(const struct reading *reading, const cJSON *node, yaml_mark_t value,
                     yaml_mark_t key)
{
    struct dbk_yaml *yaml = reading->yaml;

    if (yaml->mark_count == yaml->mark_capacity) {
        yaml->mark_capacity = yaml->mark_capacity ? 2 * yaml->mark_capacity : 64;
        yaml->marks = dbk_resize(yaml->marks, yaml->mark_capacity * sizeof(*yaml->marks));
    }
    yaml->marks[yaml->mark_count++] = (struct mark){.node = node,
                                                    .line = (int)value.line + 1,
                                                    .column = (int)value.column + 1,
                                                    .key_line = (int)key.line + 1,
                                                    .key_column = (int)key.column + 1,
                                                    .is_refused = reading->has_noted,
                                                    .is_key_refused = reading->has_noted_key};
}

static int compare_nodes(const void *one, const void *other)
{
    uintptr_t left = (uintptr_t)((const struct mark *)one)->node;
    uintptr_t right = (uintptr_t)((const struct mark *)other)->node;

    return left < right ? -1 : left > right;
}

static void sort_marks(struct dbk_yaml *yaml)
{
    qsort(yaml->marks, yaml->mark_count, sizeof(*yaml->marks), compare_nodes);
}

static bool read_value(struct reading *reading, yaml_event_t *event, cJSON *parent,
                       const yaml_event_t *key);

/* Reads what a container holds, up to its end event. */
static bool read_items(struct reading *reading, cJSON *array)
{
    yaml_event_t event;

    for (;;) {
        if (!next_event(reading, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (!read_value(reading, &event, array, NULL))
            return false;
    }
    yaml_event_delete(&event);
    return true;
}

static bool check_members(struct reading *reading, const cJSON *object)
{
    const cJSON *repeated = dbk_json_repeated(object);
    struct dbk_yaml *yaml = reading->yaml;

    if (!repeated)
        return true;
    if (reading->complaints->total - reading->complaints_before >= DBK_COMPLAINTS_MAX)
        return false; /* each of these sorts all marks */
    sort_marks(yaml);
    dbk_yaml_complain_key(yaml, repeated, reading->complaints,
                          "duplicate key '%.60s'; it stands in line %d already", repeated->string,
                          dbk_yaml_key_line(yaml, dbk_json_get(object, repeated->string)));
    return true;
}

static bool read_members(struct reading *reading, cJSON *object)
{
    yaml_event_t key, value;

    for (;;) {
        bool is_good;

        if (!next_event(reading, &key))
            return false;
        if (key.type == YAML_MAPPING_END_EVENT)
            break;
        reading->has_noted = false;
        is_good = check_key(reading, &key);
        reading->has_noted_key = reading->has_noted;
        is_good =
            is_good && next_event(reading, &value) && read_value(reading, &value, object, &key);
        yaml_event_delete(&key);
        if (!is_good)
            return false;
    }
    yaml_event_delete(&key);
    return check_members(reading, object);
}

/* Takes event, the value's first; borrows key, NULL outside mappings. The node is hung into the
 * tree at once, so whoever gives up only has to free the document. */
static bool read_value(struct reading *reading, yaml_event_t *event, cJSON *parent,
                       const yaml_event_t *key)
{
    reading->has_noted = false;
    reading->has_noted_key = reading->has_noted_key && key;
    cJSON *node = node_of(reading, event);
    yaml_event_type_t type = event->type;
    yaml_mark_t mark = event->start_mark;
    bool is_good = true;

    yaml_event_delete(event);
    if (!node)
        return false;
    if (key)
        node->string = dbk_copy_text((const char *)key->data.scalar.value);
    if (parent)
        cJSON_AddItemToArray(parent, node);
    else
        reading->yaml->root = node;
    add_mark(reading, node, mark, key ? key->start_mark : mark);
    reading->depth++;
    if (type == YAML_MAPPING_START_EVENT)
        is_good = read_members(reading, node);
    if (type == YAML_SEQUENCE_START_EVENT)
        is_good = read_items(reading, node);
    reading->depth--;
    return is_good;
}

/* Passes over events that only say where a document begins or ends; gives the next of substance. */
static bool next_of_substance(struct reading *reading, yaml_event_t *event)
{
    for (;;) {
        if (!next_event(reading, event))
            return false;
        if (event->type != YAML_STREAM_START_EVENT && event->type != YAML_DOCUMENT_START_EVENT &&
            event->type != YAML_DOCUMENT_END_EVENT)
            return true;
        yaml_event_delete(event);
    }
}

static bool read_document(struct reading *reading)
{
    yaml_mark_t first = {0};
    yaml_event_t event;
    bool is_end;

    if (!next_of_substance(reading, &event))
        return false;
    if (event.type == YAML_STREAM_END_EVENT) {
        yaml_event_delete(&event);
        return refuse(reading, first, "the document is empty");
    }
    if (!read_value(reading, &event, NULL, NULL))
        return false;
    if (cJSON_IsNull(reading->yaml->root))
        return refuse(reading, first, "the document is empty");
    if (!next_of_substance(reading, &event))
        return false;
    is_end = event.type == YAML_STREAM_END_EVENT;
    if (!is_end)
        refuse(reading, event.start_mark, "a second document; expected one");
    yaml_event_delete(&event);
    return is_end;
}

/* The line breaks of YAML 1.1 that editors and YAML 1.2 do not count, and the C1 controls. */
static bool is_stray_control(const char *bytes, size_t step)
{
    return (step == 1 && ((unsigned char)*bytes < 0x20 || *bytes == 0x7f) && *bytes != '\t' &&
            *bytes != '\n' && *bytes != '\r') ||
           (step == 2 && bytes[0] == '\xc2' && (unsigned char)bytes[1] < 0xa0) ||
           (step == 3 && (memcmp(bytes, "\xe2\x80\xa8", 3) == 0 || /* U+2028 */
                          memcmp(bytes, "\xe2\x80\xa9", 3) == 0 || /* U+2029 */
                          memcmp(bytes, "\xef\xbf\xbe", 3) == 0 || /* U+FFFE */
                          memcmp(bytes, "\xef\xbf\xbf", 3) == 0)); /* U+FFFF */
}

/* Says what libyaml would not say, or not where: bytes that are no text. */
static bool check_bytes(struct reading *reading, const char *bytes, size_t length)
{
    yaml_mark_t mark = {0};

    for (size_t at = 0; at < length; mark.column++) {
        size_t step = dbk_utf8_length(bytes + at, length - at);

        if (step == 0)
            return refuse(reading, mark, "byte 0x%02x is not UTF-8",
                          (unsigned)(unsigned char)bytes[at]);
        if (is_stray_control(bytes + at, step))
            return refuse(reading, mark, "a control character");
        if (bytes[at] == '\n' ||
            (bytes[at] == '\r' && (at + 1 == length || bytes[at + 1] != '\n'))) {
            mark.line++;
            mark.column = (size_t)-1; /* the loop makes it 0 */
        }
        at += step;
    }
    return true;
}

static bool read_bytes(struct reading *reading, const char *bytes, size_t length)
{
    bool is_good;

    if (!yaml_parser_initialize(&reading->parser))
        return refuse(reading, (yaml_mark_t){0}, "memory is exhausted");
    yaml_parser_set_encoding(&reading->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading->parser, (const unsigned char *)(length > 0 ? bytes : ""),
                                 length);
    is_good = read_document(reading);
    yaml_parser_delete(&reading->parser);
    return is_good;
}

struct dbk_yaml *dbk_yaml_parse(const char *bytes, size_t length, const char *file,
                                struct dbk_complaints *complaints)
{
    struct reading reading = {.complaints = complaints, .complaints_before = complaints->total};
    struct dbk_yaml *yaml;
    bool is_good;

    if (length > DBK_YAML_BYTES_MAX) {
        dbk_complain(complaints, file, 0, 0, "is larger than %d MiB", DBK_YAML_BYTES_MAX >> 20);
        return NULL;
    }
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        bytes += 3;
        length -= 3;
    }
    yaml = dbk_alloc(sizeof(*yaml));
    yaml->file = dbk_copy_text(file);
    reading.yaml = yaml;
    is_good = check_bytes(&reading, bytes, length) && read_bytes(&reading, bytes, length);
    if (!is_good) {
        dbk_yaml_free(yaml);
        return NULL;
    }
    sort_marks(yaml);
    return yaml;
}

struct dbk_yaml *dbk_yaml_load(const char *path, struct dbk_complaints *complaints)
{
    struct dbk_yaml *yaml;
    char why[160], *bytes;
    size_t length;

    if (!dbk_read_file(path, DBK_YAML_BYTES_MAX, &bytes, &length, why)) {
        dbk_complain(complaints, path, 0, 0, "%s", why);
        return NULL;
    }
    yaml = dbk_yaml_parse(bytes, length, path, complaints);
    free(bytes);
    return yaml;
}

const cJSON *dbk_yaml_root(const struct dbk_yaml *yaml)
{
    return yaml->root;
}

const char *dbk_yaml_file(const struct dbk_yaml *yaml)
{
    return yaml->file;
}

/* The node's mark, or one of zeroes for a node of another document. */
static const struct mark *mark_of(const struct dbk_yaml *yaml, const cJSON *node)
{
    static const struct mark nowhere;
    struct mark wanted = {.node = node};
    const struct mark *found =
        bsearch(&wanted, yaml->marks, yaml->mark_count, sizeof(wanted), compare_nodes);

    return found ? found : &nowhere;
}

int dbk_yaml_line(const struct dbk_yaml *yaml, const cJSON *node)
{
    return mark_of(yaml, node)->line;
}

int dbk_yaml_column(const struct dbk_yaml *yaml, const cJSON *node)
{
    return mark_of(yaml, node)->column;
}

int dbk_yaml_key_line(const struct dbk_yaml *yaml, const cJSON *node)
{
    return mark_of(yaml, node)->key_line;
}

int dbk_yaml_key_column(const struct dbk_yaml *yaml, const cJSON *node)
{
    return mark_of(yaml, node)->key_column;
}

void dbk_yaml_complain(const struct dbk_yaml *yaml, const cJSON *node,
                       struct dbk_complaints *complaints, const char *format, ...)
{
    const struct mark *mark = mark_of(yaml, node);
    va_list arguments;

    if (mark->is_refused)
        return;
    va_start(arguments, format);
    dbk_complain_v(complaints, yaml->file, mark->line, mark->column, format, arguments);
    va_end(arguments);
}

void dbk_yaml_complain_key(const struct dbk_yaml *yaml, const cJSON *node,
                           struct dbk_complaints *complaints, const char *format, ...)
{
    const struct mark *mark = mark_of(yaml, node);
    va_list arguments;

    if (mark->is_key_refused)
        return;
    va_start(arguments, format);
    dbk_complain_v(complaints, yaml->file, mark->key_line, mark->key_column, format, arguments);
    va_end(arguments);
}

void dbk_yaml_free(struct dbk_yaml *yaml)
{
    if (!yaml)
        return;
    cJSON_Delete(yaml->root);
    free(yaml->marks);
    free(yaml->file);
    free(yaml);
}
