/* No false alarm: thousands of histories of a core that does all things right, among partners and
 * networks that do not, are judged without a violation. A history is made by playing one wish from
 * its booking to its end; every turn is a keyed draw. The core's status is a timeline, and each
 * read shows what it was at some moment between asking and seeing. */
#include "lines.h"
#include "runner/check/check.h"
#include "runner/judge.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define CASES 2000
#define SIGNED                                                                                     \
    LINES_HEAD("'look_up':'list-by-date','dedupe':'reference','repeat':'same',"                    \
               "'callback':{'kind':'full','signature':'token'}",                                   \
               "")
#define HOUR_MS (60 * 60 * INT64_C(1000))

struct shown { /* the truth from at_ms on */
    int64_t at_ms;
    const char *status, *sync;
};

struct play {
    uint64_t seed;
    uint64_t draws;
    struct dbk_history *history;
    bool is_unique; /* the partner dedupes by reference */
    bool is_alone;  /* no other wish asks the partner */
    const char *intent;
    int64_t now_ms; /* of the wish */
    struct shown shown[64];
    size_t shown_count;
    int64_t attempt, look_ups, reservations;
    const char *key, *exchange;
    const char *reservation, *born; /* the last one made, and the exchange that made it */
    const char *state;              /* of that reservation; NULL: none */
};

static int64_t below(struct play *play, int64_t bound)
{
    return (int64_t)dbk_draw_below(play->seed, "legal", play->intent, ++play->draws,
                                   (uint64_t)bound);
}

static bool happens(struct play *play, int64_t one_in)
{
    return below(play, one_in) == 0;
}

static struct dbk_fact fact_of(const struct play *play, enum dbk_fact_kind kind, const char *who,
                               int64_t at_ms)
{
    struct dbk_fact fact = dbk_fact_of(kind);

    fact.who = who;
    fact.at_ms = at_ms;
    fact.intent = play->intent;
    return fact;
}

static void add(struct play *play, const struct dbk_fact *fact)
{
    dbk_history_add(play->history, fact);
}

static const char *name(struct play *play, const char *what, int64_t number)
{
    return dbk_arena_printf(&play->history->arena, "%s/%s#%lld", play->intent, what,
                            (long long)number);
}

static void become(struct play *play, const char *status, const char *sync)
{
    play->shown[play->shown_count++] = (struct shown){play->now_ms, status, sync};
}

static void effect(struct play *play, const char *state, const char *by)
{
    struct dbk_fact fact = fact_of(play, DBK_FACT_EFFECT, "lagoon", play->now_ms);

    fact.reservation = play->reservation;
    fact.key = play->key;
    fact.exchange = dbk_same(by, "create") ? play->born : NULL;
    fact.state_before = play->state;
    fact.state = play->state = state;
    fact.by = by;
    add(play, &fact);
}

/* A request of the core and its answer, which the core hears where fate says so. */
static void exchange(struct play *play, const char *op, const char *fate, int64_t http,
                     bool is_common)
{
    struct dbk_fact saw = fact_of(play, DBK_FACT_SAW, "lagoon", play->now_ms + 5);
    struct dbk_fact answer = fact_of(play, DBK_FACT_ANSWER, "lagoon", play->now_ms + 10);

    saw.op = answer.op = op;
    saw.exchange = answer.exchange = name(play, op, ++play->look_ups);
    saw.asked_ms = play->now_ms;
    saw.intent = answer.intent = is_common ? NULL : play->intent;
    saw.fate = "arrived";
    answer.http = http;
    answer.fate = fate;
    answer.reservation = http < 300 && play->state != NULL ? play->reservation : NULL;
    answer.state = play->state != NULL ? play->state : "none";
    if (http == 429) {
        answer.state = NULL;
        answer.retry_ms = 1000 * (1 + below(play, 9));
    }
    add(play, &saw);
    add(play, &answer);
    play->now_ms += 10;
}

static void make_reservation(struct play *play, const char *born, bool as_pending)
{
    play->reservation = name(play, "reservation", ++play->reservations);
    play->born = born;
    play->state = NULL;
    effect(play, as_pending ? "pending" : "confirmed", "create");
}

/* One create; true if the core heard a usable answer. */
static bool create(struct play *play)
{
    static const char *const fates[] = {"delivered", "lost", "late", "unknown", "delivered"};
    int64_t way = below(play, 6); /* 4: a server error, 5: never got past the door */
    struct dbk_fact saw = fact_of(play, DBK_FACT_SAW, "lagoon", play->now_ms + 5);

    play->attempt++;
    if (play->key == NULL || !play->is_unique) {
        play->key = name(play, "key", play->attempt);
    }
    play->exchange = name(play, "create", play->attempt);
    saw.op = "create";
    saw.attempt = play->attempt;
    saw.key = play->key;
    saw.exchange = play->exchange;
    saw.asked_ms = play->now_ms;
    saw.fate = way == 5 ? "lost" : "arrived";
    add(play, &saw);
    play->now_ms += 5;
    if (way == 5) {
        return false;
    }
    if (play->state == NULL && (way != 4 || happens(play, 2))) {
        make_reservation(play, play->exchange, happens(play, 2));
    }
    struct dbk_fact answer =
        fact_of(play, DBK_FACT_ANSWER, "lagoon", play->now_ms + (way == 2 ? 30000 : 10));
    answer.op = "create";
    answer.attempt = play->attempt;
    answer.exchange = play->exchange;
    answer.http = way == 4 ? 500 : 201;
    answer.state = way == 4 ? NULL : play->state;
    answer.fate = fates[way];
    add(play, &answer);
    play->now_ms += 10;
    return way == 0;
}

/* Looks until it knows; where nothing was booked and that is proven, creates again. */
static void resolve(struct play *play)
{
    int64_t sent_ms = play->now_ms;

    become(play, "received", "in_doubt");
    for (int i = 0;; i++) {
        bool is_last = i == 5;
        bool is_slowed = play->is_alone && !is_last && happens(play, 4);
        const char *fate = is_last || !happens(play, 3) ? "delivered" : "lost";
        play->now_ms += 10000;
        exchange(play, "look-up", fate, is_slowed ? 429 : 200, happens(play, 2));
        if (is_last) {
            become(play, "received", "operator");
            return;
        }
        bool was_heard = dbk_same(fate, "delivered");
        if (was_heard && is_slowed) {
            continue;
        }
        bool is_proven = play->now_ms - 10 >= sent_ms + 60000;
        if (was_heard && play->state != NULL) {
            become(play, play->state, dbk_same(play->state, "pending") ? "waiting" : "agreed");
            return;
        }
        if ((was_heard && is_proven) || (play->is_unique && i > 0)) {
            play->now_ms++;
            if (create(play)) {
                become(play, play->state, dbk_same(play->state, "pending") ? "waiting" : "agreed");
                return;
            }
            sent_ms = play->now_ms;
        }
    }
}

static void call_back(struct play *play, const char *id, const char *says, int64_t made_ms,
                      int64_t nth, int64_t http)
{
    struct dbk_fact fact = fact_of(play, DBK_FACT_CALLBACK, "lagoon", play->now_ms);

    fact.callback = id;
    fact.fault = http == 401 ? "forged-callback" : NULL;
    fact.reservation = play->reservation;
    fact.state = says;
    fact.made_ms = made_ms;
    fact.nth = nth;
    add(play, &fact);
    play->now_ms += 20;
    fact.kind = DBK_FACT_CALLBACK_ANSWERED;
    fact.at_ms = play->now_ms + 20;
    fact.http = http;
    fact.fate = http == DBK_ABSENT ? "lost" : NULL;
    add(play, &fact);
}

/* The partner confirms by itself; its callbacks come late, twice, of an older state, or not at all.
 */
static void confirm(struct play *play)
{
    int64_t pending_ms = play->now_ms;
    int64_t http = happens(play, 3) ? DBK_ABSENT : 204;

    play->now_ms += 1000 + below(play, 5000);
    int64_t confirmed_ms = play->now_ms;
    effect(play, "confirmed", "itself");
    play->now_ms += below(play, 90000);
    call_back(play, name(play, "event", 1), "confirmed", confirmed_ms, 1, http);
    if (http == DBK_ABSENT) { /* asks by itself in the end */
        play->now_ms += 120000;
        exchange(play, "get", "delivered", 200, false);
    }
    become(play, "confirmed", "agreed");
    for (int64_t nth = 2; happens(play, 2); nth++) {
        play->now_ms += 1 + below(play, 9000);
        call_back(play, name(play, "event", 1), "confirmed", confirmed_ms, nth, 204);
    }
    if (happens(play, 2)) {
        play->now_ms += 1 + below(play, 9000);
        call_back(play, name(play, "event", 0), "pending", pending_ms, 1, 204);
    }
    if (happens(play, 2)) {
        play->now_ms += 3000 + below(play, 9000);
        call_back(play, name(play, "event", 2), "cancelled", play->now_ms, 1, 401);
    }
}

/* One create made two; the core finds the second and cancels it. */
static void undo_twin(struct play *play)
{
    const char *kept = play->reservation;
    const char *state = play->state;
    struct dbk_fact fault = fact_of(play, DBK_FACT_FAULT, "lagoon", play->now_ms);

    make_reservation(play, play->born, true);
    fault.fault = "book-twice";
    fault.by = "lagoon#1";
    fault.exchange = play->born;
    fault.claim = "one-create-one-reservation";
    add(play, &fault);
    play->now_ms += below(play, 600000);
    exchange(play, "look-up", "delivered", 200, true);
    play->now_ms += 1;
    effect(play, "cancelled", "cancel");
    exchange(play, "cancel", "delivered", 200, false);
    play->reservation = kept;
    play->state = state;
}

static void cancel(struct play *play)
{
    struct dbk_fact asked = fact_of(play, DBK_FACT_ASKED, "ana", play->now_ms);

    asked.op = "cancel";
    asked.booking = play->intent;
    add(play, &asked);
    play->now_ms += 50;
    effect(play, "cancelled", "cancel");
    exchange(play, "cancel", "delivered", 200, false);
    become(play, "cancelled", "agreed");
}

static void read_at(struct play *play, const char *who, const char *surface, int64_t asked_ms,
                    int64_t at_ms)
{
    struct dbk_fact read = fact_of(play, DBK_FACT_READ, who, at_ms);
    int64_t seen_ms = asked_ms + below(play, at_ms - asked_ms + 1);
    size_t i = play->shown_count - 1;

    while (i > 0 && play->shown[i].at_ms > seen_ms) {
        i--;
    }
    read.op = "look";
    read.surface = surface;
    read.booking = play->intent;
    read.asked_ms = asked_ms;
    read.http = 200;
    read.status = play->shown[i].status;
    read.sync = play->shown[i].sync;
    read.version = (int64_t)i;
    read.price = 24000;
    read.amount = strcmp(read.status, "confirmed") == 0 ? read.price : 0;
    add(play, &read);
}

static void book(struct play *play, const char *op)
{
    struct dbk_fact fact = fact_of(play, DBK_FACT_ASKED, "ana", play->now_ms);

    fact.op = op;
    fact.booking = play->intent;
    fact.key = name(play, "k", 1);
    fact.text = "body";
    add(play, &fact);
    fact.kind = DBK_FACT_READ;
    fact.at_ms = play->now_ms + 15;
    fact.text = name(play, "id", 1);
    fact.http = 201;
    add(play, &fact);
    play->now_ms += 15;
}

static void crash(struct play *play)
{
    struct dbk_fact fact = fact_of(play, DBK_FACT_PROCESS, "core.worker", play->now_ms);

    fact.intent = NULL;
    fact.fate = "down";
    add(play, &fact);
    play->now_ms = fact.at_ms += 500;
    fact.fate = "up";
    add(play, &fact);
    fact.kind = DBK_FACT_STORE;
    fact.fate = "whole";
    add(play, &fact);
}

static void watch(struct play *play, int64_t from_ms)
{
    static const char *const persons[] = {"ana", "ben", "sam", "sam"};
    static const char *const surfaces[] = {"page", "page", "detail", "list"};

    for (int64_t i = below(play, 30); i > 0; i--) {
        int64_t asked_ms = from_ms + below(play, play->now_ms - from_ms + 1);
        int64_t who = below(play, 4);
        read_at(play, persons[who], surfaces[who], asked_ms, asked_ms + below(play, 60));
    }
    for (size_t i = 0; i < DBK_COUNT(persons); i++) {
        read_at(play, persons[i], surfaces[i], HOUR_MS, HOUR_MS + 20);
    }
}

static void play_wish(struct play *play)
{
    int64_t from_ms = play->now_ms = below(play, 60000);

    book(play, "book");
    become(play, "received", "unsent");
    if (happens(play, 3)) {
        book(play, "again");
    }
    if (happens(play, 4)) {
        crash(play);
    }
    play->now_ms += 1;
    if (create(play)) {
        become(play, play->state, dbk_same(play->state, "pending") ? "waiting" : "agreed");
    } else {
        resolve(play);
    }
    const char *sync = play->shown[play->shown_count - 1].sync;
    if (!dbk_same(sync, "operator")) {
        if (happens(play, 5)) {
            undo_twin(play);
        }
        if (dbk_same(play->state, "pending")) {
            confirm(play);
        }
        play->now_ms += 1000;
        if (happens(play, 4)) {
            cancel(play);
        }
    }
    watch(play, from_ms);
}

Test(legal, histories_are_judged_without_a_violation, .timeout = 120)
{
    int64_t exposed[32] = {0};
    struct dbk_text written = {0};

    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct dbk_history *history = lines_history(seed % 2 ? LAGOON : SIGNED, "");
        struct dbk_outcome *outcome = dbk_outcome_new();
        static const char *const intents[] = {"trip", "tour", "dive"};

        for (size_t i = 0; i < 1 + seed % DBK_COUNT(intents); i++) {
            struct play play = {.seed = seed,
                                .history = history,
                                .is_unique = seed % 2 == 0,
                                .is_alone = seed % DBK_COUNT(intents) == 0,
                                .intent = intents[i]};
            play_wish(&play);
        }
        struct dbk_fact end = dbk_fact_of(DBK_FACT_END);
        end.at_ms = HOUR_MS + 50;
        end.fate = "rest";
        dbk_history_add(history, &end);
        dbk_judge(history, NULL, outcome);
        for (size_t i = 0; i < dbk_invariant_count; i++) {
            exposed[i] += outcome->exposures[i].count;
        }
        if (outcome->violation_count > 0) {
            dbk_history_write(history, &written);
        }
        cr_assert_eq(outcome->violation_count, 0, "seed %llu: %s\n%s", (unsigned long long)seed,
                     outcome->violations[0].detail, written.bytes);
        dbk_outcome_free(outcome);
        lines_free(history);
    }
    /* A guard that nothing comes near guards nothing. */
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        cr_expect_gt(exposed[i], 100, "%s: exposed %lld times", dbk_invariants[i].id,
                     (long long)exposed[i]);
    }
    dbk_text_reset(&written);
}
