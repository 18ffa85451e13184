#include "runner/live_files.h"
#include "runner/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/dbk-log-XXXXXX";

static void write_log(size_t lines, const char *end)
{
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    for (size_t i = 0; i < lines; i++)
        fprintf(file, "line %zu of a talkative program\n", i);
    fputs(end, file);
    cr_assert_eq(fclose(file), 0);
}

static void expect_last(size_t lines, const char *end, const char *expected)
{
    char line[160] = "untouched";
    write_log(lines, end);
    dbk_live_last_line(path, line, sizeof line);
    cr_expect_str_eq(line, expected);
    unlink(path);
    strcpy(path + strlen(path) - 6, "XXXXXX");
}

Test(live_files, find_the_last_line_of_a_log)
{
    char line[160] = "untouched", longer[6001], cut[160];
    expect_last(0, "", "");
    expect_last(0, "one", "one");
    expect_last(2, "FATAL: the reason\n\r\n\n", "FATAL: the reason");
    expect_last(100000, "FATAL: the reason\n", "FATAL: the reason");
    expect_last(1, "no text \xff\n", "");
    /* a line longer than what is looked at: its end, as far as there is room, in whole characters
     */
    for (size_t i = 0; i < sizeof longer - 1; i += 3)
        memcpy(&longer[i], "\xe2\x82\xac", 3);
    longer[sizeof longer - 1] = '\0';
    snprintf(cut, sizeof cut, "%.159s", longer);
    expect_last(0, longer, cut);
    dbk_live_last_line("/nowhere/at/all", line, sizeof line);
    cr_expect_str_eq(line, "");
}

Test(live_files, see_that_an_address_is_in_use)
{
    write_log(100000, "OSError: [Errno 98] Address already in use\n  at line 3\n");
    cr_expect(dbk_live_says_in_use(path));
    unlink(path);
    strcpy(path + strlen(path) - 6, "XXXXXX");
    write_log(10, "the address is free\n");
    cr_expect(!dbk_live_says_in_use(path));
    unlink(path);
}

/* Another system knows no defaults; ours takes those of the profile it is like. A knob that a
 * scenario sets back to its default has to be said to both. */
Test(live_files, tell_a_system_every_promise_of_a_partner)
{
    static const char story[] =
        "format: 1\n"
        "scenario: told\n"
        "partners:\n"
        "  lagoon:\n"
        "    profile: { like: ref-not-unique, commit_within: %s }\n"
        "    sells: { cruise: { price: 100, currency: EUR, capacity: 3 } }\n"
        "steps: [ { at: 0s, user: ana, book: lagoon/cruise, as: trip } ]\n";
    const char *const addresses[] = {"http://127.0.0.1:1"};
    struct dbk_complaints complaints = {0};
    struct dbk_library library;
    struct dbk_text file = {0};
    char why[160] = "", usual[DBK_DURATION_TEXT], whole[sizeof story + sizeof usual];
    dbk_duration_print(dbk_profile_default().commit_within_ms, usual);
    snprintf(whole, sizeof whole, story, usual);
    cr_assert(dbk_library_find(&library, why), "%s", why);
    struct dbk_scenario *scenario =
        dbk_scenario_parse(&library, whole, strlen(whole), "told.yaml", &complaints);
    cr_assert(scenario);
    dbk_live_partners_file(scenario, addresses, &file);
    for (size_t i = 0; i < dbk_knob_count; i++) {
        struct dbk_text key = {0};
        if (!dbk_knobs[i].key)
            continue;
        dbk_text_printf(&key, "\"%s\":", dbk_knobs[i].key);
        cr_expect(strstr(file.bytes, key.bytes), "%s is not said: %s", key.bytes, file.bytes);
        dbk_text_reset(&key);
    }
    snprintf(whole, sizeof whole, "\"commit_within\":\"%s\"", usual);
    cr_expect(strstr(file.bytes, whole), "not %s: %s", whole, file.bytes);
    dbk_text_reset(&file);
    dbk_scenario_free(scenario);
}
