/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of every byte at every place, beside every other kind of byte, eight at a time say what one at a time does. */
#include "base/ascii.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "tests/base/cmocka_first.h"

enum { PLACES = sizeof(uint64_t) };

static bool
is_ascii(unsigned char byte)
{
	return byte < 0x80;
}

static bool
is_letter(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool
is_plain(unsigned char byte)
{
	return byte != '"' && byte != '\\' && byte >= 0x20;
}

static const struct {
	unsigned (*of_eight)(uint64_t bytes);
	bool (*of_one)(unsigned char byte);
} counts[] = { { ascii_count, is_ascii }, { ascii_letters, is_letter }, { ascii_plain, is_plain } };

static void
check(const unsigned char bytes[PLACES])
{
	uint64_t eight = str_load((struct str) { (const char *)bytes, PLACES });

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		unsigned expected = 0;

		while (expected < PLACES && counts[c].of_one(bytes[expected]))
			expected++;
		assert_int_equal(counts[c].of_eight(eight), expected);
	}
}

static void
test_every_byte_at_every_place(void **state)
{
	static const unsigned char beside[] = { 'a', 'Z', '[', '{', '"', '\\', 0x1F, ' ', 0x00, 0x7F, 0x80, 0xC3,
		0xFF };
	unsigned char bytes[PLACES];

	(void)state;
	for (size_t i = 0; i < sizeof(beside) * sizeof(beside); i++)
		for (unsigned place = 0; place < PLACES; place++)
			for (unsigned byte = 0; byte < 256; byte++) {
				memset(bytes, beside[i % sizeof(beside)], place);
				memset(bytes + place, beside[i / sizeof(beside)], PLACES - place);
				bytes[place] = (unsigned char)byte;
				check(bytes);
			}
}

static void
test_small_letters(void **state)
{
	(void)state;
	assert_true(ASCII_SMALL(str_load(STR("CeSsEzLe"))) == str_load(STR("cessezle")));
}

/* What is not UTF-8 is found wherever it stands among what is. */
static void
test_valid_prefix(void **state)
{
	static const char *const broken[] = { "\x80", "\xC3", "\xC0\x80", "\xC3(", "\xE2\x80", "\xED\xA0\x80",
		"\xF0\x9F\x98", "\xF5\x80\x80\x80", "\xFF" };
	char text[64];

	(void)state;
	for (size_t before = 0; before < 24; before++)
		for (size_t b = 0; b < sizeof(broken) / sizeof(broken[0]); b++)
			for (size_t behind = 0; behind < 12; behind++) {
				size_t len = strlen(broken[b]);

				memset(text, 'x', sizeof(text));
				if (before >= 5)
					memcpy(text + before - 5, "\xC3\xA9\xE2\x82\xAC", 5);
				memcpy(text + before, broken[b], len);
				assert_int_equal(
				    utf8_valid_prefix((struct str) { text, before + len + behind }), before);
				assert_int_equal(utf8_valid_prefix((struct str) { text, before }), before);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_byte_at_every_place),
		cmocka_unit_test(test_small_letters), cmocka_unit_test(test_valid_prefix) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
