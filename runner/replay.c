#include "runner/replay.h"

#include "reports/plain.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- quoting ----
 * As it is, in '...', or, with bytes that no report shows as they are, in $'...'. */

/* The length of the first character; 0 where it is not shown as it is. */
static size_t shown_length(const char *word)
{
    char one[5] = "";
    size_t length = dbk_utf8_length(word, strnlen(word, 4));
    struct dbk_text plain = {0};
    memcpy(one, word, length);
    dbk_plain_add(&plain, one, DBK_PLAIN_NAME);
    bool is_as_it_is = dbk_same(plain.bytes, one);
    dbk_text_reset(&plain);
    return is_as_it_is ? length : 0;
}

static bool is_shown(const char *word)
{
    struct dbk_text plain = {0};
    dbk_plain_add(&plain, word, SIZE_MAX);
    bool is_as_it_is = !*word || dbk_same(plain.bytes, word);
    dbk_text_reset(&plain);
    return is_as_it_is;
}

/* In octal, which ends after three digits whatever follows. */
static void quote_bytes(struct dbk_text *out, const char *word)
{
    dbk_text_add(out, "$'");
    while (*word) {
        size_t length = shown_length(word);
        if (length == 0)
            dbk_text_printf(out, "\\%03o", (unsigned)(unsigned char)*word);
        else if (*word == '\'' || *word == '\\')
            dbk_text_printf(out, "\\%c", *word);
        else
            dbk_text_put(out, word, length);
        word += length > 0 ? length : 1;
    }
    dbk_text_add_char(out, '\'');
}

static void quote(struct dbk_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=@%+,";
    if (*word && strspn(word, plain) == strlen(word)) {
        dbk_text_add(out, word);
        return;
    }
    if (!is_shown(word)) {
        quote_bytes(out, word);
        return;
    }
    dbk_text_add_char(out, '\'');
    for (; *word; word++)
        if (*word == '\'')
            dbk_text_add(out, "'\\''");
        else
            dbk_text_add_char(out, *word);
    dbk_text_add_char(out, '\'');
}

/* ---- the command ---- */

void dbk_replay_begin(struct dbk_replay *replay, const char *program, const char *command)
{
    bool is_found_by_path = !strchr(program, '/');
    dbk_text_clear(&replay->command);
    quote(&replay->command, program);
    dbk_text_printf(&replay->command, " %s", command);
    replay->needs_folder = program[0] != '/' && !is_found_by_path;
}

void dbk_replay_add(struct dbk_replay *replay, const char *option, const char *word)
{
    struct dbk_text *command = &replay->command;
    dbk_text_add_char(command, ' ');
    if (option)
        dbk_text_printf(command, "%s ", option);
    else if (word[0] == '-')
        dbk_text_add(command, "./");
    quote(command, word);
    if (word[0] != '/' && access(word, F_OK) == 0)
        replay->needs_folder = true;
}

void dbk_replay_place(const struct dbk_replay *replay, struct dbk_outcome *outcome)
{
    char folder[PATH_MAX];
    struct dbk_text quoted = {0};
    if (!replay->needs_folder || !getcwd(folder, sizeof folder))
        return;
    quote(&quoted, folder);
    outcome->replay_folder = dbk_arena_text(&outcome->arena, quoted.bytes);
    dbk_text_reset(&quoted);
}

void dbk_replay_reset(struct dbk_replay *replay)
{
    dbk_text_reset(&replay->command);
    replay->needs_folder = false;
}
