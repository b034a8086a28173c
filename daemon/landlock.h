/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * landlock: which files a process can reach, by Landlock (Linux 5.13; Documentation/userspace-api/landlock.rst).
 *
 * Debian 12 has no wrapper for its system calls, and its headers know the kernel's older versions alone, so
 * the numbers of the later ones stand in landlock.c.  Inside sandbox.c only.
 */
#ifndef VOISIN_DAEMON_LANDLOCK_H
#define VOISIN_DAEMON_LANDLOCK_H

#include "daemon/sandbox.h"

/*
 * Leaves the process what *paths says, and no TCP where the kernel can refuse it.  no_new_privs must be set.
 * The kernel's Landlock version, or -1 and errno; then nothing was restricted.
 */
int landlock_restrict(const struct sandbox_paths *paths);

#endif
