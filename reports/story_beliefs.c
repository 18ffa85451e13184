#include "reports/plain.h"
#include "reports/story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Widths beyond which a longer text shifts its own row only. */
#define ABOUT_COLUMNS_MAX 20
#define HOLDER_COLUMNS_MAX 28

struct belief {
    const char *about, *who, *where, *what, *sync;
    int64_t version;
    size_t order; /* of the first fact about the same booking, then of its own */
    size_t own;
};

static int compare_beliefs(const void *one, const void *other)
{
    const struct belief *a = one, *b = other;

    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return (a->own > b->own) - (a->own < b->own);
}

/* Fills what an entry of last says; false where it is no belief or not part of the story. */
static bool believe(struct dbk_story *story, size_t entry_number, struct belief *belief)
{
    const struct dbk_last_entry entry = story->last.entries[entry_number];
    const struct dbk_fact *fact = entry.fact;
    bool is_read = strcmp(entry.words[0], "read") == 0;
    struct dbk_last_entry *booking = NULL;

    if (!fact || (!is_read && strcmp(entry.words[0], "reservation") != 0))
        return false;
    if ((!is_read && !fact->state) || dbk_story_is_elsewhere(story, fact))
        return false;
    booking = dbk_last_of(&story->last, "booking", fact->intent ? fact->intent : entry.words[1],
                          NULL, NULL);
    if (booking->count == 0)
        booking->count = (int64_t)entry_number + 1;
    *belief = (struct belief){
        .about = entry.words[1][0] ? entry.words[1] : "?",
        .who = entry.words[2],
        .where = entry.words[3],
        .what = !is_read       ? fact->state
                : fact->status ? fact->status
                               : "no booking",
        .sync = is_read ? fact->sync : NULL,
        .version = is_read ? fact->version : DBK_ABSENT,
        .order = (size_t)booking->count,
        .own = entry_number + (is_read ? 0 : SIZE_MAX / 2), /* The ledgers come last. */
    };
    return true;
}

/* The width of a column that holds this text, if the column is wide so far. */
static size_t widened(size_t wide, const struct dbk_text *cell)
{
    size_t columns = dbk_plain_columns(cell->bytes, cell->length);

    return columns > wide ? columns : wide;
}

/* Adds "ana, page" or "lagoon, LG-x7q2ab". */
static void add_holder(const struct belief *belief, struct dbk_text *out)
{
    dbk_plain_add(out, belief->who, HOLDER_COLUMNS_MAX / 2);
    dbk_plain_name(out, ", ", belief->where[0] ? belief->where : NULL);
}

static void put_belief(struct dbk_story *story, const struct belief *belief, size_t about,
                       size_t holder)
{
    struct dbk_text text = {0};
    size_t start = 0;

    dbk_plain_add(&text, belief->about, ABOUT_COLUMNS_MAX);
    dbk_plain_fill(&text, 0, about + 2);
    start = text.length;
    add_holder(belief, &text);
    dbk_plain_fill(&text, start, holder + 2);
    dbk_plain_name(&text, "", belief->what);
    dbk_plain_name(&text, ", sync ", belief->sync);
    if (belief->version != DBK_ABSENT)
        dbk_text_printf(&text, ", version %" PRId64, belief->version);
    dbk_text_add(story->out, "  ");
    dbk_plain_wrap(story->out, text.bytes, 4, story->width - 4);
    dbk_text_reset(&text);
}

static void put_table(struct dbk_story *story, const struct belief *beliefs, size_t count)
{
    size_t about = 0, holder = 0;
    struct dbk_text cell = {0};

    for (size_t i = 0; i < count; i++) {
        dbk_text_clear(&cell);
        dbk_plain_add(&cell, beliefs[i].about, ABOUT_COLUMNS_MAX);
        about = widened(about, &cell);
        dbk_text_clear(&cell);
        add_holder(&beliefs[i], &cell);
        holder = widened(holder, &cell);
    }
    if (holder > HOLDER_COLUMNS_MAX)
        holder = HOLDER_COLUMNS_MAX;
    dbk_text_add(story->out, "\nWho believed what at the end\n");
    for (size_t i = 0; i < count; i++)
        put_belief(story, &beliefs[i], about, holder);
    dbk_text_reset(&cell);
}

void dbk_story_put_beliefs(struct dbk_story *story)
{
    size_t entry_count = story->last.count, count = 0;
    struct belief *beliefs = dbk_alloc((entry_count + 1) * sizeof(*beliefs));

    for (size_t i = 0; i < entry_count; i++)
        if (believe(story, i, &beliefs[count]))
            count++;
    qsort(beliefs, count, sizeof(*beliefs), compare_beliefs);
    if (count > 0)
        put_table(story, beliefs, count);
    free(beliefs);
}
