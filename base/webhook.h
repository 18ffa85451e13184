/* webhook: signed messages after Standard Webhooks 1.0.0 (standard-webhooks, spec; symmetric "v1").
 *
 * Signed are the bytes "id.timestamp.body" with HMAC-SHA256; the signature header is a list of
 * "version,base64", any one of which is enough, so that keys can be changed without a gap. A secret
 * is base64 of 24 to 64 bytes, with or without the prefix "whsec_". Both come from libsodium, and
 * signatures are compared in constant time. The specification leaves the tolerance open; its Go and
 * Python libraries use five minutes both ways, and so do we. Next: webhook.c, core/inbox.c.
 */
#ifndef DBK_BASE_WEBHOOK_H
#define DBK_BASE_WEBHOOK_H

#include "base/text.h"

#define DBK_WEBHOOK_TOLERANCE_S (5 * 60)
#define DBK_WEBHOOK_SIGNATURE 48 /* "v1," and 44 letters, with NUL */

/* Header names; they compare without case. */
#define DBK_WEBHOOK_ID "webhook-id"
#define DBK_WEBHOOK_TIMESTAMP "webhook-timestamp"
#define DBK_WEBHOOK_SIGNATURES "webhook-signature"

/* Bytes that were received or are to be sent; all borrowed. */
struct dbk_webhook {
    const char *id;         /* NULL: the header is missing */
    const char *timestamp;  /* Unix seconds, as digits; NULL: the header is missing */
    const char *signatures; /* of a received one; NULL: the header is missing */
    const char *body;
    size_t body_length;
};

enum dbk_webhook_fault {
    DBK_WEBHOOK_GENUINE,
    DBK_WEBHOOK_INCOMPLETE, /* a header is missing or empty, or holds what cannot be in it */
    DBK_WEBHOOK_STALE,      /* the timestamp is too old or too new */
    DBK_WEBHOOK_FORGED,     /* no signature fits */
    DBK_WEBHOOK_NO_SECRET   /* ours: no secret was given, or one that is none */
};

/* Writes "v1,..." of id, timestamp and body; false if the secret is none, or the id or timestamp
 * are missing or hold a full stop. */
DBK_CHECKED bool dbk_webhook_sign(const char *secret, const struct dbk_webhook *webhook,
                                  char signature[static DBK_WEBHOOK_SIGNATURE]);

/* Holds a received message against the secrets that may have signed it. */
enum dbk_webhook_fault dbk_webhook_verify(const struct dbk_webhook *webhook,
                                          const char *const *secrets, size_t secret_count,
                                          int64_t now_s);

/* What is wrong, for our own records: "no signature fits"; never a secret. */
const char *dbk_webhook_fault_name(enum dbk_webhook_fault fault);

/* Compares two secrets in a time that tells nothing of where they differ. */
bool dbk_webhook_same_secret(const char *one, const char *other);

/* Writes a secret of 32 bytes that derives from (seed, name): for tests and simulations alone. */
#define DBK_WEBHOOK_SECRET 64
void dbk_webhook_derive_secret(uint64_t seed, const char *name,
                               char secret[static DBK_WEBHOOK_SECRET]);

#endif
