#include "runner/format.h"

#define KEYS(table) .keys = table, .key_count = DBK_COUNT(table)
#define INTEGER(from, to)                                                                          \
    {                                                                                              \
        .kind = DBK_VALUE_INTEGER, .least = from, .most = to                                       \
    }
#define LIST(of_what, at_most)                                                                     \
    {                                                                                              \
        .kind = DBK_VALUE_LIST, .of = of_what, .most = at_most                                     \
    }
#define WORDS(vocabulary)                                                                          \
    {                                                                                              \
        .kind = DBK_VALUE_NAME, .words = vocabulary                                                \
    }
#define MAPPING(shape)                                                                             \
    {                                                                                              \
        .kind = DBK_VALUE_MAPPING, .shapes = shape, .shape_count = 1                               \
    }
/* A mapping from names of the author's choosing. */
#define NAMED(shape, at_most)                                                                      \
    {                                                                                              \
        .kind = DBK_VALUE_MAPPING, .shapes = shape, .shape_count = 1, .most = at_most              \
    }
#define FORMS(table)                                                                               \
    {                                                                                              \
        .kind = DBK_VALUE_FORMS, .shapes = table, .shape_count = DBK_COUNT(table)                  \
    }

static const struct dbk_value text = {.kind = DBK_VALUE_TEXT};
static const struct dbk_value word = {.kind = DBK_VALUE_WORD};
static const struct dbk_value boolean = {.kind = DBK_VALUE_BOOL};
static const struct dbk_value duration = {.kind = DBK_VALUE_DURATION};
static const struct dbk_value offset = {.kind = DBK_VALUE_OFFSET};
static const struct dbk_value instant = {.kind = DBK_VALUE_INSTANT};
static const struct dbk_value moment = {.kind = DBK_VALUE_MOMENT};
static const struct dbk_value currency = {.kind = DBK_VALUE_CURRENCY};
static const struct dbk_value profile = {.kind = DBK_VALUE_PROFILE};
static const struct dbk_value set = {.kind = DBK_VALUE_SET};
static const struct dbk_value fault = {.kind = DBK_VALUE_FAULT};

static const struct dbk_value status = WORDS(DBK_WORDS_STATUS);
static const struct dbk_value state = WORDS(DBK_WORDS_STATE);
static const struct dbk_value op = WORDS(DBK_WORDS_OP);
static const struct dbk_value invariant = WORDS(DBK_WORDS_INVARIANT);
static const struct dbk_value site = WORDS(DBK_WORDS_SITE);
static const struct dbk_value screen = WORDS(DBK_WORDS_SCREEN);
static const struct dbk_value process = WORDS(DBK_WORDS_PROCESS);
static const struct dbk_value core_step = WORDS(DBK_WORDS_CORE_STEP);

static const struct dbk_value format_number = INTEGER(1, 1);
static const struct dbk_value count = INTEGER(0, 1000);
static const struct dbk_value from_one = INTEGER(1, 1000);
static const struct dbk_value units = INTEGER(1, 100);
static const struct dbk_value capacity = INTEGER(0, 1000000);
static const struct dbk_value price = INTEGER(0, 1000000000);
static const struct dbk_value nth = INTEGER(1, UINT32_MAX);
static const struct dbk_value take = INTEGER(0, UINT32_MAX);
static const struct dbk_value level = INTEGER(1, 1);
static const struct dbk_value scale = INTEGER(1, 100);

static const struct dbk_value texts = LIST(&text, 50);
static const struct dbk_value words = LIST(&word, 50);
static const struct dbk_value invariants = LIST(&invariant, 50);

/* ---- partners ---- */

static const struct dbk_key callback_keys[] = {
    {"held", false, &duration, "how long it is on its way; it says what was true when made"},
    {"copies", false, &units, "deliveries with the same id and body, 1 where not said"},
    {"apart", false, &duration, "time between copies, 1s where not said"},
    {"says", false, &state, "an older state that it speaks of, instead of what is true"},
};
static const struct dbk_shape callback_shape = {.name = "a callback", KEYS(callback_keys)};
static const struct dbk_value callback = MAPPING(&callback_shape);

static const struct dbk_key later_keys[] = {
    {"after", true, &duration, "counted from the commit"},
    {"set", false, &state, "the ledger moves the reservation to this state, without a message"},
    {"callback", false, &callback, "a callback is made at that moment; {} for a plain one"},
};
static const struct dbk_shape later_shape = {.name = "an entry of later", KEYS(later_keys)};
static const struct dbk_value later = MAPPING(&later_shape);
static const struct dbk_value laters = LIST(&later, 50);

static const struct dbk_key match_keys[] = {
    {"op", false, &op, "the operation; any where not said"},
    {"attempt", false, &from_one, "the n-th request of the operation for the intent to arrive"},
    {"intent", false, &word, "the alias of the first booking of that wish; any where not said"},
};
static const struct dbk_shape match_shape = {.name = "when", KEYS(match_keys)};
static const struct dbk_value match = MAPPING(&match_shape);

static const struct dbk_key answers_keys[] = {
    {"status", true, &state, "the create commits in this state instead of the profile's"},
};
static const struct dbk_shape answers_shape = {.name = "answers", KEYS(answers_keys)};
static const struct dbk_value answers = MAPPING(&answers_shape);
static const struct dbk_value faults = LIST(&fault, 10);

static const struct dbk_key rule_keys[] = {
    {"when", true, &match, "the exchanges it fires for, once per intent unless times says more"},
    {"do", false, &faults, "rows of `list faults`, for this exchange only"},
    {"answers", false, &answers, "what a create is answered"},
    {"later", false, &laters, "what the partner does by itself afterwards"},
    {"times", false, &from_one, "how often per intent, 1 where not said"},
    {"if_reached", false, &boolean, "true: not firing is no gap"},
};
static const struct dbk_shape rule_shape = {.name = "a rule of the script", KEYS(rule_keys)};
static const struct dbk_value rule = MAPPING(&rule_shape);
static const struct dbk_value script = LIST(&rule, 200);

static const struct dbk_key slot_keys[] = {
    {"starts", true, &instant, "when it starts"},
    {"capacity", false, &capacity, "units it holds, 10 where not said"},
};
static const struct dbk_shape slot_shape = {.name = "a slot", KEYS(slot_keys)};
static const struct dbk_value slot = {
    .kind = DBK_VALUE_EITHER, .of = &instant, .shapes = &slot_shape, .shape_count = 1};
static const struct dbk_shape slots_shape = {.name = "slots", .others = &slot};
static const struct dbk_value slots = NAMED(&slots_shape, 100);

static const struct dbk_key product_keys[] = {
    {"price", true, &price, "of one unit, in minor units of the currency"},
    {"currency", true, &currency, "three capital letters"},
    {"slots", false, &slots, "slots by name: {starts, capacity}, or only the start"},
    {"capacity", false, &capacity,
     "instead of slots: one slot 'default' of so many units, a day after zero"},
};
static const struct dbk_shape product_shape = {.name = "a product", KEYS(product_keys)};
static const struct dbk_value product = MAPPING(&product_shape);
static const struct dbk_shape sells_shape = {.name = "sells", .others = &product};
static const struct dbk_value sells = NAMED(&sells_shape, 50);

static const struct dbk_key partner_keys[] = {
    {"profile", true, &profile, "what it promises: a profile, or {like: PROFILE, knobs}"},
    {"believes", false, &profile, "what the core thinks it promises; the profile where not said"},
    {"sells", true, &sells, "products by name"},
    {"script", false, &script, "what it does besides keeping its promises; the first match acts"},
};
static const struct dbk_shape partner_shape = {.name = "a partner", KEYS(partner_keys)};
static const struct dbk_value partner = MAPPING(&partner_shape);
static const struct dbk_shape partners_shape = {.name = "partners", .others = &partner};
static const struct dbk_value partners = NAMED(&partners_shape, 20);

/* ---- a file of partners for the core alone ---- */

static const struct dbk_key known_partner_keys[] = {
    {"address", true, &text, "where it listens: http://HOST:PORT"},
    {"profile", true, &profile, "what it promises: a profile, or {like: PROFILE, knobs}"},
    {"sells", true, &sells, "products by name"},
};
static const struct dbk_shape known_partner_shape = {.name = "a partner", KEYS(known_partner_keys)};
static const struct dbk_value known_partner = MAPPING(&known_partner_shape);
static const struct dbk_shape known_partners_shape = {.name = "partners", .others = &known_partner};
static const struct dbk_value known_partners = NAMED(&known_partners_shape, 20);

static const struct dbk_key partners_file_keys[] = {
    {"format", true, &format_number, "1"},
    {"partners", true, &known_partners, "partners by name"},
};
static const struct dbk_shape partners_file_shape = {.name = "a file of partners",
                                                     KEYS(partners_file_keys)};
const struct dbk_value dbk_format_partners = MAPPING(&partners_file_shape);

/* ---- steps ---- */

static const struct dbk_shape shown_shape = {.name = "when", .others = &status};
static const struct dbk_value shown = NAMED(&shown_shape, 1);

#define MOMENT_KEYS                                                                                \
    {"at", false, &moment, "time from zero (90s), time of day (\"17:29:00\") or instant"},         \
        {"when", false, &shown, "instead of at: first time that a user is shown {ALIAS: STATUS}"}, \
    {                                                                                              \
        "plus", false, &duration, "so much later than when"                                        \
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
    {"as", true, &word, "the alias of the booking, and of the wish behind it"},
};
static const struct dbk_key again_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"again", true, &word, "the alias: the same key and body once more"},
};
static const struct dbk_key anew_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"anew", true, &word, "the alias: the same wish under a new key, another booking"},
    {"as", true, &word, "the alias of the new booking"},
};
static const struct dbk_key look_keys[] = {
    MOMENT_KEYS,
    USER_KEY,
    {"look", true, &word, "the alias: reads the booking page once"},
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
};
static const struct dbk_key support_keys[] = {
    MOMENT_KEYS,
    {"support", true, &word, "the person at the support desk"},
    {"look", true, &word, "the alias: looks the booking up"},
    {"screen", false, &screen, "detail where not said"},
};
static const struct dbk_key core_keys[] = {
    MOMENT_KEYS,
    {"core", true, &core_step, "what happens to the core's processes"},
    {"process", false, &process, "both where not said"},
    {"for", false, &duration, "how long, 1s where not said"},
};

static const struct dbk_shape step_shapes[] = {
    {.name = "a step that books", .marks = {"user", "book"}, KEYS(book_keys)},
    {.name = "a step that sends again", .marks = {"user", "again"}, KEYS(again_keys)},
    {.name = "a step that books anew", .marks = {"user", "anew"}, KEYS(anew_keys)},
    {.name = "a step that looks", .marks = {"user", "look"}, KEYS(look_keys)},
    {.name = "a step that watches", .marks = {"user", "watch"}, KEYS(watch_keys)},
    {.name = "a step that cancels", .marks = {"user", "cancel"}, KEYS(cancel_keys)},
    {.name = "a step of support", .marks = {"support", "look"}, KEYS(support_keys)},
    {.name = "a step of the core", .marks = {"core", NULL}, KEYS(core_keys)},
};
static const struct dbk_value step = FORMS(step_shapes);
static const struct dbk_value steps = LIST(&step, 1000);

/* ---- what it is judged by ---- */

static const struct dbk_key policy_row_keys[] = {
    {"policy", true, &word, "a policy of `list policies`"},
    {"violates", true, &invariants, "invariants that are violated under it"},
};
static const struct dbk_key set_row_keys[] = {
    {"set", true, &set, "rules that differ from the reference"},
    {"violates", true, &invariants, "invariants that are violated under it"},
};
static const struct dbk_shape broken_by_shapes[] = {
    {.name = "a row of broken_by", .marks = {"policy", NULL}, KEYS(policy_row_keys)},
    {.name = "a row of broken_by", .marks = {"set", NULL}, KEYS(set_row_keys)},
};
static const struct dbk_value broken_by_row = FORMS(broken_by_shapes);
static const struct dbk_value broken_by = LIST(&broken_by_row, 50);

static const struct dbk_shape live_shape = {.name = "live", .others = &count};
static const struct dbk_value live = NAMED(&live_shape, 200);
static const struct dbk_shape received_shape = {.name = "received",
                                                .others = &count,
                                                .others_are_words = true,
                                                .other_words = DBK_WORDS_REQUEST};
static const struct dbk_value received = NAMED(&received_shape, 10);

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
    {.name = "an expectation of a booking", .marks = {"booking", NULL}, KEYS(expect_booking_keys)},
    {.name = "an expectation of a partner", .marks = {"partner", NULL}, KEYS(expect_partner_keys)},
};
static const struct dbk_value expect_row = FORMS(expect_shapes);
static const struct dbk_value expect = LIST(&expect_row, 200);

static const struct dbk_shape except_shape = {.name = "except",
                                              .others = &text,
                                              .others_are_words = true,
                                              .other_words = DBK_WORDS_INVARIANT};
static const struct dbk_value except = NAMED(&except_shape, 50);

static const struct dbk_key choice_keys[] = {
    {"site", true, &site, "a row of `list choices`"},
    {"entity", true, &text, "of whom it is asked: \"core.worker/step\""},
    {"n", true, &nth, "the n-th time it is asked"},
    {"take", true, &take, "the alternative; 0 is the benign one"},
};
static const struct dbk_shape choice_shape = {.name = "a choice", KEYS(choice_keys)};
static const struct dbk_value choice = MAPPING(&choice_shape);
static const struct dbk_value choices = LIST(&choice, 1000);

/* ---- the file ---- */

static const struct dbk_key clocks_keys[] = {
    {"zero", false, &instant, "when the story begins, 2026-01-05T12:00:00Z where not said"},
};
static const struct dbk_shape clocks_shape = {
    .name = "clocks", KEYS(clocks_keys), .others = &offset};
static const struct dbk_value clocks = NAMED(&clocks_shape, 200);

static const struct dbk_key core_block_keys[] = {
    {"set", false, &set, "rules and settings that hold under every policy"},
};
static const struct dbk_shape core_shape = {.name = "core", KEYS(core_block_keys)};
static const struct dbk_value core = MAPPING(&core_shape);

static const struct dbk_key stage_keys[] = {
    {"scale", false, &scale, "scenario time per real time; the stage decides where not said"},
    {"no", false, &text, "why it cannot be played live"},
};
static const struct dbk_shape stage_shape = {.name = "live", KEYS(stage_keys)};
static const struct dbk_value live_stage = MAPPING(&stage_shape);

static const struct dbk_key parity_keys[] = {
    {"level", true, &level, "1: only the outcome is the same on both stages"},
    {"why", true, &text, "which race the story has"},
};
static const struct dbk_shape parity_shape = {.name = "parity", KEYS(parity_keys)};
static const struct dbk_value parity = MAPPING(&parity_shape);

static const struct dbk_key scenario_keys[] = {
    {"format", true, &format_number, "1"},
    {"scenario", true, &word, "its name"},
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
};
static const struct dbk_shape scenario_shape = {.name = "a scenario", KEYS(scenario_keys)};
const struct dbk_value dbk_format = MAPPING(&scenario_shape);

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
