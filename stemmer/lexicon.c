/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/lexicon.h"

#include <stdbool.h>

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

static uint64_t
block_start(uint32_t n)
{
	uint64_t start;

	memcpy(&start, voisin_lexicon_table + sizeof(struct lexicon_header) + n * sizeof(start), sizeof(start));
	return start;
}

static const unsigned char *
block_at(uint32_t n)
{
	const unsigned char *offsets =
	    voisin_lexicon_table + sizeof(struct lexicon_header) + header().n_blocks * sizeof(uint64_t);
	uint32_t off;

	memcpy(&off, offsets + n * sizeof(off), sizeof(off));
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

/* Whether a block's first key is behind `key`, which begins with `start`. */
static bool
is_behind(uint32_t block, uint64_t start, struct str key)
{
	uint64_t first = block_start(block);

	return first != start ? first > start : str_cmp(block_key(block), key) > 0;
}

/* The last block whose first key is not behind `key`. */
static uint32_t
find_block(struct str key, uint32_t n_blocks)
{
	const uint64_t start = str_start(key);
	uint32_t low = 0, high = n_blocks;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (is_behind(middle, start, key))
			high = middle;
		else
			low = middle;
	}
	return low;
}

/* How many bytes `key` has in common with these from number `from` on. */
static size_t
same_bytes(struct str key, size_t from, const unsigned char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && from + i < key.len && bytes[i] == (unsigned char)key.p[from + i])
		i++;
	return i;
}

/*
 * Looks for `key` among those of a block that are left, and moves to its forms.  What a key has in common with the one before says where it
 * stands as long as that is not what the one before has in common with `key`: so most are passed over by a number.
 */
static bool
find_in_block(struct cursor *cursor, uint32_t n, struct str key)
{
	size_t same = 0; /* bytes that the key before, which is less than `key`, has in common with it */

	for (; n > 0; n--) {
		size_t shared = cursor->at[0], rest = cursor->at[1];
		const unsigned char *bytes = cursor->at + 2;

		if (shared < same)
			return false;
		cursor->at = bytes + rest;
		if (shared == same) {
			size_t more = same_bytes(key, same, bytes, rest);

			same += more;
			if (more == rest && same == key.len)
				return true;
			if (more < rest && (same == key.len || bytes[more] > (unsigned char)key.p[same]))
				return false;
		}
		skip_forms(cursor);
	}
	return false;
}

size_t
lexicon_find(struct str folded, struct lexicon_form ret_forms[LEXICON_FORMS_MAX])
{
	struct lexicon_header h = header();
	uint32_t block = find_block(folded, h.n_blocks);
	uint32_t n = h.n_keys - block * LEXICON_BLOCK_KEYS;
	struct cursor cursor = { .at = block_at(block) };

	if (!find_in_block(&cursor, n < LEXICON_BLOCK_KEYS ? n : LEXICON_BLOCK_KEYS, folded))
		return 0;
	memcpy(cursor.key, folded.p, folded.len);
	cursor.key_len = folded.len;
	return read_forms(&cursor, ret_forms);
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
