/* The keys of a goal, as tables (format.h); what they cannot say stands in goal_file.c. */
#include "runner/search/goal_parts.h"

static const struct dbk_value text = {.kind = DBK_VALUE_TEXT};
static const struct dbk_value word = {.kind = DBK_VALUE_WORD};
static const struct dbk_value moment = {.kind = DBK_VALUE_MOMENT};
static const struct dbk_value currency = {.kind = DBK_VALUE_CURRENCY};

static const struct dbk_value kind = DBK_WORDS(DBK_WORDS_FACT);
static const struct dbk_value op = DBK_WORDS(DBK_WORDS_FACT_OP);
static const struct dbk_value status = DBK_WORDS(DBK_WORDS_STATUS);
static const struct dbk_value sync = DBK_WORDS(DBK_WORDS_SYNC);
static const struct dbk_value state = DBK_WORDS(DBK_WORDS_FACT_STATE);
static const struct dbk_value surface = DBK_WORDS(DBK_WORDS_SURFACE);
static const struct dbk_value fate = DBK_WORDS(DBK_WORDS_FATE);
static const struct dbk_value fault = DBK_WORDS(DBK_WORDS_FACT_FAULT);
static const struct dbk_value claim = DBK_WORDS(DBK_WORDS_CLAIM);
static const struct dbk_value invariant = DBK_WORDS(DBK_WORDS_INVARIANT);

static const struct dbk_value format_number = DBK_INTEGER(1, 1);
static const struct dbk_value count = DBK_INTEGER(0, DBK_FACT_INTEGER_MAX);
static const struct dbk_value from_one = DBK_INTEGER(1, 1000000);
static const struct dbk_value http = DBK_INTEGER(100, 599);

static const struct dbk_key fact_keys[] = {
    {"what", true, &kind, "the kind of the fact"},
    {"as", false, &word, "a name for this entry, for others to come after it"},
    {"after", false, &word, "the name of an entry above: this fact comes later in the history"},
    {"from", false, &moment, "the earliest that the clock may read at it"},
    {"to", false, &moment, "the latest that the clock may read at it"},
    {"clock", false, &word,
     "whose clock reads from and to: a party's, or true-time; the clock of whoever saw the fact "
     "where not said"},
    {"who", false, &text, "the party that saw it: a person, a partner, core.worker"},
    {"op", false, &op, "the operation"},
    {"exchange", false, &text, "one request and its answer: \"lagoon/trip/create#1\""},
    {"intent", false, &text, "the wish, by the alias of its first booking"},
    {"booking", false, &text, "the booking, by its alias"},
    {"reservation", false, &text, "the partner's id"},
    {"callback", false, &text, "the callback's id"},
    {"key", false, &text, "idempotency key or client reference, as that party would log it"},
    {"attempt", false, &from_one, "the n-th request of the operation for the intent to arrive"},
    {"surface", false, &surface, "where it was shown"},
    {"status", false, &status, "what was shown"},
    {"sync", false, &sync, "what was shown of how our word and the partner's relate"},
    {"version", false, &count, "what was shown as the booking's version"},
    {"http", false, &http, "the answer's HTTP status"},
    {"retry_ms", false, &count, "of an answer: for how long it wants nobody to ask"},
    {"state_before", false, &state, "of the reservation before it changed"},
    {"state", false, &state, "of the reservation, or what an answer or a callback says of it"},
    {"fate", false, &fate, "what became of it"},
    {"fault", false, &fault, "the fault or lapse that took effect"},
    {"claim", false, &claim, "the promise that it breaks"},
    {"by", false, &text, "what changed a reservation: create, cancel or itself"},
    {"nth", false, &from_one, "of a step its place; of a callback the n-th copy"},
    {"units", false, &count, "units of the reservation"},
    {"amount", false, &count, "money, in minor units: what a reservation costs, what was charged"},
    {"price", false, &count, "of a read, in minor units: what all of it is to cost"},
    {"currency", false, &currency, "three capital letters"},
    {"text", false, &text, "what it says in words"},
};
const struct dbk_shape dbk_goal_fact_shape = {.name = "a fact", DBK_KEYS(fact_keys)};
static const struct dbk_value fact = DBK_MAPPING(&dbk_goal_fact_shape);
static const struct dbk_value facts = DBK_LIST(&fact, DBK_GOAL_FACTS);
static const struct dbk_value invariants = DBK_LIST(&invariant, 50);

static const struct dbk_key goal_keys[] = {
    {"format", true, &format_number, "1"},
    {"goal", true, &word, "its name"},
    {"summary", false, &text, "what it stands for, in a sentence"},
    {"violates", false, &invariants, "invariants that are violated, all of them in one run"},
    {"facts", false, &facts, "what was seen, all of it in one run, each entry a fact of its own"},
};
static const struct dbk_shape goal_shape = {.name = "a goal", DBK_KEYS(goal_keys)};
const struct dbk_value dbk_format_goal = DBK_MAPPING(&goal_shape);
