/* core: the reference booking core as two machines over one store.
 *
 * "core.api" answers users, support and callbacks and never waits for a partner; "core.worker"
 * claims due work and speaks to partners. Evidence in, decision out: evidence.h, know.h, move.h,
 * decide.h; how it behaves is data: policy.h. It knows base and nothing else.
 *
 * The Booking API (all JSON; times are instants; see api.c):
 *   POST /bookings            Idempotency-Key required, quoted or bare (else 400)
 *        {"partner","product","slot","units","guest":{"name"}} -> 201 booking | 400 | 404 | 422
 *        same key and body: the same booking again, 200; other body: 422, no effect
 *        same body under another key, until that booking is over: 409 possible-duplicate and
 *        "booking": its path; with "distinct": true another one is booked
 *        with "quote": its price, if it has not expired (409 quote-expired); else today's price
 *   POST /quotes              {"partner","product","slot","units"} -> 201 {"id","price","expires"}
 *        | 400 | 404 | 422 (type cut-off: it starts too soon; so is a booking refused then)
 *   GET  /bookings/{id}       200 booking | 404
 *   GET  /bookings/{id}/messages 200 {"language","messages":[{"number","at","about","message"}]}:
 *        what the traveller was told, oldest first; Accept-Language picks en or fr wherever a
 *        message stands
 *   POST /bookings/{id}/cancel 200 or 202 booking | 404 | 409
 *   with "hold": true in POST /bookings the partner only holds it (422 where it holds nothing):
 *   POST /bookings/{id}/confirm 200 or 202 booking | 404 | 409 it is over
 *   POST /bookings/{id}/leave  200 or 202 booking | 404 | 409 it is not only held
 *   POST /bookings/{id}/extend 202 booking | 404 | 409
 *   GET  /support/bookings    200 {"bookings":[row ...]}, oldest first
 *   GET  /support/bookings/{id} 200 detail
 *   POST /support/bookings/{id}/moves {"move","reason"}, and "reservation" where there are several:
 *        200 detail | 400 | 404 | 409 with what makes it unsafe now
 *   POST /callbacks/{partner} 204 once durable | 400 | 401 not the partner's | 404
 *
 *   booking {"id","status","sync","version","partner","product","slot","units","guest":{"name"},
 *            "price":{"amount","currency","precision"},"charged","message"}, and "held_until" while
 *            it is held; price: of all units; charged: taken and not given back; in minor units
 *   row      the same without "message"
 *   detail   booking and "next":{"step","reason","by","unsafe"},
 *            "moves":[{"move","reservation","means"}] (what a person may do now),
 *            "reservations":[...], "money":[...], "evidence":[...]
 *   errors   application/problem+json {"type","title","status","detail"}
 *
 * A step fails only if the store does, and with it goes the wake it would have asked for: a stage
 * whose worker failed a step other than an answer must poke it again.
 * Next: api.c, worker.c.
 */
#ifndef DBK_CORE_CORE_H
#define DBK_CORE_CORE_H

#include "base/catalogue.h"
#include "base/machine.h"
#include "core/policy.h"
#include "core/store.h"

/* What the core believes of a partner. Borrowed. */
struct dbk_core_partner {
    const char *name; /* party to send to; also in POST /bookings and /callbacks/{partner} */
    struct dbk_profile profile;
    const struct dbk_product *products;
    size_t product_count;
    const char *const *secrets; /* any of which may have signed or marks a callback */
    size_t secret_count;
};

/* Everything is borrowed and must outlive the core. */
struct dbk_core_config {
    struct dbk_store *store;
    const struct dbk_policy *policy;
    const struct dbk_core_partner *partners;
    size_t partner_count;
    uint64_t seed; /* ids and keys derive from (seed, durable row number) */
};

struct dbk_core;                                                     /* opaque */
struct dbk_core *dbk_core_new(const struct dbk_core_config *config); /* dbk_core_free */
/* Makes it ready for another run (the store has been cleared by the caller). */
void dbk_core_renew(struct dbk_core *core, const struct dbk_core_config *config);
void dbk_core_free(struct dbk_core *core);

/* Views: free of the machine does nothing; they live as long as the core. */
struct dbk_machine dbk_core_api(struct dbk_core *core);    /* "core.api" */
struct dbk_machine dbk_core_worker(struct dbk_core *core); /* "core.worker" */

#endif
