/* format: every mapping of a scenario file as a table of its keys.
 *
 * A row feeds three things: the reader's check, the "expected" of a message, and the JSON
 * Schema. What a table cannot say (an alias that nobody booked) stands in scenario_*.c.
 * Next: format.c (the tables), format_check.c (the check), schema.c (the schema).
 */
#ifndef DBK_RUNNER_FORMAT_H
#define DBK_RUNNER_FORMAT_H

#include "fake-partners/fault.h"
#include "runner/vocabulary.h"

enum dbk_value_kind {
    DBK_VALUE_TEXT,
    DBK_VALUE_WORD,    /* a name: lower-case letters, digits and dashes */
    DBK_VALUE_INTEGER, /* least to most */
    DBK_VALUE_BOOL,
    DBK_VALUE_DURATION, /* "10s", zero or more */
    DBK_VALUE_OFFSET,   /* "+47s", "-3s" */
    DBK_VALUE_INSTANT,
    DBK_VALUE_MOMENT,   /* duration from zero, time of day, or instant */
    DBK_VALUE_CURRENCY, /* "EUR" */
    DBK_VALUE_PREFIX,   /* "3f2a90cc12ab34de": the hash of a path (path.h) */
    DBK_VALUE_NAME,     /* one of a vocabulary */
    DBK_VALUE_LIST,     /* of `of`, at most `most` entries */
    DBK_VALUE_MAPPING,  /* of the one shape */
    DBK_VALUE_FORMS,    /* a mapping of the first shape whose marks are there */
    DBK_VALUE_EITHER,   /* `of`, or a mapping of the one shape */
    DBK_VALUE_PROFILE,  /* a name, or `like` and knobs (base/profile.h checks these) */
    DBK_VALUE_SET,      /* rules and settings of a policy (core/policy.h checks these) */
    DBK_VALUE_FAULT,    /* one of `faults`, or {fault: {argument}} */
    DBK_VALUE_ANY       /* whatever the author likes */
};

struct dbk_value {
    enum dbk_value_kind kind;
    int64_t least, most; /* INTEGER; most entries of LIST, and of names in MAPPING */
    enum dbk_vocabulary words;
    const struct dbk_value *of;
    const struct dbk_shape *shapes;
    size_t shape_count;
    const struct dbk_fault_row *faults; /* fake-partners/fault.h, runner/user_fault.h */
    size_t fault_count;
};

struct dbk_key {
    const char *name;
    bool is_required;
    const struct dbk_value *value;
    const char *sentence;
};

struct dbk_shape {
    const char *name;     /* "a step", for messages */
    const char *marks[2]; /* FORMS: the keys that choose it; the second may be NULL */
    const struct dbk_key *keys;
    size_t key_count;
    const struct dbk_value *others; /* of keys that are names of the author's; NULL: none */
    bool others_are_words;          /* those names are of a vocabulary */
    bool others_are_texts;          /* those names are whatever the author likes */
    enum dbk_vocabulary other_words;
};

/* For writing the tables (format.c, system_format.c). */
#define DBK_KEYS(table) .keys = table, .key_count = DBK_COUNT(table)
#define DBK_INTEGER(from, to)                                                                      \
    {                                                                                              \
        .kind = DBK_VALUE_INTEGER, .least = from, .most = to                                       \
    }
#define DBK_LIST(of_what, at_most)                                                                 \
    {                                                                                              \
        .kind = DBK_VALUE_LIST, .of = of_what, .most = at_most                                     \
    }
#define DBK_WORDS(vocabulary)                                                                      \
    {                                                                                              \
        .kind = DBK_VALUE_NAME, .words = vocabulary                                                \
    }
#define DBK_MAPPING(shape)                                                                         \
    {                                                                                              \
        .kind = DBK_VALUE_MAPPING, .shapes = shape, .shape_count = 1                               \
    }
/* A mapping from names of the author's choosing. */
#define DBK_NAMED(shape, at_most)                                                                  \
    {                                                                                              \
        .kind = DBK_VALUE_MAPPING, .shapes = shape, .shape_count = 1, .most = at_most              \
    }
#define DBK_FORMS(table)                                                                           \
    {                                                                                              \
        .kind = DBK_VALUE_FORMS, .shapes = table, .shape_count = DBK_COUNT(table)                  \
    }

extern const struct dbk_value dbk_format;          /* the whole file */
extern const struct dbk_value dbk_format_partners; /* partners_file.h */
extern const struct dbk_value dbk_format_system;   /* system.h; its tables: system_format.c */
extern const struct dbk_value dbk_format_goal;     /* search/goal.h; tables: search/goal_format.c */

/* The shape of a FORMS value that a mapping chooses by its marks, or NULL. */
const struct dbk_shape *dbk_format_shape(const struct dbk_value *value, const cJSON *mapping);

/* The key of a fault's argument ("by", "for", "status", "reason"); its name is NULL if there is
 * none. */
struct dbk_key dbk_format_argument(const struct dbk_fault_row *row);

/* True if text may be a name. */
bool dbk_format_is_word(const char *text);

/* Reads "17:29:00" as milliseconds since midnight. */
DBK_CHECKED bool dbk_format_time_of_day(const char *text, int64_t *ms);

/* Complains about all that does not fit the tables of a format. False where a list or mapping has
 * more entries than the format allows: such a file is not read further, as it could take very long.
 */
DBK_CHECKED bool dbk_format_check(const struct dbk_value *format, const struct dbk_yaml *yaml,
                                  struct dbk_complaints *complaints);

#endif
