/* reports: what people and programs read of a run; made from verdict records alone.
 *
 * Everything that comes from scenarios, partners or logs is escaped: control characters never
 * reach a terminal, and no text can end the place it stands in. Next: terminal.c, story.c, json.c;
 * for CI junit.c, github.c, markdown.c.
 */
#ifndef DBK_REPORTS_REPORTS_H
#define DBK_REPORTS_REPORTS_H

#include "base/verdict.h"

struct dbk_terminal {
    int width;       /* columns; 0: 100; less than 60 is read as 60, more than 200 as 200 */
    bool has_colour; /* the caller asked isatty, TERM and NO_COLOR */
    bool is_here;    /* read in the folder of the call, where replays work as they are */
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

/* JUnit XML: a suite per scenario, a case per invariant of the table, per expectation that was not
 * met, and per gap; properties say how to replay. A suite has a failure or an error exactly where
 * its scenario did not pass, none is empty, and nothing played is an error.
 * tests/reports/junit.xsd describes it. */
void dbk_report_junit(const struct dbk_report *report, struct dbk_text *out);

/* Workflow commands of GitHub Actions: an error per violation and per scenario that could not be
 * played, a warning per reason to be unproven, each at its line; at most ten of a kind, for GitHub
 * shows no more; a notice counts all. Where report->stage is NULL the files are histories, and the
 * lines theirs. */
void dbk_report_github(const struct dbk_report *report, struct dbk_text *out);

/* Adds text so that GitHub Actions shows it and obeys no command that stands in it. */
void dbk_report_github_quote(const struct dbk_text *text, struct dbk_text *out);

#define DBK_MARKDOWN_MAX 65000 /* bytes; a comment on GitHub holds 65,536 characters */

/* Markdown for a comment on a pull request: a table, the worst first; what was violated, on which
 * evidence, how to replay it; the story, folded. Always less than DBK_MARKDOWN_MAX: stories are cut
 * first, then scenarios left out, and it says so. */
void dbk_report_markdown(const struct dbk_report *report, struct dbk_text *out);

#endif
