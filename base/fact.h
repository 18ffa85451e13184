/* fact: the members of a fact as one table, which drives writing, reading and copying.
 *
 * What the facts mean stands in history.h; this is how one of them becomes a line of the file.
 * Next: fact.c, history.c, history_read.c; reports/history.schema.json says the same as a schema,
 * and a test holds it to the table.
 */
#ifndef DBK_BASE_FACT_H
#define DBK_BASE_FACT_H

#include "base/history.h"
#include "base/json.h"

/* Integers of a file beyond this are refused: sums of a few of them then never overflow. */
#define DBK_FACT_INTEGER_MAX INT64_C(1000000000000000)

enum dbk_field_type {
    DBK_FIELD_TEXT,
    DBK_FIELD_INTEGER,
    DBK_FIELD_INSTANT /* int64_t of epoch milliseconds, in the file an instant */
};

struct dbk_field {
    const char *name; /* of the JSON member */
    const char *key;  /* the same as it is written, comma, quotes and colon included */
    size_t key_length;
    enum dbk_field_type type;
    size_t offset;            /* in struct dbk_fact, of a const char * or an int64_t */
    const char *const *words; /* TEXT: all an outside fact may say, NULL-terminated; NULL: any */
};

/* In the order in which they are written. */
extern const struct dbk_field dbk_fields[];
extern const size_t dbk_field_count;

/* Adds the fact as one line, without line feed. number is from 1. */
void dbk_fact_write(const struct dbk_fact *fact, size_t number, struct dbk_text *out);

/* Copies every string of the fact into the arena and lets the fact point there. */
void dbk_fact_keep(struct dbk_fact *fact, struct dbk_arena *arena);

/* Where a line of a file stands; complaints about it name its first column. */
struct dbk_line {
    const char *file;
    int number;
    struct dbk_complaints *complaints;
};

/* Reads one line's tree over *fact, as number; its strings are views of the tree. Members it does
 * not know are passed over. Complains of wrong types and words; then part of *fact is unset. */
void dbk_fact_read(struct dbk_fact *fact, size_t number, const cJSON *node,
                   const struct dbk_line *line);

#endif
