/* stories: from the words of a command line to scenario files, and to loaded scenarios.
 *
 * A word is a file, a folder (all scenarios under it, sorted by path), or a scenario of the
 * library by name. Next: stories.c, run_command.c, lint_command.c.
 */
#ifndef DBK_RUNNER_STORIES_H
#define DBK_RUNNER_STORIES_H

#include <sys/types.h>

#include "runner/library.h"

struct dbk_story {
    dev_t device; /* which file it is, so that it is played once */
    ino_t inode;
    char *path;  /* owned: the file, relative to the folder one stands in where it lies there */
    char *given; /* owned: the word that finds it again: the path, or its name in the library */
    struct dbk_scenario *scenario; /* owned; NULL until loaded */
};

/* Zero-initialise. */
struct dbk_stories {
    struct dbk_story *items; /* owned */
    size_t count, capacity;
};

/* Finds the files, each once; no words: the library. Complains about words that are nothing. */
void dbk_stories_find(struct dbk_stories *stories, const struct dbk_library *library,
                      char *const *words, size_t count, struct dbk_complaints *complaints);

/* Loads all of them and complains about every mistake, two scenarios of one name among them. */
void dbk_stories_load(struct dbk_stories *stories, const struct dbk_library *library,
                      struct dbk_complaints *complaints);

/* The same complaints about two of one name alone, of what is loaded. */
void dbk_stories_check_names(const struct dbk_stories *stories, struct dbk_complaints *complaints);

/* Keeps the searches, or the stories; gives how many of the other kind it dropped. */
size_t dbk_stories_keep(struct dbk_stories *stories, bool searches);

/* Hex, over the scenarios that were loaded, with the profiles and policies they name, and over a
 * policy (NULL: none). Lives in the arena. */
char *dbk_stories_digest(const struct dbk_stories *stories, const struct dbk_policy *policy,
                         struct dbk_arena *arena);

void dbk_stories_reset(struct dbk_stories *stories); /* frees */

#endif
