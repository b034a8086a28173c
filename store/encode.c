/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/encode.h"

#include <stdbool.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "store/aside.h"

/* ---- Checking -------------------------------------------------------------------------------- */

/* Well-formed UTF-8 without NUL. */
static enum status
check_text(const char *name, struct str s, struct error *reterr)
{
	size_t valid = utf8_valid_prefix(s);
	const char *nul;

	if (valid < s.len)
		return error_set(reterr, STATUS_INVALID, valid, "invalid UTF-8 in the %s, at byte %zu", name, valid);
	nul = s.len > 0 ? memchr(s.p, '\0', s.len) : NULL;
	if (nul != NULL)
		return error_set(reterr, STATUS_INVALID, (size_t)(nul - s.p),
		    "a NUL byte in the %s, at byte %zu: not a text", name, (size_t)(nul - s.p));
	return STATUS_OK;
}

/* What would break a line, or be unseen in an id. */
static bool
is_control(uint32_t c, bool strict)
{
	if (c < 0x20 || c == 0x7F)
		return true;
	return strict && ((c >= 0x80 && c < 0xA0) || c == 0x2028 || c == 0x2029);
}

/*
 * The same on one line, without control characters.  Those of U+0080 to U+009F, which stand in real
 * titles where Windows-1252 was taken for Latin-1, are refused only if `strict`.
 */
static enum status
check_line(const char *name, struct str s, size_t max, bool strict, struct error *reterr)
{
	enum status status;

	if (s.len > max)
		return error_set(
		    reterr, STATUS_LIMIT, max, "the %s is longer than %zu bytes (it has %zu)", name, max, s.len);
	status = check_text(name, s, reterr);
	if (status != STATUS_OK)
		return status;
	for (size_t off = 0; off < s.len;) {
		size_t at = off;
		uint32_t c = utf8_next(s, &off, NULL);

		if (is_control(c, strict))
			return error_set(reterr, STATUS_INVALID, at,
			    "a control character (U+%04X) in the %s, at byte %zu", (unsigned)c, name, at);
	}
	return STATUS_OK;
}

static bool
read_digits(struct str s, size_t from, size_t n, unsigned *ret_number)
{
	unsigned number = 0;

	for (size_t i = from; i < from + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		number = number * 10 + (unsigned)(s.p[i] - '0');
	}
	*ret_number = number;
	return true;
}

/* "yyyy-mm-dd", a day that the Gregorian calendar has. */
static bool
is_date(struct str s)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year, month, day;
	bool leap;

	if (s.len != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	if (!read_digits(s, 0, 4, &year) || !read_digits(s, 5, 2, &month) || !read_digits(s, 8, 2, &day))
		return false;
	if (year == 0 || month < 1 || month > 12 || day < 1)
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (unsigned)(month == 2 && leap);
}

/* Empty, or a code of ISO 639. */
static bool
is_language(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	return s.len == 0 || s.len == 2 || s.len == 3;
}

static bool
is_blank(struct str s)
{
	for (size_t off = 0; off < s.len;) {
		uint32_t c = utf8_next(s, &off, NULL);

		if (c > ' ' && c != 0xA0 && c != 0x202F && c != 0x3000 && c != 0xFEFF && (c < 0x2000 || c > 0x200B))
			return false;
	}
	return true;
}

/* Everything that is stored, which Xapian takes as one string. */
static enum status
check_size(const struct store_document *document, struct error *reterr)
{
	size_t lines = sizeof("id=\ntitle=\ndate=\nsource=\nurl=\nauthor=\ndated=\nlanguage=\naside=\n\n") - 1;
	size_t room = LIMIT_DOCUMENT_BYTES - lines - document->id.len - document->title.len - document->date.len -
		      document->source.len - document->url.len - document->author.len - document->dated.len -
		      document->language.len - document->aside.len;

	if (document->text.len > room)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the document is longer than %d bytes: its text has %zu", LIMIT_DOCUMENT_BYTES, document->text.len);
	return STATUS_OK;
}

enum status
document_check(const struct store_document *document, struct error *reterr)
{
	enum status status;

	if (document->id.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the id is empty");
	status = check_line("id", document->id, LIMIT_ID_BYTES, true, reterr);
	if (status == STATUS_OK)
		status = check_line("title", document->title, LIMIT_TITLE_BYTES, false, reterr);
	if (status == STATUS_OK)
		status = check_line("source", document->source, LIMIT_TITLE_BYTES, false, reterr);
	if (status == STATUS_OK)
		status = check_line("url", document->url, LIMIT_TITLE_BYTES, false, reterr);
	if (status == STATUS_OK)
		status = check_line("date", document->date, LIMIT_TITLE_BYTES, false, reterr);
	if (status == STATUS_OK)
		status = check_line("author", document->author, LIMIT_TITLE_BYTES, false, reterr);
	if (status != STATUS_OK)
		return status;
	if (document->date.len > 0 && !is_date(document->date))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the date \"%.*s\" is not a day written as yyyy-mm-dd",
		    (int)(document->date.len < 40 ? document->date.len : 40), document->date.p);
	if (!is_language(document->language))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the language \"%.*s\" is not a code of two or three small letters, such as fr",
		    (int)(document->language.len < 40 ? document->language.len : 40), document->language.p);
	status = aside_check(document, reterr);
	if (status == STATUS_OK)
		status = check_size(document, reterr);
	if (status == STATUS_OK)
		status = check_text("text", document->text, reterr);
	if (status == STATUS_OK && is_blank(document->text))
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the text is empty");
	return status;
}

/* ---- The stored form ------------------------------------------------------------------------- */

struct hash
document_hash(const struct store_document *document)
{
	struct hash text = hash_of(document->text);

	return document_hash_by(document, &text);
}

struct hash
document_hash_by(const struct store_document *document, const struct hash *text)
{
	struct hash_state state;
	struct hash hash;

	hash_init(&state);
	hash_field(&state, document->id);
	hash_field(&state, document->title);
	hash_field(&state, document->date);
	hash_field(&state, document->source);
	hash_field(&state, document->url);
	hash_field(&state, document->author);
	hash_field(&state, document->dated);
	hash_field(&state, document->language);
	hash_field(&state, (struct str) { (const char *)text->bytes, HASH_BYTES });
	hash_field(&state, document->aside);
	hash_final(&state, &hash);
	return hash;
}

static void
append_line(struct buf *out, struct str key, struct str value)
{
	(void)buf_append_str(out, key);
	(void)buf_append_str(out, value);
	(void)buf_append_char(out, '\n');
}

enum status
document_encode(const struct store_document *document, struct buf *out)
{
	append_line(out, STR("id="), document->id);
	append_line(out, STR("title="), document->title);
	append_line(out, STR("date="), document->date);
	append_line(out, STR("source="), document->source);
	append_line(out, STR("url="), document->url);
	append_line(out, STR("author="), document->author);
	append_line(out, STR("dated="), document->dated);
	append_line(out, STR("language="), document->language);
	append_line(out, STR("aside="), document->aside);
	(void)buf_append_char(out, '\n');
	(void)buf_append_str(out, document->text);
	return buf_status(out);
}

/* Takes the line "key=value\n" from the front of *rest. */
static bool
take_line(struct str *rest, struct str key, struct str *ret_value)
{
	const char *newline;

	if (!str_has_prefix(*rest, key))
		return false;
	newline = memchr(rest->p + key.len, '\n', rest->len - key.len);
	if (newline == NULL)
		return false;
	ret_value->p = rest->p + key.len;
	ret_value->len = (size_t)(newline - ret_value->p);
	rest->len -= (size_t)(newline + 1 - rest->p);
	rest->p = newline + 1;
	return true;
}

enum status
document_decode(struct str data, struct store_document *ret_document, struct error *reterr)
{
	struct store_document document;

	if (!take_line(&data, STR("id="), &document.id) || !take_line(&data, STR("title="), &document.title) ||
	    !take_line(&data, STR("date="), &document.date) || !take_line(&data, STR("source="), &document.source) ||
	    !take_line(&data, STR("url="), &document.url) || !take_line(&data, STR("author="), &document.author) ||
	    !take_line(&data, STR("dated="), &document.dated) ||
	    !take_line(&data, STR("language="), &document.language) ||
	    !take_line(&data, STR("aside="), &document.aside) || !str_has_prefix(data, STR("\n")))
		return error_set(
		    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is damaged: no document is stored here");
	document.text = (struct str) { data.p + 1, data.len - 1 };
	*ret_document = document;
	return STATUS_OK;
}
