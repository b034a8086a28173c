/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-synonym: terms that count as one, with a list of its own that nobody has written.
 *
 * Prefixes stand for up to hundreds of words.  So many lists are not walked side by side: a window of documents is
 * opened, the occurrences of one list after the other are added up in it, and then its documents are given out: where a score is to be beaten,
 * those alone that have enough occurrences for it, found eight at a time.
 */
#include <stdlib.h>

#include "invfile/matcher-walk.h"
#include "invfile/norms.h"

/* Eight sums side by side, which the compiler keeps in one register where the machine has such. */
typedef uint16_t sums_8 __attribute__((vector_size(16)));
typedef int16_t signs_8 __attribute__((vector_size(16)));
typedef int8_t bytes_8 __attribute__((vector_size(8)));
typedef uint8_t norms_8 __attribute__((vector_size(8)));

enum { SUMS = 8, SUMS_AT_ONCE = 32 };

/* ---- Windows --------------------------------------------------------------------------------- */

static void
fail_damaged(struct matcher *matcher, const struct member *member)
{
	struct error error;

	(void)error_set(&error, STATUS_CORRUPT, ERROR_NO_OFFSET,
	    "the inverted file is damaged: the postings of \"%.*s\" contradict themselves", STR_FMT(member->term));
	(void)matcher_fail(matcher, STATUS_CORRUPT, &error);
}

/* Adds up one term's occurrences in the window. */
static void
synonym_add(struct matcher *matcher, struct synonym *synonym, struct member *member)
{
	struct cursor *cursor = &synonym->cursor;

	cursor_open(cursor, matcher->file, &member->found);
	matcher->steps -=
	    cursor_add_up(cursor, synonym->first, synonym->width, synonym->sums, synonym->zeros, &synonym->has_zeros);
	member->docid = cursor->docid;
	if (cursor->damaged)
		fail_damaged(matcher, member);
}

/*
 * How wide a window at `docid` is to be.  One that goes on where the last one ended, or begins with the match, is probably not the last; one that is
 * leapt to may be asked for a document or two.
 */
static uint32_t
synonym_choose_width(const struct matcher *matcher, const struct synonym *synonym, uint32_t docid)
{
	uint32_t width = synonym->width_max < SYNONYM_WINDOW ? synonym->width_max : SYNONYM_WINDOW;

	if (docid <= 1)
		width = synonym->width_max;
	else if (synonym->width > 0 && docid - synonym->first < 2 * (uint64_t)synonym->width)
		width = synonym->width < synonym->width_max / 2 ? 2 * synonym->width : synonym->width_max;
	return width < matcher->last_docid - docid ? width : matcher->last_docid - docid + 1;
}

/* Opens the window that begins with `docid`, which is none behind the last. */
static void
synonym_open_window(struct matcher *matcher, struct synonym *synonym, uint32_t docid)
{
	const uint32_t used = synonym->width; /* what is behind is zero */

	synonym->width = synonym_choose_width(matcher, synonym, docid);
	synonym->first = docid;
	memset(synonym->sums, 0, used * sizeof(*synonym->sums));
	if (synonym->has_zeros)
		memset(synonym->zeros, 0, synonym->width_max / 64 * sizeof(*synonym->zeros));
	synonym->has_zeros = false;
	for (uint32_t i = 0; i < synonym->n && !matcher_is_over(matcher); i++) {
		struct member *member = &synonym->members[i];

		if (member->docid < docid || member->docid - docid < synonym->width)
			synonym_add(matcher, synonym, member);
	}
}

/* Where the next window may begin: no term has a document in [docid, here). */
static uint32_t
synonym_skip(const struct synonym *synonym, uint32_t docid)
{
	uint32_t least = CURSOR_END;

	for (uint32_t i = 0; i < synonym->n && least > docid; i++)
		least = synonym->members[i].docid < least ? synonym->members[i].docid : least;
	return least > docid ? least : docid;
}

/* ---- Documents in the window ----------------------------------------------------------------- */

static inline sums_8
load_sums(const uint16_t *sums)
{
	sums_8 v;

	memcpy(&v, sums, sizeof(v));
	return v;
}

/* A byte of ones for each of eight that is not 0. */
static inline uint64_t
bytes_of(signs_8 signs)
{
	bytes_8 bytes = __builtin_convertvector(signs, bytes_8);
	uint64_t word;

	memcpy(&word, &bytes, sizeof(word));
	return word;
}

/* The first of 32 sums, and all behind, that are worth a closer look. */
static inline uint32_t
pass_sums(const uint16_t *sums, uint32_t at, uint32_t width, sums_8 wanted)
{
	while (at < width &&
	       bytes_of((load_sums(sums + at) >= wanted) | (load_sums(sums + at + SUMS) >= wanted) |
			(load_sums(sums + at + 2 * SUMS) >= wanted) | (load_sums(sums + at + 3 * SUMS) >= wanted)) == 0)
		at += SUMS_AT_ONCE;
	return at;
}

/* Which of eight sums are enough; with `product` > 0 those that are with their norms, or too large for that. */
static inline uint64_t
choose_sums(const uint16_t *sums, const uint8_t *norms, sums_8 wanted, uint16_t product)
{
	const sums_8 v = load_sums(sums);
	norms_8 n;

	if (product == 0)
		return bytes_of(v >= wanted);
	memcpy(&n, norms, sizeof(n));
	return bytes_of((v * __builtin_convertvector(n, sums_8) >= product) | (v > NORM_MOST));
}

/*
 * The number from `at` on of the first document that has so many occurrences (>= 1) and such a product, if any; or `width`.  Behind
 * the window's width, up to a multiple of 64, all sums are 0.
 */
static inline uint32_t
scan_sums(const struct synonym *synonym, uint32_t at, uint32_t enough, uint16_t product)
{
	const uint16_t e = (uint16_t)enough;
	const sums_8 wanted = { e, e, e, e, e, e, e, e };
	const uint8_t *norms = synonym->norms + synonym->first;
	const uint32_t width = synonym->width;
	uint64_t from = UINT64_MAX << at % SUMS * 8; /* of the first eight */

	for (at -= at % SUMS; at < width; at += SUMS) {
		uint64_t has = choose_sums(synonym->sums + at, norms + at, wanted, product) & from;

		if (has != 0)
			return at + (uint32_t)__builtin_ctzll(has) / 8;
		from = UINT64_MAX;
		if ((at + SUMS) % SUMS_AT_ONCE == 0)
			at = pass_sums(synonym->sums, at + SUMS, width, wanted) - SUMS;
	}
	return width;
}

/* The same of the documents that are there at all. */
static uint32_t
scan_all(const struct synonym *synonym, uint32_t at)
{
	if (!synonym->has_zeros)
		return scan_sums(synonym, at, 1, 0);
	while (at < synonym->width && synonym->sums[at] == 0 && (synonym->zeros[at / 64] >> at % 64 & 1) == 0)
		at++;
	return at;
}

/* Sets `enough` and `product` for a score of `least`. */
static void
synonym_aim(const struct matcher *matcher, struct synonym *synonym, double least)
{
	uint32_t enough = matcher_enough(matcher, synonym->weight, least * (1 - MATCHER_SLACK));
	/* wdf / K >= least / (weight - least), and K by the file's average length is `bound_factor` times this one at most */
	double product = floor(NORM_MOST * matcher_needed(matcher, synonym->weight, least) / matcher->bound_factor);

	synonym->least = least;
	synonym->enough = enough < CURSOR_SUM_MAX ? enough : CURSOR_SUM_MAX;
	synonym->product = product < UINT16_MAX ? (uint16_t)fmax(product, 0) : UINT16_MAX;
}

/* What a document has whose sum stopped at CURSOR_SUM_MAX. */
static uint32_t
synonym_count(const struct matcher *matcher, struct synonym *synonym, uint32_t docid)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < synonym->n; i++) {
		cursor_open(&synonym->cursor, matcher->file, &synonym->members[i].found);
		if (cursor_seek(&synonym->cursor, docid) == docid)
			sum += cursor_wdf(&synonym->cursor);
	}
	return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

/* The number from `at` on of the first document of the window that may have `least`, or `width`. */
static uint32_t
synonym_find(struct matcher *matcher, struct synonym *synonym, uint32_t at, double least)
{
	if (least > synonym->least || least < synonym->least)
		synonym_aim(matcher, synonym, least);
	if (synonym->enough == 0)
		return scan_all(synonym, at);
	return scan_sums(synonym, at, synonym->enough, synonym->product);
}

uint32_t
synonym_advance(struct matcher *matcher, struct synonym *synonym, uint32_t docid, double least)
{
	while (docid <= matcher->last_docid && !matcher_is_over(matcher)) {
		if (docid >= synonym->first && docid - synonym->first < synonym->width) {
			uint32_t at = synonym_find(matcher, synonym, docid - synonym->first, least);

			if (at < synonym->width)
				return synonym->walk.docid = synonym->first + at;
			docid = synonym->first + synonym->width;
		}
		docid = synonym_skip(synonym, docid);
		if (docid <= matcher->last_docid)
			synonym_open_window(matcher, synonym, docid);
	}
	return synonym->walk.docid = CURSOR_END;
}

double
synonym_score(const struct matcher *matcher, struct synonym *synonym)
{
	uint32_t docid = synonym->walk.docid;
	uint32_t wdf = synonym->sums[docid - synonym->first];
	uint32_t length = matcher->lengths[docid];

	if (synonym->weight == 0)
		return 0;
	if (wdf == CURSOR_SUM_MAX)
		wdf = synonym_count(matcher, synonym, docid);
	/* A term that is there twice counts twice; Xapian stops at what the document has. */
	return synonym->weight * bm25_part(matcher->bm25, matcher->length_factor, wdf < length ? wdf : length, length);
}

/* ---- How many documents ----------------------------------------------------------------------- */

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* Numbers of which the least is wanted: those from `next` to `end`, and the joined ones; both ascend. */
struct numbers {
	uint32_t *v;
	uint32_t next, end;
	uint32_t next_joined, end_joined; /* in the place of numbers that were taken */
};

static uint32_t
take_least(struct numbers *numbers)
{
	bool has_joined = numbers->next_joined < numbers->end_joined;

	if (numbers->next == numbers->end ||
	    (has_joined && numbers->v[numbers->next_joined] < numbers->v[numbers->next]))
		return numbers->v[numbers->next_joined++];
	return numbers->v[numbers->next++];
}

uint32_t
matcher_any_documents(uint32_t *documents, uint32_t n, uint32_t collection)
{
	struct numbers numbers = { documents, 0, n, 0, 0 };

	if (collection == 0)
		return 0;
	qsort(documents, n, sizeof(*documents), compare_numbers);
	for (uint32_t i = 1; i < n; i++) {
		double one = take_least(&numbers);
		double other = take_least(&numbers);

		/* What was joined later is not less: the two queues of van Leeuwen (1976) make Huffman's tree without a heap. */
		documents[numbers.end_joined++] = (uint32_t)(one + other - one * other / collection + 0.5);
	}
	return n > 1 ? documents[numbers.next_joined] : documents[0];
}
