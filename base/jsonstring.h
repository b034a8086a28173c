/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jsonstring: strings of JSON (RFC 8259, section 7), and the blanks between them, for those who read it in one pass.
 *
 *	p = behind the first quotation mark
 *	jsonstring_plain(&p, end, &s) || jsonstring_escaped(&p, end, space, &s)
 *
 * That the text is UTF-8 is the caller's to know.
 */
#ifndef VOISIN_BASE_JSONSTRING_H
#define VOISIN_BASE_JSONSTRING_H

#include <stdbool.h>

#include "base/str.h"

/* Moves *from behind the blanks that may stand between what JSON is made of (section 2). */
static inline void
jsonstring_skip_blanks(const char **from, const char *end)
{
	while (*from < end && (**from == ' ' || **from == '\t' || **from == '\n' || **from == '\r'))
		++*from;
}

/*
 * Takes a string that stands for itself, up to and with its second quotation mark; *ret_string is borrowed from the text.  False, and *from as it
 * was, where there is an escape before that, a control character, or the end.
 */
bool jsonstring_plain(const char **from, const char *end, struct str *ret_string);

/*
 * The same of any string, put together at `space`, which has room for as many bytes as it is written with.  False where it is none, as with half
 * of a pair that stands for one character; *from and `space` are then of no use.  It may hold U+0000.
 */
bool jsonstring_escaped(const char **from, const char *end, char *space, struct str *ret_string);

#endif
