/* What the core decides agrees with what partners publish for a doubt. Each test names the rule;
 * the profile is the file that was modelled after it, so that a knob turned in the file shows here.
 */
#include "runner/decide/advice.h"
#include "runner/decide/saw.h"
#include "runner/library.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(partner_rules, .timeout = 20);

#define EVENTS_MAX 12

static struct dbk_profile profile_named(const char *name)
{
    struct dbk_complaints complaints = {0};
    struct dbk_digest digest = dbk_digest_of("", 0);
    struct dbk_library library;
    struct dbk_profile profile = dbk_profile_default();
    char why[160] = "";

    cr_assert(dbk_library_find(&library, why), "%s", why);
    cr_assert(dbk_profile_find(&library, name, &profile, &digest, &complaints), "%s", name);
    dbk_complaints_reset(&complaints);
    return profile;
}

/* "look-up, now: the create of 00:00:00 is in doubt" */
static void expect_next(const char *name, const char *const *events, const char *expected)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_profile profile = profile_named(name);
    struct dbk_arena arena = {0};
    struct dbk_text got = {0};
    struct dbk_saw saw;
    char why[160] = "";

    dbk_saw_begin(&saw, &profile, &policy, &arena);
    for (size_t i = 0; i < EVENTS_MAX && events[i]; i++)
        cr_assert(dbk_saw_add(&saw, events[i], why), "%s: %s", name, why);
    struct dbk_advice advice = dbk_advise(&(struct dbk_advice_question){.evidence = saw.evidence,
                                                                        .count = saw.count,
                                                                        .profile = &profile,
                                                                        .policy = &policy,
                                                                        .now_ms = saw.now_ms,
                                                                        .zero_ms = DBK_SAW_ZERO_MS},
                                          &arena);
    dbk_advice_next(&advice, &got);
    dbk_text_printf(&got, ": %s", advice.decision.reason);
    cr_expect_str_eq(got.bytes, expected, "%s: got: %s", name, got.bytes);
    dbk_text_reset(&got);
    dbk_arena_free(&arena);
}

#define EVENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Viator: the booking may have succeeded after a timeout or a 500; check the status first, then
 * resend with the same reference, which is unique, so no duplicate. */
Test(partner_rules, of_viator_status_first_then_the_same_reference_again)
{
    expect_next("ref-unique-resend", EVENTS("create", "timeout"),
                "look-up, now: the create of 00:00:00 is in doubt");
    expect_next("ref-unique-resend", EVENTS("create", "error=500"),
                "look-up, now: the create of 00:00:00 is in doubt");
    expect_next("ref-unique-resend", EVENTS("create", "timeout", "look-up", "nothing"),
                "resend under the same key, now: the partner answers a repeat of the same key with "
                "the same reservation");
    expect_next("ref-unique-resend", EVENTS("create", "timeout", "look-up", "answered=confirmed"),
                "nothing: the partner confirmed it");
}

/* Hotelbeds: a client reference is carried and nowhere called unique; list and compare. Sending
 * again could book twice, so it waits until the list must show what was booked. */
Test(partner_rules, of_hotelbeds_list_and_never_send_again_while_in_doubt)
{
    expect_next("ref-not-unique", EVENTS("create", "timeout", "look-up", "nothing"),
                "wait until 1:00: the create of 00:00:00 is in doubt; look-up at 00:01:00");
    expect_next("ref-not-unique", EVENTS("create", "timeout", "look-up@61s", "nothing"),
                "resend under the same key, now: create 1 made no booking");
}
