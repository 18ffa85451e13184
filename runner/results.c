#include "runner/results.h"

#include "reports/reports.h"
#include "runner/vocabulary.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kinds[DBK_REPORT_KINDS] = {
    [DBK_REPORT_JSON] = "json", [DBK_REPORT_HISTORY] = "history", [DBK_REPORT_STORY] = "story"};

bool dbk_results_order(struct dbk_results *results, const char *order, char why[static 160])
{
    size_t length = strcspn(order, "=");
    const char *path = order[length] ? order + length + 1 : NULL;
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++) {
        if (strlen(kinds[i]) != length || strncmp(order, kinds[i], length) != 0)
            continue;
        if (i == DBK_REPORT_STORY && !path)
            path = "-";
        if (!path || !*path || results->paths[i]) {
            snprintf(why, 160, "--report %s: %s", kinds[i],
                     results->paths[i] ? "asked for twice" : "lacks its file; expected KIND=FILE");
            return false;
        }
        for (size_t k = 0; k < DBK_REPORT_KINDS && strcmp(path, "-") == 0; k++)
            if (results->paths[k] && strcmp(results->paths[k], "-") == 0) {
                snprintf(why, 160, "--report %s and %s: only one can go to stdout", kinds[k],
                         kinds[i]);
                return false;
            }
        results->paths[i] = path;
        return true;
    }
    struct dbk_words words = {.count = 0};
    struct dbk_text text = {0};
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++)
        dbk_words_add(&words, kinds[i]);
    char *wrong = dbk_copy_text(order);
    wrong[length] = '\0';
    dbk_words_unknown(&words, "report", wrong, &text);
    snprintf(why, 160, "%s", text.bytes);
    dbk_text_reset(&text);
    free(wrong);
    return false;
}

/* ---- files ---- */

static bool write_to(FILE *file, const struct dbk_text *text)
{
    bool is_written =
        text->length == 0 || fwrite(text->bytes, 1, text->length, file) == text->length;
    return fflush(file) == 0 && is_written;
}

/* A device or a pipe cannot be replaced by a new file. */
static bool is_special(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISREG(facts.st_mode);
}

bool dbk_write_file(const char *path, const struct dbk_text *text, char why[static 160])
{
    char beside[PATH_MAX + 8];
    if (strcmp(path, "-") == 0) {
        if (write_to(stdout, text))
            return true;
        snprintf(why, 160, "cannot be written: %s", strerror(errno));
        return false;
    }
    bool in_place = is_special(path);
    snprintf(beside, sizeof beside, in_place ? "%s" : "%s.tmp", path);
    FILE *file = fopen(beside, "w");
    bool is_written = file && write_to(file, text);
    if (file && fclose(file) != 0)
        is_written = false;
    if (is_written && !in_place)
        is_written = rename(beside, path) == 0;
    if (!is_written) {
        snprintf(why, 160, "cannot be written: %s", strerror(errno));
        if (file && !in_place)
            (void)unlink(beside);
    }
    return is_written;
}

/* ---- outcomes ---- */

static struct dbk_terminal no_terminal(void)
{
    return (struct dbk_terminal){.width = 100};
}

static struct dbk_terminal terminal(void)
{
    struct dbk_terminal found = no_terminal();
    struct winsize size;
    const char *no_colour = getenv("NO_COLOR");
    if (!isatty(STDOUT_FILENO))
        return found;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        found.width = size.ws_col;
    found.has_colour = !(no_colour && *no_colour);
    return found;
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

struct dbk_history *dbk_results_add(struct dbk_results *results, struct dbk_outcome *outcome)
{
    const char *story = results->paths[DBK_REPORT_STORY];
    bool is_told = outcome->verdict == DBK_VIOLATED; /* by the table on stdout */
    struct dbk_history *history = outcome->history;
    if (results->count == results->capacity) {
        results->capacity = results->capacity ? 2 * results->capacity : 64;
        results->outcomes =
            dbk_resize(results->outcomes, results->capacity * sizeof *results->outcomes);
    }
    results->outcomes[results->count++] = outcome;
    if (story && (!is_told || !is_stdout(story))) {
        struct dbk_terminal plain = is_stdout(story) ? terminal() : no_terminal();
        dbk_report_story(outcome, &plain, &results->stories);
    }
    if (is_told)
        return NULL;
    outcome->history = NULL;
    return history;
}

int dbk_results_finish(struct dbk_results *results, const struct dbk_cli *call)
{
    struct dbk_report *report = &results->report;
    struct dbk_text text = {0};
    char why[160];
    const char *failed = NULL;
    const char *json = results->paths[DBK_REPORT_JSON], *story = results->paths[DBK_REPORT_STORY];
    report->version = DBK_VERSION;
    report->build = dbk_build();
    report->sqlite_source = sqlite3_sourceid();
    report->outcomes = results->outcomes;
    report->outcome_count = results->count;

    /* Where stdout carries a report for programs, the table would spoil it. */
    if (!is_stdout(json) && !is_stdout(results->paths[DBK_REPORT_HISTORY])) {
        struct dbk_terminal here = terminal();
        dbk_report_terminal(report, &here, &text);
        if (!dbk_write_file("-", &text, why))
            failed = "-";
    }
    if (!failed && story && !dbk_write_file(story, &results->stories, why))
        failed = story;
    dbk_text_clear(&text);
    if (!failed && json) {
        dbk_report_json(report, &text);
        if (!dbk_write_file(json, &text, why))
            failed = json;
    }
    dbk_text_reset(&text);
    if (failed)
        return dbk_cli_failed(call, "%s: %s", is_stdout(failed) ? "stdout" : failed, why);
    return dbk_verdict_exit_code(dbk_report_verdict(report));
}

void dbk_results_reset(struct dbk_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        dbk_outcome_free(results->outcomes[i]);
    free(results->outcomes);
    dbk_text_reset(&results->stories);
    *results = (struct dbk_results){0};
}
