/* template: a text with {variables}, cut into pieces once and filled many times.
 *
 * "{name}" stands for a value, "{{" and "}}" for braces. A template of a body is a whole JSON
 * value in whose texts variables stand; a text that is just one variable with an integer value
 * becomes an integer. Next: template.c, system.h.
 */
#ifndef DBK_RUNNER_TEMPLATE_H
#define DBK_RUNNER_TEMPLATE_H

#include "base/json.h"

/* A run of bytes as it stands, or the name of a variable without its braces. */
struct dbk_template_part {
    const char *bytes;
    size_t length;
    bool is_variable;
};

/* Takes the next part off *at. False at the end, and where a brace is wrong: *at then stands on
 * it. */
bool dbk_template_next(const char **at, struct dbk_template_part *part);

/* A variable and where its value stands in a record of the caller's. */
struct dbk_variable {
    const char *name;
    size_t offset;   /* of a const char *, NULL: not known; or of an int64_t */
    bool is_integer; /* always known */
};

enum dbk_template_use {
    DBK_TEMPLATE_PATH,   /* values are percent-encoded */
    DBK_TEMPLATE_HEADER, /* control characters in values become '?' */
    DBK_TEMPLATE_PLAIN
};

struct dbk_template_piece; /* opaque */
struct dbk_template {
    struct dbk_template_piece *pieces; /* in the arena given */
    size_t count;
};

struct dbk_variables {
    const struct dbk_variable *rows;
    size_t count;
};

/* Cut, with everything kept in the arena. The text must be well formed and its variables be among
 * the rows (a bug otherwise: loaders complain first). */
struct dbk_template dbk_template_of_text(const char *text, enum dbk_template_use use,
                                         const struct dbk_variables *variables,
                                         struct dbk_arena *arena);
struct dbk_template dbk_template_of_json(const cJSON *node, const struct dbk_variables *variables,
                                         struct dbk_arena *arena);

/* Adds the template filled from the record. False where a value is not known; out then holds a
 * part. */
DBK_CHECKED bool dbk_template_fill(const struct dbk_template *filled, const void *record,
                                   struct dbk_text *out);

#endif
