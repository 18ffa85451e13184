#include "runner/format.h"
#include "runner/search/goal_parts.h"

#include <stdlib.h>
#include <string.h>

/* As base/history.h and docs/history-format.md say; what no person would ask for (the line of a
 * file) or what is always the same (to) is left out. */
const struct dbk_goal_kind dbk_goal_kinds[DBK_FACT_KINDS] = {
    [DBK_FACT_STEP] = {DBK_END_PERSON | DBK_END_CORE, {"nth", "text"}},
    [DBK_FACT_ASKED] = {DBK_END_PERSON, {"op", "intent", "booking", "key", "units"}},
    [DBK_FACT_READ] = {DBK_END_PERSON,
                       {"op", "intent", "booking", "surface", "status", "sync", "version", "http",
                        "amount", "price", "fate"}},
    [DBK_FACT_SAW] = {DBK_END_PARTNER,
                      {"op", "exchange", "intent", "reservation", "key", "attempt", "fate"}},
    [DBK_FACT_EFFECT] = {DBK_END_PARTNER,
                         {"exchange", "intent", "reservation", "key", "state_before", "state", "by",
                          "units", "amount", "currency"}},
    [DBK_FACT_ANSWER] = {DBK_END_PARTNER,
                         {"op", "exchange", "intent", "reservation", "key", "attempt", "http",
                          "retry_ms", "state", "fate"}},
    [DBK_FACT_CALLBACK] = {DBK_END_PARTNER,
                           {"exchange", "intent", "reservation", "callback", "key", "state",
                            "fault", "nth"}},
    [DBK_FACT_CALLBACK_ANSWERED] = {DBK_END_PARTNER,
                                    {"exchange", "intent", "reservation", "callback", "key", "http",
                                     "state", "fate", "fault", "nth"}},
    [DBK_FACT_FAULT] = {DBK_END_PARTNER | DBK_END_STAGE,
                        {"op", "exchange", "intent", "reservation", "callback", "key", "attempt",
                         "fault", "claim", "by"}},
    [DBK_FACT_PROCESS] = {DBK_END_PROCESS, {"fate"}},
    [DBK_FACT_STORE] = {DBK_END_STAGE, {"fate", "text"}},
    [DBK_FACT_END] = {DBK_END_STAGE, {"fate", "text"}},
};

struct loading {
    struct dbk_goal_file *file;
    struct dbk_complaints *complaints;
};

/* ---- one fact ---- */

static const struct dbk_field *field_of(const char *name)
{
    for (size_t i = 0; i < dbk_field_count; i++)
        if (strcmp(dbk_fields[i].name, name) == 0)
            return &dbk_fields[i];
    return NULL;
}

static bool is_key(const char *name)
{
    for (size_t i = 0; i < dbk_goal_fact_shape.key_count; i++)
        if (strcmp(dbk_goal_fact_shape.keys[i].name, name) == 0)
            return true;
    return false;
}

static struct dbk_words members_of(enum dbk_fact_kind kind)
{
    struct dbk_words words = {.count = 0};
    dbk_words_add(&words, "who");
    for (const char *const *name = dbk_goal_kinds[kind].members; *name; name++)
        dbk_words_add(&words, *name);
    return words;
}

static void load_member(const struct loading *loading, const cJSON *node,
                        struct dbk_goal_entry *entry)
{
    struct dbk_words words = members_of(entry->kind);
    const struct dbk_field *field = field_of(node->string);
    char *at = (char *)&entry->like + (field ? field->offset : 0);
    if (!field || !is_key(node->string) || strcmp(node->string, "clock") == 0 ||
        strcmp(node->string, "to") == 0)
        return; /* of the interval, or told as unknown */
    if (!dbk_words_have(&words, node->string)) {
        struct dbk_text list = {0};
        dbk_words_print(&words, &list);
        dbk_yaml_complain_key(loading->file->yaml, node, loading->complaints,
                              "a fact '%s' says no %s; expected one of %s",
                              dbk_fact_name(entry->kind), node->string, list.bytes);
        dbk_text_reset(&list);
        return;
    }
    if (field->type == DBK_FIELD_TEXT)
        *(const char **)at = cJSON_GetStringValue(node);
    else if (!dbk_json_node_integer(node, (int64_t *)at))
        return; /* told */
    entry->members[entry->member_count++] = field;
}

static struct dbk_goal_moment moment_of(const char *text)
{
    struct dbk_goal_moment moment = {.kind = DBK_MOMENT_NONE};
    if (!text)
        return moment;
    if (dbk_format_time_of_day(text, &moment.ms))
        moment.kind = DBK_MOMENT_OF_DAY;
    else if (dbk_instant_parse(text, &moment.ms))
        moment.kind = DBK_MOMENT_INSTANT;
    else if (dbk_duration_parse(text, &moment.ms) && moment.ms >= 0)
        moment.kind = DBK_MOMENT_FROM_ZERO;
    return moment;
}

static void load_interval(const struct loading *loading, struct dbk_goal_entry *entry)
{
    const struct dbk_goal_file *file = loading->file;
    const cJSON *node = entry->node, *clock = dbk_json_get(node, "clock");
    entry->from = moment_of(dbk_json_text(node, "from"));
    entry->to = moment_of(dbk_json_text(node, "to"));
    entry->clock = cJSON_GetStringValue(clock);
    if (clock && !dbk_json_get(node, "from") && !dbk_json_get(node, "to"))
        dbk_yaml_complain_key(file->yaml, clock, loading->complaints,
                              "clock stands without from and to; expected at least one of them");
    if (entry->from.kind == entry->to.kind && entry->from.ms > entry->to.ms)
        dbk_yaml_complain(file->yaml, dbk_json_get(node, "to"), loading->complaints,
                          "to is before from; expected a later moment (one of the next day as an "
                          "instant)");
}

/* Names stand above those that come after them, so that there are no circles. */
static void load_order(const struct loading *loading, struct dbk_goal_entry *entry, size_t place)
{
    struct dbk_goal_file *file = loading->file;
    const cJSON *as = dbk_json_get(entry->node, "as"), *after = dbk_json_get(entry->node, "after");
    const char *name = cJSON_GetStringValue(as), *earlier = cJSON_GetStringValue(after);
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < place; i++) {
        if (!file->entries[i].name)
            continue;
        dbk_words_add(&words, file->entries[i].name);
        if (dbk_same(file->entries[i].name, earlier))
            file->match.after[place] = UINT32_C(1) << i;
    }
    if (earlier && file->match.after[place] == 0)
        dbk_words_complain(&words, "name of an entry above", earlier, file->yaml, after,
                           loading->complaints);
    if (name && dbk_words_have(&words, name))
        dbk_yaml_complain(file->yaml, as, loading->complaints,
                          "'%s' names an entry above already; expected another name", name);
    else
        entry->name = name;
}

static enum dbk_fact_kind kind_of(const char *name)
{
    int kind = 0;
    while (kind < DBK_FACT_KINDS && !dbk_same(dbk_fact_name((enum dbk_fact_kind)kind), name))
        kind++;
    return (enum dbk_fact_kind)kind;
}

static void load_entry(const struct loading *loading, const cJSON *node)
{
    struct dbk_goal_file *file = loading->file;
    size_t place = file->entry_count++;
    struct dbk_goal_entry *entry = &file->entries[place];
    entry->node = node;
    entry->kind = kind_of(dbk_json_text(node, "what"));
    load_order(loading, entry, place);
    load_interval(loading, entry);
    if (entry->kind == DBK_FACT_KINDS || !dbk_fact_is_outside(entry->kind))
        return; /* told */
    entry->like = dbk_fact_of(entry->kind);
    for (const cJSON *member = node->child; member; member = member->next)
        load_member(loading, member, entry);
}

/* ---- the file ---- */

static void add_sentence(const struct dbk_goal_file *file, struct dbk_text *text)
{
    dbk_text_add(text, "a run that ");
    for (size_t i = 0; i < file->violate_count; i++)
        dbk_text_printf(text, "%s%s",
                        i == 0                        ? "violates "
                        : i + 1 < file->violate_count ? ", "
                                                      : " and ",
                        file->violates[i]);
    if (file->violate_count > 0 && file->entry_count > 0)
        dbk_text_add(text, ", and ");
    if (file->entry_count > 1)
        dbk_text_printf(text, "shows all %zu facts of ", file->entry_count);
    else
        dbk_text_add(text, file->entry_count == 1 ? "shows the fact of " : ": ");
    dbk_text_add(text, file->name);
}

static void load_file(const struct loading *loading, const cJSON *root)
{
    struct dbk_goal_file *file = loading->file;
    const cJSON *violates = dbk_json_get(root, "violates"), *facts = dbk_json_get(root, "facts");
    struct dbk_text sentence = {0};
    file->name = dbk_json_text(root, "goal");
    for (const cJSON *entry = cJSON_IsArray(violates) ? violates->child : NULL; entry;
         entry = entry->next)
        if (cJSON_IsString(entry))
            file->violates[file->violate_count++] = entry->valuestring;
    for (const cJSON *entry = cJSON_IsArray(facts) ? facts->child : NULL; entry;
         entry = entry->next)
        if (cJSON_IsObject(entry))
            load_entry(loading, entry);
    file->match.count = file->entry_count;
    if (cJSON_GetArraySize(violates) + cJSON_GetArraySize(facts) == 0)
        dbk_yaml_complain(file->yaml, root, loading->complaints,
                          "a goal says nothing to look for; expected violates: [ INVARIANT ], "
                          "facts: [ { what: ... } ], or both");
    add_sentence(file, &sentence);
    file->sentence = dbk_arena_text(&file->arena, sentence.bytes);
    dbk_text_reset(&sentence);
}

static void free_file(void *self)
{
    struct dbk_goal_file *file = self;
    dbk_match_reset(&file->match);
    dbk_yaml_free(file->yaml);
    dbk_arena_free(&file->arena);
    free(file);
}

/* Takes the yaml. */
static bool take(struct dbk_yaml *yaml, struct dbk_goal *goal, size_t total,
                 struct dbk_complaints *complaints)
{
    static const struct dbk_goal_ops ops = {
        .reached = dbk_goal_file_reached, .check = dbk_goal_file_check, .free = free_file};
    struct dbk_goal_file *file = dbk_alloc(sizeof *file);
    const struct loading loading = {file, complaints};
    *goal = (struct dbk_goal){0};
    file->yaml = yaml;
    if (yaml && dbk_format_check(&dbk_format_goal, yaml, complaints) &&
        cJSON_IsObject(dbk_yaml_root(yaml)))
        load_file(&loading, dbk_yaml_root(yaml));
    if (complaints->total > total) {
        free_file(file);
        return false;
    }
    *goal = (struct dbk_goal){&ops, file, file->name, file->sentence};
    return true;
}

bool dbk_goal_load(const char *path, struct dbk_goal *goal, struct dbk_complaints *complaints)
{
    size_t total = complaints->total;
    return take(dbk_yaml_load(path, complaints), goal, total, complaints);
}

bool dbk_goal_parse(const char *bytes, size_t length, const char *file, struct dbk_goal *goal,
                    struct dbk_complaints *complaints)
{
    size_t total = complaints->total;
    return take(dbk_yaml_parse(bytes, length, file, complaints), goal, total, complaints);
}
