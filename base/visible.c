#include "base/visible.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Code points that are invisible or change how their neighbours are shown. */
static const struct {
    uint32_t first, last;
} unsafe[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},   {0x180e, 0x180e},
    {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff},
};

static bool is_unsafe(uint32_t code)
{
    for (size_t i = 0; i < DBK_COUNT(unsafe); i++)
        if (code >= unsafe[i].first && code <= unsafe[i].last)
            return true;
    return false;
}

uint32_t dbk_utf8_code(const char *bytes, size_t length)
{
    size_t whole = length > 0 ? dbk_utf8_length(bytes, length) : 0;
    uint32_t code = whole == 0   ? 0
                    : whole == 1 ? (unsigned char)*bytes
                                 : (unsigned char)*bytes & (0xffU >> (whole + 1));

    for (size_t i = 1; i < whole; i++)
        code = code << 6 | ((unsigned char)bytes[i] & 0x3fU);
    return code;
}

size_t dbk_visible_one(const char *text, char piece[static DBK_VISIBLE_MAX])
{
    size_t length = dbk_utf8_length(text, strnlen(text, 4));
    uint32_t code = 0;

    if (length == 0) {
        snprintf(piece, DBK_VISIBLE_MAX, "\\x%02x", (unsigned)(unsigned char)*text);
        return 1;
    }
    code = dbk_utf8_code(text, length);
    if (code == '\n')
        snprintf(piece, DBK_VISIBLE_MAX, "\\n");
    else if (code == '\t')
        snprintf(piece, DBK_VISIBLE_MAX, "\\t");
    else if (is_unsafe(code))
        snprintf(piece, DBK_VISIBLE_MAX, code < 0x80 ? "\\x%02" PRIx32 : "\\u{%" PRIx32 "}", code);
    else
        snprintf(piece, DBK_VISIBLE_MAX, "%.*s", (int)length, text);
    return length;
}

void dbk_text_add_visible(struct dbk_text *out, const char *text)
{
    while (text && *text) {
        char piece[DBK_VISIBLE_MAX];

        text += dbk_visible_one(text, piece);
        dbk_text_add(out, piece);
    }
}
