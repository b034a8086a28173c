/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/stats.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "protocol/json.h"

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

void
stats_write(struct buf *out, const struct stats *stats, const struct settings *settings, const struct pool_state *pool,
    uint32_t queue, struct str index)
{
	json_write_open(out, '{');
	json_write_key(out, "version");
	json_write_string(out, STR(VOISIN_VERSION));
	write_figure(out, "protocol", PROTOCOL_VERSION);
	write_figure(out, "pid", (uint64_t)getpid());
	write_figure(out, "uptime_ms", (uint64_t)(clock_mono_ms() - stats->started_ms));
	json_write_raw(out, index);
	write_figure(out, "connections", stats->connections);
	write_workers(out, pool);
	write_figure(out, "queue", queue);
	write_counts(out, stats);
	write_limits(out, settings);
	json_write_close(out, '}');
}
