/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/suggest/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "query/plan/terms.h"

enum {
	FIRST_WORDS = 4096,
	LOOK_EVERY = 256, /* words, between two looks at the clock */
	NS_PER_MS = 1000 * 1000,
	SHARED_MAX = 255,
	STAMP_BYTES = 128,
	WORD_COST = 2 * sizeof(uint32_t) + 1 /* besides its letters */
};

struct table {
	char *letters;
	uint32_t n_letters;
	uint32_t cap_letters;
	uint32_t *ends; /* of each word, in letters */
	uint32_t *freqs;
	uint8_t *shared;
	uint32_t n;
	uint32_t cap;
	uint32_t least_freq; /* of the words that are kept */
	char stamp[STAMP_BYTES]; /* of the index that it is made of */
};

struct vocabulary {
	struct table ready;
	struct table making;
	bool is_making;
	uint64_t uses;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the words of the index");
}

static void
table_done(struct table *table)
{
	free(table->letters);
	free(table->ends);
	free(table->freqs);
	free(table->shared);
	*table = (struct table) { .least_freq = 1 };
}

enum status
vocabulary_new(struct vocabulary **ret_vocabulary, struct error *reterr)
{
	*ret_vocabulary = calloc(1, sizeof(**ret_vocabulary));
	return *ret_vocabulary != NULL ? STATUS_OK : no_memory(reterr);
}

void
vocabulary_free(struct vocabulary *vocabulary)
{
	if (vocabulary == NULL)
		return;
	table_done(&vocabulary->ready);
	table_done(&vocabulary->making);
	free(vocabulary);
}

static struct str
word_at(const struct table *table, uint32_t i)
{
	uint32_t start = i > 0 ? table->ends[i - 1] : 0;

	return (struct str) { table->letters + start, table->ends[i] - start };
}

static uint8_t
count_shared(const struct table *table, struct str word)
{
	struct str before = table->n > 0 ? word_at(table, table->n - 1) : STR("");
	uint32_t n = 0;

	while (n < SHARED_MAX && n < word.len && n < before.len && word.p[n] == before.p[n])
		n++;
	return (uint8_t)n;
}

static bool
make_room_for_word(struct table *table)
{
	uint32_t cap = table->cap > 0 ? table->cap * 2 : FIRST_WORDS;
	uint32_t *ends, *freqs;
	uint8_t *shared;

	if (table->n < table->cap)
		return true;
	ends = realloc(table->ends, cap * sizeof(*ends));
	table->ends = ends != NULL ? ends : table->ends;
	freqs = realloc(table->freqs, cap * sizeof(*freqs));
	table->freqs = freqs != NULL ? freqs : table->freqs;
	shared = realloc(table->shared, cap);
	table->shared = shared != NULL ? shared : table->shared;
	if (ends == NULL || freqs == NULL || shared == NULL)
		return false;
	table->cap = cap;
	return true;
}

static bool
make_room(struct table *table, size_t letters)
{
	while (table->n_letters + letters > table->cap_letters) {
		uint32_t cap = table->cap_letters > 0 ? table->cap_letters * 2 : FIRST_WORDS * 8;
		char *grown = realloc(table->letters, cap);

		if (grown == NULL)
			return false;
		table->letters = grown;
		table->cap_letters = cap;
	}
	return make_room_for_word(table);
}

/* The room for it is there. */
static void
append(struct table *table, struct str word, uint32_t freq)
{
	table->shared[table->n] = count_shared(table, word);
	memmove(table->letters + table->n_letters, word.p, word.len);
	table->n_letters += (uint32_t)word.len;
	table->ends[table->n] = table->n_letters;
	table->freqs[table->n] = freq;
	table->n++;
}

/* Leaves the rarest words out, which are mostly slips and foreign names, until half of the room is free. */
static void
thin_out(struct table *table)
{
	while ((size_t)table->n_letters + (size_t)table->n * WORD_COST > VOCABULARY_BYTES / 2) {
		uint32_t n = table->n, start = 0;

		table->least_freq *= 2;
		table->n = 0;
		table->n_letters = 0;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t end = table->ends[i];

			/* What is written never passes what is read. */
			if (table->freqs[i] >= table->least_freq)
				append(table, (struct str) { table->letters + start, end - start }, table->freqs[i]);
			start = end;
		}
	}
}

static enum status
add(struct table *table, struct str word, uint32_t freq, struct error *reterr)
{
	if ((size_t)table->n_letters + word.len + (size_t)(table->n + 1) * WORD_COST > VOCABULARY_BYTES)
		thin_out(table);
	if (freq < table->least_freq || word.len > LIMIT_WORD_BYTES)
		return STATUS_OK;
	if (!make_room(table, word.len))
		return no_memory(reterr);
	append(table, word, freq);
	return STATUS_OK;
}

/*
 * STATUS_OK where time ran out, STATUS_END where the table is whole.  What is read goes on behind the last word that was; the terms before
 * "a" are numbers and other kinds.
 */
static enum status
read_slice(struct table *table, struct terms *terms, struct str last, struct error *reterr)
{
	int64_t end_ns = clock_mono_ns() + (int64_t)VOCABULARY_SLICE_MS * NS_PER_MS;
	struct str word;
	enum status status = terms_next(terms, &word, reterr);

	if (status == STATUS_OK && table->n > 0 && str_eq(word, last))
		status = terms_next(terms, &word, reterr);
	for (uint32_t i = 1; status == STATUS_OK; i++) {
		uint32_t freq;

		status = terms_documents(terms, &freq, reterr);
		if (status == STATUS_OK)
			status = add(table, word, freq, reterr);
		if (status != STATUS_OK || (i % LOOK_EVERY == 0 && clock_mono_ns() >= end_ns))
			return status;
		status = terms_next(terms, &word, reterr);
	}
	return status;
}

static bool
is_of(const struct table *table, struct str stamp)
{
	return stamp.len < STAMP_BYTES && str_eq(str_of(table->stamp), stamp);
}

static void
begin(struct vocabulary *vocabulary, struct str stamp)
{
	table_done(&vocabulary->making);
	(void)snprintf(vocabulary->making.stamp, STAMP_BYTES, "%.*s", STR_FMT(stamp));
	vocabulary->is_making = true;
}

uint64_t
vocabulary_uses(const struct vocabulary *vocabulary)
{
	return vocabulary->uses;
}

enum status
vocabulary_refresh(struct vocabulary *vocabulary, const struct store_reader *reader, struct error *reterr)
{
	struct str stamp = store_reader_stamp(reader);
	struct terms *terms;
	struct str last;
	enum status status;

	vocabulary->uses++;
	if (is_of(&vocabulary->ready, stamp))
		return STATUS_OK;
	if (!vocabulary->is_making || !is_of(&vocabulary->making, stamp))
		begin(vocabulary, stamp);
	last = vocabulary->making.n > 0 ? word_at(&vocabulary->making, vocabulary->making.n - 1) : STR("a");
	status = terms_new(reader, STR(""), last, &terms, reterr);
	if (status != STATUS_OK)
		return status;
	status = read_slice(&vocabulary->making, terms, last, reterr);
	terms_free(terms);
	if (status == STATUS_END) {
		table_done(&vocabulary->ready);
		vocabulary->ready = vocabulary->making;
		vocabulary->making = (struct table) { .least_freq = 1 };
		vocabulary->is_making = false;
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		vocabulary->is_making = false;
	return status;
}

uint32_t
vocabulary_n(const struct vocabulary *vocabulary)
{
	return vocabulary->ready.n;
}

struct str
vocabulary_word(const struct vocabulary *vocabulary, uint32_t i)
{
	return word_at(&vocabulary->ready, i);
}

uint32_t
vocabulary_freq(const struct vocabulary *vocabulary, uint32_t i)
{
	return vocabulary->ready.freqs[i];
}

uint32_t
vocabulary_shared(const struct vocabulary *vocabulary, uint32_t i)
{
	return vocabulary->ready.shared[i];
}

uint32_t
vocabulary_find(const struct vocabulary *vocabulary, struct str word)
{
	uint32_t from = 0, to = vocabulary->ready.n;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (str_cmp(word_at(&vocabulary->ready, middle), word) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

uint32_t
vocabulary_freq_of(const struct vocabulary *vocabulary, struct str word)
{
	uint32_t i = vocabulary_find(vocabulary, word);

	if (i == vocabulary->ready.n || !str_eq(word_at(&vocabulary->ready, i), word))
		return 0;
	return vocabulary->ready.freqs[i];
}
