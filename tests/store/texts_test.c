/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed texts: what comes back, what is refused of what is damaged, and indexes that are built, changed and checked with them. */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "base/file.h"
#include "base/limits.h"
#include "stemmer/analyzer.h"
#include "store/bulk-worker.h"
#include "store/encode.h"
#include "store/inspect.h"
#include "store/manifest.h"
#include "store/schema.h"
#include "store/texts.h"

enum { ARTICLES = 300, ARTICLE_BYTES = 4096, ARENA_BYTES = LIMIT_DOCUMENT_BYTES + 64 };

/* Articles made of these, each from another seed. */
static const char *const phrases[] = { "Le conseil municipal a voté ", "le budget de la rénovation ", "du vieux port, ",
	"malgré les réserves de l'opposition. ", "Les riverains attendent ", "depuis trois hivers ",
	"que la digue soit relevée. ", "Selon l'architecte, ", "les travaux commenceront ",
	"avant la fin du printemps, ", "si la météo le permet. ", "Une réunion publique ",
	"est prévue à la salle des fêtes. ", "La préfecture n'a pas répondu ", "aux questions de la rédaction. ",
	"Un marin-pêcheur résume : ", "« On nous promet, puis on oublie. » ", "L'association des commerçants ",
	"demande un moratoire ", "sur les loyers du quai. " };

static void
write_article(unsigned seed, char ret_text[ARTICLE_BYTES])
{
	size_t len = 0;
	uint32_t random = seed * 2654435761u + 1;

	while (len < 600 + seed % 7 * 300) {
		random = random * 1664525u + 1013904223u;
		len += (size_t)snprintf(ret_text + len, ARTICLE_BYTES - len, "%s%u ",
		    phrases[(random >> 16) % (sizeof(phrases) / sizeof(phrases[0]))], (random >> 8) % 1000);
	}
}

/* A dictionary of these articles. */
static void
train(struct buf *out)
{
	char(*articles)[ARTICLE_BYTES] = calloc(ARTICLES, sizeof(*articles));
	size_t lengths[ARTICLES];
	struct buf lines;

	assert_non_null(articles);
	buf_init(&lines, (size_t)ARTICLES * ARTICLE_BYTES);
	buf_init(out, TEXTS_VALUE_BYTES);
	for (unsigned i = 0; i < ARTICLES; i++) {
		struct store_document document = doc("f/1", "Le port", articles[i]);
		size_t before = lines.len;

		write_article(i, articles[i]);
		document.text = str_of(articles[i]);
		assert_int_equal(document_encode(&document, &lines), STATUS_OK);
		lengths[i] = lines.len - before;
	}
	assert_int_equal(texts_train(lines.data, lengths, ARTICLES, out, NULL), STATUS_OK);
	buf_done(&lines);
	free(articles);
}

static struct texts *
open_texts(struct str value)
{
	struct error error;
	struct texts *texts = NULL;

	if (texts_new(value, true, &texts, &error) != STATUS_OK)
		fail_msg("%s", error.message);
	return texts;
}

static struct texts *
open_trained(void)
{
	struct buf value;
	struct texts *texts;

	train(&value);
	assert_true(value.len > HASH_BYTES);
	texts = open_texts(buf_str(&value));
	buf_done(&value);
	return texts;
}

/* The lines of a document with that text. */
static void
write_lines(struct str text, struct buf *out)
{
	struct store_document document = doc("f/1", "Le port", "");

	document.text = text;
	buf_init(out, LIMIT_DOCUMENT_BYTES);
	assert_int_equal(document_encode(&document, out), STATUS_OK);
}

/* Packs and unpacks; how many bytes were stored. */
static size_t
check_there_and_back(struct texts *texts, struct str lines)
{
	struct arena *arena;
	struct str stored, back;
	struct error error;
	bool packed;
	size_t len;

	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	assert_int_equal(texts_pack(texts, lines, &stored, &packed, NULL), STATUS_OK);
	assert_int_equal(packed, stored.p[0] != 'i');
	if (texts_unpack(texts, stored, arena, &back, &error) != STATUS_OK)
		fail_msg("%s", error.message);
	assert_true(str_eq(lines, back));
	len = stored.len;
	arena_free(arena);
	return len;
}

static void
test_there_and_back(void **state)
{
	static const char *const words[] = { "x", "Alep", "The harbour wall was raised by two feet before the winter.",
		"Die Mauer am alten Hafen wurde vor dem Winter erhöht.", "رفع جدار الميناء القديم قبل الشتاء",
		"旧港的防波堤在冬季之前加高了。", "\xF0\x9F\x9A\xA2" };
	struct texts *texts = open_trained();

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct buf lines;

		write_lines(str_of(words[i]), &lines);
		assert_true(check_there_and_back(texts, buf_str(&lines)) < lines.len);
		buf_done(&lines);
	}
	for (unsigned i = 1000; i < 1020; i++) {
		char article[ARTICLE_BYTES];
		struct buf lines;

		write_article(i, article);
		write_lines(str_of(article), &lines);
		assert_true(check_there_and_back(texts, buf_str(&lines)) < lines.len / 3);
		buf_done(&lines);
	}
	texts_free(texts);
}

/* As long as a document may be: of one letter, and of bytes that cannot be packed, which are stored as they are. */
static void
test_long(void **state)
{
	struct texts *texts = open_trained();
	char *text = malloc(LIMIT_DOCUMENT_BYTES);
	uint32_t random = 1;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', LIMIT_DOCUMENT_BYTES);
	memcpy(text, "id=", 3);
	assert_true(
	    check_there_and_back(texts, (struct str) { text, LIMIT_DOCUMENT_BYTES }) < LIMIT_DOCUMENT_BYTES / 100);
	for (size_t i = 3; i < LIMIT_DOCUMENT_BYTES; i++) {
		random = random * 1664525u + 1013904223u;
		text[i] = (char)(random >> 24);
	}
	assert_int_equal(
	    check_there_and_back(texts, (struct str) { text, LIMIT_DOCUMENT_BYTES }), LIMIT_DOCUMENT_BYTES);
	free(text);
	texts_free(texts);
}

/* The same documents give the same dictionary; too few, too short and equal ones give none, and are stored as they are. */
static void
test_training(void **state)
{
	struct buf one, other;
	size_t lengths[TEXTS_SAMPLE_LEAST];
	char *same = malloc(TEXTS_SAMPLE_LEAST_BYTES);
	struct texts *texts;

	(void)state;
	assert_non_null(same);
	train(&one);
	train(&other);
	assert_true(str_eq(buf_str(&one), buf_str(&other)));
	buf_reset(&one);
	memset(same, 'a', TEXTS_SAMPLE_LEAST_BYTES);
	for (size_t i = 0; i < TEXTS_SAMPLE_LEAST; i++)
		lengths[i] = TEXTS_SAMPLE_LEAST_BYTES / TEXTS_SAMPLE_LEAST;
	assert_int_equal(texts_train(same, lengths, TEXTS_SAMPLE_LEAST - 1, &one, NULL), STATUS_OK);
	assert_int_equal(one.len, 0);
	lengths[0]--;
	assert_int_equal(texts_train(same, lengths, TEXTS_SAMPLE_LEAST, &one, NULL), STATUS_OK);
	assert_int_equal(one.len, 0);
	assert_int_equal(texts_train(NULL, lengths, 0, &one, NULL), STATUS_OK);
	assert_int_equal(one.len, 0);
	texts = open_texts(STR(""));
	assert_int_equal(check_there_and_back(texts, STR("id=1\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")), 39);
	texts_free(texts);
	buf_done(&one);
	buf_done(&other);
	free(same);
}

/* ---- Damage ---------------------------------------------------------------------------------- */

/* What is unpacked is right or refused as damaged. */
static bool
is_right_or_refused(struct texts *texts, struct str stored, struct str lines, struct arena *arena)
{
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct str back;
	enum status status;

	arena_reset(arena);
	status = texts_unpack(texts, stored, arena, &back, &error);
	if (status == STATUS_OK)
		return str_eq(back, lines);
	return status == STATUS_CORRUPT && strstr(error.message, "the index is damaged") != NULL;
}

/* Each bit of a packed text turned over; each cut; more behind it. */
static void
test_damaged_text(void **state)
{
	/* A frame that unpackers pass over. */
	static const unsigned char skippable[] = { 0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0 };
	struct texts *texts = open_trained();
	char article[ARTICLE_BYTES];
	char copy[2 * ARTICLE_BYTES];
	struct arena *arena;
	struct buf lines;
	struct str stored, back;
	bool packed;

	(void)state;
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	write_article(5000, article);
	write_lines(str_of(article), &lines);
	assert_int_equal(texts_pack(texts, buf_str(&lines), &stored, &packed, NULL), STATUS_OK);
	assert_true(packed && stored.len < ARTICLE_BYTES);
	memcpy(copy, stored.p, stored.len);
	for (size_t bit = 0; bit < 8 * stored.len; bit++) {
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		if (!is_right_or_refused(texts, (struct str) { copy, stored.len }, buf_str(&lines), arena))
			fail_msg("bit %zu is not missed", bit);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
	}
	for (size_t len = 1; len < stored.len; len++)
		assert_int_equal(texts_unpack(texts, (struct str) { copy, len }, arena, &back, NULL), STATUS_CORRUPT);
	memcpy(copy + stored.len, skippable, sizeof(skippable));
	assert_int_equal(texts_unpack(texts, (struct str) { copy, stored.len + sizeof(skippable) }, arena, &back, NULL),
	    STATUS_CORRUPT);
	memcpy(copy + stored.len, copy, stored.len);
	assert_int_equal(
	    texts_unpack(texts, (struct str) { copy, stored.len + 1 }, arena, &back, NULL), STATUS_CORRUPT);
	assert_int_equal(
	    texts_unpack(texts, (struct str) { copy, 2 * stored.len }, arena, &back, NULL), STATUS_CORRUPT);
	buf_done(&lines);
	arena_free(arena);
	texts_free(texts);
}

/* A frame that says it is, or is, longer than a document may be: refused before room is made for it. */
static void
test_bomb(void **state)
{
	static const unsigned char claim[] = { 0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x01, 0, 0 };
	struct texts *texts = open_trained();
	size_t len = (size_t)LIMIT_DOCUMENT_BYTES + 1;
	char *zeros = calloc(1, len);
	char *frame = malloc(ZSTD_compressBound(len));
	struct error error;
	struct arena *arena;
	struct str back;

	(void)state;
	assert_true(zeros != NULL && frame != NULL);
	assert_int_equal(arena_new(1024, &arena), STATUS_OK);
	assert_int_equal(
	    texts_unpack(texts, (struct str) { frame, ZSTD_compress(frame, ZSTD_compressBound(len), zeros, len, 1) },
		arena, &back, &error),
	    STATUS_CORRUPT);
	assert_non_null(strstr(error.message, "16777217 bytes, of which the limit is 16777216"));
	assert_int_equal(texts_unpack(texts, (struct str) { (const char *)claim, sizeof(claim) }, arena, &back, &error),
	    STATUS_CORRUPT);
	assert_int_equal(arena_used(arena), 0);
	arena_free(arena);
	free(frame);
	free(zeros);
	texts_free(texts);
}

static void
check_no_dictionary(struct str value)
{
	struct texts *texts = NULL;
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };

	assert_int_equal(texts_new(value, false, &texts, &error), STATUS_CORRUPT);
	assert_non_null(strstr(error.message, "its dictionary of texts"));
	assert_null(texts);
}

static void
test_damaged_dictionary(void **state)
{
	struct buf value;
	char *long_value = calloc(1, TEXTS_VALUE_BYTES + 1);

	(void)state;
	assert_non_null(long_value);
	train(&value);
	for (size_t i = 0; i < value.len; i++) {
		value.data[i] = (char)(value.data[i] ^ 0x10);
		check_no_dictionary(buf_str(&value));
		value.data[i] = (char)(value.data[i] ^ 0x10);
	}
	for (size_t len = 1; len < value.len; len += 97)
		check_no_dictionary((struct str) { value.data, len });
	check_no_dictionary((struct str) { long_value, TEXTS_VALUE_BYTES + 1 });
	buf_done(&value);
	free(long_value);
}

/* ---- Indexes --------------------------------------------------------------------------------- */

static void
put_articles(struct fixture *fixture, struct store_writer *writer, const char *path, unsigned from, unsigned to)
{
	begin(fixture, writer, path);
	for (unsigned i = from; i < to; i++) {
		char id[16], article[ARTICLE_BYTES];

		(void)snprintf(id, sizeof(id), "%u", i);
		write_article(i, article);
		(void)put(fixture, writer, id, "", article);
	}
	end(fixture, writer);
}

static void
build(struct fixture *fixture, unsigned n)
{
	struct store_writer *writer = open_writer(fixture, STORE_REBUILD);

	put_articles(fixture, writer, "/f/a.jsonl", 1, n + 1);
	finish(fixture, writer);
}

/* The document's text as the reader has it is that of article `seed`. */
static void
check_article(struct fixture *fixture, const struct store_reader *reader, const char *id, unsigned seed)
{
	struct store_document document;
	struct arena *arena;
	char article[ARTICLE_BYTES];
	uint32_t docid;

	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	write_article(seed, article);
	check_ok(fixture, store_reader_find(reader, str_of(id), &docid, &fixture->error));
	check_ok(fixture, store_reader_document(reader, docid, arena, &document, &fixture->error));
	assert_true(str_eq(document.text, str_of(article)));
	assert_true(str_eq(document.id, str_of(id)));
	arena_free(arena);
}

/* How many documents are stored packed. */
static unsigned
count_packed(struct fixture *fixture, struct store_reader *reader, unsigned documents)
{
	unsigned packed = 0;

	for (unsigned i = 1; i <= documents; i++) {
		struct xc_document *document;
		struct str data;

		check_ok(fixture, xc_database_document(store_reader_database(reader), i, &document, &fixture->error));
		check_ok(fixture, xc_document_data(document, &data, &fixture->error));
		packed += data.p[0] != 'i';
		xc_document_free(document);
	}
	return packed;
}

/* Built, then changed, moved and added to: all is packed, all is there, and the check finds nothing wrong. */
static void
test_index(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;
	struct store_reader *reader;
	struct store_file from = file_of("/f/b.jsonl"), to = file_of("/f/c.jsonl");
	char article[ARTICLE_BYTES];

	writer = open_writer(fixture, STORE_REBUILD);
	put_articles(fixture, writer, "/f/a.jsonl", 1, ARTICLES);
	put_articles(fixture, writer, "/f/b.jsonl", ARTICLES, ARTICLES + 1);
	finish(fixture, writer);
	reader = open_reader(fixture);
	assert_int_equal(count_packed(fixture, reader, ARTICLES), ARTICLES);
	check_article(fixture, reader, "1", 1);
	check_article(fixture, reader, "300", ARTICLES);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));

	writer = open_writer(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/a.jsonl");
	write_article(9999, article);
	assert_int_equal(put(fixture, writer, "1", "", article), STORE_CHANGED);
	write_article(2, article);
	assert_int_equal(put(fixture, writer, "2", "", article), STORE_UNCHANGED);
	write_article(7777, article);
	assert_int_equal(put(fixture, writer, "new", "", article), STORE_ADDED);
	end(fixture, writer);
	check_ok(fixture, store_writer_file_move(writer, &from, &to, STR("300"), STR("moved"), &fixture->error));
	finish(fixture, writer);
	check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
	check_article(fixture, reader, "1", 9999);
	check_article(fixture, reader, "2", 2);
	check_article(fixture, reader, "new", 7777);
	check_article(fixture, reader, "moved", ARTICLES);
	assert_int_equal(count_packed(fixture, reader, ARTICLES + 1), ARTICLES + 1);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	store_reader_close(reader);
}

/* An index of few documents has no dictionary. */
static void
test_small_index(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	struct str value;

	build(fixture, 3);
	reader = open_reader(fixture);
	assert_int_equal(count_packed(fixture, reader, 3), 0);
	check_article(fixture, reader, "3", 3);
	check_ok(fixture,
	    xc_database_metadata(store_reader_database(reader), STR(SCHEMA_META_DICTIONARY), &value, &fixture->error));
	assert_int_equal(value.len, 0);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	store_reader_close(reader);
}

/* Of more than a sample: what comes while it is gathered, what ends it, what follows; and texts too long for a batch, before and after. */
static void
test_past_the_sample(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_REBUILD);
	unsigned n = TEXTS_SAMPLE_BYTES / 1000;
	size_t len = 2 * (size_t)BULK_DOCUMENT_BYTES;
	char *text = malloc(len + 1);
	struct store_reader *reader;

	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text, "Alep", 4);
	text[len] = '\0';
	begin(fixture, writer, "/f/long.jsonl");
	(void)put(fixture, writer, "long", "", text);
	end(fixture, writer);
	put_articles(fixture, writer, "/f/a.jsonl", 1, n);
	begin(fixture, writer, "/f/longer.jsonl");
	(void)put(fixture, writer, "longer", "", text);
	end(fixture, writer);
	finish(fixture, writer);
	reader = open_reader(fixture);
	/* The first one came before there was a dictionary. */
	assert_int_equal(count_packed(fixture, reader, n + 1), n);
	for (unsigned i = 1; i < n; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%u", i);
		check_article(fixture, reader, id, i);
	}
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	store_reader_close(reader);
	free(text);
}

static void
read_table(struct fixture *fixture, const char *name, struct buf *ret_table)
{
	buf_init(ret_table, 64 << 20);
	check_ok(fixture, file_read(fixture_path(fixture, name), ret_table, &fixture->error));
}

/* When the dictionary was ready, and who packed what came before, is not to be seen in what is stored. */
static void
test_the_same_each_time(void **state)
{
	struct fixture *fixture = *state;
	struct buf first, again;

	build(fixture, 2 * TEXTS_SAMPLE_BYTES / 1000);
	build(fixture, 2 * TEXTS_SAMPLE_BYTES / 1000);
	read_table(fixture, "gen-000001/docdata.glass", &first);
	read_table(fixture, "gen-000002/docdata.glass", &again);
	assert_true(first.len > 10000);
	assert_true(str_eq(buf_str(&first), buf_str(&again)));
	buf_done(&first);
	buf_done(&again);
}

/* Changes the database of an index of n documents by `change` as nobody of ours would, and seals it. */
static void
tamper(struct fixture *fixture, unsigned n,
    void (*change)(struct fixture *fixture, struct xc_writable *writable, struct xc_database *db))
{
	const char *path = fixture_path(fixture, "current");
	struct xc_writable *writable = NULL;

	check_ok(fixture, xc_writable_open(str_of(path), XC_DB_OPEN, 0, &writable, &fixture->error));
	change(fixture, writable, xc_writable_database(writable));
	check_ok(fixture, xc_writable_commit(writable, &fixture->error));
	xc_writable_close(writable);
	check_ok(fixture, manifest_seal(path, analyzer_version(), n, NULL, &fixture->error));
}

static void
lose_dictionary(struct fixture *fixture, struct xc_writable *writable, struct xc_database *db)
{
	(void)db;
	check_ok(fixture, xc_writable_set_metadata(writable, STR(SCHEMA_META_DICTIONARY), STR(""), &fixture->error));
}

static void
cut_dictionary(struct fixture *fixture, struct xc_writable *writable, struct xc_database *db)
{
	struct str value;

	check_ok(fixture, xc_database_metadata(db, STR(SCHEMA_META_DICTIONARY), &value, &fixture->error));
	value.len--;
	check_ok(fixture, xc_writable_set_metadata(writable, STR(SCHEMA_META_DICTIONARY), value, &fixture->error));
}

/* Document 17 gets the stored text of document 18. */
static void
mix_up(struct fixture *fixture, struct xc_writable *writable, struct xc_database *db)
{
	struct xc_document *one, *other;
	struct str data;

	check_ok(fixture, xc_database_document(db, 17, &one, &fixture->error));
	check_ok(fixture, xc_database_document(db, 18, &other, &fixture->error));
	check_ok(fixture, xc_document_data(other, &data, &fixture->error));
	check_ok(fixture, xc_document_set_data(one, data, &fixture->error));
	check_ok(fixture, xc_writable_replace_document(writable, 17, one, &fixture->error));
	xc_document_free(one);
	xc_document_free(other);
}

static void
turn_over_a_bit(struct fixture *fixture, struct xc_writable *writable, struct xc_database *db)
{
	struct xc_document *document;
	char copy[ARTICLE_BYTES];
	struct str data;

	check_ok(fixture, xc_database_document(db, 17, &document, &fixture->error));
	check_ok(fixture, xc_document_data(document, &data, &fixture->error));
	assert_true(data.len > 100 && data.len < sizeof(copy));
	memcpy(copy, data.p, data.len);
	copy[100] = (char)(copy[100] ^ 1);
	check_ok(fixture, xc_document_set_data(document, (struct str) { copy, data.len }, &fixture->error));
	check_ok(fixture, xc_writable_replace_document(writable, 17, document, &fixture->error));
	xc_document_free(document);
}

static void
test_lost_dictionary(void **state)
{
	struct fixture *fixture = *state;
	struct store_document document;
	struct store_reader *reader;
	struct arena *arena;

	build(fixture, ARTICLES);
	tamper(fixture, ARTICLES, lose_dictionary);
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	reader = open_reader(fixture);
	check_refused(fixture, store_reader_document(reader, 1, arena, &document, &fixture->error), STATUS_CORRUPT,
	    "there is no dictionary of texts");
	store_reader_close(reader);
	arena_free(arena);
	check_refused(fixture, store_inspect_structure(fixture->dir, &fixture->error), STATUS_CORRUPT, "document 1: ");
}

/* Neither readers nor runs go on with a dictionary that is not the one. */
static void
test_cut_dictionary(void **state)
{
	struct fixture *fixture = *state;
	struct store_document document = doc("new", "", "Alep");
	struct store_reader *reader = NULL;
	struct store_writer *writer;
	enum store_put what;

	build(fixture, ARTICLES);
	tamper(fixture, ARTICLES, cut_dictionary);
	check_refused(fixture, store_reader_open(fixture->dir, &reader, &fixture->error), STATUS_CORRUPT,
	    "its dictionary of texts is not what was stored");
	writer = open_writer(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/b.jsonl");
	check_refused(fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_CORRUPT,
	    "its dictionary of texts is not what was stored");
	store_writer_close(writer);
	check_refused(
	    fixture, store_inspect_structure(fixture->dir, &fixture->error), STATUS_CORRUPT, "its dictionary of texts");
}

static void
test_check_names_the_document(void **state)
{
	struct fixture *fixture = *state;

	build(fixture, ARTICLES);
	tamper(fixture, ARTICLES, mix_up);
	check_refused(fixture, store_inspect_structure(fixture->dir, &fixture->error), STATUS_CORRUPT,
	    "document 17: the index is damaged: what is stored is not what was put");
	tamper(fixture, ARTICLES, turn_over_a_bit);
	check_refused(fixture, store_inspect_structure(fixture->dir, &fixture->error), STATUS_CORRUPT, "document 17: ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_long),
		cmocka_unit_test(test_training), cmocka_unit_test(test_damaged_text), cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_damaged_dictionary),
		cmocka_unit_test_setup_teardown(test_index, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_small_index, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_past_the_sample, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_same_each_time, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_lost_dictionary, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_cut_dictionary, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_check_names_the_document, fixture_setup, fixture_teardown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
