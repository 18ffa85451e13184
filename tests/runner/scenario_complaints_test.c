/* What is told about bad scenario files: every mistake, where it is, and what was expected. */
#include "runner/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(scenario_complaints, .timeout = 60);

struct bad {
    const char *text;
    const char *told; /* a line each, without the file's name */
};

#define HEAD                                                                                       \
    "format: 1\n"                                                                                  \
    "scenario: t\n"                                                                                \
    "partners:\n"                                                                                  \
    "  lagoon:\n"                                                                                  \
    "    profile: ref-not-unique\n"                                                                \
    "    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }\n"
#define STEPS "steps: [ { at: 0s, user: ana, book: lagoon/cruise, as: trip } ]\n"
#define TRIP "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
#define PARTNER "format: 1\nscenario: t\n" STEPS "partners:\n  lagoon:\n"
#define PROFILE "    profile: ref-not-unique\n"
#define SELLS "    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }\n"

#define INVARIANTS                                                                                 \
    "single-reservation, no-phantom-confirm, no-status-regression, one-truth, idempotent-api, "    \
    "durable-ack, doubt-is-respected, charge-once, callback-once, callback-authentic, "            \
    "partner-rules, "                                                                              \
    "operator-only-when-needed, store-intact, "                                                    \
    "settles, agrees-with-partner, rests"
#define MOMENT                                                                                     \
    "a duration from zero (90s), a time of day (\"17:29:00\") or an instant "                      \
    "(\"2026-07-01T17:29:00Z\")"
#define MAY                                                                                        \
    "lose-request, delay-request, refuse, slow-down, error-before-commit, commit-late, "           \
    "book-twice, "                                                                                 \
    "error-after-commit, lose-answer, delay-answer, reset-answer, close-answer, cut-answer, "      \
    "not-visible, say-done-do-nothing, keep-hold, lost-callback, held-callback, copied-callback, " \
    "older-callback, forged-callback, order, commit-with-next, crash, pause"
#define SEARCH_MAY MAY ", user-fault"
#define RUN_FAULTS MAY ", repeat-request"
#define STATUSES "received, pending, confirmed, cancelled, rejected, expired"
#define NAME "a name of lower-case letters, digits and dashes, at most 48 long"

static struct dbk_library here(void)
{
    struct dbk_library library;
    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    return library;
}

/* Without the file's name, which stands before each line. */
static void expect_told(const char *text, size_t length, const char *expected)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_text told = {0}, lines = {0};
    struct dbk_scenario *scenario = dbk_scenario_parse(&library, text, length, "", &complaints);
    dbk_complaints_print(&complaints, &told);
    for (const char *line = told.bytes ? told.bytes : ""; *line;) {
        size_t end = strcspn(line, "\n") + 1;
        dbk_text_put(&lines, line + 1, end - 1); /* the colon after a name that is empty */
        line += end;
    }
    cr_expect_null(scenario, "accepted:\n%s", text);
    cr_expect_str_eq(lines.bytes ? lines.bytes : "", expected, "of:\n%s\ngot:\n%s", text,
                     lines.bytes);
    dbk_scenario_free(scenario);
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&told);
    dbk_text_reset(&lines);
}

static void expect_all_told(const char *head, const struct bad *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct dbk_text text = {0};
        dbk_text_printf(&text, "%s%s", head, list[i].text);
        expect_told(text.bytes, text.length, list[i].told);
        dbk_text_reset(&text);
    }
}

static const struct bad tails[] = {
    {STEPS "stepz: 1\n",
     "8:1: unknown key 'stepz' (did you mean 'steps'?); expected one of "
     "format, scenario, kind, may, summary, source, seen_as, tags, broken_by, clocks, "
     "core, partners, steps, until, proves, except, expect, live, parity, choices, "
     "found\n"},
    {"summary: x\n", "1:1: a scenario lacks the key 'steps'; expected steps: what users, support "
                     "and the core's processes do, and when\n"},
    {"steps: 7\n", "7:8: steps cannot be 7; expected a list\n"},
    {"steps: []\n", "7:8: steps is empty; expected at least one step\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, bok: lagoon/cruise, as: trip }\n",
     "8:5: an entry of steps is of no known form; expected the keys of one of user+book, "
     "user+again, user+anew, user+look, user+watch, user+cancel, user+confirm, user+extend, "
     "user+leave, support+look, support+move, core\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip, unit: 2 }\n",
     "8:57: unknown key 'unit' (did you mean 'units'?); expected one of at, when, plus, user, "
     "book, slot, units, hold, as, do\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip, units: 101 }\n",
     "8:64: units cannot be 101; expected a whole number from 1 to 100\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip, units: many }\n",
     "8:64: units cannot be 'many'; expected a whole number from 1 to 100\n"},
    {"steps:\n"
     "  - { at: -1s, user: ana, book: lagoon/cruise, as: trip }\n",
     "8:11: at cannot be '-1s'; expected " MOMENT "\n"},
    {"steps:\n"
     "  - { at: \"11:59:59\", user: ana, book: lagoon/cruise, as: trip }\n",
     "8:11: at: 11:59:59 is before the scenario begins; expected 2026-01-05T12:00:00.000Z or "
     "later\n"},
    {"steps:\n"
     "  - { at: soon, user: Ana, book: lagoon/cruise, as: trip }\n",
     "8:11: at cannot be 'soon'; expected " MOMENT "\n"
     "8:23: user cannot be 'Ana'; expected " NAME "\n"},
    {"steps:\n"
     "  - { user: ana, book: lagoon/cruise, as: trip }\n",
     "8:5: a step has no moment; expected at: a moment, or when: {ALIAS: STATUS}\n"},
    {"steps:\n" TRIP "  - { at: 0s, when: { trip: confirmed }, user: ana, look: trip }\n",
     "9:5: a step has both at and when; expected at: a moment, or when: {ALIAS: STATUS}\n"},
    {"steps:\n" TRIP "  - { when: { trp: confimed }, user: ana, look: trip }\n",
     "9:15: unknown booking 'trp' (did you mean 'trip'?); expected one of trip\n"
     "9:20: unknown status 'confimed' (did you mean 'confirmed'?); expected one of " STATUSES "\n"},
    {"steps:\n" TRIP "  - { at: 1s, plus: 2s, user: ana, look: trip }\n",
     "9:15: plus without when; expected when: {ALIAS: STATUS} beside it\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagon/cruise, as: trip }\n",
     "8:32: unknown partner 'lagon' (did you mean 'lagoon'?); expected one of lagoon\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagoon/cruse, as: trip }\n",
     "8:32: unknown product 'cruse' (did you mean 'cruise'?); expected one of cruise\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagoon, as: trip }\n",
     "8:32: book cannot be 'lagoon'; expected PARTNER/PRODUCT\n"},
    {"steps:\n"
     "  - { at: 0s, user: ana, book: lagoon/cruise, slot: evening, as: trip }\n",
     "8:53: unknown slot 'evening'; expected one of default\n"},
    {"steps:\n" TRIP "  - { at: 1s, user: ben, book: lagoon/cruise, as: trip }\n",
     "9:51: 'trip' is booked already in line 8; expected another alias\n"},
    {"steps:\n" TRIP "  - { at: 1s, user: ana, look: tripp }\n",
     "9:32: unknown booking 'tripp' (did you mean 'trip'?); expected one of trip\n"},
    {"steps:\n"
     "  - { at: 9s, user: ana, book: lagoon/cruise, as: trip }\n"
     "  - { at: 1s, user: ana, look: trip }\n",
     "9:32: 'trip' is not booked yet; expected a step after that of line 8\n"},
    {"steps:\n" TRIP "  - { at: 1s, user: ben, again: trip }\n",
     "9:33: 'trip' is not a booking of ben; expected user: ana\n"},
    {"steps:\n" TRIP "  - { at: 1s, user: ana, anew: two, as: two }\n",
     "9:32: 'two' is not booked yet; expected a step after that of line 9\n"},
    {"steps:\n" TRIP "  - { at: 1s, support: ana, look: trip, screen: lst }\n",
     "9:24: 'ana' is a traveller already; expected a name of its own\n"
     "9:49: unknown screen 'lst' (did you mean 'list'?); expected one of detail, list\n"},
    {"steps:\n" TRIP "  - { at: 1s, user: lagoon, look: trip }\n",
     "9:21: 'lagoon' is a partner already; expected a name of its own\n"
     "9:35: 'trip' is not a booking of lagoon; expected user: ana\n"},
    {"steps:\n" TRIP "  - { at: 1s, core: crsh, process: wrker, for: -1s }\n",
     "9:21: unknown step of the core 'crsh' (did you mean 'crash'?); expected one of crash, pause\n"
     "9:36: unknown process 'wrker' (did you mean 'worker'?); expected one of api, worker\n"
     "9:48: for cannot be '-1s'; expected a duration of zero or more, such as 10s or 1m30s\n"},
    {STEPS "proves: [ single-reservatoin, rests ]\n",
     "8:11: unknown invariant 'single-reservatoin' (did you mean 'single-reservation'?); expected "
     "one of " INVARIANTS "\n"},
    {STEPS "proves: rests\n", "8:9: proves cannot be 'rests'; expected a list\n"},
    {STEPS "proves: [ rests ]\n"
           "except: { rests: because, restz: because }\n",
     "9:11: 'rests' is both proved and excepted; expected one of them\n"
     "9:27: unknown invariant 'restz' (did you mean 'rests'?); expected one of " INVARIANTS "\n"},
    {STEPS "clocks: { zero: noon, lagoon: 47, anna: +3s }\n",
     "8:17: zero cannot be 'noon'; expected an instant, such as \"2026-07-01T17:25:00Z\"\n"
     "8:31: lagoon cannot be 47; expected a signed duration, such as +47s or -3s\n"
     "8:35: unknown party 'anna' (did you mean 'ana'?); expected one of core, lagoon, ana\n"},
    {STEPS "core: { set: { create_timout: 10s, retry_key: never } }\n",
     "8:16: unknown rule or setting 'create_timout'; did you mean 'create_timeout'?\n"
     "8:47: unknown value 'never' for retry_key; expected one of same, new, content\n"},
    {STEPS "until: 1d2x\n", "8:8: until cannot be '1d2x'; expected " MOMENT "\n"},
    {"steps:\n" TRIP "  - { at: 1h, user: ana, look: trip }\n"
     "until: 30m\n",
     "10:8: until is before the last step; expected 1h or later\n"},
    {STEPS "expect:\n"
           "  - { booking: trp, status: confirmd }\n"
           "  - { partner: lagun, live: { tripp: 1 } }\n"
           "  - { partner: lagoon }\n"
           "  - { partner: lagoon, received: { crate: 1 } }\n"
           "  - { live: { trip: 1 } }\n",
     "9:16: unknown booking 'trp' (did you mean 'trip'?); expected one of trip\n"
     "9:29: unknown status 'confirmd' (did you mean 'confirmed'?); expected one of " STATUSES "\n"
     "10:16: unknown partner 'lagun' (did you mean 'lagoon'?); expected one of lagoon\n"
     "10:31: unknown intent 'tripp' (did you mean 'trip'?); expected one of trip\n"
     "11:5: nothing is expected of 'lagoon'; expected live, received or both\n"
     "12:36: unknown operation 'crate' (did you mean 'create'?); expected one of create, look-up, "
     "get, cancel, confirm, extend\n"
     "13:5: an entry of expect is of no known form; expected the keys of one of booking, "
     "partner\n"},
    {STEPS "broken_by:\n"
           "  - { policy: naiv, violates: [ rests ] }\n"
           "  - { set: { retry_kee: new }, violates: [ rests ] }\n"
           "  - { violates: [ rests ] }\n"
           "  - { policy: naive, violates: [] }\n",
     "9:15: unknown policy 'naiv' (did you mean 'naive'?); expected one of lazy, naive, reference\n"
     "10:14: unknown rule or setting 'retry_kee'; did you mean 'retry_key'?\n"
     "11:5: an entry of broken_by is of no known form; expected the keys of one of policy, set\n"
     "12:5: violates is empty; expected at least one invariant\n"},
    {STEPS "found:\n"
           "  policy: niave\n"
           "  violates: []\n"
           "  path:\n"
           "    - { facts: 9, hash: 3F2A, fault: lose-anser }\n"
           "    - { facts: 8, hash: 1234567890123456, fault: crash, exchnge: x }\n"
           "    - { facts: -1, hash: \"1234567890123456\", fault: crash, exchange: 7 }\n",
     "9:11: unknown policy 'niave' (did you mean 'naive'?); expected one of lazy, naive, "
     "reference, "
     "or a file\n"
     "10:13: violates is empty; expected at least one invariant\n"
     "12:25: hash cannot be '3F2A'; expected a text of 16 digits 0-9 and a-f, in quotes\n"
     "12:38: unknown fault 'lose-anser' (did you mean 'lose-answer'?); expected one of " RUN_FAULTS
     "\n"
     "13:7: the path goes back to 8 facts; expected 9 or more\n"
     "13:25: hash cannot be 1234567890123456; expected a text of 16 digits 0-9 and a-f, in "
     "quotes\n"
     "13:57: unknown key 'exchnge' (did you mean 'exchange'?); expected one of facts, hash, fault, "
     "exchange\n"
     "14:7: the path goes back to -1 facts; expected 8 or more\n"
     "14:16: facts cannot be -1; expected a whole number from 0 to 1000000\n"
     "14:70: exchange cannot be 7; expected a text of at most 4000 bytes\n"},
    {STEPS "found: { policy: { set: { retry_kee: new }, like: naive } }\n",
     "8:8: found lacks the key 'violates'; expected violates: the invariants that are violated: "
     "what the file stands for\n"
     "8:27: unknown rule or setting 'retry_kee'; did you mean 'retry_key'?\n"
     "8:45: unknown key 'like'; expected one of set\n"},
    {STEPS "found: { policy: /dev/null, violates: [ rests ] }\n",
     "8:18: this policy is no file; expected a name or a file\n"},
    {STEPS "may: [ loose-answer, crash ]\n",
     "8:1: may is of searches alone; expected kind: search\n"
     "8:8: unknown fault 'loose-answer' (did you mean 'lose-answer'?); expected one of " SEARCH_MAY
     "\n"},
    {STEPS "kind: search\n"
           "choices: []\n"
           "expect: []\n"
           "broken_by: []\n"
           "live: { scale: 1 }\n"
           "parity: { level: 1, why: x }\n",
     "9:1: a search has no choices; expected that of a story alone\n"
     "10:1: a search has no expect; expected that of a story alone\n"
     "11:1: a search has no broken_by; expected that of a story alone\n"
     "12:1: a search has no live; expected that of a story alone\n"
     "13:1: a search has no parity; expected that of a story alone\n"},
    {"    script: []\n" STEPS "kind: search\n",
     "7:5: a search has no script; expected that of a story alone\n"},
    {STEPS "choices:\n"
           "  - { site: crsh, entity: core.worker/step, n: 0, take: 1 }\n"
           "  - { site: crash, entity: core.worker/step, n: 1, take: 1 }\n"
           "  - { site: crash, entity: core.worker/step, n: 1, take: 2 }\n",
     "9:13: unknown site 'crsh' (did you mean 'crash'?); expected one of request-latency, "
     "answer-latency, back-off, exchange-fault, callback-fault, user-fault, order, "
     "commit-with-next, crash, "
     "pause\n"
     "9:48: n cannot be 0; expected a whole number from 1 to 4294967295\n"
     "11:5: this choice is fixed already in line 10; expected another\n"},
    {STEPS "tags: [ one, Two, 3 ]\n", "8:14: tags cannot be 'Two'; expected " NAME "\n"
                                      "8:19: tags cannot be 3; expected " NAME "\n"},
    {STEPS "steps: []\n", "8:1: duplicate key 'steps'; it stands in line 7 already\n"},
    {STEPS "on: { push: 1 }\n",
     "8:1: plain 'on' means true to some YAML readers; quote it or use another word\n"},
    {STEPS "tags: [ a, *b ]\n", "8:12: aliases are not read here; write it out\n"},
    {STEPS "tags: [ a\n", "9:1: while parsing a flow sequence: did not find expected ',' or ']'\n"},
};

/* A scenario whose head is good, with seven lines above what is looked at. */
Test(scenario_complaints, tell_what_is_wrong_with_steps_and_terms)
{
    expect_all_told(HEAD, tails, DBK_COUNT(tails));
}

static const struct bad partners[] = {
    {"    profile: ref-not-uniqe\n" SELLS,
     "6:14: unknown profile 'ref-not-uniqe' (did you mean 'ref-not-unique'?); expected one of "
     "async-202, async-poll, cancel-on-timeout, human-only, octo-conflict, octo-nokey, "
     "octo-replay, ref-not-unique, ref-unique-400, ref-unique-resend\n"},
    {"    profile: ../naive\n" SELLS,
     "6:14: unknown profile '../naive'; expected one of async-202, async-poll, cancel-on-timeout, "
     "human-only, octo-conflict, octo-nokey, octo-replay, ref-not-unique, ref-unique-400, "
     "ref-unique-resend\n"},
    {"    profile: { books_as: pending }\n" SELLS,
     "6:14: profile lacks the key 'like'; expected like: the profile it starts from\n"},
    {"    profile: { like: ref-not-unique, books: pending, callback: { kind: half } }\n" SELLS,
     "6:38: unknown knob 'books'; expected one of dedupe, repeat, key_lasts, look_up, books_as, "
     "confirms_as, repeat_confirm, extend, hold, hold_max, slow_down, server_error, "
     "callback, commit_within, visible_within, max_skew, doubt_limit, compensate_within\n"
     "6:72: kind: expected one of none, full, thin\n"},
    {"    believes: 7\n" PROFILE SELLS,
     "6:15: believes cannot be 7; expected the name of a profile, or {like: PROFILE} with knobs\n"},
    {SELLS, "6:5: a partner lacks the key 'profile'; expected profile: what it promises: a "
            "profile, or {like: PROFILE, knobs}\n"},
    {PROFILE
     "    sells: { cruise: { price: -1, currency: euro, slots: { evening: { starts: now } } } }\n",
     "7:31: price cannot be -1; expected a whole number from 0 to 1000000000\n"
     "7:45: currency cannot be 'euro'; expected three capital letters, such as EUR\n"
     "7:79: starts cannot be 'now'; expected an instant, such as \"2026-07-01T17:25:00Z\"\n"},
    {PROFILE "    sells: { cruise: { price: 1, currency: EUR } }\n",
     "7:22: product 'cruise' has nothing to book; expected either slots or one capacity\n"},
    {PROFILE "    sells: { cruise: { price: 1, currency: EUR, slots: { a: "
             "\"2026-07-04T18:00:00Z\", b: \"2026-07-05T18:00:00Z\" } } }\n",
     "3:10: the step lacks the key 'slot'; expected one of a, b\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: create }, do: [ lose-anser ] }\n",
     "9:39: unknown fault 'lose-anser' (did you mean 'lose-answer'?); expected one of "
     "lose-request, delay-request, refuse, slow-down, error-before-commit, commit-late, "
     "book-twice, "
     "error-after-commit, lose-answer, delay-answer, reset-answer, close-answer, cut-answer, "
     "not-visible, say-done-do-nothing, keep-hold\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: crate, attempt: 0 }, do: [ lose-answer ] }\n",
     "9:23: unknown operation 'crate' (did you mean 'create'?); expected one of any, create, "
     "look-up, get, cancel, confirm, extend\n"
     "9:39: attempt cannot be 0; expected a whole number from 1 to 1000\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: look-up }, do: [ book-twice ] }\n",
     "9:40: book-twice makes no sense for op look-up; expected when: {op: ...} to be one of "
     "create\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: {}, do: [ commit-late: { by: 3s } ] }\n",
     "9:27: commit-late makes no sense for op any; expected when: {op: ...} to be one of create, "
     "cancel, confirm, extend\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: create }, do: [ delay-answer ] }\n",
     "9:39: delay-answer lacks its argument; expected {delay-answer: {by: ...}}\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: create }, do: [ delay-answer: {}, delay-answer: { for: "
                   "3s }, lose-answer: { by: 3s } ] }\n",
     "9:53: delay-answer lacks the key 'by'; expected by: how long\n"
     "9:71: delay-answer lacks the key 'by'; expected by: how long\n"
     "9:73: unknown key 'for'; expected one of by\n"
     "9:99: unknown key 'by'; none is expected here\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: create }, do: [ error-after-commit: { status: 200 }, { "
                   "refuse: { reason: x }, lose-answer: {} }, 7 ] }\n",
     "9:69: status cannot be 200; expected a whole number from 500 to 599\n"
     "9:76: do cannot be a mapping; expected a fault, or {FAULT: {ARGUMENT: ...}}\n"
     "9:120: do cannot be 7; expected a fault, or {FAULT: {ARGUMENT: ...}}\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: create, intent: tour }, later: [ { after: 1s }, { after: "
                   "1s, set: confirmd, callback: { helt: 3s, copies: 0 } } ] }\n",
     "9:39: unknown intent 'tour'; expected one of trip\n"
     "9:56: an entry of later does nothing; expected set, callback or both\n"
     "9:89: unknown state 'confirmd' (did you mean 'confirmed'?); expected one of pending, "
     "confirmed, rejected, cancelled, on_hold, expired\n"
     "9:111: unknown key 'helt' (did you mean 'held'?); expected one of held, copies, apart, says, "
     "forged, rotated\n"
     "9:129: copies cannot be 0; expected a whole number from 1 to 100\n"},
    {PROFILE SELLS
     "    script:\n"
     "      - { when: { op: get }, callbacks: [ { lost: true } ] }\n"
     "      - { when: { op: create }, callbacks: [ { lost: 1, hold: 3s } ], later: [ { "
     "after: 1s, callback: {} } ] }\n"
     "      - { when: { op: create }, callbacks: [ {} ], answers: { status: pending } "
     "}\n",
     "9:30: callbacks are of what a create made; expected when: {op: create}\n"
     "10:33: callbacks are those that the partner sends by itself, and with later it sends none; "
     "expected one of the two\n"
     "10:54: lost cannot be 1; expected true or false\n"
     "10:57: unknown key 'hold' (did you mean 'held'?); expected one of lost, held, copies, apart, "
     "says, forged\n"
     "11:33: callbacks are those that the partner sends by itself, and with answers it sends none; "
     "expected one of the two\n"},
    {PROFILE SELLS "    script:\n"
                   "      - { when: { op: get }, answers: { status: pending } }\n"
                   "      - { do: [ lose-answer ], times: 0, if_reached: 1 }\n",
     "9:30: answers is of creates and confirms; expected when: {op: create}\n"
     "10:9: a rule of the script lacks the key 'when'; expected when: the exchanges it fires for, "
     "once per intent unless times says more\n"
     "10:39: times cannot be 0; expected a whole number from 1 to 1000\n"
     "10:54: if_reached cannot be 1; expected true or false\n"},
};

Test(scenario_complaints, tell_what_is_wrong_with_partners)
{
    expect_all_told(PARTNER, partners, DBK_COUNT(partners));
}

static const struct bad files[] = {
    {"", "1:1: the document is empty\n"},
    {"7\n", "1:1: the file cannot be 7; expected a mapping\n"},
    {"[ a ]\n", "1:1: the file cannot be a list; expected a mapping\n"},
    {"format: 2\n"
     "scenario: t\n"
     "partners: {}\n"
     "steps: [ { at: 0s, core: crash } ]\n",
     "1:9: format cannot be 2; expected 1\n"},
    {"format: 1\n"
     "scenario: Big Name\n"
     "partners: {}\n"
     "steps: [ { at: 0s, core: crash } ]\n",
     "2:11: scenario cannot be 'Big Name'; expected " NAME "\n"},
    {"format: 1\n"
     "scenario: t\n"
     "steps: [ { at: 0s, user: ana, book: core/cruise, as: trip } ]\n"
     "partners:\n"
     "  core:\n" PROFILE SELLS,
     "5:3: a partner cannot be called 'core'; expected a name of its own\n"},
};

Test(scenario_complaints, tell_what_is_wrong_with_the_file)
{
    expect_all_told("", files, DBK_COUNT(files));
}

/* A list where members are named: it once was walked as if it had names. */
Test(scenario_complaints, take_no_list_for_a_mapping)
{
    static const char *const terms[] = {
        "expect: [ { partner: lagoon, live: [ trip ] } ]\n",
        "expect: [ { partner: lagoon, received: [ create ] } ]\n",
        "except: [ rests ]\n",
        "core: { set: [ retry_key ] }\n",
        "clocks: [ lagoon ]\n",
        "broken_by: [ { set: [ retry_key ], violates: [ rests ] } ]\n",
        "found: { policy: { set: [ retry_key ] }, violates: [ rests ] }\n",
        "found: { policy: [ naive ], violates: [ rests ] }\n",
        "found: [ naive ]\n",
    };
    for (size_t i = 0; i < DBK_COUNT(terms); i++) {
        struct dbk_library library = here();
        struct dbk_complaints complaints = {0};
        struct dbk_text text = {0};
        dbk_text_printf(&text, HEAD STEPS "%s", terms[i]);
        cr_expect_null(dbk_scenario_parse(&library, text.bytes, text.length, "", &complaints));
        cr_expect_eq(complaints.total, 1, "%s", terms[i]);
        cr_expect_eq(complaints.items[0].line, 8, "%s", complaints.items[0].text);
        cr_expect_not_null(strstr(complaints.items[0].text, "expected a"), "%s: %s", terms[i],
                           complaints.items[0].text);
        dbk_complaints_reset(&complaints);
        dbk_text_reset(&text);
    }
}

/* The mistakes of different kinds are found by different passes; they come in the order of the
 * file. */
Test(scenario_complaints, come_all_at_once_and_in_order)
{
    static const char text[] = "format: 1\n"
                               "scenario: t\n"
                               "proves: [ restz ]\n"
                               "partners:\n"
                               "  lagoon:\n"
                               "    profile: nobody\n"
                               "    sells: { cruise: { price: x, currency: EUR, capacity: 5 } }\n"
                               "steps:\n"
                               "  - { at: 0s, user: ana, book: lagoon/tour, as: trip }\n"
                               "  - { at: never, user: ana, look: trip, hm: 1 }\n"
                               "until: -1s\n";
    expect_told(
        text, strlen(text),
        "3:11: unknown invariant 'restz' (did you mean 'rests'?); expected one of " INVARIANTS "\n"
        "6:14: unknown profile 'nobody'; expected one of async-202, async-poll, cancel-on-timeout, "
        "human-only, octo-conflict, octo-nokey, octo-replay, ref-not-unique, ref-unique-400, "
        "ref-unique-resend\n"
        "7:31: price cannot be 'x'; expected a whole number from 0 to 1000000000\n"
        "9:32: unknown product 'tour'; expected one of cruise\n"
        "10:11: at cannot be 'never'; expected " MOMENT "\n"
        "10:41: unknown key 'hm'; expected one of at, when, plus, user, look, do\n"
        "11:8: until cannot be '-1s'; expected " MOMENT "\n");
}

/* Whoever wrote a file that names what is no more was right when it was; the other mistakes are
 * mistakes. */
Test(scenario_complaints, know_names_that_are_gone_from_mistakes)
{
    static const struct {
        const char *text;
        size_t of_names, total;
    } rows[] = {
        {STEPS "found: { policy: gone, violates: [ rests ] }\n", 1, 1},
        {STEPS "found: { policy: ./gone.yaml, violates: [ rests ] }\n", 1, 1},
        {STEPS "found: { policy: { set: { gone: new } }, violates: [ gone ] }\n", 2, 2},
        {STEPS "found: { policy: { set: { retry_key: gone } }, violates: [ rests ] }\n", 1, 1},
        {STEPS "found: { policy: { set: { retry_key: 7 } }, violates: [ rests ] }\n", 0, 1},
        {STEPS "choices: [ { site: gone, entity: x, n: 1, take: 1 } ]\n", 1, 1},
        {STEPS "proves: [ gone ]\nexcept: { gone: x }\n", 2, 3}, /* both proved and excepted */
        {STEPS "gone: x\n", 0, 1},
        {"steps: [ { at: 0s, user: ana, book: gone/cruise, as: trip } ]\n", 0, 1},
        {STEPS "expect: [ { booking: gone, status: confirmed } ]\n", 0, 1},
        {STEPS "clocks: { gone: 3s }\n", 0, 1},
    };
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_library library = here();
        struct dbk_complaints complaints = {0};
        struct dbk_text text = {0};
        dbk_text_printf(&text, HEAD "%s", rows[i].text);
        cr_expect_null(dbk_scenario_parse(&library, text.bytes, text.length, "", &complaints));
        cr_expect_eq(complaints.total, rows[i].total, "%s", rows[i].text);
        cr_expect_eq(complaints.of_names, rows[i].of_names, "%s", rows[i].text);
        dbk_complaints_reset(&complaints);
        dbk_text_reset(&text);
    }
}

Test(scenario_complaints, know_faults_profiles_and_knobs_that_are_gone)
{
    static const char *const named[] = {
        "    profile: gone\n" SELLS,
        "    profile: { like: ref-not-unique, gone: x }\n" SELLS,
        "    profile: { like: ref-not-unique, books_as: gone }\n" SELLS,
        PROFILE SELLS "    script: [ { when: { op: create }, do: [ gone ] } ]\n",
        PROFILE SELLS "    script: [ { when: { op: create }, do: [ { gone: { by: 1s } } ] } ]\n",
    };
    for (size_t i = 0; i < DBK_COUNT(named); i++) {
        struct dbk_library library = here();
        struct dbk_complaints complaints = {0};
        struct dbk_text text = {0};
        dbk_text_printf(&text, PARTNER "%s", named[i]);
        cr_expect_null(dbk_scenario_parse(&library, text.bytes, text.length, "", &complaints));
        cr_expect_eq(complaints.total, 1, "%s", named[i]);
        cr_expect_eq(complaints.of_names, 1, "%s", named[i]);
        dbk_complaints_reset(&complaints);
        dbk_text_reset(&text);
    }
}

Test(scenario_complaints, refuse_more_steps_than_are_read)
{
    struct dbk_text text = {0};
    dbk_text_add(&text, HEAD "steps:\n" TRIP);
    for (int i = 0; i < 5000; i++)
        dbk_text_add(&text, "  - { at: 1s, user: ana, look: gone }\n"); /* told if it were read */
    expect_told(text.bytes, text.length,
                "1008:5: steps has too many entries; expected at most 1000\n");
    dbk_text_reset(&text);
}

Test(scenario_complaints, never_hold_control_characters_or_long_texts)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0}, told = {0};
    dbk_text_add(&text, HEAD
                 "steps: [ { at: \"\\e[31m\", user: \"x"); /* so that none begins where it is cut */
    for (int i = 0; i < 5000; i++)
        dbk_text_add(&text, "\xC3\xA9");
    dbk_text_add(&text, "\", look: trip } ]\n");
    cr_assert_null(dbk_scenario_parse(&library, text.bytes, text.length, "t.yaml", &complaints));
    dbk_complaints_print(&complaints, &told);
    cr_assert_lt(told.length, 1000);
    cr_assert(strstr(told.bytes, "\xC3\xA9...'"), "%s", told.bytes);
    for (size_t i = 0; i < told.length; i++)
        cr_assert(told.bytes[i] == '\n' || (unsigned char)told.bytes[i] >= ' ');
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&told);
    dbk_text_reset(&text);
}
