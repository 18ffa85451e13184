#include "core/think.h"

#include "base/history.h"

#include <stdio.h>
#include <string.h>

const char *dbk_think_clock(int64_t wall_ms, char text[static DBK_CLOCK_TEXT])
{
    char whole[DBK_INSTANT_TEXT];

    dbk_instant_print(wall_ms, whole);
    memcpy(text, whole + 11, DBK_CLOCK_TEXT - 1);
    text[DBK_CLOCK_TEXT - 1] = '\0';
    return text;
}

bool dbk_think_is_past(const struct dbk_thinking *think, int64_t at_ms)
{
    return think->question->now_ms >= at_ms;
}

void dbk_think_now(struct dbk_thinking *think, enum dbk_next step, enum dbk_sync sync,
                   const char *format, ...)
{
    va_list rest;

    think->decision.step = step;
    think->decision.sync = sync;
    think->decision.from_ms = think->decision.by_ms = think->question->now_ms;
    memset(think->decision.claims, 0, sizeof(think->decision.claims));
    va_start(rest, format);
    vsnprintf(think->decision.reason, sizeof(think->decision.reason), format, rest);
    va_end(rest);
}

void dbk_think_not_before(struct dbk_thinking *think, int64_t at_ms, int64_t back_off_ms)
{
    char then[DBK_CLOCK_TEXT];
    size_t length = strlen(think->decision.reason);
    int64_t jitter_ms = back_off_ms / 2;

    if (think->limit_ms && at_ms > think->limit_ms)
        at_ms = think->limit_ms;
    if (dbk_think_is_past(think, at_ms - jitter_ms))
        return;
    snprintf(think->decision.reason + length, sizeof(think->decision.reason) - length, "; %s %s %s",
             dbk_next_name(think->decision.step), jitter_ms ? "by" : "at",
             dbk_think_clock(at_ms, then));
    think->decision.step = DBK_NEXT_WAIT;
    think->decision.from_ms = at_ms - jitter_ms;
    think->decision.by_ms = at_ms;
}

void dbk_think_rests_on(struct dbk_thinking *think, const char *claim)
{
    for (size_t i = 0; i < DBK_DECISION_CLAIMS; i++)
        if (!think->decision.claims[i] || think->decision.claims[i] == claim) {
            think->decision.claims[i] = claim;
            return;
        }
}

void dbk_think_operator(struct dbk_thinking *think, const char *why)
{
    dbk_think_now(think, DBK_NEXT_OPERATOR, DBK_SYNC_OPERATOR, "%s", why);
}

void dbk_think_unsafe(struct dbk_thinking *think, const char *what)
{
    snprintf(think->decision.unsafe, sizeof(think->decision.unsafe), "%s", what);
}

int64_t dbk_think_ended_ms(const struct dbk_known_request *request)
{
    return request->ended_at_ms == DBK_ABSENT ? request->deadline_ms : request->ended_at_ms;
}

void dbk_think_read_one(struct dbk_thinking *think, const struct dbk_known_reservation *reservation,
                        const struct dbk_cause *cause, const char *format, ...)
{
    const struct dbk_known_request *last = reservation->last[DBK_CALL_GET];
    int64_t pause = dbk_back_off_ms(think->question->policy, reservation->sent[DBK_CALL_GET]);
    va_list rest;

    think->limit_ms = cause->at_ms + think->question->profile->doubt_limit_ms;
    if (dbk_think_is_past(think, think->limit_ms)) {
        dbk_think_operator(think, "the partner could not be asked what it has");
        return;
    }
    dbk_think_now(think, DBK_NEXT_LOOK_UP, cause->sync, "%s", "");
    va_start(rest, format);
    vsnprintf(think->decision.reason, sizeof(think->decision.reason), format, rest);
    va_end(rest);
    think->decision.reservation = reservation->id;
    if (last && last->number > cause->number)
        dbk_think_not_before(think, dbk_think_ended_ms(last) + pause, pause);
}
