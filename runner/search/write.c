#include "runner/search/write.h"

#include "base/yaml_write.h"
#include "reports/plain.h"
#include "runner/path.h"
#include "runner/search/menu.h"
#include "runner/search/write_plan.h"
#include "runner/search/write_story.h"

#include <string.h>

#define PATH_STEPS_MAX 200 /* what runner/format.c allows */

struct writing {
    const struct dbk_written *written;
    const struct dbk_scenario *base;
    const cJSON *root; /* of the base, as written */
    struct dbk_plan *plan;
    struct dbk_text *out;
};

static const cJSON *first_of(const cJSON *node)
{
    return node ? node->child : NULL;
}

static bool keeps_step(const struct writing *writing, size_t index)
{
    return !writing->written->keeps_step || writing->written->keeps_step[index];
}

static bool keeps_partner(const struct writing *writing, size_t index)
{
    return !writing->written->keeps_partner || writing->written->keeps_partner[index];
}

/* Takes the node. */
static void put(const struct writing *writing, const char *key, cJSON *node, int levels)
{
    dbk_yaml_put_member(writing->out, 0, key, node, levels);
    cJSON_Delete(node);
}

/* A member of the base as it stands there, if it does. */
static void put_as_is(const struct writing *writing, const char *key, int levels)
{
    const cJSON *node = dbk_json_get(writing->root, key);
    if (node)
        dbk_yaml_put_member(writing->out, 0, key, node, levels);
}

/* ---- the head ---- */

static const char *policy_name(const struct dbk_written *written)
{
    return written->policy_word ? written->policy_word : written->policy->name;
}

/* Not wrapped: the command is there to be pasted. */
static void put_replay(const struct writing *writing)
{
    if (!writing->written->replay)
        return;
    dbk_text_add(writing->out, "# Play it again: ");
    dbk_plain_add(writing->out, writing->written->replay, 4096);
    dbk_text_add_char(writing->out, '\n');
}

static void put_comment(const struct writing *writing)
{
    const struct dbk_written *written = writing->written;
    struct dbk_text text = {0};
    dbk_text_printf(&text, "Found by a search under the policy %s", policy_name(written));
    for (size_t i = 0; i < written->violate_count; i++)
        dbk_text_printf(&text, "%s%s", i == 0 ? ": it violates " : ", ", written->violates[i]);
    dbk_text_add(&text, written->history ? ". The order of events stands at the end." : ".");
    dbk_comment_put(writing->out, text.bytes);
    put_replay(writing);
    dbk_text_reset(&text);
}

/* Those of the base; what a search is called, the file is not. */
static void put_tags(const struct writing *writing)
{
    cJSON *tags = cJSON_CreateArray();
    for (size_t i = 0; i < writing->base->tag_count; i++)
        if (!writing->base->is_search || !dbk_same(writing->base->tags[i], "search"))
            cJSON_AddItemToArray(tags, cJSON_CreateString(writing->base->tags[i]));
    if (tags->child)
        dbk_yaml_put_member(writing->out, 0, "tags", tags, 0);
    cJSON_Delete(tags);
}

static void put_head(const struct writing *writing)
{
    const struct dbk_written *written = writing->written;
    struct dbk_text source = {0};
    put(writing, "format", dbk_json_new_integer(1), 0);
    put(writing, "scenario", cJSON_CreateString(written->name), 0);
    put(writing, "summary", cJSON_CreateString(written->summary), 0);
    if (writing->base->source) {
        put_as_is(writing, "source", 0);
    } else {
        dbk_text_printf(&source, "found by a search from %s", writing->base->name);
        put(writing, "source", cJSON_CreateString(source.bytes), 0);
    }
    put_tags(writing);
    dbk_text_reset(&source);
}

/* ---- clocks ---- */

static bool is_party(const struct writing *writing, const char *name)
{
    const struct dbk_scenario *base = writing->base;
    for (size_t i = 0; i < base->partner_count; i++)
        if (keeps_partner(writing, i) && dbk_same(base->partners[i].name, name))
            return true;
    for (size_t i = 0; i < base->step_count; i++)
        if (keeps_step(writing, i) && dbk_same(base->steps[i].actor, name))
            return true;
    return dbk_same(name, "core");
}

static void put_clocks(const struct writing *writing)
{
    cJSON *clocks = cJSON_CreateObject();
    for (const cJSON *node = first_of(dbk_json_get(writing->root, "clocks")); node;
         node = node->next)
        if (dbk_same(node->string, "zero") ||
            (writing->written->keeps_clocks && is_party(writing, node->string)))
            cJSON_AddStringToObject(clocks, node->string, node->valuestring);
    if (clocks->child)
        dbk_yaml_put_member(writing->out, 0, "clocks", clocks, 0);
    cJSON_Delete(clocks);
}

/* ---- partners ---- */

static void put_script(const struct writing *writing, size_t partner, const cJSON *script)
{
    cJSON *rules = dbk_plan_rules(writing->plan, partner);
    if (first_of(script) || rules->child)
        dbk_text_add(writing->out, "    script:\n");
    for (const cJSON *rule = first_of(script); rule; rule = rule->next)
        dbk_yaml_put_item(writing->out, 6, rule, 1);
    for (const cJSON *rule = rules->child; rule; rule = rule->next)
        dbk_yaml_put_item(writing->out, 6, rule, 1);
    cJSON_Delete(rules);
}

static void put_partner(const struct writing *writing, size_t index, const cJSON *node)
{
    static const char *const keys[] = {"profile", "believes", "sells"};
    dbk_text_add(writing->out, "  ");
    dbk_yaml_put_text(writing->out, node->string);
    dbk_text_add(writing->out, ":\n");
    for (size_t i = 0; i < DBK_COUNT(keys); i++) {
        const cJSON *value = dbk_json_get(node, keys[i]);
        if (value)
            dbk_yaml_put_member(writing->out, 4, keys[i], value, dbk_same(keys[i], "sells"));
    }
    put_script(writing, index, dbk_json_get(node, "script"));
}

static void put_partners(const struct writing *writing)
{
    size_t index = 0;
    dbk_text_add(writing->out, "partners:\n");
    for (const cJSON *node = first_of(dbk_json_get(writing->root, "partners")); node;
         node = node->next, index++)
        if (keeps_partner(writing, index))
            put_partner(writing, index, node);
}

/* ---- steps ---- */

static bool is_kept(const struct writing *writing, const cJSON *node)
{
    for (size_t i = 0; i < writing->base->step_count; i++)
        if (writing->base->steps[i].node == node)
            return keeps_step(writing, i);
    return true;
}

/* In the order of the base's file. */
static void put_steps(const struct writing *writing)
{
    dbk_text_add(writing->out, "steps:\n");
    for (const cJSON *node = first_of(dbk_json_get(writing->root, "steps")); node;
         node = node->next)
        if (is_kept(writing, node))
            dbk_yaml_put_item(writing->out, 2, node, 0);
}

/* ---- choices ---- */

/* One entry, with what it means in words above it. */
static void put_choice(const struct writing *writing, const cJSON *node,
                       const struct dbk_deviation *deviation)
{
    struct dbk_arena arena = {0};
    struct dbk_text said = {0};
    dbk_plain_add(&said, dbk_deviation_say(writing->base, deviation, &arena), DBK_YAML_WIDTH - 4);
    dbk_text_printf(writing->out, "  # %s\n", said.bytes);
    dbk_yaml_put_item(writing->out, 2, node, 0);
    dbk_text_reset(&said);
    dbk_arena_free(&arena);
}

/* Those that the base fixes come first. */
static void put_choices(const struct writing *writing)
{
    const struct dbk_written *written = writing->written;
    const cJSON *node = first_of(dbk_json_get(writing->root, "choices"));
    size_t start = writing->out->length;
    bool is_any = false;
    dbk_text_add(writing->out, "choices:\n");
    for (size_t i = 0; node && i < writing->base->pinned_count; i++, node = node->next) {
        const struct dbk_pinned *pin = &writing->base->pinned[i];
        struct dbk_deviation deviation = {pin->site, pin->entity, pin->nth, pin->take};
        put_choice(writing, node, &deviation);
        is_any = true;
    }
    for (size_t i = 0; i < written->deviation_count; i++) {
        cJSON *choice = dbk_plan_choice(writing->plan, i);
        if (choice)
            put_choice(writing, choice, &written->deviations[i]);
        is_any |= choice != NULL;
        cJSON_Delete(choice);
    }
    if (!is_any) {
        writing->out->length = start;
        writing->out->bytes[start] = '\0';
    }
}

/* ---- until ---- */

/* True if the run came to rest before any bound that the new file would have by itself. */
static bool rests_anyway(const struct writing *writing)
{
    const struct dbk_written *written = writing->written;
    const struct dbk_history *history = written->history;
    int64_t bound_ms =
        dbk_scenario_bound(writing->base, written->keeps_step, written->keeps_partner);
    for (size_t i = history ? history->fact_count : 0; i > 0; i--)
        if (history->facts[i - 1].kind == DBK_FACT_END)
            return dbk_same(history->facts[i - 1].fate, "rest") &&
                   history->facts[i - 1].at_ms <= bound_ms;
    return false;
}

static void put_until(const struct writing *writing)
{
    int64_t until_ms = writing->written->until_ms;
    char text[DBK_DURATION_TEXT];
    if (until_ms == DBK_ABSENT && dbk_json_get(writing->root, "until")) {
        put_as_is(writing, "until", 0);
        return;
    }
    if (until_ms == DBK_ABSENT && rests_anyway(writing))
        return;
    dbk_duration_print(until_ms == DBK_ABSENT ? writing->base->until_ms : until_ms, text);
    put(writing, "until", cJSON_CreateString(text), 0);
}

/* ---- found ---- */

/* Rules and settings that are not the reference's, less what the scenario fixes anyway. */
static cJSON *set_of(const struct writing *writing)
{
    const struct dbk_policy *policy = writing->written->policy;
    struct dbk_policy reference = dbk_policy_reference();
    cJSON *set = cJSON_CreateObject();
    for (size_t i = 0; i < DBK_RULES; i++)
        if (policy->rules[i] != reference.rules[i] && !writing->base->rule_is_set[i])
            cJSON_AddStringToObject(set, dbk_rules[i].name, dbk_rules[i].values[policy->rules[i]]);
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        if (policy->settings_ms[i] != reference.settings_ms[i] &&
            !writing->base->setting_is_set[i]) {
            char text[DBK_DURATION_TEXT];
            dbk_duration_print(policy->settings_ms[i], text);
            cJSON_AddStringToObject(set, dbk_settings[i].name, text);
        }
    return set;
}

static cJSON *policy_of(const struct writing *writing)
{
    cJSON *policy, *set;
    if (writing->written->policy_word)
        return cJSON_CreateString(writing->written->policy_word);
    set = set_of(writing);
    if (!set->child) {
        cJSON_Delete(set);
        return cJSON_CreateString("reference");
    }
    policy = cJSON_CreateObject();
    cJSON_AddItemToObject(policy, "set", set);
    return policy;
}

/* As far as the format has room for it: a path may end early. */
static cJSON *path_of(const struct dbk_path *path)
{
    cJSON *steps = cJSON_CreateArray();
    for (size_t i = 0; i < path->count && i < PATH_STEPS_MAX; i++) {
        cJSON *step = cJSON_CreateObject();
        cJSON_AddItemToObject(step, "facts", dbk_json_new_integer(path->steps[i].facts));
        cJSON_AddStringToObject(step, "hash", path->steps[i].hash);
        cJSON_AddStringToObject(step, "fault", path->steps[i].fault);
        if (path->steps[i].exchange)
            cJSON_AddStringToObject(step, "exchange", path->steps[i].exchange);
        cJSON_AddItemToArray(steps, step);
    }
    return steps;
}

static void put_found(const struct writing *writing)
{
    const struct dbk_written *written = writing->written;
    cJSON *found, *violates;
    if (written->violate_count == 0)
        return;
    found = cJSON_CreateObject();
    violates = cJSON_CreateArray();
    for (size_t i = 0; i < written->violate_count; i++)
        cJSON_AddItemToArray(violates, cJSON_CreateString(written->violates[i]));
    cJSON_AddItemToObject(found, "policy", policy_of(writing));
    cJSON_AddItemToObject(found, "violates", violates);
    if (written->path && written->path->count > 0)
        cJSON_AddItemToObject(found, "path", path_of(written->path));
    put(writing, "found", found, 1);
}

/* ---- the file ---- */

void dbk_scenario_write(const struct dbk_written *written, struct dbk_text *out)
{
    struct writing writing = {.written = written,
                              .base = written->scenario,
                              .root = dbk_yaml_root(written->scenario->yaml),
                              .plan = dbk_plan_new(written),
                              .out = out};
    put_comment(&writing);
    put_head(&writing);
    put_clocks(&writing);
    put_as_is(&writing, "core", 0);
    put_partners(&writing);
    put_steps(&writing);
    put_choices(&writing);
    put_until(&writing);
    put_as_is(&writing, "except", 1);
    put_found(&writing);
    put_as_is(&writing, "live", 0);
    put_as_is(&writing, "parity", 0);
    if (written->history) {
        dbk_text_add(out, "\n# What happened, in this order:\n#\n");
        dbk_story_put(written->history, out);
    }
    dbk_plan_free(writing.plan);
}
