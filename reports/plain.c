#include "reports/plain.h"

#include "base/time.h"
#include "base/visible.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define ELLIPSIS "..."
#define MARKS_MAX 4 /* without columns, on one letter; more would grow out of any line */

/* As libc counts them in UTF-8, whatever the locale of the process. */
static size_t columns_of(uint32_t code)
{
    static locale_t utf8; /* made once, and kept */
    int columns = 1;

    if (code < 0x80)
        return 1;
    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8) {
        locale_t before = uselocale(utf8);

        columns = wcwidth((wchar_t)code);
        uselocale(before);
    }
    return columns < 0 ? 1 : (size_t)columns;
}

/* What is shown for the first character of text; gives how many bytes it was. After too many marks
 * in a row a mark is shown as its code. */
static size_t show_one(const char *text, size_t *marks, char piece[static DBK_VISIBLE_MAX])
{
    size_t length = dbk_visible_one(text, piece);
    uint32_t code = dbk_utf8_code(piece, strlen(piece));

    if (columns_of(code) > 0)
        *marks = 0;
    else if (*marks < MARKS_MAX)
        ++*marks;
    else
        snprintf(piece, DBK_VISIBLE_MAX, "\\u{%" PRIx32 "}", code & 0x1fffffU);
    return length;
}

void dbk_plain_add(struct dbk_text *out, const char *text, size_t columns)
{
    size_t used = 0, cut_at = out->length, marks = MARKS_MAX; /* no letter yet to stand on */

    if (!text)
        return;
    while (*text) {
        char piece[DBK_VISIBLE_MAX];
        size_t taken = show_one(text, &marks, piece);
        size_t width = dbk_plain_columns(piece, strlen(piece));

        if (used + width > columns) {
            out->length = cut_at;
            dbk_text_add(out, ELLIPSIS);
            return;
        }
        dbk_text_add(out, piece);
        used += width;
        text += taken;
        if (used + strlen(ELLIPSIS) <= columns)
            cut_at = out->length;
    }
}

void dbk_plain_name(struct dbk_text *out, const char *before, const char *value)
{
    if (!value)
        return;
    dbk_text_add(out, before);
    dbk_plain_add(out, value, DBK_PLAIN_NAME);
}

size_t dbk_plain_character(const char *bytes, size_t length, size_t *columns)
{
    size_t whole = length > 0 ? dbk_utf8_length(bytes, length) : 0;

    *columns = whole > 0 ? columns_of(dbk_utf8_code(bytes, whole)) : 1;
    return whole > 0 ? whole : 1;
}

size_t dbk_plain_columns(const char *bytes, size_t length)
{
    size_t sum = 0;

    for (size_t i = 0, columns; i < length; sum += columns)
        i += dbk_plain_character(bytes + i, length - i, &columns);
    return sum;
}

static void add_spaces(struct dbk_text *out, size_t count)
{
    while (count-- > 0)
        dbk_text_add_char(out, ' ');
}

void dbk_plain_fill(struct dbk_text *out, size_t start, size_t columns)
{
    size_t used =
        out->length > start ? dbk_plain_columns(out->bytes + start, out->length - start) : 0;

    if (used < columns)
        add_spaces(out, columns - used);
}

/* The bytes of text that fit on a line of width columns: up to its last space, or all that fits,
 * which is one character at least. */
static size_t fitting(const char *text, size_t width)
{
    size_t used = 0, last_space = 0, end = 0;

    while (text[end]) {
        size_t columns = 0,
               length = dbk_plain_character(text + end, strnlen(text + end, 4), &columns);

        used += columns;
        if (used > width && end > 0)
            break;
        if (text[end] == ' ')
            last_space = end;
        end += length;
    }
    if (!text[end] || text[end] == ' ')
        return end;
    return last_space > 0 ? last_space : end;
}

void dbk_plain_wrap(struct dbk_text *out, const char *text, size_t indent, size_t width)
{
    if (!text)
        text = "";
    for (;;) {
        size_t length = fitting(text, width > 0 ? width : 1), end = length;

        while (end > 0 && text[end - 1] == ' ')
            end--;
        dbk_text_put(out, text, end);
        dbk_text_add_char(out, '\n');
        text += length;
        while (*text == ' ')
            text++;
        if (!*text)
            return;
        add_spaces(out, indent);
    }
}

void dbk_plain_time(struct dbk_text *out, int64_t ms)
{
    uint64_t size = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;

    if (ms == DBK_TIME_UNKNOWN) {
        dbk_text_add_char(out, '-');
        return;
    }
    dbk_text_printf(out, "%s%" PRIu64 ":%02" PRIu64 ".%03" PRIu64, ms < 0 ? "-" : "", size / 60000,
                    size / 1000 % 60, size % 1000);
}

void dbk_plain_number(struct dbk_text *out, int64_t count)
{
    uint64_t size = count < 0 ? 0 - (uint64_t)count : (uint64_t)count, scale = 1;

    while (size / scale >= 1000)
        scale *= 1000;
    dbk_text_printf(out, "%s%" PRIu64, count < 0 ? "-" : "", size / scale);
    for (; scale > 1; scale /= 1000)
        dbk_text_printf(out, ",%03" PRIu64, size % scale / (scale / 1000));
}

void dbk_plain_count(struct dbk_text *out, int64_t count, const char *one, const char *many)
{
    dbk_plain_number(out, count);
    dbk_text_add_char(out, ' ');
    dbk_text_add(out, count == 1 ? one : many);
}
