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

/* Eight sums side by side, which the compiler keeps in one register where the machine has such. */
typedef uint16_t sums_8 __attribute__((vector_size(16)));

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

/* Which of eight sums are enough: 16 bits each, all or none of them set. */
static inline void
compare_sums(const uint16_t *sums, sums_8 wanted, uint64_t ret_has[2])
{
	sums_8 v;
	__typeof__(v >= wanted) has;

	memcpy(&v, sums, sizeof(v));
	has = v >= wanted;
	memcpy(ret_has, &has, sizeof(has));
}

/* The first of 32 sums, and all behind, that are worth a closer look. */
static uint32_t
pass_sums(const uint16_t *sums, uint32_t at, uint32_t width, sums_8 wanted)
{
	for (; at < width; at += SUMS_AT_ONCE) {
		sums_8 v[SUMS_AT_ONCE / SUMS];
		__typeof__(v[0] >= wanted) has;
		uint64_t any[2];

		memcpy(v, sums + at, sizeof(v));
		has = (v[0] >= wanted) | (v[1] >= wanted) | (v[2] >= wanted) | (v[3] >= wanted);
		memcpy(any, &has, sizeof(any));
		if ((any[0] | any[1]) != 0)
			break;
	}
	return at;
}

/*
 * The number from `at` on of the first document that has so many occurrences (>= 1), or `width`.  Behind the window's width, up to a multiple
 * of 64, all sums are 0.
 */
static uint32_t
scan_sums(const uint16_t *sums, uint32_t at, uint32_t width, uint32_t enough)
{
	const uint16_t e = (uint16_t)enough;
	const sums_8 wanted = { e, e, e, e, e, e, e, e };
	uint64_t has[2];
	uint32_t from = at % SUMS * 16; /* bits of the first eight that are before `at` */

	for (at -= at % SUMS; at < width; at += SUMS) {
		compare_sums(sums + at, wanted, has);
		if (from > 0) {
			has[0] = from < 64 ? has[0] & UINT64_MAX << from : 0;
			has[1] = from > 64 ? has[1] & UINT64_MAX << (from - 64) : has[1];
			from = 0;
		}
		if (has[0] != 0)
			return at + (uint32_t)__builtin_ctzll(has[0]) / 16;
		if (has[1] != 0)
			return at + 4 + (uint32_t)__builtin_ctzll(has[1]) / 16;
		if ((at + SUMS) % SUMS_AT_ONCE == 0)
			at = pass_sums(sums, at + SUMS, width, wanted) - SUMS;
	}
	return width;
}

/* The same of the documents that are there at all. */
static uint32_t
scan_all(const struct synonym *synonym, uint32_t at)
{
	if (!synonym->has_zeros)
		return scan_sums(synonym->sums, at, synonym->width, 1);
	while (at < synonym->width && synonym->sums[at] == 0 && (synonym->zeros[at / 64] >> at % 64 & 1) == 0)
		at++;
	return at;
}

/* How long a document may be that has the score with so many occurrences; rounded up. */
static uint32_t
longest_with(const struct matcher *matcher, const struct synonym *synonym, double wdf)
{
	const struct bm25 *bm25 = matcher->bm25;
	double normlen =
	    ((synonym->weight * wdf / synonym->least - wdf) / bm25->k1 - (1 - bm25->b)) / bm25->b * (1 + 1e-9);
	double length = normlen / matcher->length_factor + 1;

	/* Not a number where a constant is 0: such a document may have any length. */
	if (!(length < UINT32_MAX))
		return UINT32_MAX;
	return length > 0 ? (uint32_t)length : 0;
}

static void
synonym_measure(const struct matcher *matcher, struct synonym *synonym)
{
	for (uint32_t i = 0; i < SYNONYM_LENGTHS; i++)
		synonym->longest[i] = longest_with(matcher, synonym, synonym->enough + i);
}

/* Sets `enough` for a score of `least`. */
static void
synonym_aim(const struct matcher *matcher, struct synonym *synonym, double least)
{
	uint32_t enough = matcher_enough(matcher, synonym->weight, least * (1 - MATCHER_SLACK));

	synonym->least = least;
	synonym->enough = enough < CURSOR_SUM_MAX ? enough : CURSOR_SUM_MAX;
	if (enough > 0 && enough < UINT32_MAX)
		synonym_measure(matcher, synonym);
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

/* Whether a document with `enough` occurrences or more may have the score; one with many more may, whatever its length. */
static inline bool
synonym_reaches(const struct matcher *matcher, const struct synonym *synonym, uint32_t at)
{
	uint32_t more = synonym->sums[at] - synonym->enough;

	return more >= SYNONYM_LENGTHS || matcher->lengths[synonym->first + at] <= synonym->longest[more];
}

/* The number from `at` on of the first document of the window that may have `least`, or `width`. */
static uint32_t
synonym_find(struct matcher *matcher, struct synonym *synonym, uint32_t at, double least)
{
	if (least > synonym->least || least < synonym->least)
		synonym_aim(matcher, synonym, least);
	if (synonym->enough == 0)
		return scan_all(synonym, at);
	for (; at < synonym->width; at++) {
		at = scan_sums(synonym->sums, at, synonym->width, synonym->enough);
		if (at == synonym->width || synonym_reaches(matcher, synonym, at))
			return at;
		matcher->steps--;
	}
	return synonym->width;
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
