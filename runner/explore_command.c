#include "runner/cli.h"
#include "runner/progress.h"
#include "runner/replay.h"
#include "runner/results.h"
#include "runner/search/hand_over.h"
#include "runner/stories.h"

#include "runner/check/check.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOBS_MAX 64
#define DEVIATIONS 2

struct exploring {
    const struct dbk_cli *call;
    const char *policy_word; /* as given */
    const char *out;         /* folder for findings; NULL: none */
    const char *goal_file;   /* NULL: that an invariant is violated */
    struct dbk_goal goal;
    struct dbk_library library;
    struct dbk_policy policy;
    int64_t seed, deviations, jobs;
    bool beyond_promises, keeps_going;
    struct dbk_stories stories;
    struct dbk_results results;
    struct dbk_sim *sim;
    struct dbk_arena arena; /* of the report's records */
    struct dbk_progress progress;
    const struct dbk_story *story; /* at hand */
};

static volatile sig_atomic_t was_interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    was_interrupted = 1;
}

/* ---- the call ---- */

static int read_option(struct exploring *exploring, int option)
{
    char why[160];
    switch (option) {
    case 'p':
        exploring->policy_word = optarg;
        return 0;
    case 's':
        return dbk_cli_integer(exploring->call, "seed", 0, INT64_MAX, &exploring->seed);
    case 'd':
        return dbk_cli_integer(exploring->call, "deviations", 0, DBK_EXPLORE_DEVIATIONS,
                               &exploring->deviations);
    case 'j':
        return dbk_cli_integer(exploring->call, "jobs", 1, JOBS_MAX, &exploring->jobs);
    case 'b':
        exploring->beyond_promises = true;
        return 0;
    case 'k':
        exploring->keeps_going = true;
        return 0;
    case 'o':
        exploring->out = *optarg ? optarg : ".";
        return 0;
    case 'g':
        exploring->goal_file = optarg;
        return 0;
    case 'r':
        return dbk_results_order(&exploring->results, optarg, why)
                   ? 0
                   : dbk_cli_misuse(exploring->call, "%s", why);
    case 'u':
        return dbk_results_take_unproven(&exploring->results, optarg, why)
                   ? 0
                   : dbk_cli_misuse(exploring->call, "%s", why);
    default:
        return DBK_EXIT_BAD_INPUT; /* told */
    }
}

/* Gives 0, or the exit code where the call ends here; *wants_help is told apart. */
static int read_options(struct exploring *exploring, bool *wants_help)
{
    static const struct option options[] = {{"policy", required_argument, NULL, 'p'},
                                            {"deviations", required_argument, NULL, 'd'},
                                            {"beyond-promises", no_argument, NULL, 'b'},
                                            {"keep-going", no_argument, NULL, 'k'},
                                            {"out", required_argument, NULL, 'o'},
                                            {"goal", required_argument, NULL, 'g'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {"report", required_argument, NULL, 'r'},
                                            {"unproven", required_argument, NULL, 'u'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int option, code = 0;
    while (code == 0 && (option = dbk_cli_option(exploring->call, options)) != -1) {
        if (option == 'h') {
            *wants_help = true;
            return 0;
        }
        code = read_option(exploring, option);
    }
    if (code == 0 && exploring->results.paths[DBK_REPORT_HISTORY])
        return dbk_cli_misuse(exploring->call, "--report history is of runs; expected --out FOLDER "
                                               "and then `doublebook run` on a finding");
    return code;
}

/* Where the library's searches stand. */
static void find_stories(struct exploring *exploring, struct dbk_complaints *complaints)
{
    char folder[sizeof exploring->library.root + sizeof DBK_SCENARIO_FOLDER + 16];
    char *words[] = {folder};
    snprintf(folder, sizeof folder, "%s/%s/explore", exploring->library.root, DBK_SCENARIO_FOLDER);
    size_t given = (size_t)(exploring->call->argc - optind);
    dbk_stories_find(&exploring->stories, &exploring->library,
                     given > 0 ? exploring->call->argv + optind : words, given > 0 ? given : 1,
                     complaints);
    dbk_stories_load(&exploring->stories, &exploring->library, complaints);
}

/* A goal that no run of a search can show is a mistake of that call. */
static void load_goal(struct exploring *exploring, struct dbk_complaints *complaints)
{
    if (!exploring->goal_file) {
        exploring->goal = dbk_goal_violation();
        return;
    }
    bool is_good = dbk_goal_load(exploring->goal_file, &exploring->goal, complaints);
    for (size_t i = 0; is_good && i < exploring->stories.count; i++) {
        const struct dbk_scenario *scenario = exploring->stories.items[i].scenario;
        if (scenario && scenario->is_search)
            is_good = dbk_goal_check(&exploring->goal, scenario, complaints);
    }
}

/* Everything is read before anything is played. */
static int load(struct exploring *exploring)
{
    struct dbk_complaints complaints = {0};
    char why[160];
    int code = 0;
    if (!dbk_library_find(&exploring->library, why))
        return dbk_cli_failed(exploring->call, "%s", why);
    if (!dbk_policy_find(&exploring->library, exploring->policy_word, &exploring->policy,
                         &complaints) &&
        complaints.total == 0)
        return dbk_cli_failed(exploring->call, "--policy %s cannot be read",
                              exploring->policy_word);
    find_stories(exploring, &complaints);
    load_goal(exploring, &complaints);
    exploring->results.report.stage = "sim";
    exploring->results.report.seed = exploring->seed;
    exploring->results.report.policy = exploring->policy_word;
    if (complaints.total > 0)
        code = dbk_results_refuse(&exploring->results, exploring->call, &complaints);
    dbk_complaints_reset(&complaints);
    if (code != 0)
        return code;
    dbk_stories_keep(&exploring->stories, true);
    if (exploring->stories.count == 0)
        return dbk_cli_misuse(exploring->call, "there is no search; expected a scenario with kind: "
                                               "search, such as one of scenarios/explore");
    exploring->sim = dbk_sim_new(why);
    return exploring->sim ? 0 : dbk_cli_failed(exploring->call, "%s", why);
}

/* ---- one scenario ---- */

static struct dbk_sim *new_sim(void *context, char why[static 160])
{
    (void)context;
    return dbk_sim_new(why);
}

static int64_t wall_ms(void *context)
{
    (void)context;
    return dbk_cli_clock_ms();
}

static void on_progress(void *context, const struct dbk_explore_state *state)
{
    struct exploring *exploring = context;
    const struct dbk_progress_state told = {.scenario = exploring->story->scenario->name,
                                            .deviations = state->depth,
                                            .runs = state->runs_of_depth,
                                            .expected = state->of_depth,
                                            .findings = (int64_t)state->findings,
                                            .is_over = state->runs_of_depth == state->of_depth};
    dbk_progress_show(&exploring->progress, &told, dbk_cli_clock_ms());
}

static bool is_stopped(void *context)
{
    (void)context;
    return was_interrupted;
}

static void fill_replay(const struct exploring *exploring, const struct dbk_story *story,
                        struct dbk_replay *replay)
{
    dbk_replay_begin(replay, exploring->call->program, "explore");
    dbk_replay_add(replay, NULL, story->given);
    dbk_replay_add(replay, "--policy", exploring->policy_word);
    dbk_text_printf(&replay->command, " --deviations %lld --seed %lld",
                    (long long)exploring->deviations, (long long)exploring->seed);
    if (exploring->beyond_promises)
        dbk_text_add(&replay->command, " --beyond-promises");
    if (exploring->keeps_going)
        dbk_text_add(&replay->command, " --keep-going");
    if (exploring->goal_file)
        dbk_replay_add(replay, "--goal", exploring->goal_file);
}

static void place_outcome(const struct exploring *exploring, const struct dbk_story *story,
                          struct dbk_outcome *outcome)
{
    struct dbk_replay replay = {0};
    fill_replay(exploring, story, &replay);
    outcome->file = dbk_arena_text(&outcome->arena, story->path);
    outcome->replay = dbk_arena_text(&outcome->arena, replay.command.bytes);
    for (size_t i = 0; i < outcome->violation_count; i++)
        outcome->violations[i].replay = outcome->replay;
    dbk_replay_place(&replay, outcome);
    dbk_replay_reset(&replay);
}

/* Why a search without a finding shows less than was asked for. */
static void judge_summary(const struct dbk_scenario *scenario,
                          const struct dbk_exploration *exploration, struct dbk_outcome *outcome)
{
    struct dbk_arena *arena = &outcome->arena;
    const struct dbk_terms *terms = &scenario->terms;
    outcome->unproven = dbk_arena_alloc(arena, (terms->prove_count + 2) * sizeof(char *));
    if (!exploration->is_complete)
        outcome->unproven[outcome->unproven_count++] =
            dbk_arena_printf(arena, "Not every run with up to %lld deviations was played: %s.",
                             (long long)exploration->deviations, exploration->stopped_by);
    for (size_t i = 0; i < terms->prove_count; i++)
        for (size_t k = 0; k < exploration->exposure_count; k++)
            if (dbk_same(exploration->exposures[k].invariant, terms->proves[i]) &&
                exploration->exposures[k].count == 0)
                outcome->unproven[outcome->unproven_count++] = dbk_arena_printf(
                    arena, "The search is to prove %s, which no run exposed.", terms->proves[i]);
    if (exploration->goal && exploration->is_complete)
        outcome->unproven[outcome->unproven_count++] =
            dbk_arena_printf(arena, "No run with up to %lld deviations shows %s.",
                             (long long)exploration->deviations, exploration->goal);
    outcome->verdict = outcome->unproven_count > 0 ? DBK_UNPROVEN : DBK_PASSED;
}

static void add_summary(struct exploring *exploring, const struct dbk_story *story,
                        struct dbk_exploration *exploration)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_arena *arena = &outcome->arena;
    outcome->name = dbk_arena_text(arena, story->scenario->name);
    outcome->policy = dbk_arena_text(arena, exploring->policy.name);
    outcome->wall_ms = exploration->wall_ms;
    outcome->virtual_ms = DBK_ABSENT;
    outcome->exposures =
        dbk_arena_alloc(arena, (exploration->exposure_count + 1) * sizeof *outcome->exposures);
    outcome->exposure_count = exploration->exposure_count;
    memcpy(outcome->exposures, exploration->exposures,
           exploration->exposure_count * sizeof *outcome->exposures);
    place_outcome(exploring, story, outcome);
    judge_summary(story->scenario, exploration, outcome);
    exploration->summary = outcome;
    (void)dbk_results_add(&exploring->results, outcome);
}

/* ---- findings ---- */

static void say_deviations(struct exploring *exploring, const struct dbk_shrunk *shrunk,
                           struct dbk_discovery *discovery)
{
    struct dbk_arena *arena = &exploring->arena;
    discovery->said =
        dbk_arena_alloc(arena, (shrunk->deviation_count + 1) * sizeof *discovery->said);
    for (size_t i = 0; i < shrunk->deviation_count; i++)
        discovery->said[discovery->said_count++] =
            dbk_deviation_say(shrunk->scenario, &shrunk->deviations[i], arena);
}

/* NULL: its rules are written out, for whoever reads the file may not have the policy's. */
static const char *policy_word(const struct exploring *exploring)
{
    struct dbk_arena arena = {0};
    struct dbk_words names = dbk_library_names(&exploring->library, DBK_POLICY_FOLDER, &arena);
    bool is_known = dbk_words_have(&names, exploring->policy_word) ||
                    strcmp(exploring->policy_word, "reference") == 0;
    dbk_arena_free(&arena);
    return is_known ? exploring->policy_word : NULL;
}

/* The command that plays it again: of the file, or else of the search. */
static void begin_replay(const struct exploring *exploring, const struct dbk_discovery *discovery,
                         struct dbk_replay *replay)
{
    if (!discovery->file) {
        fill_replay(exploring, exploring->story, replay);
        return;
    }
    dbk_replay_begin(replay, exploring->call->program, "replay");
    dbk_replay_add(replay, NULL, discovery->file);
    if (exploring->seed != 1)
        dbk_text_printf(&replay->command, " --seed %lld", (long long)exploring->seed);
}

static void fill_discovery(struct exploring *exploring, const struct dbk_find *find,
                           const struct dbk_shrunk *shrunk, struct dbk_discovery *discovery)
{
    struct dbk_arena *arena = &exploring->arena;
    const char *folder = exploring->out;
    *discovery = (struct dbk_discovery){.signature = dbk_arena_text(arena, find->signature.id),
                                        .owed_by = exploring->goal_file             ? NULL
                                                   : find->signature.is_of_partners ? "partner"
                                                                                    : "core",
                                        .deviations = (int64_t)find->deviation_count,
                                        .runs = find->runs,
                                        .found_ms = find->found_ms,
                                        .shrunk_runs = shrunk->runs,
                                        .steps = shrunk->scenario->step_count,
                                        .entries = shrunk->deviation_count,
                                        .is_nondeterministic = shrunk->is_nondeterministic};
    say_deviations(exploring, shrunk, discovery);
    if (folder)
        discovery->file = dbk_arena_printf(
            arena, "%s%s%s.yaml", folder, folder[strlen(folder) - 1] == '/' ? "" : "/",
            dbk_hand_over_name(exploring->story->scenario, find, arena));
}

/* Writes the scenario to its file, or keeps it for the terminal. */
static void keep_scenario(struct exploring *exploring, const struct dbk_text *text,
                          struct dbk_discovery *discovery)
{
    if (discovery->file)
        dbk_results_write(&exploring->results, exploring->call, discovery->file, text);
    else
        discovery->scenario_text = dbk_arena_text(&exploring->arena, text->bytes);
}

static void hand_over(struct exploring *exploring, const struct dbk_explore_config *config,
                      const struct dbk_find *find, const struct dbk_shrunk *shrunk,
                      struct dbk_discovery *discovery)
{
    const char *file = discovery->file ? discovery->file : exploring->story->path;
    struct dbk_text text = {0};
    struct dbk_replay replay = {0};
    begin_replay(exploring, discovery, &replay);
    const struct dbk_hand_over how = {.library = &exploring->library,
                                      .config = config,
                                      .policy = &exploring->policy,
                                      .policy_word = policy_word(exploring),
                                      .is_goal = exploring->goal_file,
                                      .file = file,
                                      .replay = replay.command.bytes,
                                      .said = discovery->said,
                                      .said_count = discovery->said_count};
    struct dbk_outcome *outcome = dbk_hand_over(&how, find, shrunk, &text);
    outcome->name = dbk_arena_printf(&outcome->arena, "%s/%s", exploring->story->scenario->name,
                                     find->signature.id);
    outcome->file = dbk_arena_text(&outcome->arena, file);
    outcome->replay = dbk_arena_text(&outcome->arena, replay.command.bytes);
    dbk_replay_place(&replay, outcome);
    keep_scenario(exploring, &text, discovery);
    discovery->outcome = outcome;
    dbk_results_add_finding(&exploring->results, outcome);
    dbk_replay_reset(&replay);
    dbk_text_reset(&text);
}

static void add_finding(struct exploring *exploring, const struct dbk_explore_config *config,
                        const struct dbk_find *find, struct dbk_exploration *exploration)
{
    struct dbk_discovery *discovery = &exploration->findings[exploration->finding_count++];
    const struct dbk_progress_state shrinking = {.scenario = exploration->scenario,
                                                 .doing = "shrinking",
                                                 .expected = DBK_ABSENT,
                                                 .findings = (int64_t)exploration->finding_count};
    dbk_progress_show(&exploring->progress, &shrinking, dbk_cli_clock_ms());
    struct dbk_shrunk *shrunk = dbk_shrink(config, find);
    dbk_progress_clear(&exploring->progress);
    fill_discovery(exploring, find, shrunk, discovery);
    hand_over(exploring, config, find, shrunk, discovery);
    dbk_shrunk_free(shrunk);
}

/* ---- the whole ---- */

static void fill_exploration(struct exploring *exploring, const struct dbk_story *story,
                             const struct dbk_menu *menu, const struct dbk_explored *explored,
                             struct dbk_exploration *exploration)
{
    struct dbk_arena *arena = &exploring->arena;
    struct dbk_words names = {.count = 0};
    dbk_menu_names(menu, &names);
    exploration->menu = dbk_arena_alloc(arena, (names.count + 1) * sizeof *exploration->menu);
    exploration->menu_count = names.count;
    memcpy(exploration->menu, names.names, names.count * sizeof *exploration->menu);
    exploration->scenario = story->scenario->name;
    exploration->file = story->path;
    exploration->policy = exploring->policy.name;
    exploration->goal = exploring->goal_file ? exploring->goal.name : NULL;
    exploration->deviations = exploring->deviations;
    exploration->jobs = exploring->jobs;
    exploration->is_beyond_promises = exploring->beyond_promises;
    exploration->runs = explored->runs;
    exploration->is_complete = explored->is_complete;
    exploration->stopped_by = explored->stopped_by;
    exploration->depths = dbk_arena_alloc(arena, explored->depth_count * sizeof *explored->depths);
    exploration->depth_count = explored->depth_count;
    memcpy(exploration->depths, explored->depths, explored->depth_count * sizeof *explored->depths);
    exploration->exposures =
        dbk_arena_alloc(arena, dbk_invariant_count * sizeof *exploration->exposures);
    exploration->exposure_count = dbk_invariant_count;
    for (size_t i = 0; i < dbk_invariant_count; i++)
        exploration->exposures[i] =
            (struct dbk_exposure){dbk_invariants[i].id, explored->exposures[i]};
    exploration->partner_broke = dbk_arena_alloc(arena, (explored->partner_broke_count + 1) *
                                                            sizeof *exploration->partner_broke);
    exploration->partner_broke_count = explored->partner_broke_count;
    for (size_t i = 0; i < explored->partner_broke_count; i++)
        exploration->partner_broke[i] =
            (struct dbk_broken_claim){dbk_arena_text(arena, explored->partner_broke[i].claim),
                                      explored->partner_broke[i].runs};
}

/* False, told, where the search itself failed. */
static bool explore_one(struct exploring *exploring, const struct dbk_story *story,
                        struct dbk_exploration *exploration)
{
    struct dbk_policy policy = dbk_scenario_policy(story->scenario, &exploring->policy);
    struct dbk_menu menu = dbk_menu_of(story->scenario, exploring->beyond_promises);
    const struct dbk_explore_config config = {.scenario = story->scenario,
                                              .policy = &policy,
                                              .menu = &menu,
                                              .goal = &exploring->goal,
                                              .seed = (uint64_t)exploring->seed,
                                              .deviations = exploring->deviations,
                                              .keeps_going = exploring->keeps_going,
                                              .jobs = (int)exploring->jobs,
                                              .sim = exploring->sim,
                                              .new_sim = new_sim,
                                              .on_progress = on_progress,
                                              .is_stopped = is_stopped,
                                              .context = exploring,
                                              .clock_ms = wall_ms};
    int64_t began_ms = dbk_cli_clock_ms();
    char why[160];
    exploring->story = story;
    struct dbk_explored *explored = dbk_explore(&config, why);
    dbk_progress_clear(&exploring->progress);
    if (!explored) {
        dbk_cli_failed(exploring->call, "%s", why);
        return false;
    }
    exploration->wall_ms = dbk_cli_clock_ms() - began_ms;
    fill_exploration(exploring, story, &menu, explored, exploration);
    exploration->findings = dbk_arena_alloc(&exploring->arena, (explored->find_count + 1) *
                                                                   sizeof *exploration->findings);
    for (size_t i = 0; i < explored->find_count; i++)
        add_finding(exploring, &config, &explored->finds[i], exploration);
    if (explored->find_count == 0)
        add_summary(exploring, story, exploration);
    dbk_explored_free(explored);
    return true;
}

static int explore_all(struct exploring *exploring)
{
    struct dbk_report *report = &exploring->results.report;
    struct sigaction interrupt = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    bool is_good = true;
    if (exploring->out && mkdir(exploring->out, 0777) != 0 && errno != EEXIST)
        return dbk_cli_failed(exploring->call, "%s: the folder cannot be made: %s", exploring->out,
                              strerror(errno));
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
    dbk_progress_begin(&exploring->progress, STDERR_FILENO);
    report->policy = exploring->policy.name;
    report->inputs = dbk_stories_digest(&exploring->stories, &exploring->policy, &exploring->arena);
    report->explorations =
        dbk_arena_alloc(&exploring->arena, exploring->stories.count * sizeof *report->explorations);
    for (size_t i = 0; i < exploring->stories.count && is_good && !was_interrupted; i++)
        is_good = explore_one(exploring, &exploring->stories.items[i],
                              &report->explorations[report->exploration_count++]);
    return is_good ? dbk_results_finish(&exploring->results, exploring->call) : DBK_EXIT_TOOL;
}

int dbk_explore_command(const struct dbk_cli *call)
{
    struct exploring exploring = {
        .call = call, .policy_word = "reference", .seed = 1, .deviations = DEVIATIONS, .jobs = 1};
    bool wants_help = false;
    int code = read_options(&exploring, &wants_help);
    if (wants_help)
        code = dbk_cli_help(call);
    else if (code == 0 && (code = load(&exploring)) == 0)
        code = explore_all(&exploring);
    dbk_results_reset(&exploring.results);
    dbk_stories_reset(&exploring.stories);
    dbk_sim_free(exploring.sim);
    dbk_goal_free(&exploring.goal);
    dbk_arena_free(&exploring.arena);
    return code;
}
