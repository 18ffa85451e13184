/* reached: what an exploration came to, in the few words that every report uses.
 *
 * All text added here is plain. Next: reached.c, reached_terminal.c.
 */
#ifndef DBK_REPORTS_REACHED_H
#define DBK_REPORTS_REACHED_H

#include "reports/reports.h"

/* The exploration that an outcome belongs to, or NULL; and the finding, or NULL: its summary. */
const struct dbk_exploration *dbk_reached_of(const struct dbk_report *report,
                                             const struct dbk_outcome *outcome,
                                             const struct dbk_discovery **found);

/* Adds how far it came and what of it: "all 28,561 runs with up to 2 deviations: none violates". */
void dbk_reached_add(const struct dbk_exploration *exploration, struct dbk_text *out);

/* Adds how many runs of a depth were played: "1,203"; where not all were, "312 of 28,317". */
void dbk_reached_runs(const struct dbk_depth *depth, struct dbk_text *out);

/* Adds how many runs of a depth violate, or show the goal: "none", "2", "none so far". */
void dbk_reached_found(const struct dbk_depth *depth, struct dbk_text *out);

/* Adds "single-reservation, owed by the core". */
void dbk_reached_signature(const struct dbk_discovery *found, struct dbk_text *out);

/* Adds how it was found: "found with 1 deviation after 143 runs (45 ms), shrunk in 31 more to 2
 * steps and 1 entry of script and choices"; or that it did not repeat. */
void dbk_reached_how(const struct dbk_discovery *found, struct dbk_text *out);

/* Puts the terminal's part of one exploration: its depths, then each finding with its story. */
void dbk_reached_terminal(const struct dbk_exploration *exploration,
                          const struct dbk_terminal *terminal, struct dbk_text *out);

#endif
