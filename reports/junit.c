#include "reports/found.h"
#include "reports/plain.h"
#include "reports/reached.h"
#include "reports/reports.h"

#include <inttypes.h>
#include <string.h>

#define NAME_COLUMNS 200
#define MESSAGE_COLUMNS 2000
#define VALUE_COLUMNS 4096
#define STORY_MAX 200000 /* bytes; what is longer is cut at a line */
#define STORIES_MAX 20   /* failures of one suite that tell it */

/* A case is a suite's row: an invariant of the table, an expectation that was not met, a gap. */
enum kind { PASSED, SKIPPED, FAILED, BROKEN, KINDS };
static const char *const tags[KINDS] = {
    [SKIPPED] = "skipped", [FAILED] = "failure", [BROKEN] = "error"};

struct counts {
    size_t kinds[KINDS];
    int64_t wall_ms;
};

struct suite {
    const struct dbk_outcome *outcome;
    const char *name;
    const struct dbk_exploration *exploration; /* it is of; NULL: none */
    const struct dbk_discovery *finding;       /* that it is; NULL: none */
    struct counts counts;
    struct dbk_text *out;   /* the cases */
    struct dbk_text story;  /* owned; made at most once */
    struct dbk_text plain;  /* owned; room for one text */
    struct dbk_text reason; /* owned; room for one reason */
};

/* ---- XML ---- */

/* XML 1.0 has no way to say these, not even as references. */
static bool is_no_xml(const char *bytes, size_t length)
{
    unsigned char first = (unsigned char)bytes[0];

    if (length == 1)
        return first < 0x20 && first != '\n';
    return length == 3 && memcmp(bytes, "\xef\xbf", 2) == 0 && (unsigned char)bytes[2] >= 0xbe;
}

/* Everything that is not ours to trust passes here: no byte of it can end a value, open a tag, or
 * make the file unreadable. */
static void put_xml(struct dbk_text *out, const char *bytes, size_t length)
{
    static const char *const references[128] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&apos;"};

    for (size_t at = 0, step; at < length; at += step) {
        size_t whole = dbk_utf8_length(bytes + at, length - at);
        unsigned char byte = (unsigned char)bytes[at];

        step = whole > 0 ? whole : 1;
        if (whole == 0 || is_no_xml(bytes + at, whole))
            dbk_text_add(out, "\xef\xbf\xbd");
        else if (whole == 1 && references[byte])
            dbk_text_add(out, references[byte]);
        else
            dbk_text_put(out, bytes + at, whole);
    }
}

/* One line: what is invisible comes out as its code. */
static void put_attribute(struct suite *suite, struct dbk_text *out, const char *name,
                          const char *value, size_t columns)
{
    dbk_text_clear(&suite->plain);
    dbk_plain_add(&suite->plain, value, columns);
    dbk_text_printf(out, " %s=\"", name);
    put_xml(out, suite->plain.bytes, suite->plain.length);
    dbk_text_add_char(out, '"');
}

static void put_seconds(struct dbk_text *out, int64_t ms)
{
    ms = ms > 0 ? ms : 0;
    dbk_text_printf(out, " time=\"%" PRId64 ".%03" PRId64 "\"", ms / 1000, ms % 1000);
}

static void put_counts(struct dbk_text *out, const struct counts *counts)
{
    size_t tests = 0;

    for (int kind = 0; kind < KINDS; kind++)
        tests += counts->kinds[kind];
    dbk_text_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", tests,
                    counts->kinds[FAILED], counts->kinds[BROKEN]);
}

/* ---- cases ---- */

struct row {
    const char *name;
    enum kind kind;
    const char *type, *message;
    const struct dbk_text *body; /* plain lines; NULL: none */
};

/* The run's time stands with the suite's first case, so that sums over cases are true as well. */
static void put_row(struct suite *suite, const struct row *row)
{
    struct dbk_text *out = suite->out;
    bool is_first = suite->counts.kinds[PASSED] + suite->counts.kinds[SKIPPED] +
                        suite->counts.kinds[FAILED] + suite->counts.kinds[BROKEN] ==
                    0;

    suite->counts.kinds[row->kind]++;
    dbk_text_add(out, "    <testcase");
    put_attribute(suite, out, "classname", suite->name, NAME_COLUMNS);
    put_attribute(suite, out, "name", row->name, NAME_COLUMNS);
    put_seconds(out, is_first ? suite->counts.wall_ms : 0);
    if (row->kind == PASSED) {
        dbk_text_add(out, "/>\n");
        return;
    }
    dbk_text_printf(out, ">\n      <%s", tags[row->kind]);
    if (row->type)
        put_attribute(suite, out, "type", row->type, NAME_COLUMNS);
    put_attribute(suite, out, "message", row->message, MESSAGE_COLUMNS);
    if (row->body && row->body->length > 0) {
        dbk_text_add_char(out, '>');
        put_xml(out, row->body->bytes, row->body->length);
        dbk_text_printf(out, "</%s>\n    </testcase>\n", tags[row->kind]);
    } else {
        dbk_text_add(out, "/>\n    </testcase>\n");
    }
}

/* NULL where it has been told often enough. */
static const struct dbk_text *story_of(struct suite *suite)
{
    static const struct dbk_terminal terminal = {.width = 100};
    struct dbk_text *story = &suite->story;

    if (suite->counts.kinds[FAILED] >= STORIES_MAX)
        return NULL;
    if (story->length == 0) {
        dbk_report_story(suite->outcome, &terminal, story);
        if (story->length > STORY_MAX) {
            story->length = STORY_MAX;
            while (story->length > 0 && story->bytes[story->length - 1] != '\n')
                story->length--;
            dbk_text_add(story, "(cut here)\n");
        }
    }
    return story;
}

/* The case of count violations, first of which is given. */
static void put_violated(struct suite *suite, const char *name,
                         const struct dbk_violation *violation, size_t count)
{
    dbk_text_clear(&suite->reason);
    dbk_plain_add(&suite->reason, violation->detail ? violation->detail : "violated",
                  MESSAGE_COLUMNS / 2);
    if (count > 1)
        dbk_text_printf(&suite->reason, " (and %zu more)", count - 1);
    put_row(suite, &(struct row){name, FAILED, "violated", suite->reason.bytes, story_of(suite)});
}

/* Why nothing can be said of an invariant, or NULL. */
static const char *why_skipped(struct suite *suite, const struct dbk_exposure *exposure)
{
    for (size_t i = 0; i < suite->outcome->unobserved_count; i++) {
        const struct dbk_unobserved *unobserved = &suite->outcome->unobserved[i];
        const char *missing = unobserved->missing ? unobserved->missing : "facts";

        if (!dbk_same(unobserved->invariant, exposure->invariant))
            continue;
        dbk_text_clear(&suite->reason);
        if (!dbk_starts_with(missing, "excepted"))
            dbk_text_add(&suite->reason, "unobserved, for want of ");
        dbk_plain_add(&suite->reason, missing, MESSAGE_COLUMNS / 2);
        return suite->reason.bytes;
    }
    return exposure->count > 0 ? NULL : "not exposed: nothing in this run put it at risk";
}

static void put_invariant(struct suite *suite, const struct dbk_exposure *exposure)
{
    const struct dbk_violation *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < suite->outcome->violation_count; i++) {
        const struct dbk_violation *violation = &suite->outcome->violations[i];

        if (!dbk_same(violation->invariant, exposure->invariant))
            continue;
        first = first ? first : violation;
        count++;
    }
    if (first) {
        put_violated(suite, exposure->invariant, first, count);
        return;
    }
    const char *reason = why_skipped(suite, exposure);
    put_row(suite, &(struct row){.name = exposure->invariant,
                                 .kind = reason ? SKIPPED : PASSED,
                                 .message = reason});
}

static bool is_of_table(const struct dbk_outcome *outcome, const char *invariant)
{
    for (size_t i = 0; i < outcome->exposure_count; i++)
        if (dbk_same(outcome->exposures[i].invariant, invariant))
            return true;
    return false;
}

/* Expectations, and whatever else is no row of the table: a case per line of the scenario. */
static void put_others(struct suite *suite)
{
    const struct dbk_violation *violations = suite->outcome->violations;
    size_t count = suite->outcome->violation_count;
    struct dbk_text name = {0};

    for (size_t i = 0, next; i < count; i = next) {
        const char *invariant = violations[i].invariant ? violations[i].invariant : "unnamed";

        for (next = i + 1; next < count; next++)
            if (!dbk_same(violations[next].invariant, violations[i].invariant) ||
                violations[next].line != violations[i].line)
                break;
        if (is_of_table(suite->outcome, violations[i].invariant))
            continue;
        dbk_text_clear(&name);
        dbk_plain_add(&name, invariant, DBK_PLAIN_NAME);
        if (violations[i].line > 0)
            dbk_text_printf(&name, ", line %d", violations[i].line);
        put_violated(suite, name.bytes, &violations[i], next - i);
    }
    dbk_text_reset(&name);
}

static void put_gaps(struct suite *suite)
{
    struct dbk_text name = {0};

    for (size_t i = 0; i < suite->outcome->unproven_count; i++) {
        dbk_text_clear(&name);
        dbk_text_add(&name, "unproven: ");
        dbk_plain_add(&name, suite->outcome->unproven[i], NAME_COLUMNS / 2);
        put_row(suite,
                &(struct row){name.bytes, FAILED, "unproven", suite->outcome->unproven[i], NULL});
    }
    dbk_text_reset(&name);
}

/* A suite fails exactly where its scenario did not pass, and none is empty. */
static void put_rows(struct suite *suite)
{
    const struct dbk_outcome *outcome = suite->outcome;
    const char *verdict = dbk_verdict_name(outcome->verdict);

    if (outcome->verdict == DBK_ERROR || outcome->verdict == DBK_INVALID)
        put_row(suite, &(struct row){verdict, BROKEN, verdict,
                                     outcome->error ? outcome->error : "no reason given", NULL});
    for (size_t i = 0; i < outcome->exposure_count; i++)
        put_invariant(suite, &outcome->exposures[i]);
    put_others(suite);
    put_gaps(suite);
    size_t bad = suite->counts.kinds[FAILED] + suite->counts.kinds[BROKEN];
    if (bad == 0 && outcome->verdict != DBK_PASSED)
        put_row(suite, &(struct row){"verdict", FAILED, verdict, verdict, NULL});
    else if (bad + suite->counts.kinds[PASSED] + suite->counts.kinds[SKIPPED] == 0)
        put_row(suite,
                &(struct row){"verdict", FAILED, "unproven", "no invariant was judged", NULL});
}

/* ---- suites ---- */

static void put_property(struct suite *suite, struct dbk_text *out, const char *name,
                         const char *value)
{
    if (!value || !*value)
        return;
    dbk_text_printf(out, "      <property name=\"%s\"", name);
    put_attribute(suite, out, "value", value, VALUE_COLUMNS);
    dbk_text_add(out, "/>\n");
}

/* Of a search: what it is of, how far that came. */
static void put_explored(struct suite *suite, struct dbk_text *out)
{
    const struct dbk_exploration *exploration = suite->exploration;
    struct dbk_text reached = {0};

    if (!exploration)
        return;
    dbk_reached_add(exploration, &reached);
    put_property(suite, out, "explored", exploration->scenario);
    put_property(suite, out, "reached", reached.bytes);
    put_property(suite, out, "complete", exploration->is_complete ? "true" : "false");
    dbk_text_printf(out,
                    "      <property name=\"deviations\" value=\"%" PRId64 "\"/>\n"
                    "      <property name=\"runs\" value=\"%" PRId64 "\"/>\n",
                    exploration->deviations, exploration->runs);
    if (suite->finding)
        put_property(suite, out, "file", suite->finding->file);
    dbk_text_reset(&reached);
}

static void put_properties(struct suite *suite, const struct dbk_report *report,
                           const char *verdict, struct dbk_text *out)
{
    const struct dbk_outcome *outcome = suite->outcome;
    struct dbk_text replay = {0};

    dbk_found_replay(outcome, NULL, &replay);
    dbk_text_add(out, "    <properties>\n");
    put_property(suite, out, "doublebook", report->version);
    put_property(suite, out, "verdict", verdict);
    put_property(suite, out, "policy", outcome->policy ? outcome->policy : report->policy);
    put_property(suite, out, "stage", report->stage);
    if (report->seed != DBK_ABSENT)
        dbk_text_printf(out, "      <property name=\"seed\" value=\"%" PRId64 "\"/>\n",
                        report->seed);
    put_property(suite, out, "history_hash", outcome->history_hash);
    put_property(suite, out, "replay", replay.bytes);
    put_explored(suite, out);
    dbk_text_add(out, "    </properties>\n");
    dbk_text_reset(&replay);
}

/* A line of what is told beside the cases: "partner broke: lagoon: ...". */
static void put_beside(struct suite *suite, struct dbk_text *out, const char *before,
                       const char *line)
{
    dbk_text_clear(&suite->plain);
    dbk_plain_add(&suite->plain, line, MESSAGE_COLUMNS);
    dbk_text_add(out, before);
    put_xml(out, suite->plain.bytes, suite->plain.length);
    dbk_text_add_char(out, '\n');
}

static void put_finding(struct suite *suite, struct dbk_text *out)
{
    const struct dbk_discovery *finding = suite->finding;
    struct dbk_text how = {0};

    if (!finding)
        return;
    dbk_reached_how(finding, &how);
    put_beside(suite, out, "", how.bytes);
    for (size_t i = 0; i < finding->said_count; i++)
        put_beside(suite, out, "goes wrong: ", finding->said[i]);
    for (const char *line = finding->scenario_text; line && *line;) {
        size_t length = strcspn(line, "\n");

        if (out->length > STORY_MAX) {
            dbk_text_add(out, "(cut here)\n");
            break;
        }
        dbk_text_clear(&how);
        dbk_text_put(&how, line, length);
        put_beside(suite, out, "", how.bytes);
        line += length + (line[length] == '\n');
    }
    dbk_text_reset(&how);
}

/* What is no case: promises that were broken, how it was found. */
static void put_system_out(struct suite *suite, struct dbk_text *out)
{
    struct dbk_text lines = {0};

    for (size_t i = 0; i < suite->outcome->partner_broke_count; i++)
        put_beside(suite, &lines, "partner broke: ", suite->outcome->partner_broke[i]);
    put_finding(suite, &lines);
    if (lines.length > 0)
        dbk_text_printf(out, "    <system-out>%s</system-out>\n", lines.bytes);
    dbk_text_reset(&lines);
}

/* The counts stand before what is counted, so the cases are made first. sim_only: why it was not
 * played at all; NULL: it was. */
static void put_suite(const struct dbk_report *report, const struct dbk_outcome *outcome,
                      const char *sim_only, struct counts *all, struct dbk_text *out)
{
    struct dbk_text cases = {0};
    struct suite suite = {.outcome = outcome, .name = dbk_found_name(outcome), .out = &cases};

    suite.exploration = dbk_reached_of(report, outcome, &suite.finding);
    suite.counts.wall_ms = outcome->wall_ms > 0 ? outcome->wall_ms : 0;
    if (sim_only)
        put_row(&suite, &(struct row){.name = "sim only", .kind = SKIPPED, .message = sim_only});
    else
        put_rows(&suite);
    dbk_text_add(out, "  <testsuite");
    put_attribute(&suite, out, "name", suite.name, NAME_COLUMNS);
    put_counts(out, &suite.counts);
    dbk_text_printf(out, " skipped=\"%zu\"", suite.counts.kinds[SKIPPED]);
    put_seconds(out, suite.counts.wall_ms);
    if (outcome->file)
        put_attribute(&suite, out, "file", outcome->file, VALUE_COLUMNS);
    dbk_text_add(out, ">\n");
    put_properties(&suite, report, sim_only ? NULL : dbk_verdict_name(outcome->verdict), out);
    dbk_text_put(out, cases.bytes, cases.length);
    put_system_out(&suite, out);
    dbk_text_add(out, "  </testsuite>\n");
    for (int kind = 0; kind < KINDS; kind++)
        all->kinds[kind] += suite.counts.kinds[kind];
    all->wall_ms += suite.counts.wall_ms;
    dbk_text_reset(&cases);
    dbk_text_reset(&suite.story);
    dbk_text_reset(&suite.plain);
    dbk_text_reset(&suite.reason);
}

void dbk_report_junit(const struct dbk_report *report, struct dbk_text *out)
{
    struct dbk_outcome nothing = {.name = "nothing",
                                  .verdict = DBK_ERROR,
                                  .error = "No scenario was played: there is nothing to judge."};
    struct dbk_text suites = {0};
    struct counts all = {0};

    for (size_t i = 0; i < report->outcome_count; i++)
        put_suite(report, report->outcomes[i], NULL, &all, &suites);
    for (size_t i = 0; i < report->sim_only_count; i++)
        put_suite(report, &(struct dbk_outcome){.name = report->sim_only[i].name},
                  report->sim_only[i].reason ? report->sim_only[i].reason : "", &all, &suites);
    if (report->outcome_count == 0)
        put_suite(report, &nothing, NULL, &all, &suites);
    dbk_text_add(out,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"doublebook\"");
    put_counts(out, &all);
    put_seconds(out, all.wall_ms);
    dbk_text_add(out, ">\n");
    dbk_text_put(out, suites.bytes, suites.length);
    dbk_text_add(out, "</testsuites>\n");
    dbk_text_reset(&suites);
}
