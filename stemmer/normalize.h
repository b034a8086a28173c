/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * normalize: one word as it is written -> its three spellings.
 *
 *	raw (any typography)   surface     lower       folded
 *	"E\u0301tats"          "États"     "états"     "etats"
 *	"C\u0152UR"            "COEUR"     "coeur"     "coeur"
 *	"aujourd\u2019hui"     "aujourd'hui"  same     same
 *	"300 000", "1.5"       "300000", "1,5"
 *	"O.N.U."               "ONU"       "onu"       "onu"
 *
 * Surface is Unicode's NFC (UAX #15) after the signs that typography varies are made one: ligatures
 * are spelled out, apostrophes are ', hyphens are -, soft hyphens and joiners are dropped, small
 * digits are digits.  Folded is lower without accents, where a letter that Unicode does not decompose
 * (o with stroke) becomes the one that is typed for it.  Idempotent: a surface's surface is itself.
 *
 * Not for: where a word begins and ends; that is tokenizer.h.
 */
#ifndef VOISIN_STEMMER_NORMALIZE_H
#define VOISIN_STEMMER_NORMALIZE_H

#include <stdbool.h>

#include "base/limits.h"
#include "base/str.h"

/* How the bytes of a token are to be read. */
enum token_kind {
	TOKEN_WORD,
	TOKEN_NUMBER, /* of digits with separators: the thousands' are dropped, the decimals' is a comma */
	TOKEN_INITIALS /* single letters with full stops, which are dropped */
};

struct spelling {
	char surface[LIMIT_WORD_BYTES];
	char lower[LIMIT_WORD_BYTES];
	char folded[LIMIT_WORD_BYTES];
	size_t surface_len;
	size_t lower_len;
	size_t folded_len;
	bool has_letters; /* something else than digits and their comma */
	bool is_cut; /* `raw` was longer: of its surface the first LIMIT_WORD_BYTES are here */
};

/*
 * Spells `raw` out; each of the three is cut at a character where it is longer than
 * LIMIT_WORD_BYTES.  What is not UTF-8 is left out; *ret_valid, which may be NULL, says whether
 * nothing was.  Cost: linear; of a very long word only the start is looked at, with at most 30
 * combining marks a letter (the Stream-Safe Text Format of UAX #15, section 13).
 */
void normalize_word(struct str raw, enum token_kind kind, struct spelling *ret_spelling, bool *ret_valid);

#endif
