#include "runner/progress.h"

#include "base/history.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

TestSuite(progress, .timeout = 30);

static struct dbk_progress_state state_of(int64_t deviations, int64_t runs, int64_t expected)
{
    return (struct dbk_progress_state){
        .scenario = "one-booking", .deviations = deviations, .runs = runs, .expected = expected};
}

static void expect_text(struct dbk_text *text, const char *wanted)
{
    cr_expect_str_eq(text->bytes ? text->bytes : "", wanted);
    dbk_text_reset(text);
}

/* ---- the line ---- */

/* What is worth least goes first, and no line is wider than it may be. */
Test(progress, line_fits_its_columns)
{
    static const struct {
        size_t columns;
        const char *line;
    } cases[] = {
        {120, "one-booking  2 deviations  [################---------------------]  12,345 of "
              "28,317 runs  1,234/s  1 finding  0:13 left"},
        {101, "one-booking  2 deviations  [#######-----------]  12,345 of 28,317 runs  1,234/s  1 "
              "finding  0:13 left"},
        {90, "one-booking  2 deviations  12,345 of 28,317 runs  1,234/s  1 finding  0:13 left"},
        {79, "one-booking  2 deviations  12,345 of 28,317 runs  1,234/s  1 finding  0:13 left"},
        {78, "2 deviations  12,345 of 28,317 runs  1,234/s  1 finding  0:13 left"},
        {60, "2 deviations  12,345 of 28,317 runs  1 finding  0:13 left"},
        {50, "2 deviations  12,345 of 28,317 runs  1 finding"},
        {40, "2 deviations  12,345 of 28,317 runs"},
        {30, "12,345 of 28,317 runs"},
        {5, ""},
    };
    struct dbk_progress_state state = state_of(2, 12345, 28317);

    state.findings = 1;
    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text text = {0};

        dbk_progress_line(&state, 1234, cases[i].columns, &text);
        cr_expect_leq(text.length, cases[i].columns);
        expect_text(&text, cases[i].line);
    }
}

/* A wide letter takes two columns, and a name cannot move the cursor. */
Test(progress, line_counts_columns_not_bytes)
{
    struct dbk_progress_state state = state_of(0, 1, DBK_ABSENT);
    struct dbk_text text = {0};

    state.scenario = "\xe6\x97\xa5\xe6\x9c\xac";
    dbk_progress_line(&state, 0, 38, &text);
    expect_text(&text, "\xe6\x97\xa5\xe6\x9c\xac  0 deviations  1 run  0 findings");
    dbk_progress_line(&state, 0, 34, &text);
    expect_text(&text, "0 deviations  1 run  0 findings");
    state.scenario = "a\r\x1b[2J";
    dbk_progress_line(&state, 0, 60, &text);
    cr_expect_null(strpbrk(text.bytes, "\r\x1b"));
    dbk_text_reset(&text);
}

Test(progress, line_says_only_what_is_known)
{
    static const struct {
        int64_t runs, expected, per_second;
        bool is_over;
        const char *doing, *line;
    } cases[] = {
        {0, 240, 0, false, NULL, "one-booking, 1 deviation, 0 of 240 runs, 0 findings"},
        {31, DBK_ABSENT, 50, false, "shrinking",
         "one-booking, shrinking, 31 runs, 50/s, 0 findings"},
        {240, 240, 50, true, NULL, "one-booking, 1 deviation, all 240 runs, 50/s, 0 findings"},
        {31, 240, 50, true, NULL, "one-booking, 1 deviation, 31 of 240 runs, 50/s, 0 findings"},
        {0, 720001, 100, false, NULL,
         "one-booking, 1 deviation, 0 of 720,001 runs, 100/s, 0 findings, 2:00:01 left"},
        {0, 5900, 100, false, NULL,
         "one-booking, 1 deviation, 0 of 5,900 runs, 100/s, 0 findings, 0:59 left"},
        {INT64_MAX - 1, INT64_MAX, 1, false, NULL,
         "one-booking, 1 deviation, 9,223,372,036,854,775,806 of 9,223,372,036,854,775,807 runs, "
         "1/s, 0 findings, 0:01 left"},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_progress_state state = state_of(1, cases[i].runs, cases[i].expected);
        struct dbk_text text = {0};

        state.is_over = cases[i].is_over;
        state.doing = cases[i].doing;
        dbk_progress_line(&state, cases[i].per_second, 0, &text);
        expect_text(&text, cases[i].line);
        dbk_progress_line(&state, cases[i].per_second, 200, &text); /* the bar must not overflow */
        dbk_text_reset(&text);
    }
}

/* ---- when it is drawn ---- */

static void draw(struct dbk_progress *progress, struct dbk_progress_state state, int64_t now_ms,
                 const char *wanted)
{
    struct dbk_text text = {0};

    dbk_progress_draw(progress, &state, now_ms, 50, &text);
    expect_text(&text, wanted);
}

/* Told at once, then each 100 ms; a shorter line takes the longer one away; at the end nothing. */
Test(progress, terminal_has_one_line_drawn_in_its_place)
{
    struct dbk_progress progress = {.is_terminal = true};
    struct dbk_text text = {0};

    draw(&progress, state_of(1, 0, 240), 5000, "\r1 deviation  0 of 240 runs  0 findings");
    draw(&progress, state_of(1, 10, 240), 5099, "");
    draw(&progress, state_of(1, 20, 240), 5100, "\r1 deviation  20 of 240 runs  0 findings");
    draw(&progress, state_of(2, 0, 7), 5200, "\r2 deviations  0 of 7 runs  0 findings  ");
    dbk_progress_wipe(&progress, &text);
    expect_text(&text, "\r                                     \r");
    dbk_progress_wipe(&progress, &text);
    expect_text(&text, "");
}

/* Each depth's end, once; between them a line each 10 s, none for what is quickly done. */
Test(progress, elsewhere_has_a_line_for_each_depth)
{
    struct dbk_progress progress = {0};
    struct dbk_progress_state end = state_of(0, 1, 1);

    end.is_over = true;
    draw(&progress, state_of(0, 0, 1), 1000, "");
    draw(&progress, end, 1100, "one-booking, 0 deviations, all 1 run, 10/s, 0 findings\n");
    draw(&progress, end, 1200, "");
    draw(&progress, state_of(1, 0, 9000), 1200, "");
    draw(&progress, state_of(1, 990, 9000), 11099, "");
    draw(&progress, state_of(1, 1000, 9000), 11200,
         "one-booking, 1 deviation, 1,000 of 9,000 runs, 100/s, 0 findings, 1:20 left\n");
    draw(&progress, state_of(1, 1900, 9000), 21199, "");
    draw(&progress, state_of(1, 2000, 9000), 21200,
         "one-booking, 1 deviation, 2,000 of 9,000 runs, 100/s, 0 findings, 1:10 left\n");
    end = state_of(1, 9000, 9000);
    end.is_over = true;
    draw(&progress, end, 91200, "one-booking, 1 deviation, all 9,000 runs, 100/s, 0 findings\n");
}

/* Another scenario is another depth, also where the numbers are the same. */
Test(progress, elsewhere_has_a_line_for_each_scenario)
{
    struct dbk_progress progress = {0};
    struct dbk_progress_state end = state_of(0, 1, 1);

    end.is_over = true;
    draw(&progress, end, 1000, "one-booking, 0 deviations, all 1 run, 0 findings\n");
    end.scenario = "two-bookings";
    draw(&progress, end, 1000, "two-bookings, 0 deviations, all 1 run, 0 findings\n");
}

/* What was played before the first call took a time that nobody knows. */
Test(progress, pace_is_of_what_it_saw)
{
    struct dbk_progress progress = {0};

    draw(&progress, state_of(1, 500, 9000), 1000, "");
    draw(&progress, state_of(1, 600, 9000), 11000,
         "one-booking, 1 deviation, 600 of 9,000 runs, 10/s, 0 findings, 14:00 left\n");
}

/* ---- where it goes ---- */

static void expect_there(int fd, const char *wanted)
{
    char bytes[400];
    ssize_t length = read(fd, bytes, sizeof(bytes) - 1);

    cr_assert_geq(length, 0);
    bytes[length] = '\0';
    cr_expect_str_eq(bytes, wanted);
}

Test(progress, goes_to_a_terminal_of_its_width)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), fd = -1;
    struct winsize size = {.ws_row = 24, .ws_col = 30};
    struct dbk_progress_state state = state_of(1, 20, 240);
    struct dbk_progress progress;

    cr_assert_geq(master, 0);
    cr_assert_eq(grantpt(master) + unlockpt(master), 0);
    fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    cr_assert_geq(fd, 0);
    cr_assert_eq(ioctl(fd, TIOCSWINSZ, &size), 0);
    setenv("TERM", "xterm", 1);
    dbk_progress_begin(&progress, fd);
    cr_expect(progress.is_terminal);
    dbk_progress_show(&progress, &state, 7);
    expect_there(master, "\r1 deviation  20 of 240 runs");
    size.ws_col = 9; /* the window was made narrower */
    cr_assert_eq(ioctl(fd, TIOCSWINSZ, &size), 0);
    dbk_progress_clear(&progress);
    expect_there(master, "\r        \r");
    setenv("TERM", "dumb", 1);
    dbk_progress_begin(&progress, fd);
    cr_expect_not(progress.is_terminal);
    unsetenv("TERM");
    dbk_progress_begin(&progress, fd);
    cr_expect_not(progress.is_terminal);
    close(fd);
    close(master);
}

Test(progress, goes_to_a_pipe_as_lines)
{
    struct dbk_progress_state state = state_of(1, 240, 240);
    struct dbk_progress progress;
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    setenv("TERM", "xterm", 1);
    state.is_over = true;
    dbk_progress_begin(&progress, ends[1]);
    dbk_progress_show(&progress, &state, 7);
    dbk_progress_clear(&progress); /* nothing to clear */
    close(ends[1]);
    expect_there(ends[0], "one-booking, 1 deviation, all 240 runs, 0 findings\n");
    close(ends[0]);
}
