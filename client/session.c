/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/i18n.h"

enum {
	OUT_BYTES = 16 * 1024 * 1024,
	FLUSH_BYTES = 32 * 1024,
	MESSAGE_BYTES = 1024,
	QUERY_INDENT = 2,
	TOKEN_FILE_BYTES = 4096
};

void
session_init(struct session *session, const struct options *options)
{
	*session = (struct session) {
		.options = options,
		.screen = screen_of(STDOUT_FILENO, options->color),
	};
	buf_init(&session->out, OUT_BYTES);
}

void
session_done(struct session *session)
{
	voisin_close(session->voisin);
	buf_done(&session->out);
}

/* The first line of a file, or of the one that the environment names; nothing where neither is there. */
static enum voisin_status
read_token(const char *path, struct buf *token, struct voisin_error *reterr)
{
	struct error why;

	if (path == NULL)
		path = getenv("VOISIN_TOKEN_FILE");
	if (path == NULL || path[0] == '\0')
		return VOISIN_OK;
	if (file_read(path, token, &why) != STATUS_OK) {
		*reterr = (struct voisin_error) { .status = VOISIN_INVALID };
		(void)snprintf(reterr->message, sizeof(reterr->message), "%s", why.message);
		return VOISIN_INVALID;
	}
	if (token->len > 0)
		token->len = strcspn(token->data, "\r\n");
	if (token->len > 0)
		token->data[token->len] = '\0';
	return VOISIN_OK;
}

enum voisin_status
session_connect(struct session *session, struct voisin_error *reterr)
{
	const char *server = session->options->server;
	struct voisin_security security = { .ca_file = session->options->ca_file };
	enum voisin_status status;
	struct buf token;

	if (server == NULL)
		server = getenv("VOISIN_SERVER");
	if (server != NULL && server[0] == '\0' && session->options->server == NULL)
		server = NULL;
	buf_init(&token, TOKEN_FILE_BYTES);
	status = read_token(session->options->token_file, &token, reterr);
	if (status == VOISIN_OK && token.len > 0)
		security.token = token.data;
	if (status == VOISIN_OK)
		status = voisin_open_secure(server, &security, session->options->timeout_ms, &session->voisin, reterr);
	buf_done(&token);
	if (status == VOISIN_OK)
		status = voisin_set_language(session->voisin, i18n_name(i18n_language()), reterr);
	return status;
}

bool
session_finish(struct session *session)
{
	struct error error;

	if (session->broken)
		return false;
	if (buf_status(&session->out) != STATUS_OK) {
		complain("out of memory");
		session->broken = true;
		return false;
	}
	if (fd_write_all(STDOUT_FILENO, buf_str(&session->out), &error) != STATUS_OK) {
		if (errno != EPIPE)
			complain("%s", error.message);
		session->broken = true;
		return false;
	}
	buf_reset(&session->out);
	return true;
}

bool
session_flush(struct session *session)
{
	if (session->out.len < FLUSH_BYTES && buf_status(&session->out) == STATUS_OK)
		return !session->broken;
	return session_finish(session);
}

void
complain(const char *format, ...)
{
	char message[MESSAGE_BYTES];
	struct buf line;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), tr(format), args);
	va_end(args);
	buf_init(&line, 12 * MESSAGE_BYTES);
	(void)buf_append_str(&line, STR("voisin: "));
	(void)screen_append(&line, str_of(message));
	(void)buf_append_char(&line, '\n');
	(void)!fd_write_all(STDERR_FILENO, buf_str(&line), NULL);
	buf_done(&line);
}

static void
append_blanks(struct buf *out, size_t count)
{
	while (count-- > 0)
		(void)buf_append_char(out, ' ');
}

/*
 * The query and, below the character at fault, a caret.  Of a query that is wider than the screen,
 * the part around that character.
 */
static void
show_place(const struct session *session, size_t offset)
{
	struct screen screen = screen_of(STDERR_FILENO, session->options->color);
	struct str query = buf_str(&session->options->query), before = query, after;
	size_t room = screen.width - QUERY_INDENT - 1, columns;
	struct buf lines;

	before.len = offset < query.len ? offset : query.len;
	columns = screen_columns(query) > room ? room * 2 / 3 : room;
	after = (struct str) { query.p + before.len, query.len - before.len };
	before.p += screen_cut(before, columns, true);
	before.len = (size_t)(after.p - before.p);
	after.len = screen_cut(after, room - screen_columns(before), false);
	buf_init(&lines, OUT_BYTES);
	append_blanks(&lines, QUERY_INDENT);
	columns = screen_append(&lines, before);
	(void)screen_append(&lines, after);
	(void)buf_append_char(&lines, '\n');
	append_blanks(&lines, QUERY_INDENT + columns);
	if (screen.color)
		screen_begin(&screen, &lines, STYLE_ERROR);
	(void)buf_append_char(&lines, '^');
	if (screen.color)
		screen_end(&screen, &lines, STYLE_ERROR);
	(void)buf_append_char(&lines, '\n');
	(void)!fd_write_all(STDERR_FILENO, buf_str(&lines), NULL);
	buf_done(&lines);
}

int
session_fail(struct session *session, const struct voisin_error *error)
{
	/* What was found before the failure is shown before it. */
	(void)session_finish(session);
	if (error->has_place) {
		complain("the query is refused at column %zu: %s", error->column, error->message);
		show_place(session, error->offset);
	} else if (error->retry_after_ms > 0)
		complain("%s; try again in %u ms", error->message, error->retry_after_ms);
	else
		complain("%s", error->message);
	return EXIT_ERROR;
}

struct voisin_search
session_search(const struct session *session)
{
	const struct options *options = session->options;
	struct voisin_search search;

	voisin_search_init(&search, buf_str(&options->query).p);
	search.any = options->any;
	search.no_variants = options->no_variants;
	search.boilerplate = options->boilerplate;
	search.accents = options->accents;
	search.sort = options->sort;
	search.fold = options->fold;
	search.limit = options->limit;
	search.offset = options->offset;
	search.passages = options->passages;
	search.cursor = options->all ? "" : NULL;
	return search;
}
