/* explore: plays every run of a search with up to so many deviations, and says so.
 *
 * Depth by depth: first the one run without a deviation, then all with one, with two ... A run with
 * n deviations is a run with n - 1 and one more at a choice that was asked behind the last of them;
 * a set of deviations is thus played once, in the order in which its choices are asked. So the
 * first run found for a signature has the fewest deviations that show it. Neutral choices are drawn
 * from the seed, as `run` does. What is found is the same whatever the number of jobs.
 *
 * Next: explore.c, menu.h (what may go wrong), goal.h (what is looked for), shrink.h.
 */
#ifndef DBK_RUNNER_SEARCH_EXPLORE_H
#define DBK_RUNNER_SEARCH_EXPLORE_H

#include "runner/search/goal.h"
#include "runner/search/menu.h"
#include "runner/sim.h"

#define DBK_EXPLORE_DEVIATIONS 8            /* at most */
#define DBK_EXPLORE_DEPTH_RUNS_MAX 20000000 /* of one depth: more would not fit into memory */

struct dbk_explore_state { /* for a progress bar */
    int64_t depth;
    int64_t runs_of_depth, of_depth; /* played, and how many there are */
    int64_t runs;                    /* of all depths */
    size_t findings;
};

/* Everything is borrowed. */
struct dbk_explore_config {
    const struct dbk_scenario *scenario;
    const struct dbk_policy *policy; /* with the scenario's settings over it */
    const struct dbk_menu *menu;
    const struct dbk_goal *goal;
    uint64_t seed;
    int64_t deviations;     /* at most DBK_EXPLORE_DEVIATIONS */
    bool keeps_going;       /* beyond the first depth with a finding */
    int64_t depth_runs_max; /* of one depth; 0: DBK_EXPLORE_DEPTH_RUNS_MAX */
    int jobs;               /* processes; 1: none but this one */
    struct dbk_sim *sim;    /* of this process: used where jobs is 1 */
    struct dbk_sim *(*new_sim)(void *context, char why[static 160]); /* for a job; dbk_sim_free */
    /* All may be NULL; called between runs. */
    void (*on_progress)(void *context, const struct dbk_explore_state *state);
    bool (*is_stopped)(void *context);
    int64_t (*clock_ms)(void *context); /* for reports; decides nothing */
    void *context;
};

/* The first run that showed a signature. */
struct dbk_find {
    struct dbk_signature signature;
    struct dbk_deviation *deviations;
    size_t deviation_count;
    int64_t runs;     /* played until then, this one included */
    int64_t found_ms; /* as the config's clock says; 0 without one */
};

struct dbk_explored {
    struct dbk_arena arena;   /* owns everything below */
    struct dbk_depth *depths; /* from 0 on, each that was begun */
    size_t depth_count;
    int64_t runs;
    bool is_complete;       /* every run with up to so many deviations as asked for was played */
    const char *stopped_by; /* what ended it before the last depth asked for; NULL: nothing */
    struct dbk_find *finds;
    size_t find_count;
    int64_t *exposures;                     /* by row of dbk_invariants, over all runs */
    struct dbk_broken_claim *partner_broke; /* over all runs, in the order of their first */
    size_t partner_broke_count;
};

/* Gives (dbk_explored_free), or NULL with why where a stage could not be had or a job died. */
struct dbk_explored *dbk_explore(const struct dbk_explore_config *config, char why[static 160]);
void dbk_explored_free(struct dbk_explored *explored); /* NULL is fine */

#endif
