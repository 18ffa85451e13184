#include "lines.h"

#include <criterion/criterion.h>

TestSuite(partner_rules, .timeout = 20);

#define PAUSE                                                                                      \
    "10 lagoon saw op=create intent=trip attempt=1 key=rv-a exchange=c1 fate=arrived asked_ms=5\n" \
    "20 lagoon answer op=create intent=trip exchange=c1 http=429 retry_ms=40000 fate=delivered\n"
#define ASKS(at, asked)                                                                            \
    at " lagoon saw op=create intent=tour attempt=1 key=rv-b exchange=c2 fate=arrived "            \
       "asked_ms=" asked "\n"

Test(partner_rules, wants_nobody_to_ask_before_the_pause_is_over)
{
    expect_finding("partner-rules", LAGOON, PAUSE ASKS("40025", "40020"), "exposed 1\n");
    expect_finding("partner-rules", LAGOON, PAUSE ASKS("40025", "40019"),
                   "exposed 1\n"
                   "40019 tour [2 3]: lagoon answered at 0:00.020 that it wants no request for "
                   "40 s, and a create left for it at 0:40.019\n");
}

#define HOLD_OVER                                                                                  \
    "600000 lagoon effect intent=trip reservation=R1 state_before=on_hold state=expired "          \
    "by=itself\n"
#define CONFIRMS(at, asked)                                                                        \
    at " lagoon saw op=confirm intent=trip reservation=R1 attempt=1 exchange=f1 fate=arrived "     \
       "asked_ms=" asked "\n"

/* max_skew is 5 s: so long the core's clock may still say that it is held. */
Test(partner_rules, wants_no_confirm_of_a_hold_that_is_over)
{
    expect_finding("partner-rules", LAGOON, HOLD_OVER CONFIRMS("605009", "604999"), "exposed 1\n");
    expect_finding("partner-rules", LAGOON, HOLD_OVER CONFIRMS("605009", "605000"),
                   "exposed 1\n"
                   "605000 trip [1 2]: the hold R1 at lagoon was over at 10:00.000, and a confirm "
                   "left for it at 10:05.000\n");
}
