#include "live_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER 8192
#define SAMPLES_MAX (1 << 22)
#define EVENTS 64

int bench_listen(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server < 0 || bind(server, (struct sockaddr *)&address, length) != 0 ||
        listen(server, 1024) != 0 || getsockname(server, (struct sockaddr *)&address, &length) != 0)
        bench_fail("listen");
    *port = ntohs(address.sin_port);
    return server;
}

static void watch(int poll, int fd, void *item)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = item}};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0)
        bench_fail("epoll_ctl");
}

/* One end of a connection, with what it has read so far. */
struct link {
    int fd;
    size_t length;
    char bytes[BUFFER];
    int64_t sent_us;
};

/* False: the other end has gone. */
static bool read_more(struct link *link)
{
    ssize_t got = recv(link->fd, link->bytes + link->length, BUFFER - 1 - link->length, 0);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    link->length += (size_t)got;
    link->bytes[link->length] = '\0';
    return true;
}

/* The length of the whole message that has been read, or 0 while it is not whole. */
static size_t whole(const struct link *link)
{
    const char *end = strstr(link->bytes, "\r\n\r\n");
    const char *size = end ? strcasestr(link->bytes, "\r\nContent-Length:") : NULL;
    size_t length = end ? (size_t)(end - link->bytes) + 4 : 0;
    if (size && size < end)
        length += (size_t)atoll(size + 17);
    return length <= link->length ? length : 0;
}

/* ---- the partner ---- */

/* The reservation made for what stands in the request, without a price: the core needs none. */
static void answer(const struct link *link, int64_t number)
{
    char reference[64] = "", body[200], text[400];
    const char *found = strstr(link->bytes, "\"reference\":\"");
    if (found)
        sscanf(found + 13, "%63[^\"]", reference);
    int length = snprintf(body, sizeof body,
                          "{\"id\":\"R%lld\",\"reference\":\"%s\",\"state\":\"confirmed\"}",
                          (long long)number, reference);
    length = snprintf(text, sizeof text,
                      "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                      "Content-Length: %d\r\n\r\n%s",
                      length, body);
    if (send(link->fd, text, (size_t)length, MSG_NOSIGNAL) != length)
        bench_fail("a partner's answer");
}

static void take_all(int poll, int server)
{
    int fd;
    while ((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct link *link = calloc(1, sizeof *link);
        if (!link)
            bench_fail("memory");
        link->fd = fd;
        watch(poll, fd, link);
    }
}

_Noreturn void bench_partner(int server, bool answers)
{
    struct epoll_event events[EVENTS];
    int64_t number = 0;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    watch(poll, server, NULL);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct link *link = events[i].data.ptr;
            if (!link) {
                take_all(poll, server);
            } else if (!read_more(link)) {
                close(link->fd);
                free(link);
            } else if (answers && whole(link)) {
                answer(link, ++number);
                link->length = 0;
            }
        }
    }
}

/* ---- the clients ---- */

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)},
                                  .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        bench_fail("a client cannot connect");
    return fd;
}

static void post(struct link *link, int64_t number)
{
    char body[BENCH_BODY_MAX], text[1000];
    int body_length = snprintf(body, sizeof body, BENCH_BODY, (long long)number);
    int length = snprintf(text, sizeof text,
                          "POST /bookings HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                          "Idempotency-Key: k-%010lld\r\nContent-Type: application/json\r\n"
                          "Content-Length: %d\r\n\r\n%s",
                          (long long)number, body_length, body);
    link->length = 0;
    link->bytes[0] = '\0';
    link->sent_us = bench_now_us();
    if (send(link->fd, text, (size_t)length, MSG_NOSIGNAL) != length)
        bench_fail("a client's request");
}

static int64_t ask_commits(int port)
{
    static const char text[] = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    struct link link = {.fd = dial(port)};
    if (send(link.fd, text, sizeof text - 1, MSG_NOSIGNAL) != sizeof text - 1)
        bench_fail("/metrics");
    while (!whole(&link))
        if (!read_more(&link))
            bench_fail("/metrics");
    close(link.fd);
    const char *found = strstr(link.bytes, "\ndoublebook_commits_total ");
    return found ? atoll(found + 26) : 0;
}

static int by_value(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

struct bench_result bench_clients(int port, int64_t for_us)
{
    static uint32_t samples[SAMPLES_MAX];
    static struct link links[BENCH_CLIENTS];
    struct bench_result result = {0};
    struct epoll_event events[EVENTS];
    int64_t number = 0, commits = ask_commits(port);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < BENCH_CLIENTS; i++) {
        links[i].fd = dial(port);
        watch(poll, links[i].fd, &links[i]);
    }
    int64_t began = bench_now_us(), now = began;
    for (size_t i = 0; i < BENCH_CLIENTS; i++)
        post(&links[i], ++number);
    while (now - began < for_us) {
        int count = epoll_wait(poll, events, EVENTS, 1000);
        now = bench_now_us();
        for (int i = 0; i < count; i++) {
            struct link *link = events[i].data.ptr;
            if (!read_more(link))
                bench_fail("the core closed a connection");
            if (!whole(link))
                continue;
            if (strncmp(link->bytes, "HTTP/1.1 201 ", 13) != 0) {
                fprintf(stderr, "not accepted: %s\n", link->bytes);
                exit(1);
            }
            if (result.accepted < SAMPLES_MAX)
                samples[result.accepted] = (uint32_t)(now - link->sent_us);
            result.accepted++;
            post(link, ++number);
        }
    }
    result.took_us = now - began;
    result.commits = ask_commits(port) - commits;
    for (size_t i = 0; i < BENCH_CLIENTS; i++)
        close(links[i].fd);
    close(poll);
    size_t count = result.accepted < SAMPLES_MAX ? (size_t)result.accepted : SAMPLES_MAX;
    if (count == 0)
        bench_fail("nothing was accepted");
    qsort(samples, count, sizeof *samples, by_value);
    result.p50_us = samples[count / 2];
    result.p99_us = samples[count * 99 / 100];
    return result;
}
