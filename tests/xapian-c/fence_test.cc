/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fence: every class that Xapian throws, and what C++ throws, becomes the status that xapian-c.h promises. */
#include <cerrno>
#include <new>
#include <stdexcept>
#include <string>

#include <xapian.h>

extern "C" {
#include "tests/xapian-c/scratch.h"
}
#include "xapian-c/fence.hh"

namespace {

template <typename Class>
enum status
thrown(Class &&thing)
{
	err = { STATUS_OK, 0, "" };
	return fence(
	    &err, [&]() -> enum status { throw std::forward<Class>(thing); });
}

template <typename Class>
void
assert_becomes(enum status expected, const char *name)
{
	assert_int_equal(thrown(Class("what\nhappened")), expected);
	assert_int_equal(err.code, expected);
	assert_int_equal(err.off, ERROR_NO_OFFSET);
	assert_string_equal(err.message, (std::string(name) + ": what happened").c_str());
}

#define BECOMES(Class, code) assert_becomes<Xapian::Class>(STATUS_##code, #Class)

void
test_each_class(void **)
{
	BECOMES(DatabaseModifiedError, STALE);
	BECOMES(DatabaseLockError, BUSY);
	BECOMES(DatabaseNotFoundError, NOT_FOUND);
	BECOMES(DocNotFoundError, NOT_FOUND);
	BECOMES(DatabaseVersionError, VERSION);
	BECOMES(DatabaseCorruptError, CORRUPT);
	BECOMES(DatabaseOpeningError, CORRUPT);
	BECOMES(DatabaseCreateError, INVALID);
	BECOMES(DatabaseClosedError, INVALID);
	BECOMES(DatabaseError, IO);
	BECOMES(NetworkTimeoutError, TIMEOUT);
	BECOMES(NetworkError, IO);
	BECOMES(InvalidArgumentError, INVALID);
	BECOMES(InvalidOperationError, INVALID);
	BECOMES(UnimplementedError, INVALID);
	BECOMES(FeatureUnavailableError, INVALID);
	BECOMES(QueryParserError, INVALID);
	BECOMES(RangeError, INVALID);
	BECOMES(SerialisationError, INVALID);
	BECOMES(WildcardError, LIMIT);
	BECOMES(InternalError, INTERNAL);
	BECOMES(AssertionError, INTERNAL);
}

void
test_reason_of_the_system(void **)
{
	assert_int_equal(thrown(Xapian::DatabaseOpeningError("cannot", "context", EACCES)), STATUS_IO);
	assert_string_equal(err.message, "DatabaseOpeningError: cannot: Permission denied");
	assert_int_equal(thrown(Xapian::DatabaseCreateError("cannot", "", ENOSPC)), STATUS_IO);
	assert_int_equal(thrown(Xapian::DatabaseNotFoundError("cannot", "", ENOENT)), STATUS_NOT_FOUND);
	assert_int_equal(thrown(Xapian::DatabaseCorruptError("cannot", "", EIO)), STATUS_CORRUPT);
}

void
test_what_is_not_xapians(void **)
{
	assert_int_equal(thrown(std::bad_alloc()), STATUS_NOMEM);
	assert_int_equal(thrown(std::length_error("long")), STATUS_LIMIT);
	assert_int_equal(thrown(deadline_passed()), STATUS_TIMEOUT);
	assert_int_equal(thrown(decider_aborted()), STATUS_CANCELLED);
	assert_int_equal(thrown(std::runtime_error("odd")), STATUS_INTERNAL);
	assert_string_equal(err.message, "unexpected exception: odd");
	assert_int_equal(thrown(42), STATUS_INTERNAL);
	assert_int_equal(err.code, STATUS_INTERNAL);
}

void
test_without_an_error(void **)
{
	assert_int_equal(fence(
			     nullptr, []() -> enum status { throw Xapian::RangeError("x"); }),
	    STATUS_INVALID);
	assert_int_equal(fence(nullptr, [] { return STATUS_END; }), STATUS_END);
}

/* However long and whatever its bytes, a message fits and is one line of UTF-8. */
void
test_messages_are_clean(void **)
{
	std::string every;

	for (int c = 255; c >= 0; c--)
		every += static_cast<char>(c);
	assert_int_equal(thrown(Xapian::DatabaseError(every)), STATUS_IO);
	for (const char *c = err.message; *c != '\0'; c++)
		assert_true(*c >= ' ' && *c < 0x7F);
	for (size_t pad = 0; pad < 4; pad++) {
		std::string accents(pad, 'x');

		for (int i = 0; i < 300; i++)
			accents += "\xC3\xA9";
		assert_int_equal(thrown(Xapian::DatabaseError(accents)), STATUS_IO);
		assert_int_equal(err.message[strlen(err.message) - 1], '\xA9');
	}
}

} // namespace

int
main()
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_class),
		cmocka_unit_test(test_reason_of_the_system),
		cmocka_unit_test(test_what_is_not_xapians),
		cmocka_unit_test(test_without_an_error),
		cmocka_unit_test(test_messages_are_clean),
	};

	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
