#include "core/texts.h"

#include "core/decide.h"
#include "core/move.h"
#include "some_evidence.h"
#include "stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(texts, .timeout = 60);

#define BY_MS 1782928510000 /* 2026-07-01T17:55:10Z */

static char *told(enum dbk_told what, enum dbk_language language, int64_t by_ms)
{
    struct dbk_text text = {0};

    dbk_told_write(what, language, by_ms, &text);
    return dbk_text_take(&text);
}

Test(texts, say_what_we_know_and_whether_one_is_charged)
{
    char *text = told(DBK_TOLD_CHECKING, DBK_ENGLISH, BY_MS);
    cr_expect_str_eq(text, "We do not know yet whether our partner has your booking. We are making "
                           "sure of it. You will hear from us by 2026-07-01 17:55 UTC. Nothing is "
                           "charged unless it is confirmed. There is no need to book again: that "
                           "could book it twice.");
    free(text);
    text = told(DBK_TOLD_CHECKING, DBK_FRENCH, 0);
    cr_expect_str_eq(
        text, "Nous ne savons pas encore si notre partenaire a votre réservation. Nous le "
              "vérifions. Rien n'est débité tant qu'elle n'est pas confirmée. Il est inutile "
              "de réserver à nouveau : cela pourrait réserver deux fois.");
    free(text);
}

/* In both languages, whole sentences, each another; and a time only where there is one. */
Test(texts, are_there_for_everything_in_both_languages)
{
    for (int what = 0; what < DBK_TOLDS; what++) {
        cr_expect_eq(dbk_told_by_name(dbk_told_name((enum dbk_told)what)), what);
        for (int language = 0; language < DBK_LANGUAGES; language++) {
            char *with = told((enum dbk_told)what, (enum dbk_language)language, BY_MS);
            char *without = told((enum dbk_told)what, (enum dbk_language)language, 0);
            cr_expect(dbk_is_utf8(with, strlen(with)), "%s", with);
            cr_expect_eq(with[strlen(with) - 1], '.', "%s", with);
            cr_expect_null(strstr(with, "%s"), "%s", with);
            cr_expect_null(strstr(without, "UTC"), "%s", without);
            cr_expect_eq(strstr(with, "UTC") != NULL, strcmp(with, without) != 0, "%s", with);
            for (int other = 0; other < what; other++) {
                char *another = told((enum dbk_told)other, (enum dbk_language)language, 0);
                cr_expect_str_neq(another, without);
                free(another);
            }
            free(with);
            free(without);
        }
    }
    cr_expect_eq(dbk_told_by_name("nothing"), DBK_TOLDS);
    cr_expect_eq(dbk_told_by_name(NULL), DBK_TOLDS);
}

/* Whatever happened: nobody is told "confirmed" who is not, nor "not charged" who may be. */
Test(texts, never_say_more_than_the_status)
{
    struct dbk_arena arena = {0};
    struct some_case some;
    size_t counts[DBK_TOLDS] = {0};

    for (uint64_t number = 1; number <= 50000; number++) {
        dbk_arena_reset(&arena);
        some_case_draw(&some, number);
        struct dbk_known known = dbk_know(some.evidence, some.count, &some.profile, &arena);
        enum dbk_status status = (enum dbk_status)some_draw(&some, DBK_STATUSES);
        struct dbk_decision decision = dbk_decide(&(struct dbk_question){
            .status = status,
            .known = &known,
            .profile = &some.profile,
            .policy = &some.policy,
            .now_ms = some.evidence[some.count - 1].at_ms,
        });
        enum dbk_told what = dbk_told_of(status, decision.sync, &known, decision.held_until_ms > 0);
        bool says_confirmed = what == DBK_TOLD_CONFIRMED || what == DBK_TOLD_CONFIRMED_PERSON;
        cr_assert(!says_confirmed || status == DBK_STATUS_CONFIRMED);
        cr_assert_eq(what == DBK_TOLD_REJECTED, status == DBK_STATUS_REJECTED);
        cr_assert_eq(what == DBK_TOLD_EXPIRED, status == DBK_STATUS_EXPIRED);
        counts[what]++;
    }
    for (int what = 0; what < DBK_TOLDS; what++)
        cr_expect_gt(counts[what], 20, "%s was told %zu times", dbk_told_name((enum dbk_told)what),
                     counts[what]);
    dbk_arena_free(&arena);
}

Test(texts, are_in_the_language_that_is_liked_better)
{
    static const struct {
        const char *header;
        enum dbk_language language;
    } cases[] = {
        {NULL, DBK_ENGLISH},
        {"", DBK_ENGLISH},
        {"fr", DBK_FRENCH},
        {"fr-CH", DBK_FRENCH},
        {"FR", DBK_FRENCH},
        {"fr-FR,fr;q=0.9,en;q=0.8", DBK_FRENCH},
        {"en-GB,en;q=0.9,fr;q=0.8", DBK_ENGLISH},
        {"de, en;q=0.3, fr;q=0.7", DBK_FRENCH},
        {"de, fr;q=0.25, en;q=0.250", DBK_ENGLISH},
        {"fr;q=0", DBK_ENGLISH},
        {"fry", DBK_ENGLISH},
        {"fr;q=high", DBK_ENGLISH},
        {",,;;=,fr", DBK_FRENCH},
        {"*", DBK_ENGLISH},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++)
        cr_expect_eq(dbk_language_of(cases[i].header), cases[i].language, "%s",
                     cases[i].header ? cases[i].header : "none");
}

static const char *read_messages(struct stage *stage, const char *language)
{
    struct dbk_message *request = NULL;
    struct dbk_booking booking;
    struct dbk_text path = {0};

    cr_assert_eq(dbk_store_booking_by_row(stage->store, 1, &stage->arena, &booking), DBK_FOUND);
    dbk_text_printf(&path, "/bookings/%s/messages", booking.id);
    request = dbk_request_new("GET", path.bytes);
    dbk_message_set_header(request, "Accept-Language", language);
    dbk_text_reset(&path);
    return stage_send(stage, request)->body;
}

/* Each once, though the worker dies in between; and no word of the partner's in any. */
Test(texts, are_kept_as_messages_each_once)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_crash(stage);
    stage_until(stage, 63000);
    stage_answer(stage, "200 [R1 K1 confirmed]");
    cr_expect_str_eq(
        read_messages(stage, "en"),
        "{\"language\":\"en\",\"messages\":[{\"number\":5,\"at\":\"2026-07-01T17:25:00.000Z\","
        "\"about\":\"checking\",\"message\":\"We do not know yet whether our partner has your "
        "booking. We are making sure of it. You will hear from us by 2026-07-01 17:55 UTC. Nothing "
        "is charged unless it is confirmed. There is no need to book again: that could book it "
        "twice.\"},{\"number\":11,\"at\":\"2026-07-01T17:26:03.000Z\",\"about\":\"confirmed\","
        "\"message\":\"Your booking is confirmed. You are charged the agreed price.\"}]}");
    cr_expect(strstr(read_messages(stage, "fr-CH, en;q=0.5"), "Votre réservation est confirmée."));
    stage_free(stage);
}

Test(texts, hold_no_word_of_a_partner)
{
    struct stage *stage = stage_new();

    stage_book(stage, "key-1");
    stage_answer(stage, "409 <script>alert(1)</script>");
    stage_until(stage, 120000);
    cr_expect_null(strstr(read_messages(stage, "en"), "script"));
    stage_free(stage);
}
