/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two measures.  The walk counts plain edits in a band around the diagonal, a row for each letter of
 * the word at hand; rows of a prefix are kept for all words that share it, and a prefix that is past
 * the bound is left behind with all of them.  The few words that remain are weighed by slip.
 */
#include "query/suggest/correct.h"

#include <math.h>

#include "base/limits.h"

enum {
	LETTERS_MAX = LIMIT_WORD_BYTES,
	LETTERS_MIN = 3,
	TWO_EDITS_FROM = 5, /* letters; in shorter words one edit alone */
	FAR = 100
};

/* What an edit costs, in the logarithm of how many words more frequent make up for it. */
static const double COST_EDIT = 7; /* one letter for another, far away */
static const double COST_MISSING = 4.5; /* a letter */
static const double COST_TOO_MANY = 6;
static const double COST_NEIGHBOUR = 4.5; /* the key beside it */
static const double COST_EXCHANGE = 4.5;
static const double COST_DOUBLE = 3.5; /* a letter of two missing, or one of one too many */
static const double COST_SOUND = 4.5; /* letters that sound alike */
static const double COST_FIRST = 2; /* more, in the first letter */

struct walk {
	struct str word;
	int bound;
	uint8_t rows[LETTERS_MAX + 4][LETTERS_MAX + 2];
};

/* The keys of a French keyboard, row by row; a key is beside those left, right, above and below. */
static const char *const keyboard[] = { "azertyuiop", "qsdfghjklm", "wxcvbn" };

static bool
find_key(char letter, int *ret_row, int *ret_column)
{
	for (int row = 0; row < 3; row++) {
		const char *at = strchr(keyboard[row], letter);

		if (letter != '\0' && at != NULL) {
			*ret_row = row;
			*ret_column = (int)(at - keyboard[row]);
			return true;
		}
	}
	return false;
}

static bool
are_neighbours(char a, char b)
{
	int row_a, row_b, column_a, column_b;

	if (!find_key(a, &row_a, &column_a) || !find_key(b, &row_b, &column_b))
		return false;
	return row_a - row_b <= 1 && row_b - row_a <= 1 && column_a - column_b <= 1 && column_b - column_a <= 1;
}

/* Single letters that French spells one sound with. */
static bool
sound_alike(char a, char b)
{
	static const char *const pairs[] = { "sc", "sz", "ck", "qk", "cq", "iy", "gj", "ea", "ae", "mn", "td", "xs" };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if ((pairs[i][0] == a && pairs[i][1] == b) || (pairs[i][0] == b && pairs[i][1] == a))
			return true;
	}
	return false;
}

static double
cost_of_change(char a, char b)
{
	if (a == b)
		return 0;
	if (are_neighbours(a, b))
		return COST_NEIGHBOUR;
	return sound_alike(a, b) ? COST_SOUND : COST_EDIT;
}

/* A letter of `s` at `i` that the other word has not: doubled, silent, or just any. */
static double
cost_of_letter(struct str s, size_t i, double usual)
{
	bool is_double = (i > 0 && s.p[i - 1] == s.p[i]) || (i + 1 < s.len && s.p[i + 1] == s.p[i]);

	if (is_double)
		return COST_DOUBLE;
	/* "tout" and "tou", "theatre" and "teatre": what is not heard is forgotten. */
	if (s.p[i] == 'h' || (i + 1 == s.len && (s.p[i] == 's' || s.p[i] == 'e' || s.p[i] == 't')))
		return COST_SOUND;
	return usual;
}

/* Whether `one`, a letter, and `two`, two of them, are spellings of one sound. */
static bool
sounds_like_two(char one, const char *two)
{
	static const char *const pairs[] = { "fph", "oau", "kqu", "cqu", "kch", "eai", "eei", "css", "ssc", "ggu",
		"nnn" };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (pairs[i][0] == one && pairs[i][1] == two[0] && pairs[i][2] == two[1])
			return true;
	}
	return false;
}

static double
least(double a, double b)
{
	return a < b ? a : b;
}

/* The cheapest way from `typed` to `word`, both of LETTERS_MAX bytes at most. */
static double
weigh(struct str typed, struct str word)
{
	double rows[3][LETTERS_MAX + 1];

	rows[0][0] = 0;
	for (size_t k = 1; k <= word.len; k++)
		rows[0][k] = rows[0][k - 1] + cost_of_letter(word, k - 1, COST_MISSING);
	for (size_t i = 1; i <= typed.len; i++) {
		double *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = above[0] + cost_of_letter(typed, i - 1, COST_TOO_MANY);
		for (size_t k = 1; k <= word.len; k++) {
			row[k] = above[k - 1] + cost_of_change(typed.p[i - 1], word.p[k - 1]);
			row[k] = least(row[k], above[k] + cost_of_letter(typed, i - 1, COST_TOO_MANY));
			row[k] = least(row[k], row[k - 1] + cost_of_letter(word, k - 1, COST_MISSING));
			if (i > 1 && k > 1 && typed.p[i - 1] == word.p[k - 2] && typed.p[i - 2] == word.p[k - 1])
				row[k] = least(row[k], above2[k - 2] + COST_EXCHANGE);
			if (k > 1 && sounds_like_two(typed.p[i - 1], &word.p[k - 2]))
				row[k] = least(row[k], above[k - 2] + COST_SOUND);
			if (i > 1 && sounds_like_two(word.p[k - 1], &typed.p[i - 2]))
				row[k] = least(row[k], above2[k - 1] + COST_SOUND);
		}
	}
	return rows[typed.len % 3][word.len] + (typed.p[0] != word.p[0] ? COST_FIRST : 0);
}

/*
 * Computes row `depth` (> 0) of the edits between the first `depth` letters of `word` and prefixes of
 * the word sought; returns its least.  Cells out of the band are FAR.
 */
static int
next_row(struct walk *walk, struct str word, uint32_t depth)
{
	int n = (int)walk->word.len, at = (int)depth, bound = walk->bound, best = FAR;
	int from = at > bound ? at - bound : 0, to = at + bound < n ? at + bound : n;
	const uint8_t *above = walk->rows[depth - 1];
	uint8_t *row = walk->rows[depth];

	if (from > 0)
		row[from - 1] = FAR;
	for (int k = from; k <= to; k++) {
		int edits = k == 0 ? at : FAR;

		if (k > 0) {
			int changed = above[k - 1] + (walk->word.p[k - 1] != word.p[depth - 1]);

			edits = changed < edits ? changed : edits;
			edits = row[k - 1] + 1 < edits ? row[k - 1] + 1 : edits;
		}
		edits = above[k] + 1 < edits ? above[k] + 1 : edits;
		if (k > 1 && depth > 1 && walk->word.p[k - 1] == word.p[depth - 2] &&
		    walk->word.p[k - 2] == word.p[depth - 1] && walk->rows[depth - 2][k - 2] + 1 < edits)
			edits = walk->rows[depth - 2][k - 2] + 1;
		row[k] = (uint8_t)(edits < FAR ? edits : FAR);
		best = edits < best ? edits : best;
	}
	/* The next row looks one cell further. */
	if (to < n)
		row[to + 1] = FAR;
	return best;
}

/* Puts a candidate in its place among the best; returns how many there are. */
static uint32_t
insert(struct candidate *best, uint32_t n, uint32_t max, struct candidate candidate)
{
	uint32_t at = n < max ? n : max;

	while (at > 0 && best[at - 1].score < candidate.score) {
		if (at < max)
			best[at] = best[at - 1];
		at--;
	}
	if (at < max)
		best[at] = candidate;
	return n < max ? n + 1 : n;
}

static void
begin_walk(struct walk *walk, struct str word)
{
	walk->word = word;
	walk->bound = word.len < TWO_EDITS_FROM ? 1 : 2;
	for (uint32_t k = 0; k <= word.len + 1; k++)
		walk->rows[0][k] = (uint8_t)((int)k <= walk->bound ? k : FAR);
}

uint32_t
correct_word(const struct vocabulary *vocabulary, struct str word, struct candidate *ret_candidates, uint32_t max)
{
	struct walk walk;
	uint32_t n = 0, known = 0, dead = UINT32_MAX; /* rows known of the word before; where it was left behind */

	if (word.len < LETTERS_MIN || word.len > LETTERS_MAX)
		return 0;
	begin_walk(&walk, word);
	for (uint32_t i = 0; i < vocabulary_n(vocabulary); i++) {
		uint32_t shared = vocabulary_shared(vocabulary, i);
		struct str other;

		if (shared >= dead)
			continue;
		other = vocabulary_word(vocabulary, i);
		known = shared < known ? shared : known;
		for (dead = UINT32_MAX; known < other.len && dead == UINT32_MAX; known++) {
			if (known > word.len + 1 || next_row(&walk, other, known + 1) > walk.bound)
				dead = known + 1;
		}
		if (dead != UINT32_MAX || other.len + 2 < word.len || walk.rows[other.len][word.len] > walk.bound ||
		    str_eq(other, word))
			continue;
		n = insert(ret_candidates, n, max,
		    (struct candidate) { .word = other,
			.freq = vocabulary_freq(vocabulary, i),
			.score = log(vocabulary_freq(vocabulary, i)) - weigh(word, other) });
	}
	return n;
}

uint32_t
complete_word(const struct vocabulary *vocabulary, struct str prefix, struct candidate *ret_candidates, uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = vocabulary_find(vocabulary, prefix); i < vocabulary_n(vocabulary); i++) {
		struct str word = vocabulary_word(vocabulary, i);
		uint32_t freq = vocabulary_freq(vocabulary, i);

		if (!str_has_prefix(word, prefix))
			break;
		n = insert(
		    ret_candidates, n, max, (struct candidate) { .word = word, .freq = freq, .score = log(freq) });
	}
	return n;
}
