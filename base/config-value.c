/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/config-value.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* Each ended by NULL; the order is that of messages. */
static const struct unit sizes[] = {
	{ "B", 1 },
	{ "kB", 1000 },
	{ "MB", 1000 * 1000 },
	{ "GB", 1000 * 1000 * 1000 },
	{ "KiB", 1 << 10 },
	{ "MiB", 1 << 20 },
	{ "GiB", 1 << 30 },
	{ NULL, 0 },
};

static const struct unit durations[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "min", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
	{ NULL, 0 },
};

static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };

static const struct {
	const char *name;
	bool value;
} booleans[] = {
	{ "yes", true },
	{ "no", false },
	{ "true", true },
	{ "false", false },
	{ "on", true },
	{ "off", false },
	{ "oui", true },
	{ "non", false },
};

enum { NAMES_BYTES = 120, NUMBER_BYTES = 40, UNIT_SHOWN = 20 };

/* ---- Text ------------------------------------------------------------------------------------ */

/* "a \"b\" " -> a "b" : only \" and \\ are escapes. */
static enum status
unquote(struct str text, char *space, struct str *ret_text, struct error *reterr)
{
	size_t used = 0;

	for (size_t i = 1; i < text.len; i++) {
		char c = text.p[i];

		if (c == '"' && i + 1 < text.len)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "something stands behind the closing quote; inside, a quote is written \\\"");
		if (c == '"') {
			*ret_text = (struct str) { space, used };
			return STATUS_OK;
		}
		if (c == '\\' && (++i == text.len || (text.p[i] != '"' && text.p[i] != '\\')))
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "inside quotes a \\ stands before a quote or another \\ only");
		space[used++] = text.p[i];
	}
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the closing quote is missing");
}

/* " #" is nearly always meant as a comment, and would else be part of a path, in silence. */
static enum status
check_no_comment(struct str text, struct error *reterr)
{
	for (size_t i = 1; i < text.len; i++)
		if (text.p[i] == '#' && (text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "a comment has a line of its own; where # belongs to the value, put the value in quotes");
	return STATUS_OK;
}

static enum status
read_text(const struct config_key *key, struct str text, char *space, struct str *ret_text, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (text.len > 0 && text.p[0] == '"' && key->kind == CONFIG_TEXT)
		status = unquote(text, space, &text, reterr);
	else
		status = check_no_comment(text, reterr);
	if (status != STATUS_OK)
		return status;
	if (key->most > 0 && (text.len < (size_t)key->least || text.len > (size_t)key->most))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "it has %zu bytes; allowed are %lld to %lld",
		    text.len, (long long)key->least, (long long)key->most);
	*ret_text = text;
	return STATUS_OK;
}

/* ---- Numbers --------------------------------------------------------------------------------- */

static void
list_units(const struct unit *units, char out[NAMES_BYTES])
{
	size_t used = 0;

	for (; units->name != NULL && used < NAMES_BYTES; units++)
		used += (size_t)snprintf(out + used, NAMES_BYTES - used, "%s%s", used > 0 ? ", " : "", units->name);
}

/* The largest unit that gives a whole number: 16777216 -> "16 MiB". */
static void
print_amount(int64_t number, const struct unit *units, char out[NUMBER_BYTES])
{
	const struct unit *best = units;

	for (; units->name != NULL; units++)
		if (number != 0 && number % units->factor == 0 && units->factor > best->factor)
			best = units;
	(void)snprintf(
	    out, NUMBER_BYTES, "%" PRId64 "%s%s", number / best->factor, best->name[0] != '\0' ? " " : "", best->name);
}

/* How much of what is no unit is shown, in whole characters. */
static int
shown_len(struct str s)
{
	size_t len = s.len < UNIT_SHOWN ? s.len : UNIT_SHOWN;

	while (len < s.len && len > 0 && ((unsigned char)s.p[len] & 0xC0) == 0x80)
		len--;
	return (int)len;
}

static enum status
refuse_unit(struct str unit, const struct unit *units, struct error *reterr)
{
	char names[NAMES_BYTES];

	list_units(units, names);
	if (units == plain)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "\"%.*s\" stands behind the number",
		    shown_len(unit), unit.p);
	if (unit.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the unit is missing; units are %s", names);
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "\"%.*s\" is not a unit; units are %s",
	    shown_len(unit), unit.p, names);
}

static enum status
refuse_range(const struct config_key *key, const struct unit *units, struct error *reterr)
{
	char least[NUMBER_BYTES];
	char most[NUMBER_BYTES];

	print_amount(key->least, units, least);
	print_amount(key->most, units, most);
	return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "out of range; allowed are %s to %s", least, most);
}

/* Digits at the start of `text`; the number is INT64_MAX where it is that or more. */
static int64_t
read_digits(struct str text, size_t *ret_len)
{
	int64_t number = 0;
	size_t i = 0;

	for (; i < text.len && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
		int digit = text.p[i] - '0';

		number = number > (INT64_MAX - digit) / 10 ? INT64_MAX : number * 10 + digit;
	}
	*ret_len = i;
	return number;
}

static enum status
read_amount(
    const struct config_key *key, struct str text, const struct unit *units, int64_t *ret_number, struct error *reterr)
{
	size_t off;
	int64_t number = read_digits(text, &off);
	struct str unit;

	if (off == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "a whole number has to come first, and it is not negative");
	while (off < text.len && (text.p[off] == ' ' || text.p[off] == '\t'))
		off++;
	unit = (struct str) { text.p + off, text.len - off };
	for (const struct unit *it = units; it->name != NULL; it++) {
		if (!str_eq(unit, str_of(it->name)))
			continue;
		number = number > INT64_MAX / it->factor ? INT64_MAX : number * it->factor;
		if (number == INT64_MAX ||
		    ((key->least != 0 || key->most != 0) && (number < key->least || number > key->most)))
			return refuse_range(key, units, reterr);
		*ret_number = number;
		return STATUS_OK;
	}
	return refuse_unit(unit, units, reterr);
}

/* ---- Names ----------------------------------------------------------------------------------- */

static enum status
read_bool(struct str text, int64_t *ret_number, struct error *reterr)
{
	for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++) {
		if (str_eq(text, str_of(booleans[i].name))) {
			*ret_number = booleans[i].value;
			return STATUS_OK;
		}
	}
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "neither yes nor no");
}

static enum status
read_choice(const struct config_key *key, struct str text, int64_t *ret_number, struct error *reterr)
{
	char names[NAMES_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; key->choices[i] != NULL; i++) {
		if (str_eq(text, str_of(key->choices[i]))) {
			*ret_number = (int64_t)i;
			return STATUS_OK;
		}
		if (used < sizeof(names))
			used += (size_t)snprintf(
			    names + used, sizeof(names) - used, "%s%s", i > 0 ? ", " : "", key->choices[i]);
	}
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "not one of: %s", names);
}

enum status
config_value_read(const struct config_key *key, struct str text, char *space, struct str *ret_text, int64_t *ret_number,
    struct error *reterr)
{
	*ret_text = text;
	switch (key->kind) {
	case CONFIG_TEXT:
	case CONFIG_VERBATIM: return read_text(key, text, space, ret_text, reterr);
	case CONFIG_BOOL: return read_bool(text, ret_number, reterr);
	case CONFIG_NUMBER: return read_amount(key, text, plain, ret_number, reterr);
	case CONFIG_SIZE: return read_amount(key, text, sizes, ret_number, reterr);
	case CONFIG_DURATION: return read_amount(key, text, durations, ret_number, reterr);
	case CONFIG_CHOICE: return read_choice(key, text, ret_number, reterr);
	}
	return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "internal error, please report");
}

static unsigned
least_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
config_slips(struct str a, struct str b)
{
	/* Three rows of the table are enough: this one, the one before, and, for swaps, the one before that. */
	unsigned rows[3][LIMIT_CONFIG_NAME_BYTES + 1];

	if (a.len > LIMIT_CONFIG_NAME_BYTES || b.len > LIMIT_CONFIG_NAME_BYTES)
		return LIMIT_CONFIG_NAME_BYTES;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			row[j] = least_of(above[j] + 1, row[j - 1] + 1);
			row[j] = least_of(row[j], above[j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				row[j] = least_of(row[j], before[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}
