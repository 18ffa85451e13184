/* know: the partner's side as known, joined from evidence.
 *
 * A join: order and repetition of evidence do not matter, so a late, repeated or overtaking
 * message cannot make us forget. Nothing here knows a policy or the time; what to make of a doubt
 * stands in belief.h. Next: know.c, belief.h.
 *
 * What is believed of a reservation is its newest *reading*: by the partner's version where the
 * profile promises a counter, else by when the question left. A callback without a version is a
 * *hint*: it says that something is to be read, not what is true now; a thin one says no more.
 * Before and after among ourselves go by the records' numbers, our commit order, which no clock can
 * confuse.
 */
#ifndef DBK_CORE_KNOW_H
#define DBK_CORE_KNOW_H

#include "base/profile.h"
#include "core/evidence.h"

/* How a request of ours ended; a later value beats an earlier one when there are several. */
enum dbk_end {
    DBK_END_OPEN,       /* no answer yet */
    DBK_END_NOT_BOOKED, /* an error, and the profile promises that it means: not booked */
    DBK_END_DOUBT,      /* sent, and no usable answer */
    DBK_END_NOT_SENT,
    DBK_END_REFUSED,
    DBK_END_ANSWERED,
    DBK_END_ABSENT, /* was in doubt; absence is proven, or what it held must be over by now */
    DBK_END_FOUND   /* was in doubt; what it made was found, or called back about */
};

struct dbk_known_request {
    int64_t number, nth; /* of its SENT record */
    enum dbk_call call;
    const char *key;         /* create, look-up by reference */
    const char *reservation; /* get, cancel */
    int64_t sent_at_ms, left_by_ms, deadline_ms;
    int64_t ended_at_ms; /* DBK_ABSENT while open */
    enum dbk_end end;
    int64_t http;            /* of an answer that was no use; 0: none */
    int64_t absent_after_ms; /* create: a look-up sent from then on proves absence */
    bool is_missed;          /* create: a later look-up showed nothing under its key */
};

struct dbk_reading {
    enum dbk_theirs state; /* UNREAD: there is no reading */
    int64_t version;       /* -1: none, or not promised */
    int64_t attempt;       /* number of the request that read it; a callback: 0; none: -1 */
    int64_t number, at_ms; /* of the record that says so */
    int64_t expires_ms;    /* ON_HOLD: until then; 0: not said */
};

/* The newest callback without a version that names a state. */
struct dbk_hint {
    int64_t number, at_ms; /* of its record; 0: there is none */
};

struct dbk_known_reservation {
    const char *id, *key;
    int64_t first_at_ms; /* when we first heard of it */
    struct dbk_reading reading;
    enum dbk_theirs hint; /* what the newest callback without version says; UNREAD: none */
    /* By what it says: a later one may be older news. UNREAD: of a thin one, which says nothing. */
    struct dbk_hint hints[DBK_THEIR_STATES];
    int64_t sent[DBK_CALLS]; /* requests about it: CANCEL only those that may have left */
    const struct dbk_known_request *last[DBK_CALLS]; /* of each, or NULL */
    int64_t gone, cancel_again; /* numbers of the newest moves about it; 0: none */
    bool is_dearer; /* the partner named a higher price than was agreed, or another currency */
    int64_t passed; /* newest record that says that its hold's end has passed; 0: none */
    int64_t cancel_done, cancel_done_at_ms; /* newest record that says a cancel was done; 0: none */
};

struct dbk_known {
    struct dbk_known_request *requests; /* by number */
    size_t request_count;
    struct dbk_known_reservation *reservations; /* by first_at_ms, then id */
    size_t reservation_count;
    int64_t creates;                             /* create requests that may have left */
    const struct dbk_known_request *last_create; /* or NULL */
    const struct dbk_known_request *in_air;      /* the newest open request, or NULL */
    const struct dbk_known_reservation *called;  /* of the newest callback that was a hint */
    int64_t last_called, last_read; /* numbers of the newest hint and reading; 0: none */
    bool is_cancel_asked, is_with_operator;
    bool is_only_held;           /* the traveller has it held and has not decided yet */
    int64_t extend_asked;        /* number of the newest wish for more time; 0: none */
    int64_t said[DBK_DESKS];     /* numbers of the newest moves that a person made; 0: none */
    const char *handed_over_for; /* why a person must decide; view, or NULL */
};

/* Everything in the result is allocated in the arena or is a view of the evidence. */
struct dbk_known dbk_know(const struct dbk_evidence *evidence, size_t count,
                          const struct dbk_profile *profile, struct dbk_arena *arena);

/* True for on hold, pending and confirmed. */
bool dbk_theirs_is_live(enum dbk_theirs state);

#endif
