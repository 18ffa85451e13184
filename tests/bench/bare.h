/* bare: the bare work of a run, recorded once and then repeated alone.
 *
 * While recording, every SQL statement with its values and every JSON body that is parsed is noted.
 * Repeating does nothing but those: each statement prepared once, for each execution its values
 * bound and every column of every row read; each body parsed and printed once by cJSON.
 *
 * Whoever links this passes -Wl,--wrap=dbk_json_parse. Next: sim_bench.c.
 */
#ifndef DBK_TESTS_BENCH_BARE_H
#define DBK_TESTS_BENCH_BARE_H

#include <stddef.h>

struct bare; /* opaque */

/* What is done inside: a first store is opened by opens, which also warms up; then one run. The
 * program ends where a statement cannot be repeated. */
struct bare *bare_new(void *(*opens)(void *context), void (*runs)(void *context, void *opened),
                      void (*closes)(void *opened), void *context);
void bare_repeat(struct bare *bare);
size_t bare_statements(const struct bare *bare);
size_t bare_bodies(const struct bare *bare);
void bare_free(struct bare *bare);

#endif
