/* memory: allocation that does not fail, and an arena for what dies together.
 *
 * A tool that judges others must not judge with half a history: when memory is
 * exhausted the program says so and ends with exit code 4. So no caller checks
 * for NULL. Sizes are bytes. Next: memory.c, then text.h.
 */
#ifndef DBK_BASE_MEMORY_H
#define DBK_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

#define DBK_CHECKED __attribute__((warn_unused_result))
#define DBK_PRINTF(format_at, rest_at) __attribute__((format(printf, format_at, rest_at)))
#define DBK_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Gives zeroed memory; the caller frees it with free(). */
void *dbk_alloc(size_t size);

/* Resizes as realloc does; takes block, gives the new one. New bytes are not zeroed. */
void *dbk_resize(void *block, size_t size);

/* Gives a copy of text; NULL gives NULL. The caller frees it with free(). */
char *dbk_copy_text(const char *text);

/* Many small things with one end: freed all at once, never one by one. */
struct dbk_arena {
    struct dbk_arena_block *first, *current; /* owned; reused after a reset */
};

/* Gives zeroed, 16-byte aligned memory, valid until the arena is reset or freed. */
void *dbk_arena_alloc(struct dbk_arena *arena, size_t size);
void *dbk_arena_room(struct dbk_arena *arena, size_t size); /* the same, but not zeroed */
char *dbk_arena_copy(struct dbk_arena *arena, const char *bytes, size_t length);
char *dbk_arena_text(struct dbk_arena *arena, const char *text); /* NULL gives NULL */
char *dbk_arena_printf(struct dbk_arena *arena, const char *format, ...) DBK_PRINTF(2, 3);
char *dbk_arena_vprintf(struct dbk_arena *arena, const char *format, va_list arguments)
    DBK_PRINTF(2, 0);

/* Forgets everything, keeps the blocks for the next use. */
void dbk_arena_reset(struct dbk_arena *arena);

/* Gives all memory back; the arena is then empty and usable. */
void dbk_arena_free(struct dbk_arena *arena);

#endif
