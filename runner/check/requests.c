/* What the Booking API promised to those who asked.
 *
 * idempotent-api: requests to book of one wish, of one person and under one key are one request.
 * Where both were answered 2xx with the system's own id of the booking (text), the ids are the
 * same; where the second carried another body (its digest is text of ASKED) it was refused. The
 * answer of a request is the read of the same exchange, else the next read of that person,
 * operation and booking. Exposed once per pair of which both were answered.
 *
 * durable-ack: a booking that was acknowledged (a read that answers book, again or anew with 2xx)
 * is never "not found" (404) in a read asked for after a process of the system went down. Exposed
 * once per booking that was asked for after such an end.
 */
#include "runner/check/checks.h"

static bool is_success(const struct dbk_seen *read)
{
    return read->fact->http >= 200 && read->fact->http < 300;
}

static bool is_booking(const struct dbk_fact *fact)
{
    return dbk_same(fact->op, "book") || dbk_same(fact->op, "again") || dbk_same(fact->op, "anew");
}

static const struct dbk_seen *answer_to(const struct dbk_wish *wish, const struct dbk_seen *asked)
{
    const struct dbk_fact *request = asked->fact;

    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (fact->kind != DBK_FACT_READ || wish->facts[i]->place < asked->place) {
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

/* True if it violated. */
static bool check_repeat(const struct dbk_wish *wish, const struct dbk_seen *first,
                         const struct dbk_seen *repeat, struct dbk_finding *finding)
{
    const struct dbk_seen *one = answer_to(wish, first);
    const struct dbk_seen *other = answer_to(wish, repeat);
    const char *who = repeat->fact->who ? repeat->fact->who : "somebody";
    const char *body = repeat->fact->text;

    if (one == NULL || other == NULL || one->fact->http == DBK_ABSENT ||
        other->fact->http == DBK_ABSENT) {
        return false;
    }
    finding->exposed++;
    if (!is_success(other)) {
        return false;
    }
    const size_t evidence[] = {first->number, repeat->number, one->number, other->number, 0};
    if (body != NULL && first->fact->text != NULL && !dbk_same(body, first->fact->text)) {
        dbk_finding_violated(finding, wish->name, other->at_ms, evidence,
                             "%s used the key %s again for another booking at %s, and it was "
                             "accepted with %lld",
                             who, repeat->fact->key, dbk_say_when(repeat).text,
                             (long long)other->fact->http);
        return true;
    }
    if (is_success(one) && (one->fact->text == NULL || other->fact->text == NULL)) {
        finding->missing = "which id of its own the system gave (text of a read)";
        return false;
    }
    if (!is_success(one) || dbk_same(one->fact->text, other->fact->text)) {
        return false;
    }
    dbk_finding_violated(finding, wish->name, other->at_ms, evidence,
                         "%s booked %s twice under one key, %s, and got two bookings: %s at %s and "
                         "%s at %s",
                         who, wish->name, repeat->fact->key, one->fact->text,
                         dbk_say_when(one).text, other->fact->text, dbk_say_when(other).text);
    return true;
}

static void check_keys(const struct dbk_wish *wish, struct dbk_finding *finding)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *repeat = wish->facts[i]->fact;
        if (repeat->kind != DBK_FACT_ASKED || !is_booking(repeat) || repeat->key == NULL) {
            continue;
        }
        for (size_t k = 0; k < i; k++) { /* the first use of the key */
            const struct dbk_fact *first = wish->facts[k]->fact;
            if (first->kind == DBK_FACT_ASKED && is_booking(first) &&
                dbk_same(first->who, repeat->who) && dbk_same(first->key, repeat->key)) {
                if (check_repeat(wish, wish->facts[k], wish->facts[i], finding)) {
                    return;
                }
                break;
            }
        }
    }
}

void dbk_check_idempotent_api(const struct dbk_index *index, struct dbk_finding *finding)
{
    bool has_keys = false;

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = index->seen[i].fact;
        has_keys = has_keys || (fact->kind == DBK_FACT_ASKED && is_booking(fact) && fact->key);
    }
    if (!has_keys) {
        finding->missing = "requests to book with their keys (asked)";
    }
    for (size_t i = 0; i < index->wish_count && has_keys; i++) {
        check_keys(index->wishes[i], finding);
    }
}

static const struct dbk_seen *first_down_after(const struct dbk_index *index,
                                               const struct dbk_seen *acknowledged)
{
    for (size_t i = 0; i < index->kinds[DBK_FACT_PROCESS]; i++) {
        const struct dbk_seen *process = index->processes[i];
        if (dbk_same(process->fact->fate, "down") && process->place > acknowledged->place) {
            return process;
        }
    }
    return NULL;
}

static void check_kept(const struct dbk_index *index, const struct dbk_booked *booked,
                       struct dbk_finding *finding)
{
    const struct dbk_seen *acknowledged = NULL;
    bool is_exposed = false;

    for (size_t i = 0; i < booked->read_count && acknowledged == NULL; i++) {
        bool is_it = is_booking(booked->reads[i]->fact) && is_success(booked->reads[i]);
        acknowledged = is_it ? booked->reads[i] : NULL;
    }
    const struct dbk_seen *down =
        acknowledged == NULL ? NULL : first_down_after(index, acknowledged);
    for (size_t i = 0; i < booked->read_count && down != NULL; i++) {
        const struct dbk_seen *read = booked->reads[i];
        int64_t asked = dbk_seen_asked(read);
        bool is_after = down->place < read->place &&
                        (down->at_ms == DBK_ABSENT || asked == DBK_ABSENT || asked >= down->at_ms);
        if (!is_after || read->fact->http == DBK_ABSENT) {
            continue;
        }
        is_exposed = true;
        if (read->fact->http == 404) {
            const size_t evidence[] = {acknowledged->number, down->number, read->number, 0};
            dbk_finding_violated(finding, booked->name, read->at_ms, evidence,
                                 "%s was acknowledged at %s and, after %s went down at %s, not "
                                 "found at %s",
                                 booked->name, dbk_say_when(acknowledged).text,
                                 down->fact->who ? down->fact->who : "a process",
                                 dbk_say_when(down).text, dbk_say_when(read).text);
            break;
        }
    }
    finding->exposed += is_exposed;
}

void dbk_check_durable_ack(const struct dbk_index *index, struct dbk_finding *finding)
{
    if (index->kinds[DBK_FACT_READ] == 0) {
        finding->missing = "answers to those who booked and looked (read)";
    }
    for (size_t i = 0; i < index->booking_count; i++) {
        check_kept(index, index->bookings[i], finding);
    }
}
