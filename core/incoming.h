/* incoming: a request at the Booking API, and how it is answered. Not for other rooms.
 *
 * Handlers give false where the store failed, and answer in every other case. Next: api.c (routes),
 * api_holds.c, support.c, inbox.c.
 */
#ifndef DBK_CORE_INCOMING_H
#define DBK_CORE_INCOMING_H

#include "base/json.h"
#include "core/inside.h"
#include "core/pricing.h"

struct dbk_incoming {
    struct dbk_core *core;
    const struct dbk_event *event;
    char parts[3][DBK_PATH_PART]; /* of the path, as the route's pattern has them */
};

/* Takes the body. */
void dbk_incoming_answer(const struct dbk_incoming *call, int status, const char *type,
                         struct dbk_text *body);
/* Answers with a problem; gives true: a request that is refused was handled well. */
bool dbk_incoming_refuse(const struct dbk_incoming *call, int status, const char *detail);
enum dbk_language dbk_incoming_language(const struct dbk_incoming *call);
/* The same with a problem type of its own, for who must tell it from others. */
bool dbk_incoming_refuse_as(const struct dbk_incoming *call, int status, const char *type,
                            const char *detail);
void dbk_incoming_show(const struct dbk_incoming *call, int status,
                       const struct dbk_booking *booking);

/* Makes the booking's job due now and pokes the worker. */
DBK_CHECKED bool dbk_incoming_wake(struct dbk_core *core, int64_t row);

/* api.c: reads partner, product, slot and units into booking; else gives what is wrong. */
const char *dbk_incoming_read_wish(const cJSON *body, struct dbk_arena *arena,
                                   struct dbk_booking *booking);

/* quotes.c */
bool dbk_quotes_post(const struct dbk_incoming *call, const cJSON *body);
/* Sets price and currency of what may be sold now; else sets nothing. */
enum dbk_sale dbk_quotes_price(const struct dbk_core *core, struct dbk_booking *booking);
/* Answers why it may not be sold. */
bool dbk_quotes_refuse(const struct dbk_incoming *call, enum dbk_sale sale);
/* Gives the booking the price of the quote; else answers why not, with *is_good false. */
bool dbk_quotes_apply(const struct dbk_incoming *call, const char *id, struct dbk_booking *booking,
                      bool *is_good);
/* api_holds.c */
bool dbk_api_confirm(const struct dbk_incoming *call, const cJSON *body);
bool dbk_api_extend(const struct dbk_incoming *call, const cJSON *body);
bool dbk_api_leave(const struct dbk_incoming *call, const cJSON *body);
/* support.c */
bool dbk_support_list(const struct dbk_incoming *call, const cJSON *body);
bool dbk_support_move(const struct dbk_incoming *call, const cJSON *body);
bool dbk_support_detail(const struct dbk_incoming *call, const cJSON *body);
/* inbox.c */
bool dbk_inbox_post(const struct dbk_incoming *call, const cJSON *body);

#endif
