/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries: what each operator matches, what is refused, and a brute-force oracle for NEAR and PHRASE over ORs. */
#include <math.h>
#include <stdio.h>

#include "tests/xapian-c/scratch.h"

static const char *const letters[] = { "a b c", "a x b", "b a", "c", "a a", "abc", "abd", NULL };

static struct xc_query *
nothing(void)
{
	struct xc_query *query = NULL;

	assert_ok(xc_query_match_nothing(&query, &err));
	return query;
}

static struct xc_query *
everything(void)
{
	struct xc_query *query = NULL;

	assert_ok(xc_query_match_all(&query, &err));
	return query;
}

static void
test_operators(void **state)
{
	static const struct {
		enum xc_op op;
		xc_termcount parameter;
		const char *expected;
	} table[] = {
		{ XC_OP_AND, 0, "1 2 3" },
		{ XC_OP_OR, 0, "1 2 3 5" },
		{ XC_OP_AND_NOT, 0, "5" },
		{ XC_OP_XOR, 0, "5" },
		{ XC_OP_AND_MAYBE, 0, "1 2 3 5" },
		{ XC_OP_FILTER, 0, "1 2 3" },
		{ XC_OP_NEAR, 0, "1 3" },
		{ XC_OP_NEAR, 3, "1 2 3" },
		{ XC_OP_PHRASE, 0, "1" },
		{ XC_OP_PHRASE, 3, "1 2" },
		{ XC_OP_ELITE_SET, 10, "1 2 3 5" },
		{ XC_OP_ELITE_SET, 0, "1 2 3 5" },
		{ XC_OP_SYNONYM, 0, "1 2 3 5" },
		{ XC_OP_MAX, 0, "1 2 3 5" },
	};
	struct xc_database *db;

	(void)state;
	scratch_database("db", letters);
	db = scratch_open("db");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_matches(db, combine(table[i].op, table[i].parameter, term("a"), term("b")), table[i].expected);
	assert_matches(db, everything(), "1 2 3 4 5 6 7");
	assert_matches(db, nothing(), "");
	xc_database_close(db);
}

static void
test_values_and_weight(void **state)
{
	struct xc_query *query = NULL, *letter = term("c");
	struct xc_database *db;

	(void)state;
	scratch_database("db", letters);
	db = scratch_open("db");
	assert_ok(xc_query_value_range(0, STR("abc"), STR("b a"), &query, &err));
	assert_matches(db, query, "3 6 7");
	assert_ok(xc_query_value_range(0, STR("z"), STR("a"), &query, &err));
	assert_matches(db, query, "");
	assert_ok(xc_query_value_ge(0, STR("b"), &query, &err));
	assert_matches(db, query, "3 4");
	assert_ok(xc_query_value_le(0, STR("a b"), &query, &err));
	assert_matches(db, query, "5");
	assert_ok(xc_query_scale_weight(letter, 2.5, &query, &err));
	assert_matches(db, query, "1 4");
	assert_ok(xc_query_scale_weight(letter, 0, &query, &err));
	assert_matches(db, query, "1 4");
	query = NULL;
	assert_fails(STATUS_INVALID, xc_query_scale_weight(letter, -1, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_scale_weight(letter, (double)NAN, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_scale_weight(letter, (double)INFINITY, &query, &err));
	assert_null(query);
	xc_query_free(letter);
	xc_database_close(db);
}

static void
test_wildcard(void **state)
{
	struct xc_query *query = NULL;
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	struct xc_database *db;

	(void)state;
	scratch_database("db", letters);
	db = scratch_open("db");
	assert_ok(xc_query_wildcard(STR("ab"), 0, XC_WILDCARD_ERROR, XC_OP_SYNONYM, &query, &err));
	assert_matches(db, query, "6 7");
	assert_ok(xc_query_wildcard(STR("a"), 1, XC_WILDCARD_FIRST, XC_OP_OR, &query, &err));
	assert_matches(db, query, "1 2 3 5");
	assert_ok(xc_query_wildcard(STR("a"), 2, XC_WILDCARD_MOST_FREQUENT, XC_OP_MAX, &query, &err));
	assert_matches(db, query, "1 2 3 5 6");
	assert_ok(xc_query_wildcard(STR("a"), 2, XC_WILDCARD_ERROR, XC_OP_SYNONYM, &query, &err));
	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	assert_fails(STATUS_LIMIT, xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	assert_null(mset);
	xc_enquire_free(enquire);
	xc_query_free(query);
	xc_database_close(db);
}

/* Asked for 0, a wildcard takes XC_WILDCARD_EXPANSION terms and no more. */
static void
test_wildcard_is_limited_by_default(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_query *query = NULL;
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	char name[16];

	(void)state;
	for (int i = 0; i <= XC_WILDCARD_EXPANSION; i++) {
		(void)snprintf(name, sizeof(name), "w%d", i);
		(void)scratch_add(writable, name);
	}
	assert_ok(xc_query_wildcard(STR("w"), 0, XC_WILDCARD_ERROR, XC_OP_SYNONYM, &query, &err));
	assert_ok(xc_enquire_new(xc_writable_database(writable), &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	assert_fails(STATUS_LIMIT, xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	xc_enquire_free(enquire);
	xc_query_free(query);
	xc_writable_close(writable);
}

static void
test_wildcard_refusals(void **state)
{
	struct xc_query *query = NULL;

	(void)state;
	assert_fails(STATUS_INVALID, xc_query_wildcard(STR(""), 0, XC_WILDCARD_FIRST, XC_OP_SYNONYM, &query, &err));
	assert_fails(STATUS_LIMIT,
	    xc_query_wildcard(STR("a"), XC_WILDCARD_EXPANSION_MAX + 1, XC_WILDCARD_FIRST, XC_OP_OR, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_wildcard(STR("a"), 0, (enum xc_wildcard)3, XC_OP_OR, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_wildcard(STR("a"), 0, XC_WILDCARD_FIRST, XC_OP_AND, &query, &err));
	assert_null(query);
}

/* An operand that NEAR and PHRASE must refuse, each made anew. */
static struct xc_query *
unfit(int kind)
{
	struct xc_query *query = NULL, *inner;

	switch (kind) {
	case 0: return combine(XC_OP_PHRASE, 0, term("a"), term("b"));
	case 1: return combine(XC_OP_OR, 0, term("a"), combine(XC_OP_PHRASE, 0, term("a"), term("b")));
	case 2: return combine(XC_OP_NEAR, 4, term("a"), term("b"));
	case 3: return combine(XC_OP_AND, 0, term("a"), term("b"));
	case 4: return combine(XC_OP_SYNONYM, 0, term("a"), term("b"));
	case 5: return everything();
	case 6: return combine(XC_OP_OR, 0, term("a"), combine(XC_OP_OR, 0, term("b"), unfit(0)));
	case 7: assert_ok(xc_query_wildcard(STR("a"), 0, XC_WILDCARD_FIRST, XC_OP_OR, &query, &err)); return query;
	case 8:
		inner = term("a");
		assert_ok(xc_query_scale_weight(inner, 2, &query, &err));
		xc_query_free(inner);
		return query;
	case 9: assert_ok(xc_query_value_ge(0, STR("a"), &query, &err)); return query;
	default: return NULL;
	}
}

static void
test_near_takes_terms_and_ors_alone(void **state)
{
	struct xc_query *fit = combine(XC_OP_OR, 0, term("a"), combine(XC_OP_OR, 0, term("b"), term("c")));
	struct xc_query *query = NULL, *bad;

	(void)state;
	for (int kind = 0; (bad = unfit(kind)) != NULL; kind++) {
		const struct xc_query *operands[] = { fit, bad };

		assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_NEAR, operands, 2, 10, &query, &err));
		assert_non_null(strstr(err.message, "operand 2 of NEAR"));
		assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_PHRASE, operands, 2, 10, &query, &err));
		assert_null(query);
		xc_query_free(bad);
	}
	xc_query_free(combine(XC_OP_NEAR, 10, fit, nothing()));
}

/* Operands of a NEAR may be equal, but not overlap; a PHRASE's may. */
static void
test_near_operands_overlap(void **state)
{
	struct xc_query *ab = combine(XC_OP_OR, 0, term("a"), term("b"));
	struct xc_query *ba = combine(XC_OP_OR, 0, term("b"), term("a"));
	struct xc_query *bc = combine(XC_OP_OR, 0, term("b"), term("c"));
	const struct xc_query *equal[] = { ab, ba }, *overlap[] = { ab, ba, bc };
	struct xc_query *query = NULL;

	(void)state;
	assert_ok(xc_query_combine(XC_OP_NEAR, equal, 2, 5, &query, &err));
	xc_query_free(query);
	assert_ok(xc_query_combine(XC_OP_PHRASE, overlap, 3, 5, &query, &err));
	xc_query_free(query);
	query = NULL;
	assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_NEAR, overlap, 3, 5, &query, &err));
	assert_non_null(strstr(err.message, "operands 1 and 3 of NEAR"));
	/* The same NEAR, as Xapian writes it. */
	assert_fails(STATUS_INVALID, xc_query_unserialise(STR("\xF2\x02\x8AQaQbQb"), &query, &err));
	assert_non_null(strstr(err.message, "operands 1 and 2 of NEAR"));
	assert_null(query);
	xc_query_free(ab);
	xc_query_free(ba);
	xc_query_free(bc);
}

static void
test_combine_refusals(void **state)
{
	struct xc_query *a = term("a"), *query = NULL;
	const struct xc_query *operands[] = { a, a, a };

	(void)state;
	assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_NEAR, operands, 3, 2, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_PHRASE, operands, 3, 1, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_AND, operands, 3, 1, &query, &err));
	for (unsigned op = 0; op < 200; op++)
		if (op == 8 || op == 9 || op == 11 || op == 12 || op > 14)
			assert_fails(STATUS_INVALID, xc_query_combine((enum xc_op)op, operands, 3, 0, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_term(STR(""), 1, 0, &query, &err));
	assert_null(query);
	assert_ok(xc_query_combine(XC_OP_NEAR, NULL, 0, 0, &query, &err));
	assert_int_equal(xc_query_depth(query), 0);
	xc_query_free(query);
	xc_query_free(a);
	xc_query_free(NULL);
}

static void
test_depth(void **state)
{
	struct xc_query *query = term("a"), *deeper = NULL, *other = term("b");
	const struct xc_query *operands[] = { NULL, other };

	(void)state;
	for (unsigned depth = 1; depth < XC_QUERY_DEPTH; depth++) {
		assert_int_equal(xc_query_depth(query), depth);
		query = combine(depth % 2 == 0 ? XC_OP_AND : XC_OP_OR, 0, query, term("b"));
	}
	operands[0] = query;
	assert_fails(STATUS_LIMIT, xc_query_combine(XC_OP_AND, operands, 2, 0, &deeper, &err));
	assert_fails(STATUS_LIMIT, xc_query_scale_weight(query, 2, &deeper, &err));
	assert_null(deeper);
	assert_ok(xc_query_combine(XC_OP_AND, operands, 1, 0, &deeper, &err));
	assert_int_equal(xc_query_depth(deeper), XC_QUERY_DEPTH);
	xc_query_free(deeper);
	xc_query_free(other);
	xc_query_free(query);
}

static void
test_description_and_copy(void **state)
{
	struct xc_query *query = combine(XC_OP_AND, 0, term("alep"), combine(XC_OP_NEAR, 12, term("a"), term("b")));
	struct xc_query *copy = NULL;
	struct str text;

	(void)state;
	assert_ok(xc_query_copy(query, &copy, &err));
	assert_int_equal(xc_query_depth(copy), xc_query_depth(query));
	xc_query_free(query);
	assert_ok(xc_query_description(copy, &text, &err));
	assert_str(text, "Query((alep AND (a NEAR 12 b)))");
	xc_query_free(copy);
	copy = nothing();
	assert_ok(xc_query_description(copy, &text, &err));
	assert_str(text, "Query()");
	xc_query_free(copy);
}

static void
assert_round_trip(struct xc_query *owned)
{
	struct xc_query *back = NULL;
	struct str bytes, text, text_back;

	assert_ok(xc_query_serialise(owned, &bytes, &err));
	assert_ok(xc_query_unserialise(bytes, &back, &err));
	assert_int_equal(xc_query_depth(back), xc_query_depth(owned));
	assert_ok(xc_query_description(owned, &text, &err));
	assert_ok(xc_query_description(back, &text_back, &err));
	assert_true(str_eq(text, text_back));
	xc_query_free(back);
	xc_query_free(owned);
}

static void
test_serialise(void **state)
{
	struct xc_query *query = NULL, *back = NULL;
	struct str bytes;

	(void)state;
	assert_round_trip(term("a"));
	assert_round_trip(nothing());
	assert_round_trip(everything());
	assert_round_trip(combine(XC_OP_AND, 0, term("x"), combine(XC_OP_PHRASE, 5, term("a"), term("b"))));
	assert_round_trip(unfit(7));
	assert_round_trip(unfit(8));
	assert_round_trip(unfit(9));
	assert_ok(xc_query_serialise(query = term("abc"), &bytes, &err));
	for (size_t len = 1; len < bytes.len; len++)
		assert_fails(STATUS_INVALID, xc_query_unserialise((struct str) { bytes.p, len }, &back, &err));
	assert_null(back);
	xc_query_free(query);
	assert_ok(xc_query_deadline(0, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_serialise(query, &bytes, &err));
	xc_query_free(query);
}

/* Bytes made to break the reader: too long, too deep, NEAR over a PHRASE, nonsense, each single byte. */
static void
test_unserialise_refusals(void **state)
{
	static char deep[XC_SERIALISED_BYTES + 1];
	struct str bytes = { deep, sizeof(deep) };
	struct xc_query *query = NULL;

	(void)state;
	memset(deep, 0x81, sizeof(deep)); /* AND of one operand, nested */
	assert_fails(STATUS_LIMIT, xc_query_unserialise(bytes, &query, &err));
	bytes.len--;
	memcpy(deep + bytes.len - 2, "Qa", 2); /* the term "a" */
	assert_fails(STATUS_LIMIT, xc_query_unserialise(bytes, &query, &err));
	assert_fails(STATUS_INVALID, xc_query_unserialise(STR("\xF2\x02Qa\xFA\x02QbQc"), &query, &err));
	assert_non_null(strstr(err.message, "operand 2 of NEAR"));
	assert_fails(STATUS_INVALID, xc_query_unserialise(STR("\x01\x02garbage"), &query, &err));
	assert_null(query);
	for (unsigned c = 0; c < 256; c++) {
		deep[0] = (char)c;
		bytes.len = 1;
		if (xc_query_unserialise(bytes, &query, &err) == STATUS_OK)
			xc_query_free(query);
	}
}

/* A small generator with a seed of its own, so that a failure can be repeated. */
static unsigned
pick(unsigned n)
{
	static unsigned long seed = 20161207;

	seed = seed * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(seed >> 33) % n;
}

/* An OR of some of a, b, c, d as a bit mask, nested at random. */
static struct xc_query *
or_of(unsigned mask)
{
	struct xc_query *query = NULL;
	char name[2] = "a";

	for (unsigned bit = 0; bit < 4; bit++) {
		if ((mask >> bit & 1) == 0)
			continue;
		name[0] = (char)('a' + bit);
		if (query == NULL)
			query = term(name);
		else if (pick(2) == 0)
			query = combine(XC_OP_OR, 0, query, term(name));
		else
			query = combine(XC_OP_OR, 0, term(name), query);
	}
	return query;
}

/* Whether `text`, of one letter a position, has the masks at distinct positions within the window. */
static bool
oracle(const char *text, const unsigned mask[3], unsigned n, unsigned window, bool ordered)
{
	int len = (int)strlen(text), at[3];

	for (at[0] = 0; at[0] < len; at[0]++)
		for (at[1] = 0; at[1] < len; at[1]++)
			for (at[2] = 0; at[2] < (n == 3 ? len : 1); at[2]++) {
				int low = at[0], high = at[0];
				bool fits = true;

				for (unsigned i = 0; i < n; i++) {
					fits = fits && (mask[i] >> (text[at[i]] - 'a') & 1) != 0;
					for (unsigned j = 0; j < i; j++)
						fits = fits && (ordered ? at[j] < at[i] : at[j] != at[i]);
					low = at[i] < low ? at[i] : low;
					high = at[i] > high ? at[i] : high;
				}
				if (fits && high - low < (int)window)
					return true;
			}
	return false;
}

/* Whether two of the masks share a letter without being equal. */
static bool
overlapping(const unsigned mask[3], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < i; j++)
			if ((mask[i] & mask[j]) != 0 && mask[i] != mask[j])
				return true;
	return false;
}

static void
check_against_oracle(struct xc_database *db, char texts[][13], size_t n_texts)
{
	unsigned n = 2 + pick(2);
	unsigned mask[3] = { 1 + pick(15), 1 + pick(15), 1 + pick(15) };
	unsigned window = n + pick(5);
	bool ordered = pick(2) == 0;
	struct xc_query *parts[3] = { or_of(mask[0]), or_of(mask[1]), or_of(mask[2]) };
	const struct xc_query *operands[3] = { parts[0], parts[1], parts[2] };
	struct xc_query *query = NULL;
	xc_docid ids[64];
	size_t found = 0, next = 0;

	if (ordered || !overlapping(mask, n)) {
		assert_ok(xc_query_combine(ordered ? XC_OP_PHRASE : XC_OP_NEAR, operands, n, window, &query, &err));
		found = scratch_match(db, query, ids);
	} else {
		assert_fails(STATUS_INVALID, xc_query_combine(XC_OP_NEAR, operands, n, window, &query, &err));
		n_texts = 0;
	}
	for (size_t i = 0; i < n_texts; i++) {
		bool matched = next < found && ids[next] == i + 1;

		next += matched;
		if (matched != oracle(texts[i], mask, n, window, ordered))
			fail_msg("\"%s\": masks %u %u %u of %u, window %u, %s: Xapian says %d", texts[i], mask[0],
			    mask[1], mask[2], n, window, ordered ? "PHRASE" : "NEAR", matched);
	}
	for (int i = 0; i < 3; i++)
		xc_query_free(parts[i]);
	xc_query_free(query);
}

/* Everything that combine() accepts in NEAR and PHRASE is answered as counting by hand does. */
static void
test_near_over_ors_agrees_with_oracle(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	char texts[60][13] = { "" };
	char spaced[25];

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		size_t len = 2 + pick(11);

		for (size_t j = 0; j < len; j++) {
			texts[i][j] = (char)('a' + pick(4));
			spaced[2 * j] = texts[i][j];
			spaced[2 * j + 1] = j + 1 < len ? ' ' : '\0';
		}
		(void)scratch_add(writable, spaced);
	}
	assert_ok(xc_writable_commit(writable, &err));
	for (int round = 0; round < 1000; round++)
		check_against_oracle(xc_writable_database(writable), texts, 60);
	xc_writable_close(writable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_operators, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_values_and_weight, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_wildcard, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_wildcard_is_limited_by_default, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_wildcard_refusals),
		cmocka_unit_test(test_near_takes_terms_and_ors_alone),
		cmocka_unit_test(test_near_operands_overlap),
		cmocka_unit_test(test_combine_refusals),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_description_and_copy),
		cmocka_unit_test(test_serialise),
		cmocka_unit_test(test_unserialise_refusals),
		cmocka_unit_test_setup_teardown(test_near_over_ors_agrees_with_oracle, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
