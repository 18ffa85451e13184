/* What a store keeps for the program around the core: settings, counts, and a look from outside. */
#include "base/history.h"
#include "core/store_sqlite.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(store_settings, .timeout = 20);

static struct dbk_store *open_store(const char *path)
{
    char why[160] = "";
    struct dbk_store *store = dbk_store_sqlite_open(path, why);

    cr_assert_not_null(store, "%s", why);
    return store;
}

static void put_setting(struct dbk_store *store, const char *name, int64_t value)
{
    cr_assert(dbk_store_begin(store));
    cr_assert(dbk_store_put_setting(store, name, value));
    cr_assert(dbk_store_commit(store));
}

static void put_booking(struct dbk_store *store, int64_t row, enum dbk_status status)
{
    char id[16];
    const struct dbk_booking booking = {
        .row = row,
        .id = id,
        .api_key = id,
        .partner = "lagoon",
        .product = "cruise",
        .slot = "evening",
        .guest = "Ana",
        .units = 1,
        .status = status,
        .sync = DBK_SYNC_AGREED,
        .version = 1,
    };
    const struct dbk_evidence asked = {
        .booking = row, .number = 1, .kind = DBK_EVIDENCE_ASKED, .version = DBK_ABSENT};

    snprintf(id, sizeof(id), "bk-%lld", (long long)row);
    cr_assert(dbk_store_insert_booking(store, &booking));
    cr_assert(dbk_store_append_evidence(store, &asked));
}

/* A file in a folder of its own, gone at the end of the test. */
static void place(char path[static 64])
{
    char folder[] = "/tmp/dbk-store-XXXXXX";

    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, 64, "%s/bookings.db", folder);
}

static void clean(char path[static 64])
{
    char other[80];
    static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};

    for (size_t i = 0; i < DBK_COUNT(suffixes); i++) {
        snprintf(other, sizeof(other), "%s%s", path, suffixes[i]);
        unlink(other);
    }
    *strrchr(path, '/') = '\0';
    cr_assert_eq(rmdir(path), 0, "something was left in %s", path);
}

Test(store_settings, keep_their_first_value_until_the_store_is_cleared)
{
    struct dbk_store *store = open_store(":memory:");
    int64_t value = 77;

    cr_assert_eq(dbk_store_setting(store, "seed", &value), DBK_NOT_FOUND);
    cr_assert_eq(value, 77);
    put_setting(store, "seed", INT64_MIN);
    put_setting(store, "seed", 5);
    put_setting(store, "other", 6);
    cr_assert_eq(dbk_store_setting(store, "seed", &value), DBK_FOUND);
    cr_assert_eq(value, INT64_MIN);
    cr_assert(dbk_store_clear(store));
    cr_assert_eq(dbk_store_setting(store, "seed", &value), DBK_NOT_FOUND);
    dbk_store_free(store);
}

static bool refuse_write(void *context, int64_t nth)
{
    (void)context, (void)nth;
    return false;
}

Test(store_settings, are_writes_that_can_fail)
{
    struct dbk_store *store = open_store(":memory:");
    int64_t value = 0;

    dbk_store_on_write(store, refuse_write, NULL);
    cr_assert(dbk_store_begin(store));
    cr_assert_not(dbk_store_put_setting(store, "seed", 5));
    cr_assert_eq(dbk_store_writes(store), 1);
    cr_assert(dbk_store_commit(store));
    cr_assert_eq(dbk_store_setting(store, "seed", &value), DBK_NOT_FOUND);
    dbk_store_free(store);
}

Test(store_settings, outlive_the_process)
{
    char path[64];
    int64_t value = 0;

    place(path);
    struct dbk_store *store = open_store(path);
    put_setting(store, "seed", 4711);
    dbk_store_free(store);
    store = open_store(path);
    cr_assert_eq(dbk_store_setting(store, "seed", &value), DBK_FOUND);
    cr_assert_eq(value, 4711);
    dbk_store_free(store);
    clean(path);
}

/* A job at rest is none; a rolled back booking is none. */
Test(store_settings, count_bookings_by_status_and_jobs_not_at_rest)
{
    struct dbk_store *store = open_store(":memory:");
    int64_t bookings[DBK_STATUSES], jobs = 77;

    cr_assert(dbk_store_count_bookings(store, bookings));
    for (size_t i = 0; i < DBK_STATUSES; i++)
        cr_assert_eq(bookings[i], 0);
    cr_assert(dbk_store_count_jobs(store, &jobs));
    cr_assert_eq(jobs, 0);

    cr_assert(dbk_store_begin(store));
    put_booking(store, 1, DBK_STATUS_CONFIRMED);
    put_booking(store, 2, DBK_STATUS_PENDING);
    put_booking(store, 3, DBK_STATUS_CONFIRMED);
    for (int64_t row = 1; row <= 3; row++)
        cr_assert(dbk_store_put_job(store, row, 1000 + row));
    cr_assert_eq(
        dbk_store_schedule_job(store, &(struct dbk_job){.booking = 1, .at_ms = DBK_ABSENT}),
        DBK_FOUND);
    cr_assert(dbk_store_savepoint(store));
    put_booking(store, 4, DBK_STATUS_CONFIRMED);
    cr_assert(dbk_store_rollback_to(store));
    cr_assert(dbk_store_commit(store));

    cr_assert(dbk_store_count_bookings(store, bookings));
    cr_assert_eq(bookings[DBK_STATUS_CONFIRMED], 2);
    cr_assert_eq(bookings[DBK_STATUS_PENDING], 1);
    cr_assert_eq(bookings[DBK_STATUS_EXPIRED], 0);
    cr_assert(dbk_store_count_jobs(store, &jobs));
    cr_assert_eq(jobs, 2);
    dbk_store_free(store);
}

/* While somebody works on it: what is committed is seen, nothing can be written, and the working
 * store notices nothing. */
Test(store_settings, can_be_inspected_while_a_core_works)
{
    char path[64], why[160] = "";
    int64_t bookings[DBK_STATUSES];

    place(path);
    struct dbk_store *store = open_store(path);
    cr_assert(dbk_store_begin(store));
    put_booking(store, 1, DBK_STATUS_CONFIRMED);
    cr_assert(dbk_store_commit(store));
    cr_assert(dbk_store_begin(store));
    put_booking(store, 2, DBK_STATUS_PENDING);

    struct dbk_store *look = dbk_store_sqlite_inspect(path, why);
    cr_assert_not_null(look, "%s", why);
    cr_assert(dbk_store_check(look, why), "%s", why);
    cr_assert(dbk_store_count_bookings(look, bookings));
    cr_assert_eq(bookings[DBK_STATUS_CONFIRMED], 1);
    cr_assert_eq(bookings[DBK_STATUS_PENDING], 0);
    cr_assert(dbk_store_commit(store));

    cr_assert_not(dbk_store_put_setting(look, "seed", 1));
    cr_assert(dbk_store_count_bookings(look, bookings));
    cr_assert_eq(bookings[DBK_STATUS_PENDING], 1);
    dbk_store_free(look);
    cr_assert(dbk_store_check(store, why), "%s", why);
    dbk_store_free(store);
    clean(path);
}

Test(store_settings, inspect_refuses_what_is_not_there_and_makes_nothing)
{
    char path[64], why[160] = "";

    place(path);
    cr_assert_null(dbk_store_sqlite_inspect(path, why));
    cr_assert_str_eq(why, "cannot be opened as a store: unable to open database file");
    cr_assert_neq(access(path, F_OK), 0);
    clean(path);
}

/* Another program's database stays as it is, byte for byte: neither tables nor the journal mode. */
Test(store_settings, a_foreign_database_is_refused_untouched)
{
    char path[64], why[160] = "", *before = NULL, *after = NULL;
    size_t before_length = 0, after_length = 0;
    sqlite3 *foreign = NULL;

    place(path);
    cr_assert_eq(sqlite3_open(path, &foreign), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(foreign, "CREATE TABLE place (url TEXT)", NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(foreign);
    cr_assert(dbk_read_file(path, 1 << 20, &before, &before_length, why));
    cr_assert_null(dbk_store_sqlite_open(path, why));
    cr_assert_str_eq(why, "cannot be opened as a store: it is the database of another program, or "
                          "of another version of this one");
    cr_assert_null(dbk_store_sqlite_inspect(path, why));
    cr_assert(dbk_read_file(path, 1 << 20, &after, &after_length, why));
    cr_assert_eq(before_length, after_length);
    cr_assert_eq(memcmp(before, after, before_length), 0);
    free(before);
    free(after);
    clean(path);
}

Test(store_settings, a_file_that_is_no_database_is_refused)
{
    char path[64], why[160] = "";

    place(path);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fprintf(file, "this is no database\n");
    fclose(file);
    cr_assert_null(dbk_store_sqlite_open(path, why));
    cr_assert_str_eq(why, "cannot be opened as a store: file is not a database");
    cr_assert_null(dbk_store_sqlite_inspect(path, why));
    cr_assert_str_eq(why, "cannot be opened as a store: file is not a database");
    clean(path);
}
