/* user_fault: what can go wrong on the way between a traveller and the Booking API.
 *
 * The rows have the shape of fake-partners/fault.h; the commit is the Booking API's. A step says
 * which of them befall its one request (`do:`), or the choice `user-fault` does where a search may
 * (`may: [ user-fault ]`). A browser waits 30 s; what comes later nobody reads.
 * Next: user_fault.c (the table), user_way.c (the way itself).
 */
#ifndef DBK_RUNNER_USER_FAULT_H
#define DBK_RUNNER_USER_FAULT_H

#include "fake-partners/fault.h"

enum dbk_user_fault {
    DBK_USER_LOSE_REQUEST,
    DBK_USER_DELAY_REQUEST,  /* { by: } */
    DBK_USER_REPEAT_REQUEST, /* { by: }: the copy follows so much later; at once where not said */
    DBK_USER_LOSE_ANSWER,
    DBK_USER_DELAY_ANSWER, /* { by: } */
    DBK_USER_RESET_ANSWER,
    DBK_USER_FAULTS
};

struct dbk_user_action {
    enum dbk_user_fault fault;
    int64_t duration_ms;
    int line; /* 0: a choice */
};

extern const struct dbk_fault_row dbk_user_faults[DBK_USER_FAULTS];
enum dbk_user_fault dbk_user_fault_by_name(const char *name); /* or DBK_USER_FAULTS */

/* The k-th alternative of the choice user-fault, for 5 s where it lasts; false for 0 and beyond. */
DBK_CHECKED bool dbk_user_action_of_choice(uint32_t take, struct dbk_user_action *action);
#define DBK_USER_FAULT_CHOICES (1 + DBK_USER_FAULTS)

#endif
