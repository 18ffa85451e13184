/* view: bookings as JSON, for travellers and for support; what she is told stands in texts.h.
 *
 * Next: view.c, api.c.
 */
#ifndef DBK_CORE_VIEW_H
#define DBK_CORE_VIEW_H

#include "core/inside.h"

/* The traveller's page: the booking with its message. */
void dbk_view_booking(const struct dbk_booking *booking, enum dbk_language language,
                      struct dbk_text *out);

/* What she was told so far, oldest first. */
void dbk_view_messages(const struct dbk_case *open, enum dbk_language language,
                       struct dbk_text *out);

/* A row of the support list. */
void dbk_view_row(const struct dbk_booking *booking, enum dbk_status status, struct dbk_text *out);

struct dbk_view_money {
    struct dbk_money *entries;
    size_t count;
};

/* Support's detail: the booking, the next step and why, the moves that a person may make,
 * reservations, money, evidence. */
void dbk_view_detail(const struct dbk_case *open, const struct dbk_question *question,
                     const struct dbk_view_money *money, enum dbk_language language,
                     struct dbk_text *out);

/* A quote: its price and until when it is kept. */
void dbk_view_quote(const struct dbk_quote *quote, struct dbk_text *out);

/* An error as application/problem+json. */
void dbk_view_problem(int status, const char *detail, struct dbk_text *out);
/* With a type of its own, and the path of the booking that is meant, if any. */
void dbk_view_problem_as(int status, const char *type, const char *detail, const char *booking,
                         struct dbk_text *out);

#endif
