#include "runner/check/proof.h"

#include <stdlib.h>
#include <string.h>

/* Two runs of facts in which one is found by name: questions by their exchange, lists by their
 * partner. Facts of one name stand in the order of time. */
static int compare(const char *one_name, const struct dbk_seen *one, const char *other_name,
                   const struct dbk_seen *other)
{
    int order = strcmp(one_name, other_name);

    return order != 0 ? order : one->place < other->place ? -1 : one->place > other->place;
}

static const char *exchange_of(const struct dbk_seen *seen)
{
    return seen->fact->exchange;
}

/* A partner without name has the empty one. */
static const char *partner_of(const struct dbk_seen *seen)
{
    return seen->fact->who == NULL ? "" : seen->fact->who;
}

static int by_exchange(const void *left, const void *right)
{
    const struct dbk_seen *one = *(const struct dbk_seen *const *)left;
    const struct dbk_seen *other = *(const struct dbk_seen *const *)right;

    return compare(exchange_of(one), one, exchange_of(other), other);
}

static int by_partner(const void *left, const void *right)
{
    const struct dbk_seen *one = *(const struct dbk_seen *const *)left;
    const struct dbk_seen *other = *(const struct dbk_seen *const *)right;

    return compare(partner_of(one), one, partner_of(other), other);
}

/* The first fact whose name is that one, or comes after it (or: only those after it). */
static size_t find(const struct dbk_seen *const *facts, size_t count,
                   const char *(*name_of)(const struct dbk_seen *), const char *name, bool is_after)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name_of(facts[middle]), name);
        if (order < 0 || (order == 0 && is_after)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool dbk_proof_is_question(const struct dbk_fact *fact, enum dbk_fact_kind kind)
{
    return dbk_fact_is(fact, kind, "look-up") || dbk_fact_is(fact, kind, "get");
}

/* True unless both are known to be different partners. */
static bool may_be_same(const char *one, const char *other)
{
    return one == NULL || other == NULL || dbk_same(one, other);
}

static const struct dbk_reservation *named(const struct dbk_wish *wish, const char *partner,
                                           const char *id, size_t length)
{
    for (size_t i = 0; i < wish->reservation_count; i++) {
        const struct dbk_reservation *reservation = &wish->reservations[i];
        if (reservation->id != NULL && strlen(reservation->id) == length &&
            memcmp(reservation->id, id, length) == 0 &&
            may_be_same(reservation->partner, partner)) {
            return reservation;
        }
    }
    return NULL;
}

/* True if the attempt may have made this reservation of its wish: it was not there when the attempt
 * was sent, or a create was before that the partner takes for the same one. */
static bool may_have_made(const struct dbk_attempt *attempt,
                          const struct dbk_reservation *reservation)
{
    const struct dbk_fact *create = attempt->saw->fact;
    const struct dbk_seen *made = reservation->made;
    int64_t sent = dbk_attempt_sent(attempt);
    bool dedupes = attempt->profile == NULL || attempt->profile->dedupe == DBK_DEDUPE_REFERENCE;
    bool was_there = made->at_ms != DBK_ABSENT && sent != DBK_ABSENT
                         ? made->at_ms < sent
                         : made->place < attempt->saw->place;

    return !was_there ||
           (made->fact->exchange != NULL && dbk_same(made->fact->exchange, create->exchange)) ||
           (dedupes && may_be_same(made->fact->key, create->key));
}

/* True if a fact's list of ids, comma-separated, names a reservation that the attempt may have
 * made. Of a stranger, which no effect of the wish tells of, nobody knows; what is about the wish
 * itself need not name one that is known from elsewhere. */
static bool names_one(const struct dbk_fact *fact, const struct dbk_wish *wish,
                      const struct dbk_attempt *attempt, bool is_about_wish)
{
    for (const char *id = fact->reservation; id != NULL;) {
        size_t length = strcspn(id, ",");
        const struct dbk_reservation *reservation = named(wish, fact->who, id, length);
        if (reservation == NULL ? is_about_wish : may_have_made(attempt, reservation)) {
            return true;
        }
        id = id[length] == ',' ? id + length + 1 : NULL;
    }
    return false;
}

/* True if an answer tells something of reservations: that there are some, or none. */
static bool tells(const struct dbk_fact *answer)
{
    return dbk_proof_is_question(answer, DBK_FACT_ANSWER) && dbk_answer_was_heard(answer) &&
           answer->http < 500 &&
           (answer->http == DBK_ABSENT || (answer->http >= 200 && answer->http < 300) ||
            answer->http == 404 || answer->state != NULL);
}

static bool shows_one(const struct dbk_seen *answer, const struct dbk_wish *wish,
                      const struct dbk_attempt *attempt)
{
    const struct dbk_fact *fact = answer->fact;
    bool is_about_wish = answer->wish == wish && !dbk_same(fact->state, "none");

    if (fact->reservation == NULL) {
        return is_about_wish && fact->state != NULL;
    }
    return names_one(fact, wish, attempt, is_about_wish);
}

/* The question behind an answer, or NULL. */
static const struct dbk_seen *question_of(const struct dbk_proof *proof,
                                          const struct dbk_seen *answer)
{
    const char *exchange = answer->fact->exchange;

    if (exchange == NULL) {
        return NULL;
    }
    for (size_t i = find(proof->questions, proof->question_count, exchange_of, exchange, false);
         i < proof->question_count && dbk_same(exchange_of(proof->questions[i]), exchange); i++) {
        if (proof->questions[i]->wish == answer->wish) {
            return proof->questions[i];
        }
    }
    return NULL;
}

/* True if an answer that shows nothing proves that the create never was. */
static bool proves_absence(const struct dbk_proof *proof, const struct dbk_seen *answer,
                           const struct dbk_attempt *attempt)
{
    const struct dbk_seen *question = question_of(proof, answer);
    int64_t asked = question == NULL ? answer->at_ms : dbk_seen_asked(question);
    int64_t sent = dbk_attempt_sent(attempt);
    const struct dbk_profile *profile = attempt->profile;

    if (dbk_fact_is(answer->fact, DBK_FACT_ANSWER, "get") && answer->fact->reservation != NULL) {
        return false; /* it asked for that one only */
    }
    if (profile == NULL || asked == DBK_ABSENT || sent == DBK_ABSENT) {
        return true;
    }
    bool is_exact = question != NULL && question->fact->asked_ms != DBK_ABSENT &&
                    attempt->saw->fact->asked_ms != DBK_ABSENT;
    return asked >= sent + profile->commit_within_ms + profile->visible_within_ms -
                        (is_exact ? 0 : profile->max_skew_ms);
}

static bool settles_by_answer(const struct dbk_attempt *attempt)
{
    const struct dbk_fact *answer = attempt->answer->fact;

    if (!dbk_answer_was_heard(answer)) {
        return false;
    }
    return answer->http < 500 || attempt->profile == NULL ||
           dbk_error_means_not_booked(answer, attempt->profile);
}

static bool was_taken(const struct dbk_wish *wish, const struct dbk_fact *callback)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (dbk_callback_was_taken(fact) && dbk_same(fact->callback, callback->callback) &&
            dbk_same(fact->reservation, callback->reservation) && fact->nth == callback->nth) {
            return true;
        }
    }
    return false;
}

/* True if this fact, when it happened, ended the attempt's doubt. */
static bool ends(const struct dbk_proof *proof, const struct dbk_wish *wish,
                 const struct dbk_attempt *attempt, const struct dbk_seen *seen)
{
    const struct dbk_fact *fact = seen->fact;
    const char *partner = attempt->saw->fact->who;

    switch (fact->kind) {
    case DBK_FACT_ANSWER:
        if (seen == attempt->answer) {
            return settles_by_answer(attempt);
        }
        return tells(fact) && may_be_same(fact->who, partner) &&
               (shows_one(seen, wish, attempt) || proves_absence(proof, seen, attempt));
    case DBK_FACT_CALLBACK:
        return may_be_same(fact->who, partner) && was_taken(wish, fact) &&
               (fact->reservation == NULL || names_one(fact, wish, attempt, true));
    case DBK_FACT_READ:
        return dbk_same(fact->sync, "operator");
    case DBK_FACT_FAULT:
        return dbk_same(fact->fault, "refuse-connection") && fact->exchange != NULL &&
               dbk_same(fact->exchange, attempt->saw->fact->exchange);
    default:
        return false;
    }
}

/* The first of these facts (in order) that ended the attempt's doubt, or NULL. */
static const struct dbk_seen *first_end(const struct dbk_proof *proof, const struct dbk_wish *wish,
                                        const struct dbk_attempt *attempt,
                                        const struct dbk_seen *const *facts, size_t count)
{
    int64_t sent = dbk_attempt_sent(attempt);
    size_t at = dbk_seen_after(facts, count, attempt->saw->place);

    while (at > 0 && facts[at - 1]->at_ms != DBK_ABSENT && sent != DBK_ABSENT &&
           facts[at - 1]->at_ms >= sent) { /* back to its sending */
        at--;
    }
    while (at < count && !ends(proof, wish, attempt, facts[at])) {
        at++;
    }
    return at < count ? facts[at] : NULL;
}

static const struct dbk_seen *first_of(const struct dbk_seen *one, const struct dbk_seen *other)
{
    return one == NULL || (other != NULL && other->place < one->place) ? other : one;
}

/* The first end among the lists that this partner told, or NULL. */
static const struct dbk_seen *first_list(const struct dbk_proof *proof, const struct dbk_wish *wish,
                                         const struct dbk_attempt *attempt, const char *partner)
{
    size_t from = find(proof->lists, proof->list_count, partner_of, partner, false);
    size_t to = find(proof->lists, proof->list_count, partner_of, partner, true);

    return first_end(proof, wish, attempt, proof->lists + from, to - from);
}

const struct dbk_seen *dbk_proof_of(const struct dbk_proof *proof, const struct dbk_wish *wish,
                                    const struct dbk_attempt *attempt)
{
    const struct dbk_seen *own = first_end(proof, wish, attempt, wish->facts, wish->fact_count);
    const struct dbk_seen *list = first_list(proof, wish, attempt, partner_of(attempt->saw));

    if (attempt->saw->fact->who != NULL) { /* lists of nobody knows whom */
        list = first_of(list, first_list(proof, wish, attempt, ""));
    }
    return first_of(own, list);
}

void dbk_proof_init(struct dbk_proof *proof, const struct dbk_index *index)
{
    *proof = (struct dbk_proof){
        .questions = dbk_arena_alloc(index->arena,
                                     (index->kinds[DBK_FACT_SAW] + 1) * sizeof(*proof->questions)),
        .lists = dbk_arena_alloc(index->arena, (index->common_count + 1) * sizeof(*proof->lists)),
    };
    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *seen = &index->seen[i];
        if (dbk_proof_is_question(seen->fact, DBK_FACT_SAW) && seen->fact->exchange != NULL) {
            proof->questions[proof->question_count++] = seen;
        }
    }
    for (size_t i = 0; i < index->common_count; i++) {
        if (tells(index->common[i]->fact)) {
            proof->lists[proof->list_count++] = index->common[i];
        }
    }
    qsort(proof->questions, proof->question_count, sizeof(*proof->questions), by_exchange);
    qsort(proof->lists, proof->list_count, sizeof(*proof->lists), by_partner);
}
