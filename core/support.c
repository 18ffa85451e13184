#include "base/json.h"
#include "core/desk.h"
#include "core/incoming.h"
#include "core/view.h"

#include <string.h>

#define REASON_MAX 500 /* bytes */

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

/* The case as support asks about it. */
static struct dbk_question question_of(const struct dbk_case *open)
{
    int64_t paused_ms = 0;

    if (!dbk_core_paused(open->core, open->partner, &paused_ms))
        paused_ms = 0; /* nobody is worse off for not being told of a pause */
    return (struct dbk_question){
        .not_before_ms = paused_ms,
        .status = open->booking.status,
        .known = &open->known,
        .profile = open->profile,
        .policy = open->core->config.policy,
        .now_ms = open->core->now.wall_ms,
    };
}

static bool show_detail(const struct dbk_incoming *call, const struct dbk_case *open)
{
    struct dbk_question question = question_of(open);
    struct dbk_core *core = call->core;
    struct dbk_view_money money = {0};
    struct dbk_text text = {0};

    if (!dbk_store_list_money(core->config.store, open->booking.row, &core->arena, &money.entries,
                              &money.count))
        return false;
    dbk_view_detail(open, &question, &money, dbk_incoming_language(call), &text);
    dbk_incoming_answer(call, 200, "application/json", &text);
    return true;
}

bool dbk_support_detail(const struct dbk_incoming *call, const cJSON *body)
{
    struct dbk_case open;
    enum dbk_found found = dbk_case_open_id(call->core, call->parts[0], &open);

    (void)body;
    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "there is no such booking");
    if (found != DBK_FOUND)
        return false;
    dbk_case_know(&open);
    return show_detail(call, &open);
}

/* The one reservation that the move may be about, where the person names none and there is no
 * other; else NULL. */
static const char *only_offer(enum dbk_desk desk, const struct dbk_question *question)
{
    struct dbk_offer offers[DBK_DESK_OFFERS];
    size_t count = dbk_desk_offers(question, offers), found = 0;
    const char *reservation = NULL;

    for (size_t i = 0; i < count; i++) {
        if (offers[i].desk != desk)
            continue;
        reservation = offers[i].reservation;
        found++;
    }
    return found == 1 ? reservation : NULL;
}

static bool make_move(const struct dbk_incoming *call, struct dbk_case *open, enum dbk_desk desk,
                      const cJSON *body)
{
    struct dbk_question question = question_of(open);
    struct dbk_arena *arena = &call->core->arena;
    const char *reservation = dbk_arena_text(arena, dbk_json_text(body, "reservation"));
    struct dbk_decision decision;

    if (!reservation && dbk_desk_is_of_reservation(desk))
        reservation = only_offer(desk, &question);
    const char *refusal = dbk_desk_refusal(desk, reservation, &question);
    if (refusal)
        return dbk_incoming_refuse(call, 409, refusal);
    const struct dbk_evidence said = {
        .kind = DBK_EVIDENCE_SAID,
        .version = DBK_ABSENT,
        .reservation = dbk_desk_is_of_reservation(desk) ? reservation : NULL,
        .text =
            dbk_arena_printf(arena, "%s: %s", dbk_desk_name(desk), dbk_json_text(body, "reason")),
    };
    if (!dbk_case_add(open, said) || !dbk_case_settle(open, &decision) || !dbk_case_save(open) ||
        !dbk_incoming_wake(call->core, open->booking.row))
        return false;
    return show_detail(call, open);
}

bool dbk_support_move(const struct dbk_incoming *call, const cJSON *body)
{
    const char *reason = dbk_json_text(body, "reason");
    enum dbk_desk desk = dbk_desk_by_name(dbk_json_text(body, "move"));
    struct dbk_case open;
    enum dbk_found found = dbk_case_open_id(call->core, call->parts[0], &open);

    if (found == DBK_NOT_FOUND)
        return dbk_incoming_refuse(call, 404, "there is no such booking");
    if (found != DBK_FOUND)
        return false;
    if (desk == DBK_DESKS)
        return dbk_incoming_refuse(call, 400, "move is expected: one of those the booking offers");
    if (!reason || !reason[0] || strlen(reason) > REASON_MAX)
        return dbk_incoming_refuse(call, 400, "reason is expected, 1 to 500 bytes long");
    dbk_case_know(&open);
    return make_move(call, &open, desk, body);
}
