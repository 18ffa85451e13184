#include "runner/template.h"

#include "base/message.h"

#include <assert.h>
#include <string.h>

struct dbk_template_piece {
    const char *bytes; /* as it stands; NULL: a value */
    size_t length;
    const struct dbk_variable *variable; /* NULL: a JSON text made of the inner pieces */
    enum dbk_template_use use;
    struct dbk_template inner;
};

bool dbk_template_next(const char **at, struct dbk_template_part *part)
{
    const char *begin = *at;
    size_t length = strcspn(begin, "{}");

    *part = (struct dbk_template_part){.bytes = begin, .length = length};
    if (length > 0) {
        *at += length;
        return true;
    }
    if (begin[0] && begin[1] == begin[0]) { /* a doubled brace */
        part->length = 1;
        *at += 2;
        return true;
    }
    length = begin[0] == '{' ? strcspn(begin + 1, "{}") : 0;
    if (length == 0 || begin[1 + length] != '}')
        return false;
    *part = (struct dbk_template_part){.bytes = begin + 1, .length = length, .is_variable = true};
    *at += length + 2;
    return true;
}

static const struct dbk_variable *find(const struct dbk_variables *variables,
                                       const struct dbk_template_part *part)
{
    for (size_t i = 0; i < variables->count; i++)
        if (strncmp(variables->rows[i].name, part->bytes, part->length) == 0 &&
            variables->rows[i].name[part->length] == '\0')
            return &variables->rows[i];
    assert(!"a template with an unknown variable");
    return NULL;
}

struct dbk_template dbk_template_of_text(const char *text, enum dbk_template_use use,
                                         const struct dbk_variables *variables,
                                         struct dbk_arena *arena)
{
    struct dbk_template made = {0};
    struct dbk_template_part part;
    const char *at = text;

    while (dbk_template_next(&at, &part))
        made.count++;
    assert(*at == '\0');
    made.pieces = dbk_arena_alloc(arena, (made.count + 1) * sizeof *made.pieces);
    at = text;
    for (size_t i = 0; i < made.count && dbk_template_next(&at, &part); i++) {
        struct dbk_template_piece *piece = &made.pieces[i];
        piece->use = use;
        if (part.is_variable) {
            piece->variable = find(variables, &part);
        } else {
            piece->bytes = dbk_arena_copy(arena, part.bytes, part.length);
            piece->length = part.length;
        }
    }
    return made;
}

/* The pieces of a JSON value: texts with variables, and what is written around them. */
struct cutting {
    const struct dbk_variables *variables;
    struct dbk_arena *arena;
    struct dbk_text text; /* the whole value, with "" in place of texts with variables */
    size_t done;          /* bytes of it that stand in pieces */
    struct dbk_template made;
};

static size_t count_texts(const cJSON *node)
{
    size_t count = cJSON_IsString(node);
    for (const cJSON *child = node->child; child; child = child->next)
        count += count_texts(child);
    return count;
}

/* Puts what was written since the last piece, up to the length given. */
static void cut(struct cutting *cutting, size_t length)
{
    struct dbk_template_piece *piece = &cutting->made.pieces[cutting->made.count++];
    piece->length = length - cutting->done;
    piece->bytes =
        dbk_arena_copy(cutting->arena, cutting->text.bytes + cutting->done, piece->length);
    cutting->done = length;
}

static void cut_text(struct cutting *cutting, const cJSON *node)
{
    struct dbk_template inner = dbk_template_of_text(node->valuestring, DBK_TEMPLATE_PLAIN,
                                                     cutting->variables, cutting->arena);
    dbk_json_put_text(&cutting->text, "");
    cut(cutting, cutting->text.length - 2);
    cutting->done = cutting->text.length;
    struct dbk_template_piece *piece = &cutting->made.pieces[cutting->made.count++];
    piece->inner = inner;
    if (inner.count == 1 && inner.pieces[0].variable && inner.pieces[0].variable->is_integer)
        *piece = inner.pieces[0];
}

static void cut_node(struct cutting *cutting, const cJSON *node)
{
    if (cJSON_IsString(node) && strpbrk(node->valuestring, "{}")) {
        cut_text(cutting, node);
        return;
    }
    if (!cJSON_IsObject(node) && !cJSON_IsArray(node)) {
        dbk_json_put_node(&cutting->text, node);
        return;
    }
    bool is_object = cJSON_IsObject(node);
    dbk_json_open(&cutting->text, is_object ? '{' : '[');
    for (const cJSON *child = node->child; child; child = child->next) {
        if (is_object)
            dbk_json_key(&cutting->text, child->string);
        cut_node(cutting, child);
    }
    dbk_json_close(&cutting->text, is_object ? '}' : ']');
}

struct dbk_template dbk_template_of_json(const cJSON *node, const struct dbk_variables *variables,
                                         struct dbk_arena *arena)
{
    struct cutting cutting = {.variables = variables, .arena = arena};
    size_t most = 2 * count_texts(node) + 1;
    cutting.made.pieces = dbk_arena_alloc(arena, most * sizeof *cutting.made.pieces);
    cut_node(&cutting, node);
    cut(&cutting, cutting.text.length);
    dbk_text_reset(&cutting.text);
    return cutting.made;
}

static const void *value_at(const struct dbk_variable *variable, const void *record)
{
    return (const char *)record + variable->offset;
}

static void put_header(struct dbk_text *out, const char *value)
{
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;
        dbk_text_add_char(out, byte < ' ' || byte == 0x7f ? '?' : *value);
    }
}

static bool put_value(const struct dbk_template_piece *piece, const void *record,
                      struct dbk_text *out)
{
    const void *value = value_at(piece->variable, record);
    if (piece->variable->is_integer) {
        dbk_text_add_integer(out, *(const int64_t *)value);
        return true;
    }
    const char *text = *(const char *const *)value;
    if (!text)
        return false;
    switch (piece->use) {
    case DBK_TEMPLATE_PATH:
        dbk_path_encode(out, text);
        break;
    case DBK_TEMPLATE_HEADER:
        put_header(out, text);
        break;
    case DBK_TEMPLATE_PLAIN:
        dbk_text_add(out, text);
        break;
    }
    return true;
}

/* A text of a body; most are one value and need no room of their own. */
static bool put_json_text(const struct dbk_template *inner, const void *record,
                          struct dbk_text *out)
{
    const struct dbk_template_piece *only = inner->count == 1 ? inner->pieces : NULL;
    if (only && only->variable) {
        const char *text = *(const char *const *)value_at(only->variable, record);
        if (text)
            dbk_json_put_text(out, text);
        return text != NULL;
    }
    struct dbk_text whole = {0};
    bool is_known = dbk_template_fill(inner, record, &whole);
    if (is_known)
        dbk_json_put_text(out, whole.bytes ? whole.bytes : "");
    dbk_text_reset(&whole);
    return is_known;
}

bool dbk_template_fill(const struct dbk_template *filled, const void *record, struct dbk_text *out)
{
    for (size_t i = 0; i < filled->count; i++) {
        const struct dbk_template_piece *piece = &filled->pieces[i];
        bool is_known = true;
        if (piece->bytes)
            dbk_text_put(out, piece->bytes, piece->length);
        else if (piece->variable)
            is_known = put_value(piece, record, out);
        else
            is_known = put_json_text(&piece->inner, record, out);
        if (!is_known)
            return false;
    }
    return true;
}
