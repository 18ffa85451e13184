/* hand_over: a find as an ordinary scenario: what shrinking left of it, written, read back, played.
 *
 * What is handed over is what was judged: the outcome is that of the scenario as it was written. If
 * that does not show what was found, the outcome is an error, and the mistake is ours.
 * Next: hand_over.c, shrink.h, write.h.
 */
#ifndef DBK_RUNNER_SEARCH_HAND_OVER_H
#define DBK_RUNNER_SEARCH_HAND_OVER_H

#include "runner/search/shrink.h"

/* How a search hands over; everything is borrowed. */
struct dbk_hand_over {
    const struct dbk_library *library;
    const struct dbk_explore_config *config; /* of the search */
    const struct dbk_policy *policy;         /* as given, without the scenario's settings */
    const char *policy_word; /* where whoever reads the file has it, too; NULL: its rules are
                                written out */
    bool is_goal;            /* something else is looked for than a violation */
    const char *file;        /* the scenario's, in its history and in complaints */
    const char *replay;      /* the command that plays it again */
    const char *const *said; /* what goes wrong in it, in words */
    size_t said_count;
};

/* Of a find of that scenario: "one-booking-single-reservation". Lives in the arena. */
const char *dbk_hand_over_name(const struct dbk_scenario *scenario, const struct dbk_find *find,
                               struct dbk_arena *arena);

/* Adds the scenario to out, and gives the outcome of its run (dbk_outcome_free), with the history,
 * but without its file and replay. */
struct dbk_outcome *dbk_hand_over(const struct dbk_hand_over *how, const struct dbk_find *find,
                                  const struct dbk_shrunk *shrunk, struct dbk_text *out);

#endif
