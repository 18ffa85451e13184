#include "runner/system.h"

#include "base/fact.h"

#include <stdio.h>
#include <string.h>

const char *dbk_operation_name(enum dbk_operation operation)
{
    static const char *const names[] = {
        [DBK_OPERATION_BOOK] = "book",     [DBK_OPERATION_LOOK] = "look",
        [DBK_OPERATION_CANCEL] = "cancel", [DBK_OPERATION_DETAIL] = "detail",
        [DBK_OPERATION_LIST] = "list",     [DBK_OPERATION_MOVE] = "move",
        [DBK_OPERATION_HOLD] = "hold",     [DBK_OPERATION_CONFIRM] = "confirm",
        [DBK_OPERATION_EXTEND] = "extend", [DBK_OPERATION_LEAVE] = "leave",
    };
    return names[operation];
}

/* ---- asking ---- */

/* Body and headers; text is room that is empty. A map may set the Content-Type itself. */
static bool fill_rest(const struct dbk_system_operation *asked,
                      const struct dbk_system_values *values, struct dbk_message *request,
                      struct dbk_text *text)
{
    if (asked->has_body) {
        if (!dbk_template_fill(&asked->body, values, text))
            return false;
        dbk_message_take_body(request, "application/json", text);
    }
    for (size_t i = 0; i < asked->header_count; i++) {
        dbk_text_clear(text);
        if (!dbk_template_fill(&asked->headers[i].value, values, text))
            return false;
        dbk_message_set_header(request, asked->headers[i].name, text->bytes ? text->bytes : "");
    }
    return true;
}

struct dbk_message *dbk_system_request(const struct dbk_system *system,
                                       enum dbk_operation operation,
                                       const struct dbk_system_values *values)
{
    const struct dbk_system_operation *asked = &system->operations[operation];
    struct dbk_text text = {0};
    struct dbk_message *request = NULL;
    bool is_known = asked->is_offered && dbk_template_fill(&asked->path, values, &text);
    if (is_known) {
        request = dbk_request_new(asked->method, text.bytes);
        dbk_text_clear(&text);
        is_known = fill_rest(asked, values, request, &text);
    }
    dbk_text_reset(&text);
    if (is_known)
        return request;
    dbk_message_free(request);
    return NULL;
}

char *dbk_system_callback_path(const struct dbk_system *system, const char *partner,
                               struct dbk_arena *arena)
{
    struct dbk_text text = {0};
    bool is_known = dbk_template_fill(&system->callbacks,
                                      &(struct dbk_system_values){.partner = partner}, &text);
    char *path = is_known ? dbk_arena_text(arena, text.bytes) : NULL;
    dbk_text_reset(&text);
    return path;
}

/* ---- reading ---- */

static const cJSON *shown_at(const struct dbk_pointer *pointer, const cJSON *node)
{
    return pointer ? dbk_pointer_follow(pointer, node) : NULL;
}

/* A text, or an integer as text in room. */
static const char *text_of(const cJSON *node, char room[static 24])
{
    int64_t integer;
    if (!dbk_json_node_integer(node, &integer))
        return cJSON_GetStringValue(node);
    snprintf(room, 24, "%lld", (long long)integer);
    return room;
}

static int64_t integer_of(const cJSON *node)
{
    const char *text = cJSON_GetStringValue(node);
    int64_t version = DBK_ABSENT;
    bool is_integer =
        dbk_json_node_integer(node, &version) || (text && dbk_parse_integer(text, &version));
    bool fits = version >= -DBK_FACT_INTEGER_MAX && version <= DBK_FACT_INTEGER_MAX;
    return is_integer && fits ? version : DBK_ABSENT;
}

static const char *ours_of(const struct dbk_system_words *words, const char *theirs)
{
    for (size_t i = 0; theirs && i < words->count; i++)
        if (strcmp(words->items[i].theirs, theirs) == 0)
            return words->items[i].ours;
    return NULL;
}

/* The row of a list whose id is `id`, or NULL. */
static const cJSON *row_of(const struct dbk_system_operation *list, const cJSON *answer,
                           const char *id)
{
    const cJSON *rows = shown_at(list->rows, answer);
    char room[24];
    for (const cJSON *row = cJSON_IsArray(rows) ? rows->child : NULL; row; row = row->next) {
        const char *its = text_of(shown_at(list->id, row), room);
        if (its && dbk_same(its, id))
            return row;
    }
    return NULL;
}

bool dbk_system_read(const struct dbk_system *system, enum dbk_operation operation,
                     const cJSON *answer, const char *id, struct dbk_shown *shown)
{
    const struct dbk_system_operation *asked = &system->operations[operation];
    const cJSON *node = operation == DBK_OPERATION_LIST ? row_of(asked, answer, id) : answer;
    shown->id = text_of(shown_at(asked->id, node), shown->number);
    shown->raw = cJSON_GetStringValue(shown_at(asked->status, node));
    shown->status = ours_of(&system->statuses, shown->raw);
    shown->sync = ours_of(&system->syncs, cJSON_GetStringValue(shown_at(asked->sync, node)));
    shown->version = integer_of(shown_at(asked->version, node));
    shown->charged = integer_of(shown_at(asked->charged, node));
    shown->price = integer_of(shown_at(asked->price, node));
    return shown->id || shown->raw;
}

/* ---- starting ---- */

bool dbk_system_fill(const char *template, const char *(*value)(void *context, const char *name),
                     void *context, struct dbk_text *out, char why[static 160])
{
    struct dbk_template_part part;
    while (dbk_template_next(&template, &part)) {
        char name[80];
        snprintf(name, sizeof name, "%.*s", (int)part.length, part.bytes);
        const char *text = part.is_variable ? value(context, name) : NULL;
        if (part.is_variable && !text) {
            snprintf(why, 160, "there is no {%.80s} here", name);
            return false;
        }
        if (text)
            dbk_text_add(out, text);
        else
            dbk_text_put(out, part.bytes, part.length);
    }
    return true;
}
