/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox: what is left to a process once it has started.
 *
 * Three processes, three lists of system calls (seccomp), and the files that each can reach (Landlock):
 *
 *	network   its sockets.  No file can be opened, no socket made, no process started.
 *	keeper    starts workers, reads files, removes the daemon's own sockets; no network.
 *	worker    reads the folders of the index and of the files of names.  No socket, no process, no writing.
 *
 * A call that is not on the list fails with EPERM, and the kernel's log has it; that keeps a daemon alive
 * under a C library that tries something new.  The calls that only an intruder makes (exec, fork, ptrace and
 * their like) kill the process at once.  A worker's filter comes on top of the keeper's, which it inherits.
 * A kernel without seccomp or Landlock is a warning, no failure.
 *
 * Not for: who a process is (privileges.h).
 */
#ifndef VOISIN_DAEMON_SANDBOX_H
#define VOISIN_DAEMON_SANDBOX_H

#include <stdbool.h>

enum sandbox_role { SANDBOX_NETWORK, SANDBOX_KEEPER, SANDBOX_WORKER };

/* Folders; the lists end with NULL, and may be NULL. */
struct sandbox_paths {
	const char *const *readable;
	const char *const *removable; /* files may be removed from them */
	bool executable; /* what is readable may be executed */
};

/*
 * Whether this program can be put into a sandbox: not where it was built with a sanitizer, which needs system
 * calls of its own.
 */
bool sandbox_is_possible(void);

/* For good.  What cannot be had is a warning in the log. */
void sandbox_enter(enum sandbox_role role, const struct sandbox_paths *paths);

#endif
