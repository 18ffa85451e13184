/* inside: what the two machines of the core share. Not for other rooms.
 *
 * A *case* is one booking with all its evidence, opened within a step's transaction, worked on in
 * memory and in the store alike, and saved once. Next: case.c, api.c, worker.c.
 */
#ifndef DBK_CORE_INSIDE_H
#define DBK_CORE_INSIDE_H

#include "core/core.h"
#include "core/decide.h"

struct dbk_core {
    struct dbk_core_config config;
    struct dbk_arena arena;            /* what one step needs; reset by each */
    struct dbk_profile cautious;       /* for a booking whose partner is no longer configured */
    struct dbk_effects *effects;       /* of the step; borrowed */
    const struct dbk_chooser *chooser; /* of the step; borrowed */
    struct dbk_now now;                /* of the step */
    int64_t *paused_until_ms;          /* owned, by partner; as the store has them, once known */
    bool has_pauses;                   /* they have been read */
};

struct dbk_case {
    struct dbk_core *core;
    struct dbk_booking booking, as_loaded;
    const struct dbk_core_partner *partner; /* NULL: no longer configured */
    const struct dbk_profile *profile;
    struct dbk_evidence *evidence;
    size_t count, room;
    struct dbk_known known; /* as of the last dbk_case_know */
};

/* The partner of that name as configured, or NULL. */
const struct dbk_core_partner *dbk_core_partner_named(const struct dbk_core *core,
                                                      const char *name);

/* Opens an existing booking's case; everything in it lives until the step ends. */
enum dbk_found dbk_case_open(struct dbk_core *core, int64_t row, struct dbk_case *opened);
enum dbk_found dbk_case_open_id(struct dbk_core *core, const char *id, struct dbk_case *opened);

/* Stores a new booking (row, version and strings set) with its first evidence: ASKED or HOLD_ASKED.
 */
DBK_CHECKED bool dbk_case_create(struct dbk_core *core, const struct dbk_booking *booking,
                                 enum dbk_evidence_kind first, struct dbk_case *opened);

/* Appends a record: booking, number and at_ms are set here, the rest by the caller. A reservation's
 * id met for the first time becomes a name of the booking. */
DBK_CHECKED bool dbk_case_add(struct dbk_case *open, struct dbk_evidence record);

/* Joins the evidence into open->known. */
void dbk_case_know(struct dbk_case *open);

/* Knows, makes all moves the table allows, notes them, and decides what is next. Sets the status
 * and sync in memory. */
DBK_CHECKED bool dbk_case_settle(struct dbk_case *open, struct dbk_decision *decision);

/* The handlers of answers and callbacks also keep the support list's own copy: forward only. */
void dbk_case_copy_to_list(struct dbk_case *open, enum dbk_theirs said);

/* Writes the booking if it changed; another status, sync or end of a hold is a new version. */
DBK_CHECKED bool dbk_case_save(struct dbk_case *open);

enum dbk_step_result dbk_api_step(void *self, const struct dbk_now *now,
                                  const struct dbk_event *event, const struct dbk_chooser *chooser,
                                  struct dbk_effects *effects);
enum dbk_step_result dbk_worker_step(void *self, const struct dbk_now *now,
                                     const struct dbk_event *event,
                                     const struct dbk_chooser *chooser,
                                     struct dbk_effects *effects);

/* Until when the partner wants no request, by our wall clock; 0: it has not said. False: the store
 * could not be asked. */
DBK_CHECKED bool dbk_core_paused(struct dbk_core *core, const struct dbk_core_partner *partner,
                                 int64_t *until_ms);
/* It wants none for so long; no longer than a doubt about it may last. */
DBK_CHECKED bool dbk_core_pause(struct dbk_core *core, const struct dbk_core_partner *partner,
                                int64_t for_ms);

/* Begins a step: takes note of now and where effects go, and empties the arena. */
void dbk_core_begin_step(struct dbk_core *core, const struct dbk_now *now,
                         const struct dbk_chooser *chooser, struct dbk_effects *effects);

#endif
