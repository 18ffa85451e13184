#include "runner/check/wish.h"

#include <string.h>

bool dbk_state_is_live(const char *state)
{
    return dbk_same(state, "on_hold") || dbk_same(state, "pending") || dbk_same(state, "confirmed");
}

bool dbk_fact_is(const struct dbk_fact *fact, enum dbk_fact_kind kind, const char *op)
{
    return fact->kind == kind && dbk_same(fact->op, op);
}

bool dbk_answer_was_heard(const struct dbk_fact *answer)
{
    return answer->fate == NULL || dbk_same(answer->fate, "delivered");
}

bool dbk_callback_was_taken(const struct dbk_fact *answered)
{
    return answered->kind == DBK_FACT_CALLBACK_ANSWERED && !dbk_same(answered->fate, "lost") &&
           (answered->http == DBK_ABSENT || (answered->http >= 200 && answered->http < 300));
}

/* An answer belongs to a request by exchange; where a log has none, by partner and attempt, else by
 * partner and key, the next one. */
static bool answers(const struct dbk_seen *answer, const struct dbk_seen *saw)
{
    const struct dbk_fact *one = answer->fact;
    const struct dbk_fact *other = saw->fact;

    if (!dbk_fact_is(one, DBK_FACT_ANSWER, other->op)) {
        return false;
    }
    if (one->exchange != NULL && other->exchange != NULL) {
        return dbk_same(one->exchange, other->exchange);
    }
    if (!dbk_same(one->who, other->who)) {
        return false;
    }
    if (one->attempt != DBK_ABSENT && other->attempt != DBK_ABSENT) {
        return one->attempt == other->attempt;
    }
    return dbk_same(one->key, other->key) && answer->place > saw->place;
}

bool dbk_error_means_not_booked(const struct dbk_fact *answer, const struct dbk_profile *profile)
{
    if (profile == NULL || answer->http < 500) {
        return false;
    }
    return profile->server_error == DBK_ERROR_IS_NOT_BOOKED ||
           (profile->server_error == DBK_ERROR_IS_TOLD && dbk_same(answer->state, "none"));
}

static bool is_doubtful(const struct dbk_attempt *attempt)
{
    const struct dbk_fact *answer = attempt->answer == NULL ? NULL : attempt->answer->fact;

    if (dbk_same(attempt->saw->fact->fate, "lost")) {
        return true;
    }
    if (answer == NULL) {
        return false;
    }
    if (dbk_same(answer->fate, "lost") || dbk_same(answer->fate, "late") ||
        dbk_same(answer->fate, "unknown")) {
        return true;
    }
    return answer->http >= 500 && !dbk_error_means_not_booked(answer, attempt->profile);
}

static void read_attempt(struct dbk_wish *wish, size_t at, const struct dbk_history *history)
{
    const struct dbk_seen *saw = wish->facts[at];
    const struct dbk_party *party = dbk_history_partner(history, saw->fact->who);
    struct dbk_attempt *attempt = &wish->attempts[wish->attempt_count++];

    *attempt = (struct dbk_attempt){
        .saw = saw,
        .profile = party == NULL ? NULL : &party->profile,
        .number =
            saw->fact->attempt != DBK_ABSENT ? saw->fact->attempt : (int64_t)wish->attempt_count,
    };
    for (size_t i = at; i < wish->fact_count && attempt->answer == NULL; i++) {
        attempt->answer = answers(wish->facts[i], saw) ? wish->facts[i] : NULL;
    }
    attempt->is_doubtful = is_doubtful(attempt);
}

static bool differs(const char *one, const char *other)
{
    return one != NULL && other != NULL && !dbk_same(one, other);
}

static bool makes_one(const struct dbk_fact *effect)
{
    return effect->state_before == NULL && (effect->by == NULL || dbk_same(effect->by, "create")) &&
           (effect->state == NULL || dbk_state_is_live(effect->state));
}

/* True if the effect may be of the reservation though one of the two has no id. */
static bool may_be_of(const struct dbk_fact *effect, const struct dbk_reservation *reservation)
{
    const struct dbk_fact *made = reservation->made->fact;
    const char *state = reservation->last->fact->state;

    if ((effect->reservation != NULL && reservation->id != NULL) ||
        !dbk_same(effect->who, reservation->partner) || differs(effect->key, made->key)) {
        return false;
    }
    return makes_one(effect) ? !differs(effect->exchange, made->exchange)
                             : !differs(effect->state_before, state);
}

static struct dbk_reservation *by_id(const struct dbk_wish *wish, const struct dbk_fact *effect)
{
    for (size_t i = 0; i < wish->reservation_count && effect->reservation != NULL; i++) {
        if (dbk_same(wish->reservations[i].id, effect->reservation) &&
            dbk_same(wish->reservations[i].partner, effect->who)) {
            return &wish->reservations[i];
        }
    }
    return NULL;
}

/* The reservation made so far that the effect is of; NULL: another one. */
static struct dbk_reservation *find_reservation(struct dbk_wish *wish,
                                                const struct dbk_fact *effect)
{
    struct dbk_reservation *found = by_id(wish, effect);
    bool is_by_id = found != NULL;

    for (size_t i = 0; i < wish->reservation_count && !is_by_id; i++) {
        if (may_be_of(effect, &wish->reservations[i])) {
            wish->is_unclear = wish->is_unclear || found != NULL || makes_one(effect);
            found = found == NULL ? &wish->reservations[i] : found;
        }
    }
    return found;
}

static struct dbk_reservation *read_effect(struct dbk_wish *wish, const struct dbk_seen *effect)
{
    struct dbk_reservation *reservation = find_reservation(wish, effect->fact);

    if (reservation == NULL) {
        reservation = &wish->reservations[wish->reservation_count++];
        *reservation = (struct dbk_reservation){.partner = effect->fact->who, .made = effect};
    }
    if (reservation->id == NULL) {
        reservation->id = effect->fact->reservation;
    }
    reservation->last = effect;
    return reservation;
}

static bool breaks_promise(const struct dbk_fact *fact)
{
    return fact->kind == DBK_FACT_FAULT && fact->claim != NULL;
}

bool dbk_fact_is_news(const struct dbk_fact *fact)
{
    return fact->kind == DBK_FACT_EFFECT ||
           (fact->kind == DBK_FACT_ANSWER && dbk_answer_was_heard(fact)) ||
           dbk_callback_was_taken(fact);
}

void dbk_wish_read(struct dbk_wish *wish, const struct dbk_index *index)
{
    struct dbk_arena *arena = index->arena;
    size_t creates = 0;
    size_t effects = 0;
    size_t faults = 0;

    for (size_t i = 0; i < wish->fact_count; i++) {
        creates += dbk_fact_is(wish->facts[i]->fact, DBK_FACT_SAW, "create");
        effects += wish->facts[i]->fact->kind == DBK_FACT_EFFECT;
        faults += breaks_promise(wish->facts[i]->fact);
    }
    wish->attempts = dbk_arena_alloc(arena, (creates + 1) * sizeof(*wish->attempts));
    wish->reservations = dbk_arena_alloc(arena, (effects + 1) * sizeof(*wish->reservations));
    wish->faults = dbk_arena_alloc(arena, (faults + 1) * sizeof(*wish->faults));
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *seen = wish->facts[i];
        if (dbk_fact_is(seen->fact, DBK_FACT_SAW, "create")) {
            read_attempt(wish, i, index->history);
        } else if (seen->fact->kind == DBK_FACT_EFFECT) {
            index->seen[seen->place].reservation = read_effect(wish, seen);
        } else if (breaks_promise(seen->fact)) {
            wish->faults[wish->fault_count++] = seen;
        }
    }
}

static bool is_after(const struct dbk_seen *told, const struct dbk_seen *effect)
{
    return dbk_fact_is_news(told->fact) && told->fact->kind != DBK_FACT_EFFECT &&
           told->place > effect->place && dbk_seen_ordered(effect, told);
}

/* True if "LA-1=confirmed,LA-2=cancelled" says so of this one. */
static bool lists(const char *text, const char *id, const char *state)
{
    size_t length = strlen(id);

    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t entry = strcspn(at, ",");
        if (entry == length + 1 + strlen(state) && strncmp(at, id, length) == 0 &&
            at[length] == '=' && strncmp(at + length + 1, state, strlen(state)) == 0) {
            return true;
        }
        at += entry + (at[entry] == ',');
    }
    return false;
}

/* True if the list of a day names the reservation in this state. */
static bool list_tells(const struct dbk_seen *list, const struct dbk_seen *effect)
{
    const struct dbk_fact *fact = list->fact;
    const struct dbk_fact *what = effect->fact;

    if (fact->kind != DBK_FACT_ANSWER || !dbk_same(fact->who, what->who) ||
        what->reservation == NULL || what->state == NULL) {
        return false;
    }
    return (dbk_same(fact->reservation, what->reservation) && dbk_same(fact->state, what->state)) ||
           lists(fact->text, what->reservation, what->state);
}

const struct dbk_seen *dbk_wish_told(const struct dbk_index *index, const struct dbk_wish *wish,
                                     const struct dbk_seen *effect)
{
    const struct dbk_seen *first = NULL;

    for (size_t i = 0; i < wish->fact_count && first == NULL; i++) {
        const struct dbk_seen *told = wish->facts[i];
        const struct dbk_fact *fact = told->fact;
        bool is_of_it =
            fact->reservation == NULL || dbk_same(fact->reservation, effect->fact->reservation);
        if (is_after(told, effect) &&
            ((is_of_it && fact->state != NULL && dbk_same(fact->state, effect->fact->state)) ||
             list_tells(told, effect))) {
            first = told;
        }
    }
    for (size_t i = 0; index != NULL && i < index->common_count; i++) {
        const struct dbk_seen *list = index->common[i];
        if (first != NULL && list->place > first->place) {
            break;
        }
        if (is_after(list, effect) && list_tells(list, effect)) {
            return list;
        }
    }
    return first;
}

const struct dbk_attempt *dbk_wish_doubt(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->attempt_count; i++) {
        if (wish->attempts[i].is_doubtful) {
            return &wish->attempts[i];
        }
    }
    return NULL;
}

const struct dbk_seen *dbk_wish_operator(const struct dbk_wish *wish)
{
    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_fact *fact = wish->facts[i]->fact;
        if (fact->kind == DBK_FACT_READ && dbk_same(fact->sync, "operator")) {
            return wish->facts[i];
        }
    }
    return NULL;
}

const char *dbk_attempt_doubt(const struct dbk_attempt *attempt)
{
    const struct dbk_fact *answer = attempt->answer == NULL ? NULL : attempt->answer->fact;

    if (dbk_same(attempt->saw->fact->fate, "lost")) {
        return "it never got past the partner's door";
    }
    if (answer == NULL || dbk_same(answer->fate, "unknown")) {
        return "nobody knows whether its answer arrived";
    }
    if (dbk_same(answer->fate, "lost")) {
        return "its answer was lost";
    }
    if (dbk_same(answer->fate, "late")) {
        return "its answer came too late";
    }
    return attempt->is_doubtful ? "its answer was a server error" : "its answer had not come yet";
}

int64_t dbk_attempt_sent(const struct dbk_attempt *attempt)
{
    return dbk_seen_asked(attempt->saw);
}
