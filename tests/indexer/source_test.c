/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What documents a file holds, without a file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "indexer/source.h"

#define X100 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
test_split(void **state)
{
	static const struct {
		const char *contents, *title, *text;
	} cases[] = {
		{ "Titre\n\nTexte.\n", "Titre", "Texte.\n" },
		{ "\xEF\xBB\xBFTitre\nTexte", "Titre", "Texte" },
		{ "\n \t\n  Titre \r\n\r\n Texte.\r\nSuite\r\n", "Titre", " Texte.\r\nSuite\r\n" },
		{ "\xC2\xA0Titre\xE2\x80\xAF\nTexte", "Titre", "Texte" },
		{ "Une seule ligne", "", "Une seule ligne" },
		{ "Une seule ligne\n\n \n", "", "Une seule ligne\n\n \n" },
		{ "", "", "" },
		{ "\xEF\xBB\xBF", "", "" },
		{ " \n\n", "", "" },
		{ X100 X100 X100 "\nTexte", X100 X100 X100, "Texte" },
		{ X100 X100 X100 "x\nTexte", "", X100 X100 X100 "x\nTexte" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str title, text;

		source_split_text(str_of(cases[i].contents), &title, &text);
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
		size_t len = source_id_of_name(str_of(cases[i].name), out, sizeof(out));

		assert_int_equal(len, strlen(cases[i].id));
		assert_memory_equal(out, cases[i].id, len);
		/* Too little room: the same length, and nothing behind the end. */
		memset(out, '#', sizeof(out));
		assert_int_equal(source_id_of_name(str_of(cases[i].name), out, 3), len);
		assert_int_equal(out[3], '#');
	}
}

/* What a file gave, as text: "line id|title|date|source|url|text" and "line !reason", one after the other. */
struct heard {
	struct buf out;
	size_t bytes;
};

static enum status
document_cb(void *arg, const struct store_document *d, size_t line, struct error *reterr)
{
	struct heard *heard = arg;

	(void)reterr;
	(void)buf_printf(&heard->out, "%zu %.*s|%.*s|%.*s|%.*s|%.*s|%.*s\n", line, STR_FMT(d->id), STR_FMT(d->title),
	    STR_FMT(d->date), STR_FMT(d->source), STR_FMT(d->url), STR_FMT(d->text));
	return STATUS_OK;
}

static void
refused_cb(void *arg, size_t line, const char *why)
{
	struct heard *heard = arg;

	(void)buf_printf(&heard->out, "%zu !%s\n", line, why);
}

static void
read_cb(void *arg, size_t bytes)
{
	struct heard *heard = arg;

	heard->bytes += bytes;
}

/* Reads `contents` as JSONL, or as the text file a.txt; what was heard, in static space. */
static const char *
hear(struct str contents, bool jsonl)
{
	static struct heard heard;
	struct source_events events = { document_cb, refused_cb, read_cb, &heard };
	struct hash content;
	struct hash expected = hash_of(contents);
	struct error error;
	enum status status;
	int fd = memfd_create("source", MFD_CLOEXEC);

	buf_done(&heard.out);
	buf_init(&heard.out, 1 << 20);
	heard.bytes = 0;
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, contents, NULL), STATUS_OK);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	if (jsonl)
		status = source_read_jsonl(fd, &events, &content, &error);
	else
		status = source_read_text(fd, STR("a.txt"), &events, &content, &error);
	(void)close(fd);
	assert_int_equal(status, STATUS_OK);
	assert_int_equal(heard.bytes, contents.len);
	assert_true(hash_eq(&content, &expected));
	return heard.out.data != NULL ? heard.out.data : "";
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
		    "1 7|A B|2016-12-07|AFP|u|\xC3\xA9t\xC3\xA9\n" },
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
		assert_string_equal(hear(str_of(cases[i].lines), true), cases[i].heard);
}

static void
test_long_line_is_skipped(void **state)
{
	const char *next = "\"}\n{\"id\":\"b\",\"text\":\"t\"}";
	const char *start = "{\"id\":\"a\",\"text\":\"";
	struct buf lines;

	(void)state;
	buf_init(&lines, 2u * SOURCE_LINE_BYTES);
	(void)buf_append_str(&lines, str_of(start));
	for (size_t i = 0; i < SOURCE_LINE_BYTES / 64; i++)
		(void)buf_append_str(&lines, STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	(void)buf_append_str(&lines, str_of(next));
	assert_int_equal(buf_status(&lines), STATUS_OK);
	assert_string_equal(hear(buf_str(&lines), true), "1 !the line is longer than 33554432 bytes\n2 b|||||t\n");
	buf_done(&lines);
}

static void
test_text(void **state)
{
	(void)state;
	assert_string_equal(hear(STR("Titre\nTexte"), false), "0 a.txt|Titre||||Texte\n");
	assert_string_equal(hear(STR("Un\ttitre\x0C\x01.\nTexte\t"), false), "0 a.txt|Un titre  .||||Texte\t\n");
	assert_string_equal(hear(STR("Caf\xE9\n"), false),
	    "0 !invalid UTF-8 at byte 3 (if it is Windows-1252: convert it with iconv -f WINDOWS-1252 -t UTF-8)\n");
	assert_string_equal(hear(STR("\xFF\xFE"
				     "A\0"),
				false),
	    "0 !invalid UTF-8 at byte 0 (it looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8)\n");
	assert_string_equal(hear(STR("%PDF-1.4\n\xE2\xE3"), false), "0 !invalid UTF-8 at byte 9 (it is no text)\n");
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
