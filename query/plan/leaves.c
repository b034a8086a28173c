/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/leaves.h"

#include "base/bounds.h"
#include "base/limits.h"
#include "query/plan/terms.h"
#include "store/schema.h"

/* prefix + text, in the arena; {NULL, 0} when memory runs out. */
static struct str
term_of(struct arena *arena, struct str prefix, struct str text)
{
	char *term = arena_alloc(arena, prefix.len + text.len);

	if (term == NULL)
		return (struct str) { NULL, 0 };
	memcpy(term, prefix.p, prefix.len);
	memcpy(term + prefix.len, text.p, text.len);
	return (struct str) { term, prefix.len + text.len };
}

/* How the terms of a leaf begin: those of lines that are set aside are others. */
struct prefixes {
	struct str stem[2];
	struct str unstemmed[2]; /* in documents that are not in French */
	struct str folded[2];
	uint32_t n; /* of each */
};

static struct prefixes
prefixes_of(const struct query *query, const struct node *node)
{
	if (node->field == FIELD_TITLE)
		return (struct prefixes) { { STR(SCHEMA_PREFIX_TITLE_STEM) },
			{ STR(SCHEMA_PREFIX_TITLE_STEM SCHEMA_MARK_UNSTEMMED) }, { STR("") }, 1 };
	return (struct prefixes) { { STR(SCHEMA_PREFIX_STEM), STR(SCHEMA_PREFIX_ASIDE_STEM) },
		{ STR(SCHEMA_PREFIX_STEM SCHEMA_MARK_UNSTEMMED), STR(SCHEMA_PREFIX_ASIDE_STEM SCHEMA_MARK_UNSTEMMED) },
		{ STR(""), STR(SCHEMA_PREFIX_ASIDE) }, query->aside ? 2 : 1 };
}

/*
 * The term of `form` in documents that are not in French; {NULL, 0} where none of the index has it, so that
 * a query costs nothing more on an index that is all French.
 */
static enum status
unstemmed_term(const struct plan *plan, struct str prefix, struct str form, struct str *ret_term, struct error *reterr)
{
	struct str term;
	xc_doccount freq = 0;
	enum status status;

	*ret_term = (struct str) { NULL, 0 };
	if (!store_reader_has_unstemmed(plan->reader))
		return STATUS_OK;
	term = term_of(plan->arena, prefix, form);
	if (term.p == NULL)
		return error_no_memory(reterr);
	status = lookups_freq(plan->lookups, term, &freq, reterr);
	if (status == STATUS_OK && freq > 0)
		*ret_term = term;
	return status;
}

static enum status
stem_terms(const struct plan *plan, const struct prefixes *prefixes, const struct node *node, struct plan_leaf *leaf,
    struct error *reterr)
{
	struct arena *arena = plan->arena;
	struct str unstemmed;

	leaf->terms = arena_calloc(arena, (node->n_stems + 1) * prefixes->n, sizeof(*leaf->terms));
	if (leaf->terms == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < node->n_stems * prefixes->n; i++) {
		leaf->terms[i] = term_of(arena, prefixes->stem[i % prefixes->n], node->stems[i / prefixes->n]);
		if (leaf->terms[i].p == NULL)
			return error_no_memory(reterr);
	}
	leaf->n_terms = node->n_stems * prefixes->n;
	for (uint32_t i = 0; i < prefixes->n; i++) {
		enum status status = unstemmed_term(plan, prefixes->unstemmed[i], node->folded, &unstemmed, reterr);

		if (status != STATUS_OK)
			return status;
		if (unstemmed.p != NULL)
			leaf->terms[leaf->n_terms++] = unstemmed;
	}
	leaf->has_positions = true;
	leaf->places = leaf->stems = leaf->terms;
	leaf->n_places = leaf->n_stems = leaf->n_terms;
	return STATUS_OK;
}

static enum status
exact_terms(struct arena *arena, const struct prefixes *prefixes, const struct node *node, struct plan_leaf *leaf,
    struct error *reterr)
{
	leaf->terms = arena_calloc(arena, prefixes->n, sizeof(*leaf->terms));
	if (leaf->terms == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < prefixes->n; i++) {
		leaf->terms[i] = term_of(arena, prefixes->folded[i], node->folded);
		if (leaf->terms[i].p == NULL)
			return error_no_memory(reterr);
	}
	leaf->n_terms = prefixes->n;
	return STATUS_OK;
}

static enum status
expand(struct terms *words, struct arena *arena, const struct node *node, struct plan_leaf *leaf, struct error *reterr)
{
	struct str word;
	enum status status;

	while ((status = terms_next(words, &word, reterr)) == STATUS_OK) {
		if (leaf->n_terms == bound_get(BOUND_PREFIX_EXPANSION))
			return error_set(reterr, STATUS_LIMIT, node->off,
			    "more than %d words begin with \"%.*s\" (limit prefix_expansion); type more letters",
			    bound_get(BOUND_PREFIX_EXPANSION), STR_FMT(node->folded));
		leaf->terms[leaf->n_terms] = arena_str(arena, word);
		if (leaf->terms[leaf->n_terms].p == NULL)
			return error_no_memory(reterr);
		status = terms_documents(words, &leaf->documents[leaf->n_terms], reterr);
		if (status != STATUS_OK)
			return status;
		leaf->n_terms++;
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
prefix_terms(const struct plan *plan, const struct prefixes *prefixes, const struct node *node, struct plan_leaf *leaf,
    struct error *reterr)
{
	struct arena *arena = plan->arena;
	enum status status = STATUS_OK;

	leaf->terms = arena_calloc(arena, bound_get(BOUND_PREFIX_EXPANSION), sizeof(*leaf->terms));
	leaf->documents = arena_calloc(arena, bound_get(BOUND_PREFIX_EXPANSION), sizeof(*leaf->documents));
	if (leaf->terms == NULL || leaf->documents == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < prefixes->n && status == STATUS_OK; i++) {
		struct str start = term_of(arena, prefixes->folded[i], node->folded);
		struct terms *words;

		if (start.p == NULL)
			return error_no_memory(reterr);
		status = terms_new(plan->reader, start, start, &words, reterr);
		if (status != STATUS_OK)
			return status;
		status = expand(words, arena, node, leaf, reterr);
		terms_free(words);
	}
	return status;
}

/* ---- The stems that words of a surface form can have, and where it stands ---- */

static bool
has_stem(const struct plan_leaf *leaf, struct str term)
{
	for (uint32_t i = 0; i < leaf->n_stems; i++) {
		if (str_eq(leaf->stems[i], term))
			return true;
	}
	return false;
}

/* Adds a term; *ret_known is false where there is no room for it. */
static void
add_stem(struct str term, struct plan_leaf *leaf, bool *ret_known)
{
	if (has_stem(leaf, term))
		return;
	*ret_known = leaf->n_stems < LIMIT_QUERY_TERMS;
	if (*ret_known)
		leaf->stems[leaf->n_stems++] = term;
}

/* The surface form that a term stands for: no form begins with a capital. */
static struct str
form_of(struct str term)
{
	const size_t prefix = sizeof(SCHEMA_PREFIX_ASIDE) - 1;

	return str_has_prefix(term, STR(SCHEMA_PREFIX_ASIDE)) ? (struct str) { term.p + prefix, term.len - prefix }
							      : term;
}

/* Adds the terms of the stems, and of `form` itself where documents of other languages hold it. */
static enum status
add_stems(const struct plan *plan, const struct prefixes *prefixes, const struct str *stems, size_t n, struct str form,
    struct plan_leaf *leaf, bool *ret_known, struct error *reterr)
{
	for (size_t i = 0; i < n * prefixes->n && *ret_known; i++) {
		struct str term = term_of(plan->arena, prefixes->stem[i % prefixes->n], stems[i / prefixes->n]);

		if (term.p == NULL)
			return error_no_memory(reterr);
		add_stem(term, leaf, ret_known);
	}
	for (uint32_t i = 0; i < prefixes->n && *ret_known; i++) {
		struct str unstemmed;
		enum status status = unstemmed_term(plan, prefixes->unstemmed[i], form, &unstemmed, reterr);

		if (status != STATUS_OK)
			return status;
		if (unstemmed.p != NULL)
			add_stem(unstemmed, leaf, ret_known);
	}
	return STATUS_OK;
}

/*
 * Adds the stems of `form`, and `form` itself where documents of other languages hold it.  A word that folds
 * to `form` has the stem of a dictionary word that does, or that of `form` itself: these are what
 * ACCENTS_LOOSE gives.  *ret_known is false where `form` is analysed as something else.
 */
static enum status
add_form(const struct plan *plan, struct analyzer *analyzer, const struct prefixes *prefixes, struct str form,
    struct plan_leaf *leaf, bool *ret_known, struct error *reterr)
{
	const struct token *tokens;
	const struct str *stems;
	size_t n;
	enum status status = analyzer_run(analyzer, form, 1, &tokens, &n, reterr);

	if (status != STATUS_OK)
		return status;
	*ret_known = n == 1 && str_eq(tokens[0].word->folded, form);
	if (!*ret_known)
		return STATUS_OK;
	status = analyzer_query_stems(analyzer, tokens[0].word, ACCENTS_LOOSE, &stems, &n);
	if (status != STATUS_OK)
		return status;
	return add_stems(plan, prefixes, stems, n, form, leaf, ret_known, reterr);
}

static enum status
find_stems(struct plan *plan, struct analyzer *analyzer, const struct prefixes *prefixes, struct plan_leaf *leaf,
    struct error *reterr)
{
	bool known = true;

	leaf->stems = arena_calloc(plan->arena, LIMIT_QUERY_TERMS, sizeof(*leaf->stems));
	if (leaf->stems == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < leaf->n_terms && known; i++) {
		enum status status = add_form(plan, analyzer, prefixes, form_of(leaf->terms[i]), leaf, &known, reterr);

		if (status != STATUS_OK)
			return status;
	}
	if (!known)
		leaf->n_stems = 0;
	return STATUS_OK;
}

/* Where a surface form stands; `is_near`: whether it has to be known what else can stand there. */
static enum status
find_places(struct plan *plan, struct analyzer *analyzer, const struct prefixes *prefixes, const struct node *node,
    bool is_near, struct plan_leaf *leaf, struct error *reterr)
{
	uint32_t n_layers;
	enum status status = STATUS_OK;

	/* Which of its places are in the title, no list of a form says. */
	(void)store_reader_layers(plan->reader, &n_layers);
	leaf->has_positions = n_layers > 0 && node->field != FIELD_TITLE;
	if (is_near || !leaf->has_positions)
		status = find_stems(plan, analyzer, prefixes, leaf, reterr);
	leaf->places = leaf->has_positions ? leaf->terms : leaf->stems;
	leaf->n_places = leaf->has_positions ? leaf->n_terms : leaf->n_stems;
	return status;
}

static enum status
find_one(struct plan *plan, struct analyzer *analyzer, const struct node *node, bool is_near, struct plan_leaf *leaf,
    struct error *reterr)
{
	const struct prefixes prefixes = prefixes_of(plan->query, node);
	bool is_form = node->kind == NODE_PREFIX || node->form == FORM_EXACT;
	enum status status;

	if (node->kind == NODE_PREFIX)
		status = prefix_terms(plan, &prefixes, node, leaf, reterr);
	else if (node->form == FORM_EXACT)
		status = exact_terms(plan->arena, &prefixes, node, leaf, reterr);
	else
		status = stem_terms(plan, &prefixes, node, leaf, reterr);
	return status == STATUS_OK && is_form ? find_places(plan, analyzer, &prefixes, node, is_near, leaf, reterr)
					      : status;
}

/* Whether each operand is a word, and has its one place. */
static bool
is_plain_phrase(const struct node *node)
{
	bool plain = node->kind == NODE_PHRASE && node->distance == 0;

	for (uint32_t i = 0; plain && i < node->n_children; i++)
		plain = node_is_leaf(node->children[i]) || node->children[i]->kind == NODE_ANY;
	return plain;
}

/* Whether two operands could be meant to stand at one place. */
static bool
speaks_of_places(const struct node *node)
{
	return node->kind != NODE_AND && node->kind != NODE_OR && node->kind != NODE_NOT && node->kind != NODE_FIELD &&
	       node->kind != NODE_BOOST && !is_plain_phrase(node);
}

/* Sets the leaves, by number, that stand in something of that kind. */
static void
mark_near(const struct node *node, bool inside, bool *ret_near)
{
	if (node_is_leaf(node))
		ret_near[node->leaf] = inside;
	inside = inside || speaks_of_places(node);
	for (uint32_t i = 0; i < node->n_children; i++)
		mark_near(node->children[i], inside, ret_near);
}

enum status
leaves_postings(
    const struct plan_leaf *leaf, const struct lookups *lookups, uint64_t *ret_postings, struct error *reterr)
{
	*ret_postings = 0;
	for (uint32_t i = 0; i < leaf->n_terms; i++) {
		uint32_t freq = leaf->documents != NULL ? leaf->documents[i] : 0;
		enum status status = STATUS_OK;

		if (freq == 0)
			status = lookups_freq(lookups, leaf->terms[i], &freq, reterr);
		if (status != STATUS_OK)
			return status;
		*ret_postings += freq;
	}
	return STATUS_OK;
}

enum status
leaves_find(struct plan *plan, struct analyzer *analyzer, struct error *reterr)
{
	const struct query *query = plan->query;
	uint32_t n_terms = 0;
	bool *near = arena_calloc(plan->arena, query->n_leaves, sizeof(*near));

	plan->leaves = arena_calloc(plan->arena, query->n_leaves, sizeof(*plan->leaves));
	if (plan->leaves == NULL || near == NULL)
		return error_no_memory(reterr);
	mark_near(query->root, false, near);
	for (uint32_t i = 0; i < query->n_leaves; i++) {
		struct plan_leaf *leaf = &plan->leaves[i];
		enum status status = find_one(plan, analyzer, query->leaves[i], near[i], leaf, reterr);

		if (status != STATUS_OK)
			return status;
		n_terms += leaf->n_terms;
		if (n_terms > bound_get(BOUND_QUERY_TERMS))
			return error_set(reterr, STATUS_LIMIT, query->leaves[i]->off,
			    "the query stands for more than %d terms, its prefixes expanded (limit query_terms)",
			    bound_get(BOUND_QUERY_TERMS));
	}
	return STATUS_OK;
}

bool
leaves_collide(const struct plan_leaf *a, const struct plan_leaf *b)
{
	if (a->n_stems == 0 || b->n_stems == 0)
		return true;
	for (uint32_t i = 0; i < a->n_stems; i++) {
		if (has_stem(b, a->stems[i]))
			return true;
	}
	return false;
}
