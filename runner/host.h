/* host: machines over real HTTP: one epoll loop with libmicrohttpd and libcurl.
 *
 * The live counterpart of the simulated stage's network, used twice: by `doublebook core` for the
 * core's two machines over one store, and by the live stage for fake partners and persons. The
 * same messages, events and effects; what a machine does not ask for never happens: no POST is
 * ever sent twice, every request on a connection of its own.
 *
 * A turn: wait, collect what came in, then begin; a step per event, each in a savepoint; one commit
 * for all steps of the turn over the store; and only then the effects (group commit). A commit that
 * fails drops the effects and breaks off the requests of the turn. A step that fails, and each
 * party of a turn that was not committed, is woken again DBK_HOST_RETRY_MS later: what it wanted to
 * be woken for is lost with its effects, what it has to do stands in the store.
 *
 * What a client sees: an answer; silence (withheld, or broken off as timed out) until it leaves; a
 * reset, an end without a byte, or an answer whose body ends in the middle (broken off). A client
 * that closes its sending side has left. A body over 1 MiB is answered 413, one far over it cut
 * off; more headers than a message keeps are answered 431, for the one left out may be a token.
 *
 * What became of a request: a usable answer has its headers whole and as many bytes as they
 * announce, at most 1 MiB. Refused means never connected; everything else may have been executed.
 *
 * Time: mono_ms = (CLOCK_MONOTONIC - origin) x scale, the same in every process that was given
 * the same origin; wall_ms = zero + mono_ms + the party's offset. All times and timeouts that
 * machines give are scenario time; the host divides by scale. Nothing here depends on signals,
 * but the caller ignores SIGPIPE.
 * Next: host.c, host_server.c (libmicrohttpd), host_client.c (libcurl), live.h.
 */
#ifndef DBK_RUNNER_HOST_H
#define DBK_RUNNER_HOST_H

#include "base/machine.h"
#include "core/store.h"

#define DBK_HOST_RETRY_MS 250 /* real time */

struct dbk_host; /* opaque */

struct dbk_host_config {
    int64_t origin_ns; /* CLOCK_MONOTONIC at scenario time 0; 0: now */
    int64_t scale;     /* scenario milliseconds per real millisecond, from 1 */
    int64_t zero_ms;   /* epoch ms at scenario time 0; DBK_ABSENT: the real wall clock is told */
    uint64_t seed;     /* of neutral choices (back-off jitter) */
    const struct dbk_chooser
        *chooser;            /* borrowed port; NULL: neutral ones by seed, no adverse ones */
    struct dbk_store *store; /* of the parties that have one; borrowed; NULL: none */
    struct dbk_arena *arena; /* strings of facts go here; borrowed; NULL: the host's own, emptied
                                after each turn */
    const char *peer;        /* who sends the requests that come in; NULL: "?". HTTP does not say */
    /* What happened at this end, for the history; NULL: not wanted. fact is borrowed. party: index.
     * The host adds who (unless set), at_ms, clock (the party's name) and reads_ms. An answer that
     * was about something is told when it leaves: "delivered", "late" (the client had left) or
     * "lost" (withheld, broken off). */
    void (*on_fact)(void *context, size_t party, const struct dbk_fact *fact);
    /* Another turn has been committed that wrote to the store. NULL: not wanted. */
    void (*on_commit)(void *context);
    void *context;
};

struct dbk_host_party {
    struct dbk_machine machine; /* borrowed; never freed here */
    const char *listen;         /* "127.0.0.1:0", "[::1]:8080" (port 0: any free one; numeric
                                   only) or NULL: it only sends */
    int64_t offset_ms;          /* of its clock */
    bool uses_store;            /* its steps are part of the turn's transaction */
};

/* NULL with why; dbk_host_free ends every connection, also suspended ones, and every transfer. */
struct dbk_host *dbk_host_new(const struct dbk_host_config *config, char why[static 160]);
void dbk_host_free(struct dbk_host *host); /* NULL is fine */

/* Adds a party and sends it DBK_EVENT_STARTED in the first turn. Gives its index, or SIZE_MAX with
 * why (no such address, in use, ...). Which addresses are fit to listen on is the caller's. */
DBK_CHECKED size_t dbk_host_add(struct dbk_host *host, const struct dbk_host_party *party,
                                char why[static 160]);
int dbk_host_port(const struct dbk_host *host, size_t party); /* bound port; 0: does not listen */

/* Where requests to a name go: a base URL "http://127.0.0.1:4711". Replaces an earlier route. */
void dbk_host_route(struct dbk_host *host, const char *name, const char *base_url);

/* A poke with this tag in the next turn. */
void dbk_host_poke(struct dbk_host *host, size_t party, uint64_t tag);

/* Another descriptor to wait for (a pidfd, a signalfd): ready is called in the turn it is readable.
 */
void dbk_host_watch(struct dbk_host *host, int fd, void (*ready)(void *context, int fd),
                    void *context);
void dbk_host_unwatch(struct dbk_host *host, int fd);

/* One turn; waits at most wait_ms real milliseconds (-1: until something happens). False: the loop
 * itself is broken, why says how. */
DBK_CHECKED bool dbk_host_turn(struct dbk_host *host, int wait_ms, char why[static 160]);

int64_t dbk_host_now_ms(const struct dbk_host *host); /* scenario time */

/* True if no exchange is open on either side, nothing is poked and no party wants a wake; of the
 * parties from first on, before end (SIZE_MAX: all). For the end of a run and for draining. */
bool dbk_host_is_idle(const struct dbk_host *host, size_t first, size_t end);

/* No new connections from now on; open ones go on. For SIGTERM. */
void dbk_host_stop_listening(struct dbk_host *host);

struct dbk_host_counts {
    int64_t requests_in, requests_out; /* taken in; sent */
    int64_t turns, commits;            /* commits: of turns that wrote */
    size_t open_in, open_out;          /* taken in and their connection not done; not yet ended */
};
struct dbk_host_counts dbk_host_counts(const struct dbk_host *host); /* for /metrics and tests */

#endif
