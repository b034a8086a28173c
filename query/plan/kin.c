/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/kin.h"

#include <math.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "query/plan/terms.h"
#include "store/schema.h"

struct kin {
	struct str term;
	double likeness; /* letters in common at the beginning, of those of the longer one */
	uint32_t freq;
};

static uint32_t
count_letters(struct str s)
{
	uint32_t n = 0;

	for (size_t off = 0; off < s.len; n++)
		(void)utf8_next(s, &off, NULL);
	return n;
}

/* The first n letters. */
static struct str
beginning(struct str s, uint32_t n)
{
	size_t off = 0;

	for (uint32_t i = 0; i < n && off < s.len; i++)
		(void)utf8_next(s, &off, NULL);
	return (struct str) { s.p, off };
}

static double
likeness(struct str a, struct str b)
{
	size_t at_a = 0, at_b = 0;
	uint32_t common = 0, letters_a = count_letters(a), letters_b = count_letters(b);

	while (at_a < a.len && at_b < b.len && utf8_next(a, &at_a, NULL) == utf8_next(b, &at_b, NULL))
		common++;
	return (double)common / (letters_a > letters_b ? letters_a : letters_b);
}

static bool
is_nearer(const struct kin *a, const struct kin *b)
{
	if (a->likeness < b->likeness || a->likeness > b->likeness)
		return a->likeness > b->likeness;
	return a->freq > b->freq;
}

/* Keeps `kin` where it is among the KIN_MAX nearest, in order. */
static enum status
keep(struct kin *nearest, uint32_t *n, const struct kin *kin, struct arena *arena)
{
	uint32_t at = *n;

	while (at > 0 && is_nearer(kin, &nearest[at - 1]))
		at--;
	if (at == KIN_MAX)
		return STATUS_OK;
	if (*n < KIN_MAX)
		(*n)++;
	for (uint32_t i = *n - 1; i > at; i--)
		nearest[i] = nearest[i - 1];
	nearest[at] = *kin;
	nearest[at].term = arena_str(arena, kin->term);
	return nearest[at].term.p != NULL ? STATUS_OK : STATUS_NOMEM;
}

static enum status
look(struct terms *terms, struct str stem, struct arena *arena, struct kin *nearest, uint32_t *n, struct error *reterr)
{
	const size_t prefix = sizeof(SCHEMA_PREFIX_STEM) - 1;
	struct kin kin;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < KIN_LOOKED_AT; i++) {
		struct str other;

		status = terms_next(terms, &kin.term, reterr);
		if (status != STATUS_OK)
			break;
		other = (struct str) { kin.term.p + prefix, kin.term.len - prefix };
		if (str_eq(other, stem))
			continue;
		kin.likeness = likeness(stem, other);
		status = terms_documents(terms, &kin.freq, reterr);
		if (status != STATUS_OK)
			break;
		if (keep(nearest, n, &kin, arena) != STATUS_OK)
			return error_no_memory(reterr);
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static bool
has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	}
	return false;
}

/* SCHEMA_PREFIX_STEM and the letters that kin begin with. */
static struct str
prefix_of(struct str stem, char buffer[LIMIT_TERM_BYTES])
{
	const size_t prefix = sizeof(SCHEMA_PREFIX_STEM) - 1;
	uint32_t letters = (uint32_t)ceil(KIN_SHARE * count_letters(stem));
	struct str begin = beginning(stem, letters > KIN_LETTERS_MIN ? letters : KIN_LETTERS_MIN);

	memcpy(buffer, SCHEMA_PREFIX_STEM, prefix);
	memcpy(buffer + prefix, begin.p, begin.len);
	return (struct str) { buffer, prefix + begin.len };
}

enum status
kin_find(const struct store_reader *reader, struct str stem, struct arena *arena, struct str ret_terms[KIN_MAX],
    uint32_t *ret_n, struct error *reterr)
{
	struct kin nearest[KIN_MAX];
	char buffer[LIMIT_TERM_BYTES];
	struct terms *terms;
	struct str start;
	uint32_t n = 0;
	enum status status;

	*ret_n = 0;
	if (count_letters(stem) < KIN_LETTERS_MIN || has_digit(stem) ||
	    stem.len + sizeof(SCHEMA_PREFIX_STEM) > sizeof(buffer))
		return STATUS_OK;
	start = prefix_of(stem, buffer);
	status = terms_new(reader, start, start, &terms, reterr);
	if (status != STATUS_OK)
		return status;
	status = look(terms, stem, arena, nearest, &n, reterr);
	terms_free(terms);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < n; i++)
		ret_terms[i] = nearest[i].term;
	*ret_n = n;
	return STATUS_OK;
}
