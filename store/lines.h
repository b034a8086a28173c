/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines: the short lines of a text, and in how many documents of a source each one stands.
 *
 * What a site prints under each of its articles ("Suivez-nous sur...", "© Agence du Nord") is a line
 * that recurs.  Each short line of a document is posted as a boolean term made of the source's name
 * and the line, and so is the source alone, so that the index itself knows how often a line recurs,
 * also after documents were replaced and deleted.
 *
 *	XL<16 hexadecimal digits>    of the source and the line, trimmed
 */
#ifndef VOISIN_STORE_LINES_H
#define VOISIN_STORE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
	LINES_SHORT_BYTES = 120, /* a longer line is text */
	LINES_TERM_BYTES = 2 + 16
};

/*
 * Takes the next line of `text` from byte *off, without blanks around it; *off goes behind its end.
 * ret_line->p points into the text.  False at the end of the text.
 */
bool lines_next(struct str text, size_t *off, struct str *ret_line);

/* Whether a line is short, and not empty. */
bool lines_is_short(struct str line);

/* The term of a line in a source, NUL-terminated; an empty line stands for the source itself. */
struct str lines_term(struct str source, struct str line, char space[LINES_TERM_BYTES + 1]);

#endif
