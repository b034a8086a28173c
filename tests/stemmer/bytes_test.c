/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for any bytes: spans, order, repeatability, and that nothing hostile hurts.
 */
#include "stemmer/analyzer.h"

#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "tests/base/cmocka_first.h"

enum { MEGABYTE = 1000 * 1000 };

static int
make_analyzer(void **state)
{
	struct analyzer *analyzer = NULL;

	if (analyzer_new(&analyzer, NULL) != STATUS_OK)
		return -1;
	*state = analyzer;
	return 0;
}

static int
free_analyzer(void **state)
{
	analyzer_free(*state);
	return 0;
}

static size_t
run(struct analyzer *analyzer, struct str text, const struct token **ret_tokens)
{
	struct error error = { 0 };
	size_t n = 0;

	assert_int_equal(analyzer_run(analyzer, text, 7, ret_tokens, &n, &error), STATUS_OK);
	return n;
}

static void
check_word(const struct word *word)
{
	const struct str strings[] = { word->surface, word->lower, word->folded };

	assert_true(word->n_stems >= 1);
	for (size_t i = 0; i < 3; i++) {
		assert_true(strings[i].len <= LIMIT_WORD_BYTES);
		assert_int_equal(utf8_valid_prefix(strings[i]), strings[i].len);
	}
	assert_true(word->surface.len > 0);
	for (uint32_t i = 0; i < word->n_stems; i++) {
		assert_true(word->stems[i].len > 0 && word->stems[i].len <= LIMIT_WORD_BYTES);
		assert_int_equal(utf8_valid_prefix(word->stems[i]), word->stems[i].len);
		assert_true(i == 0 || str_cmp(word->stems[i - 1], word->stems[i]) < 0);
	}
}

/* Positions by one, spans inside and in order, sentences and paragraphs never falling. */
static void
check_tokens(struct str text, const struct token *tokens, size_t n)
{
	size_t end = 0;

	for (size_t i = 0; i < n; i++) {
		const struct token *token = &tokens[i], *before = i > 0 ? &tokens[i - 1] : NULL;

		assert_int_equal(token->pos, 7 + i);
		assert_true(token->len > 0 && token->off >= end && token->off + token->len <= text.len);
		/* Whole characters: a span of some of one's bytes would be no UTF-8. */
		assert_int_equal(utf8_valid_prefix((struct str) { text.p + token->off, token->len }), token->len);
		end = token->off + token->len;
		check_word(token->word);
		if (before == NULL)
			continue;
		assert_true(token->sentence == before->sentence || token->sentence == before->sentence + 1);
		assert_true(token->paragraph >= before->paragraph);
		assert_true(token->sentence - before->sentence >= token->paragraph - before->paragraph);
	}
}

/* Each span, analysed alone, is one token of the same word. */
static void
check_spans(struct analyzer *analyzer, struct analyzer *other, struct str text)
{
	const struct token *tokens, *alone;
	size_t n = run(analyzer, text, &tokens);

	check_tokens(text, tokens, n);
	for (size_t i = 0; i < n; i++) {
		struct str span = { text.p + tokens[i].off, tokens[i].len };

		assert_int_equal(run(other, span, &alone), 1);
		assert_true(str_eq(alone[0].word->surface, tokens[i].word->surface));
		assert_int_equal(alone[0].len, span.len);
		/* And the surface is its own surface, with the same stems. */
		assert_int_equal(run(other, tokens[i].word->surface, &alone), 1);
		assert_true(str_eq(alone[0].word->surface, tokens[i].word->surface));
		assert_int_equal(alone[0].word->n_stems, tokens[i].word->n_stems);
		assert_true(str_eq(alone[0].word->stems[0], tokens[i].word->stems[0]));
	}
}

static const char *const texts[] = {
	"L'armée d’Alep-Est a tenu 80 %. Le 24 juin, 300 000 personnes, dit l'O.N.U. (0,5 % et 10.5).",
	"« L’E\xCC\x81tat », c’est-à-dire aujourd’hui l'œuvre d'O'Brien à N'Djamena ; jusqu'à l'1er.",
	"Un ces\xC2\xADsez-le-feu\xE2\x80\x91là : gouver\xC2\xAD\nnement, rock'n'roll, McDonald's, Vélib'.",
	"8/12/16 F-16 24.229.710 1\u202F000,50 m² CO₂ 10² n°5 1ᵉʳ 20h30 étudiant·e·s étudiant.e.s A.B.C.D",
	"😀Alep😀 中文字符 Ёлка \xFF\xC3 \xED\xA0\x80 Ŀ ǽ ﬁn ŉ İstanbul ẞ ß ΐ",
};

static void
test_spans(void **state)
{
	struct analyzer *other = NULL;

	assert_int_equal(analyzer_new(&other, NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_spans(*state, other, str_of(texts[i]));
	analyzer_free(other);
}

/* xorshift64*, Marsaglia 2003: the same bytes in every run. */
static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 2685821657736338717u;
}

/* Pieces that the rules look at, thrown together. */
static const char *const pieces[] = { "l", "d", "qu", "aujourd", "hui", "o", "n", "m", "presqu", "île", "é",
	"E\xCC\x81", "A", "z", "'", "’", "\xCA\xBC", "-", "\xE2\x80\x91", "\xC2\xAD", "\n", "\r\n", " ", "\xC2\xA0",
	"\xE2\x80\xAF", ".", ",", "!", "…", "»", "(", "1", "23", "456", "000", "0", "²", "\xCC\x81", "\xFF", "\xC3",
	"\xE2\x80", "😀", "œ", "\xE2\x80\x8B", "ﬁ", "中", "\xEA\xB0\x81", "M", "Mme", "s", "t", "%" };

static void
test_random_pieces(void **state)
{
	uint64_t seed = 20161207;
	struct analyzer *other = NULL;
	char text[512];

	assert_int_equal(analyzer_new(&other, NULL), STATUS_OK);
	for (int round = 0; round < 5000; round++) {
		size_t len = 0, count = next_random(&seed) % 40;

		for (size_t i = 0; i < count; i++) {
			const char *piece = pieces[next_random(&seed) % (sizeof(pieces) / sizeof(pieces[0]))];

			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		check_spans(*state, other, (struct str) { text, len });
	}
	analyzer_free(other);
}

static void
test_random_bytes(void **state)
{
	uint64_t seed = 42;
	char text[256];

	for (int round = 0; round < 20000; round++) {
		size_t len = next_random(&seed) % sizeof(text), n;
		const struct token *tokens;

		for (size_t i = 0; i < len; i++)
			text[i] = (char)(next_random(&seed) >> 32);
		n = run(*state, (struct str) { text, len }, &tokens);
		check_tokens((struct str) { text, len }, tokens, n);
	}
}

/* The decomposed text has the same words at the same positions. */
static void
test_nfd_is_nfc(void **state)
{
	struct analyzer *other = NULL;

	assert_int_equal(analyzer_new(&other, NULL), STATUS_OK);
	for (size_t i = 0; i + 1 < sizeof(texts) / sizeof(texts[0]); i++) {
		char *nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)texts[i]);
		const struct token *a, *b;
		size_t n = run(*state, str_of(texts[i]), &a);

		assert_non_null(nfd);
		assert_int_equal(run(other, str_of(nfd), &b), n);
		for (size_t j = 0; j < n; j++) {
			assert_true(str_eq(a[j].word->surface, b[j].word->surface));
			assert_true(str_eq(a[j].word->stems[0], b[j].word->stems[0]));
			assert_int_equal(a[j].sentence, b[j].sentence);
		}
		free(nfd);
	}
	analyzer_free(other);
}

/* Two spellings of one word are one struct word. */
static void
test_one_word_for_all_spellings(void **state)
{
	const struct token *tokens;
	size_t n = run(
	    *state, STR("aujourd'hui aujourd’hui 300 000\xC2\xA0; 300000 e\xCC\x81t\xC3\xA9 été O.N.U. ONU"), &tokens);

	assert_int_equal(n, 8);
	for (size_t i = 0; i < n; i += 2)
		assert_ptr_equal(tokens[i].word, tokens[i + 1].word);
}

/* A megabyte of `unit`, over and over. */
static char *
repeat(const char *unit)
{
	size_t len = strlen(unit);
	char *text = malloc(MEGABYTE);

	assert_non_null(text);
	for (size_t i = 0; i < MEGABYTE; i++)
		text[i] = unit[i % len];
	return text;
}

/* Each of these was quadratic or endless in some tokenizer. */
static void
test_megabytes(void **state)
{
	static const char *const units[] = { "a", "é", "1", "1.", "000 ", "000.", "a.", "l'", "'", "o'", "-", ".", "!",
		"\n", "\n ", " ", "\xCC\x81", "e\xCC\x81", "\xC2\xAD", "\xC2\xAD\n", "中", "\xFF", "\xC3", "\0001",
		"a'\"", "«", ". ", "a\n", "A\n", "\xCC\x81\xCC\xA7", "1,", "a. A", "n'b", "d' " };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		char *bytes = repeat(units[i][0] != '\0' ? units[i] : "\x01");
		struct str text = { bytes, MEGABYTE };
		const struct token *tokens;
		size_t n = run(*state, text, &tokens);

		check_tokens(text, tokens, n);
		free(bytes);
	}
}

static void
test_long_words(void **state)
{
	char *bytes = repeat("é");
	struct str text = { bytes, MEGABYTE };
	const struct token *tokens;

	assert_int_equal(run(*state, text, &tokens), 1);
	assert_int_equal(tokens[0].len, MEGABYTE);
	assert_int_equal(tokens[0].word->surface.len, LIMIT_WORD_BYTES);
	free(bytes);
	bytes = repeat("中"); /* three bytes, of which 64 is no multiple */
	assert_int_equal(run(*state, (struct str) { bytes, MEGABYTE - 1 }, &tokens), 1);
	assert_int_equal(tokens[0].word->surface.len, LIMIT_WORD_BYTES / 3 * 3);
	free(bytes);
}

static void
test_combining_marks(void **state)
{
	char text[1024] = "e";
	const struct token *tokens;
	size_t len = 1;

	for (int i = 0; i < 200; i++, len += 2)
		memcpy(text + len, "\xCC\x81", 2);
	text[len++] = 'a';
	assert_int_equal(run(*state, (struct str) { text, len }, &tokens), 1);
	assert_int_equal(tokens[0].len, len);
	assert_true(str_has_prefix(tokens[0].word->surface, STR("é")));
	assert_str(tokens[0].word->folded, "ea");
}

static void
test_limits(void **state)
{
	char *bytes = calloc(1, LIMIT_DOCUMENT_BYTES + 1);
	const struct token *tokens = NULL;
	struct error error;
	size_t n = 99;

	assert_non_null(bytes);
	assert_int_equal(analyzer_run(*state, (struct str) { bytes, LIMIT_DOCUMENT_BYTES + 1 }, 1, &tokens, &n, &error),
	    STATUS_LIMIT);
	assert_non_null(strstr(error.message, "LIMIT_DOCUMENT_BYTES"));
	for (size_t i = 0; i < LIMIT_DOCUMENT_BYTES; i++)
		bytes[i] = i % 2 == 0 ? 'a' : ' ';
	assert_int_equal(
	    analyzer_run(*state, (struct str) { bytes, LIMIT_DOCUMENT_BYTES }, 1, &tokens, &n, &error), STATUS_LIMIT);
	assert_non_null(strstr(error.message, "LIMIT_DOCUMENT_WORDS"));
	assert_int_equal(
	    analyzer_run(*state, (struct str) { bytes, 1 }, UINT32_MAX, &tokens, &n, &error), STATUS_LIMIT);
	assert_int_equal(n, 99);
	assert_null(tokens);
	/* Exactly as many words as are allowed, and the analyzer works on. */
	assert_int_equal(
	    run(*state, (struct str) { bytes, (size_t)2 * LIMIT_DOCUMENT_WORDS }, &tokens), LIMIT_DOCUMENT_WORDS);
	free(bytes);
	assert_int_equal(run(*state, STR("Alep"), &tokens), 1);
}

/* What a query looks words up by is kept for some of them: it is no other's. */
static void
check_loose(struct analyzer *analyzer, const struct token *tokens, size_t n_tokens)
{
	for (size_t i = n_tokens; i-- > 0;) {
		const struct str *stems;
		size_t n;

		assert_int_equal(analyzer_query_stems(analyzer, tokens[i].word, ACCENTS_LOOSE, &stems, &n), STATUS_OK);
		assert_int_equal(n, 1);
		assert_true(str_eq(stems[0], tokens[i].word->stems[0]));
	}
}

/* More distinct words than are kept, text after text: the answers stay right. */
static void
test_many_words(void **state)
{
	char text[64 * 1024];
	uint64_t seed = 7;
	struct analyzer *other = NULL;
	const struct token *tokens;
	size_t n;

	assert_int_equal(analyzer_new(&other, NULL), STATUS_OK);
	assert_int_equal(analyzer_run(other, STR("Paris"), 1, &tokens, &n, NULL), STATUS_OK);
	check_loose(other, tokens, n);
	for (int round = 0; round < 100; round++) {
		int len = 0;

		for (int i = 0; i < 4000; i++)
			len += snprintf(text + len, sizeof(text) - (size_t)len, "x%llxz ",
			    (unsigned long long)(next_random(&seed) >> 16));
		len += snprintf(text + len, sizeof(text) - (size_t)len, "l'armee");
		assert_int_equal(run(*state, (struct str) { text, (size_t)len }, &tokens), 4001);
		assert_str(tokens[4000].word->stems[0], "armé");
		check_loose(*state, tokens, 4000);
		/* Here the first word alone, which takes the place of another one when all were forgotten. */
		assert_int_equal(
		    analyzer_run(other, (struct str) { text, (size_t)len }, 1, &tokens, &n, NULL), STATUS_OK);
		check_loose(other, tokens, 1);
	}
	analyzer_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_random_pieces),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_nfd_is_nfc),
		cmocka_unit_test(test_one_word_for_all_spellings),
		cmocka_unit_test(test_megabytes),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_combining_marks),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many_words),
	};

	return cmocka_run_group_tests_name("analysis of any bytes", tests, make_analyzer, free_analyzer);
}
