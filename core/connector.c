#include "core/connector.h"

#include "base/history.h"
#include "base/json.h"

#include <string.h>

#define ID_MAX 128 /* bytes of an id or reference of theirs */
#define DAY_LENGTH 10
#define YEAR_S (366 * 24 * 3600)

struct reading {
    const struct dbk_asking *asking;
    struct dbk_arena *arena;
    struct dbk_answer answer;
};

/* "409 sold-out" and the like: only these are known to have had no effect. A repeat refused as
 * duplicate-reference is none of them: it says that there is a reservation. A refused confirm is
 * read back before anything is made of it: it may be refused because it was confirmed before. */
static const struct {
    enum dbk_call call;
    int status;
    const char *error;
} refusals[] = {
    {DBK_CALL_CREATE, 400, "bad-request"},      {DBK_CALL_CREATE, 404, "unknown-product"},
    {DBK_CALL_CREATE, 409, "sold-out"},         {DBK_CALL_CANCEL, 409, "not-cancellable"},
    {DBK_CALL_CONFIRM, 409, "not-confirmable"}, {DBK_CALL_CONFIRM, 409, "already-confirmed"},
    {DBK_CALL_CONFIRM, 409, "sold-out"},        {DBK_CALL_EXTEND, 409, "not-extendable"},
    {DBK_CALL_EXTEND, 400, "bad-request"},
};

static struct dbk_message *create_request(const struct dbk_booking *booking, const char *key)
{
    struct dbk_message *request = dbk_request_new("POST", "/reservations");
    struct dbk_text body = {0};

    dbk_json_open(&body, '{');
    dbk_json_pair_text(&body, "reference", key);
    dbk_json_key(&body, "guest");
    dbk_json_open(&body, '{');
    dbk_json_pair_text(&body, "name", booking->guest);
    dbk_json_close(&body, '}');
    dbk_json_pair_text(&body, "product", booking->product);
    dbk_json_pair_text(&body, "slot", booking->slot);
    dbk_json_pair_integer(&body, "units", booking->units);
    dbk_json_close(&body, '}');
    dbk_message_take_body(request, "application/json", &body);
    return request;
}

static struct dbk_message *look_up_request(const struct dbk_asking *asking,
                                           const struct dbk_profile *profile, int64_t starts_ms)
{
    char day[DBK_INSTANT_TEXT];
    struct dbk_text path = {0};

    if (profile->look_up == DBK_LOOK_UP_LIST_BY_DATE) {
        dbk_instant_print(starts_ms, day);
        dbk_text_printf(&path, "/reservations?date=%.*s", DAY_LENGTH, day);
    } else {
        dbk_text_add(&path, "/reservations?reference=");
        dbk_path_encode(&path, asking->key);
    }
    struct dbk_message *request = dbk_request_new("GET", path.bytes);
    dbk_text_reset(&path);
    return request;
}

static struct dbk_message *change_request(const char *path)
{
    struct dbk_message *request = dbk_request_new("POST", path);
    struct dbk_text body = {0};

    dbk_text_add(&body, "{}");
    dbk_message_take_body(request, "application/json", &body);
    return request;
}

struct dbk_message *dbk_connector_request(const struct dbk_asking *asking,
                                          const struct dbk_booking *booking,
                                          const struct dbk_profile *profile, int64_t starts_ms)
{
    struct dbk_text path = {0};
    struct dbk_message *request = NULL;

    static const char *const endings[DBK_CALLS] = {
        [DBK_CALL_CANCEL] = "/cancel",
        [DBK_CALL_CONFIRM] = "/confirm",
        [DBK_CALL_EXTEND] = "/extend",
    };

    if (asking->call == DBK_CALL_CREATE)
        return create_request(booking, asking->key);
    if (asking->call == DBK_CALL_LOOK_UP)
        return look_up_request(asking, profile, starts_ms);
    dbk_text_add(&path, "/reservations/");
    dbk_path_encode(&path, asking->reservation);
    if (endings[asking->call])
        dbk_text_add(&path, endings[asking->call]);
    request =
        endings[asking->call] ? change_request(path.bytes) : dbk_request_new("GET", path.bytes);
    dbk_text_reset(&path);
    return request;
}

static bool is_id(const char *text)
{
    return text && text[0] && strlen(text) <= ID_MAX;
}

/* 0: it does not say. */
static int64_t expires_of(const cJSON *node)
{
    const char *text = dbk_json_text(node, "expires_at");
    int64_t expires_ms = 0;

    return text && dbk_instant_parse(text, &expires_ms) && expires_ms > 0 ? expires_ms : 0;
}

/* Reads {"id","reference","state","version"}; false where id or state are not as published. */
static bool read_reservation(const cJSON *node, struct dbk_arena *arena,
                             struct dbk_their_reservation *reservation)
{
    const char *id = dbk_json_text(node, "id");
    const char *reference = dbk_json_text(node, "reference");
    enum dbk_theirs state = dbk_theirs_by_name(dbk_json_text(node, "state"));
    int64_t version = DBK_ABSENT;

    if (!is_id(id) || (reference && !is_id(reference)) || state < DBK_THEIRS_ON_HOLD ||
        state >= DBK_THEIR_STATES)
        return false;
    if (!dbk_json_integer(node, "version", &version) || version < 0)
        version = DBK_ABSENT;
    int64_t amount = 0;
    bool is_priced = dbk_json_integer(node, "price", &amount);
    *reservation = (struct dbk_their_reservation){
        .id = dbk_arena_text(arena, id),
        .amount = amount,
        .currency = is_priced ? dbk_arena_text(arena, dbk_json_text(node, "currency")) : NULL,
        .reference = dbk_arena_text(arena, reference),
        .state = state,
        .version = version,
        .expires_ms = expires_of(node),
    };
    return true;
}

static void unusable(struct reading *reading, const char *why)
{
    reading->answer = (struct dbk_answer){.kind = DBK_ANSWER_UNUSABLE, .text = why};
}

static void one_reservation(struct reading *reading, const cJSON *body)
{
    const struct dbk_asking *asking = reading->asking;
    struct dbk_their_reservation *one = dbk_arena_alloc(reading->arena, sizeof(*one));

    if (!read_reservation(body, reading->arena, one)) {
        unusable(reading, "the answer holds no reservation that can be used");
        return;
    }
    bool is_other = asking->call == DBK_CALL_CREATE
                        ? one->reference && !dbk_same(one->reference, asking->key)
                        : !dbk_same(one->id, asking->reservation);
    if (is_other) {
        unusable(reading, "the answer speaks of another reservation");
        return;
    }
    reading->answer = (struct dbk_answer){.reservations = one, .count = 1};
}

static bool is_ours(const struct dbk_asking *asking, const char *reference)
{
    for (size_t i = 0; i < asking->key_count; i++)
        if (dbk_same(asking->keys[i], reference))
            return true;
    return false;
}

/* What others have is none of our business, not even if it cannot be read. */
static void listing(struct reading *reading, const cJSON *body)
{
    const cJSON *list = dbk_json_get(body, "reservations");
    struct dbk_answer *answer = &reading->answer;

    if (!cJSON_IsArray(list)) {
        unusable(reading, "the answer holds no list of reservations");
        return;
    }
    *answer = (struct dbk_answer){.kind = DBK_ANSWER_RESERVATIONS};
    size_t length = 0, at = 0;
    for (const cJSON *node = list->child; node; node = node->next)
        length += is_ours(reading->asking, dbk_json_text(node, "reference"));
    if (length)
        answer->reservations =
            dbk_arena_alloc(reading->arena, length * sizeof(*answer->reservations));
    answer->count = length;
    for (const cJSON *node = list->child; node; node = node->next) {
        if (!is_ours(reading->asking, dbk_json_text(node, "reference")))
            continue;
        if (!read_reservation(node, reading->arena, &answer->reservations[at++])) {
            unusable(reading, "the list holds a reservation of ours that cannot be used");
            return;
        }
    }
}

/* The partner knows no such reservation: that is what it says of it. */
static void unknown_reservation(struct reading *reading)
{
    struct dbk_their_reservation *one = dbk_arena_alloc(reading->arena, sizeof(*one));

    *one = (struct dbk_their_reservation){
        .id = reading->asking->reservation,
        .state = DBK_THEIRS_NONE,
        .version = DBK_ABSENT,
    };
    reading->answer = (struct dbk_answer){.reservations = one, .count = 1};
}

static void error(struct reading *reading, int status, const cJSON *body)
{
    enum dbk_call call = reading->asking->call;
    const char *code = dbk_json_text(body, "error");

    if (call != DBK_CALL_CREATE && call != DBK_CALL_LOOK_UP && status == 404 &&
        dbk_same(code, "unknown-reservation")) {
        unknown_reservation(reading);
        return;
    }
    for (size_t i = 0; i < DBK_COUNT(refusals); i++)
        if (refusals[i].call == call && refusals[i].status == status &&
            dbk_same(refusals[i].error, code)) {
            reading->answer =
                (struct dbk_answer){.kind = DBK_ANSWER_REFUSED, .text = refusals[i].error};
            return;
        }
    bool says_not_made = call == DBK_CALL_CREATE && status >= 500 && dbk_same(code, "not-created");
    unusable(reading, says_not_made   ? "the partner answered that it made nothing"
                      : status >= 500 ? "the partner answered with a server error"
                      : dbk_same(code, "duplicate-reference")
                          ? "the partner has a reservation under this key already"
                          : "the answer is none that the partner publishes");
    reading->answer.says_not_made = says_not_made;
}

/* Digits alone; a year at most, so that sums with it are small. */
static int64_t seconds_of(const char *text)
{
    size_t length = strlen(text);
    int64_t seconds = 0;

    if (length == 0 || length > 8 || strspn(text, "0123456789") != length)
        return 0;
    for (size_t i = 0; i < length; i++)
        seconds = 10 * seconds + text[i] - '0';
    return seconds > YEAR_S ? YEAR_S : seconds;
}

/* Retry-After as seconds or as a date (RFC 9110, 10.2.3), or retryAfter in a body (as OCTO's own
 * backend reads it); 0: nothing of the kind. */
static int64_t retry_of(const struct dbk_message *message, const cJSON *body, int64_t now_ms)
{
    const char *header = dbk_message_header(message, "Retry-After");
    int64_t at_ms = 0, seconds = 0;

    if (header && dbk_http_date_parse(header, &at_ms))
        seconds = at_ms > now_ms ? (at_ms - now_ms + 999) / 1000 : 0;
    else if (header)
        seconds = seconds_of(header);
    else if (!dbk_json_integer(body, "retryAfter", &seconds) || seconds < 0)
        seconds = 0;
    return 1000 * (seconds > YEAR_S ? YEAR_S : seconds);
}

static bool is_slow_down(const struct dbk_message *message, const cJSON *body)
{
    return message->status == 429 ||
           (message->status == 400 && dbk_same(dbk_json_text(body, "error"), "TOO_MANY_REQUESTS"));
}

struct dbk_answer dbk_connector_read(const struct dbk_asking *asking,
                                     const struct dbk_message *message, int64_t now_ms,
                                     struct dbk_arena *arena)
{
    struct reading reading = {.asking = asking, .arena = arena};
    char why[160];
    cJSON *body = dbk_json_parse(message->body, message->body_length, why);
    bool is_made = message->status == 201 && asking->call == DBK_CALL_CREATE;

    if (message->status >= 400)
        error(&reading, message->status, body);
    else if (!body)
        unusable(&reading, "the answer is no JSON");
    else if (message->status != 200 && !is_made)
        unusable(&reading, "the answer is none that the partner publishes");
    else if (asking->call == DBK_CALL_LOOK_UP)
        listing(&reading, body);
    else
        one_reservation(&reading, body);
    if (message->status >= 400)
        reading.answer.retry_ms = retry_of(message, body, now_ms);
    reading.answer.is_slow_down = is_slow_down(message, body);
    cJSON_Delete(body);
    return reading.answer;
}

/* A thin callback names the reservation and says nothing of it. */
static bool read_thin(const cJSON *node, struct dbk_arena *arena,
                      struct dbk_their_reservation *reservation)
{
    const char *id = dbk_json_text(node, "id");

    if (!is_id(id) || dbk_json_get(node, "state"))
        return false;
    *reservation = (struct dbk_their_reservation){
        .id = dbk_arena_text(arena, id), .state = DBK_THEIRS_UNREAD, .version = DBK_ABSENT};
    return true;
}

bool dbk_connector_read_callback(const struct dbk_message *message, struct dbk_arena *arena,
                                 struct dbk_their_callback *callback)
{
    char why[160];
    cJSON *body = dbk_json_parse(message->body, message->body_length, why);
    const char *event = dbk_json_text(body, "event");
    const cJSON *reservation = dbk_json_get(body, "reservation");
    bool is_good = body && (!event || is_id(event)) &&
                   (read_reservation(reservation, arena, &callback->reservation) ||
                    read_thin(reservation, arena, &callback->reservation));

    callback->event = dbk_arena_text(arena, event);
    cJSON_Delete(body);
    return is_good;
}
