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

/* The table on stdout would spoil a report for programs that goes there too. History and story are
 * written where the runs are. */
static const struct {
    const char *name;
    bool may_lack_file, shares_stdout;
    void (*write)(const struct dbk_report *report, struct dbk_text *out);
} kinds[DBK_REPORT_KINDS] = {
    [DBK_REPORT_JSON] = {"json", false, false, dbk_report_json},
    [DBK_REPORT_HISTORY] = {"history", false, false, NULL},
    [DBK_REPORT_STORY] = {"story", true, true, NULL},
    [DBK_REPORT_JUNIT] = {"junit", false, false, dbk_report_junit},
    [DBK_REPORT_GITHUB] = {"github", true, true, dbk_report_github},
    [DBK_REPORT_MARKDOWN] = {"markdown", false, false, dbk_report_markdown},
};

bool dbk_results_order(struct dbk_results *results, const char *order, char why[static 160])
{
    size_t length = strcspn(order, "=");
    const char *path = order[length] ? order + length + 1 : NULL;
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++) {
        if (strlen(kinds[i].name) != length || strncmp(order, kinds[i].name, length) != 0)
            continue;
        if (kinds[i].may_lack_file && !path)
            path = "-";
        if (!path || !*path || results->paths[i]) {
            snprintf(why, 160, "--report %s: %s", kinds[i].name,
                     results->paths[i] ? "asked for twice" : "lacks its file; expected KIND=FILE");
            return false;
        }
        for (size_t k = 0; k < DBK_REPORT_KINDS && strcmp(path, "-") == 0; k++)
            if (results->paths[k] && strcmp(results->paths[k], "-") == 0) {
                snprintf(why, 160, "--report %s and %s: only one can go to stdout", kinds[k].name,
                         kinds[i].name);
                return false;
            }
        results->paths[i] = path;
        return true;
    }
    struct dbk_words words = {.count = 0};
    struct dbk_text text = {0};
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++)
        dbk_words_add(&words, kinds[i].name);
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
    if (story && history && (!is_told || !is_stdout(story))) {
        struct dbk_terminal plain = is_stdout(story) ? terminal() : no_terminal();
        dbk_report_story(outcome, &plain, &results->stories);
    }
    if (is_told)
        return NULL;
    outcome->history = NULL;
    return history;
}

bool dbk_results_take_unproven(struct dbk_results *results, const char *word, char why[static 160])
{
    results->unproven_is_fine = strcmp(word, "warn") == 0;
    if (results->unproven_is_fine || strcmp(word, "fail") == 0)
        return true;
    snprintf(why, 160, "--unproven cannot be '%.40s'; expected fail or warn", word);
    return false;
}

/* ---- the end ---- */

static void fill_report(struct dbk_results *results)
{
    struct dbk_report *report = &results->report;
    report->version = DBK_VERSION;
    report->build = dbk_build();
    report->sqlite_source = sqlite3_sourceid();
    report->outcomes = results->outcomes;
    report->outcome_count = results->count;
}

/* What people read on stdout. A hostile name in it must command GitHub as little as one in the
 * annotations that follow. */
static bool show(const struct dbk_results *results, const struct dbk_text *text,
                 char why[static 160])
{
    struct dbk_text quoted = {0};
    if (!is_stdout(results->paths[DBK_REPORT_GITHUB]))
        return dbk_write_file("-", text, why);
    dbk_report_github_quote(text, &quoted);
    bool is_written = dbk_write_file("-", &quoted, why);
    dbk_text_reset(&quoted);
    return is_written;
}

static bool show_table(const struct dbk_results *results, char why[static 160])
{
    struct dbk_terminal here = terminal();
    struct dbk_text text = {0};
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++)
        if (!kinds[i].shares_stdout && is_stdout(results->paths[i]))
            return true;
    dbk_report_terminal(&results->report, &here, &text);
    bool is_written = show(results, &text, why);
    dbk_text_reset(&text);
    return is_written;
}

/* NULL, or the path that could not be written, with why. */
static const char *write_reports(const struct dbk_results *results, char why[static 160])
{
    const char *failed = NULL;
    struct dbk_text text = {0};
    for (size_t i = 0; i < DBK_REPORT_KINDS && !failed; i++) {
        if (!kinds[i].write || !results->paths[i])
            continue;
        dbk_text_clear(&text);
        kinds[i].write(&results->report, &text);
        if (!dbk_write_file(results->paths[i], &text, why))
            failed = results->paths[i];
    }
    dbk_text_reset(&text);
    return failed;
}

static int tell_failed(const struct dbk_cli *call, const char *path, const char *why)
{
    return dbk_cli_failed(call, "%s: %s", is_stdout(path) ? "stdout" : path, why);
}

int dbk_results_finish(struct dbk_results *results, const struct dbk_cli *call)
{
    const char *story = results->paths[DBK_REPORT_STORY], *failed = NULL;
    char why[160];
    fill_report(results);
    if (!show_table(results, why))
        failed = "-";
    else if (story && !dbk_write_file(story, &results->stories, why))
        failed = story;
    else
        failed = write_reports(results, why);
    if (failed)
        return tell_failed(call, failed, why);
    enum dbk_verdict verdict = dbk_report_verdict(&results->report);
    if (verdict == DBK_UNPROVEN && results->unproven_is_fine && results->count > 0)
        return 0;
    return dbk_verdict_exit_code(verdict);
}

/* One for the complaints from first on that are about the same file; gives the next one. */
static size_t add_invalid(struct dbk_results *results, const struct dbk_complaints *complaints,
                          size_t first)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    const struct dbk_complaint *items = complaints->items;
    struct dbk_text text = {0};
    size_t next = first;
    for (; next < complaints->count && dbk_same(items[next].file, items[first].file); next++)
        dbk_text_printf(&text, "%sline %d, column %d: %s", next == first ? "" : "; ",
                        items[next].line, items[next].column, items[next].text);
    outcome->verdict = DBK_INVALID;
    outcome->file = dbk_arena_text(&outcome->arena, items[first].file);
    outcome->error = dbk_arena_text(&outcome->arena, text.bytes);
    outcome->error_line = items[first].line;
    outcome->virtual_ms = DBK_ABSENT;
    outcome->wall_ms = DBK_ABSENT;
    (void)dbk_results_add(results, outcome);
    dbk_text_reset(&text);
    return next;
}

int dbk_results_refuse(struct dbk_results *results, const struct dbk_cli *call,
                       const struct dbk_complaints *complaints)
{
    struct dbk_text text = {0};
    char why[160];
    const char *failed = NULL;
    if (is_stdout(results->paths[DBK_REPORT_GITHUB])) {
        dbk_complaints_print(complaints, &text);
        failed = show(results, &text, why) ? NULL : "-";
        dbk_text_reset(&text);
    } else {
        dbk_cli_complain(complaints);
    }
    for (size_t i = 0; i < complaints->count;)
        i = add_invalid(results, complaints, i);
    fill_report(results);
    failed = failed ? failed : write_reports(results, why);
    return failed ? tell_failed(call, failed, why) : DBK_EXIT_BAD_INPUT;
}

void dbk_results_reset(struct dbk_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        dbk_outcome_free(results->outcomes[i]);
    free(results->outcomes);
    dbk_text_reset(&results->stories);
    *results = (struct dbk_results){0};
}
