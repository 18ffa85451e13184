/* What the core did while it could not know.
 *
 * doubt-is-respected: two creates of one wish, the second sent while the first was in doubt, are
 * allowed only if the second is no new create: the same key to the same partner, which the profile
 * says dedupes by reference (or of which no profile is known). A create is sent when its asked_ms
 * says, else when it reached the door. It is in doubt from then until the first of:
 *   - its answer was delivered: a state, a refusal (4xx) or nothing known of its content; a server
 *     error only if the profile says that it means "not booked", or if there is no profile;
 *   - a look-up or get of that wish, or a list of a day at that partner, was answered and showed a
 *     reservation of the wish, or showed none where it was sent no earlier than the create's
 * sending plus commit_within plus visible_within (where one of the two sendings is known only by
 * its arrival, max_skew earlier will do; without profile or time any will do);
 *   - a callback about the wish left the partner and was answered 2xx;
 *   - a read shows it with an operator;
 *   - a fault `refuse-connection` on its own exchange: it certainly never arrived.
 * A create that arrived and of whose answer nothing is known is not judged. Exposed once per
 * doubtful create (wish.h).
 *
 * operator-only-when-needed: the first read that shows a wish with an operator is a violation if
 * all of these hold: a create of it was doubtful before; the partner's profile allows a safe step
 * by machine (a look-up, or deduplication by reference); doubt_limit after that create's sending
 * has not passed; fewer than two look-ups, gets or creates under the same key were tried since; no
 * promise was broken for the wish; it never had two reservations; the traveller has not asked to
 * cancel and the partner has refused no cancel. Exposed once per wish with a doubtful create.
 */
#include "runner/check/checks.h"

static bool is_question(const struct dbk_fact *fact, enum dbk_fact_kind kind)
{
    return dbk_fact_is(fact, kind, "look-up") || dbk_fact_is(fact, kind, "get");
}

/* True if a list of ids, comma-separated, holds the id. */
static bool holds(const char *list, const char *id)
{
    for (const char *at = list; at != NULL && id != NULL;) {
        const char *after = at;
        const char *c = id;
        while (*c != '\0' && *after == *c) {
            after++;
            c++;
        }
        if (*c == '\0' && (*after == '\0' || *after == ',')) {
            return true;
        }
        while (*after != '\0' && *after != ',') {
            after++;
        }
        at = *after == ',' ? after + 1 : NULL;
    }
    return false;
}

static bool shows_one(const struct dbk_seen *answer, const struct dbk_wish *wish)
{
    const struct dbk_fact *fact = answer->fact;

    for (size_t i = 0; i < wish->reservation_count; i++) {
        if (holds(fact->reservation, wish->reservations[i].id)) {
            return true;
        }
    }
    /* An answer that is about the wish itself need not name an id known from elsewhere. */
    return answer->wish == wish && fact->state != NULL && !dbk_same(fact->state, "none");
}

/* When the question behind an answer was sent; exact: by its asked_ms. */
static int64_t question_sent(const struct dbk_index *index, const struct dbk_seen *answer,
                             bool *is_exact)
{
    const struct dbk_wish *wish = answer->wish;
    const struct dbk_seen *const *facts = wish == NULL ? index->common : wish->facts;
    size_t count = wish == NULL ? index->common_count : wish->fact_count;

    for (size_t i = 0; i < count && answer->fact->exchange != NULL; i++) {
        if (is_question(facts[i]->fact, DBK_FACT_SAW) &&
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

    switch (fact->kind) {
    case DBK_FACT_ANSWER:
        if (seen == attempt->answer) {
            return settles_by_answer(attempt);
        }
        if (!is_question(fact, DBK_FACT_ANSWER) || !dbk_answer_was_heard(fact) ||
            fact->http >= 500 ||
            (seen->wish == NULL && !dbk_same(fact->who, attempt->saw->fact->who))) {
            return false;
        }
        return shows_one(seen, wish) || proves_absence(index, seen, attempt);
    case DBK_FACT_CALLBACK:
        return was_taken(wish, fact);
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

/* What ended the attempt's doubt, or NULL: it never ended. */
static const struct dbk_seen *end_of(const struct dbk_index *index, const struct dbk_wish *wish,
                                     const struct dbk_attempt *attempt)
{
    const struct dbk_seen *own = first_end(index, wish, attempt, wish->facts, wish->fact_count);
    const struct dbk_seen *common =
        first_end(index, wish, attempt, index->common, index->common_count);

    return own == NULL || (common != NULL && common->place < own->place) ? common : own;
}

/* True if the attempt, whose doubt ended so, was in doubt when the next one was sent. */
static bool is_in_doubt_at(const struct dbk_attempt *attempt, const struct dbk_seen *end,
                           const struct dbk_attempt *next)
{
    int64_t next_sent = dbk_attempt_sent(next);

    if (attempt->answer == NULL && !attempt->is_doubtful) {
        return false; /* its answer may have come */
    }
    if (end == NULL) {
        return true;
    }
    return end->at_ms == DBK_ABSENT || next_sent == DBK_ABSENT ? end->place > next->saw->place
                                                               : end->at_ms > next_sent;
}

/* True if the next create cannot make another reservation than the attempt may have made. */
static bool is_same_create(const struct dbk_attempt *attempt, const struct dbk_attempt *next)
{
    const struct dbk_fact *one = attempt->saw->fact;
    const struct dbk_fact *other = next->saw->fact;

    if (one->exchange != NULL && dbk_same(one->exchange, other->exchange)) {
        return true; /* one request, seen twice */
    }
    bool dedupes = attempt->profile == NULL || attempt->profile->dedupe == DBK_DEDUPE_REFERENCE;
    bool may_share_key = one->key == NULL || other->key == NULL || dbk_same(one->key, other->key);
    return dedupes && may_share_key && dbk_same(one->who, other->who);
}

static bool was_sent_before(const struct dbk_attempt *one, const struct dbk_attempt *other)
{
    int64_t sent = dbk_attempt_sent(one);
    int64_t other_sent = dbk_attempt_sent(other);

    return sent != DBK_ABSENT && other_sent != DBK_ABSENT && sent != other_sent ? sent < other_sent
                                                                                : one < other;
}

static void disrespected(const struct dbk_index *index, const struct dbk_wish *wish,
                         const struct dbk_attempt *attempt, const struct dbk_attempt *next,
                         struct dbk_finding *finding)
{
    const struct dbk_fact *fact = next->saw->fact;
    bool same_key = fact->key != NULL && dbk_same(fact->key, attempt->saw->fact->key);
    const size_t evidence[] = {attempt->saw->number, next->saw->number,
                               dbk_seen_number(attempt->answer), 0};
    const char *key = fact->key == NULL
                          ? ""
                          : dbk_arena_printf(index->arena, " under %s key %s",
                                             same_key ? "the same" : "the new", fact->key);

    dbk_finding_violated(finding, wish->name, dbk_attempt_sent(next), evidence,
                         "create %lld for %s left for %s at %s%s while create %lld of %s was in "
                         "doubt: %s",
                         (long long)next->number, wish->name, fact->who ? fact->who : "a partner",
                         dbk_say_time(dbk_attempt_sent(next)).text, key, (long long)attempt->number,
                         dbk_say_time(dbk_attempt_sent(attempt)).text, dbk_attempt_doubt(attempt));
}

static void check_creates(const struct dbk_index *index, const struct dbk_wish *wish,
                          struct dbk_finding *finding)
{
    const struct dbk_seen **end = /* of each attempt's doubt */
        dbk_arena_alloc(index->arena, wish->attempt_count * sizeof(struct dbk_seen *));

    for (size_t i = 0; i < wish->attempt_count; i++) {
        end[i] = end_of(index, wish, &wish->attempts[i]);
    }
    for (size_t i = 0; i < wish->attempt_count; i++) {
        for (size_t k = 0; k < wish->attempt_count; k++) {
            const struct dbk_attempt *attempt = &wish->attempts[k];
            const struct dbk_attempt *next = &wish->attempts[i];
            if (i != k && is_in_doubt_at(attempt, end[k], next) && was_sent_before(attempt, next) &&
                !is_same_create(attempt, next)) {
                disrespected(index, wish, attempt, next, finding);
                return;
            }
        }
    }
}

void dbk_check_doubt_is_respected(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t creates = 0;
    size_t arrived = 0;

    for (size_t i = 0; i < index->wish_count; i++) {
        creates += index->wishes[i]->attempt_count;
        for (size_t k = 0; k < index->wishes[i]->attempt_count; k++) {
            arrived += !dbk_same(index->wishes[i]->attempts[k].saw->fact->fate, "lost");
        }
    }
    if (arrived > 0 && index->kinds[DBK_FACT_ANSWER] == 0) {
        finding->missing = "answers' fate (answer)";
        return;
    }
    if (creates == 0 && index->history->stage == NULL) {
        finding->missing = "which creates reached the partner (saw)";
    }
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        for (size_t k = 0; k < wish->attempt_count; k++) {
            finding->exposed += wish->attempts[k].is_doubtful;
        }
        if (wish->attempt_count > 1) {
            check_creates(index, wish, finding);
        }
    }
}

static bool was_hindered(const struct dbk_wish *wish, const struct dbk_seen *hand_over)
{
    for (size_t i = 0; i < wish->fact_count && wish->facts[i]->place < hand_over->place; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if ((fact->kind == DBK_FACT_FAULT && fact->claim != NULL) ||
            dbk_fact_is(fact, DBK_FACT_ASKED, "cancel") ||
            (dbk_fact_is(fact, DBK_FACT_ANSWER, "cancel") && fact->http >= 400)) {
            return true;
        }
    }
    return wish->reservation_count > 1 && wish->reservations[1].made->place < hand_over->place;
}

static bool is_try(const struct dbk_seen *seen, const struct dbk_attempt *attempt)
{
    const struct dbk_fact *fact = seen->fact;

    return seen != attempt->saw && dbk_same(fact->who, attempt->saw->fact->who) &&
           (is_question(fact, DBK_FACT_SAW) || (dbk_fact_is(fact, DBK_FACT_SAW, "create") &&
                                                dbk_same(fact->key, attempt->saw->fact->key)));
}

static size_t tries(const struct dbk_index *index, const struct dbk_wish *wish,
                    const struct dbk_attempt *attempt, const struct dbk_seen *hand_over)
{
    size_t count = 0;

    for (size_t i = 0; i < wish->fact_count; i++) {
        count += wish->facts[i]->place > attempt->saw->place &&
                 wish->facts[i]->place < hand_over->place && is_try(wish->facts[i], attempt);
    }
    for (size_t i = 0; i < index->common_count; i++) {
        count += index->common[i]->place > attempt->saw->place &&
                 index->common[i]->place < hand_over->place && is_try(index->common[i], attempt);
    }
    return count;
}

static void check_hand_over(const struct dbk_index *index, const struct dbk_wish *wish,
                            const struct dbk_attempt *attempt, struct dbk_finding *finding)
{
    const struct dbk_seen *hand_over = dbk_wish_operator(wish);
    const struct dbk_profile *profile = attempt->profile;
    int64_t sent = dbk_attempt_sent(attempt);

    if (hand_over == NULL || profile == NULL || sent == DBK_ABSENT ||
        hand_over->at_ms == DBK_ABSENT || hand_over->place < attempt->saw->place ||
        hand_over->at_ms - sent >= profile->doubt_limit_ms || was_hindered(wish, hand_over)) {
        return;
    }
    size_t count = tries(index, wish, attempt, hand_over);
    bool can_look = profile->look_up != DBK_LOOK_UP_NONE;
    if (count > 1 || (!can_look && profile->dedupe != DBK_DEDUPE_REFERENCE)) {
        return;
    }
    const size_t evidence[] = {attempt->saw->number, hand_over->number,
                               dbk_seen_number(attempt->answer), 0};
    dbk_finding_violated(finding, wish->name, hand_over->at_ms, evidence,
                         "%s was with an operator at %s, though %s %s and only %zu such %s had "
                         "been made since create %lld of %s fell in doubt",
                         wish->name, dbk_say_when(hand_over).text, attempt->saw->fact->who,
                         can_look ? "can be looked up" : "takes the same key again safely", count,
                         count == 1 ? "try" : "tries", (long long)attempt->number,
                         dbk_say_time(sent).text);
}

void dbk_check_operator_only_when_needed(const struct dbk_index *index, struct dbk_finding *finding)
{
    bool has_sync = false;

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = index->seen[i].fact;
        has_sync = has_sync || (fact->kind == DBK_FACT_READ && fact->sync != NULL);
    }
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_attempt *attempt = dbk_wish_doubt(index->wishes[i]);
        if (attempt != NULL && has_sync) {
            finding->exposed++;
            check_hand_over(index, index->wishes[i], attempt, finding);
        }
    }
    if (!has_sync) {
        finding->missing = "whether an operator was asked (read with sync)";
    }
}
