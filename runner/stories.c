#include "runner/stories.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one file, once ---- */

/* A path as a person standing here would write it. */
static const char *as_seen_here(const char *path)
{
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here))
        return path;
    size_t length = strlen(here);
    bool is_below = dbk_starts_with(path, here) && path[length] == '/';
    return is_below ? path + length + 1 : path;
}

/* The word for a path as it was given and as it is seen here: where nothing but a name is left of
 * it, that would be looked for in the library first. */
static char *word_of(const char *path, const char *seen)
{
    struct dbk_text word = {0};
    dbk_text_add(&word, seen == path || strchr(seen, '/') ? "" : "./");
    dbk_text_add(&word, seen);
    return dbk_text_take(&word);
}

/* given: NULL where the path itself finds it again. */
static void add(struct dbk_stories *stories, const char *path, const char *given)
{
    const char *seen = as_seen_here(path);
    struct stat facts = {0};
    bool is_there = stat(seen, &facts) == 0;
    for (size_t i = 0; i < stories->count && is_there; i++)
        if (stories->items[i].device == facts.st_dev && stories->items[i].inode == facts.st_ino)
            return;
    if (stories->count == stories->capacity) {
        stories->capacity = stories->capacity ? 2 * stories->capacity : 16;
        stories->items = dbk_resize(stories->items, stories->capacity * sizeof *stories->items);
    }
    stories->items[stories->count++] =
        (struct dbk_story){.device = facts.st_dev,
                           .inode = facts.st_ino,
                           .path = dbk_copy_text(seen),
                           .given = given ? dbk_copy_text(given) : word_of(path, seen)};
}

/* ---- the library ---- */

/* "seed-incident" for ".../scenarios/seed-incident.yaml"; size bytes. */
static void name_of(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    snprintf(name, size, "%.*s", (int)(strrchr(last, '.') - last), last);
}

/* The name that a file's scenario gives itself; false where it cannot be read. */
static bool says_name(const char *path, const char *name)
{
    struct dbk_complaints quiet = {0};
    struct dbk_yaml *yaml = dbk_yaml_load(path, &quiet);
    bool is_so = yaml && dbk_same(dbk_json_text(dbk_yaml_root(yaml), "scenario"), name);
    dbk_yaml_free(yaml);
    dbk_complaints_reset(&quiet);
    return is_so;
}

/* By the file's name, else by the scenario's. */
static bool find_by_name(struct dbk_stories *stories, const struct dbk_paths *paths,
                         const char *word)
{
    for (size_t i = 0; i < paths->count; i++) {
        char name[NAME_MAX + 1];
        name_of(paths->items[i], name, sizeof name);
        if (strcmp(name, word) == 0) {
            add(stories, paths->items[i], word);
            return true;
        }
    }
    for (size_t i = 0; i < paths->count; i++)
        if (says_name(paths->items[i], word)) {
            add(stories, paths->items[i], word);
            return true;
        }
    return false;
}

static void find_in_library(struct dbk_stories *stories, const struct dbk_library *library,
                            const struct dbk_paths *paths, const char *word,
                            struct dbk_complaints *complaints)
{
    char path[4608 + PATH_MAX], names[DBK_WORDS_MAX][64];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", library->root, word);
    if (find_by_name(stories, paths, word))
        return;
    if (stat(path, &facts) == 0 && S_ISREG(facts.st_mode)) { /* "scenarios/seed-incident.yaml" */
        add(stories, path, word);
        return;
    }
    struct dbk_words words = {.count = 0};
    struct dbk_text text = {0};
    for (size_t i = 0; i < paths->count && i < DBK_WORDS_MAX; i++) {
        name_of(paths->items[i], names[i], sizeof names[i]);
        dbk_words_add(&words, names[i]);
    }
    dbk_words_unknown(&words, "scenario", word, &text);
    dbk_complain(complaints, word, 1, 1, "no such file or folder, and %s", text.bytes);
    dbk_text_reset(&text);
}

/* ---- words ---- */

static void find_folder(struct dbk_stories *stories, const char *folder,
                        struct dbk_complaints *complaints)
{
    struct dbk_paths paths = {0};
    if (!dbk_paths_collect(&paths, folder))
        dbk_complain(complaints, paths.unread, 1, 1, "the folder cannot be read: %s",
                     strerror(errno));
    else if (paths.count == 0)
        dbk_complain(complaints, folder, 1, 1,
                     "the folder holds no scenario; expected .yaml or .yml files");
    for (size_t i = 0; i < paths.count; i++)
        add(stories, paths.items[i], NULL);
    dbk_paths_reset(&paths);
}

void dbk_stories_find(struct dbk_stories *stories, const struct dbk_library *library,
                      char *const *words, size_t count, struct dbk_complaints *complaints)
{
    struct dbk_paths paths = {0};
    char folder[4608];
    snprintf(folder, sizeof folder, "%s/%s", library->root, DBK_SCENARIO_FOLDER);
    if (!dbk_paths_collect(&paths, folder))
        dbk_complain(complaints, paths.unread, 1, 1, "the library cannot be read: %s",
                     strerror(errno));
    for (size_t i = 0; i < paths.count && count == 0; i++) {
        char name[NAME_MAX + 1];
        name_of(paths.items[i], name, sizeof name);
        add(stories, paths.items[i], name);
    }
    for (size_t i = 0; i < count; i++) {
        struct stat facts;
        bool is_name = !strchr(words[i], '/') && find_by_name(stories, &paths, words[i]);
        if (is_name)
            continue;
        bool is_there = stat(words[i], &facts) == 0;
        if (!is_there && errno != ENOENT && errno != ENOTDIR)
            dbk_complain(complaints, words[i], 1, 1, "cannot be looked at: %s", strerror(errno));
        else if (!is_there)
            find_in_library(stories, library, &paths, words[i], complaints);
        else if (S_ISDIR(facts.st_mode))
            find_folder(stories, words[i], complaints);
        else
            add(stories, words[i], NULL);
    }
    dbk_paths_reset(&paths);
}

/* ---- loading ---- */

static int compare_names(const void *one, const void *other)
{
    const struct dbk_story *a = *(const struct dbk_story *const *)one;
    const struct dbk_story *b = *(const struct dbk_story *const *)other;
    int order = strcmp(a->scenario->name, b->scenario->name);
    return order != 0 ? order : strcmp(a->path, b->path);
}

/* A name stands for one scenario in all reports of a call. */
void dbk_stories_check_names(const struct dbk_stories *stories, struct dbk_complaints *complaints)
{
    const struct dbk_story **sorted = dbk_alloc((stories->count + 1) * sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < stories->count; i++)
        if (stories->items[i].scenario)
            sorted[count++] = &stories->items[i];
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i]->scenario->name, sorted[i - 1]->scenario->name) == 0)
            dbk_complain(complaints, sorted[i]->path, sorted[i]->scenario->name_line,
                         sorted[i]->scenario->name_column,
                         "the name '%s' is taken by %s:%d; expected one of its own",
                         sorted[i]->scenario->name, sorted[i - 1]->path,
                         sorted[i - 1]->scenario->name_line);
    free(sorted);
}

void dbk_stories_load(struct dbk_stories *stories, const struct dbk_library *library,
                      struct dbk_complaints *complaints)
{
    for (size_t i = 0; i < stories->count; i++)
        stories->items[i].scenario = dbk_scenario_load(library, stories->items[i].path, complaints);
    dbk_stories_check_names(stories, complaints);
}

static void free_story(struct dbk_story *story)
{
    free(story->path);
    free(story->given);
    dbk_scenario_free(story->scenario);
}

size_t dbk_stories_keep(struct dbk_stories *stories, bool searches)
{
    size_t kept = 0, all = stories->count;
    for (size_t i = 0; i < all; i++) {
        if (stories->items[i].scenario->is_search == searches)
            stories->items[kept++] = stories->items[i];
        else
            free_story(&stories->items[i]);
    }
    stories->count = kept;
    return all - kept;
}

char *dbk_stories_digest(const struct dbk_stories *stories, const struct dbk_policy *policy,
                         struct dbk_arena *arena)
{
    struct dbk_text text = {0};
    char *hex = dbk_arena_alloc(arena, DBK_DIGEST_HEX);
    for (size_t i = 0; i < stories->count; i++)
        if (stories->items[i].scenario)
            dbk_text_put(&text, (const char *)stories->items[i].scenario->digest.bytes,
                         DBK_DIGEST_BYTES);
    if (policy)
        dbk_policy_text(policy, &text);
    struct dbk_digest digest = dbk_digest_of(text.bytes, text.length);
    dbk_digest_hex(&digest, hex);
    dbk_text_reset(&text);
    return hex;
}

void dbk_stories_reset(struct dbk_stories *stories)
{
    for (size_t i = 0; i < stories->count; i++)
        free_story(&stories->items[i]);
    free(stories->items);
    *stories = (struct dbk_stories){0};
}
