/* How a run ended.
 *
 * What a booking is at the end is its last read with a status, on a page or detail; a list counts
 * only where there is nothing else. A booking whose last such read was asked for before the last
 * news of its partner (an effect, an answer or callback that was delivered), or of which nobody
 * knows which read was the last, is not judged: then the invariant is unobserved, unless another
 * booking violates it.
 *
 * settles: that status is confirmed or final, or an operator has it. Exposed once per judged
 * booking in a run with a fault.
 *
 * agrees-with-partner, per wish, unless an operator has one of its bookings: as many bookings are
 * shown confirmed as reservations are confirmed, and as many pending as are pending or on hold. A
 * reservation that changed by itself may be counted as it was before, if no delivered answer or
 * callback has named its new state since. Where a partner broke a promise, the core has
 * compensate_within, unless the run came to rest before. A wish of which no status was shown is
 * judged where a partner holds something for it, as of the last announcement: at rest it is an
 * orphan if those who looked after that were shown nothing (4xx, 5xx); if nobody looked, the
 * invariant is unobserved. Exposed once per judged wish with a
 * doubtful create, a reservation that changed by itself or a broken promise.
 *
 * rests: the run came to rest; that it only reached its bound is a violation. store-intact: no
 * check of the store found it broken; exposed once per check after a process came up again. An end
 * or a check of which nobody says how it turned out leaves what rests on it unobserved.
 */
#include "runner/check/checks.h"

static bool is_final(const char *status)
{
    return dbk_same(status, "rejected") || dbk_same(status, "cancelled") ||
           dbk_same(status, "expired");
}

static const struct dbk_seen *last_shown(const struct dbk_booked *booked)
{
    const struct dbk_seen *on_list = NULL;

    for (size_t i = booked->read_count; i > 0; i--) {
        const struct dbk_seen *read = booked->reads[i - 1];
        if (read->fact->status == NULL) {
            continue;
        }
        if (!dbk_same(read->fact->surface, "list")) {
            return read;
        }
        on_list = on_list == NULL ? read : on_list;
    }
    return on_list;
}

/* True if it is not known that the read shows what was last: there may have been news since it was
 * asked for, or another read, of which nobody knows whether it came later, shows another status. */
static bool is_stale(const struct dbk_seen *shown)
{
    const struct dbk_wish *wish = shown->wish;
    const struct dbk_booked *booked = shown->booked;

    for (size_t i = 0; i < wish->fact_count; i++) {
        if (dbk_fact_is_news(wish->facts[i]->fact) && !dbk_seen_is_past(wish->facts[i], shown)) {
            return true;
        }
    }
    for (size_t i = 0; i < booked->read_count; i++) {
        const struct dbk_seen *read = booked->reads[i];
        if (read->fact->status != NULL && !dbk_same(read->fact->status, shown->fact->status) &&
            !dbk_seen_ordered(read, shown)) {
            return true;
        }
    }
    return false;
}

/* True if the end was reached by itself or at the bound: then what ought to be can be asked for. */
static bool has_ended(const struct dbk_index *index, struct dbk_finding *finding)
{
    if (index->end == NULL) {
        finding->missing = DBK_MISSING_END;
        return false;
    }
    if (dbk_same(index->end->fact->fate, "stopped")) {
        finding->missing = "the end of the run, which was stopped (end)";
        return false;
    }
    if (!dbk_same(index->end->fact->fate, "rest") && !dbk_same(index->end->fact->fate, "bound")) {
        finding->missing = "how the run ended (fate of end)";
        return false;
    }
    return true;
}

static const char *missing_reads(bool is_any_stale)
{
    return is_any_stale ? "what was shown after the partner's last news (read)" : DBK_MISSING_READS;
}

void dbk_check_settles(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t judged = 0;
    size_t stale = 0;
    bool is_violated = false;

    if (!has_ended(index, finding)) {
        return;
    }
    for (size_t i = 0; i < index->booking_count; i++) {
        const struct dbk_booked *booked = index->bookings[i];
        const struct dbk_seen *shown = last_shown(booked);
        if (shown == NULL || is_stale(shown)) {
            stale += shown != NULL;
            continue;
        }
        judged++;
        if (is_final(shown->fact->status) || dbk_same(shown->fact->status, "confirmed") ||
            dbk_same(shown->fact->sync, "operator")) {
            continue;
        }
        const size_t evidence[] = {shown->number, index->end->number, 0};
        is_violated = true;
        dbk_finding_violated(finding, booked->name, index->end->at_ms, evidence,
                             "%s was still %s when the run ended at %s (%s at %s), and no operator "
                             "had it",
                             booked->name, shown->fact->status, dbk_say_when(index->end).text,
                             dbk_say_screen(shown).text, dbk_say_when(shown).text);
    }
    finding->exposed = index->kinds[DBK_FACT_FAULT] > 0 ? (int64_t)judged : 0;
    if (!is_violated && (stale > 0 || judged == 0)) {
        finding->missing = missing_reads(stale > 0);
    }
}

/* How many bookings, or reservations, stand where. */
struct tally {
    size_t confirmed, pending;
};

static void count_state(struct tally *tally, const char *state)
{
    tally->confirmed += dbk_same(state, "confirmed");
    tally->pending += dbk_same(state, "pending") || dbk_same(state, "on_hold");
}

/* The state of a reservation as of the last change the core caused or was told of - with an index
 * also by the list of a day; NULL: none. */
static const char *announced_state(const struct dbk_index *index, const struct dbk_wish *wish,
                                   const struct dbk_reservation *reservation)
{
    const char *state = reservation->last->fact->state;

    for (size_t i = wish->fact_count; i > 0; i--) {
        const struct dbk_seen *seen = wish->facts[i - 1];
        if (seen->reservation != reservation) {
            continue;
        }
        state = seen->fact->state;
        if (!dbk_same(seen->fact->by, "itself") || dbk_wish_told(index, wish, seen) != NULL) {
            return state;
        }
        state = seen->fact->state_before;
    }
    return state;
}

/* The last read of a booking that showed no status. */
static const struct dbk_seen *last_denied(const struct dbk_booked *booked)
{
    const struct dbk_seen *last =
        booked->read_count > 0 ? booked->reads[booked->read_count - 1] : NULL;

    return last != NULL && last->fact->status == NULL && last->fact->http >= 400 ? last : NULL;
}

static const char *what_is_shown(const struct dbk_index *index, const struct dbk_wish *wish)
{
    const char *text = NULL;

    for (const struct dbk_booked *booked = wish->bookings; booked; booked = booked->next) {
        const struct dbk_seen *shown = last_shown(booked);
        const struct dbk_seen *denied = last_denied(booked);
        const char *one = NULL;
        if (shown != NULL) {
            one = dbk_arena_printf(index->arena, "%s is shown as %s (%s at %s)", booked->name,
                                   shown->fact->status, dbk_say_screen(shown).text,
                                   dbk_say_when(shown).text);
        } else if (denied != NULL) {
            one = dbk_arena_printf(index->arena, "%s is shown to nobody (%s at %s says %lld)",
                                   booked->name, dbk_say_screen(denied).text,
                                   dbk_say_when(denied).text, (long long)denied->fact->http);
        }
        if (one != NULL) {
            text = text == NULL ? one : dbk_arena_printf(index->arena, "%s, %s", one, text);
        }
    }
    return text;
}

static const char *what_is_held(const struct dbk_index *index, const struct dbk_wish *wish)
{
    const char *text = NULL;

    for (size_t i = 0; i < wish->reservation_count; i++) {
        const struct dbk_reservation *reservation = &wish->reservations[i];
        const char *one = dbk_arena_printf(
            index->arena, "%s %s at %s", reservation->id ? reservation->id : "a reservation",
            reservation->last->fact->state ? reservation->last->fact->state : "in no known state",
            reservation->partner ? reservation->partner : "the partner");
        text = text == NULL ? one : dbk_arena_printf(index->arena, "%s, %s", text, one);
    }
    return text == NULL ? "no reservation anywhere" : text;
}

/* unseen: bookings of the wish that nobody was shown; each may hold one reservation. */
static bool may_fit(struct tally shown, struct tally held, size_t unseen)
{
    return held.confirmed >= shown.confirmed && held.pending >= shown.pending &&
           held.confirmed + held.pending - shown.confirmed - shown.pending <= unseen;
}

static bool ledger_fits(const struct dbk_index *index, const struct dbk_wish *wish,
                        struct tally shown, size_t unseen)
{
    struct tally as_is = {0};
    struct tally as_announced = {0};
    struct tally as_listed = {0}; /* where a list was asked for this booking */

    for (size_t i = 0; i < wish->reservation_count; i++) {
        count_state(&as_is, wish->reservations[i].last->fact->state);
        count_state(&as_announced, announced_state(NULL, wish, &wish->reservations[i]));
        count_state(&as_listed, announced_state(index, wish, &wish->reservations[i]));
    }
    return may_fit(shown, as_is, unseen) || may_fit(shown, as_announced, unseen) ||
           may_fit(shown, as_listed, unseen);
}

/* True if a partner broke its word so late that the core still has time. */
static bool has_time_left(const struct dbk_index *index, const struct dbk_wish *wish)
{
    if (dbk_same(index->end->fact->fate, "rest") || wish->attempt_count == 0 ||
        wish->attempts[0].profile == NULL || index->end->at_ms == DBK_ABSENT) {
        return false;
    }
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *seen = wish->facts[i];
        if (seen->fact->kind == DBK_FACT_FAULT && seen->fact->claim != NULL &&
            seen->at_ms != DBK_ABSENT &&
            index->end->at_ms - seen->at_ms < wish->attempts[0].profile->compensate_within_ms) {
            return true;
        }
    }
    return false;
}

/* True if the partner's side may have become another than the core was told. */
static bool was_at_risk(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if ((fact->kind == DBK_FACT_EFFECT && dbk_same(fact->by, "itself")) ||
            (fact->kind == DBK_FACT_FAULT && fact->claim != NULL)) {
            return true;
        }
    }
    return dbk_wish_doubt(wish) != NULL;
}

/* What can be said of a wish at the end. */
enum judgement { NOT_SHOWN, NOT_SEEN, NOT_LINKED, UNCLEAR, STALE, AGREES, DISAGREES };

/* A wish of which no status was shown: does a partner hold something, and do those who look for it
 * get nothing to see? */
static enum judgement judge_unseen(const struct dbk_index *index, const struct dbk_wish *wish,
                                   const struct dbk_seen **last)
{
    bool is_held = false;

    for (size_t i = 0; i < wish->reservation_count; i++) {
        const struct dbk_reservation *reservation = &wish->reservations[i];
        is_held = is_held || (dbk_state_is_live(announced_state(NULL, wish, reservation)) &&
                              dbk_state_is_live(announced_state(index, wish, reservation)));
    }
    if (!is_held || dbk_wish_operator(wish) != NULL) {
        return NOT_SHOWN;
    }
    for (const struct dbk_booked *booked = wish->bookings; booked; booked = booked->next) {
        const struct dbk_seen *denied = last_denied(booked);
        if (denied == NULL || is_stale(denied)) {
            return NOT_SEEN;
        }
        *last = denied;
    }
    return *last != NULL && dbk_same(index->end->fact->fate, "rest") ? DISAGREES : NOT_SEEN;
}

static enum judgement judge_wish(const struct dbk_index *index, const struct dbk_wish *wish,
                                 const struct dbk_seen **last)
{
    struct tally shown = {0};
    size_t unseen = 0;

    *last = NULL;
    for (const struct dbk_booked *booked = wish->bookings; booked; booked = booked->next) {
        const struct dbk_seen *read = last_shown(booked);
        if (read == NULL) {
            unseen += last_denied(booked) == NULL;
            continue;
        }
        if (is_stale(read)) {
            return STALE;
        }
        if (dbk_same(read->fact->sync, "operator")) {
            return AGREES;
        }
        count_state(&shown, read->fact->status);
        *last = *last == NULL || (*last)->place < read->place ? read : *last;
    }
    if (*last == NULL) {
        return judge_unseen(index, wish, last);
    }
    if (!dbk_index_links(index, wish)) {
        return NOT_LINKED;
    }
    if (wish->is_unclear) {
        return UNCLEAR;
    }
    if (ledger_fits(index, wish, shown, 0) || has_time_left(index, wish)) {
        return AGREES;
    }
    return unseen > 0 && ledger_fits(index, wish, shown, unseen) ? NOT_SEEN : DISAGREES;
}

void dbk_check_agrees_with_partner(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t counts[DISAGREES + 1] = {0};

    if (!has_ended(index, finding)) {
        return;
    }
    if (!dbk_index_tells_effects(index)) {
        finding->missing = DBK_MISSING_EFFECTS;
        return;
    }
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        const struct dbk_seen *last = NULL;
        enum judgement judgement = judge_wish(index, wish, &last);
        counts[judgement]++;
        if (judgement < AGREES) {
            continue;
        }
        finding->exposed += was_at_risk(wish);
        if (judgement == DISAGREES) {
            const size_t evidence[] = {
                last->number, wish->reservation_count > 0 ? wish->reservations[0].last->number : 0,
                wish->reservation_count > 1 ? wish->reservations[1].last->number : 0, 0};
            dbk_finding_violated(finding, wish->name, index->end->at_ms, evidence,
                                 "at the end, at %s, %s, but the partners hold: %s",
                                 dbk_say_when(index->end).text, what_is_shown(index, wish),
                                 what_is_held(index, wish));
        }
    }
    if (counts[DISAGREES] > 0) {
        return;
    }
    if (counts[NOT_LINKED] > 0) {
        finding->missing = DBK_MISSING_LINK;
    } else if (counts[UNCLEAR] > 0) {
        finding->missing = DBK_MISSING_RESERVATION;
    } else if (counts[STALE] + counts[NOT_SEEN] > 0 || counts[AGREES] == 0) {
        finding->missing = missing_reads(counts[STALE] > 0);
    }
}

void dbk_check_rests(const struct dbk_index *index, struct dbk_finding *finding)
{
    if (!has_ended(index, finding)) {
        return;
    }
    finding->exposed++;
    if (dbk_same(index->end->fact->fate, "bound")) {
        const size_t evidence[] = {index->end->number, 0};
        const char *text = index->end->fact->text;
        dbk_finding_violated(finding, NULL, index->end->at_ms, evidence,
                             "the run had not come to rest at its bound, %s%s%s",
                             dbk_say_when(index->end).text, text ? ": " : "", text ? text : "");
    }
}

void dbk_check_store_intact(const struct dbk_index *index, struct dbk_finding *finding)
{
    bool was_down = false;
    bool is_up_again = false;

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *seen = &index->seen[i];
        const struct dbk_fact *fact = seen->fact;
        if (fact->kind == DBK_FACT_PROCESS) {
            was_down = was_down || dbk_same(fact->fate, "down");
            is_up_again = is_up_again || (was_down && dbk_same(fact->fate, "up"));
        }
        if (fact->kind != DBK_FACT_STORE) {
            continue;
        }
        if (!dbk_same(fact->fate, "whole") && !dbk_same(fact->fate, "broken")) {
            finding->missing = "what a check of the store found (fate of store)";
            continue;
        }
        finding->exposed += is_up_again;
        if (dbk_same(fact->fate, "broken")) {
            const size_t evidence[] = {seen->number, 0};
            finding->missing = NULL;
            dbk_finding_violated(finding, NULL, seen->at_ms, evidence,
                                 "the store was found broken at %s%s%s", dbk_say_when(seen).text,
                                 fact->text ? ": " : "", fact->text ? fact->text : "");
            return;
        }
    }
    if (index->kinds[DBK_FACT_STORE] == 0 && (is_up_again || index->history->stage == NULL)) {
        finding->missing = "checks of the store (store)";
    }
}
