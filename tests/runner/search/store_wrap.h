/* store_wrap: a store port that passes every verb on to the store it wraps; self is the mutant at
 * work. Next: store_wrap.c, mutants.c.
 */
#ifndef DBK_TESTS_RUNNER_SEARCH_STORE_WRAP_H
#define DBK_TESTS_RUNNER_SEARCH_STORE_WRAP_H

#include "mutants.h"

extern const struct dbk_store_ops store_wrap_ops;

#endif
