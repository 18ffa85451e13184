#include "fake-partners/script.h"

const char *const dbk_reservation_states[] = {"pending", "confirmed", "rejected", "cancelled",
                                              "on_hold", "expired",   NULL};

const char *dbk_reservation_state(const char *name)
{
    for (const char *const *state = dbk_reservation_states; *state; state++)
        if (dbk_same(*state, name))
            return *state;
    return NULL;
}

bool dbk_rule_is_for(const struct dbk_rule *rule, enum dbk_op op, const char *intent,
                     int64_t attempt)
{
    return (rule->op == DBK_OP_ANY || rule->op == op) &&
           (rule->attempt == 0 || rule->attempt == attempt) &&
           (!rule->intent || dbk_same(rule->intent, intent));
}

bool dbk_action_of_choice(uint32_t taken, enum dbk_op op, const struct dbk_profile *profile,
                          struct dbk_action *action)
{
    uint32_t length = taken > 0 ? (taken - 1) / DBK_FAULTS : 0;
    enum dbk_fault fault = taken > 0 ? (enum dbk_fault)((taken - 1) % DBK_FAULTS) : DBK_FAULTS;
    const struct dbk_fault_row *row = NULL;
    int64_t bound_ms = 0;

    if (taken == 0 || taken >= DBK_FAULT_CHOICES || !(dbk_faults[fault].ops & (1u << op)))
        return false;
    if (fault == DBK_FAULT_KEEP_HOLD && profile->books_as != DBK_BOOKS_ON_HOLD)
        return false;
    row = &dbk_faults[fault];
    bound_ms = dbk_fault_bound(fault, profile);
    if (length > 0 && !dbk_same(row->argument, "by") && !dbk_same(row->argument, "for"))
        return false;
    if (length == 2 && !row->unless)
        return false;
    *action = (struct dbk_action){.fault = fault, .duration_ms = DBK_FAULT_LASTS_LONG_MS};
    if (length == 1)
        action->duration_ms = DBK_FAULT_LASTS_SHORT_MS;
    if (length == 2)
        action->duration_ms = bound_ms + DBK_FAULT_LASTS_LONG_MS;
    return true;
}

/* ---- callbacks ---- */

#define HELD_MS 90000 /* longer than a doubt usually takes to end */
#define APART_MS 1000

const struct dbk_callback_fault_row dbk_callback_faults[DBK_CALLBACK_FAULTS] = {
    [DBK_CALLBACK_LOST] = {"lost-callback", "callbacks: [ { lost: true } ]",
                           "The partner means to call back, and the callback never leaves."},
    [DBK_CALLBACK_HELD] =
        {"held-callback", "callbacks: [ { held: 90s } ]",
         "The callback is on its way for so long, and says what was true before."},
    [DBK_CALLBACK_COPIED] = {"copied-callback", "callbacks: [ { copies: 2, apart: 1s } ]",
                             "The same callback is delivered more than once."},
    [DBK_CALLBACK_OLDER] = {"older-callback", "callbacks: [ { says: pending } ]",
                            "The callback speaks of a state that the reservation had before."},
    [DBK_CALLBACK_FORGED] =
        {"forged-callback", "callback: { says: cancelled, forged: wrong-key }",
         "Somebody else sends a callback in the partner's name, without its key."},
};

static const char *const forgery_names[DBK_FORGERIES] = {
    [DBK_FORGERY_UNSIGNED] = "unsigned", [DBK_FORGERY_WRONG_KEY] = "wrong-key",
    [DBK_FORGERY_OLD_KEY] = "old-key",   [DBK_FORGERY_STALE] = "stale",
    [DBK_FORGERY_CHANGED] = "changed",
};

const char *dbk_forgery_name(enum dbk_forgery forgery)
{
    return forgery < DBK_FORGERIES ? forgery_names[forgery] : NULL;
}

enum dbk_forgery dbk_forgery_by_name(const char *name)
{
    enum dbk_forgery forgery = DBK_FORGERY_UNSIGNED;

    while (forgery < DBK_FORGERIES && !dbk_same(forgery_names[forgery], name))
        forgery++;
    return forgery;
}

enum dbk_callback_fault dbk_callback_fault_by_name(const char *name)
{
    enum dbk_callback_fault fault = 0;

    while (fault < DBK_CALLBACK_FAULTS && !dbk_same(dbk_callback_faults[fault].name, name))
        fault++;
    return fault;
}

enum dbk_callback_fault dbk_callback_fault_of(const struct dbk_later *callback)
{
    if (callback->forged)
        return DBK_CALLBACK_FORGED;
    if (callback->is_lost)
        return DBK_CALLBACK_LOST;
    if (callback->says)
        return DBK_CALLBACK_OLDER;
    if (callback->copies > 1)
        return DBK_CALLBACK_COPIED;
    return callback->held_ms > 0 ? DBK_CALLBACK_HELD : DBK_CALLBACK_FAULTS;
}

bool dbk_callback_of_choice(uint32_t taken, const char *older, struct dbk_later *callback)
{
    static const struct dbk_later choices[DBK_CALLBACK_CHOICES] = {
        [1] = {.is_lost = true},
        [2] = {.held_ms = HELD_MS},
        [3] = {.copies = 2, .apart_ms = APART_MS},
        [4] = {.copies = 2, .apart_ms = HELD_MS},
        [5] = {.says = "pending"},
        [6] = {.says = "pending", .held_ms = HELD_MS},
        [7] = {.says = "pending", .held_ms = HELD_MS, .forged = DBK_FORGERY_WRONG_KEY},
    };

    if (taken == 0 || taken >= DBK_CALLBACK_CHOICES || (choices[taken].says && !older))
        return false;
    *callback = choices[taken];
    if (callback->says)
        callback->says = older;
    if (callback->copies == 0)
        callback->copies = 1;
    if (callback->apart_ms == 0)
        callback->apart_ms = APART_MS;
    return true;
}
