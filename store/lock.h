/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock: one writer at a time in an index folder.
 *
 * flock(2) on the file "lock", which holds the pid of whoever has it.  The kernel drops the lock when
 * the process ends, however it ends; the file stays.  A child that is forked while the lock is
 * held would keep it alive: process_start() has it close the lock first of all, and a process that is killed between the two
 * leaves the lock taken for that moment.
 */
#ifndef VOISIN_STORE_LOCK_H
#define VOISIN_STORE_LOCK_H

#include "base/error.h"

/* Takes the lock of the index folder.  STATUS_BUSY names the holder; where that has ended its children get a second to let go. */
enum status lock_take(const char *dir, int *ret_fd, struct error *reterr) MUST_CHECK;

/* Gives it back; -1 is accepted. */
void lock_drop(int fd);

#endif
