/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tokenizer: text -> the byte spans of its words.
 *
 *	L'armée d’Alep-Est a tenu 300 000 h, dit l'O.N.U. Fin.
 *	  -----   ---- --- - ---- ------- -  ---   ------ ---
 *
 * Works on the bytes as they are: a word's span holds whatever it was written with (soft hyphens,
 * decomposed accents, thousands' spaces), and normalize.h says which word that is.
 *
 * Not for: positions and words, which are analyzer.h's.
 */
#ifndef VOISIN_STEMMER_TOKENIZER_H
#define VOISIN_STEMMER_TOKENIZER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "stemmer/normalize.h"
#include "stemmer/sentence.h"

/* To be made by tokenizer_init(); the fields are its own. */
struct tokenizer {
	struct str text;
	size_t off;
	size_t line; /* where the current line began */
	struct last_word last;
	enum ending ending; /* since the last word */
	uint32_t sentence;
	uint32_t paragraph;
};

struct span {
	size_t off;
	size_t len;
	enum token_kind kind;
	uint32_t sentence;
	uint32_t paragraph;
};

/* `text` is borrowed until the last tokenizer_next(). */
void tokenizer_init(struct tokenizer *tokenizer, struct str text);

/* Finds the next word; false at the end of the text.  Cost: linear over all calls. */
bool tokenizer_next(struct tokenizer *tokenizer, struct span *ret_span);

#endif
