#include "runner/decide/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const struct dbk_history *history;
    const struct dbk_policy *policy;
    const char *intent;
    int64_t until_ms;
    struct dbk_recorded *recorded;
    size_t room;
    struct dbk_arena *arena;
    const char *key; /* of the newest create */
};

static const struct {
    const char *op;
    enum dbk_call call;
    enum dbk_setting_id patience;
} calls[] = {
    {"create", DBK_CALL_CREATE, DBK_SETTING_CREATE_TIMEOUT},
    {"look-up", DBK_CALL_LOOK_UP, DBK_SETTING_LOOK_UP_TIMEOUT},
    {"get", DBK_CALL_GET, DBK_SETTING_LOOK_UP_TIMEOUT},
    {"cancel", DBK_CALL_CANCEL, DBK_SETTING_CANCEL_TIMEOUT},
    {"confirm", DBK_CALL_CONFIRM, DBK_SETTING_CONFIRM_TIMEOUT},
    {"extend", DBK_CALL_EXTEND, DBK_SETTING_CONFIRM_TIMEOUT},
};

static const struct {
    const char *op;
    enum dbk_evidence_kind kind;
} wishes[] = {
    {"book", DBK_EVIDENCE_ASKED},          {"anew", DBK_EVIDENCE_ASKED},
    {"hold", DBK_EVIDENCE_HOLD_ASKED},     {"confirm", DBK_EVIDENCE_CONFIRM_ASKED},
    {"extend", DBK_EVIDENCE_EXTEND_ASKED}, {"cancel", DBK_EVIDENCE_CANCEL_ASKED},
    {"leave", DBK_EVIDENCE_CANCEL_ASKED},
};

static int64_t time_of(const struct reading *reading, int64_t at_ms)
{
    return reading->history->zero_ms + at_ms;
}

static void add(struct reading *reading, int64_t at_ms, struct dbk_evidence record)
{
    struct dbk_recorded *recorded = reading->recorded;

    if (recorded->count == reading->room) {
        reading->room = 2 * reading->room + 16;
        struct dbk_evidence *more = dbk_arena_alloc(reading->arena, reading->room * sizeof(*more));
        if (recorded->count)
            memcpy(more, recorded->evidence, recorded->count * sizeof(*more));
        recorded->evidence = more;
    }
    record.booking = 1;
    record.number = (int64_t)recorded->count + 1;
    record.at_ms = time_of(reading, at_ms);
    record.version = record.version ? record.version : DBK_ABSENT;
    if (record.kind == DBK_EVIDENCE_SENT)
        record.attempt = record.number;
    recorded->evidence[recorded->count++] = record;
    if (record.at_ms > recorded->last_ms)
        recorded->last_ms = record.at_ms;
}

static bool is_of_it(const struct reading *reading, const struct dbk_fact *fact)
{
    return fact->intent && dbk_same(fact->intent, reading->intent);
}

/* The answer to the request, or NULL. */
static const struct dbk_fact *answer_to(const struct reading *reading, size_t saw)
{
    const struct dbk_history *history = reading->history;
    const struct dbk_fact *request = &history->facts[saw];

    for (size_t i = saw + 1; i < history->fact_count && request->exchange; i++) {
        const struct dbk_fact *fact = &history->facts[i];
        if (fact->kind == DBK_FACT_ANSWER && dbk_same(fact->who, request->who) &&
            dbk_same(fact->exchange, request->exchange))
            return fact;
    }
    return NULL;
}

/* "LA-1=confirmed,LA-2=cancelled" or one id with a state: what is said of this one, or NULL. */
static const char *state_in(const struct dbk_fact *answer, const char *id, struct dbk_arena *arena)
{
    const char *at = answer->text ? strstr(answer->text, id) : NULL;

    if (dbk_same(answer->reservation, id))
        return answer->state;
    if (!at || at[strlen(id)] != '=')
        return NULL;
    at += strlen(id) + 1;
    return dbk_arena_copy(arena, at, strcspn(at, ","));
}

/* What a look-up without a wish of its own shows of this one: reservations that the partner says,
 * at its own end, are of it. */
static size_t found_of_it(struct reading *reading, const struct dbk_fact *answer, int64_t sent,
                          int64_t at_ms)
{
    const struct dbk_history *history = reading->history;
    size_t found = 0;

    for (size_t i = 0; i < history->fact_count; i++) {
        const struct dbk_fact *effect = &history->facts[i];
        if (effect->kind != DBK_FACT_EFFECT || effect->state_before || !is_of_it(reading, effect) ||
            !dbk_same(effect->who, answer->who) || !effect->reservation)
            continue;
        const char *state = state_in(answer, effect->reservation, reading->arena);
        enum dbk_theirs theirs = state ? dbk_theirs_by_name(state) : DBK_THEIR_STATES;
        if (theirs == DBK_THEIR_STATES)
            continue;
        found++;
        add(reading, at_ms,
            (struct dbk_evidence){.kind = DBK_EVIDENCE_FOUND,
                                  .call = DBK_CALL_LOOK_UP,
                                  .attempt = sent,
                                  .http = answer->http,
                                  .key = effect->key,
                                  .reservation = effect->reservation,
                                  .state = theirs});
    }
    return found;
}

static void hear_answer(struct reading *reading, const struct dbk_evidence *sent,
                        const struct dbk_fact *answer)
{
    struct dbk_evidence record = {.call = sent->call,
                                  .attempt = sent->number,
                                  .key = sent->key,
                                  .http = answer->http == DBK_ABSENT ? 0 : answer->http};
    enum dbk_theirs state = answer->state ? dbk_theirs_by_name(answer->state) : DBK_THEIR_STATES;

    if (record.http >= 500 ||
        (record.http < 400 && sent->call != DBK_CALL_LOOK_UP && state == DBK_THEIR_STATES)) {
        bool says_not_made = record.http >= 500 && state == DBK_THEIRS_NONE;
        record.kind = DBK_EVIDENCE_IN_DOUBT;
        record.state = says_not_made ? DBK_THEIRS_NONE : DBK_THEIRS_UNREAD;
        record.left_by_ms = time_of(reading, answer->at_ms);
    } else if (record.http >= 400) {
        record.kind = DBK_EVIDENCE_REFUSED;
    } else if (sent->call == DBK_CALL_LOOK_UP) {
        if (found_of_it(reading, answer, sent->number, answer->at_ms) > 0)
            return;
        record.kind = DBK_EVIDENCE_NOTHING;
        record.key = reading->key;
    } else {
        record.kind = DBK_EVIDENCE_ANSWERED;
        record.reservation = answer->reservation;
        record.state = state;
    }
    add(reading, answer->at_ms, record);
}

/* What the asking end knew of the request by then: an answer, silence for long enough, or nothing.
 */
static void hear(struct reading *reading, size_t saw, const struct dbk_evidence *sent,
                 int64_t patience_ms)
{
    const struct dbk_fact *answer = answer_to(reading, saw);
    bool is_heard = answer && (!answer->fate || dbk_same(answer->fate, "delivered"));
    int64_t gave_up_ms = sent->at_ms - reading->history->zero_ms + patience_ms;

    if (is_heard && answer->at_ms != DBK_ABSENT && answer->at_ms <= reading->until_ms)
        hear_answer(reading, sent, answer);
    else if (!is_heard && gave_up_ms <= reading->until_ms)
        add(reading, gave_up_ms,
            (struct dbk_evidence){.kind = DBK_EVIDENCE_IN_DOUBT,
                                  .call = sent->call,
                                  .attempt = sent->number,
                                  .key = sent->key,
                                  .left_by_ms = sent->at_ms});
}

static void read_request(struct reading *reading, size_t saw)
{
    const struct dbk_fact *fact = &reading->history->facts[saw];
    int64_t at_ms = fact->asked_ms != DBK_ABSENT ? fact->asked_ms : fact->at_ms;

    for (size_t i = 0; i < DBK_COUNT(calls); i++) {
        if (!dbk_same(calls[i].op, fact->op))
            continue;
        int64_t patience_ms = reading->policy->settings_ms[calls[i].patience];
        struct dbk_evidence sent = {.kind = DBK_EVIDENCE_SENT,
                                    .call = calls[i].call,
                                    .nth = fact->attempt == DBK_ABSENT ? 1 : fact->attempt,
                                    .key = fact->key ? fact->key : reading->key,
                                    .reservation = fact->reservation,
                                    .left_by_ms = time_of(reading, at_ms + patience_ms),
                                    .deadline_ms = time_of(reading, at_ms + 2 * patience_ms)};
        if (sent.call == DBK_CALL_CREATE) {
            reading->key = sent.key;
            reading->recorded->partner = dbk_history_partner(reading->history, fact->who);
        }
        add(reading, at_ms, sent);
        sent = reading->recorded->evidence[reading->recorded->count - 1];
        hear(reading, saw, &sent, patience_ms);
        return;
    }
}

/* A question about a whole day is of no wish; it is of this one once something was created. */
static bool is_common_question(const struct reading *reading, const struct dbk_fact *fact)
{
    return fact->kind == DBK_FACT_SAW && !fact->intent && dbk_same(fact->op, "look-up") &&
           reading->recorded->partner && dbk_same(fact->who, reading->recorded->partner->name);
}

static void read_wish(struct reading *reading, const struct dbk_fact *fact)
{
    for (size_t i = 0; i < DBK_COUNT(wishes); i++)
        if (dbk_same(wishes[i].op, fact->op))
            add(reading, fact->at_ms, (struct dbk_evidence){.kind = wishes[i].kind});
}

/* When it left, for who is asked may do something about it before the answer is back. */
static int64_t left_ms(const struct reading *reading, const struct dbk_fact *answered)
{
    for (size_t i = 0; i < reading->history->fact_count; i++) {
        const struct dbk_fact *fact = &reading->history->facts[i];
        if (fact->kind == DBK_FACT_CALLBACK && fact->nth == answered->nth &&
            dbk_same(fact->who, answered->who) && dbk_same(fact->callback, answered->callback) &&
            fact->at_ms != DBK_ABSENT)
            return fact->at_ms;
    }
    return answered->at_ms;
}

static void read_callback(struct reading *reading, const struct dbk_fact *fact)
{
    enum dbk_theirs state = fact->state ? dbk_theirs_by_name(fact->state) : DBK_THEIR_STATES;

    if (dbk_same(fact->fate, "lost") || fact->http < 200 || fact->http >= 300 ||
        state == DBK_THEIR_STATES)
        return;
    add(reading, left_ms(reading, fact),
        (struct dbk_evidence){.kind = DBK_EVIDENCE_CALLBACK,
                              .state = state,
                              .key = fact->key,
                              .reservation = fact->reservation});
}

static void read_fact(struct reading *reading, size_t at)
{
    const struct dbk_fact *fact = &reading->history->facts[at];

    if (fact->at_ms == DBK_ABSENT || fact->at_ms > reading->until_ms)
        return;
    if (is_common_question(reading, fact)) {
        read_request(reading, at);
        return;
    }
    if (!is_of_it(reading, fact))
        return;
    switch (fact->kind) {
    case DBK_FACT_ASKED:
        read_wish(reading, fact);
        break;
    case DBK_FACT_SAW:
        read_request(reading, at);
        break;
    case DBK_FACT_CALLBACK_ANSWERED:
        read_callback(reading, fact);
        break;
    default:
        break;
    }
}

static int by_time(const void *one, const void *other)
{
    const struct dbk_evidence *a = one, *b = other;

    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* Before and after go by numbers, so these follow the time at which each thing was known. */
static void put_in_order(struct dbk_recorded *recorded, struct dbk_arena *arena)
{
    int64_t *place = dbk_arena_alloc(arena, (recorded->count + 1) * sizeof(*place));

    qsort(recorded->evidence, recorded->count, sizeof(*recorded->evidence), by_time);
    for (size_t i = 0; i < recorded->count; i++)
        place[recorded->evidence[i].number] = (int64_t)i + 1;
    for (size_t i = 0; i < recorded->count; i++) {
        struct dbk_evidence *record = &recorded->evidence[i];
        record->number = (int64_t)i + 1;
        record->attempt = record->attempt ? place[record->attempt] : 0;
    }
}

/* The wish behind a booking's name, which may be the wish's own. */
static const char *intent_of(const struct dbk_history *history, const char *booking)
{
    for (size_t i = 0; i < history->fact_count; i++) {
        const struct dbk_fact *fact = &history->facts[i];
        if (fact->intent && (dbk_same(fact->booking, booking) || dbk_same(fact->intent, booking) ||
                             (fact->kind == DBK_FACT_READ && dbk_same(fact->text, booking))))
            return fact->intent;
    }
    return NULL;
}

bool dbk_recorded_read(const struct dbk_history *history, const char *booking, int64_t until_ms,
                       const struct dbk_policy *policy, struct dbk_arena *arena,
                       struct dbk_recorded *recorded, char why[static 160])
{
    struct reading reading = {.history = history,
                              .policy = policy,
                              .intent = intent_of(history, booking),
                              .until_ms = until_ms,
                              .recorded = recorded,
                              .arena = arena};

    *recorded = (struct dbk_recorded){.last_ms = DBK_ABSENT};
    for (size_t i = 0; reading.intent && history->zero_ms != DBK_ABSENT && i < history->fact_count;
         i++)
        read_fact(&reading, i);
    if (recorded->count > 0) {
        put_in_order(recorded, arena);
        return true;
    }
    snprintf(why, 160, "the history tells nothing of a booking or wish '%.60s'", booking);
    return false;
}
