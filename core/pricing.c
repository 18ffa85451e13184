#include "core/pricing.h"

#include "base/text.h"

static const char *const refusals[DBK_SALES] = {
    [DBK_SALE_UNKNOWN] = "there is no such partner, product or slot",
    [DBK_SALE_UNITS] = "units must be 1 to 100",
    [DBK_SALE_CLOSED] = "it can no longer be booked: it starts too soon, or has started",
    [DBK_SALE_TOO_DEAR] = "the price of so many cannot be told",
};

/* Those of ISO 4217 that do not have two digits. */
static const struct {
    const char *currency;
    int precision;
} precisions[] = {
    {"BHD", 3}, {"BIF", 0}, {"CLF", 4}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"IQD", 3},
    {"ISK", 0}, {"JOD", 3}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"KWD", 3}, {"LYD", 3},
    {"OMR", 3}, {"PYG", 0}, {"RWF", 0}, {"TND", 3}, {"UGX", 0}, {"UYI", 0}, {"UYW", 4},
    {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0},
};

static bool find(const struct dbk_product *products, size_t count, const struct dbk_sale_wish *wish,
                 struct dbk_sale_terms *terms)
{
    for (size_t p = 0; p < count; p++)
        for (size_t s = 0; s < products[p].slot_count; s++)
            if (dbk_same(products[p].id, wish->product) &&
                dbk_same(products[p].slots[s].id, wish->slot)) {
                terms->product = &products[p];
                terms->slot = &products[p].slots[s];
                return true;
            }
    return false;
}

enum dbk_sale dbk_pricing_sale(const struct dbk_product *products, size_t count,
                               const struct dbk_sale_wish *wish, struct dbk_sale_terms *terms)
{
    *terms = (struct dbk_sale_terms){0};
    if (!find(products, count, wish, terms))
        return DBK_SALE_UNKNOWN;
    terms->closes_ms = terms->slot->starts_ms - terms->product->cutoff_ms;
    if (wish->units < 1 || wish->units > DBK_UNITS_MAX)
        return DBK_SALE_UNITS;
    if (wish->now_ms >= terms->closes_ms)
        return DBK_SALE_CLOSED;
    return __builtin_mul_overflow(terms->product->price, wish->units, &terms->price)
               ? DBK_SALE_TOO_DEAR
               : DBK_SALE_GOOD;
}

const char *dbk_pricing_refusal(enum dbk_sale sale)
{
    return refusals[sale];
}

int dbk_pricing_precision(const char *currency)
{
    for (size_t i = 0; i < DBK_COUNT(precisions); i++)
        if (dbk_same(precisions[i].currency, currency))
            return precisions[i].precision;
    return 2;
}

int64_t dbk_pricing_refund(int64_t charged, int64_t asked_ms, int64_t closes_ms)
{
    return asked_ms < closes_ms ? charged : 0;
}
