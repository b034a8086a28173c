/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process: a child that does one job and dies with its parent.
 *
 * The two are joined by a socket.  What the parent had open the child has too, save what was called private: a lock
 * that a child holds as well would outlive the parent.  The child does not: the kernel kills it (prctl(2), PR_SET_PDEATHSIG).  SIGINT and SIGTERM, which a
 * terminal sends to both, are for the parent to deal with.
 */
#ifndef VOISIN_BASE_PROCESS_H
#define VOISIN_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum { PROCESS_PRIVATE_FDS = 8 };

struct process {
	pid_t pid; /* 0 while there is none */
	int fd; /* this end of the socket, -1 while there is none */
};

/* Starts a child that runs job(fd, arg), `fd` being its end of the socket, and exits without any clean-up. */
enum status process_start(
    struct process *process, void (*job)(int fd, void *arg), void *arg, struct error *reterr) MUST_CHECK;

/* From here on children close `fd`.  False where there are PROCESS_PRIVATE_FDS of these. */
bool process_add_private(int fd) MUST_CHECK;

/* To be called before it is closed. */
void process_remove_private(int fd);

/* Closes all descriptors but the first three and `fd`: for a child that needs nothing of what its parent had open. */
void process_keep_only(int fd);

/* Kills the child if there is one, and waits for its end.  All zero but fd -1 is accepted. */
void process_stop(struct process *process);

/* Waits for its end.  STATUS_INTERNAL, and how it ended, unless that was in good order. */
enum status process_wait(struct process *process, struct error *reterr) MUST_CHECK;

/* Whole messages through EINTR.  False where the other end is gone. */
bool process_send(int fd, const void *bytes, size_t len);
bool process_receive(int fd, void *bytes, size_t len);

#endif
