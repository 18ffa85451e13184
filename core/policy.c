#include "core/policy.h"

#include "base/time.h"
#include "core/names.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct dbk_rule_row dbk_rules[DBK_RULES] = {
    [DBK_RULE_ON_TIMEOUT] =
        {"on_timeout",
         "A create timed out or its answer was no use. What does your worker do next?",
         WORDS("doubt", "resend"),
         WORDS("It holds the create in doubt and sends no new one until the doubt has ended.",
               "It takes silence for failure and sends the create again.")},
    [DBK_RULE_RETRY_KEY] =
        {"retry_key", "A create goes out once more. Under which key?",
         WORDS("same", "new", "content"),
         WORDS("Under the key of the first, so that the partner can know it again.",
               "Under a fresh key, so that for the partner it is another booking.",
               "Each create goes out under a key made of what is booked, so that two bookings of "
               "the same thing are one to the partner.")},
    [DBK_RULE_LOOK_UP] = {"look_up",
                          "You do not know what a partner did. Do you ask it what it has?",
                          WORDS("before-resend", "never"),
                          WORDS("It looks up and reads back whenever it does not know.",
                                "It never asks, and goes by answers and callbacks alone.")},
    [DBK_RULE_ABSENCE] =
        {"absence", "A look-up after a lost answer shows nothing. When do you believe it?",
         WORDS("envelope", "first-miss"),
         WORDS("When it was sent after the partner's bounds for committing and showing had passed.",
               "At once, though the create may still be on its way.")},
    [DBK_RULE_SERVER_ERROR] = {"server_error", "A create was answered with a 5xx. What is it?",
                               WORDS("doubt", "failed"),
                               WORDS(
                                   "A doubt, unless the partner promises that it means not booked.",
                                   "A failure; the create is sent again.")},
    [DBK_RULE_CALLBACK_ORDER] =
        {"callback_order", "A callback names a state. Does your status follow?",
         WORDS("table", "last-wins"),
         WORDS("Only if the table allows the move and the news is newer; else it is read back.",
               "Always; the last callback to come wins.")},
    [DBK_RULE_CALLBACK_REPEAT] = {"callback_repeat", "The same callback comes again. What happens?",
                                  WORDS("once", "again"),
                                  WORDS("It is recognised and answered, and changes nothing.",
                                        "It is handled once more.")},
    [DBK_RULE_CALLBACK_AUTH] =
        {"callback_auth",
         "A callback comes in the name of a partner that signs its own. Is it the partner's?",
         WORDS("verify", "trust"),
         WORDS("Only if signature or token fits and it is fresh; else it is refused and forgotten.",
               "It is taken as it comes.")},
    [DBK_RULE_SCREENS] = {"screens", "Where does the support list read the status?",
                          WORDS("one-status", "own-copy"),
                          WORDS(
                              "From the one status that every screen reads.",
                              "From its own copy, kept by the handlers of answers and callbacks.")},
    [DBK_RULE_TELL_CONFIRMED] = {"tell_confirmed",
                                 "When is the traveller told that it is confirmed?",
                                 WORDS("when-confirmed", "when-accepted"),
                                 WORDS("When the partner confirmed it.",
                                       "As soon as the partner accepted it, even pending.")},
    [DBK_RULE_CHARGE] = {"charge", "When do you take the traveller's money?",
                         WORDS("when-confirmed", "when-sent"),
                         WORDS("Once, in the commit in which it becomes confirmed.",
                               "With each create that is sent, and again with the next.")},
    [DBK_RULE_API_KEY] = {"api_key",
                          "The same Idempotency-Key comes to your booking API again. What happens?",
                          WORDS("stored", "ignored", "whatever-body"),
                          WORDS("It answers with the booking it made the first time, and refuses "
                                "another request under it.",
                                "It makes another booking.",
                                "It answers with the booking it made the first time, whatever is "
                                "asked for now.")},
    [DBK_RULE_SAME_REQUEST] =
        {"same_request",
         "The same request comes under another key while its booking is not over. What does your "
         "booking API do?",
         WORDS("refuse", "book"),
         WORDS("It refuses and names the booking there is.", "It makes another booking.")},
    [DBK_RULE_ON_DUPLICATE] =
        {"on_duplicate", "The partner holds two reservations for one booking. What do you do?",
         WORDS("compensate", "ignore"), WORDS("It keeps one and cancels the other.", "Nothing.")},
    [DBK_RULE_TRUST_CANCEL] = {"trust_cancel", "A partner answers a cancel with done. Is it?",
                               WORDS("look", "always"),
                               WORDS("It reads the reservation back before it says so.",
                                     "It is, without looking.")},
    [DBK_RULE_RETRY_AFTER] =
        {"retry_after",
         "A partner answers that it is asked too often, and says until when. What do you do?",
         WORDS("obey", "ignore"),
         WORDS("Nothing is asked of that partner before then, for no booking.",
               "The request goes out again as after any other failure.")},
    [DBK_RULE_RECONCILE] =
        {"reconcile",
         "A create was answered, or given up as not booked. Do you look once more at what it made?",
         WORDS("look", "never"),
         WORDS("Once: right after an answer; after a while where it was given up.",
               "No; the answer, or the proof of its absence, is the last word.")},
    [DBK_RULE_HAND_OVER] = {"hand_over", "When does a person decide?",
                            WORDS("last-resort", "at-first-doubt"),
                            WORDS("When no safe automatic step is left.",
                                  "As soon as a create is in doubt.")},
};

const struct dbk_setting_row dbk_settings[DBK_SETTINGS] = {
    [DBK_SETTING_CREATE_TIMEOUT] = {"create_timeout", 10000,
                                    "How long a create waits for its answer."},
    [DBK_SETTING_LOOK_UP_TIMEOUT] = {"look_up_timeout", 10000,
                                     "How long a look-up waits for its answer."},
    [DBK_SETTING_CANCEL_TIMEOUT] = {"cancel_timeout", 10000,
                                    "How long a cancel waits for its answer."},
    [DBK_SETTING_CONFIRM_TIMEOUT] =
        {"confirm_timeout", 10000,
         "How long a confirm, or the extension of a hold, waits for its answer."},
    [DBK_SETTING_LEASE] = {"lease", 60000,
                           "How long a worker keeps a booking before another may take it over."},
    [DBK_SETTING_BACK_OFF_FIRST] = {"back_off_first", 2000, "The pause after a first failed try."},
    [DBK_SETTING_BACK_OFF_MAX] = {"back_off_max", 120000, "The longest pause between two tries."},
    [DBK_SETTING_RECONCILE_AFTER] = {"reconcile_after", 300000,
                                     "How long after a create that was given up as not booked the "
                                     "partner is asked once more."},
    [DBK_SETTING_QUOTE_TTL] = {"quote_ttl", 900000, "How long a quoted price is kept."},
};

struct dbk_policy dbk_policy_reference(void)
{
    struct dbk_policy policy = {.name = "reference"};

    for (int i = 0; i < DBK_SETTINGS; i++)
        policy.settings_ms[i] = dbk_settings[i].reference_ms;
    return policy;
}

void dbk_policy_text(const struct dbk_policy *policy, struct dbk_text *out)
{
    for (int i = 0; i < DBK_RULES; i++)
        dbk_text_printf(out, "%s=%d\n", dbk_rules[i].name, policy->rules[i]);
    for (int i = 0; i < DBK_SETTINGS; i++)
        dbk_text_printf(out, "%s=%lld\n", dbk_settings[i].name, (long long)policy->settings_ms[i]);
}

static int count_of(const char *const *words)
{
    int count = 0;

    while (words[count])
        count++;
    return count;
}

static int rule_by_name(const char *name)
{
    int rule = 0;

    while (rule < DBK_RULES && !dbk_same(dbk_rules[rule].name, name))
        rule++;
    return rule;
}

static int setting_by_name(const char *name)
{
    int setting = 0;

    while (setting < DBK_SETTINGS && !dbk_same(dbk_settings[setting].name, name))
        setting++;
    return setting;
}

bool dbk_policy_set_rule(struct dbk_policy *policy, const char *rule, const char *value)
{
    int at = rule_by_name(rule);

    if (at == DBK_RULES)
        return false;
    int index = dbk_name_index(dbk_rules[at].values, count_of(dbk_rules[at].values), value);
    if (!dbk_rules[at].values[index])
        return false;
    policy->rules[at] = (uint8_t)index;
    return true;
}

static void set_rule(struct dbk_policy *policy, const struct dbk_yaml *yaml, const cJSON *node,
                     struct dbk_complaints *complaints)
{
    const struct dbk_rule_row *row = &dbk_rules[rule_by_name(node->string)];
    struct dbk_text expected = {0};
    size_t before = complaints->total;

    if (!cJSON_IsString(node) || !dbk_policy_set_rule(policy, row->name, node->valuestring)) {
        for (size_t i = 0; row->values[i]; i++)
            dbk_text_printf(&expected, "%s%s", i ? ", " : "", row->values[i]);
        const char *word = cJSON_IsString(node) ? node->valuestring : NULL;
        const char *near =
            word ? dbk_closest(word, row->values, (size_t)count_of(row->values)) : NULL;
        dbk_yaml_complain(yaml, node, complaints,
                          "unknown value%s%.60s%s for %s%s%s%s; expected "
                          "one of %s",
                          word ? " '" : "", word ? word : "", word ? "'" : "", row->name,
                          near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "",
                          expected.bytes);
        if (word)
            dbk_complaints_of_names(complaints, before);
    }
    dbk_text_reset(&expected);
}

static void set_setting(struct dbk_policy *policy, const struct dbk_yaml *yaml, const cJSON *node,
                        struct dbk_complaints *complaints)
{
    int64_t ms = 0;

    if (!cJSON_IsString(node) || !dbk_duration_parse(node->valuestring, &ms) || ms <= 0)
        dbk_yaml_complain(
            yaml, node, complaints,
            "%s is no duration; expected one above zero and of at most ten years, such as 10s",
            node->string);
    else
        policy->settings_ms[setting_by_name(node->string)] = ms;
}

static void complain_unknown(const struct dbk_yaml *yaml, const cJSON *node,
                             struct dbk_complaints *complaints)
{
    const char *names[DBK_RULES + DBK_SETTINGS];
    size_t before = complaints->total;

    for (int i = 0; i < DBK_RULES; i++)
        names[i] = dbk_rules[i].name;
    for (int i = 0; i < DBK_SETTINGS; i++)
        names[DBK_RULES + i] = dbk_settings[i].name;
    const char *closest = dbk_closest(node->string, names, DBK_COUNT(names));
    if (closest)
        dbk_yaml_complain_key(yaml, node, complaints,
                              "unknown rule or setting '%s'; did you mean '%s'?", node->string,
                              closest);
    else
        dbk_yaml_complain_key(yaml, node, complaints,
                              "unknown rule or setting '%s'; `list policies` shows them all",
                              node->string);
    dbk_complaints_of_names(complaints, before);
}

void dbk_policy_set(struct dbk_policy *policy, const struct dbk_yaml *yaml, const cJSON *set,
                    struct dbk_complaints *complaints)
{
    if (!cJSON_IsObject(set)) {
        dbk_yaml_complain(yaml, set, complaints, "expected a mapping of rules and settings");
        return;
    }
    for (const cJSON *node = set->child; node; node = node->next) {
        if (rule_by_name(node->string) < DBK_RULES)
            set_rule(policy, yaml, node, complaints);
        else if (setting_by_name(node->string) < DBK_SETTINGS)
            set_setting(policy, yaml, node, complaints);
        else
            complain_unknown(yaml, node, complaints);
    }
}
