/* How the Booking API fares over real HTTP with real commits, beside what it cannot be better than.
 *
 * Latency: 64 clients post bookings to `doublebook core` while its partner answers at once, and
 * again while its partner takes every request and never answers one. Both runs take turns; the
 * ratio of their 99th percentiles says whether a silent partner is felt. Throughput: the bookings
 * that were acknowledged a second, beside bare SQLite that does nothing but the inserts of as many
 * bookings in commits of the same size (WAL, synchronous=FULL, same disk, same round). What one
 * POST inserts is recorded from the API itself. Counted is what was answered 201; after each run
 * the core is killed, and the database must hold at least that many.
 *
 * Usage: bench_live DOUBLEBOOK [ROUNDS [MILLISECONDS [FOLDER]]] */
#include "live_bench.h"

#include "core/core.h"
#include "core/store_sqlite_sql.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 99

static char folder[512];

void bench_fail(const char *what)
{
    perror(what);
    exit(4);
}

int64_t bench_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void in_folder(const char *name, char path[static 600])
{
    snprintf(path, 600, "%s/%s", folder, name);
}

static void forget(const char *name)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[600];
    for (size_t i = 0; i < DBK_COUNT(suffixes); i++) {
        char whole[64];
        snprintf(whole, sizeof whole, "%s%s", name, suffixes[i]);
        in_folder(whole, path);
        unlink(path);
    }
}

/* ---- the processes ---- */

static pid_t start_partner(bool answers, int *port)
{
    int server = bench_listen(port);
    pid_t pid = fork();
    if (pid < 0)
        bench_fail("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        bench_partner(server, answers);
    }
    close(server);
    return pid;
}

static void write_partners(int port)
{
    char path[600];
    in_folder("partners.yaml", path);
    FILE *file = fopen(path, "w");
    if (!file)
        bench_fail(path);
    fprintf(file,
            "format: 1\npartners:\n  lagoon:\n    address: http://127.0.0.1:%d\n"
            "    profile: ref-unique-resend\n    sells: { cruise: { price: 12000, currency: EUR, "
            "slots: { evening: \"2027-07-04T18:00:00Z\" } } }\n",
            port);
    fclose(file);
}

static pid_t start_core(const char *program, int *port)
{
    char db[600], partners[600], line[100] = "";
    int out[2];
    in_folder("core.db", db);
    in_folder("partners.yaml", partners);
    if (pipe(out) != 0)
        bench_fail("pipe");
    pid_t pid = fork();
    if (pid < 0)
        bench_fail("fork");
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execl(program, program, "core", "--db", db, "--partners", partners, "--listen",
              "127.0.0.1:0", "--die-with-parent", (char *)NULL);
        perror(program);
        _exit(4);
    }
    close(out[1]);
    FILE *lines = fdopen(out[0], "r");
    if (!lines || !fgets(line, sizeof line, lines) ||
        sscanf(line, "listening on http://127.0.0.1:%d", port) != 1)
        bench_fail("the core does not listen");
    fclose(lines);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int64_t count_bookings(void)
{
    char path[600], why[160];
    int64_t bookings[DBK_STATUSES], sum = 0;
    in_folder("core.db", path);
    struct dbk_store *store = dbk_store_sqlite_open(path, why);
    if (!store || !dbk_store_count_bookings(store, bookings) || !dbk_store_check(store, why)) {
        fprintf(stderr, "%s: %s\n", path, why);
        exit(1);
    }
    dbk_store_free(store);
    for (size_t i = 0; i < DBK_STATUSES; i++)
        sum += bookings[i];
    return sum;
}

/* One run of the core. */
static struct bench_result run_core(const char *program, bool partner_answers, int64_t for_us)
{
    int partner_port = 0, port = 0;
    forget("core.db");
    pid_t partner = start_partner(partner_answers, &partner_port);
    write_partners(partner_port);
    pid_t core = start_core(program, &port);
    struct bench_result result = bench_clients(port, for_us);
    end(core);
    end(partner);
    int64_t kept = count_bookings();
    if (kept < result.accepted) {
        fprintf(stderr, "%lld acknowledged, %lld kept\n", (long long)result.accepted,
                (long long)kept);
        exit(1);
    }
    forget("core.db");
    return result;
}

/* ---- bare SQLite ---- */

/* What a POST inserts, in order; the recording must agree. */
static const enum sql inserts[] = {SQL_INSERT_BOOKING, SQL_APPEND_EVIDENCE, SQL_PUT_JOB};
static const char *recorded[16];
static size_t recorded_count;

static int on_statement(unsigned kind, void *context, void *statement, void *sql)
{
    (void)kind, (void)context, (void)sql;
    if (!sqlite3_stmt_readonly(statement) && recorded_count < DBK_COUNT(recorded))
        recorded[recorded_count++] = strdup(sqlite3_sql(statement));
    return 0;
}

static int on_open(sqlite3 *db, const char **why, const struct sqlite3_api_routines *api)
{
    (void)why, (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

/* One POST to the API's machine, its statements recorded. */
static void record_post(void)
{
    static const struct dbk_slot slot = {.id = "evening", .starts_ms = 86400000};
    static const struct dbk_product product = {.id = "cruise", .slots = &slot, .slot_count = 1};
    const struct dbk_core_partner partner = {
        .name = "lagoon", .products = &product, .product_count = 1};
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_arena arena = {0};
    struct dbk_effects effects = {.arena = &arena};
    struct dbk_message *request = dbk_request_new("POST", "/bookings");
    struct dbk_text body = {0};
    char why[160];
    sqlite3_auto_extension((void (*)(void))on_open);
    struct dbk_store *store = dbk_store_sqlite_open(":memory:", why);
    sqlite3_reset_auto_extension();
    struct dbk_core *core = dbk_core_new(&(struct dbk_core_config){
        .store = store, .policy = &policy, .partners = &partner, .partner_count = 1, .seed = 1});
    struct dbk_machine api = dbk_core_api(core);
    const struct dbk_now now = {.wall_ms = 1000};
    dbk_message_set_header(request, "Idempotency-Key", "k-0000000001");
    dbk_text_printf(&body, BENCH_BODY, 1LL);
    dbk_message_take_body(request, "application/json", &body);
    recorded_count = 0;
    const struct dbk_event event = {.kind = DBK_EVENT_REQUEST, .exchange = 1, .message = request};
    bool is_good = dbk_store_begin(store) &&
                   api.ops->step(api.self, &now, &event, NULL, &effects) == DBK_STEP_DONE &&
                   dbk_store_commit(store) && effects.count > 0;
    size_t found = 0;
    for (size_t i = 0; i < recorded_count; i++)
        if (strncmp(recorded[i], "INSERT", 6) == 0)
            is_good = is_good && found < DBK_COUNT(inserts) &&
                      strcmp(recorded[i], dbk_sql[inserts[found++]]) == 0;
    if (!is_good || found != DBK_COUNT(inserts)) {
        fprintf(stderr, "a POST does not insert what this benchmark compares it with\n");
        exit(1);
    }
    dbk_effects_reset(&effects);
    dbk_message_free(request);
    dbk_core_free(core);
    dbk_store_free(store);
    dbk_arena_free(&arena);
}

/* Values as long as those of the API. */
static void bind_booking(sqlite3_stmt *statement, int64_t row, const char *id, const char *key,
                         const char *guest)
{
    const char *const texts[] = {"lagoon", "cruise", "evening", guest};
    uint64_t digest[DBK_DIGEST_BYTES / sizeof(uint64_t)]; /* spread over its index as one is */
    for (size_t i = 0; i < DBK_COUNT(digest); i++)
        digest[i] = ((uint64_t)row + i) * UINT64_C(0x9e3779b97f4a7c15);
    sqlite3_bind_int64(statement, 1, row);
    sqlite3_bind_text(statement, 2, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, key, -1, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 4, digest, sizeof digest, SQLITE_TRANSIENT);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_text(statement, 5 + i, texts[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 9, 2);
    sqlite3_bind_int64(statement, 10, 1782926700000 + row);
    sqlite3_bind_text(statement, 11, "received", -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 12, "unsent", -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 13, 1);
    sqlite3_bind_text(statement, 14, "received", -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 15, 0); /* expires_ms, told, hear_by_ms */
    sqlite3_bind_text(statement, 16, "", -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 17, 0);
    sqlite3_bind_int64(statement, 18, 24000); /* price, charged, currency */
    sqlite3_bind_int64(statement, 19, 0);
    sqlite3_bind_text(statement, 20, "EUR", -1, SQLITE_STATIC);
}

static void bind_evidence(sqlite3_stmt *statement, int64_t row)
{
    sqlite3_bind_int64(statement, 1, (row << DBK_EVIDENCE_BITS) + 1);
    sqlite3_bind_int64(statement, 2, 1782926700000 + row);
    sqlite3_bind_text(statement, 3, "asked", -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 4, dbk_call_name((enum dbk_call)0), -1, SQLITE_STATIC);
    for (int i = 5; i <= 10; i++)
        sqlite3_bind_int64(statement, i, 0);
    sqlite3_bind_text(statement, 11, dbk_theirs_name((enum dbk_theirs)0), -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 16, 0); /* expires_ms */
}

static void step(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE) {
        fprintf(stderr, "bare SQLite: %s\n", sqlite3_errmsg(sqlite3_db_handle(statement)));
        exit(1);
    }
    sqlite3_reset(statement);
}

/* Bookings a second, in commits of so many. */
static double run_bare(int64_t group, int64_t for_us)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statements[DBK_COUNT(inserts)], *begin, *commit;
    char path[600], id[32], key[32], guest[40];
    forget("bare.db");
    in_folder("bare.db", path);
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", NULL, NULL,
                     NULL) != SQLITE_OK ||
        sqlite3_exec(db, dbk_sql_schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL) != SQLITE_OK)
        bench_fail(path);
    for (size_t i = 0; i < DBK_COUNT(inserts); i++)
        if (sqlite3_prepare_v2(db, dbk_sql[inserts[i]], -1, &statements[i], NULL) != SQLITE_OK)
            bench_fail(dbk_sql[inserts[i]]);
    int64_t row = 0, began = bench_now_us(), now = began;
    for (; now - began < for_us; now = bench_now_us()) {
        step(begin);
        for (int64_t i = 0; i < group; i++) {
            char name[11];
            dbk_draw_name(1, "booking", (uint64_t)++row, 10, name);
            snprintf(id, sizeof id, "bk-%s", name);
            snprintf(key, sizeof key, "k-%010lld", (long long)row);
            snprintf(guest, sizeof guest, BENCH_GUEST, (long long)row);
            bind_booking(statements[0], row, id, key, guest);
            bind_evidence(statements[1], row);
            sqlite3_bind_int64(statements[2], 1, row);
            sqlite3_bind_int64(statements[2], 2, 1782926700000 + row);
            for (size_t k = 0; k < DBK_COUNT(inserts); k++)
                step(statements[k]);
        }
        step(commit);
    }
    for (size_t i = 0; i < DBK_COUNT(inserts); i++)
        sqlite3_finalize(statements[i]);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(db);
    forget("bare.db");
    return (double)row * 1e6 / (double)(now - began);
}

/* ---- rounds ---- */

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void print_median(const char *what, double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    printf("%s: median %.2f (min %.2f, max %.2f) of %d rounds\n", what, values[count / 2],
           values[0], values[count - 1], count);
}

static double rate_of(const struct bench_result *result)
{
    return (double)result->accepted * 1e6 / (double)result->took_us;
}

static int64_t group_of(const struct bench_result *result)
{
    int64_t group =
        result->commits ? (result->accepted + result->commits / 2) / result->commits : 1;
    return group > 0 ? group : 1;
}

static void print_run(const char *partner, const struct bench_result *result, double bare)
{
    printf("  partner %s: %.0f bookings/s, p50 %.2f ms, p99 %.2f ms, %lld a commit; bare SQLite "
           "%.0f/s\n",
           partner, rate_of(result), (double)result->p50_us / 1e3, (double)result->p99_us / 1e3,
           (long long)group_of(result), bare);
}

int main(int argc, char **argv)
{
    int rounds = argc > 2 ? atoi(argv[2]) : 7;
    int64_t for_us = (argc > 3 ? atoll(argv[3]) : 2000) * 1000;
    double latency[ROUNDS_MAX], answered[ROUNDS_MAX], silent[ROUNDS_MAX];
    snprintf(folder, sizeof folder, "%s/dbk-bench-XXXXXX", argc > 4 ? argv[4] : "/tmp");
    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX || for_us < 100000) {
        fprintf(stderr, "usage: bench_live DOUBLEBOOK [ROUNDS [MILLISECONDS [FOLDER]]]\n");
        return 3;
    }
    if (!mkdtemp(folder))
        bench_fail(folder);
    signal(SIGPIPE, SIG_IGN);
    record_post();
    run_core(argv[1], true, for_us / 4);
    for (int i = 0; i < rounds; i++) {
        struct bench_result healthy = run_core(argv[1], true, for_us);
        double bare_healthy = run_bare(group_of(&healthy), for_us);
        struct bench_result hanging = run_core(argv[1], false, for_us);
        double bare_hanging = run_bare(group_of(&hanging), for_us);
        printf("round %d\n", i + 1);
        print_run("answers", &healthy, bare_healthy);
        print_run("hangs  ", &hanging, bare_hanging);
        fflush(stdout);
        latency[i] = (double)hanging.p99_us / (double)healthy.p99_us;
        answered[i] = rate_of(&healthy) / bare_healthy;
        silent[i] = rate_of(&hanging) / bare_hanging;
    }
    print_median("p99 with every partner hanging, beside healthy ones", latency, rounds);
    print_median("bookings/s beside bare SQLite, partners healthy", answered, rounds);
    print_median("bookings/s beside bare SQLite, partners hanging", silent, rounds);
    char path[600];
    in_folder("partners.yaml", path);
    unlink(path);
    rmdir(folder);
    return 0;
}
