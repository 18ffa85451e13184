#include "reports/last.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char *const words[4])
{
    uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a; the NUL between two words counts too. */

    for (size_t i = 0; i < 4; i++)
        for (const char *byte = words[i];; byte++) {
            hash = (hash ^ (unsigned char)*byte) * 0x100000001b3U;
            if (!*byte)
                break;
        }
    return hash;
}

static bool is_named(const struct dbk_last_entry *entry, const char *const words[4])
{
    for (size_t i = 0; i < 4; i++)
        if (strcmp(entry->words[i], words[i]) != 0)
            return false;
    return true;
}

/* The slot that holds these words, or the free one in which they belong. */
static size_t *slot_of(struct dbk_last *last, const char *const words[4])
{
    size_t at = (size_t)hash_of(words) & (last->slot_count - 1);

    while (last->slots[at] && !is_named(&last->entries[last->slots[at] - 1], words))
        at = (at + 1) & (last->slot_count - 1);
    return &last->slots[at];
}

static void grow(struct dbk_last *last)
{
    last->slot_count = last->slot_count ? 2 * last->slot_count : 64;
    free(last->slots);
    last->slots = dbk_alloc(last->slot_count * sizeof(*last->slots));
    last->entries = dbk_resize(last->entries, last->slot_count / 2 * sizeof(*last->entries));
    for (size_t i = 0; i < last->count; i++)
        *slot_of(last, last->entries[i].words) = i + 1;
}

struct dbk_last_entry *dbk_last_of(struct dbk_last *last, const char *one, const char *two,
                                   const char *three, const char *four)
{
    const char *const words[4] = {one ? one : "", two ? two : "", three ? three : "",
                                  four ? four : ""};
    size_t *slot = NULL;

    if (2 * (last->count + 1) > last->slot_count)
        grow(last);
    slot = slot_of(last, words);
    if (!*slot) {
        last->entries[last->count] =
            (struct dbk_last_entry){.words = {words[0], words[1], words[2], words[3]}};
        *slot = ++last->count;
    }
    return &last->entries[*slot - 1];
}

void dbk_last_reset(struct dbk_last *last)
{
    free(last->entries);
    free(last->slots);
    *last = (struct dbk_last){0};
}
