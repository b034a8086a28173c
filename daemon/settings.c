/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "base/i18n.h"
#include "daemon/settings-table.h"

#define DEFAULT_LISTEN "127.0.0.1:7117"

enum { OPTION_LONG = 0x100 };

/* ---- The command line ---- */

struct line {
	struct settings *settings;
	enum settings_action action;
	bool lists_begun[KIND_VARIANTS + 1]; /* the first of a list puts away what the file said */
};

/* getopt stands behind a long option that it does not know, and maybe still at a cluster of short ones. */
static enum status
refuse_unknown(struct error *reterr, const char *argument, int letter)
{
	char cluster[] = { '-', (char)letter, '\0' };

	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
	    "%s is no option, or not one that takes a value; voisind --help lists the options",
	    strncmp(argument, "--", 2) == 0 ? argument : cluster);
}

static enum status
take_option(struct line *line, const struct settings_row *row, struct error *reterr)
{
	struct settings *settings = line->settings;

	if (row->kind == KIND_HELP)
		line->action = SETTINGS_HELP;
	if (row->kind == KIND_VERSION)
		line->action = SETTINGS_VERSION;
	if (row->kind == KIND_LISTEN && !line->lists_begun[KIND_LISTEN])
		settings->n_listen = 0;
	if (row->kind == KIND_VARIANTS && !line->lists_begun[KIND_VARIANTS])
		settings_use_shipped_variants(settings);
	if (row->kind <= KIND_VARIANTS)
		line->lists_begun[row->kind] = true;
	return settings_set(settings, row, optarg, reterr);
}

static bool
takes_value(const struct settings_row *row)
{
	return row->kind != KIND_FLAG && row->kind != KIND_HELP && row->kind != KIND_VERSION;
}

static void
fill_getopt(
    const struct settings_table *table, struct option longs[SETTINGS_ROWS + 1], char letters[2 * SETTINGS_ROWS + 2])
{
	*letters++ = ':';
	for (int i = 0; i < SETTINGS_ROWS; i++) {
		const struct settings_row *row = &table->rows[i];

		longs[i] = (struct option) { row->name, takes_value(row) ? required_argument : no_argument, NULL,
			OPTION_LONG + i };
		if (row->letter == 0)
			continue;
		*letters++ = (char)row->letter;
		if (takes_value(row))
			*letters++ = ':';
	}
	longs[SETTINGS_ROWS] = (struct option) { NULL, 0, NULL, 0 };
	*letters = '\0';
}

static const struct settings_row *
row_of(const struct settings_table *table, int option)
{
	if (option >= OPTION_LONG)
		return &table->rows[option - OPTION_LONG];
	for (int i = 0; i < SETTINGS_WORDS + SETTINGS_NUMBERS; i++) {
		if (table->rows[i].letter == option)
			return &table->rows[i];
	}
	return &table->rows[0];
}

static enum status
read_line(int argc, char **argv, struct line *line, struct error *reterr)
{
	const struct settings_table *table = settings_table();
	struct option longs[SETTINGS_ROWS + 1];
	char letters[2 * SETTINGS_ROWS + 2];
	enum status status = STATUS_OK;
	int option;

	fill_getopt(table, longs, letters);
	opterr = 0;
	optind = 0; /* a second reading begins anew, as glibc has it */
	while (status == STATUS_OK && (option = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (option == '?')
			return refuse_unknown(reterr, argv[optind - 1], optopt);
		if (option == ':')
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "%s needs a value; voisind --help lists the options", argv[optind - 1]);
		status = take_option(line, row_of(table, option), reterr);
	}
	if (status == STATUS_OK && line->action == SETTINGS_RUN && optind < argc)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s is one argument too many; voisind --help lists the options", argv[optind]);
	return status;
}

/* ---- The file ---- */

static enum status
take_value(
    struct settings *settings, const struct settings_row *row, const struct config_value *value, struct error *reterr)
{
	struct error why;

	if (row->kind == KIND_FLAG) {
		*(bool *)settings_place(settings, row) = value->number != 0;
		return STATUS_OK;
	}
	if ((row->kind == KIND_PATH || (row->kind == KIND_VARIANTS && !str_eq(value->text, STR("none")))) &&
	    value->text.p[0] != '/')
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "the path must begin with /");
	else if (settings_set(settings, row, value->text.p, &why) == STATUS_OK)
		return STATUS_OK;
	return config_refuse(settings->file, value->line, row->name, &why, reterr);
}

static enum status
take_part(struct settings *settings, const struct config_part *part, struct error *reterr)
{
	const struct settings_table *table = settings_table();
	enum status status = STATUS_OK;

	for (int i = 0; i < SETTINGS_ROWS; i++) {
		const struct config_value *value =
		    (table->rows[i].is & IN_FILE) != 0 ? config_get(part, table->rows[i].name) : NULL;

		for (; status == STATUS_OK && value != NULL; value = value->next)
			status = take_value(settings, &table->rows[i], value, reterr);
	}
	return status;
}

/* The index's folder stands where voisin-index reads it too. */
static enum status
read_file(struct settings *settings, const char *path, struct error *reterr)
{
	static const struct config_key index_keys[] = {
		{ .name = "path", .kind = CONFIG_TEXT, .least = 1, .most = PATH_MAX - 1 }
	};
	static const struct settings_row db = {
		.name = "path", .kind = KIND_PATH, .off = offsetof(struct settings, db)
	};
	const struct settings_table *table = settings_table();
	/* The last ones are voisin-index's. */
	const struct config_section sections[] = {
		{ "daemon", false, table->keys, table->n_keys },
		{ "index", false, index_keys, 1 },
		{ "source", true, NULL, 0 },
		{ "watch", false, NULL, 0 },
		{ "alerts", false, NULL, 0 },
	};
	const struct config_value *index;
	enum status status =
	    config_read(path, sections, sizeof(sections) / sizeof(sections[0]), &settings->file, reterr);

	if (status != STATUS_OK)
		return status;
	index = config_get(config_part(settings->file, "index", 0), "path");
	if (index != NULL)
		status = take_value(settings, &db, index, reterr);
	if (status == STATUS_OK)
		status = take_part(settings, config_part(settings->file, "daemon", 0), reterr);
	return status;
}

/* ---- Together ---- */

static void
set_usual(struct settings *settings)
{
	const struct settings_table *table = settings_table();

	for (int i = 0; i < SETTINGS_ROWS; i++) {
		if (table->rows[i].kind == KIND_NUMBER)
			*settings_number(settings, &table->rows[i]) = table->rows[i].usual;
	}
	settings_use_shipped_variants(settings);
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
	if (settings->cache_mib > settings->worker_mib / 2)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--cache-mib %u is more than half of --worker-mib %u", settings->cache_mib, settings->worker_mib);
	if ((settings->files[SETTINGS_CERTIFICATE] == NULL) != (settings->files[SETTINGS_KEY] == NULL))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--tls-certificate and --tls-key are given together or not at all");
	settings->listen_is_usual = settings->n_listen == 0;
	if (settings->listen_is_usual)
		settings->listen[settings->n_listen++] = DEFAULT_LISTEN;
	return STATUS_OK;
}

/* The command line is read once to find the file, and once more to go before it. */
static enum status
read_both(int argc, char **argv, struct line *line, struct error *reterr)
{
	enum status status = read_line(argc, argv, line, reterr);
	const char *path = line->settings->config;

	if (status != STATUS_OK || line->action != SETTINGS_RUN || path == NULL)
		return status;
	*line->settings = (struct settings) { .config = path };
	set_usual(line->settings);
	memset(line->lists_begun, 0, sizeof(line->lists_begun));
	status = read_file(line->settings, path, reterr);
	return status == STATUS_OK ? read_line(argc, argv, line, reterr) : status;
}

enum status
settings_parse(
    int argc, char **argv, struct settings *ret_settings, enum settings_action *ret_action, struct error *reterr)
{
	struct settings settings = { .config = NULL };
	struct line line = { .settings = &settings, .action = SETTINGS_RUN };
	enum status status;

	set_usual(&settings);
	status = read_both(argc, argv, &line, reterr);
	if (status == STATUS_OK && line.action == SETTINGS_RUN)
		status = check_whole(&settings, reterr);
	if (status != STATUS_OK) {
		settings_done(&settings);
		return status;
	}
	settings.argc = argc;
	settings.argv = argv;
	*ret_settings = settings;
	*ret_action = line.action;
	return STATUS_OK;
}

void
settings_done(struct settings *settings)
{
	config_free(settings->file);
	settings->file = NULL;
}

void
settings_use_bounds(const struct settings *settings)
{
	/* They are in their ranges: set_number() and config_read() see to it. */
	for (unsigned i = 0; i < BOUND_COUNT; i++)
		(void)!bound_set((enum bound)i, settings->bounds[i]);
}
