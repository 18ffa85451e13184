/* wish: what the partners' facts say of one wish: its creates, its reservations, its doubts.
 *
 * A create is *doubtful* if no usable answer reached the client: the request or the answer was
 * lost, the answer came when the client had gone, its fate is unknown, or it was a server error
 * that (by the profile, or for want of one) does not say "not booked".
 * Next: wish.c, then the checks.
 */
#ifndef DBK_RUNNER_CHECK_WISH_H
#define DBK_RUNNER_CHECK_WISH_H

#include "runner/check/index.h"

struct dbk_attempt {
    const struct dbk_seen *saw;        /* the create at the partner's door */
    const struct dbk_seen *answer;     /* its answer; NULL: nothing is known of one */
    const struct dbk_profile *profile; /* of that partner; NULL: not known */
    int64_t number;                    /* n-th create, as the partner counted, else as seen */
    bool is_doubtful;
};

struct dbk_reservation {
    const char *id, *partner;
    const struct dbk_seen *made, *last; /* first and latest EFFECT */
};

/* True if the answer is a server error by which the profile (NULL: not known) means that nothing
 * was booked: always, or where its body says so (state none). */
bool dbk_error_means_not_booked(const struct dbk_fact *answer, const struct dbk_profile *profile);

/* Fills attempts, reservations and faults of a wish whose facts stand, and puts the effects to
 * their reservations. Effects belong together by id. One without id that makes a reservation (it
 * has no state_before, and no cancel or change by itself is told) makes another one if its exchange
 * or its key is another; one that changes a reservation changes the only one of the partner that
 * may be meant. Where that cannot be told the wish is unclear.
 */
void dbk_wish_read(struct dbk_wish *wish, const struct dbk_index *index);

bool dbk_state_is_live(const char *state); /* on_hold, pending, confirmed */
bool dbk_fact_is(const struct dbk_fact *fact, enum dbk_fact_kind kind, const char *op);
/* True if an answer reached its client; also where nothing is said about that. */
bool dbk_answer_was_heard(const struct dbk_fact *answer);
/* True if a callback was delivered to somebody who said 2xx. */
bool dbk_callback_was_taken(const struct dbk_fact *answered);

/* True if a partner brought something about or said so: an effect, an answer or a callback that
 * arrived. */
bool dbk_fact_is_news(const struct dbk_fact *fact);

/* The first answer or callback by which the core was told of this effect, or NULL: it arrived, came
 * after it and names the state. With an index also by the list of a day, which is of no wish: who
 * asked for it, and for which booking, nobody knows. */
const struct dbk_seen *dbk_wish_told(const struct dbk_index *index, const struct dbk_wish *wish,
                                     const struct dbk_seen *effect);

/* The first doubtful attempt, or NULL. */
const struct dbk_attempt *dbk_wish_doubt(const struct dbk_wish *wish);
/* The first read that shows it with an operator, or NULL. */
const struct dbk_seen *dbk_wish_operator(const struct dbk_wish *wish);
/* Why the attempt is (or was then) in doubt: "its answer was lost". */
const char *dbk_attempt_doubt(const struct dbk_attempt *attempt);
/* When it left the client, as far as that is known. */
int64_t dbk_attempt_sent(const struct dbk_attempt *attempt);

#endif
