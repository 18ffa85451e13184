#include "world.h"

#include "reports/plain.h"

#include "base/digest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(hostile, .timeout = 120);

#define RUNS 2000
#define LONG_NAME (1 << 20)
#define MARKED (LONG_NAME / 2)

static const char *const words[] = {
    NULL,
    "",
    " ",
    "trip",
    "ana",
    "lagoon",
    "core.worker",
    "pending",
    "confirmed",
    "create",
    "look-up",
    "get",
    "lost",
    "late",
    "none",
    "delivered",
    "a\x1b[2J\x1b[31m",
    "\r\n\t\b",
    "\x9b"
    "31m\x7f",
    "\xe2\x80\xae"
    "cba",
    "\xff\xfe\xc0\x80\xed\xa0\x80",
    "\xe6\x97\xa5\xe6\x9c\xac",
    "\xcc\x81o\xcc\x81\xcc\x82\xcc\x81\xcc\x82\xcc\x81\xcc\x82",
    "%s%n%d",
    "\xef\xbf\xbf]]>&<![CDATA[evil",
    "</failure></testcase><evil a=\"'",
    "evil\n::add-mask::evil",
    "%0A::add-mask::evil",
    ",line=9::evil::##[stop-commands]evil",
    "\n```\n~~~\nevil\n````````",
    "`evil`|evil|\\|``evil",
    "</details>@evil [evil](https://evil) www.evil.example",
    "evil,line=9,col=1",
    "`",
    "```",
    "\\",
    "a "
    "word-that-is-so-long-that-it-does-not-fit-on-any-line-of-any-terminal-and-must-be-cut-"
    "somewhere",
};

static const char *word(uint64_t run, const char *site, size_t nth)
{
    return words[dbk_draw_below(run, site, "", nth, DBK_COUNT(words))];
}

static int64_t number(uint64_t run, const char *site, size_t nth)
{
    static const int64_t numbers[] = {DBK_ABSENT, 0, 1, 2, 404, 61061, 300000, -3000};

    return numbers[dbk_draw_below(run, site, "number", nth, DBK_COUNT(numbers))];
}

/* A fact of any kind whose every member is drawn from the hostile words and numbers. */
static struct dbk_fact hostile_fact(uint64_t run, size_t nth)
{
    struct dbk_fact fact =
        dbk_fact_of((enum dbk_fact_kind)dbk_draw_below(run, "kind", "", nth, DBK_FACT_KINDS));

    fact.who = word(run, "who", nth);
    fact.at_ms = number(run, "at", nth);
    fact.reads_ms = number(run, "reads", nth);
    fact.asked_ms = number(run, "asked", nth);
    fact.made_ms = number(run, "made", nth);
    fact.to = word(run, "to", nth);
    fact.op = word(run, "op", nth);
    fact.intent = word(run, "intent", nth);
    fact.booking = word(run, "booking", nth);
    fact.reservation = word(run, "reservation", nth);
    fact.key = word(run, "key", nth);
    fact.attempt = number(run, "attempt", nth);
    fact.surface = word(run, "surface", nth);
    fact.status = word(run, "status", nth);
    fact.sync = word(run, "sync", nth);
    fact.version = number(run, "version", nth);
    fact.http = number(run, "http", nth);
    fact.state_before = word(run, "before", nth);
    fact.state = word(run, "state", nth);
    fact.fate = word(run, "fate", nth);
    fact.fault = word(run, "fault", nth);
    fact.claim = word(run, "claim", nth);
    fact.by = word(run, "by", nth);
    fact.line = number(run, "line", nth);
    fact.nth = number(run, "nth", nth);
    fact.units = number(run, "units", nth);
    fact.text = word(run, "text", nth);
    return fact;
}

static struct dbk_outcome *hostile_outcome(uint64_t run)
{
    static struct dbk_violation violations[2];
    struct dbk_outcome *outcome = world_outcome("hostile", DBK_VIOLATED);
    size_t fact_count = (size_t)dbk_draw_below(run, "facts", "", 1, 12);

    outcome->name = word(run, "name", 1);
    outcome->file = word(run, "file", 1);
    outcome->policy = word(run, "policy", 1);
    outcome->history = dbk_alloc(sizeof(*outcome->history));
    dbk_history_init(outcome->history);
    for (size_t i = 0; i < fact_count; i++) {
        struct dbk_fact fact = hostile_fact(run, i);

        dbk_history_add(outcome->history, &fact);
    }
    for (size_t i = 0; i < DBK_COUNT(violations); i++)
        violations[i] = (struct dbk_violation){
            .invariant = word(run, "invariant", i),
            .rule = word(run, "rule", i),
            .booking = word(run, "violated", i),
            .at_ms = number(run, "violated", i),
            .owed_by = word(run, "owed", i),
            .evidence = {1, (size_t)dbk_draw_below(run, "evidence", "", i, 100)},
            .evidence_count = 2,
            .detail = word(run, "detail", i),
            .line = (int)dbk_draw_below(run, "line", "", i, 3),
        };
    outcome->violations = violations;
    outcome->violation_count = DBK_COUNT(violations);
    return outcome;
}

/* Any verdict, with reasons, broken promises and what was not observed, all of them hostile. */
static struct dbk_outcome *hostile_finding(uint64_t run)
{
    struct dbk_outcome *outcome = hostile_outcome(run);
    struct dbk_arena *arena = &outcome->arena;
    struct dbk_violation *violations = outcome->violations;
    size_t size = outcome->violation_count * sizeof(*violations);

    outcome->verdict = (enum dbk_verdict)dbk_draw_below(run, "verdict", "", 1, DBK_VERDICTS);
    outcome->violations = dbk_arena_alloc(arena, size);
    memcpy(outcome->violations, violations, size);
    outcome->violations[0].replay = word(run, "replay", 0);
    outcome->violation_count = outcome->verdict == DBK_VIOLATED ? outcome->violation_count : 0;
    outcome->unproven = dbk_arena_alloc(arena, 2 * sizeof(*outcome->unproven));
    outcome->unproven[0] = word(run, "reason", 0);
    outcome->unproven[1] = word(run, "reason", 1);
    outcome->unproven_count = outcome->verdict == DBK_UNPROVEN ? 2 : 0;
    outcome->unobserved = dbk_arena_alloc(arena, sizeof(*outcome->unobserved));
    outcome->unobserved[0] =
        (struct dbk_unobserved){.invariant = "rests", .missing = word(run, "missing", 0)};
    outcome->unobserved_count = 1;
    outcome->partner_broke[0] = word(run, "broke", 0);
    outcome->partner_broke_count = 1;
    outcome->error = word(run, "error", 0);
    outcome->replay = word(run, "again", 0);
    return outcome;
}

/* A search whose every word and number is hostile: one finding, the outcome given. */
struct hostile_search {
    struct dbk_exploration exploration;
    struct dbk_discovery finding;
    struct dbk_depth depths[2];
    struct dbk_broken_claim broken;
    const char *menu[2], *said[2];
};

static void hostile_search(uint64_t run, struct dbk_outcome *outcome, struct hostile_search *search)
{
    *search = (struct hostile_search){
        .depths = {{.runs = number(run, "runs", 0), .is_complete = true},
                   {.deviations = 1, .runs = 3, .expected = number(run, "expected", 0)}},
        .broken = {word(run, "claim", 0), number(run, "claim", 1)},
        .menu = {word(run, "menu", 0), word(run, "menu", 1)},
        .said = {word(run, "said", 0), word(run, "said", 1)},
        .finding = {.signature = word(run, "signature", 0),
                    .owed_by = word(run, "owed", 9),
                    .runs = number(run, "found", 0),
                    .file = word(run, "found file", 0),
                    .scenario_text = word(run, "text", 0),
                    .is_nondeterministic = number(run, "repeats", 0) == 0,
                    .outcome = outcome},
        .exploration = {.scenario = word(run, "scenario", 0),
                        .file = word(run, "scenario", 1),
                        .policy = word(run, "scenario", 2),
                        .goal = word(run, "goal", 0),
                        .deviations = number(run, "deviations", 0),
                        .wall_ms = number(run, "wall", 0),
                        .stopped_by = word(run, "stopped", 0),
                        .menu_count = 2,
                        .depth_count = 2,
                        .partner_broke_count = 1,
                        .finding_count = 1},
    };
    search->finding.said = search->said;
    search->finding.said_count = 2;
    search->exploration.menu = search->menu;
    search->exploration.depths = search->depths;
    search->exploration.partner_broke = &search->broken;
    search->exploration.findings = &search->finding;
}

static struct dbk_text hostile_report(uint64_t run, size_t count,
                                      void (*write)(const struct dbk_report *, struct dbk_text *))
{
    struct dbk_outcome **outcomes = dbk_alloc(count * sizeof *outcomes);
    struct dbk_report report = world_report(outcomes, count);
    struct hostile_search search;
    struct dbk_text text = {0};

    report.policy = word(run, "policy", 9);
    report.stage = word(run, "stage", 9);
    report.sim_only = &(struct dbk_sim_only){word(run, "left out", 1), word(run, "left out", 2)};
    report.sim_only_count = 1;
    for (size_t i = 0; i < count; i++)
        outcomes[i] = hostile_finding(run + i);
    hostile_search(run, outcomes[0], &search);
    report.explorations = &search.exploration;
    report.exploration_count = 1;
    write(&report, &text);
    for (size_t i = 0; i < count; i++)
        dbk_outcome_free(outcomes[i]);
    free(outcomes);
    return text;
}

/* Nothing but text and line feeds, and no line beyond the width. */
static void expect_tame(const struct dbk_text *text, size_t width, uint64_t run)
{
    size_t line = 0, columns = 0;

    cr_assert(dbk_is_utf8(text->bytes, text->length), "run %d", (int)run);
    cr_assert_eq(strlen(text->bytes), text->length, "run %d", (int)run);
    for (size_t i = 0; i < text->length; i++) {
        unsigned char byte = (unsigned char)text->bytes[i];

        cr_assert(byte == '\n' || (byte >= 0x20 && byte != 0x7f), "run %d: byte %02x in\n%s",
                  (int)run, byte, text->bytes);
        cr_assert(strncmp(text->bytes + i, "\xe2\x80\xae", 3) != 0, "run %d: bidi", (int)run);
        if (byte != '\n')
            continue;
        columns = dbk_plain_columns(text->bytes + line, i - line);
        line = i + 1;
        cr_assert_leq(columns, width, "run %d: too wide\n%s", (int)run, text->bytes);
    }
}

Test(hostile, histories_never_break_a_terminal)
{
    struct dbk_text text = {0};

    for (uint64_t run = 1; run <= RUNS; run++) {
        struct dbk_outcome *outcome = hostile_outcome(run);
        struct dbk_report report = world_report(&outcome, 1);
        struct dbk_terminal terminal = {.width = 60 + (int)dbk_draw_below(run, "width", "", 1, 60)};

        dbk_text_clear(&text);
        dbk_report_terminal(&report, &terminal, &text);
        expect_tame(&text, (size_t)terminal.width, run);
        dbk_outcome_free(outcome);
    }
    dbk_text_reset(&text);
}

/* Paths and scenarios are not wrapped: they are there to be copied. */
static void report_on_a_terminal(const struct dbk_report *report, struct dbk_text *out)
{
    struct dbk_terminal terminal = {.width = 80};

    dbk_report_terminal(report, &terminal, out);
}

Test(hostile, searches_never_break_a_terminal)
{
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct dbk_text text = hostile_report(run, 3, report_on_a_terminal);

        expect_tame(&text, 200, run);
        dbk_text_reset(&text);
    }
}

Test(hostile, searches_never_break_a_json_report)
{
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct dbk_text text = hostile_report(run, 3, dbk_report_json);
        char why[160];
        cJSON *tree = dbk_json_parse(text.bytes, text.length - 1, why);

        cr_assert_not_null(tree, "run %d: %s", (int)run, why);
        cJSON_Delete(tree);
        dbk_text_reset(&text);
    }
}

/* A name of 1 MiB costs its own size in JSON, and no more than a line on a terminal. */
Test(hostile, names_of_a_megabyte_are_cut)
{
    char *name = dbk_alloc(LONG_NAME + 1);
    struct dbk_outcome *outcome = world_seed_incident();
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    memset(name, '\x1b', LONG_NAME);
    name[0] = 'e';
    for (size_t i = 1; i < MARKED; i += 2) /* marks, which take no column */
        memcpy(name + i, "\xcc\x81", 2);
    outcome->name = name;
    for (size_t i = 0; i < outcome->history->fact_count; i++)
        outcome->history->facts[i].who = name;
    dbk_report_terminal(&report, &terminal, &text);
    cr_assert_lt(text.length, 20000U);
    cr_assert_not_null(strstr(text.bytes, "\xcc\x81\\u{301}\\u{301}"));
    dbk_text_clear(&text);
    dbk_report_json(&report, &text);
    cr_assert_gt(text.length, (size_t)LONG_NAME);
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
    free(name);
}

Test(hostile, texts_never_break_a_junit_file)
{
    struct dbk_text text = hostile_report(1, RUNS, dbk_report_junit);

    cr_assert(dbk_is_utf8(text.bytes, text.length));
    cr_assert_null(strstr(text.bytes, "<evil"));
    world_expect_junit(&text);
    dbk_text_reset(&text);
}

/* Reads a line as GitHub's runner does: command, properties, data. */
static void expect_annotation(char *line, uint64_t run)
{
    char *head = line + 2, *data = NULL, *word_end = NULL;

    cr_assert(dbk_starts_with(line, "::"), "run %d: %s", (int)run, line);
    data = strstr(head, "::");
    cr_assert_not_null(data, "run %d: %s", (int)run, line);
    *data = '\0';
    word_end = strchr(head, ' ');
    cr_assert_not_null(word_end, "run %d: %s", (int)run, line);
    *word_end = '\0';
    cr_assert(dbk_same(head, "error") || dbk_same(head, "warning") || dbk_same(head, "notice"),
              "run %d: %s", (int)run, head);
    for (char *pair = strtok(word_end + 1, ","); pair; pair = strtok(NULL, ","))
        cr_assert(dbk_starts_with(pair, "file=") || dbk_starts_with(pair, "title=") ||
                      (dbk_starts_with(pair, "line=") && !dbk_same(pair, "line=9")),
                  "run %d: %s", (int)run, pair);
    cr_assert_null(strpbrk(data + 2, "\r\n"));
    cr_assert_null(strstr(data + 2, "%0A::add-mask"), "run %d: %s", (int)run, data + 2);
}

Test(hostile, texts_never_command_github)
{
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct dbk_text text = hostile_report(run, 3, dbk_report_github);
        char *at = text.bytes, *end = NULL;

        for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
            *end = '\0';
            expect_annotation(at, run);
        }
        cr_assert_eq(*at, '\0');
        dbk_text_reset(&text);
    }
}

static size_t ticks_at(const char *at)
{
    return strspn(at, "`");
}

/* Takes out fenced and inline code as a reader of Markdown finds it; what is left is ours. */
static void strip_code(const struct dbk_text *text, struct dbk_text *left)
{
    const char *at = text->bytes;

    while (*at) {
        size_t ticks = ticks_at(at);
        bool begins_line = at == text->bytes || at[-1] == '\n';

        if (ticks >= 3 && begins_line) {
            do {
                cr_assert_not_null(strchr(at, '\n'), "a fence without end");
                at = strchr(at, '\n') + 1;
            } while (ticks_at(at) < ticks || at[ticks_at(at)] != '\n');
            at += ticks_at(at);
        } else if (ticks > 0) {
            const char *end = at + ticks;

            while (*end && *end != '\n' && ticks_at(end) != ticks)
                end += ticks_at(end) > 0 ? ticks_at(end) : 1;
            cr_assert_eq(ticks_at(end), ticks, "inline code without end: %.80s", at);
            at = end + ticks;
        } else {
            dbk_text_add_char(left, *at++);
        }
    }
}

/* A row has as many bars as the table's head, whatever stands in its cells. */
static void expect_rows(const struct dbk_text *text)
{
    for (const char *at = text->bytes; (at = strstr(at, "\n| ")) != NULL; at++) {
        size_t bars = 0;

        for (const char *end = at + 1; *end != '\n'; end++)
            bars += *end == '|' && end[-1] != '\\';
        cr_assert_eq(bars, 4U, "%.200s", at);
    }
}

Test(hostile, texts_never_leave_their_place_in_markdown)
{
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct dbk_text text = hostile_report(run, 3, dbk_report_markdown), left = {0};

        strip_code(&text, &left);
        cr_assert_null(strstr(left.bytes, "evil"), "run %d: %s", (int)run, left.bytes);
        cr_assert_null(strpbrk(left.bytes, "@[]\\`~"), "run %d: %s", (int)run, left.bytes);
        expect_rows(&text);
        dbk_text_reset(&text);
        dbk_text_reset(&left);
    }
}

/* Names of 1 MiB that are nothing but fences. */
Test(hostile, reports_for_ci_stay_small)
{
    static const struct {
        void (*write)(const struct dbk_report *, struct dbk_text *);
        size_t bytes_max;
    } reports[] = {{dbk_report_markdown, DBK_MARKDOWN_MAX},
                   {dbk_report_github, 80000},
                   {dbk_report_junit, 800000}};
    char *name = dbk_alloc(LONG_NAME + 1);
    struct dbk_outcome *outcomes[6];
    struct dbk_report report = world_report(outcomes, DBK_COUNT(outcomes));

    struct hostile_search search;

    memset(name, '`', LONG_NAME);
    report.policy = name;
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++) {
        outcomes[i] = world_seed_incident();
        outcomes[i]->name = outcomes[i]->file = outcomes[i]->error = name;
        outcomes[i]->replay = i % 2 == 0 ? name : NULL;
        for (size_t k = 0; k < outcomes[i]->history->fact_count; k++)
            outcomes[i]->history->facts[k].who = name;
    }
    hostile_search(1, outcomes[0], &search);
    search.menu[0] = search.menu[1] = search.said[0] = search.said[1] = search.broken.claim = name;
    search.finding.signature = search.finding.owed_by = search.finding.file = name;
    search.finding.scenario_text = search.exploration.scenario = search.exploration.policy = name;
    search.exploration.file = search.exploration.goal = search.exploration.stopped_by = name;
    report.explorations = &search.exploration;
    report.exploration_count = 1;
    for (size_t i = 0; i < DBK_COUNT(reports); i++) {
        struct dbk_text text = {0};

        reports[i].write(&report, &text);
        cr_assert_leq(text.length, reports[i].bytes_max, "report %zu: %zu", i, text.length);
        dbk_text_reset(&text);
    }
    for (size_t i = 0; i < DBK_COUNT(outcomes); i++)
        dbk_outcome_free(outcomes[i]);
    free(name);
}
