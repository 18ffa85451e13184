/* What people were shown, held against the partner and against itself.
 *
 * no-phantom-confirm: a read shows "confirmed" before an effect made a reservation of its wish
 * confirmed. What was confirmed for an earlier booking of the wish does not count: it was over, and
 * the core knew it, when this booking was first asked for. A wish that has no reservation is left
 * alone where there are creates or reservations that no intent tells, or no intent tells the wish:
 * its own may be among those.
 *
 * no-status-regression: of two reads of a booking, whoever made them and on whatever screen, the
 * one that was *asked* at or after the moment the other was *shown* is the later one; where
 * asked_ms is missing, a read counts as asked when it was shown. The later status must be the same
 * or be reached by the usual moves below, or by those that the terms declare, and the version must
 * not be lower. Overlapping reads are unordered, and so are those of two ends without comparable
 * time. Exposed once per booking that was read before and
 * asked again after late or older news about its wish: a copy of a callback (nth > 1), a callback
 * delivered more than 1 s after it was made, one that says another state than its reservation had
 * then, an answer that came late, or a reservation that changed by itself.
 *
 * one-truth: two reads of a booking under one version differ in status or sync; or two ordered
 * reads on different surfaces go against the table or against the version. Exposed once per booking
 * of which two surfaces showed a status with a version. Without versions only the second half can
 * be judged: where a booking was read on two surfaces and not both told versions, the invariant is
 * unobserved unless it is violated. Where a booking breaks both halves the first is told.
 */
#include "runner/check/checks.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MS 1000

/* In the order of dbk_history_statuses. */
enum status { RECEIVED, PENDING, CONFIRMED, CANCELLED, REJECTED, EXPIRED, STATUSES };
_Static_assert(STATUSES == DBK_HISTORY_STATUSES, "a status without a name");

/* from[status] is the set of statuses that may be read later, itself among them. */
struct reach {
    unsigned from[STATUSES];
};
#define SET(status) (1u << (status))
#define FINAL (SET(REJECTED) | SET(EXPIRED) | SET(CANCELLED))
static const struct reach usual = {{
    [RECEIVED] = SET(RECEIVED) | SET(PENDING) | SET(CONFIRMED) | FINAL,
    [PENDING] = SET(PENDING) | SET(CONFIRMED) | FINAL,
    [CONFIRMED] = SET(CONFIRMED) | SET(CANCELLED),
    [REJECTED] = SET(REJECTED),
    [EXPIRED] = SET(EXPIRED),
    [CANCELLED] = SET(CANCELLED),
}};

/* What rows of declared moves lead to: by one step more each time, until nothing is added. */
static struct reach reach_of(const struct dbk_terms *terms)
{
    struct reach reach = usual;

    for (enum status from = 0; from < STATUSES && terms->has_moves; from++) {
        reach.from[from] = SET(from) | terms->moves[from];
    }
    for (int round = 0; round < STATUSES && terms->has_moves; round++) {
        for (enum status from = 0; from < STATUSES; from++) {
            for (enum status over = 0; over < STATUSES; over++) {
                reach.from[from] |= reach.from[from] & SET(over) ? reach.from[over] : 0;
            }
        }
    }
    return reach;
}

static enum status status_of(const struct dbk_seen *read)
{
    enum status status = 0;

    while (status < STATUSES && !dbk_same(read->fact->status, dbk_history_statuses[status])) {
        status++;
    }
    return status;
}

static bool has_status(const struct dbk_index *index)
{
    for (size_t i = 0; i < index->count; i++) {
        if (index->seen[i].fact->kind == DBK_FACT_READ && index->seen[i].fact->status != NULL) {
            return true;
        }
    }
    return false;
}

/* True if what this effect confirmed was over, and the core knew it, when the booking was first
 * asked for: then it was another booking of the wish that it confirmed. */
static bool was_over(const struct dbk_wish *wish, size_t at, const struct dbk_seen *first_read)
{
    const struct dbk_reservation *reservation = wish->facts[at]->reservation;

    for (size_t i = at + 1; i < wish->fact_count && !wish->is_unclear; i++) {
        const struct dbk_seen *effect = wish->facts[i];
        if (effect->reservation != reservation || dbk_same(effect->fact->state, "confirmed")) {
            continue;
        }
        const struct dbk_seen *told = dbk_wish_told(NULL, wish, effect);
        return told != NULL
                   ? dbk_seen_is_past(told, first_read)
                   : !dbk_same(effect->fact->by, "itself") && dbk_seen_is_past(effect, first_read);
    }
    return false;
}

/* What confirmed a booking that was shown as confirmed. */
struct confirms {
    const struct dbk_seen *before, *unordered, *after, *over; /* the first of each, or NULL */
};

static struct confirms confirms_of(const struct dbk_booked *booked, const struct dbk_seen *shown)
{
    const struct dbk_wish *wish = booked->wish;
    struct confirms confirms = {0};

    for (size_t i = 0; i < wish->fact_count; i++) {
        const struct dbk_seen *effect = wish->facts[i];
        if (effect->fact->kind != DBK_FACT_EFFECT || !dbk_same(effect->fact->state, "confirmed")) {
            continue;
        }
        const struct dbk_seen **which = dbk_seen_before(shown, effect)        ? &confirms.after
                                        : was_over(wish, i, booked->reads[0]) ? &confirms.over
                                        : dbk_seen_ordered(shown, effect)     ? &confirms.before
                                                                              : &confirms.unordered;
        *which = *which == NULL ? effect : *which;
    }
    return confirms;
}

/* "lagoon confirmed it only at 0:02.000" */
static const char *what_is_true(const struct dbk_index *index, const struct confirms *confirms)
{
    const struct dbk_seen *effect = confirms->after != NULL ? confirms->after : confirms->over;

    if (effect == NULL) {
        return "no partner ever confirmed it";
    }
    return dbk_arena_printf(
        index->arena,
        confirms->after != NULL
            ? "%s confirmed it only at %s"
            : "what %s had confirmed at %s was over when it was first asked for",
        effect->fact->who ? effect->fact->who : "the partner", dbk_say_when(effect).text);
}

static const struct dbk_seen *first_shown(const struct dbk_booked *booked, enum status status)
{
    for (size_t i = 0; i < booked->read_count; i++) {
        if (status_of(booked->reads[i]) == status) {
            return booked->reads[i];
        }
    }
    return NULL;
}

static void check_confirmed(const struct dbk_index *index, const struct dbk_booked *booked,
                            const struct dbk_seen *shown, struct dbk_finding *finding)
{
    if (!dbk_index_tells_effects(index) || !dbk_index_links(index, booked->wish)) {
        finding->missing =
            index->kinds[DBK_FACT_EFFECT] == 0 ? DBK_MISSING_EFFECTS : DBK_MISSING_LINK;
        return;
    }
    const struct confirms confirms = confirms_of(booked, shown);
    if (confirms.before == NULL && confirms.unordered != NULL) {
        finding->missing = DBK_MISSING_ORDER;
        return;
    }
    finding->exposed++;
    if (confirms.before != NULL) {
        return;
    }
    const struct dbk_seen *effect = confirms.after != NULL ? confirms.after : confirms.over;
    const size_t evidence[] = {shown->number, dbk_seen_number(effect), 0};
    dbk_finding_violated(finding, booked->name, shown->at_ms, evidence,
                         "%s showed %s as confirmed at %s, but %s%s", dbk_say_screen(shown).text,
                         booked->name, dbk_say_when(shown).text, what_is_true(index, &confirms),
                         dbk_say_link(booked->wish).text);
}

void dbk_check_no_phantom_confirm(const struct dbk_index *index, struct dbk_finding *finding)
{
    if (!has_status(index)) {
        finding->missing = DBK_MISSING_READS;
    } else if (index->history->stage == NULL && index->kinds[DBK_FACT_EFFECT] == 0) {
        finding->missing = DBK_MISSING_EFFECTS;
    }
    for (size_t i = 0; i < index->booking_count; i++) {
        const struct dbk_seen *shown = first_shown(index->bookings[i], CONFIRMED);
        if (shown != NULL) {
            check_confirmed(index, index->bookings[i], shown, finding);
        }
    }
}

/* A read, and the best one of its kind on any other surface; NULL: none. */
struct latest {
    const struct dbk_seen *read, *elsewhere;
};

/* What the first reads of a booking, taken together, rule out for later ones. */
struct past {
    struct latest by_status[STATUSES]; /* latest with that status */
    struct latest newest;              /* with the highest version */
};

static bool is_same_surface(const struct dbk_seen *one, const struct dbk_seen *other)
{
    return dbk_same(one->fact->surface, other->fact->surface);
}

static void put_latest(struct latest *latest, const struct dbk_seen *read)
{
    if (latest->read != NULL && !is_same_surface(latest->read, read)) {
        latest->elsewhere = latest->read;
    }
    latest->read = read;
}

static void remember(struct past *past, const struct dbk_seen *read)
{
    struct latest *newest = &past->newest;
    int64_t version = read->fact->version;
    enum status status = status_of(read);

    if (status < STATUSES) {
        put_latest(&past->by_status[status], read);
    }
    if (version == DBK_ABSENT) {
        return;
    }
    if (newest->read == NULL || newest->read->fact->version <= version) {
        put_latest(newest, read);
    } else if (!is_same_surface(newest->read, read) &&
               (newest->elsewhere == NULL || newest->elsewhere->fact->version <= version)) {
        newest->elsewhere = read;
    }
}

static const struct dbk_seen *pick(const struct latest *latest, const struct dbk_seen *read,
                                   bool elsewhere)
{
    return elsewhere && latest->read != NULL && is_same_surface(latest->read, read)
               ? latest->elsewhere
               : latest->read;
}

/* The read among the past that this one contradicts, or NULL; elsewhere: only reads of another
 * surface count. */
static const struct dbk_seen *contradicts(const struct past *past, const struct reach *reach,
                                          const struct dbk_seen *read, bool elsewhere)
{
    enum status status = status_of(read);
    const struct dbk_seen *found = NULL;

    for (enum status from = 0; from < STATUSES && status < STATUSES; from++) {
        const struct dbk_seen *earlier = pick(&past->by_status[from], read, elsewhere);
        if (earlier != NULL && !(reach->from[from] & SET(status)) &&
            (found == NULL || found->place < earlier->place)) {
            found = earlier;
        }
    }
    const struct dbk_seen *newest = pick(&past->newest, read, elsewhere);
    if (found == NULL && newest != NULL && read->fact->version != DBK_ABSENT &&
        read->fact->version < newest->fact->version) {
        found = newest;
    }
    return found;
}

/* What all reads that are known to lie before that one's asking say, where not all have a time. */
static struct past past_of(const struct dbk_booked *booked, const struct dbk_seen *read)
{
    struct past past = {0};

    for (size_t i = 0; i < booked->read_count; i++) {
        if (booked->reads[i]->place < read->place && dbk_seen_is_past(booked->reads[i], read)) {
            remember(&past, booked->reads[i]);
        }
    }
    return past;
}

static bool has_times(const struct dbk_booked *booked)
{
    for (size_t i = 0; i < booked->read_count; i++) {
        if (booked->reads[i]->at_ms == DBK_ABSENT) {
            return false;
        }
    }
    return true;
}

/* The earliest read of the booking that contradicts one before it, and that one; NULL: none. */
static const struct dbk_seen *first_contradiction(const struct dbk_index *index,
                                                  const struct dbk_booked *booked, bool elsewhere,
                                                  const struct dbk_seen **earlier)
{
    /* pasts[k] is what the first k reads say; most reads wait only for the one just before. */
    struct past *pasts =
        dbk_arena_alloc(index->arena, (booked->read_count + 1) * sizeof(struct past));
    const struct reach reach = reach_of(&index->history->terms);
    bool is_timed = has_times(booked);

    for (size_t i = 0; i < booked->read_count; i++) {
        const struct dbk_seen *read = booked->reads[i];
        size_t k = i;
        while (is_timed && k > 0 && !dbk_seen_is_past(booked->reads[k - 1], read)) {
            k--;
        }
        const struct past past = is_timed ? pasts[k] : past_of(booked, read);
        *earlier = contradicts(&past, &reach, read, elsewhere);
        if (*earlier != NULL) {
            return read;
        }
        pasts[i + 1] = pasts[i];
        remember(&pasts[i + 1], read);
    }
    return NULL;
}

/* The state of a callback's reservation when it was delivered (it is fact `at` of the wish) differs
 * from what it says. */
static bool says_otherwise(const struct dbk_wish *wish, size_t at)
{
    const struct dbk_fact *callback = wish->facts[at]->fact;

    if (wish->reservation_count == 0 || callback->state == NULL) {
        return false;
    }
    for (size_t i = at; i > 0; i--) {
        const struct dbk_fact *fact = wish->facts[i - 1]->fact;
        if (fact->kind == DBK_FACT_EFFECT && dbk_same(fact->reservation, callback->reservation)) {
            return fact->state != NULL && !dbk_same(fact->state, callback->state);
        }
    }
    return false;
}

static bool is_late_or_older_news(const struct dbk_wish *wish, size_t at)
{
    const struct dbk_seen *seen = wish->facts[at];
    const struct dbk_fact *fact = seen->fact;

    if (fact->kind == DBK_FACT_EFFECT) {
        return dbk_same(fact->by, "itself");
    }
    if (fact->kind == DBK_FACT_ANSWER) {
        return dbk_same(fact->fate, "late");
    }
    if (fact->kind != DBK_FACT_CALLBACK && !dbk_callback_was_taken(fact)) {
        return false;
    }
    bool was_held = fact->made_ms != DBK_ABSENT && seen->at_ms != DBK_ABSENT &&
                    seen->at_ms - fact->made_ms > HELD_MS;
    return fact->nth > 1 || was_held || says_otherwise(wish, at);
}

/* True if the booking was read before such news and asked for again after it. */
static bool met_late_news(const struct dbk_booked *booked)
{
    const struct dbk_wish *wish = booked->wish;
    const struct dbk_seen *first = NULL;
    const struct dbk_seen *last = NULL;

    for (size_t i = 0; i < booked->read_count; i++) {
        if (booked->reads[i]->fact->status != NULL) {
            first = first == NULL ? booked->reads[i] : first;
            last = booked->reads[i];
        }
    }
    for (size_t i = 0; i < wish->fact_count && first != last; i++) {
        const struct dbk_seen *news = wish->facts[i];
        if (dbk_seen_before(first, news) && dbk_seen_before(news, last) &&
            dbk_seen_is_past(news, last) && is_late_or_older_news(wish, i)) {
            return true;
        }
    }
    return false;
}

/* The last callback or answer of the wish before the read: what probably made it so. */
static const struct dbk_seen *cause_of(const struct dbk_seen *read)
{
    const struct dbk_wish *wish = read->wish;
    const struct dbk_seen *cause = NULL;

    for (size_t i = 0; i < wish->fact_count && wish->facts[i]->place < read->place; i++) {
        enum dbk_fact_kind kind = wish->facts[i]->fact->kind;
        bool is_cause = kind == DBK_FACT_CALLBACK ||
                        (kind == DBK_FACT_ANSWER && dbk_answer_was_heard(wish->facts[i]->fact));
        if (is_cause && dbk_seen_ordered(wish->facts[i], read)) {
            cause = wish->facts[i];
        }
    }
    return cause;
}

static const char *as_what(const struct dbk_index *index, const struct dbk_seen *read,
                           bool by_version)
{
    return by_version
               ? dbk_arena_printf(index->arena, "version %lld (%s)", (long long)read->fact->version,
                                  read->fact->status ? read->fact->status : "no status")
               : read->fact->status;
}

static void contradicted(const struct dbk_index *index, const struct dbk_booked *booked,
                         const struct dbk_seen *earlier, const struct dbk_seen *read,
                         struct dbk_finding *finding)
{
    const struct dbk_seen *cause = cause_of(read);
    enum status from = status_of(earlier);
    enum status to = status_of(read);
    const struct reach reach = reach_of(&index->history->terms);
    bool by_version = from == STATUSES || to == STATUSES || (reach.from[from] & SET(to));
    const size_t evidence[] = {earlier->number, read->number, dbk_seen_number(cause), 0};
    const char *after = "";

    if (cause != NULL && dbk_seen_before(earlier, cause)) {
        bool is_callback = cause->fact->kind == DBK_FACT_CALLBACK;
        after = dbk_arena_printf(
            index->arena, "; the last news before that was %s's %s%s%s, at %s",
            cause->fact->who ? cause->fact->who : "the partner",
            is_callback ? "callback" : "answer", cause->fact->state ? " saying " : "",
            cause->fact->state ? cause->fact->state : "", dbk_say_when(cause).text);
    }
    dbk_finding_violated(finding, booked->name, read->at_ms, evidence,
                         "%s showed %s as %s at %s, after %s had shown it as %s at %s%s",
                         dbk_say_screen(read).text, booked->name, as_what(index, read, by_version),
                         dbk_say_when(read).text, dbk_say_screen(earlier).text,
                         as_what(index, earlier, by_version), dbk_say_when(earlier).text, after);
}

void dbk_check_no_status_regression(const struct dbk_index *index, struct dbk_finding *finding)
{
    if (!has_status(index)) {
        finding->missing = DBK_MISSING_READS;
        return;
    }
    for (size_t i = 0; i < index->booking_count; i++) {
        const struct dbk_seen *earlier = NULL;
        const struct dbk_seen *read =
            first_contradiction(index, index->bookings[i], false, &earlier);
        finding->exposed += met_late_news(index->bookings[i]);
        if (read != NULL) {
            contradicted(index, index->bookings[i], earlier, read, finding);
        }
    }
}

static bool differs(const char *one, const char *other)
{
    return one != NULL && other != NULL && strcmp(one, other) != 0;
}

static int by_version(const void *left, const void *right)
{
    const struct dbk_seen *one = *(const struct dbk_seen *const *)left;
    const struct dbk_seen *other = *(const struct dbk_seen *const *)right;

    if (one->fact->version != other->fact->version) {
        return one->fact->version < other->fact->version ? -1 : 1;
    }
    return one->place < other->place ? -1 : one->place > other->place;
}

/* The last reads of one version that had a status, and a sync. */
struct said {
    const struct dbk_seen *status, *sync;
};

/* The earliest read that says something else than another one of the same version; NULL: none. */
static const struct dbk_seen *first_disagreement(const struct dbk_index *index,
                                                 const struct dbk_booked *booked,
                                                 const struct dbk_seen **other)
{
    const struct dbk_seen **reads =
        dbk_arena_alloc(index->arena, (booked->read_count + 1) * sizeof(*reads));
    const struct dbk_seen *found = NULL;
    struct said said = {0};

    for (size_t i = 0; i < booked->read_count; i++) {
        reads[i] = booked->reads[i];
    }
    qsort(reads, booked->read_count, sizeof(*reads), by_version);
    for (size_t i = 0; i < booked->read_count; i++) {
        const struct dbk_fact *read = reads[i]->fact;
        if (i > 0 && reads[i - 1]->fact->version != read->version) {
            said = (struct said){0};
        }
        const struct dbk_seen *against =
            said.status != NULL && differs(said.status->fact->status, read->status) ? said.status
            : said.sync != NULL && differs(said.sync->fact->sync, read->sync)       ? said.sync
                                                                                    : NULL;
        if (against != NULL && read->version != DBK_ABSENT &&
            (found == NULL || reads[i]->place < found->place)) {
            found = reads[i];
            *other = against;
        }
        said.status = read->status != NULL ? reads[i] : said.status;
        said.sync = read->sync != NULL ? reads[i] : said.sync;
    }
    return found;
}

static void disagreed(const struct dbk_booked *booked, const struct dbk_seen *other,
                      const struct dbk_seen *read, struct dbk_finding *finding)
{
    const size_t evidence[] = {other->number, read->number, 0};
    bool by_status = differs(other->fact->status, read->fact->status);

    dbk_finding_violated(finding, booked->name, read->at_ms, evidence,
                         "version %lld of %s is %s on %s (%s) and %s on %s (%s)",
                         (long long)read->fact->version, booked->name,
                         by_status ? other->fact->status : other->fact->sync,
                         dbk_say_screen(other).text, dbk_say_when(other).text,
                         by_status ? read->fact->status : read->fact->sync,
                         dbk_say_screen(read).text, dbk_say_when(read).text);
}

static bool has_versions(const struct dbk_index *index)
{
    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = index->seen[i].fact;
        if (fact->kind == DBK_FACT_READ && fact->status != NULL && fact->version != DBK_ABSENT) {
            return true;
        }
    }
    return false;
}

/* On how many surfaces a booking was read. */
enum seen_on { ON_ONE, ON_TWO_WITHOUT_VERSIONS, ON_TWO };

static enum seen_on seen_on(const struct dbk_booked *booked)
{
    const struct dbk_seen *first = NULL;           /* with a status and a surface */
    const struct dbk_seen *first_versioned = NULL; /* and a version */
    enum seen_on result = ON_ONE;

    for (size_t i = 0; i < booked->read_count; i++) {
        const struct dbk_seen *read = booked->reads[i];
        if (read->fact->status == NULL || read->fact->surface == NULL) {
            continue;
        }
        first = first == NULL ? read : first;
        if (result == ON_ONE && !is_same_surface(first, read)) {
            result = ON_TWO_WITHOUT_VERSIONS;
        }
        if (read->fact->version != DBK_ABSENT) {
            first_versioned = first_versioned == NULL ? read : first_versioned;
            result = is_same_surface(first_versioned, read) ? result : ON_TWO;
        }
    }
    return result;
}

void dbk_check_one_truth(const struct dbk_index *index, struct dbk_finding *finding)
{
    size_t violations = finding->outcome->violation_count;
    bool lacks_versions = !has_versions(index);

    for (size_t i = 0; i < index->booking_count; i++) {
        const struct dbk_booked *booked = index->bookings[i];
        const struct dbk_seen *other = NULL;
        const struct dbk_seen *earlier = NULL;
        enum seen_on surfaces = seen_on(booked);

        finding->exposed += surfaces == ON_TWO;
        lacks_versions = lacks_versions || surfaces == ON_TWO_WITHOUT_VERSIONS;
        const struct dbk_seen *disagreeing = first_disagreement(index, booked, &other);
        const struct dbk_seen *later = first_contradiction(index, booked, true, &earlier);
        if (disagreeing != NULL) { /* says more than that something went back */
            disagreed(booked, other, disagreeing, finding);
        } else if (later != NULL) {
            contradicted(index, booked, earlier, later, finding);
        }
    }
    if (!has_status(index)) {
        finding->missing = DBK_MISSING_READS;
    } else if (lacks_versions && finding->outcome->violation_count == violations) {
        finding->missing = "which version of the booking was shown (version)";
    }
}
