#include "core/think.h"

#include "base/history.h"

#include <stdio.h>
#include <string.h>

/* The same cancel is tried so often where it may not have arrived, ... */
#define CANCELS_MAX 5
/* ... and so often where it was answered "done" and the reservation lives on. */
#define CANCELS_DONE_MAX 2

static const char *const next_names[DBK_NEXTS] = {
    [DBK_NEXT_SEND] = "send",       [DBK_NEXT_RESEND] = "resend",
    [DBK_NEXT_LOOK_UP] = "look-up", [DBK_NEXT_WAIT] = "wait",
    [DBK_NEXT_CANCEL] = "cancel",   [DBK_NEXT_COMPENSATE] = "compensate",
    [DBK_NEXT_CONFIRM] = "confirm", [DBK_NEXT_EXTEND] = "extend",
    [DBK_NEXT_GIVE_UP] = "give-up", [DBK_NEXT_OPERATOR] = "operator",
    [DBK_NEXT_REST] = "rest",
};

const char *dbk_next_name(enum dbk_next step)
{
    return next_names[step];
}

int64_t dbk_back_off_ms(const struct dbk_policy *policy, int64_t nth)
{
    int64_t pause = policy->settings_ms[DBK_SETTING_BACK_OFF_FIRST];
    int64_t longest = policy->settings_ms[DBK_SETTING_BACK_OFF_MAX];

    for (int64_t i = 1; i < nth && pause < longest; i++)
        pause *= 2;
    return pause < longest ? pause : longest;
}

static bool sends_new_key(const struct dbk_policy *policy)
{
    return policy->rules[DBK_RULE_RETRY_KEY] == DBK_RETRY_KEY_NEW;
}

struct look_ups {
    int64_t count, last_end_ms;
    bool is_last_answered;
};

static struct look_ups look_ups_since(const struct dbk_known *known,
                                      const struct dbk_known_request *create)
{
    struct look_ups since = {.last_end_ms = DBK_ABSENT};

    for (size_t i = 0; i < known->request_count; i++) {
        const struct dbk_known_request *request = &known->requests[i];
        if (request->call != DBK_CALL_LOOK_UP || request->number < create->number)
            continue;
        since.count++;
        since.last_end_ms = request->ended_at_ms;
        since.is_last_answered = request->end == DBK_END_ANSWERED;
    }
    return since;
}

/* False if the partner may have forgotten the key before a create that is sent now is committed. It
 * counts from the first commit, which cannot have been before the first was sent. */
static bool key_lasts(const struct dbk_thinking *think, const char *key)
{
    const struct dbk_profile *profile = think->question->profile;
    int64_t first_ms = INT64_MAX;

    for (size_t i = 0; i < think->known->request_count; i++) {
        const struct dbk_known_request *create = &think->known->requests[i];
        if (create->call == DBK_CALL_CREATE && dbk_same(create->key, key) &&
            create->sent_at_ms < first_ms)
            first_ms = create->sent_at_ms;
    }
    return !dbk_think_is_past(think, first_ms + profile->key_lasts_ms - profile->commit_within_ms);
}

/* A create with the same unexpired key is no new create, if the partner deduplicates by it. */
static bool may_resend(const struct dbk_thinking *think)
{
    const struct dbk_profile *profile = think->question->profile;

    return key_lasts(think, think->belief.newest_doubt->key) &&
           profile->dedupe == DBK_DEDUPE_REFERENCE && profile->repeat == DBK_REPEAT_SAME &&
           think->known->creates < DBK_CREATES_MAX && !think->known->is_cancel_asked;
}

static void resend_same(struct dbk_thinking *think, const struct dbk_known_request *create)
{
    int64_t tries = think->known->creates;

    dbk_think_now(think, DBK_NEXT_RESEND, DBK_SYNC_IN_DOUBT,
                  "the partner answers a repeat of the same key with the same reservation");
    dbk_think_rests_on(think, "dedupes-by-reference");
    dbk_think_rests_on(think, "repeat-answer");
    dbk_think_rests_on(think, "key-lasts");
    think->decision.key = create->key;
    if (tries > 1)
        dbk_think_not_before(
            think, create->ended_at_ms + dbk_back_off_ms(think->question->policy, tries - 1),
            dbk_back_off_ms(think->question->policy, tries - 1));
}

static void warn_of_doubt(struct dbk_thinking *think)
{
    char at[DBK_CLOCK_TEXT];

    snprintf(think->decision.unsafe, sizeof(think->decision.unsafe),
             "The create of %s got no usable answer; a new create could book twice.",
             dbk_think_clock(think->belief.newest_doubt->sent_at_ms, at));
}

/* When the first create ended whose outcome was not known at once: one doubt may follow another,
 * and the traveller waits for the sum of them. */
static int64_t first_ended_ms(const struct dbk_thinking *think)
{
    int64_t first_ms = think->belief.oldest_doubt->ended_at_ms;

    for (size_t i = 0; i < think->known->request_count; i++) {
        const struct dbk_known_request *create = &think->known->requests[i];
        bool was_doubt = create->call == DBK_CALL_CREATE &&
                         (create->end == DBK_END_ABSENT || create->end == DBK_END_FOUND);
        if (was_doubt && create->ended_at_ms < first_ms)
            first_ms = create->ended_at_ms;
    }
    return first_ms;
}

/* A hold that nobody can find is over one day, and then a new create cannot book twice. */
static void wait_for_its_end(struct dbk_thinking *think, const struct dbk_known_request *create)
{
    const struct dbk_profile *profile = think->question->profile;
    char at[DBK_CLOCK_TEXT];

    dbk_think_now(think, DBK_NEXT_GIVE_UP, DBK_SYNC_IN_DOUBT,
                  "the create of %s is in doubt, and what it may hold cannot be found",
                  dbk_think_clock(create->sent_at_ms, at));
    think->decision.attempt = create->number;
    dbk_think_rests_on(think, "commits-within");
    dbk_think_rests_on(think, "hold-ends");
    dbk_think_not_before(think,
                         create->left_by_ms + profile->commit_within_ms + profile->hold_max_ms +
                             profile->max_skew_ms,
                         0);
}

/* The create may have been booked. Ask; send the same key again where that is no new create;
 * else wait until absence can be proven; a person only where none of these is left. */
static void in_doubt(struct dbk_thinking *think)
{
    const struct dbk_known_request *create = think->belief.newest_doubt;
    const struct dbk_profile *profile = think->question->profile;
    struct look_ups since = look_ups_since(think->known, create);
    int64_t pause = dbk_back_off_ms(think->question->policy, since.count);
    bool is_hasty =
        think->question->policy->rules[DBK_RULE_HAND_OVER] == DBK_HAND_OVER_AT_FIRST_DOUBT;
    char at[DBK_CLOCK_TEXT];

    dbk_think_clock(create->sent_at_ms, at);
    if (is_hasty) {
        dbk_think_operator(think, "a create is in doubt");
        return;
    }
    think->limit_ms = first_ended_ms(think) + profile->doubt_limit_ms;
    if (dbk_think_is_past(think, think->limit_ms)) {
        dbk_think_operator(think, "the doubt lasted longer than this partner's doubt limit");
        dbk_think_rests_on(think, "doubt-limit");
        return;
    }
    if (think->belief.may_read && profile->look_up != DBK_LOOK_UP_NONE) {
        if (since.is_last_answered && may_resend(think)) {
            resend_same(think, create);
            return;
        }
        dbk_think_now(think, DBK_NEXT_LOOK_UP, DBK_SYNC_IN_DOUBT, "the create of %s is in doubt",
                      at);
        dbk_think_rests_on(think, "look-up-offered");
        dbk_think_rests_on(think, "commits-within");
        dbk_think_rests_on(think, "visible-within");
        think->decision.key = create->key;
        if (since.is_last_answered)
            dbk_think_not_before(think, create->absent_after_ms, 0);
        else if (since.count > 0)
            dbk_think_not_before(think, since.last_end_ms + pause, pause);
        return;
    }
    if (may_resend(think)) {
        resend_same(think, create);
        return;
    }
    if (profile->books_as == DBK_BOOKS_ON_HOLD) {
        wait_for_its_end(think, create);
        return;
    }
    dbk_think_now(think, DBK_NEXT_OPERATOR, DBK_SYNC_IN_DOUBT,
                  "the create of %s is in doubt and only a callback can end that", at);
    dbk_think_rests_on(think, "callback-kind");
    dbk_think_rests_on(think, "doubt-limit");
    dbk_think_not_before(think, think->limit_ms, 0);
}

static bool must_go(const struct dbk_thinking *think,
                    const struct dbk_known_reservation *reservation)
{
    if (think->known->is_cancel_asked || dbk_status_is_final(think->question->status) ||
        dbk_think_hold_is_lost(think, reservation))
        return true;
    if (reservation->is_dearer && (think->question->status == DBK_STATUS_RECEIVED ||
                                   think->question->status == DBK_STATUS_PENDING))
        return true;
    return reservation != think->belief.own && dbk_theirs_is_live(think->belief.own_state) &&
           think->question->policy->rules[DBK_RULE_ON_DUPLICATE] != DBK_DUPLICATE_IGNORED;
}

/* Cancels a reservation, sees for itself that it is gone, and gives up to a person in time. */
static void let_go(struct dbk_thinking *think, const struct dbk_known_reservation *reservation)
{
    const struct dbk_known_request *last = reservation->last[DBK_CALL_CANCEL];
    bool is_wish = think->known->is_cancel_asked;
    enum dbk_sync sync = is_wish ? DBK_SYNC_WAITING : DBK_SYNC_DISAGREED;
    int64_t pause = dbk_back_off_ms(think->question->policy, reservation->sent[DBK_CALL_CANCEL]);
    int64_t most = reservation->cancel_done == 0 ? CANCELS_MAX : CANCELS_DONE_MAX;

    if (!is_wish)
        dbk_think_unsafe(think, "The partner holds a reservation that this booking must not have.");
    if (dbk_is_unverified(reservation, think->question->policy)) {
        struct dbk_cause cause = {reservation->cancel_done, reservation->cancel_done_at_ms, sync};
        dbk_think_read_one(think, reservation, &cause,
                           "the partner says it cancelled %s; that is to be seen", reservation->id);
        dbk_think_rests_on(think, "cancel-takes-effect");
        return;
    }
    if (last && reservation->cancel_again > last->number)
        last = NULL; /* a person wants it tried as if for the first time */
    if (last && last->end == DBK_END_REFUSED && think->belief.may_read &&
        reservation->reading.attempt < last->number) {
        struct dbk_cause cause = {last->number, last->ended_at_ms, sync};
        dbk_think_read_one(think, reservation, &cause,
                           "the partner refused to cancel %s; why is to be seen", reservation->id);
        return;
    }
    if (last && last->end == DBK_END_REFUSED) {
        dbk_think_operator(think, "the partner will not cancel a reservation that must go");
        return;
    }
    if (last && reservation->sent[DBK_CALL_CANCEL] >= most) {
        dbk_think_operator(think, "cancelling did not make the reservation go away");
        return;
    }
    if (last && last->end == DBK_END_DOUBT && think->belief.may_read &&
        reservation->reading.attempt < last->number) {
        struct dbk_cause cause = {last->number, last->ended_at_ms, sync};
        dbk_think_read_one(think, reservation, &cause, "the cancel of %s got no usable answer",
                           reservation->id);
        return;
    }
    if (is_wish)
        dbk_think_now(think, DBK_NEXT_CANCEL, sync, "the traveller wants it cancelled");
    else
        dbk_think_now(think, DBK_NEXT_COMPENSATE, sync, "the partner holds %s and should not",
                      reservation->id);
    dbk_think_rests_on(think, "cancel-in-time");
    think->decision.reservation = reservation->id;
    if (last)
        dbk_think_not_before(think, dbk_think_ended_ms(last) + pause, pause);
}

static bool lets_go(struct dbk_thinking *think)
{
    for (size_t i = 0; i < think->known->reservation_count; i++) {
        const struct dbk_known_reservation *reservation = &think->known->reservations[i];
        bool is_live = dbk_theirs_is_live(dbk_believed(reservation, think->question->policy));
        bool is_gone = !is_live && !dbk_is_unverified(reservation, think->question->policy);
        if (is_gone || (is_live && !must_go(think, reservation)))
            continue;
        let_go(think, reservation);
        return true;
    }
    return false;
}

/* The partner has not decided yet: a callback may come, and we ask from time to time. */
static void wait_for_partner(struct dbk_thinking *think, enum dbk_sync sync, const char *why)
{
    const struct dbk_known_reservation *own = think->belief.own;
    int64_t pause = dbk_back_off_ms(think->question->policy, own->sent[DBK_CALL_GET] + 1);
    int64_t last_ms =
        own->last[DBK_CALL_GET] && own->last[DBK_CALL_GET]->sent_at_ms > own->reading.at_ms
            ? own->last[DBK_CALL_GET]->sent_at_ms
            : own->reading.at_ms;

    think->limit_ms = own->first_at_ms + think->question->profile->doubt_limit_ms;
    if (dbk_think_is_past(think, think->limit_ms)) {
        dbk_think_operator(think, "the partner left it undecided for too long");
        return;
    }
    if (!think->belief.may_read || last_ms == DBK_ABSENT || last_ms + pause >= think->limit_ms) {
        dbk_think_now(think, DBK_NEXT_OPERATOR, sync, "%s", why);
        dbk_think_not_before(think, think->limit_ms, 0);
        return;
    }
    dbk_think_now(think, DBK_NEXT_LOOK_UP, sync, "%s", why);
    dbk_think_rests_on(think, "callback-kind");
    dbk_think_rests_on(think, "doubt-limit");
    think->decision.reservation = own->id;
    dbk_think_not_before(think, last_ms + pause, pause);
}

static int64_t first_sent_ms(const struct dbk_known *known)
{
    for (size_t i = 0; i < known->request_count; i++)
        if (known->requests[i].call == DBK_CALL_CREATE)
            return known->requests[i].sent_at_ms;
    return DBK_ABSENT;
}

/* Nothing is at the partner and nothing is in doubt. */
static void send(struct dbk_thinking *think)
{
    const struct dbk_known_request *last = think->known->last_create;
    int64_t pause = dbk_back_off_ms(think->question->policy, last ? last->nth : 1);

    if (!last) {
        dbk_think_now(think, DBK_NEXT_SEND, DBK_SYNC_UNSENT, "the traveller asked for it");
        return;
    }
    if (last->end == DBK_END_REFUSED) {
        dbk_think_operator(think, "the partner refused it, and we have not said so");
        return;
    }
    think->limit_ms = first_sent_ms(think->known) + think->question->profile->doubt_limit_ms;
    if (think->known->creates >= DBK_CREATES_MAX || dbk_think_is_past(think, think->limit_ms)) {
        dbk_think_operator(think, "it was tried too often");
        return;
    }
    dbk_think_now(think, DBK_NEXT_RESEND, DBK_SYNC_UNSENT, "create %lld %s", (long long)last->nth,
                  last->end == DBK_END_DOUBT ? "is taken to have failed" : "made no booking");
    if (last->end == DBK_END_NOT_BOOKED)
        dbk_think_rests_on(think, "error-means");
    if (last->end == DBK_END_ABSENT) {
        dbk_think_rests_on(think, "commits-within");
        dbk_think_rests_on(think, "visible-within");
    }
    if (!sends_new_key(think->question->policy))
        think->decision.key = last->key;
    dbk_think_not_before(think, last->ended_at_ms + pause, pause);
}

/* From when on a look-up shows all that this create has made. DBK_ABSENT: none is needed. What was
 * given up as not booked gets more time than the partner's bounds: they were believed once. */
static int64_t looked_behind_from_ms(const struct dbk_thinking *think,
                                     const struct dbk_known_request *create)
{
    int64_t given_up_ms =
        create->left_by_ms + think->question->policy->settings_ms[DBK_SETTING_RECONCILE_AFTER];

    if (create->call != DBK_CALL_CREATE)
        return DBK_ABSENT;
    switch (create->end) {
    case DBK_END_ANSWERED:
    case DBK_END_FOUND:
        return create->ended_at_ms + think->question->profile->visible_within_ms;
    case DBK_END_DOUBT: /* by policy it is none */
    case DBK_END_NOT_BOOKED:
    case DBK_END_ABSENT:
        return given_up_ms > create->absent_after_ms ? given_up_ms : create->absent_after_ms;
    default:
        return DBK_ABSENT;
    }
}

static struct look_ups look_ups_behind(const struct dbk_thinking *think,
                                       const struct dbk_known_request *create, int64_t from_ms)
{
    struct look_ups behind = {.last_end_ms = DBK_ABSENT};

    for (size_t i = 0; i < think->known->request_count; i++) {
        const struct dbk_known_request *request = &think->known->requests[i];
        bool shows_it = think->question->profile->look_up == DBK_LOOK_UP_LIST_BY_DATE ||
                        dbk_same(request->key, create->key);
        if (request->call != DBK_CALL_LOOK_UP || request->sent_at_ms < from_ms || !shows_it)
            continue;
        behind.count++;
        behind.last_end_ms = request->ended_at_ms;
        behind.is_last_answered = behind.is_last_answered || request->end == DBK_END_ANSWERED;
    }
    return behind;
}

/* Looks once behind each create: the answer names one reservation, and the partner may hold two;
 * what was given up may have been carried out after all. False: there is nothing left to see. */
static bool reconciles(struct dbk_thinking *think)
{
    const struct dbk_policy *policy = think->question->policy;
    const struct dbk_profile *profile = think->question->profile;
    char at[DBK_CLOCK_TEXT];

    if (!think->belief.may_read || profile->look_up == DBK_LOOK_UP_NONE ||
        policy->rules[DBK_RULE_RECONCILE] == DBK_RECONCILE_NEVER)
        return false;
    for (size_t i = 0; i < think->known->request_count; i++) {
        const struct dbk_known_request *create = &think->known->requests[i];
        int64_t from_ms = looked_behind_from_ms(think, create);
        if (from_ms == DBK_ABSENT ||
            dbk_think_is_past(think, from_ms + profile->compensate_within_ms))
            continue;
        struct look_ups behind = look_ups_behind(think, create, from_ms);
        if (behind.is_last_answered)
            continue;
        int64_t pause = dbk_back_off_ms(policy, behind.count);
        dbk_think_now(think, DBK_NEXT_LOOK_UP, DBK_SYNC_WAITING,
                      "what the create of %s made is to be seen",
                      dbk_think_clock(create->sent_at_ms, at));
        dbk_think_rests_on(think, "one-create-one-reservation");
        dbk_think_rests_on(think, "look-up-offered");
        think->decision.key = create->key;
        if (behind.count == 0)
            dbk_think_not_before(think, from_ms, 0);
        else
            dbk_think_not_before(think, behind.last_end_ms + pause, pause);
        return true;
    }
    return false;
}

static void no_doubt(struct dbk_thinking *think)
{
    enum dbk_status status = think->question->status;
    enum dbk_theirs state = think->belief.own_state;

    if (!dbk_theirs_is_live(state)) {
        if (dbk_status_is_final(status) && reconciles(think))
            return;
        if (dbk_status_is_final(status))
            dbk_think_now(think, DBK_NEXT_REST, DBK_SYNC_AGREED,
                          "it is over, and the partner holds nothing");
        else if (status == DBK_STATUS_RECEIVED && !think->known->is_cancel_asked)
            send(think);
        else
            dbk_think_operator(think, "we said more than the partner holds");
        return;
    }
    if (state == DBK_THEIRS_ON_HOLD) {
        dbk_think_hold(think);
        return;
    }
    if (state == DBK_THEIRS_PENDING) {
        bool is_ahead = status == DBK_STATUS_CONFIRMED && !think->belief.tells_early;
        wait_for_partner(think, is_ahead ? DBK_SYNC_DISAGREED : DBK_SYNC_WAITING,
                         "the partner has not decided yet");
        return;
    }
    if (status == DBK_STATUS_CONFIRMED && reconciles(think))
        return;
    if (status == DBK_STATUS_CONFIRMED)
        dbk_think_now(think, DBK_NEXT_REST, DBK_SYNC_AGREED, "the partner confirmed it");
    else
        dbk_think_operator(think, "the partner confirmed it, and our status cannot follow");
}

static void read_news(struct dbk_thinking *think, const struct dbk_known_reservation *called)
{
    const struct dbk_hint *hint = &called->hints[think->belief.news];
    struct dbk_cause cause = {hint->number, hint->at_ms, DBK_SYNC_WAITING};

    if (think->belief.news == DBK_THEIRS_UNREAD) {
        dbk_think_read_one(think, called, &cause,
                           "a callback speaks of %s, and only a reading can say what is true",
                           called->id);
        dbk_think_rests_on(think, "callback-kind");
        return;
    }
    dbk_think_read_one(think, called, &cause,
                       "a callback says %s of %s, and only a reading can confirm that",
                       dbk_theirs_name(think->belief.news), called->id);
    dbk_think_rests_on(think, "callback-signed");
    dbk_think_rests_on(think, "callback-tells-what-is");
}

/* A person wants the partner to be asked once more, whatever the limits say. */
static bool looks_again(struct dbk_thinking *think)
{
    const struct dbk_known *known = think->known;
    int64_t asked = known->said[DBK_DESK_LOOK_AGAIN];
    bool is_doubt =
        think->belief.oldest_doubt && think->question->profile->look_up != DBK_LOOK_UP_NONE;

    for (size_t i = 0; i < known->request_count; i++)
        if (known->requests[i].number > asked && (known->requests[i].call == DBK_CALL_LOOK_UP ||
                                                  known->requests[i].call == DBK_CALL_GET))
            return false;
    if (asked == 0 || !think->belief.may_read || (!is_doubt && known->reservation_count == 0))
        return false;
    dbk_think_now(think, DBK_NEXT_LOOK_UP,
                  think->belief.oldest_doubt ? DBK_SYNC_IN_DOUBT : DBK_SYNC_WAITING,
                  "a person asks for it once more");
    if (is_doubt)
        think->decision.key = think->belief.newest_doubt->key;
    else
        think->decision.reservation =
            think->belief.own ? think->belief.own->id : known->reservations[0].id;
    return true;
}

/* What would be next, were nothing on its way. */
static void think_of_next(struct dbk_thinking *think)
{
    if (think->belief.oldest_doubt)
        warn_of_doubt(think);
    if (think->known->is_with_operator)
        dbk_think_operator(think, think->known->handed_over_for ? think->known->handed_over_for
                                                                : "it was handed over");
    else if (looks_again(think))
        return;
    else if (think->belief.oldest_doubt)
        in_doubt(think);
    else if (think->belief.unread)
        read_news(think, think->belief.unread);
    else if (!lets_go(think))
        no_doubt(think);
}

/* Whoever waits for the end of a pause waits a little longer, each another while, so that not all
 * come back at once. */
static void heed_the_partner(struct dbk_thinking *think)
{
    static const bool asks[DBK_NEXTS] = {
        [DBK_NEXT_SEND] = true,       [DBK_NEXT_RESEND] = true,  [DBK_NEXT_LOOK_UP] = true,
        [DBK_NEXT_CANCEL] = true,     [DBK_NEXT_CONFIRM] = true, [DBK_NEXT_EXTEND] = true,
        [DBK_NEXT_COMPENSATE] = true,
    };
    const struct dbk_policy *policy = think->question->policy;
    int64_t until_ms = think->question->not_before_ms;
    char then[DBK_CLOCK_TEXT];

    if (!asks[think->decision.step] || dbk_think_is_past(think, until_ms) ||
        policy->rules[DBK_RULE_RETRY_AFTER] == DBK_RETRY_AFTER_IGNORED)
        return;
    size_t length = strlen(think->decision.reason);
    snprintf(think->decision.reason + length, sizeof(think->decision.reason) - length,
             "; %s after %s, as the partner wants it", dbk_next_name(think->decision.step),
             dbk_think_clock(until_ms, then));
    think->decision.step = DBK_NEXT_WAIT;
    think->decision.from_ms = until_ms;
    think->decision.by_ms = until_ms + policy->settings_ms[DBK_SETTING_BACK_OFF_FIRST];
    dbk_think_rests_on(think, "slow-down-says-when");
}

struct dbk_decision dbk_decide(const struct dbk_question *question)
{
    struct dbk_thinking think = {.question = question, .known = question->known};
    const struct dbk_known_request *in_air = question->known->in_air;
    char left[DBK_CLOCK_TEXT];

    think.belief = dbk_believe(question->known, question->policy);
    if (think.belief.own_state == DBK_THEIRS_ON_HOLD)
        think.decision.held_until_ms = think.belief.own->reading.expires_ms;
    think_of_next(&think);
    heed_the_partner(&think);
    think.decision.limit_ms = think.limit_ms;
    if (!in_air || question->known->is_with_operator)
        return think.decision;
    enum dbk_sync sync = in_air->call == DBK_CALL_CREATE && !think.belief.oldest_doubt
                             ? DBK_SYNC_IN_FLIGHT
                             : think.decision.sync;
    bool is_settled_sync = sync == DBK_SYNC_AGREED || sync == DBK_SYNC_OPERATOR;
    dbk_think_now(&think, DBK_NEXT_WAIT, is_settled_sync ? DBK_SYNC_WAITING : sync,
                  "%s %lld left at %s and may still be answered", dbk_call_name(in_air->call),
                  (long long)in_air->nth, dbk_think_clock(in_air->sent_at_ms, left));
    think.decision.from_ms = think.decision.by_ms =
        in_air->deadline_ms > question->now_ms ? in_air->deadline_ms : question->now_ms + 1;
    if (in_air->call == DBK_CALL_CREATE && !think.decision.unsafe[0])
        dbk_think_unsafe(&think, "A create is on its way; a new create could book twice.");
    return think.decision;
}
