#include "base/complaint.h"

#include "base/visible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last one kept of a file, or NULL where it has room for more. */
static struct dbk_complaint *last_of_full(const struct dbk_complaints *complaints, const char *file)
{
    struct dbk_complaint *last = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < complaints->count; i++) {
        if (!dbk_same(complaints->items[i].file, file) && (complaints->items[i].file || file))
            continue;
        last = &complaints->items[i];
        kept++;
    }
    return kept >= DBK_COMPLAINTS_MAX ? last : NULL;
}

static struct dbk_complaint *add(struct dbk_complaints *complaints)
{
    if (complaints->count == complaints->capacity) {
        complaints->capacity = complaints->capacity ? 2 * complaints->capacity : 8;
        complaints->items =
            dbk_resize(complaints->items, complaints->capacity * sizeof(*complaints->items));
    }
    return &complaints->items[complaints->count++];
}

void dbk_complain_v(struct dbk_complaints *complaints, const char *file, int line, int column,
                    const char *format, va_list arguments)
{
    struct dbk_complaint *full = last_of_full(complaints, file), *complaint;
    va_list again;
    size_t size;

    complaints->total++;
    if (full) {
        full->more++;
        return;
    }
    complaint = add(complaints);
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

void dbk_complaints_of_names(struct dbk_complaints *complaints, size_t before)
{
    complaints->of_names += complaints->total - before;
}

static void print_more(const char *file, size_t more, struct dbk_text *out)
{
    if (more == 0)
        return;
    dbk_text_add_visible(out, file);
    dbk_text_printf(out, "%s... and %zu more\n", file ? ": " : "", more);
}

void dbk_complaints_print(const struct dbk_complaints *complaints, struct dbk_text *out)
{
    size_t more = 0;

    for (size_t i = 0; i < complaints->count; i++) {
        const struct dbk_complaint *complaint = &complaints->items[i];
        bool is_last_of_file =
            i + 1 == complaints->count || !dbk_same(complaint->file, complaints->items[i + 1].file);

        if (complaint->file) {
            dbk_text_add_visible(out, complaint->file);
            if (complaint->line > 0)
                dbk_text_printf(out, ":%d:%d", complaint->line, complaint->column);
            dbk_text_add(out, ": ");
        }
        dbk_text_add_visible(out, complaint->text);
        dbk_text_add_char(out, '\n');
        more += complaint->more;
        if (is_last_of_file) {
            print_more(complaint->file, more, out);
            more = 0;
        }
    }
}

void dbk_complaints_reset(struct dbk_complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++) {
        free(complaints->items[i].file);
        free(complaints->items[i].text);
    }
    free(complaints->items);
    *complaints = (struct dbk_complaints){0};
}
