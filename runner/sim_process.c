#include "runner/sim_parts.h"

#include <string.h>

#define RESET_AFTER_MS 5 /* a broken connection is noticed so soon */
#define CRASH_FOR_MS 1000
#define RETRY_AFTER_MS 1000
#define PAUSE_FOR_MS 90000 /* longer than a lease */
#define POINTS 200
#define POINT_OF_WRITE 100
#define NONE DBK_SIM_NONE

/* Crash and pause. */

static void close_transaction(struct dbk_sim *sim)
{
    dbk_store_rollback(sim->store);
    sim->batch = sim->store_holder = NONE;
    dbk_effects_clear(&sim->effects, 0);
}

/* The clients of requests that have arrived and are not answered see their connections break. */
static void break_off_requests(struct dbk_sim *sim, size_t index)
{
    for (size_t i = 0; i < sim->exchange_count; i++) {
        struct exchange *exchange = &sim->exchanges[i];
        if (exchange->to == index && exchange->has_arrived && !exchange->is_answered) {
            exchange->is_answered = true;
            dbk_sim_fail_at(sim, sim->now_ms + RESET_AFTER_MS, i, DBK_FAILURE_RESET);
        }
    }
}

void dbk_sim_die(struct dbk_sim *sim, size_t index, int64_t for_ms)
{
    struct process *process = &sim->processes[index];
    if (process->is_down)
        return;
    if (sim->batch == index || sim->store_holder == index)
        close_transaction(sim);
    dbk_effects_clear(&process->held, 0);
    process->holds = process->owes_commit = process->is_paused = false;
    process->pauses++;
    process->is_down = true;
    process->incarnation++;
    process->machine.ops->forget(process->machine.self);
    dbk_sim_set_wake(sim, index, DBK_ABSENT);
    dbk_sim_record_process(sim, index, "down");
    for (size_t i = 0; i < sim->exchange_count; i++)
        if (sim->exchanges[i].from == index)
            sim->exchanges[i].is_open = false;
    break_off_requests(sim, index);
    dbk_sim_put(sim, sim->now_ms + for_ms, DBK_SIM_RESTART, index, NONE, process->incarnation);
}

void dbk_sim_pause_process(struct dbk_sim *sim, size_t index, int64_t for_ms)
{
    struct process *process = &sim->processes[index];
    if (process->is_down || process->is_paused)
        return;
    process->is_paused = true;
    process->resumes_ms = sim->now_ms + for_ms;
    process->pauses++;
    dbk_sim_record_process(sim, index, "paused");
    dbk_sim_put(sim, process->resumes_ms, DBK_SIM_RESUME, index, NONE, process->pauses);
}

/* Keeps what a paused step has left to do. */
static void hold(struct dbk_sim *sim, size_t index, size_t next, size_t exchange, bool owes_commit)
{
    struct process *process = &sim->processes[index];
    struct dbk_effects empty = process->held;
    process->held = sim->effects;
    sim->effects = empty;
    process->held_next = next;
    process->held_exchange = exchange;
    process->holds = true;
    process->owes_commit = owes_commit;
    if (owes_commit) {
        sim->store_holder = index;
        sim->batch = NONE;
    }
    dbk_sim_pause_process(sim, index, PAUSE_FOR_MS);
}

/* The core's step. */

bool dbk_sim_on_write(void *context, int64_t nth)
{
    struct dbk_sim *sim = context;
    if (sim->points.crash != POINT_OF_WRITE + nth)
        return true;
    sim->crashed_at_write = true;
    return false;
}

/* Where this step is to be stopped; 0 nowhere. A pinned one counts as a fault that fired. */
static uint32_t ask_point(struct dbk_sim *sim, enum dbk_site site, size_t index, size_t *pin)
{
    uint32_t point = dbk_choose(&sim->chooser, site, sim->processes[index].entity, POINTS);
    *pin = sim->choices.last_pin;
    return point;
}

/* How much a search has been told so far. A pinned choice tells it nothing. */
static size_t traced(const struct dbk_sim *sim)
{
    return sim->choices.trace ? sim->choices.trace->count : 0;
}

static void crash_here(struct dbk_sim *sim, size_t index)
{
    dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_CRASH].name, sim->points.crash_pin);
    dbk_effects_clear(&sim->effects, 0);
    dbk_sim_die(sim, index, CRASH_FOR_MS);
}

bool dbk_sim_ask_points(struct dbk_sim *sim, size_t index)
{
    struct points *points = &sim->points;
    *points = (struct points){0};
    if (sim->is_over) /* the last look is ours and no part of the story */
        return true;
    points->trace_count = traced(sim);
    points->crash = ask_point(sim, DBK_SITE_CRASH, index, &points->crash_pin);
    points->pause = ask_point(sim, DBK_SITE_PAUSE, index, &points->pause_pin);
    if (points->crash == BEFORE_STEP) {
        crash_here(sim, index);
        return false;
    }
    if (points->pause == BEFORE_STEP) {
        dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_PAUSE].name, points->pause_pin);
        dbk_sim_pause_process(sim, index, PAUSE_FOR_MS);
        return false;
    }
    return true;
}

static void poke_watchers(struct dbk_sim *sim)
{
    for (size_t i = FIRST_PARTNER; i < sim->process_count; i++)
        if (sim->processes[i].role == PERSON &&
            dbk_users_watches(sim->users, i - FIRST_PARTNER - sim->scenario->partner_count))
            dbk_sim_put(sim, sim->now_ms, DBK_SIM_POKE, i, NONE, DBK_POKE_COMMITTED);
}

/* Releases effects from `next` on, or stops before one of them. */
static void release(struct dbk_sim *sim, size_t index, size_t next, size_t exchange)
{
    for (size_t i = next; i < sim->effects.count; i++) {
        if (sim->points.crash == AFTER_COMMIT + i + 1) {
            crash_here(sim, index);
            return;
        }
        if (sim->points.pause == AFTER_COMMIT + i + 1) {
            dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_PAUSE].name, sim->points.pause_pin);
            hold(sim, index, i, exchange, false);
            return;
        }
        dbk_sim_release_effect(sim, index, &sim->effects.items[i], exchange);
    }
    dbk_effects_clear(&sim->effects, 0);
}

/* Only where a test plants that mistake. */
static void release_early(struct dbk_sim *sim, size_t index, size_t exchange)
{
    size_t kept = 0;
    for (size_t i = 0; sim->wraps.leaves_early && i < sim->effects.count; i++) {
        struct dbk_effect *effect = &sim->effects.items[i];
        if (!sim->wraps.leaves_early(sim->wraps.context, effect)) {
            sim->effects.items[kept++] = *effect;
            continue;
        }
        dbk_sim_release_effect(sim, index, effect, exchange);
        dbk_message_free(effect->message);
    }
    if (sim->wraps.leaves_early)
        sim->effects.count = kept;
}

/* A commit that fails drops all effects of the batch and breaks off its requests. */
static void drop_batch(struct dbk_sim *sim, size_t index)
{
    dbk_effects_clear(&sim->effects, 0);
    break_off_requests(sim, index);
}

static void commit(struct dbk_sim *sim, size_t index, size_t exchange)
{
    sim->batch = sim->store_holder = NONE;
    bool wrote = dbk_store_writes(sim->store) > 0;
    if (!dbk_store_commit(sim->store)) {
        dbk_store_rollback(sim->store);
        drop_batch(sim, index);
        return;
    }
    if (wrote && !sim->is_over)
        poke_watchers(sim);
    if (sim->points.crash == AFTER_COMMIT) {
        crash_here(sim, index);
        return;
    }
    if (sim->points.pause == AFTER_COMMIT) {
        dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_PAUSE].name, sim->points.pause_pin);
        hold(sim, index, 0, exchange, false);
        return;
    }
    release(sim, index, 0, exchange);
}

void dbk_sim_flush_batch(struct dbk_sim *sim)
{
    if (sim->batch != NONE)
        commit(sim, sim->batch, NONE);
}

static struct dbk_now now_of(const struct dbk_sim *sim, size_t index)
{
    return (struct dbk_now){.mono_ms = sim->now_ms,
                            .wall_ms = sim->scenario->zero_ms + sim->now_ms +
                                       sim->processes[index].offset_ms};
}

/* The machine's step inside its savepoint. False: the process died at a write. */
static bool step_in_savepoint(struct dbk_sim *sim, size_t index, const struct dbk_event *event)
{
    struct process *process = &sim->processes[index];
    struct dbk_now now = now_of(sim, index);
    size_t before = sim->effects.count;
    sim->crashed_at_write = false;
    bool done = dbk_store_savepoint(sim->store) &&
                process->machine.ops->step(process->machine.self, &now, event, &sim->chooser,
                                           &sim->effects) == DBK_STEP_DONE;
    if (sim->crashed_at_write)
        return false;
    if (done)
        return dbk_store_release(sim->store);
    dbk_effects_clear(&sim->effects, before);
    if (event->kind == DBK_EVENT_REQUEST)
        dbk_effect_answer(&sim->effects, event->exchange, dbk_response_new(503), NULL);
    else /* its wake went with its effects */
        dbk_sim_put(sim, sim->now_ms + RETRY_AFTER_MS, DBK_SIM_POKE, index, NONE, 0);
    return dbk_store_rollback_to(sim->store);
}

/* For a search: which points of this step are worth a run. */
static void note_step(const struct dbk_sim *sim)
{
    struct dbk_trace *trace = sim->choices.trace;
    struct dbk_asked what = {.was_played = true, .has_written = dbk_store_writes(sim->store) > 0};
    if (!trace || sim->is_over)
        return;
    for (size_t i = 0; i < sim->effects.count && i < 64; i++)
        if (sim->effects.items[i].kind != DBK_EFFECT_FACT &&
            sim->effects.items[i].kind != DBK_EFFECT_WAKE)
            what.effects |= UINT64_C(1) << i;
    for (size_t i = sim->points.trace_count; i < trace->count; i++) {
        if (trace->items[i].site != DBK_SITE_CRASH && trace->items[i].site != DBK_SITE_PAUSE)
            continue;
        trace->items[i].was_played = what.was_played;
        trace->items[i].has_written = what.has_written;
        trace->items[i].effects = what.effects;
    }
}

/* Whether the process goes on at once, so that its next step can be committed with this one. */
static void note_follower(const struct dbk_sim *sim, size_t index, size_t trace_count)
{
    const struct dbk_sim_item *next = dbk_sim_queue_first(&sim->queue);
    for (size_t i = trace_count; i < traced(sim); i++)
        sim->choices.trace->items[i].has_follower =
            next && next->process == index && next->at_ms <= sim->now_ms;
}

static void run_core_step(struct dbk_sim *sim, size_t index, const struct dbk_sim_item *item,
                          const struct dbk_event *event)
{
    if (sim->batch != NONE && sim->batch != index)
        dbk_sim_flush_batch(sim);
    if (sim->batch == NONE && !dbk_store_begin(sim->store)) {
        drop_batch(sim, index);
        return;
    }
    bool lives = step_in_savepoint(sim, index, event);
    note_step(sim);
    size_t exchange = item ? item->exchange : NONE;
    if (lives)
        release_early(sim, index, exchange);
    if (!lives || sim->points.crash == BEFORE_COMMIT) {
        close_transaction(sim);
        crash_here(sim, index);
        return;
    }
    if (sim->points.pause == BEFORE_COMMIT) {
        dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_PAUSE].name, sim->points.pause_pin);
        hold(sim, index, 0, exchange, true);
        return;
    }
    size_t trace_count = traced(sim);
    uint32_t waits = sim->is_over ? 0
                                  : dbk_choose(&sim->chooser, DBK_SITE_COMMIT_WITH_NEXT,
                                               sim->processes[index].entity, 2);
    note_follower(sim, index, trace_count);
    if (waits) {
        dbk_sim_record_choice(sim, dbk_sites[DBK_SITE_COMMIT_WITH_NEXT].name,
                              sim->choices.last_pin);
        sim->batch = index;
        return;
    }
    commit(sim, index, exchange);
}

void dbk_sim_run_step(struct dbk_sim *sim, size_t index, const struct dbk_sim_item *item,
                      struct dbk_event event)
{
    struct process *process = &sim->processes[index];
    if (process->role == CORE) {
        run_core_step(sim, index, item, &event);
        return;
    }
    dbk_sim_flush_batch(sim);
    struct dbk_now now = now_of(sim, index);
    process->machine.ops->step(process->machine.self, &now, &event, &sim->chooser, &sim->effects);
    release(sim, index, 0, item ? item->exchange : NONE);
}

void dbk_sim_resume_process(struct dbk_sim *sim, size_t index)
{
    struct process *process = &sim->processes[index];
    process->is_paused = false;
    dbk_sim_record_process(sim, index, "resumed");
    if (!process->holds)
        return;
    process->holds = false;
    struct dbk_effects empty = sim->effects;
    sim->effects = process->held;
    process->held = empty;
    if (process->owes_commit) {
        process->owes_commit = false;
        commit(sim, index, process->held_exchange);
        return;
    }
    release(sim, index, process->held_next, process->held_exchange);
}
