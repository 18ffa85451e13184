/* money: what the ledger of charges and refunds owes to a booking's status.
 *
 * There is no payment provider: an entry is the whole of it, appended in the commit of the move
 * that calls for it. A booking's price is captured when it becomes confirmed and not before; what
 * was taken is given back when it is over, all of it unless the traveller cancelled after the
 * cut-off. An entry has a key that says what it is for ("capture", "refund"), so that whoever
 * tries again adds nothing. Next: money.c, pricing.h, case.c.
 */
#ifndef DBK_CORE_MONEY_H
#define DBK_CORE_MONEY_H

#include "core/inside.h"

/* Brings the ledger up to the status in memory; open->booking.charged follows. */
DBK_CHECKED bool dbk_money_follow(struct dbk_case *open);

/* A create is being sent, as evidence number `attempt`: under charge: when-sent that is paid. */
DBK_CHECKED bool dbk_money_on_send(struct dbk_case *open, int64_t attempt);

#endif
