#include "fake-partners/fault.h"

#define CREATE (1u << DBK_OP_CREATE)
#define CANCEL (1u << DBK_OP_CANCEL)
#define CONFIRM (1u << DBK_OP_CONFIRM)
#define EXTEND (1u << DBK_OP_EXTEND)
#define CHANGES (CREATE | CANCEL | CONFIRM | EXTEND)
#define EVERY (CHANGES | (1u << DBK_OP_LOOK_UP) | (1u << DBK_OP_GET))

static const char *const op_names[DBK_OPS] = {
    [DBK_OP_ANY] = "any",       [DBK_OP_CREATE] = "create", [DBK_OP_LOOK_UP] = "look-up",
    [DBK_OP_GET] = "get",       [DBK_OP_CANCEL] = "cancel", [DBK_OP_CONFIRM] = "confirm",
    [DBK_OP_EXTEND] = "extend",
};

const struct dbk_fault_row dbk_faults[DBK_FAULTS] = {
    [DBK_FAULT_LOSE_REQUEST] =
        {
            .name = "lose-request",
            .point = "request on its way",
            .side = DBK_SIDE_BEFORE,
            .made_by = "wire",
            .ops = EVERY,
            .sentence = "The request never reaches the partner, and the client waits in silence.",
        },
    [DBK_FAULT_DELAY_REQUEST] =
        {
            .name = "delay-request",
            .point = "request on its way",
            .side = DBK_SIDE_BEFORE,
            .made_by = "wire",
            .breaks = "commits-within",
            .unless = "commit_within",
            .argument = "by",
            .argument_needed = true,
            .ops = EVERY,
            .sentence =
                "The request is held on its way and is carried out when it arrives, even if "
                "the client has long given up.",
        },
    [DBK_FAULT_REFUSE] =
        {
            .name = "refuse",
            .point = "before the commit",
            .side = DBK_SIDE_BEFORE,
            .made_by = "partner",
            .argument = "reason",
            .ops = CHANGES,
            .sentence =
                "The partner refuses and nothing changes: a create as sold-out, a cancel as "
                "not-cancellable, a confirm as not-confirmable, an extension as not-extendable, "
                "unless a reason is given.",
        },
    [DBK_FAULT_SLOW_DOWN] =
        {
            .name = "slow-down",
            .point = "before the commit",
            .side = DBK_SIDE_BEFORE,
            .made_by = "partner",
            .argument = "for",
            .argument_needed = true,
            .ops = EVERY,
            .sentence =
                "The partner answers that it is asked too often, says for how long it wants not to "
                "be asked, and has done nothing.",
        },
    [DBK_FAULT_ERROR_BEFORE_COMMIT] =
        {
            .name = "error-before-commit",
            .point = "before the commit",
            .side = DBK_SIDE_BEFORE,
            .made_by = "partner",
            .argument = "status",
            .ops = EVERY,
            .sentence = "The partner answers with a server error and has done nothing.",
        },
    [DBK_FAULT_COMMIT_LATE] =
        {
            .name = "commit-late",
            .point = "the commit",
            .side = DBK_SIDE_BEFORE,
            .made_by = "partner",
            .breaks = "commits-within",
            .unless = "commit_within",
            .argument = "by",
            .argument_needed = true,
            .ops = CHANGES,
            .sentence =
                "The partner has the request, works on it for so long, and only then commits "
                "and answers.",
        },
    [DBK_FAULT_BOOK_TWICE] =
        {
            .name = "book-twice",
            .point = "the commit",
            .side = DBK_SIDE_NONE,
            .made_by = "partner",
            .breaks = "one-create-one-reservation",
            .ops = CREATE,
            .sentence = "One create makes two reservations, and the answer names the first.",
        },
    [DBK_FAULT_ERROR_AFTER_COMMIT] =
        {
            .name = "error-after-commit",
            .point = "after the commit",
            .side = DBK_SIDE_AFTER,
            .made_by = "partner",
            .breaks = "error-means",
            .argument = "status",
            .ops = CHANGES,
            .sentence = "The partner has done what was asked, and answers with a server error.",
        },
    [DBK_FAULT_LOSE_ANSWER] =
        {
            .name = "lose-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .ops = EVERY,
            .sentence = "The partner has done what was asked, and its answer never arrives.",
        },
    [DBK_FAULT_DELAY_ANSWER] =
        {
            .name = "delay-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .argument = "by",
            .argument_needed = true,
            .ops = EVERY,
            .sentence =
                "The partner does at once what was asked, and its answer takes so much longer.",
        },
    [DBK_FAULT_RESET_ANSWER] =
        {
            .name = "reset-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .ops = EVERY,
            .sentence =
                "The partner has done what was asked, and the connection breaks instead of an "
                "answer.",
        },
    [DBK_FAULT_CLOSE_ANSWER] =
        {
            .name = "close-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .ops = EVERY,
            .sentence =
                "The partner has done what was asked, and the connection is closed without a "
                "byte of an answer.",
        },
    [DBK_FAULT_CUT_ANSWER] =
        {
            .name = "cut-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .ops = EVERY,
            .sentence =
                "The partner has done what was asked, and its answer ends in the middle of the "
                "body.",
        },
    [DBK_FAULT_NOT_VISIBLE] =
        {
            .name = "not-visible",
            .point = "after the commit",
            .side = DBK_SIDE_AFTER,
            .made_by = "partner",
            .breaks = "visible-within",
            .unless = "visible_within",
            .argument = "for",
            .argument_needed = true,
            .ops = CREATE,
            .sentence = "For so long after the commit, look-ups do not show what this create made.",
        },
    [DBK_FAULT_SAY_DONE_DO_NOTHING] =
        {
            .name = "say-done-do-nothing",
            .point = "the commit",
            .side = DBK_SIDE_NONE,
            .made_by = "partner",
            .breaks = "cancel-takes-effect",
            .ops = CANCEL,
            .sentence = "The partner answers that the reservation is cancelled, and it is not.",
        },
    [DBK_FAULT_KEEP_HOLD] =
        {
            .name = "keep-hold",
            .point = "after the commit",
            .side = DBK_SIDE_AFTER,
            .made_by = "partner",
            .breaks = "hold-ends",
            .ops = CREATE,
            .sentence = "The hold that this create makes never ends by itself and keeps its seats.",
        },
};

const struct dbk_lapse_row dbk_lapses[DBK_LAPSES] = {
    [DBK_LAPSE_BEYOND_COMMIT_WITHIN] =
        {
            .name = "beyond-commit-within",
            .said_by = "profile",
            .breaks = "commits-within",
            .sentence =
                "A create is committed too late though no fault held it up for so long: its "
                "way alone, or a busy machine, took what the profile allows.",
        },
    [DBK_LAPSE_CALLBACK_UNTRUE] =
        {
            .name = "callback-untrue",
            .said_by = "callback: { says }",
            .breaks = "callback-tells-what-is",
            .sentence = "A callback names a state that the reservation has never had.",
        },
    [DBK_LAPSE_CALLBACK_UNPROMISED] =
        {
            .name = "callback-unpromised",
            .said_by = "callback",
            .breaks = "callback-kind",
            .sentence = "The partner calls back although its profile says that it never does.",
        },
    [DBK_LAPSE_BOOKS_OTHERWISE] =
        {
            .name = "books-otherwise",
            .said_by = "answers: { status }",
            .breaks = "books-as",
            .sentence = "A create leaves a reservation in another state than the profile says.",
        },
    [DBK_LAPSE_CLOCK_OFF] =
        {
            .name = "clock-off",
            .said_by = "clocks",
            .breaks = "clock-within",
            .sentence = "A reservation is first shown, with its times, by a partner whose clock is "
                        "off by more than its profile allows.",
        },
    [DBK_LAPSE_HOLD_CUT_SHORT] =
        {
            .name = "hold-cut-short",
            .said_by = "later: { set: expired }",
            .breaks = "hold-lasts",
            .sentence = "A hold ends before the time for which it was promised.",
        },
    [DBK_LAPSE_CONFIRMS_OTHERWISE] =
        {
            .name = "confirms-otherwise",
            .said_by = "answers: { status }",
            .breaks = "confirms-as",
            .sentence = "A confirm leaves a reservation in another state than the profile says.",
        },
};

const char *dbk_op_name(enum dbk_op op)
{
    return op < DBK_OPS ? op_names[op] : NULL;
}

enum dbk_op dbk_op_by_name(const char *name)
{
    enum dbk_op op = DBK_OP_ANY;

    while (op < DBK_OPS && !dbk_same(op_names[op], name))
        op++;
    return op;
}

enum dbk_fault dbk_fault_by_name(const char *name)
{
    enum dbk_fault fault = 0;

    while (fault < DBK_FAULTS && !dbk_same(dbk_faults[fault].name, name))
        fault++;
    return fault;
}

static int64_t bound_of(const char *knob, const struct dbk_profile *profile)
{
    for (size_t i = 0; i < dbk_knob_count; i++)
        if (dbk_same(dbk_knobs[i].key, knob))
            return *(const int64_t *)((const char *)profile + dbk_knobs[i].offset);
    return 0;
}

int64_t dbk_fault_bound(enum dbk_fault fault, const struct dbk_profile *profile)
{
    return dbk_faults[fault].unless ? bound_of(dbk_faults[fault].unless, profile) : 0;
}

const char *dbk_fault_breaks(enum dbk_fault fault, int64_t took_ms,
                             const struct dbk_profile *profile)
{
    const struct dbk_fault_row *row = &dbk_faults[fault];

    /* An error promises something only where the profile says that an error means "not booked". */
    if (fault == DBK_FAULT_ERROR_AFTER_COMMIT && profile->server_error != DBK_ERROR_IS_NOT_BOOKED)
        return NULL;
    if (row->unless && took_ms < bound_of(row->unless, profile))
        return NULL;
    return row->breaks;
}
