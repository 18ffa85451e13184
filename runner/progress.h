/* progress: how far a long search is, while it runs; told on stderr.
 *
 * On a terminal one line, drawn again in its place and cleared at the end; elsewhere, and where
 * TERM is dumb, plain lines: one at the end of each depth, and between them at most one each 10 s.
 * No clock in here: time is an argument, monotonic ms. Nothing of it is a report. Next: progress.c.
 */
#ifndef DBK_RUNNER_PROGRESS_H
#define DBK_RUNNER_PROGRESS_H

#include "base/text.h"

struct dbk_progress_state {
    const char *scenario;
    const char *doing;      /* "shrinking"; NULL: exploring, with so many deviations */
    int64_t deviations;     /* the depth it is at */
    int64_t runs, expected; /* of this depth: played, and how many there are; DBK_ABSENT: unknown */
    int64_t findings;
    bool is_over; /* this depth, or this doing, is at its end */
};

/* Adds the state as one line without its line feed, of at most so many columns; what does not fit
 * is left out, the least telling first. columns 0: as long as it needs to be, and without a bar.
 * per_second: runs; 0: not known. */
void dbk_progress_line(const struct dbk_progress_state *state, int64_t per_second, size_t columns,
                       struct dbk_text *out);

struct dbk_progress {
    int fd; /* the caller's */
    bool is_terminal;
    bool has_begun;
    const char *scenario;         /* what was last told of, never read: only */
    int64_t deviations, runs;     /* to see when another depth begins */
    bool is_doing, is_over;       /* something else than exploring; the depth's end was told */
    int64_t began_ms, began_runs; /* of this depth */
    int64_t told_ms;              /* when a line was last put */
    size_t columns;               /* that stand on the terminal's line */
};

/* Looks where fd goes. */
void dbk_progress_begin(struct dbk_progress *progress, int fd);

/* Adds what is to be put there at now_ms, which may be nothing: a terminal of so many columns is
 * drawn anew at most each 100 ms. Call it as often as you like. */
void dbk_progress_draw(struct dbk_progress *progress, const struct dbk_progress_state *state,
                       int64_t now_ms, size_t columns, struct dbk_text *out);

/* Adds what clears the line; whatever else goes to the terminal comes after it. */
void dbk_progress_wipe(struct dbk_progress *progress, struct dbk_text *out);

/* The same, put there. What cannot be put is let go: it is no report. */
void dbk_progress_show(struct dbk_progress *progress, const struct dbk_progress_state *state,
                       int64_t now_ms);
void dbk_progress_clear(struct dbk_progress *progress);

#endif
