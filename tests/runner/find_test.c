#include "runner/find.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(find, .timeout = 10);

static const char *const lost_seen[] = {"the page spins", "the customer has two reservations"};
static const char *const lost_tags[] = {"lost-answer", "story-01"};
static const char *const lost_violates[] = {"single-reservation", "one-truth"};
static const char *const other_tags[] = {"cancel"};

static struct dbk_broken_by lost_rows[] = {
    {.violates = (const char **)lost_violates, .violate_count = 2}};

/* All a search reads of a scenario. */
static const struct dbk_scenario lost = {
    .name = "answer-lost",
    .summary = "The partner books and the answer is lost. A traveller cancels.",
    .source = "Viator Partner API",
    .file = "scenarios/lost-answers/answer-lost.yaml",
    .seen_as = (const char **)lost_seen,
    .seen_as_count = 2,
    .tags = (const char **)lost_tags,
    .tag_count = 2,
    .broken_by = lost_rows,
    .broken_by_count = 1,
};
static const struct dbk_scenario other = {
    .name = "cancelled-late",
    .file = "scenarios/cancel/cancelled-late.yaml",
    .tags = (const char **)other_tags,
    .tag_count = 1,
};

struct asked {
    struct dbk_arena arena;
    struct dbk_find_words words;
    struct dbk_find_hit hit;
    bool is_found;
};

static struct asked ask(const struct dbk_scenario *scenario, const char *question)
{
    struct asked asked = {0};
    cr_assert(dbk_find_split(&asked.words, question, &asked.arena));
    asked.is_found = dbk_find_in(scenario, &asked.words, &asked.hit);
    return asked;
}

/* "seen_as: the page spins"; several after "; " */
static void expect_why(const struct dbk_scenario *scenario, const char *question, const char *why)
{
    struct asked asked = ask(scenario, question);
    struct dbk_text text = {0};
    for (size_t i = 0; asked.is_found && i < asked.hit.reason_count; i++)
        dbk_text_printf(&text, "%s%s: %s", i ? "; " : "",
                        dbk_find_field_name(asked.hit.reasons[i].field), asked.hit.reasons[i].text);
    cr_expect_str_eq(text.bytes ? text.bytes : "nothing", why, "%s: %s", question, text.bytes);
    dbk_text_reset(&text);
    dbk_arena_free(&asked.arena);
}

Test(find, sees_every_field_and_says_which)
{
    expect_why(&lost, "answer lost", "name: answer-lost");
    expect_why(&lost, "two reservations", "seen_as: the customer has two reservations");
    expect_why(&lost, "story-01", "tag: story-01");
    expect_why(&lost, "one-truth", "violates: one-truth");
    expect_why(&lost, "partner books",
               "summary: The partner books and the answer is lost. A traveller cancels.");
    expect_why(&lost, "viator", "source: Viator Partner API");
    expect_why(&lost, "lost-answers yaml", "file: scenarios/lost-answers/answer-lost.yaml");
}

Test(find, takes_the_beginning_of_a_word_large_or_small_in_the_plural_too)
{
    expect_why(&other, "Cancel", "name: cancelled-late");
    expect_why(&other, "cancels", "name: cancelled-late");
    expect_why(&lost, "SPINNING", "nothing");
    expect_why(&lost, "age", "nothing"); /* in "page", but no word begins so */
    expect_why(&lost, "is",
               "summary: The partner books and the answer is lost. A traveller cancels.");
}

Test(find, wants_every_word_somewhere)
{
    expect_why(&lost, "reservations viator",
               "seen_as: the customer has two reservations; source: Viator Partner API");
    expect_why(&lost, "two unicorns", "nothing");
}

Test(find, cuts_words_and_takes_no_more_than_fit)
{
    struct dbk_arena arena = {0};
    struct dbk_find_words words = {0};
    cr_assert(dbk_find_split(&words, "  Single-Reservation, gas glass \xc3\xa9t\xc3\xa9 ", &arena));
    cr_assert_eq(words.count, 5);
    cr_expect_str_eq(words.words[0], "single");
    cr_expect_str_eq(words.words[1], "reservation");
    cr_expect_str_eq(words.words[2], "gas");
    cr_expect_str_eq(words.words[3], "glass");
    cr_expect_str_eq(words.words[4], "\xc3\xa9t\xc3\xa9");
    cr_expect(dbk_find_split(&words, "a b c d e f g h i j k", &arena));
    cr_expect_not(dbk_find_split(&words, "l", &arena));
    cr_expect_eq(words.count, DBK_FIND_WORDS);
    dbk_arena_free(&arena);
}

Test(find, puts_one_text_with_all_words_before_words_that_are_spread_and_equals_by_name)
{
    static const struct dbk_scenario b = {.name = "b"}, a = {.name = "a"};
    struct dbk_find_hit hits[] = {{&b, DBK_FIND_SPREAD, {{0}}, 0},
                                  {&b, DBK_FIND_SEEN_AS, {{0}}, 0},
                                  {&a, DBK_FIND_SEEN_AS, {{0}}, 0},
                                  {&b, DBK_FIND_NAME, {{0}}, 0}};
    dbk_find_sort(hits, DBK_COUNT(hits));
    cr_expect_eq(hits[0].field, DBK_FIND_NAME);
    cr_expect_eq(hits[1].scenario, &a);
    cr_expect_eq(hits[2].scenario, &b);
    cr_expect_eq(hits[3].field, DBK_FIND_SPREAD);
}
