#include "runner/sim_parts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define LATENCIES 8 /* 5, 10, ... 40 ms */
#define LATENCY_STEP_MS 5
#define NONE DBK_SIM_NONE
#define OVERTAKERS 2
#define OVERTAKEN_WITHIN_MS 1000

/* Facts. */

static void record(struct dbk_sim *sim, size_t index, const struct dbk_fact *what)
{
    const struct process *process = &sim->processes[index];
    struct dbk_fact fact = *what;
    if (!fact.who)
        fact.who = process->name;
    fact.at_ms = sim->now_ms;
    fact.clock = process->clock;
    fact.reads_ms = sim->scenario->zero_ms + sim->now_ms + process->offset_ms;
    dbk_history_add_kept(sim->history, &fact);
}

void dbk_sim_record_stage(struct dbk_sim *sim, const struct dbk_fact *what)
{
    struct dbk_fact fact = *what;
    if (!fact.who)
        fact.who = "stage";
    fact.at_ms = sim->now_ms;
    dbk_history_add(sim->history, &fact);
}

void dbk_sim_record_process(struct dbk_sim *sim, size_t index, const char *fate)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_PROCESS);
    fact.fate = fate;
    record(sim, index, &fact);
}

/* What became of a partner's answer, told at the partner's end. */
void dbk_sim_record_answer(struct dbk_sim *sim, const struct exchange *exchange, const char *fate)
{
    if (sim->processes[exchange->to].role != PARTNER || !exchange->has_answered_about)
        return;
    struct dbk_fact fact = exchange->answered_about;
    fact.kind = DBK_FACT_ANSWER;
    fact.to = sim->processes[exchange->from].name;
    fact.fate = fate;
    record(sim, exchange->to, &fact);
}

/* The core's own end of an exchange with a partner: for reports only. */
void dbk_sim_record_core_end(struct dbk_sim *sim, const struct exchange *exchange, const char *fate,
                             int http)
{
    if (sim->processes[exchange->from].role != CORE)
        return;
    struct dbk_fact fact =
        exchange->has_asked_about ? exchange->asked_about : dbk_fact_of(DBK_FACT_CORE);
    fact.kind = DBK_FACT_CORE;
    fact.to = sim->processes[exchange->to].name;
    fact.fate = fate;
    if (http)
        fact.http = http;
    record(sim, exchange->from, &fact);
}

void dbk_sim_record_choice(struct dbk_sim *sim, const char *fault, size_t pin)
{
    if (!pin)
        return;
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_FAULT);
    char rule[32] = "choice";
    if (pin != DBK_PIN_OF_SEARCH) {
        snprintf(rule, sizeof rule, "choice#%zu", pin);
        fact.line = sim->scenario->pinned[pin - 1].line;
    }
    fact.fault = fault;
    fact.by = rule;
    dbk_sim_record_stage(sim, &fact);
}

/* Queue. */

void dbk_sim_put(struct dbk_sim *sim, int64_t at_ms, enum dbk_sim_kind kind, size_t process,
                 size_t exchange, uint64_t detail)
{
    dbk_sim_queue_put(&sim->queue, (struct dbk_sim_item){.at_ms = at_ms,
                                                         .kind = kind,
                                                         .process = process,
                                                         .exchange = exchange,
                                                         .detail = detail});
}

void dbk_sim_put_step(struct dbk_sim *sim, size_t step, int64_t at_ms)
{
    if (sim->step_begun[step])
        return;
    sim->step_begun[step] = true;
    dbk_sim_put(sim, at_ms, DBK_SIM_STEP, NONE, NONE, step);
}

/* A step that waits for what somebody is shown begins when that is shown. */
static void start_waiting_steps(struct dbk_sim *sim, const struct dbk_fact *read)
{
    for (size_t i = 0; i < sim->scenario->step_count; i++) {
        const struct dbk_step *step = &sim->scenario->steps[i];
        if (step->when_booking && dbk_same(step->when_booking, read->booking) &&
            dbk_same(step->when_status, read->status))
            dbk_sim_put_step(sim, i, sim->now_ms + step->plus_ms);
    }
}

size_t dbk_sim_find_process(const struct dbk_sim *sim, const char *name)
{
    if (strcmp(name, "core") == 0)
        return API;
    for (size_t i = 0; i < sim->process_count; i++)
        if (strcmp(sim->processes[i].machine.name, name) == 0)
            return i;
    return NONE;
}

/* Network. */

/* "core.worker>lagoon/create" */
static void name_way(const struct dbk_sim *sim, const struct exchange *exchange, size_t from,
                     size_t to, char entity[static 128])
{
    const char *op = exchange->has_asked_about ? exchange->asked_about.op : NULL;
    const char *parts[] = {sim->processes[from].machine.name, ">", sim->processes[to].machine.name,
                           op ? "/" : "", op ? op : ""};
    size_t length = 0;
    for (size_t i = 0; i < DBK_COUNT(parts); i++)
        for (const char *c = parts[i]; *c && length < 127; c++)
            entity[length++] = *c;
    entity[length] = '\0';
}

static int64_t latency(struct dbk_sim *sim, enum dbk_site site, const struct exchange *exchange)
{
    if (exchange->is_instant)
        return 0;
    char entity[128];
    name_way(sim, exchange, exchange->from, exchange->to, entity);
    uint32_t pick = dbk_choose(&sim->chooser, site, entity, LATENCIES);
    return LATENCY_STEP_MS * (1 + (int64_t)pick);
}

/* The core's processes are one party: what matters is which of two messages it has first. */
static bool is_same_party(const struct dbk_sim *sim, size_t one, size_t other)
{
    return one == other || (sim->processes[one].role == CORE && sim->processes[other].role == CORE);
}

/* When the next messages arrive that may overtake one to the party, the first first; gives how many
 * there are, at most DBK_SIM_OVERTAKERS. */
static size_t find_overtakers(const struct dbk_sim *sim, size_t party,
                              int64_t at_ms[static OVERTAKERS])
{
    const struct dbk_sim_item *found[OVERTAKERS] = {0};
    size_t count = 0;
    for (size_t i = 0; i < sim->queue.count; i++) {
        const struct dbk_sim_item *item = &sim->queue.items[i];
        bool is_message = item->kind == DBK_SIM_ARRIVE ||
                          (item->kind == DBK_SIM_ANSWER && sim->exchanges[item->exchange].is_open);
        if (!is_message || item->at_ms > sim->now_ms + OVERTAKEN_WITHIN_MS ||
            sim->exchanges[item->exchange].is_instant || !is_same_party(sim, item->process, party))
            continue;
        size_t place = count;
        while (place > 0 && dbk_sim_item_is_before(item, found[place - 1]))
            place--;
        count = count < OVERTAKERS ? count + 1 : count;
        for (size_t k = count - 1; k > place; k--)
            found[k] = found[k - 1];
        if (place < OVERTAKERS)
            found[place] = item;
    }
    for (size_t i = 0; i < count; i++)
        at_ms[i] = found[i]->at_ms;
    return count;
}

bool dbk_sim_is_overtaken(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    if ((item->kind != DBK_SIM_ARRIVE && item->kind != DBK_SIM_ANSWER) || sim->is_over ||
        !dbk_sim_chooser_minds(&sim->choices, DBK_SITE_ORDER))
        return false;
    struct exchange *exchange = &sim->exchanges[item->exchange];
    bool *was_asked =
        item->kind == DBK_SIM_ARRIVE ? &exchange->was_request_asked : &exchange->was_answer_asked;
    bool is_lost = item->kind == DBK_SIM_ANSWER && !exchange->is_open;
    int64_t at_ms[OVERTAKERS];
    if (*was_asked || exchange->is_instant || is_lost || sim->processes[item->process].is_down)
        return false;
    *was_asked = true;
    size_t overtakers = find_overtakers(sim, item->process, at_ms);
    if (overtakers == 0)
        return false;
    char entity[128];
    size_t from = item->kind == DBK_SIM_ARRIVE ? exchange->from : exchange->to;
    name_way(sim, exchange, from, item->process, entity);
    uint32_t taken = dbk_choose(&sim->chooser, DBK_SITE_ORDER, entity, (uint32_t)overtakers + 1);
    if (taken == 0)
        return false;
    dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_ORDER].name, sim->choices.last_pin);
    struct dbk_sim_item later = *item;
    later.at_ms = at_ms[taken - 1];
    dbk_sim_queue_put(&sim->queue, later);
    return true;
}

void dbk_sim_fail_at(struct dbk_sim *sim, int64_t at_ms, size_t exchange, enum dbk_failure failure)
{
    dbk_sim_put(sim, at_ms, DBK_SIM_FAIL, sim->exchanges[exchange].from, exchange, failure);
}

static size_t new_exchange(struct dbk_sim *sim)
{
    if (sim->exchange_count == sim->exchange_capacity) {
        sim->exchange_capacity = sim->exchange_capacity ? sim->exchange_capacity * 2 : 64;
        sim->exchanges =
            dbk_resize(sim->exchanges, sim->exchange_capacity * sizeof *sim->exchanges);
    }
    sim->exchanges[sim->exchange_count] = (struct exchange){0};
    return sim->exchange_count++;
}

static void release_send(struct dbk_sim *sim, size_t from, struct dbk_effect *effect)
{
    size_t to = dbk_sim_find_process(sim, effect->to);
    assert(to != NONE);
    size_t index = new_exchange(sim);
    struct exchange *exchange = &sim->exchanges[index];
    *exchange = (struct exchange){.from = from,
                                  .to = to,
                                  .incarnation = sim->processes[from].incarnation,
                                  .tag = effect->tag,
                                  .left_ms = sim->now_ms,
                                  .is_open = true,
                                  .request = effect->message,
                                  .asked_about = effect->fact,
                                  .has_asked_about = effect->has_fact};
    effect->message = NULL;
    exchange->is_instant =
        sim->processes[from].role == PERSON && dbk_same(exchange->asked_about.op, "watch");
    if (effect->send_before_mono_ms != DBK_ABSENT && sim->now_ms > effect->send_before_mono_ms) {
        exchange->is_answered = true; /* dropped by the host: it never leaves */
        dbk_sim_fail_at(sim, sim->now_ms, index, DBK_FAILURE_TOO_LATE);
        return;
    }
    dbk_sim_record_core_end(sim, exchange, "sent", 0);
    int64_t arrives_ms = sim->now_ms + latency(sim, DBK_SITE_REQUEST_LATENCY, exchange);
    dbk_sim_put(sim, arrives_ms, DBK_SIM_ARRIVE, to, index, 0);
    dbk_sim_fail_at(sim, sim->now_ms + effect->timeout_ms, index, DBK_FAILURE_TIMED_OUT);
}

static void release_answer(struct dbk_sim *sim, size_t from, struct dbk_effect *effect)
{
    struct exchange *exchange = &sim->exchanges[effect->exchange - 1];
    if (exchange->to != from || exchange->is_answered)
        return;
    exchange->is_answered = true;
    exchange->answered_about = effect->fact;
    exchange->has_answered_about = effect->has_fact;
    if (effect->kind == DBK_EFFECT_WITHHOLD) {
        dbk_sim_record_answer(sim, exchange, "lost");
        return;
    }
    int64_t arrives_ms = sim->now_ms + latency(sim, DBK_SITE_ANSWER_LATENCY, exchange);
    if (effect->kind == DBK_EFFECT_BREAK) {
        dbk_sim_record_answer(sim, exchange, "lost");
        dbk_sim_fail_at(sim, arrives_ms, effect->exchange - 1, effect->failure);
        return;
    }
    exchange->answer = effect->message;
    effect->message = NULL;
    dbk_sim_put(sim, arrives_ms, DBK_SIM_ANSWER, exchange->from, effect->exchange - 1, 0);
}

void dbk_sim_set_wake(struct dbk_sim *sim, size_t index, int64_t wake_ms)
{
    struct process *process = &sim->processes[index];
    if (process->wake_ms == wake_ms)
        return;
    process->wake_ms = wake_ms;
    process->wakes++;
    if (wake_ms != DBK_ABSENT)
        dbk_sim_put(sim, wake_ms < sim->now_ms ? sim->now_ms : wake_ms, DBK_SIM_WAKE, index, NONE,
                    process->wakes);
}

static void release_fact(struct dbk_sim *sim, size_t index, struct dbk_effect *effect,
                         size_t exchange)
{
    struct dbk_fact *fact = &effect->fact;
    if (fact->kind == DBK_FACT_SAW && fact->asked_ms == DBK_ABSENT && exchange != NONE)
        fact->asked_ms = sim->exchanges[exchange].left_ms;
    record(sim, index, fact);
    if (fact->kind == DBK_FACT_READ && fact->status)
        start_waiting_steps(sim, fact);
}

void dbk_sim_release_effect(struct dbk_sim *sim, size_t index, struct dbk_effect *effect,
                            size_t exchange)
{
    switch (effect->kind) {
    case DBK_EFFECT_ANSWER:
    case DBK_EFFECT_BREAK:
    case DBK_EFFECT_WITHHOLD:
        release_answer(sim, index, effect);
        break;
    case DBK_EFFECT_SEND:
        release_send(sim, index, effect);
        break;
    case DBK_EFFECT_WAKE:
        dbk_sim_set_wake(sim, index, effect->wake_mono_ms);
        break;
    case DBK_EFFECT_POKE: {
        size_t fellow = dbk_sim_find_process(sim, effect->to);
        if (fellow != NONE && !sim->processes[fellow].is_down)
            dbk_sim_put(sim, sim->now_ms, DBK_SIM_POKE, fellow, NONE, effect->tag);
        break;
    }
    case DBK_EFFECT_FACT:
        release_fact(sim, index, effect, exchange);
        break;
    }
}
