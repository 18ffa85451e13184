/* proof: what the client could know of a create that was in doubt, and from which fact on.
 *
 * A create is in doubt from its sending until the first of:
 *   - its answer was delivered: a state, a refusal (4xx) or nothing known of its content; a server
 *     error only if the profile says that it means "not booked", or if there is no profile;
 *   - its partner answered a look-up or get of that wish, or a list of a day, and showed a
 *     reservation of the wish that the create may have made; or the partner showed none (2xx, 404
 *     or state none) where the question was sent no earlier than the create's sending plus
 *     commit_within plus visible_within (where one of the two sendings is known only by its
 *     arrival, max_skew earlier will do; without profile or time any will do);
 *   - its partner's callback about such a reservation of the wish left and was answered 2xx;
 *   - a read shows it with an operator;
 *   - a fault `refuse-connection` on its own exchange: it certainly never arrived.
 * A create cannot have made what was there before it was sent, unless that came of a create which
 * the partner takes for the same (it dedupes, and the keys may be the same). Whatever of this is
 * not known speaks for an end. Next: proof.c, doubts.c.
 */
#ifndef DBK_RUNNER_CHECK_PROOF_H
#define DBK_RUNNER_CHECK_PROOF_H

#include "runner/check/wish.h"

/* True for a look-up or get at a partner, or its answer. */
bool dbk_proof_is_question(const struct dbk_fact *fact, enum dbk_fact_kind kind);

struct dbk_proof { /* the questions and lists of a history, each in an order of its own */
    const struct dbk_seen **questions; /* look-ups and gets that have an exchange */
    size_t question_count;
    const struct dbk_seen **lists; /* answers of no wish that tell of reservations */
    size_t list_count;
};

/* Borrows the index and takes memory from its arena. */
void dbk_proof_init(struct dbk_proof *proof, const struct dbk_index *index);

/* The fact that ended the doubt about an attempt of the wish, or NULL: nothing did. */
const struct dbk_seen *dbk_proof_of(const struct dbk_proof *proof, const struct dbk_wish *wish,
                                    const struct dbk_attempt *attempt);

#endif
