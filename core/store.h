/* store: where the core keeps what it knows; a port that speaks domain verbs.
 *
 * No SQL, row id or error code of a database crosses it; every read states a total order. The
 * stage owns transactions: begin, a savepoint around each step, commit; only then are effects
 * released. store_sqlite.c is the default implementation, tests/core/store_contract.c holds
 * every implementation to the duties below. Next: store_sqlite.h.
 */
#ifndef DBK_CORE_STORE_H
#define DBK_CORE_STORE_H

#include "base/digest.h"
#include "core/evidence.h"
#include "core/status.h"
#include "core/texts.h"

struct dbk_store; /* see below: ops and self */

/* For the stage. False: the store refused; nothing is held half. */
DBK_CHECKED bool dbk_store_begin(struct dbk_store *store);
DBK_CHECKED bool dbk_store_savepoint(struct dbk_store *store);   /* at most one at a time */
DBK_CHECKED bool dbk_store_release(struct dbk_store *store);     /* keeps what the step wrote */
DBK_CHECKED bool dbk_store_rollback_to(struct dbk_store *store); /* drops what the step wrote */
DBK_CHECKED bool dbk_store_commit(struct dbk_store *store);
void dbk_store_rollback(struct dbk_store *store);

/* Called before each write verb with its number within the open transaction, from 1; when it gives
 * false the verb fails and writes nothing. NULL: none. For crash points and store faults. */
void dbk_store_on_write(struct dbk_store *store, bool (*hook)(void *context, int64_t nth),
                        void *context);

/* Writes so far in the open transaction. */
int64_t dbk_store_writes(const struct dbk_store *store);

/* Empties it for the next run, as if new; cheap. Not within a transaction. */
DBK_CHECKED bool dbk_store_clear(struct dbk_store *store);

/* True if integrity and the rules across tables hold; else why says what does not. */
DBK_CHECKED bool dbk_store_check(struct dbk_store *store, char why[static 160]);

void dbk_store_free(struct dbk_store *store); /* NULL is fine */

/* What the machines keep. Strings given back live in the arena that was handed in. */

/* One booking: what every screen reads. */
struct dbk_booking {
    int64_t row; /* durable number, from 1 without gaps */
    const char *id;
    const char *api_key; /* the Idempotency-Key under which it was asked for */
    struct dbk_digest body;
    const char *partner, *product, *slot, *guest;
    int64_t units, created_ms;
    enum dbk_status status;
    enum dbk_sync sync;
    int64_t version;             /* one more with each change of status or sync; from 1 */
    int64_t expires_ms;          /* it is held until then; 0: it is not on hold */
    enum dbk_told told;          /* what the traveller is to be told now ... */
    int64_t hear_by_ms;          /* ... and by when she hears more; 0: nobody can say */
    int64_t price;               /* what the traveller agreed to pay for all of it, minor units */
    int64_t charged;             /* of it, what has been taken and not given back */
    const char *currency;        /* ISO 4217, of both */
    enum dbk_status list_status; /* the support list's own copy, under screens: own-copy only */
};

/* One booking's place in the work queue. A booking has at most one. */
struct dbk_job {
    int64_t booking;
    int64_t at_ms;    /* wall: may be claimed from then on; DBK_ABSENT: at rest */
    int64_t lease_ms; /* wall: nobody else may claim it before */
    int64_t fence;    /* one more with each claim; an older one may write nothing */
};

/* A price that was told and is kept until it expires. */
struct dbk_quote {
    int64_t row; /* durable number, from 1 without gaps */
    const char *id;
    const char *partner, *product, *slot;
    int64_t units, price, expires_ms; /* wall */
    const char *currency;
};

/* One entry of the money ledger. Nothing in it is ever changed. */
enum dbk_money_kind { DBK_MONEY_CAPTURED, DBK_MONEY_REFUNDED, DBK_MONEY_KINDS };

const char *dbk_money_name(enum dbk_money_kind kind);    /* "captured", "refunded" */
enum dbk_money_kind dbk_money_by_name(const char *name); /* or DBK_MONEY_KINDS */

struct dbk_money {
    int64_t booking, at_ms;
    enum dbk_money_kind kind;
    const char *key; /* whoever moves money knows a repeat by it; one entry per booking and key */
    int64_t amount;  /* minor units, above 0 */
    const char *currency;
};

/* Failed: the store could not do it and the step must fail. */
enum dbk_found { DBK_FOUND, DBK_NOT_FOUND, DBK_STORE_FAILED };

DBK_CHECKED bool dbk_store_next_booking(struct dbk_store *store, int64_t *row);
DBK_CHECKED bool dbk_store_insert_booking(struct dbk_store *store,
                                          const struct dbk_booking *booking);
/* Writes status, sync, version, list_status, expires_ms, told, hear_by_ms and charged. */
DBK_CHECKED bool dbk_store_update_booking(struct dbk_store *store,
                                          const struct dbk_booking *booking);
DBK_CHECKED enum dbk_found dbk_store_booking_by_row(struct dbk_store *store, int64_t row,
                                                    struct dbk_arena *arena,
                                                    struct dbk_booking *booking);
DBK_CHECKED enum dbk_found dbk_store_booking_by_id(struct dbk_store *store, const char *id,
                                                   struct dbk_arena *arena,
                                                   struct dbk_booking *booking);
/* The oldest one asked for under the key. */
DBK_CHECKED enum dbk_found dbk_store_booking_by_key(struct dbk_store *store, const char *api_key,
                                                    struct dbk_arena *arena,
                                                    struct dbk_booking *booking);
/* The oldest one that asks for just this (the digest in `body`) and is neither rejected, expired
 * nor cancelled. */
DBK_CHECKED enum dbk_found dbk_store_open_booking_by_body(struct dbk_store *store,
                                                          const struct dbk_digest *body,
                                                          struct dbk_arena *arena,
                                                          struct dbk_booking *booking);
/* All of them, by row. */
DBK_CHECKED bool dbk_store_list_bookings(struct dbk_store *store, struct dbk_arena *arena,
                                         struct dbk_booking **bookings, size_t *count);

/* Appends a record under (booking, number); fails if there is one, or at 1,048,576. */
DBK_CHECKED bool dbk_store_append_evidence(struct dbk_store *store,
                                           const struct dbk_evidence *evidence);
/* All of a booking's, by number, with room for `spare` more behind them. */
DBK_CHECKED bool dbk_store_list_evidence(struct dbk_store *store, int64_t booking, size_t spare,
                                         struct dbk_arena *arena, struct dbk_evidence **evidence,
                                         size_t *count);

/* Remembers that a key of ours, or a reservation's id, at a partner belongs to a booking. A name
 * that is taken stays with its first booking. */
DBK_CHECKED bool dbk_store_put_name(struct dbk_store *store, const char *partner, const char *name,
                                    int64_t booking);
DBK_CHECKED enum dbk_found dbk_store_booking_named(struct dbk_store *store, const char *partner,
                                                   const char *name, int64_t *booking);

/* The inbox: takes a callback in; *is_new is false if it was there already. */
DBK_CHECKED bool dbk_store_take_callback(struct dbk_store *store, const char *partner,
                                         const char *event, int64_t at_ms, bool *is_new);

/* Quotes: prices that were told. */
DBK_CHECKED bool dbk_store_next_quote(struct dbk_store *store, int64_t *row);
DBK_CHECKED bool dbk_store_put_quote(struct dbk_store *store, const struct dbk_quote *quote);
DBK_CHECKED enum dbk_found dbk_store_quote(struct dbk_store *store, const char *id,
                                           struct dbk_arena *arena, struct dbk_quote *quote);

/* The money ledger: adds an entry; *is_new is false if the booking has one under its key already,
 * and then nothing is written. */
DBK_CHECKED bool dbk_store_append_money(struct dbk_store *store, const struct dbk_money *entry,
                                        bool *is_new);
/* All of a booking's, by time, then by key. */
DBK_CHECKED bool dbk_store_list_money(struct dbk_store *store, int64_t booking,
                                      struct dbk_arena *arena, struct dbk_money **entries,
                                      size_t *count);

/* Makes a booking's job due at at_ms, or leaves it if it is due earlier; a lease is respected. */
DBK_CHECKED bool dbk_store_put_job(struct dbk_store *store, int64_t booking, int64_t at_ms);
/* Claims up to max due jobs, longest due first, then by booking: each gets the next fence, and
 * nobody else may claim it before lease_ms. */
DBK_CHECKED bool dbk_store_claim_jobs(struct dbk_store *store, int64_t now_ms, int64_t lease_ms,
                                      struct dbk_job *jobs, size_t max, size_t *count);
DBK_CHECKED enum dbk_found dbk_store_job(struct dbk_store *store, int64_t booking,
                                         struct dbk_job *job);
/* Writes at_ms (DBK_ABSENT: at rest) and lease_ms, if the fence is still that of the job.
 *
 * DBK_NOT_FOUND  another worker has it; nothing was written
 */
DBK_CHECKED enum dbk_found dbk_store_schedule_job(struct dbk_store *store,
                                                  const struct dbk_job *job);
/* When the next job may be claimed; DBK_ABSENT: all rest. */
DBK_CHECKED bool dbk_store_next_job(struct dbk_store *store, int64_t *at_ms);

/* How many jobs are not at rest, and how many bookings have each status: for those who watch. */
DBK_CHECKED bool dbk_store_count_jobs(struct dbk_store *store, int64_t *jobs);
DBK_CHECKED bool dbk_store_count_bookings(struct dbk_store *store,
                                          int64_t bookings[static DBK_STATUSES]);

/* Until when a partner wants no request; of two the later counts. 0: it has not said. */
DBK_CHECKED bool dbk_store_put_pause(struct dbk_store *store, const char *partner,
                                     int64_t until_ms);
DBK_CHECKED bool dbk_store_pause(struct dbk_store *store, const char *partner, int64_t *until_ms);

/* What the program itself must know again after a restart. A name that is taken keeps its value. */
DBK_CHECKED bool dbk_store_put_setting(struct dbk_store *store, const char *name, int64_t value);
DBK_CHECKED enum dbk_found dbk_store_setting(struct dbk_store *store, const char *name,
                                             int64_t *value);

/* The port: one slot for each of the above, with the same duties. store.c numbers the writes and
 * asks the hook, so that no implementation needs to. */
struct dbk_store_ops {
    bool (*begin)(void *self);
    bool (*savepoint)(void *self);
    bool (*release)(void *self);
    bool (*rollback_to)(void *self);
    bool (*commit)(void *self);
    void (*rollback)(void *self);
    bool (*clear)(void *self);
    bool (*check)(void *self, char why[static 160]);
    void (*free)(void *self);
    bool (*next_booking)(void *self, int64_t *row);
    bool (*insert_booking)(void *self, const struct dbk_booking *booking);
    bool (*update_booking)(void *self, const struct dbk_booking *booking);
    enum dbk_found (*booking_by_row)(void *self, int64_t row, struct dbk_arena *arena,
                                     struct dbk_booking *booking);
    enum dbk_found (*booking_by_id)(void *self, const char *id, struct dbk_arena *arena,
                                    struct dbk_booking *booking);
    enum dbk_found (*booking_by_key)(void *self, const char *api_key, struct dbk_arena *arena,
                                     struct dbk_booking *booking);
    enum dbk_found (*open_booking_by_body)(void *self, const struct dbk_digest *body,
                                           struct dbk_arena *arena, struct dbk_booking *booking);
    bool (*list_bookings)(void *self, struct dbk_arena *arena, struct dbk_booking **bookings,
                          size_t *count);
    bool (*append_evidence)(void *self, const struct dbk_evidence *evidence);
    bool (*list_evidence)(void *self, int64_t booking, size_t spare, struct dbk_arena *arena,
                          struct dbk_evidence **evidence, size_t *count);
    bool (*put_name)(void *self, const char *partner, const char *name, int64_t booking);
    enum dbk_found (*booking_named)(void *self, const char *partner, const char *name,
                                    int64_t *booking);
    bool (*take_callback)(void *self, const char *partner, const char *event, int64_t at_ms,
                          bool *is_new);
    bool (*next_quote)(void *self, int64_t *row);
    bool (*put_quote)(void *self, const struct dbk_quote *quote);
    enum dbk_found (*quote)(void *self, const char *id, struct dbk_arena *arena,
                            struct dbk_quote *quote);
    bool (*append_money)(void *self, const struct dbk_money *entry, bool *is_new);
    bool (*list_money)(void *self, int64_t booking, struct dbk_arena *arena,
                       struct dbk_money **entries, size_t *count);
    bool (*put_job)(void *self, int64_t booking, int64_t at_ms);
    bool (*claim_jobs)(void *self, int64_t now_ms, int64_t lease_ms, struct dbk_job *jobs,
                       size_t max, size_t *count);
    enum dbk_found (*job)(void *self, int64_t booking, struct dbk_job *job);
    enum dbk_found (*schedule_job)(void *self, const struct dbk_job *job);
    bool (*next_job)(void *self, int64_t *at_ms);
    bool (*count_jobs)(void *self, int64_t *jobs);
    bool (*count_bookings)(void *self, int64_t bookings[static DBK_STATUSES]);
    bool (*put_pause)(void *self, const char *partner, int64_t until_ms);
    bool (*pause)(void *self, const char *partner, int64_t *until_ms);
    bool (*put_setting)(void *self, const char *name, int64_t value);
    enum dbk_found (*setting)(void *self, const char *name, int64_t *value);
};

struct dbk_store {
    const struct dbk_store_ops *ops;
    void *self; /* the implementation's; freed by its own free slot */
    bool (*hook)(void *context, int64_t nth);
    void *context;
    int64_t writes;
};

/* Gives a store over an implementation, taking self (dbk_store_free). */
struct dbk_store *dbk_store_new(const struct dbk_store_ops *ops, void *self);

#endif
