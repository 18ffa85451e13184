/* sim: the deterministic stage: one queue ordered by (time, sequence), time jumps.
 *
 * One dbk_sim is reused for many runs and keeps its memory. Next: sim.c, network and processes in
 * prose above the code, user.h (user and support machines).
 */
#ifndef DBK_RUNNER_SIM_H
#define DBK_RUNNER_SIM_H

#include "runner/scenario.h"
#include "runner/search/deviation.h"

struct dbk_sim; /* opaque */

struct dbk_sim *dbk_sim_new(char why[static 160]); /* NULL with why; dbk_sim_free */
void dbk_sim_free(struct dbk_sim *sim);

/* What a test puts around the parts of the core, to plant a mistake that no policy can make. The
 * product has none of it. A slot may be NULL. */
struct dbk_sim_wraps {
    struct dbk_store *(*store)(void *context, struct dbk_store *inner); /* takes inner, gives one */
    struct dbk_machine (*machine)(void *context, struct dbk_machine inner); /* for each run */
    /* True: the effect of a core's step leaves before the commit, and whatever becomes of that. */
    bool (*leaves_early)(void *context, const struct dbk_effect *effect);
    void *context; /* borrowed, for as long as the sim */
};
struct dbk_sim *dbk_sim_new_wrapped(const struct dbk_sim_wraps *wraps, char why[static 160]);

/* Plays a scenario under a policy (already with the scenario's settings over it); history gets
 * everything seen and is cleared first. The same arguments give the same history, byte for byte. */
void dbk_sim_run(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                 const struct dbk_policy *policy, uint64_t seed, struct dbk_history *history);

/* The same as part of a search: deviates as it says and fills its trace. */
void dbk_sim_search(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                    const struct dbk_policy *policy, uint64_t seed, const struct dbk_search *search,
                    struct dbk_history *history);

#endif
