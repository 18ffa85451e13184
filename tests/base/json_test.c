#include "base/digest.h"
#include "base/json.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(json, .timeout = 60);

static cJSON *parse(const char *bytes)
{
    char why[160] = "";
    cJSON *tree = dbk_json_parse(bytes, strlen(bytes), why);

    cr_assert_not_null(tree, "%s: %s", bytes, why);
    return tree;
}

static void expect_again(const char *bytes, const char *wanted)
{
    struct dbk_text out = {0};
    cJSON *tree = parse(bytes);

    dbk_json_put_node(&out, tree);
    cr_expect_str_eq(out.bytes, wanted);
    dbk_text_reset(&out);
    cJSON_Delete(tree);
}

Test(json, refuses_what_is_not_strict_json_and_says_why)
{
    static const struct {
        const char *bytes, *why;
    } rows[] = {
        {"", "nothing there"},
        {" ", "not JSON at byte 1"},
        {"{\"a\":1} x", "not JSON at byte 9"},
        {"1 2", "not JSON at byte 3"},
        {"{}{}", "not JSON at byte 3"},
        {"[1]]", "not JSON at byte 4"},
        {"\"a\"b", "not JSON at byte 4"},
        {"truer", "not JSON at byte 5"},
        {"1-2", "not JSON at byte 2"},
        {"\xef\xbb\xbf{\"a\":1}", "not JSON at byte 1"},
        {"{}\f", "not JSON at byte 3"},
        {"[\x01\"a\"]", "not JSON at byte 2"},
        {"[1,]", "not JSON at byte 4"},
        {"[1 2]", "not JSON at byte 4"},
        {"[1", "not JSON at byte 2"},
        {"[1,", "nothing behind the comma at byte 3"},
        {"[1}", "not JSON at byte 3"},
        {"[", "not JSON at byte 1"},
        {"]", "not JSON at byte 1"},
        {"[\"]\"", "not JSON at byte 4"},
        {"{\"a\":1", "not JSON at byte 6"},
        {"{\"a\":1,", "nothing behind the comma at byte 7"},
        {"{\"a\":1, ", "not JSON at byte 8"},
        {"{\"a\" 1}", "not JSON at byte 6"},
        {"{\"a\":}", "not JSON at byte 6"},
        {"{\"a\":1,}", "not JSON at byte 8"},
        {"{a:1}", "not JSON at byte 3"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "duplicate key 'a' in the object at byte 1"},
        {"[{\"a\":1,\"\\u0061\":2}]", "duplicate key 'a' in the object at byte 2"},
        {"{\"{\":[\"\\\"{\",{}],\"b\":{\"c\":1,\"c\":1.5}}",
         "duplicate key 'c' in the object at byte 21"},
        {"{\"a\":1.5,\"a\":1e400}", "duplicate key 'a' in the object at byte 1"},
        {"tru", "not JSON at byte 1"},
        {"nan", "not JSON at byte 1"},
        {"True", "not JSON at byte 1"},
        {"-Infinity", "a malformed number at byte 1"},
        {"'a'", "not JSON at byte 1"},
        {"// no\n1", "not JSON at byte 1"},
        {"01", "a malformed number at byte 1"},
        {"[-01]", "a malformed number at byte 2"},
        {"[\"01\",00]", "a malformed number at byte 7"},
        {"1.", "a malformed number at byte 1"},
        {"[1.,2]", "a malformed number at byte 2"},
        {"1.e5", "a malformed number at byte 1"},
        {".5", "not JSON at byte 1"},
        {"-.5", "a malformed number at byte 1"},
        {"+1", "not JSON at byte 1"},
        {"-", "a malformed number at byte 1"},
        {"[-]", "a malformed number at byte 2"},
        {"{\"a\":-,\"b\":1}", "a malformed number at byte 6"},
        {"--1", "a malformed number at byte 1"},
        {"1e", "not JSON at byte 2"},
        {"1e+", "not JSON at byte 2"},
        {"[1.5.5]", "not JSON at byte 5"},
        {"1.5e3.5", "not JSON at byte 6"},
        {"0x10", "not JSON at byte 2"},
        {"9223372036854775808", "an integer beyond 64 bits at byte 1"},
        {"[0,-9223372036854775809]", "an integer beyond 64 bits at byte 4"},
        {"1e400", "a number beyond the range of a double at byte 1"},
        {"[\"1e400\",0,-1e400]", "a number beyond the range of a double at byte 12"},
        {"0.1111111111111111111111111111111111111111111111111111111111111111",
         "a number of more than 63 characters at byte 1"},
        {"\"abc", "not JSON at byte 2"},
        {"\"abc\\\"", "not JSON at byte 2"},
        {"\"abc\\", "not JSON at byte 2"},
        {"\"a\tb\"", "a control character in a text at byte 3"},
        {"\"a\nb\"", "a control character in a text at byte 3"},
        {"\"\\\\\t\"", "a control character in a text at byte 4"},
        {"\"\\\t\"", "not JSON at byte 2"},
        {"\"a\\x\"", "not JSON at byte 3"},
        {"\"\\u12\"", "not JSON at byte 2"},
        {"[\"\\u12\",1]", "\\u0000 or a malformed \\u at byte 3"},
        {"\"\\u12\\\"4\"", "\\u0000 or a malformed \\u at byte 2"},
        {"\"\\u12G4\"", "\\u0000 or a malformed \\u at byte 2"},
        {"\"a\\u0000b\"", "\\u0000 or a malformed \\u at byte 3"},
        {"{\"\\u0000\":1}", "\\u0000 or a malformed \\u at byte 3"},
        {"\"\\ud83d\\u0000\"", "\\u0000 or a malformed \\u at byte 8"},
        {"\"\\ud800\"", "not JSON at byte 2"},
        {"\"\\udc00\"", "not JSON at byte 2"},
        {"\"\\udc00\\udc00\"", "not JSON at byte 2"},
        {"\"\\ud800\\u0041\"", "not JSON at byte 2"},
        {"\"\\ud800\\ue000\"", "not JSON at byte 2"},
        {"\"\\ud800x\\udc00\"", "not JSON at byte 2"},
        {"\"\\ud800\\\\udc00\"", "not JSON at byte 2"},
        {"\"\xff\xfe\"", "text that is not UTF-8 at byte 2"},
        {"\"ab\xc0\xaf\"", "text that is not UTF-8 at byte 4"},
        {"\"\xed\xa0\x80\"", "text that is not UTF-8 at byte 2"},
        {"\"\\\xff\"", "not JSON at byte 2"},
        {"[\"\\\\\",\"\xff\"]", "text that is not UTF-8 at byte 8"},
        {"[\xff]", "not JSON at byte 2"},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        char why[160] = "";
        cJSON *tree = dbk_json_parse(rows[i].bytes, strlen(rows[i].bytes), why);

        cr_expect_null(tree, "%s was taken", rows[i].bytes);
        cr_expect_str_eq(why, rows[i].why);
        cJSON_Delete(tree);
    }
}

Test(json, refuses_a_nul_wherever_it_stands)
{
    static const char inside[] = "\"a\0b\"", behind[] = "{}\0";
    char why[160] = "";

    cr_assert_null(dbk_json_parse(inside, sizeof(inside) - 1, why));
    cr_assert_str_eq(why, "a control character in a text at byte 3");
    cr_assert_null(dbk_json_parse(behind, sizeof(behind) - 1, why));
    cr_assert_str_eq(why, "not JSON at byte 3");
    cr_assert_null(dbk_json_parse(NULL, 0, why));
    cr_assert_str_eq(why, "nothing there");
}

Test(json, is_read_as_deep_as_the_limit_and_no_deeper)
{
    char bytes[2 * DBK_JSON_DEPTH_MAX + 3] = "", why[160] = "";
    cJSON *tree;

    memset(bytes, '[', DBK_JSON_DEPTH_MAX + 1);
    memset(bytes + DBK_JSON_DEPTH_MAX + 1, ']', DBK_JSON_DEPTH_MAX + 1);
    tree = dbk_json_parse(bytes + 1, 2 * DBK_JSON_DEPTH_MAX, why);
    cr_assert_not_null(tree, "%s", why);
    cJSON_Delete(tree);
    cr_assert_null(dbk_json_parse(bytes, 2 * DBK_JSON_DEPTH_MAX + 2, why));
    cr_assert_str_eq(why, "nested too deep at byte 65");
}

/* Only brackets that nest count: not those in texts, not one beside another. */
Test(json, is_as_deep_as_its_brackets_nest)
{
    struct dbk_text bytes = {0};

    for (int i = 0; i < 3 * DBK_JSON_DEPTH_MAX; i++)
        dbk_text_add(&bytes, i == 0 ? "[\"\\\"" : i % 2 ? "[{" : "\\\\[");
    dbk_text_add(&bytes, "\"");
    for (int i = 0; i < 3 * DBK_JSON_DEPTH_MAX; i++)
        dbk_text_add(&bytes, i % 2 ? ",[{}]" : ",{\"[\":[]}");
    dbk_text_add(&bytes, "]");
    expect_again(bytes.bytes, bytes.bytes);
    dbk_text_clear(&bytes);
    for (int i = 0; i < DBK_JSON_DEPTH_MAX / 2; i++)
        dbk_text_add(&bytes, "{\"a\":[");
    dbk_text_add(&bytes, "9223372036854775807,1");
    for (int i = 0; i < DBK_JSON_DEPTH_MAX / 2; i++)
        dbk_text_add(&bytes, "]}");
    expect_again(bytes.bytes, bytes.bytes);
    dbk_text_reset(&bytes);
}

/* Literals are found again in the bytes: by their order, and never in a text or a key. */
Test(json, gives_each_number_its_own_literal)
{
    static const char *const rows[] = {
        "{\"1\":9007199254740993,\"b\":{\"-2\":9007199254740995,\"c\":[1,1.50,[2]]},"
        "\"d\":-9223372036854775808,\"e\":3}",
        "[\"9007199254740997\",9007199254740999,\"\\\"-7\",-7,\"8\\\\\",1e5,\"\\\\\\\"9\",0.10]",
        "[true,null,false,-0,0,{},[],999999999999999,1000000000000000,-999999999999999,"
        "-1000000000000000,{\"a\":{\"a\":[[[1E+2]]]},\"b\":5000000000000001},7]",
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++)
        expect_again(rows[i], rows[i]);
    expect_again("[ 9007199254740993 , \"\\u0031\" , -0\n,\r{\"\\\"1\"\t:\t9007199254740995 } ]",
                 "[9007199254740993,\"1\",-0,{\"\\\"1\":9007199254740995}]");
}

/* A literal is kept only where it says more than the double. */
Test(json, keeps_no_literal_that_a_double_can_tell)
{
    static const char *const kept[] = {NULL, "1000000000000000", NULL, "-0", "1.0", NULL};
    cJSON *tree = parse("[999999999999999,1000000000000000,-999999999999999,-0,1.0,0]");

    for (int i = 0; i < (int)DBK_COUNT(kept); i++) {
        const char *literal = cJSON_GetArrayItem(tree, i)->valuestring;

        cr_expect(dbk_same(literal, kept[i]), "%d: %s", i, literal ? literal : "none");
    }
    cJSON_Delete(tree);
}

/* A double knows none of the last five. */
Test(json, keeps_integers_of_64_bits_whole)
{
    static const int64_t values[] = {0,
                                     -1,
                                     999999999999999,
                                     1000000000000000,
                                     -1000000000000000,
                                     5000000000000001,
                                     9007199254740993,
                                     -9007199254740993,
                                     INT64_MAX,
                                     INT64_MIN};

    for (size_t i = 0; i < DBK_COUNT(values); i++) {
        struct dbk_text written = {0};
        cJSON *made = dbk_json_new_integer(values[i]), *read;
        int64_t value = 77;

        cr_assert(dbk_json_node_integer(made, &value) && value == values[i]);
        dbk_json_put_node(&written, made);
        read = parse(written.bytes);
        value = 77;
        cr_assert(dbk_json_node_integer(read, &value));
        cr_assert_eq(value, values[i], "%s", written.bytes);
        cr_assert(fabs(read->valuedouble - (double)values[i]) < 0.5);
        cJSON_Delete(made);
        cJSON_Delete(read);
        dbk_text_reset(&written);
    }
}

Test(json, makes_no_integer_of_what_is_written_otherwise)
{
    static const char *const literals[] = {"-0", "0.0", "1.0", "1e3", "-2E+2", "0.1", "1.7e15"};

    for (size_t i = 0; i < DBK_COUNT(literals); i++) {
        cJSON *node = parse(literals[i]);
        int64_t value = 77;

        cr_expect(cJSON_IsNumber(node));
        cr_expect_eq(node->valuedouble, strtod(literals[i], NULL));
        cr_expect_not(dbk_json_node_integer(node, &value), "%s", literals[i]);
        cr_expect_eq(value, 77);
        cJSON_Delete(node);
        expect_again(literals[i], literals[i]);
    }
}

Test(json, has_texts_decoded)
{
    cJSON *tree = parse(" [ \"\" , \"\\\"\\\\\\/\\b\\f\\n\\r\\t\" , \"\\u0041\\u00e9\\u20AC\","
                        "\"\\ud83d\\udea2\\uFFFF\", \"caf\xc3\xa9 \x7f\" ]\r\n");
    static const char *const wanted[] = {"", "\"\\/\b\f\n\r\t", "A\xc3\xa9\xe2\x82\xac",
                                         "\xf0\x9f\x9a\xa2\xef\xbf\xbf", "caf\xc3\xa9 \x7f"};

    cr_assert_eq(cJSON_GetArraySize(tree), DBK_COUNT(wanted));
    for (int i = 0; i < (int)DBK_COUNT(wanted); i++)
        cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetArrayItem(tree, i)), wanted[i]);
    cJSON_Delete(tree);
}

Test(json, finds_members_by_their_exact_name_and_type)
{
    cJSON *tree = parse("{\"Units\":1,\"units\":2,\"name\":\"ann\",\"yes\":true,\"no\":false}");
    int64_t value = 77;

    cr_assert(dbk_json_integer(tree, "units", &value) && value == 2);
    cr_assert(!dbk_json_integer(tree, "UNITS", &value) && !dbk_json_integer(tree, "name", &value));
    cr_assert_eq(value, 2);
    cr_assert_str_eq(dbk_json_text(tree, "name"), "ann");
    cr_assert_null(dbk_json_text(tree, "units"));
    cr_assert(dbk_json_is_true(tree, "yes"));
    cr_assert(!dbk_json_is_true(tree, "no") && !dbk_json_is_true(tree, "name"));
    cr_assert_null(dbk_json_get(NULL, "a"));
    cr_assert_null(dbk_json_get(dbk_json_get(tree, "name"), "a"));
    cJSON_Delete(tree);
}

/* More members than are compared each with each: the first that repeats an earlier one is named. */
Test(json, finds_the_first_repeated_key_among_many)
{
    struct dbk_text bytes = {0};
    char why[160] = "";
    cJSON *tree;

    dbk_json_open(&bytes, '{');
    for (int i = 0; i < 20000; i++) {
        char key[16];

        snprintf(key, sizeof(key), "k%d", i * 7919 % 20011);
        dbk_json_pair_integer(&bytes, key, i);
    }
    tree = dbk_json_parse(bytes.bytes, bytes.length, why);
    cr_assert_null(tree, "an object without end was taken");
    dbk_json_close(&bytes, '}');
    tree = dbk_json_parse(bytes.bytes, bytes.length, why);
    cr_assert_not_null(tree, "%s", why);
    cJSON_Delete(tree);
    bytes.bytes[bytes.length - 1] = ' ';
    dbk_text_add(&bytes, ",\"k7919\":0,\"k0\":0}");
    cr_assert_null(dbk_json_parse(bytes.bytes, bytes.length, why));
    cr_assert_str_eq(why, "duplicate key 'k7919' in the object at byte 1");
    dbk_text_reset(&bytes);
}

Test(json, is_written_with_commas_where_they_belong)
{
    struct dbk_text out = {0};

    dbk_json_open(&out, '{');
    dbk_json_pair_integer(&out, "n", 1);
    dbk_json_pair_text(&out, "what", "a [{:,");
    dbk_json_pair_text(&out, "none", NULL);
    dbk_json_key(&out, "list");
    dbk_json_open(&out, '[');
    dbk_json_open(&out, '[');
    dbk_json_close(&out, ']');
    dbk_json_open(&out, '{');
    dbk_json_close(&out, '}');
    dbk_json_put_bool(&out, true);
    dbk_json_put_integer(&out, -5);
    dbk_json_put_text(&out, "");
    dbk_json_close(&out, ']');
    dbk_json_pair_bool(&out, "last", false);
    dbk_json_close(&out, '}');
    dbk_text_add_char(&out, '\n');
    dbk_json_put_text(&out, "a new line");
    cr_assert_str_eq(out.bytes, "{\"n\":1,\"what\":\"a [{:,\",\"none\":null,"
                                "\"list\":[[],{},true,-5,\"\"],\"last\":false}\n\"a new line\"");
    dbk_text_reset(&out);
}

Test(json, escapes_what_must_be_and_mends_what_is_not_utf8)
{
    struct dbk_text out = {0};

    dbk_json_put_text(&out, "\"\\/\b\f\n\r\t\x01\x1f\x7f caf\xc3\xa9 \xe2\x80\xa8");
    dbk_json_put_text(&out, "\xff-\xc0\xaf-\xed\xa0\x80-\xe2\x82");
    cr_assert_str_eq(
        out.bytes,
        "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0001\\u001f\x7f caf\xc3\xa9 \xe2\x80\xa8\","
        "\"\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd-"
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd\"");
    dbk_text_reset(&out);
}

Test(json, trees_are_written_in_the_order_they_were_read)
{
    expect_again(
        " { \"z\" : [ 1 , 2.50 , { } ] ,\n\"a\" : { \"b\" : null } , \"c\" : [ true , false ] } ",
        "{\"z\":[1,2.50,{}],\"a\":{\"b\":null},\"c\":[true,false]}");
}

/* Draws that are keyed by a counter: a case is its number. */
struct source {
    uint64_t number, drawn;
};

static uint64_t below(struct source *source, uint64_t bound)
{
    return dbk_draw_below(source->number, "json", "tree", source->drawn++, bound);
}

static void draw_text(struct source *source, struct dbk_text *text)
{
    static const char *const pieces[] = {"a",
                                         "\"",
                                         "\\",
                                         "\n",
                                         "\x01",
                                         "{",
                                         "\x7f",
                                         "\xc3\xa9",
                                         "\xe2\x82\xac",
                                         ",",
                                         "\xf0\x9f\x9a\xa2",
                                         "\\u0041",
                                         "-7",
                                         "1e400",
                                         "]"};
    uint64_t length = below(source, 6);

    dbk_text_clear(text);
    for (uint64_t i = 0; i < length; i++)
        dbk_text_add(text, pieces[below(source, DBK_COUNT(pieces))]);
}

static void write_value(struct source *source, int depth, struct dbk_text *out)
{
    uint64_t kind = below(source, depth > 0 ? 7 : 5), count, bits;
    struct dbk_text text = {0};

    switch (kind) {
    case 0:
        dbk_json_put_bool(out, below(source, 2));
        break;
    case 1:
        dbk_json_put_text(out, NULL);
        break;
    case 2:
        bits = below(source, 63);
        dbk_json_put_integer(out, (int64_t)below(source, UINT64_MAX) >> bits);
        break;
    case 3:
    case 4:
        draw_text(source, &text);
        dbk_json_put_text(out, text.bytes ? text.bytes : "");
        break;
    default:
        count = below(source, 6);
        dbk_json_open(out, kind == 5 ? '{' : '[');
        for (uint64_t i = 0; i < count; i++) {
            draw_text(source, &text);
            dbk_text_add_integer(&text, (int64_t)i);
            if (kind == 5)
                dbk_json_key(out, text.bytes);
            write_value(source, depth - 1, out);
        }
        dbk_json_close(out, kind == 5 ? '}' : ']');
    }
    dbk_text_reset(&text);
}

Test(json, trees_survive_being_written_and_read)
{
    for (uint64_t number = 0; number < 2000; number++) {
        struct source source = {.number = number};
        struct dbk_text written = {0}, again = {0};
        char why[160] = "";
        cJSON *tree;

        write_value(&source, 5, &written);
        tree = dbk_json_parse(written.bytes, written.length, why);
        cr_assert_not_null(tree, "case %ju: %s: %s", (uintmax_t)number, written.bytes, why);
        dbk_json_put_node(&again, tree);
        cr_assert_str_eq(again.bytes, written.bytes, "case %ju", (uintmax_t)number);
        cJSON_Delete(tree);
        dbk_text_reset(&written);
        dbk_text_reset(&again);
    }
}

/* No byte is read behind the end, whatever is cut off or broken: the sanitizers watch. */
Test(json, stands_every_cut_and_every_broken_byte)
{
    static const char whole[] =
        "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\udea2\xe2\x82\xac\"],\"b\":{}}";
    size_t length = sizeof(whole) - 1;
    char why[160] = "";

    for (size_t cut = 0; cut < length; cut++) {
        char *bytes = memcpy(dbk_alloc(cut), whole, cut);

        cr_assert_null(dbk_json_parse(bytes, cut, why), "cut at %zu", cut);
        free(bytes);
    }
    for (size_t at = 0; at < length; at++)
        for (int byte = 0; byte < 256; byte++) {
            char *bytes = memcpy(dbk_alloc(length), whole, length);

            bytes[at] = (char)byte;
            cJSON_Delete(dbk_json_parse(bytes, length, why));
            free(bytes);
        }
}
