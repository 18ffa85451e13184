#include "store_wrap.h"

#define INNER(self) (((struct planted *)(self))->inner)

static bool begin(void *self)
{
    return dbk_store_begin(INNER(self));
}

static bool savepoint(void *self)
{
    return dbk_store_savepoint(INNER(self));
}

static bool release(void *self)
{
    return dbk_store_release(INNER(self));
}

static bool rollback_to(void *self)
{
    return dbk_store_rollback_to(INNER(self));
}

static bool commit(void *self)
{
    return dbk_store_commit(INNER(self));
}

static void rollback(void *self)
{
    dbk_store_rollback(INNER(self));
}

static bool clear(void *self)
{
    return dbk_store_clear(INNER(self));
}

static bool check(void *self, char why[static 160])
{
    return dbk_store_check(INNER(self), why);
}

static void free_inner(void *self)
{
    dbk_store_free(INNER(self));
}

static bool next_booking(void *self, int64_t *row)
{
    return dbk_store_next_booking(INNER(self), row);
}

static bool insert_booking(void *self, const struct dbk_booking *booking)
{
    return dbk_store_insert_booking(INNER(self), booking);
}

static bool update_booking(void *self, const struct dbk_booking *booking)
{
    return dbk_store_update_booking(INNER(self), booking);
}

static enum dbk_found booking_by_row(void *self, int64_t row, struct dbk_arena *arena,
                                     struct dbk_booking *booking)
{
    return dbk_store_booking_by_row(INNER(self), row, arena, booking);
}

static enum dbk_found booking_by_id(void *self, const char *id, struct dbk_arena *arena,
                                    struct dbk_booking *booking)
{
    return dbk_store_booking_by_id(INNER(self), id, arena, booking);
}

static enum dbk_found booking_by_key(void *self, const char *api_key, struct dbk_arena *arena,
                                     struct dbk_booking *booking)
{
    return dbk_store_booking_by_key(INNER(self), api_key, arena, booking);
}

static enum dbk_found open_booking_by_body(void *self, const struct dbk_digest *body,
                                           struct dbk_arena *arena, struct dbk_booking *booking)
{
    return dbk_store_open_booking_by_body(INNER(self), body, arena, booking);
}

static bool list_bookings(void *self, struct dbk_arena *arena, struct dbk_booking **bookings,
                          size_t *count)
{
    return dbk_store_list_bookings(INNER(self), arena, bookings, count);
}

static bool append_evidence(void *self, const struct dbk_evidence *evidence)
{
    return dbk_store_append_evidence(INNER(self), evidence);
}

static bool list_evidence(void *self, int64_t booking, size_t spare, struct dbk_arena *arena,
                          struct dbk_evidence **evidence, size_t *count)
{
    return dbk_store_list_evidence(INNER(self), booking, spare, arena, evidence, count);
}

static bool put_name(void *self, const char *partner, const char *name, int64_t booking)
{
    return dbk_store_put_name(INNER(self), partner, name, booking);
}

static enum dbk_found booking_named(void *self, const char *partner, const char *name,
                                    int64_t *booking)
{
    return dbk_store_booking_named(INNER(self), partner, name, booking);
}

static bool take_callback(void *self, const char *partner, const char *event, int64_t at_ms,
                          bool *is_new)
{
    return dbk_store_take_callback(INNER(self), partner, event, at_ms, is_new);
}

static bool next_quote(void *self, int64_t *row)
{
    return dbk_store_next_quote(INNER(self), row);
}

static bool put_quote(void *self, const struct dbk_quote *put)
{
    return dbk_store_put_quote(INNER(self), put);
}

static enum dbk_found quote(void *self, const char *id, struct dbk_arena *arena,
                            struct dbk_quote *found)
{
    return dbk_store_quote(INNER(self), id, arena, found);
}

static bool put_pause(void *self, const char *partner, int64_t until_ms)
{
    return dbk_store_put_pause(INNER(self), partner, until_ms);
}

static bool get_pause(void *self, const char *partner, int64_t *until_ms)
{
    return dbk_store_pause(INNER(self), partner, until_ms);
}

static bool append_money(void *self, const struct dbk_money *entry, bool *is_new)
{
    return dbk_store_append_money(INNER(self), entry, is_new);
}

static bool list_money(void *self, int64_t booking, struct dbk_arena *arena,
                       struct dbk_money **entries, size_t *count)
{
    return dbk_store_list_money(INNER(self), booking, arena, entries, count);
}

static bool put_job(void *self, int64_t booking, int64_t at_ms)
{
    return dbk_store_put_job(INNER(self), booking, at_ms);
}

static bool claim_jobs(void *self, int64_t now_ms, int64_t lease_ms, struct dbk_job *jobs,
                       size_t max, size_t *count)
{
    return dbk_store_claim_jobs(INNER(self), now_ms, lease_ms, jobs, max, count);
}

static enum dbk_found job(void *self, int64_t booking, struct dbk_job *found)
{
    return dbk_store_job(INNER(self), booking, found);
}

static enum dbk_found schedule_job(void *self, const struct dbk_job *scheduled)
{
    return dbk_store_schedule_job(INNER(self), scheduled);
}

static bool next_job(void *self, int64_t *at_ms)
{
    return dbk_store_next_job(INNER(self), at_ms);
}

static bool count_jobs(void *self, int64_t *jobs)
{
    return dbk_store_count_jobs(INNER(self), jobs);
}

static bool count_bookings(void *self, int64_t bookings[static DBK_STATUSES])
{
    return dbk_store_count_bookings(INNER(self), bookings);
}

static bool put_setting(void *self, const char *name, int64_t value)
{
    return dbk_store_put_setting(INNER(self), name, value);
}

static enum dbk_found setting(void *self, const char *name, int64_t *value)
{
    return dbk_store_setting(INNER(self), name, value);
}

const struct dbk_store_ops store_wrap_ops = {
    .begin = begin,
    .savepoint = savepoint,
    .release = release,
    .rollback_to = rollback_to,
    .commit = commit,
    .rollback = rollback,
    .clear = clear,
    .check = check,
    .free = free_inner,
    .next_booking = next_booking,
    .insert_booking = insert_booking,
    .update_booking = update_booking,
    .booking_by_row = booking_by_row,
    .booking_by_id = booking_by_id,
    .booking_by_key = booking_by_key,
    .open_booking_by_body = open_booking_by_body,
    .list_bookings = list_bookings,
    .append_evidence = append_evidence,
    .list_evidence = list_evidence,
    .put_name = put_name,
    .booking_named = booking_named,
    .take_callback = take_callback,
    .next_quote = next_quote,
    .put_quote = put_quote,
    .quote = quote,
    .put_pause = put_pause,
    .pause = get_pause,
    .append_money = append_money,
    .list_money = list_money,
    .put_job = put_job,
    .claim_jobs = claim_jobs,
    .job = job,
    .schedule_job = schedule_job,
    .next_job = next_job,
    .count_jobs = count_jobs,
    .count_bookings = count_bookings,
    .put_setting = put_setting,
    .setting = setting,
};
