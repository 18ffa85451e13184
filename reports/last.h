/* last: what was last seen under a name, found by hashing, kept in order of first appearance.
 *
 * A story asks it "what did ana's page show before?" or "what is this reservation by now?"
 * without walking back, so that it stays linear in the number of facts. Next: last.c,
 * story_lines.c.
 */
#ifndef DBK_REPORTS_LAST_H
#define DBK_REPORTS_LAST_H

#include "base/history.h"

struct dbk_last_entry {
    const char *words[4];        /* its name; views; never NULL, "" where there is none */
    const struct dbk_fact *fact; /* what the caller put; NULL at first */
    int64_t count;               /* what the caller put; 0 at first */
};

/* Zero-initialise. */
struct dbk_last {
    struct dbk_last_entry *entries; /* owned */
    size_t count;
    size_t *slots; /* owned; entry number from 1, 0: free; at least twice as many as entries */
    size_t slot_count;
};

/* Finds or makes the entry of these words (borrowed while last lives; NULL is read as ""). A view
 * until the next call. */
struct dbk_last_entry *dbk_last_of(struct dbk_last *last, const char *one, const char *two,
                                   const char *three, const char *four);
void dbk_last_reset(struct dbk_last *last); /* frees */

#endif
