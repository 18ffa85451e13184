#include "reports/blame.h"

#include "reports/plain.h"
#include "reports/terminal.h"

#include <inttypes.h>
#include <string.h>

#define PAIRS_TOLD 3 /* of sets of several habits; a habit that is enough alone is always told */

struct telling {
    const struct dbk_outcome *outcome;
    const struct dbk_blame *blame;
    const struct dbk_terminal *terminal;
    struct dbk_text *out;
    struct dbk_text line;  /* the paragraph in the making */
    uint32_t told;         /* habits that were told in full */
    uint32_t changes_told; /* habits of which it was told what the reference does */
};

/* Ends a paragraph: what is in line goes out, broken, so deep. */
static void end_line(struct telling *telling, size_t indent)
{
    dbk_plain_fill(telling->out, telling->out->length, indent);
    dbk_plain_wrap(telling->out, telling->line.bytes, indent + 2,
                   dbk_terminal_width(telling->terminal) - indent - 2);
    dbk_text_clear(&telling->line);
}

static const char *policy_of(const struct telling *telling)
{
    const char *policy = telling->outcome->policy;
    return policy && *policy ? policy : "the policy";
}

/* ---- things ---- */

static void add_thing(const struct dbk_blamable *thing, struct dbk_text *out)
{
    if (thing->line > 0)
        dbk_text_printf(out, "the expectation of line %d", thing->line);
    else
        dbk_plain_name(out, "", thing->invariant);
}

/* Adds "one-truth, rests" for the bits. */
static void add_things(const struct dbk_blame *blame, uint64_t bits, struct dbk_text *out)
{
    const char *before = "";
    for (size_t i = 0; i < blame->thing_count; i++) {
        if (!(bits & (UINT64_C(1) << i)))
            continue;
        dbk_text_add(out, before);
        add_thing(&blame->things[i], out);
        before = ", ";
    }
}

static uint64_t bit_of(const struct dbk_blamed *blamed)
{
    return UINT64_C(1) << blamed->what;
}

/* What the policy violates. */
static uint64_t violated(const struct dbk_blame *blame)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < blame->blamed_count; i++)
        bits |= bit_of(&blame->blamed[i]);
    return bits;
}

/* ---- sets of habits ---- */

static void add_value(const struct dbk_habit *habit, bool is_change, struct dbk_text *out)
{
    dbk_text_printf(out, "%s: ", habit->name);
    dbk_plain_add(out, is_change ? habit->reference : habit->value, DBK_PLAIN_NAME);
}

/* Adds "look_up: never + retry_key: new". */
static void add_set(const struct dbk_blame *blame, uint32_t set, bool is_change,
                    struct dbk_text *out)
{
    const char *before = "";
    for (size_t i = 0; i < blame->habit_count; i++) {
        if (!(set & (UINT32_C(1) << i)))
            continue;
        dbk_text_add(out, before);
        add_value(&blame->habits[i], is_change, out);
        before = " + ";
    }
}

/* The question, our answer and the reference's. */
static void put_answers_to(struct telling *telling, const struct dbk_habit *habit)
{
    struct dbk_text *line = &telling->line;
    dbk_text_add(line, habit->question);
    end_line(telling, 8);
    if (habit->meaning) {
        dbk_plain_name(line, "", policy_of(telling));
        dbk_text_printf(line, ": %s", habit->meaning);
        end_line(telling, 8);
    }
    dbk_text_add(line, "reference");
    if (habit->reference_meaning)
        dbk_text_printf(line, " (%s): %s", habit->reference, habit->reference_meaning);
    else
        dbk_text_printf(line, ": %s", habit->reference);
    end_line(telling, 8);
}

/* In full the first time, then what it is. */
static void put_habit(struct telling *telling, size_t habit)
{
    const struct dbk_habit *row = &telling->blame->habits[habit];
    uint32_t bit = UINT32_C(1) << habit;
    add_value(row, false, &telling->line);
    if (telling->told & bit)
        dbk_text_printf(&telling->line, " - %s", row->meaning ? row->meaning : row->question);
    end_line(telling, 6);
    if (!(telling->told & bit))
        put_answers_to(telling, row);
    telling->told |= bit;
    telling->changes_told |= bit;
}

static void put_habits(struct telling *telling, uint32_t set)
{
    for (size_t i = 0; i < telling->blame->habit_count; i++)
        if (set & (UINT32_C(1) << i))
            put_habit(telling, i);
}

/* Adds what is violated after a change. */
static void add_leaves(const struct dbk_blame *blame, uint64_t leaves, struct dbk_text *out)
{
    uint64_t still = leaves & violated(blame), fresh = leaves & ~violated(blame);
    dbk_text_add(out, leaves ? " (" : " (then nothing is violated");
    if (still) {
        dbk_text_add(out, "still violated then: ");
        add_things(blame, still, out);
    }
    if (fresh) {
        dbk_text_add(out, still ? "; and it breaks what held: " : "but it breaks what held: ");
        add_things(blame, fresh, out);
    }
    dbk_text_add_char(out, ')');
}

/* What the changes of a set mean, unless that was told. */
static void put_meanings(struct telling *telling, uint32_t set)
{
    for (size_t i = 0; i < telling->blame->habit_count; i++) {
        const struct dbk_habit *habit = &telling->blame->habits[i];
        uint32_t bit = UINT32_C(1) << i;
        if (!(set & bit & ~telling->changes_told) || !habit->reference_meaning)
            continue;
        dbk_text_printf(&telling->line, "%s: %s", habit->reference, habit->reference_meaning);
        end_line(telling, 8);
        telling->changes_told |= bit;
    }
}

static void put_changes(struct telling *telling, const struct dbk_habit_sets *sets, size_t set)
{
    struct dbk_text *line = &telling->line;
    add_set(telling->blame, sets->sets[set], true, line);
    add_leaves(telling->blame, sets->leaves[set], line);
    end_line(telling, 6);
    put_meanings(telling, sets->sets[set]);
}

static size_t told(const struct dbk_habit_sets *sets)
{
    return sets->size > 1 && sets->kept > PAIRS_TOLD ? PAIRS_TOLD : sets->kept;
}

static void add_bound(const struct dbk_blame *blame, struct dbk_text *out)
{
    dbk_text_printf(out, "the bound is %" PRId64 " runs or %" PRId64 " facts", blame->runs_max,
                    blame->facts_max);
}

/* What was found and is not told, and what was not played. */
static void put_limits(struct telling *telling, const struct dbk_habit_sets *sets, const char *kind)
{
    struct dbk_text *line = &telling->line;
    int64_t more = sets->count - (int64_t)told(sets);
    if (more > 0) {
        dbk_text_printf(line, "And %" PRId64 " other%s of %d %ss.", more, more == 1 ? "" : "s",
                        sets->size, kind);
        end_line(telling, 6);
    }
    if (sets->searched < sets->size) {
        dbk_text_printf(line, "There may be others of %d, which were not all played: ", sets->size);
        add_bound(telling->blame, line);
        dbk_text_add_char(line, '.');
        end_line(telling, 6);
    }
}

static void put_not_found(struct telling *telling, const struct dbk_habit_sets *sets,
                          const char *what, const char *kind)
{
    struct dbk_text *line = &telling->line;
    dbk_text_printf(line, "%s was not found: ", what);
    if (sets->searched > 0)
        dbk_text_printf(line, "of up to %d %s%s none does, and ", sets->searched, kind,
                        sets->searched == 1 ? "" : "s");
    dbk_text_printf(line, "those of %d were not all played; ", sets->searched + 1);
    add_bound(telling->blame, line);
    dbk_text_add_char(line, '.');
    end_line(telling, 4);
}

static void put_shows(struct telling *telling, const struct dbk_habit_sets *sets)
{
    struct dbk_text *line = &telling->line;
    if (sets->size == 0) {
        put_not_found(telling, sets, "What shows it", "habit");
        return;
    }
    if (sets->size == 1)
        dbk_text_add(line, sets->count == 1 ? "One habit alone shows it:"
                                            : "Each of these habits alone shows it:");
    else
        dbk_text_printf(line, "No habit alone shows it; these %d together do:", sets->size);
    end_line(telling, 4);
    put_habits(telling, sets->sets[0]);
    for (size_t i = 1; i < told(sets); i++) {
        if (sets->size == 1) {
            put_habits(telling, sets->sets[i]);
            continue;
        }
        dbk_text_add(line, "or ");
        add_set(telling->blame, sets->sets[i], false, line);
        end_line(telling, 6);
    }
    put_limits(telling, sets, "habit");
}

static void put_ends(struct telling *telling, const struct dbk_habit_sets *sets)
{
    struct dbk_text *line = &telling->line;
    if (sets->size == 0) {
        put_not_found(telling, sets, "What ends it", "change");
        return;
    }
    if (sets->size == 1)
        dbk_text_add(line, sets->count == 1 ? "One change alone ends it:"
                                            : "Each of these changes alone ends it:");
    else
        dbk_text_printf(line, "No single change ends it; %s %d together %s:",
                        sets->count == 1 ? "these" : "each of these", sets->size,
                        sets->count == 1 ? "do" : "does");
    end_line(telling, 4);
    for (size_t i = 0; i < told(sets); i++)
        put_changes(telling, sets, i);
    put_limits(telling, sets, "change");
}

/* ---- one outcome ---- */

static bool is_same_sets(const struct dbk_habit_sets *one, const struct dbk_habit_sets *other)
{
    return one->size == other->size && one->count == other->count && one->kept == other->kept &&
           one->searched == other->searched &&
           memcmp(one->sets, other->sets, one->kept * sizeof *one->sets) == 0;
}

static bool is_same_answer(const struct dbk_blamed *one, const struct dbk_blamed *other)
{
    return one->is_in_reference == other->is_in_reference &&
           is_same_sets(&one->shows, &other->shows) && is_same_sets(&one->ends, &other->ends);
}

static void put_answer(struct telling *telling, const struct dbk_blamed *blamed, uint64_t group)
{
    add_things(telling->blame, group, &telling->line);
    end_line(telling, 2);
    if (blamed->is_in_reference) {
        dbk_text_add(&telling->line, "No habit: the reference shows it, too.");
        end_line(telling, 4);
        return;
    }
    put_shows(telling, &blamed->shows);
    put_ends(telling, &blamed->ends);
}

/* Each with all later ones of the same answer. */
static void put_answers(struct telling *telling)
{
    const struct dbk_blame *blame = telling->blame;
    uint64_t done = 0;
    for (size_t i = 0; i < blame->blamed_count; i++) {
        uint64_t group = 0;
        for (size_t k = i; k < blame->blamed_count; k++)
            if (is_same_answer(&blame->blamed[i], &blame->blamed[k]))
                group |= bit_of(&blame->blamed[k]);
        if (done & bit_of(&blame->blamed[i]))
            continue;
        done |= group;
        put_answer(telling, &blame->blamed[i], group);
    }
}

static void put_title(struct telling *telling)
{
    const struct dbk_blame *blame = telling->blame;
    struct dbk_text *line = &telling->line;
    dbk_text_add(line, "Which habit did it? ");
    if (blame->habit_count > 0) {
        dbk_plain_name(line, "", policy_of(telling));
        dbk_text_printf(
            line, " differs from the reference in %zu habit%s; %" PRId64 " more run%s %s played.",
            blame->habit_count, blame->habit_count == 1 ? "" : "s", blame->runs,
            blame->runs == 1 ? "" : "s", blame->runs == 1 ? "was" : "were");
    } else {
        dbk_text_add(line, "None: it was played as the reference.");
    }
    if (blame->fixed) {
        dbk_text_add(line, " Not on trial, for the scenario sets it itself: ");
        dbk_plain_add(line, blame->fixed, DBK_PLAIN_TEXT);
        dbk_text_add_char(line, '.');
    }
    end_line(telling, 0);
}

void dbk_blame_put(const struct dbk_outcome *outcome, const struct dbk_terminal *terminal,
                   struct dbk_text *out)
{
    struct telling telling = {
        .outcome = outcome, .blame = outcome->blame, .terminal = terminal, .out = out};
    if (!outcome->blame || outcome->blame->blamed_count == 0)
        return;
    dbk_text_add_char(out, '\n');
    put_title(&telling);
    if (outcome->blame->habit_count > 0)
        put_answers(&telling);
    dbk_text_reset(&telling.line);
}

/* ---- the others ---- */

void dbk_blame_put_rest(const struct dbk_report *report, const struct dbk_terminal *terminal,
                        struct dbk_text *out)
{
    struct telling telling = {.terminal = terminal, .out = out};
    size_t count = 0, habits = 0;
    for (size_t i = 0; i < report->outcome_count; i++) {
        const struct dbk_blame *blame = report->outcomes[i]->blame;
        if (!blame || blame->blamed_count > 0)
            continue;
        count++;
        habits += blame->habit_count;
    }
    if (count == 0)
        return;
    dbk_text_add_char(out, '\n');
    dbk_text_printf(&telling.line, "No habit to blame in %zu %s: nothing is violated.%s", count,
                    count == 1 ? "scenario" : "scenarios",
                    habits == 0 ? " The policy differs in nothing from the reference there." : "");
    end_line(&telling, 0);
    dbk_text_reset(&telling.line);
}
