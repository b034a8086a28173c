/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/limits.h"

#define DEFAULT_LISTEN "127.0.0.1:7117"

struct number {
	const char *name;
	size_t off; /* of its uint32_t in struct settings */
	uint32_t usual;
	uint32_t least;
	uint32_t most;
	const char *help;
};

#define NUMBER(name, field, usual, least, most, help)                                  \
	{                                                                              \
		name, offsetof(struct settings, field), (usual), (least), (most), help \
	}

static const struct number numbers[] = {
	NUMBER("workers", workers, LIMIT_WORKERS, 1, 64, N_("processes that search, one request at a time each")),
	NUMBER("connections", connections, LIMIT_CONNECTIONS, 1, 16384, N_("clients at the same time")),
	NUMBER("connections-per-address", connections_per_address, LIMIT_CONNECTIONS_PER_ADDRESS, 1, 16384,
	    N_("of them from one TCP address")),
	NUMBER("queue", queue, LIMIT_QUEUE, 1, 4096, N_("requests waiting for a worker; more are told busy")),
	NUMBER("idle-ms", idle_ms, LIMIT_IDLE_MS, 10, 3600 * 1000, N_("a client that asks nothing is closed")),
	NUMBER("request-ms", request_ms, LIMIT_REQUEST_MS, 10, 60 * 1000,
	    N_("from a request's first byte to its newline")),
	NUMBER("write-ms", write_ms, LIMIT_WRITE_MS, 10, 60 * 1000, N_("for a client to take the replies that wait")),
	NUMBER("drain-ms", drain_ms, LIMIT_DRAIN_MS, 0, 60 * 1000, N_("after SIGTERM, for requests under way")),
	NUMBER("soft-deadline-ms", soft_deadline_ms, LIMIT_SOFT_DEADLINE_MS, 1, 60 * 1000,
	    N_("a search gives up by itself")),
	NUMBER(
	    "deadline-ms", deadline_ms, LIMIT_HARD_DEADLINE_MS, 10, 60 * 1000, N_("its worker is killed and replaced")),
	NUMBER("worker-mib", worker_mib, LIMIT_WORKER_BYTES / (1024 * 1024), 32, 64 * 1024, N_("memory of one worker")),
};

enum { N_NUMBERS = sizeof(numbers) / sizeof(numbers[0]), OPTION_NUMBER = 0x100, PATH_BYTES = 4096 };

enum { OPTION_DB = 'd', OPTION_LISTEN = 'l', OPTION_REMOTE = 'r', OPTION_CHECK = 'n', OPTION_HELP = 'h' };
enum { OPTION_VARIANTS = 'w', OPTION_VERSION = 'V', OPTION_VERBOSE = 'v' };

static const struct option words[] = {
	{ "db", required_argument, NULL, OPTION_DB },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "variants", required_argument, NULL, OPTION_VARIANTS },
	{ "allow-remote", no_argument, NULL, OPTION_REMOTE },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
};

enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

/* getopt stands behind a long option that it does not know, and maybe still at a cluster of short ones. */
static enum status
refuse_unknown(struct error *reterr, const char *argument, int letter)
{
	char cluster[] = { '-', (char)letter, '\0' };

	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
	    "%s is no option, or not one that takes a value; voisind --help lists the options",
	    strncmp(argument, "--", 2) == 0 ? argument : cluster);
}

static uint32_t *
number_in(struct settings *settings, const struct number *number)
{
	return (uint32_t *)(void *)((char *)settings + number->off);
}

static enum status
set_number(struct settings *settings, const struct number *number, const char *text, struct error *reterr)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < number->least ||
	    value > number->most)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--%s takes a number from %u to %u, not \"%.40s\"", number->name, number->least, number->most,
		    text);
	*number_in(settings, number) = (uint32_t)value;
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
	static char path[PATH_BYTES];
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

static enum status
set_option(struct settings *settings, int option, enum settings_action *action, struct error *reterr)
{
	if (option >= OPTION_NUMBER)
		return set_number(settings, &numbers[option - OPTION_NUMBER], optarg, reterr);
	switch (option) {
	case OPTION_DB: settings->db = optarg; return STATUS_OK;
	case OPTION_LISTEN: return add_listen(settings, optarg, reterr);
	case OPTION_VARIANTS: return add_variants(settings, optarg, reterr);
	case OPTION_REMOTE: settings->allow_remote = true; return STATUS_OK;
	case OPTION_CHECK: settings->check_only = true; return STATUS_OK;
	case OPTION_VERBOSE: settings->verbose = true; return STATUS_OK;
	case OPTION_HELP: *action = SETTINGS_HELP; return STATUS_OK;
	case OPTION_VERSION: *action = SETTINGS_VERSION; return STATUS_OK;
	default: return STATUS_INTERNAL;
	}
}

static enum status
check_whole(struct settings *settings, struct error *reterr)
{
	if (settings->db == NULL || settings->db[0] == '\0')
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--db DIR is missing; voisind --help lists the options");
	if (settings->soft_deadline_ms > settings->deadline_ms)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--soft-deadline-ms %u is later than --deadline-ms %u", settings->soft_deadline_ms,
		    settings->deadline_ms);
	if (settings->n_listen == 0)
		settings->listen[settings->n_listen++] = DEFAULT_LISTEN;
	return STATUS_OK;
}

/* The words, then the numbers, then the empty row that getopt wants. */
static void
fill_options(struct option options[N_WORDS + N_NUMBERS + 1])
{
	memcpy(options, words, sizeof(words));
	for (int i = 0; i < N_NUMBERS; i++)
		options[N_WORDS + i] = (struct option) { numbers[i].name, required_argument, NULL, OPTION_NUMBER + i };
	options[N_WORDS + N_NUMBERS] = (struct option) { NULL, 0, NULL, 0 };
}

enum status
settings_parse(
    int argc, char **argv, struct settings *ret_settings, enum settings_action *ret_action, struct error *reterr)
{
	struct option options[N_WORDS + N_NUMBERS + 1];
	struct settings settings = { 0 };
	enum settings_action action = SETTINGS_RUN;
	enum status status = STATUS_OK;
	int option;

	fill_options(options);
	for (int i = 0; i < N_NUMBERS; i++)
		*number_in(&settings, &numbers[i]) = numbers[i].usual;
	settings.variants[0] = shipped_variants();
	settings.n_variants = settings.variants[0] != NULL ? 1 : 0;
	opterr = 0;
	while (status == STATUS_OK && (option = getopt_long(argc, argv, ":nvhV", options, NULL)) != -1) {
		if (option == '?')
			return refuse_unknown(reterr, argv[optind - 1], optopt);
		if (option == ':')
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "%s needs a value; voisind --help lists the options", argv[optind - 1]);
		status = set_option(&settings, option, &action, reterr);
	}
	if (status == STATUS_OK && action == SETTINGS_RUN && optind < argc)
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s is one argument too many; voisind --help lists the options", argv[optind]);
	if (status == STATUS_OK && action == SETTINGS_RUN)
		status = check_whole(&settings, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_settings = settings;
	*ret_action = action;
	return STATUS_OK;
}

bool
settings_help(void)
{
	printf(tr("usage: voisind --db DIR [--listen ADDRESS]... [options]\n"
		  "Serves the search index in folder DIR, in the foreground, until SIGTERM.\n\n"
		  "  --db DIR              the index that voisin-index made\n"
		  "  --listen ADDRESS      HOST:PORT or unix:PATH; may be repeated (%s)\n"
		  "  --variants FILE       names that stand for one another, besides the shipped ones;\n"
		  "                        may be repeated; none: forget those before\n"
		  "  --allow-remote        accept --listen addresses that other machines reach\n"
		  "  -n, --check           only check the options\n"
		  "  -v, --verbose         log more\n"
		  "  -h, --help            this text\n"
		  "  -V, --version         the version\n\n"
		  "bounds, with their defaults:\n"),
	    DEFAULT_LISTEN);
	for (int i = 0; i < N_NUMBERS; i++)
		printf("  --%-24s %6u   %s\n", numbers[i].name, numbers[i].usual, tr(numbers[i].help));
	return fflush(stdout) == 0 && !ferror(stdout);
}
