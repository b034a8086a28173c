/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/stats.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "protocol/json.h"

struct bound {
	const char *name;
	uint64_t value;
};

static const struct bound constants[] = {
	{ "request_bytes", LIMIT_REQUEST_BYTES },
	{ "reply_bytes", LIMIT_REPLY_BYTES },
	{ "json_depth", LIMIT_JSON_DEPTH },
	{ "json_keys", LIMIT_JSON_KEYS },
	{ "request_id_bytes", LIMIT_REQUEST_ID_BYTES },
	{ "query_bytes", LIMIT_QUERY_BYTES },
	{ "query_words", LIMIT_QUERY_WORDS },
	{ "query_terms", LIMIT_QUERY_TERMS },
	{ "query_depth", LIMIT_QUERY_DEPTH },
	{ "query_phrases", LIMIT_QUERY_PHRASES },
	{ "phrase_words", LIMIT_PHRASE_WORDS },
	{ "distance", LIMIT_DISTANCE },
	{ "prefixes", LIMIT_PREFIXES },
	{ "prefix_letters_min", LIMIT_PREFIX_LETTERS_MIN },
	{ "prefix_expansion", LIMIT_PREFIX_EXPANSION },
	{ "hits", LIMIT_HITS },
	{ "ids", LIMIT_IDS },
	{ "window", LIMIT_WINDOW },
	{ "in_flight", LIMIT_IN_FLIGHT },
	{ "output_low_bytes", LIMIT_OUTPUT_LOW_BYTES },
	{ "output_total_bytes", LIMIT_OUTPUT_TOTAL_BYTES },
};

static void
write_bound(struct buf *out, const char *name, uint64_t value)
{
	json_write_key(out, name);
	json_write_uint(out, value);
}

static void
write_limits(struct buf *out, const struct settings *settings)
{
	const struct bound set[] = {
		{ "connections", settings->connections },
		{ "connections_per_address", settings->connections_per_address },
		{ "queue", settings->queue },
		{ "idle_ms", settings->idle_ms },
		{ "request_ms", settings->request_ms },
		{ "write_ms", settings->write_ms },
		{ "drain_ms", settings->drain_ms },
		{ "soft_deadline_ms", settings->soft_deadline_ms },
		{ "deadline_ms", settings->deadline_ms },
		{ "worker_bytes", (uint64_t)settings->worker_mib * 1024 * 1024 },
	};

	json_write_key(out, "limits");
	json_write_open(out, '{');
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
		write_bound(out, constants[i].name, constants[i].value);
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		write_bound(out, set[i].name, set[i].value);
	json_write_close(out, '}');
}

static void
write_counts(struct buf *out, const struct stats *stats)
{
	json_write_key(out, "requests");
	json_write_open(out, '{');
	for (unsigned i = 0; i < METHOD_COUNT; i++)
		write_bound(out, method_name((enum method)i), stats->requests[i]);
	json_write_close(out, '}');
	json_write_key(out, "errors");
	json_write_open(out, '{');
	for (unsigned i = STATUS_END + 1; i <= STATUS_INTERNAL; i++)
		write_bound(out, status_name((enum status)i), stats->errors[i]);
	json_write_close(out, '}');
}

static void
write_workers(struct buf *out, const struct pool_state *pool)
{
	json_write_key(out, "workers");
	json_write_open(out, '{');
	write_bound(out, "configured", pool->configured);
	write_bound(out, "busy", pool->busy);
	write_bound(out, "restarts", pool->restarts);
	json_write_close(out, '}');
}

void
stats_write(struct buf *out, const struct stats *stats, const struct settings *settings, const struct pool_state *pool,
    uint32_t queue, struct str index)
{
	json_write_open(out, '{');
	json_write_key(out, "version");
	json_write_string(out, STR(VOISIN_VERSION));
	write_bound(out, "protocol", PROTOCOL_VERSION);
	write_bound(out, "pid", (uint64_t)getpid());
	write_bound(out, "uptime_ms", (uint64_t)(clock_mono_ms() - stats->started_ms));
	json_write_raw(out, index);
	write_bound(out, "connections", stats->connections);
	write_workers(out, pool);
	write_bound(out, "queue", queue);
	write_counts(out, stats);
	write_limits(out, settings);
	json_write_close(out, '}');
}
