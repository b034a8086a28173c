/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sentence: where sentences and paragraphs end.
 *
 * Called at each full stop (or other mark) and at each line end between two words; looks at no more
 * than a few characters around it, so the whole is linear.  docs/analysis.md states the rules:
 *
 *	mercredi. Le   mercredi.Le   soir !" Le   soir. 369 civils   ONU... Il       an end
 *	M. Assad   D. Trump   0.5   orange.fr   « Quoi ? » dit-il   (...) mais       none
 *	Titre court\nLa suite                                                        an end
 *	line of a text that is wrapped at 51 to 100 characters\nBachar               none
 */
#ifndef VOISIN_STEMMER_SENTENCE_H
#define VOISIN_STEMMER_SENTENCE_H

#include <stddef.h>

#include "base/str.h"
#include "stemmer/normalize.h"

enum ending { ENDING_NONE, ENDING_SENTENCE, ENDING_PARAGRAPH };

/* The word before the mark; len 0 where there is none yet. */
struct last_word {
	size_t off;
	size_t len;
	enum token_kind kind;
};

/* What the run of marks [off, ...) ends; *ret_next is behind it. */
enum ending sentence_at_stop(struct str text, size_t off, struct last_word last, size_t *ret_next);

/* What the run of blanks and line ends [off, ...) ends, on a line that began at `line`. */
enum ending sentence_at_newline(struct str text, size_t off, size_t line, size_t *ret_next);

#endif
