/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number: how far a number, or a row of initials, goes beyond its first digits or letter.
 *
 *	300.000   300 000   300'000   1 234 567,89   1,000,000   10,5   10.5      one number each
 *	2016 300  12.05.2016  192.168.1.1  8/12/16  06 12 34 56 78  1,2,3         several
 *	O.N.U.    U.S.A   J.K.                                                    initials
 *	C.A partir   étudiant.e.s                                                 not
 *
 * Thousands are grouped by full stops, by spaces (of any width, one at a time) or by apostrophes, the
 * same sign throughout one number; the first group has one to three digits and no leading zero, the others
 * exactly three.  Decimals follow a comma, or a full stop where these are not three digits.
 */
#ifndef VOISIN_STEMMER_NUMBER_H
#define VOISIN_STEMMER_NUMBER_H

#include "base/str.h"

/* Where the number ends whose first digits are [start, digits_end), all ASCII; digits_end at least. */
size_t number_end(struct str text, size_t start, size_t digits_end);

/*
 * Where the initials end that begin with the one letter [start, letter_end), their last full stop
 * included; letter_end where it begins none.
 */
size_t initials_end(struct str text, size_t start, size_t letter_end);

#endif
