/* entity: what the name of an exchange with a partner says, or that of a callback on its account.
 *
 * "lagoon/trip/create#1", "lagoon/look-up#1" (of no intent), "lagoon/trip/create#1/callback#2":
 * made by fake-partners/door.c and callback.c, read here. Next: entity.c, menu.h, write_plan.h.
 */
#ifndef DBK_RUNNER_SEARCH_ENTITY_H
#define DBK_RUNNER_SEARCH_ENTITY_H

#include "runner/scenario.h"

/* Texts are views of the entity's. */
struct dbk_entity {
    size_t length; /* of the exchange's name alone */
    size_t partner_index;
    const struct dbk_scenario_partner *partner;
    enum dbk_op op;
    const char *intent; /* NULL: of none; not terminated */
    size_t intent_length;
    int64_t attempt;
    int64_t callback; /* from 1; 0: the exchange itself */
};

/* False where it names no exchange with a partner of that scenario. */
DBK_CHECKED bool dbk_entity_read(const struct dbk_scenario *scenario, const char *text,
                                 struct dbk_entity *entity);

#endif
