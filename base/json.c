#include "base/json.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LITERAL_MAX 63
#define EXACT_DIGITS 15 /* every double knows integers of so many */
#define EXACT_MAX INT64_C(1000000000000000)
#define DIGITS "0123456789"

/* One pass over the bytes, before cJSON reads them and, rarely, once more behind it. */
struct scan {
    const char *bytes;
    size_t length, at;
    ptrdiff_t depth;
    bool has_wide; /* a number occurred that its double may not tell */
    char *why;     /* 160 bytes */
};

static bool fail(struct scan *scan, size_t at, const char *problem)
{
    snprintf(scan->why, 160, "%s at byte %zu", problem, at + 1);
    return false;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* cJSON makes NUL of four bytes that are no hexadecimal number, and cuts the text there. */
static bool is_nul(const char *digits)
{
    for (int i = 0; i < 4; i++)
        if (!memchr(DIGITS "abcdefABCDEF", digits[i], 22))
            return true;
    return memcmp(digits, "0000", 4) == 0;
}

/* Passes a text from quote to quote. A missing quote, unknown escapes and lone surrogates are left
 * to cJSON, which sees them. */
static bool pass_text(struct scan *scan)
{
    const char *bytes = scan->bytes;
    size_t at = scan->at + 1, left, step;

    for (;; at += step) {
        if (at < scan->length)
            at += dbk_plain_run(bytes + at, scan->length - at);
        if (at >= scan->length || bytes[at] == '"')
            break;
        left = scan->length - at;
        step = bytes[at] == '\\' ? 2 : dbk_utf8_length(bytes + at, left);
        if (step == 0)
            return fail(scan, at, "text that is not UTF-8");
        if ((unsigned char)bytes[at] < ' ')
            return fail(scan, at, "a control character in a text");
        if (left >= 6 && memcmp(bytes + at, "\\u", 2) == 0 && is_nul(bytes + at + 2))
            return fail(scan, at, "\\u0000 or a malformed \\u");
    }
    scan->at = at + 1;
    return true;
}

/* Copies the bytes that cJSON takes for one number, at most one more than there may be, and gives
 * how many; of these it reads what strtod() likes and is silent about the rest. */
static size_t copy_literal(const struct scan *scan, char literal[static LITERAL_MAX + 2])
{
    size_t left = scan->length - scan->at, length = 0;

    for (; length <= LITERAL_MAX && length < left; length++) {
        literal[length] = scan->bytes[scan->at + length];
        if (!memchr(DIGITS "+-.eE", literal[length], 15))
            break;
    }
    literal[length] = '\0';
    return length;
}

static bool is_integer(const char *literal)
{
    const char *digits = literal + (literal[0] == '-');

    return digits[strspn(digits, DIGITS)] == '\0' && strcmp(literal, "-0") != 0;
}

/* True if the number's double may not tell what was written. */
static bool is_wide(const char *literal, size_t length)
{
    return !is_integer(literal) || length - (literal[0] == '-') > EXACT_DIGITS;
}

static bool pass_number(struct scan *scan)
{
    char literal[LITERAL_MAX + 2];
    size_t length = copy_literal(scan, literal);
    const char *digits = literal + (literal[0] == '-'), *point = strchr(literal, '.');
    bool needs_literal = is_wide(literal, length);
    int64_t integer;

    if (length > LITERAL_MAX)
        return fail(scan, scan->at, "a number of more than 63 characters");
    if (!is_digit(digits[0]) || (digits[0] == '0' && is_digit(digits[1])) ||
        (point && !is_digit(point[1])))
        return fail(scan, scan->at, "a malformed number");
    if (needs_literal && is_integer(literal) && !dbk_parse_integer(literal, &integer))
        return fail(scan, scan->at, "an integer beyond 64 bits");
    scan->has_wide = scan->has_wide || needs_literal;
    scan->at += length;
    return true;
}

/* Passes a byte between texts and numbers. cJSON takes every control character for a blank there,
 * and a byte order mark before the value. */
static bool pass_mark(struct scan *scan)
{
    char byte = scan->bytes[scan->at];

    if (!is_blank(byte) && ((unsigned char)byte < ' ' || (unsigned char)byte > '~'))
        return fail(scan, scan->at, "not JSON");
    if (byte == '{' || byte == '[')
        scan->depth++;
    if (byte == '}' || byte == ']')
        scan->depth--;
    if (scan->depth > DBK_JSON_DEPTH_MAX)
        return fail(scan, scan->at, "nested too deep");
    scan->at++;
    return true;
}

static bool pass_token(struct scan *scan)
{
    char byte = scan->bytes[scan->at];

    if (byte == '"')
        return pass_text(scan);
    return byte == '-' || is_digit(byte) ? pass_number(scan) : pass_mark(scan);
}

/* Refuses what cJSON would let through; knows nothing of the grammar beyond. */
static bool guard(struct scan *scan)
{
    if (scan->length == 0) {
        snprintf(scan->why, 160, "nothing there");
        return false;
    }
    /* cJSON without CVE-2023-53154 mended looks for a key one byte behind the end. */
    if (scan->bytes[scan->length - 1] == ',')
        return fail(scan, scan->length - 1, "nothing behind the comma");
    while (scan->at < scan->length)
        if (!pass_token(scan))
            return false;
    return true;
}

/* Gives the tree if nothing but blanks stands behind the value. */
static cJSON *read_tree(struct scan *scan)
{
    const char *behind = scan->bytes, *end = scan->bytes + scan->length;
    cJSON *root = cJSON_ParseWithLengthOpts(scan->bytes, scan->length, &behind, false);

    while (root && behind < end && is_blank(*behind))
        behind++;
    if (root && behind == end)
        return root;
    (void)fail(scan, (size_t)(behind - scan->bytes), "not JSON");
    cJSON_Delete(root);
    return NULL;
}

/* Moves on to the next of the wanted bytes that stands in no text. The tree tells that there is
 * one, and the guard has seen all texts. */
static void seek(struct scan *scan, const char *wanted)
{
    while (!strchr(wanted, scan->bytes[scan->at])) {
        if (scan->bytes[scan->at] == '"')
            (void)pass_text(scan);
        else
            scan->at++;
    }
}

/* The first member, in the order of the bytes, whose object has its key twice; counts the objects
 * up to it. Never deeper than the guard lets pass, as all that goes through the tree here. */
static const cJSON *find_repeated(const cJSON *node, size_t *objects)
{
    const cJSON *repeated = NULL;

    if (cJSON_IsObject(node)) {
        ++*objects;
        repeated = dbk_json_repeated(node);
    }
    for (const cJSON *child = node->child; child && !repeated; child = child->next)
        repeated = find_repeated(child, objects);
    return repeated;
}

static bool has_unique_keys(struct scan *scan, const cJSON *root)
{
    size_t objects = 0;
    const cJSON *repeated = find_repeated(root, &objects);
    char problem[120];

    if (!repeated)
        return true;
    for (; objects > 0; objects--, scan->at++)
        seek(scan, "{");
    snprintf(problem, sizeof(problem), "duplicate key '%.60s' in the object", repeated->string);
    return fail(scan, scan->at - 1, problem);
}

/* cJSON frees with free(), as nobody tells it otherwise: what we allocate may hang in its tree. */
static bool keep_literal(struct scan *scan, cJSON *number)
{
    char literal[LITERAL_MAX + 2];
    size_t length;

    seek(scan, "-" DIGITS);
    if (number->valuedouble > DBL_MAX || number->valuedouble < -DBL_MAX)
        return fail(scan, scan->at, "a number beyond the range of a double");
    length = copy_literal(scan, literal);
    if (is_wide(literal, length))
        number->valuestring = dbk_copy_text(literal);
    scan->at += length;
    return true;
}

/* Numbers stand in the tree in the order of the bytes. */
static bool keep_literals(struct scan *scan, cJSON *node)
{
    if (cJSON_IsNumber(node))
        return keep_literal(scan, node);
    for (cJSON *child = node->child; child; child = child->next)
        if (!keep_literals(scan, child))
            return false;
    return true;
}

cJSON *dbk_json_parse(const char *bytes, size_t length, char why[static 160])
{
    struct scan scan = {.bytes = bytes, .length = length, .why = why};
    cJSON *root = guard(&scan) ? read_tree(&scan) : NULL;

    scan.at = 0;
    if (root && has_unique_keys(&scan, root) && (!scan.has_wide || keep_literals(&scan, root)))
        return root;
    cJSON_Delete(root);
    return NULL;
}

const cJSON *dbk_json_get(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *dbk_json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(dbk_json_get(object, name));
}

bool dbk_json_integer(const cJSON *object, const char *name, int64_t *value)
{
    return dbk_json_node_integer(dbk_json_get(object, name), value);
}

bool dbk_json_is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(dbk_json_get(object, name));
}

bool dbk_json_node_integer(const cJSON *node, int64_t *value)
{
    int64_t whole;

    if (!cJSON_IsNumber(node))
        return false;
    if (node->valuestring)
        return dbk_parse_integer(node->valuestring, value);
    if (!(node->valuedouble > -(double)EXACT_MAX && node->valuedouble < (double)EXACT_MAX))
        return false;
    whole = (int64_t)node->valuedouble;
    if ((double)whole != node->valuedouble)
        return false;
    *value = whole;
    return true;
}

/* Few members: each with each, without memory of our own. Many: sorted by key, then by place. */
#define FEW_MEMBERS 32

struct placed {
    const char *key;
    size_t place;
    const cJSON *member;
};

static int compare_placed(const void *one, const void *other)
{
    const struct placed *left = one, *right = other;
    int order = strcmp(left->key, right->key);

    if (order != 0)
        return order;
    return left->place < right->place ? -1 : left->place > right->place;
}

static const cJSON *repeated_of_many(const cJSON *object, size_t count)
{
    struct placed *members = dbk_resize(NULL, count * sizeof(*members));
    const struct placed *first = NULL;
    const cJSON *member = object->child, *repeated;

    for (size_t i = 0; i < count; i++, member = member->next)
        members[i] = (struct placed){.key = member->string, .place = i, .member = member};
    qsort(members, count, sizeof(*members), compare_placed);
    for (size_t i = 1; i < count; i++)
        if (strcmp(members[i - 1].key, members[i].key) == 0 &&
            (!first || members[i].place < first->place))
            first = &members[i];
    repeated = first ? first->member : NULL;
    free(members);
    return repeated;
}

const cJSON *dbk_json_repeated(const cJSON *object)
{
    size_t count = 0;

    for (const cJSON *member = object->child; member; member = member->next)
        count++;
    if (count > FEW_MEMBERS)
        return repeated_of_many(object, count);
    for (const cJSON *member = object->child; member; member = member->next)
        for (const cJSON *earlier = object->child; earlier != member; earlier = earlier->next)
            if (earlier->string[0] == member->string[0] &&
                strcmp(earlier->string, member->string) == 0)
                return member;
    return NULL;
}

cJSON *dbk_json_new_integer(int64_t value)
{
    cJSON *node = dbk_alloc(sizeof(*node));
    struct dbk_text literal = {0};

    node->type = cJSON_Number;
    cJSON_SetNumberHelper(node, (double)value);
    if (value <= -EXACT_MAX || value >= EXACT_MAX) {
        dbk_text_add_integer(&literal, value);
        node->valuestring = dbk_text_take(&literal);
    }
    return node;
}
