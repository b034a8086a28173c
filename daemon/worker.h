/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worker: the process that searches.  One index, one analyzer, one request at a time.
 *
 * It knows the network process by one socket alone (WORKER_FD).  It ends when that is closed, and is
 * killed by the kernel when the network process dies.
 */
#ifndef VOISIN_DAEMON_WORKER_H
#define VOISIN_DAEMON_WORKER_H

enum { WORKER_FD = 3 };

/* voisind WORKER_ARGUMENT DB SETTINGS [VARIANTS...], SETTINGS being those of settings_share(): not for people. */
#define WORKER_ARGUMENT "--worker-process"

/* Serves until the socket is closed; returns the exit status. */
int worker_main(int argc, char **argv);

#endif
