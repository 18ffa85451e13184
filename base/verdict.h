/* verdict: what a run was found to be, and why; the record reports are made from.
 *
 * error > invalid > violated > unproven > passed. Everything is copied into the outcome's own
 * arena, so that it outlives the run. Next: verdict.c, reports/.
 */
#ifndef DBK_BASE_VERDICT_H
#define DBK_BASE_VERDICT_H

#include "base/blame.h"
#include "base/history.h"

enum dbk_verdict { DBK_PASSED, DBK_UNPROVEN, DBK_VIOLATED, DBK_INVALID, DBK_ERROR, DBK_VERDICTS };

const char *dbk_verdict_name(enum dbk_verdict verdict); /* "passed", ... */
int dbk_verdict_exit_code(enum dbk_verdict verdict);    /* 0, 2, 1, 3, 4 */

struct dbk_violation {
    const char *invariant; /* "single-reservation", or "expect" */
    const char *rule;      /* the invariant as a sentence */
    const char *booking;   /* intent or booking; NULL: the whole run */
    int64_t at_ms;         /* true time; DBK_ABSENT: at no moment */
    int line;              /* of the scenario (an expect, a fault); 0: none */
    const char *owed_by;   /* "core" or "partner" */
    size_t evidence[8];    /* fact numbers it rests on, ascending */
    size_t evidence_count;
    const char *detail; /* one sentence with the facts: who, what, when */
    const char *replay; /* the command that shows it again */
};

struct dbk_fault_count {
    const char *rule, *fault;
    int line;
    int64_t fired;
    bool if_reached;
};

struct dbk_exposure {
    const char *invariant;
    int64_t count;
};

struct dbk_unobserved {
    const char *invariant;
    const char *missing; /* which facts it would have needed */
};

struct dbk_bound_port {
    const char *name; /* "system", or the partner */
    int port;
};

struct dbk_outcome {
    struct dbk_arena arena;
    const char *name, *file, *policy; /* scenario, its file, the policy's name */
    enum dbk_verdict verdict;
    struct dbk_violation *violations;
    size_t violation_count;
    struct dbk_fault_count *faults;
    size_t fault_count;
    struct dbk_exposure *exposures; /* every invariant of the table, in its order */
    size_t exposure_count;
    struct dbk_unobserved *unobserved;
    size_t unobserved_count;
    const char **unproven;     /* reasons, whole sentences */
    const int *unproven_lines; /* of the scenario, for each reason; 0: none; NULL: not known */
    size_t unproven_count;
    const char
        *partner_broke[8]; /* claims broken in the run: "lagoon: one-create-one-reservation" */
    size_t partner_broke_count;
    char history_hash[DBK_DIGEST_HEX];
    int64_t virtual_ms, wall_ms;
    int64_t pid;                  /* live: of the system under test; 0: simulated */
    int64_t scale;                /* live: scenario ms per real ms */
    struct dbk_bound_port *ports; /* live: what was listened on */
    size_t port_count;
    const char *error;           /* INVALID, ERROR: what happened */
    int error_line;              /* INVALID: of the file; 0: none */
    const char *replay;          /* the command that shows it again; NULL: none */
    const char *replayed;        /* `replay`: "FIXED", "STALE", "STILL FAILING"; else NULL */
    const char *replayed_why;    /* and why, in a sentence */
    const char *replay_folder;   /* where replays work, quoted for a shell; NULL: anywhere */
    struct dbk_blame *blame;     /* which habits did it; NULL: nobody asked */
    struct dbk_history *history; /* owned; NULL where it was not kept */
};

struct dbk_sim_only {
    const char *name, *reason;
};

/* All runs of one exploration with exactly so many deviations. */
struct dbk_depth {
    int64_t deviations;
    int64_t runs;     /* played */
    int64_t expected; /* so many there are; DBK_ABSENT: not known */
    int64_t found;    /* runs that violate, or show the goal; many may be one finding */
    bool is_complete; /* all of them were played */
};

/* One finding of an exploration: the smallest run of one signature. */
struct dbk_discovery {
    const char *signature;       /* "single-reservation": the invariants, or the goal */
    const char *owed_by;         /* "core" or "partner"; NULL: nobody, it is a goal */
    int64_t deviations;          /* of the run as it was found */
    int64_t runs, found_ms;      /* of the exploration until it was found */
    int64_t shrunk_runs;         /* that shrinking took */
    size_t steps, entries;       /* of the shrunk scenario; entries: of its scripts and choices */
    const char **said;           /* what goes wrong in it, in order: "lagoon/trip/create#1: */
    size_t said_count;           /* lose-answer" */
    const char *file;            /* where the shrunk scenario was written; NULL: nowhere */
    const char *scenario_text;   /* the shrunk scenario where it has no file; else NULL */
    bool is_nondeterministic;    /* it did not repeat: a bug of ours; its outcome is an ERROR */
    struct dbk_outcome *outcome; /* of the shrunk run; a view of one of the report's */
};

/* A promise that a partner broke, and in how many runs. */
struct dbk_broken_claim {
    const char *claim; /* "lagoon: one-create-one-reservation" */
    int64_t runs;
};

/* How one scenario was explored. Its outcomes in the report: those of its findings, named
 * "one-booking/single-reservation", with their histories; where there is none, its summary. */
struct dbk_exploration {
    const char *scenario, *file, *policy;
    const char *goal;        /* NULL: that an invariant is violated */
    int64_t deviations;      /* as many were asked for */
    int64_t runs, wall_ms;   /* in all; without what shrinking took */
    int64_t jobs;            /* runs at once */
    bool is_complete;        /* every run with up to so many deviations was played */
    bool is_beyond_promises; /* the menu holds what breaks promises */
    const char *stopped_by;  /* "interrupted"; NULL: it came to its end */
    const char **menu;       /* what could go wrong: rows of `list faults`, of `list choices` */
    size_t menu_count;
    struct dbk_depth *depths; /* from 0 on, each that was begun */
    size_t depth_count;
    struct dbk_exposure *exposures; /* over all runs */
    size_t exposure_count;
    struct dbk_broken_claim *partner_broke; /* over all runs */
    size_t partner_broke_count;
    struct dbk_discovery *findings; /* in the order in which they were found */
    size_t finding_count;
    struct dbk_outcome *summary; /* a view of one of the report's; NULL where there are findings:
                                    passed or unproven, the exposures above, no history */
};

/* What one call of the program found; the reports' only input. */
struct dbk_report {
    const char *version, *build, *sqlite_source;
    int64_t seed;
    const char *stage, *policy;
    const char *inputs;            /* digest over all inputs */
    struct dbk_outcome **outcomes; /* views */
    size_t outcome_count;
    struct dbk_sim_only *sim_only; /* live: stories that were not played, and why */
    size_t sim_only_count;
    const char **not_exercised; /* faults and invariants that no scenario of this call touched */
    size_t not_exercised_count;
    struct dbk_exploration *explorations; /* `explore`: one for each scenario; views */
    size_t exploration_count;
};

/* The worst verdict of its findings, or its summary's. */
enum dbk_verdict dbk_exploration_verdict(const struct dbk_exploration *exploration);

enum dbk_verdict dbk_worst(enum dbk_verdict one, enum dbk_verdict other);
enum dbk_verdict dbk_report_verdict(const struct dbk_report *report); /* no outcome: UNPROVEN */

struct dbk_outcome *dbk_outcome_new(void);
void dbk_outcome_clear(struct dbk_outcome *outcome); /* as if new; keeps memory for the next */
void dbk_outcome_free(struct dbk_outcome *outcome);  /* frees its history too; NULL is fine */

#endif
