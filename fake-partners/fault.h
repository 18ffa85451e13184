/* fault: the vocabulary of what can go wrong in one exchange with a partner, as one table.
 *
 * Points of an exchange: request on its way -> arrived -> before the commit -> the commit ->
 * after it -> answer on its way -> callbacks. A row says at which point it stands, on which
 * side of the commit, who makes it, and which promise it breaks - always, or only if its
 * duration is beyond the profile's bound. One table feeds parser, `list faults` and legend.
 * Next: fault.c, script.h.
 */
#ifndef DBK_FAKE_PARTNERS_FAULT_H
#define DBK_FAKE_PARTNERS_FAULT_H

#include "base/profile.h"

enum dbk_op { DBK_OP_ANY, DBK_OP_CREATE, DBK_OP_LOOK_UP, DBK_OP_GET, DBK_OP_CANCEL, DBK_OPS };
const char *dbk_op_name(enum dbk_op op);      /* "any", "create", "look-up", "get", "cancel" */
enum dbk_op dbk_op_by_name(const char *name); /* or DBK_OPS */

enum dbk_fault {
    DBK_FAULT_LOSE_REQUEST,        /* never arrives; the client waits in silence */
    DBK_FAULT_DELAY_REQUEST,       /* { by: }: held on its way, then arrives */
    DBK_FAULT_REFUSE,              /* { reason: sold-out }: a refusal without effect */
    DBK_FAULT_ERROR_BEFORE_COMMIT, /* { status: 500 }: no effect */
    DBK_FAULT_COMMIT_LATE,         /* { by: }: works on; commits and answers so much later */
    DBK_FAULT_BOOK_TWICE,          /* one create, two reservations */
    DBK_FAULT_ERROR_AFTER_COMMIT,  /* { status: 500 }: booked, and says error */
    DBK_FAULT_LOSE_ANSWER,         /* done, never answered */
    DBK_FAULT_DELAY_ANSWER,        /* { by: }: done, answered so much later */
    DBK_FAULT_RESET_ANSWER,        /* done, the connection breaks instead of an answer */
    DBK_FAULT_CLOSE_ANSWER,        /* done, the connection ends without a byte */
    DBK_FAULT_CUT_ANSWER,          /* done, the answer's body ends in the middle */
    DBK_FAULT_NOT_VISIBLE,         /* { for: }: look-ups do not show what this create made */
    DBK_FAULT_SAY_DONE_DO_NOTHING, /* a cancel answered as done, without effect */
    DBK_FAULTS
};

enum dbk_fault_side { DBK_SIDE_BEFORE, DBK_SIDE_AFTER, DBK_SIDE_NONE };

struct dbk_fault_row {
    const char *name;         /* "lose-answer" */
    const char *point;        /* "answer on its way" */
    enum dbk_fault_side side; /* of the commit */
    const char *made_by;      /* partner | wire */
    const char *breaks;       /* claim id, or NULL */
    const char *unless;   /* knob whose bound the duration may reach unbroken, or NULL: always */
    const char *argument; /* NULL, "by", "for", "status", "reason" */
    bool argument_needed;
    unsigned ops;         /* bit set of 1u << enum dbk_op it makes sense for */
    const char *sentence; /* what happens, for people */
};

extern const struct dbk_fault_row dbk_faults[DBK_FAULTS];
enum dbk_fault dbk_fault_by_name(const char *name); /* or DBK_FAULTS */

/* The claim that this fault with this duration breaks under this profile, or NULL. */
const char *dbk_fault_breaks(enum dbk_fault fault, int64_t duration_ms,
                             const struct dbk_profile *profile);

#endif
