/* round: a run, the file written of it, and the run of that file.
 *
 * Two histories are the same if all their facts are, the core's own among them, but for what a
 * fault says of a file: the line, and the name of the rule that made it. The head is left out: it
 * names the file. Next: round.c, write_test.c.
 */
#ifndef TESTS_RUNNER_SEARCH_ROUND_H
#define TESTS_RUNNER_SEARCH_ROUND_H

#include "runner/search/write.h"
#include "runner/sim.h"

struct round {
    struct dbk_scenario *base;
    struct dbk_policy policy; /* with the base's settings over it */
    struct dbk_sim *sim;
    struct dbk_trace trace;
    struct dbk_history history;
};

/* base: the scenario's text, or the path of its file below the sources. */
void round_init(struct round *round, const char *base, const char *policy);
void round_reset(struct round *round);

/* Plays the base with these deviations into round->history; what was asked into round->trace. */
void round_play(struct round *round, const struct dbk_deviation *deviations, size_t count);
/* The same, with the deviations as choices that the base fixes: neutral ones too. */
void round_play_pinned(struct round *round, const struct dbk_deviation *deviations, size_t count);

/* A line for each fact; free(). */
char *round_facts(const struct dbk_history *history);

/* What a test changes is left to it: everything kept, found under "naive", nothing violated. */
struct dbk_written round_written(const struct round *round, const struct dbk_deviation *deviations,
                                 size_t count);
char *round_write(const struct dbk_written *written); /* free() */

/* Writes the run of round->history and plays the file: the same facts. Gives the file; free(). */
char *round_expect_same(struct round *round, const struct dbk_deviation *deviations, size_t count);
char *round_expect_same_as(struct round *round, const struct dbk_written *written);

#endif
