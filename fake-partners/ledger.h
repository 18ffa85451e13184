/* ledger: what a partner really holds: reservations, their revisions, and seats.
 *
 * Nothing here speaks HTTP or knows a fault. Moves that are legal stand in one table; a script may
 * force others, as real systems do. Reservations live in the arena the ledger was given, so that
 * pointers to them stay good until the ledger is cleared. Next: ledger.c, direct.h.
 */
#ifndef DBK_FAKE_PARTNERS_LEDGER_H
#define DBK_FAKE_PARTNERS_LEDGER_H

#include "base/catalogue.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbk_exchange; /* exchange.h; the ledger only keeps it */

/* One state of a reservation and since when; older ones are kept, as callbacks may speak of them.
 */
struct dbk_revision {
    const char *state;                /* of dbk_reservation_states */
    int64_t version;                  /* from 1 */
    int64_t updated_ms;               /* epoch ms, the partner's clock */
    const struct dbk_revision *older; /* or NULL */
};

struct dbk_reservation {
    const char *id, *reference, *guest;
    const char *intent; /* or NULL: not known */
    const struct dbk_product *product;
    const struct dbk_slot *slot;
    int64_t units;
    int64_t price;                    /* the whole price, minor units */
    int64_t created_ms;               /* epoch ms, the partner's clock */
    const struct dbk_revision *now;   /* never NULL */
    const struct dbk_exchange *maker; /* the create that made it */
    int64_t expires_ms;               /* epoch ms, the partner's clock: it is on hold until then */
    int64_t hold_ends_ms;             /* mono ms: the same */
    int64_t visible_from_ms;          /* mono ms: look-ups pass over it before */
    bool was_told_clock_off;          /* a message has shown it, and with it the partner's clock */
    bool was_passed_over;             /* a look-up has passed over it ... */
    bool was_promised;                /* ... that was promised to show it */
};

/* Zero-initialise, then set the arena. */
struct dbk_ledger {
    struct dbk_arena *arena;               /* borrowed */
    struct dbk_reservation **reservations; /* owned list, in the order of creation */
    size_t count, capacity;
};

/* What a new reservation is to be; everything is borrowed for as long as the ledger lives. */
struct dbk_wanted {
    const char *reference, *guest, *intent;
    const struct dbk_product *product;
    const struct dbk_slot *slot;
    int64_t units;
    const char *state; /* of dbk_reservation_states */
    const struct dbk_exchange *maker;
    int64_t wall_ms;
};

/* True if a slot still has so many seats; live reservations take theirs. */
bool dbk_ledger_has_room(const struct dbk_ledger *ledger, const struct dbk_product *product,
                         const struct dbk_slot *slot, int64_t units);

/* Makes a reservation under an id that derives from (seed, site, row); asks nothing. */
struct dbk_reservation *dbk_ledger_make(struct dbk_ledger *ledger, const struct dbk_wanted *wanted,
                                        uint64_t seed, const char *site);

/* The first of its kind, or NULL. */
struct dbk_reservation *dbk_ledger_by_id(const struct dbk_ledger *ledger, const char *id);
/* That was made later than after_ms, by the partner's clock. */
struct dbk_reservation *dbk_ledger_by_reference(const struct dbk_ledger *ledger,
                                                const char *reference, int64_t after_ms);

/* True if a partner moves from its state to this one without being forced. */
bool dbk_reservation_may_become(const struct dbk_reservation *reservation, const char *state);

/* Moves it, legal or not; false if it is in that state already, and then nothing changes. */
bool dbk_ledger_move(struct dbk_ledger *ledger, struct dbk_reservation *reservation,
                     const char *state, int64_t wall_ms);

void dbk_ledger_clear(struct dbk_ledger *ledger); /* forgets all, keeps memory */
void dbk_ledger_reset(struct dbk_ledger *ledger); /* frees */

#endif
