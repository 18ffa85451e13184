#include "core/evidence.h"

#include "core/names.h"

static const char *const call_names[DBK_CALLS] = {
    [DBK_CALL_NONE] = "",         [DBK_CALL_CREATE] = "create", [DBK_CALL_LOOK_UP] = "look-up",
    [DBK_CALL_GET] = "get",       [DBK_CALL_CANCEL] = "cancel", [DBK_CALL_CONFIRM] = "confirm",
    [DBK_CALL_EXTEND] = "extend",
};

static const char *const theirs_names[DBK_THEIR_STATES] = {
    [DBK_THEIRS_UNREAD] = "unread",       [DBK_THEIRS_NONE] = "none",
    [DBK_THEIRS_ON_HOLD] = "on_hold",     [DBK_THEIRS_PENDING] = "pending",
    [DBK_THEIRS_CONFIRMED] = "confirmed", [DBK_THEIRS_REJECTED] = "rejected",
    [DBK_THEIRS_CANCELLED] = "cancelled", [DBK_THEIRS_EXPIRED] = "expired",
};

static const char *const kind_names[DBK_EVIDENCE_KINDS] = {
    [DBK_EVIDENCE_ASKED] = "asked",
    [DBK_EVIDENCE_SENT] = "sent",
    [DBK_EVIDENCE_NOT_SENT] = "not-sent",
    [DBK_EVIDENCE_ANSWERED] = "answered",
    [DBK_EVIDENCE_REFUSED] = "refused",
    [DBK_EVIDENCE_IN_DOUBT] = "in-doubt",
    [DBK_EVIDENCE_FOUND] = "found",
    [DBK_EVIDENCE_NOTHING] = "nothing",
    [DBK_EVIDENCE_CALLBACK] = "callback",
    [DBK_EVIDENCE_CANCEL_ASKED] = "cancel-asked",
    [DBK_EVIDENCE_OPERATOR] = "operator",
    [DBK_EVIDENCE_MOVED] = "moved",
    [DBK_EVIDENCE_HOLD_ASKED] = "hold-asked",
    [DBK_EVIDENCE_CONFIRM_ASKED] = "confirm-asked",
    [DBK_EVIDENCE_EXTEND_ASKED] = "extend-asked",
    [DBK_EVIDENCE_PASSED] = "passed",
    [DBK_EVIDENCE_TOLD] = "told",
    [DBK_EVIDENCE_SAID] = "said",
};

const char *dbk_call_name(enum dbk_call call)
{
    return call_names[call];
}

enum dbk_call dbk_call_by_name(const char *name)
{
    return (enum dbk_call)dbk_name_index(call_names, DBK_CALLS, name);
}

const char *dbk_theirs_name(enum dbk_theirs state)
{
    return theirs_names[state];
}

enum dbk_theirs dbk_theirs_by_name(const char *name)
{
    return (enum dbk_theirs)dbk_name_index(theirs_names, DBK_THEIR_STATES, name);
}

const char *dbk_evidence_name(enum dbk_evidence_kind kind)
{
    return kind_names[kind];
}

enum dbk_evidence_kind dbk_evidence_by_name(const char *name)
{
    return (enum dbk_evidence_kind)dbk_name_index(kind_names, DBK_EVIDENCE_KINDS, name);
}
