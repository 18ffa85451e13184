#include "core/money.h"

#include "core/names.h"
#include "core/pricing.h"

static const char *const kind_names[DBK_MONEY_KINDS] = {
    [DBK_MONEY_CAPTURED] = "captured",
    [DBK_MONEY_REFUNDED] = "refunded",
};

const char *dbk_money_name(enum dbk_money_kind kind)
{
    return kind_names[kind];
}

enum dbk_money_kind dbk_money_by_name(const char *name)
{
    return (enum dbk_money_kind)dbk_name_index(kind_names, DBK_MONEY_KINDS, name);
}

static bool charges_when_sent(const struct dbk_case *open)
{
    return open->core->config.policy->rules[DBK_RULE_CHARGE] == DBK_CHARGE_WHEN_SENT;
}

static bool append(struct dbk_case *open, enum dbk_money_kind kind, const char *key, int64_t amount)
{
    struct dbk_booking *booking = &open->booking;
    bool is_new = false;
    const struct dbk_money entry = {
        .booking = booking->row,
        .at_ms = open->core->now.wall_ms,
        .kind = kind,
        .key = key,
        .amount = amount,
        .currency = booking->currency,
    };

    if (!dbk_store_append_money(open->core->config.store, &entry, &is_new))
        return false;
    if (is_new)
        booking->charged += kind == DBK_MONEY_CAPTURED ? amount : -amount;
    return true;
}

/* When the traveller first asked to cancel; DBK_ABSENT: never. */
static int64_t cancel_asked_ms(const struct dbk_case *open)
{
    for (size_t i = 0; i < open->count; i++)
        if (open->evidence[i].kind == DBK_EVIDENCE_CANCEL_ASKED)
            return open->evidence[i].at_ms;
    return DBK_ABSENT;
}

/* What she is to get back. Only her own wish can come too late for that. */
static int64_t refund_of(const struct dbk_case *open)
{
    const struct dbk_booking *booking = &open->booking;
    int64_t asked_ms = cancel_asked_ms(open);
    struct dbk_sale_wish wish = {booking->product, booking->slot, booking->units, asked_ms};
    struct dbk_sale_terms terms;

    if (booking->status != DBK_STATUS_CANCELLED || asked_ms == DBK_ABSENT || !open->partner ||
        dbk_pricing_sale(open->partner->products, open->partner->product_count, &wish, &terms) ==
            DBK_SALE_UNKNOWN)
        return booking->charged;
    return dbk_pricing_refund(booking->charged, asked_ms, terms.closes_ms);
}

bool dbk_money_follow(struct dbk_case *open)
{
    const struct dbk_booking *booking = &open->booking;

    if (booking->price == 0)
        return true;
    if (booking->status == DBK_STATUS_CONFIRMED && booking->charged == 0 &&
        !charges_when_sent(open))
        return append(open, DBK_MONEY_CAPTURED, "capture", booking->price);
    if (!dbk_status_is_final(booking->status) || booking->charged == 0)
        return true;
    int64_t amount = refund_of(open);
    return amount == 0 || append(open, DBK_MONEY_REFUNDED, "refund", amount);
}

bool dbk_money_on_send(struct dbk_case *open, int64_t attempt)
{
    if (!charges_when_sent(open) || open->booking.price == 0)
        return true;
    return append(
        open, DBK_MONEY_CAPTURED,
        dbk_arena_printf(&open->core->arena, "capture of attempt %lld", (long long)attempt),
        open->booking.price);
}
