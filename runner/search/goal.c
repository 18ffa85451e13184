#include "runner/search/goal.h"

#include <stdio.h>
#include <string.h>

/* ---- signatures ---- */

bool dbk_signatures_have(const struct dbk_signatures *signatures,
                         const struct dbk_signature *signature)
{
    for (size_t i = 0; i < signatures->count; i++)
        if (signatures->items[i].is_of_partners == signature->is_of_partners &&
            strcmp(signatures->items[i].id, signature->id) == 0)
            return true;
    return false;
}

void dbk_signatures_add(struct dbk_signatures *signatures, const char *id, bool is_of_partners)
{
    struct dbk_signature signature = {.is_of_partners = is_of_partners};
    snprintf(signature.id, sizeof signature.id, "%s", id);
    if (signatures->count < DBK_SIGNATURES && !dbk_signatures_have(signatures, &signature))
        signatures->items[signatures->count++] = signature;
}

/* ---- an invariant is violated ---- */

static void reached_violation(void *self, const struct dbk_history *history,
                              const struct dbk_outcome *outcome, struct dbk_signatures *found)
{
    (void)self, (void)history;
    for (size_t i = 0; i < outcome->violation_count; i++)
        dbk_signatures_add(found, outcome->violations[i].invariant,
                           dbk_same(outcome->violations[i].owed_by, "partner"));
}

struct dbk_goal dbk_goal_violation(void)
{
    static const struct dbk_goal_ops ops = {.reached = reached_violation};
    return (struct dbk_goal){.ops = &ops,
                             .name = "an invariant is violated",
                             .sentence = "a run that violates an invariant"};
}

bool dbk_goal_check(const struct dbk_goal *goal, const struct dbk_scenario *scenario,
                    struct dbk_complaints *complaints)
{
    size_t before = complaints->total;
    if (goal->ops->check)
        goal->ops->check(goal->self, scenario, complaints);
    return complaints->total == before;
}

void dbk_goal_free(struct dbk_goal *goal)
{
    if (goal->ops && goal->ops->free)
        goal->ops->free(goal->self);
    *goal = (struct dbk_goal){0};
}
