/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-tree: makes the walks of a match from the tree of its operators.
 *
 * The tree is laid flat as far as can be, so that one leap sees all that must hold a document:
 *
 *	AND(a, PHRASE(b, c), NEAR(a, OR(d, e)))
 *	    conjunction of streams a, b, c, OR(d, e); checks PHRASE(b, c), NEAR(a, OR(d, e))
 *
 * A stream that is asked for twice (a, above) is there once, and weighs twice.  Terms that the file does not have go away, and with them
 * what cannot match without them.
 */
#include <math.h>

#include "base/limits.h"
#include "invfile/matcher-walk.h"

struct builder {
	struct matcher *matcher;
	struct error *reterr;
	unsigned depth;
};

/* The walk of a tree in *ret_walk; NULL where nothing matches it. */
static enum status build(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk);

static enum status
refuse_tree(struct builder *builder)
{
	return error_set(builder->reterr, STATUS_INTERNAL, ERROR_NO_OFFSET,
	    "a match in the inverted file was asked for by a tree that makes no sense");
}

/* From the matcher's arena. */
static enum status
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

/* ---- Leaves ---------------------------------------------------------------------------------- */

static void
leaf_set_weight(const struct matcher *matcher, struct leaf *leaf, double weight)
{
	leaf->weight = weight;
	leaf->weight_bound = weight * matcher->bound_factor;
	leaf->walk.weight_max = leaf->weight_bound * leaf->found.part_max;
}

static double
term_weight(const struct matcher *matcher, const struct matcher_node *node, const struct invfile_term *found)
{
	uint32_t documents = node->documents != 0 ? node->documents : found->documents;

	if (!matcher->is_weighted)
		return 0;
	if (documents > matcher->collection.documents)
		documents = matcher->collection.documents;
	return bm25_term_weight(matcher->bm25, matcher->collection.documents, documents, node->factor);
}

static enum status
build_term(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	struct matcher *matcher = builder->matcher;
	struct invfile_term found;
	struct leaf *leaf;
	enum status status;

	if (!(node->factor >= 0) || !isfinite(node->factor))
		return refuse_tree(builder);
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
	leaf_set_weight(matcher, leaf, term_weight(matcher, node, &found));
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

	if (++builder->depth > LIMIT_MATCHER_DEPTH)
		return error_set(builder->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the operators of a match nest deeper than the limit of %d", (int)LIMIT_MATCHER_DEPTH);
	if (node->n == 0)
		return refuse_tree(builder);
	for (uint32_t i = 0; i < node->n && status == STATUS_OK; i++) {
		struct walk *child = NULL;

		if (node->children[i]->op == MATCHER_OR)
			status = gather_children(builder, disjunction, node->children[i]);
		else
			status = build(builder, node->children[i], &child);
		if (child != NULL)
			disjunction->children[disjunction->n++] = child;
	}
	builder->depth--;
	return status;
}

/* Sums up what the children are; documents that hold several of them are taken to be there by chance. */
static void
disjunction_sum_up(const struct matcher *matcher, struct disjunction *disjunction)
{
	struct walk *walk = &disjunction->walk;
	const uint32_t documents = invfile_documents(matcher->file);
	uint64_t most = 0;

	*walk = (struct walk) { .kind = WALK_DISJUNCTION, .is_certain = true };
	for (uint32_t i = 0; i < disjunction->n; i++) {
		const struct walk *child = disjunction->children[i];

		walk->is_certain &= child->is_certain;
		walk->weight_max += child->weight_max;
		walk->least = child->least > walk->least ? child->least : walk->least;
		most += child->most;
		walk->estimate += child->estimate - walk->estimate * child->estimate / documents;
	}
	walk->weight_max *= 1 + MATCHER_SLACK;
	walk->most = most < documents ? (uint32_t)most : documents;
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

/* ---- Conjunctions ---------------------------------------------------------------------------- */

/* A conjunction while it is made: how much of what is in the tree, and whether an operand is missing. */
struct gathering {
	struct conjunction *conjunction;
	bool is_empty;
};

static bool
is_conjunctive(const struct matcher_node *node)
{
	return node->op == MATCHER_AND || node->op == MATCHER_NEAR || node->op == MATCHER_PHRASE;
}

/* How many streams and checks there are at most. */
static size_t
count_streams(const struct matcher_node *node, unsigned depth)
{
	size_t n = 1;

	if (!is_conjunctive(node) || depth > LIMIT_MATCHER_DEPTH)
		return 1;
	for (uint32_t i = 0; i < node->n; i++)
		n += count_streams(node->children[i], depth + 1);
	return n;
}

/* A term, or an OR of such. */
static bool
has_positions(const struct matcher_node *node, unsigned depth)
{
	if (node->op != MATCHER_OR)
		return node->op == MATCHER_TERM;
	for (uint32_t i = 0; i < node->n; i++)
		if (depth > LIMIT_MATCHER_DEPTH || !has_positions(node->children[i], depth + 1))
			return false;
	return true;
}

/* Whether two streams are of the same terms. */
static bool
streams_equal(const struct walk *a, const struct walk *b)
{
	const struct disjunction *of_a = (const struct disjunction *)a, *of_b = (const struct disjunction *)b;

	if (a->kind != b->kind || a->kind == WALK_CONJUNCTION)
		return false;
	if (a->kind == WALK_LEAF)
		return str_eq(((const struct leaf *)a)->term, ((const struct leaf *)b)->term);
	for (uint32_t i = 0; i < of_a->n && of_a->n == of_b->n; i++)
		if (of_a->children[i]->kind != WALK_LEAF || !streams_equal(of_a->children[i], of_b->children[i]))
			return false;
	return of_a->n == of_b->n;
}

/* Adds the weights of a stream to those of an equal one. */
static void
stream_weigh_more(const struct matcher *matcher, struct walk *walk, const struct walk *equal)
{
	struct disjunction *disjunction = (struct disjunction *)walk;

	if (walk->kind == WALK_LEAF) {
		struct leaf *leaf = (struct leaf *)walk;

		leaf_set_weight(matcher, leaf, leaf->weight + ((const struct leaf *)equal)->weight);
		return;
	}
	for (uint32_t i = 0; i < disjunction->n; i++)
		stream_weigh_more(matcher, disjunction->children[i], ((const struct disjunction *)equal)->children[i]);
	disjunction_sum_up(matcher, disjunction);
}

/* Adds a stream unless there is an equal one.  *ret_walk is the one that is there then; NULL: it is empty. */
static enum status
gather_stream(
    struct builder *builder, struct gathering *gathering, const struct matcher_node *node, struct walk **ret_walk)
{
	struct conjunction *conjunction = gathering->conjunction;
	struct walk *walk = NULL;
	enum status status;

	status = build(builder, node, &walk);
	if (status != STATUS_OK)
		return status;
	*ret_walk = walk;
	if (walk == NULL) {
		gathering->is_empty = true;
		return STATUS_OK;
	}
	for (uint32_t i = 0; i < conjunction->n; i++) {
		if (!streams_equal(conjunction->streams[i], walk))
			continue;
		stream_weigh_more(builder->matcher, conjunction->streams[i], walk);
		*ret_walk = conjunction->streams[i];
		return STATUS_OK;
	}
	conjunction->streams[conjunction->n++] = walk;
	return STATUS_OK;
}

static enum status
proximity_new(struct builder *builder, const struct matcher_node *node, struct proximity **ret_proximity)
{
	struct proximity *proximity;
	const size_t n = node->n;
	enum status status;

	status = builder_alloc(builder, 1, sizeof(*proximity), &proximity);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(struct slot), &proximity->slots);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(struct slot *), &proximity->order);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(uint32_t), &proximity->taken);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(bool), &proximity->has_taken);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(bool), &proximity->is_asked);
	if (status != STATUS_OK)
		return status;
	proximity->n = node->n;
	proximity->window = node->window;
	proximity_init(proximity, node->op == MATCHER_PHRASE);
	proximity->next_check = builder->matcher->checks;
	builder->matcher->checks = proximity;
	*ret_proximity = proximity;
	return STATUS_OK;
}

static enum status
gather_proximity(struct builder *builder, struct gathering *gathering, const struct matcher_node *node)
{
	struct conjunction *conjunction = gathering->conjunction;
	struct proximity *proximity;
	enum status status;

	if (node->window < node->n)
		return refuse_tree(builder);
	status = proximity_new(builder, node, &proximity);
	for (uint32_t i = 0; i < node->n && status == STATUS_OK; i++) {
		proximity->slots[i].off = i;
		status = has_positions(node->children[i], 0)
			     ? gather_stream(builder, gathering, node->children[i], &proximity->slots[i].walk)
			     : refuse_tree(builder);
	}
	if (status == STATUS_OK)
		conjunction->checks[conjunction->n_checks++] = proximity;
	return status;
}

/* Lays what must all be there flat. */
static enum status
gather(struct builder *builder, struct gathering *gathering, const struct matcher_node *node)
{
	enum status status = STATUS_OK;
	struct walk *walk;

	if (!is_conjunctive(node))
		return gather_stream(builder, gathering, node, &walk);
	if (++builder->depth > LIMIT_MATCHER_DEPTH)
		return error_set(builder->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the operators of a match nest deeper than the limit of %d", (int)LIMIT_MATCHER_DEPTH);
	if (node->n == 0)
		return refuse_tree(builder);
	if (node->op != MATCHER_AND && node->n > 1) {
		status = gather_proximity(builder, gathering, node);
	} else {
		for (uint32_t i = 0; i < node->n && status == STATUS_OK; i++)
			status = gather(builder, gathering, node->children[i]);
	}
	builder->depth--;
	return status;
}

/* The rarest first. */
static void
sort_streams(struct conjunction *conjunction)
{
	for (uint32_t i = 1; i < conjunction->n; i++) {
		struct walk *stream = conjunction->streams[i];
		uint32_t at = i;

		for (; at > 0 && conjunction->streams[at - 1]->estimate > stream->estimate; at--)
			conjunction->streams[at] = conjunction->streams[at - 1];
		conjunction->streams[at] = stream;
	}
}

/* Sums up what the streams are, whose words are taken to be independent, and what the checks leave of that. */
static void
conjunction_sum_up(const struct matcher *matcher, struct conjunction *conjunction)
{
	struct walk *walk = &conjunction->walk;
	const uint32_t documents = invfile_documents(matcher->file);
	int64_t least = documents;

	*walk = (struct walk) { .kind = WALK_CONJUNCTION,
		.is_certain = conjunction->n_checks == 0,
		.most = documents,
		.estimate = documents };
	for (uint32_t i = 0; i < conjunction->n; i++) {
		const struct walk *stream = conjunction->streams[i];

		walk->is_certain &= stream->is_certain;
		walk->weight_max += stream->weight_max;
		walk->most = stream->most < walk->most ? stream->most : walk->most;
		walk->estimate *= stream->estimate / documents;
		least -= documents - stream->least;
	}
	for (uint32_t i = 0; i < conjunction->n_checks; i++)
		walk->estimate *= conjunction->checks[i]->share;
	walk->weight_max *= 1 + MATCHER_SLACK;
	walk->least = conjunction->n_checks == 0 && least > 0 ? (uint32_t)least : 0;
}

static enum status
conjunction_new(struct builder *builder, size_t n, struct conjunction **ret_conjunction)
{
	struct conjunction *conjunction;
	enum status status;

	status = builder_alloc(builder, 1, sizeof(*conjunction), &conjunction);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(struct walk *), &conjunction->streams);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n, sizeof(struct proximity *), &conjunction->checks);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n + 1, sizeof(double), &conjunction->rest);
	if (status == STATUS_OK)
		status = builder_alloc(builder, n + 1, sizeof(double), &conjunction->scratch);
	if (status == STATUS_OK)
		*ret_conjunction = conjunction;
	return status;
}

static enum status
build_and(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	struct gathering gathering = { NULL, false };
	struct conjunction *conjunction;
	enum status status;

	status = conjunction_new(builder, count_streams(node, 0), &gathering.conjunction);
	if (status == STATUS_OK)
		status = gather(builder, &gathering, node);
	if (status != STATUS_OK)
		return status;
	conjunction = gathering.conjunction;
	*ret_walk = gathering.is_empty ? NULL : conjunction->streams[0];
	if (gathering.is_empty || (conjunction->n == 1 && conjunction->n_checks == 0))
		return STATUS_OK;
	sort_streams(conjunction);
	conjunction_sum_up(builder->matcher, conjunction);
	*ret_walk = &conjunction->walk;
	return STATUS_OK;
}

/* ---- The tree -------------------------------------------------------------------------------- */

static enum status
build(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	if (node->op == MATCHER_TERM)
		return build_term(builder, node, ret_walk);
	if (node->op == MATCHER_OR)
		return build_or(builder, node, ret_walk);
	return is_conjunctive(node) ? build_and(builder, node, ret_walk) : refuse_tree(builder);
}

enum status
matcher_build(struct matcher *matcher, const struct matcher_node *root, struct error *reterr)
{
	struct builder builder = { matcher, reterr, 0 };

	if (invfile_documents(matcher->file) == 0)
		return STATUS_OK;
	return build(&builder, root, &matcher->root);
}
