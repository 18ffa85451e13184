#include "runner/scenario_loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (24 * 60 * 60 * 1000LL)
#define REST_MS (5 * 60 * 1000LL)
#define ZERO_MS 1767614400000LL /* 2026-01-05T12:00:00Z */
/* A run may last ten years and a clock be off by as many: all its instants have four digits. */
#define ZERO_FIRST_MS 631152000000LL   /* 1990-01-01T00:00:00Z */
#define ZERO_LAST_MS 252739612799999LL /* 9978-12-31T23:59:59.999Z */

/* ---- values ---- */

const char *dbk_loader_text(const struct dbk_loader *loader, const cJSON *node, const char *key)
{
    return dbk_arena_text(&loader->scenario->arena, dbk_json_text(node, key));
}

int64_t dbk_loader_integer(const cJSON *node, const char *key, int64_t otherwise)
{
    int64_t value;
    return dbk_json_integer(node, key, &value) ? value : otherwise;
}

int64_t dbk_loader_duration(const cJSON *node, const char *key, int64_t otherwise)
{
    const char *text = dbk_json_text(node, key);
    int64_t ms;
    return text && dbk_duration_parse(text, &ms) ? ms : otherwise;
}

int64_t dbk_loader_moment(const struct dbk_loader *loader, const cJSON *node, const char *key)
{
    const char *text = dbk_json_text(node, key);
    int64_t zero = loader->scenario->zero_ms, ms;
    if (!text)
        return DBK_ABSENT;
    if (dbk_format_time_of_day(text, &ms))
        ms += zero / DAY_MS * DAY_MS - zero;
    else if (dbk_instant_parse(text, &ms))
        ms -= zero;
    else if (!dbk_duration_parse(text, &ms))
        return DBK_ABSENT;
    if (ms >= 0)
        return ms;
    if (text[0] != '-') { /* negative durations are complained about already */
        char begin[DBK_INSTANT_TEXT];
        dbk_instant_print(zero, begin);
        dbk_yaml_complain(loader->yaml, dbk_json_get(node, key), loader->complaints,
                          "%s: %s is before the scenario begins; expected %s or later", key, text,
                          begin);
    }
    return DBK_ABSENT;
}

size_t dbk_loader_count(const cJSON *node)
{
    return cJSON_IsArray(node) || cJSON_IsObject(node) ? (size_t)cJSON_GetArraySize(node) : 0;
}

const char **dbk_loader_texts(const struct dbk_loader *loader, const cJSON *list, size_t *count)
{
    struct dbk_arena *arena = &loader->scenario->arena;
    const char **texts = dbk_arena_alloc(arena, (dbk_loader_count(list) + 1) * sizeof *texts);
    *count = 0;
    for (const cJSON *entry = cJSON_IsArray(list) ? list->child : NULL; entry; entry = entry->next)
        if (cJSON_IsString(entry))
            texts[(*count)++] = dbk_arena_text(arena, entry->valuestring);
    return texts;
}

/* ---- clocks: every party has one ---- */

static struct dbk_clock *find_clock(struct dbk_scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->clock_count; i++)
        if (dbk_same(scenario->clocks[i].name, name))
            return &scenario->clocks[i];
    return NULL;
}

static void add_clock(struct dbk_scenario *scenario, const char *name)
{
    if (name && !find_clock(scenario, name))
        scenario->clocks[scenario->clock_count++] = (struct dbk_clock){.name = name};
}

static void load_clocks(struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    size_t most = 1 + scenario->partner_count + scenario->step_count;
    scenario->clocks = dbk_arena_alloc(&scenario->arena, most * sizeof *scenario->clocks);
    add_clock(scenario, "core");
    for (size_t i = 0; i < scenario->partner_count; i++)
        add_clock(scenario, scenario->partners[i].name);
    for (size_t i = 0; i < scenario->step_count; i++)
        add_clock(scenario, scenario->steps[i].actor);

    const cJSON *clocks = dbk_json_get(loader->root, "clocks");
    for (const cJSON *entry = cJSON_IsObject(clocks) ? clocks->child : NULL; entry;
         entry = entry->next) {
        if (dbk_same(entry->string, "zero"))
            continue;
        struct dbk_clock *clock = find_clock(scenario, entry->string);
        if (clock) {
            clock->offset_ms = dbk_loader_duration(clocks, entry->string, 0);
            continue;
        }
        struct dbk_words words = {.count = 0};
        for (size_t i = 0; i < scenario->clock_count; i++)
            dbk_words_add(&words, scenario->clocks[i].name);
        dbk_words_complain_key(&words, "party", loader->yaml, entry, loader->complaints);
    }
}

/* ---- what it fixes of the core ---- */

static void load_core(struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    const cJSON *set = dbk_json_get(dbk_json_get(loader->root, "core"), "set");
    scenario->settings = dbk_policy_reference();
    if (!cJSON_IsObject(set))
        return;
    dbk_policy_set(&scenario->settings, loader->yaml, set, loader->complaints);
    for (size_t i = 0; i < DBK_RULES; i++)
        scenario->rule_is_set[i] = dbk_json_get(set, dbk_rules[i].name) != NULL;
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        scenario->setting_is_set[i] = dbk_json_get(set, dbk_settings[i].name) != NULL;
}

struct dbk_policy dbk_scenario_policy(const struct dbk_scenario *scenario,
                                      const struct dbk_policy *policy)
{
    struct dbk_policy over = *policy;
    for (size_t i = 0; i < DBK_RULES; i++)
        if (scenario->rule_is_set[i])
            over.rules[i] = scenario->settings.rules[i];
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        if (scenario->setting_is_set[i])
            over.settings_ms[i] = scenario->settings.settings_ms[i];
    return over;
}

/* ---- how long it may take ---- */

static int64_t larger(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/* When the last step begins, as far as that can be told beforehand. */
static int64_t last_step(const struct dbk_scenario *scenario, const bool *keeps)
{
    int64_t last = 0, waits = 0;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        if (keeps && !keeps[i])
            continue;
        int64_t for_ms = step->for_ms;
        for (size_t k = 0; k < step->action_count; k++)
            for_ms += step->actions[k].duration_ms;
        last = larger(last, step->at_ms == DBK_ABSENT ? 0 : step->at_ms + for_ms);
        waits += step->at_ms == DBK_ABSENT ? step->plus_ms + for_ms : 0;
    }
    return last + waits;
}

/* How long the longest rule of a partner goes on after its exchange. */
static int64_t longest_rule(const struct dbk_scenario_partner *partner)
{
    int64_t longest = 0;
    for (size_t i = 0; i < partner->rule_count; i++) {
        const struct dbk_rule *rule = &partner->rules[i];
        int64_t faults = 0, after = 0;
        for (size_t k = 0; k < rule->action_count; k++)
            faults += rule->actions[k].duration_ms;
        for (size_t k = 0; k < rule->later_count; k++) {
            const struct dbk_later *later = &rule->laters[k];
            int64_t copies = later->copies > 1 ? later->apart_ms * (later->copies - 1) : 0;
            after = larger(after, later->after_ms + later->held_ms + copies);
        }
        for (size_t k = 0; k < rule->callback_count; k++) {
            const struct dbk_later *callback = &rule->callbacks[k];
            int64_t copies = callback->copies > 1 ? callback->apart_ms * (callback->copies - 1) : 0;
            after = larger(after, DBK_PARTNER_SETTLES_AFTER_MS + callback->held_ms + copies);
        }
        longest = larger(longest, faults + after);
    }
    return longest;
}

int64_t dbk_scenario_bound(const struct dbk_scenario *scenario, const bool *keeps_step,
                           const bool *keeps_partner)
{
    int64_t settles = 0;
    for (size_t i = 0; i < scenario->partner_count; i++) {
        const struct dbk_profile *profile = &scenario->partners[i].profile;
        /* One doubt to settle the booking, one more for what is called back at its end. */
        if (!keeps_partner || keeps_partner[i])
            settles = larger(settles, 2 * profile->doubt_limit_ms + profile->compensate_within_ms);
    }
    return last_step(scenario, keeps_step) + settles + REST_MS;
}

static void load_until(struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    int64_t last = last_step(scenario, NULL), rules = 0;
    int64_t until = dbk_loader_moment(loader, loader->root, "until");
    for (size_t i = 0; i < scenario->partner_count; i++)
        rules = larger(rules, longest_rule(&scenario->partners[i]));
    scenario->until_ms =
        until == DBK_ABSENT ? dbk_scenario_bound(scenario, NULL, NULL) + rules : until;
    if (scenario->until_ms < last) {
        char end[DBK_DURATION_TEXT];
        dbk_duration_print(last, end);
        dbk_yaml_complain(loader->yaml, dbk_json_get(loader->root, "until"), loader->complaints,
                          "until is before the last step; expected %s or later", end);
    }
}

/* ---- the file ---- */

static void load_head(struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    const cJSON *root = loader->root, *name = dbk_json_get(root, "scenario");
    scenario->name = dbk_loader_text(loader, root, "scenario");
    scenario->name_line = name ? dbk_yaml_line(loader->yaml, name) : 0;
    scenario->name_column = name ? dbk_yaml_column(loader->yaml, name) : 0;
    scenario->is_search = dbk_same(dbk_json_text(root, "kind"), "search");
    scenario->may = dbk_loader_texts(loader, dbk_json_get(root, "may"), &scenario->may_count);
    scenario->summary = dbk_loader_text(loader, root, "summary");
    scenario->source = dbk_loader_text(loader, root, "source");
    scenario->seen_as =
        dbk_loader_texts(loader, dbk_json_get(root, "seen_as"), &scenario->seen_as_count);
    scenario->tags = dbk_loader_texts(loader, dbk_json_get(root, "tags"), &scenario->tag_count);
    scenario->live_scale = dbk_loader_integer(dbk_json_get(root, "live"), "scale", 0);
    scenario->live_no = dbk_loader_text(loader, dbk_json_get(root, "live"), "never");
    scenario->parity_why = dbk_loader_text(loader, dbk_json_get(root, "parity"), "why");
    scenario->zero_ms = ZERO_MS;
    const char *zero = dbk_json_text(dbk_json_get(root, "clocks"), "zero");
    int64_t zero_ms;
    if (!zero || !dbk_instant_parse(zero, &zero_ms))
        return;
    scenario->zero_ms = zero_ms;
    if (zero_ms < ZERO_FIRST_MS || zero_ms > ZERO_LAST_MS)
        dbk_yaml_complain(
            loader->yaml, dbk_json_get(dbk_json_get(root, "clocks"), "zero"), loader->complaints,
            "zero cannot be '%s'; expected an instant of the years 1990 to 9978", zero);
}

/* A search leaves open what a story fixes. */
static void check_kind(const struct dbk_loader *loader)
{
    static const char *const fixed[] = {"choices", "expect", "broken_by",
                                        "found",   "live",   "parity"};
    const cJSON *root = loader->root, *may = dbk_json_get(root, "may");
    if (!loader->scenario->is_search) {
        if (may)
            dbk_yaml_complain_key(loader->yaml, may, loader->complaints,
                                  "may is of searches alone; expected kind: search");
        return;
    }
    for (size_t i = 0; i < DBK_COUNT(fixed); i++)
        if (dbk_json_get(root, fixed[i]))
            dbk_yaml_complain_key(loader->yaml, dbk_json_get(root, fixed[i]), loader->complaints,
                                  "a search has no %s; expected that of a story alone", fixed[i]);
    const cJSON *partners = dbk_json_get(root, "partners");
    for (const cJSON *partner = cJSON_IsObject(partners) ? partners->child : NULL; partner;
         partner = partner->next)
        if (dbk_json_get(partner, "script"))
            dbk_yaml_complain_key(loader->yaml, dbk_json_get(partner, "script"), loader->complaints,
                                  "a search has no script; expected that of a story alone");
}

/* By place, complaints about other files (profiles) after those about this one; stable. */
static bool is_before(const char *file, const struct dbk_complaint *one,
                      const struct dbk_complaint *other)
{
    bool one_is_here = dbk_same(one->file, file), other_is_here = dbk_same(other->file, file);
    if (one_is_here != other_is_here)
        return one_is_here;
    if (!one_is_here)
        return false;
    return one->line != other->line ? one->line < other->line : one->column < other->column;
}

static void sort_complaints(const char *file, struct dbk_complaints *complaints, size_t from)
{
    for (size_t i = from + 1; i < complaints->count; i++) {
        struct dbk_complaint moved = complaints->items[i];
        size_t at = i;
        for (; at > from && is_before(file, &moved, &complaints->items[at - 1]); at--)
            complaints->items[at] = complaints->items[at - 1];
        complaints->items[at] = moved;
    }
}

struct dbk_scenario *dbk_scenario_parse(const struct dbk_library *library, const char *bytes,
                                        size_t length, const char *file,
                                        struct dbk_complaints *complaints)
{
    size_t total = complaints->total, first = complaints->count;
    struct dbk_yaml *yaml = dbk_yaml_parse(bytes, length, file, complaints);
    if (!yaml)
        return NULL;
    struct dbk_scenario *scenario = dbk_alloc(sizeof *scenario);
    scenario->yaml = yaml;
    struct dbk_loader loader = {library, yaml, dbk_yaml_root(yaml), complaints, scenario};
    if (dbk_format_check(&dbk_format, yaml, complaints) && cJSON_IsObject(loader.root)) {
        scenario->file = dbk_library_file(library, file, &scenario->arena);
        scenario->digest = dbk_digest_of(bytes, length);
        load_head(&loader);
        load_core(&loader);
        dbk_load_partners(&loader);
        dbk_load_steps(&loader);
        load_clocks(&loader);
        dbk_load_terms(&loader);
        load_until(&loader);
        check_kind(&loader);
    }
    if (complaints->total == total)
        return scenario;
    sort_complaints(file, complaints, first);
    dbk_scenario_free(scenario);
    return NULL;
}

struct dbk_scenario *dbk_scenario_load(const struct dbk_library *library, const char *path,
                                       struct dbk_complaints *complaints)
{
    size_t length = 0;
    char *bytes = dbk_library_read(path, &length, complaints);
    struct dbk_scenario *scenario =
        bytes ? dbk_scenario_parse(library, bytes, length, path, complaints) : NULL;
    free(bytes);
    return scenario;
}

void dbk_scenario_free(struct dbk_scenario *scenario)
{
    if (!scenario)
        return;
    dbk_arena_free(&scenario->arena);
    dbk_yaml_free(scenario->yaml);
    free(scenario);
}

int64_t dbk_scenario_offset_ms(const struct dbk_scenario *scenario, const char *clock)
{
    for (size_t i = 0; i < scenario->clock_count; i++)
        if (strcmp(scenario->clocks[i].name, clock) == 0)
            return scenario->clocks[i].offset_ms;
    return 0;
}
