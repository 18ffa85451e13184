#include "runner/search/hand_over.h"

#include "runner/judge.h"
#include "runner/path.h"
#include "runner/search/write.h"

#include "runner/check/check.h"

#include <string.h>

/* A name of at most 48 bytes, as scenarios have them; the signature is what matters. */
const char *dbk_hand_over_name(const struct dbk_scenario *scenario, const struct dbk_find *find,
                               struct dbk_arena *arena)
{
    const char *id = find->signature.id;
    size_t length = strlen(id), most = length < 46 ? 47 - length : 0;
    return dbk_arena_printf(arena, "%.*s%s%.48s", (int)most, scenario->name, most ? "-" : "", id);
}

static const char *sum_up(const struct dbk_hand_over *how, const struct dbk_find *find,
                          struct dbk_arena *arena)
{
    struct dbk_text text = {0};
    dbk_text_printf(&text,
                    "Found by a search of %s. With the policy %s, %s is %s although nothing "
                    "else goes wrong than this: ",
                    how->config->scenario->name, how->policy->name, find->signature.id,
                    how->is_goal ? "reached" : "violated");
    for (size_t i = 0; i < how->said_count; i++)
        dbk_text_printf(&text, "%s%s", i > 0 ? "; " : "", how->said[i]);
    dbk_text_add(&text, how->said_count > 0 ? "." : "nothing at all.");
    const char *summary = dbk_arena_text(arena, text.bytes);
    dbk_text_reset(&text);
    return summary;
}

/* The invariants of the table that the outcome violates, each once, in its order. */
static size_t list_violated(const struct dbk_outcome *outcome,
                            const char **violated /* room for all */)
{
    size_t count = 0;
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        bool is_violated = false;
        for (size_t k = 0; k < outcome->violation_count && !is_violated; k++)
            is_violated = dbk_same(outcome->violations[k].invariant, dbk_invariants[i].id);
        if (is_violated)
            violated[count++] = dbk_invariants[i].id;
    }
    return count;
}

/* What the file stands for: what was found, or, where that is a goal, what its run violates. */
static size_t list_known(const struct dbk_hand_over *how, const struct dbk_find *find,
                         const struct dbk_outcome *outcome, const char **violated)
{
    const struct dbk_invariant *invariant = dbk_invariant_by_name(find->signature.id);
    if (how->is_goal)
        return list_violated(outcome, violated);
    if (invariant)
        violated[0] = invariant->id;
    return invariant ? 1 : 0;
}

/* Plays what is left once more and writes it down. */
static void write_down(const struct dbk_hand_over *how, const struct dbk_find *find,
                       const struct dbk_shrunk *shrunk, struct dbk_text *out)
{
    const struct dbk_explore_config *config = how->config;
    struct dbk_arena arena = {0};
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_history *history = dbk_history_new();
    struct dbk_trace trace = {0};
    const struct dbk_search search = {shrunk->deviations, shrunk->deviation_count, &trace};
    const char **violated = dbk_arena_alloc(&arena, dbk_invariant_count * sizeof *violated);
    dbk_sim_search(config->sim, shrunk->scenario, config->policy, config->seed, &search, history);
    dbk_judge(history, NULL, outcome);
    const struct dbk_path path = dbk_path_of(history, &arena);
    const struct dbk_written written = {.scenario = config->scenario,
                                        .keeps_step = shrunk->kept.steps,
                                        .keeps_partner = shrunk->kept.partners,
                                        .keeps_clocks = shrunk->kept.clocks,
                                        .until_ms = DBK_ABSENT,
                                        .deviations = shrunk->deviations,
                                        .deviation_count = shrunk->deviation_count,
                                        .name = dbk_hand_over_name(config->scenario, find, &arena),
                                        .summary = sum_up(how, find, &arena),
                                        .policy = how->policy,
                                        .policy_word = how->policy_word,
                                        .violates = violated,
                                        .violate_count = list_known(how, find, outcome, violated),
                                        .path = &path,
                                        .history = history,
                                        .replay = how->replay};
    dbk_scenario_write(&written, out);
    dbk_outcome_free(outcome);
    dbk_history_free(history);
    dbk_trace_reset(&trace);
    dbk_arena_free(&arena);
}

static struct dbk_outcome *play_written(const struct dbk_hand_over *how,
                                        const struct dbk_find *find, const struct dbk_text *text)
{
    const struct dbk_explore_config *config = how->config;
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_complaints complaints = {0};
    struct dbk_signatures reached = {.count = 0};
    struct dbk_scenario *scenario =
        dbk_scenario_parse(how->library, text->bytes, text->length, how->file, &complaints);
    if (scenario) {
        struct dbk_policy policy = dbk_scenario_policy(scenario, how->policy);
        outcome->history = dbk_history_new();
        dbk_sim_run(config->sim, scenario, &policy, config->seed, outcome->history);
        dbk_history_seal(outcome->history, outcome->history_hash);
        dbk_judge(outcome->history, NULL, outcome);
        config->goal->ops->reached(config->goal->self, outcome->history, outcome, &reached);
    }
    if (!dbk_signatures_have(&reached, &find->signature)) {
        outcome->verdict = DBK_ERROR;
        outcome->error = "The scenario as it was written does not show what was found, which is a "
                         "mistake of doublebook's.";
    }
    dbk_complaints_reset(&complaints);
    dbk_scenario_free(scenario);
    return outcome;
}

struct dbk_outcome *dbk_hand_over(const struct dbk_hand_over *how, const struct dbk_find *find,
                                  const struct dbk_shrunk *shrunk, struct dbk_text *out)
{
    struct dbk_text text = {0};
    write_down(how, find, shrunk, &text);
    struct dbk_outcome *outcome = play_written(how, find, &text);
    if (shrunk->is_nondeterministic) {
        outcome->verdict = DBK_ERROR;
        outcome->error =
            "The run did not repeat: the same choices gave another history, which is a "
            "mistake of doublebook's.";
    }
    dbk_text_put(out, text.bytes, text.length);
    dbk_text_reset(&text);
    return outcome;
}
