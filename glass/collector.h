/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collector: documents -> temporary files, sorted by term; one of several, each in a process of its own.
 *
 * What glass/loader.h makes a database of.  A collector keeps postings in memory until they take as much as it
 * may have, and then writes them out as a run; stored data and term lists go to files of their own at once.
 * Several collectors in one folder share the documents out among themselves in any way.
 */
#ifndef VOISIN_GLASS_COLLECTOR_H
#define VOISIN_GLASS_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* Limits of the format, and of the library that reads it. */
enum {
	GLASS_TERM_BYTES = 245, /* a term or a metadata key; a NUL byte counts twice */
	GLASS_DATA_BYTES = 24 << 20 /* data, one value, one metadata entry */
};

struct glass_term {
	struct str term; /* any bytes, 1 to GLASS_TERM_BYTES */
	uint32_t wdf;
	/*
	 * 0, or a number for it: small ones, the same for the same bytes in all documents of the same `naming`.  A collector that is given
	 * one looks the bytes up once in a long while, and the others each time.
	 */
	uint32_t name;
	const uint32_t *positions; /* strictly ascending */
	size_t n_positions;
	/*
	 * For a tee alone (tee.h), which is told of it as of any other: neither in the document's term list nor in its length, and in no table where
	 * the tee wishes for TEE_ALONE.  So the database is one that could have been made without it.
	 */
	bool for_tee;
};

struct glass_value {
	uint32_t slot;
	struct str value; /* empty: none */
};

struct glass_document {
	uint32_t docid; /* from 1 */
	const struct glass_term
	    *terms; /* each once; those that are not `for_tee` strictly ascending by bytes, the others anywhere */
	size_t n_terms;
	uint32_t naming; /* which one the terms' names are of: a collector forgets the names of the one before */
	const struct glass_value *values; /* strictly ascending by slot */
	size_t n_values;
	struct str data;
	bool data_is_packed; /* not to be compressed again */
};

struct collector;

/*
 * Opens collector number `number` (from 0, without gaps) on `dir` (copied).  It takes little more than `most_bytes`
 * of memory, but for one document that needs more by itself.
 */
enum status collector_open(const char *dir, unsigned number, size_t most_bytes, struct collector **ret_collector,
    struct error *reterr) MUST_CHECK;

/*
 * Adds a document (copied); docids of one collector ascend.  STATUS_LIMIT or STATUS_INVALID refuse it, say why and
 * change nothing; after any other failure the collector is of no use.
 */
enum status collector_add(
    struct collector *collector, const struct glass_document *document, struct error *reterr) MUST_CHECK;

/* Sets metadata: the last value of a key counts, an empty one is none.  All of it in one collector. */
enum status collector_set_metadata(
    struct collector *collector, struct str key, struct str value, struct error *reterr) MUST_CHECK;

/* Writes what is in memory. */
enum status collector_finish(struct collector *collector, struct error *reterr) MUST_CHECK;

/* Closes; the files stay.  NULL is accepted. */
void collector_close(struct collector *collector);

#endif
