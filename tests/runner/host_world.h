/* host_world: a host with three tiny parties, and a bare TCP client beside it.
 *
 * "shop" listens and does what the path asks; "till" listens and writes to a store first; "caller"
 * asks them over the host's own client. What happens is a line of the trace each. A raw client
 * sees bytes and ends of connections, as a stranger would. Nothing waits by the clock: the host is
 * turned until something has happened, and a bound on turns ends a test that would wait forever.
 */
#ifndef DBK_TESTS_HOST_WORLD_H
#define DBK_TESTS_HOST_WORLD_H

#include "runner/host.h"

enum { SHOP, TILL, CALLER };

#define WORLD_CALLS_MAX 16

/* A request that the caller sends when it is poked with the index of the call. */
struct world_call {
    const char *to, *method, *path, *body;
    int64_t timeout_ms, send_before_ms; /* 0: 10 s; 0: never too late */
};

struct world;

struct world_party {
    struct world *world;
    size_t index;
    int64_t asked_wake_ms;       /* with STARTED; 0: none */
    uint64_t later_exchanges[4]; /* answered at the next wake */
    size_t later_count;
};

struct world {
    struct dbk_host *host;
    struct dbk_store *store;
    struct dbk_arena arena;
    struct dbk_text trace;
    struct world_party parties[3];
    const struct world_call *calls;
    int64_t arrivals, ended; /* requests that a machine got; calls that are over */
    int64_t now_ms;          /* of the last step */
    int64_t commits_told;
    bool traces_facts, traces_wakes;
};

struct world_setup {
    int64_t scale;      /* 0: 1 */
    int64_t wake_ms[3]; /* by party */
    const struct world_call *calls;
    bool traces_facts, traces_wakes;
};

void world_open(struct world *world, const struct world_setup *setup);
void world_shut(struct world *world);
void world_turn(struct world *world); /* one turn, at most 20 ms */
/* Pokes the caller for its first n calls and turns until they are over. */
void world_call(struct world *world, size_t n);
/* Turns until *value is at least wanted; a failed assertion if it never is. */
void world_until(struct world *world, const int64_t *value, int64_t wanted);
void world_expect(const struct world *world, const char *trace);

/* The next commits fail, until told otherwise. */
void world_fail_commits(struct world *world, bool fails);

/* A bare client: connects without waiting; sends; reads on. */
int raw_connect(int port);
void raw_send(int fd, const char *bytes, size_t length);
void raw_ask(int fd, const char *method, const char *path, const char *body);
/* Turns the host until the connection ends. Gives 0 (FIN) or the errno. */
int raw_read(struct world *world, int fd, struct dbk_text *bytes);
/* True if nothing at all has come. */
bool raw_is_silent(int fd);

#endif
