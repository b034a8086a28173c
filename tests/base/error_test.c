/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "tests/base/cmocka_first.h"

enum { MOST = ERROR_MESSAGE_BYTES - 1 };

static void
test_set_fills_all_and_returns_the_code(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(error_set(&error, STATUS_INVALID, 7, "no '%s' at %d", "x", 3), STATUS_INVALID);
	assert_int_equal(error.code, STATUS_INVALID);
	assert_int_equal(error.off, 7);
	assert_string_equal(error.message, "no 'x' at 3");
}

static void
test_nobody_wants_to_know(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, STATUS_LIMIT, 0, "%d", 1), STATUS_LIMIT);
	assert_int_equal(error_errno(NULL, STATUS_IO, EIO, "%d", 1), STATUS_IO);
}

static void
test_errno_text_stands_behind(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(error_errno(&error, STATUS_NOT_FOUND, ENOENT, "cannot open %s", "x"), STATUS_NOT_FOUND);
	assert_true(error.off == ERROR_NO_OFFSET);
	assert_string_equal(error.message, "cannot open x: No such file or directory");
	(void)error_errno(&error, STATUS_IO, 987654, "cannot open %s", "x");
	assert_string_equal(error.message, "cannot open x: unknown error");
}

/* A message of n letters, whole up to 255 and cut there. */
static void
test_length_limit(void **state)
{
	char letters[400];
	struct error error;

	(void)state;
	memset(letters, 'a', sizeof(letters));
	for (int n = MOST - 2; n <= MOST + 3; n++) {
		size_t expected = n < MOST ? (size_t)n : (size_t)MOST;

		(void)error_set(&error, STATUS_INVALID, 0, "%.*s", n, letters);
		assert_int_equal(strlen(error.message), expected);
	}
	(void)error_set(&error, STATUS_INVALID, 0, "%.*s", (int)sizeof(letters), letters);
	assert_int_equal(strlen(error.message), MOST);
}

/* Characters of 2, 3 and 4 bytes laid over the cut at each of their bytes: what is left is whole characters. */
static void
test_cut_at_a_character(void **state)
{
	static const char *const characters[] = { "é", "\xE2\x82\xAC", "\xF0\x9F\x98\x80" };
	struct error error;
	char text[400];

	(void)state;
	for (size_t c = 0; c < 3; c++) {
		size_t width = strlen(characters[c]);

		for (size_t shift = 0; shift <= width; shift++) {
			size_t start = MOST - shift;
			size_t expected = shift == width ? MOST : start;

			memset(text, 'a', start);
			memcpy(text + start, characters[c], width);
			memcpy(text + start + width, "bbb", 4);
			(void)error_set(&error, STATUS_INVALID, 0, "%s", text);
			assert_int_equal(strlen(error.message), expected);
			assert_int_equal(utf8_valid_prefix(str_of(error.message)), expected);
		}
	}
}

/* Bytes of no character at all: nothing is left to show, and nothing before the message is touched. */
static void
test_cut_among_stray_bytes(void **state)
{
	struct error error;
	char text[400];

	(void)state;
	memset(text, 0x80, sizeof(text));
	(void)error_set(&error, STATUS_INVALID, 5, "%.*s", (int)sizeof(text), text);
	assert_string_equal(error.message, "");
	assert_int_equal(error.off, 5);
}

/* The message is cut, never the reason behind it. */
static void
test_errno_text_survives_a_long_message(void **state)
{
	static const char why[] = ": No such file or directory";
	struct error error;
	char path[600];

	(void)state;
	for (size_t letters = 100; letters < 280; letters++) {
		/* Two-byte letters from an even and an odd offset: the cut falls inside one of them. */
		for (size_t shift = 0; shift <= 1; shift++) {
			path[0] = 'x';
			for (size_t i = 0; i < letters; i++)
				memcpy(path + shift + 2 * i, "é", 2);
			path[shift + 2 * letters] = '\0';
			(void)error_errno(&error, STATUS_NOT_FOUND, ENOENT, "%s", path);
			assert_true(strlen(error.message) <= MOST);
			assert_string_equal(error.message + strlen(error.message) - strlen(why), why);
			assert_int_equal(utf8_valid_prefix(str_of(error.message)), strlen(error.message));
			assert_memory_equal(error.message, path, strlen(error.message) - strlen(why));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_fills_all_and_returns_the_code),
		cmocka_unit_test(test_nobody_wants_to_know),
		cmocka_unit_test(test_errno_text_stands_behind),
		cmocka_unit_test(test_length_limit),
		cmocka_unit_test(test_cut_at_a_character),
		cmocka_unit_test(test_cut_among_stray_bytes),
		cmocka_unit_test(test_errno_text_survives_a_long_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
