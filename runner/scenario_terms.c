#include "runner/scenario_loader.h"

#include <stdio.h>
#include <string.h>

#define ARENA(loader) (&(loader)->scenario->arena)

/* The first entry of a list, or the first member of a mapping. */
static const cJSON *first_of(const cJSON *node)
{
    return cJSON_IsArray(node) || cJSON_IsObject(node) ? node->child : NULL;
}

/* The same where members are named; a list in their place was complained of. */
static const cJSON *first_member_of(const cJSON *node)
{
    return cJSON_IsObject(node) ? node->child : NULL;
}

/* ---- bookings by alias ---- */

static const struct dbk_step *find_booking(const struct dbk_loader *loader, const char *alias)
{
    const struct dbk_scenario *scenario = loader->scenario;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        if ((step->kind == DBK_STEP_BOOK || step->kind == DBK_STEP_ANEW) &&
            dbk_same(step->booking, alias))
            return step;
    }
    return NULL;
}

static struct dbk_words booking_words(const struct dbk_loader *loader, bool only_wishes)
{
    const struct dbk_scenario *scenario = loader->scenario;
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].kind == DBK_STEP_BOOK ||
            (scenario->steps[i].kind == DBK_STEP_ANEW && !only_wishes))
            dbk_words_add(&words, scenario->steps[i].booking);
    return words;
}

static bool is_wish(const struct dbk_loader *loader, const char *alias)
{
    const struct dbk_step *booking = find_booking(loader, alias);
    return booking && booking->kind == DBK_STEP_BOOK;
}

/* ---- what the scripts plan ---- */

static void check_intents(const struct dbk_loader *loader)
{
    for (const cJSON *partner = first_of(dbk_json_get(loader->root, "partners")); partner;
         partner = partner->next)
        for (const cJSON *rule = first_of(dbk_json_get(partner, "script")); rule;
             rule = rule->next) {
            const cJSON *intent = dbk_json_get(dbk_json_get(rule, "when"), "intent");
            if (!cJSON_IsString(intent) || is_wish(loader, intent->valuestring))
                continue;
            struct dbk_words words = booking_words(loader, true);
            dbk_words_complain(&words, "intent", intent->valuestring, loader->yaml, intent,
                               loader->complaints);
        }
}

static void load_faults_of_steps(const struct dbk_loader *loader)
{
    const struct dbk_scenario *scenario = loader->scenario;
    struct dbk_terms *terms = &loader->scenario->terms;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct dbk_step *step = &scenario->steps[i];
        for (size_t a = 0; a < step->action_count; a++)
            terms->faults[terms->fault_count++] =
                (struct dbk_scripted_fault){.rule = step->rule,
                                            .fault = dbk_user_faults[step->actions[a].fault].name,
                                            .line = step->actions[a].line};
    }
}

static void load_faults(const struct dbk_loader *loader)
{
    const struct dbk_scenario *scenario = loader->scenario;
    struct dbk_terms *terms = &loader->scenario->terms;
    size_t most = 1;
    for (size_t i = 0; i < scenario->partner_count; i++)
        for (size_t k = 0; k < scenario->partners[i].rule_count; k++)
            most += scenario->partners[i].rules[k].action_count +
                    scenario->partners[i].rules[k].callback_count +
                    scenario->partners[i].rules[k].later_count;
    for (size_t i = 0; i < scenario->step_count; i++)
        most += scenario->steps[i].action_count;
    terms->faults = dbk_arena_alloc(ARENA(loader), most * sizeof *terms->faults);
    for (size_t i = 0; i < scenario->partner_count; i++)
        for (size_t k = 0; k < scenario->partners[i].rule_count; k++) {
            const struct dbk_rule *rule = &scenario->partners[i].rules[k];
            for (size_t a = 0; a < rule->action_count; a++)
                terms->faults[terms->fault_count++] =
                    (struct dbk_scripted_fault){.rule = rule->id,
                                                .fault = dbk_faults[rule->actions[a].fault].name,
                                                .line = rule->actions[a].line,
                                                .if_reached = rule->if_reached};
            for (size_t l = 0; l < rule->later_count; l++)
                if (rule->laters[l].forged)
                    terms->faults[terms->fault_count++] = (struct dbk_scripted_fault){
                        .rule = rule->id,
                        .fault = dbk_callback_faults[DBK_CALLBACK_FORGED].name,
                        .line = rule->laters[l].line,
                        .if_reached = rule->if_reached};
            for (size_t c = 0; c < rule->callback_count; c++) {
                enum dbk_callback_fault fault = dbk_callback_fault_of(&rule->callbacks[c]);
                if (fault != DBK_CALLBACK_FAULTS)
                    terms->faults[terms->fault_count++] =
                        (struct dbk_scripted_fault){.rule = rule->id,
                                                    .fault = dbk_callback_faults[fault].name,
                                                    .line = rule->callbacks[c].line,
                                                    .if_reached = rule->if_reached};
            }
        }
    load_faults_of_steps(loader);
}

static void load_planned_steps(const struct dbk_loader *loader)
{
    const struct dbk_scenario *scenario = loader->scenario;
    struct dbk_terms *terms = &loader->scenario->terms;
    terms->step_count = scenario->step_count;
    terms->steps =
        dbk_arena_alloc(ARENA(loader), (scenario->step_count + 1) * sizeof *terms->steps);
    for (size_t i = 0; i < scenario->step_count; i++)
        terms->steps[i] = (struct dbk_planned_step){.line = scenario->steps[i].line,
                                                    .text = scenario->steps[i].text};
}

/* ---- proves, except ---- */

static void load_claims(const struct dbk_loader *loader)
{
    struct dbk_terms *terms = &loader->scenario->terms;
    const cJSON *except = dbk_json_get(loader->root, "except");
    const cJSON *proves = dbk_json_get(loader->root, "proves");
    terms->proves = dbk_loader_texts(loader, proves, &terms->prove_count);
    terms->exceptions =
        dbk_arena_alloc(ARENA(loader), (dbk_loader_count(except) + 1) * sizeof *terms->exceptions);
    for (const cJSON *entry = first_member_of(except); entry; entry = entry->next) {
        terms->exceptions[terms->exception_count++] =
            (struct dbk_exception){.invariant = dbk_arena_text(ARENA(loader), entry->string),
                                   .reason = dbk_loader_text(loader, except, entry->string)};
        for (size_t i = 0; i < terms->prove_count; i++)
            if (dbk_same(terms->proves[i], entry->string))
                dbk_yaml_complain_key(loader->yaml, entry, loader->complaints,
                                      "'%s' is both proved and excepted; expected one of them",
                                      entry->string);
    }
}

/* ---- expect ---- */

static void add_expect(const struct dbk_loader *loader, const struct dbk_expect *expect)
{
    struct dbk_terms *terms = &loader->scenario->terms;
    terms->expects[terms->expect_count++] = *expect;
}

static void expect_status(const struct dbk_loader *loader, const cJSON *node)
{
    const cJSON *booking = dbk_json_get(node, "booking");
    if (!cJSON_IsString(booking))
        return;
    if (!find_booking(loader, booking->valuestring)) {
        struct dbk_words words = booking_words(loader, false);
        dbk_words_complain(&words, "booking", booking->valuestring, loader->yaml, booking,
                           loader->complaints);
    }
    add_expect(loader, &(struct dbk_expect){.kind = DBK_EXPECT_STATUS,
                                            .booking = dbk_loader_text(loader, node, "booking"),
                                            .status = dbk_loader_text(loader, node, "status"),
                                            .by_ms = dbk_loader_moment(loader, node, "by"),
                                            .line = dbk_yaml_line(loader->yaml, node)});
}

/* Reservations are counted by the wish they serve, so a booking made anew has no count of its own.
 */
static void expect_live(const struct dbk_loader *loader, const cJSON *node, const char *partner)
{
    const cJSON *live = dbk_json_get(node, "live");
    for (const cJSON *entry = first_member_of(live); entry; entry = entry->next) {
        if (!is_wish(loader, entry->string)) {
            struct dbk_words words = booking_words(loader, true);
            dbk_words_complain_key(&words, "intent", loader->yaml, entry, loader->complaints);
        }
        add_expect(loader,
                   &(struct dbk_expect){.kind = DBK_EXPECT_LIVE,
                                        .booking = dbk_arena_text(ARENA(loader), entry->string),
                                        .partner = partner,
                                        .count = dbk_loader_integer(live, entry->string, 0),
                                        .by_ms = DBK_ABSENT,
                                        .line = dbk_yaml_line(loader->yaml, node)});
    }
}

static void expect_partner(const struct dbk_loader *loader, const cJSON *node)
{
    const cJSON *received = dbk_json_get(node, "received"), *name = dbk_json_get(node, "partner");
    const char *partner = dbk_loader_text(loader, node, "partner");
    if (!partner)
        return;
    if (!dbk_loader_partner(loader, partner))
        dbk_loader_unknown_partner(loader, name, partner);
    if (!received && !dbk_json_get(node, "live"))
        dbk_yaml_complain(loader->yaml, node, loader->complaints,
                          "nothing is expected of '%s'; expected live, received or both", partner);
    expect_live(loader, node, partner);
    for (const cJSON *entry = first_member_of(received); entry; entry = entry->next)
        add_expect(loader,
                   &(struct dbk_expect){.kind = DBK_EXPECT_RECEIVED,
                                        .partner = partner,
                                        .op = dbk_arena_text(ARENA(loader), entry->string),
                                        .count = dbk_loader_integer(received, entry->string, 0),
                                        .by_ms = DBK_ABSENT,
                                        .line = dbk_yaml_line(loader->yaml, node)});
}

static void load_expects(const struct dbk_loader *loader)
{
    const cJSON *list = dbk_json_get(loader->root, "expect");
    size_t most = 1;
    for (const cJSON *node = first_of(list); node; node = node->next)
        most += 1 + dbk_loader_count(dbk_json_get(node, "live")) +
                dbk_loader_count(dbk_json_get(node, "received"));
    loader->scenario->terms.expects =
        dbk_arena_alloc(ARENA(loader), most * sizeof *loader->scenario->terms.expects);
    for (const cJSON *node = first_of(list); node; node = node->next)
        if (dbk_json_get(node, "booking"))
            expect_status(loader, node);
        else
            expect_partner(loader, node);
}

/* ---- broken_by ---- */

/* "reference with retry_key: new, on_timeout: resend" */
static void name_set(const cJSON *set, struct dbk_policy *policy)
{
    struct dbk_text name = {0};
    dbk_text_add(&name, "reference with ");
    for (const cJSON *entry = first_member_of(set); entry; entry = entry->next)
        dbk_text_printf(&name, "%s%s: %s", entry == set->child ? "" : ", ", entry->string,
                        cJSON_IsString(entry) ? entry->valuestring : "?");
    snprintf(policy->name, sizeof policy->name, "%s", name.bytes);
    dbk_text_reset(&name);
}

static void find_policy(const struct dbk_loader *loader, const cJSON *name,
                        struct dbk_broken_by *row)
{
    struct dbk_words names = dbk_library_names(loader->library, DBK_POLICY_FOLDER, ARENA(loader));
    if (!dbk_words_have(&names, "reference"))
        dbk_words_add(&names, "reference");
    row->policy_name = dbk_arena_text(ARENA(loader), name->valuestring);
    if (!dbk_words_have(&names, row->policy_name))
        dbk_words_complain(&names, "policy", row->policy_name, loader->yaml, name,
                           loader->complaints);
    else if (!dbk_policy_find(loader->library, row->policy_name, &row->policy, loader->complaints))
        return; /* what is wrong with it has been told */
    loader->scenario->digest =
        dbk_digest_link(&loader->scenario->digest, row->policy.rules, sizeof row->policy.rules);
}

static void load_broken_row(const struct dbk_loader *loader, const cJSON *node,
                            struct dbk_broken_by *row)
{
    const cJSON *policy = dbk_json_get(node, "policy"), *set = dbk_json_get(node, "set");
    row->policy = dbk_policy_reference();
    row->line = dbk_yaml_line(loader->yaml, node);
    row->violates = dbk_loader_texts(loader, dbk_json_get(node, "violates"), &row->violate_count);
    if (cJSON_IsString(policy)) {
        find_policy(loader, policy, row);
    } else if (cJSON_IsObject(set)) {
        dbk_policy_set(&row->policy, loader->yaml, set, loader->complaints);
        name_set(set, &row->policy);
    }
    for (size_t i = 0; i < DBK_RULES; i++)
        row->set_count += row->policy.rules[i] != 0;
    if (cJSON_IsArray(dbk_json_get(node, "violates")) && row->violate_count == 0)
        dbk_yaml_complain(loader->yaml, node, loader->complaints,
                          "violates is empty; expected at least one invariant");
}

static void load_broken_by(const struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    const cJSON *list = dbk_json_get(loader->root, "broken_by");
    scenario->broken_by =
        dbk_arena_alloc(ARENA(loader), (dbk_loader_count(list) + 1) * sizeof *scenario->broken_by);
    for (const cJSON *node = first_of(list); node; node = node->next)
        load_broken_row(loader, node, &scenario->broken_by[scenario->broken_by_count++]);
}

/* ---- choices ---- */

static void load_choices(const struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    const cJSON *list = dbk_json_get(loader->root, "choices");
    scenario->pinned =
        dbk_arena_alloc(ARENA(loader), (dbk_loader_count(list) + 1) * sizeof *scenario->pinned);
    for (const cJSON *node = first_of(list); node; node = node->next) {
        const char *site = dbk_json_text(node, "site");
        struct dbk_pinned pinned = {.site = site ? dbk_site_by_name(site) : DBK_SITE_COUNT,
                                    .entity = dbk_loader_text(loader, node, "entity"),
                                    .nth = (uint32_t)dbk_loader_integer(node, "n", 1),
                                    .take = (uint32_t)dbk_loader_integer(node, "take", 0),
                                    .if_reached = dbk_json_is_true(node, "if_reached"),
                                    .line = dbk_yaml_line(loader->yaml, node)};
        for (size_t i = 0; i < scenario->pinned_count; i++)
            if (scenario->pinned[i].site == pinned.site && scenario->pinned[i].nth == pinned.nth &&
                dbk_same(scenario->pinned[i].entity, pinned.entity))
                dbk_yaml_complain(loader->yaml, node, loader->complaints,
                                  "this choice is fixed already in line %d; expected another",
                                  scenario->pinned[i].line);
        scenario->pinned[scenario->pinned_count++] = pinned;
    }
}

/* ---- found ---- */

/* Facts are counted from the beginning, so a later fault has no fewer before it. */
static void load_path(const struct dbk_loader *loader, const cJSON *list, struct dbk_path *path)
{
    path->steps =
        dbk_arena_alloc(ARENA(loader), (dbk_loader_count(list) + 1) * sizeof *path->steps);
    for (const cJSON *node = first_of(list); node; node = node->next) {
        int64_t before = path->count > 0 ? path->steps[path->count - 1].facts : 0;
        struct dbk_path_step step = {.facts = dbk_loader_integer(node, "facts", before),
                                     .hash = dbk_loader_text(loader, node, "hash"),
                                     .fault = dbk_loader_text(loader, node, "fault"),
                                     .exchange = dbk_loader_text(loader, node, "exchange"),
                                     .line = dbk_yaml_line(loader->yaml, node)};
        if (step.facts < before)
            dbk_yaml_complain(loader->yaml, node, loader->complaints,
                              "the path goes back to %lld facts; expected %lld or more",
                              (long long)step.facts, (long long)before);
        path->steps[path->count++] = step;
    }
}

static void load_found_policy(const struct dbk_loader *loader, const cJSON *policy,
                              struct dbk_known_failure *found)
{
    const cJSON *set = dbk_json_get(policy, "set");
    struct dbk_text text = {0};
    found->policy = dbk_policy_reference();
    if (cJSON_IsString(policy)) {
        found->policy_name = dbk_arena_text(ARENA(loader), policy->valuestring);
        if (!dbk_policy_find_beside(loader->library, loader->yaml, policy, &found->policy,
                                    loader->complaints))
            return; /* what is wrong with it has been told */
    } else if (cJSON_IsObject(set)) {
        dbk_policy_set(&found->policy, loader->yaml, set, loader->complaints);
        name_set(set, &found->policy);
        found->policy_name = dbk_arena_text(ARENA(loader), found->policy.name);
    }
    dbk_policy_text(&found->policy, &text);
    loader->scenario->digest = dbk_digest_link(&loader->scenario->digest, text.bytes, text.length);
    dbk_text_reset(&text);
}

static void load_found(const struct dbk_loader *loader)
{
    const cJSON *node = dbk_json_get(loader->root, "found");
    const cJSON *violates = dbk_json_get(node, "violates");
    if (!cJSON_IsObject(node))
        return;
    struct dbk_known_failure *found = dbk_arena_alloc(ARENA(loader), sizeof *found);
    found->line = dbk_yaml_line(loader->yaml, node);
    found->violates = dbk_loader_texts(loader, violates, &found->violate_count);
    if (cJSON_IsArray(violates) && !violates->child)
        dbk_yaml_complain(loader->yaml, violates, loader->complaints,
                          "violates is empty; expected at least one invariant");
    load_found_policy(loader, dbk_json_get(node, "policy"), found);
    load_path(loader, dbk_json_get(node, "path"), &found->path);
    loader->scenario->found = found;
}

void dbk_load_terms(struct dbk_loader *loader)
{
    check_intents(loader);
    load_faults(loader);
    load_planned_steps(loader);
    load_claims(loader);
    load_expects(loader);
    load_broken_by(loader);
    load_choices(loader);
    load_found(loader);
}
