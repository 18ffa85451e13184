/* world: what the tests of reports are made from: outcomes, a report, golden files. */
#ifndef DBK_TESTS_REPORTS_WORLD_H
#define DBK_TESTS_REPORTS_WORLD_H

#include "reports/reports.h"

/* Gives an outcome (dbk_outcome_free) of this verdict, with a history hash and one fired fault. */
struct dbk_outcome *world_outcome(const char *name, enum dbk_verdict verdict);

/* Gives the seed incident under naive: golden/seed-incident.jsonl, which is written by hand, and
 * three violations. */
struct dbk_outcome *world_seed_incident(void);

/* Gives an outcome with reasons, a broken promise and an invariant nobody could observe. */
struct dbk_outcome *world_unproven(void);

/* Gives an outcome of a file that could not be used; little else of it is known. */
struct dbk_outcome *world_invalid(void);

/* What a search made of one booking under naive: two findings, the seed incident and one of a
 * partner that did not repeat. Its outcomes come with it. */
struct world_explored {
    struct dbk_outcome *outcomes[3]; /* owned */
    size_t outcome_count;
    struct dbk_exploration explorations[2];
    struct dbk_report report;
};

/* Fills it: one-booking with two findings, a-second-one without any, broken off. */
void world_explored(struct world_explored *world);
void world_explored_reset(struct world_explored *world);

/* Reads a history among the golden files into the outcome, which owns it then. */
void world_set_history(struct dbk_outcome *outcome, const char *golden_name);

/* A report of these outcomes, which stay the caller's. */
struct dbk_report world_report(struct dbk_outcome **outcomes, size_t count);

/* Fails unless xmllint takes the text by junit.xsd and its counts are those of its cases. */
void world_expect_junit(const struct dbk_text *text);

/* Fails unless the text is the golden file's; frees it. With DBK_WRITE_GOLDEN set it writes the
 * file instead, to be read before it is kept. */
void expect_golden(struct dbk_text *text, const char *name);

#endif
