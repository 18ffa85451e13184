/* yaml: a document as a tree that knows the line and column of every node.
 *
 * libyaml's events become a cJSON tree; marks are kept beside it. Refused, each with its
 * place: aliases, anchors, tags, duplicate keys, several documents, plain yes/no/on/off (as
 * value or key), leading zeros, integers beyond 64 bits, NUL and invalid UTF-8, depth over
 * DBK_YAML_DEPTH_MAX, over DBK_YAML_NODES_MAX nodes, files over DBK_YAML_BYTES_MAX. Plain
 * scalars are null, true, false, whole decimal integers, or text; everything else is text.
 * Next: yaml.c, then the scenario loader in runner/.
 */
#ifndef DBK_BASE_YAML_H
#define DBK_BASE_YAML_H

#include "base/complaint.h"
#include "base/json.h"

#define DBK_YAML_DEPTH_MAX 32
#define DBK_YAML_NODES_MAX 100000
#define DBK_YAML_BYTES_MAX (1 << 20)

struct dbk_yaml; /* opaque: tree, marks, file name */

/* Parses bytes; file is only a name for messages (copied). Gives the document (dbk_yaml_free), or
 * NULL with at least one complaint. What is refused and can be read over is complained of and read
 * over, so that its loader can tell the other mistakes, too: the document is good only if there
 * are no new complaints. */
DBK_CHECKED struct dbk_yaml *dbk_yaml_parse(const char *bytes, size_t length, const char *file,
                                            struct dbk_complaints *complaints);

/* Reads and parses a file; an unreadable file is a complaint too. */
DBK_CHECKED struct dbk_yaml *dbk_yaml_load(const char *path, struct dbk_complaints *complaints);

const cJSON *dbk_yaml_root(const struct dbk_yaml *yaml); /* view */
const char *dbk_yaml_file(const struct dbk_yaml *yaml);  /* view */

/* Line and column (from 1) where a node's value begins; of_key: where its key begins. */
int dbk_yaml_line(const struct dbk_yaml *yaml, const cJSON *node);
int dbk_yaml_column(const struct dbk_yaml *yaml, const cJSON *node);
int dbk_yaml_key_line(const struct dbk_yaml *yaml, const cJSON *node);
int dbk_yaml_key_column(const struct dbk_yaml *yaml, const cJSON *node);

/* Complains at a node (or at its key); says nothing of one that was refused while reading. */
void dbk_yaml_complain(const struct dbk_yaml *yaml, const cJSON *node,
                       struct dbk_complaints *complaints, const char *format, ...) DBK_PRINTF(4, 5);
void dbk_yaml_complain_key(const struct dbk_yaml *yaml, const cJSON *node,
                           struct dbk_complaints *complaints, const char *format, ...)
    DBK_PRINTF(4, 5);

void dbk_yaml_free(struct dbk_yaml *yaml); /* NULL is fine */

#endif
