#include "core/view.h"

#include "base/json.h"

static const char *const messages[DBK_STATUSES] = {
    [DBK_STATUS_RECEIVED] = "We have received your booking and are arranging it.",
    [DBK_STATUS_PENDING] = "Our partner has your booking and will confirm it soon.",
    [DBK_STATUS_CONFIRMED] = "Your booking is confirmed.",
    [DBK_STATUS_CANCELLED] = "Your booking is cancelled.",
    [DBK_STATUS_REJECTED] = "We are sorry: our partner could not accept your booking.",
    [DBK_STATUS_EXPIRED] = "We are sorry: the time to confirm your booking has run out.",
};

const char *dbk_view_message(enum dbk_status status, enum dbk_sync sync)
{
    bool is_open = status == DBK_STATUS_RECEIVED || status == DBK_STATUS_PENDING;

    if (is_open && sync == DBK_SYNC_IN_DOUBT)
        return "We are making sure of your booking with our partner. There is no need to book "
               "again.";
    if (is_open && sync == DBK_SYNC_OPERATOR)
        return "A colleague of ours is looking after your booking. There is no need to book again.";
    return messages[status];
}

static void pair_instant(struct dbk_text *out, const char *key, int64_t epoch_ms)
{
    char text[DBK_INSTANT_TEXT];

    dbk_instant_print(epoch_ms, text);
    dbk_json_pair_text(out, key, text);
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
}

void dbk_view_booking(const struct dbk_booking *booking, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    members(booking, booking->status, out);
    dbk_json_pair_text(out, "message", dbk_view_message(booking->status, booking->sync));
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
        pair_known(out, "text", record->text);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

void dbk_view_detail(const struct dbk_case *open, const struct dbk_decision *decision,
                     struct dbk_text *out)
{
    const struct dbk_booking *booking = &open->booking;

    dbk_json_open(out, '{');
    members(booking, booking->status, out);
    dbk_json_pair_text(out, "message", dbk_view_message(booking->status, booking->sync));
    next(decision, out);
    reservations(open, out);
    evidence(open, out);
    dbk_json_close(out, '}');
}

void dbk_view_problem(int status, const char *detail, struct dbk_text *out)
{
    const char *title = status == 400   ? "bad request"
                        : status == 401 ? "not authenticated"
                        : status == 404 ? "not found"
                        : status == 405 ? "method not allowed"
                        : status == 409 ? "conflict"
                        : status == 413 ? "too large"
                                        : "cannot be done";

    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "type", "about:blank");
    dbk_json_pair_text(out, "title", title);
    dbk_json_pair_integer(out, "status", status);
    dbk_json_pair_text(out, "detail", detail);
    dbk_json_close(out, '}');
}
