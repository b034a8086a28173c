/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * analyzer: French text -> tokens; which words does this text hold, and where?
 *
 * One function for documents and for queries.  A token has a position, the bytes that it came from,
 * its sentence and paragraph, and a word; a word is one distinct spelling with its folded form and
 * its stems, computed once and shared by all tokens that are spelled so.
 *
 *	text        L'armée d’Alep-Est a tenu 80 %.
 *	positions       1       2    3   4 5    6        (elided particles take none)
 *
 * Not for: query operators, what is posted under which prefix (store/), names with variants.
 */
#ifndef VOISIN_STEMMER_ANALYZER_H
#define VOISIN_STEMMER_ANALYZER_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* How a query word that was typed without accents is read. */
enum accents {
	ACCENTS_TYPED, /* the default: S(w) of docs/analysis.md; a word of the dictionary is itself */
	ACCENTS_LOOSE, /* and all words of the dictionary that differ from it only by accents */
	ACCENTS_STRICT /* the stem of what was typed; the dictionary restores nothing */
};

/*
 * One distinct spelling.  A word that is longer than LIMIT_WORD_BYTES is cut there at a character, in
 * each of its forms; the token's span still covers all of it.  All strings are borrowed from the
 * analyzer, see analyzer_run().
 */
struct word {
	/*
	 * The first part of a word that is written solid ("week" of "weekend") and is read as two has the
	 * second part here, and the folded whole below, for prefixes and spelling.  Otherwise NULL, and empty.
	 */
	const struct word *rest;
	const struct str *stems; /* S(w), sorted by bytes, distinct */
	uint32_t n_stems; /* at least 1 */
	uint32_t number; /* of the words that this analyzer knows: small, and no other's; see analyzer_numbering() */
	struct str whole;
	struct str surface; /* normalised (NFC, ligatures, apostrophes), case and accents kept: "ARMÉE" */
	struct str lower; /* the same in lower case: "armée" */
	struct str folded; /* and without accents: "armee" */
};

struct token {
	const struct word *word;
	uint32_t pos; /* first_pos for the first token, then one more each */
	uint32_t off; /* of the word's first byte in the text as given, elided particle not included */
	uint32_t len; /* in bytes of the text as given; of a number or initials, with what separates them */
	uint32_t sentence; /* from 0 */
	uint32_t paragraph; /* from 0 */
};

struct analyzer;

/*
 * Makes an analyzer.  One a thread: it holds a stemmer, a cache of words and the tokens of the last
 * text.  STATUS_NOMEM or STATUS_OK.
 */
enum status analyzer_new(struct analyzer **ret_analyzer, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void analyzer_free(struct analyzer *analyzer);

/*
 * Cuts `text` (any bytes: what is not UTF-8 separates words) into tokens in order of position.
 * *ret_tokens and the words that they point to are borrowed until the next analyzer_run() or
 * analyzer_free().  Text longer than LIMIT_DOCUMENT_BYTES or with more than LIMIT_DOCUMENT_WORDS
 * words is STATUS_LIMIT.  Cost: linear in the bytes.
 */
enum status analyzer_run(struct analyzer *analyzer, struct str text, uint32_t first_pos,
    const struct token **ret_tokens, size_t *ret_n, struct error *reterr) MUST_CHECK;

/*
 * How often the analyzer has forgotten all words, which it does when they have become many, before a text is read.  As long as it
 * stays the same a word has the same number and place, so that what somebody found out of it can be kept from text to text.
 */
uint32_t analyzer_numbering(const struct analyzer *analyzer);

/* Bytes of a text, [off, off + len). */
struct text_span {
	uint32_t off;
	uint32_t len;
};

/*
 * The same for a text in which some lines are set aside: a token that begins in one of the `aside`
 * (ascending, apart) takes no position among the others, as if its line were not there.  *ret_tokens has
 * the *ret_n_read tokens that are left first, then those set aside, whose positions begin `gap` behind
 * the last one before, and whose sentences and paragraphs are none of the others'.  Where nothing would
 * be left, nothing is set aside.
 */
enum status analyzer_run_aside(struct analyzer *analyzer, struct str text, const struct text_span *aside,
    size_t n_aside, uint32_t first_pos, uint32_t gap, const struct token **ret_tokens, size_t *ret_n,
    size_t *ret_n_read, struct error *reterr) MUST_CHECK;

/*
 * The stems by which a query word is looked up: word->stems for ACCENTS_TYPED, and as the enum says
 * for the others.  Sorted, distinct, at least one.  Borrowed like the tokens.
 */
enum status analyzer_query_stems(struct analyzer *analyzer, const struct word *word, enum accents accents,
    const struct str **ret_stems, size_t *ret_n) MUST_CHECK;

/*
 * How many stems ACCENTS_LOOSE would add to those that the word is looked up by: 0 where a query
 * loses nothing by the default.
 */
enum status analyzer_count_kin(
    struct analyzer *analyzer, const struct word *word, enum accents accents, size_t *ret_n) MUST_CHECK;

/*
 * Lower-cases, normalises and removes accents of one word without cutting it up, as for the letters
 * before the star of a prefix: "États" -> "etats".  Appends at most `max` bytes to `out`, returns the
 * number of bytes; SIZE_MAX where `word` is not UTF-8, or longer than that or than LIMIT_WORD_BYTES.
 */
size_t analyzer_fold(struct str word, char *out, size_t max);

/*
 * What an index must have been made with to be read by this analyzer: one line such as
 * "analysis=2 libstemmer=9bd1bebd lexicon=d4d6bd36 tables=5a1c77d0".  The version of these rules; a
 * fingerprint of what the linked libstemmer answers for a fixed list of words; one of the dictionary;
 * one of the tables of exceptions and of solid writings.  Static.
 */
const char *analyzer_version(void);

#endif
