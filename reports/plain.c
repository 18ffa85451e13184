#include "reports/plain.h"

#include "base/time.h"
#include "base/visible.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "..."

void dbk_plain_add(struct dbk_text *out, const char *text, size_t columns)
{
    size_t used = 0, cut_at = out->length;

    if (!text)
        return;
    while (*text) {
        char piece[DBK_VISIBLE_MAX];
        size_t taken = dbk_visible_one(text, piece);
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

static bool begins_code(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t dbk_plain_columns(const char *bytes, size_t length)
{
    size_t columns = 0;

    for (size_t i = 0; i < length; i++)
        columns += begins_code(bytes[i]);
    return columns;
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

/* The bytes of text that fit on a line of width columns: up to its last space, or all that fits. */
static size_t fitting(const char *text, size_t width)
{
    size_t columns = 0, last_space = 0, end = 0;

    for (; text[end]; end++) {
        if (begins_code(text[end]) && columns++ == width)
            break;
        if (text[end] == ' ')
            last_space = end;
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
