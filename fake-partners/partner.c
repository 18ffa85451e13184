#include "fake-partners/partner.h"

#include "fake-partners/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *dbk_partner_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 8;
    return dbk_resize(items, *capacity * size);
}

/* Behind all that is due at the same time, so that equals keep their order. */
void dbk_partner_put_off(struct dbk_partner *partner, const struct dbk_pending *pending)
{
    size_t at = partner->pending_count;

    partner->pendings = dbk_partner_grow(partner->pendings, partner->pending_count,
                                         &partner->pending_capacity, sizeof(*partner->pendings));
    while (at > 0 && partner->pendings[at - 1].due_ms > pending->due_ms)
        at--;
    memmove(&partner->pendings[at + 1], &partner->pendings[at],
            (partner->pending_count - at) * sizeof(*partner->pendings));
    partner->pendings[at] = *pending;
    partner->pending_count++;
}

void dbk_partner_call_off(struct dbk_partner *partner, enum dbk_pending_kind kind,
                          const struct dbk_reservation *reservation)
{
    size_t kept = 0;

    for (size_t i = 0; i < partner->pending_count; i++)
        if (partner->pendings[i].kind != kind || partner->pendings[i].reservation != reservation)
            partner->pendings[kept++] = partner->pendings[i];
    partner->pending_count = kept;
}

static void happen(const struct dbk_moment *moment, const struct dbk_pending *pending)
{
    switch (pending->kind) {
    case DBK_PENDING_CARRY_OUT:
        dbk_exchange_carry_out(moment, pending->exchange);
        break;
    case DBK_PENDING_ANSWER:
        dbk_exchange_answers(moment, pending->exchange);
        break;
    case DBK_PENDING_LATER:
        dbk_later_comes(moment, pending);
        break;
    case DBK_PENDING_SETTLE:
        dbk_later_settles(moment, pending);
        break;
    case DBK_PENDING_EXPIRE:
        dbk_hold_ends(moment, pending);
        break;
    case DBK_PENDING_CALLBACK:
        dbk_callback_leaves(moment, pending);
        break;
    }
}

/* What is due happens now, and may put off more that is due at once. */
static void do_what_is_due(const struct dbk_moment *moment)
{
    struct dbk_partner *partner = moment->partner;

    while (partner->pending_count > 0 && partner->pendings[0].due_ms <= moment->now->mono_ms) {
        struct dbk_pending pending = partner->pendings[0];

        partner->pending_count--;
        memmove(&partner->pendings[0], &partner->pendings[1],
                partner->pending_count * sizeof(*partner->pendings));
        happen(moment, &pending);
    }
}

static void ask_for_wake(const struct dbk_moment *moment)
{
    struct dbk_partner *partner = moment->partner;
    int64_t due_ms = partner->pending_count > 0 ? partner->pendings[0].due_ms : DBK_ABSENT;

    if (due_ms != partner->wake_ms)
        dbk_effect_wake(moment->effects, due_ms);
    partner->wake_ms = due_ms;
}

static enum dbk_step_result step(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects)
{
    struct dbk_partner *partner = self;
    const struct dbk_moment moment = {
        .partner = partner, .now = now, .chooser = chooser, .effects = effects};

    switch (event->kind) {
    case DBK_EVENT_STARTED:
    case DBK_EVENT_WAKE:
        partner->wake_ms = DBK_ABSENT; /* It has come, or died with the process. */
        break;
    case DBK_EVENT_REQUEST:
        dbk_door_opens(&moment, event);
        break;
    case DBK_EVENT_RESPONSE:
    case DBK_EVENT_FAILED:
        dbk_callback_answered(&moment, event);
        break;
    case DBK_EVENT_POKED:
        break;
    }
    do_what_is_due(&moment);
    ask_for_wake(&moment);
    return DBK_STEP_DONE;
}

static void forget(void *self)
{
    struct dbk_partner *partner = self;

    for (size_t i = 0; i < partner->pending_count; i++)
        if (partner->pendings[i].kind == DBK_PENDING_ANSWER)
            dbk_message_free(partner->pendings[i].exchange->answer);
    partner->pending_count = 0;
    partner->visitor_count = 0;
    partner->reference_count = 0;
    partner->delivery_count = 0;
    partner->event_count = 0;
    partner->wake_ms = DBK_ABSENT;
    dbk_ledger_clear(&partner->ledger);
    dbk_arena_reset(&partner->arena);
}

static void free_partner(void *self)
{
    struct dbk_partner *partner = self;

    forget(partner);
    dbk_ledger_reset(&partner->ledger);
    dbk_arena_free(&partner->arena);
    free(partner->pendings);
    free(partner->visitors);
    free(partner->references);
    free(partner->deliveries);
    free(partner);
}

static const struct dbk_machine_ops ops = {.step = step, .forget = forget, .free = free_partner};

struct dbk_machine dbk_partner_machine(const struct dbk_partner_config *config)
{
    struct dbk_partner *partner = dbk_alloc(sizeof(*partner));
    struct dbk_machine machine = {.ops = &ops, .self = partner};

    partner->ledger.arena = &partner->arena;
    dbk_partner_renew(&machine, config);
    return machine;
}

void dbk_partner_renew(struct dbk_machine *machine, const struct dbk_partner_config *config)
{
    struct dbk_partner *partner = machine->self;

    forget(partner);
    partner->config = *config;
    machine->name = config->name;
    /* The partner's name is in the site, so that two partners never share an id. */
    snprintf(partner->reservation_site, sizeof(partner->reservation_site), "%s/reservation",
             config->name);
    snprintf(partner->event_site, sizeof(partner->event_site), "%s/event", config->name);
}
