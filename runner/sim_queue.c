#include "runner/sim_queue.h"

#include "base/memory.h"

#include <stdlib.h>

bool dbk_sim_item_is_before(const struct dbk_sim_item *one, const struct dbk_sim_item *other)
{
    if (one->at_ms != other->at_ms)
        return one->at_ms < other->at_ms;
    return one->sequence < other->sequence;
}

void dbk_sim_queue_put(struct dbk_sim_queue *queue, struct dbk_sim_item item)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? queue->capacity * 2 : 64;
        queue->items = dbk_resize(queue->items, queue->capacity * sizeof *queue->items);
    }
    item.sequence = queue->next_sequence++;
    size_t at = queue->count++;
    for (; at && dbk_sim_item_is_before(&item, &queue->items[(at - 1) / 2]); at = (at - 1) / 2)
        queue->items[at] = queue->items[(at - 1) / 2];
    queue->items[at] = item;
}

const struct dbk_sim_item *dbk_sim_queue_first(const struct dbk_sim_queue *queue)
{
    return queue->count ? &queue->items[0] : NULL;
}

struct dbk_sim_item dbk_sim_queue_take(struct dbk_sim_queue *queue)
{
    struct dbk_sim_item first = queue->items[0];
    struct dbk_sim_item last = queue->items[--queue->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count &&
            dbk_sim_item_is_before(&queue->items[child + 1], &queue->items[child]))
            child++;
        if (!dbk_sim_item_is_before(&queue->items[child], &last))
            break;
        queue->items[at] = queue->items[child];
        at = child;
    }
    if (queue->count)
        queue->items[at] = last;
    return first;
}

void dbk_sim_queue_clear(struct dbk_sim_queue *queue)
{
    queue->count = 0;
    queue->next_sequence = 0;
}

void dbk_sim_queue_free(struct dbk_sim_queue *queue)
{
    free(queue->items);
    *queue = (struct dbk_sim_queue){0};
}
