/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexicon-format: the bytes of the dictionary's table, which lexicon-build writes at build time and
 * lexicon reads in place.
 *
 * Keys are the folded forms (329,000 of them, ASCII), sorted and front-coded in blocks of
 * LEXICON_BLOCK_KEYS; a key carries the forms that fold to it as lists of accents.
 *
 *	header    struct lexicon_header
 *	starts    uint64_t[n_blocks], str_start() of each block's first key
 *	offsets   uint32_t[n_blocks], of each block from the start of the table
 *	blocks    key key key ...
 *
 *	key       shared (1 byte) | rest (1) | rest bytes | forms (1) | form form ...
 *	          `shared` bytes are those of the key before, 0 for the first of a block;
 *	          `forms` 0 says: one form, without accents, and nothing follows
 *	form      accents (1) | { index in the key (1) | letter (1) } ...
 *	          the letter is a code point of Latin-1, U+00C0 to U+00FF
 *
 * Numbers are of the building machine's byte order: the table is never shipped apart.
 */
#ifndef VOISIN_STEMMER_LEXICON_FORMAT_H
#define VOISIN_STEMMER_LEXICON_FORMAT_H

#include <stdint.h>

enum {
	LEXICON_BLOCK_KEYS = 16,
	LEXICON_FORM_BYTES = 64, /* of a form and of a key: LIMIT_WORD_BYTES */
	LEXICON_FORMS_MAX = 8 /* of one key; French has at most five: cotes côtes cotés côtés */
};

#define LEXICON_MAGIC 0x564C4558u

struct lexicon_header {
	uint32_t magic;
	uint32_t n_forms;
	uint32_t n_keys;
	uint32_t n_blocks;
	uint32_t hash; /* FNV-1a of the sorted forms, each with its newline */
	uint32_t n_bytes; /* of the whole table */
};

#endif
