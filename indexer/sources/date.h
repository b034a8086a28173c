/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * date: the day that a text gives for itself, in the ways that sources write it.
 *
 *	2016-12-07   2016-12-07T09:30:00+01:00   20161207   D:20161207093000   2016/12/07     ISO 8601, PDF
 *	Wed, 07 Dec 2016 09:30:00 +0100                                                       RFC 5322, RSS
 *	mercredi 7 décembre 2016   1er janvier 2017   7 déc. 2016   07/12/2016   07.12.2016   as the press does
 *
 * A day is taken as it is written, in whatever time zone.
 */
#ifndef VOISIN_INDEXER_SOURCES_DATE_H
#define VOISIN_INDEXER_SOURCES_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { DATE_BYTES = 11 /* "2016-12-07" and a NUL */ };

/* Reads a value that is a date, perhaps with a time behind it.  False where it is none of the above. */
bool date_parse(struct str value, char ret_date[DATE_BYTES]);

/*
 * The date of publication at the head of a text: a line of the first ones that is little but a date, or one behind
 * "publié le", "mis en ligne le" and their like.  A date in the middle of a sentence is the event's, and is not taken.
 */
bool date_find(struct str text, char ret_date[DATE_BYTES]);

/* The day of so many seconds since 1970, in UTC; false before 1970 and after the year 9999. */
bool date_of_time(int64_t seconds, char ret_date[DATE_BYTES]);

#endif
