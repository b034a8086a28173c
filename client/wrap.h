/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wrap: running text on lines of a given width.
 *
 * Lines break at blanks; a no-break space is none.  A word that is longer than a line is broken
 * where the line ends.
 */
#ifndef VOISIN_CLIENT_WRAP_H
#define VOISIN_CLIENT_WRAP_H

#include "client/screen.h"

struct wrap {
	const struct screen *screen;
	struct buf *out;
	size_t indent; /* blanks before each line */
	size_t column; /* of the line in hand; 0 before its indent is written */
	struct buf word; /* that is not yet placed, with its styles */
	size_t word_columns;
	bool blank; /* one is due before the word */
};

void wrap_init(struct wrap *wrap, const struct screen *screen, struct buf *out, size_t indent);

/* Adds a stretch of text, marked or not. */
void wrap_add(struct wrap *wrap, struct str text, bool mark);

/* Ends the last line and frees. */
void wrap_done(struct wrap *wrap);

#endif
