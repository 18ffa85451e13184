/* view: bookings as JSON, for travellers and for support; every word derives from (status, sync).
 *
 * Next: view.c, api.c.
 */
#ifndef DBK_CORE_VIEW_H
#define DBK_CORE_VIEW_H

#include "core/inside.h"

/* What the traveller is told in words. */
const char *dbk_view_message(enum dbk_status status, enum dbk_sync sync);

/* The traveller's page: the booking with its message. */
void dbk_view_booking(const struct dbk_booking *booking, struct dbk_text *out);

/* A row of the support list. */
void dbk_view_row(const struct dbk_booking *booking, enum dbk_status status, struct dbk_text *out);

/* Support's detail: the booking, the next step and why, reservations, evidence. */
void dbk_view_detail(const struct dbk_case *open, const struct dbk_decision *decision,
                     struct dbk_text *out);

/* An error as application/problem+json. */
void dbk_view_problem(int status, const char *detail, struct dbk_text *out);

#endif
