/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/rank.h"

#include <math.h>
#include <stdlib.h>

#include "invfile/bm25.h"
#include "query/plan/closeness.h"
#include "query/plan/kin.h"
#include "query/plan/lookup.h"
#include "store/schema.h"

/* A distinct word of the query. */
struct rank_word {
	const struct loose_word *word;
	double idf;
	struct lookup *form; /* as it is typed */
	struct lookup **stems; /* of its leaf */
	struct lookup *kin[KIN_MAX];
	uint32_t n_kin;
};

/* A document of the window. */
struct candidate {
	xc_docid docid;
	double score;
	double k; /* BM25's k1, for the length of the document */
	uint32_t tf; /* of the term at hand, or of several as one */
	bool has[RANK_WORDS];
};

struct rank {
	struct xc_database *db;
	xc_doccount n_documents;
	double mean_length;
	struct rank_word words[RANK_WORDS];
	double idf[RANK_WORDS];
	uint32_t n_words;
	const struct plan *plan;
	struct occurrences occurrences;
	struct candidate candidates[RANK_WINDOW]; /* by docid */
	uint32_t n_candidates;
};

/* As Xapian's BM25 has it: never negative. */
static double
idf_of(const struct rank *rank, double freq)
{
	double odds = (rank->n_documents - freq + 0.5) / (freq + 0.5);

	return log(odds < 2.0 ? odds * 0.5 + 1.0 : odds);
}

/* ---- The words ---- */

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
	for (uint32_t i = 0; i < words->n; i++) {
		const struct plan_leaf *leaf = words->v[i].leaf;
		xc_doccount freq = 0;

		if (has_word(rank, &words->v[i]))
			continue;
		for (uint32_t t = 0; t < leaf->n_terms; t++) {
			xc_doccount of_term;
			enum status status = lookups_freq(rank->plan->lookups, leaf->terms[t], &of_term, reterr);

			if (status != STATUS_OK)
				return status;
			freq = of_term > freq ? of_term : freq;
		}
		keep(rank, &words->v[i], idf_of(rank, freq));
	}
	for (uint32_t i = 0; i < rank->n_words; i++)
		rank->idf[i] = rank->words[i].idf;
	return STATUS_OK;
}

static enum status
open_kin(struct rank *rank, struct rank_word *word, struct arena *arena, struct error *reterr)
{
	struct str kin[KIN_MAX];
	enum status status = kin_find(rank->plan->reader, word->word->node->stems[0], arena, kin, &word->n_kin, reterr);

	for (uint32_t i = 0; i < word->n_kin && status == STATUS_OK; i++)
		status = lookups_open(rank->plan->lookups, kin[i], &word->kin[i], reterr);
	return status;
}

/* Opens the lists that the window is looked up in. */
static enum status
open_lookups(struct rank *rank, struct arena *arena, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < rank->n_words && status == STATUS_OK; i++) {
		struct rank_word *word = &rank->words[i];
		const struct plan_leaf *leaf = word->word->leaf;

		word->stems = arena_calloc(arena, leaf->n_terms, sizeof(struct lookup *));
		if (word->stems == NULL)
			return error_no_memory(reterr);
		status = lookups_open(rank->plan->lookups, word->word->node->folded, &word->form, reterr);
		for (uint32_t t = 0; t < leaf->n_terms && status == STATUS_OK; t++)
			status = lookups_open(rank->plan->lookups, leaf->terms[t], &word->stems[t], reterr);
		if (status == STATUS_OK)
			status = open_kin(rank, word, arena, reterr);
	}
	return status;
}

enum status
rank_new(const struct plan *plan, const struct loose_words *words, struct arena *arena, struct rank **ret_rank,
    struct error *reterr)
{
	struct rank *rank;
	enum status status;

	*ret_rank = NULL;
	if (words->n == 0)
		return STATUS_OK;
	rank = calloc(1, sizeof(*rank));
	if (rank == NULL)
		return error_no_memory(reterr);
	rank->plan = plan;
	rank->db = plan->db;
	status = xc_database_doccount(rank->db, &rank->n_documents, reterr);
	if (status == STATUS_OK)
		status = xc_database_avlength(rank->db, &rank->mean_length, reterr);
	if (status == STATUS_OK)
		status = choose_words(rank, words, reterr);
	if (status == STATUS_OK)
		status = open_lookups(rank, arena, reterr);
	if (status == STATUS_OK)
		*ret_rank = rank;
	else
		rank_free(rank);
	return status;
}

void
rank_free(struct rank *rank)
{
	if (rank == NULL)
		return;
	occurrences_done(&rank->occurrences);
	free(rank);
}

/* ---- Frequencies in the window ---- */

static void
forget(struct rank *rank)
{
	for (uint32_t i = 0; i < rank->n_candidates; i++)
		rank->candidates[i].tf = 0;
}

/* Adds the frequency of a term to the candidates that hold it. */
static enum status
count(struct rank *rank, struct lookup *list, double *freq, struct error *reterr)
{
	uint32_t of_term;
	enum status status = lookup_freq(list, &of_term, reterr);

	if (status != STATUS_OK || of_term == 0)
		return status;
	*freq += of_term * (1.0 - *freq / rank->n_documents); /* of either, were they independent */
	for (uint32_t i = 0; i < rank->n_candidates && status == STATUS_OK; i++) {
		struct candidate *candidate = &rank->candidates[i];
		uint32_t wdf = 0;

		status = lookup_wdf(list, candidate->docid, &wdf, reterr);
		candidate->tf += wdf;
	}
	return status;
}

/* Adds the weight of what was counted to the scores. */
static void
add_weight(struct rank *rank, double factor, double freq)
{
	double weight = factor * idf_of(rank, freq) * (BM25_K1 + 1.0);

	for (uint32_t i = 0; i < rank->n_candidates; i++) {
		struct candidate *candidate = &rank->candidates[i];

		candidate->score += weight * candidate->tf / (candidate->k + candidate->tf);
	}
}

static enum status
add_form(struct rank *rank, const struct rank_word *word, struct error *reterr)
{
	double freq = 0.0;
	enum status status;

	forget(rank);
	status = count(rank, word->form, &freq, reterr);
	if (status == STATUS_OK)
		add_weight(rank, RANK_FORM * word->word->factor, freq);
	return status;
}

/* The word's stems, and those with its kin. */
static enum status
add_stems(struct rank *rank, uint32_t w, struct error *reterr)
{
	const struct rank_word *word = &rank->words[w];
	const struct plan_leaf *leaf = word->word->leaf;
	double freq = 0.0;
	enum status status = STATUS_OK;

	forget(rank);
	for (uint32_t t = 0; t < leaf->n_terms && status == STATUS_OK; t++)
		status = count(rank, word->stems[t], &freq, reterr);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < rank->n_candidates; i++)
		rank->candidates[i].has[w] = rank->candidates[i].tf > 0;
	if (word->word->is_part)
		add_weight(rank, word->word->factor, freq);
	for (uint32_t t = 0; t < word->n_kin && status == STATUS_OK; t++)
		status = count(rank, word->kin[t], &freq, reterr);
	if (status == STATUS_OK)
		add_weight(rank, RANK_KIN * word->word->factor, freq);
	return status;
}

/* ---- Places ---- */

static enum status
read_occurrences(struct rank *rank, const struct candidate *candidate, struct error *reterr)
{
	rank->occurrences.n = 0;
	for (uint32_t w = 0; w < rank->n_words; w++) {
		const struct plan_leaf *leaf = rank->words[w].word->leaf;

		for (uint32_t t = 0; candidate->has[w] && t < leaf->n_terms; t++) {
			struct positions at;
			enum status status = lookup_positions(rank->words[w].stems[t], candidate->docid, &at, reterr);

			if (status == STATUS_OK)
				status = occurrences_add(
				    &rank->occurrences, at.v, at.n < RANK_POSITIONS ? at.n : RANK_POSITIONS, w, reterr);
			if (status != STATUS_OK)
				return status;
		}
	}
	return STATUS_OK;
}

static void
add_closeness(struct rank *rank, struct candidate *candidate)
{
	double lent[RANK_WORDS];

	closeness_lend(&rank->occurrences, RANK_REACH, rank->idf, lent, rank->n_words);
	for (uint32_t w = 0; w < rank->n_words; w++)
		candidate->score += RANK_CLOSE * rank->words[w].word->factor * fmin(1.0, rank->idf[w]) * lent[w] *
				    (BM25_K1 + 1.0) / (lent[w] + candidate->k);
}

static void
add_earliness(struct rank *rank, struct candidate *candidate)
{
	const xc_termpos body = schema_body_first_pos(0); /* a title's words are among those before */
	bool seen[RANK_WORDS] = { false };

	for (size_t i = 0; i < rank->occurrences.n; i++) {
		const struct occurrence *at = &rank->occurrences.v[i];
		double before = at->pos > body ? at->pos - body : 0.0;

		if (seen[at->word])
			continue;
		seen[at->word] = true;
		candidate->score += RANK_EARLY * rank->words[at->word].word->factor * rank->idf[at->word] *
				    RANK_EARLY_HALF / (RANK_EARLY_HALF + before);
	}
}

/* What depends on where the words stand. */
static enum status
add_places(struct rank *rank, struct candidate *candidate, struct error *reterr)
{
	enum status status = read_occurrences(rank, candidate, reterr);

	if (status != STATUS_OK)
		return status;
	add_closeness(rank, candidate); /* puts the occurrences in order */
	add_earliness(rank, candidate);
	return STATUS_OK;
}

/* ---- The window ---- */

static int
by_docid(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	return (a->docid > b->docid) - (a->docid < b->docid);
}

static enum status
take_candidates(struct rank *rank, const struct ranked *ranked, uint32_t n, struct error *reterr)
{
	rank->n_candidates = n;
	for (uint32_t i = 0; i < n; i++) {
		xc_termcount length;
		double norm;
		enum status status = lookups_length(rank->plan->lookups, ranked[i].docid, &length, reterr);

		if (status != STATUS_OK)
			return status;
		norm = fmax(length / rank->mean_length, BM25_MIN_NORMLEN);
		rank->candidates[i] = (struct candidate) { .docid = ranked[i].docid,
			.score = ranked[i].score,
			.k = BM25_K1 * (BM25_B * norm + 1.0 - BM25_B) };
	}
	qsort(rank->candidates, n, sizeof(*rank->candidates), by_docid);
	return STATUS_OK;
}

static enum status
order(struct rank *rank, struct ranked *ranked, uint32_t n, struct error *reterr)
{
	enum status status = take_candidates(rank, ranked, n, reterr);

	for (uint32_t w = 0; w < rank->n_words && status == STATUS_OK; w++) {
		status = add_form(rank, &rank->words[w], reterr);
		if (status == STATUS_OK)
			status = add_stems(rank, w, reterr);
	}
	for (uint32_t i = 0; i < n && status == STATUS_OK; i++)
		status = add_places(rank, &rank->candidates[i], reterr);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < n; i++)
		ranked[i] = (struct ranked) { rank->candidates[i].docid, rank->candidates[i].score };
	qsort(ranked, n, sizeof(*ranked), ranked_compare);
	return STATUS_OK;
}

enum status
rank_list(struct rank *rank, struct ranked *ranked, uint32_t n, struct error *reterr)
{
	uint32_t window = n < RANK_WINDOW ? n : RANK_WINDOW;

	return rank != NULL && window > 1 ? order(rank, ranked, window, reterr) : STATUS_OK;
}
