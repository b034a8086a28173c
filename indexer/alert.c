/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/alert.h"

#include <limits.h>
#include <string.h>

#include "query/language/parser.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, QUERY_ARENA_BYTES = 4 * 1024 * 1024 };

static const struct config_key alert_keys[] = {
	{ .name = "query", .kind = CONFIG_VERBATIM, .least = 1, .most = LIMIT_QUERY_BYTES },
	{ .name = "any", .kind = CONFIG_BOOL },
	{ .name = "file", .kind = CONFIG_TEXT, .least = 1, .most = PATH_MAX - 1 },
	{ .name = "stdout", .kind = CONFIG_BOOL },
	{ .name = "mail", .kind = CONFIG_TEXT, .least = 1, .most = 320 },
	{ .name = "command", .kind = CONFIG_VERBATIM, .least = 1, .most = 4096 },
};

static const struct config_key mail_keys[] = {
	{ .name = "sendmail", .kind = CONFIG_TEXT, .least = 1, .most = PATH_MAX - 1 },
};

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])

static const struct config_section sections[] = {
	{ "alert", true, KEYS(alert_keys) },
	{ "mail", false, KEYS(mail_keys) },
};

/* The keys that say where hits go, in the order of enum alert_way. */
static const char *const ways[] = { "file", "stdout", "mail", "command" };

enum { N_WAYS = sizeof(ways) / sizeof(ways[0]) };

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* ---- Where hits go --------------------------------------------------------------------------- */

/* The next word of a command, in `out`: blanks part words, double quotes keep them together.  False at the end. */
static bool
next_word(struct str *rest, char *out, bool *ret_open)
{
	size_t used = 0;
	bool quoted = false;
	size_t i = 0;

	while (i < rest->len && (rest->p[i] == ' ' || rest->p[i] == '\t'))
		i++;
	if (i == rest->len)
		return false;
	for (; i < rest->len && (quoted || (rest->p[i] != ' ' && rest->p[i] != '\t')); i++) {
		if (rest->p[i] == '"')
			quoted = !quoted;
		else
			out[used++] = rest->p[i];
	}
	out[used] = '\0';
	*ret_open = quoted;
	*rest = (struct str) { rest->p + i, rest->len - i };
	return true;
}

static enum status
read_command(struct alerts *alerts, struct alert *alert, struct str text, struct error *reterr)
{
	size_t n = 0;
	bool open = false;

	for (;;) {
		char *word = arena_alloc(alerts->arena, text.len + 1);

		if (word == NULL)
			return no_memory(reterr);
		if (!next_word(&text, word, &open))
			break;
		if (open)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the closing quote is missing");
		if (n == LIMIT_ALERT_WORDS)
			return error_set(
			    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "more than %d words", LIMIT_ALERT_WORDS);
		alert->words[n++] = word;
	}
	if (n == 0 || alert->words[0][0] != '/')
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the program's path must begin with /; there is no shell that would look for it");
	return STATUS_OK;
}

static enum status
read_way(struct alerts *alerts, struct alert *alert, const struct config_value *value, struct error *reterr)
{
	alert->target = value->text.p;
	if (alert->way == ALERT_COMMAND)
		return read_command(alerts, alert, value->text, reterr);
	if (alert->way == ALERT_FILE && value->text.p[0] != '/')
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the path must begin with /");
	if (alert->way == ALERT_MAIL && (strchr(value->text.p, '@') == NULL || value->text.p[0] == '-'))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "that is no address: name@host");
	return STATUS_OK;
}

static enum status
find_way(struct alerts *alerts, struct alert *alert, const struct config_part *part, struct error *reterr)
{
	const struct config_value *found = NULL;
	struct error why;

	for (unsigned i = 0; i < N_WAYS; i++) {
		const struct config_value *value = config_get(part, ways[i]);

		if (value == NULL || (i == ALERT_STDOUT && value->number == 0))
			continue;
		if (found != NULL) {
			(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET,
			    "a query has one way for its hits to go, and this is another: %s", found->key->name);
			return config_refuse(alerts->config, value->line, ways[i], &why, reterr);
		}
		found = value;
		alert->way = (enum alert_way)i;
	}
	if (found == NULL) {
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET,
		    "[alert %.*s] does not say where its hits go: file, stdout, mail or command", STR_FMT(alert->name));
		return config_refuse(alerts->config, alert->line, NULL, &why, reterr);
	}
	if (read_way(alerts, alert, found, &why) != STATUS_OK)
		return config_refuse(alerts->config, found->line, found->key->name, &why, reterr);
	return STATUS_OK;
}

/* ---- Queries --------------------------------------------------------------------------------- */

static enum status
check_query(struct alert *alert, struct analyzer *analyzer, struct error *reterr)
{
	struct parser_options options = { .any = alert->any };
	struct arena *arena;
	struct query query;
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = arena_new(QUERY_ARENA_BYTES, &arena);

	if (status != STATUS_OK)
		return no_memory(reterr);
	status = query_parse(arena, analyzer, alert->query, &options, &query, &why);
	arena_free(arena);
	if (status != STATUS_OK && why.off != ERROR_NO_OFFSET)
		return error_set(reterr, status, ERROR_NO_OFFSET, "column %u of the query: %s",
		    query_column(alert->query, why.off), why.message);
	if (status != STATUS_OK && reterr != NULL)
		*reterr = why;
	return status;
}

static enum status
read_alert(struct alerts *alerts, const struct config_part *part, struct analyzer *analyzer, struct alert *alert,
    struct error *reterr)
{
	const struct config_value *query = config_get(part, "query");
	struct error why;

	alert->name = config_part_name(part);
	alert->line = config_part_line(part);
	alert->any = config_number(part, "any", 0) != 0;
	if (query == NULL) {
		(void)error_set(
		    &why, STATUS_INVALID, ERROR_NO_OFFSET, "[alert %.*s] has no query", STR_FMT(alert->name));
		return config_refuse(alerts->config, alert->line, NULL, &why, reterr);
	}
	alert->query = query->text;
	if (check_query(alert, analyzer, &why) != STATUS_OK)
		return config_refuse(alerts->config, query->line, "query", &why, reterr);
	return find_way(alerts, alert, part, reterr);
}

static enum status
read_all(struct alerts *alerts, struct analyzer *analyzer, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (config_part(alerts->config, "alert", alerts->n) != NULL)
		alerts->n++;
	alerts->v = arena_calloc(alerts->arena, alerts->n + 1, sizeof(*alerts->v));
	if (alerts->v == NULL)
		return no_memory(reterr);
	alerts->sendmail = config_text(config_part(alerts->config, "mail", 0), "sendmail", "/usr/sbin/sendmail").p;
	for (size_t i = 0; status == STATUS_OK && i < alerts->n; i++)
		status = read_alert(alerts, config_part(alerts->config, "alert", i), analyzer, &alerts->v[i], reterr);
	return status;
}

enum status
alerts_read(const char *path, struct alerts *ret_alerts, struct error *reterr)
{
	struct analyzer *analyzer = NULL;
	enum status status;

	*ret_alerts = (struct alerts) { .n = 0 };
	status = arena_new(ARENA_BYTES, &ret_alerts->arena);
	if (status != STATUS_OK)
		return no_memory(reterr);
	status = config_read(path, sections, sizeof(sections) / sizeof(sections[0]), &ret_alerts->config, reterr);
	if (status == STATUS_OK)
		status = analyzer_new(&analyzer, reterr);
	if (status == STATUS_OK)
		status = read_all(ret_alerts, analyzer, reterr);
	analyzer_free(analyzer);
	return status;
}

void
alerts_done(struct alerts *alerts)
{
	config_free(alerts->config);
	arena_free(alerts->arena);
	*alerts = (struct alerts) { .n = 0 };
}
