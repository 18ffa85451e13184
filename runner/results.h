/* results: what one call of the program found, and where it is to be written.
 *
 * `run` and `check` end alike: the reports that were asked for, the table on stdout, the exit code
 * of the worst verdict. A report that cannot be written costs no other. Next: results.c, output.h.
 */
#ifndef DBK_RUNNER_RESULTS_H
#define DBK_RUNNER_RESULTS_H

#include "base/verdict.h"
#include "runner/cli.h"

enum dbk_report_kind {
    DBK_REPORT_JSON,
    DBK_REPORT_HISTORY,
    DBK_REPORT_STORY,
    DBK_REPORT_JUNIT,
    DBK_REPORT_GITHUB,
    DBK_REPORT_MARKDOWN,
    DBK_REPORT_KINDS
};

struct dbk_results {
    struct dbk_report report;
    struct dbk_outcome **outcomes; /* owned */
    size_t count, capacity;
    const char *paths[DBK_REPORT_KINDS]; /* where each kind goes, "-" for stdout; NULL: not asked */
    struct dbk_text stories;             /* of runs that the table does not tell of */
    struct dbk_text history;             /* of the one run, where it goes to stdout */
    struct dbk_text last_words;          /* escaped; told behind all else: on stdout, or on stderr
                                            where programs read that */
    const char *last_word;               /* the one that the last line begins with; a constant */
    bool is_of_one;                      /* one run is expected, so its history is one file */
    bool unproven_is_fine;               /* for the exit code alone: --unproven warn */
    bool is_incomplete;                  /* something could not be written, and it was told */
};

/* Reads "json=FILE"; false with why. */
DBK_CHECKED bool dbk_results_order(struct dbk_results *results, const char *order,
                                   char why[static 160]);

/* Takes an outcome whose history is attached, and lets go of the history where no report needs it:
 * gives it back then, for the next run, else NULL. */
struct dbk_history *dbk_results_add(struct dbk_results *results, struct dbk_outcome *outcome);

/* Takes the outcome of a search's finding, whose history is kept whatever its verdict: it is told
 * on stdout. What it is a finding of stands in report.explorations, which the caller fills. */
void dbk_results_add_finding(struct dbk_results *results, struct dbk_outcome *outcome);

/* Reads "fail" or "warn"; false with why. */
DBK_CHECKED bool dbk_results_take_unproven(struct dbk_results *results, const char *word,
                                           char why[static 160]);

/* Says how many runs there will be: where several histories go, there is a folder, or, told, none
 * of them is kept. */
void dbk_results_expect(struct dbk_results *results, const struct dbk_cli *call, size_t runs);

/* Writes a run's history where that was asked for: the file itself, or NAME.jsonl in the folder. */
void dbk_results_add_history(struct dbk_results *results, const struct dbk_cli *call,
                             const struct dbk_history *history, const char *name);

/* Writes one of the files that were asked for. What cannot be written is told on stderr, and the
 * call goes on: all else is written, and the exit code says it at the end. */
void dbk_results_write(struct dbk_results *results, const struct dbk_cli *call, const char *path,
                       const struct dbk_text *text);

/* Writes what was asked for; gives the exit code. */
int dbk_results_finish(struct dbk_results *results, const struct dbk_cli *call);

/* Ends a call whose input cannot be used: tells all mistakes on stderr - where the report for
 * GitHub has stdout, there - and writes the reports, each file an invalid outcome. Gives the exit
 * code. */
int dbk_results_refuse(struct dbk_results *results, const struct dbk_cli *call,
                       const struct dbk_complaints *complaints);

void dbk_results_reset(struct dbk_results *results); /* frees */

#endif
