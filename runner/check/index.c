#include "runner/check/index.h"

#include "runner/check/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names and what they stand for: open addressing; nothing is ever taken out. */
enum space { INTENT, KEY, BOOKING, RESERVATION, EXCHANGE, SHOWN };

struct entry {
    const char *text;
    void *value;
    enum space space;
};

struct names {
    struct dbk_arena *arena;
    struct entry *entries; /* mask + 1 of them, at most half of them used */
    size_t mask, used;
};

static struct entry *find(const struct names *names, enum space space, const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037) + space; /* FNV-1a */

    for (const char *c = text; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    for (size_t i = hash & names->mask;; i = (i + 1) & names->mask) {
        struct entry *entry = &names->entries[i];
        if (entry->text == NULL || (entry->space == space && strcmp(entry->text, text) == 0)) {
            return entry;
        }
    }
}

static void *look(const struct names *names, enum space space, const char *text)
{
    return text == NULL ? NULL : find(names, space, text)->value;
}

static void grow(struct names *names)
{
    struct names grown = {.arena = names->arena, .mask = 2 * names->mask + 1, .used = names->used};

    grown.entries = dbk_arena_alloc(names->arena, (grown.mask + 1) * sizeof(*grown.entries));
    for (size_t i = 0; i <= names->mask; i++) {
        if (names->entries[i].text != NULL) {
            *find(&grown, names->entries[i].space, names->entries[i].text) = names->entries[i];
        }
    }
    *names = grown;
}

/* The first to claim a name has it. */
static void claim(struct names *names, enum space space, const char *text, void *value)
{
    struct entry *entry = text == NULL ? NULL : find(names, space, text);

    if (entry != NULL && entry->text == NULL) {
        *entry = (struct entry){.text = text, .value = value, .space = space};
        names->used++;
        if (2 * names->used > names->mask) {
            grow(names);
        }
    }
}

/* What turns readings of clocks into true time. */
struct timing {
    const struct dbk_history *history;
    bool is_lone;    /* all is read off one clock: its offset does not matter */
    int64_t zero_ms; /* DBK_ABSENT: readings cannot be placed */
};

/* Every party has a clock; a log that names none reads its own. */
static const char *clock_of(const struct dbk_fact *fact)
{
    return fact->clock != NULL ? fact->clock : fact->who;
}

/* Epoch milliseconds by the corrected clock, or DBK_ABSENT. */
static int64_t epoch_of(const struct timing *timing, const struct dbk_fact *fact)
{
    const struct dbk_history *history = timing->history;

    if (fact->reads_ms == DBK_ABSENT) {
        return DBK_ABSENT;
    }
    for (size_t i = 0; i < history->clock_count; i++) {
        if (dbk_same(history->clocks[i].name, clock_of(fact))) {
            return fact->reads_ms - history->clocks[i].offset_ms;
        }
    }
    return timing->is_lone ? fact->reads_ms : DBK_ABSENT;
}

static struct timing timing_of(const struct dbk_history *history)
{
    struct timing timing = {.history = history, .is_lone = true, .zero_ms = history->zero_ms};
    const char *clock = NULL;
    bool has_true_time = false;

    for (size_t i = 0; i < history->fact_count; i++) {
        const struct dbk_fact *fact = &history->facts[i];
        if (!dbk_fact_is_outside(fact->kind)) {
            continue;
        }
        has_true_time = has_true_time || fact->at_ms != DBK_ABSENT;
        if (fact->reads_ms != DBK_ABSENT) {
            clock = clock == NULL ? clock_of(fact) : clock;
            timing.is_lone = timing.is_lone && dbk_same(clock, clock_of(fact));
        }
    }
    timing.is_lone = timing.is_lone && !has_true_time;
    if (timing.zero_ms != DBK_ABSENT || has_true_time) {
        return timing;
    }
    for (size_t i = 0; i < history->fact_count; i++) {
        int64_t epoch = epoch_of(&timing, &history->facts[i]);
        if (epoch != DBK_ABSENT && (timing.zero_ms == DBK_ABSENT || epoch < timing.zero_ms)) {
            timing.zero_ms = epoch;
        }
    }
    return timing;
}

static int64_t time_of(const struct timing *timing, const struct dbk_fact *fact)
{
    if (fact->at_ms != DBK_ABSENT) {
        return fact->at_ms;
    }
    int64_t epoch = timing->zero_ms == DBK_ABSENT ? DBK_ABSENT : epoch_of(timing, fact);
    return epoch == DBK_ABSENT ? DBK_ABSENT : epoch - timing->zero_ms;
}

struct sortable {
    int64_t at_ms; /* a fact without time stands where its neighbour before it stands */
    size_t number;
};

static int compare(const void *left, const void *right)
{
    const struct sortable *one = left;
    const struct sortable *other = right;

    if (one->at_ms != other->at_ms) {
        return one->at_ms < other->at_ms ? -1 : 1;
    }
    return one->number < other->number ? -1 : one->number > other->number;
}

static void put_in_order(struct dbk_index *index)
{
    const struct dbk_history *history = index->history;
    struct timing timing = timing_of(history);
    struct sortable *order =
        dbk_arena_alloc(index->arena, (history->fact_count + 1) * sizeof(*order));
    int64_t before = INT64_MIN;
    bool is_sorted = true;

    for (size_t i = 0; i < history->fact_count; i++) {
        if (dbk_fact_is_outside(history->facts[i].kind)) {
            int64_t at = time_of(&timing, &history->facts[i]);
            at = at == DBK_ABSENT ? before : at;
            is_sorted = is_sorted && at >= before;
            before = at;
            order[index->count++] = (struct sortable){.at_ms = at, .number = i + 1};
        }
    }
    if (!is_sorted) {
        qsort(order, index->count, sizeof(*order), compare);
    }
    index->seen = dbk_arena_alloc(index->arena, (index->count + 1) * sizeof(*index->seen));
    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = &history->facts[order[i].number - 1];
        index->seen[i] = (struct dbk_seen){
            .fact = fact, .number = order[i].number, .place = i, .at_ms = time_of(&timing, fact)};
        index->kinds[fact->kind]++;
        if (index->seen[i].at_ms != DBK_ABSENT) {
            index->last_ms = index->seen[i].at_ms;
        }
        if (fact->kind == DBK_FACT_END) {
            index->end = &index->seen[i];
        }
    }
}

static struct dbk_wish *add_wish(struct dbk_index *index, const char *name, const char *told_by)
{
    struct dbk_wish *wish = dbk_arena_alloc(index->arena, sizeof(*wish));

    wish->name = name;
    wish->told_by = told_by;
    wish->is_by_intent = dbk_same(told_by, "intent");
    index->wishes[index->wish_count++] = wish;
    return wish;
}

/* A list of a day belongs to no wish; it says something about all of them. */
static bool is_common(const struct dbk_fact *fact)
{
    return (fact->kind == DBK_FACT_SAW || fact->kind == DBK_FACT_ANSWER) &&
           dbk_same(fact->op, "look-up") && fact->intent == NULL && fact->key == NULL;
}

/* The wish of a fact that names no intent: an earlier one by any of its names, else its own. */
static struct dbk_wish *wish_without_intent(struct dbk_index *index, const struct names *names,
                                            const struct dbk_fact *fact)
{
    const struct {
        enum space space;
        const char *text, *word;
    } ways[] = {{KEY, fact->key, "key"},
                {BOOKING, fact->booking, "booking"},
                {RESERVATION, fact->reservation, "reservation"},
                {EXCHANGE, fact->exchange, NULL}};

    for (size_t i = 0; i < DBK_COUNT(ways); i++) {
        struct dbk_wish *wish = look(names, ways[i].space, ways[i].text);
        if (wish != NULL) {
            return wish;
        }
    }
    for (size_t i = 0; i < DBK_COUNT(ways); i++) {
        if (ways[i].text != NULL && ways[i].word != NULL) {
            return add_wish(index,
                            dbk_arena_printf(index->arena, "%s %s", ways[i].word, ways[i].text),
                            ways[i].word);
        }
    }
    return NULL;
}

static void belong(struct dbk_seen *seen, struct dbk_wish *wish, struct names *names)
{
    const struct dbk_fact *fact = seen->fact;

    seen->wish = wish;
    if (wish != NULL) {
        wish->fact_count++;
        claim(names, KEY, fact->key, wish);
        claim(names, BOOKING, fact->booking, wish);
        claim(names, RESERVATION, fact->reservation, wish);
        claim(names, EXCHANGE, fact->exchange, wish);
    }
}

static void put_to_wishes(struct dbk_index *index, struct names *names)
{
    for (size_t i = 0; i < index->count; i++) {
        const char *intent = index->seen[i].fact->intent;
        if (intent != NULL) {
            struct dbk_wish *wish = look(names, INTENT, intent);
            if (wish == NULL) {
                wish = add_wish(index, intent, "intent");
                claim(names, INTENT, intent, wish);
            }
            belong(&index->seen[i], wish, names);
        }
    }
    for (size_t i = 0; i < index->count; i++) {
        struct dbk_seen *seen = &index->seen[i];
        if (is_common(seen->fact)) {
            index->common[index->common_count++] = seen;
        } else if (seen->fact->intent == NULL) {
            belong(seen, wish_without_intent(index, names, seen->fact), names);
        }
    }
}

static void put_to_bookings(struct dbk_index *index, struct names *names)
{
    for (size_t i = 0; i < index->count; i++) {
        struct dbk_seen *seen = &index->seen[i];
        if (seen->fact->kind != DBK_FACT_READ || seen->wish == NULL) {
            continue;
        }
        const char *name = seen->fact->booking != NULL ? seen->fact->booking : seen->wish->name;
        struct dbk_booked *booked = look(names, SHOWN, name);
        if (booked == NULL) {
            booked = dbk_arena_alloc(index->arena, sizeof(*booked));
            *booked =
                (struct dbk_booked){.name = name, .wish = seen->wish, .next = seen->wish->bookings};
            seen->wish->bookings = booked;
            claim(names, SHOWN, name, booked);
            index->bookings[index->booking_count++] = booked;
        }
        seen->booked = booked;
        booked->read_count++;
    }
}

/* Gives each wish and booking its slice of one run of pointers, then fills the slices in order. */
static void slice(struct dbk_index *index)
{
    const struct dbk_seen **room =
        dbk_arena_alloc(index->arena, (2 * index->count + 1) * sizeof(*room));

    for (size_t i = 0; i < index->wish_count; i++) {
        index->wishes[i]->facts = room;
        room += index->wishes[i]->fact_count;
        index->wishes[i]->fact_count = 0;
    }
    for (size_t i = 0; i < index->booking_count; i++) {
        index->bookings[i]->reads = room;
        room += index->bookings[i]->read_count;
        index->bookings[i]->read_count = 0;
    }
    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *seen = &index->seen[i];
        if (seen->wish != NULL) {
            seen->wish->facts[seen->wish->fact_count++] = seen;
        }
        if (seen->booked != NULL) {
            seen->booked->reads[seen->booked->read_count++] = seen;
        }
    }
}

static void collect_processes(struct dbk_index *index)
{
    size_t count = 0;

    index->processes = dbk_arena_alloc(index->arena, (index->kinds[DBK_FACT_PROCESS] + 1) *
                                                         sizeof(*index->processes));
    for (size_t i = 0; i < index->count; i++) {
        if (index->seen[i].fact->kind == DBK_FACT_PROCESS) {
            index->processes[count++] = &index->seen[i];
        }
    }
}

static void count_unlinked(struct dbk_index *index)
{
    for (size_t i = 0; i < index->wish_count; i++) {
        const struct dbk_wish *wish = index->wishes[i];
        bool is_booked = wish->attempt_count + wish->reservation_count > 0;
        index->booked_count += is_booked;
        index->unlinked_count += is_booked && !wish->is_by_intent;
    }
    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_seen *seen = &index->seen[i];
        if (seen->wish == NULL && (seen->fact->kind == DBK_FACT_EFFECT ||
                                   dbk_fact_is(seen->fact, DBK_FACT_SAW, "create"))) {
            index->booked_count++;
            index->unlinked_count++;
        }
    }
}

void dbk_index_build(struct dbk_index *index, const struct dbk_history *history,
                     struct dbk_arena *arena)
{
    struct names names = {.arena = arena, .mask = 127};

    *index = (struct dbk_index){.history = history, .arena = arena, .last_ms = DBK_ABSENT};
    put_in_order(index);
    names.entries = dbk_arena_alloc(arena, (names.mask + 1) * sizeof(*names.entries));
    index->wishes = dbk_arena_alloc(arena, (index->count + 1) * sizeof(struct dbk_wish *));
    index->bookings = dbk_arena_alloc(arena, (index->count + 1) * sizeof(struct dbk_booked *));
    index->common = dbk_arena_alloc(arena, (index->count + 1) * sizeof(struct dbk_seen *));
    put_to_wishes(index, &names);
    put_to_bookings(index, &names);
    slice(index);
    collect_processes(index);
    for (size_t i = 0; i < index->wish_count; i++) {
        dbk_wish_read(index->wishes[i], history, arena);
    }
    count_unlinked(index);
}

const struct dbk_booked *dbk_index_booking(const struct dbk_index *index, const char *name)
{
    for (size_t i = 0; i < index->booking_count; i++) {
        if (dbk_same(index->bookings[i]->name, name)) {
            return index->bookings[i];
        }
    }
    return NULL;
}

const struct dbk_wish *dbk_index_wish(const struct dbk_index *index, const char *name)
{
    for (size_t i = 0; i < index->wish_count; i++) {
        if (dbk_same(index->wishes[i]->name, name)) {
            return index->wishes[i];
        }
    }
    return NULL;
}

bool dbk_index_tells_effects(const struct dbk_index *index)
{
    if (index->kinds[DBK_FACT_EFFECT] > 0 || index->history->stage == NULL) {
        return index->kinds[DBK_FACT_EFFECT] > 0;
    }
    for (size_t i = 0; i < index->count; i++) {
        if (dbk_state_is_live(index->seen[i].fact->state)) {
            return false;
        }
    }
    return true;
}

bool dbk_index_is_linked(const struct dbk_index *index)
{
    return index->unlinked_count == 0 || index->booked_count == 1;
}

bool dbk_seen_before(const struct dbk_seen *one, const struct dbk_seen *other)
{
    if (one->at_ms == DBK_ABSENT || other->at_ms == DBK_ABSENT) {
        return one->place < other->place;
    }
    return one->at_ms < other->at_ms;
}

int64_t dbk_seen_asked(const struct dbk_seen *seen)
{
    return seen->fact->asked_ms != DBK_ABSENT ? seen->fact->asked_ms : seen->at_ms;
}

size_t dbk_seen_number(const struct dbk_seen *seen)
{
    return seen == NULL ? 0 : seen->number;
}

struct dbk_words dbk_say_time(int64_t at_ms)
{
    struct dbk_words words = {"an unknown time"};

    if (at_ms != DBK_ABSENT) {
        uint64_t ms = at_ms < 0 ? 0 - (uint64_t)at_ms : (uint64_t)at_ms;
        snprintf(words.text, sizeof(words.text), "%s%" PRIu64 ":%02u.%03u", at_ms < 0 ? "-" : "",
                 ms / 60000, (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
    }
    return words;
}

struct dbk_words dbk_say_when(const struct dbk_seen *seen)
{
    struct dbk_words words;

    if (seen->at_ms != DBK_ABSENT) {
        return dbk_say_time(seen->at_ms);
    }
    snprintf(words.text, sizeof(words.text), "fact %zu", seen->number);
    return words;
}

struct dbk_words dbk_say_screen(const struct dbk_seen *read)
{
    struct dbk_words words;
    const struct dbk_fact *fact = read->fact;

    snprintf(words.text, sizeof(words.text), "%.60s's %s", fact->who ? fact->who : "somebody",
             fact->surface ? fact->surface : "screen");
    return words;
}

struct dbk_words dbk_say_link(const struct dbk_wish *wish)
{
    struct dbk_words words = {""};

    if (!wish->is_by_intent) {
        snprintf(words.text, sizeof(words.text),
                 " (no intent is known: facts are put together by %s)", wish->told_by);
    }
    return words;
}
