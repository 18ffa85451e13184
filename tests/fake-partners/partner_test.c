#include "base/digest.h"
#include "stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(partner, .timeout = 60);

#define ACTIONS(...)                                                                               \
    .actions = (const struct dbk_action[]){__VA_ARGS__},                                           \
    .action_count = DBK_COUNT(((const struct dbk_action[]){__VA_ARGS__}))
#define LATERS(...)                                                                                \
    .laters = (const struct dbk_later[]){__VA_ARGS__},                                             \
    .later_count = DBK_COUNT(((const struct dbk_later[]){__VA_ARGS__}))

static void open_with(struct stage *stage, struct dbk_profile profile, const struct dbk_rule *rules,
                      size_t count)
{
    stage_open(stage,
               &(struct stage_setup){.profile = profile, .rules = rules, .rule_count = count});
}

static struct dbk_profile pending_profile(void)
{
    struct dbk_profile profile = stage_profile();

    profile.books_as = DBK_BOOKS_PENDING;
    profile.callback_kind = DBK_CALLBACK_FULL;
    return profile;
}

/* The partner's end of the seed incident: it books and never answers, the retry books again, and
 * the first callback, made while all was pending, comes when both are long confirmed. */
Test(partner, plays_its_part_in_the_seed_incident)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         .attempt = 1,
         .line = 20,
         ACTIONS({.fault = DBK_FAULT_LOSE_ANSWER, .line = 21}),
         LATERS({.has_callback = true, .held_ms = 90000}, {.after_ms = 1000, .set = "confirmed"})},
        {.id = "lagoon#2",
         .op = DBK_OP_CREATE,
         .attempt = 2,
         .if_reached = true,
         LATERS({.after_ms = 2000, .set = "confirmed", .has_callback = true})},
    };
    struct dbk_profile profile = pending_profile();
    struct stage stage;

    profile.dedupe = DBK_DEDUPE_NONE;
    profile.look_up = DBK_LOOK_UP_LIST_BY_DATE;
    open_with(&stage, profile, rules, 2);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 10000);
    stage_book(&stage, "trip", "r-2");
    stage_until(&stage, 100000);
    stage_ask(&stage, "GET", "/reservations?date=2026-07-04", NULL);
    stage_ask(&stage, "GET", "/reservations?date=2026-07-05", NULL);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] fault lagoon/trip/create#1 (r-1) lose-answer by lagoon#1 line 21\n"
        "[     0] silence lagoon/trip/create#1 (r-1) 201 R1 pending\n"
        "[  1000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n"
        "[ 10000] saw lagoon/trip/create#2 (r-2) arrived\n"
        "[ 10000] effect lagoon/trip/create#2 (r-2) by create R2 pending 2 units 24000 EUR\n"
        "[ 10000] answer lagoon/trip/create#2 (r-2) 201 R2 pending\n"
        "[ 12000] effect (r-2) by itself R2 pending -> confirmed 2 units 24000 EUR\n"
        "[ 12000] callback lagoon/trip/create#2/callback#1 (r-2) R2 confirmed as "
        "lagoon/trip/create#2/callback#1 made at 12000 time 1\n"
        "[ 12000] callback-answered lagoon/trip/create#2/callback#1 (r-2) 204 R2 confirmed as "
        "lagoon/trip/create#2/callback#1 made at 12000 time 1\n"
        "[ 90000] callback lagoon/trip/create#1/callback#1 (r-1) R1 pending as "
        "lagoon/trip/create#1/callback#1 made at 0 time 1\n"
        "[ 90000] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 pending as "
        "lagoon/trip/create#1/callback#1 made at 0 time 1\n"
        "[100000] saw lagoon/look-up#1 arrived\n"
        "[100000] answer lagoon/look-up#1 200 R1,R2 R1=confirmed,R2=confirmed\n"
        "[100000] saw lagoon/look-up#2 arrived\n"
        "[100000] answer lagoon/look-up#2 200 none\n");
    stage_shut(&stage);
}

Test(partner, counts_attempts_per_intent_and_operation)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         .attempt = 2,
         ACTIONS({.fault = DBK_FAULT_REFUSE, .reason = "unknown-product"})},
        {.id = "lagoon#2",
         .op = DBK_OP_GET,
         .intent = "trip",
         .times = 2,
         ACTIONS({.fault = DBK_FAULT_ERROR_BEFORE_COMMIT})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 2);
    stage_book(&stage, "trip", "r-1");
    stage_book(&stage, "tour", "r-2");
    stage_get(&stage, 1);
    stage_get(&stage, 2);
    stage_book(&stage, "trip", "r-3");
    stage_get(&stage, 1);
    stage_get(&stage, 1);
    stage_look_up(&stage, "r-3");
    stage_book(&stage, "tour", "r-4");
    stage_look_up(&stage, "nobodys");
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[     0] saw lagoon/tour/create#1 (r-2) arrived\n"
        "[     0] effect lagoon/tour/create#1 (r-2) by create R2 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/tour/create#1 (r-2) 201 R2 confirmed\n"
        "[     0] saw lagoon/trip/get#1 (r-1) R1 arrived\n"
        "[     0] fault lagoon/trip/get#1 (r-1) error-before-commit by lagoon#2\n"
        "[     0] answer lagoon/trip/get#1 (r-1) 500\n"
        "[     0] saw lagoon/tour/get#1 (r-2) R2 arrived\n"
        "[     0] answer lagoon/tour/get#1 (r-2) 200 R2 confirmed\n"
        "[     0] saw lagoon/trip/create#2 (r-3) arrived\n"
        "[     0] fault lagoon/trip/create#2 (r-3) refuse by lagoon#1\n"
        "[     0] answer lagoon/trip/create#2 (r-3) 404\n"
        "[     0] saw lagoon/trip/get#2 (r-1) R1 arrived\n"
        "[     0] fault lagoon/trip/get#2 (r-1) error-before-commit by lagoon#2\n"
        "[     0] answer lagoon/trip/get#2 (r-1) 500\n"
        "[     0] saw lagoon/trip/get#3 (r-1) R1 arrived\n"
        "[     0] answer lagoon/trip/get#3 (r-1) 200 R1 confirmed\n"
        "[     0] saw lagoon/trip/look-up#1 (r-3) arrived\n"
        "[     0] answer lagoon/trip/look-up#1 (r-3) 200 none\n"
        "[     0] saw lagoon/tour/create#2 (r-4) arrived\n"
        "[     0] fault lagoon/tour/create#2 (r-4) refuse by lagoon#1\n"
        "[     0] answer lagoon/tour/create#2 (r-4) 404\n"
        "[     0] saw lagoon/look-up#1 (nobodys) arrived\n"
        "[     0] answer lagoon/look-up#1 (nobodys) 200 none\n");
    stage_shut(&stage);
}

Test(partner, settles_what_is_pending_by_itself)
{
    struct stage stage;

    open_with(&stage, pending_profile(), NULL, 0);
    stage_book(&stage, "trip", "r-1");
    stage_book(&stage, "tour", "r-2");
    stage_until(&stage, 1999);
    stage_cancel(&stage, 2);
    stage_until(&stage, 9000);
    stage_cancel(&stage, 2);
    stage_book(&stage, "trip", "r-1");
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 pending\n"
        "[     0] saw lagoon/tour/create#1 (r-2) arrived\n"
        "[     0] effect lagoon/tour/create#1 (r-2) by create R2 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/tour/create#1 (r-2) 201 R2 pending\n"
        "[  1999] saw lagoon/tour/cancel#1 (r-2) R2 arrived\n"
        "[  1999] effect lagoon/tour/cancel#1 (r-2) by cancel R2 pending -> cancelled 2 units "
        "24000 EUR\n"
        "[  1999] answer lagoon/tour/cancel#1 (r-2) 200 R2 cancelled\n"
        "[  2000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n"
        "[  2000] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 2000 time 1\n"
        "[  2000] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 2000 time 1\n"
        "[  9000] saw lagoon/tour/cancel#2 (r-2) R2 arrived\n"
        "[  9000] answer lagoon/tour/cancel#2 (r-2) 200 R2 cancelled\n"
        "[  9000] saw lagoon/trip/create#2 (r-1) arrived\n"
        "[  9000] answer lagoon/trip/create#2 (r-1) 200 R1 confirmed\n");
    stage_shut(&stage);
}

/* A rule that names the state, or tells of later, has the say; one that only breaks has not. */
Test(partner, leaves_pending_what_a_rule_leaves_pending)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1", .intent = "one", .answers_state = "pending"},
        {.id = "lagoon#2", .intent = "two", LATERS({.after_ms = 500, .set = "rejected"})},
        {.id = "lagoon#3", .intent = "three", ACTIONS({.fault = DBK_FAULT_LOSE_ANSWER})},
    };
    struct dbk_profile profile = pending_profile();
    struct stage stage;

    profile.callback_kind = DBK_CALLBACK_NONE;
    open_with(&stage, profile, rules, 3);
    stage_book(&stage, "one", "r-1");
    stage_book(&stage, "two", "r-2");
    stage_book(&stage, "three", "r-3");
    stage_get(&stage, 1);
    stage_until(&stage, 9000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/one/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/one/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/one/create#1 (r-1) 201 R1 pending\n"
        "[     0] saw lagoon/two/create#1 (r-2) arrived\n"
        "[     0] effect lagoon/two/create#1 (r-2) by create R2 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/two/create#1 (r-2) 201 R2 pending\n"
        "[     0] saw lagoon/three/create#1 (r-3) arrived\n"
        "[     0] effect lagoon/three/create#1 (r-3) by create R3 pending 2 units 24000 EUR\n"
        "[     0] fault lagoon/three/create#1 (r-3) lose-answer by lagoon#3\n"
        "[     0] silence lagoon/three/create#1 (r-3) 201 R3 pending\n"
        "[     0] saw lagoon/one/get#1 (r-1) R1 arrived\n"
        "[     0] answer lagoon/one/get#1 (r-1) 200 R1 pending\n"
        "[   500] effect (r-2) by itself R2 pending -> rejected 2 units 24000 EUR\n"
        "[  2000] effect (r-3) by itself R3 pending -> confirmed 2 units 24000 EUR\n");
    stage_shut(&stage);
}

/* Copies carry the same event and the same words; what is made later speaks of later. */
Test(partner, calls_back_held_in_copies_and_of_older_states)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         LATERS({.after_ms = 1000,
                 .set = "confirmed",
                 .has_callback = true,
                 .copies = 2,
                 .apart_ms = 3000,
                 .held_ms = 500},
                {.after_ms = 2000, .has_callback = true, .says = "pending"},
                {.after_ms = 3000, .set = "rejected"}, {.after_ms = 3000, .set = "confirmed"})},
    };
    struct dbk_profile profile = pending_profile();
    struct stage stage;

    profile.callback_id = DBK_CALLBACK_ID_EVENT;
    profile.callback_version = DBK_ORDER_COUNTER;
    profile.callback_event_time = DBK_EVENT_TIME_SECONDS;
    open_with(&stage, profile, rules, 1);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 2000);
    cr_expect_str_eq(
        stage.last.callback.bytes,
        "{\"event\":\"evt-66ydk7cha7\",\"occurred_at\":\"2026-07-01T17:25:02Z\",\"reservation\":{"
        "\"id\":\"LA-ahbje7\",\"reference\":\"r-1\",\"guest\":{\"name\":\"Ana dbk.trip.x7k2\"},"
        "\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2,\"state\":\"pending\","
        "\"price\":24000,\"currency\":\"EUR\",\"created_at\":\"2026-07-01T17:25:00.000Z\","
        "\"updated_at\":\"2026-07-01T17:25:00.000Z\",\"version\":1}}",
        "%s", stage.last.callback.bytes);
    stage_until(&stage, 9000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 pending\n"
        "[  1000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n"
        "[  1500] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as evt-bojm3kcs3b "
        "made at 1000 time 1\n"
        "[  1500] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 confirmed as "
        "evt-bojm3kcs3b made at 1000 time 1\n"
        "[  2000] callback lagoon/trip/create#1/callback#2 (r-1) R1 pending as evt-66ydk7cha7 made "
        "at 2000 time 1\n"
        "[  2000] callback-answered lagoon/trip/create#1/callback#2 (r-1) 204 R1 pending as "
        "evt-66ydk7cha7 made at 2000 time 1\n"
        "[  3000] effect (r-1) by itself R1 confirmed -> rejected 2 units 24000 EUR\n"
        "[  3000] effect (r-1) by itself R1 rejected -> confirmed 2 units 24000 EUR\n"
        "[  4500] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as evt-bojm3kcs3b "
        "made at 1000 time 2\n"
        "[  4500] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 confirmed as "
        "evt-bojm3kcs3b made at 1000 time 2\n");
    stage_shut(&stage);
}

Test(partner, knows_that_a_callback_was_lost)
{
    struct stage stage;

    stage_open(&stage,
               &(struct stage_setup){.profile = pending_profile(), .drops_callbacks = true});
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 9000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 pending\n"
        "[  2000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n"
        "[  2000] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 2000 time 1\n"
        "[  2000] callback-answered lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 2000 time 1 lost\n");
    stage_shut(&stage);
}

/* Held for 40 s on its way and 30 s in the works, it commits after 70 s, beyond the bound of 60 s.
 */
Test(partner, combines_the_actions_of_one_rule)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         ACTIONS({.fault = DBK_FAULT_DELAY_REQUEST, .duration_ms = 40000},
                 {.fault = DBK_FAULT_COMMIT_LATE, .duration_ms = 30000},
                 {.fault = DBK_FAULT_DELAY_ANSWER, .duration_ms = 5000},
                 {.fault = DBK_FAULT_RESET_ANSWER}, {.fault = DBK_FAULT_SAY_DONE_DO_NOTHING})},
        {.id = "lagoon#2",
         .op = DBK_OP_CREATE,
         ACTIONS({.fault = DBK_FAULT_BOOK_TWICE}, {.fault = DBK_FAULT_LOSE_ANSWER},
                 {.fault = DBK_FAULT_LOSE_ANSWER}, {.fault = DBK_FAULT_RESET_ANSWER})},
        {.id = "lagoon#3",
         .op = DBK_OP_LOOK_UP,
         ACTIONS({.fault = DBK_FAULT_DELAY_REQUEST, .duration_ms = 70000})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 3);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 80000);
    stage_book(&stage, "trip", "r-2");
    stage_look_up(&stage, "r-2");
    stage_until(&stage, 150000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] fault lagoon/trip/create#1 (r-1) delay-request by lagoon#1\n"
        "[     0] fault lagoon/trip/create#1 (r-1) commit-late by lagoon#1 breaks commits-within\n"
        "[ 70000] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[ 70000] fault lagoon/trip/create#1 (r-1) delay-answer by lagoon#1\n"
        "[ 75000] fault lagoon/trip/create#1 (r-1) reset-answer by lagoon#1\n"
        "[ 75000] reset lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[ 80000] saw lagoon/trip/create#2 (r-2) arrived\n"
        "[ 80000] effect lagoon/trip/create#2 (r-2) by create R2 confirmed 2 units 24000 EUR\n"
        "[ 80000] effect lagoon/trip/create#2 (r-2) by create R3 confirmed 2 units 24000 EUR\n"
        "[ 80000] fault lagoon/trip/create#2 (r-2) book-twice by lagoon#2 breaks "
        "one-create-one-reservation\n"
        "[ 80000] fault lagoon/trip/create#2 (r-2) lose-answer by lagoon#2\n"
        "[ 80000] silence lagoon/trip/create#2 (r-2) 201 R2 confirmed\n"
        "[ 80000] saw lagoon/trip/look-up#1 (r-2) arrived\n"
        "[ 80000] fault lagoon/trip/look-up#1 (r-2) delay-request by lagoon#3\n"
        "[150000] answer lagoon/trip/look-up#1 (r-2) 200 R2,R3 R2=confirmed,R3=confirmed\n");
    stage_shut(&stage);
}

/* The create left 15 ms before it arrived, so at 59985 it is a minute old, which is too late;
 * another one, a millisecond younger, is in time. */
Test(partner, counts_a_commit_from_when_its_request_left)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         .intent = "trip",
         ACTIONS({.fault = DBK_FAULT_DELAY_REQUEST, .duration_ms = 59985})},
        {.id = "lagoon#2",
         .op = DBK_OP_CREATE,
         .intent = "tour",
         ACTIONS({.fault = DBK_FAULT_COMMIT_LATE, .duration_ms = 59984})},
    };
    struct stage stage;

    stage_open(&stage, &(struct stage_setup){.profile = stage_profile(),
                                             .rules = rules,
                                             .rule_count = 2,
                                             .travelled_ms = 15});
    stage_book(&stage, "trip", "r-1");
    stage_book(&stage, "tour", "r-2");
    stage_until(&stage, 60000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] fault lagoon/trip/create#1 (r-1) delay-request by lagoon#1 breaks "
        "commits-within\n"
        "[     0] saw lagoon/tour/create#1 (r-2) arrived\n"
        "[     0] fault lagoon/tour/create#1 (r-2) commit-late by lagoon#2\n"
        "[ 59984] effect lagoon/tour/create#1 (r-2) by create R1 confirmed 2 units 24000 EUR\n"
        "[ 59984] answer lagoon/tour/create#1 (r-2) 201 R1 confirmed\n"
        "[ 59985] effect lagoon/trip/create#1 (r-1) by create R2 confirmed 2 units 24000 EUR\n"
        "[ 59985] answer lagoon/trip/create#1 (r-1) 201 R2 confirmed\n");
    stage_shut(&stage);
}

/* Nobody scripted that: the way alone took as long as the bound. What commits nothing is not late.
 */
Test(partner, says_that_a_commit_was_late_whatever_made_it_late)
{
    struct stage_setup setup = {.profile = stage_profile(), .travelled_ms = 20};
    struct stage stage;

    setup.profile.commit_within_ms = 20;
    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_book(&stage, "trip", "r-1");
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] fault lagoon/trip/create#1 (r-1) beyond-commit-within by profile breaks "
        "commits-within R1\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[     0] saw lagoon/trip/create#2 (r-1) arrived\n"
        "[     0] answer lagoon/trip/create#2 (r-1) 200 R1 confirmed\n");
    stage_shut(&stage);
}

/* A host that is late with the wake makes the commit late, which the door could not foresee. */
Test(partner, says_that_a_commit_was_late_when_its_wake_came_late)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         ACTIONS({.fault = DBK_FAULT_COMMIT_LATE, .duration_ms = 59000})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 1);
    stage_book(&stage, "trip", "r-1");
    stage.wake_ms = 60000;
    stage_until(&stage, 60000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] fault lagoon/trip/create#1 (r-1) commit-late by lagoon#1\n"
        "[ 60000] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[ 60000] fault lagoon/trip/create#1 (r-1) beyond-commit-within by profile breaks "
        "commits-within R1\n"
        "[ 60000] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n");
    stage_shut(&stage);
}

/* Hidden for longer than promised, which is no break before a look-up that was sent so late. */
Test(partner, breaks_visible_within_with_the_first_look_up_that_should_have_shown_it)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         ACTIONS({.fault = DBK_FAULT_NOT_VISIBLE, .duration_ms = 40000})},
    };
    struct stage_setup setup = {
        .profile = stage_profile(), .rules = rules, .rule_count = 1, .travelled_ms = 15};
    struct stage stage;

    setup.profile.visible_within_ms = 30000;
    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 30014);
    stage_look_up(&stage, "r-1");
    stage_until(&stage, 30015);
    stage_look_up(&stage, "r-1");
    stage_look_up(&stage, "r-1");
    stage_until(&stage, 40000);
    stage_look_up(&stage, "r-1");
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[ 30014] saw lagoon/trip/look-up#1 (r-1) arrived\n"
        "[ 30014] fault lagoon/trip/create#1 (r-1) not-visible by lagoon#1\n"
        "[ 30014] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
        "[ 30015] saw lagoon/trip/look-up#2 (r-1) arrived\n"
        "[ 30015] fault lagoon/trip/create#1 (r-1) not-visible by lagoon#1 breaks "
        "visible-within\n"
        "[ 30015] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
        "[ 30015] saw lagoon/trip/look-up#3 (r-1) arrived\n"
        "[ 30015] answer lagoon/trip/look-up#3 (r-1) 200 none\n"
        "[ 40000] saw lagoon/trip/look-up#4 (r-1) arrived\n"
        "[ 40000] answer lagoon/trip/look-up#4 (r-1) 200 R1 confirmed\n");
    stage_shut(&stage);
}

/* Only the state is a lie; the counter and the times are those of what is really there. */
Test(partner, lies_about_a_cancel_under_the_true_version)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1", .op = DBK_OP_CANCEL, ACTIONS({.fault = DBK_FAULT_SAY_DONE_DO_NOTHING})},
    };
    static const char *const states[] = {"\"state\":\"cancelled\"", "\"state\":\"confirmed\""};
    struct dbk_profile profile = stage_profile();
    struct stage stage;

    profile.callback_version = DBK_ORDER_COUNTER;
    open_with(&stage, profile, rules, 1);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 5000);
    for (size_t i = 0; i < DBK_COUNT(states); i++) {
        if (i == 0)
            stage_cancel(&stage, 1);
        else
            stage_get(&stage, 1);
        cr_expect(strstr(stage.last.body.bytes, states[i]), "%s", stage.last.body.bytes);
        cr_expect(strstr(stage.last.body.bytes, "\"version\":1}"), "%s", stage.last.body.bytes);
        cr_expect(strstr(stage.last.body.bytes, "\"updated_at\":\"2026-07-01T17:25:00.000Z\""),
                  "%s", stage.last.body.bytes);
    }
    stage_shut(&stage);
}

/* A state it once had is news that comes late, under its own version; one it never had is a lie,
 * and so is one that it will have. */
Test(partner, says_that_a_callback_tells_what_never_was)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         LATERS({.has_callback = true, .says = "confirmed", .held_ms = 100, .line = 9},
                {.after_ms = 1000, .set = "confirmed"},
                {.after_ms = 2000, .has_callback = true, .says = "pending", .line = 11},
                {.after_ms = 3000,
                 .has_callback = true,
                 .says = "rejected",
                 .copies = 2,
                 .apart_ms = 500,
                 .line = 12})},
    };
    struct dbk_profile profile = pending_profile();
    struct stage stage;

    profile.callback_version = DBK_ORDER_COUNTER;
    open_with(&stage, profile, rules, 1);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 2000);
    cr_expect(strstr(stage.last.callback.bytes, "\"version\":1}"), "%s", stage.last.callback.bytes);
    stage_until(&stage, 9000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 pending\n"
        "[   100] fault lagoon/trip/create#1/callback#1 (r-1) callback-untrue by lagoon#1 line 9 "
        "breaks callback-tells-what-is R1 as lagoon/trip/create#1/callback#1\n"
        "[   100] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 0 time 1\n"
        "[   100] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 0 time 1\n"
        "[  1000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n"
        "[  2000] callback lagoon/trip/create#1/callback#2 (r-1) R1 pending as "
        "lagoon/trip/create#1/callback#2 made at 2000 time 1\n"
        "[  2000] callback-answered lagoon/trip/create#1/callback#2 (r-1) 204 R1 pending as "
        "lagoon/trip/create#1/callback#2 made at 2000 time 1\n"
        "[  3000] fault lagoon/trip/create#1/callback#3 (r-1) callback-untrue by lagoon#1 line 12 "
        "breaks callback-tells-what-is R1 as lagoon/trip/create#1/callback#3\n"
        "[  3000] callback lagoon/trip/create#1/callback#3 (r-1) R1 rejected as "
        "lagoon/trip/create#1/callback#3 made at 3000 time 1\n"
        "[  3000] callback-answered lagoon/trip/create#1/callback#3 (r-1) 204 R1 rejected as "
        "lagoon/trip/create#1/callback#3 made at 3000 time 1\n"
        "[  3500] callback lagoon/trip/create#1/callback#3 (r-1) R1 rejected as "
        "lagoon/trip/create#1/callback#3 made at 3000 time 2\n"
        "[  3500] callback-answered lagoon/trip/create#1/callback#3 (r-1) 204 R1 rejected as "
        "lagoon/trip/create#1/callback#3 made at 3000 time 2\n");
    stage_shut(&stage);
}

/* Each callback once, however many copies; what it tells is true, so it breaks nothing else. */
Test(partner, says_that_it_calls_back_against_its_profile)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         LATERS({.after_ms = 1000, .has_callback = true, .copies = 2, .apart_ms = 500, .line = 7})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 1);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 9000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[  1000] fault lagoon/trip/create#1/callback#1 (r-1) callback-unpromised by lagoon#1 "
        "line 7 breaks callback-kind R1 as lagoon/trip/create#1/callback#1\n"
        "[  1000] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 1000 time 1\n"
        "[  1000] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 1000 time 1\n"
        "[  1500] callback lagoon/trip/create#1/callback#1 (r-1) R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 1000 time 2\n"
        "[  1500] callback-answered lagoon/trip/create#1/callback#1 (r-1) 204 R1 confirmed as "
        "lagoon/trip/create#1/callback#1 made at 1000 time 2\n");
    stage_shut(&stage);
}

/* A rule that names the profile's own state, or comes to no commit, breaks nothing. */
Test(partner, says_that_it_books_as_another_state_than_promised)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         .intent = "one",
         .answers_state = "pending",
         .line = 3},
        {.id = "lagoon#2", .op = DBK_OP_CREATE, .intent = "two", .answers_state = "confirmed"},
        {.id = "lagoon#3",
         .op = DBK_OP_CREATE,
         .intent = "three",
         .answers_state = "pending",
         ACTIONS({.fault = DBK_FAULT_REFUSE})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 3);
    stage_book(&stage, "one", "r-1");
    stage_book(&stage, "two", "r-2");
    stage_book(&stage, "three", "r-3");
    expect_trace(
        &stage,
        "[     0] saw lagoon/one/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/one/create#1 (r-1) by create R1 pending 2 units 24000 EUR\n"
        "[     0] fault lagoon/one/create#1 (r-1) books-otherwise by lagoon#1 line 3 breaks "
        "books-as R1\n"
        "[     0] answer lagoon/one/create#1 (r-1) 201 R1 pending\n"
        "[     0] saw lagoon/two/create#1 (r-2) arrived\n"
        "[     0] effect lagoon/two/create#1 (r-2) by create R2 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/two/create#1 (r-2) 201 R2 confirmed\n"
        "[     0] saw lagoon/three/create#1 (r-3) arrived\n"
        "[     0] fault lagoon/three/create#1 (r-3) refuse by lagoon#3\n"
        "[     0] answer lagoon/three/create#1 (r-3) 409\n");
    stage_shut(&stage);
}

/* Once for each reservation, with the first message that shows its times and gets through whole. */
Test(partner, says_that_its_clock_is_off_when_the_clock_can_be_read)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         .intent = "trip",
         ACTIONS({.fault = DBK_FAULT_LOSE_ANSWER})},
        {.id = "lagoon#2",
         .op = DBK_OP_LOOK_UP,
         .attempt = 1,
         ACTIONS({.fault = DBK_FAULT_CUT_ANSWER})},
        {.id = "lagoon#3",
         .op = DBK_OP_CREATE,
         .intent = "tour",
         ACTIONS({.fault = DBK_FAULT_ERROR_AFTER_COMMIT}),
         LATERS({.after_ms = 1000, .has_callback = true})},
    };
    struct stage_setup setup = {
        .profile = pending_profile(), .rules = rules, .rule_count = 3, .clock_off_ms = -60001};
    struct stage stage;

    setup.profile.books_as = DBK_BOOKS_CONFIRMED;
    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_look_up(&stage, "r-1");
    stage_look_up(&stage, "r-1");
    stage_get(&stage, 1);
    stage_book(&stage, "tour", "r-2");
    stage_until(&stage, 1000);
    stage_get(&stage, 2);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] fault lagoon/trip/create#1 (r-1) lose-answer by lagoon#1\n"
        "[     0] silence lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[     0] saw lagoon/trip/look-up#1 (r-1) arrived\n"
        "[     0] fault lagoon/trip/look-up#1 (r-1) cut-answer by lagoon#2\n"
        "[     0] broken lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
        "[     0] saw lagoon/trip/look-up#2 (r-1) arrived\n"
        "[     0] fault lagoon/trip/create#1 (r-1) clock-off by clocks breaks clock-within R1\n"
        "[     0] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
        "[     0] saw lagoon/trip/get#1 (r-1) R1 arrived\n"
        "[     0] answer lagoon/trip/get#1 (r-1) 200 R1 confirmed\n"
        "[     0] saw lagoon/tour/create#1 (r-2) arrived\n"
        "[     0] effect lagoon/tour/create#1 (r-2) by create R2 confirmed 2 units 24000 EUR\n"
        "[     0] fault lagoon/tour/create#1 (r-2) error-after-commit by lagoon#3\n"
        "[     0] answer lagoon/tour/create#1 (r-2) 500\n"
        "[  1000] fault lagoon/tour/create#1 (r-2) clock-off by clocks breaks clock-within R2\n"
        "[  1000] callback lagoon/tour/create#1/callback#1 (r-2) R2 confirmed as "
        "lagoon/tour/create#1/callback#1 made at 1000 time 1\n"
        "[  1000] callback-answered lagoon/tour/create#1/callback#1 (r-2) 204 R2 confirmed as "
        "lagoon/tour/create#1/callback#1 made at 1000 time 1\n"
        "[  1000] saw lagoon/tour/get#1 (r-2) R2 arrived\n"
        "[  1000] answer lagoon/tour/get#1 (r-2) 200 R2 confirmed\n");
    stage_shut(&stage);
}

/* A clock that is off by just as much as the profile says keeps it. */
Test(partner, keeps_its_profile_with_a_clock_at_the_bound)
{
    static const int64_t offs[] = {60000, -60000, 60001, -60001};

    for (size_t i = 0; i < DBK_COUNT(offs); i++) {
        struct stage stage;

        stage_open(&stage,
                   &(struct stage_setup){.profile = stage_profile(), .clock_off_ms = offs[i]});
        stage_book(&stage, "trip", "r-1");
        cr_expect(dbk_same(stage.claim, i < 2 ? NULL : "clock-within"), "%lld: breaks %s",
                  (long long)offs[i], stage.claim ? stage.claim : "nothing");
        stage_shut(&stage);
    }
}

/* Six seats: the second create finds two left, so nothing is made twice, nor done before an error.
 */
Test(partner, tells_no_fault_that_had_no_effect)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         .attempt = 2,
         ACTIONS({.fault = DBK_FAULT_BOOK_TWICE}, {.fault = DBK_FAULT_NOT_VISIBLE})},
        {.id = "lagoon#2",
         .op = DBK_OP_CREATE,
         .attempt = 3,
         ACTIONS({.fault = DBK_FAULT_BOOK_TWICE}, {.fault = DBK_FAULT_ERROR_AFTER_COMMIT})},
        {.id = "lagoon#3",
         .op = DBK_OP_CANCEL,
         .attempt = 2,
         ACTIONS({.fault = DBK_FAULT_SAY_DONE_DO_NOTHING})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 3);
    stage_ask(&stage, "POST", "/reservations",
              "{\"reference\":\"r-1\",\"guest\":{\"name\":\"dbk.trip.1\"},"
              "\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":4}");
    stage_book(&stage, "trip", "r-2");
    stage_book(&stage, "trip", "r-3");
    stage_cancel(&stage, 1);
    stage_cancel(&stage, 1);
    stage_book(&stage, "tour", "r-4");
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 4 units 48000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[     0] saw lagoon/trip/create#2 (r-2) arrived\n"
        "[     0] effect lagoon/trip/create#2 (r-2) by create R2 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#2 (r-2) 201 R2 confirmed\n"
        "[     0] saw lagoon/trip/create#3 (r-3) arrived\n"
        "[     0] answer lagoon/trip/create#3 (r-3) 409\n"
        "[     0] saw lagoon/trip/cancel#1 (r-1) R1 arrived\n"
        "[     0] effect lagoon/trip/cancel#1 (r-1) by cancel R1 confirmed -> cancelled 4 units "
        "48000 EUR\n"
        "[     0] answer lagoon/trip/cancel#1 (r-1) 200 R1 cancelled\n"
        "[     0] saw lagoon/trip/cancel#2 (r-1) R1 arrived\n"
        "[     0] answer lagoon/trip/cancel#2 (r-1) 200 R1 cancelled\n"
        "[     0] saw lagoon/tour/create#1 (r-4) arrived\n"
        "[     0] effect lagoon/tour/create#1 (r-4) by create R3 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/tour/create#1 (r-4) 201 R3 confirmed\n");
    stage_shut(&stage);
}

Test(partner, takes_the_choosers_fault_where_no_rule_acts)
{
    const struct dbk_rule rule = {.id = "lagoon#1", .op = DBK_OP_CREATE};
    struct stage_setup setup = {.profile = stage_profile(),
                                .rules = &rule,
                                .rule_count = 1,
                                .fault_on = "lagoon/trip/create#2",
                                .fault = DBK_FAULT_COMMIT_LATE};
    struct stage stage;

    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_book(&stage, "trip", "r-2");
    stage_until(&stage, 30000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[     0] saw lagoon/trip/create#2 (r-2) arrived\n"
        "[     0] fault lagoon/trip/create#2 (r-2) commit-late by choice\n"
        "[ 30000] effect lagoon/trip/create#2 (r-2) by create R2 confirmed 2 units 24000 EUR\n"
        "[ 30000] answer lagoon/trip/create#2 (r-2) 201 R2 confirmed\n");
    stage_shut(&stage);
}

/* A cancel cannot be booked twice, so choosing that for it is choosing nothing. */
Test(partner, ignores_a_chosen_fault_that_makes_no_sense)
{
    struct stage_setup setup = {.profile = stage_profile(),
                                .fault_on = "lagoon/trip/cancel#1",
                                .fault = DBK_FAULT_BOOK_TWICE};
    struct stage stage;

    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_cancel(&stage, 1);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
        "[     0] saw lagoon/trip/cancel#1 (r-1) R1 arrived\n"
        "[     0] effect lagoon/trip/cancel#1 (r-1) by cancel R1 confirmed -> cancelled 2 units "
        "24000 EUR\n"
        "[     0] answer lagoon/trip/cancel#1 (r-1) 200 R1 cancelled\n");
    stage_shut(&stage);
}

/* What becomes of the callback that it sends by itself when what it booked is settled. */
static const char *own_callback(uint32_t choice, const struct dbk_later *callback)
{
    const struct dbk_rule rule = {.id = "lagoon#1",
                                  .op = DBK_OP_CREATE,
                                  .callbacks = callback,
                                  .callback_count = callback ? 1 : 0};
    const struct stage_setup setup = {.profile = pending_profile(),
                                      .rules = &rule,
                                      .rule_count = callback ? 1 : 0,
                                      .callback_choice = choice};
    static char told[2000];
    struct stage stage;

    stage_open(&stage, &setup);
    stage_book(&stage, "trip", "r-1");
    stage_until(&stage, 200000);
    const char *settled = strstr(stage_trace(&stage), "[  2000]");
    snprintf(told, sizeof told, "%s", settled ? settled : "not settled");
    stage_shut(&stage);
    return told;
}

#define SETTLED "[  2000] effect (r-1) by itself R1 pending -> confirmed 2 units 24000 EUR\n"
#define FAULT(name, by)                                                                            \
    "[  2000] fault lagoon/trip/create#1/callback#1 (r-1) " name " by " by " R1\n"

Test(partner, sends_its_own_callback_as_the_chooser_takes_it)
{
    cr_expect_str_eq(own_callback(1, NULL), SETTLED FAULT("lost-callback", "choice"));
    const char *held = own_callback(2, NULL);
    cr_expect(dbk_starts_with(held, SETTLED FAULT("held-callback", "choice") "[ 92000] callback "),
              "got: %s", held);
    const char *copied = own_callback(4, NULL);
    cr_expect(
        dbk_starts_with(copied, SETTLED FAULT("copied-callback", "choice") "[  2000] callback "),
        "got: %s", copied);
    cr_expect_not_null(strstr(copied, "[ 92000] callback "), "got: %s", copied);
    const char *older = own_callback(5, NULL);
    cr_expect_not_null(strstr(older, "R1 pending as"), "got: %s", older);
    cr_expect(dbk_starts_with(older, SETTLED FAULT("older-callback", "choice")), "got: %s", older);
}

Test(partner, sends_its_own_callback_as_a_rule_says_and_asks_no_chooser_then)
{
    const struct dbk_later lost = {.is_lost = true, .line = 7};
    const struct dbk_later plain = {.copies = 1, .line = 7};

    cr_expect_str_eq(own_callback(3, &lost),
                     SETTLED "[  2000] fault lagoon/trip/create#1/callback#1 (r-1) lost-callback "
                             "by lagoon#1 line 7 R1\n");
    const char *told = own_callback(3, &plain);
    cr_expect_null(strstr(told, "fault"), "got: %s", told);
    cr_expect_not_null(strstr(told, "[  2000] callback "), "got: %s", told);
}

Test(partner, keeps_its_state_when_started_and_loses_it_when_it_forgets)
{
    const struct dbk_rule rules[] = {
        {.id = "lagoon#1",
         .op = DBK_OP_CREATE,
         ACTIONS({.fault = DBK_FAULT_DELAY_ANSWER, .duration_ms = 5000})},
    };
    struct stage stage;

    open_with(&stage, stage_profile(), rules, 1);
    stage_book(&stage, "trip", "r-1");
    stage.wake_ms = DBK_ABSENT;
    stage_step(&stage, &(struct dbk_event){.kind = DBK_EVENT_STARTED});
    cr_expect_eq(stage.wake_ms, 5000, "a wake dies with its process and is asked for again");
    stage_look_up(&stage, "r-1");
    stage.partner.ops->forget(stage.partner.self);
    stage_step(&stage, &(struct dbk_event){.kind = DBK_EVENT_STARTED});
    stage_look_up(&stage, "r-1");
    stage_until(&stage, 9000);
    expect_trace(
        &stage,
        "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
        "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
        "[     0] fault lagoon/trip/create#1 (r-1) delay-answer by lagoon#1\n"
        "[     0] saw lagoon/trip/look-up#1 (r-1) arrived\n"
        "[     0] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
        "[     0] saw lagoon/look-up#1 (r-1) arrived\n"
        "[     0] answer lagoon/look-up#1 (r-1) 200 none\n");
    stage_shut(&stage);
}

static uint64_t draw(uint64_t seed, const char *what, uint64_t nth, uint64_t bound)
{
    return dbk_draw_below(seed, "test", what, nth, bound);
}

static void draw_rule(uint64_t seed, uint64_t nth, struct dbk_rule *rule,
                      struct dbk_action *actions, struct dbk_later *later)
{
    static const char *const states[] = {NULL, "confirmed", "rejected", "cancelled"};

    for (uint64_t i = 0; i < 3; i++)
        actions[i] = (struct dbk_action){
            .fault = (enum dbk_fault)draw(seed, "fault", 3 * nth + i, DBK_FAULTS),
            .duration_ms = (int64_t)draw(seed, "duration", 3 * nth + i, 90000)};
    *later = (struct dbk_later){.after_ms = (int64_t)draw(seed, "after", nth, 5000),
                                .set = states[draw(seed, "set", nth, 4)],
                                .has_callback = draw(seed, "callback", nth, 2) == 1,
                                .copies = (int64_t)draw(seed, "copies", nth, 3),
                                .apart_ms = (int64_t)draw(seed, "apart", nth, 3000)};
    *rule = (struct dbk_rule){.id = "lagoon#n",
                              .op = (enum dbk_op)draw(seed, "op", nth, DBK_OPS),
                              .attempt = (int64_t)draw(seed, "attempt", nth, 3),
                              .times = (int64_t)draw(seed, "times", nth, 3),
                              .actions = actions,
                              .action_count = draw(seed, "actions", nth, 4),
                              .laters = later,
                              .later_count = draw(seed, "laters", nth, 2)};
}

static void play_drawn(struct stage *stage, uint64_t seed)
{
    static const char *const references[] = {"r-1", "r-2", "r-3"};
    static const char *const intents[] = {"trip", "tour"};

    for (uint64_t i = 0; i < 12; i++) {
        const char *reference = references[draw(seed, "reference", i, 3)];
        uint64_t what = draw(seed, "what", i, 5);
        size_t nth = stage->id_count ? 1 + (size_t)draw(seed, "nth", i, stage->id_count) : 0;

        if (what < 2 || nth == 0)
            stage_book(stage, intents[draw(seed, "intent", i, 2)], reference);
        else if (what == 2)
            stage_look_up(stage, reference);
        else if (what == 3)
            stage_get(stage, nth);
        else
            stage_cancel(stage, nth);
        stage_until(stage, stage->now_ms + (int64_t)draw(seed, "pause", i, 20000));
    }
    stage_until(stage, 1000000);
}

/* Whatever its script: played again on the same machine, and on another, it does the same. */
Test(partner, does_the_same_again_under_the_same_script)
{
    struct dbk_text first = {0};

    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct dbk_rule rules[3];
        struct dbk_action actions[9];
        struct dbk_later laters[3];
        struct dbk_profile profile = pending_profile();
        struct stage stage;

        for (uint64_t i = 0; i < 3; i++)
            draw_rule(seed, i, &rules[i], &actions[3 * i], &laters[i]);
        profile.dedupe = (int64_t)draw(seed, "dedupe", 0, 2);
        profile.callback_id = DBK_CALLBACK_ID_EVENT;
        open_with(&stage, profile, rules, 3);
        play_drawn(&stage, seed);
        dbk_text_clear(&first);
        dbk_text_add(&first, stage.trace.bytes);
        stage_renew(&stage);
        play_drawn(&stage, seed);
        cr_assert_str_eq(stage.trace.bytes, first.bytes, "seed %llu, renewed",
                         (unsigned long long)seed);
        stage_shut(&stage);
        open_with(&stage, profile, rules, 3);
        play_drawn(&stage, seed);
        cr_assert_str_eq(stage.trace.bytes, first.bytes, "seed %llu, another machine",
                         (unsigned long long)seed);
        stage_shut(&stage);
    }
    dbk_text_reset(&first);
}
