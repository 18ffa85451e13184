/* live_signals: what ends a live run early: Ctrl-C, Ctrl-\, a kill, a terminal that closes.
 *
 * The runner blocks them and waits for them (live_jobs.c); each story's process is forked with all
 * of them blocked and takes them as soon as it can clean up behind itself (live.c). So there is no
 * moment at which one gets lost. Next: live_signals.c.
 */
#ifndef DBK_RUNNER_LIVE_SIGNALS_H
#define DBK_RUNNER_LIVE_SIGNALS_H

#include <signal.h>

/* SIGINT, SIGQUIT, SIGTERM, and SIGHUP unless we were told to outlive the terminal (nohup). */
sigset_t dbk_live_signals(void);

/* Calls handler for each of them from now on; they are no longer blocked. */
void dbk_live_signals_take(void (*handler)(int signal));

#endif
