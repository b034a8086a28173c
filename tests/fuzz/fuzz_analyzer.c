/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_analyzer: any bytes through the analyzer; aborts where a token breaks the contract.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "stemmer/analyzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
want(bool condition)
{
	if (!condition)
		abort();
}

static void
check_token(struct analyzer *analyzer, struct str text, const struct token *token)
{
	static const enum accents accents[] = { ACCENTS_TYPED, ACCENTS_LOOSE, ACCENTS_STRICT };
	const struct word *word = token->word;

	want(token->len > 0 && token->off <= text.len && token->len <= text.len - token->off);
	want(word->surface.len > 0 && word->surface.len <= LIMIT_WORD_BYTES);
	want(word->folded.len <= LIMIT_WORD_BYTES && word->n_stems > 0);
	want(utf8_valid_prefix(word->surface) == word->surface.len);
	want(utf8_valid_prefix(word->folded) == word->folded.len);
	for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++) {
		const struct str *stems;
		size_t n;

		if (analyzer_query_stems(analyzer, word, accents[i], &stems, &n) != STATUS_OK)
			return;
		want(n > 0 && stems[0].len > 0 && utf8_valid_prefix(stems[0]) == stems[0].len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct analyzer *analyzer;
	struct str text = { (const char *)data, size };
	const struct token *tokens;
	char folded[LIMIT_WORD_BYTES];
	size_t n, end = 0;

	if (analyzer == NULL && analyzer_new(&analyzer, NULL) != STATUS_OK)
		abort();
	if (analyzer_run(analyzer, text, 1, &tokens, &n, NULL) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < n; i++) {
		want(tokens[i].pos == i + 1 && tokens[i].off >= end);
		end = tokens[i].off + tokens[i].len;
		check_token(analyzer, text, &tokens[i]);
	}
	n = analyzer_fold(text, folded, sizeof(folded));
	want(n == SIZE_MAX || n <= sizeof(folded));
	return 0;
}
