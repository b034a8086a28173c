/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmocka_first: what cmocka.h wants included before itself, and a check of strings with a length.
 */
#ifndef VOISIN_TESTS_BASE_CMOCKA_FIRST_H
#define VOISIN_TESTS_BASE_CMOCKA_FIRST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* The string holds exactly these bytes. */
#define assert_str(actual, expected_literal)                                     \
	do {                                                                     \
		struct str actual_ = (actual);                                   \
                                                                                 \
		assert_int_equal(actual_.len, sizeof(expected_literal) - 1);     \
		assert_memory_equal(actual_.p, (expected_literal), actual_.len); \
	} while (0)

#endif
