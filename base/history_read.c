/* Reading a history file: the head, the facts, the last line (see history.h for the format).
 *
 * Anybody's file may come in here, so nothing is taken on trust: every member is optional, a known
 * member of a wrong type is a complaint, and reading goes on to tell all of them. Only where the
 * first line is no head does it stop, as the rest would be noise.
 */
#include "base/fact.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct reader {
    struct dbk_history *history;
    struct dbk_line line;
};

static void DBK_PRINTF(2, 3) complain(struct reader *reader, const char *format, ...)
{
    const struct dbk_line *line = &reader->line;
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    dbk_complain(line->complaints, line->file, line->number, 1, "%s", text);
}

/* A text member, kept in the history's arena; NULL where absent. */
static const char *text_of(struct reader *reader, const cJSON *object, const char *name)
{
    const cJSON *node = dbk_json_get(object, name);

    if (node == NULL) {
        return NULL;
    }
    if (!cJSON_IsString(node)) {
        complain(reader, "%s: expected text", name);
        return NULL;
    }
    return dbk_arena_text(&reader->history->arena, node->valuestring);
}

/* The same of a member that must be there; "" where it is not. */
static const char *needed_text_of(struct reader *reader, const cJSON *object, const char *name)
{
    const char *text = text_of(reader, object, name);

    if (dbk_json_get(object, name) == NULL) {
        complain(reader, "%s: missing", name);
    }
    return text == NULL ? "" : text;
}

/* An integer within -limit .. limit, or usual where node is NULL; name serves complaints. */
static int64_t integer_at(struct reader *reader, const cJSON *node, const char *name, int64_t limit,
                          int64_t usual)
{
    int64_t value = 0;

    if (node == NULL) {
        return usual;
    }
    if (!dbk_json_node_integer(node, &value) || value > limit || value < -limit) {
        complain(reader, "%s: expected a whole number, at most %lld", name, (long long)limit);
        return usual;
    }
    return value;
}

static int64_t integer_of(struct reader *reader, const cJSON *object, const char *name,
                          int64_t usual)
{
    return integer_at(reader, dbk_json_get(object, name), name, DBK_FACT_INTEGER_MAX, usual);
}

static bool bool_of(struct reader *reader, const cJSON *object, const char *name)
{
    const cJSON *node = dbk_json_get(object, name);

    if (node != NULL && !cJSON_IsBool(node)) {
        complain(reader, "%s: expected true or false", name);
    }
    return cJSON_IsTrue(node);
}

/* Gives room for a row per child of a list or mapping and lets *first stand on its first child. */
static void *rows_of(struct reader *reader, const cJSON *node, size_t row_size, const cJSON **first,
                     size_t *count)
{
    *first = node == NULL ? NULL : node->child;
    *count = *first == NULL ? 0 : (size_t)cJSON_GetArraySize(node);
    return *count == 0 ? NULL : dbk_arena_alloc(&reader->history->arena, *count * row_size);
}

static const cJSON *list_of(struct reader *reader, const cJSON *object, const char *name)
{
    const cJSON *node = dbk_json_get(object, name);

    if (node != NULL && !cJSON_IsArray(node)) {
        complain(reader, "%s: expected a list", name);
        return NULL;
    }
    return node;
}

static const cJSON *objects_of(struct reader *reader, const cJSON *object, const char *name)
{
    const cJSON *list = list_of(reader, object, name);
    const cJSON *node = NULL;

    cJSON_ArrayForEach(node, list)
    {
        if (!cJSON_IsObject(node)) {
            complain(reader, "%s: expected a list of objects", name);
            return NULL;
        }
    }
    return list;
}

static const cJSON *object_of(struct reader *reader, const cJSON *object, const char *name)
{
    const cJSON *node = dbk_json_get(object, name);

    if (node != NULL && !cJSON_IsObject(node)) {
        complain(reader, "%s: expected an object", name);
        return NULL;
    }
    return node;
}

static int line_of(struct reader *reader, const cJSON *object)
{
    return (int)integer_at(reader, dbk_json_get(object, "line"), "line", INT_MAX, 0);
}

static void read_proves(struct reader *reader, const cJSON *terms)
{
    struct dbk_terms *into = &reader->history->terms;
    const cJSON *node = NULL;

    into->proves = rows_of(reader, list_of(reader, terms, "proves"), sizeof(*into->proves), &node,
                           &into->prove_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        if (!cJSON_IsString(node)) {
            complain(reader, "proves: expected the names of invariants");
        }
        into->proves[i] =
            dbk_arena_text(&reader->history->arena, cJSON_IsString(node) ? node->valuestring : "");
    }
}

static void read_exceptions(struct reader *reader, const cJSON *terms)
{
    struct dbk_terms *into = &reader->history->terms;
    const cJSON *node = NULL;

    into->exceptions = rows_of(reader, objects_of(reader, terms, "except"),
                               sizeof(*into->exceptions), &node, &into->exception_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        into->exceptions[i].invariant = needed_text_of(reader, node, "invariant");
        into->exceptions[i].reason = needed_text_of(reader, node, "reason");
    }
}

static void read_faults(struct reader *reader, const cJSON *terms)
{
    struct dbk_terms *into = &reader->history->terms;
    const cJSON *node = NULL;

    into->faults = rows_of(reader, objects_of(reader, terms, "faults"), sizeof(*into->faults),
                           &node, &into->fault_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        into->faults[i].rule = needed_text_of(reader, node, "rule");
        into->faults[i].fault = needed_text_of(reader, node, "fault");
        into->faults[i].line = line_of(reader, node);
        into->faults[i].if_reached = bool_of(reader, node, "if_reached");
    }
}

static enum dbk_expect_kind expect_kind_of(struct reader *reader, const cJSON *expect)
{
    const char *name = text_of(reader, expect, "kind");

    for (int kind = DBK_EXPECT_STATUS; kind <= DBK_EXPECT_RECEIVED; kind++) {
        if (dbk_same(name, dbk_expect_name((enum dbk_expect_kind)kind))) {
            return (enum dbk_expect_kind)kind;
        }
    }
    complain(reader, "expect: kind: expected one of status, live, received");
    return DBK_EXPECT_STATUS;
}

/* A text member that this kind of expectation rests on; NULL for other kinds. */
static const char *text_if(bool is_needed, struct reader *reader, const cJSON *object,
                           const char *name)
{
    return is_needed ? needed_text_of(reader, object, name) : NULL;
}

static void read_expects(struct reader *reader, const cJSON *terms)
{
    struct dbk_terms *into = &reader->history->terms;
    const cJSON *node = NULL;

    into->expects = rows_of(reader, objects_of(reader, terms, "expect"), sizeof(*into->expects),
                            &node, &into->expect_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        struct dbk_expect *expect = &into->expects[i];
        expect->kind = expect_kind_of(reader, node);
        expect->booking = text_if(expect->kind != DBK_EXPECT_RECEIVED, reader, node, "booking");
        expect->partner = text_if(expect->kind != DBK_EXPECT_STATUS, reader, node, "partner");
        expect->status = text_if(expect->kind == DBK_EXPECT_STATUS, reader, node, "status");
        expect->op = text_if(expect->kind == DBK_EXPECT_RECEIVED, reader, node, "op");
        expect->count = integer_of(reader, node, "count", 0);
        expect->by_ms = integer_of(reader, node, "by_ms", DBK_ABSENT);
        expect->line = line_of(reader, node);
    }
}

static void read_steps(struct reader *reader, const cJSON *terms)
{
    struct dbk_terms *into = &reader->history->terms;
    const cJSON *node = NULL;

    into->steps = rows_of(reader, objects_of(reader, terms, "steps"), sizeof(*into->steps), &node,
                          &into->step_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        into->steps[i].line = line_of(reader, node);
        into->steps[i].text = needed_text_of(reader, node, "text");
    }
}

/* The status's place, or DBK_HISTORY_STATUSES with a complaint. */
static size_t status_of(struct reader *reader, const char *name)
{
    size_t status = 0;

    while (status < DBK_HISTORY_STATUSES && !dbk_same(dbk_history_statuses[status], name)) {
        status++;
    }
    if (name == NULL) {
        complain(reader, "moves: expected the names of statuses");
    } else if (status == DBK_HISTORY_STATUSES) {
        complain(reader,
                 "moves: unknown status '%.60s'; expected one of received, pending, confirmed, "
                 "cancelled, rejected, expired",
                 name);
    }
    return status;
}

static void read_moves(struct reader *reader, const cJSON *terms)
{
    struct dbk_terms *into = &reader->history->terms;
    const cJSON *moves = object_of(reader, terms, "moves");
    const cJSON *row = NULL;
    const cJSON *node = NULL;

    into->has_moves = moves != NULL;
    cJSON_ArrayForEach(row, moves)
    {
        const cJSON *list = list_of(reader, moves, row->string);
        size_t from = status_of(reader, row->string);
        cJSON_ArrayForEach(node, list)
        {
            size_t to = status_of(reader, cJSON_GetStringValue(node));
            if (from < DBK_HISTORY_STATUSES && to < DBK_HISTORY_STATUSES) {
                into->moves[from] |= (uint8_t)(1u << to);
            }
        }
    }
}

static void read_clocks(struct reader *reader, const cJSON *head)
{
    struct dbk_history *history = reader->history;
    const cJSON *clocks = object_of(reader, head, "clocks");
    const cJSON *node = NULL;

    history->clocks =
        rows_of(reader, clocks, sizeof(*history->clocks), &node, &history->clock_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        history->clocks[i].name = dbk_arena_text(&history->arena, node->string);
        history->clocks[i].offset_ms =
            integer_at(reader, node, node->string, DBK_FACT_INTEGER_MAX, 0);
    }
}

static void read_partners(struct reader *reader, const cJSON *head)
{
    struct dbk_history *history = reader->history;
    const cJSON *partners = object_of(reader, head, "partners");
    const cJSON *node = NULL;

    history->partners =
        rows_of(reader, partners, sizeof(*history->partners), &node, &history->partner_count);
    for (size_t i = 0; node != NULL; node = node->next, i++) {
        struct dbk_party *party = &history->partners[i];
        const char *profile = text_of(reader, node, "profile");
        const char *strange = NULL;
        if (!cJSON_IsObject(node)) {
            complain(reader, "partners: %s: expected an object", node->string);
        }
        party->name = dbk_arena_text(&history->arena, node->string);
        party->profile = dbk_profile_default();
        strange = dbk_profile_read_json(&party->profile, node);
        if (strange != NULL) {
            complain(reader, "partners: %s: not a value of the knob with claim %s", node->string,
                     strange);
        }
        if (profile != NULL) {
            snprintf(party->profile.name, sizeof(party->profile.name), "%s", profile);
        }
    }
}

static void read_zero(struct reader *reader, const cJSON *head)
{
    const char *zero = text_of(reader, head, "zero");

    if (zero != NULL && !dbk_instant_parse(zero, &reader->history->zero_ms)) {
        complain(reader, "zero: expected an instant such as \"2026-07-01T17:25:00Z\"");
    }
}

/* False where this is no head at all. */
static bool read_head(struct reader *reader, const cJSON *head)
{
    struct dbk_history *history = reader->history;
    const cJSON *terms = NULL;
    int64_t format = 0;

    if (!dbk_json_integer(head, "history", &format) || format != DBK_HISTORY_FORMAT) {
        complain(reader,
                 "not a history of format %d; expected a first line that begins with "
                 "{\"history\":%d",
                 DBK_HISTORY_FORMAT, DBK_HISTORY_FORMAT);
        return false;
    }
    history->scenario = text_of(reader, head, "scenario");
    history->file = text_of(reader, head, "file");
    history->stage = text_of(reader, head, "stage");
    history->policy = text_of(reader, head, "policy");
    history->seed = integer_at(reader, dbk_json_get(head, "seed"), "seed", INT64_MAX, DBK_ABSENT);
    history->inputs = text_of(reader, head, "inputs");
    read_zero(reader, head);
    read_clocks(reader, head);
    read_partners(reader, head);
    terms = object_of(reader, head, "terms");
    read_proves(reader, terms);
    read_exceptions(reader, terms);
    read_faults(reader, terms);
    read_expects(reader, terms);
    read_steps(reader, terms);
    read_moves(reader, terms);
    return true;
}

/* True if this is the last line; its hash is then held against that of the lines before. */
static bool is_last(struct reader *reader, const cJSON *node)
{
    const cJSON *given = dbk_json_get(node, "history_hash");
    char hex[DBK_DIGEST_HEX];

    if (given == NULL) {
        return false;
    }
    dbk_digest_hex(&reader->history->hash, hex);
    if (!cJSON_IsString(given) || !dbk_same(given->valuestring, hex)) {
        complain(reader,
                 "history_hash: does not fit the lines above, which give %s; the file was "
                 "changed after it was written",
                 hex);
    }
    return true;
}

/* Reads one line that stands at bytes; false where reading cannot go on. */
static bool read_line(struct reader *reader, const char *bytes, size_t length, bool *is_sealed)
{
    struct dbk_history *history = reader->history;
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_NOTE);
    char why[160];
    cJSON *node = NULL;
    bool goes_on = true;

    if (length > DBK_HISTORY_LINE_MAX) {
        complain(reader, "the line is longer than 1 MiB");
        return false;
    }
    node = dbk_json_parse(bytes, length, why);
    if (!cJSON_IsObject(node)) {
        complain(reader, "%s; expected one JSON object on each line",
                 node == NULL ? why : "not an object");
        goes_on = reader->line.number > 1;
    } else if (*is_sealed) {
        complain(reader, "a line after the one with the history_hash; expected none");
        goes_on = false;
    } else if (reader->line.number == 1) {
        goes_on = read_head(reader, node);
    } else if (is_last(reader, node)) {
        *is_sealed = true;
    } else {
        dbk_fact_read(&fact, history->fact_count + 1, node, &reader->line);
        dbk_history_add(history, &fact);
    }
    if (!*is_sealed) {
        history->hash = dbk_digest_link(&history->hash, bytes, length);
    }
    cJSON_Delete(node);
    return goes_on;
}

bool dbk_history_read(struct dbk_history *history, const char *bytes, size_t length,
                      const char *file, struct dbk_complaints *complaints)
{
    struct reader reader = {history, {file, 0, complaints}};
    size_t complained = complaints->total;
    const char *end = bytes + length;
    bool is_sealed = false;
    bool goes_on = true;

    if (length == 0) {
        reader.line.number = 1;
        complain(&reader, "the file is empty; expected a history");
    }
    while (goes_on && bytes < end) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t line_length = feed == NULL ? (size_t)(end - bytes) : (size_t)(feed - bytes);
        reader.line.number++;
        goes_on = read_line(&reader, bytes, line_length, &is_sealed);
        bytes += line_length + (feed == NULL ? 0 : 1);
    }
    return complaints->total == complained;
}
