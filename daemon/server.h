/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server: the network process, from start to end.
 *
 * Start: keeper -> workers open the index -> addresses are bound -> privileges and sandbox -> loop.  It
 * never opens an index itself.  SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reads the
 * configuration and the files of names again.
 */
#ifndef VOISIN_DAEMON_SERVER_H
#define VOISIN_DAEMON_SERVER_H

#include "base/error.h"
#include "daemon/settings.h"

/* Serves until it is told to end.  A failure is one to start.  `settings` may be lowered to what the process may open. */
enum status server_run(struct settings *settings, struct error *reterr) MUST_CHECK;

#endif
