#include "stage.h"

#include "base/digest.h"
#include "fake-partners/direct.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(direct, .timeout = 30);

#define GOOD                                                                                       \
    "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","           \
    "\"slot\":\"evening\",\"units\":2}"

static void ask_plainly(struct stage *stage, const char *method, const char *path, const char *body)
{
    stage_ask(stage, method, path, body);
    dbk_text_clear(&stage->trace);
    dbk_text_printf(&stage->trace, "%d %s\n", stage->last.status, stage->last.body.bytes);
}

Test(direct, shows_a_reservation_as_published)
{
    struct stage_setup setup = {.profile = stage_profile(), .clock_off_ms = 47000};
    struct stage stage;

    setup.profile.callback_version = DBK_ORDER_COUNTER;
    stage_open(&stage, &setup);
    ask_plainly(&stage, "POST", "/reservations", GOOD);
    cr_expect(strstr(stage.trace.bytes, "\"version\":1}"), "%s", stage.trace.bytes);
    stage_until(&stage, 5250);
    stage_cancel(&stage, 1);
    dbk_text_clear(&stage.trace);
    stage_ask(&stage, "GET", "/reservations?reference=r-1", NULL);
    dbk_text_clear(&stage.trace);
    dbk_text_add(&stage.trace, stage.last.body.bytes);
    expect_trace(&stage,
                 "{\"reservations\":[{\"id\":\"R1\",\"reference\":\"r-1\",\"guest\":{\"name\":"
                 "\"Ana\"},\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,"
                 "\"state\":\"cancelled\",\"price\":24000,\"currency\":\"EUR\","
                 "\"created_at\":\"2026-07-01T17:25:47.000Z\","
                 "\"updated_at\":\"2026-07-01T17:25:52.250Z\",\"version\":2}]}");
    stage_shut(&stage);
}

/* Each refusal of the published text, in order. */
Test(direct, refuses_as_published)
{
    static const struct {
        const char *method, *path, *body, *answer;
    } cases[] = {
        {"POST", "/reservations", "{}",
         "400 {\"error\":\"bad-request\",\"message\":\"reference must be a text.\"}\n"},
        {"POST", "/reservations",
         "{\"reference\":\"r-9\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","
         "\"slot\":\"noon\",\"units\":2}",
         "404 {\"error\":\"unknown-product\",\"message\":\"There is no such product or slot.\"}\n"},
        {"POST", "/reservations",
         "{\"reference\":\"r-9\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","
         "\"slot\":\"morning\",\"units\":3}",
         "409 {\"error\":\"sold-out\",\"message\":\"There are not so many seats left.\"}\n"},
        {"POST", "/reservations",
         "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Eve\"},\"product\":\"sunset-cruise\","
         "\"slot\":\"evening\",\"units\":2}",
         "409 {\"error\":\"duplicate-reference\",\"message\":\"This reference has been used.\"}\n"},
        {"GET", "/reservations/LA-nobody", NULL,
         "404 {\"error\":\"unknown-reservation\",\"message\":\"There is no such reservation.\"}\n"},
        {"POST", "/reservations/LA-nobody/cancel", "{}",
         "404 {\"error\":\"unknown-reservation\",\"message\":\"There is no such reservation.\"}\n"},
        {"GET", "/reservations?date=2026-07-04", NULL,
         "400 {\"error\":\"bad-request\",\"message\":\"This look-up is not offered.\"}\n"},
        {"DELETE", "/reservations/LA-nobody", NULL,
         "400 {\"error\":\"bad-request\",\"message\":\"There is no such route.\"}\n"},
    };
    struct stage stage;

    stage_open(&stage, &(struct stage_setup){.profile = stage_profile()});
    ask_plainly(&stage, "POST", "/reservations", GOOD);
    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        ask_plainly(&stage, cases[i].method, cases[i].path, cases[i].body);
        expect_trace(&stage, cases[i].answer);
    }
    cr_expect_eq(stage.last.creates, 1);
    stage_shut(&stage);
}

Test(direct, does_not_cancel_what_was_rejected)
{
    const struct dbk_rule rule = {.op = DBK_OP_CREATE, .answers_state = "rejected"};
    struct stage stage;

    stage_open(&stage,
               &(struct stage_setup){.profile = stage_profile(), .rules = &rule, .rule_count = 1});
    stage_book(&stage, "trip", "r-1");
    stage_cancel(&stage, 1);
    cr_expect_eq(stage.last.status, 409);
    cr_expect(strstr(stage.last.body.bytes, "not-cancellable"));
    stage_shut(&stage);
}

Test(direct, answers_a_repeat_as_the_profile_says)
{
    static const struct {
        int64_t dedupe, repeat;
        int status;
        size_t creates;
    } cases[] = {
        {DBK_DEDUPE_NONE, DBK_REPEAT_NEW, 201, 2},
        {DBK_DEDUPE_NONE, DBK_REPEAT_SAME, 201, 2},
        {DBK_DEDUPE_REFERENCE, DBK_REPEAT_NEW, 201, 2},
        {DBK_DEDUPE_REFERENCE, DBK_REPEAT_SAME, 200, 1},
        {DBK_DEDUPE_REFERENCE, DBK_REPEAT_CONFLICT, 409, 1},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_profile profile = stage_profile();
        struct stage stage;

        profile.dedupe = cases[i].dedupe;
        profile.repeat = cases[i].repeat;
        stage_open(&stage, &(struct stage_setup){.profile = profile});
        stage_book(&stage, "trip", "r-1");
        stage_book(&stage, "trip", "r-1");
        cr_expect_eq(stage.last.status, cases[i].status, "case %zu: %d", i, stage.last.status);
        cr_expect_eq(stage.last.creates, cases[i].creates, "case %zu", i);
        stage_shut(&stage);
    }
}

static void expect_bad_request(struct stage *stage, const char *method, const char *path,
                               const char *body, size_t length)
{
    struct dbk_message *request = dbk_request_new(method, path);
    struct dbk_text text = {0};

    dbk_text_put(&text, body, length);
    dbk_message_take_body(request, "application/json", &text);
    stage_step(stage, &(struct dbk_event){.kind = DBK_EVENT_REQUEST,
                                          .exchange = ++stage->exchange,
                                          .message = request,
                                          .from = "core.worker"});
    cr_expect_eq(stage->last.status, 400, "%s %s %.60s: %d", method, path, body,
                 stage->last.status);
    cr_expect_eq(stage->last.answers, stage->exchange, "one answer to each request");
    dbk_message_free(request);
}

Test(direct, lists_by_real_dates_only)
{
    static const char *const paths[] = {
        "/reservations?date=2026-7-4", "/reservations?date=2026-13-45",
        "/reservations?date=zzzz-zz-zz", "/reservations?date=", "/reservations?reference=r-1"};
    struct stage_setup setup = {.profile = stage_profile()};
    struct stage stage;

    setup.profile.look_up = DBK_LOOK_UP_LIST_BY_DATE;
    stage_open(&stage, &setup);
    for (size_t i = 0; i < DBK_COUNT(paths); i++)
        expect_bad_request(&stage, "GET", paths[i], "", 0);
    stage_shut(&stage);
}

Test(direct, answers_hostile_requests_as_bad_ones)
{
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "\"r-1\"",
        "{",
        "{}}",
        "{\"reference\":1}",
        "\xff\xfe{}",
        "{\"reference\":\"r-1\",\"reference\":\"r-1\"}",
        "{\"reference\":\"\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\",\"slot\":"
        "\"evening\",\"units\":2}",
        "{\"reference\":\"r-1\",\"guest\":\"Ana\",\"product\":\"sunset-cruise\",\"slot\":"
        "\"evening\",\"units\":2}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":null},\"product\":\"sunset-cruise\",\"slot\":"
        "\"evening\",\"units\":2}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":\"A\\u0000\"},\"product\":\"sunset-cruise\","
        "\"slot\":\"evening\",\"units\":2}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana\"},\"product\":[],\"slot\":"
        "\"evening\",\"units\":2}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","
        "\"slot\":\"evening\",\"units\":0}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","
        "\"slot\":\"evening\",\"units\":1001}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","
        "\"slot\":\"evening\",\"units\":2.5}",
        "{\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\","
        "\"slot\":\"evening\",\"units\":99999999999999999999}",
    };
    static const char *const paths[] = {
        "/reservations",
        "/reservations?reference=",
        "/reservations?date=2026-7-4",
        "/reservations?date=2026-13-45",
        "/reservations?date=zzzz-zz-zz",
        "/reservations?reference=%zz",
        "/",
        "",
        "/reservation",
        "/reservations/",
        "/reservations/a/b/c",
        "/reservations/%00",
    };
    struct dbk_text deep = {0};
    struct stage stage;

    stage_open(&stage, &(struct stage_setup){.profile = stage_profile()});
    for (size_t i = 0; i < DBK_COUNT(bodies); i++)
        expect_bad_request(&stage, "POST", "/reservations", bodies[i], strlen(bodies[i]));
    expect_bad_request(&stage, "POST", "/reservations", GOOD "\0", strlen(GOOD) + 1);
    expect_bad_request(&stage, "POST", "/reservations/LA-x/cancel", "", 0);
    for (size_t i = 0; i < DBK_COUNT(paths); i++)
        expect_bad_request(&stage, "GET", paths[i], "", 0);
    for (size_t i = 0; i < 100000; i++)
        dbk_text_add_char(&deep, '[');
    expect_bad_request(&stage, "POST", "/reservations", deep.bytes, deep.length);
    dbk_text_clear(&deep);
    dbk_text_add(&deep, "{\"reference\":\"");
    for (size_t i = 0; i <= DBK_DIRECT_TEXT_MAX; i++)
        dbk_text_add_char(&deep, 'r');
    dbk_text_add(&deep, "\",\"guest\":{\"name\":\"Ana\"},\"product\":\"sunset-cruise\",\"slot\":"
                        "\"evening\",\"units\":2}");
    expect_bad_request(&stage, "POST", "/reservations", deep.bytes, deep.length);
    cr_expect_eq(stage.last.creates, 0);
    dbk_text_reset(&deep);
    stage_shut(&stage);
}

/* A good request with one to four bytes changed: whatever comes of it, there is one answer. */
Test(direct, survives_damaged_requests)
{
    struct stage stage;

    stage_open(&stage, &(struct stage_setup){.profile = stage_profile()});
    for (uint64_t seed = 0; seed < 5000; seed++) {
        char body[] = GOOD;
        uint64_t changes = 1 + dbk_draw_below(seed, "changes", "", 0, 4);

        for (uint64_t i = 0; i < changes; i++) {
            uint64_t at = dbk_draw_below(seed, "at", "", i, strlen(GOOD));

            body[at] = (char)(1 + dbk_draw_below(seed, "byte", "", i, 255));
        }
        stage.id_count = 0;
        dbk_text_clear(&stage.trace);
        stage_ask(&stage, "POST", "/reservations", body);
        cr_assert_eq(stage.last.answers, seed + 1, "%s", body);
        cr_assert(stage.last.status == 400 || stage.last.status == 404 ||
                      stage.last.status == 409 || stage.last.status == 200 ||
                      stage.last.status == 201,
                  "%s: %d", body, stage.last.status);
    }
    stage_shut(&stage);
}
