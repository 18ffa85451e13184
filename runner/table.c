#include "runner/table.h"

#include "reports/plain.h"

#include <string.h>

#define GAP 2
#define NARROWEST 8
#define NOTE_INDENT 4

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n';
}

/* Bytes of the next line of text that fits, and the columns they take; words longer than the width
 * are cut. Never 0 bytes for a text that is not empty. */
static size_t next_line(const char *text, size_t width, size_t *columns)
{
    size_t bytes = 0, seen = 0, break_bytes = 0, break_columns = 0;
    while (text[bytes] && text[bytes] != '\n') {
        size_t wide, length = dbk_plain_character(text + bytes, strnlen(text + bytes, 4), &wide);
        if (seen + wide > width && bytes > 0)
            break;
        bytes += length;
        seen += wide;
        if (is_space(text[bytes]) || text[bytes] == '\0') {
            break_bytes = bytes;
            break_columns = seen;
        }
    }
    bool is_cut = break_bytes == 0;
    *columns = is_cut ? seen : break_columns;
    return is_cut ? bytes : break_bytes;
}

static const char *after_spaces(const char *text)
{
    return text + strspn(text, " \n");
}

static void put_spaces(struct dbk_text *out, size_t count)
{
    while (count-- > 0)
        dbk_text_add_char(out, ' ');
}

void dbk_paragraph_print(const char *text, int indent, int width, struct dbk_text *out)
{
    size_t room = width - indent > NARROWEST ? (size_t)(width - indent) : NARROWEST, columns;
    for (text = after_spaces(text); *text; text = after_spaces(text)) {
        size_t bytes = next_line(text, room, &columns);
        put_spaces(out, (size_t)indent);
        dbk_text_put(out, text, bytes);
        dbk_text_add_char(out, '\n');
        text += bytes;
    }
}

static size_t columns_of(const char *text)
{
    return text ? dbk_plain_columns(text, strlen(text)) : 0;
}

static size_t longest_word(const char *text)
{
    size_t longest = 0;
    while (text && *text) {
        size_t length = strcspn(text, " \n");
        size_t columns = dbk_plain_columns(text, length);
        longest = columns > longest ? columns : longest;
        text += length + (text[length] != '\0');
    }
    return longest;
}

/* The widest column that is wider than its floor, or columns if there is none. */
static size_t widest_above(const size_t *widths, const size_t *floors, size_t columns)
{
    size_t widest = columns;
    for (size_t c = 0; c < columns; c++)
        if (widths[c] > floors[c] && (widest == columns || widths[c] > widths[widest]))
            widest = c;
    return widest;
}

/* As wide as their widest cell; then the widest gives way until all fit, and words are cut only if
 * that is not enough. */
static void measure(const struct dbk_table *table, int width, size_t *widths)
{
    size_t room = (size_t)(width > table->indent ? width - table->indent : 0), sum = 0;
    size_t words[DBK_TABLE_COLUMNS], narrowest[DBK_TABLE_COLUMNS];
    for (size_t c = 0; c < table->columns; c++) {
        widths[c] = columns_of(table->heads[c]);
        words[c] = longest_word(table->heads[c]);
        narrowest[c] = NARROWEST;
        for (size_t r = 0; r < table->row_count; r++) {
            size_t columns = columns_of(table->rows[r].cells[c]);
            size_t word = longest_word(table->rows[r].cells[c]);
            widths[c] = columns > widths[c] ? columns : widths[c];
            words[c] = word > words[c] ? word : words[c];
        }
        sum += widths[c] + (c > 0 ? GAP : 0);
    }
    while (sum > room) {
        size_t widest = widest_above(widths, words, table->columns);
        if (widest == table->columns)
            widest = widest_above(widths, narrowest, table->columns);
        if (widest == table->columns)
            return;
        widths[widest]--;
        sum--;
    }
}

static void put_row(const struct dbk_table *table, const char *const *cells, const size_t *widths,
                    struct dbk_text *out)
{
    const char *rest[DBK_TABLE_COLUMNS];
    bool is_left = true;
    for (size_t c = 0; c < table->columns; c++)
        rest[c] = cells[c] ? after_spaces(cells[c]) : "";
    while (is_left) {
        size_t owed = (size_t)table->indent; /* spaces that only a later cell makes necessary */
        is_left = false;
        for (size_t c = 0; c < table->columns; c++) {
            size_t columns = 0, bytes = *rest[c] ? next_line(rest[c], widths[c], &columns) : 0;
            if (bytes > 0) {
                put_spaces(out, owed);
                owed = 0;
                dbk_text_put(out, rest[c], bytes);
                rest[c] = after_spaces(rest[c] + bytes);
            }
            owed += widths[c] - columns + GAP;
            is_left = is_left || *rest[c];
        }
        dbk_text_add_char(out, '\n');
    }
}

void dbk_table_print(const struct dbk_table *table, int width, struct dbk_text *out)
{
    size_t widths[DBK_TABLE_COLUMNS] = {0};
    measure(table, width, widths);
    put_row(table, table->heads, widths, out);
    for (size_t r = 0; r < table->row_count; r++) {
        put_row(table, table->rows[r].cells, widths, out);
        for (size_t n = 0; n < DBK_COUNT(table->rows[r].notes); n++)
            if (table->rows[r].notes[n])
                dbk_paragraph_print(table->rows[r].notes[n], table->indent + NOTE_INDENT, width,
                                    out);
    }
}
