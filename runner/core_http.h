/* core_http: the core's two machines as a program: with a door, and with a view of itself.
 *
 * Wraps "core.api" and "core.worker" and is otherwise them. In front of the API: tokens, where
 * there are any (401, 403), and two paths of the program's own:
 *
 *   GET /health   200 {"status":"ok"|"draining","jobs":N,"due_ms":M}: N jobs are not at rest, the
 *                 next is due in M ms (0: now; null: none). 0 jobs: nothing is left to do.
 *   GET /metrics  200 in the text format that Prometheus reads, version 0.0.4
 *
 * Behind it the worker takes up new work once a turn of the host, and once in a few turns while
 * many requests come in: travellers first. Not while DBK_CORE_OPEN_MAX requests to partners are
 * open, so that silent partners cannot use up the sockets; and not while draining. It always hears
 * what it asked for. Next: core_http.c, core_command.c.
 */
#ifndef DBK_RUNNER_CORE_HTTP_H
#define DBK_RUNNER_CORE_HTTP_H

#include "core/core.h"
#include "runner/host.h"
#include "runner/tokens.h"

#define DBK_CORE_OPEN_MAX 256

/* Zero-initialise, then set what is borrowed. */
struct dbk_core_http {
    struct dbk_machine api, worker; /* of dbk_core_api and dbk_core_worker */
    struct dbk_store *store;
    const struct dbk_host *host;     /* whose counts are shown */
    const struct dbk_tokens *tokens; /* NULL: nobody is asked for one */
    bool is_draining;
    /* Its own business: the turn in which the worker last took up work; requests since then. */
    int64_t worked_turn, requests;
};

/* Views: they live as long as http. */
struct dbk_machine dbk_core_http_api(struct dbk_core_http *http);
struct dbk_machine dbk_core_http_worker(struct dbk_core_http *http);

#endif
