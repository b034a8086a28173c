/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats: what the network process counts, and the two texts that show it: the reply to stats, and the page that
 * Prometheus reads.
 */
#ifndef VOISIN_DAEMON_STATS_H
#define VOISIN_DAEMON_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "daemon/pool.h"
#include "daemon/settings.h"
#include "protocol/protocol.h"

enum { STATS_BUCKETS = 15, STATS_NO_METHOD = METHOD_COUNT /* a line that could not be understood */ };

/* How long requests took, from when they were read to when they were answered. */
struct histogram {
	uint64_t buckets[STATS_BUCKETS + 1]; /* up to stats_bucket_us(i); the last: beyond */
	uint64_t sum_us;
};

struct stats {
	int64_t started_ms; /* on the monotonic clock */
	uint64_t requests[METHOD_COUNT]; /* understood, by method */
	uint64_t errors[STATUS_INTERNAL + 1]; /* replies that are errors, by status */
	uint64_t results[METHOD_COUNT + 1][STATUS_INTERNAL + 1];
	struct histogram latency[METHOD_COUNT];
	uint64_t slow;
	uint64_t cache_hits;
	uint64_t cache_misses;
	uint64_t polled; /* requests whose answers were waited for without sleeping */
	char generation[FRAME_GENERATION_BYTES]; /* that answered last */
	bool refused; /* it is not the published one, which cannot be served */
	uint32_t connections;
};

/* The upper end of a bucket, in microseconds. */
uint32_t stats_bucket_us(unsigned bucket);

/* Counts a request that ended; `method` may be STATS_NO_METHOD. */
void stats_count(struct stats *stats, unsigned method, enum status status, int64_t ns);

/* What both texts show besides. */
struct stats_now {
	const struct settings *settings;
	struct pool_state pool;
	uint32_t queue;
	uint64_t output_bytes;
};

/* The page of metrics, in the text format of Prometheus, version 0.0.4. */
void stats_write_metrics(struct buf *out, const struct stats *stats, const struct stats_now *now);

/* The result of stats; `index` is what a worker wrote with answer_index_stats(). */
void stats_write(struct buf *out, const struct stats *stats, const struct stats_now *now, struct str index);

#endif
