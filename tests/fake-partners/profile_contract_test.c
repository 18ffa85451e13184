/* A profile is a contract: the partner keeps each of its claims, and a partner that does not is
 * caught. Each clause plays a short story against a partner, from outside, and says whether the
 * claim held. It is held first against an honest partner, at the very edge of what it promised,
 * then against a planted liar: a script with the fault that breaks the claim, or a partner that
 * really is of another kind. Claims without a clause stand in `excused`, with the reason. */
#include "stage.h"

#include "base/webhook.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(profile_contract, .timeout = 30);

/* A partner to be tried; rule, action and later are there for who wants a script. */
struct trial {
    const struct dbk_profile *promised;
    struct stage_setup setup;
    struct dbk_rule rule;
    struct dbk_action action;
    struct dbk_later later;
    struct stage stage;
};

struct clause {
    const char *claim;
    /* Makes the partner an honest one, or a liar; false: this profile promises nothing here. */
    bool (*arrange)(struct trial *trial, bool lies);
    bool (*holds)(struct trial *trial);
};

static void script(struct trial *trial, enum dbk_op op, enum dbk_fault fault, int64_t duration_ms)
{
    trial->action = (struct dbk_action){.fault = fault, .duration_ms = duration_ms};
    trial->rule.op = op;
    trial->rule.actions = &trial->action;
    trial->rule.action_count = 1;
    trial->setup.rules = &trial->rule;
    trial->setup.rule_count = 1;
}

static void book(struct trial *trial)
{
    stage_book(&trial->stage, "trip", "r-1");
}

/* Looks up as the profile promises, right now; true if exactly so many reservations are shown. */
static bool shows(struct trial *trial, size_t count)
{
    const char *at = NULL;
    size_t shown = 0;

    if (trial->promised->look_up == DBK_LOOK_UP_LIST_BY_DATE)
        stage_ask(&trial->stage, "GET", "/reservations?date=2026-07-04", NULL);
    else
        stage_look_up(&trial->stage, "r-1");
    for (at = trial->stage.last.body.bytes; (at = strstr(at, "\"id\":")); at++)
        shown++;
    return trial->stage.last.status == 200 && shown == count;
}

static bool body_says(const struct dbk_text *body, const char *words)
{
    return body->bytes && strstr(body->bytes, words);
}

static bool be_one_that_forgets_references(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.dedupe = DBK_DEDUPE_NONE;
    return trial->promised->dedupe == DBK_DEDUPE_REFERENCE;
}

static bool makes_one_of_a_reference(struct trial *trial)
{
    book(trial);
    book(trial);
    return trial->promised->dedupe != DBK_DEDUPE_REFERENCE || trial->stage.last.creates == 1;
}

static bool be_one_of_other_repeats(struct trial *trial, bool lies)
{
    bool is_new = trial->promised->repeat == DBK_REPEAT_NEW;

    if (lies) {
        trial->setup.profile.dedupe = is_new ? DBK_DEDUPE_REFERENCE : DBK_DEDUPE_NONE;
        trial->setup.profile.repeat = is_new ? DBK_REPEAT_SAME : DBK_REPEAT_NEW;
    }
    return true;
}

static bool answers_repeats_as_said(struct trial *trial)
{
    static const int status[] = {
        [DBK_REPEAT_NEW] = 201, [DBK_REPEAT_SAME] = 200, [DBK_REPEAT_CONFLICT] = 409};

    book(trial);
    book(trial);
    return trial->stage.last.status == status[trial->promised->repeat];
}

static bool be_one_that_soon_forgets(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.key_lasts_ms = trial->promised->key_lasts_ms / 2;
    return trial->promised->dedupe == DBK_DEDUPE_REFERENCE &&
           trial->promised->repeat != DBK_REPEAT_NEW;
}

/* On the last millisecond it is known, on the next one new. */
static bool knows_a_reference_for_so_long(struct trial *trial)
{
    bool dedupes = trial->promised->dedupe == DBK_DEDUPE_REFERENCE;
    int64_t lasts_ms = trial->promised->key_lasts_ms;

    book(trial);
    stage_until(&trial->stage, lasts_ms - 1);
    book(trial);
    bool is_known = trial->stage.last.creates == 1;
    stage_until(&trial->stage, lasts_ms);
    book(trial);
    return !dedupes || (is_known && trial->stage.last.creates == 2);
}

static bool be_one_without_look_up(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.look_up = DBK_LOOK_UP_NONE;
    return trial->promised->look_up != DBK_LOOK_UP_NONE;
}

static bool can_be_looked_up(struct trial *trial)
{
    book(trial);
    stage_until(&trial->stage, trial->promised->visible_within_ms);
    return trial->promised->look_up == DBK_LOOK_UP_NONE || shows(trial, 1);
}

static bool be_one_of_other_states(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.books_as = trial->promised->books_as == DBK_BOOKS_PENDING
                                            ? DBK_BOOKS_CONFIRMED
                                            : DBK_BOOKS_PENDING;
    return true;
}

static bool books_as_said(struct trial *trial)
{
    static const char *const words[] = {[DBK_BOOKS_CONFIRMED] = "\"state\":\"confirmed\"",
                                        [DBK_BOOKS_PENDING] = "\"state\":\"pending\"",
                                        [DBK_BOOKS_ON_HOLD] = "\"state\":\"on_hold\""};

    book(trial);
    return body_says(&trial->stage.last.body, words[trial->promised->books_as]);
}

static bool be_one_that_slows_down_otherwise(struct trial *trial, bool lies)
{
    script(trial, DBK_OP_CREATE, DBK_FAULT_SLOW_DOWN, 29001);
    if (lies)
        trial->setup.profile.slow_down = trial->promised->slow_down == DBK_SLOW_DOWN_DATE
                                             ? DBK_SLOW_DOWN_BODY
                                             : DBK_SLOW_DOWN_DATE;
    return true;
}

/* Half a minute, rounded up to seconds; as a date it is by the partner's own clock. */
static bool says_when_to_ask_again(struct trial *trial)
{
    const char *header = trial->stage.last.retry_after;
    int64_t at_ms = 0;

    book(trial);
    if (trial->promised->slow_down == DBK_SLOW_DOWN_BODY)
        return trial->stage.last.status == 400 &&
               body_says(&trial->stage.last.body, "\"error\":\"TOO_MANY_REQUESTS\"") &&
               body_says(&trial->stage.last.body, "\"retryAfter\":30");
    if (trial->stage.last.status != 429 || trial->stage.last.creates > 0)
        return false;
    return trial->promised->slow_down == DBK_SLOW_DOWN_DATE ? dbk_http_date_parse(header, &at_ms)
                                                            : strcmp(header, "30") == 0;
}

static bool be_one_that_errs(struct trial *trial, bool lies)
{
    bool tells = trial->promised->server_error == DBK_ERROR_IS_TOLD;

    script(trial, DBK_OP_CREATE,
           lies && !tells ? DBK_FAULT_ERROR_AFTER_COMMIT : DBK_FAULT_ERROR_BEFORE_COMMIT, 0);
    if (lies && tells)
        trial->setup.profile.server_error = DBK_ERROR_IS_UNKNOWN;
    return trial->promised->server_error != DBK_ERROR_IS_UNKNOWN;
}

static bool errs_only_when_not_booked(struct trial *trial)
{
    book(trial);
    cr_assert_eq(trial->stage.last.status, 500);
    bool tells = body_says(&trial->stage.last.body, "\"error\":\"not-created\"");
    if (tells != (trial->promised->server_error == DBK_ERROR_IS_TOLD))
        return false;
    return trial->promised->server_error == DBK_ERROR_IS_UNKNOWN || shows(trial, 0);
}

static bool be_one_that_calls_otherwise(struct trial *trial, bool lies)
{
    bool is_none = trial->promised->callback_kind == DBK_CALLBACK_NONE;

    if (lies) {
        trial->setup.profile.callback_kind = is_none ? DBK_CALLBACK_FULL : DBK_CALLBACK_NONE;
        trial->setup.profile.books_as = DBK_BOOKS_PENDING;
    }
    return is_none || trial->promised->books_as == DBK_BOOKS_PENDING;
}

/* What is booked as pending is settled by itself, which is a change that wants a callback. */
static bool calls_back_as_said(struct trial *trial)
{
    book(trial);
    stage_until(&trial->stage, 60000);
    if (trial->promised->callback_kind == DBK_CALLBACK_NONE)
        return trial->stage.last.callbacks == 0;
    return trial->promised->books_as != DBK_BOOKS_PENDING ||
           (trial->stage.last.callbacks == 1 &&
            body_says(&trial->stage.last.callback, "\"reservation\":{\"id\":") &&
            body_says(&trial->stage.last.callback, "\"state\":") ==
                (trial->promised->callback_kind == DBK_CALLBACK_FULL));
}

/* The three claims about what a callback carries are promised only where one comes at all. */
static bool has_callbacks(const struct trial *trial)
{
    return trial->promised->callback_kind != DBK_CALLBACK_NONE &&
           trial->promised->books_as == DBK_BOOKS_PENDING;
}

static bool callback_says(struct trial *trial, bool is_promised, const char *words)
{
    book(trial);
    stage_until(&trial->stage, 60000);
    return !is_promised || body_says(&trial->stage.last.callback, words);
}

static bool be_one_without_versions(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.callback_version = DBK_ORDER_NONE;
    return has_callbacks(trial) && trial->promised->callback_version == DBK_ORDER_COUNTER;
}

static bool counts_versions(struct trial *trial)
{
    return callback_says(
        trial, has_callbacks(trial) && trial->promised->callback_version == DBK_ORDER_COUNTER,
        "\"version\":2");
}

static bool be_one_without_ids(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.callback_id = DBK_CALLBACK_ID_NONE;
    return has_callbacks(trial) && trial->promised->callback_id == DBK_CALLBACK_ID_EVENT;
}

static bool names_events(struct trial *trial)
{
    return callback_says(
        trial, has_callbacks(trial) && trial->promised->callback_id == DBK_CALLBACK_ID_EVENT,
        "\"event\":\"evt-");
}

static bool be_one_without_times(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.callback_event_time = DBK_EVENT_TIME_NONE;
    return has_callbacks(trial) && trial->promised->callback_event_time == DBK_EVENT_TIME_SECONDS;
}

static bool times_events(struct trial *trial)
{
    return callback_says(trial,
                         has_callbacks(trial) &&
                             trial->promised->callback_event_time == DBK_EVENT_TIME_SECONDS,
                         "\"occurred_at\":\"2026-07-01T17:25:02Z\"");
}

/* Marks of the partner's own callbacks. The stage keeps the head of the last one that came. */
static bool be_one_that_marks_nothing(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.callback_signature = DBK_SIGNATURE_NONE;
    return has_callbacks(trial) && trial->promised->callback_signature != DBK_SIGNATURE_NONE;
}

static bool marks_its_callbacks(struct trial *trial)
{
    const struct stage_last *last = &trial->stage.last;

    book(trial);
    stage_until(&trial->stage, 60000);
    if (!has_callbacks(trial) || trial->promised->callback_signature == DBK_SIGNATURE_NONE)
        return true;
    if (trial->promised->callback_signature == DBK_SIGNATURE_TOKEN)
        return dbk_same(last->token, STAGE_SECRET);
    const char *secret = STAGE_SECRET;
    const struct dbk_webhook webhook = {.id = last->webhook_id,
                                        .timestamp = last->webhook_timestamp,
                                        .signatures = last->webhook_signatures,
                                        .body = last->callback.bytes,
                                        .body_length = last->callback.length};
    return dbk_webhook_verify(&webhook, &secret, 1, STAGE_ZERO_MS / 1000 + 60) ==
           DBK_WEBHOOK_GENUINE;
}

static bool be_one_that_gives_up(struct trial *trial, bool lies)
{
    trial->setup.drops_callbacks = true;
    if (lies)
        trial->setup.profile.callback_retry = DBK_RETRY_NONE;
    return has_callbacks(trial) && trial->promised->callback_retry != DBK_RETRY_NONE;
}

/* Settled after two seconds, called back at once, and then after each pause. */
static bool delivers_again(struct trial *trial)
{
    int64_t at_ms = DBK_PARTNER_SETTLES_AFTER_MS, pause_ms = 0;
    size_t expected = 1;

    book(trial);
    if (!has_callbacks(trial) || trial->promised->callback_retry == DBK_RETRY_NONE)
        return true;
    for (int64_t nth = 1; (pause_ms = dbk_callback_pause_ms(trial->promised, nth)) >= 0; nth++) {
        stage_until(&trial->stage, at_ms + pause_ms - 1);
        if (trial->stage.last.callbacks != expected)
            return false;
        at_ms += pause_ms;
        stage_until(&trial->stage, at_ms);
        if (trial->stage.last.callbacks != ++expected)
            return false;
    }
    stage_until(&trial->stage, at_ms + dbk_callback_retries_for_ms(trial->promised));
    return trial->stage.last.callbacks == expected;
}

static bool be_late_with_the_commit(struct trial *trial, bool lies)
{
    script(trial, DBK_OP_CREATE, DBK_FAULT_DELAY_REQUEST,
           trial->promised->commit_within_ms - (lies ? 0 : 1));
    return true;
}

static bool be_later_with_the_commit(struct trial *trial, bool lies)
{
    script(trial, DBK_OP_CREATE, DBK_FAULT_COMMIT_LATE,
           trial->promised->commit_within_ms - (lies ? 0 : 1));
    return true;
}

static bool commits_in_time(struct trial *trial)
{
    book(trial);
    stage_until(&trial->stage, 10 * trial->promised->commit_within_ms);
    cr_assert_eq(trial->stage.last.creates, 1);
    return trial->stage.last.created_at_ms < trial->promised->commit_within_ms;
}

static bool be_late_with_showing(struct trial *trial, bool lies)
{
    script(trial, DBK_OP_CREATE, DBK_FAULT_NOT_VISIBLE,
           trial->promised->visible_within_ms + (lies ? 1 : 0));
    return trial->promised->look_up != DBK_LOOK_UP_NONE;
}

static bool be_off_the_time(struct trial *trial, bool lies)
{
    trial->setup.clock_off_ms = -(trial->promised->max_skew_ms + (lies ? 1 : 0));
    return true;
}

static bool reads_about_the_right_time(struct trial *trial)
{
    char earliest[DBK_INSTANT_TEXT];
    const char *created = NULL;

    book(trial);
    dbk_instant_print(STAGE_ZERO_MS - trial->promised->max_skew_ms, earliest);
    created = strstr(trial->stage.last.body.bytes, "\"created_at\":\"");
    cr_assert(created);
    return strncmp(created + strlen("\"created_at\":\""), earliest, strlen(earliest)) >= 0;
}

static bool be_strict_with_cancels(struct trial *trial, bool lies)
{
    if (lies)
        script(trial, DBK_OP_CANCEL, DBK_FAULT_REFUSE, 0);
    return true;
}

static bool can_be_cancelled_in_time(struct trial *trial)
{
    book(trial);
    if (trial->promised->books_as == DBK_BOOKS_ON_HOLD)
        stage_confirm(&trial->stage, 1);
    stage_until(&trial->stage, trial->promised->compensate_within_ms);
    stage_cancel(&trial->stage, 1);
    return trial->stage.last.status == 200;
}

static bool be_one_that_books_twice(struct trial *trial, bool lies)
{
    if (lies)
        script(trial, DBK_OP_CREATE, DBK_FAULT_BOOK_TWICE, 0);
    return true;
}

static bool makes_one_of_a_create(struct trial *trial)
{
    book(trial);
    stage_until(&trial->stage, 60000);
    return trial->stage.last.creates == 1 &&
           (trial->promised->look_up == DBK_LOOK_UP_NONE || shows(trial, 1));
}

static bool be_one_that_says_done(struct trial *trial, bool lies)
{
    if (lies)
        script(trial, DBK_OP_CANCEL, DBK_FAULT_SAY_DONE_DO_NOTHING, 0);
    return true;
}

static bool cancels_what_it_says(struct trial *trial)
{
    book(trial);
    stage_cancel(&trial->stage, 1);
    cr_assert_eq(trial->stage.last.status, 200);
    stage_get(&trial->stage, 1);
    return body_says(&trial->stage.last.body, "\"state\":\"cancelled\"");
}

static bool be_one_that_calls_lies(struct trial *trial, bool lies)
{
    trial->later = (struct dbk_later){.set = "confirmed", .has_callback = true};
    trial->later.says = lies ? "rejected" : NULL;
    trial->rule = (struct dbk_rule){.laters = &trial->later, .later_count = 1};
    trial->setup.rules = &trial->rule;
    trial->setup.rule_count = 1;
    return trial->promised->callback_kind == DBK_CALLBACK_FULL;
}

static bool calls_back_what_is(struct trial *trial)
{
    book(trial);
    return trial->promised->callback_kind != DBK_CALLBACK_FULL ||
           body_says(&trial->stage.last.callback, "\"state\":\"confirmed\"");
}

/* Holds. */

static bool is_holding(const struct trial *trial)
{
    return trial->promised->books_as == DBK_BOOKS_ON_HOLD;
}

static bool is_in_state(struct trial *trial, const char *state)
{
    char words[40];

    stage_get(&trial->stage, 1);
    snprintf(words, sizeof(words), "\"state\":\"%s\"", state);
    return body_says(&trial->stage.last.body, words);
}

static bool be_one_that_confirms_otherwise(struct trial *trial, bool lies)
{
    if (lies) {
        trial->rule = (struct dbk_rule){.id = "lagoon#1", .op = DBK_OP_CONFIRM};
        trial->rule.answers_state =
            trial->promised->confirms_as == DBK_CONFIRMS_PENDING ? "confirmed" : "pending";
        trial->setup.rules = &trial->rule;
        trial->setup.rule_count = 1;
    }
    return is_holding(trial);
}

static bool confirms_as_said(struct trial *trial)
{
    bool is_pending = trial->promised->confirms_as == DBK_CONFIRMS_PENDING;

    book(trial);
    stage_confirm(&trial->stage, 1);
    return !is_holding(trial) ||
           body_says(&trial->stage.last.body,
                     is_pending ? "\"state\":\"pending\"" : "\"state\":\"confirmed\"");
}

static bool be_one_of_other_repeated_confirms(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.repeat_confirm = !trial->promised->repeat_confirm;
    return is_holding(trial);
}

static bool answers_repeated_confirms_as_said(struct trial *trial)
{
    book(trial);
    stage_confirm(&trial->stage, 1);
    stage_confirm(&trial->stage, 1);
    return !is_holding(trial) ||
           trial->stage.last.status ==
               (trial->promised->repeat_confirm == DBK_REPEAT_CONFIRM_SAME ? 200 : 409);
}

static bool be_one_that_extends_nothing(struct trial *trial, bool lies)
{
    if (lies)
        trial->setup.profile.extend = DBK_EXTEND_NONE;
    return is_holding(trial) && trial->promised->extend == DBK_EXTEND_OFFERED;
}

static bool makes_holds_last_longer(struct trial *trial)
{
    book(trial);
    stage_until(&trial->stage, trial->promised->hold_ms - 1);
    stage_extend(&trial->stage, 1);
    stage_until(&trial->stage, trial->promised->hold_ms + 1);
    return !is_holding(trial) || trial->promised->extend == DBK_EXTEND_NONE ||
           is_in_state(trial, "on_hold");
}

static bool be_one_that_cuts_holds_short(struct trial *trial, bool lies)
{
    trial->later =
        (struct dbk_later){.after_ms = trial->promised->hold_ms - (lies ? 1 : 0), .set = "expired"};
    trial->rule = (struct dbk_rule){.id = "lagoon#1", .op = DBK_OP_CREATE};
    trial->rule.laters = &trial->later;
    trial->rule.later_count = 1;
    trial->setup.rules = &trial->rule;
    trial->setup.rule_count = 1;
    return is_holding(trial);
}

static bool keeps_holds_as_long_as_said(struct trial *trial)
{
    book(trial);
    stage_until(&trial->stage, trial->promised->hold_ms - 1);
    return !is_holding(trial) || is_in_state(trial, "on_hold");
}

static bool be_one_that_keeps_holds(struct trial *trial, bool lies)
{
    if (lies)
        script(trial, DBK_OP_CREATE, DBK_FAULT_KEEP_HOLD, 0);
    return is_holding(trial);
}

static bool ends_holds(struct trial *trial)
{
    book(trial);
    stage_extend(&trial->stage, 1);
    stage_until(&trial->stage, trial->promised->hold_max_ms - 1);
    stage_extend(&trial->stage, 1);
    stage_until(&trial->stage, trial->promised->hold_max_ms);
    return !is_holding(trial) || is_in_state(trial, "expired");
}

static const struct clause clauses[] = {
    {"dedupes-by-reference", be_one_that_forgets_references, makes_one_of_a_reference},
    {"repeat-answer", be_one_of_other_repeats, answers_repeats_as_said},
    {"look-up-offered", be_one_without_look_up, can_be_looked_up},
    {"books-as", be_one_of_other_states, books_as_said},
    {"confirms-as", be_one_that_confirms_otherwise, confirms_as_said},
    {"repeat-confirm-answer", be_one_of_other_repeated_confirms, answers_repeated_confirms_as_said},
    {"extend-offered", be_one_that_extends_nothing, makes_holds_last_longer},
    {"hold-lasts", be_one_that_cuts_holds_short, keeps_holds_as_long_as_said},
    {"hold-ends", be_one_that_keeps_holds, ends_holds},
    {"key-lasts", be_one_that_soon_forgets, knows_a_reference_for_so_long},
    {"slow-down-says-when", be_one_that_slows_down_otherwise, says_when_to_ask_again},
    {"error-means", be_one_that_errs, errs_only_when_not_booked},
    {"callback-kind", be_one_that_calls_otherwise, calls_back_as_said},
    {"callback-signed", be_one_that_marks_nothing, marks_its_callbacks},
    {"callback-retried", be_one_that_gives_up, delivers_again},
    {"callback-version", be_one_without_versions, counts_versions},
    {"callback-id", be_one_without_ids, names_events},
    {"callback-time", be_one_without_times, times_events},
    {"commits-within", be_late_with_the_commit, commits_in_time},
    {"commits-within", be_later_with_the_commit, commits_in_time},
    {"visible-within", be_late_with_showing, can_be_looked_up},
    {"clock-within", be_off_the_time, reads_about_the_right_time},
    {"cancel-in-time", be_strict_with_cancels, can_be_cancelled_in_time},
    {"one-create-one-reservation", be_one_that_books_twice, makes_one_of_a_create},
    {"cancel-takes-effect", be_one_that_says_done, cancels_what_it_says},
    {"callback-tells-what-is", be_one_that_calls_lies, calls_back_what_is},
};

static const struct {
    const char *claim, *reason;
} excused[] = {
    {"doubt-limit", "the core's to keep; the partner knows nothing of it"},
};

static struct dbk_profile read_profile(const char *path)
{
    struct dbk_complaints complaints = {0};
    struct dbk_profile profile = dbk_profile_default();
    struct dbk_text told = {0};
    struct dbk_yaml *yaml = NULL;
    char file[DBK_PROFILE_NAME + 8];

    yaml = dbk_yaml_load(path, &complaints);
    if (yaml) {
        dbk_profile_read(&profile, yaml, dbk_yaml_root(yaml), &complaints);
        const char *name = dbk_json_text(dbk_yaml_root(yaml), "profile");

        cr_assert(name, "%s", path);
        snprintf(profile.name, sizeof(profile.name), "%s", name);
        snprintf(file, sizeof(file), "/%s.yaml", name);
        cr_assert(strlen(path) > strlen(file) && dbk_same(path + strlen(path) - strlen(file), file),
                  "%s", path);
        cr_assert(dbk_json_text(dbk_yaml_root(yaml), "summary"), "%s", path);
        cr_assert(dbk_json_text(dbk_yaml_root(yaml), "source"), "%s", path);
    }
    dbk_complaints_print(&complaints, &told);
    cr_assert_eq(complaints.total, 0, "%s", told.bytes);
    dbk_text_reset(&told);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
    return profile;
}

/* A partner that promises all there is to promise, so that each clause has something to hold. */
static struct dbk_profile promise_all(void)
{
    struct dbk_profile profile = dbk_profile_default();

    profile.dedupe = DBK_DEDUPE_REFERENCE;
    profile.repeat = DBK_REPEAT_CONFLICT;
    profile.look_up = DBK_LOOK_UP_REFERENCE;
    profile.books_as = DBK_BOOKS_PENDING;
    profile.server_error = DBK_ERROR_IS_NOT_BOOKED;
    profile.callback_kind = DBK_CALLBACK_FULL;
    profile.callback_version = DBK_ORDER_COUNTER;
    profile.callback_id = DBK_CALLBACK_ID_EVENT;
    profile.callback_event_time = DBK_EVENT_TIME_SECONDS;
    profile.callback_signature = DBK_SIGNATURE_STANDARD;
    profile.callback_retry = DBK_RETRY_DAYS;
    profile.visible_within_ms = 30000;
    return profile;
}

/* The same, where a create leaves a hold. */
static struct dbk_profile promise_holds(void)
{
    struct dbk_profile profile = promise_all();

    profile.books_as = DBK_BOOKS_ON_HOLD;
    profile.confirms_as = DBK_CONFIRMS_PENDING;
    profile.repeat_confirm = DBK_REPEAT_CONFIRM_CONFLICT;
    profile.extend = DBK_EXTEND_OFFERED;
    return profile;
}

/* The same, with callbacks of another kind. */
static struct dbk_profile promise_thin_callbacks(void)
{
    struct dbk_profile profile = promise_all();

    profile.callback_kind = DBK_CALLBACK_THIN;
    profile.callback_version = DBK_ORDER_NONE;
    profile.callback_signature = DBK_SIGNATURE_TOKEN;
    profile.callback_retry = DBK_RETRY_MINUTES;
    return profile;
}

/* The same, where an error says itself whether it did anything. */
static struct dbk_profile promise_telling_errors(void)
{
    struct dbk_profile profile = promise_all();

    profile.server_error = DBK_ERROR_IS_TOLD;
    return profile;
}

#define PROFILES_MAX 32

struct profiles {
    struct dbk_profile of[PROFILES_MAX];
    size_t count;
};

/* All files there are, in the order of their names; globfree. */
static glob_t profile_files(void)
{
    glob_t files;

    cr_assert_eq(glob(DBK_SOURCE_DIR "/fake-partners/profiles/*.yaml", 0, NULL, &files), 0);
    cr_assert_geq(files.gl_pathc, 10);
    return files;
}

static void add(struct profiles *profiles, struct dbk_profile profile)
{
    cr_assert_lt(profiles->count, PROFILES_MAX);
    profiles->of[profiles->count++] = profile;
}

static void gather(struct profiles *profiles)
{
    glob_t files = profile_files();

    profiles->count = 0;
    for (size_t i = 0; i < files.gl_pathc; i++)
        add(profiles, read_profile(files.gl_pathv[i]));
    globfree(&files);
    add(profiles, promise_all());
    add(profiles, promise_holds());
    add(profiles, promise_thin_callbacks());
    add(profiles, promise_telling_errors());
}

/* Whether a refused cancel was in time counts from when the core found one reservation too many. */
static bool is_told_by_others(const struct clause *clause)
{
    return strcmp(clause->claim, "cancel-in-time") == 0;
}

/* A partner of another kind does not know that it promised anything else; one that keeps its kind
 * and breaks the claim by a script or its clock says so, and an honest one says nothing. */
static void expect_told(const struct trial *trial, const struct clause *clause, bool holds)
{
    bool is_of_its_kind =
        memcmp(&trial->setup.profile, trial->promised, sizeof(*trial->promised)) == 0;
    const char *told = trial->stage.claim;

    if (is_of_its_kind && !is_told_by_others(clause))
        cr_expect(dbk_same(told, holds ? NULL : clause->claim), "%s: told %s", clause->claim,
                  told ? told : "nothing");
}

/* Tries one clause on one partner. Gives false in *is_promised where the profile does not say. */
static bool try(const struct clause *clause, const struct dbk_profile *profile, bool lies,
                bool *is_promised)
{
    struct trial trial = {.promised = profile, .setup = {.profile = *profile}};
    bool holds = false;

    *is_promised = clause->arrange(&trial, lies);
    stage_open(&trial.stage, &trial.setup);
    holds = clause->holds(&trial);
    if (*is_promised)
        expect_told(&trial, clause, holds);
    stage_shut(&trial.stage);
    return holds;
}

Test(profile_contract, is_kept_by_an_honest_partner)
{
    struct profiles profiles;

    gather(&profiles);
    for (size_t i = 0; i < profiles.count; i++)
        for (size_t k = 0; k < DBK_COUNT(clauses); k++) {
            bool is_promised = false;

            cr_expect(try(&clauses[k], &profiles.of[i], false, &is_promised), "%s: %s",
                      profiles.of[i].name, clauses[k].claim);
        }
}

Test(profile_contract, catches_a_planted_liar)
{
    struct profiles profiles;

    gather(&profiles);
    for (size_t k = 0; k < DBK_COUNT(clauses); k++) {
        size_t caught = 0;

        for (size_t i = 0; i < profiles.count; i++) {
            bool is_promised = false;
            bool holds = try(&clauses[k], &profiles.of[i], true, &is_promised);

            cr_expect(!is_promised || !holds, "%s: a liar passed %s", profiles.of[i].name,
                      clauses[k].claim);
            caught += is_promised && !holds;
        }
        cr_expect(caught > 0, "no profile puts %s to the test", clauses[k].claim);
    }
}

Test(profile_contract, has_a_clause_for_each_claim)
{
    for (size_t i = 0; i < dbk_knob_count; i++) {
        bool is_held = false;

        for (size_t k = 0; k < DBK_COUNT(clauses); k++)
            is_held |= dbk_same(clauses[k].claim, dbk_knobs[i].claim);
        for (size_t k = 0; k < DBK_COUNT(excused); k++)
            is_held |= dbk_same(excused[k].claim, dbk_knobs[i].claim);
        cr_expect(is_held, "nothing holds a partner to %s", dbk_knobs[i].claim);
    }
}

/* A file that leaves a knob to its default would change when the default does. */
Test(profile_contract, is_written_out_in_full)
{
    glob_t files = profile_files();

    for (size_t i = 0; i < files.gl_pathc; i++) {
        char key[64], why[160], *bytes = NULL;
        const char *path = files.gl_pathv[i];
        size_t length = 0;

        cr_assert(dbk_read_file(path, 1 << 16, &bytes, &length, why), "%s %s", path, why);
        for (size_t k = 0; k < dbk_knob_count; k++) {
            if (dbk_knobs[k].type == DBK_KNOB_CLAIM)
                continue;
            snprintf(key, sizeof(key), "%s:", dbk_knobs[k].key);
            cr_expect(strstr(bytes, key), "%s does not say %s", path, dbk_knobs[k].key);
        }
        free(bytes);
    }
    globfree(&files);
}
