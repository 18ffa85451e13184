/* reports: what people and programs read of a run; made from verdict records alone.
 *
 * Everything that comes from scenarios, partners or logs is escaped: control characters never
 * reach a terminal. Next: terminal.c, story.c, json.c.
 */
#ifndef DBK_REPORTS_REPORTS_H
#define DBK_REPORTS_REPORTS_H

#include "base/verdict.h"

struct dbk_terminal {
    int width;       /* columns; 0: 100; less than 60 is read as 60, more than 200 as 200 */
    bool has_colour; /* the caller asked isatty and NO_COLOR */
};

/* The table of all outcomes, the reasons for unproven ones, and for each violated one its story. */
void dbk_report_terminal(const struct dbk_report *report, const struct dbk_terminal *terminal,
                         struct dbk_text *out);

/* One outcome's history, aligned: who said what, when, on whose clock; then each violated invariant
 * as a sentence with the facts it rests on, marked in the history, and the command to replay. */
void dbk_report_story(const struct dbk_outcome *outcome, const struct dbk_terminal *terminal,
                      struct dbk_text *out);

/* The JSON report, format 1; reports/report.schema.json describes it. */
void dbk_report_json(const struct dbk_report *report, struct dbk_text *out);

#endif
