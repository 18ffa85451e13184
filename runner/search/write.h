/* write: a run that a search found, as an ordinary scenario file.
 *
 * The file is the base scenario, less what is not kept, plus the deviations, and it plays the same
 * run: the same policy and seed give the same facts, but for the lines and names of rules that
 * they mention. Partners, clocks, settings and steps are written as the base wrote them.
 *
 * A deviation at a partner's door (exchange-fault, callback-fault) becomes a rule of the script
 * behind the base's own, one for each exchange, wherever it is for that exchange alone; all others
 * stand under `choices`. Choices that the base fixes itself are not said twice. The first deviation
 * must take effect, later ones are `if_reached`: mended, the core may never get there.
 *
 * Not written: `kind`, `may`, `seen_as`, `broken_by` and `expect`, which are about the base; and
 * `proves`, for what was at risk under the policy that broke need not be under another, and then
 * the file would be unproven by itself. `found` says what it stands for.
 *
 * Next: write.c (the file), write_plan.h (rules or choices), write_story.h (the comments).
 */
#ifndef DBK_RUNNER_SEARCH_WRITE_H
#define DBK_RUNNER_SEARCH_WRITE_H

#include "runner/scenario.h"
#include "runner/search/deviation.h"

/* Everything is borrowed. */
struct dbk_written {
    const struct dbk_scenario *scenario; /* the base */
    const bool *keeps_step; /* by index of scenario->steps; NULL: all. Whoever drops the step that
                               books drops those that use the booking. */
    const bool *keeps_partner; /* by index; NULL: all. Likewise. */
    bool keeps_clocks;         /* how far they are off; zero always stays */
    int64_t until_ms; /* DBK_ABSENT: as the base was played. Not before the last step kept. */
    const struct dbk_deviation *deviations; /* in the order asked; each choice once */
    size_t deviation_count;
    const char *name, *summary;      /* of the new scenario: "one-booking-single-reservation" */
    const struct dbk_policy *policy; /* it was found under this */
    const char *policy_word; /* "naive", as --policy takes it; NULL: written as its own rules */
    const char **violates;   /* invariants; none: the file has no `found` */
    size_t violate_count;
    const struct dbk_path *path;       /* of the run, or NULL */
    const struct dbk_history *history; /* of the run, or NULL: its events are told at the end */
    const char *replay;                /* the command that plays it again, or NULL */
};

/* Adds the file. */
void dbk_scenario_write(const struct dbk_written *written, struct dbk_text *out);

#endif
