#include "runner/replayed.h"

#include "runner/head.h"
#include "runner/search/menu.h"

#include <string.h>

/* One thing that the file wants to go wrong. */
struct wanted {
    const char *fault;    /* as a fact tells it */
    const char *by;       /* likewise */
    const char *exchange; /* NULL: of any */
    const char *said;     /* for people */
    int line;
    bool if_reached, took_effect;
};

struct judging {
    const struct dbk_scenario *scenario;
    const char *file;
    const struct dbk_history *history;
    const struct dbk_outcome *outcome;
    struct dbk_arena arena;
    struct wanted *wanted;
    size_t wanted_count;
    struct dbk_text *out;
};

static const struct {
    const char *word;
    int exit_code;
} words[DBK_REPLAYED] = {
    [DBK_FIXED] = {"FIXED", 0},
    [DBK_STALE] = {"STALE", 2},
    [DBK_STILL_FAILING] = {"STILL FAILING", 1},
};

const char *dbk_replayed_word(enum dbk_replayed replayed)
{
    return words[replayed].word;
}

int dbk_replayed_exit_code(enum dbk_replayed replayed)
{
    return words[replayed].exit_code;
}

/* ---- what the file wants ---- */

static void want(struct judging *judging, struct wanted wanted)
{
    const struct dbk_history *history = judging->history;
    for (size_t i = 0; i < history->fact_count && !wanted.took_effect; i++) {
        const struct dbk_fact *fact = &history->facts[i];
        wanted.took_effect = fact->kind == DBK_FACT_FAULT && dbk_same(fact->fault, wanted.fault) &&
                             dbk_same(fact->by, wanted.by) &&
                             (!wanted.exchange || dbk_same(fact->exchange, wanted.exchange));
    }
    judging->wanted[judging->wanted_count++] = wanted;
}

static void want_scripted(struct judging *judging)
{
    const struct dbk_terms *terms = &judging->scenario->terms;
    for (size_t i = 0; i < terms->fault_count; i++) {
        const struct dbk_scripted_fault *fault = &terms->faults[i];
        want(judging, (struct wanted){.fault = fault->fault,
                                      .by = fault->rule,
                                      .said = dbk_arena_printf(&judging->arena, "%s of rule %s",
                                                               fault->fault, fault->rule),
                                      .line = fault->line,
                                      .if_reached = fault->if_reached});
    }
}

static void want_pinned(struct judging *judging)
{
    const struct dbk_scenario *scenario = judging->scenario;
    for (size_t i = 0; i < scenario->pinned_count; i++) {
        const struct dbk_pinned *pin = &scenario->pinned[i];
        const struct dbk_deviation deviation = {pin->site, pin->entity, pin->nth, pin->take};
        const char *fault = dbk_pinned_fault(pin);
        if (fault)
            want(judging,
                 (struct wanted){.fault = fault,
                                 .by = dbk_pinned_teller(scenario, pin, &judging->arena),
                                 .exchange = dbk_pin_is_of_exchange(pin) ? pin->entity : NULL,
                                 .said = dbk_deviation_say(scenario, &deviation, &judging->arena),
                                 .line = pin->line,
                                 .if_reached = pin->if_reached});
    }
}

static void find_wanted(struct judging *judging)
{
    size_t most = judging->scenario->terms.fault_count + judging->scenario->pinned_count;
    judging->wanted = dbk_arena_alloc(&judging->arena, (most + 1) * sizeof *judging->wanted);
    want_scripted(judging);
    want_pinned(judging);
}

/* ---- sentences ---- */

/* "a, b and c are violated" */
static void say_names(const char *const *names, size_t count, const char *what,
                      struct dbk_text *out)
{
    for (size_t i = 0; i < count; i++)
        dbk_text_printf(out, "%s%s", i == 0 ? "" : i + 1 == count ? " and " : ", ", names[i]);
    dbk_text_printf(out, " %s %s", count == 1 ? "is" : "are", what);
}

static bool has(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (dbk_same(names[i], name))
            return true;
    return false;
}

/* What is violated and known (or else is not), each once; gives how many. */
static size_t find_violated(struct judging *judging, bool is_known, const char ***names)
{
    const struct dbk_outcome *outcome = judging->outcome;
    const struct dbk_known_failure *found = judging->scenario->found;
    size_t count = 0;
    *names = dbk_arena_alloc(&judging->arena, (outcome->violation_count + 1) * sizeof **names);
    for (size_t i = 0; i < outcome->violation_count; i++) {
        const char *name = outcome->violations[i].invariant;
        if (has(found->violates, found->violate_count, name) == is_known &&
            !has(*names, count, name))
            (*names)[count++] = name;
    }
    return count;
}

/* Under the policy that was played, and, if it is another, that which the file names. */
static void say_policy(const struct judging *judging)
{
    const struct dbk_known_failure *found = judging->scenario->found;
    dbk_text_printf(judging->out, " under %s", judging->history->policy);
    if (!dbk_same(judging->history->policy, found->policy.name))
        dbk_text_printf(judging->out, " (found under %s)", found->policy_name);
}

/* The file does not stand for it, but nobody is to miss it. */
static void say_others(struct judging *judging)
{
    const char **names;
    size_t count = find_violated(judging, false, &names);
    if (count == 0)
        return;
    dbk_text_add(judging->out, "; ");
    say_names(names, count, "violated instead", judging->out);
}

static void say_missing(const struct judging *judging, const char *fault, int line)
{
    dbk_text_printf(judging->out, ", but it is tried no more: %s (%s:%d) did not take effect",
                    fault, judging->file, line);
}

/* ---- with a path ---- */

static const char *say_step(struct judging *judging, const struct dbk_path_step *step)
{
    return dbk_arena_printf(&judging->arena, "%s%s%s", step->exchange ? step->exchange : "",
                            step->exchange ? ": " : "", step->fault);
}

/* Whether what stands in the file may be what the step tells of: "lagoon#1" is lagoon's. */
static bool is_about(const struct wanted *wanted, const struct dbk_path_step *step)
{
    size_t partner = strcspn(wanted->by, "#");
    if (!dbk_same(wanted->fault, step->fault))
        return false;
    if (!step->exchange || wanted->exchange)
        return dbk_same(wanted->exchange, step->exchange);
    return strncmp(wanted->by, step->exchange, partner) == 0 && step->exchange[partner] == '/';
}

/* Where the file says it: the first entry that may mean it and took no effect, else the step. */
static int line_of(const struct judging *judging, const struct dbk_path_step *step)
{
    for (size_t i = 0; i < judging->wanted_count; i++)
        if (!judging->wanted[i].took_effect && is_about(&judging->wanted[i], step))
            return judging->wanted[i].line;
    return step->line;
}

static enum dbk_replayed follow_path(struct judging *judging)
{
    const struct dbk_path *path = &judging->scenario->found->path;
    size_t common = dbk_path_common(path, judging->history);
    size_t needed = common > 0 ? common : 1;
    for (size_t i = 0; i < needed; i++)
        if (!dbk_path_took_effect(path, i, i < common ? path->steps[i].facts : 0,
                                  judging->history)) {
            say_missing(judging, say_step(judging, &path->steps[i]),
                        line_of(judging, &path->steps[i]));
            return DBK_STALE;
        }
    const char *first =
        common > 0 ? "; took effect: " : "; took effect, though the paths part before: ";
    for (size_t i = 0; i < path->count; i++)
        dbk_text_printf(judging->out, "%s%s",
                        i == 0        ? first
                        : i == needed ? "; behind where the paths part: "
                                      : ", ",
                        say_step(judging, &path->steps[i]));
    return DBK_FIXED;
}

/* ---- without ---- */

static bool is_exposed(const struct judging *judging, const char *invariant)
{
    for (size_t i = 0; i < judging->outcome->exposure_count; i++)
        if (dbk_same(judging->outcome->exposures[i].invariant, invariant))
            return judging->outcome->exposures[i].count > 0;
    return false;
}

/* Where nothing goes wrong, the run alone must put at risk what it is about. */
static enum dbk_replayed ask_exposure(struct judging *judging)
{
    const struct dbk_known_failure *found = judging->scenario->found;
    for (size_t i = 0; i < found->violate_count; i++)
        if (!is_exposed(judging, found->violates[i])) {
            dbk_text_printf(judging->out, ", but it is tried no more: %s was not at risk",
                            found->violates[i]);
            return DBK_STALE;
        }
    return DBK_FIXED;
}

static enum dbk_replayed ask_wanted(struct judging *judging)
{
    size_t took_effect = 0;
    for (size_t i = 0; i < judging->wanted_count; i++) {
        const struct wanted *wanted = &judging->wanted[i];
        if (!wanted->took_effect && !wanted->if_reached) {
            say_missing(judging, wanted->said, wanted->line);
            return DBK_STALE;
        }
        took_effect += wanted->took_effect;
    }
    if (took_effect == 0) {
        say_missing(judging, judging->wanted[0].said, judging->wanted[0].line);
        return DBK_STALE;
    }
    for (size_t i = 0, said = 0; i < judging->wanted_count; i++)
        if (judging->wanted[i].took_effect)
            dbk_text_printf(judging->out, "%s%s", said++ == 0 ? "; took effect: " : ", ",
                            judging->wanted[i].said);
    return DBK_FIXED;
}

/* ---- the whole ---- */

static enum dbk_replayed judge(struct judging *judging)
{
    const struct dbk_known_failure *found = judging->scenario->found;
    const char **names;
    size_t count = find_violated(judging, true, &names);
    if (count > 0) {
        say_names(names, count, "violated", judging->out);
        say_policy(judging);
        return DBK_STILL_FAILING;
    }
    say_names(found->violates, found->violate_count, "not violated", judging->out);
    say_policy(judging);
    find_wanted(judging);
    enum dbk_replayed replayed = found->path.count > 0       ? follow_path(judging)
                                 : judging->wanted_count > 0 ? ask_wanted(judging)
                                                             : ask_exposure(judging);
    say_others(judging);
    return replayed;
}

enum dbk_replayed dbk_replayed_judge(const struct dbk_scenario *scenario, const char *file,
                                     const struct dbk_history *history,
                                     const struct dbk_outcome *outcome, struct dbk_text *out)
{
    struct judging judging = {
        .scenario = scenario, .file = file, .history = history, .outcome = outcome, .out = out};
    enum dbk_replayed replayed = judge(&judging);
    dbk_arena_free(&judging.arena);
    return replayed;
}
