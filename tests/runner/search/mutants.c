#include "mutants.h"

#include "store_wrap.h"

#include <string.h>

#define MINUTE_MS 60000
#define RACE_MS 1000
#define WORKER "core.worker"

/* The reference core is hard to break: what it does is decided from evidence, one record per
 * number, in one transaction per step. So some of these plant two things that only go together: a
 * job given to two workers harms nobody while the second sees what the first has begun. */

/* Effects that leave too early. */

static bool is_answer(void *context, const struct dbk_effect *effect)
{
    (void)context;
    return effect->kind == DBK_EFFECT_ANSWER;
}

static bool is_send(void *context, const struct dbk_effect *effect)
{
    (void)context;
    return effect->kind == DBK_EFFECT_SEND;
}

/* Effects that are lost or changed. */

static bool clear_alarm(const struct planted *planted, struct dbk_effect *effect)
{
    if (effect->kind == DBK_EFFECT_WAKE && planted->event->kind == DBK_EVENT_RESPONSE)
        effect->wake_mono_ms = DBK_ABSENT;
    return true;
}

static bool drop_poke_at_start(const struct planted *planted, struct dbk_effect *effect)
{
    return effect->kind != DBK_EFFECT_POKE || planted->event->kind != DBK_EVENT_STARTED;
}

static bool send_however_late(const struct planted *planted, struct dbk_effect *effect)
{
    (void)planted;
    if (effect->kind == DBK_EFFECT_SEND)
        effect->send_before_mono_ms = DBK_ABSENT;
    return true;
}

/* No fencing: whoever once had a lease has it for ever. */

static bool claim_unfenced(void *self, int64_t now_ms, int64_t lease_ms, struct dbk_job *jobs,
                           size_t max, size_t *count)
{
    bool is_done = store_wrap_ops.claim_jobs(self, now_ms, lease_ms, jobs, max, count);
    for (size_t i = 0; is_done && i < *count; i++)
        jobs[i].fence = 1;
    return is_done;
}

static enum dbk_found find_unfenced(void *self, int64_t booking, struct dbk_job *job)
{
    enum dbk_found found = store_wrap_ops.job(self, booking, job);
    job->fence = 1;
    return found;
}

static enum dbk_found schedule_unfenced(void *self, const struct dbk_job *job)
{
    struct dbk_job guarded = *job, now;
    if (store_wrap_ops.job(self, job->booking, &now) == DBK_FOUND)
        guarded.fence = now.fence;
    return store_wrap_ops.schedule_job(self, &guarded);
}

static void spoil_fences(struct dbk_store_ops *ops)
{
    ops->claim_jobs = claim_unfenced;
    ops->job = find_unfenced;
    ops->schedule_job = schedule_unfenced;
}

/* A duplicate claim: two workers have one job, and each reads before the other has written. */

static bool claim_twice(void *self, int64_t now_ms, int64_t lease_ms, struct dbk_job *jobs,
                        size_t max, size_t *count)
{
    struct planted *planted = self;
    if (!store_wrap_ops.claim_jobs(self, now_ms, lease_ms, jobs, max / 2, count))
        return false;
    for (size_t i = *count; i > 0; i--)
        jobs[2 * i - 1] = jobs[2 * i - 2] = jobs[i - 1];
    *count *= 2;
    memset(planted->was_read, 0, sizeof planted->was_read);
    planted->is_claimed_twice = *count > 0;
    return true;
}

static bool list_stale_evidence(void *self, int64_t booking, size_t spare, struct dbk_arena *arena,
                                struct dbk_evidence **evidence, size_t *count)
{
    struct planted *planted = self;
    size_t place = (size_t)booking % PLANTED_BOOKINGS;
    if (!store_wrap_ops.list_evidence(self, booking, spare, arena, evidence, count))
        return false;
    if (planted->is_claimed_twice && planted->was_read[place])
        *count = planted->evidence_read[place];
    planted->was_read[place] = true;
    planted->evidence_read[place] = *count;
    return true;
}

/* The database numbers the rows, so nobody is told that somebody else has written. */
static bool append_behind(void *self, const struct dbk_evidence *record)
{
    struct planted *planted = self;
    struct dbk_evidence moved = *record, *held;
    struct dbk_arena arena = {0};
    size_t count;
    bool is_listed = store_wrap_ops.list_evidence(self, record->booking, 0, &arena, &held, &count);
    dbk_arena_free(&arena);
    if (is_listed && planted->is_claimed_twice && (size_t)record->number <= count) {
        moved.number = (int64_t)count + 1;
        if (record->kind == DBK_EVIDENCE_SENT)
            moved.attempt = moved.number;
    }
    return is_listed && store_wrap_ops.append_evidence(self, &moved);
}

static void spoil_claims(struct dbk_store_ops *ops)
{
    ops->claim_jobs = claim_twice;
    ops->list_evidence = list_stale_evidence;
    ops->append_evidence = append_behind;
}

/* The queue is another system: what was put into it stays when the transaction is taken back. */

static bool put_job_at_once(void *self, int64_t booking, int64_t at_ms)
{
    struct planted *planted = self;
    planted->queued = booking;
    planted->queued_ms = at_ms;
    return store_wrap_ops.put_job(self, booking, at_ms);
}

static bool begin_queue(void *self)
{
    ((struct planted *)self)->queued = 0;
    return store_wrap_ops.begin(self);
}

static void roll_back_but_queue(void *self)
{
    struct planted *planted = self;
    store_wrap_ops.rollback(self);
    if (planted->queued && store_wrap_ops.begin(self)) {
        bool is_put = store_wrap_ops.put_job(self, planted->queued, planted->queued_ms);
        if (!is_put || !store_wrap_ops.commit(self))
            store_wrap_ops.rollback(self);
    }
    planted->queued = 0;
}

static void spoil_queue(struct dbk_store_ops *ops)
{
    ops->begin = begin_queue;
    ops->put_job = put_job_at_once;
    ops->rollback = roll_back_but_queue;
}

/* Checked, then inserted: for a moment another server does not see what this one wrote. */

static enum dbk_found unless_young(const struct planted *planted, enum dbk_found found,
                                   const struct dbk_booking *booking)
{
    bool is_young = found == DBK_FOUND && planted->now_ms < booking->created_ms + RACE_MS;
    return is_young ? DBK_NOT_FOUND : found;
}

static enum dbk_found find_old_by_key(void *self, const char *api_key, struct dbk_arena *arena,
                                      struct dbk_booking *booking)
{
    enum dbk_found found = store_wrap_ops.booking_by_key(self, api_key, arena, booking);
    return unless_young(self, found, booking);
}

static enum dbk_found find_old_by_body(void *self, const struct dbk_digest *body,
                                       struct dbk_arena *arena, struct dbk_booking *booking)
{
    enum dbk_found found = store_wrap_ops.open_booking_by_body(self, body, arena, booking);
    return unless_young(self, found, booking);
}

static void spoil_uniqueness(struct dbk_store_ops *ops)
{
    ops->booking_by_key = find_old_by_key;
    ops->open_booking_by_body = find_old_by_body;
}

/* The support list reads from a replica that is one write behind. */

static bool update_and_remember(void *self, const struct dbk_booking *booking)
{
    struct planted *planted = self;
    dbk_arena_reset(&planted->arena);
    if (store_wrap_ops.booking_by_row(self, booking->row, &planted->arena, &planted->before) !=
        DBK_FOUND)
        return false;
    return store_wrap_ops.update_booking(self, booking);
}

static bool list_one_behind(void *self, struct dbk_arena *arena, struct dbk_booking **bookings,
                            size_t *count)
{
    const struct dbk_booking *before = &((struct planted *)self)->before;
    if (!store_wrap_ops.list_bookings(self, arena, bookings, count))
        return false;
    for (size_t i = 0; i < *count; i++)
        if ((*bookings)[i].row == before->row) {
            (*bookings)[i].status = before->status;
            (*bookings)[i].sync = before->sync;
            (*bookings)[i].version = before->version;
        }
    return true;
}

static void spoil_list(struct dbk_store_ops *ops)
{
    ops->update_booking = update_and_remember;
    ops->list_bookings = list_one_behind;
}

/* A job that is done comes again. */

static enum dbk_found schedule_for_ever(void *self, const struct dbk_job *job)
{
    struct dbk_job again = *job;
    if (again.at_ms == DBK_ABSENT)
        again.at_ms = ((struct planted *)self)->now_ms + MINUTE_MS;
    return store_wrap_ops.schedule_job(self, &again);
}

static void spoil_rest(struct dbk_store_ops *ops)
{
    ops->schedule_job = schedule_for_ever;
}

/* The table. */

const struct mutant mutants[] = {
    {.name = "acknowledges-before-durable",
     .mistake = "An answer leaves before what it acknowledges is committed.",
     .leaves_early = is_answer},
    {.name = "acts-before-it-writes",
     .mistake = "A request leaves for the partner before it stands in the store.",
     .leaves_early = is_send},
    {.name = "no-fencing",
     .mistake = "A worker that slept through its lease goes on as if it still held it.",
     .spoil_store = spoil_fences,
     .spoil_effect = send_however_late},
    {.name = "loses-its-alarm",
     .mistake = "A worker that heard an answer sets no alarm for what comes next.",
     .spoil_effect = clear_alarm},
    {.name = "no-sweep-at-start",
     .mistake = "The Booking API comes up again and tells no worker of what is left to do.",
     .spoil_effect = drop_poke_at_start},
    {.name = "claims-twice",
     .mistake = "Two workers claim one job, and neither sees what the other has begun.",
     .spoil_store = spoil_claims},
    {.name = "queues-outside",
     .mistake = "The work queue is another system, outside the transaction.",
     .spoil_store = spoil_queue},
    {.name = "checks-then-inserts",
     .mistake = "No unique key: two requests at the same moment each see that there is no booking.",
     .spoil_store = spoil_uniqueness},
    {.name = "list-lags-behind",
     .mistake = "The support list reads from a replica that is one write behind.",
     .spoil_store = spoil_list},
    {.name = "never-done",
     .mistake = "A job that is done is not taken out of the queue and comes again.",
     .spoil_store = spoil_rest},
};
const size_t mutant_count = DBK_COUNT(mutants);

const struct mutant no_mutant = {.name = "none", .mistake = "No mistake."};

/* The machines' wrap. */

static enum dbk_step_result step(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects)
{
    struct planted_machine *machine = self;
    struct planted *planted = machine->planted;
    size_t before = effects->count;
    planted->event = event;
    planted->now_ms = now->wall_ms;
    planted->is_claimed_twice = false;
    enum dbk_step_result result =
        machine->inner.ops->step(machine->inner.self, now, event, chooser, effects);
    size_t kept = before;
    for (size_t i = before; planted->mutant->spoil_effect && i < effects->count; i++) {
        if (planted->mutant->spoil_effect(planted, &effects->items[i]))
            effects->items[kept++] = effects->items[i];
        else
            dbk_message_free(effects->items[i].message);
    }
    if (planted->mutant->spoil_effect)
        effects->count = kept;
    return result;
}

static void forget(void *self)
{
    struct planted_machine *machine = self;
    machine->inner.ops->forget(machine->inner.self);
}

static void free_machine(void *self)
{
    struct planted_machine *machine = self;
    machine->inner.ops->free(machine->inner.self);
}

/* Called for each machine at the start of each run. */
static struct dbk_machine wrap_machine(void *context, struct dbk_machine inner)
{
    static const struct dbk_machine_ops ops = {
        .step = step, .forget = forget, .free = free_machine};
    struct planted *planted = context;
    bool is_worker = dbk_same(inner.name, WORKER);
    struct planted_machine *machine = &planted->machines[is_worker];
    *machine = (struct planted_machine){.planted = planted, .inner = inner};
    planted->before = (struct dbk_booking){.row = 0};
    planted->queued = 0;
    return (struct dbk_machine){.ops = &ops, .self = machine, .name = inner.name};
}

static struct dbk_store *wrap_store(void *context, struct dbk_store *inner)
{
    struct planted *planted = context;
    planted->inner = inner;
    return dbk_store_new(&planted->ops, planted);
}

struct dbk_sim_wraps planted_init(struct planted *planted, const struct mutant *mutant)
{
    *planted = (struct planted){.mutant = mutant, .ops = store_wrap_ops};
    if (mutant->spoil_store)
        mutant->spoil_store(&planted->ops);
    return (struct dbk_sim_wraps){.store = wrap_store,
                                  .machine = wrap_machine,
                                  .leaves_early = mutant->leaves_early,
                                  .context = planted};
}

void planted_reset(struct planted *planted)
{
    dbk_arena_free(&planted->arena);
}
