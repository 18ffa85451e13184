/* plain: text from anybody made safe to show, and put into columns.
 *
 * Names, ids and logs come from strangers. What could move a cursor, colour a screen, reorder or
 * hide letters (control characters, escape sequences, bidi and zero-width characters) is shown as
 * its code, bytes that are no UTF-8 as \xNN. Wide characters take two columns, marks on a letter
 * none. Next: plain.c.
 */
#ifndef DBK_REPORTS_PLAIN_H
#define DBK_REPORTS_PLAIN_H

#include "base/text.h"

#define DBK_PLAIN_NAME 48  /* columns for a name or an id within a sentence */
#define DBK_PLAIN_TEXT 600 /* columns for a sentence made elsewhere */

/* Adds text safely, at most columns wide; what is cut ends in "...". NULL adds nothing. Reads no
 * further than it shows. */
void dbk_plain_add(struct dbk_text *out, const char *text, size_t columns);

/* Adds before, then value as a name; nothing at all if value is NULL. before is trusted. */
void dbk_plain_name(struct dbk_text *out, const char *before, const char *value);

/* The length of the first character, and its columns. A byte that is no UTF-8 takes one. */
size_t dbk_plain_character(const char *bytes, size_t length, size_t *columns);

/* The columns that bytes, already plain, take. */
size_t dbk_plain_columns(const char *bytes, size_t length);

/* Adds spaces until the bytes of out from start on take so many columns. */
void dbk_plain_fill(struct dbk_text *out, size_t start, size_t columns);

/* Adds text, already plain, broken at spaces into lines of at most width columns and ends the last
 * one; every line but the first gets indent spaces. A word longer than a line is split. NULL is an
 * empty line. */
void dbk_plain_wrap(struct dbk_text *out, const char *text, size_t indent, size_t width);

/* Adds a span or instant of virtual time as m:ss.mmm; DBK_TIME_UNKNOWN as "-". */
void dbk_plain_time(struct dbk_text *out, int64_t ms);

/* Adds a count in digits that can be read: "28,561". */
void dbk_plain_number(struct dbk_text *out, int64_t count);

/* Adds a count of things: "1 run", "28,561 runs". The words are trusted. */
void dbk_plain_count(struct dbk_text *out, int64_t count, const char *one, const char *many);

#endif
