/* path: which way a run went, told by what went wrong in it, one after the other.
 *
 * For each fault that took effect a path says how many outside facts the history held before it,
 * and a hash of these. Played again, with another core or another policy, a run goes the same way
 * as far as the hashes fit; from the first that does not the paths have parted, and what was to go
 * wrong behind that may never be reached, through nobody's fault.
 *
 * The hash is that of histories (base/history.h) over the outside facts alone, counted from 1
 * and written as in the file, less what is bound to the scenario's file and not to the run: no
 * head; a fault has no `by` and no `line`; a step has no `nth`, `line` and `text`. Of its 64
 * digits the first 16 stand in the path.
 *
 * One fault is one entry, at the fact that told it first: what a partner tells twice of one fault
 * of one exchange is one. Lapses (fault.h) are none: they follow from what a rule says and need no
 * fault. Next: path.c, replayed.h, docs/replay.md.
 */
#ifndef DBK_RUNNER_PATH_H
#define DBK_RUNNER_PATH_H

#include "base/history.h"

#define DBK_PATH_HASH 16 /* digits */

struct dbk_path_step {
    int64_t facts;        /* outside facts before it */
    const char *hash;     /* of these */
    const char *fault;    /* "lose-answer", "crash" */
    const char *exchange; /* "lagoon/trip/create#1"; NULL: it is of no exchange */
    int line;             /* where the path was read; 0: it was not */
};

struct dbk_path {
    struct dbk_path_step *steps; /* in the order in which they took effect */
    size_t count;
};

/* The path of a finished run. Lives in the arena, its words in the history. */
struct dbk_path dbk_path_of(const struct dbk_history *history, struct dbk_arena *arena);

/* How many of the first steps of a path that was recorded have the same facts before them in this
 * history. */
size_t dbk_path_common(const struct dbk_path *path, const struct dbk_history *history);

/* True if the fault of path->steps[step] took effect in this history - with so many like it as the
 * path has up to there -, behind at least so many outside facts. */
bool dbk_path_took_effect(const struct dbk_path *path, size_t step, int64_t facts,
                          const struct dbk_history *history);

#endif
