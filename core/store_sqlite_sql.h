/* store_sqlite_sql: every SQL text of the store, each prepared once.
 *
 * Words, not numbers, stand in status, sync, kind and the like: a stored booking outlives the order
 * of an enum. An evidence id is its booking's row and its number in one, so that one tree holds
 * all of a booking's evidence side by side and needs no index. Next: store_sqlite.c.
 */
#ifndef DBK_CORE_STORE_SQLITE_SQL_H
#define DBK_CORE_STORE_SQLITE_SQL_H

#include "core/store_sqlite.h"

#include <sqlite3.h>

#define DBK_SQL_RULES 8
#define DBK_SQL_TABLES 9

enum sql {
    SQL_BEGIN,
    SQL_SAVEPOINT,
    SQL_RELEASE,
    SQL_ROLLBACK_TO,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_NEXT_BOOKING,
    SQL_INSERT_BOOKING,
    SQL_UPDATE_BOOKING,
    SQL_BOOKING_BY_ROW,
    SQL_BOOKING_BY_ID,
    SQL_BOOKING_BY_KEY,
    SQL_OPEN_BOOKING_BY_BODY,
    SQL_LIST_BOOKINGS,
    SQL_APPEND_EVIDENCE,
    SQL_LIST_EVIDENCE,
    SQL_PUT_NAME,
    SQL_BOOKING_NAMED,
    SQL_TAKE_CALLBACK,
    SQL_NEXT_QUOTE,
    SQL_PUT_QUOTE,
    SQL_QUOTE,
    SQL_APPEND_MONEY,
    SQL_LIST_MONEY,
    SQL_PUT_JOB,
    SQL_DUE_JOBS,
    SQL_CLAIM_JOB,
    SQL_JOB,
    SQL_SCHEDULE_JOB,
    SQL_NEXT_JOB,
    SQL_COUNT_JOBS,
    SQL_COUNT_BOOKINGS,
    SQL_PUT_PAUSE,
    SQL_PAUSE,
    SQL_PUT_SETTING,
    SQL_SETTING,
    SQL_INTEGRITY,
    SQL_STATEMENTS
};

extern const char dbk_sql_schema[];
extern const char *const dbk_sql[SQL_STATEMENTS];
extern const char *const dbk_sql_clear[DBK_SQL_TABLES];

/* What must hold across tables: the statement counts what breaks the rule. */
struct dbk_sql_rule {
    const char *sql, *broken;
};
extern const struct dbk_sql_rule dbk_sql_rules[DBK_SQL_RULES];

/* An open store, with all of them prepared. Freed by the ops. */
struct dbk_sqlite {
    sqlite3 *database;
    sqlite3_stmt *prepared[SQL_STATEMENTS];
    sqlite3_stmt *rules[DBK_SQL_RULES];
    sqlite3_stmt *clear[DBK_SQL_TABLES];
};

extern const struct dbk_store_ops dbk_sqlite_ops;

/* store_sqlite_money.c: quotes and the money ledger, slots of the port. */
bool dbk_sqlite_next_quote(void *self, int64_t *row);
bool dbk_sqlite_put_quote(void *self, const struct dbk_quote *quote);
enum dbk_found dbk_sqlite_quote(void *self, const char *id, struct dbk_arena *arena,
                                struct dbk_quote *quote);
bool dbk_sqlite_append_money(void *self, const struct dbk_money *entry, bool *is_new);
bool dbk_sqlite_list_money(void *self, int64_t booking, struct dbk_arena *arena,
                           struct dbk_money **entries, size_t *count);

#endif
