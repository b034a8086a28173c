/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/sentence.h"

#include <stdint.h>

#include "base/utf8.h"
#include "stemmer/chars.h"

enum {
	LOOK_CHARS = 16, /* quotes, brackets and blanks that are looked over */
	WRAPPED_MIN = 51, /* characters of a line that somebody wrapped at 60 to 100 columns */
	WRAPPED_MAX = 100,
	ABBREVIATION_BYTES = 6
};

/* What comes next in the text, behind quotes, brackets and blanks. */
struct next {
	enum { NEXT_LOWER, NEXT_UPPER, NEXT_DIGIT, NEXT_DASH, NEXT_OTHER } what;
	bool is_spaced; /* a blank or a line end was looked over */
};

/* Words that a full stop shortens.  Lower case, sorted by nothing: the table is short. */
static const struct abbreviation {
	const char *word;
	bool before_digit_only; /* "p. 12", but "il a levé le p." ends */
} abbreviations[] = {
	{ "mm", false },
	{ "mme", false },
	{ "mmes", false },
	{ "mlle", false },
	{ "mlles", false },
	{ "mgr", false },
	{ "dr", false },
	{ "drs", false },
	{ "pr", false },
	{ "prs", false },
	{ "st", false },
	{ "ste", false },
	{ "lt", false },
	{ "cdt", false },
	{ "sgt", false },
	{ "gén", false },
	{ "jr", false },
	{ "mr", false },
	{ "mrs", false },
	{ "av", false },
	{ "bd", false },
	{ "cf", false },
	{ "ex", false },
	{ "vs", false },
	{ "p", true },
	{ "pp", true },
	{ "n", true },
	{ "no", true },
	{ "vol", true },
	{ "art", true },
	{ "fig", true },
	{ "chap", true },
	{ "tél", true },
	{ "janv", true },
	{ "fév", true },
	{ "févr", true },
	{ "avr", true },
	{ "juil", true },
	{ "sept", true },
	{ "oct", true },
	{ "nov", true },
	{ "déc", true },
};

static struct next
look_ahead(struct str text, size_t off)
{
	struct next next = { NEXT_OTHER, false };
	size_t len;

	for (int i = 0; i < LOOK_CHARS && off < text.len; i++, off += len) {
		enum char_class class = char_class_at(text, off, &len);
		size_t behind = off;
		uint32_t c;

		if (class == CHAR_SPACE || class == CHAR_NEWLINE || class == CHAR_PARAGRAPH) {
			next.is_spaced = true;
			continue;
		}
		if (class == CHAR_QUOTE || class == CHAR_APOSTROPHE || class == CHAR_EXTEND)
			continue;
		c = utf8_next(text, &behind, NULL);
		if (class == CHAR_LETTER)
			next.what = char_is_lower(c) ? NEXT_LOWER : NEXT_UPPER;
		else if (class == CHAR_DIGIT)
			next.what = NEXT_DIGIT;
		else if (class == CHAR_HYPHEN)
			next.what = NEXT_DASH;
		break;
	}
	return next;
}

/* ASCII capitals only: the table has no word that begins with an accent. */
static bool
is_same_word(struct str word, const char *row)
{
	size_t i;

	for (i = 0; i < word.len && row[i] != '\0'; i++) {
		char c = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] - 'A' + 'a') : word.p[i];

		if (c != row[i])
			return false;
	}
	return i == word.len && row[i] == '\0';
}

static bool
is_abbreviation(struct str word, struct next next)
{
	if (word.len > ABBREVIATION_BYTES)
		return false;
	for (size_t i = 0; i < sizeof(abbreviations) / sizeof(abbreviations[0]); i++) {
		if (is_same_word(word, abbreviations[i].word))
			return !abbreviations[i].before_digit_only || next.what == NEXT_DIGIT;
	}
	return false;
}

/* One capital letter: M. Assad, D. Trump. */
static bool
is_initial(struct str word)
{
	size_t off = 0;
	uint32_t c = utf8_next(word, &off, NULL);

	while (off < word.len && char_class_of(utf8_next(word, &off, NULL)) == CHAR_EXTEND)
		;
	return off == word.len && char_is_upper(c);
}

static size_t
count_letters(struct str initials)
{
	size_t n = 0, len;

	for (size_t off = 0; off < initials.len; off += len)
		n += char_class_at(initials, off, &len) == CHAR_LETTER;
	return n;
}

/* Whether one full stop at `off` ends a sentence. */
static bool
full_stop_ends(struct str text, size_t off, struct last_word last, struct next next)
{
	struct str word = { text.p + last.off, last.len };
	bool touches = last.len > 0 && last.off + last.len == off;

	if (next.what == NEXT_LOWER || (next.what != NEXT_UPPER && !next.is_spaced))
		return false;
	if (last.kind == TOKEN_INITIALS && last.len > 0 && last.off + last.len == off + 1)
		return next.is_spaced && next.what == NEXT_UPPER && count_letters(word) >= 3;
	if (!touches)
		return next.is_spaced || (off > 0 && char_class_peek(text, off - 1) == CHAR_QUOTE);
	return !is_initial(word) && !is_abbreviation(word, next);
}

enum ending
sentence_at_stop(struct str text, size_t off, struct last_word last, size_t *ret_next)
{
	size_t end = off, len = 0, marks = 0;
	struct next next;

	while (end < text.len && char_class_at(text, end, &len) == CHAR_STOP) {
		end += len;
		marks++;
	}
	*ret_next = end;
	next = look_ahead(text, end);
	if (marks == 1 && text.p[off] == '.')
		return full_stop_ends(text, off, last, next) ? ENDING_SENTENCE : ENDING_NONE;
	/* Several marks, an ellipsis, or ! or ?: "ONU... Il", « Quoi ? » dit-il, page?id=5 */
	if (next.what == NEXT_LOWER || (next.what != NEXT_UPPER && !next.is_spaced))
		return ENDING_NONE;
	return ENDING_SENTENCE;
}

/* Characters in [off, line end), counted no further than WRAPPED_MAX + 1. */
static size_t
line_length(struct str text, size_t off)
{
	size_t n = 0, len;

	for (; off < text.len && n <= WRAPPED_MAX; off += len, n++) {
		enum char_class class = char_class_at(text, off, &len);

		if (class == CHAR_NEWLINE || class == CHAR_PARAGRAPH)
			break;
	}
	return n;
}

/* Whether the line that began at `line` and the one at `next_line` look like one wrapped text. */
static bool
is_wrapped(struct str text, size_t line, size_t next_line)
{
	size_t length = line_length(text, line);

	return length >= WRAPPED_MIN && length <= WRAPPED_MAX && line_length(text, next_line) <= WRAPPED_MAX;
}

/* Whether the line before its end at `off` says that it goes on: "cessez-", "Alep,". */
static bool
line_goes_on(struct str text, size_t off)
{
	enum char_class class;

	for (int i = 0; i < LOOK_CHARS && off > 0 && (text.p[off - 1] == ' ' || text.p[off - 1] == '\t'); i++)
		off--;
	if (off == 0)
		return false;
	do {
		off--;
	} while (off > 0 && ((unsigned char)text.p[off] & 0xC0) == 0x80);
	class = char_class_peek(text, off);
	return class == CHAR_HYPHEN || class == CHAR_COMMA || class == CHAR_APOSTROPHE;
}

enum ending
sentence_at_newline(struct str text, size_t off, size_t line, size_t *ret_next)
{
	size_t end = off, len = 0, newlines = 0;
	bool is_paragraph = false;
	struct next next;

	while (end < text.len) {
		enum char_class class = char_class_at(text, end, &len);

		if (class != CHAR_SPACE && class != CHAR_NEWLINE && class != CHAR_PARAGRAPH)
			break;
		/* A return and a line feed are one line end. */
		if (class == CHAR_NEWLINE && !(text.p[end] == '\n' && end > off && text.p[end - 1] == '\r'))
			newlines++;
		if (class == CHAR_PARAGRAPH)
			is_paragraph = true;
		end += len;
	}
	*ret_next = end;
	if (is_paragraph || newlines > 1)
		return ENDING_PARAGRAPH;
	next = look_ahead(text, end);
	if (next.what == NEXT_LOWER || line_goes_on(text, off))
		return ENDING_NONE;
	if (next.what == NEXT_DASH)
		return ENDING_SENTENCE;
	return is_wrapped(text, line, end) ? ENDING_NONE : ENDING_SENTENCE;
}
