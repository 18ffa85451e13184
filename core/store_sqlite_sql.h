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

#define DBK_SQL_RULES 6
#define DBK_SQL_TABLES 6

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
    SQL_PUT_JOB,
    SQL_DUE_JOBS,
    SQL_CLAIM_JOB,
    SQL_JOB,
    SQL_SCHEDULE_JOB,
    SQL_NEXT_JOB,
    SQL_COUNT_JOBS,
    SQL_COUNT_BOOKINGS,
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

#endif
