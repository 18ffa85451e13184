/* live_child: the system under test as a child process.
 *
 * The child leads a process group of its own, so that whatever it starts dies with it, and the
 * kernel kills it when we die (PR_SET_PDEATHSIG). What left its group comes to us when it loses its
 * parent (PR_SET_CHILD_SUBREAPER), and dbk_children_end finds it. Next: live_child.c.
 */
#ifndef DBK_RUNNER_LIVE_CHILD_H
#define DBK_RUNNER_LIVE_CHILD_H

#include "base/text.h"

#include <sys/types.h>

struct dbk_child {
    pid_t pid; /* 0: none */
    int pidfd; /* readable when it has died; -1: none */
};

/* Starts argv (with env added to ours) in folder; stdout and stderr are appended to the file log.
 * False with why: it could not be executed. */
DBK_CHECKED bool dbk_child_start(struct dbk_child *child, const char *const *argv,
                                 const char *const *env, const char *folder, const char *log,
                                 char why[static 160]);

void dbk_child_signal(const struct dbk_child *child, int signal); /* to the whole group */

/* True if it has died; said tells how ("exit code 3", "signal 9"). It is then reaped, pid 0. */
bool dbk_child_is_dead(struct dbk_child *child, char said[static 64]);

/* Asks it to end, waits at most wait_ms, then kills; reaped afterwards. */
void dbk_child_end(struct dbk_child *child, int wait_ms);

/* From now on what our children leave behind becomes our child. */
void dbk_children_adopt(void);
/* The children of this process; gives how many there are, and the first max of them. */
size_t dbk_children(pid_t *pids, size_t max);
/* Kills and reaps every child but those to keep, and so on with what they leave behind. */
void dbk_children_end(const pid_t *keep, size_t keep_count);

/* Takes a free loopback port for a server that is started later, and again after a crash: until
 * the descriptor is closed the kernel gives the port to nobody who asks for any free one. Whoever
 * asks for this one by name, with SO_REUSEADDR as servers do, gets it. Gives the descriptor and
 * sets *port; -1 if there is none. */
int dbk_port_hold(int *port);

#endif
