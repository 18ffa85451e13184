#include "reports/last.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(last, .timeout = 30);

#define NAMES 5000

/* Words in other places, or split elsewhere, are another name. */
Test(last, tells_names_apart)
{
    static const char *const names[][4] = {
        {"read", "trip", "ana", "page"},
        {"read", "trip", "page", "ana"},
        {"read", "tripana", "page"},
        {"read", "trip", "anapage"},
        {"read", "trip"},
        {"read", NULL, "trip"},
    };
    struct dbk_last last = {0};

    for (size_t i = 0; i < DBK_COUNT(names); i++)
        dbk_last_of(&last, names[i][0], names[i][1], names[i][2], names[i][3])->count = (int64_t)i;
    cr_assert_eq(last.count, DBK_COUNT(names));
    for (size_t i = 0; i < DBK_COUNT(names); i++)
        cr_assert_eq(dbk_last_of(&last, names[i][0], names[i][1], names[i][2], names[i][3])->count,
                     (int64_t)i);
    dbk_last_reset(&last);
}

Test(last, keeps_thousands_in_order_of_appearance)
{
    static char words[NAMES][8];
    struct dbk_last last = {0};

    for (size_t i = 0; i < NAMES; i++) {
        snprintf(words[i], sizeof(words[i]), "%zu", i * 7);
        dbk_last_of(&last, "booking", words[i], NULL, NULL)->count = (int64_t)i;
    }
    for (size_t i = 0; i < NAMES; i++) {
        cr_assert_eq(dbk_last_of(&last, "booking", words[i], NULL, NULL)->count, (int64_t)i);
        cr_assert_str_eq(last.entries[i].words[1], words[i]);
    }
    cr_assert_eq(last.count, NAMES);
    dbk_last_reset(&last);
}
