/* Per wish the effects are replayed in order. The moment a second reservation is live the wish has
 * been booked twice, and that is a violation then and there - unless the partner broke its word
 * and that made the two (promises.h says which promises can, and how that is known). What that
 * causes is owed only in time: by compensate_within after the second effect one of the two has
 * gone, or a person has been asked (a read that is not older than the second effect shows sync
 * operator). Where the bound or the time is not known, or the history ends before it, the core is
 * held to it only if the run came to rest; where it is not known how the run ended, nobody can
 * know whether it was settled.
 *
 * Two effects at different partners without comparable time may have come in either order: a pair
 * of them counts if in both orders the two were live together; else the invariant is unobserved.
 * It is also where an effect may be of more than one reservation.
 *
 * Facts that no intent tells, put together by less, may be those of any wish: where there are such
 * besides others, it is not known what one wish has, and the invariant is unobserved unless what is
 * known violates it.
 *
 * Two bookings of one intent under different keys ("anew") are one wish, two intents are two.
 */
#include "runner/check/checks.h"
#include "runner/check/promises.h"

#include <string.h>

struct open {             /* a pair the partner is to blame for, until one of the two has gone */
    struct dbk_pair pair; /* first is NULL: none */
    struct dbk_broken broken;
};

/* "LG-abc123 (create 1)", with the partner's name where the two are of different ones. */
static const char *origin(const struct dbk_index *index, const struct dbk_wish *wish,
                          const struct dbk_reservation *reservation, bool with_partner)
{
    const struct dbk_attempt *attempt = dbk_promise_maker(wish, reservation);
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

static void violated(const struct dbk_index *index, const struct dbk_wish *wish,
                     const struct dbk_pair *pair, size_t live, struct dbk_finding *finding)
{
    const char *partner = pair->second->partner;
    bool is_one_partner = dbk_same(partner, pair->first->partner);
    const size_t evidence[] = {pair->first->made->number, pair->effect->number, 0};

    dbk_finding_violated(
        finding, wish->name, pair->effect->at_ms, evidence,
        "%s has %zu live reservations%s%s since %s: %s and %s%s", wish->name, live,
        is_one_partner && partner != NULL ? " at " : "",
        is_one_partner && partner != NULL ? partner : "", dbk_say_when(pair->effect).text,
        origin(index, wish, pair->first, !is_one_partner),
        origin(index, wish, pair->second, !is_one_partner), dbk_say_link(wish).text);
}

static int64_t deadline_of(const struct dbk_index *index, const struct dbk_pair *pair)
{
    const struct dbk_party *party = dbk_history_partner(index->history, pair->second->partner);

    return party == NULL || pair->effect->at_ms == DBK_ABSENT
               ? DBK_ABSENT
               : pair->effect->at_ms + party->profile.compensate_within_ms;
}

/* True if a pair was not settled (by that effect; NULL: never) in time, as far as is known. */
static bool is_late(const struct dbk_index *index, int64_t deadline, const struct dbk_seen *settled)
{
    bool has_rested = index->end != NULL && dbk_same(index->end->fact->fate, "rest");

    if (settled != NULL) {
        return deadline != DBK_ABSENT && settled->at_ms > deadline;
    }
    return has_rested ||
           (deadline != DBK_ABSENT && index->last_ms != DBK_ABSENT && index->last_ms > deadline);
}

/* True if a person was seen to have it once the two were there, and in time. */
static bool was_handed_over(const struct dbk_wish *wish, const struct dbk_pair *pair,
                            int64_t deadline)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *read = wish->facts[i];
        if (read->fact->kind == DBK_FACT_READ && dbk_same(read->fact->sync, "operator") &&
            !dbk_seen_before(read, pair->effect) &&
            (deadline == DBK_ABSENT || read->at_ms <= deadline)) {
            return true;
        }
    }
    return false;
}

/* Judges a pair the partner is to blame for: was it settled in time, or handed to a person? True if
 * it was. */
static bool was_settled(const struct dbk_index *index, const struct dbk_wish *wish,
                        const struct open *open, const struct dbk_seen *settled,
                        struct dbk_finding *finding)
{
    const struct dbk_pair *pair = &open->pair;
    int64_t deadline = deadline_of(index, pair);

    if (was_handed_over(wish, pair, deadline)) {
        return true;
    }
    if (!is_late(index, deadline, settled)) {
        bool is_told = index->end != NULL && dbk_same(index->end->fact->fate, "bound");
        if (settled == NULL && !is_told) {
            finding->missing =
                "whether one of two reservations was cancelled in time (effect, end)";
        }
        return true;
    }
    bool is_over = deadline != DBK_ABSENT && deadline <= index->last_ms;
    const struct dbk_seen *fault = open->broken.fault != NULL ? open->broken.fault : pair->effect;
    const size_t evidence[] = {pair->first->made->number, pair->effect->number, fault->number,
                               dbk_seen_number(settled), 0};
    dbk_finding_violated(
        finding, wish->name, is_over ? deadline : index->last_ms, evidence,
        "%s has had 2 live reservations since %s: %s and %s%s; the partner broke %s, but the core "
        "neither settled it within the promised time nor asked a person",
        wish->name, dbk_say_when(pair->effect).text, origin(index, wish, pair->first, true),
        origin(index, wish, pair->second, true), dbk_say_link(wish).text, open->broken.claim);
    return false;
}

/* The replay of a wish: since which effect each of its reservations is live; NULL: it is not. */
struct replay {
    const struct dbk_index *index;
    const struct dbk_wish *wish;
    const struct dbk_seen **since;
    size_t live;
    bool is_ordered;  /* of all effects it is known which came first */
    struct open open; /* the first pair that is owed in time */
    struct dbk_finding *finding;
};

/* True if it is known that one lies behind the other. */
static bool is_behind(const struct dbk_seen *one, const struct dbk_seen *other)
{
    return one->place > other->place && dbk_seen_ordered(one, other);
}

/* True if the reservation was live at that moment, if it became live no later: it never ended, or
 * is known to have ended later. */
static bool lasts_beyond(const struct dbk_wish *wish, const struct dbk_reservation *reservation,
                         const struct dbk_seen *since, const struct dbk_seen *moment)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *effect = wish->facts[i];
        if (effect->reservation == reservation && effect->place > since->place &&
            !dbk_state_is_live(effect->fact->state)) {
            return is_behind(effect, moment);
        }
    }
    return true;
}

/* True if the two are known to have been live together, though nobody may know which came first. */
static bool were_together(const struct replay *replay, const struct dbk_pair *pair)
{
    const struct dbk_seen *since = replay->since[pair->first - replay->wish->reservations];

    return lasts_beyond(replay->wish, pair->first, since, pair->effect) &&
           (dbk_seen_ordered(since, pair->effect) ||
            lasts_beyond(replay->wish, pair->second, pair->effect, since));
}

/* One has become live beside others: true unless it ought not to be. */
static bool take_another(struct replay *replay, size_t at)
{
    const struct dbk_wish *wish = replay->wish;

    for (size_t i = 0; i < wish->reservation_count && replay->live > 1; i++) {
        if (i == at || replay->since[i] == NULL) {
            continue;
        }
        const struct dbk_pair pair = {&wish->reservations[i], &wish->reservations[at],
                                      replay->since[at]};
        if (!replay->is_ordered && !were_together(replay, &pair)) {
            continue;
        }
        struct dbk_broken broken = dbk_promise_behind(replay->index, wish, &pair);
        if (broken.claim == NULL) {
            violated(replay->index, wish, &pair, replay->live, replay->finding);
            return false;
        }
        if (broken.fault == NULL) { /* no fact says so by itself */
            const char *who = pair.second->partner != NULL ? pair.second->partner : "a partner";
            dbk_outcome_broke(replay->finding->outcome, who, (int)strlen(who), broken.claim);
        }
        if (replay->open.pair.first == NULL) {
            replay->open = (struct open){pair, broken};
        }
    }
    return true;
}

/* The pair that is left of those that were live together with this one; first is NULL: none. */
static struct open next_open(const struct replay *replay, size_t kept)
{
    const struct dbk_wish *wish = replay->wish;
    size_t other = 0;

    while (other < wish->reservation_count && (other == kept || replay->since[other] == NULL)) {
        other++;
    }
    if (other == wish->reservation_count) {
        return (struct open){0};
    }
    bool is_kept_first = replay->since[kept]->place < replay->since[other]->place;
    size_t first = is_kept_first ? kept : other;
    size_t second = is_kept_first ? other : kept;
    const struct dbk_pair pair = {&wish->reservations[first], &wish->reservations[second],
                                  replay->since[second]};
    const struct dbk_broken broken = dbk_promise_behind(replay->index, wish, &pair);
    /* Of a pair that no broken promise is behind, nobody knows that the two were live together. */
    return broken.claim == NULL ? (struct open){0} : (struct open){pair, broken};
}

/* One has gone: true unless that comes too late. */
static bool lose_one(struct replay *replay, size_t at, const struct dbk_seen *effect)
{
    const struct dbk_reservation *gone = &replay->wish->reservations[at];
    const struct dbk_pair *pair = &replay->open.pair;

    if (pair->first == NULL || (pair->first != gone && pair->second != gone)) {
        return true;
    }
    if (!was_settled(replay->index, replay->wish, &replay->open, effect, replay->finding)) {
        return false;
    }
    const struct dbk_reservation *kept = pair->first == gone ? pair->second : pair->first;
    replay->open = next_open(replay, (size_t)(kept - replay->wish->reservations));
    return true;
}

static bool replay_effect(struct replay *replay, const struct dbk_seen *effect)
{
    const struct dbk_wish *wish = replay->wish;
    size_t at = (size_t)(effect->reservation - wish->reservations);
    bool was_live = replay->since[at] != NULL;
    bool is_live = dbk_state_is_live(effect->fact->state);

    if (was_live == is_live) {
        return true;
    }
    replay->since[at] = is_live ? effect : NULL;
    replay->live = is_live ? replay->live + 1 : replay->live - 1;
    return is_live ? take_another(replay, at) : lose_one(replay, at, effect);
}

/* True if of all effects of the wish it is known which came first. */
static bool has_order(const struct dbk_wish *wish)
{
    const struct dbk_seen *before = wish->reservations[0].made;
    bool is_ordered = true;

    for (size_t i = 0; i < wish->fact_count; i++) {
        if (wish->facts[i]->fact->kind == DBK_FACT_EFFECT) {
            is_ordered = is_ordered && dbk_seen_ordered(before, wish->facts[i]);
            before = wish->facts[i];
        }
    }
    return is_ordered;
}

static void check_wish(const struct dbk_index *index, const struct dbk_wish *wish,
                       struct dbk_finding *finding)
{
    struct replay replay = {
        .index = index, .wish = wish, .finding = finding, .is_ordered = has_order(wish)};
    bool is_well = true;

    replay.since = dbk_arena_alloc(index->arena, wish->reservation_count * sizeof(*replay.since));
    finding->missing = replay.is_ordered ? finding->missing : DBK_MISSING_ORDER;
    for (size_t i = 0; i < wish->fact_count && is_well; i++) {
        if (wish->facts[i]->fact->kind == DBK_FACT_EFFECT) {
            is_well = replay_effect(&replay, wish->facts[i]);
        }
    }
    if (is_well && replay.open.pair.first != NULL) {
        (void)was_settled(index, wish, &replay.open, NULL, finding);
    }
}

void dbk_check_single_reservation(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t violations = finding->outcome->violation_count;
    const char *missing = NULL;
    bool is_linked = dbk_index_is_linked(index);

    if (!dbk_index_tells_effects(index)) {
        finding->missing = DBK_MISSING_EFFECTS;
        return;
    }
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        bool is_at_risk =
            dbk_wish_doubt(wish) != NULL || wish->attempt_count > 1 || wish->reservation_count > 1;
        if (wish->is_unclear) {
            missing = DBK_MISSING_RESERVATION;
            continue;
        }
        finding->exposed += is_at_risk && (is_linked || wish->is_by_intent);
        if (wish->reservation_count > 1) {
            check_wish(index, wish, finding);
        }
    }
    missing = is_linked ? missing : DBK_MISSING_LINK;
    if (finding->outcome->violation_count > violations) {
        finding->missing = NULL;
    } else if (missing != NULL) {
        finding->missing = missing;
    }
}
