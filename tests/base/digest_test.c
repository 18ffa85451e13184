#include "base/digest.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(digest, .timeout = 60);
TestSuite(draw, .timeout = 60);

static void expect_hex(struct dbk_digest digest, const char *wanted)
{
    char hex[DBK_DIGEST_HEX];

    dbk_digest_hex(&digest, hex);
    cr_expect_str_eq(hex, wanted);
}

/* The values of any BLAKE2b with a digest size of 32, such as Python's hashlib. */
Test(digest, is_blake2b_of_256_bits)
{
    expect_hex(dbk_digest_of("", 0),
               "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    expect_hex(dbk_digest_of("abc", 3),
               "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

Test(digest, links_are_digests_of_the_one_before_and_the_bytes)
{
    struct dbk_digest before = {0};

    expect_hex(dbk_digest_link(&before, "{\"history\":1}", 13),
               "83bf9c466348308dd4dc202a5be4d9f54ea63ef6f43bfd909e42b1815e708cdd");
}

/* Computed by another SipHash-2-4 from the description in the header. A change here changes
 * every stored run. */
Test(draw, gives_what_the_header_says)
{
    char entity[301], name[49];

    memset(entity, 'x', 300);
    entity[300] = '\0';
    cr_expect_eq(dbk_draw(1, "request-latency", "lagoon/trip/create#1", 1),
                 UINT64_C(0xc16ac41cd004aea9));
    cr_expect_eq(dbk_draw(2, "request-latency", "lagoon/trip/create#1", 1),
                 UINT64_C(0xd75d8147e2d37d1f));
    cr_expect_eq(dbk_draw(UINT64_MAX, "", "", UINT64_MAX), UINT64_C(0xc98f7e26932acbc0));
    cr_expect_eq(dbk_draw(7, "crash", entity, 3), UINT64_C(0x875e9fc0d6242db1));
    dbk_draw_name(7, "booking", 1, 48, name);
    cr_expect_str_eq(name, "jh2efyrliakhcygjh3dzfb3l4wtdiwg2esuv6mwb4z2wpyop");
    dbk_draw_name(7, "booking", 2, 8, name);
    cr_expect_str_eq(name, "a7ui2gun");
    dbk_draw_name(7, "booking", 2, 0, name);
    cr_expect_str_eq(name, "");
}

/* A bound just over 2^63 throws away nearly every second draw: 1, 4, 0, 2, 0, 1, 0, 0 times here.
 */
Test(draw, below_a_bound_draws_again_by_the_rule_of_the_header)
{
    static const uint64_t wanted[] = {UINT64_C(4001471884995456559), UINT64_C(2366808623269811664),
                                      UINT64_C(4061991556360221922), UINT64_C(7285967573152433909),
                                      UINT64_C(7752626708464938989), UINT64_C(3372901833566433553),
                                      UINT64_C(1402286800370375216), UINT64_C(4542595934094649339)};

    for (uint64_t i = 0; i < DBK_COUNT(wanted); i++)
        cr_expect_eq(dbk_draw_below(7, "tie", "queue", i + 1, (UINT64_C(1) << 63) + 1), wanted[i]);
    cr_expect_eq(dbk_draw_below(7, "tie", "queue", 1, 6), 5);
    cr_expect_eq(dbk_draw_below(7, "tie", "queue", 1, 1), 0);
}

/* Of 60,000 draws below 6 each value comes 10,000 times, give or take 5 deviations of 91. */
Test(draw, below_a_bound_is_even)
{
    unsigned counts[6] = {0};

    for (uint64_t nth = 0; nth < 60000; nth++) {
        uint64_t value = dbk_draw_below(1, "even", "die", nth, 6);

        cr_assert_lt(value, 6);
        counts[value]++;
    }
    for (size_t i = 0; i < 6; i++)
        cr_expect(counts[i] > 9545 && counts[i] < 10455, "%zu came %u times", i, counts[i]);
}

Test(draw, depends_on_every_part_of_its_key)
{
    uint64_t value = dbk_draw(1, "site", "entity", 1);

    cr_assert_neq(dbk_draw(2, "site", "entity", 1), value);
    cr_assert_neq(dbk_draw(1, "sit", "entity", 1), value);
    cr_assert_neq(dbk_draw(1, "site", "entit", 1), value);
    cr_assert_neq(dbk_draw(1, "site", "entity", 2), value);
    cr_assert_neq(dbk_draw(1, "sitee", "ntity", 1), value);
    cr_assert_eq(dbk_draw(1, "site", "entity", 1), value);
}
