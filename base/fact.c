#include "base/fact.h"

static const char *const kind_names[DBK_FACT_KINDS + 1] = {
    [DBK_FACT_STEP] = "step",         [DBK_FACT_ASKED] = "asked",
    [DBK_FACT_READ] = "read",         [DBK_FACT_SAW] = "saw",
    [DBK_FACT_EFFECT] = "effect",     [DBK_FACT_ANSWER] = "answer",
    [DBK_FACT_CALLBACK] = "callback", [DBK_FACT_CALLBACK_ANSWERED] = "callback-answered",
    [DBK_FACT_FAULT] = "fault",       [DBK_FACT_PROCESS] = "process",
    [DBK_FACT_STORE] = "store",       [DBK_FACT_END] = "end",
    [DBK_FACT_CORE] = "core",         [DBK_FACT_NOTE] = "note",
};

/* Words that checkers compare. A log that says "Confirmed" would otherwise be judged as if it said
 * nothing; `op` and `fate` stay free, as logs of other systems know more of them. */
const char *const dbk_history_statuses[] = {"received", "pending", "confirmed", "cancelled",
                                            "rejected", "expired", NULL};
static const char *const syncs[] = {"unsent", "in_flight", "in_doubt", "waiting",
                                    "agreed", "disagreed", "operator", NULL};
static const char *const surfaces[] = {"page", "detail", "list", "message", NULL};
static const char *const states[] = {"on_hold",   "pending", "confirmed", "rejected",
                                     "cancelled", "expired", "none",      NULL};

/* Keys are written as they stand here: every run hashes some thousand of them. */
#define ROW(name, type, member, words)                                                             \
    {                                                                                              \
        name, ",\"" name "\":", sizeof(",\"" name "\":") - 1, type,                                \
            offsetof(struct dbk_fact, member), words                                               \
    }
#define TEXT(member) ROW(#member, DBK_FIELD_TEXT, member, NULL)
#define WORD(member, words) ROW(#member, DBK_FIELD_TEXT, member, words)
#define INTEGER(member) ROW(#member, DBK_FIELD_INTEGER, member, NULL)

const struct dbk_field dbk_fields[] = {
    TEXT(who),
    INTEGER(at_ms),
    TEXT(clock),
    ROW("reads", DBK_FIELD_INSTANT, reads_ms, NULL),
    INTEGER(asked_ms),
    INTEGER(made_ms),
    TEXT(to),
    TEXT(op),
    TEXT(exchange),
    TEXT(intent),
    TEXT(booking),
    TEXT(reservation),
    TEXT(callback),
    TEXT(key),
    INTEGER(attempt),
    WORD(surface, surfaces),
    WORD(status, dbk_history_statuses),
    WORD(sync, syncs),
    INTEGER(version),
    INTEGER(http),
    INTEGER(retry_ms),
    WORD(state_before, states),
    WORD(state, states),
    TEXT(fate),
    TEXT(fault),
    TEXT(claim),
    TEXT(by),
    INTEGER(line),
    INTEGER(nth),
    INTEGER(units),
    INTEGER(amount),
    INTEGER(price),
    TEXT(currency),
    TEXT(text),
};
const size_t dbk_field_count = DBK_COUNT(dbk_fields);

/* Every member of a fact but its kind is 8 bytes wide and has a row. */
_Static_assert(sizeof(struct dbk_fact) == 8 * (DBK_COUNT(dbk_fields) + 1),
               "a member of struct dbk_fact has no row in dbk_fields");

struct dbk_fact dbk_fact_of(enum dbk_fact_kind kind)
{
    return (struct dbk_fact){
        .kind = kind,
        .at_ms = DBK_ABSENT,
        .reads_ms = DBK_ABSENT,
        .asked_ms = DBK_ABSENT,
        .made_ms = DBK_ABSENT,
        .attempt = DBK_ABSENT,
        .version = DBK_ABSENT,
        .http = DBK_ABSENT,
        .retry_ms = DBK_ABSENT,
        .line = DBK_ABSENT,
        .nth = DBK_ABSENT,
        .units = DBK_ABSENT,
        .amount = DBK_ABSENT,
        .price = DBK_ABSENT,
    };
}

const char *dbk_fact_name(enum dbk_fact_kind kind)
{
    return kind_names[kind];
}

bool dbk_fact_is_outside(enum dbk_fact_kind kind)
{
    return kind != DBK_FACT_CORE && kind != DBK_FACT_NOTE;
}

static const char *text_in(const struct dbk_field *field, const struct dbk_fact *fact)
{
    return *(const char *const *)((const char *)fact + field->offset);
}

static int64_t integer_in(const struct dbk_field *field, const struct dbk_fact *fact)
{
    return *(const int64_t *)((const char *)fact + field->offset);
}

static const char **text_at(const struct dbk_field *field, struct dbk_fact *fact)
{
    return (const char **)((char *)fact + field->offset);
}

static int64_t *integer_at(const struct dbk_field *field, struct dbk_fact *fact)
{
    return (int64_t *)((char *)fact + field->offset);
}

void dbk_fact_write(const struct dbk_fact *fact, size_t number, struct dbk_text *out)
{
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "n", (int64_t)number);
    dbk_json_pair_text(out, "what", dbk_fact_name(fact->kind));
    for (size_t i = 0; i < dbk_field_count; i++) {
        const struct dbk_field *field = &dbk_fields[i];
        if (field->type == DBK_FIELD_TEXT) {
            const char *text = text_in(field, fact);
            if (text != NULL) {
                dbk_text_put(out, field->key, field->key_length);
                dbk_json_put_text(out, text);
            }
            continue;
        }
        int64_t value = integer_in(field, fact);
        if (value == DBK_ABSENT) {
            continue;
        }
        dbk_text_put(out, field->key, field->key_length);
        if (field->type == DBK_FIELD_INSTANT) {
            char instant[DBK_INSTANT_TEXT];
            dbk_instant_print(value, instant);
            dbk_json_put_text(out, instant);
        } else {
            dbk_json_put_integer(out, value);
        }
    }
    dbk_json_close(out, '}');
}

void dbk_fact_keep(struct dbk_fact *fact, struct dbk_arena *arena)
{
    for (size_t i = 0; i < dbk_field_count; i++) {
        if (dbk_fields[i].type == DBK_FIELD_TEXT) {
            const char **text = text_at(&dbk_fields[i], fact);
            if (*text != NULL) {
                *text = dbk_arena_text(arena, *text);
            }
        }
    }
}

static bool is_word(const char *text, const char *const *words)
{
    while (*words != NULL && !dbk_same(text, *words)) {
        words++;
    }
    return *words != NULL;
}

/* Complains that a member holds something else than one of the words. */
static void complain_of_word(const struct dbk_line *line, const char *name, const char *text,
                             const char *const *words)
{
    struct dbk_text list = {0};

    for (size_t i = 0; words[i] != NULL; i++) {
        dbk_text_add(&list, i == 0 ? "" : ", ");
        dbk_text_add(&list, words[i]);
    }
    dbk_complain(line->complaints, line->file, line->number, 1,
                 "%s: unknown word '%s'; expected one of %s", name, text, list.bytes);
    dbk_text_reset(&list);
}

static void read_text(const struct dbk_field *field, const cJSON *member, struct dbk_fact *fact,
                      const struct dbk_line *line)
{
    if (!cJSON_IsString(member)) {
        dbk_complain(line->complaints, line->file, line->number, 1,
                     "%s: expected text, or no such member where it is not known", field->name);
        return;
    }
    if (field->words != NULL && dbk_fact_is_outside(fact->kind) &&
        !is_word(member->valuestring, field->words)) {
        complain_of_word(line, field->name, member->valuestring, field->words);
        return;
    }
    *text_at(field, fact) = member->valuestring;
}

static void read_integer(const struct dbk_field *field, const cJSON *member, struct dbk_fact *fact,
                         const struct dbk_line *line)
{
    int64_t value = 0;

    if (!dbk_json_node_integer(member, &value) || value > DBK_FACT_INTEGER_MAX ||
        value < -DBK_FACT_INTEGER_MAX) {
        dbk_complain(line->complaints, line->file, line->number, 1,
                     "%s: expected a whole number of at most 15 digits, or no such member where it "
                     "is not known",
                     field->name);
        return;
    }
    *integer_at(field, fact) = value;
}

static void read_instant(const struct dbk_field *field, const cJSON *member, struct dbk_fact *fact,
                         const struct dbk_line *line)
{
    if (!cJSON_IsString(member) ||
        !dbk_instant_parse(member->valuestring, integer_at(field, fact))) {
        dbk_complain(line->complaints, line->file, line->number, 1,
                     "%s: expected an instant such as \"2026-07-01T17:25:47.012Z\"", field->name);
    }
}

void dbk_fact_read(struct dbk_fact *fact, size_t number, const cJSON *node,
                   const struct dbk_line *line)
{
    const char *what = dbk_json_text(node, "what");
    const cJSON *given = dbk_json_get(node, "n");
    int64_t n = 0;
    int kind = 0;

    if (what == NULL) {
        dbk_complain(line->complaints, line->file, line->number, 1,
                     "what: missing or not text; it names the kind of the fact");
        return;
    }
    while (kind < DBK_FACT_KINDS && !dbk_same(what, kind_names[kind])) {
        kind++;
    }
    if (kind == DBK_FACT_KINDS) {
        complain_of_word(line, "what", what, kind_names);
        return;
    }
    if (given != NULL && (!dbk_json_node_integer(given, &n) || n != (int64_t)number)) {
        dbk_complain(line->complaints, line->file, line->number, 1,
                     "n: this is fact %zu; facts count from 1 without gap, or have no n", number);
    }
    *fact = dbk_fact_of((enum dbk_fact_kind)kind);
    for (size_t i = 0; i < dbk_field_count; i++) {
        static void (*const readers[])(const struct dbk_field *, const cJSON *, struct dbk_fact *,
                                       const struct dbk_line *) = {
            [DBK_FIELD_TEXT] = read_text,
            [DBK_FIELD_INTEGER] = read_integer,
            [DBK_FIELD_INSTANT] = read_instant,
        };
        const cJSON *member = dbk_json_get(node, dbk_fields[i].name);
        if (member != NULL) {
            readers[dbk_fields[i].type](&dbk_fields[i], member, fact, line);
        }
    }
}
