#include "reports/story_lines.h"

#include "reports/plain.h"

#include <string.h>

/* Lanes are columns of the strip. */
enum { USER = 0, CORE = 4, PARTNER = 8, NO_LANE = -1 };

/* What a teller is given and fills in; text is where its sentence goes. */
struct telling {
    const struct dbk_history *history;
    const struct dbk_fact *fact;
    const struct dbk_fact *before, *after; /* neighbours in the history, or NULL */
    struct dbk_last *last;
    struct dbk_story_line *line;
    struct dbk_text *text;
};

static int lane_of(const struct dbk_history *history, const char *who)
{
    if (!who || dbk_same(who, "stage") || dbk_same(who, "wire"))
        return NO_LANE;
    if (dbk_starts_with(who, "core"))
        return CORE;
    return dbk_history_partner(history, who) ? PARTNER : USER;
}

static void strip_mark(struct dbk_story_line *line, int lane, char mark)
{
    if (lane != NO_LANE)
        line->strip[lane] = mark;
}

static void strip_arrow(struct dbk_story_line *line, int from, int to, bool arrives)
{
    int way = from < to ? 1 : -1;

    for (int at = from + way; at != to; at += way)
        line->strip[at] = '-';
    line->strip[from] = 'o';
    if (arrives)
        line->strip[to] = way > 0 ? '>' : '<';
    else
        line->strip[to - way] = 'x';
}

static const char *or_else(const char *name, const char *otherwise)
{
    return name ? name : otherwise;
}

static const char *partner_of(const struct dbk_fact *fact)
{
    return or_else(fact->who, "the partner");
}

/* "ana -> core  " */
static void say_way(const struct telling *t, const char *from, const char *to)
{
    dbk_plain_name(t->text, "", from);
    dbk_plain_name(t->text, " -> ", to);
    dbk_text_add(t->text, "  ");
}

static void say_number(const struct telling *t, const char *before, int64_t number)
{
    if (number == DBK_ABSENT)
        return;
    dbk_text_add(t->text, before);
    dbk_text_add_integer(t->text, number);
}

static void say_time(const struct telling *t, const char *before, int64_t ms, const char *behind)
{
    dbk_text_add(t->text, before);
    dbk_plain_time(t->text, ms);
    dbk_text_add(t->text, behind);
}

static void say_text(const struct telling *t, const char *before)
{
    if (!t->fact->text)
        return;
    dbk_text_add(t->text, before);
    dbk_plain_add(t->text, t->fact->text, DBK_PLAIN_TEXT);
}

static bool is_known(int64_t value)
{
    return value != DBK_ABSENT;
}

/* Later minus earlier where both are known and it is at least a second, else 0. */
static int64_t lag(int64_t earlier, int64_t later)
{
    if (!is_known(earlier) || !is_known(later) || earlier > later)
        return 0;
    return later - earlier < 1000 ? 0 : later - earlier;
}

/* The scenario's sentence of a step is told by the request it sends, if that comes next. */
static bool is_asked_by(const struct dbk_fact *step, const struct dbk_fact *asked)
{
    return step && asked && step->kind == DBK_FACT_STEP && asked->kind == DBK_FACT_ASKED;
}

static void tell_step(const struct telling *t)
{
    if (is_asked_by(t->fact, t->after))
        t->line->weight = DBK_STORY_NONE;
    dbk_text_add(t->text, "step");
    say_number(t, " ", t->fact->nth);
    say_text(t, ": ");
}

static const struct {
    const char *op, *verb;
    bool is_look; /* what was seen tells it */
} asks[] = {
    {"book", "books", false},
    {"again", "sends the same request again for", false},
    {"anew", "books once more, under a new key,", false},
    {"cancel", "cancels", false},
    {"hold", "has held", false},
    {"confirm", "confirms", false},
    {"extend", "asks for more time for", false},
    {"leave", "gives up", false},
    {"move", "decides", false},
    {"look", "looks at", true},
    {"watch", "watches", true},
    {"detail", "opens", true},
    {"list", "opens the list for", true},
};

static void tell_asked(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;
    const char *who = or_else(fact->who, "somebody");
    const char *told = is_asked_by(t->before, fact) ? t->before->text : NULL;
    size_t ask = 0;

    while (ask < DBK_COUNT(asks) && !dbk_same(fact->op, asks[ask].op))
        ask++;
    if (ask < DBK_COUNT(asks) && asks[ask].is_look)
        t->line->weight = DBK_STORY_NONE;
    strip_arrow(t->line, USER, CORE, true);
    say_way(t, who, or_else(fact->to, "core"));
    if (told && dbk_starts_with(told, who) && told[strlen(who)] == ' ') {
        dbk_plain_add(t->text, told + strlen(who) + 1, DBK_PLAIN_TEXT);
    } else {
        dbk_plain_name(t->text, "", ask < DBK_COUNT(asks) ? asks[ask].verb : fact->op);
        dbk_plain_name(t->text, " ", or_else(fact->booking, fact->intent));
    }
    dbk_plain_name(t->text, ", key ", fact->key);
}

static bool shows_the_same(const struct dbk_fact *one, const struct dbk_fact *other)
{
    return one && dbk_same(one->status, other->status) && dbk_same(one->sync, other->sync) &&
           one->http == other->http;
}

/* The system's own id of the booking, once, for whoever reads its logs. */
static void say_id(const struct telling *t)
{
    struct dbk_last_entry *entry = dbk_last_of(t->last, "id", t->fact->booking, NULL, NULL);

    if (!entry->fact)
        dbk_plain_name(t->text, ", ", t->fact->text);
    if (t->fact->text)
        entry->fact = t->fact;
}

static void tell_read(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;
    const char *booking = or_else(fact->booking, fact->intent);
    struct dbk_last_entry *entry = dbk_last_of(t->last, "read", booking, fact->who, fact->surface);
    const struct dbk_fact *seen = entry->fact;
    bool has_moved = seen && seen->status && !dbk_same(seen->status, fact->status);

    entry->fact = fact;
    strip_arrow(t->line, CORE, USER, true);
    dbk_plain_name(t->text, "", or_else(fact->who, "somebody"));
    dbk_plain_name(t->text, " sees  ", or_else(booking, "something"));
    dbk_plain_name(t->text, ": ", has_moved ? seen->status : NULL);
    dbk_text_add(t->text, has_moved ? " -> " : ": ");
    dbk_plain_name(t->text, "",
                   or_else(fact->status, is_known(fact->http) ? "no booking" : "no answer"));
    dbk_plain_name(t->text, " (", or_else(fact->surface, or_else(fact->op, "read")));
    dbk_plain_name(t->text, ", sync ", fact->sync);
    say_number(t, ", version ", fact->version);
    if (is_known(fact->http) && (fact->http < 200 || fact->http > 299))
        say_number(t, ", HTTP ", fact->http);
    say_id(t);
    dbk_text_add_char(t->text, ')');
    if (shows_the_same(seen, fact))
        t->line->weight = DBK_STORY_READ_AGAIN;
}

static bool is_look_up(const struct dbk_fact *fact)
{
    return dbk_same(fact->op, "look-up") || dbk_same(fact->op, "get");
}

static bool is_lost(const struct dbk_fact *fact)
{
    return dbk_same(fact->fate, "lost");
}

/* "key rv-1" at first, then "the same key" or "a new key rv-2". */
static void say_key(const struct telling *t)
{
    struct dbk_last_entry *entry = NULL;

    if (!t->fact->key)
        return;
    if (t->fact->intent && dbk_same(t->fact->op, "create")) {
        entry = dbk_last_of(t->last, "create", t->fact->who, t->fact->intent, NULL);
        if (entry->fact && dbk_same(entry->fact->key, t->fact->key)) {
            dbk_plain_name(t->text, ", the same key ", t->fact->key);
            return;
        }
    }
    dbk_plain_name(t->text, entry && entry->fact ? ", a new key " : ", key ", t->fact->key);
    if (entry)
        entry->fact = t->fact;
}

static void tell_saw(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;
    int64_t travelled = lag(fact->asked_ms, fact->at_ms);

    if (is_look_up(fact) && !is_lost(fact))
        t->line->weight = DBK_STORY_NONE; /* Its answer tells it. */
    strip_arrow(t->line, CORE, PARTNER, !is_lost(fact));
    say_way(t, or_else(fact->to, "core"), partner_of(fact));
    dbk_plain_name(t->text, "", or_else(fact->op, "request"));
    say_number(t, ", attempt ", fact->attempt);
    say_key(t);
    if (travelled)
        say_time(t, ", sent ", travelled, " ago");
    if (is_lost(fact)) {
        dbk_plain_name(t->text, ": LOST, ", partner_of(fact));
        dbk_text_add(t->text, " never handles it");
    }
}

static bool is_live(const char *state)
{
    return dbk_same(state, "on_hold") || dbk_same(state, "pending") || dbk_same(state, "confirmed");
}

/* Counts the live reservations of an intent and says so when there are too many. */
static void say_live(const struct telling *t, const char *state_before)
{
    const char *intent = or_else(t->fact->intent, t->fact->key);
    int64_t change = is_live(t->fact->state) - is_live(state_before);
    struct dbk_last_entry *live = NULL;

    if (!intent)
        return;
    live = dbk_last_of(t->last, "live", intent, NULL, NULL);
    live->count += change;
    if (change <= 0 || live->count < 2)
        return;
    dbk_plain_name(t->text, "; ", intent);
    say_number(t, " now has ", live->count);
    dbk_text_add(t->text, " live reservations");
}

static void tell_effect(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;
    struct dbk_last_entry *entry =
        dbk_last_of(t->last, "reservation", fact->intent, fact->who, fact->reservation);
    const char *before = fact->state_before ? fact->state_before
                         : entry->fact      ? entry->fact->state
                                            : NULL;

    strip_mark(t->line, PARTNER, '*');
    dbk_plain_name(t->text, "", partner_of(fact));
    dbk_text_add(t->text, before ? "  moves " : "  books ");
    dbk_plain_name(t->text, "", or_else(fact->reservation, "a reservation"));
    if (!before)
        dbk_plain_name(t->text, " for ", or_else(fact->intent, fact->key));
    say_number(t, ", units ", before ? DBK_ABSENT : fact->units);
    dbk_plain_name(t->text, ": ", before);
    dbk_plain_name(t->text, before ? " -> " : ": ", fact->state);
    if (before && dbk_same(fact->by, "itself"))
        dbk_text_add(t->text, " by itself");
    say_live(t, before);
    entry->fact = fact;
}

/* The ends of an answer that nobody could use; by fate. */
static const struct {
    const char *fate, *end;
} fates[] = {
    {"lost", ": LOST, core never hears it"},
    {"late", ": TOO LATE, core no longer waits"},
    {"unknown", "; whether it arrived is not known"},
};

static void tell_answer(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;

    strip_arrow(t->line, PARTNER, CORE, !is_lost(fact) && !dbk_same(fact->fate, "late"));
    say_way(t, partner_of(fact), or_else(fact->to, "core"));
    dbk_plain_name(t->text, "answer to ", or_else(fact->op, "request"));
    say_number(t, " ", fact->attempt);
    dbk_text_add_char(t->text, ':');
    say_number(t, " ", fact->http);
    dbk_plain_name(t->text, " ", dbk_same(fact->state, "none") ? "nothing found" : fact->state);
    dbk_plain_name(t->text, " ", fact->reservation);
    say_text(t, " ");
    if (is_known(fact->retry_ms))
        say_time(t, ", not to be asked for ", fact->retry_ms, "");
    for (size_t i = 0; i < DBK_COUNT(fates); i++)
        if (dbk_same(fact->fate, fates[i].fate))
            dbk_text_add(t->text, fates[i].end);
    if (is_look_up(fact) && dbk_same(fact->state, "none") && dbk_same(fact->fate, "delivered"))
        t->line->weight = DBK_STORY_FOUND_NOTHING;
}

static void tell_callback(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;
    const struct dbk_fact *now =
        dbk_last_of(t->last, "reservation", fact->intent, fact->who, fact->reservation)->fact;
    int64_t held = lag(fact->made_ms, fact->at_ms);

    strip_arrow(t->line, PARTNER, CORE, true);
    say_way(t, partner_of(fact), or_else(fact->to, "core"));
    dbk_text_add(t->text, "callback");
    if (is_known(fact->nth) && fact->nth > 1)
        say_number(t, " copy ", fact->nth);
    if (held)
        say_time(t, " made ", held, " ago");
    dbk_plain_name(t->text, " says ", or_else(fact->reservation, "a reservation"));
    dbk_plain_name(t->text, " is ", fact->state);
    if (now && fact->state && !dbk_same(now->state, fact->state))
        dbk_plain_name(t->text, "; by now it is ", now->state);
}

static void tell_callback_answered(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;

    strip_arrow(t->line, CORE, PARTNER, !is_lost(fact));
    say_way(t, or_else(fact->to, "core"), partner_of(fact));
    dbk_text_add(t->text, is_lost(fact) ? "no answer to the callback" : "callback answered");
    say_number(t, ": ", fact->http);
}

static void tell_fault(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;

    strip_mark(t->line, lane_of(t->history, fact->who), '!');
    dbk_plain_name(t->text, "", or_else(fact->who, "somebody"));
    dbk_plain_name(t->text, "  fault ", or_else(fact->fault, "unnamed"));
    dbk_plain_name(t->text, ", by ", fact->by);
    if (is_known(fact->line) && fact->line > 0)
        say_number(t, ", line ", fact->line);
    dbk_plain_name(t->text, "; it breaks the promise ", fact->claim);
}

static void tell_process(const struct telling *t)
{
    strip_mark(t->line, lane_of(t->history, t->fact->who), '*');
    dbk_plain_name(t->text, "", or_else(t->fact->who, "a process"));
    dbk_plain_name(t->text, "  is ", or_else(t->fact->fate, "in an unknown state"));
    say_text(t, ": ");
}

static void tell_store(const struct telling *t)
{
    strip_mark(t->line, CORE, '*');
    dbk_plain_name(t->text, "store  checked: ", or_else(t->fact->fate, "not known"));
    say_text(t, ", ");
}

static void tell_end(const struct telling *t)
{
    dbk_plain_name(t->text, "the run ends: ", or_else(t->fact->fate, "not known why"));
    say_text(t, ", ");
}

static void tell_core(const struct telling *t)
{
    const struct dbk_fact *fact = t->fact;

    strip_mark(t->line, CORE, ':');
    t->line->weight = DBK_STORY_NOTE;
    dbk_plain_name(t->text, "  ", or_else(fact->who, "core"));
    dbk_plain_name(t->text, " -> ", fact->to);
    dbk_plain_name(t->text, ": ", fact->op);
    say_number(t, " ", fact->attempt);
    dbk_plain_name(t->text, ", key ", fact->key);
    dbk_plain_name(t->text, ", ", fact->fate);
    say_number(t, ", HTTP ", fact->http);
    say_text(t, ", ");
}

static void tell_note(const struct telling *t)
{
    strip_mark(t->line, lane_of(t->history, t->fact->who), ':');
    t->line->weight = DBK_STORY_NOTE;
    dbk_plain_name(t->text, "  ", or_else(t->fact->who, "note"));
    say_text(t, ": ");
}

static void (*const tellers[DBK_FACT_KINDS])(const struct telling *t) = {
    [DBK_FACT_STEP] = tell_step,         [DBK_FACT_ASKED] = tell_asked,
    [DBK_FACT_READ] = tell_read,         [DBK_FACT_SAW] = tell_saw,
    [DBK_FACT_EFFECT] = tell_effect,     [DBK_FACT_ANSWER] = tell_answer,
    [DBK_FACT_CALLBACK] = tell_callback, [DBK_FACT_CALLBACK_ANSWERED] = tell_callback_answered,
    [DBK_FACT_FAULT] = tell_fault,       [DBK_FACT_PROCESS] = tell_process,
    [DBK_FACT_STORE] = tell_store,       [DBK_FACT_END] = tell_end,
    [DBK_FACT_CORE] = tell_core,         [DBK_FACT_NOTE] = tell_note,
};

void dbk_story_tell(const struct dbk_history *history, size_t index, struct dbk_last *last,
                    struct dbk_story_line *line)
{
    const struct dbk_fact *fact = &history->facts[index];
    struct telling telling = {
        .history = history,
        .fact = fact,
        .before = index > 0 ? fact - 1 : NULL,
        .after = index + 1 < history->fact_count ? fact + 1 : NULL,
        .last = last,
        .line = line,
        .text = &line->text,
    };

    line->weight = DBK_STORY_FULL;
    memcpy(line->strip, ".   .   .", sizeof(line->strip));
    dbk_text_clear(&line->text);
    tellers[fact->kind](&telling);
}
