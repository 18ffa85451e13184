/* machine: the one shape of everything that acts (design: "machines on a stage").
 *
 * A machine is a state and one function: an event in, effects out. It reads no clock, draws no
 * chance by itself, opens no socket, never sleeps, and keeps nothing outside its store that it
 * cannot rebuild on DBK_EVENT_STARTED. The stage acts: it commits what the step wrote, and only
 * then releases the effects, in the order in which they were put. Next: machine.c, message.h.
 */
#ifndef DBK_BASE_MACHINE_H
#define DBK_BASE_MACHINE_H

#include "base/choice.h"
#include "base/history.h"
#include "base/message.h"

enum dbk_event_kind {
    DBK_EVENT_STARTED,  /* the process came up, first time or again */
    DBK_EVENT_REQUEST,  /* an HTTP request came in: exchange, message, from */
    DBK_EVENT_RESPONSE, /* the answer to a request of ours: tag, message */
    DBK_EVENT_FAILED,   /* no usable answer to a request of ours: tag, failure */
    DBK_EVENT_WAKE,     /* the wake time came */
    DBK_EVENT_POKED     /* a fellow process, or the stage, asks for attention: tag */
};

enum dbk_failure {
    DBK_FAILURE_TIMED_OUT, /* sent, silence: outcome unknown */
    DBK_FAILURE_REFUSED,   /* never connected: certainly not executed */
    DBK_FAILURE_RESET,     /* sent, connection broken: outcome unknown */
    DBK_FAILURE_BROKEN,    /* an answer that cannot be used, such as a cut body: outcome unknown */
    DBK_FAILURE_CLOSED,    /* sent, closed without a byte of an answer: outcome unknown */
    DBK_FAILURE_TOO_LATE,  /* send_before had passed, nothing was sent */
    DBK_FAILURES
};
const char *dbk_failure_name(enum dbk_failure failure); /* "timed out", ... */

struct dbk_event {
    enum dbk_event_kind kind;
    uint64_t exchange;                 /* REQUEST: what dbk_effect_answer wants */
    uint64_t tag;                      /* RESPONSE, FAILED: given at send; POKED: by the poker */
    const struct dbk_message *message; /* REQUEST, RESPONSE: borrowed for the step */
    const char *from;                  /* REQUEST: the sending party */
    int64_t travelled_ms; /* REQUEST to a partner: since it left its sender, as promises of partners
                             count from there; 0 where the stage cannot know: its arrival counts */
    enum dbk_failure failure;
};

enum dbk_effect_kind {
    DBK_EFFECT_ANSWER,   /* answer the request of an exchange */
    DBK_EFFECT_BREAK,    /* end an exchange without an answer, as failure says */
    DBK_EFFECT_WITHHOLD, /* this exchange will never be answered; the client finds out by waiting */
    DBK_EFFECT_SEND,
    DBK_EFFECT_WAKE, /* one wake per machine; the next replaces it */
    DBK_EFFECT_POKE,
    DBK_EFFECT_FACT
};

struct dbk_effect {
    enum dbk_effect_kind kind;
    uint64_t exchange;
    struct dbk_message *message; /* owned by the list until the stage takes it (sets it NULL);
                                    BREAK as broken: what is cut, or NULL */
    const char *to;              /* party; view of the effects' arena */
    uint64_t tag;
    int64_t timeout_ms;          /* SEND: FAILED/TIMED_OUT so long after it left */
    int64_t send_before_mono_ms; /* SEND: a host that is later than this drops it (TOO_LATE) */
    int64_t wake_mono_ms;        /* DBK_ABSENT: no wake wanted */
    enum dbk_failure failure;
    bool has_fact;
    struct dbk_fact fact; /* FACT: itself. ANSWER, WITHHOLD, BREAK, SEND: what it is about, for the
                             stage's own facts (op, intent, attempt, key, exchange, state, ...) */
};

struct dbk_effects {
    struct dbk_arena *arena;  /* borrowed: where strings of facts and names go (the history's) */
    struct dbk_effect *items; /* owned */
    size_t count, capacity;
};

struct dbk_send {
    const char *to;
    struct dbk_message *message; /* taken */
    uint64_t tag;
    int64_t timeout_ms, send_before_mono_ms;
    const struct dbk_fact *about; /* or NULL; borrowed */
};

/* Messages are taken; everything else is borrowed. about may be NULL. */
void dbk_effect_answer(struct dbk_effects *effects, uint64_t exchange, struct dbk_message *response,
                       const struct dbk_fact *about);
void dbk_effect_break(struct dbk_effects *effects, uint64_t exchange, enum dbk_failure how,
                      const struct dbk_fact *about);
/* Breaks it off as broken: the answer's head arrives, and the first half of its body. */
void dbk_effect_cut(struct dbk_effects *effects, uint64_t exchange, struct dbk_message *response,
                    const struct dbk_fact *about);
void dbk_effect_withhold(struct dbk_effects *effects, uint64_t exchange,
                         const struct dbk_fact *about);
void dbk_effect_send(struct dbk_effects *effects, const struct dbk_send *send);
void dbk_effect_wake(struct dbk_effects *effects, int64_t mono_ms); /* DBK_ABSENT: none */
void dbk_effect_poke(struct dbk_effects *effects, const char *fellow, uint64_t tag);
/* The stage adds at_ms, clock and reads_ms, and who unless it is set. */
void dbk_effect_fact(struct dbk_effects *effects, const struct dbk_fact *fact);
void dbk_effect_note(struct dbk_effects *effects, const char *format, ...) DBK_PRINTF(2, 3);

void dbk_effects_clear(struct dbk_effects *effects, size_t keep); /* drops items from keep on */
void dbk_effects_reset(struct dbk_effects *effects);              /* frees */

enum dbk_step_result {
    DBK_STEP_DONE,
    DBK_STEP_FAILED /* its writes are rolled back, its effects dropped, its request answered 503 */
};

/* The port. Duties:
 * step    handles one event; all it wants from the world goes into effects.
 * forget  loses all memory, as kill -9 does; what is in the store stays. STARTED follows.
 * free    gives back the machine; self is gone afterwards. */
struct dbk_machine_ops {
    enum dbk_step_result (*step)(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects);
    void (*forget)(void *self);
    void (*free)(void *self);
};

struct dbk_machine {
    const struct dbk_machine_ops *ops;
    void *self;
    const char *name; /* party name; borrowed, lives as long as the machine */
};

#endif
