#include "base/yaml.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(yaml, .timeout = 60);

static struct dbk_yaml *parse(const char *bytes)
{
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml = dbk_yaml_parse(bytes, strlen(bytes), "s.yaml", &complaints);

    cr_assert_not_null(yaml, "%s: %s", bytes, complaints.count ? complaints.items[0].text : "?");
    return yaml;
}

/* The complaints about a document that is refused. */
static void expect_refusal(const char *bytes, size_t length, const char *wanted)
{
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml = dbk_yaml_parse(bytes, length, "s.yaml", &complaints);
    struct dbk_text text = {0};

    dbk_complaints_print(&complaints, &text);
    cr_expect(complaints.total > 0, "taken: %.60s", bytes);
    cr_expect_str_eq(text.bytes ? text.bytes : "", wanted);
    dbk_text_reset(&text);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
}

#define AMBIGUOUS(word, means)                                                                     \
    "plain '" word "' means " means " to some YAML readers; quote it or use another word\n"
#define NUMBER(word)                                                                               \
    "plain '" word "' is a number to some YAML readers; write a decimal integer, or quote it\n"

Test(yaml, refuses_what_readers_understand_differently_and_says_where)
{
    static const struct {
        const char *bytes, *wanted;
    } rows[] = {
        {"", "s.yaml:1:1: the document is empty\n"},
        {"# only a remark\n", "s.yaml:1:1: the document is empty\n"},
        {"---\n...\n", "s.yaml:1:1: the document is empty\n"},
        {"a: 1\nb: 2\na: 3\n", "s.yaml:3:1: duplicate key 'a'; it stands in line 1 already\n"},
        {"x:\n  - {k: 1, \"k\": 2}\n",
         "s.yaml:2:12: duplicate key 'k'; it stands in line 2 already\n"},
        {"x: &a 1\n", "s.yaml:1:4: anchors are not read here; write it out\n"},
        {"x: &a [1]\n", "s.yaml:1:4: anchors are not read here; write it out\n"},
        {"&a x: 1\n", "s.yaml:1:1: anchors are not read here; write it out\n"},
        {"x: *a\n", "s.yaml:1:4: aliases are not read here; write it out\n"},
        {"*a : 1\n", "s.yaml:1:1: aliases are not read here; write it out\n"},
        {"x: !!str 1\n", "s.yaml:1:4: tags are not read here; quote what is text\n"},
        {"x: ! 1\n", "s.yaml:1:4: tags are not read here; quote what is text\n"},
        {"x: !thing {}\n", "s.yaml:1:4: tags are not read here; write it out\n"},
        {"a: 1\n---\nb: 2\n", "s.yaml:3:1: a second document; expected one\n"},
        {"a: on\n", "s.yaml:1:4: " AMBIGUOUS("on", "true")},
        {"on: push\n", "s.yaml:1:1: " AMBIGUOUS("on", "true")},
        {"a: [1, NO]\n", "s.yaml:1:8: " AMBIGUOUS("NO", "false")},
        {"a: Yes\n", "s.yaml:1:4: " AMBIGUOUS("Yes", "true")},
        {"a:\n  b: off\n", "s.yaml:2:6: " AMBIGUOUS("off", "false")},
        {"a: True\n", "s.yaml:1:4: plain 'True' is not read here; write true, or quote it\n"},
        {"a: FALSE\n", "s.yaml:1:4: plain 'FALSE' is not read here; write false, or quote it\n"},
        {"a: ~\n", "s.yaml:1:4: plain '~' is not read here; write null, or quote it\n"},
        {"a: Null\n", "s.yaml:1:4: plain 'Null' is not read here; write null, or quote it\n"},
        {"a: 007\n",
         "s.yaml:1:4: '007' has a leading zero; write the number without it, or quote it\n"},
        {"a: -01\n",
         "s.yaml:1:4: '-01' has a leading zero; write the number without it, or quote it\n"},
        {"a: 9223372036854775808\n",
         "s.yaml:1:4: '9223372036854775808' is an integer beyond 64 bits\n"},
        {"a: -99999999999999999999\n",
         "s.yaml:1:4: '-99999999999999999999' is an integer beyond 64 bits\n"},
        {"a: 1.5\n", "s.yaml:1:4: " NUMBER("1.5")},
        {"a: .5\n", "s.yaml:1:4: " NUMBER(".5")},
        {"a: 5.\n", "s.yaml:1:4: " NUMBER("5.")},
        {"a: 1e3\n", "s.yaml:1:4: " NUMBER("1e3")},
        {"a: -1.5e+3\n", "s.yaml:1:4: " NUMBER("-1.5e+3")},
        {"a: +5\n", "s.yaml:1:4: " NUMBER("+5")},
        {"a: -0\n", "s.yaml:1:4: " NUMBER("-0")},
        {"a: 0x1F\n", "s.yaml:1:4: " NUMBER("0x1F")},
        {"a: 0o17\n", "s.yaml:1:4: " NUMBER("0o17")},
        {"a: 1_000\n", "s.yaml:1:4: " NUMBER("1_000")},
        {"a: 12:30\n", "s.yaml:1:4: " NUMBER("12:30")},
        {"a: 17:25:00\n", "s.yaml:1:4: " NUMBER("17:25:00")},
        {"a: .inf\n", "s.yaml:1:4: " NUMBER(".inf")},
        {"a: -.NaN\n", "s.yaml:1:4: " NUMBER("-.NaN")},
        {"7: x\n", "s.yaml:1:1: a key must be a text; quote '7'\n"},
        {"true: x\n", "s.yaml:1:1: a key must be a text; quote 'true'\n"},
        {"?\n: x\n", "s.yaml:1:2: a key is missing here\n"},
        {"? [a]\n: x\n", "s.yaml:1:3: a key must be a text\n"},
        {"{a: 1}: x\n", "s.yaml:1:1: a key must be a text\n"},
        {"a: \"x\\0y\"\n", "s.yaml:1:4: a NUL in a text; nothing here may hold one\n"},
        {"\"a\\0\": 1\n", "s.yaml:1:1: a NUL in a text; nothing here may hold one\n"},
        {"steps:\n  - send: hold\n   bad: indent\n",
         "s.yaml:3:4: while parsing a block collection: did not find expected '-' indicator\n"},
        {"a:\n\t- x\n", "s.yaml:2:1: while scanning for the next token: "
                        "found character that cannot start any token\n"},
        {"a: [1, 2\nb: 3\n",
         "s.yaml:2:2: while parsing a flow sequence: did not find expected ',' or ']'\n"},
        {"a: \"open\n",
         "s.yaml:2:1: while scanning a quoted scalar: found unexpected end of stream\n"},
        {"a: b: c\n", "s.yaml:1:5: mapping values are not allowed in this context\n"},
        {"ok: 1\nb: caf\xe9\n", "s.yaml:2:7: byte 0xe9 is not UTF-8\n"},
        {"caf\xc3\xa9: \xff\n", "s.yaml:1:7: byte 0xff is not UTF-8\n"},
        {"a: 1\r\nb: 2\rc: \x01\n", "s.yaml:3:4: a control character\n"},
        {"a: x\xe2\x80\xa8y\n", "s.yaml:1:5: a control character\n"},
        {"a: x\xc2\x85y\n", "s.yaml:1:5: a control character\n"},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++)
        expect_refusal(rows[i].bytes, strlen(rows[i].bytes), rows[i].wanted);
    expect_refusal("a: \0\n", 5, "s.yaml:1:4: a control character\n");
    expect_refusal(NULL, 0, "s.yaml:1:1: the document is empty\n");
}

Test(yaml, is_refused_by_size_depth_and_number_of_values)
{
    struct dbk_text text = {0};

    for (int i = 0; i <= DBK_YAML_DEPTH_MAX; i++)
        dbk_text_add(&text, "[");
    expect_refusal(text.bytes, text.length, "s.yaml:1:33: nested deeper than 32\n");
    dbk_text_clear(&text);
    for (int i = 0; i < DBK_YAML_NODES_MAX; i++) /* the list itself is a value, too */
        dbk_text_add(&text, "- a\n");
    expect_refusal(text.bytes, text.length, "s.yaml:100000:3: more than 100000 values\n");
    while (text.length <= DBK_YAML_BYTES_MAX)
        dbk_text_add_char(&text, '\n');
    expect_refusal(text.bytes, text.length, "s.yaml: is larger than 1 MiB\n");
    dbk_text_reset(&text);
}

/* As many keys as fit: looking for repeated ones must not take the square of the time. */
/* What can be read over is; a person who mends one mistake at a time does so all day. */
Test(yaml, tells_all_mistakes_at_once_and_each_once)
{
    static const char bytes[] = "on: 1\n"
                                "a: [ yes, 007, &x text, *x ]\n"
                                "b: !tag text\n"
                                "b: 0x10\n"
                                "c: { no: 1, d: 1, d: 2 }\n";
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml = dbk_yaml_parse(bytes, strlen(bytes), "s.yaml", &complaints);
    struct dbk_text text = {0};

    cr_assert_not_null(yaml);
    /* Who checks the shape of it says nothing more of what was refused, and the rest. */
    const cJSON *root = dbk_yaml_root(yaml), *list = dbk_json_get(root, "a");
    dbk_yaml_complain_key(yaml, root->child, &complaints, "unknown key");
    dbk_yaml_complain(yaml, list->child, &complaints, "expected a text");
    dbk_yaml_complain(yaml, list, &complaints, "expected a mapping");
    dbk_complaints_print(&complaints, &text);
    cr_expect_str_eq(
        text.bytes,
        "s.yaml:1:1: " AMBIGUOUS("on", "true") "s.yaml:2:6: " AMBIGUOUS(
            "yes",
            "true") "s.yaml:2:11: '007' has a leading zero; write the number without it, or quote "
                    "it\n"
                    "s.yaml:2:16: anchors are not read here; write it out\n"
                    "s.yaml:2:25: aliases are not read here; write it out\n"
                    "s.yaml:3:4: tags are not read here; quote what is text\n"
                    "s.yaml:4:4: " NUMBER("0x10") "s.yaml:5:6: " AMBIGUOUS(
                        "no",
                        "false") "s.yaml:5:19: duplicate key 'd'; it stands in line 5 already\n"
                                 "s.yaml:4:1: duplicate key 'b'; it stands in line 3 already\n"
                                 "s.yaml:2:4: expected a mapping\n");
    dbk_text_reset(&text);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
}

Test(yaml, names_a_repeated_key_among_very_many)
{
    struct dbk_text text = {0};

    for (int i = 0; i < 90000; i++)
        dbk_text_printf(&text, "k%x: 1\n", (unsigned)i * 7919 % 90001);
    dbk_text_add(&text, "k7919: 1\n");
    cr_assert_leq(text.length, DBK_YAML_BYTES_MAX);
    expect_refusal(text.bytes, text.length,
                   "s.yaml:90001:1: duplicate key 'k7919'; it stands in line 85994 already\n");
    dbk_text_reset(&text);
}

static const char story[] = "# yaml-language-server: $schema=./scenario.schema.json\n"
                            "scenario: seed-incident\n"
                            "summary: >\n"
                            "  The partner books but\n"
                            "  its answer never comes.\n"
                            "seen_as: [ \"two reservations\", 'it''s gone' ]\n"
                            "clocks: { zero: \"2026-07-01T17:25:00Z\", lagoon: +47s, ana: -3s }\n"
                            "big: 9223372036854775807\n"
                            "numbers: [ 0, -12, 9007199254740993 ]\n"
                            "words: [ true, false, null, \"on\", \"007\", 10s, 1..12, 1.2.3, y ]\n"
                            "texts: [ sunset cruise, a-b, 2026-07-01, 1-2, '', 10:00-12:00 ]\n"
                            "empty:\n"
                            "steps:\n"
                            "- { at: 0s, user: ana, \"caf\xc3\xa9\": x }\n"
                            "-   at: 1s\n"
                            "    user: sam\n";

Test(yaml, becomes_a_tree)
{
    struct dbk_yaml *yaml = parse(story);
    struct dbk_text text = {0};

    dbk_json_put_node(&text, dbk_yaml_root(yaml));
    cr_assert_str_eq(
        text.bytes,
        "{\"scenario\":\"seed-incident\","
        "\"summary\":\"The partner books but its answer never comes.\\n\","
        "\"seen_as\":[\"two reservations\",\"it's gone\"],"
        "\"clocks\":{\"zero\":\"2026-07-01T17:25:00Z\",\"lagoon\":\"+47s\",\"ana\":\"-3s\"},"
        "\"big\":9223372036854775807,"
        "\"numbers\":[0,-12,9007199254740993],"
        "\"words\":[true,false,null,\"on\",\"007\",\"10s\",\"1..12\",\"1.2.3\",\"y\"],"
        "\"texts\":[\"sunset cruise\",\"a-b\",\"2026-07-01\",\"1-2\",\"\",\"10:00-12:00\"],"
        "\"empty\":null,"
        "\"steps\":[{\"at\":\"0s\",\"user\":\"ana\",\"caf\xc3\xa9\":\"x\"},"
        "{\"at\":\"1s\",\"user\":\"sam\"}]}");
    dbk_text_reset(&text);
    dbk_yaml_free(yaml);
}

/* One line a node: where its key begins, where its value begins, what it is. */
static void list_marks(const struct dbk_yaml *yaml, const cJSON *node, struct dbk_text *out)
{
    dbk_text_printf(out, "%d:%d %d:%d ", dbk_yaml_key_line(yaml, node),
                    dbk_yaml_key_column(yaml, node), dbk_yaml_line(yaml, node),
                    dbk_yaml_column(yaml, node));
    dbk_text_add(out, node->string ? node->string : "-");
    dbk_text_add_char(out, '\n');
    for (const cJSON *child = node->child; child; child = child->next)
        list_marks(yaml, child, out);
}

#define HOLES 64

/* Leaves holes that malloc fills in no order, so that nodes do not happen to lie in memory as they
 * are read. The caller frees what stands between them. */
static void make_holes(void *between[HOLES])
{
    void *holes[HOLES];

    for (size_t i = 0; i < HOLES; i++) {
        holes[i] = dbk_alloc(sizeof(cJSON));
        between[i] = dbk_alloc(sizeof(cJSON));
    }
    for (size_t i = 0; i < HOLES; i++)
        free(holes[i * 37 % HOLES]);
}

Test(yaml, knows_the_line_and_column_of_every_node)
{
    struct dbk_text text = {0};
    struct dbk_yaml *yaml;
    void *between[HOLES];

    make_holes(between);
    yaml = parse("\xef\xbb\xbf" /* a byte order mark takes no column */
                 "first: 1\n"
                 "\"caf\xc3\xa9\": {\"\xe2\x82\xac\": 1, b: two words}\r\n"
                 "empty:\n"
                 "long: |\n"
                 "  text\n"
                 "steps:\n"
                 "  - at: 0s\n"
                 "    book: {a: b}\n"
                 "  -\n"
                 "    - 'x'\n");
    list_marks(yaml, dbk_yaml_root(yaml), &text);
    cr_assert_str_eq(text.bytes, "1:1 1:1 -\n"
                                 "1:1 1:8 first\n"
                                 "2:1 2:9 caf\xc3\xa9\n"
                                 "2:10 2:15 \xe2\x82\xac\n"
                                 "2:18 2:21 b\n"
                                 "3:1 3:7 empty\n"
                                 "4:1 4:7 long\n"
                                 "6:1 7:3 steps\n"
                                 "7:5 7:5 -\n"
                                 "7:5 7:9 at\n"
                                 "8:5 8:11 book\n"
                                 "8:12 8:15 a\n"
                                 "10:5 10:5 -\n"
                                 "10:7 10:7 -\n");
    dbk_text_reset(&text);
    dbk_yaml_free(yaml);
    for (size_t hole = 0; hole < HOLES; hole++)
        free(between[hole]);
}

Test(yaml, complains_at_a_node_or_at_its_key)
{
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml = parse("a: 1\nwhen: {op: x}\n");
    const cJSON *op = dbk_json_get(dbk_json_get(dbk_yaml_root(yaml), "when"), "op");
    const cJSON stranger = {0};
    struct dbk_text text = {0};

    dbk_yaml_complain(yaml, op, &complaints, "unknown operation '%s'", op->valuestring);
    dbk_yaml_complain_key(yaml, op, &complaints, "unknown key '%s'", op->string);
    dbk_yaml_complain(yaml, &stranger, &complaints, "of another document");
    dbk_complaints_print(&complaints, &text);
    cr_assert_str_eq(text.bytes, "s.yaml:2:12: unknown operation 'x'\n"
                                 "s.yaml:2:8: unknown key 'op'\n"
                                 "s.yaml: of another document\n");
    dbk_text_reset(&text);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
}

Test(yaml, is_loaded_from_a_file_or_complained_about)
{
    char path[] = "/tmp/doublebook-yaml-XXXXXX";
    int file = mkstemp(path);
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml;

    cr_assert(file >= 0 && write(file, "a: 1\n", 5) == 5);
    yaml = dbk_yaml_load(path, &complaints);
    cr_assert_not_null(yaml);
    cr_assert_str_eq(dbk_yaml_file(yaml), path);
    dbk_yaml_free(yaml);
    cr_assert_eq(ftruncate(file, 50 << 20), 0);
    cr_assert_null(dbk_yaml_load(path, &complaints));
    close(file);
    unlink(path);
    cr_assert_null(dbk_yaml_load(path, &complaints));
    cr_assert_eq(complaints.total, 2);
    cr_assert_str_eq(complaints.items[0].text, "is larger than 1 MiB");
    cr_assert_str_eq(complaints.items[1].text, "cannot be read: No such file or directory");
    cr_assert_str_eq(complaints.items[1].file, path);
    dbk_complaints_reset(&complaints);
}

/* Gives up cleanly, and never without saying why: the sanitizers watch the rest. */
static void try_to_parse(const char *bytes, size_t length)
{
    char *exact = dbk_alloc(length);
    struct dbk_complaints complaints = {0};
    struct dbk_yaml *yaml;

    memcpy(exact, bytes, length);
    yaml = dbk_yaml_parse(exact, length, "s.yaml", &complaints);
    cr_assert(yaml || complaints.total > 0, "given up without a word");
    if (complaints.total > 0)
        cr_assert_gt(complaints.items[0].line, 0, "%s", complaints.items[0].text);
    dbk_complaints_reset(&complaints);
    dbk_yaml_free(yaml);
    free(exact);
}

Test(yaml, stands_every_cut_and_every_broken_byte)
{
    static const char bytes[] = "\0\t\n\r -:,[]{}#&*!|>'\"%@`?~\\0aA\xc3\xff";
    char broken[sizeof(story)];

    for (size_t cut = 0; cut < sizeof(story); cut++)
        try_to_parse(story, cut);
    for (size_t at = 0; at + 1 < sizeof(story); at++)
        for (size_t i = 0; i + 1 < sizeof(bytes); i++) {
            memcpy(broken, story, sizeof(story));
            broken[at] = bytes[i];
            try_to_parse(broken, sizeof(story) - 1);
        }
}
