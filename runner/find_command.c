#include "base/visible.h"
#include "runner/cli.h"
#include "runner/find.h"
#include "runner/find_stories.h"
#include "runner/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 100
#define EXIT_NOTHING 2

/* A question, and what of the library answers it. */
struct found {
    struct dbk_find_words words;
    struct dbk_find_hit *hits;
    size_t count;
};

/* ---- for people ---- */

/* A text as it may be shown, on one line. */
static const char *shown(const char *text, size_t length, struct dbk_arena *arena)
{
    char *line = dbk_arena_copy(arena, text, length);
    struct dbk_text visible = {0};
    for (char *c = line; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    dbk_text_add_visible(&visible, line);
    const char *kept = dbk_arena_text(arena, visible.bytes ? visible.bytes : "");
    dbk_text_reset(&visible);
    return kept;
}

static const char *first_sentence(const char *summary, struct dbk_arena *arena)
{
    const char *end = strstr(summary, ". ");
    return shown(summary, end ? (size_t)(end + 1 - summary) : strlen(summary), arena);
}

static void print_reason(const struct dbk_find_reason *reason, struct dbk_arena *arena,
                         struct dbk_text *out)
{
    const char *text = shown(reason->text, strlen(reason->text), arena);
    const char *line =
        reason->field == DBK_FIND_SUMMARY /* too long to be shown once more */
            ? "in its summary"
            : dbk_arena_printf(arena, "%s: %s", dbk_find_field_name(reason->field), text);
    dbk_paragraph_print(line, 4, WIDTH, out);
}

static void print_hit(const struct dbk_find_hit *hit, struct dbk_arena *arena, struct dbk_text *out)
{
    const struct dbk_scenario *scenario = hit->scenario;
    dbk_text_printf(out, "%s  (%s)\n", scenario->name,
                    shown(scenario->file, strlen(scenario->file), arena));
    if (scenario->summary)
        dbk_paragraph_print(first_sentence(scenario->summary, arena), 2, WIDTH, out);
    for (size_t i = 0; i < hit->reason_count; i++)
        print_reason(&hit->reasons[i], arena, out);
}

static size_t count_with(const struct dbk_stories *stories, char *word)
{
    const struct dbk_find_words single = {.words = {word}, .count = 1};
    struct dbk_find_hit hit;
    size_t count = 0;
    for (size_t i = 0; i < stories->count; i++)
        count += dbk_find_in(stories->items[i].scenario, &single, &hit) ? 1 : 0;
    return count;
}

/* Which word to leave out. */
static void print_nothing(const struct found *found, const struct dbk_stories *stories,
                          struct dbk_text *out)
{
    dbk_text_add(out, "no scenario says all of it; of the words alone:\n");
    for (size_t i = 0; i < found->words.count; i++) {
        dbk_text_add(out, "  ");
        dbk_text_add_visible(out, found->words.words[i]);
        dbk_text_printf(out, ": %zu\n", count_with(stories, found->words.words[i]));
    }
}

static void print_text(const struct found *found, const struct dbk_stories *stories,
                       struct dbk_arena *arena, struct dbk_text *out)
{
    for (size_t i = 0; i < found->count; i++)
        print_hit(&found->hits[i], arena, out);
    if (found->count == 0)
        print_nothing(found, stories, out);
}

/* ---- for programs ---- */

static void write_json(const struct found *found, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "format", 1);
    dbk_json_key(out, "words");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < found->words.count; i++)
        dbk_json_put_text(out, found->words.words[i]);
    dbk_json_close(out, ']');
    dbk_json_key(out, "found");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < found->count; i++) {
        const struct dbk_find_hit *hit = &found->hits[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "scenario", hit->scenario->name);
        dbk_json_pair_text(out, "file", hit->scenario->file);
        dbk_json_pair_text(out, "summary", hit->scenario->summary ? hit->scenario->summary : "");
        dbk_json_key(out, "because");
        dbk_json_open(out, '[');
        for (size_t k = 0; k < hit->reason_count; k++) {
            dbk_json_open(out, '{');
            dbk_json_pair_text(out, "field", dbk_find_field_name(hit->reasons[k].field));
            dbk_json_pair_text(out, "text", hit->reasons[k].text);
            dbk_json_close(out, '}');
        }
        dbk_json_close(out, ']');
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
    dbk_text_add_char(out, '\n');
}

/* ---- the command ---- */

static void look(struct found *found, const struct dbk_stories *stories)
{
    found->hits = dbk_alloc((stories->count + 1) * sizeof *found->hits);
    for (size_t i = 0; i < stories->count; i++)
        if (dbk_find_in(stories->items[i].scenario, &found->words, &found->hits[found->count]))
            found->count++;
    dbk_find_sort(found->hits, found->count);
}

/* What is asked, and how it is to be answered. */
struct asked {
    struct found found;
    bool is_json, is_page;
    struct dbk_arena arena;
};

static int answer(struct asked *asked, const struct dbk_stories *stories)
{
    struct found *found = &asked->found;
    struct dbk_text out = {0};
    if (asked->is_page) {
        dbk_told_page(stories, &out);
    } else {
        look(found, stories);
        if (asked->is_json)
            write_json(found, &out);
        else
            print_text(found, stories, &asked->arena, &out);
    }
    fputs(out.bytes, stdout);
    dbk_text_reset(&out);
    return asked->is_page || found->count > 0 ? 0 : EXIT_NOTHING;
}

static int find(const struct dbk_cli *call, struct asked *asked)
{
    struct dbk_complaints complaints = {0};
    struct dbk_stories stories = {0};
    struct dbk_library library;
    char why[160];
    if (!dbk_library_find(&library, why))
        return dbk_cli_failed(call, "%s", why);
    dbk_stories_find(&stories, &library, NULL, 0, &complaints);
    dbk_stories_load(&stories, &library, &complaints);
    int code = complaints.total > 0 ? dbk_cli_complain(&complaints) : answer(asked, &stories);
    free(asked->found.hits);
    dbk_stories_reset(&stories);
    dbk_complaints_reset(&complaints);
    return code;
}

static int ask(const struct dbk_cli *call, struct asked *asked)
{
    bool fits = true;
    if (asked->is_page) {
        int code = dbk_cli_no_more(call, optind);
        return code == 0 ? find(call, asked) : code;
    }
    for (int i = optind; i < call->argc && fits; i++)
        fits = dbk_find_split(&asked->found.words, call->argv[i], &asked->arena);
    if (!fits)
        return dbk_cli_misuse(call, "these are more than %d words", DBK_FIND_WORDS);
    if (asked->found.words.count == 0)
        return dbk_cli_misuse(call, "what is it about? expected words such as: two reservations");
    return find(call, asked);
}

int dbk_find_command(const struct dbk_cli *call)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"stories", no_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *format = "text";
    struct asked asked = {0};
    int option;
    while ((option = dbk_cli_option(call, options)) != -1) {
        if (option == 'h')
            return dbk_cli_help(call);
        if (option == '?')
            return DBK_EXIT_BAD_INPUT;
        asked.is_page = asked.is_page || option == 's';
        format = option == 'f' ? optarg : format;
    }
    asked.is_json = strcmp(format, "json") == 0;
    if (!asked.is_json && strcmp(format, "text") != 0)
        return dbk_cli_misuse(call, "--format is text or json");
    if (asked.is_json && asked.is_page)
        return dbk_cli_misuse(call, "--stories is a page of text");
    int code = ask(call, &asked);
    dbk_arena_free(&asked.arena);
    return code;
}
