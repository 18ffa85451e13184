/* judge: from a history to a verdict; a pure function, the same for run and check.
 *
 * Reads outside facts only. Next: check/judge.c, check/check.h (the table of invariants).
 */
#ifndef DBK_RUNNER_JUDGE_H
#define DBK_RUNNER_JUDGE_H

#include "base/verdict.h"

/* Fills verdict, violations, faults, exposures, unobserved, unproven, partner_broke, virtual_ms,
 * name, file and policy of an outcome made by dbk_outcome_new. The history is borrowed. replay is
 * the command put into each violation; NULL: `doublebook check FILE` is named by the caller. */
void dbk_judge(const struct dbk_history *history, const char *replay, struct dbk_outcome *outcome);

#endif
