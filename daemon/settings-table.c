/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings-table.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/limits.h"

enum { MIB = 1024 * 1024, NAME_BYTES = 32 };

#define AT(field) offsetof(struct settings, field)
#define NUMBER(name, is, field, usual, least, most, help)                                             \
	{                                                                                             \
		name, KIND_NUMBER, 0, IN_FILE | (is), AT(field), NULL, help, (least), (usual), (most) \
	}
#define FLAG(name, letter, is, field, help)                                   \
	{                                                                     \
		name, KIND_FLAG, letter, (is), AT(field), NULL, help, 0, 0, 0 \
	}
#define WORD(name, kind, letter, is, field, argument, help)                    \
	{                                                                      \
		name, (kind), letter, (is), AT(field), argument, help, 0, 0, 0 \
	}

static const struct settings_row rows[] = {
	WORD("config", KIND_PATH, 'c', 0, config, N_("FILE"),
	    N_("read voisin.conf(5) first; what stands here goes before it")),
	WORD("db", KIND_PATH, 0, 0, db, N_("DIR"), N_("the index that voisin-index made")),
	WORD("listen", KIND_LISTEN, 0, IN_FILE, listen, N_("ADDRESS"),
	    N_("HOST:PORT, tls:HOST:PORT or unix:PATH; may be repeated (127.0.0.1:7117)")),
	WORD("variants", KIND_VARIANTS, 0, IN_FILE, variants, N_("FILE"),
	    N_("names that stand for one another, besides the shipped ones; may be repeated; none: forget those "
	       "before")),
	WORD("tls-certificate", KIND_PATH, 0, IN_FILE, files[SETTINGS_CERTIFICATE], N_("FILE"),
	    N_("in PEM, with its chain: for addresses that begin with tls:")),
	WORD("tls-key", KIND_PATH, 0, IN_FILE, files[SETTINGS_KEY], N_("FILE"), N_("its key, in PEM")),
	WORD("token-file", KIND_PATH, 0, IN_FILE, files[SETTINGS_TOKENS], N_("FILE"),
	    N_("names and tokens: who may ask over TCP")),
	FLAG("allow-remote", 0, IN_FILE, allow_remote,
	    N_("accept addresses that other machines reach, without TLS and tokens")),
	WORD("metrics", KIND_TEXT, 0, IN_FILE, metrics, N_("ADDRESS"),
	    N_("serve GET /metrics there, to this machine alone")),
	WORD("user", KIND_TEXT, 0, IN_FILE, user, N_("NAME[:GROUP]"), N_("whom to become, where root starts it")),
	FLAG("no-sandbox", 0, IN_FILE, no_sandbox, N_("for debuggers: without seccomp and Landlock")),
	FLAG("log-queries", 0, IN_FILE | LIVE, log_queries, N_("write the text of queries to the log")),
	FLAG("check", 'n', 0, check_only, N_("only check the options and the configuration")),
	FLAG("verbose", 'v', IN_FILE | LIVE, verbose, N_("log more")),
	WORD("help", KIND_HELP, 'h', 0, db, NULL, N_("this text")),
	WORD("version", KIND_VERSION, 'V', 0, db, NULL, N_("the version")),

	NUMBER("workers", 0, workers, LIMIT_WORKERS, 1, 64, N_("processes that search, one request at a time each")),
	NUMBER("connections", LIVE, connections, LIMIT_CONNECTIONS, 1, 16384, N_("clients at the same time")),
	NUMBER("connections-per-address", LIVE, connections_per_address, LIMIT_CONNECTIONS_PER_ADDRESS, 1, 16384,
	    N_("of them from one TCP address")),
	NUMBER("queue", LIVE, queue, LIMIT_QUEUE, 1, 4096, N_("requests waiting for a worker; more are told busy")),
	NUMBER("idle-ms", LIVE, idle_ms, LIMIT_IDLE_MS, 10, 3600 * 1000, N_("a client that asks nothing is closed")),
	NUMBER("request-ms", LIVE, request_ms, LIMIT_REQUEST_MS, 10, 60 * 1000,
	    N_("from a request's first byte to its newline")),
	NUMBER("write-ms", LIVE, write_ms, LIMIT_WRITE_MS, 10, 60 * 1000,
	    N_("for a client to take the replies that wait")),
	NUMBER("drain-ms", LIVE, drain_ms, LIMIT_DRAIN_MS, 0, 60 * 1000, N_("after SIGTERM, for requests under way")),
	NUMBER("soft-deadline-ms", LIVE, soft_deadline_ms, LIMIT_SOFT_DEADLINE_MS, 1, 60 * 1000,
	    N_("a search gives up by itself")),
	NUMBER("deadline-ms", LIVE, deadline_ms, LIMIT_HARD_DEADLINE_MS, 10, 60 * 1000,
	    N_("its worker is killed and replaced")),
	NUMBER("slow-ms", LIVE, slow_ms, LIMIT_SOFT_DEADLINE_MS, 0, 3600 * 1000,
	    N_("a request that takes longer is a warning in the log")),
	NUMBER("busy-poll-us", LIVE, busy_poll_us, LIMIT_BUSY_POLL_US, 0, 10 * 1000,
	    N_("a process looks for its next message before it sleeps, where one client asks at a time")),
	NUMBER("worker-mib", LIVE, worker_mib, LIMIT_WORKER_BYTES / MIB, 32, 64 * 1024, N_("memory of one worker")),
	NUMBER("worker-stack-mib", LIVE, worker_stack_mib, LIMIT_WORKER_STACK_BYTES / MIB, 1, 64,
	    N_("stack of one worker")),
	NUMBER("cache-mib", LIVE, cache_mib, LIMIT_CACHE_BYTES / MIB, 0, 4096,
	    N_("replies that one worker keeps; 0: none")),
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == SETTINGS_WORDS + SETTINGS_NUMBERS, "all rows are counted");

static struct settings_row
bound_row(enum bound bound, char name[NAME_BYTES])
{
	const struct bound_range *range = bound_range(bound);

	(void)snprintf(name, NAME_BYTES, "%s", range->name);
	for (char *p = name; *p != '\0'; p++)
		*p = *p == '_' ? '-' : *p;
	return (struct settings_row) { name, KIND_NUMBER, 0, IN_FILE | LIVE, AT(bounds) + bound * sizeof(uint32_t),
		NULL, range->help, range->least, range->usual, range->ceiling };
}

static struct config_key
key_of(const struct settings_row *row)
{
	static const enum config_kind kinds[] = { [KIND_NUMBER] = CONFIG_NUMBER,
		[KIND_FLAG] = CONFIG_BOOL,
		[KIND_TEXT] = CONFIG_TEXT,
		[KIND_PATH] = CONFIG_TEXT,
		[KIND_LISTEN] = CONFIG_TEXT,
		[KIND_VARIANTS] = CONFIG_TEXT };

	return (struct config_key) {
		.name = row->name,
		.kind = kinds[row->kind],
		.repeats = row->kind == KIND_LISTEN || row->kind == KIND_VARIANTS,
		.least = row->kind == KIND_NUMBER ? row->least : 1,
		.most = row->kind == KIND_NUMBER ? row->most : PATH_MAX - 1,
	};
}

const struct settings_table *
settings_table(void)
{
	static struct settings_table table;
	static char names[BOUND_COUNT][NAME_BYTES];

	if (table.n_keys > 0)
		return &table;
	memcpy(table.rows, rows, sizeof(rows));
	for (unsigned i = 0; i < BOUND_COUNT; i++)
		table.rows[SETTINGS_WORDS + SETTINGS_NUMBERS + i] = bound_row((enum bound)i, names[i]);
	for (int i = 0; i < SETTINGS_ROWS; i++) {
		if ((table.rows[i].is & IN_FILE) != 0)
			table.keys[table.n_keys++] = key_of(&table.rows[i]);
	}
	return &table;
}

void *
settings_place(const struct settings *settings, const struct settings_row *row)
{
	return (char *)(uintptr_t)settings + row->off;
}

uint32_t *
settings_number(const struct settings *settings, const struct settings_row *row)
{
	return settings_place(settings, row);
}

/* ---- One value ---- */

static enum status
set_number(struct settings *settings, const struct settings_row *row, const char *text, struct error *reterr)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < row->least || value > row->most)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--%s takes a number from %u to %u, not \"%.40s\"", row->name, row->least, row->most, text);
	*settings_number(settings, row) = (uint32_t)value;
	return STATUS_OK;
}

static enum status
add_listen(struct settings *settings, const char *address, struct error *reterr)
{
	if (settings->n_listen == SETTINGS_LISTEN_MAX)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "--listen is given more than %d times", SETTINGS_LISTEN_MAX);
	settings->listen[settings->n_listen++] = address;
	return STATUS_OK;
}

/*
 * The shipped list of names: beside the program, in ../share, so that a tree that was moved or not
 * installed has its own; else where it was to be installed.  NULL where it is in neither place.
 */
static const char *
shipped_variants(void)
{
	static const char inside[] = "/../share/voisin/variants.txt";
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof(inside));
	char *slash;

	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL) {
		memcpy(slash, inside, sizeof(inside));
		if (access(path, R_OK) == 0)
			return path;
	}
	return access(INSTALLED_VARIANTS, R_OK) == 0 ? INSTALLED_VARIANTS : NULL;
}

void
settings_use_shipped_variants(struct settings *settings)
{
	settings->variants[0] = shipped_variants();
	settings->n_variants = settings->variants[0] != NULL ? 1 : 0;
}

static enum status
add_variants(struct settings *settings, const char *path, struct error *reterr)
{
	if (strcmp(path, "none") == 0) {
		settings->n_variants = 0;
		return STATUS_OK;
	}
	if (settings->n_variants == SETTINGS_VARIANTS_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "--variants is given more than %d times",
		    SETTINGS_VARIANTS_MAX - 1);
	settings->variants[settings->n_variants++] = path;
	return STATUS_OK;
}

enum status
settings_set(struct settings *settings, const struct settings_row *row, const char *text, struct error *reterr)
{
	switch (row->kind) {
	case KIND_NUMBER: return set_number(settings, row, text, reterr);
	case KIND_LISTEN: return add_listen(settings, text, reterr);
	case KIND_VARIANTS: return add_variants(settings, text, reterr);
	case KIND_FLAG: *(bool *)settings_place(settings, row) = true; return STATUS_OK;
	case KIND_TEXT:
	case KIND_PATH: *(const char **)settings_place(settings, row) = text; return STATUS_OK;
	default: return STATUS_OK;
	}
}
