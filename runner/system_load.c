#include "runner/format.h"
#include "runner/library.h"
#include "runner/system.h"

#include "base/time.h"
#include "core/status.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_FOLDER "runner/systems"
#define READY_WITHIN_MS 10000

struct loading {
    struct dbk_system *system;
    const struct dbk_yaml *yaml;
    struct dbk_complaints *complaints;
};

/* What a request may tell; the last only where a booking is asked for that has an id. */
#define TEXT(member)                                                                               \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct dbk_system_values, member)                      \
    }
static const struct dbk_variable variables[] = {
    TEXT(key),
    TEXT(partner),
    TEXT(product),
    TEXT(slot),
    {.name = "units", .offset = offsetof(struct dbk_system_values, units), .is_integer = true},
    TEXT(guest),
    TEXT(move),
    TEXT(intent),
    TEXT(id),
};
static const struct dbk_variables with_id = {variables, DBK_COUNT(variables)};
static const struct dbk_variables without_id = {variables, DBK_COUNT(variables) - 1};

static const struct dbk_variable partner_alone = TEXT(partner);
static const struct dbk_variables of_callbacks = {&partner_alone, 1};

static const struct dbk_variable process_variables[] = {
    {.name = "program"}, {.name = "dir"},    {.name = "port"},         {.name = "partners"},
    {.name = "policy"},  {.name = "origin"}, {.name = "scale"},        {.name = "zero"},
    {.name = "seed"},    {.name = "here"},   {.name = "partner:NAME"},
};
static const struct dbk_variables of_process = {process_variables, DBK_COUNT(process_variables)};

/* ---- templates ---- */

static bool is_known(const struct dbk_variables *known, const char *name)
{
    bool is_partner = known == &of_process && dbk_starts_with(name, "partner:") && name[8];
    for (size_t i = 0; i < known->count && !is_partner; i++)
        is_partner = strcmp(known->rows[i].name, name) == 0;
    return is_partner;
}

static void complain_unknown(const struct loading *loading, const cJSON *node, const char *name,
                             const struct dbk_variables *known)
{
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < known->count; i++)
        dbk_words_add(&words, known->rows[i].name);
    dbk_words_complain(&words, "variable", name, loading->yaml, node, loading->complaints);
}

/* True if a text is a template over known variables; node: where to complain. */
static bool check_template(const struct loading *loading, const cJSON *node, const char *text,
                           const struct dbk_variables *known)
{
    struct dbk_template_part part;
    bool is_good = true;
    const char *at = text;
    while (dbk_template_next(&at, &part)) {
        char *name = dbk_arena_copy(&loading->system->arena, part.bytes, part.length);
        if (!part.is_variable || is_known(known, name))
            continue;
        complain_unknown(loading, node, name, known);
        is_good = false;
    }
    if (!*at)
        return is_good;
    dbk_yaml_complain(loading->yaml, node, loading->complaints,
                      "a '%c' stands alone; expected a {variable}, or %c%c for the brace itself",
                      *at, *at, *at);
    return false;
}

static bool check_body(const struct loading *loading, const cJSON *node,
                       const struct dbk_variables *known)
{
    bool is_good = !cJSON_IsString(node) || check_template(loading, node, node->valuestring, known);
    for (const cJSON *child = node->child; child; child = child->next)
        is_good = check_body(loading, child, known) && is_good;
    return is_good;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

static void load_path(const struct loading *loading, const cJSON *node, const char *path,
                      const struct dbk_variables *known, struct dbk_template *into)
{
    if (path[0] != '/' || has_control(path) || strchr(path, ' '))
        dbk_yaml_complain(loading->yaml, node, loading->complaints,
                          "'%.60s' is no path; expected one that begins with '/', without spaces",
                          path);
    else if (check_template(loading, node, path, known))
        *into = dbk_template_of_text(path, DBK_TEMPLATE_PATH, known, &loading->system->arena);
}

/* ---- operations ---- */

/* Splits "POST /bookings"; gives the path, or NULL with a complaint. */
static const char *split_request(const struct loading *loading, const cJSON *node,
                                 const char **method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    const char *text = cJSON_GetStringValue(node);
    const char *space = text ? strchr(text, ' ') : NULL;
    size_t length = space ? (size_t)(space - text) : 0;
    for (size_t i = 0; i < DBK_COUNT(methods); i++)
        if (length == strlen(methods[i]) && strncmp(text, methods[i], length) == 0) {
            *method = methods[i];
            return space + 1;
        }
    if (text)
        dbk_yaml_complain(loading->yaml, node, loading->complaints,
                          "'%.60s' is no request; expected a method (GET, POST, PUT, PATCH, "
                          "DELETE), a space and a path",
                          text);
    return NULL;
}

static void load_headers(const struct loading *loading, const cJSON *node,
                         const struct dbk_variables *known, struct dbk_system_operation *operation)
{
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    struct dbk_arena *arena = &loading->system->arena;
    for (const cJSON *entry = cJSON_IsObject(node) ? node->child : NULL; entry;
         entry = entry->next) {
        const char *value = cJSON_GetStringValue(entry);
        if (!entry->string[0] || entry->string[strspn(entry->string, token)]) {
            dbk_yaml_complain_key(loading->yaml, entry, loading->complaints,
                                  "a header's name is letters, digits, '-' and '_'");
        } else if (value && has_control(value)) {
            dbk_yaml_complain(loading->yaml, entry, loading->complaints,
                              "a header's value has no control characters");
        } else if (value && check_template(loading, entry, value, known) &&
                   operation->header_count < DBK_SYSTEM_HEADERS_MAX) {
            struct dbk_system_header *header = &operation->headers[operation->header_count++];
            header->name = dbk_arena_text(arena, entry->string);
            header->value = dbk_template_of_text(value, DBK_TEMPLATE_HEADER, known, arena);
        }
    }
}

static const struct dbk_pointer *load_pointer(const struct loading *loading, const cJSON *node)
{
    struct dbk_arena *arena = &loading->system->arena;
    const char *text = cJSON_GetStringValue(node), *why = NULL;
    struct dbk_pointer *pointer = dbk_arena_alloc(arena, sizeof *pointer);
    if (!text || dbk_pointer_read(text, pointer, arena, &why))
        return text ? pointer : NULL;
    dbk_yaml_complain(loading->yaml, node, loading->complaints, "'%.60s' is no JSON Pointer; %s",
                      text, why);
    return NULL;
}

/* What cannot be done without: an id to ask for it, a status to judge. */
static const struct {
    const char *shown, *why;
} needed[DBK_OPERATIONS][2] = {
    [DBK_OPERATION_BOOK] = {{"id", "without it nobody can ask for the booking"}},
    [DBK_OPERATION_HOLD] = {{"id", "without it nobody can ask for the booking"}},
    [DBK_OPERATION_LOOK] = {{"status", "without it there is nothing to judge"}},
    [DBK_OPERATION_DETAIL] = {{"status", "without it there is nothing to judge"}},
    [DBK_OPERATION_LIST] = {{"id", "without it a row cannot be told from others"},
                            {"status", "without it there is nothing to judge"}},
};

static void check_shows(const struct loading *loading, enum dbk_operation which, const cJSON *node)
{
    const cJSON *shows = dbk_json_get(node, "shows");
    for (size_t i = 0; i < DBK_COUNT(needed[which]) && needed[which][i].shown; i++)
        if (!dbk_json_get(shows, needed[which][i].shown))
            dbk_yaml_complain(loading->yaml, shows ? shows : node, loading->complaints,
                              "%s shows no %s; expected shows: { %s: JSON POINTER }: %s",
                              dbk_operation_name(which), needed[which][i].shown,
                              needed[which][i].shown, needed[which][i].why);
    const cJSON *sync = dbk_json_get(shows, "sync");
    if (sync && loading->system->syncs.count == 0)
        dbk_yaml_complain_key(loading->yaml, sync, loading->complaints,
                              "the map has no words for sync; expected syncs: "
                              "{ ITS WORD: OURS } beside statuses");
}

static void load_operation(const struct loading *loading, enum dbk_operation which,
                           const cJSON *node)
{
    struct dbk_system_operation *operation = &loading->system->operations[which];
    bool has_id =
        which != DBK_OPERATION_BOOK && which != DBK_OPERATION_HOLD && which != DBK_OPERATION_LIST;
    const struct dbk_variables *known = has_id ? &with_id : &without_id;
    const cJSON *request = dbk_json_get(node, "request"), *body = dbk_json_get(node, "body");
    const cJSON *shows = dbk_json_get(node, "shows");
    const char *path = split_request(loading, request, &operation->method);
    operation->is_offered = true;
    if (path)
        load_path(loading, request, path, known, &operation->path);
    load_headers(loading, dbk_json_get(node, "headers"), known, operation);
    operation->has_body = body && check_body(loading, body, known);
    if (operation->has_body)
        operation->body = dbk_template_of_json(body, known, &loading->system->arena);
    operation->rows = load_pointer(loading, dbk_json_get(node, "rows"));
    operation->id = load_pointer(loading, dbk_json_get(shows, "id"));
    operation->status = load_pointer(loading, dbk_json_get(shows, "status"));
    operation->sync = load_pointer(loading, dbk_json_get(shows, "sync"));
    operation->version = load_pointer(loading, dbk_json_get(shows, "version"));
    operation->charged = load_pointer(loading, dbk_json_get(shows, "charged"));
    operation->price = load_pointer(loading, dbk_json_get(shows, "price"));
    check_shows(loading, which, node);
}

/* ---- words ---- */

static void load_words(const struct loading *loading, const cJSON *node,
                       struct dbk_system_words *words)
{
    struct dbk_arena *arena = &loading->system->arena;
    for (const cJSON *entry = cJSON_IsObject(node) ? node->child : NULL;
         entry && words->count < DBK_SYSTEM_WORDS_MAX; entry = entry->next)
        if (cJSON_IsString(entry))
            words->items[words->count++] =
                (struct dbk_system_word){.theirs = dbk_arena_text(arena, entry->string),
                                         .ours = dbk_arena_text(arena, entry->valuestring)};
}

static void set_usual_moves(uint8_t moves[static DBK_HISTORY_STATUSES])
{
    for (enum dbk_status from = 0; from < DBK_STATUSES; from++)
        for (enum dbk_status to = 0; to < DBK_STATUSES; to++)
            if (dbk_status_may_move(from, to))
                moves[from] |= (uint8_t)(1u << to);
}

static void load_moves(const cJSON *node, uint8_t moves[static DBK_HISTORY_STATUSES])
{
    if (!node) {
        set_usual_moves(moves);
        return;
    }
    for (const cJSON *row = node->child; row; row = row->next) {
        enum dbk_status from = row->string ? dbk_status_by_name(row->string) : DBK_STATUSES;
        for (const cJSON *entry = row->child; entry && from < DBK_STATUSES; entry = entry->next) {
            const char *name = cJSON_GetStringValue(entry);
            enum dbk_status to = name ? dbk_status_by_name(name) : DBK_STATUSES;
            if (to < DBK_STATUSES)
                moves[from] |= (uint8_t)(1u << to);
        }
    }
}

void dbk_system_terms(const struct dbk_system *system, struct dbk_terms *terms)
{
    uint8_t usual[DBK_HISTORY_STATUSES] = {0};
    set_usual_moves(usual);
    terms->has_moves = memcmp(usual, system->moves, sizeof usual) != 0;
    if (terms->has_moves)
        memcpy(terms->moves, system->moves, sizeof usual);
}

/* ---- the process ---- */

/* Adds text with its braces doubled. */
static void put_literal(struct dbk_text *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        dbk_text_add_char(out, text[i]);
        if (text[i] == '{' || text[i] == '}')
            dbk_text_add_char(out, text[i]);
    }
}

/* The template with the map's folder in place of {here}; in the arena. */
static const char *fill_here(const struct loading *loading, const char *template)
{
    struct dbk_text out = {0};
    struct dbk_template_part part;
    char folder[PATH_MAX] = ".", whole[PATH_MAX];
    const char *slash = strrchr(loading->system->file, '/');
    if (slash)
        snprintf(folder, sizeof folder, "%.*s/", (int)(slash - loading->system->file),
                 loading->system->file);
    const char *here = realpath(folder, whole) ? whole : folder;
    while (dbk_template_next(&template, &part)) {
        if (!part.is_variable)
            put_literal(&out, part.bytes, part.length);
        else if (part.length == 4 && strncmp(part.bytes, "here", 4) == 0)
            put_literal(&out, here, strlen(here));
        else
            dbk_text_printf(&out, "{%.*s}", (int)part.length, part.bytes);
    }
    const char *filled = dbk_arena_text(&loading->system->arena, out.bytes ? out.bytes : "");
    dbk_text_reset(&out);
    return filled;
}

static size_t count_of(const cJSON *node)
{
    return node ? (size_t)cJSON_GetArraySize(node) : 0;
}

/* NULL where there is none. */
static const char *const *load_argv(const struct loading *loading, const cJSON *node)
{
    size_t count = 0;
    const char **argv =
        dbk_arena_alloc(&loading->system->arena, (count_of(node) + 1) * sizeof *argv);
    for (const cJSON *entry = cJSON_IsArray(node) ? node->child : NULL; entry; entry = entry->next)
        if (cJSON_IsString(entry) &&
            check_template(loading, entry, entry->valuestring, &of_process))
            argv[count++] = fill_here(loading, entry->valuestring);
    if (cJSON_IsArray(node) && !node->child)
        dbk_yaml_complain(loading->yaml, node, loading->complaints,
                          "the list is empty; expected the program and its arguments");
    return node ? argv : NULL;
}

static bool is_env_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return name[0] && !name[strspn(name, letters)] && !strchr("0123456789", name[0]);
}

static const char *const *load_env(const struct loading *loading, const cJSON *node)
{
    struct dbk_arena *arena = &loading->system->arena;
    const char **env = dbk_arena_alloc(arena, (count_of(node) + 1) * sizeof *env);
    size_t count = 0;
    for (const cJSON *entry = cJSON_IsObject(node) ? node->child : NULL; entry;
         entry = entry->next) {
        if (!is_env_name(entry->string))
            dbk_yaml_complain_key(loading->yaml, entry, loading->complaints,
                                  "'%.60s' is no name of a variable of the environment; expected "
                                  "letters, digits and '_', no digit first",
                                  entry->string);
        else if (cJSON_IsString(entry) &&
                 check_template(loading, entry, entry->valuestring, &of_process))
            env[count++] = dbk_arena_printf(arena, "%s=%s", entry->string,
                                            fill_here(loading, entry->valuestring));
    }
    return env;
}

/* A path that is asked as it stands. */
static const char *load_plain_path(const struct loading *loading, const cJSON *node,
                                   const char *path)
{
    static const struct dbk_variables none = {NULL, 0};
    struct dbk_template unused;
    if (path)
        load_path(loading, node, path, &none, &unused);
    return dbk_arena_text(&loading->system->arena, path);
}

static void load_process(const struct loading *loading, const cJSON *root)
{
    struct dbk_system *system = loading->system;
    const cJSON *ready = dbk_json_get(root, "ready"), *idle = dbk_json_get(root, "idle");
    const cJSON *reset = dbk_json_get(dbk_json_get(root, "reset"), "request");
    const char *within = dbk_json_text(ready, "within");
    system->start = load_argv(loading, dbk_json_get(root, "start"));
    system->check = load_argv(loading, dbk_json_get(root, "check"));
    system->env = load_env(loading, dbk_json_get(root, "env"));
    system->ready_path =
        load_plain_path(loading, dbk_json_get(ready, "path"), dbk_json_text(ready, "path"));
    if (!within || !dbk_duration_parse(within, &system->ready_within_ms))
        system->ready_within_ms = READY_WITHIN_MS;
    system->reset_path =
        load_plain_path(loading, reset, split_request(loading, reset, &system->reset_method));
    system->idle_path =
        load_plain_path(loading, dbk_json_get(idle, "path"), dbk_json_text(idle, "path"));
    system->idle = load_pointer(loading, dbk_json_get(idle, "pointer"));
}

/* ---- the file ---- */

static void load_map(const struct loading *loading)
{
    struct dbk_system *system = loading->system;
    const cJSON *root = dbk_yaml_root(loading->yaml);
    const cJSON *callbacks = dbk_json_get(root, "callbacks");
    system->name = dbk_arena_text(&system->arena, dbk_json_text(root, "system"));
    load_words(loading, dbk_json_get(root, "statuses"), &system->statuses);
    load_words(loading, dbk_json_get(root, "syncs"), &system->syncs);
    load_moves(dbk_json_get(root, "moves"), system->moves);
    for (enum dbk_operation i = 0; i < DBK_OPERATIONS; i++) {
        const cJSON *node = dbk_json_get(dbk_json_get(root, "operations"), dbk_operation_name(i));
        if (cJSON_IsObject(node))
            load_operation(loading, i, node);
    }
    if (cJSON_IsString(callbacks))
        load_path(loading, callbacks, callbacks->valuestring, &of_callbacks, &system->callbacks);
    load_process(loading, root);
}

static void complain_no_map(const struct dbk_library *library, const char *name,
                            struct dbk_complaints *complaints)
{
    struct dbk_arena arena = {0};
    struct dbk_words names = dbk_library_names(library, SYSTEM_FOLDER, &arena);
    struct dbk_text text = {0};
    dbk_words_unknown(&names, "system", name, &text);
    dbk_complain(complaints, "--system", 0, 0, "%s, or a file", text.bytes);
    dbk_text_reset(&text);
    dbk_arena_free(&arena);
}

static struct dbk_system *load_file(const char *path, struct dbk_complaints *complaints)
{
    size_t length = 0, before = complaints->total;
    char *bytes = dbk_library_read(path, &length, complaints);
    struct dbk_yaml *yaml = bytes ? dbk_yaml_parse(bytes, length, path, complaints) : NULL;
    struct dbk_system *system = dbk_alloc(sizeof *system);
    const struct loading loading = {system, yaml, complaints};
    if (yaml && dbk_format_check(&dbk_format_system, yaml, complaints) &&
        cJSON_IsObject(dbk_yaml_root(yaml))) {
        system->file = dbk_arena_text(&system->arena, path);
        system->digest = dbk_digest_of(bytes, length);
        load_map(&loading);
    }
    dbk_yaml_free(yaml);
    free(bytes);
    if (complaints->total == before)
        return system;
    dbk_system_free(system);
    return NULL;
}

struct dbk_system *dbk_system_load(const char *root, const char *name_or_file,
                                   struct dbk_complaints *complaints)
{
    struct dbk_library library;
    char path[4608];
    snprintf(library.root, sizeof library.root, "%s", root);
    dbk_library_path(&library, SYSTEM_FOLDER, name_or_file, path);
    if (!strchr(name_or_file, '/') && access(path, F_OK) == 0)
        return load_file(path, complaints);
    if (strchr(name_or_file, '/') || access(name_or_file, F_OK) == 0)
        return load_file(name_or_file, complaints);
    complain_no_map(&library, name_or_file, complaints);
    return NULL;
}

void dbk_system_free(struct dbk_system *system)
{
    if (!system)
        return;
    dbk_arena_free(&system->arena);
    free(system);
}
