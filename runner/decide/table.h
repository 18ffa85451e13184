/* table: docs/decisions.md: per profile and kind of doubt, what the core decides.
 *
 * Each kind of doubt is a list of events (saw.h); a profile that cannot have it has no row.
 * Next: table.c, advice.h.
 */
#ifndef DBK_RUNNER_DECIDE_TABLE_H
#define DBK_RUNNER_DECIDE_TABLE_H

#include "runner/decide/advice.h"
#include "runner/library.h"

/* Adds the whole page, Markdown; false with complaints. */
DBK_CHECKED bool dbk_decide_table(const struct dbk_library *library, const char *const *profiles,
                                  size_t profile_count, struct dbk_text *out,
                                  struct dbk_complaints *complaints);

/* "source:" of a profile's file, in the arena; NULL where it has none. */
const char *dbk_profile_source(const struct dbk_library *library, const char *profile,
                               struct dbk_arena *arena, struct dbk_complaints *complaints);

#endif
