/* find_stories: what the library is to tell, and which scenarios tell it.
 *
 * Two tables: the stories of unknown outcomes that partners' rules lead to (tag story-NN), and the
 * incidents that were reported in public (tag incident-NAME). A row that no scenario has as a tag
 * is said to be missing. Next: find_stories.c, find_command.c; docs/stories.md is its output.
 */
#ifndef DBK_RUNNER_FIND_STORIES_H
#define DBK_RUNNER_FIND_STORIES_H

#include "runner/stories.h"

struct dbk_told_row {
    const char *tag;      /* "story-01" */
    const char *sentence; /* what happens */
    const char *after;    /* whose rule or report it is after */
};

extern const struct dbk_told_row dbk_told_stories[], dbk_told_incidents[];
extern const size_t dbk_told_story_count, dbk_told_incident_count;

/* Adds a page in Markdown: both tables with links from docs/, and how many are told. The stories
 * are loaded. */
void dbk_told_page(const struct dbk_stories *stories, struct dbk_text *out);

#endif
