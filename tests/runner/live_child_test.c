#include "runner/live_child.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server as most are: SO_REUSEADDR, bind, listen. -1: it cannot have the port. */
static int serve(int port, int reuses)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuses, sizeof reuses);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0)
        return fd;
    close(fd);
    return -1;
}

Test(live_child, holds_a_port_for_a_server_that_starts_later_and_again)
{
    int port = 0, hold = dbk_port_hold(&port);
    cr_assert(ge(int, hold, 0));
    for (int start = 1; start <= 3; start++) {
        int server = serve(port, 1);
        cr_assert(ge(int, server, 0), "start %d", start);
        close(server);
    }
    close(hold);
}

Test(live_child, gives_a_held_port_to_nobody_who_did_not_ask_for_that_one)
{
    enum { HOLDS = 200 };
    int ports[HOLDS] = {0}, holds[HOLDS];
    for (int i = 0; i < HOLDS; i++) {
        holds[i] = dbk_port_hold(&ports[i]);
        cr_assert(ge(int, holds[i], 0));
        for (int k = 0; k < i; k++)
            cr_assert(ne(int, ports[i], ports[k]), "hold %d", i);
        cr_assert(eq(int, serve(ports[i], 0), -1), "hold %d: taken without SO_REUSEADDR", i);
    }
    for (int i = 0; i < HOLDS; i++)
        close(holds[i]);
}
