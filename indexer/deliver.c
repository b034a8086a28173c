/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "indexer/errand.h"

enum {
	/* RFC 2047, section 2: an encoded word has at most 75 characters, of which 12 are around its base64. */
	ENCODED_WORD_BYTES = 45,
	MAIL_BYTES = 2 * LIMIT_ALERT_BYTES,
	VARIABLE_BYTES = LIMIT_CONFIG_NAME_BYTES + 32
};

static enum status
check_buf(const struct buf *buf, struct error *reterr)
{
	enum status status = buf_status(buf);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "the hits: %s", status_text(status));
	return STATUS_OK;
}

/* ---- A hit as a line ------------------------------------------------------------------------- */

static json_t *
passages_json(const struct search_hit *hit)
{
	json_t *passages = json_array();

	for (uint32_t i = 0; i < hit->n_passages; i++) {
		const struct search_passage *passage = &hit->passages[i];
		struct buf text;

		buf_init(&text, LIMIT_SNIPPET_BYTES);
		for (uint32_t s = 0; s < passage->n_segments; s++)
			(void)buf_append_str(&text, passage->segments[s].text);
		if (buf_status(&text) == STATUS_OK && text.len > 0)
			(void)json_array_append_new(passages, json_stringn(text.data, text.len));
		buf_done(&text);
	}
	return passages;
}

enum status
deliver_line(struct buf *out, const struct alert *alert, const struct search_hit *hit, struct error *reterr)
{
	const struct store_document *document = &hit->document;
	json_t *line = json_pack("{s:s%, s:s%, s:s%, s:s%, s:s%, s:s%, s:o}", "alert", alert->name.p, alert->name.len,
	    "id", document->id.p, document->id.len, "title", document->title.p, document->title.len, "date",
	    document->date.p, document->date.len, "source", document->source.p, document->source.len, "url",
	    document->url.p, document->url.len, "passages", passages_json(hit));
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (text == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	(void)buf_append_str(out, str_of(text));
	(void)buf_append_char(out, '\n');
	free(text);
	return check_buf(out, reterr);
}

/* ---- To a file ------------------------------------------------------------------------------- */

static enum status
append_to(int fd, const char *path, struct str lines, struct error *reterr)
{
	enum status status = fd_write_all(fd, lines, reterr);

	if (status == STATUS_OK && fsync(fd) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot sync %s", path);
	return status;
}

/* What cannot be delivered or noted as a whole is taken back, so that the next attempt delivers it once. */
static void
take_back(const struct alert *alert, off_t length, struct alert_state *state)
{
	if (truncate(alert->target, length) == 0 && alert_state_end_file(state, NULL) == STATUS_OK)
		return;
	/* `pending` stays, and with it what to do: the next run reads it first. */
	state->is_stuck = true;
}

static enum status
to_file(const struct alert *alert, struct str lines, const struct alert_pairs *reports, struct alert_state *state,
    struct error *reterr)
{
	int fd = open(alert->target, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
	struct stat st;
	enum status status;

	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot open %s", alert->target);
	if (state->is_stuck) {
		(void)close(fd);
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET,
		    "a file of hits could not be put right; the next run tries again");
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s is not a regular file", alert->target);
	else
		status = alert_state_begin_file(state, alert->name, alert->target, (uint64_t)st.st_size, reterr);
	if (status != STATUS_OK) {
		(void)close(fd);
		return status;
	}
	status = append_to(fd, alert->target, lines, reterr);
	if (status == STATUS_OK)
		status = alert_state_report(state, reports->v, reports->n, reterr);
	(void)close(fd);
	if (status == STATUS_OK)
		return alert_state_end_file(state, reterr);
	take_back(alert, st.st_size, state);
	return status;
}

static enum status
to_stdout(struct str lines, struct error *reterr)
{
	if (fwrite(lines.p, 1, lines.len, stdout) != lines.len || fflush(stdout) != 0)
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "standard output cannot be written");
	return STATUS_OK;
}

/* ---- By mail --------------------------------------------------------------------------------- */

static void
append_base64(struct buf *out, struct str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.len; i += 3) {
		unsigned char b[3] = { (unsigned char)s.p[i], 0, 0 };
		size_t n = s.len - i < 3 ? s.len - i : 3;

		for (size_t k = 1; k < n; k++)
			b[k] = (unsigned char)s.p[i + k];
		(void)buf_append_char(out, digits[b[0] >> 2]);
		(void)buf_append_char(out, digits[(b[0] & 3) << 4 | b[1] >> 4]);
		(void)buf_append_char(out, n > 1 ? digits[(b[1] & 15) << 2 | b[2] >> 6] : '=');
		(void)buf_append_char(out, n > 2 ? digits[b[2] & 63] : '=');
	}
}

/* A header's text as encoded words (RFC 2047), cut between characters. */
static void
append_header_text(struct buf *out, struct str s)
{
	while (s.len > 0) {
		size_t len = 0;

		while (len < s.len) {
			size_t next = len;

			(void)utf8_next(s, &next, NULL);
			if (next > ENCODED_WORD_BYTES)
				break;
			len = next;
		}
		(void)buf_append_str(out, STR("=?UTF-8?B?"));
		append_base64(out, (struct str) { s.p, len });
		(void)buf_append_str(out, STR("?="));
		s = (struct str) { s.p + len, s.len - len };
		if (s.len > 0)
			(void)buf_append_str(out, STR("\n "));
	}
}

static void
append_member(struct buf *out, const json_t *line, const char *key, const char *after)
{
	const json_t *value = json_object_get(line, key);

	if (json_string_length(value) == 0)
		return;
	(void)buf_append(out, json_string_value(value), json_string_length(value));
	(void)buf_append_str(out, str_of(after));
}

/* One hit for people: title, date and source, where it is, passages. */
static void
append_hit(struct buf *out, const json_t *line)
{
	size_t i;
	json_t *passage;

	append_member(out, line, "title", "\n");
	append_member(out, line, "date", " ");
	append_member(out, line, "source", " ");
	append_member(out, line, "id", "\n");
	append_member(out, line, "url", "\n");
	json_array_foreach(json_object_get(line, "passages"), i, passage)
	{
		(void)buf_append_str(out, STR("  "));
		(void)buf_append(out, json_string_value(passage), json_string_length(passage));
		(void)buf_append_char(out, '\n');
	}
	(void)buf_append_char(out, '\n');
}

static void
append_hits(struct buf *out, struct str lines)
{
	const char *newline;

	while (lines.len > 0 && (newline = memchr(lines.p, '\n', lines.len)) != NULL) {
		size_t len = (size_t)(newline - lines.p);
		json_t *line = json_loadb(lines.p, len, 0, NULL);

		append_hit(out, line);
		json_decref(line);
		lines = (struct str) { lines.p + len + 1, lines.len - len - 1 };
	}
}

static enum status
by_mail(const struct alerts *alerts, const struct alert *alert, struct str lines, struct error *reterr)
{
	const char *const words[] = { alerts->sendmail, "-t", "-i", NULL };
	struct buf mail;
	enum status status;

	buf_init(&mail, MAIL_BYTES);
	(void)buf_printf(&mail, "To: %s\nSubject: ", alert->target);
	append_header_text(&mail, alert->name);
	(void)buf_append_str(&mail, STR("\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
					"Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n"));
	(void)buf_append_str(&mail, alert->query);
	(void)buf_append_str(&mail, STR("\n\n"));
	append_hits(&mail, lines);
	status = check_buf(&mail, reterr);
	if (status == STATUS_OK)
		status = errand_run(words, NULL, buf_str(&mail), reterr);
	buf_done(&mail);
	return status;
}

static enum status
to_command(const struct alert *alert, struct str lines, struct error *reterr)
{
	char variable[VARIABLE_BYTES];

	(void)snprintf(variable, sizeof(variable), "VOISIN_ALERT=%.*s", STR_FMT(alert->name));
	return errand_run(alert->words, variable, lines, reterr);
}

enum status
deliver_lines(const struct alerts *alerts, const struct alert *alert, struct str lines,
    const struct alert_pairs *reports, struct alert_state *state, struct error *reterr)
{
	enum status status = STATUS_OK;

	switch (alert->way) {
	case ALERT_FILE: return to_file(alert, lines, reports, state, reterr);
	case ALERT_STDOUT: status = to_stdout(lines, reterr); break;
	case ALERT_MAIL: status = by_mail(alerts, alert, lines, reterr); break;
	case ALERT_COMMAND: status = to_command(alert, lines, reterr); break;
	}
	return status == STATUS_OK ? alert_state_report(state, reports->v, reports->n, reterr) : status;
}
