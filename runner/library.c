#include "runner/library.h"

#include "runner/search/goal.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS_DEEP 16
#define SUFFIX ".yaml"

/* ---- where it is ---- */

/* The one file that only a library has. */
static bool is_root(const char *folder)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s/scenario.schema.json", folder, DBK_SCENARIO_FOLDER);
    return access(path, R_OK) == 0;
}

static bool take_root(struct dbk_library *library, const char *folder)
{
    if (strlen(folder) >= sizeof library->root || !is_root(folder))
        return false;
    snprintf(library->root, sizeof library->root, "%s", folder);
    return true;
}

/* Installed beside the program, or in a folder above it as in a build tree. */
static bool find_beside_program(struct dbk_library *library)
{
    char program[PATH_MAX], installed[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return false;
    program[length] = '\0';
    for (char *slash = strrchr(program, '/'); slash; slash = strrchr(program, '/')) {
        *slash = '\0';
        snprintf(installed, sizeof installed, "%s/../share/doublebook", program);
        if (take_root(library, installed) || take_root(library, program))
            return true;
    }
    return false;
}

bool dbk_library_find(struct dbk_library *library, char why[static 160])
{
    const char *home = getenv("DOUBLEBOOK_HOME");
    if (home && *home) {
        if (take_root(library, home))
            return true;
        snprintf(why, 160, "DOUBLEBOOK_HOME is no library: it holds no %s/scenario.schema.json",
                 DBK_SCENARIO_FOLDER);
        return false;
    }
    if (find_beside_program(library) || take_root(library, DBK_SOURCE_DIR))
        return true;
    snprintf(why, 160,
             "the library is not beside the program; set DOUBLEBOOK_HOME to the folder that holds "
             "%s/scenario.schema.json",
             DBK_SCENARIO_FOLDER);
    return false;
}

void dbk_library_path(const struct dbk_library *library, const char *folder, const char *name,
                      char path[static 4608])
{
    snprintf(path, 4608, "%s/%s/%.200s%s", library->root, folder, name, SUFFIX);
}

char *dbk_library_file(const struct dbk_library *library, const char *path, struct dbk_arena *arena)
{
    char root[PATH_MAX], whole[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (!library || !realpath(library->root, root) || !realpath(path, whole))
        return dbk_arena_text(arena, last);
    size_t length = strlen(root);
    bool is_within = dbk_starts_with(whole, root) && whole[length] == '/';
    return dbk_arena_text(arena, is_within ? whole + length + 1 : last);
}

/* ---- what is in it ---- */

static void add_path(struct dbk_paths *paths, const char *path)
{
    if (paths->count == paths->capacity) {
        paths->capacity = paths->capacity ? 2 * paths->capacity : 16;
        paths->items = dbk_resize(paths->items, paths->capacity * sizeof *paths->items);
    }
    paths->items[paths->count++] = dbk_copy_text(path);
}

void dbk_paths_reset(struct dbk_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    free(paths->unread);
    *paths = (struct dbk_paths){0};
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);
    return length > tail && strcmp(name + length - tail, suffix) == 0;
}

/* The goal of a search lies beside the scenarios and is none. */
static bool has_suffix(const char *name)
{
    return (ends_with(name, SUFFIX) || ends_with(name, ".yml")) &&
           !ends_with(name, DBK_GOAL_SUFFIX);
}

static bool collect(struct dbk_paths *paths, const char *folder, int deep)
{
    DIR *listing = opendir(folder);
    bool is_read = listing;
    if (!listing) {
        free(paths->unread);
        paths->unread = dbk_copy_text(folder);
        return false;
    }
    for (struct dirent *entry = readdir(listing); entry && is_read; entry = readdir(listing)) {
        char path[PATH_MAX];
        struct stat facts;
        if (entry->d_name[0] == '.' || snprintf(path, sizeof path, "%s%s%s", folder,
                                                folder[strlen(folder) - 1] == '/' ? "" : "/",
                                                entry->d_name) >= (int)sizeof path)
            continue;
        if (stat(path, &facts) != 0)
            continue;
        if (S_ISDIR(facts.st_mode) && deep < FOLDERS_DEEP)
            is_read = collect(paths, path, deep + 1);
        else if (S_ISREG(facts.st_mode) && has_suffix(entry->d_name))
            add_path(paths, path);
    }
    int error = errno;
    closedir(listing);
    errno = error;
    return is_read;
}

static int compare_paths(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

bool dbk_paths_collect(struct dbk_paths *paths, const char *folder)
{
    size_t before = paths->count;
    if (!collect(paths, folder, 0))
        return false;
    if (paths->count > before)
        qsort(paths->items + before, paths->count - before, sizeof *paths->items, compare_paths);
    return true;
}

struct dbk_words dbk_library_names(const struct dbk_library *library, const char *folder,
                                   struct dbk_arena *arena)
{
    struct dbk_words names = {.are_ours = true};
    struct dbk_paths paths = {0};
    char whole[4608];
    snprintf(whole, sizeof whole, "%s/%s", library->root, folder);
    if (dbk_paths_collect(&paths, whole))
        for (size_t i = 0; i < paths.count; i++) {
            const char *last = strrchr(paths.items[i], '/') + 1;
            dbk_words_add(&names, dbk_arena_copy(arena, last, strlen(last) - strlen(SUFFIX)));
        }
    dbk_paths_reset(&paths);
    return names;
}

/* ---- reading ---- */

char *dbk_library_read(const char *path, size_t *length, struct dbk_complaints *complaints)
{
    char *bytes = NULL, why[160];
    if (!dbk_read_file(path, DBK_YAML_BYTES_MAX, &bytes, length, why))
        dbk_complain(complaints, path, 1, 1, "the file %s; expected YAML of at most %d bytes", why,
                     DBK_YAML_BYTES_MAX);
    return bytes;
}

/* True if an integer member "format" is 1. */
static bool is_format_one(const cJSON *root)
{
    int64_t format;
    return dbk_json_integer(root, "format", &format) && format == 1;
}

bool dbk_profile_find(const struct dbk_library *library, const char *name,
                      struct dbk_profile *profile, struct dbk_digest *digest,
                      struct dbk_complaints *complaints)
{
    char path[4608];
    size_t length = 0, before = complaints->total;
    dbk_library_path(library, DBK_PROFILE_FOLDER, name, path);
    if (access(path, R_OK) != 0)
        return false;
    char *bytes = dbk_library_read(path, &length, complaints);
    struct dbk_yaml *yaml = bytes ? dbk_yaml_parse(bytes, length, path, complaints) : NULL;
    if (yaml) {
        const cJSON *root = dbk_yaml_root(yaml);
        if (!is_format_one(root))
            dbk_yaml_complain(yaml, root, complaints, "expected a profile with format: 1");
        if (!dbk_same(dbk_json_text(root, "profile"), name))
            dbk_yaml_complain(yaml, root, complaints, "expected profile: %s, as the file is called",
                              name);
        *profile = dbk_profile_default();
        snprintf(profile->name, sizeof profile->name, "%s", name);
        dbk_profile_read(profile, yaml, root, complaints);
        *digest = dbk_digest_link(digest, bytes, length);
    }
    dbk_yaml_free(yaml);
    free(bytes);
    return complaints->total == before;
}
