#include "core/pricing.h"

#include "base/digest.h"

#include <criterion/criterion.h>

TestSuite(pricing, .timeout = 20);

static const struct dbk_slot slots[] = {
    {.id = "morning", .starts_ms = 10000, .capacity = 8},
    {.id = "evening", .starts_ms = 50000, .capacity = 8},
};
static const struct dbk_product products[] = {
    {.id = "cruise",
     .price = 12000,
     .currency = "EUR",
     .cutoff_ms = 4000,
     .slots = slots,
     .slot_count = 2},
    {.id = "moon", .price = INT64_MAX / 3, .currency = "USD", .slots = slots, .slot_count = 1},
};

static enum dbk_sale sale(const char *product, const char *slot, int64_t units, int64_t now_ms,
                          struct dbk_sale_terms *terms)
{
    return dbk_pricing_sale(products, 2, &(struct dbk_sale_wish){product, slot, units, now_ms},
                            terms);
}

Test(pricing, sells_what_there_is_before_its_cut_off)
{
    struct dbk_sale_terms terms;

    cr_expect_eq(sale("cruise", "evening", 3, 45999, &terms), DBK_SALE_GOOD);
    cr_expect_eq(terms.price, 36000);
    cr_expect_eq(terms.closes_ms, 46000);
    cr_expect_eq(sale("cruise", "evening", 3, 46000, &terms), DBK_SALE_CLOSED);
    cr_expect_eq(sale("cruise", "morning", 3, 6000, &terms), DBK_SALE_CLOSED);
    cr_expect_eq(sale("moon", "morning", 1, 9999, &terms), DBK_SALE_GOOD);
    cr_expect_eq(sale("moon", "morning", 1, 10000, &terms), DBK_SALE_CLOSED);
    cr_expect_eq(sale("moon", "evening", 1, 0, &terms), DBK_SALE_UNKNOWN);
    cr_expect_eq(sale("cruise", "evening", 0, 0, &terms), DBK_SALE_UNITS);
    cr_expect_eq(sale("cruise", "evening", 101, 0, &terms), DBK_SALE_UNITS);
}

Test(pricing, refuses_an_amount_that_does_not_fit)
{
    struct dbk_sale_terms terms;

    cr_expect_eq(sale("moon", "morning", 3, 0, &terms), DBK_SALE_GOOD);
    cr_expect_eq(terms.price, INT64_MAX / 3 * 3);
    cr_expect_eq(sale("moon", "morning", 4, 0, &terms), DBK_SALE_TOO_DEAR);
}

/* Over 100,000 wishes: a price is that of one unit as often as there are units, never below zero,
 * and only what is sold has one. */
Test(pricing, adds_up_for_any_wish)
{
    size_t good = 0;

    for (uint64_t i = 1; i <= 100000; i++) {
        struct dbk_product product = products[0];
        struct dbk_sale_terms terms;
        product.price = (int64_t)(dbk_draw_below(7, "pricing", "price", i, 1 << 20)) << (i % 44);
        product.cutoff_ms = (int64_t)dbk_draw_below(7, "pricing", "cutoff", i, 20000);
        int64_t units = (int64_t)dbk_draw_below(7, "pricing", "units", i, 110) - 5;
        int64_t now_ms = (int64_t)dbk_draw_below(7, "pricing", "now", i, 60000);
        enum dbk_sale sold = dbk_pricing_sale(
            &product, 1, &(struct dbk_sale_wish){"cruise", "evening", units, now_ms}, &terms);
        bool is_wanted = units >= 1 && units <= DBK_UNITS_MAX;
        bool is_open = now_ms + product.cutoff_ms < 50000;
        bool fits = is_wanted && product.price <= INT64_MAX / units;

        cr_assert_eq(sold == DBK_SALE_GOOD, is_wanted && is_open && fits);
        if (sold != DBK_SALE_GOOD) {
            cr_assert_not_null(dbk_pricing_refusal(sold));
            continue;
        }
        good++;
        int64_t sum = 0;
        for (int64_t unit = 0; unit < units; unit++)
            sum += product.price;
        cr_assert_eq(terms.price, sum);
    }
    cr_expect_gt(good, 20000);
}

Test(pricing, knows_currencies_without_two_digits)
{
    cr_expect_eq(dbk_pricing_precision("JPY"), 0);
    cr_expect_eq(dbk_pricing_precision("EUR"), 2);
    cr_expect_eq(dbk_pricing_precision("TND"), 3);
    cr_expect_eq(dbk_pricing_precision("CLF"), 4);
}

Test(pricing, gives_all_back_before_the_cut_off_and_nothing_from_then_on)
{
    cr_expect_eq(dbk_pricing_refund(500, 999, 1000), 500);
    cr_expect_eq(dbk_pricing_refund(500, 1000, 1000), 0);
}
