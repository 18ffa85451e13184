/* text: a growing run of bytes, and the few text tests every room needs.
 *
 * Locale plays no part in any of them. Next: text.c, then json.h.
 */
#ifndef DBK_BASE_TEXT_H
#define DBK_BASE_TEXT_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise; bytes is NUL-terminated as soon as it is not NULL. */
struct dbk_text {
    char *bytes; /* owned */
    size_t length, capacity;
};

/* Makes room for so many more bytes and the NUL behind them. */
void dbk_text_reserve(struct dbk_text *text, size_t more);
void dbk_text_put(struct dbk_text *text, const char *bytes, size_t length);
void dbk_text_add(struct dbk_text *text, const char *more); /* NULL adds nothing */

/* Inline: a JSON text is full of single characters. */
static inline void dbk_text_add_char(struct dbk_text *text, char byte)
{
    if (text->length + 2 > text->capacity)
        dbk_text_reserve(text, 1);
    text->bytes[text->length++] = byte;
    text->bytes[text->length] = '\0';
}

void dbk_text_add_integer(struct dbk_text *text, int64_t value);
void dbk_text_printf(struct dbk_text *text, const char *format, ...) DBK_PRINTF(2, 3);
void dbk_text_clear(struct dbk_text *text); /* empties, keeps the memory */
void dbk_text_reset(struct dbk_text *text); /* frees; usable again */
/* Gives the bytes (never NULL; free()) and leaves the text empty. */
char *dbk_text_take(struct dbk_text *text);

/* True if both are NULL or both are the same text. */
bool dbk_same(const char *one, const char *other);
bool dbk_same_but_case(const char *one, const char *other); /* ASCII letters only; no NULL */
bool dbk_starts_with(const char *text, const char *prefix);

/* How many bytes from the first on are ASCII, no control character, no quote and no backslash: what
 * stands in a JSON text as it is. */
size_t dbk_plain_run(const char *bytes, size_t length);

/* True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool dbk_is_utf8(const char *bytes, size_t length);

/* The length of the well-formed UTF-8 character at bytes (1 to 4), or 0 if there is none. */
size_t dbk_utf8_length(const char *bytes, size_t length);

/* Reads a whole decimal integer ("-12"), nothing before or after it; each integer has one form,
 * so "+1", "01" and "-0" are refused. On false *value is untouched. */
DBK_CHECKED bool dbk_parse_integer(const char *text, int64_t *value);

/* Reads at most max_bytes of a file; gives *bytes (free()), NUL-terminated.
 *
 * False with a reason in why (a sentence's end: "is larger than 1 MiB",
 * "cannot be read: No such file or directory"); *bytes is then NULL.
 */
DBK_CHECKED bool dbk_read_file(const char *path, size_t max_bytes, char **bytes, size_t *length,
                               char why[static 160]);

/* The name closest to wrong among count names (the first of equals), or NULL if none is near: for
 * "did you mean". Near is 1 edit for up to 3 bytes, 2 for up to 8, else a third of the bytes. */
const char *dbk_closest(const char *wrong, const char *const *names, size_t count);

#endif
