#include "fake-partners/ledger.h"

#include "base/digest.h"
#include "base/text.h"

#include <stdlib.h>

#define ID_LETTERS 6

/* A hold is confirmed in time or is over; pending is settled one way or the other; confirmed can
 * only be given up; the rest is final. */
static const struct {
    const char *from, *to;
} legal_moves[] = {
    {"on_hold", "confirmed"}, {"on_hold", "pending"},     {"on_hold", "expired"},
    {"on_hold", "cancelled"}, {"pending", "confirmed"},   {"pending", "rejected"},
    {"pending", "cancelled"}, {"confirmed", "cancelled"},
};

/* Holds, pending and confirmed ones take seats. */
static bool is_live(const struct dbk_reservation *reservation)
{
    return dbk_same(reservation->now->state, "on_hold") ||
           dbk_same(reservation->now->state, "pending") ||
           dbk_same(reservation->now->state, "confirmed");
}

bool dbk_reservation_may_become(const struct dbk_reservation *reservation, const char *state)
{
    for (size_t i = 0; i < DBK_COUNT(legal_moves); i++)
        if (dbk_same(legal_moves[i].from, reservation->now->state) &&
            dbk_same(legal_moves[i].to, state))
            return true;
    return false;
}

bool dbk_ledger_has_room(const struct dbk_ledger *ledger, const struct dbk_product *product,
                         const struct dbk_slot *slot, int64_t units)
{
    int64_t free_units = slot->capacity;

    for (size_t i = 0; i < ledger->count; i++) {
        const struct dbk_reservation *reservation = ledger->reservations[i];

        if (reservation->product == product && reservation->slot == slot && is_live(reservation))
            free_units -= reservation->units;
    }
    return units <= free_units;
}

static struct dbk_revision *revise(struct dbk_ledger *ledger, const char *state, int64_t wall_ms,
                                   const struct dbk_revision *older)
{
    struct dbk_revision *revision = dbk_arena_alloc(ledger->arena, sizeof(*revision));

    revision->state = state;
    revision->version = older ? older->version + 1 : 1;
    revision->updated_ms = wall_ms;
    revision->older = older;
    return revision;
}

/* "LA-x7k2qd" for a partner called lagoon, so that people see at once whose id it is. */
static const char *draw_id(struct dbk_ledger *ledger, uint64_t seed, const char *site)
{
    uint64_t row = ledger->count + 1;
    char name[ID_LETTERS + 1];
    char *id = NULL;

    do {
        dbk_draw_name(seed, site, row, ID_LETTERS, name);
        id = dbk_arena_printf(ledger->arena, "%.2s-%s", site, name);
        for (char *letter = id; *letter != '-'; letter++)
            if (*letter >= 'a' && *letter <= 'z')
                *letter = (char)(*letter - 'a' + 'A');
        row += 1000003; /* Only where a name came up twice. */
    } while (dbk_ledger_by_id(ledger, id));
    return id;
}

struct dbk_reservation *dbk_ledger_make(struct dbk_ledger *ledger, const struct dbk_wanted *wanted,
                                        uint64_t seed, const char *site)
{
    struct dbk_reservation *reservation = dbk_arena_alloc(ledger->arena, sizeof(*reservation));

    *reservation = (struct dbk_reservation){
        .id = draw_id(ledger, seed, site),
        .reference = wanted->reference,
        .guest = wanted->guest,
        .intent = wanted->intent,
        .product = wanted->product,
        .slot = wanted->slot,
        .units = wanted->units,
        .created_ms = wanted->wall_ms,
        .now = revise(ledger, wanted->state, wanted->wall_ms, NULL),
        .maker = wanted->maker,
        .visible_from_ms = INT64_MIN,
    };
    if (__builtin_mul_overflow(wanted->product->price, wanted->units, &reservation->price))
        reservation->price = INT64_MAX; /* A scenario's price may be absurd. */
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity ? 2 * ledger->capacity : 8;
        ledger->reservations =
            dbk_resize(ledger->reservations, ledger->capacity * sizeof(*ledger->reservations));
    }
    ledger->reservations[ledger->count++] = reservation;
    return reservation;
}

struct dbk_reservation *dbk_ledger_by_id(const struct dbk_ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (dbk_same(ledger->reservations[i]->id, id))
            return ledger->reservations[i];
    return NULL;
}

struct dbk_reservation *dbk_ledger_by_reference(const struct dbk_ledger *ledger,
                                                const char *reference, int64_t after_ms)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (dbk_same(ledger->reservations[i]->reference, reference) &&
            ledger->reservations[i]->created_ms > after_ms)
            return ledger->reservations[i];
    return NULL;
}

bool dbk_ledger_move(struct dbk_ledger *ledger, struct dbk_reservation *reservation,
                     const char *state, int64_t wall_ms)
{
    if (dbk_same(reservation->now->state, state))
        return false;
    reservation->now = revise(ledger, state, wall_ms, reservation->now);
    return true;
}

void dbk_ledger_clear(struct dbk_ledger *ledger)
{
    ledger->count = 0;
}

void dbk_ledger_reset(struct dbk_ledger *ledger)
{
    free(ledger->reservations);
    *ledger = (struct dbk_ledger){.arena = ledger->arena};
}
