#include "runner/cli.h"
#include "runner/judge.h"
#include "runner/replay.h"
#include "runner/replayed.h"
#include "runner/results.h"
#include "runner/sim.h"
#include "runner/stories.h"

#include "reports/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGRESSIONS "regressions"

/* A file, and what became of it. */
struct file {
    const struct dbk_story *story;
    struct dbk_complaints gone; /* owned: names in it that are no more; then it has no scenario */
    enum dbk_replayed replayed;
};

struct replaying {
    const struct dbk_cli *call;
    const char *policy_word; /* as given; NULL: each file names its own */
    struct dbk_policy policy;
    int64_t seed;
    struct dbk_library library;
    struct dbk_stories stories;
    struct file *files; /* owned: one for each story */
    struct dbk_results results;
    struct dbk_sim *sim;
    struct dbk_arena arena;
    size_t counts[DBK_REPLAYED];
};

/* ---- the call ---- */

/* Gives 0, or the exit code where the call ends here; *wants_help is told apart. */
static int read_options(struct replaying *replaying, bool *wants_help)
{
    static const struct option options[] = {{"policy", required_argument, NULL, 'p'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"report", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const struct dbk_cli *call = replaying->call;
    char why[160];
    int option, code;
    while ((option = dbk_cli_option(call, options)) != -1) {
        switch (option) {
        case 'p':
            replaying->policy_word = optarg;
            break;
        case 's':
            if ((code = dbk_cli_integer(call, "seed", 0, INT64_MAX, &replaying->seed)) != 0)
                return code;
            break;
        case 'r':
            if (!dbk_results_order(&replaying->results, optarg, why))
                return dbk_cli_misuse(call, "%s", why);
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

static void find_files(struct replaying *replaying, struct dbk_complaints *complaints)
{
    char folder[sizeof replaying->library.root + 64];
    char *words[] = {folder};
    size_t given = (size_t)(replaying->call->argc - optind);
    snprintf(folder, sizeof folder, "%s/%s/%s", replaying->library.root, DBK_SCENARIO_FOLDER,
             REGRESSIONS);
    dbk_stories_find(&replaying->stories, &replaying->library,
                     given > 0 ? replaying->call->argv + optind : words, given > 0 ? given : 1,
                     complaints);
}

/* True if the file says of itself that it stands for a failure, whatever else is wrong with it. */
static bool says_found(const char *path)
{
    struct dbk_complaints quiet = {0};
    struct dbk_yaml *yaml = dbk_yaml_load(path, &quiet);
    bool is_so = yaml && cJSON_IsObject(dbk_json_get(dbk_yaml_root(yaml), "found"));
    dbk_yaml_free(yaml);
    dbk_complaints_reset(&quiet);
    return is_so;
}

/* A file whose only mistake is that it names what is no more has grown old; any other mistake makes
 * it one that nothing can be said about. */
static void load_file(struct replaying *replaying, struct dbk_story *story, struct file *file,
                      struct dbk_complaints *complaints)
{
    file->story = story;
    story->scenario = dbk_scenario_load(&replaying->library, story->path, &file->gone);
    if (!story->scenario && file->gone.total == file->gone.of_names && says_found(story->path))
        return;
    dbk_complaints_reset(&file->gone);
    if (!story->scenario)
        story->scenario = dbk_scenario_load(&replaying->library, story->path, complaints);
    if (story->scenario && !story->scenario->found)
        dbk_complain(complaints, story->path, story->scenario->name_line,
                     story->scenario->name_column,
                     "the scenario '%s' holds no finding; expected found: the policy it was found "
                     "under, and what is violated",
                     story->scenario->name);
}

static void load_files(struct replaying *replaying, struct dbk_complaints *complaints)
{
    struct dbk_stories *stories = &replaying->stories;
    replaying->files = dbk_alloc((stories->count + 1) * sizeof *replaying->files);
    for (size_t i = 0; i < stories->count; i++)
        load_file(replaying, &stories->items[i], &replaying->files[i], complaints);
    dbk_stories_check_names(stories, complaints);
}

/* Everything is read before anything is played. */
static int load(struct replaying *replaying)
{
    const char *word = replaying->policy_word;
    struct dbk_complaints complaints = {0};
    struct dbk_report *report = &replaying->results.report;
    char why[160];
    int code = 0;
    if (!dbk_library_find(&replaying->library, why))
        return dbk_cli_failed(replaying->call, "%s", why);
    if (word && !dbk_policy_find(&replaying->library, word, &replaying->policy, &complaints) &&
        complaints.total == 0)
        return dbk_cli_failed(replaying->call, "--policy %s cannot be read", word);
    find_files(replaying, &complaints);
    load_files(replaying, &complaints);
    report->stage = "sim";
    report->seed = replaying->seed;
    report->policy = word ? word : "as found";
    if (complaints.total > 0)
        code = dbk_results_refuse(&replaying->results, replaying->call, &complaints);
    dbk_complaints_reset(&complaints);
    return code;
}

/* ---- what is told ---- */

/* One line: the word, the file, and why. */
static void say(struct replaying *replaying, struct file *file, enum dbk_replayed replayed,
                const char *why)
{
    struct dbk_text *out = &replaying->results.last_words;
    file->replayed = replayed;
    replaying->counts[replayed]++;
    dbk_text_printf(out, "%s ", dbk_replayed_word(replayed));
    dbk_plain_add(out, file->story->path, SIZE_MAX);
    dbk_text_add(out, ": ");
    dbk_plain_add(out, why, SIZE_MAX);
    dbk_text_add_char(out, '\n');
}

static enum dbk_replayed worst_of(const struct replaying *replaying)
{
    enum dbk_replayed worst = DBK_FIXED;
    for (size_t i = 0; i < replaying->stories.count; i++)
        if (replaying->files[i].replayed > worst)
            worst = replaying->files[i].replayed;
    return worst;
}

/* The worst first: "STILL FAILING: 1 of 3 files (1 STALE, 1 FIXED)". One file has said it all. */
static void say_worst(struct replaying *replaying)
{
    struct dbk_text *out = &replaying->results.last_words;
    enum dbk_replayed worst = worst_of(replaying);
    const char *before = " (";
    replaying->results.last_word = dbk_replayed_word(worst);
    if (replaying->stories.count < 2)
        return;
    dbk_text_printf(out, "%s: %zu of %zu files", dbk_replayed_word(worst), replaying->counts[worst],
                    replaying->stories.count);
    for (int other = (int)worst - 1; other >= 0; other--)
        if (replaying->counts[other] > 0) {
            dbk_text_printf(out, "%s%zu %s", before, replaying->counts[other],
                            dbk_replayed_word((enum dbk_replayed)other));
            before = ", ";
        }
    dbk_text_add(out, dbk_same(before, ", ") ? ")\n" : "\n");
}

/* ---- one file ---- */

/* In reports, a file that has grown old is an unproven scenario. */
static void add_reason(struct dbk_outcome *outcome, const char *reason, int line)
{
    struct dbk_arena *arena = &outcome->arena;
    size_t count = outcome->unproven_count;
    const char **reasons = dbk_arena_alloc(arena, (count + 1) * sizeof(char *));
    int *lines = dbk_arena_alloc(arena, (count + 1) * sizeof *lines);
    for (size_t i = 0; i < count; i++) {
        reasons[i] = outcome->unproven[i];
        lines[i] = outcome->unproven_lines ? outcome->unproven_lines[i] : 0;
    }
    reasons[count] = dbk_arena_text(arena, reason);
    lines[count] = line;
    outcome->unproven = reasons;
    outcome->unproven_lines = lines;
    outcome->unproven_count++;
    outcome->verdict = dbk_worst(outcome->verdict, DBK_UNPROVEN);
}

static void fill_replay(const struct replaying *replaying, const struct dbk_story *story,
                        struct dbk_replay *replay)
{
    dbk_replay_begin(replay, replaying->call->program, "replay");
    dbk_replay_add(replay, NULL, story->given);
    if (replaying->policy_word)
        dbk_replay_add(replay, "--policy", replaying->policy_word);
    dbk_text_printf(&replay->command, " --seed %lld", (long long)replaying->seed);
}

static void keep_words(struct dbk_outcome *outcome, enum dbk_replayed replayed, const char *why)
{
    outcome->replayed = dbk_replayed_word(replayed);
    outcome->replayed_why = dbk_arena_text(&outcome->arena, why);
}

/* It cannot be played any more: what it names is gone. */
static void add_gone(struct replaying *replaying, struct file *file)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_text why = {0};
    dbk_text_add(&why, "it names what is no more: ");
    for (size_t i = 0; i < file->gone.count; i++) {
        const struct dbk_complaint *item = &file->gone.items[i];
        dbk_text_printf(&why, "%s%s:%d:%d: %s", i == 0 ? "" : "; ", item->file, item->line,
                        item->column, item->text);
        add_reason(
            outcome,
            dbk_arena_printf(&outcome->arena, "%s:%d: %s", item->file, item->line, item->text),
            item->line);
    }
    outcome->file = dbk_arena_text(&outcome->arena, file->story->path);
    outcome->virtual_ms = outcome->wall_ms = DBK_ABSENT;
    keep_words(outcome, DBK_STALE, why.bytes);
    say(replaying, file, DBK_STALE, why.bytes);
    (void)dbk_results_add(&replaying->results, outcome);
    dbk_text_reset(&why);
}

/* Takes the history, and gives it back where no report needs it. */
static struct dbk_history *judge(struct replaying *replaying, struct file *file,
                                 struct dbk_history *history, struct dbk_outcome *outcome)
{
    const struct dbk_story *story = file->story;
    struct dbk_replay replay = {0};
    struct dbk_text why = {0};
    fill_replay(replaying, story, &replay);
    dbk_history_seal(history, outcome->history_hash);
    dbk_judge(history, replay.command.bytes, outcome);
    outcome->file = dbk_arena_text(&outcome->arena, story->path);
    outcome->replay = dbk_arena_text(&outcome->arena, replay.command.bytes);
    dbk_replay_place(&replay, outcome);
    outcome->history = history;
    enum dbk_replayed replayed =
        dbk_replayed_judge(story->scenario, story->path, history, outcome, &why);
    keep_words(outcome, replayed, why.bytes);
    if (replayed == DBK_STALE)
        add_reason(outcome, why.bytes, story->scenario->found->line);
    say(replaying, file, replayed, why.bytes);
    dbk_results_add_history(&replaying->results, replaying->call, history, story->scenario->name);
    dbk_replay_reset(&replay);
    dbk_text_reset(&why);
    return dbk_results_add(&replaying->results, outcome);
}

static struct dbk_history *play(struct replaying *replaying, struct file *file,
                                struct dbk_history *history)
{
    const struct dbk_scenario *scenario = file->story->scenario;
    const struct dbk_policy *named =
        replaying->policy_word ? &replaying->policy : &scenario->found->policy;
    struct dbk_policy policy = dbk_scenario_policy(scenario, named);
    struct dbk_outcome *outcome = dbk_outcome_new();
    int64_t began_ms = dbk_cli_clock_ms();
    if (!history)
        history = dbk_history_new();
    dbk_sim_run(replaying->sim, scenario, &policy, (uint64_t)replaying->seed, history);
    outcome->wall_ms = dbk_cli_clock_ms() - began_ms;
    return judge(replaying, file, history, outcome);
}

/* ---- the whole ---- */

static int replay_all(struct replaying *replaying)
{
    struct dbk_history *history = NULL;
    char why[160];
    replaying->sim = dbk_sim_new(why);
    if (!replaying->sim)
        return dbk_cli_failed(replaying->call, "%s", why);
    if (replaying->policy_word)
        replaying->results.report.policy = replaying->policy.name;
    replaying->results.report.inputs = dbk_stories_digest(
        &replaying->stories, replaying->policy_word ? &replaying->policy : NULL, &replaying->arena);
    dbk_results_expect(&replaying->results, replaying->call, replaying->stories.count);
    for (size_t i = 0; i < replaying->stories.count; i++)
        if (replaying->stories.items[i].scenario)
            history = play(replaying, &replaying->files[i], history);
        else
            add_gone(replaying, &replaying->files[i]);
    dbk_history_free(history);
    say_worst(replaying);
    int code = dbk_results_finish(&replaying->results, replaying->call);
    return code == DBK_EXIT_TOOL ? code : dbk_replayed_exit_code(worst_of(replaying));
}

static void free_all(struct replaying *replaying)
{
    for (size_t i = 0; i < replaying->stories.count && replaying->files; i++)
        dbk_complaints_reset(&replaying->files[i].gone);
    free(replaying->files);
    dbk_results_reset(&replaying->results);
    dbk_stories_reset(&replaying->stories);
    dbk_sim_free(replaying->sim);
    dbk_arena_free(&replaying->arena);
}

int dbk_replay_command(const struct dbk_cli *call)
{
    struct replaying replaying = {.call = call, .seed = 1};
    bool wants_help = false;
    int code = read_options(&replaying, &wants_help);
    const char *history = replaying.results.paths[DBK_REPORT_HISTORY];
    if (wants_help) {
        code = dbk_cli_help(call);
    } else if (code == 0 && (code = load(&replaying)) == 0) {
        if (history && dbk_same(history, "-") && replaying.stories.count > 1)
            code = dbk_cli_misuse(call, "--report history=- is of one file; expected a folder");
        else
            code = replay_all(&replaying);
    }
    free_all(&replaying);
    return code;
}
