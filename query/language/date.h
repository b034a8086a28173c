/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * date: the values of date:, in ISO 8601's order of year, month, day.
 *
 *	2016   2016-11   2016-11-08   2016-11..2016-12-08   ..2016   2016-11-08..
 */
#ifndef VOISIN_QUERY_LANGUAGE_DATE_H
#define VOISIN_QUERY_LANGUAGE_DATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* Days as yyyymmdd, inclusive; 0 for an open end. */
struct date_range {
	uint32_t first;
	uint32_t last;
};

/* Reads a value; `off` is its place in the query, for the error. */
enum status date_range_parse(
    struct str text, size_t off, struct date_range *ret_range, struct error *reterr) MUST_CHECK;

/* Appends the shortest value that reads back as the same range. */
void date_range_print(struct date_range range, struct buf *out);

#endif
