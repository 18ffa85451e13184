#include "base/webhook.h"
#include "runner/scenario_loader.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS (24 * 60 * 60 * 1000LL)
#define CAPACITY 10 /* of a slot that does not say */

const struct dbk_scenario_partner *dbk_loader_partner(const struct dbk_loader *loader,
                                                      const char *name)
{
    for (size_t i = 0; i < loader->scenario->partner_count; i++)
        if (dbk_same(loader->scenario->partners[i].name, name))
            return &loader->scenario->partners[i];
    return NULL;
}

void dbk_loader_unknown_partner(const struct dbk_loader *loader, const cJSON *node,
                                const char *name)
{
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < loader->scenario->partner_count; i++)
        dbk_words_add(&words, loader->scenario->partners[i].name);
    dbk_words_complain(&words, "partner", name, loader->yaml, node, loader->complaints);
}

/* ---- profile ---- */

/* Changed by the knobs beside `like`; the name says so. */
static void change_profile(const struct dbk_loader *loader, const cJSON *node,
                           struct dbk_profile *profile)
{
    if (dbk_loader_count(node) < 2)
        return;
    dbk_profile_read(profile, loader->yaml, node, loader->complaints);
    size_t length = strlen(profile->name);
    snprintf(profile->name + length, sizeof profile->name - length, ", changed");
}

static void load_profile(struct dbk_loader *loader, const cJSON *node, struct dbk_profile *profile)
{
    const cJSON *name = cJSON_IsObject(node) ? dbk_json_get(node, "like") : node;
    size_t before = loader->complaints->total;
    *profile = dbk_profile_default();
    if (!cJSON_IsString(name))
        return;
    bool is_found = dbk_format_is_word(name->valuestring) &&
                    dbk_profile_find(loader->library, name->valuestring, profile,
                                     &loader->scenario->digest, loader->complaints);
    if (!is_found && loader->complaints->total == before) {
        struct dbk_words names =
            dbk_library_names(loader->library, DBK_PROFILE_FOLDER, &loader->scenario->arena);
        dbk_words_complain(&names, "profile", name->valuestring, loader->yaml, name,
                           loader->complaints);
    }
    if (cJSON_IsObject(node))
        change_profile(loader, node, profile);
}

/* ---- what it sells ---- */

static struct dbk_slot load_slot(const struct dbk_loader *loader, const cJSON *entry)
{
    struct dbk_slot slot = {.id = dbk_arena_text(&loader->scenario->arena, entry->string),
                            .capacity = dbk_loader_integer(entry, "capacity", CAPACITY)};
    const char *starts =
        cJSON_IsString(entry) ? entry->valuestring : dbk_json_text(entry, "starts");
    if (!starts || !dbk_instant_parse(starts, &slot.starts_ms))
        slot.starts_ms = loader->scenario->zero_ms;
    return slot;
}

static void load_slots(const struct dbk_loader *loader, const cJSON *node,
                       struct dbk_product *product)
{
    const cJSON *slots = dbk_json_get(node, "slots"), *capacity = dbk_json_get(node, "capacity");
    struct dbk_slot *list =
        dbk_arena_alloc(&loader->scenario->arena, (dbk_loader_count(slots) + 1) * sizeof *list);
    if (!slots == !capacity || (slots && dbk_loader_count(slots) == 0 && cJSON_IsObject(slots)))
        dbk_yaml_complain(loader->yaml, node, loader->complaints,
                          "product '%s' has %s; expected either slots or one capacity", product->id,
                          slots && capacity ? "both slots and a capacity" : "nothing to book");
    for (const cJSON *entry = cJSON_IsObject(slots) ? slots->child : NULL; entry;
         entry = entry->next)
        list[product->slot_count++] = load_slot(loader, entry);
    if (!slots && capacity)
        list[product->slot_count++] =
            (struct dbk_slot){.id = "default",
                              .starts_ms = loader->scenario->zero_ms + DAY_MS,
                              .capacity = dbk_loader_integer(node, "capacity", CAPACITY)};
    product->slots = list;
}

static void load_products(const struct dbk_loader *loader, const cJSON *sells,
                          struct dbk_scenario_partner *partner)
{
    partner->products = dbk_arena_alloc(&loader->scenario->arena,
                                        (dbk_loader_count(sells) + 1) * sizeof *partner->products);
    for (const cJSON *entry = cJSON_IsObject(sells) ? sells->child : NULL; entry;
         entry = entry->next) {
        struct dbk_product *product = &partner->products[partner->product_count++];
        product->id = dbk_arena_text(&loader->scenario->arena, entry->string);
        product->price = dbk_loader_integer(entry, "price", 0);
        product->currency = dbk_loader_text(loader, entry, "currency");
        product->cutoff_ms = dbk_loader_duration(entry, "cutoff", 0);
        if (cJSON_IsObject(entry))
            load_slots(loader, entry, product);
    }
    if (cJSON_IsObject(sells) && partner->product_count == 0)
        dbk_yaml_complain(loader->yaml, sells, loader->complaints,
                          "partner '%s' sells nothing; expected a product", partner->name);
}

/* ---- script ---- */

/* The exchanges a fault can stand in, for a message. */
static void complain_op(const struct dbk_loader *loader, const cJSON *node,
                        const struct dbk_fault_row *row, enum dbk_op op)
{
    struct dbk_words ops = {.count = 0};
    struct dbk_text text = {0};
    for (enum dbk_op i = DBK_OP_CREATE; i < DBK_OPS; i++)
        if (row->ops & (1u << i))
            dbk_words_add(&ops, dbk_op_name(i));
    dbk_words_print(&ops, &text);
    dbk_yaml_complain(loader->yaml, node, loader->complaints,
                      "%s makes no sense for op %s; expected when: {op: ...} to be one of %s",
                      row->name, dbk_op_name(op), text.bytes);
    dbk_text_reset(&text);
}

/* True if the fault can stand in every exchange the rule matches. */
static bool makes_sense(const struct dbk_fault_row *row, enum dbk_op op)
{
    for (enum dbk_op i = DBK_OP_CREATE; i < DBK_OPS; i++)
        if ((op == DBK_OP_ANY || op == i) && !(row->ops & (1u << i)))
            return false;
    return true;
}

static void load_actions(const struct dbk_loader *loader, const cJSON *list, struct dbk_rule *rule)
{
    struct dbk_action *actions =
        dbk_arena_alloc(&loader->scenario->arena, (dbk_loader_count(list) + 1) * sizeof *actions);
    for (const cJSON *node = cJSON_IsArray(list) ? list->child : NULL; node; node = node->next) {
        const cJSON *arguments = cJSON_IsObject(node) ? node->child : NULL;
        const char *name = arguments ? arguments->string : node->valuestring;
        enum dbk_fault fault = name ? dbk_fault_by_name(name) : DBK_FAULTS;
        if (fault == DBK_FAULTS)
            continue;
        if (!makes_sense(&dbk_faults[fault], rule->op))
            complain_op(loader, node, &dbk_faults[fault], rule->op);
        actions[rule->action_count++] =
            (struct dbk_action){.fault = fault,
                                .duration_ms = dbk_loader_duration(
                                    arguments, "by", dbk_loader_duration(arguments, "for", 0)),
                                .http = dbk_loader_integer(arguments, "status", 0),
                                .reason = dbk_loader_text(loader, arguments, "reason"),
                                .line = dbk_yaml_line(loader->yaml, node)};
    }
    rule->actions = actions;
}

static enum dbk_forgery forgery_of(const cJSON *callback)
{
    const char *forged = dbk_json_text(callback, "forged");
    enum dbk_forgery forgery = forged ? dbk_forgery_by_name(forged) : DBK_FORGERY_NONE;
    return forgery < DBK_FORGERIES ? forgery : DBK_FORGERY_NONE;
}

/* What it says and how it goes; of NULL, that of a plain one. */
static struct dbk_later load_callback(const struct dbk_loader *loader, const cJSON *callback)
{
    return (struct dbk_later){.says = dbk_loader_text(loader, callback, "says"),
                              .held_ms = dbk_loader_duration(callback, "held", 0),
                              .forged = forgery_of(callback),
                              .is_rotated = dbk_json_is_true(callback, "rotated"),
                              .copies = dbk_loader_integer(callback, "copies", 1),
                              .apart_ms = dbk_loader_duration(callback, "apart", 1000)};
}

static void load_laters(const struct dbk_loader *loader, const cJSON *list, struct dbk_rule *rule)
{
    struct dbk_later *laters =
        dbk_arena_alloc(&loader->scenario->arena, (dbk_loader_count(list) + 1) * sizeof *laters);
    for (const cJSON *node = cJSON_IsArray(list) ? list->child : NULL; node; node = node->next) {
        const cJSON *callback = dbk_json_get(node, "callback");
        if (cJSON_IsObject(node) && !callback && !dbk_json_get(node, "set"))
            dbk_yaml_complain(loader->yaml, node, loader->complaints,
                              "an entry of later does nothing; expected set, callback or both");
        struct dbk_later *later = &laters[rule->later_count++];
        *later = load_callback(loader, callback);
        later->after_ms = dbk_loader_duration(node, "after", 0);
        later->set = dbk_loader_text(loader, node, "set");
        later->has_callback = callback != NULL;
        later->line = dbk_yaml_line(loader->yaml, node);
    }
    rule->laters = laters;
}

/* Made up from the partner's name, the same in every run: nothing hangs on their being secret. */
static char *derive_secret(const struct dbk_loader *loader, const char *partner, uint64_t nth)
{
    char secret[DBK_WEBHOOK_SECRET];
    dbk_webhook_derive_secret(nth, partner, secret);
    return dbk_arena_text(&loader->scenario->arena, secret);
}

/* Those that the file tells (doublebook core), else made up ones. */
static void load_secrets(const struct dbk_loader *loader, const cJSON *node,
                         struct dbk_scenario_partner *partner)
{
    const cJSON *list = dbk_json_get(dbk_json_get(node, "callbacks"), "secrets");
    const char **secrets =
        dbk_arena_alloc(&loader->scenario->arena, (dbk_loader_count(list) + 1) * sizeof *secrets);
    partner->secret = derive_secret(loader, partner->name, 2);
    partner->old_secret = derive_secret(loader, partner->name, 1);
    for (const cJSON *item = cJSON_IsArray(list) ? list->child : NULL; item; item = item->next)
        if (cJSON_IsString(item))
            secrets[partner->secret_count++] =
                dbk_arena_text(&loader->scenario->arena, item->valuestring);
    if (partner->secret_count == 0)
        secrets[partner->secret_count++] = partner->secret;
    partner->secrets = secrets;
}

static void load_callbacks(const struct dbk_loader *loader, const cJSON *list,
                           struct dbk_rule *rule)
{
    struct dbk_later *callbacks =
        dbk_arena_alloc(&loader->scenario->arena, (dbk_loader_count(list) + 1) * sizeof *callbacks);
    for (const cJSON *node = cJSON_IsArray(list) ? list->child : NULL; node; node = node->next) {
        struct dbk_later *callback = &callbacks[rule->callback_count++];
        *callback = load_callback(loader, node);
        callback->is_lost = dbk_json_is_true(node, "lost");
        callback->line = dbk_yaml_line(loader->yaml, node);
    }
    rule->callbacks = callbacks;
}

static void load_rule(const struct dbk_loader *loader, const cJSON *node, struct dbk_rule *rule)
{
    const cJSON *when = dbk_json_get(node, "when");
    const char *op = dbk_json_text(when, "op");
    rule->op = op ? dbk_op_by_name(op) : DBK_OP_ANY;
    if (rule->op == DBK_OPS)
        rule->op = DBK_OP_ANY;
    rule->attempt = dbk_loader_integer(when, "attempt", 0);
    rule->intent = dbk_loader_text(loader, when, "intent");
    rule->times = dbk_loader_integer(node, "times", 1);
    rule->if_reached = dbk_json_is_true(node, "if_reached");
    rule->answers_state = dbk_loader_text(loader, dbk_json_get(node, "answers"), "status");
    rule->line = dbk_yaml_line(loader->yaml, node);
    if (rule->answers_state && rule->op != DBK_OP_CREATE && rule->op != DBK_OP_CONFIRM)
        dbk_yaml_complain_key(loader->yaml, dbk_json_get(node, "answers"), loader->complaints,
                              "answers is of creates and confirms; expected when: {op: create}");
    load_actions(loader, dbk_json_get(node, "do"), rule);
    load_laters(loader, dbk_json_get(node, "later"), rule);
    load_callbacks(loader, dbk_json_get(node, "callbacks"), rule);
    if (rule->callback_count > 0 && rule->op != DBK_OP_CREATE)
        dbk_yaml_complain_key(loader->yaml, dbk_json_get(node, "callbacks"), loader->complaints,
                              "callbacks are of what a create made; expected when: {op: create}");
    if (rule->callback_count > 0 && (rule->later_count > 0 || rule->answers_state))
        dbk_yaml_complain_key(
            loader->yaml, dbk_json_get(node, "callbacks"), loader->complaints,
            "callbacks are those that the partner sends by itself, and with %s it "
            "sends none; expected one of the two",
            rule->later_count > 0 ? "later" : "answers");
}

static void load_script(const struct dbk_loader *loader, const cJSON *list,
                        struct dbk_scenario_partner *partner)
{
    struct dbk_arena *arena = &loader->scenario->arena;
    partner->rules = dbk_arena_alloc(arena, (dbk_loader_count(list) + 1) * sizeof *partner->rules);
    for (const cJSON *node = cJSON_IsArray(list) ? list->child : NULL; node; node = node->next) {
        struct dbk_rule *rule = &partner->rules[partner->rule_count++];
        rule->id = dbk_arena_printf(arena, "%s#%zu", partner->name, partner->rule_count);
        load_rule(loader, node, rule);
    }
}

/* ---- partners ---- */

static bool is_reserved(const char *name)
{
    return dbk_same(name, "core") || dbk_same(name, "stage") || dbk_same(name, "zero");
}

void dbk_load_partners(struct dbk_loader *loader)
{
    struct dbk_scenario *scenario = loader->scenario;
    const cJSON *partners = dbk_json_get(loader->root, "partners");
    scenario->partners = dbk_arena_alloc(&scenario->arena, (dbk_loader_count(partners) + 1) *
                                                               sizeof *scenario->partners);
    for (const cJSON *node = cJSON_IsObject(partners) ? partners->child : NULL; node;
         node = node->next) {
        struct dbk_scenario_partner *partner = &scenario->partners[scenario->partner_count++];
        const cJSON *believes = dbk_json_get(node, "believes");
        partner->name = dbk_arena_text(&scenario->arena, node->string);
        if (is_reserved(partner->name))
            dbk_yaml_complain_key(loader->yaml, node, loader->complaints,
                                  "a partner cannot be called '%s'; expected a name of its own",
                                  partner->name);
        load_profile(loader, dbk_json_get(node, "profile"), &partner->profile);
        load_secrets(loader, node, partner);
        partner->believes = partner->profile;
        if (believes)
            load_profile(loader, believes, &partner->believes);
        load_products(loader, dbk_json_get(node, "sells"), partner);
        load_script(loader, dbk_json_get(node, "script"), partner);
    }
}

struct dbk_partner_config dbk_scenario_partner_config(const struct dbk_scenario *scenario,
                                                      const struct dbk_scenario_partner *partner,
                                                      const char *callback_path, uint64_t seed)
{
    return (struct dbk_partner_config){.name = partner->name,
                                       .profile = partner->profile,
                                       .products = partner->products,
                                       .product_count = partner->product_count,
                                       .rules = partner->rules,
                                       .rule_count = partner->rule_count,
                                       .callback_to = "core",
                                       .secret = partner->secret,
                                       .old_secret = partner->old_secret,
                                       .callback_path = callback_path,
                                       .seed = seed,
                                       .clock_off_ms =
                                           dbk_scenario_offset_ms(scenario, partner->name)};
}
