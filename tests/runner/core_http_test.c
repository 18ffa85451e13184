/* The wrapper around the core's machines, stepped by hand; the machines within only count. */
#include "runner/core_http.h"

#include "core/store_sqlite.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(core_http, .timeout = 20);

struct counter {
    int steps;
};

static enum dbk_step_result count_step(void *self, const struct dbk_now *now,
                                       const struct dbk_event *event,
                                       const struct dbk_chooser *chooser,
                                       struct dbk_effects *effects)
{
    struct counter *counter = self;
    (void)now, (void)event, (void)chooser, (void)effects;
    counter->steps++;
    return DBK_STEP_DONE;
}

static void do_nothing(void *self)
{
    (void)self;
}

static const struct dbk_machine_ops counter_ops = {
    .step = count_step, .forget = do_nothing, .free = do_nothing};

struct world {
    struct counter api, worker;
    struct dbk_store *store;
    struct dbk_host *host;
    struct dbk_core_http http;
    struct dbk_arena arena;
    struct dbk_effects effects; /* of the last step */
    struct dbk_now now;
};

static struct world *world_new(void)
{
    struct world *world = dbk_alloc(sizeof *world);
    const struct dbk_host_config config = {.scale = 1, .zero_ms = 0};
    char why[160] = "";
    world->store = dbk_store_sqlite_open(":memory:", why);
    world->host = dbk_host_new(&config, why);
    cr_assert(world->store && world->host, "%s", why);
    world->http = (struct dbk_core_http){
        .api = {.ops = &counter_ops, .self = &world->api, .name = "core.api"},
        .worker = {.ops = &counter_ops, .self = &world->worker, .name = "core.worker"},
        .store = world->store,
        .host = world->host,
        .worked_turn = -1,
    };
    world->effects.arena = &world->arena;
    world->now = (struct dbk_now){.mono_ms = 5000, .wall_ms = 1000000};
    return world;
}

static void world_free(struct world *world)
{
    dbk_host_free(world->host);
    dbk_store_free(world->store);
    dbk_effects_reset(&world->effects);
    dbk_arena_free(&world->arena);
    free(world);
}

static void turn(struct world *world)
{
    char why[160] = "";
    cr_assert(dbk_host_turn(world->host, 0, why), "%s", why);
}

/* True if the worker within was stepped; else *wake_ms is the wake that was asked for instead. */
static bool work(struct world *world, enum dbk_event_kind kind, int64_t *wake_ms)
{
    struct dbk_machine worker = dbk_core_http_worker(&world->http);
    const struct dbk_event event = {.kind = kind};
    int before = world->worker.steps;
    dbk_effects_clear(&world->effects, 0);
    *wake_ms = DBK_ABSENT;
    cr_assert_eq(worker.ops->step(worker.self, &world->now, &event, NULL, &world->effects),
                 DBK_STEP_DONE);
    if (world->effects.count > 0)
        *wake_ms = world->effects.items[0].wake_mono_ms;
    return world->worker.steps > before;
}

/* The answer of the wrapper itself, or NULL if the API within was asked. */
static const struct dbk_message *ask(struct world *world, const char *method, const char *path,
                                     const char *authorization)
{
    struct dbk_machine api = dbk_core_http_api(&world->http);
    struct dbk_message *request = dbk_request_new(method, path);
    const struct dbk_event event = {.kind = DBK_EVENT_REQUEST, .exchange = 7, .message = request};
    if (authorization)
        dbk_message_set_header(request, "Authorization", authorization);
    dbk_effects_clear(&world->effects, 0);
    cr_assert_eq(api.ops->step(api.self, &world->now, &event, NULL, &world->effects),
                 DBK_STEP_DONE);
    dbk_message_free(request);
    if (world->effects.count == 0)
        return NULL;
    cr_assert_eq(world->effects.items[0].exchange, 7);
    return world->effects.items[0].message;
}

static void put_job(struct world *world, int64_t booking, int64_t at_ms)
{
    cr_assert(dbk_store_begin(world->store));
    cr_assert(dbk_store_put_job(world->store, booking, at_ms));
    cr_assert(dbk_store_commit(world->store));
}

Test(core_http, has_the_worker_take_up_work_once_a_turn)
{
    struct world *world = world_new();
    int64_t wake_ms;

    cr_assert(work(world, DBK_EVENT_STARTED, &wake_ms));
    cr_assert_not(work(world, DBK_EVENT_POKED, &wake_ms));
    cr_assert_eq(wake_ms, 5000, "no poke is lost: it looks again in the next turn");
    turn(world);
    cr_assert(work(world, DBK_EVENT_WAKE, &wake_ms));
    cr_assert_not(work(world, DBK_EVENT_WAKE, &wake_ms));
    world_free(world);
}

/* Travellers first, but not for ever. */
Test(core_http, has_the_worker_wait_while_many_requests_come_in)
{
    struct world *world = world_new();
    int64_t wake_ms;

    cr_assert(work(world, DBK_EVENT_STARTED, &wake_ms));
    for (int i = 1; i < 4; i++) {
        turn(world);
        for (int k = 0; k < 8; k++)
            cr_assert_null(ask(world, "POST", "/bookings", NULL));
        cr_assert_not(work(world, DBK_EVENT_POKED, &wake_ms), "turn %d", i);
        cr_assert_eq(wake_ms, 5000);
    }
    turn(world);
    for (int k = 0; k < 8; k++)
        cr_assert_null(ask(world, "POST", "/bookings", NULL));
    cr_assert(work(world, DBK_EVENT_POKED, &wake_ms));
    turn(world);
    for (int k = 0; k < 7; k++)
        cr_assert_null(ask(world, "POST", "/bookings", NULL));
    cr_assert(work(world, DBK_EVENT_POKED, &wake_ms), "seven are not many");
    world_free(world);
}

Test(core_http, has_the_worker_hear_what_it_asked_for_even_while_draining)
{
    struct world *world = world_new();
    int64_t wake_ms;

    world->http.is_draining = true;
    cr_assert_not(work(world, DBK_EVENT_STARTED, &wake_ms));
    cr_assert_not(work(world, DBK_EVENT_POKED, &wake_ms));
    cr_assert_not(work(world, DBK_EVENT_WAKE, &wake_ms));
    cr_assert_eq(wake_ms, DBK_ABSENT, "draining ends in nothing left to wait for");
    cr_assert(work(world, DBK_EVENT_RESPONSE, &wake_ms));
    cr_assert(work(world, DBK_EVENT_FAILED, &wake_ms));
    world_free(world);
}

/* Asks the silent one as often as may be when it starts. */
static enum dbk_step_result ask_all(void *self, const struct dbk_now *now,
                                    const struct dbk_event *event,
                                    const struct dbk_chooser *chooser, struct dbk_effects *effects)
{
    (void)self, (void)chooser;
    for (int i = 0; i < DBK_CORE_OPEN_MAX && event->kind == DBK_EVENT_STARTED; i++)
        dbk_effect_send(effects, &(struct dbk_send){
                                     .to = "silent",
                                     .message = dbk_request_new("GET", "/"),
                                     .timeout_ms = 60000,
                                     .send_before_mono_ms = now->mono_ms + 60000,
                                 });
    return DBK_STEP_DONE;
}

Test(core_http, has_the_worker_take_up_nothing_while_too_many_requests_are_open)
{
    static const struct dbk_machine_ops ops = {
        .step = ask_all, .forget = do_nothing, .free = do_nothing};
    struct world *world = world_new();
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    char base[40], why[160] = "";
    int64_t wake_ms;
    int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_eq(bind(silent, (struct sockaddr *)&address, length), 0);
    cr_assert_eq(listen(silent, DBK_CORE_OPEN_MAX), 0);
    cr_assert_eq(getsockname(silent, (struct sockaddr *)&address, &length), 0);
    snprintf(base, sizeof base, "http://127.0.0.1:%d", ntohs(address.sin_port));
    dbk_host_route(world->host, "silent", base);
    cr_assert_neq(dbk_host_add(world->host,
                               &(struct dbk_host_party){.machine = {.ops = &ops, .name = "asker"}},
                               why),
                  SIZE_MAX);
    cr_assert(work(world, DBK_EVENT_STARTED, &wake_ms));
    turn(world);
    cr_assert_eq(dbk_host_counts(world->host).open_out, DBK_CORE_OPEN_MAX);
    cr_assert_not(work(world, DBK_EVENT_POKED, &wake_ms));
    cr_assert_eq(wake_ms, 5000 + 1000);
    cr_assert(work(world, DBK_EVENT_RESPONSE, &wake_ms));
    close(silent);
    world_free(world);
}

Test(core_http, tells_its_health)
{
    struct world *world = world_new();

    const struct dbk_message *answer = ask(world, "GET", "/health", NULL);
    cr_assert_eq(answer->status, 200);
    cr_assert_str_eq(dbk_message_header(answer, "Content-Type"), "application/json");
    cr_assert_str_eq(answer->body, "{\"status\":\"ok\",\"jobs\":0,\"due_ms\":null}");
    put_job(world, 1, 1000250);
    cr_assert_str_eq(ask(world, "GET", "/health", NULL)->body,
                     "{\"status\":\"ok\",\"jobs\":1,\"due_ms\":250}");
    put_job(world, 2, 999999);
    cr_assert_str_eq(ask(world, "GET", "/health?a=b", NULL)->body,
                     "{\"status\":\"ok\",\"jobs\":2,\"due_ms\":0}");
    world->http.is_draining = true;
    cr_assert_str_eq(ask(world, "GET", "/health", NULL)->body,
                     "{\"status\":\"draining\",\"jobs\":2,\"due_ms\":0}");
    cr_assert_eq(ask(world, "POST", "/health", NULL)->status, 405);
    cr_assert_null(ask(world, "GET", "/healthy", NULL));
    cr_assert_null(ask(world, "GET", "/health/", NULL));
    world_free(world);
}

Test(core_http, tells_its_metrics)
{
    struct world *world = world_new();

    turn(world);
    turn(world);
    put_job(world, 1, 5);
    const struct dbk_message *answer = ask(world, "GET", "/metrics", NULL);
    cr_assert_eq(answer->status, 200);
    cr_assert_str_eq(dbk_message_header(answer, "Content-Type"),
                     "text/plain; version=0.0.4; charset=utf-8");
    cr_assert_str_eq(answer->body,
                     "# HELP doublebook_bookings Bookings by status.\n"
                     "# TYPE doublebook_bookings gauge\n"
                     "doublebook_bookings{status=\"received\"} 0\n"
                     "doublebook_bookings{status=\"pending\"} 0\n"
                     "doublebook_bookings{status=\"confirmed\"} 0\n"
                     "doublebook_bookings{status=\"cancelled\"} 0\n"
                     "doublebook_bookings{status=\"rejected\"} 0\n"
                     "doublebook_bookings{status=\"expired\"} 0\n"
                     "# HELP doublebook_jobs Bookings with work left to do.\n"
                     "# TYPE doublebook_jobs gauge\n"
                     "doublebook_jobs 1\n"
                     "# HELP doublebook_requests_total Requests answered here, and sent to "
                     "partners.\n"
                     "# TYPE doublebook_requests_total counter\n"
                     "doublebook_requests_total{direction=\"in\"} 0\n"
                     "doublebook_requests_total{direction=\"out\"} 0\n"
                     "# HELP doublebook_open_exchanges Requests that wait for their answer.\n"
                     "# TYPE doublebook_open_exchanges gauge\n"
                     "doublebook_open_exchanges{direction=\"in\"} 0\n"
                     "doublebook_open_exchanges{direction=\"out\"} 0\n"
                     "# HELP doublebook_commits_total Commits of the store.\n"
                     "# TYPE doublebook_commits_total counter\n"
                     "doublebook_commits_total 0\n"
                     "# HELP doublebook_turns_total Turns of the event loop.\n"
                     "# TYPE doublebook_turns_total counter\n"
                     "doublebook_turns_total 2\n");
    world_free(world);
}

/* Before anything else is looked at, the program's own paths too. */
Test(core_http, asks_for_a_token_where_there_are_any)
{
    static const char text[] = "traveller traveller-0123456789\n";
    struct world *world = world_new();
    struct dbk_complaints complaints = {0};
    char path[] = "/tmp/dbk-tokens-XXXXXX";
    int file = mkstemp(path);

    cr_assert_eq(write(file, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(file);
    struct dbk_tokens *tokens = dbk_tokens_load(path, &complaints);
    unlink(path);
    cr_assert_not_null(tokens);
    world->http.tokens = tokens;

    const struct dbk_message *answer = ask(world, "GET", "/health", NULL);
    cr_assert_eq(answer->status, 401);
    cr_assert_str_eq(dbk_message_header(answer, "WWW-Authenticate"), "Bearer");
    cr_assert_str_eq(dbk_message_header(answer, "Content-Type"), "application/problem+json");
    cr_assert_eq(ask(world, "POST", "/bookings", NULL)->status, 401);
    answer = ask(world, "GET", "/metrics", "Bearer traveller-0123456789");
    cr_assert_eq(answer->status, 403);
    cr_assert_null(dbk_message_header(answer, "WWW-Authenticate"));
    cr_assert_eq(ask(world, "GET", "/health", "Bearer traveller-0123456789")->status, 200);
    cr_assert_null(ask(world, "POST", "/bookings", "Bearer traveller-0123456789"));
    cr_assert_eq(world->api.steps, 1);
    dbk_tokens_free(tokens);
    world_free(world);
}
