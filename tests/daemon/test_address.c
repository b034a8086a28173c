/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses as a table: what is read, how it is written back, who can reach it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/address.h"

static void
test_read_and_written_back(void **state)
{
	static const struct {
		const char *text;
		const char *written;
		bool private;
	} cases[] = {
		{ "127.0.0.1:7117", "127.0.0.1:7117", true },
		{ "127.255.1.2:0", "127.255.1.2:0", true },
		{ "[::1]:65535", "[::1]:65535", true },
		{ "[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1", true },
		{ "unix:/run/voisin/socket", "unix:/run/voisin/socket", true },
		{ "unix:relative", "unix:relative", true },
		{ "0.0.0.0:1", "0.0.0.0:1", false },
		{ "[::]:1", "[::]:1", false },
		{ "192.0.2.1:1", "192.0.2.1:1", false },
		{ "126.255.255.255:1", "126.255.255.255:1", false },
		{ "128.0.0.1:1", "128.0.0.1:1", false },
		{ "[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.1]:1", false },
		{ "[fe80::1]:1", "[fe80::1]:1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address address;
		char text[ADDRESS_TEXT_BYTES];

		assert_int_equal(address_parse(cases[i].text, &address, NULL), STATUS_OK);
		address_format(&address, text);
		assert_string_equal(text, cases[i].written);
		assert_int_equal(address_is_private(&address), cases[i].private);
	}
}

static void
test_refused(void **state)
{
	static const char *const cases[] = { "", ":", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
		"127.0.0.1:1x", "127.0.0.1: 1", "127.0.0.1:-1", "::1:1", "[]:1", "[::1:1", "[::1]1", "[::1]", "unix:" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address address;
		struct error error = { .code = STATUS_OK };

		assert_int_equal(address_parse(cases[i], &address, &error), STATUS_INVALID);
		assert_int_equal(error.code, STATUS_INVALID);
		assert_true(error.message[0] != '\0');
	}
}

/* Both ways of writing one IPv4 address count as the same peer. */
static void
test_one_peer(void **state)
{
	struct address plain, mapped;
	struct in6_addr a, b;

	(void)state;
	assert_int_equal(address_parse("192.0.2.7:1", &plain, NULL), STATUS_OK);
	assert_int_equal(address_parse("[::ffff:192.0.2.7]:2", &mapped, NULL), STATUS_OK);
	a = address_ip(&plain);
	b = address_ip(&mapped);
	assert_memory_equal(&a, &b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_written_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_one_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
