/* live_ask: the stage's own questions to the system under test: is it ready, is it idle, be empty.
 *
 * A machine among those of the host: partners and persons go on while the system thinks about its
 * answer, and the answer may need them. One question at a time. Next: live_ask.c, live.c.
 */
#ifndef DBK_RUNNER_LIVE_ASK_H
#define DBK_RUNNER_LIVE_ASK_H

#include "base/machine.h"

enum dbk_question { DBK_QUESTION_NONE, DBK_QUESTION_READY, DBK_QUESTION_IDLE, DBK_QUESTION_RESET };

/* Zero-initialise; fields are to be read only. */
struct dbk_ask {
    enum dbk_question about; /* the last question */
    bool is_open;            /* and its answer is waited for */
    int status;              /* of the answer; 0: open, or there was none in time */
    struct dbk_text body;    /* of the answer; owned */
    uint64_t number;         /* of the last question: what answers an earlier one is not heard */
    struct dbk_send next;
};

/* Named "stage"; lives as long as the struct. */
struct dbk_machine dbk_ask_machine(struct dbk_ask *ask);

/* A question to the party "core", without a body; timeout_ms in scenario time. The caller pokes the
 * machine. The last question, and its answer, are forgotten. */
void dbk_ask_put(struct dbk_ask *ask, enum dbk_question about, const char *method, const char *path,
                 int64_t timeout_ms);

/* Forgets the last question: what answered it, or would, is gone. */
void dbk_ask_forget(struct dbk_ask *ask);

/* True if the last question was about this and was answered with 2xx. */
bool dbk_ask_is_granted(const struct dbk_ask *ask, enum dbk_question about);

void dbk_ask_reset(struct dbk_ask *ask); /* frees */

#endif
