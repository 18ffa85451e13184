#include "runner/live.h"

#include "base/json.h"
#include "runner/head.h"
#include "runner/host.h"
#include "runner/live_ask.h"
#include "runner/live_child.h"
#include "runner/live_files.h"
#include "runner/live_signals.h"
#include "runner/sim_chooser.h"
#include "runner/user.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LEAD_MS 200    /* real; a child that is ready by then makes scenario time start at 0 */
#define WATCH_MS 25    /* real; how often a watched page is read */
#define REST_MS 150    /* real; how often we ask whether all are at rest */
#define RESTS_NEEDED 2 /* in a row: something may be between two hosts */
#define LAST_LOOK_MS 5000
#define END_MS 3000    /* real; a child that does not end by then is killed */
#define CHECK_MS 30000 /* real; what the check of a store has to end within */
#define ASK_MS 2000    /* real; an answer to one of our questions that takes longer is none */

struct live {
    const struct dbk_live_config *config;
    const struct dbk_scenario *scenario;
    struct dbk_history *history;
    struct dbk_arena arena;
    struct dbk_live_plan plan;
    struct dbk_host *host;
    struct dbk_sim_chooser choices; /* the partners' */
    struct dbk_machine *partners;   /* owned: freed at the end */
    size_t partner_count;
    struct dbk_users *users;
    struct dbk_ask ask;
    size_t asker, first_person; /* parties */
    const char **names;         /* by party */
    const char **addresses;     /* by partner: base URLs */
    struct dbk_child child;
    int port_hold, port;         /* of the system */
    int64_t origin_ns, shift_ms; /* scenario time began so much after the origin */
    bool *step_begun;
    size_t steps_left;
    int64_t up_at_ms, resume_at_ms; /* DBK_ABSENT: not down, not paused */
    bool is_starting, has_crashed;
    int rests; /* how often in a row all were at rest */
    int64_t rest_asked_ns;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    interrupted = signal;
}

static int64_t real_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t now_ms(const struct live *live)
{
    return dbk_host_now_ms(live->host) - live->shift_ms;
}

/* Facts. */

static void record(struct live *live, const char *who, const struct dbk_fact *what)
{
    struct dbk_fact fact = *what;
    if (!fact.who)
        fact.who = who;
    fact.at_ms = now_ms(live);
    dbk_history_add(live->history, &fact);
}

/* A step that waits for what somebody is shown begins when that is shown. */
static int64_t starts_at(const struct live *live, const struct dbk_step *step)
{
    if (!step->when_booking)
        return step->at_ms;
    for (size_t i = 0; i < live->history->fact_count; i++) {
        const struct dbk_fact *fact = &live->history->facts[i];
        if (fact->kind == DBK_FACT_READ && dbk_same(fact->booking, step->when_booking) &&
            dbk_same(fact->status, step->when_status))
            return fact->at_ms + step->plus_ms;
    }
    return DBK_ABSENT;
}

/* From the host's time to the story's. */
static void shift(struct dbk_fact *fact, int64_t shift_ms)
{
    fact->at_ms -= shift_ms;
    if (fact->asked_ms != DBK_ABSENT)
        fact->asked_ms -= shift_ms;
    if (fact->made_ms != DBK_ABSENT)
        fact->made_ms -= shift_ms;
}

static void on_fact(void *context, size_t party, const struct dbk_fact *what)
{
    struct live *live = context;
    struct dbk_fact fact = *what;
    if (!fact.who)
        fact.who = live->names[party];
    fact.clock = live->names[party];
    shift(&fact, live->shift_ms);
    dbk_history_add(live->history, &fact);
}

static void record_process(struct live *live, const char *fate)
{
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_PROCESS);
    fact.fate = fate;
    record(live, "core", &fact);
}

/* Set-up. */

static bool write_file(struct live *live, const char *name, struct dbk_text *text,
                       char why[static 160])
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", live->config->folder, name);
    FILE *file = fopen(path, "w");
    bool good = file && fwrite(text->bytes, 1, text->length, file) == text->length;
    if (file && fclose(file) != 0)
        good = false;
    dbk_text_reset(text);
    if (!good)
        snprintf(why, 160, "%.60s cannot be written", name);
    return good;
}

static bool add_party(struct live *live, struct dbk_machine machine, const char *listen,
                      char why[static 160])
{
    struct dbk_host_party party = {.machine = machine,
                                   .listen = listen,
                                   .offset_ms =
                                       dbk_scenario_offset_ms(live->scenario, machine.name)};
    size_t index = dbk_host_add(live->host, &party, why);
    if (index == SIZE_MAX)
        return false;
    live->names[index] = machine.name;
    return true;
}

static bool add_partners(struct live *live, char why[static 160])
{
    const struct dbk_scenario *scenario = live->scenario;
    live->partners =
        dbk_arena_alloc(&live->arena, (scenario->partner_count + 1) * sizeof *live->partners);
    for (size_t i = 0; i < scenario->partner_count; i++) {
        const struct dbk_scenario_partner *partner = &scenario->partners[i];
        struct dbk_partner_config config = dbk_scenario_partner_config(
            scenario, partner,
            dbk_system_callback_path(live->config->system, partner->name, &live->arena),
            live->config->seed);
        live->partners[i] = dbk_partner_machine(&config);
        live->partner_count++;
        if (!add_party(live, live->partners[i], "127.0.0.1:0", why))
            return false;
        live->addresses[i] =
            dbk_arena_printf(&live->arena, "http://127.0.0.1:%d", dbk_host_port(live->host, i));
    }
    return true;
}

static bool write_files(struct live *live, char why[static 160])
{
    struct dbk_text text = {0};
    dbk_live_partners_file(live->scenario, live->addresses, &text);
    if (!write_file(live, "partners.yaml", &text, why))
        return false;
    dbk_live_policy_file(live->config->policy, &text);
    return write_file(live, "policy.yaml", &text, why);
}

/* The value of a variable of the map's start, env and check. */
static const char *place(void *context, const char *name)
{
    struct live *live = context;
    struct dbk_arena *arena = &live->arena;
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"port", live->port},
        {"origin", live->origin_ns},
        {"scale", live->plan.scale},
        {"zero", live->scenario->zero_ms + dbk_scenario_offset_ms(live->scenario, "core")},
        {"seed", (int64_t)live->config->seed}};
    for (size_t i = 0; i < DBK_COUNT(numbers); i++)
        if (strcmp(name, numbers[i].name) == 0)
            return dbk_arena_printf(arena, "%lld", (long long)numbers[i].value);
    if (strcmp(name, "program") == 0)
        return live->config->program;
    if (strcmp(name, "dir") == 0)
        return live->config->folder;
    if (strcmp(name, "partners") == 0 || strcmp(name, "policy") == 0)
        return dbk_arena_printf(arena, "%s/%s.yaml", live->config->folder, name);
    for (size_t i = 0; i < live->partner_count; i++)
        if (dbk_starts_with(name, "partner:") &&
            strcmp(name + strlen("partner:"), live->names[i]) == 0)
            return live->addresses[i];
    return NULL;
}

/* NULL with why: a variable that has no value. */
static const char **filled(struct live *live, const char *const *templates, char why[static 160])
{
    size_t count = 0;
    while (templates && templates[count])
        count++;
    const char **texts = dbk_arena_alloc(&live->arena, (count + 1) * sizeof *texts);
    struct dbk_text text = {0};
    for (size_t i = 0; i < count; i++) {
        dbk_text_clear(&text);
        if (!dbk_system_fill(templates[i], place, live, &text, why)) {
            dbk_text_reset(&text);
            return NULL;
        }
        texts[i] = dbk_arena_text(&live->arena, text.bytes ? text.bytes : "");
    }
    dbk_text_reset(&text);
    return texts;
}

static bool start_child(struct live *live, char why[static 160])
{
    const struct dbk_system *system = live->config->system;
    const char **argv = filled(live, system->start, why), **env = filled(live, system->env, why);
    live->is_starting = true;
    dbk_ask_forget(&live->ask);
    const char *log = dbk_arena_printf(&live->arena, "%s/system.log", live->config->folder);
    return argv && env && dbk_child_start(&live->child, argv, env, live->config->folder, log, why);
}

/* The last line that a program of the system's said, for a message about its end. */
static void add_last_words(const struct live *live, const char *log, char why[static 160])
{
    char path[PATH_MAX + 32], line[160];
    size_t used = strlen(why);
    snprintf(path, sizeof path, "%s/%s", live->config->folder, log);
    if (dbk_live_says_in_use(path))
        used += (size_t)snprintf(why + used, 160 - used,
                                 ": it has to listen with SO_REUSEADDR, its port is held for it");
    dbk_live_last_line(path, line, sizeof line - used - strlen(": "));
    if (*line)
        snprintf(why + used, 160 - used, ": %s", line);
}

static void put_question(struct live *live, enum dbk_question about, const char *method,
                         const char *path, int64_t within_ms)
{
    dbk_ask_put(&live->ask, about, method, path, within_ms * live->plan.scale);
    dbk_host_poke(live->host, live->asker, 0);
}

/* Asks, and asks again where the answer was another. */
static bool is_ready(struct live *live)
{
    if (dbk_ask_is_granted(&live->ask, DBK_QUESTION_READY))
        return true;
    if (!live->ask.is_open)
        put_question(live, DBK_QUESTION_READY, "GET", live->config->system->ready_path, ASK_MS);
    return false;
}

/* True if the system has died without being asked to. */
static bool has_died(struct live *live, char why[static 160])
{
    char said[64];
    if (!live->child.pid || !dbk_child_is_dead(&live->child, said))
        return false;
    snprintf(why, 160, "the system ended by itself (%s)", said);
    add_last_words(live, "system.log", why);
    return true;
}

/* A turn before the story begins; false with why: it will not. */
static bool turn_before(struct live *live, char why[static 160])
{
    if (has_died(live, why))
        return false;
    if (interrupted) {
        snprintf(why, 160, "interrupted");
        return false;
    }
    return dbk_host_turn(live->host, 5, why);
}

static bool wait_until_ready(struct live *live, char why[static 160])
{
    int64_t within_ms = live->config->system->ready_within_ms;
    int64_t until_ns = real_ns() + within_ms * 1000000;
    while (!is_ready(live)) {
        if (real_ns() > until_ns) {
            snprintf(why, 160, "the system was not ready within %lld ms", (long long)within_ms);
            return false;
        }
        if (!turn_before(live, why))
            return false;
    }
    live->is_starting = false;
    return true;
}

/* Empties a system that keeps its data elsewhere than in the story's folder. */
static bool reset(struct live *live, char why[static 160])
{
    const struct dbk_system *system = live->config->system;
    if (!system->reset_path)
        return true;
    put_question(live, DBK_QUESTION_RESET, system->reset_method, system->reset_path,
                 system->ready_within_ms);
    while (live->ask.is_open)
        if (!turn_before(live, why))
            return false;
    if (dbk_ask_is_granted(&live->ask, DBK_QUESTION_RESET))
        return true;
    snprintf(why, 160, "the system could not be reset: %s %.80s gave %d", system->reset_method,
             system->reset_path, live->ask.status);
    return false;
}

static bool add_persons(struct live *live, char why[static 160])
{
    live->users = dbk_users_new(live->config->system);
    dbk_users_renew(live->users, live->scenario, live->config->seed);
    live->first_person = live->asker + 1;
    for (size_t i = 0; i < dbk_users_count(live->users); i++)
        if (!add_party(live, dbk_users_machine(live->users, i), NULL, why))
            return false;
    return true;
}

static bool set_up(struct live *live, char why[static 160])
{
    const struct dbk_scenario *scenario = live->scenario;
    live->plan = dbk_live_plan(scenario, &live->arena);
    live->origin_ns = real_ns() + LEAD_MS * INT64_C(1000000);
    live->up_at_ms = live->resume_at_ms = DBK_ABSENT;
    live->steps_left = scenario->step_count;
    live->step_begun = dbk_arena_alloc(&live->arena, scenario->step_count + 1);
    live->names = dbk_arena_alloc(
        &live->arena, (scenario->partner_count + scenario->step_count + 2) * sizeof *live->names);
    live->addresses =
        dbk_arena_alloc(&live->arena, (scenario->partner_count + 1) * sizeof *live->addresses);
    dbk_history_clear(live->history);
    dbk_head(scenario, live->config->policy, "live", live->config->seed, live->history);
    dbk_system_terms(live->config->system, &live->history->terms);
    dbk_sim_chooser_renew(&live->choices, scenario, live->config->seed, NULL);
    struct dbk_chooser chooser = dbk_sim_chooser_port(&live->choices);
    struct dbk_host_config config = {.chooser = &chooser,
                                     .origin_ns = live->origin_ns,
                                     .scale = live->plan.scale,
                                     .zero_ms = scenario->zero_ms,
                                     .seed = live->config->seed,
                                     .peer = "core",
                                     .on_fact = on_fact,
                                     .context = live};
    live->host = dbk_host_new(&config, why);
    if (!live->host || !add_partners(live, why))
        return false;
    live->asker = live->partner_count;
    if (!add_party(live, dbk_ask_machine(&live->ask), NULL, why))
        return false;
    live->port_hold = dbk_port_hold(&live->port);
    if (live->port_hold < 0) {
        snprintf(why, 160, "no loopback port is free for the system");
        return false;
    }
    dbk_host_route(live->host, "core",
                   dbk_arena_printf(&live->arena, "http://127.0.0.1:%d", live->port));
    if (!write_files(live, why) || !start_child(live, why) || !wait_until_ready(live, why) ||
        !reset(live, why))
        return false;
    while (dbk_host_now_ms(live->host) < 0)
        if (!turn_before(live, why))
            return false;
    int64_t late_ms = dbk_host_now_ms(live->host);
    live->shift_ms = late_ms > live->plan.scale * LEAD_MS / 10 ? late_ms : 0;
    /* What it asked partners while it came up lies before the story. */
    for (size_t i = 0; i < live->history->fact_count; i++)
        shift(&live->history->facts[i], live->shift_ms);
    return add_persons(live, why);
}

/* Steps. */

static void crash(struct live *live, const struct dbk_step *step)
{
    char said[64];
    dbk_child_signal(&live->child, SIGKILL);
    struct pollfd dead = {.fd = live->child.pidfd, .events = POLLIN};
    poll(&dead, 1, END_MS);
    dbk_child_is_dead(&live->child, said);
    dbk_children_end(NULL, 0); /* what it started dies with it */
    record_process(live, "down");
    live->up_at_ms = now_ms(live) + step->for_ms;
    live->resume_at_ms = DBK_ABSENT;
    live->has_crashed = true;
}

static void pause_child(struct live *live, const struct dbk_step *step)
{
    dbk_child_signal(&live->child, SIGSTOP);
    record_process(live, "paused");
    live->resume_at_ms = now_ms(live) + step->for_ms;
}

static void begin_step(struct live *live, size_t index)
{
    const struct dbk_step *step = &live->scenario->steps[index];
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_STEP);
    live->step_begun[index] = true;
    live->steps_left--;
    fact.who = step->actor;
    fact.nth = (int64_t)index + 1;
    fact.line = step->line;
    fact.text = step->text;
    record(live, "stage", &fact);
    if (step->kind == DBK_STEP_CRASH && live->child.pid)
        crash(live, step);
    else if (step->kind == DBK_STEP_PAUSE && live->child.pid)
        pause_child(live, step);
    for (size_t i = 0; i < dbk_users_count(live->users); i++)
        if (strcmp(live->names[live->first_person + i], step->actor) == 0)
            dbk_host_poke(live->host, live->first_person + i, index + 1);
}

static void begin_due_steps(struct live *live)
{
    for (size_t i = 0; i < live->scenario->step_count; i++) {
        int64_t at_ms =
            live->step_begun[i] ? DBK_ABSENT : starts_at(live, &live->scenario->steps[i]);
        if (at_ms != DBK_ABSENT && at_ms <= now_ms(live))
            begin_step(live, i);
    }
}

/* Restarts and resumptions whose time has come. False: it cannot be started again. */
static bool tend_child(struct live *live, char why[static 160])
{
    if (live->resume_at_ms != DBK_ABSENT && live->resume_at_ms <= now_ms(live)) {
        dbk_child_signal(&live->child, SIGCONT);
        record_process(live, "resumed");
        live->resume_at_ms = DBK_ABSENT;
    }
    if (live->up_at_ms != DBK_ABSENT && live->up_at_ms <= now_ms(live)) {
        live->up_at_ms = DBK_ABSENT;
        if (!start_child(live, why))
            return false;
    }
    if (live->is_starting && live->child.pid && is_ready(live)) {
        live->is_starting = false;
        record_process(live, "up");
    }
    return !has_died(live, why);
}

/* The end. */

/* The system's own word, in the answer to the last question. */
static bool is_system_idle(const struct live *live)
{
    const struct dbk_text *body = &live->ask.body;
    char why[160];
    cJSON *tree = live->ask.status == 200 && body->bytes
                      ? dbk_json_parse(body->bytes, body->length, why)
                      : NULL;
    int64_t left = 1;
    bool idle =
        dbk_json_node_integer(dbk_pointer_follow(live->config->system->idle, tree), &left) &&
        left == 0;
    cJSON_Delete(tree);
    return idle;
}

/* True if all but the system have nothing left to do. */
static bool is_quiet(const struct live *live)
{
    return live->steps_left == 0 && live->up_at_ms == DBK_ABSENT && !live->is_starting &&
           live->resume_at_ms == DBK_ABSENT && !dbk_users_wait(live->users) &&
           dbk_host_is_idle(live->host, 0, live->partner_count);
}

/* Asks the system now and then; all are at rest if it says so while nobody else has work left. */
static bool has_come_to_rest(struct live *live)
{
    const char *path = live->config->system->idle_path;
    int64_t now_ns = real_ns();
    if (!path || live->ask.is_open)
        return false;
    if (live->ask.about == DBK_QUESTION_IDLE) {
        live->rests = is_quiet(live) && is_system_idle(live) ? live->rests + 1 : 0;
        dbk_ask_forget(&live->ask);
    } else if (now_ns - live->rest_asked_ns > REST_MS * INT64_C(1000000)) {
        live->rest_asked_ns = now_ns;
        if (is_quiet(live))
            put_question(live, DBK_QUESTION_IDLE, "GET", path, ASK_MS);
        else
            live->rests = 0;
    }
    return live->rests == RESTS_NEEDED;
}

static void poke_watchers(struct live *live)
{
    for (size_t i = 0; i < dbk_users_count(live->users); i++)
        if (dbk_users_watches(live->users, i))
            dbk_host_poke(live->host, live->first_person + i, DBK_POKE_COMMITTED);
}

/* Plays until rest, the bound or the stage's own limit; gives which, or NULL with why. */
static const char *play(struct live *live, char why[static 160])
{
    int64_t began_ns = real_ns(), watched_ns = 0;
    for (;;) {
        if (interrupted)
            return "interrupted";
        begin_due_steps(live);
        if (!tend_child(live, why) || !dbk_host_turn(live->host, 5, why))
            return NULL;
        int64_t now_ns = real_ns();
        if (now_ms(live) > live->scenario->until_ms)
            return "bound";
        if (now_ns - began_ns > (DBK_LIVE_STORY_MAX_MS + REST_MS) * INT64_C(1000000))
            return "stopped";
        if (has_come_to_rest(live))
            return "rest";
        if (now_ns - watched_ns > WATCH_MS * INT64_C(1000000) && live->child.pid) {
            watched_ns = now_ns;
            poke_watchers(live);
        }
    }
}

static bool last_look(struct live *live, char why[static 160])
{
    int64_t until_ns = real_ns() + LAST_LOOK_MS * INT64_C(1000000);
    for (size_t i = 0; i < dbk_users_count(live->users); i++)
        dbk_host_poke(live->host, live->first_person + i, DBK_POKE_LAST_LOOK);
    do {
        if (!dbk_host_turn(live->host, 5, why))
            return false;
    } while (!dbk_host_is_idle(live->host, live->first_person, SIZE_MAX) && real_ns() < until_ns);
    return true;
}

/* False: the check did not end in time, or we were interrupted. */
static bool await_check(struct dbk_child *check, char said[static 160], char why[static 160])
{
    struct pollfd done = {.fd = check->pidfd, .events = POLLIN};
    for (int64_t until_ns = real_ns() + CHECK_MS * INT64_C(1000000);
         !interrupted && real_ns() < until_ns && poll(&done, 1, 100) <= 0;)
        continue;
    bool has_ended = dbk_child_is_dead(check, said);
    dbk_child_end(check, 0);
    if (interrupted)
        snprintf(why, 160, "interrupted");
    else if (!has_ended)
        snprintf(why, 160, "the check of the store did not end within %d s", CHECK_MS / 1000);
    return has_ended;
}

/* After a crash the store is looked at as a whole, once nobody has it open. */
static bool check_store(struct live *live, char why[static 160])
{
    const struct dbk_system *system = live->config->system;
    struct dbk_child check;
    char said[160] = "";
    if (!live->has_crashed || !system->check)
        return true;
    const char **argv = filled(live, system->check, why), **env = filled(live, system->env, why);
    const char *log = dbk_arena_printf(&live->arena, "%s/check.log", live->config->folder);
    if (!argv || !env || !dbk_child_start(&check, argv, env, live->config->folder, log, why) ||
        !await_check(&check, said, why))
        return false;
    struct dbk_fact fact = dbk_fact_of(DBK_FACT_STORE);
    bool is_whole = strcmp(said, "exit code 0") == 0;
    if (!is_whole)
        add_last_words(live, "check.log", said);
    fact.fate = is_whole ? "whole" : "broken";
    fact.text = is_whole ? NULL : said;
    record(live, "stage", &fact);
    return true;
}

static void tear_down(struct live *live)
{
    dbk_child_end(&live->child, 0);
    dbk_children_end(NULL, 0);
    if (live->port_hold >= 0)
        close(live->port_hold);
    dbk_host_free(live->host);
    for (size_t i = 0; i < live->partner_count; i++)
        live->partners[i].ops->free(live->partners[i].self);
    dbk_users_free(live->users);
    dbk_ask_reset(&live->ask);
    dbk_sim_chooser_free(&live->choices);
    dbk_live_remove(live->config->folder);
    dbk_arena_free(&live->arena);
}

static void prove(const struct live *live, struct dbk_live_proof *proof)
{
    *proof = (struct dbk_live_proof){.pid = live->child.pid,
                                     .system_port = live->port,
                                     .partner_count = live->partner_count,
                                     .scale = live->plan.scale};
    for (size_t i = 0; i < live->partner_count; i++) {
        snprintf(proof->partners[i].name, sizeof proof->partners[i].name, "%s", live->names[i]);
        proof->partners[i].port = dbk_host_port(live->host, i);
    }
}

static bool run(struct live *live, struct dbk_live_proof *proof, char why[static 160])
{
    struct dbk_fact end = dbk_fact_of(DBK_FACT_END);
    int64_t began_ns = real_ns();
    if (!set_up(live, why))
        return false;
    end.fate = play(live, why);
    if (!end.fate || (!interrupted && !last_look(live, why)))
        return false;
    prove(live, proof);
    proof->wall_ms = (real_ns() - began_ns) / 1000000;
    dbk_child_end(&live->child, END_MS);
    if (!check_store(live, why))
        return false;
    if (strcmp(end.fate, "stopped") == 0)
        end.text = "the live stage ends a story that does not come to rest";
    record(live, "stage", &end);
    if (interrupted)
        snprintf(why, 160, "interrupted");
    return !interrupted;
}

bool dbk_live_run(const struct dbk_live_config *config, struct dbk_history *history,
                  struct dbk_live_proof *proof, char why[static 160])
{
    struct live live = {.config = config,
                        .scenario = config->scenario,
                        .history = history,
                        .port_hold = -1,
                        .child = {.pidfd = -1}};
    signal(SIGPIPE, SIG_IGN);
    dbk_children_adopt();
    dbk_live_signals_take(on_interrupt);
    why[0] = '\0';
    bool good = run(&live, proof, why);
    tear_down(&live);
    return good;
}
