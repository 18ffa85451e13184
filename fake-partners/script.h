/* script: what a fake partner does besides keeping its profile; rules as data.
 *
 * A rule fires for the exchange its `when` matches, once per intent unless `times` says more;
 * attempt n is the n-th request of an operation for that intent to reach the partner's door.
 * `later` happens by itself, `after` counted from the commit, to each reservation the exchange
 * made (or else to the one it spoke of). Next: script.c, partner.c.
 */
#ifndef DBK_FAKE_PARTNERS_SCRIPT_H
#define DBK_FAKE_PARTNERS_SCRIPT_H

#include "fake-partners/fault.h"

/* What set, says and answers may name: the states of the dialect, NULL-terminated. */
extern const char *const dbk_reservation_states[];

/* The table's own text for a state, so that it outlives the caller's; NULL if there is no such. */
const char *dbk_reservation_state(const char *name);

struct dbk_action {
    enum dbk_fault fault;
    int64_t duration_ms; /* by, for */
    int64_t http;        /* status; 0: 500 */
    const char *reason;  /* refuse: "sold-out" */
    int line;
};

/* How long a chosen fault lasts that has a duration: past the patience of any client, within it, or
 * beyond the bound whose keeping the profile promises. */
#define DBK_FAULT_LASTS_LONG_MS 30000
#define DBK_FAULT_LASTS_SHORT_MS 5000

/* A choice at DBK_SITE_EXCHANGE_FAULT is below this: 0 is none; k the k-th fault, long where it
 * lasts; DBK_FAULTS + k the k-th fault, short; 2 * DBK_FAULTS + k the k-th fault, long beyond its
 * bound. */
#define DBK_FAULT_CHOICES (3 * DBK_FAULTS + 1)

/* The action that such a choice is for an exchange of op with a partner of that profile; false if
 * it is none: 0, a fault that makes no sense for op, or a length that the fault does not have. */
DBK_CHECKED bool dbk_action_of_choice(uint32_t taken, enum dbk_op op,
                                      const struct dbk_profile *profile, struct dbk_action *action);

/* What makes a callback one that a partner never sent, or not like that. */
enum dbk_forgery {
    DBK_FORGERY_NONE,
    DBK_FORGERY_UNSIGNED, /* without token or signature */
    DBK_FORGERY_WRONG_KEY,
    DBK_FORGERY_OLD_KEY, /* of a key that is no longer in use */
    DBK_FORGERY_STALE,   /* rightly signed, an hour ago: recorded and played back */
    DBK_FORGERY_CHANGED, /* the body was written anew after it was signed */
    DBK_FORGERIES
};

const char *dbk_forgery_name(enum dbk_forgery forgery); /* "wrong-key"; NULL for none */
enum dbk_forgery dbk_forgery_by_name(const char *name); /* or DBK_FORGERIES */

struct dbk_later {
    int64_t after_ms;  /* from the commit (for a cancel or look-up: from its handling) */
    const char *set;   /* new state of the reservation, or NULL: the ledger does not move */
    bool has_callback; /* made at that moment, says what is true then ... */
    const char *says;  /* ... unless it is to speak of a state it had before, as that came about;
                          one that it never had is a lie, told as DBK_LAPSE_CALLBACK_UNTRUE */
    int64_t held_ms;   /* on its way for so long */
    int64_t copies;    /* 1: once; n: n deliveries with the same id and body ... */
    int64_t apart_ms;  /* ... so far apart */
    bool is_lost;      /* an own callback (see struct dbk_rule) that never leaves */
    enum dbk_forgery
        forged;      /* it is not the partner that sends it; what it says need not be true */
    bool is_rotated; /* signed with the old key as well, as while keys are changed */
    int line;
};

/* What may become of a callback that a partner sends by itself: told as faults under these names.
 * None of them breaks a promise: callbacks are hints, and a forger is not the partner. */
enum dbk_callback_fault {
    DBK_CALLBACK_LOST,   /* it never leaves */
    DBK_CALLBACK_HELD,   /* on its way for so long */
    DBK_CALLBACK_COPIED, /* delivered more than once */
    DBK_CALLBACK_OLDER,  /* speaks of a state before the one that made it leave */
    DBK_CALLBACK_FORGED, /* somebody else sends one in the partner's name */
    DBK_CALLBACK_FAULTS
};

struct dbk_callback_fault_row {
    const char *name;     /* "lost-callback" */
    const char *said_by;  /* where a scenario says it, for people: "callbacks: [ { lost } ]" */
    const char *sentence; /* what happens, for people */
};

extern const struct dbk_callback_fault_row dbk_callback_faults[DBK_CALLBACK_FAULTS];
enum dbk_callback_fault dbk_callback_fault_by_name(const char *name); /* or DBK_CALLBACK_FAULTS */

/* The row that names what happens to a callback, or DBK_CALLBACK_FAULTS where nothing does. */
enum dbk_callback_fault dbk_callback_fault_of(const struct dbk_later *callback);

/* A choice at DBK_SITE_CALLBACK_FAULT, from 1: what becomes of the callback (only is_lost, says,
 * held_ms, copies, apart_ms and forged are set; beside a forged one the partner's own goes as
 * well). older: the state it was in before, or NULL: none. False if the choice is none: 0, or an
 * older state where there is none. */
#define DBK_CALLBACK_CHOICES 8
DBK_CHECKED bool dbk_callback_of_choice(uint32_t taken, const char *older,
                                        struct dbk_later *callback);

struct dbk_rule {
    const char *id; /* "lagoon#1" */
    enum dbk_op op;
    int64_t attempt;    /* 0: any */
    const char *intent; /* NULL: any */
    int64_t times;      /* per intent; 0 is read as 1 */
    bool if_reached;
    const char
        *answers_state; /* create, confirm: commits in this state, not the profile's; or NULL */
    const struct dbk_action *actions;
    size_t action_count;
    const struct dbk_later *laters;
    size_t later_count;
    /* What becomes of the callbacks that it would send by itself on account of the exchange: of the
     * first, the second, ...; after_ms, set and has_callback say nothing there. */
    const struct dbk_later *callbacks;
    size_t callback_count;
    int line;
};

/* True if the rule is meant for the attempt-th request of op for intent (NULL: of no known
 * intent). How often it has acted already is not asked. */
bool dbk_rule_is_for(const struct dbk_rule *rule, enum dbk_op op, const char *intent,
                     int64_t attempt);

#endif
