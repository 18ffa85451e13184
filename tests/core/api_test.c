#include "stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(api, .timeout = 20);

#define BODY                                                                                       \
    "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,"      \
    "\"guest\":{\"name\":\"Ana\"}}"

/* Asks and adds "status body" to the text. */
static void ask(struct stage *stage, struct dbk_text *got, const char *method, const char *path,
                const char *key, const char *body)
{
    const struct dbk_message *response = stage_ask(stage, method, path, key, body);

    dbk_text_printf(got, "%d %s\n", response->status, response->body);
}

static void expect(struct stage *stage, struct dbk_text *got, const char *wanted)
{
    const char *renamed = stage_rename(stage, got->bytes);

    cr_assert_str_eq(renamed, wanted, "expected\n%s\ngot\n%s", wanted, renamed);
    dbk_text_reset(got);
    stage_free(stage);
}

#define BOOKING(sync_version)                                                                      \
    "{\"id\":\"B1\",\"status\":\"received\"," sync_version ",\"partner\":\"lagoon\","              \
    "\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,\"guest\":{\"name\":\"Ana\"}," \
    "\"price\":{\"amount\":24000,\"currency\":\"EUR\",\"precision\":2},\"charged\":0"
#define MESSAGE                                                                                    \
    ",\"message\":\"We have received your booking. We are arranging it with our partner. Nothing " \
    "is charged unless it is confirmed.\"}\n"
#define PROBLEM(title, status, detail)                                                             \
#status " {\"type\":\"about:blank\",\"title\":\"" title "\",\"status\":" #status               \
            ",\"detail\":\"" detail "\"}\n"

Test(api, makes_one_booking_of_one_key)
{
    struct stage *stage = stage_new();
    struct dbk_text got = {0};

    ask(stage, &got, "POST", "/bookings", "\"key 1\"", BODY);
    ask(stage, &got, "POST", "/bookings", "\"key 1\"",
        "{ \"units\": 2, \"guest\": { \"age\": 7, \"name\": \"Ana\" }, \"slot\": \"evening\","
        " \"product\": \"sunset-cruise\", \"partner\": \"lagoon\" }");
    ask(stage, &got, "POST", "/bookings", "\"key 1\"",
        "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":3,"
        "\"guest\":{\"name\":\"Ana\"}}");
    ask(stage, &got, "GET", "/support/bookings", NULL, NULL);
    expect(stage, &got,
           "201 " BOOKING("\"sync\":\"unsent\",\"version\":1") MESSAGE
           "200 " BOOKING("\"sync\":\"in_flight\",\"version\":2") MESSAGE PROBLEM(
               "cannot be done", 422,
               "this Idempotency-Key was used for another request") "200 "
                                                                    "{\"bookings\":"
                                                                    "[" BOOKING("\"sync\":"
                                                                                "\"in_"
                                                                                "flight\","
                                                                                "\"version"
                                                                                "\":2") "}]"
                                                                                        "}"
                                                                                        "\n");
}

/* The page was loaded again: the same wish under another key. Once the first is over it is new. */
Test(api, refuses_the_same_request_under_another_key_until_its_booking_is_over)
{
    struct stage *stage = stage_new();
    struct dbk_text got = {0};
    int status[5];

    status[0] = stage_ask(stage, "POST", "/bookings", "key-1", BODY)->status;
    ask(stage, &got, "POST", "/bookings", "key-2", BODY);
    status[1] = stage_ask(stage, "POST", "/bookings", "key-3",
                          "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\","
                          "\"slot\":\"evening\",\"units\":2,\"guest\":{\"name\":\"Bob\"}}")
                    ->status;
    status[4] = stage_ask(stage, "POST", "/bookings", "key-2",
                          "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\","
                          "\"slot\":\"evening\",\"units\":2,\"guest\":{\"name\":\"Bob\"},"
                          "\"distinct\":true}")
                    ->status;
    stage_answer(stage, "409 sold-out");
    status[2] = stage_ask(stage, "POST", "/bookings", "key-4", BODY)->status;
    status[3] = stage_ask(stage, "POST", "/bookings", "key-5", BODY)->status;
    const int wanted[] = {201, 201, 201, 409, 201};
    cr_expect_arr_eq(status, wanted, sizeof wanted);
    expect(stage, &got,
           "409 {\"type\":\"urn:doublebook:possible-duplicate\",\"title\":\"conflict\","
           "\"status\":409,\"detail\":\"B1 asks for the same and is not over; if another one is "
           "wanted, say distinct: true\",\"booking\":\"/bookings/B1\"}\n");
}

Test(api, refuses_what_it_cannot_take)
{
    static const struct {
        const char *key, *body;
        int status;
        const char *detail;
    } refused[] = {
        {NULL, BODY, 400, "an Idempotency-Key is expected, 1 to 255 printable characters"},
        {"", BODY, 400, NULL},
        {"\"\"", BODY, 400, NULL},
        {"a b", BODY, 400, NULL},
        {"a\"b", BODY, 400, NULL},
        {"k\xc3\xab", BODY, 400, NULL},
        {"k", "", 400, NULL},
        {"k", "[]", 400, "the body is no object"},
        {"k", "{\"partner\":\"lagoon\"", 400, NULL},
        {"k", "{}", 400, "partner, product and slot are expected, each a text"},
        {"k",
         "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":7,\"units\":2,"
         "\"guest\":{\"name\":\"Ana\"}}",
         400, "partner, product and slot are expected, each a text"},
        {"k",
         "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,"
         "\"guest\":\"Ana\"}",
         400, "guest.name is expected, 1 to 200 bytes long"},
        {"k",
         "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2.5,"
         "\"guest\":{\"name\":\"Ana\"}}",
         400, "units is expected, a whole number"},
        {"k",
         "{\"partner\":\"nobody\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,"
         "\"guest\":{\"name\":\"Ana\"}}",
         404, "there is no such partner, product or slot"},
        {"k",
         "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"noon\",\"units\":2,"
         "\"guest\":{\"name\":\"Ana\"}}",
         404, "there is no such partner, product or slot"},
        {"k",
         "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":101,"
         "\"guest\":{\"name\":\"Ana\"}}",
         422, "units must be 1 to 100"},
    };
    struct stage *stage = stage_new();

    for (size_t i = 0; i < DBK_COUNT(refused); i++) {
        const struct dbk_message *response =
            stage_ask(stage, "POST", "/bookings", refused[i].key, refused[i].body);
        cr_assert_eq(response->status, refused[i].status, "row %zu: %d %s", i, response->status,
                     response->body);
        cr_assert_str_eq(dbk_message_header(response, "Content-Type"), "application/problem+json");
        if (refused[i].detail)
            cr_assert(strstr(response->body, refused[i].detail), "row %zu: %s", i, response->body);
    }
    cr_assert_str_eq(stage_ask(stage, "GET", "/support/bookings", NULL, NULL)->body,
                     "{\"bookings\":[]}");
    stage_free(stage);
}

Test(api, takes_keys_of_255_characters_and_bodies_of_64_kib)
{
    struct stage *stage = stage_new();
    size_t large = 64 * 1024;
    char key[258], *body = dbk_alloc(large + 2);

    memset(key, 'k', sizeof(key));
    key[256] = '\0';
    cr_assert_eq(stage_ask(stage, "POST", "/bookings", key, BODY)->status, 400);
    key[255] = '\0';
    cr_assert_eq(stage_ask(stage, "POST", "/bookings", key, BODY)->status, 201);
    memset(body, ' ', large + 1);
    memcpy(body, BODY, strlen(BODY));
    *strchr(body, '2') = '3'; /* another wish */
    cr_assert_eq(stage_ask(stage, "POST", "/bookings", "k", body)->status, 413);
    body[large] = '\0';
    cr_assert_eq(stage_ask(stage, "POST", "/bookings", "k", body)->status, 201);
    free(body);
    stage_free(stage);
}

Test(api, knows_its_paths)
{
    struct stage *stage = stage_new();
    struct dbk_text got = {0};

    ask(stage, &got, "GET", "/", NULL, NULL);
    ask(stage, &got, "PUT", "/bookings", NULL, NULL);
    ask(stage, &got, "GET", "/bookings/bk-none", NULL, NULL);
    ask(stage, &got, "POST", "/bookings/bk-none/cancel", NULL, NULL);
    ask(stage, &got, "GET", "/support/bookings/bk-none", NULL, NULL);
    ask(stage, &got, "POST", "/callbacks/nobody", NULL, "{}");
    ask(stage, &got, "POST", "/callbacks/lagoon", NULL, "{}");
    ask(stage, &got, "POST", "/callbacks/lagoon", NULL,
        "{\"reservation\":{\"id\":\"R1\",\"reference\":\"theirs\",\"state\":\"pending\"}}");
    expect(stage, &got,
           PROBLEM("not found", 404, "there is no such path")
               PROBLEM("method not allowed", 405, "this path is asked in another way")
                   PROBLEM("not found", 404, "there is no such booking")
                       PROBLEM("not found", 404, "there is no such booking")
                           PROBLEM("not found", 404, "there is no such booking")
                               PROBLEM("not found", 404, "there is no such partner") PROBLEM(
                                   "bad request", 400, "this is no callback that can be read")
                                   PROBLEM("not found", 404,
                                           "no booking of ours has this reservation"));
}

/* The support detail of booking 1. */
static const char *detail(struct stage *stage)
{
    struct dbk_booking booking;

    cr_assert_eq(dbk_store_booking_by_row(stage->store, 1, &stage->arena, &booking), DBK_FOUND);
    char *path = dbk_arena_printf(&stage->arena, "/support/bookings/%s", booking.id);
    return stage_ask(stage, "GET", path, NULL, NULL)->body;
}

Test(api, cancels_only_what_can_still_be_cancelled)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "409 sold-out");
    stage_cancel(stage);
    cr_assert_eq(stage->response->status, 409);
    stage_free(stage);

    stage = stage_new();
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_cancel(stage);
    cr_assert_eq(stage->response->status, 202);
    stage_cancel(stage); /* the same wish again: one cancel goes out, not two */
    cr_assert_eq(stage->response->status, 202);
    const char *wish = strstr(detail(stage), "cancel-asked");
    cr_assert(wish && !strstr(wish + 1, "cancel-asked"), "%s", stage->response->body);
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_cancel(stage);
    cr_assert_eq(stage->response->status, 200);
    cr_assert_eq(stage->request_count, 3);
    stage_free(stage);
}

/* A callback is recorded once: by its event id where the partner gives one, else by its bytes. */
Test(api, takes_a_callback_once)
{
    for (int64_t id = DBK_CALLBACK_ID_NONE; id <= DBK_CALLBACK_ID_EVENT; id++) {
        struct stage *stage = stage_new();
        stage->partner.profile.callback_id = id;
        stage_book(stage, "key-1");
        stage_answer(stage, "201 R1 K1 pending");
        stage_callback(stage, "R1 K1 confirmed", "evt-1");
        stage_answer(stage, "200 R1 K1 confirmed");
        stage_callback(stage, "R1 K1 confirmed", "evt-1");
        stage_callback(stage, "R1 K1 pending", "evt-1"); /* the same id with other bytes */
        cr_assert_eq(stage->request_count, id == DBK_CALLBACK_ID_EVENT ? 2 : 3);
        stage_free(stage);
    }
}

/* A partner may call back under a reference of its own; the reservation's id is enough, and the
 * strange reference is not taken for a key of ours. */
Test(api, finds_the_booking_of_a_callback_by_the_reservations_id)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
    const struct dbk_message *response = stage_ask(
        stage, "POST", "/callbacks/lagoon", NULL,
        "{\"reservation\":{\"id\":\"R1\",\"reference\":\"theirs\",\"state\":\"confirmed\"}}");
    cr_assert_eq(response->status, 204);
    stage_answer(stage, "200 R1 K1 confirmed");
    const char *body = detail(stage);
    cr_assert(strstr(body, "\"status\":\"confirmed\""), "%s", body);
    cr_assert(!strstr(body, "theirs"), "%s", body);
    stage_free(stage);
}

/* What support reads of a booking that was handed over: what is possible, and all that happened. */
Test(api, names_the_possible_reservations_to_support)
{
    struct stage *stage = stage_new();
    struct dbk_text got = {0};

    stage_set(stage, "hand_over", "at-first-doubt");
    stage_set(stage, "look_up", "never");
    ask(stage, &got, "POST", "/bookings", "key-1", BODY);
    const char *id = dbk_arena_copy(&stage->arena, strstr(stage->response->body, "bk-"), 13);
    dbk_text_clear(&got);
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 12000);
    stage_callback(stage, "R1 K1 pending", NULL);
    ask(stage, &got, "GET", dbk_arena_printf(&stage->arena, "/support/bookings/%s", id), NULL,
        NULL);
    expect(
        stage, &got,
        "200 {\"id\":\"B1\",\"status\":\"pending\",\"sync\":\"operator\",\"version\":4,"
        "\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,"
        "\"guest\":{\"name\":\"Ana\"},"
        "\"price\":{\"amount\":24000,\"currency\":\"EUR\",\"precision\":2},\"charged\":0,"
        "\"message\":\"Your booking is not settled yet. A colleague "
        "of "
        "ours is looking after it. Nothing is charged unless it is confirmed. There is no need to "
        "book again: that could book it twice.\","
        "\"next\":{\"step\":\"operator\",\"reason\":\"a create is in doubt\","
        "\"by\":\"2026-07-01T17:25:12.000Z\",\"unsafe\":\"\"},"
        "\"moves\":[{\"move\":\"gone\",\"reservation\":\"R1\",\"means\":\"The partner's people "
        "say that this reservation is cancelled.\"}],"
        "\"reservations\":[{\"id\":\"R1\",\"key\":\"K1\",\"state\":\"pending\","
        "\"called_back\":\"pending\"}],"
        "\"money\":[],\"evidence\":["
        "{\"number\":1,\"at\":\"2026-07-01T17:25:00.000Z\",\"what\":\"asked\","
        "\"amount\":24000,\"currency\":\"EUR\"},"
        "{\"number\":2,\"at\":\"2026-07-01T17:25:00.000Z\",\"what\":\"sent\",\"call\":\"create\","
        "\"nth\":1,\"attempt\":2,\"key\":\"K1\"},"
        "{\"number\":3,\"at\":\"2026-07-01T17:25:10.000Z\",\"what\":\"in-doubt\",\"call\":"
        "\"create\","
        "\"attempt\":2,\"key\":\"K1\",\"text\":\"timed out\"},"
        "{\"number\":4,\"at\":\"2026-07-01T17:25:10.000Z\",\"what\":\"operator\","
        "\"text\":\"a create is in doubt\"},"
        "{\"number\":5,\"at\":\"2026-07-01T17:25:10.000Z\",\"what\":\"told\",\"text\":\"person\"},"
        "{\"number\":6,\"at\":\"2026-07-01T17:25:12.000Z\",\"what\":\"callback\",\"key\":\"K1\","
        "\"reservation\":\"R1\",\"state\":\"pending\"},"
        "{\"number\":7,\"at\":\"2026-07-01T17:25:12.000Z\",\"what\":\"moved\","
        "\"text\":\"received -> pending: the partner says pending (callback)\"}]}\n");
}
