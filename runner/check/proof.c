#include "runner/check/proof.h"

#include <string.h>

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

/* When the question behind an answer was sent; exact: by its asked_ms. */
static int64_t question_sent(const struct dbk_index *index, const struct dbk_seen *answer,
                             bool *is_exact)
{
    const struct dbk_wish *wish = answer->wish;
    const struct dbk_seen *const *facts = wish == NULL ? index->common : wish->facts;
    size_t count = wish == NULL ? index->common_count : wish->fact_count;

    for (size_t i = 0; i < count && answer->fact->exchange != NULL; i++) {
        if (dbk_proof_is_question(facts[i]->fact, DBK_FACT_SAW) &&
            dbk_same(facts[i]->fact->exchange, answer->fact->exchange)) {
            *is_exact = facts[i]->fact->asked_ms != DBK_ABSENT;
            return dbk_seen_asked(facts[i]);
        }
    }
    *is_exact = false;
    return answer->at_ms;
}

/* True if an answer that shows nothing proves that the create never was. */
static bool proves_absence(const struct dbk_index *index, const struct dbk_seen *answer,
                           const struct dbk_attempt *attempt)
{
    bool is_exact = false;
    int64_t asked = question_sent(index, answer, &is_exact);
    int64_t sent = dbk_attempt_sent(attempt);
    const struct dbk_profile *profile = attempt->profile;

    if (dbk_fact_is(answer->fact, DBK_FACT_ANSWER, "get") && answer->fact->reservation != NULL) {
        return false; /* it asked for that one only */
    }
    if (profile == NULL || asked == DBK_ABSENT || sent == DBK_ABSENT) {
        return true;
    }
    is_exact = is_exact && attempt->saw->fact->asked_ms != DBK_ABSENT;
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
           attempt->profile->server_error == DBK_ERROR_IS_NOT_BOOKED;
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
static bool ends(const struct dbk_index *index, const struct dbk_wish *wish,
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
               (shows_one(seen, wish, attempt) || proves_absence(index, seen, attempt));
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
static const struct dbk_seen *first_end(const struct dbk_index *index, const struct dbk_wish *wish,
                                        const struct dbk_attempt *attempt,
                                        const struct dbk_seen *const *facts, size_t count)
{
    int64_t sent = dbk_attempt_sent(attempt);
    size_t low = 0;
    size_t high = count;

    while (low < high) { /* to the first behind the create at the door ... */
        size_t middle = low + (high - low) / 2;
        if (facts[middle]->place <= attempt->saw->place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low > 0 && facts[low - 1]->at_ms != DBK_ABSENT && sent != DBK_ABSENT &&
           facts[low - 1]->at_ms >= sent) { /* ... and back to its sending */
        low--;
    }
    while (low < count && !ends(index, wish, attempt, facts[low])) {
        low++;
    }
    return low < count ? facts[low] : NULL;
}

const struct dbk_seen *dbk_proof_of(const struct dbk_index *index, const struct dbk_wish *wish,
                                    const struct dbk_attempt *attempt)
{
    const struct dbk_seen *own = first_end(index, wish, attempt, wish->facts, wish->fact_count);
    const struct dbk_seen *common =
        first_end(index, wish, attempt, index->common, index->common_count);

    return own == NULL || (common != NULL && common->place < own->place) ? common : own;
}
