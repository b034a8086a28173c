/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reprints/words.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "stemmer/chars.h"

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

enum { LATIN_AE = 0xE6, LATIN_CAPITAL_AE = 0xC6, LATIN_OE = 0x153, LATIN_CAPITAL_OE = 0x152, FIRST_WORDS = 1024 };

/* A word that is being read. */
struct reading {
	uint64_t hash;
	size_t off;
	bool open;
};

static enum status
add(struct word_list *list, uint64_t hash, size_t off, size_t end)
{
	if (list->n == list->capacity) {
		size_t capacity = list->capacity > 0 ? 2 * list->capacity : FIRST_WORDS;
		struct reprint_word *v = realloc(list->v, capacity * sizeof(*v));

		if (v == NULL)
			return STATUS_NOMEM;
		list->v = v;
		list->capacity = capacity;
	}
	list->v[list->n++] = (struct reprint_word) { hash_mix(hash), (uint32_t)off, (uint32_t)end };
	return STATUS_OK;
}

static uint64_t
hash_letter(uint64_t hash, uint32_t letter)
{
	return (hash ^ letter) * FNV_PRIME;
}

/* Case and accents aside; a ligature is its letters. */
static uint64_t
hash_character(uint64_t hash, uint32_t c)
{
	char plain;

	if (c == LATIN_OE || c == LATIN_CAPITAL_OE)
		return hash_letter(hash_letter(hash, 'o'), 'e');
	if (c == LATIN_AE || c == LATIN_CAPITAL_AE)
		return hash_letter(hash_letter(hash, 'a'), 'e');
	plain = char_to_ascii(c);
	return hash_letter(hash, plain != 0 ? (unsigned char)plain : c);
}

/* The byte as it is hashed, 0 for one that is part of no word. */
static unsigned char
ascii_letter(unsigned char byte)
{
	if (char_class_ascii[byte] == CHAR_LETTER)
		return byte | 0x20;
	return byte == '_' || char_class_ascii[byte] == CHAR_DIGIT ? byte : 0;
}

/* Hashes what is ASCII of a word at `at`; returns what is behind. */
static size_t
read_ascii(struct reading *reading, struct str text, size_t at)
{
	for (;;) {
		uint64_t bytes = str_load((struct str) { text.p + at, text.len - at });
		unsigned n = ascii_letters(bytes);

		at += n;
		bytes = ASCII_SMALL(bytes);
		for (unsigned i = 0; i < n; i++, bytes >>= 8)
			reading->hash = hash_letter(reading->hash, bytes & 0xFF);
		if (n == sizeof(bytes))
			continue;
		/* A digit or a line goes on with the word. */
		if (at == text.len || (unsigned char)text.p[at] >= 0x80 || ascii_letter((unsigned char)text.p[at]) == 0)
			return at;
		reading->hash = hash_letter(reading->hash, ascii_letter((unsigned char)text.p[at++]));
	}
}

/* Reads one character that is not ASCII; false where it is part of no word. */
static bool
read_wide(struct reading *reading, struct str text, size_t at, size_t *ret_len)
{
	enum char_class class = char_class_decoded(text, at, ret_len);
	size_t off = at;

	if (class == CHAR_EXTEND)
		return reading->open;
	if (!char_class_is_word(class))
		return false;
	reading->hash = hash_character(reading->hash, utf8_next(text, &off, NULL));
	return true;
}

static bool
read_character(struct reading *reading, struct str text, size_t at, size_t *ret_len)
{
	unsigned char byte = (unsigned char)text.p[at], letter;

	if (byte >= 0x80)
		return read_wide(reading, text, at, ret_len);
	*ret_len = 1;
	letter = ascii_letter(byte);
	if (letter == 0)
		return false;
	reading->hash = hash_letter(reading->hash, letter);
	return true;
}

enum status
word_list_read(struct word_list *list, struct str text)
{
	struct reading reading = { FNV_START, 0, false };
	enum status status = STATUS_OK;

	list->n = 0;
	for (size_t at = 0, len; at < text.len && status == STATUS_OK; at += len) {
		bool is_part = read_character(&reading, text, at, &len);

		if (is_part && !reading.open)
			reading.off = at;
		else if (!is_part && reading.open) {
			status = add(list, reading.hash, reading.off, at);
			reading.hash = FNV_START;
		}
		reading.open = is_part;
		if (is_part)
			len = read_ascii(&reading, text, at + len) - at;
	}
	if (status == STATUS_OK && reading.open)
		status = add(list, reading.hash, reading.off, text.len);
	if (status != STATUS_OK)
		list->n = 0;
	return status;
}

void
word_list_done(struct word_list *list)
{
	free(list->v);
	*list = (struct word_list) { NULL, 0, 0 };
}
