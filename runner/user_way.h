/* user_way: what is held on the way between persons and the system, until it is due.
 *
 * A list without a will of its own: user.c says what is held and what becomes of it.
 * Next: user_way.c, user_fault.h.
 */
#ifndef DBK_RUNNER_USER_WAY_H
#define DBK_RUNNER_USER_WAY_H

#include "base/history.h"
#include "base/message.h"

enum dbk_held_kind {
    DBK_HELD_REQUEST, /* leaves when it is due */
    DBK_HELD_COPY,    /* the same of a request that was repeated */
    DBK_HELD_ANSWER,  /* is read when it is due */
    DBK_HELD_END      /* the page gives up */
};

struct dbk_held {
    enum dbk_held_kind kind;
    uint64_t asked;              /* the caller's number of the request */
    size_t person;               /* the caller's number of who waits */
    int64_t due_ms;              /* mono */
    struct dbk_message *message; /* owned; of END none */
};

/* Zero-initialise. */
struct dbk_user_way {
    struct dbk_held *items; /* owned, in the order in which they were held */
    size_t count, capacity;
};

void dbk_user_way_hold(struct dbk_user_way *way, struct dbk_held held); /* takes its message */

/* Gives, and forgets, the first that is due for a person (earliest first; of one time, as held);
 * its message is the caller's. False: nothing is due. */
DBK_CHECKED bool dbk_user_way_take(struct dbk_user_way *way, size_t person, int64_t now_ms,
                                   struct dbk_held *held);

/* When the next is due for a person; DBK_ABSENT: nothing is held for her. */
int64_t dbk_user_way_due(const struct dbk_user_way *way, size_t person);

void dbk_user_way_clear(struct dbk_user_way *way); /* forgets all */
void dbk_user_way_reset(struct dbk_user_way *way); /* frees */

#endif
