#include "core/decide.h"

#include "base/history.h"
#include "some_evidence.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(decide, .timeout = 60);

static bool is_claim(const char *id)
{
    for (size_t i = 0; i < dbk_knob_count; i++)
        if (strcmp(dbk_knobs[i].claim, id) == 0)
            return true;
    return false;
}

static void check_shape(const struct dbk_question *question, const struct dbk_decision *decision,
                        uint64_t number)
{
    unsigned long long at = (unsigned long long)number;

    cr_assert_lt(decision->step, DBK_NEXTS, "case %llu", at);
    cr_assert(decision->reason[0], "case %llu gives no reason", at);
    for (size_t i = 0; i < DBK_DECISION_CLAIMS && decision->claims[i]; i++)
        cr_assert(is_claim(decision->claims[i]), "case %llu rests on %s", at, decision->claims[i]);
    cr_assert_leq(decision->from_ms, decision->by_ms, "case %llu", at);
    if (decision->step == DBK_NEXT_WAIT)
        cr_assert_gt(decision->from_ms, question->now_ms, "case %llu waits for the past", at);
    else
        cr_assert_eq(decision->by_ms, question->now_ms, "case %llu", at);
    cr_assert_eq(decision->step == DBK_NEXT_REST, decision->sync == DBK_SYNC_AGREED, "case %llu",
                 at);
    cr_assert_eq(decision->step == DBK_NEXT_OPERATOR, decision->sync == DBK_SYNC_OPERATOR,
                 "case %llu", at);
    if (decision->step == DBK_NEXT_CANCEL || decision->step == DBK_NEXT_COMPENSATE)
        cr_assert(decision->reservation, "case %llu cancels nothing", at);
    if (decision->step == DBK_NEXT_CONFIRM || decision->step == DBK_NEXT_EXTEND)
        cr_assert(decision->reservation, "case %llu: no reservation", at);
    if (decision->step == DBK_NEXT_GIVE_UP)
        cr_assert(decision->reservation || decision->attempt, "case %llu gives up nothing", at);
    if (decision->step == DBK_NEXT_LOOK_UP)
        cr_assert(decision->reservation || decision->key, "case %llu looks up nothing", at);
}

/* No new create while one is in doubt: only the same key, where the partner deduplicates by it. */
static void check_doubt(const struct dbk_question *question, const struct dbk_decision *decision,
                        uint64_t number)
{
    bool is_create = decision->step == DBK_NEXT_SEND || decision->step == DBK_NEXT_RESEND;

    for (size_t i = 0; i < question->known->request_count && is_create; i++) {
        const struct dbk_known_request *request = &question->known->requests[i];
        if (request->call != DBK_CALL_CREATE || request->end != DBK_END_DOUBT)
            continue;
        cr_assert_eq(question->profile->dedupe, DBK_DEDUPE_REFERENCE,
                     "case %llu sends while in doubt", (unsigned long long)number);
        cr_assert_eq(question->profile->repeat, DBK_REPEAT_SAME, "case %llu",
                     (unsigned long long)number);
        cr_assert(decision->key, "case %llu takes a new key while in doubt",
                  (unsigned long long)number);
    }
    if (is_create)
        cr_assert_null(question->known->in_air, "case %llu", (unsigned long long)number);
}

/* No confirm of a hold that is over by either clock, and none that the traveller did not ask for.
 */
static void check_confirm(const struct dbk_question *question, const struct dbk_decision *decision,
                          uint64_t number)
{
    for (size_t i = 0; i < question->known->reservation_count; i++) {
        const struct dbk_known_reservation *one = &question->known->reservations[i];
        if (decision->step != DBK_NEXT_CONFIRM || strcmp(one->id, decision->reservation) != 0)
            continue;
        cr_assert_eq(one->reading.state, DBK_THEIRS_ON_HOLD, "case %llu",
                     (unsigned long long)number);
        if (one->reading.expires_ms)
            cr_assert_lt(question->now_ms, one->reading.expires_ms + question->profile->max_skew_ms,
                         "case %llu", (unsigned long long)number);
        cr_assert_not(question->known->is_only_held, "case %llu", (unsigned long long)number);
        cr_assert_not(question->known->is_cancel_asked, "case %llu", (unsigned long long)number);
    }
}

/* What was given up is evidence, after which something else is decided. */
static void check_give_up(struct some_case *some, const struct dbk_question *question,
                          struct dbk_decision decision, struct dbk_arena *arena)
{
    struct dbk_question next = *question;

    for (int tries = 0; decision.step == DBK_NEXT_GIVE_UP; tries++) {
        cr_assert_lt(tries, SOME_EVIDENCE_MAX, "case %llu gives up for ever",
                     (unsigned long long)some->number);
        some->evidence[some->count] =
            (struct dbk_evidence){.booking = 1,
                                  .number = (int64_t)some->count + 1,
                                  .kind = DBK_EVIDENCE_PASSED,
                                  .at_ms = question->now_ms,
                                  .attempt = decision.attempt,
                                  .reservation = decision.attempt ? NULL : decision.reservation,
                                  .version = DBK_ABSENT};
        some->count++;
        struct dbk_known known = dbk_know(some->evidence, some->count, &some->profile, arena);
        next.known = &known;
        decision = dbk_decide(&next);
    }
}

Test(decide, has_an_answer_for_everything)
{
    size_t steps[DBK_NEXTS] = {0};
    struct dbk_arena arena = {0};
    struct some_case some;

    for (uint64_t number = 1; number <= 100000; number++) {
        dbk_arena_reset(&arena);
        some_case_draw(&some, number);
        if (number % 2)
            some.policy = dbk_policy_reference();
        struct dbk_known known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        int64_t last_ms = some.evidence[some.count - 1].at_ms;
        struct dbk_question question = {
            .status = (enum dbk_status)some_draw(&some, DBK_STATUSES),
            .known = &known,
            .profile = &some.profile,
            .policy = &some.policy,
            .now_ms = last_ms + (int64_t)some_draw(&some, 4) * 20000,
        };
        struct dbk_decision decision = dbk_decide(&question);
        check_shape(&question, &decision, number);
        if (number % 2) {
            check_doubt(&question, &decision, number);
            check_confirm(&question, &decision, number);
        }
        steps[decision.step]++;
        check_give_up(&some, &question, decision, &arena);
    }
    for (int step = 0; step < DBK_NEXTS; step++)
        cr_assert_gt(steps[step], 20, "%s was decided only %zu times",
                     dbk_next_name((enum dbk_next)step), steps[step]);
    dbk_arena_free(&arena);
}

/* The sentences that support reads while a create is in doubt. */
Test(decide, says_why_and_what_is_unsafe)
{
    const struct dbk_evidence evidence[] = {
        {.number = 1,
         .kind = DBK_EVIDENCE_SENT,
         .call = DBK_CALL_CREATE,
         .attempt = 1,
         .nth = 1,
         .key = "K",
         .at_ms = 1782926700000 /* 2026-07-01T17:25:00Z */,
         .left_by_ms = 1782926710000,
         .deadline_ms = 1782926720000},
        {.number = 2,
         .kind = DBK_EVIDENCE_IN_DOUBT,
         .call = DBK_CALL_CREATE,
         .attempt = 1,
         .at_ms = 1782926710000,
         .left_by_ms = 1782926700000},
    };
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};
    struct dbk_question question = {
        .profile = &profile, .policy = &policy, .now_ms = 1782926705000};

    profile.look_up = DBK_LOOK_UP_REFERENCE;
    struct dbk_known known = dbk_know(evidence, 1, &profile, &arena);
    question.known = &known;
    struct dbk_decision decision = dbk_decide(&question);
    cr_assert_str_eq(decision.reason, "create 1 left at 17:25:00 and may still be answered");
    cr_assert_str_eq(decision.unsafe, "A create is on its way; a new create could book twice.");
    known = dbk_know(evidence, 2, &profile, &arena);
    question.now_ms = 1782926710000;
    decision = dbk_decide(&question);
    cr_assert_eq(decision.step, DBK_NEXT_LOOK_UP);
    cr_assert_str_eq(decision.reason, "the create of 17:25:00 is in doubt");
    cr_assert_str_eq(decision.unsafe,
                     "The create of 17:25:00 got no usable answer; a new create could book twice.");
    dbk_arena_free(&arena);
}

Test(decide, doubles_its_pauses_up_to_the_longest)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_text got = {0};

    for (int64_t nth = 1; nth <= 9; nth++)
        dbk_text_printf(&got, "%lld ", (long long)dbk_back_off_ms(&policy, nth));
    cr_assert_str_eq(got.bytes, "2000 4000 8000 16000 32000 64000 120000 120000 120000 ");
    cr_assert_eq(dbk_back_off_ms(&policy, INT64_MAX), 120000);
    dbk_text_reset(&got);
}
