/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-tree: makes the walks of a match from the tree of its operators: of terms, ORs and SYNONYMs.
 *
 * Terms that the file does not have go away, and with them what cannot match without them.
 */
#include <math.h>

#include "base/limits.h"
#include "invfile/matcher-build.h"

enum status
builder_refuse(struct builder *builder)
{
	return error_set(builder->reterr, STATUS_INTERNAL, ERROR_NO_OFFSET,
	    "a match in the inverted file was asked for by a tree that makes no sense");
}

enum status
builder_alloc(struct builder *builder, size_t n, size_t bytes, void *ret_memory)
{
	struct arena *arena = builder->matcher->arena;
	void *memory = arena_calloc(arena, n, bytes);

	if (memory == NULL && arena_used(arena) + n * bytes > LIMIT_MATCHER_BYTES)
		return error_set(builder->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "a match in the inverted file needs more than the limit of %d bytes", (int)LIMIT_MATCHER_BYTES);
	if (memory == NULL)
		return error_set(builder->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	memcpy(ret_memory, &memory, sizeof(memory));
	return STATUS_OK;
}

enum status
builder_descend(struct builder *builder, const struct matcher_node *node)
{
	if (++builder->depth > LIMIT_MATCHER_DEPTH)
		return error_set(builder->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the operators of a match nest deeper than the limit of %d", (int)LIMIT_MATCHER_DEPTH);
	return node->n > 0 ? STATUS_OK : builder_refuse(builder);
}

/* ---- Leaves ---------------------------------------------------------------------------------- */

void
leaf_set_weight(const struct matcher *matcher, struct leaf *leaf, double weight)
{
	leaf->weight = weight;
	leaf->weight_bound = weight * matcher->bound_factor;
	leaf->walk.weight_max = leaf->weight_bound * leaf->found.part_max;
}

static bool
is_factor(double factor)
{
	return factor >= 0 && isfinite(factor);
}

/* How many documents of the collection hold a term, which may not be in the file. */
static uint32_t
term_documents(const struct matcher *matcher, const struct matcher_node *node, const struct invfile_term *found)
{
	uint32_t documents = node->documents;

	if (documents == 0 && found != NULL)
		documents = found->documents;
	return documents < matcher->collection.documents ? documents : matcher->collection.documents;
}

/* The weight of a node whose terms so many documents hold. */
static double
node_weight(const struct matcher *matcher, const struct matcher_node *node, uint32_t documents)
{
	if (!matcher->is_weighted)
		return 0;
	return bm25_term_weight(matcher->bm25, matcher->collection.documents, documents, node->factor);
}

static enum status
build_term(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	struct matcher *matcher = builder->matcher;
	struct invfile_term found;
	struct leaf *leaf;
	enum status status;

	if (!is_factor(node->factor))
		return builder_refuse(builder);
	status = invfile_find(matcher->file, node->term, &found, builder->reterr);
	if (status == STATUS_NOT_FOUND) {
		*ret_walk = NULL;
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		status = builder_alloc(builder, 1, sizeof(*leaf), &leaf);
	if (status != STATUS_OK)
		return status;
	leaf->walk = (struct walk) { .kind = WALK_LEAF,
		.is_certain = true,
		.least = found.documents,
		.most = found.documents,
		.estimate = found.documents };
	leaf->term = node->term;
	leaf->found = found;
	leaf_set_weight(
	    matcher, leaf, node_weight(matcher, node, node->documents != 0 ? node->documents : found.documents));
	cursor_open(&leaf->cursor, matcher->file, &leaf->found);
	leaf->next_leaf = matcher->leaves;
	matcher->leaves = leaf;
	*ret_walk = &leaf->walk;
	return STATUS_OK;
}

/* ---- Disjunctions ---------------------------------------------------------------------------- */

/* How many operands there are at most when ORs in ORs are laid flat. */
static size_t
count_children(const struct matcher_node *node, unsigned depth)
{
	size_t n = 0;

	if (node->op != MATCHER_OR || depth > LIMIT_MATCHER_DEPTH)
		return 1;
	for (uint32_t i = 0; i < node->n; i++)
		n += count_children(node->children[i], depth + 1);
	return n;
}

static enum status
gather_children(struct builder *builder, struct disjunction *disjunction, const struct matcher_node *node)
{
	enum status status = STATUS_OK;

	status = builder_descend(builder, node);
	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < node->n && status == STATUS_OK; i++) {
		struct walk *child = NULL;

		if (node->children[i]->op == MATCHER_OR)
			status = gather_children(builder, disjunction, node->children[i]);
		else
			status = builder_walk(builder, node->children[i], &child);
		if (child != NULL)
			disjunction->children[disjunction->n++] = child;
	}
	builder->depth--;
	return status;
}

/* Adds a child to how many documents hold any; what holds several is taken to be there by chance. */
static void
count_also(const struct matcher *matcher, struct walk *walk, const struct walk *child)
{
	const uint32_t documents = invfile_documents(matcher->file);

	walk->least = child->least > walk->least ? child->least : walk->least;
	walk->most = child->most < documents - walk->most ? walk->most + child->most : documents;
	walk->estimate += child->estimate - walk->estimate * child->estimate / documents;
}

void
disjunction_sum_up(const struct matcher *matcher, struct disjunction *disjunction)
{
	struct walk *walk = &disjunction->walk;

	*walk = (struct walk) { .kind = WALK_DISJUNCTION, .is_certain = true };
	for (uint32_t i = 0; i < disjunction->n; i++) {
		const struct walk *child = disjunction->children[i];

		walk->is_certain &= child->is_certain;
		walk->weight_max += child->weight_max;
		count_also(matcher, walk, child);
	}
	walk->weight_max *= 1 + MATCHER_SLACK;
}

static enum status
disjunction_new(struct builder *builder, size_t n, struct disjunction **ret_disjunction)
{
	struct disjunction *disjunction;
	enum status status;

	status = builder_alloc(builder, 1, sizeof(*disjunction), &disjunction);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(struct walk *), &disjunction->children);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(struct walk *), &disjunction->order);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(double), &disjunction->bounds);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n + 1, sizeof(double), &disjunction->sums);
	if (status == STATUS_OK)
		*ret_disjunction = disjunction;
	return status;
}

static enum status
build_or(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	struct disjunction *disjunction;
	enum status status;

	status = disjunction_new(builder, count_children(node, 0) + 1, &disjunction);
	if (status == STATUS_OK)
		status = gather_children(builder, disjunction, node);
	if (status != STATUS_OK)
		return status;
	*ret_walk = disjunction->children[0];
	if (disjunction->n < 2)
		return STATUS_OK;
	memcpy(disjunction->order, disjunction->children, disjunction->n * sizeof(struct walk *));
	disjunction_sum_up(builder->matcher, disjunction);
	*ret_walk = &disjunction->walk;
	return STATUS_OK;
}

/* ---- Synonyms -------------------------------------------------------------------------------- */

/* Adds a term that the file has. */
static void
synonym_add_member(
    const struct matcher *matcher, struct synonym *synonym, struct str term, const struct invfile_term *found)
{
	const struct walk of_term = {
		.least = found->documents, .most = found->documents, .estimate = found->documents
	};

	count_also(matcher, &synonym->walk, &of_term);
	synonym->members[synonym->n++] = (struct member) { .term = term, .found = *found };
}

/* Terms that are looked up one after the other; those of a prefix stand side by side in the dictionary. */
struct row {
	struct invfile_terms terms;
	bool is_begun; /* the next one is where the last one was found */
};

/* To the next term, which should be this one. */
static enum status
row_step(struct row *row, struct str term, struct invfile_term *ret_term, struct error *reterr)
{
	struct str there;
	enum status status = invfile_terms_next(&row->terms, &there, ret_term, reterr);

	row->is_begun = status == STATUS_OK && str_eq(there, term);
	if (status == STATUS_END || (status == STATUS_OK && !row->is_begun))
		return STATUS_NOT_FOUND;
	return status;
}

/* As invfile_find(). */
static enum status
row_find(struct row *row, struct str term, struct invfile_term *ret_term, struct error *reterr)
{
	enum status status = STATUS_NOT_FOUND;

	if (row->is_begun)
		status = row_step(row, term, ret_term, reterr);
	if (status != STATUS_NOT_FOUND)
		return status;
	status = invfile_terms_seek(&row->terms, term, reterr);
	return status == STATUS_OK ? row_step(row, term, ret_term, reterr) : status;
}

/* Adds the terms, and notes of each child how many documents of the collection hold it. */
static enum status
gather_synonyms(
    struct builder *builder, const struct matcher_node *node, struct synonym *synonym, uint32_t *ret_documents)
{
	struct row row = { .is_begun = false };
	enum status status = invfile_terms_begin(&row.terms, builder->matcher->file, STR(""), builder->reterr);

	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; i < node->n; i++) {
		const struct matcher_node *child = node->children[i];
		struct invfile_term found;

		if (child->op != MATCHER_TERM || !is_factor(child->factor))
			return builder_refuse(builder);
		status = row_find(&row, child->term, &found, builder->reterr);
		if (status != STATUS_OK && status != STATUS_NOT_FOUND)
			return status;
		ret_documents[i] = term_documents(builder->matcher, child, status == STATUS_OK ? &found : NULL);
		if (status == STATUS_OK)
			synonym_add_member(builder->matcher, synonym, child->term, &found);
	}
	return STATUS_OK;
}

/* Makes room for a window: a wide one where the terms are in so many documents that most of it is not empty. */
static enum status
synonym_make_window(struct builder *builder, struct synonym *synonym)
{
	enum { SPARSE = 256, SYNONYM_WORD_BYTES = sizeof(uint64_t) + 64 * sizeof(uint16_t) };
	const uint32_t last_docid = builder->matcher->last_docid;
	uint64_t width = 0, *memory;
	enum status status;

	for (uint32_t i = 0; i < synonym->n; i++)
		width += (uint64_t)synonym->members[i].found.documents * SPARSE;
	if (width > SYNONYM_WINDOW_MAX)
		width = SYNONYM_WINDOW_MAX;
	if (width < SYNONYM_WINDOW || arena_used(builder->matcher->arena) > LIMIT_MATCHER_BYTES / 4)
		width = SYNONYM_WINDOW;
	/* Whole words of bits; the ids of a file end before the last number there is. */
	if (width > (uint64_t)last_docid + 1)
		width = (uint64_t)last_docid + 1;
	synonym->width_max = (uint32_t)((width + 63) / 64 * 64);
	/* Bits and sums in one piece: a second one would double the arena, and more memory than malloc() keeps for the next query. */
	status = builder_alloc(builder, synonym->width_max / 64, SYNONYM_WORD_BYTES, &memory);
	if (status != STATUS_OK)
		return status;
	synonym->zeros = memory;
	synonym->sums = (uint16_t *)(memory + synonym->width_max / 64);
	return STATUS_OK;
}

static enum status
build_synonym(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	const struct matcher *matcher = builder->matcher;
	struct synonym *synonym;
	uint32_t *documents;
	enum status status;

	if (node->n == 0 || !is_factor(node->factor))
		return builder_refuse(builder);
	status = builder_alloc(builder, 1, sizeof(*synonym), &synonym);
	if (status == STATUS_OK)
		status = builder_alloc(builder, node->n, sizeof(struct member), &synonym->members);
	if (status == STATUS_OK)
		status = builder_alloc(builder, node->n, sizeof(*documents), &documents);
	if (status != STATUS_OK)
		return status;
	synonym->walk = (struct walk) { .kind = WALK_SYNONYM, .is_certain = true };
	status = gather_synonyms(builder, node, synonym, documents);
	if (status == STATUS_OK)
		status = synonym_make_window(builder, synonym);
	if (status == STATUS_OK)
		status = invfile_norms(matcher->file, &synonym->norms, builder->reterr);
	if (status != STATUS_OK)
		return status;
	synonym->weight =
	    node_weight(matcher, node, matcher_any_documents(documents, node->n, matcher->collection.documents));
	synonym->walk.weight_max = synonym->weight * (1 + MATCHER_SLACK);
	*ret_walk = synonym->n > 0 ? &synonym->walk : NULL;
	return STATUS_OK;
}

/* ---- The tree -------------------------------------------------------------------------------- */

enum status
builder_walk(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	if (node->op == MATCHER_TERM)
		return build_term(builder, node, ret_walk);
	if (node->op == MATCHER_OR)
		return build_or(builder, node, ret_walk);
	if (node->op == MATCHER_SYNONYM)
		return build_synonym(builder, node, ret_walk);
	return builder_conjunction(builder, node, ret_walk);
}

enum status
matcher_build(struct matcher *matcher, const struct matcher_node *root, struct error *reterr)
{
	struct builder builder = { matcher, reterr, 0 };

	if (invfile_documents(matcher->file) == 0)
		return STATUS_OK;
	return builder_walk(&builder, root, &matcher->root);
}
