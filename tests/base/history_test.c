#include "base/history.h"

#include "base/fact.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(history, .timeout = 60);

/* A partner that books and never answers, in as few facts as show every part of the file. */
static void tell_incident(struct dbk_history *history)
{
    static const char *proves[] = {"single-reservation", "one-truth"};
    static struct dbk_exception exceptions[] = {{"rests", "the feed polls for ever"}};
    static struct dbk_scripted_fault faults[] = {{"lagoon#1", "lose-answer", 21, false},
                                                 {"lagoon#2", "book-twice", 25, true}};
    static struct dbk_expect expects[] = {
        {DBK_EXPECT_STATUS, "trip", NULL, "confirmed", NULL, 0, 120000, 40},
        {DBK_EXPECT_LIVE, "trip", "lagoon", NULL, NULL, 1, DBK_ABSENT, 41},
        {DBK_EXPECT_RECEIVED, NULL, "lagoon", NULL, "create", 0, DBK_ABSENT, 41}};
    static struct dbk_planned_step steps[] = {{31, "ana books lagoon/sunset-cruise as trip"}};
    static struct dbk_clock clocks[] = {{"lagoon", 47000}, {"ana", -3000}};
    static struct dbk_party partners[1];
    struct dbk_fact fact;

    partners[0].name = "lagoon";
    partners[0].profile = dbk_profile_default();
    strcpy(partners[0].profile.name, "ref-not-unique");
    history->scenario = "seed-incident";
    history->stage = "sim";
    history->policy = "naive";
    history->seed = 1;
    history->zero_ms = INT64_C(1782926700000);
    history->clocks = clocks;
    history->clock_count = DBK_COUNT(clocks);
    history->partners = partners;
    history->partner_count = 1;
    history->terms = (struct dbk_terms){
        .proves = proves,
        .prove_count = DBK_COUNT(proves),
        .exceptions = exceptions,
        .exception_count = DBK_COUNT(exceptions),
        .faults = faults,
        .fault_count = DBK_COUNT(faults),
        .expects = expects,
        .expect_count = DBK_COUNT(expects),
        .steps = steps,
        .step_count = DBK_COUNT(steps),
    };

    fact = dbk_fact_of(DBK_FACT_SAW);
    fact.who = "lagoon";
    fact.at_ms = 12;
    fact.clock = "lagoon";
    fact.reads_ms = history->zero_ms + 47012;
    fact.op = "create";
    fact.exchange = "lagoon/trip/create#1";
    fact.intent = "trip";
    fact.key = "k\"\n1";
    fact.attempt = 1;
    fact.fate = "arrived";
    dbk_history_add(history, &fact);
    fact = dbk_fact_of(DBK_FACT_CORE);
    fact.text = "the create is in doubt";
    dbk_history_add(history, &fact);
    fact = dbk_fact_of(DBK_FACT_EFFECT);
    fact.who = "lagoon";
    fact.state = "confirmed";
    fact.by = "create";
    fact.units = 2;
    fact.amount = 24000;
    fact.currency = "EUR";
    dbk_history_add(history, &fact);
    fact = dbk_fact_of(DBK_FACT_NOTE);
    fact.text = "nobody will ever answer this";
    dbk_history_add(history, &fact);
}

#define HEAD                                                                                       \
    "{\"history\":1,\"scenario\":\"seed-incident\",\"stage\":\"sim\",\"policy\":\"naive\","        \
    "\"seed\":1,\"zero\":\"2026-07-01T17:25:00.000Z\","                                            \
    "\"clocks\":{\"lagoon\":47000,\"ana\":-3000},"                                                 \
    "\"partners\":{\"lagoon\":{\"profile\":\"ref-not-unique\"}},"                                  \
    "\"terms\":{\"proves\":[\"single-reservation\",\"one-truth\"],"                                \
    "\"except\":[{\"invariant\":\"rests\",\"reason\":\"the feed polls for ever\"}],"               \
    "\"faults\":[{\"rule\":\"lagoon#1\",\"fault\":\"lose-answer\",\"line\":21},"                   \
    "{\"rule\":\"lagoon#2\",\"fault\":\"book-twice\",\"line\":25,\"if_reached\":true}],"           \
    "\"expect\":[{\"kind\":\"status\",\"booking\":\"trip\",\"status\":\"confirmed\","              \
    "\"by_ms\":120000,\"line\":40},"                                                               \
    "{\"kind\":\"live\",\"booking\":\"trip\",\"partner\":\"lagoon\",\"count\":1,\"line\":41},"     \
    "{\"kind\":\"received\",\"partner\":\"lagoon\",\"op\":\"create\",\"line\":41}],"               \
    "\"steps\":[{\"line\":31,\"text\":\"ana books lagoon/sunset-cruise as trip\"}]}}\n"
#define SAW                                                                                        \
    "{\"n\":1,\"what\":\"saw\",\"who\":\"lagoon\",\"at_ms\":12,\"clock\":\"lagoon\","              \
    "\"reads\":\"2026-07-01T17:25:47.012Z\",\"op\":\"create\","                                    \
    "\"exchange\":\"lagoon/trip/create#1\",\"intent\":\"trip\",\"key\":\"k\\\"\\n1\","             \
    "\"attempt\":1,\"fate\":\"arrived\"}\n"
#define EFFECT(n)                                                                                  \
    "{\"n\":" n ",\"what\":\"effect\",\"who\":\"lagoon\",\"state\":\"confirmed\","                 \
    "\"by\":\"create\",\"units\":2,\"amount\":24000,\"currency\":\"EUR\"}\n"

/* These were computed by the algorithm of docs/history-format.md in Python, not by this code. */
#define WHOLE_HASH "55a8c0f07a2a720c4afd9733901e8865bce6ce6fdd24ae0c11b0c1c578cd96ac"
#define STRIPPED_HASH "c81c71a48bcd3c95a582171684913794d801d11181955ede40ce76016a16918f"
#define THREE_HASH "33d72ace11166b7d903cefc8457b7f1ebd0ff39c34abb47251e7058901381fbb"
#define WHOLE                                                                                      \
    HEAD SAW "{\"n\":2,\"what\":\"core\",\"text\":\"the create is in doubt\"}\n" EFFECT(           \
        "3") "{\"n\":4,\"what\":\"note\",\"text\":\"nobody will ever answer this\"}\n"             \
             "{\"history_hash\":"                                                                  \
             "\"" WHOLE_HASH "\"}\n"
#define STRIPPED                                                                                   \
    HEAD SAW EFFECT("2") "{\"history_hash\":"                                                      \
                         "\"" STRIPPED_HASH "\"}\n"

/* Reads bytes; gives what is wrong with them (free()), "" where nothing is. */
static char *wrong_with(struct dbk_history *history, const char *bytes, size_t length)
{
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0};
    bool is_good = dbk_history_read(history, bytes, length, "h", &complaints);

    dbk_complaints_print(&complaints, &text);
    cr_assert_eq(is_good, complaints.total == 0, "%s", text.bytes);
    dbk_complaints_reset(&complaints);
    return dbk_text_take(&text);
}

static void expect_read(const char *bytes, size_t length, const char *expected)
{
    struct dbk_history history;
    char *wrong;

    dbk_history_init(&history);
    wrong = wrong_with(&history, bytes, length);
    cr_expect_str_eq(wrong, expected, "of: %.200s\ngot: %s", bytes, wrong);
    free(wrong);
    dbk_history_reset(&history);
}

Test(history, is_written_as_head_facts_and_hash)
{
    struct dbk_history history;
    struct dbk_text text = {0};

    dbk_history_init(&history);
    tell_incident(&history);
    dbk_history_write(&history, &text);
    cr_expect_str_eq(text.bytes, WHOLE);
    dbk_text_reset(&text);
    dbk_history_reset(&history);
}

Test(history, keeps_only_outside_facts_when_stripped)
{
    struct dbk_history history;
    struct dbk_text text = {0};

    dbk_history_init(&history);
    tell_incident(&history);
    dbk_history_strip(&history);
    dbk_history_write(&history, &text);
    cr_expect_str_eq(text.bytes, STRIPPED);
    dbk_text_reset(&text);
    dbk_history_reset(&history);
}

Test(history, is_sealed_with_the_hash_it_is_written_with)
{
    struct dbk_history history;
    char hex[DBK_DIGEST_HEX];

    dbk_history_init(&history);
    tell_incident(&history);
    dbk_history_seal(&history, hex);
    cr_expect_str_eq(hex, WHOLE_HASH);
    dbk_history_seal(&history, hex);
    cr_expect_str_eq(hex, WHOLE_HASH, "sealing twice changed the hash");
    dbk_history_reset(&history);
}

Test(history, copies_the_strings_it_is_given)
{
    struct dbk_history history;
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_NOTE);
    char text[] = "before";

    dbk_history_init(&history);
    fact.text = text;
    cr_expect_eq(dbk_history_add(&history, &fact), 1);
    strcpy(text, "after");
    cr_expect_str_eq(history.facts[0].text, "before");
    cr_expect_eq(dbk_history_add_kept(&history, &fact), 2);
    cr_expect_eq(history.facts[1].text, text);
    dbk_history_reset(&history);
}

Test(history, forgets_all_but_its_memory_when_cleared)
{
    struct dbk_history history;
    struct dbk_text text = {0};
    struct dbk_arena_block *block = NULL;
    struct dbk_fact *facts = NULL;

    dbk_history_init(&history);
    tell_incident(&history);
    block = history.arena.first;
    facts = history.facts;
    dbk_history_clear(&history);
    cr_expect(block != NULL && history.arena.first == block);
    cr_expect(facts != NULL && history.facts == facts);
    dbk_history_write(&history, &text);
    cr_expect(dbk_starts_with(text.bytes, "{\"history\":1,\"clocks\":{},\"partners\":{},\"terms\":{"
                                          "\"proves\":[],\"except\":[],\"faults\":[],\"expect\":[],"
                                          "\"steps\":[]}}\n{\"history_hash\":"),
              "%s", text.bytes);
    dbk_text_reset(&text);
    dbk_history_reset(&history);
}

static const char *drawn_text(struct dbk_arena *arena, const char *site, uint64_t nth)
{
    static const char *const texts[] = {"trip",      "",     "core.worker", "a \"b\" \\ c",
                                        "tab\there", "żółw", "é",           "\x01\x1f\x7f"};
    uint64_t pick = dbk_draw_below(7, site, "text", nth, DBK_COUNT(texts) + 1);

    if (pick == DBK_COUNT(texts)) {
        return dbk_arena_printf(arena, "%s-%llu", site, (unsigned long long)nth);
    }
    return texts[pick];
}

/* Integers of every size, both signs. */
static int64_t drawn_integer(const char *site, uint64_t nth)
{
    uint64_t bound = UINT64_C(1) << dbk_draw_below(7, site, "size", nth, 49);
    int64_t value = (int64_t)dbk_draw_below(7, site, "value", nth, bound);

    return dbk_draw_below(7, site, "sign", nth, 2) == 0 ? value : -value;
}

static struct dbk_fact drawn_fact(struct dbk_arena *arena, uint64_t nth)
{
    struct dbk_fact fact =
        dbk_fact_of((enum dbk_fact_kind)dbk_draw_below(7, "kind", "", nth, DBK_FACT_KINDS));

    for (size_t i = 0; i < dbk_field_count; i++) {
        const struct dbk_field *field = &dbk_fields[i];
        char *at = (char *)&fact + field->offset;
        size_t words = 0;
        if (dbk_draw_below(7, field->name, "is known", nth, 3) == 0) {
            continue;
        }
        while (field->words != NULL && field->words[words] != NULL) {
            words++;
        }
        if (words > 0) {
            *(const char **)at = field->words[dbk_draw_below(7, field->name, "word", nth, words)];
        } else if (field->type == DBK_FIELD_TEXT) {
            *(const char **)at = drawn_text(arena, field->name, nth);
        } else if (field->type == DBK_FIELD_INSTANT) {
            *(int64_t *)at = llabs(drawn_integer(field->name, nth)) % INT64_C(253402300800000);
        } else {
            *(int64_t *)at = drawn_integer(field->name, nth);
        }
    }
    return fact;
}

static void draw_history(struct dbk_history *history, uint64_t nth)
{
    uint64_t facts = dbk_draw_below(7, "facts", "", nth, 12);

    tell_incident(history);
    history->fact_count = 0;
    history->scenario = drawn_text(&history->arena, "scenario", nth);
    history->file = dbk_draw_below(7, "file", "", nth, 2) == 0 ? NULL : "scenarios/x.yaml";
    history->seed = nth % 5 == 0 ? DBK_ABSENT : nth % 5 == 1 ? INT64_MAX : (int64_t)nth;
    history->zero_ms = nth % 3 == 0 ? DBK_ABSENT : llabs(drawn_integer("zero", nth)) / 100;
    history->inputs = nth % 2 == 0 ? NULL : "00ff";
    history->clock_count = nth % 3;
    history->partner_count = nth % 2;
    history->terms.prove_count = nth % 3;
    history->terms.exception_count = nth % 2;
    history->terms.fault_count = nth % 3;
    history->terms.expect_count = nth % 4;
    history->terms.step_count = nth % 2;
    history->terms.has_moves = nth % 4 == 0;
    for (size_t from = 0; from < DBK_HISTORY_STATUSES && history->terms.has_moves; from++) {
        history->terms.moves[from] =
            (uint8_t)dbk_draw_below(7, "moves", dbk_history_statuses[from], nth, 64);
    }
    for (uint64_t i = 0; i < facts; i++) {
        struct dbk_fact fact = drawn_fact(&history->arena, nth * 100 + i);
        dbk_history_add(history, &fact);
    }
}

Test(history, reads_back_as_it_was_written)
{
    struct dbk_history drawn, again;
    struct dbk_text first = {0}, second = {0};

    dbk_history_init(&drawn);
    dbk_history_init(&again);
    for (uint64_t nth = 0; nth < 500; nth++) {
        char hex[DBK_DIGEST_HEX], read_hex[DBK_DIGEST_HEX];
        char *wrong;
        dbk_history_clear(&drawn);
        dbk_history_clear(&again);
        dbk_text_clear(&first);
        dbk_text_clear(&second);
        draw_history(&drawn, nth);
        dbk_history_write(&drawn, &first);
        wrong = wrong_with(&again, first.bytes, first.length);
        cr_assert_str_eq(wrong, "", "case %llu: %s", (unsigned long long)nth, wrong);
        free(wrong);
        dbk_digest_hex(&again.hash, read_hex);
        dbk_history_write(&again, &second);
        cr_assert_str_eq(first.bytes, second.bytes, "case %llu", (unsigned long long)nth);
        dbk_history_seal(&drawn, hex);
        cr_assert_str_eq(hex, read_hex, "case %llu", (unsigned long long)nth);
    }
    dbk_text_reset(&first);
    dbk_text_reset(&second);
    dbk_history_reset(&drawn);
    dbk_history_reset(&again);
}

Test(history, is_refused_when_any_byte_was_changed)
{
    char *bytes = dbk_copy_text(WHOLE);
    size_t length = strlen(bytes);
    size_t hashed = (size_t)(strstr(bytes, "{\"history_hash\"") - bytes);
    struct dbk_history history;

    dbk_history_init(&history);
    for (size_t i = 0; i < hashed; i++) {
        char kept = bytes[i];
        char *wrong;
        bytes[i] = (char)(kept ^ 1);
        dbk_history_clear(&history);
        wrong = wrong_with(&history, bytes, length);
        cr_assert_str_neq(wrong, "", "byte %zu, '%c', may be changed", i, kept);
        free(wrong);
        bytes[i] = kept;
    }
    expect_read(bytes, length, "");
    dbk_history_reset(&history);
    free(bytes);
}

/* Lines without n, so that nothing but the hash can tell. */
#define THREE                                                                                      \
    "{\"history\":1}\n"                                                                            \
    "{\"what\":\"note\",\"text\":\"one\"}\n"                                                       \
    "{\"what\":\"note\",\"text\":\"two\"}\n"
#define THREE_END "{\"history_hash\":\"" THREE_HASH "\"}\n"

Test(history, is_refused_with_its_line_when_facts_were_dropped_swapped_or_altered)
{
    static const char *const forged[] = {
        "{\"history\":1}\n{\"what\":\"note\",\"text\":\"one\"}\n" THREE_END,
        "{\"history\":1}\n{\"what\":\"note\",\"text\":\"two\"}\n"
        "{\"what\":\"note\",\"text\":\"one\"}\n" THREE_END,
        "{\"history\":1}\n{\"what\":\"note\",\"text\":\"One\"}\n"
        "{\"what\":\"note\",\"text\":\"two\"}\n" THREE_END,
        "{\"history\":1}\n{\"what\":\"note\",\"text\":\"one\"} \n"
        "{\"what\":\"note\",\"text\":\"two\"}\n" THREE_END,
        THREE "{\"history_hash\":\"\"}\n",
        THREE "{\"history_hash\":7}\n",
    };

    expect_read(THREE THREE_END, strlen(THREE THREE_END), "");
    for (size_t i = 0; i < DBK_COUNT(forged); i++) {
        struct dbk_history history;
        char *wrong;
        char place[8];
        dbk_history_init(&history);
        wrong = wrong_with(&history, forged[i], strlen(forged[i]));
        snprintf(place, sizeof(place), "h:%d:1:", i == 0 ? 3 : 4);
        cr_expect(dbk_starts_with(wrong, place), "case %zu: %s", i, wrong);
        cr_expect(strstr(wrong, "history_hash: does not fit the lines above"), "case %zu: %s", i,
                  wrong);
        free(wrong);
        dbk_history_reset(&history);
    }
}

Test(history, may_be_written_by_hand_from_a_log)
{
    static const char log[] =
        "{\"history\":1,\"partners\":{\"lagoon\":{}},\"remark\":[1.5,null,{}]}\r\n"
        "{\"what\":\"saw\",\"who\":\"lagoon\",\"op\":\"create\",\"reads\":"
        "\"2026-07-01T19:25:00+02:00\",\"log_line\":{\"of\":[\"theirs\"]}}\n"
        "{ \"who\": \"lagoon\", \"what\": \"effect\", \"reservation\": \"r1\" }";
    struct dbk_history history;
    struct dbk_profile usual = dbk_profile_default();
    char *wrong;

    dbk_history_init(&history);
    wrong = wrong_with(&history, log, strlen(log));
    cr_expect_str_eq(wrong, "");
    free(wrong);
    cr_expect_null(history.scenario);
    cr_expect_eq(history.seed, DBK_ABSENT);
    cr_expect_eq(history.zero_ms, DBK_ABSENT);
    cr_assert_eq(history.fact_count, 2);
    cr_expect_eq(history.facts[0].kind, DBK_FACT_SAW);
    cr_expect_eq(history.facts[0].at_ms, DBK_ABSENT);
    cr_expect_eq(history.facts[0].reads_ms, INT64_C(1782926700000));
    cr_expect_str_eq(history.facts[1].reservation, "r1");
    cr_assert_not_null(dbk_history_partner(&history, "lagoon"));
    cr_expect_eq(dbk_history_partner(&history, "lagoon")->profile.commit_within_ms,
                 usual.commit_within_ms);
    cr_expect_null(dbk_history_partner(&history, "reef"));
    dbk_history_reset(&history);
}

#define GOOD "{\"history\":1}\n"

Test(history, tells_every_mistake_with_its_line)
{
    static const struct {
        const char *bytes, *expected;
    } rows[] = {
        {"", "h:1:1: the file is empty; expected a history\n"},
        {"\n", "h:1:1: nothing there; expected one JSON object on each line\n"},
        {"[1]\n" GOOD, "h:1:1: not an object; expected one JSON object on each line\n"},
        {"format: 1\nscenario: x\n",
         "h:1:1: not JSON at byte 1; expected one JSON object on each line\n"},
        {"{}\n{}\n", "h:1:1: not a history of format 1; expected a first line that begins with "
                     "{\"history\":1\n"},
        {"{\"history\":2}\n{}\n", "h:1:1: not a history of format 1; expected a first line that "
                                  "begins with {\"history\":1\n"},
        {"{\"history\":\"1\"}\n", "h:1:1: not a history of format 1; expected a first line that "
                                  "begins with {\"history\":1\n"},
        {"{\"history\":1,\"scenario\":7,\"seed\":\"x\",\"zero\":\"noon\",\"clocks\":[],"
         "\"partners\":{\"lagoon\":1},\"terms\":3}\n",
         "h:1:1: scenario: expected text\n"
         "h:1:1: seed: expected a whole number, at most 9223372036854775807\n"
         "h:1:1: zero: expected an instant such as \"2026-07-01T17:25:00Z\"\n"
         "h:1:1: clocks: expected an object\n"
         "h:1:1: partners: lagoon: expected an object\n"
         "h:1:1: terms: expected an object\n"},
        {"{\"history\":1,\"clocks\":{\"a\":\"3s\"},\"terms\":{\"proves\":[1],\"except\":{},"
         "\"faults\":[3],\"expect\":[{\"kind\":\"all\",\"count\":1.5}],"
         "\"steps\":[{\"line\":4294967296}]}}\n",
         "h:1:1: a: expected a whole number, at most 1000000000000000\n"
         "h:1:1: proves: expected the names of invariants\n"
         "h:1:1: except: expected a list\n"
         "h:1:1: faults: expected a list of objects\n"
         "h:1:1: expect: kind: expected one of status, live, received\n"
         "h:1:1: booking: missing\n"
         "h:1:1: status: missing\n"
         "h:1:1: count: expected a whole number, at most 1000000000000000\n"
         "h:1:1: line: expected a whole number, at most 2147483647\n"
         "h:1:1: text: missing\n"},
        {"{\"history\":1,\"terms\":{\"moves\":[]}}\n", "h:1:1: moves: expected an object\n"},
        {"{\"history\":1,\"terms\":{\"moves\":{\"pending\":3,\"ok\":[\"pending\"],"
         "\"confirmed\":[\"gone\",7,\"cancelled\"]}}}\n",
         "h:1:1: pending: expected a list\n"
         "h:1:1: moves: unknown status 'ok'; expected one of received, pending, confirmed, "
         "cancelled, rejected, expired\n"
         "h:1:1: moves: unknown status 'gone'; expected one of received, pending, confirmed, "
         "cancelled, rejected, expired\n"
         "h:1:1: moves: expected the names of statuses\n"},
        {"{\"history\":1,\"partners\":{\"lagoon\":{\"callback\":{\"id\":\"evnt\"}}}}\n",
         "h:1:1: partners: lagoon: not a value of the knob with claim callback-id\n"},
        {GOOD "{\"n\":1}\n", "h:2:1: what: missing or not text; it names the kind of the fact\n"},
        {GOOD "{\"what\":\"seen\"}\n{\"what\":3}\n",
         "h:2:1: what: unknown word 'seen'; expected one of step, asked, read, saw, effect, "
         "answer, "
         "callback, callback-answered, fault, process, store, end, core, note\n"
         "h:3:1: what: missing or not text; it names the kind of the fact\n"},
        {GOOD "{\"what\":\"saw\",\"who\":3,\"at_ms\":\"0\",\"reads\":12,\"attempt\":1.0,"
              "\"http\":1000000000000001,\"key\":null}\n",
         "h:2:1: who: expected text, or no such member where it is not known\n"
         "h:2:1: at_ms: expected a whole number of at most 15 digits, or no such member where it "
         "is "
         "not known\n"
         "h:2:1: reads: expected an instant such as \"2026-07-01T17:25:47.012Z\"\n"
         "h:2:1: key: expected text, or no such member where it is not known\n"
         "h:2:1: attempt: expected a whole number of at most 15 digits, or no such member where it "
         "is not known\n"
         "h:2:1: http: expected a whole number of at most 15 digits, or no such member where it is "
         "not known\n"},
        {GOOD "{\"what\":\"read\",\"status\":\"Confirmed\",\"surface\":\"app\"}\n"
              "{\"what\":\"core\",\"status\":\"Confirmed\"}\n",
         "h:2:1: surface: unknown word 'app'; expected one of page, detail, list, message\n"
         "h:2:1: status: unknown word 'Confirmed'; expected one of received, pending, confirmed, "
         "cancelled, rejected, expired\n"},
        {GOOD "{\"n\":1,\"what\":\"note\"}\n{\"n\":3,\"what\":\"note\"}\n",
         "h:3:1: n: this is fact 2; facts count from 1 without gap, or have no n\n"},
        {GOOD "{\"what\":\"note\"}\n\n{\"what\":\"note\"",
         "h:3:1: nothing there; expected one JSON object on each line\n"
         "h:4:1: not JSON at byte 14; expected one JSON object on each line\n"},
        {GOOD "{\"what\":\"note\",\"what\":\"saw\"}\n",
         "h:2:1: duplicate key 'what' in the object at byte 1; expected one JSON object on each "
         "line\n"},
        {GOOD "{\"what\":\"note\",\"text\":\"\xff\"}\n",
         "h:2:1: text that is not UTF-8 at byte 24; expected one JSON object on each line\n"},
        {THREE THREE_END GOOD,
         "h:5:1: a line after the one with the history_hash; expected none\n"},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        expect_read(rows[i].bytes, strlen(rows[i].bytes), rows[i].expected);
    }
    expect_read(GOOD "{\"what\":\"no\0te\"}\n", sizeof(GOOD "{\"what\":\"no\0te\"}\n") - 1,
                "h:2:1: a control character in a text at byte 12; expected one JSON object on each "
                "line\n");
}

Test(history, survives_deep_and_huge_lines)
{
    size_t length = DBK_HISTORY_LINE_MAX + 100;
    char *bytes = dbk_alloc(length + 1);

    memset(bytes, '[', length);
    memcpy(bytes, GOOD, strlen(GOOD));
    expect_read(bytes, length, "h:2:1: the line is longer than 1 MiB\n");
    expect_read(bytes, length / 2,
                "h:2:1: nested too deep at byte 65; expected one JSON object on each line\n");
    free(bytes);
}
