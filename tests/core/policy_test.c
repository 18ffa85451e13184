#include "core/policy.h"

#include "stage.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(policy, .timeout = 20);

/* One story per rule, in which the rule's other value must show: then something reads the rule.
 * Each plays under the reference and under that one change, and the traces must differ. */

static void lost_answer(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_until(stage, 10000);
    stage_fail(stage, DBK_FAILURE_TIMED_OUT);
    stage_until(stage, 12000);
}

static void lost_request(struct stage *stage)
{
    lost_answer(stage);
    stage_answer(stage, "200 []");
    stage_until(stage, 13000);
}

static void refused_connection(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_fail(stage, DBK_FAILURE_REFUSED);
    stage_until(stage, 2000);
}

static void server_error(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_answer(stage, "500 internal");
}

static void asked_too_often(struct stage *stage)
{
    stage_book(stage, "key-1");
    struct dbk_message *response = dbk_response_new(429);
    dbk_message_set_header(response, "Retry-After", "30");
    stage_answer_with(stage, response);
    stage_until(stage, 20000);
}

static void late_callback(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_callback(stage, "R1 K1 pending", NULL);
}

static void copied_callback(struct stage *stage)
{
    late_callback(stage);
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_callback(stage, "R1 K1 pending", NULL);
}

static void found_by_look_up(struct stage *stage)
{
    lost_answer(stage);
    stage_answer(stage, "200 [R1 K1 confirmed]");
    stage_list(stage);
}

static void unsigned_callback(struct stage *stage)
{
    stage->partner.profile.callback_signature = DBK_SIGNATURE_STANDARD;
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
    stage_callback(stage, "R1 K1 confirmed", NULL);
}

static void accepted(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 pending");
}

/* What is charged stands in no trace, but on the page. */
static void paid(struct stage *stage)
{
    stage_book(stage, "key-1");
    dbk_text_add(&stage->trace, stage_ask(stage, "GET", "/support/bookings", NULL, NULL)->body);
}

/* The same request, and another one. */
static void same_key_again(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_book(stage, "key-1");
    const struct dbk_message *answer =
        stage_ask(stage, "POST", "/bookings", "key-1",
                  "{\"partner\":\"lagoon\",\"product\":\"sunset-cruise\",\"slot\":\"evening\","
                  "\"units\":3,\"guest\":{\"name\":\"Ana dbk.trip.x7k2\"}}");
    dbk_text_printf(&stage->trace, "ana, who asks for 3, is answered %d\n", answer->status);
}

/* The next create is of another booking of the same thing. */
static void refused_connection_twice(struct stage *stage)
{
    stage_set(stage, "same_request", "book");
    refused_connection(stage);
    stage_book(stage, "key-2");
}

static void another_key(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_book(stage, "key-2");
}

static void booked_twice(struct stage *stage)
{
    late_callback(stage);
    stage_answer(stage, "200 R1 K1 confirmed");
    stage_callback(stage, "R2 K1 confirmed", NULL);
    stage_answer(stage, "200 R2 K1 confirmed");
}

static void confirmed(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
}

static void cancelled(struct stage *stage)
{
    stage_book(stage, "key-1");
    stage_answer(stage, "201 R1 K1 confirmed");
    stage_cancel(stage);
    stage_answer(stage, "200 R1 K1 cancelled");
}

static const struct {
    enum dbk_rule_id rule;
    void (*play)(struct stage *stage);
} stories[] = {
    {DBK_RULE_ON_TIMEOUT, lost_answer},
    {DBK_RULE_RETRY_KEY, refused_connection_twice},
    {DBK_RULE_LOOK_UP, lost_answer},
    {DBK_RULE_ABSENCE, lost_request},
    {DBK_RULE_SERVER_ERROR, server_error},
    {DBK_RULE_CALLBACK_ORDER, late_callback},
    {DBK_RULE_CALLBACK_REPEAT, copied_callback},
    {DBK_RULE_CALLBACK_AUTH, unsigned_callback},
    {DBK_RULE_SCREENS, found_by_look_up},
    {DBK_RULE_TELL_CONFIRMED, accepted},
    {DBK_RULE_CHARGE, paid},
    {DBK_RULE_API_KEY, same_key_again},
    {DBK_RULE_SAME_REQUEST, another_key},
    {DBK_RULE_ON_DUPLICATE, booked_twice},
    {DBK_RULE_TRUST_CANCEL, cancelled},
    {DBK_RULE_RETRY_AFTER, asked_too_often},
    {DBK_RULE_RECONCILE, confirmed},
    {DBK_RULE_HAND_OVER, lost_answer},
};

static char *played(void (*play)(struct stage *stage), const char *rule, const char *value)
{
    struct stage *stage = stage_new();

    stage_set(stage, rule, value);
    play(stage);
    char *trace = dbk_copy_text(stage_rename(stage, stage->trace.bytes));
    stage_free(stage);
    return trace;
}

Test(policy, has_a_reader_for_every_value_of_every_rule)
{
    cr_assert_eq(DBK_COUNT(stories), DBK_RULES);
    for (size_t i = 0; i < DBK_COUNT(stories); i++) {
        const struct dbk_rule_row *row = &dbk_rules[stories[i].rule];
        cr_assert_eq(stories[i].rule, i);
        char *reference = played(stories[i].play, row->name, row->values[0]);
        for (size_t value = 1; row->values[value]; value++) {
            char *other = played(stories[i].play, row->name, row->values[value]);
            cr_assert_str_neq(other, reference, "%s: %s changes nothing:\n%s", row->name,
                              row->values[value], other);
            free(other);
        }
        free(reference);
    }
}

Test(policy, asks_a_question_and_says_what_each_value_means)
{
    for (int rule = 0; rule < DBK_RULES; rule++) {
        const struct dbk_rule_row *row = &dbk_rules[rule];
        size_t values = 0, meanings = 0;
        cr_assert(strchr(row->question, '?'), "%s", row->name);
        while (row->values[values])
            values++;
        while (row->meanings[meanings])
            meanings++;
        cr_assert_geq(values, 2, "%s", row->name);
        cr_assert_eq(values, meanings, "%s", row->name);
    }
}

/* Reads a `set:` document; gives the complaints as text. */
static char *complaints_of(const char *document, struct dbk_policy *policy)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0};
    struct dbk_yaml *yaml = dbk_yaml_parse(document, strlen(document), "p.yaml", &complaints);

    cr_assert(yaml);
    dbk_policy_set(policy, yaml, dbk_yaml_root(yaml), &complaints);
    dbk_complaints_print(&complaints, &text);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
    return dbk_text_take(&text);
}

Test(policy, sets_rules_and_durations)
{
    struct dbk_policy policy = dbk_policy_reference();
    char *complaints = complaints_of("retry_key: new\ncreate_timeout: 3s\n", &policy);

    cr_assert_str_eq(complaints, "");
    cr_assert_eq(policy.rules[DBK_RULE_RETRY_KEY], DBK_RETRY_KEY_NEW);
    cr_assert_eq(policy.settings_ms[DBK_SETTING_CREATE_TIMEOUT], 3000);
    cr_assert_eq(policy.settings_ms[DBK_SETTING_LEASE], 60000);
    cr_assert_not(dbk_policy_set_rule(&policy, "retry_key", "newer"));
    cr_assert_not(dbk_policy_set_rule(&policy, "retry", "new"));
    free(complaints);
}

Test(policy, says_all_that_is_wrong_and_where)
{
    struct dbk_policy policy = dbk_policy_reference();
    char *complaints = complaints_of("retry_keys: new\n"
                                     "look_up: sometimes\n"
                                     "lease: soon\n"
                                     "back_off_first: 0s\n"
                                     "screens: [ one-status ]\n"
                                     "flux_capacitor: here\n",
                                     &policy);

    cr_assert_str_eq(
        complaints,
        "p.yaml:1:1: unknown rule or setting 'retry_keys'; did you mean 'retry_key'?\n"
        "p.yaml:2:10: unknown value 'sometimes' for look_up; expected one of before-resend, never\n"
        "p.yaml:3:8: lease is no duration; expected one above zero and of at most ten years, such "
        "as 10s\n"
        "p.yaml:4:17: back_off_first is no duration; expected one above zero and of at most ten "
        "years, such as 10s\n"
        "p.yaml:5:10: unknown value for screens; expected one of one-status, own-copy\n"
        "p.yaml:6:1: unknown rule or setting 'flux_capacitor'; `list policies` shows them all\n");
    free(complaints);
}

Test(policy, naive_is_what_many_teams_ship)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml = dbk_yaml_load(DBK_SOURCE_DIR "/core/policies/naive.yaml", &complaints);
    struct dbk_text got = {0};

    cr_assert(yaml);
    const cJSON *root = dbk_yaml_root(yaml);
    cr_assert_str_eq(dbk_json_text(root, "policy"), "naive");
    cr_assert_str_eq(dbk_json_text(root, "like"), "reference");
    dbk_policy_set(&policy, yaml, dbk_json_get(root, "set"), &complaints);
    cr_assert_eq(complaints.total, 0);
    for (int rule = 0; rule < DBK_RULES; rule++)
        if (policy.rules[rule])
            dbk_text_printf(&got, "%s: %s\n", dbk_rules[rule].name,
                            dbk_rules[rule].values[policy.rules[rule]]);
    cr_assert_str_eq(got.bytes, "on_timeout: resend\n"
                                "retry_key: new\n"
                                "look_up: never\n"
                                "server_error: failed\n"
                                "callback_order: last-wins\n"
                                "callback_repeat: again\n"
                                "screens: own-copy\n"
                                "same_request: book\n"
                                "on_duplicate: ignore\n"
                                "trust_cancel: always\n"
                                "reconcile: never\n");
    dbk_text_reset(&got);
    dbk_yaml_free(yaml);
}
