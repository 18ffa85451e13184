/* pointer: JSON Pointers (RFC 6901), read once and followed many times.
 *
 * "" is the whole document, "/rows/0/a~1b" the member "a/b" of the first of rows; ~0 is a tilde.
 * Next: pointer.c, system.h.
 */
#ifndef DBK_RUNNER_POINTER_H
#define DBK_RUNNER_POINTER_H

#include "base/json.h"

struct dbk_pointer_step; /* opaque */
struct dbk_pointer {
    const struct dbk_pointer_step *steps; /* in the arena given */
    size_t count;
};

/* False where the text is no pointer, with why: "expected a '/' first". */
DBK_CHECKED bool dbk_pointer_read(const char *text, struct dbk_pointer *pointer,
                                  struct dbk_arena *arena, const char **why);

/* The node it leads to, a view of the tree; NULL: none. */
const cJSON *dbk_pointer_follow(const struct dbk_pointer *pointer, const cJSON *root);

#endif
