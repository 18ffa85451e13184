/* checks: the functions behind the table of check.c, one file per family.
 *
 * Each file's head comment states its rules exactly. Next: reservations.c, reads.c, requests.c,
 * doubts.c, callbacks.c, money.c, ending.c.
 */
#ifndef DBK_RUNNER_CHECK_CHECKS_H
#define DBK_RUNNER_CHECK_CHECKS_H

#include "runner/check/check.h"
#include "runner/check/wish.h"

/* What checks miss where no read, or none of use, is known. */
#define DBK_MISSING_READS "what users and support were shown (read with status)"
#define DBK_MISSING_CHARGES "what was charged, of what price (read with amount and price)"
#define DBK_MISSING_EFFECTS "what became of reservations at the partner (effect)"
#define DBK_MISSING_LINK "which reservation belongs to which booking (intent or key)"
#define DBK_MISSING_RESERVATION "which reservation an effect is of (reservation)"
#define DBK_MISSING_ORDER "what came first at different ends (at_ms, or clocks in the head)"
#define DBK_MISSING_END "how the run ended (end)"

/* reservations.c */
void dbk_check_single_reservation(const struct dbk_index *index, struct dbk_finding *finding);
/* reads.c */
void dbk_check_no_phantom_confirm(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_no_status_regression(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_one_truth(const struct dbk_index *index, struct dbk_finding *finding);
/* requests.c */
void dbk_check_idempotent_api(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_durable_ack(const struct dbk_index *index, struct dbk_finding *finding);
/* doubts.c */
void dbk_check_doubt_is_respected(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_operator_only_when_needed(const struct dbk_index *index,
                                         struct dbk_finding *finding);
/* callbacks.c */
void dbk_check_callback_once(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_callback_authentic(const struct dbk_index *index, struct dbk_finding *finding);
/* money.c */
void dbk_check_charge_once(const struct dbk_index *index, struct dbk_finding *finding);
/* partner_rules.c */
void dbk_check_partner_rules(const struct dbk_index *index, struct dbk_finding *finding);
/* ending.c */
void dbk_check_store_intact(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_settles(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_agrees_with_partner(const struct dbk_index *index, struct dbk_finding *finding);
void dbk_check_rests(const struct dbk_index *index, struct dbk_finding *finding);

#endif
