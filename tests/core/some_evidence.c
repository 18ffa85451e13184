#include "some_evidence.h"

#include "base/digest.h"
#include "base/history.h"

static const char *const keys[] = {"rv-one", "rv-two"};
static const enum dbk_call calls[] = {DBK_CALL_CREATE,  DBK_CALL_CREATE, DBK_CALL_LOOK_UP,
                                      DBK_CALL_LOOK_UP, DBK_CALL_GET,    DBK_CALL_CANCEL,
                                      DBK_CALL_CONFIRM, DBK_CALL_EXTEND};
static const char *const ids[] = {"R1", "R2", "R3"};

uint64_t some_draw(struct some_case *some, uint64_t bound)
{
    return dbk_draw_below(some->number, "some", "case", ++some->draws, bound);
}

static enum dbk_theirs some_state(struct some_case *some)
{
    return (enum dbk_theirs)(DBK_THEIRS_NONE + some_draw(some, DBK_THEIR_STATES - 1));
}

static struct dbk_evidence some_request(struct some_case *some, int64_t nth)
{
    struct dbk_evidence sent = {.kind = DBK_EVIDENCE_SENT, .nth = nth, .version = DBK_ABSENT};

    sent.call = calls[some_draw(some, DBK_COUNT(calls))];
    if (sent.call == DBK_CALL_CREATE || sent.call == DBK_CALL_LOOK_UP)
        sent.key = keys[some_draw(some, 4) == 0];
    else
        sent.reservation = ids[some_draw(some, 3)];
    return sent;
}

/* One of the things that can come of a request; of an open one nothing. */
static struct dbk_evidence some_outcome(struct some_case *some, const struct dbk_evidence *sent)
{
    struct dbk_evidence outcome = {
        .call = sent->call, .attempt = sent->attempt, .key = sent->key, .version = DBK_ABSENT};
    uint64_t what = some_draw(some, 5);

    outcome.kind = what == 0   ? DBK_EVIDENCE_NOT_SENT
                   : what == 1 ? DBK_EVIDENCE_IN_DOUBT
                   : what == 2 ? DBK_EVIDENCE_REFUSED
                               : DBK_EVIDENCE_ANSWERED;
    if (sent->call == DBK_CALL_LOOK_UP && outcome.kind >= DBK_EVIDENCE_ANSWERED)
        outcome.kind = what == 3 ? DBK_EVIDENCE_FOUND : DBK_EVIDENCE_NOTHING;
    if (outcome.kind == DBK_EVIDENCE_IN_DOUBT) {
        outcome.http = some_draw(some, 2) ? 500 : 0;
        bool says_not_made = sent->call == DBK_CALL_CREATE && outcome.http && some_draw(some, 2);
        outcome.state = says_not_made ? DBK_THEIRS_NONE : DBK_THEIRS_UNREAD;
        outcome.left_by_ms = sent->left_by_ms - (int64_t)some_draw(some, 3) * 1000;
    }
    if (outcome.kind == DBK_EVIDENCE_ANSWERED || outcome.kind == DBK_EVIDENCE_FOUND) {
        outcome.state = some_state(some);
        outcome.reservation = sent->reservation ? sent->reservation : ids[some_draw(some, 3)];
        outcome.version = some_draw(some, 2) ? (int64_t)some_draw(some, 4) : DBK_ABSENT;
        if (outcome.state == DBK_THEIRS_ON_HOLD && some_draw(some, 4))
            outcome.expires_ms = sent->at_ms + (int64_t)some_draw(some, 10) * 20000;
    }
    return outcome;
}

static struct dbk_evidence some_callback(struct some_case *some)
{
    struct dbk_evidence callback = {.kind = DBK_EVIDENCE_CALLBACK};

    callback.state = some_state(some);
    if (callback.state == DBK_THEIRS_NONE)
        callback.state = some_draw(some, 2) ? DBK_THEIRS_PENDING : DBK_THEIRS_UNREAD;
    callback.version = some_draw(some, 2) ? (int64_t)some_draw(some, 4) : DBK_ABSENT;
    callback.reservation = ids[some_draw(some, 3)];
    callback.key = some_draw(some, 3) ? keys[some_draw(some, 2)] : NULL;
    return callback;
}

/* What the traveller wants, and what has passed. */
static struct dbk_evidence some_wish(struct some_case *some)
{
    static const char *const said[] = {"look-again: x", "absent: x", "gone: x", "cancel-again: x",
                                       "accept: x",     "reject: x", "hm: x"};
    static const enum dbk_evidence_kind wishes[] = {
        DBK_EVIDENCE_CANCEL_ASKED,  DBK_EVIDENCE_HOLD_ASKED,   DBK_EVIDENCE_HOLD_ASKED,
        DBK_EVIDENCE_CONFIRM_ASKED, DBK_EVIDENCE_EXTEND_ASKED, DBK_EVIDENCE_PASSED,
        DBK_EVIDENCE_SAID};
    struct dbk_evidence wish = {.version = DBK_ABSENT};

    wish.kind = wishes[some_draw(some, DBK_COUNT(wishes))];
    if (wish.kind == DBK_EVIDENCE_SAID) {
        wish.reservation = ids[some_draw(some, 3)];
        wish.text = said[some_draw(some, DBK_COUNT(said))];
    } else if (wish.kind == DBK_EVIDENCE_PASSED && some_draw(some, 2))
        wish.reservation = ids[some_draw(some, 3)];
    else if (wish.kind == DBK_EVIDENCE_PASSED)
        wish.attempt = 1 + (int64_t)some_draw(some, some->count + 1);
    return wish;
}

static struct dbk_evidence some_record(struct some_case *some)
{
    uint64_t what = some_draw(some, 22);
    size_t earlier = some->count ? some_draw(some, some->count) : 0;

    if (some->count && some->evidence[earlier].kind == DBK_EVIDENCE_SENT && what < 14)
        return some_outcome(some, &some->evidence[earlier]);
    if (what < 14)
        return some_request(some, (int64_t)some->count + 1);
    if (what < 18)
        return some_callback(some);
    if (what < 21)
        return some_wish(some);
    uint64_t text = some_draw(some, 3);
    return (struct dbk_evidence){.kind = some_draw(some, 4) ? DBK_EVIDENCE_ASKED
                                                            : DBK_EVIDENCE_OPERATOR,
                                 .version = DBK_ABSENT,
                                 .text = ids[text]};
}

static void some_profile(struct some_case *some)
{
    struct dbk_profile *profile = &some->profile;

    *profile = dbk_profile_default();
    profile->dedupe = (int64_t)some_draw(some, 2);
    profile->repeat = (int64_t)some_draw(some, 3);
    profile->look_up = (int64_t)some_draw(some, 3);
    profile->server_error = (int64_t)some_draw(some, 3);
    profile->callback_version = (int64_t)some_draw(some, 2);
    profile->books_as = (int64_t)some_draw(some, 3);
    if (profile->books_as == DBK_BOOKS_ON_HOLD && some_draw(some, 2))
        profile->look_up = DBK_LOOK_UP_NONE;
    profile->extend = (int64_t)some_draw(some, 2);
    profile->key_lasts_ms = some_draw(some, 2) ? 30000 : profile->key_lasts_ms;
    profile->hold_ms = 60000;
    profile->hold_max_ms = 120000;
    profile->max_skew_ms = (int64_t)some_draw(some, 2) * 10000;
    profile->commit_within_ms = (int64_t)some_draw(some, 3) * 10000;
}

/* What begins a hold, record by record; and at the end the traveller wants more time. */
static struct dbk_evidence some_hold(struct some_case *some)
{
    struct dbk_evidence record = {.version = DBK_ABSENT};

    switch (some->count) {
    case 0:
        record.kind = DBK_EVIDENCE_HOLD_ASKED;
        return record;
    case 1:
        record.kind = DBK_EVIDENCE_SENT;
        record.call = DBK_CALL_CREATE;
        record.nth = 1;
        record.key = keys[0];
        return record;
    case 2:
        record = some->evidence[1];
        record.kind = DBK_EVIDENCE_ANSWERED;
        record.state = DBK_THEIRS_ON_HOLD;
        record.reservation = ids[0];
        record.expires_ms = record.at_ms + 60000;
        return record;
    default:
        record.kind = DBK_EVIDENCE_EXTEND_ASKED;
        return record;
    }
}

void some_case_draw(struct some_case *some, uint64_t number)
{
    int64_t at_ms = 1000000;

    *some = (struct some_case){.number = number};
    some_profile(some);
    some->policy = dbk_policy_reference();
    for (int rule = 0; rule < DBK_RULES; rule++)
        some->policy.rules[rule] = (uint8_t)(some_draw(some, 3) == 0);
    size_t wanted = 1 + some_draw(some, SOME_EVIDENCE_MAX);
    bool is_hold = some_draw(some, 4) == 0;
    while (some->count < wanted) {
        struct dbk_evidence record = some_record(some);
        if (is_hold && (some->count < 3 || some->count + 1 == wanted))
            record = some_hold(some);
        at_ms += (int64_t)some_draw(some, 4) * 5000;
        record.booking = 1;
        record.number = (int64_t)some->count + 1;
        record.at_ms = at_ms;
        if (record.kind == DBK_EVIDENCE_SENT) {
            record.attempt = record.number;
            record.left_by_ms = at_ms + 10000;
            record.deadline_ms = at_ms + 20000;
        }
        some->evidence[some->count++] = record;
    }
}
