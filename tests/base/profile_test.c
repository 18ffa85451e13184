#include "base/profile.h"

#include "base/fact.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(profile, .timeout = 20);

/* The profile as its JSON object (free()). */
static char *as_json(const struct dbk_profile *profile)
{
    struct dbk_text text = {0};

    dbk_json_open(&text, '{');
    dbk_profile_write(profile, &text);
    dbk_json_close(&text, '}');
    return dbk_text_take(&text);
}

static void expect_profile(const struct dbk_profile *profile, const char *expected)
{
    char *json = as_json(profile);

    cr_expect_str_eq(json, expected);
    free(json);
}

/* Reads a YAML text over the default profile; gives its complaints (free()), "" for none. */
static char *read_yaml(struct dbk_profile *profile, const char *yaml_text)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0};
    struct dbk_yaml *yaml = dbk_yaml_parse(yaml_text, strlen(yaml_text), "p.yaml", &complaints);

    *profile = dbk_profile_default();
    if (yaml != NULL) {
        dbk_profile_read(profile, yaml, dbk_yaml_root(yaml), &complaints);
    }
    dbk_complaints_print(&complaints, &text);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
    return dbk_text_take(&text);
}

Test(profile, promises_nothing_that_is_not_said)
{
    struct dbk_profile profile = dbk_profile_default();

    expect_profile(&profile, "{}");
}

Test(profile, is_read_from_yaml_knob_by_knob)
{
    struct dbk_profile profile;
    char *wrong = read_yaml(&profile, "format: 1\n"
                                      "profile: full\n"
                                      "like: other\n"
                                      "summary: says all\n"
                                      "source: nobody\n"
                                      "dedupe: reference\n"
                                      "repeat: conflict\n"
                                      "key_lasts: 90d\n"
                                      "look_up: list-by-date\n"
                                      "books_as: pending\n"
                                      "confirms_as: pending\n"
                                      "repeat_confirm: conflict\n"
                                      "extend: offered\n"
                                      "hold: 10m\n"
                                      "hold_max: 20m\n"
                                      "slow_down: date\n"
                                      "server_error: not-booked\n"
                                      "callback: { kind: full, signature: none, version: counter,\n"
                                      "            id: event, event_time: seconds,\n"
                                      "            retry: days }\n"
                                      "commit_within: 90s\n"
                                      "visible_within: 250ms\n"
                                      "max_skew: 0s\n"
                                      "doubt_limit: 1d\n"
                                      "compensate_within: 1h30m\n");

    cr_expect_str_eq(wrong, "");
    free(wrong);
    expect_profile(
        &profile,
        "{\"dedupe\":\"reference\",\"repeat\":\"conflict\","
        "\"key_lasts\":\"90d\",\"look_up\":\"list-by-date\",\"books_as\":\"pending\","
        "\"confirms_as\":\"pending\",\"repeat_confirm\":\"conflict\","
        "\"extend\":\"offered\",\"hold\":\"10m\",\"hold_max\":\"20m\","
        "\"slow_down\":\"date\",\"server_error\":\"not-booked\",\"callback\":{\"kind\":\"full\","
        "\"version\":\"counter\",\"id\":\"event\","
        "\"event_time\":\"seconds\",\"retry\":\"days\"},\"commit_within\":\"1m30s\","
        "\"visible_within\":\"250ms\",\"max_skew\":\"0s\",\"doubt_limit\":\"1d\","
        "\"compensate_within\":\"1h30m\"}");
}

Test(profile, tells_every_mistake_with_its_place)
{
    struct dbk_profile profile;
    char *wrong = read_yaml(&profile, "dedup: reference\n"
                                      "colour: blue\n"
                                      "repeat: twice\n"
                                      "look_up: [ none ]\n"
                                      "books_as: 3\n"
                                      "commit_within: -2m\n"
                                      "max_skew: 5\n"
                                      "doubt_limit: soon\n"
                                      "callback: { knd: full, id: evnt, weather: fine }\n"
                                      "visible_within: 1s\n");
    struct dbk_profile expected = dbk_profile_default();
    char *json = NULL;

    cr_expect_str_eq(
        wrong,
        "p.yaml:1:1: unknown knob 'dedup'; did you mean 'dedupe'?\n"
        "p.yaml:2:1: unknown knob 'colour'; expected one of dedupe, repeat, key_lasts, "
        "look_up, books_as, "
        "confirms_as, repeat_confirm, extend, hold, hold_max, slow_down, server_error, callback, "
        "commit_within, visible_within, max_skew, doubt_limit, "
        "compensate_within\n"
        "p.yaml:3:9: repeat: expected one of new, same, conflict\n"
        "p.yaml:4:10: look_up: expected one of none, by-reference, list-by-date\n"
        "p.yaml:5:11: books_as: expected one of confirmed, pending, on-hold\n"
        "p.yaml:6:16: commit_within: expected a duration of 0s or more, such as 90s or 2m\n"
        "p.yaml:7:11: max_skew: expected a duration of 0s or more, such as 90s or 2m\n"
        "p.yaml:8:14: doubt_limit: expected a duration of 0s or more, such as 90s or 2m\n"
        "p.yaml:9:13: unknown knob 'knd'; did you mean 'kind'?\n"
        "p.yaml:9:28: id: expected one of none, event\n"
        "p.yaml:9:34: unknown knob 'weather'; expected one of kind, signature, version, id, "
        "event_time, retry\n");
    free(wrong);
    expected.visible_within_ms = 1000; /* the one that was right */
    json = as_json(&expected);
    expect_profile(&profile, json);
    free(json);

    wrong = read_yaml(&profile, "callback: full\n");
    cr_expect_str_eq(wrong, "p.yaml:1:11: callback: expected a mapping, such as "
                            "{ kind: full, id: event }\n");
    free(wrong);
    wrong = read_yaml(&profile, "[ dedupe ]\n");
    cr_expect_str_eq(wrong, "p.yaml:1:1: expected a mapping of a profile's knobs\n");
    free(wrong);
}

/* Every value of every knob, through JSON and back. */
Test(profile, reads_back_as_it_was_written)
{
    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        int64_t limit = knob->type == DBK_KNOB_DURATION ? 3 : 0;
        while (knob->values != NULL && knob->values[limit] != NULL) {
            limit++;
        }
        for (int64_t value = 0; value < limit; value++) {
            struct dbk_profile profile = dbk_profile_default(), again = dbk_profile_default();
            char why[160];
            char *json = NULL;
            cJSON *node = NULL;
            *(int64_t *)((char *)&profile + knob->offset) = value;
            json = as_json(&profile);
            node = dbk_json_parse(json, strlen(json), why);
            cr_assert_not_null(node, "%s: %s", json, why);
            cr_expect_null(dbk_profile_read_json(&again, node));
            cr_expect_eq(*(int64_t *)((char *)&again + knob->offset), value, "%s", knob->claim);
            expect_profile(&again, json);
            cJSON_Delete(node);
            free(json);
        }
    }
}

Test(profile, leaves_what_is_strange_in_json_as_it_was)
{
    static const char json[] = "{\"dedupe\":\"maybe\",\"repeat\":3,\"callback\":[],\"more\":{},"
                               "\"max_skew\":\"-1s\",\"look_up\":\"by-reference\"}";
    struct dbk_profile profile = dbk_profile_default(), expected = dbk_profile_default();
    char why[160];
    cJSON *node = dbk_json_parse(json, strlen(json), why);
    char *whole = NULL;

    cr_expect_str_eq(dbk_profile_read_json(&profile, node), "dedupes-by-reference");
    expected.look_up = DBK_LOOK_UP_REFERENCE;
    whole = as_json(&expected);
    expect_profile(&profile, whole);
    free(whole);
    cJSON_Delete(node);
}

Test(profile, has_one_claim_per_knob_and_some_without)
{
    static const char *const expected =
        "dedupes-by-reference repeat-answer key-lasts look-up-offered books-as confirms-as "
        "repeat-confirm-answer extend-offered hold-lasts hold-ends slow-down-says-when error-means "
        "callback-kind "
        "callback-signed callback-version callback-id callback-time callback-retried "
        "commits-within "
        "visible-within clock-within doubt-limit cancel-in-time one-create-one-reservation "
        "cancel-takes-effect callback-tells-what-is ";
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_text claims = {0};

    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        dbk_text_printf(&claims, "%s ", knob->claim);
        cr_expect_eq(knob->key == NULL, knob->type == DBK_KNOB_CLAIM, "%s", knob->claim);
        cr_expect_eq(dbk_profile_value_name(&profile, knob) != NULL, knob->type == DBK_KNOB_ENUM,
                     "%s", knob->claim);
        cr_expect(strlen(knob->sentence) > 0 && strlen(knob->broken_when) > 0, "%s", knob->claim);
    }
    cr_expect_str_eq(claims.bytes, expected);
    dbk_text_reset(&claims);
}
