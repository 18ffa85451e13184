#include "reports/reached.h"

#include "reports/plain.h"

const struct dbk_exploration *dbk_reached_of(const struct dbk_report *report,
                                             const struct dbk_outcome *outcome,
                                             const struct dbk_discovery **found)
{
    *found = NULL;
    for (size_t i = 0; i < report->exploration_count; i++) {
        const struct dbk_exploration *exploration = &report->explorations[i];

        if (exploration->summary == outcome)
            return exploration;
        for (size_t k = 0; k < exploration->finding_count; k++) {
            if (exploration->findings[k].outcome != outcome)
                continue;
            *found = &exploration->findings[k];
            return exploration;
        }
    }
    return NULL;
}

/* ---- the sentence ---- */

/* How far an exploration came: so many depths are complete, and what their runs came to. */
struct reach {
    size_t depths;
    int64_t deviations, runs, found;
    const struct dbk_depth *broken_off; /* the depth it was stopped in, or NULL */
};

static struct reach reach_of(const struct dbk_exploration *exploration)
{
    struct reach reach = {0};

    for (size_t i = 0; i < exploration->depth_count; i++) {
        const struct dbk_depth *depth = &exploration->depths[i];

        reach.found += depth->found;
        if (!depth->is_complete) {
            reach.broken_off = depth;
            break;
        }
        reach.depths++;
        reach.deviations = depth->deviations;
        reach.runs += depth->runs;
    }
    return reach;
}

static void add_deviations(struct dbk_text *out, int64_t deviations)
{
    if (deviations == 0)
        dbk_text_add(out, "no deviation");
    else
        dbk_plain_count(out, deviations, "deviation", "deviations");
}

/* "28,561 runs with up to 2 deviations" */
static void add_reached(const struct reach *reach, struct dbk_text *out)
{
    dbk_plain_count(out, reach->runs, "run", "runs");
    dbk_text_add(out, reach->deviations == 0 ? " with " : " with up to ");
    add_deviations(out, reach->deviations);
}

/* What the runs came to; many findings of one signature are one. */
static void add_result(const struct dbk_exploration *exploration, const struct reach *reach,
                       struct dbk_text *out)
{
    if (exploration->goal && reach->found > 0) {
        dbk_plain_number(out, reach->found);
        dbk_text_add(out, reach->found == 1 ? " shows the goal" : " show the goal");
    } else if (exploration->finding_count > 0) {
        dbk_plain_count(out, (int64_t)exploration->finding_count, "finding", "findings");
    } else {
        dbk_text_add(out, exploration->goal ? "none shows the goal" : "none violates");
    }
}

static void add_broken_off(const struct dbk_exploration *exploration, const struct reach *reach,
                           struct dbk_text *out)
{
    const struct dbk_depth *depth = reach->broken_off;

    dbk_text_add(out, "stopped after ");
    dbk_plain_number(out, depth->runs);
    if (depth->expected != DBK_ABSENT) {
        dbk_text_add(out, " of ");
        dbk_plain_number(out, depth->expected);
    }
    dbk_text_add(out, depth->expected == 1 || (depth->expected == DBK_ABSENT && depth->runs == 1)
                          ? " run with "
                          : " runs with ");
    add_deviations(out, depth->deviations);
    if (exploration->stopped_by) {
        dbk_text_add(out, " (");
        dbk_plain_add(out, exploration->stopped_by, DBK_PLAIN_TEXT);
        dbk_text_add_char(out, ')');
    }
    dbk_text_add(out, ": ");
    if (exploration->finding_count > 0) {
        add_result(exploration, reach, out);
        dbk_text_add(out, ", and ");
    }
    dbk_text_add(out, "nothing is proven");
    if (reach->depths > 0) {
        dbk_text_add(out, " beyond ");
        add_deviations(out, reach->deviations);
    }
}

void dbk_reached_add(const struct dbk_exploration *exploration, struct dbk_text *out)
{
    struct reach reach = reach_of(exploration);

    if (reach.broken_off) {
        add_broken_off(exploration, &reach, out);
        return;
    }
    if (reach.depths == 0) {
        dbk_text_add(out, "nothing was played: nothing is proven");
        return;
    }
    bool is_all = exploration->is_complete && exploration->finding_count == 0;
    if (is_all)
        dbk_text_add(out, reach.runs == 1 ? "the only " : "all ");
    if (is_all && reach.runs == 1)
        dbk_text_add(out, "run with no deviation");
    else
        add_reached(&reach, out);
    dbk_text_add(out, is_all ? ": " : ", complete: ");
    if (is_all && reach.runs == 1)
        dbk_text_add(out, exploration->goal ? "it does not show the goal" : "it does not violate");
    else
        add_result(exploration, &reach, out);
    if (exploration->stopped_by) {
        dbk_text_add(out, " (went no deeper: ");
        dbk_plain_add(out, exploration->stopped_by, DBK_PLAIN_TEXT);
        dbk_text_add_char(out, ')');
    }
}

/* ---- depths ---- */

void dbk_reached_runs(const struct dbk_depth *depth, struct dbk_text *out)
{
    dbk_plain_number(out, depth->runs);
    if (depth->is_complete)
        return;
    if (depth->expected == DBK_ABSENT) {
        dbk_text_add(out, ", not all");
        return;
    }
    dbk_text_add(out, " of ");
    dbk_plain_number(out, depth->expected);
}

void dbk_reached_found(const struct dbk_depth *depth, struct dbk_text *out)
{
    if (depth->found > 0)
        dbk_plain_number(out, depth->found);
    else
        dbk_text_add(out, depth->is_complete ? "none" : "none so far");
}

/* ---- findings ---- */

void dbk_reached_signature(const struct dbk_discovery *found, struct dbk_text *out)
{
    dbk_plain_add(out, found->signature ? found->signature : "unnamed", DBK_PLAIN_TEXT);
    dbk_plain_name(out, ", owed by the ", found->owed_by);
}

void dbk_reached_how(const struct dbk_discovery *found, struct dbk_text *out)
{
    dbk_text_add(out, "found with ");
    add_deviations(out, found->deviations);
    dbk_text_add(out, " after ");
    dbk_plain_count(out, found->runs, "run", "runs");
    dbk_text_add(out, " (");
    dbk_plain_number(out, found->found_ms);
    dbk_text_add(out, " ms)");
    if (found->is_nondeterministic) {
        dbk_text_add(out, "; it did not repeat: the same run, played again, went another way. "
                          "That is a bug of doublebook, not of what it judges");
        return;
    }
    dbk_text_add(out, ", shrunk in ");
    dbk_plain_number(out, found->shrunk_runs);
    dbk_text_add(out, " more to ");
    dbk_plain_count(out, (int64_t)found->steps, "step", "steps");
    dbk_text_add(out, " and ");
    dbk_plain_count(out, (int64_t)found->entries, "entry", "entries");
    dbk_text_add(out, " of script and choices");
}
