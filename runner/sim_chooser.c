#include "runner/sim_chooser.h"

#include <stdlib.h>
#include <string.h>

struct dbk_sim_count {
    uint64_t hash;
    const char *entity; /* NULL: free */
    enum dbk_site site;
    uint32_t times;
};

static uint64_t hash_of(enum dbk_site site, const char *entity)
{
    uint64_t hash = 1469598103934665603u ^ (uint64_t)site;
    for (const char *c = entity; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return hash;
}

static struct dbk_sim_count *find(const struct dbk_sim_chooser *chooser, uint64_t hash,
                                  enum dbk_site site, const char *entity)
{
    size_t at = hash & (chooser->capacity - 1);
    for (;; at = (at + 1) & (chooser->capacity - 1)) {
        struct dbk_sim_count *slot = &chooser->counts[at];
        if (!slot->entity ||
            (slot->hash == hash && slot->site == site && strcmp(slot->entity, entity) == 0))
            return slot;
    }
}

static void grow(struct dbk_sim_chooser *chooser)
{
    struct dbk_sim_count *old = chooser->counts;
    size_t old_capacity = chooser->capacity;
    chooser->capacity = old_capacity ? old_capacity * 2 : 64;
    chooser->counts = dbk_alloc(chooser->capacity * sizeof *chooser->counts);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].entity)
            *find(chooser, old[i].hash, old[i].site, old[i].entity) = old[i];
    free(old);
}

/* Which occurrence of (site, entity) this is, from 1. */
static uint32_t next_time(struct dbk_sim_chooser *chooser, enum dbk_site site, const char *entity)
{
    if (chooser->count * 2 >= chooser->capacity)
        grow(chooser);
    uint64_t hash = hash_of(site, entity);
    struct dbk_sim_count *slot = find(chooser, hash, site, entity);
    if (!slot->entity) {
        *slot = (struct dbk_sim_count){
            .hash = hash, .site = site, .entity = dbk_arena_text(&chooser->arena, entity)};
        chooser->count++;
    }
    return ++slot->times;
}

static uint32_t choose(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    struct dbk_sim_chooser *chooser = self;
    chooser->last_pin = 0;
    if (dbk_sites[site].is_adverse && !chooser->is_pinned[site])
        return 0;
    uint32_t nth = next_time(chooser, site, entity);
    if (chooser->is_pinned[site])
        for (size_t i = 0; i < chooser->scenario->pinned_count; i++) {
            const struct dbk_pinned *pin = &chooser->scenario->pinned[i];
            if (pin->site == site && pin->nth == nth && pin->take < alternatives &&
                strcmp(pin->entity, entity) == 0) {
                chooser->last_pin = i + 1;
                return pin->take;
            }
        }
    if (dbk_sites[site].is_adverse)
        return 0;
    return (uint32_t)dbk_draw_below(chooser->seed, dbk_sites[site].name, entity, nth, alternatives);
}

void dbk_sim_chooser_renew(struct dbk_sim_chooser *chooser, const struct dbk_scenario *scenario,
                           uint64_t seed)
{
    dbk_arena_reset(&chooser->arena);
    chooser->scenario = scenario;
    chooser->seed = seed;
    chooser->last_pin = 0;
    memset(chooser->is_pinned, 0, sizeof chooser->is_pinned);
    for (size_t i = 0; i < scenario->pinned_count; i++)
        chooser->is_pinned[scenario->pinned[i].site] = true;
    if (chooser->counts)
        memset(chooser->counts, 0, chooser->capacity * sizeof *chooser->counts);
    chooser->count = 0;
}

struct dbk_chooser dbk_sim_chooser_port(struct dbk_sim_chooser *chooser)
{
    return (struct dbk_chooser){.choose = choose, .self = chooser};
}

void dbk_sim_chooser_free(struct dbk_sim_chooser *chooser)
{
    dbk_arena_free(&chooser->arena);
    free(chooser->counts);
    *chooser = (struct dbk_sim_chooser){0};
}
