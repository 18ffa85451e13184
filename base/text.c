#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dbk_text_reserve(struct dbk_text *text, size_t more)
{
    size_t needed = text->length + more + 1;

    if (needed <= text->capacity)
        return;
    text->capacity = text->capacity ? 2 * text->capacity : 64;
    if (text->capacity < needed)
        text->capacity = needed;
    text->bytes = dbk_resize(text->bytes, text->capacity);
}

void dbk_text_put(struct dbk_text *text, const char *bytes, size_t length)
{
    dbk_text_reserve(text, length);
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void dbk_text_add(struct dbk_text *text, const char *more)
{
    if (more)
        dbk_text_put(text, more, strlen(more));
}

/* By byte: true from the blank to DEL, but for the quote and the backslash. */
static const bool is_plain[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 00 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 10 */
    1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 20 */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 30 */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 40 */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, /* 50 */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 60 */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 70 */
};

size_t dbk_plain_run(const char *bytes, size_t length)
{
    size_t at = 0;

    while (at < length && is_plain[(unsigned char)bytes[at]])
        at++;
    return at;
}

void dbk_text_add_integer(struct dbk_text *text, int64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    dbk_text_put(text, digits + at, sizeof(digits) - at);
}

void dbk_text_printf(struct dbk_text *text, const char *format, ...)
{
    va_list arguments, again;
    int length;

    dbk_text_reserve(text, 64); /* what is longer is formatted twice */
    va_start(arguments, format);
    va_copy(again, arguments);
    length =
        vsnprintf(text->bytes + text->length, text->capacity - text->length, format, arguments);
    if ((size_t)length >= text->capacity - text->length) {
        dbk_text_reserve(text, (size_t)length);
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    }
    text->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void dbk_text_clear(struct dbk_text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void dbk_text_reset(struct dbk_text *text)
{
    free(text->bytes);
    *text = (struct dbk_text){0};
}

char *dbk_text_take(struct dbk_text *text)
{
    char *bytes = text->bytes ? text->bytes : dbk_copy_text("");

    *text = (struct dbk_text){0};
    return bytes;
}

bool dbk_same(const char *one, const char *other)
{
    if (!one || !other)
        return one == other;
    return strcmp(one, other) == 0;
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool dbk_same_but_case(const char *one, const char *other)
{
    while (*one && lower(*one) == lower(*other)) {
        one++;
        other++;
    }
    return *one == *other;
}

bool dbk_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The forms of RFC 3629, section 4: by first byte the length and the range of the second byte;
 * the narrowed ranges keep out overlong forms, surrogates and what lies beyond U+10FFFF. */
static const struct {
    uint8_t first_from, first_to, length, second_from, second_to;
} utf8_forms[] = {
    {0x00, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

size_t dbk_utf8_length(const char *bytes, size_t length)
{
    const uint8_t *at = (const uint8_t *)bytes;
    size_t form = 0;

    if (length == 0)
        return 0;
    while (form < DBK_COUNT(utf8_forms) && at[0] > utf8_forms[form].first_to)
        form++;
    if (form == DBK_COUNT(utf8_forms) || at[0] < utf8_forms[form].first_from ||
        length < utf8_forms[form].length)
        return 0;
    if (utf8_forms[form].length > 1 &&
        (at[1] < utf8_forms[form].second_from || at[1] > utf8_forms[form].second_to))
        return 0;
    for (size_t i = 2; i < utf8_forms[form].length; i++)
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    return utf8_forms[form].length;
}

bool dbk_is_utf8(const char *bytes, size_t length)
{
    size_t at = 0;

    while (at < length) {
        size_t step = dbk_utf8_length(bytes + at, length - at);

        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

bool dbk_parse_integer(const char *text, int64_t *value)
{
    bool is_negative = *text == '-';
    uint64_t limit = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t sum = 0;
    const char *first = text + is_negative;

    if (!*first || (*first == '0' && (is_negative || first[1])))
        return false;
    for (const char *at = first; *at; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (*at < '0' || *at > '9' || sum > (limit - digit) / 10)
            return false;
        sum = 10 * sum + digit;
    }
    *value = is_negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

static void say_too_large(size_t max_bytes, char *why, size_t size)
{
    size_t mebibyte = 1 << 20;

    if (max_bytes % mebibyte == 0)
        snprintf(why, size, "is larger than %zu MiB", max_bytes / mebibyte);
    else
        snprintf(why, size, "is larger than %zu bytes", max_bytes);
}

bool dbk_read_file(const char *path, size_t max_bytes, char **bytes, size_t *length,
                   char why[static 160])
{
    struct dbk_text text = {0};
    char chunk[16 * 1024];
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    bool is_read;

    *bytes = NULL;
    *length = 0;
    /* Reading ends with the first byte too many: how large a file really is does not matter. */
    while (file && text.length <= max_bytes && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        dbk_text_put(&text, chunk, got);
    is_read = file && !ferror(file);
    if (!is_read)
        snprintf(why, 160, "cannot be read: %s", strerror(errno));
    if (file)
        fclose(file);
    if (is_read && text.length > max_bytes) {
        say_too_large(max_bytes, why, 160);
        is_read = false;
    }
    if (!is_read) {
        dbk_text_reset(&text);
        return false;
    }
    *length = text.length;
    *bytes = dbk_text_take(&text);
    return true;
}

#define CLOSEST_LENGTH_MAX 64

/* Levenshtein's distance, one row of the table at a time. */
static size_t distance(const char *one, size_t one_length, const char *other, size_t other_length)
{
    size_t row[CLOSEST_LENGTH_MAX + 1];

    for (size_t j = 0; j <= other_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= one_length; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= other_length; j++) {
            size_t best = diagonal + (one[i - 1] != other[j - 1]);

            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[other_length];
}

const char *dbk_closest(const char *wrong, const char *const *names, size_t count)
{
    size_t length = strlen(wrong);
    size_t limit = length < 4 ? 1 : length < 9 ? 2 : length / 3;
    const char *closest = NULL;

    if (length > CLOSEST_LENGTH_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t name_length = strlen(names[i]);
        size_t apart;

        if (name_length > CLOSEST_LENGTH_MAX)
            continue;
        apart = distance(wrong, length, names[i], name_length);
        if (apart < limit || (apart == limit && !closest)) {
            closest = names[i];
            limit = apart;
        }
    }
    return closest;
}
