#include "core/know.h"

#include "base/history.h"
#include "some_evidence.h"

#include <criterion/criterion.h>

TestSuite(know, .timeout = 60);

static void print_request(const struct dbk_known_request *request, struct dbk_text *out)
{
    const int64_t fields[] = {
        request->number,     request->nth,         request->call,           request->sent_at_ms,
        request->left_by_ms, request->deadline_ms, request->ended_at_ms,    request->end,
        request->http,       request->is_missed,   request->absent_after_ms};

    dbk_text_printf(out, "request %s %s:", request->key ? request->key : "-",
                    request->reservation ? request->reservation : "-");
    for (size_t i = 0; i < DBK_COUNT(fields); i++) {
        dbk_text_add_char(out, ' ');
        dbk_text_add_integer(out, fields[i]);
    }
    dbk_text_add_char(out, '\n');
}

static void print_reservation(const struct dbk_known_reservation *reservation, struct dbk_text *out)
{
    const struct dbk_reading *reading = &reservation->reading;
    const int64_t fields[] = {
        reservation->first_at_ms,
        reading->state,
        reading->version,
        reading->attempt,
        reading->number,
        reading->at_ms,
        reservation->hint,
        reading->expires_ms,
        reservation->passed,
        reservation->cancel_done,
        reservation->cancel_done_at_ms,
    };

    dbk_text_printf(out, "reservation %s %s:", reservation->id,
                    reservation->key ? reservation->key : "-");
    for (size_t i = 0; i < DBK_COUNT(fields); i++) {
        dbk_text_add_char(out, ' ');
        dbk_text_add_integer(out, fields[i]);
    }
    dbk_text_printf(out, " gone %lld again %lld", (long long)reservation->gone,
                    (long long)reservation->cancel_again);
    for (int call = 0; call < DBK_CALLS; call++)
        dbk_text_printf(out, " %lld to %lld", (long long)reservation->sent[call],
                        (long long)(reservation->last[call] ? reservation->last[call]->number : 0));
    for (int state = 0; state < DBK_THEIR_STATES; state++)
        dbk_text_printf(out, " %lld at %lld", (long long)reservation->hints[state].number,
                        (long long)reservation->hints[state].at_ms);
    dbk_text_add_char(out, '\n');
}

/* Every field there is; what points into the known is printed as what it points at. */
static void print_known(const struct dbk_known *known, struct dbk_text *out)
{
    dbk_text_clear(out);
    for (size_t i = 0; i < known->request_count; i++)
        print_request(&known->requests[i], out);
    for (int desk = 0; desk < DBK_DESKS; desk++)
        dbk_text_printf(out, "%lld ", (long long)known->said[desk]);
    for (size_t i = 0; i < known->reservation_count; i++)
        print_reservation(&known->reservations[i], out);
    dbk_text_printf(
        out, "creates %lld last %lld air %lld called %s %lld read %lld%s%s%s %lld %s\n",
        (long long)known->creates, (long long)(known->last_create ? known->last_create->number : 0),
        (long long)(known->in_air ? known->in_air->number : 0),
        known->called ? known->called->id : "-", (long long)known->last_called,
        (long long)known->last_read, known->is_cancel_asked ? " cancel" : "",
        known->is_with_operator ? " operator" : "", known->is_only_held ? " held" : "",
        (long long)known->extend_asked, known->handed_over_for ? known->handed_over_for : "-");
}

/* Repeats some records and puts all of them into another order. */
static void stir(struct some_case *some)
{
    size_t once = some->count;

    for (size_t i = 0; i < once; i++)
        if (some_draw(some, 3) == 0)
            some->evidence[some->count++] = some->evidence[i];
    for (size_t i = some->count; i > 1; i--) {
        size_t at = some_draw(some, i);
        struct dbk_evidence moved = some->evidence[i - 1];
        some->evidence[i - 1] = some->evidence[at];
        some->evidence[at] = moved;
    }
}

Test(know, is_a_join_of_evidence_in_any_order_and_repetition)
{
    struct dbk_arena arena = {0};
    struct dbk_text once = {0}, again = {0};
    struct some_case some;
    size_t found = 0, absent = 0, doubt = 0;

    for (uint64_t number = 1; number <= 100000; number++) {
        dbk_arena_reset(&arena);
        some_case_draw(&some, number);
        struct dbk_known known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        print_known(&known, &once);
        for (size_t i = 0; i < known.request_count; i++) {
            found += known.requests[i].end == DBK_END_FOUND;
            absent += known.requests[i].end == DBK_END_ABSENT;
            doubt += known.requests[i].end == DBK_END_DOUBT;
        }
        stir(&some);
        known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        print_known(&known, &again);
        cr_assert_str_eq(again.bytes, once.bytes, "case %llu", (unsigned long long)number);
    }
    cr_assert(found > 100 && absent > 30 && doubt > 100, "the cases are too tame: %zu %zu %zu",
              found, absent, doubt);
    dbk_text_reset(&once);
    dbk_text_reset(&again);
    dbk_arena_free(&arena);
}

/* A create that left at 0 and timed out, a look-up sent at look_up_ms that showed nothing. */
static enum dbk_end end_after(int64_t look_up_ms, const struct dbk_profile *profile,
                              struct dbk_arena *arena)
{
    const struct dbk_evidence evidence[] = {
        {.number = 1,
         .kind = DBK_EVIDENCE_SENT,
         .call = DBK_CALL_CREATE,
         .attempt = 1,
         .nth = 1,
         .key = "K",
         .left_by_ms = 10000,
         .deadline_ms = 20000},
        {.number = 2,
         .kind = DBK_EVIDENCE_IN_DOUBT,
         .call = DBK_CALL_CREATE,
         .attempt = 1,
         .at_ms = 12000,
         .left_by_ms = 2000},
        {.number = 3,
         .kind = DBK_EVIDENCE_SENT,
         .call = DBK_CALL_LOOK_UP,
         .attempt = 3,
         .nth = 1,
         .key = "K",
         .at_ms = look_up_ms},
        {.number = 4,
         .kind = DBK_EVIDENCE_NOTHING,
         .call = DBK_CALL_LOOK_UP,
         .attempt = 3,
         .key = "K",
         .at_ms = look_up_ms + 90000},
    };
    return dbk_know(evidence, DBK_COUNT(evidence), profile, arena).requests[0].end;
}

/* It left within 2 s of being sent, commits within 60 s, shows within 5 s: 67 s in all, counted by
 * when the look-up was sent, not by when it was answered. */
Test(know, proves_absence_on_the_last_millisecond_of_the_envelope)
{
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};

    profile.commit_within_ms = 60000;
    profile.visible_within_ms = 5000;
    cr_assert_eq(end_after(66999, &profile, &arena), DBK_END_DOUBT);
    cr_assert_eq(end_after(67000, &profile, &arena), DBK_END_ABSENT);
    dbk_arena_free(&arena);
}

/* Duffel: order_not_created, whatever its status, promises that there was no side effect; other
 * errors of the same status promise nothing. */
Test(know, believes_an_error_that_nothing_was_made_only_of_a_partner_that_promises_to_tell)
{
    struct dbk_evidence evidence[] = {
        {.number = 1, .kind = DBK_EVIDENCE_SENT, .call = DBK_CALL_CREATE, .attempt = 1, .key = "K"},
        {.number = 2,
         .kind = DBK_EVIDENCE_IN_DOUBT,
         .call = DBK_CALL_CREATE,
         .attempt = 1,
         .http = 502,
         .state = DBK_THEIRS_NONE},
    };
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};

    cr_expect_eq(dbk_know(evidence, 2, &profile, &arena).requests[0].end, DBK_END_DOUBT);
    profile.server_error = DBK_ERROR_IS_TOLD;
    cr_expect_eq(dbk_know(evidence, 2, &profile, &arena).requests[0].end, DBK_END_NOT_BOOKED);
    evidence[1].state = DBK_THEIRS_UNREAD;
    cr_expect_eq(dbk_know(evidence, 2, &profile, &arena).requests[0].end, DBK_END_DOUBT);
    dbk_arena_free(&arena);
}

/* Two creates under one key, both in doubt, and one reservation found. */
Test(know, takes_two_creates_for_one_only_where_the_partner_deduplicates)
{
    const struct dbk_evidence evidence[] = {
        {.number = 1, .kind = DBK_EVIDENCE_SENT, .call = DBK_CALL_CREATE, .attempt = 1, .key = "K"},
        {.number = 2, .kind = DBK_EVIDENCE_IN_DOUBT, .call = DBK_CALL_CREATE, .attempt = 1},
        {.number = 3, .kind = DBK_EVIDENCE_SENT, .call = DBK_CALL_CREATE, .attempt = 3, .key = "K"},
        {.number = 4, .kind = DBK_EVIDENCE_IN_DOUBT, .call = DBK_CALL_CREATE, .attempt = 3},
        {.number = 5,
         .kind = DBK_EVIDENCE_SENT,
         .call = DBK_CALL_LOOK_UP,
         .attempt = 5,
         .key = "K",
         .at_ms = 1000},
        {.number = 6,
         .kind = DBK_EVIDENCE_FOUND,
         .call = DBK_CALL_LOOK_UP,
         .attempt = 5,
         .key = "K",
         .reservation = "R1",
         .state = DBK_THEIRS_CONFIRMED,
         .version = DBK_ABSENT},
    };
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};

    struct dbk_known known = dbk_know(evidence, DBK_COUNT(evidence), &profile, &arena);
    cr_assert_eq(known.requests[0].end, DBK_END_FOUND);
    cr_assert_eq(known.requests[1].end, DBK_END_DOUBT);
    profile.dedupe = DBK_DEDUPE_REFERENCE;
    known = dbk_know(evidence, DBK_COUNT(evidence), &profile, &arena);
    cr_assert_eq(known.requests[0].end, DBK_END_FOUND);
    cr_assert_eq(known.requests[1].end, DBK_END_FOUND);
    dbk_arena_free(&arena);
}
