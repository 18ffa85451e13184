#include "core/incoming.h"
#include "core/view.h"

#include "base/json.h"

bool dbk_support_list(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    bool is_copy = core->config.policy->rules[DBK_RULE_SCREENS] == DBK_SCREENS_OWN_COPY;
    struct dbk_booking *bookings = NULL;
    struct dbk_text text = {0};
    size_t count = 0;

    (void)body;
    if (!dbk_store_list_bookings(core->config.store, &core->arena, &bookings, &count))
        return false;
    dbk_json_open(&text, '{');
    dbk_json_key(&text, "bookings");
    dbk_json_open(&text, '[');
    for (size_t i = 0; i < count; i++)
        dbk_view_row(&bookings[i], is_copy ? bookings[i].list_status : bookings[i].status, &text);
    dbk_json_close(&text, ']');
    dbk_json_close(&text, '}');
    dbk_incoming_answer(call, 200, "application/json", &text);
    return true;
}

bool dbk_support_detail(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_core *core = call->core;
    struct dbk_text text = {0};
    struct dbk_case open;
    enum dbk_found found = dbk_case_open_id(core, call->parts[0], &open);

    (void)body;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "there is no such booking");
    if (found != DBK_FOUND)
        return false;
    dbk_case_know(&open);
    struct dbk_decision decision = dbk_decide(&(struct dbk_question){
        .status = open.booking.status,
        .known = &open.known,
        .profile = open.profile,
        .policy = core->config.policy,
        .now_ms = core->now.wall_ms,
    });
    dbk_view_detail(&open, &decision, &text);
    dbk_incoming_answer(call, 200, "application/json", &text);
    return true;
}
