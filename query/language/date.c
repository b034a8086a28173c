/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/date.h"

#include <stdbool.h>

static uint32_t
days_in_month(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Reads exactly `count` digits at *off; false where there are others. */
static bool
read_digits(struct str text, size_t *off, size_t count, uint32_t *ret_number)
{
	uint32_t number = 0;

	for (size_t i = 0; i < count; i++) {
		if (*off + i >= text.len || text.p[*off + i] < '0' || text.p[*off + i] > '9')
			return false;
		number = number * 10 + (uint32_t)(text.p[*off + i] - '0');
	}
	*off += count;
	*ret_number = number;
	return true;
}

static bool
read_hyphen(struct str text, size_t *off)
{
	if (*off >= text.len || text.p[*off] != '-')
		return false;
	(*off)++;
	return true;
}

/* One point in time: a year, a month or a day, as the range that it spans. */
static bool
read_point(struct str text, struct date_range *ret_range)
{
	uint32_t year, month, day;
	size_t off = 0;

	if (!read_digits(text, &off, 4, &year) || year == 0)
		return false;
	if (off == text.len) {
		*ret_range = (struct date_range) { year * 10000 + 101, year * 10000 + 1231 };
		return true;
	}
	if (!read_hyphen(text, &off) || !read_digits(text, &off, 2, &month) || month < 1 || month > 12)
		return false;
	if (off == text.len) {
		*ret_range = (struct date_range) { (year * 100 + month) * 100 + 1,
			(year * 100 + month) * 100 + days_in_month(year, month) };
		return true;
	}
	if (!read_hyphen(text, &off) || !read_digits(text, &off, 2, &day) || off != text.len)
		return false;
	if (day < 1 || day > days_in_month(year, month))
		return false;
	*ret_range = (struct date_range) { (year * 100 + month) * 100 + day, (year * 100 + month) * 100 + day };
	return true;
}

static enum status
refuse_point(struct str text, size_t off, struct error *reterr)
{
	return error_set(reterr, STATUS_INVALID, off,
	    "\"%.*s\" is not a date, try: date:2016, date:2016-11, date:2016-11-08 or date:2016-11..2016-12",
	    (int)(text.len < 40 ? text.len : 40), text.p);
}

/* The place of "..", or text.len. */
static size_t
find_dots(struct str text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.p[i] == '.' && text.p[i + 1] == '.')
			return i;
	}
	return text.len;
}

enum status
date_range_parse(struct str text, size_t off, struct date_range *ret_range, struct error *reterr)
{
	struct date_range first = { 0, 0 }, last = { 0, 0 };
	size_t dots = find_dots(text);
	struct str left = { text.p, dots };
	struct str right = { text.p + dots, 0 };

	if (dots == text.len) {
		if (!read_point(text, ret_range))
			return refuse_point(text, off, reterr);
		return STATUS_OK;
	}
	right = (struct str) { text.p + dots + 2, text.len - dots - 2 };
	if (left.len == 0 && right.len == 0)
		return error_set(reterr, STATUS_INVALID, off,
		    "a range of dates has a first day, a last day or both, "
		    "try: date:2016-11..2016-12");
	if (left.len > 0 && !read_point(left, &first))
		return refuse_point(left, off, reterr);
	if (right.len > 0 && !read_point(right, &last))
		return refuse_point(right, off + dots + 2, reterr);
	if (left.len > 0 && right.len > 0 && first.first > last.last)
		return error_set(reterr, STATUS_INVALID, off,
		    "the range of dates ends before it begins, try: date:%.*s..%.*s", STR_FMT(right), STR_FMT(left));
	*ret_range = (struct date_range) { first.first, last.last };
	return STATUS_OK;
}

static void
print_day(uint32_t day, struct buf *out)
{
	if (day != 0)
		buf_printf(out, "%04u-%02u-%02u", day / 10000, day / 100 % 100, day % 100);
}

void
date_range_print(struct date_range range, struct buf *out)
{
	uint32_t year = range.first / 10000, month = range.first / 100 % 100;

	if (range.first == range.last) {
		print_day(range.first, out);
	} else if (range.first == year * 10000 + 101 && range.last == year * 10000 + 1231) {
		buf_printf(out, "%04u", year);
	} else if (range.first != 0 && range.first % 100 == 1 &&
		   range.last == range.first - 1 + days_in_month(year, month)) {
		buf_printf(out, "%04u-%02u", year, month);
	} else {
		print_day(range.first, out);
		buf_append_str(out, STR(".."));
		print_day(range.last, out);
	}
}
