#include "core/move.h"

#include "some_evidence.h"

#include <criterion/criterion.h>

TestSuite(move, .timeout = 60);

Test(move, goes_along_the_table_unless_the_last_callback_wins)
{
    struct dbk_arena arena = {0};
    struct some_case some;
    size_t moves = 0, off_table = 0;

    for (uint64_t number = 1; number <= 100000; number++) {
        dbk_arena_reset(&arena);
        some_case_draw(&some, number);
        struct dbk_known known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        enum dbk_status from = (enum dbk_status)some_draw(&some, DBK_STATUSES);
        struct dbk_move move = dbk_move(from, &known, &some.policy);
        bool is_on_table = !move.is_wanted || dbk_status_may_move(from, move.to);
        if (some.policy.rules[DBK_RULE_CALLBACK_ORDER] == 0)
            cr_assert(is_on_table, "case %llu: %s -> %s: %s", (unsigned long long)number,
                      dbk_status_name(from), dbk_status_name(move.to), move.reason);
        cr_assert(!move.is_wanted || move.reason[0]);
        moves += move.is_wanted;
        off_table += !is_on_table;
    }
    cr_assert(moves > 1000 && off_table > 10, "%zu moves, %zu off the table", moves, off_table);
    dbk_arena_free(&arena);
}

/* Whatever is known, moving comes to an end, and soon. */
Test(move, ends)
{
    struct dbk_arena arena = {0};
    struct some_case some;

    for (uint64_t number = 1; number <= 5000; number++) {
        dbk_arena_reset(&arena);
        some_case_draw(&some, number);
        struct dbk_known known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        enum dbk_status status = DBK_STATUS_RECEIVED;
        int moves = 0;
        for (struct dbk_move move = dbk_move(status, &known, &some.policy); move.is_wanted;
             move = dbk_move(status, &known, &some.policy)) {
            status = move.to;
            cr_assert_leq(++moves, 3, "case %llu", (unsigned long long)number);
        }
    }
    dbk_arena_free(&arena);
}

/* A traveller who changed her mind before anything was sent owes nobody anything. */
Test(move, cancels_at_once_what_never_left)
{
    const struct dbk_evidence evidence[] = {
        {.number = 1, .kind = DBK_EVIDENCE_ASKED},
        {.number = 2, .kind = DBK_EVIDENCE_CANCEL_ASKED},
        {.number = 3, .kind = DBK_EVIDENCE_SENT, .call = DBK_CALL_CREATE, .attempt = 3, .key = "K"},
    };
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};

    struct dbk_known known = dbk_know(evidence, 2, &profile, &arena);
    struct dbk_move move = dbk_move(DBK_STATUS_RECEIVED, &known, &policy);
    cr_assert(move.is_wanted);
    cr_assert_eq(move.to, DBK_STATUS_CANCELLED);
    cr_assert_str_eq(move.reason, "the traveller cancelled and the partner holds nothing");
    known = dbk_know(evidence, 3, &profile, &arena);
    cr_assert_not(dbk_move(DBK_STATUS_RECEIVED, &known, &policy).is_wanted);
    dbk_arena_free(&arena);
}
