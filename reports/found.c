#include "reports/found.h"

#include "reports/plain.h"
#include "reports/reached.h"

const char *dbk_found_name(const struct dbk_outcome *outcome)
{
    if (outcome->name && *outcome->name)
        return outcome->name;
    return outcome->file && *outcome->file ? outcome->file : "unnamed";
}

static size_t exposed_count(const struct dbk_outcome *outcome)
{
    size_t exposed = 0;

    for (size_t i = 0; i < outcome->exposure_count; i++)
        exposed += outcome->exposures[i].count > 0;
    return exposed;
}

static void add_violated(const struct dbk_outcome *outcome, struct dbk_text *out)
{
    for (size_t i = 0; i < outcome->violation_count; i++) {
        const char *invariant = outcome->violations[i].invariant;

        /* Violations of one invariant stand together. */
        if (i > 0 && dbk_same(invariant, outcome->violations[i - 1].invariant))
            continue;
        dbk_plain_name(out, i == 0 ? "" : ", ", invariant ? invariant : "unnamed");
    }
}

void dbk_found_add(const struct dbk_outcome *outcome, struct dbk_text *out)
{
    if (outcome->verdict == DBK_VIOLATED)
        add_violated(outcome, out);
    else if (outcome->verdict == DBK_INVALID || outcome->verdict == DBK_ERROR)
        dbk_plain_add(out, outcome->error ? outcome->error : "no reason given", DBK_PLAIN_TEXT);
    else if (outcome->verdict == DBK_UNPROVEN)
        dbk_text_printf(out, "%zu %s, below", outcome->unproven_count,
                        outcome->unproven_count == 1 ? "reason" : "reasons");
    else
        dbk_text_printf(out, "%zu of %zu invariants exposed, all held", exposed_count(outcome),
                        outcome->exposure_count);
}

size_t dbk_found_verdicts(const struct dbk_report *report, size_t counts[DBK_VERDICTS])
{
    const struct dbk_discovery *found = NULL;
    size_t sum = report->exploration_count;

    for (int verdict = 0; verdict < DBK_VERDICTS; verdict++)
        counts[verdict] = 0;
    for (size_t i = 0; i < report->exploration_count; i++)
        counts[dbk_exploration_verdict(&report->explorations[i])]++;
    for (size_t i = 0; i < report->outcome_count; i++) {
        if (dbk_reached_of(report, report->outcomes[i], &found))
            continue;
        counts[report->outcomes[i]->verdict]++;
        sum++;
    }
    return sum;
}

void dbk_found_count(const struct dbk_report *report, struct dbk_text *out)
{
    size_t counts[DBK_VERDICTS], sum = dbk_found_verdicts(report, counts);
    const char *before = ": ";

    dbk_text_printf(out, "%zu %s%s", sum, sum == 1 ? "scenario" : "scenarios",
                    report->exploration_count > 0 ? " explored" : "");
    for (int verdict = 0; verdict < DBK_VERDICTS; verdict++) {
        if (counts[verdict] == 0)
            continue;
        dbk_text_printf(out, "%s%zu %s", before, counts[verdict],
                        dbk_verdict_name((enum dbk_verdict)verdict));
        before = ", ";
    }
    if (sum == 0)
        dbk_text_add(out, ": nothing was played");
    if (report->sim_only_count > 0)
        dbk_text_printf(out, "; %zu more for the simulation only", report->sim_only_count);
}

void dbk_found_evidence(const struct dbk_violation *violation, struct dbk_text *out)
{
    if (violation->evidence_count > 0)
        dbk_text_add(out, violation->evidence_count == 1 ? "fact" : "facts");
    for (size_t i = 0; i < violation->evidence_count; i++)
        dbk_text_printf(out, "%s%zu", i == 0 ? " " : ", ", violation->evidence[i]);
}

void dbk_found_replay(const struct dbk_outcome *outcome, const struct dbk_violation *violation,
                      struct dbk_text *out)
{
    const char *replay = outcome->replay;

    if (!violation && !replay && outcome->violation_count > 0)
        violation = &outcome->violations[0];
    if (violation)
        replay = violation->replay;
    if (replay && outcome->replay_folder)
        dbk_text_printf(out, "cd %s && ", outcome->replay_folder);
    dbk_text_add(out, replay);
}
