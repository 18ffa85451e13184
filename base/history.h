/* history: what a stage saw, as a list of facts, and the terms it is judged by.
 *
 * A fact belongs to the end of the party that saw it. *Outside* facts are all that checkers may
 * read; DBK_FACT_CORE and DBK_FACT_NOTE serve reports only, and leaving them out changes no
 * verdict. The file is JSON Lines:
 *
 *   first line   {"history":1,"scenario":...,"terms":{...}}     the head; hashed
 *   then         {"n":1,"what":"asked","who":"ana","at_ms":0,...} one fact each; hashed
 *   last line    {"history_hash":"<64 hex digits>"}              not hashed
 *
 * Hash: h(0) is 32 zero bytes; h(i) = BLAKE2b-256(h(i-1) followed by the bytes of line i without
 * its line feed); the history hash is h of the line before the last, in lower-case hex. A
 * member is left out where it is not known, so a history of somebody else's system, written
 * by hand from logs, may hold only what those logs say (at_ms missing, reads instead, ...).
 *
 * Next: docs/history-format.md (the file, for people outside), fact.h (one table of fields drives
 * writing and reading), history.c, history_read.c, runner/check/.
 */
#ifndef DBK_BASE_HISTORY_H
#define DBK_BASE_HISTORY_H

#include "base/complaint.h"
#include "base/digest.h"
#include "base/profile.h"
#include "base/time.h"

#define DBK_HISTORY_FORMAT 1
#define DBK_HISTORY_LINE_MAX (1 << 20) /* bytes of one line of a file that is read */
#define DBK_ABSENT INT64_MIN           /* an integer that is not known */

/* The vocabulary. "who" is always the end that saw it. */
enum dbk_fact_kind {
    DBK_FACT_STEP,   /* a step of the scenario began: nth (from 1), line, text */
    DBK_FACT_ASKED,  /* user, support: a request left: op, booking, intent, key, exchange */
    DBK_FACT_READ,   /* user, support: was shown: op, surface, booking, intent, http, status, sync,
                        version, asked_ms; without status when the answer held none */
    DBK_FACT_SAW,    /* partner: a request arrived: op, intent, attempt, key, exchange, fate
                        "arrived" | "lost" (it never got past the door) */
    DBK_FACT_EFFECT, /* partner: a reservation changed: reservation, intent, key, state_before
                        (absent: made), state, units, amount, currency, by "create" | "cancel" |
                        "itself", exchange where one did it */
    DBK_FACT_ANSWER, /* partner: an answer's fate: op, intent, attempt, key, exchange, http, state
                        (what it says; absent: nothing found or no state), reservation, retry_ms,
                        fate "delivered" | "lost" | "late" (the client had gone) | "unknown" */
    DBK_FACT_CALLBACK, /* partner: a callback left: callback (its id or lineage), reservation,
                          intent, key, state (what it says), made_ms, nth (from 1; > 1: a copy),
                          fault "forged-callback" where somebody else sent it in the partner's name
                        */
    DBK_FACT_CALLBACK_ANSWERED, /* partner: the same fields, http, or fate "lost" */
    DBK_FACT_FAULT,   /* partner, wire, core: a fault took effect: fault, by (rule "lagoon#1"),
                         line, exchange, claim (the promise it breaks; absent: none) */
    DBK_FACT_PROCESS, /* stage: a process of the system under test: who, fate "up" | "down" |
                         "paused" | "resumed" */
    DBK_FACT_STORE,   /* stage: the store was checked: fate "whole" | "broken", text */
    DBK_FACT_END,     /* stage: the run ended: fate "rest" | "bound" | "stopped", text */
    DBK_FACT_CORE,    /* core's end, reports only: op, to, exchange, http, fate, text ... */
    DBK_FACT_NOTE,    /* reports only: text */
    DBK_FACT_KINDS
};

/* Strings are views: of the history's arena once added. NULL and DBK_ABSENT mean not known. */
struct dbk_fact {
    enum dbk_fact_kind kind;
    const char *who;   /* party: "ana", "core.worker", "lagoon", "stage" */
    int64_t at_ms;     /* true time, milliseconds since the scenario's zero */
    const char *clock; /* the named clock of that end */
    int64_t reads_ms;  /* what that clock read, epoch milliseconds */
    int64_t asked_ms;  /* true time at which the request of a read left */
    int64_t made_ms;   /* true time at which a callback was made (its content is of then) */
    const char *to;    /* the other party */
    const char *op;    /* book hold look watch cancel confirm extend leave again anew list detail |
                          create look-up get cancel confirm extend */
    const char *exchange;    /* lineage: "lagoon/trip/create#1" */
    const char *intent;      /* one wish of one traveller: the scenario's word, "trip" */
    const char *booking;     /* ours: the scenario's word, or the system's id */
    const char *reservation; /* theirs: the partner's id */
    const char *callback;
    const char *key;     /* idempotency key or client reference, as that party would log it */
    int64_t attempt;     /* n-th request of op for the intent at that partner, from 1 */
    const char *surface; /* page | detail | list | message */
    const char *status;  /* received pending confirmed cancelled rejected expired */
    const char *sync;    /* unsent in_flight in_doubt waiting agreed disagreed operator */
    int64_t version;
    int64_t http;
    const char *state_before;
    const char *state; /* on_hold pending confirmed rejected cancelled expired; "none": looked up,
                          nothing found */
    int64_t retry_ms;  /* ANSWER: it says that nobody is to ask before so much time has passed */
    const char *fate;
    const char *fault, *claim, *by;
    int64_t line, nth, units;
    int64_t amount; /* minor units: of a reservation, its whole price; of a read, what is charged */
    int64_t price;  /* minor units, of a read: what all of it is to cost */
    const char *currency;
    const char *text;
};

/* A fact with nothing known but its kind. */
struct dbk_fact dbk_fact_of(enum dbk_fact_kind kind);
const char *dbk_fact_name(enum dbk_fact_kind kind); /* "asked", "saw", ... */
bool dbk_fact_is_outside(enum dbk_fact_kind kind);  /* not core, not note */

/* What the run is to be judged by; all views of the history's arena. */
struct dbk_scripted_fault {
    const char *rule;  /* "lagoon#1": the partner's first rule */
    const char *fault; /* row of `list faults` */
    int line;
    bool if_reached; /* not firing is no gap */
};

enum dbk_expect_kind { DBK_EXPECT_STATUS, DBK_EXPECT_LIVE, DBK_EXPECT_RECEIVED };

const char *dbk_expect_name(enum dbk_expect_kind kind); /* "status", "live", "received" */

struct dbk_expect {
    enum dbk_expect_kind kind;
    const char *booking; /* STATUS, LIVE: the scenario's word */
    const char *partner; /* LIVE, RECEIVED */
    const char *status;  /* STATUS: shown at the end on the user's surface, or by by_ms and kept */
    const char *op;      /* RECEIVED */
    int64_t count;       /* LIVE at the end; RECEIVED requests that arrived */
    int64_t by_ms;       /* STATUS: from the zero of the scenario; DBK_ABSENT: at the end */
    int line;
};

struct dbk_planned_step {
    int line;
    const char *text; /* "ana books lagoon/sunset-cruise as trip" */
};

struct dbk_exception {
    const char *invariant, *reason;
};

/* received, pending, confirmed, cancelled, rejected, expired; NULL-terminated. */
#define DBK_HISTORY_STATUSES 6
extern const char *const dbk_history_statuses[DBK_HISTORY_STATUSES + 1];

struct dbk_terms {
    const char **proves; /* invariant ids */
    size_t prove_count;
    struct dbk_exception *exceptions;
    size_t exception_count;
    struct dbk_scripted_fault *faults;
    size_t fault_count;
    struct dbk_expect *expects;
    size_t expect_count;
    struct dbk_planned_step *steps;
    size_t step_count;
    /* The legal moves, where they are not the usual ones: by status, in the order above, the bits
     * of those it may move to in one step. */
    uint8_t moves[DBK_HISTORY_STATUSES];
    bool has_moves;
};

struct dbk_clock {
    const char *name;
    int64_t offset_ms; /* this clock reads true time plus this */
};

struct dbk_party { /* a partner as the checkers know it */
    const char *name;
    struct dbk_profile profile;
};

struct dbk_history {
    struct dbk_arena arena;                       /* owns every string below */
    const char *scenario, *file, *stage, *policy; /* NULL: not known */
    int64_t seed;                                 /* DBK_ABSENT: not known */
    int64_t zero_ms;                              /* epoch ms of the scenario's zero; DBK_ABSENT */
    const char *inputs;                           /* hex digest of all files as loaded */
    struct dbk_clock *clocks;
    size_t clock_count;
    struct dbk_party *partners;
    size_t partner_count;
    struct dbk_terms terms;
    struct dbk_fact *facts; /* owned; facts[i] is number i + 1 */
    size_t fact_count, fact_capacity;
    struct dbk_digest hash; /* as of the last dbk_history_seal or dbk_history_read */
    struct dbk_text line;   /* private: room for one line, reused */
};

struct dbk_history *dbk_history_new(void);          /* initialised, on the heap; dbk_history_free */
void dbk_history_free(struct dbk_history *history); /* NULL is fine */
void dbk_history_init(struct dbk_history *history);
void dbk_history_clear(struct dbk_history *history); /* forgets all, keeps memory for the next */
void dbk_history_reset(struct dbk_history *history); /* frees */

/* Adds a fact, copying its strings into the arena; gives its number, from 1. */
size_t dbk_history_add(struct dbk_history *history, const struct dbk_fact *fact);

/* The same without a copy: every string already stands in the history's arena (as those of effects
 * do) or is a constant. */
size_t dbk_history_add_kept(struct dbk_history *history, const struct dbk_fact *fact);

/* Computes history->hash over head and facts as they would be written, and puts it into hex. */
void dbk_history_seal(struct dbk_history *history, char hex[static DBK_DIGEST_HEX]);

/* Adds the whole file to out, last line included. */
void dbk_history_write(const struct dbk_history *history, struct dbk_text *out);

/* Reads a file's bytes into an initialised, empty history; tolerant of what is missing.
 *
 * False with complaints (file is only a name for them) where it is not such a file, where a member
 * it knows is of a wrong type, or where the hash it carries does not fit its lines; all mistakes
 * are told, and the history then holds what could be read. Members it does not know are passed
 * over. A history without last line is taken as unsealed.
 */
DBK_CHECKED bool dbk_history_read(struct dbk_history *history, const char *bytes, size_t length,
                                  const char *file, struct dbk_complaints *complaints);

/* Keeps only outside facts (test and privacy use); the hash changes. */
void dbk_history_strip(struct dbk_history *history);

/* A partner of the head by name, or NULL. */
const struct dbk_party *dbk_history_partner(const struct dbk_history *history, const char *name);

#endif
