#include "core/store.h"

#include <stdlib.h>

/* Every write verb passes here first, so that a crash point or a store fault meets them all alike,
 * whatever the implementation. */
static bool may_write(struct dbk_store *store)
{
    store->writes++;
    return !store->hook || store->hook(store->context, store->writes);
}

struct dbk_store *dbk_store_new(const struct dbk_store_ops *ops, void *self)
{
    struct dbk_store *store = dbk_alloc(sizeof(*store));

    store->ops = ops;
    store->self = self;
    return store;
}

void dbk_store_free(struct dbk_store *store)
{
    if (!store)
        return;
    store->ops->free(store->self);
    free(store);
}

void dbk_store_on_write(struct dbk_store *store, bool (*hook)(void *context, int64_t nth),
                        void *context)
{
    store->hook = hook;
    store->context = context;
}

int64_t dbk_store_writes(const struct dbk_store *store)
{
    return store->writes;
}

bool dbk_store_begin(struct dbk_store *store)
{
    store->writes = 0;
    return store->ops->begin(store->self);
}

bool dbk_store_savepoint(struct dbk_store *store)
{
    return store->ops->savepoint(store->self);
}

bool dbk_store_release(struct dbk_store *store)
{
    return store->ops->release(store->self);
}

bool dbk_store_rollback_to(struct dbk_store *store)
{
    return store->ops->rollback_to(store->self);
}

bool dbk_store_commit(struct dbk_store *store)
{
    return store->ops->commit(store->self);
}

void dbk_store_rollback(struct dbk_store *store)
{
    store->ops->rollback(store->self);
}

bool dbk_store_clear(struct dbk_store *store)
{
    return store->ops->clear(store->self);
}

bool dbk_store_check(struct dbk_store *store, char why[static 160])
{
    return store->ops->check(store->self, why);
}

bool dbk_store_next_booking(struct dbk_store *store, int64_t *row)
{
    return store->ops->next_booking(store->self, row);
}

bool dbk_store_insert_booking(struct dbk_store *store, const struct dbk_booking *booking)
{
    return may_write(store) && store->ops->insert_booking(store->self, booking);
}

bool dbk_store_update_booking(struct dbk_store *store, const struct dbk_booking *booking)
{
    return may_write(store) && store->ops->update_booking(store->self, booking);
}

enum dbk_found dbk_store_booking_by_row(struct dbk_store *store, int64_t row,
                                        struct dbk_arena *arena, struct dbk_booking *booking)
{
    return store->ops->booking_by_row(store->self, row, arena, booking);
}

enum dbk_found dbk_store_booking_by_id(struct dbk_store *store, const char *id,
                                       struct dbk_arena *arena, struct dbk_booking *booking)
{
    return store->ops->booking_by_id(store->self, id, arena, booking);
}

enum dbk_found dbk_store_booking_by_key(struct dbk_store *store, const char *api_key,
                                        struct dbk_arena *arena, struct dbk_booking *booking)
{
    return store->ops->booking_by_key(store->self, api_key, arena, booking);
}

enum dbk_found dbk_store_open_booking_by_body(struct dbk_store *store,
                                              const struct dbk_digest *body,
                                              struct dbk_arena *arena, struct dbk_booking *booking)
{
    return store->ops->open_booking_by_body(store->self, body, arena, booking);
}

bool dbk_store_list_bookings(struct dbk_store *store, struct dbk_arena *arena,
                             struct dbk_booking **bookings, size_t *count)
{
    return store->ops->list_bookings(store->self, arena, bookings, count);
}

bool dbk_store_append_evidence(struct dbk_store *store, const struct dbk_evidence *evidence)
{
    return may_write(store) && store->ops->append_evidence(store->self, evidence);
}

bool dbk_store_list_evidence(struct dbk_store *store, int64_t booking, size_t spare,
                             struct dbk_arena *arena, struct dbk_evidence **evidence, size_t *count)
{
    return store->ops->list_evidence(store->self, booking, spare, arena, evidence, count);
}

bool dbk_store_put_name(struct dbk_store *store, const char *partner, const char *name,
                        int64_t booking)
{
    return may_write(store) && store->ops->put_name(store->self, partner, name, booking);
}

enum dbk_found dbk_store_booking_named(struct dbk_store *store, const char *partner,
                                       const char *name, int64_t *booking)
{
    return store->ops->booking_named(store->self, partner, name, booking);
}

bool dbk_store_take_callback(struct dbk_store *store, const char *partner, const char *event,
                             int64_t at_ms, bool *is_new)
{
    return may_write(store) &&
           store->ops->take_callback(store->self, partner, event, at_ms, is_new);
}

bool dbk_store_next_quote(struct dbk_store *store, int64_t *row)
{
    return store->ops->next_quote(store->self, row);
}

bool dbk_store_put_quote(struct dbk_store *store, const struct dbk_quote *quote)
{
    return may_write(store) && store->ops->put_quote(store->self, quote);
}

enum dbk_found dbk_store_quote(struct dbk_store *store, const char *id, struct dbk_arena *arena,
                               struct dbk_quote *quote)
{
    return store->ops->quote(store->self, id, arena, quote);
}

bool dbk_store_append_money(struct dbk_store *store, const struct dbk_money *entry, bool *is_new)
{
    return may_write(store) && store->ops->append_money(store->self, entry, is_new);
}

bool dbk_store_list_money(struct dbk_store *store, int64_t booking, struct dbk_arena *arena,
                          struct dbk_money **entries, size_t *count)
{
    return store->ops->list_money(store->self, booking, arena, entries, count);
}

bool dbk_store_put_job(struct dbk_store *store, int64_t booking, int64_t at_ms)
{
    return may_write(store) && store->ops->put_job(store->self, booking, at_ms);
}

bool dbk_store_claim_jobs(struct dbk_store *store, int64_t now_ms, int64_t lease_ms,
                          struct dbk_job *jobs, size_t max, size_t *count)
{
    return may_write(store) &&
           store->ops->claim_jobs(store->self, now_ms, lease_ms, jobs, max, count);
}

enum dbk_found dbk_store_job(struct dbk_store *store, int64_t booking, struct dbk_job *job)
{
    return store->ops->job(store->self, booking, job);
}

enum dbk_found dbk_store_schedule_job(struct dbk_store *store, const struct dbk_job *job)
{
    return may_write(store) ? store->ops->schedule_job(store->self, job) : DBK_STORE_FAILED;
}

bool dbk_store_next_job(struct dbk_store *store, int64_t *at_ms)
{
    return store->ops->next_job(store->self, at_ms);
}

bool dbk_store_count_jobs(struct dbk_store *store, int64_t *jobs)
{
    return store->ops->count_jobs(store->self, jobs);
}

bool dbk_store_count_bookings(struct dbk_store *store, int64_t bookings[static DBK_STATUSES])
{
    return store->ops->count_bookings(store->self, bookings);
}

bool dbk_store_put_pause(struct dbk_store *store, const char *partner, int64_t until_ms)
{
    return may_write(store) && store->ops->put_pause(store->self, partner, until_ms);
}

bool dbk_store_pause(struct dbk_store *store, const char *partner, int64_t *until_ms)
{
    return store->ops->pause(store->self, partner, until_ms);
}

bool dbk_store_put_setting(struct dbk_store *store, const char *name, int64_t value)
{
    return may_write(store) && store->ops->put_setting(store->self, name, value);
}

enum dbk_found dbk_store_setting(struct dbk_store *store, const char *name, int64_t *value)
{
    return store->ops->setting(store->self, name, value);
}
