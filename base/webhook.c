#include "base/webhook.h"

#include "base/digest.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "whsec_"
#define KEY_MIN 24
#define KEY_MAX 64
#define TAG crypto_auth_hmacsha256_BYTES
#define STAMP_DIGITS_MAX 12

struct key {
    unsigned char bytes[KEY_MAX];
    size_t length;
};

static bool read_key(const char *secret, struct key *key)
{
    const char *end = NULL;

    if (!secret)
        return false;
    if (dbk_starts_with(secret, PREFIX))
        secret += strlen(PREFIX);
    return sodium_base642bin(key->bytes, sizeof(key->bytes), secret, strlen(secret), NULL,
                             &key->length, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           *end == '\0' && key->length >= KEY_MIN;
}

/* Neither may hold the full stop that parts them in what is signed. */
static bool is_part(const char *text)
{
    return text && text[0] && !strchr(text, '.');
}

static void tag_of(const struct key *key, const struct dbk_webhook *webhook, unsigned char tag[TAG])
{
    crypto_auth_hmacsha256_state state;
    const unsigned char stop = '.';

    crypto_auth_hmacsha256_init(&state, key->bytes, key->length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)webhook->id, strlen(webhook->id));
    crypto_auth_hmacsha256_update(&state, &stop, 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)webhook->timestamp,
                                  strlen(webhook->timestamp));
    crypto_auth_hmacsha256_update(&state, &stop, 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)webhook->body,
                                  webhook->body_length);
    crypto_auth_hmacsha256_final(&state, tag);
}

bool dbk_webhook_sign(const char *secret, const struct dbk_webhook *webhook,
                      char signature[static DBK_WEBHOOK_SIGNATURE])
{
    unsigned char tag[TAG];
    struct key key;

    if (!read_key(secret, &key) || !is_part(webhook->id) || !is_part(webhook->timestamp))
        return false;
    tag_of(&key, webhook, tag);
    memcpy(signature, "v1,", 3);
    sodium_bin2base64(signature + 3, DBK_WEBHOOK_SIGNATURE - 3, tag, TAG,
                      sodium_base64_VARIANT_ORIGINAL);
    return true;
}

/* One entry of the list: "v1,base64"; other versions are passed over. */
static bool fits(const char *entry, size_t length, const unsigned char tag[TAG])
{
    unsigned char theirs[TAG];
    size_t bytes = 0;
    const char *end = NULL;

    return length > 3 && memcmp(entry, "v1,", 3) == 0 &&
           sodium_base642bin(theirs, TAG, entry + 3, length - 3, NULL, &bytes, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           end == entry + length && bytes == TAG && sodium_memcmp(theirs, tag, TAG) == 0;
}

static bool any_fits(const char *signatures, const unsigned char tag[TAG])
{
    bool is_found = false;

    for (const char *entry = signatures; *entry;) {
        size_t length = strcspn(entry, " ");
        is_found = fits(entry, length, tag) || is_found;
        entry += length + (entry[length] == ' ');
    }
    return is_found;
}

/* Digits alone, so many that their number is exact; nothing else is a time. */
static bool read_stamp(const char *text, int64_t *seconds)
{
    size_t length = text ? strlen(text) : 0;

    if (length == 0 || length > STAMP_DIGITS_MAX || strspn(text, "0123456789") != length)
        return false;
    *seconds = 0;
    for (size_t i = 0; i < length; i++)
        *seconds = 10 * *seconds + (text[i] - '0');
    return true;
}

enum dbk_webhook_fault dbk_webhook_verify(const struct dbk_webhook *webhook,
                                          const char *const *secrets, size_t secret_count,
                                          int64_t now_s)
{
    bool is_found = false, has_key = false;
    int64_t sent_s = 0;

    if (!is_part(webhook->id) || !read_stamp(webhook->timestamp, &sent_s) || !webhook->signatures ||
        !webhook->signatures[0])
        return DBK_WEBHOOK_INCOMPLETE;
    for (size_t i = 0; i < secret_count; i++) {
        unsigned char tag[TAG];
        struct key key;

        if (!read_key(secrets[i], &key))
            continue;
        has_key = true;
        tag_of(&key, webhook, tag);
        is_found = any_fits(webhook->signatures, tag) || is_found;
    }
    if (!has_key)
        return DBK_WEBHOOK_NO_SECRET;
    if (!is_found)
        return DBK_WEBHOOK_FORGED;
    return sent_s < now_s - DBK_WEBHOOK_TOLERANCE_S || sent_s > now_s + DBK_WEBHOOK_TOLERANCE_S
               ? DBK_WEBHOOK_STALE
               : DBK_WEBHOOK_GENUINE;
}

/* Digests are as long whatever the secrets are. */
bool dbk_webhook_same_secret(const char *one, const char *other)
{
    struct dbk_digest a = dbk_digest_of(one, strlen(one)), b = dbk_digest_of(other, strlen(other));

    return sodium_memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

const char *dbk_webhook_fault_name(enum dbk_webhook_fault fault)
{
    static const char *const names[] = {
        [DBK_WEBHOOK_GENUINE] = "genuine",
        [DBK_WEBHOOK_INCOMPLETE] = "a header of the signature is missing or unreadable",
        [DBK_WEBHOOK_STALE] = "it was signed too long ago, or for a time to come",
        [DBK_WEBHOOK_FORGED] = "no signature fits",
        [DBK_WEBHOOK_NO_SECRET] = "no secret is configured",
    };

    return names[fault];
}

void dbk_webhook_derive_secret(uint64_t seed, const char *name,
                               char secret[static DBK_WEBHOOK_SECRET])
{
    unsigned char key[32];

    for (uint64_t word = 0; word < 4; word++) {
        uint64_t drawn = dbk_draw(seed, "webhook-secret", name, word);
        for (size_t i = 0; i < 8; i++)
            key[8 * word + i] = (unsigned char)(drawn >> (8 * i));
    }
    memcpy(secret, PREFIX, strlen(PREFIX));
    sodium_bin2base64(secret + strlen(PREFIX), DBK_WEBHOOK_SECRET - strlen(PREFIX), key,
                      sizeof(key), sodium_base64_VARIANT_ORIGINAL);
}
