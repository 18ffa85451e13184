/* partners_file: which partners a core by itself has, where they are, what it believes of them.
 *
 *   format: 1
 *   partners:
 *     lagoon:
 *       address: http://127.0.0.1:4711
 *       profile: { like: ref-not-unique, commit_within: 30s }
 *       sells:
 *         cruise: { price: 9000, currency: EUR, slots: { dusk: "2026-07-04T18:00:00Z" } }
 *
 * profile and sells are of the forms a scenario has, read by the same tables and functions.
 * Next: partners_file.c, format.c, scenario_partners.c.
 */
#ifndef DBK_RUNNER_PARTNERS_FILE_H
#define DBK_RUNNER_PARTNERS_FILE_H

#include "runner/scenario.h"

struct dbk_partners_file {
    struct dbk_scenario *scenario; /* owned; all below lives in its arena */
    struct dbk_core_partner *partners;
    const char **addresses; /* by partner: "http://127.0.0.1:4711", without a slash at the end */
    size_t count;
};

/* Gives the partners (dbk_partners_file_free), or NULL with complaints. zero_ms: a product that
 * says its capacity only has one slot, a day after that. */
DBK_CHECKED struct dbk_partners_file *dbk_partners_file_load(const struct dbk_library *library,
                                                             const char *path, int64_t zero_ms,
                                                             struct dbk_complaints *complaints);
void dbk_partners_file_free(struct dbk_partners_file *file); /* NULL is fine */

#endif
