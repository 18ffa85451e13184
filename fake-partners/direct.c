#include "fake-partners/direct.h"

#include "base/json.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (64 * 1024)

static const char bad_route[] = "There is no such route.";
static const char bad_json[] = "The body is not a JSON object.";

static bool is_text(const char *text)
{
    return text && *text && strlen(text) <= DBK_DIRECT_TEXT_MAX;
}

static bool is_date(const char *date)
{
    char instant[DBK_INSTANT_TEXT] = "";
    int64_t ignored = 0;

    if (strlen(date) != strlen("2026-07-04"))
        return false;
    memcpy(instant, date, strlen(date));
    strcat(instant, "T00:00:00Z");
    return dbk_instant_parse(instant, &ignored);
}

/* Gives the tree of a body that is an object, or NULL. */
static cJSON *parse_object(const struct dbk_message *message)
{
    char why[160];
    cJSON *body = NULL;

    if (message->body_length > BODY_MAX)
        return NULL;
    body = dbk_json_parse(message->body, message->body_length, why);
    if (cJSON_IsObject(body))
        return body;
    cJSON_Delete(body);
    return NULL;
}

/* A member's text, or NULL with a complaint. */
static const char *take_text(const cJSON *object, const char *name, const char *complaint,
                             struct dbk_arena *arena, struct dbk_direct_request *request)
{
    const char *text = dbk_json_text(object, name);

    if (is_text(text))
        return dbk_arena_text(arena, text);
    if (!request->complaint)
        request->complaint = complaint;
    return NULL;
}

static void read_create(const struct dbk_message *message, struct dbk_arena *arena,
                        struct dbk_direct_request *request)
{
    cJSON *body = parse_object(message);
    const cJSON *guest = NULL;

    request->op = DBK_OP_CREATE;
    if (!body) {
        request->complaint = bad_json;
        return;
    }
    guest = dbk_json_get(body, "guest");
    request->reference = take_text(body, "reference", "reference must be a text.", arena, request);
    request->guest = take_text(guest, "name", "guest.name must be a text.", arena, request);
    request->product = take_text(body, "product", "product must be a text.", arena, request);
    request->slot = take_text(body, "slot", "slot must be a text.", arena, request);
    if ((!dbk_json_integer(body, "units", &request->units) || request->units < 1 ||
         request->units > DBK_DIRECT_UNITS_MAX) &&
        !request->complaint)
        request->complaint = "units must be an integer from 1 to 1000.";
    cJSON_Delete(body);
}

static void read_look_up(const struct dbk_message *message, struct dbk_arena *arena,
                         struct dbk_direct_request *request)
{
    char value[DBK_DIRECT_TEXT_MAX + 1];

    request->op = DBK_OP_LOOK_UP;
    if (dbk_path_query(message->path, "reference", value, sizeof(value)) && is_text(value))
        request->reference = dbk_arena_text(arena, value);
    else if (dbk_path_query(message->path, "date", value, sizeof(value)) && is_date(value))
        request->date = dbk_arena_text(arena, value);
    else
        request->complaint = "A look-up wants a reference, or a date such as 2026-07-04.";
}

static void read_change(const struct dbk_message *message, enum dbk_op op,
                        struct dbk_direct_request *request)
{
    cJSON *body = parse_object(message);

    request->op = op;
    if (!body)
        request->complaint = bad_json;
    cJSON_Delete(body);
}

void dbk_direct_read(const struct dbk_message *message, struct dbk_arena *arena,
                     struct dbk_direct_request *request)
{
    static const struct {
        const char *path;
        enum dbk_op op;
    } changes[] = {
        {"/reservations/{}/cancel", DBK_OP_CANCEL},
        {"/reservations/{}/confirm", DBK_OP_CONFIRM},
        {"/reservations/{}/extend", DBK_OP_EXTEND},
    };
    char parts[3][DBK_PATH_PART];
    bool is_post = dbk_same(message->method, "POST");
    bool is_get = dbk_same(message->method, "GET");

    *request = (struct dbk_direct_request){.op = DBK_OPS};
    if (is_post && dbk_path_match(message->path, "/reservations", parts)) {
        read_create(message, arena, request);
    } else if (is_get && dbk_path_match(message->path, "/reservations", parts)) {
        read_look_up(message, arena, request);
    } else if (is_get && dbk_path_match(message->path, "/reservations/{}", parts)) {
        request->op = DBK_OP_GET;
        request->id = dbk_arena_text(arena, parts[0]);
    } else {
        request->complaint = bad_route;
    }
    for (size_t i = 0; is_post && i < DBK_COUNT(changes); i++) {
        if (!dbk_path_match(message->path, changes[i].path, parts))
            continue;
        request->complaint = NULL;
        read_change(message, changes[i].op, request);
        request->id = dbk_arena_text(arena, parts[0]);
    }
}

static struct dbk_message *respond(int status, struct dbk_text *body)
{
    struct dbk_message *response = dbk_response_new(status);

    dbk_message_take_body(response, "application/json", body);
    return response;
}

static struct dbk_message *say_error(int status, const char *code, const char *message)
{
    struct dbk_text body = {0};

    dbk_json_open(&body, '{');
    dbk_json_pair_text(&body, "error", code);
    dbk_json_pair_text(&body, "message", message);
    dbk_json_close(&body, '}');
    return respond(status, &body);
}

struct dbk_message *dbk_direct_refuse(const char *code, const char *message)
{
    int status = 409;

    if (dbk_starts_with(code, "unknown-"))
        status = 404;
    else if (dbk_same(code, "bad-request"))
        status = 400;
    return say_error(status, code, message);
}

struct dbk_message *dbk_direct_fail(int status, const char *code)
{
    return say_error(status, code, "Something went wrong.");
}

struct dbk_message *dbk_direct_slow_down(int64_t for_ms, int64_t now_ms,
                                         const struct dbk_profile *profile)
{
    static const char sentence[] = "You ask too often.";
    int64_t seconds = (for_ms + 999) / 1000;
    struct dbk_message *response = NULL;
    char value[DBK_HTTP_DATE_TEXT];

    if (profile->slow_down == DBK_SLOW_DOWN_BODY) {
        struct dbk_text body = {0};
        dbk_json_open(&body, '{');
        dbk_json_pair_text(&body, "error", "TOO_MANY_REQUESTS");
        dbk_json_pair_text(&body, "message", sentence);
        dbk_json_pair_integer(&body, "retryAfter", seconds);
        dbk_json_close(&body, '}');
        return respond(400, &body);
    }
    response = say_error(429, "too-many-requests", sentence);
    if (profile->slow_down == DBK_SLOW_DOWN_DATE)
        dbk_http_date_print(now_ms + 1000 * seconds, value);
    else
        snprintf(value, sizeof(value), "%lld", (long long)seconds);
    dbk_message_set_header(response, "Retry-After", value);
    return response;
}

static void put_instant(struct dbk_text *out, const char *key, int64_t epoch_ms)
{
    char text[DBK_INSTANT_TEXT];

    dbk_instant_print(epoch_ms, text);
    dbk_json_pair_text(out, key, text);
}

static void put_reservation(struct dbk_text *out, const struct dbk_reservation *reservation,
                            const struct dbk_profile *profile)
{
    const struct dbk_revision *now = reservation->now;

    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "id", reservation->id);
    dbk_json_pair_text(out, "reference", reservation->reference);
    dbk_json_key(out, "guest");
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "name", reservation->guest);
    dbk_json_close(out, '}');
    dbk_json_pair_text(out, "product", reservation->product->id);
    dbk_json_pair_text(out, "slot", reservation->slot->id);
    dbk_json_pair_integer(out, "units", reservation->units);
    dbk_json_pair_text(out, "state", now->state);
    dbk_json_pair_integer(out, "price", reservation->price);
    dbk_json_pair_text(out, "currency", reservation->product->currency);
    put_instant(out, "created_at", reservation->created_ms);
    put_instant(out, "updated_at", now->updated_ms);
    if (dbk_same(now->state, "on_hold"))
        put_instant(out, "expires_at", reservation->expires_ms);
    if (profile->callback_version == DBK_ORDER_COUNTER)
        dbk_json_pair_integer(out, "version", now->version);
    dbk_json_close(out, '}');
}

struct dbk_message *dbk_direct_show(int status, const struct dbk_reservation *reservation,
                                    const struct dbk_profile *profile)
{
    struct dbk_text body = {0};

    put_reservation(&body, reservation, profile);
    return respond(status, &body);
}

struct dbk_message *dbk_direct_list(struct dbk_reservation *const *reservations, size_t count,
                                    const struct dbk_profile *profile)
{
    struct dbk_text body = {0};

    dbk_json_open(&body, '{');
    dbk_json_key(&body, "reservations");
    dbk_json_open(&body, '[');
    for (size_t i = 0; i < count; i++)
        put_reservation(&body, reservations[i], profile);
    dbk_json_close(&body, ']');
    dbk_json_close(&body, '}');
    return respond(200, &body);
}

/* The time of an event has whole seconds, so two events of one second cannot be told apart by it:
 * many partners are so, and receivers must not order by it alone. */
static void put_seconds(struct dbk_text *out, const char *key, int64_t epoch_ms)
{
    char text[DBK_INSTANT_TEXT];

    dbk_instant_print(epoch_ms, text);
    strcpy(strchr(text, '.'), "Z");
    dbk_json_pair_text(out, key, text);
}

const char *dbk_direct_callback(const struct dbk_reservation *reservation, const char *event,
                                int64_t occurred_ms, const struct dbk_profile *profile,
                                struct dbk_arena *arena)
{
    struct dbk_text body = {0};
    const char *kept = NULL;

    dbk_json_open(&body, '{');
    if (profile->callback_id == DBK_CALLBACK_ID_EVENT)
        dbk_json_pair_text(&body, "event", event);
    if (profile->callback_event_time == DBK_EVENT_TIME_SECONDS)
        put_seconds(&body, "occurred_at", occurred_ms);
    dbk_json_key(&body, "reservation");
    if (profile->callback_kind == DBK_CALLBACK_THIN) {
        dbk_json_open(&body, '{');
        dbk_json_pair_text(&body, "id", reservation->id);
        dbk_json_close(&body, '}');
    } else {
        put_reservation(&body, reservation, profile);
    }
    dbk_json_close(&body, '}');
    kept = dbk_arena_copy(arena, body.bytes, body.length);
    dbk_text_reset(&body);
    return kept;
}
