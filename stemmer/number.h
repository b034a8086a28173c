/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number: how far a number, or a row of initials, goes beyond its first digits or letter.
 *
 *	300.000   300 000   300'000   1 234 567,89   1,000,000   10,5   10.5      one number each
 *	2016 300  12.05.2016  192.168.1.1  8/12/16  06 12 34 56 78  1,2,3         several
 *	O.N.U.    U.S.A   J.K.                                                    initials
 *	G20  COVID19  20h30  5km                                                  two words each, or three
 *	m2   CO2   M6TV   4x4   1er                                               one
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
 * Where a word that is written solid with a number is cut: the run of letters and digits [start, end)
 * of "G20" before 20, of "20h30" and of "5km" behind the digits.  Hyphen, space or nothing are then
 * the same: F-16, F 16, F16; 20h30, 20 h 30.  Before a note's small figure, too: "Alep" + U+00B2.
 * `end` where it is one word.
 */
size_t number_cut(struct str text, size_t start, size_t end);

/*
 * Where the initials end that begin with the one letter [start, letter_end), their last full stop
 * included; letter_end where it begins none.
 */
size_t initials_end(struct str text, size_t start, size_t letter_end);

#endif
