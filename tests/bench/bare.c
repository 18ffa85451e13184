#include "bare.h"

#include "base/json.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    char **items;
    size_t count, capacity;
};

struct value {     /* bound to a parameter */
    int parameter; /* from 1 */
    int type;      /* SQLITE_INTEGER, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL */
    int64_t integer;
    char *bytes;
    int length;
};

struct execution {
    sqlite3_stmt *statement; /* shared by all executions of one template */
    bool is_owner;           /* the first of them */
    struct value values[32];
    size_t value_count;
};

struct bare {
    struct list statements; /* as expanded, in the order of execution */
    struct list templates;  /* the same, with their parameters */
    struct list bodies;
    sqlite3 *db;
    struct execution *executions;
    int64_t read; /* so that no reading of a column is for nothing */
};

static struct bare *recording; /* or NULL */

static void keep(struct list *list, const char *bytes, size_t length)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 256;
        list->items = dbk_resize(list->items, list->capacity * sizeof *list->items);
    }
    char *copy = dbk_alloc(length + 1);
    memcpy(copy, bytes, length);
    list->items[list->count++] = copy;
}

static void forget(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct list){0};
}

static int on_statement(unsigned kind, void *context, void *statement, void *sql)
{
    (void)kind, (void)context, (void)sql;
    char *text = sqlite3_expanded_sql(statement);
    if (recording && text) {
        keep(&recording->statements, text, strlen(text));
        keep(&recording->templates, sqlite3_sql(statement), strlen(sqlite3_sql(statement)));
    }
    sqlite3_free(text);
    return 0;
}

/* Every connection opened from now on tells its statements. */
static int on_open(sqlite3 *db, const char **why, const struct sqlite3_api_routines *api)
{
    (void)why, (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

/* The linker puts this before the reader of all JSON (see CMakeLists.txt). */
cJSON *__real_dbk_json_parse(const char *bytes, size_t length, char why[static 160]);
cJSON *__wrap_dbk_json_parse(const char *bytes, size_t length, char why[static 160]);
cJSON *__wrap_dbk_json_parse(const char *bytes, size_t length, char why[static 160])
{
    if (recording)
        keep(&recording->bodies, bytes, length);
    return __real_dbk_json_parse(bytes, length, why);
}

/* Reads one literal as SQLite expands it; gives where it ends. */
static const char *read_literal(const char *at, struct value *value)
{
    char *end;
    value->type = SQLITE_NULL;
    if (strncmp(at, "NULL", 4) == 0)
        return at + 4;
    bool is_blob = *at == 'x';
    if (!is_blob && *at != '\'') {
        value->type = SQLITE_INTEGER;
        value->integer = strtoll(at, &end, 10);
        return end;
    }
    value->type = is_blob ? SQLITE_BLOB : SQLITE_TEXT;
    value->bytes = dbk_alloc(strlen(at) + 1);
    for (at += is_blob ? 2 : 1; *at != '\'' || at[1] == '\''; at++) {
        at += *at == '\''; /* a quote is written twice */
        unsigned byte = (unsigned char)*at;
        if (is_blob && sscanf(at++, "%2x", &byte) != 1)
            break;
        value->bytes[value->length++] = (char)byte;
    }
    return at + 1;
}

/* The values of a statement are where its text and its expanded text part. */
static void read_values(struct execution *execution, const char *template, const char *expanded)
{
    int next = 1;
    while (*template) {
        if (*template != '?') {
            template ++;
            expanded++;
            continue;
        }
        char *end;
        long number = strtol(++template, &end, 10);
        struct value *value = &execution->values[execution->value_count++];
        value->parameter = end == template ? next : (int)number;
        next = value->parameter + 1;
        template = end;
        expanded = read_literal(expanded, value);
        if (execution->value_count == DBK_COUNT(execution->values)) {
            fprintf(stderr, "more than 31 values: %s\n", template);
            exit(1);
        }
    }
}

/* The schema comes from the statements the store ran when it was opened. */
static void prepare(struct bare *bare, const struct list *schema)
{
    sqlite3_open(":memory:", &bare->db);
    for (size_t i = 0; i < schema->count; i++)
        sqlite3_exec(bare->db, schema->items[i], NULL, NULL, NULL);
    bare->executions = dbk_alloc((bare->statements.count + 1) * sizeof *bare->executions);
    for (size_t i = 0; i < bare->statements.count; i++) {
        struct execution *execution = &bare->executions[i];
        const char *template = bare->templates.items[i];
        for (size_t k = 0; k < i && !execution->statement; k++)
            if (strcmp(bare->templates.items[k], template) == 0)
                execution->statement = bare->executions[k].statement;
        execution->is_owner = !execution->statement;
        if (execution->is_owner &&
            sqlite3_prepare_v3(bare->db, template, -1, SQLITE_PREPARE_PERSISTENT,
                               &execution->statement, NULL) != SQLITE_OK) {
            fprintf(stderr, "cannot repeat: %s: %s\n", template, sqlite3_errmsg(bare->db));
            exit(1);
        }
        read_values(execution, template, bare->statements.items[i]);
    }
}

struct bare *bare_new(void *(*opens)(void *context), void (*runs)(void *context, void *opened),
                      void (*closes)(void *opened), void *context)
{
    struct bare *bare = dbk_alloc(sizeof *bare);
    /* As the store sets it up; by the recorder's hook it would be too late. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    /* On a store of its own, so that tracing does not slow the one that is timed. */
    sqlite3_auto_extension((void (*)(void))on_open);
    recording = bare;
    void *opened = opens(context);
    struct list schema = bare->statements;
    bare->statements = (struct list){0};
    forget(&bare->templates);
    forget(&bare->bodies);
    recording = NULL;
    runs(context, opened);
    recording = bare;
    runs(context, opened);
    recording = NULL;
    closes(opened);
    sqlite3_reset_auto_extension();
    prepare(bare, &schema);
    forget(&schema);
    return bare;
}

static void bind(sqlite3_stmt *statement, const struct value *value)
{
    if (value->type == SQLITE_INTEGER)
        sqlite3_bind_int64(statement, value->parameter, value->integer);
    else if (value->type == SQLITE_TEXT)
        sqlite3_bind_text(statement, value->parameter, value->bytes, value->length, SQLITE_STATIC);
    else if (value->type == SQLITE_BLOB)
        sqlite3_bind_blob(statement, value->parameter, value->bytes, value->length, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, value->parameter);
}

static void execute(struct bare *bare, const struct execution *execution)
{
    sqlite3_stmt *statement = execution->statement;
    for (size_t i = 0; i < execution->value_count; i++)
        bind(statement, &execution->values[i]);
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            if (sqlite3_column_type(statement, column) == SQLITE_INTEGER)
                bare->read += sqlite3_column_int64(statement, column);
            else if (sqlite3_column_text(statement, column))
                bare->read += sqlite3_column_bytes(statement, column);
        }
    if (sqlite3_reset(statement) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sqlite3_sql(statement), sqlite3_errmsg(bare->db));
        exit(1);
    }
}

void bare_repeat(struct bare *bare)
{
    for (size_t i = 0; i < bare->statements.count; i++)
        execute(bare, &bare->executions[i]);
    for (size_t i = 0; i < bare->bodies.count; i++) {
        cJSON *tree = cJSON_Parse(bare->bodies.items[i]);
        char *text = cJSON_PrintUnformatted(tree);
        cJSON_free(text);
        cJSON_Delete(tree);
    }
}

size_t bare_statements(const struct bare *bare)
{
    return bare->statements.count;
}

size_t bare_bodies(const struct bare *bare)
{
    return bare->bodies.count;
}

void bare_free(struct bare *bare)
{
    for (size_t i = 0; i < bare->statements.count; i++) {
        struct execution *execution = &bare->executions[i];
        for (size_t k = 0; k < execution->value_count; k++)
            free(execution->values[k].bytes);
        if (execution->is_owner)
            sqlite3_finalize(execution->statement);
    }
    sqlite3_close(bare->db);
    free(bare->executions);
    forget(&bare->statements);
    forget(&bare->templates);
    forget(&bare->bodies);
    free(bare);
}
