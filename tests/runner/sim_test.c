/* The simulated stage's contract: commit before effect, crash and pause points, incarnations, named
 * clocks, and the same history for the same choices. Expected texts are whole traces. */
#include "runner/judge.h"
#include "runner/sim.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(sim, .timeout = 120);

/* One booking at a partner that answers after 2 s; %s is for choices and more steps. */
static const char story[] =
    "format: 1\n"
    "scenario: one\n"
    "clocks: { zero: \"2026-03-02T08:00:00Z\", core: +1s, lagoon: -20s, ana: +3m }\n"
    "partners:\n"
    "  lagoon:\n"
    "    profile: ref-not-unique\n"
    "    sells: { cruise: { price: 100, currency: EUR, slots: { one: { starts: "
    "\"2026-03-04T18:00:00Z\", capacity: 3 } } } }\n"
    "    script:\n"
    "      - { when: { op: create }, times: 9, do: [ { delay-answer: { by: 2s } } ] }\n"
    "steps:\n"
    "  - { at: 0s, user: ana, book: lagoon/cruise, slot: one, units: 1, as: trip }\n"
    "  - { at: 1s, user: ana, watch: trip }\n"
    "%s";

struct world {
    struct dbk_library library;
    struct dbk_scenario *scenario;
    struct dbk_sim *sim;
    struct dbk_history history;
};

static void world_load(struct world *world, const char *text)
{
    char why[160] = "";
    struct dbk_complaints complaints = {0};
    *world = (struct world){0};
    cr_assert(dbk_library_find(&world->library, why), "%s", why);
    world->scenario =
        dbk_scenario_parse(&world->library, text, strlen(text), "one.yaml", &complaints);
    struct dbk_text said = {0};
    dbk_complaints_print(&complaints, &said);
    cr_assert(world->scenario, "%s", said.bytes);
    dbk_text_reset(&said);
    world->sim = dbk_sim_new(why);
    cr_assert(world->sim, "%s", why);
    dbk_history_init(&world->history);
}

static void world_init(struct world *world, const char *more)
{
    char text[2000];
    snprintf(text, sizeof text, story, more);
    world_load(world, text);
}

static void world_reset(struct world *world)
{
    dbk_scenario_free(world->scenario);
    dbk_sim_free(world->sim);
    dbk_history_reset(&world->history);
}

static void world_run(struct world *world, uint64_t seed)
{
    struct dbk_policy policy = dbk_policy_reference();
    cr_assert(dbk_policy_set_rule(&policy, "reconcile", "never")); /* one exchange is enough */
    policy = dbk_scenario_policy(world->scenario, &policy);
    dbk_sim_run(world->sim, world->scenario, &policy, seed, &world->history);
}

static void add_word(struct dbk_text *text, const char *word)
{
    if (word)
        dbk_text_printf(text, " %s", word);
}

/* Processes, partner and fates, whole seconds only: latencies are the seed's. */
static char *trace(const struct dbk_history *history)
{
    struct dbk_text text = {0};
    for (size_t i = 0; i < history->fact_count; i++) {
        const struct dbk_fact *fact = &history->facts[i];
        if (fact->kind != DBK_FACT_PROCESS && fact->kind != DBK_FACT_SAW &&
            fact->kind != DBK_FACT_EFFECT && fact->kind != DBK_FACT_ANSWER &&
            fact->kind != DBK_FACT_STORE && fact->kind != DBK_FACT_READ &&
            !(fact->kind == DBK_FACT_FAULT && dbk_same(fact->who, "stage")))
            continue;
        if (fact->kind == DBK_FACT_READ && !dbk_same(fact->op, "watch") &&
            !dbk_same(fact->op, "book"))
            continue;
        dbk_text_printf(&text, "[%3lld] %s %s", (long long)(fact->at_ms / 1000), fact->who,
                        dbk_fact_name(fact->kind));
        add_word(&text, fact->fault);
        add_word(&text, fact->op);
        if (fact->attempt != DBK_ABSENT)
            dbk_text_printf(&text, "#%lld", (long long)fact->attempt);
        add_word(&text, fact->state);
        add_word(&text, fact->status);
        add_word(&text, fact->sync);
        add_word(&text, fact->fate);
        dbk_text_add(&text, "\n");
    }
    return dbk_text_take(&text);
}

static void expect_trace(const char *more, const char *expected)
{
    struct world world;
    world_init(&world, more);
    world_run(&world, 1);
    char *text = trace(&world.history);
    cr_expect_str_eq(text, expected, "\n%s\n--- expected:\n%s", text, expected);
    free(text);
    world_reset(&world);
}

#define PIN(site, process, n, take)                                                                \
    "choices: [ { site: " site ", entity: " process "/step, n: " n ", take: " take " } ]\n"

/* Nothing pinned: the answer comes two seconds after the create. */
Test(sim, plays_one_booking_when_nothing_is_pinned)
{
    expect_trace("", "[  0] ana read book received unsent\n"
                     "[  0] lagoon saw create#1 arrived\n"
                     "[  0] lagoon effect confirmed\n"
                     "[  1] ana read watch received in_flight\n"
                     "[  2] lagoon answer create#1 confirmed delivered\n"
                     "[  2] ana read watch confirmed agreed\n");
}

/* A crash before the commit: nothing left, the restarted worker sends the first create. */
Test(sim, loses_what_was_not_committed_when_it_crashes)
{
    expect_trace(PIN("crash", "core.worker", "3", "2"),
                 "[  0] stage fault crash\n"
                 "[  0] core.worker process down\n"
                 "[  0] ana read book received unsent\n"
                 "[  1] core.worker process up\n"
                 "[  1] stage store whole\n"
                 "[  1] ana read watch received in_flight\n"
                 "[  1] lagoon saw create#1 arrived\n"
                 "[  1] lagoon effect confirmed\n"
                 "[  3] lagoon answer create#1 confirmed delivered\n"
                 "[  3] ana read watch confirmed agreed\n");
}

/* A crash at the second store write: the same. */
Test(sim, loses_the_writes_of_the_step_when_it_crashes_between_them)
{
    expect_trace(PIN("crash", "core.worker", "3", "102"),
                 "[  0] stage fault crash\n"
                 "[  0] core.worker process down\n"
                 "[  0] ana read book received unsent\n"
                 "[  1] core.worker process up\n"
                 "[  1] stage store whole\n"
                 "[  1] ana read watch received in_flight\n"
                 "[  1] lagoon saw create#1 arrived\n"
                 "[  1] lagoon effect confirmed\n"
                 "[  3] lagoon answer create#1 confirmed delivered\n"
                 "[  3] ana read watch confirmed agreed\n");
}

/* A crash after the commit, before the effects: the create never left, but the store says that it
 * may have; so it is in doubt until absence is proven. */
Test(sim, keeps_what_was_committed_and_releases_nothing_when_it_crashes_after_it)
{
    expect_trace(PIN("crash", "core.worker", "3", "3"),
                 "[  0] stage fault crash\n"
                 "[  0] core.worker process down\n"
                 "[  0] ana read book received unsent\n"
                 "[  1] ana read watch received in_flight\n"
                 "[  1] core.worker process up\n"
                 "[  1] stage store whole\n"
                 "[ 60] ana read watch received in_doubt\n"
                 "[ 60] lagoon saw look-up#1 arrived\n"
                 "[ 60] lagoon answer look-up#1 none delivered\n"
                 "[ 70] lagoon saw look-up#2 arrived\n"
                 "[ 70] lagoon answer look-up#2 none delivered\n"
                 "[ 70] ana read watch received in_flight\n"
                 "[ 70] lagoon saw create#1 arrived\n"
                 "[ 70] lagoon effect confirmed\n"
                 "[ 72] lagoon answer create#1 confirmed delivered\n"
                 "[ 72] ana read watch confirmed agreed\n");
}

/* A crash before the last effect: the create has left, its answer finds nobody. */
Test(sim, never_delivers_an_answer_to_a_dead_incarnation)
{
    expect_trace(PIN("crash", "core.worker", "3", "6"),
                 "[  0] stage fault crash\n"
                 "[  0] core.worker process down\n"
                 "[  0] ana read book received unsent\n"
                 "[  0] lagoon saw create#1 arrived\n"
                 "[  0] lagoon effect confirmed\n"
                 "[  1] ana read watch received in_flight\n"
                 "[  1] core.worker process up\n"
                 "[  1] stage store whole\n"
                 "[  2] lagoon answer create#1 confirmed late\n"
                 "[ 60] ana read watch received in_doubt\n"
                 "[ 60] lagoon saw look-up#1 arrived\n"
                 "[ 60] lagoon answer look-up#1 confirmed delivered\n"
                 "[ 60] ana read watch confirmed agreed\n");
}

/* Paused with the transaction open, the API cannot answer; what was to leave is dropped by its
 * host, ninety seconds late. */
Test(sim, makes_the_other_process_wait_for_the_store_when_it_is_paused_in_a_transaction)
{
    expect_trace(PIN("pause", "core.worker", "3", "2"),
                 "[  0] stage fault pause\n"
                 "[  0] core.worker process paused\n"
                 "[  0] ana read book received unsent\n"
                 "[ 31] ana read watch timed out\n"
                 "[ 90] core.worker process resumed\n"
                 "[ 90] ana read watch received unsent\n"
                 "[ 91] ana read watch received in_flight\n"
                 "[ 91] lagoon saw create#1 arrived\n"
                 "[ 91] lagoon effect confirmed\n"
                 "[ 93] lagoon answer create#1 confirmed delivered\n"
                 "[ 93] ana read watch confirmed agreed\n");
}

/* Paused after the commit: the API goes on, the late create is dropped and sent anew. */
Test(sim, drops_what_a_pause_made_too_late)
{
    expect_trace(PIN("pause", "core.worker", "3", "3"),
                 "[  0] stage fault pause\n"
                 "[  0] core.worker process paused\n"
                 "[  0] ana read book received unsent\n"
                 "[  1] ana read watch received in_flight\n"
                 "[ 90] core.worker process resumed\n"
                 "[ 90] ana read watch received unsent\n"
                 "[ 91] ana read watch received in_flight\n"
                 "[ 91] lagoon saw create#1 arrived\n"
                 "[ 91] lagoon effect confirmed\n"
                 "[ 93] lagoon answer create#1 confirmed delivered\n"
                 "[ 93] ana read watch confirmed agreed\n");
}

/* Group commit of the API: the answer waits for the commit, and is released after it. */
Test(sim, commits_two_steps_at_once_and_releases_both)
{
    expect_trace(PIN("commit-with-next", "core.api", "2", "1"),
                 "[  0] stage fault commit-with-next\n"
                 "[  0] ana read book received unsent\n"
                 "[  0] lagoon saw create#1 arrived\n"
                 "[  0] lagoon effect confirmed\n"
                 "[  1] ana read watch received in_flight\n"
                 "[  2] lagoon answer create#1 confirmed delivered\n"
                 "[  2] ana read watch confirmed agreed\n");
}

static char *file_of(struct world *world)
{
    struct dbk_text text = {0};
    char hex[DBK_DIGEST_HEX];
    dbk_history_seal(&world->history, hex);
    dbk_history_write(&world->history, &text);
    return dbk_text_take(&text);
}

Test(sim, gives_the_same_bytes_for_the_same_arguments_whatever_ran_before)
{
    struct world world;
    world_init(&world, "");
    world_run(&world, 7);
    char *first = file_of(&world);
    for (uint64_t seed = 100; seed < 1100; seed++)
        world_run(&world, seed);
    char *other = file_of(&world);
    cr_expect_str_neq(other, first, "two seeds differ");
    world_run(&world, 7);
    char *second = file_of(&world);
    cr_expect_str_eq(second, first);
    free(first);
    free(second);
    free(other);
    world_reset(&world);
}

/* Every end tells time by its own clock; true time is the stage's alone. */
Test(sim, lets_every_party_read_its_own_clock)
{
    struct world world;
    world_init(&world, "");
    world_run(&world, 1);
    int seen = 0;
    for (size_t i = 0; i < world.history.fact_count; i++) {
        const struct dbk_fact *fact = &world.history.facts[i];
        int64_t offset = !fact->clock                      ? DBK_ABSENT
                         : dbk_same(fact->clock, "core")   ? 1000
                         : dbk_same(fact->clock, "lagoon") ? -20000
                         : dbk_same(fact->clock, "ana")    ? 180000
                                                           : DBK_ABSENT;
        if (offset == DBK_ABSENT)
            continue;
        cr_expect_eq(fact->reads_ms, world.history.zero_ms + fact->at_ms + offset, "fact %zu",
                     i + 1);
        seen++;
    }
    cr_expect_gt(seen, 10);
    world_reset(&world);
}

/* At the last look nothing is stopped any more: what a person would have seen must not depend on
 * where a pin falls. */
Test(sim, asks_for_no_crash_and_no_pause_once_the_last_look_is_on)
{
    static const char *const sites[] = {"crash", "pause"};
    size_t fired = 0;
    for (int i = 0; i < 2 * 16; i++) {
        struct world world;
        char pin[200];
        snprintf(pin, sizeof pin,
                 "choices: [ { site: %s, entity: core.api/step, n: %d, take: 3 } ]\n", sites[i % 2],
                 i / 2 + 3); /* at the second, the book, she would learn no id */
        world_init(&world, pin);
        world_run(&world, 1);
        const struct dbk_fact *last = NULL;
        for (size_t k = 0; k < world.history.fact_count; k++) {
            const struct dbk_fact *fact = &world.history.facts[k];
            last = fact->kind == DBK_FACT_READ ? fact : last;
            fired += fact->kind == DBK_FACT_FAULT && dbk_same(fact->by, "choice#1");
        }
        cr_assert(last && last->status, "%s: ana's last look was not answered", pin);
        world_reset(&world);
    }
    cr_expect_gt(fired, 2, "the pins are beyond every step");
}

/* Two creates leave at one instant for the last unit; the one that lets the other overtake it is
 * late. Nobody is asked where no other message comes within a second. */
Test(sim, lets_a_message_be_overtaken)
{
    static const char text[] = "format: 1\n"
                               "scenario: order\n"
                               "partners:\n"
                               "  lagoon:\n"
                               "    profile: ref-unique-resend\n"
                               "    sells: { cruise: { price: 100, currency: EUR, capacity: 1 } }\n"
                               "steps:\n"
                               "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
                               "  - { at: 0s, user: ben, book: lagoon/cruise, as: outing }\n"
                               "  - { at: 30s, user: cleo, book: lagoon/cruise, as: walk }\n"
                               "%s";
    static const char pin[] =
        "choices: [ { site: order, entity: \"core.worker>lagoon/create\", n: %d, take: 1 } ]\n";
    char first[2][8] = {"", ""};

    for (int nth = 0; nth <= 3; nth++) { /* 0: no pin */
        char pinned[200] = "", whole[1000];
        struct world world;
        struct dbk_policy policy = dbk_policy_reference();
        const char *booked = NULL;
        size_t told = 0;
        snprintf(pinned, sizeof pinned, pin, nth);
        snprintf(whole, sizeof whole, text, nth > 0 ? pinned : "");
        world_load(&world, whole);
        dbk_sim_run(world.sim, world.scenario, &policy, 1, &world.history);
        for (size_t i = 0; i < world.history.fact_count; i++) {
            const struct dbk_fact *fact = &world.history.facts[i];
            if (fact->kind == DBK_FACT_EFFECT && !booked)
                booked = fact->intent;
            told += fact->kind == DBK_FACT_FAULT && dbk_same(fact->fault, "order");
        }
        cr_assert_not_null(booked);
        if (nth < 2)
            snprintf(first[nth], sizeof first[nth], "%s", booked);
        cr_expect_eq(told, nth == 1 ? 1 : 0, "create %d",
                     nth); /* only the first has one behind it */
        world_reset(&world);
    }
    cr_expect_str_neq(first[0], first[1]);
}

/* Each page asks again for itself: two that did it for each other would never stop. */
Test(sim, comes_to_rest_with_two_watched_pages_of_one_person)
{
    static const char text[] =
        "format: 1\n"
        "scenario: two-pages\n"
        "partners:\n"
        "  lagoon:\n"
        "    profile: { like: ref-not-unique, books_as: pending, callback: { kind: full, "
        "signature: none, version: none } }\n"
        "    sells: { cruise: { price: 12000, currency: EUR, capacity: 1 } }\n"
        "steps:\n"
        "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
        "  - { at: 1s, user: ana, watch: trip }\n"
        "  - { at: 2s, user: ana, cancel: trip }\n"
        "  - { at: 15s, user: ana, anew: trip, as: trip-two }\n"
        "  - { at: 16s, user: ana, watch: trip-two }\n";
    struct world world;
    struct dbk_policy policy = dbk_policy_reference();

    world_load(&world, text);
    dbk_sim_run(world.sim, world.scenario, &policy, 1, &world.history);
    cr_assert_gt(world.history.fact_count, 0);
    cr_expect_str_eq(world.history.facts[world.history.fact_count - 1].fate, "rest");
    world_reset(&world);
}

/* A create that took 25 ms there and 59.970 s in the works is committed in time; with 30 ms it is
 * not. */
Test(sim, tells_a_partner_how_long_a_request_was_on_its_way)
{
    static const char late[] =
        "format: 1\n"
        "scenario: late\n"
        "partners:\n"
        "  lagoon:\n"
        "    profile: ref-not-unique\n"
        "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
        "    script: [ { when: { op: create }, do: [ { commit-late: { by: 59970ms } } ] } ]\n"
        "steps: [ { at: 0s, user: ana, book: lagoon/cruise, units: 1, as: trip } ]\n"
        "choices: [ { site: request-latency, entity: core.worker>lagoon/create, n: 1, take: %d } "
        "]\n";
    static const char *const claims[] = {[4] = NULL, [5] = "commits-within"};

    for (int take = 4; take <= 5; take++) {
        struct world world;
        char text[2000];
        size_t told = 0;
        snprintf(text, sizeof text, late, take);
        world_load(&world, text);
        world_run(&world, 1);
        for (size_t i = 0; i < world.history.fact_count; i++) {
            const struct dbk_fact *fact = &world.history.facts[i];
            if (fact->kind != DBK_FACT_FAULT || !dbk_same(fact->fault, "commit-late"))
                continue;
            cr_expect(dbk_same(fact->claim, claims[take]), "take %d: breaks %s", take,
                      fact->claim ? fact->claim : "nothing");
            told++;
        }
        cr_expect_eq(told, 1, "take %d: told %zu times", take, told);
        world_reset(&world);
    }
}

/* What a scenario says elsewhere than under `do` is told too, and nothing waits for it to fire. */
Test(sim, names_each_promise_that_a_partner_breaks)
{
    static const char liar[] =
        "format: 1\n"
        "scenario: liar\n"
        "clocks: { lagoon: +61s }\n"
        "partners:\n"
        "  lagoon:\n"
        "    profile: ref-not-unique\n"
        "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
        "    script:\n"
        "      - when: { op: create }\n"
        "        answers: { status: pending }\n"
        "        later: [ { after: 1s, callback: { says: rejected } } ]\n"
        "steps: [ { at: 0s, user: ana, book: lagoon/cruise, units: 1, as: trip } ]\n";
    struct world world;
    struct dbk_text broke = {0};
    world_load(&world, liar);
    world_run(&world, 1);
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_judge(&world.history, "replay", outcome);
    for (size_t i = 0; i < outcome->partner_broke_count; i++)
        dbk_text_printf(&broke, "%s\n", outcome->partner_broke[i]);
    cr_expect_str_eq(broke.bytes, "lagoon: books-as\n"
                                  "lagoon: clock-within\n"
                                  "lagoon: callback-kind\n"
                                  "lagoon: callback-tells-what-is\n");
    cr_expect_eq(outcome->fault_count, 0);
    cr_expect_eq(outcome->unproven_count, 0);
    dbk_outcome_free(outcome);
    dbk_text_reset(&broke);
    world_reset(&world);
}

/* A choice that was pinned and never came up is a fault that never fired. */
Test(sim, reports_a_pinned_choice_that_never_came_up)
{
    struct world world;
    world_init(&world, PIN("crash", "core.worker", "99", "2"));
    world_run(&world, 1);
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_judge(&world.history, "replay", outcome);
    cr_expect_eq(outcome->verdict, DBK_UNPROVEN);
    cr_assert_eq(outcome->fault_count, 2);
    cr_expect_str_eq(outcome->faults[1].rule, "choice#1");
    cr_expect_eq(outcome->faults[1].fired, 0);
    dbk_outcome_free(outcome);
    world_reset(&world);
}
