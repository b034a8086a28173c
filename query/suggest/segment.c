/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/suggest/segment.h"

#include <math.h>

static const double COST_BLANK = 3; /* forgotten; as the costs in correct.c */

/* The best cut of the first bytes of a word into so many parts. */
struct cut {
	double score;
	size_t last; /* where the last part begins */
};

struct cuts {
	struct cut at[LIMIT_WORD_BYTES + 1][SEGMENT_PARTS + 1];
};

static void
begin(struct cuts *cuts)
{
	for (size_t end = 0; end <= LIMIT_WORD_BYTES; end++) {
		for (uint32_t n = 0; n <= SEGMENT_PARTS; n++)
			cuts->at[end][n] = (struct cut) { -INFINITY, 0 };
	}
	cuts->at[0][0].score = 0.0;
}

/* Lets the part [from, end) follow each cut of what is before it. */
static void
extend(struct cuts *cuts, size_t from, size_t end, double score)
{
	for (uint32_t n = 0; n < SEGMENT_PARTS; n++) {
		double whole = cuts->at[from][n].score + score;

		if (whole > cuts->at[end][n + 1].score)
			cuts->at[end][n + 1] = (struct cut) { whole, from };
	}
}

static void
find_cuts(const struct vocabulary *vocabulary, struct str word, uint32_t n_documents, struct cuts *cuts)
{
	begin(cuts);
	for (size_t end = SEGMENT_PART_MIN; end <= word.len; end++) {
		for (size_t from = 0; from + SEGMENT_PART_MIN <= end; from++) {
			struct str part = { word.p + from, end - from };
			uint32_t freq = part.len < word.len ? vocabulary_freq_of(vocabulary, part) : 0;

			if (freq > 0)
				extend(cuts, from, end, log((double)freq / n_documents));
		}
	}
}

struct segments
segment_split(const struct vocabulary *vocabulary, struct str word, uint32_t n_documents)
{
	struct segments segments = { .score = -INFINITY };
	struct cuts cuts;
	size_t end = word.len;

	if (word.len < SEGMENT_LETTERS_MIN || word.len > LIMIT_WORD_BYTES || n_documents == 0)
		return segments;
	find_cuts(vocabulary, word, n_documents, &cuts);
	for (uint32_t n = 2; n <= SEGMENT_PARTS; n++) {
		double score = cuts.at[end][n].score - COST_BLANK * (n - 1);

		if (score > segments.score) {
			segments.score = score;
			segments.n = n;
		}
	}
	segments.score += log(n_documents);
	for (uint32_t n = segments.n; n > 0; n--) {
		size_t from = cuts.at[end][n].last;

		segments.v[n - 1] = (struct str) { word.p + from, end - from };
		end = from;
	}
	return segments;
}

struct str
segment_join(const struct vocabulary *vocabulary, struct str first, struct str second, char buffer[LIMIT_WORD_BYTES])
{
	static const struct str between[] = { { "", 0 }, { "'", 1 } };

	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		struct str joined = { buffer, first.len + between[i].len + second.len };

		if (joined.len > LIMIT_WORD_BYTES)
			break;
		memcpy(buffer, first.p, first.len);
		memcpy(buffer + first.len, between[i].p, between[i].len);
		memcpy(buffer + first.len + between[i].len, second.p, second.len);
		if (vocabulary_freq_of(vocabulary, joined) > 0)
			return joined;
	}
	return STR("");
}
