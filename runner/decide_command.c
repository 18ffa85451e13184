#include "base/json.h"
#include "runner/cli.h"
#include "runner/decide/recorded.h"
#include "runner/decide/saw.h"
#include "runner/decide/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HISTORY_BYTES_MAX ((size_t)256 << 20)
#define WIDTH 100

/* What was asked, and all that is needed to answer. */
struct asked {
    const struct dbk_cli *call;
    const char *profile, *history, *booking, *policy, *at, *format;
    const char *events[DBK_SAW_MAX + 1];
    size_t event_count;
    bool is_table;
    struct dbk_library library;
    struct dbk_complaints complaints;
    struct dbk_arena arena;
    struct dbk_policy rules;
};

static int print_advice(struct asked *asked, const struct dbk_advice_question *question)
{
    struct dbk_advice advice = dbk_advise(question, &asked->arena);
    struct dbk_text out = {0};

    if (strcmp(asked->format, "json") == 0) {
        dbk_json_open(&out, '{');
        dbk_json_pair_text(&out, "profile", question->profile->name);
        dbk_advice_write(&advice, &out);
        dbk_json_close(&out, '}');
        dbk_text_add_char(&out, '\n');
    } else {
        dbk_advice_print(&advice, WIDTH, &out);
    }
    fputs(out.bytes, stdout);
    dbk_text_reset(&out);
    return 0;
}

/* Sets now to what --at says, where it says something. False: told. */
static bool read_at(const struct asked *asked, int64_t *after_ms)
{
    if (!asked->at)
        return true;
    if (dbk_duration_parse(asked->at, after_ms) && *after_ms >= 0)
        return true;
    dbk_cli_misuse(asked->call, "--at cannot be '%.40s'; expected a duration such as 2m",
                   asked->at);
    return false;
}

static int decide_saw(struct asked *asked)
{
    struct dbk_digest digest = dbk_digest_of("", 0);
    struct dbk_profile profile;
    struct dbk_saw saw;
    char why[160];

    if (!dbk_profile_find(&asked->library, asked->profile, &profile, &digest, &asked->complaints))
        return asked->complaints.total > 0
                   ? dbk_cli_complain(&asked->complaints)
                   : dbk_cli_misuse(asked->call,
                                    "there is no profile '%.60s'; `doublebook list profiles` shows "
                                    "them all",
                                    asked->profile);
    dbk_saw_begin(&saw, &profile, &asked->rules, &asked->arena);
    for (size_t i = 0; i < asked->event_count; i++)
        if (!dbk_saw_add(&saw, asked->events[i], why))
            return dbk_cli_misuse(asked->call, "%s", why);
    int64_t after_ms = saw.now_ms - DBK_SAW_ZERO_MS;
    if (!read_at(asked, &after_ms))
        return DBK_EXIT_BAD_INPUT;
    if (DBK_SAW_ZERO_MS + after_ms < saw.now_ms)
        return dbk_cli_misuse(asked->call, "--at %s is before the last event", asked->at);
    const struct dbk_advice_question question = {
        .evidence = saw.evidence,
        .count = saw.count,
        .profile = &profile,
        .policy = &asked->rules,
        .source =
            dbk_profile_source(&asked->library, asked->profile, &asked->arena, &asked->complaints),
        .now_ms = DBK_SAW_ZERO_MS + after_ms,
        .zero_ms = DBK_SAW_ZERO_MS,
    };
    return print_advice(asked, &question);
}

static int decide_history(struct asked *asked, const struct dbk_history *history)
{
    struct dbk_profile cautious = dbk_profile_default();
    struct dbk_recorded recorded;
    int64_t until_ms = INT64_MAX;
    char why[160];

    if (!read_at(asked, &until_ms))
        return DBK_EXIT_BAD_INPUT;
    if (!dbk_recorded_read(history, asked->booking, until_ms, &asked->rules, &asked->arena,
                           &recorded, why))
        return dbk_cli_misuse(asked->call, "%s: %s", asked->history, why);
    const struct dbk_advice_question question = {
        .evidence = recorded.evidence,
        .count = recorded.count,
        .profile = recorded.partner ? &recorded.partner->profile : &cautious,
        .policy = &asked->rules,
        .now_ms = until_ms == INT64_MAX ? recorded.last_ms : history->zero_ms + until_ms,
        .zero_ms = history->zero_ms,
    };
    return print_advice(asked, &question);
}

static int read_history(struct asked *asked)
{
    struct dbk_history *history = NULL;
    char *bytes = NULL, why[160];
    size_t length = 0;
    int code = DBK_EXIT_BAD_INPUT;

    if (!dbk_read_file(asked->history, HISTORY_BYTES_MAX, &bytes, &length, why))
        return dbk_cli_misuse(asked->call, "%s: the file %s", asked->history, why);
    history = dbk_history_new();
    if (dbk_history_read(history, bytes, length, asked->history, &asked->complaints))
        code = decide_history(asked, history);
    else
        dbk_cli_complain(&asked->complaints);
    dbk_history_free(history);
    free(bytes);
    return code;
}

static int print_table(struct asked *asked)
{
    struct dbk_words names = dbk_library_names(&asked->library, DBK_PROFILE_FOLDER, &asked->arena);
    struct dbk_text out = {0};
    int code = 0;

    if (dbk_decide_table(&asked->library, names.names, names.count, &out, &asked->complaints))
        fputs(out.bytes, stdout);
    else
        code = dbk_cli_complain(&asked->complaints);
    dbk_text_reset(&out);
    return code;
}

/* What does not go together, or NULL. */
static const char *wrong_with(const struct asked *asked)
{
    bool is_saw = asked->profile || asked->event_count > 0;
    bool is_history = asked->history || asked->booking;

    if (strcmp(asked->format, "text") != 0 && strcmp(asked->format, "json") != 0)
        return "--format is text or json";
    if (is_saw + is_history + asked->is_table != 1)
        return "what is it about? expected --profile with --saw, --history with --booking, or "
               "--table";
    if (is_saw && (!asked->profile || asked->event_count == 0))
        return "--profile and --saw go together";
    if (is_history && (!asked->history || !asked->booking))
        return "--history and --booking go together";
    return NULL;
}

static int answer(struct asked *asked)
{
    const char *wrong = wrong_with(asked);
    char why[160];

    if (wrong)
        return dbk_cli_misuse(asked->call, "%s", wrong);
    if (!dbk_library_find(&asked->library, why))
        return dbk_cli_failed(asked->call, "%s", why);
    if (!dbk_policy_find(&asked->library, asked->policy, &asked->rules, &asked->complaints))
        return dbk_cli_complain(&asked->complaints);
    if (asked->is_table)
        return print_table(asked);
    return asked->history ? read_history(asked) : decide_saw(asked);
}

static int take_event(struct asked *asked, const char *event)
{
    if (asked->event_count == DBK_SAW_MAX)
        return dbk_cli_misuse(asked->call, "these are more than %d events", DBK_SAW_MAX);
    asked->events[asked->event_count++] = event;
    return -1;
}

static int help(const struct dbk_cli *call)
{
    int code = dbk_cli_help(call);

    for (size_t i = 0; i < dbk_saw_row_count; i++) {
        const struct dbk_saw_row *row = &dbk_saw_rows[i];
        char name[40];
        snprintf(name, sizeof(name), "%s%s%s", row->name, row->argument ? "=" : "",
                 row->argument ? row->argument : "");
        printf("  %-20s  %s\n", name, row->sentence);
    }
    return code;
}

int dbk_decide_command(const struct dbk_cli *call)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'P'}, {"saw", required_argument, NULL, 's'},
        {"at", required_argument, NULL, 'a'},      {"policy", required_argument, NULL, 'p'},
        {"format", required_argument, NULL, 'f'},  {"history", required_argument, NULL, 'H'},
        {"booking", required_argument, NULL, 'b'}, {"table", no_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},          {0}};
    struct asked asked = {.call = call, .policy = "reference", .format = "text"};
    int option, code = -1;

    while (code < 0 && (option = dbk_cli_option(call, options)) != -1) {
        switch (option) {
        case 'P':
            asked.profile = optarg;
            break;
        case 's':
            code = take_event(&asked, optarg);
            break;
        case 'a':
            asked.at = optarg;
            break;
        case 'p':
            asked.policy = optarg;
            break;
        case 'f':
            asked.format = optarg;
            break;
        case 'H':
            asked.history = optarg;
            break;
        case 'b':
            asked.booking = optarg;
            break;
        case 't':
            asked.is_table = true;
            break;
        case 'h':
            code = help(call);
            break;
        default:
            code = DBK_EXIT_BAD_INPUT;
            break;
        }
    }
    for (int i = optind; code < 0 && i < call->argc; i++)
        code = take_event(&asked, call->argv[i]);
    if (code < 0)
        code = answer(&asked);
    dbk_complaints_reset(&asked.complaints);
    dbk_arena_free(&asked.arena);
    return code;
}
