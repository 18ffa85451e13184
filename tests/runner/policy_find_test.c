#include "runner/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(policy_find, .timeout = 30);

static struct dbk_library here(void)
{
    struct dbk_library library;
    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    return library;
}

/* Finds a policy in a file of these bytes; gives what was told, with "F" for the file's path. */
static char *find_in_file(const char *bytes, struct dbk_policy *policy)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_text told = {0}, out = {0};
    char path[] = "/tmp/dbk-policy-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    close(file);
    bool is_found = dbk_policy_find(&library, path, policy, &complaints);
    cr_assert_eq(is_found, complaints.total == 0);
    unlink(path);
    dbk_complaints_print(&complaints, &told);
    for (const char *at = told.bytes ? told.bytes : ""; *at;) {
        bool is_path = strncmp(at, path, strlen(path)) == 0;
        dbk_text_add_char(&out, is_path ? 'F' : *at);
        at += is_path ? strlen(path) : 1;
    }
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&told);
    return dbk_text_take(&out);
}

Test(policy_find, knows_the_reference_without_a_file)
{
    struct dbk_library nowhere = {.root = "/nonexistent"};
    struct dbk_complaints complaints = {0};
    struct dbk_policy policy, reference = dbk_policy_reference();
    cr_assert(dbk_policy_find(&nowhere, "reference", &policy, &complaints));
    cr_assert_str_eq(policy.name, "reference");
    cr_assert_arr_eq(policy.rules, reference.rules, DBK_RULES);
}

Test(policy_find, reads_a_file_over_the_policy_it_is_like)
{
    struct dbk_policy policy;
    char *told = find_in_file("format: 1\npolicy: mine\nlike: naive\n"
                              "set: { retry_key: same, create_timeout: 3s }\n",
                              &policy);
    cr_assert_str_eq(told, "");
    cr_assert_str_eq(policy.name, "mine");
    cr_assert_eq(policy.rules[DBK_RULE_RETRY_KEY], 0);
    cr_assert_eq(policy.rules[DBK_RULE_ON_TIMEOUT], 1); /* as naive has it */
    cr_assert_eq(policy.settings_ms[DBK_SETTING_CREATE_TIMEOUT], 3000);
    free(told);
}

Test(policy_find, tells_what_is_wrong)
{
    static const struct {
        const char *bytes, *told;
    } rows[] = {
        {"[ a ]\n", "F:1:1: expected a policy: a mapping with format, policy, like and set\n"},
        {"format: 2\npolicy: mine\nlike: reference\n", "F:1:9: expected format: 1\n"},
        {"format: 1\nlike: reference\n",
         "F:1:1: the policy lacks the key 'policy'; expected policy: its name, like: the policy it "
         "starts from\n"},
        {"format: 1\npolicy: mine\nlike: reference\nsett: {}\n",
         "F:4:1: unknown key 'sett' (did you mean 'set'?); expected one of format, policy, "
         "summary, like, set\n"},
        {"format: 1\npolicy: mine\nlike: naiv\n",
         "F:3:7: unknown policy 'naiv' (did you mean 'naive'?); expected one of "
         "lazy, naive, reference, or a file\n"},
        {"policy: mine\nlike: reference\n",
         "F:1:1: the policy lacks the key 'format'; expected 1\n"},
        {"format: 1\npolicy: mine\nlike: reference\nset: { on_timeout: resnd }\n",
         "F:4:20: unknown value 'resnd' for on_timeout (did you mean 'resend'?); expected one of "
         "doubt, resend\n"},
        {"format: 1\npolicy: mine\nlike: reference\nset: { retry_key: 7 }\n",
         "F:4:19: unknown value for retry_key; expected one of same, new, content\n"},
        {"format: 1\npolicy: [ mine ]\nlike: reference\nset: 7\n",
         "F:2:9: policy: expected a text\n"
         "F:4:6: set: expected a mapping of rules\n"
         "F:1:1: the policy lacks the key 'policy'; expected policy: its name, like: the policy it "
         "starts from\n"},
    };
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_policy policy;
        char *told = find_in_file(rows[i].bytes, &policy);
        cr_expect_str_eq(told, rows[i].told, "got:\n%s", told);
        free(told);
    }
}

Test(policy_find, ends_a_circle_of_likes)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_policy policy;
    char path[] = "/tmp/dbk-policy-XXXXXX", bytes[128];
    int file = mkstemp(path);
    int length = snprintf(bytes, sizeof bytes, "format: 1\npolicy: mine\nlike: %s\n", path);
    cr_assert(file >= 0 && write(file, bytes, (size_t)length) == length);
    close(file);
    cr_assert_not(dbk_policy_find(&library, path, &policy, &complaints));
    cr_assert_eq(complaints.total, 1);
    cr_assert_str_eq(complaints.items[0].text, "like: goes in a circle, or on and on; expected a "
                                               "policy that ends in reference");
    cr_assert_eq(complaints.items[0].line, 3);
    unlink(path);
    dbk_complaints_reset(&complaints);
}
