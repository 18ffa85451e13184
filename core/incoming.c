#include "core/incoming.h"

#include "core/view.h"

void dbk_incoming_answer(const struct dbk_incoming *call, int status, const char *type,
                         struct dbk_text *body)
{
    struct dbk_message *response = dbk_response_new(status);

    dbk_message_take_body(response, type, body);
    dbk_effect_answer(call->core->effects, call->event->exchange, response, NULL);
}

bool dbk_incoming_refuse_as(const struct dbk_incoming *call, int status, const char *type,
                            const char *detail)
{
    struct dbk_text body = {0};

    dbk_view_problem_as(status, type, detail, NULL, &body);
    dbk_incoming_answer(call, status, "application/problem+json", &body);
    return true;
}

enum dbk_language dbk_incoming_language(const struct dbk_incoming *call)
{
    return dbk_language_of(dbk_message_header(call->event->message, "Accept-Language"));
}

bool dbk_incoming_refuse(const struct dbk_incoming *call, int status, const char *detail)
{
    return dbk_incoming_refuse_as(call, status, "about:blank", detail);
}

void dbk_incoming_show(const struct dbk_incoming *call, int status,
                       const struct dbk_booking *booking)
{
    struct dbk_text body = {0};

    dbk_view_booking(booking, dbk_incoming_language(call), &body);
    dbk_incoming_answer(call, status, "application/json", &body);
}

bool dbk_incoming_wake(struct dbk_core *core, int64_t row)
{
    dbk_effect_poke(core->effects, "core.worker", (uint64_t)row);
    return dbk_store_put_job(core->config.store, row, core->now.wall_ms);
}
