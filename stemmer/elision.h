/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elision: what an apostrophe between two groups of letters means in French.
 *
 *	l'ami  qu'Alep  jusqu'à      an elided particle: cut off, it takes no position
 *	aujourd'hui  O'Brien         one word
 *	Crit'Air  grand'mère         two words, as with a hyphen
 *	McDonald's                   the English possessive: cut off
 *
 * Two tables decide, of particles and of exceptions; a linguist may add rows to either.
 */
#ifndef VOISIN_STEMMER_ELISION_H
#define VOISIN_STEMMER_ELISION_H

#include "base/str.h"

enum elision {
	ELISION_PARTS, /* the apostrophe separates words */
	ELISION_CUT, /* what stands before it is a particle */
	ELISION_JOIN /* both sides are one word */
};

/* Letters of a part that are looked at; longer parts are in no table. */
enum { ELISION_LETTERS_MAX = 8 };

/*
 * What the apostrophe between the groups of letters `left` and `right` (as in the text, in any
 * case and accents) does.  `right` is empty where no letter follows the apostrophe directly.
 */
enum elision elision_of(struct str left, struct str right);

#endif
