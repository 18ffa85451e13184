#include "core/desk.h"

#include "base/history.h"
#include "some_evidence.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(desk, .timeout = 120);

Test(desk, names_its_moves_and_reads_them_back)
{
    for (enum dbk_desk desk = 0; desk < DBK_DESKS; desk++) {
        char said[80];
        snprintf(said, sizeof(said), "%s: because", dbk_desk_name(desk));
        cr_expect_eq(dbk_desk_by_name(dbk_desk_name(desk)), desk);
        cr_expect_eq(dbk_desk_said(said), desk);
        cr_expect_eq(dbk_desk_meaning(desk)[strlen(dbk_desk_meaning(desk)) - 1], '.');
    }
    cr_expect_eq(dbk_desk_by_name("guess"), DBK_DESKS);
    cr_expect_eq(dbk_desk_said("guess: so"), DBK_DESKS);
    cr_expect_eq(dbk_desk_said("look: x"), DBK_DESKS);
    cr_expect_eq(dbk_desk_said(NULL), DBK_DESKS);
}

static struct dbk_question question_of(struct some_case *some, const struct dbk_known *known,
                                       enum dbk_status status)
{
    return (struct dbk_question){
        .status = status,
        .known = known,
        .profile = &some->profile,
        .policy = &some->policy,
        .now_ms = some->evidence[some->count - 1].at_ms + 20000,
    };
}

/* Makes the move; gives what the machine does then. */
static struct dbk_decision after(struct some_case *some, const struct dbk_offer *offer,
                                 enum dbk_status status, struct dbk_arena *arena,
                                 struct dbk_known *known)
{
    char *text = dbk_arena_printf(arena, "%s: because", dbk_desk_name(offer->desk));

    some->evidence[some->count] = (struct dbk_evidence){
        .booking = 1,
        .number = (int64_t)some->count + 1,
        .at_ms = some->evidence[some->count - 1].at_ms + 1000,
        .kind = DBK_EVIDENCE_SAID,
        .reservation = offer->reservation,
        .version = DBK_ABSENT,
        .text = text,
    };
    *known = dbk_know(some->evidence, some->count + 1, &some->profile, arena);
    struct dbk_question question = question_of(some, known, status);
    return dbk_decide(&question);
}

/* A move that is offered takes the booking from the person, and is safe: what follows is no new
 * create while one is in doubt or something is held, and no cancel of what nobody wants cancelled.
 */
static void check_offer(struct some_case *some, const struct dbk_offer *offer,
                        enum dbk_status status, struct dbk_arena *arena)
{
    unsigned long long number = (unsigned long long)some->number;
    struct dbk_known known;
    struct dbk_decision decision = after(some, offer, status, arena, &known);
    struct dbk_belief belief = dbk_believe(&known, &some->policy);
    bool is_create = decision.step == DBK_NEXT_SEND || decision.step == DBK_NEXT_RESEND;

    cr_assert_not(known.is_with_operator, "case %llu: %s", number, dbk_desk_name(offer->desk));
    if (is_create && belief.oldest_doubt)
        cr_assert(decision.key, "case %llu: %s sends anew while in doubt", number,
                  dbk_desk_name(offer->desk));
    if (is_create && !belief.oldest_doubt)
        cr_assert_eq(belief.live, 0, "case %llu: %s books beside what is held", number,
                     dbk_desk_name(offer->desk));
    if (offer->desk == DBK_DESK_ABSENT)
        cr_assert_null(belief.oldest_doubt, "case %llu", number);
    if (offer->desk == DBK_DESK_ACCEPT)
        cr_assert(decision.step != DBK_NEXT_CANCEL, "case %llu", number);
    if (offer->desk == DBK_DESK_LOOK_AGAIN)
        cr_assert_eq(decision.step, DBK_NEXT_LOOK_UP, "case %llu", number);
}

Test(desk, offers_what_is_safe_and_nothing_else)
{
    size_t offered[DBK_DESKS] = {0}, refused[DBK_DESKS] = {0};
    struct dbk_arena arena = {0};
    struct some_case some;

    for (uint64_t number = 1; number <= 100000; number++) {
        struct dbk_offer offers[DBK_DESK_OFFERS];
        dbk_arena_reset(&arena);
        some_case_draw(&some, number);
        some.policy = dbk_policy_reference();
        if (some_draw(&some, 3)) /* handed over, with a reason */
            some.evidence[some.count - 1].kind = DBK_EVIDENCE_OPERATOR;
        enum dbk_status status = (enum dbk_status)some_draw(&some, DBK_STATUSES);
        struct dbk_known known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        struct dbk_question question = question_of(&some, &known, status);
        size_t count = dbk_desk_offers(&question, offers);
        cr_assert(count == 0 || (known.is_with_operator && !known.in_air), "case %llu",
                  (unsigned long long)number);
        for (size_t i = 0; i < count; i++) {
            offered[offers[i].desk]++;
            check_offer(&some, &offers[i], status, &arena);
        }
        for (enum dbk_desk desk = 0; desk < DBK_DESKS; desk++)
            refused[desk] += dbk_desk_refusal(desk, "R1", &question) != NULL;
    }
    for (enum dbk_desk desk = 0; desk < DBK_DESKS; desk++)
        cr_expect(offered[desk] > 50 && refused[desk] > 50, "%s: offered %zu, refused %zu times",
                  dbk_desk_name(desk), offered[desk], refused[desk]);
    dbk_arena_free(&arena);
}
