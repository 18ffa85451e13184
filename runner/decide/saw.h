/* saw: what somebody saw happen to a booking, in words, made into evidence.
 *
 * `doublebook decide --saw create timeout@10s` asks the core's own decision what it would do with
 * such a booking. One table of events feeds the reader, the help and docs/decisions.md. An event
 * may say what (answered=confirmed) and when (timeout@10s, from the zero); one that does not say
 * when comes a second after the one before it, and a time-out when the request has waited long
 * enough. Next: saw.c, ask.h.
 */
#ifndef DBK_RUNNER_DECIDE_SAW_H
#define DBK_RUNNER_DECIDE_SAW_H

#include "base/profile.h"
#include "core/evidence.h"
#include "core/policy.h"

#define DBK_SAW_MAX 64                /* events of one booking */
#define DBK_SAW_ZERO_MS 1767225600000 /* 2026-01-01T00:00:00Z, where nobody says another */

struct dbk_saw_row {
    const char *name;     /* "timeout" */
    const char *argument; /* "STATE", "HTTP"; NULL: none */
    const char *sentence; /* what happened, for people */
};

extern const struct dbk_saw_row dbk_saw_rows[];
extern const size_t dbk_saw_row_count;

struct dbk_saw {
    const struct dbk_profile *profile; /* borrowed: how long holds last */
    const struct dbk_policy *policy;   /* borrowed: how long requests wait */
    struct dbk_arena *arena;           /* borrowed: strings and records */
    struct dbk_evidence *evidence;
    size_t count;
    int64_t now_ms; /* wall: of the last event */
};

/* Begins with nothing seen. */
void dbk_saw_begin(struct dbk_saw *saw, const struct dbk_profile *profile,
                   const struct dbk_policy *policy, struct dbk_arena *arena);

/* Adds an event; false, with why, where it is none or does not fit what was seen so far. */
DBK_CHECKED bool dbk_saw_add(struct dbk_saw *saw, const char *event, char why[static 160]);

#endif
