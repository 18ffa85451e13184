/* table: aligned columns for people, narrowed and wrapped to a width.
 *
 * Words are cut only where they are wider than a narrow terminal leaves room for. Next: table.c,
 * list_command.c.
 */
#ifndef DBK_RUNNER_TABLE_H
#define DBK_RUNNER_TABLE_H

#include "base/text.h"

#define DBK_TABLE_COLUMNS 8

struct dbk_table_row {
    const char *cells[DBK_TABLE_COLUMNS]; /* NULL is empty */
    const char *notes[2];                 /* sentences below the row, indented; or NULL */
};

/* Everything is borrowed. */
struct dbk_table {
    const char *heads[DBK_TABLE_COLUMNS];
    size_t columns;
    const struct dbk_table_row *rows;
    size_t row_count;
    int indent;
};

void dbk_table_print(const struct dbk_table *table, int width, struct dbk_text *out);

/* Adds text wrapped between words, each line indented. */
void dbk_paragraph_print(const char *text, int indent, int width, struct dbk_text *out);

#endif
