/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * library: versions, sortable numbers, and the two jobs on whole databases, compact and check.
 */
#include <cstring>
#include <exception>
#include <ostream>
#include <streambuf>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"
#include "xapian-c/terminate.h"

static_assert(int(XC_COMPACT_FULL) == Xapian::Compactor::FULL, "compact");
static_assert(int(XC_COMPACT_FULLER) == Xapian::Compactor::FULLER, "compact");
static_assert(XC_COMPACT_NO_RENUMBER == Xapian::DBCOMPACT_NO_RENUMBER, "compact");
static_assert(XC_COMPACT_MULTIPASS == Xapian::DBCOMPACT_MULTIPASS, "compact");
static_assert(XC_COMPACT_SINGLE_FILE == Xapian::DBCOMPACT_SINGLE_FILE, "compact");
static_assert(XC_CHECK_SHORT_TREE == Xapian::DBCHECK_SHORT_TREE, "check");
static_assert(XC_CHECK_FULL_TREE == Xapian::DBCHECK_FULL_TREE, "check");
static_assert(XC_CHECK_SHOW_FREELIST == Xapian::DBCHECK_SHOW_FREELIST, "check");
static_assert(XC_CHECK_SHOW_STATS == Xapian::DBCHECK_SHOW_STATS, "check");

namespace {

/* Writes into the caller's bytes and swallows what does not fit, so that a check is never stopped by its report. */
class report_buffer : public std::streambuf {
	char *next, *end;

	int_type overflow(int_type c) override
	{
		if (traits_type::eq_int_type(c, traits_type::eof()))
			return traits_type::not_eof(c);
		if (next < end) {
			*next++ = traits_type::to_char_type(c);
			*next = '\0';
		}
		return c;
	}

      public:
	report_buffer(char *report, size_t size) : next(report), end(report + size - 1)
	{
		*next = '\0';
	}
};

size_t
check_reported(const std::string &path, int flags, char *report, size_t report_size)
{
	report_buffer buffer(report, report_size);
	std::ostream out(&buffer);

	return Xapian::Database::check(path, flags, &out);
}

} // namespace

const char *
xc_version(void) noexcept
{
	return Xapian::version_string();
}

const char *
xc_version_compiled(void) noexcept
{
	return XAPIAN_VERSION;
}

void
xc_on_terminate(void (*terminate_cb)(void)) noexcept
{
	std::set_terminate(terminate_cb);
}

const char *
xc_status_name(enum status status) noexcept
{
	return status_name(status);
}

const char *
xc_status_text(enum status status) noexcept
{
	return status_text(status);
}

size_t
xc_sortable_serialise(double value, char ret_bytes[XC_SORTABLE_BYTES]) noexcept
{
	return Xapian::sortable_serialise_(value, ret_bytes);
}

double
xc_sortable_unserialise(struct str bytes) noexcept
{
	/* So short a string allocates nothing; Xapian reads no further either. */
	size_t len = bytes.len < XC_SORTABLE_BYTES ? bytes.len : (size_t)XC_SORTABLE_BYTES;

	return Xapian::sortable_unserialise(bytes_of({ bytes.p, len }));
}

enum status
xc_database_compact(
    struct xc_database *db, struct str dest, unsigned flags, unsigned block_size, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = path_check(dest, reterr);
		if (status == STATUS_OK)
			status = block_size_check(block_size, reterr);
		if (status == STATUS_OK)
			status = flags_check(flags,
			    XC_COMPACT_FULL | XC_COMPACT_FULLER | XC_COMPACT_NO_RENUMBER | XC_COMPACT_MULTIPASS |
				XC_COMPACT_SINGLE_FILE,
			    reterr);
		if (status != STATUS_OK)
			return status;
		if (db->db.size() == 0)
			return error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "nothing to compact: no database was added");
		db->db.compact(bytes_of(dest), flags, static_cast<int>(block_size));
		return STATUS_OK;
	});
}

enum status
xc_database_check(struct str path, unsigned flags, char *report, size_t report_size, size_t *ret_errors,
    struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = path_check(path, reterr);
		if (status == STATUS_OK)
			status = flags_check(flags,
			    XC_CHECK_SHORT_TREE | XC_CHECK_FULL_TREE | XC_CHECK_SHOW_FREELIST | XC_CHECK_SHOW_STATS,
			    reterr);
		if (status != STATUS_OK)
			return status;
		if (report == nullptr || report_size == 0)
			*ret_errors = Xapian::Database::check(bytes_of(path), static_cast<int>(flags));
		else
			*ret_errors = check_reported(bytes_of(path), static_cast<int>(flags), report, report_size);
		return STATUS_OK;
	});
}
