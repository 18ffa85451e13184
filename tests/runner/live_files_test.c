#include "runner/live_files.h"

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
