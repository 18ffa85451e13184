#include "runner/search/write_plan.h"

#include "runner/search/entity.h"
#include "runner/search/menu.h"

#include <stdlib.h>
#include <string.h>

#define RULES_MAX 200 /* what runner/format.c allows in one script ... */
#define ATTEMPTS_MAX 1000
#define CALLBACKS_MAX 50
#define CALLBACK "/callback#"
#define NONE SIZE_MAX

/* What deviates in one exchange. */
struct group {
    const char *label; /* "lagoon/trip/create#1" */
    size_t partner;
    enum dbk_op op;
    const char *intent; /* or NULL */
    int64_t attempt;
    bool is_rule;
};

struct said {
    bool is_unsaid;   /* the base fixes this choice */
    size_t group;     /* NONE: it names no exchange */
    int64_t callback; /* of the group's exchange, from 1; 0: the exchange itself */
};

struct dbk_plan {
    const struct dbk_written *written;
    struct dbk_arena arena;
    struct said *said; /* by deviation */
    struct group *groups;
    size_t group_count;
};

/* ---- what an entity names ---- */

/* The exchange behind a deviation, and which callback of it; false where it names none. */
static bool read_entity(struct dbk_plan *plan, const struct dbk_deviation *deviation,
                        struct group *group, int64_t *callback)
{
    struct dbk_entity entity;
    bool is_of_partner =
        deviation->site == DBK_SITE_EXCHANGE_FAULT || deviation->site == DBK_SITE_CALLBACK_FAULT;
    if (!is_of_partner || deviation->nth != 1 || /* nobody is asked of one exchange twice */
        !dbk_entity_read(plan->written->scenario, deviation->entity, &entity) ||
        (entity.callback > 0) != (deviation->site == DBK_SITE_CALLBACK_FAULT))
        return false;
    *callback = entity.callback;
    *group = (struct group){
        .label = dbk_arena_copy(&plan->arena, deviation->entity, entity.length),
        .partner = entity.partner_index,
        .op = entity.op,
        .intent = entity.intent ? dbk_arena_copy(&plan->arena, entity.intent, entity.intent_length)
                                : NULL,
        .attempt = entity.attempt};
    return true;
}

/* ---- may it be a rule ---- */

/* The intent is that of a booking in the file. */
static bool is_wish(const struct dbk_written *written, const char *intent)
{
    const struct dbk_scenario *scenario = written->scenario;
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].kind == DBK_STEP_BOOK &&
            dbk_same(scenario->steps[i].booking, intent) &&
            (!written->keeps_step || written->keeps_step[i]))
            return true;
    return false;
}

/* A rule that names no intent is for the exchanges of all: it may stand only where none has one. */
static bool is_named(const struct dbk_written *written, const struct group *group)
{
    const struct dbk_scenario_partner *partner = &written->scenario->partners[group->partner];
    if (group->intent)
        return is_wish(written, group->intent);
    return group->op == DBK_OP_LOOK_UP && partner->believes.look_up == DBK_LOOK_UP_LIST_BY_DATE;
}

static bool is_of_base(const struct dbk_scenario *scenario, const struct group *group)
{
    const struct dbk_scenario_partner *partner = &scenario->partners[group->partner];
    size_t length = strlen(group->label);
    for (size_t i = 0; i < partner->rule_count; i++)
        if (dbk_rule_is_for(&partner->rules[i], group->op, group->intent, group->attempt))
            return true;
    for (size_t i = 0; i < scenario->pinned_count; i++) {
        const char *entity = scenario->pinned[i].entity;
        if (dbk_starts_with(entity, group->label) &&
            (!entity[length] || dbk_starts_with(entity + length, CALLBACK)))
            return true;
    }
    return false;
}

/* The rule's form has the same meaning and can be read back. */
static bool has_form(const struct dbk_written *written, const struct dbk_deviation *deviation,
                     int64_t callback)
{
    struct dbk_action action;
    struct dbk_later later;
    char duration[DBK_DURATION_TEXT];
    int64_t ms;
    if (callback > 0)
        return callback <= CALLBACKS_MAX &&
               dbk_callback_of_choice(deviation->take, "pending", &later);
    if (!dbk_deviation_action(written->scenario, deviation, &action))
        return false;
    dbk_duration_print(action.duration_ms, duration);
    return dbk_duration_parse(duration, &ms);
}

static bool all_have_forms(const struct dbk_plan *plan, size_t group)
{
    for (size_t i = 0; i < plan->written->deviation_count; i++)
        if (!plan->said[i].is_unsaid && plan->said[i].group == group &&
            !has_form(plan->written, &plan->written->deviations[i], plan->said[i].callback))
            return false;
    return true;
}

static bool has_room(const struct dbk_plan *plan, size_t group)
{
    size_t partner = plan->groups[group].partner;
    size_t rules = plan->written->scenario->partners[partner].rule_count;
    for (size_t i = 0; i < group; i++)
        rules += plan->groups[i].is_rule && plan->groups[i].partner == partner;
    return rules < RULES_MAX;
}

static bool may_be_rule(const struct dbk_plan *plan, size_t index)
{
    const struct dbk_written *written = plan->written;
    const struct group *group = &plan->groups[index];
    return (!written->keeps_partner || written->keeps_partner[group->partner]) &&
           group->attempt >= 1 && group->attempt <= ATTEMPTS_MAX && is_named(written, group) &&
           !is_of_base(written->scenario, group) && all_have_forms(plan, index) &&
           has_room(plan, index);
}

/* ---- the plan ---- */

static bool is_fixed(const struct dbk_scenario *scenario, const struct dbk_deviation *deviation)
{
    for (size_t i = 0; i < scenario->pinned_count; i++)
        if (scenario->pinned[i].site == deviation->site &&
            scenario->pinned[i].nth == deviation->nth &&
            dbk_same(scenario->pinned[i].entity, deviation->entity))
            return true;
    return false;
}

static size_t group_of(struct dbk_plan *plan, const struct group *wanted)
{
    for (size_t i = 0; i < plan->group_count; i++)
        if (dbk_same(plan->groups[i].label, wanted->label))
            return i;
    plan->groups[plan->group_count] = *wanted;
    return plan->group_count++;
}

struct dbk_plan *dbk_plan_new(const struct dbk_written *written)
{
    struct dbk_plan *plan = dbk_alloc(sizeof *plan);
    size_t room = written->deviation_count + 1;
    plan->written = written;
    plan->said = dbk_arena_alloc(&plan->arena, room * sizeof *plan->said);
    plan->groups = dbk_arena_alloc(&plan->arena, room * sizeof *plan->groups);
    for (size_t i = 0; i < written->deviation_count; i++) {
        const struct dbk_deviation *deviation = &written->deviations[i];
        struct said *said = &plan->said[i];
        struct group group;
        said->is_unsaid = is_fixed(written->scenario, deviation);
        said->group = NONE;
        if (!said->is_unsaid && read_entity(plan, deviation, &group, &said->callback))
            said->group = group_of(plan, &group);
    }
    for (size_t i = 0; i < plan->group_count; i++)
        plan->groups[i].is_rule = may_be_rule(plan, i);
    return plan;
}

void dbk_plan_free(struct dbk_plan *plan)
{
    if (!plan)
        return;
    dbk_arena_free(&plan->arena);
    free(plan);
}

/* The place of the deviation that has to take effect. */
static size_t first_said(const struct dbk_plan *plan)
{
    size_t first = 0;
    while (first < plan->written->deviation_count && plan->said[first].is_unsaid)
        first++;
    return first;
}

/* ---- as rules ---- */

static void append_duration(cJSON *object, const char *key, int64_t ms)
{
    char text[DBK_DURATION_TEXT];
    dbk_duration_print(ms, text);
    cJSON_AddStringToObject(object, key, text);
}

static cJSON *when_of(const struct group *group)
{
    cJSON *when = cJSON_CreateObject();
    cJSON_AddStringToObject(when, "op", dbk_op_name(group->op));
    cJSON_AddItemToObject(when, "attempt", dbk_json_new_integer(group->attempt));
    if (group->intent)
        cJSON_AddStringToObject(when, "intent", group->intent);
    return when;
}

/* "lose-answer", or { delay-answer: { by: 30s } } */
static cJSON *fault_of(const struct dbk_action *action)
{
    const struct dbk_fault_row *row = &dbk_faults[action->fault];
    cJSON *fault, *argument;
    if (!dbk_same(row->argument, "by") && !dbk_same(row->argument, "for"))
        return cJSON_CreateString(row->name);
    argument = cJSON_CreateObject();
    append_duration(argument, row->argument, action->duration_ms);
    fault = cJSON_CreateObject();
    cJSON_AddItemToObject(fault, row->name, argument);
    return fault;
}

static cJSON *callback_of(const struct dbk_deviation *deviation)
{
    cJSON *callback = cJSON_CreateObject();
    struct dbk_later later;
    if (!deviation || !dbk_callback_of_choice(deviation->take, "pending", &later))
        return callback; /* {}: it goes at once */
    if (later.is_lost)
        cJSON_AddTrueToObject(callback, "lost");
    if (later.says)
        cJSON_AddStringToObject(callback, "says", later.says);
    if (later.forged)
        cJSON_AddStringToObject(callback, "forged", dbk_forgery_name(later.forged));
    if (later.held_ms > 0)
        append_duration(callback, "held", later.held_ms);
    if (later.copies > 1) {
        cJSON_AddItemToObject(callback, "copies", dbk_json_new_integer(later.copies));
        append_duration(callback, "apart", later.apart_ms);
    }
    return callback;
}

/* What becomes of one callback of the group (0: of the exchange), or NULL. */
static const struct dbk_deviation *find_deviation(const struct dbk_plan *plan, size_t group,
                                                  int64_t callback)
{
    for (size_t i = 0; i < plan->written->deviation_count; i++)
        if (!plan->said[i].is_unsaid && plan->said[i].group == group &&
            plan->said[i].callback == callback)
            return &plan->written->deviations[i];
    return NULL;
}

static int64_t last_callback(const struct dbk_plan *plan, size_t group)
{
    int64_t last = 0;
    for (size_t i = 0; i < plan->written->deviation_count; i++)
        if (!plan->said[i].is_unsaid && plan->said[i].group == group &&
            plan->said[i].callback > last)
            last = plan->said[i].callback;
    return last;
}

static bool has_first(const struct dbk_plan *plan, size_t group)
{
    size_t first = first_said(plan);
    return first < plan->written->deviation_count && plan->said[first].group == group;
}

static cJSON *rule_of(const struct dbk_plan *plan, size_t group)
{
    const struct dbk_deviation *fault = find_deviation(plan, group, 0);
    int64_t callbacks = last_callback(plan, group);
    cJSON *rule = cJSON_CreateObject(), *list;
    struct dbk_action action;
    cJSON_AddItemToObject(rule, "when", when_of(&plan->groups[group]));
    if (!has_first(plan, group))
        cJSON_AddTrueToObject(rule, "if_reached");
    if (fault && dbk_deviation_action(plan->written->scenario, fault, &action)) {
        list = cJSON_CreateArray();
        cJSON_AddItemToArray(list, fault_of(&action));
        cJSON_AddItemToObject(rule, "do", list);
    }
    if (callbacks > 0) {
        list = cJSON_CreateArray();
        for (int64_t i = 1; i <= callbacks; i++)
            cJSON_AddItemToArray(list, callback_of(find_deviation(plan, group, i)));
        cJSON_AddItemToObject(rule, "callbacks", list);
    }
    return rule;
}

cJSON *dbk_plan_rules(const struct dbk_plan *plan, size_t partner)
{
    cJSON *rules = cJSON_CreateArray();
    for (size_t i = 0; i < plan->group_count; i++)
        if (plan->groups[i].is_rule && plan->groups[i].partner == partner)
            cJSON_AddItemToArray(rules, rule_of(plan, i));
    return rules;
}

/* ---- as choices ---- */

cJSON *dbk_plan_choice(const struct dbk_plan *plan, size_t index)
{
    const struct dbk_deviation *deviation = &plan->written->deviations[index];
    const struct said *said = &plan->said[index];
    if (said->is_unsaid || (said->group != NONE && plan->groups[said->group].is_rule))
        return NULL;
    cJSON *choice = cJSON_CreateObject();
    cJSON_AddStringToObject(choice, "site", dbk_sites[deviation->site].name);
    cJSON_AddStringToObject(choice, "entity", deviation->entity);
    cJSON_AddItemToObject(choice, "n", dbk_json_new_integer(deviation->nth));
    cJSON_AddItemToObject(choice, "take", dbk_json_new_integer(deviation->take));
    if (index != first_said(plan))
        cJSON_AddTrueToObject(choice, "if_reached");
    return choice;
}
