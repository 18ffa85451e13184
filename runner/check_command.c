#include "runner/cli.h"
#include "runner/judge.h"
#include "runner/replay.h"
#include "runner/results.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_BYTES_MAX ((size_t)256 << 20)

/* Reads one; NULL with complaints. */
static struct dbk_history *read_history(const char *path, struct dbk_digest *inputs,
                                        struct dbk_complaints *complaints)
{
    struct dbk_history *history = NULL;
    char *bytes = NULL, why[160];
    size_t length = 0;
    if (!dbk_read_file(path, HISTORY_BYTES_MAX, &bytes, &length, why)) {
        dbk_complain(complaints, path, 1, 1, "the file %s; expected a history", why);
        return NULL;
    }
    *inputs = dbk_digest_link(inputs, bytes, length);
    history = dbk_history_new();
    if (!dbk_history_read(history, bytes, length, path, complaints)) {
        dbk_history_free(history);
        history = NULL;
    }
    free(bytes);
    return history;
}

static void judge(const struct dbk_cli *call, struct dbk_results *results, const char *path,
                  struct dbk_history *history)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_replay replay = {0};
    dbk_replay_begin(&replay, call->program, "check");
    dbk_replay_add(&replay, NULL, path);
    dbk_digest_hex(&history->hash, outcome->history_hash); /* of the lines as they stand */
    dbk_judge(history, replay.command.bytes, outcome);
    dbk_replay_place(&replay, outcome);
    dbk_replay_reset(&replay);
    outcome->file = dbk_arena_text(&outcome->arena, path);
    if (!outcome->name)
        outcome->name = outcome->file;
    outcome->history = history;
    dbk_history_free(dbk_results_add(results, outcome));
}

/* All are read before any is judged. */
static int check_all(const struct dbk_cli *call, struct dbk_results *results)
{
    struct dbk_complaints complaints = {0};
    struct dbk_digest inputs = dbk_digest_of("", 0);
    size_t count = (size_t)(call->argc - optind);
    struct dbk_history **histories = dbk_alloc(count * sizeof *histories);
    char hex[DBK_DIGEST_HEX];
    int code = DBK_EXIT_BAD_INPUT;
    for (size_t i = 0; i < count; i++)
        histories[i] = read_history(call->argv[optind + (int)i], &inputs, &complaints);
    dbk_digest_hex(&inputs, hex);
    results->report.inputs = hex;
    results->report.seed = DBK_ABSENT;
    if (complaints.total > 0)
        code = dbk_results_refuse(results, call, &complaints);
    for (size_t i = 0; i < count; i++) {
        if (complaints.total == 0)
            judge(call, results, call->argv[optind + (int)i], histories[i]);
        else
            dbk_history_free(histories[i]);
    }
    if (complaints.total == 0)
        code = dbk_results_finish(results, call);
    dbk_complaints_reset(&complaints);
    free(histories);
    return code;
}

int dbk_check_command(const struct dbk_cli *call)
{
    static const struct option options[] = {
        {"report", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {0}};
    struct dbk_results results = {0};
    char why[160];
    int option, code = -1;
    while (code < 0 && (option = dbk_cli_option(call, options)) != -1) {
        if (option == 'h')
            code = dbk_cli_help(call);
        else if (option != 'r')
            code = DBK_EXIT_BAD_INPUT;
        else if (!dbk_results_order(&results, optarg, why))
            code = dbk_cli_misuse(call, "%s", why);
    }
    if (code < 0 && results.paths[DBK_REPORT_HISTORY])
        code = dbk_cli_misuse(call, "--report history is of run; the histories are there already");
    if (code < 0 && optind == call->argc)
        code = dbk_cli_misuse(call, "which histories? expected at least one file");
    if (code < 0)
        code = check_all(call, &results);
    dbk_results_reset(&results);
    return code;
}
