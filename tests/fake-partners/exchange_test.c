#include "stage.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(exchange, .timeout = 20);

/* What is played under each fault: a create, a look-up a second later and another one after that,
 * or a cancel of what there is, and a look-up when all is over. The fault is a rule's action on one
 * of the first two or on the cancel. */
struct story {
    enum dbk_op op;
    struct dbk_action action;
    bool cancels, holds;
    const char *trace;
};

static const struct story stories[DBK_FAULTS] = {
    [DBK_FAULT_LOSE_REQUEST] =
        {.op = DBK_OP_CREATE,
         .trace = "[     0] saw lagoon/trip/create#1 (r-1) lost\n"
                  "[     0] fault lagoon/trip/create#1 (r-1) lose-request by lagoon#1 line 12\n"
                  "[     0] silence\n"
                  "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
                  "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
                  "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
                  "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
                  "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
                  "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 none\n"},
    [DBK_FAULT_DELAY_REQUEST] =
        {.op = DBK_OP_CREATE,
         .action = {.duration_ms = 60001},
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] fault lagoon/trip/create#1 (r-1) delay-request by lagoon#1 line 12 breaks "
             "commits-within\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
             "[ 60001] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[ 60001] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_REFUSE] =
        {.op = DBK_OP_CREATE,
         .trace = "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
                  "[     0] fault lagoon/trip/create#1 (r-1) refuse by lagoon#1 line 12\n"
                  "[     0] answer lagoon/trip/create#1 (r-1) 409\n"
                  "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
                  "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
                  "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
                  "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
                  "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
                  "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 none\n"},
    [DBK_FAULT_SLOW_DOWN] =
        {.op = DBK_OP_CREATE,
         .action = {.duration_ms = 30000},
         .trace = "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
                  "[     0] fault lagoon/trip/create#1 (r-1) slow-down by lagoon#1 line 12\n"
                  "[     0] answer lagoon/trip/create#1 (r-1) 429\n"
                  "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
                  "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
                  "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
                  "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
                  "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
                  "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 none\n"},
    [DBK_FAULT_ERROR_BEFORE_COMMIT] =
        {.op = DBK_OP_CREATE,
         .action = {.http = 503},
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] fault lagoon/trip/create#1 (r-1) error-before-commit by lagoon#1 line 12\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 503\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 none\n"},
    [DBK_FAULT_COMMIT_LATE] =
        {.op = DBK_OP_CREATE,
         .action = {.duration_ms = 20000},
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] fault lagoon/trip/create#1 (r-1) commit-late by lagoon#1 line 12\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
             "[ 20000] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[ 20000] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_BOOK_TWICE] =
        {.op = DBK_OP_CREATE,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R2 confirmed 2 units 24000 EUR\n"
             "[     0] fault lagoon/trip/create#1 (r-1) book-twice by lagoon#1 line 12 breaks "
             "one-create-one-reservation\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1,R2 R1=confirmed,R2=confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1,R2 R1=confirmed,R2=confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1,R2 R1=confirmed,R2=confirmed\n"},
    [DBK_FAULT_ERROR_AFTER_COMMIT] =
        {.op = DBK_OP_CREATE,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] fault lagoon/trip/create#1 (r-1) error-after-commit by lagoon#1 line 12\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 500\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_LOSE_ANSWER] =
        {.op = DBK_OP_LOOK_UP,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] fault lagoon/trip/look-up#1 (r-1) lose-answer by lagoon#1 line 12\n"
             "[  1000] silence lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_DELAY_ANSWER] =
        {.op = DBK_OP_CREATE,
         .action = {.duration_ms = 30000},
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] fault lagoon/trip/create#1 (r-1) delay-answer by lagoon#1 line 12\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
             "[ 30000] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_RESET_ANSWER] =
        {.op = DBK_OP_CREATE,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] fault lagoon/trip/create#1 (r-1) reset-answer by lagoon#1 line 12\n"
             "[     0] reset lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_CLOSE_ANSWER] =
        {.op = DBK_OP_CREATE,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] fault lagoon/trip/create#1 (r-1) close-answer by lagoon#1 line 12\n"
             "[     0] closed lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_CUT_ANSWER] =
        {.op = DBK_OP_CREATE,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] fault lagoon/trip/create#1 (r-1) cut-answer by lagoon#1 line 12\n"
             "[     0] broken lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_NOT_VISIBLE] =
        {.op = DBK_OP_CREATE,
         .action = {.duration_ms = 30000},
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] fault lagoon/trip/create#1 (r-1) not-visible by lagoon#1 line 12 breaks "
             "visible-within\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 none\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 none\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_SAY_DONE_DO_NOTHING] =
        {.op = DBK_OP_CANCEL,
         .cancels = true,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 confirmed 2 units 24000 EUR\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 confirmed\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 confirmed\n"
             "[  2000] saw lagoon/trip/cancel#1 (r-1) R1 arrived\n"
             "[  2000] fault lagoon/trip/cancel#1 (r-1) say-done-do-nothing by lagoon#1 line 12 "
             "breaks cancel-takes-effect\n"
             "[  2000] answer lagoon/trip/cancel#1 (r-1) 200 R1 cancelled\n"
             "[ 90000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#2 (r-1) 200 R1 confirmed\n"},
    [DBK_FAULT_KEEP_HOLD] =
        {.op = DBK_OP_CREATE,
         .holds = true,
         .trace =
             "[     0] saw lagoon/trip/create#1 (r-1) arrived\n"
             "[     0] effect lagoon/trip/create#1 (r-1) by create R1 on_hold 2 units 24000 EUR\n"
             "[     0] answer lagoon/trip/create#1 (r-1) 201 R1 on_hold\n"
             "[  1000] saw lagoon/trip/look-up#1 (r-1) arrived\n"
             "[  1000] answer lagoon/trip/look-up#1 (r-1) 200 R1 on_hold\n"
             "[  2000] saw lagoon/trip/look-up#2 (r-1) arrived\n"
             "[  2000] answer lagoon/trip/look-up#2 (r-1) 200 R1 on_hold\n"
             "[ 60000] fault lagoon/trip/create#1 (r-1) keep-hold by lagoon#1 line 12 breaks "
             "hold-ends\n"
             "[ 90000] saw lagoon/trip/look-up#3 (r-1) arrived\n"
             "[ 90000] answer lagoon/trip/look-up#3 (r-1) 200 R1 on_hold\n"},
};

static void play(struct stage *stage, const struct story *story)
{
    stage_book(stage, "trip", "r-1");
    stage_until(stage, 1000);
    stage_look_up(stage, "r-1");
    stage_until(stage, 2000);
    if (story->cancels)
        stage_cancel(stage, 1);
    else
        stage_look_up(stage, "r-1");
    stage_until(stage, 90000);
    stage_look_up(stage, "r-1");
}

/* Every row of the table takes effect here once, and does what its sentence says. */
Test(exchange, suffers_each_fault_as_its_row_says)
{
    for (size_t fault = 0; fault < DBK_FAULTS; fault++) {
        struct dbk_action action = stories[fault].action;
        struct dbk_rule rule = {
            .id = "lagoon#1", .op = stories[fault].op, .actions = &action, .action_count = 1};
        struct stage_setup setup = {.profile = stage_profile(), .rules = &rule, .rule_count = 1};
        struct stage stage;

        action.fault = (enum dbk_fault)fault;
        action.line = 12;
        setup.profile.hold_ms = 60000;
        if (stories[fault].holds)
            setup.profile.books_as = DBK_BOOKS_ON_HOLD;
        stage_open(&stage, &setup);
        play(&stage, &stories[fault]);
        cr_expect_eq(stage.fired[fault], 1, "%s fired %lld times", dbk_faults[fault].name,
                     (long long)stage.fired[fault]);
        expect_trace(&stage, stories[fault].trace);
        stage_shut(&stage);
    }
}
