/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay: what a tee (tee.h) is told, carried over to another process, so that one merges while the other writes.
 *
 * What is told goes into memory that both share, in a few buffers: one is filled while others are worked through.  Over a socket go their
 * numbers alone, and back again once they are through.
 *
 *	merging -- buffer 0, 1, 2, 0, ... --> writing
 *	        <-------- is through --------
 */
#ifndef VOISIN_GLASS_RELAY_H
#define VOISIN_GLASS_RELAY_H

#include "base/error.h"
#include "glass/tee.h"

struct relay;

/* To be made before the two processes are started; freed by their parent as soon as they are. */
enum status relay_new(struct relay **ret_relay, struct error *reterr) MUST_CHECK;

/* Closes what is open.  NULL is accepted. */
void relay_free(struct relay *relay);

/*
 * In the one process: *ret_tee takes what `tee` would, and asks that one what it wishes (borrows both).  Its calls fail with STATUS_CANCELLED
 * where the other process is gone.
 */
void relay_tell(struct relay *relay, const struct tee *tee, struct tee *ret_tee);

/* In the other: tells `tee` everything, and returns when it has finished or failed.  STATUS_CANCELLED: the first process is gone before. */
enum status relay_listen(struct relay *relay, const struct tee *tee, struct error *reterr) MUST_CHECK;

#endif
