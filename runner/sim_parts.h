/* sim_parts: the state of the simulated stage, and what its three parts call of each other.
 *
 * Private to the stage. sim.c: the queue's items and the run; sim_network.c: facts, effects and
 * exchanges; sim_process.c: the core's step with its crash and pause points.
 */
#ifndef DBK_RUNNER_SIM_PARTS_H
#define DBK_RUNNER_SIM_PARTS_H

#include "runner/sim.h"
#include "runner/sim_chooser.h"
#include "runner/sim_queue.h"
#include "runner/user.h"

#define DBK_SIM_NONE SIZE_MAX

enum { API, WORKER, FIRST_PARTNER };

enum point { NOWHERE, BEFORE_STEP, BEFORE_COMMIT, AFTER_COMMIT };

enum role { CORE, PARTNER, PERSON };

struct process {
    struct dbk_machine machine;
    enum role role;
    const char *name, *clock; /* in the history's arena: facts keep them */
    int64_t offset_ms;
    uint64_t incarnation; /* counts its deaths */
    bool is_down, is_paused;
    int64_t resumes_ms;
    uint64_t pauses;
    int64_t wake_ms; /* DBK_ABSENT: none */
    uint64_t wakes;
    /* What a pause interrupted: effects still to be released, perhaps a commit before them. */
    struct dbk_effects held;
    size_t held_next, held_exchange;
    bool holds, owes_commit;
    char entity[64]; /* "core.worker/step" */
};

struct exchange {
    size_t from, to;
    uint64_t incarnation; /* of the client */
    uint64_t tag;
    int64_t left_ms;
    bool is_open;                             /* the client waits */
    bool has_arrived;                         /* the server has it */
    bool is_answered;                         /* the server is through with it */
    bool was_request_asked, was_answer_asked; /* whether others overtake it */
    bool is_instant;                          /* a watched page: read at once after each commit */
    struct dbk_message *request, *answer;     /* owned */
    struct dbk_fact asked_about, answered_about;
    bool has_asked_about, has_answered_about;
};

/* Where one step is to be stopped, and the places + 1 of the pins that say so. */
struct points {
    uint32_t crash, pause;
    size_t crash_pin, pause_pin;
    size_t trace_count; /* before they were asked */
};

struct dbk_sim {
    struct dbk_sim_wraps wraps; /* of a test */
    struct dbk_store *store;
    struct dbk_core *core;
    struct dbk_machine *partners; /* machines kept between runs */
    size_t partner_machines;
    struct dbk_system *system; /* the reference core's map */
    struct dbk_users *users;
    struct dbk_sim_queue queue;
    struct dbk_sim_chooser choices;
    struct dbk_chooser chooser;
    struct dbk_effects effects; /* of the step, or of the batch */
    struct process *processes;
    size_t process_count, process_capacity;
    struct exchange *exchanges;
    size_t exchange_count, exchange_capacity;
    /* One run. */
    const struct dbk_scenario *scenario;
    struct dbk_history *history;
    int64_t now_ms;
    size_t batch;         /* process whose transaction is open for a next step, or DBK_SIM_NONE */
    size_t store_holder;  /* process paused with the transaction open, or DBK_SIM_NONE */
    struct points points; /* of the step at hand */
    bool crashed_at_write;
    bool *step_begun;
    bool is_over; /* the last look is on */
};

/* sim_network.c */
void dbk_sim_record_stage(struct dbk_sim *sim, const struct dbk_fact *what);
void dbk_sim_record_process(struct dbk_sim *sim, size_t index, const char *fate);
/* What became of a partner's answer, told at the partner's end. */
void dbk_sim_record_answer(struct dbk_sim *sim, const struct exchange *exchange, const char *fate);
/* The core's own end of an exchange with a partner: for reports only. */
void dbk_sim_record_core_end(struct dbk_sim *sim, const struct exchange *exchange, const char *fate,
                             int http);
/* An adverse choice took effect: pin is the chooser's last_pin, and 0 tells nothing. */
void dbk_sim_record_choice(struct dbk_sim *sim, const char *fault, size_t pin);
void dbk_sim_put(struct dbk_sim *sim, int64_t at_ms, enum dbk_sim_kind kind, size_t process,
                 size_t exchange, uint64_t detail);
void dbk_sim_put_step(struct dbk_sim *sim, size_t step, int64_t at_ms); /* once per step */
void dbk_sim_fail_at(struct dbk_sim *sim, int64_t at_ms, size_t exchange, enum dbk_failure failure);
void dbk_sim_set_wake(struct dbk_sim *sim, size_t index, int64_t wake_ms);
/* True if a message lets others overtake it: it has been put behind them. */
bool dbk_sim_is_overtaken(struct dbk_sim *sim, const struct dbk_sim_item *item);
size_t dbk_sim_find_process(const struct dbk_sim *sim, const char *name); /* or DBK_SIM_NONE */
/* exchange: of the request whose step put the effect, or DBK_SIM_NONE. */
void dbk_sim_release_effect(struct dbk_sim *sim, size_t index, struct dbk_effect *effect,
                            size_t exchange);

/* sim_process.c */
/* kill -9: memory, open transaction, unreleased effects and open exchanges are gone. */
void dbk_sim_die(struct dbk_sim *sim, size_t index, int64_t for_ms);
void dbk_sim_pause_process(struct dbk_sim *sim, size_t index, int64_t for_ms);
/* Asks where the coming step of a core process is to be stopped. False: before it begins; the
 * process is then down or paused. */
bool dbk_sim_ask_points(struct dbk_sim *sim, size_t index);
void dbk_sim_resume_process(struct dbk_sim *sim, size_t index);
bool dbk_sim_on_write(void *context, int64_t nth); /* the store's hook; context: the sim */
void dbk_sim_flush_batch(struct dbk_sim *sim);
/* item: what it is the step for, or NULL. */
void dbk_sim_run_step(struct dbk_sim *sim, size_t index, const struct dbk_sim_item *item,
                      struct dbk_event event);

#endif
