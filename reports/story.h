/* story: what the parts of one story share: its frame, its history, its list of beliefs.
 *
 * Next: story.c (the frame, and which bookings it is about), story_history.c, story_beliefs.c.
 */
#ifndef DBK_REPORTS_STORY_H
#define DBK_REPORTS_STORY_H

#include "reports/last.h"
#include "reports/terminal.h"

#define DBK_DAY_MS INT64_C(86400000)

struct dbk_story {
    const struct dbk_outcome *outcome;
    const struct dbk_history *history; /* never NULL */
    const struct dbk_terminal *terminal;
    struct dbk_text *out;
    struct dbk_last
        last; /* see dbk_story_tell; and {"about", word}: intents and bookings to tell */
    bool is_about_all;
    int64_t first_day; /* days since 1970: the date that clocks are shown against */
    size_t width;
};

/* The day an instant lies in, also before 1970. */
int64_t dbk_story_day(int64_t epoch_ms);

/* True if the fact is about bookings that no violation of this story names. */
bool dbk_story_is_elsewhere(struct dbk_story *story, const struct dbk_fact *fact);

/* Adds the history, a line each fact. Fills last. */
void dbk_story_put_history(struct dbk_story *story);

/* Adds who believed what at the end: the last thing shown on each surface, beside each ledger's
 * last word on each reservation. After dbk_story_put_history. */
void dbk_story_put_beliefs(struct dbk_story *story);

#endif
