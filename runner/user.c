#include "runner/user.h"

#include "base/json.h"
#include "runner/user_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_TIMEOUT_MS 30000

/* The surfaces a person can look at; bits of what was looked at, for the last look. */
enum surface { PAGE, DETAIL, LIST, SURFACES };
static const struct {
    const char *name, *last_op; /* what the last look at it is called */
    enum dbk_operation operation;
} surfaces[SURFACES] = {
    [PAGE] = {"page", "look", DBK_OPERATION_LOOK},
    [DETAIL] = {"detail", "detail", DBK_OPERATION_DETAIL},
    [LIST] = {"list", "list", DBK_OPERATION_LIST},
};

struct wish { /* one booking as the scenario names it */
    const char *alias, *intent;
    const struct dbk_step *step; /* BOOK, or the BOOK that ANEW repeats */
    size_t intent_row;           /* from 1: which intent this is */
    char key[32], guest[160], id[256];
};

struct view {        /* what one person sees of one wish */
    unsigned looked; /* bits of surfaces looked at: for the last look */
    bool is_watched;
    bool is_asking; /* a watching read is on its way; another change waits for it */
    bool is_dirty;
    char status[32], sync[32]; /* last shown on the page */
    int64_t version, charged;
};

struct asked { /* a request on its way; its tag is its place in the list + 1 */
    const char *op;
    enum dbk_operation operation; /* of the map */
    enum surface surface;
    size_t wish;
    int64_t units; /* of a booking */
    int64_t asked_ms;
    const struct dbk_step *step;   /* that asked; NULL: a watched page, the last look */
    struct dbk_user_action chosen; /* what befalls it where the step does not say: */
    bool is_chosen;
    const char *label; /* "ana/trip/book#1"; NULL where nothing befalls it */
    bool is_over;      /* heard, or given up: what comes now nobody reads */
    bool is_lost;      /* its answer is not to be heard */
};

struct person {
    struct dbk_users *users;
    const char *name;
    struct view *views; /* one per wish */
    bool watches;
};

struct dbk_users {
    const struct dbk_system *system;
    struct dbk_arena arena; /* of one run */
    const struct dbk_scenario *scenario;
    uint64_t seed;
    struct wish *wishes;
    size_t wish_count;
    struct person *persons;
    size_t person_count;
    struct asked *asked; /* kept between runs */
    size_t asked_count, asked_capacity;
    size_t waiting; /* for answers, other than of a watched page */
    struct dbk_user_way way;
    const struct dbk_chooser *chooser; /* of the step at hand */
};

static enum dbk_step_result step(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects);

static void nothing(void *self)
{
    (void)self; /* persons do not crash, and dbk_users owns them */
}

static const struct dbk_machine_ops ops = {.step = step, .forget = nothing, .free = nothing};

struct dbk_users *dbk_users_new(const struct dbk_system *system)
{
    struct dbk_users *users = dbk_alloc(sizeof *users);
    users->system = system;
    return users;
}

void dbk_users_free(struct dbk_users *users)
{
    if (!users)
        return;
    dbk_arena_free(&users->arena);
    dbk_user_way_reset(&users->way);
    free(users->asked);
    free(users);
}

static struct wish *find_wish(struct dbk_users *users, const char *alias)
{
    for (size_t i = 0; i < users->wish_count; i++)
        if (strcmp(users->wishes[i].alias, alias) == 0)
            return &users->wishes[i];
    return NULL;
}

static const struct dbk_step *first_booking(const struct dbk_scenario *scenario, const char *intent)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].kind == DBK_STEP_BOOK &&
            strcmp(scenario->steps[i].intent, intent) == 0)
            return &scenario->steps[i];
    return NULL;
}

/* The request for a wish, or NULL: the system does not offer the operation. */
static struct dbk_message *request_for(const struct dbk_users *users, const struct wish *wish,
                                       enum dbk_operation operation, int64_t units,
                                       const char *move)
{
    const struct dbk_system_values values = {.key = wish->key,
                                             .partner = wish->step->partner,
                                             .product = wish->step->product,
                                             .slot = wish->step->slot,
                                             .units = units,
                                             .guest = wish->guest,
                                             .intent = wish->intent,
                                             .move = move,
                                             .id = wish->id[0] ? wish->id : NULL};
    return dbk_system_request(users->system, operation, &values);
}

/* How the wish is booked: to be held only, or for good. */
static enum dbk_operation booking_of(const struct wish *wish)
{
    return wish->step->is_hold ? DBK_OPERATION_HOLD : DBK_OPERATION_BOOK;
}

static void add_wish(struct dbk_users *users, const struct dbk_step *step)
{
    struct wish *wish = &users->wishes[users->wish_count++];
    wish->alias = step->booking;
    wish->intent = step->intent;
    wish->step = step->kind == DBK_STEP_BOOK ? step : first_booking(users->scenario, step->intent);
    wish->intent_row = users->wish_count;
    for (size_t i = 0; i + 1 < users->wish_count; i++)
        if (strcmp(users->wishes[i].intent, wish->intent) == 0)
            wish->intent_row = users->wishes[i].intent_row;
    char key[13], word[5];
    dbk_draw_name(users->seed, "idempotency-key", users->wish_count, 12, key);
    dbk_draw_name(users->seed, "guest", wish->intent_row, 4, word);
    snprintf(wish->key, sizeof wish->key, "k-%s", key);
    const char *name = wish->step->actor;
    char first = name[0] >= 'a' && name[0] <= 'z' ? (char)(name[0] - 'a' + 'A') : name[0];
    snprintf(wish->guest, sizeof wish->guest, "%c%s dbk.%s.%s", first, name + 1, wish->intent,
             word);
}

static void add_person(struct dbk_users *users, const char *name)
{
    for (size_t i = 0; i < users->person_count; i++)
        if (strcmp(users->persons[i].name, name) == 0)
            return;
    users->persons[users->person_count++] = (struct person){.users = users, .name = name};
}

void dbk_users_renew(struct dbk_users *users, const struct dbk_scenario *scenario, uint64_t seed)
{
    dbk_arena_reset(&users->arena);
    dbk_user_way_clear(&users->way);
    users->scenario = scenario;
    users->seed = seed;
    users->wish_count = users->person_count = users->asked_count = users->waiting = 0;
    users->wishes =
        dbk_arena_alloc(&users->arena, (scenario->step_count + 1) * sizeof(struct wish));
    users->persons =
        dbk_arena_alloc(&users->arena, (scenario->step_count + 1) * sizeof(struct person));
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *s = &scenario->steps[i];
        if (s->kind == DBK_STEP_CRASH || s->kind == DBK_STEP_PAUSE)
            continue;
        add_person(users, s->actor);
        if (s->kind == DBK_STEP_BOOK || s->kind == DBK_STEP_ANEW)
            add_wish(users, s);
    }
    for (size_t i = 0; i < users->person_count; i++)
        users->persons[i].views =
            dbk_arena_alloc(&users->arena, (users->wish_count + 1) * sizeof(struct view));
}

size_t dbk_users_count(const struct dbk_users *users)
{
    return users->person_count;
}

struct dbk_machine dbk_users_machine(struct dbk_users *users, size_t person)
{
    return (struct dbk_machine){
        .ops = &ops, .self = &users->persons[person], .name = users->persons[person].name};
}

bool dbk_users_watches(const struct dbk_users *users, size_t person)
{
    return users->persons[person].watches;
}

bool dbk_users_wait(const struct dbk_users *users)
{
    return users->waiting > 0;
}

static bool is_watch(const struct asked *asked)
{
    return strcmp(asked->op, "watch") == 0;
}

/* What a fact about this wish has in common with all others. */
static struct dbk_fact fact_about(const struct wish *wish, enum dbk_fact_kind kind, const char *op)
{
    struct dbk_fact fact = dbk_fact_of(kind);
    fact.op = op;
    fact.booking = wish->alias;
    fact.intent = wish->intent;
    return fact;
}

/* ---- the way to the system, and what befalls a request on it ---- */

static size_t number_of(const struct person *person)
{
    return (size_t)(person - person->users->persons);
}

/* "ana/trip/book#2": the second of its kind. */
static const char *label_of(const struct person *person, const struct asked *asked)
{
    struct dbk_users *users = person->users;
    size_t nth = 1;
    for (size_t i = 0; i < users->asked_count; i++)
        nth += users->asked[i].step && users->asked[i].wish == asked->wish &&
               dbk_same(users->asked[i].step->actor, person->name) &&
               dbk_same(users->asked[i].op, asked->op);
    return dbk_arena_printf(&users->arena, "%s/%s/%s#%zu", person->name,
                            users->wishes[asked->wish].alias, asked->op, nth);
}

/* Support sits beside the system; a watched page is asked for too often to be worth a choice. */
static void choose_fault(struct person *person, struct asked *asked)
{
    bool is_travellers = asked->step && asked->surface == PAGE;
    if (!is_travellers)
        return;
    asked->label = label_of(person, asked);
    if (asked->step->action_count > 0)
        return;
    uint32_t take = dbk_choose(person->users->chooser, DBK_SITE_USER_FAULT, asked->label,
                               DBK_USER_FAULT_CHOICES);
    asked->is_chosen = dbk_user_action_of_choice(take, &asked->chosen);
}

static const struct dbk_user_action *befalls(const struct asked *asked, enum dbk_user_fault fault)
{
    for (size_t i = 0; asked->step && i < asked->step->action_count; i++)
        if (asked->step->actions[i].fault == fault)
            return &asked->step->actions[i];
    return asked->is_chosen && asked->chosen.fault == fault ? &asked->chosen : NULL;
}

/* True, and told, if it befalls this request. */
static bool strikes(const struct person *person, const struct asked *asked,
                    enum dbk_user_fault fault, int64_t *duration_ms, struct dbk_effects *effects)
{
    const struct dbk_user_action *action = befalls(asked, fault);
    if (!action)
        return false;
    struct dbk_fact fact =
        fact_about(&person->users->wishes[asked->wish], DBK_FACT_FAULT, asked->op);
    fact.who = "wire";
    fact.booking = NULL; /* as of any fault: of a wish's exchange */
    fact.exchange = asked->label;
    fact.fault = dbk_user_faults[fault].name;
    fact.by = asked->is_chosen ? "choice" : asked->step->rule;
    if (action->line > 0)
        fact.line = action->line;
    dbk_effect_fact(effects, &fact);
    if (duration_ms)
        *duration_ms = action->duration_ms;
    return true;
}

static void hold(struct person *person, enum dbk_held_kind kind, uint64_t tag, int64_t due_ms,
                 struct dbk_message *message)
{
    dbk_user_way_hold(&person->users->way, (struct dbk_held){.kind = kind,
                                                             .asked = tag,
                                                             .person = number_of(person),
                                                             .due_ms = due_ms,
                                                             .message = message});
}

/* It leaves; nobody waits longer for its answer than since it was asked. */
static void leave(const struct person *person, uint64_t tag, int64_t now_ms,
                  struct dbk_message *request, struct dbk_effects *effects)
{
    const struct asked *asked = &person->users->asked[tag - 1];
    struct dbk_fact about = dbk_fact_of(DBK_FACT_NOTE);
    int64_t left_ms = asked->asked_ms + USER_TIMEOUT_MS - now_ms;
    about.op = asked->op;
    dbk_effect_send(effects,
                    &(struct dbk_send){.to = "core",
                                       .message = request,
                                       .tag = tag,
                                       .timeout_ms = left_ms > 0 ? left_ms : USER_TIMEOUT_MS,
                                       .send_before_mono_ms = now_ms + USER_TIMEOUT_MS,
                                       .about = &about});
}

static void send(struct person *person, const struct asked *new_asked, struct dbk_message *request,
                 struct dbk_effects *effects)
{
    struct dbk_users *users = person->users;
    if (users->asked_count == users->asked_capacity) {
        users->asked_capacity = users->asked_capacity ? users->asked_capacity * 2 : 32;
        users->asked = dbk_resize(users->asked, users->asked_capacity * sizeof *users->asked);
    }
    struct asked *asked = &users->asked[users->asked_count];
    *asked = *new_asked;
    choose_fault(person, asked);
    uint64_t tag = ++users->asked_count;
    int64_t now_ms = asked->asked_ms, by_ms = 0;
    users->waiting += !is_watch(asked);
    if (strikes(person, asked, DBK_USER_LOSE_REQUEST, NULL, effects)) {
        dbk_message_free(request);
        hold(person, DBK_HELD_END, tag, now_ms + USER_TIMEOUT_MS, NULL);
        return;
    }
    if (strikes(person, asked, DBK_USER_REPEAT_REQUEST, &by_ms, effects))
        hold(person, DBK_HELD_COPY, tag, now_ms + by_ms, dbk_message_copy(request));
    if (strikes(person, asked, DBK_USER_DELAY_REQUEST, &by_ms, effects)) {
        hold(person, DBK_HELD_REQUEST, tag, now_ms + by_ms, request);
        if (by_ms >= USER_TIMEOUT_MS)
            hold(person, DBK_HELD_END, tag, now_ms + USER_TIMEOUT_MS, NULL);
        return;
    }
    leave(person, tag, now_ms, request, effects);
}

/* Says that a request leaves; reads of a watched page are too many to tell, their answers tell. */
static void tell_asked(const struct wish *wish, const struct asked *asked,
                       const struct dbk_message *request, struct dbk_effects *effects)
{
    char hex[DBK_DIGEST_HEX];
    struct dbk_fact fact = fact_about(wish, DBK_FACT_ASKED, asked->op);
    fact.to = "core";
    if (asked->operation == DBK_OPERATION_BOOK || asked->operation == DBK_OPERATION_HOLD) {
        fact.key = wish->key;
        struct dbk_digest digest = dbk_digest_of(request->body, request->body_length);
        dbk_digest_hex(&digest, hex);
        hex[16] = '\0';
        fact.units = asked->units;
        fact.text = hex;
    }
    dbk_effect_fact(effects, &fact);
}

static void book(struct person *person, size_t wish_index, const char *op,
                 const struct dbk_step *step, int64_t now_ms, struct dbk_effects *effects)
{
    struct dbk_users *users = person->users;
    struct wish *wish = &users->wishes[wish_index];
    struct asked asked = {.op = op,
                          .operation = booking_of(wish),
                          .wish = wish_index,
                          .units = step->units,
                          .step = step,
                          .asked_ms = now_ms};
    struct dbk_message *request = request_for(users, wish, asked.operation, asked.units, NULL);
    person->views[wish_index].looked |= 1u << PAGE;
    if (!request) {
        dbk_effect_note(effects, "cannot %s %s: the system's map has no %s", op, wish->alias,
                        dbk_operation_name(asked.operation));
        return;
    }
    tell_asked(wish, &asked, request, effects);
    send(person, &asked, request, effects);
}

/* The request for a booking that was made, or NULL with a note. Without a known id nobody can ask
 * for it: its booking has not been answered. */
static struct dbk_message *request_about(const struct dbk_users *users, const struct wish *wish,
                                         enum dbk_operation operation, const char *op,
                                         const char *move, struct dbk_effects *effects)
{
    struct dbk_message *request = NULL;
    if (operation != DBK_OPERATION_LIST && !wish->id[0])
        dbk_effect_note(effects, "cannot %s %s: no answer to its booking yet", op, wish->alias);
    else if (!(request = request_for(users, wish, operation, wish->step->units, move)))
        dbk_effect_note(effects, "cannot %s %s: the system's map has no %s", op, wish->alias,
                        dbk_operation_name(operation));
    return request;
}

/* step: that asked; NULL: a watched page, the last look */
static void look(struct person *person, size_t wish_index, const char *op, enum surface surface,
                 const struct dbk_step *step, int64_t now_ms, struct dbk_effects *effects)
{
    struct wish *wish = &person->users->wishes[wish_index];
    struct asked asked = {.op = op,
                          .operation = surfaces[surface].operation,
                          .surface = surface,
                          .wish = wish_index,
                          .step = step,
                          .asked_ms = now_ms};
    struct dbk_message *request =
        request_about(person->users, wish, asked.operation, op, NULL, effects);
    person->views[wish_index].looked |= 1u << surface;
    if (!request)
        return;
    if (strcmp(op, "watch") != 0)
        tell_asked(wish, &asked, request, effects);
    send(person, &asked, request, effects);
}

static void watch(struct person *person, size_t wish_index, int64_t now_ms,
                  struct dbk_effects *effects)
{
    struct view *view = &person->views[wish_index];
    if (!view->is_watched || !person->users->wishes[wish_index].id[0])
        return;
    view->is_dirty = view->is_asking;
    if (view->is_asking)
        return;
    view->is_asking = true;
    look(person, wish_index, "watch", PAGE, NULL, now_ms, effects);
}

static void look_at_watched(struct person *person, int64_t now_ms, struct dbk_effects *effects)
{
    for (size_t i = 0; i < person->users->wish_count; i++)
        watch(person, i, now_ms, effects);
}

/* Asks for something to be done with a booking that was made. */
static void change(struct person *person, size_t wish_index, enum dbk_operation operation,
                   const struct dbk_step *step, int64_t now_ms, struct dbk_effects *effects)
{
    struct wish *wish = &person->users->wishes[wish_index];
    struct asked asked = {.op = dbk_operation_name(operation),
                          .operation = operation,
                          .surface = operation == DBK_OPERATION_MOVE ? DETAIL : PAGE,
                          .wish = wish_index,
                          .step = step,
                          .asked_ms = now_ms};
    struct dbk_message *request =
        request_about(person->users, wish, asked.operation, asked.op, step->move, effects);
    if (!request)
        return;
    tell_asked(wish, &asked, request, effects);
    send(person, &asked, request, effects);
}

static void begin(struct person *person, const struct dbk_step *s, int64_t now_ms,
                  struct dbk_effects *effects)
{
    struct dbk_users *users = person->users;
    struct wish *wish = find_wish(users, s->booking);
    size_t index = (size_t)(wish - users->wishes);
    switch (s->kind) {
    case DBK_STEP_BOOK:
        book(person, index, s->is_hold ? "hold" : "book", s, now_ms, effects);
        break;
    case DBK_STEP_AGAIN:
        book(person, index, "again", s, now_ms, effects);
        break;
    case DBK_STEP_ANEW:
        book(person, index, "anew", s, now_ms, effects);
        break;
    case DBK_STEP_LOOK:
        look(person, index, "look", PAGE, s, now_ms, effects);
        break;
    case DBK_STEP_WATCH:
        person->watches = person->views[index].is_watched = true;
        look_at_watched(person, now_ms, effects);
        break;
    case DBK_STEP_CANCEL:
        change(person, index, DBK_OPERATION_CANCEL, s, now_ms, effects);
        break;
    case DBK_STEP_CONFIRM:
        change(person, index, DBK_OPERATION_CONFIRM, s, now_ms, effects);
        break;
    case DBK_STEP_EXTEND:
        change(person, index, DBK_OPERATION_EXTEND, s, now_ms, effects);
        break;
    case DBK_STEP_LEAVE:
        change(person, index, DBK_OPERATION_LEAVE, s, now_ms, effects);
        break;
    case DBK_STEP_MOVE:
        change(person, index, DBK_OPERATION_MOVE, s, now_ms, effects);
        break;
    case DBK_STEP_DETAIL:
        look(person, index, "detail", DETAIL, s, now_ms, effects);
        break;
    case DBK_STEP_LIST:
        look(person, index, "list", LIST, s, now_ms, effects);
        break;
    case DBK_STEP_CRASH:
    case DBK_STEP_PAUSE:
        break; /* the stage's own */
    }
}

static void last_look(struct person *person, int64_t now_ms, struct dbk_effects *effects)
{
    for (size_t i = 0; i < person->users->wish_count; i++)
        for (enum surface surface = PAGE; surface < SURFACES; surface++)
            if (person->views[i].looked & 1u << surface &&
                (surface == LIST || person->users->wishes[i].id[0]))
                look(person, i, surfaces[surface].last_op, surface, NULL, now_ms, effects);
}

/* True if the page shows what it showed before: nothing to tell. */
static bool is_unchanged(struct view *view, const struct dbk_fact *read)
{
    bool same = dbk_same(view->status, read->status) && dbk_same(view->sync, read->sync) &&
                view->version == read->version && view->charged == read->amount;
    if (same)
        return true;
    snprintf(view->status, sizeof view->status, "%s", read->status ? read->status : "");
    snprintf(view->sync, sizeof view->sync, "%s", read->sync ? read->sync : "");
    view->version = read->version;
    view->charged = read->amount;
    return false;
}

/* What an answer shows of a wish, by the number the traveller told. */
static void read_shown(const struct dbk_users *users, struct wish *wish, const struct asked *asked,
                       const cJSON *body, struct dbk_fact *read, struct dbk_shown *shown,
                       struct dbk_effects *effects)
{
    if (!dbk_system_read(users->system, asked->operation, body, wish->id, shown))
        return;
    read->status = shown->status;
    read->sync = shown->sync;
    read->text = shown->id;
    read->version = shown->version;
    read->amount = shown->charged;
    read->price = shown->price;
    if (shown->raw && !shown->status)
        dbk_effect_note(effects, "the %s says '%.60s' of %s, a status word the map does not know",
                        surfaces[asked->surface].name, shown->raw, wish->alias);
    if (!shown->id || wish->id[0])
        return;
    if (strlen(shown->id) < sizeof wish->id)
        strcpy(wish->id, shown->id);
    else
        dbk_effect_note(effects, "the id of %s is longer than %zu bytes", wish->alias,
                        sizeof wish->id - 1);
}

static void read_answer(struct person *person, const struct asked *asked,
                        const struct dbk_message *answer, int64_t now_ms,
                        struct dbk_effects *effects)
{
    struct wish *wish = &person->users->wishes[asked->wish];
    struct view *view = &person->views[asked->wish];
    struct dbk_fact read = fact_about(wish, DBK_FACT_READ, asked->op);
    char why[160];
    cJSON *body = dbk_json_parse(answer->body, answer->body_length, why);
    struct dbk_shown shown;
    read.surface = surfaces[asked->surface].name;
    read.asked_ms = asked->asked_ms;
    read.http = answer->status;
    if (answer->status < 400)
        read_shown(person->users, wish, asked, body, &read, &shown, effects);
    bool again = is_watch(asked) && view->is_dirty;
    if (is_watch(asked))
        view->is_asking = view->is_dirty = false;
    if (asked->surface != PAGE || !is_unchanged(view, &read) || !is_watch(asked))
        dbk_effect_fact(effects, &read);
    cJSON_Delete(body);
    if (again) /* this page alone: two would keep each other asking for ever */
        watch(person, asked->wish, now_ms, effects);
}

static void hear_nothing(struct person *person, const struct asked *asked, enum dbk_failure failure,
                         struct dbk_effects *effects)
{
    struct wish *wish = &person->users->wishes[asked->wish];
    if (is_watch(asked))
        person->views[asked->wish].is_asking = person->views[asked->wish].is_dirty = false;
    struct dbk_fact read = fact_about(wish, DBK_FACT_READ, asked->op);
    read.surface = surfaces[asked->surface].name;
    read.asked_ms = asked->asked_ms;
    read.fate = dbk_failure_name(failure);
    dbk_effect_fact(effects, &read);
}

/* ---- the way back ---- */

static void is_heard(struct person *person, struct asked *asked)
{
    asked->is_over = true;
    person->users->waiting -= !is_watch(asked);
}

static void give_up(struct person *person, struct asked *asked, enum dbk_failure failure,
                    struct dbk_effects *effects)
{
    if (asked->is_over)
        return;
    is_heard(person, asked);
    hear_nothing(person, asked, failure, effects);
}

static void read_at_last(struct person *person, struct asked *asked,
                         const struct dbk_message *answer, int64_t now_ms,
                         struct dbk_effects *effects)
{
    if (asked->is_over)
        return;
    is_heard(person, asked);
    const struct asked read = *asked; /* reading may ask anew, and the list move */
    read_answer(person, &read, answer, now_ms, effects);
}

/* An answer came as far as the last stretch of its way. */
static void comes_back(struct person *person, uint64_t tag, const struct dbk_message *answer,
                       int64_t now_ms, struct dbk_effects *effects)
{
    struct asked *asked = &person->users->asked[tag - 1];
    int64_t end_ms = asked->asked_ms + USER_TIMEOUT_MS, by_ms = 0;
    if (asked->is_over || asked->is_lost)
        return; /* of one that was repeated */
    if (strikes(person, asked, DBK_USER_RESET_ANSWER, NULL, effects)) {
        give_up(person, asked, DBK_FAILURE_RESET, effects);
    } else if (strikes(person, asked, DBK_USER_LOSE_ANSWER, NULL, effects)) {
        asked->is_lost = true;
        hold(person, DBK_HELD_END, tag, end_ms, NULL);
    } else if (strikes(person, asked, DBK_USER_DELAY_ANSWER, &by_ms, effects)) {
        asked->is_lost = true; /* the first to come is the one */
        if (now_ms + by_ms < end_ms)
            hold(person, DBK_HELD_ANSWER, tag, now_ms + by_ms, dbk_message_copy(answer));
        else
            hold(person, DBK_HELD_END, tag, end_ms, NULL);
    } else {
        read_at_last(person, asked, answer, now_ms, effects);
    }
}

static void take_due(struct person *person, int64_t now_ms, struct dbk_effects *effects)
{
    struct dbk_held held;
    while (dbk_user_way_take(&person->users->way, number_of(person), now_ms, &held)) {
        struct asked *asked = &person->users->asked[held.asked - 1];
        switch (held.kind) {
        case DBK_HELD_REQUEST:
        case DBK_HELD_COPY:
            leave(person, held.asked, now_ms, held.message, effects);
            break;
        case DBK_HELD_ANSWER:
            read_at_last(person, asked, held.message, now_ms, effects);
            dbk_message_free(held.message);
            break;
        case DBK_HELD_END:
            give_up(person, asked, DBK_FAILURE_TIMED_OUT, effects);
            break;
        }
    }
}

static enum dbk_step_result step(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects)
{
    struct person *person = self;
    struct dbk_users *users = person->users;
    int64_t due_ms = dbk_user_way_due(&users->way, number_of(person));
    users->chooser = chooser;
    if (event->kind == DBK_EVENT_POKED && event->tag == DBK_POKE_COMMITTED)
        look_at_watched(person, now->mono_ms, effects);
    else if (event->kind == DBK_EVENT_POKED && event->tag == DBK_POKE_LAST_LOOK)
        last_look(person, now->mono_ms, effects);
    else if (event->kind == DBK_EVENT_POKED)
        begin(person, &users->scenario->steps[event->tag - 1], now->mono_ms, effects);
    else if (event->kind == DBK_EVENT_RESPONSE)
        comes_back(person, event->tag, event->message, now->mono_ms, effects);
    else if (event->kind == DBK_EVENT_FAILED)
        give_up(person, &users->asked[event->tag - 1], event->failure, effects);
    take_due(person, now->mono_ms, effects);
    int64_t next_ms = dbk_user_way_due(&users->way, number_of(person));
    if (next_ms != due_ms)
        dbk_effect_wake(effects, next_ms);
    return DBK_STEP_DONE;
}
