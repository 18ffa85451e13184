#include "host_world.h"

#include "base/fact.h"
#include "core/store_sqlite.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 2000
#define ZERO_MS 1782926700000 /* 2026-07-01T17:25:00Z */

static bool (*real_commit)(void *self);
static bool commits_fail;

static bool maybe_commit(void *self)
{
    return !commits_fail && real_commit(self);
}

/* What the parties do. */

static void answer(const struct dbk_event *event, struct dbk_effects *effects)
{
    struct dbk_message *response = dbk_response_new(200);
    const char *colour = dbk_message_header(event->message, "X-Colour");
    struct dbk_fact about = dbk_fact_of(DBK_FACT_ANSWER);
    struct dbk_text body = {0};

    about.exchange = event->message->path;
    dbk_text_printf(&body, "%s %s %zu ", event->message->method, event->message->path,
                    event->message->body_length);
    dbk_text_put(&body, event->message->body,
                 event->message->body_length < 100 ? event->message->body_length : 100);
    dbk_message_take_body(response, "text/plain", &body);
    if (colour)
        dbk_message_set_header(response, "X-Colour", colour);
    dbk_effect_answer(effects, event->exchange, response, &about);
}

static void answer_much(const struct dbk_event *event, struct dbk_effects *effects)
{
    struct dbk_message *response = dbk_response_new(200);
    struct dbk_text body = {0};

    dbk_text_reserve(&body, 1 << 21);
    for (size_t i = 0; i < (1 << 20) + 1; i++)
        dbk_text_add_char(&body, 'x');
    dbk_message_take_body(response, "text/plain", &body);
    dbk_effect_answer(effects, event->exchange, response, NULL);
}

static void cut(const struct dbk_event *event, struct dbk_effects *effects)
{
    struct dbk_fact about = dbk_fact_of(DBK_FACT_ANSWER);
    struct dbk_message *response = dbk_response_new(201);
    struct dbk_text body = {0};

    about.exchange = event->message->path;
    dbk_text_add(&body, "{\"id\":\"R-0001\"}");
    dbk_message_take_body(response, "application/json", &body);
    dbk_effect_cut(effects, event->exchange, response, &about);
}

static enum dbk_step_result serve(struct world_party *party, const struct dbk_event *event,
                                  struct dbk_effects *effects)
{
    static const struct {
        const char *path;
        enum dbk_failure failure;
    } breaks[] = {
        {"/reset", DBK_FAILURE_RESET},        {"/close", DBK_FAILURE_CLOSED},
        {"/cut-nothing", DBK_FAILURE_BROKEN}, {"/silence", DBK_FAILURE_TIMED_OUT},
        {"/refuse", DBK_FAILURE_REFUSED},
    };
    const char *path = event->message->path;
    struct dbk_fact about = dbk_fact_of(DBK_FACT_ANSWER);

    party->world->arrivals++;
    about.exchange = path;
    if (party->index == TILL &&
        !dbk_store_put_name(party->world->store, "lagoon", path, party->world->arrivals))
        return DBK_STEP_FAILED;
    if (dbk_same(path, "/fail")) {
        dbk_effect_withhold(effects, event->exchange, &about);
        return DBK_STEP_FAILED;
    }
    for (size_t i = 0; i < DBK_COUNT(breaks); i++)
        if (dbk_same(path, breaks[i].path)) {
            dbk_effect_break(effects, event->exchange, breaks[i].failure, &about);
            return DBK_STEP_DONE;
        }
    if (dbk_same(path, "/never"))
        dbk_effect_withhold(effects, event->exchange, &about);
    else if (dbk_same(path, "/cut"))
        cut(event, effects);
    else if (dbk_same(path, "/much"))
        answer_much(event, effects);
    else if (dbk_same(path, "/later"))
        party->later_exchanges[party->later_count++] = event->exchange;
    else if (!dbk_same(path, "/unanswered"))
        answer(event, effects);
    return DBK_STEP_DONE;
}

static void answer_later_ones(struct world_party *party, struct dbk_effects *effects)
{
    for (size_t i = 0; i < party->later_count; i++) {
        struct dbk_fact about = dbk_fact_of(DBK_FACT_ANSWER);

        about.exchange = "/later";
        dbk_effect_answer(effects, party->later_exchanges[i], dbk_response_new(204), &about);
    }
    party->later_count = 0;
}

static void call(struct world *world, uint64_t tag, struct dbk_effects *effects)
{
    const struct world_call *wanted = &world->calls[tag];
    struct dbk_message *request = dbk_request_new(wanted->method, wanted->path);
    struct dbk_text body = {0};

    dbk_message_set_header(request, "X-Colour", "green");
    dbk_message_set_header(request, "X-Empty", "");
    dbk_text_add(&body, wanted->body);
    if (wanted->body)
        dbk_message_take_body(request, "text/plain", &body);
    dbk_effect_send(effects, &(struct dbk_send){
                                 .to = wanted->to,
                                 .message = request,
                                 .tag = tag,
                                 .timeout_ms = wanted->timeout_ms ? wanted->timeout_ms : 10000,
                                 .send_before_mono_ms =
                                     wanted->send_before_ms ? wanted->send_before_ms : DBK_ABSENT});
}

static void hear(struct world *world, const struct dbk_event *event)
{
    world->ended++;
    dbk_text_printf(&world->trace, "%s: ", world->calls[event->tag].path);
    if (event->kind == DBK_EVENT_FAILED) {
        dbk_text_printf(&world->trace, "%s\n", dbk_failure_name(event->failure));
        return;
    }
    const char *colour = dbk_message_header(event->message, "X-Colour");
    dbk_text_printf(&world->trace, "%d%s%s [%.60s]\n", event->message->status, colour ? " " : "",
                    colour ? colour : "", event->message->body);
}

static enum dbk_step_result step(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects)
{
    static const char *const names[] = {"shop", "till", "caller"};
    struct world_party *party = self;
    struct world *world = party->world;

    (void)chooser;
    world->now_ms = now->mono_ms;
    switch (event->kind) {
    case DBK_EVENT_STARTED:
        if (party->asked_wake_ms)
            dbk_effect_wake(effects, party->asked_wake_ms);
        return DBK_STEP_DONE;
    case DBK_EVENT_REQUEST:
        cr_assert_str_eq(event->from, "somebody");
        return serve(party, event, effects);
    case DBK_EVENT_WAKE:
        if (world->traces_wakes)
            dbk_text_printf(&world->trace, "%s woke%s\n", names[party->index],
                            now->mono_ms < party->asked_wake_ms ? " too early" : "");
        answer_later_ones(party, effects);
        return DBK_STEP_DONE;
    case DBK_EVENT_POKED:
        if (party->index == CALLER) {
            call(world, event->tag, effects);
            return DBK_STEP_DONE;
        }
        return dbk_store_put_name(world->store, "lagoon", "poked", 1) ? DBK_STEP_DONE
                                                                      : DBK_STEP_FAILED;
    case DBK_EVENT_RESPONSE:
    case DBK_EVENT_FAILED:
        hear(world, event);
        return DBK_STEP_DONE;
    }
    return DBK_STEP_DONE;
}

static void forget(void *self)
{
    (void)self;
}

static const struct dbk_machine_ops ops = {.step = step, .forget = forget, .free = forget};

/* The stage. */

static void on_fact(void *context, size_t party, const struct dbk_fact *fact)
{
    struct world *world = context;
    char reads[DBK_INSTANT_TEXT];

    if (!world->traces_facts)
        return;
    dbk_instant_print(fact->reads_ms, reads);
    dbk_text_printf(&world->trace, "%zu %s %s to %s %s %s on %s's %.13s%s\n", party, fact->who,
                    dbk_fact_name(fact->kind), fact->to, fact->exchange, fact->fate, fact->clock,
                    reads, fact->at_ms == DBK_ABSENT ? " at no time" : "");
}

static void on_commit(void *context)
{
    struct world *world = context;

    world->commits_told++;
}

static void open_store(struct world *world)
{
    static struct dbk_store_ops with_failures;
    char why[160] = "";

    world->store = dbk_store_sqlite_open(":memory:", why);
    cr_assert(world->store, "%s", why);
    with_failures = *world->store->ops;
    real_commit = with_failures.commit;
    with_failures.commit = maybe_commit;
    world->store->ops = &with_failures;
    commits_fail = false;
}

static void add(struct world *world, size_t index, const char *name)
{
    char why[160] = "";
    struct world_party *party = &world->parties[index];
    const struct dbk_host_party added = {
        .machine = {.ops = &ops, .self = party, .name = name},
        .listen = index == CALLER ? NULL : "127.0.0.1:0",
        .offset_ms = index == SHOP ? 3600000 : 0,
        .uses_store = index == TILL,
    };
    char url[64];

    party->world = world;
    party->index = index;
    cr_assert_eq(dbk_host_add(world->host, &added, why), index, "%s", why);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", dbk_host_port(world->host, index));
    if (added.listen)
        dbk_host_route(world->host, name, url);
}

void world_open(struct world *world, const struct world_setup *setup)
{
    static const char *const names[] = {"shop", "till", "caller"};
    char why[160] = "";

    *world = (struct world){.calls = setup->calls,
                            .traces_facts = setup->traces_facts,
                            .traces_wakes = setup->traces_wakes};
    signal(SIGPIPE, SIG_IGN);
    open_store(world);
    world->host = dbk_host_new(&(struct dbk_host_config){.scale = setup->scale,
                                                         .zero_ms = ZERO_MS,
                                                         .store = world->store,
                                                         .peer = "somebody",
                                                         .on_fact = on_fact,
                                                         .on_commit = on_commit,
                                                         .context = world},
                               why);
    cr_assert(world->host, "%s", why);
    for (size_t i = 0; i < 3; i++) {
        world->parties[i].asked_wake_ms = setup->wake_ms[i];
        add(world, i, names[i]);
    }
    world_turn(world);
}

void world_shut(struct world *world)
{
    dbk_host_free(world->host);
    dbk_store_free(world->store);
    dbk_text_reset(&world->trace);
}

void world_turn(struct world *world)
{
    char why[160] = "";

    cr_assert(dbk_host_turn(world->host, 20, why), "%s", why);
}

void world_until(struct world *world, const int64_t *value, int64_t wanted)
{
    for (int i = 0; i < TURNS_MAX && *value < wanted; i++)
        world_turn(world);
    cr_assert_geq(*value, wanted, "it never happened");
}

void world_call(struct world *world, size_t n)
{
    int64_t wanted = world->ended;

    for (size_t i = 0; i < n; i++) {
        char why[160] = "";

        dbk_host_poke(world->host, CALLER, i);
        cr_assert(dbk_host_turn(world->host, -1, why), "a poke is no reason to wait: %s", why);
        world_until(world, &world->ended, ++wanted);
    }
}

void world_expect(const struct world *world, const char *trace)
{
    cr_expect_str_eq(world->trace.bytes ? world->trace.bytes : "", trace);
}

void world_fail_commits(struct world *world, bool fails)
{
    (void)world;
    commits_fail = fails;
}

/* The raw client. */

int raw_connect(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0, "%s", strerror(errno));
    return fd;
}

void raw_send(int fd, const char *bytes, size_t length)
{
    cr_assert_eq(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

void raw_ask(int fd, const char *method, const char *path, const char *body)
{
    struct dbk_text text = {0};

    dbk_text_printf(&text,
                    "%s %s HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nX-Colour: red\r\n"
                    "Content-Length: %zu\r\n\r\n%s",
                    method, path, strlen(body), body);
    raw_send(fd, text.bytes, text.length);
    dbk_text_reset(&text);
}

int raw_read(struct world *world, int fd, struct dbk_text *bytes)
{
    char piece[4096];

    for (int i = 0; i < TURNS_MAX; i++) {
        ssize_t got = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

        if (got > 0)
            dbk_text_put(bytes, piece, (size_t)got);
        else if (got == 0)
            return 0;
        else if (errno != EAGAIN)
            return errno;
        else
            world_turn(world);
    }
    cr_assert_fail("the connection never ended");
    return -1;
}

bool raw_is_silent(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}
