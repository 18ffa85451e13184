/* scenario: one story as loaded and checked; what the stages play.
 *
 * Everything is owned by the scenario (its arena) and valid until dbk_scenario_free.
 * Next: scenario_load.c (reading), schema.c (the JSON Schema from the same tables), sim.h.
 */
#ifndef DBK_RUNNER_SCENARIO_H
#define DBK_RUNNER_SCENARIO_H

#include "base/choice.h"
#include "core/core.h"
#include "fake-partners/partner.h"
#include "runner/path.h"
#include "runner/user_fault.h"

enum dbk_step_kind {
    DBK_STEP_BOOK,    /* user: POST /bookings with a fresh key */
    DBK_STEP_AGAIN,   /* user: the same key and body once more */
    DBK_STEP_ANEW,    /* user: the same wish under a new key: another booking of the same intent */
    DBK_STEP_LOOK,    /* user: GET the booking once */
    DBK_STEP_WATCH,   /* user: every change she is shown, from then on */
    DBK_STEP_CANCEL,  /* user */
    DBK_STEP_CONFIRM, /* user: what is held; so are the next two */
    DBK_STEP_EXTEND,
    DBK_STEP_LEAVE,
    DBK_STEP_DETAIL, /* support: look, screen: detail (the default) */
    DBK_STEP_LIST,   /* support: look, screen: list */
    DBK_STEP_MOVE,   /* support: decides; move, of */
    DBK_STEP_CRASH,  /* core: crash; process (NULL: all), for: down that long (default 1s) */
    DBK_STEP_PAUSE   /* core: pause; process (NULL: all), for */
};

struct dbk_step {
    enum dbk_step_kind kind;
    int64_t at_ms;            /* from the scenario's zero; DBK_ABSENT: see when */
    const char *when_booking; /* when: {trip: confirmed}: first time a user is shown that ... */
    const char *when_status;
    int64_t plus_ms;     /* ... so much later */
    const char *actor;   /* "ana", "sam", "core" */
    const char *booking; /* the scenario's word: "trip" */
    const char *intent;  /* the wish it serves: "trip" (ANEW: that of the earlier booking) */
    const char *partner, *product, *slot;
    int64_t units;
    const char *move;    /* MOVE: "look-again" */
    bool is_hold;        /* BOOK: to be held only */
    const char *process; /* "core.api", "core.worker", NULL: both */
    int64_t for_ms;
    const struct dbk_user_action *actions; /* do: what befalls its request on the way */
    size_t action_count;
    const char *rule; /* of whom its faults are told: "step#3" */
    int line;
    const char *text;  /* "ana books lagoon/sunset-cruise, evening, 2 units, as trip" */
    const cJSON *node; /* as written, in the scenario's yaml */
};

struct dbk_scenario_partner {
    const char *name;
    struct dbk_profile profile;      /* what it promises */
    struct dbk_profile believes;     /* what the core thinks (default: the profile) */
    const char *secret, *old_secret; /* of its callbacks: now, and before keys were changed */
    const char *const *secrets;      /* that the core takes for the partner's */
    size_t secret_count;
    struct dbk_product *products;
    size_t product_count;
    struct dbk_rule *rules;
    size_t rule_count;
};

/* A choice the scenario fixes: choices: [{site, entity, n, take}] */
struct dbk_pinned {
    enum dbk_site site;
    const char *entity;
    uint32_t nth, take;
    bool if_reached; /* not taking effect is no gap */
    int line;
};

/* One row of broken_by: a named policy or a set of rules, and what it violates. */
struct dbk_broken_by {
    const char *policy_name; /* NULL: policy holds reference plus set */
    struct dbk_policy policy;
    size_t set_count; /* rules that differ from the reference by `set` */
    const char **violates;
    size_t violate_count;
    int line;
};

/* found: the failure that a file stands for, as a search found it. */
struct dbk_known_failure {
    const char *policy_name;  /* as the file says it, or "reference with retry_key: new" */
    struct dbk_policy policy; /* without the scenario's own settings */
    const char **violates;    /* invariants, at least one */
    size_t violate_count;
    struct dbk_path path; /* of the run as it was found; empty where the file has none */
    int line;
};

struct dbk_scenario {
    struct dbk_arena arena;
    struct dbk_yaml *yaml; /* owned: the file as written, for whoever writes another after it */
    const char *name, *summary, *source;
    bool is_search;   /* kind: search: no story, `explore` tries what may go wrong in it */
    const char **may; /* what a search may let go wrong; none: the usual (search/menu.h) */
    size_t may_count;
    const char
        *file; /* as histories name it: within the library its path there, else its last part */
    int name_line, name_column; /* where the name stands, for complaints about two of one name */
    const char **seen_as, **tags;
    size_t seen_as_count, tag_count;
    int64_t zero_ms;          /* epoch ms; default 2026-01-05T12:00:00Z */
    struct dbk_clock *clocks; /* every party has one; "core" serves both processes */
    size_t clock_count;
    struct dbk_policy settings;  /* reference plus `core: {set:}`: the overlay is settings_set */
    bool rule_is_set[DBK_RULES]; /* which of `settings` the scenario fixed itself */
    bool setting_is_set[DBK_SETTINGS];
    struct dbk_scenario_partner *partners;
    size_t partner_count;
    struct dbk_step *steps; /* ordered by at_ms, then by line; those with `when` last */
    size_t step_count;
    struct dbk_pinned *pinned;
    size_t pinned_count;
    struct dbk_broken_by *broken_by;
    size_t broken_by_count;
    struct dbk_known_failure *found; /* NULL: the file stands for no failure */
    struct dbk_terms terms;          /* proves, except, expect, scripted faults, planned steps */
    int64_t live_scale;              /* live: {scale}; 0: the stage decides */
    const char *live_no;             /* live: {no: reason}; or NULL */
    const char *parity_why;          /* parity: {level: 1, why}: it has a real race; or NULL */
    int64_t until_ms;                /* bound of the run, from zero */
    struct dbk_digest digest; /* of the file's bytes and of the profiles and policies it names */
};

/* Where data files are found: profiles, policies, the library. */
struct dbk_library {
    char root[4096]; /* holds scenarios/, fake-partners/profiles/, core/policies/ */
};

/* Finds it: $DOUBLEBOOK_HOME, else beside the program, else the folder it was built from. */
DBK_CHECKED bool dbk_library_find(struct dbk_library *library, char why[static 160]);

/* A scenario (dbk_scenario_free) from a file or bytes, or NULL with complaints. */
DBK_CHECKED struct dbk_scenario *dbk_scenario_load(const struct dbk_library *library,
                                                   const char *path,
                                                   struct dbk_complaints *complaints);
DBK_CHECKED struct dbk_scenario *dbk_scenario_parse(const struct dbk_library *library,
                                                    const char *bytes, size_t length,
                                                    const char *file,
                                                    struct dbk_complaints *complaints);
void dbk_scenario_free(struct dbk_scenario *scenario); /* NULL is fine */

/* The bound of a run whose file does not say `until`, before what its scripts add to it. Of the
 * steps and partners kept, by index; NULL: all. */
int64_t dbk_scenario_bound(const struct dbk_scenario *scenario, const bool *keeps_step,
                           const bool *keeps_partner);

/* A policy by name ("naive": core/policies/naive.yaml; "reference") or file. */
DBK_CHECKED bool dbk_policy_find(const struct dbk_library *library, const char *name_or_file,
                                 struct dbk_policy *policy, struct dbk_complaints *complaints);

/* The policy a scenario is played under: the given one with the scenario's own settings over it. */
struct dbk_policy dbk_scenario_policy(const struct dbk_scenario *scenario,
                                      const struct dbk_policy *policy);

/* How a fake partner of the scenario is set up, on either stage; the path is borrowed. */
struct dbk_partner_config dbk_scenario_partner_config(const struct dbk_scenario *scenario,
                                                      const struct dbk_scenario_partner *partner,
                                                      const char *callback_path, uint64_t seed);

/* How far a party's clock is off; 0 where the scenario does not say. */
int64_t dbk_scenario_offset_ms(const struct dbk_scenario *scenario, const char *clock);

/* The JSON Schema of a scenario, generated from the tables. */
void dbk_schema_scenario(struct dbk_text *out);

#endif
