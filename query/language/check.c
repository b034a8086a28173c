/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/check.h"

#include "base/i18n.h"

enum { SUGGESTION_BYTES = 120 };

/* Messages speak of operators by these names. */
static const char *
operator_name(const struct node *node)
{
	switch (node->kind) {
	case NODE_NEAR: return "NEAR";
	case NODE_ADJ: return "ADJ";
	case NODE_NOT_NEAR: return "NOT NEAR";
	case NODE_SENT: return "SENT";
	case NODE_PARA: return "PARA";
	case NODE_FIRST: return "FIRST";
	case NODE_AT_LEAST: return ">=";
	case NODE_AND: return "AND";
	case NODE_NOT: return "NOT";
	case NODE_SOURCE: return "source:";
	case NODE_DATE: return "date:";
	default: return tr("this");
	}
}

/* The first node that has no places in the text, in or under `node`; NULL where all has. */
static const struct node *
find_placeless(const struct node *node)
{
	switch (node->kind) {
	case NODE_OR:
	case NODE_FIELD:
	case NODE_BOOST:
		for (uint32_t i = 0; i < node->n_children; i++) {
			const struct node *found = find_placeless(node->children[i]);

			if (found != NULL)
				return found;
		}
		return NULL;
	case NODE_SOURCE:
	case NODE_DATE:
	case NODE_AND:
	case NODE_NOT:
	case NODE_AT_LEAST: return node;
	default: return NULL;
	}
}

/* A failure sticks to `out`. */
static void
print_node(const struct node *node, struct buf *out)
{
	enum status status = node_canonical(node, out);

	(void)status;
}

/* Prints `node`, in brackets unless it is one word or phrase. */
static void
print_tight(const struct node *node, struct buf *out)
{
	bool tight = node->n_children == 0 || node->kind == NODE_PHRASE || node->kind == NODE_FIELD;

	if (!tight)
		buf_append_char(out, '(');
	print_node(node, out);
	if (!tight)
		buf_append_char(out, ')');
}

static bool
all_placed(const struct node *node)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (find_placeless(node->children[i]) != NULL)
			return false;
	}
	return true;
}

/* Whether all that is joined are sources and dates. */
static bool
all_facts(const struct node *node)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (node->children[i]->kind != NODE_SOURCE && node->children[i]->kind != NODE_DATE)
			return false;
	}
	return node->n_children > 1;
}

/* a NEAR (b AND c) -> NEAR/10(a, b, c);  a SENT (b AND c) -> a SENT b SENT c */
static void
suggest_list(const struct node *node, const struct node *bad, struct buf *out)
{
	bool list = node->kind == NODE_NEAR || node->kind == NODE_ADJ;
	const char *between = list ? ", " : node->kind == NODE_SENT ? " SENT " : " PARA ";
	bool first = true;

	if (list)
		buf_printf(out, "%s/%u(", operator_name(node), node->distance);
	for (uint32_t i = 0; i < node->n_children; i++) {
		const struct node *child = node->children[i];
		uint32_t n = child == bad ? child->n_children : 1;

		for (uint32_t k = 0; k < n; k++) {
			if (!first)
				buf_append_str(out, str_of(between));
			print_tight(child == bad ? child->children[k] : child, out);
			first = false;
		}
	}
	if (list)
		buf_append_char(out, ')');
}

/* a NEAR (b AND NOT c) -> (a NEAR/10 b) NOT NEAR/10 c */
static void
suggest_not_near(const struct node *node, const struct node *bad, struct buf *out)
{
	const struct node *other = node->children[node->children[0] == bad ? 1 : 0];

	print_tight(other, out);
	buf_printf(out, " NEAR/%u ", node->distance);
	print_tight(bad->children[0], out);
	buf_printf(out, " NOT NEAR/%u ", node->distance);
	print_tight(bad->children[1]->children[0], out);
}

/* a NEAR date:2016 -> a AND date:2016;  a NEAR b>=3 -> a NEAR/10 b AND b>=3 */
static void
suggest_and(const struct node *node, const struct node *bad, struct buf *out)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (i > 0 && bad->kind != NODE_AT_LEAST)
			buf_append_str(out, STR(" AND "));
		else if (i > 0)
			buf_printf(out, node->kind == NODE_NEAR ? " NEAR/%u " : " ADJ/%u ", node->distance);
		print_tight(
		    bad->kind == NODE_AT_LEAST && node->children[i] == bad ? bad->children[0] : node->children[i], out);
	}
	if (bad->kind == NODE_AT_LEAST) {
		buf_append_str(out, STR(" AND "));
		print_node(bad, out);
	}
}

/* a ADJ/5 (b AND c) -> a ADJ/5 b AND a ADJ/5 c */
static void
suggest_each(const struct node *node, const struct node *bad, struct buf *out)
{
	for (uint32_t i = 0; i < bad->n_children; i++) {
		if (i > 0)
			buf_append_str(out, STR(" AND "));
		print_tight(node->children[0] == bad ? bad->children[i] : node->children[0], out);
		buf_printf(out, " ADJ/%u ", node->distance);
		print_tight(node->children[1] == bad ? bad->children[i] : node->children[1], out);
	}
}

/* (a AND b) FIRST/50 -> a FIRST/50 AND b FIRST/50 */
static void
suggest_spread(const struct node *node, const struct node *bad, struct buf *out)
{
	for (uint32_t i = 0; i < bad->n_children; i++) {
		if (i > 0)
			buf_append_str(out, STR(" AND "));
		print_tight(bad->children[i], out);
		buf_printf(out, node->kind == NODE_FIRST ? " FIRST/%u" : ">=%u", node->distance);
	}
}

/* Prints the nearest legal query where one of the shapes above fits; `bad` is a child of `node`. */
static void
suggest(const struct node *node, const struct node *bad, struct buf *out)
{
	bool binary_near = node->kind == NODE_NEAR && node->n_children == 2;
	bool joins = node->kind == NODE_NEAR || node->kind == NODE_SENT || node->kind == NODE_PARA;

	if (all_facts(node)) {
		suggest_and(node, bad, out);
		return;
	}
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (node->children[i] != bad && find_placeless(node->children[i]) != NULL)
			return;
	}
	if (bad->kind == NODE_AND && all_placed(bad)) {
		if (joins)
			suggest_list(node, bad, out);
		else if (node->kind == NODE_ADJ && node->n_children == 2)
			suggest_each(node, bad, out);
		else if (node->n_children == 1)
			suggest_spread(node, bad, out);
	} else if (bad->kind == NODE_AND && binary_near && bad->n_children == 2 && bad->children[1]->kind == NODE_NOT &&
		   find_placeless(bad->children[0]) == NULL && find_placeless(bad->children[1]->children[0]) == NULL) {
		suggest_not_near(node, bad, out);
	} else if (bad->kind == NODE_NOT && binary_near && node->children[1] == bad &&
		   find_placeless(bad->children[0]) == NULL) {
		print_tight(node->children[0], out);
		buf_printf(out, " NOT NEAR/%u ", node->distance);
		print_tight(bad->children[0], out);
	} else if (bad->kind == NODE_SOURCE || bad->kind == NODE_DATE) {
		if (node->n_children > 1)
			suggest_and(node, bad, out);
	} else if (bad->kind == NODE_AT_LEAST && (node->kind == NODE_NEAR || node->kind == NODE_ADJ) &&
		   node->n_children == 2) {
		suggest_and(node, bad, out);
	}
}

static const char *
reason(const struct node *node)
{
	switch (node->kind) {
	case NODE_SOURCE:
	case NODE_DATE: return tr("speaks of the whole article");
	case NODE_AT_LEAST: return tr("counts in the whole article");
	case NODE_NOT: return tr("has no place in the text");
	default: return tr("(also between words side by side) speaks of the whole article");
	}
}

static enum status
refuse_operand(const struct node *node, const struct node *child, const struct node *bad, struct error *reterr)
{
	struct buf suggestion;
	enum status status;

	buf_init(&suggestion, SUGGESTION_BYTES);
	if (child == bad)
		suggest(node, bad, &suggestion);
	if (buf_status(&suggestion) != STATUS_OK)
		buf_reset(&suggestion);
	if (suggestion.len > 0)
		status = error_set(reterr, STATUS_INVALID, bad->off, "%s %s and cannot stand inside %s, try: %.*s",
		    operator_name(bad), reason(bad), operator_name(node), STR_FMT(buf_str(&suggestion)));
	else
		status = error_set(reterr, STATUS_INVALID, bad->off, "%s %s and cannot stand inside %s",
		    operator_name(bad), reason(bad), operator_name(node));
	buf_done(&suggestion);
	return status;
}

enum status
check_operands(const struct node *node, struct error *reterr)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		const struct node *bad = find_placeless(node->children[i]);

		if (bad != NULL)
			return refuse_operand(node, node->children[i], bad, reterr);
	}
	return STATUS_OK;
}

enum status
check_field(const struct node *node, struct error *reterr)
{
	if (node->kind == NODE_SOURCE || node->kind == NODE_DATE)
		return error_set(reterr, STATUS_INVALID, node->off,
		    "%s cannot stand inside titre:, try: titre:alep AND date:2016", operator_name(node));
	if (node->kind == NODE_FIRST)
		return error_set(reterr, STATUS_INVALID, node->off,
		    "FIRST counts the words of the article's body and cannot stand inside titre:");
	for (uint32_t i = 0; i < node->n_children; i++) {
		enum status status = check_field(node->children[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
refuse_not(const struct node *node, struct error *reterr)
{
	const struct node *first = node->kind == NODE_NOT ? node : node->children[0];

	return error_set(
	    reterr, STATUS_INVALID, first->off, "NOT needs something to take away from, try: syrie NOT alep");
}

/* Whether a node finds nothing by itself. */
static bool
is_pure_not(const struct node *node)
{
	if (node->kind != NODE_AND)
		return node->kind == NODE_NOT;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!is_pure_not(node->children[i]))
			return false;
	}
	return true;
}

static enum status
check_first(const struct node *node, struct error *reterr)
{
	if (node->kind == NODE_FIELD)
		return error_set(reterr, STATUS_INVALID, node->off,
		    "FIRST counts the words of the article's body; titre: is no part of it");
	for (uint32_t i = 0; i < node->n_children; i++) {
		enum status status = check_first(node->children[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status
check_tree(const struct node *root, struct error *reterr)
{
	if (is_pure_not(root))
		return refuse_not(root, reterr);
	if (root->kind == NODE_FIRST) {
		enum status status = check_first(root, reterr);

		if (status != STATUS_OK)
			return status;
	}
	for (uint32_t i = 0; i < root->n_children; i++) {
		const struct node *child = root->children[i];
		bool taken_away = root->kind == NODE_AND && child->kind == NODE_NOT;
		enum status status = check_tree(taken_away ? child->children[0] : child, reterr);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}
