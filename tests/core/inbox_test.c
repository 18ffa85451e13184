/* Callbacks that must show whose they are. */
#include "stage.h"

#include "base/json.h"
#include "base/webhook.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(inbox, .timeout = 20);

static const char *const secrets[] = {"whsec_bmV3IHNlY3JldCBvZiBsYWdvb24sIDI0KyBieXRlcw==",
                                      "whsec_b2xkIHNlY3JldCBvZiBsYWdvb24sIDI0KyBieXRlcw=="};

static struct stage *booked(enum dbk_callback_signature signature)
{
    struct stage *stage = stage_new();

    stage->partner.profile.callback_signature = signature;
    stage->partner.secrets = secrets;
    stage->partner.secret_count = DBK_COUNT(secrets);
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
    return stage;
}

struct marks {
    const char *token, *secret, *id;
    int64_t late_ms; /* the timestamp is off by so much */
};

/* Posts a callback with marks of its own; gives the status. */
static int post(struct stage *stage, const struct marks *marks)
{
    struct dbk_message *request = dbk_request_new("POST", "/callbacks/lagoon");
    char body[200], stamp[24], signature[DBK_WEBHOOK_SIGNATURE];
    struct dbk_text text = {0};
    struct dbk_webhook webhook = {.id = marks->id, .timestamp = stamp, .body = body};

    webhook.body_length = (size_t)snprintf(
        body, sizeof(body), "{\"reservation\":{\"id\":\"R1\",\"state\":\"confirmed\"}}");
    snprintf(stamp, sizeof(stamp), "%lld",
             (long long)((stage->now.wall_ms + marks->late_ms) / 1000));
    dbk_text_add(&text, body);
    dbk_message_take_body(request, "application/json", &text);
    if (marks->token)
        dbk_message_set_header(request, DBK_CALLBACK_TOKEN, marks->token);
    if (marks->secret) {
        cr_assert(dbk_webhook_sign(marks->secret, &webhook, signature));
        dbk_message_set_header(request, DBK_WEBHOOK_ID, marks->id);
        dbk_message_set_header(request, DBK_WEBHOOK_TIMESTAMP, stamp);
        dbk_message_set_header(request, DBK_WEBHOOK_SIGNATURES, signature);
    }
    return stage_send(stage, request)->status;
}

static size_t callbacks_kept(struct stage *stage)
{
    struct dbk_arena arena = {0};
    struct dbk_evidence *evidence = NULL;
    size_t count = 0, kept = 0;

    cr_assert(dbk_store_begin(stage->store));
    cr_assert(dbk_store_list_evidence(stage->store, 1, 0, &arena, &evidence, &count));
    cr_assert(dbk_store_commit(stage->store));
    for (size_t i = 0; i < count; i++)
        kept += evidence[i].kind == DBK_EVIDENCE_CALLBACK;
    dbk_arena_free(&arena);
    return kept;
}

Test(inbox, takes_a_token_of_the_partner_and_no_other)
{
    struct stage *stage = booked(DBK_SIGNATURE_TOKEN);

    cr_expect_eq(post(stage, &(struct marks){0}), 401);
    cr_expect_eq(post(stage, &(struct marks){.token = ""}), 401);
    cr_expect_eq(post(stage, &(struct marks){.token = "guessed"}), 401);
    cr_expect_eq(callbacks_kept(stage), 0, "something of a refused one was kept");
    cr_expect_eq(post(stage, &(struct marks){.token = secrets[0]}), 204);
    cr_expect_eq(callbacks_kept(stage), 1);
    stage_free(stage);
}

Test(inbox, takes_what_any_of_the_secrets_signed_in_the_last_five_minutes)
{
    struct stage *stage = booked(DBK_SIGNATURE_STANDARD);

    cr_expect_eq(post(stage, &(struct marks){0}), 401);
    cr_expect_eq(post(stage, &(struct marks){.token = secrets[0]}), 401);
    cr_expect_eq(
        post(stage, &(struct marks){.secret = "whsec_bm9ib2R5cyBzZWNyZXQsIDI0KyBieXRlcyBsb25n",
                                    .id = "m1"}),
        401);
    cr_expect_eq(post(stage, &(struct marks){.secret = secrets[0], .id = "m1", .late_ms = -301000}),
                 401);
    cr_expect_eq(callbacks_kept(stage), 0, "something of a refused one was kept");
    cr_expect_eq(post(stage, &(struct marks){.secret = secrets[1], .id = "m1"}), 204);
    cr_expect_eq(callbacks_kept(stage), 1);
    /* The same message once more, signed anew: it is known by its id. */
    stage->now.wall_ms += 120000;
    stage->now.mono_ms += 120000;
    cr_expect_eq(post(stage, &(struct marks){.secret = secrets[0], .id = "m1"}), 204);
    cr_expect_eq(callbacks_kept(stage), 1);
    cr_expect_eq(post(stage, &(struct marks){.secret = secrets[0], .id = "m2"}), 204);
    cr_expect_eq(callbacks_kept(stage), 2);
    stage_free(stage);
}

/* A partner without any secret in the configuration is believed nothing. */
Test(inbox, refuses_all_where_no_secret_is_configured)
{
    struct stage *stage = booked(DBK_SIGNATURE_STANDARD);

    stage->partner.secret_count = 0;
    cr_expect_eq(post(stage, &(struct marks){.secret = secrets[0], .id = "m1"}), 401);
    stage->partner.profile.callback_signature = DBK_SIGNATURE_TOKEN;
    cr_expect_eq(post(stage, &(struct marks){.token = secrets[0]}), 401);
    stage_free(stage);
}

/* It names a reservation and says nothing of it, so the partner is asked. */
Test(inbox, lets_a_thin_callback_be_read_back)
{
    struct stage *stage = booked(DBK_SIGNATURE_NONE);

    const struct dbk_message *response =
        stage_ask(stage, "POST", "/callbacks/lagoon", NULL, "{\"reservation\":{\"id\":\"R1\"}}");
    cr_expect_eq(response->status, 204);
    cr_expect_eq(stage->request_count, 2, "nobody was asked");
    stage_answer(stage, "200 R1 K1 confirmed");
    cr_expect(strstr(stage->last_seen, "confirmed"), "%s", stage->last_seen);
    stage_free(stage);
}
