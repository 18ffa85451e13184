#include "reports/blame.h"
#include "reports/found.h"
#include "reports/reached.h"
#include "reports/reports.h"

#define REPORT_FORMAT 1

/* Every member is always there; what is not known is null. */

static void put_integer_or_null(struct dbk_text *out, const char *key, int64_t value, int64_t none)
{
    if (value == none)
        dbk_json_pair_text(out, key, NULL);
    else
        dbk_json_pair_integer(out, key, value);
}

static void put_list(struct dbk_text *out, const char *key, const char *const *items, size_t count)
{
    dbk_json_key(out, key);
    dbk_json_open(out, '[');
    for (size_t i = 0; i < count; i++)
        dbk_json_put_text(out, items[i]);
    dbk_json_close(out, ']');
}

static void put_violation(struct dbk_text *out, const struct dbk_outcome *outcome,
                          const struct dbk_violation *violation)
{
    struct dbk_text replay = {0};

    dbk_found_replay(outcome, violation, &replay);
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "invariant", violation->invariant);
    dbk_json_pair_text(out, "rule", violation->rule);
    dbk_json_pair_text(out, "booking", violation->booking);
    put_integer_or_null(out, "at_ms", violation->at_ms, DBK_ABSENT);
    put_integer_or_null(out, "line", violation->line, 0);
    dbk_json_pair_text(out, "owed_by", violation->owed_by);
    dbk_json_key(out, "evidence");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < violation->evidence_count; i++)
        dbk_json_put_integer(out, (int64_t)violation->evidence[i]);
    dbk_json_close(out, ']');
    dbk_json_pair_text(out, "detail", violation->detail);
    dbk_json_pair_text(out, "replay", replay.bytes);
    dbk_json_close(out, '}');
    dbk_text_reset(&replay);
}

static void put_fault(struct dbk_text *out, const struct dbk_fault_count *fault)
{
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "fault", fault->fault);
    dbk_json_pair_text(out, "rule", fault->rule);
    put_integer_or_null(out, "line", fault->line, 0);
    dbk_json_pair_integer(out, "fired", fault->fired);
    dbk_json_pair_bool(out, "if_reached", fault->if_reached);
    dbk_json_close(out, '}');
}

static void put_unobserved(struct dbk_text *out, const struct dbk_unobserved *unobserved)
{
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "invariant", unobserved->invariant);
    dbk_json_pair_text(out, "missing", unobserved->missing);
    dbk_json_close(out, '}');
}

static void put_exposures(struct dbk_text *out, const struct dbk_exposure *exposures, size_t count)
{
    dbk_json_key(out, "exposure");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < count; i++)
        dbk_json_pair_integer(out, exposures[i].invariant, exposures[i].count);
    dbk_json_close(out, '}');
}

/* Faults, exposure and what could not be seen: how much the verdict is worth. */
static void put_coverage(struct dbk_text *out, const struct dbk_outcome *outcome)
{
    dbk_json_key(out, "faults");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < outcome->fault_count; i++)
        put_fault(out, &outcome->faults[i]);
    dbk_json_close(out, ']');
    put_exposures(out, outcome->exposures, outcome->exposure_count);
    dbk_json_key(out, "unobserved");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < outcome->unobserved_count; i++)
        put_unobserved(out, &outcome->unobserved[i]);
    dbk_json_close(out, ']');
    put_list(out, "unproven", outcome->unproven, outcome->unproven_count);
    put_list(out, "partner_broke", outcome->partner_broke, outcome->partner_broke_count);
}

/* What shows that it was live: the process that was on trial and the ports that were open. */
static void put_live(struct dbk_text *out, const struct dbk_outcome *outcome)
{
    if (!outcome->pid) {
        dbk_json_pair_text(out, "live", NULL);
        return;
    }
    dbk_json_key(out, "live");
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "pid", outcome->pid);
    dbk_json_pair_integer(out, "scale", outcome->scale);
    dbk_json_key(out, "ports");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < outcome->port_count; i++)
        dbk_json_pair_integer(out, outcome->ports[i].name, outcome->ports[i].port);
    dbk_json_close(out, '}');
    dbk_json_close(out, '}');
}

/* What a replay of a known failure says. */
static void put_replayed(struct dbk_text *out, const struct dbk_outcome *outcome)
{
    if (!outcome->replayed) {
        dbk_json_pair_text(out, "replayed", NULL);
        return;
    }
    dbk_json_key(out, "replayed");
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "is", outcome->replayed);
    dbk_json_pair_text(out, "why", outcome->replayed_why);
    dbk_json_close(out, '}');
}

static void put_sim_only(struct dbk_text *out, const struct dbk_report *report)
{
    dbk_json_key(out, "sim_only");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < report->sim_only_count; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "name", report->sim_only[i].name);
        dbk_json_pair_text(out, "reason", report->sim_only[i].reason);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void put_scenario(struct dbk_text *out, const struct dbk_outcome *outcome)
{
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "name", outcome->name);
    dbk_json_pair_text(out, "file", outcome->file);
    dbk_json_pair_text(out, "policy", outcome->policy);
    dbk_json_pair_text(out, "verdict", dbk_verdict_name(outcome->verdict));
    dbk_json_pair_text(out, "error", outcome->error);
    dbk_json_key(out, "violations");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < outcome->violation_count; i++)
        put_violation(out, outcome, &outcome->violations[i]);
    dbk_json_close(out, ']');
    put_coverage(out, outcome);
    dbk_json_pair_text(out, "history_hash", *outcome->history_hash ? outcome->history_hash : NULL);
    put_integer_or_null(out, "virtual_ms", outcome->virtual_ms, DBK_ABSENT);
    put_integer_or_null(out, "wall_ms", outcome->wall_ms, DBK_ABSENT);
    put_live(out, outcome);
    put_replayed(out, outcome);
    dbk_blame_put_json(outcome, out);
    dbk_json_close(out, '}');
}

/* ---- explorations ---- */

/* The place of an outcome under "scenarios", from 0; none: null. */
static void put_place(struct dbk_text *out, const struct dbk_report *report,
                      const struct dbk_outcome *outcome)
{
    int64_t place = DBK_ABSENT;

    for (size_t i = 0; i < report->outcome_count && place == DBK_ABSENT; i++)
        place = outcome && report->outcomes[i] == outcome ? (int64_t)i : DBK_ABSENT;
    put_integer_or_null(out, "outcome", place, DBK_ABSENT);
}

static void put_depth(struct dbk_text *out, const struct dbk_depth *depth)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "deviations", depth->deviations);
    dbk_json_pair_integer(out, "runs", depth->runs);
    put_integer_or_null(out, "expected", depth->expected, DBK_ABSENT);
    dbk_json_pair_integer(out, "found", depth->found);
    dbk_json_pair_bool(out, "complete", depth->is_complete);
    dbk_json_close(out, '}');
}

static void put_found(struct dbk_text *out, const struct dbk_report *report,
                      const struct dbk_discovery *found)
{
    struct dbk_text replay = {0};

    dbk_found_replay(found->outcome, NULL, &replay);
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "signature", found->signature);
    dbk_json_pair_text(out, "owed_by", found->owed_by);
    dbk_json_pair_bool(out, "nondeterministic", found->is_nondeterministic);
    dbk_json_pair_integer(out, "deviations", found->deviations);
    dbk_json_pair_integer(out, "runs", found->runs);
    dbk_json_pair_integer(out, "found_ms", found->found_ms);
    dbk_json_pair_integer(out, "shrunk_runs", found->shrunk_runs);
    dbk_json_pair_integer(out, "steps", (int64_t)found->steps);
    dbk_json_pair_integer(out, "entries", (int64_t)found->entries);
    put_list(out, "said", found->said, found->said_count);
    dbk_json_pair_text(out, "file", found->file);
    dbk_json_pair_text(out, "scenario_text", found->scenario_text);
    dbk_json_pair_text(out, "replay", replay.bytes);
    put_place(out, report, found->outcome);
    dbk_json_close(out, '}');
    dbk_text_reset(&replay);
}

static void put_exploration_lists(struct dbk_text *out, const struct dbk_report *report,
                                  const struct dbk_exploration *exploration)
{
    put_list(out, "menu", exploration->menu, exploration->menu_count);
    dbk_json_key(out, "depths");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < exploration->depth_count; i++)
        put_depth(out, &exploration->depths[i]);
    dbk_json_close(out, ']');
    put_exposures(out, exploration->exposures, exploration->exposure_count);
    dbk_json_key(out, "partner_broke");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < exploration->partner_broke_count; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "claim", exploration->partner_broke[i].claim);
        dbk_json_pair_integer(out, "runs", exploration->partner_broke[i].runs);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_key(out, "findings");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < exploration->finding_count; i++)
        put_found(out, report, &exploration->findings[i]);
    dbk_json_close(out, ']');
}

static void put_exploration(struct dbk_text *out, const struct dbk_report *report,
                            const struct dbk_exploration *exploration)
{
    struct dbk_text reached = {0};

    dbk_reached_add(exploration, &reached);
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "scenario", exploration->scenario);
    dbk_json_pair_text(out, "file", exploration->file);
    dbk_json_pair_text(out, "policy", exploration->policy);
    dbk_json_pair_text(out, "goal", exploration->goal);
    dbk_json_pair_text(out, "verdict", dbk_verdict_name(dbk_exploration_verdict(exploration)));
    dbk_json_pair_text(out, "reached", reached.bytes);
    dbk_json_pair_bool(out, "complete", exploration->is_complete);
    dbk_json_pair_text(out, "stopped_by", exploration->stopped_by);
    dbk_json_pair_integer(out, "deviations", exploration->deviations);
    dbk_json_pair_bool(out, "beyond_promises", exploration->is_beyond_promises);
    dbk_json_pair_integer(out, "runs", exploration->runs);
    dbk_json_pair_integer(out, "wall_ms", exploration->wall_ms);
    dbk_json_pair_integer(out, "jobs", exploration->jobs);
    put_place(out, report, exploration->summary);
    put_exploration_lists(out, report, exploration);
    dbk_json_close(out, '}');
    dbk_text_reset(&reached);
}

static void put_explorations(struct dbk_text *out, const struct dbk_report *report)
{
    dbk_json_key(out, "explorations");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < report->exploration_count; i++)
        put_exploration(out, report, &report->explorations[i]);
    dbk_json_close(out, ']');
}

static void put_summary(struct dbk_text *out, const struct dbk_report *report)
{
    int64_t counts[DBK_VERDICTS] = {0};

    for (size_t i = 0; i < report->outcome_count; i++)
        counts[report->outcomes[i]->verdict]++;
    dbk_json_key(out, "summary");
    dbk_json_open(out, '{');
    for (int verdict = 0; verdict < DBK_VERDICTS; verdict++)
        dbk_json_pair_integer(out, dbk_verdict_name((enum dbk_verdict)verdict), counts[verdict]);
    dbk_json_close(out, '}');
}

void dbk_report_json(const struct dbk_report *report, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "format", REPORT_FORMAT);
    dbk_json_key(out, "tool");
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "version", report->version);
    dbk_json_pair_text(out, "build", report->build);
    dbk_json_pair_text(out, "sqlite", report->sqlite_source);
    dbk_json_close(out, '}');
    put_integer_or_null(out, "seed", report->seed, DBK_ABSENT);
    dbk_json_pair_text(out, "stage", report->stage);
    dbk_json_pair_text(out, "policy", report->policy);
    dbk_json_pair_text(out, "inputs", report->inputs);
    dbk_json_pair_text(out, "verdict", dbk_verdict_name(dbk_report_verdict(report)));
    dbk_json_key(out, "scenarios");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < report->outcome_count; i++)
        put_scenario(out, report->outcomes[i]);
    dbk_json_close(out, ']');
    put_explorations(out, report);
    put_sim_only(out, report);
    put_list(out, "not_exercised", report->not_exercised, report->not_exercised_count);
    put_summary(out, report);
    dbk_json_close(out, '}');
    dbk_text_add_char(out, '\n');
}
