#include "runner/scenario.h"
#include "runner/search/goal_parts.h"
#include "runner/vocabulary.h"

#include <string.h>

struct checking {
    const struct dbk_goal_file *file;
    const struct dbk_scenario *scenario;
    struct dbk_complaints *complaints;
};

static void check_word(const struct checking *checking, const cJSON *node, const char *noun,
                       const struct dbk_words *words)
{
    const char *word = cJSON_GetStringValue(node);
    if (word && !dbk_words_have(words, word))
        dbk_words_complain(words, noun, word, checking->file->yaml, node, checking->complaints);
}

/* ---- who and what there is ---- */

static void add_once(struct dbk_words *words, const char *name)
{
    if (name && !dbk_words_have(words, name))
        dbk_words_add(words, name);
}

static bool is_of_core(const struct dbk_step *step)
{
    return step->kind == DBK_STEP_CRASH || step->kind == DBK_STEP_PAUSE;
}

/* Those who can see a fact of this kind. */
static struct dbk_words parties(const struct dbk_scenario *scenario, enum dbk_fact_kind kind)
{
    unsigned ends = dbk_goal_kinds[kind].ends;
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < scenario->step_count; i++)
        if (ends & (is_of_core(&scenario->steps[i]) ? DBK_END_CORE : DBK_END_PERSON))
            add_once(&words, scenario->steps[i].actor);
    for (size_t i = 0; ends & DBK_END_PARTNER && i < scenario->partner_count; i++)
        dbk_words_add(&words, scenario->partners[i].name);
    if (ends & DBK_END_PROCESS) {
        dbk_words_add(&words, "core.api");
        dbk_words_add(&words, "core.worker");
    }
    if (ends & DBK_END_STAGE)
        dbk_words_add(&words, "stage");
    return words;
}

static void check_names(const struct checking *checking, const struct dbk_goal_entry *entry)
{
    const struct dbk_scenario *scenario = checking->scenario;
    struct dbk_words who = parties(scenario, entry->kind);
    struct dbk_words clocks = {.count = 0}, intents = clocks, bookings = clocks;
    for (size_t i = 0; i < scenario->clock_count; i++)
        dbk_words_add(&clocks, scenario->clocks[i].name);
    dbk_words_add(&clocks, DBK_GOAL_TRUE_TIME);
    for (size_t i = 0; i < scenario->step_count; i++) {
        add_once(&intents, scenario->steps[i].intent);
        add_once(&bookings, scenario->steps[i].booking);
    }
    check_word(checking, dbk_json_get(entry->node, "who"), "party", &who);
    check_word(checking, dbk_json_get(entry->node, "intent"), "intent", &intents);
    check_word(checking, dbk_json_get(entry->node, "booking"), "booking", &bookings);
    check_word(checking, dbk_json_get(entry->node, "clock"), "clock", &clocks);
}

/* ---- intervals that no run reaches ---- */

/* The clock that a party's facts are read on, or NULL: true time. */
static const char *clock_of(const char *who)
{
    if (dbk_same(who, "stage") || dbk_same(who, DBK_GOAL_TRUE_TIME))
        return NULL;
    return dbk_starts_with(who, "core.") ? "core" : who;
}

/* How far the clock of an entry may be off. */
static void find_offsets(const struct dbk_scenario *scenario, const struct dbk_goal_entry *entry,
                         int64_t *least, int64_t *most)
{
    const char *own = entry->kind == DBK_FACT_STEP ? DBK_GOAL_TRUE_TIME : entry->like.who;
    const char *named = entry->clock ? entry->clock : own;
    const char *clock = named ? clock_of(named) : NULL;
    *least = *most = 0;
    if (clock)
        *least = *most = dbk_scenario_offset_ms(scenario, clock);
    for (size_t i = 0; !named && i < scenario->clock_count; i++) {
        int64_t offset_ms = scenario->clocks[i].offset_ms;
        *least = offset_ms < *least ? offset_ms : *least;
        *most = offset_ms > *most ? offset_ms : *most;
    }
}

static void complain_outside(const struct checking *checking, const struct dbk_goal_entry *entry,
                             const char *key, int64_t bound_ms)
{
    const cJSON *node = dbk_json_get(entry->node, key);
    bool is_from = strcmp(key, "from") == 0;
    char bound[DBK_INSTANT_TEXT];
    dbk_instant_print(bound_ms, bound);
    dbk_yaml_complain(checking->file->yaml, node, checking->complaints,
                      "%s: on that clock %s is %s; expected %s or %s", key, node->valuestring,
                      is_from ? "after the end of every run" : "before the scenario begins", bound,
                      is_from ? "earlier" : "later");
}

static void check_interval(const struct checking *checking, const struct dbk_goal_entry *entry)
{
    const struct dbk_scenario *scenario = checking->scenario;
    int64_t zero_ms = scenario->zero_ms, least, most;
    int64_t from_ms = dbk_goal_moment_ms(&entry->from, zero_ms);
    int64_t to_ms = dbk_goal_moment_ms(&entry->to, zero_ms);
    bool has_from = entry->from.kind != DBK_MOMENT_NONE, has_to = entry->to.kind != DBK_MOMENT_NONE;
    find_offsets(scenario, entry, &least, &most);
    if (has_to && to_ms < zero_ms + least)
        complain_outside(checking, entry, "to", zero_ms + least);
    else if (has_from && from_ms > zero_ms + scenario->until_ms + most)
        complain_outside(checking, entry, "from", zero_ms + scenario->until_ms + most);
    else if (has_from && has_to && from_ms > to_ms)
        dbk_yaml_complain(checking->file->yaml, dbk_json_get(entry->node, "to"),
                          checking->complaints, "to is before from; expected a later moment");
}

void dbk_goal_file_check(void *self, const struct dbk_scenario *scenario,
                         struct dbk_complaints *complaints)
{
    const struct checking checking = {self, scenario, complaints};
    for (size_t i = 0; i < checking.file->entry_count; i++) {
        check_names(&checking, &checking.file->entries[i]);
        check_interval(&checking, &checking.file->entries[i]);
    }
}
