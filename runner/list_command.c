#include "runner/check/check.h"
#include "runner/cli.h"
#include "runner/library.h"
#include "runner/table.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What one list adds to out: for people at a width, or as JSON. */
struct list {
    const struct dbk_library *library;
    struct dbk_arena *arena;
    struct dbk_complaints *complaints;
    int width;
    struct dbk_text *out;
};

/* A growing list of rows. */
struct rows {
    struct dbk_table_row *items;
    size_t count;
};

static struct rows rows_new(const struct list *list, size_t most)
{
    return (struct rows){dbk_arena_alloc(list->arena, (most + 1) * sizeof(struct dbk_table_row)),
                         0};
}

static void print(const struct list *list, const struct dbk_table *heads, const struct rows *rows)
{
    struct dbk_table table = *heads;
    table.rows = rows->items;
    table.row_count = rows->count;
    while (table.heads[table.columns])
        table.columns++;
    dbk_table_print(&table, list->width, list->out);
}

static void open_list(const struct list *list, const char *name)
{
    dbk_json_open(list->out, '{');
    dbk_json_pair_integer(list->out, "format", 1);
    dbk_json_key(list->out, name);
    dbk_json_open(list->out, '[');
}

static void close_list(const struct list *list)
{
    dbk_json_close(list->out, ']');
    dbk_json_close(list->out, '}');
    dbk_text_add_char(list->out, '\n');
}

/* ---- faults ---- */

static const char *side_name(enum dbk_fault_side side)
{
    static const char *const names[] = {
        [DBK_SIDE_BEFORE] = "before", [DBK_SIDE_AFTER] = "after", [DBK_SIDE_NONE] = "none"};
    return names[side];
}

static struct dbk_words ops_of(const struct dbk_fault_row *row)
{
    struct dbk_words ops = {.count = 0};
    for (enum dbk_op op = DBK_OP_CREATE; op < DBK_OPS; op++)
        if (row->ops & (1u << op))
            dbk_words_add(&ops, dbk_op_name(op));
    return ops;
}

static void lapses_table(const struct list *list)
{
    struct rows rows = rows_new(list, DBK_LAPSES);
    for (size_t i = 0; i < DBK_LAPSES; i++)
        rows.items[rows.count++] = (struct dbk_table_row){
            {dbk_lapses[i].name, dbk_lapses[i].said_by, dbk_lapses[i].breaks},
            {dbk_lapses[i].sentence}};
    dbk_text_add_char(list->out, '\n');
    dbk_paragraph_print("Told as faults as well, though no `do` of a script names them, and never "
                        "missed where they do not come up:",
                        0, list->width, list->out);
    print(list, &(struct dbk_table){.heads = {"LAPSE", "SAID BY", "BREAKS"}}, &rows);
}

static void callbacks_table(const struct list *list)
{
    struct rows rows = rows_new(list, DBK_CALLBACK_FAULTS);
    for (size_t i = 0; i < DBK_CALLBACK_FAULTS; i++)
        rows.items[rows.count++] =
            (struct dbk_table_row){{dbk_callback_faults[i].name, dbk_callback_faults[i].said_by},
                                   {dbk_callback_faults[i].sentence}};
    dbk_text_add_char(list->out, '\n');
    dbk_paragraph_print("What may become of a callback that a partner sends by itself; none of it "
                        "breaks a promise:",
                        0, list->width, list->out);
    print(list, &(struct dbk_table){.heads = {"CALLBACK", "A RULE SAYS"}}, &rows);
}

static void user_table(const struct list *list)
{
    struct rows rows = rows_new(list, DBK_USER_FAULTS);
    for (size_t i = 0; i < DBK_USER_FAULTS; i++) {
        const struct dbk_fault_row *row = &dbk_user_faults[i];
        rows.items[rows.count++] = (struct dbk_table_row){
            {row->name, row->point, side_name(row->side), row->made_by,
             row->argument ? dbk_arena_printf(list->arena, "%s%s", row->argument,
                                              row->argument_needed ? "" : " (optional)")
                           : "-"},
            {row->sentence}};
    }
    dbk_text_add_char(list->out, '\n');
    dbk_paragraph_print("What may befall the request of a traveller's step (`do` of a step) on its "
                        "way to the Booking API, whose commit SIDE is about:",
                        0, list->width, list->out);
    print(
        list,
        &(struct dbk_table){.heads = {"ON THE USER'S WAY", "POINT", "SIDE", "MADE BY", "ARGUMENT"}},
        &rows);
}

static void user_json(const struct list *list)
{
    struct dbk_text *out = list->out;
    dbk_json_key(out, "user_faults");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < DBK_USER_FAULTS; i++) {
        const struct dbk_fault_row *row = &dbk_user_faults[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "fault", row->name);
        dbk_json_pair_text(out, "point", row->point);
        dbk_json_pair_text(out, "side", side_name(row->side));
        dbk_json_pair_text(out, "made_by", row->made_by);
        dbk_json_pair_text(out, "argument", row->argument);
        dbk_json_pair_bool(out, "argument_needed", row->argument_needed);
        dbk_json_pair_text(out, "sentence", row->sentence);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
}

static void faults_table(const struct list *list)
{
    struct rows rows = rows_new(list, DBK_FAULTS);
    for (size_t i = 0; i < DBK_FAULTS; i++) {
        const struct dbk_fault_row *row = &dbk_faults[i];
        struct dbk_words ops = ops_of(row);
        struct dbk_text text = {0};
        dbk_words_print(&ops, &text);
        const char *breaks = row->breaks ? row->breaks : "-";
        if (row->breaks && row->unless)
            breaks = dbk_arena_printf(list->arena, "%s, from %s on", breaks, row->unless);
        rows.items[rows.count++] = (struct dbk_table_row){
            {row->name, row->point, side_name(row->side), row->made_by, breaks,
             row->argument ? dbk_arena_printf(list->arena, "%s%s", row->argument,
                                              row->argument_needed ? "" : " (optional)")
                           : "-"},
            {row->sentence, dbk_arena_printf(list->arena, "Stands in: %s.", text.bytes)}};
        dbk_text_reset(&text);
    }
    print(list,
          &(struct dbk_table){.heads = {"FAULT", "POINT", "SIDE", "MADE BY", "BREAKS", "ARGUMENT"}},
          &rows);
    user_table(list);
    callbacks_table(list);
    lapses_table(list);
}

static void faults_json(const struct list *list)
{
    struct dbk_text *out = list->out;
    open_list(list, "faults");
    for (size_t i = 0; i < DBK_FAULTS; i++) {
        const struct dbk_fault_row *row = &dbk_faults[i];
        struct dbk_words ops = ops_of(row);
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "fault", row->name);
        dbk_json_pair_text(out, "point", row->point);
        dbk_json_pair_text(out, "side", side_name(row->side));
        dbk_json_pair_text(out, "made_by", row->made_by);
        dbk_json_pair_text(out, "breaks", row->breaks);
        dbk_json_pair_text(out, "unless", row->unless);
        dbk_json_pair_text(out, "argument", row->argument);
        dbk_json_pair_bool(out, "argument_needed", row->argument_needed);
        dbk_json_key(out, "ops");
        dbk_json_open(out, '[');
        for (size_t k = 0; k < ops.count; k++)
            dbk_json_put_text(out, ops.names[k]);
        dbk_json_close(out, ']');
        dbk_json_pair_text(out, "sentence", row->sentence);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    user_json(list);
    dbk_json_key(out, "callbacks");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < DBK_CALLBACK_FAULTS; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "callback", dbk_callback_faults[i].name);
        dbk_json_pair_text(out, "said_by", dbk_callback_faults[i].said_by);
        dbk_json_pair_text(out, "sentence", dbk_callback_faults[i].sentence);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_key(out, "lapses");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < DBK_LAPSES; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "lapse", dbk_lapses[i].name);
        dbk_json_pair_text(out, "said_by", dbk_lapses[i].said_by);
        dbk_json_pair_text(out, "breaks", dbk_lapses[i].breaks);
        dbk_json_pair_text(out, "sentence", dbk_lapses[i].sentence);
        dbk_json_close(out, '}');
    }
    close_list(list);
}

/* ---- invariants ---- */

static void invariants_table(const struct list *list)
{
    struct rows rows = rows_new(list, dbk_invariant_count);
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        const struct dbk_invariant *row = &dbk_invariants[i];
        rows.items[rows.count++] = (struct dbk_table_row){
            {row->id, row->is_eventual ? "eventually" : "always", row->exposed_by, row->needs},
            {row->rule}};
    }
    print(list, &(struct dbk_table){.heads = {"INVARIANT", "HOLDS", "EXPOSED BY", "NEEDS"}}, &rows);
}

static void invariants_json(const struct list *list)
{
    struct dbk_text *out = list->out;
    open_list(list, "invariants");
    for (size_t i = 0; i < dbk_invariant_count; i++) {
        const struct dbk_invariant *row = &dbk_invariants[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "invariant", row->id);
        dbk_json_pair_text(out, "holds", row->is_eventual ? "eventually" : "always");
        dbk_json_pair_text(out, "rule", row->rule);
        dbk_json_pair_text(out, "exposed_by", row->exposed_by);
        dbk_json_pair_text(out, "needs", row->needs);
        dbk_json_close(out, '}');
    }
    close_list(list);
}

/* ---- profiles ---- */

static const char *knob_value(const struct list *list, const struct dbk_profile *profile,
                              const struct dbk_knob *knob)
{
    char duration[DBK_DURATION_TEXT];
    if (knob->type == DBK_KNOB_CLAIM)
        return NULL;
    if (knob->type == DBK_KNOB_ENUM)
        return dbk_profile_value_name(profile, knob);
    dbk_duration_print(*(const int64_t *)((const char *)profile + knob->offset), duration);
    return dbk_arena_text(list->arena, duration);
}

static const char *knob_name(const struct list *list, const struct dbk_knob *knob)
{
    return knob->group ? dbk_arena_printf(list->arena, "%s.%s", knob->group, knob->key) : knob->key;
}

/* "summary:" of a data file; "" where there is none. */
static const char *summary_of(const struct list *list, const char *folder, const char *name)
{
    char path[4608];
    dbk_library_path(list->library, folder, name, path);
    struct dbk_yaml *yaml = dbk_yaml_load(path, list->complaints);
    const char *summary = yaml ? dbk_json_text(dbk_yaml_root(yaml), "summary") : NULL;
    summary = dbk_arena_text(list->arena, summary ? summary : "");
    dbk_yaml_free(yaml);
    return summary;
}

static bool find_profile(const struct list *list, const char *name, struct dbk_profile *profile)
{
    struct dbk_digest digest = dbk_digest_of("", 0);
    return dbk_profile_find(list->library, name, profile, &digest, list->complaints);
}

static void profile_table(const struct list *list, const char *name)
{
    struct rows rows = rows_new(list, dbk_knob_count);
    struct dbk_profile profile;
    if (!find_profile(list, name, &profile))
        return;
    for (size_t i = 0; i < dbk_knob_count; i++) {
        const struct dbk_knob *knob = &dbk_knobs[i];
        rows.items[rows.count++] = (struct dbk_table_row){
            {knob->key ? knob_name(list, knob) : "-",
             knob->key ? knob_value(list, &profile, knob) : "always", knob->claim},
            {dbk_arena_printf(list->arena, "%s Broken by %s.", knob->sentence, knob->broken_when)}};
    }
    dbk_text_printf(list->out, "%s%s\n", list->out->length ? "\n" : "", name);
    dbk_paragraph_print(summary_of(list, DBK_PROFILE_FOLDER, name), 2, list->width, list->out);
    print(list, &(struct dbk_table){.heads = {"KNOB", "VALUE", "CLAIM"}, .indent = 2}, &rows);
}

static void profiles_table(const struct list *list)
{
    struct dbk_words names = dbk_library_names(list->library, DBK_PROFILE_FOLDER, list->arena);
    for (size_t i = 0; i < names.count; i++)
        profile_table(list, names.names[i]);
}

static void profiles_json(const struct list *list)
{
    struct dbk_words names = dbk_library_names(list->library, DBK_PROFILE_FOLDER, list->arena);
    struct dbk_text *out = list->out;
    open_list(list, "profiles");
    for (size_t i = 0; i < names.count; i++) {
        struct dbk_profile profile;
        if (!find_profile(list, names.names[i], &profile))
            continue;
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "profile", names.names[i]);
        dbk_json_pair_text(out, "summary", summary_of(list, DBK_PROFILE_FOLDER, names.names[i]));
        dbk_json_key(out, "claims");
        dbk_json_open(out, '[');
        for (size_t k = 0; k < dbk_knob_count; k++) {
            const struct dbk_knob *knob = &dbk_knobs[k];
            dbk_json_open(out, '{');
            dbk_json_pair_text(out, "claim", knob->claim);
            dbk_json_pair_text(out, "knob", knob_name(list, knob));
            dbk_json_pair_text(out, "value", knob_value(list, &profile, knob));
            dbk_json_pair_text(out, "sentence", knob->sentence);
            dbk_json_pair_text(out, "broken_when", knob->broken_when);
            dbk_json_close(out, '}');
        }
        dbk_json_close(out, ']');
        dbk_json_close(out, '}');
    }
    close_list(list);
}

/* ---- policies ---- */

static struct dbk_words policy_names(const struct list *list)
{
    struct dbk_words names = dbk_library_names(list->library, DBK_POLICY_FOLDER, list->arena);
    struct dbk_words all = {.names = {"reference"}, .count = 1};
    for (size_t i = 0; i < names.count; i++)
        if (!dbk_same(names.names[i], "reference"))
            dbk_words_add(&all, names.names[i]);
    return all;
}

static const char *policy_summary(const struct list *list, const char *name)
{
    bool is_built_in = dbk_same(name, "reference");
    return is_built_in ? "The safe one: the first value of every rule."
                       : summary_of(list, DBK_POLICY_FOLDER, name);
}

/* The policies that have this value of a rule: "naive". */
static const char *who_has(const struct list *list, const struct dbk_policy *policies,
                           size_t policy_count, size_t rule, size_t value)
{
    struct dbk_words words = {.count = 0};
    struct dbk_text text = {0};
    for (size_t i = 0; i < policy_count; i++)
        if (policies[i].rules[rule] == value)
            dbk_words_add(&words, policies[i].name);
    dbk_words_print(&words, &text);
    const char *has = dbk_arena_text(list->arena, text.bytes ? text.bytes : "");
    dbk_text_reset(&text);
    return has;
}

static void rules_table(const struct list *list, const struct dbk_policy *policies, size_t count)
{
    for (size_t i = 0; i < DBK_RULES; i++) {
        struct rows rows = rows_new(list, 16);
        for (size_t v = 0; dbk_rules[i].values[v] && v < 16; v++)
            rows.items[rows.count++] = (struct dbk_table_row){
                .cells = {dbk_rules[i].values[v], who_has(list, policies, count, i, v),
                          dbk_rules[i].meanings[v]}};
        dbk_text_printf(list->out, "\n%s\n", dbk_rules[i].name);
        dbk_paragraph_print(dbk_rules[i].question, 2, list->width, list->out);
        print(list, &(struct dbk_table){.heads = {"VALUE", "POLICIES", "MEANING"}, .indent = 4},
              &rows);
    }
}

static void settings_table(const struct list *list)
{
    struct rows rows = rows_new(list, DBK_SETTINGS);
    for (size_t i = 0; i < DBK_SETTINGS; i++) {
        char duration[DBK_DURATION_TEXT];
        dbk_duration_print(dbk_settings[i].reference_ms, duration);
        rows.items[rows.count++] = (struct dbk_table_row){
            .cells = {dbk_settings[i].name, dbk_arena_text(list->arena, duration),
                      dbk_settings[i].sentence}};
    }
    dbk_text_add_char(list->out, '\n');
    print(list, &(struct dbk_table){.heads = {"SETTING", "REFERENCE", "MEANING"}}, &rows);
}

/* All that can be read; complaints tell the rest. */
static size_t find_policies(const struct list *list, const struct dbk_words *names,
                            struct dbk_policy *policies)
{
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++)
        if (dbk_policy_find(list->library, names->names[i], &policies[count], list->complaints))
            count++;
    return count;
}

static void policies_table(const struct list *list)
{
    struct dbk_words names = policy_names(list);
    struct dbk_policy *policies = dbk_arena_alloc(list->arena, names.count * sizeof *policies);
    size_t count = find_policies(list, &names, policies);
    struct rows rows = rows_new(list, count);
    for (size_t i = 0; i < count; i++)
        rows.items[rows.count++] =
            (struct dbk_table_row){.cells = {names.names[i], policy_summary(list, names.names[i])}};
    print(list, &(struct dbk_table){.heads = {"POLICY", "SUMMARY"}}, &rows);
    rules_table(list, policies, count);
    settings_table(list);
}

static void policy_json(const struct list *list, const char *name, const struct dbk_policy *policy)
{
    struct dbk_text *out = list->out;
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "policy", name);
    dbk_json_pair_text(out, "summary", policy_summary(list, name));
    dbk_json_key(out, "rules");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < DBK_RULES; i++) {
        size_t value = policy->rules[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "rule", dbk_rules[i].name);
        dbk_json_pair_text(out, "question", dbk_rules[i].question);
        dbk_json_pair_text(out, "value", dbk_rules[i].values[value]);
        dbk_json_pair_text(out, "meaning", dbk_rules[i].meanings[value]);
        dbk_json_key(out, "values");
        dbk_json_open(out, '[');
        for (size_t v = 0; dbk_rules[i].values[v]; v++)
            dbk_json_put_text(out, dbk_rules[i].values[v]);
        dbk_json_close(out, ']');
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_key(out, "settings");
    dbk_json_open(out, '{');
    for (size_t i = 0; i < DBK_SETTINGS; i++)
        dbk_json_pair_integer(out, dbk_settings[i].name, policy->settings_ms[i]);
    dbk_json_close(out, '}');
    dbk_json_close(out, '}');
}

static void policies_json(const struct list *list)
{
    struct dbk_words names = policy_names(list);
    open_list(list, "policies");
    for (size_t i = 0; i < names.count; i++) {
        struct dbk_policy policy;
        if (dbk_policy_find(list->library, names.names[i], &policy, list->complaints))
            policy_json(list, names.names[i], &policy);
    }
    close_list(list);
}

/* ---- choices ---- */

static void choices_table(const struct list *list)
{
    struct rows rows = rows_new(list, DBK_SITE_COUNT);
    for (size_t i = 0; i < DBK_SITE_COUNT; i++) {
        const struct dbk_site_row *row = &dbk_sites[i];
        rows.items[rows.count++] =
            (struct dbk_table_row){{row->name, row->is_adverse ? "adverse" : "neutral",
                                    row->is_live ? "yes" : "no", row->script_form},
                                   {dbk_arena_printf(list->arena, "Asked: %s.", row->asked),
                                    dbk_arena_printf(list->arena, "Takes: %s.", row->takes)}};
    }
    print(list, &(struct dbk_table){.heads = {"SITE", "KIND", "LIVE", "IN A SCENARIO"}}, &rows);
}

static void choices_json(const struct list *list)
{
    struct dbk_text *out = list->out;
    open_list(list, "choices");
    for (size_t i = 0; i < DBK_SITE_COUNT; i++) {
        const struct dbk_site_row *row = &dbk_sites[i];
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "site", row->name);
        dbk_json_pair_text(out, "kind", row->is_adverse ? "adverse" : "neutral");
        dbk_json_pair_bool(out, "live", row->is_live);
        dbk_json_pair_text(out, "asked", row->asked);
        dbk_json_pair_text(out, "takes", row->takes);
        dbk_json_pair_text(out, "script_form", row->script_form);
        dbk_json_close(out, '}');
    }
    close_list(list);
}

/* ---- the command ---- */

static const struct {
    const char *name;
    void (*table)(const struct list *list);
    void (*json)(const struct list *list);
} lists[] = {
    {"faults", faults_table, faults_json},       {"invariants", invariants_table, invariants_json},
    {"profiles", profiles_table, profiles_json}, {"policies", policies_table, policies_json},
    {"choices", choices_table, choices_json},
};

static int terminal_width(void)
{
    struct winsize size;
    bool is_known = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return is_known && size.ws_col > 0 ? size.ws_col : 100;
}

static int list_one(const struct dbk_cli *call, size_t which, bool is_json)
{
    struct dbk_library library;
    struct dbk_complaints complaints = {0};
    struct dbk_arena arena = {0};
    struct dbk_text out = {0};
    char why[160];
    if (!dbk_library_find(&library, why))
        return dbk_cli_failed(call, "%s", why);
    const struct list list = {&library, &arena, &complaints, terminal_width(), &out};
    (is_json ? lists[which].json : lists[which].table)(&list);
    fputs(out.bytes ? out.bytes : "", stdout);
    int code = complaints.total > 0 ? dbk_cli_complain(&complaints) : 0;
    dbk_text_reset(&out);
    dbk_complaints_reset(&complaints);
    dbk_arena_free(&arena);
    return code;
}

static int misuse(const struct dbk_cli *call, const struct dbk_words *words, const char *noun,
                  const char *wrong)
{
    struct dbk_text text = {0};
    dbk_words_unknown(words, noun, wrong, &text);
    int code = dbk_cli_misuse(call, "%s", text.bytes);
    dbk_text_reset(&text);
    return code;
}

int dbk_list_command(const struct dbk_cli *call)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0}};
    const struct dbk_words formats = {.names = {"table", "json"}, .count = 2};
    const char *format = "table";
    int option;
    while ((option = dbk_cli_option(call, options)) != -1) {
        if (option == 'h')
            return dbk_cli_help(call);
        if (option != 'f')
            return DBK_EXIT_BAD_INPUT;
        format = optarg;
    }
    if (!dbk_words_have(&formats, format))
        return misuse(call, &formats, "format", format);
    struct dbk_words words = {.count = 0};
    const char *wanted = optind < call->argc ? call->argv[optind] : "";
    for (size_t i = 0; i < DBK_COUNT(lists); i++) {
        if (strcmp(lists[i].name, wanted) == 0) {
            int code = dbk_cli_no_more(call, optind + 1);
            return code == 0 ? list_one(call, i, strcmp(format, "json") == 0) : code;
        }
        dbk_words_add(&words, lists[i].name);
    }
    return misuse(call, &words, "list", wanted);
}
