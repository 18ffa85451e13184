/* A scenario file as loaded: what of it arrives, and that any bytes are read safely. What is wrong
 * with bad files is told in scenario_complaints_test.c. */
#include "runner/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(scenario, .timeout = 120);

static const char whole[] =
    "format: 1\n"
    "scenario: everything\n"
    "summary: All that the format knows.\n"
    "source: nowhere\n"
    "seen_as: [ \"two of them\" ]\n"
    "tags: [ one, two ]\n"
    "broken_by:\n"
    "  - { policy: naive, violates: [ rests, settles ] }\n"
    "  - { set: { retry_key: new, create_timeout: 3s }, violates: [ rests ] }\n"
    "clocks: { zero: \"2026-07-01T17:25:00Z\", lagoon: +47s, ana: -3s }\n"
    "core: { set: { create_timeout: 5s, screens: own-copy } }\n"
    "partners:\n"
    "  lagoon:\n"
    "    profile: { like: ref-not-unique, books_as: pending, doubt_limit: 10m }\n"
    "    believes: ref-unique-resend\n"
    "    sells:\n"
    "      cruise:\n"
    "        price: 12000\n"
    "        currency: EUR\n"
    "        slots:\n"
    "          early: { starts: \"2026-07-04T10:00:00+02:00\", capacity: 3 }\n"
    "          late: \"2026-07-04T18:00:00Z\"\n"
    "      tour: { price: 0, currency: USD, capacity: 7 }\n"
    "    script:\n"
    "      - when: { op: create, attempt: 2, intent: trip }\n"
    "        times: 3\n"
    "        if_reached: true\n"
    "        answers: { status: rejected }\n"
    "        do: [ lose-answer, delay-request: { by: 40s }, refuse: { reason: full } ]\n"
    "        later:\n"
    "          - { after: 1s, set: confirmed }\n"
    "          - { after: 0s, callback: { held: 90s, copies: 3, apart: 5s, says: pending } }\n"
    "      - { when: {}, do: [ { error-before-commit: { status: 503 } } ] }\n"
    "steps:\n"
    "  - { at: 30s, user: ana, look: trip }\n"
    "  - { when: { trip: confirmed }, plus: 2s, user: ana, cancel: trip }\n"
    "  - { at: 0s, user: ana, book: lagoon/cruise, slot: late, units: 2, as: trip }\n"
    "  - { at: 0s, user: ana, watch: trip }\n"
    "  - { at: \"17:25:10\", user: ana, again: trip }\n"
    "  - { at: \"2026-07-01T17:25:20Z\", user: ana, anew: trip, as: more }\n"
    "  - { at: 21s, user: ana, anew: more, as: most }\n"
    "  - { at: 1m, support: sam, look: most }\n"
    "  - { at: 1m, support: sam, look: trip, screen: list }\n"
    "  - { at: 2m, core: pause, process: api }\n"
    "  - { at: 2m, core: crash, for: 4s }\n"
    "proves: [ rests ]\n"
    "except: { settles: they do not }\n"
    "expect:\n"
    "  - { booking: most, status: confirmed, by: \"17:27:00\" }\n"
    "  - { booking: trip, status: cancelled }\n"
    "  - { partner: lagoon, live: { trip: 1 }, received: { create: 2, look-up: 0 } }\n"
    "choices:\n"
    "  - { site: crash, entity: core.worker/step, n: 2, take: 101 }\n";

static struct dbk_library here(void)
{
    struct dbk_library library;
    snprintf(library.root, sizeof library.root, "%s", DBK_SOURCE_DIR);
    return library;
}

static struct dbk_scenario *parse(const char *text)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_text told = {0};
    struct dbk_scenario *scenario =
        dbk_scenario_parse(&library, text, strlen(text), "t.yaml", &complaints);
    dbk_complaints_print(&complaints, &told);
    cr_assert(scenario, "%s", told.bytes);
    dbk_complaints_reset(&complaints);
    return scenario;
}

/* ---- a scenario as text ---- */

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void tell_rule(const struct dbk_rule *rule, struct dbk_text *out)
{
    dbk_text_printf(out, "  rule %s line %d: %s, attempt %d, intent %s, times %d%s, answers %s\n",
                    rule->id, rule->line, dbk_op_name(rule->op), (int)rule->attempt,
                    or_dash(rule->intent), (int)rule->times, rule->if_reached ? ", if reached" : "",
                    or_dash(rule->answers_state));
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct dbk_action *action = &rule->actions[i];
        dbk_text_printf(out, "    do %s, %d ms, http %d, %s\n", dbk_faults[action->fault].name,
                        (int)action->duration_ms, (int)action->http, or_dash(action->reason));
    }
    for (size_t i = 0; i < rule->later_count; i++) {
        const struct dbk_later *later = &rule->laters[i];
        dbk_text_printf(out, "    after %d set %s", (int)later->after_ms, or_dash(later->set));
        if (later->has_callback)
            dbk_text_printf(out, ", callback held %d, %d copies %d apart, says %s",
                            (int)later->held_ms, (int)later->copies, (int)later->apart_ms,
                            or_dash(later->says));
        dbk_text_add(out, "\n");
    }
}

static void tell_partner(const struct dbk_scenario_partner *partner, struct dbk_text *out)
{
    dbk_text_printf(out, "partner %s: %s, books as %d, doubt limit %d; believed %s\n",
                    partner->name, partner->profile.name, (int)partner->profile.books_as,
                    (int)partner->profile.doubt_limit_ms, partner->believes.name);
    for (size_t i = 0; i < partner->product_count; i++) {
        const struct dbk_product *product = &partner->products[i];
        dbk_text_printf(out, "  %s %d %s", product->id, (int)product->price, product->currency);
        for (size_t k = 0; k < product->slot_count; k++) {
            char starts[DBK_INSTANT_TEXT];
            dbk_instant_print(product->slots[k].starts_ms, starts);
            dbk_text_printf(out, ", %s %s %d", product->slots[k].id, starts,
                            (int)product->slots[k].capacity);
        }
        dbk_text_add(out, "\n");
    }
    for (size_t i = 0; i < partner->rule_count; i++)
        tell_rule(&partner->rules[i], out);
}

static void tell_step(const struct dbk_step *step, struct dbk_text *out)
{
    if (step->at_ms == DBK_ABSENT)
        dbk_text_printf(out, "step when %s is %s plus %d", step->when_booking, step->when_status,
                        (int)step->plus_ms);
    else
        dbk_text_printf(out, "step at %d", (int)step->at_ms);
    dbk_text_printf(out, " line %d: %s", step->line, step->text);
    if (step->booking)
        dbk_text_printf(out, " [%s of %s]", step->booking, or_dash(step->intent));
    if (step->kind == DBK_STEP_ANEW)
        dbk_text_printf(out, " %s/%s %s %d", step->partner, step->product, step->slot,
                        (int)step->units);
    dbk_text_add(out, "\n");
}

static void tell_terms(const struct dbk_terms *terms, struct dbk_text *out)
{
    for (size_t i = 0; i < terms->prove_count; i++)
        dbk_text_printf(out, "proves %s\n", terms->proves[i]);
    for (size_t i = 0; i < terms->exception_count; i++)
        dbk_text_printf(out, "except %s: %s\n", terms->exceptions[i].invariant,
                        terms->exceptions[i].reason);
    for (size_t i = 0; i < terms->fault_count; i++)
        dbk_text_printf(out, "fault %s %s line %d%s\n", terms->faults[i].rule,
                        terms->faults[i].fault, terms->faults[i].line,
                        terms->faults[i].if_reached ? " if reached" : "");
    for (size_t i = 0; i < terms->expect_count; i++) {
        const struct dbk_expect *expect = &terms->expects[i];
        dbk_text_printf(out, "expect line %d: %s %s %s %s %s", expect->line,
                        dbk_expect_name(expect->kind), or_dash(expect->booking),
                        or_dash(expect->partner), or_dash(expect->status), or_dash(expect->op));
        if (expect->kind == DBK_EXPECT_STATUS && expect->by_ms != DBK_ABSENT)
            dbk_text_printf(out, " by %d", (int)expect->by_ms);
        dbk_text_printf(out, " %d\n", (int)expect->count);
    }
    dbk_text_printf(out, "%d planned steps\n", (int)terms->step_count);
}

static void tell(const struct dbk_scenario *scenario, struct dbk_text *out)
{
    char zero[DBK_INSTANT_TEXT];
    dbk_instant_print(scenario->zero_ms, zero);
    dbk_text_printf(out, "%s (%s) %d:%d; %s; %s; %s; %s, %s\n", scenario->name, scenario->file,
                    scenario->name_line, scenario->name_column, scenario->summary, scenario->source,
                    scenario->seen_as[0], scenario->tags[0], scenario->tags[1]);
    for (size_t i = 0; i < scenario->broken_by_count; i++) {
        const struct dbk_broken_by *row = &scenario->broken_by[i];
        dbk_text_printf(out, "broken by %s (%s), %d set, violates %s and %d in all, line %d\n",
                        or_dash(row->policy_name), row->policy.name, (int)row->set_count,
                        row->violates[0], (int)row->violate_count, row->line);
    }
    dbk_text_printf(out, "zero %s", zero);
    for (size_t i = 0; i < scenario->clock_count; i++)
        dbk_text_printf(out, ", %s %d", scenario->clocks[i].name,
                        (int)scenario->clocks[i].offset_ms);
    dbk_text_add(out, "\n");
    for (size_t i = 0; i < scenario->partner_count; i++)
        tell_partner(&scenario->partners[i], out);
    for (size_t i = 0; i < scenario->step_count; i++)
        tell_step(&scenario->steps[i], out);
    tell_terms(&scenario->terms, out);
    for (size_t i = 0; i < scenario->pinned_count; i++)
        dbk_text_printf(out, "choice %s %s %d takes %d, line %d\n",
                        dbk_sites[scenario->pinned[i].site].name, scenario->pinned[i].entity,
                        (int)scenario->pinned[i].nth, (int)scenario->pinned[i].take,
                        scenario->pinned[i].line);
    dbk_text_printf(out, "until %d\n", (int)scenario->until_ms);
}

Test(scenario, arrives_whole)
{
    struct dbk_scenario *scenario = parse(whole);
    struct dbk_text text = {0};
    tell(scenario, &text);
    cr_assert_str_eq(
        text.bytes,
        "everything (t.yaml) 2:11; All that the format knows.; nowhere; two of them; one, two\n"
        "broken by naive (naive), 11 set, violates rests and 2 in all, line 8\n"
        "broken by - (reference with retry_key: new, create_timeout: 3s), 1 set, violates rests "
        "and 1 in all, line 9\n"
        "zero 2026-07-01T17:25:00.000Z, core 0, lagoon 47000, ana -3000, sam 0\n"
        "partner lagoon: ref-not-unique, changed, books as 1, doubt limit 600000; believed "
        "ref-unique-resend\n"
        "  cruise 12000 EUR, early 2026-07-04T08:00:00.000Z 3, late 2026-07-04T18:00:00.000Z 10\n"
        "  tour 0 USD, default 2026-07-02T17:25:00.000Z 7\n"
        "  rule lagoon#1 line 25: create, attempt 2, intent trip, times 3, if reached, answers "
        "rejected\n"
        "    do lose-answer, 0 ms, http 0, -\n"
        "    do delay-request, 40000 ms, http 0, -\n"
        "    do refuse, 0 ms, http 0, full\n"
        "    after 1000 set confirmed\n"
        "    after 0 set -, callback held 90000, 3 copies 5000 apart, says pending\n"
        "  rule lagoon#2 line 33: any, attempt 0, intent -, times 1, answers -\n"
        "    do error-before-commit, 0 ms, http 503, -\n"
        "step at 0 line 37: ana books lagoon/cruise, late, 2 units, as trip [trip of trip]\n"
        "step at 0 line 38: ana watches trip [trip of trip]\n"
        "step at 10000 line 39: ana sends trip again [trip of trip]\n"
        "step at 20000 line 40: ana books trip anew, as more [more of trip] lagoon/cruise late 2\n"
        "step at 21000 line 41: ana books more anew, as most [most of trip] lagoon/cruise late 2\n"
        "step at 30000 line 35: ana looks at trip [trip of trip]\n"
        "step at 60000 line 42: sam looks up most (detail) [most of trip]\n"
        "step at 60000 line 43: sam looks up trip (list) [trip of trip]\n"
        "step at 120000 line 44: core.api pauses for 1s\n"
        "step at 120000 line 45: core crashes for 4s\n"
        "step when trip is confirmed plus 2000 line 36: ana cancels trip [trip of trip]\n"
        "proves rests\n"
        "except settles: they do not\n"
        "fault lagoon#1 lose-answer line 29 if reached\n"
        "fault lagoon#1 delay-request line 29 if reached\n"
        "fault lagoon#1 refuse line 29 if reached\n"
        "fault lagoon#2 error-before-commit line 33\n"
        "expect line 49: status most - confirmed - by 120000 0\n"
        "expect line 50: status trip - cancelled - 0\n"
        "expect line 51: live trip lagoon - - 1\n"
        "expect line 51: received - lagoon - create 2\n"
        "expect line 51: received - lagoon - look-up 0\n"
        "11 planned steps\n"
        "choice crash core.worker/step 2 takes 101, line 53\n"
        /* Last step 124 s and the one that waits 2 s; rule 40 + 100 s; 10 + 15 min; 5 min. */
        "until 2666000\n",
        "got:\n%s", text.bytes);
    dbk_text_reset(&text);
    dbk_scenario_free(scenario);
}

Test(scenario, fixes_what_it_sets_under_every_policy)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_policy naive;
    struct dbk_scenario *scenario = parse(whole);
    cr_assert(dbk_policy_find(&library, "naive", &naive, &complaints));
    naive.settings_ms[DBK_SETTING_CREATE_TIMEOUT] = 1;
    naive.settings_ms[DBK_SETTING_LEASE] = 2;
    naive.rules[DBK_RULE_SCREENS] = 0;

    struct dbk_policy played = dbk_scenario_policy(scenario, &naive);

    cr_assert_str_eq(played.name, "naive");
    cr_assert_eq(played.settings_ms[DBK_SETTING_CREATE_TIMEOUT], 5000);
    cr_assert_eq(played.settings_ms[DBK_SETTING_LEASE], 2);
    for (size_t i = 0; i < DBK_RULES; i++)
        cr_assert_eq(played.rules[i], i == DBK_RULE_SCREENS ? 1 : naive.rules[i], "%s",
                     dbk_rules[i].name);
    dbk_scenario_free(scenario);
}

/* A history names its file the same wherever it was played from. */
Test(scenario, is_named_after_its_place_in_the_library)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    struct dbk_scenario *scenario = dbk_scenario_load(
        &library, DBK_SOURCE_DIR "/scenarios/../scenarios/seed-incident.yaml", &complaints);
    cr_assert(scenario);
    cr_assert_str_eq(scenario->file, "scenarios/seed-incident.yaml");
    dbk_scenario_free(scenario);
    dbk_scenario_free(NULL);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

static struct dbk_digest digest_in(const struct dbk_library *library, const char *text)
{
    struct dbk_complaints complaints = {0};
    struct dbk_scenario *scenario =
        dbk_scenario_parse(library, text, strlen(text), "t.yaml", &complaints);
    cr_assert(scenario, "%s", complaints.count ? complaints.items[0].text : "");
    struct dbk_digest digest = scenario->digest;
    dbk_scenario_free(scenario);
    return digest;
}

Test(scenario, has_a_digest_of_its_bytes_and_of_the_profiles_it_names)
{
    static const char text[] = "format: 1\nscenario: t\n"
                               "partners: { p: { profile: mine, sells: { x: { price: 1, currency: "
                               "EUR, capacity: 1 } } } }\n"
                               "steps: [ { at: 0s, user: ana, book: p/x, as: trip } ]\n";
    char folder[] = "/tmp/dbk-library-XXXXXX", path[256];
    struct dbk_library library;
    cr_assert(mkdtemp(folder));
    snprintf(library.root, sizeof library.root, "%s", folder);
    snprintf(path, sizeof path, "%s/fake-partners", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/fake-partners/profiles", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/fake-partners/profiles/mine.yaml", folder);

    write_text(path, "format: 1\nprofile: mine\n");
    struct dbk_digest first = digest_in(&library, text);
    struct dbk_digest again = digest_in(&library, text);
    char changed[sizeof text + 1];
    snprintf(changed, sizeof changed, "%s\n", text);
    struct dbk_digest other = digest_in(&library, changed);
    write_text(path, "format: 1\nprofile: mine\n# more\n");
    struct dbk_digest profile = digest_in(&library, text);

    cr_assert_arr_eq(first.bytes, again.bytes, DBK_DIGEST_BYTES);
    cr_assert_neq(memcmp(first.bytes, other.bytes, DBK_DIGEST_BYTES), 0);
    cr_assert_neq(memcmp(first.bytes, profile.bytes, DBK_DIGEST_BYTES), 0);
    unlink(path);
    for (int i = 0; i < 3; i++) { /* profiles, fake-partners, the folder */
        *strrchr(path, '/') = '\0';
        rmdir(path);
    }
}

/* Whatever is cut off or changed, it is a scenario or a complaint with a place, never both. */
static void read_any(const struct dbk_library *library, const char *bytes, size_t length)
{
    struct dbk_complaints complaints = {0};
    struct dbk_scenario *scenario =
        dbk_scenario_parse(library, bytes, length, "t.yaml", &complaints);
    cr_assert_eq(scenario == NULL, complaints.total > 0);
    for (size_t i = 0; i < complaints.count; i++)
        cr_assert(complaints.items[i].line > 0 && complaints.items[i].column > 0, "%s",
                  complaints.items[i].text);
    dbk_scenario_free(scenario);
    dbk_complaints_reset(&complaints);
}

Test(scenario, is_read_safely_wherever_it_is_cut_off)
{
    struct dbk_library library = here();
    for (size_t length = 0; length < sizeof whole; length += 3)
        read_any(&library, whole, length);
}

Test(scenario, is_read_safely_whatever_is_changed)
{
    static const char put[] = "{}[]:,-#\"'\n &*!|>%@0aZ\xC3\x00";
    struct dbk_library library = here();
    for (uint64_t i = 0; i < 1500; i++) {
        char bytes[sizeof whole];
        memcpy(bytes, whole, sizeof whole);
        uint64_t times = 1 + dbk_draw_below(7, "times", "case", i, 4);
        for (uint64_t k = 0; k < times; k++) {
            uint64_t at = dbk_draw_below(7, "at", "case", 10 * i + k, sizeof whole - 1);
            bytes[at] = put[dbk_draw_below(7, "put", "case", 10 * i + k, sizeof put - 1)];
        }
        read_any(&library, bytes, sizeof whole - 1);
    }
}

Test(scenario, may_be_any_of_the_library)
{
    struct dbk_library library = here();
    struct dbk_complaints complaints = {0};
    char why[160];
    struct dbk_library found;
    cr_assert(dbk_library_find(&found, why), "%s", why);
    struct dbk_scenario *scenario =
        dbk_scenario_load(&library, DBK_SOURCE_DIR "/scenarios/seed-incident.yaml", &complaints);
    cr_assert(scenario && scenario->step_count == 4);
    dbk_scenario_free(scenario);
}
