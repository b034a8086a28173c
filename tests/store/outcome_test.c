/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of documents comes out of bytes as it went in, one behind the other and into the same memory: the database's terms alone. */
#include "store/outcome.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/schema.h"
#include "tests/base/cmocka_first.h"

enum { TERMS_MOST = 300, VALUES_MOST = 70, POSITIONS_MOST = 9 };

static struct error error;

/* A document of so many terms and values.  Every third term is the tee's; of the others, every second is one that may have positions. */
struct made {
	struct glass_document document;
	struct glass_term terms[TERMS_MOST];
	struct glass_value values[VALUES_MOST];
	char names[TERMS_MOST][24];
	uint32_t positions[POSITIONS_MOST];
};

static void
make(struct made *made, size_t n_terms, size_t n_values)
{
	memset(made, 0, sizeof(*made));
	for (uint32_t i = 0; i < POSITIONS_MOST; i++)
		made->positions[i] = 1000 * i + (uint32_t)n_terms;
	for (size_t i = 0; i < n_terms; i++) {
		/* Of all lengths, and so of all gaps. */
		int len = snprintf(made->names[i], sizeof(made->names[i]), "%s%.*s%zu", i % 2 == 0 ? "Z" : "",
		    (int)(i % 9), "abcdefghi", i);

		made->terms[i] = (struct glass_term) { .term = { made->names[i], (size_t)len },
			.wdf = UINT32_MAX - (uint32_t)i,
			.positions = made->positions + i % 4,
			.n_positions = i % (POSITIONS_MOST - 3),
			.for_tee = i % 3 == 2 };
	}
	for (size_t i = 0; i < n_values; i++)
		made->values[i] = (struct glass_value) { (uint32_t)(3 * i), { made->names[0], i % 6 } };
	made->document = (struct glass_document) {
		.terms = made->terms, .n_terms = n_terms, .values = made->values, .n_values = n_values
	};
}

static void
assert_terms(const struct glass_document *document, const struct made *made)
{
	size_t at = 0;

	for (size_t i = 0; i < made->document.n_terms; i++) {
		const struct glass_term *term = &document->terms[at], *meant = &made->terms[i];

		if (meant->for_tee)
			continue;
		assert_in_range(at++, 0, document->n_terms - 1);
		assert_true(str_eq(term->term, meant->term) && term->wdf == meant->wdf && !term->for_tee);
		assert_int_equal(term->n_positions, schema_has_positions(meant->term) ? meant->n_positions : 0);
		assert_memory_equal(term->positions, meant->positions, term->n_positions * sizeof(*term->positions));
	}
	assert_int_equal(document->n_terms, at);
}

static void
assert_made(const struct outcome *outcome, const struct made *made, uint32_t words)
{
	const struct glass_document *document = &outcome->document;

	assert_int_equal(outcome->refused.code, STATUS_OK);
	assert_int_equal(outcome->words, words);
	assert_terms(document, made);
	assert_int_equal(document->n_values, made->document.n_values);
	for (size_t i = 0; i < document->n_values; i++) {
		assert_int_equal(document->values[i].slot, made->values[i].slot);
		assert_true(str_eq(document->values[i].value, made->values[i].value));
	}
}

/* Sizes that grow, shrink, and are nothing; between them, documents that were refused. */
static const struct {
	size_t n_terms, n_values;
	bool refused;
} cases[] = {
	{ 0, 0, false },
	{ 1, 1, false },
	{ 0, 0, true },
	{ 2, 2, false },
	{ 3, 3, false },
	{ 40, 10, false },
	{ 41, 10, false },
	{ 0, 0, true },
	{ 5, 0, false },
	{ 0, 20, false },
	{ 150, 35, false },
	{ TERMS_MOST, VALUES_MOST, false },
	{ 7, 7, false },
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void
test_outcomes_come_back(void **state)
{
	static struct made made;
	struct outcome outcome = { .words = 0 };
	struct error why;
	struct buf out;
	const char *from;

	(void)state;
	(void)error_set(&why, STATUS_LIMIT, 77, "%s", "the text is too long");
	buf_init(&out, SIZE_MAX / 2);
	for (uint32_t i = 0; i < CASES; i++) {
		make(&made, cases[i].n_terms, cases[i].n_values);
		assert_int_equal(cases[i].refused ? outcome_write_refused(&out, &why, &error)
						  : outcome_write(&out, &made.document, 7 + i, &error),
		    STATUS_OK);
	}
	from = out.data;
	for (uint32_t i = 0; i < CASES; i++) {
		make(&made, cases[i].n_terms, cases[i].n_values);
		assert_int_equal(outcome_read(from, &outcome, &from, &error), STATUS_OK);
		if (!cases[i].refused) {
			assert_made(&outcome, &made, 7 + i);
			continue;
		}
		assert_int_equal(outcome.refused.code, STATUS_LIMIT);
		assert_int_equal(outcome.refused.off, 77);
		assert_string_equal(outcome.refused.message, "the text is too long");
		assert_int_equal(outcome.document.n_terms + outcome.document.n_values, 0);
	}
	assert_ptr_equal(from, out.data + out.len);
	outcome_done(&outcome);
	/* It is as at the beginning: what it held is not freed again, and it can be used again. */
	outcome_done(&outcome);
	assert_int_equal(outcome_read(out.data, &outcome, &from, &error), STATUS_OK);
	outcome_done(&outcome);
	buf_done(&out);
}

/* What does not fit is said. */
static void
test_no_room(void **state)
{
	static struct made made;
	struct error why;
	struct buf out;

	(void)state;
	(void)error_set(&why, STATUS_LIMIT, ERROR_NO_OFFSET, "%s", "the text is too long");
	make(&made, 10, 10);
	buf_init(&out, 64);
	assert_int_equal(outcome_write(&out, &made.document, 1, &error), STATUS_NOMEM);
	buf_done(&out);
	buf_init(&out, 64);
	assert_int_equal(outcome_write_refused(&out, &why, &error), STATUS_NOMEM);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes_come_back),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
