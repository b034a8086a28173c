/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "indexer/walk.h"

enum {
	ARENA_BYTES = 4 * 1024 * 1024,
	QUIET_MS = 2 * 1000,
	LONGEST_MS = 60 * 1000,
};

static const struct config_key index_keys[] = {
	{ .name = "path", .kind = CONFIG_TEXT, .least = 1, .most = PATH_MAX - 1 },
	{ .name = "filter", .kind = CONFIG_TEXT, .repeats = true, .least = 3, .most = PATH_MAX - 1 },
};

static const struct config_key source_keys[] = {
	{ .name = "path", .kind = CONFIG_TEXT, .repeats = true, .least = 1, .most = PATH_MAX - 1 },
	{ .name = "exclude", .kind = CONFIG_TEXT, .repeats = true, .least = 1, .most = LIMIT_PATTERN_BYTES },
};

static const struct config_key alerts_keys[] = {
	{ .name = "file", .kind = CONFIG_TEXT, .least = 1, .most = PATH_MAX - 1 },
};

static const struct config_key watch_keys[] = {
	{ .name = "quiet", .kind = CONFIG_DURATION, .least = 0, .most = LIMIT_WATCH_MS },
	{ .name = "longest", .kind = CONFIG_DURATION, .least = 0, .most = LIMIT_WATCH_MS },
};

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])

/* voisind's sections have no keys here: another program's. */
static const struct config_section sections[] = {
	{ "index", false, KEYS(index_keys) },
	{ "source", true, KEYS(source_keys) },
	{ "watch", false, KEYS(watch_keys) },
	{ "alerts", false, KEYS(alerts_keys) },
	{ "daemon", false, NULL, 0 },
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* ---- The configuration file ------------------------------------------------------------------ */

/* A service runs in no folder that anyone has in mind. */
static enum status
check_absolute(const struct settings *settings, const struct config_value *value, struct error *reterr)
{
	struct error why;

	if (value->text.p[0] == '/')
		return STATUS_OK;
	(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "the path must begin with /");
	return config_refuse(settings->config, value->line, value->key->name, &why, reterr);
}

/* All values of a key, as a list in the arena. */
static enum status
list_values(struct settings *settings, const struct config_part *part, const char *key, const char ***ret_list,
    size_t *ret_n, struct error *reterr)
{
	const struct config_value *first = config_get(part, key);
	const char **list;
	size_t n = 0;

	for (const struct config_value *it = first; it != NULL; it = it->next)
		n++;
	list = arena_calloc(settings->arena, n + 1, sizeof(*list));
	if (list == NULL)
		return no_memory(reterr);
	n = 0;
	for (const struct config_value *it = first; it != NULL; it = it->next)
		list[n++] = it->text.p;
	*ret_list = list;
	*ret_n = n;
	return STATUS_OK;
}

static enum status
note_lines(
    struct settings *settings, const struct config_value *value, struct settings_source *source, struct error *reterr)
{
	unsigned *lines = arena_calloc(settings->arena, source->n_paths + 1, sizeof(*lines));

	if (lines == NULL)
		return no_memory(reterr);
	source->path_lines = lines;
	for (; value != NULL; value = value->next)
		*lines++ = value->line;
	return STATUS_OK;
}

static enum status
read_source(
    struct settings *settings, const struct config_part *part, struct settings_source *source, struct error *reterr)
{
	enum status status = list_values(settings, part, "path", &source->paths, &source->n_paths, reterr);
	struct error why;

	source->name = config_part_name(part);
	source->line = config_part_line(part);
	if (status == STATUS_OK)
		status = note_lines(settings, config_get(part, "path"), source, reterr);
	if (status == STATUS_OK)
		status = list_values(settings, part, "exclude", &source->excludes, &source->n_excludes, reterr);
	for (const struct config_value *it = config_get(part, "path"); status == STATUS_OK && it != NULL; it = it->next)
		status = check_absolute(settings, it, reterr);
	if (status != STATUS_OK || source->n_paths > 0)
		return status;
	(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "[source %.*s] has no path", STR_FMT(source->name));
	return config_refuse(settings->config, source->line, NULL, &why, reterr);
}

static enum status
read_sources(struct settings *settings, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (config_part(settings->config, "source", settings->n_sources) != NULL)
		settings->n_sources++;
	if (settings->n_sources == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%.120s has no section [source NAME]",
		    settings->options->config);
	settings->sources = arena_calloc(settings->arena, settings->n_sources, sizeof(*settings->sources));
	if (settings->sources == NULL)
		return no_memory(reterr);
	for (size_t i = 0; status == STATUS_OK && i < settings->n_sources; i++)
		status =
		    read_source(settings, config_part(settings->config, "source", i), &settings->sources[i], reterr);
	return status;
}

static enum status
read_index(struct settings *settings, struct error *reterr)
{
	const struct config_value *path = config_get(config_part(settings->config, "index", 0), "path");

	if (settings->db != NULL)
		return STATUS_OK;
	if (path == NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%.120s does not say where the index is: [index], path = DIR", settings->options->config);
	settings->db = path->text.p;
	return check_absolute(settings, path, reterr);
}

/* The command line goes before the file. */
static enum status
read_alerts(struct settings *settings, struct error *reterr)
{
	const struct config_value *file = config_get(config_part(settings->config, "alerts", 0), "file");

	if (file == NULL || settings->alerts != NULL)
		return STATUS_OK;
	settings->alerts = file->text.p;
	return check_absolute(settings, file, reterr);
}

static enum status
read_filters(struct settings *settings, struct error *reterr)
{
	const struct config_value *filter = config_get(config_part(settings->config, "index", 0), "filter");

	for (; filter != NULL; filter = filter->next) {
		struct error why;

		if (source_formats_add_filter(settings->formats, filter->text.p, &why) != STATUS_OK)
			return config_refuse(settings->config, filter->line, "filter", &why, reterr);
	}
	return STATUS_OK;
}

static enum status
read_config(struct settings *settings, struct error *reterr)
{
	const struct config_part *watch;
	enum status status = config_read(
	    settings->options->config, sections, sizeof(sections) / sizeof(sections[0]), &settings->config, reterr);

	if (status != STATUS_OK)
		return status;
	watch = config_part(settings->config, "watch", 0);
	settings->quiet_ms = config_number(watch, "quiet", QUIET_MS);
	settings->longest_ms = config_number(watch, "longest", LONGEST_MS);
	status = read_index(settings, reterr);
	if (status == STATUS_OK)
		status = read_filters(settings, reterr);
	if (status == STATUS_OK)
		status = read_alerts(settings, reterr);
	return status == STATUS_OK ? read_sources(settings, reterr) : status;
}

/* ---- The command line ------------------------------------------------------------------------ */

static enum status
take_paths(struct settings *settings, struct error *reterr)
{
	const struct options *options = settings->options;
	struct settings_source *source = arena_alloc(settings->arena, sizeof(*source));

	if (source == NULL)
		return no_memory(reterr);
	source->paths = arena_calloc(settings->arena, options->n_paths + 1, sizeof(*source->paths));
	if (source->paths == NULL)
		return no_memory(reterr);
	for (size_t i = 0; i < options->n_paths; i++)
		source->paths[i] = options->paths[i];
	source->n_paths = options->n_paths;
	source->name = STR("");
	settings->sources = source;
	settings->n_sources = options->n_paths > 0 ? 1 : 0;
	return STATUS_OK;
}

/* Those of the command line go before those of the file. */
static enum status
add_filters(struct settings *settings, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < settings->options->n_filters; i++)
		status = source_formats_add_filter(settings->formats, settings->options->filters[i], reterr);
	return status;
}

enum status
settings_read(const struct options *options, struct settings *ret_settings, struct error *reterr)
{
	struct settings *settings = ret_settings;
	enum status status;

	*settings = (struct settings) { .options = options,
		.db = options->db,
		.alerts = options->alerts,
		.quiet_ms = QUIET_MS,
		.longest_ms = LONGEST_MS };
	status = arena_new(ARENA_BYTES, &settings->arena);
	if (status != STATUS_OK)
		return no_memory(reterr);
	status = source_formats_new(&settings->formats, reterr);
	if (status == STATUS_OK)
		status = options->config != NULL ? read_config(settings, reterr) : take_paths(settings, reterr);
	return status == STATUS_OK ? add_filters(settings, reterr) : status;
}

void
settings_done(struct settings *settings)
{
	source_formats_free(settings->formats);
	config_free(settings->config);
	arena_free(settings->arena);
	settings->formats = NULL;
	settings->config = NULL;
	settings->arena = NULL;
}

/* ---- Whether it would work ------------------------------------------------------------------- */

/* A path of a source, resolved. */
struct resolved {
	char *path;
	const struct settings_source *source;
};

static bool
is_below(struct str path, struct str top)
{
	return str_has_prefix(path, top) && (path.len == top.len || path.p[top.len] == '/' || str_eq(top, STR("/")));
}

static enum status
check_apart(const struct settings *settings, const struct resolved *all, size_t n, struct error *reterr)
{
	struct error why;

	for (size_t i = 0; i + 1 < n; i++) {
		struct str old = str_of(all[i].path);
		struct str new = str_of(all[n - 1].path);

		if (all[i].source == all[n - 1].source || (!is_below(old, new) && !is_below(new, old)))
			continue;
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET,
		    "[source %.*s] and [source %.*s] have files in common, below %.80s",
		    STR_FMT(all[n - 1].source->name), STR_FMT(all[i].source->name), old.len > new.len ? old.p : new.p);
		return config_refuse(settings->config, all[n - 1].source->line, NULL, &why, reterr);
	}
	return STATUS_OK;
}

static enum status
refuse_path(const struct settings *settings, const struct settings_source *source, size_t path, const struct error *why,
    struct error *reterr)
{
	if (source->path_lines != NULL)
		return config_refuse(settings->config, source->path_lines[path], "path", why, reterr);
	if (reterr != NULL)
		*reterr = *why;
	return why->code;
}

static enum status
check_paths(const struct settings *settings, struct resolved *all, void (*problem_cb)(const struct error *why),
    struct error *reterr)
{
	enum status worst = STATUS_OK;
	size_t n = 0;

	for (size_t s = 0; s < settings->n_sources; s++) {
		const struct settings_source *source = &settings->sources[s];

		for (size_t p = 0; p < source->n_paths; p++) {
			struct error why;
			enum status status = walk_resolve(source->paths[p], settings->formats, &all[n].path, &why);

			if (status != STATUS_OK)
				status = refuse_path(settings, source, p, &why, reterr);
			else {
				all[n++].source = source;
				status = check_apart(settings, all, n, reterr);
			}
			if (status == STATUS_OK)
				continue;
			worst = status;
			if (problem_cb != NULL)
				problem_cb(reterr);
		}
	}
	for (size_t i = 0; i < n; i++)
		free(all[i].path);
	return worst;
}

/* The index, or the folder that it will be made in. */
static enum status
check_index(const struct settings *settings, struct error *reterr)
{
	struct str db = str_of(settings->db);
	char parent[PATH_MAX];
	struct stat st;

	if (stat(settings->db, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return STATUS_OK;
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s is not a folder", settings->db);
	}
	if (errno != ENOENT || db.len >= sizeof(parent))
		return error_errno(reterr, STATUS_IO, errno, "cannot stat %s", settings->db);
	while (db.len > 1 && db.p[db.len - 1] == '/')
		db.len--;
	while (db.len > 0 && db.p[db.len - 1] != '/')
		db.len--;
	memcpy(parent, db.p, db.len);
	parent[db.len] = '\0';
	if (stat(db.len > 0 ? parent : ".", &st) != 0)
		return error_errno(reterr, STATUS_NOT_FOUND, errno, "the index folder %.100s cannot be made: %.100s",
		    settings->db, parent);
	return STATUS_OK;
}

enum status
settings_check(const struct settings *settings, void (*problem_cb)(const struct error *why), struct error *reterr)
{
	size_t n = 0;
	struct resolved *all;
	enum status worst, status;
	struct error unused;

	if (reterr == NULL)
		reterr = &unused;
	for (size_t i = 0; i < settings->n_sources; i++)
		n += settings->sources[i].n_paths;
	all = calloc(n + 1, sizeof(*all));
	if (all == NULL)
		return no_memory(reterr);
	worst = check_paths(settings, all, problem_cb, reterr);
	free(all);
	if (worst != STATUS_OK && problem_cb == NULL)
		return worst;
	status = check_index(settings, reterr);
	if (status != STATUS_OK && problem_cb != NULL)
		problem_cb(reterr);
	return status != STATUS_OK ? status : worst;
}
