#include "core/store_sqlite.h"

#include "store_contract.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

TestSuite(store_sqlite, .timeout = 60);

static struct dbk_store *open_store(const char *path)
{
    char why[160] = "";
    struct dbk_store *store = dbk_store_sqlite_open(path, why);

    cr_assert(store, "%s: %s", path, why);
    return store;
}

struct place {
    char folder[64], file[96];
};

static struct place place_new(void)
{
    struct place place = {.folder = "/tmp/doublebook-store-XXXXXX"};

    cr_assert(mkdtemp(place.folder));
    snprintf(place.file, sizeof(place.file), "%s/core.db", place.folder);
    return place;
}

static void place_remove(const struct place *place)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char file[128];

    for (size_t i = 0; i < DBK_COUNT(endings); i++) {
        snprintf(file, sizeof(file), "%s%s", place->file, endings[i]);
        remove(file);
    }
    cr_assert_eq(rmdir(place->folder), 0);
}

Test(store_sqlite, in_memory_keeps_every_duty_of_a_store)
{
    struct dbk_store *store = open_store(":memory:");

    for (size_t i = 0; i < store_duty_count; i++) {
        cr_log_info("%s", store_duties[i].sentence);
        cr_assert(dbk_store_clear(store));
        store_duties[i].check(store);
    }
    dbk_store_free(store);
}

Test(store_sqlite, in_a_file_keeps_every_duty_of_a_store)
{
    struct place place = place_new();
    struct dbk_store *store = open_store(place.file);

    for (size_t i = 0; i < store_duty_count; i++) {
        cr_assert(dbk_store_clear(store));
        store_duties[i].check(store);
    }
    dbk_store_free(store);
    place_remove(&place);
}

Test(store_sqlite, in_a_file_is_there_after_the_process_is_gone)
{
    struct place place = place_new();
    struct dbk_store *store = open_store(place.file);
    struct dbk_arena arena = {0};
    struct dbk_booking booking;
    char why[160] = "";

    cr_assert(dbk_store_begin(store));
    store_put_some_booking(store, 1);
    cr_assert(dbk_store_commit(store));
    cr_assert(dbk_store_begin(store));
    store_put_some_booking(store, 2);
    dbk_store_free(store);
    store = open_store(place.file);
    cr_assert_eq(dbk_store_booking_by_row(store, 1, &arena, &booking), DBK_FOUND);
    cr_assert_eq(dbk_store_booking_by_row(store, 2, &arena, &booking), DBK_NOT_FOUND);
    cr_assert(dbk_store_check(store, why), "%s", why);
    dbk_store_free(store);
    dbk_arena_free(&arena);
    place_remove(&place);
}

Test(store_sqlite, refuses_what_is_no_store_of_ours)
{
    struct place place = place_new();
    char why[160] = "";
    FILE *file = fopen(place.file, "w");

    fputs("this is a shopping list, and by no means a database; milk, bread, olives, capers", file);
    fclose(file);
    cr_assert_null(dbk_store_sqlite_open(place.file, why));
    cr_assert_str_eq(why, "cannot be opened as a store: file is not a database");
    cr_assert_null(dbk_store_sqlite_open("/no/such/folder/core.db", why));
    cr_assert_str_eq(why, "cannot be opened as a store: unable to open database file");
    place_remove(&place);
}
