/* direct: the dialect of partners that publish a plain JSON interface.
 *
 *   POST /reservations            {"reference","guest":{"name"},"product","slot","units"}
 *                                 201 reservation | 400 bad-request | 404 unknown-product
 *                                 409 sold-out | 409 duplicate-reference | 500 internal
 *   GET  /reservations?reference= 200 {"reservations":[...]}     if it looks up by reference
 *   GET  /reservations?date=      200 {"reservations":[...]}     if it lists by date: the UTC day
 *                                 ("2026-07-04") on which the slot starts
 *   GET  /reservations/{id}       200 reservation | 404 unknown-reservation
 *   POST /reservations/{id}/cancel {} 200 reservation | 404 | 409 not-cancellable; a reservation
 *                                 that is cancelled already is shown again, 200
 *   POST /reservations/{id}/confirm {} 200 reservation | 404 | 409 not-confirmable (it is over)
 *                                 | 409 already-confirmed (or shown again, 200, per profile)
 *   POST /reservations/{id}/extend {} 200 reservation, with its hold begun anew, up to hold_max |
 *                                 404 | 409 not-extendable
 *
 *   reservation {"id","reference","guest":{"name"},"product","slot","units","state","price",
 *                "currency","created_at","updated_at"} and "version" (integer) where the profile
 *                promises callback.version: counter, "expires_at" while it is on hold. state:
 *                on_hold pending confirmed rejected cancelled expired.
 *                price is the whole price in minor units. Times are instants of its own clock.
 *   too often   429 too-many-requests with Retry-After in seconds or as a date, or 400
 *               TOO_MANY_REQUESTS and "retryAfter" (seconds), as slow_down says; no effect
 *   errors      {"error":"sold-out","message":"..."}
 *   callback    POST to the address it was given:
 *               {"event":"evt-..." (callback.id: event), "occurred_at" (callback.event_time:
 *               seconds, no fraction), "reservation":{...}, or only {"id"} (callback.kind: thin)},
 * with X-Callback-Token, or signed (callback.signature); 2xx is success, anything else is delivered
 * again as callback.retry says.
 *
 * A repeat of a reference: per profile a new reservation, the same one again (200), or 409
 * duplicate-reference. Where a repeat shows the same one again, a known reference with another
 * guest, product, slot or number of units is no repeat but 409 duplicate-reference. Unknown slots
 * are 404 unknown-product. Every request that is not as above (other routes, look-ups that are not
 * offered, bodies that are no such object) is 400 bad-request and has no effect.
 *
 * Units are 1 to DBK_DIRECT_UNITS_MAX; texts are 1 to DBK_DIRECT_TEXT_MAX bytes.
 * The core has its own reading of this text in core/connector.c. Next: direct.c.
 */
#ifndef DBK_FAKE_PARTNERS_DIRECT_H
#define DBK_FAKE_PARTNERS_DIRECT_H

#include "base/machine.h"
#include "fake-partners/fault.h"
#include "fake-partners/ledger.h"

#define DBK_DIRECT_UNITS_MAX 1000
#define DBK_DIRECT_TEXT_MAX 200

/* A request as read. Texts are the arena's; those that a request of its op does not have are NULL.
 */
struct dbk_direct_request {
    enum dbk_op op;                     /* DBK_OPS: none of them */
    const char *reference;              /* create, look-up by reference */
    const char *date;                   /* look-up by date: "2026-07-04" */
    const char *id;                     /* get, cancel, confirm, extend */
    const char *guest, *product, *slot; /* create */
    int64_t units;                      /* create */
    const char *complaint; /* why it is a bad request, a sentence; NULL: it is a good one */
};

/* Reads any bytes. What could be read stands in *request even beside a complaint. */
void dbk_direct_read(const struct dbk_message *message, struct dbk_arena *arena,
                     struct dbk_direct_request *request);

/* Give a response (dbk_message_free). A refusal's status is its code's: 404 unknown-..., 400
 * bad-request, else 409; message is a sentence for people. */
struct dbk_message *dbk_direct_refuse(const char *code, const char *message);
struct dbk_message *dbk_direct_fail(int status, const char *code); /* "internal" */
struct dbk_message *dbk_direct_show(int status, const struct dbk_reservation *reservation,
                                    const struct dbk_profile *profile);
struct dbk_message *dbk_direct_list(struct dbk_reservation *const *reservations, size_t count,
                                    const struct dbk_profile *profile);

/* Too many requests, said as the profile says; for_ms is rounded up to seconds. now_ms: epoch. */
struct dbk_message *dbk_direct_slow_down(int64_t for_ms, int64_t now_ms,
                                         const struct dbk_profile *profile);

/* Gives a callback's body in the arena; event is its id, sent only where the profile has ids. */
const char *dbk_direct_callback(const struct dbk_reservation *reservation, const char *event,
                                int64_t occurred_ms, const struct dbk_profile *profile,
                                struct dbk_arena *arena);

#endif
