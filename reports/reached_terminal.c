#include "reports/reached.h"

#include "reports/found.h"
#include "reports/plain.h"
#include "reports/terminal.h"

#include <string.h>

#define INDENT 2
#define INDENT_FINDING 4
#define COMMAND_COLUMNS 4096

/* Where one exploration is shown. */
struct place {
    const struct dbk_terminal *terminal;
    struct dbk_text *out;
    size_t width;
    struct dbk_text text; /* owned; room for one paragraph */
};

/* Puts what stands in text as a paragraph, and empties it. */
static void put_paragraph(struct place *place, size_t indent)
{
    if (place->text.length == 0)
        return;
    dbk_plain_fill(place->out, place->out->length, indent);
    dbk_plain_wrap(place->out, place->text.bytes, indent + 2, place->width - indent - 2);
    dbk_text_clear(&place->text);
}

/* ---- how far it came ---- */

static void put_head(struct place *place, const struct dbk_exploration *exploration)
{
    struct dbk_text *text = &place->text;

    dbk_plain_name(text, "Explored ", exploration->scenario ? exploration->scenario : "a scenario");
    dbk_plain_name(text, ", played with the policy ", exploration->policy);
    dbk_text_add(text, ", with up to ");
    dbk_plain_count(text, exploration->deviations, "deviation", "deviations");
    if (exploration->file) {
        dbk_text_add(text, " (");
        dbk_plain_add(text, exploration->file, DBK_PLAIN_TEXT);
        dbk_text_add_char(text, ')');
    }
    dbk_text_add_char(text, '.');
    put_paragraph(place, 0);
    if (exploration->goal) {
        dbk_text_add(text, "Looked for: ");
        dbk_plain_add(text, exploration->goal, DBK_PLAIN_TEXT);
        put_paragraph(place, INDENT);
    }
    for (size_t i = 0; i < exploration->menu_count; i++) {
        dbk_text_add(text, i > 0 ? ", "
                           : exploration->is_beyond_promises
                               ? "What could go wrong, beyond promises: "
                               : "What could go wrong: ");
        dbk_plain_add(text, exploration->menu[i], DBK_PLAIN_NAME);
    }
    put_paragraph(place, INDENT);
}

static size_t larger(size_t one, size_t other)
{
    return one > other ? one : other;
}

/* A cell that stands right in so many columns; what stands in text is ASCII. */
static void put_right(struct place *place, size_t columns)
{
    size_t used = place->text.length;

    dbk_plain_fill(place->out, place->out->length, columns > used ? columns - used : 0);
    dbk_text_put(place->out, place->text.bytes, used);
    dbk_text_clear(&place->text);
}

static void put_depths(struct place *place, const struct dbk_exploration *exploration)
{
    const char *found = exploration->goal ? "show it" : "violate";
    size_t runs_columns = strlen("runs"), found_columns = strlen(found);

    if (exploration->depth_count == 0)
        return;
    for (size_t i = 0; i < exploration->depth_count; i++) {
        dbk_reached_runs(&exploration->depths[i], &place->text);
        runs_columns = larger(runs_columns, place->text.length);
        dbk_text_clear(&place->text);
        dbk_reached_found(&exploration->depths[i], &place->text);
        found_columns = larger(found_columns, place->text.length);
        dbk_text_clear(&place->text);
    }
    dbk_text_printf(place->out, "\n%*sdeviations  %*s  %*s\n", INDENT, "", (int)runs_columns,
                    "runs", (int)found_columns, found);
    for (size_t i = 0; i < exploration->depth_count; i++) {
        dbk_plain_number(&place->text, exploration->depths[i].deviations);
        put_right(place, INDENT + strlen("deviations"));
        dbk_reached_runs(&exploration->depths[i], &place->text);
        put_right(place, 2 + runs_columns);
        dbk_reached_found(&exploration->depths[i], &place->text);
        put_right(place, 2 + found_columns);
        dbk_text_add_char(place->out, '\n');
    }
    dbk_text_add_char(place->out, '\n');
}

static const char *colour_of(enum dbk_verdict verdict)
{
    if (verdict == DBK_PASSED)
        return DBK_COLOUR_GREEN;
    return verdict == DBK_UNPROVEN ? DBK_COLOUR_YELLOW : DBK_COLOUR_RED;
}

static void put_reached(struct place *place, const struct dbk_exploration *exploration)
{
    struct dbk_text *text = &place->text;

    dbk_reached_add(exploration, text);
    dbk_terminal_colour(place->terminal, colour_of(dbk_exploration_verdict(exploration)),
                        place->out);
    put_paragraph(place, INDENT);
    dbk_terminal_end_colour(place->terminal, place->out);
    dbk_plain_count(text, exploration->runs, "run", "runs");
    dbk_text_add(text, " in ");
    dbk_plain_number(text, exploration->wall_ms);
    dbk_text_add(text, " ms");
    if (exploration->wall_ms > 0) {
        dbk_text_add(text, ", ");
        dbk_plain_number(text, exploration->runs * 1000 / exploration->wall_ms);
        dbk_text_add(text, " a second");
    }
    if (exploration->jobs > 1) {
        dbk_text_add(text, ", ");
        dbk_plain_number(text, exploration->jobs);
        dbk_text_add(text, " at once");
    }
    put_paragraph(place, INDENT);
    for (size_t i = 0; i < exploration->partner_broke_count; i++) {
        dbk_text_add(text, "partner broke in ");
        dbk_plain_count(text, exploration->partner_broke[i].runs, "run", "runs");
        dbk_text_add(text, ": ");
        dbk_plain_add(text, exploration->partner_broke[i].claim, DBK_PLAIN_TEXT);
        put_paragraph(place, INDENT);
    }
}

/* ---- findings ---- */

/* Not wrapped: a command, a path, a line of a scenario is there to be copied. */
static void put_line(struct place *place, const char *before, const char *line)
{
    dbk_plain_fill(place->out, place->out->length, INDENT_FINDING);
    dbk_text_add(place->out, before);
    dbk_plain_add(place->out, line, COMMAND_COLUMNS);
    dbk_text_add_char(place->out, '\n');
}

static void put_scenario(struct place *place, const char *lines)
{
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");

        dbk_text_put(&place->text, lines, length);
        put_line(place, "  ", place->text.bytes);
        dbk_text_clear(&place->text);
        lines += length + (lines[length] == '\n');
    }
}

static void put_said(struct place *place, const struct dbk_discovery *found)
{
    struct dbk_text *text = &place->text;

    if (found->said_count == 0)
        dbk_text_add(text, "Nothing goes wrong in it.");
    else
        dbk_text_add(text, "What goes wrong in it:");
    put_paragraph(place, INDENT_FINDING);
    for (size_t i = 0; i < found->said_count; i++) {
        dbk_plain_add(text, found->said[i], DBK_PLAIN_TEXT);
        put_paragraph(place, INDENT_FINDING + 2);
    }
}

static void put_replay(struct place *place, const struct dbk_outcome *outcome)
{
    struct dbk_text replay = {0};

    if (place->terminal->is_here)
        dbk_text_add(&replay, outcome->replay);
    else
        dbk_found_replay(outcome, NULL, &replay);
    if (replay.length > 0)
        put_line(place, "Replay: ", replay.bytes);
    dbk_text_reset(&replay);
}

/* A run that showed the goal, or that did not repeat, is told as well if its history was kept. */
static bool has_story(const struct dbk_outcome *outcome)
{
    return outcome->verdict == DBK_VIOLATED || outcome->history;
}

static void put_finding(struct place *place, const struct dbk_exploration *exploration,
                        size_t index)
{
    const struct dbk_discovery *found = &exploration->findings[index];
    struct dbk_text *text = &place->text;

    dbk_text_printf(text, "Finding %zu of %zu in ", index + 1, exploration->finding_count);
    dbk_plain_name(text, "", exploration->scenario ? exploration->scenario : "a scenario");
    dbk_text_add(text, ": ");
    dbk_reached_signature(found, text);
    dbk_text_add_char(place->out, '\n');
    dbk_terminal_colour(place->terminal, colour_of(found->outcome->verdict), place->out);
    put_paragraph(place, 0);
    dbk_terminal_end_colour(place->terminal, place->out);
    dbk_reached_how(found, text);
    text->bytes[0] = 'F';
    dbk_text_add_char(text, '.');
    put_paragraph(place, INDENT_FINDING);
    put_said(place, found);
    if (found->file)
        put_line(place, "Written to ", found->file);
    else if (found->scenario_text)
        put_line(place, "The scenario, written to no file:", NULL);
    put_scenario(place, found->scenario_text);
    put_replay(place, found->outcome);
    if (!has_story(found->outcome))
        return;
    dbk_text_add_char(place->out, '\n');
    dbk_report_story(found->outcome, place->terminal, place->out);
}

void dbk_reached_terminal(const struct dbk_exploration *exploration,
                          const struct dbk_terminal *terminal, struct dbk_text *out)
{
    struct place place = {.terminal = terminal, .out = out, .width = dbk_terminal_width(terminal)};

    put_head(&place, exploration);
    put_depths(&place, exploration);
    put_reached(&place, exploration);
    for (size_t i = 0; i < exploration->finding_count; i++)
        put_finding(&place, exploration, i);
    dbk_text_reset(&place.text);
}
