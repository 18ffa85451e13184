/* user: travellers and support staff as machines: they ask, they read, they remember what they saw.
 *
 * The only way into the system under test is HTTP, in the words of its map (system.h), and what a
 * screen shows is an observation; requests go to the party "core", whatever serves them. All
 * persons of a scenario share a desk: which booking the scenario calls "trip", its id, key and
 * body (a traveller tells support the number). The guest's name carries a unique word,
 * dbk.INTENT.XXXX, by which scripts and checkers correlate. Next: user.c, sim.c.
 */
#ifndef DBK_RUNNER_USER_H
#define DBK_RUNNER_USER_H

#include "runner/scenario.h"
#include "runner/system.h"

/* Tags of DBK_EVENT_POKED for a person; any other tag is the number (from 1) of a step to begin. */
#define DBK_POKE_COMMITTED UINT64_MAX       /* the core committed something: look if you watch */
#define DBK_POKE_LAST_LOOK (UINT64_MAX - 1) /* the run is over: look at all you ever looked at */

struct dbk_users; /* opaque: all persons of one run */

/* dbk_users_free; the system is borrowed as long as they live. */
struct dbk_users *dbk_users_new(const struct dbk_system *system);
void dbk_users_free(struct dbk_users *users);

/* Makes them ready for a run; borrows the scenario until the next renewal. */
void dbk_users_renew(struct dbk_users *users, const struct dbk_scenario *scenario, uint64_t seed);

size_t dbk_users_count(const struct dbk_users *users);
/* The machine of a person, from 0; named as in the scenario; lives as long as users. */
struct dbk_machine dbk_users_machine(struct dbk_users *users, size_t person);
bool dbk_users_watches(const struct dbk_users *users, size_t person);
/* True if somebody waits for an answer; to those who watch a page it comes again and again, and
 * does not count. */
bool dbk_users_wait(const struct dbk_users *users);

#endif
