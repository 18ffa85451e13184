#include "core/inside.h"
#include "core/money.h"
#include "core/move.h"

#include <string.h>

#define SPARE 8

static enum dbk_found open_rest(struct dbk_core *core, struct dbk_case *opened)
{
    opened->core = core;
    opened->as_loaded = opened->booking;
    opened->partner = dbk_core_partner_named(core, opened->booking.partner);
    opened->profile = opened->partner ? &opened->partner->profile : &core->cautious;
    if (!dbk_store_list_evidence(core->config.store, opened->booking.row, SPARE, &core->arena,
                                 &opened->evidence, &opened->count))
        return DBK_STORE_FAILED;
    opened->room = opened->count + SPARE;
    return DBK_FOUND;
}

enum dbk_found dbk_case_open(struct dbk_core *core, int64_t row, struct dbk_case *opened)
{
    *opened = (struct dbk_case){0};
    enum dbk_found found =
        dbk_store_booking_by_row(core->config.store, row, &core->arena, &opened->booking);
    return found == DBK_FOUND ? open_rest(core, opened) : found;
}

enum dbk_found dbk_case_open_id(struct dbk_core *core, const char *id, struct dbk_case *opened)
{
    *opened = (struct dbk_case){0};
    enum dbk_found found =
        dbk_store_booking_by_id(core->config.store, id, &core->arena, &opened->booking);
    return found == DBK_FOUND ? open_rest(core, opened) : found;
}

bool dbk_case_create(struct dbk_core *core, const struct dbk_booking *booking,
                     enum dbk_evidence_kind first, struct dbk_case *opened)
{
    *opened = (struct dbk_case){
        .core = core,
        .booking = *booking,
        .as_loaded = *booking,
        .partner = dbk_core_partner_named(core, booking->partner),
    };
    opened->profile = opened->partner ? &opened->partner->profile : &core->cautious;
    return dbk_store_insert_booking(core->config.store, booking) &&
           dbk_case_add(opened, (struct dbk_evidence){.kind = first,
                                                      .version = DBK_ABSENT,
                                                      .amount = booking->price,
                                                      .currency = booking->currency});
}

static bool is_new_name(const struct dbk_case *open, const struct dbk_evidence *record)
{
    for (size_t i = 0; i < open->count; i++)
        if (dbk_same(open->evidence[i].reservation, record->reservation))
            return false;
    return record->reservation != NULL;
}

bool dbk_case_add(struct dbk_case *open, struct dbk_evidence record)
{
    struct dbk_core *core = open->core;

    record.booking = open->booking.row;
    record.number = (int64_t)open->count + 1;
    record.at_ms = core->now.wall_ms;
    if (record.kind == DBK_EVIDENCE_SENT)
        record.attempt = record.number;
    if (is_new_name(open, &record) && !dbk_store_put_name(core->config.store, open->booking.partner,
                                                          record.reservation, record.booking))
        return false;
    if (open->count == open->room) {
        open->room = 2 * open->room + SPARE;
        struct dbk_evidence *more = dbk_arena_alloc(&core->arena, open->room * sizeof(*more));
        if (open->count)
            memcpy(more, open->evidence, open->count * sizeof(*more));
        open->evidence = more;
    }
    open->evidence[open->count++] = record;
    return dbk_store_append_evidence(core->config.store, &record);
}

void dbk_case_know(struct dbk_case *open)
{
    open->known = dbk_know(open->evidence, open->count, open->profile, &open->core->arena);
}

bool dbk_case_settle(struct dbk_case *open, struct dbk_decision *decision)
{
    const struct dbk_policy *policy = open->core->config.policy;
    struct dbk_booking *booking = &open->booking;

    dbk_case_know(open);
    /* A table without circles ends by itself; a callback that wins moves once. */
    for (int i = 0; i < DBK_STATUSES; i++) {
        struct dbk_move move = dbk_move(booking->status, &open->known, policy);
        if (!move.is_wanted)
            break;
        char *text =
            dbk_arena_printf(&open->core->arena, "%s -> %s: %s", dbk_status_name(booking->status),
                             dbk_status_name(move.to), move.reason);
        dbk_effect_note(open->core->effects, "%s %s", booking->id, text);
        if (!dbk_case_add(open, (struct dbk_evidence){.kind = DBK_EVIDENCE_MOVED,
                                                      .version = DBK_ABSENT,
                                                      .text = text}))
            return false;
        booking->status = move.to;
    }
    int64_t paused_ms = 0;
    if (!dbk_core_paused(open->core, open->partner, &paused_ms))
        return false;
    *decision = dbk_decide(&(struct dbk_question){
        .not_before_ms = paused_ms,
        .status = booking->status,
        .known = &open->known,
        .profile = open->profile,
        .policy = policy,
        .now_ms = open->core->now.wall_ms,
    });
    booking->sync = decision->sync;
    booking->expires_ms = decision->held_until_ms;
    booking->told =
        dbk_told_of(booking->status, booking->sync, &open->known, decision->held_until_ms > 0);
    booking->hear_by_ms =
        booking->told == DBK_TOLD_HELD ? decision->held_until_ms : decision->limit_ms;
    return true;
}

void dbk_case_copy_to_list(struct dbk_case *open, enum dbk_theirs said)
{
    static const enum dbk_status as_ours[DBK_THEIR_STATES] = {
        [DBK_THEIRS_ON_HOLD] = DBK_STATUS_PENDING,     [DBK_THEIRS_PENDING] = DBK_STATUS_PENDING,
        [DBK_THEIRS_CONFIRMED] = DBK_STATUS_CONFIRMED, [DBK_THEIRS_REJECTED] = DBK_STATUS_REJECTED,
        [DBK_THEIRS_CANCELLED] = DBK_STATUS_CANCELLED, [DBK_THEIRS_EXPIRED] = DBK_STATUS_EXPIRED,
    };

    if (dbk_status_reaches(open->booking.list_status, as_ours[said]))
        open->booking.list_status = as_ours[said];
}

/* To tell the traveller is an effect like any other: evidence in the same commit, and once. What is
 * told when she asks (POST) needs no record, for she reads it there. */
static bool tell(struct dbk_case *open)
{
    const struct dbk_booking *booking = &open->booking;

    return dbk_case_add(open, (struct dbk_evidence){.kind = DBK_EVIDENCE_TOLD,
                                                    .version = DBK_ABSENT,
                                                    .left_by_ms = booking->hear_by_ms,
                                                    .text = dbk_told_name(booking->told)});
}

bool dbk_case_save(struct dbk_case *open)
{
    const struct dbk_booking *before = &open->as_loaded;
    struct dbk_booking *booking = &open->booking;

    if (!dbk_money_follow(open))
        return false;
    bool is_changed = booking->status != before->status || booking->sync != before->sync ||
                      booking->expires_ms != before->expires_ms ||
                      booking->charged != before->charged;

    if (!is_changed && booking->list_status == before->list_status)
        return true;
    booking->version = before->version + is_changed;
    if (booking->told != before->told && !tell(open))
        return false;
    return dbk_store_update_booking(open->core->config.store, booking);
}
