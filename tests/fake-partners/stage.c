#include "stage.h"

#include "base/webhook.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct dbk_slot slots[] = {
    {.id = "evening", .starts_ms = STAGE_ZERO_MS + 3 * 86400000, .capacity = 6},
    {.id = "morning", .starts_ms = STAGE_ZERO_MS + 4 * 86400000, .capacity = 2},
};
static const struct dbk_product products[] = {
    {.id = "sunset-cruise", .price = 12000, .currency = "EUR", .slots = slots, .slot_count = 2},
};

struct dbk_profile stage_profile(void)
{
    struct dbk_profile profile = dbk_profile_default();

    profile.dedupe = DBK_DEDUPE_REFERENCE;
    profile.repeat = DBK_REPEAT_SAME;
    profile.look_up = DBK_LOOK_UP_REFERENCE;
    profile.commit_within_ms = 60000;
    return profile;
}

static uint32_t choose(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    const struct stage_setup *setup = self;

    if (site == DBK_SITE_CALLBACK_FAULT) {
        cr_assert_eq(alternatives, DBK_CALLBACK_CHOICES);
        return setup->callback_choice;
    }
    cr_assert_eq(site, DBK_SITE_EXCHANGE_FAULT);
    cr_assert_eq(alternatives, DBK_FAULT_CHOICES);
    return dbk_same(setup->fault_on, entity) ? (uint32_t)setup->fault + 1 : 0;
}

/* Adds a value, if it is known, with what stands around it. */
static void write_text(struct dbk_text *out, const char *before, const char *value,
                       const char *behind)
{
    if (value)
        dbk_text_printf(out, " %s%s%s", before, value, behind);
}

static void write_number(struct dbk_text *out, const char *before, int64_t value,
                         const char *behind)
{
    if (value != DBK_ABSENT)
        dbk_text_printf(out, " %s%lld%s", before, (long long)value, behind);
}

/* Everything the fact knows, but for what its exchange says anyway. */
static void write_fact(struct stage *stage, const char *verb, const struct dbk_fact *fact)
{
    struct dbk_text *out = &stage->trace;

    dbk_text_printf(out, "[%6lld] %s", (long long)stage->now_ms, verb);
    write_text(out, "", fact->exchange, "");
    write_text(out, "(", fact->key, ")");
    write_text(out, "", fact->fault, "");
    write_text(out, "by ", fact->by, "");
    write_number(out, "line ", fact->line, "");
    write_text(out, "breaks ", fact->claim, "");
    write_number(out, "", fact->http, "");
    write_text(out, "", fact->reservation, "");
    write_text(out, "", fact->state_before, " ->");
    write_text(out, "", fact->state, "");
    write_number(out, "", fact->units, " units");
    write_number(out, "", fact->amount, "");
    write_text(out, "", fact->currency, "");
    write_text(out, "as ", fact->callback, "");
    write_number(out, "made at ", fact->made_ms, "");
    write_number(out, "time ", fact->nth, "");
    write_text(out, "", fact->fate, "");
    write_text(out, "", fact->text, "");
    dbk_text_add_char(out, '\n');
}

static void note_fact(struct stage *stage, const struct dbk_fact *fact)
{
    if (fact->kind == DBK_FACT_EFFECT && !fact->state_before) {
        cr_assert_lt(stage->id_count, STAGE_IDS_MAX);
        stage->ids[stage->id_count++] = fact->reservation;
        stage->last.creates++;
        stage->last.created_at_ms = stage->now_ms;
    }
    if (fact->kind == DBK_FACT_FAULT) {
        stage->fired[dbk_fault_by_name(fact->fault)]++;
        if (fact->claim)
            stage->claim = fact->claim;
    }
    write_fact(stage, dbk_fact_name(fact->kind), fact);
}

static void keep(char *to, size_t size, const struct dbk_message *message, const char *name)
{
    const char *value = dbk_message_header(message, name);

    snprintf(to, size, "%s", value ? value : "");
}

static void note_answer(struct stage *stage, const struct dbk_effect *effect)
{
    stage->last.answers++;
    stage->last.status = effect->message->status;
    dbk_text_clear(&stage->last.body);
    dbk_text_add(&stage->last.body, effect->message->body);
    keep(stage->last.retry_after, sizeof(stage->last.retry_after), effect->message, "Retry-After");
    write_fact(stage, "answer", &effect->fact);
    cr_assert_eq(effect->fact.http, effect->message->status);
}

static void keep_head(struct stage_last *last, const struct dbk_message *message)
{
    keep(last->token, sizeof(last->token), message, DBK_CALLBACK_TOKEN);
    keep(last->webhook_id, sizeof(last->webhook_id), message, DBK_WEBHOOK_ID);
    keep(last->webhook_timestamp, sizeof(last->webhook_timestamp), message, DBK_WEBHOOK_TIMESTAMP);
    keep(last->webhook_signatures, sizeof(last->webhook_signatures), message,
         DBK_WEBHOOK_SIGNATURES);
}

static void answer_callback(struct stage *stage, uint64_t tag)
{
    struct dbk_message *response = dbk_response_new(204);
    struct dbk_event event = {.kind = DBK_EVENT_RESPONSE, .tag = tag, .message = response};

    if (stage->setup.drops_callbacks)
        event = (struct dbk_event){
            .kind = DBK_EVENT_FAILED, .tag = tag, .failure = DBK_FAILURE_TIMED_OUT};
    stage_step(stage, &event);
    dbk_message_free(response);
}

static void act(struct stage *stage, const struct dbk_effect *effect)
{
    const struct dbk_fact nothing = dbk_fact_of(DBK_FACT_NOTE);

    switch (effect->kind) {
    case DBK_EFFECT_FACT:
        note_fact(stage, &effect->fact);
        break;
    case DBK_EFFECT_ANSWER:
        note_answer(stage, effect);
        break;
    case DBK_EFFECT_WITHHOLD:
        write_fact(stage, "silence", effect->has_fact ? &effect->fact : &nothing);
        break;
    case DBK_EFFECT_BREAK:
        cr_assert_eq(effect->message != NULL, effect->failure == DBK_FAILURE_BROKEN);
        write_fact(stage, dbk_failure_name(effect->failure), &effect->fact);
        break;
    case DBK_EFFECT_WAKE:
        stage->wake_ms = effect->wake_mono_ms;
        break;
    case DBK_EFFECT_SEND:
        cr_assert_str_eq(effect->to, "core");
        cr_assert_str_eq(effect->message->path, "/callbacks/lagoon");
        stage->last.callbacks++;
        dbk_text_clear(&stage->last.callback);
        dbk_text_add(&stage->last.callback, effect->message->body);
        keep_head(&stage->last, effect->message);
        answer_callback(stage, effect->tag);
        break;
    case DBK_EFFECT_POKE:
        cr_assert_fail("a partner has no fellow to poke");
    }
}

void stage_step(struct stage *stage, const struct dbk_event *event)
{
    const struct dbk_now now = {.mono_ms = stage->now_ms,
                                .wall_ms =
                                    STAGE_ZERO_MS + stage->now_ms + stage->setup.clock_off_ms};
    const struct dbk_chooser chooser = {.choose = choose, .self = &stage->setup};
    struct dbk_effects effects = {.arena = &stage->arena};

    cr_assert_eq(stage->partner.ops->step(stage->partner.self, &now, event, &chooser, &effects),
                 DBK_STEP_DONE);
    for (size_t i = 0; i < effects.count; i++)
        act(stage, &effects.items[i]);
    dbk_effects_reset(&effects);
}

static void start(struct stage *stage)
{
    stage->now_ms = 0;
    stage->wake_ms = DBK_ABSENT;
    stage->exchange = 0;
    stage->id_count = 0;
    stage->claim = NULL;
    dbk_text_clear(&stage->trace);
    dbk_arena_reset(&stage->arena);
    memset(stage->fired, 0, sizeof(stage->fired));
    stage_step(stage, &(struct dbk_event){.kind = DBK_EVENT_STARTED});
}

void stage_open(struct stage *stage, const struct stage_setup *setup)
{
    *stage = (struct stage){.setup = *setup};
    stage->config = (struct dbk_partner_config){
        .name = "lagoon",
        .profile = setup->profile,
        .products = products,
        .product_count = DBK_COUNT(products),
        .rules = setup->rules,
        .rule_count = setup->rule_count,
        .callback_to = "core",
        .callback_path = "/callbacks/lagoon",
        .secret = STAGE_SECRET,
        .old_secret = STAGE_OLD_SECRET,
        .seed = 7,
        .clock_off_ms = setup->clock_off_ms,
    };
    stage->partner = dbk_partner_machine(&stage->config);
    start(stage);
}

void stage_renew(struct stage *stage)
{
    dbk_partner_renew(&stage->partner, &stage->config);
    start(stage);
}

void stage_shut(struct stage *stage)
{
    stage->partner.ops->free(stage->partner.self);
    dbk_arena_free(&stage->arena);
    dbk_text_reset(&stage->trace);
    dbk_text_reset(&stage->last.body);
    dbk_text_reset(&stage->last.callback);
}

void stage_ask(struct stage *stage, const char *method, const char *path, const char *body)
{
    struct dbk_message *request = dbk_request_new(method, path);
    struct dbk_text text = {0};

    dbk_text_add(&text, body);
    if (body)
        dbk_message_take_body(request, "application/json", &text);
    stage_step(stage, &(struct dbk_event){.kind = DBK_EVENT_REQUEST,
                                          .exchange = ++stage->exchange,
                                          .message = request,
                                          .from = "core.worker",
                                          .travelled_ms = stage->setup.travelled_ms});
    dbk_message_free(request);
}

void stage_book(struct stage *stage, const char *intent, const char *reference)
{
    char body[400];

    snprintf(body, sizeof(body),
             "{\"reference\":\"%s\",\"guest\":{\"name\":\"Ana dbk.%s.x7k2\"},"
             "\"product\":\"sunset-cruise\",\"slot\":\"evening\",\"units\":2}",
             reference, intent);
    stage_ask(stage, "POST", "/reservations", body);
}

static void ask_of(struct stage *stage, const char *method, size_t nth, const char *rest,
                   const char *body)
{
    char path[100];

    cr_assert_leq(nth, stage->id_count, "there is no reservation %zu", nth);
    snprintf(path, sizeof(path), "/reservations/%s%s", stage->ids[nth - 1], rest);
    stage_ask(stage, method, path, body);
}

void stage_cancel(struct stage *stage, size_t nth)
{
    ask_of(stage, "POST", nth, "/cancel", "{}");
}

void stage_confirm(struct stage *stage, size_t nth)
{
    ask_of(stage, "POST", nth, "/confirm", "{}");
}

void stage_extend(struct stage *stage, size_t nth)
{
    ask_of(stage, "POST", nth, "/extend", "{}");
}

void stage_get(struct stage *stage, size_t nth)
{
    ask_of(stage, "GET", nth, "", NULL);
}

void stage_look_up(struct stage *stage, const char *reference)
{
    char path[100];

    snprintf(path, sizeof(path), "/reservations?reference=%s", reference);
    stage_ask(stage, "GET", path, NULL);
}

void stage_until(struct stage *stage, int64_t at_ms)
{
    while (stage->wake_ms != DBK_ABSENT && stage->wake_ms <= at_ms) {
        cr_assert_geq(stage->wake_ms, stage->now_ms, "a wake in the past");
        stage->now_ms = stage->wake_ms;
        stage->wake_ms = DBK_ABSENT;
        stage_step(stage, &(struct dbk_event){.kind = DBK_EVENT_WAKE});
    }
    stage->now_ms = at_ms;
}

const char *stage_trace(struct stage *stage)
{
    for (size_t i = 0; i < stage->id_count; i++) {
        struct dbk_text renamed = {0};
        const char *from = stage->trace.bytes;

        for (const char *at = NULL; (at = strstr(from, stage->ids[i]));
             from = at + strlen(stage->ids[i])) {
            dbk_text_put(&renamed, from, (size_t)(at - from));
            dbk_text_printf(&renamed, "R%zu", i + 1);
        }
        dbk_text_add(&renamed, from);
        dbk_text_reset(&stage->trace);
        stage->trace = renamed;
    }
    return stage->trace.bytes ? stage->trace.bytes : "";
}

void expect_trace(struct stage *stage, const char *expected)
{
    const char *got = stage_trace(stage);

    cr_expect(strcmp(got, expected) == 0, "expected:\n%s\ngot:\n%s", expected, got);
}
