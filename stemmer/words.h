/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: spelling -> word, once for each spelling.
 *
 * A word's three spellings and its stems are made when its bytes are first seen; after that they are
 * found by a hash of these bytes, without decoding them.  Two ways of writing a word (U+0027 and
 * U+2019, NFC and NFD, "300 000" and "300000") give the same struct word.
 *
 * The stems S(w) of a lower-case word w, where D is the dictionary (lexicon.h):
 *
 *	{ stem(w) }                                where w is in D
 *	{ stem(v) : v in D, fold(v) = fold(w) }    where w is not, and there is such a v
 *	{ stem(fold(w)) }                          otherwise
 *
 * where stem() is libstemmer's but for the forms of exceptions.txt, and an ordinal in figures is the
 * stem of ordinal.h.  An apostrophe inside w is left out of all three; what has no letters is its own
 * stem.  A word that is written solid (solid.txt) is two words, linked by `rest`.
 *
 * Not for: where words are in a text; that is tokenizer.h.
 */
#ifndef VOISIN_STEMMER_WORDS_H
#define VOISIN_STEMMER_WORDS_H

#include "stemmer/analyzer.h"
#include "stemmer/normalize.h"

struct words;

/* STATUS_OK, or STATUS_NOMEM. */
enum status words_new(struct words **ret_words) MUST_CHECK;

/* NULL is accepted. */
void words_free(struct words *words);

/*
 * Forgets all words when they have become many, so that memory is bounded over many texts.  Ends
 * what was borrowed.
 */
enum status words_trim(struct words *words) MUST_CHECK;

/* How often it has; while that stays the same, so do the words' numbers. */
uint32_t words_numbering(const struct words *words);

/*
 * The word that is written as `raw` (a span of tokenizer.h), whose hash is words_hash()'s.  Borrowed until words_trim() or
 * words_free().  STATUS_OK, or STATUS_NOMEM.
 *
 * Most words are far from the processor when their turn comes.  Who knows some that will be asked for hashes them first, then calls
 * words_await() for each, so that they come while others are worked on.
 */
enum status words_get(
    struct words *words, struct str raw, uint32_t hash, enum token_kind kind, const struct word **ret_word) MUST_CHECK;
uint32_t words_hash(const struct words *words, struct str raw);
void words_await(const struct words *words, uint32_t hash);

/*
 * Of the bytes `raw`, for which words_get() gave the first of two words, those of the first; marks and
 * soft hyphens between the two are the first's.
 */
size_t words_first_len(struct str raw, const struct word *first);

/* The stems that a query looks `word` up by; see analyzer_query_stems().  Borrowed likewise. */
enum status words_query_stems(struct words *words, const struct word *word, enum accents accents,
    const struct str **ret_stems, size_t *ret_n) MUST_CHECK;

#endif
