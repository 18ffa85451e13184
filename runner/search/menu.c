#include "runner/search/menu.h"

#include "runner/search/entity.h"
#include "runner/vocabulary.h"

#include <string.h>

bool dbk_deviation_action(const struct dbk_scenario *scenario,
                          const struct dbk_deviation *deviation, struct dbk_action *action)
{
    struct dbk_entity entity;
    return deviation->site == DBK_SITE_EXCHANGE_FAULT &&
           dbk_entity_read(scenario, deviation->entity, &entity) &&
           dbk_action_of_choice(deviation->take, entity.op, &entity.partner->profile, action);
}

/* ---- the menu ---- */

static const enum dbk_site own_sites[] = {DBK_SITE_ORDER, DBK_SITE_COMMIT_WITH_NEXT, DBK_SITE_CRASH,
                                          DBK_SITE_PAUSE};

static void add_name(struct dbk_menu *menu, const char *name)
{
    enum dbk_fault fault = dbk_fault_by_name(name);
    enum dbk_callback_fault callback = dbk_callback_fault_by_name(name);
    enum dbk_site site = dbk_site_by_name(name);
    if (fault < DBK_FAULTS)
        menu->faults[fault] = true;
    else if (callback < DBK_CALLBACK_FAULTS)
        menu->callbacks[callback] = true;
    else if (site < DBK_SITE_COUNT)
        menu->sites[site] = true;
}

struct dbk_menu dbk_menu_of(const struct dbk_scenario *scenario, bool beyond_promises)
{
    struct dbk_menu menu = {.scenario = scenario,
                            .beyond_promises = beyond_promises,
                            .is_said = scenario->may_count > 0};
    for (size_t i = 0; i < scenario->may_count; i++)
        add_name(&menu, scenario->may[i]);
    if (menu.is_said)
        return menu;
    for (size_t i = 0; i < DBK_FAULTS; i++)
        menu.faults[i] = true;
    for (size_t i = 0; i < DBK_CALLBACK_FAULTS; i++)
        menu.callbacks[i] = true;
    for (size_t i = 0; i < DBK_COUNT(own_sites); i++)
        menu.sites[own_sites[i]] = true;
    return menu;
}

/* A fault that always breaks a promise may be named by a scenario; one that lasts beyond a bound is
 * played only on demand. */
static bool is_allowed(const struct dbk_menu *menu, const struct dbk_scenario_partner *partner,
                       const struct dbk_action *action, enum dbk_op op)
{
    bool is_promise = op == DBK_OP_CREATE || op == DBK_OP_CANCEL; /* the others commit nothing */
    const char *breaks =
        is_promise ? dbk_fault_breaks(action->fault, action->duration_ms, &partner->profile) : NULL;
    if (!menu->faults[action->fault])
        return false;
    if (!breaks || menu->beyond_promises)
        return true;
    return menu->is_said && !dbk_faults[action->fault].unless;
}

static size_t takes_of_exchange(const struct dbk_menu *menu, const struct dbk_asked *asked,
                                uint32_t *takes)
{
    struct dbk_entity entity;
    size_t count = 0;
    if (!dbk_entity_read(menu->scenario, asked->entity, &entity))
        return 0;
    for (uint32_t take = 1; take < asked->alternatives; take++) {
        struct dbk_action action;
        if (dbk_action_of_choice(take, entity.op, &entity.partner->profile, &action) &&
            is_allowed(menu, entity.partner, &action, entity.op))
            takes[count++] = take;
    }
    return count;
}

/* Where nothing tells a forged callback from the partner's, forging one proves nothing. */
static bool signs(const struct dbk_scenario_partner *partner)
{
    return partner->profile.callback_signature != DBK_SIGNATURE_NONE;
}

/* What it would speak of is known only when it is made, so an older state is always tried. */
static size_t takes_of_callback(const struct dbk_menu *menu, const struct dbk_asked *asked,
                                uint32_t *takes)
{
    struct dbk_entity entity;
    size_t count = 0;
    if (!dbk_entity_read(menu->scenario, asked->entity, &entity))
        return 0;
    for (uint32_t take = 1; take < asked->alternatives; take++) {
        struct dbk_later callback;
        if (dbk_callback_of_choice(take, "pending", &callback) &&
            menu->callbacks[dbk_callback_fault_of(&callback)] &&
            (!callback.forged || signs(entity.partner)))
            takes[count++] = take;
    }
    return count;
}

/* The points between two effects that others can see, as crash and pause number them. */
static size_t takes_between_effects(const struct dbk_asked *asked, uint32_t *takes)
{
    size_t count = 0;
    bool was_seen = false;
    for (uint32_t i = 0; i < 64; i++) {
        if (!(asked->effects & (UINT64_C(1) << i)))
            continue;
        if (was_seen)
            takes[count++] = 3 + i + 1; /* before the effect i + 1 */
        was_seen = true;
    }
    return count;
}

static size_t takes_of_stop(const struct dbk_asked *asked, uint32_t *takes)
{
    size_t count = 0;
    if (!asked->was_played)
        return 0;
    takes[count++] = 2; /* before the commit */
    if (!asked->has_written && asked->effects == 0)
        return count; /* nothing lies behind it */
    takes[count++] = 3;
    return count + takes_between_effects(asked, takes + count);
}

size_t dbk_menu_takes(const struct dbk_menu *menu, const struct dbk_asked *asked,
                      uint32_t takes[static DBK_MENU_TAKES])
{
    size_t count = 0;
    switch (asked->site) {
    case DBK_SITE_EXCHANGE_FAULT:
        return takes_of_exchange(menu, asked, takes);
    case DBK_SITE_CALLBACK_FAULT:
        return takes_of_callback(menu, asked, takes);
    case DBK_SITE_USER_FAULT:
        for (uint32_t take = 1; menu->sites[DBK_SITE_USER_FAULT] && take < asked->alternatives;
             take++)
            takes[count++] = take;
        return count;
    case DBK_SITE_ORDER:
        for (uint32_t take = 1; menu->sites[DBK_SITE_ORDER] && take < asked->alternatives; take++)
            takes[count++] = take;
        return count;
    case DBK_SITE_COMMIT_WITH_NEXT:
        if (menu->sites[DBK_SITE_COMMIT_WITH_NEXT] && asked->has_follower)
            takes[count++] = 1;
        return count;
    case DBK_SITE_CRASH:
    case DBK_SITE_PAUSE:
        return menu->sites[asked->site] ? takes_of_stop(asked, takes) : 0;
    default:
        return 0; /* neutral: drawn from the seed */
    }
}

/* For some partner, in some exchange, for some length. */
static bool is_on_menu(const struct dbk_menu *menu, enum dbk_fault fault)
{
    for (size_t i = 0; i < menu->scenario->partner_count; i++)
        for (enum dbk_op op = DBK_OP_CREATE; op < DBK_OPS; op++)
            for (uint32_t take = 1 + (uint32_t)fault; take < DBK_FAULT_CHOICES;
                 take += DBK_FAULTS) {
                const struct dbk_scenario_partner *partner = &menu->scenario->partners[i];
                struct dbk_action action;
                if (dbk_action_of_choice(take, op, &partner->profile, &action) &&
                    is_allowed(menu, partner, &action, op))
                    return true;
            }
    return false;
}

void dbk_menu_names(const struct dbk_menu *menu, struct dbk_words *names)
{
    for (enum dbk_fault fault = 0; fault < DBK_FAULTS; fault++)
        if (is_on_menu(menu, fault))
            dbk_words_add(names, dbk_faults[fault].name);
    bool may_forge = false;
    for (size_t i = 0; i < menu->scenario->partner_count; i++)
        may_forge = may_forge || signs(&menu->scenario->partners[i]);
    for (size_t i = 0; i < DBK_CALLBACK_FAULTS; i++)
        if (menu->callbacks[i] && (i != DBK_CALLBACK_FORGED || may_forge))
            dbk_words_add(names, dbk_callback_faults[i].name);
    for (size_t i = 0; i < DBK_COUNT(own_sites); i++)
        if (menu->sites[own_sites[i]])
            dbk_words_add(names, dbk_sites[own_sites[i]].name);
    if (menu->sites[DBK_SITE_USER_FAULT])
        dbk_words_add(names, dbk_sites[DBK_SITE_USER_FAULT].name);
}

/* ---- in words ---- */

static const char *say_action(const struct dbk_action *action, struct dbk_arena *arena)
{
    const struct dbk_fault_row *row = &dbk_faults[action->fault];
    char lasts[DBK_DURATION_TEXT];
    if (!dbk_same(row->argument, "by") && !dbk_same(row->argument, "for"))
        return row->name;
    dbk_duration_print(action->duration_ms, lasts);
    return dbk_arena_printf(arena, "%s %s %s", row->name, row->argument, lasts);
}

static const char *say_callback(uint32_t take, struct dbk_arena *arena)
{
    struct dbk_later callback;
    char held[DBK_DURATION_TEXT], apart[DBK_DURATION_TEXT];
    if (!dbk_callback_of_choice(take, "pending", &callback))
        return "nothing";
    dbk_duration_print(callback.held_ms, held);
    dbk_duration_print(callback.apart_ms, apart);
    const char *name = dbk_callback_faults[dbk_callback_fault_of(&callback)].name;
    if (callback.copies > 1)
        return dbk_arena_printf(arena, "%s, %s apart", name, apart);
    return callback.held_ms > 0 ? dbk_arena_printf(arena, "%s, held %s", name, held) : name;
}

static const char *say_user_action(uint32_t take, struct dbk_arena *arena)
{
    struct dbk_user_action action;
    char lasts[DBK_DURATION_TEXT];
    if (!dbk_user_action_of_choice(take, &action))
        return "nothing";
    dbk_duration_print(action.duration_ms, lasts);
    return action.duration_ms > 0
               ? dbk_arena_printf(arena, "%s by %s", dbk_user_faults[action.fault].name, lasts)
               : dbk_user_faults[action.fault].name;
}

static const char *say_stop(const struct dbk_deviation *deviation, struct dbk_arena *arena)
{
    static const char *const points[] = {"nowhere", "before it", "before its commit",
                                         "after its commit"};
    const char *what = dbk_sites[deviation->site].name;
    if (deviation->take < DBK_COUNT(points))
        return dbk_arena_printf(arena, "%s %s", what, points[deviation->take]);
    if (deviation->take >= 100)
        return dbk_arena_printf(arena, "%s at its store write %u", what, deviation->take - 100);
    return dbk_arena_printf(arena, "%s before its effect %u", what, deviation->take - 3);
}

static const char *say_what(const struct dbk_scenario *scenario,
                            const struct dbk_deviation *deviation, struct dbk_arena *arena)
{
    struct dbk_action action;
    switch (deviation->site) {
    case DBK_SITE_EXCHANGE_FAULT:
        return dbk_deviation_action(scenario, deviation, &action) ? say_action(&action, arena)
                                                                  : "nothing";
    case DBK_SITE_CALLBACK_FAULT:
        return say_callback(deviation->take, arena);
    case DBK_SITE_USER_FAULT:
        return say_user_action(deviation->take, arena);
    case DBK_SITE_ORDER:
        return dbk_arena_printf(arena, "overtaken by %u", deviation->take);
    case DBK_SITE_CRASH:
    case DBK_SITE_PAUSE:
        return say_stop(deviation, arena);
    default:
        return dbk_arena_printf(arena, "%s takes %u", dbk_sites[deviation->site].name,
                                deviation->take);
    }
}

const char *dbk_deviation_say(const struct dbk_scenario *scenario,
                              const struct dbk_deviation *deviation, struct dbk_arena *arena)
{
    const char *what = say_what(scenario, deviation, arena);
    bool is_counted = deviation->site != DBK_SITE_EXCHANGE_FAULT &&
                      deviation->site != DBK_SITE_CALLBACK_FAULT &&
                      deviation->site != DBK_SITE_USER_FAULT; /* whose entities say it */
    if (!is_counted)
        return dbk_arena_printf(arena, "%s: %s", deviation->entity, what);
    return dbk_arena_printf(arena, "%s %u: %s", deviation->entity, deviation->nth, what);
}
