/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/invfile/forest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "invfile/writer.h"

enum { TEXT_WORDS = 2000, OPERANDS = 8 };

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fatalx("%s: %s", status_name(status), error.message);
}

/* ---- Documents ------------------------------------------------------------------------------- */

struct occurrence {
	uint32_t word;
	uint32_t pos;
};

static int
compare_occurrences(const void *a, const void *b)
{
	const struct occurrence *one = a, *other = b;

	if (one->word != other->word)
		return one->word < other->word ? -1 : 1;
	return (one->pos > other->pos) - (one->pos < other->pos);
}

static uint32_t
draw_word(struct forest *forest)
{
	return (uint32_t)pow(FOREST_WORDS, model_below(forest->model, 100000) / 100000.0) - 1;
}

/* Each ninth word has none. */
static bool
has_positions(uint32_t word)
{
	return word % 9 != 8;
}

static void
add_word(struct forest *forest, struct glass_document *document, const struct occurrence *run, size_t n)
{
	uint32_t positions[TEXT_WORDS];
	size_t n_positions = 0;

	for (size_t i = 0; i < n && has_positions(run->word); i++)
		if (i == 0 || run[i].pos != run[i - 1].pos)
			positions[n_positions++] = run[i].pos;
	model_add_term(forest->model, document, str_of(forest->names[run->word]), (uint32_t)n, positions, n_positions);
}

static void
add_document(struct forest *forest, uint32_t words)
{
	static struct occurrence text[TEXT_WORDS];
	struct glass_document *document = model_add(forest->model);
	uint32_t pos = 0;

	for (uint32_t i = 0; i < words; i++) {
		bool is_shared = forest->is_shared && i > 0 && model_below(forest->model, 4) == 0;

		pos += is_shared ? 0 : 1 + (model_below(forest->model, 20) == 0 ? model_below(forest->model, 90) : 0);
		text[i] = (struct occurrence) { draw_word(forest), pos };
	}
	qsort(text, words, sizeof(*text), compare_occurrences);
	for (uint32_t from = 0, to; from < words; from = to) {
		for (to = from; to < words && text[to].word == text[from].word; to++)
			continue;
		add_word(forest, document, &text[from], to - from);
	}
	document->docid += model_below(forest->model, 15) == 0 ? model_below(forest->model, 300) : 0;
}

const struct glass_term *
forest_find(const struct glass_document *document, struct str word)
{
	size_t low = 0, high = document->n_terms;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(document->terms[middle].term, word);

		if (order == 0)
			return &document->terms[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

uint32_t
forest_length(const struct glass_document *document)
{
	uint32_t length = 0;

	for (size_t i = 0; i < document->n_terms; i++)
		length += document->terms[i].wdf;
	return length;
}

uint32_t
forest_documents_with(const struct forest *forest, struct str word)
{
	return forest->documents_with[strtoul(word.p + 1, NULL, 10)];
}

void
forest_count(struct forest *forest)
{
	memset(forest->documents_with, 0, sizeof(forest->documents_with));
	for (size_t i = 0; i < forest->model->n; i++)
		for (uint32_t word = 0; word < FOREST_WORDS; word++)
			if (forest_find(&forest->model->documents[i], str_of(forest->names[word])) != NULL)
				forest->documents_with[word]++;
}

void
forest_init(struct forest *forest, struct model *model, uint32_t n, uint32_t words, bool is_shared)
{
	*forest = (struct forest) { .model = model, .is_shared = is_shared };
	for (uint32_t i = 0; i < FOREST_WORDS; i++)
		(void)snprintf(forest->names[i], sizeof(forest->names[i]), "w%03u", i);
	for (uint32_t i = 0; i < n; i++)
		add_document(forest, 1 + model_below(model, words));
	forest_count(forest);
}

static void
write_word(struct invfile_writer *writer, struct str word, const struct forest_entry *entries, size_t n)
{
	uint64_t occurrences = 0;
	uint32_t documents = 0;

	for (size_t i = 0; i < n; i++) {
		const struct glass_term *term = forest_find(entries[i].document, word);

		occurrences += term != NULL ? term->wdf : 0;
		documents += term != NULL;
	}
	if (occurrences == 0)
		return;
	must(invfile_writer_begin(writer, word, documents, occurrences, &error));
	for (size_t i = 0; i < n; i++) {
		const struct glass_term *term = forest_find(entries[i].document, word);

		if (term != NULL)
			must(invfile_writer_add(
			    writer, entries[i].number, term->wdf, term->positions, term->n_positions, &error));
	}
}

void
forest_write_entries(const struct forest *forest, const struct bm25 *bm25, const struct forest_entry *entries, size_t n,
    const char *path)
{
	struct invfile_writer *writer;

	must(invfile_writer_new(path, bm25, &writer, &error));
	for (size_t i = 0; i < n; i++) {
		must(invfile_writer_length(writer, entries[i].number, forest_length(entries[i].document), &error));
		if (entries[i].docid > 0)
			must(invfile_writer_docid(writer, entries[i].number, entries[i].docid, &error));
	}
	for (uint32_t i = 0; i < FOREST_WORDS; i++)
		write_word(writer, str_of(forest->names[i]), entries, n);
	must(invfile_writer_finish(writer, &error));
	invfile_writer_free(writer);
}

void
forest_write(const struct forest *forest, const struct bm25 *bm25, const char *path)
{
	const struct model *model = forest->model;
	struct forest_entry *entries = calloc(model->n, sizeof(*entries));

	if (entries == NULL)
		fatalx("out of memory");
	for (size_t i = 0; i < model->n; i++)
		entries[i] =
		    (struct forest_entry) { .number = model->documents[i].docid, .document = &model->documents[i] };
	forest_write_entries(forest, bm25, entries, model->n, path);
	free(entries);
}

/* ---- Trees ----------------------------------------------------------------------------------- */

void
forest_clear(struct forest *forest)
{
	forest->n_nodes = 0;
	forest->n_children = 0;
}

static struct matcher_node *
add_node(struct forest *forest, enum matcher_op op, const struct matcher_node **children, uint32_t n)
{
	struct matcher_node *node = &forest->nodes[forest->n_nodes++];

	if (forest->n_nodes > FOREST_NODES || forest->n_children + n > FOREST_NODES)
		fatalx("the tree is too large");
	*node =
	    (struct matcher_node) { .op = op, .factor = 1, .children = &forest->children[forest->n_children], .n = n };
	for (uint32_t i = 0; i < n; i++)
		forest->children[forest->n_children++] = children[i];
	return node;
}

struct matcher_node *
forest_term(struct forest *forest, uint32_t word)
{
	struct matcher_node *node = add_node(forest, MATCHER_TERM, NULL, 0);

	node->term = str_of(forest->names[word]);
	return node;
}

struct matcher_node *
forest_node(struct forest *forest, enum matcher_op op, uint32_t n, ...)
{
	const struct matcher_node *children[OPERANDS];
	va_list arguments;

	va_start(arguments, n);
	for (uint32_t i = 0; i < n; i++)
		children[i] = va_arg(arguments, struct matcher_node *);
	va_end(arguments);
	return add_node(forest, op, children, n);
}

/* A term, or an OR of some, none of them among the `used` ones, where these are given. */
static const struct matcher_node *
random_operand(struct forest *forest, bool *used)
{
	const struct matcher_node *terms[OPERANDS];
	uint32_t n = model_below(forest->model, 3) == 0 ? 2 + model_below(forest->model, 3) : 1;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t word = draw_word(forest);

		while ((used != NULL && used[word]) || (forest->is_for_xapian && !has_positions(word)))
			word = (word + 1) % FOREST_WORDS;
		if (used != NULL)
			used[word] = true;
		terms[i] = forest_term(forest, word);
	}
	return n == 1 ? terms[0] : add_node(forest, MATCHER_OR, terms, n);
}

static const struct matcher_node *
random_proximity(struct forest *forest)
{
	const struct matcher_node *operands[OPERANDS];
	bool used[FOREST_WORDS] = { false };
	enum matcher_op op = model_below(forest->model, 2) == 0 ? MATCHER_NEAR : MATCHER_PHRASE;
	uint32_t n = 2 + model_below(forest->model, 3);
	struct matcher_node *node;

	for (uint32_t i = 0; i < n; i++)
		operands[i] = random_operand(forest, op == MATCHER_NEAR ? used : NULL);
	node = add_node(forest, op, operands, n);
	node->window = n + (model_below(forest->model, 2) == 0 ? 0 : model_below(forest->model, 30));
	return node;
}

static const struct matcher_node *
random_term(struct forest *forest)
{
	struct matcher_node *term = forest_term(forest, draw_word(forest));

	term->factor = model_below(forest->model, 3) == 0 ? model_below(forest->model, 5) * 0.5 : 1;
	return term;
}

/* Terms that count as one, some perhaps twice. */
static const struct matcher_node *
random_synonym(struct forest *forest)
{
	const struct matcher_node *terms[20];
	uint32_t n = 2 + model_below(forest->model, 18);
	struct matcher_node *node;

	for (uint32_t i = 0; i < n; i++)
		terms[i] = forest_term(forest, draw_word(forest));
	node = add_node(forest, MATCHER_SYNONYM, terms, n);
	node->factor = model_below(forest->model, 3) == 0 ? model_below(forest->model, 5) * 0.5 : 1;
	return node;
}

/* Where a tree is in: in an AND, in an OR in one. */
enum place { PLACE_FREE, PLACE_AND, PLACE_OR_IN_AND };

static const struct matcher_node *
random_tree(struct forest *forest, unsigned depth, enum place place)
{
	const struct matcher_node *operands[OPERANDS];
	uint32_t kind = model_below(forest->model, depth > 0 ? 8 : 3);
	uint32_t n = 2 + model_below(forest->model, 3);
	enum matcher_op op = kind < 6 ? MATCHER_AND : MATCHER_OR;

	if (kind == 0 || (kind == 1 && forest->is_for_xapian && place == PLACE_OR_IN_AND))
		return random_term(forest);
	if (kind == 1)
		return random_proximity(forest);
	if (kind == 2)
		return random_synonym(forest);
	if (op == MATCHER_AND && place == PLACE_FREE)
		place = PLACE_AND;
	else if (op == MATCHER_OR && place == PLACE_AND)
		place = PLACE_OR_IN_AND;
	for (uint32_t i = 0; i < n; i++)
		operands[i] = random_tree(forest, depth - 1, place);
	return add_node(forest, op, operands, n);
}

/* An OR of many terms, as a prefix gives it. */
static const struct matcher_node *
random_crowd(struct forest *forest)
{
	const struct matcher_node *terms[200];
	uint32_t n = 20 + model_below(forest->model, 180);

	for (uint32_t i = 0; i < n; i++)
		terms[i] = forest_term(forest, model_below(forest->model, FOREST_WORDS));
	return add_node(forest, MATCHER_OR, terms, n);
}

const struct matcher_node *
forest_tree(struct forest *forest, unsigned depth)
{
	uint32_t kind = model_below(forest->model, 40);
	const struct matcher_node *tree;

	forest_clear(forest);
	tree = kind < 2 ? random_crowd(forest) : random_tree(forest, depth, PLACE_FREE);
	if (kind == 0)
		tree = forest_node(forest, MATCHER_AND, 2, tree, random_tree(forest, 1, PLACE_AND));
	return tree;
}

/* ---- As queries and texts -------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum xc_op op;
} ops[] = {
	[MATCHER_AND] = { "AND", XC_OP_AND },
	[MATCHER_OR] = { "OR", XC_OP_OR },
	[MATCHER_NEAR] = { "NEAR", XC_OP_NEAR },
	[MATCHER_PHRASE] = { "PHRASE", XC_OP_PHRASE },
	[MATCHER_SYNONYM] = { "SYNONYM", XC_OP_SYNONYM },
};

static struct xc_query *
scaled_query(struct xc_query *query, double factor)
{
	struct xc_query *scaled;

	if (factor == 1)
		return query;
	must(xc_query_scale_weight(query, factor, &scaled, &error));
	xc_query_free(query);
	return scaled;
}

struct xc_query *
forest_query(const struct matcher_node *node)
{
	struct xc_query *operands[FOREST_NODES];
	struct xc_query *query;

	if (node->op == MATCHER_TERM) {
		must(xc_query_term(node->term, 1, 0, &query, &error));
		return scaled_query(query, node->factor);
	}
	for (uint32_t i = 0; i < node->n; i++)
		operands[i] = forest_query(node->children[i]);
	must(xc_query_combine(
	    ops[node->op].op, (const struct xc_query *const *)operands, node->n, node->window, &query, &error));
	for (uint32_t i = 0; i < node->n; i++)
		xc_query_free(operands[i]);
	return scaled_query(query, node->factor);
}

static void
print_node(struct buf *text, const struct matcher_node *node)
{
	if (node->op == MATCHER_TERM) {
		buf_printf(text, "%.*s^%g ", STR_FMT(node->term), node->factor);
		return;
	}
	buf_printf(text, "%s/%u^%g(", ops[node->op].name, node->window, node->factor);
	for (uint32_t i = 0; i < node->n; i++)
		print_node(text, node->children[i]);
	buf_append_str(text, STR(") "));
}

const char *
forest_text(const struct matcher_node *node)
{
	static struct buf text;

	buf_done(&text);
	buf_init(&text, 1 << 20);
	print_node(&text, node);
	return text.data;
}

/* ---- What matches ---------------------------------------------------------------------------- */

/* Whether the position is the operand's: of the term, or of one of its terms. */
static bool
holds_position(const struct matcher_node *node, const struct glass_document *document, uint32_t pos)
{
	const struct glass_term *term;

	if (node->op == MATCHER_OR) {
		for (uint32_t i = 0; i < node->n; i++)
			if (holds_position(node->children[i], document, pos))
				return true;
		return false;
	}
	term = forest_find(document, node->term);
	for (size_t i = 0; term != NULL && i < term->n_positions; i++)
		if (term->positions[i] == pos)
			return true;
	return false;
}

/* An assignment of distinct positions from `first` to `last` to the operands from the i-th on. */
static bool
assign(const struct matcher_node *node, const struct glass_document *document, uint32_t i, uint32_t *taken,
    uint32_t first, uint32_t last)
{
	uint32_t from = node->op == MATCHER_PHRASE && i > 0 ? taken[i - 1] + 1 : first;

	if (i == node->n || i == OPERANDS)
		return true;
	for (uint32_t pos = from; pos <= last; pos++) {
		bool is_taken = false;

		for (uint32_t j = 0; j < i; j++)
			is_taken |= taken[j] == pos;
		if (is_taken || !holds_position(node->children[i], document, pos))
			continue;
		taken[i] = pos;
		if (assign(node, document, i + 1, taken, first, last))
			return true;
	}
	return false;
}

/* Tries each window that begins at a position of an operand. */
static bool
stands_near(const struct matcher_node *node, const struct glass_document *document)
{
	uint32_t taken[OPERANDS];

	for (size_t i = 0; i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];

		for (size_t j = 0; j < term->n_positions; j++) {
			uint32_t first = term->positions[j];

			if (assign(node, document, 0, taken, first, first + node->window - 1))
				return true;
		}
	}
	return false;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* How many documents hold the term, or are taken to hold any of them: the two rarest joined by chance, and so on. */
static uint32_t
documents_of(const struct forest *forest, const struct matcher_node *node, uint32_t collection)
{
	uint32_t documents[FOREST_NODES] = { 0 };

	if (node->op == MATCHER_TERM)
		return node->documents != 0 ? node->documents : forest_documents_with(forest, node->term);
	for (uint32_t i = 0; i < node->n; i++)
		documents[i] = documents_of(forest, node->children[i], collection);
	for (uint32_t n = node->n; n > 1; n--) {
		qsort(documents, n, sizeof(*documents), compare_numbers);
		documents[0] = (uint32_t)lround(
		    documents[0] + (double)documents[1] - (double)documents[0] * documents[1] / collection);
		documents[1] = documents[n - 1];
	}
	return documents[0];
}

static uint32_t
wdf_of(const struct matcher_node *node, const struct glass_document *document)
{
	const struct glass_term *term;
	uint32_t wdf = 0;

	if (node->op == MATCHER_TERM) {
		term = forest_find(document, node->term);
		return term != NULL ? term->wdf : 0;
	}
	for (uint32_t i = 0; i < node->n; i++)
		wdf += wdf_of(node->children[i], document);
	return wdf < forest_length(document) ? wdf : forest_length(document);
}

/* Of a term or a synonym. */
static double
term_score(const struct forest *forest, const struct matcher_node *node, const struct glass_document *document,
    const struct bm25 *bm25, const struct bm25_collection *collection)
{
	uint32_t documents = documents_of(forest, node, collection->documents);

	return bm25_term_weight(bm25, collection->documents, documents, node->factor) *
	       bm25_part(bm25, 1 / collection->average_length, wdf_of(node, document), forest_length(document));
}

bool
forest_matches(const struct forest *forest, const struct matcher_node *node, const struct glass_document *document,
    const struct bm25 *bm25, const struct bm25_collection *collection, double *ret_score)
{
	uint32_t n = 0;

	*ret_score = 0;
	if (node->op == MATCHER_TERM || node->op == MATCHER_SYNONYM) {
		if (wdf_of(node, document) > 0)
			*ret_score = term_score(forest, node, document, bm25, collection);
		return wdf_of(node, document) > 0;
	}
	for (uint32_t i = 0; i < node->n; i++) {
		double score;

		if (!forest_matches(forest, node->children[i], document, bm25, collection, &score))
			continue;
		n++;
		*ret_score += score;
	}
	if (node->op == MATCHER_OR)
		return n > 0;
	return n == node->n && (node->op == MATCHER_AND || stands_near(node, document));
}
