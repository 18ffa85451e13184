/* decide: what happens next with a booking, why, by when, and what is unsafe now.
 *
 * A pure function and total: every combination has an answer, the same for the worker that acts on
 * it and for the support screen that shows it. Callers apply all moves first (move.h).
 * Rest and sync agreed go together, as do operator and sync operator. Next: decide.c, worker.c.
 */
#ifndef DBK_CORE_DECIDE_H
#define DBK_CORE_DECIDE_H

#include "base/time.h"
#include "core/belief.h"
#include "core/status.h"

#define DBK_CREATES_MAX 5 /* sent without a person; then an operator */

enum dbk_next {
    DBK_NEXT_SEND,
    DBK_NEXT_RESEND,     /* a create once more; key NULL: under a new one */
    DBK_NEXT_LOOK_UP,    /* reservation set: that one by its id; else what is under the key */
    DBK_NEXT_WAIT,       /* until by_ms, or news */
    DBK_NEXT_CANCEL,     /* the reservation, because the traveller wants it */
    DBK_NEXT_COMPENSATE, /* the reservation, because we must not hold it */
    DBK_NEXT_CONFIRM,    /* the reservation, which is on hold */
    DBK_NEXT_EXTEND,     /* the reservation, which is on hold */
    DBK_NEXT_GIVE_UP,    /* attempt or reservation: what it held is over by all that was promised;
                            that is evidence, and then to be decided anew */
    DBK_NEXT_OPERATOR,
    DBK_NEXT_REST,
    DBK_NEXTS
};

const char *dbk_next_name(enum dbk_next step); /* "look-up", ... */

struct dbk_question {
    enum dbk_status status; /* after all moves */
    const struct dbk_known *known;
    const struct dbk_profile *profile;
    const struct dbk_policy *policy;
    int64_t now_ms;        /* wall */
    int64_t not_before_ms; /* the partner wants no request before; 0: it has not said */
};

#define DBK_DECISION_CLAIMS 3

struct dbk_decision {
    enum dbk_next step;
    enum dbk_sync sync;      /* how our word and the partner's relate now */
    int64_t from_ms, by_ms;  /* wall; WAIT: both later than now; jitter picks a moment between */
    const char *key;         /* RESEND, LOOK_UP; view of the evidence */
    const char *reservation; /* LOOK_UP, CANCEL, COMPENSATE, CONFIRM, EXTEND, GIVE_UP; view */
    int64_t attempt;         /* GIVE_UP: number of the create; 0: the reservation is meant */
    int64_t held_until_ms;   /* the partner holds it until then; 0: it is not on hold */
    const char *claims[DBK_DECISION_CLAIMS]; /* of the profile, on which it rests; NULL behind the
                                                last; constants */
    int64_t limit_ms; /* then it is known, or a person decides; 0: nothing is open */
    char reason[200];
    char unsafe[160]; /* "" where nothing is */
};

struct dbk_decision dbk_decide(const struct dbk_question *question);

/* Capped exponential: the pause after the nth try, from 1. */
int64_t dbk_back_off_ms(const struct dbk_policy *policy, int64_t nth);

#endif
