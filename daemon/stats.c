/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/stats.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "daemon/self.h"
#include "protocol/json.h"

enum { NS_PER_US = 1000, US_PER_MS = 1000, MS_PER_S = 1000, US_PER_S = 1000 * 1000, MIB = 1024 * 1024 };

/* ---- Counting ---- */

uint32_t
stats_bucket_us(unsigned bucket)
{
	static const uint32_t ends[STATS_BUCKETS] = { 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000,
		200000, 500000, 1000000, 2000000, 5000000 };

	return ends[bucket];
}

void
stats_count(struct stats *stats, unsigned method, enum status status, int64_t ns)
{
	uint64_t us = ns > 0 ? (uint64_t)ns / NS_PER_US : 0;
	unsigned bucket = 0;

	stats->results[method][status]++;
	if (status != STATUS_OK)
		stats->errors[status]++;
	if (method == STATS_NO_METHOD)
		return;
	while (bucket < STATS_BUCKETS && us > stats_bucket_us(bucket))
		bucket++;
	stats->latency[method].buckets[bucket]++;
	stats->latency[method].sum_us += us;
}

static uint64_t
histogram_count(const struct histogram *histogram)
{
	uint64_t count = 0;

	for (unsigned i = 0; i <= STATS_BUCKETS; i++)
		count += histogram->buckets[i];
	return count;
}

/* ---- The reply ---- */

struct figure {
	const char *name;
	uint64_t value;
};

/* What cannot be set. */
static const struct figure constants[] = {
	{ "request_id_bytes", LIMIT_REQUEST_ID_BYTES },
	{ "document_bytes", LIMIT_DOCUMENT_BYTES },
	{ "document_words", LIMIT_DOCUMENT_WORDS },
	{ "id_bytes", LIMIT_ID_BYTES },
	{ "term_bytes", LIMIT_TERM_BYTES },
};

static void
write_figure(struct buf *out, const char *name, uint64_t value)
{
	json_write_key(out, name);
	json_write_uint(out, value);
}

static void
write_number(struct buf *out, const char *name, double value)
{
	json_write_key(out, name);
	json_write_number(out, value);
}

static void
write_limits(struct buf *out, const struct settings *settings)
{
	const struct figure set[] = {
		{ "connections", settings->connections },
		{ "connections_per_address", settings->connections_per_address },
		{ "queue", settings->queue },
		{ "idle_ms", settings->idle_ms },
		{ "request_ms", settings->request_ms },
		{ "write_ms", settings->write_ms },
		{ "drain_ms", settings->drain_ms },
		{ "soft_deadline_ms", settings->soft_deadline_ms },
		{ "deadline_ms", settings->deadline_ms },
		{ "slow_ms", settings->slow_ms },
		{ "busy_poll_us", settings->busy_poll_us },
		{ "worker_bytes", (uint64_t)settings->worker_mib * 1024 * 1024 },
		{ "worker_stack_bytes", (uint64_t)settings->worker_stack_mib * 1024 * 1024 },
	};

	json_write_key(out, "limits");
	json_write_open(out, '{');
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
		write_figure(out, constants[i].name, constants[i].value);
	for (unsigned i = 0; i < BOUND_COUNT; i++)
		write_figure(out, bound_range((enum bound)i)->name, bound_get((enum bound)i));
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		write_figure(out, set[i].name, set[i].value);
	json_write_close(out, '}');
}

static void
write_counts(struct buf *out, const struct stats *stats)
{
	json_write_key(out, "requests");
	json_write_open(out, '{');
	for (unsigned i = 0; i < METHOD_COUNT; i++)
		write_figure(out, method_name((enum method)i), stats->requests[i]);
	json_write_close(out, '}');
	json_write_key(out, "errors");
	json_write_open(out, '{');
	for (unsigned i = STATUS_END + 1; i <= STATUS_INTERNAL; i++)
		write_figure(out, status_name((enum status)i), stats->errors[i]);
	json_write_close(out, '}');
}

static void
write_workers(struct buf *out, const struct pool_state *pool)
{
	json_write_key(out, "workers");
	json_write_open(out, '{');
	write_figure(out, "configured", pool->configured);
	write_figure(out, "busy", pool->busy);
	write_figure(out, "restarts", pool->restarts);
	json_write_close(out, '}');
}

/* The upper end of the bucket that holds the given part of all, in milliseconds; the last one's for what is beyond it. */
static double
percentile_ms(const struct histogram *histogram, uint64_t count, double part)
{
	uint64_t seen = 0;
	unsigned i = 0;

	while (i < STATS_BUCKETS - 1 && (double)(seen += histogram->buckets[i]) < part * (double)count)
		i++;
	return (double)stats_bucket_us(i) / US_PER_MS;
}

static void
write_latency(struct buf *out, const struct stats *stats)
{
	json_write_key(out, "latency_ms");
	json_write_open(out, '{');
	for (unsigned m = 0; m < METHOD_COUNT; m++) {
		const struct histogram *histogram = &stats->latency[m];
		uint64_t count = histogram_count(histogram);

		if (count == 0)
			continue;
		json_write_key(out, method_name((enum method)m));
		json_write_open(out, '{');
		write_figure(out, "count", count);
		write_number(out, "mean", (double)histogram->sum_us / US_PER_MS / (double)count);
		write_number(out, "p50", percentile_ms(histogram, count, 0.5));
		write_number(out, "p99", percentile_ms(histogram, count, 0.99));
		json_write_close(out, '}');
	}
	json_write_close(out, '}');
}

static void
write_cache(struct buf *out, const struct stats *stats, const struct stats_now *now)
{
	json_write_key(out, "cache");
	json_write_open(out, '{');
	write_figure(out, "hits", stats->cache_hits);
	write_figure(out, "misses", stats->cache_misses);
	write_figure(out, "entries", now->pool.cache_entries);
	write_figure(out, "bytes", now->pool.cache_bytes);
	write_figure(out, "bytes_max", (uint64_t)now->settings->cache_mib * MIB * now->pool.configured);
	json_write_close(out, '}');
}

static void
write_memory(struct buf *out, const struct stats_now *now)
{
	json_write_key(out, "memory_bytes");
	json_write_open(out, '{');
	write_figure(out, "network", self_resident());
	write_figure(out, "workers", now->pool.memory_bytes);
	write_figure(out, "output", now->output_bytes);
	json_write_close(out, '}');
}

void
stats_write(struct buf *out, const struct stats *stats, const struct stats_now *now, struct str index)
{
	json_write_open(out, '{');
	json_write_key(out, "version");
	json_write_string(out, STR(VOISIN_VERSION));
	write_figure(out, "protocol", PROTOCOL_VERSION);
	write_figure(out, "pid", (uint64_t)getpid());
	write_figure(out, "uptime_ms", (uint64_t)(clock_mono_ms() - stats->started_ms));
	json_write_raw(out, index);
	write_figure(out, "connections", stats->connections);
	write_workers(out, &now->pool);
	write_figure(out, "queue", now->queue);
	write_counts(out, stats);
	write_figure(out, "slow", stats->slow);
	write_latency(out, stats);
	write_cache(out, stats, now);
	write_memory(out, now);
	write_limits(out, now->settings);
	json_write_close(out, '}');
}

/* ---- Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/ ---- */

static void
write_head(struct buf *out, const char *name, const char *type, const char *help)
{
	(void)buf_printf(out, "# HELP voisin_%s %s\n# TYPE voisin_%s %s\n", name, help, name, type);
}

static void
write_one(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	write_head(out, name, type, help);
	(void)buf_printf(out, "voisin_%s %" PRIu64 "\n", name, value);
}

static void
write_results(struct buf *out, const struct stats *stats)
{
	write_head(out, "requests_total", "counter", "Requests that ended, by method and result.");
	for (unsigned m = 0; m <= STATS_NO_METHOD; m++) {
		const char *method = m < METHOD_COUNT ? method_name((enum method)m) : "none";

		for (unsigned i = 0; i <= STATUS_INTERNAL; i++) {
			if (i != STATUS_END && (i == STATUS_OK || stats->results[m][i] > 0))
				(void)buf_printf(out,
				    "voisin_requests_total{method=\"%s\",result=\"%s\"} %" PRIu64 "\n", method,
				    status_name((enum status)i), stats->results[m][i]);
		}
	}
}

static void
write_histogram(struct buf *out, const char *method, const struct histogram *histogram)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < STATS_BUCKETS; i++) {
		count += histogram->buckets[i];
		(void)buf_printf(out, "voisin_request_seconds_bucket{method=\"%s\",le=\"%g\"} %" PRIu64 "\n", method,
		    (double)stats_bucket_us(i) / US_PER_S, count);
	}
	count += histogram->buckets[STATS_BUCKETS];
	(void)buf_printf(out, "voisin_request_seconds_bucket{method=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", method, count);
	(void)buf_printf(
	    out, "voisin_request_seconds_sum{method=\"%s\"} %.6f\n", method, (double)histogram->sum_us / US_PER_S);
	(void)buf_printf(out, "voisin_request_seconds_count{method=\"%s\"} %" PRIu64 "\n", method, count);
}

void
stats_write_metrics(struct buf *out, const struct stats *stats, const struct stats_now *now)
{
	const struct pool_state *pool = &now->pool;

	write_results(out, stats);
	write_head(out, "request_seconds", "histogram", "Time from reading a request to its answer.");
	for (unsigned m = 0; m < METHOD_COUNT; m++)
		write_histogram(out, method_name((enum method)m), &stats->latency[m]);
	write_one(out, "slow_requests_total", "counter", "Requests that took longer than slow-ms.", stats->slow);
	write_one(out, "connections", "gauge", "Clients that are connected.", stats->connections);
	write_one(out, "queue", "gauge", "Requests that wait for a worker.", now->queue);
	write_one(out, "queue_max", "gauge", "Requests that may wait.", now->settings->queue);
	write_one(out, "output_bytes", "gauge", "Replies that clients have not taken.", now->output_bytes);
	write_one(out, "workers", "gauge", "Worker processes.", pool->configured);
	write_one(out, "workers_busy", "gauge", "Workers that have a request.", pool->busy);
	write_one(out, "worker_restarts_total", "counter", "Workers that were replaced.", pool->restarts);
	write_one(out, "cache_hits_total", "counter", "Replies that were kept.", stats->cache_hits);
	write_one(
	    out, "cache_misses_total", "counter", "Replies that were looked for and not kept.", stats->cache_misses);
	write_one(out, "polled_requests_total", "counter", "Requests whose answers were waited for without sleeping.",
	    stats->polled);
	write_one(out, "cache_entries", "gauge", "Replies kept in all workers.", pool->cache_entries);
	write_one(out, "cache_bytes", "gauge", "Bytes of them.", pool->cache_bytes);
	write_one(out, "memory_network_bytes", "gauge", "Resident bytes of the network process.", self_resident());
	write_one(out, "memory_workers_bytes", "gauge", "Resident bytes of all workers.", pool->memory_bytes);
	write_one(out, "uptime_seconds", "gauge", "Seconds since the start.",
	    (uint64_t)(clock_mono_ms() - stats->started_ms) / MS_PER_S);
	write_one(out, "index_refused", "gauge", "Whether the published state of the index cannot be served.",
	    stats->refused);
	write_head(out, "index_info", "gauge", "The state of the index that answered last.");
	(void)buf_printf(
	    out, "voisin_index_info{generation=\"%s\",version=\"%s\"} 1\n", stats->generation, VOISIN_VERSION);
}
