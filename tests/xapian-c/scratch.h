/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scratch: a folder for each test, small databases in it, and assertions that say what Xapian said.
 */
#ifndef VOISIN_TESTS_XAPIAN_C_SCRATCH_H
#define VOISIN_TESTS_XAPIAN_C_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "xapian-c/xapian-c.h"

/* What the last call that was given it had to say. */
extern struct error err;

/* The call succeeds, or the test fails with its message. */
#define assert_ok(call)                                                                       \
	do {                                                                                  \
		enum status status_ = (call);                                                 \
                                                                                              \
		if (status_ != STATUS_OK)                                                     \
			fail_msg("%s: %s (%s)", #call, xc_status_name(status_), err.message); \
	} while (0)

/* The call fails with exactly this status, and the error says the same and has a message. */
#define assert_fails(expected, call)                                                                              \
	do {                                                                                                      \
		enum status status_;                                                                              \
                                                                                                                  \
		err = (struct error) { STATUS_OK, 0, "" };                                                        \
		status_ = (call);                                                                                 \
		if (status_ != (expected))                                                                        \
			fail_msg("%s: %s, not %s (%s)", #call, xc_status_name(status_), xc_status_name(expected), \
			    err.message);                                                                         \
		assert_int_equal(err.code, status_);                                                              \
		assert_string_not_equal(err.message, "");                                                         \
	} while (0)

#define assert_end(call) assert_int_equal((call), STATUS_END)

/* The string holds exactly these bytes. */
#define assert_str(actual, expected_literal)                                                    \
	do {                                                                                    \
		struct str actual_ = (actual);                                                  \
                                                                                                \
		if (!str_eq(actual_, STR(expected_literal)))                                    \
			fail_msg("\"%.*s\" is not \"%s\"", STR_FMT(actual_), expected_literal); \
	} while (0)

/* cmocka set-up and tear-down: makes the folder, removes it with all that is in it. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* In a child that may crash: gives the signals back, which cmocka would go on testing after. */
void scratch_child(void);

/* The path of `name` in the folder; valid until four more calls. */
struct str scratch_path(const char *name);

/* Writes a file there. */
void scratch_file(const char *name, struct str bytes);

/* Copies a database made of plain files. */
void scratch_copy(const char *from, const char *to);

/* Opens a database there for writing, or reading. */
struct xc_writable *scratch_create(const char *name);
struct xc_database *scratch_open(const char *name);

/*
 * Adds a document: each space-separated word at the next position from 1, the text as data and in
 * value 0.  Returns its id.
 */
xc_docid scratch_add(struct xc_writable *writable, const char *text);

/* A database of these documents, committed and closed; the list ends with NULL. */
void scratch_database(const char *name, const char *const *texts);

/* Queries that must be made. */
struct xc_query *term(const char *text);
struct xc_query *combine(enum xc_op op, xc_termcount parameter, struct xc_query *a, struct xc_query *b);

/* Runs a query, checking everything, and writes the docids in order into ids[64]; returns how many. */
size_t scratch_match(struct xc_database *db, const struct xc_query *query, xc_docid ids[64]);

/* The ids that a query gives are exactly these ("1 2 5"). */
void assert_matches(struct xc_database *db, struct xc_query *owned, const char *expected);

#endif
