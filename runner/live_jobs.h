/* live_jobs: several stories live, side by side, each in a process of its own.
 *
 * A story that brings its process down is an error of that story and of no other. Ctrl-C reaches
 * all of them; each cleans up after itself, and no further one begins. Next: live_jobs.c.
 */
#ifndef DBK_RUNNER_LIVE_JOBS_H
#define DBK_RUNNER_LIVE_JOBS_H

#include "runner/live.h"

/* Plays them all, at most jobs at a time. done is called once for each, in the order of configs;
 * history is NULL where it could not be played, then why says why it was not; else the callee may
 * move it out, leaving an initialised one. */
void dbk_live_play(const struct dbk_live_config *configs, size_t count, int jobs,
                   void (*done)(void *context, size_t index, struct dbk_history *history,
                                const struct dbk_live_proof *proof, const char *why),
                   void *context);

#endif
