#include "runner/scenario_loader.h"

#include <string.h>

#define DOWN_MS 1000 /* of a crash or pause that does not say */

/* A step on its way from the file, in the file's order. */
struct draft {
    struct dbk_step step;
    const cJSON *node;
    const cJSON *of; /* the member that names an earlier booking, or NULL */
};

struct drafts {
    const struct dbk_loader *loader;
    struct draft *items;
    size_t count;
};

/* The forms of a step (format.c has their keys): who acts, and the key that names what is done.
 * Screens and the core's two steps are told apart later. */
static const struct {
    const char *actor, *verb;
    enum dbk_step_kind kind;
} forms[] = {
    {"user", "book", DBK_STEP_BOOK},       {"user", "again", DBK_STEP_AGAIN},
    {"user", "anew", DBK_STEP_ANEW},       {"user", "look", DBK_STEP_LOOK},
    {"user", "watch", DBK_STEP_WATCH},     {"user", "cancel", DBK_STEP_CANCEL},
    {"user", "confirm", DBK_STEP_CONFIRM}, {"user", "extend", DBK_STEP_EXTEND},
    {"user", "leave", DBK_STEP_LEAVE},     {"support", "look", DBK_STEP_DETAIL},
    {"support", "move", DBK_STEP_MOVE},    {"core", "core", DBK_STEP_CRASH},
};

static bool makes_booking(const struct dbk_step *step)
{
    return step->booking && (step->kind == DBK_STEP_BOOK || step->kind == DBK_STEP_ANEW);
}

static bool is_of_core(const struct dbk_step *step)
{
    return step->kind == DBK_STEP_CRASH || step->kind == DBK_STEP_PAUSE;
}

static bool is_of_support(const struct dbk_step *step)
{
    return step->kind == DBK_STEP_DETAIL || step->kind == DBK_STEP_LIST ||
           step->kind == DBK_STEP_MOVE;
}

static const struct draft *find_booking(const struct drafts *drafts, const char *alias)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (makes_booking(&drafts->items[i].step) && dbk_same(drafts->items[i].step.booking, alias))
            return &drafts->items[i];
    return NULL;
}

static void complain_unknown(const struct drafts *drafts, const cJSON *node, bool at_key)
{
    const struct dbk_loader *loader = drafts->loader;
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < drafts->count; i++)
        if (makes_booking(&drafts->items[i].step))
            dbk_words_add(&words, drafts->items[i].step.booking);
    if (at_key)
        dbk_words_complain_key(&words, "booking", loader->yaml, node, loader->complaints);
    else
        dbk_words_complain(&words, "booking", node->valuestring, loader->yaml, node,
                           loader->complaints);
}

/* ---- when ---- */

static void read_moment(const struct dbk_loader *loader, const cJSON *node, struct dbk_step *step)
{
    const cJSON *when = dbk_json_get(node, "when"), *plus = dbk_json_get(node, "plus");
    const cJSON *at = dbk_json_get(node, "at");
    step->at_ms = dbk_loader_moment(loader, node, "at");
    step->plus_ms = dbk_loader_duration(node, "plus", 0);
    if (cJSON_IsObject(when) && when->child) {
        step->when_booking = dbk_arena_text(&loader->scenario->arena, when->child->string);
        step->when_status = dbk_loader_text(loader, when, when->child->string);
    }
    if (!at == !when)
        dbk_yaml_complain(loader->yaml, node, loader->complaints,
                          "a step has %s; expected at: a moment, or when: {ALIAS: STATUS}",
                          at ? "both at and when" : "no moment");
    else if (cJSON_IsObject(when) && !when->child)
        dbk_yaml_complain(loader->yaml, when, loader->complaints,
                          "when is empty; expected {ALIAS: STATUS}");
    if (plus && !when)
        dbk_yaml_complain_key(loader->yaml, plus, loader->complaints,
                              "plus without when; expected when: {ALIAS: STATUS} beside it");
}

/* ---- what is booked ---- */

static const struct dbk_product *find_product(const struct dbk_scenario_partner *partner,
                                              const char *name)
{
    for (size_t i = 0; i < partner->product_count; i++)
        if (dbk_same(partner->products[i].id, name))
            return &partner->products[i];
    return NULL;
}

static void choose_slot(const struct dbk_loader *loader, const cJSON *node,
                        const struct dbk_product *product, struct dbk_step *step)
{
    struct dbk_words words = {.count = 0};
    for (size_t i = 0; i < product->slot_count; i++)
        dbk_words_add(&words, product->slots[i].id);
    step->slot = dbk_loader_text(loader, node, "slot");
    if (step->slot && !dbk_words_have(&words, step->slot))
        dbk_words_complain(&words, "slot", step->slot, loader->yaml, dbk_json_get(node, "slot"),
                           loader->complaints);
    if (step->slot || product->slot_count == 0)
        return;
    step->slot = product->slots[0].id;
    if (product->slot_count > 1 && !dbk_json_get(node, "slot")) {
        struct dbk_text list = {0};
        dbk_words_print(&words, &list);
        dbk_yaml_complain(loader->yaml, node, loader->complaints,
                          "the step lacks the key 'slot'; expected one of %s", list.bytes);
        dbk_text_reset(&list);
    }
}

static void choose_product(const struct dbk_loader *loader, const cJSON *node,
                           struct dbk_step *step)
{
    struct dbk_arena *arena = &loader->scenario->arena;
    const cJSON *book = dbk_json_get(node, "book");
    const char *text = dbk_json_text(node, "book"), *slash = text ? strchr(text, '/') : NULL;
    if (!text)
        return;
    if (!slash) {
        dbk_yaml_complain(loader->yaml, book, loader->complaints,
                          "book cannot be '%.60s'; expected PARTNER/PRODUCT", text);
        return;
    }
    step->partner = dbk_arena_copy(arena, text, (size_t)(slash - text));
    step->product = dbk_arena_text(arena, slash + 1);
    const struct dbk_scenario_partner *partner = dbk_loader_partner(loader, step->partner);
    const struct dbk_product *product = partner ? find_product(partner, step->product) : NULL;
    if (!partner) {
        dbk_loader_unknown_partner(loader, book, step->partner);
    } else if (!product) {
        struct dbk_words words = {.count = 0};
        for (size_t i = 0; i < partner->product_count; i++)
            dbk_words_add(&words, partner->products[i].id);
        dbk_words_complain(&words, "product", step->product, loader->yaml, book,
                           loader->complaints);
    } else {
        choose_slot(loader, node, product, step);
    }
}

/* ---- one step ---- */

static void read_core(const struct dbk_loader *loader, const cJSON *node, struct dbk_step *step)
{
    const char *process = dbk_json_text(node, "process");
    if (dbk_same(dbk_json_text(node, "core"), "pause"))
        step->kind = DBK_STEP_PAUSE;
    step->actor = "core";
    step->for_ms = dbk_loader_duration(node, "for", DOWN_MS);
    if (process)
        step->process = dbk_arena_printf(&loader->scenario->arena, "core.%s", process);
}

static void read_actions(const struct dbk_loader *loader, const cJSON *list, struct dbk_step *step)
{
    struct dbk_user_action *actions =
        dbk_arena_alloc(&loader->scenario->arena, (dbk_loader_count(list) + 1) * sizeof *actions);
    for (const cJSON *node = cJSON_IsArray(list) ? list->child : NULL; node; node = node->next) {
        const cJSON *arguments = cJSON_IsObject(node) ? node->child : NULL;
        const char *name = arguments ? arguments->string : node->valuestring;
        enum dbk_user_fault fault = name ? dbk_user_fault_by_name(name) : DBK_USER_FAULTS;
        if (fault < DBK_USER_FAULTS)
            actions[step->action_count++] =
                (struct dbk_user_action){.fault = fault,
                                         .duration_ms = dbk_loader_duration(arguments, "by", 0),
                                         .line = dbk_yaml_line(loader->yaml, node)};
    }
    step->actions = actions;
}

/* False where it is of no known form or does not say who or what: that has been told. */
static bool read_step(const struct dbk_loader *loader, const cJSON *node, struct draft *draft)
{
    size_t form = 0;
    while (form < DBK_COUNT(forms) &&
           !(dbk_json_get(node, forms[form].actor) && dbk_json_get(node, forms[form].verb)))
        form++;
    if (form == DBK_COUNT(forms))
        return false;
    struct dbk_step *step = &draft->step;
    *draft = (struct draft){.node = node,
                            .step = {.node = node,
                                     .kind = forms[form].kind,
                                     .line = dbk_yaml_line(loader->yaml, node),
                                     .units = dbk_loader_integer(node, "units", 1),
                                     .is_hold = cJSON_IsTrue(dbk_json_get(node, "hold")),
                                     .actor = dbk_loader_text(loader, node, forms[form].actor)}};
    read_moment(loader, node, step);
    read_actions(loader, dbk_json_get(node, "do"), step);
    if (step->kind == DBK_STEP_CRASH) {
        read_core(loader, node, step);
        return true;
    }
    const char *alias = step->kind == DBK_STEP_MOVE ? "of" : forms[form].verb;
    if (step->kind == DBK_STEP_MOVE)
        step->move = dbk_loader_text(loader, node, "move");
    if (step->kind == DBK_STEP_BOOK)
        choose_product(loader, node, step);
    else
        draft->of = dbk_json_get(node, alias);
    if (dbk_same(dbk_json_text(node, "screen"), "list"))
        step->kind = DBK_STEP_LIST;
    bool names_it = step->kind == DBK_STEP_BOOK || step->kind == DBK_STEP_ANEW;
    step->booking = dbk_loader_text(loader, node, names_it ? "as" : alias);
    return step->actor && step->booking && (!draft->of || cJSON_IsString(draft->of));
}

/* ---- what only all steps together show ---- */

/* A name is one party's: a traveller, a person of support, or a partner. */
static void check_actor(const struct drafts *drafts, const struct draft *draft)
{
    const struct dbk_step *step = &draft->step;
    const char *taken = NULL;
    if (is_of_core(step))
        return;
    if (dbk_loader_partner(drafts->loader, step->actor))
        taken = "a partner";
    else if (dbk_same(step->actor, "core") || dbk_same(step->actor, "stage") ||
             dbk_same(step->actor, "zero"))
        taken = "a word of the format";
    for (const struct draft *other = drafts->items; other < draft && !taken; other++)
        if (dbk_same(other->step.actor, step->actor) &&
            is_of_support(&other->step) != is_of_support(step))
            taken = is_of_support(step) ? "a traveller" : "a person of support";
    if (taken)
        dbk_yaml_complain(drafts->loader->yaml,
                          dbk_json_get(draft->node, is_of_support(step) ? "support" : "user"),
                          drafts->loader->complaints,
                          "'%s' is %s already; expected a name of its own", step->actor, taken);
}

static void check_alias(const struct drafts *drafts, const struct draft *draft)
{
    const struct draft *first = find_booking(drafts, draft->step.booking);
    if (makes_booking(&draft->step) && first != draft)
        dbk_yaml_complain(drafts->loader->yaml, dbk_json_get(draft->node, "as"),
                          drafts->loader->complaints,
                          "'%s' is booked already in line %d; expected another alias",
                          draft->step.booking, first->step.line);
}

/* A booking may be used from its step on: by time, and by place where the time is the same. */
static void check_use(const struct drafts *drafts, const struct draft *draft)
{
    const struct dbk_loader *loader = drafts->loader;
    if (!draft->of)
        return;
    const struct draft *booking = find_booking(drafts, draft->of->valuestring);
    if (!booking) {
        complain_unknown(drafts, draft->of, false);
        return;
    }
    bool is_timed = booking->step.at_ms != DBK_ABSENT && draft->step.at_ms != DBK_ABSENT;
    if (booking == draft ||
        (is_timed && (draft->step.at_ms < booking->step.at_ms ||
                      (draft->step.at_ms == booking->step.at_ms && draft < booking))))
        dbk_yaml_complain(loader->yaml, draft->of, loader->complaints,
                          "'%s' is not booked yet; expected a step after that of line %d",
                          draft->of->valuestring, booking->step.line);
    if (!is_of_support(&draft->step) && !dbk_same(booking->step.actor, draft->step.actor))
        dbk_yaml_complain(loader->yaml, draft->of, loader->complaints,
                          "'%s' is not a booking of %s; expected user: %s", draft->of->valuestring,
                          draft->step.actor, booking->step.actor);
}

static void check_when(const struct drafts *drafts, const struct draft *draft)
{
    if (draft->step.when_booking && !find_booking(drafts, draft->step.when_booking))
        complain_unknown(drafts, dbk_json_get(draft->node, "when")->child, true);
}

/* The wish behind a step: follows bookings that were made anew back to the first one. */
static const struct dbk_step *wish_of(const struct drafts *drafts, const struct draft *draft)
{
    for (size_t hops = 0; draft && hops <= drafts->count; hops++) {
        if (draft->step.kind == DBK_STEP_BOOK)
            return &draft->step;
        draft = draft->of ? find_booking(drafts, draft->of->valuestring) : NULL;
    }
    return NULL;
}

static void inherit_wish(const struct drafts *drafts, struct draft *draft)
{
    const struct dbk_step *first = wish_of(drafts, draft);
    if (!first)
        return;
    draft->step.intent = first->booking;
    draft->step.partner = first->partner;
    draft->step.product = first->product;
    draft->step.slot = first->slot;
    if (!dbk_json_get(draft->node, "units"))
        draft->step.units = first->units;
}

/* ---- as text ---- */

static void print_core(const struct dbk_step *step, struct dbk_text *out)
{
    char duration[DBK_DURATION_TEXT];
    dbk_duration_print(step->for_ms, duration);
    dbk_text_printf(out, "%s %s for %s", step->process ? step->process : "core",
                    step->kind == DBK_STEP_CRASH ? "crashes" : "pauses", duration);
}

static void print_step(const struct draft *draft, struct dbk_text *out)
{
    const struct dbk_step *step = &draft->step;
    const char *of = draft->of ? draft->of->valuestring : "";
    if (step->kind == DBK_STEP_BOOK && !step->slot)
        return; /* what is wrong with it has been told */
    switch (step->kind) {
    case DBK_STEP_BOOK:
        dbk_text_printf(out, "%s %s %s/%s, %s, %lld %s, as %s", step->actor,
                        step->is_hold ? "has held" : "books", step->partner, step->product,
                        step->slot, (long long)step->units, step->units == 1 ? "unit" : "units",
                        step->booking);
        break;
    case DBK_STEP_AGAIN:
        dbk_text_printf(out, "%s sends %s again", step->actor, of);
        if (dbk_json_get(draft->node, "units"))
            dbk_text_printf(out, ", with %lld %s", (long long)step->units,
                            step->units == 1 ? "unit" : "units");
        break;
    case DBK_STEP_ANEW:
        dbk_text_printf(out, "%s books %s anew, as %s", step->actor, of, step->booking);
        break;
    case DBK_STEP_LOOK:
        dbk_text_printf(out, "%s looks at %s", step->actor, of);
        break;
    case DBK_STEP_WATCH:
        dbk_text_printf(out, "%s watches %s", step->actor, of);
        break;
    case DBK_STEP_CANCEL:
        dbk_text_printf(out, "%s cancels %s", step->actor, of);
        break;
    case DBK_STEP_CONFIRM:
        dbk_text_printf(out, "%s confirms %s", step->actor, of);
        break;
    case DBK_STEP_EXTEND:
        dbk_text_printf(out, "%s asks for more time for %s", step->actor, of);
        break;
    case DBK_STEP_LEAVE:
        dbk_text_printf(out, "%s gives up %s", step->actor, of);
        break;
    case DBK_STEP_MOVE:
        dbk_text_printf(out, "%s decides %s: %s", step->actor, of, step->move ? step->move : "");
        break;
    case DBK_STEP_DETAIL:
    case DBK_STEP_LIST:
        dbk_text_printf(out, "%s looks up %s (%s)", step->actor, of,
                        step->kind == DBK_STEP_LIST ? "list" : "detail");
        break;
    case DBK_STEP_CRASH:
    case DBK_STEP_PAUSE:
        print_core(step, out);
        break;
    }
}

/* ---- all of them ---- */

static bool is_later(const struct dbk_step *one, const struct dbk_step *other)
{
    if (one->at_ms == DBK_ABSENT || other->at_ms == DBK_ABSENT)
        return one->at_ms == DBK_ABSENT && other->at_ms != DBK_ABSENT;
    return one->at_ms > other->at_ms;
}

/* Into the scenario, by time; those of one time in the order of the file. */
static void keep(struct drafts *drafts)
{
    struct dbk_scenario *scenario = drafts->loader->scenario;
    struct dbk_text text = {0};
    scenario->steps =
        dbk_arena_alloc(&scenario->arena, (drafts->count + 1) * sizeof *scenario->steps);
    for (size_t i = 0; i < drafts->count; i++) {
        struct draft *draft = &drafts->items[i];
        size_t at = scenario->step_count++;
        dbk_text_clear(&text);
        print_step(draft, &text);
        draft->step.text = dbk_arena_text(&scenario->arena, text.bytes);
        for (; at > 0 && is_later(&scenario->steps[at - 1], &draft->step); at--)
            scenario->steps[at] = scenario->steps[at - 1];
        scenario->steps[at] = draft->step;
    }
    for (size_t i = 0; i < scenario->step_count; i++)
        scenario->steps[i].rule = dbk_arena_printf(&scenario->arena, "step#%zu", i + 1);
    dbk_text_reset(&text);
}

void dbk_load_steps(struct dbk_loader *loader)
{
    const cJSON *steps = dbk_json_get(loader->root, "steps");
    struct drafts drafts = {.loader = loader};
    drafts.items = dbk_arena_alloc(&loader->scenario->arena,
                                   (dbk_loader_count(steps) + 1) * sizeof *drafts.items);
    for (const cJSON *node = cJSON_IsArray(steps) ? steps->child : NULL; node; node = node->next)
        if (read_step(loader, node, &drafts.items[drafts.count]))
            drafts.count++;
    for (size_t i = 0; i < drafts.count; i++) {
        check_actor(&drafts, &drafts.items[i]);
        check_alias(&drafts, &drafts.items[i]);
        check_use(&drafts, &drafts.items[i]);
        check_when(&drafts, &drafts.items[i]);
        inherit_wish(&drafts, &drafts.items[i]);
    }
    if (cJSON_IsArray(steps) && !steps->child)
        dbk_yaml_complain(loader->yaml, steps, loader->complaints,
                          "steps is empty; expected at least one step");
    keep(&drafts);
}
