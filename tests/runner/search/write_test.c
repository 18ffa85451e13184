/* A file that is written of a run plays the same run. */
#include "tests/runner/search/round.h"
#include "tests/runner/search/world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(write, .timeout = 300);

/* One booking at a partner that books as pending, confirms by itself and calls back. */
static const char one[] = "format: 1\n"
                          "scenario: one\n"
                          "clocks: { zero: \"2026-03-02T08:00:00Z\", lagoon: -20s, ana: +3m }\n"
                          "partners:\n"
                          "  lagoon:\n"
                          "    profile: { like: ref-not-unique, books_as: pending, callback: { "
                          "kind: full, id: event } }\n"
                          "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
                          "steps:\n"
                          "  - { at: 0s, user: ana, book: lagoon/cruise, units: 1, as: trip }\n"
                          "  - { at: 1s, user: ana, watch: trip }\n"
                          "  - { at: 50s, user: ana, cancel: trip }\n";

/* Several at once, so that messages can overtake one another and steps be committed together. */
static const char two[] =
    "format: 1\n"
    "scenario: two\n"
    "partners:\n"
    "  lagoon:\n"
    "    profile: ref-unique-resend\n"
    "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
    "  atoll:\n"
    "    profile: { like: ref-unique-resend, books_as: pending, callback: { kind: full } }\n"
    "    sells: { dive: { price: 100, currency: EUR, capacity: 3 } }\n"
    "    script:\n"
    "      - when: { op: create, attempt: 1, intent: dive }\n"
    "        do: [ lose-answer ]\n"
    "steps:\n"
    "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
    "  - { at: 0s, user: ben, book: lagoon/cruise, as: outing }\n"
    "  - { at: 0s, user: ben, book: atoll/dive, as: dive }\n"
    "  - { at: 1s, user: ana, watch: trip }\n"
    "  - { at: 1s, user: ben, watch: dive }\n"
    "  - { at: 20s, user: ben, cancel: outing }\n";

/* The core has to ask again and again. */
static const char asking[] = "format: 1\n"
                             "scenario: asking\n"
                             "partners:\n"
                             "  lagoon:\n"
                             "    profile: ref-not-unique\n"
                             "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
                             "    script:\n"
                             "      - { when: { op: create, attempt: 1 }, do: [ lose-answer ] }\n"
                             "      - { when: { op: look-up }, times: 3, do: [ lose-answer ] }\n"
                             "steps:\n"
                             "  - { at: 0s, user: ana, book: lagoon/cruise, units: 1, as: trip }\n";

/* ---- every row of `list choices` ---- */

/* Where to deviate at each site. */
static const struct site_case {
    const char *base, *policy;
    const char *entity; /* NULL: wherever it is asked; neutral sites are in no trace */
    uint32_t take;      /* 0: the first that changes the run */
    const char *said;   /* somewhere in the file */
} sites[DBK_SITE_COUNT] = {
    [DBK_SITE_REQUEST_LATENCY] = {one, "naive", "core.worker>lagoon/create", 0,
                                  "{ site: request-latency, entity: "
                                  "\"core.worker>lagoon/create\", n: 1, take: "},
    [DBK_SITE_ANSWER_LATENCY] = {one, "naive", "core.worker>lagoon/create", 0,
                                 "{ site: answer-latency, entity: "
                                 "\"core.worker>lagoon/create\", n: 1, take: "},
    [DBK_SITE_BACK_OFF] = {asking, "reference", "lagoon/booking-1", 0,
                           "{ site: back-off, entity: lagoon/booking-1, n: 1, take: "},
    [DBK_SITE_EXCHANGE_FAULT] = {one, "naive", "lagoon/trip/create#1", DBK_FAULT_LOSE_ANSWER + 1,
                                 "      - when: { op: create, attempt: 1, intent: trip }\n"
                                 "        do: [ lose-answer ]\n"},
    [DBK_SITE_CALLBACK_FAULT] = {one, "naive", "lagoon/trip/create#1/callback#1", 2,
                                 "      - when: { op: create, attempt: 1, intent: trip }\n"
                                 "        callbacks: [ { held: 1m30s } ]\n"},
    [DBK_SITE_USER_FAULT] = {one, "naive", "ana/trip/book#1", 1 + DBK_USER_LOSE_ANSWER,
                             "{ site: user-fault, entity: \"ana/trip/book#1\", n: 1, take: 4 }"},
    [DBK_SITE_ORDER] = {two, "naive", NULL, 0, "{ site: order, entity: "},
    [DBK_SITE_COMMIT_WITH_NEXT] = {two, "naive", NULL, 0,
                                   "{ site: commit-with-next, entity: core."},
    [DBK_SITE_CRASH] = {one, "naive", NULL, 0, "{ site: crash, entity: core."},
    [DBK_SITE_PAUSE] = {one, "naive", NULL, 0, "{ site: pause, entity: core."},
};

/* Plays it; false where it is as if nothing had been chosen. */
static bool deviates(struct round *round, const struct dbk_deviation *deviation, const char *benign)
{
    if (dbk_sites[deviation->site].is_adverse)
        round_play(round, deviation, 1);
    else
        round_play_pinned(round, deviation, 1);
    char *facts = round_facts(&round->history);
    bool is_other = strcmp(facts, benign) != 0;
    free(facts);
    return is_other;
}

/* The places at which to deviate; entities are the arena's. */
static size_t places(struct round *round, enum dbk_site site, struct dbk_arena *arena,
                     struct dbk_deviation **list)
{
    const struct site_case *row = &sites[site];
    size_t count = 0;
    round_play(round, NULL, 0);
    *list = dbk_arena_alloc(arena, (round->trace.count + 1) * sizeof **list);
    if (row->entity)
        (*list)[count++] = (struct dbk_deviation){site, row->entity, 1, 0};
    for (size_t i = 0; !row->entity && i < round->trace.count; i++)
        if (round->trace.items[i].site == site)
            (*list)[count++] =
                (struct dbk_deviation){site, dbk_arena_text(arena, round->trace.items[i].entity),
                                       round->trace.items[i].nth, 0};
    return count;
}

/* The first deviation at the site that changes the run; take stays 0 where there is none. */
static struct dbk_deviation find_deviation(struct round *round, enum dbk_site site,
                                           struct dbk_arena *arena)
{
    struct dbk_deviation *list, found = {0};
    size_t count = places(round, site, arena, &list);
    char *benign = round_facts(&round->history);
    for (size_t i = 0; i < count && !found.take; i++)
        for (uint32_t take = 1; take < 20 && !found.take; take++) {
            list[i].take = take;
            if ((sites[site].take == 0 || sites[site].take == take) &&
                deviates(round, &list[i], benign))
                found = list[i];
        }
    free(benign);
    return found;
}

/* The table and the sites have the same rows: one that is new has no case and fails here. */
Test(write, round_trips_every_row_of_list_choices)
{
    for (enum dbk_site site = 0; site < DBK_SITE_COUNT; site++) {
        struct dbk_arena arena = {0};
        struct round round;
        cr_assert(sites[site].base, "%s has no case here", dbk_sites[site].name);
        round_init(&round, sites[site].base, sites[site].policy);
        struct dbk_deviation deviation = find_deviation(&round, site, &arena);
        cr_assert(deviation.take > 0, "nothing at %s changes the run", dbk_sites[site].name);
        char *file = round_expect_same(&round, &deviation, 1);
        cr_expect(strstr(file, sites[site].said), "%s is not said so:\n%s", dbk_sites[site].name,
                  file);
        free(file);
        round_reset(&round);
        dbk_arena_free(&arena);
    }
}

/* ---- every alternative at a partner's door ---- */

static bool was_taken(const struct round *round, const struct dbk_deviation *deviation)
{
    for (size_t i = 0; i < round->trace.count; i++)
        if (round->trace.items[i].site == deviation->site &&
            round->trace.items[i].taken == deviation->take &&
            strcmp(round->trace.items[i].entity, deviation->entity) == 0)
            return true;
    return false;
}

/* Plays every alternative of one choice; gives how many of their files hold the words. */
static size_t round_trip_all(struct round *round, enum dbk_site site, const char *entity,
                             uint32_t alternatives, const char *said)
{
    size_t count = 0;
    for (uint32_t take = 1; take < alternatives; take++) {
        struct dbk_deviation deviation = {site, entity, 1, take};
        round_play(round, &deviation, 1);
        cr_expect(was_taken(round, &deviation), "%s is not asked", entity);
        char *file = round_expect_same(round, &deviation, 1);
        count += strstr(file, said) != NULL;
        free(file);
    }
    return count;
}

/* Of the 42 choices those are rules that are an action: 13 faults of creates, the 4 that last also
 * short, and 3 of these long beyond a bound; 10 of looks; the rest stays a choice without effect.
 */
Test(write, round_trips_every_fault_of_an_exchange)
{
    static const struct {
        const char *entity, *said;
        size_t rules;
    } rows[] = {
        {"lagoon/trip/create#1", "- when: { op: create, attempt: 1, intent: trip }", 14 + 5 + 3},
        {"lagoon/trip/cancel#1", "- when: { op: cancel, attempt: 1, intent: trip }", 13 + 4 + 2},
        {"lagoon/look-up#1", "- when: { op: look-up, attempt: 1 }", 9 + 3 + 1},
    };
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct round round;
        round_init(&round, one, "reference");
        size_t rules = round_trip_all(&round, DBK_SITE_EXCHANGE_FAULT, rows[i].entity,
                                      DBK_FAULT_CHOICES, rows[i].said);
        cr_expect_eq(rules, rows[i].rules, "%s: %zu rules", rows[i].entity, rules);
        round_reset(&round);
    }
}

Test(write, round_trips_whatever_becomes_of_a_callback)
{
    struct round round;
    round_init(&round, one, "naive");
    cr_expect_eq(round_trip_all(&round, DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1",
                                DBK_CALLBACK_CHOICES, "        callbacks: [ {"),
                 DBK_CALLBACK_CHOICES - 1);
    round_reset(&round);
}

/* ---- any run ---- */

static uint32_t below(uint64_t seed, const char *what, size_t nth, uint32_t bound)
{
    return (uint32_t)dbk_draw_below(seed, "write_test", what, nth, bound);
}

/* One more deviation, at something that the last run asked. */
static bool draw(const struct round *round, uint64_t seed, size_t nth, struct dbk_arena *arena,
                 struct dbk_deviation *deviation)
{
    uint32_t site = below(seed, "site", nth, DBK_SITE_COUNT), count = 0;
    for (size_t i = 0; i < round->trace.count; i++)
        count += round->trace.items[i].site == site;
    uint32_t pick = below(seed, "which", nth, count + 1);
    for (size_t i = 0; i < round->trace.count; i++) {
        const struct dbk_asked *asked = &round->trace.items[i];
        if (asked->site != site || pick-- > 0)
            continue;
        bool is_stop = site == DBK_SITE_CRASH || site == DBK_SITE_PAUSE;
        uint32_t most = is_stop ? 7 : asked->alternatives - 1;
        *deviation = (struct dbk_deviation){site, dbk_arena_text(arena, asked->entity), asked->nth,
                                            1 + below(seed, "take", nth, most)};
        return asked->taken == 0; /* else it deviates already */
    }
    return false;
}

struct drawn {
    size_t runs, rules, choices, deep;
};

static void round_trip_drawn(struct round *round, uint64_t seed, struct drawn *drawn)
{
    struct dbk_arena arena = {0};
    struct dbk_deviation deviations[3];
    size_t count = 0;
    round_play(round, NULL, 0);
    for (size_t nth = 0; nth < 6 && count < 1 + seed % 3; nth++)
        if (draw(round, seed, nth, &arena, &deviations[count])) {
            count++;
            round_play(round, deviations, count);
        }
    char *file = round_expect_same(round, deviations, count);
    drawn->runs++;
    drawn->deep += count > 1;
    drawn->rules += strstr(file, ", intent: ") != NULL;
    drawn->choices += strstr(file, "\nchoices:\n") != NULL;
    free(file);
    dbk_arena_free(&arena);
}

Test(write, round_trips_runs_that_deviate_anywhere)
{
    static const char *const bases[] = {
        one,
        two,
        asking,
        "scenarios/explore/one-booking.yaml",
        "scenarios/explore/two-bookings-last-unit.yaml",
        "scenarios/seed-incident.yaml",
        "scenarios/errors/broken-answers.yaml",
        "scenarios/crash/crash-in-doubt.yaml",
        "scenarios/crash/killed-before-it-told-the-worker.yaml",
        "scenarios/user-hop/page-loaded-again.yaml",
        "scenarios/callbacks/same-callback-again.yaml",
        "scenarios/lost-answers/two-screens.yaml",
    };
    static const char *const policies[] = {"reference", "naive"};
    struct drawn drawn = {0};
    for (size_t i = 0; i < DBK_COUNT(bases); i++)
        for (size_t k = 0; k < DBK_COUNT(policies); k++) {
            struct round round;
            round_init(&round, bases[i], policies[k]);
            for (uint64_t seed = 1; seed <= 40; seed++)
                round_trip_drawn(&round, seed + 1000 * (i * DBK_COUNT(policies) + k), &drawn);
            round_reset(&round);
        }
    cr_expect(drawn.rules > 100 && drawn.choices > 300 && drawn.deep > 300,
              "%zu runs: %zu with rules, %zu with choices, %zu with several deviations", drawn.runs,
              drawn.rules, drawn.choices, drawn.deep);
}

/* ---- how it reads ---- */

static void expect_file(const struct dbk_written *written, const char *expected)
{
    char *file = round_write(written);
    cr_expect_str_eq(file, expected, "\n%s\n--- expected:\n%s", file, expected);
    free(file);
}

static void expect_golden(const struct dbk_written *written, const char *path)
{
    char whole[5000], why[160] = "", *expected = NULL;
    size_t length = 0;
    snprintf(whole, sizeof whole, "%s/%s", DBK_SOURCE_DIR, path);
    cr_assert(dbk_read_file(whole, 1 << 20, &expected, &length, why), "%s %s", whole, why);
    expect_file(written, expected);
    free(expected);
}

/* The seed incident as a search finds it. */
Test(write, writes_a_scenario_that_a_person_can_read)
{
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, DBK_FAULT_LOSE_ANSWER + 1},
        {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1", 1, 6},
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#2", 1, DBK_FAULT_DELAY_ANSWER + 1},
        {DBK_SITE_CRASH, "core.worker/step", 2, 3},
    };
    static const char *violates[] = {"single-reservation", "no-status-regression"};
    struct round round;
    round_init(&round, "scenarios/explore/one-booking.yaml", "naive");
    round_play(&round, deviations, DBK_COUNT(deviations));
    struct dbk_written written = round_written(&round, deviations, DBK_COUNT(deviations));
    written.name = "one-booking-single-reservation";
    written.summary =
        "The partner books but its answer never arrives; the retry books again. Then the "
        "callback of the first booking comes late and speaks of the state before.";
    written.violates = violates;
    written.violate_count = DBK_COUNT(violates);
    expect_golden(&written, "tests/runner/search/golden/found.yaml");
    round_reset(&round);
}

Test(write, drops_what_is_not_kept_and_whatever_speaks_of_it)
{
    static const char base[] =
        "format: 1\n"
        "scenario: more\n"
        "source: somewhere\n"
        "tags: [ a-tag ]\n"
        "seen_as: [ \"as the base was seen\" ]\n"
        "broken_by: [ { policy: naive, violates: [ one-truth ] } ]\n"
        "clocks: { zero: \"2026-03-02T08:00:00Z\", core: 0s, lagoon: -20s, atoll: +1s, ana: +3m, "
        "ben: -1s }\n"
        "core: { set: { create_timeout: 10s } }\n"
        "partners:\n"
        "  lagoon:\n"
        "    profile: ref-not-unique\n"
        "    believes: ref-unique-resend\n"
        "    sells: { cruise: { price: 100, currency: EUR, slots: { one: "
        "\"2026-03-04T18:00:00Z\" } } }\n"
        "  atoll:\n"
        "    profile: ref-unique-resend\n"
        "    sells: { dive: { price: 100, currency: EUR, capacity: 3 } }\n"
        "steps:\n"
        "  - { when: { trip: confirmed }, plus: 2s, support: sam, look: trip }\n"
        "  - { at: \"08:00:00\", user: ana, book: lagoon/cruise, as: trip }\n"
        "  - { at: 0s, user: ben, book: atoll/dive, as: dive }\n"
        "  - { at: 9s, user: ana, look: trip }\n"
        "until: 50m\n"
        "proves: [ one-truth ]\n"
        "except: { settles: \"not here: there is no time\" }\n"
        "expect: [ { booking: trip, status: confirmed } ]\n"
        "live: { never: it is slow }\n"
        "parity: { level: 1, why: it races }\n";
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, DBK_FAULT_COMMIT_LATE + 1},
    };
    static const bool keeps_partner[] = {true, false};
    /* By time: ana books, ben books, ana looks, sam looks. */
    static const bool keeps_step[] = {true, false, true, true};
    struct round round;
    round_init(&round, base, "reference");
    struct dbk_written written = round_written(&round, deviations, 1);
    written.history = NULL;
    written.replay = NULL;
    written.keeps_partner = keeps_partner;
    written.keeps_step = keeps_step;
    expect_file(&written, "# Found by a search under the policy naive.\n"
                          "format: 1\n"
                          "scenario: written\n"
                          "summary: What was found.\n"
                          "source: somewhere\n"
                          "tags: [ a-tag ]\n"
                          "clocks: { zero: \"2026-03-02T08:00:00Z\", core: 0s, lagoon: -20s, ana: "
                          "+3m }\n"
                          "core: { set: { create_timeout: 10s } }\n"
                          "partners:\n"
                          "  lagoon:\n"
                          "    profile: ref-not-unique\n"
                          "    believes: ref-unique-resend\n"
                          "    sells:\n"
                          "      cruise: { price: 100, currency: EUR, slots: { one: "
                          "\"2026-03-04T18:00:00Z\" } }\n"
                          "    script:\n"
                          "      - when: { op: create, attempt: 1, intent: trip }\n"
                          "        do: [ { commit-late: { by: 30s } } ]\n"
                          "steps:\n"
                          "  - { when: { trip: confirmed }, plus: 2s, support: sam, look: trip }\n"
                          "  - { at: \"08:00:00\", user: ana, book: lagoon/cruise, as: trip }\n"
                          "  - { at: 9s, user: ana, look: trip }\n"
                          "until: 50m\n"
                          "except:\n"
                          "  settles: \"not here: there is no time\"\n"
                          "live: { never: it is slow }\n"
                          "parity: { level: 1, why: it races }\n");
    written.keeps_clocks = false;
    written.until_ms = 90000;
    char *file = round_write(&written);
    cr_expect(strstr(file, "\nclocks: { zero: \"2026-03-02T08:00:00Z\" }\n"), "%s", file);
    cr_expect(strstr(file, "\nuntil: 1m30s\n"), "%s", file);
    dbk_scenario_free(world_scenario(file));
    free(file);
    round_reset(&round);
}

static void expect_said(const struct dbk_written *written, const char *said)
{
    char *file = round_write(written);
    cr_expect(strstr(file, said), "not said: %s\n%s", said, file);
    dbk_scenario_free(world_scenario(file));
    free(file);
}

/* In the order asked: the first must take effect, and an exchange has one rule. */
Test(write, needs_the_first_deviation_and_lets_later_ones_come_or_not)
{
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#2", 1, DBK_FAULT_LOSE_ANSWER + 1},
        {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#2", 1, 3},
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, DBK_FAULT_BOOK_TWICE + 1},
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/look-up#3", 1, DBK_FAULTS + DBK_FAULT_DELAY_ANSWER + 1},
    };
    struct round round;
    round_init(&round, one, "reference");
    struct dbk_written written = round_written(&round, deviations, DBK_COUNT(deviations));
    expect_said(&written, "    script:\n"
                          "      - when: { op: create, attempt: 2, intent: trip }\n"
                          "        do: [ lose-answer ]\n"
                          "      - when: { op: create, attempt: 1, intent: trip }\n"
                          "        if_reached: true\n"
                          "        do: [ book-twice ]\n"
                          "        callbacks: [ {}, { copies: 2, apart: 1s } ]\n"
                          "      - when: { op: look-up, attempt: 3 }\n"
                          "        if_reached: true\n"
                          "        do: [ { delay-answer: { by: 5s } } ]\n"
                          "steps:\n");
    round_reset(&round);
}

/* Where a rule would be for more than that, or another would act before it. */
Test(write, says_as_choices_what_no_rule_says_exactly)
{
    static const struct {
        const char *more; /* of the base's only partner */
        const char *choices;
        struct dbk_deviation deviation;
    } rows[] = {
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "lagoon/get#1", 1, 1}},          /* of whose wish? */
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 2, 1}},  /* never asked */
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, 99}}, /* no such fault */
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1001", 1, 1}},
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "lagoon/other/create#1", 1, 1}}, /* no such booking */
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "nowhere/trip/create#1", 1, 1}},
        {"", "", {DBK_SITE_EXCHANGE_FAULT, "#/", 1, 1}},
        {"", "", {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#51", 1, 1}},
        {"", "", {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1", 1, 1}},
        {"    believes: ref-unique-resend\n",
         "",
         {DBK_SITE_EXCHANGE_FAULT, "lagoon/look-up#1", 1, 1}},
        {"    script: [ { when: { op: create }, do: [ lose-answer ] } ]\n",
         "",
         {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1", 1, 1}},
        {"",
         "choices: [ { site: exchange-fault, entity: \"lagoon/trip/create#1\", n: 1, take: 8 } ]\n",
         {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1", 1, 1}},
    };
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct round round;
        struct dbk_text base = {0}, said = {0};
        const struct dbk_deviation *deviation = &rows[i].deviation;
        const char *steps = strstr(one, "steps:\n");
        dbk_text_put(&base, one, (size_t)(steps - one));
        dbk_text_printf(&base, "%s%s%s", rows[i].more, steps, rows[i].choices);
        dbk_text_printf(&said, "  - { site: %s, entity: \"%s\", n: %u, take: %u }\n",
                        dbk_sites[deviation->site].name, deviation->entity, deviation->nth,
                        deviation->take);
        round_init(&round, base.bytes, "reference");
        round_play(&round, deviation, 1);
        struct dbk_written written = round_written(&round, deviation, 1);
        expect_said(&written, said.bytes);
        free(round_expect_same(&round, deviation, 1));
        dbk_text_reset(&base);
        dbk_text_reset(&said);
        round_reset(&round);
    }
}

/* A choice that the base fixes is not asked of a search, so it is no deviation. */
Test(write, does_not_say_twice_what_the_base_fixes)
{
    static const struct dbk_deviation deviation = {DBK_SITE_CRASH, "core.api/step", 2, 2};
    struct round round;
    round_init(&round, "scenarios/crash/killed-before-it-told-the-worker.yaml", "reference");
    round_play(&round, &deviation, 1);
    char *file = round_expect_same(&round, &deviation, 1);
    cr_expect(strstr(file, "choices:\n"
                           "  # core.api/step 2: crash after its commit\n"
                           "  - { site: crash, entity: core.api/step, n: 2, take: 3 }\n"),
              "%s", file);
    cr_expect_null(strstr(file, "take: 2"), "%s", file);
    free(file);
    round_reset(&round);
}

Test(write, names_the_policy_as_it_is_found_or_by_what_it_changes)
{
    static const char *violates[] = {"one-truth"};
    struct round round;
    round_init(&round, "scenarios/lost-answers/committed-after-the-timeout.yaml",
               "naive"); /* it sets one */
    struct dbk_written written = round_written(&round, NULL, 0);
    written.violates = violates;
    written.violate_count = 1;
    char *file = round_write(&written);
    cr_expect(strstr(file, "\nfound:\n  policy: naive\n  violates: [ one-truth ]\n"), "%s", file);
    free(file);
    written.policy_word = NULL;
    round.policy = dbk_policy_reference();
    cr_assert(dbk_policy_set_rule(&round.policy, "retry_key", "new"));
    round.policy.settings_ms[DBK_SETTING_LEASE] = 90000;
    round.policy = dbk_scenario_policy(round.base, &round.policy);
    file = round_write(&written);
    cr_expect(strstr(file, "\nfound:\n  policy: { set: { retry_key: new, lease: 1m30s } }\n"), "%s",
              file);
    free(file);
    round.policy = dbk_policy_reference();
    file = round_write(&written);
    cr_expect(strstr(file, "\nfound:\n  policy: reference\n"), "%s", file);
    free(file);
    round_reset(&round);
}

/* The bound of the new file is another, so where it might matter the old one is written. */
Test(write, says_until_when_only_where_the_run_might_not_rest_before)
{
    struct round round;
    round_init(&round, one, "reference");
    round_play(&round, NULL, 0);
    struct dbk_written written = round_written(&round, NULL, 0);
    char *file = round_write(&written);
    cr_expect_null(strstr(file, "\nuntil:"), "%s", file);
    free(file);
    written.history = NULL; /* nobody knows */
    expect_said(&written, "\nuntil: 1h20m50s\n");
    round_reset(&round);
    round_init(&round, asking, "reference");
    round.base->until_ms = 15000;
    round_play(&round, NULL, 0);
    written = round_written(&round, NULL, 0);
    expect_said(&written, "\nuntil: 15s\n");
    free(round_expect_same(&round, NULL, 0));
    round_reset(&round);
}

/* ---- writing again ---- */

/* The file of a file: the same. */
static void expect_stable(struct round *round, const struct dbk_written *first)
{
    char *file = round_write(first), *again;
    struct dbk_scenario *base = round->base, *read = world_scenario(file);
    struct dbk_written second = *first;
    round->base = read;
    round_play(round, NULL, 0);
    second.scenario = read;
    second.keeps_step = second.keeps_partner = NULL;
    second.until_ms = DBK_ABSENT;
    second.deviations = NULL;
    second.deviation_count = 0;
    second.name = read->name;
    second.summary = read->summary;
    again = round_write(&second);
    cr_expect_str_eq(again, file, "\n%s\n--- first:\n%s", again, file);
    round->base = base;
    dbk_scenario_free(read);
    free(file);
    free(again);
}

Test(write, writes_what_it_wrote_the_same_again)
{
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, 2 * DBK_FAULTS + 2},
        {DBK_SITE_CALLBACK_FAULT, "lagoon/trip/create#1/callback#1", 1, 6},
        {DBK_SITE_PAUSE, "core.worker/step", 3, 2},
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/get#1", 1, 1},
    };
    static const char *const bases[] = {one, "scenarios/explore/one-booking.yaml",
                                        "scenarios/seed-incident.yaml",
                                        "scenarios/crash/killed-before-it-told-the-worker.yaml",
                                        "scenarios/callbacks/older-state-last.yaml"};
    for (size_t i = 0; i < DBK_COUNT(bases); i++) {
        struct round round;
        round_init(&round, bases[i], "naive");
        round_play(&round, deviations, DBK_COUNT(deviations));
        struct dbk_written written = round_written(&round, deviations, DBK_COUNT(deviations));
        expect_stable(&round, &written);
        round_reset(&round);
    }
}

/* ---- hostile names ---- */

static const char hostile[] =
    "format: 1\n"
    "scenario: \"007\"\n"
    "source: \"a: b # c, {d} [e] 'f' \\\"g\\\" \\\\ &h *i !j %%k @l `m\"\n"
    "tags: [ \"no\", \"null\", \"1e3\", \"12\", a-name-as-long-as-a-name-can-be-that-is-48-bytes "
    "]\n"
    "clocks: { \"null\": +47s, \"0x1\": -3s }\n"
    "partners:\n"
    "  \"null\":\n"
    "    profile: { like: ref-not-unique, books_as: pending, callback: { kind: full } }\n"
    "    sells:\n"
    "      \"1e3\": { price: 0, currency: EUR, slots: { \"off\": { starts: "
    "\"2026-03-04T18:00:00+02:00\" }, \"1\": \"2026-03-04T18:00:00Z\" } }\n"
    "    script:\n"
    "      - { when: { op: create, attempt: 2, intent: \"no\" }, do: [ { refuse: { reason: \"yes\" "
    "} "
    "} ], times: 2, if_reached: true }\n"
    "      - { when: { op: create, attempt: 3 }, later: [ { after: 0s, callback: {} } ], "
    "if_reached: true }\n"
    "steps:\n"
    "  - { at: \"12:00:00\", user: \"0x1\", book: \"null/1e3\", slot: \"off\", as: \"no\" }\n"
    "  - { at: \"2026-01-05T12:00:01Z\", user: \"0x1\", watch: \"no\" }\n"
    "choices:\n"
    "  - { site: crash, entity: \"\\x07\\u202e\\ufffe\\U0001f6f6 caf\\xe9: # \\n%s\", n: "
    "4294967295, take: 0 }\n"
    "except: { settles: \"\\ttab, line\\nfeed \\x85 \\u2028 end \" }\n"
    "parity: { level: 1, why: \"  two  spaces\" }\n";

Test(write, round_trips_hostile_names_and_texts)
{
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "null/no/create#1", 1, DBK_FAULT_LOSE_ANSWER + 1},
        {DBK_SITE_CRASH, "\a\xe2\x80\xae \n- x: \"y\" # z", 1, 1},
    };
    struct dbk_text base = {0}, summary = {0}, longest = {0};
    struct round round;
    while (longest.length < 3900)
        dbk_text_add(&longest, "very long ");
    dbk_text_printf(&base, hostile, longest.bytes);
    dbk_text_printf(&summary, "# not a comment\n---\n- \"x\": &y *z\n\x01 %s", longest.bytes);
    round_init(&round, base.bytes, "naive");
    round_play(&round, deviations, 1);
    char *file = round_expect_same(&round, deviations, 2);
    cr_expect(strstr(file, "      - when: { op: create, attempt: 1, intent: \"no\" }\n"
                           "        do: [ lose-answer ]\n"),
              "%s", file);
    struct dbk_written written = round_written(&round, deviations, 2);
    written.name = "12";
    written.summary = summary.bytes;
    written.replay = "./doublebook replay $'\n\x1b[2J' \xff";
    free(file);
    file = round_write(&written);
    struct dbk_scenario *read = world_scenario(file);
    cr_expect_str_eq(read->summary, summary.bytes);
    cr_expect_str_eq(read->name, "12");
    cr_expect_str_eq(read->source, round.base->source);
    cr_expect_eq(read->tag_count, round.base->tag_count);
    for (size_t i = 0; i < read->tag_count; i++)
        cr_expect_str_eq(read->tags[i], round.base->tags[i]);
    cr_expect_str_eq(read->pinned[0].entity, round.base->pinned[0].entity);
    cr_expect_str_eq(read->terms.exceptions[0].reason, round.base->terms.exceptions[0].reason);
    cr_expect_str_eq(read->parity_why, round.base->parity_why);
    expect_stable(&round, &written);
    dbk_scenario_free(read);
    free(file);
    dbk_text_reset(&base);
    dbk_text_reset(&summary);
    dbk_text_reset(&longest);
    round_reset(&round);
}

/* Forty lines, whatever happened. */
Test(write, tells_a_long_story_shortly)
{
    struct dbk_text base = {0};
    struct round round;
    dbk_text_add(&base, two);
    for (int i = 1; i <= 60; i++)
        dbk_text_printf(&base, "  - { at: %ds, user: ana, book: lagoon/cruise, as: trip-%d }\n", i,
                        i);
    round_init(&round, base.bytes, "reference");
    round_play(&round, NULL, 0);
    struct dbk_written written = round_written(&round, NULL, 0);
    char *file = round_write(&written);
    const char *story = strstr(file, "\n# What happened, in this order:\n#\n");
    size_t lines = 0;
    cr_assert(story);
    for (story += strlen("\n# What happened, in this order:\n#\n"); *story; lines++) {
        cr_expect_eq(*story, '#', "%s", story);
        cr_expect(strcspn(story, "\n") <= 110, "%s", story);
        story = strchr(story, '\n') + 1;
    }
    cr_expect(lines >= 40 && lines <= 42, "%zu lines", lines);
    cr_expect(strstr(file, "\n# ... and "), "%s", file);
    free(file);
    dbk_text_reset(&base);
    round_reset(&round);
}

/* ---- what a search found ---- */

/* Found, shrunk, written, read and played: the same run. */
Test(write, round_trips_what_shrinking_left)
{
    static const char *const files[] = {"scenarios/explore/one-booking.yaml",
                                        "scenarios/explore/two-bookings-last-unit.yaml"};
    size_t count = 0;
    for (size_t i = 0; i < DBK_COUNT(files); i++) {
        struct world world;
        char why[160] = "";
        world_open(&world, world_file(files[i]), "naive", 2 - (int64_t)i);
        world.config.keeps_going = true;
        struct dbk_explored *explored = dbk_explore(&world.config, why);
        cr_assert(explored, "%s", why);
        for (size_t k = 0; k < explored->find_count; k++, count++) {
            struct round round;
            struct dbk_shrunk *shrunk = dbk_shrink(&world.config, &explored->finds[k]);
            struct dbk_search search = {shrunk->deviations, shrunk->deviation_count, &round.trace};
            round_init(&round, files[i], "naive");
            dbk_sim_search(round.sim, shrunk->scenario, &round.policy, 1, &search, &round.history);
            struct dbk_written written =
                round_written(&round, shrunk->deviations, shrunk->deviation_count);
            written.keeps_step = shrunk->kept.steps;
            written.keeps_partner = shrunk->kept.partners;
            written.keeps_clocks = shrunk->kept.clocks;
            struct dbk_arena arena = {0};
            struct dbk_path path = dbk_path_of(&round.history, &arena);
            const char *violates[] = {explored->finds[k].signature.id};
            written.path = &path;
            written.violates = violates;
            written.violate_count = 1;
            char *file = round_expect_same_as(&round, &written);
            struct dbk_scenario *read = world_scenario(file);
            cr_expect(path.count >= shrunk->deviation_count, "%s", file);
            cr_expect_eq(read->found->path.count, path.count, "%s", file);
            cr_expect_eq(dbk_path_common(&read->found->path, &round.history), path.count, "%s",
                         file);
            dbk_scenario_free(read);
            free(file);
            dbk_arena_free(&arena);
            dbk_shrunk_free(shrunk);
            round_reset(&round);
        }
        dbk_explored_free(explored);
        world_close(&world);
    }
    cr_expect(count >= 3, "%zu finds", count);
}

/* A script may have two hundred rules; what comes after them is said otherwise. */
Test(write, says_as_choices_what_a_full_script_has_no_room_for)
{
    static const struct dbk_deviation deviations[] = {
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/trip/create#1", 1, DBK_FAULT_LOSE_ANSWER + 1},
        {DBK_SITE_EXCHANGE_FAULT, "lagoon/look-up#1", 1, DBK_FAULT_LOSE_ANSWER + 1},
    };
    struct dbk_text base = {0};
    struct round round;
    const char *steps = strstr(one, "steps:\n");
    dbk_text_put(&base, one, (size_t)(steps - one));
    dbk_text_add(&base, "    script:\n");
    for (int i = 1; i < 200; i++)
        dbk_text_printf(&base,
                        "      - { when: { op: cancel, attempt: %d }, do: [ refuse ], "
                        "if_reached: true }\n",
                        i);
    dbk_text_add(&base, steps);
    round_init(&round, base.bytes, "reference");
    round_play(&round, deviations, 2);
    char *file = round_expect_same(&round, deviations, 2);
    cr_expect(strstr(file, "      - when: { op: create, attempt: 1, intent: trip }\n"), "%s", file);
    cr_expect(strstr(file, "{ site: exchange-fault, entity: \"lagoon/look-up#1\", n: 1, take: 9, "
                           "if_reached: true }"),
              "%s", file);
    free(file);
    dbk_text_reset(&base);
    round_reset(&round);
}
