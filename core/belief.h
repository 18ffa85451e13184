/* belief: what a policy makes of what is known.
 *
 * know.h says what was heard; here the policy says what counts: whether an unanswered create is a
 * doubt, whose word a callback is, which of two reservations is the booking's own. move and
 * decide both read it, so that they cannot differ. Next: belief.c, move.h, decide.h.
 */
#ifndef DBK_CORE_BELIEF_H
#define DBK_CORE_BELIEF_H

#include "core/know.h"
#include "core/policy.h"

struct dbk_belief {
    const struct dbk_known_request *oldest_doubt, *newest_doubt; /* creates, or NULL */
    const struct dbk_known_request *open_create;                 /* or NULL */
    const struct dbk_known_reservation *own;    /* the booking's own reservation, or NULL */
    enum dbk_theirs own_state;                  /* UNREAD: there is none, or nothing to go by yet */
    const struct dbk_known_reservation *unread; /* a callback's news that a reading must confirm */
    enum dbk_theirs news;                       /* what that callback says; UNREAD: it is thin */
    size_t live;                                /* reservations believed live */
    bool may_read;                              /* the policy asks partners what they have */
    bool tells_early;     /* the policy calls it confirmed as soon as the partner accepted it */
    bool is_callback_law; /* own_state is what the last callback said, table or not */
};

struct dbk_belief dbk_believe(const struct dbk_known *known, const struct dbk_policy *policy);

/* What is believed of one reservation. */
enum dbk_theirs dbk_believed(const struct dbk_known_reservation *reservation,
                             const struct dbk_policy *policy);

/* True if its cancel was answered "done" and the policy wants to see that for itself first. */
bool dbk_is_unverified(const struct dbk_known_reservation *reservation,
                       const struct dbk_policy *policy);

#endif
