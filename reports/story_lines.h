/* story_lines: one fact as a person reads it: a strip of three lanes and a sentence.
 *
 * The lanes stand for the user's side (traveller, support), the core, and the partners:
 *
 *   o--->   .   a message and where it arrived     .   .x--o   one that was lost on its way
 *   .   .   *   something happened there           .   .   !   a fault took effect there
 *
 * Next: story_lines.c, story.c (which facts, in what frame).
 */
#ifndef DBK_REPORTS_STORY_LINES_H
#define DBK_REPORTS_STORY_LINES_H

#include "reports/last.h"

#define DBK_STORY_STRIP 10

/* How much a line matters; the first two are shown each, the next two counted when they come in a
 * row, the last is told by another fact. A line that a violation rests on is always shown. */
enum dbk_story_weight {
    DBK_STORY_FULL,
    DBK_STORY_NOTE,          /* the core's own view; the story reads without it */
    DBK_STORY_READ_AGAIN,    /* somebody saw what she had seen before */
    DBK_STORY_FOUND_NOTHING, /* a look-up that changed nothing */
    DBK_STORY_NONE
};

struct dbk_story_line {
    enum dbk_story_weight weight;
    char strip[DBK_STORY_STRIP]; /* nine columns and a NUL */
    struct dbk_text text;        /* owned; plain */
};

/* Tells facts[index]; facts come in order, each once, and last remembers between them what a
 * sentence compares with. line is zero-initialised or used before; its text is replaced.
 *
 * Kept in last: {"read", booking, who, surface} and {"reservation", intent, partner, id}, each with
 * its newest fact. */
void dbk_story_tell(const struct dbk_history *history, size_t index, struct dbk_last *last,
                    struct dbk_story_line *line);

#endif
