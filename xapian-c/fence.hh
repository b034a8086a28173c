/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence: where C++ ends.
 *
 * The body of every exported function that can fail is one call of fence() (or of a small relative that
 * calls it): it runs the work and turns whatever is thrown into a status and a message.  Refusals of
 * our own are returned, not thrown, so that an exception always means that Xapian was at work.
 *
 *     return fence(reterr, [&] {
 *             *ret_count = db->db.get_doccount();
 *             return STATUS_OK;
 *     });
 */
#ifndef XAPIAN_C_FENCE_HH
#define XAPIAN_C_FENCE_HH

#include <string>
#include <utility>

#include "xapian-c/xapian-c.h"

/* Thrown by our own callbacks through Xapian's match, and by nothing else. */
struct deadline_passed {};
struct decider_aborted {};
struct source_failed {};

/* The status and message of the exception being handled: the one place that catches by type. */
enum status fence_caught(struct error *reterr) noexcept;

template <typename Body>
enum status
fence(struct error *reterr, Body &&body) noexcept
{
	try {
		return body();
	} catch (...) {
		return fence_caught(reterr);
	}
}

/* A copy of the bytes; an empty struct str may have no pointer. */
inline std::string
bytes_of(struct str s)
{
	return s.len == 0 ? std::string() : std::string(s.p, s.len);
}

/* Keeps a string in its object and lends it out. */
inline void
lend(std::string &kept, std::string &&value, struct str *ret_str)
{
	kept = std::move(value);
	ret_str->p = kept.data();
	ret_str->len = kept.size();
}

/* INVALID where a path holds a NUL. */
enum status path_check(struct str path, struct error *reterr) noexcept;

/* INVALID where empty, LIMIT where longer than XC_TERM_BYTES with every NUL counted twice; `what` names it. */
enum status key_check(struct str key, const char *what, struct error *reterr) noexcept;

/* LIMIT where longer than `limit` bytes; `what` names it. */
enum status size_check(struct str data, size_t limit, const char *what, struct error *reterr) noexcept;

/* INVALID where neither 0 nor a block size that glass knows. */
enum status block_size_check(unsigned block_size, struct error *reterr) noexcept;

/* INVALID where `flags` has a bit that is not in `known`. */
enum status flags_check(unsigned flags, unsigned known, struct error *reterr) noexcept;

#endif
