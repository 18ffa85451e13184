/* mutants: cores with one planted mistake that no policy can make.
 *
 * Each wraps the reference core's store port, its machines, or the moment at which its effects
 * leave, and is otherwise the reference core. Next: mutants.c (the table, and the store's wrap).
 */
#ifndef DBK_TESTS_RUNNER_SEARCH_MUTANTS_H
#define DBK_TESTS_RUNNER_SEARCH_MUTANTS_H

#include "core/store.h"
#include "runner/sim.h"

struct planted; /* one mutant at work; see below */

struct mutant {
    const char *name;    /* "acknowledges-before-it-is-durable" */
    const char *mistake; /* a sentence */
    /* Replaces slots of a store that passes everything on; NULL: none. */
    void (*spoil_store)(struct dbk_store_ops *ops);
    /* Called for each effect of a step of the core; false drops it. NULL: none. */
    bool (*spoil_effect)(const struct planted *planted, struct dbk_effect *effect);
    /* The effects that leave before the commit; NULL: none. */
    bool (*leaves_early)(void *context, const struct dbk_effect *effect);
};

extern const struct mutant mutants[];
extern const size_t mutant_count;

/* A mutant that spoils nothing, to show that the wraps alone change nothing. */
extern const struct mutant no_mutant;

struct planted_machine {
    struct planted *planted;
    struct dbk_machine inner;
};

#define PLANTED_BOOKINGS 8

struct planted {
    const struct mutant *mutant;
    struct dbk_store *inner; /* owned by the store that wraps it */
    struct dbk_store_ops ops;
    struct planted_machine machines[2];
    const struct dbk_event *event; /* of the step at hand */
    int64_t now_ms;                /* wall, of the step at hand */
    /* What single mutants keep of a run. */
    struct dbk_booking before; /* the booking last updated, as it was before that; row 0: none */
    struct dbk_arena arena;    /* of its strings */
    int64_t queued, queued_ms; /* the job put in this transaction; 0: none */
    bool is_claimed_twice;     /* in this step */
    bool was_read[PLANTED_BOOKINGS];
    size_t evidence_read[PLANTED_BOOKINGS];
};

/* Sets *planted up; wraps are its parts, to be given to dbk_sim_new_wrapped. It must outlive the
 * sim, and is reset after that. */
struct dbk_sim_wraps planted_init(struct planted *planted, const struct mutant *mutant);
void planted_reset(struct planted *planted);

#endif
