#include "host_world.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(host, .timeout = 60);

static int64_t open_in(const struct world *world)
{
    return (int64_t)dbk_host_counts(world->host).open_in;
}

static bool holds(const struct dbk_text *bytes, const char *part)
{
    return bytes->bytes && strstr(bytes->bytes, part);
}

/* Turns until all of `count` requests have arrived and nobody waits but those who always will. */
static void until_open(struct world *world, int64_t count)
{
    for (int i = 0; i < 500 && open_in(world) != count; i++)
        world_turn(world);
    cr_assert_eq(open_in(world), count, "%lld are open", (long long)open_in(world));
}

/* Its own client. */

Test(host, carries_messages_both_ways)
{
    static const struct world_call calls[] = {
        {.to = "shop", .method = "GET", .path = "/a?b=%2Fc&d"},
        {.to = "shop", .method = "POST", .path = "/%7E/../b", .body = "{\"units\":2}"},
        {.to = "till", .method = "PUT", .path = "/", .body = ""},
        {.to = "shop", .method = "DELETE", .path = "/d"},
    };
    struct world world;

    world_open(&world, &(struct world_setup){.calls = calls});
    world_call(&world, DBK_COUNT(calls));
    world_expect(&world, "/a?b=%2Fc&d: 200 green [GET /a?b=%2Fc&d 0 ]\n"
                         "/%7E/../b: 200 green [POST /%7E/../b 11 {\"units\":2}]\n"
                         "/: 200 green [PUT / 0 ]\n"
                         "/d: 200 green [DELETE /d 0 ]\n");
    world_shut(&world);
}

Test(host, tells_its_client_how_an_exchange_failed)
{
    static const struct world_call calls[] = {
        {.to = "shop", .method = "POST", .path = "/never", .timeout_ms = 60},
        {.to = "shop", .method = "POST", .path = "/silence", .timeout_ms = 60},
        {.to = "shop", .method = "POST", .path = "/reset"},
        {.to = "shop", .method = "POST", .path = "/close"},
        {.to = "shop", .method = "POST", .path = "/refuse"},
        {.to = "shop", .method = "POST", .path = "/cut"},
        {.to = "shop", .method = "POST", .path = "/cut-nothing"},
        {.to = "shop", .method = "POST", .path = "/much"},
        {.to = "nobody", .method = "POST", .path = "/nobody"},
        {.to = "nowhere", .method = "POST", .path = "/nowhere"},
        {.to = "shop", .method = "POST", .path = "/passed", .send_before_ms = -1},
        {.to = "shop", .method = "POST", .path = "/fail"},
    };
    struct world world;

    world_open(&world, &(struct world_setup){.calls = calls});
    dbk_host_route(world.host, "nowhere", "http://127.0.0.1:1");
    world_call(&world, DBK_COUNT(calls));
    world_expect(&world, "/never: timed out\n"
                         "/silence: timed out\n"
                         "/reset: reset\n"
                         "/close: closed\n"
                         "/refuse: closed\n"
                         "/cut: broken\n"
                         "/cut-nothing: broken\n"
                         "/much: broken\n"
                         "/nobody: refused\n"
                         "/nowhere: refused\n"
                         "/passed: too late\n"
                         "/fail: 503 []\n");
    cr_expect_eq(world.arrivals, 9);
    cr_expect_eq(dbk_host_counts(world.host).requests_out, 10);
    world_shut(&world);
}

/* With a connection that is used again, libcurl would send the second POST twice. */
Test(host, sends_no_post_a_second_time)
{
    static const struct world_call calls[] = {
        {.to = "shop", .method = "POST", .path = "/first", .body = "x"},
        {.to = "shop", .method = "POST", .path = "/close", .body = "x"},
        {.to = "shop", .method = "POST", .path = "/reset", .body = "x"},
    };
    struct world world;

    world_open(&world, &(struct world_setup){.calls = calls});
    world_call(&world, DBK_COUNT(calls));
    cr_expect_eq(world.arrivals, 3);
    world_shut(&world);
}

/* What a server that is not ours may send. */
static const struct {
    const char *bytes, *heard;
} strange[] = {
    {"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", "201 [ok]"},
    {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "201 [ok]"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-Colour: blue\r\nContent-Length: "
     "0\r\n\r\n",
     "200 blue []"},
    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "302 []"},
    {"HTTP/1.1 201 Created\r\nContent-Le", "broken"},
    {"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n", "broken"},
    {"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nok", "broken"},
    {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "broken"},
    {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n", "broken"},
    {"HTTP/1.1 201 Created\r\nContent-Length: -5\r\n\r\nok", "broken"},
    {"\x16\x03\x01 this is not http\r\n\r\n", "broken"},
    {"", "closed"},
};

static int listen_somewhere(char url[static 64])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    cr_assert_eq(bind(door, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(listen(door, 8), 0);
    cr_assert_eq(getsockname(door, (struct sockaddr *)&at, &size), 0);
    snprintf(url, 64, "http://127.0.0.1:%d", ntohs(at.sin_port));
    return door;
}

/* Takes the one connection that comes and reads the head of its request. */
static int accept_one(struct world *world, int door, struct dbk_text *head)
{
    char piece[1000];
    int fd = -1;

    for (int i = 0; i < 500 && fd < 0; i++) {
        world_turn(world);
        fd = accept(door, NULL, NULL);
    }
    cr_assert_geq(fd, 0);
    while (!holds(head, "\r\n\r\n")) {
        ssize_t got = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

        if (got > 0)
            dbk_text_put(head, piece, (size_t)got);
        else
            world_turn(world);
    }
    return fd;
}

static void serve_strangely(struct world *world, int door, const char *bytes)
{
    struct dbk_text head = {0};
    int fd = accept_one(world, door, &head);

    raw_send(fd, bytes, strlen(bytes));
    close(fd);
    dbk_text_reset(&head);
}

/* A large body is when libcurl would ask for more. */
Test(host, adds_nothing_to_a_request_but_what_it_needs)
{
    static char body[(1 << 20) + 2];
    static const struct world_call calls[] = {
        {.to = "stranger", .method = "POST", .path = "/x?y", .body = body}};
    struct world world;
    struct dbk_text head = {0};
    char url[64], expected[256];
    int door = listen_somewhere(url);

    memset(body, 'x', sizeof body - 1);
    world_open(&world, &(struct world_setup){.calls = calls});
    dbk_host_route(world.host, "stranger", url);
    dbk_host_poke(world.host, CALLER, 0);
    close(accept_one(&world, door, &head));
    snprintf(expected, sizeof expected,
             "POST /x?y HTTP/1.1\r\nHost: %s\r\nX-Colour: green\r\nX-Empty:\r\n"
             "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n",
             url + strlen("http://"), (1 << 20) + 1);
    strstr(head.bytes, "\r\n\r\n")[4] = '\0';
    cr_expect_str_eq(head.bytes, expected);
    dbk_text_reset(&head);
    close(door);
    world_shut(&world);
}

Test(host, takes_only_whole_answers)
{
    static const struct world_call calls[] = {
        {.to = "stranger", .method = "POST", .path = "/", .body = ""}};
    struct world world;
    char url[64];
    int door = listen_somewhere(url);

    world_open(&world, &(struct world_setup){.calls = calls});
    dbk_host_route(world.host, "stranger", "http://127.0.0.1:1");
    dbk_host_route(world.host, "stranger", url);
    for (size_t i = 0; i < DBK_COUNT(strange); i++) {
        char expected[64];

        dbk_text_clear(&world.trace);
        dbk_host_poke(world.host, CALLER, 0);
        serve_strangely(&world, door, strange[i].bytes);
        world_until(&world, &world.ended, (int64_t)i + 1);
        snprintf(expected, sizeof expected, "/: %s\n", strange[i].heard);
        cr_expect_str_eq(world.trace.bytes, expected, "row %zu: %s", i, world.trace.bytes);
    }
    close(door);
    world_shut(&world);
}

/* Strangers at the door. */

Test(host, shows_each_end_of_a_connection_to_a_real_client)
{
    static const struct {
        const char *path;
        int end;
        const char *head, *tail; /* NULL: not a byte */
        const char *announced;   /* of the body */
    } rows[] = {
        {"/echo", 0, "HTTP/1.1 200 OK\r\n", "\r\n\r\nPOST /echo 2 hi", "Content-Length: 15\r\n"},
        {"/reset", ECONNRESET, NULL, NULL, NULL},
        {"/close", 0, NULL, NULL, NULL},
        {"/cut", 0, "HTTP/1.1 201 Created\r\n", "\r\n\r\n{\"id\":\"", "Content-Length: 15\r\n"},
        {"/cut-nothing", 0, "HTTP/1.1 200 OK\r\n", "\r\n\r\n{", "Content-Length: 2\r\n"},
        {"/fail", 0, "HTTP/1.1 503 Service Unavailable\r\n", "\r\n\r\n", "Content-Length: 0\r\n"},
    };
    struct world world;

    world_open(&world, &(struct world_setup){0});
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_text bytes = {0};
        int fd = raw_connect(dbk_host_port(world.host, SHOP));

        raw_ask(fd, "POST", rows[i].path, "hi");
        cr_expect_eq(raw_read(&world, fd, &bytes), rows[i].end, "%s", rows[i].path);
        cr_expect_eq(bytes.length == 0, rows[i].head == NULL, "%s: %s", rows[i].path, bytes.bytes);
        if (rows[i].head && bytes.length) {
            size_t length = strlen(rows[i].tail);

            cr_expect(dbk_starts_with(bytes.bytes, rows[i].head), "%s", bytes.bytes);
            cr_expect(holds(&bytes, rows[i].announced), "%s", bytes.bytes);
            cr_assert_gt(bytes.length, length);
            cr_expect_str_eq(bytes.bytes + bytes.length - length, rows[i].tail);
        }
        dbk_text_reset(&bytes);
        close(fd);
    }
    world_shut(&world);
}

/* The shop's clock is an hour ahead of the scenario's. */
Test(host, dates_answers_by_the_clock_of_the_party)
{
    struct world world;
    struct dbk_text bytes = {0};

    world_open(&world, &(struct world_setup){0});
    int fd = raw_connect(dbk_host_port(world.host, SHOP));
    raw_ask(fd, "GET", "/", "");
    cr_expect_eq(raw_read(&world, fd, &bytes), 0);
    cr_expect(holds(&bytes, "Date: Wed, 01 Jul 2026 18:25:0"), "%s", bytes.bytes);
    cr_expect(!strstr(strstr(bytes.bytes, "Date:") + 1, "Date:"), "%s", bytes.bytes);
    dbk_text_reset(&bytes);
    close(fd);
    world_shut(&world);
}

/* Not answered yet, or never: the client hears nothing, and its leaving is seen. */
Test(host, sees_a_client_leave_that_waits)
{
    static const char *const paths[] = {"/never", "/later", "/silence"};
    struct world world;

    world_open(&world, &(struct world_setup){.traces_facts = true, .traces_wakes = true});
    for (size_t i = 0; i < DBK_COUNT(paths); i++) {
        int fd = raw_connect(dbk_host_port(world.host, SHOP));

        raw_ask(fd, "POST", paths[i], "");
        world_until(&world, &world.arrivals, (int64_t)i + 1);
        for (int turn = 0; turn < 5; turn++)
            world_turn(&world);
        cr_expect(raw_is_silent(fd), "%s", paths[i]);
        cr_expect_eq(open_in(&world), 1);
        cr_expect(!dbk_host_is_idle(world.host, SHOP, SIZE_MAX) &&
                  dbk_host_is_idle(world.host, TILL, SIZE_MAX));
        close(fd);
        until_open(&world, 0);
        cr_expect(dbk_host_is_idle(world.host, SHOP, SIZE_MAX));
    }
    world_expect(&world, "0 shop answer to somebody /never lost on shop's 2026-07-01T18\n"
                         "0 shop answer to somebody /silence lost on shop's 2026-07-01T18\n");
    world_shut(&world);
}

Test(host, tells_what_became_of_an_answer)
{
    struct world world;
    struct dbk_text bytes = {0};
    int fds[3];

    world_open(&world, &(struct world_setup){.wake_ms = {400}, .traces_facts = true});
    for (size_t i = 0; i < 3; i++) {
        fds[i] = raw_connect(dbk_host_port(world.host, SHOP));
        raw_ask(fds[i], "POST", i < 2 ? "/later" : "/cut", "");
        world_until(&world, &world.arrivals, (int64_t)i + 1);
    }
    close(fds[1]);
    cr_expect_eq(raw_read(&world, fds[0], &bytes), 0);
    cr_expect(dbk_starts_with(bytes.bytes, "HTTP/1.1 204 "), "%s", bytes.bytes);
    world_expect(&world, "0 shop answer to somebody /cut lost on shop's 2026-07-01T18\n"
                         "0 shop answer to somebody /later delivered on shop's 2026-07-01T18\n"
                         "0 shop answer to somebody /later late on shop's 2026-07-01T18\n");
    dbk_text_reset(&bytes);
    close(fds[0]);
    close(fds[2]);
    world_shut(&world);
}

/* What was sent whole is executed, whoever waits for the answer. */
Test(host, executes_the_request_of_a_client_that_left_at_once)
{
    struct world world;

    world_open(&world, &(struct world_setup){.traces_facts = true});
    int fd = raw_connect(dbk_host_port(world.host, SHOP));
    raw_ask(fd, "POST", "/echo", "");
    close(fd);
    world_until(&world, &world.arrivals, 1);
    until_open(&world, 0);
    world_expect(&world, "0 shop answer to somebody /echo late on shop's 2026-07-01T18\n");
    world_shut(&world);
}

Test(host, bounds_what_strangers_send)
{
    enum { MOST = 1 << 20 };
    static char body[MOST + 2];
    struct world world;

    memset(body, 'x', MOST + 1);
    world_open(&world, &(struct world_setup){0});
    for (size_t more = 0; more < 2; more++) {
        struct dbk_text request = {0}, bytes = {0};
        int fd = raw_connect(dbk_host_port(world.host, SHOP));
        size_t sent = 0;

        dbk_text_printf(&request, "PUT / HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%.*s", MOST + more,
                        (int)(MOST + more), body);
        while (sent < request.length) {
            ssize_t got =
                send(fd, request.bytes + sent, request.length - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

            sent += got > 0 ? (size_t)got : 0;
            world_turn(&world);
        }
        cr_expect_eq(raw_read(&world, fd, &bytes), 0);
        cr_expect(holds(&bytes, more ? " 413 " : " 200 OK"), "%.40s", bytes.bytes);
        dbk_text_reset(&request);
        dbk_text_reset(&bytes);
        close(fd);
    }
    cr_expect_eq(world.arrivals, 1);
    world_shut(&world);
}

/* The last header of many may be the one that counts: it arrives, or the request does not. */
Test(host, hands_on_all_headers_or_none)
{
    static const struct {
        int others; /* before X-Colour */
        const char *answer;
    } rows[] = {{0, " 200 OK"}, {12, " 200 OK"}, {63, " 200 OK"}, {64, " 431 "}, {90, " 431 "}};
    struct world world;

    world_open(&world, &(struct world_setup){0});
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_text request = {0}, bytes = {0};
        int fd = raw_connect(dbk_host_port(world.host, SHOP));

        dbk_text_add(&request, "GET / HTTP/1.0\r\n");
        for (int k = 0; k < rows[i].others; k++)
            dbk_text_printf(&request, "X-%d: %d\r\n", k, k);
        dbk_text_add(&request, "X-Colour: blue\r\n\r\n");
        raw_send(fd, request.bytes, request.length);
        cr_expect_eq(raw_read(&world, fd, &bytes), 0);
        cr_expect(holds(&bytes, rows[i].answer), "%d: %.60s", rows[i].others, bytes.bytes);
        cr_expect_eq(holds(&bytes, "X-Colour: blue"), holds(&bytes, " 200 OK"), "%d",
                     rows[i].others);
        dbk_text_reset(&request);
        dbk_text_reset(&bytes);
        close(fd);
    }
    cr_expect_eq(world.arrivals, 3);
    world_shut(&world);
}

/* Until the host has had enough; it says so, if the client reads. */
static void send_endless_head(struct world *world, int fd)
{
    static const char line[] =
        "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    struct dbk_text bytes = {0};
    int lines = 0;

    raw_send(fd, "GET / HTTP/1.1\r\n", 16);
    for (; lines < 2000 && raw_is_silent(fd); lines++) {
        cr_assert_eq(send(fd, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
        world_turn(world);
    }
    cr_expect_lt(lines, 2000, "there is no end to its patience");
    raw_read(world, fd, &bytes);
    cr_expect(holds(&bytes, " 431 ") || holds(&bytes, " 413 "), "%s", bytes.bytes);
    dbk_text_reset(&bytes);
}

/* Garbage, an endless head, half a body: no machine sees any of it, and the host goes on. */
Test(host, survives_what_is_no_request)
{
    static const char *const rows[] = {
        "\x16\x03\x01\r\n\r\n",
        "GET\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    static const char half[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi";
    struct world world;
    struct dbk_text bytes = {0};
    int fds[DBK_COUNT(rows) + 2];

    world_open(&world, &(struct world_setup){0});
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        fds[i] = raw_connect(dbk_host_port(world.host, SHOP));
        raw_send(fds[i], rows[i], strlen(rows[i]));
        raw_read(&world, fds[i], &bytes);
        cr_expect(!holds(&bytes, " 200 "), "row %zu: %s", i, bytes.bytes);
    }
    fds[DBK_COUNT(rows)] = raw_connect(dbk_host_port(world.host, SHOP));
    raw_send(fds[DBK_COUNT(rows)], half, strlen(half));
    fds[DBK_COUNT(rows) + 1] = raw_connect(dbk_host_port(world.host, SHOP));
    send_endless_head(&world, fds[DBK_COUNT(rows) + 1]);
    for (size_t i = 0; i < DBK_COUNT(fds); i++)
        close(fds[i]);
    cr_expect_eq(world.arrivals, 0);
    fds[0] = raw_connect(dbk_host_port(world.host, SHOP));
    raw_ask(fds[0], "GET", "/", "");
    dbk_text_clear(&bytes);
    cr_expect_eq(raw_read(&world, fds[0], &bytes), 0);
    cr_expect(holds(&bytes, " 200 OK"), "%s", bytes.bytes);
    dbk_text_reset(&bytes);
    close(fds[0]);
    world_shut(&world);
}

/* All of them wait forever. */
static void park(struct world *world, int *fds, int count)
{
    struct rlimit files;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = 0; i < count; i++) {
        fds[i] = raw_connect(dbk_host_port(world->host, SHOP));
        raw_ask(fds[i], "POST", i % 2 ? "/never" : "/unanswered", "");
        world_turn(world);
    }
    until_open(world, count);
}

Test(host, answers_beside_500_that_wait)
{
    static const struct world_call calls[] = {{.to = "till", .method = "GET", .path = "/till"},
                                              {.to = "shop", .method = "GET", .path = "/shop"}};
    enum { PARKED = 500 };
    struct world world;
    int fds[PARKED];

    world_open(&world, &(struct world_setup){.calls = calls});
    park(&world, fds, PARKED);
    world_call(&world, 2);
    world_expect(&world, "/till: 200 green [GET /till 0 ]\n"
                         "/shop: 200 green [GET /shop 0 ]\n");
    for (int i = 0; i < PARKED; i++)
        close(fds[i]);
    until_open(&world, 0);
    world_shut(&world);
}

Test(host, lets_everybody_go_when_it_ends)
{
    struct world world;
    static const char half[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi";
    int fds[4];
    char byte;

    world_open(&world, &(struct world_setup){0});
    park(&world, fds, 3);
    fds[3] = raw_connect(dbk_host_port(world.host, SHOP));
    raw_send(fds[3], half, strlen(half));
    world_turn(&world);
    world_turn(&world);
    world_shut(&world);
    for (int i = 0; i < 4; i++) {
        cr_expect_leq(recv(fds[i], &byte, 1, 0), 0);
        close(fds[i]);
    }
}

/* Transactions. */

Test(host, commits_once_for_all_steps_of_a_turn)
{
    enum { STEPS = 8 };
    struct world world;
    int fds[STEPS];

    world_open(&world, &(struct world_setup){0});
    struct dbk_host_counts before = dbk_host_counts(world.host);
    for (int i = 0; i < STEPS; i++) {
        fds[i] = raw_connect(dbk_host_port(world.host, TILL));
        raw_ask(fds[i], "POST", "/x", "");
    }
    world_until(&world, &world.arrivals, STEPS);
    cr_expect_eq(dbk_host_counts(world.host).commits - before.commits, 1);
    cr_expect_eq(world.commits_told - before.commits, 1);
    cr_expect_eq(dbk_host_counts(world.host).requests_in, STEPS);
    for (int i = 0; i < STEPS; i++) {
        struct dbk_text bytes = {0};

        cr_expect_eq(raw_read(&world, fds[i], &bytes), 0);
        cr_expect(holds(&bytes, " 200 OK"), "%s", bytes.bytes);
        dbk_text_reset(&bytes);
        close(fds[i]);
    }
    world_shut(&world);
}

/* One of three fails: it is answered 503 and wrote nothing; the others are kept. */
Test(host, rolls_back_a_failed_step_alone)
{
    static const char *const paths[] = {"/one", "/fail", "/two"};
    struct world world;
    int fds[3];
    int64_t booking = 0;

    world_open(&world, &(struct world_setup){0});
    for (int i = 0; i < 3; i++) {
        fds[i] = raw_connect(dbk_host_port(world.host, TILL));
        raw_ask(fds[i], "POST", paths[i], "");
    }
    for (int i = 0; i < 3; i++) {
        struct dbk_text bytes = {0};

        cr_expect_eq(raw_read(&world, fds[i], &bytes), 0);
        cr_expect(holds(&bytes, i == 1 ? " 503 " : " 200 OK"), "%s", bytes.bytes);
        cr_expect_eq(dbk_store_booking_named(world.store, "lagoon", paths[i], &booking),
                     i == 1 ? DBK_NOT_FOUND : DBK_FOUND);
        dbk_text_reset(&bytes);
        close(fds[i]);
    }
    cr_expect_eq(dbk_host_counts(world.host).commits, 1);
    world_shut(&world);
}

/* Nothing of the turn is told to anybody; the party is woken to look again. */
Test(host, breaks_off_the_requests_of_a_turn_that_was_not_committed)
{
    struct world world;
    struct dbk_text bytes = {0};
    int64_t booking = 0;
    int fd = -1, other = -1;

    world_open(&world, &(struct world_setup){.traces_facts = true, .traces_wakes = true});
    world_fail_commits(&world, true);
    fd = raw_connect(dbk_host_port(world.host, TILL));
    raw_ask(fd, "POST", "/one", "");
    cr_expect_eq(raw_read(&world, fd, &bytes), ECONNRESET);
    cr_expect_eq(bytes.length, 0, "%s", bytes.bytes);
    cr_expect_eq(dbk_store_booking_named(world.store, "lagoon", "/one", &booking), DBK_NOT_FOUND);
    cr_expect_eq(dbk_host_counts(world.host).commits, 0);
    cr_expect(!dbk_host_is_idle(world.host, TILL, SIZE_MAX), "nobody will look again");
    world_expect(&world, "");
    world_fail_commits(&world, false);
    for (int i = 0; i < 500 && !dbk_host_is_idle(world.host, TILL, SIZE_MAX); i++)
        world_turn(&world);
    world_expect(&world, "till woke\n");
    other = raw_connect(dbk_host_port(world.host, TILL));
    raw_ask(other, "POST", "/two", "");
    cr_expect_eq(raw_read(&world, other, &bytes), 0);
    cr_expect(holds(&bytes, " 200 OK"), "%s", bytes.bytes);
    dbk_text_reset(&bytes);
    close(fd);
    close(other);
    world_shut(&world);
}

/* Time. */

/* 3 s, 1 s and 2 s of scenario time pass in 15 ms. */
Test(host, wakes_in_order_and_never_too_early)
{
    struct world world;

    world_open(&world, &(struct world_setup){
                           .scale = 200, .wake_ms = {3000, 1000, 2000}, .traces_wakes = true});
    for (int i = 0; i < 500 && !dbk_host_is_idle(world.host, SHOP, SIZE_MAX); i++)
        world_turn(&world);
    world_expect(&world, "till woke\ncaller woke\nshop woke\n");
    cr_expect_geq(dbk_host_now_ms(world.host), 3000);
    world_shut(&world);
}

/* A host that was busy elsewhere for longer than all of them: still in their order. */
Test(host, wakes_late_ones_in_order)
{
    struct world world;

    world_open(&world, &(struct world_setup){
                           .scale = 100000, .wake_ms = {900, 300, 600}, .traces_wakes = true});
    while (dbk_host_now_ms(world.host) < 1000)
        ;
    world_turn(&world);
    world_expect(&world, "till woke\ncaller woke\nshop woke\n");
    world_shut(&world);
}

/* Ten minutes of patience at a scale of 10000 are 60 ms. */
Test(host, divides_timeouts_by_the_scale)
{
    static const struct world_call calls[] = {
        {.to = "shop", .method = "GET", .path = "/never", .timeout_ms = 600000}};
    struct world world;

    world_open(&world, &(struct world_setup){.scale = 10000, .calls = calls});
    world_call(&world, 1);
    world_expect(&world, "/never: timed out\n");
    cr_expect_geq(world.now_ms, 600000);
    until_open(&world, 0);
    world_shut(&world);
}

/* The door. */

Test(host, stops_listening_and_goes_on_with_those_inside)
{
    struct world world;
    struct dbk_text bytes = {0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char kept_alive[] = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";

    world_open(&world, &(struct world_setup){.wake_ms = {200}});
    to.sin_port = htons((uint16_t)dbk_host_port(world.host, SHOP));
    int inside = raw_connect(dbk_host_port(world.host, SHOP));
    int outside = socket(AF_INET, SOCK_STREAM, 0);
    raw_send(inside, kept_alive, strlen(kept_alive));
    world_until(&world, &world.arrivals, 1);
    dbk_host_stop_listening(world.host);
    dbk_host_stop_listening(world.host);
    cr_expect_eq(connect(outside, (struct sockaddr *)&to, sizeof to), -1);
    cr_expect_eq(raw_read(&world, inside, &bytes), 0);
    cr_expect(holds(&bytes, " 204 "), "%s", bytes.bytes);
    cr_expect(holds(&bytes, "Connection: close\r\n"), "%s", bytes.bytes);
    dbk_text_reset(&bytes);
    close(inside);
    close(outside);
    world_shut(&world);
}

Test(host, says_why_it_cannot_listen)
{
    struct world world;
    char taken[64], expected[160];

    world_open(&world, &(struct world_setup){0});
    snprintf(taken, sizeof taken, "127.0.0.1:%d", dbk_host_port(world.host, SHOP));
    snprintf(expected, sizeof expected, "%s cannot be listened on: Address already in use", taken);
    const struct {
        const char *listen, *why;
    } rows[] = {
        {taken, expected},
        {"8080", "8080 is no address to listen on; expected one such as 127.0.0.1:8080"},
        {"shop.example:80",
         "shop.example:80 is no address to listen on; expected one such as 127.0.0.1:8080"},
        {"192.0.2.1:0", "192.0.2.1:0 cannot be listened on: Cannot assign requested address"},
    };
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_host_party party = {.machine = {.name = "more"}, .listen = rows[i].listen};
        char why[160] = "";

        cr_expect_eq(dbk_host_add(world.host, &party, why), SIZE_MAX);
        cr_expect_str_eq(why, rows[i].why);
    }
    world_shut(&world);
}

static void count_and_leave(void *context, int fd)
{
    struct world *world = context;

    world->ended++;
    dbk_host_unwatch(world->host, fd);
}

Test(host, watches_other_descriptors_until_told_not_to)
{
    struct world world;
    int fd = eventfd(1, EFD_CLOEXEC);

    world_open(&world, &(struct world_setup){0});
    dbk_host_watch(world.host, fd, count_and_leave, &world);
    world_until(&world, &world.ended, 1);
    world_turn(&world);
    cr_expect_eq(world.ended, 1);
    close(fd);
    world_shut(&world);
}
