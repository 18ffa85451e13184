#include "core/connector.h"

#include "base/history.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(connector, .timeout = 20);

#define MINE "\"id\":\"R1\",\"reference\":\"rv-1\""

static const char *const my_keys[] = {"rv-0", "rv-1"};

static struct dbk_asking asking_for(enum dbk_call call)
{
    return (struct dbk_asking){
        .call = call,
        .key = "rv-1",
        .reservation = "R1",
        .keys = my_keys,
        .key_count = DBK_COUNT(my_keys),
    };
}

/* "R1 rv-1 confirmed v3, ..." or the reason. */
static void print_answer(const struct dbk_answer *answer, struct dbk_text *out)
{
    dbk_text_clear(out);
    if (answer->kind != DBK_ANSWER_RESERVATIONS) {
        dbk_text_printf(out, "%s: %s", answer->kind == DBK_ANSWER_REFUSED ? "refused" : "unusable",
                        answer->text);
        return;
    }
    dbk_text_add(out, answer->count ? "" : "none");
    for (size_t i = 0; i < answer->count; i++) {
        const struct dbk_their_reservation *one = &answer->reservations[i];
        dbk_text_printf(out, "%s%s %s %s", i ? ", " : "", one->id,
                        one->reference ? one->reference : "-", dbk_theirs_name(one->state));
        if (one->version != DBK_ABSENT)
            dbk_text_printf(out, " v%lld", (long long)one->version);
    }
}

static const struct {
    enum dbk_call call;
    int status;
    const char *body, *said;
} answers[] = {
    {DBK_CALL_CREATE, 201, "{" MINE ",\"state\":\"pending\"}", "R1 rv-1 pending"},
    {DBK_CALL_CREATE, 200, "{" MINE ",\"state\":\"confirmed\",\"version\":3}",
     "R1 rv-1 confirmed v3"},
    {DBK_CALL_CREATE, 201, "{\"id\":\"R1\",\"state\":\"confirmed\"}", "R1 - confirmed"},
    {DBK_CALL_CREATE, 201, "{" MINE ",\"state\":\"rejected\",\"version\":-1}", "R1 rv-1 rejected"},
    {DBK_CALL_CREATE, 201, "{" MINE ",\"state\":\"sleeping\"}",
     "unusable: the answer holds no reservation that can be used"},
    {DBK_CALL_CREATE, 201, "{" MINE ",\"state\":\"none\"}",
     "unusable: the answer holds no reservation that can be used"},
    {DBK_CALL_CREATE, 201, "{" MINE "}",
     "unusable: the answer holds no reservation that can be used"},
    {DBK_CALL_CREATE, 201, "{\"id\":17,\"state\":\"pending\"}",
     "unusable: the answer holds no reservation that can be used"},
    {DBK_CALL_CREATE, 201, "{\"id\":\"\",\"state\":\"pending\"}",
     "unusable: the answer holds no reservation that can be used"},
    {DBK_CALL_CREATE, 201, "[]", "unusable: the answer holds no reservation that can be used"},
    {DBK_CALL_CREATE, 201, "{\"id\":\"R9\",\"reference\":\"rv-9\",\"state\":\"confirmed\"}",
     "unusable: the answer speaks of another reservation"},
    {DBK_CALL_CREATE, 201, "", "unusable: the answer is no JSON"},
    {DBK_CALL_CREATE, 201, "<html>", "unusable: the answer is no JSON"},
    {DBK_CALL_CREATE, 201, "{" MINE ",\"state\":\"pending\"} trailing",
     "unusable: the answer is no JSON"},
    {DBK_CALL_CREATE, 202, "{" MINE ",\"state\":\"pending\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CREATE, 302, "{}", "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CREATE, 400, "{\"error\":\"bad-request\"}", "refused: bad-request"},
    {DBK_CALL_CREATE, 404, "{\"error\":\"unknown-product\"}", "refused: unknown-product"},
    {DBK_CALL_CREATE, 409, "{\"error\":\"sold-out\",\"message\":\"x\"}", "refused: sold-out"},
    {DBK_CALL_CREATE, 409, "{\"error\":\"duplicate-reference\"}",
     "unusable: the partner has a reservation under this key already"},
    {DBK_CALL_CREATE, 404, "<html>not found</html>",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CREATE, 409, "{\"error\":\"weather\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CREATE, 429, "{\"error\":\"sold-out\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CREATE, 500, "{\"error\":\"internal\"}",
     "unusable: the partner answered with a server error"},
    {DBK_CALL_CREATE, 502, "{\"error\":\"not-created\"}",
     "unusable: the partner answered that it made nothing"},
    {DBK_CALL_CREATE, 409, "{\"error\":\"not-created\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CREATE, 503, "", "unusable: the partner answered with a server error"},
    {DBK_CALL_LOOK_UP, 200, "{\"reservations\":[]}", "none"},
    {DBK_CALL_LOOK_UP, 200, "{\"reservations\":[{" MINE ",\"state\":\"confirmed\"}]}",
     "R1 rv-1 confirmed"},
    {DBK_CALL_LOOK_UP, 200,
     "{\"reservations\":[{\"id\":\"R9\",\"reference\":\"rv-9\",\"state\":\"odd\"},17,{}]}", "none"},
    {DBK_CALL_LOOK_UP, 200,
     "{\"reservations\":[{" MINE ",\"state\":\"confirmed\"},"
     "{\"id\":\"R2\",\"reference\":\"rv-0\",\"state\":\"cancelled\"}]}",
     "R1 rv-1 confirmed, R2 rv-0 cancelled"},
    {DBK_CALL_LOOK_UP, 200, "{\"reservations\":[{" MINE ",\"state\":\"odd\"}]}",
     "unusable: the list holds a reservation of ours that cannot be used"},
    {DBK_CALL_LOOK_UP, 200, "{}", "unusable: the answer holds no list of reservations"},
    {DBK_CALL_LOOK_UP, 404, "{\"error\":\"unknown-reservation\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_LOOK_UP, 201, "{\"reservations\":[]}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_GET, 200, "{" MINE ",\"state\":\"cancelled\"}", "R1 rv-1 cancelled"},
    {DBK_CALL_GET, 200, "{\"id\":\"R2\",\"state\":\"cancelled\"}",
     "unusable: the answer speaks of another reservation"},
    {DBK_CALL_GET, 404, "{\"error\":\"unknown-reservation\"}", "R1 - none"},
    {DBK_CALL_GET, 404, "{\"error\":\"what\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CANCEL, 200, "{" MINE ",\"state\":\"cancelled\"}", "R1 rv-1 cancelled"},
    {DBK_CALL_CANCEL, 404, "{\"error\":\"unknown-reservation\"}", "R1 - none"},
    {DBK_CALL_CANCEL, 409, "{\"error\":\"not-cancellable\"}", "refused: not-cancellable"},
    {DBK_CALL_CANCEL, 409, "{\"error\":\"sold-out\"}",
     "unusable: the answer is none that the partner publishes"},
    {DBK_CALL_CANCEL, 500, "{}", "unusable: the partner answered with a server error"},
};

Test(connector, takes_nothing_for_an_answer_that_it_does_not_wholly_understand)
{
    struct dbk_arena arena = {0};
    struct dbk_text got = {0};

    for (size_t i = 0; i < DBK_COUNT(answers); i++) {
        struct dbk_message *message = dbk_response_new(answers[i].status);
        struct dbk_text body = {0};
        dbk_text_add(&body, answers[i].body);
        dbk_message_take_body(message, "application/json", &body);
        struct dbk_asking asking = asking_for(answers[i].call);
        struct dbk_answer answer = dbk_connector_read(&asking, message, 0, &arena);
        dbk_message_free(message);
        print_answer(&answer, &got);
        cr_assert_str_eq(got.bytes, answers[i].said, "%s %d %s gave %s",
                         dbk_call_name(answers[i].call), answers[i].status, answers[i].body,
                         got.bytes);
    }
    dbk_text_reset(&got);
    dbk_arena_free(&arena);
}

/* At the epoch 1782926700000, which is 17:25:00. A year is the most that is believed. */
Test(connector, reads_when_it_is_to_ask_again)
{
    static const struct {
        int status;
        const char *header, *body;
        int64_t retry_ms;
        bool is_slow_down;
    } rows[] = {
        {429, "30", "{}", 30000, true},
        {429, "Wed, 01 Jul 2026 17:25:30 GMT", "{}", 30000, true}, /* whole seconds */
        {429, "Wed, 01 Jul 2026 17:24:30 GMT", "{}", 0, true},
        {429, NULL, "", 0, true},
        {429, "-5", "{}", 0, true},
        {429, " 5", "{}", 0, true},
        {429, "99999999", "{}", INT64_C(31622400000), true},
        {429, "999999999999999999999", "{}", 0, true},
        {429, "30", "{\"retryAfter\":7}", 30000, true},
        {400, NULL, "{\"error\":\"TOO_MANY_REQUESTS\",\"retryAfter\":7}", 7000, true},
        {400, NULL, "{\"error\":\"TOO_MANY_REQUESTS\",\"retryAfter\":\"7\"}", 0, true},
        {400, NULL, "{\"error\":\"TOO_MANY_REQUESTS\",\"retryAfter\":-7}", 0, true},
        {400, NULL, "{\"error\":\"bad-request\"}", 0, false},
        {503, "30", "", 30000, false},
        {201, "30", "{" MINE ",\"state\":\"pending\"}", 0, false},
    };
    struct dbk_arena arena = {0};

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_message *message = dbk_response_new(rows[i].status);
        struct dbk_text body = {0};
        struct dbk_asking asking = asking_for(DBK_CALL_CREATE);
        dbk_text_add(&body, rows[i].body);
        dbk_message_take_body(message, "application/json", &body);
        if (rows[i].header)
            dbk_message_set_header(message, "Retry-After", rows[i].header);
        struct dbk_answer answer = dbk_connector_read(&asking, message, 1782926700500, &arena);
        cr_expect_eq(answer.retry_ms, rows[i].retry_ms, "row %zu: %lld", i,
                     (long long)answer.retry_ms);
        cr_expect_eq(answer.is_slow_down, rows[i].is_slow_down, "row %zu", i);
        dbk_message_free(message);
    }
    dbk_arena_free(&arena);
}

static void print_request(enum dbk_call call, int64_t look_up, struct dbk_text *out)
{
    const struct dbk_booking booking = {
        .product = "sunset-cruise", .slot = "evening", .guest = "Zoë \"Z\"", .units = 2};
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_asking asking = asking_for(call);

    profile.look_up = look_up;
    asking.reservation = "R 1/2";
    struct dbk_message *message =
        dbk_connector_request(&asking, &booking, &profile, 1783195199999 /* 2026-07-04 */);
    dbk_text_printf(out, "%s %s %s\n", message->method, message->path, message->body);
    dbk_message_free(message);
}

Test(connector, asks_as_the_partner_publishes)
{
    struct dbk_text got = {0};

    print_request(DBK_CALL_CREATE, DBK_LOOK_UP_NONE, &got);
    print_request(DBK_CALL_LOOK_UP, DBK_LOOK_UP_REFERENCE, &got);
    print_request(DBK_CALL_LOOK_UP, DBK_LOOK_UP_LIST_BY_DATE, &got);
    print_request(DBK_CALL_GET, DBK_LOOK_UP_NONE, &got);
    print_request(DBK_CALL_CANCEL, DBK_LOOK_UP_NONE, &got);
    cr_assert_str_eq(got.bytes,
                     "POST /reservations {\"reference\":\"rv-1\",\"guest\":{\"name\":\"Zoë "
                     "\\\"Z\\\"\"},\"product\":\"sunset-cruise\",\"slot\":\"evening\","
                     "\"units\":2}\n"
                     "GET /reservations?reference=rv-1 \n"
                     "GET /reservations?date=2026-07-04 \n"
                     "GET /reservations/R%201%2F2 \n"
                     "POST /reservations/R%201%2F2/cancel {}\n");
    dbk_text_reset(&got);
}

Test(connector, reads_a_callback_whole_or_not_at_all)
{
    static const struct {
        const char *body;
        bool is_good;
    } callbacks[] = {
        {"{\"event\":\"evt-1\",\"reservation\":{" MINE ",\"state\":\"pending\"}}", true},
        {"{\"reservation\":{\"id\":\"R1\",\"state\":\"confirmed\"}}", true},
        {"{\"reservation\":{" MINE ",\"state\":\"odd\"}}", false},
        {"{\"reservation\":{\"id\":\"R1\"}}", true}, /* thin */
        {"{\"reservation\":{\"id\":\"\"}}", false},
        {"{\"reservation\":{\"reference\":\"K1\"}}", false},
        {"{\"event\":\"evt-1\"}", false},
        {"{\"event\":\"\",\"reservation\":{" MINE ",\"state\":\"pending\"}}", false},
        {"{\"reservation\":{" MINE ",\"state\":\"pending\"}", false},
        {"", false},
    };
    struct dbk_arena arena = {0};

    for (size_t i = 0; i < DBK_COUNT(callbacks); i++) {
        struct dbk_message *message = dbk_request_new("POST", "/callbacks/lagoon");
        struct dbk_their_callback callback;
        struct dbk_text body = {0};
        dbk_text_add(&body, callbacks[i].body);
        dbk_message_take_body(message, "application/json", &body);
        cr_assert_eq(dbk_connector_read_callback(message, &arena, &callback), callbacks[i].is_good,
                     "%s", callbacks[i].body);
        if (i == 0)
            cr_assert_str_eq(callback.event, "evt-1");
        dbk_message_free(message);
    }
    dbk_arena_free(&arena);
}
