/* stage: a stage for one partner, driven by hand, that writes down all it sees.
 *
 * Time stands still until stage_until moves it along the partner's wakes. Every fact, answer and
 * callback becomes a line of the trace; reservation ids are written R1, R2 ... in the order in
 * which they were made. Next: stage.c, partner_test.c.
 */
#ifndef DBK_TESTS_FAKE_PARTNERS_STAGE_H
#define DBK_TESTS_FAKE_PARTNERS_STAGE_H

#include "fake-partners/partner.h"

#define STAGE_ZERO_MS 1782926700000 /* 2026-07-01T17:25:00Z */
#define STAGE_IDS_MAX 16

/* What a stage is opened with; all borrowed. */
#define STAGE_SECRET "whsec_c3RhZ2Ugc2VjcmV0IG9mIHRoZSB0ZXN0cywgMjQrIGJ5dGVz"
#define STAGE_OLD_SECRET "whsec_dGhlIG9sZCBzZWNyZXQgb2YgdGhlIHRlc3RzLCB0b28="

struct stage_setup {
    struct dbk_profile profile;
    const struct dbk_rule *rules;
    size_t rule_count;
    const char *fault_on;     /* the chooser picks `fault` for this exchange */
    enum dbk_fault fault;     /* used with fault_on */
    uint32_t callback_choice; /* the chooser takes this for every callback of the partner's own */
    int64_t clock_off_ms;     /* the partner's clock is ahead by this */
    int64_t travelled_ms;     /* how long each request was on its way */
    bool drops_callbacks;     /* callbacks fail instead of being answered 204 */
};

/* The last of what came from the partner, for tests that look closer than the trace. */
struct stage_last {
    int status; /* of an answer */
    struct dbk_text body;
    char retry_after[40]; /* of its head; "" where there is none */
    struct dbk_text callback;
    /* Of the last callback's head; "" where there is none. */
    char token[80], webhook_id[80], webhook_timestamp[24], webhook_signatures[200];
    size_t answers, callbacks, creates; /* how many so far; creates: reservations made */
    int64_t created_at_ms;              /* when the last reservation was made */
};

struct stage {
    struct stage_setup setup;
    struct dbk_partner_config config;
    struct dbk_machine partner;
    struct dbk_arena arena;
    struct dbk_effects effects;
    int64_t now_ms, wake_ms;
    uint64_t exchange;
    struct dbk_text trace;
    const char *ids[STAGE_IDS_MAX]; /* in the arena */
    size_t id_count;
    int64_t fired[DBK_FAULTS + 1]; /* the last: lapses */
    const char *claim;             /* last one broken, or NULL */
    struct stage_last last;
};

struct dbk_profile stage_profile(void); /* ref-unique-resend, without the file */
void stage_open(struct stage *stage, const struct stage_setup *setup);
void stage_renew(struct stage *stage); /* another run of the same setup, on the same machine */
void stage_shut(struct stage *stage);

void stage_ask(struct stage *stage, const char *method, const char *path, const char *body);
/* A create of two seats for the intent under a reference. */
void stage_book(struct stage *stage, const char *intent, const char *reference);
void stage_cancel(struct stage *stage, size_t nth); /* the nth reservation, from 1 */
void stage_confirm(struct stage *stage, size_t nth);
void stage_extend(struct stage *stage, size_t nth);
void stage_get(struct stage *stage, size_t nth);
void stage_look_up(struct stage *stage, const char *reference);
void stage_until(struct stage *stage, int64_t at_ms);
void stage_step(struct stage *stage, const struct dbk_event *event);

/* The trace so far, with ids written as R1, R2 ...; a view. */
const char *stage_trace(struct stage *stage);

/* Fails the test unless the trace is this; shows both. */
void expect_trace(struct stage *stage, const char *expected);

#endif
