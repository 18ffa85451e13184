/* time: instants and durations as text. Nothing here reads a clock.
 *
 * Instants are milliseconds since 1970-01-01T00:00:00Z. Next: time.c.
 */
#ifndef DBK_BASE_TIME_H
#define DBK_BASE_TIME_H

#include "base/text.h"

#define DBK_TIME_UNKNOWN INT64_MIN
#define DBK_INSTANT_TEXT 28  /* room for "2026-07-01T17:25:00.000Z" */
#define DBK_DURATION_TEXT 40 /* room for any duration */

/* What machines are told: mono_ms for deadlines, wall_ms (may jump, may be wrong) for dates. */
struct dbk_now {
    int64_t mono_ms, wall_ms;
};

/* "2026-07-01T17:25:00Z", "2026-07-01T19:25:00.250+02:00". Years 1970 to 9999. */
DBK_CHECKED bool dbk_instant_parse(const char *text, int64_t *epoch_ms);
void dbk_instant_print(int64_t epoch_ms, char text[static DBK_INSTANT_TEXT]); /* UTC, 3 digits */

/* "Wed, 01 Jul 2026 17:25:00 GMT": the one form of a date in HTTP that is sent (RFC 9110, 5.6.7).
 */
#define DBK_HTTP_DATE_TEXT 30
DBK_CHECKED bool dbk_http_date_parse(const char *text, int64_t *epoch_ms);
void dbk_http_date_print(int64_t epoch_ms,
                         char text[static DBK_HTTP_DATE_TEXT]); /* whole seconds */

/* "250ms", "10s", "1m30s", "2h", "1d", "+47s", "-3s", "0s"; at most 10 years. */
DBK_CHECKED bool dbk_duration_parse(const char *text, int64_t *ms);
void dbk_duration_print(int64_t ms, char text[static DBK_DURATION_TEXT]); /* the same, shortest */

#endif
