/* stage: a tiny stage driven by hand, for tests of the core's machines.
 *
 * It does what a stage owes a machine - begin, savepoint, step, release, commit, then effects,
 * pokes and wakes in time - and writes down what came out, one line each. Partners are the test
 * itself: it answers, or fails, the oldest request that is still open. In the trace the core's ids
 * read B1, B2 ... and its keys K1, K2 ... in order of appearance. Next: stage.c, worker_test.c.
 */
#ifndef DBK_TESTS_CORE_STAGE_H
#define DBK_TESTS_CORE_STAGE_H

#include "core/core.h"

#define STAGE_REQUESTS 64

struct stage {
    struct dbk_store *store;
    struct dbk_core *core;
    struct dbk_machine api, worker;
    struct dbk_policy policy;
    struct dbk_core_partner
        partner; /* "lagoon"; its profile may be changed before the first step */
    struct dbk_now now;
    int64_t wake_mono_ms;
    bool is_poked;
    uint32_t jitter; /* what every back-off choice gives */
    struct dbk_arena arena;
    struct dbk_text trace;
    struct {
        struct dbk_message *message;
        uint64_t tag;
        bool is_open;
    } requests[STAGE_REQUESTS];
    size_t request_count;
    char last_seen[64];           /* "received/unsent v1" of booking 1 */
    struct dbk_message *response; /* the last one of the API; owned */
};

/* ":memory:", seed 7, clock at 2026-07-01T17:25:00Z, a partner that books pending, lists by date
 * and commits within 60 s. */
struct stage *stage_new(void);
void stage_free(struct stage *stage);

void stage_set(struct stage *stage, const char *rule, const char *value); /* of the policy */

/* Advances to so many ms after the start, waking the worker on its way. */
void stage_until(struct stage *stage, int64_t at_ms);

/* One request to the API; its answer stands in stage->response. from "ana". key may be NULL. */
const struct dbk_message *stage_ask(struct stage *stage, const char *method, const char *path,
                                    const char *key, const char *body);

/* The same of a request of one's own, which it takes. */
const struct dbk_message *stage_send(struct stage *stage, struct dbk_message *request);

void stage_book(struct stage *stage, const char *api_key); /* a booking, traced */
void stage_cancel(struct stage *stage);                    /* booking 1, traced */
void stage_list(struct stage *stage);                      /* the support list's row of booking 1 */

/* The partner's side. text is "201 R1 pending", "200 R1 cancelled", "200 []", "409 sold-out", or
 * "200 [R1 K1 confirmed, R2 K2 pending]"; a third word of a reservation may be followed by v3. */
void stage_answer(struct stage *stage, const char *text);
/* The same with an answer of one's own, which it takes; it stands in no trace. */
void stage_answer_with(struct stage *stage, struct dbk_message *response);
void stage_fail(struct stage *stage, enum dbk_failure failure);
/* "R1 K1 pending"; event NULL: it has no id. */
void stage_callback(struct stage *stage, const char *text, const char *event);

/* The worker dies: its open requests are never answered; it starts again at once. */
void stage_crash(struct stage *stage);

/* Compares the trace so far, and empties it. */
void stage_expect(struct stage *stage, const char *trace);

/* Replaces ids in text by their order of appearance; gives a text in the stage's arena. */
const char *stage_rename(struct stage *stage, const char *text);

#endif
