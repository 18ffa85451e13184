#include "base/profile.h"

#include "base/time.h"

static const char *const dedupes[] = {"none", "reference", NULL};
static const char *const repeats[] = {"new", "same", "conflict", NULL};
static const char *const look_ups[] = {"none", "by-reference", "list-by-date", NULL};
static const char *const bookings[] = {"confirmed", "pending", "on-hold", NULL};
static const char *const confirms[] = {"confirmed", "pending", NULL};
static const char *const confirm_repeats[] = {"same", "conflict", NULL};
static const char *const extensions[] = {"none", "offered", NULL};
static const char *const slow_downs[] = {"seconds", "date", "body", NULL};
static const char *const server_errors[] = {"unknown", "not-booked", "told", NULL};
static const char *const callback_kinds[] = {"none", "full", "thin", NULL};
static const char *const signatures[] = {"none", "token", "standard-webhooks", NULL};
static const char *const retries[] = {"none", "minutes", "days", NULL};
static const char *const versions[] = {"none", "counter", NULL};
static const char *const ids[] = {"none", "event", NULL};
static const char *const event_times[] = {"none", "seconds", NULL};

#define AT(member) offsetof(struct dbk_profile, member)

/* A claim is what the partner promises with this knob as it is set; none of them is broken where
 * the knob stands on the value that promises nothing. Members of a group stand together. */
const struct dbk_knob dbk_knobs[] = {
    {NULL, "dedupe", DBK_KNOB_ENUM, AT(dedupe), dedupes, "dedupes-by-reference",
     "Creates that carry the same client reference are one wish and make one reservation, as long "
     "as the reference is known.",
     "two reservations under one client reference"},
    {NULL, "repeat", DBK_KNOB_ENUM, AT(repeat), repeats, "repeat-answer",
     "A create under a known reference is answered with a new reservation, the same one again, or "
     "a conflict, as the profile says.",
     "a repeat that was answered in another way"},
    {NULL, "key_lasts", DBK_KNOB_DURATION, AT(key_lasts_ms), NULL, "key-lasts",
     "A client reference is known again for this long after what was made under it, if references "
     "are known at all; a create that comes later is new.",
     "a repeat within this time that is not known again"},
    {NULL, "look_up", DBK_KNOB_ENUM, AT(look_up), look_ups, "look-up-offered",
     "Reservations can be found again by client reference, or in the list of a day.",
     "a look-up that the partner refuses or does not know"},
    {NULL, "books_as", DBK_KNOB_ENUM, AT(books_as), bookings, "books-as",
     "A create that succeeds leaves a reservation in this state.",
     "a created reservation in another state"},
    {NULL, "confirms_as", DBK_KNOB_ENUM, AT(confirms_as), confirms, "confirms-as",
     "A hold that is confirmed becomes a reservation in this state.",
     "a confirmed hold in another state"},
    {NULL, "repeat_confirm", DBK_KNOB_ENUM, AT(repeat_confirm), confirm_repeats,
     "repeat-confirm-answer",
     "Confirming what is confirmed already shows it again, or is a conflict, as the profile says; "
     "either way nothing changes.",
     "a repeated confirm that was answered in another way"},
    {NULL, "extend", DBK_KNOB_ENUM, AT(extend), extensions, "extend-offered",
     "A hold can be made to last longer, up to hold_max.",
     "an extension that the partner refuses or does not know"},
    {NULL, "hold", DBK_KNOB_DURATION, AT(hold_ms), NULL, "hold-lasts",
     "A hold keeps its seats for this long after its commit, by the partner's clock.",
     "a hold that is over sooner and was not given up"},
    {NULL, "hold_max", DBK_KNOB_DURATION, AT(hold_max_ms), NULL, "hold-ends",
     "This long after its commit a hold that was not confirmed is over and its seats are free, "
     "however often it was extended.",
     "a hold that lives on"},
    {NULL, "slow_down", DBK_KNOB_ENUM, AT(slow_down), slow_downs, "slow-down-says-when",
     "Who asks too often is answered 429 with Retry-After in seconds, 429 with Retry-After as a "
     "date, or 400 TOO_MANY_REQUESTS with retryAfter in the body; nothing was done.",
     "such an answer that says it otherwise, or an effect of what was answered so"},
    {NULL, "server_error", DBK_KNOB_ENUM, AT(server_error), server_errors, "error-means",
     "An answer of 500 to 599 to a create says that nothing was booked, or says nothing, or says "
     "in its body (not-created) whether anything was, as the profile says.",
     "a reservation made by a create whose answer of 5xx said that nothing was booked"},
    {"callback", "kind", DBK_KNOB_ENUM, AT(callback_kind), callback_kinds, "callback-kind",
     "Changes are called back with the whole reservation, with its id alone, or not at all.",
     "a callback where none is promised, or one with less or more of the reservation"},
    {"callback", "signature", DBK_KNOB_ENUM, AT(callback_signature), signatures, "callback-signed",
     "Callbacks carry nothing by which a forged one can be told, or a constant token, or a "
     "signature "
     "after Standard Webhooks 1.0.0.",
     "a callback of the partner's own without it"},
    {"callback", "version", DBK_KNOB_ENUM, AT(callback_version), versions, "callback-version",
     "A callback carries a counter that grows with each change of the reservation.",
     "a callback without counter, or an older state under a higher one"},
    {"callback", "id", DBK_KNOB_ENUM, AT(callback_id), ids, "callback-id",
     "A callback carries an id of its event; copies of it carry the same one.",
     "two events under one id, or one event under two"},
    {"callback", "event_time", DBK_KNOB_ENUM, AT(callback_event_time), event_times, "callback-time",
     "A callback says at which second of the partner's clock its event happened.",
     "a callback without time, or with the time of its sending"},
    {"callback", "retry", DBK_KNOB_ENUM, AT(callback_retry), retries, "callback-retried",
     "A callback that nobody took with a 2xx is delivered again: never, for some minutes, or for "
     "days.",
     "a callback that was not taken and is not delivered again"},
    {NULL, "commit_within", DBK_KNOB_DURATION, AT(commit_within_ms), NULL, "commits-within",
     "A create sent at t is committed before t plus this, or never.",
     "a reservation made then or later"},
    {NULL, "visible_within", DBK_KNOB_DURATION, AT(visible_within_ms), NULL, "visible-within",
     "What is committed shows up in look-ups sent this long after it, or later.",
     "such a look-up that does not show the reservation"},
    {NULL, "max_skew", DBK_KNOB_DURATION, AT(max_skew_ms), NULL, "clock-within",
     "The partner's clock is off by no more than this.",
     "a reading of its clock that is further from true time"},
    {NULL, "doubt_limit", DBK_KNOB_DURATION, AT(doubt_limit_ms), NULL, "doubt-limit",
     "A doubt about this partner ends, by an answer or with a person, within this time.",
     "a doubt that is older and that nobody has been asked to decide"},
    {NULL, "compensate_within", DBK_KNOB_DURATION, AT(compensate_within_ms), NULL, "cancel-in-time",
     "A reservation too many can be cancelled within this time after it is found.",
     "a cancel in time that is refused as too late"},
    {NULL, NULL, DBK_KNOB_CLAIM, 0, NULL, "one-create-one-reservation",
     "One create makes at most one reservation.", "one create after which two reservations exist"},
    {NULL, NULL, DBK_KNOB_CLAIM, 0, NULL, "cancel-takes-effect",
     "A cancel that is answered as done has been done.",
     "a reservation that lives on after such an answer"},
    {NULL, NULL, DBK_KNOB_CLAIM, 0, NULL, "callback-tells-what-is",
     "A callback speaks of the reservation as it is when the callback is made, or as it once was.",
     "a callback that names a state the reservation has never had until then"},
};
const size_t dbk_knob_count = DBK_COUNT(dbk_knobs);

/* Members of a profile file or of a scenario's profile that are no knobs. */
static const char *const others[] = {"format", "profile", "like", "summary", "source"};

struct dbk_profile dbk_profile_default(void)
{
    return (struct dbk_profile){
        .name = "default",
        .key_lasts_ms = 24 * 60 * 60 * 1000,
        .hold_ms = 15 * 60 * 1000,
        .hold_max_ms = 30 * 60 * 1000,
        .commit_within_ms = 2 * 60 * 1000,
        .visible_within_ms = 0,
        .max_skew_ms = 60 * 1000,
        .doubt_limit_ms = 30 * 60 * 1000,
        .compensate_within_ms = 15 * 60 * 1000,
    };
}

static int64_t *value_at(struct dbk_profile *profile, const struct dbk_knob *knob)
{
    return (int64_t *)((char *)profile + knob->offset);
}

static int64_t value_in(const struct dbk_profile *profile, const struct dbk_knob *knob)
{
    return *(const int64_t *)((const char *)profile + knob->offset);
}

/* Sets a knob from its text; false, and nothing is set, where the text is no value of it. */
static bool set(struct dbk_profile *profile, const struct dbk_knob *knob, const char *text)
{
    int64_t value = 0;

    if (text == NULL) {
        return false;
    }
    if (knob->type == DBK_KNOB_DURATION) {
        if (!dbk_duration_parse(text, &value) || value < 0) {
            return false;
        }
    } else {
        while (knob->values[value] != NULL && !dbk_same(text, knob->values[value])) {
            value++;
        }
        if (knob->values[value] == NULL) {
            return false;
        }
    }
    *value_at(profile, knob) = value;
    return true;
}

/* Complains of a member that is no knob of the group, with the closest word or all of them. */
static void complain_unknown(const char *group, const struct dbk_yaml *yaml, const cJSON *member,
                             struct dbk_complaints *complaints)
{
    const char *names[DBK_COUNT(dbk_knobs) + 1];
    const char *closest = NULL;
    struct dbk_text list = {0};
    size_t count = 0, before = complaints->total;

    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        const char *name = knob->key;
        if (group == NULL && knob->group != NULL) {
            name = knob->group;
        } else if (!dbk_same(group, knob->group)) {
            continue;
        }
        if (name != NULL && (count == 0 || !dbk_same(names[count - 1], name))) {
            dbk_text_printf(&list, "%s%s", count == 0 ? "" : ", ", name);
            names[count++] = name;
        }
    }
    closest = dbk_closest(member->string, names, count);
    if (closest != NULL) {
        dbk_yaml_complain_key(yaml, member, complaints, "unknown knob '%s'; did you mean '%s'?",
                              member->string, closest);
    } else {
        dbk_yaml_complain_key(yaml, member, complaints, "unknown knob '%s'; expected one of %s",
                              member->string, list.bytes);
    }
    dbk_complaints_of_names(complaints, before);
    dbk_text_reset(&list);
}

static void complain_value(const struct dbk_knob *knob, const struct dbk_yaml *yaml,
                           const cJSON *member, struct dbk_complaints *complaints)
{
    struct dbk_text list = {0};
    size_t before = complaints->total;

    if (knob->type == DBK_KNOB_DURATION) {
        dbk_yaml_complain(yaml, member, complaints,
                          "%s: expected a duration of 0s or more, such as 90s or 2m", knob->key);
        return;
    }
    for (size_t i = 0; knob->values[i] != NULL; i++) {
        dbk_text_printf(&list, "%s%s", i == 0 ? "" : ", ", knob->values[i]);
    }
    dbk_yaml_complain(yaml, member, complaints, "%s: expected one of %s", knob->key, list.bytes);
    if (cJSON_IsString(member))
        dbk_complaints_of_names(complaints, before);
    dbk_text_reset(&list);
}

static void read_member(struct dbk_profile *profile, const char *group, const struct dbk_yaml *yaml,
                        const cJSON *member, struct dbk_complaints *complaints)
{
    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        if (knob->key == NULL || !dbk_same(knob->group, group) ||
            !dbk_same(knob->key, member->string)) {
            continue;
        }
        if (!set(profile, knob, cJSON_IsString(member) ? member->valuestring : NULL)) {
            complain_value(knob, yaml, member, complaints);
        }
        return;
    }
    complain_unknown(group, yaml, member, complaints);
}

static bool is_other(const char *name)
{
    for (size_t i = 0; i < DBK_COUNT(others); i++) {
        if (dbk_same(others[i], name)) {
            return true;
        }
    }
    return false;
}

void dbk_profile_read(struct dbk_profile *profile, const struct dbk_yaml *yaml, const cJSON *node,
                      struct dbk_complaints *complaints)
{
    const cJSON *member = NULL;
    const cJSON *inner = NULL;

    if (!cJSON_IsObject(node)) {
        dbk_yaml_complain(yaml, node, complaints, "expected a mapping of a profile's knobs");
        return;
    }
    cJSON_ArrayForEach(member, node)
    {
        if (is_other(member->string)) {
            continue;
        }
        if (!dbk_same(member->string, "callback")) {
            read_member(profile, NULL, yaml, member, complaints);
            continue;
        }
        if (!cJSON_IsObject(member)) {
            dbk_yaml_complain(yaml, member, complaints,
                              "callback: expected a mapping, such as { kind: full, id: event }");
            continue;
        }
        cJSON_ArrayForEach(inner, member)
        {
            read_member(profile, "callback", yaml, inner, complaints);
        }
    }
}

/* Leaves out what is as `usual` has it; NULL: nothing. */
static void write_knobs(const struct dbk_profile *profile, const struct dbk_profile *usual,
                        struct dbk_text *out)
{
    const char *group = NULL;

    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        bool is_usual = usual != NULL && value_in(profile, knob) == value_in(usual, knob);
        if (knob->type == DBK_KNOB_CLAIM || is_usual) {
            continue;
        }
        if (!dbk_same(group, knob->group)) {
            if (group != NULL) {
                dbk_json_close(out, '}');
            }
            if (knob->group != NULL) {
                dbk_json_key(out, knob->group);
                dbk_json_open(out, '{');
            }
            group = knob->group;
        }
        if (knob->type == DBK_KNOB_DURATION) {
            char duration[DBK_DURATION_TEXT];
            dbk_duration_print(value_in(profile, knob), duration);
            dbk_json_pair_text(out, knob->key, duration);
        } else {
            dbk_json_pair_text(out, knob->key, dbk_profile_value_name(profile, knob));
        }
    }
    if (group != NULL) {
        dbk_json_close(out, '}');
    }
}

void dbk_profile_write(const struct dbk_profile *profile, struct dbk_text *out)
{
    const struct dbk_profile usual = dbk_profile_default();
    write_knobs(profile, &usual, out);
}

void dbk_profile_write_whole(const struct dbk_profile *profile, struct dbk_text *out)
{
    write_knobs(profile, NULL, out);
}

const char *dbk_profile_read_json(struct dbk_profile *profile, const cJSON *node)
{
    const char *strange = NULL;

    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        const cJSON *holder = knob->group == NULL ? node : dbk_json_get(node, knob->group);
        if (knob->type != DBK_KNOB_CLAIM && dbk_json_get(holder, knob->key) != NULL &&
            !set(profile, knob, dbk_json_text(holder, knob->key)) && strange == NULL) {
            strange = knob->claim;
        }
    }
    return strange;
}

/* Days: the example schedule of Standard Webhooks, each after the one before. */
static const int64_t minutes_ms[] = {5000, 30000, 120000, 300000};
static const int64_t days_ms[] = {5000,     300000,   1800000,  7200000, 18000000,
                                  36000000, 50400000, 72000000, 86400000};

static const int64_t *pauses_of(const struct dbk_profile *profile, size_t *count)
{
    *count = 0;
    if (profile->callback_retry == DBK_RETRY_MINUTES)
        *count = DBK_COUNT(minutes_ms);
    if (profile->callback_retry == DBK_RETRY_DAYS)
        *count = DBK_COUNT(days_ms);
    return profile->callback_retry == DBK_RETRY_DAYS ? days_ms : minutes_ms;
}

int64_t dbk_callback_pause_ms(const struct dbk_profile *profile, int64_t nth)
{
    size_t count = 0;
    const int64_t *pauses = pauses_of(profile, &count);

    return nth >= 1 && nth <= (int64_t)count ? pauses[nth - 1] : DBK_PROFILE_NO_RETRY;
}

int64_t dbk_callback_retries_for_ms(const struct dbk_profile *profile)
{
    size_t count = 0;
    const int64_t *pauses = pauses_of(profile, &count);
    int64_t sum_ms = 0;

    for (size_t i = 0; i < count; i++)
        sum_ms += pauses[i];
    return sum_ms;
}

const char *dbk_profile_value_name(const struct dbk_profile *profile, const struct dbk_knob *knob)
{
    return knob->type == DBK_KNOB_ENUM ? knob->values[value_in(profile, knob)] : NULL;
}
