/* texts: what a traveller is told, in English and French: one table, and nothing else speaks to
 * her.
 *
 * A text says what we know, what we are doing, by when she hears, whether she is charged, and what
 * not to do. Which one is told follows from (status, sync, reason); no word of a partner's is in
 * any. Next: texts.c (the table), case.c (when one is told), view.c.
 */
#ifndef DBK_CORE_TEXTS_H
#define DBK_CORE_TEXTS_H

#include "base/text.h"
#include "core/know.h"
#include "core/status.h"

enum dbk_language { DBK_ENGLISH, DBK_FRENCH, DBK_LANGUAGES };

const char *dbk_language_tag(enum dbk_language language); /* "en", "fr" */

/* The better liked of the two after an Accept-Language header (RFC 9110, 12.5.4); English where it
 * says nothing of either, or NULL. */
enum dbk_language dbk_language_of(const char *accept_language);

enum dbk_told {
    DBK_TOLD_RECEIVED,
    DBK_TOLD_HELD,
    DBK_TOLD_PENDING,
    DBK_TOLD_CHECKING, /* in doubt */
    DBK_TOLD_PERSON,   /* open, and a person decides */
    DBK_TOLD_CANCELLING,
    DBK_TOLD_CONFIRMED,
    DBK_TOLD_CONFIRMED_PERSON, /* confirmed, and a person looks into something */
    DBK_TOLD_CANCELLED,
    DBK_TOLD_CANCELLED_BY_PARTNER,
    DBK_TOLD_REJECTED,
    DBK_TOLD_EXPIRED,
    DBK_TOLDS
};

const char *dbk_told_name(enum dbk_told told);    /* "received", "cancelled-by-partner", ... */
enum dbk_told dbk_told_by_name(const char *name); /* or DBK_TOLDS */

/* What she is to be told now. Total: every combination has a text. */
enum dbk_told dbk_told_of(enum dbk_status status, enum dbk_sync sync, const struct dbk_known *known,
                          bool is_held);

/* Adds the text; by_ms (wall) is when she hears at the latest, 0: nobody can say. */
void dbk_told_write(enum dbk_told told, enum dbk_language language, int64_t by_ms,
                    struct dbk_text *out);

#endif
