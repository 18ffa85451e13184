/* json: reading untrusted JSON into cJSON trees, writing canonical JSON ourselves.
 *
 * cJSON parses. Around it stands a guard, for it reads too much (duplicate keys, NUL in texts, bad
 * UTF-8, 01, what follows the value) and keeps of a number only the double: one flat pass over the
 * bytes before it refuses what it would let through, a walk over its tree finds repeated keys. A
 * number that its double may not tell (an integer of more than 15 digits, a fraction, an exponent,
 * -0) keeps its literal in valuestring (cJSON_Delete frees it), so integers of 64 bits stay whole
 * and what is written otherwise never becomes an integer here.
 *
 * cJSON's printer is not used: the writer puts keys in the order they come, nothing optional, and
 * computes with no floating point. Next: json.c, then yaml.h.
 */
#ifndef DBK_BASE_JSON_H
#define DBK_BASE_JSON_H

#include "base/text.h"

#include <cjson/cJSON.h>

#define DBK_JSON_DEPTH_MAX 64

/* Parses one JSON value; gives a tree (cJSON_Delete), or NULL with why.
 *
 * Refused: what is not JSON, invalid UTF-8, raw control characters, \u0000, lone surrogates,
 * duplicate keys, depth over DBK_JSON_DEPTH_MAX, integers beyond 64 bits, numbers beyond a double
 * or longer than 63 characters, anything behind the value. why names the byte, from 1: "nested too
 * deep at byte 65", "not JSON at byte 9" (where cJSON gave up).
 */
DBK_CHECKED cJSON *dbk_json_parse(const char *bytes, size_t length, char why[static 160]);

/* Members by exact name; views of the tree. NULL or false where absent or of another type. */
const cJSON *dbk_json_get(const cJSON *object, const char *name);
const char *dbk_json_text(const cJSON *object, const char *name);
DBK_CHECKED bool dbk_json_integer(const cJSON *object, const char *name, int64_t *value);
bool dbk_json_is_true(const cJSON *object, const char *name);

/* The integer value of a node itself; all 64 bits. */
DBK_CHECKED bool dbk_json_node_integer(const cJSON *node, int64_t *value);

/* The first member of an object whose key an earlier member has too, or NULL; a view. */
const cJSON *dbk_json_repeated(const cJSON *object);

/* Makes a number node that keeps all 64 bits; gives it (cJSON_Delete). */
cJSON *dbk_json_new_integer(int64_t value);

/* Writing. Commas are put where needed. Text that is not UTF-8 is written with U+FFFD in place of
 * the bad bytes, so that no report breaks on what a partner sent. NULL text is written as null. */
void dbk_json_open(struct dbk_text *out, char bracket);  /* '{' or '[' */
void dbk_json_close(struct dbk_text *out, char bracket); /* '}' or ']' */
void dbk_json_key(struct dbk_text *out, const char *key);
void dbk_json_put_text(struct dbk_text *out, const char *value);
void dbk_json_put_integer(struct dbk_text *out, int64_t value);
void dbk_json_put_bool(struct dbk_text *out, bool value);
void dbk_json_put_node(struct dbk_text *out, const cJSON *node); /* whole tree, canonical */
/* A key and its value. */
void dbk_json_pair_text(struct dbk_text *out, const char *key, const char *value);
void dbk_json_pair_integer(struct dbk_text *out, const char *key, int64_t value);
void dbk_json_pair_bool(struct dbk_text *out, const char *key, bool value);

#endif
