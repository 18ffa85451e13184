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

bool dbk_sim_chooser_minds(const struct dbk_sim_chooser *chooser, enum dbk_site site)
{
    return chooser->trace || chooser->is_pinned[site];
}

/* Counts one more occurrence of (site, entity). */
static const struct dbk_sim_count *count(struct dbk_sim_chooser *chooser, enum dbk_site site,
                                         const char *entity)
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
    slot->times++;
    return slot;
}

static uint32_t take_as_searched(struct dbk_sim_chooser *chooser, const struct dbk_sim_count *slot,
                                 uint32_t alternatives)
{
    uint32_t taken = 0;
    for (size_t i = 0; i < chooser->deviation_count; i++) {
        const struct dbk_deviation *deviation = &chooser->deviations[i];
        if (deviation->nth == slot->times && deviation->site == slot->site &&
            deviation->take < alternatives && strcmp(deviation->entity, slot->entity) == 0)
            taken = deviation->take;
    }
    dbk_trace_add(chooser->trace, &(struct dbk_asked){.site = slot->site,
                                                      .entity = slot->entity,
                                                      .nth = slot->times,
                                                      .alternatives = alternatives,
                                                      .taken = taken});
    if (taken > 0)
        chooser->last_pin = DBK_PIN_OF_SEARCH;
    return taken;
}

static uint32_t choose(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    struct dbk_sim_chooser *chooser = self;
    chooser->last_pin = 0;
    if (dbk_sites[site].is_adverse && !dbk_sim_chooser_minds(chooser, site))
        return 0;
    const struct dbk_sim_count *slot = count(chooser, site, entity);
    uint32_t nth = slot->times;
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
        return chooser->trace ? take_as_searched(chooser, slot, alternatives) : 0;
    return (uint32_t)dbk_draw_below(chooser->seed, dbk_sites[site].name, entity, nth, alternatives);
}

void dbk_sim_chooser_renew(struct dbk_sim_chooser *chooser, const struct dbk_scenario *scenario,
                           uint64_t seed, const struct dbk_search *search)
{
    dbk_arena_reset(&chooser->arena);
    chooser->scenario = scenario;
    chooser->seed = seed;
    chooser->last_pin = 0;
    chooser->deviations = search ? search->deviations : NULL;
    chooser->deviation_count = search ? search->deviation_count : 0;
    chooser->trace = search ? search->trace : NULL;
    if (chooser->trace)
        chooser->trace->count = 0;
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
