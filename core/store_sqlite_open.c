#include "core/store_sqlite_sql.h"

#include <stdio.h>

#define VERSION 6 /* of the schema */

static bool prepare(struct dbk_sqlite *sqlite, const char *sql, sqlite3_stmt **statement)
{
    return sqlite3_prepare_v3(sqlite->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement,
                              NULL) == SQLITE_OK;
}

static bool prepare_all(struct dbk_sqlite *sqlite, bool is_memory)
{
    for (size_t i = 0; i < SQL_STATEMENTS; i++) {
        /* One connection alone needs no early lock. */
        bool is_plain = is_memory && i == SQL_BEGIN;
        if (!prepare(sqlite, is_plain ? "BEGIN" : dbk_sql[i], &sqlite->prepared[i]))
            return false;
    }
    for (size_t i = 0; i < DBK_SQL_RULES; i++)
        if (!prepare(sqlite, dbk_sql_rules[i].sql, &sqlite->rules[i]))
            return false;
    for (size_t i = 0; i < DBK_SQL_TABLES; i++)
        if (!prepare(sqlite, dbk_sql_clear[i], &sqlite->clear[i]))
            return false;
    return true;
}

/* -1: the database cannot be asked. */
static int64_t ask_integer(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;

    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static bool run(struct dbk_sqlite *sqlite, const char *sql)
{
    return sqlite3_exec(sqlite->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* A store of this version, or nothing at all: another program's database is not touched. */
static bool is_ours(struct dbk_sqlite *sqlite, bool may_be_empty, const char **wrong)
{
    int64_t tables = ask_integer(sqlite->database, "SELECT count(*) FROM sqlite_schema");
    int64_t version = ask_integer(sqlite->database, "PRAGMA user_version");

    if (version < 0 || tables < 0 || version == VERSION || (may_be_empty && version + tables == 0))
        return version >= 0 && tables >= 0;
    *wrong = "it is the database of another program, or of another version of this one";
    return false;
}

/* Where two begin at the same time, the second finds it made. */
static bool make_schema(struct dbk_sqlite *sqlite)
{
    if (!run(sqlite, "BEGIN IMMEDIATE"))
        return false;
    bool is_good = ask_integer(sqlite->database, "PRAGMA user_version") == VERSION ||
                   run(sqlite, dbk_sql_schema);
    return run(sqlite, is_good ? "COMMIT" : "ROLLBACK") && is_good;
}

/* Small pages: before a page is changed, the transaction keeps a copy of it. */
#define IN_MEMORY "PRAGMA page_size = 1024; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;"
#define IN_A_FILE "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"

static struct dbk_sqlite *connect(const char *path, int flags)
{
    struct dbk_sqlite *sqlite = dbk_alloc(sizeof(*sqlite));

    /* One thread, no statistics: each saves a lock per allocation. Refused, without harm, if SQLite
     * is already in use. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    /* What could not be opened knows why, and is asked for it below. */
    (void)sqlite3_open_v2(path, &sqlite->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
    return sqlite;
}

static struct dbk_store *finish(struct dbk_sqlite *sqlite, bool is_good, const char *wrong,
                                char why[static 160])
{
    if (is_good)
        return dbk_store_new(&dbk_sqlite_ops, sqlite);
    snprintf(why, 160, "cannot be opened as a store: %.100s",
             wrong ? wrong : sqlite3_errmsg(sqlite->database));
    dbk_sqlite_ops.free(sqlite);
    return NULL;
}

struct dbk_store *dbk_store_sqlite_open(const char *path, char why[static 160])
{
    bool is_memory = dbk_same(path, ":memory:");
    const char *wrong = NULL;
    struct dbk_sqlite *sqlite = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    bool is_good = sqlite3_errcode(sqlite->database) == SQLITE_OK &&
                   sqlite3_busy_timeout(sqlite->database, is_memory ? 0 : 1000) == SQLITE_OK &&
                   is_ours(sqlite, true, &wrong) &&
                   run(sqlite, is_memory ? IN_MEMORY : IN_A_FILE) && make_schema(sqlite) &&
                   prepare_all(sqlite, is_memory);

    return finish(sqlite, is_good, wrong, why);
}

struct dbk_store *dbk_store_sqlite_inspect(const char *path, char why[static 160])
{
    const char *wrong = NULL;
    struct dbk_sqlite *sqlite = connect(path, SQLITE_OPEN_READWRITE);
    bool is_good = sqlite3_errcode(sqlite->database) == SQLITE_OK &&
                   sqlite3_busy_timeout(sqlite->database, 1000) == SQLITE_OK &&
                   sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) ==
                       SQLITE_OK &&
                   run(sqlite, "PRAGMA query_only = ON") && is_ours(sqlite, false, &wrong) &&
                   prepare_all(sqlite, false);

    return finish(sqlite, is_good, wrong, why);
}
