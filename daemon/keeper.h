/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper: the process that does for the network process what that may not do itself.
 *
 *	network process ---- asks ----> keeper ---- starts ----> worker
 *	       |                                                   |
 *	       +------------------- socketpair --------------------+
 *
 * Once it serves, the network process can open no file and start no process (sandbox.h).  It asks the keeper,
 * which was forked before any client came, can reach no network, and does a few things alone: start a worker,
 * remove one of the daemon's own sockets, read the configuration again.  A worker is a child of the network process all the same
 * (CLONE_PARENT, clone(2)), which reaps it, kills it, and knows its number for certain.
 *
 * Asking blocks for the time of a fork.
 */
#ifndef VOISIN_DAEMON_KEEPER_H
#define VOISIN_DAEMON_KEEPER_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/privileges.h"
#include "daemon/settings.h"

struct keeper;

/*
 * Forks.  The keeper becomes *identity and enters its sandbox; `settings` is what it goes by.  `on_end` is called when
 * it is gone, which nobody asked for.  STATUS_NOMEM, STATUS_IO.
 */
enum status keeper_start(const struct settings *settings, const struct identity *identity, void (*on_end)(void *arg),
    void *arg, struct keeper **ret_keeper, struct error *reterr) MUST_CHECK;

/* Ends it and waits for that.  NULL is accepted. */
void keeper_close(struct keeper *keeper);

/* Starts a worker: *ret_fd, which does not block, is the other end of its WORKER_FD. */
enum status keeper_spawn(struct keeper *keeper, int *ret_fd, pid_t *ret_pid, struct error *reterr) MUST_CHECK;

/* Removes the socket of the i-th --listen, if it is still that file. */
enum status keeper_remove_socket(
    struct keeper *keeper, unsigned i, dev_t device, ino_t inode, struct error *reterr) MUST_CHECK;

/*
 * Reads the command line and the configuration file again.  What may change while the daemon serves is taken over into
 * *settings, and by the keeper for later workers; the rest is told to the log.  On failure nothing has changed.
 */
enum status keeper_reload(struct keeper *keeper, struct settings *settings, struct error *reterr) MUST_CHECK;

/* Opens a file of the settings, whose name the keeper knows. */
enum status keeper_open(struct keeper *keeper, enum settings_file which, int *ret_fd, struct error *reterr) MUST_CHECK;

/* To be told of every child that was reaped. */
void keeper_reaped(struct keeper *keeper, pid_t pid);

#endif
