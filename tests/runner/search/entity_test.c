#include "runner/search/entity.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(entity, .timeout = 20);

static const char *told(const char *text, struct dbk_text *out)
{
    struct dbk_scenario_partner partners[] = {{.name = "lagoon"}, {.name = "lagoon-two"}};
    const struct dbk_scenario scenario = {.partners = partners, .partner_count = 2};
    struct dbk_entity entity;

    dbk_text_clear(out);
    if (!dbk_entity_read(&scenario, text, &entity))
        return "no";
    dbk_text_printf(out, "%s %s of %.*s, attempt %lld, callback %lld, name %.*s",
                    entity.partner->name, dbk_op_name(entity.op),
                    entity.intent ? (int)entity.intent_length : 1,
                    entity.intent ? entity.intent : "-", (long long)entity.attempt,
                    (long long)entity.callback, (int)entity.length, text);
    return out->bytes;
}

Test(entity, says_whose_exchange_it_is)
{
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"lagoon/trip/create#1",
         "lagoon create of trip, attempt 1, callback 0, name lagoon/trip/create#1"},
        {"lagoon-two/trip-2/cancel#12",
         "lagoon-two cancel of trip-2, attempt 12, callback 0, name lagoon-two/trip-2/cancel#12"},
        {"lagoon/look-up#3", "lagoon look-up of -, attempt 3, callback 0, name lagoon/look-up#3"},
        {"lagoon/trip/create#2/callback#3",
         "lagoon create of trip, attempt 2, callback 3, name lagoon/trip/create#2"},
        {"", "no"},
        {"lagoon", "no"},
        {"lagoon/", "no"},
        {"lagoon/#1", "no"},
        {"#1", "no"},
        {"/#1", "no"},
        {"reef/trip/create#1", "no"},
        {"lagoo/trip/create#1", "no"},
        {"lagoon/trip/any#1", "no"},
        {"lagoon/trip/create#0", "no"},
        {"lagoon/trip/create#x", "no"},
        {"lagoon/trip/create#", "no"},
        {"lagoon/trip/create#99999999999999999999999999", "no"},
        {"lagoon/trip/create#1/callback#", "no"},
        {"lagoon/trip/create#1/callback#0", "no"},
        {"core.worker/step", "no"},
        {"core.worker>lagoon/create", "no"},
    };
    struct dbk_text out = {0};

    for (size_t i = 0; i < DBK_COUNT(rows); i++)
        cr_expect_str_eq(told(rows[i].text, &out), rows[i].told, "%s", rows[i].text);
    dbk_text_reset(&out);
}
