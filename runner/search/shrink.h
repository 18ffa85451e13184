/* shrink: from a run that shows something to the smallest scenario that shows it.
 *
 * First the run is played again: one that does not repeat is a mistake of ours, and is told as
 * that, not shrunk. Then, as long as anything gives way: steps behind the moment, whole partners,
 * whole kinds of deviations, steps from the last on, deviations, their alternatives, clocks, pairs.
 * Last, the reduced scenario is searched for a run with fewer deviations. What is kept always shows
 * the same signature; shrinking never slips to another finding. Next: shrink.c, write.h.
 */
#ifndef DBK_RUNNER_SEARCH_SHRINK_H
#define DBK_RUNNER_SEARCH_SHRINK_H

#include "runner/search/explore.h"

#define DBK_SHRINK_RUNS_MAX 2000 /* of one finding */

/* What is left of a scenario; the lists are as long as the scenario's. */
struct dbk_kept {
    bool *steps, *partners; /* owned by whoever made the record */
    bool clocks;            /* offsets; zero is always kept */
};

/* A copy of the scenario with what is kept alone; shares everything else with it. Plans the steps
 * that are left. Lives in the arena. */
struct dbk_scenario *dbk_scenario_reduced(const struct dbk_scenario *scenario,
                                          const struct dbk_kept *kept, struct dbk_arena *arena);

struct dbk_shrunk {
    struct dbk_arena arena; /* owns everything below */
    struct dbk_kept kept;
    const struct dbk_scenario *scenario; /* reduced */
    struct dbk_deviation *deviations;
    size_t deviation_count;
    int64_t runs;
    bool is_nondeterministic;
};

/* Shrinks a find of that search (its config: what is borrowed there is borrowed here). Gives it
 * (dbk_shrunk_free). */
struct dbk_shrunk *dbk_shrink(const struct dbk_explore_config *config, const struct dbk_find *find);
void dbk_shrunk_free(struct dbk_shrunk *shrunk); /* NULL is fine */

#endif
