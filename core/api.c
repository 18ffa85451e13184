#include "core/incoming.h"
#include "core/view.h"

#include "base/json.h"

#include <string.h>

/* The Booking API answers from its own store and never waits for a partner: it stores, answers and
 * pokes the worker. What is acknowledged here is durable, because the stage commits before it
 * releases the answer. */

#define BODY_MAX (64 * 1024)
#define KEY_MAX 255
#define GUEST_MAX 200 /* bytes of a guest's name */

/* POST /bookings */

/* The header's value is a quoted string, or bare as many send it: 1 to 255 printable characters. */
static const char *read_key(const struct dbk_incoming *call)
{
    const char *header = dbk_message_header(call->event->message, "Idempotency-Key");
    size_t length = header ? strlen(header) : 0;
    bool is_quoted = length >= 2 && header[0] == '"' && header[length - 1] == '"';

    if (is_quoted) {
        header++;
        length -= 2;
    }
    if (length < 1 || length > KEY_MAX)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        bool is_printable = header[i] > ' ' && header[i] <= '~';
        if ((!is_printable && !(is_quoted && header[i] == ' ')) || header[i] == '"' ||
            header[i] == '\\')
            return NULL;
    }
    return dbk_arena_copy(&call->core->arena, header, length);
}

const char *dbk_incoming_read_wish(const cJSON *body, struct dbk_arena *arena,
                                   struct dbk_booking *booking)
{
    booking->partner = dbk_arena_text(arena, dbk_json_text(body, "partner"));
    booking->product = dbk_arena_text(arena, dbk_json_text(body, "product"));
    booking->slot = dbk_arena_text(arena, dbk_json_text(body, "slot"));
    if (!booking->partner || !booking->product || !booking->slot)
        return "partner, product and slot are expected, each a text";
    return dbk_json_integer(body, "units", &booking->units) ? NULL
                                                            : "units is expected, a whole number";
}

/* Reads the body into booking; else gives what is wrong with it. */
static const char *read_booking(const cJSON *body, struct dbk_arena *arena,
                                struct dbk_booking *booking)
{
    const char *guest = dbk_json_text(dbk_json_get(body, "guest"), "name");
    const char *wrong = dbk_incoming_read_wish(body, arena, booking);

    booking->guest = dbk_arena_text(arena, guest);
    if (wrong)
        return wrong;
    return guest && guest[0] && strlen(guest) <= GUEST_MAX
               ? NULL
               : "guest.name is expected, 1 to 200 bytes long";
}

/* Over what was understood, not over bytes: a repeat may order its members differently. What is
 * wanted counts, not at which price: with another quote it is still the same wish. */
static struct dbk_digest digest_of(const struct dbk_booking *booking, bool is_hold,
                                   struct dbk_arena *arena)
{
    const char *fields[] = {booking->partner, booking->product, booking->slot, booking->guest,
                            is_hold ? "hold" : "book"};
    size_t length = sizeof(booking->units), at = 0;

    for (size_t i = 0; i < DBK_COUNT(fields); i++)
        length += strlen(fields[i]) + 1;
    char *bytes = dbk_arena_alloc(arena, length);
    for (size_t i = 0; i < DBK_COUNT(fields); i++) {
        memcpy(bytes + at, fields[i], strlen(fields[i]) + 1);
        at += strlen(fields[i]) + 1;
    }
    for (size_t i = 0; i < sizeof(booking->units); i++)
        bytes[at + i] = (char)((uint64_t)booking->units >> (8 * i));
    return dbk_digest_of(bytes, length);
}

static bool holds(const struct dbk_core *core, const char *partner)
{
    return dbk_core_partner_named(core, partner)->profile.books_as == DBK_BOOKS_ON_HOLD;
}

static bool store_booking(const struct dbk_incoming *call, struct dbk_booking *booking,
                          bool is_hold)
{
    struct dbk_core *core = call->core;
    struct dbk_case made;
    char id[11];

    if (!dbk_store_next_booking(core->config.store, &booking->row))
        return false;
    dbk_draw_name(core->config.seed, "booking", (uint64_t)booking->row, sizeof(id) - 1, id);
    booking->id = dbk_arena_printf(&core->arena, "bk-%s", id);
    booking->created_ms = core->now.wall_ms;
    booking->version = 1;
    if (!dbk_case_create(core, booking, is_hold ? DBK_EVIDENCE_HOLD_ASKED : DBK_EVIDENCE_ASKED,
                         &made) ||
        !dbk_incoming_wake(core, booking->row))
        return false;
    dbk_incoming_show(call, 201, booking);
    return true;
}

/* The key has made a booking before: it is shown again, if the request is the same. */
static bool answer_repeat(const struct dbk_incoming *call, const struct dbk_booking *booking,
                          const struct dbk_booking *earlier)
{
    bool reads_body =
        call->core->config.policy->rules[DBK_RULE_API_KEY] != DBK_API_KEY_WHATEVER_BODY;
    if (reads_body && memcmp(&earlier->body, &booking->body, sizeof(earlier->body)) != 0)
        return dbk_incoming_refuse(call, 422, "this Idempotency-Key was used for another request");
    dbk_incoming_show(call, 200, earlier);
    return true;
}

static enum dbk_found find_by_key(struct dbk_core *core, const char *key,
                                  struct dbk_booking *earlier)
{
    if (core->config.policy->rules[DBK_RULE_API_KEY] == DBK_API_KEY_IGNORED)
        return DBK_NOT_FOUND;
    return dbk_store_booking_by_key(core->config.store, key, &core->arena, earlier);
}

/* A page that was loaded again sends the same wish under a new key. */
static enum dbk_found find_same(struct dbk_core *core, const struct dbk_digest *body,
                                struct dbk_booking *earlier)
{
    if (core->config.policy->rules[DBK_RULE_SAME_REQUEST] == DBK_SAME_REQUEST_BOOKS)
        return DBK_NOT_FOUND;
    return dbk_store_open_booking_by_body(core->config.store, body, &core->arena, earlier);
}

/* Two clicks or two wishes? Whoever asks knows; she is shown the one there is. */
static bool refuse_possible_duplicate(const struct dbk_incoming *call,
                                      const struct dbk_booking *earlier)
{
    struct dbk_arena *arena = &call->core->arena;
    struct dbk_text body = {0};

    dbk_view_problem_as(409, "urn:doublebook:possible-duplicate",
                        dbk_arena_printf(arena,
                                         "%s asks for the same and is not over; if another one is "
                                         "wanted, say distinct: true",
                                         earlier->id),
                        dbk_arena_printf(arena, "/bookings/%s", earlier->id), &body);
    dbk_incoming_answer(call, 409, "application/problem+json", &body);
    return true;
}

static bool post_booking(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    struct dbk_booking booking = {.api_key = read_key(call)}, earlier;

    if (!booking.api_key)
        return dbk_incoming_refuse(call, 400,
                                   "an Idempotency-Key is expected, 1 to 255 printable characters");
    const char *wrong = read_booking(body, &core->arena, &booking);
    if (wrong)
        return dbk_incoming_refuse(call, 400, wrong);
    bool is_hold = cJSON_IsTrue(dbk_json_get(body, "hold"));
    bool is_distinct = cJSON_IsTrue(dbk_json_get(body, "distinct"));
    booking.body = digest_of(&booking, is_hold, &core->arena);
    enum dbk_found found = find_by_key(core, booking.api_key, &earlier);
    if (found == DBK_FOUND)
        return answer_repeat(call, &booking, &earlier);
    if (found == DBK_STORE_FAILED)
        return false;
    enum dbk_sale sale = dbk_quotes_price(core, &booking);
    if (sale != DBK_SALE_GOOD)
        return dbk_quotes_refuse(call, sale);
    if (is_hold && !holds(core, booking.partner))
        return dbk_incoming_refuse(call, 422, "this partner holds nothing; book it, or leave it");
    if (!is_distinct)
        found = find_same(core, &booking.body, &earlier);
    if (found == DBK_FOUND)
        return refuse_possible_duplicate(call, &earlier);
    const char *quote = dbk_json_text(body, "quote");
    bool is_priced = true;
    if (found != DBK_NOT_FOUND || (quote && !dbk_quotes_apply(call, quote, &booking, &is_priced)))
        return false;
    return !is_priced || store_booking(call, &booking, is_hold);
}

/* GET /bookings/{id}, POST /bookings/{id}/cancel */

static bool get_booking(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    struct dbk_booking booking;
    enum dbk_found found =
        dbk_store_booking_by_id(core->config.store, call->parts[0], &core->arena, &booking);

    (void)body;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "there is no such booking");
    if (found == DBK_FOUND)
        dbk_incoming_show(call, 200, &booking);
    return found == DBK_FOUND;
}

static bool list_messages(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_text text = {0};
    struct dbk_case open;
    enum dbk_found found = dbk_case_open_id(call->core, call->parts[0], &open);

    (void)body;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "there is no such booking");
    if (found != DBK_FOUND)
        return false;
    dbk_view_messages(&open, dbk_incoming_language(call), &text);
    dbk_incoming_answer(call, 200, "application/json", &text);
    return true;
}

static bool cancel_booking(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    struct dbk_decision decision;
    struct dbk_case open;
    enum dbk_found found = dbk_case_open_id(core, call->parts[0], &open);

    (void)body;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "there is no such booking");
    if (found != DBK_FOUND)
        return false;
    enum dbk_status status = open.booking.status;
    if (status == DBK_STATUS_REJECTED || status == DBK_STATUS_EXPIRED)
        return dbk_incoming_refuse(call, 409, "there is nothing left to cancel");
    dbk_case_know(&open);
    if (status != DBK_STATUS_CANCELLED && !open.known.is_cancel_asked) {
        struct dbk_evidence wish = {.kind = DBK_EVIDENCE_CANCEL_ASKED, .version = DBK_ABSENT};
        if (!dbk_case_add(&open, wish) || !dbk_case_settle(&open, &decision) ||
            !dbk_case_save(&open) || !dbk_incoming_wake(core, open.booking.row))
            return false;
    }
    dbk_incoming_show(call, open.booking.status == DBK_STATUS_CANCELLED ? 200 : 202, &open.booking);
    return true;
}

/* Routing. Handlers give false where the store failed; they answer in every other case. */
static const struct {
    const char *method, *path;
    bool has_body; /* parsed as JSON before the handler is asked */
    bool (*handle)(const struct dbk_incoming *call, const cJSON *body);
} routes[] = {
    {"POST", "/bookings", true, post_booking},
    {"POST", "/quotes", true, dbk_quotes_post},
    {"GET", "/bookings/{}", false, get_booking},
    {"GET", "/bookings/{}/messages", false, list_messages},
    {"POST", "/bookings/{}/cancel", false, cancel_booking},
    {"POST", "/bookings/{}/confirm", false, dbk_api_confirm},
    {"POST", "/bookings/{}/extend", false, dbk_api_extend},
    {"POST", "/bookings/{}/leave", false, dbk_api_leave},
    {"GET", "/support/bookings", false, dbk_support_list},
    {"GET", "/support/bookings/{}", false, dbk_support_detail},
    {"POST", "/support/bookings/{}/moves", true, dbk_support_move},
    {"POST", "/callbacks/{}", false, dbk_inbox_post},
};

static bool handle_with_body(const struct dbk_incoming *call,
                             bool (*handle)(const struct dbk_incoming *call, const cJSON *body))
{
    const struct dbk_message *message = call->event->message;
    char why[160];
    cJSON *body = dbk_json_parse(message->body, message->body_length, why);
    bool is_done = cJSON_IsObject(body)
                       ? handle(call, body)
                       : dbk_incoming_refuse(call, 400, body ? "the body is no object" : why);

    cJSON_Delete(body);
    return is_done;
}

static bool route(struct dbk_incoming *call)
{
    const struct dbk_message *message = call->event->message;
    bool is_path = false;

    if (message->body_length > BODY_MAX)
        return dbk_incoming_refuse(call, 413, "a body of at most 64 KiB is expected");
    for (size_t i = 0; i < DBK_COUNT(routes); i++) {
        if (!dbk_path_match(message->path, routes[i].path, call->parts))
            continue;
        is_path = true;
        if (!dbk_same(message->method, routes[i].method))
            continue;
        return routes[i].has_body ? handle_with_body(call, routes[i].handle)
                                  : routes[i].handle(call, NULL);
    }
    return is_path ? dbk_incoming_refuse(call, 405, "this path is asked in another way")
                   : dbk_incoming_refuse(call, 404, "there is no such path");
}

enum dbk_step_result dbk_api_step(void *self, const struct dbk_now *now,
                                  const struct dbk_event *event, const struct dbk_chooser *chooser,
                                  struct dbk_effects *effects)
{
    struct dbk_incoming call = {.core = self, .event = event};

    if (event->kind == DBK_EVENT_STARTED) /* a crash may have swallowed a poke after its commit */
        dbk_effect_poke(effects, "core.worker", 0);
    if (event->kind != DBK_EVENT_REQUEST)
        return DBK_STEP_DONE;
    dbk_core_begin_step(call.core, now, chooser, effects);
    return route(&call) ? DBK_STEP_DONE : DBK_STEP_FAILED;
}
