#include "runner/find.h"

#include <stdlib.h>
#include <string.h>

static const char *const field_names[] = {
    [DBK_FIND_NAME] = "name",         [DBK_FIND_SEEN_AS] = "seen_as", [DBK_FIND_TAG] = "tag",
    [DBK_FIND_VIOLATES] = "violates", [DBK_FIND_SUMMARY] = "summary", [DBK_FIND_SOURCE] = "source",
    [DBK_FIND_FILE] = "file",         [DBK_FIND_SPREAD] = "several",
};

const char *dbk_find_field_name(enum dbk_find_field field)
{
    return field_names[field];
}

/* ---- words ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* What lies beyond ASCII counts as letters. */
static bool is_letter(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* "reservations" is asked for as "reservation", "glass" and "gas" as they are. */
static size_t without_plural(const char *word, size_t length)
{
    bool is_plural = length > 3 && lower(word[length - 1]) == 's' && lower(word[length - 2]) != 's';
    return is_plural ? length - 1 : length;
}

bool dbk_find_split(struct dbk_find_words *words, const char *text, struct dbk_arena *arena)
{
    while (*text) {
        size_t length = 0;
        while (is_letter(text[length]))
            length++;
        if (length == 0) {
            text++;
            continue;
        }
        if (words->count == DBK_FIND_WORDS)
            return false;
        char *word = dbk_arena_copy(arena, text, without_plural(text, length));
        for (char *c = word; *c; c++)
            *c = lower(*c);
        words->words[words->count++] = word;
        text += length;
    }
    return true;
}

static bool begins_with(const char *text, const char *word)
{
    for (; *word; text++, word++)
        if (lower(*text) != *word)
            return false;
    return true;
}

static bool stands_in(const char *word, const char *text)
{
    for (const char *at = text; *at; at++)
        if (is_letter(*at) && (at == text || !is_letter(at[-1])) && begins_with(at, word))
            return true;
    return false;
}

static bool all_stand_in(const struct dbk_find_words *words, const char *text)
{
    for (size_t i = 0; i < words->count; i++)
        if (!stands_in(words->words[i], text))
            return false;
    return true;
}

/* ---- texts ---- */

/* The texts of one field of a scenario. */
struct texts {
    const char *const *items;
    size_t count;
};

static struct texts one(const char *const *text)
{
    return (struct texts){text, *text ? 1 : 0};
}

static const char *const *violated(const struct dbk_scenario *scenario, size_t row, size_t *count)
{
    bool is_row = row < scenario->broken_by_count;
    *count = is_row ? scenario->broken_by[row].violate_count : scenario->found->violate_count;
    return is_row ? scenario->broken_by[row].violates : scenario->found->violates;
}

/* The rows of a field: only `violates` has several. */
static size_t row_count(const struct dbk_scenario *scenario, enum dbk_find_field field)
{
    return field == DBK_FIND_VIOLATES ? scenario->broken_by_count + (scenario->found ? 1 : 0) : 1;
}

static struct texts texts_of(const struct dbk_scenario *scenario, enum dbk_find_field field,
                             size_t row)
{
    struct texts texts = {0};
    switch (field) {
    case DBK_FIND_NAME:
        return one(&scenario->name);
    case DBK_FIND_SEEN_AS:
        return (struct texts){scenario->seen_as, scenario->seen_as_count};
    case DBK_FIND_TAG:
        return (struct texts){scenario->tags, scenario->tag_count};
    case DBK_FIND_VIOLATES:
        texts.items = violated(scenario, row, &texts.count);
        return texts;
    case DBK_FIND_SUMMARY:
        return one(&scenario->summary);
    case DBK_FIND_SOURCE:
        return one(&scenario->source);
    case DBK_FIND_FILE:
        return one(&scenario->file);
    case DBK_FIND_SPREAD:
        break;
    }
    return texts;
}

/* The first text in the order of the fields that has all the words; false where none has. */
static bool first_text(const struct dbk_scenario *scenario, const struct dbk_find_words *words,
                       struct dbk_find_reason *reason)
{
    for (enum dbk_find_field field = 0; field < DBK_FIND_FIELDS; field++)
        for (size_t row = 0; row < row_count(scenario, field); row++) {
            struct texts texts = texts_of(scenario, field, row);
            for (size_t i = 0; i < texts.count; i++)
                if (all_stand_in(words, texts.items[i])) {
                    *reason = (struct dbk_find_reason){field, texts.items[i]};
                    return true;
                }
        }
    return false;
}

/* ---- finding ---- */

static void add_reason(struct dbk_find_hit *hit, struct dbk_find_reason reason)
{
    for (size_t i = 0; i < hit->reason_count; i++)
        if (hit->reasons[i].text == reason.text)
            return;
    hit->reasons[hit->reason_count++] = reason;
}

bool dbk_find_in(const struct dbk_scenario *scenario, const struct dbk_find_words *words,
                 struct dbk_find_hit *hit)
{
    struct dbk_find_reason reason;
    *hit = (struct dbk_find_hit){.scenario = scenario, .field = DBK_FIND_SPREAD};
    if (first_text(scenario, words, &reason)) {
        hit->field = reason.field;
        add_reason(hit, reason);
        return true;
    }
    for (size_t i = 0; i < words->count; i++) {
        const struct dbk_find_words single = {.words = {words->words[i]}, .count = 1};
        if (!first_text(scenario, &single, &reason))
            return false;
        add_reason(hit, reason);
    }
    return true;
}

static int compare_hits(const void *one_hit, const void *other_hit)
{
    const struct dbk_find_hit *a = one_hit, *b = other_hit;
    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    return strcmp(a->scenario->name, b->scenario->name);
}

void dbk_find_sort(struct dbk_find_hit *hits, size_t count)
{
    if (count > 1)
        qsort(hits, count, sizeof *hits, compare_hits);
}
