/* visible: somebody's text as it may be shown.
 *
 * Names come from files, partners and logs. What would steer a terminal, hide, or change how its
 * neighbours are shown comes out as an escape: control characters, C1 ones too, \n and \t, bytes
 * that are not UTF-8 as \xNN; marks of direction, joiners, line separators as \u{NNNN}.
 * Next: visible.c, reports/plain.h.
 */
#ifndef DBK_BASE_VISIBLE_H
#define DBK_BASE_VISIBLE_H

#include "base/text.h"

#include <stdint.h>

#define DBK_VISIBLE_MAX 12 /* "\u{10ffff}" and a NUL */

/* The code point of the first character of bytes; 0 where they begin with none. */
uint32_t dbk_utf8_code(const char *bytes, size_t length);

/* Writes what is shown for the first character of a text that is not empty; gives how many bytes
 * of it that was. */
size_t dbk_visible_one(const char *text, char piece[static DBK_VISIBLE_MAX]);

void dbk_text_add_visible(struct dbk_text *out, const char *text); /* NULL adds nothing */

#endif
