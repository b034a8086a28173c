/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats: what the network process counts, and the reply that shows it.
 */
#ifndef VOISIN_DAEMON_STATS_H
#define VOISIN_DAEMON_STATS_H

#include <stdint.h>

#include "base/buf.h"
#include "daemon/pool.h"
#include "daemon/settings.h"
#include "protocol/protocol.h"

struct stats {
	int64_t started_ms; /* on the monotonic clock */
	uint64_t requests[METHOD_COUNT]; /* understood, by method */
	uint64_t errors[STATUS_INTERNAL + 1]; /* replies that are errors, by status */
	uint32_t connections;
};

/* The result of stats; `index` is what a worker wrote with answer_index_stats(). */
void stats_write(struct buf *out, const struct stats *stats, const struct settings *settings,
    const struct pool_state *pool, uint32_t queue, struct str index);

#endif
