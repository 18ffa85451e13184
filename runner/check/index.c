#include "runner/check/index.h"

#include "runner/check/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names and what they stand for: open addressing; nothing is ever taken out. An id is a name only
 * together with its owner, the end that gave it. */
enum space { INTENT, KEY, BOOKING, RESERVATION, EXCHANGE, ASKED_KEY, ASKED_EXCHANGE, SHOWN };

struct entry {
    const char *owner, *text;
    void *value;
    enum space space;
};

struct names {
    struct dbk_arena *arena;
    struct entry *entries; /* mask + 1 of them, at most half of them used */
    size_t mask, used;
};

static uint64_t hash_of(uint64_t hash, const char *text) /* FNV-1a */
{
    for (const char *c = text; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    return hash;
}

static struct entry *find(const struct names *names, enum space space, const char *owner,
                          const char *text)
{
    uint64_t hash = hash_of(UINT64_C(14695981039346656037) + (uint64_t)space, text);

    for (size_t i = hash_of(hash, owner) & names->mask;; i = (i + 1) & names->mask) {
        struct entry *entry = &names->entries[i];
        if (entry->text == NULL || (entry->space == space && strcmp(entry->text, text) == 0 &&
                                    strcmp(entry->owner, owner) == 0)) {
            return entry;
        }
    }
}

static void *look(const struct names *names, enum space space, const char *owner, const char *text)
{
    return text == NULL || owner == NULL ? NULL : find(names, space, owner, text)->value;
}

static struct names new_names(struct dbk_arena *arena)
{
    struct names names = {.arena = arena, .mask = 127};

    names.entries = dbk_arena_alloc(arena, (names.mask + 1) * sizeof(*names.entries));
    return names;
}

static void grow(struct names *names)
{
    struct names grown = {.arena = names->arena, .mask = 2 * names->mask + 1, .used = names->used};

    grown.entries = dbk_arena_alloc(names->arena, (grown.mask + 1) * sizeof(*grown.entries));
    for (size_t i = 0; i <= names->mask; i++) {
        if (names->entries[i].text != NULL) {
            const struct entry *entry = &names->entries[i];
            *find(&grown, entry->space, entry->owner, entry->text) = *entry;
        }
    }
    *names = grown;
}

/* The first to claim a name has it. */
static void claim(struct names *names, enum space space, const char *owner, const char *text,
                  void *value)
{
    struct entry *entry = text == NULL || owner == NULL ? NULL : find(names, space, owner, text);

    if (entry != NULL && entry->text == NULL) {
        *entry = (struct entry){.owner = owner, .text = text, .value = value, .space = space};
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

/* The identifiers of a fact besides its intent, the strongest first. */
struct ways {
    struct way {
        enum space space;
        const char *text, *word; /* word is NULL: it names no wish */
    } way[4];
};

static struct ways ways_of(const struct dbk_fact *fact)
{
    return (struct ways){{{KEY, fact->key, "key"},
                          {BOOKING, fact->booking, "booking"},
                          {RESERVATION, fact->reservation, "reservation"},
                          {EXCHANGE, fact->exchange, NULL}}};
}

/* Owners that are no end. */
static const char *const nobody = "";    /* of what has one owner, or an unknown one */
static const char *const several = "\n"; /* of ids that more than one partner gave */

static bool is_of_partner(const struct dbk_fact *fact)
{
    return fact->kind == DBK_FACT_SAW || fact->kind == DBK_FACT_EFFECT ||
           fact->kind == DBK_FACT_ANSWER || fact->kind == DBK_FACT_CALLBACK ||
           fact->kind == DBK_FACT_CALLBACK_ANSWERED;
}

/* Notes which partner gave which key, reservation and exchange, and which keys persons gave: 1001
 * of lagoon is not 1001 of reef. */
static void learn_owners(struct dbk_index *index, struct names *owners)
{
    for (size_t i = 0; i < index->count; i++) {
        struct dbk_seen *seen = &index->seen[i];
        const struct ways ways = ways_of(seen->fact);
        if (seen->fact->kind == DBK_FACT_ASKED) {
            claim(owners, ASKED_KEY, seen->fact->who, seen->fact->key, seen);
        }
        for (size_t k = 0; k < DBK_COUNT(ways.way) && is_of_partner(seen->fact); k++) {
            const struct way *way = &ways.way[k];
            claim(owners, way->space, nobody, way->text, seen);
            const struct dbk_seen *first = look(owners, way->space, nobody, way->text);
            if (first != NULL && !dbk_same(first->fact->who, seen->fact->who)) {
                claim(owners, way->space, several, way->text, seen);
            }
        }
    }
}

/* The space and owner under which an identifier of a fact is a name; owner is NULL: it is none, or
 * nobody can know. */
struct name {
    enum space space;
    const char *owner;
};

/* The name that a partner gave to it, as far as one can tell who that was. */
static struct name name_of_partner(const struct names *owners, const struct dbk_fact *fact,
                                   const struct way *way)
{
    const struct dbk_seen *first = look(owners, way->space, nobody, way->text);

    if (is_of_partner(fact) && fact->who != NULL) {
        return (struct name){way->space, fact->who};
    }
    if (look(owners, way->space, several, way->text) != NULL) {
        return (struct name){way->space, NULL};
    }
    return (struct name){way->space,
                         first != NULL && first->fact->who != NULL ? first->fact->who : nobody};
}

/* Keys and exchanges of persons are no partner's, unless a screen shows one that is. */
static struct name name_of(const struct names *owners, const struct dbk_fact *fact,
                           const struct way *way)
{
    bool is_asked = fact->kind == DBK_FACT_ASKED;
    bool is_of_person = is_asked || fact->kind == DBK_FACT_READ;

    if (way->space == BOOKING) {
        return (struct name){BOOKING, nobody};
    }
    if (is_of_person && way->space == EXCHANGE) {
        return (struct name){ASKED_EXCHANGE, nobody};
    }
    if (is_asked && way->space == KEY) {
        return (struct name){ASKED_KEY, fact->who != NULL ? fact->who : nobody};
    }
    struct name name = name_of_partner(owners, fact, way);
    if (is_of_person && look(owners, ASKED_KEY, fact->who, way->text) != NULL &&
        way->space == KEY) {
        return (struct name){ASKED_KEY, name.owner == nobody ? fact->who : NULL};
    }
    return name;
}

/* "key rv-17", "ana's key 17", and at whom where several partners have the same. */
static const char *wish_name(const struct dbk_index *index, const struct names *owners,
                             const struct dbk_fact *fact, const struct way *way)
{
    const char *name = dbk_arena_printf(index->arena, "%s %s", way->word, way->text);
    bool is_shared = look(owners, way->space, several, way->text) != NULL;

    if (way->space == KEY && fact->kind == DBK_FACT_ASKED && fact->who != NULL) {
        return dbk_arena_printf(index->arena, "%s's %s", fact->who, name);
    }
    return is_shared && is_of_partner(fact) && fact->who != NULL
               ? dbk_arena_printf(index->arena, "%s at %s", name, fact->who)
               : name;
}

/* The wish of a fact that names no intent: an earlier one by any of its names, else its own. */
static struct dbk_wish *wish_without_intent(struct dbk_index *index, const struct names *names,
                                            const struct names *owners, const struct dbk_fact *fact)
{
    const struct ways ways = ways_of(fact);

    for (size_t i = 0; i < DBK_COUNT(ways.way); i++) {
        const struct way *way = &ways.way[i];
        const struct name name = name_of(owners, fact, way);
        struct dbk_wish *wish = look(names, name.space, name.owner, way->text);
        if (wish != NULL) {
            return wish;
        }
    }
    for (size_t i = 0; i < DBK_COUNT(ways.way); i++) {
        const struct way *way = &ways.way[i];
        if (way->text != NULL && way->word != NULL) {
            return add_wish(index, wish_name(index, owners, fact, way), way->word);
        }
    }
    return NULL;
}

static void belong(struct dbk_seen *seen, struct dbk_wish *wish, struct names *names,
                   const struct names *owners)
{
    const struct ways ways = ways_of(seen->fact);

    seen->wish = wish;
    if (wish == NULL) {
        return;
    }
    wish->fact_count++;
    for (size_t i = 0; i < DBK_COUNT(ways.way); i++) {
        const struct way *way = &ways.way[i];
        const struct name name = name_of(owners, seen->fact, way);
        claim(names, name.space, name.owner, way->text, wish);
    }
}

static void put_to_wishes(struct dbk_index *index, struct names *names, const struct names *owners)
{
    for (size_t i = 0; i < index->count; i++) {
        const char *intent = index->seen[i].fact->intent;
        if (intent != NULL) {
            struct dbk_wish *wish = look(names, INTENT, nobody, intent);
            if (wish == NULL) {
                wish = add_wish(index, intent, "intent");
                claim(names, INTENT, nobody, intent, wish);
            }
            belong(&index->seen[i], wish, names, owners);
        }
    }
    for (size_t i = 0; i < index->count; i++) {
        struct dbk_seen *seen = &index->seen[i];
        if (is_common(seen->fact)) {
            index->common[index->common_count++] = seen;
        } else if (seen->fact->intent == NULL) {
            belong(seen, wish_without_intent(index, names, owners, seen->fact), names, owners);
        }
    }
}

static struct dbk_booked *add_booking(struct dbk_index *index, struct names *names,
                                      const char *name, struct dbk_wish *wish)
{
    struct dbk_booked *booked = dbk_arena_alloc(index->arena, sizeof(*booked));

    *booked = (struct dbk_booked){.name = name, .wish = wish, .next = wish->bookings};
    wish->bookings = booked;
    claim(names, SHOWN, nobody, name, booked);
    index->bookings[index->booking_count++] = booked;
    return booked;
}

/* The booking of a read that names none: the wish's only one, or what is named like the wish; NULL:
 * it may be any of several. */
static struct dbk_booked *booking_without_name(struct dbk_index *index, struct names *names,
                                               struct dbk_wish *wish)
{
    struct dbk_booked *booked = look(names, SHOWN, nobody, wish->name);

    if (booked != NULL && booked->wish == wish) {
        return booked;
    }
    if (wish->bookings == NULL) {
        return add_booking(index, names, wish->name, wish);
    }
    return wish->bookings->next == NULL ? wish->bookings : NULL;
}

static bool is_shown(const struct dbk_seen *seen)
{
    return seen->fact->kind == DBK_FACT_READ && seen->wish != NULL;
}

/* Reads that name their booking first: they tell how many bookings a wish has. */
static void put_to_bookings(struct dbk_index *index, struct names *names)
{
    for (size_t i = 0; i < index->count; i++) {
        struct dbk_seen *seen = &index->seen[i];
        const char *name = seen->fact->booking;
        if (is_shown(seen) && name != NULL) {
            struct dbk_booked *booked = look(names, SHOWN, nobody, name);
            seen->booked = booked != NULL ? booked : add_booking(index, names, name, seen->wish);
        }
    }
    for (size_t i = 0; i < index->count; i++) {
        struct dbk_seen *seen = &index->seen[i];
        if (is_shown(seen) && seen->fact->booking == NULL) {
            seen->booked = booking_without_name(index, names, seen->wish);
        }
        if (seen->booked != NULL) {
            seen->booked->read_count++;
        }
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
    struct names names = new_names(arena);
    struct names owners = new_names(arena);

    *index = (struct dbk_index){.history = history, .arena = arena, .last_ms = DBK_ABSENT};
    put_in_order(index);
    index->wishes = dbk_arena_alloc(arena, (index->count + 1) * sizeof(struct dbk_wish *));
    index->bookings = dbk_arena_alloc(arena, (index->count + 1) * sizeof(struct dbk_booked *));
    index->common = dbk_arena_alloc(arena, (index->count + 1) * sizeof(struct dbk_seen *));
    learn_owners(index, &owners);
    put_to_wishes(index, &names, &owners);
    put_to_bookings(index, &names);
    slice(index);
    collect_processes(index);
    for (size_t i = 0; i < index->wish_count; i++) {
        dbk_wish_read(index->wishes[i], index);
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

bool dbk_index_links(const struct dbk_index *index, const struct dbk_wish *wish)
{
    return wish->reservation_count > 0 || (wish->is_by_intent && index->unlinked_count == 0);
}

bool dbk_seen_ordered(const struct dbk_seen *one, const struct dbk_seen *other)
{
    if (one->at_ms != DBK_ABSENT && other->at_ms != DBK_ABSENT) {
        return true;
    }
    const struct dbk_seen *first = one->place < other->place ? one : other;
    const struct dbk_seen *second = first == one ? other : one;
    bool is_one_clock = first->fact->reads_ms != DBK_ABSENT &&
                        second->fact->reads_ms != DBK_ABSENT &&
                        dbk_same(clock_of(first->fact), clock_of(second->fact));
    return is_one_clock ? first->fact->reads_ms <= second->fact->reads_ms
                        : dbk_same(first->fact->who, second->fact->who);
}

bool dbk_seen_before(const struct dbk_seen *one, const struct dbk_seen *other)
{
    if (one->at_ms == DBK_ABSENT || other->at_ms == DBK_ABSENT) {
        return one->place < other->place && dbk_seen_ordered(one, other);
    }
    return one->at_ms < other->at_ms;
}

bool dbk_seen_is_past(const struct dbk_seen *earlier, const struct dbk_seen *read)
{
    int64_t asked = dbk_seen_asked(read);

    return earlier->at_ms == DBK_ABSENT || asked == DBK_ABSENT ? dbk_seen_before(earlier, read)
                                                               : earlier->at_ms <= asked;
}

int64_t dbk_seen_asked(const struct dbk_seen *seen)
{
    return seen->fact->asked_ms != DBK_ABSENT ? seen->fact->asked_ms : seen->at_ms;
}

size_t dbk_seen_after(const struct dbk_seen *const *facts, size_t count, size_t place)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts[middle]->place <= place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
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
