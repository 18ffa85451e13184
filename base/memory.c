#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16
#define FIRST_BLOCK_BYTES (4 * 1024) /* many arenas stay small */
#define BLOCK_BYTES (32 * 1024)

struct dbk_arena_block {
    struct dbk_arena_block *next;
    size_t size, used;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

static _Noreturn void give_up(void)
{
    fputs("doublebook: memory is exhausted\n", stderr);
    exit(4);
}

void *dbk_alloc(size_t size)
{
    void *block = calloc(1, size ? size : 1);

    if (!block)
        give_up();
    return block;
}

void *dbk_resize(void *block, size_t size)
{
    void *resized = realloc(block, size ? size : 1);

    if (!resized)
        give_up();
    return resized;
}

char *dbk_copy_text(const char *text)
{
    size_t size;

    if (!text)
        return NULL;
    size = strlen(text) + 1;
    return memcpy(dbk_resize(NULL, size), text, size);
}

static struct dbk_arena_block *block_new(size_t size, size_t least)
{
    struct dbk_arena_block *block;

    if (size < least)
        size = least;
    block = dbk_resize(NULL, sizeof(*block) + size);
    block->next = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

/* Moves on to the next kept block that has room, or hangs a new one behind the last. */
static struct dbk_arena_block *block_with_room(struct dbk_arena *arena, size_t size)
{
    struct dbk_arena_block *block = arena->current;

    while (block && block->size - block->used < size && block->next) {
        block = block->next;
        block->used = 0;
    }
    if (!block || block->size - block->used < size) {
        struct dbk_arena_block *added = block_new(size, block ? BLOCK_BYTES : FIRST_BLOCK_BYTES);

        if (block)
            block->next = added;
        else
            arena->first = added;
        block = added;
    }
    arena->current = block;
    return block;
}

/* Not zeroed: for those who fill it at once. */
static void *take(struct dbk_arena *arena, size_t size)
{
    struct dbk_arena_block *block;
    void *taken;

    if (size > SIZE_MAX / 2)
        give_up();
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    block = block_with_room(arena, size);
    taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

void *dbk_arena_alloc(struct dbk_arena *arena, size_t size)
{
    return memset(take(arena, size), 0, size);
}

void *dbk_arena_room(struct dbk_arena *arena, size_t size)
{
    return take(arena, size);
}

char *dbk_arena_copy(struct dbk_arena *arena, const char *bytes, size_t length)
{
    char *copy = take(arena, length + 1);

    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *dbk_arena_text(struct dbk_arena *arena, const char *text)
{
    return text ? dbk_arena_copy(arena, text, strlen(text)) : NULL;
}

char *dbk_arena_vprintf(struct dbk_arena *arena, const char *format, va_list arguments)
{
    va_list again;
    char first[256]; /* what is longer is formatted twice */
    int length;
    char *text;

    va_copy(again, arguments);
    length = vsnprintf(first, sizeof(first), format, arguments);
    text = take(arena, (size_t)length + 1);
    if ((size_t)length < sizeof(first))
        memcpy(text, first, (size_t)length + 1);
    else
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *dbk_arena_printf(struct dbk_arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = dbk_arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

void dbk_arena_reset(struct dbk_arena *arena)
{
    arena->current = arena->first;
    if (arena->current)
        arena->current->used = 0;
}

void dbk_arena_free(struct dbk_arena *arena)
{
    struct dbk_arena_block *block = arena->first;

    while (block) {
        struct dbk_arena_block *next = block->next;

        free(block);
        block = next;
    }
    *arena = (struct dbk_arena){0};
}
