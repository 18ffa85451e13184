#include "runner/live_jobs.h"

#include "runner/live_files.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a story's process leaves in its file: this, then the history's bytes. */
struct result {
    bool is_played;
    char why[160];
    struct dbk_live_proof proof;
};

struct job {
    pid_t pid;             /* 0: not begun, or over */
    int file;              /* in memory, shared with the story's process */
    char folder[PATH_MAX]; /* made here, so that it goes however the story's process ends */
    bool is_over;
    bool has_not_begun;
    int status; /* of its process, as waitpid tells it */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    interrupted = signal;
}

static bool write_all(int file, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t wrote = write(file, at, length);
        if (wrote < 0)
            return false;
        at += wrote;
        length -= (size_t)wrote;
    }
    return true;
}

/* The story's own process; does not return. */
static void play(struct dbk_live_config config, const struct job *job)
{
    struct result result = {0};
    struct dbk_history history;
    struct dbk_text text = {0};
    char hex[DBK_DIGEST_HEX];
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dbk_history_init(&history);
    config.folder = job->folder;
    result.is_played = dbk_live_run(&config, &history, &result.proof, result.why);
    if (result.is_played) {
        dbk_history_seal(&history, hex);
        dbk_history_write(&history, &text);
    }
    bool is_written = write_all(job->file, &result, sizeof result) &&
                      write_all(job->file, text.bytes, text.length);
    dbk_text_reset(&text);
    dbk_history_reset(&history);
    _exit(is_written ? 0 : 1);
}

static void begin(struct job *job, const struct dbk_live_config *config)
{
    const char *base = getenv("TMPDIR");
    snprintf(job->folder, sizeof job->folder, "%s/doublebook-XXXXXX",
             base && *base ? base : "/tmp");
    job->file = memfd_create("story", MFD_CLOEXEC);
    fflush(NULL);
    job->pid = job->file < 0 || !mkdtemp(job->folder) ? -1 : fork();
    if (job->pid == 0)
        play(*config, job);
    if (job->pid < 0) {
        job->pid = 0;
        job->is_over = job->has_not_begun = true;
    }
}

/* Waits for one story to be over. */
static void wait_for_one(struct job *jobs, size_t count)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);
    for (size_t i = 0; i < count && pid > 0; i++)
        if (jobs[i].pid == pid) {
            jobs[i].pid = 0;
            jobs[i].is_over = true;
            jobs[i].status = status;
            dbk_live_remove(jobs[i].folder);
        }
}

static void hand_over(const struct job *job, size_t index,
                      void (*done)(void *context, size_t index, struct dbk_history *history,
                                   const struct dbk_live_proof *proof, const char *why),
                      void *context)
{
    struct result result = {0};
    struct dbk_history history;
    struct dbk_complaints complaints = {0};
    struct dbk_text text = {0};
    char bytes[65536];
    ssize_t got = job->file < 0 ? 0 : pread(job->file, &result, sizeof result, 0);
    bool is_played = got == (ssize_t)sizeof result && result.is_played;
    if (job->has_not_begun)
        snprintf(result.why, sizeof result.why, "no folder, file or process can be had for it");
    else if (got != (ssize_t)sizeof result)
        snprintf(result.why, sizeof result.why, "the story's own process ended by %s %d",
                 WIFSIGNALED(job->status) ? "signal" : "exit code",
                 WIFSIGNALED(job->status) ? WTERMSIG(job->status) : WEXITSTATUS(job->status));
    dbk_history_init(&history);
    for (off_t at = sizeof result;
         is_played && (got = pread(job->file, bytes, sizeof bytes, at)) > 0; at += got)
        dbk_text_put(&text, bytes, (size_t)got);
    if (is_played && !dbk_history_read(&history, text.bytes, text.length, "story", &complaints)) {
        snprintf(result.why, sizeof result.why, "its history cannot be read: %.120s",
                 complaints.items[0].text);
        is_played = false;
    }
    done(context, index, is_played ? &history : NULL, &result.proof, result.why);
    dbk_history_reset(&history);
    dbk_complaints_reset(&complaints);
    dbk_text_reset(&text);
    if (job->file >= 0)
        close(job->file);
}

void dbk_live_play(const struct dbk_live_config *configs, size_t count, int jobs_at_once,
                   void (*done)(void *context, size_t index, struct dbk_history *history,
                                const struct dbk_live_proof *proof, const char *why),
                   void *context)
{
    struct job *jobs = dbk_alloc((count + 1) * sizeof *jobs);
    struct sigaction act = {.sa_handler = on_interrupt}, old_int, old_term;
    size_t begun = 0, over = 0, handed = 0;
    sigaction(SIGINT, &act, &old_int);
    sigaction(SIGTERM, &act, &old_term);
    while (handed < count) {
        while (!interrupted && begun < count && begun - over < (size_t)jobs_at_once) {
            begin(&jobs[begun], &configs[begun]);
            begun++;
        }
        if (interrupted) /* one that was sent to us alone reaches them too */
            for (size_t i = 0; i < begun; i++)
                if (jobs[i].pid)
                    kill(jobs[i].pid, SIGTERM);
        if (over < begun)
            wait_for_one(jobs, begun);
        over = 0;
        for (size_t i = 0; i < begun; i++)
            over += jobs[i].is_over;
        for (; handed < count && (jobs[handed].is_over || (interrupted && over == begun));
             handed++) {
            if (handed < begun)
                hand_over(&jobs[handed], handed, done, context);
            else
                done(context, handed, NULL, NULL, "interrupted before it began");
        }
    }
    free(jobs);
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
}
