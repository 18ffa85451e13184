#include "runner/output.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/dbk-output-XXXXXX";

static void enter(void)
{
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
    umask(027);
}

static void leave(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(output, .timeout = 30, .init = enter, .fini = leave);

static bool is_written(const char *path, const char *bytes)
{
    struct dbk_text text = {0};
    char why[160] = "";
    dbk_text_add(&text, bytes);
    bool is_so = dbk_output_write(path, &text, why);
    cr_expect_eq(is_so, !*why, "%s: '%s'", path, why);
    dbk_text_reset(&text);
    return is_so;
}

static void expect_file(const char *path, const char *bytes, mode_t rights)
{
    char *found = NULL, why[160] = "";
    size_t length = 0;
    struct stat facts;
    cr_assert(lstat(path, &facts) == 0 && S_ISREG(facts.st_mode), "%s is no file", path);
    cr_expect_eq(facts.st_mode & 0777, rights, "%s: %o", path, facts.st_mode & 0777);
    cr_assert(dbk_read_file(path, 1024, &found, &length, why), "%s %s", path, why);
    cr_expect_str_eq(found, bytes, "%s", path);
    free(found);
}

static void expect_link(const char *path, const char *target)
{
    char found[64] = "";
    cr_expect(readlink(path, found, sizeof found - 1) > 0, "%s is no link", path);
    cr_expect_str_eq(found, target);
}

/* A new file has the rights that the umask leaves, an old one keeps its own. */
Test(output, has_the_rights_of_a_plain_file)
{
    cr_expect(is_written("new", "one"));
    expect_file("new", "one", 0640);
    cr_assert_eq(chmod("new", 0604), 0);
    cr_expect(is_written("./new", "two"));
    expect_file("new", "two", 0604);
}

/* Also the neighbours that other programs like to write beside a file. */
Test(output, leaves_every_other_file_alone)
{
    cr_expect(is_written("report.tmp", "mine"));
    cr_expect(is_written(".doublebook-1-0", "also mine"));
    cr_expect(is_written("report", "new"));
    expect_file("report.tmp", "mine", 0640);
    expect_file(".doublebook-1-0", "also mine", 0640);
    cr_expect_eq(system("test $(ls -A | wc -l) = 3"), 0, "something was left behind");
}

Test(output, goes_where_a_link_points)
{
    cr_assert_eq(mkdir("real", 0777), 0);
    cr_assert_eq(symlink("real/report", "link"), 0);
    cr_assert_eq(symlink("link", "second"), 0);
    cr_expect(is_written("second", "there was no file yet"));
    expect_file("real/report", "there was no file yet", 0640);
    cr_expect(is_written("link", "there was one"));
    expect_file("real/report", "there was one", 0640);
    expect_link("link", "real/report");
    expect_link("second", "link");
}

Test(output, that_fails_changes_nothing)
{
    cr_assert_eq(mkdir("folder", 0777), 0);
    cr_assert_eq(symlink("circle", "circle"), 0);
    cr_expect_not(is_written("folder", "x"));
    cr_expect_not(is_written("circle", "x"));
    cr_expect_not(is_written("gone/report", "x"));
    cr_expect_not(is_written("", "x"));
    cr_expect_not(is_written("/dev/full", "x"));
    cr_expect_eq(system("test $(ls -A | wc -l) = 2"), 0, "something was left behind");
}

Test(output, knows_one_file_by_all_its_names)
{
    static const struct {
        const char *one, *other;
        bool is_same;
    } cases[] = {
        {"a", "a", true},
        {"a", "b", false},
        {"a", "./a", true},
        {"a", "real/../a", true},
        {"real/a", "linked/a", true},
        {"there", "hard", true},
        {"there", "soft", true},
        {"a", "to-a", true},
        {"gone/a", "gone/a", true},
        {"gone/a", "gone/b", false},
        {"a", "real/a", false},
        {"/dev/null", "/dev/null", false}, /* nothing is lost there that was not to be */
    };
    char absolute[128];
    cr_assert_eq(mkdir("real", 0777), 0);
    cr_assert(symlink("real", "linked") == 0 && symlink("a", "to-a") == 0);
    cr_assert(is_written("there", "x"));
    cr_assert(link("there", "hard") == 0 && symlink("there", "soft") == 0);
    for (size_t i = 0; i < DBK_COUNT(cases); i++)
        cr_expect_eq(dbk_output_is_same(cases[i].one, cases[i].other), cases[i].is_same, "%s, %s",
                     cases[i].one, cases[i].other);
    snprintf(absolute, sizeof absolute, "%s/a", folder);
    cr_expect(dbk_output_is_same(absolute, "a"));
}

Test(output, knows_stdout_by_all_its_names)
{
    int kept = dup(STDOUT_FILENO), file = open("out", O_CREAT | O_WRONLY, 0666);
    cr_assert(kept >= 0 && file >= 0);
    cr_expect(dbk_output_is_stdout("-"));
    cr_expect_not(dbk_output_is_stdout("out"));
    cr_assert_eq(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    cr_expect(dbk_output_is_stdout("out"));
    cr_expect(dbk_output_is_stdout("/dev/stdout"));
    cr_expect_not(dbk_output_is_stdout("other"));
    int sink = open("/dev/null", O_WRONLY);
    cr_assert_eq(dup2(sink, STDOUT_FILENO), STDOUT_FILENO);
    cr_expect_not(dbk_output_is_stdout("/dev/null"));
    cr_assert_eq(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    close(sink);
    close(file);
    close(kept);
}
