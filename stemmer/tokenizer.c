/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/tokenizer.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "stemmer/chars.h"
#include "stemmer/elision.h"
#include "stemmer/number.h"

/* Signs that may stand between an elided particle and its word: l'« État », d' Alep. */
enum { GAP_CHARS = 3 };

void
tokenizer_init(struct tokenizer *tokenizer, struct str text)
{
	*tokenizer = (struct tokenizer) { .text = text };
}

/*
 * The end of a soft hyphen's line: a word that was broken there goes on behind it.  `off` is behind
 * the soft hyphen.
 */
static size_t
skip_broken_line(struct str text, size_t off)
{
	size_t next = off;

	if (next < text.len && text.p[next] == '\r')
		next++;
	if (next < text.len && text.p[next] == '\n')
		next++;
	return next > off && char_class_peek(text, next) == CHAR_LETTER ? next : off;
}

/*
 * Whether a run of letters and digits goes on with the character that is not ASCII at `*off`; notes it
 * in *seen, a digit that is not ASCII as a letter.
 */
static bool
goes_on(struct str text, size_t *off, enum char_class *before, unsigned *seen)
{
	size_t len;
	enum char_class class = char_class_decoded(text, *off, &len);

	if (class == CHAR_EXTEND) {
		bool is_soft_hyphen = len == 2 && (unsigned char)text.p[*off] == 0xC2;

		*seen |= 1u << CHAR_EXTEND;
		*off += len;
		if (is_soft_hyphen)
			*off = skip_broken_line(text, *off);
		return true;
	}
	if (!char_class_is_word(class) && !(class == CHAR_SUPERSCRIPT && *before == CHAR_LETTER))
		return false;
	*seen |= 1u << (class == CHAR_SUPERSCRIPT ? CHAR_SUPERSCRIPT : CHAR_LETTER);
	if (class != CHAR_SUPERSCRIPT)
		*before = class;
	*off += len;
	return true;
}

/* What a run of letters and digits has of the latter; small figures are some. */
enum run_digits { RUN_NO_DIGITS, RUN_SOME_DIGITS, RUN_ALL_DIGITS };

static enum run_digits
digits_of(unsigned seen)
{
	if (seen == 1u << CHAR_DIGIT)
		return RUN_ALL_DIGITS;
	return (seen & (1u << CHAR_DIGIT | 1u << CHAR_SUPERSCRIPT)) != 0 ? RUN_SOME_DIGITS : RUN_NO_DIGITS;
}

/* The end of the run of letters and digits at `off`. */
static size_t
run_end(struct str text, size_t off, enum run_digits *ret_digits)
{
	const unsigned char *bytes = (const unsigned char *)text.p;
	unsigned seen = 0; /* a bit for each class */
	enum char_class class = CHAR_OTHER;

	while (off < text.len) {
		unsigned letters = ascii_letters(str_load((struct str) { text.p + off, text.len - off }));
		unsigned char byte;

		if (letters > 0) {
			class = CHAR_LETTER;
			seen |= 1u << CHAR_LETTER;
			off += letters;
			continue;
		}
		byte = bytes[off];
		if (byte < 0x80) {
			if (!char_class_is_word((enum char_class)char_class_ascii[byte]))
				break;
			class = (enum char_class)char_class_ascii[byte];
			seen |= 1u << class;
			off++;
			continue;
		}
		/* U+00C0 to U+00FF are letters but for the signs of multiplication and division. */
		if (byte == 0xC3 && off + 1 < text.len && (bytes[off + 1] & 0xC0) == 0x80 && bytes[off + 1] != 0x97 &&
		    bytes[off + 1] != 0xB7) {
			class = CHAR_LETTER;
			seen |= 1u << CHAR_LETTER;
			off += 2;
			continue;
		}
		if (!goes_on(text, &off, &class, &seen))
			break;
	}
	*ret_digits = digits_of(seen);
	return off;
}

/* Whether [start, end) is one letter, with whatever marks. */
static bool
is_one_letter(struct str text, size_t start, size_t end)
{
	size_t len;

	if (char_class_at(text, start, &len) != CHAR_LETTER)
		return false;
	for (start += len; start < end; start += len) {
		if (char_class_at(text, start, &len) != CHAR_EXTEND)
			return false;
	}
	return true;
}

static void
note_ending(struct tokenizer *t, enum ending ending)
{
	if (ending > t->ending)
		t->ending = ending;
}

/* Moves to the first character of the next run of letters and digits; false at the end. */
static bool
skip_to_word(struct tokenizer *t)
{
	while (t->off < t->text.len) {
		size_t len, off = t->off;
		enum char_class class = char_class_at(t->text, off, &len);

		if (char_class_is_word(class))
			return true;
		t->off += len;
		if (class == CHAR_STOP)
			note_ending(t, sentence_at_stop(t->text, off, t->last, &t->off));
		if (class == CHAR_NEWLINE || class == CHAR_PARAGRAPH) {
			note_ending(t, sentence_at_newline(t->text, off, t->line, &t->off));
			t->line = t->off;
		}
	}
	return false;
}

/* Whether a word follows at `off`, perhaps behind a quote and a blank. */
static bool
word_follows(struct str text, size_t off)
{
	size_t len;

	for (int i = 0; i <= GAP_CHARS && off < text.len; i++, off += len) {
		enum char_class class = char_class_at(text, off, &len);

		if (char_class_is_word(class))
			return true;
		if (class != CHAR_SPACE && class != CHAR_NEWLINE && class != CHAR_QUOTE && class != CHAR_APOSTROPHE &&
		    class != CHAR_EXTEND)
			return false;
	}
	return false;
}

/* The class of the character that ends at `off`. */
static enum char_class
class_before(struct str text, size_t off)
{
	if (off == 0)
		return CHAR_OTHER;
	do {
		off--;
	} while (off > 0 && ((unsigned char)text.p[off] & 0xC0) == 0x80);
	return char_class_peek(text, off);
}

/* Whether the run at `start` is bound to a word before it by an apostrophe: the n of rock'n'roll. */
static bool
is_bound(const struct tokenizer *t, size_t start)
{
	size_t end = t->last.off + t->last.len, len;

	return t->last.len > 0 && end < start && char_class_at(t->text, end, &len) == CHAR_APOSTROPHE &&
	       end + len == start;
}

/* Whether `off` is behind the English possessive, the s of "McDonald's". */
static bool
is_possessive(struct str text, size_t off)
{
	return off < text.len && (text.p[off] == 's' || text.p[off] == 'S') &&
	       !char_class_is_word(char_class_peek(text, off + 1)) && char_class_peek(text, off + 1) != CHAR_APOSTROPHE;
}

/*
 * Decides what the apostrophe at the end of the run [start, end) does; `right` is behind it.
 * The end of the word is moved in *end, and where to go on is left in t->off.
 */
static enum elision
read_apostrophe(struct tokenizer *t, size_t start, size_t *end, size_t right)
{
	struct str text = t->text;
	enum run_digits digits;
	bool is_direct = char_class_is_word(char_class_peek(text, right));
	size_t right_end = is_direct ? run_end(text, right, &digits) : right;
	enum elision elision = ELISION_PARTS;

	if (!is_bound(t, start))
		elision = elision_of(
		    (struct str) { text.p + start, *end - start }, (struct str) { text.p + right, right_end - right });
	if (elision == ELISION_CUT && !is_direct &&
	    (!word_follows(text, right) || class_before(text, start) == CHAR_APOSTROPHE))
		elision = ELISION_PARTS;
	if (elision == ELISION_CUT)
		t->off = right;
	else if (elision == ELISION_JOIN)
		t->off = *end = right_end;
	return elision;
}

/*
 * Reads the run [start, end) of letters with the apostrophe behind it, if any.  False where it was
 * an elided particle.
 */
static bool
read_word(struct tokenizer *t, size_t start, size_t *end)
{
	size_t len;

	t->off = *end;
	if (*end >= t->text.len || char_class_at(t->text, *end, &len) != CHAR_APOSTROPHE)
		return true;
	switch (read_apostrophe(t, start, end, *end + len)) {
	case ELISION_CUT: return false;
	case ELISION_JOIN:
		if (*end >= t->text.len || char_class_at(t->text, *end, &len) != CHAR_APOSTROPHE)
			return true;
		break;
	case ELISION_PARTS: break;
	}
	if (!is_one_letter(t->text, start, *end) && is_possessive(t->text, *end + len))
		t->off = *end + len + 1;
	return true;
}

/* Hands the word [start, end) out and closes what ended before it. */
static void
emit(struct tokenizer *t, size_t start, size_t end, enum token_kind kind, struct span *ret_span)
{
	if (t->last.len > 0 && t->ending != ENDING_NONE)
		t->sentence++;
	if (t->last.len > 0 && t->ending == ENDING_PARAGRAPH)
		t->paragraph++;
	t->ending = ENDING_NONE;
	t->last = (struct last_word) { start, end - start, kind };
	*ret_span = (struct span) { start, end - start, kind, t->sentence, t->paragraph };
}

bool
tokenizer_next(struct tokenizer *t, struct span *ret_span)
{
	while (skip_to_word(t)) {
		size_t start = t->off, end, whole;
		enum token_kind kind = TOKEN_WORD;
		enum run_digits digits;

		end = run_end(t->text, start, &digits);
		if (digits == RUN_ALL_DIGITS) {
			whole = number_end(t->text, start, end);
			kind = whole > end ? TOKEN_NUMBER : TOKEN_WORD;
			t->off = end = whole;
		} else if (digits == RUN_SOME_DIGITS && (whole = number_cut(t->text, start, end)) < end) {
			t->off = end = whole;
		} else if (end < t->text.len && t->text.p[end] == '.' && is_one_letter(t->text, start, end)) {
			whole = initials_end(t->text, start, end);
			kind = whole > end ? TOKEN_INITIALS : TOKEN_WORD;
			end = whole;
			/* The last full stop is read again: it may end the sentence. */
			t->off = kind == TOKEN_INITIALS && t->text.p[end - 1] == '.' ? end - 1 : end;
		} else if (!read_word(t, start, &end)) {
			continue;
		}
		emit(t, start, end, kind, ret_span);
		return true;
	}
	return false;
}
