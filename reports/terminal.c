#include "reports/terminal.h"

#include "reports/blame.h"
#include "reports/found.h"
#include "reports/plain.h"
#include "reports/reached.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2
#define VERDICT_COLUMNS 8
#define NAME_COLUMNS_MAX 32
#define FOUND_COLUMNS_MIN 10
#define NARROW 36 /* columns beyond this are shared by name and findings */

static const char *const colours[DBK_VERDICTS] = {
    [DBK_PASSED] = DBK_COLOUR_GREEN, [DBK_UNPROVEN] = DBK_COLOUR_YELLOW,
    [DBK_VIOLATED] = DBK_COLOUR_RED, [DBK_INVALID] = DBK_COLOUR_RED,
    [DBK_ERROR] = DBK_COLOUR_RED,
};

/* The columns of the table; what was found takes the rest of the line. */
struct table {
    const struct dbk_terminal *terminal;
    struct dbk_text *out;
    size_t width, name, faults, time;
    const struct dbk_outcome **rows; /* views; what is told elsewhere is left out */
    size_t row_count;
};

size_t dbk_terminal_width(const struct dbk_terminal *terminal)
{
    if (terminal->width <= 0)
        return 100;
    return terminal->width < 60 ? 60 : terminal->width > 200 ? 200 : (size_t)terminal->width;
}

void dbk_terminal_colour(const struct dbk_terminal *terminal, const char *colour,
                         struct dbk_text *out)
{
    if (terminal->has_colour)
        dbk_text_add(out, colour);
}

void dbk_terminal_end_colour(const struct dbk_terminal *terminal, struct dbk_text *out)
{
    bool ends_line = out->length > 0 && out->bytes[out->length - 1] == '\n';

    if (!terminal->has_colour)
        return;
    out->length -= ends_line;
    dbk_text_add(out, ends_line ? "\x1b[0m\n" : "\x1b[0m");
}

static void add_faults(const struct dbk_outcome *outcome, struct dbk_text *out)
{
    size_t fired = 0;

    for (size_t i = 0; i < outcome->fault_count; i++)
        fired += outcome->faults[i].fired > 0;
    dbk_text_printf(out, "%zu/%zu", fired, outcome->fault_count);
}

static void put_verdict(const struct table *table, enum dbk_verdict verdict)
{
    dbk_terminal_colour(table->terminal, colours[verdict], table->out);
    dbk_text_add(table->out, dbk_verdict_name(verdict));
    dbk_terminal_end_colour(table->terminal, table->out);
}

static void put_spaces(const struct table *table, size_t count)
{
    dbk_plain_fill(table->out, table->out->length, count);
}

/* A cell that stands right: spaces, then the text, which is plain ASCII. */
static void put_right(const struct table *table, const struct dbk_text *text, size_t columns)
{
    put_spaces(table, columns > text->length ? columns - text->length : 0);
    dbk_text_put(table->out, text->bytes, text->length);
    put_spaces(table, GAP);
}

static size_t larger(size_t one, size_t other)
{
    return one > other ? one : other;
}

static void put_row(const struct table *table, const struct dbk_outcome *outcome)
{
    size_t indent = VERDICT_COLUMNS + table->name + table->faults + table->time + 4 * GAP;
    size_t start = 0;
    struct dbk_text cell = {0};

    put_verdict(table, outcome->verdict);
    put_spaces(table, VERDICT_COLUMNS + GAP - strlen(dbk_verdict_name(outcome->verdict)));
    start = table->out->length;
    dbk_plain_add(table->out, dbk_found_name(outcome), table->name);
    dbk_plain_fill(table->out, start, table->name + GAP);
    add_faults(outcome, &cell);
    put_right(table, &cell, table->faults);
    dbk_text_clear(&cell);
    dbk_plain_time(&cell, outcome->virtual_ms);
    put_right(table, &cell, table->time);
    dbk_text_clear(&cell);
    dbk_found_add(outcome, &cell);
    dbk_plain_wrap(table->out, cell.bytes, indent,
                   larger(table->width > indent ? table->width - indent : 0, FOUND_COLUMNS_MIN));
    dbk_text_reset(&cell);
}

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

static void put_table(struct table *table)
{
    size_t name_columns = smaller((table->width - NARROW) / 2, NAME_COLUMNS_MAX);
    struct dbk_text cell = {0};

    table->name = strlen("scenario");
    table->faults = strlen("faults");
    table->time = strlen("time");
    for (size_t i = 0; i < table->row_count; i++) {
        dbk_text_clear(&cell);
        dbk_plain_add(&cell, dbk_found_name(table->rows[i]), name_columns);
        table->name = larger(table->name, dbk_plain_columns(cell.bytes, cell.length));
        dbk_text_clear(&cell);
        add_faults(table->rows[i], &cell);
        table->faults = larger(table->faults, cell.length);
        dbk_text_clear(&cell);
        dbk_plain_time(&cell, table->rows[i]->virtual_ms);
        table->time = larger(table->time, cell.length);
    }
    dbk_text_reset(&cell);
    dbk_text_printf(table->out, "%-*s%-*s%*s  %*s  found\n", VERDICT_COLUMNS + GAP, "verdict",
                    (int)table->name + GAP, "scenario", (int)table->faults, "faults",
                    (int)table->time, "time");
    for (size_t i = 0; i < table->row_count; i++)
        put_row(table, table->rows[i]);
}

/* Begins a remark about an outcome: "unproven late-answer: ". */
static void begin_remark(struct dbk_text *text, const struct dbk_outcome *outcome, const char *kind)
{
    dbk_text_clear(text);
    dbk_text_add(text, kind);
    dbk_plain_name(text, " ", dbk_found_name(outcome));
    dbk_text_add(text, ": ");
}

static void put_remark(const struct table *table, const struct dbk_outcome *outcome,
                       const char *kind, const char *remark)
{
    struct dbk_text text = {0};

    begin_remark(&text, outcome, kind);
    dbk_plain_add(&text, remark, DBK_PLAIN_TEXT);
    dbk_plain_wrap(table->out, text.bytes, 4, table->width - 4);
    dbk_text_reset(&text);
}

/* In one paragraph: a log of one side alone leaves most invariants unobserved. */
static void put_unobserved(const struct table *table, const struct dbk_outcome *outcome)
{
    struct dbk_text text = {0};

    begin_remark(&text, outcome, "unobserved in");
    for (size_t i = 0; i < outcome->unobserved_count; i++) {
        dbk_plain_name(&text, i == 0 ? "" : "; ", outcome->unobserved[i].invariant);
        dbk_text_add(&text, " for want of ");
        dbk_plain_add(&text, outcome->unobserved[i].missing, DBK_PLAIN_TEXT);
    }
    dbk_plain_wrap(table->out, text.bytes, 4, table->width - 4);
    dbk_text_reset(&text);
}

/* A summary's broken promises stand with its exploration. */
static bool is_summary(const struct dbk_report *report, const struct dbk_outcome *outcome)
{
    const struct dbk_discovery *found = NULL;

    return dbk_reached_of(report, outcome, &found) && !found;
}

static bool has_remarks(const struct dbk_report *report, const struct dbk_outcome *outcome)
{
    return outcome->unproven_count + outcome->unobserved_count > 0 ||
           (outcome->partner_broke_count > 0 && !is_summary(report, outcome));
}

static void put_remarks(const struct table *table, const struct dbk_report *report,
                        const struct dbk_outcome *outcome)
{
    bool is_told = is_summary(report, outcome);

    for (size_t i = 0; i < outcome->unproven_count; i++)
        put_remark(table, outcome, "unproven", outcome->unproven[i]);
    for (size_t i = 0; i < outcome->partner_broke_count && !is_told; i++)
        put_remark(table, outcome, "partner broke in", outcome->partner_broke[i]);
    if (outcome->unobserved_count > 0)
        put_unobserved(table, outcome);
}

/* A story that this stage cannot play is no verdict, but nobody is to miss that it was left out. */
static void put_sim_only(const struct table *table, const struct dbk_sim_only *left_out)
{
    struct dbk_text text = {0};

    dbk_text_add(&text, "sim only ");
    dbk_plain_add(&text, left_out->name, DBK_PLAIN_TEXT);
    dbk_text_add(&text, ": ");
    dbk_plain_add(&text, left_out->reason, DBK_PLAIN_TEXT);
    dbk_plain_wrap(table->out, text.bytes, 4, table->width - 4);
    dbk_text_reset(&text);
}

static void put_summary(const struct table *table, const struct dbk_report *report)
{
    size_t counts[DBK_VERDICTS], sum = dbk_found_verdicts(report, counts);
    const char *before = ": ";

    dbk_text_printf(table->out, "\n%zu %s%s", sum, sum == 1 ? "scenario" : "scenarios",
                    report->exploration_count > 0 ? " explored" : "");
    for (int verdict = 0; verdict < DBK_VERDICTS; verdict++) {
        if (counts[verdict] == 0)
            continue;
        dbk_text_printf(table->out, "%s%zu ", before, counts[verdict]);
        put_verdict(table, (enum dbk_verdict)verdict);
        before = ", ";
    }
    dbk_text_add(table->out, sum == 0 ? ": nothing was played\n" : "\n");
}

/* An exploration and its findings have their own place. */
static void find_rows(struct table *table, const struct dbk_report *report)
{
    const struct dbk_discovery *found = NULL;

    table->rows = dbk_alloc((report->outcome_count + 1) * sizeof(*table->rows));
    for (size_t i = 0; i < report->outcome_count; i++)
        if (!dbk_reached_of(report, report->outcomes[i], &found))
            table->rows[table->row_count++] = report->outcomes[i];
}

static void put_explorations(const struct table *table, const struct dbk_report *report)
{
    for (size_t i = 0; i < report->exploration_count; i++) {
        if (table->out->length > 0)
            dbk_text_add_char(table->out, '\n');
        dbk_reached_terminal(&report->explorations[i], table->terminal, table->out);
    }
}

static void put_all_remarks(const struct table *table, const struct dbk_report *report)
{
    size_t begin = table->out->length;

    for (size_t i = 0; i < report->outcome_count; i++) {
        if (table->out->length == begin && has_remarks(report, report->outcomes[i]))
            dbk_text_add_char(table->out, '\n');
        put_remarks(table, report, report->outcomes[i]);
    }
}

void dbk_report_terminal(const struct dbk_report *report, const struct dbk_terminal *terminal,
                         struct dbk_text *out)
{
    struct table table = {.terminal = terminal, .out = out, .width = dbk_terminal_width(terminal)};

    find_rows(&table, report);
    if (table.row_count > 0 || report->exploration_count == 0)
        put_table(&table);
    put_explorations(&table, report);
    put_all_remarks(&table, report);
    for (size_t i = 0; i < report->sim_only_count; i++)
        put_sim_only(&table, &report->sim_only[i]);
    for (size_t i = 0; i < table.row_count; i++) {
        if (table.rows[i]->verdict != DBK_VIOLATED)
            continue;
        dbk_text_add_char(out, '\n');
        dbk_report_story(table.rows[i], terminal, out);
        dbk_blame_put(table.rows[i], terminal, out);
    }
    dbk_blame_put_rest(report, terminal, out);
    put_summary(&table, report);
    free(table.rows);
}
