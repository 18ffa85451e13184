/* library: the data files that come with the program: scenarios, profiles, policies.
 *
 * struct dbk_library, dbk_library_find and dbk_policy_find stand in scenario.h.
 * Next: library.c, policy_find.c.
 */
#ifndef DBK_RUNNER_LIBRARY_H
#define DBK_RUNNER_LIBRARY_H

#include "runner/scenario.h"
#include "runner/vocabulary.h"

#define DBK_PROFILE_FOLDER "fake-partners/profiles"
#define DBK_POLICY_FOLDER "core/policies"
#define DBK_SCENARIO_FOLDER "scenarios"

/* A growing list of paths; zero-initialise. */
struct dbk_paths {
    char **items; /* owned */
    size_t count, capacity;
    char *unread; /* owned: the first folder that could not be read, or NULL */
};

void dbk_paths_reset(struct dbk_paths *paths);

/* Adds the .yaml and .yml files under a folder, and under its folders, sorted by path, but for the
 * goals of searches (.goal.yaml); false with errno and `unread` where one of these folders cannot
 * be read. */
DBK_CHECKED bool dbk_paths_collect(struct dbk_paths *paths, const char *folder);

/* The data files of a folder of the library by name: "naive" for naive.yaml, sorted. */
struct dbk_words dbk_library_names(const struct dbk_library *library, const char *folder,
                                   struct dbk_arena *arena);

/* Writes the path of a data file: "ROOT/core/policies/naive.yaml". */
void dbk_library_path(const struct dbk_library *library, const char *folder, const char *name,
                      char path[static 4608]);

/* A path as histories name it, the same wherever a run is started: relative to the library where it
 * lies within, else its last part. */
char *dbk_library_file(const struct dbk_library *library, const char *path,
                       struct dbk_arena *arena);

/* A policy that a file names (word is a text of its tree): by name as --policy takes it, or a file
 * beside the one that names it. False with complaints. */
DBK_CHECKED bool dbk_policy_find_beside(const struct dbk_library *library,
                                        const struct dbk_yaml *yaml, const cJSON *word,
                                        struct dbk_policy *policy,
                                        struct dbk_complaints *complaints);

/* Reads a file of at most DBK_YAML_BYTES_MAX bytes; gives it (free()), or NULL with a complaint. */
char *dbk_library_read(const char *path, size_t *length, struct dbk_complaints *complaints);

/* A profile by name; false if there is none, or with complaints if it is broken. digest is linked
 * with the bytes of the file. */
DBK_CHECKED bool dbk_profile_find(const struct dbk_library *library, const char *name,
                                  struct dbk_profile *profile, struct dbk_digest *digest,
                                  struct dbk_complaints *complaints);

#endif
