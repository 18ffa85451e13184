#include "base/webhook.h"
#include "fake-partners/exchange.h"

#include <stdio.h>

#define HOUR_S 3600
/* A key of nobody's: what a forger would make up. */
#define NO_ONES_KEY "whsec_bm9ib2R5IGtub3dzIHRoaXMga2V5LCBub2JvZHk="

static void add_signature(struct dbk_text *list, const char *secret,
                          const struct dbk_webhook *webhook)
{
    char signature[DBK_WEBHOOK_SIGNATURE];

    if (secret && dbk_webhook_sign(secret, webhook, signature))
        dbk_text_printf(list, "%s%s", list->length ? " " : "", signature);
}

/* The id of all deliveries of one callback, and the time of this one. */
static void sign(const struct dbk_moment *moment, const struct dbk_callback *callback,
                 struct dbk_message *request)
{
    const struct dbk_partner_config *config = &moment->partner->config;
    int64_t stamp_s =
        moment->now->wall_ms / 1000 - (callback->forged == DBK_FORGERY_STALE ? HOUR_S : 0);
    struct dbk_text list = {0};
    char stamp[24];
    struct dbk_webhook webhook = {.id = callback->id,
                                  .timestamp = stamp,
                                  .body = request->body,
                                  .body_length = request->body_length};

    snprintf(stamp, sizeof(stamp), "%lld", (long long)stamp_s);
    if (callback->forged == DBK_FORGERY_CHANGED)
        webhook.body_length--; /* what was signed ended before the last brace */
    if (callback->forged == DBK_FORGERY_WRONG_KEY)
        add_signature(&list, NO_ONES_KEY, &webhook);
    else if (callback->forged == DBK_FORGERY_OLD_KEY)
        add_signature(&list, config->old_secret, &webhook);
    else
        add_signature(&list, config->secret, &webhook);
    if (callback->is_rotated)
        add_signature(&list, config->old_secret, &webhook);
    dbk_message_set_header(request, DBK_WEBHOOK_ID, callback->id);
    dbk_message_set_header(request, DBK_WEBHOOK_TIMESTAMP, stamp);
    if (list.length)
        dbk_message_set_header(request, DBK_WEBHOOK_SIGNATURES, list.bytes);
    dbk_text_reset(&list);
}

static const char *token_of(const struct dbk_partner_config *config, enum dbk_forgery forged)
{
    if (forged == DBK_FORGERY_NONE || forged == DBK_FORGERY_STALE || forged == DBK_FORGERY_CHANGED)
        return config->secret; /* a token says nothing of time or body */
    return forged == DBK_FORGERY_OLD_KEY ? config->old_secret : NO_ONES_KEY;
}

void dbk_callback_mark(const struct dbk_moment *moment, const struct dbk_callback *callback,
                       struct dbk_message *request)
{
    const struct dbk_partner_config *config = &moment->partner->config;

    if (callback->forged == DBK_FORGERY_UNSIGNED)
        return;
    if (config->profile.callback_signature == DBK_SIGNATURE_STANDARD)
        sign(moment, callback, request);
    if (config->profile.callback_signature == DBK_SIGNATURE_TOKEN) {
        const char *token = token_of(config, callback->forged);
        if (token)
            dbk_message_set_header(request, DBK_CALLBACK_TOKEN, token);
    }
}
