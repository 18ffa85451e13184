#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* A value or key needs a comma unless it stands first: the last byte tells. A text always ends
 * with its quote, so what is in a text cannot be mistaken for a bracket. */
static void separate(struct dbk_text *out)
{
    char last = out->length > 0 ? out->bytes[out->length - 1] : '\n';

    if (last != '{' && last != '[' && last != ':' && last != ',' && last != '\n')
        dbk_text_add_char(out, ',');
}

static void put_control(struct dbk_text *out, unsigned char byte)
{
    char escape[] = "\\u00XX";

    escape[4] = "0123456789abcdef"[byte >> 4];
    escape[5] = "0123456789abcdef"[byte & 15];
    dbk_text_add(out, escape);
}

static void put_special(struct dbk_text *out, char byte)
{
    switch (byte) {
    case '"':
        dbk_text_add(out, "\\\"");
        break;
    case '\\':
        dbk_text_add(out, "\\\\");
        break;
    case '\n':
        dbk_text_add(out, "\\n");
        break;
    case '\r':
        dbk_text_add(out, "\\r");
        break;
    case '\t':
        dbk_text_add(out, "\\t");
        break;
    default:
        put_control(out, (unsigned char)byte);
    }
}

/* Writes one character that is not plain, or U+FFFD for a bad byte; gives how many bytes it took.
 */
static size_t put_other(struct dbk_text *out, const char *text, size_t length)
{
    size_t step = dbk_utf8_length(text, length);

    if (step > 1) {
        dbk_text_put(out, text, step);
        return step;
    }
    if (step == 1)
        put_special(out, *text);
    else
        dbk_text_add(out, "\xef\xbf\xbd"); /* U+FFFD */
    return 1;
}

static void put_quoted(struct dbk_text *out, const char *text)
{
    size_t length = strlen(text);

    dbk_text_reserve(out, length + 2);
    dbk_text_add_char(out, '"');
    while (length > 0) {
        size_t step = dbk_plain_run(text, length);

        if (step > 0)
            dbk_text_put(out, text, step);
        else
            step = put_other(out, text, length);
        text += step;
        length -= step;
    }
    dbk_text_add_char(out, '"');
}

void dbk_json_open(struct dbk_text *out, char bracket)
{
    separate(out);
    dbk_text_add_char(out, bracket);
}

void dbk_json_close(struct dbk_text *out, char bracket)
{
    dbk_text_add_char(out, bracket);
}

void dbk_json_key(struct dbk_text *out, const char *key)
{
    separate(out);
    put_quoted(out, key);
    dbk_text_add_char(out, ':');
}

void dbk_json_put_text(struct dbk_text *out, const char *value)
{
    separate(out);
    if (value)
        put_quoted(out, value);
    else
        dbk_text_add(out, "null");
}

void dbk_json_put_integer(struct dbk_text *out, int64_t value)
{
    separate(out);
    dbk_text_add_integer(out, value);
}

void dbk_json_put_bool(struct dbk_text *out, bool value)
{
    separate(out);
    dbk_text_add(out, value ? "true" : "false");
}

/* An integer, or the literal as it was read; cJSON prints only what somebody made of a double. */
static void put_number(struct dbk_text *out, const cJSON *node)
{
    int64_t integer;
    char *printed;

    if (dbk_json_node_integer(node, &integer)) {
        dbk_json_put_integer(out, integer);
        return;
    }
    separate(out);
    if (node->valuestring) {
        dbk_text_add(out, node->valuestring);
        return;
    }
    printed = cJSON_PrintUnformatted(node);
    dbk_text_add(out, printed);
    cJSON_free(printed);
}

void dbk_json_put_node(struct dbk_text *out, const cJSON *node)
{
    bool is_object = cJSON_IsObject(node);

    if (is_object || cJSON_IsArray(node)) {
        dbk_json_open(out, is_object ? '{' : '[');
        for (const cJSON *child = node->child; child; child = child->next) {
            if (is_object)
                dbk_json_key(out, child->string);
            dbk_json_put_node(out, child);
        }
        dbk_json_close(out, is_object ? '}' : ']');
        return;
    }
    if (cJSON_IsNumber(node))
        put_number(out, node);
    else if (cJSON_IsBool(node))
        dbk_json_put_bool(out, cJSON_IsTrue(node));
    else
        dbk_json_put_text(out, cJSON_GetStringValue(node));
}

void dbk_json_pair_text(struct dbk_text *out, const char *key, const char *value)
{
    dbk_json_key(out, key);
    dbk_json_put_text(out, value);
}

void dbk_json_pair_integer(struct dbk_text *out, const char *key, int64_t value)
{
    dbk_json_key(out, key);
    dbk_json_put_integer(out, value);
}

void dbk_json_pair_bool(struct dbk_text *out, const char *key, bool value)
{
    dbk_json_key(out, key);
    dbk_json_put_bool(out, value);
}
