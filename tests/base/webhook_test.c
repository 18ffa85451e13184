#include "base/webhook.h"

#include "base/digest.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(webhook, .timeout = 20);

/* The vectors that the project standard-webhooks publishes: A with its Go library, B with Rust's.
 */
static const struct vector {
    const char *secret, *id, *timestamp, *body, *signature;
    int64_t signed_s;
} vectors[] = {
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
     "{\"test\": 2432232314}", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 1614265330},
    {"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553",
     "{\"email\":\"test@example.com\",\"username\":\"test_user\"}",
     "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", 1649367553},
};

static struct dbk_webhook received(const struct vector *vector)
{
    return (struct dbk_webhook){.id = vector->id,
                                .timestamp = vector->timestamp,
                                .signatures = vector->signature,
                                .body = vector->body,
                                .body_length = strlen(vector->body)};
}

static enum dbk_webhook_fault verify(const struct dbk_webhook *webhook, const char *secret,
                                     int64_t now_s)
{
    return dbk_webhook_verify(webhook, &secret, 1, now_s);
}

Test(webhook, is_signed_and_verified_as_the_published_vectors_say)
{
    for (size_t i = 0; i < DBK_COUNT(vectors); i++) {
        struct dbk_webhook webhook = received(&vectors[i]);
        char signature[DBK_WEBHOOK_SIGNATURE] = "";

        cr_assert(dbk_webhook_sign(vectors[i].secret, &webhook, signature));
        cr_expect_str_eq(signature, vectors[i].signature);
        cr_expect_eq(verify(&webhook, vectors[i].secret, vectors[i].signed_s), DBK_WEBHOOK_GENUINE);
        /* The prefix of the secret is a mark for people. */
        cr_expect_eq(verify(&webhook, vectors[i].secret + strlen("whsec_"), vectors[i].signed_s),
                     DBK_WEBHOOK_GENUINE);
        cr_expect_eq(verify(&webhook, vectors[1 - i].secret, vectors[i].signed_s),
                     DBK_WEBHOOK_FORGED);
    }
}

/* The negative cases of the published test suites, and the ones of a list of signatures. */
Test(webhook, is_refused_where_anything_is_missing_or_other)
{
    static const char good[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    static const struct {
        const char *what, *id, *timestamp, *signatures, *body;
        enum dbk_webhook_fault fault;
    } cases[] = {
        {"no id", "-", NULL, NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"empty id", "", NULL, NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"full stop in the id", "msg.1", NULL, NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"no timestamp", NULL, "-", NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"a timestamp that is no number", NULL, "hello", NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"a timestamp with a sign", NULL, "+1614265330", NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"a timestamp with a fraction", NULL, "1614265330.5", NULL, NULL, DBK_WEBHOOK_INCOMPLETE},
        {"a timestamp beyond all numbers", NULL, "99999999999999999999999", NULL, NULL,
         DBK_WEBHOOK_INCOMPLETE},
        {"another timestamp", NULL, "1614265331", NULL, NULL, DBK_WEBHOOK_FORGED},
        {"no signature", NULL, NULL, "-", NULL, DBK_WEBHOOK_INCOMPLETE},
        {"nothing behind the version", NULL, NULL, "v1,", NULL, DBK_WEBHOOK_FORGED},
        {"a truncated signature", NULL, NULL, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
         NULL, DBK_WEBHOOK_FORGED},
        {"half a signature", NULL, NULL, "v1,g0hM9SsE+OTPJTGt", NULL, DBK_WEBHOOK_FORGED},
        {"a wrong signature", NULL, NULL, "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=", NULL,
         DBK_WEBHOOK_FORGED},
        {"a version nobody knows", NULL, NULL,
         "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", NULL, DBK_WEBHOOK_FORGED},
        {"no version", NULL, NULL, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", NULL,
         DBK_WEBHOOK_FORGED},
        {"a body that was written anew", NULL, NULL, NULL, "{\"test\":2432232314}",
         DBK_WEBHOOK_FORGED},
        {"a list: wrong v1, right-looking v2, one that fits", NULL, NULL,
         "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= "
         "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
         "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
         NULL, DBK_WEBHOOK_GENUINE},
        {"spaces around one that fits", NULL, NULL,
         "  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=  ", NULL, DBK_WEBHOOK_GENUINE},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_webhook webhook = received(&vectors[0]);

        webhook.signatures = good;
        if (cases[i].id)
            webhook.id = strcmp(cases[i].id, "-") == 0 ? NULL : cases[i].id;
        if (cases[i].timestamp)
            webhook.timestamp = strcmp(cases[i].timestamp, "-") == 0 ? NULL : cases[i].timestamp;
        if (cases[i].signatures)
            webhook.signatures = strcmp(cases[i].signatures, "-") == 0 ? NULL : cases[i].signatures;
        if (cases[i].body) {
            webhook.body = cases[i].body;
            webhook.body_length = strlen(cases[i].body);
        }
        cr_expect_eq(verify(&webhook, vectors[0].secret, vectors[0].signed_s), cases[i].fault, "%s",
                     cases[i].what);
    }
}

Test(webhook, is_stale_beyond_five_minutes_either_way)
{
    struct dbk_webhook webhook = received(&vectors[0]);
    int64_t at_s = vectors[0].signed_s;

    cr_expect_eq(verify(&webhook, vectors[0].secret, at_s + 300), DBK_WEBHOOK_GENUINE);
    cr_expect_eq(verify(&webhook, vectors[0].secret, at_s - 300), DBK_WEBHOOK_GENUINE);
    cr_expect_eq(verify(&webhook, vectors[0].secret, at_s + 301), DBK_WEBHOOK_STALE);
    cr_expect_eq(verify(&webhook, vectors[0].secret, at_s - 301), DBK_WEBHOOK_STALE);
}

/* While a key is being changed, both are known, and either may have signed. */
Test(webhook, is_verified_by_any_of_the_secrets)
{
    const char *secrets[] = {vectors[1].secret, "no secret", vectors[0].secret};
    const char *useless[] = {"", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64!", NULL};
    struct dbk_webhook webhook = received(&vectors[0]);

    cr_expect_eq(dbk_webhook_verify(&webhook, secrets, 3, vectors[0].signed_s),
                 DBK_WEBHOOK_GENUINE);
    cr_expect_eq(dbk_webhook_verify(&webhook, secrets, 2, vectors[0].signed_s), DBK_WEBHOOK_FORGED);
    cr_expect_eq(dbk_webhook_verify(&webhook, useless, 5, vectors[0].signed_s),
                 DBK_WEBHOOK_NO_SECRET);
    cr_expect_eq(dbk_webhook_verify(&webhook, NULL, 0, vectors[0].signed_s), DBK_WEBHOOK_NO_SECRET);
}

/* Of any body, what was signed is genuine, and what differs from it in one byte is not. */
Test(webhook, is_told_apart_from_what_differs_in_one_byte)
{
    for (uint64_t number = 1; number <= 2000; number++) {
        char secret[DBK_WEBHOOK_SECRET], signature[DBK_WEBHOOK_SIGNATURE], id[13], body[200];
        size_t length = dbk_draw_below(number, "length", "", 1, sizeof(body) - 1);
        struct dbk_webhook webhook = {.id = id, .timestamp = "1700000000", .body = body};

        dbk_webhook_derive_secret(number, "lagoon", secret);
        dbk_draw_name(number, "id", 1, 12, id);
        for (size_t i = 0; i <= length; i++)
            body[i] = (char)dbk_draw_below(number, "byte", "", i, 256);
        webhook.body_length = length;
        cr_assert(dbk_webhook_sign(secret, &webhook, signature), "%llu",
                  (unsigned long long)number);
        webhook.signatures = signature;
        cr_assert_eq(verify(&webhook, secret, 1700000000), DBK_WEBHOOK_GENUINE);
        body[dbk_draw_below(number, "where", "", 1, length + 1)] ^= 1;
        webhook.body_length = length + 1; /* a byte more, or one of them turned */
        cr_assert_eq(verify(&webhook, secret, 1700000000), DBK_WEBHOOK_FORGED);
    }
}
