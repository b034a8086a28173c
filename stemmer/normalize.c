/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/normalize.h"

#include <stdint.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "stemmer/chars.h"

enum {
	/* A base letter takes at most three marks into itself, so these fill LIMIT_WORD_BYTES. */
	CHARS_MAX = 4 * LIMIT_WORD_BYTES,
	MARKS_MAX = 30,
	DECOMPOSED_MAX = 4, /* code points that one character decomposes to, canonically */
	FIRST_MARK = 0x300 /* below it everything is NFC */
};

struct chars {
	uint32_t c[CHARS_MAX + 4];
	size_t n;
	size_t marks; /* combining marks since the last letter */
	bool is_nfc; /* for certain */
	bool is_full;
};

/* Characters that are written as others, sorted.  An empty text drops the character. */
static const struct rewrite {
	uint32_t c;
	const char *as;
} rewrites[] = {
	{ '\n', "" }, /* behind a soft hyphen */
	{ '\r', "" },
	{ '`', "'" },
	{ 0x008C, "OE" }, /* Windows-1252, read as Latin-1 */
	{ 0x0091, "'" },
	{ 0x0092, "'" },
	{ 0x009C, "oe" },
	{ 0x00AD, "" }, /* soft hyphen */
	{ 0x00B2, "2" },
	{ 0x00B3, "3" },
	{ 0x00B4, "'" },
	{ 0x00B5, "\xCE\xBC" }, /* micro sign: mu */
	{ 0x00B9, "1" },
	{ 0x00C6, "AE" },
	{ 0x00E6, "ae" },
	{ 0x0132, "IJ" },
	{ 0x0133, "ij" },
	{ 0x0152, "OE" },
	{ 0x0153, "oe" },
	{ 0x017F, "s" }, /* long s, in old prints */
	{ 0x01E2, "A\xC4\x92" }, /* accented ligatures, as their decomposed forms are rewritten */
	{ 0x01E3, "a\xC4\x93" },
	{ 0x01FC, "A\xC3\x89" },
	{ 0x01FD, "a\xC3\xA9" },
	{ 0x02B3, "r" }, /* small letters of ordinals: 1ᵉʳ, XXIᵉ */
	{ 0x02B9, "'" },
	{ 0x02BB, "'" },
	{ 0x02BC, "'" },
	{ 0x02BD, "'" },
	{ 0x02C8, "'" },
	{ 0x02E2, "s" },
	{ 0x0374, "'" },
	{ 0x1D48, "d" },
	{ 0x1D49, "e" },
	{ 0x1E9B, "\xE1\xB9\xA1" },
	{ 0x1FEF, "'" },
	{ 0x1FFD, "'" },
	{ 0x200C, "" },
	{ 0x200D, "" },
	{ 0x2010, "-" },
	{ 0x2011, "-" },
	{ 0x2018, "'" },
	{ 0x2019, "'" },
	{ 0x201B, "'" },
	{ 0x2032, "'" },
	{ 0x2060, "" },
	{ 0x2070, "0" },
	{ 0x2074, "4" },
	{ 0x2075, "5" },
	{ 0x2076, "6" },
	{ 0x2077, "7" },
	{ 0x2078, "8" },
	{ 0x2079, "9" },
	{ 0x2080, "0" },
	{ 0x2081, "1" },
	{ 0x2082, "2" },
	{ 0x2083, "3" },
	{ 0x2084, "4" },
	{ 0x2085, "5" },
	{ 0x2086, "6" },
	{ 0x2087, "7" },
	{ 0x2088, "8" },
	{ 0x2089, "9" },
	{ 0xA78C, "'" },
	{ 0xFB00, "ff" }, /* ligatures of fonts, from PDF */
	{ 0xFB01, "fi" },
	{ 0xFB02, "fl" },
	{ 0xFB03, "ffi" },
	{ 0xFB04, "ffl" },
	{ 0xFB05, "st" },
	{ 0xFB06, "st" },
	{ 0xFEFF, "" },
	{ 0xFF07, "'" },
};

/* Letters without a decomposition, and what is typed for them; lower case, sorted. */
static const struct rewrite folds[] = {
	{ 0x00DF, "ss" },
	{ 0x00F0, "d" },
	{ 0x00F8, "o" },
	{ 0x00FE, "th" },
	{ 0x0111, "d" },
	{ 0x0127, "h" },
	{ 0x0131, "i" },
	{ 0x0142, "l" },
	{ 0x0167, "t" },
	{ 0x01FF, "o" },
	{ 0x0259, "e" },
};

static const struct rewrite *
find_rewrite(const struct rewrite *table, size_t n, uint32_t c)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table[middle].c < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && table[low].c == c ? &table[low] : NULL;
}

static bool
is_mark(uint32_t c)
{
	return c >= FIRST_MARK && char_class_of(c) == CHAR_EXTEND;
}

static void
push(struct chars *chars, uint32_t c)
{
	if (chars->n >= CHARS_MAX) {
		chars->is_full = true;
		return;
	}
	if (!is_mark(c))
		chars->marks = 0;
	else if (++chars->marks > MARKS_MAX)
		return;
	if (c >= FIRST_MARK)
		chars->is_nfc = false;
	chars->c[chars->n++] = c;
}

static void
push_text(struct chars *chars, const char *as)
{
	struct str text = str_of(as);
	size_t off = 0;

	while (off < text.len)
		push(chars, utf8_next(text, &off, NULL));
}

/* Puts a character of a word as it is written everywhere. */
static void
push_rewritten(struct chars *chars, uint32_t c)
{
	const struct rewrite *rewrite = NULL;

	if (c < 'A' || c == '`' || c >= 0x80)
		rewrite = find_rewrite(rewrites, sizeof(rewrites) / sizeof(rewrites[0]), c);
	if (rewrite != NULL)
		push_text(chars, rewrite->as);
	else
		push(chars, c);
}

/* Decodes and rewrites; returns whether all was UTF-8. */
static bool
read_word(struct str raw, struct chars *chars)
{
	size_t off = 0;
	bool all_valid = true;

	while (off < raw.len && !chars->is_full) {
		bool valid;
		uint32_t c = utf8_next(raw, &off, &valid);

		if (valid)
			push_rewritten(chars, c);
		else
			all_valid = false;
	}
	return all_valid;
}

/* The offset of the sign before the decimals, or raw.len: 1,5  1.5  1 000,50 but not 1.000. */
static size_t
decimal_sign(struct str raw)
{
	size_t commas = 0, last = raw.len;

	for (size_t i = 0; i < raw.len; i++) {
		commas += raw.p[i] == ',';
		if (raw.p[i] < '0' || raw.p[i] > '9')
			last = i;
	}
	if (last == raw.len)
		return raw.len;
	if (raw.p[last] == ',')
		return commas > 1 ? raw.len : last;
	if (raw.p[last] != '.')
		return raw.len;
	/* Three digits are a group of thousands, but for "0.125". */
	return raw.len - last - 1 != 3 || (last == 1 && raw.p[0] == '0') ? last : raw.len;
}

static void
read_number(struct str raw, struct chars *chars)
{
	size_t sign = decimal_sign(raw);

	for (size_t i = 0; i < raw.len; i++) {
		if (i == sign)
			push(chars, ',');
		else if (raw.p[i] >= '0' && raw.p[i] <= '9')
			push(chars, (unsigned char)raw.p[i]);
	}
}

static void
read_initials(struct str raw, struct chars *chars)
{
	size_t off = 0;

	while (off < raw.len && !chars->is_full) {
		uint32_t c = utf8_next(raw, &off, NULL);

		if (c != '.')
			push_rewritten(chars, c);
	}
}

/* NFC, through utf8proc's decomposition, ordering of marks and composition. */
static void
compose(struct chars *chars)
{
	utf8proc_int32_t parts[(CHARS_MAX + 4) * DECOMPOSED_MAX];
	utf8proc_uint8_t bytes[(CHARS_MAX + 4) * 4];
	utf8proc_ssize_t n_bytes = 0, n;

	for (size_t i = 0; i < chars->n; i++)
		n_bytes += (utf8proc_ssize_t)utf8_encode(chars->c[i], (char *)bytes + n_bytes);
	n = utf8proc_decompose(bytes, n_bytes, parts, (utf8proc_ssize_t)(sizeof(parts) / sizeof(parts[0])),
	    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
	if (n < 0 || (size_t)n > sizeof(parts) / sizeof(parts[0]))
		return;
	n = utf8proc_normalize_utf32(parts, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n < 0)
		return;
	if (n > CHARS_MAX)
		n = CHARS_MAX;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		chars->c[i] = (uint32_t)parts[i];
	chars->n = (size_t)n;
}

/* Cuts the characters where their bytes would pass the limit, and writes them. */
static size_t
write_word(struct chars *chars, char out[LIMIT_WORD_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < chars->n; i++) {
		char bytes[4];
		size_t n = utf8_encode(chars->c[i], bytes);

		if (n > LIMIT_WORD_BYTES - len) {
			chars->n = i;
			break;
		}
		memcpy(out + len, bytes, n);
		len += n;
	}
	return len;
}

static void
lower_chars(struct chars *chars)
{
	for (size_t i = 0; i < chars->n; i++) {
		uint32_t c = chars->c[i];

		if (c < 0x80)
			chars->c[i] = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
		else
			chars->c[i] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
	}
}

/* An accent, as opposed to the vowel signs of other scripts: the blocks of combining diacritics. */
static bool
is_accent(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) ||
	       (c >= 0x20D0 && c <= 0x20FF);
}

/* Appends a lower-case character without its accents. */
static void
push_folded(struct chars *out, uint32_t c)
{
	const struct rewrite *fold = NULL;
	utf8proc_int32_t parts[DECOMPOSED_MAX * 2];
	utf8proc_ssize_t n;
	int boundclass = 0;

	if (c >= 0x80)
		fold = find_rewrite(folds, sizeof(folds) / sizeof(folds[0]), c);
	if (fold != NULL) {
		push_text(out, fold->as);
		return;
	}
	if (c < 0xC0) {
		push(out, c);
		return;
	}
	n = utf8proc_decompose_char(
	    (utf8proc_int32_t)c, parts, DECOMPOSED_MAX * 2, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &boundclass);
	for (utf8proc_ssize_t i = 0; i < n && i < DECOMPOSED_MAX * 2; i++) {
		if (!is_accent((uint32_t)parts[i]))
			push(out, (uint32_t)parts[i]);
	}
}

static bool
holds_letters(const struct chars *chars)
{
	for (size_t i = 0; i < chars->n; i++) {
		if (chars->c[i] != ',' && char_class_of(chars->c[i]) != CHAR_DIGIT)
			return true;
	}
	return false;
}

void
normalize_word(struct str raw, enum token_kind kind, struct spelling *ret_spelling, bool *ret_valid)
{
	struct chars chars = { .is_nfc = true }, folded = { .is_nfc = true };
	bool valid = true;
	size_t n;

	if (kind == TOKEN_NUMBER)
		read_number(raw, &chars);
	else if (kind == TOKEN_INITIALS)
		read_initials(raw, &chars);
	else
		valid = read_word(raw, &chars);
	if (!chars.is_nfc)
		compose(&chars);
	n = chars.n;
	ret_spelling->surface_len = write_word(&chars, ret_spelling->surface);
	ret_spelling->has_letters = holds_letters(&chars);
	lower_chars(&chars);
	ret_spelling->lower_len = write_word(&chars, ret_spelling->lower);
	ret_spelling->is_cut = chars.is_full || chars.n < n;
	for (size_t i = 0; i < chars.n; i++)
		push_folded(&folded, chars.c[i]);
	if (!folded.is_nfc)
		compose(&folded);
	ret_spelling->folded_len = write_word(&folded, ret_spelling->folded);
	if (ret_valid != NULL)
		*ret_valid = valid;
}
