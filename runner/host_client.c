#include "runner/host_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADERS_BYTES_MAX (64 * 1024)
#define TIMEOUT_MS_MAX INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct dbk_host_route {
    char *name, *base; /* owned */
};

/* One request of ours, until it is answered or has failed. */
struct dbk_host_transfer {
    struct dbk_host_transfer *next, *before;
    struct party *party;
    uint64_t tag;
    CURL *easy;
    struct curl_slist *headers;
    char *url;
    struct dbk_message *request, *response; /* owned */
    struct dbk_text body;
    size_t header_bytes;
    bool has_whole_head;
};

/* Routes. */

void dbk_host_route(struct dbk_host *host, const char *name, const char *base_url)
{
    struct dbk_host_client *client = &host->client;
    struct dbk_host_route *route = client->routes;
    size_t at = 0, length = strlen(base_url);
    while (at < client->route_count && strcmp(client->routes[at].name, name) != 0)
        at++;
    if (at == client->route_count) {
        client->routes = dbk_host_grow(client->routes, client->route_count, &client->route_capacity,
                                       sizeof *client->routes);
        client->routes[client->route_count++] =
            (struct dbk_host_route){.name = dbk_copy_text(name)};
    }
    route = &client->routes[at];
    free(route->base);
    route->base = dbk_copy_text(base_url);
    if (length && route->base[length - 1] == '/')
        route->base[length - 1] = '\0';
}

static const char *base_of(const struct dbk_host *host, const char *name)
{
    for (size_t i = 0; i < host->client.route_count; i++)
        if (strcmp(host->client.routes[i].name, name) == 0)
            return host->client.routes[i].base;
    return NULL;
}

/* Ends. */

static void fail(const struct dbk_host_transfer *transfer, enum dbk_failure failure)
{
    dbk_host_take_in(transfer->party->host, (struct dbk_host_incoming){.kind = DBK_EVENT_FAILED,
                                                                       .party = transfer->party,
                                                                       .tag = transfer->tag,
                                                                       .failure = failure});
}

static void free_transfer(struct dbk_host_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    dbk_message_free(transfer->request);
    dbk_message_free(transfer->response);
    dbk_text_reset(&transfer->body);
    free(transfer->url);
    free(transfer);
}

static void unlink_transfer(struct dbk_host_transfer *transfer)
{
    struct dbk_host *host = transfer->party->host;
    *(transfer->before ? &transfer->before->next : &host->client.first) = transfer->next;
    if (transfer->next)
        transfer->next->before = transfer->before;
    curl_multi_remove_handle(host->client.multi, transfer->easy);
    transfer->party->open_out--;
    host->counts.open_out--;
}

/* Only where no connection was ever made is it certain that nothing was executed. */
static enum dbk_failure failure_of(CURL *easy, CURLcode code)
{
    curl_off_t connected_us = 0;
    long error = 0;
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
    if (connected_us == 0)
        return DBK_FAILURE_REFUSED;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return DBK_FAILURE_TIMED_OUT;
    if (code == CURLE_GOT_NOTHING)
        return DBK_FAILURE_CLOSED;
    if ((code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) &&
        (error == ECONNRESET || error == EPIPE))
        return DBK_FAILURE_RESET;
    return DBK_FAILURE_BROKEN;
}

static void finish(struct dbk_host_transfer *transfer, CURLcode code)
{
    struct dbk_message *response = transfer->response;
    long status = 0;
    if (code != CURLE_OK || !transfer->has_whole_head) {
        fail(transfer, failure_of(transfer->easy, code));
        return;
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    response->status = (int)status;
    if (transfer->body.length) {
        free(response->body);
        response->body_length = transfer->body.length;
        response->body = dbk_text_take(&transfer->body);
    }
    transfer->response = NULL;
    dbk_host_take_in(transfer->party->host, (struct dbk_host_incoming){.kind = DBK_EVENT_RESPONSE,
                                                                       .party = transfer->party,
                                                                       .tag = transfer->tag,
                                                                       .message = response});
}

/* What libcurl calls. */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    struct dbk_host *host = context;
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    (void)easy, (void)known;
    if (what == CURL_POLL_REMOVE)
        epoll_ctl(host->epoll, EPOLL_CTL_DEL, fd, NULL);
    else if (!dbk_host_wait_for(host, fd, events, DBK_SOURCE_CLIENT, (uint64_t)fd))
        return -1;
    return 0;
}

static int on_timer(CURLM *multi, long wait_ms, void *context)
{
    struct dbk_host *host = context;
    (void)multi;
    host->client.due_ns = wait_ms < 0 ? DBK_HOST_NEVER : dbk_host_real_ns() + wait_ms * NS_PER_MS;
    return 0;
}

/* A child process must not inherit it. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)context, (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void take_header(struct dbk_message *response, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    const char *end = line + length;
    if (!colon)
        return;
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    char *name = strndup(line, (size_t)(colon - line));
    char *text = strndup(value, (size_t)(end - value));
    if (name && text && !dbk_host_is_transport(name))
        dbk_message_set_header(response, name, text);
    free(name);
    free(text);
}

/* One line of a head; there may be several heads (100 Continue). */
static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct dbk_host_transfer *transfer = context;
    size_t length = size * count;
    transfer->header_bytes += length;
    if (transfer->header_bytes > HEADERS_BYTES_MAX)
        return 0;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        dbk_message_free(transfer->response);
        transfer->response = dbk_response_new(0);
        transfer->has_whole_head = false;
    } else if (length > 0 && (line[0] == '\r' || line[0] == '\n')) {
        transfer->has_whole_head = transfer->response;
    } else if (transfer->response) {
        take_header(transfer->response, line, length);
    }
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct dbk_host_transfer *transfer = context;
    if (transfer->body.length + size * count > DBK_HOST_BODY_MAX)
        return 0;
    dbk_text_put(&transfer->body, bytes, size * count);
    return size * count;
}

/* Sending. */

static bool add_header(struct dbk_host_transfer *transfer, const char *name, const char *value)
{
    struct dbk_text line = {0};
    struct curl_slist *longer = NULL;
    if (!strpbrk(name, "\r\n") && !strpbrk(value, "\r\n")) {
        dbk_text_printf(&line, *value ? "%s: %s" : "%s;", name, value);
        longer = curl_slist_append(transfer->headers, line.bytes);
    }
    if (longer)
        transfer->headers = longer;
    dbk_text_reset(&line);
    return longer;
}

/* The headers of the message and none of libcurl's own wishes. */
static bool set_headers(struct dbk_host_transfer *transfer)
{
    static const char *const unwanted[] = {"Expect:", "Accept:", "Content-Type:"};
    const struct dbk_message *request = transfer->request;
    for (size_t i = 0; i < request->header_count; i++)
        if (!add_header(transfer, request->headers[i].name, request->headers[i].value))
            return false;
    for (size_t i = 0; i < DBK_COUNT(unwanted); i++) {
        struct curl_slist *longer = NULL;
        char name[16];
        snprintf(name, sizeof name, "%.*s", (int)strlen(unwanted[i]) - 1, unwanted[i]);
        if (dbk_message_header(request, name))
            continue;
        longer = curl_slist_append(transfer->headers, unwanted[i]);
        if (!longer)
            return false;
        transfer->headers = longer;
    }
    return true;
}

static void set_method(CURL *easy, const struct dbk_message *request)
{
    bool is_get = strcmp(request->method, "GET") == 0 && request->body_length == 0;
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (is_get) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_length);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

/* Every request on a connection of its own: on one that is used again libcurl would send a POST a
 * second time by itself if the connection dies before the first byte of the answer. */
static void set_options(struct dbk_host_transfer *transfer, int64_t timeout_ms)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    set_method(easy, transfer->request);
}

static int64_t real_timeout_ms(const struct dbk_host *host, int64_t timeout_ms)
{
    int64_t real_ms = timeout_ms / host->config.scale;
    if (real_ms < 1)
        return 1;
    return real_ms < TIMEOUT_MS_MAX ? real_ms : TIMEOUT_MS_MAX;
}

/* False: it could not even be begun. */
static bool start(struct dbk_host_transfer *transfer, const char *base, int64_t timeout_ms)
{
    struct dbk_host *host = transfer->party->host;
    struct dbk_text url = {0};
    transfer->easy = base ? curl_easy_init() : NULL;
    if (!transfer->easy || !set_headers(transfer))
        return false;
    dbk_text_printf(&url, "%s%s", base, transfer->request->path);
    transfer->url = dbk_text_take(&url);
    set_options(transfer, timeout_ms);
    if (curl_multi_add_handle(host->client.multi, transfer->easy) != CURLM_OK)
        return false;
    transfer->next = host->client.first;
    if (transfer->next)
        transfer->next->before = transfer;
    host->client.first = transfer;
    transfer->party->open_out++;
    host->counts.open_out++;
    host->counts.requests_out++;
    return true;
}

void dbk_host_client_send(struct party *party, struct dbk_effect *effect)
{
    struct dbk_host *host = party->host;
    struct dbk_host_transfer *transfer = dbk_alloc(sizeof *transfer);
    transfer->party = party;
    transfer->tag = effect->tag;
    transfer->request = effect->message;
    effect->message = NULL;
    if (effect->send_before_mono_ms != DBK_ABSENT && host->now_ms > effect->send_before_mono_ms) {
        fail(transfer, DBK_FAILURE_TOO_LATE);
        free_transfer(transfer);
        return;
    }
    if (!start(transfer, base_of(host, effect->to), real_timeout_ms(host, effect->timeout_ms))) {
        fail(transfer, DBK_FAILURE_REFUSED);
        free_transfer(transfer);
    }
}

/* The loop's calls. */

void dbk_host_client_ready(struct dbk_host *host, int fd, uint32_t events)
{
    int what = (events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
               (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
    int running = 0;
    curl_multi_socket_action(host->client.multi, fd, what, &running);
}

void dbk_host_client_run(struct dbk_host *host, int64_t now_ns)
{
    int running = 0, left = 0;
    const CURLMsg *message = NULL;
    if (host->client.due_ns <= now_ns) {
        host->client.due_ns = DBK_HOST_NEVER;
        curl_multi_socket_action(host->client.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    while ((message = curl_multi_info_read(host->client.multi, &left))) {
        struct dbk_host_transfer *transfer = NULL;
        CURLcode code = message->data.result; /* gone once the handle is removed */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        unlink_transfer(transfer);
        finish(transfer, code);
        free_transfer(transfer);
    }
}

bool dbk_host_client_open(struct dbk_host *host, char why[static 160])
{
    struct dbk_host_client *client = &host->client;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        client->multi = curl_multi_init();
    if (!client->multi) {
        snprintf(why, 160, "libcurl cannot be used");
        return false;
    }
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, host);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, host);
    return true;
}

void dbk_host_client_free(struct dbk_host *host)
{
    struct dbk_host_client *client = &host->client;
    for (struct dbk_host_transfer *transfer = client->first; transfer; transfer = client->first) {
        unlink_transfer(transfer);
        free_transfer(transfer);
    }
    for (size_t i = 0; i < client->route_count; i++) {
        free(client->routes[i].name);
        free(client->routes[i].base);
    }
    free(client->routes);
    if (!client->multi)
        return;
    curl_multi_cleanup(client->multi);
    curl_global_cleanup();
}
