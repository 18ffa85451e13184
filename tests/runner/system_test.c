/* A system map says how to ask a booking service and how to read it; all that is wrong with one is
 * told with its place. */
#include "runner/system.h"

#include "base/json.h"
#include "runner/scenario.h"
#include "runner/user.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(system, .timeout = 60);

#define NODE DBK_SOURCE_DIR "/examples/node-booking/"

/* Loads a map of these bytes; *told gets what was said, with "F" for the file's path. */
static struct dbk_system *load(const char *bytes, size_t length, char **told)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text said = {0}, out = {0};
    char path[] = "/tmp/dbk-system-XXXXXX";
    int handle = mkstemp(path);
    cr_assert(handle >= 0 && write(handle, bytes, length) == (ssize_t)length);
    close(handle);
    struct dbk_system *system = dbk_system_load(DBK_SOURCE_DIR, path, &complaints);
    unlink(path);
    cr_assert_eq(system != NULL, complaints.total == 0);
    dbk_complaints_print(&complaints, &said);
    for (const char *at = said.bytes ? said.bytes : ""; *at;) {
        bool is_path = strncmp(at, path, strlen(path)) == 0;
        dbk_text_add_char(&out, is_path ? 'F' : *at);
        at += is_path ? strlen(path) : 1;
    }
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&said);
    *told = dbk_text_take(&out);
    return system;
}

static struct dbk_system *load_good(const char *text)
{
    char *told;
    struct dbk_system *system = load(text, strlen(text), &told);
    cr_assert(system, "%s", told);
    free(told);
    return system;
}

static struct dbk_system *load_named(const char *name)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text said = {0};
    struct dbk_system *system = dbk_system_load(DBK_SOURCE_DIR, name, &complaints);
    dbk_complaints_print(&complaints, &said);
    cr_assert(system, "%s", said.bytes);
    dbk_text_reset(&said);
    dbk_complaints_reset(&complaints);
    return system;
}

#define HEAD "format: 1\nsystem: other\n"
#define WORDS "statuses: { in: received, at: pending, ok: confirmed }\n"
#define REST "callbacks: /hooks/{partner}\nstart: [ \"./serve\" ]\nready: { path: /up }\n"
#define BOOK "  book: { request: POST /orders, shows: { id: /n } }\n"
#define LOOK "  look: { request: \"GET /orders/{id}\", shows: { status: /s } }\n"
#define OPERATIONS "operations:\n" BOOK LOOK

/* ---- what is wrong is told ---- */

static const struct {
    const char *text, *told;
} bad[] = {
    {"", "F:1:1: the document is empty\n"},
    {"{}\n",
     "F:1:1: a system map lacks the key 'format'; expected format: 1\n"
     "F:1:1: a system map lacks the key 'system'; expected system: its name\n"
     "F:1:1: a system map lacks the key 'operations'; expected operations: how users and support "
     "ask: book, look, cancel, hold, detail, list, ...\n"
     "F:1:1: a system map lacks the key 'statuses'; expected statuses: its status words and ours: "
     "{ok: confirmed}\n"
     "F:1:1: a system map lacks the key 'callbacks'; expected callbacks: the path to which "
     "partners call back: /callbacks/{partner}\n"
     "F:1:1: a system map lacks the key 'start'; expected start: the program and its arguments\n"
     "F:1:1: a system map lacks the key 'ready'; expected ready: how to see that it is up\n"},
    {"[]\n", "F:1:1: the file cannot be a list; expected a mapping\n"},
    {HEAD WORDS REST "operations: {}\n",
     "F:7:13: operations lacks the key 'book'; expected book: how a traveller books\n"
     "F:7:13: operations lacks the key 'look'; expected look: how a traveller sees a booking\n"},
    {HEAD WORDS REST "operations:\n" LOOK,
     "F:8:3: operations lacks the key 'book'; expected book: how a traveller books\n"},
    {HEAD WORDS REST OPERATIONS "  lok: {}\n",
     "F:10:3: unknown key 'lok' (did you mean 'look'?); expected one of book, look, cancel, "
     "hold, confirm, extend, leave, detail, list, move\n"},
    {HEAD WORDS REST "operations:\n" LOOK
                     "  book: { request: PUSH /x, shows: { id: x, version: \"/a~\" } }\n",
     "F:9:20: 'PUSH /x' is no request; expected a method (GET, POST, PUT, PATCH, DELETE), a space "
     "and a path\n"
     "F:9:42: 'x' is no JSON Pointer; expected a '/' first, as in /status\n"
     "F:9:54: '/a~' is no JSON Pointer; expected ~0 (a tilde) or ~1 (a slash) where a tilde "
     "stands\n"},
    {HEAD WORDS REST "operations:\n" LOOK "  book: { request: POST x, body: 1 }\n",
     "F:9:20: 'x' is no path; expected one that begins with '/', without spaces\n"
     "F:9:9: book shows no id; expected shows: { id: JSON POINTER }: without it nobody can ask for "
     "the booking\n"},
    {HEAD WORDS REST "operations:\n" BOOK "  look: { request: GET /x, shows: { id: /id } }\n",
     "F:9:35: look shows no status; expected shows: { status: JSON POINTER }: without it there is "
     "nothing to judge\n"},
    {HEAD WORDS REST "operations:\n" LOOK
                     "  book: { request: \"POST /{id}\", body: { a: [ \"{gest}\", \"}\" ] }, "
                     "headers: { X: \"{\", \"A:\": b }, shows: { id: /n } }\n",
     "F:9:20: unknown variable 'id'; expected one of key, partner, product, slot, units, guest, "
     "move, "
     "intent\n"
     "F:9:80: a '{' stands alone; expected a {variable}, or {{ for the brace itself\n"
     "F:9:85: a header's name is letters, digits, '-' and '_'\n"
     "F:9:47: unknown variable 'gest' (did you mean 'guest'?); expected one of key, partner, "
     "product, slot, units, guest, move, intent\n"
     "F:9:57: a '}' stands alone; expected a {variable}, or }} for the brace itself\n"},
    {HEAD WORDS REST "operations:\n" BOOK
                     "  look: { request: GET /x, shows: { status: /s, sync: /y } }\n",
     "F:9:49: the map has no words for sync; expected syncs: { ITS WORD: OURS } beside "
     "statuses\n"},
    {HEAD OPERATIONS REST "statuses: { ok: confrmed }\n",
     "F:9:17: unknown status 'confrmed' (did you mean 'confirmed'?); expected one of received, "
     "pending, confirmed, cancelled, rejected, expired\n"},
    {HEAD OPERATIONS REST WORDS "moves: { pending: [ okay ], ok: [] }\n",
     "F:10:21: unknown status 'okay'; expected one of received, pending, confirmed, cancelled, "
     "rejected, expired\n"
     "F:10:29: unknown status 'ok'; expected one of received, pending, confirmed, cancelled, "
     "rejected, expired\n"},
    {HEAD OPERATIONS WORDS "callbacks: hooks/{id}\nstart: []\nready: { path: \"/{x}\" }\n"
                           "env: { 1A: x, B: \"{prt}\" }\nidle: { path: /, pointer: n }\n",
     "F:7:12: 'hooks/{id}' is no path; expected one that begins with '/', without spaces\n"
     "F:8:8: the list is empty; expected the program and its arguments\n"
     "F:10:8: '1A' is no name of a variable of the environment; expected letters, digits and '_', "
     "no digit first\n"
     "F:10:18: unknown variable 'prt' (did you mean 'port'?); expected one of program, dir, port, "
     "partners, policy, origin, scale, zero, seed, here, partner:NAME\n"
     "F:9:16: unknown variable 'x'; none is expected here\n"
     "F:11:27: 'n' is no JSON Pointer; expected a '/' first, as in /status\n"},
};

Test(system, complains_of_every_mistake_with_its_place)
{
    for (size_t i = 0; i < DBK_COUNT(bad); i++) {
        char *told;
        struct dbk_system *system = load(bad[i].text, strlen(bad[i].text), &told);
        cr_expect_null(system, "accepted:\n%s", bad[i].text);
        cr_expect_str_eq(told, bad[i].told, "of:\n%s\ngot:\n%s", bad[i].text, told);
        dbk_system_free(system);
        free(told);
    }
}

Test(system, is_found_by_name_or_file)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text said = {0};
    cr_expect_null(dbk_system_load(DBK_SOURCE_DIR, "referense", &complaints));
    cr_expect_null(dbk_system_load(DBK_SOURCE_DIR, "/nonexistent/map.yaml", &complaints));
    dbk_complaints_print(&complaints, &said);
    cr_expect_str_eq(said.bytes,
                     "--system: unknown system 'referense' (did you mean 'reference'?); expected "
                     "one of reference, or a file\n"
                     "/nonexistent/map.yaml:1:1: the file cannot be read: No such file or "
                     "directory; expected YAML of at most 1048576 bytes\n",
                     "%s", said.bytes);
    dbk_text_reset(&said);
    dbk_complaints_reset(&complaints);
}

/* Any cut of a map and any byte of it changed: a map or complaints, never a crash. */
Test(system, is_read_whatever_the_bytes)
{
    char *whole = NULL, why[160], *told;
    size_t length = 0;
    cr_assert(dbk_read_file(NODE "system.yaml", 1 << 20, &whole, &length, why), "%s", why);
    for (size_t cut = 0; cut < length; cut += 7) {
        dbk_system_free(load(whole, cut, &told));
        free(told);
    }
    for (size_t at = 0; at < length; at += 3) {
        char kept = whole[at];
        whole[at] = "{}~/: \"["[at % 8];
        dbk_system_free(load(whole, length, &told));
        free(told);
        whole[at] = kept;
    }
    free(whole);
}

/* ---- asking ---- */

static void add_request(struct dbk_text *out, const struct dbk_system *system,
                        enum dbk_operation operation, const struct dbk_system_values *values)
{
    struct dbk_message *request = dbk_system_request(system, operation, values);
    if (!request) {
        dbk_text_printf(out, "no %s\n", dbk_operation_name(operation));
        return;
    }
    dbk_text_printf(out, "%s %s", request->method, request->path);
    for (size_t i = 0; i < request->header_count; i++)
        dbk_text_printf(out, " [%s: %s]", request->headers[i].name, request->headers[i].value);
    dbk_text_printf(out, " %s\n", request->body);
    dbk_message_free(request);
}

static char *requests(const struct dbk_system *system, const struct dbk_system_values *values)
{
    struct dbk_text out = {0};
    for (enum dbk_operation i = 0; i < DBK_OPERATIONS; i++)
        add_request(&out, system, i, values);
    return dbk_text_take(&out);
}

static const struct dbk_system_values trip = {.key = "k-1",
                                              .partner = "lagoon",
                                              .product = "cruise",
                                              .slot = "evening",
                                              .guest = "Ana dbk.trip.x7k2",
                                              .intent = "trip",
                                              .id = "bk 1/2",
                                              .move = "absent",
                                              .units = 2};

Test(system, asks_the_reference_core_in_its_own_words)
{
    struct dbk_system *system = load_named("reference");
    char *got = requests(system, &trip);
    cr_expect_str_eq(got,
                     "POST /bookings [Content-Type: application/json] [Idempotency-Key: k-1] "
                     "{\"partner\":\"lagoon\",\"product\":\"cruise\",\"slot\":\"evening\","
                     "\"units\":2,\"guest\":{\"name\":\"Ana dbk.trip.x7k2\"}}\n"
                     "GET /bookings/bk%201%2F2 \n"
                     "POST /bookings/bk%201%2F2/cancel \n"
                     "POST /bookings [Content-Type: application/json] [Idempotency-Key: k-1] "
                     "{\"partner\":\"lagoon\",\"product\":\"cruise\",\"slot\":\"evening\","
                     "\"units\":2,\"guest\":{\"name\":\"Ana dbk.trip.x7k2\"},\"hold\":true}\n"
                     "POST /bookings/bk%201%2F2/confirm \n"
                     "POST /bookings/bk%201%2F2/extend \n"
                     "POST /bookings/bk%201%2F2/leave \n"
                     "GET /support/bookings/bk%201%2F2 \n"
                     "GET /support/bookings \n"
                     "POST /support/bookings/bk%201%2F2/moves [Content-Type: application/json] "
                     "{\"move\":\"absent\",\"reason\":\"as the story has it\"}\n",
                     "%s", got);
    free(got);
    dbk_system_free(system);
}

Test(system, asks_somebody_elses_service_in_its_words)
{
    struct dbk_system *system = load_good(
        HEAD WORDS REST "operations:\n" LOOK "  book:\n    request: PUT /o/{key}?n={units}\n"
                        "    headers: { X-Intent: \"{intent}/{key}\", Content-Type: text/plain }\n"
                        "    body: [ \"{units} for {guest}\", { a: null } ]\n"
                        "    shows: { id: /n }\n");
    struct dbk_system_values unknown = trip;
    char *got = requests(system, &trip);
    cr_expect_str_eq(got,
                     "PUT /o/k-1?n=2 [Content-Type: text/plain] [X-Intent: trip/k-1] "
                     "[\"2 for Ana dbk.trip.x7k2\",{\"a\":null}]\n"
                     "GET /orders/bk%201%2F2 \nno cancel\nno hold\nno confirm\n"
                     "no extend\nno leave\nno detail\nno list\nno move\n",
                     "%s", got);
    free(got);
    unknown.id = unknown.intent = NULL;
    got = requests(system, &unknown);
    cr_expect_str_eq(got,
                     "no book\nno look\nno cancel\nno hold\nno confirm\nno extend\nno leave\n"
                     "no detail\nno list\nno move\n",
                     "%s", got);
    free(got);
    dbk_system_free(system);
}

/* ---- reading ---- */

static void expect_shown(const struct dbk_system *system, enum dbk_operation operation,
                         const char *answer, const char *id, const char *expected)
{
    struct dbk_shown shown;
    struct dbk_text out = {0};
    char why[160];
    cJSON *tree = dbk_json_parse(answer, strlen(answer), why);
    bool is_shown = dbk_system_read(system, operation, tree, id, &shown);
    dbk_text_printf(&out, "%s id %s, %s is %s, sync %s", is_shown ? "shown" : "nothing",
                    shown.id ? shown.id : "-", shown.raw ? shown.raw : "-",
                    shown.status ? shown.status : "-", shown.sync ? shown.sync : "-");
    if (shown.version != DBK_ABSENT)
        dbk_text_printf(&out, ", version %lld", (long long)shown.version);
    cr_expect_str_eq(out.bytes, expected, "%s gave %s", answer, out.bytes);
    dbk_text_reset(&out);
    cJSON_Delete(tree);
}

Test(system, reads_what_an_answer_shows)
{
    struct dbk_system *system = load_named(NODE "system.yaml");
    expect_shown(system, DBK_OPERATION_BOOK,
                 "{\"order\":{\"number\":17,\"state\":\"open\",\"care\":\"new\",\"rev\":1}}", "",
                 "shown id 17, open is received, sync unsent, version 1");
    expect_shown(system, DBK_OPERATION_LOOK,
                 "{\"order\":{\"number\":\"A/1\",\"state\":\"gone\",\"rev\":\"12\"}}", "A/1",
                 "shown id A/1, gone is cancelled, sync -, version 12");
    expect_shown(system, DBK_OPERATION_LOOK,
                 "{\"order\":{\"state\":\"lost\",\"care\":\"lost\",\"rev\":9007199254740993}}", "1",
                 "shown id -, lost is -, sync -");
    expect_shown(system, DBK_OPERATION_LOOK, "{\"problem\":\"x\"}", "1",
                 "nothing id -, - is -, sync -");
    expect_shown(system, DBK_OPERATION_LOOK, "{\"order\":{\"state\":3,\"rev\":1.5}}", "1",
                 "nothing id -, - is -, sync -");
    expect_shown(system, DBK_OPERATION_LOOK, "no JSON", "1", "nothing id -, - is -, sync -");
    dbk_system_free(system);
}

Test(system, reads_the_row_of_a_list_that_has_the_id)
{
    struct dbk_system *system = load_named(NODE "system.yaml");
    static const char list[] = "{\"items\":[{\"number\":1,\"state\":\"ok\",\"rev\":2},"
                               "{\"number\":11,\"state\":\"gone\",\"rev\":3},{}]}";
    expect_shown(system, DBK_OPERATION_LIST, list, "11",
                 "shown id 11, gone is cancelled, sync -, version 3");
    expect_shown(system, DBK_OPERATION_LIST, list, "2", "nothing id -, - is -, sync -");
    expect_shown(system, DBK_OPERATION_LIST, list, "", "nothing id -, - is -, sync -");
    expect_shown(system, DBK_OPERATION_LIST, "{\"items\":{\"number\":1}}", "1",
                 "nothing id -, - is -, sync -");
    dbk_system_free(system);
}

/* ---- moves ---- */

Test(system, tells_the_terms_of_moves_that_are_not_the_usual)
{
    static const uint8_t declared[DBK_HISTORY_STATUSES] = {[1] = 1u << 2, [2] = 1u << 1 | 1u << 3};
    struct dbk_terms terms = {0};
    struct dbk_system *usual = load_named("reference");
    struct dbk_system *other =
        load_good(HEAD OPERATIONS WORDS REST "moves: { pending: [ confirmed ], "
                                             "confirmed: [ pending, cancelled ] }\n");
    struct dbk_system *same = load_good(
        HEAD OPERATIONS WORDS REST
        "moves: { received: [ pending, rejected, cancelled, expired ], "
        "pending: [ confirmed, rejected, expired, cancelled ], confirmed: [ cancelled ] }\n");
    dbk_system_terms(other, &terms);
    cr_expect(terms.has_moves);
    cr_expect_arr_eq(terms.moves, declared, sizeof declared);
    dbk_system_terms(usual, &terms);
    cr_expect_not(terms.has_moves);
    dbk_system_terms(same, &terms);
    cr_expect_not(terms.has_moves);
    dbk_system_free(usual);
    dbk_system_free(other);
    dbk_system_free(same);
}

/* ---- starting ---- */

static const char *value_of(void *context, const char *name)
{
    const char *const *pairs = context;
    for (; *pairs; pairs += 2)
        if (strcmp(pairs[0], name) == 0)
            return pairs[1];
    return NULL;
}

Test(system, says_how_it_is_started)
{
    const char *values[] = {"port", "4711", "dir", "/tmp/x", "partner:lagoon", "http://l", NULL};
    struct dbk_system *system = load_good(
        HEAD OPERATIONS WORDS "callbacks: /c/{partner}\nready: { path: /up, within: 3s }\n"
                              "start: [ \"{here}/run\", \"--port={port}\", \"{{}}\" ]\n"
                              "env: { LAGOON: \"{partner:lagoon}\", DIR: \"{dir}/d\" }\n"
                              "reset: { request: POST /reset }\n");
    struct dbk_arena arena = {0};
    struct dbk_text out = {0};
    char why[160];
    for (const char *const *at = system->start; *at; at++, dbk_text_add(&out, " "))
        cr_expect(dbk_system_fill(*at, value_of, values, &out, why), "%s", why);
    for (const char *const *at = system->env; *at; at++, dbk_text_add(&out, " "))
        cr_expect(dbk_system_fill(*at, value_of, values, &out, why), "%s", why);
    cr_expect_str_eq(out.bytes, "/tmp/run --port=4711 {} LAGOON=http://l DIR=/tmp/x/d ", "%s",
                     out.bytes);
    values[4] = NULL;
    cr_expect_not(dbk_system_fill(system->env[0], value_of, values, &out, why));
    cr_expect_str_eq(why, "there is no {partner:lagoon} here");
    cr_expect_str_eq(dbk_system_callback_path(system, "la goon", &arena), "/c/la%20goon");
    cr_expect_str_eq(system->ready_path, "/up");
    cr_expect_eq(system->ready_within_ms, 3000);
    cr_expect_str_eq(system->reset_method, "POST");
    cr_expect_str_eq(system->reset_path, "/reset");
    cr_expect_null(system->idle_path);
    cr_expect_null(system->check);
    dbk_text_reset(&out);
    dbk_arena_free(&arena);
    dbk_system_free(system);
}

/* ---- the example ---- */

static char *lines_that_differ(const char *one, const char *other)
{
    struct dbk_text out = {0};
    while (*one && *other) {
        size_t length = strcspn(one, "\n"), others = strcspn(other, "\n");
        if (length != others || strncmp(one, other, length) != 0)
            dbk_text_printf(&out, "%.*s\n", (int)strcspn(one, " "), one);
        one += length + (one[length] != '\0');
        other += others + (other[others] != '\0');
    }
    dbk_text_add(&out, one);
    dbk_text_add(&out, other);
    return dbk_text_take(&out);
}

Test(system, of_the_careless_example_differs_only_in_its_mode)
{
    char *careful = NULL, *careless = NULL, why[160];
    size_t length;
    cr_assert(dbk_read_file(NODE "system.yaml", 1 << 20, &careful, &length, why));
    cr_assert(dbk_read_file(NODE "system-careless.yaml", 1 << 20, &careless, &length, why));
    char *differ = lines_that_differ(careful, careless);
    cr_expect_str_eq(differ, "system:\nsummary:\nenv:\n", "%s", differ);
    struct dbk_system *systems[] = {load_named(NODE "system.yaml"),
                                    load_named(NODE "system-careless.yaml")};
    cr_expect_str_eq(systems[0]->env[0], "MODE=careful");
    cr_expect_str_eq(systems[1]->env[0], "MODE=careless");
    dbk_system_free(systems[0]);
    dbk_system_free(systems[1]);
    free(differ);
    free(careful);
    free(careless);
}

/* ---- people ---- */

static const char story[] =
    "format: 1\nscenario: one\npartners:\n  lagoon:\n    profile: ref-not-unique\n"
    "    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }\n"
    "steps:\n"
    "  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }\n"
    "  - { at: 1s, user: ana, look: trip }\n"
    "  - { at: 2s, support: sam, look: trip, screen: list }\n";

static uint32_t benign(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    (void)self, (void)site, (void)entity, (void)alternatives;
    return 0;
}

/* Pokes a step, answers its request, and adds what was asked and said. */
static void act(struct dbk_text *out, struct dbk_machine person, uint64_t step, const char *answer)
{
    struct dbk_arena arena = {0};
    struct dbk_effects effects = {.arena = &arena};
    const struct dbk_now now = {.mono_ms = 5, .wall_ms = 5};
    const struct dbk_chooser chooser = {.choose = benign};
    struct dbk_event event = {.kind = DBK_EVENT_POKED, .tag = step};
    struct dbk_message *response = dbk_response_new(200);
    struct dbk_text body = {0};
    dbk_text_add(&body, answer);
    dbk_message_take_body(response, "application/json", &body);
    person.ops->step(person.self, &now, &event, &chooser, &effects);
    for (size_t i = 0; i < effects.count; i++)
        if (effects.items[i].kind == DBK_EFFECT_SEND) {
            const struct dbk_message *request = effects.items[i].message;
            dbk_text_printf(out, "%s %s\n", request->method, request->path);
            event = (struct dbk_event){
                .kind = DBK_EVENT_RESPONSE, .tag = effects.items[i].tag, .message = response};
        }
    if (event.kind == DBK_EVENT_RESPONSE)
        person.ops->step(person.self, &now, &event, &chooser, &effects);
    for (size_t i = 0; i < effects.count; i++) {
        const struct dbk_fact *fact = &effects.items[i].fact;
        if (effects.items[i].kind == DBK_EFFECT_FACT && fact->kind == DBK_FACT_READ)
            dbk_text_printf(out, "read %s: %s\n", fact->surface, fact->status ? fact->status : "-");
        if (effects.items[i].kind == DBK_EFFECT_FACT && fact->kind == DBK_FACT_NOTE)
            dbk_text_printf(out, "note: %s\n", fact->text);
    }
    dbk_message_free(response);
    dbk_effects_reset(&effects);
    dbk_arena_free(&arena);
}

Test(system, is_the_only_thing_that_people_know_of_a_service)
{
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct dbk_text out = {0};
    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    struct dbk_scenario *scenario =
        dbk_scenario_parse(&library, story, strlen(story), "one.yaml", &complaints);
    struct dbk_system *system = load_good(HEAD OPERATIONS WORDS REST);
    struct dbk_users *users = dbk_users_new(system);
    cr_assert(scenario);
    dbk_users_renew(users, scenario, 1);
    struct dbk_machine ana = dbk_users_machine(users, 0), sam = dbk_users_machine(users, 1);
    act(&out, ana, 2, "{}");
    act(&out, ana, 1, "{\"n\":7,\"s\":\"in\"}");
    act(&out, ana, 2, "{\"s\":\"ok\"}");
    act(&out, ana, 2, "{\"s\":\"lost\"}");
    act(&out, ana, 2, "{\"t\":\"lost\"}");
    act(&out, sam, 3, "[]");
    cr_expect_str_eq(out.bytes,
                     "note: cannot look trip: no answer to its booking yet\n"
                     "POST /orders\nread page: -\n"
                     "GET /orders/7\nread page: confirmed\n"
                     "GET /orders/7\n"
                     "note: the page says 'lost' of trip, a status word the map does not know\n"
                     "read page: -\n"
                     "GET /orders/7\nread page: -\n"
                     "note: cannot list trip: the system's map has no list\n",
                     "%s", out.bytes);
    dbk_text_reset(&out);
    dbk_users_free(users);
    dbk_system_free(system);
    dbk_scenario_free(scenario);
    dbk_complaints_reset(&complaints);
}

/* ---- the schema ---- */

Test(system, has_the_schema_that_is_checked_in)
{
    struct dbk_text made = {0};
    char *kept = NULL, why[160];
    size_t length;
    cr_assert(dbk_read_file(DBK_SOURCE_DIR "/runner/systems/system.schema.json", 1 << 20, &kept,
                            &length, why),
              "%s", why);
    dbk_schema_system(&made);
    cr_assert(dbk_same(made.bytes, kept),
              "it is out of date: doublebook schema system > runner/systems/system.schema.json");
    dbk_text_reset(&made);
    free(kept);
}
