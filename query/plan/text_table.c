/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each token gets a bit mask of the leaves that it satisfies.  Tokens of one spelling share a word,
 * so the mask of a word is looked up by its address in a small direct-mapped cache.
 */
#include "query/plan/text_table.h"

#include "base/limits.h"
#include "store/aside.h"
#include "store/schema.h"

_Static_assert(LIMIT_QUERY_WORDS <= 64, "a leaf is a bit of a 64-bit mask");

enum { CACHE_SLOTS = 1024 };

struct slot {
	const struct word *word;
	uint64_t mask;
};

struct filling {
	const struct query *query;
	bool stemmed; /* the document's words go by their stems, else by their folded forms */
	struct arena *arena;
	struct slot *cache;
	struct text_word *words;
	uint64_t *masks; /* one a word */
	uint32_t *sentences; /* start positions */
	uint32_t *paragraphs;
	size_t n;
	size_t n_sentences;
	size_t n_paragraphs;
};

static bool
shares_stem(const struct node *leaf, const struct word *word)
{
	for (uint32_t i = 0; i < leaf->n_stems; i++) {
		for (uint32_t j = 0; j < word->n_stems; j++) {
			if (str_eq(leaf->stems[i], word->stems[j]))
				return true;
		}
	}
	return false;
}

static bool
leaf_takes(const struct node *leaf, const struct word *word, bool stemmed)
{
	switch (leaf->kind) {
	case NODE_PREFIX:
		return str_has_prefix(word->folded, leaf->folded) || str_has_prefix(word->whole, leaf->folded);
	default:
		if (leaf->form == FORM_EXACT || !stemmed)
			return str_eq(leaf->folded, word->folded);
		return shares_stem(leaf, word);
	}
}

static uint64_t
mask_of(const struct query *query, const struct word *word, bool stemmed)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < query->n_leaves; i++) {
		if (leaf_takes(query->leaves[i], word, stemmed))
			mask |= (uint64_t)1 << i;
	}
	return mask;
}

static uint64_t
cached_mask(struct filling *f, const struct word *word)
{
	struct slot *slot = &f->cache[((uintptr_t)word >> 4) % CACHE_SLOTS];

	if (slot->word != word)
		*slot = (struct slot) { word, mask_of(f->query, word, f->stemmed) };
	return slot->mask;
}

/* Leaves that speak of the title alone. */
static uint64_t
title_leaves(const struct query *query)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < query->n_leaves; i++) {
		if (query->leaves[i]->field == FIELD_TITLE)
			mask |= (uint64_t)1 << i;
	}
	return mask;
}

/* Makes room for `more` words behind those of the title. */
static bool
grow(struct filling *f, size_t more)
{
	struct text_word *words = arena_calloc(f->arena, f->n + more, sizeof(*words));
	uint64_t *masks = arena_calloc(f->arena, f->n + more, sizeof(*masks));
	uint32_t *sentences = arena_calloc(f->arena, f->n + more, sizeof(*sentences));
	uint32_t *paragraphs = arena_calloc(f->arena, f->n + more, sizeof(*paragraphs));

	if (words == NULL || masks == NULL || sentences == NULL || paragraphs == NULL)
		return false;
	if (f->n > 0) {
		memcpy(words, f->words, f->n * sizeof(*words));
		memcpy(masks, f->masks, f->n * sizeof(*masks));
		memcpy(sentences, f->sentences, f->n_sentences * sizeof(*sentences));
		memcpy(paragraphs, f->paragraphs, f->n_paragraphs * sizeof(*paragraphs));
	}
	f->words = words;
	f->masks = masks;
	f->sentences = sentences;
	f->paragraphs = paragraphs;
	return true;
}

/* Adds tokens of the analyzer's last run, of which `allowed` leaves may take the words. */
static enum status
add_tokens(struct filling *f, const struct token *tokens, size_t n, uint64_t allowed, struct error *reterr)
{
	/* Words of another zone's run may be gone, and their addresses taken by others. */
	memset(f->cache, 0, CACHE_SLOTS * sizeof(*f->cache));
	if (!grow(f, n))
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for a document of %zu words", n);
	for (size_t i = 0; i < n; i++) {
		const struct token *t = &tokens[i];

		f->words[f->n] = (struct text_word) { t->pos, t->off, t->len, t->sentence };
		f->masks[f->n] = cached_mask(f, t->word) & allowed;
		if (i == 0 || t->sentence != tokens[i - 1].sentence)
			f->sentences[f->n_sentences++] = t->pos;
		if (i == 0 || t->paragraph != tokens[i - 1].paragraph)
			f->paragraphs[f->n_paragraphs++] = t->pos;
		f->n++;
	}
	return STATUS_OK;
}

/* Title, body, and where the query asks for them the lines that are set aside. */
static enum status
add_document(struct filling *f, struct analyzer *analyzer, const struct store_document *document,
    struct text_table *table, struct error *reterr)
{
	const struct token *tokens;
	size_t n, n_read;
	enum status status = analyzer_run(analyzer, document->title, 1, &tokens, &n, reterr);

	if (status == STATUS_OK)
		status = add_tokens(f, tokens, n, UINT64_MAX, reterr);
	if (status != STATUS_OK)
		return status;
	table->n_title = f->n;
	status = aside_run_body(analyzer, document, (uint32_t)f->n, &tokens, &n, &n_read, reterr);
	if (status != STATUS_OK)
		return status;
	table->n_read = table->n_title + n_read;
	return add_tokens(f, tokens, f->query->aside ? n : n_read, ~title_leaves(f->query), reterr);
}

/* Sorts the words' bits into one list of positions a leaf. */
static enum status
leaf_lists(struct filling *f, const struct positions **ret_leaves, struct error *reterr)
{
	uint32_t n_leaves = f->query->n_leaves;
	struct positions *leaves = arena_calloc(f->arena, n_leaves, sizeof(*leaves));
	size_t counts[LIMIT_QUERY_WORDS] = { 0 };
	uint32_t *lists[LIMIT_QUERY_WORDS] = { 0 };

	for (size_t i = 0; i < f->n; i++) {
		for (uint64_t rest = f->masks[i]; rest != 0; rest &= rest - 1)
			counts[__builtin_ctzll(rest)]++;
	}
	for (uint32_t l = 0; l < n_leaves && leaves != NULL; l++) {
		lists[l] = arena_calloc(f->arena, counts[l], sizeof(uint32_t));
		if (lists[l] == NULL)
			leaves = NULL;
		else
			leaves[l] = (struct positions) { lists[l], counts[l] };
	}
	if (leaves == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for positions");
	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i < f->n; i++) {
		for (uint64_t rest = f->masks[i]; rest != 0; rest &= rest - 1) {
			int l = __builtin_ctzll(rest);

			lists[l][counts[l]++] = f->words[i].pos;
		}
	}
	*ret_leaves = leaves;
	return STATUS_OK;
}

enum status
text_table_fill(struct analyzer *analyzer, const struct query *query, const struct store_document *document,
    struct arena *arena, struct text_table *ret_table, struct error *reterr)
{
	struct filling f = { .query = query, .stemmed = document_is_stemmed(document), .arena = arena };
	const struct positions *leaves;
	struct text_table table;
	enum status status;

	f.cache = arena_calloc(arena, CACHE_SLOTS, sizeof(*f.cache));
	if (f.cache == NULL)
		return error_no_memory(reterr);
	status = add_document(&f, analyzer, document, &table, reterr);
	if (status != STATUS_OK)
		return status;
	status = leaf_lists(&f, &leaves, reterr);
	if (status != STATUS_OK)
		return status;
	table.input = (struct match_input) { .leaves = leaves,
		.sentences = { f.sentences, f.n_sentences },
		.paragraphs = { f.paragraphs, f.n_paragraphs },
		.body_first_pos = schema_body_first_pos((uint32_t)table.n_title) };
	table.words = f.words;
	table.n = f.n;
	*ret_table = table;
	return STATUS_OK;
}

size_t
text_table_at(const struct text_table *table, uint32_t pos)
{
	size_t low = 0, high = table->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (table->words[middle].pos <= pos)
			low = middle;
		else
			high = middle;
	}
	return low;
}
