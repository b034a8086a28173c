/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources: posting sources, which take part in a match beside Xapian's own lists.
 *
 * Those of sources.cc are weightless.  They give every document of a shard, by way of its own list of all documents when they are
 * asked to lead (next, skip_to), and for nothing when they only follow another list (check), which
 * under OP_FILTER is almost always.
 */
#ifndef XAPIAN_C_SOURCES_HH
#define XAPIAN_C_SOURCES_HH

#include <cstdint>
#include <memory>

#include <xapian.h>

#include "xapian-c/source.h"

/* Which of the shards of a database. */
struct shard {
	xc_docid index = 0;
	xc_docid count = 1;
};

/* Which shard of `whole` is `one`, that a source is given?  Throws where it is none of them. */
struct shard shard_find(const Xapian::Database &whole, const Xapian::Database &one);

/* The id in the whole of document `docid` of one shard: shards take turns (Database::add_database). */
xc_docid shard_whole_docid(const struct shard &shard, xc_docid docid) noexcept;

/* The least id in the shard whose id in the whole is >= docid. */
xc_docid shard_first_docid(const struct shard &shard, xc_docid docid) noexcept;

/* The documents of `whole` from `docid` on. */
Xapian::Query source_docid_from(const Xapian::Database &whole, xc_docid docid);

/* All documents, until the monotonic clock shows `deadline_ns`. */
Xapian::Query source_deadline(uint64_t deadline_ns);

/* That of supplied.cc, for a database of one shard: documents that the caller has found. */
Xapian::Query source_supplied(const Xapian::Database &whole, const struct xc_source &source);

/* All documents; *ret_shard is kept at the shard of `whole` that the match is in.  It must outlive the match. */
Xapian::Query source_shard_probe(const Xapian::Database &whole, struct shard *ret_shard);

/* A query that owns its source.  Until it is made the source must not be lost. */
Xapian::Query source_query(std::unique_ptr<Xapian::PostingSource> source);

#endif
