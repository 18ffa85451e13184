#include "reports/story.h"
#include "reports/plain.h"
#include "reports/story_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMNS_MIN 16 /* even where the other columns leave less */

/* One fact that a violation rests on. */
struct mark {
    size_t fact;      /* from 1 */
    size_t violation; /* from 1 */
};

/* Lines left out in a row, to be counted; the first is kept in case it stays alone. */
struct fold {
    const char *what; /* NULL: none open */
    size_t count;
    struct dbk_text first; /* owned: the line as it would have been shown */
};

/* The table that is being written. Columns: gutter, number, true time, own clock, strip, text. */
struct rows {
    struct dbk_story *story;
    struct mark *marks; /* owned; by fact, then violation */
    size_t mark_count, mark_next;
    struct dbk_story_line line;
    struct fold fold;
    size_t number, time, clock, text_at; /* widths; and where the text begins */
    struct dbk_text cell;                /* scratch */
};

/* Adds the time of day, with the days since the date on top where it is another. */
static void add_clock(const struct dbk_story *story, int64_t reads_ms, struct dbk_text *out)
{
    int64_t day = 0, second = 0;

    if (reads_ms == DBK_ABSENT) {
        dbk_text_add_char(out, '-');
        return;
    }
    day = dbk_story_day(reads_ms);
    second = (reads_ms - day * DBK_DAY_MS) / 1000;
    dbk_text_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, second / 3600, second / 60 % 60,
                    second % 60);
    if (day != story->first_day)
        dbk_text_printf(out, "%+" PRId64 "d", day - story->first_day);
}

static size_t larger(size_t one, size_t other)
{
    return one > other ? one : other;
}

/* The columns are as wide as their widest content. */
static void measure(struct rows *rows)
{
    const struct dbk_history *history = rows->story->history;

    rows->number = strlen("#");
    for (size_t count = history->fact_count; count >= 10; count /= 10)
        rows->number++;
    rows->time = strlen("true time");
    rows->clock = strlen("own clock");
    for (size_t i = 0; i < history->fact_count; i++) {
        dbk_text_clear(&rows->cell);
        dbk_plain_time(&rows->cell, history->facts[i].at_ms);
        rows->time = larger(rows->time, rows->cell.length);
        dbk_text_clear(&rows->cell);
        add_clock(rows->story, history->facts[i].reads_ms, &rows->cell);
        rows->clock = larger(rows->clock, rows->cell.length);
    }
    rows->text_at = strlen("> ") + rows->number + 2 + rows->time + 2 + rows->clock + 2 +
                    DBK_STORY_STRIP - 1 + 2;
}

static int compare_marks(const void *one, const void *other)
{
    const struct mark *a = one, *b = other;

    if (a->fact != b->fact)
        return a->fact < b->fact ? -1 : 1;
    return (a->violation > b->violation) - (a->violation < b->violation);
}

static void collect_marks(struct rows *rows)
{
    const struct dbk_outcome *outcome = rows->story->outcome;
    size_t count = 0;

    for (size_t i = 0; i < outcome->violation_count; i++)
        count += outcome->violations[i].evidence_count;
    rows->marks = dbk_alloc((count + 1) * sizeof(*rows->marks));
    for (size_t i = 0; i < outcome->violation_count; i++)
        for (size_t j = 0; j < outcome->violations[i].evidence_count; j++)
            rows->marks[rows->mark_count++] =
                (struct mark){.fact = outcome->violations[i].evidence[j], .violation = i + 1};
    qsort(rows->marks, count, sizeof(*rows->marks), compare_marks);
}

/* Adds " [1] [3]", the violations that rest on this fact; gives false where there are none. Facts
 * are asked for in ascending order, each once. */
static bool take_marks(struct rows *rows, size_t number, struct dbk_text *out)
{
    bool is_marked = false;

    dbk_text_clear(out);
    while (rows->mark_next < rows->mark_count && rows->marks[rows->mark_next].fact <= number) {
        const struct mark *mark = &rows->marks[rows->mark_next++];

        if (mark->fact != number)
            continue;
        is_marked = true;
        dbk_text_printf(out, " [%zu]", mark->violation);
    }
    return is_marked;
}

static void put_right(struct dbk_text *out, const struct dbk_text *cell, size_t columns)
{
    dbk_text_printf(out, "%*s  ", (int)columns, cell->bytes);
}

static void put_wrapped(const struct rows *rows, const char *text, struct dbk_text *out)
{
    size_t width = rows->story->width;
    size_t left = width > rows->text_at ? width - rows->text_at : 0;

    dbk_plain_wrap(out, text, rows->text_at, larger(left, TEXT_COLUMNS_MIN));
}

/* Adds the line of a fact as rows->line tells it to out. */
static void put_line(struct rows *rows, size_t number, bool is_marked, struct dbk_text *out)
{
    const struct dbk_story *story = rows->story;
    const struct dbk_fact *fact = &story->history->facts[number - 1];
    bool is_dim = rows->line.weight == DBK_STORY_NOTE && !is_marked;

    if (is_dim)
        dbk_terminal_colour(story->terminal, DBK_COLOUR_DIM, out);
    dbk_text_printf(out, "%c %*zu  ", is_marked ? '>' : ' ', (int)rows->number, number);
    dbk_text_clear(&rows->cell);
    dbk_plain_time(&rows->cell, fact->at_ms);
    put_right(out, &rows->cell, rows->time);
    dbk_text_clear(&rows->cell);
    add_clock(story, fact->reads_ms, &rows->cell);
    put_right(out, &rows->cell, rows->clock);
    dbk_text_printf(out, "%s  ", rows->line.strip);
    put_wrapped(rows, rows->line.text.bytes, out);
    if (is_dim)
        dbk_terminal_end_colour(story->terminal, out);
}

static void end_fold(struct rows *rows)
{
    struct dbk_text *out = rows->story->out;
    struct fold *fold = &rows->fold;

    if (fold->count == 1)
        dbk_text_put(out, fold->first.bytes, fold->first.length);
    if (fold->count > 1) {
        dbk_text_clear(&rows->cell);
        dbk_text_printf(&rows->cell, "... %zu %s", fold->count, fold->what);
        dbk_plain_fill(out, out->length, rows->text_at);
        put_wrapped(rows, rows->cell.bytes, out);
    }
    fold->what = NULL;
    fold->count = 0;
}

/* What a line is counted as instead of being shown, or NULL. */
static const char *folded_as(struct rows *rows, const struct dbk_fact *fact)
{
    if (dbk_story_is_elsewhere(rows->story, fact))
        return "facts about other bookings";
    if (rows->line.weight == DBK_STORY_READ_AGAIN)
        return "reads, nothing new";
    if (rows->line.weight == DBK_STORY_FOUND_NOTHING)
        return "look-ups, nothing found";
    return NULL;
}

static void put_fact(struct rows *rows, size_t number)
{
    struct dbk_story *story = rows->story;
    const char *what = NULL;
    bool is_marked = take_marks(rows, number, &rows->cell);

    dbk_story_tell(story->history, number - 1, &story->last, &rows->line);
    if (rows->line.weight == DBK_STORY_NONE && !is_marked)
        return;
    dbk_text_add(&rows->line.text, is_marked ? rows->cell.bytes : "");
    what = is_marked ? NULL : folded_as(rows, &story->history->facts[number - 1]);
    if (!what || !dbk_same(what, rows->fold.what))
        end_fold(rows);
    if (!what) {
        put_line(rows, number, is_marked, story->out);
        return;
    }
    rows->fold.what = what;
    if (rows->fold.count++ == 0) {
        dbk_text_clear(&rows->fold.first);
        put_line(rows, number, false, &rows->fold.first);
    }
}

void dbk_story_put_history(struct dbk_story *story)
{
    struct rows rows = {.story = story};

    collect_marks(&rows);
    measure(&rows);
    dbk_text_printf(story->out, "\n  %*s  %*s  %*s  U   C   P  ", (int)rows.number, "#",
                    (int)rows.time, "true time", (int)rows.clock, "own clock");
    put_wrapped(&rows, "U: user side, C: core, P: partner", story->out);
    for (size_t i = 0; i < story->history->fact_count; i++)
        put_fact(&rows, i + 1);
    end_fold(&rows);
    free(rows.marks);
    dbk_text_reset(&rows.line.text);
    dbk_text_reset(&rows.fold.first);
    dbk_text_reset(&rows.cell);
}
