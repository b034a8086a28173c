/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each line has a key that bytes compare: its words, folded and parted by blanks, from the match
 * outwards.  "l'Été d'|Alep" has by the left the key "d ete l".
 */
#include "client/concordance.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/utf8.h"

enum {
	WORDS = 16, /* that are compared */
	FOLDED_MAX = 18 /* characters that one can become (Unicode Standard Annex 15) */
};

struct line {
	struct str key;
	struct str text;
	size_t number; /* in which it came */
};

struct concordance {
	bool by_left;
	bool full;
	struct arena *arena;
	struct line *lines;
	size_t n;
};

/* A key in the making. */
struct key {
	char bytes[CONCORDANCE_KEY_BYTES];
	size_t len;
};

struct concordance *
concordance_new(bool by_left)
{
	struct concordance *concordance = calloc(1, sizeof(*concordance));

	if (concordance == NULL)
		return NULL;
	concordance->by_left = by_left;
	concordance->lines = calloc(CONCORDANCE_LINES, sizeof(*concordance->lines));
	if (concordance->lines == NULL || arena_new(CONCORDANCE_BYTES, &concordance->arena) != STATUS_OK) {
		concordance_free(concordance);
		return NULL;
	}
	return concordance;
}

void
concordance_free(struct concordance *concordance)
{
	if (concordance == NULL)
		return;
	arena_free(concordance->arena);
	free(concordance->lines);
	free(concordance);
}

/* Whether a character is part of a word: a letter, a digit, or a mark on one. */
static bool
is_of_word(uint32_t character)
{
	switch (utf8proc_category((utf8proc_int32_t)character)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO: return true;
	default: return false;
	}
}

/* Appends a character without its case and its marks; false where there is no room. */
static bool
append_folded(struct key *key, uint32_t character)
{
	const utf8proc_option_t how =
	    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_STABLE;
	utf8proc_int32_t folded[FOLDED_MAX];
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)character, folded, FOLDED_MAX, how, NULL);
	char bytes[4];

	for (utf8proc_ssize_t i = 0; i < n && i < FOLDED_MAX; i++) {
		struct str letters = { bytes, utf8_encode((uint32_t)folded[i], bytes) };

		if (folded[i] == 0x153 || folded[i] == 0xE6)
			letters = folded[i] == 0x153 ? STR("oe") : STR("ae");
		if (letters.len > sizeof(key->bytes) - key->len)
			return false;
		memcpy(key->bytes + key->len, letters.p, letters.len);
		key->len += letters.len;
	}
	return true;
}

/* Appends a word and a blank; false where the key is full. */
static bool
append_word(struct key *key, struct str word)
{
	for (size_t off = 0; off < word.len;) {
		if (!append_folded(key, utf8_next(word, &off, NULL)))
			return false;
	}
	return append_folded(key, ' ');
}

/* The words of `s`: the first WORDS of them, or the last; returns how many. */
static size_t
find_words(struct str s, bool last, struct str words[WORDS])
{
	size_t n = 0, begin = 0, off = 0;

	while (off <= s.len && (last || n < WORDS)) {
		size_t end = off;
		bool goes_on = off < s.len && is_of_word(utf8_next(s, &off, NULL));

		if (goes_on)
			continue;
		if (end > begin)
			words[n++ % WORDS] = (struct str) { s.p + begin, end - begin };
		if (end == s.len)
			break;
		begin = off;
	}
	return n;
}

static void
make_key(bool by_left, struct str context, struct key *ret_key)
{
	struct str words[WORDS];
	size_t n = find_words(context, by_left, words), kept = n < WORDS ? n : WORDS;

	ret_key->len = 0;
	for (size_t i = 0; i < kept; i++) {
		if (!append_word(ret_key, by_left ? words[(n - 1 - i) % WORDS] : words[i]))
			break;
	}
}

bool
concordance_add(struct concordance *concordance, struct str context, struct str text)
{
	struct line line = { .number = concordance->n };
	struct key key;

	concordance->full = concordance->full || concordance->n == CONCORDANCE_LINES;
	if (concordance->full)
		return false;
	make_key(concordance->by_left, context, &key);
	line.key = arena_str(concordance->arena, (struct str) { key.bytes, key.len });
	line.text = arena_str(concordance->arena, text);
	concordance->full = line.key.p == NULL || line.text.p == NULL;
	if (!concordance->full)
		concordance->lines[concordance->n++] = line;
	return !concordance->full;
}

bool
concordance_is_full(const struct concordance *concordance)
{
	return concordance->full;
}

size_t
concordance_count(const struct concordance *concordance)
{
	return concordance->n;
}

static int
compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
	int order = memcmp(x->key.p, y->key.p, len);

	if (order == 0)
		order = (x->key.len > y->key.len) - (x->key.len < y->key.len);
	return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

void
concordance_sort(struct concordance *concordance)
{
	qsort(concordance->lines, concordance->n, sizeof(*concordance->lines), compare);
}

struct str
concordance_line(const struct concordance *concordance, size_t i)
{
	return concordance->lines[i].text;
}
