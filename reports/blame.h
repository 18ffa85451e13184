/* blame: which of our habits did it, told in the questions of the rules.
 *
 * What has the same answer is told once, together. Next: blame.c, blame_json.c; base/blame.h is
 * the record.
 */
#ifndef DBK_REPORTS_BLAME_H
#define DBK_REPORTS_BLAME_H

#include "reports/reports.h"

/* Adds whom to blame for an outcome that violates something; nothing where nobody asked. */
void dbk_blame_put(const struct dbk_outcome *outcome, const struct dbk_terminal *terminal,
                   struct dbk_text *out);

/* Adds a line about the outcomes that violate nothing; nothing where nobody asked. */
void dbk_blame_put_rest(const struct dbk_report *report, const struct dbk_terminal *terminal,
                        struct dbk_text *out);

/* Adds the member "blame" of a scenario in the JSON report; null where nobody asked. */
void dbk_blame_put_json(const struct dbk_outcome *outcome, struct dbk_text *out);

#endif
