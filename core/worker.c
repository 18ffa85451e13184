#include "core/connector.h"
#include "core/inside.h"
#include "core/money.h"

#include <stdio.h>
#include <string.h>

/* One `attend` job per booking. A step claims what is due, joins what is known, moves the status,
 * decides, and puts at most one request per booking into the outbox - all in the one transaction
 * of the step. The request is itself evidence before it leaves; if the process dies then, the
 * lease ends one day, and what was on its way is in doubt. */

#define CLAIM_MAX 8

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static const enum dbk_setting_id timeouts[DBK_CALLS] = {
    [DBK_CALL_CREATE] = DBK_SETTING_CREATE_TIMEOUT,
    [DBK_CALL_LOOK_UP] = DBK_SETTING_LOOK_UP_TIMEOUT,
    [DBK_CALL_GET] = DBK_SETTING_LOOK_UP_TIMEOUT,
    [DBK_CALL_CANCEL] = DBK_SETTING_CANCEL_TIMEOUT,
    [DBK_CALL_CONFIRM] = DBK_SETTING_CONFIRM_TIMEOUT,
    [DBK_CALL_EXTEND] = DBK_SETTING_CONFIRM_TIMEOUT,
};

static int64_t starts_ms(const struct dbk_case *open)
{
    const struct dbk_core_partner *partner = open->partner;

    for (size_t p = 0; p < partner->product_count; p++) {
        const struct dbk_product *product = &partner->products[p];
        for (size_t s = 0; s < product->slot_count; s++)
            if (dbk_same(product->id, open->booking.product) &&
                dbk_same(product->slots[s].id, open->booking.slot))
                return product->slots[s].starts_ms;
    }
    return 0;
}

/* With all keys under which this booking was ever asked for, so that a listing can be read. */
static struct dbk_asking asking_of(const struct dbk_case *open, const struct dbk_evidence *sent)
{
    const char **keys = dbk_arena_alloc(&open->core->arena, (open->count + 1) * sizeof(*keys));
    struct dbk_asking asking = {
        .call = sent->call, .key = sent->key, .reservation = sent->reservation, .keys = keys};

    for (size_t i = 0; i < open->count && sent->call == DBK_CALL_LOOK_UP; i++)
        if (open->evidence[i].kind == DBK_EVIDENCE_SENT &&
            open->evidence[i].call == DBK_CALL_CREATE)
            keys[asking.key_count++] = open->evidence[i].key;
    return asking;
}

/* Sending. */

/* What some teams take for a key that needs no memory: the same for whoever books the same. */
static const char *key_of_content(const struct dbk_case *open)
{
    const struct dbk_booking *booking = &open->booking;
    const char *content =
        dbk_arena_printf(&open->core->arena, "%s/%s/%s/%lld", booking->partner, booking->product,
                         booking->slot, (long long)booking->units);
    struct dbk_digest digest = dbk_digest_of(content, strlen(content));
    char hex[DBK_DIGEST_HEX];
    dbk_digest_hex(&digest, hex);
    return dbk_arena_printf(&open->core->arena, "rv-%.12s", hex);
}

static bool draw_key(struct dbk_case *open, const char **key)
{
    struct dbk_core *core = open->core;
    bool is_content = core->config.policy->rules[DBK_RULE_RETRY_KEY] == DBK_RETRY_KEY_CONTENT;
    int64_t row = (open->booking.row << DBK_EVIDENCE_BITS) + (int64_t)open->count + 1;
    char name[13];

    dbk_draw_name(core->config.seed, "key", (uint64_t)row, sizeof(name) - 1, name);
    *key = is_content ? key_of_content(open) : dbk_arena_printf(&core->arena, "rv-%s", name);
    return dbk_store_put_name(core->config.store, open->booking.partner, *key, open->booking.row);
}

static int64_t nth_of(const struct dbk_case *open, enum dbk_call call)
{
    int64_t nth = 1;

    for (size_t i = 0; i < open->known.request_count; i++)
        nth += open->known.requests[i].call == call;
    return nth;
}

/* Puts a request into the outbox: as evidence in this commit, as an effect behind it. */
static bool send(struct dbk_case *open, struct dbk_job *job, struct dbk_evidence sent)
{
    struct dbk_core *core = open->core;
    int64_t timeout_ms = core->config.policy->settings_ms[timeouts[sent.call]];
    int64_t lease_ms = core->config.policy->settings_ms[DBK_SETTING_LEASE];

    sent.kind = DBK_EVIDENCE_SENT;
    sent.version = DBK_ABSENT;
    sent.nth = nth_of(open, sent.call);
    sent.left_by_ms = core->now.wall_ms + timeout_ms;
    sent.deadline_ms = sent.left_by_ms + timeout_ms;
    sent.fence = job->fence;
    if (!dbk_case_add(open, sent))
        return false;
    job->lease_ms = later(core->now.wall_ms + lease_ms, sent.deadline_ms);
    job->at_ms = job->lease_ms;

    struct dbk_asking asking = asking_of(open, &sent);
    struct dbk_fact about = dbk_fact_of(DBK_FACT_CORE);
    about.to = open->partner->name;
    about.op = dbk_call_name(sent.call);
    about.attempt = sent.nth;
    about.key = sent.key;
    about.booking = open->booking.id;
    about.reservation = sent.reservation;
    dbk_effect_send(core->effects,
                    &(struct dbk_send){
                        .to = open->partner->name,
                        .message = dbk_connector_request(&asking, &open->booking, open->profile,
                                                         starts_ms(open)),
                        .tag = ((uint64_t)open->booking.row << DBK_EVIDENCE_BITS) + open->count,
                        .timeout_ms = timeout_ms,
                        .send_before_mono_ms = core->now.mono_ms + timeout_ms,
                        .about = &about,
                    });
    return true;
}

static bool send_create(struct dbk_case *open, struct dbk_job *job, const char *key)
{
    if (open->booking.sync != DBK_SYNC_IN_DOUBT)
        open->booking.sync = DBK_SYNC_IN_FLIGHT;
    return (key || draw_key(open, &key)) && dbk_money_on_send(open, (int64_t)open->count + 1) &&
           send(open, job, (struct dbk_evidence){.call = DBK_CALL_CREATE, .key = key});
}

static bool send_about(struct dbk_case *open, struct dbk_job *job, enum dbk_call call,
                       const char *reservation)
{
    return send(open, job, (struct dbk_evidence){.call = call, .reservation = reservation});
}

/* A moment that many bookings may share is spread, by a choice. */
static int64_t with_jitter(const struct dbk_case *open, const struct dbk_decision *decision)
{
    if (decision->from_ms == decision->by_ms)
        return decision->by_ms;
    char *entity = dbk_arena_printf(&open->core->arena, "%s/booking-%lld", open->booking.partner,
                                    (long long)open->booking.row);
    uint32_t pick = dbk_choose(open->core->chooser, DBK_SITE_BACK_OFF, entity, 16);
    return decision->by_ms - (decision->by_ms - decision->from_ms) * (int64_t)pick / 16;
}

static bool act(struct dbk_case *open, struct dbk_job *job, const struct dbk_decision *decision)
{
    job->lease_ms = 0;
    switch (decision->step) {
    case DBK_NEXT_SEND:
    case DBK_NEXT_RESEND:
        return send_create(open, job, decision->key);
    case DBK_NEXT_LOOK_UP:
        return send(open, job,
                    (struct dbk_evidence){
                        .call = decision->reservation ? DBK_CALL_GET : DBK_CALL_LOOK_UP,
                        .key = decision->reservation ? NULL : decision->key,
                        .reservation = decision->reservation,
                    });
    case DBK_NEXT_CANCEL:
    case DBK_NEXT_COMPENSATE:
        return send_about(open, job, DBK_CALL_CANCEL, decision->reservation);
    case DBK_NEXT_CONFIRM:
        return send_about(open, job, DBK_CALL_CONFIRM, decision->reservation);
    case DBK_NEXT_EXTEND:
        return send_about(open, job, DBK_CALL_EXTEND, decision->reservation);
    case DBK_NEXT_WAIT:
        job->at_ms = decision->by_ms;
        job->lease_ms = open->known.in_air ? job->at_ms : 0;
        return true;
    case DBK_NEXT_OPERATOR:
        job->at_ms = DBK_ABSENT;
        return open->known.is_with_operator ||
               dbk_case_add(open, (struct dbk_evidence){
                                      .kind = DBK_EVIDENCE_OPERATOR,
                                      .version = DBK_ABSENT,
                                      .text = dbk_arena_text(&open->core->arena, decision->reason),
                                  });
    default:
        job->at_ms = DBK_ABSENT;
        return true;
    }
}

static void note_decision(const struct dbk_case *open, const struct dbk_decision *decision)
{
    char by[DBK_INSTANT_TEXT];

    dbk_instant_print(decision->by_ms, by);
    if (decision->step == DBK_NEXT_WAIT)
        dbk_effect_note(open->core->effects, "%s next: wait until %.8s - %s", open->booking.id,
                        by + 11, decision->reason);
    else
        dbk_effect_note(open->core->effects, "%s next: %s - %s", open->booking.id,
                        dbk_next_name(decision->step), decision->reason);
}

/* A deadline of ours has passed, which is evidence like any other. */
static bool give_up(struct dbk_case *open, const struct dbk_decision *decision)
{
    note_decision(open, decision);
    return dbk_case_add(open, (struct dbk_evidence){
                                  .kind = DBK_EVIDENCE_PASSED,
                                  .attempt = decision->attempt,
                                  .version = DBK_ABSENT,
                                  .reservation = decision->attempt ? NULL : decision->reservation,
                              });
}

/* Settles, decides, acts and saves; the job is written last, guarded by its fence. */
static bool attend(struct dbk_case *open, struct dbk_job *job)
{
    struct dbk_decision decision;

    if (!dbk_case_settle(open, &decision))
        return false;
    while (decision.step == DBK_NEXT_GIVE_UP)
        if (!give_up(open, &decision) || !dbk_case_settle(open, &decision))
            return false;
    if (!open->partner && decision.step != DBK_NEXT_REST) {
        decision.step = DBK_NEXT_OPERATOR;
        open->booking.sync = DBK_SYNC_OPERATOR;
        snprintf(decision.reason, sizeof(decision.reason), "its partner is no longer configured");
    }
    decision.by_ms = with_jitter(open, &decision);
    note_decision(open, &decision);
    return act(open, job, &decision) && dbk_case_save(open) &&
           dbk_store_schedule_job(open->core->config.store, job) == DBK_FOUND;
}

/* Hearing. */

static bool hear_reservation(struct dbk_case *open, const struct dbk_evidence *sent,
                             const struct dbk_their_reservation *theirs, int64_t http)
{
    bool is_look_up = sent->call == DBK_CALL_LOOK_UP;

    if (sent->call == DBK_CALL_CREATE)
        dbk_case_copy_to_list(open, theirs->state);
    return dbk_case_add(open, (struct dbk_evidence){
                                  .kind = is_look_up ? DBK_EVIDENCE_FOUND : DBK_EVIDENCE_ANSWERED,
                                  .call = sent->call,
                                  .attempt = sent->number,
                                  .http = http,
                                  .state = theirs->state,
                                  .version = theirs->version,
                                  .expires_ms = theirs->expires_ms,
                                  .amount = theirs->amount,
                                  .currency = theirs->currency,
                                  .key = is_look_up ? theirs->reference : sent->key,
                                  .reservation = theirs->id,
                              });
}

/* What a look-up shows of our keys; and of the key it asked for, that there is nothing. */
static bool hear_answer(struct dbk_case *open, const struct dbk_evidence *sent,
                        const struct dbk_answer *answer, int64_t http)
{
    bool is_found = false;

    for (size_t i = 0; i < answer->count; i++) {
        if (!hear_reservation(open, sent, &answer->reservations[i], http))
            return false;
        is_found = is_found || dbk_same(answer->reservations[i].reference, sent->key);
    }
    if (sent->call != DBK_CALL_LOOK_UP || is_found)
        return true;
    return dbk_case_add(open, (struct dbk_evidence){.kind = DBK_EVIDENCE_NOTHING,
                                                    .call = sent->call,
                                                    .attempt = sent->number,
                                                    .http = http,
                                                    .version = DBK_ABSENT,
                                                    .key = sent->key});
}

static bool hear_response(struct dbk_case *open, const struct dbk_evidence *sent,
                          const struct dbk_message *message)
{
    struct dbk_asking asking = asking_of(open, sent);
    struct dbk_answer answer =
        dbk_connector_read(&asking, message, open->core->now.wall_ms, &open->core->arena);
    bool is_refused = answer.kind == DBK_ANSWER_REFUSED;

    if (answer.retry_ms > 0 && open->partner &&
        !dbk_core_pause(open->core, open->partner, answer.retry_ms))
        return false;
    if (answer.is_slow_down)
        return dbk_case_add(open, (struct dbk_evidence){
                                      .kind = DBK_EVIDENCE_NOT_SENT,
                                      .call = sent->call,
                                      .attempt = sent->number,
                                      .http = message->status,
                                      .version = DBK_ABSENT,
                                      .key = sent->key,
                                      .text = "the partner is asked too often and did nothing",
                                  });
    if (answer.kind == DBK_ANSWER_RESERVATIONS)
        return hear_answer(open, sent, &answer, message->status);
    return dbk_case_add(open,
                        (struct dbk_evidence){
                            .kind = is_refused ? DBK_EVIDENCE_REFUSED : DBK_EVIDENCE_IN_DOUBT,
                            .call = sent->call,
                            .attempt = sent->number,
                            .left_by_ms = open->core->now.wall_ms,
                            .http = message->status,
                            .state = answer.says_not_made ? DBK_THEIRS_NONE : DBK_THEIRS_UNREAD,
                            .version = DBK_ABSENT,
                            .key = sent->key,
                            .text = answer.text,
                        });
}

/* A time-out says one thing more: the request left at least that long ago. */
static bool hear_failure(struct dbk_case *open, const struct dbk_evidence *sent,
                         enum dbk_failure failure)
{
    bool is_unsent = failure == DBK_FAILURE_REFUSED || failure == DBK_FAILURE_TOO_LATE;
    int64_t waited_ms = failure == DBK_FAILURE_TIMED_OUT ? sent->left_by_ms - sent->at_ms : 0;

    return dbk_case_add(open, (struct dbk_evidence){
                                  .kind = is_unsent ? DBK_EVIDENCE_NOT_SENT : DBK_EVIDENCE_IN_DOUBT,
                                  .call = sent->call,
                                  .attempt = sent->number,
                                  .left_by_ms = open->core->now.wall_ms - waited_ms,
                                  .version = DBK_ABSENT,
                                  .key = sent->key,
                                  .text = dbk_failure_name(failure),
                              });
}

/* An answer, or its failure, belongs to whoever holds the lease under which the question left. */
static bool hear(struct dbk_core *core, const struct dbk_event *event)
{
    int64_t row = (int64_t)(event->tag >> DBK_EVIDENCE_BITS);
    size_t number = event->tag & DBK_EVIDENCE_MAX;
    struct dbk_case open;
    struct dbk_job job;

    if (dbk_case_open(core, row, &open) != DBK_FOUND || number < 1 || number > open.count ||
        dbk_store_job(core->config.store, row, &job) != DBK_FOUND)
        return false;
    struct dbk_evidence sent = open.evidence[number - 1];
    if (sent.kind != DBK_EVIDENCE_SENT || sent.fence != job.fence) {
        dbk_effect_note(core->effects, "%s: an answer came after its lease was taken over",
                        open.booking.id);
        return true;
    }
    bool is_heard = event->kind == DBK_EVENT_RESPONSE ? hear_response(&open, &sent, event->message)
                                                      : hear_failure(&open, &sent, event->failure);
    return is_heard && attend(&open, &job);
}

/* Claiming. */

/* Whoever sent these is gone: nobody will take their answers any more. */
static bool give_up_on_open(struct dbk_case *open)
{
    dbk_case_know(open);
    for (size_t i = 0; i < open->known.request_count; i++) {
        const struct dbk_known_request *request = &open->known.requests[i];
        if (request->end != DBK_END_OPEN || request->deadline_ms > open->core->now.wall_ms)
            continue;
        if (!dbk_case_add(open, (struct dbk_evidence){
                                    .kind = DBK_EVIDENCE_IN_DOUBT,
                                    .call = request->call,
                                    .attempt = request->number,
                                    .left_by_ms = request->left_by_ms,
                                    .version = DBK_ABSENT,
                                    .key = request->key,
                                    .text = "nobody was left to take an answer",
                                }))
            return false;
    }
    return true;
}

static bool attend_due(struct dbk_core *core)
{
    struct dbk_job jobs[CLAIM_MAX];
    size_t count = 0;
    int64_t lease_ms = core->now.wall_ms + core->config.policy->settings_ms[DBK_SETTING_LEASE];

    if (!dbk_store_claim_jobs(core->config.store, core->now.wall_ms, lease_ms, jobs, CLAIM_MAX,
                              &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct dbk_case open;
        if (dbk_case_open(core, jobs[i].booking, &open) != DBK_FOUND || !give_up_on_open(&open) ||
            !attend(&open, &jobs[i]))
            return false;
    }
    return true;
}

/* The queue lives on the wall clock, wakes on the monotonic one. */
static bool set_wake(struct dbk_core *core)
{
    int64_t at_ms = DBK_ABSENT;

    if (!dbk_store_next_job(core->config.store, &at_ms))
        return false;
    int64_t ahead_ms = at_ms == DBK_ABSENT ? 0 : later(at_ms - core->now.wall_ms, 0);
    dbk_effect_wake(core->effects, at_ms == DBK_ABSENT ? DBK_ABSENT : core->now.mono_ms + ahead_ms);
    return true;
}

enum dbk_step_result dbk_worker_step(void *self, const struct dbk_now *now,
                                     const struct dbk_event *event,
                                     const struct dbk_chooser *chooser, struct dbk_effects *effects)
{
    struct dbk_core *core = self;
    bool is_answer = event->kind == DBK_EVENT_RESPONSE || event->kind == DBK_EVENT_FAILED;

    dbk_core_begin_step(core, now, chooser, effects);
    if (is_answer && !hear(core, event))
        return DBK_STEP_FAILED;
    if (!is_answer && !attend_due(core))
        return DBK_STEP_FAILED;
    return set_wake(core) ? DBK_STEP_DONE : DBK_STEP_FAILED;
}
