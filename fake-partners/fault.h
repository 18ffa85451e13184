/* fault: the vocabulary of what can go wrong in one exchange with a partner, as one table.
 *
 * Points of an exchange: request on its way -> arrived -> before the commit -> the commit ->
 * after it -> answer on its way -> callbacks. A row says at which point it stands, on which
 * side of the commit, who makes it, and which promise it breaks - always, or only from the
 * profile's bound on. One table feeds parser, `list faults` and legend.
 *
 * A bound counts from where the promise does, not from where the fault stands: a create "sent at t"
 * is late at t + commit_within, however much of that it spent on its way, and a look-up has to show
 * what is visible_within old when the look-up is sent. The stage says how long a request was on its
 * way where it knows (the simulation does); elsewhere its arrival counts, and a story that comes
 * closer to a bound than the live stage can tell apart is not played there (runner/live_plan.c).
 * "Before" is meant: on the bound's own millisecond the promise is broken.
 *
 * A second table has the lapses: what breaks a promise although no row of `do` made it.
 * Next: fault.c, script.h.
 */
#ifndef DBK_FAKE_PARTNERS_FAULT_H
#define DBK_FAKE_PARTNERS_FAULT_H

#include "base/profile.h"

enum dbk_op {
    DBK_OP_ANY,
    DBK_OP_CREATE,
    DBK_OP_LOOK_UP,
    DBK_OP_GET,
    DBK_OP_CANCEL,
    DBK_OP_CONFIRM, /* of a hold */
    DBK_OP_EXTEND,  /* of a hold */
    DBK_OPS
};
const char *dbk_op_name(enum dbk_op op);      /* "any", "create", "look-up", "get", ... */
enum dbk_op dbk_op_by_name(const char *name); /* or DBK_OPS */

enum dbk_fault {
    DBK_FAULT_LOSE_REQUEST,        /* never arrives; the client waits in silence */
    DBK_FAULT_DELAY_REQUEST,       /* { by: }: held on its way, then arrives */
    DBK_FAULT_REFUSE,              /* { reason: sold-out }: a refusal without effect */
    DBK_FAULT_SLOW_DOWN,           /* { for: }: too many requests, come again later; no effect */
    DBK_FAULT_ERROR_BEFORE_COMMIT, /* { status: 500 }: no effect */
    DBK_FAULT_COMMIT_LATE,         /* { by: }: works on; commits and answers so much later */
    DBK_FAULT_BOOK_TWICE,          /* one create, two reservations */
    DBK_FAULT_ERROR_AFTER_COMMIT,  /* { status: 500 }: booked, and says error */
    DBK_FAULT_LOSE_ANSWER,         /* done, never answered */
    DBK_FAULT_DELAY_ANSWER,        /* { by: }: done, answered so much later */
    DBK_FAULT_RESET_ANSWER,        /* done, the connection breaks instead of an answer */
    DBK_FAULT_CLOSE_ANSWER,        /* done, the connection ends without a byte */
    DBK_FAULT_CUT_ANSWER,          /* done, the answer's body ends in the middle */
    DBK_FAULT_NOT_VISIBLE,         /* { for: }: look-ups do not show what this create made */
    DBK_FAULT_SAY_DONE_DO_NOTHING, /* a cancel answered as done, without effect */
    DBK_FAULT_KEEP_HOLD,           /* the hold that this create makes never ends by itself */
    DBK_FAULTS
};

enum dbk_fault_side { DBK_SIDE_BEFORE, DBK_SIDE_AFTER, DBK_SIDE_NONE };

struct dbk_fault_row {
    const char *name;         /* "lose-answer" */
    const char *point;        /* "answer on its way" */
    enum dbk_fault_side side; /* of the commit */
    const char *made_by;      /* partner | wire */
    const char *breaks;       /* claim id, or NULL */
    const char *unless;       /* knob of the bound from which on it breaks that, or NULL: always */
    const char *argument;     /* NULL, "by", "for", "status", "reason" */
    bool argument_needed;
    unsigned ops;         /* bit set of 1u << enum dbk_op it makes sense for */
    const char *sentence; /* what happens, for people */
};

extern const struct dbk_fault_row dbk_faults[DBK_FAULTS];
enum dbk_fault dbk_fault_by_name(const char *name); /* or DBK_FAULTS */

/* The claim that this fault breaks under this profile when it made something take so long, or NULL.
 * took_ms counts from the sending of the request to its commit, with whatever else held it up; for
 * not-visible from the commit to the sending of the look-up that passed over it. */
const char *dbk_fault_breaks(enum dbk_fault fault, int64_t took_ms,
                             const struct dbk_profile *profile);

/* The bound from which on a fault of some length breaks a promise; 0 where length does not matter.
 */
int64_t dbk_fault_bound(enum dbk_fault fault, const struct dbk_profile *profile);

/* Told as faults, under these names, when they take effect; they are no rows of a script, and
 * nothing waits for them to fire. */
enum dbk_lapse {
    DBK_LAPSE_BEYOND_COMMIT_WITHIN, /* a commit is late and no fault of its exchange told so */
    DBK_LAPSE_CALLBACK_UNTRUE,      /* `says` names a state that the reservation never had */
    DBK_LAPSE_CALLBACK_UNPROMISED,  /* a script calls back where the profile has no callbacks */
    DBK_LAPSE_BOOKS_OTHERWISE,      /* `answers` names another state than the profile's books_as */
    DBK_LAPSE_CLOCK_OFF,            /* a message shows a clock that is off beyond max_skew */
    DBK_LAPSE_HOLD_CUT_SHORT,       /* a script ends a hold before its time */
    DBK_LAPSE_CONFIRMS_OTHERWISE,   /* `answers` names another state than confirms_as */
    DBK_LAPSES
};

struct dbk_lapse_row {
    const char *name;     /* "beyond-commit-within" */
    const char *said_by;  /* where a scenario says it, for people: "profile" */
    const char *breaks;   /* claim id */
    const char *sentence; /* what happens, for people */
};

extern const struct dbk_lapse_row dbk_lapses[DBK_LAPSES];

#endif
