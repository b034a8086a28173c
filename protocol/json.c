/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocol/json.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/utf8.h"

enum { KEY_BYTES = 64 };

/* Jansson draws the seed of its tables from /dev/urandom when the first object is made. */
void
json_prepare(void)
{
	json_object_seed(0);
}

/* Whether what is written next must be parted from what is there. */
static bool
needs_comma(const struct buf *out)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '\n';

	/* A string ends with its quote, so these are never the end of a value. */
	return last != '{' && last != '[' && last != ':' && last != '\n';
}

static void
comma(struct buf *out)
{
	if (needs_comma(out))
		(void)buf_append_char(out, ',');
}

void
json_write_open(struct buf *out, char bracket)
{
	comma(out);
	(void)buf_append_char(out, bracket);
}

void
json_write_close(struct buf *out, char bracket)
{
	(void)buf_append_char(out, bracket);
}

void
json_write_key(struct buf *out, const char *key)
{
	char text[KEY_BYTES];
	size_t len = strlen(key), n = 0;

	if (len > KEY_BYTES - 4) {
		json_write_string(out, (struct str) { key, len });
		(void)buf_append_char(out, ':');
		return;
	}
	/* A reply has many, and each is one append. */
	if (needs_comma(out))
		text[n++] = ',';
	text[n++] = '"';
	memcpy(text + n, key, len);
	n += len;
	text[n++] = '"';
	text[n++] = ':';
	(void)buf_append(out, text, n);
}

/* The escape of a byte, into text[7]; its length, or 0 for a byte that stands for itself. */
static size_t
escape(unsigned char byte, char text[7])
{
	static const char two[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; two[i] != '\0'; i += 2) {
		if (byte == (unsigned char)two[i]) {
			text[0] = '\\';
			text[1] = two[i + 1];
			return 2;
		}
	}
	if (byte >= 0x20 && byte != 0x7F)
		return 0;
	(void)snprintf(text, 7, "\\u%04x", (unsigned)byte);
	return 6;
}

/* Whether a byte needs a second look: it must be escaped, or is not ASCII. */
static bool
is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

/* One character that is not plain, at s[*off]; moves behind it and gives what to write for it. */
static struct str
special(struct str s, size_t *off, char text[7])
{
	size_t start = *off;
	bool valid;
	size_t length;

	if ((unsigned char)s.p[start] < 0x80) {
		length = escape((unsigned char)s.p[start], text);
		(*off)++;
		return (struct str) { text, length };
	}
	(void)utf8_next(s, off, &valid);
	return valid ? (struct str) { s.p + start, *off - start } : STR("\xEF\xBF\xBD");
}

void
json_write_string(struct buf *out, struct str s)
{
	size_t off = 0;

	comma(out);
	(void)buf_append_char(out, '"');
	while (off < s.len && buf_status(out) == STATUS_OK) {
		size_t start = off;
		char text[7];

		while (off < s.len && is_plain((unsigned char)s.p[off]))
			off++;
		(void)buf_append(out, s.p + start, off - start);
		if (off < s.len)
			(void)buf_append_str(out, special(s, &off, text));
	}
	(void)buf_append_char(out, '"');
}

size_t
json_written_bytes(struct str s)
{
	size_t bytes = 2, off = 0;

	while (off < s.len) {
		char text[7];

		if (is_plain((unsigned char)s.p[off])) {
			off++;
			bytes++;
		} else
			bytes += special(s, &off, text).len;
	}
	return bytes;
}

void
json_write_int(struct buf *out, int64_t value)
{
	comma(out);
	if (value < 0)
		(void)buf_append_char(out, '-');
	(void)buf_append_uint(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void
json_write_uint(struct buf *out, uint64_t value)
{
	comma(out);
	(void)buf_append_uint(out, value, 1);
}

void
json_write_bool(struct buf *out, bool value)
{
	json_write_raw(out, value ? STR("true") : STR("false"));
}

void
json_write_null(struct buf *out)
{
	json_write_raw(out, STR("null"));
}

/* Digits that are shown, and the least number of so many. */
enum { DIGITS = 9, LEAST = 100000000 };

/* What is scaled below: from here, to below that. */
static const double scaled_from = 1e-4, scaled_to = 1e8;

/*
 * The digits of a value in these bounds, rounded to the nearest and, of two, to the even one, and the power of ten of the
 * first.  Value times ten to some power up to 12 has at most 93 bits, so nothing is lost on the way.
 */
static uint32_t
round_digits(double value, int *ret_power)
{
	int exponent, power = DIGITS;
	unsigned __int128 exact = (uint64_t)ldexp(frexp(value, &exponent), DBL_MANT_DIG), half, rest = 0;
	unsigned bits = (unsigned)(DBL_MANT_DIG - exponent);
	uint64_t digits;

	for (digits = 0; digits < LEAST; exact *= 10) {
		digits = (uint64_t)(exact >> bits);
		rest = exact & (((unsigned __int128)1 << bits) - 1);
		power--;
	}
	half = (unsigned __int128)1 << (bits - 1);
	digits += rest > half || (rest == half && digits % 2 == 1);
	if (digits == (uint64_t)LEAST * 10) {
		digits = LEAST;
		power++;
	}
	*ret_power = power;
	return (uint32_t)digits;
}

/* Writes such a value as "%.9g" does, which takes six times as long; the number of bytes. */
static size_t
write_scaled(double value, char *text)
{
	char digits[DIGITS];
	char *out = text;
	int power, n = DIGITS;
	uint32_t number = round_digits(value, &power);

	for (int i = DIGITS - 1; i >= 0; i--, number /= 10)
		digits[i] = (char)('0' + number % 10);
	while (n > 1 && n > power + 1 && digits[n - 1] == '0')
		n--;
	for (int i = power; i < 0; i++) {
		*out++ = '0';
		if (i == power)
			*out++ = '.';
	}
	for (int i = 0; i < n; i++) {
		if (i > 0 && i == power + 1)
			*out++ = '.';
		*out++ = digits[i];
	}
	return (size_t)(out - text);
}

void
json_write_number(struct buf *out, double value)
{
	char text[32];
	size_t sign = value < 0;
	int n;

	if (fabs(value) >= scaled_from && fabs(value) < scaled_to) {
		text[0] = '-';
		json_write_raw(out, (struct str) { text, sign + write_scaled(fabs(value), text + sign) });
		return;
	}
	n = snprintf(text, sizeof(text), "%.9g", isfinite(value) ? value : 0.0);
	/* The decimal point is the one byte that a locale may change; all others are these. */
	for (int i = 0; i < n; i++) {
		if (strchr("0123456789+-e", text[i]) == NULL)
			text[i] = '.';
	}
	json_write_raw(out, str_of(text));
}

void
json_write_raw(struct buf *out, struct str json)
{
	comma(out);
	(void)buf_append_str(out, json);
}

/* Whether brackets outside strings nest at most `max` deep.  Says nothing of other syntax. */
static bool
depth_within(struct str text, unsigned max)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '[') && ++depth > max)
			return false;
		else if (!in_string && (c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return true;
}

/* Whether each object holds at most `max` keys.  Recursion is as deep as depth_within() allowed. */
static bool
keys_within(json_t *value, unsigned max)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_object_size(value) > max)
		return false;
	json_object_foreach(value, key, child)
	{
		if (!keys_within(child, max))
			return false;
	}
	json_array_foreach(value, i, child)
	{
		if (!keys_within(child, max))
			return false;
	}
	return true;
}

/* Whether an allocation failed since this was last set to false; only where it is watched. */
static _Thread_local bool memory_failed;

static void *
watched_malloc(size_t size)
{
	void *block = malloc(size);

	if (block == NULL)
		memory_failed = true;
	return block;
}

void
json_watch_memory(void)
{
	json_set_alloc_funcs(watched_malloc, free);
}

static enum status
refuse_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

static enum status
refuse_json(const json_error_t *why, struct error *reterr)
{
	const char *what = N_("it is not valid JSON");

	switch (json_error_code(why)) {
	/* Where Jansson says nothing, what failed was an allocation. */
	case json_error_unknown:
	case json_error_out_of_memory: return refuse_memory(reterr);
	case json_error_invalid_utf8: what = N_("it is not valid UTF-8"); break;
	case json_error_premature_end_of_input: what = N_("it ends too early"); break;
	case json_error_end_of_input_expected: what = N_("something stands behind the JSON value"); break;
	case json_error_null_byte_in_key: what = N_("a key holds a NUL character"); break;
	case json_error_duplicate_key: what = N_("a key is there twice in one object"); break;
	case json_error_numeric_overflow: what = N_("a number is too large"); break;
	default: break;
	}
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s (byte %d)", tr(what), why->position);
}

enum status
json_refuse(struct str text, unsigned max_depth, unsigned max_keys, struct error *reterr)
{
	const char *nul = text.len > 0 ? memchr(text.p, '\0', text.len) : NULL;
	json_error_t why;
	json_t *value;
	bool wide;

	/* Jansson would speak of an early end. */
	if (nul != NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "it holds a NUL byte (byte %zu)",
		    (size_t)(nul - text.p) + 1);
	if (!depth_within(text, max_depth))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "JSON is nested more than %u levels deep (limit json_depth)", max_depth);
	memory_failed = false;
	value = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	wide = value != NULL && !keys_within(value, max_keys);
	json_decref(value);
	if (memory_failed)
		return refuse_memory(reterr);
	if (wide)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "an object has more than %u keys (limit json_keys)", max_keys);
	if (value == NULL)
		return refuse_json(&why, reterr);
	/* The two readers agree on what JSON is, as test_value.c holds. */
	return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "%s", status_text(STATUS_INTERNAL));
}
