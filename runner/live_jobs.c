#include "runner/live_jobs.h"

#include "runner/live_child.h"
#include "runner/live_files.h"
#include "runner/live_signals.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REMIND_MS 500    /* so often a story that goes on is told again to end ... */
#define REMINDERS_MAX 20 /* ... and then ended */
#define STRANGERS_MAX 64

/* What a story's process leaves in its file: this, then the history's bytes. */
struct result {
    bool is_played;
    char why[160];
    struct dbk_live_proof proof;
};

struct job {
    pid_t pid;             /* 0: not begun, or over */
    int file;              /* in memory, shared with the story's process */
    char folder[PATH_MAX]; /* named here, so that it goes however the story's process ends */
    bool is_over;
    bool has_not_begun;
    int status; /* of its process, as waitpid tells it */
};

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
static void play_one(struct dbk_live_config config, const struct job *job, pid_t runner)
{
    struct result result = {0};
    struct dbk_history history;
    struct dbk_text text = {0};
    char hex[DBK_DIGEST_HEX];
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != runner) /* it died before that */
        _exit(1);
    dbk_history_init(&history);
    config.folder = job->folder;
    if (mkdir(job->folder, 0700) == 0)
        result.is_played = dbk_live_run(&config, &history, &result.proof, result.why);
    else
        snprintf(result.why, sizeof result.why, "its folder cannot be made: %.80s",
                 strerror(errno));
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

/* A name of its own for the story's folder; false: there is nowhere to put one. */
static bool name_folder(struct job *job)
{
    const char *base = getenv("TMPDIR");
    char path[PATH_MAX];
    uint64_t number = 0;
    if (!realpath(base && *base ? base : "/tmp", path) ||
        getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return false;
    int length =
        snprintf(job->folder, sizeof job->folder, "%s/doublebook-%016" PRIx64, path, number);
    return length > 0 && (size_t)length < sizeof job->folder;
}

static void begin(struct job *job, const struct dbk_live_config *config)
{
    pid_t runner = getpid();
    job->file = memfd_create("story", MFD_CLOEXEC);
    fflush(NULL);
    job->pid = job->file < 0 || !name_folder(job) ? -1 : fork();
    if (job->pid == 0)
        play_one(*config, job, runner);
    if (job->pid < 0) {
        job->pid = 0;
        job->is_over = job->has_not_begun = true;
    }
}

/* All the stories, while they are played. */
struct play {
    struct job *jobs;
    size_t begun;
    pid_t *kept; /* owned: children to leave alone; the strangers among them, then the stories' */
    size_t stranger_count;
    sigset_t news, old_mask; /* of ours: the signals that end a run, and that of a child's end */
    int interrupted;         /* by this signal; 0: by none */
    int reminders;
};

/* What a story left behind when its process ended has come to us. */
static void end_orphans(struct play *play)
{
    size_t count = play->stranger_count;
    for (size_t i = 0; i < play->begun; i++)
        if (play->jobs[i].pid)
            play->kept[count++] = play->jobs[i].pid;
    dbk_children_end(play->kept, count);
}

/* Takes note of every story that is over by now; gives how many are. */
static size_t count_over(struct play *play)
{
    size_t over = 0;
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < play->begun; i++)
            if (play->jobs[i].pid == pid) {
                play->jobs[i].pid = 0;
                play->jobs[i].is_over = true;
                play->jobs[i].status = status;
                end_orphans(play);
                dbk_live_remove(play->jobs[i].folder);
            }
    for (size_t i = 0; i < play->begun; i++)
        over += play->jobs[i].is_over;
    return over;
}

/* One that was sent to us alone reaches the stories too. */
static void remind(struct play *play)
{
    for (size_t i = 0; i < play->begun; i++)
        if (play->jobs[i].pid)
            kill(play->jobs[i].pid, play->reminders < REMINDERS_MAX ? SIGTERM : SIGKILL);
    play->reminders++;
}

/* Waits until a child has ended, or until a signal wants us to. */
static void wait_for_news(struct play *play)
{
    const struct timespec limit = {.tv_nsec = REMIND_MS * 1000000L};
    int got = sigtimedwait(&play->news, NULL, play->interrupted ? &limit : NULL);
    if (got > 0 && got != SIGCHLD)
        play->interrupted = got;
    if (play->interrupted && got != SIGCHLD)
        remind(play);
}

static void set_up(struct play *play, size_t count)
{
    pid_t strangers[STRANGERS_MAX];
    size_t found = dbk_children(strangers, STRANGERS_MAX);
    play->stranger_count = found < STRANGERS_MAX ? found : STRANGERS_MAX;
    play->jobs = dbk_alloc((count + 1) * sizeof *play->jobs);
    play->kept = dbk_alloc((play->stranger_count + count + 1) * sizeof *play->kept);
    memcpy(play->kept, strangers, play->stranger_count * sizeof *strangers);
    signal(SIGCHLD, SIG_DFL); /* else the end of a child cannot be waited for */
    play->news = dbk_live_signals();
    sigaddset(&play->news, SIGCHLD);
    sigprocmask(SIG_BLOCK, &play->news, &play->old_mask);
    dbk_children_adopt();
}

static void reset(struct play *play)
{
    const struct timespec none = {0};
    while (play->interrupted && sigtimedwait(&play->news, NULL, &none) > 0)
        continue; /* the same wish once more */
    sigprocmask(SIG_SETMASK, &play->old_mask, NULL);
    free(play->kept);
    free(play->jobs);
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

/* True if the story is over, or will never begin. */
static bool is_decided(const struct play *play, size_t index, size_t over)
{
    return index < play->begun ? play->jobs[index].is_over
                               : play->interrupted && over == play->begun;
}

void dbk_live_play(const struct dbk_live_config *configs, size_t count, int jobs_at_once,
                   void (*done)(void *context, size_t index, struct dbk_history *history,
                                const struct dbk_live_proof *proof, const char *why),
                   void *context)
{
    struct play play = {0};
    size_t over = 0, handed = 0;
    set_up(&play, count);
    while (handed < count) {
        while (!play.interrupted && play.begun < count &&
               play.begun - over < (size_t)jobs_at_once) {
            begin(&play.jobs[play.begun], &configs[play.begun]);
            play.begun++;
        }
        over = count_over(&play);
        for (; handed < count && is_decided(&play, handed, over); handed++) {
            if (handed < play.begun)
                hand_over(&play.jobs[handed], handed, done, context);
            else
                done(context, handed, NULL, NULL, "interrupted before it began");
        }
        if (over < play.begun)
            wait_for_news(&play);
    }
    reset(&play);
}
