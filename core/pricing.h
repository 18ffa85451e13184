/* pricing: may it be sold, until when, and what does it cost.
 *
 * Pure functions over what the core was told of a partner's catalogue. Money is whole minor units
 * of its currency, in 64 bits, and an amount that does not fit is refused, never rounded. Whether
 * seats are left only the partner knows, so that is not asked here. Next: pricing.c, money.h.
 */
#ifndef DBK_CORE_PRICING_H
#define DBK_CORE_PRICING_H

#include "base/catalogue.h"

#include <stdbool.h>

#define DBK_UNITS_MAX 100

enum dbk_sale {
    DBK_SALE_GOOD,
    DBK_SALE_UNKNOWN,  /* there is no such product or slot */
    DBK_SALE_UNITS,    /* less than 1 or more than DBK_UNITS_MAX */
    DBK_SALE_CLOSED,   /* its cut-off has passed */
    DBK_SALE_TOO_DEAR, /* the price does not fit into 64 bits */
    DBK_SALES
};

struct dbk_sale_wish {
    const char *product, *slot;
    int64_t units, now_ms; /* wall */
};

struct dbk_sale_terms { /* views of the catalogue */
    const struct dbk_product *product;
    const struct dbk_slot *slot;
    int64_t closes_ms; /* wall: neither sold nor given back from then on */
    int64_t price;     /* of all units */
};

/* *terms is set as far as is known: all of it where the sale is good, product, slot and closes_ms
 * unless it is unknown. */
enum dbk_sale dbk_pricing_sale(const struct dbk_product *products, size_t count,
                               const struct dbk_sale_wish *wish, struct dbk_sale_terms *terms);

const char *dbk_pricing_refusal(enum dbk_sale sale); /* a sentence for the traveller; good: NULL */

/* How many digits of an amount stand behind the point (ISO 4217): JPY 0, EUR 2, TND 3. */
int dbk_pricing_precision(const char *currency);

/* What is given back of what was charged when the traveller cancels at asked_ms: all before the
 * cut-off, nothing from then on. */
int64_t dbk_pricing_refund(int64_t charged, int64_t asked_ms, int64_t closes_ms);

#endif
