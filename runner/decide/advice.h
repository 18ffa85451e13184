/* advice: what the core would do with a booking, and why: its own know, move and decide, in words.
 *
 * Times are wall clock; people read them from the zero of what was seen. Next: advice.c, saw.h.
 */
#ifndef DBK_RUNNER_DECIDE_ADVICE_H
#define DBK_RUNNER_DECIDE_ADVICE_H

#include "core/decide.h"
#include "core/texts.h"

/* Everything is borrowed, and must outlive the advice. */
struct dbk_advice_question {
    const struct dbk_evidence *evidence;
    size_t count;
    const struct dbk_profile *profile;
    const struct dbk_policy *policy;
    const char *source; /* of the profile's rules: a sentence or more */
    int64_t now_ms;
    int64_t zero_ms; /* what times are told from */
};

struct dbk_advice {
    struct dbk_advice_question question;
    enum dbk_status status; /* after all moves, from "received" */
    struct dbk_decision decision;
    enum dbk_told told;
    int64_t absent_from_ms; /* a look-up sent from then on proves that nothing was booked; 0: none
                               is needed, or none can */
};

struct dbk_advice dbk_advise(const struct dbk_advice_question *question, struct dbk_arena *arena);

/* "look-up now", "wait until 1:10, then look-up" */
void dbk_advice_next(const struct dbk_advice *advice, struct dbk_text *out);

/* "1:10: a look-up sent from then on ...", or nothing. */
void dbk_advice_known_by(const struct dbk_advice *advice, struct dbk_text *out);

/* For people, a line for each thing they would ask. */
void dbk_advice_print(const struct dbk_advice *advice, int width, struct dbk_text *out);

/* As members of an open JSON object. */
void dbk_advice_write(const struct dbk_advice *advice, struct dbk_text *out);

#endif
