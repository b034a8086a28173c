/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources: weightless posting sources that ride along with a match.
 *
 * All of them give every document of a shard, by way of its own list of all documents when they are
 * asked to lead (next, skip_to), and for nothing when they only follow another list (check), which
 * under OP_FILTER is almost always.
 */
#ifndef XAPIAN_C_SOURCES_HH
#define XAPIAN_C_SOURCES_HH

#include <cstdint>

#include <xapian.h>

#include "xapian-c/xapian-c.h"

/* Which of the shards of a database. */
struct shard {
	xc_docid index = 0;
	xc_docid count = 1;
};

/* The id in the whole of document `docid` of one shard: shards take turns (Database::add_database). */
xc_docid shard_whole_docid(const struct shard &shard, xc_docid docid) noexcept;

/* The least id in the shard whose id in the whole is >= docid. */
xc_docid shard_first_docid(const struct shard &shard, xc_docid docid) noexcept;

/* The documents of `whole` from `docid` on. */
Xapian::Query source_docid_from(const Xapian::Database &whole, xc_docid docid);

/* All documents, until the monotonic clock shows `deadline_ns`. */
Xapian::Query source_deadline(uint64_t deadline_ns);

/* All documents; *ret_shard is kept at the shard of `whole` that the match is in.  It must outlive the match. */
Xapian::Query source_shard_probe(const Xapian::Database &whole, struct shard *ret_shard);

#endif
