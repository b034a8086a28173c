/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/snippet/passages.h"

#include <stdlib.h>

enum {
	REACH_WORDS = 24, /* how far a sentence's end may be for the passage to reach it */
	AROUND_WORDS = 12, /* else so many words on each side */
	MATCH_WORDS = 60, /* a longer match is shown from its start */
	CANDIDATES = 256, /* matches looked at, the closest ones */
	HEAD_BYTES = 16, /* of punctuation or an elided particle that is kept before the first word */
	TAIL_BYTES = 8 /* of punctuation that is kept behind the last word */
};

/* Words [first, last] of the table. */
struct window {
	size_t first;
	size_t last;
	uint64_t units; /* bit of unit % 64 */
	uint32_t distance;
	bool taken;
};

static bool
same_zone(const struct text_table *table, size_t a, size_t b)
{
	return (a < table->n_title) == (b < table->n_title) && (a < table->n_read) == (b < table->n_read);
}

static size_t
reach_back(const struct text_table *table, size_t from)
{
	size_t i = from;

	while (i > 0 && from - i < REACH_WORDS && same_zone(table, i - 1, from)) {
		if (table->words[i - 1].sentence != table->words[from].sentence)
			return i;
		i--;
	}
	if (i == 0 || !same_zone(table, i - 1, from))
		return i;
	return from - AROUND_WORDS;
}

static size_t
reach_on(const struct text_table *table, size_t from)
{
	size_t i = from;

	while (i + 1 < table->n && i - from < REACH_WORDS && same_zone(table, i + 1, from)) {
		if (table->words[i + 1].sentence != table->words[from].sentence)
			return i;
		i++;
	}
	if (i + 1 == table->n || !same_zone(table, i + 1, from))
		return i;
	return from + AROUND_WORDS;
}

static struct window
window_of(const struct text_table *table, const struct match *match)
{
	size_t lo = text_table_at(table, match->lo);
	size_t hi = text_table_at(table, match->hi);
	struct window window = { .distance = match->distance };

	if (hi - lo > MATCH_WORDS)
		hi = lo + MATCH_WORDS;
	window.first = reach_back(table, lo);
	window.last = reach_on(table, hi);
	return window;
}

/* Which units have a whole match in the window. */
static uint64_t
units_in(const struct text_table *table, const struct window *window, const struct match_set *matches, size_t n)
{
	uint32_t lo = table->words[window->first].pos;
	uint32_t hi = table->words[window->last].pos;
	uint64_t units = 0;

	for (size_t i = 0; i < n; i++) {
		if (matches->v[i].lo >= lo && matches->v[i].hi <= hi)
			units |= (uint64_t)1 << matches->v[i].unit % 64;
	}
	return units;
}

static bool
overlaps(const struct window *a, const struct window *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* Whether `a` shows more than `b`, where the units in `shown` were shown before. */
static bool
is_better(const struct window *a, const struct window *b, uint64_t shown)
{
	int a_new = __builtin_popcountll(a->units & ~shown), b_new = __builtin_popcountll(b->units & ~shown);
	int a_all = __builtin_popcountll(a->units), b_all = __builtin_popcountll(b->units);

	if (a_new != b_new)
		return a_new > b_new;
	if (a_all != b_all)
		return a_all > b_all;
	if (a->distance != b->distance)
		return a->distance < b->distance;
	return a->first < b->first;
}

/* The best window that is free, or NULL; those that overlap it are taken out. */
static const struct window *
take_best(struct window *windows, size_t n, uint64_t shown)
{
	struct window *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!windows[i].taken && (best == NULL || is_better(&windows[i], best, shown)))
			best = &windows[i];
	}
	for (size_t i = 0; i < n && best != NULL; i++) {
		if (overlaps(&windows[i], best))
			windows[i].taken = true;
	}
	return best;
}

static bool
is_marked(const struct positions *marks, uint32_t pos)
{
	size_t low = 0, high = marks->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marks->v[middle] == pos)
			return true;
		if (marks->v[middle] < pos)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Whether the bytes between two words only hyphenate them. */
static bool
is_hyphen(struct str between)
{
	return str_eq(between, STR("-")) || str_eq(between, STR("\xE2\x80\x90")) ||
	       str_eq(between, STR("\xE2\x80\x91"));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The start of the passage: the first word and what clings to it, not before byte `floor`. */
static size_t
passage_start(struct str zone, size_t off, size_t floor)
{
	size_t start = off;

	while (start > floor && off - start < HEAD_BYTES && !is_blank(zone.p[start - 1]))
		start--;
	/* A head that goes on is another word stuck to this one, or half a character: leave it. */
	return start > 0 && start > floor && !is_blank(zone.p[start - 1]) ? off : start;
}

/* The end of the passage: the last word and the punctuation that clings to it. */
static size_t
passage_end(struct str zone, size_t off)
{
	size_t end = off;

	while (end < zone.len && end - off < TAIL_BYTES && !is_blank(zone.p[end]))
		end++;
	/* A tail that goes on is another word stuck to this one, or half a character: leave it. */
	return end < zone.len && !is_blank(zone.p[end]) ? off : end;
}

struct segments {
	struct search_segment *v;
	uint32_t n;
	struct str zone;
	size_t end; /* bytes of the zone that are in a segment */
};

static void
add_segment(struct segments *segments, size_t end, bool mark)
{
	struct str text = { segments->zone.p + segments->end, end - segments->end };

	segments->end = end;
	if (text.len == 0)
		return;
	if (segments->n > 0 && segments->v[segments->n - 1].mark == mark)
		segments->v[segments->n - 1].text.len += text.len;
	else
		segments->v[segments->n++] = (struct search_segment) { text, mark };
}

static enum status
cut(const struct text_table *table, const struct window *window, struct str zone, const struct positions *marks,
    struct arena *arena, struct search_passage *ret_passage)
{
	const struct text_word *words = table->words;
	size_t n_words = window->last - window->first + 1;
	bool goes_before = window->first > 0 && same_zone(table, window->first - 1, window->first);
	size_t floor = goes_before ? words[window->first - 1].off + words[window->first - 1].len : 0;
	size_t start = passage_start(zone, words[window->first].off, floor);
	size_t last_end = words[window->last].off + words[window->last].len;
	struct segments segments = { arena_calloc(arena, 2 * n_words + 1, sizeof(struct search_segment)), 0, zone,
		start };
	bool previous_marked = false;

	if (segments.v == NULL)
		return STATUS_NOMEM;
	for (size_t i = window->first; i <= window->last; i++) {
		bool mark = is_marked(marks, words[i].pos);
		struct str between = { zone.p + segments.end, words[i].off - segments.end };

		add_segment(&segments, words[i].off, mark && previous_marked && is_hyphen(between));
		add_segment(&segments, words[i].off + words[i].len, mark);
		previous_marked = mark;
	}
	add_segment(&segments, passage_end(zone, last_end), false);
	*ret_passage = (struct search_passage) { .zone = window->first < table->n_title ? SEARCH_TITLE : SEARCH_TEXT,
		.off = (uint32_t)start,
		.cut_before = goes_before,
		.cut_after = window->last + 1 < table->n && same_zone(table, window->last + 1, window->last),
		.segments = segments.v,
		.n_segments = segments.n };
	return STATUS_OK;
}

enum status
passages_cut(const struct text_table *table, const struct store_document *document, const struct match_set *matches,
    uint32_t max, struct arena *arena, const struct search_passage **ret_passages, uint32_t *ret_n)
{
	size_t n = matches->n < CANDIDATES ? matches->n : CANDIDATES;
	struct window *windows = arena_calloc(arena, n, sizeof(*windows));
	struct search_passage *passages = arena_calloc(arena, max, sizeof(*passages));
	uint64_t shown = 0;
	uint32_t n_cut = 0;

	if (windows == NULL || passages == NULL)
		return STATUS_NOMEM;
	for (size_t i = 0; i < n; i++) {
		windows[i] = window_of(table, &matches->v[i]);
		windows[i].units = units_in(table, &windows[i], matches, n);
	}
	while (n_cut < max) {
		const struct window *best = take_best(windows, n, shown);
		struct str zone;

		if (best == NULL)
			break;
		zone = best->first < table->n_title ? document->title : document->text;
		if (cut(table, best, zone, &matches->marks, arena, &passages[n_cut]) != STATUS_OK)
			return STATUS_NOMEM;
		shown |= best->units;
		n_cut++;
	}
	*ret_passages = passages;
	*ret_n = n_cut;
	return STATUS_OK;
}

struct search_span
passages_span(const struct text_table *table, size_t i)
{
	return (struct search_span) { i < table->n_title ? SEARCH_TITLE : SEARCH_TEXT, table->words[i].off,
		table->words[i].len };
}

struct search_span
passages_sentence(const struct text_table *table, size_t first, size_t last)
{
	const struct text_word *words = table->words;
	size_t a = first, b = last;

	while (a > 0 && same_zone(table, a - 1, first) && words[a - 1].sentence == words[first].sentence)
		a--;
	while (b + 1 < table->n && same_zone(table, b + 1, last) && words[b + 1].sentence == words[last].sentence)
		b++;
	return (struct search_span) { a < table->n_title ? SEARCH_TITLE : SEARCH_TEXT, words[a].off,
		words[b].off + words[b].len - words[a].off };
}
