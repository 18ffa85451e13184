#include "runner/user_fault.h"

#define CHOICE_LASTS_MS 5000

const struct dbk_fault_row dbk_user_faults[DBK_USER_FAULTS] = {
    [DBK_USER_LOSE_REQUEST] =
        {
            .name = "lose-request",
            .point = "request on its way",
            .side = DBK_SIDE_BEFORE,
            .made_by = "wire",
            .sentence = "The traveller's request never reaches the Booking API; her page waits and "
                        "gives up.",
        },
    [DBK_USER_DELAY_REQUEST] =
        {
            .name = "delay-request",
            .point = "request on its way",
            .side = DBK_SIDE_BEFORE,
            .made_by = "wire",
            .argument = "by",
            .argument_needed = true,
            .sentence = "The request is held on its way, as by a tab that was asleep, and is "
                        "carried out when it arrives, even if the page has given up.",
        },
    [DBK_USER_REPEAT_REQUEST] =
        {
            .name = "repeat-request",
            .point = "request on its way",
            .side = DBK_SIDE_BEFORE,
            .made_by = "wire",
            .argument = "by",
            .sentence = "Something between, such as a proxy, sends the same request twice; the "
                        "page reads the answer that comes first.",
        },
    [DBK_USER_LOSE_ANSWER] =
        {
            .name = "lose-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .sentence = "The Booking API has done what was asked, and the page never hears of it.",
        },
    [DBK_USER_DELAY_ANSWER] =
        {
            .name = "delay-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .argument = "by",
            .argument_needed = true,
            .sentence = "The Booking API answers at once, and the page shows it so much later, by "
                        "when it may be old.",
        },
    [DBK_USER_RESET_ANSWER] =
        {
            .name = "reset-answer",
            .point = "answer on its way",
            .side = DBK_SIDE_AFTER,
            .made_by = "wire",
            .sentence = "The Booking API has done what was asked, and the page sees a broken "
                        "connection.",
        },
};

enum dbk_user_fault dbk_user_fault_by_name(const char *name)
{
    enum dbk_user_fault fault = 0;
    while (fault < DBK_USER_FAULTS && !dbk_same(dbk_user_faults[fault].name, name))
        fault++;
    return fault;
}

bool dbk_user_action_of_choice(uint32_t take, struct dbk_user_action *action)
{
    if (take == 0 || take >= DBK_USER_FAULT_CHOICES)
        return false;
    *action = (struct dbk_user_action){.fault = (enum dbk_user_fault)(take - 1)};
    if (dbk_user_faults[action->fault].argument_needed)
        action->duration_ms = CHOICE_LASTS_MS;
    return true;
}
