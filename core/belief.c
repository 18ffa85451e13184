#include "core/belief.h"

static bool callbacks_win(const struct dbk_policy *policy)
{
    return policy->rules[DBK_RULE_CALLBACK_ORDER] == DBK_CALLBACK_LAST_WINS;
}

static bool may_read(const struct dbk_policy *policy)
{
    return policy->rules[DBK_RULE_LOOK_UP] != DBK_LOOK_UP_NEVER;
}

/* A hint counts as word where the last callback wins, and where nobody will ever ask. */
static bool hint_counts(const struct dbk_known_reservation *reservation,
                        const struct dbk_policy *policy)
{
    return reservation->hint != DBK_THEIRS_UNREAD && (callbacks_win(policy) || !may_read(policy)) &&
           reservation->hints[reservation->hint].number > reservation->reading.number;
}

enum dbk_theirs dbk_believed(const struct dbk_known_reservation *reservation,
                             const struct dbk_policy *policy)
{
    bool is_hint = hint_counts(reservation, policy);
    enum dbk_theirs state = is_hint ? reservation->hint : reservation->reading.state;
    int64_t number = is_hint ? reservation->hints[state].number : reservation->reading.number;

    /* What a person was told by the partner's people, and a hold whose end has passed, is over,
     * unless something newer was heard of it since. */
    if (reservation->gone > number && dbk_theirs_is_live(state))
        return DBK_THEIRS_CANCELLED;
    return state == DBK_THEIRS_ON_HOLD && reservation->passed > number ? DBK_THEIRS_EXPIRED : state;
}

bool dbk_is_unverified(const struct dbk_known_reservation *reservation,
                       const struct dbk_policy *policy)
{
    return reservation->cancel_done > 0 && may_read(policy) &&
           policy->rules[DBK_RULE_TRUST_CANCEL] != DBK_TRUST_CANCEL_ALWAYS &&
           reservation->reading.attempt < reservation->cancel_done;
}

/* The newest news that differs from what was read and came after the question of that reading
 * left. A callback that only says again what was read takes nothing back of an earlier one: it may
 * be the older of the two. A thin one is always news. False: there is none. */
static bool has_news(const struct dbk_known_reservation *reservation,
                     const struct dbk_policy *policy, enum dbk_theirs *news)
{
    int64_t newest = 0;

    for (int state = 0; state < DBK_THEIR_STATES && may_read(policy); state++) {
        const struct dbk_hint *hint = &reservation->hints[state];
        bool is_thin = state == DBK_THEIRS_UNREAD;
        bool is_news = hint->number > reservation->reading.attempt && hint->number > newest &&
                       (is_thin || (!callbacks_win(policy) &&
                                    (enum dbk_theirs)state != reservation->reading.state));
        if (!is_news)
            continue;
        newest = hint->number;
        *news = (enum dbk_theirs)state;
    }
    return newest > 0;
}

static bool is_doubt(const struct dbk_known_request *create, const struct dbk_policy *policy)
{
    if (create->end != DBK_END_DOUBT)
        return false;
    if (create->is_missed && policy->rules[DBK_RULE_ABSENCE] == DBK_ABSENCE_FIRST_MISS)
        return false;
    if (create->http >= 500)
        return policy->rules[DBK_RULE_SERVER_ERROR] != DBK_SERVER_ERROR_FAILED;
    return policy->rules[DBK_RULE_ON_TIMEOUT] != DBK_ON_TIMEOUT_RESEND;
}

/* Which of several reservations is the booking's own: a confirmed one before a pending one before
 * a hold before one that we asked to cancel before one that is over. Of equals, the first we heard
 * of. */
static int closeness(const struct dbk_known_reservation *reservation, enum dbk_theirs state)
{
    if (state == DBK_THEIRS_NONE || state == DBK_THEIRS_UNREAD)
        return 0;
    if (!dbk_theirs_is_live(state))
        return 1;
    if (reservation->sent[DBK_CALL_CANCEL] > 0)
        return 2;
    return state == DBK_THEIRS_CONFIRMED ? 5 : state == DBK_THEIRS_PENDING ? 4 : 3;
}

static void find_own(struct dbk_belief *belief, const struct dbk_known *known,
                     const struct dbk_policy *policy)
{
    int best = 0;

    for (size_t i = 0; i < known->reservation_count; i++) {
        const struct dbk_known_reservation *reservation = &known->reservations[i];
        enum dbk_theirs state = dbk_believed(reservation, policy);
        int close = closeness(reservation, state);
        belief->live += dbk_theirs_is_live(state);
        if (close > best) {
            best = close;
            belief->own = reservation;
            belief->own_state = state;
        }
        if (!belief->unread && has_news(reservation, policy, &belief->news))
            belief->unread = reservation;
    }
    if (callbacks_win(policy) && known->called && known->last_called > known->last_read) {
        belief->is_callback_law = true;
        belief->own = known->called;
        belief->own_state = dbk_believed(known->called, policy);
    }
}

struct dbk_belief dbk_believe(const struct dbk_known *known, const struct dbk_policy *policy)
{
    struct dbk_belief belief = {
        .may_read = may_read(policy),
        .tells_early = policy->rules[DBK_RULE_TELL_CONFIRMED] == DBK_TELL_WHEN_ACCEPTED,
    };

    for (size_t i = 0; i < known->request_count; i++) {
        const struct dbk_known_request *create = &known->requests[i];
        if (create->call != DBK_CALL_CREATE)
            continue;
        if (create->end == DBK_END_OPEN)
            belief.open_create = create;
        if (!is_doubt(create, policy))
            continue;
        if (!belief.oldest_doubt)
            belief.oldest_doubt = create;
        belief.newest_doubt = create;
    }
    find_own(&belief, known, policy);
    return belief;
}
