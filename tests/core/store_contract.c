#include "store_contract.h"

#include "base/history.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ok(expression) cr_assert((expression), "%s", #expression)

static struct dbk_booking some_booking(int64_t row, char id[static 16])
{
    snprintf(id, 16, "bk-%lld", (long long)row);
    return (struct dbk_booking){
        .row = row,
        .id = id,
        .api_key = row % 2 ? "odd" : "even",
        .body = dbk_digest_of(id, 4),
        .partner = "lagoon",
        .product = "sunset-cruise",
        .slot = "evening",
        .guest = "Zoë \"Z\" O'Hara",
        .units = 2,
        .created_ms = 1782926700000,
        .status = DBK_STATUS_RECEIVED,
        .sync = DBK_SYNC_UNSENT,
        .version = 1,
        .list_status = DBK_STATUS_RECEIVED,
        .price = 24000,
        .currency = "EUR",
    };
}

void store_put_some_booking(struct dbk_store *store, int64_t row)
{
    char id[16];
    struct dbk_booking booking = some_booking(row, id);

    ok(dbk_store_insert_booking(store, &booking));
    ok(dbk_store_append_evidence(
        store, &(struct dbk_evidence){.booking = row, .number = 1, .version = DBK_ABSENT}));
    ok(dbk_store_put_job(store, row, 100 * row));
}

static void begin(struct dbk_store *store)
{
    ok(dbk_store_begin(store));
}

static void commit(struct dbk_store *store)
{
    ok(dbk_store_commit(store));
}

static enum dbk_found find(struct dbk_store *store, int64_t row)
{
    struct dbk_arena arena = {0};
    struct dbk_booking booking;
    enum dbk_found found = dbk_store_booking_by_row(store, row, &arena, &booking);

    dbk_arena_free(&arena);
    return found;
}

static void keeps_bookings_whole(struct dbk_store *store)
{
    struct dbk_arena arena = {0};
    struct dbk_booking read;
    char id[16];
    struct dbk_booking put = some_booking(1, id);

    begin(store);
    store_put_some_booking(store, 1);
    commit(store);
    ok(dbk_store_booking_by_id(store, "bk-1", &arena, &read) == DBK_FOUND);
    ok(dbk_same(read.id, put.id) && dbk_same(read.api_key, put.api_key));
    ok(dbk_same(read.partner, put.partner) && dbk_same(read.product, put.product));
    ok(dbk_same(read.slot, put.slot) && dbk_same(read.guest, put.guest));
    ok(read.row == 1 && read.units == 2 && read.created_ms == put.created_ms);
    cr_assert_arr_eq(read.body.bytes, put.body.bytes, DBK_DIGEST_BYTES);
    ok(read.version == 1 && read.status == put.status && read.sync == put.sync);
    ok(read.price == 24000 && read.charged == 0 && dbk_same(read.currency, "EUR"));

    read.status = DBK_STATUS_CONFIRMED;
    read.sync = DBK_SYNC_DISAGREED;
    read.list_status = DBK_STATUS_PENDING;
    read.version = 7;
    read.charged = 5;
    begin(store);
    ok(dbk_store_update_booking(store, &read));
    read.row = 2;
    ok(!dbk_store_update_booking(store, &read));
    commit(store);
    ok(dbk_store_booking_by_row(store, 1, &arena, &read) == DBK_FOUND);
    ok(read.status == DBK_STATUS_CONFIRMED && read.sync == DBK_SYNC_DISAGREED);
    ok(read.list_status == DBK_STATUS_PENDING && read.version == 7 && read.charged == 5);
    ok(dbk_store_booking_by_id(store, "bk-2", &arena, &read) == DBK_NOT_FOUND);
    dbk_arena_free(&arena);
}

static void lists_bookings_in_the_order_of_their_rows(struct dbk_store *store)
{
    struct dbk_arena arena = {0};
    struct dbk_booking *bookings, read;
    size_t count = 0;
    int64_t row = 0;

    begin(store);
    for (int64_t i = 1; i <= 40; i++) {
        ok(dbk_store_next_booking(store, &row));
        ok(row == i);
        store_put_some_booking(store, row);
    }
    commit(store);
    ok(dbk_store_list_bookings(store, &arena, &bookings, &count));
    ok(count == 40);
    for (size_t i = 0; i < count; i++)
        ok(bookings[i].row == (int64_t)i + 1);
    ok(dbk_store_booking_by_key(store, "even", &arena, &read) == DBK_FOUND);
    ok(read.row == 2);
    ok(dbk_store_booking_by_key(store, "none", &arena, &read) == DBK_NOT_FOUND);
    dbk_arena_free(&arena);
}

static void finds_the_oldest_of_a_body_that_is_not_over(struct dbk_store *store)
{
    static const enum dbk_status over[] = {DBK_STATUS_CANCELLED, DBK_STATUS_REJECTED,
                                           DBK_STATUS_EXPIRED};
    struct dbk_arena arena = {0};
    struct dbk_booking booking, found;
    struct dbk_digest nobodys = dbk_digest_of("none", 4);
    char id[16];

    begin(store);
    for (int64_t row = 1; row <= 12; row++)
        store_put_some_booking(store, row);
    booking = some_booking(1, id); /* its body is that of 10, 11 and 12, too */
    ok(dbk_store_open_booking_by_body(store, &booking.body, &arena, &found) == DBK_FOUND);
    ok(found.row == 1);
    for (int i = 0; i < 3; i++) {
        found.status = over[i];
        found.version++;
        ok(dbk_store_update_booking(store, &found));
        ok(dbk_store_open_booking_by_body(store, &booking.body, &arena, &found) == DBK_FOUND);
        ok(found.row == 10 + i);
    }
    found.status = DBK_STATUS_CONFIRMED;
    ok(dbk_store_update_booking(store, &found));
    ok(dbk_store_open_booking_by_body(store, &booking.body, &arena, &found) == DBK_FOUND);
    ok(dbk_store_open_booking_by_body(store, &nobodys, &arena, &found) == DBK_NOT_FOUND);
    commit(store);
    dbk_arena_free(&arena);
}

static void keeps_evidence_whole_and_in_order(struct dbk_store *store)
{
    const struct dbk_evidence put = {.booking = 2,
                                     .number = 2,
                                     .at_ms = 5,
                                     .kind = DBK_EVIDENCE_FOUND,
                                     .call = DBK_CALL_LOOK_UP,
                                     .attempt = 3,
                                     .nth = 4,
                                     .left_by_ms = 6,
                                     .deadline_ms = 7,
                                     .fence = 8,
                                     .http = 200,
                                     .state = DBK_THEIRS_CANCELLED,
                                     .version = 9,
                                     .key = "rv-1",
                                     .reservation = "R1",
                                     .text = "a line"};
    struct dbk_arena arena = {0};
    struct dbk_evidence *read;
    size_t count = 0;

    begin(store);
    store_put_some_booking(store, 1);
    store_put_some_booking(store, 2);
    store_put_some_booking(store, 3);
    ok(dbk_store_append_evidence(store, &put));
    ok(!dbk_store_append_evidence(store, &put));
    commit(store);
    ok(dbk_store_list_evidence(store, 2, 8, &arena, &read, &count));
    ok(count == 2 && read[0].number == 1 && read[1].number == 2);
    ok(read[0].version == DBK_ABSENT && !read[0].key && !read[0].reservation && !read[0].text);
    ok(read[1].booking == 2 && read[1].at_ms == 5 && read[1].kind == put.kind);
    ok(read[1].call == put.call && read[1].attempt == 3 && read[1].nth == 4);
    ok(read[1].left_by_ms == 6 && read[1].deadline_ms == 7 && read[1].fence == 8);
    ok(read[1].http == 200 && read[1].state == put.state && read[1].version == 9);
    ok(dbk_same(read[1].key, "rv-1") && dbk_same(read[1].reservation, "R1"));
    ok(dbk_same(read[1].text, "a line"));
    dbk_arena_free(&arena);
}

static void leaves_a_name_with_its_first_booking(struct dbk_store *store)
{
    int64_t row = 0;

    begin(store);
    ok(dbk_store_put_name(store, "lagoon", "rv-1", 1));
    ok(dbk_store_put_name(store, "lagoon", "rv-1", 2));
    ok(dbk_store_put_name(store, "museum", "rv-1", 3));
    ok(dbk_store_booking_named(store, "lagoon", "rv-1", &row) == DBK_FOUND && row == 1);
    ok(dbk_store_booking_named(store, "museum", "rv-1", &row) == DBK_FOUND && row == 3);
    ok(dbk_store_booking_named(store, "lagoon", "rv-2", &row) == DBK_NOT_FOUND);
    commit(store);
}

static void takes_a_callback_once(struct dbk_store *store)
{
    bool is_new = false;

    begin(store);
    ok(dbk_store_take_callback(store, "lagoon", "evt-1", 1, &is_new) && is_new);
    ok(dbk_store_take_callback(store, "lagoon", "evt-1", 2, &is_new) && !is_new);
    ok(dbk_store_take_callback(store, "museum", "evt-1", 3, &is_new) && is_new);
    commit(store);
}

static void keeps_quotes_whole(struct dbk_store *store)
{
    struct dbk_arena arena = {0};
    struct dbk_quote read, put = {.id = "qu-1",
                                  .partner = "lagoon",
                                  .product = "sunset-cruise",
                                  .slot = "evening",
                                  .units = 2,
                                  .price = INT64_MAX,
                                  .currency = "TND",
                                  .expires_ms = 1782927600000};

    begin(store);
    ok(dbk_store_next_quote(store, &put.row) && put.row == 1);
    ok(dbk_store_put_quote(store, &put));
    ok(!dbk_store_put_quote(store, &put));
    ok(dbk_store_next_quote(store, &read.row) && read.row == 2);
    commit(store);
    ok(dbk_store_quote(store, "qu-2", &arena, &read) == DBK_NOT_FOUND);
    ok(dbk_store_quote(store, "qu-1", &arena, &read) == DBK_FOUND);
    ok(read.row == 1 && read.units == 2 && read.price == INT64_MAX);
    ok(read.expires_ms == put.expires_ms && dbk_same(read.currency, "TND"));
    ok(dbk_same(read.partner, "lagoon") && dbk_same(read.product, "sunset-cruise"));
    ok(dbk_same(read.slot, "evening") && dbk_same(read.id, "qu-1"));
    dbk_arena_free(&arena);
}

static void keeps_the_longer_pause(struct dbk_store *store)
{
    int64_t until_ms = -1;

    ok(dbk_store_pause(store, "lagoon", &until_ms) && until_ms == 0);
    ok(dbk_store_put_pause(store, "lagoon", 5000));
    ok(dbk_store_put_pause(store, "lagoon", 4000));
    ok(dbk_store_put_pause(store, "atoll", 70));
    ok(dbk_store_pause(store, "lagoon", &until_ms) && until_ms == 5000);
    ok(dbk_store_put_pause(store, "lagoon", 6000));
    ok(dbk_store_pause(store, "lagoon", &until_ms) && until_ms == 6000);
    ok(dbk_store_pause(store, "atoll", &until_ms) && until_ms == 70);
}

static bool append_money(struct dbk_store *store, const char *key, int64_t at_ms, int64_t amount)
{
    bool is_new = false;
    ok(dbk_store_append_money(store,
                              &(struct dbk_money){.booking = 1,
                                                  .at_ms = at_ms,
                                                  .kind = DBK_MONEY_CAPTURED,
                                                  .key = key,
                                                  .amount = amount,
                                                  .currency = "EUR"},
                              &is_new));
    return is_new;
}

static void takes_an_entry_of_money_once(struct dbk_store *store)
{
    struct dbk_arena arena = {0};
    struct dbk_money *entries;
    size_t count = 0;
    char key[16];

    begin(store);
    ok(append_money(store, "z", 5, 100));
    ok(!append_money(store, "z", 6, 200));
    for (int64_t i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "k%02d", (int)i);
        ok(append_money(store, key, 5, 1 + i));
    }
    ok(append_money(store, "first", 4, 7));
    commit(store);
    ok(dbk_store_list_money(store, 2, &arena, &entries, &count) && count == 0);
    ok(dbk_store_list_money(store, 1, &arena, &entries, &count) && count == 22);
    ok(dbk_same(entries[0].key, "first") && entries[0].at_ms == 4 && entries[0].booking == 1);
    ok(dbk_same(entries[1].key, "k00") && dbk_same(entries[20].key, "k19"));
    ok(dbk_same(entries[21].key, "z") && entries[21].amount == 100);
    ok(entries[21].kind == DBK_MONEY_CAPTURED && dbk_same(entries[21].currency, "EUR"));
    dbk_arena_free(&arena);
}

static void gives_a_due_job_to_one_worker_at_a_time(struct dbk_store *store)
{
    struct dbk_job jobs[4], job;
    size_t count = 0;
    int64_t at_ms = 0;

    begin(store);
    for (int64_t row = 1; row <= 4; row++)
        store_put_some_booking(store, row); /* due at 100, 200, 300, 400 */
    ok(dbk_store_put_job(store, 3, 100));
    ok(dbk_store_put_job(store, 1, 5000)); /* due earlier already */
    ok(dbk_store_next_job(store, &at_ms) && at_ms == 100);
    ok(dbk_store_claim_jobs(store, 99, 1000, jobs, 4, &count) && count == 0);
    ok(dbk_store_claim_jobs(store, 300, 1000, jobs, 2, &count) && count == 2);
    ok(jobs[0].booking == 1 && jobs[1].booking == 3 && jobs[0].fence == 1);
    ok(dbk_store_claim_jobs(store, 300, 1000, jobs + 2, 2, &count) && count == 1);
    ok(jobs[2].booking == 2);
    ok(dbk_store_put_job(store, 1, 300)); /* news for a booking that is held */
    ok(dbk_store_claim_jobs(store, 999, 9000, jobs + 2, 2, &count) && count == 1);
    ok(jobs[2].booking == 4);

    job = jobs[0];
    job.at_ms = DBK_ABSENT;
    job.lease_ms = 0;
    ok(dbk_store_schedule_job(store, &job) == DBK_FOUND);
    ok(dbk_store_job(store, 1, &job) == DBK_FOUND && job.at_ms == DBK_ABSENT && job.fence == 1);
    ok(dbk_store_claim_jobs(store, 1000, 9000, jobs + 2, 2, &count) && count == 2);
    job = jobs[1];
    ok(dbk_store_schedule_job(store, &job) == DBK_NOT_FOUND); /* taken over: the fence moved on */
    ok(dbk_store_put_job(store, 1, 1200));
    ok(dbk_store_next_job(store, &at_ms) && at_ms == 1200);
    ok(dbk_store_job(store, 9, &job) == DBK_NOT_FOUND);
    commit(store);
}

static void keeps_nothing_of_what_was_rolled_back(struct dbk_store *store)
{
    begin(store);
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 1);
    ok(dbk_store_release(store));
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 2);
    ok(dbk_store_rollback_to(store));
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 3);
    ok(dbk_store_release(store));
    commit(store);
    ok(find(store, 1) == DBK_FOUND && find(store, 2) == DBK_NOT_FOUND &&
       find(store, 3) == DBK_FOUND);
    begin(store);
    store_put_some_booking(store, 4);
    dbk_store_rollback(store);
    ok(find(store, 4) == DBK_NOT_FOUND);
}

/* Whatever is put off until a write, a step is undone whole and alone, the first one too. */
static void undoes_a_step_wherever_it_stands(struct dbk_store *store)
{
    begin(store);
    ok(dbk_store_savepoint(store));
    ok(find(store, 1) == DBK_NOT_FOUND);
    ok(dbk_store_release(store)); /* a step that only read */
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 1);
    store_put_some_booking(store, 2);
    ok(dbk_store_rollback_to(store)); /* the first that wrote */
    ok(find(store, 1) == DBK_NOT_FOUND && find(store, 2) == DBK_NOT_FOUND);
    ok(dbk_store_savepoint(store));
    ok(dbk_store_rollback_to(store));
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 3);
    ok(dbk_store_release(store));
    ok(dbk_store_savepoint(store));
    ok(dbk_store_rollback_to(store)); /* it wrote nothing; what is before it stays */
    store_put_some_booking(store, 4); /* outside any step */
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 5);
    ok(dbk_store_rollback_to(store));
    commit(store);
    ok(find(store, 1) == DBK_NOT_FOUND && find(store, 2) == DBK_NOT_FOUND);
    ok(find(store, 3) == DBK_FOUND && find(store, 4) == DBK_FOUND);
    ok(find(store, 5) == DBK_NOT_FOUND);
    begin(store);
    ok(dbk_store_savepoint(store));
    store_put_some_booking(store, 6);
    dbk_store_rollback(store); /* a process that died inside its step */
    begin(store);
    commit(store);
    ok(find(store, 6) == DBK_NOT_FOUND && find(store, 4) == DBK_FOUND);
}

static void has_one_transaction_at_a_time(struct dbk_store *store)
{
    ok(!dbk_store_commit(store));
    begin(store);
    ok(!dbk_store_begin(store));
    commit(store);
    ok(!dbk_store_commit(store));
    dbk_store_rollback(store); /* of nothing: no harm */
    begin(store);
    store_put_some_booking(store, 1);
    ok(!dbk_store_begin(store));
    commit(store);
    ok(find(store, 1) == DBK_FOUND);
}

static bool refuses_third(void *context, int64_t nth)
{
    *(int64_t *)context = nth;
    return nth != 3;
}

static void asks_before_each_write(struct dbk_store *store)
{
    int64_t last = 0;
    char id[16];
    struct dbk_booking booking = some_booking(1, id);

    dbk_store_on_write(store, refuses_third, &last);
    begin(store);
    ok(dbk_store_insert_booking(store, &booking) && last == 1);
    ok(dbk_store_put_job(store, 1, 5) && last == 2);
    ok(!dbk_store_put_name(store, "lagoon", "rv-1", 1) && last == 3);
    ok(dbk_store_put_name(store, "lagoon", "rv-2", 1) && last == 4);
    ok(dbk_store_writes(store) == 4);
    ok(dbk_store_booking_named(store, "lagoon", "rv-1", &last) == DBK_NOT_FOUND);
    commit(store);
    begin(store);
    ok(dbk_store_writes(store) == 0);
    commit(store);
    dbk_store_on_write(store, NULL, NULL);
}

static void is_as_new_when_cleared(struct dbk_store *store)
{
    bool is_new = false;
    int64_t row = 0, at_ms = 0;

    for (int i = 0; i < 3; i++) {
        begin(store);
        ok(dbk_store_next_booking(store, &row) && row == 1);
        ok(dbk_store_take_callback(store, "lagoon", "evt", 1, &is_new) && is_new);
        ok(dbk_store_booking_named(store, "lagoon", "rv", &row) == DBK_NOT_FOUND);
        ok(dbk_store_put_name(store, "lagoon", "rv", 1));
        ok(dbk_store_next_quote(store, &row) && row == 1);
        ok(dbk_store_put_quote(store, &(struct dbk_quote){.row = 1,
                                                          .id = "qu-1",
                                                          .partner = "lagoon",
                                                          .product = "tour",
                                                          .slot = "dawn",
                                                          .currency = "EUR"}));
        ok(append_money(store, "capture", 1, 7));
        ok(dbk_store_next_job(store, &at_ms) && at_ms == DBK_ABSENT);
        store_put_some_booking(store, 1);
        commit(store);
        ok(dbk_store_clear(store));
    }
    ok(find(store, 1) == DBK_NOT_FOUND);
}

static void finds_what_does_not_fit_together(struct dbk_store *store)
{
    char why[160] = "", id[16];
    struct dbk_booking booking = some_booking(2, id);
    struct dbk_job job;

    begin(store);
    store_put_some_booking(store, 1);
    ok(dbk_store_check(store, why));
    ok(dbk_store_savepoint(store));
    ok(dbk_store_append_evidence(
        store, &(struct dbk_evidence){.booking = 7, .number = 1, .version = DBK_ABSENT}));
    ok(!dbk_store_check(store, why));
    cr_assert_str_eq(why, "1 evidence without its booking");
    ok(dbk_store_rollback_to(store));

    ok(dbk_store_savepoint(store));
    ok(dbk_store_append_evidence(
        store, &(struct dbk_evidence){.booking = 1, .number = 3, .version = DBK_ABSENT}));
    ok(!dbk_store_check(store, why));
    cr_assert_str_eq(why, "1 bookings whose evidence has gaps");
    ok(dbk_store_rollback_to(store));

    ok(dbk_store_savepoint(store));
    ok(append_money(store, "capture", 1, 7));
    ok(!dbk_store_check(store, why));
    cr_assert_str_eq(why, "1 bookings whose charge is not what their entries of money come to");
    ok(dbk_store_rollback_to(store));

    ok(dbk_store_savepoint(store));
    ok(dbk_store_insert_booking(store, &booking));
    ok(dbk_store_put_job(store, 2, 1));
    ok(!dbk_store_check(store, why));
    cr_assert_str_eq(why, "1 bookings nobody asked for");
    ok(dbk_store_rollback_to(store));

    ok(dbk_store_job(store, 1, &job) == DBK_FOUND);
    job.at_ms = DBK_ABSENT;
    ok(dbk_store_schedule_job(store, &job) == DBK_FOUND);
    ok(!dbk_store_check(store, why));
    cr_assert_str_eq(why, "1 bookings not at rest without a job");
    dbk_store_rollback(store);
}

const struct store_duty store_duties[] = {
    {"keeps bookings whole", keeps_bookings_whole},
    {"lists bookings in the order of their rows", lists_bookings_in_the_order_of_their_rows},
    {"finds the oldest of a body that is not over", finds_the_oldest_of_a_body_that_is_not_over},
    {"keeps evidence whole and in order", keeps_evidence_whole_and_in_order},
    {"leaves a name with its first booking", leaves_a_name_with_its_first_booking},
    {"takes a callback once", takes_a_callback_once},
    {"keeps quotes whole", keeps_quotes_whole},
    {"keeps the longer pause", keeps_the_longer_pause},
    {"takes an entry of money once", takes_an_entry_of_money_once},
    {"gives a due job to one worker at a time", gives_a_due_job_to_one_worker_at_a_time},
    {"keeps nothing of what was rolled back", keeps_nothing_of_what_was_rolled_back},
    {"undoes a step wherever it stands", undoes_a_step_wherever_it_stands},
    {"has one transaction at a time", has_one_transaction_at_a_time},
    {"asks before each write", asks_before_each_write},
    {"is as new when cleared", is_as_new_when_cleared},
    {"finds what does not fit together", finds_what_does_not_fit_together},
};
const size_t store_duty_count = DBK_COUNT(store_duties);
