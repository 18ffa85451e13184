#include "base/complaint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dbk_complain_v(struct dbk_complaints *complaints, const char *file, int line, int column,
                    const char *format, va_list arguments)
{
    struct dbk_complaint *complaint;
    va_list again;
    size_t size;

    complaints->total++;
    if (complaints->count == DBK_COMPLAINTS_MAX)
        return;
    complaint = &complaints->items[complaints->count++];
    va_copy(again, arguments);
    size = (size_t)vsnprintf(NULL, 0, format, again) + 1;
    va_end(again);
    *complaint = (struct dbk_complaint){
        .file = dbk_copy_text(file), .line = line, .column = column, .text = dbk_alloc(size)};
    vsnprintf(complaint->text, size, format, arguments);
}

void dbk_complain(struct dbk_complaints *complaints, const char *file, int line, int column,
                  const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    dbk_complain_v(complaints, file, line, column, format, arguments);
    va_end(arguments);
}

/* Control characters, C1 ones too, and bytes that are not UTF-8 come out as \xNN: what stands in
 * somebody's file must not steer a terminal. */
static void add_escaped(struct dbk_text *out, const char *text)
{
    size_t length = strlen(text);

    for (size_t at = 0, step; at < length; at += step) {
        unsigned char byte = (unsigned char)text[at];
        size_t whole = dbk_utf8_length(text + at, length - at);
        bool is_control =
            byte < 0x20 || byte == 0x7f || (byte == 0xc2 && (unsigned char)text[at + 1] < 0xa0);

        step = whole > 0 ? whole : 1;
        if (whole > 0 && !is_control) {
            dbk_text_put(out, text + at, step);
            continue;
        }
        for (size_t i = 0; i < step; i++)
            dbk_text_printf(out, "\\x%02x", (unsigned)(unsigned char)text[at + i]);
    }
}

void dbk_complaints_print(const struct dbk_complaints *complaints, struct dbk_text *out)
{
    for (size_t i = 0; i < complaints->count; i++) {
        const struct dbk_complaint *complaint = &complaints->items[i];

        if (complaint->file) {
            add_escaped(out, complaint->file);
            if (complaint->line > 0)
                dbk_text_printf(out, ":%d:%d", complaint->line, complaint->column);
            dbk_text_add(out, ": ");
        }
        add_escaped(out, complaint->text);
        dbk_text_add_char(out, '\n');
    }
    if (complaints->total > complaints->count)
        dbk_text_printf(out, "... and %zu more\n", complaints->total - complaints->count);
}

void dbk_complaints_reset(struct dbk_complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++) {
        free(complaints->items[i].file);
        free(complaints->items[i].text);
    }
    complaints->count = 0;
    complaints->total = 0;
}
