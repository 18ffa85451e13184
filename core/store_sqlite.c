#include "base/history.h"
#include "core/store_sqlite_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text)
        sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, at);
}

static void bind_integer(sqlite3_stmt *statement, int at, int64_t value)
{
    if (value == DBK_ABSENT)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int64(statement, at, value);
}

static int64_t integer_at(sqlite3_stmt *statement, int at)
{
    return sqlite3_column_type(statement, at) == SQLITE_NULL ? DBK_ABSENT
                                                             : sqlite3_column_int64(statement, at);
}

static const char *word_at(sqlite3_stmt *statement, int at)
{
    const char *text = (const char *)sqlite3_column_text(statement, at);

    return text ? text : "";
}

static const char *text_at(sqlite3_stmt *statement, int at, struct dbk_arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(statement, at);

    return text ? dbk_arena_copy(arena, text, (size_t)sqlite3_column_bytes(statement, at)) : NULL;
}

/* Runs a statement that gives no rows. */
static bool run(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);

    sqlite3_reset(statement);
    return code == SQLITE_DONE;
}

/* Ends a statement whose last step gave code. */
static enum dbk_found found(sqlite3_stmt *statement, int code)
{
    sqlite3_reset(statement);
    if (code == SQLITE_ROW)
        return DBK_FOUND;
    return code == SQLITE_DONE ? DBK_NOT_FOUND : DBK_STORE_FAILED;
}

/* Transactions. */

static bool run_begin(void *self)
{
    return run(((struct dbk_sqlite *)self)->prepared[SQL_BEGIN]);
}

static bool run_savepoint(void *self)
{
    return run(((struct dbk_sqlite *)self)->prepared[SQL_SAVEPOINT]);
}

static bool run_release(void *self)
{
    return run(((struct dbk_sqlite *)self)->prepared[SQL_RELEASE]);
}

/* ROLLBACK TO leaves the savepoint open; here it ends. */
static bool run_rollback_to(void *self)
{
    return run(((struct dbk_sqlite *)self)->prepared[SQL_ROLLBACK_TO]) && run_release(self);
}

static bool run_commit(void *self)
{
    return run(((struct dbk_sqlite *)self)->prepared[SQL_COMMIT]);
}

static void run_rollback(void *self)
{
    struct dbk_sqlite *sqlite = self;

    if (!sqlite3_get_autocommit(sqlite->database))
        run(sqlite->prepared[SQL_ROLLBACK]);
}

static bool clear(void *self)
{
    struct dbk_sqlite *sqlite = self;

    if (!run_begin(self))
        return false;
    for (size_t i = 0; i < DBK_SQL_TABLES; i++)
        if (!run(sqlite->clear[i])) {
            run_rollback(self);
            return false;
        }
    return run_commit(self);
}

static bool check(void *self, char why[static 160])
{
    struct dbk_sqlite *sqlite = self;
    sqlite3_stmt *integrity = sqlite->prepared[SQL_INTEGRITY];
    int code = sqlite3_step(integrity);
    bool is_whole = code == SQLITE_ROW && dbk_same(word_at(integrity, 0), "ok");

    if (!is_whole)
        snprintf(why, 160, "the database is damaged: %.100s",
                 code == SQLITE_ROW ? word_at(integrity, 0) : sqlite3_errmsg(sqlite->database));
    sqlite3_reset(integrity);
    for (size_t i = 0; i < DBK_SQL_RULES && is_whole; i++) {
        sqlite3_stmt *rule = sqlite->rules[i];
        int64_t broken = sqlite3_step(rule) == SQLITE_ROW ? sqlite3_column_int64(rule, 0) : -1;
        sqlite3_reset(rule);
        is_whole = broken == 0;
        if (broken < 0)
            snprintf(why, 160, "cannot be checked: %.100s", sqlite3_errmsg(sqlite->database));
        else if (broken > 0)
            snprintf(why, 160, "%lld %s", (long long)broken, dbk_sql_rules[i].broken);
    }
    return is_whole;
}

static void free_sqlite(void *self)
{
    struct dbk_sqlite *sqlite = self;

    for (size_t i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(sqlite->prepared[i]);
    for (size_t i = 0; i < DBK_SQL_RULES; i++)
        sqlite3_finalize(sqlite->rules[i]);
    for (size_t i = 0; i < DBK_SQL_TABLES; i++)
        sqlite3_finalize(sqlite->clear[i]);
    sqlite3_close(sqlite->database);
    free(sqlite);
}

/* Bookings. */

static bool next_booking(void *self, int64_t *row)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_NEXT_BOOKING];
    int code = sqlite3_step(statement);

    if (code == SQLITE_ROW)
        *row = sqlite3_column_int64(statement, 0);
    return found(statement, code) == DBK_FOUND;
}

static bool insert_booking(void *self, const struct dbk_booking *booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_INSERT_BOOKING];

    bind_integer(statement, 1, booking->row);
    bind_text(statement, 2, booking->id);
    bind_text(statement, 3, booking->api_key);
    sqlite3_bind_blob(statement, 4, booking->body.bytes, DBK_DIGEST_BYTES, SQLITE_STATIC);
    bind_text(statement, 5, booking->partner);
    bind_text(statement, 6, booking->product);
    bind_text(statement, 7, booking->slot);
    bind_text(statement, 8, booking->guest);
    bind_integer(statement, 9, booking->units);
    bind_integer(statement, 10, booking->created_ms);
    bind_text(statement, 11, dbk_status_name(booking->status));
    bind_text(statement, 12, dbk_sync_name(booking->sync));
    bind_integer(statement, 13, booking->version);
    bind_text(statement, 14, dbk_status_name(booking->list_status));
    bind_integer(statement, 15, booking->expires_ms);
    bind_text(statement, 16, dbk_told_name(booking->told));
    bind_integer(statement, 17, booking->hear_by_ms);
    bind_integer(statement, 18, booking->price);
    bind_integer(statement, 19, booking->charged);
    bind_text(statement, 20, booking->currency ? booking->currency : "");
    return run(statement);
}

static bool update_booking(void *self, const struct dbk_booking *booking)
{
    struct dbk_sqlite *sqlite = self;
    sqlite3_stmt *statement = sqlite->prepared[SQL_UPDATE_BOOKING];

    bind_integer(statement, 1, booking->row);
    bind_text(statement, 2, dbk_status_name(booking->status));
    bind_text(statement, 3, dbk_sync_name(booking->sync));
    bind_integer(statement, 4, booking->version);
    bind_text(statement, 5, dbk_status_name(booking->list_status));
    bind_integer(statement, 6, booking->expires_ms);
    bind_text(statement, 7, dbk_told_name(booking->told));
    bind_integer(statement, 8, booking->hear_by_ms);
    bind_integer(statement, 9, booking->charged);
    return run(statement) && sqlite3_changes(sqlite->database) == 1;
}

/* False where a stored word is none of ours. */
static bool read_booking(sqlite3_stmt *statement, struct dbk_arena *arena,
                         struct dbk_booking *booking)
{
    *booking = (struct dbk_booking){
        .row = sqlite3_column_int64(statement, 0),
        .id = text_at(statement, 1, arena),
        .api_key = text_at(statement, 2, arena),
        .partner = text_at(statement, 4, arena),
        .product = text_at(statement, 5, arena),
        .slot = text_at(statement, 6, arena),
        .guest = text_at(statement, 7, arena),
        .units = sqlite3_column_int64(statement, 8),
        .created_ms = sqlite3_column_int64(statement, 9),
        .status = dbk_status_by_name(word_at(statement, 10)),
        .sync = dbk_sync_by_name(word_at(statement, 11)),
        .version = sqlite3_column_int64(statement, 12),
        .list_status = dbk_status_by_name(word_at(statement, 13)),
        .expires_ms = sqlite3_column_int64(statement, 14),
        .told = dbk_told_by_name(word_at(statement, 15)),
        .hear_by_ms = sqlite3_column_int64(statement, 16),
        .price = sqlite3_column_int64(statement, 17),
        .charged = sqlite3_column_int64(statement, 18),
        .currency = text_at(statement, 19, arena),
    };
    if (sqlite3_column_bytes(statement, 3) == DBK_DIGEST_BYTES)
        memcpy(booking->body.bytes, sqlite3_column_blob(statement, 3), DBK_DIGEST_BYTES);
    return booking->status < DBK_STATUSES && booking->sync < DBK_SYNCS &&
           booking->list_status < DBK_STATUSES && booking->told < DBK_TOLDS;
}

static enum dbk_found find_booking(sqlite3_stmt *statement, struct dbk_arena *arena,
                                   struct dbk_booking *booking)
{
    int code = sqlite3_step(statement);
    bool is_good = code != SQLITE_ROW || read_booking(statement, arena, booking);
    enum dbk_found result = found(statement, code);

    return is_good ? result : DBK_STORE_FAILED;
}

static enum dbk_found booking_by_row(void *self, int64_t row, struct dbk_arena *arena,
                                     struct dbk_booking *booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_BOOKING_BY_ROW];

    bind_integer(statement, 1, row);
    return find_booking(statement, arena, booking);
}

static enum dbk_found booking_by_id(void *self, const char *id, struct dbk_arena *arena,
                                    struct dbk_booking *booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_BOOKING_BY_ID];

    bind_text(statement, 1, id);
    return find_booking(statement, arena, booking);
}

static enum dbk_found booking_by_key(void *self, const char *api_key, struct dbk_arena *arena,
                                     struct dbk_booking *booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_BOOKING_BY_KEY];

    bind_text(statement, 1, api_key);
    return find_booking(statement, arena, booking);
}

static enum dbk_found open_booking_by_body(void *self, const struct dbk_digest *body,
                                           struct dbk_arena *arena, struct dbk_booking *booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_OPEN_BOOKING_BY_BODY];

    sqlite3_bind_blob(statement, 1, body->bytes, sizeof(body->bytes), SQLITE_STATIC);
    return find_booking(statement, arena, booking);
}

/* A list that grows in an arena and always has room for one item and `spare` more. */
static void *grown(struct dbk_arena *arena, void *items, size_t count, size_t spare, size_t size,
                   size_t *room)
{
    if (count + spare < *room)
        return items;
    *room = 2 * *room + spare + 16;
    void *more = dbk_arena_room(arena, *room * size);
    if (count)
        memcpy(more, items, count * size);
    return more;
}

static bool list_bookings(void *self, struct dbk_arena *arena, struct dbk_booking **bookings,
                          size_t *count)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_LIST_BOOKINGS];
    bool is_good = true;
    size_t room = 0;
    int code = SQLITE_DONE;

    *bookings = NULL;
    *count = 0;
    while (is_good && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *bookings = grown(arena, *bookings, *count, 0, sizeof(**bookings), &room);
        is_good = read_booking(statement, arena, &(*bookings)[(*count)++]);
    }
    return found(statement, code) == DBK_NOT_FOUND && is_good;
}

/* Evidence. */

static bool append_evidence(void *self, const struct dbk_evidence *evidence)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_APPEND_EVIDENCE];

    if (evidence->number > DBK_EVIDENCE_MAX)
        return false;
    bind_integer(statement, 1, (evidence->booking << DBK_EVIDENCE_BITS) + evidence->number);
    bind_integer(statement, 2, evidence->at_ms);
    bind_text(statement, 3, dbk_evidence_name(evidence->kind));
    bind_text(statement, 4, dbk_call_name(evidence->call));
    bind_integer(statement, 5, evidence->attempt);
    bind_integer(statement, 6, evidence->nth);
    bind_integer(statement, 7, evidence->left_by_ms);
    bind_integer(statement, 8, evidence->deadline_ms);
    bind_integer(statement, 9, evidence->fence);
    bind_integer(statement, 10, evidence->http);
    bind_text(statement, 11, dbk_theirs_name(evidence->state));
    bind_integer(statement, 12, evidence->version);
    bind_text(statement, 13, evidence->key);
    bind_text(statement, 14, evidence->reservation);
    bind_text(statement, 15, evidence->text);
    bind_integer(statement, 16, evidence->expires_ms);
    bind_integer(statement, 17, evidence->currency ? evidence->amount : DBK_ABSENT);
    bind_text(statement, 18, evidence->currency);
    return run(statement);
}

static bool read_evidence(sqlite3_stmt *statement, struct dbk_arena *arena,
                          struct dbk_evidence *evidence)
{
    int64_t id = sqlite3_column_int64(statement, 0);

    *evidence = (struct dbk_evidence){
        .booking = id >> DBK_EVIDENCE_BITS,
        .number = id & DBK_EVIDENCE_MAX,
        .at_ms = sqlite3_column_int64(statement, 1),
        .kind = dbk_evidence_by_name(word_at(statement, 2)),
        .call = dbk_call_by_name(word_at(statement, 3)),
        .attempt = sqlite3_column_int64(statement, 4),
        .nth = sqlite3_column_int64(statement, 5),
        .left_by_ms = sqlite3_column_int64(statement, 6),
        .deadline_ms = sqlite3_column_int64(statement, 7),
        .fence = sqlite3_column_int64(statement, 8),
        .http = sqlite3_column_int64(statement, 9),
        .state = dbk_theirs_by_name(word_at(statement, 10)),
        .version = integer_at(statement, 11),
        .key = text_at(statement, 12, arena),
        .reservation = text_at(statement, 13, arena),
        .text = text_at(statement, 14, arena),
        .expires_ms = sqlite3_column_int64(statement, 15),
        .amount = sqlite3_column_int64(statement, 16),
        .currency = text_at(statement, 17, arena),
    };
    return evidence->kind < DBK_EVIDENCE_KINDS && evidence->call < DBK_CALLS &&
           evidence->state < DBK_THEIR_STATES;
}

static bool list_evidence(void *self, int64_t booking, size_t spare, struct dbk_arena *arena,
                          struct dbk_evidence **evidence, size_t *count)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_LIST_EVIDENCE];
    bool is_good = true;
    size_t room = 0;
    int code = SQLITE_DONE;

    *evidence = grown(arena, NULL, 0, spare, sizeof(**evidence), &room);
    *count = 0;
    bind_integer(statement, 1, booking << DBK_EVIDENCE_BITS);
    bind_integer(statement, 2, (booking << DBK_EVIDENCE_BITS) + DBK_EVIDENCE_MAX);
    while (is_good && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *evidence = grown(arena, *evidence, *count, spare, sizeof(**evidence), &room);
        is_good = read_evidence(statement, arena, &(*evidence)[(*count)++]);
    }
    return found(statement, code) == DBK_NOT_FOUND && is_good;
}

/* Names and the inbox. */

static bool put_name(void *self, const char *partner, const char *name, int64_t booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_PUT_NAME];

    bind_text(statement, 1, partner);
    bind_text(statement, 2, name);
    bind_integer(statement, 3, booking);
    return run(statement);
}

static enum dbk_found booking_named(void *self, const char *partner, const char *name,
                                    int64_t *booking)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_BOOKING_NAMED];

    bind_text(statement, 1, partner);
    bind_text(statement, 2, name);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *booking = sqlite3_column_int64(statement, 0);
    return found(statement, code);
}

static bool take_callback(void *self, const char *partner, const char *event, int64_t at_ms,
                          bool *is_new)
{
    struct dbk_sqlite *sqlite = self;
    sqlite3_stmt *statement = sqlite->prepared[SQL_TAKE_CALLBACK];

    bind_text(statement, 1, partner);
    bind_text(statement, 2, event);
    bind_integer(statement, 3, at_ms);
    bool is_good = run(statement);
    *is_new = is_good && sqlite3_changes(sqlite->database) > 0;
    return is_good;
}

/* The work queue. */

static bool put_job(void *self, int64_t booking, int64_t at_ms)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_PUT_JOB];

    bind_integer(statement, 1, booking);
    bind_integer(statement, 2, at_ms);
    return run(statement);
}

static bool claim_jobs(void *self, int64_t now_ms, int64_t lease_ms, struct dbk_job *jobs,
                       size_t max, size_t *count)
{
    struct dbk_sqlite *sqlite = self;
    sqlite3_stmt *due = sqlite->prepared[SQL_DUE_JOBS];
    sqlite3_stmt *claim = sqlite->prepared[SQL_CLAIM_JOB];
    int code = SQLITE_DONE;

    *count = 0;
    bind_integer(due, 1, now_ms);
    bind_integer(due, 2, (int64_t)max);
    while (*count < max && (code = sqlite3_step(due)) == SQLITE_ROW)
        jobs[(*count)++] = (struct dbk_job){
            .booking = sqlite3_column_int64(due, 0),
            .fence = sqlite3_column_int64(due, 1) + 1,
            .at_ms = lease_ms,
            .lease_ms = lease_ms,
        };
    sqlite3_reset(due);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        return false;
    for (size_t i = 0; i < *count; i++) {
        bind_integer(claim, 1, jobs[i].booking);
        bind_integer(claim, 2, lease_ms);
        bind_integer(claim, 3, jobs[i].fence);
        if (!run(claim))
            return false;
    }
    return true;
}

static enum dbk_found find_job(void *self, int64_t booking, struct dbk_job *job)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_JOB];

    bind_integer(statement, 1, booking);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *job = (struct dbk_job){
            .booking = booking,
            .at_ms = integer_at(statement, 0),
            .lease_ms = sqlite3_column_int64(statement, 1),
            .fence = sqlite3_column_int64(statement, 2),
        };
    return found(statement, code);
}

static enum dbk_found schedule_job(void *self, const struct dbk_job *job)
{
    struct dbk_sqlite *sqlite = self;
    sqlite3_stmt *statement = sqlite->prepared[SQL_SCHEDULE_JOB];

    bind_integer(statement, 1, job->booking);
    bind_integer(statement, 2, job->at_ms);
    bind_integer(statement, 3, job->lease_ms);
    bind_integer(statement, 4, job->fence);
    if (!run(statement))
        return DBK_STORE_FAILED;
    return sqlite3_changes(sqlite->database) == 1 ? DBK_FOUND : DBK_NOT_FOUND;
}

static bool next_job(void *self, int64_t *at_ms)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_NEXT_JOB];
    int code = sqlite3_step(statement);

    *at_ms = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : DBK_ABSENT;
    return found(statement, code) != DBK_STORE_FAILED;
}

static bool count_jobs(void *self, int64_t *jobs)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_COUNT_JOBS];
    int code = sqlite3_step(statement);

    *jobs = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return found(statement, code) == DBK_FOUND;
}

static bool count_bookings(void *self, int64_t bookings[static DBK_STATUSES])
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_COUNT_BOOKINGS];
    enum dbk_status status = DBK_STATUS_RECEIVED;
    int code = SQLITE_DONE;

    for (size_t i = 0; i < DBK_STATUSES; i++)
        bookings[i] = 0;
    while (status < DBK_STATUSES && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        status = dbk_status_by_name(word_at(statement, 0));
        if (status < DBK_STATUSES)
            bookings[status] = sqlite3_column_int64(statement, 1);
    }
    return found(statement, code) == DBK_NOT_FOUND;
}

/* Pauses. */

static bool put_pause(void *self, const char *partner, int64_t until_ms)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_PUT_PAUSE];

    bind_text(statement, 1, partner);
    sqlite3_bind_int64(statement, 2, until_ms);
    return run(statement);
}

static bool get_pause(void *self, const char *partner, int64_t *until_ms)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_PAUSE];

    bind_text(statement, 1, partner);
    int code = sqlite3_step(statement);
    *until_ms = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return found(statement, code) != DBK_STORE_FAILED;
}

/* Settings. */

static bool put_setting(void *self, const char *name, int64_t value)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_PUT_SETTING];

    bind_text(statement, 1, name);
    sqlite3_bind_int64(statement, 2, value);
    return run(statement);
}

static enum dbk_found setting(void *self, const char *name, int64_t *value)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_SETTING];

    bind_text(statement, 1, name);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    return found(statement, code);
}

const struct dbk_store_ops dbk_sqlite_ops = {
    .begin = run_begin,
    .savepoint = run_savepoint,
    .release = run_release,
    .rollback_to = run_rollback_to,
    .commit = run_commit,
    .rollback = run_rollback,
    .clear = clear,
    .check = check,
    .free = free_sqlite,
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
    .next_quote = dbk_sqlite_next_quote,
    .put_quote = dbk_sqlite_put_quote,
    .quote = dbk_sqlite_quote,
    .append_money = dbk_sqlite_append_money,
    .list_money = dbk_sqlite_list_money,
    .put_job = put_job,
    .claim_jobs = claim_jobs,
    .job = find_job,
    .schedule_job = schedule_job,
    .next_job = next_job,
    .count_jobs = count_jobs,
    .count_bookings = count_bookings,
    .put_pause = put_pause,
    .pause = get_pause,
    .put_setting = put_setting,
    .setting = setting,
};
