/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/analyzer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "stemmer/lexicon.h"
#include "stemmer/normalize.h"
#include "stemmer/overrides.h"
#include "stemmer/stem.h"
#include "stemmer/tokenizer.h"
#include "stemmer/words.h"

enum {
	/* Of the rules of this room.  To be raised with every change of what a text's tokens are. */
	RULES_VERSION = 2,
	FIRST_TOKENS = 1024,
	KEPT_TOKENS = 256 * 1024, /* from one text to the next */
	AHEAD = 32, /* words that are looked for at a time */
	FINGERPRINT_STEP = 997 /* keys of the dictionary from one sample to the next */
};

struct analyzer {
	struct words *words;
	struct token *tokens;
	size_t n_tokens;
	size_t cap_tokens;
};

enum status
analyzer_new(struct analyzer **ret_analyzer, struct error *reterr)
{
	struct analyzer *analyzer = calloc(1, sizeof(*analyzer));

	if (analyzer == NULL || words_new(&analyzer->words) != STATUS_OK) {
		free(analyzer);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the analyzer");
	}
	*ret_analyzer = analyzer;
	return STATUS_OK;
}

void
analyzer_free(struct analyzer *analyzer)
{
	if (analyzer == NULL)
		return;
	words_free(analyzer->words);
	free(analyzer->tokens);
	free(analyzer);
}

static enum status
grow_tokens(struct analyzer *analyzer)
{
	size_t cap = analyzer->cap_tokens > 0 ? analyzer->cap_tokens * 2 : FIRST_TOKENS;
	struct token *tokens = realloc(analyzer->tokens, cap * sizeof(*tokens));

	if (tokens == NULL)
		return STATUS_NOMEM;
	analyzer->tokens = tokens;
	analyzer->cap_tokens = cap;
	return STATUS_OK;
}

static enum status
add_token(struct analyzer *analyzer, const struct word *word, const struct span *span, uint32_t first_pos,
    struct error *reterr)
{
	struct token *token;

	if (analyzer->n_tokens == LIMIT_DOCUMENT_WORDS)
		return error_set(reterr, STATUS_LIMIT, span->off, "text has more words than LIMIT_DOCUMENT_WORDS (%d)",
		    LIMIT_DOCUMENT_WORDS);
	if (analyzer->n_tokens == analyzer->cap_tokens && grow_tokens(analyzer) != STATUS_OK)
		return STATUS_NOMEM;
	token = &analyzer->tokens[analyzer->n_tokens];
	token->word = word;
	token->pos = first_pos + (uint32_t)analyzer->n_tokens;
	token->off = (uint32_t)span->off;
	token->len = (uint32_t)span->len;
	token->sentence = span->sentence;
	token->paragraph = span->paragraph;
	analyzer->n_tokens++;
	return STATUS_OK;
}

/* Adds the word of a span, or the two of one that is written solid. */
static enum status
add_span(struct analyzer *analyzer, struct str text, struct span *span, uint32_t hash, uint32_t first_pos,
    struct error *reterr)
{
	struct str raw = { text.p + span->off, span->len };
	const struct word *word;
	enum status status = words_get(analyzer->words, raw, hash, span->kind, &word);

	for (; status == STATUS_OK && word != NULL; word = word->rest) {
		size_t len = word->rest != NULL ? words_first_len(raw, word) : span->len;
		size_t rest = span->len - len;

		span->len = len;
		status = add_token(analyzer, word, span, first_pos, reterr);
		span->off += len;
		span->len = rest;
	}
	return status;
}

/* Adds the words of the next spans; *ret_more: there may be others behind them. */
static enum status
add_spans(struct analyzer *analyzer, struct tokenizer *tokenizer, struct str text, uint32_t first_pos, bool *ret_more,
    struct error *reterr)
{
	struct span spans[AHEAD];
	uint32_t hashes[AHEAD];
	size_t n = 0;
	enum status status = STATUS_OK;

	for (; n < AHEAD && tokenizer_next(tokenizer, &spans[n]); n++)
		hashes[n] = words_hash(analyzer->words, (struct str) { text.p + spans[n].off, spans[n].len });
	for (size_t i = 0; i < n; i++)
		words_await(analyzer->words, hashes[i]);
	for (size_t i = 0; status == STATUS_OK && i < n; i++)
		status = add_span(analyzer, text, &spans[i], hashes[i], first_pos, reterr);
	*ret_more = n == AHEAD;
	return status;
}

/* Forgets the last text. */
static enum status
start(struct analyzer *analyzer)
{
	analyzer->n_tokens = 0;
	if (analyzer->cap_tokens > KEPT_TOKENS) {
		free(analyzer->tokens);
		analyzer->tokens = NULL;
		analyzer->cap_tokens = 0;
	}
	return words_trim(analyzer->words);
}

static enum status
check_limits(struct str text, uint32_t first_pos, struct error *reterr)
{
	if (text.len > LIMIT_DOCUMENT_BYTES)
		return error_set(reterr, STATUS_LIMIT, LIMIT_DOCUMENT_BYTES,
		    "text of %zu bytes is longer than LIMIT_DOCUMENT_BYTES (%d)", text.len, LIMIT_DOCUMENT_BYTES);
	if (first_pos > UINT32_MAX - LIMIT_DOCUMENT_WORDS)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "first position %u is too high", first_pos);
	return STATUS_OK;
}

enum status
analyzer_run(struct analyzer *analyzer, struct str text, uint32_t first_pos, const struct token **ret_tokens,
    size_t *ret_n, struct error *reterr)
{
	struct tokenizer tokenizer;
	bool more = true;
	enum status status = check_limits(text, first_pos, reterr);

	if (status != STATUS_OK)
		return status;
	status = start(analyzer);
	tokenizer_init(&tokenizer, text);
	while (status == STATUS_OK && more)
		status = add_spans(analyzer, &tokenizer, text, first_pos, &more, reterr);
	if (status == STATUS_LIMIT)
		return status;
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "analysis of a text of %zu bytes: %s", text.len,
		    status_text(status));
	*ret_tokens = analyzer->tokens;
	*ret_n = analyzer->n_tokens;
	return STATUS_OK;
}

uint32_t
analyzer_numbering(const struct analyzer *analyzer)
{
	return words_numbering(analyzer->words);
}

/* Whether the token begins in a span; *at goes on through the spans as the tokens do. */
static bool
is_aside(const struct token *token, const struct text_span *aside, size_t n_aside, size_t *at)
{
	while (*at < n_aside && aside[*at].off + aside[*at].len <= token->off)
		(*at)++;
	return *at < n_aside && aside[*at].off <= token->off;
}

static size_t
count_aside(const struct token *tokens, size_t n, const struct text_span *aside, size_t n_aside)
{
	size_t at = 0, count = 0;

	for (size_t i = 0; i < n; i++)
		count += is_aside(&tokens[i], aside, n_aside, &at);
	return count;
}

/* Moves the tokens of the spans behind the others, both in their order. */
static void
move_aside(struct token *tokens, size_t n, const struct text_span *aside, size_t n_aside, struct token *space)
{
	size_t n_read = 0, n_moved = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_aside(&tokens[i], aside, n_aside, &at))
			space[n_moved++] = tokens[i];
		else
			tokens[n_read++] = tokens[i];
	}
	memcpy(tokens + n_read, space, n_moved * sizeof(*tokens));
}

static void
renumber(struct token *tokens, size_t n, size_t n_read, uint32_t first_pos, uint32_t gap)
{
	/* Of the text's last token, which is the last of the one sort or of the other. */
	const struct token *last = tokens[n - 1].off > tokens[n_read - 1].off ? &tokens[n - 1] : &tokens[n_read - 1];
	const uint32_t n_sentences = last->sentence + 1, n_paragraphs = last->paragraph + 1;

	for (size_t i = 0; i < n_read; i++)
		tokens[i].pos = first_pos + (uint32_t)i;
	for (size_t i = n_read; i < n; i++) {
		tokens[i].pos = first_pos + gap + (uint32_t)i;
		tokens[i].sentence += n_sentences;
		tokens[i].paragraph += n_paragraphs;
	}
}

enum status
analyzer_run_aside(struct analyzer *analyzer, struct str text, const struct text_span *aside, size_t n_aside,
    uint32_t first_pos, uint32_t gap, const struct token **ret_tokens, size_t *ret_n, size_t *ret_n_read,
    struct error *reterr)
{
	enum status status = check_limits(text, first_pos, reterr);
	struct token *space;
	size_t n, n_aside_tokens;

	if (status == STATUS_OK)
		status = check_limits(text, first_pos + gap, reterr);
	if (status == STATUS_OK)
		status = analyzer_run(analyzer, text, first_pos, ret_tokens, &n, reterr);
	if (status != STATUS_OK)
		return status;
	n_aside_tokens = count_aside(analyzer->tokens, n, aside, n_aside);
	*ret_n = n;
	*ret_n_read = n;
	if (n_aside_tokens == 0 || n_aside_tokens == n)
		return STATUS_OK;
	space = malloc(n_aside_tokens * sizeof(*space));
	if (space == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the analyzer");
	move_aside(analyzer->tokens, n, aside, n_aside, space);
	free(space);
	*ret_n_read = n - n_aside_tokens;
	renumber(analyzer->tokens, n, *ret_n_read, first_pos, gap);
	return STATUS_OK;
}

enum status
analyzer_query_stems(struct analyzer *analyzer, const struct word *word, enum accents accents,
    const struct str **ret_stems, size_t *ret_n)
{
	return words_query_stems(analyzer->words, word, accents, ret_stems, ret_n);
}

/* Whether `stem` is one of the sorted `stems`. */
static bool
is_among(struct str stem, const struct str *stems, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(stems[i], stem))
			return true;
	}
	return false;
}

enum status
analyzer_count_kin(struct analyzer *analyzer, const struct word *word, enum accents accents, size_t *ret_n)
{
	const struct str *stems, *loose;
	size_t n, n_loose, added = 0;
	enum status status = words_query_stems(analyzer->words, word, accents, &stems, &n);

	if (status == STATUS_OK)
		status = words_query_stems(analyzer->words, word, ACCENTS_LOOSE, &loose, &n_loose);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < n_loose; i++)
		added += !is_among(loose[i], stems, n);
	*ret_n = added;
	return STATUS_OK;
}

size_t
analyzer_fold(struct str word, char *out, size_t max)
{
	struct spelling spelling;
	bool valid;

	normalize_word(word, TOKEN_WORD, &spelling, &valid);
	if (!valid || spelling.is_cut || spelling.folded_len > max)
		return SIZE_MAX;
	memcpy(out, spelling.folded, spelling.folded_len);
	return spelling.folded_len;
}

static uint32_t
hash_more(uint32_t hash, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 16777619u;
	return (hash ^ '\n') * 16777619u;
}

/* Words whose stems differ between the versions of the French algorithm, or are its special cases. */
static const char *const fingerprint_words[] = {
	"aiguë",
	"naïve",
	"haïr",
	"maïs",
	"français",
	"française",
	"mauvais",
	"mauve",
	"jouer",
	"yeux",
	"quand",
	"continuellement",
	"majestueusement",
	"éloquence",
	"abîma",
	"l'avion",
	"qu'il",
	"par",
	"tapis",
	"nier",
	"journées",
	"chevaux",
	"évidemment",
	"révolutions",
	"personnelle",
};

/* A hash of what the linked libstemmer answers for the words above and a sample of the dictionary. */
static uint32_t
stemmer_fingerprint(void)
{
	struct stemmer *stemmer;
	uint32_t hash = 2166136261u;
	struct str stem;

	if (stemmer_new(&stemmer) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < sizeof(fingerprint_words) / sizeof(fingerprint_words[0]); i++) {
		if (stemmer_stem(stemmer, str_of(fingerprint_words[i]), &stem) == STATUS_OK)
			hash = hash_more(hash, stem);
	}
	for (uint32_t i = 0; i < lexicon_n_keys(); i += FINGERPRINT_STEP) {
		char key[LEXICON_FORM_BYTES];
		struct lexicon_form forms[LEXICON_FORMS_MAX];
		size_t len = lexicon_key(i, key), n = lexicon_find((struct str) { key, len }, forms);

		for (size_t j = 0; j < n; j++) {
			if (stemmer_stem(stemmer, (struct str) { forms[j].bytes, forms[j].len }, &stem) == STATUS_OK)
				hash = hash_more(hash, stem);
		}
	}
	stemmer_free(stemmer);
	return hash;
}

static char version[96];
static pthread_once_t version_once = PTHREAD_ONCE_INIT;

static void
make_version(void)
{
	(void)snprintf(version, sizeof(version), "analysis=%d libstemmer=%08x lexicon=%08x tables=%08x", RULES_VERSION,
	    stemmer_fingerprint(), lexicon_hash(), override_hash());
}

const char *
analyzer_version(void)
{
	(void)pthread_once(&version_once, make_version);
	return version;
}
