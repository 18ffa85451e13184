/* status: what we say of a booking, and the only moves it may make.
 *
 * One column, one truth; beside it stands sync, which says how our word and the partner's relate.
 * Every screen and message derives from the two. Next: status.c (the table), move.h.
 */
#ifndef DBK_CORE_STATUS_H
#define DBK_CORE_STATUS_H

#include <stdbool.h>

enum dbk_status {
    DBK_STATUS_RECEIVED,
    DBK_STATUS_PENDING,
    DBK_STATUS_CONFIRMED,
    DBK_STATUS_CANCELLED,
    DBK_STATUS_REJECTED,
    DBK_STATUS_EXPIRED,
    DBK_STATUSES
};

enum dbk_sync {
    DBK_SYNC_UNSENT,    /* the partner knows nothing of it */
    DBK_SYNC_IN_FLIGHT, /* a create is on its way, its answer not yet due */
    DBK_SYNC_IN_DOUBT,  /* a create was sent and got no usable answer */
    DBK_SYNC_WAITING,   /* it is the partner's turn */
    DBK_SYNC_AGREED,    /* both say the same; nothing is left to do */
    DBK_SYNC_DISAGREED, /* they do not, and it is being put right */
    DBK_SYNC_OPERATOR,  /* a person must decide */
    DBK_SYNCS
};

const char *dbk_status_name(enum dbk_status status);  /* "received", ... */
enum dbk_status dbk_status_by_name(const char *name); /* or DBK_STATUSES */
const char *dbk_sync_name(enum dbk_sync sync);        /* "in_flight", ... */
enum dbk_sync dbk_sync_by_name(const char *name);     /* or DBK_SYNCS */

/* True if the table has this one move. */
bool dbk_status_may_move(enum dbk_status from, enum dbk_status to);

/* True if a row of moves leads there; one move at least. */
bool dbk_status_reaches(enum dbk_status from, enum dbk_status to);

/* The first move on the way, or `from` itself where no way leads there. */
enum dbk_status dbk_status_towards(enum dbk_status from, enum dbk_status to);

bool dbk_status_is_final(enum dbk_status status); /* rejected, expired, cancelled */

#endif
