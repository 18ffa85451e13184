#include "fake-partners/exchange.h"

#include <string.h>

const struct dbk_action *dbk_exchange_wants(const struct dbk_exchange *exchange,
                                            enum dbk_fault fault)
{
    if (!(dbk_faults[fault].ops & (1u << exchange->request.op)))
        return NULL;
    for (size_t i = 0; i < exchange->action_count; i++)
        if (exchange->actions[i].fault == fault)
            return &exchange->actions[i];
    return NULL;
}

struct dbk_fact dbk_exchange_fact(const struct dbk_exchange *exchange, enum dbk_fact_kind kind)
{
    struct dbk_fact fact = dbk_fact_of(kind);

    fact.op = dbk_op_name(exchange->request.op);
    fact.intent = exchange->intent;
    fact.attempt = exchange->attempt;
    fact.key = exchange->key;
    fact.exchange = exchange->label;
    return fact;
}

const char *dbk_exchange_tell_fault(const struct dbk_moment *moment,
                                    const struct dbk_exchange *exchange,
                                    const struct dbk_action *action, int64_t took_ms)
{
    struct dbk_fact fact = dbk_exchange_fact(exchange, DBK_FACT_FAULT);
    enum dbk_op op = exchange->request.op;

    fact.fault = dbk_faults[action->fault].name;
    fact.by = exchange->rule ? exchange->rule->id : "choice";
    if (action->line > 0)
        fact.line = action->line;
    /* A look-up or get commits nothing, so its delay breaks no promise about commits. */
    if (op == DBK_OP_CREATE || op == DBK_OP_CANCEL)
        fact.claim = dbk_fault_breaks(action->fault, took_ms, &moment->partner->config.profile);
    dbk_effect_fact(moment->effects, &fact);
    return fact.claim;
}

void dbk_exchange_tell_lapse(const struct dbk_moment *moment, enum dbk_lapse lapse,
                             struct dbk_fact fact)
{
    fact.fault = dbk_lapses[lapse].name;
    fact.claim = dbk_lapses[lapse].breaks;
    if (!fact.by)
        fact.by = dbk_lapses[lapse].said_by;
    dbk_effect_fact(moment->effects, &fact);
}

void dbk_exchange_tell_clock(const struct dbk_moment *moment, struct dbk_reservation *reservation)
{
    const struct dbk_partner_config *config = &moment->partner->config;
    struct dbk_fact fact = dbk_exchange_fact(reservation->maker, DBK_FACT_FAULT);

    if (reservation->was_told_clock_off || (config->clock_off_ms <= config->profile.max_skew_ms &&
                                            config->clock_off_ms >= -config->profile.max_skew_ms))
        return;
    reservation->was_told_clock_off = true;
    fact.reservation = reservation->id;
    dbk_exchange_tell_lapse(moment, DBK_LAPSE_CLOCK_OFF, fact);
}

void dbk_exchange_tell_effect(const struct dbk_moment *moment,
                              const struct dbk_reservation *reservation, const char *before,
                              const char *by, const struct dbk_exchange *exchange)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_EFFECT);

    fact.reservation = reservation->id;
    fact.intent = reservation->intent;
    fact.key = reservation->reference;
    fact.state_before = before;
    fact.state = reservation->now->state;
    fact.units = reservation->units;
    fact.amount = reservation->price;
    fact.currency = reservation->product->currency;
    fact.by = by;
    fact.exchange = exchange ? exchange->label : NULL;
    dbk_effect_fact(moment->effects, &fact);
}

/* The reservation is the exchange's first subject, or what is said of it. */
struct dbk_message *dbk_exchange_show(const struct dbk_moment *moment,
                                      struct dbk_exchange *exchange, int status,
                                      const struct dbk_reservation *reservation)
{
    exchange->shown = exchange->subjects;
    exchange->shown_count = 1;
    exchange->about.reservation = reservation->id;
    exchange->about.state = reservation->now->state;
    return dbk_direct_show(status, reservation, &moment->partner->config.profile);
}

static const struct dbk_product *find_product(const struct dbk_partner_config *config,
                                              const char *id)
{
    for (size_t i = 0; i < config->product_count; i++)
        if (dbk_same(config->products[i].id, id))
            return &config->products[i];
    return NULL;
}

static const struct dbk_slot *find_slot(const struct dbk_product *product, const char *id)
{
    for (size_t i = 0; product && i < product->slot_count; i++)
        if (dbk_same(product->slots[i].id, id))
            return &product->slots[i];
    return NULL;
}

static bool asks_the_same(const struct dbk_direct_request *request,
                          const struct dbk_reservation *reservation)
{
    return dbk_same(request->guest, reservation->guest) &&
           dbk_same(request->product, reservation->product->id) &&
           dbk_same(request->slot, reservation->slot->id) && request->units == reservation->units;
}

/* Answers a reference that is in the ledger already, or gives NULL where that is no obstacle. */
static struct dbk_message *repeat(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_profile *profile = &moment->partner->config.profile;
    struct dbk_reservation *first =
        dbk_ledger_by_reference(&moment->partner->ledger, exchange->request.reference,
                                moment->now->wall_ms - profile->key_lasts_ms);

    if (!first || profile->dedupe != DBK_DEDUPE_REFERENCE || profile->repeat == DBK_REPEAT_NEW)
        return NULL;
    if (profile->repeat == DBK_REPEAT_CONFLICT || !asks_the_same(&exchange->request, first))
        return dbk_direct_refuse("duplicate-reference", "This reference has been used.");
    exchange->subjects[exchange->subject_count++] = first;
    return dbk_exchange_show(moment, exchange, 200, first);
}

/* The door could only foresee it: hosts are late with wakes, and a way alone may take too long. */
static void tell_if_late(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                         const struct dbk_reservation *made)
{
    struct dbk_fact fact = dbk_exchange_fact(exchange, DBK_FACT_FAULT);
    int64_t took_ms = moment->now->mono_ms - exchange->left_ms;

    if (exchange->was_told_late || took_ms < moment->partner->config.profile.commit_within_ms)
        return;
    exchange->was_told_late = true;
    fact.reservation = made->id;
    dbk_exchange_tell_lapse(moment, DBK_LAPSE_BEYOND_COMMIT_WITHIN, fact);
}

static void make(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                 const struct dbk_wanted *wanted)
{
    struct dbk_partner *partner = moment->partner;
    const struct dbk_action *hide = dbk_exchange_wants(exchange, DBK_FAULT_NOT_VISIBLE);
    struct dbk_reservation *made =
        dbk_ledger_make(&partner->ledger, wanted, partner->config.seed, partner->reservation_site);

    if (hide)
        made->visible_from_ms = moment->now->mono_ms + hide->duration_ms;
    exchange->subjects[exchange->subject_count++] = made;
    exchange->has_made = true;
    dbk_exchange_tell_effect(moment, made, NULL, "create", exchange);
    tell_if_late(moment, exchange, made);
    dbk_hold_begins(moment, exchange, made);
}

static const char *promised_state(const struct dbk_profile *profile)
{
    static const char *const states[] = {[DBK_BOOKS_CONFIRMED] = "confirmed",
                                         [DBK_BOOKS_PENDING] = "pending",
                                         [DBK_BOOKS_ON_HOLD] = "on_hold"};

    return dbk_reservation_state(states[profile->books_as]);
}

static void tell_if_otherwise(const struct dbk_moment *moment, const struct dbk_exchange *exchange)
{
    const struct dbk_reservation *made = exchange->subjects[0];
    struct dbk_fact fact = dbk_exchange_fact(exchange, DBK_FACT_FAULT);

    if (made->now->state == promised_state(&moment->partner->config.profile))
        return;
    fact.by = exchange->rule->id;
    if (exchange->rule->line > 0)
        fact.line = exchange->rule->line;
    fact.reservation = made->id;
    dbk_exchange_tell_lapse(moment, DBK_LAPSE_BOOKS_OTHERWISE, fact);
}

static struct dbk_message *create(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    static const char sold_out[] = "There are not so many seats left.";
    struct dbk_partner *partner = moment->partner;
    const struct dbk_direct_request *request = &exchange->request;
    const struct dbk_action *twice = dbk_exchange_wants(exchange, DBK_FAULT_BOOK_TWICE);
    const struct dbk_product *product = find_product(&partner->config, request->product);
    const struct dbk_slot *slot = find_slot(product, request->slot);
    struct dbk_message *answer = NULL;
    struct dbk_wanted wanted = {
        .reference = request->reference,
        .guest = request->guest,
        .intent = exchange->intent,
        .product = product,
        .slot = slot,
        .units = request->units,
        .state = promised_state(&partner->config.profile),
        .maker = exchange,
        .wall_ms = moment->now->wall_ms,
    };

    if (!slot)
        return dbk_direct_refuse("unknown-product", "There is no such product or slot.");
    if ((answer = repeat(moment, exchange)))
        return answer;
    if (!dbk_ledger_has_room(&partner->ledger, product, slot, request->units))
        return dbk_direct_refuse("sold-out", sold_out);
    if (exchange->rule && exchange->rule->answers_state)
        wanted.state = dbk_reservation_state(exchange->rule->answers_state);
    make(moment, exchange, &wanted);
    tell_if_otherwise(moment, exchange);
    if (twice && dbk_ledger_has_room(&partner->ledger, product, slot, request->units)) {
        make(moment, exchange, &wanted);
        dbk_exchange_tell_fault(moment, exchange, twice, 0);
    }
    return dbk_exchange_show(moment, exchange, 201, exchange->subjects[0]);
}

/* True if this look-up shows it. The first that would have shown it but for the fault says so, and
 * so does the first that was sent so late that the profile promised to show it. */
static bool is_visible(const struct dbk_moment *moment, const struct dbk_exchange *look_up,
                       struct dbk_reservation *reservation)
{
    const struct dbk_action *hide = NULL;
    int64_t took_ms = 0;
    bool is_broken = false;

    if (moment->now->mono_ms >= reservation->visible_from_ms)
        return true;
    hide = dbk_exchange_wants(reservation->maker, DBK_FAULT_NOT_VISIBLE);
    took_ms = look_up->left_ms - (reservation->visible_from_ms - hide->duration_ms);
    is_broken = dbk_fault_breaks(hide->fault, took_ms, &moment->partner->config.profile) != NULL;
    if (!reservation->was_passed_over || (is_broken && !reservation->was_promised))
        dbk_exchange_tell_fault(moment, reservation->maker, hide, took_ms);
    reservation->was_passed_over = true;
    reservation->was_promised |= is_broken;
    return false;
}

static bool starts_on(const struct dbk_slot *slot, const char *date)
{
    char starts[DBK_INSTANT_TEXT];

    dbk_instant_print(slot->starts_ms, starts);
    return strncmp(starts, date, strlen(date)) == 0;
}

static void tell_shown(struct dbk_fact *about, struct dbk_reservation *const *shown, size_t count,
                       struct dbk_arena *arena)
{
    struct dbk_text ids = {0}, states = {0};

    for (size_t i = 0; i < count; i++) {
        dbk_text_printf(&ids, "%s%s", i ? "," : "", shown[i]->id);
        dbk_text_printf(&states, "%s%s=%s", i ? "," : "", shown[i]->id, shown[i]->now->state);
    }
    about->reservation = dbk_arena_text(arena, ids.bytes);
    if (count > 1)
        about->text = dbk_arena_text(arena, states.bytes);
    else
        about->state = count == 1 ? shown[0]->now->state : "none";
    dbk_text_reset(&ids);
    dbk_text_reset(&states);
}

static struct dbk_message *look_up(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    struct dbk_partner *partner = moment->partner;
    struct dbk_ledger *ledger = &partner->ledger;
    const struct dbk_direct_request *request = &exchange->request;
    int64_t offered = partner->config.profile.look_up;
    struct dbk_reservation **shown = NULL;
    size_t count = 0;

    if (offered != (request->date ? DBK_LOOK_UP_LIST_BY_DATE : DBK_LOOK_UP_REFERENCE))
        return dbk_direct_refuse("bad-request", "This look-up is not offered.");
    shown = dbk_arena_alloc(&partner->arena, (ledger->count + 1) * sizeof(*shown));
    for (size_t i = 0; i < ledger->count; i++) {
        struct dbk_reservation *reservation = ledger->reservations[i];
        bool is_asked_for = request->date ? starts_on(reservation->slot, request->date)
                                          : dbk_same(reservation->reference, request->reference);

        if (!is_asked_for || !is_visible(moment, exchange, reservation))
            continue;
        if (count == 0)
            exchange->subjects[exchange->subject_count++] = reservation;
        shown[count++] = reservation;
    }
    exchange->shown = shown;
    exchange->shown_count = count;
    tell_shown(&exchange->about, shown, count, &partner->arena);
    return dbk_direct_list(shown, count, &partner->config.profile);
}

static struct dbk_message *get(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    struct dbk_reservation *reservation =
        dbk_ledger_by_id(&moment->partner->ledger, exchange->request.id);

    if (!reservation)
        return dbk_direct_refuse("unknown-reservation", "There is no such reservation.");
    exchange->subjects[exchange->subject_count++] = reservation;
    return dbk_exchange_show(moment, exchange, 200, reservation);
}

/* The state is all it lies about: a version of its own would make what is true look older. */
static struct dbk_message *say_cancelled(const struct dbk_moment *moment,
                                         struct dbk_exchange *exchange,
                                         const struct dbk_reservation *reservation)
{
    struct dbk_revision said = *reservation->now;
    struct dbk_reservation shown = *reservation;

    said.state = dbk_reservation_state("cancelled");
    shown.now = &said;
    return dbk_exchange_show(moment, exchange, 200, &shown);
}

static struct dbk_message *cancel(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_action *lie = dbk_exchange_wants(exchange, DBK_FAULT_SAY_DONE_DO_NOTHING);
    struct dbk_ledger *ledger = &moment->partner->ledger;
    struct dbk_reservation *reservation = dbk_ledger_by_id(ledger, exchange->request.id);
    const char *cancelled = dbk_reservation_state("cancelled");
    const char *before = NULL;

    if (!reservation)
        return dbk_direct_refuse("unknown-reservation", "There is no such reservation.");
    before = reservation->now->state;
    if (before != cancelled && !dbk_reservation_may_become(reservation, cancelled))
        return dbk_direct_refuse("not-cancellable", "This reservation cannot be cancelled.");
    exchange->subjects[exchange->subject_count++] = reservation;
    if (before != cancelled && lie) {
        dbk_exchange_tell_fault(moment, exchange, lie, 0);
        return say_cancelled(moment, exchange, reservation);
    }
    if (dbk_ledger_move(ledger, reservation, cancelled, moment->now->wall_ms))
        dbk_exchange_tell_effect(moment, reservation, before, "cancel", exchange);
    dbk_hold_is_given_up(moment, reservation);
    return dbk_exchange_show(moment, exchange, 200, reservation);
}

static struct dbk_message *handle(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    static struct dbk_message *(*const by_op[DBK_OPS])(const struct dbk_moment *,
                                                       struct dbk_exchange *) = {
        [DBK_OP_CREATE] = create,
        [DBK_OP_LOOK_UP] = look_up,
        [DBK_OP_GET] = get,
        [DBK_OP_CANCEL] = cancel,
        [DBK_OP_CONFIRM] = dbk_hold_confirm,
        [DBK_OP_EXTEND] = dbk_hold_extend,
    };

    if (exchange->request.complaint)
        return dbk_direct_refuse("bad-request", exchange->request.complaint);
    return by_op[exchange->request.op](moment, exchange);
}

static int status_of(const struct dbk_action *action)
{
    return action->http > 0 ? (int)action->http : 500;
}

/* Before the commit: an answer without any effect, or NULL where nothing stands in the way. */
static struct dbk_message *turn_away(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_action *refuse = dbk_exchange_wants(exchange, DBK_FAULT_REFUSE);
    const struct dbk_action *slow = dbk_exchange_wants(exchange, DBK_FAULT_SLOW_DOWN);
    const struct dbk_action *fail = dbk_exchange_wants(exchange, DBK_FAULT_ERROR_BEFORE_COMMIT);

    if (slow) {
        dbk_exchange_tell_fault(moment, exchange, slow, 0);
        exchange->about.retry_ms = 1000 * ((slow->duration_ms + 999) / 1000);
        return dbk_direct_slow_down(slow->duration_ms, moment->now->wall_ms,
                                    &moment->partner->config.profile);
    }
    if (refuse) {
        static const char *const usual[DBK_OPS] = {
            [DBK_OP_CREATE] = "sold-out",
            [DBK_OP_CANCEL] = "not-cancellable",
            [DBK_OP_CONFIRM] = "not-confirmable",
            [DBK_OP_EXTEND] = "not-extendable",
        };
        const char *reason = refuse->reason ? refuse->reason : usual[exchange->request.op];

        dbk_exchange_tell_fault(moment, exchange, refuse, 0);
        return dbk_direct_refuse(reason, "Refused.");
    }
    if (fail) {
        bool is_told = exchange->request.op == DBK_OP_CREATE &&
                       moment->partner->config.profile.server_error == DBK_ERROR_IS_TOLD;

        dbk_exchange_tell_fault(moment, exchange, fail, 0);
        if (is_told)
            exchange->about.state = "none"; /* which is what the answer says */
        return dbk_direct_fail(status_of(fail), is_told ? "not-created" : "internal");
    }
    return NULL;
}

/* After the commit: the answer as it will be sent. Only what went well can be called an error. */
static struct dbk_message *twist(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                                 struct dbk_message *answer)
{
    const struct dbk_action *fail = dbk_exchange_wants(exchange, DBK_FAULT_ERROR_AFTER_COMMIT);

    if (!fail || answer->status >= 300)
        return answer;
    dbk_exchange_tell_fault(moment, exchange, fail, 0);
    dbk_message_free(answer);
    exchange->shown_count = 0;
    exchange->about.state = NULL;
    exchange->about.reservation = NULL;
    return dbk_direct_fail(status_of(fail), "internal");
}

/* What will come by itself after the commit: as the rule says, else as partners usually do. */
static void plan_laters(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_rule *rule = exchange->rule;
    bool is_told = rule && (rule->later_count > 0 || rule->answers_state);

    for (size_t i = 0; i < exchange->subject_count; i++) {
        struct dbk_pending pending = {.exchange = exchange, .reservation = exchange->subjects[i]};

        for (size_t k = 0; rule && k < rule->later_count; k++) {
            pending.kind = DBK_PENDING_LATER;
            pending.later = &rule->laters[k];
            pending.due_ms = moment->now->mono_ms + pending.later->after_ms;
            dbk_partner_put_off(moment->partner, &pending);
        }
        if (is_told || !(exchange->has_made || exchange->has_confirmed) ||
            !dbk_same(pending.reservation->now->state, "pending"))
            continue;
        pending.kind = DBK_PENDING_SETTLE;
        pending.due_ms = moment->now->mono_ms + DBK_PARTNER_SETTLES_AFTER_MS;
        dbk_partner_put_off(moment->partner, &pending);
    }
}

/* The first fault of the connection on which the answer would leave, or NULL. */
static const struct dbk_action *break_of(const struct dbk_exchange *exchange)
{
    static const enum dbk_fault breaks[] = {DBK_FAULT_RESET_ANSWER, DBK_FAULT_CLOSE_ANSWER,
                                            DBK_FAULT_CUT_ANSWER};
    const struct dbk_action *action = NULL;

    for (size_t i = 0; i < DBK_COUNT(breaks) && !action; i++)
        action = dbk_exchange_wants(exchange, breaks[i]);
    return action;
}

void dbk_exchange_answers(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_action *action = break_of(exchange);
    struct dbk_message *answer = exchange->answer;

    exchange->answer = NULL;
    if (!action) {
        for (size_t i = 0; i < exchange->shown_count; i++)
            dbk_exchange_tell_clock(moment, exchange->shown[i]);
        dbk_effect_answer(moment->effects, exchange->id, answer, &exchange->about);
        return;
    }
    dbk_exchange_tell_fault(moment, exchange, action, 0);
    if (action->fault == DBK_FAULT_CUT_ANSWER) {
        dbk_effect_cut(moment->effects, exchange->id, answer, &exchange->about);
        return;
    }
    dbk_effect_break(moment->effects, exchange->id,
                     action->fault == DBK_FAULT_RESET_ANSWER ? DBK_FAILURE_RESET
                                                             : DBK_FAILURE_CLOSED,
                     &exchange->about);
    dbk_message_free(answer);
}

/* The answer is on its way: it gets lost, is held, or goes. */
static void send_off(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    const struct dbk_action *lose = dbk_exchange_wants(exchange, DBK_FAULT_LOSE_ANSWER);
    const struct dbk_action *delay = dbk_exchange_wants(exchange, DBK_FAULT_DELAY_ANSWER);

    if (lose) {
        dbk_exchange_tell_fault(moment, exchange, lose, 0);
        dbk_effect_withhold(moment->effects, exchange->id, &exchange->about);
        dbk_message_free(exchange->answer);
        exchange->answer = NULL;
        return;
    }
    if (!delay) {
        dbk_exchange_answers(moment, exchange);
        return;
    }
    dbk_exchange_tell_fault(moment, exchange, delay, delay->duration_ms);
    dbk_partner_put_off(moment->partner,
                        &(struct dbk_pending){.due_ms = moment->now->mono_ms + delay->duration_ms,
                                              .kind = DBK_PENDING_ANSWER,
                                              .exchange = exchange});
}

void dbk_exchange_carry_out(const struct dbk_moment *moment, struct dbk_exchange *exchange)
{
    struct dbk_message *answer = NULL;

    exchange->about = dbk_exchange_fact(exchange, DBK_FACT_ANSWER);
    exchange->about.to = exchange->from;
    answer = turn_away(moment, exchange);
    if (!answer)
        answer = twist(moment, exchange, handle(moment, exchange));
    exchange->about.http = answer->status;
    exchange->answer = answer;
    send_off(moment, exchange);
    plan_laters(moment, exchange);
}
