/* Which way a run went, and how far another one goes the same way. */
#include "runner/path.h"
#include "runner/sim.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(path, .timeout = 60);

#define HEAD                                                                                       \
    "format: 1\n"                                                                                  \
    "scenario: t\n"                                                                                \
    "partners:\n"                                                                                  \
    "  lagoon:\n"                                                                                  \
    "    profile: ref-not-unique\n"                                                                \
    "    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }\n"
#define STEPS                                                                                      \
    "steps:\n"                                                                                     \
    "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"                                   \
    "  - { at: 1s, user: ana, watch: trip }\n"
#define LOST "      - { when: { op: create, attempt: 1 }, do: [ lose-answer ] }\n"
#define LATE "      - { when: { op: create, attempt: 2 }, do: [ { delay-answer: { by: 5s } } ] }\n"
#define TWICE HEAD "    script:\n" LOST LATE STEPS

/* A played run and its path. */
struct way {
    struct dbk_history history;
    struct dbk_arena arena;
    struct dbk_path path;
};

static void go(struct way *way, const char *text, const char *policy_name)
{
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct dbk_policy policy;
    struct dbk_text told = {0};
    char why[160];

    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    struct dbk_scenario *scenario =
        dbk_scenario_parse(&library, text, strlen(text), "t.yaml", &complaints);
    dbk_complaints_print(&complaints, &told);
    cr_assert(scenario, "%s", told.bytes);
    cr_assert(dbk_policy_find(&library, policy_name, &policy, &complaints));
    struct dbk_sim *sim = dbk_sim_new(why);
    cr_assert(sim, "%s", why);
    *way = (struct way){.path = {.count = 0}};
    dbk_history_init(&way->history);
    dbk_sim_run(sim, scenario, &policy, 1, &way->history);
    way->path = dbk_path_of(&way->history, &way->arena);
    dbk_sim_free(sim);
    dbk_scenario_free(scenario);
}

static void end(struct way *way)
{
    dbk_history_reset(&way->history);
    dbk_arena_free(&way->arena);
}

/* "5 lose-answer of lagoon/trip/create#1; ..." */
static void expect_path(const struct dbk_path *path, const char *expected)
{
    struct dbk_text text = {0};

    for (size_t i = 0; i < path->count; i++) {
        dbk_text_printf(&text, "%s%lld %s", i == 0 ? "" : "; ", (long long)path->steps[i].facts,
                        path->steps[i].fault);
        if (path->steps[i].exchange)
            dbk_text_printf(&text, " of %s", path->steps[i].exchange);
        cr_expect_eq(strlen(path->steps[i].hash), DBK_PATH_HASH);
    }
    cr_expect_str_eq(text.bytes ? text.bytes : "", expected);
    dbk_text_reset(&text);
}

static void expect_same_hashes(const struct dbk_path *one, const struct dbk_path *other)
{
    cr_assert_eq(one->count, other->count);
    for (size_t i = 0; i < one->count; i++)
        cr_expect_str_eq(one->steps[i].hash, other->steps[i].hash);
}

/* Adds a fault to a history that is written by hand. */
static void tell(struct dbk_history *history, int64_t at_ms, const char *fault,
                 const char *exchange)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_FAULT);

    fact.who = exchange ? "lagoon" : "stage";
    fact.at_ms = at_ms;
    fact.fault = fault;
    fact.exchange = exchange;
    dbk_history_add(history, &fact);
}

Test(path, tells_what_went_wrong_in_its_order)
{
    struct way way;

    go(&way, TWICE, "naive");
    expect_path(&way.path, "5 lose-answer of lagoon/trip/create#1; "
                           "13 delay-answer of lagoon/trip/create#2");
    end(&way);
}

/* Whatever stands above a rule, and wherever among the rules it stands. */
Test(path, is_the_same_wherever_the_file_says_it)
{
    struct way one, other;

    go(&one, TWICE, "naive");
    go(&other,
       HEAD "    # a remark\n    script:\n" LATE
            "      - { when: { op: cancel }, do: [ lose-answer ], if_reached: true }\n" LOST STEPS,
       "naive");
    expect_same_hashes(&one.path, &other.path);
    cr_expect_eq(dbk_path_common(&one.path, &other.history), 2);
    end(&one);
    end(&other);
}

Test(path, is_the_same_as_rule_and_as_choice)
{
    struct way one, other;

    go(&one, HEAD "    script:\n" LOST STEPS, "naive");
    go(&other,
       HEAD STEPS
       "choices: [ { site: exchange-fault, entity: lagoon/trip/create#1, n: 1, take: 9 } ]\n",
       "naive");
    expect_path(&one.path, "5 lose-answer of lagoon/trip/create#1");
    expect_path(&other.path, "5 lose-answer of lagoon/trip/create#1");
    expect_same_hashes(&one.path, &other.path);
    end(&one);
    end(&other);
}

Test(path, is_of_outside_facts_alone)
{
    struct way way;
    struct dbk_arena arena = {0};

    go(&way, TWICE, "naive");
    size_t before = way.history.fact_count;
    dbk_history_strip(&way.history);
    cr_assert_lt(way.history.fact_count, before);
    struct dbk_path stripped = dbk_path_of(&way.history, &arena);
    expect_path(&stripped, "5 lose-answer of lagoon/trip/create#1; "
                           "13 delay-answer of lagoon/trip/create#2");
    expect_same_hashes(&way.path, &stripped);
    dbk_arena_free(&arena);
    end(&way);
}

/* The core that looks the booking up goes another way from the first time-out on, and one that
 * books something else from the beginning. */
Test(path, ends_where_the_facts_are_others)
{
    struct way naive, reference, other;

    go(&naive, TWICE, "naive");
    go(&reference, TWICE, "reference");
    go(&other,
       HEAD "    script:\n" LOST LATE "steps:\n"
            "  - { at: 0s, user: ana, book: lagoon/cruise, units: 2, as: trip }\n"
            "  - { at: 1s, user: ana, watch: trip }\n",
       "naive");
    cr_expect_eq(dbk_path_common(&naive.path, &naive.history), 2);
    cr_expect_eq(dbk_path_common(&naive.path, &reference.history), 1);
    cr_expect_eq(dbk_path_common(&naive.path, &other.history), 0);
    end(&naive);
    end(&reference);
    end(&other);
}

/* Even if the hash is that of all the facts there are. */
Test(path, ends_with_the_facts)
{
    struct dbk_history twice, once;
    struct dbk_arena arena = {0};

    dbk_history_init(&twice);
    dbk_history_init(&once);
    tell(&twice, 1, "crash", NULL);
    tell(&twice, 2, "crash", NULL);
    tell(&once, 1, "crash", NULL);
    struct dbk_path path = dbk_path_of(&twice, &arena);
    path.steps[1].facts++;
    cr_expect_eq(dbk_path_common(&path, &once), 1);
    dbk_arena_free(&arena);
    dbk_history_reset(&twice);
    dbk_history_reset(&once);
}

Test(path, says_whether_a_fault_took_effect)
{
    struct way naive, reference;

    go(&naive, TWICE, "naive");
    go(&reference, TWICE, "reference");
    cr_expect(dbk_path_took_effect(&naive.path, 0, 5, &reference.history));
    cr_expect_not(dbk_path_took_effect(&naive.path, 0, 6, &reference.history));
    cr_expect_not(dbk_path_took_effect(&naive.path, 1, 0, &reference.history));
    cr_expect(dbk_path_took_effect(&naive.path, 1, 13, &naive.history));
    end(&naive);
    end(&reference);
}

/* A partner may tell one fault of an exchange again when it breaks a promise; two crashes are two.
 */
Test(path, has_each_fault_once)
{
    struct dbk_history history;
    struct dbk_arena arena = {0};

    dbk_history_init(&history);
    tell(&history, 1, "not-visible", "lagoon/trip/create#1");
    tell(&history, 2, "crash", NULL);
    tell(&history, 3, "not-visible", "lagoon/trip/create#1");
    tell(&history, 4, "not-visible", "lagoon/trip/create#2");
    tell(&history, 5, "crash", NULL);
    struct dbk_path path = dbk_path_of(&history, &arena);
    expect_path(&path, "0 not-visible of lagoon/trip/create#1; 1 crash; "
                       "3 not-visible of lagoon/trip/create#2; 4 crash");
    cr_expect_str_eq(path.steps[0].hash, "0000000000000000");
    dbk_arena_free(&arena);
    dbk_history_reset(&history);
}

/* The second crash is the second one that there is, and not the first one again. */
Test(path, counts_faults_that_are_alike)
{
    struct dbk_history twice, once;
    struct dbk_arena arena = {0};

    dbk_history_init(&twice);
    dbk_history_init(&once);
    tell(&twice, 1, "crash", NULL);
    tell(&twice, 2, "crash", NULL);
    tell(&once, 1, "crash", NULL);
    struct dbk_path path = dbk_path_of(&twice, &arena);
    cr_expect_eq(dbk_path_common(&path, &once), 2);
    cr_expect(dbk_path_took_effect(&path, 0, 0, &once));
    cr_expect_not(dbk_path_took_effect(&path, 1, 0, &once));
    cr_expect(dbk_path_took_effect(&path, 1, 1, &twice));
    dbk_arena_free(&arena);
    dbk_history_reset(&twice);
    dbk_history_reset(&once);
}

/* What a partner says otherwise than it promised follows from its rule, and is no fault. */
Test(path, has_no_lapses)
{
    struct way way;
    size_t faults = 0;

    go(&way, HEAD "    script: [ { when: { op: create }, answers: { status: pending } } ]\n" STEPS,
       "reference");
    for (size_t i = 0; i < way.history.fact_count; i++)
        faults += way.history.facts[i].kind == DBK_FACT_FAULT;
    cr_expect_gt(faults, 0);
    expect_path(&way.path, "");
    end(&way);
}
