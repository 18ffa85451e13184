#include "runner/user_way.h"

#include <stdlib.h>
#include <string.h>

void dbk_user_way_hold(struct dbk_user_way *way, struct dbk_held held)
{
    if (way->count == way->capacity) {
        way->capacity = way->capacity ? 2 * way->capacity : 8;
        way->items = dbk_resize(way->items, way->capacity * sizeof *way->items);
    }
    way->items[way->count++] = held;
}

/* The first for a person, by time and then as held; count where there is none. */
static size_t first_of(const struct dbk_user_way *way, size_t person)
{
    size_t first = way->count;
    for (size_t i = 0; i < way->count; i++)
        if (way->items[i].person == person &&
            (first == way->count || way->items[i].due_ms < way->items[first].due_ms))
            first = i;
    return first;
}

bool dbk_user_way_take(struct dbk_user_way *way, size_t person, int64_t now_ms,
                       struct dbk_held *held)
{
    size_t first = first_of(way, person);
    if (first == way->count || way->items[first].due_ms > now_ms)
        return false;
    *held = way->items[first];
    way->count--;
    memmove(&way->items[first], &way->items[first + 1], (way->count - first) * sizeof *way->items);
    return true;
}

int64_t dbk_user_way_due(const struct dbk_user_way *way, size_t person)
{
    size_t first = first_of(way, person);
    return first == way->count ? DBK_ABSENT : way->items[first].due_ms;
}

void dbk_user_way_clear(struct dbk_user_way *way)
{
    for (size_t i = 0; i < way->count; i++)
        dbk_message_free(way->items[i].message);
    way->count = 0;
}

void dbk_user_way_reset(struct dbk_user_way *way)
{
    dbk_user_way_clear(way);
    free(way->items);
    *way = (struct dbk_user_way){0};
}
