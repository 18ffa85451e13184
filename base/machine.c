#include "base/machine.h"

#include "base/fact.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const failure_names[DBK_FAILURES] = {
    [DBK_FAILURE_TIMED_OUT] = "timed out", [DBK_FAILURE_REFUSED] = "refused",
    [DBK_FAILURE_RESET] = "reset",         [DBK_FAILURE_BROKEN] = "broken",
    [DBK_FAILURE_CLOSED] = "closed",       [DBK_FAILURE_TOO_LATE] = "too late",
};

const char *dbk_failure_name(enum dbk_failure failure)
{
    return failure_names[failure];
}

static struct dbk_effect *put(struct dbk_effects *effects, enum dbk_effect_kind kind,
                              const struct dbk_fact *about)
{
    struct dbk_effect *effect = NULL;

    if (effects->count == effects->capacity) {
        effects->capacity = effects->capacity == 0 ? 16 : 2 * effects->capacity;
        effects->items = dbk_resize(effects->items, effects->capacity * sizeof(*effects->items));
    }
    effect = &effects->items[effects->count++];
    *effect = (struct dbk_effect){.kind = kind};
    if (about != NULL) {
        /* What the fact points to may stand on the machine's stack; effects outlive the step. */
        effect->has_fact = true;
        effect->fact = *about;
        dbk_fact_keep(&effect->fact, effects->arena);
    }
    return effect;
}

void dbk_effect_answer(struct dbk_effects *effects, uint64_t exchange, struct dbk_message *response,
                       const struct dbk_fact *about)
{
    struct dbk_effect *effect = put(effects, DBK_EFFECT_ANSWER, about);

    effect->exchange = exchange;
    effect->message = response;
}

void dbk_effect_break(struct dbk_effects *effects, uint64_t exchange, enum dbk_failure how,
                      const struct dbk_fact *about)
{
    struct dbk_effect *effect = put(effects, DBK_EFFECT_BREAK, about);

    effect->exchange = exchange;
    effect->failure = how;
}

void dbk_effect_cut(struct dbk_effects *effects, uint64_t exchange, struct dbk_message *response,
                    const struct dbk_fact *about)
{
    dbk_effect_break(effects, exchange, DBK_FAILURE_BROKEN, about);
    effects->items[effects->count - 1].message = response;
}

void dbk_effect_withhold(struct dbk_effects *effects, uint64_t exchange,
                         const struct dbk_fact *about)
{
    put(effects, DBK_EFFECT_WITHHOLD, about)->exchange = exchange;
}

void dbk_effect_send(struct dbk_effects *effects, const struct dbk_send *send)
{
    struct dbk_effect *effect = put(effects, DBK_EFFECT_SEND, send->about);

    effect->to = dbk_arena_text(effects->arena, send->to);
    effect->message = send->message;
    effect->tag = send->tag;
    effect->timeout_ms = send->timeout_ms;
    effect->send_before_mono_ms = send->send_before_mono_ms;
}

void dbk_effect_wake(struct dbk_effects *effects, int64_t mono_ms)
{
    put(effects, DBK_EFFECT_WAKE, NULL)->wake_mono_ms = mono_ms;
}

void dbk_effect_poke(struct dbk_effects *effects, const char *fellow, uint64_t tag)
{
    struct dbk_effect *effect = put(effects, DBK_EFFECT_POKE, NULL);

    effect->to = dbk_arena_text(effects->arena, fellow);
    effect->tag = tag;
}

void dbk_effect_fact(struct dbk_effects *effects, const struct dbk_fact *fact)
{
    put(effects, DBK_EFFECT_FACT, fact);
}

void dbk_effect_note(struct dbk_effects *effects, const char *format, ...)
{
    struct dbk_effect *effect = put(effects, DBK_EFFECT_FACT, NULL);
    va_list arguments;

    effect->has_fact = true;
    effect->fact = dbk_fact_of(DBK_FACT_NOTE);
    va_start(arguments, format);
    effect->fact.text = dbk_arena_vprintf(effects->arena, format, arguments);
    va_end(arguments);
}

void dbk_effects_clear(struct dbk_effects *effects, size_t keep)
{
    while (effects->count > keep) {
        dbk_message_free(effects->items[--effects->count].message);
    }
}

void dbk_effects_reset(struct dbk_effects *effects)
{
    dbk_effects_clear(effects, 0);
    free(effects->items);
    *effects = (struct dbk_effects){.arena = effects->arena};
}
