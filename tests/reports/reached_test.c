#include "world.h"

#include "reports/plain.h"
#include "reports/reached.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(reached, .timeout = 30);

static void expect_text(struct dbk_text *text, const char *wanted)
{
    cr_expect_str_eq(text->bytes, wanted);
    dbk_text_reset(text);
}

/* Depths are given as {runs, expected, found, complete}, from 0 deviations on. */
struct row {
    const char *said;
    struct dbk_depth depths[4];
    size_t depth_count;
    const char *goal, *stopped_by;
    size_t finding_count;
    bool is_complete;
};

#define WHOLE(r, f)                                                                                \
    {                                                                                              \
        .runs = (r), .expected = (r), .found = (f), .is_complete = true                            \
    }
#define PART(r, of)                                                                                \
    {                                                                                              \
        .runs = (r), .expected = (of)                                                              \
    }

static const struct row rows[] = {
    {.said = "all 28,561 runs with up to 2 deviations: none violates",
     .depths = {WHOLE(1, 0), WHOLE(240, 0), WHOLE(28320, 0)},
     .depth_count = 3,
     .is_complete = true},
    {.said = "all 4 runs with up to 1 deviation: none violates",
     .depths = {WHOLE(1, 0), WHOLE(3, 0)},
     .depth_count = 2,
     .is_complete = true},
    {.said = "the only run with no deviation: it does not violate",
     .depths = {WHOLE(1, 0)},
     .depth_count = 1,
     .is_complete = true},
    {.said = "1 run with no deviation, complete: 1 finding (went no deeper: a violation at this "
             "depth)",
     .depths = {WHOLE(1, 1)},
     .depth_count = 1,
     .finding_count = 1,
     .stopped_by = "a violation at this depth"},
    {.said = "1,204 runs with up to 1 deviation, complete: 2 findings",
     .depths = {WHOLE(1, 0), WHOLE(1203, 17)},
     .depth_count = 2,
     .finding_count = 2,
     .is_complete = true},
    {.said = "4 runs with up to 1 deviation, complete: none violates (went no deeper: interrupted)",
     .depths = {WHOLE(1, 0), WHOLE(3, 0)},
     .depth_count = 2,
     .stopped_by = "interrupted"},
    {.said = "stopped after 312 of 28,317 runs with 2 deviations (interrupted): nothing is proven "
             "beyond 1 deviation",
     .depths = {WHOLE(1, 0), WHOLE(240, 0), PART(312, 28317)},
     .depth_count = 3,
     .stopped_by = "interrupted"},
    {.said = "stopped after 7 of 240 runs with 1 deviation (interrupted): 1 finding, and nothing "
             "is proven beyond no deviation",
     .depths = {WHOLE(1, 0), PART(7, 240)},
     .depth_count = 2,
     .finding_count = 1,
     .stopped_by = "interrupted"},
    {.said = "stopped after 0 of 1 run with no deviation: nothing is proven",
     .depths = {PART(0, 1)},
     .depth_count = 1},
    {.said = "stopped after 9 runs with 1 deviation: nothing is proven beyond no deviation",
     .depths = {WHOLE(1, 0), PART(9, DBK_ABSENT)},
     .depth_count = 2},
    {.said = "nothing was played: nothing is proven"},
    {.said = "244 runs with up to 1 deviation, complete: 3 show the goal",
     .depths = {WHOLE(1, 0), WHOLE(243, 3)},
     .depth_count = 2,
     .goal = "double.yaml",
     .finding_count = 1},
    {.said = "all 244 runs with up to 1 deviation: none shows the goal",
     .depths = {WHOLE(1, 0), WHOLE(243, 0)},
     .depth_count = 2,
     .goal = "double.yaml",
     .is_complete = true},
};

Test(reached, is_told_in_one_sentence)
{
    for (size_t i = 0; i < DBK_COUNT(rows); i++) {
        struct dbk_depth depths[4];
        struct dbk_exploration exploration = {.depths = depths,
                                              .depth_count = rows[i].depth_count,
                                              .goal = rows[i].goal,
                                              .stopped_by = rows[i].stopped_by,
                                              .finding_count = rows[i].finding_count,
                                              .is_complete = rows[i].is_complete};
        struct dbk_text text = {0};

        memcpy(depths, rows[i].depths, sizeof(depths));
        for (size_t k = 0; k < DBK_COUNT(depths); k++)
            depths[k].deviations = (int64_t)k;
        dbk_reached_add(&exploration, &text);
        expect_text(&text, rows[i].said);
    }
}

Test(reached, tells_what_of_a_depth_was_played)
{
    static const struct {
        struct dbk_depth depth;
        const char *runs, *found;
    } cases[] = {
        {WHOLE(1203, 0), "1,203", "none"},
        {WHOLE(1203, 1001), "1,203", "1,001"},
        {PART(312, 28317), "312 of 28,317", "none so far"},
        {PART(312, DBK_ABSENT), "312, not all", "none so far"},
    };

    for (size_t i = 0; i < DBK_COUNT(cases); i++) {
        struct dbk_text text = {0};

        dbk_reached_runs(&cases[i].depth, &text);
        expect_text(&text, cases[i].runs);
        dbk_reached_found(&cases[i].depth, &text);
        expect_text(&text, cases[i].found);
    }
}

Test(reached, knows_whose_an_outcome_is)
{
    struct world_explored world = {0};
    struct dbk_outcome stranger = {0};
    const struct dbk_discovery *found = NULL;

    world_explored(&world);
    cr_expect_eq(dbk_reached_of(&world.report, world.outcomes[1], &found), &world.explorations[0]);
    cr_expect_eq(found, &world.explorations[0].findings[1]);
    cr_expect_eq(dbk_reached_of(&world.report, world.outcomes[2], &found), &world.explorations[1]);
    cr_expect_null(found);
    cr_expect_null(dbk_reached_of(&world.report, &stranger, &found));
    world_explored_reset(&world);
}
