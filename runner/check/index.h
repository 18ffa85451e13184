/* index: a history made ready for checking: its outside facts in the order of time, by wish, by
 * booking.
 *
 * Order: true time where a fact has it, else the reading of its clock corrected by that clock's
 * offset, if the head knows it (or if all readings are of one clock, whose offset then does not
 * matter), else the fact's place in the file; ties by place in the file. The places of two ends
 * without comparable time say nothing: a file may be two logs, one behind the other.
 *
 * Wish: facts belong together by intent; a fact without intent by key, else by booking, else by
 * reservation, else by exchange. A partner's keys, reservations and exchanges are names only
 * together with the partner; keys and exchanges of those who ask are others than any partner's,
 * except that a screen may show a partner's key or reservation. A wish without any intent is named
 * after what holds it together ("key rv-17").
 *
 * Booking: a read that names none is of the only booking of its wish, else of the one that is named
 * like the wish; where there are several others, nobody knows of which.
 *
 * Everything lives in the arena given to dbk_index_build. Next: index.c, wish.h.
 */
#ifndef DBK_RUNNER_CHECK_INDEX_H
#define DBK_RUNNER_CHECK_INDEX_H

#include "base/history.h"

struct dbk_seen { /* an outside fact in its place */
    const struct dbk_fact *fact;
    size_t number;                       /* in the history, from 1: what evidence is made of */
    size_t place;                        /* in the order of time, from 0 */
    int64_t at_ms;                       /* true time from the zero, or DBK_ABSENT */
    struct dbk_wish *wish;               /* NULL: of no wish, or nobody knows of which */
    struct dbk_booked *booked;           /* READ: the booking that was shown */
    struct dbk_reservation *reservation; /* EFFECT of a wish: what changed; never NULL there */
};

struct dbk_booked { /* a booking of ours and what was shown of it */
    const char *name;
    struct dbk_wish *wish;
    const struct dbk_seen **reads; /* in order */
    size_t read_count;
    struct dbk_booked *next; /* of the same wish */
};

struct dbk_wish { /* one intent */
    const char *name;
    bool is_by_intent;             /* else told by less */
    const char *told_by;           /* "intent", "key", "booking" or "reservation" */
    const struct dbk_seen **facts; /* in order */
    size_t fact_count;
    struct dbk_booked *bookings;  /* a chain, or NULL */
    struct dbk_attempt *attempts; /* creates, as they reached the door; see wish.h */
    size_t attempt_count;
    struct dbk_reservation *reservations; /* as they were made */
    size_t reservation_count;
    bool is_unclear;                /* of an effect nobody can tell which reservation it changed */
    const struct dbk_seen **faults; /* FAULT with a claim, in order */
    size_t fault_count;
};

struct dbk_index {
    const struct dbk_history *history;
    struct dbk_arena *arena; /* borrowed; checks may take from it */
    struct dbk_seen *seen;   /* in order */
    size_t count;
    struct dbk_wish **wishes; /* by first appearance, as bookings are */
    size_t wish_count;
    size_t booked_count;   /* wishes with a create or a reservation, and such facts of no wish */
    size_t unlinked_count; /* those of them that no intent tells */
    struct dbk_booked **bookings;
    size_t booking_count;
    size_t kinds[DBK_FACT_KINDS];   /* how many facts of each kind */
    const struct dbk_seen **common; /* look-ups and their answers that belong to no wish */
    size_t common_count;
    const struct dbk_seen **processes; /* PROCESS */
    const struct dbk_seen *end;        /* END, or NULL */
    int64_t last_ms;                   /* the end, or the last known time; or DBK_ABSENT */
};

/* Borrows history and arena for as long as the index is used. */
void dbk_index_build(struct dbk_index *index, const struct dbk_history *history,
                     struct dbk_arena *arena);

const struct dbk_booked *dbk_index_booking(const struct dbk_index *index, const char *name);
const struct dbk_wish *dbk_index_wish(const struct dbk_index *index, const char *name);

/* True if the history can be trusted to tell what became of reservations: it has such facts, or it
 * is of a stage of ours, which tells them all, and no answer or callback speaks of a live one. */
bool dbk_index_tells_effects(const struct dbk_index *index);

/* True if of each create and each reservation it is known which traveller's wish it belongs to: all
 * are told by intent, or all are of one wish. Else those that no intent tells may be any wish's,
 * and a check that counts what a wish has misses DBK_MISSING_LINK. */
bool dbk_index_is_linked(const struct dbk_index *index);

/* True if it is known which reservations are the wish's, if any: it has some, or no intent is
 * missing from those there are. Else the wish misses DBK_MISSING_LINK. */
bool dbk_index_links(const struct dbk_index *index, const struct dbk_wish *wish);

/* True if it is known which of the two lies first: both have a time, or they are of one end or read
 * off one clock, whose readings do not gainsay the file. Then they lie as their places say. */
bool dbk_seen_ordered(const struct dbk_seen *one, const struct dbk_seen *other);
/* True if one fact is known to lie before the other: in time, or, without times, in order. */
bool dbk_seen_before(const struct dbk_seen *one, const struct dbk_seen *other);
/* True if a fact is known to lie at or before the moment at which a read was asked for. */
bool dbk_seen_is_past(const struct dbk_seen *earlier, const struct dbk_seen *read);

/* When the request left (a read's, or one a partner saw), else the fact's own time. */
int64_t dbk_seen_asked(const struct dbk_seen *seen);

/* Where the first stands, among facts in order, that comes after that place; count if none does. */
size_t dbk_seen_after(const struct dbk_seen *const *facts, size_t count, size_t place);

/* Its number as evidence; 0 for NULL. */
size_t dbk_seen_number(const struct dbk_seen *seen);

/* Words for sentences. */
struct dbk_words {
    char text[120];
};
struct dbk_words dbk_say_time(int64_t at_ms);                 /* "1:05.020", "an unknown time" */
struct dbk_words dbk_say_when(const struct dbk_seen *seen);   /* "1:05.020", else "fact 12" */
struct dbk_words dbk_say_screen(const struct dbk_seen *read); /* "ana's page" */
/* "", or " (no intent is known: facts are put together by key)". */
struct dbk_words dbk_say_link(const struct dbk_wish *wish);

#endif
