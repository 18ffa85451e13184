/* blame: which of a policy's habits show what a run violated, and which changes end it.
 *
 * The policy is compared with the reference, each with the scenario's own settings over it; what is
 * left are the habits. Sets of them are played in simulation and judged as `run` judges. An
 * invariant counts as violated whatever the booking; an expectation is known by its line.
 * Next: blame.c, blame_sets.h (the search), reports/blame.h (how it is told).
 */
#ifndef DBK_RUNNER_BLAME_H
#define DBK_RUNNER_BLAME_H

#include "base/verdict.h"
#include "runner/sim.h"

/* Per scenario. Of 22 habits all sets of up to 4 are within it, of 13 all there are; of the shipped
 * scenarios a run tells 40 to 120 facts. */
#define DBK_BLAME_RUNS 10000
#define DBK_BLAME_FACTS 1000000

struct dbk_blame_call {
    struct dbk_sim *sim;
    const struct dbk_scenario *scenario;
    const struct dbk_policy *policy; /* as given, without the scenario's settings */
    uint64_t seed;
    int64_t runs_max, facts_max; /* at least 0; no run is begun after facts_max */
};

/* Sets outcome->blame, in the outcome's arena. The outcome is that of the call's scenario, policy
 * and seed in simulation; where it violates nothing nothing is played. The same call gives the same
 * record. */
void dbk_blame(const struct dbk_blame_call *call, struct dbk_outcome *outcome);

#endif
