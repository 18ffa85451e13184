#include "runner/progress.h"

#include "base/history.h"
#include "reports/plain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_MS 100
#define REPEAT_MS 10000
#define BAR_MIN 12 /* columns, brackets included; a shorter one says nothing */
#define BAR_MAX 42
#define COLUMNS_UNKNOWN 80
#define COLUMNS_MAX 1000

/* ---- the line ---- */

/* In the order in which they stand. */
enum part { SCENARIO, DEPTH, BAR, RUNS, PACE, FINDINGS, LEFT, PARTS };

/* In the order in which they are worth their columns; the bar takes what is over. */
static const enum part worth[] = {RUNS, DEPTH, FINDINGS, LEFT, PACE, SCENARIO};

static void add_depth(const struct dbk_progress_state *state, struct dbk_text *out)
{
    if (state->doing)
        dbk_plain_add(out, state->doing, DBK_PLAIN_NAME);
    else
        dbk_plain_count(out, state->deviations, "deviation", "deviations");
}

static void add_runs(const struct dbk_progress_state *state, struct dbk_text *out)
{
    if (state->is_over && state->runs == state->expected)
        dbk_text_add(out, "all ");
    if (state->expected != DBK_ABSENT && state->runs != state->expected) {
        dbk_plain_number(out, state->runs);
        dbk_text_add(out, " of ");
        dbk_plain_count(out, state->expected, "run", "runs");
    } else {
        dbk_plain_count(out, state->runs, "run", "runs");
    }
}

/* "0:13 left", "1:02:03 left"; a second that was begun counts. */
static void add_left(const struct dbk_progress_state *state, int64_t per_second,
                     struct dbk_text *out)
{
    int64_t left = 0, seconds = 0;

    if (state->expected <= state->runs || per_second <= 0 || state->is_over)
        return; /* it is not known, or there is none */
    left = state->expected - state->runs;
    seconds = left / per_second + (left % per_second > 0);
    if (seconds >= 3600)
        dbk_text_printf(out, "%" PRId64 ":%02d:%02d left", seconds / 3600, (int)(seconds / 60 % 60),
                        (int)(seconds % 60));
    else
        dbk_text_printf(out, "%d:%02d left", (int)(seconds / 60), (int)(seconds % 60));
}

static void fill_parts(const struct dbk_progress_state *state, int64_t per_second,
                       struct dbk_text parts[PARTS])
{
    dbk_plain_add(&parts[SCENARIO], state->scenario, DBK_PLAIN_NAME);
    add_depth(state, &parts[DEPTH]);
    add_runs(state, &parts[RUNS]);
    if (per_second > 0) {
        dbk_plain_number(&parts[PACE], per_second);
        dbk_text_add(&parts[PACE], "/s");
    }
    dbk_plain_count(&parts[FINDINGS], state->findings, "finding", "findings");
    add_left(state, per_second, &parts[LEFT]);
}

static void fill_bar(const struct dbk_progress_state *state, size_t columns, struct dbk_text *out)
{
    int64_t cells = (int64_t)(columns < BAR_MAX ? columns : BAR_MAX) - 2;
    int64_t scale = state->expected > INT64_MAX / BAR_MAX ? BAR_MAX : 1;
    int64_t filled = state->runs / scale * cells / (state->expected / scale);

    dbk_text_add_char(out, '[');
    for (int64_t i = 0; i < cells; i++)
        dbk_text_add_char(out, i < filled ? '#' : '-');
    dbk_text_add_char(out, ']');
}

static size_t columns_of(const struct dbk_text *part)
{
    return dbk_plain_columns(part->bytes, part->length);
}

/* Empties the first part that does not fit beside those that are worth more, and all behind it.
 * Gives the columns in use. */
static size_t choose(struct dbk_text parts[PARTS], size_t columns, size_t gap)
{
    size_t used = 0;
    bool is_full = false;

    for (size_t i = 0; i < DBK_COUNT(worth); i++) {
        struct dbk_text *part = &parts[worth[i]];
        size_t needed = columns_of(part) + (used > 0 ? gap : 0);

        if (part->length == 0)
            continue;
        is_full = is_full || used + needed > columns;
        if (is_full)
            dbk_text_clear(part);
        else
            used += needed;
    }
    return used;
}

void dbk_progress_line(const struct dbk_progress_state *state, int64_t per_second, size_t columns,
                       struct dbk_text *out)
{
    const char *gap = columns > 0 ? "  " : ", ", *before = "";
    struct dbk_text parts[PARTS] = {0};
    size_t used = 0;

    fill_parts(state, per_second, parts);
    used = choose(parts, columns > 0 ? columns : SIZE_MAX, strlen(gap));
    if (columns >= used + strlen(gap) + BAR_MIN && state->expected > 0)
        fill_bar(state, columns - used - strlen(gap), &parts[BAR]);
    for (int part = 0; part < PARTS; part++) {
        if (parts[part].length > 0) {
            dbk_text_add(out, before);
            dbk_text_put(out, parts[part].bytes, parts[part].length);
            before = gap;
        }
        dbk_text_reset(&parts[part]);
    }
}

/* ---- when it is put, and how ---- */

static bool is_another_depth(const struct dbk_progress *progress,
                             const struct dbk_progress_state *state)
{
    return !progress->has_begun || progress->scenario != state->scenario ||
           progress->deviations != state->deviations || progress->runs > state->runs ||
           progress->is_doing != (state->doing != NULL);
}

static void note(struct dbk_progress *progress, const struct dbk_progress_state *state,
                 int64_t now_ms)
{
    if (is_another_depth(progress, state)) {
        progress->began_ms = now_ms;
        progress->began_runs = state->runs;
        progress->is_over = false;
    }
    if (!progress->has_begun) /* a terminal at once, plain lines not before there is a wait */
        progress->told_ms = progress->is_terminal ? now_ms - REDRAW_MS : now_ms;
    progress->has_begun = true;
    progress->scenario = state->scenario;
    progress->deviations = state->deviations;
    progress->runs = state->runs;
    progress->is_doing = state->doing != NULL;
}

/* An end is told once, on a terminal by what is drawn next. */
static bool is_due(struct dbk_progress *progress, const struct dbk_progress_state *state,
                   int64_t now_ms)
{
    bool is_end = state->is_over && !progress->is_over && !progress->is_terminal;

    progress->is_over = progress->is_over || state->is_over;
    if (is_end)
        return true;
    if (progress->is_over && !progress->is_terminal)
        return false;
    return now_ms - progress->told_ms >= (progress->is_terminal ? REDRAW_MS : REPEAT_MS);
}

static int64_t pace_of(const struct dbk_progress *progress, int64_t now_ms)
{
    int64_t ms = now_ms - progress->began_ms, runs = progress->runs - progress->began_runs;

    return ms > 0 && runs <= INT64_MAX / 1000 ? runs * 1000 / ms : 0;
}

void dbk_progress_draw(struct dbk_progress *progress, const struct dbk_progress_state *state,
                       int64_t now_ms, size_t columns, struct dbk_text *out)
{
    size_t begin = 0;

    note(progress, state, now_ms);
    if (!is_due(progress, state, now_ms))
        return;
    progress->told_ms = now_ms;
    if (!progress->is_terminal) {
        dbk_progress_line(state, pace_of(progress, now_ms), 0, out);
        dbk_text_add_char(out, '\n');
        return;
    }
    dbk_text_add_char(out, '\r');
    begin = out->length;
    /* The last column stays free: behind it some terminals go to the next line. */
    dbk_progress_line(state, pace_of(progress, now_ms), columns > 1 ? columns - 1 : 1, out);
    size_t drawn = dbk_plain_columns(out->bytes + begin, out->length - begin);
    /* What is left of a longer line, but no more than still stands on a line grown narrower. */
    dbk_plain_fill(out, begin, progress->columns < columns ? progress->columns : drawn);
    progress->columns = drawn;
}

void dbk_progress_wipe(struct dbk_progress *progress, struct dbk_text *out)
{
    if (progress->columns == 0)
        return;
    dbk_text_add_char(out, '\r');
    dbk_plain_fill(out, out->length, progress->columns);
    dbk_text_add_char(out, '\r');
    progress->columns = 0;
}

/* ---- where it is put ---- */

void dbk_progress_begin(struct dbk_progress *progress, int fd)
{
    const char *term = getenv("TERM");

    *progress = (struct dbk_progress){
        .fd = fd,
        .is_terminal = isatty(fd) && term && *term && strcmp(term, "dumb") != 0,
    };
}

static size_t columns_there(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_UNKNOWN;
    return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

static void put(const struct dbk_progress *progress, struct dbk_text *text)
{
    if (text->length > 0 && write(progress->fd, text->bytes, text->length) < 0) {
        /* Nobody reads it; the search goes on. */
    }
    dbk_text_reset(text);
}

void dbk_progress_show(struct dbk_progress *progress, const struct dbk_progress_state *state,
                       int64_t now_ms)
{
    struct dbk_text text = {0};
    size_t columns = progress->is_terminal ? columns_there(progress->fd) : 0;

    dbk_progress_draw(progress, state, now_ms, columns, &text);
    put(progress, &text);
}

void dbk_progress_clear(struct dbk_progress *progress)
{
    struct dbk_text text = {0};
    size_t columns = progress->columns > 0 ? columns_there(progress->fd) : 0;

    if (progress->columns >= columns && columns > 0) /* it was made narrower since */
        progress->columns = columns - 1;
    dbk_progress_wipe(progress, &text);
    put(progress, &text);
}
