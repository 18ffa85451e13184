#include "fake-partners/exchange.h"

#include <string.h>

/* "Ana dbk.trip.x7k2" -> "trip"; NULL where no word has that form. */
static const char *intent_of(const char *guest, struct dbk_arena *arena)
{
    static const char mark[] = "dbk.";
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    for (const char *word = guest; word && *word; word += strcspn(word, " ")) {
        size_t length = 0;

        word += strspn(word, " ");
        if (!dbk_starts_with(word, mark))
            continue;
        length = strspn(word + strlen(mark), letters);
        if (length > 0 && word[strlen(mark) + length] == '.')
            return dbk_arena_copy(arena, word + strlen(mark), length);
    }
    return NULL;
}

static struct dbk_visitor *visitor_of(struct dbk_partner *partner, const char *intent)
{
    struct dbk_visitor *visitor = NULL;

    for (size_t i = 0; i < partner->visitor_count; i++)
        if (dbk_same(partner->visitors[i].intent, intent))
            return &partner->visitors[i];
    partner->visitors = dbk_partner_grow(partner->visitors, partner->visitor_count,
                                         &partner->visitor_capacity, sizeof(*partner->visitors));
    visitor = &partner->visitors[partner->visitor_count++];
    *visitor = (struct dbk_visitor){
        .intent = intent,
        .acted = dbk_arena_alloc(&partner->arena,
                                 (partner->config.rule_count + 1) * sizeof(*visitor->acted)),
    };
    return visitor;
}

static const struct dbk_seen_reference *find_reference(const struct dbk_partner *partner,
                                                       const char *reference)
{
    for (size_t i = 0; i < partner->reference_count; i++)
        if (dbk_same(partner->references[i].reference, reference))
            return &partner->references[i];
    return NULL;
}

/* Even a create that gets no further than the door tells whose reference it is. */
static void remember_reference(struct dbk_partner *partner, const struct dbk_exchange *exchange)
{
    if (!exchange->key || find_reference(partner, exchange->key))
        return;
    partner->references =
        dbk_partner_grow(partner->references, partner->reference_count,
                         &partner->reference_capacity, sizeof(*partner->references));
    partner->references[partner->reference_count++] =
        (struct dbk_seen_reference){.reference = exchange->key, .intent = exchange->intent};
}

static void find_intent(struct dbk_partner *partner, struct dbk_exchange *exchange)
{
    const struct dbk_direct_request *request = &exchange->request;
    const struct dbk_seen_reference *seen = NULL;
    const struct dbk_reservation *reservation = NULL;

    switch (request->op) {
    case DBK_OP_CREATE:
        exchange->key = request->reference;
        exchange->intent = intent_of(request->guest, &partner->arena);
        remember_reference(partner, exchange);
        break;
    case DBK_OP_LOOK_UP:
        exchange->key = request->reference;
        seen = request->reference ? find_reference(partner, request->reference) : NULL;
        exchange->intent = seen ? seen->intent : NULL;
        break;
    case DBK_OP_GET:
    case DBK_OP_CANCEL:
    case DBK_OP_CONFIRM:
    case DBK_OP_EXTEND:
        reservation = dbk_ledger_by_id(&partner->ledger, request->id);
        exchange->key = reservation ? reservation->reference : NULL;
        exchange->intent = reservation ? reservation->intent : NULL;
        break;
    default:
        break;
    }
}

/* Counts the attempt at the door and names the exchange after it. */
static struct dbk_visitor *count_attempt(struct dbk_partner *partner, struct dbk_exchange *exchange)
{
    struct dbk_visitor *visitor = visitor_of(partner, exchange->intent);
    enum dbk_op op = exchange->request.op;
    const char *word = op < DBK_OPS ? dbk_op_name(op) : "request";

    exchange->attempt = ++visitor->seen[op < DBK_OPS ? op : DBK_OP_ANY];
    exchange->label =
        dbk_arena_printf(&partner->arena, "%s/%s%s%s#%lld", partner->config.name,
                         exchange->intent ? exchange->intent : "", exchange->intent ? "/" : "",
                         word, (long long)exchange->attempt);
    return visitor;
}

/* The first rule that is for this attempt and has not done its times acts; else the chooser. */
static void find_actions(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                         struct dbk_visitor *visitor)
{
    const struct dbk_partner_config *config = &moment->partner->config;
    uint32_t taken = 0;

    if (exchange->request.op == DBK_OPS)
        return;
    for (size_t i = 0; i < config->rule_count; i++) {
        const struct dbk_rule *rule = &config->rules[i];
        int64_t times = rule->times > 0 ? rule->times : 1;

        if (visitor->acted[i] < times &&
            dbk_rule_is_for(rule, exchange->request.op, exchange->intent, exchange->attempt)) {
            visitor->acted[i]++;
            exchange->rule = rule;
            exchange->actions = rule->actions;
            exchange->action_count = rule->action_count;
            return;
        }
    }
    taken =
        dbk_choose(moment->chooser, DBK_SITE_EXCHANGE_FAULT, exchange->label, DBK_FAULT_CHOICES);
    if (!dbk_action_of_choice(taken, exchange->request.op, &config->profile, &exchange->chosen))
        return;
    exchange->actions = &exchange->chosen;
    exchange->action_count = 1;
}

static void tell_saw(const struct dbk_moment *moment, const struct dbk_exchange *exchange,
                     const char *fate)
{
    struct dbk_fact fact = dbk_exchange_fact(exchange, DBK_FACT_SAW);

    fact.to = exchange->from;
    fact.reservation = exchange->request.id;
    fact.fate = fate;
    dbk_effect_fact(moment->effects, &fact);
}

/* Puts off what is due by a fault, if the exchange wants it, and says whether that is too long. */
static void hold_up(const struct dbk_moment *moment, struct dbk_exchange *exchange,
                    enum dbk_fault fault, int64_t *due_ms)
{
    const struct dbk_action *action = dbk_exchange_wants(exchange, fault);

    if (!action)
        return;
    *due_ms += action->duration_ms;
    if (dbk_exchange_tell_fault(moment, exchange, action, *due_ms - exchange->left_ms))
        exchange->was_told_late = true;
}

void dbk_door_opens(const struct dbk_moment *moment, const struct dbk_event *event)
{
    struct dbk_partner *partner = moment->partner;
    struct dbk_exchange *exchange = dbk_arena_alloc(&partner->arena, sizeof(*exchange));
    const struct dbk_action *action = NULL;
    int64_t due_ms = moment->now->mono_ms;

    exchange->id = event->exchange;
    exchange->from = dbk_arena_text(&partner->arena, event->from);
    exchange->left_ms = moment->now->mono_ms - event->travelled_ms;
    dbk_direct_read(event->message, &partner->arena, &exchange->request);
    find_intent(partner, exchange);
    find_actions(moment, exchange, count_attempt(partner, exchange));

    if ((action = dbk_exchange_wants(exchange, DBK_FAULT_LOSE_REQUEST))) {
        tell_saw(moment, exchange, "lost");
        dbk_exchange_tell_fault(moment, exchange, action, 0);
        dbk_effect_withhold(moment->effects, exchange->id, NULL);
        return;
    }
    tell_saw(moment, exchange, "arrived");
    hold_up(moment, exchange, DBK_FAULT_DELAY_REQUEST, &due_ms);
    hold_up(moment, exchange, DBK_FAULT_COMMIT_LATE, &due_ms);
    dbk_partner_put_off(partner, &(struct dbk_pending){.due_ms = due_ms,
                                                       .kind = DBK_PENDING_CARRY_OUT,
                                                       .exchange = exchange});
}
