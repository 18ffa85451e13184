/* output: a file that appears whole or not at all, and whether two paths mean one file.
 *
 * Next: output.c, results.c.
 */
#ifndef DBK_RUNNER_OUTPUT_H
#define DBK_RUNNER_OUTPUT_H

#include "base/text.h"

/* True for "-", and for what stdout is already: "/dev/stdout", the file it was sent to. */
bool dbk_output_is_stdout(const char *path);

/* True if both would be written to one file, which need not be there yet. */
bool dbk_output_is_same(const char *one, const char *other);

/* Writes a file beside its place first and then renames it; false with why, and nothing has
 * changed. A link goes on pointing to the file, which has the rights that a plain fopen gives; a
 * device or a pipe is written to as it is. "-" is stdout. */
DBK_CHECKED bool dbk_output_write(const char *path, const struct dbk_text *text,
                                  char why[static 160]);

#endif
