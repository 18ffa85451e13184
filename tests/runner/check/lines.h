/* lines: histories for tests, a line per fact, and what the judge makes of them as text.
 *
 * A line is AT WHO WHAT [NAME=VALUE ...], for example
 *
 *     "20 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 fate=arrived\n"
 *
 * AT and WHO are "-" where they are not known; names are the members of a fact in the file; in a
 * value "_" stands for a space. Line i is fact i. The lines become a history file, which is then
 * read as any other. Next: lines.c, the tests.
 */
#ifndef DBK_TESTS_RUNNER_CHECK_LINES_H
#define DBK_TESTS_RUNNER_CHECK_LINES_H

#include "base/history.h"
#include "base/verdict.h"

/* Heads, with ' for ". LAGOON: a stage's, with the partner lagoon, which neither dedupes nor calls
 * back, can be listed by date, and commits within 1 minute. UNIQUE: the same, but it takes one
 * reference once. FOREIGN: nothing is known. LINES_HEAD takes other knobs and more members. */
#define LAGOON LINES_HEAD("'look_up':'list-by-date'", "")
#define UNIQUE LINES_HEAD("'look_up':'list-by-date','dedupe':'reference','repeat':'same'", "")
#define FOREIGN "{'history':1}"
#define LINES_HEAD(knobs, rest)                                                                    \
    "{'history':1,'scenario':'trip-story','file':'trip.yaml','stage':'sim',"                       \
    "'zero':'2026-07-01T17:25:00Z','clocks':{'lagoon':47000},'partners':{'lagoon':{"               \
    "'commit_within':'1m','visible_within':'0s','max_skew':'5s','doubt_limit':'30m',"              \
    "'compensate_within':'15m'," knobs "}}" rest "}"

/* Gives a history (lines_free); fails the test where the lines cannot be read. */
struct dbk_history *lines_history(const char *head, const char *lines);
struct dbk_history *lines_read(const char *bytes, size_t length); /* of a file's bytes */
void lines_free(struct dbk_history *history);

/* Expects that the judge says this of one invariant ("expect" among them), one line each:
 *   exposed N
 *   unobserved: what was missing
 *   AT BOOKING [facts]: detail
 */
void expect_finding(const char *invariant, const char *head, const char *lines,
                    const char *expected);

/* Expects this of the whole outcome: the verdict and its violations, then what is unproven, what
 * was not observed, what partners broke, which scripted faults fired, which invariants were
 * exposed. */
void expect_outcome(const struct dbk_history *history, const char *expected);

/* The verdict alone with the violations: to compare two histories by. free() it. */
char *lines_verdict(const struct dbk_history *history);

#endif
