#include "runner/live.h"

#include <string.h>

/* Where the story's order comes from: durations that stand in it, and gaps between two moments at
 * which different parties act: a step, what a script does so long after a request, the end of the
 * core's patience, the last moment at which an expectation is met. */
struct finding {
    const struct dbk_scenario *scenario;
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

static void depends_on_gap(struct finding *finding, int64_t one_ms, int64_t other_ms, int line)
{
    depends_on(finding, one_ms < other_ms ? other_ms - one_ms : one_ms - other_ms, line);
}

static void reaches(struct finding *finding, int64_t ms)
{
    if (ms > finding->last_ms)
        finding->last_ms = ms;
}

/* The wish that a booking serves; NULL: nobody books it. */
static const char *intent_of(const struct dbk_scenario *scenario, const char *booking)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (dbk_same(scenario->steps[i].booking, booking))
            return scenario->steps[i].intent;
    return NULL;
}

/* Something becomes of a wish by itself: does it come close to a step, or to the end of what is
 * expected? NULL, and a step of the core itself, is about every wish. */
static void happens(struct finding *finding, const char *intent, int64_t at_ms, int line)
{
    const struct dbk_scenario *scenario = finding->scenario;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        if (step->at_ms != DBK_ABSENT &&
            (!intent || !step->intent || dbk_same(step->intent, intent)))
            depends_on_gap(finding, step->at_ms, at_ms, line);
    }
    for (size_t i = 0; i < scenario->terms.expect_count; i++) {
        const struct dbk_expect *expect = &scenario->terms.expects[i];
        if (expect->kind == DBK_EXPECT_STATUS && expect->by_ms != DBK_ABSENT &&
            (!intent || dbk_same(intent_of(scenario, expect->booking), intent)))
            depends_on_gap(finding, expect->by_ms, at_ms, expect->line);
    }
}

static void look_at_steps(struct finding *finding)
{
    const struct dbk_scenario *scenario = finding->scenario;
    int64_t before_ms = 0;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        depends_on(finding, step->plus_ms, step->line);
        depends_on(finding, step->for_ms, step->line);
        for (size_t k = 0; k < step->action_count; k++)
            depends_on(finding, step->actions[k].duration_ms, step->actions[k].line);
        if (step->at_ms == DBK_ABSENT)
            continue;
        depends_on(finding, step->at_ms - before_ms, step->line);
        if (step->for_ms > 0)
            happens(finding, NULL, step->at_ms + step->for_ms, step->line); /* it is up again */
        for (size_t k = 0; k < step->action_count; k++)
            if (step->actions[k].duration_ms > 0) {
                happens(finding, step->intent, step->at_ms + step->actions[k].duration_ms,
                        step->actions[k].line);
                reaches(finding, step->at_ms + step->actions[k].duration_ms);
            }
        reaches(finding, step->at_ms + step->for_ms);
        before_ms = step->at_ms;
    }
}

/* How long the core waits for an answer; not known of a request of any kind. */
static int64_t patience_ms(const struct dbk_scenario *scenario, enum dbk_op op)
{
    const int64_t *settings = scenario->settings.settings_ms;
    switch (op) {
    case DBK_OP_CREATE:
        return settings[DBK_SETTING_CREATE_TIMEOUT];
    case DBK_OP_LOOK_UP:
    case DBK_OP_GET:
        return settings[DBK_SETTING_LOOK_UP_TIMEOUT];
    case DBK_OP_CANCEL:
        return settings[DBK_SETTING_CANCEL_TIMEOUT];
    case DBK_OP_CONFIRM:
    case DBK_OP_EXTEND:
        return settings[DBK_SETTING_CONFIRM_TIMEOUT];
    default:
        return DBK_ABSENT;
    }
}

/* True if the answer to the request comes so much later. */
static bool delays_answer(const struct dbk_action *action)
{
    return action->fault == DBK_FAULT_DELAY_ANSWER || action->fault == DBK_FAULT_DELAY_REQUEST ||
           action->fault == DBK_FAULT_COMMIT_LATE;
}

/* after_ms: when it is made, from the commit. */
static void look_at_later(struct finding *finding, const struct dbk_later *later, int64_t after_ms)
{
    int64_t copies_ms = later->copies > 1 ? (later->copies - 1) * later->apart_ms : 0;
    depends_on(finding, after_ms, later->line);
    depends_on(finding, later->held_ms, later->line);
    depends_on(finding, copies_ms ? later->apart_ms : 0, later->line);
    reaches(finding, after_ms + later->held_ms + copies_ms);
}

/* What a rule does is counted from a create, which may come as late as the last step. */
static void look_at_rule(struct finding *finding, const struct dbk_rule *rule)
{
    int64_t timeout_ms = patience_ms(finding->scenario, rule->op);
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct dbk_action *action = &rule->actions[i];
        depends_on(finding, action->duration_ms, action->line);
        if (delays_answer(action) && timeout_ms != DBK_ABSENT)
            depends_on_gap(finding, action->duration_ms, timeout_ms, action->line);
        reaches(finding, action->duration_ms);
    }
    for (size_t i = 0; i < rule->later_count; i++)
        look_at_later(finding, &rule->laters[i], rule->laters[i].after_ms);
    for (size_t i = 0; i < rule->callback_count; i++)
        look_at_later(finding, &rule->callbacks[i], DBK_PARTNER_SETTLES_AFTER_MS);
}

static void callback_comes(struct finding *finding, const char *intent,
                           const struct dbk_later *callback, int64_t made_ms)
{
    int64_t copies = callback->copies > 1 ? callback->copies : 1;
    for (int64_t k = 0; k < copies; k++)
        happens(finding, intent, made_ms + callback->held_ms + k * callback->apart_ms,
                callback->line);
}

/* What a rule makes of the request that a step leads to at once. */
static void look_at_first_request(struct finding *finding, const struct dbk_step *step,
                                  const struct dbk_rule *rule)
{
    int64_t timeout_ms = patience_ms(finding->scenario,
                                     step->kind == DBK_STEP_CANCEL ? DBK_OP_CANCEL : DBK_OP_CREATE);
    int64_t done_ms = step->at_ms; /* at the partner, as far as the rule says */
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct dbk_action *action = &rule->actions[i];
        if (action->fault == DBK_FAULT_LOSE_REQUEST || action->fault == DBK_FAULT_LOSE_ANSWER)
            happens(finding, step->intent, step->at_ms + timeout_ms, action->line);
        if (!delays_answer(action))
            continue;
        happens(finding, step->intent, step->at_ms + action->duration_ms, action->line);
        if (action->fault != DBK_FAULT_DELAY_ANSWER)
            done_ms += action->duration_ms;
    }
    for (size_t i = 0; i < rule->later_count; i++) {
        const struct dbk_later *later = &rule->laters[i];
        happens(finding, step->intent, done_ms + later->after_ms, later->line);
        if (later->has_callback)
            callback_comes(finding, step->intent, later, done_ms + later->after_ms);
    }
    for (size_t i = 0; i < rule->callback_count; i++)
        if (!rule->callbacks[i].is_lost)
            callback_comes(finding, step->intent, &rule->callbacks[i],
                           done_ms + DBK_PARTNER_SETTLES_AFTER_MS);
}

static void look_at_requests(struct finding *finding, const struct dbk_scenario_partner *partner)
{
    const struct dbk_scenario *scenario = finding->scenario;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        bool is_cancel = step->kind == DBK_STEP_CANCEL;
        if (step->at_ms == DBK_ABSENT || (step->kind != DBK_STEP_BOOK && !is_cancel) ||
            !dbk_same(step->partner, partner->name))
            continue;
        for (size_t k = 0; k < partner->rule_count; k++)
            if (dbk_rule_is_for(&partner->rules[k], is_cancel ? DBK_OP_CANCEL : DBK_OP_CREATE,
                                step->intent, 1))
                look_at_first_request(finding, step, &partner->rules[k]);
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
    look_at_requests(finding, partner);
}

/* A look that is to show in time what is expected. */
static void look_at_expectations(struct finding *finding)
{
    const struct dbk_scenario *scenario = finding->scenario;
    for (size_t i = 0; i < scenario->terms.expect_count; i++) {
        const struct dbk_expect *expect = &scenario->terms.expects[i];
        if (expect->kind != DBK_EXPECT_STATUS || expect->by_ms == DBK_ABSENT)
            continue;
        for (size_t k = 0; k < scenario->step_count; k++)
            if (scenario->steps[k].at_ms != DBK_ABSENT &&
                dbk_same(scenario->steps[k].intent, intent_of(scenario, expect->booking)))
                depends_on_gap(finding, expect->by_ms, scenario->steps[k].at_ms, expect->line);
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
    struct finding finding = {.scenario = scenario};
    look_at_steps(&finding);
    look_at_expectations(&finding);
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
