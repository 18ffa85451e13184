/* How many simulated seed incidents a second, beside the bare work such a run cannot do without.
 *
 * One run of the incident is recorded: every SQL statement with its values, every JSON body that
 * was parsed. The bare side then does nothing but those: each statement prepared once, for each
 * execution its values bound, and every column of every row read; each body parsed and printed once
 * by cJSON. Both sides take turns in one process, so that their ratio means something on a noisy
 * machine. Last, 100,000 runs and the peak of memory.
 *
 * Usage: bench_sim [ROUNDS [MEMORY_RUNS]] */
#include "base/json.h"
#include "runner/judge.h"
#include "runner/sim.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS_PER_TURN 500

struct list {
    char **items;
    size_t count, capacity;
};

static struct list statements, bodies; /* statements: as expanded, in the order of execution */
static struct list templates;          /* the same, with their parameters */
static bool is_recording;

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

static int on_statement(unsigned kind, void *context, void *statement, void *sql)
{
    (void)kind, (void)context, (void)sql;
    char *text = sqlite3_expanded_sql(statement);
    if (is_recording && text) {
        keep(&statements, text, strlen(text));
        keep(&templates, sqlite3_sql(statement), strlen(sqlite3_sql(statement)));
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
    if (is_recording)
        keep(&bodies, bytes, length);
    return __real_dbk_json_parse(bytes, length, why);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

struct value {     /* bound to a parameter */
    int parameter; /* from 1 */
    int type;      /* SQLITE_INTEGER, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL */
    int64_t integer;
    char *bytes;
    int length;
};

struct execution {
    sqlite3_stmt *statement; /* shared by all executions of one template */
    struct value values[32];
    size_t value_count;
};

struct world {
    struct dbk_scenario *scenario;
    struct dbk_policy policy;
    struct dbk_sim *sim;
    struct dbk_history history;
    sqlite3 *db;
    struct execution *executions;
    int64_t read; /* so that no reading of a column is for nothing */
};

/* One run as `doublebook run` does it: played, hashed, judged. */
static void run_once(struct world *world, uint64_t seed)
{
    char hex[DBK_DIGEST_HEX];
    dbk_sim_run(world->sim, world->scenario, &world->policy, seed, &world->history);
    dbk_history_seal(&world->history, hex);
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_judge(&world->history, "-", outcome);
    if (outcome->verdict != DBK_PASSED) {
        fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed,
                dbk_verdict_name(outcome->verdict));
        exit(1);
    }
    dbk_outcome_free(outcome);
}

static double time_runs(struct world *world, int count)
{
    double begin = seconds();
    for (int i = 0; i < count; i++)
        run_once(world, (uint64_t)i + 1);
    return seconds() - begin;
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

static void execute(struct world *world, const struct execution *execution)
{
    sqlite3_stmt *statement = execution->statement;
    for (size_t i = 0; i < execution->value_count; i++)
        bind(statement, &execution->values[i]);
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            if (sqlite3_column_type(statement, column) == SQLITE_INTEGER)
                world->read += sqlite3_column_int64(statement, column);
            else if (sqlite3_column_text(statement, column))
                world->read += sqlite3_column_bytes(statement, column);
        }
    if (sqlite3_reset(statement) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sqlite3_sql(statement), sqlite3_errmsg(world->db));
        exit(1);
    }
}

static double time_bare(struct world *world, int count)
{
    double begin = seconds();
    for (int i = 0; i < count; i++) {
        for (size_t s = 0; s < statements.count; s++)
            execute(world, &world->executions[s]);
        for (size_t b = 0; b < bodies.count; b++) {
            cJSON *tree = cJSON_Parse(bodies.items[b]);
            char *text = cJSON_PrintUnformatted(tree);
            cJSON_free(text);
            cJSON_Delete(tree);
        }
    }
    return seconds() - begin;
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
static void prepare_bare(struct world *world, const struct list *schema)
{
    sqlite3_open(":memory:", &world->db);
    for (size_t i = 0; i < schema->count; i++)
        sqlite3_exec(world->db, schema->items[i], NULL, NULL, NULL);
    world->executions = dbk_alloc((statements.count + 1) * sizeof *world->executions);
    for (size_t i = 0; i < statements.count; i++) {
        struct execution *execution = &world->executions[i];
        for (size_t k = 0; k < i && !execution->statement; k++)
            if (strcmp(templates.items[k], templates.items[i]) == 0)
                execution->statement = world->executions[k].statement;
        if (!execution->statement &&
            sqlite3_prepare_v3(world->db, templates.items[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &execution->statement, NULL) != SQLITE_OK) {
            fprintf(stderr, "cannot repeat: %s: %s\n", templates.items[i],
                    sqlite3_errmsg(world->db));
            exit(1);
        }
        read_values(execution, templates.items[i], statements.items[i]);
    }
}

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 7;
    int memory_runs = argc > 2 ? atoi(argv[2]) : 100000;
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct world world = {.policy = dbk_policy_reference()};
    char why[160], path[5000];
    if (rounds < 1 || rounds > 99 || !dbk_library_find(&library, why))
        return 4;
    snprintf(path, sizeof path, "%s/scenarios/seed-incident.yaml", library.root);
    world.scenario = dbk_scenario_load(&library, path, &complaints);
    if (!world.scenario)
        return 3;
    struct dbk_policy reference = dbk_policy_reference();
    world.policy = dbk_scenario_policy(world.scenario, &reference);
    dbk_history_init(&world.history);

    /* As the store sets it up; by the recorder's hook it would be too late. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    /* Recorded on a stage of its own, so that tracing does not slow the one that is timed. */
    sqlite3_auto_extension((void (*)(void))on_open);
    is_recording = true;
    struct dbk_sim *recorder = dbk_sim_new(why);
    struct list schema = statements;
    statements = templates = (struct list){0};
    world.sim = recorder;
    is_recording = false;
    run_once(&world, 1);
    is_recording = true;
    run_once(&world, 1);
    is_recording = false;
    dbk_sim_free(recorder);
    sqlite3_reset_auto_extension();
    world.sim = dbk_sim_new(why);
    prepare_bare(&world, &schema);

    time_runs(&world, 50);
    time_bare(&world, 50);
    double ratios[99], rates[99];
    for (int i = 0; i < rounds; i++) {
        double run = time_runs(&world, RUNS_PER_TURN);
        double bare = time_bare(&world, RUNS_PER_TURN);
        ratios[i] = bare / run;
        rates[i] = RUNS_PER_TURN / run;
    }
    qsort(ratios, (size_t)rounds, sizeof *ratios, by_value);
    qsort(rates, (size_t)rounds, sizeof *rates, by_value);
    printf("seed incident, reference policy: %zu statements, %zu JSON bodies, %zu facts a run\n",
           statements.count, bodies.count, world.history.fact_count);
    printf("runs a second on one core: median %.0f (min %.0f, max %.0f) of %d turns of %d runs\n",
           rates[rounds / 2], rates[0], rates[rounds - 1], rounds, RUNS_PER_TURN);
    printf("speed beside the bare statements and JSON: median %.2f (min %.2f, max %.2f)\n",
           ratios[rounds / 2], ratios[0], ratios[rounds - 1]);

    if (memory_runs > 0) {
        time_runs(&world, memory_runs / 100 + 1);
        long early = peak_kib();
        time_runs(&world, memory_runs);
        printf("peak memory: %ld KiB after %d runs, %ld KiB after %d more\n", early,
               memory_runs / 100 + 1, peak_kib(), memory_runs);
    }
    return 0;
}
