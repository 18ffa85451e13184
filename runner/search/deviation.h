/* deviation: one choice that was not benign; a run is a scenario and a list of these.
 *
 * Plain records. Entities are borrowed: they live as long as whoever made the list says. The list
 * has the order in which the choices were asked. Next: explore.h (who makes such lists).
 */
#ifndef DBK_RUNNER_SEARCH_DEVIATION_H
#define DBK_RUNNER_SEARCH_DEVIATION_H

#include "base/choice.h"

struct dbk_deviation {
    enum dbk_site site;
    const char *entity; /* "lagoon/trip/create#1" */
    uint32_t nth, take; /* the n-th time that (site, entity) was asked, from 1; never 0 */
};

#endif
