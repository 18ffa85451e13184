/* cli: the command line: one table of commands, and what all of them share.
 *
 * Exit codes: 0 passed, 1 violated, 2 unproven, 3 bad input, 4 the tool itself. Bad input is told
 * on stderr, all of it at once, and nothing is run. Next: cli.c, one NAME_command.c per command.
 */
#ifndef DBK_RUNNER_CLI_H
#define DBK_RUNNER_CLI_H

#include "base/complaint.h"

#include <getopt.h>

enum { DBK_EXIT_BAD_INPUT = 3, DBK_EXIT_TOOL = 4 };

struct dbk_command;

/* One call of the program; argv[0] is the command's name. */
struct dbk_cli {
    const char *program; /* as it was called */
    const struct dbk_command *command;
    int argc;
    char **argv;
};

struct dbk_command {
    const char *name;
    const char *synopsis; /* what follows "doublebook" */
    const char *line;     /* for the list of commands */
    const char *help;     /* the rest of its --help */
    int (*run)(const struct dbk_cli *call);
};

extern const struct dbk_command dbk_commands[];
extern const size_t dbk_command_count;

int dbk_cli_main(int argc, char **argv); /* the whole program; gives the exit code */

/* The next option as getopt_long gives it, from the call's own table (which ends with zeroes); -1
 * at the end. After '?' the mistake has been told and the command ends with DBK_EXIT_BAD_INPUT. */
int dbk_cli_option(const struct dbk_cli *call, const struct option *options);
/* Reads the value of the option at hand, "seed"; 0, or told and DBK_EXIT_BAD_INPUT. */
int dbk_cli_integer(const struct dbk_cli *call, const char *option, int64_t least, int64_t most,
                    int64_t *number);
int dbk_cli_help(const struct dbk_cli *call); /* prints the command's help; gives 0 */

/* Tells a mistake on stderr, "doublebook run: ...", and gives DBK_EXIT_BAD_INPUT. */
int dbk_cli_misuse(const struct dbk_cli *call, const char *format, ...) DBK_PRINTF(2, 3);
/* The same of the first word from `at` on; 0 if there is none. */
int dbk_cli_no_more(const struct dbk_cli *call, int at);
/* The same for what is not the caller's mistake; gives DBK_EXIT_TOOL. */
int dbk_cli_failed(const struct dbk_cli *call, const char *format, ...) DBK_PRINTF(2, 3);

/* Monotonic, in milliseconds: for what reports and progress say, and no decision. */
int64_t dbk_cli_clock_ms(void);

/* Prints all complaints on stderr; gives DBK_EXIT_BAD_INPUT. */
int dbk_cli_complain(const struct dbk_complaints *complaints);

/* "gcc 12.2.0, optimised" */
const char *dbk_build(void);

int dbk_run_command(const struct dbk_cli *call);
int dbk_explore_command(const struct dbk_cli *call);
int dbk_replay_command(const struct dbk_cli *call);
int dbk_check_command(const struct dbk_cli *call);
int dbk_core_command(const struct dbk_cli *call);
int dbk_decide_command(const struct dbk_cli *call);
int dbk_find_command(const struct dbk_cli *call);
int dbk_lint_command(const struct dbk_cli *call);
int dbk_list_command(const struct dbk_cli *call);
int dbk_schema_command(const struct dbk_cli *call);

#endif
