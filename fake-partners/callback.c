#include "fake-partners/exchange.h"

/* The reservation as it was when it last was in that state; where it never was, as if it were. */
static struct dbk_revision revision_of(const struct dbk_reservation *reservation, const char *state,
                                       bool *is_untrue)
{
    struct dbk_revision made_up = *reservation->now;

    *is_untrue = false;
    for (const struct dbk_revision *one = reservation->now; one; one = one->older)
        if (dbk_same(one->state, state))
            return *one;
    *is_untrue = true;
    made_up.state = dbk_reservation_state(state);
    return made_up;
}

static const struct dbk_callback *make(const struct dbk_moment *moment,
                                       const struct dbk_pending *pending,
                                       const struct dbk_later *later)
{
    struct dbk_partner *partner = moment->partner;
    const struct dbk_profile *profile = &partner->config.profile;
    struct dbk_exchange *exchange = pending->exchange;
    struct dbk_reservation *reservation = pending->reservation;
    struct dbk_callback *callback = dbk_arena_alloc(&partner->arena, sizeof(*callback));
    const char *says = later->says ? later->says : reservation->now->state;
    struct dbk_revision said = revision_of(reservation, says, &callback->is_untrue);
    struct dbk_reservation shown = *reservation;
    char event[16];

    shown.now = &said;
    dbk_draw_name(partner->config.seed, partner->event_site, (uint64_t)++partner->event_count, 10,
                  event);
    callback->reservation = reservation;
    callback->state = said.state;
    callback->rule = pending->later || later->line > 0 ? exchange->rule : NULL;
    callback->line = later->line;
    callback->forged = later->forged;
    callback->is_rotated = later->is_rotated;
    callback->made_ms = moment->now->mono_ms;
    callback->copies = later->copies > 1 ? later->copies : 1;
    callback->lineage = dbk_arena_printf(&partner->arena, "%s/callback#%lld", exchange->label,
                                         (long long)exchange->callback_count);
    callback->id = callback->lineage;
    if (profile->callback_id == DBK_CALLBACK_ID_EVENT)
        callback->id = dbk_arena_printf(&partner->arena, "evt-%s", event);
    callback->body =
        dbk_direct_callback(&shown, callback->id, moment->now->wall_ms, profile, &partner->arena);
    return callback;
}

/* Made now, delivered when it is no longer held: once, or in copies that are so far apart. */
static void make_callback(const struct dbk_moment *moment, const struct dbk_pending *pending,
                          const struct dbk_later *later)
{
    const struct dbk_callback *callback = NULL;

    if (!moment->partner->config.callback_to)
        return;
    pending->exchange->callback_count++;
    callback = make(moment, pending, later);
    for (int64_t nth = 1; nth == 1 || nth <= later->copies; nth++)
        dbk_partner_put_off(moment->partner,
                            &(struct dbk_pending){.due_ms = moment->now->mono_ms + later->held_ms +
                                                            (nth - 1) * later->apart_ms,
                                                  .kind = DBK_PENDING_CALLBACK,
                                                  .callback = callback,
                                                  .nth = nth});
}

static void tell_if_cut_short(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    const struct dbk_rule *rule = pending->exchange->rule;
    struct dbk_fact fact = dbk_exchange_fact(pending->exchange, DBK_FACT_FAULT);

    if (!dbk_same(pending->later->set, "expired") ||
        !dbk_same(pending->reservation->now->state, "on_hold") ||
        moment->now->mono_ms >= pending->reservation->hold_ends_ms)
        return;
    fact.by = rule->id;
    if (pending->later->line > 0)
        fact.line = pending->later->line;
    fact.reservation = pending->reservation->id;
    dbk_exchange_tell_lapse(moment, DBK_LAPSE_HOLD_CUT_SHORT, fact);
}

static void move(const struct dbk_moment *moment, struct dbk_reservation *reservation,
                 const char *state)
{
    const char *before = reservation->now->state;

    if (dbk_ledger_move(&moment->partner->ledger, reservation, dbk_reservation_state(state),
                        moment->now->wall_ms))
        dbk_exchange_tell_effect(moment, reservation, before, "itself", NULL);
}

/* The next callback that the exchange will have caused. */
static const char *next_lineage(const struct dbk_moment *moment,
                                const struct dbk_exchange *exchange)
{
    return dbk_arena_printf(&moment->partner->arena, "%s/callback#%lld", exchange->label,
                            (long long)exchange->callback_count + 1);
}

static void tell_callback_fault(const struct dbk_moment *moment, const struct dbk_pending *pending,
                                const struct dbk_later *later, enum dbk_callback_fault fault)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_FAULT);

    fact.fault = dbk_callback_faults[fault].name;
    fact.by = later->line > 0 ? pending->exchange->rule->id : "choice";
    if (later->line > 0)
        fact.line = later->line;
    fact.exchange = next_lineage(moment, pending->exchange);
    fact.reservation = pending->reservation->id;
    fact.intent = pending->reservation->intent;
    fact.key = pending->reservation->reference;
    dbk_effect_fact(moment->effects, &fact);
}

/* What a script sets is done, legal or not: it plays a partner whose ledger does such things. */
void dbk_later_comes(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    if (pending->later->set) {
        tell_if_cut_short(moment, pending);
        move(moment, pending->reservation, pending->later->set);
    }
    if (pending->later->has_callback && pending->later->forged)
        tell_callback_fault(moment, pending, pending->later, DBK_CALLBACK_FORGED);
    if (pending->later->has_callback)
        make_callback(moment, pending, pending->later);
}

/* What becomes of a callback that nobody's `later` sends: as the rule says, else the chooser. */
static void call_back(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    struct dbk_exchange *exchange = pending->exchange;
    const struct dbk_rule *rule = exchange->rule;
    const struct dbk_revision *older = pending->reservation->now->older;
    struct dbk_later later = {.copies = 1};
    enum dbk_callback_fault fault = DBK_CALLBACK_FAULTS;
    uint32_t taken = 0;

    if (rule && (size_t)exchange->callback_count < rule->callback_count) {
        later = rule->callbacks[exchange->callback_count];
    } else {
        taken = dbk_choose(moment->chooser, DBK_SITE_CALLBACK_FAULT, next_lineage(moment, exchange),
                           DBK_CALLBACK_CHOICES);
        if (!dbk_callback_of_choice(taken, older ? older->state : NULL, &later))
            later = (struct dbk_later){.copies = 1};
    }
    if (later.forged)
        make_callback(moment, pending, &(struct dbk_later){.copies = 1});
    fault = dbk_callback_fault_of(&later);
    if (fault != DBK_CALLBACK_FAULTS)
        tell_callback_fault(moment, pending, &later, fault);
    if (later.is_lost)
        exchange->callback_count++;
    else
        make_callback(moment, pending, &later);
}

void dbk_later_settles(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    /* It may have been cancelled meanwhile, and then there is nothing to settle. */
    if (!dbk_reservation_may_become(pending->reservation, "confirmed"))
        return;
    move(moment, pending->reservation, "confirmed");
    if (moment->partner->config.profile.callback_kind != DBK_CALLBACK_NONE)
        call_back(moment, pending);
}

static struct dbk_fact fact_of(const struct dbk_partner *partner, enum dbk_fact_kind kind,
                               const struct dbk_callback *callback, int64_t nth)
{
    struct dbk_fact fact = dbk_fact_of(kind);

    fact.to = partner->config.callback_to;
    fact.callback = callback->id;
    fact.exchange = callback->lineage;
    fact.reservation = callback->reservation->id;
    fact.intent = callback->reservation->intent;
    fact.key = callback->reservation->reference;
    fact.state = callback->state;
    fact.fault = callback->forged ? dbk_callback_faults[DBK_CALLBACK_FORGED].name : NULL;
    fact.made_ms = callback->made_ms;
    fact.nth = nth;
    return fact;
}

/* Told when the first of its copies leaves, for until then nobody has been lied to. */
static void tell_lapse(const struct dbk_moment *moment, const struct dbk_callback *callback,
                       enum dbk_lapse lapse)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_FAULT);

    fact.callback = callback->id;
    fact.exchange = callback->lineage;
    fact.reservation = callback->reservation->id;
    fact.intent = callback->reservation->intent;
    fact.key = callback->reservation->reference;
    fact.by = callback->rule ? callback->rule->id : NULL;
    if (callback->line > 0)
        fact.line = callback->line;
    dbk_exchange_tell_lapse(moment, lapse, fact);
}

static void tell_lapses(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    if (pending->nth > 1 || pending->callback->forged)
        return;
    if (moment->partner->config.profile.callback_kind == DBK_CALLBACK_NONE)
        tell_lapse(moment, pending->callback, DBK_LAPSE_CALLBACK_UNPROMISED);
    if (pending->callback->is_untrue)
        tell_lapse(moment, pending->callback, DBK_LAPSE_CALLBACK_UNTRUE);
    dbk_exchange_tell_clock(moment, pending->callback->reservation);
}

void dbk_callback_leaves(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    struct dbk_partner *partner = moment->partner;
    const struct dbk_partner_config *config = &partner->config;
    struct dbk_fact fact = fact_of(partner, DBK_FACT_CALLBACK, pending->callback, pending->nth);
    struct dbk_message *request = dbk_request_new("POST", config->callback_path);
    struct dbk_text body = {0};

    partner->deliveries =
        dbk_partner_grow(partner->deliveries, partner->delivery_count, &partner->delivery_capacity,
                         sizeof(*partner->deliveries));
    partner->deliveries[partner->delivery_count++] = (struct dbk_delivery){
        .callback = pending->callback, .nth = pending->nth, .tries = pending->tries};
    dbk_text_add(&body, pending->callback->body);
    dbk_message_take_body(request, "application/json", &body);
    dbk_callback_mark(moment, pending->callback, request);
    tell_lapses(moment, pending);
    dbk_effect_fact(moment->effects, &fact);
    dbk_effect_send(moment->effects, &(struct dbk_send){
                                         .to = config->callback_to,
                                         .message = request,
                                         .tag = partner->delivery_count,
                                         .timeout_ms = DBK_PARTNER_CALLBACK_TIMEOUT_MS,
                                         .send_before_mono_ms =
                                             moment->now->mono_ms + DBK_PARTNER_CALLBACK_TIMEOUT_MS,
                                         .about = &fact,
                                     });
}

/* Copies that were made are numbered before those that a partner makes because nobody took it. */
static void deliver_again(const struct dbk_moment *moment, const struct dbk_delivery *delivery)
{
    struct dbk_partner *partner = moment->partner;
    int64_t pause_ms = dbk_callback_pause_ms(&partner->config.profile, delivery->tries + 1);
    int64_t nth = delivery->callback->copies;

    if (pause_ms == DBK_PROFILE_NO_RETRY)
        return;
    for (size_t i = 0; i < partner->delivery_count; i++)
        if (partner->deliveries[i].callback == delivery->callback &&
            partner->deliveries[i].nth > nth)
            nth = partner->deliveries[i].nth;
    dbk_partner_put_off(partner, &(struct dbk_pending){.due_ms = moment->now->mono_ms + pause_ms,
                                                       .kind = DBK_PENDING_CALLBACK,
                                                       .callback = delivery->callback,
                                                       .nth = nth + 1,
                                                       .tries = delivery->tries + 1});
}

void dbk_callback_answered(const struct dbk_moment *moment, const struct dbk_event *event)
{
    const struct dbk_partner *partner = moment->partner;
    const struct dbk_delivery *delivery = NULL;
    struct dbk_fact fact;

    if (event->tag < 1 || event->tag > partner->delivery_count)
        return; /* Sent before the partner lost its memory. */
    delivery = &partner->deliveries[event->tag - 1];
    fact = fact_of(partner, DBK_FACT_CALLBACK_ANSWERED, delivery->callback, delivery->nth);
    if (event->kind == DBK_EVENT_RESPONSE)
        fact.http = event->message->status;
    else
        fact.fate = "lost";
    dbk_effect_fact(moment->effects, &fact);
    bool is_taken = event->kind == DBK_EVENT_RESPONSE && event->message->status >= 200 &&
                    event->message->status < 300;
    if (!is_taken && !delivery->callback->forged)
        deliver_again(moment, delivery);
}
