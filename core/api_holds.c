#include "core/incoming.h"

/* POST /bookings/{id}/confirm, /extend, /leave: what the traveller makes of a hold. */

static bool is_held(const struct dbk_case *open)
{
    return open->known.is_only_held && !open->known.is_cancel_asked &&
           !dbk_status_is_final(open->booking.status);
}

/* Opens the case that is asked for; else answers, and gives false in *is_open. */
static bool open_held(const struct dbk_incoming *call, struct dbk_case *open, bool *is_open)
{
    enum dbk_found found = dbk_case_open_id(call->core, call->parts[0], open);

    *is_open = found == DBK_FOUND;
    if (*is_open)
        dbk_case_know(open);
    return found == DBK_NOT_FOUND ? dbk_incoming_refuse(call, 404, "there is no such booking")
                                  : *is_open;
}

/* What the traveller wants is evidence; the worker makes it so. */
static bool record_wish(const struct dbk_incoming *call, struct dbk_case *open,
                        enum dbk_evidence_kind wish)
{
    struct dbk_decision decision;

    if (!dbk_case_add(open, (struct dbk_evidence){.kind = wish, .version = DBK_ABSENT}) ||
        !dbk_case_settle(open, &decision) || !dbk_case_save(open) ||
        !dbk_incoming_wake(call->core, open->booking.row))
        return false;
    dbk_incoming_show(call, 202, &open->booking);
    return true;
}

bool dbk_api_confirm(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_case open;
    bool is_open = false, is_answered = open_held(call, &open, &is_open);

    (void)body;
    if (!is_open)
        return is_answered;
    if (is_held(&open))
        return record_wish(call, &open, DBK_EVIDENCE_CONFIRM_ASKED);
    if (dbk_status_is_final(open.booking.status) || open.known.is_cancel_asked)
        return dbk_incoming_refuse(call, 409, "it is no longer held; book it again");
    dbk_incoming_show(call, open.booking.status == DBK_STATUS_CONFIRMED ? 200 : 202, &open.booking);
    return true;
}

bool dbk_api_extend(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_case open;
    bool is_open = false, is_answered = open_held(call, &open, &is_open);

    (void)body;
    if (!is_open)
        return is_answered;
    if (!is_held(&open))
        return dbk_incoming_refuse(call, 409, "it is not held, or no longer");
    if (open.profile->extend == DBK_EXTEND_NONE)
        return dbk_incoming_refuse(call, 409, "this partner holds nothing for longer");
    return record_wish(call, &open, DBK_EVIDENCE_EXTEND_ASKED);
}

bool dbk_api_leave(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_case open;
    bool is_open = false, is_answered = open_held(call, &open, &is_open);

    (void)body;
    if (!is_open)
        return is_answered;
    if (is_held(&open))
        return record_wish(call, &open, DBK_EVIDENCE_CANCEL_ASKED);
    if (!dbk_status_is_final(open.booking.status) && !open.known.is_cancel_asked)
        return dbk_incoming_refuse(call, 409, "it is not only held; cancel it");
    dbk_incoming_show(call, 200, &open.booking);
    return true;
}
