/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/lexicon.h"

#include "base/limits.h"
#include "base/utf8.h"

_Static_assert((int)LEXICON_FORM_BYTES == (int)LIMIT_WORD_BYTES, "a form is a word");

/* In lexicon-data.c. */
extern const unsigned char voisin_lexicon_table[];

/* A place in the table; `key` is the key that was read there. */
struct cursor {
	const unsigned char *at;
	char key[LEXICON_FORM_BYTES];
	size_t key_len;
};

static struct lexicon_header
header(void)
{
	struct lexicon_header h;

	memcpy(&h, voisin_lexicon_table, sizeof(h));
	return h;
}

static const unsigned char *
block_at(uint32_t n)
{
	uint32_t off;

	memcpy(&off, voisin_lexicon_table + sizeof(struct lexicon_header) + n * sizeof(off), sizeof(off));
	return voisin_lexicon_table + off;
}

/* The first key of a block, which is whole. */
static struct str
block_key(uint32_t n)
{
	const unsigned char *at = block_at(n);

	return (struct str) { (const char *)at + 2, at[1] };
}

/* Reads the key at the cursor and moves to its forms. */
static void
read_key(struct cursor *cursor)
{
	size_t shared = *cursor->at++;
	size_t rest = *cursor->at++;

	memcpy(cursor->key + shared, cursor->at, rest);
	cursor->key_len = shared + rest;
	cursor->at += rest;
}

/* Moves over the forms of a key. */
static void
skip_forms(struct cursor *cursor)
{
	size_t forms = *cursor->at++;

	while (forms-- > 0)
		cursor->at += 1 + 2 * (size_t)*cursor->at;
}

/* Writes the form at `at`, a list of accents, over the key. */
static const unsigned char *
read_form(const unsigned char *at, const struct cursor *cursor, struct lexicon_form *form)
{
	size_t accents = *at++, from = 0;

	form->len = 0;
	for (; accents > 0; accents--, at += 2) {
		size_t index = at[0];

		memcpy(form->bytes + form->len, cursor->key + from, index - from);
		form->len += index - from;
		form->len += utf8_encode(at[1], form->bytes + form->len);
		from = index + 1;
	}
	memcpy(form->bytes + form->len, cursor->key + from, cursor->key_len - from);
	form->len += cursor->key_len - from;
	return at;
}

static size_t
read_forms(const struct cursor *cursor, struct lexicon_form *ret_forms)
{
	const unsigned char *at = cursor->at;
	size_t n = *at++;

	if (n == 0) {
		memcpy(ret_forms[0].bytes, cursor->key, cursor->key_len);
		ret_forms[0].len = cursor->key_len;
		return 1;
	}
	for (size_t i = 0; i < n; i++)
		at = read_form(at, cursor, &ret_forms[i]);
	return n;
}

/* The last block whose first key is not behind `key`. */
static uint32_t
find_block(struct str key, uint32_t n_blocks)
{
	uint32_t low = 0, high = n_blocks;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (str_cmp(block_key(middle), key) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

size_t
lexicon_find(struct str folded, struct lexicon_form ret_forms[LEXICON_FORMS_MAX])
{
	struct lexicon_header h = header();
	uint32_t block = find_block(folded, h.n_blocks);
	uint32_t n = h.n_keys - block * LEXICON_BLOCK_KEYS;
	struct cursor cursor = { .at = block_at(block) };

	for (uint32_t i = 0; i < n && i < LEXICON_BLOCK_KEYS; i++) {
		int order;

		read_key(&cursor);
		order = str_cmp((struct str) { cursor.key, cursor.key_len }, folded);
		if (order == 0)
			return read_forms(&cursor, ret_forms);
		if (order > 0)
			return 0;
		skip_forms(&cursor);
	}
	return 0;
}

size_t
lexicon_key(uint32_t n, char ret_key[LEXICON_FORM_BYTES])
{
	struct cursor cursor = { .at = block_at(n / LEXICON_BLOCK_KEYS) };

	read_key(&cursor);
	for (uint32_t i = 0; i < n % LEXICON_BLOCK_KEYS; i++) {
		skip_forms(&cursor);
		read_key(&cursor);
	}
	memcpy(ret_key, cursor.key, cursor.key_len);
	return cursor.key_len;
}

uint32_t
lexicon_n_keys(void)
{
	return header().n_keys;
}

uint32_t
lexicon_n_forms(void)
{
	return header().n_forms;
}

uint32_t
lexicon_hash(void)
{
	return header().hash;
}
