/* write_plan: which deviations are said as rules of scripts, and which as choices.
 *
 * A rule says the same as a choice only if it acts on that one exchange and nothing else would have
 * acted there: the exchange has an intent whose booking is in the file (or is a look-up of a
 * partner whose look-ups never have one), no rule of the base is for it, and no choice of the base
 * fixes it or its callbacks. What one exchange deviates in is then said by one rule. Next:
 * write_plan.c.
 */
#ifndef DBK_RUNNER_SEARCH_WRITE_PLAN_H
#define DBK_RUNNER_SEARCH_WRITE_PLAN_H

#include "runner/search/write.h"

struct dbk_plan; /* opaque */

/* Gives a plan (dbk_plan_free); borrows written until then. */
struct dbk_plan *dbk_plan_new(const struct dbk_written *written);
void dbk_plan_free(struct dbk_plan *plan);

/* The rules of a partner, in order: an array of as many nodes as there are, perhaps none; gives it
 * (cJSON_Delete). */
cJSON *dbk_plan_rules(const struct dbk_plan *plan, size_t partner);

/* Whether a deviation is said as a choice, and as which: the node, or NULL (cJSON_Delete). */
cJSON *dbk_plan_choice(const struct dbk_plan *plan, size_t deviation);

#endif
