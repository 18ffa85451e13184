#include "core/desk.h"

#include <string.h>

struct desk {
    const struct dbk_question *question;
    struct dbk_belief belief;
    const struct dbk_known_reservation *reservation; /* the move is about; or NULL */
};

static bool is_live(const struct desk *desk, const struct dbk_known_reservation *reservation)
{
    return reservation && dbk_theirs_is_live(dbk_believed(reservation, desk->question->policy));
}

static const char *look_again(const struct desk *desk)
{
    bool can_look =
        desk->belief.oldest_doubt && desk->question->profile->look_up != DBK_LOOK_UP_NONE;

    if (!desk->belief.may_read)
        return "partners are never asked what they have";
    return can_look || desk->question->known->reservation_count > 0
               ? NULL
               : "there is nothing that the partner could be asked about";
}

static const char *absent(const struct desk *desk)
{
    return desk->belief.oldest_doubt ? NULL : "no create is in doubt";
}

static const char *gone(const struct desk *desk)
{
    return is_live(desk, desk->reservation) ? NULL : "the partner does not hold it any more";
}

static const char *cancel_again(const struct desk *desk)
{
    const struct dbk_question *question = desk->question;

    if (!is_live(desk, desk->reservation))
        return "the partner does not hold it any more";
    if (question->known->is_cancel_asked || dbk_status_is_final(question->status) ||
        desk->reservation != desk->belief.own)
        return NULL;
    return "it is the booking's own, and nobody wants it cancelled";
}

static const char *accept(const struct desk *desk)
{
    if (!desk->question->known->is_cancel_asked)
        return "the traveller has not asked for anything that was not done";
    if (dbk_status_is_final(desk->question->status) || !is_live(desk, desk->belief.own))
        return "the partner does not hold it any more";
    return desk->belief.oldest_doubt ? "a create is in doubt" : NULL;
}

static const char *reject(const struct desk *desk)
{
    enum dbk_status status = desk->question->status;

    if (status != DBK_STATUS_RECEIVED && status != DBK_STATUS_PENDING)
        return "what was confirmed cannot be rejected, and what is over is over";
    if (desk->belief.oldest_doubt)
        return "a create is in doubt: the partner may hold it";
    return desk->belief.live > 0 ? "the partner holds a reservation for it" : NULL;
}

static const struct {
    const char *name, *meaning;
    bool is_of_reservation;
    const char *(*refusal)(const struct desk *desk);
} rows[DBK_DESKS] = {
    [DBK_DESK_LOOK_AGAIN] = {"look-again",
                             "The partner is asked once more, and the machine goes on from there.",
                             false, look_again},
    [DBK_DESK_ABSENT] = {"absent",
                         "The partner's people say that nothing was booked: the doubt is over.",
                         false, absent},
    [DBK_DESK_GONE] = {"gone", "The partner's people say that this reservation is cancelled.", true,
                       gone},
    [DBK_DESK_CANCEL_AGAIN] =
        {"cancel-again", "The partner's people will let it go now: it is cancelled once more.",
         true, cancel_again},
    [DBK_DESK_ACCEPT] =
        {"accept",
         "The reservation stands although the traveller wanted it cancelled, and she "
         "was told so.",
         false, accept},
    [DBK_DESK_REJECT] = {"reject", "It is given up, and the traveller is told so.", false, reject},
};

const char *dbk_desk_name(enum dbk_desk desk)
{
    return rows[desk].name;
}

const char *dbk_desk_meaning(enum dbk_desk desk)
{
    return rows[desk].meaning;
}

enum dbk_desk dbk_desk_by_name(const char *name)
{
    enum dbk_desk desk = 0;

    while (desk < DBK_DESKS && !dbk_same(rows[desk].name, name))
        desk++;
    return desk;
}

bool dbk_desk_is_of_reservation(enum dbk_desk desk)
{
    return rows[desk].is_of_reservation;
}

enum dbk_desk dbk_desk_said(const char *text)
{
    size_t length = text ? strcspn(text, ":") : 0;
    enum dbk_desk desk = 0;

    while (desk < DBK_DESKS &&
           (strlen(rows[desk].name) != length || memcmp(rows[desk].name, text, length) != 0))
        desk++;
    return desk;
}

static const struct dbk_known_reservation *find(const struct dbk_known *known, const char *id)
{
    for (size_t i = 0; i < known->reservation_count; i++)
        if (dbk_same(known->reservations[i].id, id))
            return &known->reservations[i];
    return NULL;
}

const char *dbk_desk_refusal(enum dbk_desk move, const char *reservation,
                             const struct dbk_question *question)
{
    const struct desk desk = {
        .question = question,
        .belief = dbk_believe(question->known, question->policy),
        .reservation = find(question->known, reservation),
    };

    if (!question->known->is_with_operator)
        return "it is not with a person: the machine is at work on it";
    if (question->known->in_air)
        return "a request to the partner is on its way; wait for what comes of it";
    if (rows[move].is_of_reservation && !desk.reservation)
        return "no such reservation is known";
    return rows[move].refusal(&desk);
}

size_t dbk_desk_offers(const struct dbk_question *question,
                       struct dbk_offer offers[static DBK_DESK_OFFERS])
{
    const struct dbk_known *known = question->known;
    size_t count = 0;

    for (enum dbk_desk desk = 0; desk < DBK_DESKS; desk++) {
        size_t times = rows[desk].is_of_reservation ? known->reservation_count : 1;
        for (size_t i = 0; i < times && count < DBK_DESK_OFFERS; i++) {
            const char *id = rows[desk].is_of_reservation ? known->reservations[i].id : NULL;
            if (!dbk_desk_refusal(desk, id, question))
                offers[count++] = (struct dbk_offer){desk, id};
        }
    }
    return count;
}
