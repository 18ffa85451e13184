#include "runner/search/write_story.h"

#include "base/yaml_write.h"
#include "reports/plain.h"
#include "reports/story_lines.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 40
#define TEXT_MAX 4096 /* columns of one comment */

/* Adds text, already plain; every line but the first begins as a comment of so many columns. */
static size_t put_wrapped(struct dbk_text *out, const char *text, size_t column)
{
    struct dbk_text lines = {0};
    size_t count = 0;
    dbk_plain_wrap(&lines, text, 0, DBK_YAML_WIDTH - column);
    for (const char *line = lines.bytes; *line; count++) {
        size_t length = strcspn(line, "\n");
        if (count > 0) {
            size_t start = out->length;
            dbk_text_add_char(out, '#');
            dbk_plain_fill(out, start, column);
        }
        dbk_text_put(out, line, length);
        dbk_text_add_char(out, '\n');
        line += length + 1;
    }
    dbk_text_reset(&lines);
    return count;
}

void dbk_comment_put(struct dbk_text *out, const char *text)
{
    struct dbk_text plain = {0};
    dbk_plain_add(&plain, text, TEXT_MAX);
    dbk_text_add(out, "# ");
    put_wrapped(out, plain.bytes, strlen("# "));
    dbk_text_reset(&plain);
}

/* ---- the story ---- */

/* The same facts as if nobody had written them down in a file. */
static struct dbk_fact *copy_facts(const struct dbk_history *history)
{
    struct dbk_fact *facts = dbk_alloc((history->fact_count + 1) * sizeof *facts);
    for (size_t i = 0; i < history->fact_count; i++) {
        facts[i] = history->facts[i];
        facts[i].line = DBK_ABSENT;
        if (facts[i].kind == DBK_FACT_FAULT)
            facts[i].by = NULL;
    }
    return facts;
}

/* What she is shown is told where its status is not what she was shown there before. */
static bool is_news(const struct dbk_fact *read, struct dbk_last *shown)
{
    struct dbk_last_entry *entry =
        dbk_last_of(shown, read->booking, read->who, read->surface, read->intent);
    bool is_same = entry->fact && dbk_same(entry->fact->status, read->status);
    entry->fact = read;
    return !is_same;
}

/* True for what is told; a look-up that found nothing, once in a row. */
static bool is_told(const struct dbk_fact *fact, enum dbk_story_weight weight,
                    enum dbk_story_weight before, struct dbk_last *shown)
{
    if (fact->kind == DBK_FACT_READ)
        return is_news(fact, shown) && weight != DBK_STORY_NONE;
    if (!dbk_fact_is_outside(fact->kind) || fact->kind == DBK_FACT_STORE ||
        fact->kind == DBK_FACT_END)
        return false;
    if (fact->kind == DBK_FACT_CALLBACK_ANSWERED && !dbk_same(fact->fate, "lost"))
        return false;
    if (weight == DBK_STORY_FOUND_NOTHING)
        return before != DBK_STORY_FOUND_NOTHING;
    return weight == DBK_STORY_FULL;
}

static size_t digits(size_t number)
{
    return number < 10 ? 1 : 1 + digits(number / 10);
}

static size_t put_line(struct dbk_text *out, size_t number, size_t width,
                       const struct dbk_fact *fact, const char *text)
{
    struct dbk_text time = {0};
    size_t start = out->length;
    dbk_plain_time(&time, fact->at_ms);
    dbk_text_printf(out, "# %*zu  %9s  ", (int)width, number, time.bytes);
    dbk_text_reset(&time);
    return put_wrapped(out, text, out->length - start);
}

void dbk_story_put(const struct dbk_history *history, struct dbk_text *out)
{
    struct dbk_fact *facts = copy_facts(history);
    struct dbk_history told = *history;
    struct dbk_story_line line = {0};
    struct dbk_last last = {0}, shown = {0};
    enum dbk_story_weight before = DBK_STORY_NONE;
    size_t lines = 0, rest = 0;
    told.facts = facts;
    for (size_t i = 0; i < told.fact_count; i++) {
        dbk_story_tell(&told, i, &last, &line);
        if (!is_told(&facts[i], line.weight, before, &shown))
            continue;
        before = line.weight;
        if (lines < LINES_MAX)
            lines += put_line(out, i + 1, digits(told.fact_count), &facts[i], line.text.bytes);
        else
            rest++;
    }
    if (rest > 0)
        dbk_text_printf(out, "# ... and %zu more\n", rest);
    dbk_last_reset(&last);
    dbk_last_reset(&shown);
    dbk_text_reset(&line.text);
    free(facts);
}
