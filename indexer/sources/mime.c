/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/mime.h"

#include <stdint.h>
#include <stdio.h>
#include <strings.h>

#include "indexer/sources/charset.h"
#include "indexer/sources/reading.h"

enum { CHARSET_BYTES = 32 };

bool
mime_is(struct str a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.p, b, a.len) == 0;
}

/* ---- Headers --------------------------------------------------------------------------------- */

static struct str
without_return(struct str line)
{
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

struct str
mime_take_headers(struct str *rest)
{
	struct str headers = { rest->p, 0 };

	while (rest->len > 0) {
		struct str line = without_return(text_take_line(rest));

		if (line.len == 0)
			break;
		headers.len = (size_t)(rest->p - headers.p);
	}
	return headers;
}

static bool
is_header(struct str line, const char *name)
{
	size_t len = strlen(name);

	return line.len > len && line.p[len] == ':' && strncasecmp(line.p, name, len) == 0;
}

struct str
mime_header(struct str headers, const char *name, struct arena *arena)
{
	while (headers.len > 0) {
		struct str line = text_take_line(&headers);
		const char *start;
		char *value;
		size_t len;

		if (!is_header(line, name))
			continue;
		start = line.p + strlen(name) + 1;
		/* Lines that begin with a blank go on with this one. */
		while (headers.len > 0 && (headers.p[0] == ' ' || headers.p[0] == '\t'))
			line = text_take_line(&headers);
		len = (size_t)(line.p + line.len - start);
		value = arena_strdup(arena, (struct str) { start, len });
		if (value == NULL)
			return (struct str) { NULL, 0 };
		for (size_t i = 0; i < len; i++) {
			if (value[i] == '\n' || value[i] == '\r' || value[i] == '\t')
				value[i] = ' ';
		}
		return text_trim((struct str) { value, len });
	}
	return (struct str) { "", 0 };
}

struct str
mime_type(struct str value, struct arena *arena)
{
	size_t len = 0;
	char *type;

	while (len < value.len && value.p[len] != ';' && value.p[len] != ' ')
		len++;
	type = arena_strdup(arena, (struct str) { value.p, len });
	for (size_t i = 0; type != NULL && i < len; i++)
		type[i] = (char)(type[i] >= 'A' && type[i] <= 'Z' ? type[i] + 0x20 : type[i]);
	return (struct str) { type != NULL ? type : "", type != NULL ? len : 0 };
}

/* The value at *off, quoted or not, and *off behind it. */
static struct str
take_value(struct str s, size_t *off, struct arena *arena)
{
	char *value = arena_alloc(arena, s.len + 1);
	size_t len = 0;
	bool quoted = *off < s.len && s.p[*off] == '"';

	if (quoted)
		++*off;
	for (; *off < s.len; ++*off) {
		char c = s.p[*off];

		if (quoted ? c == '"' : c == ';' || c == ' ')
			break;
		if (quoted && c == '\\' && *off + 1 < s.len)
			c = s.p[++*off];
		if (value != NULL)
			value[len++] = c;
	}
	while (*off < s.len && s.p[*off] != ';')
		++*off;
	return (struct str) { value != NULL ? value : "", len };
}

struct str
mime_parameter(struct str value, const char *name, struct arena *arena)
{
	size_t off = 0;

	while (off < value.len && value.p[off] != ';')
		off++;
	while (off < value.len) {
		struct str key, found;
		size_t start;

		while (off < value.len && (value.p[off] == ';' || value.p[off] == ' '))
			off++;
		start = off;
		while (off < value.len && value.p[off] != '=' && value.p[off] != ';')
			off++;
		key = text_trim((struct str) { value.p + start, off - start });
		if (off >= value.len || value.p[off] == ';')
			continue;
		for (off++; off < value.len && value.p[off] == ' ';)
			off++;
		found = take_value(value, &off, arena);
		if (mime_is(key, name))
			return found;
	}
	return (struct str) { "", 0 };
}

/* ---- Bodies ---------------------------------------------------------------------------------- */

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

/* What is no digit is passed over, as RFC 2045 asks. */
static void
decode_base64(struct str body, struct buf *out)
{
	uint32_t bits = 0;
	unsigned n = 0;

	for (size_t i = 0; i < body.len && body.p[i] != '='; i++) {
		int digit = base64_digit(body.p[i]);

		if (digit < 0)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		n += 6;
		if (n >= 8) {
			n -= 8;
			(void)buf_append_char(out, (char)(bits >> n & 0xFF));
		}
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `word`: of a header, where an underscore is a blank and no line breaks. */
static void
decode_quoted(struct str body, bool word, struct buf *out)
{
	for (size_t i = 0; i < body.len; i++) {
		char c = body.p[i];

		if (c == '=' && i + 2 < body.len && hex_digit(body.p[i + 1]) >= 0 && hex_digit(body.p[i + 2]) >= 0) {
			c = (char)(hex_digit(body.p[i + 1]) << 4 | hex_digit(body.p[i + 2]));
			i += 2;
		} else if (c == '=' && i + 1 < body.len && body.p[i + 1] == '\n') {
			i++;
			continue;
		} else if (c == '=' && i + 2 < body.len && body.p[i + 1] == '\r' && body.p[i + 2] == '\n') {
			i += 2;
			continue;
		} else if (c == '_' && word)
			c = ' ';
		(void)buf_append_char(out, c);
	}
}

enum status
mime_decode(struct str body, struct str encoding, struct buf *out)
{
	if (mime_is(encoding, "base64"))
		decode_base64(body, out);
	else if (mime_is(encoding, "quoted-printable"))
		decode_quoted(body, false, out);
	else
		(void)buf_append_str(out, body);
	return buf_status(out);
}

/* ---- Encoded words --------------------------------------------------------------------------- */

struct word {
	char charset[CHARSET_BYTES];
	char encoding; /* 'q' or 'b' */
	struct str text;
};

/* The encoded word that begins at `off`: "=?charset?q?text?=", and where it ends; false for none. */
static bool
word_at(struct str s, size_t off, struct word *ret_word, size_t *ret_end)
{
	size_t at = off + 2, len = 0;
	const char *end;

	if (at >= s.len || s.p[off] != '=' || s.p[off + 1] != '?')
		return false;
	for (; at < s.len && s.p[at] != '?' && s.p[at] != '*' && len + 1 < CHARSET_BYTES; at++)
		ret_word->charset[len++] = s.p[at];
	ret_word->charset[len] = '\0';
	while (at < s.len && s.p[at] != '?')
		at++;
	if (at + 3 >= s.len || s.p[at + 2] != '?')
		return false;
	ret_word->encoding = (char)(s.p[at + 1] | 0x20);
	if (ret_word->encoding != 'q' && ret_word->encoding != 'b')
		return false;
	at += 3;
	end = memmem(s.p + at, s.len - at, "?=", 2);
	if (end == NULL)
		return false;
	ret_word->text = (struct str) { s.p + at, (size_t)(end - s.p) - at };
	*ret_end = (size_t)(end - s.p) + 2;
	return true;
}

static enum status
append_word(const struct word *word, struct buf *out)
{
	struct charset_result result;
	struct buf bytes;
	enum status status;

	buf_init(&bytes, word->text.len + 1);
	if (word->encoding == 'q')
		decode_quoted(word->text, true, &bytes);
	else
		decode_base64(word->text, &bytes);
	status = buf_status(&bytes);
	if (status == STATUS_OK)
		status = charset_to_utf8(buf_str(&bytes), word->charset, out, &result);
	buf_done(&bytes);
	return status;
}

enum status
mime_words(struct str value, struct buf *out)
{
	enum status status = STATUS_OK;
	struct charset_result result;
	struct word word;
	size_t end = 0;

	for (size_t off = 0; status == STATUS_OK && off < value.len; off = end) {
		size_t start = off;

		while (off < value.len && !word_at(value, off, &word, &end))
			off++;
		/* Blanks between two encoded words are none. */
		if (off > start && (start == 0 || off == value.len ||
				       text_trim((struct str) { value.p + start, off - start }).len > 0))
			status = charset_to_utf8((struct str) { value.p + start, off - start }, NULL, out, &result);
		if (off == value.len)
			break;
		if (status == STATUS_OK)
			status = append_word(&word, out);
	}
	return status;
}
