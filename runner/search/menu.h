/* menu: which alternatives of a choice are worth a run of their own.
 *
 * What may go wrong is a list of names: faults of `list faults`, what may become of a callback, and
 * the adverse sites order, commit-with-next, crash and pause. Where a scenario does not say
 * (`may:`), it is all that breaks no promise of the partners' profiles; the rest is added on
 * demand.
 *
 * Alternatives that nobody could tell apart are one. A process that is killed before it commits
 * leaves the same store wherever in its step that was, so one point stands for them; after the
 * commit a point counts if an effect that others can see lies before it, and another one behind it.
 * A commit can only wait for a next step where there is one. Next: menu.c, explore.h.
 */
#ifndef DBK_RUNNER_SEARCH_MENU_H
#define DBK_RUNNER_SEARCH_MENU_H

#include "runner/scenario.h"
#include "runner/search/deviation.h"

#define DBK_MENU_TAKES 80 /* alternatives of one choice, at most */

struct dbk_menu {
    const struct dbk_scenario *scenario; /* borrowed */
    bool beyond_promises;
    bool is_said; /* the scenario says what may go wrong */
    bool faults[DBK_FAULTS], callbacks[DBK_CALLBACK_FAULTS], sites[DBK_SITE_COUNT];
};

/* beyond_promises: also what breaks a promise. */
struct dbk_menu dbk_menu_of(const struct dbk_scenario *scenario, bool beyond_promises);

/* The alternatives of one choice that are worth a run, ascending; gives how many. */
size_t dbk_menu_takes(const struct dbk_menu *menu, const struct dbk_asked *asked,
                      uint32_t takes[static DBK_MENU_TAKES]);

/* The names of what may go wrong, for reports, in the order of their tables; views of the tables.
 */
struct dbk_words;
void dbk_menu_names(const struct dbk_menu *menu, struct dbk_words *names);

/* What a deviation is, in words: "lagoon/trip/create#1: lose-answer", "core.worker/step, the 3rd:
 * crash after the commit". Lives in the arena. */
const char *dbk_deviation_say(const struct dbk_scenario *scenario,
                              const struct dbk_deviation *deviation, struct dbk_arena *arena);

/* The fault that a deviation at a partner is; false for other sites. *action lives nowhere: plain
 * values. (The entity names the partner and the operation.) */
DBK_CHECKED bool dbk_deviation_action(const struct dbk_scenario *scenario,
                                      const struct dbk_deviation *deviation,
                                      struct dbk_action *action);

#endif
