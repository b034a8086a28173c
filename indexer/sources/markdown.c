/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * markdown: the text of a Markdown file (CommonMark), and the fields of its front matter, in YAML between lines of
 * "---" or TOML between lines of "+++".
 *
 * Only marks are taken off, a line at a time: what somebody wrote stays, code and tables too.
 */
#include <stdlib.h>
#include <strings.h>

#include "base/limits.h"
#include "indexer/sources/reading.h"

static const struct {
	const char *key;
	size_t offset;
} keys[] = {
	{ "title", offsetof(struct article, title) },
	{ "titre", offsetof(struct article, title) },
	{ "date", offsetof(struct article, date) },
	{ "author", offsetof(struct article, author) },
	{ "authors", offsetof(struct article, author) },
	{ "auteur", offsetof(struct article, author) },
	{ "source", offsetof(struct article, source) },
	{ "publication", offsetof(struct article, source) },
	{ "url", offsetof(struct article, url) },
	{ "canonical_url", offsetof(struct article, url) },
	{ "lang", offsetof(struct article, language) },
	{ "language", offsetof(struct article, language) },
	{ "langue", offsetof(struct article, language) },
};

/* ---- Front matter ---------------------------------------------------------------------------- */

/* Without quotes or brackets around it. */
static struct str
bare_value(struct str value)
{
	value = text_trim(value);
	while (value.len >= 2 && ((value.p[0] == '"' && value.p[value.len - 1] == '"') ||
				     (value.p[0] == '\'' && value.p[value.len - 1] == '\'') ||
				     (value.p[0] == '[' && value.p[value.len - 1] == ']')))
		value = text_trim((struct str) { value.p + 1, value.len - 2 });
	return value;
}

static void
take_field(struct str line, char sign, struct article *article)
{
	const char *at = line.len > 0 ? memchr(line.p, sign, line.len) : NULL;
	struct str key, value;

	if (at == NULL || line.p[0] == ' ' || line.p[0] == '\t')
		return;
	key = text_trim((struct str) { line.p, (size_t)(at - line.p) });
	value = bare_value((struct str) { at + 1, line.len - (size_t)(at + 1 - line.p) });
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key.len == strlen(keys[i].key) && strncasecmp(key.p, keys[i].key, key.len) == 0 && value.len > 0)
			*(struct str *)(void *)((char *)article + keys[i].offset) = value;
	}
}

/* Takes the front matter off; without its closing line there is none. */
static void
take_front_matter(struct str *text, struct article *article)
{
	struct str rest = *text, behind, line;
	struct str fence = text_trim(text_take_line(&rest));
	bool yaml = str_eq(fence, STR("---"));

	if (!yaml && !str_eq(fence, STR("+++")))
		return;
	for (behind = rest; behind.len > 0;) {
		line = text_trim(text_take_line(&behind));
		if (str_eq(line, fence) || (yaml && str_eq(line, STR("..."))))
			break;
		if (behind.len == 0)
			return;
	}
	while (rest.p != behind.p) {
		line = text_take_line(&rest);
		take_field(line, yaml ? ':' : '=', article);
	}
	*text = behind;
}

/* ---- Marks inside a line --------------------------------------------------------------------- */

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* The end of "](url)" or "][id]" whose "]" is at `at`; `at` + 1 where neither follows. */
static size_t
end_of_link(struct str line, size_t at)
{
	char close = '\0';

	if (at + 1 < line.len && line.p[at + 1] == '(')
		close = ')';
	else if (at + 1 < line.len && line.p[at + 1] == '[')
		close = ']';
	for (size_t i = at + 2; close != '\0' && i < line.len; i++) {
		if (line.p[i] == close)
			return i + 1;
	}
	return at + 1;
}

/* The end of an inline tag, comment or <address> that begins at `at`; `at` where none does. */
static size_t
end_of_tag(struct str line, size_t at)
{
	char next = at + 1 < line.len ? line.p[at + 1] : ' ';
	const char *end;

	if (next != '/' && next != '!' && !(next >= 'a' && next <= 'z') && !(next >= 'A' && next <= 'Z'))
		return at;
	end = memchr(line.p + at, '>', line.len - at);
	return end != NULL ? (size_t)(end - line.p) + 1 : at;
}

/* Stars and tildes are marks where they touch a word on one side alone; underscores only at the border of a word. */
static bool
is_emphasis(struct str line, size_t at, size_t end)
{
	char before = at > 0 ? line.p[at - 1] : ' ';
	char after = end < line.len ? line.p[end] : ' ';

	if (line.p[at] == '_')
		return is_word_byte(before) != is_word_byte(after);
	if (line.p[at] == '~' && end - at != 2)
		return false;
	return !(before == ' ' && after == ' ');
}

/* How many bytes at `at` are a mark, and not to be copied; 0 for none. */
static size_t
mark_at(struct str line, size_t at)
{
	size_t end = at;

	switch (line.p[at]) {
	case '*':
	case '_':
	case '~':
		while (end < line.len && line.p[end] == line.p[at])
			end++;
		return is_emphasis(line, at, end) ? end - at : 0;
	case '`': return 1;
	case '!': return at + 1 < line.len && line.p[at + 1] == '[';
	case '<': return end_of_tag(line, at) - at;
	default: return 0;
	}
}

/* "[^1]" refers to a note. */
static size_t
note_at(struct str line, size_t at)
{
	const char *end;

	if (at + 1 >= line.len || line.p[at + 1] != '^')
		return 0;
	end = memchr(line.p + at, ']', line.len - at);
	return end != NULL ? (size_t)(end - line.p) + 1 - at : 0;
}

static void
append_inline(struct str line, struct buf *out)
{
	unsigned open = 0;

	for (size_t at = 0; at < line.len;) {
		size_t marks = mark_at(line, at);
		char c = line.p[at];

		if (c == '\\' && at + 1 < line.len && strchr("\\`*_{}[]()#+-.!~<>|", line.p[at + 1]) != NULL) {
			(void)buf_append_char(out, line.p[at + 1]);
			at += 2;
		} else if (marks > 0) {
			at += marks;
		} else if (c == '[' && note_at(line, at) > 0) {
			at += note_at(line, at);
		} else if (c == '[' && memchr(line.p + at, ']', line.len - at) != NULL) {
			open++;
			at++;
		} else if (c == ']' && open > 0) {
			size_t end = end_of_link(line, at);

			open--;
			at = end;
		} else {
			(void)buf_append_char(out, c);
			at++;
		}
	}
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* Whether a line is nothing but one of `signs`, three at least, and blanks: a rule, a fence, an underline. */
static bool
is_only(struct str line, const char *signs)
{
	size_t n = 0;

	line = text_trim(line);
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] != ' ' && strchr(signs, line.p[i]) == NULL)
			return false;
		n += line.p[i] != ' ';
	}
	return n >= 3;
}

static struct str
without_front(struct str line, size_t n)
{
	line = (struct str) { line.p + n, line.len - n };
	return text_trim(line);
}

/* "1. ", "12) ", "- ", "* ", "+ ": the length of the mark of a list's item. */
static size_t
item_mark(struct str line)
{
	size_t digits = 0;

	if (line.len >= 2 && strchr("-*+", line.p[0]) != NULL && line.p[1] == ' ')
		return 2;
	while (digits < line.len && digits < 9 && line.p[digits] >= '0' && line.p[digits] <= '9')
		digits++;
	if (digits > 0 && digits + 1 < line.len && (line.p[digits] == '.' || line.p[digits] == ')') &&
	    line.p[digits + 1] == ' ')
		return digits + 2;
	return 0;
}

static size_t
heading_mark(struct str line)
{
	size_t n = 0;

	while (n < line.len && n < 6 && line.p[n] == '#')
		n++;
	return n > 0 && (n == line.len || line.p[n] == ' ') ? n : 0;
}

/* "[id]: https://..." is where a link leads, and no text. */
static bool
is_definition(struct str line)
{
	const char *end = line.len > 0 && line.p[0] == '[' ? memchr(line.p, ']', line.len) : NULL;

	return end != NULL && (size_t)(end - line.p) + 1 < line.len && end[1] == ':' && line.p[1] != '^';
}

struct writer {
	struct buf *out;
	bool in_code;
};

/* Cells of a table are parted by a blank. */
static void
append_row(struct str line, struct buf *out)
{
	while (line.len > 0) {
		const char *bar = memchr(line.p, '|', line.len);
		struct str cell = { line.p, bar != NULL ? (size_t)(bar - line.p) : line.len };

		line.p += cell.len + (bar != NULL);
		line.len -= cell.len + (bar != NULL);
		cell = text_trim(cell);
		append_inline(cell, out);
		if (cell.len > 0 && line.len > 0)
			(void)buf_append_char(out, ' ');
	}
}

static void
append_line(struct writer *writer, struct str raw)
{
	struct str line = text_trim(raw);

	if (str_has_prefix(line, STR("```")) || str_has_prefix(line, STR("~~~"))) {
		writer->in_code = !writer->in_code;
		return;
	}
	if (writer->in_code) {
		(void)buf_append_str(writer->out, raw);
		(void)buf_append_char(writer->out, '\n');
		return;
	}
	while (line.len > 0 && line.p[0] == '>')
		line = without_front(line, 1);
	if (is_only(line, "-") || is_only(line, "=") || is_only(line, "*") || is_only(line, "_") ||
	    is_only(line, "|-:") || is_definition(line))
		return;
	line = without_front(line, item_mark(line));
	line = without_front(line, heading_mark(line));
	if (line.len > 0 && line.p[0] == '|')
		append_row(line, writer->out);
	else
		append_inline(line, writer->out);
	(void)buf_append_char(writer->out, '\n');
}

/* The heading that a text begins with is its title, where the front matter has none. */
static void
take_heading(struct str *text, struct article *article)
{
	struct str rest = *text, line = { "", 0 }, under;

	while (rest.len > 0 && line.len == 0)
		line = text_trim(text_take_line(&rest));
	under = rest;
	if (heading_mark(line) > 0) {
		line = without_front(line, heading_mark(line));
		while (line.len > 0 && line.p[line.len - 1] == '#')
			line.len--;
	} else if (is_only(text_take_line(&under), "="))
		rest = under;
	else
		return;
	if (article->title.len > 0 && !str_eq(article->title, text_trim(line)))
		return;
	article->title = text_trim(line);
	*text = rest;
}

static enum status
give(struct reading *reading, struct str text, struct error *reterr)
{
	struct article article = { .number = 0 };
	struct buf out, title;
	struct writer writer = { .out = &out };
	enum status status;

	buf_init(&out, text.len + 2);
	buf_init(&title, text.len + 1);
	take_front_matter(&text, &article);
	take_heading(&text, &article);
	append_inline(article.title, &title);
	while (text.len > 0)
		append_line(&writer, text_take_line(&text));
	article.title = buf_str(&title);
	article.text = text_trim(buf_str(&out));
	status = buf_status(&out) != STATUS_OK ? buf_status(&out) : buf_status(&title);
	if (status == STATUS_OK)
		status = article_give_named(reading, &article, reterr);
	else
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	buf_done(&out);
	buf_done(&title);
	return status;
}

enum status
markdown_read(struct reading *reading, struct error *reterr)
{
	struct error why;
	struct buf bytes, text;
	bool whole;
	enum status status;

	buf_init(&bytes, LIMIT_DOCUMENT_BYTES);
	buf_init(&text, 2 * (size_t)LIMIT_DOCUMENT_BYTES);
	status = reading_all(reading, &bytes, &whole, reterr);
	if (status == STATUS_OK && whole) {
		status = reading_decode(reading, buf_str(&bytes), NULL, &text, &why);
		status = status == STATUS_OK ? give(reading, buf_str(&text), reterr)
					     : reading_refuse(reading, 0, &why, reterr);
	}
	buf_done(&bytes);
	buf_done(&text);
	return status;
}
