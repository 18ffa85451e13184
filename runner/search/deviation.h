/* deviation: one choice that was not benign; a run is a scenario and a list of these.
 *
 * A trace is what one run asked: the places at which other runs may deviate from it. Plain records;
 * entities are borrowed: they live as long as whoever made the record says. Next: menu.h (which
 * alternatives are worth a run), explore.h (who makes such lists).
 */
#ifndef DBK_RUNNER_SEARCH_DEVIATION_H
#define DBK_RUNNER_SEARCH_DEVIATION_H

#include "base/choice.h"

struct dbk_deviation {
    enum dbk_site site;
    const char *entity; /* "lagoon/trip/create#1" */
    uint32_t nth, take; /* the n-th time that (site, entity) was asked, from 1; never 0 */
};

/* One adverse choice that a run asked. */
struct dbk_asked {
    enum dbk_site site;
    const char *entity;
    uint32_t nth, alternatives, taken;
    /* crash, pause: what the step did, once it was done. commit-with-next: whether it can matter.
     */
    bool was_played;   /* the step came to its end, or to the point at which it was stopped */
    bool has_written;  /* to the store */
    bool has_follower; /* the next item is the same process's, at the same instant */
    uint64_t effects;  /* bit i: the effect i + 1 can be seen by others */
};

/* Zero-initialise; in the order in which they were asked. */
struct dbk_trace {
    struct dbk_asked *items; /* owned */
    size_t count, capacity;
};

void dbk_trace_add(struct dbk_trace *trace, const struct dbk_asked *asked);
void dbk_trace_reset(struct dbk_trace *trace); /* frees */

/* What a search asks of one run: to deviate so, in no order, and to note what was asked. */
struct dbk_search {
    const struct dbk_deviation *deviations;
    size_t deviation_count;
    struct dbk_trace *trace; /* never NULL; its entities live until the next run */
};

#endif
