#include "runner/pointer.h"

#include <limits.h>
#include <string.h>

struct dbk_pointer_step {
    const char *name;
    int index; /* in an array; -1: none of any */
};

/* "0", "12", but not "01": an index has one form. */
static int index_of(const char *name)
{
    int64_t index;
    return dbk_parse_integer(name, &index) && index >= 0 && index <= INT_MAX ? (int)index : -1;
}

/* Copies a step's name with ~1 and ~0 put back; NULL where a tilde stands alone. */
static const char *name_of(const char *from, size_t length, struct dbk_arena *arena)
{
    char *name = dbk_arena_copy(arena, from, length), *to = name;
    for (size_t i = 0; i < length; i++) {
        bool is_escape = from[i] == '~';
        if (is_escape && (++i == length || (from[i] != '0' && from[i] != '1')))
            return NULL;
        *to++ = !is_escape ? from[i] : from[i] == '0' ? '~' : '/';
    }
    *to = '\0';
    return name;
}

bool dbk_pointer_read(const char *text, struct dbk_pointer *pointer, struct dbk_arena *arena,
                      const char **why)
{
    size_t count = 0;
    for (const char *at = text; *at; at++)
        count += *at == '/';
    struct dbk_pointer_step *steps = dbk_arena_alloc(arena, (count + 1) * sizeof *steps);
    *pointer = (struct dbk_pointer){.steps = steps, .count = count};
    if (*text && *text != '/') {
        *why = "expected a '/' first, as in /status";
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(text + 1, "/");
        steps[i].name = name_of(text + 1, length, arena);
        if (!steps[i].name) {
            *why = "expected ~0 (a tilde) or ~1 (a slash) where a tilde stands";
            return false;
        }
        steps[i].index = index_of(steps[i].name);
        text += 1 + length;
    }
    return true;
}

const cJSON *dbk_pointer_follow(const struct dbk_pointer *pointer, const cJSON *root)
{
    for (size_t i = 0; root && i < pointer->count; i++) {
        const struct dbk_pointer_step *step = &pointer->steps[i];
        if (!cJSON_IsArray(root))
            root = dbk_json_get(root, step->name);
        else
            root = step->index < 0 ? NULL : cJSON_GetArrayItem(root, step->index);
    }
    return root;
}
