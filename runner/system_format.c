/* The keys of a system map, as tables (format.h); what they cannot say stands in system_load.c. */
#include "runner/format.h"
#include "runner/system.h"

static const struct dbk_value text = {.kind = DBK_VALUE_TEXT};
static const struct dbk_value word = {.kind = DBK_VALUE_WORD};
static const struct dbk_value any = {.kind = DBK_VALUE_ANY};
static const struct dbk_value duration = {.kind = DBK_VALUE_DURATION};
static const struct dbk_value status = {.kind = DBK_VALUE_NAME, .words = DBK_WORDS_STATUS};
static const struct dbk_value sync = {.kind = DBK_VALUE_NAME, .words = DBK_WORDS_SYNC};
static const struct dbk_value format_number = {.kind = DBK_VALUE_INTEGER, .least = 1, .most = 1};
static const struct dbk_value texts = {.kind = DBK_VALUE_LIST, .of = &text, .most = 50};
static const struct dbk_value statuses_to = {
    .kind = DBK_VALUE_LIST, .of = &status, .most = DBK_HISTORY_STATUSES};

/* ---- operations ---- */

static const struct dbk_shape headers_shape = {
    .name = "headers", .others = &text, .others_are_texts = true};
static const struct dbk_value headers = DBK_NAMED(&headers_shape, DBK_SYSTEM_HEADERS_MAX);

static const struct dbk_key shows_keys[] = {
    {"id", false, &text, "JSON Pointer to the booking's id"},
    {"status", false, &text, "JSON Pointer to its status word"},
    {"sync", false, &text, "JSON Pointer to its word for how it stands with the partner"},
    {"version", false, &text, "JSON Pointer to an integer that grows with every change"},
    {"charged", false, &text, "JSON Pointer to what has been charged for it, in minor units"},
    {"price", false, &text, "JSON Pointer to what all of it is to cost, in minor units"},
};
static const struct dbk_shape shows_shape = {.name = "shows", DBK_KEYS(shows_keys)};
static const struct dbk_value shows = DBK_MAPPING(&shows_shape);

#define REQUEST                                                                                    \
    {                                                                                              \
        "request", true, &text, "method and path: GET /bookings/{id}"                              \
    }
#define HEADERS                                                                                    \
    {                                                                                              \
        "headers", false, &headers, "headers by name, with {variables}"                            \
    }
#define BODY                                                                                       \
    {                                                                                              \
        "body", false, &any, "the JSON body, with {variables} in its texts"                        \
    }

static const struct dbk_key operation_keys[] = {
    REQUEST,
    HEADERS,
    BODY,
    {"shows", false, &shows, "where the answer shows what: {id: /id, status: /status}"},
};
static const struct dbk_shape operation_shape = {.name = "an operation", DBK_KEYS(operation_keys)};
static const struct dbk_value operation = DBK_MAPPING(&operation_shape);

static const struct dbk_key list_keys[] = {
    REQUEST,
    HEADERS,
    BODY,
    {"rows", true, &text, "JSON Pointer to the array of bookings"},
    {"shows", true, &shows, "where a row shows what: {id: /id, status: /status}"},
};
static const struct dbk_shape list_shape = {.name = "the list", DBK_KEYS(list_keys)};
static const struct dbk_value list = DBK_MAPPING(&list_shape);

static const struct dbk_key operations_keys[] = {
    {"book", true, &operation, "how a traveller books"},
    {"look", true, &operation, "how a traveller sees a booking"},
    {"cancel", false, &operation, "how a traveller cancels"},
    {"hold", false, &operation, "how a traveller has it held only, to decide later"},
    {"confirm", false, &operation, "how a traveller confirms what is held"},
    {"extend", false, &operation, "how a traveller asks for more time"},
    {"leave", false, &operation, "how a traveller gives up what is held"},
    {"detail", false, &operation, "how support sees a booking"},
    {"list", false, &list, "how support sees all bookings"},
    {"move", false, &operation, "how support decides what was handed to it: {move} says what"},
};
static const struct dbk_shape operations_shape = {.name = "operations", DBK_KEYS(operations_keys)};
static const struct dbk_value operations = DBK_MAPPING(&operations_shape);

/* ---- words ---- */

static const struct dbk_shape statuses_shape = {
    .name = "statuses", .others = &status, .others_are_texts = true};
static const struct dbk_value statuses = DBK_NAMED(&statuses_shape, DBK_SYSTEM_WORDS_MAX);
static const struct dbk_shape syncs_shape = {
    .name = "syncs", .others = &sync, .others_are_texts = true};
static const struct dbk_value syncs = DBK_NAMED(&syncs_shape, DBK_SYSTEM_WORDS_MAX);
static const struct dbk_shape moves_shape = {.name = "moves",
                                             .others = &statuses_to,
                                             .others_are_words = true,
                                             .other_words = DBK_WORDS_STATUS};
static const struct dbk_value moves = DBK_NAMED(&moves_shape, DBK_HISTORY_STATUSES);

/* ---- the process ---- */

static const struct dbk_shape env_shape = {
    .name = "env", .others = &text, .others_are_texts = true};
static const struct dbk_value env = DBK_NAMED(&env_shape, 50);

static const struct dbk_key ready_keys[] = {
    {"path", true, &text, "what is asked with GET until it answers 2xx"},
    {"within", false, &duration, "how long that may take in real time, 10s where not said"},
};
static const struct dbk_shape ready_shape = {.name = "ready", DBK_KEYS(ready_keys)};
static const struct dbk_value ready = DBK_MAPPING(&ready_shape);

static const struct dbk_key reset_keys[] = {
    {"request", true, &text, "method and path: POST /reset"},
};
static const struct dbk_shape reset_shape = {.name = "reset", DBK_KEYS(reset_keys)};
static const struct dbk_value reset = DBK_MAPPING(&reset_shape);

static const struct dbk_key idle_keys[] = {
    {"path", true, &text, "what is asked with GET"},
    {"pointer", true, &text, "JSON Pointer to an integer; 0: nothing is left to do"},
};
static const struct dbk_shape idle_shape = {.name = "idle", DBK_KEYS(idle_keys)};
static const struct dbk_value idle = DBK_MAPPING(&idle_shape);

static const struct dbk_key system_keys[] = {
    {"format", true, &format_number, "1"},
    {"system", true, &word, "its name"},
    {"summary", false, &text, "what it is, in a sentence"},
    {"operations", true, &operations,
     "how users and support ask: book, look, cancel, hold, detail, list, ..."},
    {"statuses", true, &statuses, "its status words and ours: {ok: confirmed}"},
    {"syncs", false, &syncs, "its words for how it stands with the partner and ours"},
    {"moves", false, &moves, "the legal moves in our words, instead of the usual ones"},
    {"callbacks", true, &text, "the path to which partners call back: /callbacks/{partner}"},
    {"start", true, &texts, "the program and its arguments"},
    {"env", false, &env, "variables of its environment by name"},
    {"check", false, &texts, "a program that says by exit code 0 that its store is whole"},
    {"ready", true, &ready, "how to see that it is up"},
    {"reset", false, &reset, "how to empty it when it is ready, if it keeps data outside {dir}"},
    {"idle", false, &idle, "how to see that it has nothing left to do"},
};
static const struct dbk_shape system_shape = {.name = "a system map", DBK_KEYS(system_keys)};
const struct dbk_value dbk_format_system = DBK_MAPPING(&system_shape);
