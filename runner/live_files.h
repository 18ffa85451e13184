/* live_files: what the live stage hands the system under test as files: partners and policy; what
 * the system's log says last; and the end of the folder they lie in.
 *
 * Written as JSON, which is YAML; the forms are those of a scenario. Next: live_files.c.
 */
#ifndef DBK_RUNNER_LIVE_FILES_H
#define DBK_RUNNER_LIVE_FILES_H

#include "runner/scenario.h"

/* What the core believes of each partner, and its address ("http://127.0.0.1:4711" by partner). */
void dbk_live_partners_file(const struct dbk_scenario *scenario, const char *const *addresses,
                            struct dbk_text *out);

/* The policy as a file of `like: reference` and `set:`. */
void dbk_live_policy_file(const struct dbk_policy *policy, struct dbk_text *out);

/* The last line of a file that is not empty, as far as it fits into size bytes, in whole
 * characters;
 * "" if there is no such line, or if it is no UTF-8. Of a long file only the end is read. */
void dbk_live_last_line(const char *path, char *line, size_t size);

/* True if the end of a file, which is a log, says that an address is in use. */
bool dbk_live_says_in_use(const char *path);

/* Removes a folder and all that is in it; fine if it is gone. */
void dbk_live_remove(const char *folder);

#endif
