/* How many simulated runs a second, beside the bare work such a run cannot do without (bare.h).
 *
 * Three stories: the seed incident, a booking without a fault, one in two phases. Each is played
 * and judged, as a search does it. The seed incident is timed sealed as well, as `doublebook run`
 * does it, with its hash. A story and its bare side take turns in one process, so that their ratio
 * means something on a noisy machine. Last, 100,000 runs and the peak of memory.
 *
 * Usage: bench_sim [ROUNDS [MEMORY_RUNS]] */
#include "bare.h"
#include "base/json.h"
#include "runner/judge.h"
#include "runner/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS_PER_TURN 500
#define ROUNDS_MAX 99

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

struct story {
    struct dbk_scenario *scenario;
    struct dbk_policy policy;
    struct dbk_sim *sim;
    struct dbk_history history;
    struct dbk_outcome *outcome;
    struct bare *bare;
};

/* Played and judged, and sealed where the hash is wanted. */
static void run_once(struct story *story, struct dbk_sim *sim, uint64_t seed, bool is_sealed)
{
    char hex[DBK_DIGEST_HEX];
    dbk_sim_run(sim, story->scenario, &story->policy, seed, &story->history);
    if (is_sealed)
        dbk_history_seal(&story->history, hex);
    dbk_outcome_clear(story->outcome);
    dbk_judge(&story->history, "-", story->outcome);
    if (story->outcome->verdict != DBK_PASSED) {
        fprintf(stderr, "%s, seed %llu: %s\n", story->scenario->name, (unsigned long long)seed,
                dbk_verdict_name(story->outcome->verdict));
        exit(1);
    }
}

static double time_runs(struct story *story, int count, bool is_sealed)
{
    double begin = seconds();
    for (int i = 0; i < count; i++)
        run_once(story, story->sim, (uint64_t)i + 1, is_sealed);
    return seconds() - begin;
}

static double time_bare(struct story *story, int count)
{
    double begin = seconds();
    for (int i = 0; i < count; i++)
        bare_repeat(story->bare);
    return seconds() - begin;
}

static void *open_stage(void *context)
{
    char why[160];
    struct dbk_sim *sim = dbk_sim_new(why);
    (void)context;
    if (!sim) {
        fprintf(stderr, "%s\n", why);
        exit(4);
    }
    return sim;
}

static void play_recorded(void *context, void *sim)
{
    run_once(context, sim, 1, false);
}

static void close_stage(void *sim)
{
    dbk_sim_free(sim);
}

static struct story story_new(const struct dbk_library *library, const char *file)
{
    struct dbk_complaints complaints = {0};
    struct dbk_policy reference = dbk_policy_reference();
    struct story story = {0};
    char path[5000];
    snprintf(path, sizeof path, "%s/%s", library->root, file);
    story.scenario = dbk_scenario_load(library, path, &complaints);
    if (!story.scenario) {
        fprintf(stderr, "%s cannot be loaded\n", path);
        exit(3);
    }
    story.policy = dbk_scenario_policy(story.scenario, &reference);
    dbk_history_init(&story.history);
    story.outcome = dbk_outcome_new();
    story.bare = bare_new(open_stage, play_recorded, close_stage, &story);
    story.sim = open_stage(NULL);
    return story;
}

static void story_free(struct story *story)
{
    bare_free(story->bare);
    dbk_sim_free(story->sim);
    dbk_history_reset(&story->history);
    dbk_outcome_free(story->outcome);
    dbk_scenario_free(story->scenario);
}

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void time_story(struct story *story, int rounds, bool is_sealed)
{
    double ratios[ROUNDS_MAX], rates[ROUNDS_MAX];
    time_runs(story, 50, is_sealed);
    time_bare(story, 50);
    for (int i = 0; i < rounds; i++) {
        double run = time_runs(story, RUNS_PER_TURN, is_sealed);
        double bare = time_bare(story, RUNS_PER_TURN);
        ratios[i] = bare / run;
        rates[i] = RUNS_PER_TURN / run;
    }
    qsort(ratios, (size_t)rounds, sizeof *ratios, by_value);
    qsort(rates, (size_t)rounds, sizeof *rates, by_value);
    printf("runs a second on one core: median %.0f (min %.0f, max %.0f) of %d turns of %d runs\n",
           rates[rounds / 2], rates[0], rates[rounds - 1], rounds, RUNS_PER_TURN);
    printf("speed beside the bare statements and JSON: median %.2f (min %.2f, max %.2f)\n",
           ratios[rounds / 2], ratios[0], ratios[rounds - 1]);
}

static void tell_story(const struct story *story, const char *how)
{
    printf("%s, reference policy, %s: %zu statements, %zu JSON bodies, %zu facts a run\n",
           story->scenario->name, how, bare_statements(story->bare), bare_bodies(story->bare),
           story->history.fact_count);
}

static void tell_memory(struct story *story, int runs)
{
    time_runs(story, runs / 100 + 1, true);
    long early = peak_kib();
    time_runs(story, runs, true);
    printf("peak memory: %ld KiB after %d runs, %ld KiB after %d more\n", early, runs / 100 + 1,
           peak_kib(), runs);
}

int main(int argc, char **argv)
{
    static const char *const files[] = {"scenarios/seed-incident.yaml", "tests/bench/booking.yaml",
                                        "tests/bench/two-phase.yaml"};
    int rounds = argc > 1 ? atoi(argv[1]) : 7;
    int memory_runs = argc > 2 ? atoi(argv[2]) : 100000;
    struct dbk_library library;
    char why[160];
    if (rounds < 1 || rounds > ROUNDS_MAX || !dbk_library_find(&library, why))
        return 4;
    for (size_t i = 0; i < DBK_COUNT(files); i++) {
        struct story story = story_new(&library, files[i]);
        if (i == 0) {
            tell_story(&story, "sealed");
            time_story(&story, rounds, true);
        }
        tell_story(&story, "not sealed");
        time_story(&story, rounds, false);
        if (i == 0 && memory_runs > 0)
            tell_memory(&story, memory_runs);
        story_free(&story);
    }
    return 0;
}
