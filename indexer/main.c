/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * voisin-index: brings an index up to date with files.  docs/man/voisin-index.1 is the reference.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/log.h"
#include "indexer/alerts.h"
#include "indexer/inspect.h"
#include "indexer/job.h"
#include "indexer/options.h"
#include "indexer/progress.h"
#include "indexer/report.h"
#include "indexer/settings.h"
#include "indexer/watch.h"
#include "store/writer.h"

enum { EXIT_REFUSED = 1, EXIT_ERROR = 2, EXIT_SIGNAL = 128 };

static volatile sig_atomic_t stop_signal;

static void
stop_cb(int signal_number)
{
	stop_signal = signal_number;
}

/*
 * The first SIGINT or SIGTERM ends the run in good order; a second one kills, which the index survives.
 * A file-size limit and a closed pipe are errors to be told, not deaths.
 */
static void
set_signals(void)
{
	struct sigaction stop = { .sa_handler = stop_cb, .sa_flags = (int)SA_RESETHAND };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGINT, &stop, NULL);
	(void)sigaction(SIGTERM, &stop, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

/* A closed standard stream would give its number to a file of the index, and messages would go there. */
static int
open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -1;
	return close(fd);
}

static void
print_error(const char *message)
{
	struct buf out;

	buf_init(&out, 4096);
	(void)report_escape(&out, str_of(message));
	(void)fprintf(stderr, "voisin-index: %.*s\n", STR_FMT(buf_str(&out)));
	buf_done(&out);
}

/* Ends the run as an error where libxapian would abort, by which errno says why. */
static void
terminate_cb(void)
{
	struct error why;

	(void)error_errno(&why, STATUS_IO, errno,
	    "the index cannot be written: a commit failed, and Xapian could not undo it; what was committed before is "
	    "kept, and the next run goes on from there");
	print_error(why.message);
	_exit(EXIT_ERROR);
}

static int
print_text(const char *text)
{
	return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_ERROR;
}

static int
exit_code(enum status status, const struct report *report)
{
	if (status == STATUS_CANCELLED)
		return EXIT_SIGNAL + (int)stop_signal;
	if (status != STATUS_OK)
		return EXIT_ERROR;
	return report->refused > 0 ? EXIT_REFUSED : EXIT_SUCCESS;
}

static size_t problems; /* told by problem_cb() */

static void
problem_cb(const struct error *why)
{
	problems++;
	print_error(why->message);
}

static int
check(const struct settings *settings)
{
	struct error error;
	int n;

	if (settings_check(settings, problem_cb, &error) != STATUS_OK)
		return EXIT_ERROR;
	n = printf(tr_plural("all right: %zu source, for the index %s\n", "all right: %zu sources, for the index %s\n",
		       settings->n_sources),
	    settings->n_sources, settings->db);
	return n > 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_ERROR;
}

static int
inspect(const struct settings *settings, enum status (*look)(const struct settings *settings, struct error *reterr))
{
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };

	if (look(settings, &error) == STATUS_OK)
		return EXIT_SUCCESS;
	print_error(error.message);
	return EXIT_ERROR;
}

static enum progress_mode
progress_mode(const struct options *options)
{
	if (options->quiet)
		return PROGRESS_NONE;
	return options->json ? PROGRESS_JSON : progress_mode_of_stderr();
}

/* Whether a run is worth a line between others. */
static bool
has_news(const struct report *report)
{
	return report->added + report->changed + report->deleted + report->moved + report->refused > 0;
}

static int
tell_end(const struct report *report, bool dry_run, int code, const struct error *how)
{
	if (report_summary(report, dry_run, how) == STATUS_OK)
		return code;
	print_error(tr("the last line could not be written to standard output"));
	return code < EXIT_ERROR ? EXIT_ERROR : code;
}

/* The standing queries, after a run.  Gives the exit status that the two have together. */
static int
run_alerts(const struct settings *settings, const struct alerts *alerts, int code)
{
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct stat st;
	bool first = false;
	size_t told = problems;

	/* A run that failed may have committed all the same; one that made no index has nothing to be searched. */
	if (settings->alerts == NULL || settings->options->dry_run || stop_signal != 0 || stat(settings->db, &st) != 0)
		return code;
	if (alerts_run(alerts, settings->db, problem_cb, &first, &error) != STATUS_OK) {
		if (problems == told)
			print_error(error.message);
		return EXIT_ERROR;
	}
	if (first)
		print_error(tr("alerts: the first time all documents are noted, and none is reported"));
	return code;
}

/* One run.  `always`: its last line is written also where nothing was new. */
static int
run(const struct settings *settings, const struct alerts *alerts, bool always)
{
	const struct options *options = settings->options;
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct progress progress;
	struct report report;
	enum status status;
	int code;

	progress_init(&progress, progress_mode(options));
	report_init(&report, &progress, options->json);
	status = job_run(settings, &report, &stop_signal, &error);
	progress_clear(&progress);
	error.code = status;
	if (status == STATUS_OK)
		error.message[0] = '\0'; /* what was asked and answered on the way */
	else
		print_error(error.message[0] != '\0' ? error.message : status_text(status));
	code = exit_code(status, &report);
	code = run_alerts(settings, alerts, code);
	if (!always && status == STATUS_OK && !has_news(&report))
		return code;
	return tell_end(&report, options->dry_run, code, &error);
}

/* Runs whenever files have changed, until a signal: the way it is meant to end. */
static int
watch(const struct settings *settings, const struct alerts *alerts)
{
	struct watch *folders = NULL;
	struct error error;
	enum status status = watch_new(settings, &folders, &error);
	bool always = true;

	while (status == STATUS_OK) {
		if (run(settings, alerts, always) == EXIT_ERROR)
			watch_doubt(folders);
		if (always && !settings->options->json)
			(void)printf(tr_plural("watching %zu folder\n", "watching %zu folders\n", watch_count(folders)),
			    watch_count(folders));
		(void)fflush(stdout);
		always = false;
		status = watch_wait(folders, &stop_signal, &error);
	}
	if (status != STATUS_CANCELLED)
		print_error(error.message);
	watch_free(folders);
	return status == STATUS_CANCELLED ? EXIT_SUCCESS : EXIT_ERROR;
}

static int
read_and_run(const struct options *options)
{
	struct settings settings;
	struct alerts alerts = { .n = 0 };
	struct error error;
	int code;

	if (settings_read(options, &settings, &error) != STATUS_OK ||
	    (settings.alerts != NULL && alerts_read(settings.alerts, &alerts, &error) != STATUS_OK)) {
		print_error(error.message);
		alerts_done(&alerts);
		settings_done(&settings);
		return EXIT_ERROR;
	}
	if (options->check)
		code = check(&settings);
	else if (options->stats)
		code = inspect(&settings, inspect_stats);
	else if (options->verify)
		code = inspect(&settings, inspect_verify);
	else {
		set_signals();
		store_writer_on_terminate(terminate_cb);
		code = options->watch ? watch(&settings, &alerts) : run(&settings, &alerts, true);
	}
	alerts_done(&alerts);
	settings_done(&settings);
	return code;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct error error;

	if (open_standard_streams() != 0)
		return EXIT_ERROR;
	i18n_init();
	log_init("voisin-index", LOG_LEVEL_INFO);
	if (options_parse(argc, argv, &options, &error) != STATUS_OK) {
		print_error(error.message);
		(void)fprintf(stderr, "%s\n", tr("Try: voisin-index --help"));
		return EXIT_ERROR;
	}
	if (options.help)
		return print_text(options_usage());
	if (options.version)
		return print_text("voisin-index " VOISIN_VERSION "\n");
	return read_and_run(&options);
}
