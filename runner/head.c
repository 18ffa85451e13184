#include "runner/head.h"

#include <string.h>

static void copy_clocks(const struct dbk_scenario *scenario, struct dbk_history *history)
{
    history->clock_count = scenario->clock_count;
    history->clocks =
        dbk_arena_alloc(&history->arena, (scenario->clock_count + 1) * sizeof *history->clocks);
    for (size_t i = 0; i < scenario->clock_count; i++)
        history->clocks[i] =
            (struct dbk_clock){.name = dbk_arena_text(&history->arena, scenario->clocks[i].name),
                               .offset_ms = scenario->clocks[i].offset_ms};
}

static void copy_partners(const struct dbk_scenario *scenario, struct dbk_history *history)
{
    history->partner_count = scenario->partner_count;
    history->partners =
        dbk_arena_alloc(&history->arena, (scenario->partner_count + 1) * sizeof *history->partners);
    for (size_t i = 0; i < scenario->partner_count; i++)
        history->partners[i] =
            (struct dbk_party){.name = dbk_arena_text(&history->arena, scenario->partners[i].name),
                               .profile = scenario->partners[i].profile};
}

const char *dbk_pinned_fault(const struct dbk_pinned *pin)
{
    struct dbk_later callback = {0};
    struct dbk_user_action action;
    if (pin->site == DBK_SITE_EXCHANGE_FAULT)
        return pin->take > 0 && pin->take < DBK_FAULT_CHOICES
                   ? dbk_faults[(pin->take - 1) % DBK_FAULTS].name
                   : NULL;
    if (pin->site == DBK_SITE_CALLBACK_FAULT)
        return dbk_callback_of_choice(pin->take, "pending", &callback)
                   ? dbk_callback_faults[dbk_callback_fault_of(&callback)].name
                   : NULL;
    if (pin->site == DBK_SITE_USER_FAULT)
        return dbk_user_action_of_choice(pin->take, &action) ? dbk_user_faults[action.fault].name
                                                             : NULL;
    return dbk_sites[pin->site].is_adverse ? dbk_sites[pin->site].name : NULL;
}

bool dbk_pin_is_of_exchange(const struct dbk_pinned *pin)
{
    return pin->site == DBK_SITE_EXCHANGE_FAULT || pin->site == DBK_SITE_CALLBACK_FAULT ||
           pin->site == DBK_SITE_USER_FAULT;
}

const char *dbk_pinned_teller(const struct dbk_scenario *scenario, const struct dbk_pinned *pin,
                              struct dbk_arena *arena)
{
    if (dbk_pin_is_of_exchange(pin))
        return "choice"; /* as the partner, or the user's way, tells it */
    return dbk_arena_printf(arena, "choice#%zu", (size_t)(pin - scenario->pinned) + 1);
}

/* A pinned adverse choice is a fault like a scripted one: not taking effect is a gap. */
static void copy_faults(const struct dbk_scenario *scenario, struct dbk_history *history)
{
    struct dbk_arena *arena = &history->arena;
    struct dbk_terms *terms = &history->terms;
    size_t most = scenario->terms.fault_count + scenario->pinned_count;
    terms->faults = dbk_arena_alloc(arena, (most + 1) * sizeof *terms->faults);
    for (size_t i = 0; i < scenario->terms.fault_count; i++) {
        struct dbk_scripted_fault fault = scenario->terms.faults[i];
        fault.rule = dbk_arena_text(arena, fault.rule);
        fault.fault = dbk_arena_text(arena, fault.fault);
        terms->faults[terms->fault_count++] = fault;
    }
    for (size_t i = 0; i < scenario->pinned_count; i++) {
        const struct dbk_pinned *pin = &scenario->pinned[i];
        const char *fault = dbk_pinned_fault(pin);
        if (fault)
            terms->faults[terms->fault_count++] =
                (struct dbk_scripted_fault){.rule = dbk_pinned_teller(scenario, pin, arena),
                                            .fault = fault,
                                            .line = pin->line,
                                            .if_reached = pin->if_reached};
    }
}

static void copy_expects(const struct dbk_terms *from, struct dbk_history *history)
{
    struct dbk_arena *arena = &history->arena;
    struct dbk_terms *terms = &history->terms;
    terms->expect_count = from->expect_count;
    terms->expects = dbk_arena_alloc(arena, (from->expect_count + 1) * sizeof *terms->expects);
    for (size_t i = 0; i < from->expect_count; i++) {
        struct dbk_expect expect = from->expects[i];
        expect.booking = dbk_arena_text(arena, expect.booking);
        expect.partner = dbk_arena_text(arena, expect.partner);
        expect.status = dbk_arena_text(arena, expect.status);
        expect.op = dbk_arena_text(arena, expect.op);
        terms->expects[i] = expect;
    }
}

static void copy_terms(const struct dbk_terms *from, struct dbk_history *history)
{
    struct dbk_arena *arena = &history->arena;
    struct dbk_terms *terms = &history->terms;
    terms->prove_count = from->prove_count;
    terms->proves = dbk_arena_alloc(arena, (from->prove_count + 1) * sizeof *terms->proves);
    for (size_t i = 0; i < from->prove_count; i++)
        terms->proves[i] = dbk_arena_text(arena, from->proves[i]);
    terms->exception_count = from->exception_count;
    terms->exceptions =
        dbk_arena_alloc(arena, (from->exception_count + 1) * sizeof *terms->exceptions);
    for (size_t i = 0; i < from->exception_count; i++)
        terms->exceptions[i] = (struct dbk_exception){
            .invariant = dbk_arena_text(arena, from->exceptions[i].invariant),
            .reason = dbk_arena_text(arena, from->exceptions[i].reason)};
    terms->step_count = from->step_count;
    terms->steps = dbk_arena_alloc(arena, (from->step_count + 1) * sizeof *terms->steps);
    for (size_t i = 0; i < from->step_count; i++)
        terms->steps[i] = (struct dbk_planned_step){
            .line = from->steps[i].line, .text = dbk_arena_text(arena, from->steps[i].text)};
}

/* Scenario, profiles and policy as they were in force. */
static const char *digest_of(const struct dbk_scenario *scenario, const struct dbk_policy *policy,
                             struct dbk_arena *arena)
{
    uint8_t values[DBK_RULES + 8 * DBK_SETTINGS];
    memcpy(values, policy->rules, DBK_RULES);
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        for (size_t byte = 0; byte < 8; byte++)
            values[DBK_RULES + 8 * i + byte] =
                (uint8_t)((uint64_t)policy->settings_ms[i] >> (8 * byte));
    struct dbk_digest digest = dbk_digest_link(&scenario->digest, values, sizeof values);
    char *hex = dbk_arena_alloc(arena, DBK_DIGEST_HEX);
    dbk_digest_hex(&digest, hex);
    return hex;
}

void dbk_head(const struct dbk_scenario *scenario, const struct dbk_policy *policy,
              const char *stage, uint64_t seed, struct dbk_history *history)
{
    struct dbk_arena *arena = &history->arena;
    history->scenario = dbk_arena_text(arena, scenario->name);
    const char *slash = strrchr(scenario->file, '/'); /* where it lies must not change the hash */
    history->file = dbk_arena_text(arena, slash ? slash + 1 : scenario->file);
    history->stage = stage;
    history->policy = dbk_arena_text(arena, policy->name);
    history->seed = (int64_t)seed;
    history->zero_ms = scenario->zero_ms;
    history->inputs = digest_of(scenario, policy, arena);
    copy_clocks(scenario, history);
    copy_partners(scenario, history);
    copy_terms(&scenario->terms, history);
    copy_faults(scenario, history);
    copy_expects(&scenario->terms, history);
}
