#include "runner/decide/saw.h"

#include "base/history.h"
#include "base/time.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(saw, .timeout = 20);

/* The evidence that events make, a line each; or why one is refused. */
static void expect_evidence(const char *const *events, const char *expected)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};
    struct dbk_text got = {0};
    struct dbk_saw saw;
    char why[160] = "";

    dbk_saw_begin(&saw, &profile, &policy, &arena);
    for (size_t i = 0; events[i] && !why[0]; i++)
        if (!dbk_saw_add(&saw, events[i], why))
            dbk_text_printf(&got, "%s\n", why);
    for (size_t i = 0; i < saw.count && !why[0]; i++) {
        const struct dbk_evidence *one = &saw.evidence[i];
        dbk_text_printf(&got, "%lld %s %s of %lld %s %s %s",
                        (long long)(one->at_ms - DBK_SAW_ZERO_MS), dbk_evidence_name(one->kind),
                        dbk_call_name(one->call), (long long)one->attempt,
                        one->key ? one->key : "-", one->reservation ? one->reservation : "-",
                        dbk_theirs_name(one->state));
        if (one->http)
            dbk_text_printf(&got, " %lld", (long long)one->http);
        dbk_text_add_char(&got, '\n');
    }
    cr_expect_str_eq(got.bytes, expected, "%s: got:\n%s", events[0], got.bytes);
    dbk_text_reset(&got);
    dbk_arena_free(&arena);
}

#define EVENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(saw, makes_evidence_as_the_core_would_have_it)
{
    expect_evidence(
        EVENTS("create", "timeout", "look-up", "nothing", "create-anew", "answered=pending"),
        "0 sent create of 1 K1 - unread\n"
        "10000 in-doubt create of 1 K1 - unread\n"
        "11000 sent look-up of 3 K1 - unread\n"
        "12000 nothing look-up of 3 K1 - unread\n"
        "13000 sent create of 5 K2 - unread\n"
        "14000 answered create of 5 K2 R1 pending 200\n");
    expect_evidence(EVENTS("hold-asked", "create@2s", "answered=on_hold@3s", "confirm-asked",
                           "confirm", "error=502@1m", "get", "nothing", "callback=cancelled",
                           "operator"),
                    "0 hold-asked  of 0 - - unread\n"
                    "2000 sent create of 2 K1 - unread\n"
                    "3000 answered create of 2 K1 R1 on_hold 200\n"
                    "4000 confirm-asked  of 0 - - unread\n"
                    "5000 sent confirm of 5 - R1 unread\n"
                    "60000 in-doubt confirm of 5 - - unread 502\n"
                    "61000 sent get of 7 - R1 unread\n"
                    "62000 answered get of 7 - R1 none\n"
                    "63000 callback  of 0 K1 R1 cancelled\n"
                    "64000 operator  of 0 - - unread\n");
    expect_evidence(EVENTS("create", "not-created=502"),
                    "0 sent create of 1 K1 - unread\n"
                    "1000 in-doubt create of 1 K1 - none 502\n");
    expect_evidence(EVENTS("create", "broken", "create", "refused", "cancel-asked"),
                    "0 sent create of 1 K1 - unread\n"
                    "1000 in-doubt create of 1 K1 - unread\n"
                    "2000 sent create of 3 K1 - unread\n"
                    "3000 refused create of 3 K1 - unread\n"
                    "4000 cancel-asked  of 0 - - unread\n");
}

Test(saw, says_what_does_not_fit)
{
    static const struct {
        const char *events[4], *why;
    } cases[] = {
        {{"timeout"}, "'timeout' is of a request, and none is open\n"},
        {{"create", "timeout", "broken"}, "'broken' is of a request, and none is open\n"},
        {{"look-up"}, "nothing was created that could be looked up\n"},
        {{"create", "cancel"}, "no reservation is known that could be asked for\n"},
        {{"create", "nothing"}, "'nothing' is nothing that can come of a create\n"},
        {{"create", "timeout", "look-up"}, ""},
        {{"create", "not-created=404"}, "'not-created=404' is nothing that can come of a create\n"},
        {{"create", "timeout", "look-up", "not-created=502"},
         "'not-created=502' is nothing that can come of a look-up\n"},
        {{"create", "error=404"}, "'error=404' is nothing that can come of a create\n"},
        {{"create", "answered=lost"}, "'answered=lost' is nothing that can come of a create\n"},
        {{"create", "callback=none"}, "'none' is no state of a reservation\n"},
        {{"creat"},
         "there is no event 'creat' (did you mean 'create'?); `decide --help` shows them "
         "all\n"},
        {{"create@soon"}, "'@soon' is no time; expected one such as @10s\n"},
        {{"create@10s", "timeout@5s"}, "'timeout@5s' is before the event in front of it\n"},
        {{"create", "answered"}, "'answered' lacks what it says; expected answered=...\n"},
        {{"create=K9"}, "'create' says nothing more\n"},
        {{"answered=a-state-that-nobody-would-ever-write"},
         "'answered=a-state-that-nobody-would-ever-...' is too long for an event\n"},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++)
        if (cases[i].why[0])
            expect_evidence(cases[i].events, cases[i].why);
}

/* A list that never ends is refused at its bound, not written past it. */
Test(saw, takes_so_many_events_and_no_more)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_arena arena = {0};
    struct dbk_saw saw;
    char why[160] = "";

    dbk_saw_begin(&saw, &profile, &policy, &arena);
    for (size_t i = 0; i < DBK_SAW_MAX; i++)
        cr_assert(dbk_saw_add(&saw, "asked", why), "%zu: %s", i, why);
    cr_expect_not(dbk_saw_add(&saw, "asked", why));
    cr_expect_str_eq(why, "these are more than 64 events");
    dbk_arena_free(&arena);
}
