/* policy: how the core behaves, as data: a table of rules and a table of settings.
 *
 * Each rule is a question about one's own system, has enumerated values and exactly one reader in
 * the code. The first value is `reference`, the safe one. A policy file is `like: reference`
 * plus `set:`. Bugs that are no policy (acknowledging before it is durable, no fencing) are port
 * mutants in tests/, not rules. Next: policy.c (the table), policies/naive.yaml.
 */
#ifndef DBK_CORE_POLICY_H
#define DBK_CORE_POLICY_H

#include "base/yaml.h"

enum dbk_rule_id {
    DBK_RULE_ON_TIMEOUT,     /* doubt | resend: a create got no usable answer; what next? */
    DBK_RULE_RETRY_KEY,      /* same | new | content: under which key does a create go out again? */
    DBK_RULE_LOOK_UP,        /* before-resend | never: do you ask the partner what it has? */
    DBK_RULE_ABSENCE,        /* envelope | first-miss: a look-up found nothing; when is it true? */
    DBK_RULE_SERVER_ERROR,   /* doubt | failed: a create was answered 5xx; what is it? */
    DBK_RULE_CALLBACK_ORDER, /* table | last-wins: a callback names a state; does status follow? */
    DBK_RULE_CALLBACK_REPEAT, /* once | again: the same callback comes again; what happens? */
    DBK_RULE_CALLBACK_AUTH,   /* verify | trust: a callback comes in a partner's name; is it? */
    DBK_RULE_SCREENS,         /* one-status | own-copy: where does the support list read? */
    DBK_RULE_TELL_CONFIRMED,  /* when-confirmed | when-accepted: when is the traveller told? */
    DBK_RULE_CHARGE,          /* when-confirmed | when-sent: when do you take the money? */
    DBK_RULE_API_KEY, /* stored | ignored | whatever-body: the same Idempotency-Key comes again? */
    DBK_RULE_SAME_REQUEST, /* refuse | book: the same request comes again under another key? */
    DBK_RULE_ON_DUPLICATE, /* compensate | ignore: the partner holds two for one booking? */
    DBK_RULE_TRUST_CANCEL, /* look | always: a cancel was answered "done"; is it? */
    DBK_RULE_RETRY_AFTER,  /* obey | ignore: a partner says that it is asked too often; when again?
                            */
    DBK_RULE_RECONCILE,    /* look | never: do you look once behind what a create was said to do? */
    DBK_RULE_HAND_OVER,    /* last-resort | at-first-doubt: when does a person decide? */
    DBK_RULES
};

struct dbk_rule_row {
    const char *name;            /* "retry_key" */
    const char *question;        /* about one's own system */
    const char *const *values;   /* NULL-terminated, reference first */
    const char *const *meanings; /* a sentence per value */
};

/* The values that differ from the reference, which is 0 in every rule. */
enum {
    DBK_ON_TIMEOUT_RESEND = 1,
    DBK_RETRY_KEY_NEW = 1,
    DBK_RETRY_KEY_CONTENT = 2,
    DBK_LOOK_UP_NEVER = 1,
    DBK_ABSENCE_FIRST_MISS = 1,
    DBK_SERVER_ERROR_FAILED = 1,
    DBK_CALLBACK_LAST_WINS = 1,
    DBK_CALLBACK_AGAIN = 1,
    DBK_CALLBACK_AUTH_TRUST = 1,
    DBK_SCREENS_OWN_COPY = 1,
    DBK_TELL_WHEN_ACCEPTED = 1,
    DBK_CHARGE_WHEN_SENT = 1,
    DBK_API_KEY_IGNORED = 1,
    DBK_API_KEY_WHATEVER_BODY = 2,
    DBK_SAME_REQUEST_BOOKS = 1,
    DBK_DUPLICATE_IGNORED = 1,
    DBK_TRUST_CANCEL_ALWAYS = 1,
    DBK_RETRY_AFTER_IGNORED = 1,
    DBK_RECONCILE_NEVER = 1,
    DBK_HAND_OVER_AT_FIRST_DOUBT = 1
};

enum dbk_setting_id {
    DBK_SETTING_CREATE_TIMEOUT,
    DBK_SETTING_LOOK_UP_TIMEOUT,
    DBK_SETTING_CANCEL_TIMEOUT,
    DBK_SETTING_CONFIRM_TIMEOUT,
    DBK_SETTING_LEASE,
    DBK_SETTING_BACK_OFF_FIRST,
    DBK_SETTING_BACK_OFF_MAX,
    DBK_SETTING_RECONCILE_AFTER,
    DBK_SETTING_QUOTE_TTL,
    DBK_SETTINGS
};

struct dbk_setting_row {
    const char *name; /* "create_timeout" */
    int64_t reference_ms;
    const char *sentence;
};

extern const struct dbk_rule_row dbk_rules[DBK_RULES];
extern const struct dbk_setting_row dbk_settings[DBK_SETTINGS];

struct dbk_policy {
    char name[64];            /* "reference", "naive", "reference with retry_key: new" */
    uint8_t rules[DBK_RULES]; /* index into values; 0 is the reference */
    int64_t settings_ms[DBK_SETTINGS];
};

struct dbk_policy dbk_policy_reference(void);

/* Reads a `set:` mapping of rules and settings over *policy; complains with place, names the
 * closest known word. Does not change the name. */
void dbk_policy_set(struct dbk_policy *policy, const struct dbk_yaml *yaml, const cJSON *set,
                    struct dbk_complaints *complaints);

/* Adds all rules and settings with their values, for digests. */
void dbk_policy_text(const struct dbk_policy *policy, struct dbk_text *out);

/* Sets one rule; false if there is no such rule or value. */
DBK_CHECKED bool dbk_policy_set_rule(struct dbk_policy *policy, const char *rule,
                                     const char *value);

#endif
