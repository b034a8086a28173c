/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/source.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/utf8.h"

/* ---- Taking a text apart --------------------------------------------------------------------- */

static bool
is_blank_char(uint32_t c)
{
	return c <= ' ' || c == 0xA0 || c == 0x202F || c == 0x3000 || c == 0xFEFF || (c >= 0x2000 && c <= 0x200B);
}

static bool
is_blank(struct str s)
{
	for (size_t off = 0; off < s.len;)
		if (!is_blank_char(utf8_next(s, &off, NULL)))
			return false;
	return true;
}

static struct str
trim(struct str s)
{
	size_t end = 0;
	size_t start = s.len;

	for (size_t off = 0; off < s.len;) {
		size_t from = off;

		if (is_blank_char(utf8_next(s, &off, NULL)))
			continue;
		if (start == s.len)
			start = from;
		end = off;
	}
	return end > start ? (struct str) { s.p + start, end - start } : (struct str) { s.p, 0 };
}

/* The line that `s` begins with, without its end; and what is behind it. */
static struct str
first_line(struct str s, struct str *ret_rest)
{
	const char *newline = s.len > 0 ? memchr(s.p, '\n', s.len) : NULL;
	size_t len = newline != NULL ? (size_t)(newline - s.p) : s.len;
	size_t taken = newline != NULL ? len + 1 : len;

	*ret_rest = (struct str) { s.p + taken, s.len - taken };
	return (struct str) { s.p, len };
}

static struct str
skip_blank_lines(struct str s)
{
	struct str rest = s;

	while (s.len > 0 && is_blank(first_line(s, &rest)))
		s = rest;
	return s;
}

void
source_split_text(struct str contents, struct str *ret_title, struct str *ret_text)
{
	struct str rest;
	struct str title;

	if (str_has_prefix(contents, STR("\xEF\xBB\xBF")))
		contents = (struct str) { contents.p + 3, contents.len - 3 };
	contents = skip_blank_lines(contents);
	title = trim(first_line(contents, &rest));
	rest = skip_blank_lines(rest);
	if (title.len > SOURCE_TITLE_BYTES || rest.len == 0) {
		*ret_title = (struct str) { "", 0 };
		*ret_text = contents;
		return;
	}
	*ret_title = title;
	*ret_text = rest;
}

size_t
source_id_of_name(struct str name, char *out, size_t size)
{
	size_t used = 0;

	for (size_t off = 0; off < name.len;) {
		size_t from = off;
		bool valid;
		uint32_t c = utf8_next(name, &off, &valid);
		bool plain = valid && c >= 0x20 && (c < 0x7F || c > 0x9F) && c != 0x2028 && c != 0x2029;

		for (size_t i = from; i < off; i++) {
			char piece[4] = { name.p[i], '\0' };
			size_t len = 1;

			if (!plain)
				len = (size_t)snprintf(
				    piece, sizeof(piece), "%%%02X", (unsigned)(unsigned char)name.p[i]);
			if (used + len <= size)
				memcpy(out + used, piece, len);
			used += len;
		}
	}
	return used;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Appends all of the file.  STATUS_LIMIT where it is longer than `out` may hold. */
static enum status
read_all(int fd, const struct source_events *events, struct buf *out, struct error *reterr)
{
	char chunk[16 * 1024];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot be read");
		if (n == 0)
			return STATUS_OK;
		events->read_cb(events->arg, (size_t)n);
		if (buf_append(out, chunk, (size_t)n) != STATUS_OK)
			return error_set(reterr, buf_status(out), ERROR_NO_OFFSET, "%s",
			    buf_status(out) == STATUS_LIMIT ? tr("it is longer than 16777216 bytes")
							    : status_text(buf_status(out)));
	}
}

/* Why a text is not UTF-8, where its first bytes tell. */
static const char *
encoding_hint(struct str contents)
{
	if (str_has_prefix(contents, STR("\xFF\xFE")) || str_has_prefix(contents, STR("\xFE\xFF")))
		return tr(" (it looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8)");
	if (str_has_prefix(contents, STR("%PDF-")) ||
	    str_has_prefix(contents, STR("\x7F"
					 "ELF")) ||
	    str_has_prefix(contents, STR("PK\x03\x04")) || str_has_prefix(contents, STR("\x1F\x8B")))
		return tr(" (it is no text)");
	return tr(" (if it is Windows-1252: convert it with iconv -f WINDOWS-1252 -t UTF-8)");
}

/* A title with tabs or form feeds in it is one line all the same. */
static struct str
without_controls(struct str title, char space[SOURCE_TITLE_BYTES])
{
	for (size_t i = 0; i < title.len; i++)
		space[i] = (char)((unsigned char)title.p[i] < 0x20 || title.p[i] == 0x7F ? ' ' : title.p[i]);
	return (struct str) { space, title.len };
}

static enum status
give_document(struct str contents, struct str name, const struct source_events *events, struct error *reterr)
{
	char id[LIMIT_ID_BYTES + 1];
	char title[SOURCE_TITLE_BYTES];
	struct store_document document = { .date = STR(""), .source = STR(""), .url = STR("") };
	size_t valid = utf8_valid_prefix(contents);
	struct error why;

	if (valid < contents.len) {
		(void)error_set(
		    &why, STATUS_INVALID, valid, "invalid UTF-8 at byte %zu%s", valid, encoding_hint(contents));
		events->refused_cb(events->arg, 0, why.message);
		return STATUS_OK;
	}
	document.id = (struct str) { id, source_id_of_name(name, id, sizeof(id)) };
	if (document.id.len > LIMIT_ID_BYTES) {
		(void)error_set(&why, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "its name, which is its id, is longer than %d bytes (it has %zu)", LIMIT_ID_BYTES, document.id.len);
		events->refused_cb(events->arg, 0, why.message);
		return STATUS_OK;
	}
	source_split_text(contents, &document.title, &document.text);
	document.title = without_controls(document.title, title);
	return events->document_cb(events->arg, &document, 0, reterr);
}

enum status
source_read_text(
    int fd, struct str name, const struct source_events *events, struct hash *ret_content, struct error *reterr)
{
	struct buf contents;
	struct error why;
	enum status status;

	buf_init(&contents, LIMIT_DOCUMENT_BYTES);
	status = read_all(fd, events, &contents, &why);
	if (status == STATUS_OK) {
		*ret_content = hash_of(buf_str(&contents));
		status = give_document(buf_str(&contents), name, events, reterr);
	} else if (status == STATUS_LIMIT || status == STATUS_IO) {
		events->refused_cb(events->arg, 0, why.message);
		status = STATUS_OK;
	} else
		status = error_set(reterr, status, ERROR_NO_OFFSET, "%s", why.message);
	buf_done(&contents);
	return status;
}
