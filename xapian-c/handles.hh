/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handles: what stands behind the opaque names of xapian-c.h.
 *
 * Each holds one reference-counted Xapian object and the last string that it lent out.
 */
#ifndef XAPIAN_C_HANDLES_HH
#define XAPIAN_C_HANDLES_HH

#include <string>

#include <xapian.h>

#include "xapian-c/xapian-c.h"

struct xc_database {
	Xapian::Database db;
	std::string lent;
	std::string term; /* reused, so that the hot calls allocate nothing for their term */
};

struct xc_writable {
	Xapian::WritableDatabase db;
	struct xc_database view; /* the same database, for reading */
	bool in_transaction = false;
	struct error failure = { STATUS_OK, ERROR_NO_OFFSET, "" }; /* of the first write that failed */
};

struct xc_document {
	Xapian::Document doc;
	std::string lent;
	size_t postings = 0; /* positions added here */
};

struct xc_query {
	Xapian::Query query;
	unsigned depth = 0;
	bool positional = false; /* fit for NEAR and PHRASE: a term, or an OR of such */
	bool supplied = false; /* a source of the caller's is in it */
	std::string lent;
};

struct xc_mset {
	Xapian::MSet mset;
	std::string lent;
};

/* What all iterators keep besides Xapian's own. */
struct iterator_state {
	enum { BEFORE, ON, END, FAILED } where = BEFORE;
	struct error failure = { STATUS_OK, ERROR_NO_OFFSET, "" };
};

struct xc_terms : iterator_state {
	Xapian::TermIterator it;
	std::string lent;
};

struct xc_postings : iterator_state {
	Xapian::PostingIterator it;
};

struct xc_positions : iterator_state {
	Xapian::PositionIterator it;
};

struct xc_values : iterator_state {
	Xapian::ValueIterator it;
	bool by_docid = true; /* the key of an item is a document's id, or else a slot */
	std::string lent;
};

#endif
