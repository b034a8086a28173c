/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * voisin: asks a Voisin daemon and shows its answers.
 *
 *	voisin cessez-le-feu NEAR Alep
 *
 * Everything that has to do with the wire is libvoisin's (voisin.h); here are options and forms.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/i18n.h"
#include "client/show.h"
#include "protocol/protocol.h"

/*
 * Started with a standard descriptor closed, the next open or socket would take its number, and what
 * is meant for people would go there.  The stand-ins fail (0, 1) or swallow (2) what is written.
 */
static void
occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1)
			(void)!open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
	}
}

static int
show_search(struct session *session)
{
	switch (session->options->format) {
	case FORMAT_IDS: return show_ids(session);
	case FORMAT_JSON: return show_json(session);
	case FORMAT_KWIC: return show_kwic(session);
	case FORMAT_COUNT: return show_count(session);
	case FORMAT_TEXT: break;
	}
	return show_hits(session);
}

static int
ask(struct session *session)
{
	struct voisin_error error;

	if (session_connect(session, &error) != VOISIN_OK)
		return session_fail(session, &error);
	switch (session->options->action) {
	case ACTION_EXPLAIN: return show_explain(session);
	case ACTION_SUGGEST: return show_suggest(session);
	case ACTION_DOCUMENT: return show_document(session);
	case ACTION_REPRINTS: return show_reprints(session);
	case ACTION_STATS: return show_stats(session);
	case ACTION_PING: return show_ping(session);
	default: return show_search(session);
	}
}

static int
run(struct session *session)
{
	switch (session->options->action) {
	case ACTION_HELP: options_help(&session->out); return EXIT_HITS;
	case ACTION_VERSION:
		(void)buf_printf(&session->out, "voisin %s (protocol %d)\n", VOISIN_VERSION, PROTOCOL_VERSION);
		return EXIT_HITS;
	default: return ask(session);
	}
}

int
main(int argc, char **argv)
{
	struct options options;
	struct session session;
	struct error error;
	int end;

	occupy_standard_descriptors();
	i18n_init();
	/* A closed pipe is an error of writing, which says so by the exit status. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (options_read(argc, argv, &options, &error) != STATUS_OK) {
		complain("%s", error.message);
		options_done(&options);
		return EXIT_ERROR;
	}
	session_init(&session, &options);
	end = run(&session);
	if (!session_finish(&session))
		end = EXIT_ERROR;
	session_done(&session);
	options_done(&options);
	return end;
}
