/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "store/aside.h"
#include "store/encode.h"

#define FILL_200                                                                                             \
	"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"89012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345" \
	"6789"

/* Fields, the expected status, and words of the message. */
static const struct {
	const char *id, *title, *text, *date, *source, *url;
	enum status status;
	const char *words;
} cases[] = {
	{ "a", "", "Alep.", "", "", "", STATUS_OK, "" },
	{ "a", "Été", "Alep.", "2016-12-07", "AFP", "https://exemple.example/", STATUS_OK, "" },
	{ "a", "\xC2\x80", "Alep.", "", "", "", STATUS_OK, "" }, /* a euro sign, three encodings ago */
	{ "", "", "Alep.", "", "", "", STATUS_INVALID, "the id is empty" },
	{ FILL_200, "", "Alep.", "", "", "", STATUS_OK, "" },
	{ FILL_200 "x", "", "Alep.", "", "", "", STATUS_LIMIT, "the id is longer than 200 bytes (it has 201)" },
	{ "a\nb", "", "Alep.", "", "", "", STATUS_INVALID, "a control character (U+000A) in the id, at byte 1" },
	{ "a\xC2\x85", "", "Alep.", "", "", "", STATUS_INVALID, "U+0085" },
	{ "a\xE2\x80\xA8", "", "Alep.", "", "", "", STATUS_INVALID, "U+2028" },
	{ "a\xE9", "", "Alep.", "", "", "", STATUS_INVALID, "invalid UTF-8 in the id, at byte 1" },
	{ "a", "un\ndeux", "Alep.", "", "", "", STATUS_INVALID, "U+000A) in the title" },
	{ "a", "", "", "", "", "", STATUS_INVALID, "the text is empty" },
	{ "a", "Titre", " \n\t\xC2\xA0\xE2\x80\xAF\xEF\xBB\xBF\n", "", "", "", STATUS_INVALID, "the text is empty" },
	{ "a", "", "Al\xE9p", "", "", "", STATUS_INVALID, "invalid UTF-8 in the text, at byte 2" },
	{ "a", "", "Alep \xED\xA0\x80", "", "", "", STATUS_INVALID, "invalid UTF-8 in the text, at byte 5" },
	{ "a", "", "Alep.", "2016-02-29", "", "", STATUS_OK, "" },
	{ "a", "", "Alep.", "2000-02-29", "", "", STATUS_OK, "" },
	{ "a", "", "Alep.", "1900-02-29", "", "", STATUS_INVALID, "the date \"1900-02-29\" is not a day" },
	{ "a", "", "Alep.", "2016-13-01", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "2016-00-01", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "2016-12-00", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "0000-12-01", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "7/12/2016", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "2016-12-7", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "2016-12-0\xC3\xA9", "", "", STATUS_INVALID, "is not a day" },
	{ "a", "", "Alep.", "", "A\x01", "", STATUS_INVALID, "U+0001) in the source" },
	{ "a", "", "Alep.", "", "", "http://a\tb/", STATUS_INVALID, "U+0009) in the url" },
};

static void
test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_document document = { .id = str_of(cases[i].id),
			.title = str_of(cases[i].title),
			.text = str_of(cases[i].text),
			.date = str_of(cases[i].date),
			.source = str_of(cases[i].source),
			.url = str_of(cases[i].url) };
		struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
		enum status status = document_check(&document, &error);

		if (status != cases[i].status || strstr(error.message, cases[i].words) == NULL)
			fail_msg("case %zu: %s, \"%s\"", i, status_name(status), error.message);
	}
}

static void
test_language_is_a_code(void **state)
{
	static const struct {
		const char *language;
		enum status status;
		bool stemmed;
	} languages[] = { { "", STATUS_OK, true }, { "fr", STATUS_OK, true }, { "en", STATUS_OK, false },
		{ "und", STATUS_OK, false }, { "f", STATUS_INVALID, false }, { "FR", STATUS_INVALID, false },
		{ "fr-FR", STATUS_INVALID, false }, { "a\n", STATUS_INVALID, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		struct store_document document = {
			.id = STR("a"), .text = STR("Alep"), .language = str_of(languages[i].language)
		};

		assert_int_equal(document_check(&document, NULL), languages[i].status);
		assert_int_equal(document_is_stemmed(&document), languages[i].stemmed);
	}
}

static void
test_nul_is_refused(void **state)
{
	struct store_document document = { .id = STR("a"), .text = STR("un\0deux") };
	struct error error;

	(void)state;
	assert_int_equal(document_check(&document, &error), STATUS_INVALID);
	assert_string_equal(error.message, "a NUL byte in the text, at byte 2: not a text");
}

static void
test_size_limit(void **state)
{
	const size_t lines = sizeof("id=a\ntitle=T\ndate=\nsource=\nurl=\nauthor=\ndated=\nlanguage=\naside=\n\n") - 1;
	char *text = malloc(LIMIT_DOCUMENT_BYTES);
	struct store_document document = {
		.id = STR("a"), .title = STR("T"), .text = { text, LIMIT_DOCUMENT_BYTES - lines }
	};
	struct error error;
	struct buf out;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LIMIT_DOCUMENT_BYTES);
	assert_int_equal(document_check(&document, &error), STATUS_OK);
	buf_init(&out, LIMIT_DOCUMENT_BYTES);
	assert_int_equal(document_encode(&document, &out), STATUS_OK);
	assert_int_equal(out.len, LIMIT_DOCUMENT_BYTES);
	document.text.len++;
	assert_int_equal(document_check(&document, &error), STATUS_LIMIT);
	assert_non_null(strstr(error.message, "16777216"));
	buf_done(&out);
	free(text);
}

/* Every other byte of the text is set aside: as many parts as may be, one fewer, and one more. */
static void
test_parts_set_aside(void **state)
{
	static char text[2 * (LIMIT_ASIDE_SPANS + 2)];
	struct store_document document = { .id = STR("a"), .text = { text, sizeof(text) } };
	struct error error;
	struct buf aside;

	(void)state;
	memset(text, 'x', sizeof(text));
	buf_init(&aside, sizeof(text) * 8);
	for (uint32_t n = 1; n <= LIMIT_ASIDE_SPANS + 1; n++) {
		enum status status = aside_append(&aside, (struct text_span) { 2 * n, 1 });

		assert_int_equal(status, STATUS_OK);
		document.aside = buf_str(&aside);
		assert_int_equal(aside_check(&document, &error), n <= LIMIT_ASIDE_SPANS ? STATUS_OK : STATUS_LIMIT);
	}
	assert_non_null(strstr(error.message, "more than 512 parts"));
	assert_non_null(strstr(error.message, "aside_spans"));
	buf_done(&aside);
}

static void
test_round_trip(void **state)
{
	struct store_document document = { .id = STR("syrie/1.txt"),
		.title = STR("id=non"),
		.text = STR("\nid=x\n\ntext=y\n"),
		.date = STR("2016-12-07"),
		.url = STR("https://a/?b=c\xC3\xA9"),
		.author = STR("Jeanne"),
		.dated = STR("text"),
		.language = STR("en"),
		.aside = STR("1+4") };
	struct store_document back;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(document_encode(&document, &out), STATUS_OK);
	assert_int_equal(document_decode(buf_str(&out), &back, NULL), STATUS_OK);
	assert_true(str_eq(back.id, document.id));
	assert_true(str_eq(back.title, document.title));
	assert_true(str_eq(back.text, document.text));
	assert_true(str_eq(back.date, document.date));
	assert_true(str_eq(back.source, document.source));
	assert_true(str_eq(back.url, document.url));
	assert_true(str_eq(back.author, document.author));
	assert_true(str_eq(back.dated, document.dated));
	assert_true(str_eq(back.language, document.language));
	assert_true(str_eq(back.aside, document.aside));
	/* Any shorter piece without the empty line is no document. */
	for (size_t len = 0; len < out.len - document.text.len; len++)
		assert_int_equal(document_decode((struct str) { out.data, len }, &back, NULL), STATUS_CORRUPT);
	buf_done(&out);
}

static void
test_hash_covers_each_field(void **state)
{
	struct store_document documents[11];
	struct hash hashes[11];

	(void)state;
	for (size_t i = 0; i < 11; i++)
		documents[i] = (struct store_document) { STR("a"), STR("b"), STR("c"), STR("d"), STR("e"), STR("f"),
			STR("g"), STR("h"), STR("i"), STR("j") };
	documents[1].id = STR("x");
	documents[2].title = STR("x");
	documents[3].text = STR("x");
	documents[4].date = STR("x");
	documents[5].source = STR("x");
	documents[6].url = STR("x");
	documents[7].author = STR("x");
	documents[8].dated = STR("x");
	documents[9].language = STR("x");
	documents[10].aside = STR("x");
	for (size_t i = 0; i < 11; i++) {
		hashes[i] = document_hash(&documents[i]);
		for (size_t j = 0; j < i; j++)
			assert_false(hash_eq(&hashes[i], &hashes[j]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_language_is_a_code),
		cmocka_unit_test(test_nul_is_refused),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_parts_set_aside),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_hash_covers_each_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
