/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/suggest/suggest.h"

#include <math.h>

#include "base/buf.h"
#include "base/limits.h"
#include "query/plan/frequency.h"
#include "query/suggest/correct.h"
#include "query/suggest/segment.h"
#include "stemmer/lexicon.h"
#include "store/schema.h"

enum {
	RARE_DOCUMENTS = 5, /* a word of so many may be a slip that the articles have too */
	FAR_MORE = 20, /* times more documents */
	LIKELY = 5, /* by how much the score of a correction may be below that of the best */
	TERM_BYTES = 2 * LIMIT_WORD_BYTES
};

/* A word of the query, or two that may be one, and what it may be in its stead. */
struct doubt {
	const struct node *leaf;
	size_t off, len; /* in the query */
	struct str better[SUGGEST_QUERIES];
	uint32_t n;
};

/* How many documents hold a leaf's form, looked up when that is first asked. */
struct form_freq {
	bool is_known;
	uint64_t freq;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for suggestions");
}

static struct xc_database *
database(const struct suggest_source *source)
{
	return store_reader_database(source->reader);
}

/* How many documents hold one of the stems, at most: the sum. */
static enum status
count_stems(
    const struct suggest_source *source, const struct str *stems, size_t n, uint64_t *ret_count, struct error *reterr)
{
	*ret_count = 0;
	for (size_t i = 0; i < n; i++) {
		char bytes[TERM_BYTES] = SCHEMA_PREFIX_STEM;
		size_t len = sizeof(SCHEMA_PREFIX_STEM) - 1;
		xc_doccount freq;
		enum status status;

		if (len + stems[i].len > sizeof(bytes))
			continue;
		memcpy(bytes + len, stems[i].p, stems[i].len);
		status = frequency_of(source->reader, (struct str) { bytes, len + stems[i].len }, &freq, reterr);
		if (status != STATUS_OK)
			return status;
		*ret_count += freq;
	}
	return STATUS_OK;
}

/* The same of the documents that are not in French, which hold words as they are written. */
static enum status
count_unstemmed(const struct suggest_source *source, struct str form, uint64_t *ret_count, struct error *reterr)
{
	char bytes[TERM_BYTES];
	size_t len = sizeof(SCHEMA_MARK_UNSTEMMED) - 1;
	struct str marked = { bytes, len + form.len };

	*ret_count = 0;
	if (marked.len > sizeof(bytes))
		return STATUS_OK;
	memcpy(bytes, SCHEMA_MARK_UNSTEMMED, len);
	if (form.len > 0)
		memcpy(bytes + len, form.p, form.len);
	return count_stems(source, &marked, 1, ret_count, reterr);
}

/* ---- Accents ---- */

static bool
is_among(struct str s, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(v[i], s))
			return true;
	}
	return false;
}

/* Copies those of `stems` that the leaf is not looked up by and that the index has. */
static enum status
find_kin(const struct suggest_source *source, const struct node *leaf, const struct str *stems, size_t n,
    struct str *ret_kin, size_t *ret_n, struct error *reterr)
{
	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t freq;
		enum status status = STATUS_OK;

		if (is_among(stems[i], leaf->stems, leaf->n_stems))
			continue;
		status = count_stems(source, &stems[i], 1, &freq, reterr);
		if (status != STATUS_OK)
			return status;
		if (freq == 0)
			continue;
		ret_kin[*ret_n] = arena_str(source->arena, stems[i]);
		if (ret_kin[*ret_n].p == NULL)
			return no_memory(reterr);
		++*ret_n;
	}
	return STATUS_OK;
}

/* The one word of `text`, or NULL. */
static enum status
read_word(const struct suggest_source *source, struct str text, const struct word **ret_word, struct error *reterr)
{
	const struct token *tokens;
	size_t n;
	enum status status = analyzer_run(source->analyzer, text, 1, &tokens, &n, reterr);

	*ret_word = status == STATUS_OK && n == 1 ? tokens[0].word : NULL;
	return status;
}

/* The words of the dictionary that fold like the leaf and have one of the stems. */
static enum status
find_forms(const struct suggest_source *source, const struct node *leaf, const struct str *kin, size_t n_kin,
    struct suggest_hint *hint, struct error *reterr)
{
	struct lexicon_form forms[LEXICON_FORMS_MAX];
	size_t n = lexicon_find(leaf->folded, forms);
	struct str *loose = arena_calloc(source->arena, n, sizeof(*loose));

	if (loose == NULL)
		return no_memory(reterr);
	for (size_t i = 0; i < n; i++) {
		struct str form = { forms[i].bytes, forms[i].len };
		const struct word *word;
		bool has = false;
		enum status status = read_word(source, form, &word, reterr);

		if (status != STATUS_OK)
			return status;
		for (uint32_t k = 0; word != NULL && k < word->n_stems; k++)
			has = has || is_among(word->stems[k], kin, n_kin);
		if (!has || str_eq(form, leaf->text))
			continue;
		loose[hint->n_loose] = arena_str(source->arena, form);
		if (loose[hint->n_loose++].p == NULL)
			return no_memory(reterr);
	}
	hint->loose = loose;
	return STATUS_OK;
}

/* *ret_found: whether the leaf has kin in the index that only ACCENTS_LOOSE finds. */
static enum status
hint_of(const struct suggest_source *source, const struct node *leaf, struct suggest_hint *ret_hint, bool *ret_found,
    struct error *reterr)
{
	const struct word *word;
	const struct str *stems;
	struct str *kin;
	size_t n, n_kin;
	enum status status = read_word(source, leaf->text, &word, reterr);

	*ret_found = false;
	if (status != STATUS_OK || word == NULL)
		return status;
	status = analyzer_query_stems(source->analyzer, word, ACCENTS_LOOSE, &stems, &n);
	if (status != STATUS_OK)
		return no_memory(reterr);
	kin = arena_calloc(source->arena, n, sizeof(*kin));
	if (kin == NULL)
		return no_memory(reterr);
	status = find_kin(source, leaf, stems, n, kin, &n_kin, reterr);
	if (status != STATUS_OK || n_kin == 0)
		return status;
	*ret_found = true;
	*ret_hint = (struct suggest_hint) { .word = leaf->text };
	return find_forms(source, leaf, kin, n_kin, ret_hint, reterr);
}

static bool
is_told(const struct suggest_hint *hints, uint32_t n, struct str word)
{
	for (uint32_t i = 0; i < n; i++) {
		if (str_eq(hints[i].word, word))
			return true;
	}
	return false;
}

enum status
suggest_hints(const struct suggest_source *source, const struct query *query, struct suggest_hints *ret_hints,
    struct error *reterr)
{
	struct suggest_hint *hints = arena_calloc(source->arena, query->n_leaves, sizeof(*hints));
	uint32_t n = 0;

	if (hints == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < query->n_leaves; i++) {
		const struct node *leaf = query->leaves[i];
		enum status status;
		bool found;

		if (leaf->kind != NODE_WORD || leaf->form != FORM_STEM || is_told(hints, n, leaf->text))
			continue;
		status = hint_of(source, leaf, &hints[n], &found, reterr);
		if (status != STATUS_OK)
			return status;
		n += found;
	}
	*ret_hints = (struct suggest_hints) { hints, n };
	return STATUS_OK;
}

/* ---- Spelling ---- */

/* A folded word as the dictionary writes it, where that has but one such word; in the arena. */
static struct str
written(const struct suggest_source *source, struct str folded)
{
	struct lexicon_form forms[LEXICON_FORMS_MAX];

	if (lexicon_find(folded, forms) == 1)
		folded = (struct str) { forms[0].bytes, forms[0].len };
	return arena_str(source->arena, folded);
}

static enum status
freq_of_form(const struct suggest_source *source, const struct node *leaf, struct form_freq *form, uint64_t *ret_freq,
    struct error *reterr)
{
	xc_doccount freq = 0;
	enum status status = STATUS_OK;

	if (!form->is_known && leaf->folded.len > 0)
		status = frequency_of(source->reader, leaf->folded, &freq, reterr);
	if (!form->is_known && status == STATUS_OK)
		*form = (struct form_freq) { true, freq };
	*ret_freq = form->freq;
	return status;
}

static bool
is_name(const struct suggest_source *source, const struct node *leaf)
{
	struct variant variant;

	return source->variants != NULL && variants_find(source->variants, leaf->folded, &variant, 1) > 0;
}

/* The words of the dictionary with other accents, where the index has those alone. */
static enum status
correct_accents(const struct suggest_source *source, struct doubt *doubt, struct error *reterr)
{
	struct suggest_hint hint = { .n_loose = 0 };
	bool found;
	enum status status = hint_of(source, doubt->leaf, &hint, &found, reterr);

	for (uint32_t i = 0; status == STATUS_OK && i < hint.n_loose && doubt->n < SUGGEST_QUERIES; i++)
		doubt->better[doubt->n++] = hint.loose[i];
	return status;
}

/* The likeliest words for a folded one, without those that are far less likely than the first. */
static uint32_t
find_likely(const struct suggest_source *source, struct str folded, struct candidate *candidates, uint32_t max)
{
	uint32_t n = correct_word(source->vocabulary, folded, candidates, max), likely = 0;

	while (likely < n && candidates[likely].score >= candidates[0].score - LIKELY)
		likely++;
	return likely;
}

/* Adds what may have been meant, where there is room for it. */
static enum status
add_better(struct doubt *doubt, struct str better, struct error *reterr)
{
	if (better.p == NULL)
		return no_memory(reterr);
	if (doubt->n < SUGGEST_QUERIES)
		doubt->better[doubt->n++] = better;
	return STATUS_OK;
}

/* Words with hyphens, which are a phrase wherever they stand. */
static struct str
hyphenated(const struct suggest_source *source, const struct segments *segments)
{
	struct buf out;
	struct str whole = { NULL, 0 };

	buf_init(&out, LIMIT_QUERY_BYTES);
	for (uint32_t i = 0; i < segments->n; i++) {
		struct str part = written(source, segments->v[i]);

		if (part.p == NULL)
			goto out;
		if (i > 0)
			buf_append(&out, "-", 1);
		buf_append_str(&out, part);
	}
	if (buf_status(&out) == STATUS_OK)
		whole = arena_str(source->arena, buf_str(&out));
out:
	buf_done(&out);
	return whole;
}

/* Sets the cut of a word that no document holds. */
static enum status
split(const struct suggest_source *source, const struct node *leaf, struct segments *ret_segments, struct error *reterr)
{
	xc_doccount n_documents;
	enum status status = xc_database_doccount(database(source), &n_documents, reterr);

	if (status == STATUS_OK)
		*ret_segments = segment_split(source->vocabulary, leaf->folded, n_documents);
	return status;
}

/* Corrections, the likeliest first; a cut among them where it is as likely. */
static enum status
correct_spelling(const struct suggest_source *source, struct doubt *doubt, uint64_t least_freq, struct error *reterr)
{
	struct candidate candidates[SUGGEST_QUERIES];
	uint32_t n = find_likely(source, doubt->leaf->folded, candidates, SUGGEST_QUERIES);
	struct segments segments = { .n = 0, .score = -INFINITY };
	double best;
	enum status status = STATUS_OK;

	if (least_freq == 1 && doubt->leaf->form == FORM_STEM)
		status = split(source, doubt->leaf, &segments, reterr);
	best = n > 0 && candidates[0].score > segments.score ? candidates[0].score : segments.score;
	if (segments.score < best - LIKELY)
		segments.n = 0;
	for (uint32_t i = 0; i < n && status == STATUS_OK && candidates[i].score >= best - LIKELY; i++) {
		if (segments.n > 0 && segments.score > candidates[i].score) {
			status = add_better(doubt, hyphenated(source, &segments), reterr);
			segments.n = 0;
		}
		if (status == STATUS_OK && candidates[i].freq >= least_freq)
			status = add_better(doubt, written(source, candidates[i].word), reterr);
	}
	if (status == STATUS_OK && segments.n > 0)
		status = add_better(doubt, hyphenated(source, &segments), reterr);
	return status;
}

/* How many documents a word finds, at most; where it is 0 there are none. */
static enum status
count_word(const struct suggest_source *source, const struct node *leaf, struct form_freq *form, uint64_t *ret_count,
    struct error *reterr)
{
	enum status status;

	if (leaf->form == FORM_EXACT)
		return freq_of_form(source, leaf, form, ret_count, reterr);
	status = count_stems(source, leaf->stems, leaf->n_stems, ret_count, reterr);
	if (status == STATUS_OK && *ret_count == 0)
		status = count_unstemmed(source, leaf->folded, ret_count, reterr);
	return status;
}

/* Doubts a word that no document holds, or, with `rare`, one that few do. */
static enum status
doubt_word(const struct suggest_source *source, const struct node *leaf, bool rare, struct form_freq *form,
    struct doubt *doubt, struct error *reterr)
{
	uint64_t count, freq = 0;
	enum status status;

	*doubt = (struct doubt) { .leaf = leaf, .off = leaf->off, .len = leaf->len };
	if (is_name(source, leaf))
		return STATUS_OK;
	status = count_word(source, leaf, form, &count, reterr);
	if (status == STATUS_OK && count == 0 && leaf->form == FORM_STEM)
		status = correct_accents(source, doubt, reterr);
	if (status != STATUS_OK || source->vocabulary == NULL || (count > 0 && !rare))
		return status;
	if (count > 0)
		status = freq_of_form(source, leaf, form, &freq, reterr);
	if (status != STATUS_OK || freq > RARE_DOCUMENTS)
		return status;
	status = vocabulary_refresh(source->vocabulary, source->reader, reterr);
	if (status != STATUS_OK)
		return status;
	return correct_spelling(source, doubt, freq * FAR_MORE + 1, reterr);
}

/* The text with the words in doubt replaced: of the `only`-th the `choice`-th, of others the first. */
static enum status
replace(const struct suggest_source *source, struct str text, const struct doubt *doubts, uint32_t n, uint32_t only,
    uint32_t choice, struct str *ret_text, struct error *reterr)
{
	struct buf out;
	size_t at = 0;

	buf_init(&out, LIMIT_QUERY_BYTES);
	for (uint32_t i = 0; i < n; i++) {
		const struct doubt *doubt = &doubts[i];

		buf_append(&out, text.p + at, doubt->off - at);
		buf_append_str(&out, doubt->better[i == only ? choice : 0]);
		at = doubt->off + doubt->len;
	}
	buf_append(&out, text.p + at, text.len - at);
	*ret_text = (struct str) { NULL, 0 };
	if (buf_status(&out) == STATUS_OK)
		*ret_text = arena_str(source->arena, buf_str(&out));
	/* One that grows past the bound of a query is none. */
	if (buf_status(&out) == STATUS_LIMIT)
		*ret_text = STR("");
	buf_done(&out);
	return ret_text->p != NULL ? STATUS_OK : no_memory(reterr);
}

/* Whether nothing but blanks stands between two words. */
static bool
are_side_by_side(struct str text, const struct node *first, const struct node *second)
{
	size_t at = first->off + first->len;

	if (first->kind != NODE_WORD || second->kind != NODE_WORD || first->form != FORM_STEM ||
	    second->form != FORM_STEM || at == second->off)
		return false;
	while (at < second->off && text.p[at] == ' ')
		at++;
	return at == second->off;
}

/* Doubts that two words are two, where no document holds one of them, or, with `rare`, nothing was found; forms[0] is the first's. */
static enum status
doubt_blank(const struct suggest_source *source, const struct node *first, const struct node *second, bool rare,
    struct form_freq *forms, struct doubt *doubt, struct error *reterr)
{
	char buffer[LIMIT_WORD_BYTES];
	uint64_t of_first, of_second = 0;
	struct str joined;
	enum status status = freq_of_form(source, first, &forms[0], &of_first, reterr);

	*doubt = (struct doubt) { .leaf = first, .off = first->off, .len = second->off + second->len - first->off };
	if (status == STATUS_OK)
		status = freq_of_form(source, second, &forms[1], &of_second, reterr);
	if (status != STATUS_OK || source->vocabulary == NULL || (!rare && of_first > 0 && of_second > 0))
		return status;
	status = vocabulary_refresh(source->vocabulary, source->reader, reterr);
	if (status != STATUS_OK)
		return status;
	joined = segment_join(source->vocabulary, first->folded, second->folded, buffer);
	return joined.len > 0 ? add_better(doubt, written(source, joined), reterr) : STATUS_OK;
}

static enum status
find_doubts(const struct suggest_source *source, struct str text, const struct query *query, bool rare,
    struct doubt *doubts, uint32_t *ret_n, struct error *reterr)
{
	struct form_freq *forms = arena_calloc(source->arena, query->n_leaves, sizeof(*forms));
	uint32_t n = 0;
	enum status status = forms != NULL ? STATUS_OK : no_memory(reterr);

	for (uint32_t i = 0; i < query->n_leaves && status == STATUS_OK; i++) {
		const struct node *leaf = query->leaves[i];
		bool joined = false;

		if (i + 1 < query->n_leaves && are_side_by_side(text, leaf, query->leaves[i + 1])) {
			status = doubt_blank(source, leaf, query->leaves[i + 1], rare, &forms[i], &doubts[n], reterr);
			joined = status == STATUS_OK && doubts[n].n > 0;
		}
		if (status == STATUS_OK && !joined && leaf->kind == NODE_WORD)
			status = doubt_word(source, leaf, rare, &forms[i], &doubts[n], reterr);
		i += joined;
		n += doubts[n].n > 0;
	}
	*ret_n = n;
	return status;
}

enum status
suggest_queries(const struct suggest_source *source, struct str text, const struct query *query, bool found,
    struct suggest_queries *ret_queries, struct error *reterr)
{
	struct doubt *doubts = arena_calloc(source->arena, query->n_leaves + 1, sizeof(*doubts));
	struct str *queries = arena_calloc(source->arena, SUGGEST_QUERIES, sizeof(*queries));
	uint32_t n = 0, n_doubts = 0;
	enum status status = STATUS_OK;

	if (doubts == NULL || queries == NULL)
		return no_memory(reterr);
	status = find_doubts(source, text, query, false, doubts, &n_doubts, reterr);
	if (status == STATUS_OK && n_doubts == 0 && !found)
		status = find_doubts(source, text, query, true, doubts, &n_doubts, reterr);
	/* All words right first; then the other choices of the last in doubt. */
	for (uint32_t i = 0; n_doubts > 0 && i < doubts[n_doubts - 1].n && status == STATUS_OK; i++) {
		status = replace(source, text, doubts, n_doubts, n_doubts - 1, i, &queries[n], reterr);
		n += status == STATUS_OK && queries[n].len > 0;
	}
	*ret_queries = (struct suggest_queries) { queries, n };
	return status;
}

/* ---- Completion ---- */

/* The last word of the text, if the text ends with it. */
struct last {
	char folded[LIMIT_WORD_BYTES];
	size_t len;
	size_t off; /* in the text */
};

static bool
is_boundary(char c)
{
	return (unsigned char)c <= ' ' || strchr("\"(),:=~", c) != NULL;
}

static enum status
find_last(const struct suggest_source *source, struct str text, struct last *ret_last, struct error *reterr)
{
	const struct token *tokens;
	struct str tail, folded;
	size_t start = text.len, n;
	enum status status;

	ret_last->len = 0;
	while (start > 0 && !is_boundary(text.p[start - 1]))
		start--;
	tail = (struct str) { text.p + start, text.len - start };
	status = analyzer_run(source->analyzer, tail, 1, &tokens, &n, reterr);
	if (status != STATUS_OK || n == 0 || tokens[n - 1].off + tokens[n - 1].len != tail.len)
		return status;
	folded = tokens[n - 1].word->folded;
	ret_last->off = start + tokens[n - 1].off;
	/* What is written solid is one word to whoever types it. */
	if (n > 1 && tokens[n - 2].word->rest == tokens[n - 1].word &&
	    tokens[n - 2].off + tokens[n - 2].len == tokens[n - 1].off) {
		folded = tokens[n - 2].word->whole;
		ret_last->off = start + tokens[n - 2].off;
	}
	if (folded.len > sizeof(ret_last->folded))
		return STATUS_OK;
	memcpy(ret_last->folded, folded.p, folded.len);
	ret_last->len = folded.len;
	return STATUS_OK;
}

static enum status
fill_completions(const struct suggest_source *source, struct str text, size_t off, const struct candidate *candidates,
    uint32_t n, const struct suggest_completion **ret_completions, struct error *reterr)
{
	struct suggest_completion *completions = arena_calloc(source->arena, n, sizeof(*completions));

	if (completions == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < n; i++) {
		struct str word = written(source, candidates[i].word);
		char *q = word.p != NULL ? arena_alloc(source->arena, off + word.len) : NULL;

		if (q == NULL)
			return no_memory(reterr);
		memcpy(q, text.p, off);
		memcpy(q + off, word.p, word.len);
		completions[i] = (struct suggest_completion) { { q, off + word.len }, word, candidates[i].freq };
	}
	*ret_completions = completions;
	return STATUS_OK;
}

enum status
suggest_complete(const struct suggest_source *source, struct str text, uint32_t limit,
    struct suggest_completions *ret_completions, struct error *reterr)
{
	struct candidate candidates[SUGGEST_COMPLETIONS];
	struct last last;
	struct str word;
	uint32_t n;
	enum status status = find_last(source, text, &last, reterr);

	*ret_completions = (struct suggest_completions) { .n = 0 };
	if (status != STATUS_OK || last.len == 0)
		return status;
	limit = limit < SUGGEST_COMPLETIONS ? limit : SUGGEST_COMPLETIONS;
	word = (struct str) { last.folded, last.len };
	n = complete_word(source->vocabulary, word, candidates, limit);
	ret_completions->n = n;
	status = fill_completions(source, text, last.off, candidates, n, &ret_completions->v, reterr);
	if (status != STATUS_OK || vocabulary_freq_of(source->vocabulary, word) > 0)
		return status;
	n = find_likely(source, word, candidates, limit);
	ret_completions->n_corrections = n;
	return fill_completions(source, text, last.off, candidates, n, &ret_completions->corrections, reterr);
}
