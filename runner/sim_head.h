/* sim_head: the head of a history: what was played and the terms it will be judged by.
 *
 * Copies, so that a kept history outlives its scenario. Next: sim_head.c.
 */
#ifndef DBK_RUNNER_SIM_HEAD_H
#define DBK_RUNNER_SIM_HEAD_H

#include "runner/scenario.h"

void dbk_sim_head(const struct dbk_scenario *scenario, const struct dbk_policy *policy,
                  uint64_t seed, struct dbk_history *history);

#endif
