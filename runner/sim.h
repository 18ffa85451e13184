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

/* Plays a scenario under a policy (already with the scenario's settings over it); history gets
 * everything seen and is cleared first. The same arguments give the same history, byte for byte. */
void dbk_sim_run(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                 const struct dbk_policy *policy, uint64_t seed, struct dbk_history *history);

/* The same as part of a search: deviates as it says and fills its trace. */
void dbk_sim_search(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                    const struct dbk_policy *policy, uint64_t seed, const struct dbk_search *search,
                    struct dbk_history *history);

#endif
