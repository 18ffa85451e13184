/* head: the head of a history: what was played and the terms it will be judged by.
 *
 * Copies, so that a kept history outlives its scenario. Next: head.c.
 */
#ifndef DBK_RUNNER_HEAD_H
#define DBK_RUNNER_HEAD_H

#include "runner/scenario.h"

/* stage: "sim" or "live"; a constant. */
void dbk_head(const struct dbk_scenario *scenario, const struct dbk_policy *policy,
              const char *stage, uint64_t seed, struct dbk_history *history);

#endif
