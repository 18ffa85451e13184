#include "runner/decide/advice.h"

#include "base/history.h"
#include "base/json.h"
#include "core/move.h"
#include "runner/table.h"

#include <stdio.h>
#include <string.h>

#define INDENT 10

/* A doubt can be ended by looking only where looking is offered. */
static int64_t absent_from(const struct dbk_known *known, const struct dbk_belief *belief,
                           const struct dbk_profile *profile)
{
    (void)known;
    return belief->newest_doubt && belief->may_read && profile->look_up != DBK_LOOK_UP_NONE
               ? belief->newest_doubt->absent_after_ms
               : 0;
}

struct dbk_advice dbk_advise(const struct dbk_advice_question *question, struct dbk_arena *arena)
{
    struct dbk_advice advice = {.question = *question, .status = DBK_STATUS_RECEIVED};
    struct dbk_known known =
        dbk_know(question->evidence, question->count, question->profile, arena);
    struct dbk_belief belief = dbk_believe(&known, question->policy);

    for (struct dbk_move move = dbk_move(advice.status, &known, question->policy); move.is_wanted;
         move = dbk_move(advice.status, &known, question->policy))
        advice.status = move.to;
    advice.decision = dbk_decide(&(struct dbk_question){
        .status = advice.status,
        .known = &known,
        .profile = question->profile,
        .policy = question->policy,
        .now_ms = question->now_ms,
    });
    advice.told =
        dbk_told_of(advice.status, advice.decision.sync, &known, advice.decision.held_until_ms > 0);
    advice.absent_from_ms = absent_from(&known, &belief, question->profile);
    return advice;
}

/* "1:10", "1:00:00" from the zero. */
static const char *clock_of(const struct dbk_advice *advice, int64_t at_ms, char text[static 24])
{
    int64_t seconds = (at_ms - advice->question.zero_ms + 999) / 1000;

    if (seconds >= 3600)
        snprintf(text, 24, "%lld:%02lld:%02lld", (long long)(seconds / 3600),
                 (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    else
        snprintf(text, 24, "%lld:%02lld", (long long)(seconds / 60), (long long)(seconds % 60));
    return text;
}

void dbk_advice_next(const struct dbk_advice *advice, struct dbk_text *out)
{
    const struct dbk_decision *decision = &advice->decision;
    char at[24];

    if (decision->step == DBK_NEXT_WAIT)
        dbk_text_printf(out, "wait until %s", clock_of(advice, decision->by_ms, at));
    else if (decision->step == DBK_NEXT_RESEND)
        dbk_text_printf(out, "resend %s, now",
                        decision->key ? "under the same key" : "under a new key");
    else if (decision->step == DBK_NEXT_REST)
        dbk_text_add(out, "nothing");
    else
        dbk_text_printf(out, "%s, now", dbk_next_name(decision->step));
}

static const struct dbk_knob *knob_of(const char *claim)
{
    for (size_t i = 0; i < dbk_knob_count; i++)
        if (dbk_same(dbk_knobs[i].claim, claim))
            return &dbk_knobs[i];
    return NULL;
}

/* "look_up: by-reference", "commit_within: 60s"; "" for a claim that every profile makes. */
static void say_knob(const struct dbk_advice *advice, const struct dbk_knob *knob,
                     struct dbk_text *out)
{
    char duration[DBK_DURATION_TEXT];

    if (knob->type == DBK_KNOB_CLAIM)
        return;
    dbk_text_printf(out, "%s%s%s: ", knob->group ? knob->group : "", knob->group ? "." : "",
                    knob->key);
    if (knob->type == DBK_KNOB_ENUM) {
        dbk_text_add(out, dbk_profile_value_name(advice->question.profile, knob));
        return;
    }
    dbk_duration_print(*(const int64_t *)((const char *)advice->question.profile + knob->offset),
                       duration);
    dbk_text_add(out, duration);
}

static void line(const char *head, const char *text, int width, struct dbk_text *out)
{
    struct dbk_text paragraph = {0};

    dbk_paragraph_print(text, INDENT, width, &paragraph);
    size_t length = strlen(head);
    if (paragraph.length > INDENT && length < INDENT)
        memcpy(paragraph.bytes, head, length);
    dbk_text_add(out, paragraph.bytes ? paragraph.bytes : "");
    dbk_text_reset(&paragraph);
}

static void print_claims(const struct dbk_advice *advice, int width, struct dbk_text *out)
{
    struct dbk_text text = {0};

    for (size_t i = 0; i < DBK_DECISION_CLAIMS && advice->decision.claims[i]; i++) {
        const struct dbk_knob *knob = knob_of(advice->decision.claims[i]);
        dbk_text_clear(&text);
        dbk_text_printf(&text, "%s", knob->claim);
        if (knob->type != DBK_KNOB_CLAIM) {
            dbk_text_add(&text, " (");
            say_knob(advice, knob, &text);
            dbk_text_add(&text, ")");
        }
        dbk_text_printf(&text, ": %s", knob->sentence);
        line(i == 0 ? "rests on" : "", text.bytes, width, out);
    }
    dbk_text_reset(&text);
}

void dbk_advice_known_by(const struct dbk_advice *advice, struct dbk_text *out)
{
    const struct dbk_decision *decision = &advice->decision;
    const char *space = "";
    char at[24];

    if (advice->absent_from_ms > 0) {
        dbk_text_printf(out,
                        "%s: a look-up sent from then on that shows nothing proves that nothing "
                        "was booked.",
                        clock_of(advice, advice->absent_from_ms, at));
        space = " ";
    }
    if (decision->held_until_ms > 0) {
        dbk_text_printf(out, "%s%s: the hold is over, by the partner's clock.", space,
                        clock_of(advice, decision->held_until_ms, at));
        space = " ";
    }
    if (decision->limit_ms > 0 && decision->step != DBK_NEXT_OPERATOR)
        dbk_text_printf(out, "%s%s: it is known, or a person decides.", space,
                        clock_of(advice, decision->limit_ms, at));
}

void dbk_advice_print(const struct dbk_advice *advice, int width, struct dbk_text *out)
{
    const struct dbk_decision *decision = &advice->decision;
    struct dbk_text text = {0};

    dbk_advice_next(advice, &text);
    line("next", text.bytes, width, out);
    line("because", decision->reason, width, out);
    print_claims(advice, width, out);
    dbk_text_clear(&text);
    dbk_advice_known_by(advice, &text);
    if (text.length)
        line("known by", text.bytes, width, out);
    if (decision->unsafe[0])
        line("unsafe", decision->unsafe, width, out);
    dbk_text_clear(&text);
    dbk_text_printf(&text, "%s, sync %s", dbk_status_name(advice->status),
                    dbk_sync_name(decision->sync));
    line("status", text.bytes, width, out);
    dbk_text_clear(&text);
    dbk_told_write(advice->told, DBK_ENGLISH, decision->limit_ms, &text);
    line("traveller", text.bytes, width, out);
    if (advice->question.source)
        line("source", advice->question.source, width, out);
    dbk_text_reset(&text);
}

static void write_seconds(struct dbk_text *out, const struct dbk_advice *advice, const char *key,
                          int64_t at_ms)
{
    if (at_ms > 0)
        dbk_json_pair_integer(out, key, at_ms - advice->question.zero_ms);
}

void dbk_advice_write(const struct dbk_advice *advice, struct dbk_text *out)
{
    const struct dbk_decision *decision = &advice->decision;

    dbk_json_pair_text(out, "next", dbk_next_name(decision->step));
    write_seconds(out, advice, "by_ms", decision->by_ms);
    if (decision->key)
        dbk_json_pair_text(out, "key", decision->key);
    if (decision->reservation)
        dbk_json_pair_text(out, "reservation", decision->reservation);
    dbk_json_pair_text(out, "reason", decision->reason);
    dbk_json_pair_text(out, "unsafe", decision->unsafe);
    dbk_json_key(out, "claims");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < DBK_DECISION_CLAIMS && decision->claims[i]; i++)
        dbk_json_put_text(out, decision->claims[i]);
    dbk_json_close(out, ']');
    write_seconds(out, advice, "absence_provable_from_ms", advice->absent_from_ms);
    write_seconds(out, advice, "held_until_ms", decision->held_until_ms);
    write_seconds(out, advice, "known_by_ms", decision->limit_ms);
    dbk_json_pair_text(out, "status", dbk_status_name(advice->status));
    dbk_json_pair_text(out, "sync", dbk_sync_name(decision->sync));
    struct dbk_text told = {0};
    dbk_told_write(advice->told, DBK_ENGLISH, decision->limit_ms, &told);
    dbk_json_pair_text(out, "traveller", told.bytes);
    dbk_text_reset(&told);
}
