#include "base/yaml_write.h"

#include "base/time.h"
#include "base/visible.h"

#include <inttypes.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* ---- texts ---- */

/* What some reader takes for something else than a text, in any letter case. */
static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};

    for (size_t i = 0; i < DBK_COUNT(words); i++)
        if (dbk_same_but_case(text, words[i]))
            return true;
    return false;
}

/* Letters first, or a duration: neither is a number to anybody. A comma would end it in a flow. */
static bool is_plain(const char *text, bool in_flow)
{
    static const char safe[] = LETTERS DIGITS " _-./+();,";
    size_t length = strlen(text);
    int64_t ms = 0;

    if (length == 0 || is_word_of_yaml(text) || text[length - 1] == ' ')
        return false;
    if (strspn(text, LETTERS) == 0 && !dbk_duration_parse(text, &ms))
        return false;
    return strspn(text, safe) == length && !(in_flow && strchr(text, ','));
}

/* True if the character stands for itself in double quotes. */
static bool is_shown(const char *text, size_t length)
{
    char piece[DBK_VISIBLE_MAX];

    dbk_visible_one(text, piece);
    return strlen(piece) == length && memcmp(piece, text, length) == 0;
}

static void put_escape(struct dbk_text *out, uint32_t code)
{
    if (code == '\n')
        dbk_text_add(out, "\\n");
    else if (code == '\t')
        dbk_text_add(out, "\\t");
    else if (code < 0x100)
        dbk_text_printf(out, "\\x%02" PRIx32, code);
    else if (code < 0x10000)
        dbk_text_printf(out, "\\u%04" PRIx32, code);
    else
        dbk_text_printf(out, "\\U%08" PRIx32, code);
}

static void put_quoted(struct dbk_text *out, const char *text)
{
    dbk_text_add_char(out, '"');
    while (*text) {
        size_t length = dbk_utf8_length(text, strnlen(text, 4));

        if (length == 0)
            dbk_text_add(out, "\\ufffd");
        else if (*text == '"' || *text == '\\')
            dbk_text_printf(out, "\\%c", *text);
        else if (is_shown(text, length))
            dbk_text_put(out, text, length);
        else
            put_escape(out, dbk_utf8_code(text, length));
        text += length > 0 ? length : 1;
    }
    dbk_text_add_char(out, '"');
}

static void put_text(struct dbk_text *out, const char *text, bool in_flow)
{
    if (is_plain(text, in_flow))
        dbk_text_add(out, text);
    else
        put_quoted(out, text);
}

void dbk_yaml_put_text(struct dbk_text *out, const char *text)
{
    put_text(out, text, true);
}

static void put_scalar(struct dbk_text *out, const cJSON *node, bool in_flow)
{
    int64_t value = 0;

    if (cJSON_IsString(node))
        put_text(out, node->valuestring, in_flow);
    else if (dbk_json_node_integer(node, &value))
        dbk_text_add_integer(out, value);
    else if (cJSON_IsBool(node))
        dbk_text_add(out, cJSON_IsTrue(node) ? "true" : "false");
    else
        dbk_text_add(out, "null");
}

/* ---- on one line ---- */

static bool is_container(const cJSON *node)
{
    return cJSON_IsObject(node) || cJSON_IsArray(node);
}

void dbk_yaml_put_flow(struct dbk_text *out, const cJSON *node)
{
    bool is_object = cJSON_IsObject(node);

    if (!is_container(node)) {
        put_scalar(out, node, true);
        return;
    }
    dbk_text_add_char(out, is_object ? '{' : '[');
    for (const cJSON *child = node->child; child; child = child->next) {
        dbk_text_add(out, child == node->child ? " " : ", ");
        if (is_object) {
            dbk_yaml_put_text(out, child->string);
            dbk_text_add(out, ": ");
        }
        dbk_yaml_put_flow(out, child);
    }
    dbk_text_add(out, !node->child ? "" : " ");
    dbk_text_add_char(out, is_object ? '}' : ']');
}

/* ---- folded ---- */

/* Words between single spaces, nothing invisible, one line feed behind it at most: folding such a
 * text and reading it back changes nothing. */
static bool may_fold(const char *text)
{
    size_t length = strlen(text);
    bool was_space = true;

    length -= length > 0 && text[length - 1] == '\n';
    for (size_t at = 0; at < length;) {
        size_t step = dbk_utf8_length(text + at, length - at);

        if (step == 0 || !is_shown(text + at, step) || (text[at] == ' ' && was_space))
            return false;
        was_space = text[at] == ' ';
        at += step;
    }
    return length > 0 && !was_space;
}

static void put_spaces(struct dbk_text *out, size_t count)
{
    while (count-- > 0)
        dbk_text_add_char(out, ' ');
}

/* The text's first line: as many of its words as fit, one at least. */
static size_t line_length(const char *text, size_t width)
{
    size_t length = strcspn(text, " \n");

    while (text[length] == ' ') {
        size_t longer = length + 1 + strcspn(text + length + 1, " \n");

        if (longer > width)
            break;
        length = longer;
    }
    return length;
}

static void put_folded(struct dbk_text *out, size_t indent, const char *text)
{
    size_t width = indent + 40 < DBK_YAML_WIDTH ? DBK_YAML_WIDTH - indent : 40;

    dbk_text_add(out, text[strlen(text) - 1] == '\n' ? " >\n" : " >-\n");
    while (*text && *text != '\n') {
        size_t length = line_length(text, width);

        put_spaces(out, indent);
        dbk_text_put(out, text, length);
        dbk_text_add_char(out, '\n');
        text += length + (text[length] == ' ');
    }
}

/* ---- blocks ---- */

static size_t column(const struct dbk_text *out)
{
    size_t at = out->length;

    while (at > 0 && out->bytes[at - 1] != '\n')
        at--;
    return out->length - at;
}

/* Adds " VALUE" on the line at hand if it fits there. */
static bool put_fitting(struct dbk_text *out, const cJSON *node)
{
    struct dbk_text flow = {0};
    bool fits = false;

    if (is_container(node))
        dbk_yaml_put_flow(&flow, node);
    else
        put_scalar(&flow, node, false);
    fits = column(out) + 1 + flow.length <= DBK_YAML_WIDTH;
    if (fits)
        dbk_text_printf(out, " %s\n", flow.bytes);
    dbk_text_reset(&flow);
    return fits;
}

static void put_long_scalar(struct dbk_text *out, size_t indent, const cJSON *node)
{
    if (cJSON_IsString(node) && may_fold(node->valuestring)) {
        put_folded(out, indent, node->valuestring);
        return;
    }
    dbk_text_add_char(out, ' ');
    put_scalar(out, node, false);
    dbk_text_add_char(out, '\n');
}

static bool ends_a_line(const cJSON *node)
{
    const char *text = cJSON_IsString(node) ? node->valuestring : "";

    return *text && text[strlen(text) - 1] == '\n' && may_fold(text);
}

static void put_value(struct dbk_text *out, size_t indent, const cJSON *node, int levels);

static void put_key(struct dbk_text *out, const char *key)
{
    dbk_yaml_put_text(out, key);
    dbk_text_add_char(out, ':');
}

/* Behind "- ": the first member stands on the same line. */
static void put_members(struct dbk_text *out, size_t indent, const cJSON *node, int levels)
{
    for (const cJSON *child = node->child; child; child = child->next) {
        if (child != node->child)
            put_spaces(out, indent);
        put_key(out, child->string);
        put_value(out, indent + 2, child, levels);
    }
}

/* Adds what follows "KEY:" or "-"; its own lines begin behind so many spaces. */
static void put_value(struct dbk_text *out, size_t indent, const cJSON *node, int levels)
{
    bool is_block = is_container(node) && node->child && levels > 0;

    if (!is_block && !ends_a_line(node) && put_fitting(out, node))
        return;
    if (!is_container(node) || !node->child) {
        put_long_scalar(out, indent, node);
        return;
    }
    dbk_text_add_char(out, '\n');
    for (const cJSON *child = node->child; child; child = child->next)
        if (cJSON_IsObject(node))
            dbk_yaml_put_member(out, indent, child->string, child, levels - 1);
        else
            dbk_yaml_put_item(out, indent, child, levels - 1);
}

void dbk_yaml_put_member(struct dbk_text *out, size_t indent, const char *key, const cJSON *node,
                         int levels)
{
    put_spaces(out, indent);
    put_key(out, key);
    put_value(out, indent + 2, node, levels);
}

void dbk_yaml_put_item(struct dbk_text *out, size_t indent, const cJSON *node, int levels)
{
    put_spaces(out, indent);
    dbk_text_add_char(out, '-');
    if (!cJSON_IsObject(node) || !node->child) {
        put_value(out, indent + 2, node, levels);
        return;
    }
    if (levels <= 0 && put_fitting(out, node))
        return;
    dbk_text_add_char(out, ' ');
    put_members(out, indent + 2, node, levels - 1);
}
