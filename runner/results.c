#include "runner/results.h"

#include "reports/reports.h"
#include "runner/output.h"
#include "runner/vocabulary.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The table on stdout would spoil a report for programs that goes there too. History and story are
 * made where the runs are. */
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

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* False with why where another report goes to the same place: the later one would be the only. */
static bool is_apart(const struct dbk_results *results, const char *name, const char *path,
                     char why[static 160])
{
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++) {
        if (!results->paths[i])
            continue;
        if (is_stdout(path) && is_stdout(results->paths[i])) {
            snprintf(why, 160, "--report %s and %s: only one can go to stdout", kinds[i].name,
                     name);
            return false;
        }
        if (!is_stdout(path) && dbk_output_is_same(results->paths[i], path)) {
            snprintf(why, 160, "--report %s and %s: '%.80s' is one file; expected one for each",
                     kinds[i].name, name, path);
            return false;
        }
    }
    return true;
}

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
        if (dbk_output_is_stdout(path))
            path = "-";
        if (!is_apart(results, kinds[i].name, path, why))
            return false;
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

/* ---- outcomes ---- */

static struct dbk_terminal no_terminal(void)
{
    return (struct dbk_terminal){.width = 100};
}

static struct dbk_terminal terminal(void)
{
    struct dbk_terminal found = no_terminal();
    found.is_here = true;
    struct winsize size;
    const char *no_colour = getenv("NO_COLOR");
    if (!isatty(STDOUT_FILENO))
        return found;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        found.width = size.ws_col;
    found.has_colour = !(no_colour && *no_colour);
    return found;
}

/* is_told: by what stands on stdout, which needs the history then. */
static struct dbk_history *add(struct dbk_results *results, struct dbk_outcome *outcome,
                               bool is_told)
{
    const char *story = results->paths[DBK_REPORT_STORY];
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

struct dbk_history *dbk_results_add(struct dbk_results *results, struct dbk_outcome *outcome)
{
    return add(results, outcome, outcome->verdict == DBK_VIOLATED);
}

void dbk_results_add_finding(struct dbk_results *results, struct dbk_outcome *outcome)
{
    (void)add(results, outcome, true);
}

bool dbk_results_take_unproven(struct dbk_results *results, const char *word, char why[static 160])
{
    results->unproven_is_fine = strcmp(word, "warn") == 0;
    if (results->unproven_is_fine || strcmp(word, "fail") == 0)
        return true;
    snprintf(why, 160, "--unproven cannot be '%.40s'; expected fail or warn", word);
    return false;
}

/* ---- histories as files ---- */

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

void dbk_results_expect(struct dbk_results *results, const struct dbk_cli *call, size_t runs)
{
    const char **wanted = &results->paths[DBK_REPORT_HISTORY];
    results->is_of_one = runs == 1;
    if (!*wanted || runs == 1 || is_folder(*wanted) || mkdir(*wanted, 0777) == 0)
        return;
    dbk_cli_failed(call, "%s: the folder cannot be made: %s", *wanted, strerror(errno));
    results->is_incomplete = true;
    *wanted = NULL;
}

void dbk_results_add_history(struct dbk_results *results, const struct dbk_cli *call,
                             const struct dbk_history *history, const char *name)
{
    const char *wanted = results->paths[DBK_REPORT_HISTORY];
    struct dbk_text path = {0}, text = {0};
    if (!wanted)
        return;
    if (is_stdout(wanted)) {
        dbk_history_write(history, &results->history);
        return;
    }
    dbk_text_add(&path, wanted);
    if (!results->is_of_one || is_folder(wanted))
        dbk_text_printf(&path, "/%s.jsonl", name);
    dbk_history_write(history, &text);
    dbk_results_write(results, call, path.bytes, &text);
    dbk_text_reset(&path);
    dbk_text_reset(&text);
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
static void show(struct dbk_results *results, const struct dbk_cli *call,
                 const struct dbk_text *text)
{
    struct dbk_text quoted = {0};
    if (is_stdout(results->paths[DBK_REPORT_GITHUB])) {
        dbk_report_github_quote(text, &quoted);
        text = &quoted;
    }
    dbk_results_write(results, call, "-", text);
    dbk_text_reset(&quoted);
}

/* True where stdout is a report's that programs read. */
static bool is_taken(const struct dbk_results *results)
{
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++)
        if (!kinds[i].shares_stdout && is_stdout(results->paths[i]))
            return true;
    return false;
}

static void show_table(struct dbk_results *results, const struct dbk_cli *call)
{
    struct dbk_terminal here = terminal();
    struct dbk_text text = {0};
    if (is_taken(results))
        return;
    dbk_report_terminal(&results->report, &here, &text);
    show(results, call, &text);
    dbk_text_reset(&text);
}

void dbk_results_write(struct dbk_results *results, const struct dbk_cli *call, const char *path,
                       const struct dbk_text *text)
{
    char why[160];
    if (dbk_output_write(path, text, why))
        return;
    dbk_cli_failed(call, "%s: %s", is_stdout(path) ? "stdout" : path, why);
    results->is_incomplete = true;
}

/* Each is tried, whatever became of the others. */
static void write_reports(struct dbk_results *results, const struct dbk_cli *call, bool to_stdout)
{
    struct dbk_text text = {0};
    for (size_t i = 0; i < DBK_REPORT_KINDS; i++) {
        const char *path = results->paths[i];
        if (!path || is_stdout(path) != to_stdout)
            continue;
        if (kinds[i].write) {
            dbk_text_clear(&text);
            kinds[i].write(&results->report, &text);
            dbk_results_write(results, call, path, &text);
        } else if (i == DBK_REPORT_STORY) {
            dbk_results_write(results, call, path, &results->stories);
        } else if (to_stdout) {
            dbk_results_write(results, call, path, &results->history);
        }
    }
    dbk_text_reset(&text);
}

static void show_last_words(struct dbk_results *results, const struct dbk_cli *call)
{
    struct dbk_text word = {0};
    if (results->last_words.length == 0)
        return;
    if (is_taken(results)) {
        fputs(results->last_words.bytes, stderr);
        return;
    }
    show(results, call, &results->last_words);
    if (!is_stdout(results->paths[DBK_REPORT_GITHUB]))
        return;
    dbk_text_printf(&word, "%s\n", results->last_word); /* what quotes them came behind them */
    dbk_results_write(results, call, "-", &word);
    dbk_text_reset(&word);
}

/* Files come first: who reads stdout may leave early. */
int dbk_results_finish(struct dbk_results *results, const struct dbk_cli *call)
{
    fill_report(results);
    write_reports(results, call, false);
    show_table(results, call);
    write_reports(results, call, true);
    show_last_words(results, call);
    if (results->is_incomplete)
        return DBK_EXIT_TOOL;
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
    for (size_t i = 0; i < complaints->count;)
        i = add_invalid(results, complaints, i);
    fill_report(results);
    write_reports(results, call, false);
    if (is_stdout(results->paths[DBK_REPORT_GITHUB])) {
        dbk_complaints_print(complaints, &text);
        show(results, call, &text);
        dbk_text_reset(&text);
    } else {
        dbk_cli_complain(complaints);
    }
    write_reports(results, call, true);
    return results->is_incomplete ? DBK_EXIT_TOOL : DBK_EXIT_BAD_INPUT;
}

void dbk_results_reset(struct dbk_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        dbk_outcome_free(results->outcomes[i]);
    free(results->outcomes);
    dbk_text_reset(&results->stories);
    dbk_text_reset(&results->history);
    dbk_text_reset(&results->last_words);
    *results = (struct dbk_results){0};
}
