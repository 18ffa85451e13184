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

/* The fault that a pinned choice takes effect as, a constant; NULL: it is neutral, or none. */
const char *dbk_pinned_fault(const struct dbk_pinned *pin);

/* True if it befalls one exchange, which its fact names. */
bool dbk_pin_is_of_exchange(const struct dbk_pinned *pin);

/* What stands under `by` when it does; pin is one of the scenario's. Lives in the arena. */
const char *dbk_pinned_teller(const struct dbk_scenario *scenario, const struct dbk_pinned *pin,
                              struct dbk_arena *arena);

#endif
