#include "reports/found.h"
#include "reports/plain.h"
#include "reports/reached.h"
#include "reports/reports.h"

#include "base/digest.h"

#include <string.h>

#define SHOWN_MAX 10                 /* per kind and step; GitHub drops what comes after */
#define EXPLORED_MAX (SHOWN_MAX - 1) /* the summary is a notice too */
#define PATH_COLUMNS 4096
#define TOKEN_COLUMNS 32

enum kind { ERROR, WARNING, KINDS };
static const char *const kinds[KINDS] = {[ERROR] = "error", [WARNING] = "warning"};

struct annotations {
    const struct dbk_report *report;
    struct dbk_text *out;
    size_t counts[KINDS];
    struct dbk_text text; /* owned; room for one message */
};

/* GitHub's own rules: in a message %, CR and LF; in a property : and , too. The texts are plain,
 * so the only line feeds are ours. */
static void put_escaped(struct dbk_text *out, const char *text, bool is_property)
{
    const char *special = is_property ? "%\r\n:," : "%\r\n";

    while (text && *text) {
        size_t length = strcspn(text, special);

        dbk_text_put(out, text, length);
        text += length;
        if (*text)
            dbk_text_printf(out, "%%%02X", (unsigned)(unsigned char)*text++);
    }
}

struct place {
    const char *file; /* NULL: none */
    int line;         /* 0: none */
};

/* Writes what stands in text as the message. title is plain. */
static void put(struct annotations *these, enum kind kind, struct place place, const char *title)
{
    struct dbk_text file = {0};

    if (these->counts[kind]++ < SHOWN_MAX) {
        dbk_plain_add(&file, place.file, PATH_COLUMNS);
        dbk_text_printf(these->out, "::%s ", kinds[kind]);
        if (file.length > 0) {
            dbk_text_add(these->out, "file=");
            put_escaped(these->out, file.bytes, true);
            dbk_text_printf(these->out, ",line=%d,", place.line > 0 ? place.line : 1);
        }
        dbk_text_add(these->out, "title=");
        put_escaped(these->out, title, true);
        dbk_text_add(these->out, "::");
        put_escaped(these->out, these->text.bytes, false);
        dbk_text_add_char(these->out, '\n');
        dbk_text_reset(&file);
    }
    dbk_text_clear(&these->text);
}

/* Where no line is known: the first fault that took effect, which is where the story turned. The
 * file of a stored history is no scenario; there each fact has a line, the head stands first. */
static struct place place_of(const struct annotations *these, const struct dbk_outcome *outcome,
                             int line, size_t fact)
{
    if (!these->report->stage)
        return (struct place){outcome->file, (int)fact + 1};
    for (size_t i = 0; i < outcome->fault_count && line <= 0; i++)
        line = outcome->faults[i].fired > 0 ? outcome->faults[i].line : 0;
    return (struct place){outcome->file, line};
}

static void add_line(struct dbk_text *text, const char *before, const char *value, size_t columns)
{
    if (!value)
        return;
    dbk_text_add(text, before);
    dbk_plain_add(text, value, columns);
}

static void add_replay(struct dbk_text *text, const struct dbk_outcome *outcome,
                       const struct dbk_violation *violation)
{
    struct dbk_text replay = {0};

    dbk_found_replay(outcome, violation, &replay);
    add_line(text, "\nReplay: ", replay.bytes, PATH_COLUMNS);
    dbk_text_reset(&replay);
}

/* Of a search: what goes wrong in its run, where the scenario is. */
static void add_finding(const struct annotations *these, const struct dbk_outcome *outcome,
                        struct dbk_text *text)
{
    const struct dbk_discovery *found = NULL;

    if (!dbk_reached_of(these->report, outcome, &found) || !found)
        return;
    for (size_t i = 0; i < found->said_count && i < SHOWN_MAX; i++)
        add_line(text, "\nGoes wrong: ", found->said[i], DBK_PLAIN_TEXT);
    add_line(text, "\nWritten to ", found->file, PATH_COLUMNS);
}

static void put_violation(struct annotations *these, const struct dbk_outcome *outcome,
                          const struct dbk_violation *violation)
{
    struct dbk_text title = {0};
    struct dbk_text *text = &these->text;

    dbk_plain_name(&title, "", dbk_found_name(outcome));
    dbk_plain_name(&title, " violates ", violation->invariant ? violation->invariant : "a rule");
    dbk_plain_add(text, violation->detail ? violation->detail : "violated", DBK_PLAIN_TEXT);
    add_line(text, "\nThe rule: ", violation->rule, DBK_PLAIN_TEXT);
    add_line(text, "\nOwed by the ", violation->owed_by, DBK_PLAIN_NAME);
    add_finding(these, outcome, text);
    add_replay(text, outcome, violation);
    put(these, ERROR,
        place_of(these, outcome, violation->line,
                 violation->evidence_count > 0 ? violation->evidence[0] : 0),
        title.bytes);
    dbk_text_reset(&title);
}

static void put_reason(struct annotations *these, const struct dbk_outcome *outcome, size_t nth)
{
    int line = outcome->unproven_lines ? outcome->unproven_lines[nth] : 0;
    struct dbk_text title = {0};

    dbk_plain_name(&title, "", dbk_found_name(outcome));
    dbk_text_add(&title, " is unproven");
    dbk_plain_add(&these->text, outcome->unproven[nth], DBK_PLAIN_TEXT);
    add_replay(&these->text, outcome, NULL);
    put(these, WARNING, place_of(these, outcome, line, 0), title.bytes);
    dbk_text_reset(&title);
}

static void put_broken(struct annotations *these, const struct dbk_outcome *outcome)
{
    struct dbk_text title = {0};

    dbk_plain_name(&title, "", dbk_found_name(outcome));
    dbk_text_printf(&title, " is %s", outcome->verdict == DBK_ERROR ? "an error" : "invalid");
    dbk_found_add(outcome, &these->text);
    add_finding(these, outcome, &these->text);
    put(these, ERROR, (struct place){outcome->file, outcome->error_line}, title.bytes);
    dbk_text_reset(&title);
}

/* The first of each kind of every scenario, before anyone's second: few are shown. */
static void put_firsts(struct annotations *these, const struct dbk_outcome *outcome)
{
    if (outcome->verdict == DBK_ERROR || outcome->verdict == DBK_INVALID)
        put_broken(these, outcome);
    if (outcome->violation_count > 0)
        put_violation(these, outcome, &outcome->violations[0]);
    if (outcome->unproven_count > 0)
        put_reason(these, outcome, 0);
}

static void put_others(struct annotations *these, const struct dbk_outcome *outcome)
{
    for (size_t i = 1; i < outcome->violation_count; i++)
        put_violation(these, outcome, &outcome->violations[i]);
    for (size_t i = 1; i < outcome->unproven_count; i++)
        put_reason(these, outcome, i);
}

/* How far each search came; no warning, for the verdicts have theirs. */
static void put_explorations(const struct annotations *these)
{
    const struct dbk_report *report = these->report;
    struct dbk_text text = {0};

    for (size_t i = 0; i < report->exploration_count && i < EXPLORED_MAX; i++) {
        const struct dbk_exploration *exploration = &report->explorations[i];

        dbk_text_clear(&text);
        dbk_plain_name(&text, "explored ", exploration->scenario ? exploration->scenario : "");
        dbk_text_add(these->out, "::notice title=");
        put_escaped(these->out, text.bytes, true);
        dbk_text_clear(&text);
        dbk_reached_add(exploration, &text);
        dbk_text_add(these->out, "::");
        put_escaped(these->out, text.bytes, false);
        dbk_text_add_char(these->out, '\n');
    }
    dbk_text_reset(&text);
}

static void put_summary(struct annotations *these)
{
    const char *before = "; not shown here: ";

    dbk_found_count(these->report, &these->text);
    for (int kind = 0; kind < KINDS; kind++) {
        size_t hidden = these->counts[kind] > SHOWN_MAX ? these->counts[kind] - SHOWN_MAX : 0;

        if (hidden == 0)
            continue;
        dbk_text_printf(&these->text, "%s%zu more %s%s", before, hidden, kinds[kind],
                        hidden == 1 ? "" : "s");
        before = ", ";
    }
    dbk_text_add(these->out, "::notice title=doublebook::");
    put_escaped(these->out, these->text.bytes, false);
    dbk_text_add_char(these->out, '\n');
}

void dbk_report_github(const struct dbk_report *report, struct dbk_text *out)
{
    struct annotations these = {.report = report, .out = out};

    for (size_t i = 0; i < report->outcome_count; i++)
        put_firsts(&these, report->outcomes[i]);
    for (size_t i = 0; i < report->outcome_count; i++)
        put_others(&these, report->outcomes[i]);
    if (report->outcome_count == 0) {
        dbk_text_add(&these.text, "No scenario was played: there is nothing to judge.");
        put(&these, ERROR, (struct place){NULL, 0}, "doublebook");
    }
    put_explorations(&these);
    put_summary(&these);
    dbk_text_reset(&these.text);
}

/* No text contains the digest of itself: what stands in it cannot end the quotation. */
void dbk_report_github_quote(const struct dbk_text *text, struct dbk_text *out)
{
    struct dbk_digest digest = dbk_digest_of(text->bytes, text->length);
    char token[DBK_DIGEST_HEX];

    dbk_digest_hex(&digest, token);
    dbk_text_printf(out, "::stop-commands::%.*s\n", TOKEN_COLUMNS, token);
    dbk_text_put(out, text->bytes, text->length);
    if (text->length > 0 && text->bytes[text->length - 1] != '\n')
        dbk_text_add_char(out, '\n');
    dbk_text_printf(out, "::%.*s::\n", TOKEN_COLUMNS, token);
}
