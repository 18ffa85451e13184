#include "core/core.h"

#include "core/inside.h"

#include <stdlib.h>

struct dbk_core *dbk_core_new(const struct dbk_core_config *config)
{
    struct dbk_core *core = dbk_alloc(sizeof(*core));

    core->cautious = dbk_profile_default();
    dbk_core_renew(core, config);
    return core;
}

void dbk_core_renew(struct dbk_core *core, const struct dbk_core_config *config)
{
    core->config = *config;
    core->has_pauses = false;
    core->paused_until_ms =
        dbk_resize(core->paused_until_ms, (config->partner_count + 1) * sizeof(int64_t));
}

/* Both machines are asked often and told seldom, so the store is read once. A step that fails
 * leaves a pause that is too long, at most. */
static bool read_pauses(struct dbk_core *core)
{
    if (core->has_pauses)
        return true;
    for (size_t i = 0; i < core->config.partner_count; i++)
        if (!dbk_store_pause(core->config.store, core->config.partners[i].name,
                             &core->paused_until_ms[i]))
            return false;
    core->has_pauses = true;
    return true;
}

bool dbk_core_paused(struct dbk_core *core, const struct dbk_core_partner *partner,
                     int64_t *until_ms)
{
    *until_ms = 0;
    if (!partner)
        return true;
    if (!read_pauses(core))
        return false;
    *until_ms = core->paused_until_ms[partner - core->config.partners];
    return true;
}

bool dbk_core_pause(struct dbk_core *core, const struct dbk_core_partner *partner, int64_t for_ms)
{
    int64_t limit_ms = partner->profile.doubt_limit_ms;
    int64_t until_ms = core->now.wall_ms + (for_ms < limit_ms ? for_ms : limit_ms);

    if (!read_pauses(core) || !dbk_store_put_pause(core->config.store, partner->name, until_ms))
        return false;
    int64_t *known = &core->paused_until_ms[partner - core->config.partners];
    *known = until_ms > *known ? until_ms : *known;
    return true;
}

void dbk_core_free(struct dbk_core *core)
{
    if (!core)
        return;
    dbk_arena_free(&core->arena);
    free(core->paused_until_ms);
    free(core);
}

const struct dbk_core_partner *dbk_core_partner_named(const struct dbk_core *core, const char *name)
{
    for (size_t i = 0; i < core->config.partner_count; i++)
        if (dbk_same(core->config.partners[i].name, name))
            return &core->config.partners[i];
    return NULL;
}

void dbk_core_begin_step(struct dbk_core *core, const struct dbk_now *now,
                         const struct dbk_chooser *chooser, struct dbk_effects *effects)
{
    core->now = *now;
    core->chooser = chooser;
    core->effects = effects;
    dbk_arena_reset(&core->arena);
}

/* Both machines keep all they know in the store. */
static void forget(void *self)
{
    (void)self;
}

static const struct dbk_machine_ops api_ops = {
    .step = dbk_api_step, .forget = forget, .free = forget};
static const struct dbk_machine_ops worker_ops = {
    .step = dbk_worker_step, .forget = forget, .free = forget};

struct dbk_machine dbk_core_api(struct dbk_core *core)
{
    return (struct dbk_machine){.ops = &api_ops, .self = core, .name = "core.api"};
}

struct dbk_machine dbk_core_worker(struct dbk_core *core)
{
    return (struct dbk_machine){.ops = &worker_ops, .self = core, .name = "core.worker"};
}
