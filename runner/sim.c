/* The simulated stage.
 *
 * Processes: core.api and core.worker over one store, each fake partner, each person. An item
 * of the queue is handed to one process as one step. A step of the core goes through
 *
 *   [1] begin, savepoint, step, release [2] commit [3] effect 1 [4] effect 2 ...
 *
 * and the numbers are the points at which the choices `crash` and `pause` may stop it (100 + k:
 * inside the step, at its k-th store write). A crash loses the process's memory, its open
 * transaction, its unreleased effects and every exchange it had open; the store keeps what was
 * committed. A pause holds everything where it is, an open transaction too: the other process
 * of the core then waits for the store. With `commit-with-next` a step's transaction stays open
 * for the next step of the same process at the same instant, and both are released together.
 *
 * The network: a request arrives one latency after it left, an answer likewise; a client that
 * was answered too late or died never hears it. A host that is down refuses.
 *
 * Rest is an empty queue: nobody has anything left to do. Then every person looks once more at all
 * she ever looked at, and the run ends. */
#include "runner/sim.h"

#include "core/store_sqlite.h"
#include "runner/head.h"
#include "runner/sim_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 200000 /* per run; more is a livelock */
#define NONE DBK_SIM_NONE

/* Items. */

static void arrive(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    struct exchange *exchange = &sim->exchanges[item->exchange];
    bool is_to_partner = sim->processes[exchange->to].role == PARTNER;
    if (sim->processes[exchange->to].is_down) {
        exchange->is_answered = true;
        dbk_sim_fail_at(sim, sim->now_ms, item->exchange, DBK_FAILURE_REFUSED);
        return;
    }
    exchange->has_arrived = true;
    dbk_sim_run_step(
        sim, exchange->to, item,
        (struct dbk_event){.kind = DBK_EVENT_REQUEST,
                           .exchange = item->exchange + 1,
                           .message = exchange->request,
                           .from = sim->processes[exchange->from].machine.name,
                           .travelled_ms = is_to_partner ? sim->now_ms - exchange->left_ms : 0});
}

static void hear(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    struct exchange *exchange = &sim->exchanges[item->exchange];
    if (!exchange->is_open) {
        dbk_sim_record_answer(sim, exchange, "late");
        return;
    }
    exchange->is_open = false;
    dbk_sim_record_answer(sim, exchange, "delivered");
    dbk_sim_record_core_end(sim, exchange, "heard", exchange->answer->status);
    struct dbk_message *answer = exchange->answer;
    dbk_sim_run_step(
        sim, exchange->from, item,
        (struct dbk_event){.kind = DBK_EVENT_RESPONSE, .tag = exchange->tag, .message = answer});
}

static void fail(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    struct exchange *exchange = &sim->exchanges[item->exchange];
    if (!exchange->is_open)
        return;
    exchange->is_open = false;
    enum dbk_failure failure = (enum dbk_failure)item->detail;
    dbk_sim_record_core_end(sim, exchange, dbk_failure_name(failure), 0);
    dbk_sim_run_step(
        sim, exchange->from, item,
        (struct dbk_event){.kind = DBK_EVENT_FAILED, .tag = exchange->tag, .failure = failure});
}

static void check_store(struct dbk_sim *sim)
{
    char why[160] = "";
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_STORE);
    bool is_whole = dbk_store_check(sim->store, why);
    fact.fate = is_whole ? "whole" : "broken";
    fact.text = is_whole ? NULL : why;
    dbk_sim_record_stage(sim, &fact);
}

static void restart(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    struct process *process = &sim->processes[item->process];
    if (!process->is_down || process->incarnation != item->detail)
        return;
    process->is_down = false;
    dbk_sim_record_process(sim, item->process, "up");
    dbk_sim_flush_batch(sim);
    if (sim->store_holder == NONE)
        check_store(sim);
    dbk_sim_put(sim, sim->now_ms, DBK_SIM_START, item->process, NONE, 0);
}

static void begin_core_step(struct dbk_sim *sim, const struct dbk_step *step)
{
    for (size_t i = API; i <= WORKER; i++) {
        if (step->process && strcmp(step->process, sim->processes[i].machine.name) != 0)
            continue;
        if (step->kind == DBK_STEP_CRASH)
            dbk_sim_die(sim, i, step->for_ms);
        if (step->kind == DBK_STEP_PAUSE)
            dbk_sim_pause_process(sim, i, step->for_ms);
    }
}

static void begin_step(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    const struct dbk_step *step = &sim->scenario->steps[item->detail];
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_STEP);
    fact.who = step->actor;
    fact.nth = (int64_t)item->detail + 1;
    fact.line = step->line;
    fact.text = step->text;
    dbk_sim_record_stage(sim, &fact);
    if (step->kind == DBK_STEP_CRASH || step->kind == DBK_STEP_PAUSE) {
        begin_core_step(sim, step);
        return;
    }
    dbk_sim_run_step(sim, dbk_sim_find_process(sim, step->actor), NULL,
                     (struct dbk_event){.kind = DBK_EVENT_POKED, .tag = item->detail + 1});
}

/* True if the item has to wait: its process is paused, or the store is held by the other one. */
static bool is_put_off(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    if (item->process == NONE || item->kind == DBK_SIM_RESUME || item->kind == DBK_SIM_RESTART)
        return false;
    const struct process *process = &sim->processes[item->process];
    const struct process *waits_for = process->is_paused ? process : NULL;
    if (!waits_for && process->role == CORE && sim->store_holder != NONE &&
        sim->store_holder != item->process)
        waits_for = &sim->processes[sim->store_holder];
    if (!waits_for)
        return false;
    struct dbk_sim_item later = *item;
    later.at_ms = waits_for->resumes_ms;
    dbk_sim_queue_put(&sim->queue, later);
    return true;
}

/* True if handling the item will be a step of a core process. */
static bool is_core_step(const struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    if (item->process == NONE || sim->processes[item->process].role != CORE ||
        sim->processes[item->process].is_down)
        return false;
    switch (item->kind) {
    case DBK_SIM_ANSWER:
    case DBK_SIM_FAIL:
        return sim->exchanges[item->exchange].is_open;
    case DBK_SIM_ARRIVE:
    case DBK_SIM_START:
    case DBK_SIM_WAKE:
    case DBK_SIM_POKE:
        return true;
    case DBK_SIM_STEP:
    case DBK_SIM_RESTART:
    case DBK_SIM_RESUME:
        break;
    }
    return false;
}

static void handle(struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    struct process *process = item->process == NONE ? NULL : &sim->processes[item->process];
    if (is_put_off(sim, item) || dbk_sim_is_overtaken(sim, item))
        return;
    sim->points = (struct points){0};
    /* A crash before the step leaves the item to find the process down; a pause puts it off. */
    if (is_core_step(sim, item) && !dbk_sim_ask_points(sim, item->process) && is_put_off(sim, item))
        return;
    switch (item->kind) {
    case DBK_SIM_ARRIVE:
        arrive(sim, item);
        break;
    case DBK_SIM_ANSWER:
        hear(sim, item);
        break;
    case DBK_SIM_FAIL:
        fail(sim, item);
        break;
    case DBK_SIM_START:
        if (!process->is_down)
            dbk_sim_run_step(sim, item->process, item,
                             (struct dbk_event){.kind = DBK_EVENT_STARTED});
        break;
    case DBK_SIM_WAKE:
        if (process->is_down)
            break;
        process->wake_ms = DBK_ABSENT;
        dbk_sim_run_step(sim, item->process, item, (struct dbk_event){.kind = DBK_EVENT_WAKE});
        break;
    case DBK_SIM_POKE:
        if (!process->is_down)
            dbk_sim_run_step(sim, item->process, item,
                             (struct dbk_event){.kind = DBK_EVENT_POKED, .tag = item->detail});
        break;
    case DBK_SIM_STEP:
        begin_step(sim, item);
        break;
    case DBK_SIM_RESTART:
        restart(sim, item);
        break;
    case DBK_SIM_RESUME:
        if (process->is_paused && process->pauses == item->detail)
            dbk_sim_resume_process(sim, item->process);
        break;
    }
}

/* True for what time has overtaken: it must not hold up the rest. */
static bool is_stale(const struct dbk_sim *sim, const struct dbk_sim_item *item)
{
    return (item->kind == DBK_SIM_FAIL && !sim->exchanges[item->exchange].is_open) ||
           (item->kind == DBK_SIM_WAKE && sim->processes[item->process].wakes != item->detail);
}

/* Runs until nothing is left, or nothing before until_ms; gives why it stopped. */
static const char *drain(struct dbk_sim *sim, int64_t until_ms)
{
    for (int64_t items = 0; items < ITEMS_MAX; items++) {
        const struct dbk_sim_item *first = dbk_sim_queue_first(&sim->queue);
        bool is_batch_over = !first || first->process != sim->batch || first->at_ms > sim->now_ms;
        if (sim->batch != NONE && is_batch_over) {
            dbk_sim_flush_batch(sim);
            continue;
        }
        if (!first)
            return "rest";
        if (is_stale(sim, first)) {
            dbk_sim_queue_take(&sim->queue);
            continue;
        }
        if (first->at_ms > until_ms)
            return "bound";
        struct dbk_sim_item item = dbk_sim_queue_take(&sim->queue);
        sim->now_ms = item.at_ms;
        handle(sim, &item);
    }
    return "bound"; /* a livelock */
}

/* Set-up. */

static void free_messages(struct dbk_sim *sim)
{
    for (size_t i = 0; i < sim->exchange_count; i++) {
        dbk_message_free(sim->exchanges[i].request);
        dbk_message_free(sim->exchanges[i].answer);
    }
    sim->exchange_count = 0;
    dbk_effects_clear(&sim->effects, 0);
    for (size_t i = 0; i < sim->process_count; i++)
        dbk_effects_clear(&sim->processes[i].held, 0);
}

static void add_process(struct dbk_sim *sim, struct dbk_machine machine, enum role role)
{
    if (sim->process_count == sim->process_capacity) {
        size_t old = sim->process_capacity;
        sim->process_capacity = old ? old * 2 : 8;
        sim->processes = dbk_resize(sim->processes, sim->process_capacity * sizeof *sim->processes);
        memset(&sim->processes[old], 0, (sim->process_capacity - old) * sizeof *sim->processes);
    }
    struct process *process = &sim->processes[sim->process_count++];
    struct dbk_effects held = process->held;
    *process =
        (struct process){.machine = machine, .role = role, .wake_ms = DBK_ABSENT, .held = held};
    process->held.arena = &sim->history->arena;
    process->name = dbk_arena_text(&sim->history->arena, machine.name);
    process->clock = role == CORE ? "core" : process->name;
    process->offset_ms = dbk_scenario_offset_ms(sim->scenario, process->clock);
    snprintf(process->entity, sizeof process->entity, "%s/step", machine.name);
}

static void add_core(struct dbk_sim *sim, struct dbk_machine machine)
{
    if (sim->wraps.machine)
        machine = sim->wraps.machine(sim->wraps.context, machine);
    add_process(sim, machine, CORE);
}

static void set_up_core(struct dbk_sim *sim, const struct dbk_policy *policy, uint64_t seed)
{
    const struct dbk_scenario *scenario = sim->scenario;
    struct dbk_core_partner *partners =
        dbk_arena_alloc(&sim->history->arena, (scenario->partner_count + 1) * sizeof *partners);
    for (size_t i = 0; i < scenario->partner_count; i++)
        partners[i] =
            (struct dbk_core_partner){.name = scenario->partners[i].name,
                                      .profile = scenario->partners[i].believes,
                                      .products = scenario->partners[i].products,
                                      .product_count = scenario->partners[i].product_count,
                                      .secrets = scenario->partners[i].secrets,
                                      .secret_count = scenario->partners[i].secret_count};
    struct dbk_core_config config = {.store = sim->store,
                                     .policy = policy,
                                     .partners = partners,
                                     .partner_count = scenario->partner_count,
                                     .seed = seed};
    if (!dbk_store_clear(sim->store)) {
        fprintf(stderr, "doublebook: the store in memory cannot be cleared\n");
        exit(4); /* what it held would be another run's */
    }
    if (sim->core)
        dbk_core_renew(sim->core, &config);
    else
        sim->core = dbk_core_new(&config);
    add_core(sim, dbk_core_api(sim->core));
    add_core(sim, dbk_core_worker(sim->core));
}

static void set_up_partners(struct dbk_sim *sim, uint64_t seed)
{
    const struct dbk_scenario *scenario = sim->scenario;
    if (sim->partner_machines < scenario->partner_count)
        sim->partners = dbk_resize(sim->partners, scenario->partner_count * sizeof *sim->partners);
    for (size_t i = 0; i < scenario->partner_count; i++) {
        const struct dbk_scenario_partner *partner = &scenario->partners[i];
        struct dbk_partner_config config = dbk_scenario_partner_config(
            scenario, partner,
            dbk_system_callback_path(sim->system, partner->name, &sim->history->arena), seed);
        if (i < sim->partner_machines) {
            dbk_partner_renew(&sim->partners[i], &config);
        } else {
            sim->partners[i] = dbk_partner_machine(&config);
            sim->partner_machines++;
        }
        add_process(sim, sim->partners[i], PARTNER);
    }
}

static void set_up(struct dbk_sim *sim, const struct dbk_policy *policy, uint64_t seed,
                   const struct dbk_search *search)
{
    sim->effects.arena = &sim->history->arena;
    dbk_sim_queue_clear(&sim->queue);
    dbk_sim_chooser_renew(&sim->choices, sim->scenario, seed, search);
    sim->chooser = dbk_sim_chooser_port(&sim->choices);
    sim->now_ms = 0;
    sim->batch = sim->store_holder = NONE;
    sim->is_over = false;
    sim->process_count = 0;
    set_up_core(sim, policy, seed);
    set_up_partners(sim, seed);
    dbk_users_renew(sim->users, sim->scenario, seed);
    for (size_t i = 0; i < dbk_users_count(sim->users); i++)
        add_process(sim, dbk_users_machine(sim->users, i), PERSON);
    sim->step_begun =
        dbk_arena_alloc(&sim->history->arena, sim->scenario->step_count * sizeof(bool) + 1);
}

/* For a run that did not come to rest: what would have happened next. */
static const char *what_is_left(const struct dbk_sim *sim)
{
    static const char *const kinds[] = {
        [DBK_SIM_ARRIVE] = "a request on its way to",
        [DBK_SIM_ANSWER] = "an answer on its way to",
        [DBK_SIM_FAIL] = "a request unanswered of",
        [DBK_SIM_WAKE] = "a wake of",
        [DBK_SIM_START] = "a start of",
        [DBK_SIM_POKE] = "a poke of",
        [DBK_SIM_STEP] = "a step of the scenario",
        [DBK_SIM_RESTART] = "a restart of",
        [DBK_SIM_RESUME] = "a pause of",
    };
    const struct dbk_sim_item *first = dbk_sim_queue_first(&sim->queue);
    if (!first)
        return NULL;
    char at[DBK_DURATION_TEXT];
    dbk_duration_print(first->at_ms, at);
    return dbk_arena_printf(
        &sim->history->arena, "%zu left, first %s %s at %s", sim->queue.count, kinds[first->kind],
        first->process == NONE ? "" : sim->processes[first->process].machine.name, at);
}

static void last_look(struct dbk_sim *sim)
{
    dbk_sim_queue_clear(&sim->queue);
    sim->is_over = true;
    for (size_t i = 0; i < sim->process_count; i++) {
        sim->processes[i].is_paused = false;
        if (sim->processes[i].role == PERSON)
            dbk_sim_put(sim, sim->now_ms, DBK_SIM_POKE, i, NONE, DBK_POKE_LAST_LOOK);
    }
    drain(sim, INT64_MAX);
}

/* NULL with why, in which there is room for the first complaint. */
static struct dbk_system *load_system(char why[static 160])
{
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct dbk_text told = {0};
    if (!dbk_library_find(&library, why))
        return NULL;
    struct dbk_system *system = dbk_system_load(library.root, "reference", &complaints);
    dbk_complaints_print(&complaints, &told);
    if (!system)
        snprintf(why, 160, "%.*s", (int)strcspn(told.bytes, "\n"), told.bytes);
    dbk_text_reset(&told);
    dbk_complaints_reset(&complaints);
    return system;
}

struct dbk_sim *dbk_sim_new(char why[static 160])
{
    const struct dbk_sim_wraps none = {.context = NULL};
    return dbk_sim_new_wrapped(&none, why);
}

struct dbk_sim *dbk_sim_new_wrapped(const struct dbk_sim_wraps *wraps, char why[static 160])
{
    struct dbk_system *system = load_system(why);
    struct dbk_store *store = system ? dbk_store_sqlite_open(":memory:", why) : NULL;
    if (!store) {
        dbk_system_free(system);
        return NULL;
    }
    struct dbk_sim *sim = dbk_alloc(sizeof *sim);
    sim->wraps = *wraps;
    sim->store = wraps->store ? wraps->store(wraps->context, store) : store;
    sim->system = system;
    sim->users = dbk_users_new(system);
    dbk_store_on_write(sim->store, dbk_sim_on_write, sim);
    return sim;
}

void dbk_sim_free(struct dbk_sim *sim)
{
    if (!sim)
        return;
    free_messages(sim);
    for (size_t i = 0; i < sim->process_capacity; i++)
        dbk_effects_reset(&sim->processes[i].held);
    free(sim->processes);
    free(sim->exchanges);
    dbk_effects_reset(&sim->effects);
    for (size_t i = 0; i < sim->partner_machines; i++)
        sim->partners[i].ops->free(sim->partners[i].self);
    free(sim->partners);
    dbk_core_free(sim->core);
    dbk_users_free(sim->users);
    dbk_system_free(sim->system);
    dbk_sim_queue_free(&sim->queue);
    dbk_sim_chooser_free(&sim->choices);
    dbk_store_free(sim->store);
    free(sim);
}

void dbk_sim_run(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                 const struct dbk_policy *policy, uint64_t seed, struct dbk_history *history)
{
    dbk_sim_search(sim, scenario, policy, seed, NULL, history);
}

void dbk_sim_search(struct dbk_sim *sim, const struct dbk_scenario *scenario,
                    const struct dbk_policy *policy, uint64_t seed, const struct dbk_search *search,
                    struct dbk_history *history)
{
    dbk_history_clear(history);
    dbk_head(scenario, policy, "sim", seed, history);
    dbk_system_terms(sim->system, &history->terms);
    sim->scenario = scenario;
    sim->history = history;
    set_up(sim, policy, seed, search);
    for (size_t i = API; i <= WORKER; i++)
        dbk_sim_put(sim, 0, DBK_SIM_START, i, NONE, 0);
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].at_ms != DBK_ABSENT)
            dbk_sim_put_step(sim, i, scenario->steps[i].at_ms);
    struct dbk_fact end = dbk_fact_of(DBK_FACT_END);
    end.fate = drain(sim, scenario->until_ms);
    end.text = what_is_left(sim);
    last_look(sim);
    dbk_sim_record_stage(sim, &end);
    free_messages(sim);
}
