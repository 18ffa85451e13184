#include "core/store_sqlite_sql.h"

const char dbk_sql_schema[] =
    "CREATE TABLE booking (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " api_key TEXT NOT NULL, body BLOB NOT NULL, partner TEXT NOT NULL, product TEXT NOT NULL,"
    " slot TEXT NOT NULL, guest TEXT NOT NULL, units INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, status TEXT NOT NULL, sync TEXT NOT NULL,"
    " version INTEGER NOT NULL, list_status TEXT NOT NULL, expires_ms INTEGER NOT NULL,"
    " told TEXT NOT NULL, hear_by_ms INTEGER NOT NULL,"
    " price INTEGER NOT NULL, charged INTEGER NOT NULL, currency TEXT NOT NULL) STRICT;"
    "CREATE INDEX booking_api_key ON booking (api_key);"
    "CREATE INDEX booking_body ON booking (body);"
    "CREATE TABLE evidence (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " call TEXT NOT NULL, attempt INTEGER NOT NULL, nth INTEGER NOT NULL,"
    " left_by_ms INTEGER NOT NULL, deadline_ms INTEGER NOT NULL, fence INTEGER NOT NULL,"
    " http INTEGER NOT NULL, state TEXT NOT NULL, version INTEGER, key TEXT, reservation TEXT,"
    " text TEXT, expires_ms INTEGER NOT NULL, amount INTEGER, currency TEXT) STRICT;"
    "CREATE TABLE name (partner TEXT NOT NULL, name TEXT NOT NULL, booking INTEGER NOT NULL,"
    " PRIMARY KEY (partner, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE inbox (partner TEXT NOT NULL, event TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (partner, event)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE quote (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, partner TEXT NOT NULL,"
    " product TEXT NOT NULL, slot TEXT NOT NULL, units INTEGER NOT NULL, price INTEGER NOT NULL,"
    " currency TEXT NOT NULL, expires_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE money (booking INTEGER NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " kind TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
    " PRIMARY KEY (booking, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE job (booking INTEGER PRIMARY KEY, at_ms INTEGER, lease_ms INTEGER NOT NULL,"
    " fence INTEGER NOT NULL) STRICT;"
    "CREATE INDEX job_at ON job (at_ms) WHERE at_ms IS NOT NULL;"
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE pause (partner TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT "
    "ROWID;"
    "PRAGMA user_version = 6;";

#define BOOKING_COLUMNS                                                                            \
    "row, id, api_key, body, partner, product, slot, guest, units, created_ms, status, sync,"      \
    " version, list_status, expires_ms, told, hear_by_ms, price, charged, currency"
#define EVIDENCE_COLUMNS                                                                           \
    "id, at_ms, kind, call, attempt, nth, left_by_ms, deadline_ms, fence, http, state, version,"   \
    " key, reservation, text, expires_ms, amount, currency"

const char *const dbk_sql[SQL_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_SAVEPOINT] = "SAVEPOINT step",
    [SQL_RELEASE] = "RELEASE step",
    [SQL_ROLLBACK_TO] = "ROLLBACK TO step",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_NEXT_BOOKING] = "SELECT coalesce(max(row), 0) + 1 FROM booking",
    [SQL_INSERT_BOOKING] =
        "INSERT INTO booking (" BOOKING_COLUMNS
        ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)",
    [SQL_UPDATE_BOOKING] =
        "UPDATE booking SET status = ?2, sync = ?3, version = ?4,"
        " list_status = ?5, expires_ms = ?6, told = ?7, hear_by_ms = ?8, charged = ?9"
        " WHERE row = ?1",
    [SQL_BOOKING_BY_ROW] = "SELECT " BOOKING_COLUMNS " FROM booking WHERE row = ?1 ORDER BY row",
    [SQL_BOOKING_BY_ID] = "SELECT " BOOKING_COLUMNS " FROM booking WHERE id = ?1 ORDER BY row",
    [SQL_BOOKING_BY_KEY] =
        "SELECT " BOOKING_COLUMNS " FROM booking WHERE api_key = ?1 ORDER BY row LIMIT 1",
    [SQL_OPEN_BOOKING_BY_BODY] =
        "SELECT " BOOKING_COLUMNS " FROM booking WHERE body = ?1 AND status IN"
        " ('received', 'pending', 'confirmed') ORDER BY row LIMIT 1",
    [SQL_LIST_BOOKINGS] = "SELECT " BOOKING_COLUMNS " FROM booking ORDER BY row",
    [SQL_APPEND_EVIDENCE] =
        "INSERT INTO evidence (" EVIDENCE_COLUMNS
        ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
    [SQL_LIST_EVIDENCE] =
        "SELECT " EVIDENCE_COLUMNS " FROM evidence WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    [SQL_PUT_NAME] = "INSERT OR IGNORE INTO name (partner, name, booking) VALUES (?1, ?2, ?3)",
    [SQL_BOOKING_NAMED] =
        "SELECT booking FROM name WHERE partner = ?1 AND name = ?2 ORDER BY booking",
    [SQL_TAKE_CALLBACK] = "INSERT OR IGNORE INTO inbox (partner, event, at_ms) VALUES (?1, ?2, ?3)",
    [SQL_NEXT_QUOTE] = "SELECT coalesce(max(row), 0) + 1 FROM quote",
    [SQL_PUT_QUOTE] = "INSERT INTO quote (row, id, partner, product, slot, units, price, currency,"
                      " expires_ms) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [SQL_QUOTE] = "SELECT row, id, partner, product, slot, units, price, currency, expires_ms"
                  " FROM quote WHERE id = ?1 ORDER BY row",
    [SQL_APPEND_MONEY] = "INSERT OR IGNORE INTO money (booking, key, at_ms, kind, amount, currency)"
                         " VALUES (?1,?2,?3,?4,?5,?6)",
    [SQL_LIST_MONEY] = "SELECT booking, key, at_ms, kind, amount, currency FROM money"
                       " WHERE booking = ?1 ORDER BY at_ms, key",
    [SQL_PUT_JOB] = "INSERT INTO job (booking, at_ms, lease_ms, fence) VALUES (?1, ?2, 0, 0)"
                    " ON CONFLICT (booking) DO UPDATE SET at_ms ="
                    " min(coalesce(at_ms, 9223372036854775807), max(excluded.at_ms, lease_ms))",
    [SQL_DUE_JOBS] = "SELECT booking, fence FROM job WHERE at_ms <= ?1"
                     " ORDER BY at_ms, booking LIMIT ?2",
    [SQL_CLAIM_JOB] = "UPDATE job SET at_ms = ?2, lease_ms = ?2, fence = ?3 WHERE booking = ?1",
    [SQL_JOB] = "SELECT at_ms, lease_ms, fence FROM job WHERE booking = ?1 ORDER BY booking",
    [SQL_SCHEDULE_JOB] =
        "UPDATE job SET at_ms = ?2, lease_ms = ?3 WHERE booking = ?1 AND fence = ?4",
    [SQL_NEXT_JOB] =
        "SELECT at_ms FROM job WHERE at_ms IS NOT NULL ORDER BY at_ms, booking LIMIT 1",
    [SQL_COUNT_JOBS] = "SELECT count(*) FROM job WHERE at_ms IS NOT NULL",
    [SQL_COUNT_BOOKINGS] = "SELECT status, count(*) FROM booking GROUP BY status ORDER BY status",
    [SQL_PUT_PAUSE] =
        "INSERT INTO pause (partner, until_ms) VALUES (?1, ?2)"
        " ON CONFLICT (partner) DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)",
    [SQL_PAUSE] = "SELECT until_ms FROM pause WHERE partner = ?1 ORDER BY partner",
    [SQL_PUT_SETTING] = "INSERT OR IGNORE INTO setting (name, value) VALUES (?1, ?2)",
    [SQL_SETTING] = "SELECT value FROM setting WHERE name = ?1 ORDER BY name",
    [SQL_INTEGRITY] = "PRAGMA integrity_check(1)",
};

const struct dbk_sql_rule dbk_sql_rules[DBK_SQL_RULES] = {
    {"SELECT count(*) FROM evidence WHERE id >> 20 NOT IN (SELECT row FROM booking)",
     "evidence without its booking"},
    {"SELECT count(*) FROM name WHERE booking NOT IN (SELECT row FROM booking)",
     "names without their booking"},
    {"SELECT count(*) FROM job WHERE booking NOT IN (SELECT row FROM booking)",
     "jobs without their booking"},
    {"SELECT count(*) FROM booking WHERE sync NOT IN ('agreed', 'operator') AND row NOT IN"
     " (SELECT booking FROM job WHERE at_ms IS NOT NULL)",
     "bookings not at rest without a job"},
    {"SELECT count(*) FROM (SELECT max(id) & 1048575 AS last, count(*) AS held FROM evidence"
     " GROUP BY id >> 20) WHERE last <> held",
     "bookings whose evidence has gaps"},
    {"SELECT count(*) FROM booking WHERE row NOT IN (SELECT id >> 20 FROM evidence)",
     "bookings nobody asked for"},
    {"SELECT count(*) FROM money WHERE booking NOT IN (SELECT row FROM booking)",
     "entries of money without their booking"},
    {"SELECT count(*) FROM booking LEFT JOIN (SELECT booking AS of, sum(CASE kind WHEN 'captured'"
     " THEN amount ELSE -amount END) AS kept FROM money GROUP BY booking) ON of = row"
     " WHERE charged <> coalesce(kept, 0)",
     "bookings whose charge is not what their entries of money come to"},
};

const char *const dbk_sql_clear[DBK_SQL_TABLES] = {
    "DELETE FROM booking", "DELETE FROM evidence", "DELETE FROM name",
    "DELETE FROM inbox",   "DELETE FROM job",      "DELETE FROM setting",
    "DELETE FROM quote",   "DELETE FROM money",    "DELETE FROM pause"};
