#include "fake-partners/exchange.h"

/* A hold keeps its seats until it is confirmed, given up, or over. It is over on its last
 * millisecond by the partner's own clock: a confirm that is carried out then comes too late. */

static const char *confirmed_state(const struct dbk_profile *profile)
{
    return dbk_reservation_state(profile->confirms_as == DBK_CONFIRMS_PENDING ? "pending"
                                                                              : "confirmed");
}

static bool is_on_hold(const struct dbk_reservation *reservation)
{
    return dbk_same(reservation->now->state, "on_hold");
}

void dbk_hold_is_given_up(const struct dbk_moment *moment,
                          const struct dbk_reservation *reservation)
{
    dbk_partner_call_off(moment->partner, DBK_PENDING_EXPIRE, reservation);
}

/* Lasts for so long from now on, yet not beyond what holds may last in all. */
static void last(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                 struct dbk_reservation *reservation)
{
    const struct dbk_profile *profile = &moment->partner->config.profile;
    int64_t most_ms = reservation->created_ms + profile->hold_max_ms;

    reservation->expires_ms = moment->now->wall_ms + profile->hold_ms;
    if (reservation->expires_ms > most_ms)
        reservation->expires_ms = most_ms;
    reservation->hold_ends_ms =
        moment->now->mono_ms + reservation->expires_ms - moment->now->wall_ms;
    dbk_hold_is_given_up(moment, reservation);
    dbk_partner_put_off(moment->partner, &(struct dbk_pending){.due_ms = reservation->hold_ends_ms,
                                                               .kind = DBK_PENDING_EXPIRE,
                                                               .exchange = exchange,
                                                               .reservation = reservation});
}

void dbk_hold_begins(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                     struct dbk_reservation *reservation)
{
    if (is_on_hold(reservation))
        last(moment, exchange, reservation);
}

/* A script may have moved it meanwhile. */
void dbk_hold_ends(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    struct dbk_reservation *reservation = pending->reservation;
    const struct dbk_action *keep = dbk_exchange_wants(reservation->maker, DBK_FAULT_KEEP_HOLD);

    if (!is_on_hold(reservation))
        return;
    if (keep) {
        dbk_exchange_tell_fault(moment, reservation->maker, keep, 0);
        return;
    }
    if (dbk_ledger_move(&moment->partner->ledger, reservation, dbk_reservation_state("expired"),
                        moment->now->wall_ms))
        dbk_exchange_tell_effect(moment, reservation, "on_hold", "itself", NULL);
}

/* The reservation that a request names, as the exchange's subject; else NULL and a refusal. */
static struct dbk_reservation *subject(const struct dbk_moment *moment,
                                       struct dbk_exchange *exchange, struct dbk_message **refusal)
{
    struct dbk_reservation *reservation =
        dbk_ledger_by_id(&moment->partner->ledger, exchange->request.id);

    if (reservation)
        exchange->subjects[exchange->subject_count++] = reservation;
    else
        *refusal = dbk_direct_refuse("unknown-reservation", "There is no such reservation.");
    return reservation;
}

static void tell_if_otherwise(const struct dbk_moment *moment, const struct dbk_exchange *exchange,
                              const char *state)
{
    struct dbk_fact fact = dbk_exchange_fact(exchange, DBK_FACT_FAULT);

    if (state == confirmed_state(&moment->partner->config.profile))
        return;
    fact.by = exchange->rule->id;
    if (exchange->rule->line > 0)
        fact.line = exchange->rule->line;
    fact.reservation = exchange->subjects[0]->id;
    dbk_exchange_tell_lapse(moment, DBK_LAPSE_CONFIRMS_OTHERWISE, fact);
}

struct dbk_message *dbk_hold_confirm(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_profile *profile = &moment->partner->config.profile;
    const struct dbk_rule *rule = exchange->rule;
    struct dbk_message *refusal = NULL;
    struct dbk_reservation *reservation = subject(moment, exchange, &refusal);
    const char *state = confirmed_state(profile);

    if (!reservation)
        return refusal;
    if (dbk_same(reservation->now->state, "confirmed") ||
        dbk_same(reservation->now->state, "pending"))
        return profile->repeat_confirm == DBK_REPEAT_CONFIRM_CONFLICT
                   ? dbk_direct_refuse("already-confirmed",
                                       "This reservation is confirmed already.")
                   : dbk_exchange_show(moment, exchange, 200, reservation);
    if (!is_on_hold(reservation))
        return dbk_direct_refuse("not-confirmable", "This reservation is over.");
    if (rule && rule->answers_state)
        state = dbk_reservation_state(rule->answers_state);
    if (dbk_ledger_move(&moment->partner->ledger, reservation, state, moment->now->wall_ms))
        dbk_exchange_tell_effect(moment, reservation, "on_hold", "confirm", exchange);
    dbk_hold_is_given_up(moment, reservation);
    tell_if_otherwise(moment, exchange, state);
    exchange->has_confirmed = true;
    return dbk_exchange_show(moment, exchange, 200, reservation);
}

struct dbk_message *dbk_hold_extend(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    struct dbk_message *refusal = NULL;
    struct dbk_reservation *reservation = NULL;

    if (moment->partner->config.profile.extend == DBK_EXTEND_NONE)
        return dbk_direct_refuse("bad-request", "Holds cannot be extended here.");
    reservation = subject(moment, exchange, &refusal);
    if (!reservation)
        return refusal;
    if (!is_on_hold(reservation))
        return dbk_direct_refuse("not-extendable", "This reservation is not on hold.");
    last(moment, exchange, reservation);
    return dbk_exchange_show(moment, exchange, 200, reservation);
}
