/* connector: how the core speaks with partners of the dialect "direct".
 *
 * Our own reading of the interface they publish; no code is shared with the partners. Builds
 * requests and reads answers, and holds nothing. An answer counts only if it is wholly
 * understood: whatever else comes back is unusable, which leaves the outcome unknown - it is
 * never taken for a failure. Next: connector.c, worker.c.
 */
#ifndef DBK_CORE_CONNECTOR_H
#define DBK_CORE_CONNECTOR_H

#include "base/message.h"
#include "base/profile.h"
#include "core/store.h"

enum dbk_answer_kind {
    DBK_ANSWER_RESERVATIONS, /* what it says of our reservations; for a look-up maybe of none */
    DBK_ANSWER_REFUSED,      /* certainly without effect */
    DBK_ANSWER_UNUSABLE      /* the outcome is unknown */
};

struct dbk_their_reservation {
    const char *id, *reference;
    enum dbk_theirs state;
    int64_t version;      /* DBK_ABSENT: it gives none */
    int64_t expires_ms;   /* on hold until then; 0: not said */
    int64_t amount;       /* the whole price, minor units */
    const char *currency; /* NULL: it names no price */
};

struct dbk_answer {
    enum dbk_answer_kind kind;
    struct dbk_their_reservation *reservations;
    size_t count;
    bool says_not_made; /* UNUSABLE: it says that nothing was made; where that is to be believed */
    const char *text;   /* why it was refused or is unusable; for our records, not for travellers */
    int64_t retry_ms;   /* it wants no request for so long; 0: it does not say */
    bool is_slow_down;  /* it is asked too often, and did nothing */
};

struct dbk_asking {
    enum dbk_call call;
    const char *key;         /* create; look-up by reference */
    const char *reservation; /* get, cancel, confirm, extend */
    const char *const *keys; /* the booking's keys: which of a listing's reservations are ours */
    size_t key_count;
};

/* Gives the request (dbk_message_free). starts_ms: when the booked slot starts. */
struct dbk_message *dbk_connector_request(const struct dbk_asking *asking,
                                          const struct dbk_booking *booking,
                                          const struct dbk_profile *profile, int64_t starts_ms);

/* Strings of the result live in the arena. now_ms: wall, for dates that it names. */
struct dbk_answer dbk_connector_read(const struct dbk_asking *asking,
                                     const struct dbk_message *message, int64_t now_ms,
                                     struct dbk_arena *arena);

struct dbk_their_callback {
    const char *event; /* NULL: it gives no id */
    struct dbk_their_reservation reservation;
};

/* False where it cannot be used at all. */
DBK_CHECKED bool dbk_connector_read_callback(const struct dbk_message *message,
                                             struct dbk_arena *arena,
                                             struct dbk_their_callback *callback);

#endif
