#include "runner/check/promises.h"

struct matter { /* what is asked of each promise */
    const struct dbk_index *index;
    const struct dbk_wish *wish;
    const struct dbk_pair *pair;
};

const struct dbk_attempt *dbk_promise_maker(const struct dbk_wish *wish,
                                            const struct dbk_reservation *reservation)
{
    const struct dbk_fact *made = reservation->made->fact;

    for (size_t i = 0; made->exchange != NULL && i < wish->attempt_count; i++) {
        const struct dbk_fact *saw = wish->attempts[i].saw->fact;
        if (dbk_same(saw->exchange, made->exchange) && dbk_same(saw->who, made->who)) {
            return &wish->attempts[i];
        }
    }
    return NULL;
}

static bool is_too_late(const struct matter *matter, const struct dbk_seen *seen)
{
    return dbk_seen_before(matter->pair->effect, seen);
}

/* What the exchange of a fault was about, as far as is known. */
struct target {
    const char *op, *reservation;
};

static struct target target_of(const struct dbk_wish *wish, const struct dbk_fact *fault)
{
    struct target target = {fault->op, fault->reservation};

    for (size_t i = 0; i < wish->fact_count && fault->exchange != NULL; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if ((fact->kind == DBK_FACT_SAW || fact->kind == DBK_FACT_ANSWER) &&
            dbk_same(fact->exchange, fault->exchange)) {
            target.op = target.op == NULL ? fact->op : target.op;
            target.reservation =
                target.reservation == NULL ? fact->reservation : target.reservation;
        }
    }
    return target;
}

/* False if the fault is certainly of another partner; the wire's may be of any. */
static bool may_be_at(const struct matter *matter, const struct dbk_fact *fault,
                      const char *partner)
{
    return dbk_history_partner(matter->index->history, fault->who) == NULL ||
           dbk_same(fault->who, partner);
}

/* True if the fault is, or may be, of the create that made the reservation. */
static bool is_of_create(const struct matter *matter, const struct dbk_seen *fault,
                         const struct dbk_reservation *reservation)
{
    const char *exchange = reservation->made->fact->exchange;

    if (exchange != NULL && fault->fact->exchange != NULL) {
        return dbk_same(exchange, fault->fact->exchange);
    }
    const char *op = target_of(matter->wish, fault->fact).op;
    return (op == NULL || dbk_same(op, "create")) &&
           may_be_at(matter, fault->fact, reservation->partner);
}

static bool is_of_first(const struct matter *matter, const struct dbk_seen *fault)
{
    return is_of_create(matter, fault, matter->pair->first);
}

static bool is_of_either(const struct matter *matter, const struct dbk_seen *fault)
{
    return is_of_first(matter, fault) || is_of_create(matter, fault, matter->pair->second);
}

static bool is_of_cancel(const struct matter *matter, const struct dbk_seen *fault)
{
    const struct dbk_reservation *first = matter->pair->first;
    struct target target = target_of(matter->wish, fault->fact);

    return (target.op == NULL || dbk_same(target.op, "cancel")) &&
           (target.reservation == NULL || first->id == NULL ||
            dbk_same(target.reservation, first->id)) &&
           may_be_at(matter, fault->fact, first->partner);
}

static bool comes_of_one_create(const struct matter *matter)
{
    const struct dbk_fact *one = matter->pair->first->made->fact;
    const struct dbk_fact *other = matter->pair->second->made->fact;

    return one->exchange != NULL && dbk_same(one->exchange, other->exchange) &&
           dbk_same(one->who, other->who);
}

static bool comes_of_one_key(const struct matter *matter)
{
    const struct dbk_fact *one = matter->pair->first->made->fact;
    const struct dbk_fact *other = matter->pair->second->made->fact;
    const struct dbk_party *party = dbk_history_partner(matter->index->history, other->who);

    bool is_forgotten = party != NULL && one->at_ms != DBK_ABSENT && other->at_ms != DBK_ABSENT &&
                        other->at_ms >= one->at_ms + party->profile.key_lasts_ms;
    return one->key != NULL && dbk_same(one->key, other->key) && dbk_same(one->who, other->who) &&
           party != NULL && party->profile.dedupe == DBK_DEDUPE_REFERENCE && !is_forgotten;
}

/* A fault that says so is of the create that made the second. */
static bool is_of_repeat(const struct matter *matter, const struct dbk_seen *fault)
{
    const char *exchange = matter->pair->second->made->fact->exchange;

    return exchange != NULL && dbk_same(exchange, fault->fact->exchange) &&
           (comes_of_one_create(matter) || comes_of_one_key(matter));
}

static bool was_called_not_booked(const struct matter *matter)
{
    const struct dbk_attempt *attempt = dbk_promise_maker(matter->wish, matter->pair->first);

    return attempt != NULL && attempt->answer != NULL &&
           dbk_error_means_not_booked(attempt->answer->fact, attempt->profile) &&
           dbk_answer_was_heard(attempt->answer->fact) && !is_too_late(matter, attempt->answer);
}

static bool was_called_cancelled(const struct matter *matter)
{
    const struct dbk_reservation *first = matter->pair->first;

    for (size_t i = 0; i < matter->wish->fact_count && first->id != NULL; i++) {
        const struct dbk_fact *fact = matter->wish->facts[i]->fact;
        if (dbk_fact_is(fact, DBK_FACT_ANSWER, "cancel") && dbk_answer_was_heard(fact) &&
            fact->http < 300 && dbk_same(fact->state, "cancelled") &&
            dbk_same(fact->reservation, first->id) && dbk_same(fact->who, first->partner) &&
            !is_too_late(matter, matter->wish->facts[i])) {
            return true;
        }
    }
    return false;
}

static bool was_made_late(const struct matter *matter, const struct dbk_reservation *reservation)
{
    const struct dbk_attempt *attempt = dbk_promise_maker(matter->wish, reservation);
    int64_t sent = attempt == NULL ? DBK_ABSENT : dbk_attempt_sent(attempt);

    return sent != DBK_ABSENT && attempt->profile != NULL &&
           reservation->made->at_ms != DBK_ABSENT &&
           reservation->made->at_ms - sent > attempt->profile->commit_within_ms;
}

static bool was_one_made_late(const struct matter *matter)
{
    return was_made_late(matter, matter->pair->first) ||
           was_made_late(matter, matter->pair->second);
}

static const struct promise {
    const char *claim;
    bool (*is_behind)(const struct matter *matter, const struct dbk_seen *fault);
    bool (*is_shown)(const struct matter *matter); /* NULL: by a fault only */
} promises[] = {
    {"one-create-one-reservation", is_of_repeat, comes_of_one_create},
    {"dedupes-by-reference", is_of_repeat, comes_of_one_key},
    {"error-means", is_of_first, was_called_not_booked},
    {"cancel-takes-effect", is_of_cancel, was_called_cancelled},
    {"commits-within", is_of_either, was_one_made_late},
    {"visible-within", is_of_first, NULL},
};

static bool is_behind(const struct matter *matter, const struct promise *promise,
                      const struct dbk_seen *fault)
{
    const char *exchange = matter->pair->second->made->fact->exchange;
    /* A log may write the fault down behind what it did in the same exchange. */
    bool is_of_second = exchange != NULL && dbk_same(exchange, fault->fact->exchange);

    return dbk_same(fault->fact->claim, promise->claim) &&
           (is_of_second || !is_too_late(matter, fault)) && promise->is_behind(matter, fault);
}

struct dbk_broken dbk_promise_behind(const struct dbk_index *index, const struct dbk_wish *wish,
                                     const struct dbk_pair *pair)
{
    const struct matter matter = {index, wish, pair};

    for (size_t i = 0; i < wish->fault_count; i++) {
        for (size_t k = 0; k < DBK_COUNT(promises); k++) {
            if (is_behind(&matter, &promises[k], wish->faults[i])) {
                return (struct dbk_broken){promises[k].claim, wish->faults[i]};
            }
        }
    }
    for (size_t k = 0; k < DBK_COUNT(promises); k++) {
        if (promises[k].is_shown != NULL && promises[k].is_shown(&matter)) {
            return (struct dbk_broken){promises[k].claim, NULL};
        }
    }
    return (struct dbk_broken){0};
}
