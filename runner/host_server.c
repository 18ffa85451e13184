#include "runner/host_parts.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BODY_CUT_OFF (8 << 20) /* bytes that are read of a body before the client is cut off */
#define CONNECTIONS_MAX 4000u
#define CONNECTION_MEMORY ((size_t)16 * 1024) /* bounds a request's line and headers */
#define IDLE_SECONDS 75u                      /* a client that says nothing for so long is left */
#define BACKLOG 1024u
#define USES_MAX ((UINT32_C(1) << 27) - 1)
#define DATE_TEXT 32

/* Requests by id. */

static size_t slot_of(uint64_t id)
{
    return (size_t)(id & UINT32_MAX) - 1;
}

static struct dbk_host_request *find(struct dbk_host *host, uint64_t id)
{
    const struct dbk_host_server *server = &host->server;
    if (!(id & UINT32_MAX) || slot_of(id) >= server->slot_count)
        return NULL;
    struct dbk_host_request *request = server->slots[slot_of(id)].request;
    return request && request->id == id ? request : NULL;
}

static void number(struct dbk_host_request *request)
{
    struct dbk_host_server *server = &request->party->host->server;
    size_t slot = server->slot_count;
    if (server->free_count) {
        slot = server->free_slots[--server->free_count];
    } else {
        server->slots = dbk_host_grow(server->slots, server->slot_count, &server->slot_capacity,
                                      sizeof *server->slots);
        server->slots[server->slot_count++] = (struct dbk_host_slot){0};
    }
    server->slots[slot].request = request;
    request->id = (uint64_t)server->slots[slot].uses << 32 | (slot + 1);
}

static void free_request(struct dbk_host_request *request)
{
    struct dbk_host_server *server = &request->party->host->server;
    if (request->id) {
        size_t slot = slot_of(request->id);
        server->slots[slot].request = NULL;
        server->slots[slot].uses = (server->slots[slot].uses + 1) & USES_MAX;
        server->free_slots = dbk_host_grow(server->free_slots, server->free_count,
                                           &server->free_capacity, sizeof *server->free_slots);
        server->free_slots[server->free_count++] = slot;
    }
    dbk_message_free(request->message);
    dbk_text_reset(&request->body);
    free(request->path);
    free(request);
}

/* Connections. */

static int socket_of(const struct dbk_host_request *request)
{
    return MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
        ->connect_fd;
}

static void resume(struct dbk_host_request *request)
{
    request->is_suspended = false;
    MHD_resume_connection(request->connection);
}

static bool has_left(struct dbk_host_request *request)
{
    struct pollfd peer = {.events = POLLRDHUP};
    if (!request->connection || request->has_left)
        return true;
    peer.fd = socket_of(request);
    return poll(&peer, 1, 0) > 0;
}

/* How libmicrohttpd ends a connection once the handler says no: with a FIN, unless the kernel
 * already ended it with a RST. */
static enum MHD_Result shut(struct dbk_host_request *request)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    if (request->ending == DBK_ENDING_RST)
        (void)!connect(socket_of(request), &none, sizeof none);
    return MHD_NO;
}

/* Date as of the party's own clock (RFC 9110, 5.6.7). */
static void print_date(const struct party *party, char text[static DATE_TEXT])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(dbk_host_wall_ms(party) / 1000);
    struct tm at = {0};
    gmtime_r(&seconds, &at);
    snprintf(text, DATE_TEXT, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             &days[3 * (at.tm_wday % 7)], (unsigned)at.tm_mday % 100, &months[3 * (at.tm_mon % 12)],
             (unsigned)(at.tm_year + 1900) % 10000, (unsigned)at.tm_hour % 100,
             (unsigned)at.tm_min % 100, (unsigned)at.tm_sec % 100);
}

/* Takes nothing of the message. */
static void queue(struct dbk_host_request *request, const struct dbk_message *message,
                  struct MHD_Response *response)
{
    char date[DATE_TEXT];
    print_date(request->party, date);
    if (!dbk_message_header(message, "Date"))
        MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, date);
    if (request->party->host->server.is_closed)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    for (size_t i = 0; i < message->header_count; i++) {
        const struct dbk_header *header = &message->headers[i];
        if (!dbk_host_is_transport(header->name) || dbk_same_but_case(header->name, "Date"))
            MHD_add_response_header(response, header->name, header->value);
    }
    if (MHD_queue_response(request->connection, (unsigned)message->status, response) != MHD_YES)
        request->ending = DBK_ENDING_FIN;
    MHD_destroy_response(response);
}

/* Takes the message. */
static void queue_whole(struct dbk_host_request *request, struct dbk_message *message)
{
    char *body = message->body;
    message->body = NULL;
    queue(request, message,
          MHD_create_response_from_buffer(message->body_length, body, MHD_RESPMEM_MUST_FREE));
    dbk_message_free(message);
}

/* Taking in. */

static void *begin_request(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct dbk_host_request *request = dbk_alloc(sizeof *request);
    request->party = context;
    request->connection = connection;
    request->path = dbk_copy_text(uri);
    return request;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct dbk_host_request *request = context;
    struct dbk_message *message = request->message;
    (void)kind;
    if (dbk_host_is_transport(name))
        return MHD_YES;
    if (message->header_count == DBK_MESSAGE_HEADERS_MAX && !dbk_message_header(message, name))
        request->has_too_many_headers = true;
    dbk_message_set_header(message, name, value ? value : "");
    return MHD_YES;
}

static void take_head(struct dbk_host_request *request, const char *method)
{
    request->has_begun = true;
    request->message = dbk_request_new(method, request->path);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_header, request);
}

static enum MHD_Result take_body(struct dbk_host_request *request, const char *bytes, size_t *size)
{
    request->received += *size;
    if (request->received <= DBK_HOST_BODY_MAX)
        dbk_text_put(&request->body, bytes, *size);
    *size = 0;
    return request->received <= BODY_CUT_OFF ? MHD_YES : MHD_NO;
}

static enum MHD_Result hand_over(struct dbk_host_request *request)
{
    struct party *party = request->party;
    struct dbk_message *message = request->message;
    request->message = NULL;
    if (request->body.length) {
        free(message->body);
        message->body_length = request->body.length;
        message->body = dbk_text_take(&request->body);
    }
    number(request);
    request->is_suspended = true;
    MHD_suspend_connection(request->connection);
    party->open_in++;
    party->host->counts.open_in++;
    party->host->counts.requests_in++;
    dbk_host_take_in(party->host, (struct dbk_host_incoming){.kind = DBK_EVENT_REQUEST,
                                                             .party = party,
                                                             .exchange = request->id,
                                                             .message = message});
    return MHD_YES;
}

/* Called for the head, for each piece of the body, at the end, and again if the connection is
 * resumed without an answer. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *bytes,
                              size_t *size, void **request_slot)
{
    struct dbk_host_request *request = *request_slot;
    (void)context, (void)connection, (void)url, (void)version;
    if (!request->has_begun) {
        take_head(request, method);
        return MHD_YES;
    }
    if (*size)
        return take_body(request, bytes, size);
    if (request->id || request->party->host->server.is_ending)
        return shut(request);
    int refusal = request->has_too_many_headers           ? MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE
                  : request->received > DBK_HOST_BODY_MAX ? MHD_HTTP_CONTENT_TOO_LARGE
                                                          : 0;
    if (!refusal)
        return hand_over(request);
    queue_whole(request, dbk_response_new(refusal));
    return request->ending == DBK_ENDING_NONE ? MHD_YES : MHD_NO;
}

static void complete(void *context, struct MHD_Connection *connection, void **request_slot,
                     enum MHD_RequestTerminationCode code)
{
    struct dbk_host_request *request = *request_slot;
    (void)context, (void)connection, (void)code;
    if (!request)
        return;
    *request_slot = NULL;
    if (request->is_watched)
        epoll_ctl(request->party->host->epoll, EPOLL_CTL_DEL, socket_of(request), NULL);
    request->connection = NULL;
    if (request->id) {
        request->party->open_in--;
        request->party->host->counts.open_in--;
    }
    if (!request->id || request->is_answered)
        free_request(request);
}

/* Ending an exchange. */

bool dbk_host_server_owes(struct dbk_host *host, const struct party *party, uint64_t exchange)
{
    const struct dbk_host_request *request = find(host, exchange);
    return request && request->party == party && !request->is_answered;
}

/* The machine is through with it. False: so is the connection, or about to be. */
static bool settle(struct dbk_host_request *request)
{
    bool is_open = request->is_suspended;
    request->is_answered = true;
    if (!request->connection)
        free_request(request);
    return is_open;
}

bool dbk_host_server_answer(struct dbk_host *host, uint64_t exchange, struct dbk_message *response)
{
    struct dbk_host_request *request = find(host, exchange);
    bool is_in_time = !host->config.on_fact || !has_left(request); /* only facts tell */
    if (!settle(request)) {
        dbk_message_free(response);
        return false;
    }
    queue_whole(request, response);
    resume(request);
    return is_in_time;
}

struct cut {
    size_t length;
    char bytes[];
};

static ssize_t read_cut(void *context, uint64_t at, char *bytes, size_t max)
{
    const struct cut *cut = context;
    if (at >= cut->length)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t left = cut->length - (size_t)at;
    size_t size = left < max ? left : max;
    memcpy(bytes, cut->bytes + at, size);
    return (ssize_t)size;
}

void dbk_host_server_cut(struct dbk_host *host, uint64_t exchange, struct dbk_message *response)
{
    struct dbk_host_request *request = find(host, exchange);
    if (settle(request)) {
        const char *body = response && response->body_length ? response->body : "{}";
        size_t announced = response && response->body_length ? response->body_length : 2;
        struct cut *cut = dbk_alloc(sizeof *cut + announced / 2);
        struct dbk_message *head = response ? response : dbk_response_new(MHD_HTTP_OK);
        cut->length = announced / 2;
        memcpy(cut->bytes, body, cut->length);
        queue(request, head,
              MHD_create_response_from_callback(announced, 4096, read_cut, cut, free));
        resume(request);
        response = head;
    }
    dbk_message_free(response);
}

void dbk_host_server_break(struct dbk_host *host, uint64_t exchange, enum dbk_host_ending ending)
{
    struct dbk_host_request *request = find(host, exchange);
    if (!settle(request))
        return;
    request->ending = ending;
    resume(request);
}

void dbk_host_server_withhold(struct dbk_host *host, uint64_t exchange)
{
    settle(find(host, exchange));
}

/* While suspended, libmicrohttpd does not look at the connection. */
void dbk_host_server_watch(struct dbk_host *host, uint64_t exchange)
{
    struct dbk_host_request *request = find(host, exchange);
    if (request && request->is_suspended && !request->is_watched)
        request->is_watched = dbk_host_wait_for(host, socket_of(request), EPOLLRDHUP | EPOLLET,
                                                DBK_SOURCE_PEER, exchange);
}

void dbk_host_server_peer_left(struct dbk_host *host, uint64_t exchange)
{
    struct dbk_host_request *request = find(host, exchange);
    if (!request || !request->is_suspended)
        return;
    request->has_left = true;
    request->ending = DBK_ENDING_FIN;
    resume(request);
}

/* Daemons. */

static bool resolve(const char *listen, struct addrinfo **address, char why[static 160])
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    char host[64];
    const char *colon = strrchr(listen, ':');
    size_t length = colon ? (size_t)(colon - listen) : 0;
    bool is_bracketed = length > 2 && listen[0] == '[' && listen[length - 1] == ']';
    if (length > 0 && length < sizeof host) {
        snprintf(host, sizeof host, "%.*s", (int)(length - 2 * is_bracketed),
                 listen + is_bracketed);
        if (getaddrinfo(host, colon + 1, &hints, address) == 0)
            return true;
    }
    snprintf(why, 160, "%.60s is no address to listen on; expected one such as 127.0.0.1:8080",
             listen);
    return false;
}

/* libmicrohttpd does not say why it could not bind; so the same is tried once by hand. */
static void explain(const struct addrinfo *address, const char *where, char why[static 160])
{
    int probe = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    bool is_fit = probe >= 0 &&
                  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                  bind(probe, address->ai_addr, address->ai_addrlen) == 0 && listen(probe, 1) == 0;
    snprintf(why, 160, "%.60s cannot be listened on: %.60s", where,
             is_fit ? "libmicrohttpd refused" : strerror(errno));
    if (probe >= 0)
        close(probe);
}

bool dbk_host_server_open(struct party *party, const char *listen, char why[static 160])
{
    struct addrinfo *address = NULL;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    if (!resolve(listen, &address, why))
        return false;
    if (address->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    party->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, address->ai_addr,
        MHD_OPTION_URI_LOG_CALLBACK, begin_request, party, MHD_OPTION_NOTIFY_COMPLETED, complete,
        NULL, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, BACKLOG, MHD_OPTION_END);
    if (party->daemon) {
        int epoll = MHD_get_daemon_info(party->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
        party->port = MHD_get_daemon_info(party->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
        if (!dbk_host_wait_for(party->host, epoll, EPOLLIN, DBK_SOURCE_SERVER, 0)) {
            MHD_stop_daemon(party->daemon);
            party->daemon = NULL;
        }
    }
    if (!party->daemon)
        explain(address, listen, why);
    freeaddrinfo(address);
    return party->daemon;
}

bool dbk_host_server_run(struct dbk_host *host)
{
    bool is_good = true;
    for (size_t i = 0; i < host->party_count; i++)
        if (host->parties[i]->daemon)
            is_good = MHD_run(host->parties[i]->daemon) == MHD_YES && is_good;
    return is_good;
}

int64_t dbk_host_server_due_ns(const struct dbk_host *host, int64_t now_ns)
{
    int64_t due_ns = DBK_HOST_NEVER;
    for (size_t i = 0; i < host->party_count; i++) {
        MHD_UNSIGNED_LONG_LONG wait_ms = 0;
        if (!host->parties[i]->daemon ||
            MHD_get_timeout(host->parties[i]->daemon, &wait_ms) != MHD_YES)
            continue;
        int64_t at_ns = now_ns + (int64_t)wait_ms * 1000000;
        if (at_ns < due_ns)
            due_ns = at_ns;
    }
    return due_ns;
}

void dbk_host_server_close(struct dbk_host *host)
{
    if (host->server.is_closed)
        return;
    host->server.is_closed = true;
    for (size_t i = 0; i < host->party_count; i++) {
        MHD_socket door = MHD_INVALID_SOCKET;
        if (host->parties[i]->daemon)
            door = MHD_quiesce_daemon(host->parties[i]->daemon);
        if (door != MHD_INVALID_SOCKET)
            close(door);
    }
}

/* A daemon that is stopped with a suspended connection aborts the process. */
static bool let_go(struct dbk_host_server *server)
{
    bool is_any = false;
    for (size_t i = 0; i < server->slot_count; i++) {
        struct dbk_host_request *request = server->slots[i].request;
        if (request && request->is_suspended) {
            request->ending = DBK_ENDING_FIN;
            resume(request);
            is_any = true;
        }
    }
    return is_any;
}

void dbk_host_server_free(struct dbk_host *host)
{
    struct dbk_host_server *server = &host->server;
    server->is_ending = true;
    if (let_go(server))
        (void)dbk_host_server_run(host);
    for (size_t i = 0; i < host->party_count; i++)
        if (host->parties[i]->daemon)
            MHD_stop_daemon(host->parties[i]->daemon);
    for (size_t i = 0; i < server->slot_count; i++)
        if (server->slots[i].request)
            free_request(server->slots[i].request);
    free(server->slots);
    free(server->free_slots);
}
