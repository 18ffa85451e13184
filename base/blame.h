/* blame: which of a policy's habits show a violation, and which changes end it; a record.
 *
 * A habit is one rule or setting in which a policy differs from the reference. Habits are numbered
 * in the order of the tables (core/policy.c), and a set of them is a number: bit i is habit i.
 * What can be violated is numbered, too. All texts live as long as the outcome the record belongs
 * to. Next: runner/blame.h (who fills it), reports/blame.h (how it is told).
 */
#ifndef DBK_BASE_BLAME_H
#define DBK_BASE_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DBK_HABITS_MAX 32 /* bits of a set of habits */
#define DBK_BLAMED_MAX 64 /* bits of what is violated */
#define DBK_SETS_KEPT 32  /* of one size: room for every habit alone */

struct dbk_habit {
    const char *name;                          /* "retry_key", "create_timeout" */
    const char *question;                      /* of a rule; of a setting what it is */
    const char *value, *meaning;               /* the policy's; a setting has no meaning: NULL */
    const char *reference, *reference_meaning; /* the reference's, likewise */
};

/* Something that can be violated. */
struct dbk_blamable {
    const char *invariant; /* or "expect" */
    int line;              /* of an expectation; 0: an invariant */
};

/* The smallest sets with some property, all of one size. */
struct dbk_habit_sets {
    int size;                       /* 0: none was found */
    uint32_t sets[DBK_SETS_KEPT];   /* the first ones, in the order of the tables */
    uint64_t leaves[DBK_SETS_KEPT]; /* what is violated where this set is played: bits */
    size_t kept;                    /* how many of them are here */
    int64_t count;                  /* how many were found */
    int searched;                   /* all sets of up to so many habits were played */
};

struct dbk_blamed {
    size_t what;                 /* which of dbk_blame.things */
    bool is_in_reference;        /* the reference shows it, too; the rest is then empty */
    struct dbk_habit_sets shows; /* over the reference: these habits show it */
    struct dbk_habit_sets ends;  /* over the policy: giving these habits up ends it */
};

struct dbk_blame {
    struct dbk_habit *habits;
    size_t habit_count;
    const char *fixed; /* habits that the scenario's own settings hide: "a, b"; NULL: none */
    struct dbk_blamable *things;
    size_t thing_count;
    struct dbk_blamed *blamed; /* what the policy violates, in the order of things */
    size_t blamed_count;
    int64_t runs, runs_max;   /* played for this, and the bound */
    int64_t facts, facts_max; /* that these runs told, likewise: some runs are long */
};

#endif
