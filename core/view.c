#include "core/view.h"

#include "base/json.h"
#include "core/desk.h"
#include "core/pricing.h"

static void pair_instant(struct dbk_text *out, const char *key, int64_t epoch_ms)
{
    char text[DBK_INSTANT_TEXT];

    dbk_instant_print(epoch_ms, text);
    dbk_json_pair_text(out, key, text);
}

static void pair_price(struct dbk_text *out, int64_t amount, const char *currency)
{
    dbk_json_key(out, "price");
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "amount", amount);
    dbk_json_pair_text(out, "currency", currency);
    dbk_json_pair_integer(out, "precision", dbk_pricing_precision(currency));
    dbk_json_close(out, '}');
}

static void members(const struct dbk_booking *booking, enum dbk_status status, struct dbk_text *out)
{
    dbk_json_pair_text(out, "id", booking->id);
    dbk_json_pair_text(out, "status", dbk_status_name(status));
    dbk_json_pair_text(out, "sync", dbk_sync_name(booking->sync));
    dbk_json_pair_integer(out, "version", booking->version);
    if (booking->expires_ms)
        pair_instant(out, "held_until", booking->expires_ms);
    dbk_json_pair_text(out, "partner", booking->partner);
    dbk_json_pair_text(out, "product", booking->product);
    dbk_json_pair_text(out, "slot", booking->slot);
    dbk_json_pair_integer(out, "units", booking->units);
    dbk_json_key(out, "guest");
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "name", booking->guest);
    dbk_json_close(out, '}');
    pair_price(out, booking->price, booking->currency);
    dbk_json_pair_integer(out, "charged", booking->charged);
}

static void pair_message(enum dbk_told told, enum dbk_language language, int64_t by_ms,
                         struct dbk_text *out)
{
    struct dbk_text message = {0};

    dbk_told_write(told, language, by_ms, &message);
    dbk_json_pair_text(out, "message", message.bytes);
    dbk_text_reset(&message);
}

void dbk_view_booking(const struct dbk_booking *booking, enum dbk_language language,
                      struct dbk_text *out)
{
    dbk_json_open(out, '{');
    members(booking, booking->status, out);
    pair_message(booking->told, language, booking->hear_by_ms, out);
    dbk_json_close(out, '}');
}

void dbk_view_messages(const struct dbk_case *open, enum dbk_language language,
                       struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "language", dbk_language_tag(language));
    dbk_json_key(out, "messages");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < open->count; i++) {
        const struct dbk_evidence *record = &open->evidence[i];
        enum dbk_told told = dbk_told_by_name(record->text);
        if (record->kind != DBK_EVIDENCE_TOLD || told == DBK_TOLDS)
            continue;
        dbk_json_open(out, '{');
        dbk_json_pair_integer(out, "number", record->number);
        pair_instant(out, "at", record->at_ms);
        dbk_json_pair_text(out, "about", record->text);
        pair_message(told, language, record->left_by_ms, out);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
}

void dbk_view_row(const struct dbk_booking *booking, enum dbk_status status, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    members(booking, status, out);
    dbk_json_close(out, '}');
}

static void pair_known(struct dbk_text *out, const char *key, const char *text)
{
    if (text && text[0])
        dbk_json_pair_text(out, key, text);
}

static void pair_nonzero(struct dbk_text *out, const char *key, int64_t value)
{
    if (value != 0 && value != DBK_ABSENT)
        dbk_json_pair_integer(out, key, value);
}

static void next(const struct dbk_decision *decision, struct dbk_text *out)
{
    dbk_json_key(out, "next");
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "step", dbk_next_name(decision->step));
    dbk_json_pair_text(out, "reason", decision->reason);
    pair_instant(out, "by", decision->by_ms);
    dbk_json_pair_text(out, "unsafe", decision->unsafe);
    dbk_json_close(out, '}');
}

static void reservations(const struct dbk_case *open, struct dbk_text *out)
{
    dbk_json_key(out, "reservations");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < open->known.reservation_count; i++) {
        const struct dbk_known_reservation *reservation = &open->known.reservations[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "id", reservation->id);
        pair_known(out, "key", reservation->key);
        dbk_json_pair_text(out, "state",
                           dbk_theirs_name(dbk_believed(reservation, open->core->config.policy)));
        if (reservation->hint != DBK_THEIRS_UNREAD)
            dbk_json_pair_text(out, "called_back", dbk_theirs_name(reservation->hint));
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void ledger(const struct dbk_view_money *money, struct dbk_text *out)
{
    dbk_json_key(out, "money");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < money->count; i++) {
        const struct dbk_money *entry = &money->entries[i];
        dbk_json_open(out, '{');
        pair_instant(out, "at", entry->at_ms);
        dbk_json_pair_text(out, "what", dbk_money_name(entry->kind));
        dbk_json_pair_text(out, "key", entry->key);
        dbk_json_pair_integer(out, "amount", entry->amount);
        dbk_json_pair_text(out, "currency", entry->currency);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void evidence(const struct dbk_case *open, struct dbk_text *out)
{
    dbk_json_key(out, "evidence");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < open->count; i++) {
        const struct dbk_evidence *record = &open->evidence[i];
        dbk_json_open(out, '{');
        dbk_json_pair_integer(out, "number", record->number);
        pair_instant(out, "at", record->at_ms);
        dbk_json_pair_text(out, "what", dbk_evidence_name(record->kind));
        pair_known(out, "call", dbk_call_name(record->call));
        pair_nonzero(out, "nth", record->nth);
        pair_nonzero(out, "attempt", record->attempt);
        pair_known(out, "key", record->key);
        pair_known(out, "reservation", record->reservation);
        if (record->state != DBK_THEIRS_UNREAD)
            dbk_json_pair_text(out, "state", dbk_theirs_name(record->state));
        if (record->version != DBK_ABSENT)
            dbk_json_pair_integer(out, "version", record->version);
        pair_nonzero(out, "http", record->http);
        if (record->currency) {
            dbk_json_pair_integer(out, "amount", record->amount);
            dbk_json_pair_text(out, "currency", record->currency);
        }
        pair_known(out, "text", record->text);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void moves(const struct dbk_question *question, struct dbk_text *out)
{
    struct dbk_offer offers[DBK_DESK_OFFERS];
    size_t count = dbk_desk_offers(question, offers);

    dbk_json_key(out, "moves");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "move", dbk_desk_name(offers[i].desk));
        pair_known(out, "reservation", offers[i].reservation);
        dbk_json_pair_text(out, "means", dbk_desk_meaning(offers[i].desk));
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

void dbk_view_detail(const struct dbk_case *open, const struct dbk_question *question,
                     const struct dbk_view_money *money, enum dbk_language language,
                     struct dbk_text *out)
{
    struct dbk_decision decision = dbk_decide(question);
    const struct dbk_booking *booking = &open->booking;

    dbk_json_open(out, '{');
    members(booking, booking->status, out);
    pair_message(booking->told, language, booking->hear_by_ms, out);
    next(&decision, out);
    moves(question, out);
    reservations(open, out);
    ledger(money, out);
    evidence(open, out);
    dbk_json_close(out, '}');
}

void dbk_view_quote(const struct dbk_quote *quote, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "id", quote->id);
    pair_price(out, quote->price, quote->currency);
    pair_instant(out, "expires", quote->expires_ms);
    dbk_json_close(out, '}');
}

void dbk_view_problem(int status, const char *detail, struct dbk_text *out)
{
    dbk_view_problem_as(status, "about:blank", detail, NULL, out);
}

void dbk_view_problem_as(int status, const char *type, const char *detail, const char *booking,
                         struct dbk_text *out)
{
    const char *title = status == 400   ? "bad request"
                        : status == 401 ? "not authenticated"
                        : status == 404 ? "not found"
                        : status == 405 ? "method not allowed"
                        : status == 409 ? "conflict"
                        : status == 413 ? "too large"
                                        : "cannot be done";

    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "type", type);
    dbk_json_pair_text(out, "title", title);
    dbk_json_pair_integer(out, "status", status);
    dbk_json_pair_text(out, "detail", detail);
    if (booking)
        dbk_json_pair_text(out, "booking", booking);
    dbk_json_close(out, '}');
}
