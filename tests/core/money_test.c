#include "stage.h"

#include "base/json.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(money, .timeout = 20);
TestSuite(quotes, .timeout = 20);

#define WISH "\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\","
#define BODY "{" WISH "\"units\":2,\"guest\":{\"name\":\"Ana\"}}"

/* "confirmed, charged 24000 of 24000: captured 24000, refunded 24000", as support sees it. */
static void expect_money(struct stage *stage, const char *expected)
{
    char why[160];
    struct dbk_text path = {0}, got = {0};
    const struct dbk_message *rows = stage_ask(stage, "GET", "/support/bookings", NULL, NULL);
    cJSON *list = dbk_json_parse(rows->body, rows->body_length, why);

    dbk_text_printf(&path, "/support/bookings/%s",
                    dbk_json_text(dbk_json_get(list, "bookings")->child, "id"));
    cJSON_Delete(list);
    const struct dbk_message *detail = stage_ask(stage, "GET", path.bytes, NULL, NULL);
    cJSON *body = dbk_json_parse(detail->body, detail->body_length, why);
    int64_t charged = -1, price = -1, amount = -1;
    cr_assert(dbk_json_integer(body, "charged", &charged));
    cr_assert(dbk_json_integer(dbk_json_get(body, "price"), "amount", &price));
    dbk_text_printf(&got, "%s, charged %lld of %lld:", dbk_json_text(body, "status"),
                    (long long)charged, (long long)price);
    for (const cJSON *entry = dbk_json_get(body, "money")->child; entry; entry = entry->next) {
        cr_assert(dbk_json_integer(entry, "amount", &amount));
        dbk_text_printf(&got, " %s %lld (%s)", dbk_json_text(entry, "what"), (long long)amount,
                        dbk_json_text(entry, "key"));
    }
    cr_expect_str_eq(got.bytes, expected);
    cJSON_Delete(body);
    dbk_text_reset(&path);
    dbk_text_reset(&got);
}

Test(money, is_taken_once_when_it_becomes_confirmed)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    expect_money(stage, "received, charged 0 of 24000:");
    stage_answer(stage, "201 R1 K1 pending");
    expect_money(stage, "pending, charged 0 of 24000:");
    stage_callback(stage, "R1 K1 confirmed", "evt-1");
    stage_until(stage, 1);
    stage_answer(stage, "200 R1 K1 confirmed");
    expect_money(stage, "confirmed, charged 24000 of 24000: captured 24000 (capture)");
    stage_callback(stage, "R1 K1 confirmed", "evt-2");
    expect_money(stage, "confirmed, charged 24000 of 24000: captured 24000 (capture)");
    stage_free(stage);
}

/* The commit that has it confirmed has it charged: there is no moment between the two. */
Test(money, is_taken_in_the_commit_of_the_move)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_crash(stage);
    expect_money(stage, "confirmed, charged 24000 of 24000: captured 24000 (capture)");
    stage_free(stage);
}

Test(money, is_given_back_when_it_is_cancelled_in_time)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_cancel(stage);
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 cancelled");
    expect_money(stage, "cancelled, charged 0 of 24000: captured 24000 (capture) refunded 24000 "
                        "(refund)");
    stage_free(stage);
}

/* The cruise starts days later; this cut-off has passed already when she cancels. */
Test(money, is_kept_when_it_is_cancelled_after_its_cut_off)
{
    struct stage *stage = stage_new();
    struct dbk_product late = stage->partner.products[0];

    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    late.cutoff_ms = late.slots[0].starts_ms - stage->now.wall_ms;
    stage->partner.products = &late;
    stage_cancel(stage);
    stage_answer(stage, "200 R1 K1 cancelled");
    stage_answer(stage, "200 R1 K1 cancelled");
    expect_money(stage, "cancelled, charged 24000 of 24000: captured 24000 (capture)");
    stage_free(stage);
}

Test(money, is_not_taken_for_what_is_refused)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "409 sold-out");
    expect_money(stage, "rejected, charged 0 of 24000:");
    stage_free(stage);
}

/* Answers the oldest open request with a reservation that has a price. */
static void answer_priced(struct stage *stage, const char *state, int64_t price,
                          const char *currency)
{
    struct dbk_message *answer = dbk_response_new(200);
    struct dbk_text body = {0};

    dbk_text_printf(&body, "{\"id\":\"R1\",\"state\":\"%s\",\"price\":%lld,\"currency\":\"%s\"}",
                    state, (long long)price, currency);
    dbk_message_take_body(answer, "application/json", &body);
    stage_answer_with(stage, answer);
}

/* The price rose between what she was told and the create: she is not charged for it, neither the
 * new price nor the old one; the reservation is given back, and she is told that it failed. */
Test(money, is_never_taken_for_a_price_that_nobody_agreed_to)
{
    static const struct {
        int64_t price;
        const char *currency, *becomes;
    } cases[] = {
        {24001, "EUR", "rejected, charged 0 of 24000:"},
        {24000, "USD", "rejected, charged 0 of 24000:"},
        {24000, "EUR", "confirmed, charged 24000 of 24000: captured 24000 (capture)"},
        {23000, "EUR", "confirmed, charged 24000 of 24000: captured 24000 (capture)"},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct stage *stage = stage_new();
        stage_book(stage, "key-1");
        answer_priced(stage, "confirmed", cases[i].price, cases[i].currency);
        bool is_refused = strncmp(cases[i].becomes, "rejected", 8) == 0;
        expect_money(stage, is_refused ? "received, charged 0 of 24000:" : cases[i].becomes);
        for (int asked = 0; asked < 2 && is_refused; asked++) /* the cancel, and a look at it */
            answer_priced(stage, "cancelled", cases[i].price, cases[i].currency);
        expect_money(stage, cases[i].becomes);
        stage_free(stage);
    }
}

/* What the rule `charge: when-sent` does: each try pays again. */
Test(money, is_taken_with_each_try_by_those_who_do_not_wait)
{
    struct stage *stage = stage_new();

    stage_set(stage, "charge", "when-sent");
    stage_set(stage, "on_timeout", "resend");
    stage_set(stage, "look_up", "never");
    stage_book(stage, "key-1");
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 5000);
    expect_money(stage, "received, charged 48000 of 24000: captured 24000 (capture of attempt 2) "
                        "captured 24000 (capture of attempt 4)");
    stage_free(stage);
}

/* Quotes. */

static void expect_answer(const struct dbk_message *answer, int status, const char *part)
{
    cr_expect_eq(answer->status, status, "%d %s", answer->status, answer->body);
    cr_expect(strstr(answer->body, part), "%s lacks %s", answer->body, part);
}

/* A booking's body with the quote that was answered last. */
static const char *with_quote(struct stage *stage, int units)
{
    char why[160];
    cJSON *quote = dbk_json_parse(stage->response->body, stage->response->body_length, why);
    const char *body = dbk_arena_printf(
        &stage->arena, "{" WISH "\"units\":%d,\"guest\":{\"name\":\"Ana\"},\"quote\":\"%s\"}",
        units, dbk_json_text(quote, "id"));

    cJSON_Delete(quote);
    return body;
}

Test(quotes, keep_their_price_until_they_expire)
{
    struct stage *stage = stage_new();
    struct dbk_product dearer = stage->partner.products[0];

    expect_answer(stage_ask(stage, "POST", "/quotes", NULL, "{" WISH "\"units\":2}"), 201,
                  "\"price\":{\"amount\":24000,\"currency\":\"EUR\",\"precision\":2},"
                  "\"expires\":\"2026-07-01T17:40:00.000Z\"");
    const char *quoted = with_quote(stage, 2);
    dearer.price = 13000;
    stage->partner.products = &dearer;
    stage_until(stage, 900000 - 1);
    expect_answer(stage_ask(stage, "POST", "/bookings", "key-1", quoted), 201, "\"amount\":24000,");
    stage_free(stage);
}

Test(quotes, are_refused_once_they_have_expired)
{
    struct stage *stage = stage_new();

    stage_ask(stage, "POST", "/quotes", NULL, "{" WISH "\"units\":2}");
    const char *quoted = with_quote(stage, 2);
    stage_until(stage, 900000);
    expect_answer(stage_ask(stage, "POST", "/bookings", "key-1", quoted), 409,
                  "\"type\":\"urn:doublebook:quote-expired\"");
    expect_answer(stage_ask(stage, "GET", "/support/bookings", NULL, NULL), 200,
                  "{\"bookings\":[]}");
    stage_free(stage);
}

/* A booking that was made under the quote is shown again, long after: it has its price. */
Test(quotes, do_not_stand_in_the_way_of_a_repeat)
{
    struct stage *stage = stage_new();

    stage_ask(stage, "POST", "/quotes", NULL, "{" WISH "\"units\":2}");
    const char *quoted = with_quote(stage, 2);
    stage_ask(stage, "POST", "/bookings", "key-1", quoted);
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_until(stage, 900000);
    expect_answer(stage_ask(stage, "POST", "/bookings", "key-1", quoted), 200, "\"amount\":24000,");
    stage_free(stage);
}

Test(quotes, are_for_what_they_were_asked_for)
{
    struct stage *stage = stage_new();

    stage_ask(stage, "POST", "/quotes", NULL, "{" WISH "\"units\":2}");
    expect_answer(stage_ask(stage, "POST", "/bookings", "key-1", with_quote(stage, 3)), 422,
                  "the quote is for something else");
    expect_answer(stage_ask(stage, "POST", "/bookings", "key-1",
                            "{" WISH "\"units\":2,\"guest\":{\"name\":\"Ana\"},\"quote\":\"x\"}"),
                  422, "there is no such quote");
    stage_free(stage);
}

Test(quotes, are_given_for_what_is_sold)
{
    struct stage *stage = stage_new();
    struct dbk_product late = stage->partner.products[0];

    expect_answer(stage_ask(stage, "POST", "/quotes", NULL, "{" WISH "\"units\":0}"), 422,
                  "units must be 1 to 100");
    expect_answer(
        stage_ask(stage, "POST", "/quotes", NULL,
                  "{\"partner\":\"lagoon\",\"product\":\"x\",\"slot\":\"y\",\"units\":1}"),
        404, "there is no such");
    late.cutoff_ms = late.slots[0].starts_ms - stage->now.wall_ms;
    stage->partner.products = &late;
    expect_answer(stage_ask(stage, "POST", "/quotes", NULL, "{" WISH "\"units\":2}"), 422,
                  "urn:doublebook:cut-off");
    expect_answer(stage_ask(stage, "POST", "/bookings", "key-1", BODY), 422,
                  "urn:doublebook:cut-off");
    stage_free(stage);
}
