/* exchange: one request at a partner's door, from its arrival to the fate of its answer.
 *
 * This header is the inside of a partner: only partner.c, door.c, exchange.c, hold.c,
 * callback.c and signature.c include it. Faults in time are made by putting things off: what is not
 * done at once becomes a pending thing with a due time, and the partner asks for one wake, at the
 * earliest of them. The points of an exchange (fault.h) come up in the order of door.c, exchange.c,
 * callback.c. Next: those, then partner.c (the queue and the port).
 */
#ifndef DBK_FAKE_PARTNERS_EXCHANGE_H
#define DBK_FAKE_PARTNERS_EXCHANGE_H

#include "fake-partners/direct.h"
#include "fake-partners/partner.h"

#define DBK_EXCHANGE_SUBJECTS 2

/* Lives in the partner's arena, as do its strings. */
struct dbk_exchange {
    uint64_t id;       /* the stage's */
    const char *label; /* "lagoon/trip/create#1" */
    const char *from;
    int64_t left_ms; /* mono: when it left its sender, or else arrived */
    struct dbk_direct_request request;
    const char *intent, *key; /* or NULL */
    int64_t attempt;
    const struct dbk_rule *rule;      /* that acts on it, or NULL */
    const struct dbk_action *actions; /* of the rule, or the chosen one */
    size_t action_count;
    struct dbk_action chosen;
    struct dbk_reservation *subjects[DBK_EXCHANGE_SUBJECTS]; /* made by it, or spoken of */
    size_t subject_count;
    struct dbk_reservation *const *shown; /* in full by the answer, with their times */
    size_t shown_count;
    bool has_made;              /* the subjects were made by this exchange */
    bool has_confirmed;         /* the subject was on hold before it */
    bool was_told_late;         /* the door has said that its commit will be */
    int64_t callback_count;     /* made on its account, or lost instead */
    struct dbk_message *answer; /* owned while it is put off; else NULL */
    struct dbk_fact about;      /* of the answer */
};

/* A callback as made; its copies say the same. Lives in the partner's arena. */
struct dbk_callback {
    const char *id;      /* event id, or the lineage where the profile has no ids */
    const char *lineage; /* "lagoon/trip/create#1/callback#1" */
    const char *body;
    const char *state; /* what it says */
    bool is_untrue;    /* its reservation has never had that state */
    enum dbk_forgery forged;
    bool is_rotated;
    const struct dbk_rule *rule; /* that made it, at line; NULL: made by itself */
    int line;
    struct dbk_reservation *reservation;
    int64_t made_ms; /* mono */
    int64_t copies;  /* deliveries that it was made for; more where nobody takes it */
};

enum dbk_pending_kind {
    DBK_PENDING_CARRY_OUT, /* exchange: handle it now */
    DBK_PENDING_ANSWER,    /* exchange: its answer leaves now */
    DBK_PENDING_LATER,     /* exchange, reservation, later */
    DBK_PENDING_SETTLE,    /* exchange, reservation: pending ends by itself */
    DBK_PENDING_EXPIRE,    /* exchange, reservation: a hold ends by itself */
    DBK_PENDING_CALLBACK   /* callback, nth: one delivery leaves */
};

struct dbk_pending {
    int64_t due_ms; /* mono */
    enum dbk_pending_kind kind;
    struct dbk_exchange *exchange;
    struct dbk_reservation *reservation;
    const struct dbk_later *later;
    const struct dbk_callback *callback;
    int64_t nth;
    int64_t tries; /* CALLBACK: deliveries before that nobody took */
};

/* What the door remembers of one intent; intent NULL: of all requests without one. */
struct dbk_visitor {
    const char *intent;
    int64_t seen[DBK_OPS]; /* [DBK_OP_ANY]: requests of no operation */
    int64_t *acted;        /* by rule, in the arena */
};

struct dbk_seen_reference {
    const char *reference, *intent;
};

/* A callback on its way; its number from 1 is the tag of the send. */
struct dbk_delivery {
    const struct dbk_callback *callback;
    int64_t nth, tries;
};

struct dbk_partner {
    struct dbk_partner_config config;
    char reservation_site[128], event_site[128]; /* where ids are drawn */
    struct dbk_arena arena;
    struct dbk_ledger ledger;
    struct dbk_pending *pendings; /* owned, by due time, then in the order they were put */
    size_t pending_count, pending_capacity;
    struct dbk_visitor *visitors; /* owned */
    size_t visitor_count, visitor_capacity;
    struct dbk_seen_reference *references; /* owned */
    size_t reference_count, reference_capacity;
    struct dbk_delivery *deliveries; /* owned */
    size_t delivery_count, delivery_capacity;
    int64_t event_count;
    int64_t wake_ms; /* asked for last and not yet come; DBK_ABSENT: none */
};

/* One step of a partner: where it happens and where its effects go. */
struct dbk_moment {
    struct dbk_partner *partner;
    const struct dbk_now *now;
    const struct dbk_chooser *chooser;
    struct dbk_effects *effects;
};

/* partner.c: puts a thing off; it happens in this very step if it is due already. */
void dbk_partner_put_off(struct dbk_partner *partner, const struct dbk_pending *pending);

/* partner.c: what was put off of this kind for the reservation will not happen. */
void dbk_partner_call_off(struct dbk_partner *partner, enum dbk_pending_kind kind,
                          const struct dbk_reservation *reservation);

/* partner.c: room for one more in a list of the partner; gives the list, perhaps moved. */
void *dbk_partner_grow(void *items, size_t count, size_t *capacity, size_t size);

/* door.c: a request arrives, is recognised and counted, and may get lost or be held. */
void dbk_door_opens(const struct dbk_moment *moment, const struct dbk_event *event);

/* exchange.c: handles the request and sends off its answer. */
void dbk_exchange_carry_out(const struct dbk_moment *moment, struct dbk_exchange *exchange);

/* The answer that was put off leaves now. */
void dbk_exchange_answers(const struct dbk_moment *moment, struct dbk_exchange *exchange);

/* The action of a fault on this exchange, or NULL; one that makes no sense for its op is none. */
const struct dbk_action *dbk_exchange_wants(const struct dbk_exchange *exchange,
                                            enum dbk_fault fault);

/* A fact that names the exchange. */
struct dbk_fact dbk_exchange_fact(const struct dbk_exchange *exchange, enum dbk_fact_kind kind);

/* Says that a fault took effect, after which something took so long (dbk_fault_breaks). Gives the
 * claim that this broke, or NULL. */
const char *dbk_exchange_tell_fault(const struct dbk_moment *moment,
                                    const struct dbk_exchange *exchange,
                                    const struct dbk_action *action, int64_t took_ms);

/* Says that a lapse took effect; fact names what it is about, by (NULL: the row's word) and line.
 */
void dbk_exchange_tell_lapse(const struct dbk_moment *moment, enum dbk_lapse lapse,
                             struct dbk_fact fact);

/* A message leaves whole that shows the reservation and so the partner's clock. */
void dbk_exchange_tell_clock(const struct dbk_moment *moment, struct dbk_reservation *reservation);

/* Says that a reservation is no longer as before (NULL: it was made). */
void dbk_exchange_tell_effect(const struct dbk_moment *moment,
                              const struct dbk_reservation *reservation, const char *before,
                              const char *by, const struct dbk_exchange *exchange);

/* Answers with a reservation, as it is or as the exchange says it is. */
struct dbk_message *dbk_exchange_show(const struct dbk_moment *moment,
                                      struct dbk_exchange *exchange, int status,
                                      const struct dbk_reservation *reservation);

/* hold.c: a create has made a hold; it is confirmed, extended, or ends. */
void dbk_hold_begins(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                     struct dbk_reservation *reservation);
void dbk_hold_is_given_up(const struct dbk_moment *moment,
                          const struct dbk_reservation *reservation);
struct dbk_message *dbk_hold_confirm(const struct dbk_moment *moment,
                                     struct dbk_exchange *exchange);
struct dbk_message *dbk_hold_extend(const struct dbk_moment *moment, struct dbk_exchange *exchange);
void dbk_hold_ends(const struct dbk_moment *moment, const struct dbk_pending *pending);

/* callback.c: what happens by itself. */
void dbk_later_comes(const struct dbk_moment *moment, const struct dbk_pending *pending);
void dbk_later_settles(const struct dbk_moment *moment, const struct dbk_pending *pending);
/* signature.c: marks a callback that leaves as the partner's, or as whoever forges it can. */
void dbk_callback_mark(const struct dbk_moment *moment, const struct dbk_callback *callback,
                       struct dbk_message *request);
void dbk_callback_leaves(const struct dbk_moment *moment, const struct dbk_pending *pending);
void dbk_callback_answered(const struct dbk_moment *moment, const struct dbk_event *event);

#endif
