#include "runner/decide/saw.h"

#include "base/history.h"
#include "base/text.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 24

/* An event as it is read. */
struct event {
    const struct dbk_saw_row *row;
    char name[NAME_MAX_BYTES];
    char argument[NAME_MAX_BYTES]; /* "" where there is none */
    int64_t at_ms;                 /* wall; DBK_ABSENT: not said */
};

enum row {
    ASKED,
    HOLD_ASKED,
    CONFIRM_ASKED,
    CANCEL_ASKED,
    CREATE,
    CREATE_ANEW,
    LOOK_UP,
    GET,
    CONFIRM,
    CANCEL,
    TIMEOUT,
    BROKEN,
    NOT_SENT,
    ERROR,
    NOT_CREATED,
    REFUSED,
    ANSWERED,
    NOTHING,
    CALLBACK,
    OPERATOR,
    ROWS
};

const struct dbk_saw_row dbk_saw_rows[] = {
    [ASKED] = {"asked", NULL, "the traveller asked for it"},
    [HOLD_ASKED] = {"hold-asked", NULL, "the traveller wants it held, to decide later"},
    [CONFIRM_ASKED] = {"confirm-asked", NULL, "the traveller confirms what is held"},
    [CANCEL_ASKED] = {"cancel-asked", NULL, "the traveller wants it cancelled"},
    [CREATE] = {"create", NULL, "a create left, under the key of the one before it"},
    [CREATE_ANEW] = {"create-anew", NULL, "a create left under a new key"},
    [LOOK_UP] = {"look-up", NULL, "the partner was asked what it has under the key"},
    [GET] = {"get", NULL, "the partner was asked for the reservation by its id"},
    [CONFIRM] = {"confirm", NULL, "a confirm of the hold left"},
    [CANCEL] = {"cancel", NULL, "a cancel of the reservation left"},
    [TIMEOUT] = {"timeout", NULL, "the last request got no answer in time"},
    [BROKEN] = {"broken", NULL, "the last request's connection broke, or its answer is no use"},
    [NOT_SENT] = {"not-sent", NULL, "the last request certainly never left"},
    [ERROR] = {"error", "HTTP", "the last request was answered with a server error"},
    [NOT_CREATED] = {"not-created", "HTTP",
                     "the last create was answered with a server error that says in its body that "
                     "nothing was made"},
    [REFUSED] = {"refused", NULL, "the last request was refused, without effect"},
    [ANSWERED] = {"answered", "STATE",
                  "the last request was answered: a reservation in this state"},
    [NOTHING] = {"nothing", NULL, "the last look-up or get showed nothing"},
    [CALLBACK] = {"callback", "STATE", "the partner called back about the reservation"},
    [OPERATOR] = {"operator", NULL, "it was handed to a person"},
};
const size_t dbk_saw_row_count = DBK_COUNT(dbk_saw_rows);
_Static_assert(DBK_COUNT(dbk_saw_rows) == ROWS, "a row for each event");

void dbk_saw_begin(struct dbk_saw *saw, const struct dbk_profile *profile,
                   const struct dbk_policy *policy, struct dbk_arena *arena)
{
    *saw = (struct dbk_saw){
        .profile = profile, .policy = policy, .arena = arena, .now_ms = DBK_SAW_ZERO_MS};
    saw->evidence = dbk_arena_alloc(arena, DBK_SAW_MAX * sizeof(*saw->evidence));
}

static int64_t patience_ms(const struct dbk_saw *saw, enum dbk_call call)
{
    static const enum dbk_setting_id settings[DBK_CALLS] = {
        [DBK_CALL_CREATE] = DBK_SETTING_CREATE_TIMEOUT,
        [DBK_CALL_LOOK_UP] = DBK_SETTING_LOOK_UP_TIMEOUT,
        [DBK_CALL_GET] = DBK_SETTING_LOOK_UP_TIMEOUT,
        [DBK_CALL_CANCEL] = DBK_SETTING_CANCEL_TIMEOUT,
        [DBK_CALL_CONFIRM] = DBK_SETTING_CONFIRM_TIMEOUT,
        [DBK_CALL_EXTEND] = DBK_SETTING_CONFIRM_TIMEOUT,
    };

    return saw->policy->settings_ms[settings[call]];
}

/* The newest record that a test fits, or NULL. */
static const struct dbk_evidence *newest(const struct dbk_saw *saw,
                                         bool (*fits)(const struct dbk_evidence *record))
{
    for (size_t i = saw->count; i > 0; i--)
        if (fits(&saw->evidence[i - 1]))
            return &saw->evidence[i - 1];
    return NULL;
}

static bool is_sent(const struct dbk_evidence *record)
{
    return record->kind == DBK_EVIDENCE_SENT;
}

static bool is_create(const struct dbk_evidence *record)
{
    return record->kind == DBK_EVIDENCE_SENT && record->call == DBK_CALL_CREATE;
}

static bool names_reservation(const struct dbk_evidence *record)
{
    return record->reservation && record->kind != DBK_EVIDENCE_SENT;
}

/* The last request, if nothing came of it yet; else NULL. */
static const struct dbk_evidence *open_request(const struct dbk_saw *saw)
{
    const struct dbk_evidence *sent = newest(saw, is_sent);

    for (size_t i = 0; sent && i < saw->count; i++)
        if (&saw->evidence[i] != sent && saw->evidence[i].attempt == sent->number)
            return NULL;
    return sent;
}

static void add(struct dbk_saw *saw, struct dbk_evidence record)
{
    record.booking = 1;
    record.number = (int64_t)saw->count + 1;
    record.at_ms = saw->now_ms;
    if (record.version == 0)
        record.version = DBK_ABSENT;
    if (record.kind == DBK_EVIDENCE_SENT)
        record.attempt = record.number;
    saw->evidence[saw->count++] = record;
}

/* Requests. */

static bool send(struct dbk_saw *saw, enum dbk_call call, bool is_anew, char why[static 160])
{
    const struct dbk_evidence *create = newest(saw, is_create);
    const struct dbk_evidence *named = newest(saw, names_reservation);
    struct dbk_evidence sent = {.kind = DBK_EVIDENCE_SENT, .call = call, .nth = 1};
    bool is_by_key = call == DBK_CALL_CREATE || call == DBK_CALL_LOOK_UP;
    int64_t patience = patience_ms(saw, call);

    for (size_t i = 0; i < saw->count; i++)
        sent.nth += is_sent(&saw->evidence[i]) && saw->evidence[i].call == call;
    if (is_by_key && (is_anew || !create))
        sent.key = dbk_arena_printf(saw->arena, "K%lld", (long long)sent.nth);
    else if (is_by_key)
        sent.key = create->key;
    else if (named)
        sent.reservation = named->reservation;
    if (call == DBK_CALL_LOOK_UP && !create) {
        snprintf(why, 160, "nothing was created that could be looked up");
        return false;
    }
    if (!is_by_key && !named) {
        snprintf(why, 160, "no reservation is known that could be asked for");
        return false;
    }
    sent.left_by_ms = saw->now_ms + patience;
    sent.deadline_ms = sent.left_by_ms + patience;
    add(saw, sent);
    return true;
}

/* What came of them. */

static struct dbk_evidence outcome_of(const struct dbk_evidence *sent, enum dbk_evidence_kind kind)
{
    return (struct dbk_evidence){.kind = kind,
                                 .call = sent->call,
                                 .attempt = sent->number,
                                 .key = sent->key,
                                 .reservation = sent->reservation,
                                 .version = DBK_ABSENT};
}

/* One name for each create that was answered; a look-up shows what the newest create made. */
static const char *reservation_of(struct dbk_saw *saw, const struct dbk_evidence *sent)
{
    const struct dbk_evidence *named = newest(saw, names_reservation);
    int64_t made = 1;

    if (sent && sent->reservation)
        return sent->reservation;
    if (named && (!sent || sent->call != DBK_CALL_CREATE || dbk_same(named->key, sent->key)))
        return named->reservation;
    for (size_t i = 0; i < saw->count; i++)
        made += names_reservation(&saw->evidence[i]) && saw->evidence[i].call == DBK_CALL_CREATE;
    return dbk_arena_printf(saw->arena, "R%lld", (long long)made);
}

static bool doubt(struct dbk_saw *saw, const struct dbk_evidence *sent, const struct event *event)
{
    struct dbk_evidence record = outcome_of(sent, DBK_EVIDENCE_IN_DOUBT);
    int64_t waited_ms = event->row == &dbk_saw_rows[TIMEOUT] ? sent->left_by_ms - sent->at_ms : 0;

    record.reservation = NULL;
    record.left_by_ms = saw->now_ms - waited_ms;
    if (event->argument[0] && !dbk_parse_integer(event->argument, &record.http))
        return false;
    bool tells = event->row == &dbk_saw_rows[NOT_CREATED];
    if (tells && sent->call != DBK_CALL_CREATE)
        return false;
    if ((tells || event->row == &dbk_saw_rows[ERROR]) && (record.http < 500 || record.http > 599))
        return false;
    if (tells)
        record.state = DBK_THEIRS_NONE;
    add(saw, record);
    return true;
}

static bool read_state(const char *name, enum dbk_theirs *state)
{
    *state = dbk_theirs_by_name(name);
    return *state<DBK_THEIR_STATES && * state> DBK_THEIRS_NONE;
}

static bool answer(struct dbk_saw *saw, const struct dbk_evidence *sent, const char *state)
{
    bool is_look_up = sent->call == DBK_CALL_LOOK_UP;
    struct dbk_evidence record =
        outcome_of(sent, is_look_up ? DBK_EVIDENCE_FOUND : DBK_EVIDENCE_ANSWERED);

    record.http = 200;
    record.reservation = reservation_of(saw, sent);
    if (!read_state(state, &record.state))
        return false;
    if (record.state == DBK_THEIRS_ON_HOLD)
        record.expires_ms = saw->now_ms + saw->profile->hold_ms;
    add(saw, record);
    return true;
}

static bool call_back(struct dbk_saw *saw, const char *state)
{
    const struct dbk_evidence *create = newest(saw, is_create);
    struct dbk_evidence record = {.kind = DBK_EVIDENCE_CALLBACK,
                                  .key = create ? create->key : NULL};

    record.reservation = reservation_of(saw, NULL);
    if (!read_state(state, &record.state))
        return false;
    add(saw, record);
    return true;
}

/* A get that shows nothing says that there is no such reservation. */
static bool show_nothing(struct dbk_saw *saw, const struct dbk_evidence *sent)
{
    struct dbk_evidence record = outcome_of(sent, DBK_EVIDENCE_NOTHING);

    if (sent->call != DBK_CALL_LOOK_UP && sent->call != DBK_CALL_GET)
        return false;
    if (sent->call == DBK_CALL_GET) {
        record.kind = DBK_EVIDENCE_ANSWERED;
        record.state = DBK_THEIRS_NONE;
    }
    add(saw, record);
    return true;
}

static bool end_request(struct dbk_saw *saw, const struct event *event, char why[static 160])
{
    const struct dbk_evidence *sent = open_request(saw);
    bool fits = false;

    if (!sent) {
        snprintf(why, 160, "'%s' is of a request, and none is open", event->name);
        return false;
    }
    switch ((enum row)(event->row - dbk_saw_rows)) {
    case NOT_SENT:
        add(saw, outcome_of(sent, DBK_EVIDENCE_NOT_SENT));
        return true;
    case REFUSED:
        fits = sent->call != DBK_CALL_LOOK_UP && sent->call != DBK_CALL_GET;
        if (fits)
            add(saw, outcome_of(sent, DBK_EVIDENCE_REFUSED));
        break;
    case ANSWERED:
        fits = answer(saw, sent, event->argument);
        break;
    case NOTHING:
        fits = show_nothing(saw, sent);
        break;
    default:
        fits = doubt(saw, sent, event);
        break;
    }
    if (!fits)
        snprintf(why, 160, "'%s%s%s' is nothing that can come of a %s", event->name,
                 event->argument[0] ? "=" : "", event->argument, dbk_call_name(sent->call));
    return fits;
}

static bool happen(struct dbk_saw *saw, const struct event *event, char why[static 160])
{
    static const enum dbk_evidence_kind wishes[ROWS] = {
        [ASKED] = DBK_EVIDENCE_ASKED,
        [HOLD_ASKED] = DBK_EVIDENCE_HOLD_ASKED,
        [CONFIRM_ASKED] = DBK_EVIDENCE_CONFIRM_ASKED,
        [CANCEL_ASKED] = DBK_EVIDENCE_CANCEL_ASKED,
        [OPERATOR] = DBK_EVIDENCE_OPERATOR,
    };
    static const enum dbk_call calls[ROWS] = {
        [CREATE] = DBK_CALL_CREATE, [CREATE_ANEW] = DBK_CALL_CREATE, [LOOK_UP] = DBK_CALL_LOOK_UP,
        [GET] = DBK_CALL_GET,       [CONFIRM] = DBK_CALL_CONFIRM,    [CANCEL] = DBK_CALL_CANCEL,
    };
    enum row row = (enum row)(event->row - dbk_saw_rows);

    if (calls[row])
        return send(saw, calls[row], row == CREATE_ANEW, why);
    if (row == CALLBACK) {
        if (call_back(saw, event->argument))
            return true;
        snprintf(why, 160, "'%s' is no state of a reservation", event->argument);
        return false;
    }
    if (row > CANCEL && row < CALLBACK)
        return end_request(saw, event, why);
    add(saw, (struct dbk_evidence){.kind = wishes[row]});
    return true;
}

/* Reading. */

static bool copy_word(const char *from, size_t length, char to[static NAME_MAX_BYTES])
{
    if (length >= NAME_MAX_BYTES)
        return false;
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

static void complain_unknown(const char *name, char why[static 160])
{
    const char *names[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        names[i] = dbk_saw_rows[i].name;
    const char *closest = dbk_closest(name, names, ROWS);
    snprintf(why, 160, "there is no event '%.40s'%s%s%s; `decide --help` shows them all", name,
             closest ? " (did you mean '" : "", closest ? closest : "", closest ? "'?)" : "");
}

/* "answered=confirmed@12s" */
static bool read_event(const char *text, struct event *event, char why[static 160])
{
    size_t before_time = strcspn(text, "@");
    size_t name = strcspn(text, "=@");
    bool has_argument = text[name] == '=';
    int64_t after_ms = 0;

    *event = (struct event){.at_ms = DBK_ABSENT};
    if (!copy_word(text, name, event->name) ||
        (has_argument && !copy_word(text + name + 1, before_time - name - 1, event->argument))) {
        snprintf(why, 160, "'%.40s...' is too long for an event", text);
        return false;
    }
    for (size_t i = 0; i < ROWS && !event->row; i++)
        if (dbk_same(dbk_saw_rows[i].name, event->name))
            event->row = &dbk_saw_rows[i];
    if (!event->row) {
        complain_unknown(event->name, why);
        return false;
    }
    if (has_argument != (event->row->argument != NULL) || (has_argument && !event->argument[0])) {
        snprintf(why, 160, "'%s' %s%s%s", event->name,
                 event->row->argument ? "lacks what it says; expected " : "says nothing more",
                 event->row->argument ? event->name : "", event->row->argument ? "=..." : "");
        return false;
    }
    if (text[before_time] == '\0')
        return true;
    if (!dbk_duration_parse(text + before_time + 1, &after_ms) || after_ms < 0) {
        snprintf(why, 160, "'%.40s' is no time; expected one such as @10s", text + before_time);
        return false;
    }
    event->at_ms = DBK_SAW_ZERO_MS + after_ms;
    return true;
}

/* When it happened, where nobody says. */
static int64_t usual_ms(const struct dbk_saw *saw, const struct event *event)
{
    const struct dbk_evidence *sent = open_request(saw);

    if (event->row == &dbk_saw_rows[TIMEOUT] && sent)
        return sent->left_by_ms;
    return saw->count ? saw->now_ms + 1000 : saw->now_ms;
}

bool dbk_saw_add(struct dbk_saw *saw, const char *text, char why[static 160])
{
    struct event event;

    if (saw->count == DBK_SAW_MAX) {
        snprintf(why, 160, "these are more than %d events", DBK_SAW_MAX);
        return false;
    }
    if (!read_event(text, &event, why))
        return false;
    if (event.at_ms != DBK_ABSENT && event.at_ms < saw->now_ms) {
        snprintf(why, 160, "'%.60s' is before the event in front of it", text);
        return false;
    }
    saw->now_ms = event.at_ms == DBK_ABSENT ? usual_ms(saw, &event) : event.at_ms;
    return happen(saw, &event, why);
}
