/* move: at most one move of the status along the table.
 *
 * A pure function. Callers repeat it until there is none; each move becomes evidence, in our
 * commit order. Next: move.c, decide.h.
 */
#ifndef DBK_CORE_MOVE_H
#define DBK_CORE_MOVE_H

#include "core/belief.h"
#include "core/status.h"

struct dbk_move {
    bool is_wanted;
    enum dbk_status to;
    char reason[160]; /* "the partner says confirmed (look-up 1)" */
};

struct dbk_move dbk_move(enum dbk_status status, const struct dbk_known *known,
                         const struct dbk_policy *policy);

#endif
