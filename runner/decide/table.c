#include "runner/decide/table.h"

#include "runner/decide/saw.h"

#define EVENTS_MAX 12

/* What somebody who is called at night would say. */
static const struct {
    const char *doubt;
    const char *events[EVENTS_MAX]; /* NULL behind the last */
    enum { ANY, LOOKS_UP, HOLDS, CALLS_BACK } needs;
} doubts[] = {
    {"A create got no answer", {"create", "timeout"}, ANY},
    {"A create's connection broke", {"create", "broken"}, ANY},
    {"A create was answered 500", {"create", "error=500"}, ANY},
    {"After a lost answer, a look-up shows it confirmed",
     {"create", "timeout", "look-up", "answered=confirmed"},
     LOOKS_UP},
    {"After a lost answer, a look-up shows nothing",
     {"create", "timeout", "look-up", "nothing"},
     LOOKS_UP},
    {"The look-up itself gets no answer", {"create", "timeout", "look-up", "timeout"}, LOOKS_UP},
    {"A look-up sent ten minutes later shows nothing",
     {"create", "timeout", "look-up@10m", "nothing"},
     LOOKS_UP},
    {"An hour after a lost answer nothing is known", {"create", "timeout", "asked@1h"}, ANY},
    {"The traveller cancels while the create is in doubt",
     {"create", "timeout", "cancel-asked"},
     ANY},
    {"The partner holds it, and the confirm got no answer",
     {"create", "answered=on_hold", "confirm", "timeout"},
     HOLDS},
    {"The confirm was refused", {"create", "answered=on_hold", "confirm", "refused"}, HOLDS},
    {"A callback says confirmed while the create is in doubt",
     {"create", "timeout", "callback=confirmed"},
     CALLS_BACK},
    {"A callback says pending of what was confirmed",
     {"create", "answered=confirmed", "callback=pending"},
     CALLS_BACK},
    {"A cancel got no answer",
     {"create", "answered=confirmed", "cancel-asked", "cancel", "timeout"},
     ANY},
    {"A cancel was refused",
     {"create", "answered=confirmed", "cancel-asked", "cancel", "refused"},
     ANY},
    {"The partner cancelled what was confirmed",
     {"create", "answered=confirmed", "get", "answered=cancelled"},
     ANY},
};

static bool can_have(const struct dbk_profile *profile, size_t doubt)
{
    switch (doubts[doubt].needs) {
    case LOOKS_UP:
        return profile->look_up != DBK_LOOK_UP_NONE;
    case HOLDS:
        return profile->books_as == DBK_BOOKS_ON_HOLD;
    case CALLS_BACK:
        return profile->callback_kind != DBK_CALLBACK_NONE;
    default:
        return true;
    }
}

/* A cell holds no bar and no line feed; none of our sentences does. */
static void add_row(const struct dbk_profile *profile, size_t doubt, struct dbk_arena *arena,
                    struct dbk_text *out)
{
    struct dbk_policy policy = dbk_policy_reference();
    struct dbk_saw saw;
    char why[160];

    dbk_saw_begin(&saw, profile, &policy, arena);
    for (size_t i = 0; i < EVENTS_MAX && doubts[doubt].events[i]; i++)
        if (!dbk_saw_add(&saw, doubts[doubt].events[i], why))
            dbk_text_printf(out, "(%s)", why); /* a test fails where the page says so */
    const struct dbk_advice_question question = {.evidence = saw.evidence,
                                                 .count = saw.count,
                                                 .profile = profile,
                                                 .policy = &policy,
                                                 .now_ms = saw.now_ms,
                                                 .zero_ms = DBK_SAW_ZERO_MS};
    struct dbk_advice advice = dbk_advise(&question, arena);
    dbk_text_printf(out, "| %s | ", doubts[doubt].doubt);
    dbk_advice_next(&advice, out);
    dbk_text_printf(out, " | %s | ", advice.decision.reason);
    for (size_t i = 0; i < DBK_DECISION_CLAIMS && advice.decision.claims[i]; i++)
        dbk_text_printf(out, "%s`%s`", i ? ", " : "", advice.decision.claims[i]);
    dbk_text_printf(out, " | %s | ", advice.decision.unsafe);
    dbk_advice_known_by(&advice, out);
    dbk_text_add(out, " |\n");
}

const char *dbk_profile_source(const struct dbk_library *library, const char *profile,
                               struct dbk_arena *arena, struct dbk_complaints *complaints)
{
    char path[4608];

    dbk_library_path(library, DBK_PROFILE_FOLDER, profile, path);
    struct dbk_yaml *yaml = dbk_yaml_load(path, complaints);
    const char *source =
        dbk_arena_text(arena, yaml ? dbk_json_text(dbk_yaml_root(yaml), "source") : NULL);
    dbk_yaml_free(yaml);
    return source;
}

static bool add_profile(const struct dbk_library *library, const char *name, struct dbk_text *out,
                        struct dbk_complaints *complaints)
{
    struct dbk_digest digest = dbk_digest_of("", 0);
    struct dbk_arena arena = {0};
    struct dbk_profile profile;
    bool is_found = dbk_profile_find(library, name, &profile, &digest, complaints);
    const char *source = is_found ? dbk_profile_source(library, name, &arena, complaints) : NULL;

    if (is_found) {
        dbk_text_printf(out, "\n## %s\n\n", name);
        if (source)
            dbk_text_printf(out, "%s\n", source);
        dbk_text_add(out, "| what was seen | next | because | rests on | unsafe now | known by |\n"
                          "|---|---|---|---|---|---|\n");
        for (size_t i = 0; i < DBK_COUNT(doubts); i++)
            if (can_have(&profile, i))
                add_row(&profile, i, &arena, out);
    }
    dbk_arena_free(&arena);
    return is_found;
}

bool dbk_decide_table(const struct dbk_library *library, const char *const *profiles,
                      size_t profile_count, struct dbk_text *out, struct dbk_complaints *complaints)
{
    bool is_good = true;

    dbk_text_add(
        out,
        "# Decisions\n\n"
        "What the reference core decides, per partner's profile and kind of doubt: the answer of "
        "the\n"
        "function that its workers act on, written by `doublebook decide --table`. Times count "
        "from\n"
        "the create. `doublebook decide --profile P --saw EVENT...` answers for any other case.\n");
    for (size_t i = 0; i < profile_count; i++)
        is_good = add_profile(library, profiles[i], out, complaints) && is_good;
    return is_good;
}
