#include "runner/live_signals.h"

#include <stddef.h>

static const int endings[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

sigset_t dbk_live_signals(void)
{
    struct sigaction hangup;
    sigset_t set;
    sigemptyset(&set);
    sigaction(SIGHUP, NULL, &hangup);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (endings[i] != SIGHUP || hangup.sa_handler != SIG_IGN)
            sigaddset(&set, endings[i]);
    return set;
}

void dbk_live_signals_take(void (*handler)(int signal))
{
    const struct sigaction act = {.sa_handler = handler};
    sigset_t set = dbk_live_signals();
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (sigismember(&set, endings[i]))
            sigaction(endings[i], &act, NULL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
