/* find: scenarios by what somebody says of her incident.
 *
 * The question is cut into words at everything that is neither a letter nor a digit. A word stands
 * in a text where a word of the text begins with it, letters being large or small; a plural s is
 * left off, so "reservations" finds "reservation" and "cancel" finds "cancelled". A scenario is
 * found if each word stands somewhere in it. First come those with one text that has all of them,
 * in the order of dbk_find_field; then those whose words are spread; among equals, by name.
 * Next: find.c, find_command.c.
 */
#ifndef DBK_RUNNER_FIND_H
#define DBK_RUNNER_FIND_H

#include "runner/scenario.h"

#define DBK_FIND_WORDS 16

/* Where a text stands in a scenario; the nearest to the reader first. */
enum dbk_find_field {
    DBK_FIND_NAME,
    DBK_FIND_SEEN_AS,
    DBK_FIND_TAG,
    DBK_FIND_VIOLATES, /* an invariant, of broken_by or found */
    DBK_FIND_SUMMARY,
    DBK_FIND_SOURCE,
    DBK_FIND_FILE,  /* the folder, and what the file is called */
    DBK_FIND_SPREAD /* no one text has all the words */
};
#define DBK_FIND_FIELDS DBK_FIND_SPREAD

const char *dbk_find_field_name(enum dbk_find_field field); /* "seen_as", "violates" */

/* The words of a question, in lower case; at most DBK_FIND_WORDS. */
struct dbk_find_words {
    char *words[DBK_FIND_WORDS]; /* in the arena */
    size_t count;
};

/* False if there are more words than fit. */
DBK_CHECKED bool dbk_find_split(struct dbk_find_words *words, const char *text,
                                struct dbk_arena *arena);

struct dbk_find_reason {
    enum dbk_find_field field;
    const char *text; /* of the scenario */
};

/* Borrows the scenario. */
struct dbk_find_hit {
    const struct dbk_scenario *scenario;
    enum dbk_find_field field; /* of the text that has all the words; or spread */
    struct dbk_find_reason reasons[DBK_FIND_WORDS]; /* each text once */
    size_t reason_count;
};

/* False if some word stands nowhere in it. */
DBK_CHECKED bool dbk_find_in(const struct dbk_scenario *scenario,
                             const struct dbk_find_words *words, struct dbk_find_hit *hit);

/* In the order told above. */
void dbk_find_sort(struct dbk_find_hit *hits, size_t count);

#endif
