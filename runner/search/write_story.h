/* write_story: the order of events, as comments of a file.
 *
 * The sentences are those of the reports (reports/story_lines.h). Told are outside facts that say
 * something new, with their numbers in the history, up to some forty lines. Which line or name of a
 * rule made a fault is left out: that of the run is not that of the file. Next: write_story.c.
 */
#ifndef DBK_RUNNER_SEARCH_WRITE_STORY_H
#define DBK_RUNNER_SEARCH_WRITE_STORY_H

#include "base/history.h"

/* Adds a sentence from anywhere, made safe and broken into comments. */
void dbk_comment_put(struct dbk_text *out, const char *text);

void dbk_story_put(const struct dbk_history *history, struct dbk_text *out);

#endif
