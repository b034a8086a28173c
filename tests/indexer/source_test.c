/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What documents a file holds, without a file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "indexer/sources/reading.h"
#include "tests/indexer/hear.h"

#define X100 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
test_split(void **state)
{
	static const struct {
		const char *contents, *title, *text;
	} cases[] = {
		{ "Titre\n\nTexte.\n", "Titre", "Texte.\n" },
		{ "\n \t\n  Titre \r\n\r\n Texte.\r\nSuite\r\n", "Titre", " Texte.\r\nSuite\r\n" },
		{ "\xC2\xA0Titre\xE2\x80\xAF\nTexte", "Titre", "Texte" },
		{ "Une seule ligne", "", "Une seule ligne" },
		{ "Une seule ligne\n\n \n", "", "Une seule ligne\n\n \n" },
		{ "", "", "" },
		{ " \n\n", "", "" },
		{ X100 X100 X100 "\nTexte", X100 X100 X100, "Texte" },
		{ X100 X100 X100 "x\nTexte", "", X100 X100 X100 "x\nTexte" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str title, text;

		text_split(str_of(cases[i].contents), &title, &text);
		if (!str_eq(title, str_of(cases[i].title)) || !str_eq(text, str_of(cases[i].text)))
			fail_msg("case %zu: \"%.*s\" and \"%.*s\"", i, STR_FMT(title), STR_FMT(text));
	}
}

static void
test_id_of_name(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{ "syrie/0412.txt", "syrie/0412.txt" },
		{ "\xC3\x89t\xC3\xA9 100%.txt", "\xC3\x89t\xC3\xA9 100%.txt" },
		{ "a\nb.txt", "a%0Ab.txt" },
		{ "caf\xE9.txt", "caf%E9.txt" },
		{ "\xC2\x85.txt", "%C2%85.txt" },
		{ "\xE2\x80\xA8.txt", "%E2%80%A8.txt" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = text_id_of_name(str_of(cases[i].name), out, sizeof(out));

		assert_int_equal(len, strlen(cases[i].id));
		assert_memory_equal(out, cases[i].id, len);
		/* Too little room: the same length, and nothing behind the end. */
		memset(out, '#', sizeof(out));
		assert_int_equal(text_id_of_name(str_of(cases[i].name), out, 3), len);
		assert_int_equal(out[3], '#');
	}
}

static void
test_jsonl(void **state)
{
	static const struct {
		const char *lines, *heard;
	} cases[] = {
		{ "{\"id\":\"a\",\"text\":\"t\"}\n", "1 a|||||t\n" },
		{ "{\"id\":\"a\",\"text\":\"t\"}", "1 a|||||t\n" },
		{ "\xEF\xBB\xBF{\"id\":\"a\",\"text\":\"t\"}\r\n\n  \r\n{\"id\":\"b\",\"text\":\"u\"}\r\n",
		    "1 a|||||t\n4 b|||||u\n" },
		{ "{\"id\":7,\"title\":\" A\\nB \",\"date\":\"2016-12-07T10:00:00Z\",\"source\":\"AFP\",\"url\":\"u\","
		  "\"text\":\"\\u00e9t\\u00e9\",\"heading\":[1,{}]}",
		    "1 7|A B|2016-12-07 metadata|AFP|u|\xC3\xA9t\xC3\xA9\n" },
		{ "{\"id\":\"a\",\"title\":null,\"text\":\"t\"}", "1 a|||||t\n" },
		{ "{\"text\":\"t\"}", "1 !there is no \"id\"\n" },
		{ "{\"id\":\"\",\"text\":\"t\"}", "1 !there is no \"id\"\n" },
		{ "{\"id\":\"a\"}", "1 !there is no \"text\"\n" },
		{ "{\"id\":\"a\",\"text\":\"\"}", "1 !there is no \"text\"\n" },
		{ "{\"id\":1.5,\"text\":\"t\"}", "1 !\"id\" is not a string\n" },
		{ "{\"id\":\"a\",\"text\":[\"t\"]}", "1 !\"text\" is not a string\n" },
		{ "{\"id\":\"a\",\"text\":\"t\",\"url\":{}}", "1 !\"url\" is not a string\n" },
		{ "[]", "1 !not a JSON object\n" },
		{ "{\"id\":\"a\",\"id\":\"b\",\"text\":\"t\"}\n{\"id\":\"c\",\"text\":\"t\"}",
		    "1 !not JSON: duplicate object key near '\"id\"', at column 14\n2 c|||||t\n" },
		{ "{\"id\":\"a\",\"text\":\"\\u0000\"}", "1 !a NUL character (\\u0000) in a string\n" },
		{ "{\"id\":\"a\",\"text\":\"\xE9\"}\n{\"id\":\"b\",\"text\":\"t\"}\n",
		    "1 !invalid UTF-8 at byte 18 of the line\n2 b|||||t\n" },
		{ "{\"id\":\"a\",\"text\":\"t\"\n{\"id\":\"b\",\"text\":\"t\"}\n",
		    "1 !not JSON: '}' expected near end of file, at column 20\n2 b|||||t\n" },
		{ "", "" },
		{ "\n\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(hear("a.jsonl", str_of(cases[i].lines)), cases[i].heard);
}

static void
test_long_line_is_skipped(void **state)
{
	const char *next = "\"}\n{\"id\":\"b\",\"text\":\"t\"}";
	const char *start = "{\"id\":\"a\",\"text\":\"";
	struct buf lines;

	(void)state;
	buf_init(&lines, 80u << 20);
	(void)buf_append_str(&lines, str_of(start));
	for (size_t i = 0; i < (32 << 20) / 64; i++)
		(void)buf_append_str(&lines, STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	(void)buf_append_str(&lines, str_of(next));
	assert_int_equal(buf_status(&lines), STATUS_OK);
	assert_string_equal(hear("a.jsonl", buf_str(&lines)), "1 !the line is longer than 33554432 bytes\n2 b|||||t\n");
	buf_done(&lines);
}

static void
test_text(void **state)
{
	static const struct {
		const char *contents, *heard;
	} cases[] = {
		{ "Titre\nTexte", "0 a.txt|Titre||||Texte\n" },
		{ "\xEF\xBB\xBFTitre\nTexte", "0 a.txt|Titre||||Texte\n" },
		{ "Un\ttitre\x0C\x01.\nTexte\t", "0 a.txt|Un titre .||||Texte\t\n" },
		{ "Caf\xE9\n", "~converted\n0 a.txt|||||Café\n\n" },
		{ "Titre\nPublié le 7 décembre 2016 à 10h\n\nTexte",
		    "0 a.txt|Titre|2016-12-07 text|||Publié le 7 décembre 2016 à 10h\n\nTexte\n" },
		{ "%PDF-1.4\n\xE2\xE3", "0 !it is no text: a program, an image, an archive or the like\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(hear("a.txt", str_of(cases[i].contents)), cases[i].heard);
}

/* A file without any other date has its own. */
static void
test_date_of_file(void **state)
{
	(void)state;
	hear_mtime_ns = INT64_C(1481104800) * 1000000000;
	assert_string_equal(hear("a.txt", STR("Texte")), "0 a.txt||2016-12-07 file|||Texte\n");
	assert_string_equal(hear("a.jsonl", STR("{\"id\":\"a\",\"text\":\"t\"}")), "1 a|||||t\n");
	/* What is said to be later than the file itself is not its date. */
	assert_string_equal(
	    hear("a.txt", STR("A\nLe 9 juin 2031\nTexte")), "0 a.txt|A|2016-12-07 file|||Le 9 juin 2031\nTexte\n");
	hear_mtime_ns = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_id_of_name),
		cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_long_line_is_skipped),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_date_of_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
