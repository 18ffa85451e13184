#include "runner/search/goal_parts.h"

#include <string.h>

#define DAY_MS (24 * 60 * 60 * 1000LL)

int64_t dbk_goal_moment_ms(const struct dbk_goal_moment *moment, int64_t zero_ms)
{
    switch (moment->kind) {
    case DBK_MOMENT_FROM_ZERO:
        return zero_ms + moment->ms;
    case DBK_MOMENT_OF_DAY:
        return zero_ms / DAY_MS * DAY_MS + moment->ms;
    default:
        return moment->ms;
    }
}

/* ---- what a clock read at a fact ---- */

static bool find_offset(const struct dbk_history *history, const char *name, int64_t *offset_ms)
{
    for (size_t i = 0; i < history->clock_count; i++)
        if (dbk_same(history->clocks[i].name, name)) {
            *offset_ms = history->clocks[i].offset_ms;
            return true;
        }
    return false;
}

/* Epoch ms. A log without true time tells it by its own clock, if the head knows that. */
static bool true_time(const struct dbk_history *history, const struct dbk_fact *fact, int64_t *ms)
{
    int64_t offset_ms;
    if (fact->at_ms != DBK_ABSENT && history->zero_ms != DBK_ABSENT) {
        *ms = history->zero_ms + fact->at_ms;
        return true;
    }
    if (fact->reads_ms == DBK_ABSENT || !find_offset(history, fact->clock, &offset_ms))
        return false;
    *ms = fact->reads_ms - offset_ms;
    return true;
}

/* Of the clock named, NULL: of the one at the fact's own end, which is true where it has none. */
static bool reading(const struct dbk_history *history, const struct dbk_fact *fact,
                    const char *clock, int64_t *ms)
{
    int64_t offset_ms = 0;
    if (fact->reads_ms != DBK_ABSENT && (!clock || dbk_same(clock, fact->clock))) {
        *ms = fact->reads_ms;
        return true;
    }
    if (!clock)
        clock = fact->clock ? fact->clock : DBK_GOAL_TRUE_TIME;
    if (strcmp(clock, DBK_GOAL_TRUE_TIME) != 0 && !find_offset(history, clock, &offset_ms))
        return false;
    if (!true_time(history, fact, ms))
        return false;
    *ms += offset_ms;
    return true;
}

static bool is_within(const struct dbk_goal_entry *entry, const struct dbk_history *history,
                      const struct dbk_fact *fact)
{
    const struct dbk_goal_moment *from = &entry->from, *to = &entry->to;
    int64_t zero_ms = history->zero_ms, ms;
    bool needs_zero = from->kind == DBK_MOMENT_FROM_ZERO || from->kind == DBK_MOMENT_OF_DAY ||
                      to->kind == DBK_MOMENT_FROM_ZERO || to->kind == DBK_MOMENT_OF_DAY;
    if (from->kind == DBK_MOMENT_NONE && to->kind == DBK_MOMENT_NONE)
        return true;
    if ((needs_zero && zero_ms == DBK_ABSENT) || !reading(history, fact, entry->clock, &ms))
        return false;
    return (from->kind == DBK_MOMENT_NONE || ms >= dbk_goal_moment_ms(from, zero_ms)) &&
           (to->kind == DBK_MOMENT_NONE || ms <= dbk_goal_moment_ms(to, zero_ms));
}

/* ---- which facts an entry may be ---- */

static bool is_equal(const struct dbk_field *field, const struct dbk_fact *one,
                     const struct dbk_fact *other)
{
    const char *at = (const char *)one + field->offset;
    const char *beside = (const char *)other + field->offset;
    if (field->type == DBK_FIELD_TEXT)
        return dbk_same(*(const char *const *)at, *(const char *const *)beside);
    return *(const int64_t *)at == *(const int64_t *)beside;
}

static bool may_be(const struct dbk_goal_entry *entry, const struct dbk_history *history,
                   const struct dbk_fact *fact)
{
    if (fact->kind != entry->kind)
        return false;
    for (size_t i = 0; i < entry->member_count; i++)
        if (!is_equal(entry->members[i], &entry->like, fact))
            return false;
    return is_within(entry, history, fact);
}

static bool are_seen(struct dbk_goal_file *file, const struct dbk_history *history)
{
    dbk_match_begin(&file->match);
    for (size_t i = 0; i < history->fact_count; i++) {
        uint32_t entries = 0;
        for (size_t k = 0; k < file->entry_count; k++)
            if (may_be(&file->entries[k], history, &history->facts[i]))
                entries |= UINT32_C(1) << k;
        dbk_match_offer(&file->match, entries);
    }
    return dbk_match_is_whole(&file->match);
}

static bool is_violated(const struct dbk_outcome *outcome, const char *invariant)
{
    for (size_t i = 0; i < outcome->violation_count; i++)
        if (dbk_same(outcome->violations[i].invariant, invariant))
            return true;
    return false;
}

void dbk_goal_file_reached(void *self, const struct dbk_history *history,
                           const struct dbk_outcome *outcome, struct dbk_signatures *found)
{
    struct dbk_goal_file *file = self;
    for (size_t i = 0; i < file->violate_count; i++)
        if (!is_violated(outcome, file->violates[i]))
            return;
    if (are_seen(file, history))
        dbk_signatures_add(found, file->name, false);
}
