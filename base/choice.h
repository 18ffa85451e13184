/* choice: the only source of chance.
 *
 * Whatever a scenario leaves open is a choice (site, entity, n-th occurrence) among
 * alternatives, and 0 is the benign one. Machines and the stage ask a chooser; what stands
 * behind it (a seed, a list, a search) they never know. Entities are scenario names plus
 * lineage, such as "lagoon/trip/create#1", never allocated ids. Two choices never stand in
 * one expression: compilers order arguments differently. Next: choice.c, machine.h.
 */
#ifndef DBK_BASE_CHOICE_H
#define DBK_BASE_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dbk_site {
    DBK_SITE_REQUEST_LATENCY,
    DBK_SITE_ANSWER_LATENCY,
    DBK_SITE_BACK_OFF,
    DBK_SITE_EXCHANGE_FAULT,
    DBK_SITE_CALLBACK_FAULT,
    DBK_SITE_USER_FAULT,
    DBK_SITE_ORDER,
    DBK_SITE_COMMIT_WITH_NEXT,
    DBK_SITE_CRASH,
    DBK_SITE_PAUSE,
    DBK_SITE_COUNT
};

/* One row of `list choices`. */
struct dbk_site_row {
    const char *name;
    bool is_adverse;         /* else neutral: `run --seed` draws it */
    bool is_live;            /* false: the live stage refuses it */
    const char *asked;       /* when it is asked and of which entity */
    const char *takes;       /* what the alternatives mean, 0 first */
    const char *script_form; /* how a scenario says it */
};

extern const struct dbk_site_row dbk_sites[DBK_SITE_COUNT];

/* The row's index by name, or DBK_SITE_COUNT. */
enum dbk_site dbk_site_by_name(const char *name);

/* A port with one slot. choose gives 0 .. alternatives-1 (alternatives > 0); the chooser itself
 * counts the occurrences of (site, entity), from 1. */
struct dbk_chooser {
    uint32_t (*choose)(void *self, enum dbk_site site, const char *entity, uint32_t alternatives);
    void *self;
};

uint32_t dbk_choose(const struct dbk_chooser *chooser, enum dbk_site site, const char *entity,
                    uint32_t alternatives);

#endif
