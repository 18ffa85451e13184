/* sim_chooser: where a stage's choices come from; the live one asks it for its partners.
 *
 * A choice the scenario pins is taken as pinned; a neutral one is drawn by hashing (seed, site,
 * entity, n); an adverse one is 0, the benign. Next: sim_chooser.c, base/choice.h.
 */
#ifndef DBK_RUNNER_SIM_CHOOSER_H
#define DBK_RUNNER_SIM_CHOOSER_H

#include "runner/scenario.h"

/* Zero-initialise; counts occurrences of (site, entity), so one per run or renewed. */
struct dbk_sim_chooser {
    struct dbk_arena arena; /* of one run */
    const struct dbk_scenario *scenario;
    uint64_t seed;
    bool is_pinned[DBK_SITE_COUNT]; /* an adverse site without a pin is not even counted */
    struct dbk_sim_count *counts;   /* owned: open addressing */
    size_t count, capacity;
    size_t
        last_pin; /* place + 1 in scenario->pinned of the last choice, if it was pinned; else 0 */
};

/* Borrows the scenario until the next renewal. */
void dbk_sim_chooser_renew(struct dbk_sim_chooser *chooser, const struct dbk_scenario *scenario,
                           uint64_t seed);
struct dbk_chooser dbk_sim_chooser_port(struct dbk_sim_chooser *chooser);
void dbk_sim_chooser_free(struct dbk_sim_chooser *chooser);

#endif
