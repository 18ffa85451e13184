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

struct dbk_later {
    int64_t after_ms;  /* from the commit (for a cancel or look-up: from its handling) */
    const char *set;   /* new state of the reservation, or NULL: the ledger does not move */
    bool has_callback; /* made at that moment, says what is true then ... */
    const char *says;  /* ... unless it is to speak of a state it had before, as that came about;
                          one that it never had is a lie, told as DBK_LAPSE_CALLBACK_UNTRUE */
    int64_t held_ms;   /* on its way for so long */
    int64_t copies;    /* 1: once; n: n deliveries with the same id and body ... */
    int64_t apart_ms;  /* ... so far apart */
    int line;
};

struct dbk_rule {
    const char *id; /* "lagoon#1" */
    enum dbk_op op;
    int64_t attempt;    /* 0: any */
    const char *intent; /* NULL: any */
    int64_t times;      /* per intent; 0 is read as 1 */
    bool if_reached;
    const char *answers_state; /* create: commits in this state instead of the profile's; or NULL */
    const struct dbk_action *actions;
    size_t action_count;
    const struct dbk_later *laters;
    size_t later_count;
    int line;
};

/* True if the rule is meant for the attempt-th request of op for intent (NULL: of no known
 * intent). How often it has acted already is not asked. */
bool dbk_rule_is_for(const struct dbk_rule *rule, enum dbk_op op, const char *intent,
                     int64_t attempt);

#endif
