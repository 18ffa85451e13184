#include "runner/live_ask.h"

static void hear(struct dbk_ask *ask, const struct dbk_event *event)
{
    if (event->tag != ask->number)
        return;
    ask->is_open = false;
    if (event->kind != DBK_EVENT_RESPONSE)
        return;
    ask->status = event->message->status;
    dbk_text_put(&ask->body, event->message->body, event->message->body_length);
}

static enum dbk_step_result step(void *self, const struct dbk_now *now,
                                 const struct dbk_event *event, const struct dbk_chooser *chooser,
                                 struct dbk_effects *effects)
{
    struct dbk_ask *ask = self;
    (void)now, (void)chooser;
    if (event->kind == DBK_EVENT_RESPONSE || event->kind == DBK_EVENT_FAILED)
        hear(ask, event);
    if (event->kind == DBK_EVENT_POKED && ask->next.message) {
        dbk_effect_send(effects, &ask->next);
        ask->next = (struct dbk_send){0};
    }
    return DBK_STEP_DONE;
}

static void leave(void *self)
{
    (void)self;
}

struct dbk_machine dbk_ask_machine(struct dbk_ask *ask)
{
    static const struct dbk_machine_ops ops = {.step = step, .forget = leave, .free = leave};
    return (struct dbk_machine){.ops = &ops, .self = ask, .name = "stage"};
}

void dbk_ask_forget(struct dbk_ask *ask)
{
    uint64_t number = ask->number + 1;
    dbk_ask_reset(ask);
    ask->number = number;
}

void dbk_ask_put(struct dbk_ask *ask, enum dbk_question about, const char *method, const char *path,
                 int64_t timeout_ms)
{
    dbk_ask_forget(ask);
    ask->about = about;
    ask->is_open = true;
    ask->next = (struct dbk_send){.to = "core",
                                  .message = dbk_request_new(method, path),
                                  .tag = ask->number,
                                  .timeout_ms = timeout_ms,
                                  .send_before_mono_ms = DBK_ABSENT};
}

bool dbk_ask_is_granted(const struct dbk_ask *ask, enum dbk_question about)
{
    return ask->about == about && ask->status >= 200 && ask->status < 300;
}

void dbk_ask_reset(struct dbk_ask *ask)
{
    dbk_message_free(ask->next.message);
    dbk_text_reset(&ask->body);
    *ask = (struct dbk_ask){0};
}
