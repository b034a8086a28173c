/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include <string.h>

#include "tests/base/cmocka_first.h"

enum { BAD = -1 };

/* Bytes, and what decoding gives: code points, BAD for an ill-formed subpart; with the length of each. */
static const struct {
	struct str bytes;
	const char *why;
	struct {
		int32_t c;
		size_t len;
	} expected[6];
} decodings[] = {
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
	/* The edges of each row of table 3-7. */
	{ BYTES("\x00"), "NUL is a character", { { 0, 1 } } },
	{ BYTES("\x7F"), "last of one byte", { { 0x7F, 1 } } },
	{ BYTES("\xC2\x80"), "first of two", { { 0x80, 2 } } },
	{ BYTES("\xDF\xBF"), "last of two", { { 0x7FF, 2 } } },
	{ BYTES("\xE0\xA0\x80"), "first of three", { { 0x800, 3 } } },
	{ BYTES("\xED\x9F\xBF"), "last below the surrogates", { { 0xD7FF, 3 } } },
	{ BYTES("\xEE\x80\x80"), "first above the surrogates", { { 0xE000, 3 } } },
	{ BYTES("\xEF\xBF\xBF"), "last of three, a noncharacter", { { 0xFFFF, 3 } } },
	{ BYTES("\xF0\x90\x80\x80"), "first of four", { { 0x10000, 4 } } },
	{ BYTES("\xF4\x8F\xBF\xBF"), "last of all", { { 0x10FFFF, 4 } } },
	{ BYTES("\xEF\xBF\xBD"), "U+FFFD itself is well formed", { { 0xFFFD, 3 } } },
	/* Ill-formed: one row a class. */
	{ BYTES("\x80"), "lone continuation", { { BAD, 1 } } },
	{ BYTES("\xBF\xBF"), "two of them", { { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xC0\x80"), "overlong of two", { { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xC1\xBF"), "overlong of two", { { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xE0\x9F\xBF"), "overlong of three", { { BAD, 1 }, { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xF0\x8F\xBF\xBF"), "overlong of four", { { BAD, 1 }, { BAD, 1 }, { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xED\xA0\x80"), "first surrogate", { { BAD, 1 }, { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xED\xBF\xBF"), "last surrogate", { { BAD, 1 }, { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xF4\x90\x80\x80"), "past U+10FFFF", { { BAD, 1 }, { BAD, 1 }, { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xF5\x80"), "F5", { { BAD, 1 }, { BAD, 1 } } },
	{ BYTES("\xFE"), "FE", { { BAD, 1 } } },
	{ BYTES("\xFF"), "FF", { { BAD, 1 } } },
	/* Cut short: the maximal subpart is one. */
	{ BYTES("\xC3"), "two, cut after one", { { BAD, 1 } } },
	{ BYTES("\xE2\x82"), "three, cut after two", { { BAD, 2 } } },
	{ BYTES("\xF0\x9F\x98"), "four, cut after three", { { BAD, 3 } } },
	{ BYTES("\xF0\x9F"), "four, cut after two", { { BAD, 2 } } },
	{ BYTES("\xE2\x82z"), "cut by a letter", { { BAD, 2 }, { 'z', 1 } } },
	{ BYTES("\xC3\xC3\xA9"), "cut by a good one", { { BAD, 1 }, { 0xE9, 2 } } },
	{ BYTES("\xF1\x80\x80\xE1\x80\xC2"), "the standard's table 3-11", { { BAD, 3 }, { BAD, 2 }, { BAD, 1 } } },
	{ BYTES("a\x80z"), "between letters", { { 'a', 1 }, { BAD, 1 }, { 'z', 1 } } },
#undef BYTES
};

enum { ROWS = sizeof(decodings) / sizeof(decodings[0]) };

static void
test_decoding(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROWS; row++) {
		struct str s = decodings[row].bytes;
		size_t off = 0;

		for (size_t i = 0; off < s.len; i++) {
			size_t start = off;
			bool valid;
			uint32_t c = utf8_next(s, &off, &valid);
			int32_t expected = decodings[row].expected[i].c;

			if (valid != (expected != BAD) || off - start != decodings[row].expected[i].len)
				fail_msg("%s: character %zu is %s of %zu bytes", decodings[row].why, i,
				    valid ? "valid" : "ill-formed", off - start);
			assert_int_equal(c, expected == BAD ? UTF8_REPLACEMENT : (uint32_t)expected);
		}
		assert_int_equal(off, s.len);
	}
}

/* What stands behind the end is not looked at, though it would make the character whole. */
static void
test_the_end_is_the_end(void **state)
{
	static const char *const whole[] = { "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t len = 1; len < strlen(whole[i]); len++) {
			size_t off = 0;
			bool valid = true;

			assert_int_equal(utf8_next((struct str) { whole[i], len }, &off, &valid), UTF8_REPLACEMENT);
			assert_false(valid);
			assert_int_equal(off, len);
		}
	}
}

static void
test_valid_prefix(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROWS; row++) {
		struct str s = decodings[row].bytes;
		size_t expected = 0;

		for (size_t i = 0; expected < s.len && decodings[row].expected[i].c != BAD; i++)
			expected += decodings[row].expected[i].len;
		assert_int_equal(utf8_valid_prefix(s), expected);
	}
	assert_int_equal(utf8_valid_prefix((struct str) { NULL, 0 }), 0);
	assert_int_equal(utf8_valid_prefix(STR("cessez‑le‑feu")), sizeof("cessez‑le‑feu") - 1);
}

/* Every scalar value goes out and comes back; no other number goes out. */
static void
test_every_scalar_value(void **state)
{
	char bytes[4];

	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		size_t len = utf8_encode(c, bytes);
		size_t off = 0;
		bool valid;

		if (c >= 0xD800 && c <= 0xDFFF) {
			assert_int_equal(len, 0);
			continue;
		}
		if (utf8_next((struct str) { bytes, len }, &off, &valid) != c || !valid || off != len)
			fail_msg("U+%04X does not come back", (unsigned)c);
	}
	assert_int_equal(utf8_encode(0x110000, bytes), 0);
	assert_int_equal(utf8_encode(UINT32_MAX, bytes), 0);
}

/* All sequences of two bytes, and of three that begin as three: no read past the end, always forward. */
static void
test_every_short_sequence_moves_forward(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 0x1000000; n = n < 0x10000 ? n + 1 : n + 7) {
		const char bytes[3] = { (char)(n & 0xFF), (char)(n >> 8 & 0xFF), (char)(n >> 16) };
		struct str s = { bytes, n < 0x10000 ? 2 : 3 };
		size_t off = 0, steps = 0;

		while (off < s.len && steps <= s.len) {
			(void)utf8_next(s, &off, NULL);
			steps++;
		}
		if (off != s.len || steps > s.len)
			fail_msg(
			    "bytes %02X %02X %02X: %zu steps to %zu", n & 0xFF, n >> 8 & 0xFF, n >> 16, steps, off);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decoding),
		cmocka_unit_test(test_the_end_is_the_end),
		cmocka_unit_test(test_valid_prefix),
		cmocka_unit_test(test_every_scalar_value),
		cmocka_unit_test(test_every_short_sequence_moves_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
