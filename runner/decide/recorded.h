/* recorded: one booking's evidence, read back from a history.
 *
 * From outside facts alone, as the booking system's own end would have seen them: what it asked of
 * the partner, which answers and callbacks reached it. So the history may be of any system.
 * Next: recorded.c, saw.h.
 */
#ifndef DBK_RUNNER_DECIDE_RECORDED_H
#define DBK_RUNNER_DECIDE_RECORDED_H

#include "base/history.h"
#include "core/evidence.h"
#include "core/policy.h"

struct dbk_recorded {
    struct dbk_evidence *evidence; /* in the arena; strings are views of the history */
    size_t count;
    const struct dbk_party *partner; /* of its creates; NULL: the head names none */
    int64_t last_ms;                 /* wall: of its last fact */
};

/* Of the booking or wish of that name, up to until_ms (from the history's zero; INT64_MAX: all).
 * policy says how long requests wait. False, with why, where there is nothing of it. */
DBK_CHECKED bool dbk_recorded_read(const struct dbk_history *history, const char *booking,
                                   int64_t until_ms, const struct dbk_policy *policy,
                                   struct dbk_arena *arena, struct dbk_recorded *recorded,
                                   char why[static 160]);

#endif
