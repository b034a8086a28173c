/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/closeness.h"

#include <stdlib.h>

enum status
occurrences_add(struct occurrences *occurrences, const xc_termpos *pos, size_t n, uint32_t word, struct error *reterr)
{
	if (occurrences->n + n > occurrences->capacity) {
		size_t capacity = 2 * (occurrences->n + n);
		struct occurrence *v = realloc(occurrences->v, capacity * sizeof(*v));

		if (v == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for positions");
		occurrences->v = v;
		occurrences->capacity = capacity;
	}
	for (size_t i = 0; i < n; i++)
		occurrences->v[occurrences->n++] = (struct occurrence) { pos[i], word };
	return STATUS_OK;
}

void
occurrences_done(struct occurrences *occurrences)
{
	free(occurrences->v);
}

static int
by_position(const void *x, const void *y)
{
	const struct occurrence *a = x, *b = y;

	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	return (a->word > b->word) - (a->word < b->word);
}

void
closeness_lend(struct occurrences *occurrences, uint32_t reach, const double *idf, double *lent, uint32_t n_words)
{
	for (uint32_t i = 0; i < n_words; i++)
		lent[i] = 0.0;
	if (occurrences->n > 1)
		qsort(occurrences->v, occurrences->n, sizeof(*occurrences->v), by_position);
	for (size_t i = 1; i < occurrences->n; i++) {
		const struct occurrence *a = &occurrences->v[i - 1], *b = &occurrences->v[i];
		uint32_t distance = b->pos - a->pos;

		/* Two words that share a stem stand at one position, and are no neighbours. */
		if (a->word == b->word || distance == 0 || distance > reach)
			continue;
		lent[a->word] += idf[b->word] / distance;
		lent[b->word] += idf[a->word] / distance;
	}
}
