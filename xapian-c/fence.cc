/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence: exceptions to statuses, and the refusals that need no Xapian.
 */
#include "xapian-c/fence.hh"

#include <cstring>
#include <new>
#include <stdexcept>

#include <xapian.h>

extern "C" {
#include "base/utf8.h"
}

namespace {

/* Xapian's class, by its own name, and the status that it stands for. */
struct error_row {
	const char *type;
	enum status code;
	bool io_if_errno; /* IO instead where the system said why */
};

const struct error_row error_table[] = {
	{ "DatabaseModifiedError", STATUS_STALE, false },
	{ "DatabaseLockError", STATUS_BUSY, false },
	{ "DatabaseNotFoundError", STATUS_NOT_FOUND, false },
	{ "DocNotFoundError", STATUS_NOT_FOUND, false },
	{ "DatabaseVersionError", STATUS_VERSION, false },
	{ "DatabaseCorruptError", STATUS_CORRUPT, false },
	{ "DatabaseOpeningError", STATUS_CORRUPT, true },
	{ "DatabaseCreateError", STATUS_INVALID, true },
	{ "DatabaseClosedError", STATUS_INVALID, false },
	{ "DatabaseError", STATUS_IO, false },
	{ "NetworkTimeoutError", STATUS_TIMEOUT, false },
	{ "NetworkError", STATUS_IO, false },
	{ "InvalidArgumentError", STATUS_INVALID, false },
	{ "InvalidOperationError", STATUS_INVALID, false },
	{ "UnimplementedError", STATUS_INVALID, false },
	{ "FeatureUnavailableError", STATUS_INVALID, false },
	{ "QueryParserError", STATUS_INVALID, false },
	{ "RangeError", STATUS_INVALID, false },
	{ "SerialisationError", STATUS_INVALID, false },
	{ "WildcardError", STATUS_LIMIT, false },
};

/* The system's reason for an error, NULL for none or where there is no memory to say it. */
const char *
system_reason(const Xapian::Error &error) noexcept
{
	try {
		return error.get_error_string();
	} catch (...) {
		return nullptr;
	}
}

enum status
status_of(const Xapian::Error &error, bool has_errno) noexcept
{
	for (const struct error_row &row : error_table)
		if (std::strcmp(row.type, error.get_type()) == 0)
			return row.io_if_errno && has_errno ? STATUS_IO : row.code;
	return STATUS_INTERNAL;
}

/*
 * Terms and paths stand in Xapian's messages as they are: control characters become spaces and
 * ill-formed bytes question marks, so that a message is one line of UTF-8.
 */
void
clean_into(char (&out)[ERROR_MESSAGE_BYTES], const std::string &text) noexcept
{
	struct str in = { text.data(), text.size() };
	size_t off = 0, used = 0;

	while (off < in.len) {
		size_t start = off;
		bool valid = false;
		uint32_t c = utf8_next(in, &off, &valid);
		size_t len = valid ? off - start : 1;

		if (used + len >= sizeof(out))
			break;
		if (!valid || c < 0x20 || c == 0x7F)
			out[used] = valid ? ' ' : '?';
		else
			std::memcpy(out + used, in.p + start, len);
		used += len;
	}
	out[used] = '\0';
}

enum status
xapian_caught(const Xapian::Error &error, struct error *reterr) noexcept
{
	const char *reason = system_reason(error);
	enum status code = status_of(error, reason != nullptr);
	char text[ERROR_MESSAGE_BYTES];

	clean_into(text, error.get_msg());
	return error_set(reterr, code, ERROR_NO_OFFSET, "%s: %s%s%s", error.get_type(), text,
	    reason != nullptr ? ": " : "", reason != nullptr ? reason : "");
}

} // namespace

enum status
fence_caught(struct error *reterr) noexcept
{
	try {
		throw;
	} catch (const Xapian::Error &error) {
		return xapian_caught(error, reterr);
	} catch (const deadline_passed &) {
		return error_set(reterr, STATUS_TIMEOUT, ERROR_NO_OFFSET, "the deadline of the query has passed");
	} catch (const decider_aborted &) {
		return error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "the match was stopped by its decider");
	} catch (const source_failed &) {
		return error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "the match was stopped by its source");
	} catch (const std::bad_alloc &) {
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	} catch (const std::length_error &) {
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "a string or list is longer than memory can hold");
	} catch (const std::exception &error) {
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "unexpected exception: %s", error.what());
	} catch (...) {
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "unexpected exception of an unknown class");
	}
}

enum status
path_check(struct str path, struct error *reterr) noexcept
{
	const void *nul = path.len == 0 ? nullptr : std::memchr(path.p, '\0', path.len);

	if (nul != nullptr)
		return error_set(reterr, STATUS_INVALID, (size_t)(static_cast<const char *>(nul) - path.p),
		    "a path must not hold a NUL byte");
	return STATUS_OK;
}

enum status
key_check(struct str key, const char *what, struct error *reterr) noexcept
{
	size_t stored = key.len;

	if (key.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s must not be empty", what);
	if (key.len <= XC_TERM_BYTES)
		for (size_t i = 0; i < key.len; i++)
			stored += key.p[i] == '\0';
	if (stored > XC_TERM_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "%s of %zu bytes: the limit is %d, and a NUL byte counts twice", what, key.len, (int)XC_TERM_BYTES);
	return STATUS_OK;
}

enum status
size_check(struct str data, size_t limit, const char *what, struct error *reterr) noexcept
{
	if (data.len > limit)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s of %zu bytes: the limit is %zu", what, data.len, limit);
	return STATUS_OK;
}

enum status
block_size_check(unsigned block_size, struct error *reterr) noexcept
{
	bool power_of_two = (block_size & (block_size - 1)) == 0;

	if (block_size != 0 && (block_size < 2048 || block_size > 65536 || !power_of_two))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "block size %u: must be 0 or a power of two from 2048 to 65536", block_size);
	return STATUS_OK;
}

enum status
flags_check(unsigned flags, unsigned known, struct error *reterr) noexcept
{
	if ((flags & ~known) != 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "unknown flags 0x%x", flags & ~known);
	return STATUS_OK;
}
