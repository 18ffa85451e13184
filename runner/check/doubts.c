/* What the core did while it could not know.
 *
 * doubt-is-respected: two creates of one wish, the second sent while the first was in doubt, are
 * allowed only if the second is no new create: the same key to the same partner, which the profile
 * says dedupes by reference (or of which no profile is known), while it knows the key: for
 * key_lasts, which counts from a commit that came at most commit_within after the first sending. A
 * create is sent when its asked_ms says, else when it reached the door; what ends its doubt is told
 * in proof.h, and where creates make holds it is over hold_max after commit_within. A create that
 * arrived and of whose answer nothing is known is not judged. Exposed once per doubtful create
 * (wish.h). Where a create is told by no intent and is not of the only wish, nobody knows which
 * creates are of one wish: then none counts as exposed unless its wish is violated, and the
 * invariant is unobserved.
 *
 * operator-only-when-needed: the first read that shows a wish with an operator is a violation if
 * all of these hold: a create of it was doubtful and still in doubt then (the newest such, or the
 * first that was sent under its key); the partner's profile allows a safe step by machine (a
 * look-up, deduplication by reference, or a hold that is over before doubt_limit); doubt_limit has
 * not passed since the wish's first doubtful create was sent, or before that a process went down
 * after the wish was heard of (one doubt may follow another, and the traveller waits for all of
 * them; a create that was recorded and never left is a doubt to whoever was killed between); fewer
 * than two look-ups, gets or creates under the same key were tried since; no promise was broken for
 * the wish; it never had two reservations; the traveller has not asked to cancel and the partner
 * has refused no cancel. Exposed once per wish with a doubtful create at a partner that allows such
 * a step, if a read showed the wish's sync.
 *
 * Where nobody knows which of two facts came first (index.h), nobody is convicted for their order,
 * and the invariant is unobserved.
 */
#include "runner/check/checks.h"
#include "runner/check/proof.h"

struct doubt { /* of one attempt */
    const struct dbk_attempt *attempt;
    const struct dbk_seen *end; /* NULL: it never ended; valid once it is known */
    bool is_end_known;
};

/* When a hold that the attempt may have made is over by all that was promised; DBK_ABSENT: it does
 * not make holds, or nobody knows when it was sent. */
static int64_t hold_over(const struct dbk_attempt *attempt)
{
    const struct dbk_profile *profile = attempt->profile;
    int64_t sent = dbk_attempt_sent(attempt);

    if (profile == NULL || profile->books_as != DBK_BOOKS_ON_HOLD || sent == DBK_ABSENT) {
        return DBK_ABSENT;
    }
    return sent + profile->commit_within_ms + profile->hold_max_ms;
}

/* True if the attempt was in doubt when the next one was sent. */
static bool is_in_doubt_at(const struct doubt *doubt, const struct dbk_attempt *next)
{
    const struct dbk_seen *end = doubt->end;
    int64_t next_sent = dbk_attempt_sent(next);
    int64_t over = hold_over(doubt->attempt);

    if (over != DBK_ABSENT && next_sent != DBK_ABSENT && next_sent >= over) {
        return false;
    }
    if (end == NULL) {
        return true;
    }
    return end->at_ms == DBK_ABSENT || next_sent == DBK_ABSENT ? end->place > next->saw->place
                                                               : end->at_ms > next_sent;
}

/* True if both may have gone to one partner under one key. */
static bool may_be_repeat(const struct dbk_attempt *attempt, const struct dbk_attempt *next)
{
    const struct dbk_fact *one = attempt->saw->fact;
    const struct dbk_fact *other = next->saw->fact;

    return dbk_same(one->who, other->who) &&
           (one->key == NULL || other->key == NULL || dbk_same(one->key, other->key));
}

/* True if the next create cannot make another reservation than the attempt may have made. */
static bool is_same_create(const struct dbk_attempt *attempt, const struct dbk_attempt *next)
{
    const struct dbk_fact *one = attempt->saw->fact;
    const struct dbk_fact *other = next->saw->fact;

    if (one->exchange != NULL && dbk_same(one->exchange, other->exchange)) {
        return true; /* one request, seen twice */
    }
    if (attempt->profile == NULL) {
        return may_be_repeat(attempt, next);
    }
    int64_t sent = dbk_attempt_sent(attempt);
    int64_t next_sent = dbk_attempt_sent(next);
    bool is_forgotten =
        sent != DBK_ABSENT && next_sent != DBK_ABSENT &&
        next_sent >= sent + attempt->profile->key_lasts_ms + attempt->profile->commit_within_ms;
    return attempt->profile->dedupe == DBK_DEDUPE_REFERENCE && !is_forgotten &&
           may_be_repeat(attempt, next);
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
                         "doubt: %s%s",
                         (long long)next->number, wish->name, fact->who ? fact->who : "a partner",
                         dbk_say_time(dbk_attempt_sent(next)).text, key, (long long)attempt->number,
                         dbk_say_time(dbk_attempt_sent(attempt)).text, dbk_attempt_doubt(attempt),
                         dbk_say_link(wish).text);
}

/* True if it is known which of the two came first: the fact, or the sending of the create. */
static bool is_ordered(const struct dbk_seen *seen, const struct dbk_attempt *next)
{
    return (seen->at_ms != DBK_ABSENT && dbk_attempt_sent(next) != DBK_ABSENT) ||
           dbk_seen_ordered(seen, next->saw);
}

static bool are_ordered(const struct dbk_attempt *one, const struct dbk_attempt *other)
{
    return (dbk_attempt_sent(one) != DBK_ABSENT && dbk_attempt_sent(other) != DBK_ABSENT) ||
           dbk_seen_ordered(one->saw, other->saw);
}

/* True if what is known of the order of things tells whether the attempt was in doubt when the next
 * create was sent. A person may have been asked at any time. */
static bool is_doubt_ordered(const struct doubt *doubt, const struct dbk_wish *wish,
                             const struct dbk_attempt *next)
{
    if (!are_ordered(doubt->attempt, next) ||
        (doubt->end != NULL && !is_ordered(doubt->end, next))) {
        return false;
    }
    const struct dbk_seen *asked = dbk_wish_operator(wish);
    return asked == NULL || is_ordered(asked, next) || !is_in_doubt_at(doubt, next);
}

/* True if the next create was a new one that left while the attempt was in doubt. */
static bool is_disrespect(struct doubt *doubt, const struct dbk_proof *proof,
                          const struct dbk_wish *wish, const struct dbk_attempt *next,
                          struct dbk_finding *finding)
{
    if (!was_sent_before(doubt->attempt, next) || is_same_create(doubt->attempt, next)) {
        return false;
    }
    if (!doubt->is_end_known) {
        doubt->end = dbk_proof_of(proof, wish, doubt->attempt);
        doubt->is_end_known = true;
    }
    if (!is_doubt_ordered(doubt, wish, next)) {
        finding->missing = DBK_MISSING_ORDER;
        return false;
    }
    return is_in_doubt_at(doubt, next);
}

/* When, of each create and those that reached the door after it, the first was sent; where a time
 * is not known, before all times (DBK_ABSENT is the least). */
static int64_t *first_sendings(const struct dbk_index *index, const struct dbk_wish *wish)
{
    int64_t *sent = dbk_arena_alloc(index->arena, wish->attempt_count * sizeof(*sent));
    int64_t first = INT64_MAX;

    for (size_t i = wish->attempt_count; i > 0; i--) {
        int64_t own = dbk_attempt_sent(&wish->attempts[i - 1]);
        first = own < first ? own : first;
        sent[i - 1] = first;
    }
    return sent;
}

/* Drops the doubts that had ended before this create and all behind it were sent. */
static size_t drop_ended(struct doubt *doubts, size_t count, const struct dbk_attempt *next,
                         int64_t first_sent)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct dbk_seen *end = doubts[i].is_end_known ? doubts[i].end : NULL;
        if (end == NULL || end->at_ms == DBK_ABSENT || end->at_ms > first_sent ||
            end->place > next->saw->place) {
            doubts[kept++] = doubts[i];
        }
    }
    return kept;
}

/* A doubt whose end is looked up at once where the create's own answer brings it. */
static struct doubt doubt_of(const struct dbk_proof *proof, const struct dbk_wish *wish,
                             const struct dbk_attempt *attempt)
{
    struct doubt doubt = {.attempt = attempt, .is_end_known = !attempt->is_doubtful};

    if (doubt.is_end_known) {
        doubt.end = dbk_proof_of(proof, wish, attempt);
    }
    return doubt;
}

/* Of a create that arrived and was never seen to be answered, the answer may have come. */
static bool is_judged(const struct dbk_attempt *attempt)
{
    return attempt->answer != NULL || attempt->is_doubtful;
}

/* True if it violated. Creates come in the order of the door; one that left earlier may stand
 * behind, but only while there is one that was sent before. */
static bool check_creates(const struct dbk_index *index, const struct dbk_proof *proof,
                          const struct dbk_wish *wish, struct dbk_finding *finding)
{
    struct doubt *doubts = dbk_arena_alloc(index->arena, wish->attempt_count * sizeof(*doubts));
    const int64_t *sent = first_sendings(index, wish);
    const struct dbk_attempt *attempts = wish->attempts;
    const struct dbk_attempt *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < wish->attempt_count; i++) {
        count = drop_ended(doubts, count, &attempts[i], sent[i]);
        for (size_t k = 0; k < count && found == NULL; k++) {
            found = is_disrespect(&doubts[k], proof, wish, &attempts[i], finding)
                        ? doubts[k].attempt
                        : NULL;
        }
        for (size_t k = i + 1;
             k < wish->attempt_count && found == NULL && sent[k] < dbk_attempt_sent(&attempts[i]);
             k++) {
            struct doubt doubt = {.attempt = &attempts[k]};
            found =
                is_judged(&attempts[k]) && is_disrespect(&doubt, proof, wish, &attempts[i], finding)
                    ? &attempts[k]
                    : NULL;
        }
        if (found != NULL) {
            disrespected(index, wish, found, &attempts[i], finding);
            return true;
        }
        if (is_judged(&attempts[i])) {
            doubts[count++] = doubt_of(proof, wish, &attempts[i]);
        }
    }
    return false;
}

/* What is missing to tell of any create whether it was in doubt, or NULL. */
static const char *missing_for_doubts(const struct dbk_index *index)
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
        return "answers' fate (answer)";
    }
    return creates == 0 && index->history->stage == NULL ? "which creates reached the partner (saw)"
                                                         : NULL;
}

static size_t count_doubtful(const struct dbk_wish *wish)
{
    size_t count = 0;

    for (size_t i = 0; i < wish->attempt_count; i++) {
        count += wish->attempts[i].is_doubtful;
    }
    return count;
}

void dbk_check_doubt_is_respected(const struct dbk_index *index, struct dbk_finding *finding)
{
    const char *missing = missing_for_doubts(index);
    bool is_linked = dbk_index_is_linked(index);
    size_t violations = finding->outcome->violation_count;
    size_t not_linked = 0; /* creates in doubt */
    struct dbk_proof proof;

    dbk_proof_init(&proof, index);
    for (size_t i = 0; i < index->wish_count && missing == NULL; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        size_t doubtful = count_doubtful(wish);
        bool is_violated = wish->attempt_count > 1 && check_creates(index, &proof, wish, finding);
        if (is_linked || is_violated) {
            finding->exposed += (int64_t)doubtful;
        } else {
            not_linked += doubtful;
        }
    }
    missing = not_linked > 0 ? DBK_MISSING_LINK : missing != NULL ? missing : finding->missing;
    finding->missing = finding->outcome->violation_count > violations ? NULL : missing;
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
           (dbk_proof_is_question(fact, DBK_FACT_SAW) ||
            (dbk_fact_is(fact, DBK_FACT_SAW, "create") &&
             dbk_same(fact->key, attempt->saw->fact->key)));
}

static size_t tries_among(const struct dbk_seen *const *facts, size_t count,
                          const struct dbk_attempt *attempt, const struct dbk_seen *hand_over)
{
    size_t tries = 0;

    for (size_t i = dbk_seen_after(facts, count, attempt->saw->place);
         i < count && facts[i]->place < hand_over->place; i++) {
        tries += is_try(facts[i], attempt);
    }
    return tries;
}

static size_t tries(const struct dbk_index *index, const struct dbk_wish *wish,
                    const struct dbk_attempt *attempt, const struct dbk_seen *hand_over)
{
    return tries_among(wish->facts, wish->fact_count, attempt, hand_over) +
           tries_among(index->common, index->common_count, attempt, hand_over);
}

static bool was_in_doubt_at(const struct dbk_proof *proof, const struct dbk_wish *wish,
                            const struct dbk_attempt *attempt, const struct dbk_seen *hand_over,
                            struct dbk_finding *finding)
{
    if (!attempt->is_doubtful || attempt->saw->place > hand_over->place) {
        return false;
    }
    const struct dbk_seen *end = dbk_proof_of(proof, wish, attempt);
    if (end != NULL && !dbk_seen_ordered(end, hand_over)) {
        finding->missing = DBK_MISSING_ORDER;
        return false;
    }
    return end == NULL || end->place >= hand_over->place;
}

/* The create whose doubt was handed over: the newest still in doubt then, or the first that was
 * sent under its key. NULL: there was no doubt. */
static const struct dbk_attempt *handed_over(const struct dbk_proof *proof,
                                             const struct dbk_wish *wish,
                                             const struct dbk_seen *hand_over,
                                             struct dbk_finding *finding)
{
    const struct dbk_attempt *newest = NULL;

    for (size_t i = 0; i < wish->attempt_count; i++) {
        const struct dbk_attempt *attempt = &wish->attempts[i];
        if (was_in_doubt_at(proof, wish, attempt, hand_over, finding) &&
            (newest == NULL || was_sent_before(newest, attempt))) {
            newest = attempt;
        }
    }
    const struct dbk_attempt *first = newest;
    for (size_t i = 0; i < wish->attempt_count && newest != NULL; i++) {
        const struct dbk_attempt *attempt = &wish->attempts[i];
        if (may_be_repeat(attempt, newest) && was_sent_before(attempt, first) &&
            was_in_doubt_at(proof, wish, attempt, hand_over, finding)) {
            first = attempt;
        }
    }
    return first;
}

/* True if of all that the partner was asked and said it is known whether it came before. */
static bool are_all_ordered(const struct dbk_seen *const *facts, size_t count, const char *partner,
                            const struct dbk_seen *hand_over)
{
    for (size_t i = 0; i < count; i++) {
        if (dbk_same(facts[i]->fact->who, partner) && !dbk_seen_ordered(facts[i], hand_over)) {
            return false;
        }
    }
    return true;
}

/* True if one need only wait for the hold to be over. */
static bool ends_by_itself(const struct dbk_profile *profile)
{
    return profile->books_as == DBK_BOOKS_ON_HOLD &&
           profile->commit_within_ms + profile->hold_max_ms + profile->max_skew_ms <
               profile->doubt_limit_ms;
}

static bool allows_safe_step(const struct dbk_profile *profile)
{
    return profile->look_up != DBK_LOOK_UP_NONE || profile->dedupe == DBK_DEDUPE_REFERENCE ||
           ends_by_itself(profile);
}

static const char *safe_step(const struct dbk_profile *profile)
{
    if (profile->look_up != DBK_LOOK_UP_NONE) {
        return "can be looked up";
    }
    return profile->dedupe == DBK_DEDUPE_REFERENCE ? "takes the same key again safely"
                                                   : "holds nothing for longer than hold_max";
}

/* When a process first went down behind the first that was heard of the wish; INT64_MAX: never. */
static int64_t first_killed(const struct dbk_index *index, const struct dbk_wish *wish)
{
    for (size_t i = 0; i < index->kinds[DBK_FACT_PROCESS] && wish->fact_count > 0; i++) {
        const struct dbk_seen *process = index->processes[i];
        if (dbk_same(process->fact->fate, "down") && process->place > wish->facts[0]->place &&
            process->at_ms != DBK_ABSENT) {
            return process->at_ms;
        }
    }
    return INT64_MAX;
}

/* When the wish's first doubt began at the earliest; DBK_ABSENT: nobody knows. */
static int64_t doubts_began(const struct dbk_index *index, const struct dbk_wish *wish)
{
    int64_t began = INT64_MAX;

    for (size_t i = 0; i < wish->attempt_count && began != DBK_ABSENT; i++) {
        int64_t sent = dbk_attempt_sent(&wish->attempts[i]);
        if (wish->attempts[i].is_doubtful && sent < began) {
            began = sent; /* DBK_ABSENT is smaller than any time */
        }
    }
    int64_t killed = first_killed(index, wish);
    return killed < began ? killed : began;
}

static void check_hand_over(const struct dbk_index *index, const struct dbk_proof *proof,
                            const struct dbk_wish *wish, struct dbk_finding *finding)
{
    const struct dbk_seen *hand_over = dbk_wish_operator(wish);
    const struct dbk_attempt *attempt =
        hand_over == NULL ? NULL : handed_over(proof, wish, hand_over, finding);

    if (attempt == NULL || attempt->profile == NULL || was_hindered(wish, hand_over)) {
        return;
    }
    const struct dbk_profile *profile = attempt->profile;
    int64_t sent = dbk_attempt_sent(attempt);
    int64_t began = doubts_began(index, wish);
    if (sent == DBK_ABSENT || began == DBK_ABSENT || hand_over->at_ms == DBK_ABSENT ||
        hand_over->at_ms - began >= profile->doubt_limit_ms) {
        return;
    }
    size_t count = tries(index, wish, attempt, hand_over);
    if (count > 1 || !allows_safe_step(profile)) {
        return;
    }
    const char *partner = attempt->saw->fact->who;
    if (!are_all_ordered(wish->facts, wish->fact_count, partner, hand_over) ||
        !are_all_ordered(index->common, index->common_count, partner, hand_over)) {
        finding->missing = DBK_MISSING_ORDER;
        return;
    }
    const size_t evidence[] = {attempt->saw->number, hand_over->number,
                               dbk_seen_number(attempt->answer), 0};
    dbk_finding_violated(finding, wish->name, hand_over->at_ms, evidence,
                         "%s was with an operator at %s, though %s %s and only %zu such %s had "
                         "been made since create %lld of %s fell in doubt",
                         wish->name, dbk_say_when(hand_over).text,
                         partner != NULL ? partner : "the partner", safe_step(profile), count,
                         count == 1 ? "try" : "tries", (long long)attempt->number,
                         dbk_say_time(sent).text);
}

/* True if a doubtful create of the wish is of a partner that allows a safe step. */
static bool is_avoidable(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->attempt_count; i++) {
        const struct dbk_attempt *attempt = &wish->attempts[i];
        if (attempt->is_doubtful && attempt->profile != NULL &&
            allows_safe_step(attempt->profile)) {
            return true;
        }
    }
    return false;
}

static bool has_unknown_promise(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->attempt_count; i++) {
        if (wish->attempts[i].is_doubtful && wish->attempts[i].profile == NULL) {
            return true;
        }
    }
    return false;
}

static bool shows_sync(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        if (wish->facts[i]->fact->kind == DBK_FACT_READ && wish->facts[i]->fact->sync != NULL) {
            return true;
        }
    }
    return false;
}

void dbk_check_operator_only_when_needed(const struct dbk_index *index, struct dbk_finding *finding)
{
    const char *missing = missing_for_doubts(index);
    size_t violations = finding->outcome->violation_count;
    struct dbk_proof proof;
    bool has_sync = false;
    bool is_all_shown = true;

    dbk_proof_init(&proof, index);
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        bool is_shown = shows_sync(wish);
        has_sync = has_sync || is_shown;
        if (has_unknown_promise(wish)) {
            missing = "what the partner promises (its profile)";
        }
        if (is_avoidable(wish) && is_shown) {
            finding->exposed++;
            check_hand_over(index, &proof, wish, finding);
        }
        is_all_shown = is_all_shown && (is_shown || !is_avoidable(wish));
    }
    if (!has_sync || !is_all_shown) {
        missing = "whether an operator was asked (read with sync)";
    }
    missing = missing != NULL ? missing : finding->missing;
    finding->missing = finding->outcome->violation_count > violations ? NULL : missing;
}
