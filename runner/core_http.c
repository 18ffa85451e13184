#include "runner/core_http.h"

#include "base/json.h"
#include "core/view.h"

#define FULL_PAUSE_MS 1000 /* an answer wakes the worker earlier */
#define BUSY_REQUESTS 8    /* a turn, and more: the worker waits ... */
#define BUSY_TURNS 4       /* ... for so many turns at most */

struct call {
    const struct dbk_core_http *http;
    const struct dbk_now *now;
    const struct dbk_event *event;
    struct dbk_effects *effects;
};

static void answer(const struct call *call, struct dbk_message *response, const char *type,
                   struct dbk_text *body)
{
    dbk_message_take_body(response, type, body);
    dbk_effect_answer(call->effects, call->event->exchange, response, NULL);
}

static void refuse(const struct call *call, int status, const char *detail)
{
    struct dbk_message *response = dbk_response_new(status);
    struct dbk_text body = {0};
    if (status == 401)
        dbk_message_set_header(response, "WWW-Authenticate", "Bearer");
    dbk_view_problem(status, detail, &body);
    answer(call, response, "application/problem+json", &body);
}

/* GET /health */

static bool tell_health(const struct call *call)
{
    int64_t jobs = 0, at_ms = DBK_ABSENT;
    struct dbk_text body = {0};
    if (!dbk_store_count_jobs(call->http->store, &jobs) ||
        !dbk_store_next_job(call->http->store, &at_ms))
        return false;
    int64_t wall_ms = call->now->wall_ms;
    dbk_json_open(&body, '{');
    dbk_json_pair_text(&body, "status", call->http->is_draining ? "draining" : "ok");
    dbk_json_pair_integer(&body, "jobs", jobs);
    if (at_ms == DBK_ABSENT)
        dbk_json_pair_text(&body, "due_ms", NULL);
    else
        dbk_json_pair_integer(&body, "due_ms", at_ms > wall_ms ? at_ms - wall_ms : 0);
    dbk_json_close(&body, '}');
    answer(call, dbk_response_new(200), "application/json", &body);
    return true;
}

/* GET /metrics */

static void begin_family(struct dbk_text *out, const char *name, const char *type, const char *help)
{
    dbk_text_printf(out, "# HELP doublebook_%s %s\n# TYPE doublebook_%s %s\n", name, help, name,
                    type);
}

static void put_sample(struct dbk_text *out, const char *name, int64_t value)
{
    dbk_text_printf(out, "doublebook_%s %lld\n", name, (long long)value);
}

static bool tell_metrics(const struct call *call)
{
    struct dbk_host_counts counts = dbk_host_counts(call->http->host);
    int64_t bookings[DBK_STATUSES], jobs = 0;
    struct dbk_text out = {0};
    if (!dbk_store_count_bookings(call->http->store, bookings) ||
        !dbk_store_count_jobs(call->http->store, &jobs))
        return false;
    begin_family(&out, "bookings", "gauge", "Bookings by status.");
    for (enum dbk_status i = 0; i < DBK_STATUSES; i++)
        dbk_text_printf(&out, "doublebook_bookings{status=\"%s\"} %lld\n", dbk_status_name(i),
                        (long long)bookings[i]);
    begin_family(&out, "jobs", "gauge", "Bookings with work left to do.");
    put_sample(&out, "jobs", jobs);
    begin_family(&out, "requests_total", "counter",
                 "Requests answered here, and sent to partners.");
    put_sample(&out, "requests_total{direction=\"in\"}", counts.requests_in);
    put_sample(&out, "requests_total{direction=\"out\"}", counts.requests_out);
    begin_family(&out, "open_exchanges", "gauge", "Requests that wait for their answer.");
    put_sample(&out, "open_exchanges{direction=\"in\"}", (int64_t)counts.open_in);
    put_sample(&out, "open_exchanges{direction=\"out\"}", (int64_t)counts.open_out);
    begin_family(&out, "commits_total", "counter", "Commits of the store.");
    put_sample(&out, "commits_total", counts.commits);
    begin_family(&out, "turns_total", "counter", "Turns of the event loop.");
    put_sample(&out, "turns_total", counts.turns);
    answer(call, dbk_response_new(200), "text/plain; version=0.0.4; charset=utf-8", &out);
    return true;
}

/* The door. */

static const struct {
    const char *path;
    bool (*tell)(const struct call *call);
} own[] = {{"/health", tell_health}, {"/metrics", tell_metrics}};

/* True if it has been dealt with here; *result says how. */
static bool answer_here(const struct call *call, enum dbk_step_result *result)
{
    const struct dbk_message *request = call->event->message;
    char parts[3][DBK_PATH_PART];
    int verdict = call->http->tokens ? dbk_tokens_judge(call->http->tokens, request) : 0;
    *result = DBK_STEP_DONE;
    if (verdict) {
        refuse(call, verdict,
               verdict == 401 ? "a known bearer token is expected" : "this token may not ask that");
        return true;
    }
    for (size_t i = 0; i < DBK_COUNT(own); i++) {
        if (!dbk_path_match(request->path, own[i].path, parts))
            continue;
        if (!dbk_same(request->method, "GET"))
            refuse(call, 405, "this path is asked in another way");
        else if (!own[i].tell(call))
            *result = DBK_STEP_FAILED;
        return true;
    }
    return false;
}

static enum dbk_step_result step_api(void *self, const struct dbk_now *now,
                                     const struct dbk_event *event,
                                     const struct dbk_chooser *chooser, struct dbk_effects *effects)
{
    struct dbk_core_http *http = self;
    const struct call call = {http, now, event, effects};
    enum dbk_step_result result = DBK_STEP_DONE;
    http->requests += event->kind == DBK_EVENT_REQUEST;
    if (event->kind == DBK_EVENT_REQUEST && answer_here(&call, &result))
        return result;
    return http->api.ops->step(http->api.self, now, event, chooser, effects);
}

/* True if the worker is not to look for work now; another wake may take the place of this one. */
static bool put_off(struct dbk_core_http *http, const struct dbk_now *now,
                    struct dbk_effects *effects)
{
    struct dbk_host_counts counts = dbk_host_counts(http->host);
    bool is_full = counts.open_out >= DBK_CORE_OPEN_MAX;
    int64_t turns = counts.turns - http->worked_turn;
    /* In the turn itself (0 turns ago) it always is. */
    bool is_busy = http->requests >= BUSY_REQUESTS * turns && turns < BUSY_TURNS;
    if (http->is_draining)
        return true;
    if (!is_full && !is_busy) {
        http->worked_turn = counts.turns;
        http->requests = 0;
        return false;
    }
    dbk_effect_wake(effects, now->mono_ms + (is_full ? FULL_PAUSE_MS : 0));
    return true;
}

static enum dbk_step_result step_worker(void *self, const struct dbk_now *now,
                                        const struct dbk_event *event,
                                        const struct dbk_chooser *chooser,
                                        struct dbk_effects *effects)
{
    struct dbk_core_http *http = self;
    bool is_heard = event->kind == DBK_EVENT_RESPONSE || event->kind == DBK_EVENT_FAILED;
    if (!is_heard && put_off(http, now, effects))
        return DBK_STEP_DONE;
    return http->worker.ops->step(http->worker.self, now, event, chooser, effects);
}

static void forget_api(void *self)
{
    const struct dbk_core_http *http = self;
    http->api.ops->forget(http->api.self);
}

static void forget_worker(void *self)
{
    const struct dbk_core_http *http = self;
    http->worker.ops->forget(http->worker.self);
}

static void free_nothing(void *self)
{
    (void)self;
}

static const struct dbk_machine_ops api_ops = {
    .step = step_api, .forget = forget_api, .free = free_nothing};
static const struct dbk_machine_ops worker_ops = {
    .step = step_worker, .forget = forget_worker, .free = free_nothing};

struct dbk_machine dbk_core_http_api(struct dbk_core_http *http)
{
    return (struct dbk_machine){.ops = &api_ops, .self = http, .name = http->api.name};
}

struct dbk_machine dbk_core_http_worker(struct dbk_core_http *http)
{
    return (struct dbk_machine){.ops = &worker_ops, .self = http, .name = http->worker.name};
}
