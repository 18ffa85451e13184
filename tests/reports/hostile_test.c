#include "world.h"

#include "base/digest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(hostile, .timeout = 120);

#define RUNS 2000
#define LONG_NAME (1 << 20)

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
    "%s%n%d",
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
        };
    outcome->violations = violations;
    outcome->violation_count = DBK_COUNT(violations);
    return outcome;
}

/* Nothing but text and line feeds, and no line beyond the width. */
static void expect_tame(const struct dbk_text *text, size_t width, uint64_t run)
{
    size_t columns = 0;

    cr_assert(dbk_is_utf8(text->bytes, text->length), "run %d", (int)run);
    cr_assert_eq(strlen(text->bytes), text->length, "run %d", (int)run);
    for (size_t i = 0; i < text->length; i++) {
        unsigned char byte = (unsigned char)text->bytes[i];

        cr_assert(byte == '\n' || (byte >= 0x20 && byte != 0x7f), "run %d: byte %02x in\n%s",
                  (int)run, byte, text->bytes);
        cr_assert(strncmp(text->bytes + i, "\xe2\x80\xae", 3) != 0, "run %d: bidi", (int)run);
        columns = byte == '\n' ? 0 : columns + ((byte & 0xc0) != 0x80);
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

/* A name of 1 MiB costs its own size in JSON, and no more than a line on a terminal. */
Test(hostile, names_of_a_megabyte_are_cut)
{
    char *name = dbk_alloc(LONG_NAME + 1);
    struct dbk_outcome *outcome = world_seed_incident();
    struct dbk_report report = world_report(&outcome, 1);
    struct dbk_terminal terminal = {0};
    struct dbk_text text = {0};

    memset(name, '\x1b', LONG_NAME);
    outcome->name = name;
    for (size_t i = 0; i < outcome->history->fact_count; i++)
        outcome->history->facts[i].who = name;
    dbk_report_terminal(&report, &terminal, &text);
    cr_assert_lt(text.length, 20000U);
    cr_assert_not_null(strstr(text.bytes, "\\x1b\\x1b..."));
    dbk_text_clear(&text);
    dbk_report_json(&report, &text);
    cr_assert_gt(text.length, (size_t)LONG_NAME);
    dbk_text_reset(&text);
    dbk_outcome_free(outcome);
    free(name);
}
