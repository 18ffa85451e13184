/* scenario_loader: what the parts of the scenario reader share.
 *
 * format.h has checked types, keys and closed vocabularies before; the parts read what is well
 * formed, pass over the rest silently, and complain about what only they can see: names that
 * nobody introduced, moments in the wrong order. So all mistakes of a file are told at once.
 * Next: scenario_load.c, scenario_partners.c, scenario_steps.c, scenario_terms.c.
 */
#ifndef DBK_RUNNER_SCENARIO_LOADER_H
#define DBK_RUNNER_SCENARIO_LOADER_H

#include "runner/format.h"
#include "runner/library.h"

struct dbk_loader {
    const struct dbk_library *library;
    const struct dbk_yaml *yaml;
    const cJSON *root;
    struct dbk_complaints *complaints;
    struct dbk_scenario *scenario;
};

/* Values of members by name, copied into the scenario; NULL or the default where absent or bad. */
const char *dbk_loader_text(const struct dbk_loader *loader, const cJSON *node, const char *key);
int64_t dbk_loader_integer(const cJSON *node, const char *key, int64_t otherwise);
int64_t dbk_loader_duration(const cJSON *node, const char *key, int64_t otherwise);
/* From zero; DBK_ABSENT where absent. Complains about moments before zero. */
int64_t dbk_loader_moment(const struct dbk_loader *loader, const cJSON *node, const char *key);
/* The texts of a list; *count gets their number. */
const char **dbk_loader_texts(const struct dbk_loader *loader, const cJSON *list, size_t *count);

/* The entries of a list or mapping, 0 where it is neither. */
size_t dbk_loader_count(const cJSON *node);

/* The parts, in the order in which they need each other. */
void dbk_load_partners(struct dbk_loader *loader);
void dbk_load_steps(struct dbk_loader *loader);
void dbk_load_terms(struct dbk_loader *loader);

/* A partner by name, or NULL. */
const struct dbk_scenario_partner *dbk_loader_partner(const struct dbk_loader *loader,
                                                      const char *name);
void dbk_loader_unknown_partner(const struct dbk_loader *loader, const cJSON *node,
                                const char *name);

#endif
