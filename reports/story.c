#include "reports/story.h"

#include "reports/found.h"
#include "reports/plain.h"

#include <inttypes.h>

int64_t dbk_story_day(int64_t epoch_ms)
{
    return epoch_ms / DBK_DAY_MS - (epoch_ms % DBK_DAY_MS < 0);
}

/* What the first clock that was read said, or DBK_ABSENT. */
static int64_t first_reading(const struct dbk_history *history)
{
    for (size_t i = 0; i < history->fact_count; i++)
        if (history->facts[i].reads_ms != DBK_ABSENT)
            return history->facts[i].reads_ms;
    return DBK_ABSENT;
}

/* What the story is about: the bookings of its violations, their intents, and all bookings of
 * those; everything if a violation is of the whole run, or if there is none. */

static void tell_about(struct dbk_story *story, const char *word)
{
    if (word)
        dbk_last_of(&story->last, "about", word, NULL, NULL)->count = 1;
}

static bool is_about(struct dbk_story *story, const char *word)
{
    return word && dbk_last_of(&story->last, "about", word, NULL, NULL)->count > 0;
}

bool dbk_story_is_elsewhere(struct dbk_story *story, const struct dbk_fact *fact)
{
    if (story->is_about_all || (!fact->intent && !fact->booking))
        return false;
    return !is_about(story, fact->intent) && !is_about(story, fact->booking);
}

static void find_about(struct dbk_story *story)
{
    const struct dbk_outcome *outcome = story->outcome;

    story->is_about_all = outcome->violation_count == 0;
    for (size_t i = 0; i < outcome->violation_count; i++) {
        story->is_about_all = story->is_about_all || !outcome->violations[i].booking;
        tell_about(story, outcome->violations[i].booking);
    }
    for (size_t i = 0; i < story->history->fact_count; i++)
        if (is_about(story, story->history->facts[i].booking))
            tell_about(story, story->history->facts[i].intent);
    for (size_t i = 0; i < story->history->fact_count; i++)
        if (is_about(story, story->history->facts[i].intent))
            tell_about(story, story->history->facts[i].booking);
}

/* Adds a paragraph of what is in text, if anything, and empties text. */
static void put_paragraph(struct dbk_story *story, struct dbk_text *text, size_t indent)
{
    if (text->length == 0)
        return;
    dbk_plain_fill(story->out, story->out->length, indent);
    dbk_plain_wrap(story->out, text->bytes, indent + 2, story->width - indent - 2);
    dbk_text_clear(text);
}

static void put_played(struct dbk_story *story)
{
    const struct dbk_outcome *outcome = story->outcome;
    const struct dbk_terms *terms = &story->history->terms;
    struct dbk_text text = {0};

    dbk_plain_name(&text, "The story of ", outcome->name ? outcome->name : "a run");
    dbk_plain_name(&text, ", played with the policy ", outcome->policy);
    dbk_plain_name(&text, ", stage ", story->history->stage);
    if (story->history->seed != DBK_ABSENT)
        dbk_text_printf(&text, ", seed %" PRId64, story->history->seed);
    if (outcome->file) {
        dbk_text_add(&text, " (");
        dbk_plain_add(&text, outcome->file, DBK_PLAIN_TEXT);
        dbk_text_add_char(&text, ')');
    }
    dbk_text_add_char(&text, '.');
    put_paragraph(story, &text, 0);
    for (size_t i = 0; i < terms->step_count; i++) {
        dbk_text_add(&text, i == 0 ? "Steps: " : "; ");
        dbk_plain_add(&text, terms->steps[i].text, DBK_PLAIN_TEXT);
    }
    put_paragraph(story, &text, 2);
    for (size_t i = 0; i < terms->fault_count; i++) {
        dbk_plain_name(&text, i == 0 ? "Faults in the script: " : "; ", terms->faults[i].fault);
        dbk_plain_name(&text, " by ", terms->faults[i].rule);
    }
    put_paragraph(story, &text, 2);
    dbk_text_reset(&text);
}

/* What the marks in the history stand for; told in full behind it. */
static void put_violated(struct dbk_story *story)
{
    const struct dbk_outcome *outcome = story->outcome;
    struct dbk_text text = {0};

    for (size_t i = 0; i < outcome->violation_count; i++) {
        dbk_text_printf(&text, "%s[%zu]", i == 0 ? "Violated, on the facts marked >: " : ", ",
                        i + 1);
        dbk_plain_name(&text, " ", outcome->violations[i].invariant);
    }
    put_paragraph(story, &text, 2);
    dbk_text_reset(&text);
}

static void put_clocks(struct dbk_story *story)
{
    const struct dbk_history *history = story->history;
    int64_t first = first_reading(history);
    char date[DBK_INSTANT_TEXT];
    struct dbk_text text = {0};

    if (first == DBK_ABSENT)
        return;
    story->first_day = dbk_story_day(first);
    dbk_instant_print(first, date);
    dbk_text_printf(&text, "Clocks: %.10s, UTC", date);
    for (size_t i = 0; i < history->clock_count; i++) {
        char offset[DBK_DURATION_TEXT];

        dbk_duration_print(history->clocks[i].offset_ms, offset);
        dbk_plain_name(&text, i == 0 ? "; " : ", ", history->clocks[i].name);
        dbk_text_printf(&text, " %s%s", history->clocks[i].offset_ms > 0 ? "+" : "", offset);
    }
    if (history->clock_count > 0)
        dbk_text_add(&text, " beside true time");
    dbk_text_add_char(&text, '.');
    put_paragraph(story, &text, 2);
    dbk_text_reset(&text);
}

static void put_violation(struct dbk_story *story, size_t index)
{
    const struct dbk_violation *violation = &story->outcome->violations[index];
    struct dbk_text text = {0};

    dbk_text_printf(&text, "[%zu] ", index + 1);
    dbk_plain_name(&text, "", violation->invariant ? violation->invariant : "unnamed");
    dbk_text_add(&text, " - VIOLATED");
    if (violation->at_ms != DBK_ABSENT) {
        dbk_text_add(&text, " at ");
        dbk_plain_time(&text, violation->at_ms);
    }
    dbk_plain_name(&text, ", owed by the ", violation->owed_by);
    dbk_text_add_char(story->out, '\n');
    dbk_terminal_colour(story->terminal, DBK_COLOUR_RED, story->out);
    put_paragraph(story, &text, 0);
    dbk_terminal_end_colour(story->terminal, story->out);
    dbk_text_add(&text, violation->rule ? "The rule: " : NULL);
    dbk_plain_add(&text, violation->rule, DBK_PLAIN_TEXT);
    put_paragraph(story, &text, 4);
    dbk_text_add(&text, violation->detail ? "Here: " : NULL);
    dbk_plain_add(&text, violation->detail, DBK_PLAIN_TEXT);
    put_paragraph(story, &text, 4);
    if (violation->evidence_count > 0)
        dbk_text_add(&text, violation->evidence_count == 1 ? "Rests on fact" : "Rests on facts");
    for (size_t i = 0; i < violation->evidence_count; i++)
        dbk_text_printf(&text, "%s%zu", i == 0 ? " " : ", ", violation->evidence[i]);
    if (violation->line > 0)
        dbk_text_printf(&text, "%s line %d of the scenario", text.length > 0 ? "; see" : "See",
                        violation->line);
    put_paragraph(story, &text, 4);
    dbk_text_reset(&text);
}

/* Not wrapped and hardly ever cut: the command is there to be pasted. */
static void put_replays(struct dbk_story *story)
{
    const char *before = NULL;
    struct dbk_text text = {0};

    for (size_t i = 0; i < story->outcome->violation_count; i++) {
        const struct dbk_violation *violation = &story->outcome->violations[i];

        if (!violation->replay || dbk_same(violation->replay, before))
            continue;
        dbk_text_clear(&text);
        if (story->terminal->is_here)
            dbk_text_add(&text, violation->replay);
        else
            dbk_found_replay(story->outcome, violation, &text);
        dbk_text_add(story->out, before ? "replay: " : "\nreplay: ");
        dbk_plain_add(story->out, text.bytes, 4096);
        dbk_text_add_char(story->out, '\n');
        before = violation->replay;
    }
    dbk_text_reset(&text);
}

void dbk_report_story(const struct dbk_outcome *outcome, const struct dbk_terminal *terminal,
                      struct dbk_text *out)
{
    struct dbk_history nothing = {.seed = DBK_ABSENT};
    struct dbk_story story = {
        .outcome = outcome,
        .history = outcome->history ? outcome->history : &nothing,
        .terminal = terminal,
        .out = out,
        .width = dbk_terminal_width(terminal),
    };

    find_about(&story);
    put_played(&story);
    put_violated(&story);
    if (outcome->history) {
        put_clocks(&story);
        dbk_story_put_history(&story);
    } else {
        dbk_text_add(out, "  Its history was not kept.\n");
    }
    for (size_t i = 0; i < outcome->violation_count; i++)
        put_violation(&story, i);
    dbk_story_put_beliefs(&story);
    put_replays(&story);
    dbk_last_reset(&story.last);
}
