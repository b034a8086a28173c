/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which terms, positions and values a document gets (docs/index-format.md). */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/postings.h"
#include "store/schema.h"

static struct xc_document *
build(struct fixture *fixture, const struct store_document *document)
{
	struct postings_builder *builder = NULL;
	struct xc_document *built = NULL;
	struct hash file = hash_of(STR("/f/a.txt"));
	uint32_t words = 0;

	check_ok(fixture, postings_builder_new(false, &builder, &fixture->error));
	check_ok(fixture, postings_build(builder, document, &file, &built, &words, &fixture->error));
	postings_builder_free(builder);
	return built;
}

/* The terms that begin with `prefix`, as "term wdf" joined by commas. */
static const char *
terms_of(struct fixture *fixture, struct xc_document *document, const char *prefix)
{
	static struct buf out;
	struct xc_terms *terms = NULL;
	struct str term;
	xc_termcount wdf;

	buf_done(&out);
	buf_init(&out, 65536);
	check_ok(fixture, xc_document_termlist(document, &terms, &fixture->error));
	while (xc_terms_next(terms, &term, &fixture->error) == STATUS_OK) {
		if (!str_has_prefix(term, str_of(prefix)))
			continue;
		check_ok(fixture, xc_terms_wdf(terms, &wdf, &fixture->error));
		(void)buf_printf(&out, "%s%.*s %u", out.len > 0 ? "," : "", STR_FMT(term), wdf);
	}
	xc_terms_free(terms);
	return out.len > 0 ? out.data : "";
}

static const char *
value_of(struct fixture *fixture, struct xc_document *document, xc_valueno slot, size_t *ret_len)
{
	struct str value;

	check_ok(fixture, xc_document_value(document, slot, &value, &fixture->error));
	*ret_len = value.len;
	return value.p;
}

/* The bands and the signature of a text that is long enough for them. */
static void
test_signature(void **state)
{
	struct fixture *fixture = *state;
	struct store_document document = doc("a", "Trêve", "Le cessez-le-feu est entré en vigueur mardi à Alep.");
	struct store_document copy = doc("b", "Autre titre", "LE CESSEZ-LE-FEU est entré en vigueur, mardi, à Alep");
	struct xc_document *built = build(fixture, &document);
	char bands[16 * 16 * 2];
	char signature[256];
	size_t len;

	(void)snprintf(bands, sizeof(bands), "%s", terms_of(fixture, built, "XD"));
	assert_int_equal(strlen(bands), 12 * strlen("XD12345 0,") - 1);
	memcpy(signature, value_of(fixture, built, SCHEMA_VALUE_SIGNATURE, &len), 72);
	assert_int_equal(len, 72);
	xc_document_free(built);
	built = build(fixture, &copy);
	assert_string_equal(terms_of(fixture, built, "XD"), bands);
	assert_memory_equal(value_of(fixture, built, SCHEMA_VALUE_SIGNATURE, &len), signature, 72);
	xc_document_free(built);
	document = doc("a", "Le cessez-le-feu est entré en vigueur mardi à Alep.", "Voir la vidéo.");
	built = build(fixture, &document);
	assert_string_equal(terms_of(fixture, built, "XD"), "");
	(void)value_of(fixture, built, SCHEMA_VALUE_SIGNATURE, &len);
	assert_int_equal(len, 0);
	xc_document_free(built);
}

static void
test_filters_and_values(void **state)
{
	struct fixture *fixture = *state;
	struct store_document document = { .id = STR("a/B.txt"),
		.text = STR("Alep"),
		.date = STR("2016-12-07"),
		.source = STR("L'Agence France-Presse"),
		.url = STR("https://u:p@WWW.Exemple.Example:8080/a?b@c"),
		.language = STR("fr") };
	struct xc_document *built = build(fixture, &document);
	struct hash hash;
	char hex[HASH_HEX_BYTES + 1];
	char expected[64];
	size_t len;

	assert_string_equal(terms_of(fixture, built, "Q"), "Qa/B.txt 0");
	assert_string_equal(terms_of(fixture, built, "D"), "D20161207 0");
	assert_string_equal(terms_of(fixture, built, "M"), "M201612 0");
	assert_string_equal(terms_of(fixture, built, "Y"), "Y2016 0");
	assert_string_equal(terms_of(fixture, built, "H"), "Hwww.exemple.example 0");
	assert_string_equal(
	    terms_of(fixture, built, "XSRC"), "XSRCagence 0,XSRCagence france presse 0,XSRCfrance 0,XSRCpresse 0");
	assert_string_equal(terms_of(fixture, built, "L"), "Lfr 0");
	hash = hash_of(STR("/f/a.txt"));
	hash_to_hex(&hash, hex);
	(void)snprintf(expected, sizeof(expected), "XF%s 0", hex);
	assert_string_equal(terms_of(fixture, built, "XF"), expected);
	assert_memory_equal(value_of(fixture, built, SCHEMA_VALUE_DATE, &len), "20161207", 8);
	assert_int_equal(len, 8);
	hash = hash_of(document.text);
	assert_memory_equal(value_of(fixture, built, SCHEMA_VALUE_COLLAPSE, &len), hash.bytes, 16);
	assert_int_equal(len, 16);
	hash = hash_of(document.id);
	assert_memory_equal(value_of(fixture, built, SCHEMA_VALUE_TIE, &len), hash.bytes, 8);
	assert_int_equal(len, 8);
	(void)value_of(fixture, built, SCHEMA_VALUE_CONTENT, &len);
	assert_int_equal(len, 16);
	assert_memory_equal(value_of(fixture, built, SCHEMA_VALUE_WORDS, &len), "1", 1);
	assert_memory_equal(value_of(fixture, built, SCHEMA_VALUE_ID, &len), document.id.p, document.id.len);
	assert_int_equal(len, document.id.len);
	xc_document_free(built);
}

/* What is not in French is posted as it is written, and only so. */
static void
test_other_languages_are_not_stemmed(void **state)
{
	struct fixture *fixture = *state;
	struct store_document document = doc("a", "Rebels", "The rebels’ café");
	struct xc_document *built;

	document.language = STR("en");
	built = build(fixture, &document);
	assert_string_equal(terms_of(fixture, built, "Z"), "Z=cafe 1,Z=rebels 2,Z=the 1,ZS=rebels 1");
	assert_string_equal(terms_of(fixture, built, "rebels"), "rebels 2");
	assert_string_equal(terms_of(fixture, built, "L"), "Len 0");
	xc_document_free(built);
	document.language = STR("");
	built = build(fixture, &document);
	assert_string_equal(terms_of(fixture, built, "Z="), "");
	assert_string_equal(terms_of(fixture, built, "L"), "");
	xc_document_free(built);
}

static void
test_no_filters_without_fields(void **state)
{
	static const char *const hostless[] = { "", "exemple.example/a", "mailto:a@b", "http://", "http:///a", "://" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(hostless) / sizeof(hostless[0]); i++) {
		struct store_document document = doc("a", "", "Alep");
		struct xc_document *built;
		size_t len;

		document.url = str_of(hostless[i]);
		built = build(fixture, &document);
		assert_string_equal(terms_of(fixture, built, "H"), "");
		assert_string_equal(terms_of(fixture, built, "D"), "");
		assert_string_equal(terms_of(fixture, built, "XSRC"), "");
		(void)value_of(fixture, built, SCHEMA_VALUE_DATE, &len);
		assert_int_equal(len, 0);
		xc_document_free(built);
	}
}

/* What is too long for a term is left out of it; the rest of the document is not harmed. */
static void
test_long_sources_and_hosts(void **state)
{
	struct fixture *fixture = *state;
	char host[400] = "http://";
	char source[1600];
	struct store_document document = doc("a", "", "Alep");
	struct xc_document *built;
	size_t used = 0;

	memset(host + 7, 'h', 300);
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(source + used, sizeof(source) - used, "mot%c%c ", 'a' + i % 10, 'a' + i / 10);
	document.url = str_of(host);
	document.source = str_of(source);
	built = build(fixture, &document);
	assert_string_equal(terms_of(fixture, built, "H"), "");
	assert_string_equal(terms_of(fixture, built, "XSRCmotjj"), "XSRCmotjj 0");
	assert_string_equal(terms_of(fixture, built, "XSRCmotaa "), "");
	xc_document_free(built);
	host[7 + 199] = '\0';
	document.url = str_of(host);
	built = build(fixture, &document);
	assert_int_equal(strlen(terms_of(fixture, built, "H")), 200 + 2);
	xc_document_free(built);
}

/* Positions in the written database, "1 3 1007" or "". */
static const char *
positions_of(struct fixture *fixture, struct store_reader *reader, const char *term)
{
	static char out[256];
	struct xc_poslist list = { NULL, 0, 0 };
	size_t used = 0;

	check_ok(fixture, xc_positions_read(store_reader_database(reader), 1, str_of(term), &list, &fixture->error));
	out[0] = '\0';
	for (size_t i = 0; i < list.n; i++)
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%u", i > 0 ? " " : "", list.pos[i]);
	xc_poslist_done(&list);
	return out;
}

static xc_termcount
frequency(struct fixture *fixture, struct store_reader *reader, const char *term)
{
	xc_termcount freq = 0;

	check_ok(fixture, xc_database_collfreq(store_reader_database(reader), str_of(term), &freq, &fixture->error));
	return freq;
}

/*
 *	title	Alep : trêve à Alep		1 Alep 2 trêve 3 à 4 Alep
 *	text	D'Alep, les trêves.		1005 Alep 1006 les 1007 trêves
 */
static void
test_words_in_the_database(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);
	struct store_reader *reader;

	begin(fixture, writer, "/f/a.txt");
	(void)put(fixture, writer, "a", "Alep : trêve à Alep", "D'Alep, les trêves.");
	end(fixture, writer);
	finish(fixture, writer);
	reader = open_reader(fixture);
	assert_string_equal(positions_of(fixture, reader, "Zalep"), "1 4 1005");
	assert_string_equal(positions_of(fixture, reader, "ZSalep"), "1 4");
	assert_string_equal(positions_of(fixture, reader, "Ztrêv"), "2 1007");
	assert_string_equal(positions_of(fixture, reader, "ZStrêv"), "2");
	assert_string_equal(positions_of(fixture, reader, "Zle"), "1006");
	assert_string_equal(positions_of(fixture, reader, "alep"), "");
	assert_int_equal(frequency(fixture, reader, "alep"), 3);
	assert_int_equal(frequency(fixture, reader, "treve"), 1);
	assert_int_equal(frequency(fixture, reader, "treves"), 1);
	assert_int_equal(frequency(fixture, reader, "trêve"), 0);
	assert_int_equal(frequency(fixture, reader, "d"), 0);
	assert_int_equal(frequency(fixture, reader, "Zalep"), 3);
	assert_int_equal(frequency(fixture, reader, "ZSalep"), 2);
	store_reader_close(reader);
}

/* Without a title the body begins at the same distance. */
static void
test_body_without_title(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, 1);
	reader = open_reader(fixture);
	assert_string_equal(positions_of(fixture, reader, "Zcommun"), "1002");
	store_reader_close(reader);
}

/* ---- From document to document --------------------------------------------------------------- */

/* Texts of words that are in no other, as many as make a builder forget what it knows. */
enum { NEW_WORDS = 40000, NEW_TEXTS = 16 };

static struct str
new_words(struct buf *out, unsigned number)
{
	buf_reset(out);
	for (unsigned i = 0; i < NEW_WORDS; i++)
		(void)buf_printf(out, "mot%ux%u ", number, i);
	return buf_str(out);
}

static struct glass_document
collect(struct fixture *fixture, struct postings_builder *builder, struct str title, struct str text)
{
	struct store_document document = { .id = STR("a"), .title = title, .text = text };
	struct hash file = hash_of(STR("/f/a.txt"));
	struct glass_document sealed;
	uint32_t words;

	check_ok(fixture, postings_collect(builder, &document, &file, NULL, &sealed, &words, &fixture->error));
	return sealed;
}

static void
assert_same_terms(const struct glass_document *one, const struct glass_document *other)
{
	assert_int_equal(one->n_terms, other->n_terms);
	for (size_t i = 0; i < one->n_terms; i++) {
		const struct glass_term *a = &one->terms[i], *b = &other->terms[i];

		assert_true(str_eq(a->term, b->term));
		assert_int_equal(a->wdf, b->wdf);
		assert_int_equal(a->for_tee, b->for_tee);
		assert_int_equal(a->n_positions, b->n_positions);
		if (a->n_positions > 0)
			assert_memory_equal(a->positions, b->positions, a->n_positions * sizeof(*a->positions));
	}
}

/* A document is the same whatever came before it, also when what was known of its words was forgotten in between. */
static void
test_documents_before_change_nothing(void **state)
{
	const struct str title = STR("Week-end à Alep : weekend, COTE et Côte");
	const struct str text = STR("Les week-ends d'Alep, mot3x7, les armées, l'armée, ARMEE.\nAlep, weekend.");
	struct fixture *fixture = *state;
	struct postings_builder *used = NULL;
	struct buf many;
	uint32_t before = 0;
	unsigned n_changes = 0;

	buf_init(&many, 1 << 20);
	check_ok(fixture, postings_builder_new(true, &used, &fixture->error));
	for (unsigned i = 0; i < NEW_TEXTS; i++) {
		struct postings_builder *fresh = NULL;
		struct glass_document of_used, of_fresh;

		(void)collect(fixture, used, STR(""), new_words(&many, i));
		check_ok(fixture, postings_builder_new(true, &fresh, &fixture->error));
		of_used = collect(fixture, used, title, text);
		of_fresh = collect(fixture, fresh, title, text);
		assert_same_terms(&of_used, &of_fresh);
		n_changes += of_used.naming != before;
		before = of_used.naming;
		postings_builder_free(fresh);
	}
	assert_true(n_changes > 1);
	postings_builder_free(used);
	buf_done(&many);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_signature),
		WITH_FIXTURE(test_filters_and_values),
		WITH_FIXTURE(test_other_languages_are_not_stemmed),
		WITH_FIXTURE(test_no_filters_without_fields),
		WITH_FIXTURE(test_long_sources_and_hosts),
		WITH_FIXTURE(test_words_in_the_database),
		WITH_FIXTURE(test_body_without_title),
		WITH_FIXTURE(test_documents_before_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
