/* verdict: what a run was found to be, and why; the record reports are made from.
 *
 * error > invalid > violated > unproven > passed. Everything is copied into the outcome's own
 * arena, so that it outlives the run. Next: verdict.c, reports/.
 */
#ifndef DBK_BASE_VERDICT_H
#define DBK_BASE_VERDICT_H

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
    const char *replay_folder;   /* where replays work, quoted for a shell; NULL: anywhere */
    struct dbk_history *history; /* owned; NULL where it was not kept */
};

struct dbk_sim_only {
    const char *name, *reason;
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
};

enum dbk_verdict dbk_worst(enum dbk_verdict one, enum dbk_verdict other);
enum dbk_verdict dbk_report_verdict(const struct dbk_report *report); /* no outcome: UNPROVEN */

struct dbk_outcome *dbk_outcome_new(void);
void dbk_outcome_free(struct dbk_outcome *outcome); /* frees its history too; NULL is fine */

#endif
