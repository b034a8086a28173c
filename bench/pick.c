/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/pick.h"

#include "base/limits.h"

enum {
	STOP_RANK = 50, /* "stop word": one of so many words that stand in the most documents */
	COMMON_RANK = 200, /* "common": one of so many */
	CONTENT_RANK = 100, /* "content": none of so many, and of three bytes or more */
	RARE_SHARE = 300, /* "rare": in at most one of so many documents */
	RARE_LEAST = 3, /* and in so many at least */
	PREFIX_LETTERS = 4
};

/* A token of a text. */
struct place {
	const struct token_ref *tokens;
	uint32_t n;
	uint32_t i;
};

/* ---- Chance ---- */

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), below n. */
static uint32_t
below(struct draw *draw, size_t n)
{
	uint64_t z = draw->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

/* A token of the corpus, each as likely as the other. */
static struct place
somewhere(struct draw *draw)
{
	size_t token = below(draw, draw->n_tokens), low = 0, high = draw->n_texts;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (draw->texts[middle].first <= token)
			low = middle;
		else
			high = middle;
	}
	return (struct place) { draw->tokens + draw->texts[low].first, draw->texts[low].n,
		(uint32_t)(token - draw->texts[low].first) };
}

/* From token i, another one with 0 to `distance` words between, on either side; false beyond the text's ends. */
static bool
step(struct draw *draw, const struct place *place, uint32_t i, uint32_t distance, uint32_t *ret_i)
{
	uint32_t gap = 1 + below(draw, distance + 1);

	if (below(draw, 2) == 0) {
		*ret_i = i + gap;
		return *ret_i < place->n;
	}
	*ret_i = i - gap;
	return gap <= i;
}

static const struct vocabulary_word *
word_at(const struct draw *draw, const struct place *place, uint32_t i)
{
	return vocabulary_get(draw->words, place->tokens[i].word);
}

/* ---- Kinds of words ---- */

static bool
is_content(const struct draw *draw, const struct vocabulary_word *word)
{
	(void)draw;
	return word->is_plain && word->rank >= CONTENT_RANK && word->lower.len >= 3;
}

static bool
is_common(const struct draw *draw, const struct vocabulary_word *word)
{
	(void)draw;
	return word->is_plain && word->rank < COMMON_RANK;
}

static bool
is_rare(const struct draw *draw, const struct vocabulary_word *word)
{
	return is_content(draw, word) && word->documents >= RARE_LEAST && word->documents <= draw->n_texts / RARE_SHARE;
}

typedef bool (*word_kind)(const struct draw *draw, const struct vocabulary_word *word);

static bool
all_apart(const struct picked *picked, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			if (!vocabulary_apart(picked->words[i], picked->words[j]))
				return false;
		}
	}
	return true;
}

/* ---- One try at the words of a query of each class ---- */

/* Content words from anywhere in one text. */
static bool
pick_from_text(struct draw *draw, struct picked *picked, size_t n)
{
	struct place place = somewhere(draw);

	for (size_t i = 0; i < n; i++) {
		picked->words[i] = word_at(draw, &place, i == 0 ? place.i : below(draw, place.n));
		if (!is_content(draw, picked->words[i]))
			return false;
	}
	return all_apart(picked, n);
}

bool
pick_one(struct draw *draw, struct picked *picked)
{
	return pick_from_text(draw, picked, 1);
}

bool
pick_two(struct draw *draw, struct picked *picked)
{
	return pick_from_text(draw, picked, 2);
}

bool
pick_three(struct draw *draw, struct picked *picked)
{
	return pick_from_text(draw, picked, 3);
}

/* Words in a row from place->i on, in one sentence. */
static bool
take_row(const struct draw *draw, const struct place *place, struct picked *picked, uint32_t n)
{
	if (place->i + n > place->n || place->tokens[place->i].sentence != place->tokens[place->i + n - 1].sentence)
		return false;
	for (uint32_t i = 0; i < n; i++)
		picked->words[i] = word_at(draw, place, place->i + i);
	return all_apart(picked, n);
}

bool
pick_phrase(struct draw *draw, struct picked *picked)
{
	struct place place = somewhere(draw);

	return take_row(draw, &place, picked, 2) && is_content(draw, picked->words[0]) &&
	       is_content(draw, picked->words[1]);
}

bool
pick_stop_phrase(struct draw *draw, struct picked *picked)
{
	struct place place = somewhere(draw);
	unsigned n_stop = 0;

	if (!take_row(draw, &place, picked, 3))
		return false;
	for (size_t i = 0; i < 3; i++) {
		n_stop += picked->words[i]->rank < STOP_RANK;
		if (!picked->words[i]->is_plain)
			return false;
	}
	return n_stop >= 2;
}

bool
pick_long_phrase(struct draw *draw, struct picked *picked)
{
	struct place place = somewhere(draw);
	unsigned n_stop = 0;

	picked->n = 3 + below(draw, 3);
	if (!take_row(draw, &place, picked, (uint32_t)picked->n))
		return false;
	for (size_t i = 0; i < picked->n; i++) {
		n_stop += picked->words[i]->rank < STOP_RANK;
		if (!picked->words[i]->is_plain)
			return false;
	}
	return n_stop + 2 <= picked->n;
}

/* A word of each kind, at most ten words apart. */
static bool
pick_near_kinds(struct draw *draw, struct picked *picked, word_kind first, word_kind second)
{
	struct place place = somewhere(draw);
	uint32_t other;

	picked->words[0] = word_at(draw, &place, place.i);
	if (!first(draw, picked->words[0]) || !step(draw, &place, place.i, 10, &other))
		return false;
	picked->words[1] = word_at(draw, &place, other);
	return second(draw, picked->words[1]) && all_apart(picked, 2);
}

bool
pick_near(struct draw *draw, struct picked *picked)
{
	return pick_near_kinds(draw, picked, is_content, is_content);
}

bool
pick_near_common(struct draw *draw, struct picked *picked)
{
	return pick_near_kinds(draw, picked, is_common, is_common);
}

bool
pick_near_rare(struct draw *draw, struct picked *picked)
{
	return pick_near_kinds(draw, picked, is_rare, is_common);
}

bool
pick_near_rare_rare(struct draw *draw, struct picked *picked)
{
	return pick_near_kinds(draw, picked, is_rare, is_rare);
}

bool
pick_phrase_near(struct draw *draw, struct picked *picked)
{
	struct place place = somewhere(draw);
	uint32_t other;

	if (!take_row(draw, &place, picked, 2) || !step(draw, &place, place.i, 10, &other) || other == place.i + 1)
		return false;
	picked->words[2] = word_at(draw, &place, other);
	for (size_t i = 0; i < 3; i++) {
		if (!is_content(draw, picked->words[i]))
			return false;
	}
	return all_apart(picked, 3);
}

bool
pick_near_near(struct draw *draw, struct picked *picked)
{
	struct place place = somewhere(draw);
	uint32_t second, third;

	if (!step(draw, &place, place.i, 5, &second) || !step(draw, &place, place.i, 10, &third) || second == third)
		return false;
	picked->words[0] = word_at(draw, &place, place.i);
	picked->words[1] = word_at(draw, &place, second);
	picked->words[2] = word_at(draw, &place, third);
	for (size_t i = 0; i < 3; i++) {
		if (!is_content(draw, picked->words[i]))
			return false;
	}
	return all_apart(picked, 3);
}

bool
pick_sentence(struct draw *draw, struct picked *picked)
{
	struct place place = somewhere(draw);
	uint32_t other;

	if (!step(draw, &place, place.i, 20, &other) || place.tokens[place.i].sentence != place.tokens[other].sentence)
		return false;
	picked->words[0] = word_at(draw, &place, place.i);
	picked->words[1] = word_at(draw, &place, other);
	return is_content(draw, picked->words[0]) && is_content(draw, picked->words[1]) && all_apart(picked, 2);
}

bool
pick_prefix(struct draw *draw, struct picked *picked)
{
	struct str lower;
	size_t letters = 0, bytes = 0;

	if (!pick_one(draw, picked))
		return false;
	lower = picked->words[0]->lower;
	while (bytes < lower.len) {
		char folded[LIMIT_WORD_BYTES];
		size_t n;

		bytes += (unsigned char)lower.p[bytes] < 0x80 ? 1 : 2; /* is_plain: letters of one byte or two */
		n = analyzer_fold((struct str) { lower.p, bytes }, folded, sizeof(folded));
		if (n == SIZE_MAX)
			return false;
		if (++letters < PREFIX_LETTERS ||
		    vocabulary_with_prefix(draw->words, (struct str) { folded, n }) > LIMIT_PREFIX_EXPANSION)
			continue;
		picked->bytes = bytes;
		return bytes < lower.len;
	}
	return false;
}
