/* complaint: what is wrong with somebody's input, where, and what was expected.
 *
 * Loaders collect complaints and go on, so that a person sees all mistakes at
 * once; nothing runs while there is one. Next: complaint.c, then yaml.h.
 */
#ifndef DBK_BASE_COMPLAINT_H
#define DBK_BASE_COMPLAINT_H

#include "base/text.h"

#define DBK_COMPLAINTS_MAX 50 /* of one file; more are counted, not kept */

struct dbk_complaint {
    char *file;       /* owned */
    int line, column; /* from 1; 0 where there is none */
    char *text;       /* owned: "unknown key 'on'; expected one of at, when" */
    size_t more;      /* of the same file that were met after it and not kept */
};

/* Zero-initialise. */
struct dbk_complaints {
    struct dbk_complaint *items; /* owned */
    size_t count, capacity;      /* kept */
    size_t total;                /* met */
    size_t of_names; /* of these: a name of ours (a fault, a policy, ...) that is not there */
};

void dbk_complain(struct dbk_complaints *complaints, const char *file, int line, int column,
                  const char *format, ...) DBK_PRINTF(5, 6);

void dbk_complain_v(struct dbk_complaints *complaints, const char *file, int line, int column,
                    const char *format, va_list arguments) DBK_PRINTF(5, 0);

/* Says of all that was met since the total was `before` that it is about a name of ours which is
 * not there: whoever wrote it may have been right when it was. */
void dbk_complaints_of_names(struct dbk_complaints *complaints, size_t before);

/* Adds one line each, "file:line:column: text", shown as visible.h says; and of each file how many
 * were met and not kept. */
void dbk_complaints_print(const struct dbk_complaints *complaints, struct dbk_text *out);
void dbk_complaints_reset(struct dbk_complaints *complaints);

#endif
