#include "runner/partners_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(partners_file, .timeout = 20);

/* Loads a file of this text; what is wrong with it is printed into said. */
static struct dbk_partners_file *load(const char *text, struct dbk_text *said)
{
    char path[] = "/tmp/dbk-partners-XXXXXX";
    struct dbk_complaints complaints = {0};
    struct dbk_library library;
    char why[160];
    int file = mkstemp(path);

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    cr_assert(dbk_library_find(&library, why), "%s", why);
    struct dbk_partners_file *partners =
        dbk_partners_file_load(&library, path, 1782926700000, &complaints);
    unlink(path);
    for (size_t i = 0; i < complaints.count; i++)
        dbk_text_printf(said, "%d:%d %s\n", complaints.items[i].line, complaints.items[i].column,
                        complaints.items[i].text);
    dbk_complaints_reset(&complaints);
    return partners;
}

Test(partners_file, is_read_as_a_scenario_is)
{
    struct dbk_text said = {0};
    struct dbk_partners_file *file =
        load("format: 1\n"
             "partners:\n"
             "  lagoon:\n"
             "    address: http://127.0.0.1:4711\n"
             "    profile: { like: ref-not-unique, commit_within: 5s, callback: { id: event } }\n"
             "    sells:\n"
             "      cruise: { price: 12000, currency: EUR, slots: { dawn: "
             "\"2026-07-04T06:00:00Z\", dusk: { starts: \"2026-07-04T18:00:00Z\" } } }\n"
             "  harbour:\n"
             "    address: https://[::1]:8443/v1\n"
             "    profile: ref-unique-resend\n"
             "    sells: { ferry: { price: 1, currency: EUR, capacity: 7 } }\n",
             &said);

    cr_assert_null(said.bytes, "%s", said.bytes);
    cr_assert_eq(file->count, 2);
    const struct dbk_core_partner *lagoon = &file->partners[0], *harbour = &file->partners[1];
    cr_assert_str_eq(lagoon->name, "lagoon");
    cr_assert_str_eq(file->addresses[0], "http://127.0.0.1:4711");
    cr_assert_eq(lagoon->profile.commit_within_ms, 5000);
    cr_assert_eq(lagoon->profile.callback_id, DBK_CALLBACK_ID_EVENT);
    cr_assert_eq(lagoon->profile.look_up, DBK_LOOK_UP_LIST_BY_DATE);
    cr_assert_eq(lagoon->product_count, 1);
    cr_assert_eq(lagoon->products[0].slot_count, 2);
    cr_assert_str_eq(lagoon->products[0].slots[1].id, "dusk");
    cr_assert_eq(lagoon->products[0].slots[1].starts_ms, 1783188000000);
    cr_assert_str_eq(file->addresses[1], "https://[::1]:8443/v1");
    cr_assert_eq(harbour->profile.dedupe, DBK_DEDUPE_REFERENCE);
    cr_assert_str_eq(harbour->products[0].slots[0].id, "default");
    cr_assert_eq(harbour->products[0].slots[0].starts_ms, 1782926700000 + 24 * 60 * 60 * 1000);
    dbk_partners_file_free(file);
    dbk_partners_file_free(NULL);
}

Test(partners_file, tells_all_mistakes_with_their_place)
{
    struct dbk_text said = {0};
    struct dbk_partners_file *file = load("format: 1\n"
                                          "partners:\n"
                                          "  core:\n"
                                          "    address: ftp://127.0.0.1\n"
                                          "    profile: ref-not-uniqe\n"
                                          "    sells: { cruise: { price: 1, currency: EUR } }\n"
                                          "  lagoon:\n"
                                          "    adress: http://127.0.0.1:4711\n"
                                          "    profile: ref-not-unique\n"
                                          "    sells: {}\n",
                                          &said);

    cr_assert_null(file);
    static const char *const parts[] = {
        "8:5 unknown key 'adress' (did you mean 'address'?); expected one of address, callbacks, "
        "profile, "
        "sells\n",
        "a partner lacks the key 'address'; expected address: where it listens: "
        "http://HOST:PORT\n",
        "3:3 a partner cannot be called 'core'; expected a name of its own\n",
        "5:14 unknown profile 'ref-not-uniqe' (did you mean 'ref-not-unique'?)",
        "product 'cruise' has nothing to book; expected either slots or one capacity\n",
        "10:12 partner 'lagoon' sells nothing; expected a product\n",
        "4:14 address cannot be 'ftp://127.0.0.1'; expected http://HOST:PORT, without a slash at "
        "the end\n",
    };
    for (size_t i = 0; i < DBK_COUNT(parts); i++)
        cr_expect_not_null(strstr(said.bytes, parts[i]), "lacks %s\n%s", parts[i], said.bytes);
    dbk_text_reset(&said);
}

Test(partners_file, wants_addresses_that_can_be_asked)
{
    static const struct {
        const char *address;
        bool is_good;
    } rows[] = {
        {"http://127.0.0.1:1", true},    {"http://partner.example/api", true},
        {"http://127.0.0.1:1/", false},  {"http://", false},
        {"127.0.0.1:1", false},          {"http://a b", false},
        {"http://user:secret@h", false}, {"http://h?x", false},
        {"file:///etc/passwd", false},   {"http://h\\n", false},
    };

    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_text text = {0}, said = {0};
        dbk_text_printf(&text,
                        "{\"format\": 1, \"partners\": {\"lagoon\": {\"address\": \"%s\", "
                        "\"profile\": \"ref-not-unique\", \"sells\": {\"cruise\": {\"price\": 1, "
                        "\"currency\": \"EUR\", \"capacity\": 1}}}}}",
                        rows[i].address);
        struct dbk_partners_file *file = load(text.bytes, &said);
        cr_expect_eq(file != NULL, rows[i].is_good, "%s: %s", rows[i].address,
                     said.bytes ? said.bytes : "");
        dbk_partners_file_free(file);
        dbk_text_reset(&text);
        dbk_text_reset(&said);
    }
}

Test(partners_file, may_be_anything_but_a_file_of_partners)
{
    static const char *const texts[] = {"",
                                        "[]",
                                        "1",
                                        "format: 1",
                                        "format: 1\npartners: []",
                                        "format: 1\npartners: { a: 1 }",
                                        "format: 2\npartners: {}",
                                        "format: 1\npartners: { a: { sells: [], profile: [] } }"};

    for (size_t i = 0; i < DBK_COUNT(texts); i++) {
        struct dbk_text said = {0};
        cr_expect_null(load(texts[i], &said), "%s", texts[i]);
        cr_expect_not_null(said.bytes, "%s", texts[i]);
        dbk_text_reset(&said);
    }
}
