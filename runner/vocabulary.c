#include "runner/vocabulary.h"

#include "base/choice.h"
#include "base/fact.h"
#include "core/desk.h"
#include "core/status.h"
#include "fake-partners/script.h"
#include "runner/check/check.h"
#include "runner/user_fault.h"

#include <string.h>

#define LISTED_MAX 40 /* names in one message */
#define WRONG_MAX 60  /* bytes of a wrong word in a message */

static const char *const screens[] = {"detail", "list"};
static const char *const processes[] = {"api", "worker"};
static const char *const core_steps[] = {"crash", "pause"};
static const char *const kinds[] = {"story", "search"};
/* As in base/history.h; logs of other systems may hold others. */
static const char *const fact_ops[] = {"book", "look",   "watch",   "cancel", "again", "anew",
                                       "list", "detail", "hold",    "extend", "leave", "confirm",
                                       "move", "create", "look-up", "get"};
static const char *const fates[] = {"arrived", "lost",  "delivered", "late",    "unknown",
                                    "up",      "down",  "paused",    "resumed", "whole",
                                    "broken",  "rest",  "bound",     "stopped", "timed out",
                                    "refused", "reset", "closed"};
static const enum dbk_site own_sites[] = {DBK_SITE_ORDER, DBK_SITE_COMMIT_WITH_NEXT, DBK_SITE_CRASH,
                                          DBK_SITE_PAUSE};

/* Faults told of partners and by the stage; what else a search may let go wrong. */
#define TOLD_MOST (DBK_FAULTS + DBK_CALLBACK_FAULTS + DBK_COUNT(own_sites))
#define MAY_MOST (TOLD_MOST + 1)

static const char *status_name(size_t row)
{
    return dbk_status_name((enum dbk_status)row);
}

static const char *sync_name(size_t row)
{
    return dbk_sync_name((enum dbk_sync)row);
}

static const char *op_name(size_t row)
{
    return dbk_op_name((enum dbk_op)row);
}

static const char *state_name(size_t row)
{
    return dbk_reservation_states[row]; /* NULL behind the last */
}

static const char *move_name(size_t row)
{
    return dbk_desk_name((enum dbk_desk)row);
}

static const char *forgery_name(size_t row)
{
    return dbk_forgery_name((enum dbk_forgery)(row + 1)); /* none is the first */
}

static const char *request_name(size_t row)
{
    return dbk_op_name((enum dbk_op)(row + 1)); /* DBK_OP_ANY is the first */
}

static const char *invariant_name(size_t row)
{
    return row < dbk_invariant_count ? dbk_invariants[row].id : NULL;
}

/* An expectation that is not met is a violation like any other. */
static const char *broken_name(size_t row)
{
    return row == dbk_invariant_count ? "expect" : invariant_name(row);
}

static const char *site_name(size_t row)
{
    return dbk_sites[row].name;
}

/* Faults of exchanges, of callbacks, and the other adverse sites; last the one of the user's way,
 * whose faults are called as those of exchanges are. */
static const char *may_name(size_t row)
{
    if (row == MAY_MOST - 1)
        return dbk_sites[DBK_SITE_USER_FAULT].name;
    if (row < DBK_FAULTS)
        return dbk_faults[row].name;
    row -= DBK_FAULTS;
    if (row < DBK_CALLBACK_FAULTS)
        return dbk_callback_faults[row].name;
    return dbk_sites[own_sites[row - DBK_CALLBACK_FAULTS]].name;
}

/* All but the last two, of which no verdict may rest on one. */
static const char *fact_name(size_t row)
{
    bool is_outside = row < DBK_FACT_KINDS && dbk_fact_is_outside((enum dbk_fact_kind)row);
    return is_outside ? dbk_fact_name((enum dbk_fact_kind)row) : NULL;
}

/* A word that a member of a fact may hold. */
static const char *member_word(const char *member, size_t row)
{
    size_t i = 0;
    while (strcmp(dbk_fields[i].name, member) != 0)
        i++;
    return dbk_fields[i].words[row];
}

static const char *fact_state_name(size_t row)
{
    return member_word("state", row);
}

static const char *surface_name(size_t row)
{
    return member_word("surface", row);
}

/* Of the faults of the user's way those whose names no fault of a partner has. */
static const char *user_fault_name(size_t row)
{
    for (size_t i = 0; i < DBK_USER_FAULTS; i++)
        if (dbk_fault_by_name(dbk_user_faults[i].name) == DBK_FAULTS && row-- == 0)
            return dbk_user_faults[i].name;
    return NULL;
}

/* What a run deviates by. */
static const char *run_fault_name(size_t row)
{
    return row < TOLD_MOST ? may_name(row) : user_fault_name(row - TOLD_MOST);
}

/* All that is told as a fault. */
static const char *fact_fault_name(size_t row)
{
    return row < DBK_LAPSES ? dbk_lapses[row].name : run_fault_name(row - DBK_LAPSES);
}

static const char *claim_name(size_t row)
{
    return row < dbk_knob_count ? dbk_knobs[row].claim : NULL;
}

/* A list of its own, or a function into another room's table; no count: the function gives NULL
 * behind the last. */
static const struct {
    const char *noun;
    const char *const *names;
    const char *(*name)(size_t row);
    size_t count;
} lists[DBK_WORDS_COUNT] = {
    [DBK_WORDS_STATUS] = {"status", NULL, status_name, DBK_STATUSES},
    [DBK_WORDS_SYNC] = {"sync", NULL, sync_name, DBK_SYNCS},
    [DBK_WORDS_STATE] = {"state", NULL, state_name, 0},
    [DBK_WORDS_OP] = {"operation", NULL, op_name, DBK_OPS},
    [DBK_WORDS_MOVE] = {"move", NULL, move_name, DBK_DESKS},
    [DBK_WORDS_FORGERY] = {"forgery", NULL, forgery_name, DBK_FORGERIES - 1},
    [DBK_WORDS_REQUEST] = {"operation", NULL, request_name, DBK_OPS - 1},
    [DBK_WORDS_INVARIANT] = {"invariant", NULL, invariant_name, 0},
    [DBK_WORDS_BROKEN] = {"invariant", NULL, broken_name, 0},
    [DBK_WORDS_SITE] = {"site", NULL, site_name, DBK_SITE_COUNT},
    [DBK_WORDS_SCREEN] = {"screen", screens, NULL, DBK_COUNT(screens)},
    [DBK_WORDS_PROCESS] = {"process", processes, NULL, DBK_COUNT(processes)},
    [DBK_WORDS_CORE_STEP] = {"step of the core", core_steps, NULL, DBK_COUNT(core_steps)},
    [DBK_WORDS_KIND] = {"kind", kinds, NULL, DBK_COUNT(kinds)},
    [DBK_WORDS_MAY] = {"fault", NULL, may_name, MAY_MOST},
    [DBK_WORDS_RUN_FAULT] = {"fault", NULL, run_fault_name, 0},
    [DBK_WORDS_FACT] = {"fact", NULL, fact_name, 0},
    [DBK_WORDS_FACT_OP] = {"operation", fact_ops, NULL, DBK_COUNT(fact_ops)},
    [DBK_WORDS_FACT_STATE] = {"state", NULL, fact_state_name, 0},
    [DBK_WORDS_FACT_FAULT] = {"fault", NULL, fact_fault_name, 0},
    [DBK_WORDS_SURFACE] = {"surface", NULL, surface_name, 0},
    [DBK_WORDS_FATE] = {"fate", fates, NULL, DBK_COUNT(fates)},
    [DBK_WORDS_CLAIM] = {"claim", NULL, claim_name, 0},
};

void dbk_words_add(struct dbk_words *words, const char *name)
{
    if (words->count < DBK_WORDS_MAX)
        words->names[words->count++] = name;
}

bool dbk_words_have(const struct dbk_words *words, const char *name)
{
    for (size_t i = 0; i < words->count; i++)
        if (dbk_same(words->names[i], name))
            return true;
    return false;
}

void dbk_words_print(const struct dbk_words *words, struct dbk_text *out)
{
    for (size_t i = 0; i < words->count && i < LISTED_MAX; i++)
        dbk_text_printf(out, "%s%s", i == 0 ? "" : ", ", words->names[i]);
    if (words->count > LISTED_MAX)
        dbk_text_add(out, ", ...");
}

static size_t count_of(enum dbk_vocabulary vocabulary)
{
    size_t count = lists[vocabulary].count;
    if (count == 0)
        while (lists[vocabulary].name(count))
            count++;
    return count;
}

struct dbk_words dbk_vocabulary(enum dbk_vocabulary vocabulary)
{
    size_t count = count_of(vocabulary);
    struct dbk_words words = {.are_ours = true};
    for (size_t i = 0; i < count; i++)
        dbk_words_add(&words, lists[vocabulary].name ? lists[vocabulary].name(i)
                                                     : lists[vocabulary].names[i]);
    return words;
}

const char *dbk_vocabulary_noun(enum dbk_vocabulary vocabulary)
{
    return lists[vocabulary].noun;
}

size_t dbk_shown_length(const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

void dbk_words_unknown(const struct dbk_words *words, const char *noun, const char *wrong,
                       struct dbk_text *out)
{
    size_t length = dbk_shown_length(wrong, WRONG_MAX);
    dbk_text_printf(out, "unknown %s '%.*s%s'", noun, (int)length, wrong,
                    wrong[length] ? "..." : "");
    const char *near = dbk_closest(wrong, words->names, words->count);
    if (near)
        dbk_text_printf(out, " (did you mean '%s'?)", near);
    if (words->count == 0) {
        dbk_text_add(out, "; none is expected here");
        return;
    }
    dbk_text_add(out, "; expected one of ");
    dbk_words_print(words, out);
}

void dbk_words_complain(const struct dbk_words *words, const char *noun, const char *wrong,
                        const struct dbk_yaml *yaml, const cJSON *node,
                        struct dbk_complaints *complaints)
{
    struct dbk_text text = {0};
    size_t before = complaints->total;
    dbk_words_unknown(words, noun, wrong, &text);
    dbk_yaml_complain(yaml, node, complaints, "%s", text.bytes);
    if (words->are_ours)
        dbk_complaints_of_names(complaints, before);
    dbk_text_reset(&text);
}

void dbk_words_complain_key(const struct dbk_words *words, const char *noun,
                            const struct dbk_yaml *yaml, const cJSON *node,
                            struct dbk_complaints *complaints)
{
    struct dbk_text text = {0};
    size_t before = complaints->total;
    dbk_words_unknown(words, noun, node->string, &text);
    dbk_yaml_complain_key(yaml, node, complaints, "%s", text.bytes);
    if (words->are_ours)
        dbk_complaints_of_names(complaints, before);
    dbk_text_reset(&text);
}
