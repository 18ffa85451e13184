/* system: how the user and support machines reach a booking service, as a data file.
 *
 * The checkers know no API: what a page shows is read by JSON Pointers (RFC 6901) from what the
 * map says is the page. The reference core's own map is runner/systems/reference.yaml, and both
 * stages use it; `run --stage live --system FILE` puts anybody's service on trial.
 * Next: docs/system-map.md, systems/reference.yaml, system_load.c, system.c, user.c.
 */
#ifndef DBK_RUNNER_SYSTEM_H
#define DBK_RUNNER_SYSTEM_H

#include "base/digest.h"
#include "base/history.h"
#include "base/message.h"
#include "runner/pointer.h"
#include "runner/template.h"

enum dbk_operation {
    DBK_OPERATION_BOOK,
    DBK_OPERATION_LOOK,
    DBK_OPERATION_CANCEL,
    DBK_OPERATION_HOLD, /* books it to be held only */
    DBK_OPERATION_CONFIRM,
    DBK_OPERATION_EXTEND,
    DBK_OPERATION_LEAVE,
    DBK_OPERATION_DETAIL,
    DBK_OPERATION_LIST,
    DBK_OPERATION_MOVE, /* support decides */
    DBK_OPERATIONS
};

const char *dbk_operation_name(enum dbk_operation operation); /* "book", "look", ... */

#define DBK_SYSTEM_HEADERS_MAX 6
#define DBK_SYSTEM_WORDS_MAX 32

struct dbk_system_header {
    const char *name;
    struct dbk_template value;
};

/* Templates hold {key} {partner} {product} {slot} {units} {guest} {intent}, and {id} where a
 * booking is asked for. */
struct dbk_system_operation {
    bool is_offered; /* a service without a list has no list */
    const char *method;
    struct dbk_template path;
    struct dbk_system_header headers[DBK_SYSTEM_HEADERS_MAX];
    size_t header_count;
    bool has_body;
    struct dbk_template body;
    const struct dbk_pointer *rows; /* LIST: to the array; the others point into a row of it */
    const struct dbk_pointer *id, *status, *sync, *version, *charged, *price; /* NULL: not shown */
};

struct dbk_system_word {
    const char *theirs, *ours; /* ours: received pending confirmed cancelled rejected expired */
};

struct dbk_system_words {
    struct dbk_system_word items[DBK_SYSTEM_WORDS_MAX];
    size_t count;
};

struct dbk_system {
    struct dbk_arena arena; /* owns all below */
    const char *name, *file;
    struct dbk_digest digest; /* of the file's bytes */
    struct dbk_system_operation operations[DBK_OPERATIONS];
    struct dbk_system_words statuses;    /* its status words */
    struct dbk_system_words syncs;       /* optional: its words for being in doubt ... */
    uint8_t moves[DBK_HISTORY_STATUSES]; /* as in struct dbk_terms: the usual, or the map's */
    struct dbk_template callbacks;       /* "/callbacks/{partner}" */
    /* Live only. argv and env are templates, for dbk_system_fill: {program} {dir} (a fresh folder)
     * {port} {partners} and {policy} (files) {origin} (CLOCK_MONOTONIC ns at scenario time 0)
     * {scale} {zero} (epoch ms on its clock at scenario time 0) {seed} {partner:NAME} (base URL of
     * that partner). {here}, the map's own folder, is filled in when the map is loaded. */
    const char *const *start;              /* argv, NULL-terminated */
    const char *const *env;                /* "NAME=value", NULL-terminated */
    const char *const *check;              /* argv: exit code 0 says its store is whole; or NULL */
    const char *ready_path;                /* GET until it answers 2xx */
    int64_t ready_within_ms;               /* real time */
    const char *reset_method, *reset_path; /* once it is ready; NULL: not needed */
    const char *idle_path;                 /* GET; NULL: nobody knows when nothing is left to do */
    const struct dbk_pointer *idle;        /* to an integer of its answer; 0: nothing is left */
};

/* A map (dbk_system_free), or NULL with complaints; name_or_file: "reference" or a file. root: of
 * the library (runner/systems/). Everything missing that is needed is a complaint. */
DBK_CHECKED struct dbk_system *dbk_system_load(const char *root, const char *name_or_file,
                                               struct dbk_complaints *complaints);
void dbk_system_free(struct dbk_system *system); /* NULL is fine */

/* Values of template variables; NULL: not known (a template that needs it cannot be filled). */
struct dbk_system_values {
    const char *key, *partner, *product, *slot, *guest, *id, *intent, *move;
    int64_t units;
};

/* The request of an operation (dbk_message_free), or NULL if it is not offered or if a value that
 * it needs is not known. */
struct dbk_message *dbk_system_request(const struct dbk_system *system,
                                       enum dbk_operation operation,
                                       const struct dbk_system_values *values);

/* What an answer shows; all views of the answer's tree, of the system, or of the struct itself (an
 * id that is a number): so it is not copied. status is in our words; raw is its own word; a word
 * the map does not know gives status NULL and raw set. version: an integer, or a text that is one.
 */
struct dbk_shown {
    const char *id, *raw, *status, *sync;
    int64_t version; /* DBK_ABSENT: none; so are the next two, in minor units */
    int64_t charged, price;
    char number[24];
};
/* LIST: of the row whose id is `id`. answer may be NULL. False: nothing of the kind is shown. */
bool dbk_system_read(const struct dbk_system *system, enum dbk_operation operation,
                     const cJSON *answer, const char *id, struct dbk_shown *shown);

/* The path to which a partner sends its callbacks; in the arena. */
char *dbk_system_callback_path(const struct dbk_system *system, const char *partner,
                               struct dbk_arena *arena);

/* Adds a template of start or env, filled. value gives the text of a variable by name ("port",
 * "partner:lagoon"), or NULL where there is none: then false, with why. */
DBK_CHECKED bool dbk_system_fill(const char *template,
                                 const char *(*value)(void *context, const char *name),
                                 void *context, struct dbk_text *out, char why[static 160]);

/* The JSON Schema of a map, generated from the tables. */
void dbk_schema_system(struct dbk_text *out);

/* Lets the terms say which moves are legal, where the map declares others than the usual. */
void dbk_system_terms(const struct dbk_system *system, struct dbk_terms *terms);

#endif
