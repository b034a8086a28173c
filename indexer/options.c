/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/options.h"

#include <getopt.h>

#include "base/i18n.h"

static const char usage[] =
    N_("usage: voisin-index --db DIR [options] PATH...\n"
       "       voisin-index --config FILE [--db DIR] [options]\n"
       "\n"
       "Brings the index in DIR up to date with the files at each PATH, a folder (with all\n"
       "folders in it) or a file, or with the sources of a configuration file, which also\n"
       "says where the index is: see voisin.conf(5).  Read are text, Markdown, JSONL, HTML,\n"
       "RSS and Atom, mail, WARC and PDF, by the ending of the name.\n"
       "\n"
       "  --db DIR          the index; made where there is none\n"
       "  --config FILE     read what to index from FILE\n"
       "  --filter EXT=CMD  read files that end in .EXT by what the command CMD makes of them\n"
       "  --full            build the index anew, aside, and then put it in place of the old one\n"
       "  --whole-database  with --full: keep in the Xapian database all that the inverted file has,\n"
       "                    for other programs that read it; it takes twice the room\n"
       "  --dry-run         say what would be done, and change nothing\n"
       "  --allow-deletes   let more than a fifth of a source's known documents be deleted\n"
       "  --alerts FILE     hold the standing queries in FILE against what is new\n"
       "  --watch           go on, with a run whenever files have changed\n"
       "  --quiet           no progress\n"
       "  --json            progress, refusals and results as JSON lines\n"
       "\n"
       "Instead of a run:\n"
       "  --check           say whether all is there that a run needs\n"
       "  --stats           say what is in the index\n"
       "  --verify          compare the index with its hashes, and have Xapian check it\n"
       "  --help, --version\n"
       "\n"
       "Exit status: 0, all is indexed; 1, something was refused, all else is indexed;\n"
       "2, an error; 130 or 143, stopped by a signal.  See voisin-index(1).\n");

enum option_code {
	OPTION_DB = 256,
	OPTION_CONFIG,
	OPTION_FILTER,
	OPTION_CHECK,
	OPTION_ALERTS,
	OPTION_WATCH,
	OPTION_STATS,
	OPTION_VERIFY,
	OPTION_JSON,
	OPTION_FULL,
	OPTION_WHOLE,
	OPTION_DRY_RUN,
	OPTION_ALLOW,
	OPTION_QUIET,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option table[] = {
	{ "db", required_argument, NULL, OPTION_DB },
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "filter", required_argument, NULL, OPTION_FILTER },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "alerts", required_argument, NULL, OPTION_ALERTS },
	{ "watch", no_argument, NULL, OPTION_WATCH },
	{ "stats", no_argument, NULL, OPTION_STATS },
	{ "verify", no_argument, NULL, OPTION_VERIFY },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "full", no_argument, NULL, OPTION_FULL },
	{ "whole-database", no_argument, NULL, OPTION_WHOLE },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "allow-deletes", no_argument, NULL, OPTION_ALLOW },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

const char *
options_usage(void)
{
	return tr(usage);
}

static enum status
refuse_option(int code, char *const *argv, struct error *reterr)
{
	const char *word = argv[optind - 1];

	if (code == ':')
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the option %.80s needs a value", word);
	if (optopt > 0 && optopt < OPTION_DB)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no option -%c", optopt);
	if (optopt >= OPTION_DB)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the option %.80s takes no value", word);
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no option %.80s", word);
}

static enum status
check(const struct options *options, struct error *reterr)
{
	if (options->help || options->version)
		return STATUS_OK;
	if (options->config == NULL && (options->db == NULL || options->db[0] == '\0'))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "which index? Give its folder: --db DIR");
	if (options->config != NULL && options->n_paths > 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "either --config or paths: the configuration file says what to index");
	if (options->watch && (options->full || options->dry_run || options->allow_deletes))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--watch goes with none of --full, --dry-run and --allow-deletes");
	if (options->whole_database && !options->full)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "--whole-database goes with --full: it says how an index is built");
	if ((int)options->watch + (int)options->check + (int)options->stats + (int)options->verify > 1)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "one of --watch, --check, --stats and --verify at a time");
	if (options->config == NULL && options->n_paths == 0 && !options->stats && !options->verify)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "index what? Give at least one file or folder");
	for (size_t i = 0; i < options->n_paths; i++)
		if (options->paths[i][0] == '\0')
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "an empty name is no file or folder");
	return STATUS_OK;
}

enum status
options_parse(int argc, char **argv, struct options *ret_options, struct error *reterr)
{
	struct options options = { 0 };
	int code;

	optind = 0; /* GNU: forget what an earlier call was at */
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		switch (code) {
		case OPTION_DB: options.db = optarg; break;
		case OPTION_CONFIG: options.config = optarg; break;
		case OPTION_FILTER:
			if (options.n_filters == LIMIT_FILTERS)
				return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
				    "more than %d filters (LIMIT_FILTERS)", LIMIT_FILTERS);
			options.filters[options.n_filters++] = optarg;
			break;
		case OPTION_CHECK: options.check = true; break;
		case OPTION_ALERTS: options.alerts = optarg; break;
		case OPTION_WATCH: options.watch = true; break;
		case OPTION_STATS: options.stats = true; break;
		case OPTION_VERIFY: options.verify = true; break;
		case OPTION_JSON: options.json = true; break;
		case OPTION_FULL: options.full = true; break;
		case OPTION_WHOLE: options.whole_database = true; break;
		case OPTION_DRY_RUN: options.dry_run = true; break;
		case OPTION_ALLOW: options.allow_deletes = true; break;
		case OPTION_QUIET: options.quiet = true; break;
		case OPTION_HELP: options.help = true; break;
		case OPTION_VERSION: options.version = true; break;
		default: return refuse_option(code, argv, reterr);
		}
	}
	options.paths = argv + optind;
	options.n_paths = (size_t)(argc - optind);
	*ret_options = options;
	return check(&options, reterr);
}
