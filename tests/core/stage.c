#include "stage.h"

#include "base/json.h"
#include "core/store_sqlite.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 1782926700000 /* 2026-07-01T17:25:00Z */

static const struct dbk_slot slots[] = {
    {.id = "evening", .starts_ms = 1783180800000 /* 2026-07-04T16:00:00Z */, .capacity = 10}};
static const struct dbk_product products[] = {
    {.id = "sunset-cruise", .price = 12000, .currency = "EUR", .slots = slots, .slot_count = 1}};

static uint32_t choose(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    const struct stage *stage = self;

    cr_assert_eq(site, DBK_SITE_BACK_OFF);
    cr_assert(dbk_starts_with(entity, "lagoon/booking-"));
    cr_assert_lt(stage->jitter, alternatives);
    return stage->jitter;
}

struct stage *stage_new(void)
{
    struct stage *stage = dbk_alloc(sizeof(*stage));
    char why[160] = "";

    stage->store = dbk_store_sqlite_open(":memory:", why);
    cr_assert(stage->store, "%s", why);
    stage->policy = dbk_policy_reference();
    cr_assert(dbk_policy_set_rule(&stage->policy, "reconcile", "never"));
    stage->partner = (struct dbk_core_partner){
        .name = "lagoon",
        .profile = dbk_profile_default(),
        .products = products,
        .product_count = 1,
    };
    stage->partner.profile.look_up = DBK_LOOK_UP_LIST_BY_DATE;
    stage->partner.profile.books_as = DBK_BOOKS_PENDING;
    stage->partner.profile.callback_kind = DBK_CALLBACK_FULL;
    stage->partner.profile.commit_within_ms = 60000;
    stage->core = dbk_core_new(&(struct dbk_core_config){
        .store = stage->store,
        .policy = &stage->policy,
        .partners = &stage->partner,
        .partner_count = 1,
        .seed = 7,
    });
    stage->api = dbk_core_api(stage->core);
    stage->worker = dbk_core_worker(stage->core);
    stage->now.wall_ms = START_MS;
    stage->wake_mono_ms = DBK_ABSENT;
    return stage;
}

void stage_free(struct stage *stage)
{
    for (size_t i = 0; i < stage->request_count; i++)
        dbk_message_free(stage->requests[i].message);
    dbk_message_free(stage->response);
    dbk_core_free(stage->core);
    dbk_store_free(stage->store);
    dbk_arena_free(&stage->arena);
    dbk_text_reset(&stage->trace);
    free(stage);
}

void stage_set(struct stage *stage, const char *rule, const char *value)
{
    cr_assert(dbk_policy_set_rule(&stage->policy, rule, value), "%s: %s", rule, value);
}

DBK_PRINTF(2, 3)
static void line(struct stage *stage, const char *format, ...)
{
    char text[2000];
    va_list rest;

    va_start(rest, format);
    vsnprintf(text, sizeof(text), format, rest);
    va_end(rest);
    dbk_text_printf(&stage->trace, "%4lld.%03lld %s\n", (long long)(stage->now.mono_ms / 1000),
                    (long long)(stage->now.mono_ms % 1000), text);
}

/* What a screen would show of booking 1, where it has changed. */
static void look(struct stage *stage)
{
    struct dbk_booking booking;
    char seen[64];

    if (dbk_store_booking_by_row(stage->store, 1, &stage->arena, &booking) != DBK_FOUND)
        return;
    snprintf(seen, sizeof(seen), "%s/%s v%lld", dbk_status_name(booking.status),
             dbk_sync_name(booking.sync), (long long)booking.version);
    if (strcmp(seen, stage->last_seen) != 0)
        line(stage, "= %s", seen);
    snprintf(stage->last_seen, sizeof(stage->last_seen), "%s", seen);
}

static void keep_request(struct stage *stage, struct dbk_effect *effect)
{
    struct dbk_message *message = effect->message;

    cr_assert_lt(stage->request_count, STAGE_REQUESTS);
    cr_assert_eq(effect->send_before_mono_ms, stage->now.mono_ms + effect->timeout_ms);
    stage->requests[stage->request_count].message = message;
    stage->requests[stage->request_count].tag = effect->tag;
    stage->requests[stage->request_count++].is_open = true;
    effect->message = NULL;
    line(stage, "-> %s %lld%s%s: %s %s", effect->fact.op, (long long)effect->fact.attempt,
         effect->fact.key ? " " : "", effect->fact.key ? effect->fact.key : "", message->method,
         message->path);
}

static void release(struct stage *stage, struct dbk_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++) {
        struct dbk_effect *effect = &effects->items[i];
        if (effect->kind == DBK_EFFECT_SEND)
            keep_request(stage, effect);
        else if (effect->kind == DBK_EFFECT_WAKE)
            stage->wake_mono_ms = effect->wake_mono_ms;
        else if (effect->kind == DBK_EFFECT_POKE)
            stage->is_poked = true;
        else if (effect->kind == DBK_EFFECT_FACT)
            line(stage, "%s", effect->fact.text);
        else if (effect->kind == DBK_EFFECT_ANSWER) {
            dbk_message_free(stage->response);
            stage->response = effect->message;
            effect->message = NULL;
        }
    }
    dbk_effects_reset(effects);
}

static void step_one(struct stage *stage, const struct dbk_machine *machine,
                     const struct dbk_event *event)
{
    struct dbk_effects effects = {.arena = &stage->arena};
    struct dbk_chooser chooser = {.choose = choose, .self = stage};

    cr_assert(dbk_store_begin(stage->store));
    cr_assert(dbk_store_savepoint(stage->store));
    cr_assert_eq(machine->ops->step(machine->self, &stage->now, event, &chooser, &effects),
                 DBK_STEP_DONE);
    cr_assert(dbk_store_release(stage->store));
    cr_assert(dbk_store_commit(stage->store));
    release(stage, &effects);
    look(stage);
}

static void step(struct stage *stage, const struct dbk_machine *machine,
                 const struct dbk_event *event)
{
    char why[160] = "";

    step_one(stage, machine, event);
    while (stage->is_poked) {
        stage->is_poked = false;
        step_one(stage, &stage->worker, &(struct dbk_event){.kind = DBK_EVENT_POKED});
    }
    cr_assert(dbk_store_check(stage->store, why), "%s", why);
}

void stage_until(struct stage *stage, int64_t at_ms)
{
    while (stage->wake_mono_ms != DBK_ABSENT && stage->wake_mono_ms <= at_ms) {
        stage->now.wall_ms += stage->wake_mono_ms - stage->now.mono_ms;
        stage->now.mono_ms = stage->wake_mono_ms;
        stage->wake_mono_ms = DBK_ABSENT;
        step(stage, &stage->worker, &(struct dbk_event){.kind = DBK_EVENT_WAKE});
    }
    stage->now.wall_ms += at_ms - stage->now.mono_ms;
    stage->now.mono_ms = at_ms;
}

const struct dbk_message *stage_ask(struct stage *stage, const char *method, const char *path,
                                    const char *key, const char *body)
{
    struct dbk_message *request = dbk_request_new(method, path);
    struct dbk_text text = {0};

    if (key)
        dbk_message_set_header(request, "Idempotency-Key", key);
    dbk_text_add(&text, body ? body : "");
    dbk_message_take_body(request, "application/json", &text);
    return stage_send(stage, request);
}

const struct dbk_message *stage_send(struct stage *stage, struct dbk_message *request)
{
    dbk_message_free(stage->response);
    stage->response = NULL;
    step(stage, &stage->api,
         &(struct dbk_event){
             .kind = DBK_EVENT_REQUEST, .exchange = 1, .message = request, .from = "ana"});
    cr_assert(stage->response, "%s %s was not answered", request->method, request->path);
    dbk_message_free(request);
    return stage->response;
}

void stage_book(struct stage *stage, const char *api_key)
{
    line(stage, "ana books");
    const struct dbk_message *response =
        stage_ask(stage, "POST", "/bookings", api_key,
                  "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\","
                  "\"units\":2,\"guest\":{\"name\":\"Ana dbk.trip.x7k2\"}}");
    if (response->status >= 300)
        line(stage, "ana was answered %d", response->status);
}

void stage_cancel(struct stage *stage)
{
    struct dbk_booking booking;
    struct dbk_text path = {0};

    cr_assert_eq(dbk_store_booking_by_row(stage->store, 1, &stage->arena, &booking), DBK_FOUND);
    dbk_text_printf(&path, "/bookings/%s/cancel", booking.id);
    line(stage, "ana cancels");
    const struct dbk_message *response = stage_ask(stage, "POST", path.bytes, NULL, NULL);
    line(stage, "ana was answered %d", response->status);
    dbk_text_reset(&path);
}

void stage_list(struct stage *stage)
{
    const struct dbk_message *response = stage_ask(stage, "GET", "/support/bookings", NULL, NULL);
    char why[160];
    cJSON *body = dbk_json_parse(response->body, response->body_length, why);
    const cJSON *rows = dbk_json_get(body, "bookings");

    cr_assert(cJSON_GetArraySize(rows) > 0, "%s", response->body);
    line(stage, "the list shows %s", dbk_json_text(rows->child, "status"));
    cJSON_Delete(body);
}

/* Finds our n-th key by appearance: "K2" -> "rv-...". */
static const char *key_named(struct stage *stage, const char *name)
{
    const char *seen[STAGE_REQUESTS];
    size_t count = 0, wanted = (size_t)(name[1] - '0');

    for (size_t i = 0; i < stage->request_count; i++) {
        const char *at = strstr(stage->requests[i].message->body, "rv-");
        bool is_new = at != NULL;
        for (size_t k = 0; is_new && k < count; k++)
            is_new = strncmp(seen[k], at, 15) != 0;
        if (is_new)
            seen[count++] = dbk_arena_copy(&stage->arena, at, 15);
    }
    cr_assert(name[0] == 'K' && wanted >= 1 && wanted <= count, "no key %s", name);
    return seen[wanted - 1];
}

/* "R1 pending", "R1 K1 pending v3" as a reservation's JSON; reference NULL: as the text says. */
static void put_reservation(struct stage *stage, const char *text, struct dbk_text *out)
{
    char words[4][32] = {"", "", "", ""};
    int count = sscanf(text, "%31s %31s %31s %31s", words[0], words[1], words[2], words[3]);
    bool has_key = count >= 3 && words[1][0] == 'K';
    const char *state = words[has_key ? 2 : 1], *version = words[has_key ? 3 : 2];

    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "id", words[0]);
    if (has_key)
        dbk_json_pair_text(out, "reference", key_named(stage, words[1]));
    dbk_json_pair_text(out, "state", state);
    if (version[0] == 'v')
        dbk_json_pair_integer(out, "version", version[1] - '0');
    dbk_json_close(out, '}');
}

static void put_list(struct stage *stage, const char *text, struct dbk_text *out)
{
    char *copy = dbk_copy_text(text), *rest = copy;

    copy[strcspn(copy, "]")] = '\0';
    dbk_json_open(out, '{');
    dbk_json_key(out, "reservations");
    dbk_json_open(out, '[');
    for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
        put_reservation(stage, one, out);
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
    free(copy);
}

static size_t oldest_open(const struct stage *stage)
{
    size_t at = 0;

    while (at < stage->request_count && !stage->requests[at].is_open)
        at++;
    cr_assert_lt(at, stage->request_count, "no request is open:\n%s", stage->trace.bytes);
    return at;
}

void stage_answer(struct stage *stage, const char *text)
{
    struct dbk_message *response = dbk_response_new(atoi(text));
    struct dbk_text body = {0};

    if (response->status >= 400)
        dbk_text_printf(&body, "{\"error\":\"%s\",\"message\":\"no\"}", text + 4);
    else if (text[4] == '[')
        put_list(stage, text + 5, &body);
    else
        put_reservation(stage, text + 4, &body);
    dbk_message_take_body(response, "application/json", &body);
    line(stage, "<- %s", text);
    stage_answer_with(stage, response);
}

void stage_answer_with(struct stage *stage, struct dbk_message *response)
{
    size_t at = oldest_open(stage);

    stage->requests[at].is_open = false;
    step(stage, &stage->worker,
         &(struct dbk_event){
             .kind = DBK_EVENT_RESPONSE, .tag = stage->requests[at].tag, .message = response});
    dbk_message_free(response);
}

void stage_fail(struct stage *stage, enum dbk_failure failure)
{
    size_t at = oldest_open(stage);

    line(stage, "<- %s", dbk_failure_name(failure));
    stage->requests[at].is_open = false;
    step(stage, &stage->worker,
         &(struct dbk_event){
             .kind = DBK_EVENT_FAILED, .tag = stage->requests[at].tag, .failure = failure});
}

void stage_callback(struct stage *stage, const char *text, const char *event)
{
    struct dbk_text body = {0};

    dbk_json_open(&body, '{');
    if (event)
        dbk_json_pair_text(&body, "event", event);
    dbk_json_key(&body, "reservation");
    put_reservation(stage, text, &body);
    dbk_json_close(&body, '}');
    line(stage, "callback %s", text);
    const struct dbk_message *response =
        stage_ask(stage, "POST", "/callbacks/lagoon", NULL, body.bytes);
    line(stage, "callback was answered %d", response->status);
    dbk_text_reset(&body);
}

void stage_crash(struct stage *stage)
{
    for (size_t i = 0; i < stage->request_count; i++)
        stage->requests[i].is_open = false;
    stage->wake_mono_ms = DBK_ABSENT;
    stage->worker.ops->forget(stage->worker.self);
    line(stage, "the worker crashed and is up again");
    step(stage, &stage->worker, &(struct dbk_event){.kind = DBK_EVENT_STARTED});
}

const char *stage_rename(struct stage *stage, const char *text)
{
    static const char *const prefixes[] = {"bk-", "rv-"};
    static const size_t lengths[] = {13, 15};
    const char *seen[2][32];
    size_t counts[2] = {0, 0};
    struct dbk_text out = {0};

    while (*text) {
        size_t kind = 0, at = 0;
        while (kind < 2 && !dbk_starts_with(text, prefixes[kind]))
            kind++;
        if (kind == 2) {
            dbk_text_add_char(&out, *text++);
            continue;
        }
        while (at < counts[kind] && strncmp(seen[kind][at], text, lengths[kind]) != 0)
            at++;
        if (at == counts[kind])
            seen[kind][counts[kind]++] = text;
        dbk_text_printf(&out, "%c%zu", kind ? 'K' : 'B', at + 1);
        text += lengths[kind];
    }
    const char *renamed = dbk_arena_text(&stage->arena, out.bytes ? out.bytes : "");
    dbk_text_reset(&out);
    return renamed;
}

void stage_expect(struct stage *stage, const char *trace)
{
    const char *got = stage_rename(stage, stage->trace.bytes ? stage->trace.bytes : "");

    cr_assert_str_eq(got, trace, "expected\n%s\ngot\n%s", trace, got);
    dbk_text_clear(&stage->trace);
}
