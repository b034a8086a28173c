/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/intervals/spans.h"

#include <stdlib.h>
#include <string.h>

static int
cmp_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_arrays(const uint32_t *a, const uint32_t *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return cmp_numbers(a[i], b[i]);
	}
	return 0;
}

int
span_cmp_places(const struct span *a, const struct span *b)
{
	int order = cmp_numbers(a->lo, b->lo);

	if (order == 0)
		order = cmp_numbers(a->hi, b->hi);
	if (order == 0)
		order = cmp_arrays(a->pos, b->pos, a->n < b->n ? a->n : b->n);
	return order != 0 ? order : cmp_numbers(a->n, b->n);
}

int
span_cmp(const struct span *a, const struct span *b)
{
	int order = span_cmp_places(a, b);

	return order != 0 || a->n == 0 ? order : cmp_arrays(a->pos + a->n, b->pos + b->n, a->n);
}

bool
span_collide(const struct span *a, const struct span *b)
{
	uint32_t i = 0, k = 0;

	while (i < a->n && k < b->n) {
		if (a->pos[i] == b->pos[k])
			return true;
		if (a->pos[i] < b->pos[k])
			i++;
		else
			k++;
	}
	return false;
}

enum status
spans_add(struct spans *spans, struct pool *pool, struct span span)
{
	if (spans->n == spans->cap) {
		uint32_t cap = spans->cap == 0 ? 16 : spans->cap * 2;
		struct span *v = pool_alloc(pool, cap * sizeof(*v));

		if (v == NULL)
			return STATUS_NOMEM;
		if (spans->n > 0)
			memcpy(v, spans->v, spans->n * sizeof(*v));
		spans->v = v;
		spans->cap = cap;
	}
	if (spans->n > 0 && !spans->unsorted)
		spans->unsorted = span_cmp(&spans->v[spans->n - 1], &span) >= 0;
	spans->v[spans->n++] = span;
	return STATUS_OK;
}

static int
cmp_void(const void *a, const void *b)
{
	return span_cmp(a, b);
}

void
spans_finish(struct spans *spans)
{
	uint32_t kept = 1;

	if (spans->n < 2)
		return;
	if (spans->unsorted)
		qsort(spans->v, spans->n, sizeof(*spans->v), cmp_void);
	spans->unsorted = false;
	for (uint32_t i = 1; i < spans->n; i++) {
		if (span_cmp_places(&spans->v[kept - 1], &spans->v[i]) != 0)
			spans->v[kept++] = spans->v[i];
	}
	spans->n = kept;
}

uint32_t
spans_find(const struct spans *spans, uint64_t lo)
{
	uint32_t from = 0, to = spans->n;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (spans->v[middle].lo < lo)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}
