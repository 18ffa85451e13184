#include "runner/search/shrink.h"

#include "runner/judge.h"

#include <stdlib.h>
#include <string.h>

/* What is tried: what is kept, and the deviations. */
struct candidate {
    struct dbk_kept kept;
    struct dbk_deviation deviations[DBK_EXPLORE_DEVIATIONS];
    size_t deviation_count;
};

struct shrinker {
    const struct dbk_explore_config *config;
    const struct dbk_signature *signature;
    struct candidate best, trial;
    int64_t runs;
    int64_t shown_ms; /* when the best run shows it; DBK_ABSENT: at no moment */
    struct dbk_arena arena;
    struct dbk_arena entities; /* of deviations that were found again */
    struct dbk_history history;
    struct dbk_trace trace;
};

/* ---- candidates ---- */

static void copy(const struct dbk_scenario *scenario, struct candidate *to,
                 const struct candidate *from)
{
    struct dbk_kept kept = to->kept;
    *to = *from;
    to->kept = kept;
    to->kept.clocks = from->kept.clocks;
    memcpy(to->kept.steps, from->kept.steps, scenario->step_count * sizeof(bool));
    memcpy(to->kept.partners, from->kept.partners, scenario->partner_count * sizeof(bool));
}

static bool makes(const struct dbk_step *step, const char *booking)
{
    return (step->kind == DBK_STEP_BOOK || step->kind == DBK_STEP_ANEW) &&
           dbk_same(step->booking, booking);
}

static bool is_made(const struct dbk_scenario *scenario, const struct dbk_kept *kept,
                    const char *booking)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (kept->steps[i] && makes(&scenario->steps[i], booking))
            return true;
    return !booking;
}

/* Drops steps that speak of bookings nobody makes any more, and partners nobody needs. */
static void tidy(const struct dbk_scenario *scenario, struct dbk_kept *kept)
{
    bool is_tidy = false;
    while (!is_tidy) {
        is_tidy = true;
        for (size_t i = 0; i < scenario->step_count; i++) {
            const struct dbk_step *step = &scenario->steps[i];
            /* Another wish of the same intent needs the first one. */
            const char *needs = step->kind == DBK_STEP_ANEW ? step->intent : step->booking;
            bool is_first = step->kind == DBK_STEP_BOOK;
            if (!kept->steps[i] || ((is_first || is_made(scenario, kept, needs)) &&
                                    is_made(scenario, kept, step->when_booking)))
                continue;
            kept->steps[i] = is_tidy = false;
        }
    }
    for (size_t i = 0; i < scenario->partner_count; i++) {
        bool is_needed = false;
        for (size_t k = 0; k < scenario->step_count; k++)
            is_needed = is_needed || (kept->steps[k] && dbk_same(scenario->steps[k].partner,
                                                                 scenario->partners[i].name));
        kept->partners[i] = kept->partners[i] && is_needed;
    }
}

static bool has_steps(const struct dbk_scenario *scenario, const struct dbk_kept *kept)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (kept->steps[i])
            return true;
    return false;
}

/* ---- reduced scenarios ---- */

struct dbk_scenario *dbk_scenario_reduced(const struct dbk_scenario *scenario,
                                          const struct dbk_kept *kept, struct dbk_arena *arena)
{
    struct dbk_scenario *reduced = dbk_arena_alloc(arena, sizeof *reduced);
    struct dbk_step *steps =
        dbk_arena_alloc(arena, (scenario->step_count + 1) * sizeof *reduced->steps);
    struct dbk_scenario_partner *partners =
        dbk_arena_alloc(arena, (scenario->partner_count + 1) * sizeof *reduced->partners);
    struct dbk_planned_step *planned =
        dbk_arena_alloc(arena, (scenario->step_count + 1) * sizeof *reduced->terms.steps);
    *reduced = *scenario;
    reduced->arena = (struct dbk_arena){0}; /* the other one's */
    reduced->step_count = reduced->partner_count = 0;
    for (size_t i = 0; i < scenario->step_count; i++)
        if (kept->steps[i]) {
            planned[reduced->step_count] = (struct dbk_planned_step){
                .line = scenario->steps[i].line, .text = scenario->steps[i].text};
            steps[reduced->step_count++] = scenario->steps[i];
        }
    for (size_t i = 0; i < scenario->partner_count; i++)
        if (kept->partners[i])
            partners[reduced->partner_count++] = scenario->partners[i];
    reduced->steps = steps;
    reduced->partners = partners;
    reduced->terms.steps = planned;
    reduced->terms.step_count = reduced->step_count;
    reduced->terms.prove_count = 0; /* it shows one thing, and is to prove no other */
    if (!kept->clocks) {
        reduced->clocks =
            dbk_arena_alloc(arena, (scenario->clock_count + 1) * sizeof *reduced->clocks);
        for (size_t i = 0; i < scenario->clock_count; i++)
            reduced->clocks[i] = (struct dbk_clock){.name = scenario->clocks[i].name};
    }
    return reduced;
}

/* ---- trials ---- */

static int64_t moment_of(const struct dbk_outcome *outcome, const struct dbk_signature *signature)
{
    for (size_t i = 0; i < outcome->violation_count; i++)
        if (dbk_same(outcome->violations[i].invariant, signature->id))
            return outcome->violations[i].at_ms;
    return DBK_ABSENT;
}

/* Plays it; true if it shows the signature, and then *shown_ms is when. */
static bool shows(struct shrinker *shrinker, const struct candidate *candidate, int64_t *shown_ms)
{
    const struct dbk_explore_config *config = shrinker->config;
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_signatures found = {.count = 0};
    struct dbk_search search = {.deviations = candidate->deviations,
                                .deviation_count = candidate->deviation_count,
                                .trace = &shrinker->trace};
    dbk_arena_reset(&shrinker->arena);
    const struct dbk_scenario *reduced =
        dbk_scenario_reduced(config->scenario, &candidate->kept, &shrinker->arena);
    dbk_sim_search(config->sim, reduced, config->policy, config->seed, &search, &shrinker->history);
    dbk_judge(&shrinker->history, NULL, outcome);
    config->goal->ops->reached(config->goal->self, &shrinker->history, outcome, &found);
    bool is_shown = dbk_signatures_have(&found, shrinker->signature);
    if (is_shown)
        *shown_ms = moment_of(outcome, shrinker->signature);
    dbk_outcome_free(outcome);
    shrinker->runs++;
    return is_shown;
}

/* The trial becomes the best if it shows the same; a trial that is nothing is no trial. */
static bool attempt(struct shrinker *shrinker)
{
    const struct dbk_scenario *scenario = shrinker->config->scenario;
    tidy(scenario, &shrinker->trial.kept);
    if (shrinker->runs >= DBK_SHRINK_RUNS_MAX || !has_steps(scenario, &shrinker->trial.kept) ||
        !shows(shrinker, &shrinker->trial, &shrinker->shown_ms))
        return false;
    copy(scenario, &shrinker->best, &shrinker->trial);
    return true;
}

static struct candidate *begin(struct shrinker *shrinker)
{
    copy(shrinker->config->scenario, &shrinker->trial, &shrinker->best);
    return &shrinker->trial;
}

static void drop_deviation(struct candidate *candidate, size_t place)
{
    candidate->deviation_count--;
    memmove(&candidate->deviations[place], &candidate->deviations[place + 1],
            (candidate->deviation_count - place) * sizeof candidate->deviations[0]);
}

/* ---- passes: each gives whether anything gave way ---- */

static bool cut_what_comes_later(struct shrinker *shrinker)
{
    const struct dbk_scenario *scenario = shrinker->config->scenario;
    struct candidate *trial = begin(shrinker);
    bool is_less = false;
    for (size_t i = 0; i < scenario->step_count; i++)
        if (trial->kept.steps[i] && shrinker->shown_ms != DBK_ABSENT &&
            scenario->steps[i].at_ms > shrinker->shown_ms) {
            trial->kept.steps[i] = false;
            is_less = true;
        }
    return is_less && attempt(shrinker);
}

static bool drop_partners(struct shrinker *shrinker)
{
    const struct dbk_scenario *scenario = shrinker->config->scenario;
    bool is_less = false;
    for (size_t i = 0; i < scenario->partner_count; i++) {
        struct candidate *trial = begin(shrinker);
        if (!trial->kept.partners[i])
            continue;
        for (size_t k = 0; k < scenario->step_count; k++)
            if (dbk_same(scenario->steps[k].partner, scenario->partners[i].name))
                trial->kept.steps[k] = false;
        is_less = attempt(shrinker) || is_less;
    }
    return is_less;
}

static bool drop_sites(struct shrinker *shrinker)
{
    bool is_less = false;
    for (enum dbk_site site = 0; site < DBK_SITE_COUNT; site++) {
        struct candidate *trial = begin(shrinker);
        for (size_t i = trial->deviation_count; i > 0; i--)
            if (trial->deviations[i - 1].site == site)
                drop_deviation(trial, i - 1);
        if (trial->deviation_count < shrinker->best.deviation_count)
            is_less = attempt(shrinker) || is_less;
    }
    return is_less;
}

static bool drop_steps(struct shrinker *shrinker)
{
    bool is_less = false;
    for (size_t i = shrinker->config->scenario->step_count; i > 0; i--) {
        struct candidate *trial = begin(shrinker);
        if (!trial->kept.steps[i - 1])
            continue;
        trial->kept.steps[i - 1] = false;
        is_less = attempt(shrinker) || is_less;
    }
    return is_less;
}

static bool drop_deviations(struct shrinker *shrinker)
{
    bool is_less = false;
    for (size_t i = shrinker->best.deviation_count; i > 0; i--) {
        struct candidate *trial = begin(shrinker);
        if (i > trial->deviation_count)
            continue;
        drop_deviation(trial, i - 1);
        is_less = attempt(shrinker) || is_less;
    }
    return is_less;
}

/* Lower alternatives of one choice; of a fault that lasts, only its usual length is simpler. */
static bool lower(struct shrinker *shrinker)
{
    bool is_less = false;
    for (size_t i = 0; i < shrinker->best.deviation_count; i++) {
        uint32_t now = shrinker->best.deviations[i].take;
        bool is_fault = shrinker->best.deviations[i].site == DBK_SITE_EXCHANGE_FAULT;
        bool gave_way = false;
        for (uint32_t take = 1; take < now && !gave_way; take++) {
            struct candidate *trial = begin(shrinker);
            if (is_fault && (take > DBK_FAULTS || (now - take) % DBK_FAULTS != 0))
                continue;
            trial->deviations[i].take = take;
            gave_way = attempt(shrinker);
        }
        is_less = is_less || gave_way;
    }
    return is_less;
}

static bool drop_clocks(struct shrinker *shrinker)
{
    struct candidate *trial = begin(shrinker);
    bool is_off = false;
    for (size_t i = 0; i < shrinker->config->scenario->clock_count; i++)
        is_off = is_off || shrinker->config->scenario->clocks[i].offset_ms != 0;
    if (!trial->kept.clocks)
        return false;
    trial->kept.clocks = false;
    if (is_off)
        return attempt(shrinker);
    shrinker->best.kept.clocks = false; /* nothing is said of them */
    return false;
}

/* Two steps, or a step and a deviation, that only go together. */
static bool drop_pairs(struct shrinker *shrinker)
{
    size_t steps = shrinker->config->scenario->step_count;
    for (size_t i = steps; i > 0; i--) {
        for (size_t k = i - 1; k > 0 && shrinker->best.kept.steps[i - 1]; k--) {
            struct candidate *trial = begin(shrinker);
            if (!trial->kept.steps[k - 1])
                continue;
            trial->kept.steps[i - 1] = trial->kept.steps[k - 1] = false;
            if (attempt(shrinker))
                return true;
        }
        for (size_t k = shrinker->best.deviation_count; k > 0 && shrinker->best.kept.steps[i - 1];
             k--) {
            struct candidate *trial = begin(shrinker);
            trial->kept.steps[i - 1] = false;
            drop_deviation(trial, k - 1);
            if (attempt(shrinker))
                return true;
        }
    }
    return false;
}

/* ---- the search again ---- */

struct narrowed {
    const struct dbk_goal *goal;
    const struct dbk_signature *signature;
};

static void reached_signature(void *self, const struct dbk_history *history,
                              const struct dbk_outcome *outcome, struct dbk_signatures *found)
{
    const struct narrowed *narrowed = self;
    struct dbk_signatures all = {.count = 0};
    narrowed->goal->ops->reached(narrowed->goal->self, history, outcome, &all);
    if (dbk_signatures_have(&all, narrowed->signature))
        dbk_signatures_add(found, narrowed->signature->id, narrowed->signature->is_of_partners);
}

/* Searches what is left for the same thing with fewer deviations. */
static bool search_again(struct shrinker *shrinker)
{
    static const struct dbk_goal_ops ops = {.reached = reached_signature};
    struct narrowed narrowed = {shrinker->config->goal, shrinker->signature};
    struct dbk_goal goal = {.ops = &ops, .self = &narrowed};
    struct dbk_explore_config config = *shrinker->config;
    struct dbk_arena arena = {0};
    struct dbk_menu menu = *shrinker->config->menu;
    char why[160];
    if (shrinker->best.deviation_count < 2 || shrinker->runs >= DBK_SHRINK_RUNS_MAX)
        return false;
    config.scenario = dbk_scenario_reduced(config.scenario, &shrinker->best.kept, &arena);
    config.goal = &goal;
    menu.scenario = config.scenario;
    config.menu = &menu;
    config.deviations = (int64_t)shrinker->best.deviation_count - 1;
    config.keeps_going = false;
    config.jobs = 1;
    config.on_progress = NULL;
    struct dbk_explored *explored = dbk_explore(&config, why);
    bool is_less = explored && explored->find_count > 0;
    shrinker->runs += explored ? explored->runs : 0;
    if (is_less) {
        const struct dbk_find *find = &explored->finds[0];
        shrinker->best.deviation_count = find->deviation_count;
        for (size_t i = 0; i < find->deviation_count; i++) {
            shrinker->best.deviations[i] = find->deviations[i];
            shrinker->best.deviations[i].entity =
                dbk_arena_text(&shrinker->entities, find->deviations[i].entity);
        }
    }
    dbk_explored_free(explored);
    dbk_arena_free(&arena);
    return is_less;
}

/* ---- the whole ---- */

static void shrink(struct shrinker *shrinker)
{
    static bool (*const cheap[])(struct shrinker *) = {
        cut_what_comes_later, drop_partners, drop_sites, drop_steps,
        drop_deviations,      lower,         drop_clocks};
    bool gives_way = true;
    while (gives_way && shrinker->runs < DBK_SHRINK_RUNS_MAX) {
        gives_way = false;
        for (size_t i = 0; i < DBK_COUNT(cheap); i++)
            gives_way = cheap[i](shrinker) || gives_way;
        if (!gives_way)
            gives_way = drop_pairs(shrinker) || search_again(shrinker);
    }
}

/* Twice the same, hash for hash. */
static bool repeats(struct shrinker *shrinker)
{
    char hashes[2][DBK_DIGEST_HEX];
    bool is_shown = true;
    for (int i = 0; i < 2; i++) {
        is_shown = shows(shrinker, &shrinker->best, &shrinker->shown_ms) && is_shown;
        dbk_history_seal(&shrinker->history, hashes[i]);
    }
    return is_shown && strcmp(hashes[0], hashes[1]) == 0;
}

static struct candidate new_candidate(const struct dbk_scenario *scenario)
{
    struct candidate candidate = {
        .kept = {.steps = dbk_alloc(scenario->step_count * sizeof(bool) + 1),
                 .partners = dbk_alloc(scenario->partner_count * sizeof(bool) + 1),
                 .clocks = true}};
    memset(candidate.kept.steps, true, scenario->step_count * sizeof(bool));
    memset(candidate.kept.partners, true, scenario->partner_count * sizeof(bool));
    return candidate;
}

static void give(struct shrinker *shrinker, struct dbk_shrunk *shrunk)
{
    const struct dbk_scenario *scenario = shrinker->config->scenario;
    const struct candidate *best = &shrinker->best;
    struct dbk_arena *arena = &shrunk->arena;
    shrunk->kept.steps = dbk_arena_alloc(arena, scenario->step_count * sizeof(bool) + 1);
    shrunk->kept.partners = dbk_arena_alloc(arena, scenario->partner_count * sizeof(bool) + 1);
    memcpy(shrunk->kept.steps, best->kept.steps, scenario->step_count * sizeof(bool));
    memcpy(shrunk->kept.partners, best->kept.partners, scenario->partner_count * sizeof(bool));
    shrunk->kept.clocks = best->kept.clocks;
    shrunk->scenario = dbk_scenario_reduced(scenario, &shrunk->kept, arena);
    shrunk->deviations =
        dbk_arena_alloc(arena, (best->deviation_count + 1) * sizeof *shrunk->deviations);
    for (size_t i = 0; i < best->deviation_count; i++) {
        shrunk->deviations[i] = best->deviations[i];
        shrunk->deviations[i].entity = dbk_arena_text(arena, best->deviations[i].entity);
    }
    shrunk->deviation_count = best->deviation_count;
    shrunk->runs = shrinker->runs;
}

struct dbk_shrunk *dbk_shrink(const struct dbk_explore_config *config, const struct dbk_find *find)
{
    struct dbk_shrunk *shrunk = dbk_alloc(sizeof *shrunk);
    struct shrinker shrinker = {.config = config,
                                .signature = &find->signature,
                                .best = new_candidate(config->scenario),
                                .trial = new_candidate(config->scenario)};
    dbk_history_init(&shrinker.history);
    shrinker.best.deviation_count = find->deviation_count;
    memcpy(shrinker.best.deviations, find->deviations,
           find->deviation_count * sizeof find->deviations[0]);
    shrunk->is_nondeterministic = !repeats(&shrinker);
    if (!shrunk->is_nondeterministic)
        shrink(&shrinker);
    give(&shrinker, shrunk);
    free(shrinker.best.kept.steps);
    free(shrinker.best.kept.partners);
    free(shrinker.trial.kept.steps);
    free(shrinker.trial.kept.partners);
    dbk_arena_free(&shrinker.arena);
    dbk_arena_free(&shrinker.entities);
    dbk_history_reset(&shrinker.history);
    dbk_trace_reset(&shrinker.trace);
    return shrunk;
}

void dbk_shrunk_free(struct dbk_shrunk *shrunk)
{
    if (!shrunk)
        return;
    dbk_arena_free(&shrunk->arena);
    free(shrunk);
}
