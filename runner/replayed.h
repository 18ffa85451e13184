/* replayed: whether a known failure is still there, from one run of the file that stands for it.
 *
 *   STILL FAILING  an invariant that the file names is violated
 *   FIXED          none is, and what was to go wrong did, so that it would have shown
 *   STALE          none is, but the run no longer tries it
 *
 * What must have gone wrong: with a path, every fault of it before the paths part, and the first
 * one in any case; without, every fault of the script and every choice that is not `if_reached`,
 * and at least one. A file in which nothing goes wrong at all must at least expose what it names.
 * Next: replayed.c, path.h, replay_command.c.
 */
#ifndef DBK_RUNNER_REPLAYED_H
#define DBK_RUNNER_REPLAYED_H

#include "base/verdict.h"
#include "runner/scenario.h"

enum dbk_replayed { DBK_FIXED, DBK_STALE, DBK_STILL_FAILING, DBK_REPLAYED }; /* the worst last */

const char *dbk_replayed_word(enum dbk_replayed replayed); /* "STILL FAILING" */
int dbk_replayed_exit_code(enum dbk_replayed replayed);    /* 0, 2, 1 */

/* Judges a run of a scenario with `found`, judged before (outcome). Adds to out a sentence without
 * its full stop: what is so, under which policy, and what took effect; file is named where it says
 * where something stands. Not escaped. */
enum dbk_replayed dbk_replayed_judge(const struct dbk_scenario *scenario, const char *file,
                                     const struct dbk_history *history,
                                     const struct dbk_outcome *outcome, struct dbk_text *out);

#endif
