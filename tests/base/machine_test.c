#include "base/machine.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(machine, .timeout = 20);

/* All effects as text, one a line: the trace the tests compare. */
static void expect_effects(const struct dbk_effects *effects, const char *expected)
{
    static const char *const kinds[] = {
        [DBK_EFFECT_ANSWER] = "answer",     [DBK_EFFECT_BREAK] = "break",
        [DBK_EFFECT_WITHHOLD] = "withhold", [DBK_EFFECT_SEND] = "send",
        [DBK_EFFECT_WAKE] = "wake",         [DBK_EFFECT_POKE] = "poke",
        [DBK_EFFECT_FACT] = "fact",
    };
    struct dbk_text text = {0};

    for (size_t i = 0; i < effects->count; i++) {
        const struct dbk_effect *effect = &effects->items[i];
        const struct dbk_message *message = effect->message;
        dbk_text_printf(&text, "%s", kinds[effect->kind]);
        if (effect->kind <= DBK_EFFECT_WITHHOLD) {
            dbk_text_printf(&text, " exchange %d", (int)effect->exchange);
        }
        if (effect->kind == DBK_EFFECT_BREAK) {
            dbk_text_printf(&text, " %s", dbk_failure_name(effect->failure));
        }
        if (effect->to != NULL) {
            dbk_text_printf(&text, " to %s tag %d", effect->to, (int)effect->tag);
        }
        if (effect->kind == DBK_EFFECT_SEND) {
            dbk_text_printf(&text, " within %d before %d", (int)effect->timeout_ms,
                            (int)effect->send_before_mono_ms);
        }
        if (effect->kind == DBK_EFFECT_WAKE) {
            dbk_text_printf(&text, " at %d", (int)effect->wake_mono_ms);
        }
        if (message != NULL) {
            dbk_text_printf(&text, " [%s %d]", message->path == NULL ? "-" : message->path,
                            message->status);
        }
        if (effect->has_fact) {
            const struct dbk_fact *fact = &effect->fact;
            dbk_text_printf(&text, " (%s %s)", dbk_fact_name(fact->kind),
                            fact->text == NULL ? fact->key : fact->text);
        }
        dbk_text_add(&text, "\n");
    }
    cr_expect_str_eq(text.bytes == NULL ? "" : text.bytes, expected);
    dbk_text_reset(&text);
}

/* A step whose strings stand on its own stack, as those of machines do. */
static void step(struct dbk_effects *effects)
{
    char key[] = "k1", fellow[] = "core.worker", partner[] = "lagoon", why[] = "the hold is over";
    struct dbk_fact about = dbk_fact_of(DBK_FACT_ANSWER);

    about.key = key;
    dbk_effect_answer(effects, 4, dbk_response_new(201), &about);
    dbk_effect_break(effects, 5, DBK_FAILURE_RESET, NULL);
    dbk_effect_cut(effects, 5, dbk_response_new(200), &about);
    dbk_effect_withhold(effects, 6, &about);
    dbk_effect_send(effects, &(struct dbk_send){.to = partner,
                                                .message = dbk_request_new("POST", "/reservations"),
                                                .tag = 9,
                                                .timeout_ms = 10000,
                                                .send_before_mono_ms = 400});
    dbk_effect_wake(effects, 1200);
    dbk_effect_poke(effects, fellow, 2);
    about.kind = DBK_FACT_SAW;
    dbk_effect_fact(effects, &about);
    dbk_effect_note(effects, "%s after %d tries", why, 3);
    memset(key, 'x', sizeof(key) - 1);
    memset(fellow, 'x', sizeof(fellow) - 1);
    memset(partner, 'x', sizeof(partner) - 1);
    memset(why, 'x', sizeof(why) - 1);
}

Test(machine, puts_effects_in_order_and_they_outlive_its_step)
{
    struct dbk_arena arena = {0};
    struct dbk_effects effects = {.arena = &arena};

    step(&effects);
    expect_effects(&effects, "answer exchange 4 [- 201] (answer k1)\n"
                             "break exchange 5 reset\n"
                             "break exchange 5 broken [- 200] (answer k1)\n"
                             "withhold exchange 6 (answer k1)\n"
                             "send to lagoon tag 9 within 10000 before 400 [/reservations 0]\n"
                             "wake at 1200\n"
                             "poke to core.worker tag 2\n"
                             "fact (saw k1)\n"
                             "fact (note the hold is over after 3 tries)\n");
    dbk_effects_reset(&effects);
    dbk_arena_free(&arena);
}

Test(machine, loses_the_effects_of_a_step_that_failed)
{
    struct dbk_arena arena = {0};
    struct dbk_effects effects = {.arena = &arena};
    size_t kept = 0;

    dbk_effect_wake(&effects, 1);
    kept = effects.count;
    for (int i = 0; i < 20; i++) {
        step(&effects); /* their messages are freed; the leak check would tell */
    }
    cr_expect_eq(effects.count, 181);
    dbk_effects_clear(&effects, kept);
    expect_effects(&effects, "wake at 1\n");
    dbk_effect_poke(&effects, "core.api", 0);
    expect_effects(&effects, "wake at 1\npoke to core.api tag 0\n");
    dbk_effects_reset(&effects);
    cr_expect_eq(effects.arena, &arena);
    expect_effects(&effects, "");
    dbk_arena_free(&arena);
}

Test(machine, has_a_name_for_each_failure)
{
    static const char *const expected[] = {"timed out", "refused", "reset",
                                           "broken",    "closed",  "too late"};

    for (int i = 0; i < DBK_FAILURES; i++) {
        cr_expect_str_eq(dbk_failure_name((enum dbk_failure)i), expected[i]);
    }
}
