/* What the Booking API promised to those who asked.
 *
 * idempotent-api: requests to book of one person under one key are one request, whatever wish they
 * are for (where the person is not known, within one wish only). Each repeat is held against the
 * first request under the key that was accepted (2xx), else against the first. One with another
 * body (its digest is text of ASKED) is refused. Where both were accepted with the system's own id
 * of the booking (text), the ids are the same. One with the same body, asked for when the other had
 * been accepted, is not refused, but for answers that speak of the caller, of the moment or of what
 * became of the booking. The answer of a request is the read of the same exchange, else the next
 * read of that person, operation and booking. Exposed once per repeat of which both were answered,
 * each by a read of its own.
 *
 * durable-ack: a booking that was acknowledged (a read that answers book, again or anew with 2xx)
 * is never "not found" (404) in a read asked for after that and after a process of the system went
 * down that was up when the booking was asked for: the acknowledgement may have been on its way
 * then. A cancel that was acknowledged (2xx) is not forgotten: judged where such a process went
 * down, the run came to rest, and a page or detail was asked for after both. Then the last such
 * read shows a final status, or a cancel of the wish has reached a partner (what it answers is not
 * this rule's matter), an operator has had the wish, or the person has asked to book again since.
 * Exposed once per booking of which one of the two could be judged.
 *
 * Where nobody knows which of two facts came first (index.h), nobody is convicted for their order,
 * and the invariant is unobserved.
 */
#include "runner/check/checks.h"

#include <stdlib.h>
#include <string.h>

static bool is_success(const struct dbk_seen *read)
{
    return read->fact->http >= 200 && read->fact->http < 300;
}

static bool is_booking(const struct dbk_fact *fact)
{
    return dbk_same(fact->op, "book") || dbk_same(fact->op, "hold") ||
           dbk_same(fact->op, "again") || dbk_same(fact->op, "anew");
}

/* A request under a key. */
struct use {
    const struct dbk_seen *asked;
    const struct dbk_seen *answer; /* NULL: not known */
};

static int compare_texts(const char *one, const char *other)
{
    if (one == NULL || other == NULL) {
        return (one != NULL) - (other != NULL);
    }
    return strcmp(one, other);
}

/* By person and key; where the person is not known, by wish. */
static int compare_users(const struct dbk_seen *one, const struct dbk_seen *other)
{
    int order = compare_texts(one->fact->who, other->fact->who);

    order = order != 0 ? order : compare_texts(one->fact->key, other->fact->key);
    return order != 0 || one->fact->who != NULL ? order
                                                : compare_texts(one->wish->name, other->wish->name);
}

static int by_user(const void *left, const void *right)
{
    const struct dbk_seen *one = ((const struct use *)left)->asked;
    const struct dbk_seen *other = ((const struct use *)right)->asked;
    int order = compare_users(one, other);

    return order != 0 ? order : one->place < other->place ? -1 : one->place > other->place;
}

static const struct dbk_seen *answer_to(const struct dbk_seen *asked)
{
    const struct dbk_wish *wish = asked->wish;
    const struct dbk_fact *request = asked->fact;

    for (size_t i = dbk_seen_after(wish->facts, wish->fact_count, asked->place);
         i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (fact->kind != DBK_FACT_READ) {
            continue;
        }
        bool has_exchange = fact->exchange != NULL && request->exchange != NULL;
        if (has_exchange ? dbk_same(fact->exchange, request->exchange)
                         : dbk_same(fact->who, request->who) && dbk_same(fact->op, request->op) &&
                               dbk_same(fact->booking, request->booking)) {
            return wish->facts[i];
        }
    }
    return NULL;
}

/* True if a refusal says that the request itself is a bad one. Others say: not you (401, 403, 407),
 * not now (408, 409, 423, 425, 429), no more (410). */
static bool blames_request(const struct dbk_seen *answer)
{
    static const int64_t others[] = {401, 403, 407, 408, 409, 410, 423, 425, 429};

    for (size_t i = 0; i < DBK_COUNT(others); i++) {
        if (answer->fact->http == others[i]) {
            return false;
        }
    }
    return answer->fact->http >= 400 && answer->fact->http < 500;
}

static const char *name_of(const struct dbk_seen *asked)
{
    return asked->fact->who != NULL ? asked->fact->who : "somebody";
}

static void accepted_other_body(const struct use *first, const struct use *repeat,
                                struct dbk_finding *finding)
{
    const size_t evidence[] = {first->asked->number, repeat->asked->number, first->answer->number,
                               repeat->answer->number, 0};

    dbk_finding_violated(finding, repeat->asked->wish->name, repeat->answer->at_ms, evidence,
                         "%s used the key %s again for another booking at %s, and it was accepted "
                         "with %lld",
                         name_of(repeat->asked), repeat->asked->fact->key,
                         dbk_say_when(repeat->asked).text, (long long)repeat->answer->fact->http);
}

static void made_two(const struct use *first, const struct use *repeat, struct dbk_finding *finding)
{
    const char *one = first->asked->wish->name;
    const char *other = repeat->asked->wish->name;
    bool is_one = first->asked->wish == repeat->asked->wish;
    const size_t evidence[] = {first->asked->number, repeat->asked->number, first->answer->number,
                               repeat->answer->number, 0};

    dbk_finding_violated(finding, other, repeat->answer->at_ms, evidence,
                         "%s booked %s%s%s under one key, %s, and got two bookings: %s at %s and "
                         "%s at %s",
                         name_of(repeat->asked), one, is_one ? " twice" : " and ",
                         is_one ? "" : other, repeat->asked->fact->key, first->answer->fact->text,
                         dbk_say_when(first->answer).text, repeat->answer->fact->text,
                         dbk_say_when(repeat->answer).text);
}

static void refused_repeat(const struct use *first, const struct use *repeat,
                           struct dbk_finding *finding)
{
    const size_t evidence[] = {first->asked->number, repeat->asked->number, first->answer->number,
                               repeat->answer->number, 0};

    dbk_finding_violated(finding, repeat->asked->wish->name, repeat->answer->at_ms, evidence,
                         "%s sent the same request under the key %s again at %s, and it was "
                         "refused with %lld, though it had been accepted with %lld at %s",
                         name_of(repeat->asked), repeat->asked->fact->key,
                         dbk_say_when(repeat->asked).text, (long long)repeat->answer->fact->http,
                         (long long)first->answer->fact->http, dbk_say_when(first->answer).text);
}

/* True if it violated. */
static bool check_accepted(const struct use *first, const struct use *repeat,
                           struct dbk_finding *finding)
{
    const char *body = first->asked->fact->text;
    const char *other_body = repeat->asked->fact->text;
    const char *id = first->answer->fact->text;
    const char *other_id = repeat->answer->fact->text;

    if (body != NULL && other_body != NULL && !dbk_same(body, other_body)) {
        accepted_other_body(first, repeat, finding);
        return true;
    }
    if (!is_success(first->answer)) {
        return false;
    }
    if (id == NULL || other_id == NULL) {
        finding->missing = "which id of its own the system gave (text of a read)";
        return false;
    }
    if (dbk_same(id, other_id)) {
        return false;
    }
    made_two(first, repeat, finding);
    return true;
}

static bool is_answered(const struct use *use)
{
    return use->answer != NULL && use->answer->fact->http != DBK_ABSENT;
}

/* True if it violated. */
static bool check_repeat(const struct use *first, const struct use *repeat,
                         struct dbk_finding *finding)
{
    if (!is_answered(first) || !is_answered(repeat) || first->answer == repeat->answer) {
        return false;
    }
    finding->exposed++;
    if (is_success(repeat->answer)) {
        return check_accepted(first, repeat, finding);
    }
    if (is_success(first->answer) && first->answer->place < repeat->asked->place &&
        first->asked->fact->text != NULL &&
        dbk_same(first->asked->fact->text, repeat->asked->fact->text) &&
        blames_request(repeat->answer)) {
        refused_repeat(first, repeat, finding);
        return true;
    }
    return false;
}

/* Checks the requests of one person under one key, in order, up to the first violation. */
static void check_key(struct use *uses, size_t count, struct dbk_finding *finding)
{
    const struct use *first = &uses[0];

    for (size_t i = 0; i < count && count > 1; i++) {
        uses[i].answer = answer_to(uses[i].asked);
        if (i > 0 && check_repeat(first, &uses[i], finding)) {
            return;
        }
        bool is_kept = is_answered(first) && is_success(first->answer);
        if (!is_kept && is_answered(&uses[i]) && is_success(uses[i].answer)) {
            first = &uses[i];
        }
    }
}

void dbk_check_idempotent_api(const struct dbk_index *index, struct dbk_finding *finding)
{
    struct use *uses =
        dbk_arena_alloc(index->arena, (index->kinds[DBK_FACT_ASKED] + 1) * sizeof(*uses));
    size_t count = 0;

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = index->seen[i].fact;
        if (fact->kind == DBK_FACT_ASKED && is_booking(fact) && fact->key != NULL) {
            uses[count++].asked = &index->seen[i];
        }
    }
    if (count == 0) {
        finding->missing = "requests to book with their keys (asked)";
    }
    qsort(uses, count, sizeof(*uses), by_user);
    for (size_t from = 0, to = 0; from < count; from = to) {
        while (to < count && compare_users(uses[from].asked, uses[to].asked) == 0) {
            to++;
        }
        check_key(&uses[from], to - from, finding);
    }
}

/* The first end of a process that is known to lie behind an acknowledgement, or behind the request
 * that it answers; or NULL. */
static const struct dbk_seen *first_down_after(const struct dbk_index *index,
                                               const struct dbk_seen *ack,
                                               struct dbk_finding *finding)
{
    for (size_t i = 0; i < index->kinds[DBK_FACT_PROCESS]; i++) {
        const struct dbk_seen *process = index->processes[i];
        if (!dbk_same(process->fact->fate, "down")) {
            continue;
        }
        if (!dbk_seen_ordered(ack, process)) {
            finding->missing = DBK_MISSING_ORDER;
        } else if (process->place > ack->place || !dbk_seen_is_past(process, ack)) {
            return process;
        }
    }
    return NULL;
}

/* The first read of the booking that answers such a request with 2xx, or NULL. */
static const struct dbk_seen *acknowledged(const struct dbk_booked *booked,
                                           bool (*is_op)(const struct dbk_fact *))
{
    for (size_t i = 0; i < booked->read_count; i++) {
        if (is_op(booked->reads[i]->fact) && is_success(booked->reads[i])) {
            return booked->reads[i];
        }
    }
    return NULL;
}

static bool is_cancel(const struct dbk_fact *fact)
{
    return dbk_same(fact->op, "cancel");
}

static bool was_asked_after(const struct dbk_seen *read, const struct dbk_seen *down,
                            struct dbk_finding *finding)
{
    if (!dbk_seen_ordered(down, read)) {
        finding->missing = DBK_MISSING_ORDER;
    }
    return down->place < read->place && dbk_seen_is_past(down, read);
}

static const char *process_of(const struct dbk_seen *down)
{
    return down->fact->who != NULL ? down->fact->who : "a process";
}

/* What a read has to lie behind to show what became of it: the acknowledgement, and the end. */
static const struct dbk_seen *later_of(const struct dbk_seen *ack, const struct dbk_seen *down)
{
    return down->place > ack->place ? down : ack;
}

/* True if the booking was asked for after its acknowledgement and such an end. */
static bool check_kept(const struct dbk_index *index, const struct dbk_booked *booked,
                       struct dbk_finding *finding)
{
    const struct dbk_seen *ack = acknowledged(booked, is_booking);
    const struct dbk_seen *down = ack == NULL ? NULL : first_down_after(index, ack, finding);
    bool is_exposed = false;

    for (size_t i = 0; i < booked->read_count && down != NULL; i++) {
        const struct dbk_seen *read = booked->reads[i];
        if (!was_asked_after(read, later_of(ack, down), finding) ||
            read->fact->http == DBK_ABSENT) {
            continue;
        }
        is_exposed = true;
        if (read->fact->http == 404) {
            const size_t evidence[] = {ack->number, down->number, read->number, 0};
            dbk_finding_violated(finding, booked->name, read->at_ms, evidence,
                                 "%s was acknowledged at %s and, after %s went down at %s, not "
                                 "found at %s",
                                 booked->name, dbk_say_when(ack).text, process_of(down),
                                 dbk_say_when(down).text, dbk_say_when(read).text);
            break;
        }
    }
    return is_exposed;
}

static bool tells_status(const struct dbk_seen *read)
{
    return read->fact->status != NULL && !dbk_same(read->fact->surface, "list");
}

/* The last read of the booking with a status, on a page or detail; NULL: none, or nobody knows. */
static const struct dbk_seen *last_shown(const struct dbk_booked *booked,
                                         struct dbk_finding *finding)
{
    const struct dbk_seen *last = NULL;

    for (size_t i = 0; i < booked->read_count; i++) {
        last = tells_status(booked->reads[i]) ? booked->reads[i] : last;
    }
    for (size_t i = 0; i < booked->read_count; i++) {
        if (tells_status(booked->reads[i]) && !dbk_seen_ordered(booked->reads[i], last)) {
            finding->missing = DBK_MISSING_ORDER;
            return NULL;
        }
    }
    return last;
}

/* True if something may have become of a cancel that was acknowledged: a partner was asked to
 * cancel, an operator has the wish, or the person wanted to book again after that. */
static bool went_on(const struct dbk_wish *wish, const struct dbk_seen *ack)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (dbk_fact_is(fact, DBK_FACT_SAW, "cancel") && !dbk_same(fact->fate, "lost")) {
            return true;
        }
        if (fact->kind == DBK_FACT_ASKED && is_booking(fact) &&
            wish->facts[i]->place > ack->place) {
            return true;
        }
    }
    return dbk_wish_operator(wish) != NULL;
}

static bool is_final(const char *status)
{
    return dbk_same(status, "rejected") || dbk_same(status, "cancelled") ||
           dbk_same(status, "expired");
}

/* What is missing to tell whether a cancel was forgotten, or NULL. */
static const char *missing_for_cancels(const struct dbk_index *index)
{
    if (index->end == NULL || !dbk_same(index->end->fact->fate, "rest")) {
        return "what became of a cancel, with the run at rest (end)";
    }
    return index->history->stage == NULL && index->kinds[DBK_FACT_SAW] == 0
               ? "which requests reached the partner (saw)"
               : NULL;
}

/* True if a cancel was acknowledged before such an end and could be judged. */
static bool check_cancel_kept(const struct dbk_index *index, const struct dbk_booked *booked,
                              struct dbk_finding *finding)
{
    const struct dbk_seen *ack = acknowledged(booked, is_cancel);
    const struct dbk_seen *down = ack == NULL ? NULL : first_down_after(index, ack, finding);
    const struct dbk_seen *shown = down == NULL ? NULL : last_shown(booked, finding);

    if (shown == NULL || !was_asked_after(shown, later_of(ack, down), finding)) {
        return false;
    }
    if (is_final(shown->fact->status) || went_on(booked->wish, ack)) {
        return true;
    }
    const char *missing = missing_for_cancels(index);
    if (missing != NULL) {
        finding->missing = missing;
        return false;
    }
    const size_t evidence[] = {ack->number, down->number, shown->number, 0};
    dbk_finding_violated(finding, booked->name, shown->at_ms, evidence,
                         "the cancel of %s was acknowledged with %lld at %s, but after %s went "
                         "down at %s it reached no partner, and %s still showed %s as %s at %s, "
                         "with the run at rest after that",
                         booked->name, (long long)ack->fact->http, dbk_say_when(ack).text,
                         process_of(down), dbk_say_when(down).text, dbk_say_screen(shown).text,
                         booked->name, shown->fact->status, dbk_say_when(shown).text);
    return true;
}

void dbk_check_durable_ack(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t violations = finding->outcome->violation_count;

    if (index->kinds[DBK_FACT_READ] == 0) {
        finding->missing = "answers to those who booked and looked (read)";
    } else if (index->kinds[DBK_FACT_PROCESS] == 0 && index->history->stage == NULL) {
        finding->missing = "when processes went down (process)";
    }
    for (size_t i = 0; i < index->booking_count; i++) {
        bool is_kept_exposed = check_kept(index, index->bookings[i], finding);
        bool is_cancel_exposed = check_cancel_kept(index, index->bookings[i], finding);
        finding->exposed += is_kept_exposed || is_cancel_exposed;
    }
    if (finding->outcome->violation_count > violations) {
        finding->missing = NULL;
    }
}
