/* live: the live stage: real processes, real HTTP, real SQLite, real kill -9.
 *
 * The system under test is a child process, started by its map; each fake partner listens on a
 * loopback port of its own; persons ask over HTTP. All of them live in one loop (host.h) except
 * the system itself, and no question of ours to the system stops that loop. However a run ends - a
 * failed assertion and Ctrl-C included - no child, port or file stays behind (the child dies with
 * its parent: PR_SET_PDEATHSIG; files: one temporary folder).
 * Next: live.c, live_plan.c, live_child.c, live_ask.c.
 */
#ifndef DBK_RUNNER_LIVE_H
#define DBK_RUNNER_LIVE_H

#include "runner/scenario.h"
#include "runner/system.h"

#define DBK_LIVE_PARTNERS_MAX 20
#define DBK_LIVE_SCALE_MAX 100
#define DBK_LIVE_FINEST_MS 100      /* real time that is surely told apart on a busy machine */
#define DBK_LIVE_STORY_MAX_MS 60000 /* real time; longer stories are for the simulation only */

/* How a story is played live. */
struct dbk_live_plan {
    int64_t scale;        /* scenario ms per real ms */
    int64_t real_ms;      /* about how long it takes */
    const char *sim_only; /* why it cannot be played live, or NULL; view of the arena given */
    int64_t finest_ms;    /* the smallest duration or gap its order depends on */
    int finest_line;      /* and where that stands in the scenario */
};

/* scale = min(DBK_LIVE_SCALE_MAX, finest / 100 ms), at least 1; `live: {scale}` in the scenario
 * wins, `live: {no: reason}` refuses, as do pinned choices the live stage does not have. */
struct dbk_live_plan dbk_live_plan(const struct dbk_scenario *scenario, struct dbk_arena *arena);

struct dbk_live_config {
    const struct dbk_scenario *scenario;
    const struct dbk_policy *policy;
    const struct dbk_system *system;
    const char *program; /* path of the doublebook program, for {program} */
    const char *folder;  /* an empty one for all its files; removed at the end */
    uint64_t seed;
};

/* What shows that it was live. */
struct dbk_live_proof {
    int64_t pid; /* of the (last) child */
    int system_port;
    struct {
        char name[64];
        int port;
    } partners[20];
    size_t partner_count;
    int64_t scale, wall_ms;
};

/* Plays it, in a process of its own: takes over the signals that end it, and ends all its children.
 * History as dbk_sim_run leaves it (stage "live", at_ms in scenario time). False with
 * why: the stage could not play (the child did not start, ...): verdict error. */
DBK_CHECKED bool dbk_live_run(const struct dbk_live_config *config, struct dbk_history *history,
                              struct dbk_live_proof *proof, char why[static 160]);

#endif
