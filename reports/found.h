/* found: what a run was found to be, in the few words that every report uses.
 *
 * Next: found.c, then terminal.c, github.c, markdown.c, junit.c.
 */
#ifndef DBK_REPORTS_FOUND_H
#define DBK_REPORTS_FOUND_H

#include "base/verdict.h"

/* The scenario's name, else its file; never NULL. Not yet plain. */
const char *dbk_found_name(const struct dbk_outcome *outcome);

/* Adds what was found, plain: the violated invariants, each once; what happened; how much held. */
void dbk_found_add(const struct dbk_outcome *outcome, struct dbk_text *out);

/* Counts how many scenarios came to each verdict, an exploration as one; gives their sum. */
size_t dbk_found_verdicts(const struct dbk_report *report, size_t counts[DBK_VERDICTS]);

/* Adds "14 scenarios: 12 passed, 2 violated". */
void dbk_found_count(const struct dbk_report *report, struct dbk_text *out);

/* Adds a violation's facts, plain: "facts 6, 16"; nothing if it rests on none. */
void dbk_found_evidence(const struct dbk_violation *violation, struct dbk_text *out);

/* Adds the command that shows it again - of a violation, or where violation is NULL of the run - so
 * that it works from any folder. Nothing where there is none. Not yet plain. */
void dbk_found_replay(const struct dbk_outcome *outcome, const struct dbk_violation *violation,
                      struct dbk_text *out);

#endif
