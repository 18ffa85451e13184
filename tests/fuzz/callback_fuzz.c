/* Any bytes as a callback: its head up to the first empty line, its body behind that; read, and
 * held against two secrets. Nothing is genuine but what was signed. For libFuzzer alone. */
#include "base/webhook.h"
#include "core/connector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const secrets[] = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "not a secret"};

/* "name: value" lines become headers of the message. */
static struct dbk_message *message_of(const char *text, size_t length)
{
    struct dbk_message *message = dbk_request_new("POST", "/callbacks/lagoon");
    struct dbk_text body = {0};
    const char *end = text + length;

    while (text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        size_t size = line ? (size_t)(line - text) : (size_t)(end - text);
        char name[64], value[512];
        const char *colon = memchr(text, ':', size);

        if (size == 0) {
            text++;
            break;
        }
        if (colon) {
            snprintf(name, sizeof(name), "%.*s", (int)(colon - text), text);
            snprintf(value, sizeof(value), "%.*s", (int)(text + size - colon - 1), colon + 1);
            dbk_message_set_header(message, name, value);
        }
        text += size + (line != NULL);
    }
    dbk_text_put(&body, text, (size_t)(end - text));
    dbk_message_take_body(message, "application/json", &body);
    return message;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct dbk_message *message = message_of((const char *)bytes, length);
    struct dbk_arena arena = {0};
    struct dbk_their_callback callback = {0};
    const struct dbk_webhook webhook = {
        .id = dbk_message_header(message, DBK_WEBHOOK_ID),
        .timestamp = dbk_message_header(message, DBK_WEBHOOK_TIMESTAMP),
        .signatures = dbk_message_header(message, DBK_WEBHOOK_SIGNATURES),
        .body = message->body,
        .body_length = message->body_length,
    };

    if (dbk_connector_read_callback(message, &arena, &callback) && !callback.reservation.id)
        abort(); /* a callback of no reservation */
    enum dbk_webhook_fault fault = dbk_webhook_verify(&webhook, secrets, 2, 1614265330);
    char signature[DBK_WEBHOOK_SIGNATURE];
    if (fault == DBK_WEBHOOK_GENUINE && (!dbk_webhook_sign(secrets[0], &webhook, signature) ||
                                         !strstr(webhook.signatures, signature)))
        abort(); /* nobody signed it */
    dbk_arena_free(&arena);
    dbk_message_free(message);
    return 0;
}
