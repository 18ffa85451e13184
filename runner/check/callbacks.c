/* callback-once: a copy of a callback that was delivered changes nothing. callback-authentic: nor
 * does one that somebody sent in the name of a partner whose profile promises a signature or a
 * token (a CALLBACK with the fault "forged-callback"), whatever it was answered. Both are judged by
 * the same rules, which follow for a copy.
 *
 * A copy is a CALLBACK with nth > 1, or one with the callback id, reservation and state of an
 * earlier one of the same partner - unless none of the earlier ones in the history is known to have
 * been taken (answered 2xx) before it left: then it is the first that counts. It was delivered if
 * its CALLBACK_ANSWERED says so; where the history has no such facts at all, it counts as
 * delivered.
 *
 * Consequences are looked for from the moment the copy left the partner until 5 s after it was
 * answered, and no further than the next outside event that could have consequences of its own for
 * the wish: another callback, an answer, a reservation that changed by itself, a request of a user
 * other than looking, or a step or process event of the stage. Nor is anything put down to the copy
 * if such an event lies within the second before it. Then a violation is
 *   - a read whose status is what the copy says, and is not what the same person saw last on the
 * same surface before the copy left - if that was still true then: both belong to a watch, which
 *     shows every change, or nothing with consequences (an earlier delivery among it) lies between,
 *     or within the second before;
 *   - a create or cancel for the wish that left the core after the copy had left, unless an earlier
 *     create or cancel is still without a usable answer, or an earlier cancel had no effect (it may
 *     be the retry of that), or the callback's last delivery lies within the second before.
 * Exposed once per delivered copy whose time is known and which nothing of that kind preceded by a
 * second or followed before it was answered. What a copy turned is told by reads, what it caused by
 * requests at the partner; where a wish has no read with a status, or a history no such request and
 * no stage, a copy that is not violated is not exposed, and the invariant is unobserved.
 *
 * Where nobody knows which of two facts came first (index.h), nobody is convicted for their order,
 * and the invariant is unobserved.
 */
#include "runner/check/checks.h"

#include <stdlib.h>
#include <string.h>

#define AFTER_MS 5000
#define QUIET_MS 1000

struct copy {
    const struct dbk_seen *callback; /* the copy as it left */
    const struct dbk_seen *earlier;  /* its last delivery before; NULL: not in the history */
    const struct dbk_seen *answered; /* NULL: not known */
    bool was_taken;                  /* an earlier one was, before this one left */
    const char *kind;                /* what a sentence calls it: "a copy", "a forgery" */
};

static bool is_same_callback(const struct dbk_fact *one, const struct dbk_fact *other)
{
    return one->callback != NULL && dbk_same(one->callback, other->callback) &&
           dbk_same(one->who, other->who) && dbk_same(one->reservation, other->reservation) &&
           dbk_same(one->state, other->state);
}

static int compare_texts(const char *one, const char *other)
{
    if (one == NULL || other == NULL) {
        return (one != NULL) - (other != NULL);
    }
    return strcmp(one, other);
}

/* What makes two callbacks the same, then what tells their deliveries apart. */
static int compare(const struct dbk_seen *one, const struct dbk_seen *other, bool by_nth)
{
    const struct dbk_fact *left = one->fact;
    const struct dbk_fact *right = other->fact;
    int order = compare_texts(left->callback, right->callback);

    order = order != 0 ? order : compare_texts(left->who, right->who);
    order = order != 0 ? order : compare_texts(left->reservation, right->reservation);
    order = order != 0 ? order : compare_texts(left->state, right->state);
    if (order == 0 && by_nth && left->nth != right->nth) {
        return left->nth < right->nth ? -1 : 1;
    }
    return order != 0 ? order : one->place < other->place ? -1 : one->place > other->place;
}

static int by_delivery(const void *left, const void *right)
{
    return compare(*(const struct dbk_seen *const *)left, *(const struct dbk_seen *const *)right,
                   true);
}

static int by_callback(const void *left, const void *right)
{
    const struct copy *const *one = left;
    const struct copy *const *other = right;

    return compare((*one)->callback, (*other)->callback, false);
}

/* The first answer to this delivery, or NULL. */
static const struct dbk_seen *answer_to(const struct dbk_seen *callback,
                                        const struct dbk_seen *const *answers, size_t count)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(answers[middle], callback, true) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && is_same_callback(answers[low]->fact, callback->fact) &&
                   answers[low]->fact->nth == callback->fact->nth
               ? answers[low]
               : NULL;
}

/* The deliveries of a wish's callbacks and the answers to them. */
struct deliveries {
    struct copy *all;     /* in order */
    struct copy **sorted; /* the same, by callback */
    size_t count;
    const struct dbk_seen **answers; /* by delivery */
    size_t answer_count;
};

static void collect(const struct dbk_index *index, const struct dbk_wish *wish,
                    struct deliveries *deliveries)
{
    size_t room = wish->fact_count;

    *deliveries = (struct deliveries){
        .all = dbk_arena_alloc(index->arena, room * sizeof(*deliveries->all)),
        .sorted = dbk_arena_alloc(index->arena, room * sizeof(*deliveries->sorted)),
        .answers = dbk_arena_alloc(index->arena, room * sizeof(*deliveries->answers)),
    };
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *seen = wish->facts[i];
        if (seen->fact->kind == DBK_FACT_CALLBACK) {
            deliveries->all[deliveries->count] = (struct copy){.callback = seen};
            deliveries->sorted[deliveries->count] = &deliveries->all[deliveries->count];
            deliveries->count++;
        } else if (seen->fact->kind == DBK_FACT_CALLBACK_ANSWERED) {
            deliveries->answers[deliveries->answer_count++] = seen;
        }
    }
}

/* True if the delivery was taken before the other left; also where a history tells no answers. */
static bool was_taken_before(const struct dbk_index *index, const struct copy *delivery,
                             const struct copy *other)
{
    if (delivery->answered == NULL) {
        return index->kinds[DBK_FACT_CALLBACK_ANSWERED] == 0;
    }
    return dbk_callback_was_taken(delivery->answered->fact) &&
           delivery->answered->place < other->callback->place;
}

/* Finds all deliveries, each with the last one before it and its answer. */
static void find_deliveries(const struct dbk_index *index, const struct dbk_wish *wish,
                            struct deliveries *deliveries)
{
    struct copy **sorted;

    collect(index, wish, deliveries);
    sorted = deliveries->sorted;
    qsort(sorted, deliveries->count, sizeof(*sorted), by_callback);
    qsort(deliveries->answers, deliveries->answer_count, sizeof(*deliveries->answers), by_delivery);
    for (size_t i = 0; i < deliveries->count; i++) {
        if (i > 0 && is_same_callback(sorted[i - 1]->callback->fact, sorted[i]->callback->fact)) {
            sorted[i]->earlier = sorted[i - 1]->callback;
            sorted[i]->was_taken =
                sorted[i - 1]->was_taken || was_taken_before(index, sorted[i - 1], sorted[i]);
        }
        sorted[i]->answered =
            answer_to(sorted[i]->callback, deliveries->answers, deliveries->answer_count);
    }
}

static bool has_callbacks(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        if (wish->facts[i]->fact->kind == DBK_FACT_CALLBACK) {
            return true;
        }
    }
    return false;
}

static bool was_delivered(const struct dbk_index *index, const struct copy *copy)
{
    return copy->answered != NULL ? !dbk_same(copy->answered->fact->fate, "lost")
                                  : index->kinds[DBK_FACT_CALLBACK_ANSWERED] == 0;
}

static bool is_forged(const struct copy *copy)
{
    return dbk_same(copy->callback->fact->fault, "forged-callback");
}

/* True if it was forged though the partner promises that this can be told. */
static bool is_forgery(const struct dbk_index *index, const struct copy *copy)
{
    const struct dbk_party *partner =
        dbk_history_partner(index->history, copy->callback->fact->who);

    return is_forged(copy) && partner != NULL &&
           partner->profile.callback_signature != DBK_SIGNATURE_NONE && was_delivered(index, copy);
}

/* True if it is a copy that was delivered. */
static bool is_copy(const struct dbk_index *index, const struct copy *copy)
{
    if (is_forged(copy)) {
        return false;
    }
    if (copy->earlier == NULL ? copy->callback->fact->nth <= 1 : !copy->was_taken) {
        return false;
    }
    return was_delivered(index, copy);
}

/* True if what happens next may come from this event instead of the copy. */
static bool is_other_cause(const struct dbk_seen *seen, const struct copy *copy)
{
    const struct dbk_fact *fact = seen->fact;
    bool is_of_wish = seen->wish == NULL || seen->wish == copy->callback->wish;

    switch (fact->kind) {
    case DBK_FACT_STEP:
    case DBK_FACT_PROCESS:
        return true;
    case DBK_FACT_ANSWER:
        return is_of_wish;
    case DBK_FACT_CALLBACK:
    case DBK_FACT_CALLBACK_ANSWERED:
        return is_of_wish && !is_same_callback(fact, copy->callback->fact);
    case DBK_FACT_EFFECT:
        return is_of_wish && dbk_same(fact->by, "itself");
    case DBK_FACT_ASKED:
        return is_of_wish && !dbk_same(fact->op, "look") && !dbk_same(fact->op, "watch") &&
               !dbk_same(fact->op, "detail") && !dbk_same(fact->op, "list");
    default:
        return false;
    }
}

static bool was_quiet_before(const struct dbk_index *index, const struct copy *copy)
{
    for (size_t i = copy->callback->place; i > 0; i--) {
        const struct dbk_seen *seen = &index->seen[i - 1];
        if (seen->at_ms != DBK_ABSENT && copy->callback->at_ms - seen->at_ms > QUIET_MS) {
            break;
        }
        if (is_other_cause(seen, copy)) { /* also one of which nobody knows when it was */
            return false;
        }
    }
    return true;
}

/* What the reader saw last on that surface before the copy left; NULL where that is not known. */
static const struct dbk_seen *shown_before(const struct dbk_seen *read, const struct copy *copy)
{
    const struct dbk_seen *before = NULL;

    for (size_t i = 0; i < read->booked->read_count; i++) {
        const struct dbk_seen *other = read->booked->reads[i];
        if (other->place >= read->place) {
            break;
        }
        if (other->fact->status == NULL || !dbk_same(other->fact->who, read->fact->who) ||
            !dbk_same(other->fact->surface, read->fact->surface)) {
            continue;
        }
        if (!dbk_seen_ordered(other, copy->callback)) {
            return NULL;
        }
        before = other->place < copy->callback->place ? other : before;
    }
    return before;
}

/* True if what was seen before was still true when the copy left. */
static bool was_still_true(const struct dbk_index *index, const struct dbk_seen *before,
                           const struct dbk_seen *read, const struct copy *copy)
{
    if (dbk_same(before->fact->op, "watch") && dbk_same(read->fact->op, "watch")) {
        return true;
    }
    for (size_t i = copy->callback->place; i > 0; i--) {
        const struct dbk_seen *seen = &index->seen[i - 1];
        if (seen->at_ms != DBK_ABSENT && seen->at_ms < dbk_seen_asked(before) - QUIET_MS) {
            break;
        }
        if (is_other_cause(seen, copy) || is_same_callback(seen->fact, copy->callback->fact)) {
            return false;
        }
    }
    return true;
}

/* True if a create or cancel at that moment may be the retry of an earlier one, or what the
 * callback's last delivery asked for. */
static bool is_excused(const struct dbk_seen *saw, const struct copy *copy)
{
    const struct dbk_wish *wish = saw->wish;
    size_t open = 0;
    bool had_no_effect = false; /* a cancel before */

    if (dbk_seen_asked(saw) < copy->callback->at_ms ||
        (copy->earlier != NULL && copy->earlier->at_ms != DBK_ABSENT &&
         copy->callback->at_ms - copy->earlier->at_ms < QUIET_MS)) {
        return true;
    }
    for (size_t i = 0; i < wish->fact_count && wish->facts[i]->place < saw->place; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        bool is_of_both = dbk_same(fact->op, "create") || dbk_same(fact->op, "cancel");
        had_no_effect = fact->kind == DBK_FACT_EFFECT
                            ? had_no_effect && dbk_state_is_live(fact->state)
                            : had_no_effect || dbk_fact_is(fact, DBK_FACT_SAW, "cancel");
        if (is_of_both && fact->kind == DBK_FACT_SAW) {
            open++;
        } else if (is_of_both && fact->kind == DBK_FACT_ANSWER && open > 0 &&
                   dbk_answer_was_heard(fact) && fact->http < 500) {
            open--;
        }
    }
    return open > 0 || (had_no_effect && dbk_same(saw->fact->op, "cancel"));
}

/* True if it violated. */
static bool check_consequence(const struct dbk_index *index, const struct copy *copy,
                              const struct dbk_seen *seen, struct dbk_finding *finding)
{
    const struct dbk_fact *fact = seen->fact;
    const struct dbk_fact *callback = copy->callback->fact;
    const char *who = callback->who ? callback->who : "the partner";

    if (fact->kind == DBK_FACT_READ && fact->status != NULL && seen->booked != NULL &&
        dbk_same(fact->status, callback->state)) {
        const struct dbk_seen *before = shown_before(seen, copy);
        if (before == NULL || dbk_same(before->fact->status, fact->status) ||
            !was_still_true(index, before, seen, copy)) {
            return false;
        }
        const size_t evidence[] = {before->number, copy->callback->number, seen->number,
                                   dbk_seen_number(copy->earlier), 0};
        dbk_finding_violated(finding, seen->booked->name, seen->at_ms, evidence,
                             "%s of %s's callback saying %s left at %s, and %s turned %s from "
                             "%s to %s at %s",
                             copy->kind, who, callback->state, dbk_say_when(copy->callback).text,
                             dbk_say_screen(seen).text, seen->booked->name, before->fact->status,
                             fact->status, dbk_say_when(seen).text);
        return true;
    }
    if ((dbk_fact_is(fact, DBK_FACT_SAW, "create") || dbk_fact_is(fact, DBK_FACT_SAW, "cancel")) &&
        !is_excused(seen, copy)) {
        const size_t evidence[] = {copy->callback->number, seen->number,
                                   dbk_seen_number(copy->earlier), 0};
        dbk_finding_violated(finding, seen->wish->name, seen->at_ms, evidence,
                             "%s of %s's callback%s%s left at %s, and a %s for %s followed at "
                             "%s",
                             copy->kind, who, callback->state ? " saying " : "",
                             callback->state ? callback->state : "",
                             dbk_say_when(copy->callback).text, fact->op, seen->wish->name,
                             dbk_say_when(seen).text);
        return true;
    }
    return false;
}

enum judged { NOT_JUDGED, HELD, VIOLATED };

static enum judged check_copy(const struct dbk_index *index, const struct copy *copy,
                              struct dbk_finding *finding)
{
    const struct dbk_seen *from = copy->answered != NULL ? copy->answered : copy->callback;
    int64_t until = (from->at_ms != DBK_ABSENT ? from->at_ms : copy->callback->at_ms) + AFTER_MS;
    size_t i = copy->callback->place + 1;

    if (!was_quiet_before(index, copy)) {
        return NOT_JUDGED;
    }
    for (; i < index->count; i++) {
        const struct dbk_seen *seen = &index->seen[i];
        if ((seen->at_ms != DBK_ABSENT && seen->at_ms > until) || is_other_cause(seen, copy)) {
            break;
        }
        if (seen->wish == copy->callback->wish && dbk_seen_ordered(copy->callback, seen) &&
            check_consequence(index, copy, seen, finding)) {
            return VIOLATED;
        }
    }
    return i > from->place ? HELD : NOT_JUDGED;
}

/* What of the consequences for a wish the history does not tell, or NULL. */
static const char *missing_half(const struct dbk_index *index, const struct dbk_wish *wish)
{
    bool is_shown = false;

    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (fact->kind == DBK_FACT_READ && fact->status != NULL) {
            is_shown = true;
            if (wish->facts[i]->at_ms == DBK_ABSENT) {
                return DBK_MISSING_ORDER;
            }
        }
    }
    if (!is_shown) {
        return DBK_MISSING_READS;
    }
    return index->history->stage == NULL && index->kinds[DBK_FACT_SAW] == 0
               ? "which requests reached the partner (saw)"
               : NULL;
}

/* Which deliveries an invariant is about. */
struct suspects {
    bool (*is_one)(const struct dbk_index *index, const struct copy *copy);
    const char *kind;
};

/* Gives what was missing, or NULL. */
static const char *check_wish(const struct dbk_index *index, const struct dbk_wish *wish,
                              const struct suspects *suspects, struct dbk_finding *finding)
{
    struct deliveries deliveries;
    const char *half = missing_half(index, wish);
    const char *missing = NULL;

    find_deliveries(index, wish, &deliveries);
    for (size_t i = 0; i < deliveries.count; i++) {
        struct copy *copy = &deliveries.all[i];
        copy->kind = suspects->kind;
        if (!suspects->is_one(index, copy)) {
            continue;
        }
        if (copy->callback->at_ms == DBK_ABSENT) {
            missing = "when callbacks came (at_ms of callback)";
            continue;
        }
        enum judged judged = check_copy(index, copy, finding);
        if (judged == HELD && half != NULL) {
            missing = missing == NULL ? half : missing;
        } else {
            finding->exposed += judged != NOT_JUDGED;
        }
        if (judged == VIOLATED) {
            break;
        }
    }
    return missing;
}

static void check_suspects(const struct dbk_index *index, const struct suspects *suspects,
                           struct dbk_finding *finding)
{
    size_t violations = finding->outcome->violation_count;
    const char *missing = NULL;

    if (index->kinds[DBK_FACT_CALLBACK] == 0 && index->history->stage == NULL) {
        missing = "which callbacks there were (callback)";
    } else if (index->kinds[DBK_FACT_READ] + index->kinds[DBK_FACT_SAW] == 0) {
        missing = "what callbacks led to (read, saw)";
    }
    for (size_t i = 0; i < index->wish_count; i++) {
        if (has_callbacks(index->wishes[i])) {
            const char *of_wish = check_wish(index, index->wishes[i], suspects, finding);
            missing = missing == NULL ? of_wish : missing;
        }
    }
    if (finding->outcome->violation_count == violations) {
        finding->missing = missing;
    }
}

void dbk_check_callback_once(const struct dbk_index *index, struct dbk_finding *finding)
{
    check_suspects(index, &(struct suspects){is_copy, "a copy"}, finding);
}

void dbk_check_callback_authentic(const struct dbk_index *index, struct dbk_finding *finding)
{
    check_suspects(index, &(struct suspects){is_forgery, "a forgery"}, finding);
}
