/* live_bench: the ends of the wire: 64 clients as cheap as can be, and a partner.
 *
 * Raw sockets and one epoll each, so that what is measured is the core. Next: live_bench_wire.c.
 */
#ifndef DBK_TESTS_BENCH_LIVE_BENCH_H
#define DBK_TESTS_BENCH_LIVE_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_CLIENTS 64
/* Formats with the number of the wish: the same wish again would be refused. */
#define BENCH_GUEST "Ana dbk.trip.%010lld"
#define BENCH_BODY                                                                                 \
    "{\"partner\":\"lagoon\",\"product\":\"cruise\",\"slot\":\"evening\",\"units\":2,"             \
    "\"guest\":{\"name\":\"" BENCH_GUEST "\"}}"
#define BENCH_BODY_MAX 160

struct bench_result {
    int64_t accepted; /* answered 201 */
    int64_t took_us;
    int64_t commits; /* of the core meanwhile */
    int64_t p50_us, p99_us;
};

void bench_fail(const char *what); /* says why and ends the program */
int64_t bench_now_us(void);

int bench_listen(int *port); /* a loopback socket that listens */

/* A partner for ever: takes every request; answers it with a reservation, or never. */
_Noreturn void bench_partner(int server, bool answers);

/* Every client posts one booking after another on its own connection; keys never repeat. */
struct bench_result bench_clients(int port, int64_t for_us);

#endif
