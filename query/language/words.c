/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/words.h"

#include "base/bounds.h"
#include "base/limits.h"
#include "base/utf8.h"

/* A phrase while it is made. */
struct making {
	struct words *words;
	const struct lexeme *lexeme;
	struct node_list parts;
};

enum star {
	STAR_PREFIX, /* bombard* */
	STAR_ANY, /* stands alone in a phrase */
	STAR_WRONG
};

enum status
node_list_add(struct node_list *list, struct arena *arena, struct node *node)
{
	if (list->n == list->cap) {
		uint32_t cap = list->cap == 0 ? 4 : list->cap * 2;
		struct node **v = arena_calloc(arena, cap, sizeof(struct node *));

		if (v == NULL)
			return STATUS_NOMEM;
		if (list->n > 0)
			memcpy(v, list->v, list->n * sizeof(struct node *));
		list->v = v;
		list->cap = cap;
	}
	list->v[list->n++] = node;
	return STATUS_OK;
}

struct node *
node_make(struct arena *arena, enum node_kind kind, size_t off, size_t len)
{
	struct node *node = arena_alloc(arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->off = (uint32_t)off;
	node->len = (uint32_t)len;
	node->leaf = NODE_NO_LEAF;
	node->boost = 1;
	return node;
}

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the query");
}

static enum star
star_kind(const struct lexeme *lexeme, size_t at)
{
	uint32_t before = lexer_char_before(lexeme->body, at);
	uint32_t after = lexer_char_at(lexeme->body, at + 1);

	if (lexer_is_letter(after) || after == '*')
		return STAR_WRONG;
	if (lexer_is_letter(before))
		return STAR_PREFIX;
	/* 0 is a space to lexer_is_space(), as the ends of the phrase should be. */
	if (lexeme->kind == LEX_QUOTE && lexer_is_space(before) && lexer_is_space(after))
		return STAR_ANY;
	return STAR_WRONG;
}

static enum status
refuse_star(const struct lexeme *lexeme, size_t at, struct error *reterr)
{
	if (lexeme->body.len == 1)
		return error_set(reterr, STATUS_INVALID, lexeme->body_off + at,
		    "a * alone stands for a word only inside a phrase, try: \"président * la république\"");
	return error_set(
	    reterr, STATUS_INVALID, lexeme->body_off + at, "a * stands only at the end of a word, try: bombard*");
}

enum status
words_is_empty(struct words *words, const struct lexeme *lexeme, bool *ret_empty, struct error *reterr)
{
	const struct token *tokens;
	enum status status;
	size_t n;

	*ret_empty = false;
	for (size_t i = 0; i < lexeme->body.len; i++) {
		if (lexeme->body.p[i] == '*')
			return STATUS_OK;
	}
	status = analyzer_run(words->analyzer, lexeme->body, 1, &tokens, &n, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_empty = n == 0;
	return STATUS_OK;
}

/* The mark of the chunk that holds byte `at` of a phrase: "cessez =le feu". */
static enum lex_mark
mark_at(const struct lexeme *lexeme, size_t at)
{
	size_t start = at, len;
	enum lex_mark mark;

	if (lexeme->kind != LEX_QUOTE)
		return lexeme->mark;
	while (start > 0 && !lexer_is_space(lexer_char_before(lexeme->body, start)))
		start--;
	mark = lexer_mark_at(lexeme->body, start, &len);
	return mark != LEX_MARK_NONE ? mark : lexeme->mark;
}

static enum accents
accents_of(const struct words *words, const struct node *node)
{
	switch (node->accents) {
	case WORD_ACCENTS_LOOSE: return ACCENTS_LOOSE;
	case WORD_ACCENTS_STRICT: return ACCENTS_STRICT;
	default: return words->accents;
	}
}

static void
apply_mark(enum lex_mark mark, struct node *node)
{
	if (mark == LEX_MARK_EXACT)
		node->form = FORM_EXACT;
	else if (mark == LEX_MARK_LOOSE)
		node->accents = WORD_ACCENTS_LOOSE;
	else if (mark == LEX_MARK_STRICT)
		node->accents = WORD_ACCENTS_STRICT;
}

static enum status
copy_stems(struct words *words, const struct word *word, struct node *node, struct error *reterr)
{
	const struct str *stems;
	struct str *copies;
	size_t n;
	enum status status = analyzer_query_stems(words->analyzer, word, accents_of(words, node), &stems, &n);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "cannot stem a word of the query");
	copies = arena_calloc(words->arena, n, sizeof(*copies));
	if (copies == NULL)
		return no_memory(reterr);
	for (size_t i = 0; i < n; i++) {
		copies[i] = arena_str(words->arena, stems[i]);
		if (copies[i].p == NULL)
			return no_memory(reterr);
	}
	node->stems = copies;
	node->n_stems = (uint32_t)n;
	return STATUS_OK;
}

static size_t
count_letters(struct str s)
{
	size_t n = 0;

	for (size_t off = 0; off < s.len; n++)
		(void)utf8_next(s, &off, NULL);
	return n;
}

static enum status
check_prefix(struct words *words, const struct node *node, struct error *reterr)
{
	if (count_letters(node->folded) < bound_get(BOUND_PREFIX_LETTERS_MIN))
		return error_set(reterr, STATUS_LIMIT, node->off,
		    "a prefix needs LIMIT_PREFIX_LETTERS_MIN (%d) letters or more before its *",
		    bound_get(BOUND_PREFIX_LETTERS_MIN));
	if (++words->n_prefixes > bound_get(BOUND_PREFIXES))
		return error_set(reterr, STATUS_LIMIT, node->off, "more prefixes than LIMIT_PREFIXES (%d)",
		    bound_get(BOUND_PREFIXES));
	return STATUS_OK;
}

static enum status
add_part(struct making *making, struct node *node, struct error *reterr)
{
	if (making->parts.n == bound_get(BOUND_PHRASE_WORDS))
		return error_set(reterr, STATUS_LIMIT, making->lexeme->off,
		    "a phrase of more words than LIMIT_PHRASE_WORDS (%d)", bound_get(BOUND_PHRASE_WORDS));
	if (node_list_add(&making->parts, making->words->arena, node) != STATUS_OK)
		return no_memory(reterr);
	return STATUS_OK;
}

/* Makes a leaf of one token, the offset of which counts from `from` in the lexeme's body. */
static enum status
add_leaf(struct making *making, const struct token *token, size_t from, struct error *reterr)
{
	struct words *words = making->words;
	const struct lexeme *lexeme = making->lexeme;
	size_t end = from + token->off + token->len;
	bool prefix = !lexeme->url && end < lexeme->body.len && lexeme->body.p[end] == '*';
	struct node *node = node_make(words->arena, prefix ? NODE_PREFIX : NODE_WORD,
	    lexeme->body_off + from + token->off, token->len + (prefix ? 1 : 0));
	enum status status = STATUS_OK;

	if (node == NULL)
		return no_memory(reterr);
	node->text = arena_str(words->arena, token->word->lower);
	node->folded = arena_str(words->arena, token->word->folded);
	if (node->text.p == NULL || node->folded.p == NULL)
		return no_memory(reterr);
	if (!prefix)
		apply_mark(mark_at(lexeme, from + token->off), node);
	if (prefix)
		status = check_prefix(words, node, reterr);
	else if (node->form == FORM_STEM)
		status = copy_stems(words, token->word, node, reterr);
	if (status != STATUS_OK)
		return status;
	if (words->leaves.n == bound_get(BOUND_QUERY_WORDS))
		return error_set(reterr, STATUS_LIMIT, node->off, "more words than LIMIT_QUERY_WORDS (%d)",
		    bound_get(BOUND_QUERY_WORDS));
	node->leaf = words->leaves.n;
	if (node_list_add(&words->leaves, words->arena, node) != STATUS_OK)
		return no_memory(reterr);
	return add_part(making, node, reterr);
}

/* Makes the leaves of bytes [from, to) of the body, in which no star stands alone. */
static enum status
add_stretch(struct making *making, size_t from, size_t to, struct error *reterr)
{
	struct str text = { making->lexeme->body.p + from, to - from };
	const struct token *tokens;
	size_t n;
	enum status status = analyzer_run(making->words->analyzer, text, 1, &tokens, &n, reterr);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < n; i++) {
		status = add_leaf(making, &tokens[i], from, reterr);
		if (status != STATUS_OK)
			return status;
	}
	/* The star of a prefix stands right behind its word, which the analysis may see otherwise. */
	for (size_t i = 0; i < text.len && !making->lexeme->url; i++) {
		bool found = text.p[i] != '*';

		for (size_t k = 0; k < n && !found; k++)
			found = tokens[k].off + tokens[k].len == i;
		if (!found)
			return refuse_star(making->lexeme, from + i, reterr);
	}
	return STATUS_OK;
}

static enum status
add_any(struct making *making, size_t at, struct error *reterr)
{
	struct node *node = node_make(making->words->arena, NODE_ANY, making->lexeme->body_off + at, 1);

	if (node == NULL)
		return no_memory(reterr);
	return add_part(making, node, reterr);
}

static enum status
add_parts(struct making *making, struct error *reterr)
{
	struct str body = making->lexeme->body;
	size_t from = 0;

	for (size_t i = 0; i < body.len && !making->lexeme->url; i++) {
		enum star star = body.p[i] == '*' ? star_kind(making->lexeme, i) : STAR_PREFIX;
		enum status status;

		if (star == STAR_WRONG)
			return refuse_star(making->lexeme, i, reterr);
		if (star != STAR_ANY)
			continue;
		status = add_stretch(making, from, i, reterr);
		if (status == STATUS_OK)
			status = add_any(making, i, reterr);
		if (status != STATUS_OK)
			return status;
		from = i + 1;
	}
	return add_stretch(making, from, body.len, reterr);
}

static enum status
make_phrase(struct making *making, struct node **ret_node, struct error *reterr)
{
	const struct lexeme *lexeme = making->lexeme;
	struct node_list parts = making->parts;
	struct node *phrase;

	if (parts.v[0]->kind == NODE_ANY || parts.v[parts.n - 1]->kind == NODE_ANY)
		return error_set(reterr, STATUS_INVALID, parts.v[parts.v[0]->kind == NODE_ANY ? 0 : parts.n - 1]->off,
		    "a * for any word stands between the words of a phrase, not at its ends");
	if (++making->words->n_phrases > bound_get(BOUND_QUERY_PHRASES))
		return error_set(reterr, STATUS_LIMIT, lexeme->off,
		    "more phrases and hyphenated words than LIMIT_QUERY_PHRASES (%d)", bound_get(BOUND_QUERY_PHRASES));
	if (lexeme->number > bound_get(BOUND_DISTANCE))
		return error_set(reterr, STATUS_LIMIT, lexeme->off,
		    "the distance behind the phrase is over LIMIT_DISTANCE (%d)", bound_get(BOUND_DISTANCE));
	phrase = node_make(making->words->arena, NODE_PHRASE, lexeme->off, lexeme->len);
	if (phrase == NULL)
		return no_memory(reterr);
	phrase->children = parts.v;
	phrase->n_children = parts.n;
	phrase->distance = lexeme->kind == LEX_QUOTE ? lexeme->number : 0;
	*ret_node = phrase;
	return STATUS_OK;
}

enum status
words_make(struct words *words, const struct lexeme *lexeme, struct node **ret_node, struct error *reterr)
{
	struct making making = { .words = words, .lexeme = lexeme };
	enum status status = add_parts(&making, reterr);

	if (status != STATUS_OK)
		return status;
	if (making.parts.n == 0)
		return error_set(reterr, STATUS_INVALID, lexeme->off, "no word here");
	if (making.parts.n > 1 || making.parts.v[0]->kind == NODE_ANY)
		return make_phrase(&making, ret_node, reterr);
	if (lexeme->kind == LEX_QUOTE && lexeme->has_number)
		return error_set(reterr, STATUS_INVALID, lexeme->off, "a phrase of one word has no distance, try: %.*s",
		    (int)(lexeme->body.len < 100 ? lexeme->body.len : 100), lexeme->body.p);
	*ret_node = making.parts.v[0];
	return STATUS_OK;
}

/* Whether `text`, standing alone, is the word `lower`, and nothing more. */
static enum status
reads_back(struct words *words, struct str text, struct str lower, bool *ret_same, struct error *reterr)
{
	const struct token *tokens;
	size_t n;
	enum status status = analyzer_run(words->analyzer, text, 1, &tokens, &n, reterr);

	if (status == STATUS_OK)
		*ret_same =
		    n == 1 && tokens[0].off == 0 && tokens[0].len == text.len && str_eq(tokens[0].word->lower, lower);
	return status;
}

enum status
words_settle(struct words *words, struct str query, struct error *reterr)
{
	for (uint32_t i = 0; i < words->leaves.n; i++) {
		struct node *leaf = words->leaves.v[i];
		struct str typed = { query.p + leaf->off, leaf->len - (leaf->kind == NODE_PREFIX ? 1 : 0) };
		bool same = false;
		enum status status = reads_back(words, leaf->text, leaf->text, &same, reterr);

		if (status == STATUS_OK && same)
			continue;
		if (status == STATUS_OK)
			status = reads_back(words, typed, leaf->text, &same, reterr);
		if (status != STATUS_OK)
			return status;
		if (!same)
			return error_set(
			    reterr, STATUS_INVALID, leaf->off, "this word is another one when it stands alone");
		leaf->text = arena_str(words->arena, typed);
		if (leaf->text.p == NULL)
			return no_memory(reterr);
	}
	return STATUS_OK;
}

/* The words of a source's name: as they are looked up, and as they read back. */
struct name {
	struct str *folded;
	struct str *typed;
	size_t n;
};

static enum status
read_name(struct words *words, const struct lexeme *lexeme, struct name *ret_name, struct error *reterr)
{
	const struct token *tokens;
	struct name name = { NULL, NULL, 0 };
	enum status status = analyzer_run(words->analyzer, lexeme->body, 1, &tokens, &name.n, reterr);

	if (status != STATUS_OK)
		return status;
	if (name.n == 0)
		return error_set(reterr, STATUS_INVALID, lexeme->off, "source: names no source, try: source:afp");
	name.folded = arena_calloc(words->arena, name.n, sizeof(*name.folded));
	name.typed = arena_calloc(words->arena, name.n, sizeof(*name.typed));
	if (name.folded == NULL || name.typed == NULL)
		return no_memory(reterr);
	for (size_t i = 0; i < name.n; i++) {
		name.folded[i] = arena_str(words->arena, tokens[i].word->folded);
		name.typed[i] = (struct str) { lexeme->body.p + tokens[i].off, tokens[i].len };
		if (name.folded[i].p == NULL)
			return no_memory(reterr);
	}
	*ret_name = name;
	return STATUS_OK;
}

/* Prefers the folded form where that is the same word. */
static enum status
settle_name(struct words *words, struct name *name, struct error *reterr)
{
	for (size_t i = 0; i < name->n; i++) {
		bool same = false;
		enum status status = reads_back(words, name->folded[i], name->folded[i], &same, reterr);

		if (status != STATUS_OK)
			return status;
		if (same)
			name->typed[i] = name->folded[i];
	}
	return STATUS_OK;
}

/* Joins the words by blanks; with `hyphens`, by a hyphen where two numbers would become one. */
static struct str
join(struct words *words, const struct str *v, size_t n, bool hyphens)
{
	struct buf text;
	struct str joined = { NULL, 0 };

	buf_init(&text, LIMIT_QUERY_BYTES);
	for (size_t i = 0; i < n; i++) {
		bool numbers = i > 0 && lexer_is_digit(v[i - 1].p[v[i - 1].len - 1]) && lexer_is_digit(v[i].p[0]);

		if (i > 0)
			buf_append_char(&text, hyphens && numbers ? '-' : ' ');
		buf_append_str(&text, v[i]);
	}
	if (buf_status(&text) == STATUS_OK)
		joined = arena_str(words->arena, buf_str(&text));
	buf_done(&text);
	return joined;
}

enum status
words_make_source(struct words *words, const struct lexeme *lexeme, struct node **ret_node, struct error *reterr)
{
	struct node *node = node_make(words->arena, NODE_SOURCE, lexeme->off, lexeme->len);
	struct name name = { NULL, NULL, 0 };
	enum status status;

	if (node == NULL)
		return no_memory(reterr);
	status = read_name(words, lexeme, &name, reterr);
	if (status == STATUS_OK)
		status = settle_name(words, &name, reterr);
	if (status != STATUS_OK)
		return status;
	node->folded = join(words, name.folded, name.n, false);
	node->text = join(words, name.typed, name.n, true);
	if (node->folded.p == NULL || node->text.p == NULL)
		return no_memory(reterr);
	*ret_node = node;
	return STATUS_OK;
}
