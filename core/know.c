#include "core/know.h"

#include "core/desk.h"

#include "base/history.h"

#include <stdlib.h>
#include <string.h>

struct joining {
    const struct dbk_evidence *evidence;
    size_t count;
    const struct dbk_profile *profile;
    struct dbk_known known;
    const struct dbk_evidence *asked; /* with the price that was agreed; NULL: none was */
};

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other; /* DBK_ABSENT is smaller than any time */
}

bool dbk_theirs_is_live(enum dbk_theirs state)
{
    return state == DBK_THEIRS_ON_HOLD || state == DBK_THEIRS_PENDING ||
           state == DBK_THEIRS_CONFIRMED;
}

static struct dbk_known_request *request_of(const struct dbk_known *known, int64_t number)
{
    for (size_t i = 0; i < known->request_count; i++)
        if (known->requests[i].number == number)
            return &known->requests[i];
    return NULL;
}

static int by_number(const void *one, const void *other)
{
    const struct dbk_known_request *a = one, *b = other;
    return (a->number > b->number) - (a->number < b->number);
}

static void collect_requests(struct joining *join)
{
    struct dbk_known *known = &join->known;
    bool is_sorted = true;

    for (size_t i = 0; i < join->count; i++) {
        const struct dbk_evidence *sent = &join->evidence[i];
        if (sent->kind != DBK_EVIDENCE_SENT || request_of(known, sent->attempt))
            continue;
        size_t at = known->request_count++;
        is_sorted = is_sorted && (at == 0 || known->requests[at - 1].number < sent->attempt);
        known->requests[at] = (struct dbk_known_request){
            .number = sent->attempt,
            .nth = sent->nth,
            .call = sent->call,
            .key = sent->key,
            .reservation = sent->reservation,
            .sent_at_ms = sent->at_ms,
            .left_by_ms = sent->left_by_ms,
            .deadline_ms = sent->deadline_ms,
            .ended_at_ms = DBK_ABSENT,
        };
    }
    if (!is_sorted)
        qsort(known->requests, known->request_count, sizeof(*known->requests), by_number);
}

/* An error is no doubt where the partner promises what it means, or that its body says it. */
static bool says_not_booked(const struct dbk_evidence *record, const struct dbk_profile *profile)
{
    if (record->call != DBK_CALL_CREATE || record->http < 500)
        return false;
    return profile->server_error == DBK_ERROR_IS_NOT_BOOKED ||
           (profile->server_error == DBK_ERROR_IS_TOLD && record->state == DBK_THEIRS_NONE);
}

static enum dbk_end end_said_by(const struct dbk_evidence *record,
                                const struct dbk_profile *profile)
{
    switch (record->kind) {
    case DBK_EVIDENCE_NOT_SENT:
        return DBK_END_NOT_SENT;
    case DBK_EVIDENCE_REFUSED:
        return DBK_END_REFUSED;
    case DBK_EVIDENCE_ANSWERED:
    case DBK_EVIDENCE_FOUND:
    case DBK_EVIDENCE_NOTHING:
        return DBK_END_ANSWERED;
    case DBK_EVIDENCE_IN_DOUBT:
        return says_not_booked(record, profile) ? DBK_END_NOT_BOOKED : DBK_END_DOUBT;
    default:
        return DBK_END_OPEN;
    }
}

static void collect_ends(struct joining *join)
{
    for (size_t i = 0; i < join->count; i++) {
        const struct dbk_evidence *record = &join->evidence[i];
        enum dbk_end end = end_said_by(record, join->profile);
        struct dbk_known_request *request =
            end == DBK_END_OPEN ? NULL : request_of(&join->known, record->attempt);
        if (!request)
            continue;
        if (end > request->end)
            request->end = end;
        request->ended_at_ms = later(request->ended_at_ms, record->at_ms);
        request->http = later(request->http, record->http);
        if (record->kind == DBK_EVIDENCE_IN_DOUBT && record->left_by_ms < request->left_by_ms)
            request->left_by_ms = record->left_by_ms;
    }
}

/* True if a says something newer than b. A total order, or the join would depend on order. */
static bool is_newer(const struct dbk_reading *a, const struct dbk_reading *b)
{
    if (a->version != b->version)
        return a->version > b->version;
    if (a->attempt != b->attempt)
        return a->attempt > b->attempt;
    return a->number > b->number;
}

static struct dbk_known_reservation *reservation_of(struct dbk_known *known, const char *id)
{
    for (size_t i = 0; i < known->reservation_count; i++)
        if (strcmp(known->reservations[i].id, id) == 0)
            return &known->reservations[i];
    struct dbk_known_reservation *made = &known->reservations[known->reservation_count++];
    *made = (struct dbk_known_reservation){
        .id = id,
        .first_at_ms = INT64_MAX,
        .reading = {.version = -1, .attempt = -1, .at_ms = DBK_ABSENT},
    };
    return made;
}

static void take_hint(struct dbk_known *known, struct dbk_known_reservation *reservation,
                      const struct dbk_evidence *record)
{
    struct dbk_hint *hint = &reservation->hints[record->state];

    bool is_thin = record->state == DBK_THEIRS_UNREAD; /* it says that there is news, not which */
    int64_t newest =
        reservation->hint == DBK_THEIRS_UNREAD ? 0 : reservation->hints[reservation->hint].number;

    if (!is_thin)
        known->last_called = later(known->last_called, record->number);
    if (record->number <= hint->number)
        return;
    *hint = (struct dbk_hint){record->number, record->at_ms};
    if (!is_thin && hint->number > newest)
        reservation->hint = record->state;
}

static void take_reading(struct joining *join, struct dbk_known_reservation *reservation,
                         const struct dbk_evidence *record)
{
    bool is_callback = record->kind == DBK_EVIDENCE_CALLBACK;
    bool is_counted = join->profile->callback_version == DBK_ORDER_COUNTER && record->version >= 0;
    struct dbk_reading reading = {
        .state = record->state,
        .version = is_counted ? record->version : -1,
        .attempt = is_callback ? 0 : record->attempt,
        .number = record->number,
        .at_ms = record->at_ms,
        .expires_ms = record->expires_ms,
    };

    if (is_callback && !is_counted) {
        take_hint(&join->known, reservation, record);
        return;
    }
    join->known.last_read = later(join->known.last_read, record->number);
    if (is_newer(&reading, &reservation->reading))
        reservation->reading = reading;
}

static bool is_dearer(const struct joining *join, const struct dbk_evidence *record)
{
    return join->asked && record->currency &&
           (record->amount > join->asked->amount ||
            strcmp(record->currency, join->asked->currency) != 0);
}

static int by_first_heard(const void *one, const void *other)
{
    const struct dbk_known_reservation *a = one, *b = other;
    if (a->first_at_ms != b->first_at_ms)
        return a->first_at_ms < b->first_at_ms ? -1 : 1;
    return strcmp(a->id, b->id);
}

static void collect_reservations(struct joining *join)
{
    struct dbk_known *known = &join->known;

    for (size_t i = 0; i < join->count; i++) {
        const struct dbk_evidence *record = &join->evidence[i];
        if (!record->reservation || record->kind == DBK_EVIDENCE_SENT ||
            record->kind == DBK_EVIDENCE_PASSED || record->kind == DBK_EVIDENCE_SAID ||
            (record->state == DBK_THEIRS_UNREAD && record->kind != DBK_EVIDENCE_CALLBACK))
            continue;
        struct dbk_known_reservation *reservation = reservation_of(known, record->reservation);
        if (record->key && (!reservation->key || strcmp(record->key, reservation->key) > 0))
            reservation->key = record->key;
        if (record->at_ms < reservation->first_at_ms)
            reservation->first_at_ms = record->at_ms;
        reservation->is_dearer |= is_dearer(join, record);
        take_reading(join, reservation, record);
        if (record->kind == DBK_EVIDENCE_ANSWERED && record->call == DBK_CALL_CANCEL &&
            !dbk_theirs_is_live(record->state) && record->number > reservation->cancel_done) {
            reservation->cancel_done = record->number;
            reservation->cancel_done_at_ms = record->at_ms;
        }
    }
    if (known->reservation_count > 1)
        qsort(known->reservations, known->reservation_count, sizeof(*known->reservations),
              by_first_heard);
    for (size_t i = 0; i < known->reservation_count; i++) {
        const struct dbk_known_reservation *reservation = &known->reservations[i];
        if (reservation->hint != DBK_THEIRS_UNREAD &&
            reservation->hints[reservation->hint].number == known->last_called)
            known->called = reservation;
    }
}

/* What was said of reservations, by a deadline of ours or by a person. */
static void collect_words(struct joining *join)
{
    for (size_t i = 0; i < join->count; i++) {
        const struct dbk_evidence *record = &join->evidence[i];
        for (size_t r = 0; r < join->known.reservation_count; r++) {
            struct dbk_known_reservation *reservation = &join->known.reservations[r];
            bool is_about_it = dbk_same(record->reservation, reservation->id);
            enum dbk_desk desk = is_about_it && record->kind == DBK_EVIDENCE_SAID
                                     ? dbk_desk_said(record->text)
                                     : DBK_DESKS;
            if (is_about_it && record->kind == DBK_EVIDENCE_PASSED)
                reservation->passed = later(reservation->passed, record->number);
            if (desk == DBK_DESK_GONE)
                reservation->gone = later(reservation->gone, record->number);
            if (desk == DBK_DESK_CANCEL_AGAIN)
                reservation->cancel_again = later(reservation->cancel_again, record->number);
        }
    }
}

/* True if what the create held must be over by now, whatever became of it, or if a person says
 * that it made nothing. */
static bool has_passed(const struct joining *join, const struct dbk_known_request *create)
{
    for (size_t i = 0; i < join->count; i++)
        if (join->evidence[i].kind == DBK_EVIDENCE_PASSED &&
            join->evidence[i].attempt == create->number)
            return true;
    return join->known.said[DBK_DESK_ABSENT] > create->number;
}

/* Requests about a reservation: how often it was read, cancelled, ... */
static void count_requests(struct dbk_known *known)
{
    for (size_t i = 0; i < known->request_count; i++) {
        const struct dbk_known_request *request = &known->requests[i];
        if (request->end == DBK_END_OPEN)
            known->in_air = request;
        if (request->call == DBK_CALL_CREATE) {
            known->creates += request->end != DBK_END_NOT_SENT;
            known->last_create = request;
        }
        if (!request->reservation)
            continue;
        for (size_t r = 0; r < known->reservation_count; r++) {
            struct dbk_known_reservation *reservation = &known->reservations[r];
            if (strcmp(reservation->id, request->reservation) != 0)
                continue;
            bool may_have_left =
                request->call != DBK_CALL_CANCEL || request->end != DBK_END_NOT_SENT;
            reservation->sent[request->call] += may_have_left;
            reservation->last[request->call] = request;
        }
    }
}

/* Reservations under this key that no create's own answer accounts for. */
static size_t unexplained(const struct dbk_known *known, const char *key)
{
    size_t found = 0, answered = 0;

    for (size_t i = 0; i < known->reservation_count; i++)
        found += dbk_same(known->reservations[i].key, key) &&
                 known->reservations[i].reading.state != DBK_THEIRS_NONE;
    for (size_t i = 0; i < known->request_count; i++)
        answered += known->requests[i].call == DBK_CALL_CREATE &&
                    known->requests[i].end == DBK_END_ANSWERED &&
                    dbk_same(known->requests[i].key, key);
    return found > answered ? found - answered : 0;
}

/* Marks what look-ups say of a create in doubt; true if one was sent late enough to prove that
 * all it will ever have made has been seen. */
static bool is_looked_through(const struct joining *join, struct dbk_known_request *create)
{
    bool is_proven = false;

    for (size_t i = 0; i < join->count; i++) {
        const struct dbk_evidence *record = &join->evidence[i];
        if ((record->kind != DBK_EVIDENCE_NOTHING && record->kind != DBK_EVIDENCE_FOUND) ||
            !dbk_same(record->key, create->key))
            continue;
        const struct dbk_known_request *look_up = request_of(&join->known, record->attempt);
        if (!look_up || look_up->number < create->number)
            continue;
        create->is_missed = create->is_missed || record->kind == DBK_EVIDENCE_NOTHING;
        is_proven = is_proven || look_up->sent_at_ms >= create->absent_after_ms;
    }
    return is_proven;
}

/* The oldest doubt under a key gets the first unexplained reservation. With a partner that
 * deduplicates by reference, all creates under one key are the same one. */
static void resolve_doubts(struct joining *join)
{
    struct dbk_known *known = &join->known;

    for (size_t i = 0; i < known->request_count; i++) {
        struct dbk_known_request *create = &known->requests[i];
        if (create->call != DBK_CALL_CREATE)
            continue;
        create->absent_after_ms =
            create->left_by_ms + join->profile->commit_within_ms + join->profile->visible_within_ms;
        if (create->end != DBK_END_DOUBT)
            continue;
        size_t taken = 0, has_answer = 0;
        for (size_t earlier = 0; earlier < known->request_count; earlier++) {
            const struct dbk_known_request *other = &known->requests[earlier];
            if (other->call != DBK_CALL_CREATE || !dbk_same(other->key, create->key))
                continue;
            int64_t apart_ms = create->sent_at_ms - other->sent_at_ms;
            taken += other->end == DBK_END_FOUND;
            has_answer += other->end == DBK_END_ANSWERED &&
                          apart_ms < join->profile->key_lasts_ms &&
                          -apart_ms < join->profile->key_lasts_ms;
        }
        size_t free_ones = unexplained(known, create->key);
        bool is_proven = is_looked_through(join, create) || has_passed(join, create);
        bool is_same = join->profile->dedupe == DBK_DEDUPE_REFERENCE && (free_ones || has_answer);
        if (is_same || free_ones > taken)
            create->end = DBK_END_FOUND;
        else if (is_proven)
            create->end = DBK_END_ABSENT;
    }
}

struct dbk_known dbk_know(const struct dbk_evidence *evidence, size_t count,
                          const struct dbk_profile *profile, struct dbk_arena *arena)
{
    struct joining join = {.evidence = evidence, .count = count, .profile = profile};
    size_t sent = 0, about = 0;
    int64_t handed_over = 0;
    int64_t cancel_asked = 0, last_said = 0;
    bool is_hold_asked = false, is_confirm_asked = false;

    for (size_t i = 0; i < count; i++) {
        sent += evidence[i].kind == DBK_EVIDENCE_SENT;
        about += evidence[i].kind != DBK_EVIDENCE_SENT && evidence[i].reservation != NULL;
        if (evidence[i].kind == DBK_EVIDENCE_CANCEL_ASKED)
            cancel_asked = later(cancel_asked, evidence[i].number);
        enum dbk_desk desk =
            evidence[i].kind == DBK_EVIDENCE_SAID ? dbk_desk_said(evidence[i].text) : DBK_DESKS;
        if (desk < DBK_DESKS) {
            join.known.said[desk] = later(join.known.said[desk], evidence[i].number);
            last_said = later(last_said, evidence[i].number);
        }
        if ((evidence[i].kind == DBK_EVIDENCE_ASKED ||
             evidence[i].kind == DBK_EVIDENCE_HOLD_ASKED) &&
            evidence[i].currency)
            join.asked = &evidence[i];
        is_hold_asked |= evidence[i].kind == DBK_EVIDENCE_HOLD_ASKED;
        is_confirm_asked |= evidence[i].kind == DBK_EVIDENCE_CONFIRM_ASKED;
        if (evidence[i].kind == DBK_EVIDENCE_EXTEND_ASKED)
            join.known.extend_asked = later(join.known.extend_asked, evidence[i].number);
        if (evidence[i].kind == DBK_EVIDENCE_OPERATOR && evidence[i].number > handed_over) {
            handed_over = evidence[i].number;
            join.known.handed_over_for = evidence[i].text;
        }
    }
    join.known.is_with_operator = handed_over > last_said;
    join.known.is_cancel_asked = cancel_asked > join.known.said[DBK_DESK_ACCEPT];
    join.known.is_only_held = is_hold_asked && !is_confirm_asked;
    join.known.requests = dbk_arena_alloc(arena, (sent + 1) * sizeof(*join.known.requests));
    join.known.reservations =
        dbk_arena_alloc(arena, (about + 1) * sizeof(*join.known.reservations));
    collect_requests(&join);
    collect_ends(&join);
    collect_reservations(&join);
    collect_words(&join);
    resolve_doubts(&join);
    count_requests(&join.known);
    return join.known;
}
