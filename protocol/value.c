/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocol/value.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/jsonstring.h"
#include "base/utf8.h"
#include "protocol/json.h"

/* Of a number: so many digits fit in 64 bits and in a double, and such powers of ten are exact in the latter. */
enum { INTEGER_DIGITS = 18, EXACT_DIGITS = 15, EXACT_POWER = 22 };

struct reading {
	const char *p;
	const char *end;
	struct arena *arena;
	unsigned depth; /* brackets that may still be opened */
	unsigned max_keys;
	bool no_memory;
};

static bool take_value(struct reading *reading, struct value *value);

static void
skip_blanks(struct reading *reading)
{
	jsonstring_skip_blanks(&reading->p, reading->end);
}

static bool
is_next(const struct reading *reading, char c)
{
	return reading->p < reading->end && *reading->p == c;
}

static bool
take(struct reading *reading, char c)
{
	if (!is_next(reading, c))
		return false;
	reading->p++;
	return true;
}

static void *
make(struct reading *reading, size_t bytes)
{
	void *made = arena_alloc(reading->arena, bytes);

	reading->no_memory |= made == NULL;
	return made;
}

/* ---- Strings ---- */

/* How many bytes there are before the quotation mark that ends a string with escapes; SIZE_MAX where there is none. */
static size_t
written_len(const struct reading *reading)
{
	const char *close = reading->p;

	while (close < reading->end && *close != '"')
		close += *close == '\\' ? 2 : 1;
	return close < reading->end ? (size_t)(close - reading->p) : SIZE_MAX;
}

static bool
take_string(struct reading *reading, struct str *ret_string)
{
	size_t len;
	char *space;

	if (!take(reading, '"'))
		return false;
	if (jsonstring_plain(&reading->p, reading->end, ret_string))
		return true;
	len = written_len(reading);
	if (len == SIZE_MAX)
		return false;
	space = make(reading, len);
	return space != NULL && jsonstring_escaped(&reading->p, reading->end, space, ret_string);
}

/* ---- Numbers ---- */

struct number {
	uint64_t digits; /* before and behind the point, without it; while there are INTEGER_DIGITS at most */
	int n_digits; /* without zeros in front */
	int scale; /* digits behind the point */
	int power; /* behind the e; a large one is cut */
	bool negative;
	bool real; /* it has a point or an e */
};

static bool
is_digit(const struct reading *reading)
{
	return reading->p < reading->end && *reading->p >= '0' && *reading->p <= '9';
}

/* A run of digits; false where there is none. */
static bool
take_digits(struct reading *reading, struct number *number, int *n)
{
	const char *start = reading->p;

	for (; is_digit(reading); reading->p++) {
		number->n_digits += number->n_digits > 0 || *reading->p != '0';
		if (number->n_digits <= INTEGER_DIGITS)
			number->digits = number->digits * 10 + (uint64_t)(*reading->p - '0');
	}
	*n = (int)(reading->p - start);
	return *n > 0;
}

static bool
take_power(struct reading *reading, struct number *number)
{
	bool negative = is_next(reading, '-');

	if (negative || is_next(reading, '+'))
		reading->p++;
	if (!is_digit(reading))
		return false;
	for (; is_digit(reading); reading->p++) {
		if (number->power <= 1000)
			number->power = number->power * 10 + (*reading->p - '0');
	}
	number->power = negative ? -number->power : number->power;
	return true;
}

static bool
take_number(struct reading *reading, struct number *number)
{
	const char *start;
	int n;

	number->negative = take(reading, '-');
	start = reading->p;
	if (!take_digits(reading, number, &n) || (*start == '0' && n > 1))
		return false;
	if (take(reading, '.')) {
		number->real = true;
		if (!take_digits(reading, number, &number->scale))
			return false;
	}
	if (!is_next(reading, 'e') && !is_next(reading, 'E'))
		return true;
	reading->p++;
	number->real = true;
	return take_power(reading, number);
}

/* strtod() knows the point of the locale alone. */
static bool
convert_any(struct reading *reading, struct str source, double *ret_real)
{
	char *copy = make(reading, source.len + 1), *point;

	if (copy == NULL)
		return false;
	memcpy(copy, source.p, source.len);
	point = strchr(copy, '.');
	if (point != NULL)
		*point = localeconv()->decimal_point[0];
	errno = 0;
	*ret_real = strtod(copy, NULL);
	return errno != ERANGE || fabs(*ret_real) < HUGE_VAL;
}

/*
 * Digits and a power of ten that are both exact in a double give the nearest one by a single rounding (Clinger, How to
 * Read Floating Point Numbers Accurately, 1990); all that a daemon writes is of this kind.
 */
static bool
convert(struct reading *reading, const struct number *number, struct str source, double *ret_real)
{
	static const double powers[EXACT_POWER + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	int power = number->power - number->scale;
	double real = (double)number->digits;

	if (number->n_digits > EXACT_DIGITS || power < -EXACT_POWER || power > EXACT_POWER)
		return convert_any(reading, source, ret_real);
	real = power < 0 ? real / powers[-power] : real * powers[power];
	*ret_real = number->negative ? -real : real;
	return true;
}

/* One that has more digits than surely fit. */
static bool
convert_long(struct reading *reading, struct str source, int64_t *ret_integer)
{
	char *copy = make(reading, source.len + 1);

	if (copy == NULL)
		return false;
	memcpy(copy, source.p, source.len);
	errno = 0;
	*ret_integer = strtoll(copy, NULL, 10);
	return errno == 0;
}

static bool
take_numeric(struct reading *reading, struct value *value)
{
	struct number number = { .digits = 0 };
	struct str source = { reading->p, 0 };

	if (!take_number(reading, &number))
		return false;
	source.len = (size_t)(reading->p - source.p);
	value->kind = number.real ? VALUE_REAL : VALUE_INTEGER;
	if (number.real)
		return convert(reading, &number, source, &value->as.real);
	if (number.n_digits > INTEGER_DIGITS)
		return convert_long(reading, source, &value->as.integer);
	value->as.integer = number.negative ? -(int64_t)number.digits : (int64_t)number.digits;
	return true;
}

/* ---- Values ---- */

static bool
take_word(struct reading *reading, struct value *value)
{
	static const struct {
		struct str word;
		enum value_kind kind;
	} words[] = {
		{ { "null", 4 }, VALUE_NULL },
		{ { "false", 5 }, VALUE_FALSE },
		{ { "true", 4 }, VALUE_TRUE },
	};
	struct str rest = { reading->p, (size_t)(reading->end - reading->p) };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_has_prefix(rest, words[i].word))
			continue;
		reading->p += words[i].word.len;
		value->kind = words[i].kind;
		return true;
	}
	return false;
}

static const struct value *
find(const struct value *object, struct str key)
{
	const struct value *member = object->as.first;

	while (member != NULL && !str_eq(member->key, key))
		member = member->next;
	return member;
}

/* The key of a member, its colon and the blanks around it. */
static bool
take_key(struct reading *reading, const struct value *object, struct str *ret_key)
{
	if (object->n == reading->max_keys || !take_string(reading, ret_key) ||
	    (ret_key->len > 0 && memchr(ret_key->p, '\0', ret_key->len) != NULL) || find(object, *ret_key) != NULL)
		return false;
	skip_blanks(reading);
	if (!take(reading, ':'))
		return false;
	skip_blanks(reading);
	return true;
}

/* What is between the brackets of `list`, and the second one. */
static bool
take_items(struct reading *reading, struct value *list, char close)
{
	const struct value **last = &list->as.first;

	do {
		struct value *item = make(reading, sizeof(*item));

		skip_blanks(reading);
		if (item == NULL || (list->kind == VALUE_OBJECT && !take_key(reading, list, &item->key)) ||
		    !take_value(reading, item))
			return false;
		*last = item;
		last = &item->next;
		list->n++;
		skip_blanks(reading);
	} while (take(reading, ','));
	return take(reading, close);
}

static bool
take_list(struct reading *reading, struct value *list, enum value_kind kind, char close)
{
	bool taken;

	list->kind = kind;
	reading->p++;
	if (reading->depth == 0)
		return false;
	skip_blanks(reading);
	if (take(reading, close))
		return true;
	reading->depth--;
	taken = take_items(reading, list, close);
	reading->depth++;
	return taken;
}

/* Recursion is as deep as the brackets, which are counted. */
static bool
take_value(struct reading *reading, struct value *value)
{
	const char *start = reading->p;
	bool taken;

	if (is_next(reading, '"')) {
		value->kind = VALUE_STRING;
		taken = take_string(reading, &value->as.text);
	} else if (is_next(reading, '{')) {
		taken = take_list(reading, value, VALUE_OBJECT, '}');
	} else if (is_next(reading, '[')) {
		taken = take_list(reading, value, VALUE_ARRAY, ']');
	} else if (is_next(reading, '-') || is_digit(reading)) {
		taken = take_numeric(reading, value);
	} else {
		taken = take_word(reading, value);
	}
	value->source = (struct str) { start, (size_t)(reading->p - start) };
	return taken;
}

enum status
value_read(struct arena *arena, struct str text, unsigned max_depth, unsigned max_keys, const struct value **ret_value,
    struct error *reterr)
{
	struct reading reading = {
		.p = text.p, .end = text.p + text.len, .arena = arena, .depth = max_depth, .max_keys = max_keys
	};
	struct value *value = make(&reading, sizeof(*value));
	bool taken = value != NULL && utf8_valid_prefix(text) == text.len;

	if (taken) {
		skip_blanks(&reading);
		taken = take_value(&reading, value);
		skip_blanks(&reading);
	}
	if (reading.no_memory)
		return error_no_memory(reterr);
	if (!taken || reading.p < reading.end)
		return json_refuse(text, max_depth, max_keys, reterr);
	*ret_value = value;
	return STATUS_OK;
}

const struct value *
value_get(const struct value *object, const char *key)
{
	return value_is(object, VALUE_OBJECT) ? find(object, str_of(key)) : NULL;
}
