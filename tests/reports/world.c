#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN DBK_SOURCE_DIR "/tests/reports/golden/"

static struct dbk_exposure exposures[] = {
    {"single-reservation", 1}, {"no-status-regression", 1}, {"one-truth", 2},
    {"doubt-is-respected", 1}, {"idempotent-api", 0},       {"rests", 1},
};
static struct dbk_fault_count lose_answer[] = {
    {.rule = "lagoon#1", .fault = "lose-answer", .line = 18, .fired = 1},
};

struct dbk_outcome *world_outcome(const char *name, enum dbk_verdict verdict)
{
    struct dbk_outcome *outcome = dbk_outcome_new();

    outcome->name = name;
    outcome->file = dbk_arena_printf(&outcome->arena, "scenarios/%s.yaml", name);
    outcome->policy = "reference";
    outcome->verdict = verdict;
    outcome->exposures = exposures;
    outcome->exposure_count = DBK_COUNT(exposures);
    outcome->faults = lose_answer;
    outcome->fault_count = DBK_COUNT(lose_answer);
    memset(outcome->history_hash, 'a', DBK_DIGEST_HEX - 1);
    outcome->virtual_ms = 12345;
    outcome->wall_ms = 1;
    return outcome;
}

struct dbk_outcome *world_unproven(void)
{
    static const char *reasons[] = {
        "lose-answer of lagoon#1 (scenarios/late-answer.yaml:18) never fired.",
        "callback-once is to be proven and was never exposed.",
    };
    static struct dbk_fault_count faults[] = {
        {.rule = "lagoon#1", .fault = "lose-answer", .line = 18, .fired = 0},
        {.rule = "lagoon#2", .fault = "book-twice", .line = 22, .fired = 2, .if_reached = true},
    };
    static struct dbk_unobserved unobserved[] = {{"one-truth", "reads of two surfaces (read)"},
                                                 {"rests", "how the run ended (end)"}};
    struct dbk_outcome *outcome = world_outcome("late-answer", DBK_UNPROVEN);

    outcome->unproven = reasons;
    outcome->unproven_count = DBK_COUNT(reasons);
    outcome->faults = faults;
    outcome->fault_count = DBK_COUNT(faults);
    outcome->unobserved = unobserved;
    outcome->unobserved_count = DBK_COUNT(unobserved);
    outcome->partner_broke[0] = "lagoon: one-create-one-reservation";
    outcome->partner_broke_count = 1;
    return outcome;
}

struct dbk_outcome *world_invalid(void)
{
    struct dbk_outcome *outcome = dbk_outcome_new();

    outcome->file = "logs/of-another-system.jsonl";
    outcome->verdict = DBK_INVALID;
    outcome->error = "line 3: unknown \"what\" 'seen'; expected one of step, asked, read, saw";
    outcome->virtual_ms = DBK_ABSENT;
    outcome->wall_ms = DBK_ABSENT;
    return outcome;
}

void world_set_history(struct dbk_outcome *outcome, const char *golden_name)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text why_not = {0};
    char path[512], why[160], *lines = NULL;
    size_t length = 0;

    snprintf(path, sizeof(path), GOLDEN "%s", golden_name);
    cr_assert(dbk_read_file(path, 1 << 20, &lines, &length, why), "%s %s", path, why);
    outcome->history = dbk_alloc(sizeof(*outcome->history));
    dbk_history_init(outcome->history);
    if (!dbk_history_read(outcome->history, lines, length, golden_name, &complaints))
        dbk_complaints_print(&complaints, &why_not);
    cr_assert_eq(complaints.count, 0, "%s", why_not.bytes);
    dbk_complaints_reset(&complaints);
    free(lines);
}

static struct dbk_violation violations[] = {
    {
        .invariant = "single-reservation",
        .rule = "An intent never has more than one live reservation, all its partners together.",
        .booking = "trip",
        .at_ms = 12061,
        .owed_by = "core",
        .evidence = {6, 16},
        .evidence_count = 2,
        .detail = "trip has 2 live reservations at lagoon since 0:12.061: LG-x7q2ab (create 1) and "
                  "LG-c41mre (create 2)",
        .replay = "doublebook run scenarios/seed-incident.yaml --policy naive --seed 1",
    },
    {
        .invariant = "no-status-regression",
        .rule = "Reads move only along the table of statuses, whoever reads and where.",
        .booking = "trip",
        .at_ms = 90120,
        .owed_by = "core",
        .evidence = {22, 23, 25},
        .evidence_count = 3,
        .detail = "ana was shown pending at 1:30.120 after confirmed at 0:14.120",
        .replay = "doublebook run scenarios/seed-incident.yaml --policy naive --seed 1",
    },
    {
        .invariant = "one-truth",
        .rule = "Every surface says the same for one version.",
        .booking = "trip",
        .at_ms = 300041,
        .owed_by = "core",
        .evidence = {25, 31},
        .evidence_count = 2,
        .detail = "version 6 of trip is pending on ana's page and confirmed on sam's list",
        .replay = "doublebook run scenarios/seed-incident.yaml --policy naive --seed 1",
    },
};

struct dbk_outcome *world_seed_incident(void)
{
    struct dbk_outcome *outcome = world_outcome("seed-incident", DBK_VIOLATED);

    world_set_history(outcome, "seed-incident.jsonl");
    outcome->policy = "naive";
    outcome->virtual_ms = 300141;
    outcome->violations = violations;
    outcome->violation_count = DBK_COUNT(violations);
    return outcome;
}

struct dbk_report world_report(struct dbk_outcome **outcomes, size_t count)
{
    static const char *not_exercised[] = {"delay-answer", "callback-once"};

    return (struct dbk_report){
        .version = "0.1.0",
        .build = "gcc 12.2.0, release",
        .sqlite_source = "2022-12-28 14:03:47",
        .seed = 1,
        .stage = "sim",
        .policy = "naive",
        .inputs = "00ff",
        .outcomes = outcomes,
        .outcome_count = count,
        .not_exercised = not_exercised,
        .not_exercised_count = DBK_COUNT(not_exercised),
    };
}

static const char *menu[] = {"lose-request", "lose-answer", "duplicate-callback", "crash"};
static const char *said[] = {"lagoon/trip/create#1: lose-answer",
                             "lagoon/trip/create#1/reservation#1/callback#1: held 90s"};
static struct dbk_depth naive_depths[] = {
    {.deviations = 0, .runs = 1, .expected = 1, .is_complete = true},
    {.deviations = 1, .runs = 1203, .expected = 1203, .found = 17, .is_complete = true},
};
static struct dbk_depth broken_off_depths[] = {
    {.deviations = 0, .runs = 1, .expected = 1, .is_complete = true},
    {.deviations = 1, .runs = 240, .expected = 240, .is_complete = true},
    {.deviations = 2, .runs = 312, .expected = 28317},
};
static struct dbk_broken_claim broken_claims[] = {{"lagoon: one-create-one-reservation", 12}};
static struct dbk_discovery findings[] = {
    {.signature = "single-reservation, no-status-regression, one-truth",
     .owed_by = "core",
     .deviations = 1,
     .runs = 143,
     .found_ms = 45,
     .shrunk_runs = 31,
     .steps = 2,
     .entries = 1,
     .said = said,
     .said_count = DBK_COUNT(said),
     .file = "found/one-booking.single-reservation.yaml"},
    {.signature = "settles",
     .owed_by = "partner",
     .deviations = 1,
     .runs = 1100,
     .found_ms = 1234,
     .said = said,
     .said_count = 1,
     .scenario_text = "scenario: one-booking\nsteps:\n  - { at: 0s }\n",
     .is_nondeterministic = true},
};

/* What stands first in an outcome of a search. */
static struct dbk_outcome *found_outcome(const char *name, enum dbk_verdict verdict)
{
    struct dbk_outcome *outcome = world_outcome(name, verdict);

    outcome->file = "scenarios/explore/one-booking.yaml";
    outcome->policy = "naive";
    outcome->fault_count = 0;
    outcome->virtual_ms = DBK_ABSENT;
    return outcome;
}

void world_explored(struct world_explored *world)
{
    static const char *reasons[] = {"312 of 28,317 runs with 2 deviations were played."};
    struct dbk_outcome **outcomes = world->outcomes;

    outcomes[0] = world_seed_incident();
    outcomes[0]->name = "one-booking/single-reservation";
    outcomes[0]->file = findings[0].file;
    outcomes[0]->replay = "doublebook replay found/one-booking.single-reservation.yaml";
    outcomes[1] = found_outcome("one-booking/settles", DBK_ERROR);
    outcomes[1]->error = "a run did not repeat: the second one had another hash";
    outcomes[2] = found_outcome("a-second-one", DBK_UNPROVEN);
    outcomes[2]->unproven = reasons;
    outcomes[2]->unproven_count = 1;
    findings[0].outcome = outcomes[0];
    findings[1].outcome = outcomes[1];
    world->outcome_count = 3;
    world->explorations[0] = (struct dbk_exploration){
        .scenario = "one-booking",
        .file = "scenarios/explore/one-booking.yaml",
        .policy = "naive",
        .deviations = 2,
        .runs = 1204,
        .wall_ms = 800,
        .jobs = 2,
        .stopped_by = "a violation at this depth",
        .menu = menu,
        .menu_count = DBK_COUNT(menu),
        .depths = naive_depths,
        .depth_count = DBK_COUNT(naive_depths),
        .exposures = exposures,
        .exposure_count = DBK_COUNT(exposures),
        .findings = findings,
        .finding_count = DBK_COUNT(findings),
    };
    world->explorations[1] = (struct dbk_exploration){
        .scenario = "a-second-one",
        .policy = "naive",
        .deviations = 2,
        .runs = 553,
        .wall_ms = 0,
        .jobs = 1,
        .is_beyond_promises = true,
        .stopped_by = "interrupted",
        .menu = menu,
        .menu_count = DBK_COUNT(menu),
        .depths = broken_off_depths,
        .depth_count = DBK_COUNT(broken_off_depths),
        .exposures = exposures,
        .exposure_count = DBK_COUNT(exposures),
        .partner_broke = broken_claims,
        .partner_broke_count = DBK_COUNT(broken_claims),
        .summary = outcomes[2],
    };
    world->report = world_report(outcomes, world->outcome_count);
    world->report.explorations = world->explorations;
    world->report.exploration_count = 2;
}

void world_explored_reset(struct world_explored *world)
{
    for (size_t i = 0; i < world->outcome_count; i++)
        dbk_outcome_free(world->outcomes[i]);
}

/* What the attributes of the root say must be what stands in it. */
static const char count_cases[] =
    "concat(/*/@tests = count(//testcase), /*/@failures = count(//failure), "
    "/*/@errors = count(//error), sum(//testsuite/@tests) = count(//testcase), "
    "sum(//@skipped) = count(//skipped), count(//testsuite[not(testcase)]) = 0)";

void world_expect_junit(const struct dbk_text *text)
{
    char path[] = "/tmp/doublebook-junit-XXXXXX", command[1024], line[2000] = "";
    int fd = mkstemp(path);
    FILE *answer = NULL;

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text->bytes, text->length), (ssize_t)text->length);
    close(fd);
    snprintf(command, sizeof(command),
             "xmllint --huge --noout --schema " DBK_SOURCE_DIR
             "/tests/reports/junit.xsd %s 2>&1 && "
             "xmllint --huge --xpath '%s' %s",
             path, count_cases, path);
    answer = popen(command, "r");
    while (answer && fgets(line, sizeof(line), answer) && !strstr(line, "error"))
        ;
    cr_assert_eq(pclose(answer), 0, "%s", line);
    cr_assert_eq(strncmp(line, "truetruetruetruetruetrue", 24), 0, "%s", line);
    unlink(path);
}

void expect_golden(struct dbk_text *text, const char *name)
{
    char path[512], why[160], *wanted = NULL;
    size_t length = 0;

    snprintf(path, sizeof(path), GOLDEN "%s", name);
    if (getenv("DBK_WRITE_GOLDEN")) {
        FILE *file = fopen(path, "w");

        cr_assert_not_null(file, "%s cannot be written", path);
        fwrite(text->bytes, 1, text->length, file);
        fclose(file);
    }
    cr_assert(dbk_read_file(path, 1 << 20, &wanted, &length, why), "%s %s", path, why);
    if (length != text->length || memcmp(wanted, text->bytes, length) != 0)
        cr_assert_fail("differs from %s:\n%s", path, text->bytes);
    free(wanted);
    dbk_text_reset(text);
}
