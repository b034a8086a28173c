/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/options.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "protocol/request.h"

enum { TIMEOUT_MAX_S = 3600, QUERY_BYTES = 256 * 1024 };

/* What was given, where that matters and a value does not tell. */
enum given {
	GIVEN_LIMIT = 1,
	GIVEN_OFFSET = 2,
	GIVEN_SORT = 4,
	GIVEN_FORMAT = 8,
	GIVEN_ACTION = 16,
	GIVEN_QUERY = 32,
	GIVEN_FOLD = 64
};

struct parser {
	struct options *options;
	unsigned given; /* of enum given */
	const char *format; /* the option that gave it */
	const char *action;
	const char *side; /* of the match, by which lines are sorted */
	struct error *reterr;
};

struct option {
	const char *name;
	bool takes_value;
	/* `value` is NULL for an option that takes none. */
	enum status (*read)(struct parser *parser, const struct option *option, const char *value);
	int number; /* what `read` does with it is its own affair */
};

/* Its parts, between which an empty line stands: each is a message of its own for translators. */
static const char *const help[] = {
	N_("Usage: voisin [OPTION]... [--] QUERY...\n"
	   "Find French texts by what stands near what: voisin cessez-le-feu NEAR Alep\n"
	   "Several QUERY words are joined by blanks. Quotes that belong to the query need quotes\n"
	   "of the shell around them: voisin '\"cessez le feu\" NEAR Alep'\n"),
	N_("What to ask:\n"
	   "  --any                   words side by side mean any of them, not all\n"
	   "  --accents MODE          typed (default), loose or strict\n"
	   "  --no-variants           names stand for themselves alone, not for their other spellings\n"
	   "  --boilerplate           look in share buttons, lists of tags and the like too\n"
	   "  --sort ORDER            relevance (default), date or closeness;\n"
	   "                          lines of --kwic: left or right, by the words beside the match\n"
	   "  --limit N               show N hits (default 10, at most 10000)\n"
	   "  --offset N              skip the first N hits\n"
	   "  --all                   every hit, however many, in the order of the index\n"),
	N_("Reprints:\n"
	   "  --fold                  of hits that are reprints of one another show the first alone:\n"
	   "                          usual, but for --ids, --count, --kwic and --all\n"
	   "  --no-fold               show each of them\n"),
	N_("What to show:\n"
	   "  --passages N            at most N passages a hit, 0 to 10 (default 2)\n"
	   "  --kwic                  one line a match, the match in the middle\n"
	   "  --ids                   ids alone, one a line\n"
	   "  --json                  one JSON object\n"
	   "  --count                 the exact number of hits\n"
	   "  --explain               how the query is understood and run\n"
	   "  --color WHEN            auto (default), always or never\n"),
	N_("Instead of a query:\n"
	   "  --suggest TEXT          complete or correct the last word of TEXT\n"
	   "  --document ID           show a whole document\n"
	   "  --reprises ID           its reprints, and documents that have passages of it\n"
	   "  --stats                 counters and limits of the server\n"
	   "  --ping                  ask whether the server answers\n"),
	N_("Where to ask:\n"
	   "  --server ADDRESS        unix:PATH, HOST:PORT or tls:HOST:PORT\n"
	   "                          (default $VOISIN_SERVER, else 127.0.0.1:7117)\n"
	   "  --token-file FILE       a token that the server knows (default $VOISIN_TOKEN_FILE)\n"
	   "  --ca FILE               certificates that vouch for the server (default: the system's)\n"
	   "  --timeout SECONDS       for each answer (default 10)\n"),
	N_("  --help, --version\n"),
	N_("Exit status: 0 with hits, 1 with none, 2 on error.\n"),
};

void
options_help(struct buf *out)
{
	for (size_t i = 0; i < sizeof(help) / sizeof(help[0]); i++) {
		if (i > 0)
			(void)buf_append_char(out, '\n');
		(void)buf_append_str(out, str_of(tr(help[i])));
	}
}

static enum status
refuse(struct parser *parser, const struct option *option, const char *must)
{
	return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--%s must be %s", option->name, must);
}

/* A whole number of plain digits; false for anything else and for one above `max`. */
static bool
read_number(const char *text, unsigned max, unsigned *ret_number)
{
	unsigned long long number;

	if (text[0] == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return false;
	number = strtoull(text, NULL, 10);
	if (number > max)
		return false;
	*ret_number = (unsigned)number;
	return true;
}

/* option->number is where the text stands among the options; below, the same of a flag. */
static enum status
read_text(struct parser *parser, const struct option *option, const char *value)
{
	*(const char **)(void *)((char *)parser->options + option->number) = value;
	return STATUS_OK;
}

static enum status
read_flag(struct parser *parser, const struct option *option, const char *value)
{
	(void)value;
	*(bool *)((char *)parser->options + option->number) = true;
	return STATUS_OK;
}

static enum status
read_fold(struct parser *parser, const struct option *option, const char *value)
{
	(void)value;
	if (parser->given & GIVEN_FOLD && (int)parser->options->fold != option->number)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--%s and --%s cannot be used together", "fold", "no-fold");
	parser->given |= GIVEN_FOLD;
	parser->options->fold = (enum voisin_fold)option->number;
	return STATUS_OK;
}

static enum status
read_accents(struct parser *parser, const struct option *option, const char *value)
{
	for (unsigned i = 0; request_accents_name(i) != NULL; i++) {
		if (strcmp(value, request_accents_name(i)) == 0) {
			parser->options->accents = (enum voisin_accents)i;
			return STATUS_OK;
		}
	}
	return refuse(parser, option, tr("typed, loose or strict"));
}

static enum status
read_sort(struct parser *parser, const struct option *option, const char *value)
{
	static const struct {
		const char *name;
		enum lines lines;
	} sides[] = { { "left", LINES_BY_LEFT }, { "right", LINES_BY_RIGHT } };

	for (unsigned i = 0; request_sort_name(i) != NULL; i++) {
		if (strcmp(value, request_sort_name(i)) == 0) {
			parser->options->sort = (enum voisin_sort)i;
			parser->given |= GIVEN_SORT;
			return STATUS_OK;
		}
	}
	for (unsigned i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		if (strcmp(value, sides[i].name) == 0) {
			parser->options->lines = sides[i].lines;
			parser->side = sides[i].name;
			return STATUS_OK;
		}
	}
	return refuse(parser, option, tr("relevance, date or closeness, or left or right with --kwic"));
}

static enum status
read_color(struct parser *parser, const struct option *option, const char *value)
{
	static const char *const names[] = { "auto", "always", "never", NULL };

	for (unsigned i = 0; names[i] != NULL; i++) {
		if (strcmp(value, names[i]) == 0) {
			parser->options->color = (enum color)i;
			return STATUS_OK;
		}
	}
	return refuse(parser, option, tr("auto, always or never"));
}

static enum status
read_limit(struct parser *parser, const struct option *option, const char *value)
{
	parser->given |= GIVEN_LIMIT;
	if (read_number(value, LIMIT_WINDOW, &parser->options->limit))
		return STATUS_OK;
	return refuse(parser, option, tr("a number from 0 to 10000; --all shows every hit"));
}

static enum status
read_offset(struct parser *parser, const struct option *option, const char *value)
{
	parser->given |= GIVEN_OFFSET;
	if (read_number(value, LIMIT_WINDOW, &parser->options->offset))
		return STATUS_OK;
	return refuse(parser, option, tr("a number from 0 to 10000; --all shows every hit"));
}

static enum status
read_passages(struct parser *parser, const struct option *option, const char *value)
{
	if (read_number(value, REQUEST_PASSAGES_MAX, &parser->options->passages))
		return STATUS_OK;
	return refuse(parser, option, tr("a number from 0 to 10"));
}

/* Seconds in plain digits, with at most three behind a point: 0.25 */
static enum status
read_timeout(struct parser *parser, const struct option *option, const char *value)
{
	size_t whole_len = strspn(value, "0123456789");
	const char *fraction = value[whole_len] == '.' ? value + whole_len + 1 : value + whole_len;
	char digits[8] = "0", thousandths[] = "000";
	unsigned seconds = 0, ms = 0;

	if (whole_len == 0 || whole_len >= sizeof(digits) || strlen(fraction) > 3 ||
	    strspn(fraction, "0123456789") != strlen(fraction))
		return refuse(parser, option, tr("a number of seconds from 0.001 to 3600"));
	memcpy(digits, value, whole_len);
	memcpy(thousandths, fraction, strlen(fraction));
	if (!read_number(digits, TIMEOUT_MAX_S, &seconds) || !read_number(thousandths, 999, &ms) ||
	    seconds * 1000 + ms == 0 || seconds * 1000 + ms > TIMEOUT_MAX_S * 1000)
		return refuse(parser, option, tr("a number of seconds from 0.001 to 3600"));
	parser->options->timeout_ms = (int)(seconds * 1000 + ms);
	return STATUS_OK;
}

static enum status
read_format(struct parser *parser, const struct option *option, const char *value)
{
	(void)value;
	if (parser->given & GIVEN_FORMAT && (int)parser->options->format != option->number)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--%s and --%s cannot be used together", parser->format, option->name);
	parser->given |= GIVEN_FORMAT;
	parser->format = option->name;
	parser->options->format = (enum format)option->number;
	return STATUS_OK;
}

static enum status
read_action(struct parser *parser, const struct option *option, const char *value)
{
	if (parser->given & GIVEN_ACTION && (int)parser->options->action != option->number)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--%s and --%s cannot be used together", parser->action, option->name);
	parser->given |= GIVEN_ACTION;
	parser->action = option->name;
	parser->options->action = (enum action)option->number;
	parser->options->document = value;
	return STATUS_OK;
}

static const struct option options_table[] = {
	{ "server", true, read_text, offsetof(struct options, server) },
	{ "timeout", true, read_timeout, 0 },
	{ "token-file", true, read_text, offsetof(struct options, token_file) },
	{ "ca", true, read_text, offsetof(struct options, ca_file) },
	{ "any", false, read_flag, offsetof(struct options, any) },
	{ "no-variants", false, read_flag, offsetof(struct options, no_variants) },
	{ "boilerplate", false, read_flag, offsetof(struct options, boilerplate) },
	{ "accents", true, read_accents, 0 },
	{ "sort", true, read_sort, 0 },
	{ "limit", true, read_limit, 0 },
	{ "offset", true, read_offset, 0 },
	{ "all", false, read_flag, offsetof(struct options, all) },
	{ "fold", false, read_fold, VOISIN_FOLD_YES },
	{ "no-fold", false, read_fold, VOISIN_FOLD_NO },
	{ "passages", true, read_passages, 0 },
	{ "color", true, read_color, 0 },
	{ "ids", false, read_format, FORMAT_IDS },
	{ "json", false, read_format, FORMAT_JSON },
	{ "kwic", false, read_format, FORMAT_KWIC },
	{ "count", false, read_format, FORMAT_COUNT },
	{ "explain", false, read_action, ACTION_EXPLAIN },
	{ "suggest", true, read_action, ACTION_SUGGEST },
	{ "document", true, read_action, ACTION_DOCUMENT },
	{ "reprises", true, read_action, ACTION_REPRINTS },
	{ "reprints", true, read_action, ACTION_REPRINTS },
	{ "stats", false, read_action, ACTION_STATS },
	{ "ping", false, read_action, ACTION_PING },
	{ "help", false, read_action, ACTION_HELP },
	{ "version", false, read_action, ACTION_VERSION },
};

static const struct option *
find_option(struct str name)
{
	for (size_t i = 0; i < sizeof(options_table) / sizeof(options_table[0]); i++) {
		if (str_eq(name, str_of(options_table[i].name)))
			return &options_table[i];
	}
	return NULL;
}

/* One option at argv[*i]; moves *i to its value where that is a word of its own. */
static enum status
read_option(struct parser *parser, int argc, char **argv, int *i)
{
	const char *word = argv[*i];
	const char *equals = strchr(word, '=');
	struct str name = { word + 2, equals != NULL ? (size_t)(equals - word - 2) : strlen(word + 2) };
	const struct option *option = find_option(name);
	const char *value = equals != NULL ? equals + 1 : NULL;

	if (option == NULL)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "unknown option %.60s; voisin --help lists them", word);
	if (!option->takes_value && value != NULL)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--%s takes no value", option->name);
	if (option->takes_value && value == NULL) {
		if (*i + 1 == argc)
			return error_set(
			    parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--%s needs a value", option->name);
		value = argv[++*i];
	}
	return option->read(parser, option, value);
}

static enum status
read_word(struct parser *parser, const char *word)
{
	struct buf *query = &parser->options->query;

	if (parser->given & GIVEN_QUERY)
		(void)buf_append_char(query, ' ');
	parser->given |= GIVEN_QUERY;
	if (buf_append_str(query, str_of(word)) == STATUS_LIMIT)
		return error_set(
		    parser->reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the query is longer than %d bytes", QUERY_BYTES);
	if (buf_status(query) != STATUS_OK)
		return error_set(parser->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

static enum status
read_words(struct parser *parser, int argc, char **argv)
{
	bool options_end = false;
	enum status status = STATUS_OK;

	for (int i = 1; i < argc && status == STATUS_OK; i++) {
		if (options_end || argv[i][0] != '-' || argv[i][1] == '\0')
			status = read_word(parser, argv[i]);
		else if (strcmp(argv[i], "--") == 0)
			options_end = true;
		else if (argv[i][1] == '-')
			status = read_option(parser, argc, argv, &i);
		else
			status = error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "unknown option %.60s; write -- before a query that begins with -", argv[i]);
	}
	return status;
}

static enum status
contradiction(struct parser *parser, const char *a, const char *b)
{
	return error_set(
	    parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--%s and --%s cannot be used together", a, b);
}

/* What single options cannot say: how they go together. */
static enum status
check_together(struct parser *parser)
{
	const struct options *options = parser->options;
	bool asks = options->action == ACTION_SEARCH || options->action == ACTION_EXPLAIN;

	if (options->action == ACTION_HELP || options->action == ACTION_VERSION)
		return STATUS_OK;
	if (asks && !(parser->given & GIVEN_QUERY))
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "there is no query; voisin --help says what can be asked");
	if (!asks && parser->given & GIVEN_QUERY)
		return error_set(
		    parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--%s takes no query", parser->action);
	if (options->action != ACTION_SEARCH && options->format != FORMAT_TEXT && options->format != FORMAT_JSON)
		return contradiction(parser, parser->action, parser->format);
	if (parser->side != NULL && options->format != FORMAT_KWIC)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--sort %s sorts the lines of --kwic, which is not there", parser->side);
	if (options->all && parser->given & GIVEN_LIMIT)
		return contradiction(parser, "all", "limit");
	if (options->all && parser->given & GIVEN_OFFSET)
		return contradiction(parser, "all", "offset");
	if (options->all && parser->given & GIVEN_SORT)
		return contradiction(parser, "all", "sort");
	if (options->offset > LIMIT_WINDOW - options->limit)
		return error_set(parser->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--offset and --limit together reach at most %d hits; --all shows every hit", LIMIT_WINDOW);
	return STATUS_OK;
}

enum status
options_read(int argc, char **argv, struct options *ret_options, struct error *reterr)
{
	struct parser parser = { .options = ret_options, .reterr = reterr };
	enum status status;

	*ret_options = (struct options) {
		.limit = REQUEST_LIMIT_DEFAULT,
		.passages = REQUEST_PASSAGES_DEFAULT,
		.timeout_ms = VOISIN_DEFAULT_TIMEOUT_MS,
	};
	buf_init(&ret_options->query, QUERY_BYTES);
	status = read_words(&parser, argc, argv);
	return status == STATUS_OK ? check_together(&parser) : status;
}

void
options_done(struct options *options)
{
	buf_done(&options->query);
}
