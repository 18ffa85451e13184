#include "runner/blame.h"
#include "runner/cli.h"
#include "runner/judge.h"
#include "runner/live_jobs.h"
#include "runner/replay.h"
#include "runner/results.h"
#include "runner/sim.h"
#include "runner/stories.h"

#include "runner/check/check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOBS_MAX 64

struct run {
    const struct dbk_cli *call;
    const char *policy_word; /* as given */
    struct dbk_policy policy;
    int64_t seed;
    bool is_live;
    bool is_blaming;         /* --blame */
    const char *system_word; /* as given; NULL: the reference core */
    int64_t jobs;
    struct dbk_system *system; /* live only */
    char program[PATH_MAX];
    struct dbk_stories stories;
    struct dbk_results results;
    bool has_fired[DBK_FAULTS];
    bool *is_exposed; /* by row of dbk_invariants; owned */
};

/* ---- the call ---- */

/* Gives 0, or the exit code where the call ends here; *wants_help is told apart. */
static int read_options(struct run *run, bool *wants_help)
{
    static const struct option options[] = {
        {"policy", required_argument, NULL, 'p'}, {"seed", required_argument, NULL, 's'},
        {"report", required_argument, NULL, 'r'}, {"unproven", required_argument, NULL, 'u'},
        {"stage", required_argument, NULL, 't'},  {"system", required_argument, NULL, 'y'},
        {"jobs", required_argument, NULL, 'j'},   {"blame", no_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},         {0}};
    char why[160];
    int option, code;
    while ((option = dbk_cli_option(run->call, options)) != -1) {
        switch (option) {
        case 'p':
            run->policy_word = optarg;
            break;
        case 's':
            if ((code = dbk_cli_integer(run->call, "seed", 0, INT64_MAX, &run->seed)) != 0)
                return code;
            break;
        case 'r':
            if (!dbk_results_order(&run->results, optarg, why))
                return dbk_cli_misuse(run->call, "%s", why);
            break;
        case 'u':
            if (!dbk_results_take_unproven(&run->results, optarg, why))
                return dbk_cli_misuse(run->call, "%s", why);
            break;
        case 't':
            run->is_live = strcmp(optarg, "live") == 0;
            if (!run->is_live && strcmp(optarg, "sim") != 0)
                return dbk_cli_misuse(run->call, "--stage cannot be '%.40s'; expected sim or live",
                                      optarg);
            break;
        case 'y':
            run->system_word = optarg;
            break;
        case 'j':
            if ((code = dbk_cli_integer(run->call, "jobs", 1, JOBS_MAX, &run->jobs)) != 0)
                return code;
            break;
        case 'b':
            run->is_blaming = true;
            break;
        case 'h':
            *wants_help = true;
            return 0;
        default:
            return DBK_EXIT_BAD_INPUT;
        }
    }
    return 0;
}

/* Everything is read before anything is run. */
static int load(struct run *run)
{
    const char *core = getenv("DOUBLEBOOK_CORE"); /* another build of the core, to try it */
    ssize_t length = readlink("/proc/self/exe", run->program, sizeof run->program - 1);
    struct dbk_complaints complaints = {0};
    struct dbk_library library;
    char why[160];
    if (core && *core)
        snprintf(run->program, sizeof run->program, "%s", core);
    else if (length < 0)
        return dbk_cli_failed(run->call, "the program's own file cannot be found");
    if (!dbk_library_find(&library, why))
        return dbk_cli_failed(run->call, "%s", why);
    if (!dbk_policy_find(&library, run->policy_word, &run->policy, &complaints) &&
        complaints.total == 0)
        return dbk_cli_failed(run->call, "--policy %s cannot be read", run->policy_word);
    dbk_stories_find(&run->stories, &library, run->call->argv + optind,
                     (size_t)(run->call->argc - optind), &complaints);
    dbk_stories_load(&run->stories, &library, &complaints);
    if (run->is_live)
        run->system = dbk_system_load(
            library.root, run->system_word ? run->system_word : "reference", &complaints);
    int code = 0;
    if (complaints.total > 0) {
        run->results.report.stage = run->is_live ? "live" : "sim";
        run->results.report.policy = run->policy_word;
        run->results.report.seed = run->seed;
        code = dbk_results_refuse(&run->results, run->call, &complaints);
    }
    dbk_complaints_reset(&complaints);
    size_t searches = code == 0 ? dbk_stories_keep(&run->stories, false) : 0;
    if (code == 0 && run->stories.count == 0 && searches > 0)
        return dbk_cli_misuse(run->call, "a search is no story to play; `doublebook explore` tries "
                                         "what may go wrong in it");
    if (code == 0 && run->stories.count == 0)
        return dbk_cli_misuse(run->call, "there is no scenario to play");
    return code;
}

/* ---- runs ---- */

static void fill_replay(const struct run *run, const struct dbk_story *story,
                        struct dbk_replay *replay)
{
    dbk_replay_begin(replay, run->call->program, "run");
    dbk_replay_add(replay, NULL, story->given);
    dbk_replay_add(replay, "--policy", run->policy_word);
    dbk_text_printf(&replay->command, " --seed %lld", (long long)run->seed);
    if (run->is_live)
        dbk_text_add(&replay->command, " --stage live");
    if (run->system_word)
        dbk_replay_add(replay, "--system", run->system_word);
}

static void note_exercised(struct run *run, const struct dbk_outcome *outcome)
{
    for (size_t i = 0; i < outcome->fault_count; i++) {
        enum dbk_fault fault = dbk_fault_by_name(outcome->faults[i].fault);
        if (fault < DBK_FAULTS && outcome->faults[i].fired > 0)
            run->has_fired[fault] = true;
    }
    for (size_t i = 0; i < outcome->exposure_count; i++)
        for (size_t k = 0; k < dbk_invariant_count && outcome->exposures[i].count > 0; k++)
            if (dbk_same(dbk_invariants[k].id, outcome->exposures[i].invariant))
                run->is_exposed[k] = true;
}

/* What every played story has, whatever the stage. */
static void judge(struct run *run, const struct dbk_story *story, struct dbk_history **history,
                  struct dbk_outcome *outcome)
{
    struct dbk_replay replay = {0};
    fill_replay(run, story, &replay);
    dbk_history_seal(*history, outcome->history_hash);
    dbk_judge(*history, replay.command.bytes, outcome);
    outcome->file = dbk_arena_text(&outcome->arena, story->path);
    outcome->replay = dbk_arena_text(&outcome->arena, replay.command.bytes);
    dbk_replay_place(&replay, outcome);
    outcome->history = *history;
    dbk_replay_reset(&replay);
    dbk_results_add_history(&run->results, run->call, *history, story->scenario->name);
    note_exercised(run, outcome);
    *history = dbk_results_add(&run->results, outcome);
}

static void blame(const struct run *run, struct dbk_sim *sim, const struct dbk_story *story,
                  struct dbk_outcome *outcome)
{
    const struct dbk_blame_call call = {.sim = sim,
                                        .scenario = story->scenario,
                                        .policy = &run->policy,
                                        .seed = (uint64_t)run->seed,
                                        .runs_max = DBK_BLAME_RUNS,
                                        .facts_max = DBK_BLAME_FACTS};
    if (run->is_blaming)
        dbk_blame(&call, outcome);
}

static void play_simulated(struct run *run, struct dbk_sim *sim)
{
    struct dbk_history *history = NULL;
    for (size_t i = 0; i < run->stories.count; i++) {
        const struct dbk_story *story = &run->stories.items[i];
        struct dbk_policy policy = dbk_scenario_policy(story->scenario, &run->policy);
        struct dbk_outcome *outcome = dbk_outcome_new();
        int64_t began_ms = dbk_cli_clock_ms();
        if (!history)
            history = dbk_history_new();
        dbk_sim_run(sim, story->scenario, &policy, (uint64_t)run->seed, history);
        outcome->wall_ms = dbk_cli_clock_ms() - began_ms;
        judge(run, story, &history, outcome);
        blame(run, sim, story, outcome);
    }
    dbk_history_free(history);
}

/* ---- live ---- */

struct live_run {
    struct run *run;
    const struct dbk_story **stories; /* those that can be played live */
};

static void keep_proof(struct dbk_outcome *outcome, const struct dbk_live_proof *proof)
{
    struct dbk_arena *arena = &outcome->arena;
    outcome->pid = proof->pid;
    outcome->scale = proof->scale;
    outcome->wall_ms = proof->wall_ms;
    outcome->ports = dbk_arena_alloc(arena, (proof->partner_count + 1) * sizeof *outcome->ports);
    outcome->ports[outcome->port_count++] =
        (struct dbk_bound_port){.name = "system", .port = proof->system_port};
    for (size_t i = 0; i < proof->partner_count; i++)
        outcome->ports[outcome->port_count++] =
            (struct dbk_bound_port){.name = dbk_arena_text(arena, proof->partners[i].name),
                                    .port = proof->partners[i].port};
}

static void on_played(void *context, size_t index, struct dbk_history *history,
                      const struct dbk_live_proof *proof, const char *why)
{
    struct live_run *live = context;
    const struct dbk_story *story = live->stories[index];
    struct dbk_outcome *outcome = dbk_outcome_new();
    if (history) {
        struct dbk_history *own = dbk_alloc(sizeof *own);
        *own = *history;
        dbk_history_init(history);
        keep_proof(outcome, proof);
        judge(live->run, story, &own, outcome);
        dbk_history_free(own);
        return;
    }
    outcome->verdict = DBK_ERROR;
    outcome->name = dbk_arena_text(&outcome->arena, story->scenario->name);
    outcome->file = dbk_arena_text(&outcome->arena, story->path);
    outcome->policy = dbk_arena_text(&outcome->arena, live->run->policy.name);
    outcome->error = dbk_arena_text(&outcome->arena, why);
    dbk_history_free(dbk_results_add(&live->run->results, outcome));
}

/* Stories that cannot be played live are told with their reasons, and judged by nobody. */
static void play_live(struct run *run, struct dbk_arena *arena)
{
    size_t most = run->stories.count, count = 0;
    struct dbk_live_config *configs = dbk_arena_alloc(arena, (most + 1) * sizeof *configs);
    struct dbk_policy *policies = dbk_arena_alloc(arena, (most + 1) * sizeof *policies);
    struct live_run live = {.run = run};
    struct dbk_report *report = &run->results.report;
    live.stories = dbk_arena_alloc(arena, (most + 1) * sizeof(*live.stories));
    report->sim_only = dbk_arena_alloc(arena, (most + 1) * sizeof *report->sim_only);
    for (size_t i = 0; i < most; i++) {
        const struct dbk_story *story = &run->stories.items[i];
        struct dbk_live_plan plan = dbk_live_plan(story->scenario, arena);
        if (plan.sim_only) {
            report->sim_only[report->sim_only_count++] =
                (struct dbk_sim_only){.name = story->scenario->name, .reason = plan.sim_only};
            continue;
        }
        policies[count] = dbk_scenario_policy(story->scenario, &run->policy);
        if (run->system_word) /* whose habits are its own */
            snprintf(policies[count].name, sizeof policies[count].name, "of %.50s",
                     run->system->name);
        live.stories[count] = story;
        configs[count] = (struct dbk_live_config){.scenario = story->scenario,
                                                  .policy = &policies[count],
                                                  .system = run->system,
                                                  .program = run->program,
                                                  .seed = (uint64_t)run->seed};
        count++;
    }
    dbk_live_play(configs, count, (int)run->jobs, on_played, &live);
}

/* ---- the report ---- */

static void list_not_exercised(struct run *run, struct dbk_arena *arena)
{
    struct dbk_report *report = &run->results.report;
    report->not_exercised =
        dbk_arena_alloc(arena, (DBK_FAULTS + dbk_invariant_count) * sizeof *report->not_exercised);
    for (size_t i = 0; i < DBK_FAULTS; i++)
        if (!run->has_fired[i])
            report->not_exercised[report->not_exercised_count++] =
                dbk_arena_printf(arena, "fault %s", dbk_faults[i].name);
    for (size_t i = 0; i < dbk_invariant_count; i++)
        if (!run->is_exposed[i])
            report->not_exercised[report->not_exercised_count++] =
                dbk_arena_printf(arena, "invariant %s", dbk_invariants[i].id);
}

/* False, told, where there is no stage. */
static bool play_all(struct run *run, struct dbk_arena *arena)
{
    char why[160];
    dbk_results_expect(&run->results, run->call, run->stories.count);
    if (run->is_live) {
        play_live(run, arena);
        return true;
    }
    struct dbk_sim *sim = dbk_sim_new(why);
    if (!sim) {
        dbk_cli_failed(run->call, "%s", why);
        return false;
    }
    play_simulated(run, sim);
    dbk_sim_free(sim);
    return true;
}

static int play_and_report(struct run *run)
{
    struct dbk_arena arena = {0};
    run->is_exposed = dbk_arena_alloc(&arena, dbk_invariant_count * sizeof *run->is_exposed);
    run->results.report.stage = run->is_live ? "live" : "sim";
    run->results.report.policy = run->policy.name;
    run->results.report.seed = run->seed;
    bool is_played = play_all(run, &arena);
    run->results.report.inputs = dbk_stories_digest(&run->stories, &run->policy, &arena);
    list_not_exercised(run, &arena);
    int code = is_played ? dbk_results_finish(&run->results, run->call) : DBK_EXIT_TOOL;
    dbk_arena_free(&arena);
    return code;
}

int dbk_run_command(const struct dbk_cli *call)
{
    struct run run = {.call = call, .policy_word = "reference", .seed = 1, .jobs = 1};
    bool wants_help = false;
    int code = read_options(&run, &wants_help);
    if (wants_help) {
        code = dbk_cli_help(call);
    } else if (code == 0 && (code = load(&run)) == 0) {
        const char *history = run.results.paths[DBK_REPORT_HISTORY];
        if (run.system_word && !run.is_live)
            code = dbk_cli_misuse(call, "--system puts a service on trial; expected --stage live");
        else if (run.is_blaming && run.is_live)
            code = dbk_cli_misuse(call, "--blame plays a policy's habits in simulation; expected "
                                        "--stage sim");
        else if (history && strcmp(history, "-") == 0 && run.stories.count > 1)
            code = dbk_cli_misuse(call, "--report history=- is of one scenario; expected a folder");
        else
            code = play_and_report(&run);
    }
    dbk_results_reset(&run.results);
    dbk_stories_reset(&run.stories);
    dbk_system_free(run.system);
    return code;
}
