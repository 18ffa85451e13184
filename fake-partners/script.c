#include "fake-partners/script.h"

const char *const dbk_reservation_states[] = {"pending", "confirmed", "rejected", "cancelled",
                                              NULL};

const char *dbk_reservation_state(const char *name)
{
    for (const char *const *state = dbk_reservation_states; *state; state++)
        if (dbk_same(*state, name))
            return *state;
    return NULL;
}

bool dbk_rule_is_for(const struct dbk_rule *rule, enum dbk_op op, const char *intent,
                     int64_t attempt)
{
    return (rule->op == DBK_OP_ANY || rule->op == op) &&
           (rule->attempt == 0 || rule->attempt == attempt) &&
           (!rule->intent || dbk_same(rule->intent, intent));
}
