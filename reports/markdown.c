#include "reports/found.h"
#include "reports/plain.h"
#include "reports/reached.h"
#include "reports/reports.h"

#include <inttypes.h>
#include <string.h>

#define TABLE_MAX 20000
#define EXPLORED_MAX 15000 /* bytes told of searches */
#define REMARK_MAX 400     /* room kept for what is said of the rest */
#define STORY_MIN 800      /* less of a story is not worth unfolding */
#define FOLD_MAX 200       /* the frame around a story, but for the ticks that stand in it */
#define SECTION_MAX 20     /* violations or reasons told of one scenario */
#define FOUND_COLUMNS 200
#define REPLAY_COLUMNS 4096

struct page {
    const struct dbk_report *report;
    struct dbk_text *out;
    size_t begin;          /* of out: the page begins there */
    size_t rows_left_out;  /* of the table */
    size_t left_out;       /* scenarios not told */
    size_t stories_cut;    /* or left out */
    struct dbk_text plain; /* owned; room for one text */
};

/* ---- foreign text ----
 * Stands in code only, inline or fenced: there nothing is read, no link, no mention, no HTML. */

static size_t longest_run(const struct dbk_text *text, char byte)
{
    size_t longest = 0, run = 0;

    for (size_t i = 0; i < text->length; i++) {
        run = text->bytes[i] == byte ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void put_ticks(struct dbk_text *out, size_t count)
{
    while (count-- > 0)
        dbk_text_add_char(out, '`');
}

/* Inline code. A table is cut at bars before anything else is read. */
static void put_code(struct page *page, struct dbk_text *out, const char *text, size_t columns,
                     bool is_in_table)
{
    struct dbk_text *plain = &page->plain;

    dbk_text_clear(plain);
    dbk_plain_add(plain, text, columns);
    if (plain->length == 0)
        return;
    size_t ticks = longest_run(plain, '`') + 1;
    put_ticks(out, ticks);
    dbk_text_add(out, ticks > 1 ? " " : "");
    for (size_t i = 0; i < plain->length; i++) {
        if (is_in_table && plain->bytes[i] == '|')
            dbk_text_add_char(out, '\\');
        dbk_text_add_char(out, plain->bytes[i]);
    }
    dbk_text_add(out, ticks > 1 ? " " : "");
    put_ticks(out, ticks);
}

/* The first length bytes of lines, fenced by more backticks than stand in them. */
static void put_fenced(struct dbk_text *out, const char *kind, const struct dbk_text *lines)
{
    size_t run = longest_run(lines, '`'), ticks = run < 3 ? 3 : run + 1;

    put_ticks(out, ticks);
    dbk_text_printf(out, "%s\n", kind);
    dbk_text_put(out, lines->bytes, lines->length);
    if (lines->length > 0 && lines->bytes[lines->length - 1] != '\n')
        dbk_text_add_char(out, '\n');
    put_ticks(out, ticks);
    dbk_text_add_char(out, '\n');
}

/* ---- the table ---- */

/* The violated invariants each as code; of others a sentence, ours or as code. */
static void put_found(struct page *page, const struct dbk_outcome *outcome, struct dbk_text *out)
{
    struct dbk_text found = {0};

    dbk_found_add(outcome, &found);
    if (outcome->verdict == DBK_PASSED || outcome->verdict == DBK_UNPROVEN)
        dbk_text_put(out, found.bytes, found.length);
    else
        put_code(page, out, found.bytes, FOUND_COLUMNS, true);
    dbk_text_reset(&found);
}

static void put_table_of(struct page *page, enum dbk_verdict verdict, size_t *used)
{
    struct dbk_text row = {0};

    for (size_t i = 0; i < page->report->outcome_count; i++) {
        const struct dbk_outcome *outcome = page->report->outcomes[i];

        if (outcome->verdict != verdict)
            continue;
        dbk_text_clear(&row);
        dbk_text_printf(&row, verdict == DBK_PASSED ? "| %s | " : "| **%s** | ",
                        dbk_verdict_name(verdict));
        put_code(page, &row, dbk_found_name(outcome), DBK_PLAIN_NAME, true);
        dbk_text_add(&row, " | ");
        put_found(page, outcome, &row);
        dbk_text_add(&row, " |\n");
        if (*used + row.length > TABLE_MAX) {
            page->rows_left_out++;
            continue;
        }
        *used += row.length;
        dbk_text_put(page->out, row.bytes, row.length);
    }
    dbk_text_reset(&row);
}

static void put_table(struct page *page)
{
    size_t used = 0;

    if (page->report->outcome_count == 0)
        return;
    dbk_text_add(page->out, "\n| verdict | scenario | found |\n|---|---|---|\n");
    for (int verdict = DBK_VERDICTS - 1; verdict >= 0; verdict--)
        put_table_of(page, (enum dbk_verdict)verdict, &used);
    if (page->rows_left_out > 0)
        dbk_text_printf(page->out, "\nThe table leaves out %zu more of them.\n",
                        page->rows_left_out);
}

/* ---- a section for each that did not pass ---- */

static void put_violation(struct page *page, const struct dbk_violation *violation,
                          struct dbk_text *out)
{
    dbk_text_add(out, "- ");
    put_code(page, out, violation->invariant ? violation->invariant : "unnamed", DBK_PLAIN_NAME,
             false);
    if (violation->at_ms != DBK_ABSENT) {
        dbk_text_add(out, " at ");
        dbk_plain_time(out, violation->at_ms);
    }
    if (violation->owed_by) {
        dbk_text_add(out, ", owed by the ");
        put_code(page, out, violation->owed_by, DBK_PLAIN_NAME, false);
    }
    if (violation->evidence_count > 0)
        dbk_text_add(out, ", on ");
    dbk_found_evidence(violation, out);
    if (violation->line > 0)
        dbk_text_printf(out, ", line %d of the scenario", violation->line);
    dbk_text_add_char(out, '\n');
    const char *const sentences[] = {violation->rule, violation->detail};
    for (size_t i = 0; i < DBK_COUNT(sentences); i++) {
        dbk_text_add(out, sentences[i] && *sentences[i] ? "  - " : NULL);
        put_code(page, out, sentences[i], DBK_PLAIN_TEXT, false);
        dbk_text_add(out, sentences[i] && *sentences[i] ? "\n" : NULL);
    }
}

static void put_more(struct dbk_text *out, size_t count, const char *what)
{
    if (count > SECTION_MAX)
        dbk_text_printf(out, "- and %zu more %s\n", count - SECTION_MAX, what);
}

static void put_replay(struct page *page, const struct dbk_outcome *outcome, struct dbk_text *out)
{
    struct dbk_text replay = {0};

    dbk_found_replay(outcome, NULL, &replay);
    dbk_text_clear(&page->plain);
    dbk_plain_add(&page->plain, replay.bytes, REPLAY_COLUMNS);
    if (replay.length > 0) {
        dbk_text_add(out, "\nReplay:\n\n");
        put_fenced(out, "sh", &page->plain);
    }
    dbk_text_reset(&replay);
}

static void put_section(struct page *page, const struct dbk_outcome *outcome, struct dbk_text *out)
{
    dbk_text_printf(out, "\n### %s: ", dbk_verdict_name(outcome->verdict));
    put_code(page, out, dbk_found_name(outcome), DBK_PLAIN_NAME, false);
    dbk_text_add(out, "\n\n");
    if (outcome->file) {
        dbk_text_add(out, "In ");
        put_code(page, out, outcome->file, DBK_PLAIN_TEXT, false);
        dbk_text_add(out, ":\n\n");
    }
    if (outcome->verdict == DBK_INVALID || outcome->verdict == DBK_ERROR) {
        dbk_text_add(out, "- ");
        put_code(page, out, outcome->error ? outcome->error : "no reason given", 2 * DBK_PLAIN_TEXT,
                 false);
        dbk_text_add_char(out, '\n');
    }
    for (size_t i = 0; i < outcome->violation_count && i < SECTION_MAX; i++)
        put_violation(page, &outcome->violations[i], out);
    put_more(out, outcome->violation_count, "violations");
    for (size_t i = 0; i < outcome->unproven_count && i < SECTION_MAX; i++) {
        dbk_text_add(out, "- unproven: ");
        put_code(page, out, outcome->unproven[i], DBK_PLAIN_TEXT, false);
        dbk_text_add_char(out, '\n');
    }
    put_more(out, outcome->unproven_count, "reasons");
    for (size_t i = 0; i < outcome->partner_broke_count; i++) {
        dbk_text_add(out, "- partner broke: ");
        put_code(page, out, outcome->partner_broke[i], DBK_PLAIN_TEXT, false);
        dbk_text_add_char(out, '\n');
    }
    put_replay(page, outcome, out);
}

/* As many whole lines as room bytes hold, folded; false where some are cut. */
static bool put_folded(struct page *page, const char *title, struct dbk_text *lines, size_t room)
{
    size_t frame = FOLD_MAX + 2 * longest_run(lines, '`');
    bool is_whole = true;

    room = room > frame ? room - frame : 0;
    if (lines->length > room) {
        lines->length = room;
        while (lines->length > 0 && lines->bytes[lines->length - 1] != '\n')
            lines->length--;
        dbk_text_add(lines, "(cut here)\n");
        is_whole = false;
    }
    dbk_text_printf(page->out, "\n<details><summary>%s</summary>\n\n", title);
    put_fenced(page->out, "text", lines);
    dbk_text_add(page->out, "\n</details>\n");
    return is_whole;
}

static void put_story(struct page *page, const struct dbk_outcome *outcome, size_t room)
{
    static const struct dbk_terminal terminal = {.width = 100};
    struct dbk_text story = {0};

    if (room < STORY_MIN) {
        page->stories_cut++;
        return;
    }
    dbk_report_story(outcome, &terminal, &story);
    page->stories_cut += !put_folded(page, "The story", &story, room);
    dbk_text_reset(&story);
}

/* Of a search that wrote no file: the scenario that shows it; at most half of room. Gives what room
 * is left. */
static size_t put_found_scenario(struct page *page, const struct dbk_outcome *outcome, size_t room)
{
    const struct dbk_discovery *found = NULL;
    struct dbk_text lines = {0};
    size_t begin = page->out->length;

    if (!dbk_reached_of(page->report, outcome, &found) || !found || !found->scenario_text ||
        room / 2 < STORY_MIN)
        return room;
    for (const char *line = found->scenario_text; *line;) {
        size_t length = strcspn(line, "\n");

        dbk_text_clear(&page->plain);
        dbk_text_put(&page->plain, line, length);
        dbk_plain_add(&lines, page->plain.bytes, REPLAY_COLUMNS);
        dbk_text_add_char(&lines, '\n');
        line += length + (line[length] == '\n');
    }
    (void)put_folded(page, "The scenario", &lines, room / 2);
    dbk_text_reset(&lines);
    return room - (page->out->length - begin);
}

/* ---- searches ---- */

static void put_depths(const struct dbk_exploration *exploration, struct dbk_text *out)
{
    if (exploration->depth_count == 0)
        return;
    dbk_text_printf(out, "\n| deviations | runs | %s |\n|--:|--:|--:|\n",
                    exploration->goal ? "show it" : "violate");
    for (size_t i = 0; i < exploration->depth_count && i < SECTION_MAX; i++) {
        dbk_text_add(out, "| ");
        dbk_plain_number(out, exploration->depths[i].deviations);
        dbk_text_add(out, " | ");
        dbk_reached_runs(&exploration->depths[i], out);
        dbk_text_add(out, " | ");
        dbk_reached_found(&exploration->depths[i], out);
        dbk_text_add(out, " |\n");
    }
}

/* Where it was written to no file, the scenario itself stands with the story. */
static void put_finding(struct page *page, const struct dbk_discovery *found, struct dbk_text *out)
{
    struct dbk_text text = {0};

    dbk_text_add(out, "- ");
    put_code(page, out, found->signature ? found->signature : "unnamed", FOUND_COLUMNS, false);
    if (found->owed_by) {
        dbk_text_add(out, ", owed by the ");
        put_code(page, out, found->owed_by, DBK_PLAIN_NAME, false);
    }
    dbk_reached_how(found, &text);
    dbk_text_printf(out, ": %s", text.bytes);
    if (found->file) {
        dbk_text_add(out, "; written to ");
        put_code(page, out, found->file, FOUND_COLUMNS, false);
    }
    dbk_text_add_char(out, '\n');
    for (size_t i = 0; i < found->said_count && i < SECTION_MAX; i++) {
        dbk_text_add(out, "  - ");
        put_code(page, out, found->said[i], FOUND_COLUMNS, false);
        dbk_text_add_char(out, '\n');
    }
    dbk_text_reset(&text);
}

static void put_exploration(struct page *page, const struct dbk_exploration *exploration,
                            struct dbk_text *out)
{
    struct dbk_text reached = {0};

    dbk_reached_add(exploration, &reached);
    dbk_text_add(out, "\n### explored: ");
    put_code(page, out, exploration->scenario ? exploration->scenario : "a scenario",
             DBK_PLAIN_NAME, false);
    dbk_text_add(out, "\n\nWith the policy "); /* code at a line's begin may be read as a fence */
    put_code(page, out, exploration->policy ? exploration->policy : "unnamed", DBK_PLAIN_NAME,
             false);
    dbk_text_add(out, ": ");
    put_code(page, out, reached.bytes, DBK_PLAIN_TEXT, false);
    dbk_text_add_char(out, '\n');
    put_depths(exploration, out);
    dbk_text_add(out, exploration->finding_count > 0 ? "\n" : NULL);
    for (size_t i = 0; i < exploration->finding_count && i < SECTION_MAX; i++)
        put_finding(page, &exploration->findings[i], out);
    put_more(out, exploration->finding_count, "findings");
    for (size_t i = 0; i < exploration->partner_broke_count && i < SECTION_MAX; i++) {
        dbk_text_add(out, i == 0 ? "\n- partner broke in " : "- partner broke in ");
        dbk_plain_count(out, exploration->partner_broke[i].runs, "run", "runs");
        dbk_text_add(out, ": ");
        put_code(page, out, exploration->partner_broke[i].claim, FOUND_COLUMNS, false);
        dbk_text_add_char(out, '\n');
    }
    dbk_text_reset(&reached);
}

static void put_explorations(struct page *page)
{
    struct dbk_text section = {0};
    size_t used = 0, left_out = 0;

    for (size_t i = 0; i < page->report->exploration_count; i++) {
        dbk_text_clear(&section);
        put_exploration(page, &page->report->explorations[i], &section);
        if (used + section.length > EXPLORED_MAX) {
            left_out++;
            continue;
        }
        used += section.length;
        dbk_text_put(page->out, section.bytes, section.length);
    }
    if (left_out > 0)
        dbk_text_printf(page->out, "\n%zu more explored scenarios are left out here.\n", left_out);
    dbk_text_reset(&section);
}

static void put_sim_only(struct page *page)
{
    const struct dbk_report *report = page->report;

    if (report->sim_only_count > 0)
        dbk_text_add(page->out, "\nNot played, for the simulation only:\n\n");
    for (size_t i = 0; i < report->sim_only_count && i < SECTION_MAX; i++) {
        dbk_text_add(page->out, "- ");
        put_code(page, page->out, report->sim_only[i].name, DBK_PLAIN_NAME, false);
        dbk_text_add(page->out, ": ");
        put_code(page, page->out, report->sim_only[i].reason, FOUND_COLUMNS, false);
        dbk_text_add_char(page->out, '\n');
    }
    put_more(page->out, report->sim_only_count, "stories");
}

static size_t room_of(const struct page *page)
{
    size_t used = page->out->length - page->begin + REMARK_MAX;

    return used < DBK_MARKDOWN_MAX ? DBK_MARKDOWN_MAX - used : 0;
}

/* Each of the scenarios still to be told has an equal share of what room is left. */
static void put_sections_of(struct page *page, enum dbk_verdict verdict, size_t *waiting)
{
    struct dbk_text section = {0};

    for (size_t i = 0; i < page->report->outcome_count; i++) {
        const struct dbk_outcome *outcome = page->report->outcomes[i];
        size_t room = room_of(page);

        if (outcome->verdict != verdict)
            continue;
        size_t share = room / (*waiting)--;
        dbk_text_clear(&section);
        put_section(page, outcome, &section);
        if (section.length >= room) {
            page->left_out++;
            continue;
        }
        dbk_text_put(page->out, section.bytes, section.length);
        share = share > section.length ? share - section.length : 0;
        share = put_found_scenario(page, outcome, share);
        if (verdict == DBK_VIOLATED)
            put_story(page, outcome, share);
    }
    dbk_text_reset(&section);
}

static void put_sections(struct page *page)
{
    size_t waiting = 0;

    for (size_t i = 0; i < page->report->outcome_count; i++)
        waiting += page->report->outcomes[i]->verdict != DBK_PASSED;
    for (int verdict = DBK_VERDICTS - 1; verdict > DBK_PASSED; verdict--)
        put_sections_of(page, (enum dbk_verdict)verdict, &waiting);
}

static void put_head(struct page *page)
{
    const struct dbk_report *report = page->report;

    dbk_text_printf(page->out, "## doublebook: %s\n\n",
                    dbk_verdict_name(dbk_report_verdict(report)));
    dbk_found_count(report, page->out);
    if (report->policy) {
        dbk_text_add(page->out, "; policy ");
        put_code(page, page->out, report->policy, DBK_PLAIN_NAME, false);
    }
    if (report->stage) {
        dbk_text_add(page->out, ", stage ");
        put_code(page, page->out, report->stage, DBK_PLAIN_NAME, false);
    }
    if (report->seed != DBK_ABSENT)
        dbk_text_printf(page->out, ", seed %" PRId64, report->seed);
    dbk_text_add(page->out, ".\n");
}

void dbk_report_markdown(const struct dbk_report *report, struct dbk_text *out)
{
    struct page page = {.report = report, .out = out, .begin = out->length};

    put_head(&page);
    put_table(&page);
    put_explorations(&page);
    put_sim_only(&page);
    put_sections(&page);
    if (page.left_out + page.stories_cut > 0)
        dbk_text_printf(
            out,
            "\nCut to fit a comment: %zu of the stories were shortened or left out, %zu "
            "of the scenarios that did not pass are only counted. The JUnit and JSON "
            "reports have all of them.\n",
            page.stories_cut, page.left_out);
    dbk_text_reset(&page.plain);
}
