/* promises: which broken promise of a partner is behind two live reservations of one wish.
 *
 * A promise is known to be broken by a fault that says so (its claim), or by the partner's own
 * facts, since a partner's log tells no faults. Each is tied to the exchange it was broken in:
 *
 *   one-create-one-reservation  one create made both
 *   dedupes-by-reference        repeats under a key that the partner takes once made both
 *   error-means                 the create that made the first was answered 5xx, "not booked"
 *   cancel-takes-effect         a cancel of the first was said to be done before the second
 *   commits-within              the create that made one of them was committed too late
 *   visible-within              look-ups did not show what the create of the first had made
 *
 * Where it is not known which exchange a fault is of, or which made a reservation, a fault that may
 * be meant counts. One that came after the second was there is behind nothing.
 * Next: promises.c, reservations.c.
 */
#ifndef DBK_RUNNER_CHECK_PROMISES_H
#define DBK_RUNNER_CHECK_PROMISES_H

#include "runner/check/wish.h"

struct dbk_pair { /* two reservations of one wish, both live */
    const struct dbk_reservation *first, *second;
    const struct dbk_seen *effect; /* which made the second live */
};

struct dbk_broken {
    const char *claim;            /* NULL: no promise was broken */
    const struct dbk_seen *fault; /* that says so; NULL: the partner's own facts show it */
};

struct dbk_broken dbk_promise_behind(const struct dbk_index *index, const struct dbk_wish *wish,
                                     const struct dbk_pair *pair);

/* The create that made the reservation, or NULL. */
const struct dbk_attempt *dbk_promise_maker(const struct dbk_wish *wish,
                                            const struct dbk_reservation *reservation);

#endif
