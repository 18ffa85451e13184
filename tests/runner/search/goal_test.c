#include "tests/runner/search/world.h"

#include "base/digest.h"
#include "runner/judge.h"
#include "runner/library.h"
#include "runner/search/goal_parts.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(goal, .timeout = 120);

#define SHIPPED "/scenarios/explore/what-support-saw.goal.yaml"

/* ---- helpers ---- */

static bool parse(const char *yaml, struct dbk_goal *goal, struct dbk_text *told)
{
    struct dbk_complaints complaints = {0};
    bool is_good = dbk_goal_parse(yaml, strlen(yaml), "F", goal, &complaints);

    cr_assert_eq(is_good, complaints.total == 0);
    dbk_text_clear(told);
    dbk_text_add(told, "");
    dbk_complaints_print(&complaints, told);
    dbk_complaints_reset(&complaints);
    return is_good;
}

/* A goal of these entries. */
static struct dbk_goal of_facts(const char *entries)
{
    struct dbk_text yaml = {0}, told = {0};
    struct dbk_goal goal;

    dbk_text_printf(&yaml, "format: 1\ngoal: g\nfacts:\n%s", entries);
    cr_assert(parse(yaml.bytes, &goal, &told), "%s\n%s", entries, told.bytes);
    dbk_text_reset(&yaml);
    dbk_text_reset(&told);
    return goal;
}

static bool is_shown(const struct dbk_goal *goal, const struct dbk_history *history,
                     const struct dbk_outcome *outcome)
{
    struct dbk_signatures found = {.count = 0};

    goal->ops->reached(goal->self, history, outcome, &found);
    cr_assert_leq(found.count, 1);
    if (found.count == 1) {
        cr_expect_str_eq(found.items[0].id, goal->name);
        cr_expect_not(found.items[0].is_of_partners);
    }
    return found.count == 1;
}

static bool shows(const struct dbk_history *history, const char *entries)
{
    struct dbk_goal goal = of_facts(entries);
    struct dbk_outcome *outcome = dbk_outcome_new();
    bool does = is_shown(&goal, history, outcome);

    dbk_outcome_free(outcome);
    dbk_goal_free(&goal);
    return does;
}

static struct dbk_goal shipped(void)
{
    struct dbk_complaints complaints = {0};
    struct dbk_goal goal;

    cr_assert(dbk_goal_load(DBK_SOURCE_DIR SHIPPED, &goal, &complaints), "%s",
              complaints.count ? complaints.items[0].text : "");
    return goal;
}

static void play(const struct world *world, struct dbk_history *history,
                 struct dbk_outcome *outcome)
{
    dbk_history_init(history);
    dbk_sim_run(world->config.sim, world->scenario, &world->policy, 1, history);
    dbk_judge(history, NULL, outcome);
}

/* ---- an invariant is violated ---- */

Test(goal, of_a_violation_tells_each_invariant_once_and_who_owes_it)
{
    struct dbk_violation violations[] = {
        {.invariant = "one-truth", .booking = "trip", .owed_by = "core"},
        {.invariant = "one-truth", .booking = "outing", .owed_by = "core"},
        {.invariant = "one-truth", .booking = "trip", .owed_by = "partner"},
        {.invariant = "expect", .owed_by = "core"},
    };
    const struct dbk_outcome outcome = {.violations = violations,
                                        .violation_count = DBK_COUNT(violations)};
    struct dbk_goal goal = dbk_goal_violation();
    struct dbk_signatures found = {.count = 0};

    goal.ops->reached(goal.self, NULL, &outcome, &found);
    cr_assert_eq(found.count, 3);
    cr_expect_str_eq(found.items[0].id, "one-truth");
    cr_expect_not(found.items[0].is_of_partners);
    cr_expect_str_eq(found.items[1].id, "one-truth");
    cr_expect(found.items[1].is_of_partners);
    cr_expect_str_eq(found.items[2].id, "expect");
    dbk_goal_free(&goal);
}

Test(goal, of_a_violation_is_not_shown_by_a_run_without_one)
{
    const struct dbk_outcome outcome = {.violation_count = 0};
    struct dbk_goal goal = dbk_goal_violation();
    struct dbk_signatures found = {.count = 0};
    struct dbk_complaints complaints = {0};

    goal.ops->reached(goal.self, NULL, &outcome, &found);
    cr_expect_eq(found.count, 0);
    cr_expect(dbk_goal_check(&goal, NULL, &complaints));
}

/* ---- facts of a real run ---- */

Test(goal, of_facts_is_shown_by_the_incident_and_not_by_a_truthful_core)
{
    static const char *const policies[] = {"naive", "reference"};
    struct dbk_goal goal = shipped();

    cr_expect_str_eq(goal.name, "what-support-saw");
    cr_expect_str_eq(goal.sentence, "a run that shows all 6 facts of what-support-saw");
    for (size_t i = 0; i < DBK_COUNT(policies); i++) {
        struct world world;
        struct dbk_history history;
        struct dbk_outcome *outcome = dbk_outcome_new();
        struct dbk_complaints complaints = {0};
        world_open(&world, world_file("scenarios/seed-incident.yaml"), policies[i], 0);
        play(&world, &history, outcome);
        cr_expect(dbk_goal_check(&goal, world.scenario, &complaints));
        cr_expect_eq(is_shown(&goal, &history, outcome), i == 0, "%s", policies[i]);
        dbk_outcome_free(outcome);
        dbk_history_reset(&history);
        world_close(&world);
    }
    dbk_goal_free(&goal);
}

/* No script, no invariant: two things that may go wrong, and what support saw. */
Test(goal, of_facts_is_found_by_a_search_that_was_told_nothing_else)
{
    struct world world;
    struct dbk_complaints complaints = {0};
    char why[160] = "";

    world_open(&world, world_file("scenarios/explore/one-booking.yaml"), "naive", 2);
    dbk_goal_free(&world.goal);
    world.goal = shipped();
    world.menu = (struct dbk_menu){.scenario = world.scenario, .is_said = true};
    world.menu.faults[DBK_FAULT_LOSE_ANSWER] = world.menu.faults[DBK_FAULT_DELAY_REQUEST] = true;
    world.menu.callbacks[DBK_CALLBACK_OLDER] = world.menu.callbacks[DBK_CALLBACK_HELD] = true;
    cr_expect(dbk_goal_check(&world.goal, world.scenario, &complaints));
    struct dbk_explored *explored = dbk_explore(&world.config, why);
    cr_assert_not_null(explored, "%s", why);
    cr_assert_eq(explored->find_count, 1);
    cr_expect_str_eq(explored->finds[0].signature.id, "what-support-saw");
    cr_expect_eq(explored->finds[0].deviation_count, 2);
    cr_expect_gt(explored->depths[2].found, 1); /* others exist */
    cr_expect_lt(explored->depths[2].found, explored->depths[2].runs);
    dbk_explored_free(explored);
    world_close(&world);
}

Test(goal, may_ask_for_violations_and_facts_of_one_run)
{
    static const struct {
        const char *yaml, *sentence;
        bool is_shown;
    } rows[] = {
        {"violates: [ single-reservation, one-truth ]\n",
         "a run that violates single-reservation and one-truth: g", true},
        {"violates: [ single-reservation, durable-ack ]\n",
         "a run that violates single-reservation and durable-ack: g", false},
        {"violates: [ one-truth ]\nfacts: [ { what: fault, fault: lose-answer } ]\n",
         "a run that violates one-truth, and shows the fact of g", true},
        {"violates: [ one-truth ]\nfacts: [ { what: fault, fault: book-twice } ]\n",
         "a run that violates one-truth, and shows the fact of g", false},
        {"violates: [ durable-ack ]\nfacts: [ { what: fault, fault: lose-answer } ]\n",
         "a run that violates durable-ack, and shows the fact of g", false},
    };
    struct world world;
    struct dbk_history history;
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_text told = {0};

    world_open(&world, world_file("scenarios/seed-incident.yaml"), "naive", 0);
    play(&world, &history, outcome);
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_text yaml = {0};
        struct dbk_goal goal;
        dbk_text_printf(&yaml, "format: 1\ngoal: g\n%s", rows[i].yaml);
        cr_assert(parse(yaml.bytes, &goal, &told), "%s", told.bytes);
        cr_expect_str_eq(goal.sentence, rows[i].sentence);
        cr_expect_eq(is_shown(&goal, &history, outcome), rows[i].is_shown, "%s", yaml.bytes);
        dbk_goal_free(&goal);
        dbk_text_reset(&yaml);
    }
    dbk_text_reset(&told);
    dbk_outcome_free(outcome);
    dbk_history_reset(&history);
    world_close(&world);
}

/* Everything that a story's facts say can be asked for, and asking for all that one fact says finds
 * it: the tables of kinds, of keys and of words know the facts that there are. */
static size_t ask_for(const struct dbk_fact *fact, size_t number, const struct dbk_history *history)
{
    static const char *const left_out[] = {"at_ms",   "clock", "reads", "asked_ms",
                                           "made_ms", "to",    "line",  "text"};
    struct dbk_text line = {0}, asked = {0}, entry = {0};
    char why[160];
    size_t members = 0;

    dbk_fact_write(fact, number, &line);
    cJSON *json = dbk_json_parse(line.bytes, line.length, why);
    cr_assert_not_null(json, "%s", why);
    dbk_json_open(&asked, '{');
    dbk_json_pair_text(&asked, "what", dbk_fact_name(fact->kind));
    for (const cJSON *member = json->child; member; member = member->next) {
        bool is_left_out = strcmp(member->string, "n") == 0 || strcmp(member->string, "what") == 0;
        for (size_t i = 0; i < DBK_COUNT(left_out); i++)
            is_left_out = is_left_out || strcmp(member->string, left_out[i]) == 0;
        if (is_left_out)
            continue;
        dbk_json_key(&asked, member->string);
        dbk_json_put_node(&asked, member);
        members++;
    }
    dbk_json_close(&asked, '}');
    dbk_text_printf(&entry, "  - %s\n", asked.bytes);
    cr_expect(shows(history, entry.bytes), "%s", entry.bytes);
    cJSON_Delete(json);
    dbk_text_reset(&line);
    dbk_text_reset(&asked);
    dbk_text_reset(&entry);
    return members;
}

Test(goal, can_ask_for_all_that_the_facts_of_the_library_say)
{
    static const char *const policies[] = {"naive", "reference"};
    const char *folder = DBK_SOURCE_DIR "/scenarios";
    struct dbk_paths paths = {0};
    size_t members = 0;

    cr_assert(dbk_paths_collect(&paths, folder));
    for (size_t i = 0; i < 2 * paths.count; i++) {
        struct world world;
        struct dbk_history history;
        struct dbk_outcome *outcome = dbk_outcome_new();
        world_open(&world, world_file(paths.items[i / 2] + strlen(DBK_SOURCE_DIR) + 1),
                   policies[i % 2], 0);
        play(&world, &history, outcome);
        for (size_t k = 0; k < history.fact_count; k++)
            if (dbk_fact_is_outside(history.facts[k].kind))
                members += ask_for(&history.facts[k], k + 1, &history);
        dbk_outcome_free(outcome);
        dbk_history_reset(&history);
        world_close(&world);
    }
    cr_expect_gt(members, 5000);
    dbk_paths_reset(&paths);
}

/* ---- intervals on clocks ---- */

#define ZERO INT64_C(1782926700000) /* 2026-07-01T17:25:00Z */

/* One read of sam's, three minutes after zero, on a clock that is 10 s slow; lagoon's is 47 s fast.
 */
static void make_history(struct dbk_history *history, const struct dbk_fact *fact)
{
    static struct dbk_clock clocks[] = {{"core", 0}, {"lagoon", 47000}, {"sam", -10000}};

    dbk_history_init(history);
    history->zero_ms = ZERO;
    history->clocks = clocks;
    history->clock_count = DBK_COUNT(clocks);
    dbk_history_add(history, fact);
}

static struct dbk_fact read_of_sam(void)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_READ);

    fact.who = "sam";
    fact.clock = "sam";
    fact.at_ms = 180000;
    fact.reads_ms = ZERO + 170000;
    fact.status = "pending";
    return fact;
}

static const struct {
    const char *interval;
    bool is_in, is_in_without_true_time;
} intervals[] = {
    {"from: 170s", true, true},
    {"from: 170001ms", false, false},
    {"to: 170s", true, true},
    {"to: 169999ms", false, false},
    {"from: 170s, to: 170s", true, true},
    {"from: 170s, to: 170s, clock: sam", true, true},
    {"from: 180s, to: 180s, clock: true-time", true, true},
    {"from: 180001ms, clock: true-time", false, false},
    {"from: 180s, to: 180s, clock: core", true, true},
    {"from: 227s, to: 227s, clock: lagoon", true, true},
    {"from: \"17:28:47\", to: \"17:28:47\", clock: lagoon", true, true},
    {"to: \"17:28:46\", clock: lagoon", false, false},
    {"from: \"2026-07-01T17:28:47Z\", to: \"2026-07-01T19:28:47+02:00\", clock: lagoon", true,
     true},
    {"from: \"2026-07-01T17:28:47.001Z\", clock: lagoon", false, false},
    {"from: \"17:27:50\", to: 170s", true, true},
    {"from: 0s, clock: nobody", false, false},
};

Test(goal, compares_times_with_what_the_named_clock_would_show)
{
    for (size_t i = 0; i < DBK_COUNT(intervals); i++) {
        struct dbk_history history;
        struct dbk_fact fact = read_of_sam();
        char entry[200];
        snprintf(entry, sizeof entry, "  - { what: read, who: sam, %s }\n", intervals[i].interval);
        make_history(&history, &fact);
        cr_expect_eq(shows(&history, entry), intervals[i].is_in, "%s", entry);
        history.facts[0].at_ms = DBK_ABSENT;
        cr_expect_eq(shows(&history, entry), intervals[i].is_in_without_true_time, "log: %s",
                     entry);
        history.facts[0].at_ms = 180000;
        history.facts[0].reads_ms = DBK_ABSENT;
        cr_expect_eq(shows(&history, entry), intervals[i].is_in, "no reading: %s", entry);
        dbk_history_reset(&history);
    }
}

Test(goal, takes_what_no_clock_is_known_of_for_outside_of_every_interval)
{
    struct dbk_history history;
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_READ);

    fact.who = "sam";
    make_history(&history, &fact);
    cr_expect(shows(&history, "  - { what: read, who: sam }\n"));
    cr_expect_not(shows(&history, "  - { what: read, who: sam, from: 0s }\n"));
    cr_expect_not(shows(&history, "  - { what: read, from: 0s, clock: true-time }\n"));
    history.facts[0].at_ms = 180000; /* and no clock: true time */
    cr_expect(shows(&history, "  - { what: read, who: sam, from: 180s, to: 180s }\n"));
    history.zero_ms = DBK_ABSENT;
    cr_expect_not(shows(&history, "  - { what: read, who: sam, from: 0s }\n"));
    cr_expect_not(shows(&history, "  - { what: read, to: \"23:59:59\" }\n"));
    history.facts[0].reads_ms = ZERO; /* and its clock is known, but no zero to count from */
    cr_expect_not(shows(&history, "  - { what: read, who: sam, from: 0s }\n"));
    cr_expect(shows(&history, "  - { what: read, from: \"2026-07-01T17:25:00Z\" }\n"));
    dbk_history_reset(&history);
}

/* ---- each entry a fact of its own, in order ---- */

static const struct {
    const char *entries;
    bool is_shown;
} orders[] = {
    {"  - { what: read, status: pending }\n  - { what: read, status: pending }\n", true},
    {"  - { what: read, status: pending }\n  - { what: read, status: pending }\n"
     "  - { what: read, status: pending }\n",
     false},
    /* The wide one must not take the only fact of the narrow one. */
    {"  - { what: read }\n  - { what: read, status: confirmed }\n  - { what: read }\n", true},
    {"  - { what: read, status: confirmed, as: one }\n  - { what: read, after: one }\n", true},
    {"  - { what: read, status: confirmed, as: one }\n"
     "  - { what: read, after: one, as: two }\n  - { what: read, after: two }\n",
     false},
    {"  - { what: read, status: pending, as: one }\n"
     "  - { what: read, status: confirmed, after: one, as: two }\n"
     "  - { what: read, status: pending, after: two }\n",
     true},
    {"  - { what: read, status: confirmed, as: one }\n"
     "  - { what: read, status: pending, after: one, as: two }\n"
     "  - { what: read, status: confirmed, after: two }\n",
     false},
};

Test(goal, gives_each_entry_a_fact_of_its_own_in_the_order_that_is_asked_for)
{
    static const char *const statuses[] = {"pending", "confirmed", "pending"};
    struct dbk_history history;

    dbk_history_init(&history);
    for (size_t i = 0; i < DBK_COUNT(statuses); i++) {
        struct dbk_fact fact = read_of_sam();
        fact.status = statuses[i];
        dbk_history_add(&history, &fact);
    }
    for (size_t i = 0; i < DBK_COUNT(orders); i++)
        cr_expect_eq(shows(&history, orders[i].entries), orders[i].is_shown, "%s",
                     orders[i].entries);
    dbk_history_reset(&history);
}

/* The same by trying every fact for every entry, one entry after the other. */
static bool try_all(const struct dbk_match *match, const uint32_t *facts, size_t fact_count,
                    size_t place[DBK_MATCH_ENTRIES], size_t entry)
{
    if (entry == match->count)
        return true;
    for (size_t t = 0; t < fact_count; t++) {
        bool is_free = facts[t] >> entry & 1;
        for (size_t k = 0; k < entry; k++)
            is_free = is_free && place[k] != t &&
                      (!(match->after[entry] >> k & 1) || place[k] < t) &&
                      (!(match->after[k] >> entry & 1) || t < place[k]);
        place[entry] = t;
        if (is_free && try_all(match, facts, fact_count, place, entry + 1))
            return true;
    }
    return false;
}

static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return (*state >> 16) % below;
}

Test(goal, agrees_with_trying_every_fact_for_every_entry)
{
    uint32_t state = 7;
    size_t whole = 0, cases = 40000;

    for (size_t i = 0; i < cases; i++) {
        struct dbk_match match = {.count = draw(&state, 6)};
        uint32_t facts[8], fact_count = draw(&state, 8), density = 1 + draw(&state, 3);
        size_t place[DBK_MATCH_ENTRIES];
        for (size_t e = 1; e < match.count; e++)
            for (size_t k = 0; k < e; k++)
                match.after[e] |= draw(&state, 4) == 0 ? UINT32_C(1) << k : 0;
        for (int again = 0; again < 2; again++) { /* nothing of the first is left in the second */
            dbk_match_begin(&match);
            for (size_t t = 0; t < fact_count; t++) {
                facts[t] = 0;
                for (size_t e = 0; e < match.count; e++)
                    facts[t] |= draw(&state, 4) < density ? UINT32_C(1) << e : 0;
                dbk_match_offer(&match, facts[t]);
            }
            bool is_whole = dbk_match_is_whole(&match);
            whole += is_whole;
            cr_assert_eq(is_whole, try_all(&match, facts, fact_count, place, 0), "case %zu.%d", i,
                         again);
        }
        dbk_match_reset(&match);
    }
    cr_expect_gt(whole, cases / 4); /* both answers were common */
    cr_expect_lt(whole, 2 * cases - cases / 4);
}

/* Twenty entries that any of a hundred facts may be, and one fact too few for a last pair. */
Test(goal, is_bounded_whatever_the_entries)
{
    struct dbk_match match = {.count = DBK_MATCH_ENTRIES};
    uint32_t all = (UINT32_C(1) << DBK_MATCH_ENTRIES) - 1, last = UINT32_C(3) << 18;

    for (size_t i = 0; i < 100; i++)
        dbk_match_offer(&match, all & ~last);
    dbk_match_offer(&match, last);
    cr_expect_not(dbk_match_is_whole(&match));
    dbk_match_offer(&match, last);
    cr_expect(dbk_match_is_whole(&match));
    dbk_match_reset(&match);
}

/* ---- what is wrong with a file ---- */

static const struct {
    const char *yaml, *told;
} mistakes[] = {
    {"- 1\n", "F:1:1: the file cannot be a list; expected a mapping\n"},
    {"format: 1\ngoal: g\n",
     "F:1:1: a goal says nothing to look for; expected violates: [ INVARIANT ], facts: [ { what: "
     "... } ], or both\n"},
    {"format: 1\ngoal: g\nviolates: []\nfacts: []\n",
     "F:1:1: a goal says nothing to look for; expected violates: [ INVARIANT ], facts: [ { what: "
     "... } ], or both\n"},
    {"format: 2\ngoal: G\nviolates: [ one-truth ]\n",
     "F:1:9: format cannot be 2; expected 1\n"
     "F:2:7: goal cannot be 'G'; expected a name of lower-case letters, digits and dashes, at most "
     "48 long\n"},
    {"format: 1\ngoal: g\nviolates: [ one-thruth ]\n",
     "F:3:13: unknown invariant 'one-thruth' (did you mean 'one-truth'?); expected one of "},
    {"format: 1\ngoal: g\nfakts: []\nviolates: [ one-truth ]\n",
     "F:3:1: unknown key 'fakts' (did you mean 'facts'?); expected one of format, goal, summary, "
     "violates, facts\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: raed }, { who: sam } ]\n",
     "F:3:18: unknown fact 'raed' (did you mean 'read'?); expected one of step, asked, read, saw, "
     "effect, answer, callback, callback-answered, fault, process, store, end\n"
     "F:3:26: a fact lacks the key 'what'; expected what: the kind of the fact\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: note, text: x } ]\n",
     "F:3:18: unknown fact 'note'; expected one of step, asked, read, saw, "
     "effect, answer, callback, callback-answered, fault, process, store, end\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: read, state: confirmed, status: done, http: 42 } ]\n",
     "F:3:50: unknown status 'done'; expected one of received, pending, confirmed, cancelled, "
     "rejected, expired\n"
     "F:3:62: http cannot be 42; expected a whole number from 100 to 599\n"
     "F:3:24: a fact 'read' says no state; expected one of who, op, intent, booking, surface, "
     "status, sync, version, http, amount, price, fate\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: read, line: 3, at_ms: 1 } ]\n",
     "F:3:24: unknown key 'line'; expected one of what, as,"},
    {"format: 1\ngoal: g\nfacts: [ { what: read, from: 2m, to: 1m } ]\n",
     "F:3:38: to is before from; expected a later moment (one of the next day as an instant)\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: read, from: -2m } ]\n",
     "F:3:30: from cannot be '-2m'; expected a duration from zero (90s), a time of day "
     "(\"17:29:00\") or an instant (\"2026-07-01T17:29:00Z\")\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: read, clock: sam } ]\n",
     "F:3:24: clock stands without from and to; expected at least one of them\n"},
    {"format: 1\ngoal: g\nfacts: [ { what: read, after: two, as: one }, { what: end, as: one }, "
     "{ what: end, as: two, after: two } ]\n",
     "F:3:31: unknown name of an entry above 'two'; none is expected here\n"
     "F:3:64: 'one' names an entry above already; expected another name\n"
     "F:3:100: unknown name of an entry above 'two'; expected one of one\n"},
    {"format: 1\ngoal: g\ngoal: h\nviolates: [ one-truth ]\n", "F:3:1: "},
    {"format: 1\ngoal: g\nviolates: one-truth\nfacts: { what: read }\n",
     "F:3:11: violates cannot be 'one-truth'; expected a list\n"
     "F:4:8: facts cannot be a mapping; expected a list\n"},
};

Test(goal, tells_all_mistakes_of_a_file_with_their_places)
{
    struct dbk_text told = {0};

    for (size_t i = 0; i < DBK_COUNT(mistakes); i++) {
        struct dbk_goal goal;
        cr_expect_not(parse(mistakes[i].yaml, &goal, &told), "%s", mistakes[i].yaml);
        cr_expect_null(goal.ops);
        cr_expect(dbk_starts_with(told.bytes, mistakes[i].told), "%s\ntold:\n%sexpected:\n%s",
                  mistakes[i].yaml, told.bytes, mistakes[i].told);
    }
    dbk_text_reset(&told);
}

static const char elsewhere[] =
    "format: 1\n"
    "goal: g\n"
    "facts:\n"
    "  - { what: read, who: sma, booking: trap, from: 0s, clock: lagune }\n"
    "  - { what: effect, who: sam, intent: trip, from: 0s, clock: true-time }\n"
    "  - { what: process, who: worker }\n"
    "  - { what: effect, who: lagoon, to: \"17:25:46\" }\n"
    "  - { what: effect, to: \"17:24:56\" }\n"
    "  - { what: effect, from: 100d }\n"
    "  - { what: end, who: stage, from: \"17:30:00\", to: 1m }\n"
    /* Not so: her clock is 3 s slow; a step is the stage's, by no clock, and a run lasts 86m30s. */
    "  - { what: read, who: ana, to: \"17:24:58\" }\n"
    "  - { what: step, who: ana, from: 86m29s }\n";

Test(goal, is_held_to_what_the_scenario_can_show)
{
    struct dbk_scenario *scenario = world_file("scenarios/seed-incident.yaml");
    struct dbk_complaints complaints = {0};
    struct dbk_text told = {0};
    struct dbk_goal goal;

    cr_assert(parse(elsewhere, &goal, &told), "%s", told.bytes);
    cr_expect_not(dbk_goal_check(&goal, scenario, &complaints));
    dbk_complaints_print(&complaints, &told);
    cr_expect_str_eq(told.bytes,
                     "F:4:24: unknown party 'sma'; expected one of ana, sam\n"
                     "F:4:38: unknown booking 'trap' (did you mean 'trip'?); expected one of trip\n"
                     "F:4:61: unknown clock 'lagune'; expected one of core, lagoon, "
                     "ana, sam, true-time\n"
                     "F:5:26: unknown party 'sam'; expected one of lagoon\n"
                     "F:6:27: unknown party 'worker'; expected one of core.api, core.worker\n"
                     "F:7:38: to: on that clock 17:25:46 is before the scenario begins; expected "
                     "2026-07-01T17:25:47.000Z or later\n"
                     "F:8:25: to: on that clock 17:24:56 is before the scenario begins; expected "
                     "2026-07-01T17:24:57.000Z or later\n"
                     "F:9:27: from: on that clock 100d is after the end of every run; expected "
                     "2026-07-01T18:52:17.000Z or earlier\n"
                     "F:10:52: to is before from; expected a later moment\n");
    dbk_text_reset(&told);
    dbk_complaints_reset(&complaints);
    dbk_goal_free(&goal);
    dbk_scenario_free(scenario);
}

Test(goal, reads_no_more_facts_than_can_be_matched)
{
    struct dbk_text yaml = {0}, told = {0};
    struct dbk_goal goal;

    dbk_text_add(&yaml, "format: 1\ngoal: g\nfacts:\n");
    for (int i = 0; i < DBK_GOAL_FACTS; i++)
        dbk_text_add(&yaml, "  - { what: read }\n");
    cr_expect(parse(yaml.bytes, &goal, &told), "%s", told.bytes);
    dbk_goal_free(&goal);
    dbk_text_add(&yaml, "  - { what: read }\n");
    cr_expect_not(parse(yaml.bytes, &goal, &told));
    cr_expect_str_eq(told.bytes, "F:24:5: facts has too many entries; expected at most 20\n");
    dbk_text_reset(&yaml);
    dbk_text_reset(&told);
}

/* Bytes exchanged, dropped, doubled: each file is read, or refused with a complaint, and what is
 * read can be held against a scenario and a run. */
Test(goal, survives_whatever_a_file_holds)
{
    struct dbk_scenario *scenario = world_file("scenarios/explore/one-booking.yaml");
    struct dbk_history history;
    struct dbk_fact fact = read_of_sam();
    const struct dbk_outcome outcome = {.violation_count = 0};
    char *bytes = NULL, why[160];
    size_t length, read = 0, fits = 0;
    uint32_t state = 11;

    cr_assert(dbk_read_file(DBK_SOURCE_DIR SHIPPED, 1 << 20, &bytes, &length, why), "%s", why);
    make_history(&history, &fact);
    for (int i = 0; i < 3000; i++) {
        struct dbk_complaints complaints = {0};
        struct dbk_goal goal;
        size_t count = length;
        char *bad = dbk_alloc(length + 1);
        memcpy(bad, bytes, length);
        for (uint32_t edits = 1 + draw(&state, 3); edits > 0; edits--) {
            size_t at = draw(&state, (uint32_t)count), from = draw(&state, (uint32_t)count);
            if (draw(&state, 3) == 0)
                bad[at] = (char)draw(&state, 256);
            else if (draw(&state, 8) == 0)
                count = at + 1;
            else
                memmove(bad + at, bad + from, (count - (at > from ? at : from)) % 40);
        }
        if (dbk_goal_parse(bad, count, "F", &goal, &complaints)) {
            read++;
            fits += dbk_goal_check(&goal, scenario, &complaints);
            is_shown(&goal, &history, &outcome);
            dbk_goal_free(&goal);
        } else {
            cr_expect_gt(complaints.total, 0);
        }
        dbk_complaints_reset(&complaints);
        free(bad);
    }
    cr_expect_gt(fits, 30);
    cr_expect_gt(read, fits);
    free(bytes);
    dbk_history_reset(&history);
    dbk_scenario_free(scenario);
}

/* ---- the tables ---- */

Test(goal, has_a_key_for_every_member_of_a_fact_and_no_other)
{
    static const char *const own[] = {"what", "as", "after", "from", "to", "clock"};
    /* When it was, which is what intervals are for; where it stands in a file; always the core. */
    static const char *const left_out[] = {"at_ms",   "clock", "reads", "asked_ms",
                                           "made_ms", "to",    "line"};
    size_t keys = DBK_COUNT(own);

    for (size_t i = 0; i < dbk_field_count; i++) {
        bool is_key = false, is_left_out = false;
        for (size_t k = DBK_COUNT(own); k < dbk_goal_fact_shape.key_count; k++)
            is_key = is_key || strcmp(dbk_goal_fact_shape.keys[k].name, dbk_fields[i].name) == 0;
        for (size_t k = 0; k < DBK_COUNT(left_out); k++)
            is_left_out = is_left_out || strcmp(left_out[k], dbk_fields[i].name) == 0;
        cr_expect_neq(is_key, is_left_out, "%s", dbk_fields[i].name);
        keys += is_key;
    }
    cr_expect_eq(keys, dbk_goal_fact_shape.key_count);
    for (int kind = 0; kind < DBK_FACT_KINDS; kind++)
        cr_expect_eq(dbk_goal_kinds[kind].ends != 0, dbk_fact_is_outside((enum dbk_fact_kind)kind),
                     "%d", kind);
}

Test(goal, has_the_schema_that_is_checked_in)
{
    struct dbk_text made = {0};
    char *kept = NULL, why[160];
    size_t length;

    cr_assert(
        dbk_read_file(DBK_SOURCE_DIR "/scenarios/goal.schema.json", 1 << 20, &kept, &length, why),
        "%s", why);
    dbk_schema_goal(&made);
    cr_expect(dbk_same(made.bytes, kept),
              "it is out of date: doublebook schema goal > scenarios/goal.schema.json");
    dbk_text_reset(&made);
    free(kept);
}

Test(goal, is_no_scenario_of_its_folder)
{
    struct dbk_paths paths = {0};
    bool has_search = false;

    cr_assert(dbk_paths_collect(&paths, DBK_SOURCE_DIR "/scenarios/explore"));
    for (size_t i = 0; i < paths.count; i++) {
        has_search = has_search || strstr(paths.items[i], "/one-booking.yaml");
        cr_expect_null(strstr(paths.items[i], DBK_GOAL_SUFFIX), "%s", paths.items[i]);
    }
    cr_expect(has_search);
    dbk_paths_reset(&paths);
}
