/* think: what the parts of decide share: one question being thought through. Not for other rooms.
 *
 * Each part either leaves the decision as it is or sets it whole: dbk_think_now, and then maybe
 * dbk_think_not_before, which makes a wait of it. Next: think.c, decide.c, decide_hold.c.
 */
#ifndef DBK_CORE_THINK_H
#define DBK_CORE_THINK_H

#include "core/decide.h"

#define DBK_CLOCK_TEXT 9

struct dbk_thinking {
    const struct dbk_question *question;
    const struct dbk_known *known;
    struct dbk_belief belief;
    int64_t limit_ms; /* no wait goes beyond it; 0: none */
    struct dbk_decision decision;
};

/* Something happened that only a reading of the reservation can settle. */
struct dbk_cause {
    int64_t number, at_ms; /* the record that says so */
    enum dbk_sync sync;    /* until then */
};

/* "17:25:00" of an instant. */
const char *dbk_think_clock(int64_t wall_ms, char text[static DBK_CLOCK_TEXT]);

bool dbk_think_is_past(const struct dbk_thinking *think, int64_t at_ms);

/* The step is to be done now, for this reason. */
void dbk_think_now(struct dbk_thinking *think, enum dbk_next step, enum dbk_sync sync,
                   const char *format, ...) DBK_PRINTF(4, 5);

/* Turns what is to be done now into a wait for its time, if that has not come. Half of a back-off
 * is left to jitter, so that with it no pause is longer than the back-off says. */
void dbk_think_not_before(struct dbk_thinking *think, int64_t at_ms, int64_t back_off_ms);

/* The decision at hand rests on this claim of the profile. */
void dbk_think_rests_on(struct dbk_thinking *think, const char *claim);

void dbk_think_operator(struct dbk_thinking *think, const char *why);
void dbk_think_unsafe(struct dbk_thinking *think, const char *what);

/* When it was answered or failed; while it is open, when that will have happened. */
int64_t dbk_think_ended_ms(const struct dbk_known_request *request);

/* Reads one reservation by its id; a second try for the same cause waits for its back-off. */
void dbk_think_read_one(struct dbk_thinking *think, const struct dbk_known_reservation *reservation,
                        const struct dbk_cause *cause, const char *format, ...) DBK_PRINTF(4, 5);

/* decide_hold.c: the booking's own reservation is on hold. */
void dbk_think_hold(struct dbk_thinking *think);

/* True if a hold can come to nothing good any more: its confirm was refused for another reason than
 * that it is confirmed, or it lives on beyond its end. */
bool dbk_think_hold_is_lost(const struct dbk_thinking *think,
                            const struct dbk_known_reservation *reservation);

#endif
