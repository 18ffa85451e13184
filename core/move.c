#include "core/move.h"

#include <stdio.h>

/* True if the partner would not confirm its hold, which was given up for that. */
static bool was_refused(const struct dbk_known_reservation *own)
{
    const struct dbk_known_request *confirm = own->last[DBK_CALL_CONFIRM];

    return confirm && confirm->end == DBK_END_REFUSED;
}

/* Where the status ought to be, or `status` itself where nothing wants it elsewhere. */
static enum dbk_status wanted(enum dbk_status status, const struct dbk_known *known,
                              const struct dbk_belief *belief, const struct dbk_policy *policy)
{
    bool is_settled =
        !belief->oldest_doubt && !belief->open_create && !belief->unread && belief->live == 0;

    /* At a price that nobody agreed to it is never confirmed: it is given back (decide.c). */
    bool is_open = status == DBK_STATUS_RECEIVED || status == DBK_STATUS_PENDING;
    bool is_dearer = belief->own && belief->own->is_dearer && is_open;
    if (is_dearer && dbk_theirs_is_live(belief->own_state))
        return status;
    if (belief->own_state == DBK_THEIRS_CONFIRMED)
        return DBK_STATUS_CONFIRMED;
    if (belief->own_state == DBK_THEIRS_ON_HOLD && known->is_only_held)
        return DBK_STATUS_PENDING;
    if (belief->own_state == DBK_THEIRS_PENDING || belief->own_state == DBK_THEIRS_ON_HOLD)
        return belief->tells_early ? DBK_STATUS_CONFIRMED : DBK_STATUS_PENDING;
    for (size_t i = 0; i < known->reservation_count; i++)
        is_settled = is_settled && !dbk_is_unverified(&known->reservations[i], policy);
    /* A callback that is law waits for nothing. */
    if (!is_settled && !belief->is_callback_law)
        return status;
    if (belief->own_state == DBK_THEIRS_REJECTED)
        return DBK_STATUS_REJECTED;
    if (belief->own_state == DBK_THEIRS_EXPIRED)
        return DBK_STATUS_EXPIRED;
    if (belief->own_state == DBK_THEIRS_CANCELLED && !known->is_cancel_asked &&
        (is_dearer || was_refused(belief->own)))
        return DBK_STATUS_REJECTED;
    if (belief->own_state == DBK_THEIRS_CANCELLED || known->is_cancel_asked)
        return DBK_STATUS_CANCELLED;
    if (known->last_create && known->last_create->end == DBK_END_REFUSED)
        return DBK_STATUS_REJECTED;
    return known->said[DBK_DESK_REJECT] > 0 ? DBK_STATUS_REJECTED : status;
}

static void give_reason(struct dbk_move *move, const struct dbk_known *known,
                        const struct dbk_belief *belief)
{
    if (!belief->own) {
        snprintf(move->reason, sizeof(move->reason), "%s",
                 move->to == DBK_STATUS_CANCELLED
                     ? "the traveller cancelled and the partner holds nothing"
                 : known->said[DBK_DESK_REJECT] > 0 ? "a person gave it up"
                                                    : "the partner refused the create");
        return;
    }
    int length = snprintf(move->reason, sizeof(move->reason), "the partner says %s",
                          dbk_theirs_name(belief->own_state));
    bool is_read = belief->own->reading.state == belief->own_state && !belief->is_callback_law;
    const char *how = "callback";
    int64_t nth = 0;
    for (size_t i = 0; is_read && i < known->request_count; i++) {
        const struct dbk_known_request *request = &known->requests[i];
        if (request->number != belief->own->reading.attempt)
            continue;
        how = dbk_call_name(request->call);
        nth = request->nth;
    }
    if (nth)
        snprintf(move->reason + length, sizeof(move->reason) - (size_t)length, " (%s %lld)", how,
                 (long long)nth);
    else
        snprintf(move->reason + length, sizeof(move->reason) - (size_t)length, " (%s)", how);
}

struct dbk_move dbk_move(enum dbk_status status, const struct dbk_known *known,
                         const struct dbk_policy *policy)
{
    struct dbk_belief belief = dbk_believe(known, policy);
    enum dbk_status goal = wanted(status, known, &belief, policy);
    struct dbk_move move = {.to = belief.is_callback_law ? goal : dbk_status_towards(status, goal)};

    move.is_wanted = move.to != status;
    if (move.is_wanted)
        give_reason(&move, known, &belief);
    return move;
}
