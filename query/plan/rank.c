/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/rank.h"

#include <math.h>
#include <stdlib.h>

/* A distinct word of the query. */
struct rank_word {
	const struct loose_word *word;
	double idf;
	double lent; /* in the document at hand */
};

struct occurrence {
	xc_termpos pos;
	uint32_t word;
};

struct rank {
	struct xc_database *db;
	struct rank_word words[RANK_WORDS];
	uint32_t n_words;
	struct xc_poslist list;
	struct occurrence *occurrences;
	size_t n;
	size_t capacity;
};

/* As Xapian's BM25 has it, so that it is never negative. */
static double
idf_of(xc_doccount n_documents, xc_doccount freq)
{
	double odds = ((double)n_documents - freq + 0.5) / (freq + 0.5);

	return log(odds < 2.0 ? odds * 0.5 + 1.0 : odds);
}

static bool
has_word(const struct rank *rank, const struct loose_word *word)
{
	for (uint32_t i = 0; i < rank->n_words; i++) {
		if (str_eq(rank->words[i].word->leaf->terms[0], word->leaf->terms[0]))
			return true;
	}
	return false;
}

/* Keeps the rarest. */
static void
keep(struct rank *rank, const struct loose_word *word, double idf)
{
	uint32_t at = rank->n_words;

	while (at > 0 && rank->words[at - 1].idf < idf)
		at--;
	if (at == RANK_WORDS)
		return;
	if (rank->n_words < RANK_WORDS)
		rank->n_words++;
	for (uint32_t i = rank->n_words - 1; i > at; i--)
		rank->words[i] = rank->words[i - 1];
	rank->words[at] = (struct rank_word) { .word = word, .idf = idf };
}

static enum status
choose_words(struct rank *rank, const struct loose_words *words, struct error *reterr)
{
	xc_doccount n_documents;
	enum status status = xc_database_doccount(rank->db, &n_documents, reterr);

	for (uint32_t i = 0; i < words->n && status == STATUS_OK; i++) {
		const struct loose_word *word = &words->v[i];
		xc_doccount freq = 0;

		if (word->is_common || has_word(rank, word))
			continue;
		for (uint32_t t = 0; t < word->leaf->n_terms && status == STATUS_OK; t++) {
			xc_doccount of_term = 0;

			status = xc_database_termfreq(rank->db, word->leaf->terms[t], &of_term, reterr);
			freq = of_term > freq ? of_term : freq;
		}
		if (status == STATUS_OK && freq > 0)
			keep(rank, word, idf_of(n_documents, freq));
	}
	return status;
}

enum status
rank_new(struct xc_database *db, const struct loose_words *words, struct rank **ret_rank, struct error *reterr)
{
	struct rank *rank = calloc(1, sizeof(*rank));
	enum status status;

	if (rank == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	rank->db = db;
	status = choose_words(rank, words, reterr);
	if (status != STATUS_OK || rank->n_words < 2) {
		rank_free(rank);
		rank = NULL;
	}
	if (status == STATUS_OK)
		*ret_rank = rank;
	return status;
}

void
rank_free(struct rank *rank)
{
	if (rank == NULL)
		return;
	xc_poslist_done(&rank->list);
	free(rank->occurrences);
	free(rank);
}

static enum status
add_positions(struct rank *rank, uint32_t word, struct error *reterr)
{
	size_t more = rank->list.n < RANK_POSITIONS ? rank->list.n : RANK_POSITIONS;

	if (rank->n + more > rank->capacity) {
		size_t capacity = 2 * (rank->n + more);
		struct occurrence *occurrences = realloc(rank->occurrences, capacity * sizeof(*occurrences));

		if (occurrences == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for positions");
		rank->occurrences = occurrences;
		rank->capacity = capacity;
	}
	for (size_t i = 0; i < more; i++)
		rank->occurrences[rank->n++] = (struct occurrence) { rank->list.pos[i], word };
	return STATUS_OK;
}

static int
by_position(const void *x, const void *y)
{
	const struct occurrence *a = x, *b = y;

	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	return (a->word > b->word) - (a->word < b->word);
}

static enum status
read_occurrences(struct rank *rank, xc_docid docid, struct error *reterr)
{
	rank->n = 0;
	for (uint32_t i = 0; i < rank->n_words; i++) {
		const struct plan_leaf *leaf = rank->words[i].word->leaf;

		rank->words[i].lent = 0.0;
		for (uint32_t t = 0; t < leaf->n_terms; t++) {
			enum status status = xc_positions_read(rank->db, docid, leaf->terms[t], &rank->list, reterr);

			if (status == STATUS_OK)
				status = add_positions(rank, i, reterr);
			if (status != STATUS_OK)
				return status;
		}
	}
	if (rank->n > 1)
		qsort(rank->occurrences, rank->n, sizeof(*rank->occurrences), by_position);
	return STATUS_OK;
}

/* What two neighbours lend each other. */
static void
lend(struct rank *rank, const struct occurrence *a, const struct occurrence *b)
{
	struct rank_word *one = &rank->words[a->word], *other = &rank->words[b->word];
	uint32_t distance = b->pos - a->pos;

	if (a->word == b->word || distance == 0 || distance > RANK_REACH)
		return;
	one->lent += other->idf / distance;
	other->lent += one->idf / distance;
}

/* What is added to the score of a document. */
static enum status
bonus_of(struct rank *rank, xc_docid docid, double *ret_bonus, struct error *reterr)
{
	double bonus = 0.0;
	enum status status = read_occurrences(rank, docid, reterr);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 1; i < rank->n; i++)
		lend(rank, &rank->occurrences[i - 1], &rank->occurrences[i]);
	for (uint32_t i = 0; i < rank->n_words; i++) {
		const struct rank_word *word = &rank->words[i];

		bonus += fmin(1.0, word->idf) * word->lent * (WEIGHTS_K1 + 1.0) / (word->lent + WEIGHTS_K1);
	}
	*ret_bonus = RANK_BONUS * bonus;
	return STATUS_OK;
}

static int
by_score(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->score < b->score || a->score > b->score)
		return a->score > b->score ? -1 : 1;
	return (a->docid > b->docid) - (a->docid < b->docid);
}

enum status
rank_list(struct rank *rank, const struct xc_mset *mset, uint32_t n, struct ranked *ret_ranked, struct error *reterr)
{
	uint32_t window = rank == NULL ? 0 : n < RANK_WINDOW ? n : RANK_WINDOW;

	for (uint32_t i = 0; i < n; i++) {
		struct xc_mset_item item;
		double bonus = 0.0;
		enum status status = xc_mset_item(mset, i, &item, reterr);

		if (status == STATUS_OK && i < window)
			status = bonus_of(rank, item.docid, &bonus, reterr);
		if (status != STATUS_OK)
			return status;
		ret_ranked[i] = (struct ranked) { item.docid, item.weight + bonus };
	}
	if (window > 1)
		qsort(ret_ranked, window, sizeof(*ret_ranked), by_score);
	return STATUS_OK;
}
