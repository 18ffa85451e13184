#include "runner/host_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 128
#define NS_PER_MS INT64_C(1000000)
#define SOURCE_SHIFT 60
#define WAKE_MS_MAX (INT64_MAX / 2 / NS_PER_MS)

/* Time. */

int64_t dbk_host_real_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

int64_t dbk_host_now_ms(const struct dbk_host *host)
{
    return (dbk_host_real_ns() - host->config.origin_ns) * host->config.scale / NS_PER_MS;
}

int64_t dbk_host_wall_ms(const struct party *party)
{
    const struct dbk_host *host = party->host;
    if (host->config.zero_ms != DBK_ABSENT)
        return host->config.zero_ms + host->now_ms + party->offset_ms;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS + party->offset_ms;
}

/* The first real moment at which the scenario's clock shows at_ms. */
static int64_t real_ns_of(const struct dbk_host *host, int64_t at_ms)
{
    int64_t scale = host->config.scale;
    if (at_ms > WAKE_MS_MAX)
        return DBK_HOST_NEVER;
    if (at_ms <= 0)
        return host->config.origin_ns;
    return host->config.origin_ns + (at_ms * NS_PER_MS + scale - 1) / scale;
}

static uint32_t choose(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    struct dbk_host *host = self;
    if (dbk_sites[site].is_adverse)
        return 0;
    return (uint32_t)dbk_draw_below(host->config.seed, dbk_sites[site].name, entity, ++host->draws,
                                    alternatives);
}

/* What all parts need. */

void *dbk_host_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 16;
    return dbk_resize(items, *capacity * size);
}

bool dbk_host_is_transport(const char *header)
{
    static const char *const names[] = {
        "Host", "Connection", "Keep-Alive", "Content-Length", "Transfer-Encoding", "TE",
        "Date", "Trailer",    "Upgrade",    "Expect",         "User-Agent",        "Cookie",
    };
    char start[8] = "";
    snprintf(start, 5, "%s", header);
    if (dbk_same_but_case(start, "sec-"))
        return true;
    snprintf(start, 7, "%s", header);
    if (dbk_same_but_case(start, "accept"))
        return true;
    for (size_t i = 0; i < DBK_COUNT(names); i++)
        if (dbk_same_but_case(header, names[i]))
            return true;
    return false;
}

void dbk_host_take_in(struct dbk_host *host, struct dbk_host_incoming incoming)
{
    host->inbox =
        dbk_host_grow(host->inbox, host->inbox_count, &host->inbox_capacity, sizeof *host->inbox);
    host->inbox[host->inbox_count++] = incoming;
    incoming.party->queued++;
}

bool dbk_host_wait_for(struct dbk_host *host, int fd, uint32_t events, enum dbk_host_source source,
                       uint64_t which)
{
    struct epoll_event event = {.events = events,
                                .data.u64 = (uint64_t)source << SOURCE_SHIFT | which};
    /* A number that was closed and given again may still be known. */
    return epoll_ctl(host->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ||
           (errno == EEXIST && epoll_ctl(host->epoll, EPOLL_CTL_MOD, fd, &event) == 0);
}

/* Tells a fact that the party saw; adds who, when and on which clock. */
static void record(struct party *party, const struct dbk_fact *fact)
{
    struct dbk_host *host = party->host;
    struct dbk_fact told = *fact;
    if (!host->config.on_fact)
        return;
    if (!told.who)
        told.who = party->machine.name;
    told.at_ms = host->now_ms;
    told.clock = party->machine.name;
    told.reads_ms = dbk_host_wall_ms(party);
    host->config.on_fact(host->config.context, party->index, &told);
}

/* Waiting. */

static int64_t due_ns(const struct dbk_host *host, int wait_ms, int64_t now_ns)
{
    int64_t due = wait_ms < 0 ? DBK_HOST_NEVER : now_ns + wait_ms * NS_PER_MS;
    int64_t server = dbk_host_server_due_ns(host, now_ns);
    if (host->inbox_count)
        return now_ns;
    if (server < due)
        due = server;
    if (host->client.due_ns < due)
        due = host->client.due_ns;
    for (size_t i = 0; i < host->party_count; i++) {
        int64_t wake_ms = host->parties[i]->wake_ms;
        int64_t wake_ns = wake_ms == DBK_ABSENT ? DBK_HOST_NEVER : real_ns_of(host, wake_ms);
        if (wake_ns < due)
            due = wake_ns;
    }
    return due;
}

static void call_watch(struct dbk_host *host, int fd)
{
    for (size_t i = 0; i < host->watch_count; i++)
        if (host->watches[i].fd == fd) {
            host->watches[i].ready(host->watches[i].context, fd);
            return;
        }
}

static void dispatch(struct dbk_host *host, const struct epoll_event *event)
{
    uint64_t which = event->data.u64 & ((UINT64_C(1) << SOURCE_SHIFT) - 1), times = 0;
    switch ((enum dbk_host_source)(event->data.u64 >> SOURCE_SHIFT)) {
    case DBK_SOURCE_TIMER:
        (void)!read(host->timer, &times, sizeof times);
        break;
    case DBK_SOURCE_CLIENT:
        dbk_host_client_ready(host, (int)which, event->events);
        break;
    case DBK_SOURCE_PEER:
        dbk_host_server_peer_left(host, which);
        break;
    case DBK_SOURCE_WATCH:
        call_watch(host, (int)which);
        break;
    case DBK_SOURCE_SERVER:
        break;
    }
}

static bool wait(struct dbk_host *host, int wait_ms, char why[static 160])
{
    struct epoll_event events[EVENTS_MAX];
    int64_t now_ns = dbk_host_real_ns();
    int64_t due = due_ns(host, wait_ms, now_ns);
    struct itimerspec at = {0};
    if (due > now_ns) {
        if (due != DBK_HOST_NEVER)
            at.it_value = (struct timespec){.tv_sec = due / (1000 * NS_PER_MS),
                                            .tv_nsec = due % (1000 * NS_PER_MS)};
        timerfd_settime(host->timer, TFD_TIMER_ABSTIME, &at, NULL);
    }
    int count = epoll_wait(host->epoll, events, EVENTS_MAX, due > now_ns ? -1 : 0);
    if (count < 0 && errno != EINTR) {
        snprintf(why, 160, "epoll_wait: %.100s", strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++)
        dispatch(host, &events[i]);
    return true;
}

/* Wakes that have come, in the order of their time and then of the parties. */
static void take_wakes(struct dbk_host *host)
{
    for (;;) {
        struct party *first = NULL;
        for (size_t i = 0; i < host->party_count; i++) {
            struct party *party = host->parties[i];
            if (party->wake_ms != DBK_ABSENT && party->wake_ms <= host->now_ms &&
                (!first || party->wake_ms < first->wake_ms))
                first = party;
        }
        if (!first)
            return;
        first->wake_ms = DBK_ABSENT;
        dbk_host_take_in(host, (struct dbk_host_incoming){.kind = DBK_EVENT_WAKE, .party = first});
    }
}

/* Steps. */

static void retry_later(struct party *party)
{
    int64_t at_ms = party->host->now_ms + DBK_HOST_RETRY_MS * party->host->config.scale;
    if (party->wake_ms == DBK_ABSENT || party->wake_ms > at_ms)
        party->wake_ms = at_ms;
}

/* The turn's transaction is open and has a savepoint for one more step. */
static bool enter(struct dbk_host *host)
{
    struct dbk_store *store = host->config.store;
    if (host->transaction == DBK_TURN_UNBEGUN)
        host->transaction = dbk_store_begin(store) ? DBK_TURN_BEGUN : DBK_TURN_BROKEN;
    if (host->transaction == DBK_TURN_BEGUN && !dbk_store_savepoint(store))
        host->transaction = DBK_TURN_BROKEN;
    return host->transaction == DBK_TURN_BEGUN;
}

static void leave(struct dbk_host *host, bool keeps)
{
    struct dbk_store *store = host->config.store;
    if (!(keeps ? dbk_store_release(store) : dbk_store_rollback_to(store)))
        host->transaction = DBK_TURN_BROKEN;
}

static bool play(struct dbk_host *host, const struct dbk_host_incoming *incoming)
{
    struct party *party = incoming->party;
    struct dbk_now now = {.mono_ms = host->now_ms, .wall_ms = dbk_host_wall_ms(party)};
    struct dbk_event event = {.kind = incoming->kind,
                              .exchange = incoming->exchange,
                              .tag = incoming->tag,
                              .message = incoming->message,
                              .failure = incoming->failure};
    if (incoming->kind == DBK_EVENT_REQUEST)
        event.from = host->config.peer ? host->config.peer : "?";
    return party->machine.ops->step(party->machine.self, &now, &event, &host->chooser,
                                    &host->effects) == DBK_STEP_DONE;
}

static void step(struct dbk_host *host, const struct dbk_host_incoming *incoming)
{
    struct party *party = incoming->party;
    size_t before = host->effects.count;
    if (!party->uses_store || enter(host)) {
        bool done = play(host, incoming);
        if (party->uses_store)
            leave(host, done);
        if (!done) {
            dbk_effects_clear(&host->effects, before);
            if (incoming->exchange)
                dbk_effect_answer(&host->effects, incoming->exchange, dbk_response_new(503), NULL);
            else
                retry_later(party);
        }
    }
    host->spans =
        dbk_host_grow(host->spans, host->span_count, &host->span_capacity, sizeof *host->spans);
    host->spans[host->span_count++] = (struct dbk_host_span){
        .party = party, .exchange = incoming->exchange, .end = host->effects.count};
}

/* Handles what has come in so far; what effects add comes in the next turn. */
static void run_steps(struct dbk_host *host)
{
    struct dbk_host_incoming *batch = host->inbox;
    size_t count = host->inbox_count, capacity = host->inbox_capacity;
    host->inbox = host->batch;
    host->inbox_capacity = host->batch_capacity;
    host->inbox_count = 0;
    host->batch = batch;
    host->batch_capacity = capacity;
    for (size_t i = 0; i < count; i++) {
        batch[i].party->queued--;
        step(host, &batch[i]);
        dbk_message_free(batch[i].message);
    }
}

/* False: what the turn's steps wrote is not in the store. */
static bool commit(struct dbk_host *host)
{
    struct dbk_store *store = host->config.store;
    if (host->transaction == DBK_TURN_UNBEGUN)
        return true;
    bool is_whole = host->transaction == DBK_TURN_BEGUN;
    bool wrote = is_whole && dbk_store_writes(store) > 0;
    host->transaction = DBK_TURN_UNBEGUN;
    if (!is_whole || !dbk_store_commit(store)) {
        dbk_store_rollback(store);
        return false;
    }
    host->counts.commits += wrote;
    if (wrote && host->config.on_commit)
        host->config.on_commit(host->config.context);
    return true;
}

/* Effects. */

static size_t find_party(const struct dbk_host *host, const char *name)
{
    size_t at = 0;
    while (at < host->party_count && strcmp(host->parties[at]->machine.name, name) != 0)
        at++;
    return at;
}

static const char *break_off(struct dbk_host *host, struct dbk_effect *effect)
{
    static const enum dbk_host_ending endings[DBK_FAILURES] = {
        [DBK_FAILURE_RESET] = DBK_ENDING_RST,
        [DBK_FAILURE_CLOSED] = DBK_ENDING_FIN,
        [DBK_FAILURE_REFUSED] = DBK_ENDING_FIN, /* too late for that: it has been accepted */
        [DBK_FAILURE_TOO_LATE] = DBK_ENDING_FIN,
    };
    if (effect->failure == DBK_FAILURE_BROKEN) {
        dbk_host_server_cut(host, effect->exchange, effect->message);
        effect->message = NULL;
    } else if (endings[effect->failure] == DBK_ENDING_NONE) {
        dbk_host_server_withhold(host, effect->exchange);
    } else {
        dbk_host_server_break(host, effect->exchange, endings[effect->failure]);
    }
    return "lost";
}

static const char *answer(struct dbk_host *host, struct dbk_effect *effect)
{
    bool is_in_time = dbk_host_server_answer(host, effect->exchange, effect->message);
    effect->message = NULL;
    return is_in_time ? "delivered" : "late";
}

static void end_exchange(struct party *party, struct dbk_effect *effect)
{
    struct dbk_host *host = party->host;
    const char *fate = "lost";
    if (!dbk_host_server_owes(host, party, effect->exchange))
        return;
    if (effect->kind == DBK_EFFECT_ANSWER)
        fate = answer(host, effect);
    else if (effect->kind == DBK_EFFECT_BREAK)
        fate = break_off(host, effect);
    else
        dbk_host_server_withhold(host, effect->exchange);
    if (!effect->has_fact)
        return;
    struct dbk_fact fact = effect->fact;
    fact.kind = DBK_FACT_ANSWER;
    fact.fate = fate;
    if (!fact.to)
        fact.to = host->config.peer ? host->config.peer : "?";
    record(party, &fact);
}

static void release(struct party *party, struct dbk_effect *effect)
{
    size_t fellow = 0;
    switch (effect->kind) {
    case DBK_EFFECT_ANSWER:
    case DBK_EFFECT_BREAK:
    case DBK_EFFECT_WITHHOLD:
        end_exchange(party, effect);
        break;
    case DBK_EFFECT_SEND:
        dbk_host_client_send(party, effect);
        break;
    case DBK_EFFECT_WAKE:
        party->wake_ms = effect->wake_mono_ms;
        break;
    case DBK_EFFECT_POKE:
        fellow = find_party(party->host, effect->to);
        if (fellow < party->host->party_count)
            dbk_host_poke(party->host, fellow, effect->tag);
        break;
    case DBK_EFFECT_FACT:
        record(party, &effect->fact);
        break;
    }
}

static void drop(const struct dbk_host_span *span)
{
    struct dbk_host *host = span->party->host;
    retry_later(span->party);
    if (span->exchange && dbk_host_server_owes(host, span->party, span->exchange))
        dbk_host_server_break(host, span->exchange, DBK_ENDING_RST);
}

static void release_all(struct dbk_host *host, bool is_committed)
{
    size_t at = 0;
    for (size_t i = 0; i < host->span_count; i++) {
        struct dbk_host_span span = host->spans[i];
        bool is_void = span.party->uses_store && !is_committed;
        for (; at < span.end; at++)
            if (!is_void)
                release(span.party, &host->effects.items[at]);
        if (is_void)
            drop(&span);
        if (span.exchange)
            dbk_host_server_watch(host, span.exchange);
    }
    host->span_count = 0;
    dbk_effects_clear(&host->effects, 0);
    if (!host->config.arena)
        dbk_arena_reset(&host->arena);
}

bool dbk_host_turn(struct dbk_host *host, int wait_ms, char why[static 160])
{
    host->counts.turns++;
    if (!wait(host, wait_ms, why))
        return false;
    host->now_ms = dbk_host_now_ms(host);
    take_wakes(host);
    bool is_served = dbk_host_server_run(host);
    dbk_host_client_run(host, dbk_host_real_ns());
    if (host->inbox_count) {
        run_steps(host);
        bool is_committed = commit(host);
        host->now_ms = dbk_host_now_ms(host);
        release_all(host, is_committed);
        is_served = dbk_host_server_run(host) && is_served; /* so that answers leave now */
    }
    if (!is_served)
        snprintf(why, 160, "libmicrohttpd: its event loop is broken");
    return is_served;
}

/* From outside. */

void dbk_host_poke(struct dbk_host *host, size_t party, uint64_t tag)
{
    dbk_host_take_in(host, (struct dbk_host_incoming){
                               .kind = DBK_EVENT_POKED, .party = host->parties[party], .tag = tag});
}

void dbk_host_watch(struct dbk_host *host, int fd, void (*ready)(void *context, int fd),
                    void *context)
{
    if (!dbk_host_wait_for(host, fd, EPOLLIN, DBK_SOURCE_WATCH, (uint64_t)fd))
        return;
    host->watches = dbk_host_grow(host->watches, host->watch_count, &host->watch_capacity,
                                  sizeof *host->watches);
    host->watches[host->watch_count++] =
        (struct dbk_host_watch){.fd = fd, .ready = ready, .context = context};
}

void dbk_host_unwatch(struct dbk_host *host, int fd)
{
    for (size_t i = 0; i < host->watch_count; i++)
        if (host->watches[i].fd == fd) {
            epoll_ctl(host->epoll, EPOLL_CTL_DEL, fd, NULL);
            host->watches[i] = host->watches[--host->watch_count];
            return;
        }
}

bool dbk_host_is_idle(const struct dbk_host *host, size_t first, size_t end)
{
    for (size_t i = first; i < host->party_count && i < end; i++) {
        const struct party *party = host->parties[i];
        if (party->wake_ms != DBK_ABSENT || party->open_in || party->open_out || party->queued)
            return false;
    }
    return true;
}

void dbk_host_stop_listening(struct dbk_host *host)
{
    dbk_host_server_close(host);
}

struct dbk_host_counts dbk_host_counts(const struct dbk_host *host)
{
    return host->counts;
}

/* Set-up. */

struct dbk_host *dbk_host_new(const struct dbk_host_config *config, char why[static 160])
{
    struct dbk_host *host = dbk_alloc(sizeof *host);
    host->config = *config;
    if (!host->config.origin_ns)
        host->config.origin_ns = dbk_host_real_ns();
    if (host->config.scale < 1)
        host->config.scale = 1;
    host->effects.arena = config->arena ? config->arena : &host->arena;
    host->chooser = (struct dbk_chooser){.choose = choose, .self = host};
    if (config->chooser)
        host->chooser = *config->chooser;
    host->client.due_ns = DBK_HOST_NEVER;
    host->epoll = epoll_create1(EPOLL_CLOEXEC);
    host->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (host->epoll < 0 || host->timer < 0 ||
        !dbk_host_wait_for(host, host->timer, EPOLLIN, DBK_SOURCE_TIMER, 0)) {
        snprintf(why, 160, "no event loop: %.100s", strerror(errno));
    } else if (dbk_host_client_open(host, why)) {
        host->now_ms = dbk_host_now_ms(host);
        return host;
    }
    dbk_host_free(host);
    return NULL;
}

size_t dbk_host_add(struct dbk_host *host, const struct dbk_host_party *from, char why[static 160])
{
    struct party *party = dbk_alloc(sizeof *party);
    assert(!from->uses_store || host->config.store);
    *party = (struct party){.host = host,
                            .index = host->party_count,
                            .machine = from->machine,
                            .offset_ms = from->offset_ms,
                            .wake_ms = DBK_ABSENT,
                            .uses_store = from->uses_store};
    if (from->listen && !dbk_host_server_open(party, from->listen, why)) {
        free(party);
        return SIZE_MAX;
    }
    host->parties = dbk_host_grow(host->parties, host->party_count, &host->party_capacity,
                                  sizeof *host->parties);
    host->parties[host->party_count++] = party;
    dbk_host_take_in(host, (struct dbk_host_incoming){.kind = DBK_EVENT_STARTED, .party = party});
    return party->index;
}

int dbk_host_port(const struct dbk_host *host, size_t party)
{
    return host->parties[party]->port;
}

void dbk_host_free(struct dbk_host *host)
{
    if (!host)
        return;
    dbk_host_server_free(host);
    dbk_host_client_free(host);
    for (size_t i = 0; i < host->inbox_count; i++)
        dbk_message_free(host->inbox[i].message);
    free(host->inbox);
    free(host->batch);
    free(host->spans);
    free(host->watches);
    for (size_t i = 0; i < host->party_count; i++)
        free(host->parties[i]);
    free(host->parties);
    dbk_effects_reset(&host->effects);
    dbk_arena_free(&host->arena);
    if (host->timer >= 0)
        close(host->timer);
    if (host->epoll >= 0)
        close(host->epoll);
    free(host);
}
