#include "runner/format.h"

#include "runner/user_fault.h"

static const struct dbk_value text = {.kind = DBK_VALUE_TEXT};
static const struct dbk_value word = {.kind = DBK_VALUE_WORD};
static const struct dbk_value boolean = {.kind = DBK_VALUE_BOOL};
static const struct dbk_value duration = {.kind = DBK_VALUE_DURATION};
static const struct dbk_value offset = {.kind = DBK_VALUE_OFFSET};
static const struct dbk_value instant = {.kind = DBK_VALUE_INSTANT};
static const struct dbk_value moment = {.kind = DBK_VALUE_MOMENT};
static const struct dbk_value currency = {.kind = DBK_VALUE_CURRENCY};
static const struct dbk_value prefix = {.kind = DBK_VALUE_PREFIX};
static const struct dbk_value profile = {.kind = DBK_VALUE_PROFILE};
static const struct dbk_value set = {.kind = DBK_VALUE_SET};
static const struct dbk_value fault = {
    .kind = DBK_VALUE_FAULT, .faults = dbk_faults, .fault_count = DBK_FAULTS};
static const struct dbk_value user_fault = {
    .kind = DBK_VALUE_FAULT, .faults = dbk_user_faults, .fault_count = DBK_USER_FAULTS};

static const struct dbk_value status = DBK_WORDS(DBK_WORDS_STATUS);
static const struct dbk_value state = DBK_WORDS(DBK_WORDS_STATE);
static const struct dbk_value op = DBK_WORDS(DBK_WORDS_OP);
static const struct dbk_value invariant = DBK_WORDS(DBK_WORDS_INVARIANT);
static const struct dbk_value site = DBK_WORDS(DBK_WORDS_SITE);
static const struct dbk_value screen = DBK_WORDS(DBK_WORDS_SCREEN);
static const struct dbk_value process = DBK_WORDS(DBK_WORDS_PROCESS);
static const struct dbk_value core_step = DBK_WORDS(DBK_WORDS_CORE_STEP);
static const struct dbk_value kind = DBK_WORDS(DBK_WORDS_KIND);
static const struct dbk_value may_name = DBK_WORDS(DBK_WORDS_MAY);
static const struct dbk_value run_fault = DBK_WORDS(DBK_WORDS_RUN_FAULT);

static const struct dbk_value format_number = DBK_INTEGER(1, 1);
static const struct dbk_value count = DBK_INTEGER(0, 1000);
static const struct dbk_value from_one = DBK_INTEGER(1, 1000);
static const struct dbk_value units = DBK_INTEGER(1, 100);
static const struct dbk_value capacity = DBK_INTEGER(0, 1000000);
static const struct dbk_value price = DBK_INTEGER(0, 1000000000);
static const struct dbk_value nth = DBK_INTEGER(1, UINT32_MAX);
static const struct dbk_value take = DBK_INTEGER(0, UINT32_MAX);
static const struct dbk_value facts = DBK_INTEGER(0, 1000000);
static const struct dbk_value level = DBK_INTEGER(1, 1);
static const struct dbk_value scale = DBK_INTEGER(1, 100);

static const struct dbk_value texts = DBK_LIST(&text, 50);
static const struct dbk_value words = DBK_LIST(&word, 50);
static const struct dbk_value secrets = DBK_LIST(&text, 4);
static const struct dbk_value invariants = DBK_LIST(&invariant, 50);
static const struct dbk_value broken_word = DBK_WORDS(DBK_WORDS_BROKEN);
static const struct dbk_value broken = DBK_LIST(&broken_word, 50);
static const struct dbk_value may = DBK_LIST(&may_name, 50);

static const struct dbk_value forgery = {.kind = DBK_VALUE_NAME, .words = DBK_WORDS_FORGERY};

static const struct dbk_value move = {.kind = DBK_VALUE_NAME, .words = DBK_WORDS_MOVE};

/* ---- partners ---- */

static const struct dbk_key callback_keys[] = {
    {"held", false, &duration, "how long it is on its way; it says what was true when made"},
    {"copies", false, &units, "deliveries with the same id and body, 1 where not said"},
    {"apart", false, &duration, "time between copies, 1s where not said"},
    {"says", false, &state,
     "an older state that it speaks of, instead of what is true; one it never had is a lie"},
    {"forged", false, &forgery, "somebody else sends it in the partner's name, and how it differs"},
    {"rotated", false, &boolean, "true: signed with the old key as well, while keys are changed"},
};
static const struct dbk_shape callback_shape = {.name = "a callback", DBK_KEYS(callback_keys)};
static const struct dbk_value callback = DBK_MAPPING(&callback_shape);

static const struct dbk_key own_callback_keys[] = {
    {"lost", false, &boolean, "true: it never leaves"},
    {"held", false, &duration, "how long it is on its way; it says what was true when made"},
    {"copies", false, &units, "deliveries with the same id and body, 1 where not said"},
    {"apart", false, &duration, "time between copies, 1s where not said"},
    {"says", false, &state, "an older state that it speaks of, instead of what is true"},
    {"forged", false, &forgery,
     "beside the partner's own, somebody else sends one in its name, and how it differs"},
};
static const struct dbk_shape own_callback_shape = {.name = "an entry of callbacks",
                                                    DBK_KEYS(own_callback_keys)};
static const struct dbk_value own_callback = DBK_MAPPING(&own_callback_shape);
static const struct dbk_value own_callbacks = DBK_LIST(&own_callback, 50);

static const struct dbk_key later_keys[] = {
    {"after", true, &duration, "counted from the commit"},
    {"set", false, &state, "the ledger moves the reservation to this state, without a message"},
    {"callback", false, &callback, "a callback is made at that moment; {} for a plain one"},
};
static const struct dbk_shape later_shape = {.name = "an entry of later", DBK_KEYS(later_keys)};
static const struct dbk_value later = DBK_MAPPING(&later_shape);
static const struct dbk_value laters = DBK_LIST(&later, 50);

static const struct dbk_key match_keys[] = {
    {"op", false, &op, "the operation; any where not said"},
    {"attempt", false, &from_one, "the n-th request of the operation for the intent to arrive"},
    {"intent", false, &word, "the alias of the first booking of that wish; any where not said"},
};
static const struct dbk_shape match_shape = {.name = "when", DBK_KEYS(match_keys)};
static const struct dbk_value match = DBK_MAPPING(&match_shape);

static const struct dbk_key answers_keys[] = {
    {"status", true, &state, "the create commits in this state instead of the profile's"},
};
static const struct dbk_shape answers_shape = {.name = "answers", DBK_KEYS(answers_keys)};
static const struct dbk_value answers = DBK_MAPPING(&answers_shape);
static const struct dbk_value faults = DBK_LIST(&fault, 10);

static const struct dbk_key rule_keys[] = {
    {"when", true, &match, "the exchanges it fires for, once per intent unless times says more"},
    {"do", false, &faults, "rows of `list faults`, for this exchange only"},
    {"answers", false, &answers, "what a create is answered"},
    {"later", false, &laters, "what the partner does by itself afterwards"},
    {"callbacks", false, &own_callbacks,
     "what becomes of the callbacks that it would send by itself: of the first, the second, ..."},
    {"times", false, &from_one, "how often per intent, 1 where not said"},
    {"if_reached", false, &boolean, "true: not firing is no gap"},
};
static const struct dbk_shape rule_shape = {.name = "a rule of the script", DBK_KEYS(rule_keys)};
static const struct dbk_value rule = DBK_MAPPING(&rule_shape);
static const struct dbk_value script = DBK_LIST(&rule, 200);

static const struct dbk_key slot_keys[] = {
    {"starts", true, &instant, "when it starts"},
    {"capacity", false, &capacity, "units it holds, 10 where not said"},
};
static const struct dbk_shape slot_shape = {.name = "a slot", DBK_KEYS(slot_keys)};
static const struct dbk_value slot = {
    .kind = DBK_VALUE_EITHER, .of = &instant, .shapes = &slot_shape, .shape_count = 1};
static const struct dbk_shape slots_shape = {.name = "slots", .others = &slot};
static const struct dbk_value slots = DBK_NAMED(&slots_shape, 100);

static const struct dbk_key product_keys[] = {
    {"price", true, &price, "of one unit, in minor units of the currency"},
    {"currency", true, &currency, "three capital letters"},
    {"cutoff", false, &duration,
     "so long before its start a slot can no longer be booked, nor cancelled for its money; 0s "
     "where "
     "not said"},
    {"slots", false, &slots, "slots by name: {starts, capacity}, or only the start"},
    {"capacity", false, &capacity,
     "instead of slots: one slot 'default' of so many units, a day after zero"},
};
static const struct dbk_shape product_shape = {.name = "a product", DBK_KEYS(product_keys)};
static const struct dbk_value product = DBK_MAPPING(&product_shape);
static const struct dbk_shape sells_shape = {.name = "sells", .others = &product};
static const struct dbk_value sells = DBK_NAMED(&sells_shape, 50);

static const struct dbk_key partner_keys[] = {
    {"profile", true, &profile, "what it promises: a profile, or {like: PROFILE, knobs}"},
    {"believes", false, &profile, "what the core thinks it promises; the profile where not said"},
    {"sells", true, &sells, "products by name"},
    {"script", false, &script, "what it does besides keeping its promises; the first match acts"},
};
static const struct dbk_shape partner_shape = {.name = "a partner", DBK_KEYS(partner_keys)};
static const struct dbk_value partner = DBK_MAPPING(&partner_shape);
static const struct dbk_shape partners_shape = {.name = "partners", .others = &partner};
static const struct dbk_value partners = DBK_NAMED(&partners_shape, 20);

/* ---- a file of partners for the core alone ---- */

static const struct dbk_key secrets_keys[] = {
    {"secrets", true, &secrets, "any of which may have signed or marks a callback"},
};
static const struct dbk_shape secrets_shape = {.name = "callbacks", DBK_KEYS(secrets_keys)};
static const struct dbk_value known_secrets = DBK_MAPPING(&secrets_shape);

static const struct dbk_key known_partner_keys[] = {
    {"address", true, &text, "where it listens: http://HOST:PORT"},
    {"callbacks", false, &known_secrets, "{ secrets: [ ... ] } of a partner that signs them"},
    {"profile", true, &profile, "what it promises: a profile, or {like: PROFILE, knobs}"},
    {"sells", true, &sells, "products by name"},
};
static const struct dbk_shape known_partner_shape = {.name = "a partner",
                                                     DBK_KEYS(known_partner_keys)};
static const struct dbk_value known_partner = DBK_MAPPING(&known_partner_shape);
static const struct dbk_shape known_partners_shape = {.name = "partners", .others = &known_partner};
static const struct dbk_value known_partners = DBK_NAMED(&known_partners_shape, 20);

static const struct dbk_key partners_file_keys[] = {
    {"format", true, &format_number, "1"},
    {"partners", true, &known_partners, "partners by name"},
};
static const struct dbk_shape partners_file_shape = {.name = "a file of partners",
                                                     DBK_KEYS(partners_file_keys)};
const struct dbk_value dbk_format_partners = DBK_MAPPING(&partners_file_shape);

/* ---- steps ---- */

static const struct dbk_shape shown_shape = {.name = "when", .others = &status};
static const struct dbk_value shown = DBK_NAMED(&shown_shape, 1);

#define MOMENT_KEYS                                                                                \
    {"at", false, &moment, "time from zero (90s), time of day (\"17:29:00\") or instant"},         \
        {"when", false, &shown, "instead of at: first time that a user is shown {ALIAS: STATUS}"}, \
    {                                                                                              \
        "plus", false, &duration, "so much later than when"                                        \
    }
static const struct dbk_value user_faults = DBK_LIST(&user_fault, 10);
#define DO_KEY                                                                                     \
    {                                                                                              \
        "do", false, &user_faults, "what befalls this request on its way (`list faults`)"          \
    }
#define USER_KEY                                                                                   \
    {                                                                                              \
        "user", true, &word, "the traveller"                                                       \
    }

static const struct dbk_key book_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"book", true, &text, "PARTNER/PRODUCT, under a fresh Idempotency-Key"},
    {"slot", false, &word, "needed where the product has several"},
    {"units", false, &units, "1 where not said"},
    {"hold", false, &boolean, "true: it is to be held only, until a step confirms or leaves it"},
    {"as", true, &word, "the alias of the booking, and of the wish behind it"},
    DO_KEY,
};
static const struct dbk_key again_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"again", true, &word, "the alias: the same key and body once more"},
    {"units", false, &units, "another number: the same key with another body"},
    DO_KEY,
};
static const struct dbk_key anew_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"anew", true, &word, "the alias: the same wish under a new key, another booking"},
    {"as", true, &word, "the alias of the new booking"},
    DO_KEY,
};
static const struct dbk_key look_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"look", true, &word, "the alias: reads the booking page once"},
    DO_KEY,
};
static const struct dbk_key watch_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"watch", true, &word, "the alias: is shown every change from then on"},
};
static const struct dbk_key cancel_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"cancel", true, &word, "the alias: asks to cancel"},
    DO_KEY,
};
static const struct dbk_key confirm_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"confirm", true, &word, "the alias: confirms what is held"},
    DO_KEY,
};
static const struct dbk_key extend_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"extend", true, &word, "the alias: asks for more time for what is held"},
    DO_KEY,
};
static const struct dbk_key leave_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"leave", true, &word, "the alias: gives up what is held"},
    DO_KEY,
};
static const struct dbk_key support_keys[] = {
    MOMENT_KEYS,
    {"support", true, &word, "the person at the support desk"},
    {"look", true, &word, "the alias: looks the booking up"},
    {"screen", false, &screen, "detail where not said"},
};
static const struct dbk_key move_keys[] = {
    MOMENT_KEYS,
    {"support", true, &word, "the person at the support desk"},
    {"move", true, &move, "what is decided of a booking that was handed over"},
    {"of", true, &word, "the alias"},
};
static const struct dbk_key core_keys[] = {
    MOMENT_KEYS,
    {"core", true, &core_step, "what happens to the core's processes"},
    {"process", false, &process, "both where not said"},
    {"for", false, &duration, "how long, 1s where not said"},
};

static const struct dbk_shape step_shapes[] = {
    {.name = "a step that books", .marks = {"user", "book"}, DBK_KEYS(book_keys)},
    {.name = "a step that sends again", .marks = {"user", "again"}, DBK_KEYS(again_keys)},
    {.name = "a step that books anew", .marks = {"user", "anew"}, DBK_KEYS(anew_keys)},
    {.name = "a step that looks", .marks = {"user", "look"}, DBK_KEYS(look_keys)},
    {.name = "a step that watches", .marks = {"user", "watch"}, DBK_KEYS(watch_keys)},
    {.name = "a step that cancels", .marks = {"user", "cancel"}, DBK_KEYS(cancel_keys)},
    {.name = "a step that confirms", .marks = {"user", "confirm"}, DBK_KEYS(confirm_keys)},
    {.name = "a step that extends", .marks = {"user", "extend"}, DBK_KEYS(extend_keys)},
    {.name = "a step that leaves", .marks = {"user", "leave"}, DBK_KEYS(leave_keys)},
    {.name = "a step of support", .marks = {"support", "look"}, DBK_KEYS(support_keys)},
    {.name = "a step that decides", .marks = {"support", "move"}, DBK_KEYS(move_keys)},
    {.name = "a step of the core", .marks = {"core", NULL}, DBK_KEYS(core_keys)},
};
static const struct dbk_value step = DBK_FORMS(step_shapes);
static const struct dbk_value steps = DBK_LIST(&step, 1000);

/* ---- what it is judged by ---- */

static const struct dbk_key policy_row_keys[] = {
    {"policy", true, &word, "a policy of `list policies`"},
    {"violates", true, &broken,
     "invariants that are violated under it; expect: what the scenario expects does not come true"},
};
static const struct dbk_key set_row_keys[] = {
    {"set", true, &set, "rules that differ from the reference"},
    {"violates", true, &broken,
     "invariants that are violated under it; expect: what the scenario expects does not come true"},
};
static const struct dbk_shape broken_by_shapes[] = {
    {.name = "a row of broken_by", .marks = {"policy", NULL}, DBK_KEYS(policy_row_keys)},
    {.name = "a row of broken_by", .marks = {"set", NULL}, DBK_KEYS(set_row_keys)},
};
static const struct dbk_value broken_by_row = DBK_FORMS(broken_by_shapes);
static const struct dbk_value broken_by = DBK_LIST(&broken_by_row, 50);

static const struct dbk_shape live_shape = {.name = "live", .others = &count};
static const struct dbk_value live = DBK_NAMED(&live_shape, 200);
static const struct dbk_shape received_shape = {.name = "received",
                                                .others = &count,
                                                .others_are_words = true,
                                                .other_words = DBK_WORDS_REQUEST};
static const struct dbk_value received = DBK_NAMED(&received_shape, 10);

static const struct dbk_key expect_booking_keys[] = {
    {"booking", true, &word, "the alias"},
    {"status", true, &status, "what its user is shown at the end"},
    {"by", false, &moment, "shown by then and kept"},
};
static const struct dbk_key expect_partner_keys[] = {
    {"partner", true, &word, "one of partners"},
    {"live", false, &live, "live reservations at the end, by intent: {ALIAS: n}"},
    {"received", false, &received, "requests that arrived, by operation: {create: n}"},
};
static const struct dbk_shape expect_shapes[] = {
    {.name = "an expectation of a booking",
     .marks = {"booking", NULL},
     DBK_KEYS(expect_booking_keys)},
    {.name = "an expectation of a partner",
     .marks = {"partner", NULL},
     DBK_KEYS(expect_partner_keys)},
};
static const struct dbk_value expect_row = DBK_FORMS(expect_shapes);
static const struct dbk_value expect = DBK_LIST(&expect_row, 200);

static const struct dbk_shape except_shape = {.name = "except",
                                              .others = &text,
                                              .others_are_words = true,
                                              .other_words = DBK_WORDS_INVARIANT};
static const struct dbk_value except = DBK_NAMED(&except_shape, 50);

static const struct dbk_key choice_keys[] = {
    {"site", true, &site, "a row of `list choices`"},
    {"entity", true, &text, "of whom it is asked: \"core.worker/step\""},
    {"n", true, &nth, "the n-th time it is asked"},
    {"take", true, &take, "the alternative; 0 is the benign one"},
    {"if_reached", false, &boolean, "true: not taking effect is no gap"},
};
static const struct dbk_shape choice_shape = {.name = "a choice", DBK_KEYS(choice_keys)};
static const struct dbk_value choice = DBK_MAPPING(&choice_shape);
static const struct dbk_value choices = DBK_LIST(&choice, 1000);

/* ---- what a search found ---- */

static const struct dbk_key found_policy_keys[] = {
    {"set", true, &set, "rules that differ from the reference"},
};
static const struct dbk_shape found_policy_shape = {.name = "a policy",
                                                    DBK_KEYS(found_policy_keys)};
static const struct dbk_value found_policy = {
    .kind = DBK_VALUE_EITHER, .of = &text, .shapes = &found_policy_shape, .shape_count = 1};

static const struct dbk_key path_keys[] = {
    {"facts", true, &facts, "how many outside facts the history held before the fault"},
    {"hash", true, &prefix, "of these facts (docs/replay.md)"},
    {"fault", true, &run_fault, "what went wrong next, as the history tells it"},
    {"exchange", false, &text, "whose fault it was, if an exchange's"},
};
static const struct dbk_shape path_shape = {.name = "an entry of path", DBK_KEYS(path_keys)};
static const struct dbk_value path_step = DBK_MAPPING(&path_shape);
static const struct dbk_value path = DBK_LIST(&path_step, 200);

static const struct dbk_key found_keys[] = {
    {"policy", true, &found_policy,
     "under which it fails: a policy of `list policies`, a file, or {set: rules}"},
    {"violates", true, &invariants, "the invariants that are violated: what the file stands for"},
    {"path", false, &path, "the way of the recorded run: what went wrong, one after the other"},
};
static const struct dbk_shape found_shape = {.name = "found", DBK_KEYS(found_keys)};
static const struct dbk_value found = DBK_MAPPING(&found_shape);

/* ---- the file ---- */

static const struct dbk_key clocks_keys[] = {
    {"zero", false, &instant, "when the story begins, 2026-01-05T12:00:00Z where not said"},
};
static const struct dbk_shape clocks_shape = {
    .name = "clocks", DBK_KEYS(clocks_keys), .others = &offset};
static const struct dbk_value clocks = DBK_NAMED(&clocks_shape, 200);

static const struct dbk_key core_block_keys[] = {
    {"set", false, &set, "rules and settings that hold under every policy"},
};
static const struct dbk_shape core_shape = {.name = "core", DBK_KEYS(core_block_keys)};
static const struct dbk_value core = DBK_MAPPING(&core_shape);

static const struct dbk_key stage_keys[] = {
    {"scale", false, &scale, "scenario time per real time; the stage decides where not said"},
    {"never", false, &text, "why it cannot be played live"},
};
static const struct dbk_shape stage_shape = {.name = "live", DBK_KEYS(stage_keys)};
static const struct dbk_value live_stage = DBK_MAPPING(&stage_shape);

static const struct dbk_key parity_keys[] = {
    {"level", true, &level, "1: only the outcome is the same on both stages"},
    {"why", true, &text, "which race the story has"},
};
static const struct dbk_shape parity_shape = {.name = "parity", DBK_KEYS(parity_keys)};
static const struct dbk_value parity = DBK_MAPPING(&parity_shape);

static const struct dbk_key scenario_keys[] = {
    {"format", true, &format_number, "1"},
    {"scenario", true, &word, "its name"},
    {"kind", false, &kind,
     "story where not said; a search has no script: `explore` tries what may go wrong in it"},
    {"may", false, &may,
     "what a search may let go wrong; where not said, all that breaks no promise of the partners"},
    {"summary", false, &text, "the story in a few sentences"},
    {"source", false, &text, "where it was seen"},
    {"seen_as", false, &texts, "how it looks to those who meet it"},
    {"tags", false, &words, "words to find it by"},
    {"broken_by", false, &broken_by, "policies and sets of rules that break it, and what breaks"},
    {"clocks", false, &clocks, "zero, and by party how far its clock is off: {lagoon: +47s}"},
    {"core", false, &core, "what this story fixes of the core"},
    {"partners", true, &partners, "partners by name"},
    {"steps", true, &steps, "what users, support and the core's processes do, and when"},
    {"until", false, &moment, "end of the run at the latest"},
    {"proves", false, &invariants, "invariants that must have been at risk"},
    {"except", false, &except, "invariants that are not held here: {INVARIANT: reason}"},
    {"expect", false, &expect, "what must be so at the end"},
    {"live", false, &live_stage, "how it is played live, or why it is not"},
    {"parity", false, &parity, "how alike the two stages are; 2 where not said"},
    {"choices", false, &choices, "what is left to chance and is fixed here"},
    {"found", false, &found, "which failure this file stands for, for `doublebook replay`"},
};
static const struct dbk_shape scenario_shape = {.name = "a scenario", DBK_KEYS(scenario_keys)};
const struct dbk_value dbk_format = DBK_MAPPING(&scenario_shape);

const struct dbk_shape *dbk_format_shape(const struct dbk_value *value, const cJSON *mapping)
{
    for (size_t i = 0; i < value->shape_count; i++) {
        const struct dbk_shape *shape = &value->shapes[i];
        if (value->kind != DBK_VALUE_FORMS)
            return shape;
        if (dbk_json_get(mapping, shape->marks[0]) &&
            (!shape->marks[1] || dbk_json_get(mapping, shape->marks[1])))
            return shape;
    }
    return NULL;
}
