#include "base/choice.h"

#include "base/text.h"

/* Where crash and pause cut a step: the same numbers for both. A pause within the transaction is
 * one before the commit: nobody else can touch the store meanwhile. */
#define CUT_POINTS                                                                                 \
    "0 none; 1 before the step; 2 before the commit; 3 after the commit; 3+i before the i-th "     \
    "effect"

const struct dbk_site_row dbk_sites[DBK_SITE_COUNT] = {
    [DBK_SITE_REQUEST_LATENCY] =
        {
            .name = "request-latency",
            .asked =
                "when a request leaves; of sender, receiver and op: \"core.worker>lagoon/create\"",
            .takes = "how long the request travels: 0 the shortest time, then longer ones",
            .script_form = "do: [ { delay-request: { by: 2s } } ] for long ones, else choices:",
        },
    [DBK_SITE_ANSWER_LATENCY] =
        {
            .name = "answer-latency",
            .asked = "when an answer leaves; of its request, such as \"core.worker>lagoon/create\"",
            .takes = "how long the answer travels: 0 the shortest time, then longer ones",
            .script_form = "do: [ { delay-answer: { by: 2s } } ] for long ones, else choices:",
        },
    [DBK_SITE_BACK_OFF] =
        {
            .name = "back-off",
            .asked = "when the core puts off work it will try again; of partner and booking: "
                     "\"lagoon/booking-1\"",
            .takes = "how much of the second half of a back-off is cut off: 0 nothing, then more",
            .script_form = "choices:",
        },
    [DBK_SITE_EXCHANGE_FAULT] =
        {
            .name = "exchange-fault",
            .is_adverse = true,
            .is_live = true,
            .asked =
                "when a request reaches a partner's door and no script rule acts on it; of its "
                "exchange, such as \"lagoon/trip/create#1\"",
            .takes = "0 none; k the k-th row of `list faults`, for 30s where it lasts; 14+k the "
                     "same for 5s; 28+k the same for 30s more than the bound that the profile "
                     "promises",
            .script_form = "script: [ { when: { op: create, attempt: 1 }, do: [ lose-answer ] } ]",
        },
    [DBK_SITE_CALLBACK_FAULT] =
        {
            .name = "callback-fault",
            .is_adverse = true,
            .is_live = true,
            .asked = "when a partner calls back by itself and no script rule says what becomes of "
                     "that; of the callback, such as \"lagoon/trip/create#1/callback#1\"",
            .takes = "0 it goes at once; 1 it is lost; 2 it is held for 90s; 3 it comes twice, 1s "
                     "apart; 4 it comes twice, 90s apart; 5 it speaks of the state before; 6 it "
                     "speaks of the state before and is held for 90s",
            .script_form = "script: [ { when: { op: create, attempt: 1 }, callbacks: [ { held: 90s "
                           "} ] } ]",
        },
    [DBK_SITE_USER_FAULT] =
        {
            .name = "user-fault",
            .is_adverse = true,
            .is_live = true,
            .asked = "when a step of a traveller asks the Booking API for something and does not "
                     "say itself what befalls it; of the request: \"ana/trip/book#1\"",
            .takes = "0 none; 1 it is lost; 2 it is 5s late; 3 it comes twice; 4 its answer is "
                     "lost; 5 its answer is 5s late; 6 its answer is a broken connection",
            .script_form = "steps: [ { at: 0s, user: ana, book: lagoon/cruise, as: trip, do: [ "
                           "lose-answer ] } ]",
        },
    [DBK_SITE_ORDER] =
        {
            .name = "order",
            .is_adverse = true,
            .asked = "when a message arrives and others are to arrive at the same party within 1s; "
                     "of sender, receiver and op: \"core.worker>lagoon/create\"",
            .takes = "0 in the order of time; j the next j messages to that party overtake it",
            .script_form = "choices:",
        },
    [DBK_SITE_COMMIT_WITH_NEXT] =
        {
            .name = "commit-with-next",
            .is_adverse = true,
            .asked = "after each step of a process with a store; of the process, such as "
                     "\"core.worker/step\"",
            .takes =
                "0 commit now; 1 commit together with the next step of the same process, if it "
                "comes at the same instant, and hold the effects back until then",
            .script_form = "choices:",
        },
    [DBK_SITE_CRASH] =
        {
            .name = "crash",
            .is_adverse = true,
            .asked = "at each step of a process with a store; of the process, such as "
                     "\"core.worker/step\"",
            .takes = CUT_POINTS "; 100+k at the k-th store write of the transaction",
            .script_form = "choices:",
        },
    [DBK_SITE_PAUSE] =
        {
            .name = "pause",
            .is_adverse = true,
            .asked = "at each step of a process with a store; of the process, such as "
                     "\"core.worker/step\"",
            .takes = CUT_POINTS,
            .script_form = "choices:",
        },
};

enum dbk_site dbk_site_by_name(const char *name)
{
    for (int site = 0; site < DBK_SITE_COUNT; site++) {
        if (dbk_same(dbk_sites[site].name, name)) {
            return (enum dbk_site)site;
        }
    }
    return DBK_SITE_COUNT;
}

uint32_t dbk_choose(const struct dbk_chooser *chooser, enum dbk_site site, const char *entity,
                    uint32_t alternatives)
{
    return chooser->choose(chooser->self, site, entity, alternatives);
}
