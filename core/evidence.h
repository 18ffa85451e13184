/* evidence: one thing that happened to a booking; the core never overwrites what it knows.
 *
 * Each record is appended in the same commit as its effect on the booking and the work queue.
 * `number` counts a booking's records from 1; (booking, number) is a record's durable name.
 * Next: evidence.c (names), know.h.
 */
#ifndef DBK_CORE_EVIDENCE_H
#define DBK_CORE_EVIDENCE_H

#include <stdint.h>

/* A record's durable name as one number: booking << DBK_EVIDENCE_BITS | number. */
#define DBK_EVIDENCE_BITS 20
#define DBK_EVIDENCE_MAX ((1 << DBK_EVIDENCE_BITS) - 1)

/* What we ask of a partner. */
enum dbk_call {
    DBK_CALL_NONE,
    DBK_CALL_CREATE,
    DBK_CALL_LOOK_UP, /* what it holds under a reference, or on a date */
    DBK_CALL_GET,     /* one reservation by its id */
    DBK_CALL_CANCEL,
    DBK_CALL_CONFIRM, /* a hold */
    DBK_CALL_EXTEND,  /* a hold */
    DBK_CALLS
};

/* What a partner says of one of its reservations. */
enum dbk_theirs {
    DBK_THEIRS_UNREAD, /* heard of, never read */
    DBK_THEIRS_NONE,   /* asked for by id, and the partner knows no such reservation */
    DBK_THEIRS_ON_HOLD,
    DBK_THEIRS_PENDING,
    DBK_THEIRS_CONFIRMED,
    DBK_THEIRS_REJECTED,
    DBK_THEIRS_CANCELLED,
    DBK_THEIRS_EXPIRED,
    DBK_THEIR_STATES
};

/* What a person may decide; desk.h has the table. */
enum dbk_desk {
    DBK_DESK_LOOK_AGAIN,   /* the partner is asked once more */
    DBK_DESK_ABSENT,       /* nothing was booked by what is in doubt */
    DBK_DESK_GONE,         /* the reservation is cancelled */
    DBK_DESK_CANCEL_AGAIN, /* the reservation is cancelled once more */
    DBK_DESK_ACCEPT,       /* the wish to cancel is dropped */
    DBK_DESK_REJECT,       /* it is given up */
    DBK_DESKS
};

enum dbk_evidence_kind {
    DBK_EVIDENCE_ASKED,         /* the traveller asked for it */
    DBK_EVIDENCE_SENT,          /* a request to the partner was put into the outbox */
    DBK_EVIDENCE_NOT_SENT,      /* it certainly never reached the partner */
    DBK_EVIDENCE_ANSWERED,      /* all but a look-up: reservation, state, version, expires_ms */
    DBK_EVIDENCE_REFUSED,       /* create, cancel, confirm, extend: refused without effect */
    DBK_EVIDENCE_IN_DOUBT,      /* sent, and no usable answer; http where there was one */
    DBK_EVIDENCE_FOUND,         /* a look-up showed this reservation under this key */
    DBK_EVIDENCE_NOTHING,       /* a look-up showed nothing under this key */
    DBK_EVIDENCE_CALLBACK,      /* the partner called back: key, reservation, state, version */
    DBK_EVIDENCE_CANCEL_ASKED,  /* the traveller wants it cancelled */
    DBK_EVIDENCE_OPERATOR,      /* handed to a person */
    DBK_EVIDENCE_MOVED,         /* our status moved */
    DBK_EVIDENCE_HOLD_ASKED,    /* instead of ASKED: the traveller wants it held, to decide later */
    DBK_EVIDENCE_CONFIRM_ASKED, /* she has decided: it is to be confirmed */
    DBK_EVIDENCE_EXTEND_ASKED,  /* she wants more time */
    DBK_EVIDENCE_SAID, /* a person decided: text is the move and why, "look-again: ..." (desk.h) */
    DBK_EVIDENCE_TOLD, /* the traveller was told: text is which, left_by_ms by when she hears */
    DBK_EVIDENCE_PASSED, /* a deadline of ours passed: of a create (attempt), after which
                            nothing that it made can be left; of a hold (reservation) */
    DBK_EVIDENCE_KINDS
};

/* Strings are views of whoever made the record; NULL and 0 mean not known unless said. */
struct dbk_evidence {
    int64_t booking, number;
    int64_t at_ms; /* our wall clock */
    enum dbk_evidence_kind kind;
    enum dbk_call call;
    int64_t attempt;     /* number of the SENT record it belongs to; SENT: its own number */
    int64_t nth;         /* SENT: the n-th of its call for this booking, from 1 */
    int64_t left_by_ms;  /* SENT, IN_DOUBT: the latest moment at which it can have left */
    int64_t deadline_ms; /* SENT: no answer is taken after this */
    int64_t fence;       /* SENT: the lease under which it was sent */
    int64_t http;
    enum dbk_theirs state; /* IN_DOUBT: NONE where the answer says that nothing was made */
    int64_t version;       /* the partner's; DBK_ABSENT where it gives none */
    int64_t expires_ms;    /* on hold until then, by the partner's clock; 0: not said */
    const char *key, *reservation;
    int64_t amount;       /* ASKED, HOLD_ASKED: the whole price that was agreed; of a reservation:
                             the one that the partner names; minor units */
    const char *currency; /* of the amount; NULL: no price was named */
    const char *text;     /* one line for people */
};

const char *dbk_call_name(enum dbk_call call);        /* "", "create", "look-up", "get", ... */
enum dbk_call dbk_call_by_name(const char *name);     /* or DBK_CALLS */
const char *dbk_theirs_name(enum dbk_theirs state);   /* "unread", "none", "pending", ... */
enum dbk_theirs dbk_theirs_by_name(const char *name); /* or DBK_THEIR_STATES */
const char *dbk_evidence_name(enum dbk_evidence_kind kind);    /* "asked", "sent", ... */
enum dbk_evidence_kind dbk_evidence_by_name(const char *name); /* or DBK_EVIDENCE_KINDS */

#endif
