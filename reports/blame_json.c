#include "reports/blame.h"

#include "base/json.h"

static void put_json_set(const struct dbk_blame *blame, uint32_t set, struct dbk_text *out)
{
    dbk_json_open(out, '[');
    for (size_t i = 0; i < blame->habit_count; i++)
        if (set & (UINT32_C(1) << i))
            dbk_json_put_text(out, blame->habits[i].name);
    dbk_json_close(out, ']');
}

static void put_json_things(const struct dbk_blame *blame, uint64_t bits, struct dbk_text *out)
{
    struct dbk_text name = {0};
    dbk_json_open(out, '[');
    for (size_t i = 0; i < blame->thing_count; i++) {
        if (!(bits & (UINT64_C(1) << i)))
            continue;
        dbk_text_add(&name, blame->things[i].invariant);
        if (blame->things[i].line > 0)
            dbk_text_printf(&name, ":%d", blame->things[i].line);
        dbk_json_put_text(out, name.bytes);
        dbk_text_clear(&name);
    }
    dbk_json_close(out, ']');
    dbk_text_reset(&name);
}

static void put_json_sets(const struct dbk_blame *blame, const char *key,
                          const struct dbk_habit_sets *sets, struct dbk_text *out)
{
    dbk_json_key(out, key);
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "count", sets->count);
    dbk_json_pair_integer(out, "searched", sets->searched);
    dbk_json_key(out, "sets");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < sets->kept; i++) {
        dbk_json_open(out, '{');
        dbk_json_key(out, "habits");
        put_json_set(blame, sets->sets[i], out);
        dbk_json_key(out, "violated");
        put_json_things(blame, sets->leaves[i], out);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
}

static void put_json_blamed(const struct dbk_blame *blame, const struct dbk_blamed *blamed,
                            struct dbk_text *out)
{
    const struct dbk_blamable *thing = &blame->things[blamed->what];
    dbk_json_open(out, '{');
    dbk_json_pair_text(out, "invariant", thing->invariant);
    if (thing->line > 0)
        dbk_json_pair_integer(out, "line", thing->line);
    else
        dbk_json_pair_text(out, "line", NULL);
    dbk_json_pair_bool(out, "in_reference", blamed->is_in_reference);
    put_json_sets(blame, "shown_by", &blamed->shows, out);
    put_json_sets(blame, "ended_by", &blamed->ends, out);
    dbk_json_close(out, '}');
}

void dbk_blame_put_json(const struct dbk_outcome *outcome, struct dbk_text *out)
{
    const struct dbk_blame *blame = outcome->blame;
    if (!blame) {
        dbk_json_pair_text(out, "blame", NULL);
        return;
    }
    dbk_json_key(out, "blame");
    dbk_json_open(out, '{');
    dbk_json_pair_integer(out, "runs", blame->runs);
    dbk_json_pair_integer(out, "runs_max", blame->runs_max);
    dbk_json_pair_integer(out, "facts", blame->facts);
    dbk_json_pair_integer(out, "facts_max", blame->facts_max);
    dbk_json_key(out, "habits");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < blame->habit_count; i++) {
        dbk_json_open(out, '{');
        dbk_json_pair_text(out, "name", blame->habits[i].name);
        dbk_json_pair_text(out, "value", blame->habits[i].value);
        dbk_json_pair_text(out, "reference", blame->habits[i].reference);
        dbk_json_close(out, '}');
    }
    dbk_json_close(out, ']');
    dbk_json_key(out, "violations");
    dbk_json_open(out, '[');
    for (size_t i = 0; i < blame->blamed_count; i++)
        put_json_blamed(blame, &blame->blamed[i], out);
    dbk_json_close(out, ']');
    dbk_json_close(out, '}');
}
