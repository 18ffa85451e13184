#include "fake-partners/ledger.h"

#include "base/text.h"
#include "fake-partners/script.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(ledger, .timeout = 10);

static const struct dbk_slot slots[] = {{.id = "early", .capacity = 3},
                                        {.id = "late", .capacity = 3}};
static const struct dbk_product product = {
    .id = "cruise", .price = 500, .currency = "EUR", .slots = slots, .slot_count = 2};

static struct dbk_reservation *make(struct dbk_ledger *ledger, const char *reference, size_t slot,
                                    int64_t units, const char *state)
{
    return dbk_ledger_make(ledger,
                           &(struct dbk_wanted){.reference = reference,
                                                .guest = "Ana",
                                                .product = &product,
                                                .slot = &slots[slot],
                                                .units = units,
                                                .state = dbk_reservation_state(state),
                                                .wall_ms = 1000},
                           7, "lagoon/reservation");
}

static int64_t free_seats(const struct dbk_ledger *ledger, size_t slot)
{
    int64_t units = 0;

    while (dbk_ledger_has_room(ledger, &product, &slots[slot], units + 1))
        units++;
    return units;
}

/* Live reservations take seats of their own slot, and give them back when they are over. */
Test(ledger, sells_each_seat_once)
{
    struct dbk_arena arena = {0};
    struct dbk_ledger ledger = {.arena = &arena};
    struct dbk_reservation *pending = make(&ledger, "r-1", 0, 2, "pending");

    make(&ledger, "r-2", 0, 1, "rejected");
    make(&ledger, "r-3", 1, 3, "confirmed");
    cr_expect_eq(free_seats(&ledger, 0), 1);
    cr_expect_eq(free_seats(&ledger, 1), 0);
    cr_expect(dbk_ledger_move(&ledger, pending, dbk_reservation_state("cancelled"), 2000));
    cr_expect_eq(free_seats(&ledger, 0), 3);
    dbk_ledger_clear(&ledger);
    cr_expect_eq(free_seats(&ledger, 1), 3);
    dbk_ledger_reset(&ledger);
    dbk_arena_free(&arena);
}

Test(ledger, moves_by_itself_along_its_table_only)
{
    struct dbk_arena arena = {0};
    struct dbk_ledger ledger = {.arena = &arena};
    struct dbk_text moves = {0};

    for (const char *const *from = dbk_reservation_states; *from; from++)
        for (const char *const *to = dbk_reservation_states; *to; to++)
            if (dbk_reservation_may_become(make(&ledger, "r", 0, 1, *from), *to))
                dbk_text_printf(&moves, "%s -> %s\n", *from, *to);
    cr_expect_str_eq(moves.bytes, "pending -> confirmed\n"
                                  "pending -> rejected\n"
                                  "pending -> cancelled\n"
                                  "confirmed -> cancelled\n"
                                  "on_hold -> pending\n"
                                  "on_hold -> confirmed\n"
                                  "on_hold -> cancelled\n"
                                  "on_hold -> expired\n");
    dbk_text_reset(&moves);
    dbk_ledger_reset(&ledger);
    dbk_arena_free(&arena);
}

Test(ledger, keeps_the_revisions_of_a_reservation)
{
    struct dbk_arena arena = {0};
    struct dbk_ledger ledger = {.arena = &arena};
    struct dbk_text trace = {0};
    struct dbk_reservation *made = make(&ledger, "r-1", 0, 2, "pending");

    cr_expect_not(dbk_ledger_move(&ledger, made, dbk_reservation_state("pending"), 1500));
    cr_expect(dbk_ledger_move(&ledger, made, dbk_reservation_state("rejected"), 2000));
    cr_expect(dbk_ledger_move(&ledger, made, dbk_reservation_state("confirmed"), 3000));
    for (const struct dbk_revision *one = made->now; one; one = one->older)
        dbk_text_printf(&trace, "%lld %s at %lld\n", (long long)one->version, one->state,
                        (long long)one->updated_ms);
    cr_expect_str_eq(trace.bytes, "3 confirmed at 3000\n2 rejected at 2000\n1 pending at 1000\n");
    cr_expect_eq(made->price, 1000);
    dbk_text_reset(&trace);
    dbk_ledger_reset(&ledger);
    dbk_arena_free(&arena);
}

Test(ledger, finds_the_first_of_a_reference_and_each_by_its_own_id)
{
    struct dbk_arena arena = {0};
    struct dbk_ledger ledger = {.arena = &arena};

    for (size_t i = 0; i < 300; i++)
        make(&ledger, i % 2 ? "odd" : "even", 0, 1, "rejected");
    for (size_t i = 0; i < 300; i++)
        cr_assert_eq(dbk_ledger_by_id(&ledger, ledger.reservations[i]->id), ledger.reservations[i]);
    cr_expect_eq(dbk_ledger_by_reference(&ledger, "odd", INT64_MIN), ledger.reservations[1]);
    cr_expect_null(dbk_ledger_by_reference(&ledger, "none", INT64_MIN));
    cr_expect_eq(strncmp(ledger.reservations[0]->id, "LA-", 3), 0);
    dbk_ledger_reset(&ledger);
    dbk_arena_free(&arena);
}

/* A scenario may name any price that fits 64 bits. */
Test(ledger, survives_an_absurd_price)
{
    const struct dbk_product dear = {.id = "moon", .price = INT64_MAX / 2, .currency = "EUR"};
    struct dbk_arena arena = {0};
    struct dbk_ledger ledger = {.arena = &arena};
    struct dbk_wanted wanted = {
        .product = &dear, .slot = &slots[0], .units = 3, .state = "pending"};

    cr_expect_eq(dbk_ledger_make(&ledger, &wanted, 7, "moon/reservation")->price, INT64_MAX);
    dbk_ledger_reset(&ledger);
    dbk_arena_free(&arena);
}
