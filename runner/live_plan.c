#include "runner/live.h"

#include <string.h>

struct finding {
    int64_t finest_ms, last_ms;
    int line;
};

/* A duration the order may depend on; 0 is no order in time. */
static void depends_on(struct finding *finding, int64_t ms, int line)
{
    if (ms <= 0 || (finding->finest_ms && ms >= finding->finest_ms))
        return;
    finding->finest_ms = ms;
    finding->line = line;
}

static void reaches(struct finding *finding, int64_t ms)
{
    if (ms > finding->last_ms)
        finding->last_ms = ms;
}

static void look_at_steps(struct finding *finding, const struct dbk_scenario *scenario)
{
    int64_t before_ms = 0;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        depends_on(finding, step->plus_ms, step->line);
        depends_on(finding, step->for_ms, step->line);
        if (step->at_ms == DBK_ABSENT)
            continue;
        depends_on(finding, step->at_ms - before_ms, step->line);
        reaches(finding, step->at_ms + step->for_ms);
        before_ms = step->at_ms;
    }
}

/* What a rule does is counted from a create, which may come as late as the last step. */
static void look_at_rule(struct finding *finding, const struct dbk_rule *rule)
{
    for (size_t i = 0; i < rule->action_count; i++) {
        depends_on(finding, rule->actions[i].duration_ms, rule->actions[i].line);
        reaches(finding, rule->actions[i].duration_ms);
    }
    for (size_t i = 0; i < rule->later_count; i++) {
        const struct dbk_later *later = &rule->laters[i];
        int64_t copies_ms = later->copies > 1 ? (later->copies - 1) * later->apart_ms : 0;
        depends_on(finding, later->after_ms, later->line);
        depends_on(finding, later->held_ms, later->line);
        depends_on(finding, copies_ms ? later->apart_ms : 0, later->line);
        reaches(finding, later->after_ms + later->held_ms + copies_ms);
    }
}

/* A partner's bound counts from the sending of a create, and live only its arrival is known: what
 * is left of the bound must be long enough for a real network. Nothing is left where it is broken.
 */
static void look_at_bound(struct finding *finding, const struct dbk_rule *rule, int64_t bound_ms)
{
    int64_t left_ms = bound_ms;
    if (rule->op != DBK_OP_ANY && rule->op != DBK_OP_CREATE)
        return;
    for (size_t i = 0; i < rule->action_count; i++)
        if (rule->actions[i].fault == DBK_FAULT_DELAY_REQUEST ||
            rule->actions[i].fault == DBK_FAULT_COMMIT_LATE)
            left_ms -= rule->actions[i].duration_ms;
    depends_on(finding, left_ms, rule->line);
}

static void look_at_partner(struct finding *finding, const struct dbk_scenario_partner *partner)
{
    depends_on(finding, partner->profile.commit_within_ms, 0);
    for (size_t i = 0; i < partner->rule_count; i++) {
        look_at_rule(finding, &partner->rules[i]);
        look_at_bound(finding, &partner->rules[i], partner->profile.commit_within_ms);
    }
}

static const char *refusal(const struct dbk_scenario *scenario, const struct dbk_live_plan *plan,
                           struct dbk_arena *arena)
{
    if (scenario->live_no)
        return scenario->live_no;
    for (size_t i = 0; i < scenario->pinned_count; i++)
        if (!dbk_sites[scenario->pinned[i].site].is_live)
            return dbk_arena_printf(arena, "the live stage has no choice %s",
                                    dbk_sites[scenario->pinned[i].site].name);
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].process)
            return "live, the core's machines are one process and stop together";
    if (plan->finest_ms && plan->finest_ms / plan->scale < DBK_LIVE_FINEST_MS &&
        !scenario->live_scale)
        return dbk_arena_printf(
            arena, "line %d makes its order depend on %lld ms, finer than the %d ms live can hold",
            plan->finest_line, (long long)plan->finest_ms, DBK_LIVE_FINEST_MS);
    if (plan->real_ms > DBK_LIVE_STORY_MAX_MS)
        return dbk_arena_printf(
            arena, "it would take %lld s: line %d makes its order depend on %lld ms",
            (long long)(plan->real_ms / 1000), plan->finest_line, (long long)plan->finest_ms);
    return NULL;
}

struct dbk_live_plan dbk_live_plan(const struct dbk_scenario *scenario, struct dbk_arena *arena)
{
    struct finding finding = {0};
    look_at_steps(&finding, scenario);
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        if (scenario->setting_is_set[i])
            depends_on(&finding, scenario->settings.settings_ms[i], 0);
    for (size_t i = 0; i < scenario->partner_count; i++)
        look_at_partner(&finding, &scenario->partners[i]);
    struct dbk_live_plan plan = {.finest_ms = finding.finest_ms, .finest_line = finding.line};
    plan.scale = scenario->live_scale;
    if (!plan.scale)
        plan.scale =
            finding.finest_ms ? finding.finest_ms / DBK_LIVE_FINEST_MS : DBK_LIVE_SCALE_MAX;
    if (plan.scale > DBK_LIVE_SCALE_MAX)
        plan.scale = DBK_LIVE_SCALE_MAX;
    if (plan.scale < 1)
        plan.scale = 1;
    plan.real_ms = finding.last_ms / plan.scale;
    plan.sim_only = refusal(scenario, &plan, arena);
    return plan;
}
