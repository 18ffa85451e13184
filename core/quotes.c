#include "core/incoming.h"
#include "core/pricing.h"
#include "core/view.h"

/* POST /quotes: a price that is kept for a while; and what POST /bookings makes of one. */

enum dbk_sale dbk_quotes_price(const struct dbk_core *core, struct dbk_booking *booking)
{
    const struct dbk_core_partner *partner = dbk_core_partner_named(core, booking->partner);
    struct dbk_sale_wish wish = {booking->product, booking->slot, booking->units,
                                 core->now.wall_ms};
    struct dbk_sale_terms terms;
    enum dbk_sale sale = dbk_pricing_sale(partner ? partner->products : NULL,
                                          partner ? partner->product_count : 0, &wish, &terms);

    if (sale != DBK_SALE_GOOD)
        return sale;
    booking->price = terms.price;
    booking->currency = terms.product->currency;
    return DBK_SALE_GOOD;
}

bool dbk_quotes_refuse(const struct dbk_incoming *call, enum dbk_sale sale)
{
    const char *type = sale == DBK_SALE_CLOSED ? "urn:doublebook:cut-off" : "about:blank";

    return dbk_incoming_refuse_as(call, sale == DBK_SALE_UNKNOWN ? 404 : 422, type,
                                  dbk_pricing_refusal(sale));
}

bool dbk_quotes_post(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    struct dbk_booking asked = {0};
    struct dbk_quote quote = {0};
    struct dbk_text text = {0};
    char id[11];

    const char *wrong = dbk_incoming_read_wish(body, &core->arena, &asked);
    if (wrong)
        return dbk_incoming_refuse(call, 400, wrong);
    enum dbk_sale sale = dbk_quotes_price(core, &asked);
    if (sale != DBK_SALE_GOOD)
        return dbk_quotes_refuse(call, sale);
    if (!dbk_store_next_quote(core->config.store, &quote.row))
        return false;
    dbk_draw_name(core->config.seed, "quote", (uint64_t)quote.row, sizeof(id) - 1, id);
    quote.id = dbk_arena_printf(&core->arena, "qu-%s", id);
    quote.partner = asked.partner;
    quote.product = asked.product;
    quote.slot = asked.slot;
    quote.units = asked.units;
    quote.price = asked.price;
    quote.currency = asked.currency;
    quote.expires_ms = core->now.wall_ms + core->config.policy->settings_ms[DBK_SETTING_QUOTE_TTL];
    if (!dbk_store_put_quote(core->config.store, &quote))
        return false;
    dbk_view_quote(&quote, &text);
    dbk_incoming_answer(call, 201, "application/json", &text);
    return true;
}

bool dbk_quotes_apply(const struct dbk_incoming *call, const char *id, struct dbk_booking *booking,
                      bool *is_good)
{
    struct dbk_core *core = call->core;
    struct dbk_quote quote;
    enum dbk_found found = dbk_store_quote(core->config.store, id, &core->arena, &quote);

    *is_good = false;
    if (found == DBK_STORE_FAILED)
        return false;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 422, "there is no such quote");
    if (!dbk_same(quote.partner, booking->partner) || !dbk_same(quote.product, booking->product) ||
        !dbk_same(quote.slot, booking->slot) || quote.units != booking->units)
        return dbk_incoming_refuse(call, 422, "the quote is for something else");
    if (core->now.wall_ms >= quote.expires_ms)
        return dbk_incoming_refuse_as(call, 409, "urn:doublebook:quote-expired",
                                      "the quote has expired; ask for another, and see what it "
                                      "costs now");
    booking->price = quote.price;
    booking->currency = quote.currency;
    *is_good = true;
    return true;
}
