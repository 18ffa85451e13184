#include "lines.h"

#include "runner/judge.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_pair(struct dbk_text *out, const char *name, const char *value, size_t length)
{
    bool is_number = length > 0 && strspn(value, "-0123456789") >= length;

    dbk_text_printf(out, ",\"%s\":%s", name, is_number ? "" : "\"");
    for (size_t i = 0; i < length; i++) {
        dbk_text_add_char(out, value[i] == '_' && strcmp(name, "text") == 0 ? ' ' : value[i]);
    }
    dbk_text_add(out, is_number ? "" : "\"");
}

/* Adds the words of one line as a JSON object; gives where the next line begins. */
static const char *add_fact(struct dbk_text *out, const char *line)
{
    static const char *const names[] = {"at_ms", "who", "what"};
    char name[32];

    dbk_text_add(out, "{\"n\":0");
    out->length -= strlen("\"n\":0"); /* add_pair puts the commas */
    for (size_t i = 0; *line != '\n'; i++) {
        size_t length = strcspn(line, " \n");
        size_t start = i < DBK_COUNT(names) ? 0 : strcspn(line, "=") + 1;
        cr_assert(start <= length, "no = in '%.*s'", (int)length, line);
        if (i < DBK_COUNT(names)) {
            snprintf(name, sizeof(name), "%s", names[i]);
        } else {
            snprintf(name, sizeof(name), "%.*s", (int)start - 1, line);
        }
        if (length != 1 || line[0] != '-') {
            add_pair(out, name, line + start, length - start);
        }
        line += length;
        line += strspn(line, " ");
    }
    dbk_text_add(out, "}\n");
    return line + 1;
}

struct dbk_history *lines_read(const char *bytes, size_t length)
{
    struct dbk_history *history = dbk_alloc(sizeof(*history));
    struct dbk_complaints complaints = {0};
    struct dbk_text said = {0};

    dbk_history_init(history);
    bool is_read = dbk_history_read(history, bytes, length, "lines", &complaints);
    dbk_complaints_print(&complaints, &said);
    cr_assert(is_read, "%s\n%.*s", said.bytes, (int)length, bytes);
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&said);
    return history;
}

struct dbk_history *lines_history(const char *head, const char *lines)
{
    struct dbk_text file = {0};

    for (const char *c = head; *c != '\0'; c++) {
        dbk_text_add_char(&file, *c == '\'' ? '"' : *c);
    }
    dbk_text_add_char(&file, '\n');
    while (*lines != '\0') {
        size_t start = file.length;
        lines = add_fact(&file, lines);
        char *comma = strstr(file.bytes + start, "{,");
        if (comma != NULL) {
            comma[1] = ' ';
        }
    }
    struct dbk_history *history = lines_read(file.bytes, file.length);
    dbk_text_reset(&file);
    return history;
}

void lines_free(struct dbk_history *history)
{
    dbk_history_reset(history);
    free(history);
}

static void add_violation(struct dbk_text *out, const struct dbk_violation *violation)
{
    if (violation->at_ms == DBK_ABSENT) {
        dbk_text_add(out, "-");
    } else {
        dbk_text_add_integer(out, violation->at_ms);
    }
    dbk_text_printf(out, " %s [", violation->booking ? violation->booking : "-");
    for (size_t i = 0; i < violation->evidence_count; i++) {
        dbk_text_printf(out, "%s%zu", i == 0 ? "" : " ", violation->evidence[i]);
    }
    dbk_text_printf(out, "]: %s\n", violation->detail);
}

static void expect_text(struct dbk_text *said, const char *expected)
{
    cr_expect_str_eq(said->bytes == NULL ? "" : said->bytes, expected, "said:\n%sexpected:\n%s",
                     said->bytes == NULL ? "" : said->bytes, expected);
    dbk_text_reset(said);
}

void expect_finding(const char *invariant, const char *head, const char *lines,
                    const char *expected)
{
    struct dbk_history *history = lines_history(head, lines);
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_text said = {0};

    dbk_judge(history, NULL, outcome);
    lines_free(history); /* the outcome stands on its own */
    for (size_t i = 0; i < outcome->exposure_count; i++) {
        if (dbk_same(outcome->exposures[i].invariant, invariant)) {
            dbk_text_printf(&said, "exposed %lld\n", (long long)outcome->exposures[i].count);
        }
    }
    for (size_t i = 0; i < outcome->unobserved_count; i++) {
        if (dbk_same(outcome->unobserved[i].invariant, invariant)) {
            dbk_text_printf(&said, "unobserved: %s\n", outcome->unobserved[i].missing);
        }
    }
    for (size_t i = 0; i < outcome->violation_count; i++) {
        if (dbk_same(outcome->violations[i].invariant, invariant)) {
            add_violation(&said, &outcome->violations[i]);
        }
    }
    dbk_outcome_free(outcome);
    expect_text(&said, expected);
}

static void add_verdict(struct dbk_text *out, const struct dbk_outcome *outcome)
{
    dbk_text_printf(out, "%s after %lld ms\n", dbk_verdict_name(outcome->verdict),
                    (long long)outcome->virtual_ms);
    for (size_t i = 0; i < outcome->violation_count; i++) {
        const struct dbk_violation *violation = &outcome->violations[i];
        dbk_text_printf(out, "%s owes %s, line %d, ", violation->owed_by, violation->invariant,
                        violation->line);
        add_violation(out, violation);
    }
}

char *lines_verdict(const struct dbk_history *history)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_text said = {0};

    dbk_judge(history, NULL, outcome);
    add_verdict(&said, outcome);
    dbk_outcome_free(outcome);
    return dbk_text_take(&said);
}

void expect_outcome(const struct dbk_history *history, const char *expected)
{
    struct dbk_outcome *outcome = dbk_outcome_new();
    struct dbk_text said = {0};

    dbk_judge(history, "doublebook run trip", outcome);
    add_verdict(&said, outcome);
    for (size_t i = 0; i < outcome->violation_count; i++) {
        cr_expect_str_eq(outcome->violations[i].replay, "doublebook run trip");
    }
    for (size_t i = 0; i < outcome->unproven_count; i++) {
        dbk_text_printf(&said, "unproven: %s\n", outcome->unproven[i]);
    }
    for (size_t i = 0; i < outcome->unobserved_count; i++) {
        dbk_text_printf(&said, "unobserved %s: %s\n", outcome->unobserved[i].invariant,
                        outcome->unobserved[i].missing);
    }
    for (size_t i = 0; i < outcome->partner_broke_count; i++) {
        dbk_text_printf(&said, "partner broke %s\n", outcome->partner_broke[i]);
    }
    for (size_t i = 0; i < outcome->fault_count; i++) {
        const struct dbk_fault_count *fault = &outcome->faults[i];
        dbk_text_printf(&said, "fault %s %s of line %d fired %lld%s\n", fault->rule, fault->fault,
                        fault->line, (long long)fault->fired,
                        fault->if_reached ? ", if reached" : "");
    }
    for (size_t i = 0; i < outcome->exposure_count; i++) {
        if (outcome->exposures[i].count > 0) {
            dbk_text_printf(&said, "exposed %s %lld\n", outcome->exposures[i].invariant,
                            (long long)outcome->exposures[i].count);
        }
    }
    dbk_outcome_free(outcome);
    expect_text(&said, expected);
}
