/* One level of the tree of runs is a list of nodes; a node is its parent in the level above and one
 * more deviation. Playing a node gives its signatures and its children, which are the nodes of the
 * next level. With several jobs each process plays every n-th node of a level and sends what came
 * of it through a pipe; this process reads the pipes in turn, in the order of the nodes, so that
 * the result does not depend on how many there are. */
#include "runner/search/explore.h"

#include "runner/judge.h"

#include "runner/check/check.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64
#define CLAIMS_MAX 32

struct node {
    uint32_t parent; /* in the level above */
    uint32_t entity; /* place in the names */
    uint32_t nth, take;
    enum dbk_site site;
};

struct level {
    struct node *nodes; /* owned */
    size_t count, capacity;
};

/* Entities by number, each once. There are a few dozen. */
struct names {
    struct dbk_arena arena;
    const char **texts; /* owned */
    size_t count, capacity;
};

/* What one run showed; children are in the buffer of whoever played it. */
struct played {
    struct dbk_signatures signatures;
    struct dbk_asked *children; /* taken: the alternative; owned, reused */
    size_t child_count, child_capacity;
};

/* What a process sums up over all its runs. */
struct sums {
    int64_t exposures[64];
    int64_t claims[CLAIMS_MAX]; /* runs, by place in the names of claims */
    char claim_names[CLAIMS_MAX][128];
    size_t claim_count;
};

struct job {
    pid_t pid;
    FILE *from;
};

struct explorer {
    const struct dbk_explore_config *config;
    struct dbk_explored *explored;
    struct level levels[DBK_EXPLORE_DEVIATIONS + 2];
    size_t depth;
    struct names names;
    struct dbk_trace trace;
    struct dbk_history history;
    struct played played;
    struct dbk_outcome *outcome; /* of the run at hand */
    struct sums sums;
    struct job jobs[JOBS_MAX];
    int64_t began_ms;
    bool is_full; /* a level had more nodes than there is room for */
};

/* ---- names ---- */

static uint32_t number_of(struct names *names, const char *text)
{
    for (size_t i = names->count; i > 0; i--)
        if (strcmp(names->texts[i - 1], text) == 0)
            return (uint32_t)i - 1;
    if (names->count == names->capacity) {
        names->capacity = names->capacity ? 2 * names->capacity : 64;
        names->texts = dbk_resize(names->texts, names->capacity * sizeof *names->texts);
    }
    names->texts[names->count++] = dbk_arena_text(&names->arena, text);
    return (uint32_t)names->count - 1;
}

static void free_names(struct names *names)
{
    free(names->texts);
    dbk_arena_free(&names->arena);
}

/* ---- levels ---- */

static void add_node(struct level *level, const struct node *node)
{
    if (level->count == level->capacity) {
        level->capacity = level->capacity ? 2 * level->capacity : 1024;
        level->nodes = dbk_resize(level->nodes, level->capacity * sizeof *level->nodes);
    }
    level->nodes[level->count++] = *node;
}

/* The deviations of a node of the level at depth, in the order in which they are asked. */
static void unfold(const struct explorer *explorer, size_t depth, size_t place,
                   struct dbk_deviation deviations[static DBK_EXPLORE_DEVIATIONS])
{
    for (size_t i = depth; i > 0; i--) {
        const struct node *node = &explorer->levels[i].nodes[place];
        deviations[i - 1] = (struct dbk_deviation){.site = node->site,
                                                   .entity = explorer->names.texts[node->entity],
                                                   .nth = node->nth,
                                                   .take = node->take};
        place = node->parent;
    }
}

/* ---- one run ---- */

static void add_child(struct played *played, const struct dbk_asked *asked, uint32_t take)
{
    if (played->child_count == played->child_capacity) {
        played->child_capacity = played->child_capacity ? 2 * played->child_capacity : 512;
        played->children =
            dbk_resize(played->children, played->child_capacity * sizeof *played->children);
    }
    played->children[played->child_count] = *asked;
    played->children[played->child_count++].taken = take;
}

/* Where the trace goes on behind the last deviation; its end where that did not come up. */
static size_t behind_last(const struct dbk_trace *trace, size_t deviation_count)
{
    size_t taken = 0;
    if (deviation_count == 0)
        return 0;
    for (size_t i = 0; i < trace->count; i++) {
        taken += trace->items[i].taken > 0;
        if (taken == deviation_count)
            return i + 1;
    }
    return trace->count;
}

static void find_children(struct explorer *explorer, size_t deviation_count)
{
    const struct dbk_trace *trace = &explorer->trace;
    uint32_t takes[DBK_MENU_TAKES];
    for (size_t i = behind_last(trace, deviation_count); i < trace->count; i++) {
        size_t count = dbk_menu_takes(explorer->config->menu, &trace->items[i], takes);
        for (size_t k = 0; k < count; k++)
            add_child(&explorer->played, &trace->items[i], takes[k]);
    }
}

static void add_claim(struct sums *sums, const char *claim, int64_t runs)
{
    size_t i = 0;
    while (i < sums->claim_count && strcmp(sums->claim_names[i], claim) != 0)
        i++;
    if (i == CLAIMS_MAX)
        return;
    if (i == sums->claim_count)
        snprintf(sums->claim_names[sums->claim_count++], sizeof sums->claim_names[0], "%s", claim);
    sums->claims[i] += runs;
}

static void sum_up(struct explorer *explorer, const struct dbk_outcome *outcome)
{
    for (size_t i = 0; i < outcome->exposure_count; i++)
        explorer->sums.exposures[i] += outcome->exposures[i].count;
    for (size_t i = 0; i < outcome->partner_broke_count; i++)
        add_claim(&explorer->sums, outcome->partner_broke[i], 1);
}

/* Plays the node at place of the level at hand into explorer->played. */
static void play(struct explorer *explorer, struct dbk_sim *sim, size_t place)
{
    const struct dbk_explore_config *config = explorer->config;
    struct dbk_deviation deviations[DBK_EXPLORE_DEVIATIONS];
    struct dbk_outcome *outcome = explorer->outcome;
    dbk_outcome_clear(outcome);
    unfold(explorer, explorer->depth, place, deviations);
    const struct dbk_search search = {
        .deviations = deviations, .deviation_count = explorer->depth, .trace = &explorer->trace};
    dbk_sim_search(sim, config->scenario, config->policy, config->seed, &search,
                   &explorer->history);
    dbk_judge(&explorer->history, NULL, outcome);
    explorer->played.signatures.count = 0;
    explorer->played.child_count = 0;
    config->goal->ops->reached(config->goal->self, &explorer->history, outcome,
                               &explorer->played.signatures);
    sum_up(explorer, outcome);
    if (explorer->depth < (size_t)config->deviations)
        find_children(explorer, explorer->depth);
}

/* ---- jobs ---- */

static void put(FILE *to, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, to) != size)
        _exit(1); /* nobody reads any more */
}

static void put_text(FILE *to, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);
    put(to, &length, sizeof length);
    put(to, text, length);
}

static void send_played(FILE *to, const struct played *played)
{
    uint64_t counts[2] = {played->signatures.count, played->child_count};
    put(to, counts, sizeof counts);
    put(to, played->signatures.items, counts[0] * sizeof played->signatures.items[0]);
    for (size_t i = 0; i < played->child_count; i++) {
        const struct dbk_asked *child = &played->children[i];
        uint32_t numbers[3] = {(uint32_t)child->site, child->nth, child->taken};
        put(to, numbers, sizeof numbers);
        put_text(to, child->entity);
    }
}

static bool take(FILE *from, void *bytes, size_t size)
{
    return fread(bytes, 1, size, from) == size;
}

/* The text lives in the names. */
static bool take_text(struct explorer *explorer, FILE *from, const char **text)
{
    char bytes[512];
    uint32_t length;
    if (!take(from, &length, sizeof length) || length >= sizeof bytes || !take(from, bytes, length))
        return false;
    bytes[length] = '\0';
    *text = explorer->names.texts[number_of(&explorer->names, bytes)];
    return true;
}

static bool receive_played(struct explorer *explorer, FILE *from)
{
    struct played *played = &explorer->played;
    uint64_t counts[2];
    if (!take(from, counts, sizeof counts) || counts[0] > DBK_SIGNATURES ||
        !take(from, played->signatures.items, counts[0] * sizeof played->signatures.items[0]))
        return false;
    played->signatures.count = counts[0];
    played->child_count = 0;
    for (uint64_t i = 0; i < counts[1]; i++) {
        struct dbk_asked child = {0};
        uint32_t numbers[3];
        if (!take(from, numbers, sizeof numbers) || !take_text(explorer, from, &child.entity))
            return false;
        child.site = (enum dbk_site)numbers[0];
        child.nth = numbers[1];
        add_child(played, &child, numbers[2]);
    }
    return true;
}

/* The whole life of a job at one level: every n-th node, then the sums. */
static void work(struct explorer *explorer, size_t nth, FILE *to)
{
    char why[160];
    struct dbk_sim *sim = explorer->config->new_sim(explorer->config->context, why);
    if (!sim)
        _exit(1);
    memset(&explorer->sums, 0, sizeof explorer->sums);
    for (size_t i = nth; i < explorer->levels[explorer->depth].count;
         i += (size_t)explorer->config->jobs) {
        play(explorer, sim, i);
        send_played(to, &explorer->played);
    }
    put(to, &explorer->sums, sizeof explorer->sums);
    _exit(fflush(to) == 0 ? 0 : 1);
}

static bool start_job(struct explorer *explorer, size_t nth)
{
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_IGN); /* the terminal interrupts all; the first process ends the rest */
        close(ends[0]);
        for (size_t i = 0; i < nth; i++)
            fclose(explorer->jobs[i].from);
        work(explorer, nth, fdopen(ends[1], "wb"));
    }
    close(ends[1]);
    explorer->jobs[nth] = (struct job){.pid = pid, .from = fdopen(ends[0], "rb")};
    return pid > 0;
}

static bool receive_sums(struct explorer *explorer, FILE *from)
{
    struct sums sums;
    if (!take(from, &sums, sizeof sums))
        return false;
    for (size_t i = 0; i < dbk_invariant_count; i++)
        explorer->sums.exposures[i] += sums.exposures[i];
    for (size_t i = 0; i < sums.claim_count; i++)
        add_claim(&explorer->sums, sums.claim_names[i], sums.claims[i]);
    return true;
}

/* Ends all jobs; false where one had died before. */
static bool end_jobs(struct explorer *explorer, bool is_whole)
{
    bool is_good = true;
    for (int i = 0; i < explorer->config->jobs; i++) {
        struct job *job = &explorer->jobs[i];
        int status = 0;
        if (!job->from)
            continue;
        is_good = is_good && (!is_whole || receive_sums(explorer, job->from));
        fclose(job->from);
        if (job->pid > 0) {
            if (!is_whole)
                kill(job->pid, SIGKILL);
            while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
                ;
        }
        *job = (struct job){0};
    }
    return is_good;
}

/* ---- a level ---- */

static void keep_children(struct explorer *explorer, size_t place)
{
    const struct played *played = &explorer->played;
    struct level *next = &explorer->levels[explorer->depth + 1];
    int64_t asked = explorer->config->depth_runs_max;
    size_t most = asked > 0 ? (size_t)asked : DBK_EXPLORE_DEPTH_RUNS_MAX;
    for (size_t i = 0; i < played->child_count && !explorer->is_full; i++) {
        const struct dbk_asked *child = &played->children[i];
        const struct node node = {.parent = (uint32_t)place,
                                  .entity = number_of(&explorer->names, child->entity),
                                  .nth = child->nth,
                                  .take = child->taken,
                                  .site = child->site};
        explorer->is_full = next->count == most;
        if (!explorer->is_full)
            add_node(next, &node);
    }
}

static bool is_found(const struct dbk_explored *explored, const struct dbk_signature *signature)
{
    for (size_t i = 0; i < explored->find_count; i++)
        if (strcmp(explored->finds[i].signature.id, signature->id) == 0 &&
            explored->finds[i].signature.is_of_partners == signature->is_of_partners)
            return true;
    return false;
}

static int64_t clock_of(const struct explorer *explorer)
{
    return explorer->config->clock_ms ? explorer->config->clock_ms(explorer->config->context) : 0;
}

static void keep_find(struct explorer *explorer, size_t place,
                      const struct dbk_signature *signature)
{
    struct dbk_explored *explored = explorer->explored;
    struct dbk_deviation deviations[DBK_EXPLORE_DEVIATIONS];
    if (explored->find_count == DBK_SIGNATURES || is_found(explored, signature))
        return;
    struct dbk_find *find = &explored->finds[explored->find_count++];
    *find = (struct dbk_find){.signature = *signature,
                              .deviation_count = explorer->depth,
                              .runs = explored->runs,
                              .found_ms = clock_of(explorer) - explorer->began_ms};
    find->deviations =
        dbk_arena_alloc(&explored->arena, (explorer->depth + 1) * sizeof *find->deviations);
    unfold(explorer, explorer->depth, place, deviations);
    for (size_t i = 0; i < explorer->depth; i++) {
        find->deviations[i] = deviations[i];
        find->deviations[i].entity = dbk_arena_text(&explored->arena, deviations[i].entity);
    }
}

static void keep(struct explorer *explorer, size_t place, struct dbk_depth *depth)
{
    const struct dbk_signatures *signatures = &explorer->played.signatures;
    if (explorer->depth < (size_t)explorer->config->deviations)
        keep_children(explorer, place);
    explorer->explored->runs++;
    depth->runs++;
    depth->found += signatures->count > 0;
    for (size_t i = 0; i < signatures->count; i++)
        keep_find(explorer, place, &signatures->items[i]);
}

static void tell(const struct explorer *explorer, const struct dbk_depth *depth)
{
    const struct dbk_explore_state state = {.depth = depth->deviations,
                                            .runs_of_depth = depth->runs,
                                            .of_depth = depth->expected,
                                            .runs = explorer->explored->runs,
                                            .findings = explorer->explored->find_count};
    if (explorer->config->on_progress)
        explorer->config->on_progress(explorer->config->context, &state);
}

static bool is_stopped(const struct explorer *explorer)
{
    return explorer->config->is_stopped && explorer->config->is_stopped(explorer->config->context);
}

/* Few runs are played faster than a process is started. */
static bool is_shared(const struct explorer *explorer)
{
    return explorer->config->jobs > 1 && explorer->levels[explorer->depth].count > 32;
}

/* Plays a level; false with why where a job failed. */
static bool play_level(struct explorer *explorer, struct dbk_depth *depth, char why[static 160])
{
    size_t count = explorer->levels[explorer->depth].count;
    bool shares = is_shared(explorer), is_good = true;
    for (int i = 0; shares && i < explorer->config->jobs; i++)
        is_good = is_good && start_job(explorer, (size_t)i);
    for (size_t i = 0; is_good && i < count && !is_stopped(explorer); i++) {
        if (shares)
            is_good =
                receive_played(explorer, explorer->jobs[i % (size_t)explorer->config->jobs].from);
        else
            play(explorer, explorer->config->sim, i);
        if (is_good)
            keep(explorer, i, depth);
        tell(explorer, depth);
    }
    depth->is_complete = is_good && depth->runs == (int64_t)count;
    if (shares)
        is_good = end_jobs(explorer, depth->is_complete) && is_good;
    if (!is_good)
        snprintf(why, 160, "a job of the search ended before its time");
    return is_good;
}

/* ---- the whole ---- */

static void finish(struct explorer *explorer)
{
    struct dbk_explored *explored = explorer->explored;
    const struct sums *sums = &explorer->sums;
    explored->exposures =
        dbk_arena_alloc(&explored->arena, dbk_invariant_count * sizeof *explored->exposures);
    memcpy(explored->exposures, sums->exposures, dbk_invariant_count * sizeof(int64_t));
    explored->partner_broke = dbk_arena_alloc(
        &explored->arena, (sums->claim_count + 1) * sizeof *explored->partner_broke);
    explored->partner_broke_count = sums->claim_count;
    for (size_t i = 0; i < sums->claim_count; i++)
        explored->partner_broke[i] = (struct dbk_broken_claim){
            dbk_arena_text(&explored->arena, sums->claim_names[i]), sums->claims[i]};
}

static bool explore(struct explorer *explorer, char why[static 160])
{
    struct dbk_explored *explored = explorer->explored;
    const struct dbk_explore_config *config = explorer->config;
    add_node(&explorer->levels[0], &(struct node){0}); /* the run without a deviation */
    for (explorer->depth = 0;; explorer->depth++) {
        struct dbk_depth *depth = &explored->depths[explored->depth_count++];
        *depth = (struct dbk_depth){.deviations = (int64_t)explorer->depth,
                                    .expected = (int64_t)explorer->levels[explorer->depth].count};
        if (!play_level(explorer, depth, why))
            return false;
        bool is_last = explorer->depth == (size_t)config->deviations;
        if (!depth->is_complete)
            explored->stopped_by = "interrupted";
        else if (explored->find_count > 0 && !config->keeps_going && !is_last)
            explored->stopped_by = "a finding at this depth";
        else if (explorer->is_full)
            explored->stopped_by = "more runs at the next depth than fit into memory";
        explored->is_complete = depth->is_complete && is_last;
        if (explored->stopped_by || is_last)
            return true;
    }
}

struct dbk_explored *dbk_explore(const struct dbk_explore_config *config, char why[static 160])
{

    struct dbk_explored *explored = dbk_alloc(sizeof *explored);
    struct explorer *explorer = dbk_alloc(sizeof *explorer);
    *explorer =
        (struct explorer){.config = config, .explored = explored, .outcome = dbk_outcome_new()};
    dbk_history_init(&explorer->history);
    explored->depths =
        dbk_arena_alloc(&explored->arena, (DBK_EXPLORE_DEVIATIONS + 1) * sizeof *explored->depths);
    explored->finds = dbk_arena_alloc(&explored->arena, DBK_SIGNATURES * sizeof *explored->finds);
    explorer->began_ms = clock_of(explorer);
    bool is_good = explore(explorer, why);
    finish(explorer);
    for (size_t i = 0; i < DBK_COUNT(explorer->levels); i++)
        free(explorer->levels[i].nodes);
    free_names(&explorer->names);
    dbk_trace_reset(&explorer->trace);
    dbk_history_reset(&explorer->history);
    dbk_outcome_free(explorer->outcome);
    free(explorer->played.children);
    free(explorer);
    if (is_good)
        return explored;
    dbk_explored_free(explored);
    return NULL;
}

void dbk_explored_free(struct dbk_explored *explored)
{
    if (!explored)
        return;
    dbk_arena_free(&explored->arena);
    free(explored);
}
