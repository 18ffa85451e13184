/* What befalls a traveller's request on its way, in whole traces: what she asks, what the way makes
 * of it, what the partner then does, what she reads. */
#include "runner/judge.h"
#include "runner/sim.h"
#include "runner/user_way.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(user_fault, .timeout = 60);

static const char story[] =
    "format: 1\n"
    "scenario: one\n"
    "clocks: { zero: \"2026-03-02T08:00:00Z\" }\n"
    "partners:\n"
    "  lagoon:\n"
    "    profile: ref-unique-resend\n"
    "    sells: { cruise: { price: 100, currency: EUR, slots: { one: { starts: "
    "\"2026-03-04T18:00:00Z\", capacity: 3 } } } }\n"
    "steps:\n"
    "%s";

#define BOOK "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip"

struct world {
    struct dbk_library library;
    struct dbk_scenario *scenario;
    struct dbk_sim *sim;
    struct dbk_history history;
};

static void world_init(struct world *world, const char *steps)
{
    char text[2000], why[160] = "";
    struct dbk_complaints complaints = {0};
    struct dbk_text said = {0};
    *world = (struct world){0};
    snprintf(text, sizeof text, story, steps);
    cr_assert(dbk_library_find(&world->library, why), "%s", why);
    world->scenario =
        dbk_scenario_parse(&world->library, text, strlen(text), "one.yaml", &complaints);
    dbk_complaints_print(&complaints, &said);
    cr_assert(world->scenario, "%s", said.bytes);
    dbk_text_reset(&said);
    world->sim = dbk_sim_new(why);
    cr_assert(world->sim, "%s", why);
    dbk_history_init(&world->history);
}

static void world_run(struct world *world, const struct dbk_search *search)
{
    struct dbk_policy policy = dbk_policy_reference();
    policy = dbk_scenario_policy(world->scenario, &policy);
    if (search)
        dbk_sim_search(world->sim, world->scenario, &policy, 1, search, &world->history);
    else
        dbk_sim_run(world->sim, world->scenario, &policy, 1, &world->history);
}

static void world_reset(struct world *world)
{
    dbk_scenario_free(world->scenario);
    dbk_sim_free(world->sim);
    dbk_history_reset(&world->history);
}

/* Of the step's own time: whole seconds only, latencies are the seed's. */
static char *trace(const struct dbk_history *history)
{
    struct dbk_text text = {0};
    for (size_t i = 0; i < history->fact_count; i++) {
        const struct dbk_fact *fact = &history->facts[i];
        if (fact->kind != DBK_FACT_ASKED && fact->kind != DBK_FACT_FAULT &&
            fact->kind != DBK_FACT_EFFECT && fact->kind != DBK_FACT_READ)
            continue;
        const char *const words[] = {fact->exchange, fact->fault,  fact->by,  fact->op,
                                     fact->state,    fact->status, fact->fate};
        bool is_fault = fact->kind == DBK_FACT_FAULT;
        dbk_text_printf(&text, "[%2lld] %s %s", (long long)(fact->at_ms / 1000), fact->who,
                        dbk_fact_name(fact->kind));
        for (size_t k = is_fault ? 0 : 3; k < DBK_COUNT(words); k++)
            if (words[k] && !(is_fault && k == 3))
                dbk_text_printf(&text, " %s", words[k]);
        if (fact->kind == DBK_FACT_READ && fact->http != DBK_ABSENT)
            dbk_text_printf(&text, " %lld", (long long)fact->http);
        dbk_text_add_char(&text, '\n');
    }
    return dbk_text_take(&text);
}

static void expect_trace(const char *steps, const char *expected)
{
    struct world world;
    world_init(&world, steps);
    world_run(&world, NULL);
    char *text = trace(&world.history);
    cr_expect_str_eq(text, expected, "\n%s\n--- expected:\n%s", text, expected);
    struct dbk_outcome *outcome = dbk_outcome_new();
    dbk_judge(&world.history, "replay", outcome);
    cr_expect_eq(outcome->verdict, DBK_PASSED, "%s", text);
    dbk_outcome_free(outcome);
    free(text);
    world_reset(&world);
}

Test(user_fault, loses_a_request_and_the_page_gives_up)
{
    expect_trace(BOOK ", do: [ lose-request ] }\n"
                      "  - { at: 40s, user: ana, again: trip }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 lose-request step#1\n"
                 "[30] ana read book timed out\n"
                 "[40] ana asked again\n"
                 "[40] ana read again received 201\n"
                 "[40] lagoon effect confirmed\n"
                 "[40] ana asked look\n"
                 "[40] ana read look confirmed 200\n");
}

Test(user_fault, carries_out_a_late_request_though_the_page_has_given_up)
{
    expect_trace(BOOK ", do: [ { delay-request: { by: 35s } } ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 delay-request step#1\n"
                 "[30] ana read book timed out\n"
                 "[35] lagoon effect confirmed\n");
}

Test(user_fault, sends_a_request_twice_and_the_first_answer_is_read)
{
    expect_trace(BOOK ", do: [ { repeat-request: { by: 2s } } ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 repeat-request step#1\n"
                 "[ 0] ana read book received 201\n"
                 "[ 0] lagoon effect confirmed\n"
                 "[ 2] ana asked look\n"
                 "[ 2] ana read look confirmed 200\n");
    expect_trace(BOOK ", do: [ { delay-request: { by: 3s } }, repeat-request ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 repeat-request step#1\n"
                 "[ 0] wire fault ana/trip/book#1 delay-request step#1\n"
                 "[ 0] ana read book received 201\n"
                 "[ 0] lagoon effect confirmed\n"
                 "[ 3] ana asked look\n"
                 "[ 3] ana read look confirmed 200\n");
}

Test(user_fault, loses_an_answer_and_the_same_key_finds_the_booking)
{
    expect_trace(BOOK ", do: [ lose-answer ] }\n"
                      "  - { at: 40s, user: ana, again: trip }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 lose-answer step#1\n"
                 "[ 0] lagoon effect confirmed\n"
                 "[30] ana read book timed out\n"
                 "[40] ana asked again\n"
                 "[40] ana read again confirmed 200\n"
                 "[40] ana asked look\n"
                 "[40] ana read look confirmed 200\n");
}

Test(user_fault, shows_an_answer_late_or_never)
{
    expect_trace(BOOK ", do: [ { delay-answer: { by: 4s } } ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 delay-answer step#1\n"
                 "[ 0] lagoon effect confirmed\n"
                 "[ 4] ana read book received 201\n"
                 "[ 4] ana asked look\n"
                 "[ 4] ana read look confirmed 200\n");
    expect_trace(BOOK ", do: [ { delay-answer: { by: 30s } } ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 delay-answer step#1\n"
                 "[ 0] lagoon effect confirmed\n"
                 "[30] ana read book timed out\n");
}

Test(user_fault, breaks_a_connection_at_once)
{
    expect_trace(BOOK ", do: [ reset-answer ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] wire fault ana/trip/book#1 reset-answer step#1\n"
                 "[ 0] ana read book reset\n"
                 "[ 0] lagoon effect confirmed\n");
}

/* Of a cancel and a look too; each request of a kind has its own number. */
Test(user_fault, stands_at_any_step_of_a_traveller)
{
    expect_trace(BOOK
                 " }\n"
                 "  - { at: 5s, user: ana, look: trip, do: [ { delay-answer: { by: 9s } } ] }\n"
                 "  - { at: 10s, user: ana, cancel: trip, do: [ repeat-request ] }\n"
                 "  - { at: 20s, user: ana, look: trip, do: [ lose-request ] }\n",
                 "[ 0] ana asked book\n"
                 "[ 0] ana read book received 201\n"
                 "[ 0] lagoon effect confirmed\n"
                 "[ 5] ana asked look\n"
                 "[ 5] wire fault ana/trip/look#1 delay-answer step#2\n"
                 "[10] ana asked cancel\n"
                 "[10] wire fault ana/trip/cancel#1 repeat-request step#3\n"
                 "[10] ana read cancel confirmed 202\n"
                 "[10] lagoon effect cancelled\n"
                 "[14] ana read look confirmed 200\n"
                 "[20] ana asked look\n"
                 "[20] wire fault ana/trip/look#2 lose-request step#4\n"
                 "[50] ana read look timed out\n"
                 "[50] ana asked look\n"
                 "[50] ana read look cancelled 200\n");
}

/* As a choice it is the same run as in the script, but for who is said to have done it. */
Test(user_fault, is_a_choice_where_a_step_says_nothing)
{
    for (uint32_t take = 1; take < DBK_USER_FAULT_CHOICES; take++) {
        struct dbk_user_action action;
        struct world chosen, scripted;
        char step[200];
        const struct dbk_deviation deviation = {DBK_SITE_USER_FAULT, "ana/trip/book#1", 1, take};
        struct dbk_trace asked = {0};
        const struct dbk_search search = {
            .deviations = &deviation, .deviation_count = 1, .trace = &asked};
        cr_assert(dbk_user_action_of_choice(take, &action));
        const struct dbk_fault_row *row = &dbk_user_faults[action.fault];
        snprintf(step, sizeof step, "%s, do: [ { %s: {%s} } ] }\n", BOOK, row->name,
                 row->argument_needed ? " by: 5s " : "");
        world_init(&chosen, BOOK " }\n");
        world_init(&scripted, step);
        world_run(&chosen, &search);
        world_run(&scripted, NULL);
        char *one = trace(&chosen.history), *other = trace(&scripted.history);
        char *by = strstr(other, "step#1"), *same = by ? strstr(one, "choice") : NULL;
        cr_assert(by && same, "%s: %s%s", row->name, one, other);
        memcpy(by, "choice", strlen("choice")); /* as long as step#1 */
        cr_expect_str_eq(one, other);
        free(one);
        free(other);
        dbk_trace_reset(&asked);
        world_reset(&chosen);
        world_reset(&scripted);
    }
    struct dbk_user_action action;
    cr_expect_not(dbk_user_action_of_choice(0, &action));
    cr_expect_not(dbk_user_action_of_choice(DBK_USER_FAULT_CHOICES, &action));
}

/* ---- the way ---- */

static void hold(struct dbk_user_way *way, uint64_t asked, size_t person, int64_t due_ms)
{
    dbk_user_way_hold(way, (struct dbk_held){.kind = DBK_HELD_REQUEST,
                                             .asked = asked,
                                             .person = person,
                                             .due_ms = due_ms,
                                             .message = dbk_request_new("GET", "/")});
}

Test(user_way, gives_each_person_what_is_due_in_order)
{
    struct dbk_user_way way = {0};
    struct dbk_held held;
    char order[40] = "";
    for (uint64_t i = 0; i < 20; i++)
        hold(&way, i, i % 2, i < 10 ? 100 - (int64_t)i : 200);
    cr_expect_eq(dbk_user_way_due(&way, 0), 92);
    cr_expect_eq(dbk_user_way_due(&way, 2), DBK_ABSENT);
    cr_expect_not(dbk_user_way_take(&way, 0, 91, &held));
    while (dbk_user_way_take(&way, 0, 199, &held)) {
        snprintf(order + strlen(order), sizeof order - strlen(order), "%d ", (int)held.asked);
        dbk_message_free(held.message);
    }
    cr_expect_str_eq(order, "8 6 4 2 0 ");
    cr_expect(dbk_user_way_take(&way, 0, 200, &held));
    cr_expect_eq(held.asked, 10, "of one time, the first that was held");
    dbk_message_free(held.message);
    dbk_user_way_reset(&way);
    cr_expect_eq(dbk_user_way_due(&way, 1), DBK_ABSENT);
}
