#include "runner/path.h"

#include "base/fact.h"
#include "fake-partners/fault.h"

#include <string.h>

/* A place in a history: how many outside facts lie before it, and their hash. */
struct place {
    const struct dbk_history *history;
    size_t next; /* in history->facts, of the next outside fact; fact_count at the end */
    int64_t facts;
    struct dbk_digest hash;
    struct dbk_text line; /* owned: room for one */
};

static void skip_inside(struct place *place)
{
    while (place->next < place->history->fact_count &&
           !dbk_fact_is_outside(place->history->facts[place->next].kind))
        place->next++;
}

static struct place begin(const struct dbk_history *history)
{
    struct place place = {.history = history};
    skip_inside(&place);
    return place;
}

static const struct dbk_fact *fact_at(const struct place *place)
{
    return place->next < place->history->fact_count ? &place->history->facts[place->next] : NULL;
}

static void go_on(struct place *place)
{
    struct dbk_fact fact = place->history->facts[place->next++];
    if (fact.kind == DBK_FACT_FAULT) {
        fact.by = NULL;
        fact.line = DBK_ABSENT;
    }
    if (fact.kind == DBK_FACT_STEP) {
        fact.nth = fact.line = DBK_ABSENT;
        fact.text = NULL;
    }
    place->facts++;
    dbk_text_clear(&place->line);
    dbk_fact_write(&fact, (size_t)place->facts, &place->line);
    place->hash = dbk_digest_link(&place->hash, place->line.bytes, place->line.length);
    skip_inside(place);
}

static bool is_lapse(const char *fault)
{
    for (size_t i = 0; i < DBK_LAPSES; i++)
        if (dbk_same(dbk_lapses[i].name, fault))
            return true;
    return false;
}

static bool is_alike(const struct dbk_path_step *step, const char *fault, const char *exchange)
{
    return dbk_same(step->fault, fault) && dbk_same(step->exchange, exchange);
}

/* True for what is a fault of the run, and not one that has been told before. */
static bool is_new(const struct dbk_path *path, const struct dbk_fact *fact)
{
    if (fact->kind != DBK_FACT_FAULT || !fact->fault || is_lapse(fact->fault))
        return false;
    for (size_t i = 0; i < path->count && fact->exchange; i++)
        if (is_alike(&path->steps[i], fact->fault, fact->exchange))
            return false;
    return true;
}

static size_t count_faults(const struct dbk_history *history)
{
    size_t count = 0;
    for (size_t i = 0; i < history->fact_count; i++)
        count += history->facts[i].kind == DBK_FACT_FAULT;
    return count;
}

struct dbk_path dbk_path_of(const struct dbk_history *history, struct dbk_arena *arena)
{
    struct dbk_path path = {.count = 0};
    struct place place = begin(history);
    path.steps = dbk_arena_alloc(arena, (count_faults(history) + 1) * sizeof *path.steps);
    for (const struct dbk_fact *fact = fact_at(&place); fact; fact = fact_at(&place)) {
        if (is_new(&path, fact)) {
            char hex[DBK_DIGEST_HEX];
            dbk_digest_hex(&place.hash, hex);
            path.steps[path.count++] =
                (struct dbk_path_step){.facts = place.facts,
                                       .hash = dbk_arena_copy(arena, hex, DBK_PATH_HASH),
                                       .fault = fact->fault,
                                       .exchange = fact->exchange};
        }
        go_on(&place);
    }
    dbk_text_reset(&place.line);
    return path;
}

size_t dbk_path_common(const struct dbk_path *path, const struct dbk_history *history)
{
    struct place place = begin(history);
    size_t common = 0;
    for (; common < path->count; common++) {
        char hex[DBK_DIGEST_HEX];
        while (place.facts < path->steps[common].facts && fact_at(&place))
            go_on(&place);
        dbk_digest_hex(&place.hash, hex);
        if (place.facts != path->steps[common].facts ||
            strncmp(hex, path->steps[common].hash, DBK_PATH_HASH) != 0)
            break;
    }
    dbk_text_reset(&place.line);
    return common;
}

bool dbk_path_took_effect(const struct dbk_path *path, size_t step, int64_t facts,
                          const struct dbk_history *history)
{
    const struct dbk_path_step *wanted = &path->steps[step];
    struct dbk_arena arena = {0};
    struct dbk_path here = dbk_path_of(history, &arena);
    size_t alike = 0, seen = 0;
    bool is_there = false;
    for (size_t i = 0; i <= step; i++)
        alike += is_alike(&path->steps[i], wanted->fault, wanted->exchange);
    for (size_t i = 0; i < here.count && !is_there; i++) {
        seen += is_alike(wanted, here.steps[i].fault, here.steps[i].exchange);
        is_there = seen == alike && here.steps[i].facts >= facts;
    }
    dbk_arena_free(&arena);
    return is_there;
}
