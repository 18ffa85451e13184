/* Per wish the effects are replayed in order. The moment a second reservation is live the wish has
 * been booked twice, and that is a violation then and there - unless the partner broke its word:
 * both were born of one create (or of its repeat under a key the partner takes once) while a fault
 * broke `one-create-one-reservation`, or a create of the wish was committed or shown later than
 * promised (`commits-within`, `visible-within`). What that causes is owed only in time: by
 * compensate_within after the second effect one of the two has gone, or a person has been asked (a
 * read shows sync operator). Where the bound or the time is not known, or the history ends before
 * it, the core is held to it only if the run came to rest.
 *
 * Two bookings of one intent under different keys ("anew") are one wish, two intents are two.
 */
#include "runner/check/checks.h"

struct pair { /* two reservations of one wish, both live */
    const struct dbk_reservation *first, *second;
    const struct dbk_seen *effect; /* which made the second live */
    const struct dbk_seen *fault;  /* the broken promise behind it; NULL: none */
    size_t live;
};

static const struct dbk_attempt *maker(const struct dbk_wish *wish,
                                       const struct dbk_reservation *reservation)
{
    const char *exchange = reservation->made->fact->exchange;

    for (size_t i = 0; exchange != NULL && i < wish->attempt_count; i++) {
        if (dbk_same(wish->attempts[i].saw->fact->exchange, exchange)) {
            return &wish->attempts[i];
        }
    }
    return NULL;
}

/* "LG-abc123 (create 1)", with the partner's name where the two are of different ones. */
static const char *origin(const struct dbk_index *index, const struct dbk_wish *wish,
                          const struct dbk_reservation *reservation, bool with_partner)
{
    const struct dbk_attempt *attempt = maker(wish, reservation);
    const struct dbk_fact *made = reservation->made->fact;
    const char *id = reservation->id != NULL ? reservation->id : "one without id";

    if (with_partner) {
        id = dbk_arena_printf(index->arena, "%s at %s", id,
                              made->who != NULL ? made->who : "a partner");
    }
    if (attempt != NULL) {
        return dbk_arena_printf(index->arena, "%s (create %lld)", id, (long long)attempt->number);
    }
    if (made->key != NULL) {
        return dbk_arena_printf(index->arena, "%s (key %s)", id, made->key);
    }
    return id;
}

/* True if by the partner's word only one of the pair ought to be: they come of one create, or of
 * repeats of one under a key that the partner says it takes once. */
static bool is_one_create(const struct dbk_index *index, const struct pair *pair)
{
    const struct dbk_fact *one = pair->first->made->fact;
    const struct dbk_fact *other = pair->second->made->fact;
    const struct dbk_party *party = dbk_history_partner(index->history, other->who);

    if (other->exchange != NULL && dbk_same(one->exchange, other->exchange)) {
        return true;
    }
    return other->key != NULL && dbk_same(one->key, other->key) && dbk_same(one->who, other->who) &&
           party != NULL && party->profile.dedupe == DBK_DEDUPE_REFERENCE;
}

static const struct dbk_seen *broken_promise(const struct dbk_index *index,
                                             const struct dbk_wish *wish, const struct pair *pair)
{
    const char *exchange = pair->second->made->fact->exchange;

    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (fact->kind != DBK_FACT_FAULT || fact->claim == NULL) {
            continue;
        }
        if (dbk_same(fact->claim, "commits-within") || dbk_same(fact->claim, "visible-within")) {
            return wish->facts[i];
        }
        if (dbk_same(fact->claim, "one-create-one-reservation") && exchange != NULL &&
            dbk_same(fact->exchange, exchange) && is_one_create(index, pair)) {
            return wish->facts[i];
        }
    }
    return NULL;
}

static void violated(const struct dbk_index *index, const struct dbk_wish *wish,
                     const struct pair *pair, struct dbk_finding *finding)
{
    const char *partner = pair->second->partner;
    bool is_one_partner = dbk_same(partner, pair->first->partner);
    const size_t evidence[] = {pair->first->made->number, pair->effect->number, 0};

    dbk_finding_violated(finding, wish->name, pair->effect->at_ms, evidence,
                         "%s has %zu live reservations%s%s since %s: %s and %s", wish->name,
                         pair->live, is_one_partner && partner != NULL ? " at " : "",
                         is_one_partner && partner != NULL ? partner : "",
                         dbk_say_when(pair->effect).text,
                         origin(index, wish, pair->first, !is_one_partner),
                         origin(index, wish, pair->second, !is_one_partner));
}

static int64_t deadline_of(const struct dbk_index *index, const struct pair *pair)
{
    const struct dbk_party *party = dbk_history_partner(index->history, pair->second->partner);

    return party == NULL || pair->effect->at_ms == DBK_ABSENT
               ? DBK_ABSENT
               : pair->effect->at_ms + party->profile.compensate_within_ms;
}

/* Judges a pair the partner is to blame for: was it settled (by that effect; NULL: never) in time,
 * or handed to a person? True if it was. */
static bool was_settled(const struct dbk_index *index, const struct dbk_wish *wish,
                        const struct pair *pair, const struct dbk_seen *settled,
                        struct dbk_finding *finding)
{
    const struct dbk_seen *operator= dbk_wish_operator(wish);
    int64_t deadline = deadline_of(index, pair);
    bool has_rested = index->end != NULL && dbk_same(index->end->fact->fate, "rest");
    bool is_late = settled != NULL
                       ? deadline != DBK_ABSENT && settled->at_ms > deadline
                       : has_rested || (deadline != DBK_ABSENT && index->last_ms != DBK_ABSENT &&
                                        index->last_ms > deadline);
    if (operator!= NULL || !is_late) {
        return true;
    }
    bool is_over = deadline != DBK_ABSENT && deadline <= index->last_ms;
    const size_t evidence[] = {pair->first->made->number, pair->effect->number, pair->fault->number,
                               dbk_seen_number(settled), 0};
    dbk_finding_violated(
        finding, wish->name, is_over ? deadline : index->last_ms, evidence,
        "%s has had 2 live reservations since %s: %s and %s; the partner broke %s, but the core "
        "neither settled it within the promised time nor asked a person",
        wish->name, dbk_say_when(pair->effect).text, origin(index, wish, pair->first, true),
        origin(index, wish, pair->second, true), pair->fault->fact->claim);
    return false;
}

/* The first of the others that is live too. */
static const struct dbk_reservation *live_besides(const struct dbk_wish *wish, const bool *is_live,
                                                  size_t besides)
{
    for (size_t i = 0; i < wish->reservation_count; i++) {
        if (is_live[i] && i != besides) {
            return &wish->reservations[i];
        }
    }
    return NULL;
}

static void check_wish(const struct dbk_index *index, const struct dbk_wish *wish,
                       struct dbk_finding *finding)
{
    bool *is_live = dbk_arena_alloc(index->arena, wish->reservation_count);
    struct pair open = {0}; /* owed in time; first is NULL: none */
    size_t live = 0;

    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *effect = wish->facts[i];
        if (effect->fact->kind != DBK_FACT_EFFECT) {
            continue;
        }
        size_t at = (size_t)(dbk_wish_reservation(wish, effect->fact) - wish->reservations);
        bool was_live = is_live[at];
        is_live[at] = dbk_state_is_live(effect->fact->state);
        live = live - was_live + is_live[at];
        if (is_live[at] && !was_live && live > 1) {
            struct pair pair = {.first = live_besides(wish, is_live, at),
                                .second = &wish->reservations[at],
                                .effect = effect,
                                .live = live};
            pair.fault = broken_promise(index, wish, &pair);
            if (pair.fault == NULL) {
                violated(index, wish, &pair, finding);
                return;
            }
            open = open.first == NULL ? pair : open;
        } else if (live < 2 && open.first != NULL) {
            if (!was_settled(index, wish, &open, effect, finding)) {
                return;
            }
            open.first = NULL;
        }
    }
    if (open.first != NULL) {
        (void)was_settled(index, wish, &open, NULL, finding);
    }
}

void dbk_check_single_reservation(const struct dbk_index *index, struct dbk_finding *finding)
{
    if (!dbk_index_tells_effects(index)) {
        finding->missing = DBK_MISSING_EFFECTS;
        return;
    }
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        if (dbk_wish_doubt(wish) != NULL || wish->attempt_count > 1 ||
            wish->reservation_count > 1) {
            finding->exposed++;
        }
        if (wish->reservation_count > 1) {
            check_wish(index, wish, finding);
        }
    }
}
