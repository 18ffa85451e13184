#include "base/webhook.h"
#include "core/connector.h"
#include "core/incoming.h"

/* POST /callbacks/{partner}: a hint. Recorded once, in one commit with what it changes. */

/* By our key, else by their id; a reference that is none of ours is taken out. */
static enum dbk_found find_called(const struct dbk_incoming *call,
                                  const struct dbk_core_partner *partner,
                                  struct dbk_their_reservation *theirs, int64_t *row)
{
    struct dbk_store *store = call->core->config.store;
    enum dbk_found found = DBK_NOT_FOUND;

    if (theirs->reference)
        found = dbk_store_booking_named(store, partner->name, theirs->reference, row);
    if (found != DBK_NOT_FOUND)
        return found;
    theirs->reference = NULL;
    return dbk_store_booking_named(store, partner->name, theirs->id, row);
}

/* The name under which the inbox knows it: that of the signed message, the partner's event id, or
 * the digest of its bytes. */
static const char *name_of(const struct dbk_incoming *call, const struct dbk_core_partner *partner,
                           const struct dbk_their_callback *callback)
{
    const struct dbk_message *message = call->event->message;
    const char *signed_id = dbk_message_header(message, DBK_WEBHOOK_ID);
    char hex[DBK_DIGEST_HEX];

    if (partner->profile.callback_signature == DBK_SIGNATURE_STANDARD && signed_id)
        return dbk_arena_text(&call->core->arena, signed_id);
    if (partner->profile.callback_id == DBK_CALLBACK_ID_EVENT && callback->event)
        return callback->event;
    struct dbk_digest digest = dbk_digest_of(message->body, message->body_length);
    dbk_digest_hex(&digest, hex);
    return dbk_arena_text(&call->core->arena, hex);
}

static bool record_callback(const struct dbk_incoming *call, int64_t row,
                            const struct dbk_their_reservation *theirs)
{
    struct dbk_core *core = call->core;
    struct dbk_decision decision;
    struct dbk_case open;

    if (dbk_case_open(core, row, &open) != DBK_FOUND ||
        !dbk_case_add(&open, (struct dbk_evidence){.kind = DBK_EVIDENCE_CALLBACK,
                                                   .state = theirs->state,
                                                   .version = theirs->version,
                                                   .key = theirs->reference,
                                                   .reservation = theirs->id}))
        return false;
    dbk_case_copy_to_list(&open, theirs->state);
    return dbk_case_settle(&open, &decision) && dbk_case_save(&open) &&
           dbk_incoming_wake(core, row);
}

static bool is_token(const char *token, const struct dbk_core_partner *partner)
{
    bool is_found = false;

    for (size_t i = 0; token && i < partner->secret_count; i++)
        is_found = dbk_webhook_same_secret(token, partner->secrets[i]) || is_found;
    return is_found;
}

/* Why it cannot be taken for the partner's, by what the partner promises; NULL: it can. Nothing of
 * it is kept then. */
static const char *wrong_with(const struct dbk_incoming *call,
                              const struct dbk_core_partner *partner)
{
    const struct dbk_message *message = call->event->message;
    const struct dbk_webhook webhook = {
        .id = dbk_message_header(message, DBK_WEBHOOK_ID),
        .timestamp = dbk_message_header(message, DBK_WEBHOOK_TIMESTAMP),
        .signatures = dbk_message_header(message, DBK_WEBHOOK_SIGNATURES),
        .body = message->body,
        .body_length = message->body_length,
    };

    if (call->core->config.policy->rules[DBK_RULE_CALLBACK_AUTH] == DBK_CALLBACK_AUTH_TRUST)
        return NULL;
    switch (partner->profile.callback_signature) {
    case DBK_SIGNATURE_TOKEN:
        return is_token(dbk_message_header(message, DBK_CALLBACK_TOKEN), partner)
                   ? NULL
                   : "its token is none of this partner's";
    case DBK_SIGNATURE_STANDARD: {
        enum dbk_webhook_fault fault = dbk_webhook_verify(
            &webhook, partner->secrets, partner->secret_count, call->core->now.wall_ms / 1000);
        return fault == DBK_WEBHOOK_GENUINE ? NULL : dbk_webhook_fault_name(fault);
    }
    default:
        return NULL;
    }
}

bool dbk_inbox_post(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    const struct dbk_core_partner *partner = dbk_core_partner_named(core, call->parts[0]);
    struct dbk_their_callback callback = {0};
    bool is_new = true;
    int64_t row = 0;

    (void)body;
    if (!partner)
        return dbk_incoming_refuse(call, 404, "there is no such partner");
    const char *wrong = wrong_with(call, partner);
    if (wrong) {
        dbk_effect_note(core->effects, "a callback in the name of %s was refused: %s",
                        partner->name, wrong);
        return dbk_incoming_refuse(call, 401, wrong);
    }
    if (!dbk_connector_read_callback(call->event->message, &core->arena, &callback))
        return dbk_incoming_refuse(call, 400, "this is no callback that can be read");
    enum dbk_found found = find_called(call, partner, &callback.reservation, &row);
    if (found == DBK_STORE_FAILED)
        return false;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "no booking of ours has this reservation");
    if (core->config.policy->rules[DBK_RULE_CALLBACK_REPEAT] != DBK_CALLBACK_AGAIN &&
        !dbk_store_take_callback(core->config.store, partner->name,
                                 name_of(call, partner, &callback), core->now.wall_ms, &is_new))
        return false;
    if (is_new && !record_callback(call, row, &callback.reservation))
        return false;
    dbk_effect_answer(core->effects, call->event->exchange, dbk_response_new(204), NULL);
    return true;
}
