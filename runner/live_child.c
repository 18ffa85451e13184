#include "runner/live_child.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN_MAX 512 /* looked at in one go */

/* In the child, after fork: only what is safe there. Does not return. */
static void become(const char *const *argv, const char *const *env, const char *folder,
                   const char *log, int failure, pid_t parent)
{
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDONLY);
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before that */
        _exit(126);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    dup2(null, 0);
    dup2(file, 1);
    dup2(file, 2);
    for (size_t i = 0; env && env[i]; i++)
        putenv((char *)(uintptr_t)env[i]);
    if (chdir(folder) == 0)
        execvp(argv[0], (char *const *)(uintptr_t)argv);
    int error = errno;
    if (write(failure, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

bool dbk_child_start(struct dbk_child *child, const char *const *argv, const char *const *env,
                     const char *folder, const char *log, char why[static 160])
{
    int failure[2], error = 0;
    *child = (struct dbk_child){.pidfd = -1};
    if (pipe2(failure, O_CLOEXEC) != 0) {
        snprintf(why, 160, "no pipe: %s", strerror(errno));
        return false;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(argv, env, folder, log, failure[1], parent);
    close(failure[1]);
    /* The pipe closes by itself when exec succeeds; else the reason comes through it. */
    ssize_t got = pid > 0 ? read(failure[0], &error, sizeof error) : 0;
    close(failure[0]);
    if (pid < 0 || got > 0) {
        snprintf(why, 160, "%.80s cannot be started: %s", argv[0],
                 strerror(pid < 0 ? errno : error));
        if (pid > 0)
            waitpid(pid, NULL, 0);
        return false;
    }
    child->pid = pid;
    child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return true;
}

void dbk_child_signal(const struct dbk_child *child, int signal)
{
    if (child->pid && kill(-child->pid, signal) != 0)
        kill(child->pid, signal); /* it has not made its group yet */
}

static void forget(struct dbk_child *child)
{
    if (child->pidfd >= 0)
        close(child->pidfd);
    *child = (struct dbk_child){.pidfd = -1};
}

bool dbk_child_is_dead(struct dbk_child *child, char said[static 64])
{
    int status;
    if (!child->pid || waitpid(child->pid, &status, WNOHANG) != child->pid)
        return false;
    kill(-child->pid, SIGKILL); /* what it left behind */
    if (WIFEXITED(status))
        snprintf(said, 64, "exit code %d", WEXITSTATUS(status));
    else
        snprintf(said, 64, "signal %d", WTERMSIG(status));
    forget(child);
    return true;
}

void dbk_child_end(struct dbk_child *child, int wait_ms)
{
    if (!child->pid)
        return;
    dbk_child_signal(child, SIGCONT);
    dbk_child_signal(child, SIGTERM);
    struct pollfd wait = {.fd = child->pidfd, .events = POLLIN};
    poll(&wait, 1, wait_ms);
    dbk_child_signal(child, SIGKILL);
    waitpid(child->pid, NULL, 0);
    forget(child);
}

/* All there are. */

void dbk_children_adopt(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* 0: it is gone. */
static pid_t parent_of(const char *pid)
{
    char path[64], line[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    line[length] = '\0';
    const char *name_end = strrchr(line, ')'); /* "12 (a name) S 11 ..." */
    if (!name_end || sscanf(name_end, ") %*c %d", &parent) != 1)
        parent = 0;
    if (file)
        fclose(file);
    return parent;
}

size_t dbk_children(pid_t *pids, size_t max)
{
    DIR *processes = opendir("/proc");
    size_t count = 0;
    const struct dirent *entry;
    while (processes && (entry = readdir(processes))) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
            parent_of(entry->d_name) != getpid())
            continue;
        if (count < max)
            pids[count] = (pid_t)strtol(entry->d_name, NULL, 10);
        count++;
    }
    if (processes)
        closedir(processes);
    return count;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

void dbk_children_end(const pid_t *keep, size_t keep_count)
{
    pid_t pids[CHILDREN_MAX];
    for (bool is_any = true; is_any;) {
        size_t count = dbk_children(pids, CHILDREN_MAX);
        is_any = false;
        for (size_t i = 0; i < count && i < CHILDREN_MAX; i++) {
            if (is_among(pids[i], keep, keep_count))
                continue;
            is_any = true;
            kill(pids[i], SIGKILL);
            while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
                continue;
        }
    }
}

/* Bound and not listened on: of two sockets with SO_REUSEADDR on one port one may then listen. */
int dbk_port_hold(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &length) == 0) {
        *port = ntohs(address.sin_port);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}
