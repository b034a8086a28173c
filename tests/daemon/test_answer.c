/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results as exact JSON, and the parts of a document at every place of every length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "daemon/answer.h"

static const struct search_reprints no_reprints = { 0 };

#define GENERATION STR("gen-000001.3")

static const struct search_segment segments[] = { { { "à ", 3 }, false }, { { "\"Alep\"", 6 }, true } };
static const struct search_passage passage = {
	.zone = SEARCH_TEXT, .off = 7, .cut_before = true, .cut_after = false, .segments = segments, .n_segments = 2
};
static const struct search_span spans[] = { { SEARCH_TITLE, 1, 2 }, { SEARCH_TEXT, 3, 4 } };
static const struct search_match match = {
	.distance = 5, .spans = spans, .n_spans = 2, .sentence = { SEARCH_TEXT, 0, 9 }
};
static const struct search_hit hit = { .docid = 1,
	.score = 1.5,
	.has_distance = true,
	.distance = 5,
	.document = { .id = { "x\n", 2 },
	    .title = { "T", 1 },
	    .text = { "", 0 },
	    .date = { "2016-12-07", 10 },
	    .source = { "", 0 },
	    .url = { "u", 1 } },
	.passages = &passage,
	.n_passages = 1,
	.matches = &match,
	.n_matches = 1,
	.total_matches = 8 };

static void
test_search(void **state)
{
	static const struct {
		struct request_search request;
		struct search_result result;
		const char *json;
	} cases[] = {
		{ { .limit = 10 }, { .understood = { "alep", 4 }, .relation = SEARCH_TOTAL_EXACT },
		    "{\"understood\":\"alep\",\"total\":{\"value\":0,\"relation\":\"eq\"},\"hits\":[],"
		    "\"generation\":\"gen-000001.3\",\"ms\":2.5}" },
		{ { .ids_only = true, .has_cursor = true, .matches = 1 },
		    { .understood = { "a", 1 },
			.total = 9,
			.relation = SEARCH_TOTAL_ESTIMATE,
			.hits = &hit,
			.n_hits = 1 },
		    "{\"understood\":\"a\",\"total\":{\"value\":9,\"relation\":\"estimate\"},"
		    "\"hits\":[{\"id\":\"x\\n\",\"score\":1.5}],\"cursor\":null,\"generation\":\"gen-000001.3\",\"ms\":"
		    "2.5}" },
		{ { .has_cursor = true, .matches = 1 },
		    { .understood = { "a", 1 }, .total = 1, .hits = &hit, .n_hits = 1, .cursor = { "c:2", 3 } },
		    "{\"understood\":\"a\",\"total\":{\"value\":1,\"relation\":\"eq\"},"
		    "\"hits\":[{\"id\":\"x\\n\",\"score\":1.5,\"title\":\"T\",\"date\":\"2016-12-07\",\"source\":\"\","
		    "\"url\":\"u\",\"distance\":5,\"passages\":[{\"zone\":\"text\",\"offset\":7,\"cut_before\":true,"
		    "\"cut_after\":false,\"segments\":[{\"text\":\"à \",\"mark\":false},"
		    "{\"text\":\"\\\"Alep\\\"\",\"mark\":true}]}],\"matches\":[{\"distance\":5,"
		    "\"spans\":[{\"zone\":\"title\",\"offset\":1,\"length\":2},{\"zone\":\"text\",\"offset\":3,"
		    "\"length\":4}],"
		    "\"sentence\":{\"zone\":\"text\",\"offset\":0,\"length\":9}}],\"total_matches\":8}],"
		    "\"cursor\":\"c:2\",\"generation\":\"gen-000001.3\",\"ms\":2.5}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;

		buf_init(&out, LIMIT_REPLY_BYTES);
		answer_search(&out, &cases[i].request, &cases[i].result, GENERATION, 2.5);
		assert_string_equal(out.data, cases[i].json);
		buf_done(&out);
	}
}

static void
test_search_past_the_limit(void **state)
{
	struct search_result result = { .hits = &hit, .n_hits = 1 };
	struct request_search request = { .limit = 1 };
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	answer_search(&out, &request, &result, GENERATION, 1);
	assert_int_equal(buf_status(&out), STATUS_LIMIT);
	buf_done(&out);
}

static void
test_index_stats(void **state)
{
	struct store_stats stats = { .documents = 2, .words = 30 };
	struct answer_variants variants = { 96, STR("") };
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	answer_index_stats(&out, &stats, &variants, GENERATION);
	assert_string_equal(out.data,
	    "\"generation\":\"gen-000001.3\",\"documents\":2,\"words\":30,"
	    "\"variants\":{\"groups\":96,\"refused\":null},\"inverted_file\":null,\"refused_generation\":null");
	buf_reset(&out);
	stats.invfile_bytes = 4096;
	stats.invfile_layers = 3;
	stats.invfile_put = 5;
	stats.invfile_touched = 7;
	stats.invfile_why = STR("cut");
	stats.refused_generation = STR("gen-000002");
	stats.refused_why = STR("torn");
	variants.refused = STR("names.txt:2: a group needs two");
	answer_index_stats(&out, &stats, &variants, GENERATION);
	assert_non_null(strstr(out.data,
	    "\"inverted_file\":{\"used\":false,\"files\":3,\"bytes\":4096,\"put\":5,\"touched\":7,\"why\":\"cut\"}"));
	assert_non_null(strstr(out.data, "\"refused_generation\":{\"name\":\"gen-000002\",\"why\":\"torn\"}"));
	assert_non_null(strstr(out.data, "\"refused\":\"names.txt:2: a group needs two\""));
	buf_done(&out);
}

/* The member of a flat JSON object, as the bytes behind its key. */
static const char *
member(const struct buf *json, const char *key)
{
	const char *at = strstr(json->data, key);

	assert_non_null(at);
	return at + strlen(key);
}

/* Reads the text in parts of `length` bytes from `offset`; returns how many parts it took. */
static int
read_in_parts(struct str text, uint32_t length, struct buf *got)
{
	struct store_document document = { .id = STR("x"), .text = text };
	uint64_t offset = 0;
	bool more = true;
	int parts = 0;
	struct buf out;

	buf_init(&out, LIMIT_REPLY_BYTES);
	for (; more; parts++) {
		const char *begin, *end;

		buf_reset(&out);
		answer_document(&out, &document, &no_reprints, offset, length, GENERATION);
		assert_int_equal(buf_status(&out), STATUS_OK);
		assert_int_equal(utf8_valid_prefix(buf_str(&out)), out.len);
		assert_int_equal(strtoull(member(&out, "\"offset\":"), NULL, 10), offset);
		begin = member(&out, "\"text\":\"");
		end = strstr(begin, "\",\"offset\":");
		assert_int_equal(buf_append(got, begin, (size_t)(end - begin)), STATUS_OK);
		offset += (size_t)(end - begin);
		more = strncmp(member(&out, "\"more\":"), "true", 4) == 0;
		assert_true(parts < 1000);
	}
	buf_done(&out);
	return parts;
}

static void
test_document_in_parts(void **state)
{
	static const struct str text = { "aé€\xf0\x9f\x98\x80z", 11 };

	(void)state;
	for (uint32_t length = 1; length <= 12; length++) {
		struct buf got;

		buf_init(&got, 1000);
		(void)read_in_parts(text, length, &got);
		assert_int_equal(got.len, text.len);
		assert_memory_equal(got.data, text.p, text.len);
		buf_done(&got);
	}
}

static void
test_document_offsets(void **state)
{
	static const struct {
		const char *text;
		uint64_t offset;
		uint32_t length;
		const char *json;
	} cases[] = {
		{ "aé", 0, 10, "\"text\":\"aé\",\"offset\":0,\"bytes\":3,\"more\":false" },
		{ "aé", 2, 10, "\"text\":\"é\",\"offset\":1,\"bytes\":3,\"more\":false" }, /* inside the é */
		{ "aé", 3, 10, "\"text\":\"\",\"offset\":3,\"bytes\":3,\"more\":false" },
		{ "aé", UINT64_MAX, 10, "\"text\":\"\",\"offset\":3,\"bytes\":3,\"more\":false" },
		{ "aé", 0, 0, "\"text\":\"\",\"offset\":0,\"bytes\":3,\"more\":true" },
		{ "", 0, 10, "\"text\":\"\",\"offset\":0,\"bytes\":0,\"more\":false" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_document document = { .text = str_of(cases[i].text) };
		struct buf out;

		buf_init(&out, LIMIT_REPLY_BYTES);
		answer_document(&out, &document, &no_reprints, cases[i].offset, cases[i].length, GENERATION);
		assert_non_null(strstr(out.data, cases[i].json));
		buf_done(&out);
	}
}

/* Control characters take six bytes each in JSON: the part is made shorter, not refused. */
static void
test_document_that_grows_in_json(void **state)
{
	enum { BYTES = 512 * 1024 };
	static char text[BYTES];
	struct store_document document = { .text = { text, BYTES } };
	struct buf out;

	(void)state;
	memset(text, 1, sizeof(text));
	buf_init(&out, LIMIT_REPLY_BYTES);
	answer_document(&out, &document, &no_reprints, 0, BYTES, GENERATION);
	assert_int_equal(buf_status(&out), STATUS_OK);
	assert_int_equal(strncmp(member(&out, "\"more\":"), "true", 4), 0);
	assert_true(out.len > LIMIT_REPLY_BYTES / 4);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_search_past_the_limit),
		cmocka_unit_test(test_index_stats),
		cmocka_unit_test(test_document_in_parts),
		cmocka_unit_test(test_document_offsets),
		cmocka_unit_test(test_document_that_grows_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
