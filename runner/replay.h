/* replay: the command that shows a run again, as a shell reads it back.
 *
 * Relative words work in the folder one stands in; whoever reads a report stands elsewhere, so each
 * command knows whether it needs its folder. Next: replay.c, run_command.c, check_command.c.
 */
#ifndef DBK_RUNNER_REPLAY_H
#define DBK_RUNNER_REPLAY_H

#include "base/verdict.h"

/* Zero-initialise. */
struct dbk_replay {
    struct dbk_text command; /* owned */
    bool needs_folder;       /* some word means a file only in the folder of this call */
};

/* Begins with the program as it was called and what it is to do: "./doublebook run". */
void dbk_replay_begin(struct dbk_replay *replay, const char *program, const char *command);

/* Adds an option with its value, or, where option is NULL, a word alone. */
void dbk_replay_add(struct dbk_replay *replay, const char *option, const char *word);

/* Notes in the outcome which folder the command needs, if any. */
void dbk_replay_place(const struct dbk_replay *replay, struct dbk_outcome *outcome);

void dbk_replay_reset(struct dbk_replay *replay); /* frees */

#endif
