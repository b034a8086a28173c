/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-flatten: makes conjunctions, laid flat as far as can be, so that one leap sees all that must hold a document.
 *
 *	AND(a, PHRASE(b, c), NEAR(a, OR(d, e)))
 *	    conjunction of streams a, b, c, OR(d, e); checks PHRASE(b, c), NEAR(a, OR(d, e))
 *
 * A stream that is asked for twice (a, above) is there once, and weighs twice.
 */
#include "base/limits.h"
#include "invfile/matcher-build.h"

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

	if (a->kind != b->kind || a->kind == WALK_CONJUNCTION || a->kind == WALK_SYNONYM)
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

	status = builder_walk(builder, node, &walk);
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
		return builder_refuse(builder);
	status = proximity_new(builder, node, &proximity);
	for (uint32_t i = 0; i < node->n && status == STATUS_OK; i++) {
		proximity->slots[i].off = i;
		status = has_positions(node->children[i], 0)
			     ? gather_stream(builder, gathering, node->children[i], &proximity->slots[i].walk)
			     : builder_refuse(builder);
	}
	if (status != STATUS_OK || gathering->is_empty)
		return status;
	proximity_init(proximity, node->op == MATCHER_PHRASE);
	conjunction->checks[conjunction->n_checks++] = proximity;
	return STATUS_OK;
}

/* Lays what must all be there flat. */
static enum status
gather(struct builder *builder, struct gathering *gathering, const struct matcher_node *node)
{
	enum status status = STATUS_OK;
	struct walk *walk;

	if (!is_conjunctive(node))
		return gather_stream(builder, gathering, node, &walk);
	status = builder_descend(builder, node);
	if (status != STATUS_OK)
		return status;
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

enum status
builder_conjunction(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk)
{
	struct gathering gathering = { NULL, false };
	struct conjunction *conjunction;
	enum status status;

	if (!is_conjunctive(node))
		return builder_refuse(builder);
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
