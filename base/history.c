#include "base/history.h"

#include "base/fact.h"

#include <stdlib.h>

const char *dbk_expect_name(enum dbk_expect_kind kind)
{
    static const char *const names[] = {
        [DBK_EXPECT_STATUS] = "status",
        [DBK_EXPECT_LIVE] = "live",
        [DBK_EXPECT_RECEIVED] = "received",
    };

    return names[kind];
}

void dbk_history_init(struct dbk_history *history)
{
    *history = (struct dbk_history){.seed = DBK_ABSENT, .zero_ms = DBK_ABSENT};
}

void dbk_history_clear(struct dbk_history *history)
{
    struct dbk_history kept = *history;

    dbk_history_init(history);
    history->arena = kept.arena;
    history->facts = kept.facts;
    history->fact_capacity = kept.fact_capacity;
    history->line = kept.line;
    dbk_arena_reset(&history->arena);
}

void dbk_history_reset(struct dbk_history *history)
{
    dbk_arena_free(&history->arena);
    free(history->facts);
    dbk_text_reset(&history->line);
    dbk_history_init(history);
}

struct dbk_history *dbk_history_new(void)
{
    struct dbk_history *history = dbk_alloc(sizeof(*history));

    dbk_history_init(history);
    return history;
}

void dbk_history_free(struct dbk_history *history)
{
    if (history)
        dbk_history_reset(history);
    free(history);
}

size_t dbk_history_add_kept(struct dbk_history *history, const struct dbk_fact *fact)
{
    if (history->fact_count == history->fact_capacity) {
        history->fact_capacity = history->fact_capacity == 0 ? 128 : 2 * history->fact_capacity;
        history->facts =
            dbk_resize(history->facts, history->fact_capacity * sizeof(*history->facts));
    }
    history->facts[history->fact_count++] = *fact;
    return history->fact_count;
}

size_t dbk_history_add(struct dbk_history *history, const struct dbk_fact *fact)
{
    size_t number = dbk_history_add_kept(history, fact);

    dbk_fact_keep(&history->facts[number - 1], &history->arena);
    return number;
}

void dbk_history_strip(struct dbk_history *history)
{
    size_t kept = 0;

    for (size_t i = 0; i < history->fact_count; i++) {
        if (dbk_fact_is_outside(history->facts[i].kind)) {
            history->facts[kept++] = history->facts[i];
        }
    }
    history->fact_count = kept;
}

const struct dbk_party *dbk_history_partner(const struct dbk_history *history, const char *name)
{
    for (size_t i = 0; i < history->partner_count; i++) {
        if (dbk_same(history->partners[i].name, name)) {
            return &history->partners[i];
        }
    }
    return NULL;
}

static void pair_known(struct dbk_text *out, const char *key, const char *text)
{
    if (text != NULL) {
        dbk_json_pair_text(out, key, text);
    }
}

/* Leaves out what is the reader's default anyway. */
static void pair_unless(struct dbk_text *out, const char *key, int64_t value, int64_t usual)
{
    if (value != usual) {
        dbk_json_pair_integer(out, key, value);
    }
}

static void write_faults(const struct dbk_terms *terms, struct dbk_text *out)
{
    dbk_json_key(out, "faults");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < terms->fault_count; i++) {
        const struct dbk_scripted_fault *fault = &terms->faults[i];
        dbk_json_open(out, '{');
        pair_known(out, "rule", fault->rule);
        pair_known(out, "fault", fault->fault);
        pair_unless(out, "line", fault->line, 0);
        if (fault->if_reached) {
            dbk_json_pair_bool(out, "if_reached", true);
        }
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void write_expects(const struct dbk_terms *terms, struct dbk_text *out)
{
    dbk_json_key(out, "expect");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < terms->expect_count; i++) {
        const struct dbk_expect *expect = &terms->expects[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "kind", dbk_expect_name(expect->kind));
        pair_known(out, "booking", expect->booking);
        pair_known(out, "partner", expect->partner);
        pair_known(out, "status", expect->status);
        pair_known(out, "op", expect->op);
        pair_unless(out, "count", expect->count, 0);
        pair_unless(out, "by_ms", expect->by_ms, DBK_ABSENT);
        pair_unless(out, "line", expect->line, 0);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void write_steps(const struct dbk_terms *terms, struct dbk_text *out)
{
    dbk_json_key(out, "steps");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < terms->step_count; i++) {
        dbk_json_open(out, '{');
        pair_unless(out, "line", terms->steps[i].line, 0);
        pair_known(out, "text", terms->steps[i].text);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

/* Only where they are not the usual ones. */
static void write_moves(const struct dbk_terms *terms, struct dbk_text *out)
{
    if (!terms->has_moves) {
        return;
    }
    dbk_json_key(out, "moves");
    dbk_json_open(out, '{');
    for (size_t from = 0; from < DBK_HISTORY_STATUSES; from++) {
        dbk_json_key(out, dbk_history_statuses[from]);
        dbk_json_open(out, '[');
        for (size_t to = 0; to < DBK_HISTORY_STATUSES; to++) {
            if (terms->moves[from] & 1u << to) {
                dbk_json_put_text(out, dbk_history_statuses[to]);
            }
        }
        dbk_json_close(out, ']');
    }
    dbk_json_close(out, '}');
}

static void write_terms(const struct dbk_terms *terms, struct dbk_text *out)
{
    dbk_json_key(out, "terms");
    dbk_json_open(out, '{');
    dbk_json_key(out, "proves");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < terms->prove_count; i++) {
        dbk_json_put_text(out, terms->proves[i]);
    }
    dbk_json_close(out, ']');
    dbk_json_key(out, "except");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < terms->exception_count; i++) {
        dbk_json_open(out, '{');
        pair_known(out, "invariant", terms->exceptions[i].invariant);
        pair_known(out, "reason", terms->exceptions[i].reason);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    write_faults(terms, out);
    write_expects(terms, out);
    write_steps(terms, out);
    write_moves(terms, out);
    dbk_json_close(out, '}');
}

static void write_parties(const struct dbk_history *history, struct dbk_text *out)
{
    dbk_json_key(out, "clocks");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < history->clock_count; i++) {
        dbk_json_pair_integer(out, history->clocks[i].name, history->clocks[i].offset_ms);
    }
    dbk_json_close(out, '}');
    dbk_json_key(out, "partners");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < history->partner_count; i++) {
        dbk_json_key(out, history->partners[i].name);
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "profile", history->partners[i].profile.name);
        dbk_profile_write(&history->partners[i].profile, out);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, '}');
}

static void write_head(const struct dbk_history *history, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "history", DBK_HISTORY_FORMAT);
    pair_known(out, "scenario", history->scenario);
    pair_known(out, "file", history->file);
    pair_known(out, "stage", history->stage);
    pair_known(out, "policy", history->policy);
    pair_unless(out, "seed", history->seed, DBK_ABSENT);
    if (history->zero_ms != DBK_ABSENT) {
        char zero[DBK_INSTANT_TEXT];
        dbk_instant_print(history->zero_ms, zero);
        dbk_json_pair_text(out, "zero", zero);
    }
    pair_known(out, "inputs", history->inputs);
    write_parties(history, out);
    write_terms(&history->terms, out);
    dbk_json_close(out, '}');
}

/* Line 0 is the head, line i is fact i. */
static void write_line(const struct dbk_history *history, size_t number, struct dbk_text *out)
{
    if (number == 0) {
        write_head(history, out);
    } else {
        dbk_fact_write(&history->facts[number - 1], number, out);
    }
}

void dbk_history_seal(struct dbk_history *history, char hex[static DBK_DIGEST_HEX])
{
    struct dbk_text *line = &history->line;

    history->hash = (struct dbk_digest){0};
    for (size_t i = 0; i <= history->fact_count; i++) {
        dbk_text_clear(line);
        write_line(history, i, line);
        history->hash = dbk_digest_link(&history->hash, line->bytes, line->length);
    }
    dbk_digest_hex(&history->hash, hex);
}

void dbk_history_write(const struct dbk_history *history, struct dbk_text *out)
{
    struct dbk_digest hash = {0};
    char hex[DBK_DIGEST_HEX];

    for (size_t i = 0; i <= history->fact_count; i++) {
        size_t start = out->length;
        write_line(history, i, out);
        hash = dbk_digest_link(&hash, out->bytes + start, out->length - start);
        dbk_text_add_char(out, '\n');
    }
    dbk_digest_hex(&hash, hex);
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "history_hash", hex);
    dbk_json_close(out, '}');
    dbk_text_add_char(out, '\n');
}
