/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <uchardet.h>

#include "base/utf8.h"

enum {
	GUESS_BYTES = 256 * 1024, /* are enough to tell an encoding by */
	WIDE_SAMPLE_BYTES = 4096,
	STRAY_BYTES_MAX = 3 /* per valid sequence, before a text with both is no UTF-8 */
};

/* Windows-1252 from 0x80 to 0x9F; 0 where it has nothing. */
static const uint16_t windows_1252[32] = { 0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030,
	0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
	0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178 };

static uint32_t
from_windows_1252(unsigned char byte)
{
	if (byte < 0x80 || byte > 0x9F)
		return byte;
	return windows_1252[byte - 0x80] != 0 ? windows_1252[byte - 0x80] : UTF8_REPLACEMENT;
}

/* The byte that `c` is in Windows-1252, or in Latin-1 where that has none; -1 where there is none. */
static int
to_windows_1252(uint32_t c)
{
	if (c < 0x100)
		return (int)c;
	for (int i = 0; i < 32; i++) {
		if (windows_1252[i] == c)
			return 0x80 + i;
	}
	return -1;
}

static void
append_char(struct buf *out, uint32_t c)
{
	char bytes[4];

	(void)buf_append(out, bytes, utf8_encode(c, bytes));
}

/* ---- Binary files ---------------------------------------------------------------------------- */

/* Whether it is UTF-16 without a mark: in Latin text each other byte is NUL.  0 for none, else 'L' or 'B'. */
static int
wide_order(struct str bytes)
{
	size_t n = bytes.len < WIDE_SAMPLE_BYTES ? bytes.len & ~(size_t)1 : WIDE_SAMPLE_BYTES;
	size_t nuls[2] = { 0, 0 };

	for (size_t i = 0; i < n; i++)
		nuls[i % 2] += bytes.p[i] == '\0';
	if (n < 4 || bytes.len % 2 != 0)
		return 0;
	if (nuls[1] * 10 >= n / 2 * 7 && nuls[0] * 20 <= n / 2)
		return 'L';
	if (nuls[0] * 10 >= n / 2 * 7 && nuls[1] * 20 <= n / 2)
		return 'B';
	return 0;
}

static bool
has_wide_mark(struct str bytes)
{
	return str_has_prefix(bytes, STR("\xFF\xFE")) || str_has_prefix(bytes, STR("\xFE\xFF")) ||
	       str_has_prefix(bytes, STR("\0\0\xFE\xFF"));
}

bool
charset_is_binary(struct str bytes)
{
	static const char *const beginnings[] = { "%PDF-",
		"\x7F"
		"ELF",
		"PK\x03\x04", "\x89PNG", "GIF8", "\xFF\xD8\xFF", "\xD0\xCF\x11\xE0", "Rar!", "7z\xBC\xAF", "OggS",
		"ID3", "RIFF", "BZh",
		"\xFD"
		"7zXZ" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		if (str_has_prefix(bytes, str_of(beginnings[i])))
			return true;
	}
	if (bytes.len == 0 || has_wide_mark(bytes) || wide_order(bytes) != 0)
		return false;
	return memchr(bytes.p, '\0', bytes.len) != NULL;
}

/* ---- iconv ----------------------------------------------------------------------------------- */

/* Appends what iconv made: glibc lets through what is beyond U+10FFFF, in five bytes and six. */
static void
append_converted(struct str piece, struct buf *out, size_t *ret_replaced)
{
	for (;;) {
		size_t off = utf8_valid_prefix(piece);

		(void)buf_append(out, piece.p, off);
		if (off == piece.len)
			return;
		(void)utf8_next(piece, &off, NULL);
		append_char(out, UTF8_REPLACEMENT);
		++*ret_replaced;
		piece = (struct str) { piece.p + off, piece.len - off };
	}
}

/* Appends what `cd` makes of the bytes; what it cannot read is U+FFFD, a byte at a time. */
static enum status
convert_open(iconv_t cd, struct str bytes, struct buf *out, size_t *ret_replaced)
{
	char piece[8192];
	char *in = (char *)(uintptr_t)bytes.p;
	size_t left = bytes.len;

	while (left > 0 && buf_status(out) == STATUS_OK) {
		char *to = piece;
		size_t room = sizeof(piece);
		size_t n = iconv(cd, &in, &left, &to, &room);

		append_converted((struct str) { piece, sizeof(piece) - room }, out, ret_replaced);
		if (n != (size_t)-1 || errno == E2BIG)
			continue;
		append_char(out, UTF8_REPLACEMENT);
		++*ret_replaced;
		/* An unfinished character at the end, or a byte that stands for nothing. */
		if (errno == EINVAL)
			break;
		in++;
		left--;
	}
	return buf_status(out);
}

/* STATUS_NOT_FOUND where iconv does not know the encoding. */
static enum status
convert(const char *from, struct str bytes, struct buf *out, size_t *ret_replaced)
{
	iconv_t cd = iconv_open("UTF-8", from);
	enum status status;

	if (cd == (iconv_t)-1)
		return errno == EINVAL ? STATUS_NOT_FOUND : STATUS_NOMEM;
	status = convert_open(cd, bytes, out, ret_replaced);
	(void)iconv_close(cd);
	return status;
}

/* ---- Which of several encodings? ------------------------------------------------------------- */

/* Letters beyond ASCII that French text has, and signs of its typography. */
static bool
is_french(uint32_t c)
{
	static const char letters[] = "àâäçèéêëîïôöùûüÿœæÀÂÇÈÉÊËÎÏÔÙÛÜŒÆ«»’‘“”–—…€°· ";

	for (size_t off = 0; off < sizeof(letters) - 1;) {
		if (utf8_next((struct str) { letters, sizeof(letters) - 1 }, &off, NULL) == c)
			return true;
	}
	return c == 0xA0 || c == 0x202F || c == 0x2009;
}

static bool
is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x370 && c < 0x2000);
}

/*
 * How likely a text is French: good letters count for it, other characters beyond ASCII against it, and more so
 * inside a word or a capital behind a small letter.  Worked example: "c\xBDur" is "c1/2ur" in Windows-1252 and
 * "coeur" with its ligature in ISO 8859-15.
 */
static long
likelihood(struct str text)
{
	long score = 0;
	uint32_t before = ' ';

	for (size_t off = 0; off < text.len;) {
		uint32_t c = utf8_next(text, &off, NULL);
		bool capital = (c >= 0xC0 && c <= 0xDE) || c == 0x152 || c == 0x178;

		if (c >= 0x80) {
			if (c == UTF8_REPLACEMENT || (c < 0xA0 && c >= 0x80))
				score -= 10;
			else if (!is_french(c))
				score -= 3;
			else if (capital && before >= 'a' && before <= 'z')
				score -= 2;
			else
				score += 2;
		}
		if (c >= 0x80 && !is_letter(c) && is_letter(before) && c != 0x2019 && off < text.len &&
		    is_letter((unsigned char)text.p[off]))
			score -= 3;
		before = c;
	}
	return score;
}

static void
guess_name(struct str bytes, char name[32])
{
	uchardet_t detector = uchardet_new();

	name[0] = '\0';
	if (detector == NULL)
		return;
	if (uchardet_handle_data(detector, bytes.p, bytes.len < GUESS_BYTES ? bytes.len : GUESS_BYTES) == 0) {
		uchardet_data_end(detector);
		(void)snprintf(name, 32, "%s", uchardet_get_charset(detector));
	}
	uchardet_delete(detector);
}

/* ISO 8859-1 and ASCII name what is in truth Windows-1252. */
static const char *
true_name(const char *name)
{
	static const char *const latin[] = { "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1",
		"us-ascii", "ascii", "cp1252", "windows-1252", "x-cp1252", "ansi" };

	for (size_t i = 0; i < sizeof(latin) / sizeof(latin[0]); i++) {
		if (strcasecmp(name, latin[i]) == 0)
			return "WINDOWS-1252";
	}
	return name;
}

static enum status
best_of(struct str bytes, const char **ret_name, char guess[32])
{
	const char *candidates[] = { "WINDOWS-1252", guess, "ISO-8859-15", "MACINTOSH" };
	struct str sample = { bytes.p, bytes.len < GUESS_BYTES ? bytes.len : GUESS_BYTES };
	long best = 0;
	bool first = true;
	enum status status = STATUS_OK;

	guess_name(bytes, guess);
	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]) && status != STATUS_NOMEM; i++) {
		struct buf trial;
		size_t replaced = 0;
		long score;

		if (candidates[i][0] == '\0')
			continue;
		buf_init(&trial, 4 * (size_t)GUESS_BYTES);
		status = convert(true_name(candidates[i]), sample, &trial, &replaced);
		score = likelihood(buf_str(&trial));
		buf_done(&trial);
		if (status == STATUS_OK && (first || score > best)) {
			best = score;
			first = false;
			*ret_name = true_name(candidates[i]);
		}
	}
	return status == STATUS_NOMEM ? status : STATUS_OK;
}

/* ---- UTF-8 with mishaps ---------------------------------------------------------------------- */

struct validity {
	size_t sequences; /* valid ones beyond ASCII */
	size_t strays; /* ill-formed pieces */
};

static struct validity
look(struct str bytes)
{
	struct validity found = { 0, 0 };

	for (size_t off = 0; off < bytes.len;) {
		bool valid;

		if ((unsigned char)bytes.p[off] < 0x80) {
			off++;
			continue;
		}
		(void)utf8_next(bytes, &off, &valid);
		found.sequences += valid;
		found.strays += !valid;
	}
	return found;
}

/* UTF-8 in which single bytes are Windows-1252.  What is cut off at the very end is U+FFFD. */
static void
append_mixed(struct str bytes, struct buf *out, struct charset_result *result)
{
	for (size_t off = 0; off < bytes.len;) {
		size_t from = off;
		bool valid;
		uint32_t c = utf8_next(bytes, &off, &valid);
		bool is_cut = !valid && off == bytes.len && (unsigned char)bytes.p[from] >= 0xC2;

		if (valid) {
			(void)buf_append(out, bytes.p + from, off - from);
			continue;
		}
		for (size_t i = from; i < off; i++) {
			c = is_cut ? UTF8_REPLACEMENT : from_windows_1252((unsigned char)bytes.p[i]);
			result->replaced += c == UTF8_REPLACEMENT;
			result->repaired += c != UTF8_REPLACEMENT;
			append_char(out, c);
			if (is_cut)
				break;
		}
	}
}

/* What one more decoding may give: a letter or a sign of French, beyond ASCII. */
static bool
is_plausible(uint32_t c)
{
	return (c >= 0xA0 && c <= 0xFF) || c == 0x152 || c == 0x153 || c == 0x178 || c == 0x2009 || c == 0x2011 ||
	       (c >= 0x2013 && c <= 0x201E) || c == 0x2026 || c == 0x202F || c == 0x2039 || c == 0x203A || c == 0x20AC;
}

/*
 * The character that those from *off on are the bytes of, once more encoded, and *off behind them; 0 for none:
 *	U+00C3 U+00A9  ->  C3 A9  ->  e acute
 */
static uint32_t
twice_encoded(struct str text, size_t *off)
{
	char bytes[4];
	size_t n = 0, wanted = 2, at = *off;
	uint32_t c;
	bool valid;

	while (n < wanted && at < text.len) {
		int byte = to_windows_1252(utf8_next(text, &at, NULL));

		if (byte < 0x80 || (n == 0 && (byte < 0xC2 || byte > 0xEF)))
			return 0;
		if (n == 0 && byte >= 0xE0)
			wanted = 3;
		bytes[n++] = (char)byte;
	}
	if (n < wanted)
		return 0;
	n = 0;
	c = utf8_next((struct str) { bytes, wanted }, &n, &valid);
	if (!valid || n != wanted || !is_plausible(c))
		return 0;
	*off = at;
	return c;
}

size_t
charset_repair(struct str text, struct buf *out)
{
	size_t repaired = 0;

	for (size_t off = 0; off < text.len;) {
		size_t from = off;
		uint32_t c;

		while (off < text.len && (unsigned char)text.p[off] < 0x80)
			off++;
		(void)buf_append(out, text.p + from, off - from);
		if (off == text.len)
			break;
		from = off;
		c = twice_encoded(text, &off);
		if (c == 0) {
			c = utf8_next(text, &off, NULL);
			if (c < 0x80 || c > 0x9F || windows_1252[c - 0x80] == 0) {
				(void)buf_append(out, text.p + from, off - from);
				continue;
			}
			c = windows_1252[c - 0x80];
		}
		append_char(out, c);
		repaired++;
	}
	return repaired;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void
set_name(struct charset_result *result, const char *name)
{
	(void)snprintf(result->name, sizeof(result->name), "%s", name);
	result->converted = strcasecmp(name, "UTF-8") != 0;
}

/* The encoding by a mark at the beginning, which is taken off; NULL for none. */
static const char *
take_mark(struct str *bytes)
{
	static const struct {
		struct str mark;
		const char *name;
	} marks[] = {
		{ { "\xEF\xBB\xBF", 3 }, "UTF-8" },
		{ { "\xFF\xFE\0\0", 4 }, "UTF-32LE" },
		{ { "\0\0\xFE\xFF", 4 }, "UTF-32BE" },
		{ { "\xFF\xFE", 2 }, "UTF-16LE" },
		{ { "\xFE\xFF", 2 }, "UTF-16BE" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (!str_has_prefix(*bytes, marks[i].mark))
			continue;
		bytes->p += marks[i].mark.len;
		bytes->len -= marks[i].mark.len;
		return marks[i].name;
	}
	return NULL;
}

/* Which encoding `bytes` are in; "UTF-8" also for UTF-8 with strays. */
static enum status
find_name(struct str *bytes, const char *declared, char guess[32], const char **ret_name)
{
	struct validity found;
	iconv_t cd;
	int order;

	*ret_name = take_mark(bytes);
	if (*ret_name != NULL)
		return STATUS_OK;
	found = look(*bytes);
	order = wide_order(*bytes);
	*ret_name = order == 'L' ? "UTF-16LE" : order == 'B' ? "UTF-16BE" : "UTF-8";
	if (order != 0 || found.strays == 0 || found.strays * STRAY_BYTES_MAX <= found.sequences)
		return STATUS_OK;
	/* One letter at the end that was cut is no reason to doubt. */
	if (found.strays == 1 && found.sequences > 0 && utf8_valid_prefix(*bytes) + 3 >= bytes->len)
		return STATUS_OK;
	if (declared != NULL && strcasecmp(declared, "utf-8") != 0 && strcasecmp(declared, "utf8") != 0) {
		cd = iconv_open("UTF-8", true_name(declared));
		if (cd != (iconv_t)-1) {
			(void)iconv_close(cd);
			(void)snprintf(guess, 32, "%s", true_name(declared));
			*ret_name = guess;
			return STATUS_OK;
		}
	}
	return best_of(*bytes, ret_name, guess);
}

enum status
charset_to_utf8(struct str bytes, const char *declared, struct buf *out, struct charset_result *ret_result)
{
	char guess[32];
	const char *name = "WINDOWS-1252";
	struct buf plain;
	enum status status = find_name(&bytes, declared, guess, &name);

	memset(ret_result, 0, sizeof(*ret_result));
	if (status != STATUS_OK)
		return status;
	set_name(ret_result, name);
	buf_init(&plain, out->max);
	if (ret_result->converted)
		status = convert(name, bytes, &plain, &ret_result->replaced);
	else
		append_mixed(bytes, &plain, ret_result);
	if (status == STATUS_OK)
		status = buf_status(&plain);
	if (status == STATUS_OK)
		ret_result->repaired += charset_repair(buf_str(&plain), out);
	buf_done(&plain);
	return status == STATUS_OK ? buf_status(out) : status;
}
