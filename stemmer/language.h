/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * language: is this text French?
 *
 * By the words that carry no meaning: articles, prepositions, pronouns, which are a third of any running text and
 * differ from language to language (Grefenstette 1995, "Comparing two language identification schemes").
 * Whatever cannot be told (a score sheet, a line of names, a headline) is left open, and French by default; a text
 * is said to be in another language only where that language's words clearly lead.
 *
 * Not for: which language a foreign quotation inside a French article is in.
 */
#ifndef VOISIN_STEMMER_LANGUAGE_H
#define VOISIN_STEMMER_LANGUAGE_H

#include "base/str.h"

enum {
	LANGUAGE_SAMPLE_BYTES = 64 * 1024, /* of the text are looked at */
	LANGUAGE_WORDS_MIN = 20 /* fewer tell nothing */
};

/*
 * "fr", "en", "de", "es", "it", "nl", "pt" or "ca"; "und" for a text that is in none of them and not in French, such
 * as one in another script; empty where nobody can tell.  Static.  `text` is UTF-8.
 */
struct str language_of(struct str text);

#endif
