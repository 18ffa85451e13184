#include "runner/judge.h"

#include "runner/check/checks.h"

#include <stdlib.h>
#include <string.h>

/* An unmet `expect` is a violation like any other, though no row of the table. */
static const struct dbk_invariant expectation = {
    .id = "expect",
    .rule = "What the scenario expects comes true.",
};

struct judging {
    const struct dbk_index *index;
    const struct dbk_terms *terms;
    struct dbk_outcome *outcome;
    int *unproven_lines; /* the outcome's, while they are being filled in */
};

static const char *exception_of(const struct dbk_terms *terms, const char *invariant)
{
    for (size_t i = 0; i < terms->exception_count; i++) {
        if (dbk_same(terms->exceptions[i].invariant, invariant)) {
            return terms->exceptions[i].reason != NULL ? terms->exceptions[i].reason
                                                       : "without reason";
        }
    }
    return NULL;
}

static int by_booking(const void *left, const void *right)
{
    const struct dbk_violation *one = left;
    const struct dbk_violation *other = right;
    int order = strcmp(one->booking != NULL ? one->booking : "",
                       other->booking != NULL ? other->booking : "");

    if (order != 0) {
        return order;
    }
    return one->at_ms < other->at_ms ? -1 : one->at_ms > other->at_ms;
}

static void check(const struct judging *judging, const struct dbk_invariant *invariant)
{
    struct dbk_outcome *outcome = judging->outcome;
    struct dbk_finding finding = {.outcome = outcome, .invariant = invariant};
    size_t before = outcome->violation_count;
    const char *exception = exception_of(judging->terms, invariant->id);

    invariant->check(judging->index, &finding);
    if (exception != NULL) {
        outcome->violation_count = before;
        finding.exposed = 0;
        finding.missing =
            dbk_arena_printf(&outcome->arena, "excepted by the scenario: %s", exception);
    }
    if (outcome->violation_count > before) {
        qsort(outcome->violations + before, outcome->violation_count - before,
              sizeof(*outcome->violations), by_booking);
    }
    outcome->exposures[outcome->exposure_count++] =
        (struct dbk_exposure){.invariant = invariant->id, .count = finding.exposed};
    if (finding.missing != NULL) {
        outcome->unobserved[outcome->unobserved_count++] =
            (struct dbk_unobserved){.invariant = invariant->id, .missing = finding.missing};
    }
}

static void unmet(const struct judging *judging, const struct dbk_expect *expect,
                  const size_t *evidence, const char *detail)
{
    struct dbk_finding finding = {.outcome = judging->outcome, .invariant = &expectation};

    dbk_finding_violated(&finding, expect->booking, DBK_ABSENT, evidence, "%s", detail)->line =
        expect->line;
}

/* A traveller's screen, where there is a read of it; else any. */
static bool is_on_page(const struct dbk_seen *read)
{
    return dbk_same(read->fact->surface, "page") || dbk_same(read->fact->surface, "message");
}

static void expect_status(const struct judging *judging, const struct dbk_expect *expect)
{
    struct dbk_arena *arena = &judging->outcome->arena;
    const struct dbk_booked *booked = dbk_index_booking(judging->index, expect->booking);
    const struct dbk_seen *first = NULL; /* that shows it so */
    const struct dbk_seen *last = NULL;
    bool is_by_page = false;

    for (size_t i = 0; booked != NULL && i < booked->read_count; i++) {
        is_by_page = is_by_page || (booked->reads[i]->fact->status && is_on_page(booked->reads[i]));
    }
    for (size_t i = 0; booked != NULL && i < booked->read_count; i++) {
        const struct dbk_seen *read = booked->reads[i];
        if (read->fact->status == NULL || (is_by_page && !is_on_page(read))) {
            continue;
        }
        bool is_so = dbk_same(read->fact->status, expect->status);
        first = first == NULL && is_so ? read : first;
        last = read;
    }
    const size_t evidence[] = {last == NULL ? 0 : last->number, 0};
    const char *by = expect->by_ms == DBK_ABSENT
                         ? "at the end"
                         : dbk_arena_printf(arena, "by %s", dbk_say_time(expect->by_ms).text);
    const char *but = NULL;
    if (last == NULL) {
        but = "nobody was shown it";
    } else if (!dbk_same(last->fact->status, expect->status)) {
        but =
            dbk_arena_printf(arena, "the last read, %s at %s, shows %s", dbk_say_screen(last).text,
                             dbk_say_when(last).text, last->fact->status);
    } else if (expect->by_ms != DBK_ABSENT && first->at_ms != DBK_ABSENT &&
               first->at_ms > expect->by_ms) {
        but = dbk_arena_printf(arena, "%s showed it so first at %s", dbk_say_screen(first).text,
                               dbk_say_when(first).text);
    }
    if (but != NULL) {
        unmet(judging, expect, evidence,
              dbk_arena_printf(arena, "%s was expected to be shown as %s %s, but %s",
                               expect->booking, expect->status, by, but));
    }
}

static void expect_live(const struct judging *judging, const struct dbk_expect *expect)
{
    struct dbk_arena *arena = &judging->outcome->arena;
    const struct dbk_booked *booked = dbk_index_booking(judging->index, expect->booking);
    const struct dbk_wish *wish =
        booked != NULL ? booked->wish : dbk_index_wish(judging->index, expect->booking);
    size_t evidence[9] = {0};
    const char *names = "";
    size_t count = 0;

    for (size_t i = 0; wish != NULL && i < wish->reservation_count; i++) {
        const struct dbk_reservation *reservation = &wish->reservations[i];
        if (dbk_same(reservation->partner, expect->partner) &&
            dbk_state_is_live(reservation->last->fact->state)) {
            names = dbk_arena_printf(arena, "%s%s%s", names, count == 0 ? ": " : ", ",
                                     reservation->id ? reservation->id : "one without id");
            if (count < DBK_COUNT(evidence) - 1) {
                evidence[count] = reservation->last->number;
            }
            count++;
        }
    }
    if ((int64_t)count != expect->count) {
        unmet(judging, expect, evidence,
              dbk_arena_printf(
                  arena, "%s was expected to have %lld live at %s in the end, and has %zu%s",
                  expect->booking, (long long)expect->count, expect->partner, count, names));
    }
}

static void expect_received(const struct judging *judging, const struct dbk_expect *expect)
{
    const struct dbk_index *index = judging->index;
    size_t evidence[9] = {0};
    size_t count = 0;

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = index->seen[i].fact;
        if (dbk_fact_is(fact, DBK_FACT_SAW, expect->op) && dbk_same(fact->who, expect->partner) &&
            !dbk_same(fact->fate, "lost")) {
            if (count < DBK_COUNT(evidence) - 1) {
                evidence[count] = index->seen[i].number;
            }
            count++;
        }
    }
    if ((int64_t)count != expect->count) {
        unmet(judging, expect, evidence,
              dbk_arena_printf(&judging->outcome->arena,
                               "%s was expected to receive %lld %s, and received %zu",
                               expect->partner, (long long)expect->count, expect->op, count));
    }
}

static void check_expects(const struct judging *judging)
{
    static void (*const checks[])(const struct judging *, const struct dbk_expect *) = {
        [DBK_EXPECT_STATUS] = expect_status,
        [DBK_EXPECT_LIVE] = expect_live,
        [DBK_EXPECT_RECEIVED] = expect_received,
    };

    for (size_t i = 0; i < judging->terms->expect_count; i++) {
        checks[judging->terms->expects[i].kind](judging, &judging->terms->expects[i]);
    }
}

static void count_faults(const struct judging *judging)
{
    struct dbk_outcome *outcome = judging->outcome;
    const struct dbk_terms *terms = judging->terms;

    outcome->faults =
        dbk_arena_alloc(&outcome->arena, (terms->fault_count + 1) * sizeof(*outcome->faults));
    for (size_t i = 0; i < terms->fault_count; i++) {
        const struct dbk_scripted_fault *scripted = &terms->faults[i];
        struct dbk_fault_count *count = &outcome->faults[outcome->fault_count++];
        *count = (struct dbk_fault_count){
            .rule = dbk_arena_text(&outcome->arena, scripted->rule),
            .fault = dbk_arena_text(&outcome->arena, scripted->fault),
            .line = scripted->line,
            .if_reached = scripted->if_reached,
        };
        for (size_t k = 0; k < judging->index->count; k++) {
            const struct dbk_fact *fact = judging->index->seen[k].fact;
            count->fired += fact->kind == DBK_FACT_FAULT && dbk_same(fact->by, scripted->rule) &&
                            dbk_same(fact->fault, scripted->fault);
        }
    }
}

/* "lagoon: one-create-one-reservation"; the partner is who made the fault, else whose rule it was.
 */
static void tell_broken_claims(const struct judging *judging)
{
    for (size_t i = 0; i < judging->index->count; i++) {
        const struct dbk_fact *fact = judging->index->seen[i].fact;
        if (fact->kind != DBK_FACT_FAULT || fact->claim == NULL) {
            continue;
        }
        const char *who = fact->who != NULL ? fact->who : "a partner";
        int length = (int)strlen(who);
        if (dbk_history_partner(judging->index->history, who) == NULL && fact->by != NULL &&
            strchr(fact->by, '#') != NULL) {
            who = fact->by;
            length = (int)strcspn(who, "#");
        }
        dbk_outcome_broke(judging->outcome, who, length, fact->claim);
    }
}

/* Adds a reason; line 0: it stands at none. */
static void add_unproven(const struct judging *judging, int line, const char *reason)
{
    struct dbk_outcome *outcome = judging->outcome;
    const char *file = judging->index->history->file;

    if (line > 0 && file != NULL) {
        reason = dbk_arena_printf(&outcome->arena, "%s:%d: %s", file, line, reason);
    }
    judging->unproven_lines[outcome->unproven_count] = line;
    outcome->unproven[outcome->unproven_count++] = reason;
}

static void ask_for_faults(const struct judging *judging)
{
    struct dbk_outcome *outcome = judging->outcome;

    for (size_t i = 0; i < outcome->fault_count; i++) {
        const struct dbk_fault_count *fault = &outcome->faults[i];
        if (fault->fired == 0 && !fault->if_reached) {
            add_unproven(judging, fault->line,
                         dbk_arena_printf(&outcome->arena, "The fault %s of %s never fired.",
                                          fault->fault, fault->rule));
        }
    }
}

static void ask_for_proofs(const struct judging *judging)
{
    struct dbk_outcome *outcome = judging->outcome;

    for (size_t i = 0; i < judging->terms->prove_count; i++) {
        const char *id = judging->terms->proves[i];
        const char *missing = NULL;
        int64_t exposed = -1;
        for (size_t k = 0; k < outcome->exposure_count; k++) {
            exposed = dbk_same(outcome->exposures[k].invariant, id) ? outcome->exposures[k].count
                                                                    : exposed;
        }
        for (size_t k = 0; k < outcome->unobserved_count; k++) {
            missing = dbk_same(outcome->unobserved[k].invariant, id)
                          ? outcome->unobserved[k].missing
                          : missing;
        }
        if (missing != NULL) {
            add_unproven(
                judging, 0,
                dbk_arena_printf(&outcome->arena,
                                 "The scenario is to prove %s, which was not observed: %s.", id,
                                 missing));
        } else if (exposed <= 0) {
            add_unproven(judging, 0,
                         dbk_arena_printf(&outcome->arena,
                                          exposed == 0 ? "The scenario is to prove %s, which was "
                                                         "never exposed."
                                                       : "The scenario is to prove %s, which is no "
                                                         "invariant.",
                                          id));
        }
    }
}

static void ask_for_steps(const struct judging *judging)
{
    const struct dbk_index *index = judging->index;
    const struct dbk_terms *terms = judging->terms;
    struct dbk_arena *arena = &judging->outcome->arena;
    bool *was_played = dbk_arena_alloc(arena, terms->step_count + 1);

    for (size_t i = 0; i < index->count; i++) {
        const struct dbk_fact *fact = index->seen[i].fact;
        if (fact->kind == DBK_FACT_STEP && fact->nth > 0 &&
            (uint64_t)fact->nth <= terms->step_count) {
            was_played[fact->nth - 1] = true;
        }
    }
    for (size_t i = 0; i < terms->step_count; i++) {
        if (!was_played[i]) {
            const char *text = terms->steps[i].text;
            add_unproven(judging, terms->steps[i].line,
                         dbk_arena_printf(arena, "Step %zu%s%s%s was never played.", i + 1,
                                          text ? " (" : "", text ? text : "", text ? ")" : ""));
        }
    }
}

/* Somebody else's history has no terms: it shows something only where an invariant was at risk. */
static void ask_for_exposure(const struct judging *judging)
{
    const struct dbk_terms *terms = judging->terms;
    struct dbk_outcome *outcome = judging->outcome;
    bool is_exposed = false;

    for (size_t i = 0; i < outcome->exposure_count; i++) {
        is_exposed = is_exposed || outcome->exposures[i].count > 0;
    }
    if (!is_exposed &&
        terms->prove_count + terms->fault_count + terms->expect_count + terms->step_count == 0) {
        add_unproven(judging, 0, "The history exposes no invariant: nothing was at risk in it.");
    }
}

void dbk_judge(const struct dbk_history *history, const char *replay, struct dbk_outcome *outcome)
{
    struct dbk_arena *arena = &outcome->arena;
    const struct dbk_terms *terms = &history->terms;
    struct dbk_index index;
    struct judging judging = {.index = &index, .terms = terms, .outcome = outcome};

    outcome->name = dbk_arena_text(arena, history->scenario);
    outcome->file = dbk_arena_text(arena, history->file);
    outcome->policy = dbk_arena_text(arena, history->policy);
    outcome->exposures = dbk_arena_alloc(arena, dbk_invariant_count * sizeof(*outcome->exposures));
    outcome->unobserved =
        dbk_arena_alloc(arena, dbk_invariant_count * sizeof(*outcome->unobserved));
    size_t reasons_max = terms->fault_count + terms->prove_count + terms->step_count + 1;
    outcome->unproven = dbk_arena_alloc(arena, reasons_max * sizeof(*outcome->unproven));
    judging.unproven_lines = dbk_arena_alloc(arena, reasons_max * sizeof(int));
    outcome->unproven_lines = judging.unproven_lines;
    dbk_index_build(&index, history, arena);
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        check(&judging, &dbk_invariants[i]);
    }
    check_expects(&judging);
    count_faults(&judging);
    tell_broken_claims(&judging);
    ask_for_faults(&judging);
    ask_for_proofs(&judging);
    ask_for_steps(&judging);
    ask_for_exposure(&judging);
    outcome->replay = dbk_arena_text(arena, replay);
    for (size_t i = 0; i < outcome->violation_count; i++) {
        outcome->violations[i].replay = outcome->replay;
    }
    outcome->virtual_ms = index.last_ms == DBK_ABSENT ? 0 : index.last_ms;
    outcome->verdict = outcome->violation_count > 0  ? DBK_VIOLATED
                       : outcome->unproven_count > 0 ? DBK_UNPROVEN
                                                     : DBK_PASSED;
}
