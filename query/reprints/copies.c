/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/reprints/copies.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "query/plan/lookup.h"
#include "query/plan/to_invfile.h"
#include "query/plan/to_xapian.h"
#include "reprints/passages.h"
#include "store/schema.h"
#include "xapian-c/xapian-c.h"

enum {
	SCRATCH_BYTES = 64 * 1024 * 1024,
	BLOCK_DOCUMENTS = 50 /* that are taken of one block: a formula of the trade stands in thousands */
};

/* One question. */
struct finding {
	const struct copies_request *request;
	struct xc_enquire *enquire;
	struct lookups *lookups;
	struct file_parts *parts; /* of the block that is searched */
	uint32_t *docids; /* that have a block in common; in the arena */
	uint32_t n;
	bool more;
	struct arena *scratch;
	struct word_list words, other;
	struct passage_index index;
	struct passage_list passages;
	struct copied *found;
	uint32_t n_found;
};

static int
compare_docids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* ---- Blocks ---- */

/* The term by which a word of the document is found, in its stems' or its form's spelling; NULL where memory runs out. */
static const struct plan_op *
term_of(const struct finding *f, const struct word *word, uint32_t stem)
{
	bool stemmed = document_is_stemmed(f->request->document);
	struct str prefix = stemmed ? STR(SCHEMA_PREFIX_STEM) : STR(SCHEMA_PREFIX_STEM SCHEMA_MARK_UNSTEMMED);
	struct str rest = stemmed ? word->stems[stem] : word->folded;
	char *term = arena_alloc(f->scratch, prefix.len + rest.len);

	if (term == NULL)
		return NULL;
	memcpy(term, prefix.p, prefix.len);
	memcpy(term + prefix.len, rest.p, rest.len);
	return operators_term(f->scratch, (struct str) { term, prefix.len + rest.len });
}

static const struct plan_op *
any_term_of(const struct finding *f, const struct word *word)
{
	const struct plan_op *both[2] = { term_of(f, word, 0), NULL };

	/* Where a spelling stands for several words, two of them: it is almost never more. */
	if (word->n_stems == 1 || !document_is_stemmed(f->request->document))
		return both[0];
	both[1] = term_of(f, word, 1);
	return operators_join(f->scratch, OPERATOR_OR, both, 2);
}

/* The block as a phrase, of the layers where the index has some. */
static enum status
query_of_block(struct finding *f, const struct token *tokens, struct xc_query **ret_query, struct error *reterr)
{
	const struct copies_request *request = f->request;
	const struct plan_op *words[COPIES_BLOCK], *phrase;
	uint32_t n_layers;
	enum status status;

	for (int i = 0; i < COPIES_BLOCK; i++)
		words[i] = any_term_of(f, tokens[i].word);
	phrase = operators_window(f->scratch, OPERATOR_PHRASE, words, COPIES_BLOCK, COPIES_BLOCK);
	if (phrase == NULL)
		return error_no_memory(reterr);
	(void)store_reader_layers(request->reader, &n_layers);
	if (n_layers == 0)
		return to_xapian(phrase, NULL, f->scratch, ret_query, reterr);
	status = file_parts_new(request->reader, f->lookups, false, 0, f->scratch, &f->parts, reterr);
	return status == STATUS_OK ? to_invfile(f->parts, phrase, ret_query, reterr) : status;
}

static bool
is_passed_over(const struct copies_request *request, uint32_t docid)
{
	return docid == request->docid ||
	       (request->n_passed_over > 0 && bsearch(&docid, request->passed_over, request->n_passed_over,
						  sizeof(*request->passed_over), compare_docids) != NULL);
}

static bool
is_known(const struct finding *f, uint32_t docid)
{
	for (uint32_t i = 0; i < f->n; i++) {
		if (f->docids[i] == docid)
			return true;
	}
	return false;
}

static enum status
take_documents(struct finding *f, const struct xc_mset *mset, struct error *reterr)
{
	uint32_t n = xc_mset_size(mset);

	for (uint32_t i = 0; i < n; i++) {
		struct xc_mset_item item;
		enum status status = xc_mset_item(mset, i, &item, reterr);

		if (status != STATUS_OK)
			return status;
		if (is_passed_over(f->request, item.docid) || is_known(f, item.docid))
			continue;
		f->more = f->more || f->n == LIMIT_REPRINTS;
		if (f->n < LIMIT_REPRINTS)
			f->docids[f->n++] = item.docid;
	}
	return STATUS_OK;
}

static enum status
search_block(struct finding *f, const struct token *tokens, struct error *reterr)
{
	uint32_t wanted = BLOCK_DOCUMENTS + f->request->n_passed_over + 1;
	struct xc_query *query = NULL;
	struct xc_mset *mset = NULL;
	enum status status;

	arena_reset(f->scratch);
	status = query_of_block(f, tokens, &query, reterr);
	if (status == STATUS_OK)
		status = xc_enquire_set_query(f->enquire, query, 0, reterr);
	if (status == STATUS_OK)
		status = xc_enquire_mset(f->enquire, 0, wanted, 0, &mset, reterr);
	if (status == STATUS_CANCELLED && file_parts_failure(f->parts, NULL) != STATUS_OK)
		status = file_parts_failure(f->parts, reterr);
	if (status == STATUS_OK) {
		f->more = f->more || xc_mset_size(mset) == wanted;
		status = take_documents(f, mset, reterr);
	}
	xc_mset_free(mset);
	xc_query_free(query);
	file_parts_free(f->parts);
	f->parts = NULL;
	return status;
}

static bool
is_late(const struct copies_request *request)
{
	return request->deadline_ns != 0 && clock_mono_ns() >= request->deadline_ns;
}

/* Searches each block; of a very long document as many as may be, evenly. */
static enum status
search_blocks(struct finding *f, struct error *reterr)
{
	const struct copies_request *request = f->request;
	const struct token *tokens;
	size_t n, step = COPIES_BLOCK;
	enum status status = analyzer_run(request->analyzer, request->document->text, 1, &tokens, &n, reterr);

	if (status != STATUS_OK)
		return status;
	if (n / COPIES_BLOCK > LIMIT_REPRINT_BLOCKS) {
		step = n / LIMIT_REPRINT_BLOCKS;
		f->more = true;
	}
	for (size_t i = 0; status == STATUS_OK && i + COPIES_BLOCK <= n; i += step) {
		if (is_late(request)) {
			f->more = true;
			break;
		}
		status = search_block(f, &tokens[i], reterr);
	}
	return status;
}

/* ---- Passages ---- */

/* The bytes from one word of a text to another. */
static uint32_t
bytes_between(const struct word_list *words, size_t first, size_t end)
{
	return words->v[end - 1].end - words->v[first].off;
}

static enum status
add_copied(struct finding *f, uint32_t docid, struct str id, struct error *reterr)
{
	struct arena *arena = f->request->arena;
	uint32_t n = f->passages.n < COPIES_PASSAGES ? (uint32_t)f->passages.n : COPIES_PASSAGES;
	struct copied_passage *passages = arena_calloc(arena, n, sizeof(*passages));
	struct copied copied = { .docid = docid, .id = arena_str(arena, id), .passages = passages, .n_passages = n };

	if (passages == NULL || copied.id.p == NULL)
		return error_no_memory(reterr);
	for (size_t i = 0; i < f->passages.n; i++) {
		const struct shared_passage *p = &f->passages.v[i];

		copied.words += (uint32_t)p->words;
		if (i < n)
			passages[i] = (struct copied_passage) { (uint32_t)p->words, f->words.v[p->a].off,
				bytes_between(&f->words, p->a, p->a_end), f->other.v[p->b].off,
				bytes_between(&f->other, p->b, p->b_end) };
	}
	copied.share = (double)copied.words / (double)f->words.n;
	f->found[f->n_found++] = copied;
	return STATUS_OK;
}

static enum status
compare_with(struct finding *f, uint32_t docid, struct error *reterr)
{
	struct store_document document;
	enum status status;

	arena_reset(f->scratch);
	status = store_reader_document(f->request->reader, docid, f->scratch, &document, reterr);
	if (status != STATUS_OK)
		return status;
	if (word_list_read(&f->other, document.text) != STATUS_OK ||
	    passage_list_find(&f->passages, &f->index, &f->other) != STATUS_OK)
		return error_no_memory(reterr);
	return f->passages.n > 0 ? add_copied(f, docid, document.id, reterr) : STATUS_OK;
}

static int
compare_copied(const void *x, const void *y)
{
	const struct copied *a = x, *b = y;

	if (a->words != b->words)
		return a->words > b->words ? -1 : 1;
	return str_cmp(a->id, b->id);
}

static enum status
compare_all(struct finding *f, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (word_list_read(&f->words, f->request->document->text) != STATUS_OK ||
	    passage_index_fill(&f->index, &f->words) != STATUS_OK)
		return error_no_memory(reterr);
	f->found = arena_calloc(f->request->arena, f->n, sizeof(*f->found));
	if (f->found == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; status == STATUS_OK && i < f->n; i++) {
		if (is_late(f->request)) {
			f->more = true;
			break;
		}
		status = compare_with(f, f->docids[i], reterr);
	}
	if (f->n_found > 1)
		qsort(f->found, f->n_found, sizeof(*f->found), compare_copied);
	return status;
}

enum status
copies_find(const struct copies_request *request, struct copies *ret_copies, struct error *reterr)
{
	struct finding f = { .request = request };
	enum status status = xc_enquire_new(store_reader_database(request->reader), &f.enquire, reterr);

	if (status == STATUS_OK)
		status = xc_enquire_set_bool_weight(f.enquire, reterr);
	if (status == STATUS_OK) {
		f.docids = arena_calloc(request->arena, LIMIT_REPRINTS, sizeof(*f.docids));
		if (f.docids == NULL || arena_new(SCRATCH_BYTES, &f.scratch) != STATUS_OK)
			status = error_no_memory(reterr);
	}
	if (status == STATUS_OK)
		status = lookups_new(request->reader, &f.lookups, reterr);
	if (status == STATUS_OK)
		status = search_blocks(&f, reterr);
	if (status == STATUS_OK && f.n > 0)
		status = compare_all(&f, reterr);
	xc_enquire_free(f.enquire);
	lookups_free(f.lookups);
	passage_list_done(&f.passages);
	passage_index_done(&f.index);
	word_list_done(&f.words);
	word_list_done(&f.other);
	arena_free(f.scratch);
	if (status == STATUS_OK)
		*ret_copies = (struct copies) { f.found, f.n_found, f.more };
	return status;
}
