/* sim_chooser: where a stage's choices come from; the live one asks it for its partners.
 *
 * A choice the scenario pins is taken as pinned; one that a search deviates in, as the search says;
 * a neutral one is drawn by hashing (seed, site, entity, n); an adverse one is 0, the benign. A
 * search is also told which adverse choices were asked. Next: sim_chooser.c, base/choice.h.
 */
#ifndef DBK_RUNNER_SIM_CHOOSER_H
#define DBK_RUNNER_SIM_CHOOSER_H

#include "runner/scenario.h"
#include "runner/search/deviation.h"

#define DBK_PIN_OF_SEARCH SIZE_MAX

/* Zero-initialise; counts occurrences of (site, entity), so one per run or renewed. */
struct dbk_sim_chooser {
    struct dbk_arena arena; /* of one run */
    const struct dbk_scenario *scenario;
    uint64_t seed;
    const struct dbk_deviation *deviations; /* borrowed */
    size_t deviation_count;
    struct dbk_trace *trace;        /* borrowed, or NULL: nobody searches */
    bool is_pinned[DBK_SITE_COUNT]; /* an adverse site without a pin or a search is not counted */
    struct dbk_sim_count *counts;   /* owned: open addressing */
    size_t count, capacity;
    size_t last_pin; /* place + 1 in scenario->pinned of the last choice, if it was pinned;
                        DBK_PIN_OF_SEARCH if a search deviated in it; else 0 */
};

/* Borrows the scenario and the search (NULL: none) until the next renewal; empties its trace, whose
 * entities then live as long. */
void dbk_sim_chooser_renew(struct dbk_sim_chooser *chooser, const struct dbk_scenario *scenario,
                           uint64_t seed, const struct dbk_search *search);

/* True if it matters what this adverse site is asked: it is pinned, or somebody searches. */
bool dbk_sim_chooser_minds(const struct dbk_sim_chooser *chooser, enum dbk_site site);
struct dbk_chooser dbk_sim_chooser_port(struct dbk_sim_chooser *chooser);
void dbk_sim_chooser_free(struct dbk_sim_chooser *chooser);

#endif
