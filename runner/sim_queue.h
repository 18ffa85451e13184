/* sim_queue: what is yet to happen, ordered by (time, sequence): a binary heap.
 *
 * Two things of one instant happen in the order in which they were put. Next: sim_queue.c.
 */
#ifndef DBK_RUNNER_SIM_QUEUE_H
#define DBK_RUNNER_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dbk_sim_kind {
    DBK_SIM_ARRIVE,  /* request: exchange */
    DBK_SIM_ANSWER,  /* answer arrives: exchange */
    DBK_SIM_FAIL,    /* the client learns of a failure: exchange, detail = enum dbk_failure */
    DBK_SIM_START,   /* process: it came up */
    DBK_SIM_WAKE,    /* process, detail = generation of the wake */
    DBK_SIM_POKE,    /* process, detail = tag */
    DBK_SIM_STEP,    /* a step of the scenario: detail = its index */
    DBK_SIM_RESTART, /* process, detail = incarnation that died */
    DBK_SIM_RESUME   /* process, detail = number of the pause */
};

struct dbk_sim_item {
    int64_t at_ms;
    uint64_t sequence;
    enum dbk_sim_kind kind;
    size_t process;
    size_t exchange;
    uint64_t detail;
};

bool dbk_sim_item_is_before(const struct dbk_sim_item *one, const struct dbk_sim_item *other);

/* Zero-initialise. */
struct dbk_sim_queue {
    struct dbk_sim_item *items; /* owned */
    size_t count, capacity;
    uint64_t next_sequence;
};

void dbk_sim_queue_put(struct dbk_sim_queue *queue, struct dbk_sim_item item); /* sets sequence */
const struct dbk_sim_item *dbk_sim_queue_first(const struct dbk_sim_queue *queue); /* or NULL */
struct dbk_sim_item dbk_sim_queue_take(struct dbk_sim_queue *queue); /* there must be one */
void dbk_sim_queue_clear(struct dbk_sim_queue *queue); /* empties, sequence from 0 again */
void dbk_sim_queue_free(struct dbk_sim_queue *queue);

#endif
