#include "core/think.h"

/* A hold is confirmed as soon as the traveller wants it confirmed, and no later than it lasts by
 * either clock. Confirming it once more makes no second reservation, so a confirm that got no
 * usable answer is read back and sent again. What is said of its end is said by the partner: ours
 * may be the clock that is wrong, and a confirm may have been in time. */

/* From then on it is over by either clock. */
static int64_t over_ms(const struct dbk_thinking *think,
                       const struct dbk_known_reservation *reservation)
{
    const struct dbk_profile *profile = think->question->profile;
    int64_t expires_ms = reservation->reading.expires_ms;

    if (expires_ms == 0)
        expires_ms = reservation->first_at_ms + profile->hold_max_ms;
    return expires_ms + profile->max_skew_ms;
}

static bool is_read_since(const struct dbk_known_reservation *reservation,
                          const struct dbk_known_request *request)
{
    return reservation->reading.attempt > request->number;
}

/* When the question left whose answer the reading is. */
static int64_t asked_ms(const struct dbk_known *known, const struct dbk_reading *reading)
{
    for (size_t i = 0; i < known->request_count; i++)
        if (known->requests[i].number == reading->attempt)
            return known->requests[i].sent_at_ms;
    return reading->at_ms;
}

bool dbk_think_hold_is_lost(const struct dbk_thinking *think,
                            const struct dbk_known_reservation *reservation)
{
    const struct dbk_known_request *confirm = reservation->last[DBK_CALL_CONFIRM];
    bool is_refused =
        confirm && confirm->end == DBK_END_REFUSED && is_read_since(reservation, confirm);

    return reservation->reading.state == DBK_THEIRS_ON_HOLD &&
           (is_refused ||
            asked_ms(think->known, &reservation->reading) >= over_ms(think, reservation));
}

/* It ought to be over by now. */
static void see_it_over(struct dbk_thinking *think, const struct dbk_known_reservation *own)
{
    struct dbk_cause cause = {own->reading.number, over_ms(think, own), DBK_SYNC_WAITING};

    if (think->belief.may_read) {
        dbk_think_read_one(think, own, &cause, "the hold %s ought to be over; that is to be seen",
                           own->id);
        dbk_think_rests_on(think, "hold-ends");
        return;
    }
    dbk_think_now(think, DBK_NEXT_GIVE_UP, DBK_SYNC_WAITING, "the hold %s is over", own->id);
    dbk_think_rests_on(think, "hold-ends");
    think->decision.reservation = own->id;
}

static void keep_it(struct dbk_thinking *think, const struct dbk_known_reservation *own)
{
    const struct dbk_known_request *last = own->last[DBK_CALL_EXTEND];
    int64_t asked = think->known->extend_asked;

    if (last && last->end == DBK_END_DOUBT && think->belief.may_read && !is_read_since(own, last)) {
        struct dbk_cause cause = {last->number, last->ended_at_ms, DBK_SYNC_WAITING};
        dbk_think_read_one(think, own, &cause, "the extension of %s got no usable answer", own->id);
        return;
    }
    if (asked > 0 && (!last || last->number < asked) &&
        think->question->profile->extend == DBK_EXTEND_OFFERED) {
        dbk_think_now(think, DBK_NEXT_EXTEND, DBK_SYNC_WAITING, "the traveller wants more time");
        think->decision.reservation = own->id;
        return;
    }
    dbk_think_now(think, DBK_NEXT_LOOK_UP, DBK_SYNC_WAITING,
                  "it is held, and the traveller has not decided yet");
    dbk_think_rests_on(think, "hold-lasts");
    think->decision.reservation = own->id;
    dbk_think_not_before(think, over_ms(think, own), 0);
}

static void confirm_it(struct dbk_thinking *think, const struct dbk_known_reservation *own)
{
    const struct dbk_known_request *last = own->last[DBK_CALL_CONFIRM];
    int64_t pause = dbk_back_off_ms(think->question->policy, own->sent[DBK_CALL_CONFIRM]);
    bool is_in_doubt = last && last->end == DBK_END_DOUBT;

    if (is_in_doubt)
        dbk_think_unsafe(think, "A confirm got no usable answer; the hold may be confirmed.");
    if (last && (is_in_doubt || last->end == DBK_END_REFUSED) && think->belief.may_read &&
        !is_read_since(own, last)) {
        struct dbk_cause cause = {last->number, last->ended_at_ms,
                                  is_in_doubt ? DBK_SYNC_IN_DOUBT : DBK_SYNC_WAITING};
        dbk_think_read_one(think, own, &cause, "the confirm of %s %s", own->id,
                           is_in_doubt ? "got no usable answer" : "was refused; why is to be seen");
        return;
    }
    think->limit_ms = over_ms(think, own);
    dbk_think_now(think, DBK_NEXT_CONFIRM, is_in_doubt ? DBK_SYNC_IN_DOUBT : DBK_SYNC_WAITING,
                  "the partner holds %s for us", own->id);
    dbk_think_rests_on(think, "hold-lasts");
    dbk_think_rests_on(think, "repeat-confirm-answer");
    think->decision.reservation = own->id;
    if (last)
        dbk_think_not_before(think, dbk_think_ended_ms(last) + pause, pause);
}

void dbk_think_hold(struct dbk_thinking *think)
{
    const struct dbk_known_reservation *own = think->belief.own;

    if (dbk_think_is_past(think, over_ms(think, own)))
        see_it_over(think, own);
    else if (think->known->is_only_held)
        keep_it(think, own);
    else
        confirm_it(think, own);
}
