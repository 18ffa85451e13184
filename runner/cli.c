#include "runner/cli.h"

#include "runner/vocabulary.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef __clang__
#define COMPILER __VERSION__ /* begins with its name */
#else
#define COMPILER "gcc " __VERSION__
#endif
#ifdef __OPTIMIZE__
#define OPTIMISED ", optimised"
#else
#define OPTIMISED ", not optimised"
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED ", with sanitizers"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED ", with sanitizers"
#endif
#endif
#ifndef SANITIZED
#define SANITIZED ""
#endif

static int help_command(const struct dbk_cli *call);

const struct dbk_command dbk_commands[] = {
    {"run",
     "run [PATH|NAME...] [--policy NAME|FILE] [--seed N] [--stage sim|live]\n"
     "                 [--system NAME|FILE] [--jobs N] [--report KIND[=FILE]]..."
     " [--unproven fail|warn] [--blame]",
     "play scenarios and judge what happened",
     "Plays each scenario, in simulation or live, and judges its history by the invariants.\n"
     "PATH is a scenario file or a folder of them; NAME is a scenario of the library;\n"
     "without either, the whole library is played.\n\n"
     "  --policy NAME|FILE    how the core behaves (doublebook list policies); reference\n"
     "  --seed N              what neutral chance is drawn from; 1\n"
     "  --stage sim|live      simulated, or over real HTTP with real processes (docs/live.md); "
     "sim\n"
     "  --system NAME|FILE    live: whose service is on trial (docs/system-map.md); reference\n"
     "  --jobs N              live: so many stories side by side; 1\n"
     "  --blame               sim: which of the policy's habits did it, and what ends it "
     "(docs/blame.md)\n"
     "  --report json=FILE    the report for programs; - is stdout\n"
     "  --report history=FILE what was seen, JSON Lines; of several scenarios FILE is a folder\n"
     "  --report story[=FILE] the story of every run, not only of violated ones\n"
     "  --report junit=FILE   for CI: a case per scenario and invariant (docs/ci.md)\n"
     "  --report github[=FILE] annotations of GitHub Actions, at the scenarios' lines\n"
     "  --report markdown=FILE a comment for a pull request\n"
     "  --unproven fail|warn  whether what stays unproven fails the call (2) or not (0); fail\n",
     dbk_run_command},
    {"explore",
     "explore [PATH|NAME...] [--deviations K] [--policy NAME|FILE] [--beyond-promises]\n"
     "                 [--goal FILE] [--keep-going] [--out FOLDER] [--jobs N] [--seed N]\n"
     "                 [--report KIND[=FILE]]... [--unproven fail|warn]",
     "try what may go wrong in a search, and hand over the smallest run that breaks it",
     "Plays every run of a search (kind: search) in which up to K things go wrong: first none,\n"
     "then one, then two. Each finding is shrunk to the smallest scenario that shows it.\n"
     "Without PATH or NAME, the searches of the library.\n\n"
     "  --deviations K        how many things go wrong in one run; 2\n"
     "  --policy NAME|FILE    how the core behaves (doublebook list policies); reference\n"
     "  --beyond-promises     partners may break their promises too\n"
     "  --goal FILE           looks for a run that shows what the file lists, not for a violation\n"
     "  --keep-going          goes on beyond the first depth with a finding\n"
     "  --out FOLDER          writes each finding as a scenario\n"
     "  --jobs N              processes that play side by side; 1\n"
     "  --seed N              what neutral chance is drawn from; 1\n"
     "  --report KIND[=FILE]  json, story, junit, github, markdown: as for run\n"
     "  --unproven fail|warn  as for run: an incomplete search, an invariant never exposed\n\n"
     "Exit code 0 only if every run was played, none violates, and all that is to be proven was\n"
     "exposed. Ctrl-C ends it with the report so far.\n",
     dbk_explore_command},
    {"replay",
     "replay [FILE|FOLDER|NAME...] [--policy NAME|FILE] [--seed N] [--report KIND[=FILE]]...",
     "play known failures again: STILL FAILING, FIXED or STALE",
     "Plays each file under the policy that its `found` names, in simulation, and says whether "
     "the\n"
     "failure that it stands for is still there (docs/replay.md). Without a word, the regressions "
     "of\n"
     "the library. The first word of the last line, and the exit code:\n\n"
     "  STILL FAILING   1  an invariant that the file names is violated\n"
     "  STALE           2  it is not, but the run tries it no more, or the file names what is "
     "gone\n"
     "  FIXED           0  it is not, and what was to go wrong did\n\n"
     "Of several files each has its line, and the last line is that of the worst, in this "
     "order.\n\n"
     "  --policy NAME|FILE    judges this policy instead of that which each file names\n"
     "  --seed N              what neutral chance is drawn from; 1\n"
     "  --report KIND[=FILE]  json, history, story, junit, github, markdown: as for run\n",
     dbk_replay_command},
    {"check", "check HISTORY... [--report KIND[=FILE]]...", "judge stored histories",
     "Judges histories from files, ours or of another system: no stage, no core is needed.\n\n"
     "  --report json=FILE    the report for programs; - is stdout\n"
     "  --report story[=FILE] the story of every history\n"
     "  --report junit=FILE, github[=FILE], markdown=FILE, as for run\n",
     dbk_check_command},
    {"decide",
     "decide --profile NAME --saw EVENT... [--at DURATION] [--policy NAME|FILE]\n"
     "                 [--format text|json] | --history FILE --booking NAME | --table",
     "say what to do with a booking, why, and what would be unsafe",
     "Asks the reference core's own decision: what comes next with a booking at such a partner, "
     "on\n"
     "which of its promises that rests, what will be known by when, and what is unsafe now.\n\n"
     "  --profile NAME        what the partner promises (doublebook list profiles)\n"
     "  --saw EVENT...        what happened so far, in order: create timeout look-up nothing\n"
     "  --at DURATION         how long after the first event; the time of the last\n"
     "  --policy NAME|FILE    how the core behaves (doublebook list policies); reference\n"
     "  --format text|json    text\n"
     "  --history FILE        what happened, from a history, instead of --profile and --saw\n"
     "  --booking NAME        of the history: a booking's name, its id, or the wish's\n"
     "  --table               every profile and kind of doubt, as docs/decisions.md has it\n\n"
     "An event may say when it happened, counted from the first: timeout@10s.\n\n",
     dbk_decide_command},
    {"core", "core --db FILE --partners FILE [--listen ADDR:PORT] [--policy NAME|FILE]",
     "run the reference booking core as a program",
     "Serves the Booking API over HTTP from one database file (docs/core.md).\n\n"
     "  --db FILE             bookings, evidence and jobs; made where there is none\n"
     "  --partners FILE       which partners there are, where, and what they promise\n"
     "  --listen ADDR:PORT    127.0.0.1:8080; port 0: any free one, told on stdout\n"
     "  --policy NAME|FILE    how it behaves (doublebook list policies); reference\n"
     "  --tokens FILE         who may ask what; needed where ADDR is no loopback\n"
     "  --drain DURATION      how long SIGTERM waits for open exchanges; 10s\n"
     "  --check               only tells whether the database is whole: 0 yes, 1 no\n\n"
     "For the live stage:\n"
     "  --seed N              of ids and keys; by chance at the first start, then kept\n"
     "  --origin NS           CLOCK_MONOTONIC at scenario time 0; the start\n"
     "  --scale N             scenario time runs N times as fast; 1; else with --zero\n"
     "  --zero MS             epoch ms at scenario time 0; the real clock where not said\n"
     "  --die-with-parent     is killed when the process that started it ends\n",
     dbk_core_command},
    {"find", "find WORD... [--format text|json] | --stories",
     "find scenarios of the library by what was seen",
     "Finds the scenarios of the library that say all the words: in their names, what they are\n"
     "seen as, tags, the invariants they violate, summaries, sources and folders. A word is found\n"
     "where a word begins with it: cancel finds cancelled, reservations finds reservation. First\n"
     "come those with one text that has all the words, in the order above; among equals, by\n"
     "name. Exit code 2: none says them all.\n\n"
     "  --format text|json    text\n"
     "  --stories             what the library is to tell and which scenarios do "
     "(docs/stories.md)\n",
     dbk_find_command},
    {"lint", "lint PATH...", "read scenarios and tell every mistake",
     "Reads scenario files, or all in a folder, and tells every mistake as\n"
     "file:line:column: what is wrong, what was expected.\n",
     dbk_lint_command},
    {"list", "list faults|invariants|profiles|policies|choices [--format table|json]",
     "show the tables that scenarios are made of",
     "Shows what a scenario can say, and what it means.\n\n"
     "  faults      what can go wrong in an exchange with a partner, or on the user's way\n"
     "  invariants  what must hold, and what puts it at risk\n"
     "  profiles    what partners promise\n"
     "  policies    how a booking core behaves, as questions about yours\n"
     "  choices     what is left to chance\n\n"
     "  --format table|json\n",
     dbk_list_command},
    {"schema", "schema scenario|system|goal",
     "print the JSON Schema of a scenario, a system map or a goal",
     "Prints the JSON Schema (draft-07) that editors complete and check such files with.\n",
     dbk_schema_command},
    {"help", "help [COMMAND]", "explain a command", "Explains a command.\n", help_command},
};
const size_t dbk_command_count = DBK_COUNT(dbk_commands);

/* ---- help ---- */

const char *dbk_build(void)
{
    return COMPILER OPTIMISED SANITIZED;
}

static void print_help(FILE *to)
{
    fprintf(to,
            "doublebook proves that a booking system stays truthful when its partners do not.\n\n"
            "usage:\n");
    for (size_t i = 0; i < dbk_command_count; i++)
        fprintf(to, "  doublebook %s\n      %s\n", dbk_commands[i].synopsis, dbk_commands[i].line);
    fprintf(to, "  doublebook COMMAND --help\n  doublebook --version\n\n"
                "exit codes: 0 passed, 1 violated, 2 unproven, 3 bad input, 4 the tool itself\n");
}

static int print_version(void)
{
    printf("doublebook %s (%s)\nSQLite %s, %s\n", DBK_VERSION, dbk_build(), sqlite3_libversion(),
           sqlite3_sourceid());
    return 0;
}

static const struct dbk_command *find_command(const char *name)
{
    for (size_t i = 0; i < dbk_command_count; i++)
        if (strcmp(dbk_commands[i].name, name) == 0)
            return &dbk_commands[i];
    struct dbk_words words = {.count = 0};
    struct dbk_text text = {0};
    for (size_t i = 0; i < dbk_command_count; i++)
        dbk_words_add(&words, dbk_commands[i].name);
    dbk_words_unknown(&words, "command", name, &text);
    fprintf(stderr, "doublebook: %s\n", text.bytes);
    dbk_text_reset(&text);
    return NULL;
}

int dbk_cli_help(const struct dbk_cli *call)
{
    printf("usage: doublebook %s\n\n%s", call->command->synopsis, call->command->help);
    return 0;
}

static int help_command(const struct dbk_cli *call)
{
    if (call->argc < 2) {
        print_help(stdout);
        return 0;
    }
    const struct dbk_command *command = find_command(call->argv[1]);
    int code = command ? dbk_cli_no_more(call, 2) : DBK_EXIT_BAD_INPUT;
    return code == 0 ? dbk_cli_help(&(struct dbk_cli){.command = command}) : code;
}

/* ---- what commands share ---- */

static void DBK_PRINTF(2, 0) tell(const struct dbk_cli *call, const char *format, va_list rest)
{
    fprintf(stderr, "doublebook %s: ", call->command->name);
    vfprintf(stderr, format, rest);
    fputc('\n', stderr);
}

int dbk_cli_misuse(const struct dbk_cli *call, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    tell(call, format, rest);
    va_end(rest);
    fprintf(stderr, "usage: doublebook %s\n", call->command->synopsis);
    return DBK_EXIT_BAD_INPUT;
}

int dbk_cli_no_more(const struct dbk_cli *call, int at)
{
    return at < call->argc ? dbk_cli_misuse(call, "what is '%.60s'?", call->argv[at]) : 0;
}

int dbk_cli_failed(const struct dbk_cli *call, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    tell(call, format, rest);
    va_end(rest);
    return DBK_EXIT_TOOL;
}

int64_t dbk_cli_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int dbk_cli_complain(const struct dbk_complaints *complaints)
{
    struct dbk_text text = {0};
    dbk_complaints_print(complaints, &text);
    fputs(text.bytes ? text.bytes : "", stderr);
    dbk_text_reset(&text);
    return DBK_EXIT_BAD_INPUT;
}

int dbk_cli_option(const struct dbk_cli *call, const struct option *options)
{
    struct dbk_words words = {.count = 0};
    opterr = 0;
    int option = getopt_long(call->argc, call->argv, ":h", options, NULL);
    if (option == ':') {
        dbk_cli_misuse(call, "%s lacks its value", call->argv[optind - 1]);
        return '?';
    }
    if (option != '?')
        return option;
    for (; options->name; options++)
        dbk_words_add(&words, options->name);
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *wrong = optopt ? letter : call->argv[optind - 1];
    const char *near = dbk_closest(wrong + strspn(wrong, "-"), words.names, words.count);
    dbk_cli_misuse(call, "unknown option '%.60s'%s%s%s", wrong, near ? " (did you mean '--" : "",
                   near ? near : "", near ? "'?)" : "");
    return '?';
}

int dbk_cli_integer(const struct dbk_cli *call, const char *option, int64_t least, int64_t most,
                    int64_t *number)
{
    if (dbk_parse_integer(optarg, number) && *number >= least && *number <= most)
        return 0;
    return dbk_cli_misuse(call, "--%s cannot be '%.40s'; expected a whole number from %lld to %lld",
                          option, optarg, (long long)least, (long long)most);
}

/* ---- the program ---- */

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name) {
        print_help(stderr);
        return DBK_EXIT_BAD_INPUT;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        if (argc == 2)
            return print_version();
        fprintf(stderr, "doublebook: --version stands alone\n");
        return DBK_EXIT_BAD_INPUT;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    const struct dbk_command *command = find_command(name);
    const struct dbk_cli call = {argv[0], command, argc - 1, argv + 1};
    return command ? command->run(&call) : DBK_EXIT_BAD_INPUT;
}

int dbk_cli_main(int argc, char **argv)
{
    int code = dispatch(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE) {
        fprintf(stderr, "doublebook: stdout: %s\n", strerror(errno));
        return DBK_EXIT_TOOL;
    }
    return code;
}
