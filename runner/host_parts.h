/* host_parts: the state of a host, and what its three parts call of each other.
 *
 * Private to the host. host.c: the turn, its transaction and its effects; host_server.c: requests
 * that come in; host_client.c: requests that go out. The two ends know nothing of each other.
 */
#ifndef DBK_RUNNER_HOST_PARTS_H
#define DBK_RUNNER_HOST_PARTS_H

#include "runner/host.h"

#include <curl/curl.h>
#include <microhttpd.h>

#define DBK_HOST_BODY_MAX (1 << 20) /* bytes of a body, either way */
#define DBK_HOST_NEVER INT64_MAX    /* a deadline that never comes */

/* What an epoll event is about stands above bit 60 of its data; which one, below. */
enum dbk_host_source {
    DBK_SOURCE_TIMER,
    DBK_SOURCE_SERVER, /* a daemon of libmicrohttpd: it is run every turn anyway */
    DBK_SOURCE_CLIENT, /* a socket of libcurl: the descriptor */
    DBK_SOURCE_PEER,   /* the client of an open exchange: the exchange's id */
    DBK_SOURCE_WATCH   /* somebody else's descriptor */
};

struct dbk_host_incoming {
    enum dbk_event_kind kind;
    struct party *party;
    uint64_t exchange, tag;
    struct dbk_message *message; /* owned */
    enum dbk_failure failure;
};

struct party {
    struct dbk_host *host;
    size_t index;
    struct dbk_machine machine;
    int64_t offset_ms, wake_ms; /* wake: DBK_ABSENT: none */
    bool uses_store;
    struct MHD_Daemon *daemon; /* NULL: does not listen */
    int port;
    size_t open_in, open_out, queued; /* exchanges; events of it in the inbox */
};

/* Ways in which a connection ends that is not answered. */
enum dbk_host_ending { DBK_ENDING_NONE, DBK_ENDING_FIN, DBK_ENDING_RST };

/* A request that came in. It lives until its connection is done with it and, if a machine has been
 * handed it, until that has answered: the client may leave first. */
struct dbk_host_request {
    struct party *party;
    uint64_t id;                       /* 0: no machine has seen it yet */
    struct MHD_Connection *connection; /* NULL: over */
    struct dbk_message *message;       /* owned; NULL: handed on, or not begun */
    char *path;                        /* owned; before the message */
    struct dbk_text body;
    size_t received; /* bytes of the body, kept or not */
    bool has_begun, is_suspended, is_watched, is_answered;
    bool has_too_many_headers; /* for a message: some were not kept */
    bool has_left;             /* the client, while it was waited for */
    enum dbk_host_ending ending;
};

/* Ids are slot + 1 and, above bit 32, how often the slot was used before. */
struct dbk_host_slot {
    struct dbk_host_request *request; /* NULL: free */
    uint32_t uses;
};

struct dbk_host_server {
    struct dbk_host_slot *slots; /* owned */
    size_t slot_count, slot_capacity;
    size_t *free_slots; /* owned */
    size_t free_count, free_capacity;
    bool is_closed; /* no new connections */
    bool is_ending; /* the host goes: whatever comes is cut off */
};

struct dbk_host_client {
    CURLM *multi;
    int64_t due_ns; /* libcurl's timer */
    struct dbk_host_transfer *first;
    struct dbk_host_route *routes; /* owned */
    size_t route_count, route_capacity;
};

/* What one step put, and for which event. */
struct dbk_host_span {
    struct party *party;
    uint64_t exchange; /* of a request, or 0 */
    size_t end;        /* in the turn's effects */
};

struct dbk_host_watch {
    int fd;
    void (*ready)(void *context, int fd);
    void *context;
};

struct dbk_host {
    struct dbk_host_config config;
    int epoll, timer;
    int64_t now_ms; /* scenario time as of this phase of the turn */
    struct party **parties;
    size_t party_count, party_capacity;
    struct dbk_host_incoming *inbox, *batch; /* what came in; what is being handled */
    size_t inbox_count, inbox_capacity, batch_capacity;
    struct dbk_effects effects; /* of the turn */
    struct dbk_host_span *spans;
    size_t span_count, span_capacity;
    enum { DBK_TURN_UNBEGUN, DBK_TURN_BEGUN, DBK_TURN_BROKEN } transaction;
    struct dbk_arena arena; /* of the turn, if the config has none */
    struct dbk_chooser chooser;
    uint64_t draws;
    struct dbk_host_watch *watches;
    size_t watch_count, watch_capacity;
    struct dbk_host_server server;
    struct dbk_host_client client;
    struct dbk_host_counts counts;
};

/* host.c */
int64_t dbk_host_real_ns(void); /* CLOCK_MONOTONIC */
int64_t dbk_host_wall_ms(const struct party *party);
/* True for headers between the two ends of a connection, and those by which a client describes
 * itself: machines read none of these. */
bool dbk_host_is_transport(const char *header);
/* Queues an event for the next steps; takes the message. */
void dbk_host_take_in(struct dbk_host *host, struct dbk_host_incoming incoming);
/* False: the descriptor cannot be waited for. */
bool dbk_host_wait_for(struct dbk_host *host, int fd, uint32_t events, enum dbk_host_source source,
                       uint64_t which);
/* Makes room for one more item; gives the list, perhaps moved. */
void *dbk_host_grow(void *items, size_t count, size_t *capacity, size_t size);

/* host_server.c */
bool dbk_host_server_open(struct party *party, const char *listen, char why[static 160]);
/* Takes in what has come. False: a daemon is broken. */
bool dbk_host_server_run(struct dbk_host *host);
int64_t dbk_host_server_due_ns(const struct dbk_host *host, int64_t now_ns);
/* True if the party still owes an answer to the exchange. */
bool dbk_host_server_owes(struct dbk_host *host, const struct party *party, uint64_t exchange);
/* Each ends an exchange that is owed; answer and cut take the response. Answer gives false if the
 * client had left before and facts about that are wanted. */
bool dbk_host_server_answer(struct dbk_host *host, uint64_t exchange, struct dbk_message *response);
void dbk_host_server_cut(struct dbk_host *host, uint64_t exchange, struct dbk_message *response);
void dbk_host_server_break(struct dbk_host *host, uint64_t exchange, enum dbk_host_ending ending);
void dbk_host_server_withhold(struct dbk_host *host, uint64_t exchange);
/* The connection is still open and waits: learn of it when the client leaves. */
void dbk_host_server_watch(struct dbk_host *host, uint64_t exchange);
void dbk_host_server_peer_left(struct dbk_host *host, uint64_t exchange);
void dbk_host_server_close(struct dbk_host *host); /* for stop_listening */
void dbk_host_server_free(struct dbk_host *host);

/* host_client.c */
bool dbk_host_client_open(struct dbk_host *host, char why[static 160]);
void dbk_host_client_send(struct party *party, struct dbk_effect *effect);
void dbk_host_client_ready(struct dbk_host *host, int fd, uint32_t events);
void dbk_host_client_run(struct dbk_host *host, int64_t now_ns); /* timers, and what is through */
void dbk_host_client_free(struct dbk_host *host);

#endif
