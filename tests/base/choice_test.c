#include "base/choice.h"

#include "base/text.h"

#include <criterion/criterion.h>

TestSuite(choice, .timeout = 20);

Test(choice, has_a_table_of_sites_that_is_whole)
{
    static const char *const expected = "request-latency neutral sim\n"
                                        "answer-latency neutral sim\n"
                                        "back-off neutral sim\n"
                                        "exchange-fault adverse live\n"
                                        "callback-fault adverse live\n"
                                        "user-fault adverse live\n"
                                        "order adverse sim\n"
                                        "commit-with-next adverse sim\n"
                                        "crash adverse sim\n"
                                        "pause adverse sim\n";
    struct dbk_text table = {0};

    for (int i = 0; i < DBK_SITE_COUNT; i++) {
        const struct dbk_site_row *row = &dbk_sites[i];
        dbk_text_printf(&table, "%s %s %s\n", row->name, row->is_adverse ? "adverse" : "neutral",
                        row->is_live ? "live" : "sim");
        cr_expect_eq(dbk_site_by_name(row->name), (enum dbk_site)i, "%s", row->name);
        cr_expect(row->asked != NULL && row->takes != NULL && row->script_form != NULL, "%s",
                  row->name);
    }
    cr_expect_str_eq(table.bytes, expected);
    cr_expect_eq(dbk_site_by_name("earthquake"), DBK_SITE_COUNT);
    dbk_text_reset(&table);
}

/* Remembers what it was asked. */
struct asked {
    enum dbk_site site;
    const char *entity;
    uint32_t alternatives;
};

static uint32_t take_last(void *self, enum dbk_site site, const char *entity, uint32_t alternatives)
{
    struct asked *asked = self;

    *asked = (struct asked){site, entity, alternatives};
    return alternatives - 1;
}

Test(choice, is_made_by_whoever_stands_behind_the_chooser)
{
    struct asked asked = {0};
    struct dbk_chooser chooser = {take_last, &asked};

    cr_expect_eq(dbk_choose(&chooser, DBK_SITE_CRASH, "core.worker/step", 5), 4);
    cr_expect_eq(asked.site, DBK_SITE_CRASH);
    cr_expect_str_eq(asked.entity, "core.worker/step");
    cr_expect_eq(asked.alternatives, 5);
}
