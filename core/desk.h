/* desk: what a person at the support desk may do with a booking that was handed over.
 *
 * Each move is evidence like any other, and only the safe ones are offered: a pure function of what
 * is known now says which, and why another is not. A booking that is with nobody is the machine's.
 * Next: desk.c (the table), know.h (what a move does), support.c (the routes).
 */
#ifndef DBK_CORE_DESK_H
#define DBK_CORE_DESK_H

#include "core/decide.h"

#define DBK_DESK_OFFERS 64

/* A move that is offered. */
struct dbk_offer {
    enum dbk_desk desk;
    const char *reservation; /* or NULL: it is about none */
};

const char *dbk_desk_name(enum dbk_desk desk);    /* "look-again" */
const char *dbk_desk_meaning(enum dbk_desk desk); /* a sentence for whoever decides */
enum dbk_desk dbk_desk_by_name(const char *name); /* or DBK_DESKS */
bool dbk_desk_is_of_reservation(enum dbk_desk desk);

/* Which move a record of DBK_EVIDENCE_SAID is ("look-again: the hotline asked for it"). */
enum dbk_desk dbk_desk_said(const char *text);

/* Why the move is not safe now, for people; NULL: it is offered. reservation: of the known ones, or
 * NULL. */
const char *dbk_desk_refusal(enum dbk_desk desk, const char *reservation,
                             const struct dbk_question *question);

/* All moves that are offered now; gives their number. */
size_t dbk_desk_offers(const struct dbk_question *question,
                       struct dbk_offer offers[static DBK_DESK_OFFERS]);

#endif
