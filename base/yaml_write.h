/* yaml_write: values as YAML that a person reads, and that yaml.h reads back as the same values.
 *
 * Mappings and lists are written on one line, { like: this } and [ like, this ], where they fit
 * into DBK_YAML_WIDTH columns, else as blocks. A text is plain where no reader could take it for
 * anything else, else in double quotes with escapes for all that cannot be seen; what is too long
 * for its line is folded where that changes nothing, and otherwise makes a longer line. Lines are
 * indented by two spaces a level. Next: yaml_write.c, yaml.h.
 */
#ifndef DBK_BASE_YAML_WRITE_H
#define DBK_BASE_YAML_WRITE_H

#include "base/json.h"

#define DBK_YAML_WIDTH 108

/* Adds a text, as a value or a key, to the line at hand. Bytes that are no UTF-8 become U+FFFD. */
void dbk_yaml_put_text(struct dbk_text *out, const char *text);

/* Adds a whole tree to the line at hand. */
void dbk_yaml_put_flow(struct dbk_text *out, const cJSON *node);

/* Adds "KEY: VALUE" or "- VALUE" behind so many spaces, with its line feeds. So many levels of the
 * value are blocks even where they would fit on the line. */
void dbk_yaml_put_member(struct dbk_text *out, size_t indent, const char *key, const cJSON *node,
                         int levels);
void dbk_yaml_put_item(struct dbk_text *out, size_t indent, const cJSON *node, int levels);

#endif
